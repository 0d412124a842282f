"""Layouts of competitions and data sets of people as a whole: crowds, poses, persons cut out."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from layouts.drawing import draw_class_map, draw_objects, draw_plane, paint_photo, save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import LABELS, MULTI, NUMBER, OBJECTS, ONE_MASK, SEVERAL, TARGETS
from layouts.real.made import SIZE, Builder, DataSet, Readings, Rows
from layouts.real.masks import planes_of, save_coloured_mask, save_grey_mask
from layouts.real.outlines import readings_of_outlines, rectangle
from layouts.real.photos import write_photos
from layouts.real.readings import (
    any_of,
    in_folders,
    objects_as_one_mask,
    reading_of,
    with_and_without,
    with_ground,
    with_masks,
)
from layouts.real.tables import write_two_tables
from layouts.runs import Plane
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

ACTIONS = ("applauding", "blowing_bubbles", "riding_a_bike", "walking_the_dog")


def _forty_actions(data: Path) -> Readings:
    """The class is in the names; a list of train and of test for each class."""
    made, tests = Builder(data), set()
    every: dict[str, list[str]] = {"train": [], "test": []}
    for label in ACTIONS:
        lists: dict[str, list[str]] = {"train": [], "test": []}
        for k in range(1, 11):
            name = f"{label}_{k:03d}.jpg"
            write_photos(made, [f"JPEGImages/{name}"], label)
            part = "train" if k <= 6 else "test"
            lists[part].append(name)
            if part == "test":
                tests.add(f"JPEGImages/{name}")
            made.text(f"XMLAnnotations/{name[:-4]}.xml",
                      f"<annotation><filename>{name}</filename><object><name>person</name><action>{label}"
                      "</action><bndbox><xmin>2</xmin><ymin>2</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>"
                      "</object></annotation>")  # fmt: skip
        for part, lines in lists.items():
            write_lines(made, f"ImageSplits/{label}_{part}.txt", lines)
            every[part] += lines
    for part, lines in every.items():
        write_lines(made, f"ImageSplits/{part}.txt", lines)
    write_lines(made, "ImageSplits/actions.txt",
           ["action_name\tnumber_of_images", *(f"{one}\t10" for one in ACTIONS)])  # fmt: skip
    return (reading_of(made, LABELS, test=lambda path: path in tests, classes=ACTIONS),)


DANCES = ("bharatanatyam", "kathak", "kuchipudi", "manipuri", "odissi")


def _dances(data: Path) -> Readings:
    named = (
        ("train" if number < 32 else "test", f"{7 + 13 * number}", DANCES[number * 2 % 5])
        for number in range(40)
    )
    tables = ("train.csv", "test.csv")
    return write_two_tables(data, "dataset", tables, ("Image", "target"), named, DANCES)


TRAITS = ("Female", "AgeOver60", "Age18-60", "AgeLess18", "Front", "Side", "Back", "Hat", "Glasses", "HandBag", "ShoulderBag", "Backpack", "HoldObjectsInFront", "ShortSleeve", "LongSleeve", "UpperStride", "UpperLogo", "UpperPlaid", "UpperSplice", "LowerStripe", "LowerPattern", "LongCoat", "Trousers", "Shorts", "Skirt&Dress", "boots")  # fmt: skip


# PA-100K (Kaggle): memory.
def _people_by_trait(data: Path) -> Readings:
    """A table a part, with columns of 0 and 1; all images in one folder within a folder of the same name."""
    made, part_of = Builder(data), dict[str, str]()
    tables: dict[str, list[list[str]]] = {"train": [], "val": [], "test": []}
    for k in range(1, 67):
        part = "train" if k <= 44 else "val" if k <= 54 else "test"
        has = [(k * 5 + n * 3) % 7 < 2 or (k + n) % 26 == 0 for n in range(26)]
        label = frozenset(one for one, seen in zip(TRAITS, has, strict=True) if seen)
        name = f"{k:06d}.jpg"
        path = f"data/data/{name}"
        write_photos(made, [path], label, (56, 28 + k % 5))
        part_of[path] = part
        tables[part].append([name, *(str(int(one)) for one in has)])
    for part, cells in tables.items():
        made.table(f"{part}.csv", ["Image", *TRAITS], cells)
    test: Callable[[str], bool] = lambda path: part_of[path] == "test"  # noqa: E731
    val: Callable[[str], bool] = lambda path: part_of[path] == "val"  # noqa: E731
    return tuple(
        reading_of(made, SEVERAL, test=test, out=out, classes=TRAITS) for out in (any_of(), val)
    )


def _counted_people(data: Path) -> Readings:
    """Numbers from 1 in the table, names with zeros in the folder; arrays of the same beside."""
    made, cells = Builder(data), []
    for k in range(1, 35):
        made.image(
            f"frames/frames/seq_{k:06d}.jpg", TrueSample(SIZE, float(20 + k * 5 % 23)), part="train"
        )
        cells.append([str(k), str(20 + k * 5 % 23)])
    made.table("labels.csv", ["id", "count"], cells)
    np.save(data / "images.npy", np.zeros((34, *SIZE, 3), dtype=np.uint8))
    np.save(data / "labels.npy", np.array([[int(one[1])] for one in cells]))
    return (reading_of(made, NUMBER),)


def _crowds(data: Path) -> Readings:
    """A text of each part: number of the image, count, scene, weather; points in other texts."""
    made = Builder(data)
    for part, n in (("train", 24), ("val", 6), ("test", 8)):
        lines = []
        for k in range(1, n + 1):
            number, count = f"{k * 11 + len(part) * 400:04d}", k * 37 % 23 + (300 if k % 5 == 0 else 0)  # fmt: skip
            write_photos(made, [f"jhu_crowd_v2.0/{part}/images/{number}.jpg"], float(count))
            write_lines(
                made, f"jhu_crowd_v2.0/{part}/gt/{number}.txt",
                [f"{1 + one % 20} {1 + one % 17} 3 4 {1 + one % 3} 0" for one in range(count)],
            )  # fmt: skip
            scene = ("street", "stadium", "rally", "unclear")[k % 4]
            lines.append(f"{number},{count},{scene},{int(k % 9 == 4)},{int(count == 0)}")
        write_lines(made, f"jhu_crowd_v2.0/{part}/image_labels.txt", lines)
    made.text("jhu_crowd_v2.0/README.txt",
              "image_labels.txt: filename, total-count, scene-type, weather-condition (0: no weather degradation, 1: fog, 2: rain, 3: snow), distractor\n")  # fmt: skip
    return tuple(
        with_and_without(
            lambda out: [reading_of(made, NUMBER, test=in_folders("jhu_crowd_v2.0/test"), out=out)],
            in_folders("jhu_crowd_v2.0/val"),
        )
    )


JOINTS = [
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "neck",
    "left_palm",
    "right_palm",
    "spine2(back)",
    "spine1(waist)",
    "left_instep",
    "right_instep",
]


def _motions(data: Path) -> Readings:
    """Forty-eight coordinates a frame, with brackets in names of columns; long names of frames; from code."""
    made, cells, rows = Builder(data), [], Rows()
    points = [f"{one}_{axis}" for one in JOINTS for axis in "xy"]
    for k in range(48):
        part = "train" if k < 34 else "test"
        number = k // 3 * 2 + 1
        name = f"{number:03d}-1-{1 + k % 2}-{number:02d}-Z{17 + k % 5}_{'ABCDE'[k % 5]}-{k * 8 + 1:07d}.jpg"
        places = [round(float(made.random.uniform(2, 46)), 6) for _ in points]
        made.image(f"{part}_imgs/{name}", TrueSample((40, 64), tuple(places)), part=part)
        row = (name, *map(repr, places))
        if part == "train":
            cells.append(row)
        else:
            rows.append(row)
    columns = {"image": "key", **dict.fromkeys(points, "number")}
    made.table("train_df.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one[0], *"0" * 48] for one in rows])
    return (made.truth(TARGETS, columns, rows, classes=points),)


def _dancers(data: Path) -> Readings:
    """Images and masks with a table of both paths from a folder of another machine."""
    made, top, cells = Builder(data), "segmentation_full_body_mads_dataset_1192_img", []
    for k in range(24):
        plane, name = (
            draw_plane(made.random, SIZE),
            f"HipHop_HipHop{1 + k // 8}_C{k % 3}_{180 + 45 * k:05d}.png",
        )
        made.image(f"{top}/{top}/images/{name}", TrueSample(SIZE, planes=(plane,)), part="train")
        save_grey_mask(data / f"{top}/{top}/masks/{name}", plane)
        cells.append(
            [f"{top}/{top}/images/{name}", f"{top}/{top}/masks/{name}", str(int(plane.sum()))]
        )
    made.table("df.csv", ["images", "masks", "collages"], cells)
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


def _mattes(data: Path) -> Readings:
    """Folders clip_img and matting, in them clip_ and matting_; masks are the alpha of PNGs."""
    made = Builder(data)
    for day, shot in (
        ("1803151818", "00000000"),
        ("1803151818", "00000100"),
        ("1803201916", "00000000"),
    ):
        for k in range(8):
            plane, photo = draw_plane(made.random, SIZE), paint_photo(made.random, SIZE)
            name = f"{day}-{shot[-3:]}{k:05d}"
            made.image(
                f"clip_img/{day}/clip_{shot}/{name}.jpg",
                TrueSample(SIZE, planes=(plane,)),
                part="train",
                pixels=photo,
            )
            path = data / f"matting/{day}/matting_{shot}/{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(
                np.dstack([photo * plane[..., None], plane.astype(np.uint8) * 255]).astype(
                    np.uint8
                ),
                "RGBA",
            ).save(path)
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


def _look_into_person(data: Path) -> Readings:
    """Images, numbers of parts of clothes and lists of ids, each from another archive."""
    made, size = Builder(data), (40, 28)
    for part, n in (("train", 20), ("val", 6), ("test", 8)):
        first = {"train": 77, "val": 100034, "test": 100012}[part]
        ids = [f"{first + 100 * k}_{471474 + 31 * k}" for k in range(n)]
        for one in ids:
            places = draw_class_map(made.random, size, 19, fill=False)
            folder = "Testing_images/testing_images" if part == "test" else f"TrainVal_images/{part}_images"  # fmt: skip
            true = TrueSample(size, planes=planes_of(places, 19) if part != "test" else None)
            made.image(f"{folder}/{one}.jpg", true, part="train")
            if part != "test":
                save_pixels(
                    data / f"TrainVal_parsing_annotations/{part}_segmentations/{one}.png",
                    places,
                )
        folder = "Testing_images" if part == "test" else "TrainVal_images"
        write_lines(made, f"{folder}/{part}_id.txt", ids)
        if part != "test":
            cells = [[f"{one}.jpg", *(str(3 + n) for n in range(6))] for one in ids]
            made.text(
                f"TrainVal_pose_annotations/lip_{part}_set.csv",
                "".join(",".join(row) + "\n" for row in cells),
            )
    names = [str(n) for n in range(1, 20)]

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        truth = reading_of(
            made, MULTI, test=in_folders("Testing_images"), out=out, mask_classes=names
        )
        return [truth, with_ground(truth)]

    return tuple(with_and_without(read, in_folders("TrainVal_images/val_images")))


LIMBS = (0, 1, 2, 5, 9, 13)


def _many_people(data: Path) -> Readings:
    """Seven folders a part: images, and masks by class and by person in numbers and in colours; a list beside; test has images alone."""
    made, top, size = Builder(data), "instance-level_human_parsing", (44, 52)
    shades = made.random.integers(40, 255, (24, 3)).astype(np.uint8)
    shades[0] = 0
    drawn = dict[str, tuple[Plane, ...]]()
    people, limbs = (dict[str, tuple[tuple[int, Plane], ...]]() for _ in "pl")
    first = 5
    for part, n in (("Training", 30), ("Validation", 10), ("Testing", 12)):
        names = list[str]()
        for k in range(n):
            first += 1 + k % 3
            name = f"{first:07d}"
            names.append(name)
            path = f"{top}/{part}/Images/{name}.jpg"
            write_photos(made, [path], None, size)
            if part == "Testing":
                continue
            numbers, whose = np.zeros(size, dtype=np.uint8), np.zeros(size, dtype=np.uint8)
            single = np.zeros(size, dtype=np.uint8)
            bodies = draw_objects(made.random, size, 1 + k % 3)
            for person, body in enumerate(bodies, 1):
                rows = np.nonzero(body.any(axis=1))[0]
                for n_part, band in enumerate(np.array_split(rows, 4)):
                    limb = np.zeros(size, dtype=bool)
                    limb[band] = body[band]
                    numbers[limb] = LIMBS[1 + (n_part + k) % 5]
                    single[limb] = (person - 1) * 4 + n_part + 1
                whose[body] = person
            for folder, pixels in (("Category_ids", numbers), ("Human_ids", whose), ("Instance_ids", single)):  # fmt: skip
                save_pixels(data / f"{top}/{part}/{folder}/{name}.png", pixels)
            for folder, pixels in (("Categories", numbers), ("Human", whose), ("Instances", single)):  # fmt: skip
                save_coloured_mask(made, f"{top}/{part}/{folder}/{name}.png", pixels, shades)
            drawn[path] = tuple(numbers == one for one in LIMBS)
            people[path] = tuple((0, body) for body in bodies)
            limbs[path] = tuple((0, single == one) for one in np.unique(single) if one)
        list_name = {"Training": "train_id", "Validation": "val_id", "Testing": "test_id"}[part]
        write_lines(made, f"{top}/{part}/{list_name}.txt", names)
    test = in_folders(f"{top}/Testing")
    found = list[LayoutTruth]()
    fewer = {path: planes[1:] for path, planes in drawn.items()}
    for out in (any_of(), in_folders(f"{top}/Validation")):
        base = reading_of(made, MULTI, test=test, out=out)
        found.append(with_masks(base, fewer, [str(one) for one in LIMBS[1:]]))
        found.append(with_masks(base, drawn, [str(one) for one in LIMBS]))
        for objects in (people, limbs):
            train = {path: replace(one, objects=objects[path]) for path, one in base.train.items()}
            kinds = {"segment": frozenset({"instance"})}
            found.append(replace(base, train=train, mask_classes=("",), kinds=kinds))
    return tuple(found)


# Segmentation of dancers (TikTok, Kaggle): memory.
def _dancers_tiktok(data: Path) -> Readings:
    """Two folders with the same names of images and of masks, in a folder of a long name."""
    made, size, top = Builder(data), (56, 36), "segmentation_full_body_tik_tok_2615_img"
    for k in range(1, 37):
        plane, name = draw_plane(made.random, size), f"{k:05d}.png"
        made.image(f"{top}/images/{name}", TrueSample(size, planes=(plane,)), part="train")
        save_grey_mask(data / f"{top}/masks/{name}", plane)
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


def _bitmap(plane: Plane) -> tuple[str, list[int]]:
    """Return a mask as Supervisely writes it, a PNG within zlib within letters, and its place."""
    rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
    part = plane[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    content = io.BytesIO()
    pixels = np.zeros((*part.shape, 4), dtype=np.uint8)
    pixels[part] = 255
    Image.fromarray(pixels).save(content, format="PNG")
    text = base64.b64encode(zlib.compress(content.getvalue())).decode()
    return text, [int(columns[0]), int(rows[0])]


def _persons(data: Path) -> Readings:
    """A JSON an image, named after it with its ending: bitmaps and outlines; names in another."""
    made, size, names = Builder(data), (40, 48), ("person_bmp", "person_poly")
    closed = {}
    for k in range(30):
        top, name = f"ds{1 + k // 10}", f"pexels-photo-{23711 + k * 977}.{('png', 'jpeg')[k % 3 == 1]}"  # fmt: skip
        planes = draw_objects(made.random, (size[0], 24), 1 + k % 2)
        objects, wide = list[dict[str, Any]](), []
        for plane in planes:
            whole = np.zeros(size, dtype=bool)
            whole[:, :24] = plane
            text, origin = _bitmap(whole)
            objects.append({
                "description": "", "tags": [], "bitmap": {"data": text, "origin": origin}, "type": "bitmap",
                "classTitle": names[0], "points": {"interior": [], "exterior": []},
            })  # fmt: skip
            wide.append((0, whole))
        true, edges = list(wide), list(wide)
        if k % 3 == 0:
            left, below = 29, 6 + k % 5
            ring = [[left, below], [left + 12, below], [left + 12, below + 15], [left, below + 15]]
            objects.append({"description": "", "tags": [], "bitmap": None, "type": "polygon", "classTitle": names[1],
                            "points": {"interior": [], "exterior": ring}})  # fmt: skip
            true.append((1, rectangle(size, left, below, 12, 15)))
            edges.append((1, rectangle(size, left, below, 13, 16)))
        path = f"Supervisely Person Dataset/{top}/img/{name}"
        made.image(path, TrueSample(size, objects=tuple(true)), part="train")
        closed[path] = tuple(edges)
        write_json(made, f"Supervisely Person Dataset/{top}/ann/{name}.json",
              {"description": "", "name": Path(name).stem, "tags": ["train"] if k % 4 else [],
               "size": {"width": size[1], "height": size[0]}, "objects": objects})  # fmt: skip
    write_json(made, "Supervisely Person Dataset/meta.json", {
        "tags": ["train", "val"], "tags_images": [], "tags_objects": [],
        "classes": [{"title": one, "shape": shape, "color": colour} for one, shape, colour in
                    ((names[0], "bitmap", "#62E9B4"), (names[1], "polygon", "#DC143C"))],
    })  # fmt: skip
    return readings_of_outlines(made, size, names, closed)


def _pedestrians(data: Path) -> Readings:
    """Numbers of people in masks with an end of their own; a text of boxes an image; from a listing and memory."""
    made, top = Builder(data), "PennFudanPed"
    for k in range(34):
        name = f"{'FudanPed' if k < 15 else 'PennPed'}{k + 1:05d}"
        size = (40 + k % 4, 48)
        planes = draw_objects(made.random, size, 1 + k % 3)
        numbers = np.zeros(size, dtype=np.uint8)
        for place, plane in enumerate(planes, start=1):
            numbers[plane] = place
        objects = tuple((0, plane) for plane in planes)
        made.image(f"{top}/PNGImages/{name}.png", TrueSample(size, objects=objects), part="train")
        save_pixels(data / f"{top}/PedMasks/{name}_mask.png", numbers)
        lines = [
            "# Compatible with PASCAL Annotation Version 1.00",
            f'Image filename : "PennFudanPed/PNGImages/{name}.png"',
            f"Image size (X x Y x C) : {size[1]} x {size[0]} x 3",
            'Database : "The Penn-Fudan-Pedestrian Database"',
            f"Objects with ground truth : {len(planes)} {{ {' '.join(['PASpersonWalking'] * len(planes))} }}".replace(
                "PASpersonWalking", '"PASpersonWalking"'
            ),
        ]
        for place, plane in enumerate(planes, start=1):
            rows, columns = np.nonzero(plane)
            lines += [
                f'# Details for pedestrian {place} ("PASpersonWalking")',
                f'Bounding box for object {place} "PASpersonWalking" (Xmin, Ymin) - (Xmax, Ymax) : ({columns.min() + 1}, {rows.min() + 1}) - ({columns.max() + 1}, {rows.max() + 1})',
                f'Pixel mask for object {place} "PASpersonWalking" : "PennFudanPed/PedMasks/{name}_mask.png"',
            ]
        write_lines(made, f"{top}/Annotation/{name}.txt", lines)
    write_lines(made, f"{top}/added-object-list.txt", ["FudanPed00002 1", "PennPed00021 2"])
    made.text(
        f"{top}/readme.txt",
        "The Penn-Fudan pedestrian database\n\nPNGImages holds the images, PedMasks a mask of each: zeros are background, each other number a pedestrian.\n",
    )
    single = reading_of(made, OBJECTS, mask_classes=[""])
    return single, objects_as_one_mask(single)


def _people_again(data: Path) -> Readings:
    """People are to be found again: those of train are not those of the queries."""
    made, top = Builder(data), "Market-1501-v15.09.15"
    for k in range(24):
        write_photos(
            made,
            [
                f"{top}/bounding_box_train/{2 + 5 * (k // 4):04d}_c{1 + k % 4}s1_{451 + 25 * k:06d}_03.jpg"
            ],
            None,
        )
        write_photos(
            made,
            [
                f"{top}/bounding_box_test/{1 + 3 * (k // 6):04d}_c{1 + k % 6}s1_{1051 + 25 * k:06d}_01.jpg"
            ],
            None,
        )
    write_photos(
        made, [f"{top}/bounding_box_test/-1_c1s1_{401 + k:06d}_03.jpg" for k in range(3)], None
    )
    write_photos(
        made,
        [
            f"{top}/query/{1 + 3 * (k % 4):04d}_c{1 + k}s1_{1051 + 75 * k:06d}_00.jpg"
            for k in range(6)
        ],
        None,
    )
    made.text(f"{top}/gt_query/0001_c1s1_001051_00_good.mat", "MATLAB 5.0 MAT-file")
    made.text(f"{top}/readme.txt", "The Market-1501 dataset\n")
    return (reading_of(made, {}),)


def _heads_of_people(data: Path) -> Readings:
    """Heads as points in MATLAB's files: a crowd is counted by a map of density."""
    made = Builder(data)
    for part in ("train", "test"):
        for k in range(1, 9):
            write_photos(made, [f"ShanghaiTech/part_A/{part}_data/images/IMG_{k}.jpg"], None)
            path = data / f"ShanghaiTech/part_A/{part}_data/ground-truth/GT_IMG_{k}.mat"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x01IM")
    return (reading_of(made, NUMBER),)


LAYOUTS = (
    DataSet("Stanford 40 actions", "code", _forty_actions),
    DataSet("hackerearth-dance-form", "memory", _dances),
    DataSet("PA-100K", "memory", _people_by_trait),
    DataSet("Mall crowd counts", "memory", _counted_people, has_test=False),
    DataSet("JHU-CROWD++", "memory", _crowds),
    DataSet("dacon-motion-keypoints", "code", _motions, doubt="values of the sample"),
    DataSet("MADS dancers", "memory", _dancers, has_test=False),
    DataSet("Matting of people", "memory", _mattes, has_test=False),
    DataSet("LIP", "memory", _look_into_person),
    DataSet("CIHP", "memory", _many_people),
    DataSet("Dancers (TikTok)", "memory", _dancers_tiktok, has_test=False),
    DataSet("Supervisely persons", "memory", _persons, has_test=False),
    DataSet("Penn-Fudan pedestrians", "code and memory", _pedestrians, has_test=False),
    DataSet("Market-1501", "memory", _people_again, refusal=r"\S"),
    DataSet("ShanghaiTech", "memory", _heads_of_people, refusal=r"\S"),
)
