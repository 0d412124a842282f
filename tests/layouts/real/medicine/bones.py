"""Layouts of competitions and data sets of bones: hands, spines, knees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from dicom_files import dicom_bytes

from layouts.drawing import draw_plane
from layouts.real.files import write_json, write_lines, write_workbook
from layouts.real.kinds import OBJECTS, OUTPUTS, RANKS, SEVERAL, TWO
from layouts.real.made import BROAD, SIZE, WIDE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.names import hex_name
from layouts.real.outlines import corners_of, draw_boxes, rectangle
from layouts.real.photos import write_dicom, write_grey, write_photos
from layouts.real.readings import (
    any_of,
    in_folders,
    objects_as_one_mask,
    reading_of,
    with_train_labels,
)
from layouts.runs import Codec, Plane
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _mura(data: Path) -> Readings:
    """The public part has train and valid; tables have no header; the folder has the label."""
    made = Builder(data)
    for part, n in (("train", 12), ("valid", 5)):
        images, studies = [], []
        for k in range(n):
            for kind in ("XR_SHOULDER", "XR_HAND"):
                label = ("negative", "positive")[(k + len(kind)) % 2]
                patient = k + 1 + (11184 if part == "valid" else 0)
                study = f"MURA-v1.1/{part}/{kind}/patient{patient:05d}/study1_{label}/"
                paths = [f"{study}image{one}.png" for one in range(1, 2 + k % 2)]
                write_photos(made, paths, "01"[label == "positive"])
                images += paths
                studies.append(f"{study},{int(label == 'positive')}")
        write_lines(made, f"MURA-v1.1/{part}_image_paths.csv", images)
        write_lines(made, f"MURA-v1.1/{part}_labeled_studies.csv", studies)
    is_test = in_folders("MURA-v1.1/valid")
    by_name = lambda label: ("negative", "positive")[int(str(label))]  # noqa: E731
    return (
        reading_of(made, TWO, test=is_test, classes=("0", "1")),
        reading_of(made, TWO, test=is_test, classes=("negative", "positive"), label=by_name),
    )


def _spines(data: Path) -> LayoutTruth:
    """A folder of slices a study; a column a vertebra; a row for each of a study."""
    made, rows, cells, tests = Builder(data), list[tuple[str, ...]](), [], []
    levels = [f"C{n}" for n in range(1, 8)]
    classes = ["patient_overall", *levels]
    for number in range(23):
        part = "train" if number < 20 else "test"
        study = f"1.2.826.0.1.3680043.{10001 + 97 * number}"
        label = {one for place, one in enumerate(levels) if (number * 3 + place) % 5 == 0}
        label = label if number % 2 else set()
        label |= {"patient_overall"} if label else set()
        probs = made.probs(classes)
        for image in range(1, 4):
            true = TrueSample(BROAD, frozenset(label), probs, unit=study)
            write_dicom(made, f"{part}_images/{study}/{image}.dcm", true, part)
        if part == "train":
            cells.append([study, *(str(int(one in label)) for one in classes)])
        else:
            for one in [*levels, "patient_overall"]:
                tests.append([f"{study}_{one}", study, one])
                rows.append((f"{study}_{one}", repr(probs[one])))
    made.table("train.csv", ["StudyInstanceUID", *classes], cells)
    made.table("test.csv", ["row_id", "StudyInstanceUID", "prediction_type"], tests)
    boxes = [[one[0], "219.27", "216.71", "17.3", "19.8", "2"] for one in cells[1::4]]
    header = ["StudyInstanceUID", "x", "y", "width", "height", "slice_number"]
    made.table("train_bounding_boxes.csv", header, boxes)
    for one in cells[:3]:
        made.text(f"segmentations/{one[0]}.nii", "x")
    shown = [[one, "0.5"] for one, _ in rows]
    made.table("sample_submission.csv", ["row_id", "fractured"], shown)
    columns = {"row_id": "key", "fractured": "number"}
    return made.truth({"classify": "multilabel"}, columns, rows, classes=classes)


def _parts_of_bodies(data: Path) -> Readings:
    """DICOM below the folders of study and of series; names end with more than the ids do."""
    made, cells, rows = Builder(data), list[tuple[str, ...]](), list[tuple[str, ...]]()
    sets = (("3",), ("14",), ("0",), ("7", "8"), ("3",), ("2", "21"), ("8",), ("14",), ("2",), ("7",), ("21",))  # fmt: skip
    for k in range(44):
        part, found = "train" if k < 33 else "test", sets[k * 3 % 11]
        study, series, one = (
            f"1.2.826.0.1.3680043.8.498.{int(hex_name(what, k, length=16), 16)}"
            for what in ("study", "series", "image")
        )
        path = f"{part}/{part}/{study}/{series}/{one}-c.dcm"
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        pixels = made.random.integers(0, 4000, SIZE).astype(np.uint16)
        (data / path).write_bytes(dicom_bytes(pixels))
        true = TrueSample(SIZE, frozenset(found))
        (made.train if part == "train" else made.test)[path] = true
        text = " ".join(found) + " "
        (cells if part == "train" else rows).append((one, text))
    columns = {"SOPInstanceUID": "key", "Target": "labels"}
    made.table("train.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(SEVERAL, columns, rows, classes=("0", "14", "2", "21", "3", "7", "8")),)


def _bones(data: Path) -> LayoutTruth:
    """Ages in months; no sample submission; tables of train and test are headed otherwise."""
    made, tables = Builder(data), {"training": [], "test": []}
    for number in range(32):
        part = "training" if number < 24 else "test"
        name, age = str((1377 if part == "training" else 4336) + number), 12 + (number * 37) % 200
        path = f"boneage-{part}-dataset/boneage-{part}-dataset/{name}.png"
        grey = made.random.integers(0, 255, BROAD).astype(np.uint8)
        to = "train" if part == "training" else "test"
        made.image(path, TrueSample(BROAD, float(age)), part=to, pixels=grey)
        facts = [name, str(age), str(number % 3 > 0)] if to == "train" else [name, "MF"[number % 2]]
        tables[part].append(facts)
    made.table("boneage-training-dataset.csv", ["id", "boneage", "male"], tables["training"])
    made.table("boneage-test-dataset.csv", ["Case ID", "Sex"], tables["test"])
    truth = made.truth({"classify": "regression"}, {}, [])
    return LayoutTruth(truth.data, truth.kinds, truth.train, truth.test)


def _severity(data: Path) -> Readings:
    """A course on X-rays: knees graded 0 to 4 in folders; files to send are scored by kappa."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for grade in range(5):
        write_photos(
            made,
            [
                f"knees/train/{grade}/{9000000 + 1417 * k + grade}{'LR'[k % 2]}.png"
                for k in range(7)
            ],
            str(grade),
        )
    for k in range(10):
        grade = k * 3 % 5
        name = f"{9600000 + 811 * k}{'LR'[k % 2]}.png"
        made.image(f"knees/test/{name}", TrueSample(SIZE, str(grade)), part="test")
        rows.append((name, str(grade)))
    columns = {"filename": "key", "KL": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    made.text("overview.md", "# Knee osteoarthritis\n\nPredict the Kellgren-Lawrence grade, 0 to 4.\n\n"
              "## Evaluation\n\nSubmissions are scored by quadratic weighted kappa.\n")  # fmt: skip
    return (made.truth(RANKS, columns, rows, classes=tuple("01234")),)


def _knees(data: Path) -> Readings:
    """Folders of grades in four parts, two of which are of test; left and right in the names."""
    made = Builder(data)
    for part, n in (("train", 6), ("val", 2), ("test", 2), ("auto_test", 2)):
        for grade in "01234":
            for k in range(n):
                number = 9001695 + k * 7919 + int(grade) * 1013 + len(part) * 101
                pixels = made.random.integers(0, 255, (44, 44)).astype(np.uint8)
                path = f"{part}/{grade}/{number}{'LR'[k % 2]}.png"
                made.image(path, TrueSample((44, 44), grade), part="train", pixels=pixels)
    is_val, is_auto, is_test = in_folders("val"), in_folders("auto_test"), in_folders("test")
    found = list[LayoutTruth]()
    for test, outs in (
        (is_test, ((is_auto,), (is_auto, is_val), (), (is_val,))),
        (any_of(is_test, is_auto), ((), (is_val,))),
        (is_auto, ((is_test,), (is_test, is_val), ())),
    ):
        found += [
            reading_of(made, RANKS, test=test, out=any_of(*out), classes=tuple("01234"))
            for out in outs
        ]
    return tuple(found)


BONES = (*(f"finger-{n}" for n in range(1, 20)), "Trapezium", "Trapezoid", "Capitate", "Hamate", "Scaphoid", "Lunate", "Triquetrum", "Pisiform", "Radius", "Ulna")  # fmt: skip


# AI Stages, hand bone segmentation: participants' READMEs, and memory of the baseline.
def _bones_of_hands(data: Path) -> Readings:
    """A folder a person with two hands; outlines of 29 bones that overlap in a JSON each; a row an image and bone is sent."""
    made, rows, shown, size = Builder(data), Rows(), list[list[str]](), (72, 72)
    codec, closed = Codec(order="C"), dict[str, tuple[Plane, ...]]()
    for person in range(1, 25):
        part = "train" if person < 18 else "test"
        for hand in "LR":
            name = f"image{1661130828152 + person * 91_337 + (hand == 'R') * 17}"
            name += f"_{hand}" if part == "train" and person % 3 else ""
            path = f"{part}/DCM/ID{person:03d}/{name}.png"
            planes, edges, notes = list[Plane](), list[Plane](), list[dict[str, object]]()
            for n, bone in enumerate(BONES):
                row, column = divmod(n, 6)
                left, top = 2 + column * 11 + int(made.random.integers(0, 3)), 2 + row * 13
                wide, tall = int(made.random.integers(5, 8)), int(made.random.integers(6, 10))
                if bone in ("Trapezoid", "Pisiform"):  # before another one, as seen from above
                    left -= 8
                box = (max(0, left), top, wide, tall)
                planes.append(rectangle(size, *box))
                edges.append(rectangle(size, box[0], top, wide + 1, tall + 1))
                notes.append({"id": f"{bone}_{hex_name('bone', person, hand, n)}", "type": "poly_seg", "attributes": {}, "points": [list(one) for one in corners_of(box)], "label": bone})  # fmt: skip
            true = TrueSample(size, planes=tuple(planes))
            write_grey(made, path, true, part)
            if part == "train":
                closed[path] = tuple(edges)
                about = {"annotations": notes, "attributes": {}, "file_id": f"{name}.png", "filename": f"{name}.png", "parent_path": "/hand", "last_modifier_id": "", "metadata": {"height": 72, "width": 72}}  # fmt: skip
                write_json(made, f"{part}/outputs_json/ID{person:03d}/{name}.json", about)
                continue
            for bone, plane in zip(BONES, planes, strict=True):
                rows.append((f"{name}.png", bone, codec.encode(plane)))
                shown.append([f"{name}.png", bone, codec.encode(draw_plane(made.random, size))])
    people = [[f"ID{n:03d}", 20 + n * 7 % 45, "남" if n % 2 else "여", 155 + n % 30, 48 + n] for n in range(1, 25)]  # fmt: skip
    write_workbook(
        data / "meta_data.xlsx", ["ID", "나이", "성별", "키(신장)", "체중(몸무게)"], people
    )
    columns = {"image_name": "key", "class": "key", "rle": "rle"}
    made.table("sample_submission.csv", list(columns), shown)
    plain = made.truth(
        {"segment": "multilabel"}, columns, rows, mask_classes=BONES, codec=codec,
        undecided={"submission.rle"},
    )  # fmt: skip
    train = {path: replace(one, planes=closed[path]) for path, one in plain.train.items()}
    return plain, replace(plain, train=train)


OF_BODY = ("hand", "leg", "hip", "shoulder", "mixed")


def _fractures(data: Path) -> Readings:
    """Two class folders; a table of body parts, the class and more; outlines of the fractures as COCO, and a split of these alone; from memory of the data page and code."""
    made, cells, top = Builder(data), [], "FracAtlas"
    images, shapes = list[dict[str, Any]](), list[dict[str, Any]]()
    broken, whole = "Fractured", "Non_fractured"
    size, in_table = WIDE, dict[str, str]()
    for k in range(44):
        label, name = broken if k % 3 == 1 else whole, f"IMG{k * 93:07d}.jpg"
        boxes = draw_boxes(made, size, 1 + k % 2) if label == broken else []
        objects = tuple((0, rectangle(size, *box)) for box in boxes) if boxes else None
        path = f"{top}/images/{label}/{name}"
        made.image(path, TrueSample(size, label, objects=objects), part="train")
        in_table[path] = str(int(label == broken))
        body = [int(n == k * 3 % 5) for n in range(5)]
        views = [int(n == k % 3) for n in range(3)]
        row = [*body, int(k % 11 == 4), int(k % 7 == 2), int(label == broken), len(boxes), *views]
        cells.append([name, *map(str, row)])
        if not boxes:
            continue
        images.append(
            {"id": len(images), "width": 48, "height": 40, "file_name": name, "license": None}
        )
        shapes += [
            {
                "id": len(shapes) + n,
                "image_id": len(images) - 1,
                "category_id": 1,
                "segmentation": [[float(one) for xy in corners_of(box) for one in xy]],
                "area": float(box[2] * box[3]),
                "bbox": [float(one) for one in box],
                "iscrowd": 0,
            }
            for n, box in enumerate(boxes)
        ]
        write_lines(
            made,
            f"{top}/Annotations/YOLO/{name[:-4]}.txt",
            [
                f"0 {(left + wide / 2) / 48:.6f} {(up + tall / 2) / 40:.6f} {wide / 48:.6f} {tall / 40:.6f}"
                for left, up, wide, tall in boxes
            ],
        )
    header = ["image_id", *OF_BODY, "hardware", "multiscan", "fractured", "fracture_count"]
    made.table(f"{top}/dataset.csv", [*header, "frontal", "lateral", "oblique"], cells)
    content = {"info": {"description": "FracAtlas"}, "images": images, "annotations": shapes}
    kinds_of = [{"id": 1, "name": "fractured"}]
    write_json(
        made,
        f"{top}/Annotations/COCO JSON/COCO_fracture_masks.json",
        {**content, "categories": kinds_of},
    )
    split = dict[str, list[str]]()
    for n, one in enumerate(images):
        split.setdefault(("train", "train", "train", "valid", "test")[n % 5], []).append(
            str(one["file_name"])
        )
    for part, names in split.items():
        header = ["image_id"]
        made.table(f"{top}/Utilities/Fracture Split/{part}.csv", header, [[one] for one in names])
    found = list[LayoutTruth]()
    for classes, labels in (((broken, whole), None), (("0", "1"), in_table)):
        truth = reading_of(made, {**TWO, **OBJECTS}, classes=classes, mask_classes=["fractured"])
        truth = with_train_labels(truth, labels) if labels else truth
        masks = objects_as_one_mask(truth)
        found += [truth, replace(masks, kinds={**truth.kinds, **masks.kinds})]
    single = reading_of(
        made, OBJECTS, out=in_folders(f"{top}/images/{whole}"), mask_classes=["fractured"]
    )
    return (*found, single, objects_as_one_mask(single))


def _lumbar(data: Path) -> LayoutTruth:
    """Answers of three classes each, of a study of several series; a column a class to send."""
    made, cells, series = Builder(data), [], {"train": [], "test": []}
    rows = list[tuple[str, ...]]()
    conditions = ["spinal_canal_stenosis", "left_neural_foraminal_narrowing"]
    levels = ["l1_l2", "l2_l3", "l3_l4", "l4_l5", "l5_s1"]
    names = [f"{one}_{level}" for one in conditions for level in levels]
    grades = ("Normal/Mild", "Moderate", "Severe")
    classes = [f"{one}={grade}" for one in names for grade in grades]
    marks = []
    for number in range(20):
        part, study = "train" if number < 18 else "test", str(4003253 + 7919 * number)
        own = [grades[int(made.random.choice(3, p=(0.6, 0.25, 0.15)))] for _ in names]
        label = frozenset(f"{one}={grade}" for one, grade in zip(names, own, strict=True))
        probs = made.probs(classes)
        if part == "train" and number % 7 == 3:  # nobody told this one
            label -= {f"{names[2]}={own[2]}"}
            own[2] = ""
        true = TrueSample(BROAD, label, probs, unit=study)
        for place, scan in enumerate(("Sagittal T1", "Sagittal T2/STIR", "Axial T2")):
            one = str(702807833 + 31 * number + place)
            series[part].append([study, one, scan])
            for image in range(1, 3):
                write_dicom(made, f"{part}_images/{study}/{one}/{image}.dcm", true, part)
        if part == "train":
            cells.append([study, *own])
            marks.append([study, series[part][-1][1], "1", "Spinal Canal Stenosis", "L1/L2",
                          "322.83", "227.96"])  # fmt: skip
        else:
            rows += [
                (f"{study}_{one}", *(repr(probs[f"{one}={grade}"]) for grade in grades))
                for one in names
            ]
    made.table("train.csv", ["study_id", *names], cells)
    made.table(
        "train_label_coordinates.csv",
        ["study_id", "series_id", "instance_number", "condition", "level", "x", "y"],
        marks,
    )
    for part, found in series.items():
        header = ["study_id", "series_id", "series_description"]
        made.table(f"{part}_series_descriptions.csv", header, found)
    columns = {"row_id": "key", "normal_mild": "number", "moderate": "number", "severe": "number"}
    shown = [[one, *["0.333333"] * 3] for one, *_ in rows]
    made.table("sample_submission.csv", list(columns), shown)
    return made.truth(OUTPUTS, columns, rows, classes=classes)


LAYOUTS = (
    DataSet("MURA", "code", _mura),
    RealLayout("rsna-2022-cervical-spine-fracture-detection", "page, code", _spines),
    DataSet("unifesp-x-ray-body-part-classifier", "code, memory", _parts_of_bodies),
    RealLayout("rsna-bone-age", "code", _bones),
    DataSet("course: knees", "memory", _severity, doubt="a course's own"),
    DataSet("Knee osteoarthritis (Kaggle)", "code and memory", _knees),
    DataSet("aistages-hand-bones", "code and memory", _bones_of_hands, doubt="runs of the sample"),
    DataSet("FracAtlas", "code and memory", _fractures, has_test=False),
    RealLayout("rsna-2024-lumbar-spine-degenerative-classification", "code, memory", _lumbar),
)
