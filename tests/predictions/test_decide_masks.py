"""Masks from probabilities: pixels by hand, order, memory, threads, and what is refused."""

import sys
import threading
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from podium.errors import DataError, UsageError
from podium.predictions import MaskArrays, decide, decide_mask, decide_masks
from podium.predictions.decisions.masks import (
    changes_nothing,
    check_mask_steps,
    default_mask_steps,
    mask_classes,
)

KINDS = ["binary", "multiclass", "multilabel"]
CHANNELS = {"binary": 1, "multiclass": 4, "multilabel": 3}
# The package has the function of this name; `import … as` would give that.
MODULE = sys.modules["podium.predictions.decisions.masks"]


def images(channels, seed=0, sizes=((7, 5), (4, 9)), holes=0.2):
    rng = np.random.default_rng(seed)
    arrays = [rng.random((*size, channels), dtype=np.float32) for size in sizes]
    for one in arrays:
        one[rng.random(one.shape[:2]) < holes] = np.nan
    return MaskArrays([f"id{i}" for i in range(len(sizes))], arrays)


def by_hand(pixel, kind, *, thresholds=(0.5, 0.5, 0.5), weights=None, is_open=(1, 1, 1)):
    """Decide one pixel in plain Python."""
    if np.isnan(pixel[0]):
        return [0] * len(pixel) if kind == "multilabel" else 0
    if kind == "multiclass":
        values = [p * w for p, w in zip(pixel.tolist(), weights or [1] * 4, strict=True)]
        values = [values[0], *(v if o else 0 for v, o in zip(values[1:], is_open, strict=True))]
        return values.index(max(values))
    bits = [
        int(p >= np.float32(t) and bool(o))
        for p, t, o in zip(pixel, thresholds, is_open, strict=False)
    ]
    return bits if kind == "multilabel" else bits[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("band", [1, 60, 10**6])
def test_the_default_decision_is_made_pixel_by_pixel(monkeypatch, kind, band):
    monkeypatch.setattr(MODULE, "_BAND_VALUES", band)
    probs = images(CHANNELS[kind])
    for i, array in enumerate(probs.arrays):
        got = decide_mask(probs, i, None, kind)
        assert got.dtype == np.uint8
        expected = [[by_hand(pixel, kind) for pixel in row] for row in array]
        np.testing.assert_array_equal(got, expected)
        np.testing.assert_array_equal(decide_mask(probs, i, default_mask_steps(kind), kind), got)


@settings(deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.5]), min_size=4, max_size=4).filter(any))
def test_class_weights_multiply_before_the_argmax(weights):
    probs = images(4)
    got = decide_mask(probs, 0, [{"class_weights": weights}], "multiclass")
    expected = [[by_hand(p, "multiclass", weights=weights) for p in row] for row in probs.arrays[0]]
    np.testing.assert_array_equal(got, expected)


@settings(deadline=None)
@given(
    probs=hnp.arrays(np.float32, (6, 5, 3), elements=st.floats(0, 1, width=32)),
    at=st.integers(0, 89),
    kind=st.sampled_from(["binary", "multilabel"]),
)
def test_a_threshold_that_is_a_stored_value_includes_it_and_decides_as_for_images(probs, at, kind):
    t = float(probs.ravel()[at])
    probs = probs[..., : CHANNELS[kind]]
    got = decide_mask(MaskArrays(["a"], [probs]), 0, [{"threshold": t}], kind)
    rows = decide(probs.reshape(-1, probs.shape[2]), [{"threshold": t}], kind)
    np.testing.assert_array_equal(got.ravel(), rows.ravel())
    assert got.ravel()[probs.ravel() == np.float32(t)].all()


@settings(deadline=None)
@given(hnp.arrays(np.float32, (6, 5, 4), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])))
def test_of_equal_channels_the_first_wins_as_for_images(probs):
    got = decide_mask(MaskArrays(["a"], [probs]), 0, ["argmax"], "multiclass")
    np.testing.assert_array_equal(got.ravel(), decide(probs.reshape(-1, 4), None, "multiclass"))


def test_each_class_has_its_own_threshold():
    probs = MaskArrays(["a"], [np.full((2, 2, 3), 0.4, np.float32)])
    got = decide_mask(probs, 0, [{"threshold": [0.3, 0.4, 0.5]}], "multilabel")
    np.testing.assert_array_equal(got, np.broadcast_to([1, 1, 0], (2, 2, 3)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_that_the_classifier_does_not_see_is_not_there(kind):
    probs, n = images(CHANNELS[kind], holes=0), mask_classes(kind, CHANNELS[kind])
    presence = np.array([0.7, 0.2, np.float32(0.3)])[:n]
    for gate, is_open in ((0.3, [1, 0, 1]), ([0.8, 0.1, 0.9][:n], [0, 1, 0]), (0.9, [0, 0, 0])):
        got = decide_mask(probs, 0, [{"gate": gate}], kind, presence=presence)
        expected = [[by_hand(p, kind, is_open=is_open) for p in row] for row in probs.arrays[0]]
        np.testing.assert_array_equal(got, expected)
    # Even where a threshold of 0 would take what has probability 0.
    if kind != "multiclass":
        steps = [{"gate": 0.9}, {"threshold": 0.0}]
        assert not decide_mask(probs, 0, steps, kind, presence=presence).any()


def test_presence_without_a_gate_changes_nothing():
    probs = images(1)
    got = decide_mask(probs, 0, None, "binary", presence=np.array([0.0]))
    np.testing.assert_array_equal(got, decide_mask(probs, 0, None, "binary"))


def test_regions_follow_the_decision_in_the_order_written():
    mask = np.zeros((9, 9), np.float32)
    mask[1:6, 1:6] = 1
    mask[3, 3] = 0  # a hole
    mask[7, 7] = 1  # a speck
    probs = MaskArrays(["a"], [mask[..., None]])

    def area(*steps):
        return int(decide_mask(probs, 0, list(steps), "binary").sum())

    assert area() == 25
    assert area({"min_area": 25}) == 0
    assert area({"fill_holes": None}, {"min_area": 25}) == 25
    assert area({"min_area": 25}, {"fill_holes": None}) == 0
    assert area({"largest": 1}) == 24
    assert area({"median": 3}) == area({"median": 3}, {"median": 1}) < 25


def test_regions_of_a_multilabel_mask_are_those_of_each_class_alone():
    probs = images(3, sizes=[(30, 30)], holes=0)
    each = {
        "threshold": [0.5, 0.6, 0.4],
        "fill_holes": [2, None, 0],
        "min_area": [1, 3, 6],
        "close": [1, 0, 2],
        "open": [0, 2, 1],
        "largest": [4, 2, 1],
        "median": [3, 1, 5],
    }
    steps = [{name: values} for name, values in each.items()]
    got = decide_mask(probs, 0, steps, "multilabel")
    for c in range(3):
        alone = MaskArrays(["a"], [probs.arrays[0][..., c : c + 1]])
        own = [{name: values[c]} for name, values in each.items()]
        np.testing.assert_array_equal(got[..., c], decide_mask(alone, 0, own, "binary"))
    assert all(got[..., c].any() for c in range(3))


@pytest.mark.parametrize("workers", [None, 1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_every_image_comes_in_order_whatever_the_threads(kind, workers):
    probs = images(CHANNELS[kind], sizes=[(9 + i % 5, 8) for i in range(25)])
    presence = np.random.default_rng(0).random((25, mask_classes(kind, CHANNELS[kind])))
    steps = [{"gate": 0.4}, {"median": 3}]
    got = list(decide_masks(probs, steps, kind, presence=presence, workers=workers))
    assert [one for one, _ in got] == probs.ids
    for i, (_, mask) in enumerate(got):
        expected = decide_mask(probs, i, steps, kind, presence=presence[i])
        np.testing.assert_array_equal(mask, expected)


class Slow(MaskArrays):
    """Masks that count which of them were read, and can fail."""

    def band(self, i, top, bottom):
        if self.ids[i] == "bad":
            raise DataError("cannot read these predictions", where="chunk", fix="predict again")
        if self.ids[i] == "worse":
            raise ZeroDivisionError
        time.sleep(0.001)
        SEEN.append(i)
        return super().band(i, top, bottom)


SEEN: list[int] = []


def slow(ids, side=8):
    SEEN.clear()
    return Slow(ids, [np.full((side, side, 1), 0.7, np.float32)] * len(ids))


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_names_the_image_and_ends_the_threads(workers):
    masks = decide_masks(slow(["a", "b", "bad", *"cdefghij"]), None, "binary", workers=workers)
    assert next(masks)[0] == "a"
    with pytest.raises(
        DataError, match=r"chunk: the mask of 'bad': cannot read[\s\S]*predict again"
    ):
        list(masks)
    with pytest.raises(ZeroDivisionError) as raised:
        list(decide_masks(slow(["worse"]), None, "binary", workers=workers))
    assert raised.value.__notes__ == ["while deciding the mask of 'worse'"]
    assert not [t for t in threading.enumerate() if t.name.startswith("decide")]


def test_stopping_early_leaves_no_thread_and_reads_few_images():
    masks = decide_masks(slow([str(i) for i in range(100)]), None, "binary", workers=2)
    next(masks)
    masks.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("decide")]
    assert len(SEEN) <= 5


def test_few_masks_wait_for_a_slow_reader(monkeypatch):
    ids = [str(i) for i in range(40)]
    masks = decide_masks(slow(ids), None, "binary", workers=2)
    next(masks)
    time.sleep(0.05)
    assert len(SEEN) <= 5, "as many as wait, and the one taken"
    masks.close()
    monkeypatch.setattr(MODULE, "_BYTES_IN_FLIGHT", 1)
    masks = decide_masks(slow(ids), None, "binary", workers=2)
    next(masks)
    time.sleep(0.02)
    assert len(SEEN) == 1, "one that is larger than the limit is decided alone"
    masks.close()


class Drawn:
    """Probabilities of one large image, made when they are read."""

    ids = ("large",)
    sizes = ((2000, 2000),)
    channels = 8

    def band(self, i, top, bottom):
        rows, columns = np.arange(top, bottom)[:, None, None], np.arange(2000)[:, None]
        wave = np.sin(rows / 37) * np.sin(columns / 41 + np.arange(8))
        return ((wave + 1) / 2).astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "steps", "limit"),
    [
        ("multiclass", [], 4e6 + 60e6),
        ("multilabel", [], 32e6 + 60e6),
        ("multilabel", [{"hysteresis": {"low": 0.3, "high": 0.6}}], 32e6 + 60e6),
        ("multilabel", [{"open": 2}, {"close": 3}], 32e6 + 60e6),
        ("multiclass", [{"fill_holes": 9}, {"min_area": 50}, {"largest": 9}, {"median": 5}], 80e6),
    ],
)
def test_memory_is_that_of_the_mask_and_some_bands(kind, steps, limit):
    decide_mask(images(8), 0, steps, kind)  # what is imported on first use is not counted
    tracemalloc.start()
    try:
        ((_, mask),) = decide_masks(Drawn(), steps, kind)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert mask.any()
    assert peak < limit < 128e6, "the probabilities alone have 128 MB"


@pytest.mark.parametrize(
    ("steps", "kind", "message"),
    [
        ([{"watershed": 1}], "binary", "'watershed' is not a step for binary masks"),
        ([{"argmax": None}], "binary", "'argmax' is not a step for binary"),
        ([{"threshold": 0.5}], "multiclass", "'threshold' is not a step for multiclass"),
        ([{"class_weights": [1] * 3}], "multilabel", "'class_weights' is not a step"),
        ([{"threshold": 0.5}, {"threshold": 0.6}], "binary", "threshold stands twice"),
        (
            [{"threshold": 0.5}, {"gate": 0.6}],
            "binary",
            "gate stands after threshold[\\s\\S]*order",
        ),
        ([{"median": 3}, {"argmax": None}], "multiclass", "argmax stands after median"),
        ([{"class_weights": [1] * 4}, {"gate": 0.5}], "multiclass", "gate stands after class_w"),
        ([{"gate": [0.5, 0.5]}], "multiclass", "gate needs 3 or 1 finite numbers"),
        ([{"threshold": [0.5, 0.5]}], "multilabel", "threshold needs 3 or 1 finite numbers"),
        ([{"threshold": "high"}], "binary", "threshold needs 1 finite number"),
        ([{"threshold": float("nan")}], "multilabel", "finite numbers"),
        ([{"class_weights": [1, 1, 1]}], "multiclass", "class_weights needs 4 finite numbers"),
        ([{"class_weights": [1, 1, -1, 1]}], "multiclass", "must be >= 0"),
        ([{"class_weights": [0] * 4}], "multiclass", "not all 0"),
        ([{"min_area": [1, 2]}], "multilabel", "min_area needs 3 or 1"),
        ([{"min_area": -1}], "binary", "min_area is in pixels, >= 0"),
        ([{"largest": 0}], "binary", "largest needs a whole number >= 1"),
        ([{"largest": None}], "binary", "largest needs a whole number >= 1"),
        ([{"largest": True}], "binary", "largest needs a whole number >= 1"),
        ([{"fill_holes": -3}], "binary", "fill_holes needs pixels"),
        ([{"fill_holes": 1.5}], "binary", "fill_holes needs pixels"),
        ([{"median": 4}], "binary", "median needs an odd number"),
        ([{"median": 101}], "binary", "median needs an odd number"),
        ([{"median": [3, 3, 3]}], "multiclass", "median of multiclass masks is one number"),
        ([{"median": [3, 4, 3]}], "multilabel", "median needs an odd number"),
        ([{"largest": [1, 2]}], "multilabel", "largest needs 3 values, or one for all"),
        ([{"largest": [1, 0, 1]}], "multiclass", "largest needs a whole number"),
        ([{"fill_holes": [None, 2]}], "multiclass", "fill_holes needs 3 values"),
        ([{"open": -1}], "binary", "open needs the radius of a disc[\\s\\S]*write open: 2"),
        ([{"close": 50}], "binary", "close needs the radius of a disc in pixels, .* 0 to 49"),
        ([{"close": None}], "binary", "close needs the radius"),
        ([{"open": [1, 1.5, 1]}], "multilabel", "open needs the radius"),
        ([{"open": 1}, {"threshold": 0.5}], "binary", "threshold stands after open"),
        ([{"median": 3, "largest": 1}], "binary", "one name with its parameter"),
    ],
)
def test_steps_that_cannot_be_meant_are_refused_before_anything_is_read(steps, kind, message):
    with pytest.raises(UsageError, match=message):
        check_mask_steps(steps, kind, CHANNELS[kind])
    never = Slow(["bad"], [np.zeros((2, 2, CHANNELS[kind]), np.float32)])
    with pytest.raises(UsageError, match=message):
        decide_masks(never, steps, kind)


def test_a_step_that_changes_nothing_leaves_every_mask_as_it_is():
    rng = np.random.default_rng(3)
    images = MaskArrays(["a"], [rng.random((24, 24, 3)).astype(np.float32)])
    presence = np.zeros((1, 3), np.float32)
    plain = decide_mask(images, 0, [{"threshold": 0.5}], "multilabel")
    for name, parameter in {
        "gate": 0, "fill_holes": 0, "min_area": 0, "open": 0, "close": 0, "median": 1,
    }.items():  # fmt: skip
        assert changes_nothing(name, parameter)
        assert changes_nothing(name, [parameter] * 3)
        assert not changes_nothing(name, [parameter, parameter + 2, parameter])
        step = {name: parameter}
        steps = [step, {"threshold": 0.5}] if name == "gate" else [{"threshold": 0.5}, step]
        given = {"presence": presence} if name == "gate" else {}
        found = decide_mask(images, 0, steps, "multilabel", **given)
        assert (found == plain).all(), name
    assert not changes_nothing("threshold", 0)


@pytest.mark.parametrize("kind", KINDS)
def test_steps_that_fit_are_let_through(kind):
    n = mask_classes(kind, CHANNELS[kind])
    steps = [{"gate": [0.5] * n}, {"fill_holes": None}, {"min_area": [3] * n}, {"fill_holes": 2}]
    check_mask_steps(steps, kind, CHANNELS[kind])
    check_mask_steps(default_mask_steps(kind), kind, CHANNELS[kind])
    check_mask_steps([{"gate": 0.1}, *default_mask_steps(kind), "fill_holes"], kind, CHANNELS[kind])
    check_mask_steps(None, kind, CHANNELS[kind])
    check_mask_steps([], kind, CHANNELS[kind])


@pytest.mark.parametrize(
    ("presence", "message"),
    [
        (None, "gate needs a classifier's probabilities"),
        (np.zeros((2, 2)), r"finite probabilities \(2, 3\) of the classifier, got \(2, 2\)"),
        (np.zeros((3, 3)), r"got \(3, 3\)"),
        (np.full((2, 3), np.nan), "finite probabilities"),
    ],
)
def test_a_gate_needs_the_classifiers_word_on_every_image(presence, message):
    with pytest.raises(UsageError, match=message):
        decide_masks(images(3), [{"gate": 0.5}], "multilabel", presence=presence)


def test_presence_of_a_binary_task_may_be_one_number_an_image():
    probs = images(1, holes=0)
    (_, first), (_, second) = decide_masks(
        probs, [{"gate": 0.5}], "binary", presence=np.array([0.4, 0.6])
    )
    assert not first.any()
    assert second.any()
