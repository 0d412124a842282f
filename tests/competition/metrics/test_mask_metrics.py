"""Metrics of masks: worked numbers, sets of pixels by hand, sklearn, and corners."""

import itertools
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from podium.competition import metrics
from podium.competition.metrics import _mask_ratios, mask_counts, score
from podium.competition.truths.masks import IGNORE
from podium.errors import DataError

METRICS = [metrics.get(name) for name in metrics.names()]
OF_MASKS = [one.name for one in METRICS if (one.task, one.needs) == ("segment", "decisions")]
KINDS = ("binary", "multiclass", "multilabel")
EVERY = list(itertools.product(OF_MASKS, KINDS))
N_CLASSES = 3


def bits(*pixels):
    """Return a mask of 8 pixels with these set."""
    mask = np.zeros((2, 4), np.uint8)
    mask.flat[list(pixels)] = 1
    return mask


# 4 px against 3 px that share 3; both empty; 4 px on an empty truth.
TRUTH = [bits(0, 1, 2), bits(), bits()]
SAID = [bits(0, 1, 2, 3), bits(), bits(4, 5, 6, 7)]


WORKED = [
    ("mean_dice", {}, 0.6190),
    ("mean_dice", {"empty": "one"}, 0.6190),
    ("mean_dice", {"empty": "zero"}, 0.2857),
    ("mean_dice", {"empty": "skip"}, 0.4286),
    ("global_dice", {}, 0.5455),
    ("mean_dice", {"over": "class"}, 0.5455),
    ("mean_iou", {}, 3 / 8),
    ("mean_iou", {"over": "pair", "empty": "one"}, (3 / 4 + 1) / 3),
    ("mean_iou", {"background": True}, (3 / 8 + 16 / 21) / 2),
    ("pixel_accuracy", {}, 19 / 24),
    ("mean_dice", {"over": "all"}, 0.5455),
    ("pixel_fbeta", {"beta": 1, "over": "all"}, 0.5455),
    ("pixel_fbeta", {"beta": 1, "empty": "one"}, 0.6190),
    ("pixel_fbeta", {"beta": 1}, 0.2857),
    ("pixel_fbeta", {"beta": 2, "empty": "skip"}, (5 * 3 / (4 * 3 + 4) + 0) / 2),
    # IoU 3/4 passes 0.50 … 0.70, and 0.75 where what equals it passes.
    ("mean_iou_hits", {}, (0.5 + 1 + 0) / 3),
    ("mean_iou_hits", {"strict": False}, (0.6 + 1 + 0) / 3),
    ("mean_iou_hits", {"empty": "skip"}, (0.5 + 0) / 2),
    ("mean_iou_hits", {"thresholds": [0.75, 0.2]}, (0.5 + 1 + 0) / 3),
]


@pytest.mark.parametrize(("name", "options", "expected"), WORKED)
def test_the_worked_numbers_come_out(name, options, expected):
    # Numbers of four digits are rounded.
    assert score(name, TRUTH, SAID, **options) == pytest.approx(expected, abs=5e-5)
    assert score(name, np.stack(TRUTH), np.stack(SAID), **options) == pytest.approx(
        expected, abs=5e-5
    )


def test_every_metric_of_masks_has_a_worked_number():
    missing = [name for name in OF_MASKS if name not in {worked for worked, *_ in WORKED}]
    assert not missing, (
        f"no number by hand: {', '.join(missing)}: work out the score of SAID against TRUTH and "
        f'write ("{missing[0]}", {{}}, that score) into WORKED of {__file__}'
    )


def test_four_pixels_against_three_that_share_three():
    assert score("mean_dice", TRUTH[:1], SAID[:1]) == pytest.approx(6 / 7, abs=1e-15)


def test_two_pixels_found_one_false_and_two_missed():
    truth, predicted = [bits(0, 1, 2, 3)], [bits(0, 1, 4)]
    assert score("pixel_fbeta", truth, predicted) == 0.625
    assert score("pixel_fbeta", [bits()], [bits()]) == 0
    assert score("pixel_fbeta", truth * 2, [predicted[0], bits()]) == 0.625 / 2  # one a fragment


@pytest.mark.parametrize(
    ("pixels", "strict", "expected"), [(13, True, 0.3), (13, False, 0.4), (18, True, 0.8)]
)
def test_an_iou_that_equals_a_threshold_passes_where_it_may(pixels, strict, expected):
    truth, predicted = np.ones((1, 20), np.uint8), np.zeros((1, 20), np.uint8)
    predicted[0, :pixels] = 1
    assert score("mean_iou_hits", [truth], [predicted], strict=strict) == expected


def test_one_empty_mask_of_two_passes_nothing():
    assert score("mean_iou_hits", [bits(), bits(1)], [bits(1), bits()]) == 0
    assert score("mean_iou_hits", [bits()], [bits()]) == 1


def test_a_file_of_empty_masks_scores_the_share_of_empty_truths():
    truth = [bits(1), bits(), bits(), bits()]
    assert score("mean_dice", truth, [bits()] * 4) == 0.75
    assert score("mean_dice", truth, [bits()] * 4, empty="zero") == 0
    assert score("mean_dice", truth, [bits()] * 4, empty="skip") == 0


# Sets of pixels, one image and class at a time.


def sets_of(mask, kind, c):
    """Return the pixels of class c (0 is background where there is one) as a set."""
    plane = mask[..., c] == 1 if kind == "multilabel" else mask == c
    return set(map(tuple, np.argwhere(plane)))


def known_of(truth, kind, c):
    plane = truth[..., c] if kind == "multilabel" else truth
    return set(map(tuple, np.argwhere(plane != IGNORE)))


def by_hand(name, truth, predicted, kind, *, over, empty, background=False):
    """Return the score, None where there is none."""
    rows = {"binary": [0, 1], "multiclass": list(range(N_CLASSES + 1))}.get(kind)
    classes = list(range(N_CLASSES)) if rows is None else rows[not background :]

    def ratio(pairs):
        both = sum(len(t & p) for t, p in pairs)
        sizes = sum(len(t) + len(p) for t, p in pairs)
        if not sizes:
            return {"one": 1.0, "zero": 0.0, "skip": None}[empty]
        if name == "mean_iou_hits":
            iou = Fraction(both, sizes - both)
            return sum(iou > Fraction(k, 20) for k in range(10, 20)) / 10
        if name == "pixel_fbeta":
            n_true, n_decided = sum(len(t) for t, _ in pairs), sum(len(p) for _, p in pairs)
            if not both:
                return 0.0
            precision, recall = both / n_decided, both / n_true
            return 1.25 * precision * recall / (0.25 * precision + recall)
        return 2 * both / sizes if name == "mean_dice" else both / (sizes - both)

    table = []
    for t, p in zip(truth, predicted, strict=True):
        row = []
        for c in classes:
            known = known_of(t, kind, c)
            row.append((known, sets_of(t, kind, c) & known, sets_of(p, kind, c) & known))
        table.append(row)
    if over == "all":
        return ratio([one[1:] for row in table for one in row])
    if over == "class":
        each = [ratio([row[c][1:] for row in table]) for c in range(len(classes))]
        each = [one for one in each if one is not None]
        return np.mean(each) if each else None
    rows = [[ratio([(t, p)]) for known, t, p in row if known] for row in table]
    rows = [[one for one in row if one is not None] for row in rows]
    if over == "pair":
        flat = [one for row in rows for one in row]
        return np.mean(flat) if flat else None
    means = [np.mean(row) for row in rows if row]
    return np.mean(means) if means else None


@st.composite
def problems(draw):
    kind = draw(st.sampled_from(KINDS))
    highest = N_CLASSES if kind == "multiclass" else 1
    truth, predicted = [], []
    for _ in range(draw(st.integers(1, 3))):
        shape = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
        shape += (N_CLASSES,) if kind == "multilabel" else ()
        known = st.integers(0, highest)
        truth.append(draw(hnp.arrays(np.uint8, shape, elements=known | st.just(IGNORE))))
        predicted.append(draw(hnp.arrays(np.uint8, shape, elements=known)))
    return kind, truth, predicted


@settings(max_examples=150, deadline=None)
@given(
    problem=problems(),
    name=st.sampled_from(["mean_dice", "mean_iou", "mean_iou_hits", "pixel_fbeta"]),
    over=st.sampled_from(["pair", "image", "class", "all"]),
    empty=st.sampled_from(["one", "zero", "skip"]),
    background=st.booleans(),
)
def test_scores_equal_those_of_sets_of_pixels(problem, name, over, empty, background):
    kind, truth, predicted = problem
    options = {"over": over, "empty": empty, "background": background and kind != "multilabel"}
    expected = by_hand(name, truth, predicted, kind, **options)
    task = {"kind": kind, "n_classes": N_CLASSES}
    if expected is None:
        with pytest.raises(DataError, match="undefined"):
            score(name, truth, predicted, **options, **task)
    else:
        assert score(name, truth, predicted, **options, **task) == pytest.approx(
            expected, abs=1e-12
        )


@settings(max_examples=60, deadline=None)
@given(problem=problems(), rows=st.integers(1, 3))
def test_counts_are_those_of_sets_of_pixels_whatever_the_band(problem, rows):
    kind, truth, predicted = problem
    n_outputs = {"binary": 1, "multiclass": N_CLASSES + 1, "multilabel": N_CLASSES}[kind]
    for t, p in zip(truth, predicted, strict=True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_mask_ratios, "BAND_CELLS", rows * t[:1].size)
            counts = mask_counts(t, p, kind=kind, n_outputs=n_outputs)
        assert counts.dtype == np.int64
        for c in range(len(counts)):
            known = known_of(t, kind, c)
            true, decided = sets_of(t, kind, c) & known, sets_of(p, kind, c) & known
            expected = [len(true & decided), len(decided), len(true), len(known)]
            assert counts[c].tolist() == expected


@pytest.mark.parametrize("n_values", [2, 4, 15, 16, 40, 255])
def test_counts_equal_sklearns_confusion_matrix(n_values):
    rng = np.random.default_rng(n_values)
    truth, predicted = rng.integers(0, n_values, (2, 60, 70)).astype(np.uint8)
    truth[:5] = IGNORE
    known = truth != IGNORE
    labels = np.arange(n_values)
    matrix = sklearn.metrics.confusion_matrix(truth[known], predicted[known], labels=labels)
    expected = np.stack([matrix.diagonal(), matrix.sum(0), matrix.sum(1)], axis=1)
    kind, n_outputs = ("binary", 1) if n_values == 2 else ("multiclass", n_values)
    counts = mask_counts(truth, predicted, kind=kind, n_outputs=n_outputs)
    np.testing.assert_array_equal(counts[:, :3], expected)
    assert (counts[:, 3] == known.sum()).all()


@pytest.mark.parametrize("seed", range(4))
def test_pooled_scores_equal_those_of_sklearn_on_flat_pixels(seed):
    rng = np.random.default_rng(seed)
    sizes = [(11, 7), (5, 9), (20, 3)]
    truth = [rng.integers(0, N_CLASSES + 1, size).astype(np.uint8) for size in sizes]
    predicted = [np.where(rng.random(t.shape) < 0.4, t, rng.integers(0, 4, t.shape)) for t in truth]
    t, p = (np.concatenate([mask.ravel() for mask in masks]) for masks in (truth, predicted))
    sk, classes = sklearn.metrics, [1, 2, 3]
    for name, function in (("mean_iou", sk.jaccard_score), ("mean_dice", sk.f1_score)):
        found = score(name, truth, predicted, over="class")
        assert found == pytest.approx(function(t, p, labels=classes, average="macro"))
        found = score(name, truth, predicted, over="class", background=True)
        assert found == pytest.approx(function(t, p, average="macro"))
    assert score("global_dice", truth, predicted) == pytest.approx(
        sk.f1_score(t, p, labels=classes, average="micro")
    )
    assert score("pixel_accuracy", truth, predicted) == pytest.approx(sk.accuracy_score(t, p))
    for beta, over, average in ((0.5, "class", "macro"), (2, "all", "micro")):
        found = score("pixel_fbeta", truth, predicted, beta=beta, over=over)
        expected = sk.fbeta_score(t, p, beta=beta, labels=classes, average=average)
        assert found == pytest.approx(expected)
    each = [
        sk.f1_score(a.ravel(), b.ravel(), labels=classes, average=None, zero_division=1.0)
        for a, b in zip(truth, predicted, strict=True)
    ]
    assert score("mean_dice", truth, predicted) == pytest.approx(np.mean(each))


# The contract of every metric of masks, also of one that is added tomorrow.


def data(kind, n, seed):
    """Return truth and decisions of n images whose sizes differ; every class is in each."""
    rng = np.random.default_rng(seed)
    truth, predicted = [], []
    for _ in range(n):
        shape = (*rng.integers(3, 9, 2), *([N_CLASSES] if kind == "multilabel" else []))
        top = N_CLASSES + 1 if kind == "multiclass" else 2
        for masks in (truth, predicted):
            masks.append(rng.integers(0, top, shape).astype(np.uint8))
            masks[-1][0, 0] = 1
        truth[-1].flat[:top] = np.arange(top)
        truth[-1][-1, -1] = IGNORE
    return truth, predicted


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_a_metric_fulfils_its_contract(name, kind):
    metric = metrics.get(name)
    assert metric.name == name
    assert metrics.fitting(name, kind, task="segment") is metric
    assert metric.sums is not None
    assert metric.of_counts is not None
    truth, predicted = data(kind, 4, 0)
    right = [np.where(t == IGNORE, 0, t) for t in truth]
    best, other = score(name, truth, right), score(name, truth, predicted)
    assert best == metric.perfect == 1
    assert metric.is_better(best, other)
    assert not metric.is_better(other, best)


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_sums_of_parts_pool_to_the_score_of_the_whole(name, kind):
    truth, predicted = data(kind, 12, 1)
    options = {"kind": kind, "n_classes": N_CLASSES}
    whole = score(name, truth, predicted)
    assert whole == score(name, truth, predicted, **options)
    parts = [metrics.sums(name, truth[k::3], predicted[k::3], **options) for k in range(3)]
    assert all(len(part) == 4 for part in parts)
    assert metrics.value(name, np.concatenate(parts)) == pytest.approx(whole, rel=1e-12)
    totals = sum(part.sum(axis=0) for part in parts)
    assert metrics.value(name, totals[None]) == pytest.approx(whole, rel=1e-12)
    n_outputs = {"binary": 1, "multiclass": 4, "multilabel": 3}[kind]
    counts = np.stack(
        [
            mask_counts(t, p, kind=kind, n_outputs=n_outputs)
            for t, p in zip(truth, predicted, strict=True)
        ]
    )
    from_counts = metrics.of_counts(name, counts, kind=kind)
    assert metrics.value(name, from_counts) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_masks_that_cannot_be_scored_are_refused(name, kind):
    truth, predicted = data(kind, 3, 2)
    with pytest.raises(DataError, match=f"{name}: shapes do not match: truth of 3 images"):
        score(name, truth, predicted[:2])
    with pytest.raises(DataError, match=f"{name} is undefined: there are no rows"):
        score(name, [], [])
    with pytest.raises(DataError, match=r"image 1: shapes do not match: truth .*, decision"):
        score(name, truth, [predicted[0], predicted[1][:-1], predicted[2]])
    with pytest.raises(DataError, match="image 2: the decision must be a uint8 mask"):
        score(name, truth, [*predicted[:2], predicted[2].astype(float)], kind=kind)
    with pytest.raises(DataError, match="the truth of image 0 is missing"):
        score(name, [None, *truth[1:]], predicted)
    with pytest.raises(DataError, match="sequence of masks"):
        score(name, truth[0].reshape(1, -1), predicted)
    with pytest.raises(DataError, match="has no option 'colour'"):
        score(name, truth, predicted, colour=1)


# Corners


def test_a_metric_of_the_other_task_is_refused():
    with pytest.raises(DataError, match="mean_iou scores masks, not labels of images") as caught:
        metrics.fitting("mean_iou", "multiclass")
    assert "accuracy" in str(caught.value)
    with pytest.raises(DataError, match="auc scores labels of images, not masks") as caught:
        metrics.fitting("auc", "binary", task="segment")
    assert "mean_dice" in str(caught.value)
    assert "metric.task to classify" in str(caught.value)
    with pytest.raises(DataError, match="f1 scores no masks"):
        metrics.of_counts("f1", np.zeros((1, 2, 4), np.int64), kind="binary")
    with pytest.raises(DataError, match="auc is no function of sums"):
        metrics.value("auc", np.zeros((1, 2)))


@pytest.mark.parametrize(
    ("truth", "predicted", "kind", "n_outputs", "message"),
    [
        ([[0, 1]], [[0, 1, 1]], "binary", 1, r"truth \(1, 2\), decision \(1, 3\)"),
        ([[0, 1]], [[0, 255]], "binary", 1, "the decision holds 255"),
        ([[0, 2]], [[0, 1]], "binary", 1, "the truth holds 2, where 0 … 1 are known"),
        ([[0, 3]], [[0, 1]], "multiclass", 3, "the truth holds 3, where 0 … 2 are known"),
        ([[0, 16]], [[0, 1]], "multiclass", 3, "the truth holds 16"),
        ([[0, 1]], [[0, 255]], "multiclass", 3, "the decision holds 255"),
        ([[0, 1]], [[0, 20]], "multiclass", 20, "the decision holds 20"),
        ([[[0, 1]]], [[[0, 4]]], "multilabel", 2, "the decision holds 4"),
        ([[0, 1]], [[0, 1]], "multilabel", 2, r"has the shape \(H, W, 2\)"),
        ([[[0, 1]]], [[[0, 1]]], "multilabel", 3, r"\(H, W, 3\), got \(1, 1, 2\)"),
        ([[[0, 1]]], [[[0, 1]]], "binary", 1, r"has the shape \(H, W\)"),
        ([[0, 300]], [[0, 1]], "binary", 1, "outside 0 … 255"),
        ([[0, -1]], [[0, 1]], "binary", 1, "outside 0 … 255"),
    ],
)
def test_masks_that_have_no_meaning_are_refused(truth, predicted, kind, n_outputs, message):
    with pytest.raises(DataError, match=message):
        mask_counts(np.array(truth), np.array(predicted), kind=kind, n_outputs=n_outputs)


def test_an_undefined_score_is_named():
    truth = [np.array([[0, 1, 1]]), np.array([[0, 0, 1]])]
    with pytest.raises(DataError, match="mean_iou is undefined: there is no class 1 in truth"):
        score("mean_iou", truth, truth, kind="multiclass", n_classes=2)
    for empty, expected in (("one", 1), ("zero", 0.5), ("skip", 1)):
        options = {"kind": "multiclass", "n_classes": 2, "empty": empty}
        assert score("mean_iou", truth, truth, **options) == expected
    both = [np.array([[1, 2]]), np.array([[1, 0]])]
    with pytest.raises(DataError, match="image 1 has no class 1 in truth and decisions"):
        score("mean_iou", both, both, over="pair", kind="multiclass")
    with pytest.raises(DataError, match="no foreground in truth and decisions"):
        score("global_dice", [bits()], [bits()])
    with pytest.raises(DataError, match="no foreground in truth and decisions"):
        score("mean_iou", [bits()], [bits()], background=True)
    with pytest.raises(DataError, match="there is no foreground in truth and decisions"):
        score("mean_iou", [np.full((2, 2), IGNORE)], [bits()[:, :2]], over="all", background=True)
    with pytest.raises(DataError, match="no background in truth and decisions"):
        score("mean_iou", [bits(*range(8))], [bits(*range(8))], background=True)
    with pytest.raises(DataError, match="every mask and every decision is empty"):
        score("mean_dice", [bits()], [bits()], empty="skip")
    with pytest.raises(DataError, match="no pixel of the truth is labelled"):
        score("pixel_accuracy", [np.full((2, 4), IGNORE)], [bits()])


def test_options_are_checked():
    with pytest.raises(DataError, match="mean_dice: over must be one of pair, image, class"):
        score("mean_dice", TRUTH, SAID, over="pixel")
    with pytest.raises(DataError, match="mean_iou: empty must be one of one, zero, skip, error"):
        score("mean_iou", TRUTH, SAID, empty="nan")
    for beta in (0, -1, "two", float("nan"), True):
        with pytest.raises(DataError, match="pixel_fbeta: beta must be a number above 0"):
            score("pixel_fbeta", TRUTH, SAID, beta=beta)
    with pytest.raises(DataError, match="mean_iou_hits: thresholds must be numbers"):
        score("mean_iou_hits", TRUTH, SAID, thresholds=[50])
    with pytest.raises(DataError, match="pixel_accuracy: over must be pixel or image"):
        score("pixel_accuracy", TRUTH, SAID, over="class")
    with pytest.raises(DataError, match="has no background class"):
        score("mean_iou", [np.ones((2, 2, 3), int)], [np.ones((2, 2, 3), int)], background=True)
    with pytest.raises(DataError, match=r"counts have the shape \(N, K, 4\), got \(2, 3\)"):
        metrics.of_counts("mean_iou", np.zeros((2, 3), np.int64), kind="binary")
    with pytest.raises(DataError, match=r"sums have the shape \(N, S\)"):
        metrics.value("mean_iou", np.zeros(3))


def test_an_unlabelled_image_does_not_count():
    unknown = np.full((2, 4), IGNORE, np.uint8)
    for name, options in (("mean_dice", {}), ("pixel_accuracy", {"over": "image"})):
        known = score(name, TRUTH, SAID, **options)
        assert score(name, [*TRUTH, unknown], [*SAID, bits(3)], **options) == known


def test_pixel_accuracy_of_images_is_the_mean_of_their_shares():
    truth = [np.zeros((1, 2), int), np.ones((2, 4), int)]
    predicted = [np.ones((1, 2), int), np.ones((2, 4), int)]
    assert score("pixel_accuracy", truth, predicted) == 0.8
    assert score("pixel_accuracy", truth, predicted, over="image") == 0.5
    both = np.array([[[[1, 0]], [[1, 1]]]]), np.array([[[[1, 1]], [[1, 1]]]])
    assert score("pixel_accuracy", *both) == 0.75


def test_a_trillion_pixels_are_counted_exactly():
    counts = np.array([[0, 0, 0, 10**12], [10**12, 10**12, 10**12, 10**12]])
    counts = np.stack([counts, counts - [[0, 0, 0, 0], [1, 0, 0, 0]]])
    for name in ("global_dice", "mean_iou"):
        sums = metrics.of_counts(name, counts, kind="binary")
        assert sums.dtype == np.int64
        # One pixel of 2·10^12 is missing: IoU (I / 2T - I) feels it twice as much as Dice (I / T).
        off = 1 - metrics.value(name, sums)
        assert off == pytest.approx((1 if name == "mean_iou" else 0.5) * 1e-12, rel=1e-3)


def test_a_large_mask_is_counted_in_little_memory():
    truth = np.zeros((4000, 6000), np.uint8)
    truth[:, ::7] = 2
    tracemalloc.start()
    counts = mask_counts(truth, truth, kind="multiclass", n_outputs=3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert counts[2].tolist() == [4000 * 858] * 3 + [24_000_000]
    assert peak < truth.nbytes
