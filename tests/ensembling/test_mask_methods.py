"""Every method on masks against plain numpy on whole images, and what is fitted without a fold."""

from __future__ import annotations

import dataclasses
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from ensembling.fits import fit_masks
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition import metrics
from podium.competition.truths.instances import Instances
from podium.ensembling.masks.combining import (
    PixelFits,
    PixelObjective,
    drawn_pixels,
    sample_pixels,
)
from podium.ensembling.masks.rows import gather_masks
from podium.ensembling.method import Fitted, load_method, method_names
from podium.ensembling.predicting import mixed_masks
from podium.errors import DataError, UsageError
from podium.predictions import MaskArrays, PredictionSet, write_masks
from podium.predictions.decisions.masks import decide_mask
from podium.predictions.decisions.objects import instances_of
from podium.tasks.protocols.find import pixel_kind
from podium.tuning.masks.counts import count_candidates
from podium.tuning.masks.decision import CountScorer, GatedTable, choose_mask_decision, steps_of
from podium.tuning.masks.space import mask_space

CHANNELS = {"binary": 1, "multiclass": 3, "multilabel": 2}
SIZES = [(6, 5), (4, 9), (7, 7), (5, 6), (8, 3), (6, 6)]
IDS = [f"i{i}" for i in range(len(SIZES))]
FOLDS = np.arange(len(SIZES)) % 3
BY_PIXEL = [name for name in method_names() if load_method(name).prepare is None]


def truths_of(kind: str, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = [(*size, 2) if kind == "multilabel" else size for size in SIZES]
    return [rng.integers(0, 3 if kind == "multiclass" else 2, s).astype(np.uint8) for s in shapes]


def arrays_of(kind: str, seed: int, holes: float = 0.0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    found = []
    for size in SIZES:
        probs = rng.random((*size, CHANNELS[kind])).astype(np.float32)
        if kind == "multiclass":
            probs /= probs.sum(axis=-1, keepdims=True)
        probs[rng.random(size) < holes] = np.nan
        probs[0, 0] = 1 / CHANNELS[kind]
        found.append(probs)
    return found


def stored(root: Path, arrays: list[np.ndarray], order: np.ndarray, dtype: str):
    """Return the masks as a member has them: in an order of its own, as float16 or uint8."""
    for fold in range(3):
        rows = [int(i) for i in order if FOLDS[i] == fold]
        write_masks(
            root,
            "oof",
            fold,
            ids=[IDS[i] for i in rows],
            sizes=[SIZES[i] for i in rows],
            bands=[arrays[i] for i in rows],
            model="m",
            dtype=dtype,
        )
    return PredictionSet(root).oof_masks()


def whole(member, i: int) -> np.ndarray:
    return member.band(list(member.ids).index(IDS[i]), 0, SIZES[i][0])


def by_hand(bands: list[np.ndarray], method, fitted: Fitted) -> np.ndarray:
    """Fill what a member does not cover by the mean of the others, and combine all pixels."""
    pixels = np.stack([one.reshape(-1, one.shape[-1]) for one in bands]).astype(np.float64)
    weights = np.asarray(fitted.weights)
    covered = ~np.isnan(pixels[:, :, 0])
    known = (covered * weights[:, None]).sum(axis=0)
    with np.errstate(invalid="ignore"):
        mean = (np.nan_to_num(pixels) * weights[:, None, None]).sum(axis=0) / known[:, None]
    out = np.full(pixels.shape[1:], np.nan, np.float32)
    there = known > 0
    filled = np.where(covered[:, :, None], pixels, mean.astype(np.float32))[:, there]
    if there.any():
        out[there] = method.combined(list(filled.astype(np.float32)), fitted)
    return out.reshape(bands[0].shape)


@pytest.mark.parametrize("kind", list(CHANNELS))
@pytest.mark.parametrize("name", BY_PIXEL)
def test_every_method_mixes_as_it_would_whole_images(name, kind, tmp_path, monkeypatch) -> None:
    mixes_as_whole_images(name, kind, ["uint8", "float16", "uint8"], tmp_path, monkeypatch)


def test_two_members_are_mixed_by_the_method_too(tmp_path, monkeypatch) -> None:
    mixes_as_whole_images("geometric", "binary", ["float16", "uint8"], tmp_path, monkeypatch)


def mixes_as_whole_images(name, kind, dtypes, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("podium.ensembling.methods.search.TRIALS", 20)
    method, rng = load_method(name), np.random.default_rng(0)
    members = [
        stored(tmp_path / str(m), arrays_of(kind, m, 0.3), rng.permutation(len(IDS)), dtype)
        for m, dtype in enumerate(dtypes)
    ]
    rows = gather_masks(members, truths_of(kind, 9), FOLDS, ids=IDS)
    sample = sample_pixels(rows, metrics.get("mean_dice"), pixel_kind(kind), {})
    if method.refuses(sample.objective):
        with pytest.raises(UsageError, match="cannot be blended"):
            fit_masks(rows, "mean_dice", kind, n_outputs=CHANNELS[kind], method=name)
        return
    fitted = sample.fitted(method, np.ones(len(IDS), bool), seed=0)
    monkeypatch.setattr("podium.predictions.store.masks.COMBINED_VALUES", 30)
    mixed = mixed_masks(method, fitted, members, IDS[::-1])
    for i, (height, _) in enumerate(SIZES):
        expected = by_hand([whole(one, i) for one in members], method, fitted)
        got = mixed.band(len(IDS) - 1 - i, 0, height)
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)
        assert got.dtype == np.float32


@settings(max_examples=30, deadline=None)
@given(
    kind=st.sampled_from(list(CHANNELS)),
    metric=st.sampled_from(["mean_dice", "mean_iou", "global_dice", "pixel_accuracy"]),
    seed=st.integers(0, 999),
    background=st.booleans(),
)
def test_of_all_pixels_the_objective_scores_as_the_masks_do(kind, metric, seed, background) -> None:
    has_one = kind == "binary" and metric.endswith("dice")
    options = {"background": background} if has_one else {}
    truths, arrays = truths_of(kind, seed), arrays_of(kind, seed + 1)
    members = [MaskArrays(IDS, arrays), MaskArrays(IDS, arrays_of(kind, seed + 2))]
    rows = gather_masks(members, truths, FOLDS, ids=IDS)
    sample = sample_pixels(rows, metrics.get(metric), pixel_kind(kind), options, seed=seed)
    assert sample.members.shape[1] == sum(height * width for height, width in SIZES)
    predicted = [decide_mask(members[0], i, [], kind) for i in range(len(IDS))]
    expected = metrics.score(metric, truths, predicted, kind=kind, **options)
    assert sample.objective.of_probs(sample.members[0]) == pytest.approx(expected)
    order = np.random.default_rng(seed).permutation(sample.members.shape[1])
    some = sample.objective.take(order)
    assert some.of_probs(sample.members[0][order]) == pytest.approx(expected)


def test_a_metric_of_probabilities_is_scored_of_those_of_a_lone_member() -> None:
    truths, arrays = truths_of("binary", 0), arrays_of("binary", 1)
    rows = gather_masks([MaskArrays(IDS, arrays)], truths, FOLDS, ids=IDS)
    sample = sample_pixels(rows, metrics.get("pixel_rmse"), pixel_kind("binary"), {})
    off = np.concatenate([(a[..., 0] - t).ravel() for a, t in zip(arrays, truths, strict=True)])
    found = sample.objective.of_probs(sample.members[0])
    assert found == pytest.approx(np.sqrt(np.mean(off.astype(np.float64) ** 2)))


def test_drawn_pixels_have_a_truth_are_covered_and_not_too_many() -> None:
    truths, arrays = truths_of("binary", 0), arrays_of("binary", 1, 0.3)
    truths[2][:4] = 255
    members = [MaskArrays(IDS, arrays), MaskArrays(IDS[::-1], arrays_of("binary", 2, 0.3)[::-1])]
    rows = gather_masks(members, truths, FOLDS, ids=IDS)
    dice = metrics.get("mean_dice")
    every = sample_pixels(rows, dice, pixel_kind("binary"), {})
    usable = [
        ~np.isnan(whole(members[0], i) + whole(members[1], i))[..., 0] & (truths[i] != 255)
        for i in range(len(IDS))
    ]
    assert np.bincount(every.objective.image_of).tolist() == [int(one.sum()) for one in usable]
    for m in range(2):
        expected = [whole(members[m], i)[usable[i]] for i in range(len(IDS))]
        np.testing.assert_array_equal(every.members[m], np.concatenate(expected))
    right = np.concatenate([truths[i][usable[i]] for i in range(len(IDS))])
    np.testing.assert_array_equal(every.objective.truth, right)
    few = sample_pixels(rows, dice, pixel_kind("binary"), {}, most=2 * len(IDS) * 8, seed=3)
    assert 0 < few.members.shape[1] <= len(IDS) * 8
    flipped = dataclasses.replace(rows, truths=[np.where(t == 255, t, 1 - t) for t in truths])
    again = sample_pixels(flipped, dice, pixel_kind("binary"), {}, most=2 * len(IDS) * 8, seed=3)
    np.testing.assert_array_equal(again.members, few.members)
    other = sample_pixels(rows, dice, pixel_kind("binary"), {}, most=2 * len(IDS) * 8, seed=4)
    assert other.members.shape != few.members.shape or (other.members != few.members).any()


def test_a_metric_of_probabilities_gets_each_image_by_itself() -> None:
    truths, arrays = truths_of("binary", 0), arrays_of("binary", 1)
    rows = gather_masks([MaskArrays(IDS, arrays)] * 2, truths, FOLDS, ids=IDS)
    given = metrics.get("pixel_rmse")

    def mean_of_images(truth, prediction, **options):
        return float(
            np.mean(
                [given.score([t], [p], **options) for t, p in zip(truth, prediction, strict=True)]
            )
        )

    own = dataclasses.replace(given, name="mine", score=mean_of_images, source="mine")
    sample = sample_pixels(rows, own, pixel_kind("binary"), {})
    off = [a[..., 0].astype(np.float64) - t for a, t in zip(arrays, truths, strict=True)]
    expected = np.mean([np.sqrt(np.mean(one**2)) for one in off])
    order = np.random.default_rng(0).permutation(sample.members.shape[1])
    some = sample.objective.take(order)
    assert some.of_probs(sample.members[0][order]) == pytest.approx(expected)


def test_as_many_pixels_of_each_image_are_drawn_as_there_is_room_for() -> None:
    members = [MaskArrays(IDS, arrays_of("multilabel", m)) for m in range(2)]
    rows = gather_masks(members, truths_of("multilabel", 0), FOLDS, ids=IDS)
    dice, areas = metrics.get("mean_dice"), np.array([height * width for height, width in SIZES])
    for most, n_each in ((2 * 2 * 6 * 25 + 23, 25), (2 * 2 * 6, 1), (1, 1)):
        few = sample_pixels(rows, dice, pixel_kind("multilabel"), {}, most=most, workers=1)
        n_drawn = np.minimum(n_each, areas)
        np.testing.assert_array_equal(np.bincount(few.objective.image_of), n_drawn)
        assert few.notes == (f"fitted on {n_drawn.sum()} of {areas.sum()} pixels",)


@pytest.mark.parametrize("band", [1, 11, 1 << 20])
def test_a_member_may_have_more_images_in_another_order_and_is_read_by_bands(
    band, monkeypatch
) -> None:
    monkeypatch.setattr("podium.ensembling.masks.combining.BAND_VALUES", band)
    truths, first, second = truths_of("binary", 0), arrays_of("binary", 1), arrays_of("binary", 2)
    other = np.zeros((30, 40, 1), np.float32)
    members = [
        MaskArrays(["x", *IDS], [other, *first]),
        MaskArrays([*IDS[::-1], "x"], [*second[::-1], other]),
    ]
    rows = gather_masks(members, [one.astype(bool) for one in truths], FOLDS, ids=IDS)
    sample = sample_pixels(rows, metrics.get("mean_dice"), pixel_kind("binary"), {})
    for found, arrays in zip(sample.members, (first, second), strict=True):
        np.testing.assert_array_equal(found, np.concatenate([a.reshape(-1, 1) for a in arrays]))
    np.testing.assert_array_equal(
        sample.objective.truth, np.concatenate([t.ravel() for t in truths])
    )
    assert sample.objective.truth.dtype == np.int64
    assert sample.notes == ("fitted on 205 of 205 pixels",)
    few = sample_pixels(rows, metrics.get("mean_dice"), pixel_kind("binary"), {}, most=60)
    shown = {
        tuple(one)
        for one in np.stack([*sample.members, sample.objective.truth[:, None]], 1)[..., 0].tolist()
    }
    assert {
        tuple(one)
        for one in np.stack([*few.members, few.objective.truth[:, None]], 1)[..., 0].tolist()
    } < shown


def test_grey_truths_stay_as_they_are() -> None:
    truths = [np.full(size, 0.25) for size in SIZES]
    members = [MaskArrays(IDS, arrays_of("binary", m)) for m in range(2)]
    rows = gather_masks(members, truths, FOLDS, ids=IDS)
    sample = sample_pixels(rows, metrics.get("pixel_rmse"), pixel_kind("binary"), {})
    assert set(sample.objective.truth.tolist()) == {0.25}


@pytest.mark.parametrize("kind", ["binary", "multilabel"])
def test_objects_are_true_where_they_lie(kind) -> None:
    n_channels = CHANNELS[kind]
    planes = [np.zeros((*size, n_channels), bool) for size in SIZES]
    objects = []
    for height, width in SIZES:
        one, two = np.zeros((2, height, width), bool)
        one[1:3, 2:3], two[2:4, 1:2] = True, True
        classes = [0, n_channels - 1]
        objects.append(Instances.from_planes((height, width), [one, two], classes=classes))
        planes[len(objects) - 1][..., 0] |= one
        planes[len(objects) - 1][..., -1] |= two
    members = [MaskArrays(IDS, arrays_of(kind, m)) for m in range(2)]
    rows = gather_masks(members, objects, FOLDS, ids=IDS)
    truth = sample_pixels(rows, metrics.get("mask_map"), pixel_kind(kind), {}).objective.truth
    expected = np.concatenate([one.reshape(-1, n_channels) for one in planes])
    np.testing.assert_array_equal(truth, expected if kind == "multilabel" else expected[:, 0])


def test_a_lone_member_is_not_fitted_and_no_pixel_is_read() -> None:
    truths = [np.full(size, 255, np.uint8) for size in SIZES]  # none could be drawn
    rows = gather_masks([MaskArrays(IDS, arrays_of("binary", 0))], truths, FOLDS, ids=IDS)
    fits = PixelFits(rows, metrics.get("mean_dice"), pixel_kind("binary"), FOLDS)
    for method in ("hill_climb", "rank"):
        made = fits.by(method)
        assert made.final.weights == (1.0,)
        assert made.notes == ()
        assert made.by_part == dict.fromkeys(range(3), made.final)
    two = gather_masks([MaskArrays(IDS, arrays_of("binary", m)) for m in (0, 1)], truths, FOLDS,
                       ids=IDS)  # fmt: skip
    both = PixelFits(two, metrics.get("mean_dice"), pixel_kind("binary"), FOLDS)
    assert both.by("mean").final.weights == (0.5, 0.5)
    with pytest.raises(UsageError, match="cannot be blended by rank"):
        both.by("rank")


def test_fits_of_sets_of_images_use_each_image_that_a_set_has() -> None:
    truths = truths_of("binary", 0)
    good = [np.where(t == 1, 0.7, 0.3)[..., None].astype(np.float32) for t in truths]
    bad = [1 - one for one in good]
    # The first member is right on the first three images, the second one on the others.
    members = [MaskArrays(IDS, [*good[:3], *bad[3:]]), MaskArrays(IDS, [*bad[:3], *good[3:]])]
    rows = gather_masks(members, truths, FOLDS, ids=IDS)
    fits = PixelFits(rows, metrics.get("mean_dice"), pixel_kind("binary"), FOLDS)
    sets = [np.array([2, 1, 1, 0, 0, 0]), np.array([0, 0, 0, 1, 3, 2]), np.zeros(6, np.int64)]
    made = fits.of_images("best", sets)
    assert [made.fits[place].weights for place in range(3)] == [(1.0, 0.0), (0.0, 1.0), (0.5, 0.5)]
    halves = dataclasses.replace(fits, parts=np.array([0, 0, 0, 1, 1, 1]))
    by_part = halves.by("best")
    assert {part: one.weights for part, one in by_part.by_part.items()} == {
        0: (0.0, 1.0),
        1: (1.0, 0.0),
    }
    assert by_part.notes[-1] == "fitted on 205 of 205 pixels"


def test_pixels_without_truth_are_refused() -> None:
    truths = [np.full(size, 255, np.uint8) for size in SIZES]
    members = [MaskArrays(IDS, arrays_of("binary", m)) for m in range(2)]
    rows = gather_masks(members, truths, FOLDS, ids=IDS)
    with pytest.raises(DataError, match="no pixel is known and covered by every member"):
        sample_pixels(rows, metrics.get("mean_dice"), pixel_kind("binary"), {})
    truths[1] = truths[1][1:]
    with pytest.raises(DataError, match="its mask is 3 × 9, its prediction 4 × 9"):
        sample_pixels(rows, metrics.get("mean_dice"), pixel_kind("binary"), {})


# Blends

N, SIDE = 24, 16
NAMES = [f"{i:02d}" for i in range(N)]
PARTS = np.arange(N) % 3


def discs(seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    places = rng.uniform(5, 11, (N, 2))
    radii = rng.uniform(3, 5, N)
    return [
        (np.hypot(rows - y, columns - x) < r).astype(np.uint8)
        for (y, x), r in zip(places, radii, strict=True)
    ]


def noisy(truths: list[np.ndarray], seed: int, noise: float) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [
        (0.3 + 0.3 * one + noise * rng.standard_normal(one.shape)).clip(0, 1)[..., None]
        .astype(np.float32)
        for one in truths
    ]  # fmt: skip


def three(truths: list[np.ndarray]) -> list[MaskArrays]:
    """Return two members that are often right, and one that is right on fold 0 alone."""
    copied = [
        (one if PARTS[i] == 0 else 0.5 - 0.1 * one).astype(np.float32)[..., None]
        for i, one in enumerate(truths)
    ]
    each = [noisy(truths, 1, 0.2), noisy(truths, 2, 0.25), copied]
    return [MaskArrays(NAMES, one) for one in each]


def fit(rows, method: str, metric: str = "mean_dice", **options):
    return fit_masks(rows, metric, "binary", n_outputs=1, n_resamples=40, method=method, **options)


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("name", ["hill_climb", "stack_logistic", "simplex", "vote"])
def test_weights_and_decision_of_fold_k_come_together_from_the_other_folds(name: str) -> None:
    truths = discs()
    members = three(truths)
    rows = gather_masks(members, truths, PARTS, ids=NAMES)
    made, units = fit(rows, name)
    how, scorer = load_method(name), CountScorer.of("mean_dice", "binary")
    values = np.stack([np.concatenate([a.reshape(-1, 1) for a in m.arrays]) for m in members])
    right = np.concatenate([one.ravel() for one in truths]).astype(np.int64)
    image = np.repeat(np.arange(N), SIDE * SIDE)
    found = {}
    for fold in (0, 1, 2, None):
        seen = np.flatnonzero(PARTS[image] != fold)
        requested = PixelObjective(
            metrics.get("mean_dice"), right[seen], pixel_kind("binary"), image[seen]
        )
        found[fold] = how.fitted(values[:, seen], requested, seed=0)
        mixed = mixed_masks(how, found[fold], members, NAMES)
        space = mask_space("binary", mixed.sizes)
        gated = GatedTable.of(count_candidates(mixed, truths, space, n_outputs=1), None)
        steps = steps_of(
            gated, choose_mask_decision(gated, scorer, np.flatnonzero(fold != PARTS)).decision, 1
        )
        inside = np.flatnonzero(fold == PARTS) if fold is not None else np.arange(N)
        predicted = [decide_mask(mixed, int(i), steps, "binary") for i in inside]
        score = metrics.score("mean_dice", [truths[i] for i in inside], predicted, kind="binary")
        assert score == pytest.approx(
            made.optimistic if fold is None else made.by_fold[fold], abs=1e-9
        )
    assert made.method == name
    assert made.weights == found[None].weights
    assert made.params == found[None].params
    assert made.honest == pytest.approx(units.score())
    assert any(note.startswith("fitted on 6,144 of 6,144 pixels") for note in made.notes)
    if name == "hill_climb":  # the copy is worth much where it was copied, and nothing there
        assert found[0].weights[2] < 0.05 < found[None].weights[2]
        assert made.honest < made.optimistic


@pytest.mark.slow
def test_the_best_member_has_a_decision_of_its_own() -> None:
    truths = discs()
    good, bad = MaskArrays(NAMES, noisy(truths, 1, 0.1)), MaskArrays(NAMES, noisy(truths, 2, 0.5))
    rows = gather_masks([bad, good], truths, PARTS, ids=NAMES, names=["bad", "good"])
    alone, _ = fit(gather_masks([good], truths, PARTS, ids=NAMES), "mean")
    made, _ = fit(rows, "mean")
    assert made.best_member == "good"
    assert made.best_alone == pytest.approx(alone.honest)
    assert alone.best_member == ""
    assert alone.beats_best is None
    assert 0 <= made.beats_best < 0.5
    climbed, _ = fit(rows, "best")
    assert climbed.weights == (0.0, 1.0)
    assert climbed.honest == pytest.approx(climbed.best_alone)
    assert climbed.beats_best == 0.5


def test_a_method_that_needs_all_rows_of_a_member_blends_no_masks() -> None:
    truths = discs()
    rows = gather_masks(three(truths), truths, PARTS, ids=NAMES)
    with pytest.raises(UsageError, match="cannot be blended by rank: it needs all rows"):
        fit(rows, "rank")
    with pytest.raises(UsageError, match="votes are decisions"):
        fit(rows, "vote", "pixel_rmse")


def test_masks_of_metrics_of_objects_are_mixed_by_weights_of_the_other_folds() -> None:
    truths = discs()
    members = three(truths)
    objects = [Instances.from_labels(one.astype(np.int32)) for one in truths]
    rows = gather_masks(members, objects, PARTS, ids=NAMES)
    made, _ = fit(rows, "hill_climb", "mask_map", trials=1)
    flat = gather_masks(members, truths, PARTS, ids=NAMES)
    sample = sample_pixels(flat, metrics.get("mean_dice"), pixel_kind("binary"), {})
    how, predicted = load_method("hill_climb"), []
    for i in range(N):
        fitted = sample.fitted(how, PARTS[i] != PARTS, seed=0)
        predicted.append(
            instances_of(
                mixed_masks(how, fitted, members, NAMES),
                i,
                [{"threshold": 0.5}, {"objects": {}}],
                "binary",
            )
        )
    assert made.honest == pytest.approx(metrics.score("mask_map", objects, predicted))
    assert made.untuned == pytest.approx(made.honest)
    assert "fitted for mean_dice: mask_map scores whole objects, not single pixels" in (made.notes)
    assert made.weights == sample.fitted(how, np.ones(N, bool), seed=0).weights
    assert made.best_member in ("member 0", "member 1", "member 2")
    assert made.best_alone is not None
    assert made.beats_best is not None


def test_objects_of_classes_teach_each_channel_its_own_class() -> None:
    rng = np.random.default_rng(0)
    objects, planes = [], []
    for size in SIZES:
        several = [rng.random(size) < 0.4 for _ in range(3)]  # they share pixels
        objects.append(Instances.from_planes(size, several, classes=[1, 0, 1]))
        planes.append(np.stack([several[1], several[0] | several[2]], axis=-1))
    members = [MaskArrays(IDS, arrays_of("multilabel", m)) for m in range(2)]
    rows = gather_masks(members, objects, FOLDS, ids=IDS)
    sample = sample_pixels(rows, metrics.get("mask_map"), pixel_kind("multilabel"), {})
    expected = np.concatenate([one.reshape(-1, 2) for one in planes])
    np.testing.assert_array_equal(sample.objective.truth, expected)
    made, _ = fit_masks(
        rows, "mask_map", "multilabel", n_outputs=2, method="hill_climb", trials=1, n_resamples=20
    )
    flat = gather_masks(members, [one.astype(np.uint8) for one in planes], FOLDS, ids=IDS)
    alike = sample_pixels(flat, metrics.get("mean_dice"), pixel_kind("multilabel"), {})
    every = np.ones(len(IDS), bool)
    assert made.weights == alike.fitted(load_method("hill_climb"), every, seed=0).weights


@pytest.mark.parametrize("n_images", [1, 7])
def test_classes_of_pixels_are_climbed_as_their_whole_means_would_be(n_images):
    rng = np.random.default_rng(n_images)
    n, n_channels = 60 * n_images, 4
    truth = rng.integers(0, n_channels, n)
    levels = rng.integers(0, 5, (5, n, n_channels)) / 4  # channels tie often
    members = (levels + np.eye(n_channels)[truth] * rng.random((5, 1, 1))).astype(np.float32)
    metric = metrics.fitting("mean_iou", "multiclass", {}, task="segment")
    image = rng.permutation(np.repeat(np.arange(n_images), 60))
    objective = PixelObjective(metric, truth, pixel_kind("multiclass"), image, n_channels, {})
    additions = objective.additions(members)
    for picks in [(0,), (1, 1), (3, 0, 4), (3, 0, 2), (2,)]:
        mean = sum(members[m].astype(np.float64) for m in picks) / len(picks)
        assert additions.score(picks) == objective.of_probs(mean)


def test_pixels_of_a_large_image_are_drawn_evenly_in_little_memory() -> None:
    tracemalloc.start()
    pixels = drawn_pixels(30_000_001, 700_001, "a slide", seed=0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40e6  # numpy draws of a list of all pixels: 240 MB
    assert len(pixels) == 700_001 == len(np.unique(pixels))
    assert 0 <= pixels[0] < pixels[-1] <= 30_000_000
    assert (np.diff(pixels) > 0).all()
    in_tenths = np.bincount(pixels * 10 // 30_000_001, minlength=10)
    np.testing.assert_allclose(in_tenths, 70_000, atol=5 * np.sqrt(70_000))
    again = drawn_pixels(30_000_001, 700_001, "a slide", seed=0)
    np.testing.assert_array_equal(pixels, again)
    assert not np.array_equal(pixels, drawn_pixels(30_000_001, 700_001, "another", seed=0))
    small = [drawn_pixels(7, 2, "an image", seed=seed).tolist() for seed in range(60)]
    assert {len(set(one)) for one in small} == {2}
    assert {pixel for one in small for pixel in one} == set(range(7))
    few = [drawn_pixels(3_000_000, 1, "a slide", seed=seed) for seed in range(60)]
    assert {len(one) for one in few} == {1}
    assert set(np.concatenate(few) // 1_000_000) == {0, 1, 2}


@pytest.mark.parametrize(
    ("other", "message"),
    [((6, 5, 2), "differ in their number of channels"), ((5, 6, 1), "as 5 × 6, the first one as")],
)
@pytest.mark.parametrize("name", ["mean", "hill_climb"])
def test_members_of_other_shapes_are_refused_by_every_method(name, other, message) -> None:
    members = [
        MaskArrays(IDS, [np.full(shape, 0.5, np.float32)] * len(IDS))
        for shape in ((6, 5, 1), other)
    ]
    truths = [np.ones((6, 5), np.uint8)] * len(IDS)
    rows = gather_masks(members, truths, FOLDS, ids=IDS)
    with pytest.raises(DataError, match=message):
        fit_masks(rows, "mean_dice", "binary", n_outputs=1, method=name)


def test_drawn_pixels_are_held_once() -> None:
    ids = [f"i{i}" for i in range(40)]
    member = MaskArrays(ids, [np.full((100, 100, 1), 0.5, np.float32)] * 40)
    truths = [np.ones((100, 100), np.uint8)] * 40
    rows = gather_masks([member] * 20, truths, np.arange(40) % 4, ids=ids)
    tracemalloc.start()
    sample = sample_pixels(rows, metrics.get("mean_dice"), pixel_kind("binary"), {}, workers=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sample.members.shape == (20, 400_000, 1)
    assert peak < 1.7 * sample.members.nbytes
