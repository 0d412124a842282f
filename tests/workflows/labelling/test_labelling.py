"""From a run that is unsure to people's answers and the training that learns from them."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from command_line import podium
from recorded_progress import RecordedProgress
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.spec import load_competition
from podium.competition.truths.annotations_file import read_annotations
from podium.errors import DataError, UsageError
from podium.predictions import PredictionSet
from podium.training.active_learning import choose_images
from podium.workflows.labelling.answers import import_answers
from podium.workflows.labelling.requests import request_labels
from podium.workspace.digests import SUMS_FILE
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

CLASSES = ("cat", "dog", "fox")
TINY = """\
model: {backbone: cnn, pretrained: false, options: {widths: [8, 16]}}
input: {size: 32, train: none}
optimizer: {name: adamw, lr: 1e-2, schedule: constant}
batch_size: 12
phases: [{name: all, epochs: 3}]
predict: {embeddings: true}
"""
MATCHED = "phases=[{name: more, epochs: 1, method: {name: fixmatch, ratio: 1, threshold: 0.5}}]"
SPEC = """\
name: animals
tasks: {classify: multiclass}
classes: [cat, dog, fox]
data:
  train:
    table: data/train.csv
    id: image_id
    images: 'data/train_images/{image_id}.jpg'
    label: species
  unlabelled: {images: 'data/unlabelled/{id}.jpg'}
  test: {images: 'data/test_images/*.jpg'}
folds: {scheme: stratified_group, n: 3, seed: 1, group: animal_id}
metric: {name: accuracy}
"""
PLANTED = "900100"
"""The unlabelled copy of a training image."""
N = 24


def truth(name: str) -> str:
    return CLASSES[(int(name) - 900000) % 3]


def answer(root: Path, *words: object) -> Any:
    """Run one command and return the JSON that it printed on stdout."""
    done = CliRunner().invoke(app, ["-w", str(root), *(str(word) for word in words), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, miniatures: ModuleType) -> Path:
    """Give a workspace with two trained runs, which predicted the unlabelled images."""
    root = tmp_path_factory.mktemp("asking") / "ws"
    miniatures.table_and_images(root / "data", n=36, n_test=6, n_unlabelled=N)
    folder = root / "data/unlabelled"
    shutil.copy(root / "data/train_images/000000.jpg", folder / f"{PLANTED}.jpg")
    shutil.copy(folder / "900003.jpg", folder / "900103.jpg")
    (root / "competition.yaml").write_text(SPEC)
    (root / "recipes").mkdir()
    (root / "recipes/tiny.yaml").write_text(TINY)
    (root / "recipes/small.yaml").write_text(TINY.replace("[8, 16]", "[4]"))
    podium(root, "train", "tiny", "small")
    for name in ("tiny", "small"):
        podium(root, "predict", name, "--split", "unlabelled")
    return root


@pytest.fixture
def copy(trained: Path, tmp_path: Path) -> Path:
    """Give a copy of the workspace that a test may change."""
    return Path(shutil.copytree(trained, tmp_path / "ws"))


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "request.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answered(folder: Path, file: Path, skip: int = 0) -> Path:
    """Write the answers to all but the last `skip` questions of a request."""
    rows = table(folder)
    for row in rows[: len(rows) - skip]:
        row["label"] = truth(row["id"])
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return file


def request(root: Path, source: str = "tiny", **options: Any) -> Path:
    workspace = Workspace(root)
    return request_labels(workspace, load_competition(root), source, **{"n": 6, **options})


def probs_of(root: Path, name: str = "tiny") -> tuple[list[str], list[Any]]:
    run = Workspace(root).artefact(name, rooms=("runs",))
    (found,) = [one for one in run.glob("predictions/*") if (one / "unlabelled").is_dir()]
    predicted = PredictionSet(found)
    folds = [predicted.fold("unlabelled", "classify", k) for k in (0, 1, 2)]
    return folds[0].ids, [one.probs() for one in folds]


@pytest.mark.slow
def test_a_round_trip(copy: Path, tmp_path: Path) -> None:
    folds = (copy / "folds.csv").read_bytes()
    first = answer(copy, "label", "request", "tiny", "--n", 6, "--by", "margin", "--diverse")
    folder = copy / "labels" / first["id"]
    assert Path(first["folder"]) == folder
    assert first["n"] == 6
    assert first["diverse"] == "embeddings"
    thumbnails = {one.name for one in (folder / "thumbnails").iterdir()} - {SUMS_FILE}
    assert len(thumbnails) == 6
    assert PLANTED not in [row["id"] for row in table(folder)]
    file = answered(folder, tmp_path / "answers.csv", skip=1)
    response = answer(copy, "label", "import", file, "--who", "eva")
    assert (response["added"], response["skipped"], response["total"], response["compared"]) == (
        5,
        1,
        5,
        5,
    )
    guessed = [row["predicted"] for row in table(folder)][:5]
    right = [truth(row["id"]) for row in table(folder)][:5]
    assert response["agreed"] == sum(a == b for a, b in zip(guessed, right, strict=True))
    assert (copy / "folds.csv").read_bytes() == folds
    kept = read_annotations(Workspace(copy))
    assert {one.request for one in kept.values()} == {first["id"]}
    assert {one.who for one in kept.values()} == {"eva"}
    again = answer(copy, "label", "import", file)
    assert (again["added"], again["known"], again["total"]) == (0, 5, 5)

    before = Workspace(copy).artefact("tiny").name
    podium(copy, "train", "tiny", "-o", f"model.from={before}", "-o", MATCHED)
    (after,) = [one for one in (copy / "runs").glob("tiny-*") if one.name != before]
    record = read_record(after)
    assert record.status == "finished"
    assert record.inputs["imported_labels"]["samples"] == 5
    for fold in ("0", "1", "2"):
        pools = record.details["folds"][fold]["pools"]
        assert pools["imported_labels"] == 5
        # All images of data.unlabelled, answered or not, and the fold's own; not the test image.
        assert pools["unlabelled"] == N + 2 + pools["labelled"]
    assert "labels of people: 5 a fold" in podium(copy, "show", after.name)
    assert "labels" in podium(copy, "ledger", "show", "--kind", "labels")
    # The run of before is as it was: it can still be asked, and predicts.
    second = answer(copy, "label", "request", before, "--n", 30)
    asked = {row["id"] for row in table(copy / "labels" / second["id"])}
    assert not asked & {row["id"] for row in table(folder)}
    # One image was asked before and not answered; 900003 and its copy are one, as the planted is.
    assert second["n"] == N + 2 - 1 - 1 - 6


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["entropy", "margin", "least-confidence", "disagreement"])
def test_each_sampling_rule_ranks_by_the_mean_over_folds(rule: Any, copy: Path) -> None:
    ids, folds = probs_of(copy)
    rows = table(request(copy, rule=rule))
    mean = np.mean([np.asarray(one, dtype=np.float64) for one in folds], axis=0)
    top = np.sort(mean, axis=1)

    def entropy(p: Any) -> Any:
        return -(p * np.log(np.clip(p, 1e-300, 1))).sum(axis=1)

    scores = {
        "entropy": entropy(mean),
        "margin": 1 - (top[:, -1] - top[:, -2]),
        "least-confidence": 1 - top[:, -1],
        "disagreement": entropy(mean) - np.mean([entropy(np.float64(p)) for p in folds], axis=0),
    }[rule]
    possible = [i for i, one in enumerate(ids) if one not in (PLANTED, "900103")]
    wanted = sorted(possible, key=lambda i: -scores[i])[:6]
    assert [row["id"] for row in rows] == [ids[i] for i in wanted]
    for row, i in zip(rows, wanted, strict=True):
        assert float(row["score"]) == pytest.approx(scores[i], rel=1e-4)
        assert row["predicted"] == CLASSES[int(mean[i].argmax())]
        assert float(row["confidence"]) == pytest.approx(mean[i].max(), abs=1e-4)


def test_balanced_and_spread_as_chosen_by_hand(copy: Path) -> None:
    ids, folds = probs_of(copy)
    mean = np.mean([np.asarray(one, dtype=np.float64) for one in folds], axis=0)
    possible = [i for i, one in enumerate(ids) if one not in (PLANTED, "900103")]
    scores = 1 - np.max(mean, axis=1)
    classes = mean.argmax(axis=1)[possible]
    wanted = choose_images([ids[i] for i in possible], scores[possible], 5, classes=classes)
    folder = request(copy, rule="least-confidence", n=5, balance=True)
    assert [row["id"] for row in table(folder)] == [ids[possible[i]] for i in wanted]
    record = read_record(folder)
    counts = np.bincount(classes[wanted], minlength=3)
    assert record.details["predicted"] == {
        name: n for name, n in zip(CLASSES, counts.tolist(), strict=True) if n
    }


def test_without_embeddings_images_are_far_apart_by_probabilities(copy: Path) -> None:
    for run in (copy / "runs").iterdir():
        for found in run.glob("predictions/*/unlabelled/embed"):
            shutil.rmtree(found)
    folder = request(copy, diverse=True)
    assert read_record(folder).details["diverse"] == "probabilities"


def test_the_members_of_a_blend_disagree(copy: Path) -> None:
    podium(copy, "blend", "tiny", "small", "--method", "mean", "--name", "both")
    folder = request(copy, "both", rule="disagreement")
    record = read_record(folder)
    assert [one.rpartition("-")[0] for one in record.details["models"]] == ["tiny", "small"]
    members = []
    for name in ("tiny", "small"):
        ids, folds = probs_of(copy, name)
        members.append(np.mean([np.asarray(one, dtype=np.float64) for one in folds], axis=0))
    mean = np.mean(members, axis=0)
    score = np.mean([(p * np.log(p / mean)).sum(axis=1) for p in members], axis=0)
    for row in table(folder):
        assert float(row["score"]) == pytest.approx(score[ids.index(row["id"])], rel=1e-3)


def test_repeated_request_is_the_same_folder_and_the_next_one_has_other_images(copy: Path) -> None:
    first = request(copy)
    second = request(copy)
    assert first != second
    assert not {r["id"] for r in table(first)} & {r["id"] for r in table(second)}
    assert request(copy, repeat=True) == first
    third = request(copy, n=100)
    assert len(table(third)) == N - 12
    with pytest.raises(UsageError, match="images were requested") as raised:
        request(copy)
    assert "--repeat" in (raised.value.fix or "")


def test_unlabelled_request_is_named_when_the_next_one_is_made(copy: Path) -> None:
    first, seen = request(copy), RecordedProgress()
    request(copy, progress=seen)
    assert f"  {first.name} has no answer yet: its 6 images are left out" in "\n".join(seen.lines)
    file = answered(first, copy / "answers.csv", skip=5)
    import_answers(Workspace(copy), load_competition(copy), file)
    again = RecordedProgress()
    request(copy, progress=again)
    assert first.name not in "\n".join(again.lines)
    assert "has no answer yet" in "\n".join(again.lines)  # the second one


def test_labelling_request_leaves_out_copies_of_test_images(copy: Path) -> None:
    copy_of_test(copy, "900101")
    assert "900101" not in {row["id"] for row in table(request(copy, n=100))}


def test_invalid_requests_are_refused(copy: Path) -> None:
    podium(copy, "label", "request", "nobody", code=2)
    with pytest.raises(UsageError, match="at least one image"):
        request(copy, n=0)
    spec = (copy / "competition.yaml").read_text()
    lines = [line for line in spec.splitlines() if "unlabelled" not in line]
    (copy / "competition.yaml").write_text("\n".join(lines) + "\n")
    with pytest.raises(UsageError, match="no unlabelled images"):
        request(copy)
    with pytest.raises(UsageError, match="labels of unlabelled images"):
        import_answers(Workspace(copy), load_competition(copy), copy / "no.csv")


def test_labelling_request_for_masks_is_refused(tmp_path: Path) -> None:
    text = SPEC.replace("{classify: multiclass}", "{segment: multiclass}")
    text = text.replace("label: species", "mask: rle").replace("accuracy", "mean_dice")
    (tmp_path / "competition.yaml").write_text(text)
    with pytest.raises(UsageError, match="masks alone") as raised:
        request(tmp_path)
    assert "data.extra" in (raised.value.fix or "")


WRONG = {
    "unknown id": ("9000001,cat", "there is no unlabelled image '9000001'", "did you mean 90000"),
    "an id of train": ("000001,cat", "'000001' is an image of train", "only unlabelled"),
    "unknown class": ("900001,Dgo", "there is no class 'Dgo'", "did you mean dog?"),
    "no class like it": (
        "900001,zebra",
        "there is no class 'zebra'",
        "the classes are 'cat', 'dog', 'fox'",
    ),
    "twice": ("900000,dog", "'900000' stands in line 2, too", "leave one of them"),
    "another image": (
        f"900001,dog,{'0' * 64}",
        "the image of '900001' changed",
        "leave image_sha256 empty",
    ),
    "a copy of train": (f"{PLANTED},cat", f"'{PLANTED}' is by content an image of train", "leave"),
    "a copy of test": ("900101,cat", "'900101' is by content an image of test", "leave the row"),
    "more cells than columns": ("900001,dog,,fox", "there are 4 cells, and 3", "double quotes"),
}


def copy_of_test(root: Path, name: str) -> None:
    """Put a test image among the unlabelled ones, too."""
    image = min((root / "data/test_images").iterdir())
    shutil.copy(image, root / f"data/unlabelled/{name}.jpg")


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_row_is_named_with_its_fix_and_nothing_is_kept(copy: Path, name: str) -> None:
    row, what, fix = WRONG[name]
    copy_of_test(copy, "900101")
    file = copy / "answers.csv"
    file.write_text(f"id,label,image_sha256\n900000,cat,\n900002,,\n{row}\n")
    with pytest.raises(DataError, match="1 row is wrong, and nothing was imported") as raised:
        import_answers(Workspace(copy), load_competition(copy), file)
    assert str(file) in str(raised.value)
    assert f"line 4: {what}" in raised.value.message
    assert fix in raised.value.message
    assert read_annotations(Workspace(copy)) == {}


def test_all_wrong_rows_are_reported_at_once_in_their_order(copy: Path) -> None:
    file = copy / "answers.csv"
    bad = [WRONG[name][0] for name in ("unknown id", "twice", "unknown class")]
    file.write_text("id,label,image_sha256\n900000,cat,\n" + "\n".join(bad) + "\n")
    printed = podium(copy, "label", "import", file, code=2)
    assert "3 rows are wrong" in printed
    assert printed.index("line 3:") < printed.index("line 4:") < printed.index("line 5:")
    file.write_text("name,label\na,cat\n")
    assert "no column id" in podium(copy, "label", "import", file, code=2)


def test_rows_of_one_fix_are_three_lines_and_a_count_with_the_fix_once(copy: Path) -> None:
    file = copy / "answers.csv"
    wrong = "\n".join(f"9000{n:02},zebra_{n}" for n in range(20))
    file.write_text(f"id,label\n{wrong}\n000001,cat\n")
    with pytest.raises(DataError, match="21 rows are wrong") as raised:
        import_answers(Workspace(copy), load_competition(copy), file)
    assert raised.value.message.splitlines()[1:] == [
        "  - line 2: there is no class 'zebra_0'",
        "  - line 3: there is no class 'zebra_1'",
        "  - line 4: there is no class 'zebra_2', and 17 more like these: the classes are 'cat', "
        "'dog', 'fox'",
        "  - line 22: '000001' is an image of train: only unlabelled images are answered",
    ]


def test_second_label_replaces_the_first_only_on_request(copy: Path) -> None:
    workspace, competition = Workspace(copy), load_competition(copy)
    file = copy / "answers.csv"
    file.write_text("id,label\n900000,cat\n900001,dog\n")
    import_answers(workspace, competition, file, who="eva")
    file.write_text("id,label\n900000,fox\n900001,dog\n900002,fox\n")
    with pytest.raises(DataError, match="'900000' was answered 'cat' by eva before, and now 'fox'"):
        import_answers(workspace, competition, file)
    assert {name: one.label for name, one in read_annotations(workspace).items()} == {
        "900000": "cat",
        "900001": "dog",
    }
    done = import_answers(workspace, competition, file, who="adam", replace=True)
    assert (done.added, done.known, done.total) == (2, 1, 3)
    kept = read_annotations(workspace)
    assert [(one.label, one.who) for one in kept.values()] == [
        ("fox", "adam"),
        ("dog", "eva"),
        ("fox", "adam"),
    ]
    lines = (workspace.labels / "answers.jsonl").read_text().splitlines()
    assert len(lines) == 4, "earlier answers are kept"


def test_imported_label_replaces_a_pseudo_label(copy: Path) -> None:
    podium(copy, "pseudo", "tiny", "--name", "theirs")
    file = copy / "answers.csv"
    file.write_text("id,label\n900000,cat\n900001,dog\n")
    podium(copy, "label", "import", file)
    podium(copy, "train", "small", "--folds", "0", "-o", "pseudo=[{from: theirs}]")
    new = max((copy / "runs").glob("small-*"), key=lambda one: one.stat().st_mtime)
    pools = read_record(new).details["folds"]["0"]["pools"]
    assert pools["pseudo"] == N + 2 - 2
    assert pools["imported_labels"] == 2


@pytest.mark.parametrize(
    ("kind", "metric", "message"),
    [("multilabel", "macro_f1", "cat fox"), ("ordinal", "qwk", "dog")],
)
def test_labelling_requests_work_for_other_kinds(
    copy: Path, kind: str, metric: str, message: str
) -> None:
    text = (copy / "competition.yaml").read_text().replace("multiclass", kind)
    text = text.replace("stratified_group", "group").replace("accuracy", metric)
    (copy / "competition.yaml").write_text(text)
    podium(copy, "train", "small", "--folds", "0,1")
    folder = request(copy, "small", rule="disagreement", n=4, diverse=True)
    rows = table(folder)
    assert len(rows) == 4
    assert all((row["confidence"] == "") == (kind == "ordinal") for row in rows)
    if kind == "ordinal":
        with pytest.raises(UsageError, match="no probability"):
            request(copy, "small", rule="entropy")
        with pytest.raises(UsageError, match="no predicted class to balance"):
            request(copy, "small", rule="disagreement", balance=True)
    file = copy / "answers.csv"
    file.write_text(
        f"id,label\n{rows[0]['id']},{message}\n{rows[1]['id']},{rows[1]['predicted']}\n"
    )
    done = import_answers(Workspace(copy), load_competition(copy), file)
    assert done.added == 2
    assert set(done.labels) == {message, rows[1]["predicted"]}
