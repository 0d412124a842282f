"""Masks as hosts hand them out beside the usual folders: each is read as it was drawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import yaml
from layouts.judging import readings_of
from numpy.typing import NDArray
from PIL import Image

from podium.codecs import rle
from podium.competition.infer.annotations.tools.label_studio import studio_images
from podium.competition.infer.conversions.images.pixel_arrays import write_images
from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.masks import truth_masks
from podium.competition.truths.objects import truth_instances
from podium.errors import DataError
from podium.submissions.format.mask_files import write_masks
from podium.submissions.format.spec import format_of
from podium.workflows.initialising import init_workspace

Plane = NDArray[np.bool_]
SIZE = (12, 16)


def photo(path: Path, number: int, size: tuple[int, int] = SIZE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(number).integers(0, 255, (*size, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(path)


def save(path: Path, pixels: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def box(number: int, size: tuple[int, int] = SIZE, *, shift: int = 0) -> Plane:
    """Return a mask with one box, another one for each number; every fifth is empty."""
    rng = np.random.default_rng([number, shift])
    plane = np.zeros(size, dtype=np.bool_)
    top, left = rng.integers(0, size[0] - 4), rng.integers(0, size[1] - 5)
    plane[top : top + 3, left : left + 4] = number % 5 > 0
    return plane


def text(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(data: Path) -> tuple[Inferred, dict[str, NDArray[np.uint8]]]:
    """Return what was inferred, and the masks of train by id."""
    found = infer(data, data.parent)
    samples = load_samples(found.competition, "train")
    load_samples(found.competition, "test")
    masks = truth_masks(found.competition, samples)
    pairs = zip(samples["id"], masks, strict=True)
    return found, {str(name): mask for name, mask in pairs if mask is not None}


def test_masks_of_each_class_beside_the_image_in_its_folder(tmp_path: Path) -> None:
    data, rows, drawn = tmp_path / "data", [], {}
    for number in range(12):
        name = f"P{number // 2:02}_S{number % 2}"
        part = "train" if number < 8 else "test"
        photo(data / part / name / "image.tif", number)
        if part == "train":
            planes = [box(number, shift=k) for k in range(2)]
            for label, plane in zip(("lesion", "organ"), planes, strict=True):
                save(data / part / name / f"mask_{label}.png", plane.astype(np.uint8) * 255)
            rows.append(f"{name},P{number // 2:02},0.{number}")
            drawn[name] = np.stack(planes, axis=-1)
    text(data / "train.csv", "slice_id,patient,spacing", *rows)
    ids = [
        f"P{n // 2:02}_S{n % 2}_{label},," for n in range(8, 12) for label in ("lesion", "organ")
    ]
    text(data / "sample_submission.csv", "row_id,runs", *(one[:-1] for one in ids))
    found, masks = read(data)
    spec = found.competition
    assert spec.tasks == {"segment": "multilabel"}
    assert spec.classes == ["lesion", "organ"]
    assert spec.folds.group == "patient"
    assert (spec.submission.rows, spec.submission.id) == ("image_class", "{id}_{class}")
    assert masks.keys() == drawn.keys()
    assert all(np.array_equal(masks[name], drawn[name]) for name in drawn)
    assert spec.to_choose == ["submission.rle"]


def test_rows_that_no_class_explains_are_asked_for_with_what_to_write(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(24):
        part = "train" if number < 16 else "test"
        place = f"{'abcdef'[number // 4]}/tile_{number % 4:02}"
        folder, name = place.split("/")
        photo(data / part / folder / "images" / f"{name}.png", number)
        if part == "train":
            plane = np.full(SIZE, 10 * (number % 4 + 1), np.uint8)
            plane[box(number)] = 10 * (number % 3 + 1)
            plane[: number % 2] = 0
            save(data / part / folder / "masks" / f"{name}.png", plane)
    cells = [
        f"{'ef'[n // 4]}/tile_{n % 4:02}/{n * 7 + code},"  # another number in each row
        for n in range(8)
        for code in (10, 20, 30, 40)
    ]
    text(data / "sample_submission.csv", "id,rle", *cells)
    found = infer(data, tmp_path)
    assert "submission.id" in found.competition.to_choose
    assert "submission.id" not in readings_of(found.text)
    said = " ".join(found.text.replace("#", "").split())
    assert "to choose: no reading fits all of the sample's rows. Write the id of a row" in said
    assert "The sample's first row is 'e/tile_00/10'" in said


def test_one_mask_beside_the_image_in_its_folder_and_no_table(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(10):
        part = "train" if number < 7 else "test"
        photo(data / part / f"s{number}" / "photo.png", number)
        if part == "train":
            save(data / part / f"s{number}" / "mask.png", box(number).astype(np.uint8) * 255)
    text(data / "sample_submission.csv", "id,rle", *(f"s{n}," for n in range(7, 10)))
    found, masks = read(data)
    assert found.competition.tasks == {"segment": "binary"}
    assert {name: mask.tolist() for name, mask in masks.items()} == {
        f"s{n}": box(n).astype(np.uint8).tolist() for n in range(7)
    }


def test_arrays_of_numbers_beside_pictures_are_objects(tmp_path: Path) -> None:
    data, counts = tmp_path / "data", {}
    for number in range(12):
        part = "train" if number < 8 else "test"
        photo(data / part / "phase" / f"w{number}.png", number)
        if part == "train":
            numbers = np.zeros(SIZE, dtype=np.uint16)
            for k in range(number % 4):
                numbers[4 * k : 4 * k + 3, 2:9] = 300 + 5 * k
            (data / part / "cells").mkdir(exist_ok=True)
            np.save(data / part / "cells" / f"w{number}_cells.npy", numbers)
            counts[f"w{number}"] = number % 4
    text(data / "sample_submission.csv", "ImageId,EncodedPixels", *(f"w{n}," for n in range(8, 12)))
    found, _ = read(data)
    assert found.competition.tasks == {"segment": "instance"}
    assert "tasks" not in found.competition.to_choose  # 300 is no class
    samples = load_samples(found.competition, "train")
    objects = truth_instances(found.competition, samples)
    seen = {
        str(name): len(one)
        for name, one in zip(samples["id"], objects, strict=True)
        if one is not None
    }
    assert seen == counts


def test_arrays_that_are_not_named_after_pictures_are_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(12):
        part = "train" if number < 8 else "test"
        label = ("cat", "dog")[number % 2]
        photo(data / part / (label if part == "train" else "") / f"{number}.png", number)
    np.save(data / "embedding.npy", np.zeros((8, 3)))
    assert infer(data, tmp_path).competition.tasks == {"classify": "binary"}


LEGEND = {"water": (0, 0, 170), "field": (0, 170, 0), "road": (110, 110, 110)}


def coloured(data: Path, columns: list[str]) -> dict[str, NDArray[np.uint8]]:
    """Write tiles in dev and eval, colours with a legend, and a sample with a column a class."""
    drawn = {}
    for number in range(14):
        part, name = "dev" if number < 10 else "eval", f"tile-{number}"
        photo(data / "photos" / part / f"{name}.png", number)
        if part == "dev":
            classes = np.full(SIZE, 2, dtype=np.uint8)
            classes[box(number + 1)] = 1
            classes[box(number + 1, shift=1)] = 3
            colours = np.array([(255, 255, 255), *LEGEND.values()], dtype=np.uint8)[classes]
            colours[:2, :2] = 255
            save(data / "annotation" / part / f"{name}_label.png", colours)
            classes[:2, :2] = 255
            drawn[name] = classes
    named = (f"{r} {g} {b}  {name}" for name, (r, g, b) in LEGEND.items())
    text(data / "colors.txt", "# R G B name", *named, "255 255 255  void")
    text(
        data / "sample.csv", ",".join(["tile", *columns]), *(f"tile-{n},,," for n in range(10, 14))
    )
    (data / "sample.csv").rename(data / "sample_submission.csv")
    return drawn


def test_dev_and_eval_a_legend_with_a_heading_and_a_column_of_runs_a_class(tmp_path: Path) -> None:
    drawn = coloured(tmp_path / "data", ["water_rle", "road_rle", "field_rle"])
    found, masks = read(tmp_path / "data")
    spec = found.competition
    assert spec.tasks == {"segment": "multiclass"}
    order = [spec.classes.index(name) + 1 for name in LEGEND]
    meaning = np.zeros(256, dtype=np.uint8)
    meaning[[1, 2, 3, 255]] = [*order, 255]
    assert masks.keys() == drawn.keys()
    assert all(np.array_equal(masks[name], meaning[drawn[name]]) for name in drawn)
    assert list(load_samples(spec, "test")["id"]) == [f"tile-{n}" for n in range(10, 14)]
    # The order of the columns is the sample's, in the file of the competition, too.
    wide = yaml.safe_load(found.text)["submission"]["file"]["wide"]
    assert list(wide.items()) == [(one, f"{one}_rle") for one in ("water", "road", "field")]


def test_a_column_of_runs_a_class_is_written_and_read_back(tmp_path: Path) -> None:
    coloured(tmp_path / "data", ["water", "road", "field"])
    spec = read(tmp_path / "data")[0].competition
    ids = [f"tile-{n}" for n in range(10, 14)]
    rng = np.random.default_rng(0)
    masks = {one: rng.integers(0, 4, SIZE).astype(np.uint8) for one in ids}
    file = write_masks(tmp_path / "sent.csv", spec, ((one, masks[one]) for one in ids))
    header, *rows = (line.split(",") for line in file.read_text().splitlines())
    assert header == ["tile", "water", "road", "field"]
    assert [row[0] for row in rows] == ids
    for name, *cells in rows:
        for label, cell in zip(header[1:], cells, strict=True):
            plane = np.zeros(SIZE[0] * SIZE[1], dtype=np.bool_)
            numbers = list(map(int, cell.split()))
            for start, length in zip(numbers[::2], numbers[1::2], strict=True):
                plane[start - 1 : start - 1 + length] = True
            wanted = masks[name] == spec.classes.index(label) + 1
            assert np.array_equal(plane.reshape(SIZE, order="F"), wanted)


def test_masks_of_half_the_size_are_the_frame_and_come_back_as_they_are(tmp_path: Path) -> None:
    data, small = tmp_path / "data", (6, 8)
    for number in range(14):
        part = "train" if number < 10 else "test"
        photo(data / part / "images" / f"{number:02}.png", number)
        if part == "train":
            save(data / part / "masks" / f"{number:02}.png", box(number, small).astype(np.uint8))
    text(data / "sample_submission.csv", "id,n_pixels,rle", *(f"{n},48," for n in range(10, 14)))
    found, masks = read(data)
    assert found.competition.frame == small
    assert all(np.array_equal(mask, box(int(name), small)) for name, mask in masks.items())
    assert found.competition.submission.columns["n_pixels"] == "text[48]"


def test_tables_of_vertices_are_drawn(tmp_path: Path) -> None:
    data, drawn = tmp_path / "data", {}
    for number in range(12):
        part, name = "train" if number < 8 else "test", f"scan_{number}"
        photo(data / f"{part}_images" / f"{name}.png", number)
        if part == "train":
            plane = np.zeros(SIZE, dtype=np.bool_)
            rows = []
            for k in range(1 + number % 2):
                top, left = 1 + 6 * k, number % 4
                plane[top : top + 4, left : left + 5] = True
                corners = ((0, 0), (5, 0), (5, 4), (0, 4))
                rows += [f"{k},{n},{left + x}.0,{top + y}.0" for n, (x, y) in enumerate(corners)]
            text(data / "train_outlines" / f"{name}.csv", "contour,vertex,x,y", *rows)
            drawn[f"{name}.png"] = plane  # as the ids of the sample are
    text(data / "sample_submission.csv", "img,rle", *(f"scan_{n}.png,1 1" for n in range(8, 12)))
    found, masks = read(data)
    assert found.competition.tasks == {"segment": "binary"}
    assert masks.keys() == drawn.keys()
    assert all(np.array_equal(masks[name], drawn[name]) for name in drawn)


def test_a_folder_of_many_tables_is_refused_with_a_few_of_their_names(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(40):
        photo(data / "images" / f"{number}.png", number)
        text(data / "facts" / f"f{number:03}.csv", "size,place", "1,2", "3,4")
    with pytest.raises(DataError, match="and 34 more") as refused:
        infer(data, tmp_path)
    assert len(str(refused.value).replace(str(data), "data")) < 1000


def test_archives_of_an_image_and_its_mask_become_files(tmp_path: Path) -> None:
    data, made = tmp_path / "data", tmp_path / "made"
    data.mkdir()
    for part, numbers in (("train", range(18)), ("test", range(18, 24))):
        (data / part).mkdir()
        for n in numbers:
            image = np.random.default_rng(n).integers(0, 255, (*SIZE, 3)).astype(np.uint8)
            mask = {} if part == "test" else {"labels": box(n).astype(np.uint16) * (300 + n)}
            np.savez(data / part / f"w{n}.npz", image=image, **mask)
    text(data / "sample_submission.csv", "id,rle", *(f"w{n}," for n in range(18, 24)))
    written = write_images(data, made)
    folders = {str(one.path.relative_to(made)): len(one.sources) for one in written}
    assert folders == {
        "train/images": 18,
        "train/masks": 18,
        "test/images": 6,
        "sample_submission.csv": 1,
    }
    for n in range(18):
        mask = np.asarray(Image.open(made / f"train/masks/w{n}.png"))
        assert np.array_equal(mask, box(n) * (300 + n))
    for n in range(24):
        np.savez(data / ("train" if n < 18 else "test") / f"w{n}.npz", image=image)
    assert write_images(data, made) == []  # without a mask they are left to the reader


def corners(number: int, *, shift: int = 0) -> list[tuple[int, int]]:
    """Return the corners of the box of `box`, as (x, y); [] where it is empty."""
    rows, columns = np.nonzero(box(number, shift=shift))
    if not len(rows):
        return []
    (top, bottom), (left, right) = ((int(one.min()), int(one.max()) + 1) for one in (rows, columns))
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def yolo(data: Path, *, boxes: bool = False, together: bool = True) -> dict[str, NDArray[np.uint8]]:
    """Write YOLO's texts; return planes (H, W, 3) of each image, the second of which has none."""
    height, width = SIZE
    drawn = {}
    for number in range(14):
        part, name = "train" if number < 9 else "test", f"DJI_{number:04}"
        photo(data / "images" / part / f"{name}.png", number)
        if part == "test":
            continue
        planes = np.zeros((*SIZE, 3), dtype=np.uint8)
        lines = []
        for k, shift in ((0, 0), (2, 0 if together else 7)):
            points = corners(number, shift=shift)
            if not points or (not together and (k == 2) == bool(number % 2)):
                continue
            planes[..., k] = box(number, shift=shift)
            (x, y), _, (right, bottom), _ = points
            if boxes:
                points = [((x + right) / 2, (y + bottom) / 2), (right - x, bottom - y)]
            shares = [f"{a / width:.6f} {b / height:.6f}" for a, b in points]
            lines.append(f"{k} {' '.join(shares)}")
        text(data / "labels" / part / f"{name}.txt", *lines)
        drawn[name] = planes
    text(data / "data.yaml", "train: images/train", "nc: 3", "names: [spall, rust, crack]")
    names = ("spall", "rust", "crack")
    rows = [f"DJI_{n:04}.png,{one}," for n in range(9, 14) for one in names]
    text(data / "sample_submission.csv", "image,defect,rle", *rows)
    return drawn


def test_texts_of_yolo_are_drawn_with_a_file_a_class_where_classes_overlap(tmp_path: Path) -> None:
    drawn = yolo(tmp_path / "data")
    found, masks = read(tmp_path / "data")
    spec = found.competition
    assert spec.tasks == {"segment": "multilabel"}
    assert spec.classes == ["spall", "rust", "crack"]  # the second has no object
    # Ids of train have the ending that those of the sample have: so a rehearsed file has it.
    assert masks.keys() == {f"{name}.png" for name in drawn}
    assert all(np.array_equal(masks[f"{name}.png"], drawn[name]) for name in drawn)
    # The column is not called after classes, but each image has a row of each of its cells.
    assert spec.submission.rows == "image_class"
    assert spec.submission.columns == {"image": "id", "defect": "class_name", "rle": "value"}


def test_texts_of_yolo_whose_classes_share_no_pixels_are_one_mask(tmp_path: Path) -> None:
    drawn = yolo(tmp_path / "data", together=False)
    found, masks = read(tmp_path / "data")
    assert found.competition.tasks == {"segment": "multiclass"}
    numbers = {name: (planes * [1, 2, 3]).sum(axis=-1) for name, planes in drawn.items()}
    assert all(np.array_equal(masks[f"{name}.png"], numbers[name]) for name in drawn)


@pytest.mark.parametrize(
    ("lines", "classes"),
    [
        (["names:", "  0: spall", "  1: rust", "  2: crack"], ["spall", "rust", "crack"]),
        (
            [f"a0: &a0 [{'x, ' * 9}x]"]
            + [f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}*a{n - 1}]" for n in range(1, 12)]
            + ["names: [*a11, *a10, *a9]"],
            ["class 0", "class 1", "class 2"],
        ),
    ],
    ids=["numbered", "unfolds to a trillion"],
)
def test_names_of_yolo_are_read_or_left(
    lines: list[str], classes: list[str], tmp_path: Path
) -> None:
    yolo(tmp_path / "data")
    (tmp_path / "data/sample_submission.csv").unlink()
    text(tmp_path / "data/data.yaml", *lines)
    found, _ = read(tmp_path / "data")
    assert found.competition.classes == classes


def test_texts_of_yolo_with_boxes_alone_are_refused(tmp_path: Path) -> None:
    yolo(tmp_path / "data", boxes=True)
    with pytest.raises(DataError, match="are boxes without outlines"):
        infer(tmp_path / "data", tmp_path)


@pytest.mark.parametrize("form", ["list", "mapping", "project"])
def test_regions_of_the_vgg_image_annotator_are_drawn(tmp_path: Path, form: str) -> None:
    data, images, drawn = tmp_path / "data", {}, {}
    for number in range(12):
        part, name = "train" if number < 8 else "test", f"leaf ({number}).png"
        photo(data / part / name, number)
        if part == "train":
            regions = []
            for shift, shape in enumerate(("polygon", "rect")):
                points = corners(number, shift=shift)
                if not points:
                    continue
                (x, y), _, (right, bottom), _ = points
                attributes = {"name": shape, "x": x, "y": y, "width": right - x}
                attributes |= {"height": bottom - y, "all_points_x": [x for x, _ in points]}
                attributes |= {"all_points_y": [y for _, y in points]}
                about = {"kind": "blotch", "author": "ab"[number % 2]}
                regions.append({"shape_attributes": attributes, "region_attributes": about})
            each = regions if form == "list" else dict(enumerate(regions))
            images[f"{name}{900 + number}"] = {"filename": name, "size": 900, "regions": each}
            drawn[name] = box(number) | box(number, shift=1)
    content = {"_via_img_metadata": images, "_via_settings": {}} if form == "project" else images
    text(data / "train/via_region_data.json", json.dumps(content))
    rows = [f"leaf ({n}).png,1 1" for n in range(8, 12)]
    text(data / "sample_submission.csv", "filename,EncodedPixels", *rows)
    found, masks = read(data)
    assert found.competition.tasks == {"segment": "binary"}
    assert masks.keys() == drawn.keys()
    assert all(np.array_equal(masks[name], drawn[name]) for name in drawn)


def studio_export(form: str, number: int, name: str) -> dict[str, Any]:
    """Return a task of Label Studio: a polygon, and a rectangle turned by a quarter about a corner.

    Places are per cent; rows of the y axis grow downwards, so that the turn is clockwise.
    """
    height, width = SIZE
    about = {"original_width": width, "original_height": height, "image_rotation": 0}
    results = []
    for shift, kind in enumerate(("polygonlabels", "rectanglelabels")):
        points = corners(number, shift=shift)
        if not points:
            continue
        (left, top), _, (right, bottom), _ = points
        value: dict[str, Any] = {kind: ["fleck"]}
        if kind == "polygonlabels":
            value |= {"points": [[100 * x / width, 100 * y / height] for x, y in points]}
        else:
            value |= {"x": 100 * right / width, "y": 100 * top / height, "rotation": 90}
            value |= {"width": 100 * (bottom - top) / width}
            value |= {"height": 100 * (right - left) / height}
        results.append(about | {"value": value, "type": kind})
    address = f"/data/upload/12/{number:08x}-{name}"
    if form == "short":
        shapes = [{**one["value"], **about} for one in results]
        return {"image": address, "id": number, "label": shapes, "annotation_id": 7 * number}
    cancelled = {"result": [], "was_cancelled": True}
    return {"data": {"image": address}, "annotations": [cancelled, {"result": results}]}


@pytest.mark.parametrize("form", ["tasks", "short"])
def test_exports_of_label_studio_are_drawn(tmp_path: Path, form: str) -> None:
    data, tasks, drawn = tmp_path / "data", [], {}
    for number in range(12):
        name = f"tile_{number:02}.png"
        photo(data / ("train" if number < 8 else "test") / name, number)
        if number < 8:
            tasks.append(studio_export(form, number, name))
            drawn[f"tile_{number:02}"] = box(number) | box(number, shift=1)
    text(data / "annotations/project-12-at-2025-03-04.json", json.dumps(tasks))
    rows = [f"tile_{n:02},1 1" for n in range(8, 12)]
    text(data / "sample_submission.csv", "id,EncodedPixels", *rows)
    found, masks = read(data)
    assert found.competition.tasks == {"segment": "binary"}
    assert masks.keys() == drawn.keys()
    assert all(np.array_equal(masks[name], drawn[name]) for name in drawn)


@pytest.mark.parametrize("content", [["leaf", "vein"], [3, 5], [{"data": {"image": "1.png"}}]])
def test_a_list_of_other_things_is_no_export_of_label_studio(content: list[Any]) -> None:
    assert studio_images(content) == []


def test_an_export_of_label_studio_with_a_brush_is_not_read_in_part(tmp_path: Path) -> None:
    data, tasks = tmp_path / "data", []
    for number in range(1, 5):
        photo(data / "train" / f"{number}.png", number)
        photo(data / "test" / f"t{number}.png", number)
        tasks.append(studio_export("tasks", number, f"{number}.png"))
    brush = {"format": "rle", "rle": [0, 1, 2], "brushlabels": ["fleck"]}
    tasks[0]["annotations"][1]["result"].append({"type": "brushlabels", "value": brush})
    text(data / "export.json", json.dumps(tasks))
    text(data / "sample_submission.csv", "id,EncodedPixels", *(f"t{n},1 1" for n in range(1, 5)))
    with pytest.raises(DataError, match="asks for masks"):
        infer(data, tmp_path)


def numbered(number: int) -> NDArray[np.int32]:
    """Return a mask that numbers objects; the only one of some lies behind a bar."""
    mask = np.zeros(SIZE, dtype=np.int32)
    for k in range(1 + number % 4):
        mask[3 * k : 3 * k + 2, 1:14] = k + 1
    mask[:, 6 + number % 3] *= number % 4 > 0
    return mask


@pytest.mark.parametrize("form", ["npy", "npz"])
def test_arrays_of_images_and_masks_become_files(tmp_path: Path, form: str) -> None:
    data = tmp_path / "download"
    data.mkdir()
    rng = np.random.default_rng(3)
    pixels = rng.integers(300, 4000, (16, *SIZE)).astype(np.uint16)
    masks = np.stack([box(n + 1) for n in range(12)]).astype(np.uint8)
    names = [f"q{n * 7 % 16:02}" for n in range(16)]
    if form == "npy":
        names = [str(n) for n in (*range(12), *range(4))]
        np.save(data / "X_train.npy", pixels[:12])
        np.save(data / "Y_train.npy", masks)
        np.save(data / "X_test.npy", pixels[12:])
    else:
        shares = np.stack([pixels / 4095] * 3, axis=1)  # (N, C, H, W)
        np.savez(data / "train.npz", images=shares[:12], masks=masks, ids=np.array(names[:12]))
        np.savez(data / "test.npz", images=shares[12:], ids=np.array(names[12:]))
    text(data / "sample_submission.csv", "id,rle", *(f"{one}," for one in names[12:]))
    started = init_workspace(data, tmp_path / "work")
    spec = started.competition
    assert spec.tasks == {"segment": "binary"}
    samples = load_samples(spec, "train")
    assert sorted(samples["id"]) == sorted(names[:12])
    place = {name: n for n, name in enumerate(names[:12])}
    for name, mask in zip(samples["id"], truth_masks(spec, samples), strict=True):
        assert np.array_equal(mask, masks[place[name]])
    assert sorted(load_samples(spec, "test")["id"]) == sorted(names[12:])
    for name, image in zip(samples["id"], samples["images"], strict=True):
        kept = np.asarray(Image.open(started.root / image[0]))
        own = pixels[place[name]]  # of 12 bits, which are more than a byte
        scaled = np.stack([np.rint(own / 4095 * 255)] * 3, axis=-1) if form == "npz" else own
        assert np.array_equal(kept, scaled)


def test_numbers_of_objects_in_pieces_leave_the_task_to_choose(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(14):
        part = "train" if number < 10 else "test"
        photo(data / part / "images" / f"w{number}.png", number)
        if part == "train":
            save(data / part / "masks" / f"w{number}.png", numbered(number).astype(np.uint8))
    text(data / "sample_submission.csv", "id,rle", *(f"w{n}," for n in range(10, 14)))
    spec = read(data)[0].competition
    assert "tasks" in spec.to_choose


def test_masks_in_a_folder_of_each_place_are_all_used(tmp_path: Path) -> None:
    data, drawn = tmp_path / "data", {}
    for number in range(14):
        part, name = "train" if number < 10 else "test", f"IMG{number:03}"
        place = data / part / f"site{number % 3}"
        photo(place / "photo" / f"{name}.png", number)
        if part == "train":
            save(place / "annotation" / f"{name}-label.png", box(number).astype(np.uint8) * 255)
            drawn[name] = box(number)
    found, masks = read(data)
    assert found.competition.to_choose == []
    assert masks.keys() == drawn.keys()
    assert all(np.array_equal(masks[name], drawn[name]) for name in drawn)


@pytest.mark.parametrize("where", ["annotated/expert1", "masks"])
def test_masks_with_a_page_a_class_in_another_folder_level(tmp_path: Path, where: str) -> None:
    data, drawn = tmp_path / "data", {}
    for number in range(14):
        part, name = "training" if number < 10 else "testing", f"sub-{number // 2}_ses-{number % 2}"
        photo(data / part / "acquired" / f"{name}.png", number)
        if part == "training":
            pages = np.stack([box(number), box(number, shift=1)]).astype(np.uint8) * 255
            (data / part / where).mkdir(parents=True, exist_ok=True)
            file = data / part / where / f"{name}_gt.tif"
            tifffile.imwrite(file, pages, photometric="minisblack")
            drawn[name] = np.moveaxis(pages > 0, 0, -1)
    rows = [f"sub-{n // 2}_ses-{n % 2},{layer}," for n in range(10, 14) for layer in (1, 2)]
    text(data / "sample_submission.csv", "image,layer,rle", *rows)
    found, masks = read(data)
    spec = found.competition
    assert spec.tasks == {"segment": "multilabel"}
    assert spec.submission.columns == {"image": "id", "layer": "class_name", "rle": "value"}
    assert masks.keys() == drawn.keys()
    assert all(np.array_equal(masks[name], drawn[name]) for name in drawn)


def test_pages_of_masks_with_several_values_are_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(6):
        photo(data / "train/images" / f"{number}.png", number)
        photo(data / "test/images" / f"t{number}.png", number)
        (data / "train/masks").mkdir(parents=True, exist_ok=True)
        pages = np.stack([box(number).astype(np.uint8), np.arange(192).reshape(SIZE) % 3])
        file = data / "train/masks" / f"{number}.tif"
        tifffile.imwrite(file, pages.astype(np.uint8), photometric="minisblack")
    with pytest.raises(DataError, match="each page is black but for one class"):
        infer(data, tmp_path)


def test_numbers_of_classes_that_are_also_parts_of_names_name_no_image(tmp_path: Path) -> None:
    """The column of ids names the files: that classes 1 to 4 are the ends of some is chance."""
    data = tmp_path / "data"
    names = [f"site__{number}" for number in range(13)]
    for number, name in enumerate(names):
        photo(data / ("train" if number < 8 else "test") / f"{name}.png", number)
    rows = [f"{name},{k},{k * 3} 5" for name in names[:8:2] for k in range(1, 5)]
    text(data / "train_rle.csv", "Id,class,rle", *rows)
    sample = [f"{name},{k}," for name in names[8:] for k in range(1, 5)]
    text(data / "sample_submission.csv", "Id,class,rle", *sample)
    spec = read(data)[0].competition
    assert list(load_samples(spec, "train")["id"]) == names[:8]
    assert list(load_samples(spec, "test")["id"]) == sorted(names[8:])


def two_or_three(number: int) -> NDArray[np.uint8]:
    """Return numbers of objects, each in one piece: of three objects in every second mask."""
    numbers = np.zeros(SIZE, dtype=np.uint8)
    for k in range(2 + number % 2):
        numbers[4 * k : 4 * k + 3, 1 + number % 4 : 9] = k + 1
    return numbers


def numbered_masks(data: Path) -> None:
    """Write nine images with a mask of `two_or_three` each, and five to predict."""
    for number in range(14):
        part = "train" if number < 9 else "test"
        photo(data / part / "images" / f"w{number}.png", number)
        if part == "train":
            save(data / part / "masks" / f"w{number}.png", two_or_three(number))


def test_values_of_a_mask_are_no_classes_where_the_sample_has_one_row_an_image(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    numbered_masks(data)
    text(data / "sample_submission.csv", "id,rle", *(f"w{n}," for n in range(9, 14)))
    found = read(data)[0]
    spec = found.competition
    assert (spec.tasks, spec.classes) == ({"segment": "instance"}, [])
    samples = load_samples(spec, "train")
    objects = truth_instances(spec, samples)
    counts = dict(zip(samples["id"], map(len, filter(None, objects)), strict=True))
    assert counts == {f"w{n}": 2 + n % 2 for n in range(9)}
    # The other reading: all objects of an image are one mask.
    keys = {"tasks", "metric.name", "submission.rows", "data.train.mask_values"}
    assert keys <= set(spec.to_choose)
    offered, document = readings_of(found.text), yaml.safe_load(found.text)
    document["tasks"] = offered["tasks"][0]
    document["data"]["train"]["mask_values"] = offered["data.train.mask_values"][0]
    document["submission"]["rows"] = offered["submission.rows"][0]
    as_one = Competition.model_validate(document).at(tmp_path)
    for name, mask in zip(samples["id"], truth_masks(as_one, samples), strict=True):
        assert mask is not None
        assert np.array_equal(mask, two_or_three(int(name[1:])) > 0)


@pytest.mark.parametrize("rows", ["counter", "repeated"])
def test_values_of_a_mask_are_objects_where_the_sample_has_more_rows_of_some_images(
    tmp_path: Path, rows: str
) -> None:
    data = tmp_path / "data"
    numbered_masks(data)
    keys = [f"w{n}{f'-{k}' * (rows == 'counter')}" for n in range(9, 14) for k in range(2 + n % 2)]
    lines = (f"{one},{7 * n + 1} 4 {7 * n + 20} 3" for n, one in enumerate(keys))
    text(data / "sample_submission.csv", "id,rle", *lines)
    spec = read(data)[0].competition
    assert spec.tasks == {"segment": "instance"}
    assert "tasks" not in spec.to_choose
    assert spec.submission.rows == "instance"


@pytest.mark.parametrize("rows", ["keys", "joined"])
def test_values_of_a_mask_stay_classes_where_the_sample_has_a_row_for_each(
    tmp_path: Path, rows: str
) -> None:
    data = tmp_path / "data"
    numbered_masks(data)
    keys = [(f"w{n}", k) for n in range(9, 14) for k in (1, 2, 3)]
    if rows == "keys":
        lines = ["id,class,rle", *(f"{name},{k}," for name, k in keys)]
    else:
        lines = ["id,rle", *(f"{name}_{k}," for name, k in keys)]
    text(data / "sample_submission.csv", *lines)
    spec = read(data)[0].competition
    assert spec.tasks == {"segment": "multiclass"}
    assert "tasks" not in spec.to_choose
    assert spec.submission.rows == "image_class"


@pytest.mark.parametrize("name", ["1.2.840.{}", "7{}"])
def test_an_id_of_the_sample_does_not_end_inside_a_number(tmp_path: Path, name: str) -> None:
    """`1.2.840.11.tif-mask` is of image 11, also where image 1 of train is its beginning."""
    data = tmp_path / "data"
    names = [f"{name.format(n)}.tif" for n in range(14)]
    for number, one in enumerate(names):
        photo(data / "images" / one, number)
    runs = [f"{one},{k * n + 1} 4" for n, one in enumerate(names[:10], 1) for k in (4, 9)]
    text(data / "train_masks.csv", "id,rle", *runs)
    text(data / "test.csv", "id", *names[10:])
    text(data / "sample_submission.csv", "id,rle", *(f"{one}-mask," for one in names[10:]))
    spec = read(data)[0].competition
    assert list(load_samples(spec, "train")["id"]) == names[:10]
    form = format_of(spec)
    keys = form.keys(list(load_samples(spec, "test")["id"]))
    assert sorted(keys) == [f"{one}-mask" for one in names[10:]]


@pytest.mark.parametrize("source", ["files", "runs"])
def test_the_numbers_that_the_sample_has_for_images_are_the_ids_of_train_too(
    tmp_path: Path, source: str
) -> None:
    """So a rehearsed file has ids as those of the file to send."""
    data = tmp_path / "data"
    for number in range(14):
        part = "train" if number < 9 else "test"
        photo(data / part / f"scan_{number}.png", number)
        if source == "files" and part == "train":
            save(data / "train_masks" / f"scan_{number}.png", box(number).astype(np.uint8) * 255)
    facts = [f"scan_{n}.png,{500 + 3 * n},site{n % 4}" for n in range(14)]
    test = [line.rpartition(",")[0] for line in facts[9:]]
    if source == "files":
        text(data / "train.csv", "file_name,image_id,site", *facts[:9])
    else:
        cells = (str(rle.encode(box(n))) for n in range(9))
        rows = (f"{line},{cell}" for line, cell in zip(facts[:9], cells, strict=True))
        text(data / "train.csv", "file_name,image_id,site,rle", *rows)
    text(data / "test.csv", "file_name,image_id", *test)
    sample = (f"{500 + 3 * n}," for n in range(9, 14))
    text(data / "sample_submission.csv", "image_id,rle", *sample)
    found, masks = read(data)
    assert sorted(load_samples(found.competition, "test")["id"]) == [
        str(500 + 3 * n) for n in range(9, 14)
    ]
    assert {name: mask.tolist() for name, mask in masks.items()} == {
        str(500 + 3 * n): box(n).astype(np.uint8).tolist() for n in range(9)
    }


OBJECT_ROWS: dict[str, Callable[[int, int], str]] = {
    "repeated": lambda n, k: f"t{n},{40 * k + 1} 3",
    "counter": lambda n, k: f"t{n}_{k},{40 * k + 1} 3",
    "with class": lambda n, k: f"t{n},{('cell', 'dirt')[k % 2]},{40 * k + 1} 3",
}


@pytest.mark.parametrize("rows", OBJECT_ROWS)
def test_outlines_are_objects_where_the_sample_has_rows_of_these(tmp_path: Path, rows: str) -> None:
    data, drawn = tmp_path / "data", dict[str, set[tuple[str, bytes]]]()
    for number in range(14):
        part = "train" if number < 9 else "test"
        photo(data / part / f"t{number}.png", number)
        shapes, planes = [], set()
        for k in range(number % 3):
            top, left = 1 + number % 4, 1 + 7 * k
            corners = [[left, top], [left + 5, top], [left + 5, top + 4], [left, top + 4]]
            label = ("cell", "dirt")[k % 2]
            shapes.append({"label": label, "points": corners, "shape_type": "polygon"})
            plane = np.zeros(SIZE, dtype=np.bool_)
            plane[top : top + 4, left : left + 5] = True
            planes.add((label if rows == "with class" else "", plane.tobytes()))
        if part == "train":
            content = {"shapes": shapes, "imagePath": f"t{number}.png"}
            content |= {"imageHeight": SIZE[0], "imageWidth": SIZE[1]}
            text(data / part / f"t{number}.json", json.dumps(content))
            drawn[f"t{number}"] = planes
    # Most images have one row: `_0` is a number nevertheless.
    lines = [OBJECT_ROWS[rows](n, k) for n in range(9, 14) for k in range(1 + (n > 11))]
    text(data / "sample_submission.csv", "id,class,rle" if "class" in rows else "id,rle", *lines)
    found, _ = read(data)
    spec = found.competition
    assert spec.tasks == {"segment": "instance"}
    assert spec.submission.id == ("{id}_{object}" if rows == "counter" else "{id}")
    samples = load_samples(spec, "train")
    names = spec.classes or [""]
    for name, objects in zip(samples["id"], truth_instances(spec, samples), strict=True):
        pairs = zip(objects.classes, objects.planes(), strict=True)
        assert {(names[int(k)], plane.tobytes()) for k, plane in pairs} == drawn[name]


def test_masks_in_folders_that_are_numbered_as_those_of_their_images(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(12):
        piece = f"{number % 3 + 1}"
        photo(data / f"images_{piece}/{number}.png", number)
        save(data / f"masks_{piece}/{number}.png", 255 * box(number).astype(np.uint8))
    for number in range(12, 16):
        photo(data / f"test/{number}.png", number)
    text(data / "sample_submission.csv", "image,rle", *(f"{n},1 1" for n in range(12, 16)))
    found, masks = read(data)
    assert found.competition.tasks == {"segment": "binary"}
    assert masks.keys() == {f"{number}" for number in range(12)}
    assert all(np.array_equal(masks[f"{number}"] > 0, box(number)) for number in range(12))


def test_numbered_folders_of_masks_of_the_same_images_are_not_joined(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(12):
        photo(data / f"images/{number}.png", number)
        save(data / f"masks_{number % 2 + 1}/{number}.png", 255 * box(number).astype(np.uint8))
    photo(data / "test/12.png", 12)
    found = infer(data, tmp_path)
    assert any("are not used" in note for note in found.notes)


CELLS = {
    "polygon": lambda corners: json.dumps(corners),
    "contour": lambda corners: str([tuple(one) for one in corners]),
    "segmentation": lambda corners: json.dumps([[n for one in corners for n in one]]),
    "wkt": lambda corners: f"POLYGON (({', '.join(f'{x} {y}' for x, y in corners)}))",
    "shapes": lambda corners: f"MULTIPOLYGON ((({', '.join(f'{x} {y}' for x, y in corners)})))",
}


@pytest.mark.parametrize("name", CELLS)
def test_outlines_in_the_cells_of_a_table_are_drawn(tmp_path: Path, name: str) -> None:
    data, drawn, rows = tmp_path / "data", {}, []
    for number in range(12):
        photo(data / f"{'train' if number < 8 else 'test'}/{number}.png", number)
        plane = np.zeros(SIZE, dtype=np.uint8)
        for k, kind in enumerate(("oak", "elm")[: 1 + number % 2]):
            top, left = 1 + 6 * k, number % 4
            plane[top : top + 4, left : left + 5] = 1 + (kind == "oak")
            corners = [(left + x, top + y) for x, y in ((0, 0), (5, 0), (5, 4), (0, 4))]
            rows.append(f'{number},{kind},"{CELLS[name](corners)}"')
        if number < 8:
            drawn[f"{number}"] = plane
    rows = [row for row in rows if int(row.partition(",")[0]) < 8]
    text(data / "train.csv", f"image,species,{name}", *rows)
    found, masks = read(data)
    assert found.competition.classes == ["elm", "oak"]
    assert masks.keys() == drawn.keys()
    assert all(np.array_equal(masks[one], drawn[one]) for one in drawn)


def test_an_outline_a_row_may_be_an_object_where_an_image_is_sent(tmp_path: Path) -> None:
    data, rows = tmp_path / "data", []
    for number in range(12):
        photo(data / f"{'train' if number < 8 else 'test'}/{number}.png", number)
        for k in range(1 + number % 2):
            corners = [(x, y + 6 * k) for x, y in ((1, 1), (5, 1), (5, 4), (1, 4))]
            rows += [f'{number},"{json.dumps(corners)}"'] if number < 8 else []
    text(data / "train.csv", "image,outline", *rows)
    text(data / "sample_submission.csv", "image,rle", *(f"{number},1 2" for number in range(8, 12)))
    found, _ = read(data)
    assert "tasks" in found.competition.to_choose
    assert "segment: instance" in found.text
    assert "segment: binary" in found.text


@pytest.mark.parametrize(
    "cell",
    [
        "[[0.1, 0.1], [0.5, 0.1], [0.5, 0.9]]",  # shares of the image
        "[[10, 10], [500, 10], [500, 90]]",  # of another image
        "[[1, 1], [5, 1]]",  # a line
        "[3, 4, 5, 6]",  # a box
    ],
)
def test_lists_that_are_no_outlines_in_pixels_are_not_drawn(tmp_path: Path, cell: str) -> None:
    data = tmp_path / "data"
    for number in range(12):
        photo(data / f"{'train' if number < 8 else 'test'}/{number}.png", number)
    text(data / "train.csv", "image,polygon", *(f'{n},"{cell}"' for n in range(8)))
    text(data / "sample_submission.csv", "image,rle", *(f"{n},1 1" for n in range(8, 12)))
    with pytest.raises(DataError, match="asks for masks"):
        infer(data, tmp_path)


def test_pictures_before_and_after_in_a_folder_each_are_one_image(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(14):
        part = "train" if number < 10 else "test"
        for k, when in enumerate(("before", "after")):
            photo(data / part / when / f"{number}.png", 2 * number + k)
        if part == "train":
            save(data / f"train/label/{number}.png", 255 * box(number).astype(np.uint8))
    text(data / "sample_submission.csv", "id,rle", *(f"{n},1 1" for n in range(10, 14)))
    found, masks = read(data)
    samples = load_samples(found.competition, "train")
    both = [Path(one).parent.name for one in samples["images"].iloc[0]]
    assert sorted(both) == ["after", "before"]
    assert masks.keys() == {f"{number}" for number in range(10)}
    assert all(np.array_equal(masks[f"{number}"] > 0, box(number)) for number in range(10))
    assert set(load_samples(found.competition, "test")["id"]) == {f"{n}" for n in range(10, 14)}


def test_class_folders_with_equal_names_are_no_channels(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(10):
        photo(data / f"train/cat/{number}.png", number)
        photo(data / f"train/dog/{number}.png", 20 + number)
        photo(data / f"test/{number}.png", 40 + number)
    text(data / "sample_submission.csv", "id,label", *(f"{n},cat" for n in range(10)))
    assert infer(data, tmp_path).competition.classes == ["cat", "dog"]


def test_numbers_in_a_list_of_classes_name_no_image(tmp_path: Path) -> None:
    """That classes 0 to 4 are the ends of some names of images is chance."""
    data = tmp_path / "data"
    names = [f"site__{number}" for number in range(13)]
    for number, name in enumerate(names):
        photo(data / "images" / ("train" if number < 8 else "test") / f"{name}.png", number)
        if number < 8:
            values = np.arange(192, dtype=np.uint8).reshape(SIZE) % 5
            save(data / "masks/train" / f"{name}_mask.png", values)
    text(data / "classes.csv", "id,name", "0,sky", "1,cat", "2,dog", "3,fox", "4,hen")
    sample = [f"{name} {k},{k + 1} 5" for name in names[8:] for k in range(4)]
    text(data / "sample_submission.csv", "Id_class,rle", *sample)
    spec = read(data)[0].competition
    assert list(load_samples(spec, "train")["id"]) == names[:8]
    assert list(load_samples(spec, "test")["id"]) == sorted(names[8:])


def test_a_piece_of_a_name_that_is_empty_is_no_field(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(14):
        photo(data / ("train" if number < 9 else "test") / f"site__{number}.png", number)
    text(data / "train.csv", "number,label", *(f"{n},{'ab'[n % 2]}" for n in range(9)))
    text(data / "sample_submission.csv", "number,label", *(f"{n},a" for n in range(9, 14)))
    spec = infer(data, tmp_path).competition
    assert sorted(map(int, load_samples(spec, "train")["id"])) == list(range(9))
    assert sorted(map(int, load_samples(spec, "test")["id"])) == list(range(9, 14))


def test_numbers_of_objects_behind_ids_with_zeros_in_front(tmp_path: Path) -> None:
    """Images have one object to four: `00001_0` is object 0 of image 00001, not 1 of image 0."""
    data = tmp_path / "data"
    for number in range(9):
        photo(data / "train/images" / f"{number:05}.png", number)
        save(data / "train/masks" / f"{number:05}.png", two_or_three(number))
    for number in range(5):
        photo(data / "test/images" / f"{number:05}.png", number + 9)
    sample = [f"{n:05}_{k}," for n, many in enumerate((1, 4, 4, 2, 4)) for k in range(many)]
    text(data / "sample_submission.csv", "id,predicted", *sample)
    spec = read(data)[0].competition
    assert sorted(load_samples(spec, "test")["id"]) == [f"{n:05}" for n in range(5)]
    assert spec.submission.id == "{id}_{object}"


NUMBERS: dict[str, Callable[[int, int], int]] = {
    "left out": lambda n, k: (0, 2, 5)[k],
    "from five": lambda n, k: 5 + k,
    "over all images": lambda n, k: 3 * n + k,
}


@pytest.mark.parametrize("sign", ["_", "-obj"])
@pytest.mark.parametrize("numbers", NUMBERS)
def test_objects_whose_numbers_have_gaps_are_asked_about(
    tmp_path: Path, numbers: str, sign: str
) -> None:
    data = tmp_path / "data"
    numbered_masks(data)
    rows = [(n, k) for n in range(9, 14) for k in range(2 + n % 2)]
    cells = [f"w{n}{sign}{NUMBERS[numbers](n, k)},{7 * n + 1} 4 {7 * n + 20} 3" for n, k in rows]
    text(data / "sample_submission.csv", "id,rle", *cells)
    found = read(data)[0]
    spec = found.competition
    assert spec.tasks == {"segment": "instance"}
    assert sorted(load_samples(spec, "test")["id"]) == sorted(f"w{n}" for n in range(9, 14))
    assert "submission.id" in spec.to_choose
    assert spec.submission.id == f"{{id}}{sign}{{object}}"
    assert readings_of(found.text)["submission.id"] == ["{id}"]
    assert any("leave numbers of an image out" in note for note in found.notes)


def test_more_than_a_hundred_objects_of_an_image_are_numbered(tmp_path: Path) -> None:
    data = tmp_path / "data"
    numbered_masks(data)
    cells = [f"w{n}_{k},{7 * k + 1} 4" for n in range(9, 14) for k in range(120 + n)]
    text(data / "sample_submission.csv", "id,rle", *cells)
    spec = read(data)[0].competition
    assert spec.tasks == {"segment": "instance"}
    assert "submission.id" not in spec.to_choose
    assert (spec.submission.id, spec.submission.index_base) == ("{id}_{object}", 0)


def test_numbers_of_some_classes_of_an_image_are_not_taken_for_objects(tmp_path: Path) -> None:
    """Rows of the classes that an image has, or of its objects: the numbers are those of both."""
    data = tmp_path / "data"
    numbered_masks(data)
    rows = [(n, k) for n in range(9, 14) for k in (1, 3)[: 1 + n % 2]]
    text(data / "sample_submission.csv", "id,rle", *(f"w{n}_{k},{7 * n + 1} 4" for n, k in rows))
    spec = read(data)[0].competition
    assert "submission.id" in spec.to_choose


@pytest.mark.parametrize("sample", ["{}/{}", "{}/{}.png", "{}_{}", ""])
@pytest.mark.parametrize("inner", ["", "/left"])
def test_masks_in_folders_of_patients_whose_files_are_called_alike(
    tmp_path: Path, sample: str, inner: str
) -> None:
    """The folders of masks are those of their images, and no classes."""
    data, drawn = tmp_path / "data", {}
    keys = [(f"ann{k}" if k < 3 else f"bob{k}", n) for k in range(5) for n in range(4)]
    for number, (patient, n) in enumerate(keys):
        part = "train" if number < 12 else "test"
        photo(data / part / "images" / f"{patient}{inner}" / f"slice{n}.png", number)
        if part == "train":
            mask = box(number).astype(np.uint8)
            save(data / part / "masks" / f"{patient}{inner}" / f"slice{n}.png", mask * 255)
            drawn[f"data/train/images/{patient}{inner}/slice{n}.png"] = mask
    if sample:
        ids = (sample.format(f"{patient}{inner}", f"slice{n}") for patient, n in keys[12:])
        text(data / "sample_submission.csv", "id,rle", *(f"{one},1 2" for one in ids))
    spec = infer(data, tmp_path).competition
    assert spec.tasks == {"segment": "binary"}
    samples = load_samples(spec, "train")
    masks = truth_masks(spec, samples)
    assert len(samples) == len(drawn)
    for images, mask in zip(samples["images"], masks, strict=True):
        assert mask is not None
        assert np.array_equal(mask, drawn[images[0]])


def test_a_fixed_number_behind_ids_is_no_image(tmp_path: Path) -> None:
    """`00003_1` is of image 00003: of image 1 all rows would be, and of the others none."""
    data = tmp_path / "data"
    for number in range(9):
        photo(data / "train/images" / f"{number:05}.png", number)
        save(data / "train/masks" / f"{number:05}.png", box(number).astype(np.uint8) * 255)
    for number in range(5):
        photo(data / "test/images" / f"{number:05}.png", number + 9)
    text(data / "sample_submission.csv", "id,predicted", *(f"{n:05}_1,1 0" for n in range(5)))
    spec = read(data)[0].competition
    assert sorted(load_samples(spec, "test")["id"]) == [f"{n:05}" for n in range(5)]
    assert (spec.submission.rows, spec.submission.id) == ("image", "{id}_1")


def test_a_number_of_an_object_that_is_the_name_of_an_image_of_train(tmp_path: Path) -> None:
    """`10.png_0` is object 0 of image 10, also where image 0 is in the same folder."""
    data = tmp_path / "data"
    for number in range(13):
        photo(data / "images" / f"{number}.png", number)
    rows = [f"{n}.png,{40 * k + 1} 3 {40 * k + 17} 3" for n in range(10) for k in range(3)]
    text(data / "train.csv", "id,rle", *rows)
    sample = [f"{n}.png_{k},1 2" for n, many in ((10, 1), (11, 3), (12, 4)) for k in range(many)]
    text(data / "sample_submission.csv", "id,rle", *sample)
    spec = infer(data, tmp_path).competition
    assert sorted(load_samples(spec, "test")["id"]) == ["10.png", "11.png", "12.png"]
    assert sorted(load_samples(spec, "train")["id"]) == sorted(f"{n}.png" for n in range(10))
    assert spec.submission.id == "{id}_{object}"


def test_images_and_masks_in_the_folder_of_a_patient_each_without_ids(tmp_path: Path) -> None:
    """`Patient01/images/slice0.png` and `Patient01/labels/slice0.png`; the sample has other ids."""
    data, drawn = tmp_path / "data", {}
    keys = [(f"Patient{n:02}", k) for n in range(15) for k in range(3)]
    for number, (patient, k) in enumerate(keys):
        part = "train" if number < 36 else "test"
        photo(data / part / patient / "images" / f"slice{k}.png", number)
        if part == "train":
            mask = box(number).astype(np.uint8)
            save(data / part / patient / "labels" / f"slice{k}.png", mask * 255)
            drawn[f"data/train/{patient}/images/slice{k}.png"] = mask
    text(data / "sample_submission.csv", "id,rle", *(f"row{n},1 2" for n in range(9)))
    spec = infer(data, tmp_path).competition
    samples = load_samples(spec, "train")
    assert spec.folds.group == "folder"
    assert samples["group"].nunique() == 12
    assert len(samples) == len(drawn)
    for images, mask in zip(samples["images"], truth_masks(spec, samples), strict=True):
        assert mask is not None
        assert np.array_equal(mask, drawn[images[0]])


def test_a_sample_leaves_out_a_folder_and_has_other_letters(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for patient, n in ((p, n) for p in range(1, 10) for n in range(4)):
        part = data / f"{'train' if patient < 6 else 'test'}/Patient{patient}"
        photo(part / f"images/slice{n}.png", 10 * patient + n)
        if patient < 6:
            save(part / f"masks/slice{n}.png", box(n).astype(np.uint8) * 255)
    ids = [f"patient{p}/slice{n}" for p in range(6, 10) for n in range(4)]
    text(data / "sample_submission.csv", "id,rle", *(f"{one}," for one in ids))
    found = infer(data, tmp_path).competition
    test = load_samples(found, "test")
    assert list(test["id"]) == ids
    assert [images[0] for images in test["images"]] == [
        f"data/test/{one.replace('p', 'P', 1).replace('/', '/images/')}.png" for one in ids
    ]
    assert found.folds.group == "folder"  # few, but called patients
    assert load_samples(found, "train")["group"].nunique() == 5


def field(tmp_path: Path, people: tuple[str, ...]) -> Path:
    """Write two years of coloured masks by some people, one by half of them; 2023 is test."""
    data = tmp_path / "data"
    lines = ["file,plant,light"]
    for year, n in ((y, n) for y in (2021, 2022, 2023) for n in range(8)):
        photo(data / f"imagery/{year}/IMG_{n}.jpg", 100 * (year - 2020) + n)
        lines.append(f"imagery/{year}/IMG_{n}.jpg,P{year}-{n // 2},{n % 3}")
        colours = np.zeros((*SIZE, 3), np.uint8)
        colours[:4] = (0, 200, 0)
        colours[2:5, n : n + 4] = (200, 0, 0)
        colours[7:9, 2:9] = (200, 200, 0)
        for one in people if n % 2 else people[:1]:
            if year < 2023:
                save(data / f"annotations/{one}/{year}/IMG_{n}.png", colours)
    text(data / "captures.csv", *lines)
    legend = ("soil,0,0,0", "leaf,0,200,0", "lesion,200,0,0", "insect,200,200,0")
    text(data / "legend.csv", "name,R,G,B", *legend)
    rows = (f"2023/IMG_{n},{name}," for n in range(8) for name in ("lesion", "insect"))
    text(data / "sample_submission.csv", "tile,class,pixels", *rows)
    return data


@pytest.mark.parametrize("people", [("ann_A", "ann_B"), ("reader1", "reader2"), ("",)])
def test_masks_of_two_people_of_which_the_sample_asks_for_some_classes(
    tmp_path: Path, people: tuple[str, ...]
) -> None:
    data = field(tmp_path, people)
    found, masks = read(data)
    spec = found.competition
    assert spec.classes == ["lesion", "insect"]
    assert spec.to_choose == ["submission.rle"]
    assert len(masks) == 16
    for name, mask in masks.items():
        n = int(name[-5])
        assert mask[2:5, n : n + 4].tolist() == np.full((3, 4), 1).tolist()
        assert (mask == 1).sum() == 12
        assert (mask == 2).sum() == 14
    notes = " ".join(found.notes)
    assert "has rows for lesion, insect alone: the pixels of soil, leaf are background" in notes
    assert ("several people drew the masks" in notes) == (len(people) > 1)


def test_a_table_of_all_images_groups_those_of_train(tmp_path: Path) -> None:
    """Plants are in train or in test; the light is in both, so it groups nothing."""
    spec = read(field(tmp_path, ("ann_A", "ann_B")))[0].competition
    assert spec.folds.group == "plant"
    samples = load_samples(spec, "train")
    assert dict(zip(samples["id"], samples["group"], strict=True)) == {
        f"{year}/IMG_{n}.jpg": f"P{year}-{n // 2}" for year in (2021, 2022) for n in range(8)
    }
