"""Validation by hand: losses over rows with targets; whole images, each pixel once."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.tasks.protocols.find import pixel_kind
from podium.training.data.augment import build_eval
from podium.training.data.crops import CropPlan
from podium.training.data.rows import MaskForm, SampleRows
from podium.training.data.streams import Normaliser
from podium.training.fit.validation import Validation, plain_masks
from podium.training.inference.images import EvalImages
from podium.training.recipe import Input

PLAIN = Normaliser((0, 0, 0), (1, 1, 1))
N, SIDE = 7, 8
CHANNELS = {"binary": 1, "multiclass": 3, "multilabel": 2}


class Store(list):  # type: ignore[type-arg]
    """Arrays with windows, as the cache has them."""

    def window(self, index: int) -> Any:
        return self[index]


class Colours(nn.Module):
    """The logits of a pixel are its colours, of an image the mean of its colours."""

    def __init__(self, kind: str, label_outputs: int = 3) -> None:
        super().__init__()
        self.kind, self.label_outputs = kind, label_outputs

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        centred = images - 0.5
        return {
            "classify": centred.mean(dim=(2, 3))[:, : self.label_outputs],
            "segment": centred[:, : CHANNELS[self.kind]],
        }


def objective(task: str) -> Any:
    """Return a stand-in for the losses of a task: the mean logit of the samples with an answer."""

    def call(logits: dict[str, Tensor], targets: dict[str, Tensor]) -> dict[str, Tensor]:
        (predicted,), (target,) = [logits[task]], [targets[task]]
        known = ((target >= 0) & ~target.float().isnan()).reshape(len(target), -1).any(dim=1)
        return {"total": predicted.reshape(len(predicted), -1).mean(dim=1)[known].mean()}

    return call


def competition(kind: str = "multiclass", **changes: Any) -> Competition:
    spec = {
        "name": "x",
        "tasks": {"classify": "multiclass", "segment": kind},
        "classes": ["a", "b", "c"] if kind == "binary" else ["a", "b"],
        "data": {
            "train": {"table": "t.csv", "id": "id", "images": "{id}", "label": "l", "mask": "m"},
            "test": {"images": "*.png"},
        },
        "metric": {"name": "mean_dice"},
        **changes,
    }
    return Competition.model_validate(json.loads(json.dumps(spec)))


def rows_of(kind: str = "multiclass", shapes: tuple[tuple[int, int], ...] = ()) -> SampleRows:
    """Return images of noise; some without a mask, some without a label."""
    rng = np.random.default_rng(5)
    images, masks = Store(), Store()
    for height, width in shapes or ((SIDE, SIDE),) * N:
        images.append(rng.integers(0, 255, (height, width, 3)).astype(np.uint8))
        size = (height, width, 2) if kind == "multilabel" else (height, width)
        highest = 3 if kind == "multiclass" else 2
        mask = rng.integers(0, highest, size).astype(np.uint8)
        mask[rng.random(mask.shape) < 0.1] = 255
        masks.append(mask)
    n = len(images)
    masks[2] = None
    label = np.arange(n) % 2
    label[3] = -1
    return SampleRows(
        images=images,
        at=np.arange(n)[::-1].copy(),
        ids=[str(i) for i in range(n)],
        target={"classify": label[::-1].copy()},
        weight=np.ones(n, dtype=np.float32),
        masks=masks,
        form=MaskForm(pixel_kind(kind), CHANNELS[kind]),  # type: ignore[arg-type]
        answered={
            "classify": (label >= 0)[::-1],
            "segment": np.array([mask is not None for mask in masks])[::-1],
        },
    )


def validation(
    rows: SampleRows,
    of: Competition,
    *,
    tasks: Any = ("classify", "segment"),
    batch_size: int = 3,
    fit: Any = "resize",
) -> Validation:
    view = build_eval(Input(size=SIDE, fit=fit))
    images = EvalImages(rows, view, batch_size=batch_size, with_masks="segment" in tasks)
    truth = rows.target["classify"] if "classify" in tasks else None
    return Validation(images, of, tasks, truth=truth, where="fold 0")


def by_hand(rows: SampleRows, kind: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the masks that are known and what `Colours` decides on them."""
    truths, decisions = [], []
    for at in rows.at:
        mask = rows.masks[at]  # type: ignore[index]
        if mask is None:
            continue
        bright = rows.images[at].astype(float) / 255 - 0.5
        decided = {
            "binary": bright[..., 0] >= 0,
            "multiclass": bright.argmax(axis=2),
            "multilabel": bright[..., :2] >= 0,
        }[kind]
        truths.append(mask)
        decisions.append(decided.astype(np.uint8))
    return truths, decisions


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_masks_are_scored_image_by_image_and_those_that_are_missing_are_not(
    kind: str, batch_size: int
) -> None:
    rows = rows_of(kind)
    of = competition(kind, metric={"name": "mean_dice", "empty": "zero"})
    judge = validation(rows, of, batch_size=batch_size).evaluate
    judgement = judge(Colours(kind), {}, PLAIN)
    truths, decisions = by_hand(rows, kind)
    expected = metrics.score("mean_dice", truths, decisions, empty="zero", kind=kind, n_classes=2)
    assert judgement.scores()["mean_dice"] == pytest.approx(expected, abs=1e-12)
    assert list(judgement.scores()) == ["mean_dice", "accuracy"]
    assert judgement.loss is None


def test_labels_are_scored_where_they_are_known() -> None:
    rows = rows_of()
    scores = validation(rows, competition()).evaluate(Colours("multiclass"), {}, PLAIN).scores()
    means = [rows.images[at].reshape(-1, 3).mean(axis=0).argmax() for at in rows.at]
    known = rows.target["classify"] >= 0
    expected = (np.array(means) == rows.target["classify"])[known].mean()
    assert scores["accuracy"] == pytest.approx(expected)


@pytest.mark.parametrize("batch_size", [1, 2, 5, 100])
def test_the_loss_of_masks_is_a_mean_over_samples_with_a_mask(batch_size: int) -> None:
    rows = rows_of()
    objectives = {"segment": objective("segment"), "classify": objective("classify")}
    loss = (
        validation(rows, competition(), batch_size=batch_size)
        .evaluate(Colours("multiclass"), objectives, PLAIN)
        .loss
    )
    bright = [float(image.mean()) / 255 - 0.5 for image in rows.images]
    masks = np.mean([one for one, mask in zip(bright, rows.masks, strict=True) if mask is not None])  # type: ignore[arg-type]
    labels = np.mean([one for i, one in enumerate(bright) if i != 3])
    assert loss == pytest.approx(masks + labels, abs=1e-5)


def test_only_what_the_phase_learns_is_in_the_loss() -> None:
    judged = validation(rows_of(), competition())
    predicted = [
        judged.evaluate(Colours("multiclass"), {task: objective(task)}, PLAIN).loss
        for task in ("classify", "segment")
    ]
    both = {task: objective(task) for task in ("classify", "segment")}
    assert judged.evaluate(Colours("multiclass"), both, PLAIN).loss == pytest.approx(sum(predicted))


def test_an_image_in_windows_is_scored_as_the_whole_image() -> None:
    shapes = ((20, 9), (8, 8), (5, 30), (17, 16), (8, 24), (3, 3), (16, 16))
    rows = rows_of("multiclass", shapes)
    tiled = replace(rows, tiles=CropPlan((SIDE, SIDE), [shapes[at] for at in rows.at]))
    judge = validation(tiled, competition(), tasks=["segment"], fit="tile").evaluate
    truths, decisions = by_hand(rows, "multiclass")
    expected = metrics.score("mean_dice", truths, decisions, kind="multiclass", n_classes=2)
    scores = judge(Colours("multiclass"), {}, PLAIN).scores()
    assert scores == {"mean_dice": pytest.approx(expected, abs=1e-12)}


def test_a_task_without_targets_is_not_scored_and_the_leading_one_must_have_some() -> None:
    rows = rows_of()
    nobody = {**rows.answered, "classify": np.zeros(N, dtype=bool)}
    judged = validation(replace(rows, answered=nobody), competition())
    assert judged.names == ["mean_dice"]
    nobody = {**rows.answered, "segment": np.zeros(N, dtype=bool)}
    with pytest.raises(DataError, match="none of the rows to validate on has a mask"):
        validation(replace(rows, answered=nobody), competition())
    other = competition(metric={"name": "accuracy", "task": "classify"})
    assert validation(replace(rows, answered=nobody), other).names == ["accuracy"]
    nobody = {**rows.answered, "classify": np.zeros(N, dtype=bool)}
    with pytest.raises(DataError, match="has a label"):
        validation(replace(rows, answered=nobody), other)


def test_the_scored_task_leads_and_the_other_one_follows_where_it_has_no_head() -> None:
    by_labels = competition(metric={"name": "log_loss", "task": "classify"})
    assert validation(rows_of(), by_labels).names == ["log_loss", "mean_dice"]
    assert not validation(rows_of(), by_labels).is_better(0.5, 0.4)
    assert validation(rows_of(), competition()).names == ["mean_dice", "accuracy"]
    assert validation(rows_of(), competition()).is_better(0.5, 0.4)
    assert validation(rows_of(), by_labels, tasks=["segment"]).names == ["mean_dice"]


def test_a_score_of_masks_that_is_undefined_here_is_nan_and_stops_nothing() -> None:
    rows = rows_of()
    for mask in rows.masks:  # type: ignore[attr-defined]
        if mask is not None:
            mask[mask == 2] = 0
    of = competition(metric={"name": "mean_iou", "over": "class", "empty": "error"})
    network = Colours("multiclass")
    network.forward = lambda images: {  # type: ignore[method-assign]
        "classify": images.mean(dim=(2, 3)),
        "segment": torch.tensor([1.0, 0, -9]).view(1, 3, 1, 1).expand(len(images), 3, SIDE, SIDE),
    }
    assert math.isnan(validation(rows, of).evaluate(network, {}, PLAIN).scores()["mean_iou"])


def test_a_metric_undefined_on_the_fold_fails_before_anything_is_trained() -> None:
    rows = rows_of()
    rows = replace(rows, target={"classify": np.where(np.arange(N) == 3, -1, 0)})
    of = competition(metric={"name": "auc", "task": "classify"})
    with pytest.raises(DataError, match="fold 0"):
        validation(rows, of)


def test_the_mode_is_put_back_and_no_gradient_is_kept() -> None:
    network = Colours("multiclass").train()
    judged = validation(rows_of(), competition()).evaluate(network, {}, PLAIN)
    assert network.training
    assert not torch.is_inference_mode_enabled()
    judged.scores()


def test_a_network_that_diverged_has_a_loss_and_is_not_scored() -> None:
    network = Colours("multiclass")
    network.forward = lambda images: {  # type: ignore[method-assign]
        "classify": images.mean(dim=(2, 3)) * math.nan,
        "segment": images * math.nan,
    }
    both = {task: objective(task) for task in ("classify", "segment")}
    judgement = validation(rows_of(), competition()).evaluate(network, both, PLAIN)
    assert judgement.loss is not None
    assert math.isnan(judgement.loss)


def test_plain_decisions_are_the_largest_or_one_half() -> None:
    logits = torch.tensor([[-1.0, 0.0, 2.0], [3.0, 0.0, 1.0]]).view(1, 2, 1, 3)
    assert plain_masks(logits, pixel_kind("multiclass")).tolist() == [[[1, 0, 0]]]
    assert plain_masks(logits[:, :1], pixel_kind("binary")).tolist() == [[[0, 1, 1]]]
    assert plain_masks(logits, pixel_kind("multilabel")).tolist() == [[[[0, 1], [1, 1], [1, 1]]]]


def test_prepared_images_and_masks_are_kept_together_only_while_they_are_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = rows_of()
    reads = SimpleNamespace(n=0)
    plain = build_eval(Input(size=SIDE))

    def view(*given: Any) -> Any:
        reads.n += 1
        return plain(*given)

    for limit, n in ((10**6, N), (N * SIDE * SIDE * 3, 2 * N)):  # the images alone would fit
        monkeypatch.setattr("podium.training.inference.images.KEPT_BYTES", limit)
        images = EvalImages(rows, view, batch_size=3, with_masks=True)
        reads.n = 0
        first, second = list(images.batches()), list(images.batches())
        assert reads.n == n
        for a, b in zip(first, second, strict=True):
            assert torch.equal(a.images, b.images)
            assert torch.equal(a.masks, b.masks)
