"""Labels on request: in every fold's training, in no validation, never where they leak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.competition.truths.annotations_file import Annotation, add_annotations
from podium.competition.truths.annotator_labels import sha256_of_samples
from podium.errors import DataError
from podium.predictions import PredictionSet
from podium.training.data.labels_on_request import LabelRows, label_facts, label_rows
from podium.training.data.pools import fold_pools
from podium.training.data.rows import training_rows
from podium.training.recipe import load_recipe
from podium.training.runs.ids import run_id
from podium.training.runs.job import Job, TrainingData
from podium.training.runs.train import train
from podium.workflows.labelling.answers import import_answers
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT
from podium.workspace.records import read_record

UNLABELLED = "  unlabelled: {images: 'data/unlabelled/*.png'}\n"
TABLE = "  unlabelled: {table: data/unlabelled.csv, id: id, images: 'data/unlabelled/{id}.png'}\n"
ANSWERS = {"u0": "red", "u1": "green", "u3": "blue"}


def add_unlabelled(workspace: Workspace, n: int = 6, entry: str = UNLABELLED) -> Workspace:
    rng = np.random.default_rng(7)
    folder = workspace.root / "data/unlabelled"
    folder.mkdir()
    for i in range(n):
        pixels = rng.integers(0, 120, (40, 36, 3)).astype(np.uint8)
        pixels[..., i % 3] += 60
        Image.fromarray(pixels).save(folder / f"u{i}.png")
    spec = workspace.root / "competition.yaml"
    spec.write_text(spec.read_text().replace("  test:", entry + "  test:"))
    return workspace


def answer(workspace: Workspace, labels: dict[str, str]) -> None:
    competition = load_competition(workspace.root)
    samples = load_samples(competition, "unlabelled")
    digest = dict(
        zip(samples["id"], sha256_of_samples(workspace, competition, samples), strict=True)
    )
    add_annotations(
        workspace,
        [
            Annotation(name, digest[name], predicted, "", "eva", "now")
            for name, predicted in labels.items()
        ],
    )


def job_of(workspace: Workspace, *overrides: str, **inputs: Any) -> Job:
    competition = load_competition(workspace.root)
    recipe = load_recipe(workspace.recipes / "tiny.yaml", overrides)
    data = TrainingData.load(workspace, competition, outer_fold=inputs.get("outer_fold"))
    return Job(workspace, competition, recipe, data, workspace.runs / "tiny-00000000", inputs)


def pools_of(job: Job, fold: Any) -> Any:
    needs = ("labelled", "unlabelled")
    return fold_pools(job, fold, training_rows(job, SILENT), needs, SILENT)


@pytest.fixture
def asked(make: Callable) -> Workspace:
    """36 images in 3 folds, 6 without labels, of which three have labels on request."""
    workspace, _ = make()
    add_unlabelled(workspace)
    answer(workspace, ANSWERS)
    return workspace


@pytest.mark.parametrize("fold", [0, 1, 2, "full"])
def test_every_fold_learns_from_them_and_they_are_unlabelled_no_more(
    asked: Workspace, fold: Any
) -> None:
    job = job_of(asked, "unlabelled=[unlabelled]")
    pools = pools_of(job, fold)
    own, _ = job.data.rows(fold)
    labelled, unlabelled = pools.rows["labelled"], pools.rows["unlabelled"]
    assert labelled.ids[len(own) :] == ["u0", "u1", "u3"]
    assert labelled.target["classify"][len(own) :].tolist() == [0, 1, 2]
    assert labelled.weight[len(own) :].tolist() == [1.0, 1.0, 1.0]
    assert [one for one in unlabelled.ids if one.startswith("u")] == ["u2", "u4", "u5"]
    assert pools.sources == ["unlabelled"] * 3
    assert pools.facts["imported_labels"] == 3
    picture = np.asarray(Image.open(asked.root / "data/unlabelled/u3.png"))
    assert labelled.pixels(len(own) + 2).tobytes() == picture.tobytes()


@pytest.mark.parametrize(
    ("named", "sources"),
    [
        ("[unlabelled, train]", {"unlabelled": 6, "train": 24}),
        ("[train, unlabelled]", {"unlabelled": 6, "train": 24}),
        ("[train]", {"train": 27}),
    ],
)
def test_labels_on_request_are_in_the_unlabelled_pool_once_where_train_is(
    asked: Workspace, named: str, sources: dict[str, int]
) -> None:
    pools = pools_of(job_of(asked, f"unlabelled={named}"), 0)
    unlabelled = pools.rows["unlabelled"]
    assert Counter(pools.sources) == sources
    assert sorted(set(unlabelled.ids)) == sorted(unlabelled.ids), "each is there once"
    assert set(ANSWERS) < set(unlabelled.ids)
    assert unlabelled.target == {}
    at = unlabelled.ids.index("u3")
    picture = np.asarray(Image.open(asked.root / "data/unlabelled/u3.png"))
    assert unlabelled.pixels(at).tobytes() == picture.tobytes()
    assert len(pools.truth) == len(unlabelled)


def test_a_recipe_may_do_without(asked: Workspace) -> None:
    job = job_of(asked, "imported_labels=false")
    assert label_rows(job, 0, SILENT) == LabelRows()
    assert "u0" in pools_of(job, 0).rows["unlabelled"].ids
    assert label_facts(asked, job.competition, job.recipe, SILENT) == {}


def identity(workspace: Workspace, *overrides: str) -> str:
    competition = load_competition(workspace.root)
    samples = load_samples(competition, "train")
    recipe = load_recipe(workspace.recipes / "tiny.yaml", overrides)
    folds = ensure_folds(workspace, competition, samples)
    return run_id(workspace, competition, recipe, name="tiny", samples=samples, folds=folds)[0]


def test_a_run_s_id_hashes_labels_on_request_and_not_their_authors(make: Callable) -> None:
    workspace, _ = make()
    add_unlabelled(workspace)
    before = identity(workspace)
    answer(workspace, {"u0": "red"})
    one = identity(workspace)
    assert len({before, one}) == 2
    assert identity(workspace, "imported_labels=false") != one
    competition = load_competition(workspace.root)
    samples = load_samples(competition, "unlabelled")
    digest = sha256_of_samples(workspace, competition, samples)[0]
    add_annotations(workspace, [Annotation("u0", digest, "red", "label-x", "adam", "later")])
    assert identity(workspace) == one
    answer(workspace, {"u0": "blue"})
    assert identity(workspace) != one


def test_label_of_a_validation_image_is_left_out_of_that_fold_alone(
    asked: Workspace,
) -> None:
    copy = (asked.root / "data/train/0005.png").read_bytes()
    (asked.root / "data/unlabelled/innocent.png").write_bytes(copy)
    answer(asked, {"innocent": "blue"})
    job = job_of(asked)
    its_fold = int(job.data.folds[5])
    for fold in (0, 1, 2, "full"):
        found = label_rows(job, fold, SILENT)
        is_in = fold != its_fold
        assert ("innocent" in found.ids) == is_in
        assert found.left_out == (0 if is_in else 1)
        pools = pools_of(job, fold)
        assert ("innocent" in pools.rows["labelled"].ids) == is_in
        # Where it is not learnt it is as unlabelled as before.
        alone = pools_of(job_of(asked, "unlabelled=[unlabelled]"), fold).rows["unlabelled"]
        assert ("innocent" in alone.ids) != is_in


def test_label_of_a_validation_group_is_left_out_of_that_fold_alone(make: Callable) -> None:
    workspace, _ = make(groups=True)
    add_unlabelled(workspace, entry=TABLE)
    cells = [("u0", "g2"), ("u1", ""), ("u2", "g99"), ("u3", "g2")]
    text = "id,group\n" + "".join(f"{name},{group}\n" for name, group in cells)
    (workspace.root / "data/unlabelled.csv").write_text(text)
    answer(workspace, {"u0": "red", "u1": "green", "u2": "blue"})
    job = job_of(workspace)
    (its_fold,) = {int(fold) for fold in job.data.folds[job.data.samples["group"] == "g2"]}
    for fold in (0, 1, 2):
        found = label_rows(job, fold, SILENT)
        assert found.ids == {"u1", "u2"} | (set() if fold == its_fold else {"u0"})


def test_an_id_that_train_has_too_is_no_leak_but_a_unit_is(make: Callable) -> None:
    workspace, _ = make()
    add_unlabelled(workspace, entry=TABLE)
    (workspace.root / "data/unlabelled/u5.png").rename(workspace.root / "data/unlabelled/0003.png")
    (workspace.root / "data/unlabelled.csv").write_text("id\nu0\n0003\n")
    answer(workspace, {"0003": "red"})
    job = job_of(workspace)
    assert all(label_rows(job, fold, SILENT).ids == {"0003"} for fold in (0, 1, 2))
    samples = job.data.samples
    samples.loc[3, "unit"] = "left eye"
    spec = workspace.root / "competition.yaml"
    spec.write_text(spec.read_text().replace("'data/unlabelled/{id}.png'}", (
        "'data/unlabelled/{id}.png', unit: eye}"
    )))  # fmt: skip
    (workspace.root / "data/unlabelled.csv").write_text("id,eye\nu0,right eye\n0003,left eye\n")
    held = replace(job_of(workspace), data=job.data)
    found = [len(label_rows(held, fold, SILENT).ids) for fold in (0, 1, 2)]
    assert found == [0 if job.data.folds[3] == fold else 1 for fold in (0, 1, 2)]


def test_an_outer_fold_is_held_out_of_all_folds(asked: Workspace) -> None:
    copy = (asked.root / "data/train/0005.png").read_bytes()
    (asked.root / "data/unlabelled/innocent.png").write_bytes(copy)
    answer(asked, {"innocent": "blue"})
    outer = int(job_of(asked).data.folds[5])
    job = job_of(asked, outer_fold=outer)
    for fold in (*job.data.fold_numbers, "full"):
        assert label_rows(job, fold, SILENT).ids == set(ANSWERS)


def test_a_changed_image_and_a_removed_class_are_reported(asked: Workspace) -> None:
    job = job_of(asked)
    file = asked.root / "data/unlabelled/u1.png"
    before = file.read_bytes()
    file.write_bytes((asked.root / "data/unlabelled/u2.png").read_bytes())
    with pytest.raises(DataError, match="not those that people labelled: 'u1'"):
        label_rows(job, 0, SILENT)
    # It can be answered as it is now.
    (asked.root / "answers.csv").write_text("id,label\nu1,blue\n")
    import_answers(asked, job.competition, asked.root / "answers.csv", replace=True)
    assert "u1" in label_rows(job, 0, SILENT).ids
    file.write_bytes(before)
    answer(asked, {"u1": "green"})
    spec = asked.root / "competition.yaml"
    spec.write_text(spec.read_text().replace("[red, green, blue]", "[red, greens, blue]"))
    table = asked.root / "data/train.csv"
    table.write_text(table.read_text().replace("green", "greens"))
    with pytest.raises(DataError, match="no class 'green'") as raised:
        label_rows(job_of(asked), 0, SILENT)
    assert "1 annotation is no label of the current competition.yaml, of 'u1'" in str(raised.value)
    assert "did you mean greens?" in (raised.value.fix or "")
    assert "podium label import FILE --replace" in (raised.value.fix or "")
    answers = asked.root / "answers.csv"
    answers.write_text("id,label\nu1,greens\n")
    import_answers(asked, load_competition(asked.root), answers, replace=True)
    assert "u1" in label_rows(job_of(asked), 0, SILENT).ids
    file.unlink()  # whoever takes an image out of the data takes its answer out of training
    assert "u1" not in label_rows(job_of(asked), 0, SILENT).ids


def test_imported_labels_are_trained_on_and_never_scored(make: Callable) -> None:
    workspace, competition = make()
    add_unlabelled(workspace, n=40)
    answer(workspace, {f"u{i}": "red" for i in range(40)})  # whatever they show
    found = {}
    for use in ("true", "false"):
        changes = ("phases=[{name: only, epochs: 6}]", f"imported_labels={use}")
        file = workspace.recipes / "tiny.yaml"
        run = train(workspace, load_competition(workspace.root), file, overrides=changes, folds=[0])
        record = read_record(run.run)
        oof = PredictionSet(run.run / "predictions" / record.details["predictions"]).oof()
        assert len(oof.ids) == 12
        assert set(oof.ids) <= set(load_samples(competition, "train")["id"])
        found[use] = (oof.probs.argmax(axis=1) == 0).mean()
        pools = record.details["folds"]["0"]["pools"]
        assert pools.get("imported_labels", 0) == (40 if use == "true" else 0)
        samples = record.inputs.get("imported_labels", {}).get("samples", 0)
        assert samples == (40 if use == "true" else 0)
    assert found["false"] < 0.5
    assert found["true"] > found["false"]


@pytest.mark.parametrize(
    ("kind", "answers", "wanted"),
    [
        ("binary", {"u0": "1", "u1": "0"}, [1.0, 0.0]),
        ("multilabel", {"u0": "red blue", "u1": "(none)"}, [[1, 0, 1], [0, 0, 0]]),
        ("ordinal", {"u0": "blue", "u1": "red"}, [[1, 1], [0, 0]]),
        ("regression", {"u0": "0.25", "u1": "-3"}, [0.25, -3.0]),
    ],
)
def test_of_every_kind(make: Callable, kind: str, answers: Any, wanted: Any) -> None:
    workspace, _ = make(kind=kind)
    add_unlabelled(workspace)
    answer(workspace, answers)
    (rows,) = label_rows(job_of(workspace), 0, SILENT).parts
    assert rows.ids == ["u0", "u1"]
    assert rows.target["classify"].tolist() == wanted


def test_of_labels_and_masks_the_masks_are_unknown(tmp_path: Path) -> None:
    import mask_miniatures
    import yaml

    miniature = mask_miniatures.pictures_and_masks(tmp_path / "data", n=12, n_test=2)
    (tmp_path / "more").mkdir()
    Image.fromarray(np.full((40, 36, 3), 90, dtype=np.uint8)).save(tmp_path / "more/new.png")
    miniature.spec["data"]["unlabelled"] = {"images": "more/*.png"}
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(miniature.spec))
    workspace = Workspace(tmp_path)
    workspace.recipes.mkdir()
    text = "input: {size: 32}\nphases: [{name: only, epochs: 1}]\nempty_share: 0.5\n"
    (workspace.recipes / "tiny.yaml").write_text(text)
    classes = load_competition(tmp_path).label_names
    answer(workspace, {"new": classes[1]})
    job = job_of(workspace)
    (rows,) = label_rows(job, 0, SILENT).parts
    assert rows.answered["classify"].tolist() == [True]
    assert rows.answered["segment"].tolist() == [False]
    assert rows.mask(0) is None
    assert len(pools_of(job, 0).rows["labelled"]) == len(job.data.rows(0)[0]) + 1
    masks_alone = job_of(workspace, "model.heads={segment: {decoder: linear}}")
    assert label_rows(masks_alone, 0, SILENT).parts == ()
