"""Conditions of a collapse, by hand; and folds that diverge or collapse, with their files."""

from __future__ import annotations

import errno
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import command_line
import mask_miniatures
import numpy as np
import pytest
import torch
import yaml
from torch import nn
from training.fold_fits import (
    StepClock,
    fit,
    fit_in_pieces,
    fit_in_steps,
    history,
    job_on,
    tensors,
)

from podium.competition.spec import load_competition
from podium.errors import RunError
from podium.models import checkpoints
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.training.fit import collapse, fold
from podium.training.fit.collapse import (
    EPOCHS_IF_ALIKE,
    EPOCHS_IF_DEAD,
    CollapseSign,
    EpochOutputs,
    update_streaks,
)
from podium.training.fit.fold import fit_fold
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs.job import Deadline, Job
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT


def range_of(rows: list[list[float]]) -> collapse.OutputRange:
    """Return the range of `rows`, passed in parts."""
    found = collapse.OutputRange()
    for part in (rows[:3], [], rows[3:]):
        found.update(torch.tensor(part).reshape(len(part), len(rows[0])))
    return found


# Twelve images, a quarter of them of class 1: the label has a deviation of √(¼ · ¾) = 0.433.
BINARY = image_kind("binary")
MASKS_OF_BINARY = pixel_kind("binary")
MASKS_OF_MULTICLASS = pixel_kind("multiclass")
MASKS_OF_MULTILABEL = pixel_kind("multilabel")
MULTICLASS = image_kind("multiclass")
MULTILABEL = image_kind("multilabel")
REGRESSION = image_kind("regression")
ANSWERS = np.array([0, 0, 0, 1] * 3)
LIMIT = 1e-3 * math.sqrt(0.25 * 0.75)
DEAD = CollapseSign("they differ by 0")


def near(difference: float, n: int = 12) -> list[list[float]]:
    """Return probabilities of two classes that are equal but for one row."""
    rows = [[0.7, 0.3] for _ in range(n)]
    rows[5] = [0.7 - difference, 0.3 + difference]
    return rows


@pytest.mark.parametrize(
    ("kind", "target", "columns"),
    [
        ("multiclass", ANSWERS, 2),
        ("binary", ANSWERS.astype(np.float32), 1),
        ("multilabel", np.stack([ANSWERS, 1.0 - ANSWERS], axis=1), 2),
    ],
)
def test_labels_are_stuck_when_nothing_differs_by_a_thousandth_of_the_truth(
    kind: Any, target: Any, columns: int
) -> None:
    def stuck(difference: float) -> CollapseSign | None:
        rows = [row[:columns] for row in near(difference)]
        return collapse.find_label_collapse(range_of(rows), target, image_kind(kind))

    how = "its probabilities of 12 images differ by {} at most"
    assert stuck(0.0) == CollapseSign(how.format(0), EPOCHS_IF_DEAD)
    assert stuck(0.9 * LIMIT) == CollapseSign(how.format("0.0004"), EPOCHS_IF_ALIKE)
    assert stuck(1.1 * LIMIT) is None


def test_what_differs_by_rounding_alone_is_dead() -> None:
    target, rounding = ANSWERS.astype(np.float32), 1e-3 * LIMIT
    for difference, patience in ((0.5 * rounding, EPOCHS_IF_DEAD), (2 * rounding, EPOCHS_IF_ALIKE)):
        rows = [[0.0]] * 11 + [[difference]]
        found = collapse.find_label_collapse(range_of(rows), target, BINARY)
        assert found is not None
        assert found.patience == patience


def test_a_rare_class_needs_little_difference() -> None:
    # One positive of 1,000: an output of 0.001 here and 0.0011 there means that it has learnt.
    target = np.zeros(1000, dtype=np.float32)
    target[7] = 1
    rows = [[0.001] for _ in range(1000)]
    rows[7] = [0.0011]
    assert collapse.find_label_collapse(range_of(rows), target, BINARY) is None


def test_missing_labels_do_not_count() -> None:
    target = np.stack([ANSWERS, np.full(12, np.nan)], axis=1)
    assert collapse.find_label_collapse(range_of(near(0.0)), target, MULTILABEL) is not None
    nothing = np.full((12, 2), -1.0)
    assert collapse.find_label_collapse(range_of(near(0.0)), nothing, MULTILABEL) is None


def test_few_rows_and_a_single_label_are_never_a_collapse() -> None:
    few = range_of(near(0.0, n=9))
    assert collapse.find_label_collapse(few, ANSWERS[:9], MULTICLASS) is None
    alike = range_of(near(0.0))
    assert collapse.find_label_collapse(alike, np.ones(12, dtype=np.int64), MULTICLASS) is None
    assert collapse.find_label_collapse(alike, np.ones(12), REGRESSION) is None
    assert collapse.find_label_collapse(collapse.OutputRange(), ANSWERS, MULTICLASS) is None


def test_values_are_stuck_only_when_they_are_equal_but_for_rounding() -> None:
    # Of prices in thousands a network predicts about 0 for a long time: that is slow, not stuck.
    target = np.arange(12) * 1000.0
    small = [[0.01 + 1e-5 * i] for i in range(12)]
    assert collapse.find_label_collapse(range_of(small), target, REGRESSION) is None
    for one in (250.0, 0.0):
        found = collapse.find_label_collapse(range_of([[one]] * 12), target, REGRESSION)
        assert found == CollapseSign("its values of 12 images differ by 0 at most", EPOCHS_IF_DEAD)


def counts(*rows: tuple[int, int]) -> np.ndarray:
    """Return counts of images of one class; `rows` are predicted and true pixels of it."""
    return np.array([[[0, 64 - p, 64 - t, 64], [0, p, t, 64]] for p, t in rows])


PIXELS = 2 * 64
SPOT = 5 / PIXELS
OF_SPOT = math.sqrt(SPOT * (1 - SPOT))


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
@pytest.mark.parametrize(
    ("high", "patience"),
    [
        (0.1 + 0.9e-6 * OF_SPOT, EPOCHS_IF_DEAD),
        (0.1 + 0.9e-3 * OF_SPOT, EPOCHS_IF_ALIKE),
        (0.24, EPOCHS_IF_ALIKE),
        (0.26, None),  # another threshold would find it
    ],
)
def test_masks_are_stuck_when_all_are_empty_and_should_not_be(
    kind: Any, high: float, patience: int | None
) -> None:
    found = collapse.OutputRange()
    found.update(torch.tensor([[0.1], [high]], dtype=torch.float64))

    def stuck(*rows: tuple[int, int]) -> CollapseSign | None:
        return collapse.find_mask_collapse(found, counts(*rows), pixel_kind(kind))

    empty = stuck((0, 5), (0, 0))
    assert (None if empty is None else empty.patience) == patience
    if empty is not None:
        assert "2 images are all empty, and 1 should not be; the likeliest pixel" in empty.how
    assert stuck((0, 5), (1, 0)) is None
    assert stuck((0, 0), (0, 0)) is None


def test_of_multilabel_masks_every_layer_is_a_class() -> None:
    layers, flat = counts((0, 5)), collapse.OutputRange()
    flat.update(torch.full((2, 2), 0.1))
    layers[0, 0] = [0, 0, 9, 64]
    assert collapse.find_mask_collapse(flat, layers, MASKS_OF_MULTILABEL) is not None
    layers[0, 0, 1] = 3
    assert collapse.find_mask_collapse(flat, layers, MASKS_OF_MULTILABEL) is None


def test_probabilities_of_pixels_are_of_classes_and_not_of_background() -> None:
    logits = torch.zeros(1, 3, 1, 2)
    logits[0, :, 0, 0] = torch.tensor([9.0, 0.0, 1.0])
    logits[0, :, 0, 1] = torch.tensor([2.0, 0.0, -1.0])
    sums = [math.exp(9) + 1 + math.exp(1), math.exp(2) + 1 + math.exp(-1)]
    low, high = collapse.class_ranges(logits, MASKS_OF_MULTICLASS).tolist()
    assert low == pytest.approx([1 / sums[0], math.exp(1) / sums[0]])
    assert high == pytest.approx([1 / sums[1], math.exp(-1) / sums[1]])
    low, high = collapse.class_ranges(logits[:, 2:], MASKS_OF_BINARY).tolist()
    assert low + high == pytest.approx([1 / (1 + math.exp(-z)) for z in (-1, 1)])


def test_a_streak_ends_with_a_difference_and_begins_anew_with_a_lower_loss() -> None:
    def run(*epochs: tuple[float, bool]) -> list[int]:
        streaks: Any = {}
        lengths = []
        for loss, is_stuck in epochs:
            streaks = update_streaks(
                streaks, {"classify": EpochOutputs(loss, DEAD if is_stuck else None)}
            )
            lengths.append(streaks.get("classify", (0, 0.0))[0])
        return lengths

    assert run((1.0, True), (1.0, True), (1.2, True)) == [1, 2, 3]
    assert run((1.0, True), (1.0, False), (1.0, True)) == [1, 0, 1]
    assert run((1.0, True), (0.9995, True), (0.9985, True), (0.9985, True)) == [1, 2, 1, 2]
    assert run((-1.0, True), (-1.002, True)) == [1, 1]


def test_each_task_has_its_own_streak() -> None:
    alike, fine = EpochOutputs(1.0, DEAD), EpochOutputs(1.0)
    streaks = update_streaks({}, {"classify": fine, "segment": alike})
    streaks = update_streaks(
        update_streaks(streaks, {"classify": alike, "segment": alike}), {"segment": alike}
    )
    assert streaks == {"segment": (3, 1.0)}
    assert collapse.collapsed_task(streaks, {"segment": alike}) == "segment"
    unsure = {"segment": EpochOutputs(1.0, CollapseSign("…", EPOCHS_IF_ALIKE))}
    assert collapse.collapsed_task(streaks, unsure) is None
    assert collapse.collapsed_task({"segment": (EPOCHS_IF_ALIKE, 1.0)}, unsure) == "segment"
    assert collapse.collapsed_task({"classify": (2, 1.0)}, {"classify": alike}) is None


def test_weights_and_statistics_must_be_numbers_and_other_buffers_need_not() -> None:
    layer = nn.BatchNorm1d(2)
    layer.register_buffer("mask", torch.tensor([-math.inf]))
    assert collapse.are_finite(collapse.trained_tensors(layer))
    layer.running_var[1] = math.inf
    assert not collapse.are_finite(collapse.trained_tensors(layer))
    layer.reset_running_stats()
    layer.weight.data[0] = math.nan
    assert not collapse.are_finite(collapse.trained_tensors(layer))
    assert collapse.are_finite([])


# A method of the workspace: after so many epochs of its phase it zeroes the head, again and again.
FADING = """\
from podium.training.methods.supervised import METHOD as SUPERVISED


class FadingOptions(SUPERVISED.Options):
    after: int = 0


class METHOD(SUPERVISED):
    Options = FadingOptions

    def after_step(self, step):
        if step.epoch >= self.options.after:
            for weight in self.network.heads.parameters():
                weight.data.zero_()
"""
LONG = "phases=[{name: first, epochs: 1}, {name: second, epochs: %d, method: %s}]"


def job_of(made: tuple[Workspace, Any], *overrides: str) -> Job:
    workspace, competition = made
    (workspace.root / "fading.py").write_text(FADING)
    return job_on(workspace, competition, load_recipe(workspace.recipes / "tiny.yaml", overrides))


def stopped(job: Job, **options: Any) -> str:
    """Fit fold 0, which must be stopped, and return the error."""
    with pytest.raises(RunError) as caught:
        fit_fold(job, 0, deadline=Deadline(None), progress=SILENT, **options)
    assert not job.files(0).is_done
    return str(caught.value)


def test_the_error_has_what_happened_apart_from_what_to_do(make: Callable) -> None:
    job = job_of(make(), LONG % (9, "{name: 'fading:METHOD', after: 2}"))
    with pytest.raises(collapse.CollapsedError) as caught:
        fit_fold(job, 0, deadline=Deadline(None), progress=SILENT)
    # A process of its own sends it as bytes.
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert error.what.startswith("classify collapsed in epoch 5 of phase second")
        assert "same command" not in error.what
        assert error.phase == "second"
        assert error.fix == caught.value.fix


def kept(job: Job) -> dict[str, Any]:
    return checkpoints.load(job.files(0).resume)


def test_predictions_that_fade_stop_the_run_and_leave_the_state_from_before(make: Callable) -> None:
    job = job_of(make(), LONG % (9, "{name: 'fading:METHOD', after: 2}"))
    message = stopped(job, checkpoint_every_s=0.0)
    assert "classify collapsed in epoch 5 of phase second" in message
    assert "its probabilities of 12 images differ by 0 at most, for 3 epochs" in message
    assert "the state after epoch 2 of phase second is kept" in message
    assert "fix: lower optimizer.lr, or let it rise" in message
    assert "a lower weight" not in message
    # All five epochs are recorded, and the weights are those of a network that varies.
    assert len(history(job)) == 6
    state = kept(job)["training_state"]
    assert (state["phase"], state["epoch"], state["stuck"]) == (1, 2, {})
    assert not job.files(0).good.exists()
    # The same command goes on from there, and sees the same.
    assert "epoch 5 of phase second" in stopped(job, checkpoint_every_s=0.0)


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("has_links", [True, False])
@pytest.mark.parametrize("stops", [True, False])
def test_what_is_kept_are_the_weights_of_the_epoch_before_and_not_of_its_middle(
    stops: bool, has_links: bool, make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    if not has_links:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    recipe = LONG % (9, "{name: 'fading:METHOD', after: 2}")
    good, job = job_of(make("good"), recipe), job_of(make(), recipe)
    # Three epochs of three steps, and no time for a fourth.
    assert fit_in_pieces(good, 11.5, most=1) == 1
    assert (kept(good)["training_state"]["epoch"], kept(good)["training_state"]["step"]) == (2, 0)
    if stops:
        with pytest.raises(RunError, match="collapsed in epoch 5 of phase second"):
            fit_in_steps(job)
    else:
        stopped(job, checkpoint_every_s=0.0)
    assert kept(job)["training_state"]["stuck"] == {}
    assert tensors(job.files(0).resume) == tensors(good.files(0).resume)
    assert not {"before.pt", "good.pt"} & {file.name for file in job.files(0).folder.iterdir()}


def test_a_first_epoch_that_is_alike_leaves_nothing_of_its_middle(make: Callable) -> None:
    job = job_of(make(), "phases=[{name: a, epochs: 9, method: {name: 'fading:METHOD'}}]")
    assert "nothing was saved before" in stopped(job, checkpoint_every_s=0.0)
    assert not job.files(0).resume.exists()


def test_two_epochs_of_silence_are_forgiven(make: Callable) -> None:
    job = job_of(make(), LONG % (4, "{name: 'fading:METHOD', after: 2}"))
    fit(job)
    assert not job.files(0).good.exists()


def test_a_head_with_constant_output_stops_in_the_third_epoch(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spoil(monkeypatch, "classify", lambda head: [p.data.zero_() for p in head.parameters()])
    job = job_of(make(), "phases=[{name: only, epochs: 8, freeze: [classify]}]")
    message = stopped(job)
    assert "in epoch 3 of phase only" in message
    assert "from 1.099 to 1.099" in message  # log 3
    # The first epoch was alike as well: nothing from before it was saved.
    assert "nothing was saved before, so the same command begins anew" in message
    assert not job.files(0).resume.exists()


def test_a_regression_that_predicts_one_number_is_stopped(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spoil(monkeypatch, "classify", lambda head: [p.data.zero_() for p in head.parameters()])
    job = job_of(make(kind="regression"), "phases=[{name: a, epochs: 8, freeze: [classify]}]")
    assert "its values of 12 images differ by 0 at most" in stopped(job)


def _spoil(monkeypatch: pytest.MonkeyPatch, task: str, spoil: Callable[[Any], Any]) -> None:
    """Spoil the head of every network that is built."""
    build = fold.build_network_of

    def spoilt(*given: Any, **options: Any) -> Any:
        network = build(*given, **options)
        spoil(network.heads[task])
        return network

    monkeypatch.setattr(fold, "build_network_of", spoilt)


def masks_job(root: Path, **changes: Any) -> Job:
    miniature = mask_miniatures.pictures_and_masks(root / "data")
    (root / "competition.yaml").write_text(yaml.safe_dump(miniature.spec, sort_keys=False))
    recipe = {
        "model": {
            "backbone": "cnn",
            "pretrained": False,
            "options": {"widths": [8, 16]},
            "heads": {"classify": {}, "segment": {"decoder": "linear"}},
        },
        "input": {"size": 32, "train": "weak"},
        "optimizer": {"lr": 1e-2},
        "batch_size": 4,
        "phases": [{"name": "only", "epochs": 8}],
        **changes,
    }
    return job_on(Workspace(root), load_competition(root), Recipe.model_validate(recipe))


def only_background(head: nn.Module) -> None:
    """Make a head of masks predict background, with 20 more than any other class."""
    last = [one for one in head.modules() if isinstance(one, nn.Conv2d)][-1]
    assert last.bias is not None
    last.bias.data[0] += 20


@pytest.mark.parametrize("frozen", [True, False])
def test_a_head_that_predicts_background_is_stopped_only_if_it_does_not_learn(
    frozen: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spoil(monkeypatch, "segment", only_background)
    freeze = ["segment", "backbone"] if frozen else []
    job = masks_job(tmp_path / "ws", phases=[{"name": "only", "epochs": 5, "freeze": freeze}])
    if not frozen:
        fit(job)
        return
    message = stopped(job)
    assert "segment collapsed in epoch 3 of phase only" in message
    assert "are all empty" in message
    assert "empty_share" in message


def test_a_task_that_the_phase_does_not_learn_is_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spoil(monkeypatch, "segment", only_background)
    phase = {"name": "labels", "epochs": 4, "loss": {"classify": {"ce": 1}}}
    fit(masks_job(tmp_path / "ws", phases=[{**phase, "freeze": ["segment"]}]))


def test_weights_that_are_no_numbers_replace_no_checkpoint(make: Callable) -> None:
    good, bad = (
        "{name: good, epochs: 2}",
        "{name: bad, epochs: 3, optimizer: {name: sgd, lr: 1e30}}",
    )
    job = job_of(make(), f"phases=[{good}, {bad}]")
    for _ in range(2):  # the second time from the checkpoint
        message = stopped(job, checkpoint_every_s=0.0)
        assert "of phase bad" in message
        assert "is kept, from which the same command goes on (resume.pt)" in message
        assert "model.from" in message
        tensors = [one for one in kept(job)["network"].values() if one.is_floating_point()]
        assert all(one.isfinite().all() for one in tensors)
        assert len(history(job)) == 2


def test_a_run_that_diverges_at_once_reports_that_nothing_is_kept(make: Callable) -> None:
    job = job_of(make(), "optimizer={name: sgd, lr: 1e30}")
    assert "nothing was saved before" in stopped(job)
    assert not job.files(0).resume.exists()


def test_weights_that_are_lost_in_the_last_step_are_not_handed_in(make: Callable) -> None:
    # A refit on all rows has no validation loss.
    one = "{name: a, epochs: 1, steps_per_epoch: 1, loss: {classify: {ce: 1e6}}}"
    job = job_of(make(), f"phases=[{one}]", "optimizer={name: sgd, lr: 1e38}")
    with pytest.raises(RunError, match="weights became nan or infinite in epoch 1 of phase a"):
        fit(job, "full")


def test_a_good_state_is_there_after_the_first_epoch(make: Callable) -> None:
    job = job_of(make(), LONG % (6, "{name: 'fading:METHOD', after: 0}"))
    assert "the state after epoch 1 of phase first is kept" in stopped(job)


@pytest.mark.parametrize(
    ("threshold", "epochs", "noted"), [(1.0, 5, True), (0.1, 5, False), (1.0, 4, False)]
)
def test_a_method_that_keeps_nothing_is_noted_and_not_stopped(
    threshold: float, epochs: int, noted: bool, make: Callable
) -> None:
    notes: list[str] = []

    class RecordedProgress(StepClock):
        def say(self, message: str) -> None:
            notes.append(message)

    method = f"method: {{name: fixmatch, ratio: 1, threshold: {threshold}}}"
    phase = f"{{name: a, epochs: {epochs}, steps_per_epoch: 1, {method}}}"
    job = job_of(make(), f"phases=[{phase}]", "unlabelled=[train, test]")
    fit_fold(job, 0, deadline=Deadline(None), progress=RecordedProgress())
    found = [
        one for one in notes if "phase a fixmatch kept 0.00% of its predictions at most" in one
    ]
    assert bool(found) == noted


def test_the_command_ends_with_a_message_and_no_traceback(make: Callable) -> None:
    workspace, _ = make()
    words = ("train", "tiny", "-o", "optimizer={name: sgd, lr: 1e6}", "--folds", "0")
    for _ in range(2):
        printed = command_line.podium(workspace.root, *words, code=1)
        assert "became nan" in printed or "became inf" in printed
        assert "Traceback" not in printed
