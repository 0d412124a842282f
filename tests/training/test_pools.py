from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recorded_progress import RecordedProgress

from podium.competition.spec import Competition, load_competition
from podium.competition.truths.masks import IGNORE
from podium.errors import RecipeError, RunError
from podium.tasks.protocols.find import pixel_kind
from podium.training.data.pools import FoldPools, fold_pools
from podium.training.data.rows import MaskForm, SampleRows, concatenated, training_rows
from podium.training.data.sampling import LABELLED, UNLABELLED
from podium.training.method import SelectedSamples
from podium.training.pseudo.labelled_by_method import (
    MaskSampling,
    PackedMasks,
    has_label,
    read_selected,
    rows_of_selected,
    write_selected,
)
from podium.training.pseudo.pool import precision_of, write_table
from podium.training.recipe import load_recipe
from podium.training.runs.job import Job, TrainingData
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT

POOLS = {LABELLED, UNLABELLED}


def job_of(workspace: Workspace, competition: Competition, *overrides: str) -> Job:
    recipe = load_recipe(workspace.root / "recipes/tiny.yaml", overrides)
    data = TrainingData.load(workspace, competition)
    return Job(workspace, competition, recipe, data, workspace.runs / "tiny-00000000", {})


def pools_of(job: Job) -> FoldPools:
    return fold_pools(job, 0, training_rows(job, SILENT), POOLS, SILENT)


def unlabelled_too(workspace: Workspace, files: list[Path]) -> Competition:
    """Put copies of `files` among unlabelled images, and name these in the spec."""
    folder = workspace.root / "data/unlabelled"
    folder.mkdir(exist_ok=True)
    for number, file in enumerate(files):
        shutil.copy(file, folder / f"u{number}.png")
    spec = workspace.root / "competition.yaml"
    text = spec.read_text().replace(
        "  test:", "  unlabelled: {images: 'data/unlabelled/*.png'}\n  test:"
    )
    spec.write_text(text)
    return load_competition(workspace.root)


def test_the_labels_of_the_validation_rows_are_in_no_pool(make: Callable) -> None:
    workspace, competition = make()
    job = job_of(workspace, competition)
    _, valid = job.data.rows(0)
    held_out = set(job.data.samples["id"].iloc[valid])
    pools = pools_of(job)
    assert held_out
    assert not held_out & set(pools.rows[LABELLED].ids)
    assert not held_out & set(pools.rows[UNLABELLED].ids)  # by default the fold's own images
    assert pools.rows[UNLABELLED].target == {}
    assert pools.facts == {"labelled": 24, "unlabelled": 24, "validation_images": 0}


def test_planted_validation_images_are_used_without_labels_and_counted(make: Callable) -> None:
    workspace, competition = make()
    job = job_of(workspace, competition)
    _, valid = job.data.rows(0)
    files = [workspace.root / paths[0] for paths in job.data.samples["images"].iloc[valid]]
    planted = unlabelled_too(workspace, files[:5])
    messages: list[str] = []

    class RecordedProgress:
        say = staticmethod(messages.append)
        bar = SILENT.bar

    job = job_of(workspace, planted)
    pools = fold_pools(job, 0, training_rows(job, SILENT), POOLS, RecordedProgress())  # type: ignore[arg-type]
    assert pools.facts["validation_images"] == 5
    assert any("5 of its 12 validation images" in one for one in messages)
    assert pools.rows[UNLABELLED].target == {}
    assert pools.truth is not None
    # They have no labels, so pseudo-labels of them are not measured, either.
    assert (pools.truth[:5] == -1).all()
    assert (pools.truth[5:] >= 0).all()
    assert pools.sources == ["unlabelled"] * 5 + ["train"] * 24


def test_unlabelled_images_are_of_the_parts_that_the_recipe_names(make: Callable) -> None:
    workspace, competition = make()
    job = job_of(workspace, competition, "unlabelled=[test]")
    pools = pools_of(job)
    assert set(pools.sources) == {"test"}
    assert len(pools.rows[UNLABELLED]) == 6
    np.testing.assert_array_equal(pools.rows[UNLABELLED].pixels(0), job_images(job, "test")(0))


def job_images(job: Job, split: str) -> Callable[[int], np.ndarray]:
    from podium.competition.images import read_image

    paths = [paths[0] for paths in job.samples(split)["images"]]  # type: ignore[arg-type]
    return lambda row: read_image(job.competition.root / paths[row])


@pytest.mark.parametrize(
    ("named", "message"), [("[unlabelled]", "in unlabelled\n"), ("[]", "in an empty list\n")]
)
def test_no_unlabelled_image_at_all_is_refused(make: Callable, named: str, message: str) -> None:
    job = job_of(*make(), f"unlabelled={named}")
    with pytest.raises(RecipeError, match=f"without labels {message}"):
        pools_of(job)


def rows(n: int, first: int, *, masks: bool = False) -> SampleRows:
    images = [np.full((4, 4, 3), first + i, np.uint8) for i in range(n)]
    drawn = [np.full((4, 4), first + i, np.uint8) for i in range(n)]
    return SampleRows(
        images=images,  # type: ignore[arg-type]
        at=np.arange(n)[::-1].copy(),
        ids=[f"{first + i}" for i in reversed(range(n))],
        target={"classify": np.arange(first, first + n)[::-1]},
        weight=np.full(n, first, np.float32),
        masks=drawn if masks else None,  # type: ignore[arg-type]
        form=MaskForm(pixel_kind("multiclass"), 3),
        answered={"segment": np.full(n, masks)},
    )


def test_a_share_of_the_unlabelled_images_is_drawn_by_the_seed_and_recorded(make: Callable) -> None:
    workspace, competition = make(n_test=10)

    def drawn(*overrides: str, fold: int = 0) -> tuple[list[str], list[str]]:
        job, told = job_of(workspace, competition, *overrides), RecordedProgress()
        pools = fold_pools(job, fold, training_rows(job, SILENT), POOLS, told)
        rows = pools.rows[UNLABELLED]
        assert pools.facts["unlabelled"] == len(rows)
        return list(rows.ids), told.lines

    whole, nothing = drawn("unlabelled=[test]")
    assert (len(whole), nothing) == (10, [])
    some, told = drawn("unlabelled=[{name: test, share: 0.3}]")
    assert len(some) == 3
    assert [one for one in whole if one in some] == some, "in the order of the data"
    assert any("3 of 10 images of test" in one and "seed 0" in one for one in told)
    assert drawn("unlabelled=[{name: test, share: 0.3}]", fold=1)[0] == some
    others = [drawn("unlabelled=[{name: test, share: 0.3}]", f"seed={s}")[0] for s in (1, 2, 3)]
    assert any(one != some for one in others)
    both, _ = drawn("unlabelled=[train, {name: test, share: 0.3}]")
    assert both[-3:] == some
    assert len(both) > 3
    assert drawn("unlabelled=[{name: test, share: 1}]")[0] == whole
    assert drawn("unlabelled=[{name: test, share: 0.01}]")[0] != []


@pytest.mark.parametrize(
    ("unlabelled", "message"),
    [
        ("[{name: test, share: 0}]", r"share must be in \(0, 1\], got 0"),
        ("[{name: test, share: 1.5}]", r"share must be in \(0, 1\], got 1.5"),
        ("[{name: train, share: 0.5}]", "train"),
        ("[test, {name: test, share: 0.5}]", "test stands more than once"),
    ],
)
def test_an_impossible_share_is_refused(make: Callable, unlabelled: str, message: str) -> None:
    workspace, competition = make(n_test=2)
    with pytest.raises(RecipeError, match=message):
        job_of(workspace, competition, f"unlabelled={unlabelled}")


def test_rows_in_a_row_keep_image_answer_and_weight_together() -> None:
    both = concatenated([rows(3, 10, masks=True), rows(2, 50)])
    assert len(both) == 5
    assert both.ids == ["12", "11", "10", "51", "50"]
    for row, name in enumerate(both.ids):
        assert both.pixels(row)[0, 0, 0] == int(name) == both.target["classify"][row]
        mask = both.mask(row)
        assert (mask is None) if row >= 3 else (mask is not None and mask[0, 0] == int(name))
    assert both.weight.tolist() == [10, 10, 10, 50, 50]
    assert both.answered["segment"].tolist() == [True] * 3 + [False] * 2


def selected() -> SelectedSamples:
    rng = np.random.default_rng(0)
    masks = [rng.integers(0, 3, shape).astype(np.uint8) for shape in ((4, 4), (2, 7))]
    return SelectedSamples(
        index=np.array([2, 0]),
        confidence=np.array([0.9, 0.75], np.float32),
        round=np.array([0, 3]),
        labels=np.array([1, -1]),
        masks=masks,
    )


def test_what_was_selected_comes_back_from_disk(tmp_path: Path) -> None:
    given = selected()
    write_selected(tmp_path / "a.npz", given)
    found = read_selected(tmp_path / "a.npz")
    for name in ("index", "confidence", "round", "labels"):
        np.testing.assert_array_equal(getattr(found, name), getattr(given, name))
        assert getattr(found, name).dtype == getattr(given, name).dtype
    assert found.weight is None
    assert found.masks is not None
    assert given.masks is not None
    for mask, again in zip(given.masks, found.masks, strict=True):
        np.testing.assert_array_equal(mask, again)
    content = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(RunError, match="cannot be read"):
        read_selected(tmp_path / "a.npz")


class Unpacked(PackedMasks):
    """Masks that count how often one is unpacked."""

    n = 0

    def __getitem__(self, at: Any) -> Any:
        Unpacked.n += 1
        return super().__getitem__(at)


def test_selected_masks_stay_packed_until_a_batch_needs_one(tmp_path: Path) -> None:
    masks = Unpacked.of([np.full((300, 400), i, np.uint8) for i in range(3)])
    given = replace(selected(), index=np.arange(3), labels=None, masks=masks)
    write_selected(tmp_path / "a.npz", given)
    assert (tmp_path / "a.npz").stat().st_size < 10_000
    found = rows_of_selected(given, rows(3, 20), rows(2, 0, masks=True))
    assert found is not None
    assert Unpacked.n == 0
    mask = found.mask(1)
    assert mask is not None
    assert (mask == 1).all()
    assert Unpacked.n == 1
    assert isinstance(read_selected(tmp_path / "a.npz").masks, PackedMasks)


def test_nothing_selected_comes_back_from_disk_as_nothing(tmp_path: Path) -> None:
    nothing = np.empty(0, np.int64)
    write_selected(
        tmp_path / "a.npz", SelectedSamples(nothing, nothing.astype("f4"), nothing, masks=[])
    )
    found = read_selected(tmp_path / "a.npz")
    assert len(found) == 0
    assert found.masks is not None
    assert len(found.masks) == 0
    assert rows_of_selected(found, rows(3, 0), rows(2, 0)) is None


def test_selected_samples_are_rows_with_their_pseudo_labels() -> None:
    pool = rows(3, 20)
    found = rows_of_selected(selected(), pool, rows(2, 0, masks=True))
    assert found is not None
    assert found.ids == ["20", "22"]  # rows 2 and 0 of the pool, which is in falling order
    assert [found.pixels(row)[0, 0, 0] for row in range(2)] == [20, 22]
    assert found.target["classify"].tolist() == [1, -1]
    assert found.answered["classify"].tolist() == [True, False]
    mask = found.mask(1)
    assert mask is not None
    assert mask.shape == (2, 7)
    assert found.weight.tolist() == [1, 1]


def test_selected_masks_have_the_facts_that_sampling_needs() -> None:
    unknown = np.full((2, 2), IGNORE, np.uint8)
    masks = [np.array([[0, 2]], np.uint8), np.zeros((3, 3), np.uint8), unknown]
    given = replace(selected(), index=np.arange(3), labels=None, masks=masks)
    labelled = rows(2, 0, masks=True)
    found = rows_of_selected(given, rows(3, 20), labelled, MaskSampling(2, balanced=True))
    assert found is not None
    assert found.empty.tolist() == [False, True, False]  # type: ignore[union-attr]
    assert found.strata.tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 1]]  # type: ignore[union-attr]
    found = rows_of_selected(given, rows(3, 20), labelled, MaskSampling(2, balanced=False))
    assert found is not None
    assert found.empty is not None
    assert found.strata is None


def test_selected_samples_without_a_label_are_in_the_stratum_of_labelled_ones_without() -> None:
    given = replace(selected(), labels=np.array([np.nan, 1.0], np.float32))
    labelled = replace(rows(2, 0), strata=np.array([0, -1]))
    found = rows_of_selected(given, rows(3, 20), labelled)
    assert found is not None
    assert found.strata.tolist() == [-1, 1]  # type: ignore[union-attr]


def test_selected_masks_join_samples_that_have_several_labels_each() -> None:
    labelled = rows(2, 0, masks=True)
    labelled = replace(labelled, target={"classify": np.ones((2, 3), np.float32)})
    found = rows_of_selected(replace(selected(), labels=None), rows(3, 20), labelled)
    assert found is not None
    both = concatenated([labelled, found]).target["classify"]
    np.testing.assert_array_equal(both, [[1] * 3] * 2 + [[np.nan] * 3] * 2)
    assert found.answered["classify"].tolist() == [False, False]


def test_selected_samples_beside_soft_labels_are_sampled_by_their_class() -> None:
    probs = np.array([[0.2, 0.8], [0.7, 0.3]], np.float32)
    labelled = replace(rows(2, 0), target={"classify": probs}, strata=np.array([1, 0]))
    soft = np.array([[0.1, 0.9], [np.nan, np.nan]], np.float32)
    for labels, wanted in ((None, [-1, -1]), (soft, [1, -1]), (np.array([0, 1]), [0, 1])):
        found = rows_of_selected(replace(selected(), labels=labels), rows(3, 20), labelled)
        assert found is not None
        both = concatenated([labelled, found])
        assert both.strata is not None
        assert both.strata.tolist() == [1, 0, *wanted]
        assert both.target["classify"].shape == (4, 2)


def test_precision_is_of_those_whose_truth_is_known() -> None:
    index = np.array([0, 1, 2, 3, 4])
    given = SelectedSamples(index, np.ones(5, np.float32), index, labels=np.array([1, 1, 2, 0, -1]))
    truth = np.array([1, 0, 2, -1, 1])  # right, wrong, right, unknown, no label
    assert precision_of(given, truth) == 2 / 3
    assert precision_of(given, np.full(5, -1)) is None
    assert precision_of(given, None) is None


def test_a_label_is_neither_minus_one_nor_nan() -> None:
    assert has_label(np.array([0, -1, 2])).tolist() == [True, False, True]
    rows = np.array([[np.nan, np.nan], [0.0, np.nan], [1.0, 1.0]])
    assert has_label(rows).tolist() == [False, True, True]


def test_the_table_keeps_what_other_phases_selected(tmp_path: Path) -> None:
    path = tmp_path / "selected.csv"
    about = {
        "ids": ["a", "b", "c"],
        "sources": ["unlabelled", "x", "test"],
        "classes": ["cat", "dog"],
    }
    write_table(path, "first", selected(), **about)
    write_table(path, "second", selected(), **about)
    write_table(path, "second", selected(), **about)  # a phase that ends again after a crash
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["phase"] for line in lines] == ["first"] * 2 + ["second"] * 2
    assert lines[0] == {
        "phase": "first",
        "source": "test",
        "id": "c",
        "label": "dog",
        "confidence": "0.9",
        "round": "1",
    }
    assert lines[1]["label"] == ""
    assert lines[1]["round"] == "4"
