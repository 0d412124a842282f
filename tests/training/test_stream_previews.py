"""Previews of a training's views, against the batches of its method."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from training.fold_fits import fit, fit_in_steps, left_behind
from training.method_recipes import job_of, write

from podium.competition.truths.pixels import RGB8
from podium.errors import RecipeError, RunError
from podium.predictions.snapshots import StreamPreview, preview_file, preview_folds, read_previews
from podium.tasks.protocols.find import image_kind
from podium.training.data.sampling import Stream, ViewSpec
from podium.training.data.streams import HostBatch, StackedViews
from podium.training.fit import fold, phase_run
from podium.training.fit.callbacks import SAMPLES, SIDE_PX, FirstBatches
from podium.training.method import Step
from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.job import Deadline, Job
from podium.workspace.progress import SILENT

FIRST = Step(seed=0, phase=0, epoch=0, index=0, micro=0, per_epoch=1, total=1)


class RecordedProgress:
    """Progress that keeps the messages."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.bar = SILENT.bar

    def say(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture(scope="module")
def given() -> list[tuple[Step, dict[str, Any]]]:
    """Return a list that `whole` fills: each step, and the batches that the method was given."""
    return []


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, given: list[Any]) -> Job:
    """Return a finished fold of UniMatch, of labelled and unlabelled streams with masks."""
    job = job_of(write("unimatch_v2", tmp_path_factory.mktemp("whole") / "ws"))
    patch, forward = pytest.MonkeyPatch(), phase_run._Learner.forward

    def spying(self: Any, work: Any) -> Any:
        given.append((work.step, work.batches))
        return forward(self, work)

    patch.setattr(phase_run._Learner, "forward", spying)
    fit(job)
    patch.undo()
    return job


def test_the_first_samples_of_every_view_are_what_the_method_was_given(
    whole: Job, given: list[tuple[Step, dict[str, Any]]]
) -> None:
    kept = {one.name: one for one in read_previews(whole.run, 0)}
    step, batches = given[0]
    assert step.index == 0
    assert set(kept) == set(batches)
    assert len(kept) == 2
    network, _ = fold.start_of_phase(whole, 0, 0, progress=SILENT)
    mean, std = (torch.tensor(one).view(1, 3, 1, 1) for one in (network.mean, network.std))
    n_masks = 0
    for name, batch in batches.items():
        seen = kept[name]
        assert (seen.phase, seen.step) == (1, 1)
        assert [one.name for one in seen.views] == list(batch.views)
        for view in seen.views:
            images = (batch.views[view.name] * std + mean).permute(0, 2, 3, 1) * 255
            expected = images.round().to(torch.uint8).numpy()[:SAMPLES]
            np.testing.assert_array_equal(view.images, expected)
            assert (view.masks is not None) == (view.name in batch.masks)
            if view.masks is not None:
                n_masks += 1
                truth = batch.masks[view.name][:SAMPLES].numpy()
                found = view.masks.astype(int)
                np.testing.assert_array_equal(np.where(found == 255, -1, found), truth)
    assert n_masks > 0
    assert len({view.policy for view in kept["unlabelled"].views}) > 1


def test_previews_have_the_samples_ids_and_labels(whole: Job) -> None:
    samples, names = whole.data.samples.set_index("id")["label"], whole.competition.label_names
    kept = {one.name: one for one in read_previews(whole.run, 0)}
    labelled = kept["labelled"]
    assert labelled.labels == [names[int(samples[one])] for one in labelled.ids]
    assert len(set(labelled.ids)) == len(labelled.ids) == len(labelled.views[0].images)
    assert set(kept["unlabelled"].labels) == {""}


def test_weights_are_the_same_to_the_bit_without(
    whole: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "with_first_batches", lambda plans, *_: plans)
    other = job_of(write("unimatch_v2", tmp_path / "ws"))
    fit(other)
    assert preview_folds(other.run) == []
    assert left_behind(other) == left_behind(whole)


@pytest.mark.slow
def test_a_training_in_pieces_keeps_the_same_and_writes_no_file_twice(
    whole: Job, tmp_path: Path
) -> None:
    other = job_of(write("unimatch_v2", tmp_path / "ws"))
    assert fit_in_steps(other, most=1) == 1
    files = [preview_file(other.run, 0, 1, name) for name in ("labelled", "unlabelled")]
    ours, theirs = (read_previews(job.run, 0) for job in (whole, other))
    assert [one.ids for one in ours] == [one.ids for one in theirs]
    for one, same in zip(ours, theirs, strict=True):
        for view, again in zip(one.views, same.views, strict=True):
            np.testing.assert_array_equal(view.images, again.images)
    for file in files:
        file.write_bytes(b"kept")
    assert fit_in_steps(other) > 1
    assert [file.read_bytes() for file in files] == [b"kept", b"kept"]
    with pytest.raises(RunError, match="damaged"):
        read_previews(other.run, 0)


def test_only_the_fold_that_comes_first_keeps_something(whole: Job) -> None:
    plans = fold.with_first_batches([], whole, 1, SILENT)
    assert plans == []
    assert preview_folds(whole.run) == ["0"]
    plan: Any = phase_run.PhasePlan(*[None] * 7)  # type: ignore[arg-type]
    assert fold.with_first_batches([plan], whole, 1, SILENT)[0].witness is None
    assert fold.with_first_batches([plan], whole, 0, SILENT)[0].witness is not None


def test_a_file_that_cannot_be_written_is_reported_once_and_stops_nothing(tmp_path: Path) -> None:
    job = job_of(write("supervised", tmp_path / "ws"))
    job.files(0).folder.mkdir(parents=True)
    (job.files(0).folder / "seen").write_text("in the way")
    heard = RecordedProgress()
    fold.fit_fold(job, 0, deadline=Deadline(None), progress=heard)
    assert job.files(0).is_done
    told = [one for one in heard.said if "stream" in one]
    assert len(told) == 1
    assert "no preview of stream labelled" in told[0]


def noted(
    tmp_path: Path,
    images: np.ndarray,
    *,
    masks: np.ndarray | None = None,
    targets: torch.Tensor | None = None,
    **options: Any,
) -> StreamPreview:
    """Return what is kept of a batch that is made by hand."""
    stacks = StackedViews({"weak": torch.from_numpy(images)}, {}, {}, {})
    if masks is not None:
        stacks.masks["weak"] = torch.from_numpy(masks)
    found = {} if targets is None else {"classify": targets}
    batch = HostBatch(stacks, np.arange(len(images)), found, torch.ones(len(images)), None)
    asked = {"pixels": RGB8, "kind": image_kind("multiclass"), "classes": ["a", "b"], **options}
    witness = FirstBatches(FoldFiles(tmp_path, "full"), progress=SILENT, **asked)
    stream = Stream("a/b %", len(images), views=(ViewSpec("weak"),))
    assert witness.is_due(0, "a/b %")
    assert not witness.is_due(0, "a/b %")
    witness.note(FIRST, stream, batch, [f"id {row}" for row in range(len(images))])
    (seen,) = read_previews(tmp_path, "full")
    return seen


def test_large_views_are_made_smaller_and_masks_with_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (8, 192, 384, 3), dtype=np.uint8)
    masks = rng.integers(0, 3, (8, 192, 384), dtype=np.uint8)
    seen = noted(tmp_path, images, masks=masks)
    assert seen.name == "a/b %"
    assert seen.ids == [f"id {row}" for row in range(SAMPLES)]
    view = seen.views[0]
    assert view.images.shape == (SAMPLES, SIDE_PX // 2, SIDE_PX, 3)
    blocks = images[:SAMPLES].reshape(SAMPLES, 48, 4, 96, 4, 3).astype(float).mean(axis=(2, 4))
    assert np.abs(view.images - blocks).max() <= 0.5 + 1e-9
    assert view.masks is not None
    for sample, row, column in [(0, 0, 0), (3, 47, 95), (5, 20, 31)]:
        assert view.masks[sample, row, column] == masks[sample, 4 * row + 2, 4 * column + 2]


@pytest.mark.parametrize(
    ("kind", "targets", "labels"),
    [
        ("multiclass", torch.tensor([1, -1]), ["b", ""]),
        ("multiclass", torch.tensor([[0.2, 0.8], [torch.nan, torch.nan]]), ["b", ""]),
        ("multilabel", torch.tensor([[1.0, 1.0], [0.0, torch.nan]]), ["a, b", ""]),
        ("regression", torch.tensor([2.5, torch.nan]), ["2.5", ""]),
        (None, torch.tensor([1, 0]), ["", ""]),
    ],
)
def test_targets_are_printed_by_name(
    tmp_path: Path, kind: Any, targets: torch.Tensor, labels: list[str]
) -> None:
    images = np.zeros((2, 4, 4, 3), dtype=np.uint8)
    assert noted(tmp_path, images, targets=targets, kind=kind and image_kind(kind)).labels == labels


def test_a_run_that_is_refused_in_its_first_step_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise RecipeError("never")

    job = job_of(write("supervised", tmp_path / "ws"))
    monkeypatch.setattr(phase_run._Learner, "forward", refuse)
    with pytest.raises(RecipeError, match="never"):
        fit(job)
    assert preview_folds(job.run) == []
