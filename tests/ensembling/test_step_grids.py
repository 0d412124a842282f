"""Blends with a grid of the user's: honest scores against deciding fold by fold from scratch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ensembling.fits import fit_masks

from podium.competition import metrics
from podium.competition.truths.instances import Instances
from podium.ensembling.labels import LabelFits
from podium.ensembling.masks.candidates import candidates_for
from podium.ensembling.masks.rows import gather_masks
from podium.ensembling.rows import gather
from podium.errors import PodiumError, UsageError
from podium.predictions import MaskArrays, decide, decide_mask
from podium.predictions.decisions.objects import instances_of
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.tuning.paying import Scored, evidence_of, inner_parts
from podium.tuning.step_grid import StepGrid

N = 36
FOLDS = np.arange(N) % 3
IDS = [f"i{i}" for i in range(N)]
GRID: list[Any] = [
    {"hysteresis": {"low": {"try": [0.5, 0.3]}, "high": {"try": [0.5, 0.7]}}},
    {"open": {"try": [0, 1]}},
    {"min_area": {"try": [0, 8]}},
]


def every(grid: list[Any]) -> list[list[dict[str, Any]]]:
    return [one.steps for one in StepGrid.of(grid).candidates(100, lambda _: None).values()]


def test_labels_are_decided_by_the_candidate_that_the_other_folds_chose() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 300)
    probs = (truth * 0.35 + rng.random(300) * 0.45).astype(np.float32)
    folds = np.arange(300) % 3
    # In fold 0 another threshold is best; who decides it must not know.
    probs[folds == 0] += 0.2
    rows = gather(probs[None, :, None], truth, folds, groups=None, ids=None, names=None)
    grid: list[Any] = [{"threshold": {"try": [0.5, 0.4, 0.45, 0.6, 0.65]}}]
    fits = LabelFits(
        rows, metrics.get("accuracy"), image_kind("binary"), n_resamples=20, grid=tuple(grid)
    )
    made, _ = fits.by("mean")

    def best(rows: np.ndarray) -> list[dict[str, Any]]:
        scores = [
            np.mean(decide(probs[rows], steps, "binary") == truth[rows]) for steps in every(grid)
        ]
        return every(grid)[int(np.argmax(scores))]

    def chosen(inside: np.ndarray) -> list[dict[str, Any]]:
        rows = np.flatnonzero(inside)
        tuned = []
        for parts in inner_parts(len(rows)):
            predicted = np.zeros(len(rows), np.int64)
            for part in range(5):
                steps = best(rows[parts != part])
                predicted[parts == part] = decide(probs[rows[parts == part]], steps, "binary")
            tuned.append(Scored(metrics.get("accuracy"), {}, predicted, truth[rows]))
        plain = decide(probs[rows], every(grid)[0], "binary")
        evidence = evidence_of(Scored(metrics.get("accuracy"), {}, plain, truth[rows]), tuned)
        return best(rows) if evidence.pays else every(grid)[0]

    predicted = np.zeros(300, np.int64)
    for fold in range(3):
        predicted[folds == fold] = decide(probs[folds == fold], chosen(folds != fold), "binary")
    assert made.honest == pytest.approx(np.mean(predicted == truth))
    assert list(made.decision) == chosen(folds >= 0)
    assert made.optimistic > made.honest
    assert made.grid == tuple(grid)
    few = LabelFits(rows, metrics.get("accuracy"), image_kind("binary"), trials=2, grid=tuple(grid))
    assert any(
        "of the 5 decisions of the grid 2 are tried" in one for one in few.by("mean")[0].notes
    )


def images() -> tuple[list[np.ndarray], MaskArrays]:
    """Return discs, and probabilities with specks and holes in which 0.5 is too high."""
    rng = np.random.default_rng(1)
    rows, columns = np.indices((24, 24))
    truths, arrays = [], []
    for _ in range(N):
        y, x, radius = rng.uniform(7, 17), rng.uniform(7, 17), rng.uniform(3, 7)
        truth = (np.hypot(rows - y, columns - x) < radius).astype(np.uint8)
        truths.append(truth)
        noise = rng.normal(0, 0.08, truth.shape)
        noise[rng.random(truth.shape) < 0.03] += 0.35
        centre = np.hypot(rows - y, columns - x) < radius / 2
        arrays.append((0.12 + 0.32 * truth + 0.4 * centre + noise).clip(0, 1)[..., None])
    return truths, MaskArrays(IDS, [one.astype(np.float32) for one in arrays])


def test_masks_are_decided_by_the_candidate_that_the_other_folds_chose() -> None:
    truths, probs = images()

    def of(inside: np.ndarray) -> Any:
        some = MaskArrays([IDS[i] for i in inside], [probs.arrays[i] for i in inside])
        rows = gather_masks([some], [truths[i] for i in inside], FOLDS[inside], ids=some.ids)
        return fit_masks(rows, "mean_dice", "binary", n_outputs=1, n_resamples=20, grid=GRID)[0]

    def score(steps: Any, inside: np.ndarray) -> float:
        predicted = [decide_mask(probs, i, steps, "binary") for i in inside]
        return metrics.score("mean_dice", [truths[i] for i in inside], predicted, kind="binary")

    made = of(np.arange(N))
    best = max(score(steps, np.arange(N)) for steps in every(GRID))
    assert made.optimistic == pytest.approx(score(made.decision, np.arange(N)))
    assert made.optimistic == pytest.approx(best)
    assert made.untuned == pytest.approx(score(every(GRID)[0], np.arange(N)))
    assert made.honest > made.untuned + 0.02
    for fold in range(3):
        alone = of(np.flatnonzero(fold != FOLDS))
        expected = score(alone.decision, np.flatnonzero(fold == FOLDS))
        assert made.by_fold[fold] == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("metric", ["iou_precision", "mask_map"])
def test_objects_are_decided_by_a_grid_too(metric: str) -> None:
    masks, probs = images()
    truths = [Instances.from_labels(one.astype(np.int32)) for one in masks]
    rows = gather_masks([probs], truths, FOLDS, ids=IDS, has_mask=np.ones(N, bool))
    grid = [*GRID[:2], {"objects": {"connectivity": {"try": [2, 1]}}}, *GRID[2:]]
    made, _ = fit_masks(rows, metric, "binary", n_outputs=1, n_resamples=20, grid=grid)

    def score(steps: Any) -> float:
        return metrics.score(
            metric, truths, [instances_of(probs, i, steps, "binary") for i in range(N)]
        )

    assert made.decision in [tuple(one) for one in every(grid)]
    assert made.optimistic == pytest.approx(score(made.decision))
    assert made.optimistic == pytest.approx(max(score(one) for one in every(grid)), abs=0.02)
    assert made.untuned == pytest.approx(score(every(grid)[0]))
    assert made.honest > made.untuned
    # What stands first is kept where there is nothing else.
    first = every(grid)[0]
    made, _ = fit_masks(rows, metric, "binary", n_outputs=1, n_resamples=20, grid=first)
    assert made.decision == tuple(first)


@pytest.mark.parametrize(
    ("metric", "grid", "message"),
    [
        ("pixel_rmse", GRID, "pixel_rmse scores probabilities: nothing is decided"),
        ("mean_dice", [{"gate": 0.5}, *GRID], r"gate needs a classifier's[\s\S]*remove the step"),
        ("mean_dice", [{"threshold": {"try": [2, "x"]}}, {"open": -1}], "open needs the radius"),
    ],
)
def test_a_grid_that_cannot_be_tuned_is_refused(metric: str, grid: Any, message: str) -> None:
    truths, probs = images()
    rows = gather_masks([probs], truths, FOLDS, ids=IDS)
    with pytest.raises(UsageError, match=message):
        fit_masks(rows, metric, "binary", n_outputs=1, grid=grid)


def test_objects_that_are_ranked_together_have_no_gate() -> None:
    masks, probs = images()
    truths = [Instances.from_labels(one.astype(np.int32)) for one in masks]
    rows = gather_masks([probs], truths, FOLDS, ids=IDS, has_mask=np.ones(N, bool))
    with pytest.raises(UsageError, match="mask_map ranks the objects of all images together"):
        fit_masks(rows, "mask_map", "binary", n_outputs=1, grid=[{"gate": 0.5}])


def test_a_grid_of_masks_is_cut_to_what_counts_may_take_and_one_of_objects_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    probs = MaskArrays(["a", "b"], [np.zeros((4, 5, 1), np.float32)] * 2)
    grid: list[Any] = [{"threshold": {"try": [0.5, 0.4, 0.6, 0.3]}}]
    few = 3 * 16 * 2 * 2 + 1  # three decisions of two images, of background and one class
    monkeypatch.setattr("podium.tuning.masks.space.MOST_BYTES", few)

    def n_tried(metric: str) -> int:
        space = candidates_for(
            metrics.get(metric), pixel_kind("binary"), probs, n_outputs=1, trials=50, grid=grid
        )
        return len(space.candidates)

    assert n_tried("mean_dice") == 3
    assert n_tried("iou_precision") == 4


def test_objects_take_the_options_of_their_metric_alone() -> None:
    plane = np.zeros((4, 5), bool)
    truth = Instances.from_planes((4, 5), [plane | (np.arange(5) < 2)], [0], [1.0])
    probs = MaskArrays(IDS[:4], [np.full((4, 5, 1), 0.6, np.float32)] * 4)
    rows = gather_masks([probs], [truth] * 4, FOLDS[:4], ids=IDS[:4])
    with pytest.raises(PodiumError, match="thresolds"):
        fit_masks(rows, "mask_map", "binary", n_outputs=1, metric_options={"thresolds": [0.5]})
