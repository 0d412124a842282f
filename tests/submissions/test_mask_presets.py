"""Presets of masks: what is written is what the host reads, and it scores what a hand works out.

A golden file holds the half-right prediction of its case. The decoders here know the hosts' files
and nothing of podium; scores are worked out by hand, from the definitions of the metrics.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from plain_runs import drawn
from submissions.instance_cases import (
    objects_in_lists,
    objects_in_rows,
    rectangle,
    rows_of,
)
from submissions.preset_cases import competition_of_preset, golden, params, presets_of

from podium.competition import metrics
from podium.competition.presets import Preset
from podium.competition.truths.instances import Instances
from podium.submissions import check, write_instances, write_masks, write_pixels

Sizes = dict[str, tuple[int, int]]
Decisions = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A tiny test set of one kind of competition, three predictions of it, and their scores."""

    truth: Decisions
    nothing: Decisions
    half: Decisions
    """Half right: what the golden file holds."""
    scores: tuple[float, float, float]
    """Of the truth itself, nothing and half."""
    decode: Callable[..., Decisions]
    """From the golden file and the sizes of the images to decisions."""
    classes: tuple[str, ...] = ()
    """Where the preset does not know them."""
    how: dict[str, Any] = field(default_factory=dict)
    """Further arguments of `decode`."""

    @property
    def sizes(self) -> Sizes:
        return {
            one: each.size if isinstance(each, Instances) else each.shape[:2]
            for one, each in self.truth.items()
        }


# What hosts do with a file.
def a_mask_an_image(path, sizes, *, image, runs, empty="", **codec) -> Decisions:
    return {
        row[image]: (row[runs] != empty) * drawn(row[runs], sizes[row[image]], empty=empty, **codec)
        for row in rows_of(path)
    }


def a_mask_a_class(path, sizes, *, named, runs, classes, **codec) -> Decisions:
    found = {one: np.zeros((*size, len(classes)), dtype=bool) for one, size in sizes.items()}
    for row in rows_of(path):
        image, name = named(row)
        found[image][..., classes.index(name)] = drawn(row[runs], sizes[image], **codec)
    return found


def a_row_an_object(path, sizes, *, classes=(), **how) -> Decisions:
    found = objects_in_rows(path, sizes, **how)
    return {one: as_instances(found.get(one, []), size, classes) for one, size in sizes.items()}


def a_list_an_image(path, sizes, *, classes, width, height, **how) -> Decisions:
    for row in rows_of(path):
        assert (int(row[height]), int(row[width])) == sizes[row[how["image"]]]
    found = objects_in_lists(path, sizes, **how)
    return {one: as_instances(found[one], size, classes) for one, size in sizes.items()}


def as_instances(predicted, size, classes: Sequence[str]) -> Instances:
    numbers = [classes.index(name) if name else 0 for name, _, _ in predicted]
    scores = [1.0 if score is None else score for _, score, _ in predicted]
    return Instances.from_planes(size, [plane for _, _, plane in predicted], numbers, scores)


def a_pixel_a_row(path, sizes) -> Decisions:
    found = {one: np.full(size, np.nan) for one, size in sizes.items()}
    for row in rows_of(path):
        image, down, right = row["id"].split("_")
        found[image][int(down) - 1, int(right) - 1] = float(row["value"])
    return found


# Masks: 4 pixels of which 3 are found; nothing, rightly; 4 pixels where there are none.
FOUR = rectangle((4, 5), 1, 1, 2, 2)
THREE = FOUR.copy()
THREE[2, 2] = False
NONE = np.zeros((4, 5), dtype=bool)
IMAGES = {"a": FOUR, "b": NONE, "c": NONE}
HALF = {"a": THREE, "b": NONE, "c": FOUR}
NO_MASKS = dict.fromkeys(IMAGES, NONE)
DICE = 6 / 7


def images(scores, columns, *, names=("a", "b", "c"), **codec) -> Case:
    """Return the three images as files of these columns have them."""
    image, runs = columns

    def named(masks):
        return dict(zip(names, masks.values(), strict=True))

    how = {"image": image, "runs": runs, **codec}
    truth, nothing, half = named(IMAGES), named(NO_MASKS), named(HALF)
    return Case(truth, nothing, half, scores, a_mask_an_image, how=how)


MEAN_DICE = (1.0, 2 / 3, (DICE + 1 + 0) / 3)  # 0.6190


def by_class(size=(4, 5)) -> tuple[Decisions, Decisions, Decisions]:
    """Return an image of four classes: found partly, rightly absent, made up, and found."""
    truth, half = (np.zeros((*size, 4), dtype=bool) for _ in range(2))
    truth[:4, :5, 0], half[:4, :5, 0] = FOUR, THREE
    half[:4, :5, 2] = FOUR
    truth[0, :2, 3] = half[0, :2, 3] = True
    return {"a.jpg": truth}, {"a.jpg": np.zeros_like(truth)}, {"a.jpg": half}


BY_CLASS = (1.0, (0 + 1 + 1 + 0) / 4, (DICE + 1 + 0 + 1) / 4)


def organs() -> tuple[Decisions, Decisions, Decisions]:
    """Return two slices of one volume of 3 × 6: one voxel 3 columns off, one organ found."""
    names = ("case1_day0_slice_0001", "case1_day0_slice_0002")
    truth, half = ({one: np.zeros((3, 6, 3), dtype=bool) for one in names} for _ in range(2))
    truth[names[0]][0, 0, 0] = half[names[0]][0, 3, 0] = True
    truth[names[1]][1, 1:4, 2] = half[names[1]][1, 1:4, 2] = True
    return truth, {one: np.zeros((3, 6, 3), dtype=bool) for one in names}, half


def vessels() -> tuple[Decisions, Decisions, Decisions]:
    """Return a cube of 5³ voxels in 7 slices, and the same cube shifted by a voxel."""
    names = [f"kidney_5_{n:04d}" for n in range(7)]
    none = np.zeros((7, 8), dtype=bool)
    inside = range(1, 6)
    truth = {n: rectangle((7, 8), 1, 1, 5, 5) if i in inside else none for i, n in enumerate(names)}
    half = {n: rectangle((7, 8), 1, 2, 5, 5) if i in inside else none for i, n in enumerate(names)}
    return truth, dict.fromkeys(names, none), half


# Objects: three, of which one is found, one with an IoU of 4/5, and one is missed.
ROW = [rectangle((4, 6), y, 0, 1, 5) for y in (0, 1, 3)]
A = Instances.from_planes((4, 6), ROW)
A_HALF = Instances.from_planes((4, 6), [ROW[0], rectangle((4, 6), 1, 1, 1, 4)])
ONE = Instances.from_planes((2, 3), [rectangle((2, 3), 0, 1, 2, 2)])
EMPTY = Instances.nothing


def objects(scores, columns, second: Instances, **codec) -> Case:
    """Return two images of which the second has `second`, which is found."""
    image, runs = columns
    nothing = {"a": EMPTY((4, 6)), "b": EMPTY((2, 3))}
    how = {"image": image, "runs": runs, **codec}
    return Case(
        {"a": A, "b": second}, nothing, {"a": A_HALF, "b": second}, scores, a_row_an_object, how=how
    )


PRECISION = (6 * 2 / 3 + 4 * 1 / 4) / 10  # of image a: 0.5
F2 = (6 * 10 / 14 + 4 * 5 / 14) / 10  # 0.5714


def scored(classes: tuple[str, ...], columns, *, one_class=False) -> Case:
    """Return one of two objects of the first class found, and the only one of the second."""
    first, second = ROW[0], ROW[2]
    kinds = [0, 0, 0] if one_class else [0, 0, 1]
    truth = {"a": Instances.from_planes((4, 6), [first, ROW[1], second], kinds), "b": EMPTY((2, 3))}
    if one_class:
        half = {"a": Instances.from_planes((4, 6), [first], [0], [0.75]), "b": EMPTY((2, 3))}
        average = 1 / 3
    else:
        half = {
            "a": Instances.from_planes((4, 6), [second, first], [1, 0], [0.5, 0.75]),
            "b": EMPTY((2, 3)),
        }
        average = (1 / 2 + 1) / 2
    nothing = {"a": EMPTY((4, 6)), "b": EMPTY((2, 3))}
    image, width, height, cell = columns
    how = {"image": image, "width": width, "height": height, "cell": cell, "classes": classes}
    if one_class:
        how["classes"] = ("0",)
    scores = (1.0, 0.0, average)
    return Case(truth, nothing, half, scores, a_list_an_image, classes, how)


def dressed(columns) -> Case:
    """Return objects of two classes in rows: one of two found, and the only one."""
    truth = {"a": Instances.from_planes((4, 6), ROW, [0, 0, 1]), "b": ONE}
    half = {"a": Instances.from_planes((4, 6), [ROW[0], ROW[2]], [0, 1]), "b": ONE}
    nothing = {"a": EMPTY((4, 6)), "b": EMPTY((2, 3))}
    image, runs, label = columns
    how = {"image": image, "runs": runs, "label": label, "classes": ("0", "1")}
    # Two of three objects of class 0 are found, and none is wrong.
    scores = (1.0, 0.0, (2 / 3 + 1) / 2)
    return Case(truth, nothing, half, scores, a_row_an_object, ("shirt", "shoe"), how)


GREY = np.array([[1.0, 0.5, 1.0], [0.0, 1.0, 0.25]])
GREY_HALF = np.array([[1.0, 0.25, 1.0], [0.5, 1.0, 0.25]])

HPA = tuple(str(number) for number in range(19))
CASES: dict[str, Case] = {
    # An IoU of 3/4 passes .50 to .70, five of ten thresholds.
    "tgs-salt": images((1.0, 2 / 3, (0.5 + 1 + 0) / 3), ("id", "rle_mask")),
    "severstal": Case(
        *by_class(),
        BY_CLASS,
        a_mask_a_class,
        how={
            "named": lambda row: row["ImageId_ClassId"].rsplit("_", 1),
            "runs": "EncodedPixels",
            "classes": ["1", "2", "3", "4"],
        },
    ),
    "clouds": Case(
        *by_class((350, 525)),
        BY_CLASS,
        a_mask_a_class,
        how={
            "named": lambda row: row["Image_Label"].rsplit("_", 1),
            "runs": "EncodedPixels",
            "classes": ["Fish", "Flower", "Gravel", "Sugar"],
        },
    ),
    "uw-madison": Case(
        *organs(),
        # Dice of the two slices that are not empty 0 and 1; of the volume 1 - (3/6)/√3, and 1.
        (1.0, 0.0, 0.4 * (0 + 1) / 2 + 0.6 * ((1 - 0.28868) + 1) / 2),
        a_mask_a_class,
        how={
            "named": lambda row: (row["id"], row["class"]),
            "runs": "predicted",
            "classes": ["large_bowel", "small_bowel", "stomach"],
            "order": "C",
        },
    ),
    "siim-pneumothorax": images(
        MEAN_DICE, ("ImageId", "EncodedPixels"), base=0, relative=True, empty="-1"
    ),
    "carvana": images(
        MEAN_DICE, ("img", "rle_mask"), names=("x_01.jpg", "x_02.jpg", "y_01.jpg"), order="C"
    ),
    "ultrasound-nerve": images(MEAN_DICE, ("img", "pixels"), names=("1", "2", "3")),
    "hubmap-kidney": images(MEAN_DICE, ("id", "predicted")),
    "hubmap-organ": images(MEAN_DICE, ("id", "rle")),
    # 2 · 3 / (4 + 3 + 4) over all pixels.
    "contrails": images(
        (1.0, 0.0, 0.5455), ("record_id", "encoded_pixels"), names=("7", "8", "9"), empty="-"
    ),
    # 1.25 · 3 / (1.25 · 3 + 0.25 · 1); nothing in truth and prediction counts 0 here.
    "vesuvius": images((1 / 3, 0.0, 0.9375 / 3), ("Id", "Predicted"), order="C"),
    "blood-vessel": Case(
        *vessels(),
        (1.0, 0.0, 0.6645),
        a_mask_an_image,
        how={"image": "id", "runs": "rle", "order": "C", "empty": "1 0"},
    ),
    "airbus-ships": objects(
        (1.0, (0 + 1) / 2, (F2 + 1) / 2), ("ImageId", "EncodedPixels"), EMPTY((2, 3))
    ),
    "dsb2018": objects((1.0, 0.0, (PRECISION + 1) / 2), ("ImageId", "EncodedPixels"), ONE),
    "sartorius": objects((1.0, 0.0, (PRECISION + 1) / 2), ("id", "predicted"), ONE, order="C"),
    "imaterialist-2019": dressed(("ImageId", "EncodedPixels", "ClassId")),
    "imaterialist-2020": dressed(("ImageId", "EncodedPixels", "ClassId")),
    "open-images-2019": scored(
        ("/m/01g317", "/m/0c9ph5"), ("ImageID", "ImageWidth", "ImageHeight", "PredictionString")
    ),
    "hpa-single-cell": scored(HPA, ("ID", "ImageWidth", "ImageHeight", "PredictionString")),
    "hubmap-vasculature": scored(
        (), ("id", "width", "height", "prediction_string"), one_class=True
    ),
    # Off by 1/4 and 1/2 in two of six pixels; all black is off by the grey values themselves.
    "dirty-documents": Case(
        {"1": GREY},
        {"1": np.zeros((2, 3))},
        {"1": GREY_HALF},
        (0.0, math.sqrt((3 + 1 / 4 + 1 / 16) / 6), math.sqrt((1 / 16 + 1 / 4) / 6)),
        a_pixel_a_row,
    ),
}


def written(folder, preset: Preset, decisions: Decisions, sample: str):
    """Write `decisions` in another order than the sample's; return the file and competition."""
    case = CASES[preset.name]
    keys: dict[str, Any] = {"sizes": case.sizes}
    if any("." in one for one in case.truth):  # files of the tests are PNG: one size serves as well
        keys = {"frame": list(next(iter(case.sizes.values())))}
    competition = competition_of_preset(folder, preset, sample=sample, classes=case.classes, **keys)
    write = write_masks
    if preset.submission.rows == "pixel":
        write = write_pixels
    elif preset.tasks["segment"] == "instance":
        write = write_instances
    reversed_ = list(decisions.items())[::-1]
    return write(folder / "submission.csv", competition, reversed_, case.sizes), competition


def score_of(preset: Preset, case: Case, decisions: Decisions) -> float:
    metric = metrics.get(preset.metric.name)
    truth, predicted = ([each[one] for one in case.truth] for each in (case.truth, decisions))
    if metric.needs == "volumes":
        truth, predicted = ([np.stack(each).astype(np.uint8)] for each in (truth, predicted))
    elif metric.needs == "decisions":
        truth, predicted = ([one.astype(np.uint8) for one in each] for each in (truth, predicted))
    return metrics.score(metric, truth, predicted, **preset.metric.options)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, Instances):
        return (
            one.size == other.size
            and one.boxes == other.boxes
            and all(map(np.array_equal, one.crops, other.crops))
            and np.array_equal(one.classes, other.classes)
            and np.array_equal(one.scores, other.scores)
        )
    found: NDArray[Any] = np.asarray(one)
    return bool(np.array_equal(found, np.asarray(other)))


MASK_PRESETS = presets_of("segment")


def test_every_preset_of_masks_has_a_case() -> None:
    assert {preset.name for preset in MASK_PRESETS} == set(CASES)


def sent(preset: Preset, mask: Any) -> Any:
    """Return what the host reads: a mask that may not be empty has its first pixel instead."""
    if preset.submission.empty_mask == "allow" or mask.any():
        return mask
    first = np.zeros_like(mask)
    first.flat[0] = 1
    return first


@pytest.mark.parametrize("preset", params(MASK_PRESETS))
def test_the_golden_file_holds_the_half_right_prediction(preset) -> None:
    case = CASES[preset.name]
    found = case.decode(golden(preset), case.sizes, **case.how)
    assert found.keys() == case.half.keys()
    for one, right in case.half.items():
        assert same(found[one], sent(preset, right)), one


@pytest.mark.parametrize("preset", params(MASK_PRESETS))
@pytest.mark.parametrize("what", ["truth", "nothing", "half"])
def test_what_is_written_is_what_a_host_reads(preset, what, tmp_path) -> None:
    case = CASES[preset.name]
    sample = golden(preset).read_text()
    path, competition = written(tmp_path, preset, getattr(case, what), sample)
    errors = [one for one in check(path, competition) if one.level == "error"]
    assert errors == []
    found = case.decode(path, case.sizes, **case.how)
    for one, right in getattr(case, what).items():
        assert same(found[one], sent(preset, right)), one
    if what == "half" and preset.submission.value != "coco64":  # how well it deflates is zlib's own
        assert path.read_bytes() == golden(preset).read_bytes()
    assert check(golden(preset), competition) == []


@pytest.mark.parametrize("preset", params(MASK_PRESETS, scored=True))
def test_scores_are_those_of_the_definition(preset) -> None:
    case = CASES[preset.name]
    decisions = case.truth, case.nothing, case.half
    for predicted, right in zip(decisions, case.scores, strict=True):
        assert score_of(preset, case, predicted) == pytest.approx(right, abs=5e-5)
