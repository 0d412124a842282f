"""Curves of masks against deciding every mask at every threshold, to the bit."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition import metrics
from podium.competition.truths.masks import IGNORE
from podium.errors import DataError, UsageError
from podium.predictions.decisions import masks as mask_decisions
from podium.predictions.decisions.masks import decide_masks
from podium.predictions.store.mask_writing import write_masks
from podium.predictions.store.masks import MaskArrays, MaskFold, MaskProbs, OofMasks, mix_masks
from podium.tuning.curves import plateau_error
from podium.tuning.masks import curve as histograms
from podium.tuning.masks import curve as mask_curve
from podium.tuning.masks.curve import mask_threshold_curve, mask_unit_sums

METRICS = [
    ("global_dice", {}),
    ("mean_dice", {"empty": "one"}),
    ("mean_dice", {"empty": "zero"}),
    ("mean_dice", {"empty": "skip"}),
    ("mean_dice", {"empty": "error"}),
    ("mean_dice", {"over": "image", "empty": "skip"}),
    ("mean_iou", {}),
    ("mean_iou", {"over": "class", "empty": "skip"}),
    ("mean_iou", {"over": "all", "empty": "zero"}),
    ("mean_iou_hits", {"strict": False}),
    ("pixel_fbeta", {"beta": 2.0}),
    ("pixel_accuracy", {}),
    ("pixel_accuracy", {"over": "image"}),
]
BINARY = [("mean_dice", {"background": True}), ("global_dice", {"background": True})]
FEW = np.array([0, 6e-8, 0.25, 0.3, 0.5, 0.5005, 0.75, 1])  # 6e-8: the least float16 above 0


def score_or_nan(
    probs: MaskProbs, truths: list[Any], threshold: float, kind: Any, metric: Any, options: Any
) -> float:
    """Return the score after deciding."""
    found_probs = [one for _, one in decide_masks(probs, [{"threshold": float(threshold)}], kind)]
    try:
        return metrics.score(metric, truths, found_probs, kind=kind, **options)
    except DataError:
        return float("nan")


@st.composite
def problems(draw: st.DrawFn, dtypes: tuple[Any, ...] = (np.float16, np.float32)) -> Any:
    """Some images of other sizes, with ties, empty truths, ignored and uncovered pixels."""
    kind = draw(st.sampled_from(["binary", "multilabel"]))
    channels = 1 if kind == "binary" else draw(st.integers(1, 3))
    dtype = draw(st.sampled_from(dtypes))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    arrays, truths = [], []
    for _ in range(draw(st.integers(1, 5))):
        shape = (int(rng.integers(1, 7)), int(rng.integers(1, 6)), channels)
        values = rng.choice(FEW, shape) if rng.random() < 0.5 else rng.random(shape)
        probs = values.astype(dtype)
        truth = (rng.random(shape) < rng.choice([0, 0.4, 1])).astype(np.uint8)
        truth[rng.random(shape) < rng.choice([0, 0.3, 1], p=[0.5, 0.4, 0.1])] = IGNORE
        if rng.random() < 0.3:
            probs[rng.random(shape[:2]) < 0.5] = np.nan
        arrays.append(probs)
        truths.append(truth if kind == "multilabel" else truth[..., 0])
    return MaskArrays([str(i) for i in range(len(arrays))], arrays), truths, kind


def check(probs: MaskProbs, truths: list[Any], kind: Any, curve: Any, one: Any) -> None:
    """Compare a curve at, between and beside its thresholds."""
    at = curve.thresholds
    between = (at[:-1].astype(np.float64) + at[1:]) / 2
    for t in [*at, *between.astype(np.float32), np.float32(0)]:
        if t <= at[-1]:
            expected = score_or_nan(probs, truths, t, kind, *one)
            np.testing.assert_array_equal(curve.score_at(t), expected)


@pytest.mark.slow
@pytest.mark.long
@settings(max_examples=40, deadline=None)
@given(problems((np.float16,)), st.sampled_from(METRICS))
def test_of_halves_every_distinct_value_is_on_the_curve(problem: Any, one: Any) -> None:
    probs, truths, kind = problem
    curve = mask_threshold_curve(probs, truths, one[0], kind=kind, options=one[1])
    known = [
        p.astype(np.float32).reshape(-1)[(t != IGNORE).reshape(-1)]
        for p, t in zip(probs.arrays, truths, strict=True)
    ]
    values = np.unique(np.concatenate(known))
    values = values[~np.isnan(values)]
    if len(values):
        np.testing.assert_array_equal(curve.thresholds[:-1], values)
        assert values[-1] < curve.thresholds[-1] < values[-1] + 0.001
    check(probs, truths, kind, curve, one)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    problems(),
    st.sampled_from(METRICS),
    st.lists(st.floats(0, 1.5, width=32), min_size=1, max_size=5),
)
def test_every_requested_threshold_is_exact(problem: Any, one: Any, requested: list[float]) -> None:
    probs, truths, kind = problem
    several = [*requested, *np.float32(FEW)]
    curve = mask_threshold_curve(
        probs, truths, one[0], kind=kind, options=one[1], thresholds=several
    )
    np.testing.assert_array_equal(curve.thresholds, np.unique(np.float32(several)))
    expected = [score_or_nan(probs, truths, t, kind, *one) for t in curve.thresholds]
    np.testing.assert_array_equal(curve.scores, expected)
    whole = mask_threshold_curve(probs, truths, one[0], kind=kind, options=one[1])
    expected = [score_or_nan(probs, truths, t, kind, *one) for t in whole.thresholds]
    np.testing.assert_array_equal(whole.scores, expected)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(problems(), st.sampled_from(BINARY))
def test_background_may_be_a_class(problem: Any, one: Any) -> None:
    probs, truths, kind = problem
    if kind == "multilabel":
        with pytest.raises(DataError, match="no background class"):
            mask_threshold_curve(probs, truths, one[0], kind=kind, options=one[1])
        return
    curve = mask_threshold_curve(probs, truths, one[0], kind=kind, options=one[1])
    expected = [score_or_nan(probs, truths, t, kind, *one) for t in curve.thresholds]
    np.testing.assert_array_equal(curve.scores, expected)


@pytest.mark.parametrize("dtypes", [("uint8",), ("float16",), ("uint8", "float16")], ids=str)
def test_thresholds_are_the_values_that_are_kept_and_one_above(dtypes: Any, tmp_path: Path) -> None:
    arrays, folds = [np.full((1, 2, 1), 0.5, np.float32)], {}
    expected = {float(np.nextafter(np.float32(1), np.float32(2)))}
    for fold, dtype in enumerate(dtypes):
        root = tmp_path / dtype
        write_masks(
            root, "oof", fold, ids=[dtype], sizes=[(1, 2)], bands=arrays, model="m", dtype=dtype
        )
        folds[fold] = MaskFold(next(root.rglob("meta.json")).parent)
        if dtype == "uint8":
            expected |= {float(np.float32(level / 254)) for level in range(255)}
        else:
            bits = np.arange(2**16, dtype=np.uint16).view(np.float16)
            expected |= set(bits[(bits >= 0) & (bits <= 1)].astype(float).tolist())
    found = mask_curve.every_threshold(OofMasks.of(folds))
    assert found.tolist() == sorted(expected)


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("one", [METRICS[0], METRICS[3], METRICS[9]], ids=str)
def test_stored_masks_are_looked_up_as_they_are_kept(one: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    sizes = [(3, 5), (6, 3), (2, 2), (3, 4)]
    arrays = [rng.random((*size, 2)).astype(np.float32) for size in sizes]
    arrays[1][2:4] = np.nan
    truths = [(rng.random((*size, 2)) < 0.4).astype(np.uint8) for size in sizes]
    truths[0][0, 0] = IGNORE
    for dtype in ("uint8", "float16"):
        ids = list("abcd")
        write_masks(
            tmp_path / dtype, "oof", 0, ids=ids, sizes=sizes, bands=arrays, model="m", dtype=dtype
        )
    folders = {
        one: next((tmp_path / one).rglob("meta.json")).parent for one in ("uint8", "float16")
    }
    levels, halves = MaskFold(folders["uint8"]), MaskFold(folders["float16"])
    rows = {"kind": "multilabel", "options": one[1]}
    curve = mask_threshold_curve(levels, truths, one[0], **rows)
    assert len(curve.thresholds) <= 256
    check(levels, truths, "multilabel", curve, one)
    check(halves, truths, "multilabel", mask_threshold_curve(halves, truths, one[0], **rows), one)
    pooled = OofMasks.of({0: levels, 1: halves})
    both = OofMasks(
        ["a", "b", "c", "d"], np.array([0, 1, 1, 0]), pooled.models, pooled._parts, np.arange(4)
    )
    check(both, truths, "multilabel", mask_threshold_curve(both, truths, one[0], **rows), one)
    mixed = mix_masks([levels, halves], [1, 3])
    curve = mask_threshold_curve(mixed, truths, one[0], **rows)
    expected = [score_or_nan(mixed, truths, t, "multilabel", *one) for t in curve.thresholds]
    np.testing.assert_array_equal(curve.scores, expected)


@settings(max_examples=20, deadline=None)
@given(problems(), st.sampled_from(METRICS))
def test_the_curve_of_a_class_is_that_of_its_channel(problem: Any, one: Any) -> None:
    probs, truths, kind = problem
    rows: Any = {"kind": kind, "options": one[1], "thresholds": np.linspace(0, 1, 7)}
    each = mask_threshold_curve(probs, truths, one[0], per_class=True, **rows)
    assert len(each) == probs.channels
    for c, curve in enumerate(each):
        alone = MaskArrays(probs.ids, [a[..., c : c + 1] for a in probs.arrays])
        right = [t[..., c : c + 1] if t.ndim == 3 else t for t in truths]
        expected = mask_threshold_curve(alone, right, one[0], **rows)
        np.testing.assert_array_equal(curve.scores, expected.scores)


@settings(max_examples=30, deadline=None)
@given(problems(), st.sampled_from(METRICS))
def test_sums_of_images_are_the_metrics_own(problem: Any, one: Any) -> None:
    probs, truths, kind = problem
    at = np.array([0.0, 0.25, 0.5, 0.50001, 1.0])
    found = mask_unit_sums(probs, truths, one[0], at, kind=kind, options=one[1])
    for t, sums in zip(at, found, strict=True):
        found_probs = [mask for _, mask in decide_masks(probs, [{"threshold": float(t)}], kind)]
        for i in range(len(truths)):
            try:
                expected = metrics.sums(one[0], [truths[i]], [found_probs[i]], kind=kind, **one[1])
            except DataError:
                expected = np.full((1, sums.shape[1]), np.nan)
            np.testing.assert_array_equal(sums[i : i + 1], expected)


def blobs(n: int = 12, *, side: int = 20, seed: int = 0) -> tuple[MaskArrays, list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    arrays = [rng.random((side, side, 1)).astype(np.float16) for _ in range(n)]
    truths = [(rng.random((side, side)) < one[..., 0]).astype(np.uint8) for one in arrays]
    return MaskArrays([f"i{i}" for i in range(n)], arrays), truths


@pytest.mark.parametrize("metric", ["mean_dice", "global_dice"])
def test_bands_blocks_and_threads_change_nothing(
    metric: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    probs, truths = blobs()
    expected = mask_threshold_curve(probs, truths, metric, workers=1)
    monkeypatch.setattr(histograms, "BAND_VALUES", 3 * 20)
    monkeypatch.setattr(mask_curve, "SLICE_CELLS", 100)
    for pixels, cells in ((1, 1), (1300, 1 << 30), (1 << 20, 3 * 8 * 15363)):
        monkeypatch.setattr(histograms, "BLOCK_PIXELS", pixels)
        monkeypatch.setattr(histograms, "BLOCK_CELLS", cells)
        for workers in (1, 3):
            found = mask_threshold_curve(probs, truths, metric, workers=workers)
            np.testing.assert_array_equal(found.scores, expected.scores)


def test_what_is_held_at_once_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Images of a block, rows of a band, pixels of all threads, and histograms that wait."""
    rng = np.random.default_rng(0)
    arrays = [rng.random((4, 5, 2)).astype(np.float32) for _ in range(7)]
    probs = MaskArrays(list("abcdefg"), arrays)
    truths = [(one < 0.5).astype(np.uint8) for one in arrays]
    bins = mask_curve.Bins.of([0.2, 0.5, 0.8])
    cells = mask_curve._kernels.histograms.LANES * 2 * 4 * 2  # of an image: C, bins, false and true
    held, waited, bands = [], [], []

    class NotedBudget(mask_curve.PixelBudget):
        def of(self, pixels: int) -> Any:
            held.append(pixels)
            return super().of(pixels)

    def noted(names: Any, sizes: Any, *rest: Any) -> Any:
        waited.extend(zip(names, sizes, strict=True))
        return mask_decisions.ordered_results(names, sizes, *rest)

    def band(self: MaskArrays, i: int, top: int, bottom: int) -> Any:
        bands.append((self.ids[i], top, bottom))
        return arrays[i][top:bottom]

    monkeypatch.setattr(mask_curve, "PixelBudget", NotedBudget)
    monkeypatch.setattr(mask_curve, "ordered_results", noted)
    monkeypatch.setattr(MaskArrays, "band", band)

    def blocks(by_image: bool) -> list[Any]:
        waited.clear()
        bands.clear()
        return list(
            mask_curve.histograms(
                probs, truths, bins, lambda found: found, by_image=by_image, workers=1
            )
        )

    expected = np.zeros((2, 4, 2), np.int64)
    for values, right in zip(arrays, truths, strict=True):
        reached = sum((values >= t).astype(int) for t in bins.thresholds)
        np.add.at(expected, (np.broadcast_to(np.arange(2), values.shape), reached, right), 1)
    for limits, by_image, firsts, n_each in (
        ({"BLOCK_CELLS": 3 * cells}, True, "adg", (3, 3, 1)),
        ({"BLOCK_CELLS": 1}, True, "abcdefg", (1,) * 7),
        ({"BLOCK_CELLS": 1}, False, "a", (1,)),
        ({"BLOCK_PIXELS": 2 * 40}, False, "aceg", (1,) * 4),
    ):
        with monkeypatch.context() as patch:
            for name, limit in limits.items():
                patch.setattr(mask_curve, name, limit)
            found = blocks(by_image)
        assert [one.shape for one in found] == [(n, 2, 4, 2) for n in n_each]
        assert waited == [(name, one.nbytes) for name, one in zip(firsts, found, strict=True)]
        np.testing.assert_array_equal(sum(one.sum(axis=0) for one in found), expected)
    assert set(held) == {40}
    for n_values, step in ((1, 1), (20, 2), (39, 3), (1000, 4)):
        monkeypatch.setattr(mask_curve, "BAND_VALUES", n_values)
        blocks(False)
        tops = range(0, 4, step)
        assert bands == [(one, top, min(4, top + step)) for one in probs.ids for top in tops]
    bound = mask_curve._BoundMetric.of("mean_dice", "multilabel", None, channels=2)
    monkeypatch.setattr(mask_curve, "SLICE_CELLS", 6)
    sums_of, n_rows = mask_curve._BoundMetric._sums_of, []
    monkeypatch.setattr(
        mask_curve._BoundMetric,
        "_sums_of",
        lambda self, counts: n_rows.append(len(counts)) or sums_of(self, counts),
    )
    bound.sums(blocks(False)[0])
    assert n_rows == [3]
    monkeypatch.setattr(mask_curve, "SLICE_CELLS", 1)
    bound.sums(blocks(False)[0])
    assert n_rows == [3, 1, 1, 1]


def test_every_value_up_to_one_is_looked_up() -> None:
    loops = mask_curve._kernels.histograms
    for thresholds in ([0.25], [1.0], [1.5], [1e-9, 0.3]):
        bins = mask_curve.Bins.of(thresholds)
        assert len(bins._below) > loops.ONE >> loops.CELL
        assert len(bins) == len(thresholds) + 1


def test_values_above_one_reach_every_threshold() -> None:
    probs = MaskArrays(["a"], [np.array([[[0.25], [1.0], [2.0]]], np.float16)])
    truths = [np.array([[0, 1, 1]], np.uint8)]
    curve = mask_threshold_curve(probs, truths, "mean_dice")
    expected = [score_or_nan(probs, truths, t, "binary", "mean_dice", {}) for t in curve.thresholds]
    np.testing.assert_array_equal(curve.scores, expected)
    assert curve.thresholds[:2].tolist() == [0.25, 1.0]
    assert 1 < curve.thresholds[-1] < 1.001
    one = mask_threshold_curve(probs, truths, "mean_dice", thresholds=[0.5])
    assert one.scores.tolist() == [1.0]


def test_values_that_are_no_probabilities_are_compared_as_deciding_does() -> None:
    values = np.array([-np.inf, -1, -0.0, 0, 0.5, 1, np.nextafter(np.float32(1), 2), 2, np.inf])
    truth = np.array([[0, 1, 0, 1, 0, 1, 0, 1, 1]], np.uint8)
    for dtype in (np.float32, np.float16, np.float64):
        probs = MaskArrays(["a"], [np.append(values, np.nan).astype(dtype).reshape(1, -1, 1)])
        truths = [np.append(truth, np.uint8([[1]]), axis=1)]
        at = [0, 1e-9, 0.5, 1, 1 + 2**-23, 2, 3]
        curve = mask_threshold_curve(probs, truths, "mean_dice", thresholds=at)
        expected = [score_or_nan(probs, truths, t, "binary", "mean_dice", {}) for t in at]
        np.testing.assert_array_equal(curve.scores, expected)


def test_an_own_metric_is_computed_image_by_image() -> None:
    """Its sums are whole numbers, but those of all images are not the sums of all pixels."""

    def hits(counts: np.ndarray, **_: Any) -> np.ndarray:
        both, predicted, true = counts[:, 1, :3].T
        return np.stack([2 * both > predicted + true - both, np.ones_like(both)], axis=1).astype(
            int
        )

    own = replace(
        metrics.get("mean_dice"),
        name="hits",
        of_counts=hits,
        values=None,
        source="",
        value=lambda sums, **_: float(sums[:, 0].sum() / sums[:, 1].sum()),
    )
    own = replace(own, name="global_dice")  # not podium's, whatever it is called
    probs, truths = blobs()
    at = (0.1, 0.64, 0.66, 0.68)
    curve = mask_threshold_curve(probs, truths, own, thresholds=at)
    assert (curve.scores % 1).any()
    for t, score in zip(at, curve.scores, strict=True):
        found_probs = [one.astype(np.float32)[..., 0] >= np.float32(t) for one in probs.arrays]
        pairs = zip(found_probs, truths, strict=True)
        assert score == np.mean([2 * (s & (t == 1)).sum() > (s | (t == 1)).sum() for s, t in pairs])


def test_the_sums_serve_a_bootstrap() -> None:
    probs, truths = blobs(30)
    at = np.linspace(0.05, 0.95, 19)
    sums = mask_unit_sums(probs, truths, "mean_dice", at)
    curve = mask_threshold_curve(probs, truths, "mean_dice", thresholds=at)
    errors = plateau_error(metrics.get("mean_dice"), sums)
    best = int(np.argmax(curve.scores))
    assert errors[best] == 0
    assert (np.delete(errors, best) > 0).all()


def test_what_has_no_curve_is_refused() -> None:
    probs, truths = blobs(2)
    with pytest.raises(UsageError, match="a multiclass task are not made by a threshold"):
        mask_threshold_curve(probs, truths, "mean_dice", kind="multiclass")
    with pytest.raises(UsageError, match="pixel_rmse is no function of"):
        mask_threshold_curve(probs, truths, "pixel_rmse")
    uncounted = replace(metrics.get("mean_dice"), name="mine", of_counts=None)
    with pytest.raises(UsageError, match="mine is no function of"):
        mask_threshold_curve(probs, truths, uncounted)
    with pytest.raises(DataError, match="cannot score a binary task"):
        mask_threshold_curve(probs, truths, "iou_precision")
    with pytest.raises(DataError, match="no option 'ovr'"):
        mask_threshold_curve(probs, truths, "mean_dice", options={"ovr": "all"})
    with pytest.raises(DataError, match="over must be one of"):
        mask_threshold_curve(probs, truths, "mean_dice", options={"over": "ever"})
    for wrong, message in (
        ([], "0 thresholds"),
        ([np.nan], "no finite"),
        ([-0.1], "no finite"),
    ):
        with pytest.raises(UsageError, match=message):
            mask_threshold_curve(probs, truths, "mean_dice", thresholds=wrong)
    for unfit in ([0.5, 0.4], [0.5, 0.5], np.linspace(0, 1, 201)):
        with pytest.raises(UsageError, match="at most 200 thresholds, ascending"):
            mask_unit_sums(probs, truths, "mean_dice", unfit)
    both = MaskArrays(probs.ids, [np.repeat(one, 2, axis=2) for one in probs.arrays])
    with pytest.raises(DataError, match=r"truth \(20, 20\), probabilities \(20, 20, 2\)"):
        mask_threshold_curve(both, truths, "mean_dice", kind="multilabel")
    with pytest.raises(UsageError, match="2 channels"):
        mask_threshold_curve(both, truths, "mean_dice")


def test_a_truth_that_does_not_fit_names_its_image() -> None:
    probs, truths = blobs(2)
    for wrong, message in (
        (None, "this image has no mask"),
        (np.zeros((20, 19), np.uint8), r"truth \(20, 19\), probabilities \(20, 20, 1\)"),
        (np.zeros((20, 20), np.int64), "uint8 mask, got dtype int64"),
        (np.full((20, 20), 7, np.uint8), "the truth holds 7"),
    ):
        with pytest.raises(DataError, match=message) as caught:
            mask_threshold_curve(probs, [truths[0], wrong], "mean_dice")
        assert caught.value.where == "i1"
    with pytest.raises(UsageError, match="1 mask for 2 images"):
        mask_threshold_curve(probs, truths[:1], "mean_dice")
    as_bools = [one.astype(bool) for one in truths]
    found = mask_threshold_curve(probs, as_bools, "mean_dice").scores
    np.testing.assert_array_equal(found, mask_threshold_curve(probs, truths, "mean_dice").scores)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("value", [2, 7, IGNORE - 1])
def test_a_truth_of_other_values_than_0_1_and_unknown_is_refused(dtype: Any, value: int) -> None:
    probs, truths = blobs(2)
    probs = MaskArrays(probs.ids, [one.astype(dtype) for one in probs.arrays])
    truths[1][3, 4] = value
    with pytest.raises(DataError, match=f"the truth holds {value}, where 0"):
        mask_threshold_curve(probs, truths, "mean_dice")


def test_memory_does_not_grow_with_the_images() -> None:
    def peak(n: int) -> int:
        probs, truths = blobs(n, side=8)
        tracemalloc.start()
        try:
            mask_threshold_curve(probs, truths, "mean_dice", workers=1)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(2)  # what is loaded and compiled on first use
    few, many = peak(6), peak(60)
    assert many < few + 60 * 15_362 * 8 / 4  # the sums of all images would be 16 bytes × 15,362
