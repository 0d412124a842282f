"""What is known of one image, against the arrays that its workspace was made of."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from PIL import Image
from pyarrow import parquet
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.checks.data import check_data
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.competition.truths.annotations_file import Annotation, add_annotations
from podium.errors import UsageError
from podium.predictions import PredictionSet, write_fold
from podium.predictions.top_k import TopK
from podium.reporting.images.predictions import ImagePrediction
from podium.reporting.images.view import ImageReport, report_image
from podium.submissions.upload.receipt import prepare_receipt, save_receipt
from podium.workspace import json_lines

CLASSES = ["cat", "dog", "eel"]


def only(made: Any, name: str) -> ImageReport:
    (known,) = report_image(made.workspace, made.competition, name)
    return known


def by_source(known: ImageReport, task: str = "classify") -> dict[str, ImagePrediction]:
    return {one.source: one for one in known.opinions if one.task == task}


def fold_of(made: Any, row: int) -> int:
    samples = load_samples(made.competition, "train")
    return int(ensure_folds(made.workspace, made.competition, samples)[row])


def test_a_run_shows_its_out_of_fold_row(make: Callable[..., Any]) -> None:
    made = make("multiclass")
    made.add_run("one", seed=1)
    made.add_run("two", seed=2)
    for row in (0, 7, 35):
        known = only(made, f"train{row:02d}")
        assert (known.part, known.size, known.weight) == ("train", (8, 12), 1.0)
        assert known.label == CLASSES[row % 3]
        assert known.fold == fold_of(made, row)
        assert known.problems == ()
        for name, opinion in by_source(known).items():
            values = made.probs[name][row]
            order = np.argsort(-values)
            assert opinion.folds == (known.fold,)
            assert opinion.text == CLASSES[order[0]]
            assert opinion.is_right == (order[0] == row % 3)
            assert opinion.confidence == pytest.approx(values.max())
            assert opinion.of_truth == pytest.approx(values[row % 3])
            assert [name for name, _ in opinion.top] == [CLASSES[i] for i in order]
            assert [p for _, p in opinion.top] == pytest.approx(values[order].tolist())
        assert set(by_source(known)) == {"one", "two"}


def test_a_blend_shows_the_mean_of_its_members_and_its_decision(make: Callable[..., Any]) -> None:
    made = make("multiclass")
    made.add_run("one", seed=1)
    made.add_run("two", seed=2)
    blend = made.add_blend("one", "two")
    record = json.loads((blend / "record.json").read_text())["details"]
    weights = dict(zip(("argmax",), ([1.0] * 3,), strict=True)) | {
        name: value for step in record["decision"] for name, value in step.items()
    }
    factors = np.array(weights.get("class_weights") or [1.0] * 3)
    for row in range(0, 36, 5):
        mean = (made.probs["one"][row].astype(float) + made.probs["two"][row]) / 2
        opinion = by_source(only(made, f"train{row:02d}"))[blend.name]
        predicted = int(np.argmax(factors * mean))
        assert (opinion.kind, opinion.text) == ("blend", CLASSES[predicted])
        assert opinion.of_truth == pytest.approx(mean[row % 3], abs=1e-6)
        assert opinion.confidence == pytest.approx(mean[predicted], abs=1e-6)


def test_a_class_that_is_not_among_the_likeliest_has_no_probability(
    make: Callable[..., Any],
) -> None:
    made = make("multiclass")
    made.add_run("one", seed=1)
    root = made.workspace.runs / "one" / "predictions" / "aabbccdd" / "oof" / "classify"
    shutil.rmtree(root)
    samples = load_samples(made.competition, "train")
    folds = ensure_folds(made.workspace, made.competition, samples)
    for fold in range(3):
        rows = np.flatnonzero(folds == fold)
        ids = [str(samples["id"].iloc[row]) for row in rows]
        about = {"task": "classify", "fold": fold, "model": f"one/{fold}"}
        kept = TopK.of(made.probs["one"][rows], 2)
        write_fold(root.parents[1], "oof", **about, ids=ids, probs=kept)
    missing = 0
    for row in range(0, 36, 3):
        values = made.probs["one"][row]
        opinion = by_source(only(made, f"train{row:02d}"))["one"]
        is_kept = values[0] >= np.sort(values)[1]
        missing += not is_kept
        assert opinion.of_truth == (pytest.approx(values[0]) if is_kept else None)
        assert [name for name, _ in opinion.top] == [CLASSES[i] for i in np.argsort(-values)[:2]]
    assert missing > 0


@pytest.mark.slow
def test_a_blend_of_ranks_shows_the_rank_among_all_rows(make: Callable[..., Any]) -> None:
    made = make("binary")
    made.add_run("one", seed=1)
    made.add_run("two", seed=2)
    blend = made.add_blend("one", "two", method="rank")
    folds = [fold_of(made, row) for row in range(36)]
    for row in (0, 5, 20):
        inside = np.flatnonzero(np.array(folds) == folds[row])
        ranks = [
            ((values := made.probs[name][inside, 0]) < made.probs[name][row, 0]).sum() / len(values)
            + 0.5 / len(values)
            for name in ("one", "two")
        ]
        opinion = by_source(only(made, f"train{row:02d}"))[blend.name]
        assert dict(opinion.top)["1"] == pytest.approx(np.mean(ranks), abs=1e-6)


@pytest.mark.parametrize("kind", ["binary", "multilabel", "regression"])
def test_other_kinds_of_labels_are_shown_in_their_terms(
    make: Callable[..., Any], kind: str
) -> None:
    made = make(kind)
    made.add_run("one", seed=3)
    for row in (0, 1, 6):
        known = only(made, f"train{row:02d}")
        opinion = by_source(known)["one"]
        values = made.probs["one"][row].astype(float)
        if kind == "regression":
            assert known.label == f"{row / 4:.4g}"
            assert opinion.value == pytest.approx(values[0])
            assert (opinion.is_right, opinion.top) == (None, ())
        elif kind == "binary":
            assert known.label == str(row % 2)
            assert opinion.text == str(int(values[0] >= 0.5))
            assert opinion.of_truth == pytest.approx(values[0] if row % 2 else 1 - values[0])
        else:
            right = [row % (c + 2) == 0 for c in range(3)]
            assert known.label == (", ".join(np.array(CLASSES)[right]) or "none")
            assert opinion.text == (", ".join(np.array(CLASSES)[values >= 0.5]) or "none")
            sides = [p if true else 1 - p for p, true in zip(values, right, strict=True)]
            assert opinion.of_truth == pytest.approx(min(sides))


def test_a_test_image_has_the_mean_of_the_fold_models_and_its_rows_in_what_was_sent(
    make: Callable[..., Any],
) -> None:
    made = make("multiclass")
    run = made.add_run("one")
    rng, predicted = np.random.default_rng(0), []
    for fold in range(3):
        probs = rng.dirichlet(np.ones(3), 3).astype(np.float32)
        predicted.append(probs)
        ids = [f"test{i:02d}" for i in range(3)]
        about = {"task": "classify", "fold": fold, "model": f"one/{fold}"}
        write_fold(run / "predictions" / "aabbccdd", "test", **about, ids=ids, probs=probs)
    sample = made.workspace.root / "sample.csv"
    sample.write_text("id,label\ntest00,cat\ntest01,cat\ntest02,cat\n")
    change(made, submission={"sample": "sample.csv", "value": "name"})
    file = made.workspace.root / "sent.csv"
    file.write_text("id,label\ntest00,cat\ntest01,dog\ntest02,eel\n")
    receipt = prepare_receipt(
        made.workspace, file, slug="x", target="host", message="m", sources=["one"], honest=0.5
    )
    made.workspace.submissions.mkdir(exist_ok=True)
    save_receipt(
        made.workspace, receipt.model_copy(update={"state": "complete", "public_score": 0.25}), file
    )
    known = only(made, "test01")
    assert (known.part, known.label, known.fold) == ("test", None, None)
    opinion = by_source(known)["one"]
    mean = np.mean([one[1] for one in predicted], axis=0)
    assert opinion.folds == (0, 1, 2)
    assert opinion.confidence == pytest.approx(mean.max(), abs=1e-6)
    assert (opinion.is_right, opinion.of_truth) == (None, None)
    (cell,) = known.given.cells
    assert (cell.key, cell.cells, cell.public_score) == ("test01", {"label": "dog"}, 0.25)


def test_masks_are_scored_and_shown_as_shares_of_pixels(make_masks: Callable[..., Any]) -> None:
    made = make_masks(segment="multiclass", classify="multiclass")
    made.add_run("one", seed=1)
    for row in (0, 1, 3):
        name = f"i{row:02d}"
        truth = np.asarray(Image.open(made.workspace.root / "masks" / f"{name}.png"))
        decided = made.said["one"][name].argmax(axis=-1)
        known = only(made, name)
        opinion = by_source(known, "segment")["one"]
        for mask, words in ((truth, known.mask), (decided, opinion.text)):
            shares = {c: float((mask == i + 1).mean()) for i, c in enumerate(("ball", "bar"))}
            ordered = sorted((one for one in shares.items() if one[1]), key=lambda one: -one[1])
            assert words == ", ".join(f"{c} {100 * share:.1f} %" for c, share in ordered)
        there = [c for c in (1, 2) if ((truth == c) | (decided == c)).any()]
        each = [
            2 * ((truth == c) & (decided == c)).sum() / ((truth == c).sum() + (decided == c).sum())
            for c in there
        ]
        assert opinion.metric == "mean_dice"
        assert opinion.score == pytest.approx(np.mean([*each, *[1.0] * (2 - len(each))]))


def test_image_report_reads_only_the_requested_row_and_fold(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make("multiclass")
    made.add_run("one")
    known = only(made, "train04")
    for fold in {0, 1, 2} - {known.fold}:
        folder = made.workspace.runs / f"one/predictions/aabbccdd/oof/classify/fold-{fold}"
        for file in (*folder.glob("chunk-*.npy"), folder / "ids.parquet"):
            file.write_bytes(b"damaged")
    monkeypatch.setattr(PredictionSet, "oof", lambda *_: pytest.fail("all rows were read"))
    assert by_source(only(made, "train04")) == by_source(known)


def test_a_damaged_run_is_reported_and_the_others_are_shown(make: Callable[..., Any]) -> None:
    made = make("multiclass")
    made.add_run("one")
    made.add_run("two")
    for chunk in made.workspace.runs.glob("one/predictions/*/oof/classify/*/chunk-*.npy"):
        chunk.write_bytes(b"damaged")
    known = only(made, "train04")
    assert list(by_source(known)) == ["two"]
    assert any("one: " in problem for problem in known.problems)


def change(made: Any, **keys: Any) -> None:
    """Write other values of some keys into the competition's file, and read it again."""
    file = made.workspace.root / "competition.yaml"
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), **keys}, sort_keys=False))
    made.competition = load_competition(file)


def with_unlabelled(made: Any, n: int = 3) -> Any:
    folder = made.workspace.root / "more"
    folder.mkdir()
    for i in range(n):
        pixels = np.random.default_rng(90 + i).integers(0, 255, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"more{i}.png")
    data = yaml.safe_load((made.workspace.root / "competition.yaml").read_text())["data"]
    change(made, data={**data, "unlabelled": {"images": "more/*.png"}})
    return made


def test_pseudo_labels_are_scored_by_given_labels(make: Callable[..., Any]) -> None:
    made = with_unlabelled(make("multiclass"))
    artefact = made.workspace.pseudo / "pseudo-0a0a0a0a"
    ids = ["more0", "more1", "more2"]
    for fold, labels in enumerate((["cat", "dog", "eel"], ["eel", "eel", "eel"])):
        (artefact / f"fold-{fold}").mkdir(parents=True)
        columns = {
            "id": ids,
            "label": labels,
            "confidence": [0.5, 0.6 + fold / 10, 0.7],
            "round": [1, 1, 1],
            "teacher": ["one/fold-0"] * 3,
        }
        parquet.write_table(pa.table(columns), artefact / f"fold-{fold}" / "table.parquet")
    items = {"split": ["unlabelled"] * 3, "id": ids, "image": ids, "sha256": ids}
    parquet.write_table(pa.table(items), artefact / "items.parquet")
    run = made.add_run("one")
    with (run / "fold-2" / "selected.csv").open("w", newline="") as stream:
        header = ["phase", "source", "id", "label", "confidence", "round"]
        rows = [
            ["p", "unlabelled", "more1", "dog", "0.875", "1"],
            ["p", "train", "more1", "x", "1", "1"],
        ]
        csv.writer(stream).writerows([header, *rows])
    known = only(made, "more1")
    assert (known.part, known.given.answer) == ("unlabelled", None)
    told = [
        (one.source, one.fold, one.label, one.confidence, one.is_right)
        for one in known.given.pseudo
    ]
    assert told == [
        ("pseudo-0a0a0a0a", "0", "dog", 0.6, None),
        ("pseudo-0a0a0a0a", "1", "eel", 0.7, None),
        ("one", "2", "dog", 0.875, None),
    ]
    made.workspace.labels.mkdir()
    with json_lines.locked(made.workspace.labels):
        add_annotations(
            made.workspace, [Annotation("more1", "ab", "dog", "ask-1", "ann", "2026-01-02")]
        )
    known = only(made, "more1")
    assert known.given.answer is not None
    assert known.given.answer.who == "ann"
    assert [one.is_right for one in known.given.pseudo] == [True, False, True]


def test_the_same_picture_is_named_after_a_check(make: Callable[..., Any]) -> None:
    made = make("multiclass")
    root = made.workspace.root
    assert only(made, "train00").duplicates is None
    pixels = np.kron(np.random.default_rng(1).integers(0, 255, (4, 4, 3)), np.ones((16, 16, 1)))
    for name in ("train/train00", "train/train05", "test/test02"):
        Image.fromarray(pixels.astype(np.uint8)).save(root / f"{name}.png")
    dimmed = (0.96 * pixels).astype(np.uint8)
    Image.fromarray(dimmed).save(root / "train/train09.png")
    folds = ensure_folds(made.workspace, made.competition, load_samples(made.competition, "train"))
    check_data(made.workspace, made.competition, adversarial=False)
    twins = only(made, "train00").duplicates
    assert twins is not None
    assert {(one.part, one.id, one.label, one.fold, one.is_same_file) for one in twins} == {
        ("train", "train05", "eel", int(folds[5]), True),
        ("test", "test02", None, None, True),
        ("train", "train09", "cat", int(folds[9]), False),
    }
    assert [one.is_same_file for one in twins] == [True, True, False]
    assert only(made, "train01").duplicates == ()


def test_an_image_is_found_by_its_file_and_near_names_are_suggested(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make("multiclass")
    (made.workspace.root / "train" / "train01.png").rename(made.workspace.root / "test" / "x.png")
    (made.workspace.root / "test" / "x.png").rename(made.workspace.root / "train" / "train01.png")
    assert only(made, "train01.png").id == "train01"
    monkeypatch.chdir(made.workspace.root / "train")
    assert only(made, "./train02.png").id == "train02"
    with pytest.raises(UsageError, match="no image 'trian01'") as raised:
        only(made, "trian01")
    assert "train01" in str(raised.value.fix)


def test_an_id_in_two_parts_names_both(make: Callable[..., Any]) -> None:
    made = make("multiclass")
    path = made.workspace.root / "test" / "test00.png"
    path.rename(path.with_name("train03.png"))
    found = report_image(made.workspace, made.competition, "train03")
    assert [one.part for one in found] == ["train", "test"]


def test_the_command_shows_an_image_where_no_artefact_has_the_name(
    make: Callable[..., Any],
) -> None:
    made = make("multiclass", classes=["cat", "[red]dog[/]", "eel 🐍"])
    made.add_run("one")
    asked = ["-w", str(made.workspace.root), "show"]
    shown = CliRunner().invoke(app, [*asked, "train01"])
    assert shown.exit_code == 0, shown.output
    assert "train01: an image of train" in shown.output
    assert "[red]dog[/]" in shown.output
    answer = json.loads(CliRunner().invoke(app, [*asked, "train01", "--json"]).stdout)
    assert answer[0]["opinions"][0]["source"] == "one"
    assert answer[0]["cells"] == []
    wrong = CliRunner().invoke(app, [*asked, "trian01"])
    assert isinstance(wrong.exception, UsageError | SystemExit)
    both = str(wrong.exception.fix if isinstance(wrong.exception, UsageError) else wrong.output)
    assert "did you mean" in both
    assert "train01" in both
    unlike = CliRunner().invoke(app, [*asked, "987654321"])
    ways = str(unlike.exception.fix if isinstance(unlike.exception, UsageError) else unlike.output)
    assert "choose one of one" in ways
    assert "an id of an image, as 'train00'" in ways
