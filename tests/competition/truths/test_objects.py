"""True objects: from files, maps and rows of runs; in a frame; and the training target."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from plain_runs import runs_of

from podium.competition.cache import open_masks
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths import masks
from podium.competition.truths.instances import Instances
from podium.competition.truths.masks import (
    IGNORE,
    MaskError,
    mask_digests,
    read_mask,
    resize_nearest,
    truth_masks,
)
from podium.competition.truths.objects import (
    border_pixels,
    read_instances,
    read_objects,
    resize_objects,
    truth_instances,
)
from podium.workspace.layout import Workspace

# Two objects that touch, one apart, and one of another kind; another image has nothing.
MAP = np.zeros((9, 12), np.int32)
MAP[1:4, 1:4] = 7
MAP[1:4, 4:8] = 300
MAP[6:8, 2:5] = 2
KINDS = {2: 1, 7: 0, 300: 0}  # of classes a and b
IMAGES = ("one", "two")


def spec_of(root: Path, classes: list[str], frame: Any = "native", **train: Any) -> Competition:
    fields = {
        "name": "tiny",
        "tasks": {"segment": "instance"},
        "classes": classes,
        "frame": frame,
        "data": {"train": {"images": "i/*.png", **train}, "test": {"images": "t/*.png"}},
        "metric": {"name": "iou_f2"},
    }
    return Competition.model_validate(fields).at(root)


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def write(root: Path, layout: str, classes: list[str]) -> dict[str, Any]:
    """Write both images and their objects, and return the entries of `data.train` for them."""
    for name in IMAGES:
        save(root / f"i/{name}.png", np.zeros((*MAP.shape, 3), np.uint8))
    each = {number: number == MAP for number in (2, 7, 300)}
    by_class = {number: classes[KINDS[number]] for number in each} if classes else {}
    if layout == "files":
        for number, plane in each.items():
            folder = f"m/one/{by_class[number]}" if classes else "m/one"
            save(root / folder / f"{number}.png", plane.astype(np.uint8) * 255)
        return {"mask": "m/{id}/{class}/*.png" if classes else "m/{id}/*.png", "absent": "empty"}
    if layout == "map":
        for name in classes or [""]:
            of_class = [n for n in each if not classes or by_class[n] == name]
            numbers = np.where(np.isin(MAP, of_class), MAP, 0).astype(np.uint16)
            save(root / f"m/{name}/one.tif" if name else root / "m/one.tif", numbers)
        return {"mask": "m/{class}/{id}.*" if classes else "m/{id}.*", "absent": "empty"}
    (root / "t.csv").parent.mkdir(exist_ok=True)
    with (root / "t.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["ImageId", "EncodedPixels", "Kind"])
        for number, plane in each.items():
            rows.writerow(["one", runs_of(plane), by_class.get(number, "")])
        rows.writerow(["two", "", ""])
    table = {"table": "t.csv", "id": "ImageId", "rle": "EncodedPixels"}
    return {"mask": {**table, "label": "Kind"} if classes else table}


def as_sets(objects: Instances) -> set[tuple[int, bytes]]:
    """Return the objects as (class, pixels), in no order."""
    planes = zip(objects.classes.tolist(), objects.planes(), strict=True)
    return {(number, np.packbits(plane).tobytes()) for number, plane in planes}


@pytest.mark.parametrize("classes", [[], ["a", "b"]], ids=["one kind", "two classes"])
@pytest.mark.parametrize("layout", ["files", "map", "table"])
def test_every_layout_gives_the_same_objects_and_their_union(
    layout: str, classes: list[str], tmp_path: Path
) -> None:
    spec = spec_of(tmp_path, classes, **write(tmp_path, layout, classes))
    samples = load_samples(spec, "train")
    one, two = truth_instances(spec, samples)
    assert one is not None
    assert two is not None
    expected = {
        (KINDS[number] if classes else 0, np.packbits(number == MAP).tobytes()) for number in KINDS
    }
    assert (as_sets(one), len(one), len(two), two.size) == (expected, 3, 0, MAP.shape)
    union, nothing = truth_masks(spec, samples)
    assert union is not None
    assert nothing is not None
    assert not nothing.any()
    if classes:
        np.testing.assert_array_equal(union[..., 0], (MAP == 7) | (MAP == 300))
        np.testing.assert_array_equal(union[..., 1], MAP == 2)
    else:
        np.testing.assert_array_equal(union, MAP > 0)


@pytest.mark.parametrize("classes", [[], ["a", "b"]], ids=["one kind", "two classes"])
@pytest.mark.parametrize("layout", ["files", "map", "table"])
def test_a_mask_and_its_objects_come_from_one_reading(
    layout: str, classes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = spec_of(tmp_path, classes, **write(tmp_path, layout, classes))
    ref = load_samples(spec, "train")["mask"].iloc[0]
    mask, objects = read_mask(ref, spec, MAP.shape), read_instances(ref, spec, MAP.shape)
    opened: list[Path] = []
    for reads in ("read_mask_file", "read_object_numbers"):
        whole = getattr(masks, reads)
        noting: Any = lambda path, *rest, f=whole: opened.append(path) or f(path, *rest)  # noqa: E731
        monkeypatch.setattr(masks, reads, noting)
    both = read_objects(ref, spec, MAP.shape)
    np.testing.assert_array_equal(both[0], mask)
    assert (both[1].boxes, both[1].classes.tolist()) == (objects.boxes, objects.classes.tolist())
    np.testing.assert_array_equal(both[1].labels(), objects.labels())
    assert len(opened) == len(set(opened)) == (0 if layout == "table" else len(ref.files))


@pytest.mark.parametrize("layout", ["files", "map", "table"])
def test_touching_objects_have_a_border_in_the_target_and_are_scored_whole(
    layout: str, tmp_path: Path
) -> None:
    train = write(tmp_path, layout, [])
    workspace = Workspace(tmp_path)
    targets = {}
    for border in (0, 1, 2):
        spec = spec_of(tmp_path, [], **train, border=border)
        samples = load_samples(spec, "train")
        targets[border] = open_masks(workspace, spec, samples, shorter_side=None)[0]
        truth = truth_instances(spec, samples)[0]
        assert truth is not None
        assert sorted(truth.areas.tolist()) == [6, 9, 12]
    np.testing.assert_array_equal(targets[0], MAP > 0)
    narrow = (MAP > 0).astype(np.uint8)
    narrow[1:4, 3:5] = 0  # the columns beside the edge between 7 and 300
    np.testing.assert_array_equal(targets[1], narrow)
    narrow[1:4, 2:6] = 0
    narrow[3, 2:5] = 0
    assert targets[2][1:4, 2:6].sum() == 0
    assert targets[2][1:4, 1].all()


def test_a_border_is_between_objects_of_one_class_and_another_border_is_another_target(
    tmp_path: Path,
) -> None:
    planes = {0: MAP == 7, 1: MAP == 300}
    for number, name in enumerate("ab"):
        save(tmp_path / f"m/{name}/one.png", planes[number].astype(np.uint8))
    save(tmp_path / "i/one.png", np.zeros((*MAP.shape, 3), np.uint8))
    spec = spec_of(tmp_path, ["a", "b"], mask="m/{class}/{id}.png")
    samples = load_samples(spec, "train")
    targets = open_masks(Workspace(tmp_path), spec, samples, shorter_side=None)[0]
    np.testing.assert_array_equal(targets[..., 0], planes[0])
    digests = {
        border: mask_digests(
            Workspace(tmp_path),
            spec_of(tmp_path, ["a", "b"], mask="m/{class}/{id}.png", border=border),
            samples,
        )
        for border in (1, 2)
    }
    assert digests[1] != digests[2]


maps = arrays.arrays(
    np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3)
)


@settings(deadline=None)
@given(labels=maps, reach=st.integers(1, 2))
def test_a_pixel_is_border_where_its_window_holds_two_objects(
    labels: np.ndarray, reach: int
) -> None:
    found = border_pixels(Instances.from_labels(labels), reach)
    for row, column in np.ndindex(*labels.shape):
        window = labels[
            max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1
        ]
        assert found[row, column] == (len(set(window[window > 0].tolist())) > 1)


def test_a_pixel_of_two_objects_is_a_border() -> None:
    big, small = np.ones((5, 5), bool), np.zeros((5, 5), bool)
    small[2, 2] = True
    assert border_pixels(Instances.from_planes((5, 5), [small, big]), 1)[2, 2]


@settings(deadline=None)
@given(labels=maps, size=st.tuples(st.integers(1, 12), st.integers(1, 12)))
def test_objects_of_another_size_are_those_of_the_nearest_pixels(
    labels: np.ndarray, size: tuple[int, int]
) -> None:
    classes = [int(number) + 4 for number in np.unique(labels[labels > 0])]
    got = resize_objects(Instances.from_labels(labels, classes), size)
    small = resize_nearest(labels, size)
    expected = Instances.from_labels(small, [int(n) + 4 for n in np.unique(small[small > 0])])
    assert got.size == size
    assert (got.boxes, got.classes.tolist()) == (expected.boxes, expected.classes.tolist())
    np.testing.assert_array_equal(got.labels(), expected.labels())


def test_truth_is_in_the_frame(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, [], frame=(18, 24), **write(tmp_path, "map", []))
    truth = truth_instances(spec, load_samples(spec, "train"))[0]
    assert truth is not None
    assert truth.size == (18, 24)
    assert sorted(truth.areas.tolist()) == [24, 36, 48]


def test_a_coloured_map_has_an_object_a_colour(tmp_path: Path) -> None:
    colours = np.zeros((*MAP.shape, 3), np.uint8)
    colours[MAP == 7] = 255, 0, 0
    colours[MAP == 300] = 250, 0, 0
    colours[MAP == 2] = 9, 9, 9
    save(tmp_path / "i/one.png", colours)
    save(tmp_path / "m/one.png", colours)
    spec = spec_of(tmp_path, [], mask="m/{id}.png")
    truth = truth_instances(spec, load_samples(spec, "train"))[0]
    assert truth is not None
    assert sorted(truth.areas.tolist()) == [6, 9, 12]


def test_ignored_numbers_belong_to_no_object_and_are_excluded_from_the_loss(tmp_path: Path) -> None:
    write(tmp_path, "map", [])
    spec = spec_of(tmp_path, [], mask="m/{id}.tif", absent="empty", ignore=300)
    samples = load_samples(spec, "train")
    truth, mask = truth_instances(spec, samples)[0], truth_masks(spec, samples)[0]
    assert truth is not None
    assert mask is not None
    assert sorted(truth.areas.tolist()) == [6, 9]
    np.testing.assert_array_equal(mask == IGNORE, MAP == 300)


def test_a_map_of_another_size_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "map", [])
    save(tmp_path / "i/one.png", np.zeros((12, 9, 3), np.uint8))
    spec = spec_of(tmp_path, [], mask="m/{id}.tif", absent="empty")
    with pytest.raises(MaskError, match="height and width are swapped"):
        truth_instances(spec, load_samples(spec, "train"))[0]


@pytest.mark.parametrize(
    ("train", "what"),
    [
        ({"mask": "m/{id}.png"}, "have {class} in their path"),
        ({"mask": "m/{class}/{id}.png", "mask_values": {1: "background"}}, "number the objects"),
    ],
)
def test_invalid_files_of_objects_are_refused(
    train: dict[str, Any], what: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=what):
        spec_of(tmp_path, ["a", "b"], **train)
