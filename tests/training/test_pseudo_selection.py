"""Rows of pseudo-labels: of every kind of task, from tables written by hand, and their gate."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.errors import DataError, RecipeError, UsageError
from podium.training.pseudo.selection import (
    fold_pseudo_labels,
    pseudo_facts,
    pseudo_rows,
    validation_images,
)
from podium.training.pseudo.tables import PseudoItems, file_digests, write_fold
from podium.training.recipe import load_recipe
from podium.training.runs.content import folds_digest
from podium.training.runs.ids import run_id
from podium.training.runs.job import Job, TrainingData
from podium.workspace.ids import FileDigests
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.progress import SILENT
from podium.workspace.records import Record, write_record

Made = tuple[Workspace, Competition]
Table = tuple[str, NDArray[np.float32]]


def artefact(
    made: Made,
    tables: dict[str, Table],
    images: list[str],
    *,
    threshold: float = 0.0,
    name: str = "theirs",
    folds: str | None = None,
) -> Path:
    """Write pseudo-labels: fold → (teacher, probabilities) of `images`."""
    workspace, competition = made
    data = TrainingData.load(workspace, competition)
    digests = FileDigests(workspace).each([competition.root / one for one in images])
    items = PseudoItems(
        ["unlabelled"] * len(images),
        [f"u{i}" for i in range(len(images))],
        [(image,) for image in images],
        digests,
    )
    folder = workspace.pseudo / f"{name}-0a0a0a0a"
    folder.mkdir(parents=True)
    items.write(folder)
    facts: dict[str, Any] = {}
    for fold, (teacher, probs) in tables.items():
        place = folder / f"fold-{fold}"
        place.mkdir()
        labels = ["x"] * len(images), probs.max(axis=1), probs
        write_fold(place, items=items, teacher=teacher, number=1, labels=labels, masks=None)
        facts[fold] = {"files": file_digests(workspace, place)}
    record = Record(
        kind="pseudo",
        id=folder.name,
        name=name,
        created=now(),
        status="finished",
        inputs={"folds": folds or folds_digest(data.samples["id"], data.folds)},
        details={"threshold": threshold, "round": 1, "folds": facts, "notes": []},
    )
    write_record(folder, record)
    return folder


def job_of(made: Made, *overrides: str) -> Job:
    workspace, competition = made
    recipe = load_recipe(workspace.recipes / "tiny.yaml", overrides)
    data = TrainingData.load(workspace, competition)
    inputs = {"folds": folds_digest(data.samples["id"], data.folds)}
    return Job(workspace, competition, recipe, data, workspace.runs / "none", inputs)


def use(threshold: float = 0.0, weight: float = 1.0, name: str = "theirs") -> str:
    return f"pseudo=[{{from: {name}, threshold: {threshold}, weight: {weight}}}]"


def of_test(n: int) -> list[str]:
    return [f"data/test/{36 + i:04d}.png" for i in range(n)]


THREE = np.array([[0.7, 0.2, 0.1], [0.4, 0.35, 0.25], [0.05, 0.05, 0.9]], dtype=np.float32)


def test_unsure_labels_are_left_out_and_the_others_weighed(make: Callable[..., Made]) -> None:
    made = make()
    artefact(made, {"0": ("run-x/fold-0", THREE)}, of_test(3))
    (rows,) = pseudo_rows(fold_pseudo_labels(job_of(made, use(0.7, 0.25)), 0), SILENT)
    # 0.7 is stored as float32 and compared as float32: it reaches itself.
    assert rows.ids == ["u0", "u2"]
    assert rows.target["classify"].tolist() == [0, 2]
    assert rows.target["classify"].dtype == np.int64
    assert rows.weight.tolist() == [0.25, 0.25]
    assert rows.answered["classify"].all()
    assert len(rows.images) == 2


def test_the_artefacts_threshold_holds_where_the_recipes_is_lower(
    make: Callable[..., Made],
) -> None:
    made = make()
    artefact(made, {"0": ("run-x/fold-0", THREE)}, of_test(3), threshold=0.8)
    (rows,) = pseudo_rows(fold_pseudo_labels(job_of(made, use(0.1)), 0), SILENT)
    assert rows.ids == ["u2"]


def test_of_several_labels_each_is_known_or_not_by_itself(make: Callable[..., Made]) -> None:
    made = make(kind="multilabel")
    probs = np.array([[0.9, 0.4, 0.05], [0.5, 0.5, 0.5]], dtype=np.float32)
    artefact(made, {"1": ("run-x/fold-1", probs)}, of_test(2))
    (rows,) = pseudo_rows(fold_pseudo_labels(job_of(made, use(0.85)), 1), SILENT)
    assert rows.ids == ["u0"]
    np.testing.assert_array_equal(rows.target["classify"], [[1.0, np.nan, 0.0]])  # left out


def test_a_binary_no_is_as_sure_as_a_yes(make: Callable[..., Made]) -> None:
    made = make(kind="binary")
    probs = np.array([[0.05], [0.6], [0.95]], dtype=np.float32)
    artefact(made, {"0": ("run-x/fold-0", probs)}, of_test(3))
    (rows,) = pseudo_rows(fold_pseudo_labels(job_of(made, use(0.9)), 0), SILENT)
    assert rows.target["classify"].tolist() == [0.0, 1.0]


def test_a_regression_has_values_and_no_threshold(make: Callable[..., Made]) -> None:
    made = make(kind="regression")
    probs = np.array([[1.5], [-2.25]], dtype=np.float32)
    artefact(made, {"0": ("run-x/fold-0", probs)}, of_test(2))
    (rows,) = pseudo_rows(fold_pseudo_labels(job_of(made, use()), 0), SILENT)
    assert rows.target["classify"].tolist() == [1.5, -2.25]
    with pytest.raises(RecipeError, match="have no confidence"):
        pseudo_rows(fold_pseudo_labels(job_of(made, use(0.5)), 0), SILENT)


def test_a_recipe_without_pseudo_labels_needs_nothing(make: Callable[..., Made]) -> None:
    job = job_of(make())
    assert pseudo_rows(fold_pseudo_labels(job, 0), SILENT) == []
    assert pseudo_facts(job.workspace, job.recipe) == {}
    assert validation_images(fold_pseudo_labels(job, 0)) == 0


@pytest.mark.parametrize(
    "teacher",
    ["run-x/fold-1", "run-x/fold-full", "run-x/fold-0 + run-y/fold-1", "run-x", "", "fold-0"],
)
def test_a_teacher_of_another_fold_is_refused(make: Callable[..., Made], teacher: str) -> None:
    made = make()
    folder = artefact(made, {"0": (teacher, THREE)}, of_test(3))
    with pytest.raises(DataError) as caught:
        pseudo_rows(fold_pseudo_labels(job_of(made, use()), 0), SILENT)
    assert all(part in str(caught.value) for part in (folder.name, "fold 0", repr(teacher)))


@pytest.mark.parametrize("teacher", ["run-x/fold-0", "run-x/fold-0 + other-y/fold-0"])
def test_its_own_models_teach_a_fold(make: Callable[..., Made], teacher: str) -> None:
    made = make()
    artefact(made, {"0": (teacher, THREE)}, of_test(3))
    assert len(pseudo_rows(fold_pseudo_labels(job_of(made, use()), 0), SILENT)[0]) == 3


def test_students_of_all_rows_may_learn_of_everybody(make: Callable[..., Made]) -> None:
    made = make()
    artefact(made, {"full": ("run-x/fold-0 + run-x/fold-1", THREE)}, of_test(3))
    assert len(pseudo_rows(fold_pseudo_labels(job_of(made, use()), "full"), SILENT)[0]) == 3
    with pytest.raises(DataError, match="no labels for the student of fold 0"):
        pseudo_rows(fold_pseudo_labels(job_of(made, use()), 0), SILENT)


def test_labels_of_other_folds_are_refused(make: Callable[..., Made]) -> None:
    made = make()
    artefact(made, {"0": ("run-x/fold-0", THREE)}, of_test(3), folds="0" * 64)
    with pytest.raises(DataError, match="made with other folds"):
        pseudo_rows(fold_pseudo_labels(job_of(made, use()), 0), SILENT)


def test_validation_images_are_counted_by_content(make: Callable[..., Made]) -> None:
    made = make()
    competition = made[1]
    job = job_of(made, use(0.5))
    _, valid = job.data.rows(0)
    first, second = (job.data.samples["images"].iloc[valid[i]][0] for i in (0, 1))
    other = job.data.samples["images"].iloc[job.data.rows(0)[0][0]][0]
    copies = []
    for number, source in enumerate((first, second, other)):
        copies.append(f"data/u{number}.png")
        shutil.copy(competition.root / source, competition.root / copies[-1])
    # The second is not sure enough to be learnt, the third is none of the fold's own.
    artefact(made, {"0": ("run-x/fold-0", THREE)}, copies)
    assert validation_images(fold_pseudo_labels(job, 0)) == 1
    assert validation_images(fold_pseudo_labels(job_of(made, use(0.0)), 0)) == 2
    assert len(pseudo_rows(fold_pseudo_labels(job, 0), SILENT)[0]) == 2


def test_facts_tell_contents_and_no_place(make: Callable[..., Made], tmp_path: Path) -> None:
    made = make()
    workspace, _ = made
    job = job_of(made, use())
    folder = artefact(made, {"0": ("run-x/fold-0", THREE)}, of_test(3))

    def identity() -> str:
        samples, folds = job.data.samples, job.data.folds
        return run_id(*made, job.recipe, name="tiny", samples=samples, folds=folds)[0]

    before = identity()
    facts = pseudo_facts(workspace, job.recipe)
    assert str(tmp_path) not in str(facts)
    assert "data/" not in str(facts)
    shutil.rmtree(folder)
    artefact(made, {"0": ("run-x/fold-0", THREE)}, of_test(3))
    assert identity() == before
    shutil.rmtree(folder)
    artefact(made, {"0": ("run-x/fold-0", THREE[::-1])}, of_test(3))
    assert identity() != before
    shutil.rmtree(folder)
    artefact(made, {"0": ("run-x/fold-0", THREE)}, ["data/test/0040.png", *of_test(2)])
    assert identity() != before


def test_by_name_or_by_id_the_same_labels_make_the_same_run(make: Callable[..., Made]) -> None:
    made = make()
    folder = artefact(made, {"0": ("run-x/fold-0", THREE)}, of_test(3))
    ids = []
    for name, threshold in (("theirs", 0.5), (folder.name, 0.5), ("theirs", 0.6)):
        job = job_of(made, use(threshold, name=name))
        samples, folds = job.data.samples, job.data.folds
        ids.append(run_id(*made, job.recipe, name="tiny", samples=samples, folds=folds)[0])
    assert ids[0] == ids[1]
    assert ids[0] != ids[2]


def test_no_confident_label_is_reported(make: Callable[..., Made]) -> None:
    class RecordedProgress(type(SILENT)):  # type: ignore[misc]
        def say(self, message: str) -> None:
            messages.append(message)

    messages: list[str] = []
    made = make()
    folder = artefact(made, {"0": ("run-x/fold-0", THREE)}, of_test(3))
    assert pseudo_rows(fold_pseudo_labels(job_of(made, use(0.9)), 0), RecordedProgress())
    assert not messages
    assert pseudo_rows(fold_pseudo_labels(job_of(made, use(0.95)), 0), RecordedProgress()) == []
    assert messages == [
        f"fold 0 of none: nothing in {folder.name} reaches the threshold 0.95, "
        "so nothing is learnt of it"
    ]


def test_a_missing_artefact_is_reported(make: Callable[..., Made]) -> None:
    made = make()
    with pytest.raises(UsageError, match="no folder of pseudo-labels 'theirs'") as caught:
        pseudo_rows(fold_pseudo_labels(job_of(made, use()), 0), SILENT)
    assert "podium pseudo RUN" in str(caught.value)


@pytest.mark.parametrize("name", ["items.parquet", "fold-0/table.parquet", "fold-0/probs.npy"])
def test_damage_is_reported(make: Callable[..., Made], name: str) -> None:
    made = make()
    folder = artefact(made, {"0": ("run-x/fold-0", THREE)}, of_test(3))
    (folder / name).write_bytes((folder / name).read_bytes()[:40])
    with pytest.raises(DataError, match=r"cannot read|changed since"):
        pseudo_rows(fold_pseudo_labels(job_of(made, use()), 0), SILENT)


def test_pseudo_labels_without_masks_are_refused_by_a_network_of_masks(
    make: Callable[..., Made],
) -> None:
    made = make()
    artefact(made, {"0": ("run-x/fold-0", THREE)}, of_test(3))
    job = job_of(made, use(), "model.heads={segment: {decoder: linear}}")
    with pytest.raises(RecipeError, match="has no pseudo-labels for"):
        pseudo_rows(fold_pseudo_labels(job, 0), SILENT)
