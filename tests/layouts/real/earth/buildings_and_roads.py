"""Layouts of competitions and data sets of buildings, roads, ships and power plants, seen from above."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from layouts.drawing import Size, draw_plane, paint_photo, save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import LABELS, ONE_MASK, TARGETS, TWO
from layouts.real.made import SIZE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.masks import draw_some_objects, save_grey_mask, write_deepglobe
from layouts.real.names import hex_name, part_by_number
from layouts.real.outlines import rectangle
from layouts.real.photos import write_bands, write_photos
from layouts.real.readings import any_of, in_folders, reading_of, with_train_labels, without_file
from layouts.runs import Codec
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _radar(data: Path) -> LayoutTruth:
    """JSON with two bands of numbers for each picture."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    every: dict[str, list[Any]] = {"train": [], "test": []}
    for number in range(32):
        part, name, label = part_by_number(number), hex_name(number, length=8), str(number % 2)
        true = TrueSample((12, 12), label, made.probs(("0", "1")))
        bands = made.random.normal(-22, 4, (2, 144)).round(6).tolist()
        angle: Any = 43.9239 if number % 7 else "na"
        one = {"id": name, "band_1": bands[0], "band_2": bands[1], "inc_angle": angle}
        every[part].append({**one, "is_iceberg": int(label)} if part == "train" else one)
        (made.train if part == "train" else made.test)[f"../made/images/{part}/{name}.npy"] = true
        if part == "test":
            rows.append((name, repr(true.probs["1"])))
    write_json(made, "train.json", every["train"])
    write_json(made, "test.json", every["test"])
    made.table("sample_submission.csv", ["id", "is_iceberg"], [[one, "0.5"] for one, _ in rows])
    columns = {"id": "key", "is_iceberg": "number"}
    return made.truth({"classify": "binary"}, columns, rows, classes=("0", "1"))


def _ships_from_space(data: Path) -> Readings:
    """The label is the first field of the name; whole scenes lie beside."""
    made, top = Builder(data), "shipsnet/shipsnet"
    for k in range(34):
        label = str(int(k % 4 == 0))
        write_photos(
            made,
            [f"{top}/{label}__20150718_{184300 + k}_090b__-122.3{k:02d}_37.7{k:02d}.png"],
            label,
        )
    write_photos(made, [f"scenes/scenes/lb_{k}.png" for k in range(1, 5)], None, (60, 90))
    write_json(made, "shipsnet.json", {"data": [[1, 2, 3]] * 34, "labels": [int(k % 4 == 0) for k in range(34)],
                                  "locations": [[-122.3, 37.7]] * 34, "scene_ids": ["20150718_184300_090b"] * 34})  # fmt: skip
    scenes = in_folders("scenes")
    return (
        reading_of(made, TWO, test=scenes, classes=("0", "1")),
        reading_of(made, TWO, out=scenes, classes=("0", "1")),
    )


# Zindi, Road Segment Identification: its page, from memory.
def _roads_or_none(data: Path) -> Readings:
    """Satellite images with or without a road, all in one folder; the table of test has ids alone."""
    made, cells, rows = Builder(data), list[list[str]](), Rows()
    for k in range(56):
        part, name = ("train" if k % 7 < 5 else "test"), f"ID_{hex_name('road', k, length=10)}"
        label = str(int(k * 5 % 8 < 4))
        made.image(f"Images/{name}.tif", TrueSample((40, 40), label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    made.table("Train.csv", ["Image_ID", "Target"], cells)
    made.table("Test.csv", ["Image_ID"], [[one] for one, _ in rows])
    made.table("SampleSubmission.csv", ["Image_ID", "Target"], [[one, "0"] for one, _ in rows])
    columns = {"Image_ID": "key", "Target": "free"}
    return (made.truth(TWO, columns, rows, classes=("0", "1")),)


# Solafune, mining sites: participants' code, and memory.
def _mines_from_above(data: Path) -> Readings:
    """Satellite images of twelve bands with a mine or none; answers and sample are tables without a header, and test is called evaluation."""
    made, lines, shown = Builder(data), list[str](), list[str]()
    for k in range(46):
        part, n = ("train", k) if k < 32 else ("evaluation", k - 32)
        label = str(int(k * 3 % 8 < 2))
        true = TrueSample((32, 32), label if part == "train" else None)
        write_bands(made, f"{part}/{part}_{n}.tif", (32, 32), 12, true, "train")
        if part == "train":
            lines.append(f"{part}_{n}.tif,{label}")
        else:
            shown.append(f"{part}_{n}.tif,0")
    write_lines(made, "answer.csv", lines)
    write_lines(made, "uploadsample.csv", shown)
    return (reading_of(made, TWO, test=in_folders("evaluation"), classes=("0", "1")),)


# SIGNATE practice, solar plants from satellites: memory.
def _plants_of_panels(data: Path) -> Readings:
    """Satellite images of seven bands with a plant of solar panels or none; a table with tabs for train, and for test a sample with tabs and no header."""
    made, lines, shown = Builder(data), ["file_name\tflag"], list[str]()
    for k in range(50):
        part, n = ("train", k) if k < 36 else ("test", k - 36)
        label = str(int(k * 3 % 7 < 2))
        true = TrueSample((32, 32), label if part == "train" else None)
        write_bands(made, f"{part}_images/{part}_{n}.tif", (32, 32), 7, true, "train")
        if part == "train":
            lines.append(f"{part}_{n}.tif\t{label}")
        else:
            shown.append(f"{part}_{n}.tif\t0")
    write_lines(made, "train_master.tsv", lines)
    write_lines(made, "sample_submit.tsv", shown)
    return (reading_of(made, TWO, test=in_folders("test_images"), classes=("0", "1")),)


def _solar_roofs(data: Path) -> Readings:
    """A row an outline, so that counts of an image are sums; a row an image and a count is sent."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(40):
        part, name = "train" if k < 30 else "test", f"ID{hex_name('roof', k, length=8)}"
        facts = [("D", "S")[k % 4 == 1], ("roof", "openspace", "r_openspace", "S-unknown")[k % 4]]
        each = [((k + n) % 3, (k * 5 + n) % 7) for n in range(1 + k % 3)]
        sums = (float(sum(one for one, _ in each)), float(sum(one for _, one in each)))
        made.image(f"images/{name}.jpg", TrueSample(SIZE, sums), part=part)
        if part == "train":
            cells += [
                [name, str(boilers), str(panels), *facts,
                 f"[({1233 + n}.0, {885 + k}.0), ({1400 + n}.0, {901 + k}.0), ({1390 + n}.0, 990.0)]"]
                for n, (boilers, panels) in enumerate(each)
            ]  # fmt: skip
        else:
            tests.append([name, *facts])
            rows += [(f"{name}_boil", str(sums[0])), (f"{name}_pan", str(sums[1]))]
    made.table(
        "Train.csv", ["ID", "boil_nbr", "pan_nbr", "img_origin", "placement", "polygon"], cells
    )
    made.table("Test.csv", ["ID", "img_origin", "placement"], tests)
    columns = {"ID": "key", "Target": "number"}
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    kinds = {"classify": "multitarget"}
    return tuple(
        made.truth(kinds, columns, rows, classes=names)
        for names in (("boil_nbr", "pan_nbr"), ("boil", "pan"))
    )


def _roofs_of_three_kinds(data: Path) -> Readings:
    """A row a house with its box and kind, or empty ones of an image without; the numbers of each kind are sent, a row a kind."""
    made, cells, tests, rows = Builder(data), list[list[str]](), list[list[str]](), Rows()
    for k in range(52):
        part, name = "train" if k < 38 else "test", f"id_{hex_name('roof', k, length=12)}"
        counts = [0, 0, 0] if k % 9 == 4 else [k * 5 % 3, 1 + k * 7 % 4, k * 11 % 3]
        true = TrueSample((40, 40), tuple(float(one) for one in counts))
        made.image(f"Images/{name}.tif", true, part=part)
        if part == "test":
            tests.append([name])
            rows.extend((f"{name}_{n}", str(one)) for n, one in enumerate(counts, 1))
            continue
        if not any(counts):
            cells.append(["", "", name])
        for n, count in enumerate(counts, 1):
            for j in range(count):
                box = f"[{3.0 + 9 * j}, {2.0 + 12 * (n - 1)}, {6.0 + n}, {7.0 + j % 2}]"
                cells.append([box, f"{n}.0", name])
    made.table("Train.csv", ["bbox", "category_id", "image_id"], cells)
    made.table("Test.csv", ["image_id"], tests)
    columns = {"image_id": "key", "target": "number"}
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(TARGETS, columns, rows, classes=("1", "2", "3")),)


def _roads(data: Path) -> Readings:
    made, rows = Builder(data), []
    for n in range(32):
        part = "train" if n < 20 else "val" if n < 24 else "test"
        plane, name = draw_plane(made.random, SIZE), f"{10078660 + 15 * n}_15"
        image, label = f"tiff/{part}/{name}.tiff", f"tiff/{part}_labels/{name}.tif"
        made.image(image, TrueSample(SIZE, planes=(plane,)), part="train")
        save_pixels(data / label, np.repeat(plane.astype(np.uint8)[..., None] * 255, 3, axis=-1))
        rows.append([name, part, image, label])
    made.table("metadata.csv", ["image_id", "split", "tiff_image_path", "tif_label_path"], rows)
    made.table("label_class_dict.csv", ["name", "r", "g", "b"],
               [["background", "0", "0", "0"], ["road", "255", "255", "255"]])  # fmt: skip
    return (reading_of(made, ONE_MASK, test=in_folders("tiff/test"), mask_classes=[""]),)


def _global_roads(data: Path) -> Readings:
    made = write_deepglobe(data, {"background": (0, 0, 0), "road": (255, 255, 255)})
    for path, true in list(made.train.items()):
        if true.planes:
            made.train[path] = replace(true, planes=true.planes[1:])
    return (reading_of(made, ONE_MASK, test=in_folders("test"), mask_classes=[""]),)


def _buildings(data: Path) -> Readings:
    """Inria's aerial images: `gt` beside `images`; those of test have none."""
    made = Builder(data)
    for part, towns in (
        ("train", ("austin", "chicago", "vienna")),
        ("test", ("bellingham", "sfo")),
    ):
        for town in towns:
            for n in range(1, 9 if part == "train" else 5):
                plane = draw_plane(made.random, SIZE)
                true = TrueSample(SIZE, planes=(plane,)) if part == "train" else TrueSample(SIZE)
                path = f"AerialImageDataset/{part}/images/{town}{n}.tif"
                made.image(path, true, part="train")
                if part == "train":
                    save_grey_mask(data / path.replace("/images/", "/gt/"), plane)
    is_test = in_folders("AerialImageDataset/test")
    return (reading_of(made, ONE_MASK, test=is_test, mask_classes=[""]),)


def _buildings_from_above(data: Path) -> Readings:
    """Runs in a table; images of train are larger than those of test; -1 where there is none."""
    made, rows, cells, codec = Builder(data), list[tuple[str, ...]](), [], Codec("C", 1)
    for number in range(36):
        part, n = ("train", number) if number < 26 else ("test", number - 26)
        size = (48, 48) if part == "train" else (24, 24)
        plane = draw_plane(made.random, size) & (n % 7 != 3)
        name = f"TRAIN_{n:04d}" if part == "train" else f"TEST_{n:05d}"
        made.image(f"{part}_img/{name}.png", TrueSample(size, planes=(plane,)), part=part)
        runs = codec.encode(plane) or "-1"
        if part == "train":
            cells.append([name, f"./train_img/{name}.png", runs])
        else:
            rows.append((name, runs))
    made.table("train.csv", ["img_id", "img_path", "mask_rle"], cells)
    made.table(
        "test.csv", ["img_id", "img_path"], [[one, f"./test_img/{one}.png"] for one, _ in rows]
    )
    columns = {"img_id": "key", "mask_rle": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "-1"] for one, _ in rows])
    return (made.truth(ONE_MASK, columns, rows, mask_classes=[""], codec=codec),)


def _roofs(data: Path) -> Readings:
    """Masks are PNGs of 0 and 255 beside images in numbered folders; a ZIP of PNGs is sent."""
    made = Builder(data)
    for number in range(30):
        part = "train" if number < 22 else "test"
        plane = draw_plane(made.random, SIZE)
        folder = f"{part}/{number:03d}"
        made.image(
            f"{folder}/image.png",
            TrueSample(SIZE, planes=(plane,)) if part == "train" else TrueSample(SIZE),
            part="train",
        )
        if part == "train":
            save_grey_mask(data / f"{folder}/roof.png", plane)
    made.text("README.md", "Segment the roofs. Submit a ZIP archive with a PNG for each image of test, named 022.png and so on, "
              "255 for roof and 0 for all else. The score is the mean IoU over images.\n")  # fmt: skip
    return (reading_of(made, ONE_MASK, test=in_folders("test"), mask_classes=[""]),)


def _whu_buildings(data: Path) -> Readings:
    """Images and labels as TIFFs in three parts."""
    made, top = Builder(data), "WHU building dataset"
    for part, n in (("train", 16), ("val", 5), ("test", 6)):
        for k in range(n):
            plane = draw_plane(made.random, SIZE)
            made.image(
                f"{top}/{part}/image/{k}.tif", TrueSample(SIZE, planes=(plane,)), part="train"
            )
            save_grey_mask(data / f"{top}/{part}/label/{k}.tif", plane)
    is_test = in_folders(f"{top}/test")
    return (
        reading_of(made, ONE_MASK, test=is_test, mask_classes=[""]),
        reading_of(made, ONE_MASK, test=is_test, out=in_folders(f"{top}/val"), mask_classes=[""]),
    )


def _roads_as_runs(data: Path) -> Readings:
    """PNG masks in train; the sample has runs, and a row for each image."""
    made, rows, codec = Builder(data), list[tuple[str, ...]](), Codec("F", 1)
    for k in range(34):
        part, plane = "train" if k < 25 else "test", draw_plane(made.random, SIZE)
        name = f"tile_{k:03d}"
        folder = "train/sat" if part == "train" else "test"
        made.image(f"{folder}/{name}.png", TrueSample(SIZE, planes=(plane,)), part=part)
        if part == "train":
            save_grey_mask(data / f"train/map/{name}.png", plane)
        else:
            rows.append((name, codec.encode(plane)))
    columns = {"tile": "key", "rle": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    made.text("evaluation.md", "Submissions are scored by the mean Dice coefficient.\n\n"
              "Use run-length encoding: pairs of start and length, one-indexed, numbered from top to bottom, then left to right.\n")  # fmt: skip
    return (made.truth(ONE_MASK, columns, rows, mask_classes=[""], codec=codec),)


def _roofs_of_china(data: Path) -> Readings:
    """Tables of a name and runs between tabs, without a header; blank where there is none."""
    made, rows, cells, codec = Builder(data), list[tuple[str, ...]](), [], Codec("F", 1)
    for k in range(36):
        part, plane = "train" if k < 26 else "test", draw_plane(made.random, SIZE) & (k % 6 != 4)
        name = f"{hex_name('roof', k, length=10).upper()}.jpg"
        made.image(
            f"{part if part == 'train' else 'test_a'}/{name}",
            TrueSample(SIZE, planes=(plane,)),
            part=part,
        )
        if part == "train":
            cells.append(f"{name}\t{codec.encode(plane)}")
        else:
            rows.append((name, codec.encode(plane)))
    write_lines(made, "train_mask.csv", cells)
    write_lines(made, "test_a_samplesubmit.csv", [f"{name}\t1 1" for name, _ in rows])
    truth = made.truth(
        ONE_MASK, {"name": "key", "mask": "rle"}, rows, mask_classes=[""], codec=codec
    )
    return truth, without_file(truth)


def _new_buildings(data: Path) -> Readings:
    """Two images of each place, before and after, and a mask of what has changed."""
    made = Builder(data)
    for part, n in (("train", 18), ("val", 5), ("test", 8)):
        for k in range(1, n + 1):
            plane, name = draw_plane(made.random, SIZE) & (k % 5 != 3), f"{part}_{k}.png"
            true = TrueSample(SIZE, planes=(plane,))
            made.image(
                f"{part}/A/{name}", true, part="train", pixels=paint_photo(made.random, SIZE)
            )
            save_pixels(data / f"{part}/B/{name}", paint_photo(made.random, SIZE, [plane]))
            save_grey_mask(data / f"{part}/label/{name}", plane)
    is_test = in_folders("test")
    return (
        reading_of(made, ONE_MASK, test=is_test, mask_classes=[""]),
        reading_of(made, ONE_MASK, test=is_test, out=in_folders("val"), mask_classes=[""]),
    )


def _roads_in_patches(data: Path) -> Readings:
    """Masks with a few greys; a row for each square of 16 pixels, and whether it is road."""
    made, size, rows = Builder(data), (64, 64), list[tuple[str, ...]]()
    for k in range(34):
        part = "training" if k < 24 else "test"
        plane, number = draw_plane(made.random, size), k if part == "training" else 120 + k
        true = TrueSample(size, planes=(plane,))
        path = f"{part}/images/satimage_{number}.png"
        made.image(path, true, part="train" if k < 24 else "test")
        if part == "training":
            grey = np.where(plane, 255, 0).astype(np.uint8)
            rim = plane & ~np.roll(plane, 1, axis=0)
            near = ~plane & np.roll(plane, 1, axis=0)
            grey[rim] = made.random.integers(130, 255, int(rim.sum()))
            grey[near] = made.random.integers(1, 120, int(near.sum()))
            save_pixels(data / f"training/groundtruth/satimage_{number}.png", grey)
            continue
        for left in range(0, size[1], 16):
            for above in range(0, size[0], 16):
                square = plane[above : above + 16, left : left + 16]
                rows.append((f"{number:03d}_{left}_{above}", str(int(square.mean() > 0.25))))
    columns = {"id": "key", "prediction": "number"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    made.text(
        "mask_to_submission.py",
        "foreground_threshold = 0.25  # percentage of pixels > 1 required to assign a foreground label to a patch\n",
    )
    made.text("submission_to_mask.py", "label_file = 'submission.csv'\nh = 16\nw = h\n")
    return (made.truth(ONE_MASK, columns, rows, mask_classes=[""]),)


def _roads_of_epfl(data: Path) -> Readings:
    """A folder for each image of test, larger than those of train; a row a square of 16 pixels."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for k in range(1, 25):
        size, plane = (48, 48), draw_plane(made.random, (48, 48))
        path = f"training/images/satImage_{k:03d}.png"
        made.image(path, TrueSample(size, planes=(plane,)), part="train")
        grey = np.where(plane, 255, 0).astype(np.uint8)
        rim, near = plane & ~np.roll(plane, 1, axis=0), ~plane & np.roll(plane, 1, axis=0)
        grey[rim] = made.random.integers(150, 255, int(rim.sum()))
        grey[near] = made.random.integers(1, 100, int(near.sum()))
        save_pixels(data / f"training/groundtruth/satImage_{k:03d}.png", grey)
    for k in range(1, 11):
        size, plane = (64, 64), draw_plane(made.random, (64, 64))
        path = f"test_set_images/test_{k}/test_{k}.png"
        made.image(path, TrueSample(size, planes=(plane,)), part="test")
        for left in range(0, size[1], 16):
            for above in range(0, size[0], 16):
                square = plane[above : above + 16, left : left + 16]
                rows.append((f"{k:03d}_{left}_{above}", str(int(square.mean() > 0.25))))
    columns = {"id": "key", "prediction": "number"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    made.text(
        "mask_to_submission.py",
        "# share of road pixels from which on a patch of 16 by 16 is road\nforeground_threshold = 0.25\n",
    )
    return (made.truth(ONE_MASK, columns, rows, mask_classes=[""]),)


def _panels_from_above(data: Path) -> Readings:
    """Folders of a resolution and of a ground; BMPs, each with its mask beside; from memory of the data page."""
    made = Builder(data)
    folders = (
        "PV01/PV01_Rooftop_Brick",
        "PV01/PV01_Rooftop_FlatConcrete",
        "PV03/PV03_Ground_Cropland",
        "PV03/PV03_Ground_WaterSurface",
        "PV03/PV03_Rooftop",
        "PV08/PV08_Ground",
        "PV08/PV08_Rooftop",
    )
    for place, folder in enumerate(folders):
        size: Size = (44, 44) if place > 1 else (36, 36)
        for k in range(6):
            name = f"{folder[:4]}_{315173 + k * 911 + place}_{1194743 + k * 577}"
            plane = draw_plane(made.random, size)
            label = folder.split("/")[1]
            true = TrueSample(size, label, planes=(plane,))
            made.image(f"{folder}/{name}.bmp", true, part="train")
            save_grey_mask(data / f"{folder}/{name}_label.bmp", plane)
    classes = tuple(one.split("/")[1] for one in folders)
    fine = reading_of(made, {**LABELS, **ONE_MASK}, classes=classes, mask_classes=[""])
    wide = reading_of(made, {**LABELS, **ONE_MASK}, classes=("PV01", "PV03", "PV08"), mask_classes=[""])  # fmt: skip
    return fine, with_train_labels(wide, {path: path[:4] for path in wide.train})


# MapAI 2022 (NORA): the host's template, its README.
def _buildings_of_norway(data: Path) -> Readings:
    """Folders of images, heights of a laser and masks, each with its parts; masks of 0 and 1 for two parts."""
    made, size = Builder(data), (48, 48)
    for part, n in (("train", 28), ("val", 8), ("test", 12)):
        for k in range(n):
            name = f"{6051 + k % 4}_{560 + k}_{k % 3}.tif"
            if part == "test":
                write_photos(made, [f"data/images/{part}/{name}"], None, size)
            else:
                plane = draw_plane(made.random, size)
                true = TrueSample(size, planes=(plane,))
                made.image(f"data/images/{part}/{name}", true, part="train")
                save_grey_mask(data / f"data/masks/{part}/{name}", plane, 1)
            high = data / f"data/lidar/{part}/{name}"
            high.parent.mkdir(parents=True, exist_ok=True)
            tifffile.imwrite(high, made.random.uniform(0, 30, size).astype(np.float32))
    test, out = in_folders("data/images/test"), in_folders("data/images/val")
    return tuple(
        reading_of(made, ONE_MASK, test=test, out=one, mask_classes=[""]) for one in (any_of(), out)
    )


def _airbus(data: Path) -> LayoutTruth:
    """A row a ship, and one blank row where there is none."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    size, codec = (48, 48), Codec()
    for number in range(34):
        part = "train" if number < 26 else "test"
        name = f"{hex_name(part, number, length=9)}.jpg"
        objects = () if number % 3 == 2 else draw_some_objects(made, size, number)
        made.image(f"{part}_v2/{name}", TrueSample(size, objects=objects), part=part)
        each = [(name, codec.encode(plane)) for _, plane in objects] or [(name, "")]
        cells += [list(one) for one in each] if part == "train" else []
        rows += each if part == "test" else []
    columns = {"ImageId": "key", "EncodedPixels": "rle"}
    made.table("train_ship_segmentations_v2.csv", list(columns), cells)
    names = dict.fromkeys(one for one, _ in rows)
    made.table("sample_submission_v2.csv", list(columns), [[one, "1 2"] for one in names])
    return made.truth({"segment": "instance"}, columns, rows, mask_classes=[""])


def _aicrowd_mapping_challenge(data: Path) -> LayoutTruth:
    """AIcrowd: COCO of train and validation, each once more with fewer images; JSON is sent."""
    made, size = Builder(data), (48, 48)
    for part, n in (("train", 20), ("val", 5)):
        images, notes = [], []
        for number in range(n):
            name = f"{number + (0 if part == 'train' else 60000):012d}.jpg"
            objects = []
            for place in range(1 + number % 3):
                box = (2 + 15 * place, 3 + number, 10, 8 + number % 5)
                left, top, wide, tall = box
                objects.append((0, rectangle(size, *box)))
                ring = [left, top, left + wide, top, left + wide, top + tall, left, top + tall]
                notes.append({
                    "id": len(notes), "image_id": number,
                    "segmentation": [[float(one) for one in ring]],
                    "area": float(wide * tall), "bbox": [float(one) for one in box],
                    "category_id": 100, "iscrowd": 0,
                })  # fmt: skip
            images.append({"id": number, "file_name": name, "width": 48, "height": 48})
            made.image(
                f"{part}/images/{name}", TrueSample(size, objects=tuple(objects)), part="train"
            )
        kinds = [{"id": 100, "name": "building", "supercategory": "building"}]
        whole = {"info": {}, "categories": kinds, "images": images, "annotations": notes}
        write_json(made, f"{part}/annotation.json", whole)
        few = {one["id"] for one in images[: n // 3]}
        write_json(made, f"{part}/annotation-small.json", {
            **whole, "images": images[: n // 3],
            "annotations": [one for one in notes if one["image_id"] in few],
        })  # fmt: skip
    for number in range(8):
        objects = ((0, rectangle(size, 4, 5, 10, 12)),)
        made.image(f"test_images/{number + 80000:012d}.jpg", TrueSample(size, objects=objects),
                   part="test")  # fmt: skip
    truth = made.truth({"segment": "instance"}, {}, [], mask_classes=["building"])
    return LayoutTruth(truth.data, truth.kinds, truth.train, truth.test, mask_classes=("building",))


LAYOUTS = (
    RealLayout("statoil-iceberg-classifier-challenge", "page, code", _radar),
    DataSet("Ships in satellite imagery", "memory", _ships_from_space, has_test=False),
    DataSet(
        "zindi-road-segment-identification",
        "memory",
        _roads_or_none,
        doubt="whether probabilities are sent",
    ),
    DataSet("solafune-finding-mining-sites", "code and memory", _mines_from_above),
    DataSet("signate-solar-plants", "memory", _plants_of_panels),
    DataSet(
        "lacuna-solar-survey-challenge",
        "code of columns, memory",
        _solar_roofs,
        doubt="words of the placements, form of the outlines",
    ),
    DataSet(
        "zindi-arm-unicef-disaster-vulnerability",
        "memory",
        _roofs_of_three_kinds,
        doubt="form of the ids",
    ),
    DataSet("Massachusetts roads", "code", _roads),
    DataSet("DeepGlobe roads", "code", _global_roads),
    DataSet("Inria aerial images", "memory", _buildings),
    DataSet("dacon-satellite-buildings", "code", _buildings_from_above),
    DataSet("course: roofs", "memory", _roofs, doubt="a course's own"),
    DataSet("WHU buildings", "memory", _whu_buildings),
    DataSet("course: roads", "memory", _roads_as_runs, doubt="a course's own"),
    DataSet("tianchi-buildings-datawhale", "memory", _roofs_of_china),
    DataSet("LEVIR-CD", "memory", _new_buildings),
    DataSet("ethz-cil-road-segmentation-2023", "memory", _roads_in_patches),
    DataSet("epfl-ml-road-segmentation", "memory", _roads_of_epfl, doubt="the script beside"),
    DataSet("Solar panels from above", "memory", _panels_from_above, has_test=False),
    DataSet("mapai-2022", "page", _buildings_of_norway, doubt="names of images"),
    RealLayout("airbus-ship-detection", "page, code", _airbus, by_slug=True),
    RealLayout("aicrowd-mapping-challenge", "memory", _aicrowd_mapping_challenge),
)
