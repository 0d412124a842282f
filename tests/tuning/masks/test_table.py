"""The table of counts against deciding every mask and counting its pixels."""

from __future__ import annotations

import threading
import tracemalloc
from contextlib import AbstractContextManager

import numpy as np
import pytest

from podium.competition.metrics import mask_counts
from podium.competition.scores.sum_scorer import SumScorer
from podium.competition.truths.instances import Instances
from podium.competition.truths.masks import IGNORE
from podium.errors import DataError, UsageError
from podium.predictions.decisions.masks import decide_mask
from podium.predictions.store.masks import MaskArrays
from podium.tasks.protocols.find import pixel_kind
from podium.tuning.masks import counts as mask_table
from podium.tuning.masks import curve as mask_curve
from podium.tuning.masks import sums as mask_sums
from podium.tuning.masks.counts import count_candidates
from podium.tuning.masks.decision import GatedTable, MaskChoice, gate_keeps, steps_of
from podium.tuning.masks.space import (
    GATES,
    MOST_BYTES,
    PER_TRIAL,
    MaskCandidate,
    MaskSpace,
    mask_space,
)

CHANNELS = {"binary": 1, "multilabel": 3, "multiclass": 4}
N_CLASSES = {"binary": 1, "multilabel": 3, "multiclass": 3}


def smooth(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Noise in blobs, so that there are areas to drop."""
    coarse = rng.random((shape[0] // 3 + 1, shape[1] // 3 + 1, *shape[2:]))
    return np.kron(coarse, np.ones((3, 3) + (1,) * (len(shape) - 2)))[: shape[0], : shape[1]]


def images_of(kind: str, seed: int = 0) -> tuple[MaskArrays, list[np.ndarray]]:
    """Images of different sizes, one not covered everywhere, and truths with unknown pixels."""
    rng = np.random.default_rng(seed)
    arrays, truths = [], []
    for height, width in ((17, 23), (30, 12), (9, 9), (24, 31)):
        # Multiples of 1/20 meet the thresholds exactly.
        probs = np.round(smooth((height, width, CHANNELS[kind]), rng) * 20) / 20
        if kind == "multiclass":
            probs /= np.maximum(probs.sum(2, keepdims=True), 1e-3)
        truth_shape = (height, width, 3) if kind == "multilabel" else (height, width)
        truth = (smooth(truth_shape, rng) * (4 if kind == "multiclass" else 2)).astype(np.uint8)
        truth[rng.random(truth_shape) < 0.1] = IGNORE
        arrays.append(probs.astype(np.float32))
        truths.append(truth)
    arrays[1][5:9] = np.nan
    truths[2][:] = 0
    return MaskArrays(["a", "b", "c", "d"], arrays), truths


def presence_of(kind: str, n: int = 4, seed: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    presence = rng.random((n, N_CLASSES[kind])).astype(np.float32)
    presence[0, 0] = np.float32(0.3)  # meets a gate exactly
    return presence


def table_of(kind: str, presence: np.ndarray | None = None, trials: int = 50, **options: int):
    probs, truths = images_of(kind)
    space = mask_space(kind, probs.sizes, trials=trials)
    keeps = [] if presence is None else [gate_keeps(presence, gate) for gate in GATES]
    n_outputs = CHANNELS[kind]
    return count_candidates(probs, truths, space, n_outputs=n_outputs, keeps=keeps, **options)


@pytest.mark.other_cases("slow")
@pytest.mark.parametrize("kind", ["binary", "multilabel", "multiclass"])
def test_every_look_up_is_what_deciding_and_counting_gives(kind: str) -> None:
    probs, truths = images_of(kind)
    presence = presence_of(kind)
    gated = GatedTable.of(table_of(kind, presence), presence)
    rng = np.random.default_rng(1)
    n_candidates = len(gated.table.candidates)
    choices = [MaskChoice(((a, 0),)) for a in range(n_candidates)]
    gates = rng.integers(0, len(gated.gates), 2 * n_candidates)
    choices += [MaskChoice(((a % n_candidates, int(g)),)) for a, g in enumerate(gates)]
    if kind == "multilabel":
        picks = rng.integers(0, (n_candidates, len(gated.gates)), (40, 3, 2))
        choices += [MaskChoice(tuple((int(a), int(g)) for a, g in three)) for three in picks]
    rows = np.array([3, 0, 2, 1])
    for choice in choices:
        steps = steps_of(gated, choice, CHANNELS[kind])
        expected = [
            mask_counts(
                truths[i],
                decide_mask(probs, i, steps, kind, presence=presence[i]),
                kind=kind,
                n_outputs=CHANNELS[kind],
            )
            for i in rows
        ]
        np.testing.assert_array_equal(gated.look_up(choice, rows), np.stack(expected), str(steps))


def test_bands_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in CHANNELS:
        presence = presence_of(kind)
        whole = table_of(kind, presence, workers=1)
        monkeypatch.setattr(mask_table, "BAND_VALUES", 50)
        monkeypatch.setattr(mask_table, "PIXELS_AT_ONCE", 400)
        cut = table_of(kind, presence, workers=3)
        np.testing.assert_array_equal(cut.counts, whole.counts)
        assert cut.variants == whole.variants
        monkeypatch.undo()


def test_the_grid_has_the_plain_decision_first_and_keeps_to_its_budget() -> None:
    for kind, plain in (("binary", 0.5), ("multilabel", 0.5), ("multiclass", 1.0)):
        for trials in (1, 3, 12, 50, 300):
            space = mask_space(kind, [(100, 100), (80, 90)], trials=trials)
            n_paid = trials if kind == "multiclass" or trials == 1 else PER_TRIAL * trials
            assert min(n_paid / 2, 37 * 6) <= len(space.candidates) <= n_paid
            assert len(set(space.candidates)) == len(space.candidates)
            first = space.candidates[0]
            assert (first.level, first.min_area, first.median) == (plain, 0, 0)
            levels = np.array(space.levels)
            centred = levels - 0.5 if plain == 0.5 else np.log2(levels)
            if trials >= 50:  # as far above the plain level as below it
                np.testing.assert_allclose(centred, -centred[::-1], atol=0.01)
    with pytest.raises(DataError, match="there is no kind 'regression' of segment"):
        mask_space("regression", [(4, 4)])
    with pytest.raises(UsageError, match="at least 1"):
        mask_space("binary", [(4, 4)], trials=0)


def test_counts_of_many_images_and_classes_stay_within_memory() -> None:
    sizes = [(256, 256)] * 5000
    for kind, n_classes in (("binary", 1), ("multilabel", 3), ("multilabel", 40)):
        space = mask_space(kind, sizes, trials=1000, n_classes=n_classes)
        n_rows = 2 if kind == "binary" else n_classes
        assert len(space.candidates) * len(sizes) * n_rows * 16 <= MOST_BYTES
        assert (space.notes != ()) == (n_classes == 40)
    assert "125 decisions are tried, where 296 were requested" in space.notes[0]
    assert space.candidates[0] == MaskCandidate(0.5)
    assert len(space.candidates) == 120  # 15 thresholds


def test_areas_of_tiny_images_are_areas() -> None:
    assert mask_space("binary", [(4, 4)]).axes["min_area"] == [0]
    assert mask_space("binary", [(100, 100)]).axes["min_area"] == [0, 5, 20, 100]


def test_an_image_without_a_mask_or_with_one_of_another_size_is_named() -> None:
    probs, truths = images_of("binary")
    space = mask_space("binary", probs.sizes, trials=1)
    with pytest.raises(DataError, match="b: this image has no mask"):
        count_candidates(probs, [truths[0], None, *truths[2:]], space, n_outputs=1)
    with pytest.raises(DataError, match="b: shapes do not match"):
        count_candidates(probs, [truths[0], truths[0], *truths[2:]], space, n_outputs=1)
    with pytest.raises(UsageError, match="3 masks for 4 images"):
        count_candidates(probs, truths[:3], space, n_outputs=1)


class Large:
    """Masks of probabilities that are made when they are read; it counts what is in the air."""

    def __init__(self, n: int, side: int) -> None:
        self.ids, self.sizes, self.channels = [str(i) for i in range(n)], [(side, side)] * n, 1
        self.lock, self.reading, self.most_at_once = threading.Lock(), 0, 0

    def band(self, i: int, top: int, bottom: int) -> np.ndarray:
        with self.lock:
            self.reading += 1
            self.most_at_once = max(self.most_at_once, self.reading)
        made = np.full((bottom - top, self.sizes[i][1], 1), 0.25 + 0.5 * (i % 2), np.float32)
        with self.lock:
            self.reading -= 1
        return made


class Empty:
    """Truths that are made when they are read."""

    def __init__(self, n: int, side: int) -> None:
        self.n, self.side = n, side

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, _: int) -> np.ndarray:
        return np.zeros((self.side, self.side), np.uint8)


def test_images_at_once_are_limited_by_the_pixels_of_all_their_channels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[float] = []

    class Noting(mask_table.PixelBudget):
        def of(self, pixels: int) -> AbstractContextManager[None]:
            asked.append(pixels)
            return super().of(pixels)

    for module in (mask_table, mask_curve, mask_sums):
        monkeypatch.setattr(module, "PixelBudget", Noting)
    probs, truths = images_of("multilabel")
    expected = sorted(3 * height * width for height, width in probs.sizes)
    table_of("multilabel", workers=2)
    assert sorted(asked) == expected
    asked.clear()
    mask_curve.mask_threshold_curve(probs, truths, "mean_dice", kind="multilabel", workers=2)
    assert sorted(asked) == expected
    asked.clear()
    objects = [Instances.nothing(size) for size in probs.sizes]
    kind = pixel_kind("multilabel")
    scorer = SumScorer.of("iou_precision", kind, n_classes=3)
    space = MaskSpace(kind, {}, mask_space("instance", probs.sizes, trials=9).candidates[:1])
    mask_sums.sum_objects(probs, objects, space, scorer, workers=2)
    assert sorted(asked) == [4 * one for one in expected]


def test_an_image_waits_until_there_is_room_for_its_pixels_or_it_is_alone() -> None:
    budget, entered = mask_table.PixelBudget(10), list[int]()

    def enter(pixels: int) -> None:
        with budget.of(pixels):
            entered.append(pixels)

    fits, waits = (threading.Thread(target=enter, args=(pixels,)) for pixels in (4, 5))
    with budget.of(6):
        fits.start()
        fits.join(30)
        waits.start()
        waits.join(0.05)
        assert entered == [4]
    waits.join(30)
    enter(11)
    assert entered == [4, 5, 11]


def test_memory_is_that_of_one_image_and_no_image_s_probabilities(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    side, n = 1500, 6
    monkeypatch.setattr(mask_table, "PIXELS_AT_ONCE", side * side)
    monkeypatch.setattr(mask_table, "BAND_VALUES", 1 << 16)
    large = Large(n, side)
    space = MaskSpace(
        pixel_kind("binary"), {}, mask_space("binary", large.sizes, trials=50).candidates[:3]
    )

    def peak(count: int) -> int:
        large.ids, large.sizes = large.ids[:count], large.sizes[:count]
        tracemalloc.start()
        count_candidates(large, Empty(count, side), space, n_outputs=1, workers=3)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    count_candidates(Large(1, 8), Empty(1, 8), space, n_outputs=1)  # what is loaded once
    # A byte a pixel each: truth, levels, pixels, cleaned mask; six for finding components.
    assert peak(n) < 11 * side * side
    assert large.most_at_once == 1  # of images that are as large as the budget


def test_a_class_wins_only_above_the_weighted_background() -> None:
    space = mask_space("multiclass", [(64, 64)], trials=150)
    assert len(space.levels) > 5
    weights = np.array(space.levels)
    background = np.float32(0.0375)
    # One number below, at and above each edge, rounded to what predictions are kept in.
    edges = (background * weights).astype(np.float32)
    others = np.stack(
        [np.nextafter(edges, np.float32(0)), edges, np.nextafter(edges, np.float32(1))]
    )
    image = np.zeros((*others.shape, 3), np.float32)
    image[..., 0], image[..., 1] = background, others
    probs, truth = MaskArrays(["a"], [image]), np.ones(others.shape, np.uint8)
    table = count_candidates(probs, [truth], space, n_outputs=3)
    gated = GatedTable.of(table, None)
    for a, one in enumerate(space.candidates):
        if one.median == one.min_area == 0:
            found = gated.look_up(MaskChoice(((a, 0),)), np.array([0]))
            n_of_class = (others.astype(np.float64) > one.level * np.float64(background)).sum()
            assert found[0, 1, 1] == n_of_class, one.level
