"""Layouts of competitions and data sets of solar panels and waste."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from layouts.drawing import save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import LABELS, MULTI, NUMBER, OBJECTS, RANKS
from layouts.real.made import SIZE, WIDE, Builder, DataSet, Readings
from layouts.real.names import hex_name
from layouts.real.outlines import corners_of, draw_boxes, rectangle
from layouts.real.photos import write_grey, write_photos
from layouts.real.readings import any_of, in_folders, reading_of, with_ground
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _garbage(data: Path) -> Readings:
    """A text beside each image has its name and its class; names of classes in a JSON."""
    made = Builder(data)
    rule = {"0": "其他垃圾/一次性快餐盒", "6": "厨余垃圾/剩饭剩菜", "19": "可回收物/洗发水瓶",
            "37": "有害垃圾/干电池"}  # fmt: skip
    for number in range(1, 33):
        label = list(rule)[number * 3 % 4]
        write_photos(made, [f"garbage_classify/train_data/img_{number}.jpg"], label)
        made.text(f"garbage_classify/train_data/img_{number}.txt", f"img_{number}.jpg, {label}")
    made.text("garbage_classify/garbage_classify_rule.json", json.dumps(rule, ensure_ascii=False))
    return (
        reading_of(made, LABELS, classes=tuple(rule)),
        reading_of(
            made, LABELS, classes=tuple(rule.values()), label=lambda label: rule[str(label)]
        ),
    )


WASTE = ("glass", "paper", "cardboard", "plastic", "metal", "trash")


def _waste(data: Path) -> Readings:
    """Class folders; lists of parts with the number of a class, from 1; a list from 0 beside."""
    made, top, parts = (
        Builder(data),
        "Garbage classification/Garbage classification",
        dict[str, str](),
    )
    lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    every = []
    for number, label in enumerate(WASTE):
        for k in range(1, 11):
            name = f"{label}{k * 7}.jpg"
            part = ("train", "train", "val", "train", "test")[k % 5]
            write_photos(made, [f"{top}/{label}/{name}"], label)
            parts[f"{top}/{label}/{name}"] = part
            lists[part].append(f"{name} {number + 1}")
            every.append(f"{name} {number}")
    for part, lines in lists.items():
        write_lines(made, f"one-indexed-files-notrash_{part}.txt", sorted(lines, key=hex_name))
    write_lines(made, "zero-indexed-files.txt", every)
    found = []
    for out in ((), ("val",)):
        left = lambda path, out=out: parts[path] in out  # noqa: E731
        is_test = lambda path: parts[path] == "test"  # noqa: E731
        found.append(reading_of(made, LABELS, test=is_test, out=left, classes=WASTE))
        found.append(reading_of(made, LABELS, test=is_test, out=left, classes=tuple("123456"),
                              label=lambda label: str(1 + WASTE.index(str(label)))))  # fmt: skip
    return tuple(found)


def _modules_in_infrared(data: Path) -> Readings:
    """A JSON of a path and a class by number; from the readme."""
    kinds = ("Cell", "Cell-Multi", "Cracking", "Diode", "Hot-Spot", "No-Anomaly", "Offline-Module", "Soiling")  # fmt: skip
    made, content, top = Builder(data), dict[str, Any](), "InfraredSolarModules"
    for k in range(48):
        label = "No-Anomaly" if k % 2 else kinds[k // 2 % 8]
        number = str(k * 417)
        write_grey(made, f"{top}/images/{number}.jpg", TrueSample((40, 24), label))
        content[number] = {"image_filepath": f"images/{number}.jpg", "anomaly_class": label}
    write_json(made, f"{top}/module_metadata.json", content)
    made.text(f"{top}/LICENSE", "MIT License\n\nCopyright (c) 2020 Raptor Maps Inc.\n")
    made.text(
        f"{top}/README.md",
        '# InfraredSolarModules\n\nThe file contains the `images` directory and `module_metadata.json` that describes each image.\n\n```\n{\n  "<image_number>": {\n    "image_filepath": "images/<image_number>.jpg", \n    "anomaly_class": "<class_name>"\n  },\n  ...\n}\n```\n',
    )
    return (reading_of(made, LABELS, classes=kinds),)


def _solar_cells(data: Path) -> Readings:
    """A table without a header, with blanks between: path, probability of a defect, kind of cell."""
    made, lines = Builder(data), []
    values = ("0.0", "0.3333333333333333", "0.6666666666666666", "1.0")
    for k in range(36):
        path, value = f"images/cell{k + 1:04d}.png", values[(0, 3, 0, 1, 3, 0, 2)[k % 7]]
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(path, TrueSample(SIZE, value), part="train", pixels=grey)
        lines.append(f"{path}  {value}  {('mono', 'poly')[k % 5 > 1]}")
    write_lines(made, "labels.csv", lines)
    return (
        reading_of(made, NUMBER, label=lambda one: float(str(one))),
        reading_of(made, RANKS, classes=values),
    )


def _soiled_panels(data: Path) -> Readings:
    """The loss and the light are numbers in the names of images, behind a letter each."""
    made, both = Builder(data), dict[str, tuple[float, ...]]()
    days = ("Fri_Jun_16", "Sat_Jun_17", "Mon_Jun_19")
    for k in range(40):
        loss, light = (round(float(one), 12) for one in made.random.uniform(0.01, 0.98, 2))
        clock = f"{8 + k % 10}__{k * 7 % 60}__{k * 11 % 60}"
        path = f"Solar_Panel_Soiling_Image_dataset/PanelImages/solar_{days[k % 3]}_{clock}_2017_L_{loss}_I_{light}.jpg"
        write_photos(made, [path], loss, (48, 48))
        both[path] = (loss, light)
    one = reading_of(made, NUMBER)
    two = reading_of(made, {"classify": "multitarget"}, classes=("L", "I"))
    train = {path: replace(each, label=both[path]) for path, each in two.train.items()}
    return one, replace(two, train=train)


WASTES = ("rigid_plastic", "cardboard", "metal", "soft_plastic")


def _wastes(data: Path) -> Readings:
    """Three parts with images, masks of numbers and the same as outlines; endings in capitals."""
    made, top = Builder(data), "zerowaste-f-final/splits_final_deblurred"
    objects = dict[str, TrueSample]()
    for part, n in (("train", 30), ("val", 8), ("test", 10)):
        images, shapes = list[dict[str, Any]](), list[dict[str, Any]]()
        for k in range(n):
            name = f"{1 + k % 12:02d}_frame_{k * 300 + len(part) * 7:06d}.PNG"
            boxes = draw_boxes(made, WIDE, 1 + k % 4)
            kinds = [(k * 3 + place) % 4 for place in range(len(boxes))]
            numbers = np.zeros(WIDE, dtype=np.uint8)
            images.append({"id": k + 1, "file_name": name, "width": 48, "height": 40})
            for kind, box in zip(kinds, boxes, strict=True):
                numbers[rectangle(WIDE, *box)] = kind + 1
                shapes.append(
                    {
                        "id": len(shapes) + 1,
                        "image_id": k + 1,
                        "category_id": kind + 1,
                        "segmentation": [[float(one) for xy in corners_of(box) for one in xy]],
                        "area": float(box[2] * box[3]),
                        "bbox": [float(one) for one in box],
                        "iscrowd": 0,
                    }
                )
            path = f"{top}/{part}/data/{name}"
            planes = tuple(numbers == place for place in range(1, 5))
            made.image(path, TrueSample(WIDE, planes=planes), part="train")
            save_pixels(data / f"{top}/{part}/sem_seg/{name}", numbers)
            each = [(kind, rectangle(WIDE, *box)) for kind, box in zip(kinds, boxes, strict=True)]
            objects[path] = TrueSample(WIDE, objects=tuple(each))
        kinds_of = [{"id": place + 1, "name": one} for place, one in enumerate(WASTES)]
        content = {"info": {"description": "ZeroWaste"}, "licenses": [], "images": images}
        write_json(
            made,
            f"{top}/{part}/labels.json",
            {**content, "annotations": shapes, "categories": kinds_of},
        )
    found = list[LayoutTruth]()
    for out in (any_of(), in_folders(f"{top}/val")):
        test = in_folders(f"{top}/test")
        truth = reading_of(made, MULTI, test=test, out=out, mask_classes=tuple("1234"))
        single = reading_of(made, OBJECTS, test=test, out=out, mask_classes=WASTES)
        train = {path: objects[path] for path in single.train}
        found += [truth, with_ground(truth), replace(single, train=train)]
    return tuple(found)


LAYOUTS = (
    DataSet("huawei-garbage-classification", "code, memory", _garbage, has_test=False),
    DataSet("Garbage classification", "code", _waste),
    DataSet("Infrared solar modules", "page", _modules_in_infrared, has_test=False),
    DataSet("ELPV solar cells", "code", _solar_cells, has_test=False),
    DataSet("Soiled solar panels", "code and memory", _soiled_panels, has_test=False),
    DataSet("ZeroWaste-f", "code", _wastes, doubt="names of images"),
)
