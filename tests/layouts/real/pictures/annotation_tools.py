"""Layouts of competitions and data sets of exports of programs that label images, of no subject of their own."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from layouts.drawing import draw_class_map, save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import MULTI, OBJECTS, ONE_MASK, SEVERAL
from layouts.real.made import SIZE, WIDE, Builder, DataSet, Readings
from layouts.real.masks import planes_of
from layouts.real.names import hex_name
from layouts.real.outlines import corners_of, draw_boxes, readings_of_outlines, rectangle
from layouts.real.photos import write_photos
from layouts.real.readings import in_folders, objects_as_one_mask, reading_of
from layouts.truth import TrueSample

__all__ = ["LAYOUTS"]


def _export_of_classes(data: Path) -> Readings:
    """Roboflow's export of several labels: a table in each part, with blanks before its names."""
    made, classes = Builder(data), ("bicycle", "bus", "car")
    for part, n in (("train", 22), ("valid", 6), ("test", 6)):
        lines = ["filename, bicycle, bus, car"]
        for k in range(n):
            marks = [int((k + c) % (c + 2) == 0) for c in range(3)]
            name = f"{k:04d}_jpg.rf.{hex_name('rf', part, k, length=32)}.jpg"
            label = frozenset(one for one, mark in zip(classes, marks, strict=True) if mark)
            write_photos(made, [f"{part}/{name}"], label)
            lines.append(f"{name}, {', '.join(map(str, marks))}")
        write_lines(made, f"{part}/_classes.csv", lines)
    made.text(
        "README.dataset.txt",
        "# vehicles > 2023-03-01\nProvided by a Roboflow user\nLicense: CC BY 4.0\n",
    )
    made.text("README.roboflow.txt", "\nvehicles - v1\n==============================\n\nThe dataset includes 34 images.\n"
              "Vehicles are annotated in Multi-Class Classification format.\n")  # fmt: skip
    is_test = in_folders("test")
    return (
        reading_of(made, SEVERAL, test=is_test, classes=classes),
        reading_of(made, SEVERAL, test=is_test, out=in_folders("valid"), classes=classes),
    )


def _export_of_masks(data: Path) -> Readings:
    """Roboflow's export of masks: image and mask side by side in each part, and a table of values."""
    made, classes = Builder(data), ("crack", "spall")
    for part, n in (("train", 18), ("valid", 5), ("test", 5)):
        for k in range(n):
            places = draw_class_map(made.random, SIZE, 2, fill=False)
            name = f"img_{k:03d}_jpg.rf.{hex_name('mask', part, k, length=32)}"
            made.image(
                f"{part}/{name}.jpg", TrueSample(SIZE, planes=planes_of(places, 2)), part="train"
            )
            save_pixels(data / f"{part}/{name}_mask.png", places)
        write_lines(
            made,
            f"{part}/_classes.csv",
            ["Pixel Value, Class", "0, background", "1, crack", "2, spall"],
        )
    made.text("README.roboflow.txt", "\nconcrete - v2\n==============================\n\nThe dataset includes 28 images.\n"
              "Damage is annotated in Semantic Segmentation Masks format.\n")  # fmt: skip
    is_test = in_folders("test")
    return (
        reading_of(made, MULTI, test=is_test, mask_classes=classes),
        reading_of(made, MULTI, test=is_test, out=in_folders("valid"), mask_classes=classes),
    )


def _export_of_cvat(data: Path) -> Readings:
    """CVAT's segmentation masks: colours in a text with colons, a list of the names."""
    made, colours = (
        Builder(data),
        {"background": (0, 0, 0), "leaf": (50, 183, 250), "stem": (250, 50, 83)},
    )
    every, names = np.array(list(colours.values()), dtype=np.uint8), []
    for k in range(24):
        places = draw_class_map(made.random, SIZE, 2, fill=False)
        name = f"DSC_{2041 + k}"
        made.image(
            f"JPEGImages/{name}.jpg", TrueSample(SIZE, planes=planes_of(places, 2)), part="train"
        )
        save_pixels(data / f"SegmentationClass/{name}.png", every[places])
        names.append(name)
    write_lines(
        made,
        "labelmap.txt",
        [
            "# label:color_rgb:parts:actions",
            *(f"{one}:{','.join(map(str, rgb))}::" for one, rgb in colours.items()),
        ],
    )
    write_lines(made, "ImageSets/Segmentation/default.txt", names)
    return (reading_of(made, MULTI, mask_classes=("leaf", "stem")),)


def _export_of_outlines(data: Path) -> Readings:
    """COCO outlines in each part, with images beside them."""
    made = Builder(data)
    for part, n in (("train", 16), ("valid", 5), ("test", 5)):
        images, marks = [], []
        for k in range(n):
            name, plane = (
                f"{k}_jpg.rf.{hex_name('coco', part, k, length=32)}.jpg",
                np.zeros(SIZE, dtype=bool),
            )
            top, left = 3 + k % 5, 4 + k % 7
            plane[top : top + 8, left : left + 10] = True
            made.image(f"{part}/{name}", TrueSample(SIZE, planes=(plane,)), part="train")
            images.append(
                {"id": k, "license": 1, "file_name": name, "height": SIZE[0], "width": SIZE[1]}
            )
            outline = [left, top, left + 10, top, left + 10, top + 8, left, top + 8]
            marks.append({"id": k, "image_id": k, "category_id": 1, "bbox": [left, top, 10, 8], "area": 80,
                          "segmentation": [outline], "iscrowd": 0})  # fmt: skip
        write_json(made, f"{part}/_annotations.coco.json", {
            "info": {"description": "exported"}, "categories": [{"id": 0, "name": "pothole", "supercategory": "none"},
            {"id": 1, "name": "pothole", "supercategory": "pothole"}], "images": images, "annotations": marks})  # fmt: skip
    found = []
    for out in ((), ("valid",)):
        is_out = in_folders(*out) if out else lambda path: False
        found += [
            reading_of(made, ONE_MASK, test=in_folders("test"), out=is_out, mask_classes=[name])
            for name in ("", "pothole")
        ]
        objects = reading_of(
            made,
            {"segment": "instance"},
            test=in_folders("test"),
            out=is_out,
            mask_classes=["pothole"],
        )
        train = {
            path: replace(one, planes=None, objects=((0, one.planes[0]),) if one.planes else None)
            for path, one in objects.train.items()
        }
        found.append(replace(objects, train=train))
    return tuple(found)


def _outlines_of_labelme(data: Path) -> Readings:
    """A JSON beside each image, some with the image within; paths from Windows; a few are missing."""
    made, size, names = Builder(data), (40, 52), ("dent", "scratch")
    closed = {}
    for k in range(30):
        name = f"IMG_20210{3 + k % 3}1{k % 9}_{102233 + k * 61}"
        shapes, objects, edges = list[dict[str, Any]](), [], []
        for place in range(1 + k % 3):
            left, top, wide, tall = 1 + 17 * place, 3 + k % 9, 8 + k % 5, 9 + (k + place) % 7
            kind = (k + place) % 2
            ring = [[float(left), float(top)], [float(left + wide), float(top)],
                    [float(left + wide), float(top + tall)], [float(left), float(top + tall)]]  # fmt: skip
            shapes.append({"label": names[kind], "points": ring, "group_id": None, "shape_type": "polygon", "flags": {}})  # fmt: skip
            objects.append((kind, rectangle(size, left, top, wide, tall)))
            edges.append((kind, rectangle(size, left, top, wide + 1, tall + 1)))
        made.image(f"car_damage/{name}.jpg", TrueSample(size, objects=tuple(objects)), part="train")
        closed[f"car_damage/{name}.jpg"] = tuple(edges)
        content = (data / f"car_damage/{name}.jpg").read_bytes() if k % 3 else b""
        write_json(made, f"car_damage/{name}.json", {
            "version": "4.5.7", "flags": {}, "shapes": shapes, "imagePath": f"..\\raw\\{name}.jpg" if k % 2 else f"{name}.jpg",
            "imageData": base64.b64encode(content).decode() or None, "imageHeight": size[0], "imageWidth": size[1],
        })  # fmt: skip
    write_lines(made, "labels.txt", ["__ignore__", "_background_", *names])
    return readings_of_outlines(made, size, names, closed)


def _balloons(data: Path) -> Readings:
    """Outlines in a JSON of the VIA tool, in the folder of the images; two parts; from code."""
    made = Builder(data)
    for part, n in (("train", 30), ("val", 10)):
        content = dict[str, Any]()
        for k in range(n):
            name = f"{24631331976 + k * 91 + n}_{hex_name('balloon', part, k)}_b.jpg"
            boxes, path = draw_boxes(made, WIDE, 1 + k % 3), f"balloon/{part}/{name}"
            objects = tuple((0, rectangle(WIDE, *box)) for box in boxes)
            made.image(path, TrueSample(WIDE, objects=objects), part="train")
            weight = (data / path).stat().st_size
            regions = {
                str(place): {
                    "shape_attributes": {
                        "name": "polygon",
                        "all_points_x": [x for x, _ in corners_of(box)],
                        "all_points_y": [y for _, y in corners_of(box)],
                    },
                    "region_attributes": {},
                }
                for place, box in enumerate(boxes)
            }
            content[f"{name}{weight}"] = {
                "fileref": "",
                "size": weight,
                "filename": name,
                "base64_img_data": "",
                "file_attributes": {},
                "regions": regions,
            }
        write_json(made, f"balloon/{part}/via_region_data.json", content)
    single = reading_of(made, OBJECTS, test=in_folders("balloon/val"), mask_classes=[""])
    return single, objects_as_one_mask(single)


def _boxes_of_yolo(data: Path) -> Readings:
    made = Builder(data)
    for part, n in (("train", 14), ("valid", 5), ("test", 5)):
        for k in range(n):
            write_photos(
                made,
                [
                    f"{part}/images/IMG_{2274 + k}_jpeg_jpg.rf.{hex_name('yolo', part, k, length=32)}.jpg"
                ],
                None,
            )
            write_lines(made, f"{part}/labels/IMG_{2274 + k}_jpeg_jpg.rf.{hex_name('yolo', part, k, length=32)}.txt",
                   ["0 0.5123 0.4312 0.1250 0.2031", "3 0.2123 0.6312 0.0950 0.1031"][: 1 + k % 2])  # fmt: skip
    made.text(
        "data.yaml",
        "train: ../train/images\nval: ../valid/images\n\nnc: 4\nnames: ['fish', 'jellyfish', 'penguin', 'puffin']\n",
    )
    return (reading_of(made, MULTI),)


def _boxes_of_voc(data: Path) -> Readings:
    made = Builder(data)
    for k in range(24):
        write_photos(made, [f"images/maksssksksss{k}.png"], None)
        made.text(f"annotations/maksssksksss{k}.xml", f"<annotation><folder>images</folder><filename>maksssksksss{k}.png</filename>"
                  f"<size><width>{SIZE[1]}</width><height>{SIZE[0]}</height><depth>3</depth></size><object><name>with_mask</name>"
                  "<bndbox><xmin>3</xmin><ymin>5</ymin><xmax>10</xmax><ymax>12</ymax></bndbox></object></annotation>\n")  # fmt: skip
    return (reading_of(made, MULTI),)


LAYOUTS = (
    DataSet("Roboflow: several labels", "memory", _export_of_classes),
    DataSet("Roboflow: masks", "memory", _export_of_masks),
    DataSet("CVAT: segmentation masks", "memory", _export_of_cvat, has_test=False),
    DataSet("Roboflow: COCO outlines", "memory", _export_of_outlines),
    DataSet("LabelMe outlines", "memory", _outlines_of_labelme, has_test=False),
    DataSet("Balloons", "code", _balloons),
    DataSet("YOLO boxes", "memory", _boxes_of_yolo, refusal=r"\bbox"),
    DataSet("VOC boxes", "memory", _boxes_of_voc, refusal=r"\bbox"),
)
