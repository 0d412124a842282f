"""Metrics of objects: worked numbers, pycocotools, matching by brute force, and their contract."""

import contextlib
import io
import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from podium.competition import metrics
from podium.competition.metrics import score
from podium.competition.metrics._crossing import crossings
from podium.competition.metrics._matching import limits_of, pairs_of
from podium.competition.scores import bootstrap
from podium.competition.truths.instances import Instances
from podium.errors import DataError

METRICS = [metrics.get(name) for name in metrics.names()]
OF_OBJECTS = [one.name for one in METRICS if one.needs == "instances"]
SIZE = (4, 40)
SWEEP = [Fraction(k, 20) for k in range(10, 20)]


def span(row, start, stop):
    """Return the object of these pixels of one row."""
    plane = np.zeros(SIZE, bool)
    plane[row, start:stop] = True
    return plane


def image(*planes, classes=None, scores=None):
    return Instances.from_planes(SIZE, planes, classes, scores)


NOTHING = image()
ONE = image(span(0, 0, 10))
TWO = image(span(0, 0, 10), span(1, 0, 10))
# Found: the first perfectly, the second with IoU 8/10; the third is missed.
THREE = image(span(0, 0, 10), span(1, 0, 10), span(2, 0, 10))
FOUND = image(span(0, 0, 10), span(1, 0, 8))


WORKED = [
    ("iou_precision", THREE, FOUND, {}, 0.5),
    ("iou_precision", image(span(0, 0, 20)), image(span(0, 0, 13)), {}, 0.3),
    ("iou_precision", image(span(0, 0, 20)), image(span(0, 0, 13)), {"strict": False}, 0.4),
    ("iou_precision", image(span(0, 0, 20)), image(span(0, 0, 18)), {}, 0.8),
    ("iou_precision", image(span(0, 0, 20)), image(span(0, 0, 18)), {"strict": False}, 0.9),
    ("iou_precision", NOTHING, NOTHING, {}, 1),
    ("iou_precision", NOTHING, NOTHING, {"empty": "zero"}, 0),
    ("iou_precision", NOTHING, ONE, {}, 0),
    ("iou_precision", ONE, NOTHING, {}, 0),
    ("iou_precision", ONE, TWO, {}, 1 / 2),
    ("iou_f2", THREE, FOUND, {}, (6 * 10 / 14 + 4 * 5 / 14) / 10),
    ("iou_f2", ONE, TWO, {}, 5 / 6),
    ("iou_f2", TWO, ONE, {}, 5 / 9),
    ("iou_f2", NOTHING, NOTHING, {}, 1),
    ("iou_f2", NOTHING, ONE, {}, 0),
    ("iou_f2", ONE, NOTHING, {}, 0),
    # Matches of IoU 1 and 0.8, one missed: 1.8 / (2 + 1/2).
    ("panoptic_quality", THREE, FOUND, {}, 0.72),
    # An IoU of exactly 1/2 is no match.
    ("panoptic_quality", image(span(0, 0, 20)), image(span(0, 0, 10)), {}, 0),
    ("mask_map", THREE, FOUND, {"thresholds": [0.5]}, 2 / 3),
    ("mask_map", THREE, FOUND, {}, (7 * 2 / 3 + 3 * 1 / 3) / 10),
    ("mask_map", THREE, FOUND, {"strict": True}, (6 * 2 / 3 + 4 * 1 / 3) / 10),
    # Recall 0 … 0.66 of 101 points has precision 1.
    ("mask_map", THREE, FOUND, {"thresholds": [0.5], "interpolation": "101_points"}, 67 / 101),
]


@pytest.mark.parametrize(("name", "truth", "predicted", "options", "expected"), WORKED)
def test_the_worked_numbers_come_out(name, truth, predicted, options, expected):
    assert score(name, [truth], [predicted], **options) == pytest.approx(expected, abs=1e-12)


def test_every_metric_of_objects_has_a_worked_number():
    missing = [name for name in OF_OBJECTS if name not in {worked for worked, *_ in WORKED}]
    assert not missing, (
        f"no number by hand: {', '.join(missing)}: work out the score of FOUND against THREE and "
        f'write ("{missing[0]}", THREE, FOUND, {{}}, that score) into WORKED of {__file__}'
    )


def test_the_score_of_objects_is_the_mean_of_the_images():
    truth, predicted = [THREE, NOTHING, ONE], [FOUND, NOTHING, TWO]
    assert score("iou_precision", truth, predicted) == pytest.approx((0.5 + 1 + 0.5) / 3)
    assert score("iou_precision", truth, predicted, empty="skip") == pytest.approx((0.5 + 0.5) / 2)
    assert score("iou_f2", truth, predicted) == pytest.approx((8 / 14 + 1 + 5 / 6) / 3)


def test_classes_are_pooled_over_images_and_absent_ones_are_left_out():
    first = image(span(0, 0, 10), span(1, 0, 10), classes=[0, 2])
    second = image(span(0, 0, 10), classes=[0])
    # Class 0: IoU 1 and 0.8 of two; class 2 is missed; class 1 is nobody's.
    predicted = [image(span(0, 0, 10), classes=[0]), image(span(0, 0, 8), classes=[0])]
    assert score("panoptic_quality", [first, second], predicted) == pytest.approx((0.9 + 0) / 2)
    assert score("panoptic_quality", [first, second], predicted, n_classes=7) == pytest.approx(0.45)


@pytest.mark.parametrize("name", OF_OBJECTS)
def test_an_object_of_another_class_is_another_object(name):
    truth, predicted = image(span(0, 0, 10), classes=[0]), image(span(0, 0, 10), classes=[1])
    assert score(name, [truth], [truth]) == metrics.get(name).perfect == 1
    assert score(name, [truth], [predicted]) == 0


def test_average_precision_takes_the_surest_object_first():
    truth = [image(span(0, 0, 10)), image(span(0, 0, 10))]
    right, wrong = span(0, 0, 10), span(3, 0, 10)
    predicted = [image(wrong, right, scores=[0.9, 0.8]), image(right, scores=[0.5])]
    # Miss, hit, hit: precision 1/2 at recall 1/2, 2/3 at 1, and 2/3 is the best from either on.
    assert score("mask_map", truth, predicted) == pytest.approx(2 / 3)
    predicted[0] = image(wrong, right, scores=[0.6, 0.8])  # hit, miss, hit
    assert score("mask_map", truth, predicted) == pytest.approx((1 + 2 / 3) / 2)
    assert score("mask_map", truth, predicted, max_objects=1) == 1


def test_a_true_object_is_hit_once():
    right = span(0, 0, 10)
    predicted = image(right, right, scores=[0.9, 0.8])
    assert score("mask_map", [TWO], [predicted]) == pytest.approx(1 / 2)
    assert score("iou_precision", [ONE], [predicted]) == pytest.approx(1 / 2)
    assert score("panoptic_quality", [ONE], [predicted]) == pytest.approx(1 / 1.5)


def test_two_halves_are_one_hit_of_the_whole():
    halves = image(span(0, 0, 5), span(0, 5, 10))
    assert score("iou_precision", [ONE], [halves], strict=False) == pytest.approx(0.05)


def test_as_many_objects_as_can_be_are_matched():
    # The first may have either, the second has only what the first overlaps most.
    truth = image(span(0, 0, 10), span(0, 6, 16))
    predicted = image(span(0, 3, 13), span(0, 0, 6))
    found = score("iou_precision", [truth], [predicted], thresholds=[0.5], strict=True)
    assert found == 1


def test_of_two_true_objects_of_equal_iou_the_last_is_hit():
    truth, predicted = image(span(0, 0, 6), span(0, 2, 8)), image(span(0, 1, 7), span(0, 3, 9))
    predicted = Instances.from_planes(SIZE, list(predicted.planes()), scores=[0.9, 0.8])
    # The second could only have hit the one that the first took.
    assert score("mask_map", [truth], [predicted], thresholds=[0.5]) == 0.5
    assert coco_map([truth], [predicted], [Fraction(1, 2)], 100) == pytest.approx(51 / 101)


@pytest.mark.parametrize("given", [0.57, 0.6000000000000001, 0.289, 1 - 0.1])
def test_a_threshold_is_compared_exactly(given):
    assert limits_of("any", [given]).tolist() == [round(given * 1000) * 1000]


# Every way of matching, on small images whose objects overlap as they like.


def masks(size=(3, 4)):
    return hnp.arrays(np.bool_, size).filter(lambda plane: plane.any())


@st.composite
def problems(draw, n_images=2, max_objects=3):
    truth, predicted = [], []
    for _ in range(draw(st.integers(1, n_images))):
        for of, is_truth in ((truth, True), (predicted, False)):
            n = draw(st.integers(0, max_objects))
            planes = [draw(masks()) for _ in range(n)]
            classes = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
            scores = [1.0] * n if is_truth else draw(st.permutations([0.25, 0.5, 0.75]))[:n]
            of.append(Instances.from_planes((3, 4), planes, classes, scores))
    return truth, predicted


def iou(a, b):
    return Fraction(int((a & b).sum()), int((a | b).sum()))


def tables_of_iou(truth, predicted):
    """Return the IoU of every pair of an image, 0 between classes."""
    return [
        [
            iou(a, b) if c == d else Fraction(0)
            for b, d in zip(predicted.planes(), predicted.classes, strict=True)
        ]
        for a, c in zip(truth.planes(), truth.classes)  # noqa: B905
    ]


def most_matches(table, n_predicted, is_hit):
    """Return the size of the largest matching, by trying each."""
    best = 0
    slots = [*range(n_predicted), *[None] * len(table)]
    for chosen in itertools.permutations(slots, len(table)):
        hits = sum(j is not None and is_hit(row[j]) for row, j in zip(table, chosen, strict=True))
        best = max(best, hits)
    return best


@settings(max_examples=60, deadline=None)
@given(problem=problems(n_images=1))
def test_pairs_are_all_objects_of_a_class_that_share_pixels(problem):
    (truth,), (predicted,) = problem
    expected = [
        (i, j, int((a & b).sum()), int((a | b).sum()))
        for i, a in enumerate(truth.planes())
        for j, b in enumerate(predicted.planes())
        if truth.classes[i] == predicted.classes[j] and (a & b).any()
    ]
    found = pairs_of(truth, predicted)
    columns = (found.true, found.predicted, found.both, found.either)
    assert list(zip(*[one.tolist() for one in columns], strict=True)) == expected


@pytest.mark.parametrize("seed", range(4))
def test_pairs_of_many_objects_of_any_height_are_those_of_every_comparison(seed):
    rng = np.random.default_rng(seed)
    truth, predicted = (
        Instances.from_planes((60, 50), planes, rng.integers(0, 2, len(planes)))
        for planes in (some_planes(rng, 30), some_planes(rng, 40))
    )
    found = pairs_of(truth, predicted)
    every = [
        (i, j, truth.intersection(i, predicted, j))
        for i, j in itertools.product(range(30), range(40))
        if truth.classes[i] == predicted.classes[j]
    ]
    got = list(zip(found.true.tolist(), found.predicted.tolist(), found.both.tolist(), strict=True))
    assert got == [one for one in every if one[2]]
    assert len(got) > 50


def some_planes(rng, n):
    planes = np.zeros((n, 60, 50), bool)
    for plane in planes:
        top, left = rng.integers(0, 55), rng.integers(0, 45)
        box = plane[top : top + rng.integers(1, 40), left : left + rng.integers(1, 20)]
        box[...] = rng.random(box.shape) < 0.6
        box[0, 0] = True
    return planes


def test_objects_of_one_pixel_pair_where_it_is_the_same():
    pixels = np.eye(9, dtype=bool).reshape(9, 3, 3)
    objects = Instances.from_planes((3, 3), pixels)
    found = pairs_of(objects, objects)
    assert found.true.tolist() == found.predicted.tolist() == list(range(9))


@settings(max_examples=60, deadline=None)
@given(problem=problems(), strict=st.booleans())
def test_swept_scores_equal_those_of_the_best_of_all_matchings(problem, strict):
    for name in ("iou_precision", "iou_f2"):
        each = []
        for truth, predicted in zip(*problem, strict=True):
            if not len(truth) and not len(predicted):
                each.append(Fraction(1))
                continue
            table = tables_of_iou(truth, predicted)
            for t in SWEEP:
                tp = most_matches(table, len(predicted), lambda v, t=t: v > t if strict else v >= t)
                fp, fn = len(predicted) - tp, len(truth) - tp
                ratio = {
                    "iou_precision": Fraction(tp, tp + fp + fn),
                    "iou_f2": Fraction(5 * tp, 5 * tp + 4 * fn + fp),
                }
                each.append(ratio[name] / 10)
        expected = float(sum(each) / len(problem[0]))
        assert score(name, *problem, strict=strict) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(labels=hnp.arrays(np.int8, (2, 2, 4, 5), elements=st.integers(0, 4)))
def test_panoptic_quality_equals_its_formula_on_maps_of_labels(labels):
    # Odd numbers are class 1, even ones class 0.
    truth, predicted = (
        [Instances.from_labels(one, classes=np.unique(one[one > 0]) % 2) for one in maps]
        for maps in labels
    )
    each = []
    for kind in (0, 1):
        total, below = Fraction(0), Fraction(0)
        for t, p in zip(*labels, strict=True):
            true = [t == v for v in np.unique(t[t > 0]) if v % 2 == kind]
            found = [p == v for v in np.unique(p[p > 0]) if v % 2 == kind]
            matches = [iou(a, b) for a in true for b in found if iou(a, b) > Fraction(1, 2)]
            total += sum(matches)
            below += Fraction(len(true) + len(found), 2)  # TP + FP/2 + FN/2
        if below:
            each.append(total / below)
    if not each:
        with pytest.raises(DataError, match="panoptic_quality is undefined"):
            score("panoptic_quality", truth, predicted)
    else:
        expected = float(sum(each) / len(each))
        assert score("panoptic_quality", truth, predicted) == pytest.approx(expected, abs=1e-12)


def coco_map(truth, predicted, thresholds, max_objects):
    """Return what pycocotools gives for masks, over all sizes."""
    from pycocotools import mask as coco_mask
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def rows(images, kind):
        found = []
        for n, objects in enumerate(images):
            planes = zip(objects.planes(), objects.classes, objects.scores, strict=True)
            for plane, c, sure in planes:
                runs = coco_mask.encode(np.asfortranarray(plane.astype(np.uint8)))
                row = {"image_id": n, "category_id": int(c) + 1, "segmentation": runs}
                row |= {"id": len(found) + 1, "area": int(plane.sum()), "iscrowd": 0}
                found.append(row | ({"score": float(sure)} if kind == "predicted" else {}))
        return found

    with contextlib.redirect_stdout(io.StringIO()):
        right, found = COCO(), COCO()
    sizes = [one.size for one in truth]
    frames = [{"id": n, "height": h, "width": w} for n, (h, w) in enumerate(sizes)]
    kinds = [{"id": c} for c in range(1, 4)]
    for coco, annotations in ((right, rows(truth, "truth")), (found, rows(predicted, "predicted"))):
        coco.dataset = {"images": frames, "categories": kinds, "annotations": annotations}
        with contextlib.redirect_stdout(io.StringIO()):
            coco.createIndex()
    evaluation = COCOeval(right, found, "segm")
    # A quotient of floats may fall below the threshold that it equals.
    evaluation.params.iouThrs = np.array([float(t) for t in thresholds]) - 1e-9
    evaluation.params.maxDets = [max_objects]
    evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"]
    return precision[precision > -1].mean()


@settings(max_examples=40, deadline=None)
@given(problem=problems(n_images=3, max_objects=3), max_objects=st.integers(1, 3))
def test_mean_average_precision_equals_that_of_pycocotools(problem, max_objects):
    truth, predicted = problem
    options = {"interpolation": "101_points", "max_objects": max_objects}
    if not any(len(one) for one in truth):
        with pytest.raises(DataError, match="mask_map is undefined"):
            score("mask_map", truth, predicted, **options)
        return
    expected = coco_map(truth, predicted, SWEEP, max_objects)
    assert score("mask_map", truth, predicted, **options) == pytest.approx(expected, abs=1e-9)


def random_images(n, seed, size=(40, 50), n_classes=2):
    """Return truth and prediction: rectangles, most of them moved a little, and false ones."""
    rng = np.random.default_rng(seed)

    def draw(count):
        corners = rng.integers(0, 30, (count, 2))
        return np.column_stack([corners, corners + rng.integers(4, 9, (count, 2))])

    def objects(boxes, classes, scores):
        planes = []
        for top, left, bottom, right in np.clip(boxes, 0, 40):
            planes.append(np.zeros(size, bool))
            planes[-1][top : max(bottom, top + 1), left : max(right, left + 1)] = True
        return Instances.from_planes(size, planes, classes, scores)

    truth, predicted = [], []
    for _ in range(n):
        boxes, false = draw(rng.integers(1, 6)), draw(rng.integers(0, 3))
        classes = rng.integers(0, n_classes, len(boxes))
        classes[0] = 0
        moved = np.vstack([boxes + rng.integers(-1, 2, boxes.shape), false])
        kinds = np.r_[classes, rng.integers(0, n_classes, len(false))]
        truth.append(objects(boxes, classes, None))
        # Equal scores in different images only: those of an image drawn twice would alternate.
        predicted.append(objects(moved, kinds, rng.permutation(10)[: len(moved)] / 10))
    return truth, predicted


@pytest.mark.parametrize("seed", range(3))
def test_mean_average_precision_of_many_images_equals_that_of_pycocotools(seed):
    truth, predicted = random_images(30, seed)
    found = score("mask_map", truth, predicted, interpolation="101_points", max_objects=100)
    assert found == pytest.approx(coco_map(truth, predicted, SWEEP, 100), abs=1e-9)
    assert 0.1 < found < 0.9


@pytest.mark.parametrize("interpolation", ["all_points", "101_points"])
def test_scores_of_draws_are_those_of_the_images_drawn(interpolation):
    truth, predicted = random_images(8, 3)
    counts = np.random.default_rng(0).integers(0, 4, (12, 8))
    counts[0] = 0
    metric = metrics.get("mask_map")
    options = metric.complete({"interpolation": interpolation, "thresholds": [0.5, 0.75]})
    drawn = metric.score_draws(truth, predicted, counts, **options)
    assert np.isnan(drawn[0])
    for one, found in zip(counts[1:], drawn[1:], strict=True):
        rows = np.repeat(np.arange(8), one)
        expected = score(
            "mask_map", [truth[r] for r in rows], [predicted[r] for r in rows], **options
        )
        assert found == pytest.approx(expected, abs=1e-12)


# The contract of every metric of objects, also of one that is added tomorrow.


def test_the_usual_metric_of_objects_is_theirs():
    assert metrics.usual("segment", "instance") == "iou_precision"
    with pytest.raises(DataError, match="mean_dice cannot score an instance task") as caught:
        metrics.fitting("mean_dice", "instance", task="segment")
    assert "iou_precision" in str(caught.value)


@pytest.mark.parametrize("name", OF_OBJECTS)
def test_a_metric_fulfils_its_contract(name):
    metric = metrics.get(name)
    assert (metric.name, metric.task, metric.kinds) == (name, "segment", {"instance"})
    assert metrics.fitting(name, "instance", task="segment") is metric
    assert (metric.sums is None) == (metric.value is None)
    assert metric.sums is not None or metric.score_draws is not None
    truth, predicted = random_images(6, 0)
    best, other = score(name, truth, truth), score(name, truth, predicted)
    assert best == 1
    assert metric.is_better(best, other)
    nothing = [Instances.nothing(one.size) for one in truth]
    assert score(name, truth, nothing) == 0


@pytest.mark.parametrize("name", [name for name in OF_OBJECTS if metrics.get(name).sums])
def test_sums_of_parts_pool_to_the_score_of_the_whole(name):
    truth, predicted = random_images(9, 1)
    options = {"n_classes": 2} if "n_classes" in metrics.get(name).options else {}
    whole = score(name, truth, predicted)
    parts = [metrics.sums(name, truth[k::3], predicted[k::3], **options) for k in range(3)]
    assert all(len(part) == 3 for part in parts)
    assert metrics.value(name, np.concatenate(parts)) == pytest.approx(whole, rel=1e-12)
    totals = sum(part.sum(axis=0) for part in parts)
    assert metrics.value(name, totals[None]) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("name", OF_OBJECTS)
def test_a_score_has_an_interval(name):
    truth, predicted = random_images(12, 2)
    low, high = bootstrap.interval(name, truth, predicted, n=50, groups=np.arange(12) // 2)
    assert low < score(name, truth, predicted) < high


@pytest.mark.parametrize("name", OF_OBJECTS)
def test_objects_that_cannot_be_scored_are_refused(name):
    truth, predicted = random_images(3, 2)
    with pytest.raises(DataError, match=f"{name}: shapes do not match: truth of 3 images"):
        score(name, truth, predicted[:2])
    with pytest.raises(DataError, match=f"{name} is undefined: there are no rows"):
        score(name, [], [])
    with pytest.raises(DataError, match=f"{name}: the truth must be a sequence"):
        score(name, truth[0], predicted[0])
    with pytest.raises(DataError, match="image 1: sizes do not match"):
        score(name, truth, [predicted[0], ONE, predicted[2]])
    with pytest.raises(DataError, match="the prediction of image 2 is ndarray, not its objects"):
        score(name, truth, [*predicted[:2], np.zeros((40, 50))])
    with pytest.raises(DataError, match="the truth of image 0 is NoneType, not its objects"):
        score(name, [None, *truth[1:]], predicted)


@pytest.mark.parametrize("name", ["panoptic_quality", "mask_map"])
def test_without_any_object_there_is_no_score(name):
    with pytest.raises(DataError, match=f"{name} is undefined"):
        score(name, [NOTHING], [NOTHING])


@pytest.mark.parametrize("name", ["iou_precision", "iou_f2"])
def test_the_score_of_an_image_without_objects_is_an_option(name):
    with pytest.raises(DataError, match=f"{name} is undefined: no image has an object"):
        score(name, [NOTHING], [NOTHING], empty="skip")
    with pytest.raises(DataError, match=f"{name} is undefined: image 1 has no objects"):
        score(name, [ONE, NOTHING], [ONE, NOTHING], empty="error")
    with pytest.raises(DataError, match=f"{name}: empty must be one of one, zero, skip, error"):
        score(name, [ONE], [ONE], empty="nan")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("iou_precision", {"thresholds": []}, "thresholds must be numbers in"),
        ("iou_precision", {"thresholds": [0.5, 1.0]}, "thresholds must be numbers in"),
        ("iou_precision", {"thresholds": ["half"]}, "thresholds must be numbers in"),
        ("iou_f2", {"thresholds": [-0.1]}, "thresholds must be numbers in"),
        ("mask_map", {"interpolation": "11_points"}, "must be one of all_points, 101_points"),
        ("mask_map", {"max_objects": 0}, "max_objects must be at least 1"),
        ("panoptic_quality", {"n_classes": 1}, "class 1 stands among 1 class"),
    ],
)
def test_options_without_meaning_are_refused(name, options, message):
    two = image(span(0, 0, 3), span(1, 0, 3), classes=[0, 1])
    with pytest.raises(DataError, match=message):
        score(name, [two], [two], **options)


def test_only_objects_whose_boxes_meet_are_compared():
    labels = np.zeros((520, 704), np.int32)
    for number, at in enumerate(itertools.product(range(0, 520, 26), range(0, 700, 28)), start=1):
        labels[at[0] : at[0] + 22, at[1] : at[1] + 25] = number
    truth = Instances.from_labels(labels)
    predicted = Instances.from_labels(np.roll(labels, (2, 1), axis=(0, 1)))
    true, found, shared = crossings(truth, predicted)
    assert true.tolist() == found.tolist() == list(range(500))  # of 250,000 pairs
    expected = [truth.intersection(i, predicted, i) for i in range(500)]
    assert shared.tolist() == expected
