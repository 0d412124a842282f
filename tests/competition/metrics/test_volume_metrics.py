"""Metrics of volumes: worked numbers, whole-volume definitions, scipy, and their contract."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.ndimage import distance_transform_edt
from scipy.spatial.distance import directed_hausdorff

from podium.competition import metrics
from podium.competition.metrics import score, surface_dice
from podium.competition.metrics.dice_hausdorff import hausdorff
from podium.competition.metrics.surface_dice import codes_of, surfel_areas
from podium.competition.scores import bootstrap
from podium.competition.truths.masks import IGNORE
from podium.errors import DataError

METRICS = [metrics.get(name) for name in metrics.names()]
OF_VOLUMES = [one.name for one in METRICS if one.needs == "volumes"]
KINDS = ("binary", "multiclass", "multilabel")
EVERY = list(itertools.product(OF_VOLUMES, KINDS))
N_CLASSES = 2


def cube(*, at=3, size=12):
    """Return a volume with a cube of 5^3 voxels."""
    volume = np.zeros((size,) * 3, np.uint8)
    volume[at : at + 5, 3:8, 3:8] = 1
    return volume


NOTHING = np.zeros((12,) * 3, np.uint8)


def line(*rows, length=6):
    """Return a volume of one slice, one column of `length` pixels of which some are set."""
    volume = np.zeros((1, length, 1), np.uint8)
    volume[0, list(rows), 0] = 1
    return volume


HOLE = cube()
HOLE[5, 5, 5] = 0
WORKED = [
    ("surface_dice", cube(), cube(at=4), {}, 0.6645),
    ("surface_dice", cube(), HOLE, {}, 0.9935),
    # In the slice the two do not meet: Dice 0.
    ("dice_hausdorff", line(0), line(3), {}, 0.6 * (1 - 0.28868)),
    ("dice_hausdorff", line(0), line(3), {"hausdorff_weight": 1}, 1 - 0.28868),
]


@pytest.mark.parametrize(("name", "truth", "predicted", "options", "expected"), WORKED)
def test_the_worked_numbers_come_out(name, truth, predicted, options, expected):
    # The list above is rounded to four or five digits.
    assert score(name, [truth], [predicted], **options) == pytest.approx(expected, abs=5e-5)


def test_every_metric_of_volumes_has_a_worked_number():
    missing = [name for name in OF_VOLUMES if name not in {worked for worked, *_ in WORKED}]
    assert not missing, (
        f"no number by hand: {', '.join(missing)}: work out the score of a volume and write "
        f'("{missing[0]}", truth, prediction, {{}}, that score) into WORKED of {__file__}'
    )


@pytest.mark.parametrize("steps", [0, 20_000])
def test_a_cube_that_is_one_voxel_off_has_the_worked_numbers(steps, monkeypatch):
    monkeypatch.setattr(surface_dice, "STEPS_AT_MOST", steps)
    truth, predicted = [cube()], [cube(at=4)]
    assert score("surface_dice", truth, predicted) == pytest.approx(0.6645, abs=5e-5)
    assert score("surface_dice", truth, predicted, tolerance=0.999) == pytest.approx(
        0.6645, abs=5e-5
    )
    assert score("surface_dice", truth, predicted, tolerance=1) == 1
    # Three millimetres apart along the depth, and one along the others.
    apart = [3, 1, 1]
    assert score("surface_dice", truth, predicted, tolerance=2.9, spacing=apart) < 1
    assert score("surface_dice", truth, predicted, tolerance=3, spacing=apart) == 1


def test_one_surface_without_the_other_scores_nothing_and_neither_is_undefined():
    assert score("surface_dice", [cube()], [NOTHING], tolerance=3) == 0
    assert score("surface_dice", [NOTHING], [cube()]) == 0
    with pytest.raises(DataError, match="surface_dice is undefined: there is no foreground"):
        score("surface_dice", [NOTHING], [NOTHING])
    assert score("surface_dice", [NOTHING], [NOTHING], empty="one") == 1
    assert score("surface_dice", [NOTHING], [NOTHING], empty="zero") == 0


def test_surfaces_of_all_volumes_make_one_ratio():
    truth, predicted = [cube(), cube(), NOTHING], [cube(), NOTHING, NOTHING]
    # Two of the three surfaces are of one area, and both parts of the first agree.
    assert score("surface_dice", truth, predicted) == pytest.approx(2 / 3)
    assert score("surface_dice", truth, predicted, over="volume", empty="skip") == pytest.approx(
        1 / 2
    )
    assert score("surface_dice", truth, predicted, over="volume", empty="one") == pytest.approx(
        2 / 3
    )
    with pytest.raises(DataError, match="volume 2 has no foreground"):
        score("surface_dice", truth, predicted, over="volume")


# Of DeepMind's surface-distance 0.1: its table of normals, as areas, corners numbered as here. (It
# does not run beside numpy 2.) By code: a corner, an edge, an L, a diagonal of a face, a tripod, a
# path, a square, two edges, four corners; all but a corner; squares of other faces.
AREAS = [
    (0b1, (1, 1, 1), 0.21650635),
    (0b11, (1, 1, 1), 0.70710678),
    (0b111, (1, 1, 1), 1.14951905),
    (0b110, (1, 1, 1), 0.43301270),
    (0b10111, (1, 1, 1), 1.29903811),
    (0b11011000, (1, 1, 1), 1.57313218),
    (0b1111, (1, 1, 1), 1.0),
    (0b111100, (1, 1, 1), 1.41421356),
    (0b1101001, (1, 1, 1), 0.86602540),
    (0b11111110, (1, 1, 1), 0.21650635),
    (0b1111, (3, 1.7, 0.6), 1.02),  # a face across the depth: 1.7 · 0.6
    (0b110011, (3, 1.7, 0.6), 1.8),  # across the height: 3 · 0.6
]


@pytest.mark.parametrize(("code", "spacing", "expected"), AREAS)
def test_pieces_of_surface_have_the_areas_of_marching_cubes(code, spacing, expected):
    assert surfel_areas(spacing)[code] == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(
    ("spacing", "total", "by_code"),
    [
        ((1, 1, 1), 241.343140, 30771.2503),
        ((3, 1.7, 0.6), 729.848989, 93055.7461),
        ((0.3, 2, 5), 1280.023154, 163202.9521),
    ],
)
def test_the_whole_table_adds_up_to_the_published_one(spacing, total, by_code):
    areas = surfel_areas(spacing)
    assert areas.sum() == pytest.approx(total, abs=1e-6)
    assert (areas * np.arange(256)).sum() == pytest.approx(by_code, abs=1e-4)


def whole(truth, predicted, tolerance, spacing):
    """Return near and all area of both surfaces, from maps of the whole volume."""
    areas = surfel_areas(spacing)
    codes = []
    for volume in (truth, predicted):
        padded = np.pad(volume, 1)
        code = np.zeros(tuple(n + 1 for n in volume.shape), int)
        for bit, (z, y, x) in enumerate(itertools.product((0, 1), repeat=3)):
            d, h, w = code.shape
            code |= padded[z : z + d, y : y + h, x : x + w].astype(int) << bit
        codes.append(code)
    surfaces = [(code > 0) & (code < 255) for code in codes]
    total, near = 0.0, 0.0
    for code, mine, other in zip(codes, surfaces, surfaces[::-1], strict=True):
        total += areas[code[mine]].sum()
        if other.any():
            distances = distance_transform_edt(~other, sampling=spacing)[mine]
            near += areas[code[mine]][distances <= tolerance].sum()
    return near, total


volumes = hnp.arrays(np.bool_, (4, 3, 5), elements=st.sampled_from([False, False, True]))


@settings(max_examples=100, deadline=None)
@given(
    pair=st.tuples(volumes, volumes),
    tolerance=st.sampled_from([0, 1, 1.5, 2.5, 9]),
    spacing=st.sampled_from([(1.0, 1.0, 1.0), (0.5, 1.0, 2.0)]),
    voxels=st.sampled_from([1, 40, 1000]),
    steps=st.sampled_from([0, 20_000]),
)
def test_surface_dice_is_that_of_the_whole_volume_whatever_the_slab(
    pair, tolerance, spacing, voxels, steps
):
    near, total = whole(*pair, tolerance, spacing)
    options = {"tolerance": tolerance, "spacing": spacing, "empty": "one", "kind": "binary"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surface_dice, "VOXELS_AT_ONCE", voxels)
        patch.setattr(surface_dice, "STEPS_AT_MOST", steps)
        found = score("surface_dice", [pair[0]], [pair[1]], **options)
    assert found == pytest.approx(near / total if total else 1, abs=1e-12)


@given(volume=volumes)
@settings(max_examples=50, deadline=None)
def test_codes_have_a_bit_for_each_of_eight_voxels(volume):
    codes = codes_of(volume)
    padded = np.pad(volume, ((0, 0), (1, 1), (1, 1)))
    assert codes.shape == (3, 4, 6)
    for z, y, x in np.ndindex(codes.shape):
        corner = padded[z : z + 2, y : y + 2, x : x + 2].ravel()
        assert codes[z, y, x] == sum(1 << bit for bit in range(8) if corner[bit])


def test_a_large_volume_is_measured_in_little_memory(monkeypatch):
    monkeypatch.setattr(surface_dice, "VOXELS_AT_ONCE", 1 << 16)
    monkeypatch.setattr(surface_dice, "STEPS_AT_MOST", 0)  # distances take the most
    truth = np.zeros((120, 128, 128), np.uint8)
    truth[10:110, 20:100, 20:100] = 1
    predicted = np.roll(truth, 1, axis=1)
    score("surface_dice", [truth[:4]], [predicted[:4]], empty="one", tolerance=1, kind="binary")
    tracemalloc.start()
    assert score("surface_dice", [truth], [predicted], tolerance=1, kind="binary") == 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * truth.nbytes  # at once the distances alone take 40 bytes a voxel


# Hausdorff


def test_an_empty_set_is_far_and_two_are_left_out():
    truth, nothing = line(1, 2), line()
    assert score("dice_hausdorff", [truth], [nothing]) == 0
    assert score("dice_hausdorff", [nothing], [truth]) == 0
    assert score("dice_hausdorff", [truth, nothing], [truth, nothing]) == 1
    # Dice (1 + 0) / 2, and the distance of the one volume that has some.
    options = {"empty": "zero"}
    assert score("dice_hausdorff", [truth, nothing], [truth, nothing], **options) == 0.8
    for empty in ("skip", "zero"):
        with pytest.raises(DataError, match="dice_hausdorff is undefined: every volume"):
            score("dice_hausdorff", [nothing], [nothing], empty=empty)


def test_dice_is_of_slices_and_distance_of_volumes():
    truth = np.zeros((3, 4, 4, 2), np.uint8)
    predicted = truth.copy()
    truth[0, 0, :3, 0], predicted[0, 0, :4, 0] = 1, 1  # Dice 6/7, a quarter of the width apart
    predicted[2, 1, 1, 0] = 1  # Dice 0, and two slices and a row from the nearest true pixel
    truth[1, 2, 2, 1] = 1  # a class that is missed: Dice 0, distance 1
    apart = np.sqrt((2 / 3) ** 2 + (1 / 4) ** 2)
    expected = 0.4 * (6 / 7) / 3 + 0.6 * ((1 - apart / np.sqrt(3)) + 0) / 2
    assert score("dice_hausdorff", [truth], [predicted]) == pytest.approx(expected)
    # 3 slices × 2 classes, of which three were empty in both.
    expected += 0.4 * (6 / 7) * (1 / 6 - 1 / 3)
    assert score("dice_hausdorff", [truth], [predicted], empty="zero") == pytest.approx(expected)


@settings(max_examples=100, deadline=None)
@given(
    one=volumes.filter(np.any),
    other=volumes.filter(np.any),
    spacing=st.sampled_from([(1.0, 1.0, 1.0), (0.25, 1 / 3, 0.2)]),
)
def test_the_distance_is_scipys_of_all_pairs_of_voxels(one, other, spacing):
    points = [np.argwhere(volume) * spacing for volume in (one, other)]
    expected = max(directed_hausdorff(*points)[0], directed_hausdorff(*points[::-1])[0])
    assert hausdorff(one, other, spacing=spacing) == pytest.approx(expected, abs=1e-12)


def test_the_farthest_voxel_may_lie_inside_its_object():
    shell = np.ones((9, 9, 9), bool)
    shell[1:-1, 1:-1, 1:-1] = False
    assert hausdorff(np.ones_like(shell), shell, spacing=(1, 1, 1)) == 4


# The contract of every metric of volumes, also of one that is added tomorrow.


def data(kind, n, seed):
    """Return truth and decisions of n volumes whose sizes differ; every class is in each."""
    rng = np.random.default_rng(seed)
    truth, predicted = [], []
    for _ in range(n):
        shape = (*rng.integers(3, 7, 3), *([N_CLASSES] if kind == "multilabel" else []))
        top = N_CLASSES + 1 if kind == "multiclass" else 2
        for volumes in (truth, predicted):
            volume = rng.integers(0, top, shape).astype(np.uint8)
            volume[0, 0, 0], volume[0, 0, 1] = 1, top - 1
            volumes.append(volume)
    return truth, predicted


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_a_metric_fulfils_its_contract(name, kind):
    metric = metrics.get(name)
    assert (metric.name, metric.task) == (name, "segment")
    assert metrics.fitting(name, kind, task="segment") is metric
    truth, predicted = data(kind, 4, 0)
    best, other = score(name, truth, truth), score(name, truth, predicted)
    assert best == pytest.approx(1, abs=1e-12)
    assert metric.is_better(best, other)
    assert score(name, truth, [np.zeros_like(one) for one in truth], kind=kind) == 0
    # A class is a class, however it is written.
    if kind == "multiclass":
        layers = [[np.stack([v == 1, v == 2], axis=-1) for v in one] for one in (truth, predicted)]
        assert score(name, *layers) == pytest.approx(other, abs=1e-12)


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_sums_of_parts_pool_to_the_score_of_the_whole(name, kind):
    truth, predicted = data(kind, 9, 1)
    options = {"kind": kind, "n_classes": N_CLASSES}
    for over in ("all", "class", "volume", "pair"):
        given = {"over": over} if "over" in metrics.get(name).options else {}
        whole = score(name, truth, predicted, **given)
        parts = [
            metrics.sums(name, truth[k::3], predicted[k::3], **given, **options) for k in range(3)
        ]
        assert all(len(part) == 3 for part in parts)
        found = metrics.value(name, np.concatenate(parts), **given)
        assert found == pytest.approx(whole, rel=1e-12)
        totals = sum(part.sum(axis=0) for part in parts)
        assert metrics.value(name, totals[None], **given) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_volumes_are_read_one_at_a_time(name, kind):
    class Volumes:
        """A sequence that makes its volumes on access."""

        def __init__(self, volumes):
            self.volumes, self.asked = volumes, []

        def __len__(self):
            return len(self.volumes)

        def __getitem__(self, number):
            self.asked.append(number)
            return self.volumes[number]

    truth, predicted = (Volumes(volumes) for volumes in data(kind, 3, 2))
    score(name, truth, predicted, kind=kind, n_classes=N_CLASSES)
    assert [number for number in truth.asked if number] == [1, 2]
    assert [number for number in predicted.asked if number] == [1, 2]


@pytest.mark.parametrize("name", OF_VOLUMES)
def test_a_score_has_an_interval(name):
    truth, predicted = data("binary", 8, 3)
    low, high = bootstrap.interval(name, truth, predicted, n=50)
    assert low < score(name, truth, predicted) < high


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_volumes_that_cannot_be_scored_are_refused(name, kind):
    truth, predicted = data(kind, 3, 2)
    options = {"kind": kind, "n_classes": N_CLASSES}
    with pytest.raises(DataError, match=f"{name}: shapes do not match: truth of 3 volumes"):
        score(name, truth, predicted[:2], **options)
    with pytest.raises(DataError, match=f"{name} is undefined: there are no rows"):
        score(name, [], [])
    with pytest.raises(DataError, match="must be a sequence of volumes"):
        score(name, cube(), cube(), **options)
    with pytest.raises(DataError, match="volume 1: shapes do not match: truth"):
        score(name, truth, [predicted[0], predicted[1][:-1], predicted[2]], **options)
    with pytest.raises(DataError, match="the decision of volume 2 must be uint8, got float64"):
        score(name, truth, [*predicted[:2], predicted[2] / 2], **options)
    with pytest.raises(DataError, match="the truth of volume 0 has the shape"):
        score(name, [truth[0][0], *truth[1:]], predicted, **options)
    bad = [one.copy() for one in truth]
    bad[1].flat[5] = IGNORE
    with pytest.raises(DataError, match="unlabelled voxels"):
        score(name, bad, predicted, **options)
    with pytest.raises(DataError, match=r"the decision holds 255, where 0 … \d are known"):
        score(name, truth, bad, **options)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("surface_dice", {"tolerance": -1}, "tolerance must be a number from 0 on"),
        ("surface_dice", {"tolerance": float("inf")}, "tolerance must be a number from 0 on"),
        ("surface_dice", {"tolerance": True}, "tolerance must be a number from 0 on"),
        ("surface_dice", {"spacing": [1, 1]}, "spacing must be three numbers above 0"),
        ("surface_dice", {"spacing": [1, 0, 1]}, "spacing must be three numbers above 0"),
        ("surface_dice", {"over": "image"}, "over must be one of pair, volume, class, all"),
        ("surface_dice", {"empty": "nan"}, "empty must be one of one, zero, skip, error"),
        ("dice_hausdorff", {"empty": "one"}, "empty must be one of skip, zero"),
        ("dice_hausdorff", {"hausdorff_weight": 2}, r"hausdorff_weight must be in \[0, 1\]"),
    ],
)
def test_options_without_meaning_are_refused(name, options, message):
    with pytest.raises(DataError, match=message):
        score(name, [cube()], [cube()], **options)
