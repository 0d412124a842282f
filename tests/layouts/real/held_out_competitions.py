"""Layouts of real competitions that podium was not developed on, each in miniature.

They measure how often `podium init` reads an unknown competition rightly at the first try. A
layout is never bent toward what podium reads; where podium is mended because of one, it has
become one of development and belongs to `labels` or `masks`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from dicom_files import dicom_bytes
from PIL import Image

from layouts.drawing import draw_plane, paint_photo, save_pixels
from layouts.real.labels import SIZE, _label, _wide, _write
from layouts.real.made import Builder, RealLayout, hex_name
from layouts.runs import Codec, Plane
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["BEYOND_SCOPE", "HELD_OUT_COMPETITIONS"]


def _dicom(made: Builder, path: str, true: TrueSample, part: str) -> None:
    (made.data / path).parent.mkdir(parents=True, exist_ok=True)
    pixels = made.random.integers(0, 4000, true.size).astype(np.uint16)
    (made.data / path).write_bytes(dicom_bytes(pixels))
    (made.train if part == "train" else made.test)[path] = true


def _photo(made: Builder, path: str, size: tuple[int, int] = SIZE) -> None:
    """Write a picture that is no sample."""
    save_pixels(made.data / path, paint_photo(made.random, size))


def _json(made: Builder, name: str, content: Any) -> None:
    made.text(name, json.dumps(content))


def _part(number: int, n: int = 24) -> str:
    return "train" if number < n else "test"


def _uuid(*parts: object) -> str:
    text = hex_name(*parts, length=32)
    return "-".join([text[:8], text[8:12], text[12:16], text[16:20], text[20:]])


# Labels of whole images


MARKS = ("1", "7", "27", "138982", "113209")


def _landmarks(data: Path) -> LayoutTruth:
    place = "{name[0]}/{name[1]}/{name[2]}/{name}.jpg"
    return _write(
        data, images=(f"train/{place}", f"test/{place}"), n=(25, 8),
        names=lambda part, number: hex_name(part, number, length=16), labels=MARKS,
        classes=MARKS, kind="multiclass", header=["id", "landmark_id"],
        row=lambda name, label: [name, str(label)],
        columns={"id": "key", "landmarks": "ranking"}, shown=lambda name: [name, "137790 0.1"],
        answer=lambda name, true: [name, f"{true.label} 0.1"],
    )  # fmt: skip


FINS = ("37c7aba965a5", "114207cab555", "a6e325d8e924", "19fbb960f07d", "c995c043c353",
        "cadddb1636b9")  # fmt: skip
"""The commonest five of train are those of the sample."""


def _dolphins(data: Path) -> LayoutTruth:
    species = ("melon_headed_whale", "humpback_whale", "false_killer_whale", "bottlenose_dolphin")
    shown = " ".join(FINS[:5])
    return _write(
        data, images=("train_images/{name}.jpg", "test_images/{name}.jpg"),
        names=lambda part, number: hex_name(part, number, length=14), labels=FINS, classes=FINS,
        kind="multiclass", header=["image", "species", "individual_id"],
        row=lambda name, label: [f"{name}.jpg", species[FINS.index(str(label)) % 4], str(label)],
        columns={"image": "key", "predictions": "ranking"},
        shown=lambda name: [f"{name}.jpg", shown],
        answer=lambda name, true: [f"{name}.jpg", str(true.label)],
    )  # fmt: skip


CULTIVARS = ("PI_257599", "PI_297130", "PI_152730", "PI_181080", "PI_329435", "PI_92270")


def _sorghum(data: Path) -> LayoutTruth:
    """The table of train has a row `.DS_Store` without a cultivar."""

    def more(made: Builder) -> None:
        path = made.data / "train_cultivar_mapping.csv"
        first, rest = path.read_text().split("\n", 1)
        path.write_text(f"{first}\n.DS_Store,\n{rest}")

    return _write(
        data, images=("train_images/{name}.png", "test/{name}.png"), more=more,
        names=lambda part, number: (
            f"2017-06-{number + 3:02d}__12-{(number * 7) % 60:02d}-20-{930 - number}"
            if part == "train" else str(1000343000 + 7919 * number)
        ),
        labels=CULTIVARS, classes=CULTIVARS, kind="multiclass",
        table="train_cultivar_mapping.csv", header=["image", "cultivar"],
        row=lambda name, label: [f"{name}.png", str(label)],
        columns={"filename": "key", "cultivar": "text"},
        shown=lambda name: [f"{name}.png", "PI_257599"],
        answer=lambda name, true: [f"{name}.png", str(true.label)],
    )  # fmt: skip


def _herbarium(data: Path) -> LayoutTruth:
    """JSON whose keys are `image_id` and `category_id`; numbers of classes have gaps."""
    made, rows, shown = Builder(data), list[tuple[str, ...]](), []
    classes = ("0", "2", "5", "11", "42", "101")
    images, notes, tests = [], [], []
    for number in range(32):
        part, label = _part(number), classes[number % 6]
        true = TrueSample(SIZE, label)
        if part == "train":
            name = f"{int(label):05d}__{number + 1:03d}"
            file = f"{name[:3]}/{name[3:5]}/{name}.jpg"
            images.append({"image_id": name, "file_name": file, "license": 0})
            notes.append({"genus_id": number % 3, "institution_id": number % 4,
                          "category_id": int(label), "image_id": name})  # fmt: skip
        else:
            place = number - 24
            file = f"000/test-{place:06d}.jpg"
            tests.append({"image_id": str(place), "file_name": file, "license": 0})
            rows.append((str(place), label))
            shown.append([str(place), "42"])
        made.image(f"{part}_images/{file}", true, part=part)
    kinds = [
        {"category_id": int(one), "scientificName": f"Abies species{one} Mill.",
         "family": "Pinaceae", "genus": "Abies", "species": f"species{one}", "authors": "Mill."}
        for one in classes
    ]  # fmt: skip
    _json(made, "train_metadata.json", {
        "annotations": notes, "images": images, "categories": kinds,
        "genera": [{"genus_id": n, "genus": g} for n, g in enumerate(["Abies", "Acer", "Alnus"])],
        "institutions": [{"institution_id": n, "collectionCode": f"c{n}"} for n in range(4)],
        "distances": [{"genus_id_x": 0, "genus_id_y": 1, "distance": 0.3}],
        "license": [{"id": 0, "name": "CC"}],
    })  # fmt: skip
    _json(made, "test_metadata.json", tests)
    made.table("sample_submission.csv", ["Id", "Predicted"], shown)
    return made.truth(
        {"classify": "multiclass"}, {"Id": "key", "Predicted": "text"}, rows, classes=classes
    )


def _inaturalist(data: Path) -> LayoutTruth:
    """Train and validation lie in one folder, with a JSON each."""
    made, rows, shown = Builder(data), list[tuple[str, ...]](), []
    classes = ("0", "71", "108", "339", "341", "560")
    every: dict[str, dict[str, list[Any]]] = {
        one: {"images": [], "annotations": []} for one in ("train", "val", "test")
    }
    for number in range(38):
        part = "train" if number < 24 else "val" if number < 30 else "test"
        label, name = classes[number % 6], hex_name(part, number, length=32)
        file = (
            f"train_val2019/Plants/{label}/{name}.jpg" if part != "test" else f"test2019/{name}.jpg"
        )
        index = {"train": 0, "val": 265213, "test": 268219}[part] + number
        every[part]["images"].append(
            {"license": 3, "file_name": file, "rights_holder": "Ruth Ripley", "height": SIZE[0],
             "width": SIZE[1], "id": index}
        )  # fmt: skip
        if part == "test":
            rows.append((str(index), label))
            shown.append([str(index), "71 108 339 341 560"])
        else:
            every[part]["annotations"].append(
                {"id": index, "image_id": index, "category_id": int(label)}
            )
        made.image(file, TrueSample(SIZE, label), part="test" if part == "test" else "train")
    groups = [{"id": int(one), "name": one, "supercategory": "Plants"} for one in classes]
    for part, found in every.items():
        more: dict[str, Any] = {"info": {"year": 2019}, "licenses": [{"id": 3, "name": "CC"}]}
        if part != "test":
            more |= {"annotations": found["annotations"], "categories": groups}
        _json(made, f"{part}2019.json", {**more, "images": found["images"]})
    made.table("kaggle_sample_submission.csv", ["id", "predicted"], shown)
    columns = {"id": "key", "predicted": "ranking"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=classes)


def _camera_traps(data: Path) -> LayoutTruth:
    """Boxes of a detector of train and test beside the annotations."""
    made, rows, shown = Builder(data), list[tuple[str, ...]](), []
    names = {"0": "empty", "2": "tayassu pecari", "7": "dasyprocta punctata", "73": "bos taurus"}
    classes = list(names)
    every: dict[str, list[Any]] = {"train": [], "test": []}
    notes, boxes = [], []
    for number in range(32):
        part, label = _part(number), classes[number % 4]
        name = _uuid(part, number)
        every[part].append({
            "seq_num_frames": 3, "location": number // 3 % 5 + 20 * (part == "test"),
            "datetime": f"2013-05-{number % 28 + 1:02d} 17:31:24.000", "id": name,
            "frame_num": number % 3, "seq_id": _uuid("seq", part, number // 3),
            "width": SIZE[1], "height": SIZE[0], "file_name": f"{name}.jpg",
        })  # fmt: skip
        boxes.append({"id": name, "max_detection_conf": 0.9, "detections": [
            {"category": "1", "bbox": [0.1, 0.2, 0.3, 0.3], "conf": 0.9}]})  # fmt: skip
        if part == "train":
            notes.append({"count": 1, "image_id": name, "id": _uuid("n", number),
                          "category_id": int(label)})  # fmt: skip
        else:
            rows.append((name, label))
            shown.append([name, "0"])
        made.image(f"{part}/{name}.jpg", TrueSample(SIZE, label), part=part)
    groups = [{"id": int(one), "count": 6, "name": name} for one, name in names.items()]
    _json(
        made,
        "iwildcam2020_train_annotations.json",
        {"annotations": notes, "images": every["train"], "categories": groups, "info": {}},
    )
    _json(made, "iwildcam2020_test_information.json",
          {"images": every["test"], "categories": groups, "info": {}})  # fmt: skip
    _json(
        made,
        "iwildcam2020_megadetector_results.json",
        {"images": boxes, "detection_categories": {"1": "animal", "2": "person"}, "info": {}},
    )
    made.table("sample_submission.csv", ["Id", "Predicted"], shown)
    columns = {"Id": "key", "Predicted": "text"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=classes)


def _cells(data: Path) -> LayoutTruth:
    """Six grey PNGs a site, two sites a well; rows are wells."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    classes, about = ("0", "3", "513", "840"), []
    for part, experiments in {
        "train": ["HEPG2-01", "HUVEC-01", "RPE-02"],
        "test": ["U2OS-04"],
    }.items():
        for place, experiment in enumerate(experiments):
            for number in range(8):
                plate, well = 1 + number // 4, f"{'BC'[number % 2]}{3 + number % 4:02d}"
                label, name = classes[(number * 3 + place) % 4], f"{experiment}_{plate}_{well}"
                for site in (1, 2):
                    stem = f"{part}/{experiment}/Plate{plate}/{well}_s{site}_w"
                    for channel in range(1, 7):
                        grey = made.random.integers(0, 255, (20, 20)).astype(np.uint8)
                        save_pixels(data / f"{stem}{channel}.png", grey)
                        about.append([f"{name}_s{site}_w{channel}", "30.1", "12.2"])
                    true = TrueSample((20, 20), label, unit=name)
                    (made.train if part == "train" else made.test)[f"{stem}1.png"] = true
                facts = [name, experiment, str(plate), well]
                tables[part].append([*facts, label] if part == "train" else facts)
                if part == "test":
                    rows.append((name, label))
    header = ["id_code", "experiment", "plate", "well"]
    made.table("train.csv", [*header, "sirna"], tables["train"])
    made.table("test.csv", header, tables["test"])
    for part in ("train", "test"):
        # Wells of controls have pictures of their own, and a table.
        controls = []
        for experiment in dict.fromkeys(one[1] for one in tables[part]):
            for well in ("B02", "N23"):
                for site in (1, 2):
                    for channel in range(1, 7):
                        grey = made.random.integers(0, 255, (20, 20)).astype(np.uint8)
                        path = f"{part}/{experiment}/Plate1/{well}_s{site}_w{channel}.png"
                        save_pixels(data / path, grey)
                controls.append([f"{experiment}_1_{well}", experiment, "1", well, "1138",
                                 "negative_control"])  # fmt: skip
        made.table(f"{part}_controls.csv", [*header, "sirna", "well_type"], controls)
    made.table("pixel_stats.csv", ["id_code", "mean", "std"], about)
    made.table("sample_submission.csv", ["id_code", "sirna"], [[one, "0"] for one, _ in rows])
    columns = {"id_code": "key", "sirna": "text"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=classes)


BLEEDS = ("epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural", "any")


def _haemorrhage(data: Path) -> LayoutTruth:
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    top = "rsna-intracranial-hemorrhage-detection"
    for number in range(32):
        part, name = _part(number), f"ID_{hex_name(number, length=9)}"
        label = {one for place, one in enumerate(BLEEDS[:5]) if (number + place) % 4 == 0}
        label = label if number % 3 else set()
        true = TrueSample(
            SIZE, frozenset(label | ({"any"} if label else set())), made.probs(BLEEDS)
        )
        _dicom(made, f"{top}/stage_2_{part}/{name}.dcm", true, part)
        for one in BLEEDS:
            if part == "train":
                cells.append([f"{name}_{one}", str(int(one in true.label))])  # type: ignore[operator]
            else:
                rows.append((f"{name}_{one}", repr(true.probs[one])))
    made.table(f"{top}/stage_2_train.csv", ["ID", "Label"], cells)
    shown = [[one, "0.5"] for one, _ in rows]
    made.table(f"{top}/stage_2_sample_submission.csv", ["ID", "Label"], shown)
    columns = {"ID": "key", "Label": "number"}
    return made.truth({"classify": "multilabel"}, columns, rows, classes=BLEEDS)


def _strokes(data: Path) -> LayoutTruth:
    """Slides of patients; rows are patients; a folder of other slides with a table."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    classes, tables = ("CE", "LAA"), {"train": [], "test": [], "other": []}
    for number in range(24):
        part = "train" if number < 18 else "test"
        patient, label = hex_name("p", number, length=6), classes[number % 3 == 0]
        probs = made.probs(["CE"])
        probs["LAA"] = round(1 - probs["CE"], 3)
        for image in range(1 + number % 2):
            name = f"{patient}_{image}"
            true = TrueSample(SIZE, label, probs, unit=patient)
            made.image(f"{part}/{name}.tif", true, part=part)
            facts = [name, str(1 + number % 11), patient, str(image)]
            tables[part].append([*facts, label] if part == "train" else facts)
        if part == "test":
            rows.append((patient, repr(probs["CE"]), repr(probs["LAA"])))
    for number in range(5):
        patient = hex_name("o", number, length=6)
        _photo(made, f"other/{patient}_0.tif")
        tables["other"].append([f"{patient}_0", patient, "0", "", ("Unknown", "Other")[number % 2]])
    header = ["image_id", "center_id", "patient_id", "image_num"]
    made.table("train.csv", [*header, "label"], tables["train"])
    made.table("test.csv", header, tables["test"])
    other = ["image_id", "patient_id", "image_num", "other_specified", "label"]
    made.table("other.csv", other, tables["other"])
    shown = [[one[0], "0.5", "0.5"] for one in rows]
    made.table("sample_submission.csv", ["patient_id", *classes], shown)
    columns = {"patient_id": "key", "CE": "number", "LAA": "number"}
    return made.truth({"classify": ["multiclass", "binary"]}, columns, rows, classes=classes)


def _prostate(data: Path) -> LayoutTruth:
    """Grades of slides, with masks of tissue beside them that nobody asks for."""

    def more(made: Builder) -> None:
        for number, path in enumerate(made.train):
            stem = Path(path).stem
            if number % 12 == 11:
                continue
            values = made.random.integers(0, 6, SIZE).astype(np.uint8)
            mask = np.zeros((*SIZE, 3), dtype=np.uint8)
            mask[..., 0] = values
            save_pixels(data / f"train_label_masks/{stem}_mask.tiff", mask)
        rows = [[one[0], "karolinska"] for one in shown]
        made.table("test.csv", ["image_id", "data_provider"], rows)

    shown = [[hex_name("test", n, length=32)] for n in range(3)]
    scores = ("0+0", "3+3", "3+4", "4+3", "4+4", "4+5")
    return _write(
        data, images=("train_images/{name}.tiff", "test_images/{name}.tiff"), n=(24, 3), more=more,
        names=lambda part, number: hex_name(part, number, length=32),
        labels=tuple("012345"), classes=tuple("012345"), kind=["ordinal", "multiclass"],
        header=["image_id", "data_provider", "isup_grade", "gleason_score"],
        row=lambda name, label: [name, ("karolinska", "radboud")[int(name[0], 16) % 2],
                                 str(label), scores[int(str(label))]],
        columns={"image_id": "key", "isup_grade": "text"}, shown=lambda name: [name, "0"],
        answer=lambda name, true: [name, _label(true)],
    )  # fmt: skip


def _ovaries(data: Path) -> LayoutTruth:
    """One picture of test; thumbnails of slides beside the whole ones."""
    made, classes = Builder(data), ("CC", "EC", "HGSC", "LGSC", "MC")
    cells = []
    for number in range(25):
        part, name = _part(number), str(4 + 41 * number) if number < 24 else "41"
        name = "45001" if name == "41" and part == "train" else name
        label, is_tma = classes[number % 5], part == "train" and number % 6 == 5
        true = TrueSample((60, 84), label)
        made.image(f"{part}_images/{name}.png", true, part=part)
        if not is_tma:
            _photo(made, f"{part}_thumbnails/{name}_thumbnail.png")
        if part == "train":
            cells.append([name, label, "84", "60", str(is_tma)])
    header = ["image_id", "label", "image_width", "image_height", "is_tma"]
    made.table("train.csv", header, cells)
    made.table("test.csv", ["image_id", "image_width", "image_height"], [["41", "84", "60"]])
    made.table("sample_submission.csv", ["image_id", "label"], [["41", "HGSC"]])
    answer = [("41", str(made.test["test_images/41.png"].label))]
    columns = {"image_id": "key", "label": "text"}
    return made.truth({"classify": "multiclass"}, columns, answer, classes=classes)


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
            true = TrueSample(SIZE, frozenset(label), probs, unit=study)
            _dicom(made, f"{part}_images/{study}/{image}.dcm", true, part)
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


def _restaurants(data: Path) -> LayoutTruth:
    """Labels of businesses, several photos each; a table says whose a photo is; some have none."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    cells, photos = [], {"train": [], "test": []}
    classes = [str(n) for n in range(9)]
    for number in range(24):
        part = "train" if number < 18 else "test"
        business = str(1000 + 37 * number) if part == "train" else hex_name("biz", number, length=5)
        has = made.random.random(9) < 0.45
        label = [one for one in classes if has[int(one)] and number != 7]
        for photo in range(2 + number % 2):
            index = str(200017 + 131 * number + 17 * photo)
            # A business without a label is one that nobody answered for, as participants read it.
            true = TrueSample(SIZE, frozenset(label) if label else None, unit=business)
            made.image(f"{part}_photos/{index}.jpg", true, part=part)
            photos[part].append([index, business])
        if part == "train":
            cells.append([business, " ".join(label)])
        else:
            rows.append((business, " ".join(label)))
    made.table("train.csv", ["business_id", "labels"], cells)
    made.table("train_photo_to_biz_ids.csv", ["photo_id", "business_id"], photos["train"])
    made.table("test_photo_to_biz.csv", ["photo_id", "business_id"], photos["test"])
    shown = [[one, "1 2 3"] for one, _ in rows]
    made.table("sample_submission.csv", ["business_id", "labels"], shown)
    columns = {"business_id": "key", "labels": "labels"}
    return made.truth({"classify": "multilabel"}, columns, rows, classes=classes)


RIGHT_WHALES = tuple(f"whale_{n:05d}" for n in (195, 442, 2411, 2839, 4828))


def _right_whales(data: Path) -> LayoutTruth:
    """All images in one folder; the table of train names its own."""
    return _write(
        data, images=("imgs/{name}.jpg", "imgs/{name}.jpg"), n=(25, 8),
        names=lambda part, number: f"w_{number * 4 + (part == 'test')}", labels=RIGHT_WHALES,
        classes=RIGHT_WHALES, kind="multiclass", header=["Image", "whaleID"],
        row=lambda name, label: [f"{name}.jpg", str(label)],
        columns={"Image": "key", **dict.fromkeys(RIGHT_WHALES, "number")},
        shown=lambda name: [f"{name}.jpg", *["0.00223713646532"] * 5],
        answer=_wide(RIGHT_WHALES, ".jpg"),
    )  # fmt: skip


LIONS = ("adult_males", "subadult_males", "adult_females", "juveniles", "pups")


def _sea_lions(data: Path) -> LayoutTruth:
    """Counts, copies with dots in five colours, and a list of images that do not match."""
    colours = ((255, 0, 0), (250, 10, 250), (84, 42, 0), (30, 60, 180), (35, 180, 20))
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    size = (60, 80)
    for number in range(32):
        part, index = _part(number), str(number if number < 24 else number - 24)
        counts = [int(one) for one in made.random.integers(0, 5, 5)]
        true = TrueSample(size, tuple(float(one) for one in counts))
        photo = paint_photo(made.random, size)
        made.image(f"{part.capitalize()}/{index}.jpg", true, part=part, pixels=photo)
        if part == "train":
            places = made.random.permutation(12 * 16)
            dots, used = photo.copy(), 0
            for colour, n in zip(colours, counts, strict=True):
                for place in places[used : used + n]:
                    top, left = 5 * (place // 16) + 1, 5 * (place % 16) + 1
                    dots[top : top + 3, left : left + 3] = colour
                used += n
            save_pixels(data / f"TrainDotted/{index}.jpg", dots)
            cells.append([index, *map(str, counts)])
        else:
            rows.append((index, *map(str, counts)))
    made.table("Train/train.csv", ["train_id", *LIONS], cells)
    made.text("Train/MismatchedTrainImages.txt", "train_id\n3\n7\n9\n21\n")
    shown = [[one[0], "1", "1", "1", "1", "1"] for one in rows]
    made.table("sample_submission.csv", ["test_id", *LIONS], shown)
    columns = {"test_id": "key", **dict.fromkeys(LIONS, "number")}
    return made.truth({"classify": "multitarget"}, columns, rows, classes=LIONS)


PLANKTON = ("acantharia_protist", "acantharia_protist_big_center", "amphipods", "artifacts",
            "artifacts_edge", "chaetognath_other", "detritus_other", "unknown_sticks")  # fmt: skip
_plankton = partial(
    _write, images=("train/{label}/{name}.jpg", "test/{name}.jpg"),
    names=lambda part, number: str((5 if part == "train" else 1) + 37 * number), labels=PLANKTON,
    classes=PLANKTON, kind="multiclass", sample="sampleSubmission.csv",
    columns={"image": "key", **dict.fromkeys(PLANKTON, "number")},
    shown=lambda name: [f"{name}.jpg", *["0.00826446280991736"] * 8],
    answer=_wide(PLANKTON, ".jpg"), n=(32, 8),
)  # fmt: skip

LETTERS = ("n", "8", "T", "I", "R", "W", "r", "A")


def _street_letters(data: Path) -> LayoutTruth:
    """Pictures as they were cut out, and once more at 20 x 20, in folders of their own."""

    def more(made: Builder) -> None:
        for part, every in (("train", made.train), ("test", made.test)):
            for path in every:
                _photo(made, f"{part}Resized/{Path(path).name}", (20, 20))

    return _write(
        data, images=("train/{name}.Bmp", "test/{name}.Bmp"), more=more, n=(32, 8),
        names=lambda part, number: str(number + (1 if part == "train" else 6284)), labels=LETTERS,
        classes=sorted(LETTERS), kind="multiclass", table="trainLabels.csv",
        header=["ID", "Class"], row=lambda name, label: [name, str(label)],
        sample="sampleSubmission.csv", columns={"ID": "key", "Class": "text"},
        shown=lambda name: [name, "A"], answer=lambda name, true: [name, _label(true)],
    )  # fmt: skip


def _digits(data: Path, *, kannada: bool = False) -> LayoutTruth:
    """A row a picture, a column a pixel."""
    made, rows, names = Builder(data), list[tuple[str, ...]](), [f"pixel{n}" for n in range(784)]
    tables: dict[str, list[list[str]]] = {"train": [], "test": [], "more": []}
    for number in range(48):
        part = "train" if number < 40 else "test"
        label = str((number * 7 + number // 9) % 10) if number > 9 else str(number)
        pixels = [str(one) for one in made.random.integers(0, 255, 784)]
        place = number if part == "train" else number - 40
        if part == "train":
            tables[part].append([label, *pixels])
        else:
            tables[part].append([str(place), *pixels] if kannada else pixels)
            rows.append((str(place if kannada else place + 1), label))
        ident = place + 1 if part == "test" and not kannada else place
        (made.train if part == "train" else made.test)[f"../made/images/{part}/{ident}.png"] = (
            TrueSample((28, 28), label)
        )
    made.table("train.csv", ["label", *names], tables["train"])
    made.table("test.csv", [*(["id"] if kannada else []), *names], tables["test"])
    header = ["id", "label"] if kannada else ["ImageId", "Label"]
    if kannada:
        more = [[str(n % 10), *["0"] * 783, "9"] for n in range(20)]
        made.table("Dig-MNIST.csv", ["label", *names], more)
    made.table("sample_submission.csv", header, [[one, "0"] for one, _ in rows])
    columns = {header[0]: "key", header[1]: "text"}
    return made.truth(
        {"classify": "multiclass"}, columns, rows, classes=tuple("0123456789")
    )  # fmt: skip


def _faces(data: Path) -> LayoutTruth:
    """All pixels of a picture in one cell; a third table has the rows of both."""
    made = Builder(data)
    tables: dict[str, list[list[str]]] = {"train": [], "test": [], "all": []}
    for number in range(42):
        part, label = "train" if number < 34 else "test", str(number % 7)
        cell = " ".join(str(one) for one in made.random.integers(0, 255, 48 * 48))
        tables[part].append([label, cell] if part == "train" else [cell])
        usage = "Training" if part == "train" else ("PublicTest", "PrivateTest")[number % 2]
        tables["all"].append([label, usage, cell])
        place = number if part == "train" else number - 34
        (made.train if part == "train" else made.test)[f"../made/images/{part}/{place}.png"] = (
            TrueSample((48, 48), label)
        )
    made.table("train.csv", ["emotion", "pixels"], tables["train"])
    made.table("test.csv", ["pixels"], tables["test"])
    made.table("icml_face_data.csv", ["emotion", " Usage", " pixels"], tables["all"])
    truth = made.truth({"classify": "multiclass"}, {}, [], classes=tuple("0123456"))
    return LayoutTruth(truth.data, truth.kinds, truth.train, truth.test, truth.classes)


def _radar(data: Path) -> LayoutTruth:
    """JSON with two bands of numbers for each picture."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    every: dict[str, list[Any]] = {"train": [], "test": []}
    for number in range(32):
        part, name, label = _part(number), hex_name(number, length=8), str(number % 2)
        true = TrueSample((12, 12), label, made.probs(("0", "1")))
        bands = made.random.normal(-22, 4, (2, 144)).round(6).tolist()
        angle: Any = 43.9239 if number % 7 else "na"
        one = {"id": name, "band_1": bands[0], "band_2": bands[1], "inc_angle": angle}
        every[part].append({**one, "is_iceberg": int(label)} if part == "train" else one)
        (made.train if part == "train" else made.test)[f"../made/images/{part}/{name}.npy"] = true
        if part == "test":
            rows.append((name, repr(true.probs["1"])))
    _json(made, "train.json", every["train"])
    _json(made, "test.json", every["test"])
    made.table("sample_submission.csv", ["id", "is_iceberg"], [[one, "0.5"] for one, _ in rows])
    columns = {"id": "key", "is_iceberg": "number"}
    return made.truth({"classify": "binary"}, columns, rows, classes=("0", "1"))


def _furniture(data: Path) -> LayoutTruth:
    """Lists of addresses; pictures as the participants' script downloads them."""
    made, rows, shown = Builder(data), list[tuple[str, ...]](), []
    classes = ("1", "3", "5", "20", "127", "128")
    for part, n in (("train", 24), ("validation", 6), ("test", 8)):
        images, notes = [], []
        for number in range(1, n + 1):
            label = classes[number % 6]
            images.append(
                {"image_id": number, "url": [f"https://img.example.com/{part}{number}a.jpg"]}
            )
            notes.append({"image_id": number, "label_id": int(label)})
            to = "test" if part == "test" else "train"
            made.image(f"{part}/{number}.jpg", TrueSample(SIZE, label), part=to)
            if part == "test":
                rows.append((str(number), label))
                shown.append([str(number), classes[number * 5 % 6]])
        known = {} if part == "test" else {"annotations": notes}
        _json(made, f"{part}.json", {"images": images, **known})
    made.table("sample_submission_randomlabel.csv", ["id", "predicted"], shown)
    columns = {"id": "key", "predicted": "text"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=classes)


CAMERAS = {
    "HTC-1-M7": "(HTC-1-M7){}.jpg", "LG-Nexus-5x": "(LG5x){}.jpg",
    "Motorola-Droid-Maxx": "(MAX){}.jpg", "Motorola-Nexus-6": "(Nex6){}.jpg",
    "Motorola-X": "(MotoX){}.jpg", "Samsung-Galaxy-Note3": "(GalaxyN3){}.jpg",
    "Samsung-Galaxy-S4": "(GalaxyS4){}.jpg", "Sony-NEX-7": "(Nex7){}.JPG",
    "iPhone-4s": "(iP4s){}.jpg", "iPhone-6": "(iP6){}.jpg",
}  # fmt: skip


def _cameras(data: Path) -> LayoutTruth:
    """Class folders of JPEG; TIFF in test, half of them changed."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for label, name in CAMERAS.items():
        for number in range(1, 4):
            path = f"train/{label}/{name.format(number)}"
            made.image(path, TrueSample((40, 56), label), part="train")
    for number in range(8):
        label, name = list(CAMERAS)[number], f"img_{hex_name(number, length=7)}"
        name += ("_manip.tif", "_unalt.tif")[number % 2]
        made.image(f"test/{name}", TrueSample((32, 32), label), part="test")
        rows.append((name, label))
    made.table("sample_submission.csv", ["fname", "camera"], [[one, "HTC-1-M7"] for one, _ in rows])
    columns = {"fname": "key", "camera": "text"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=list(CAMERAS))


TRAPPED = ("antelope_duiker", "bird", "blank", "civet_genet", "hog", "leopard",
           "monkey_prosimian", "rodent")  # fmt: skip


def _conser_vision(data: Path) -> LayoutTruth:
    """DrivenData: features and labels in two tables, a column a class."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(40):
        part, label = _part(number, 32), TRAPPED[number % 8]
        name = f"ZJ{number if part == 'train' else 16488 + number:06d}"
        true = TrueSample(SIZE, label, made.probs(TRAPPED))
        made.image(f"{part}_features/{name}.jpg", true, part=part)
        site = f"S{(1 if part == 'train' else 100) + number % 6:04d}"
        tables[part].append([name, f"{part}_features/{name}.jpg", site])
        if part == "train":
            cells.append([name, *(f"{float(one == label)}" for one in TRAPPED)])
        else:
            rows.append((name, *(repr(true.probs[one]) for one in TRAPPED)))
    for part, found in tables.items():
        made.table(f"{part}_features.csv", ["id", "filepath", "site"], found)
    made.table("train_labels.csv", ["id", *TRAPPED], cells)
    shown = [[one[0], *["0.125"] * 8] for one in rows]
    made.table("submission_format.csv", ["id", *TRAPPED], shown)
    columns = {"id": "key", **dict.fromkeys(TRAPPED, "number")}
    return made.truth({"classify": ["multiclass", "multilabel"]}, columns, rows, classes=TRAPPED)


def _oil_palms(data: Path) -> LayoutTruth:
    """Two folders of images to predict, and a column that says how sure the label is."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    folders = ("train_images", "leaderboard_test_data", "leaderboard_holdout_data")
    for number in range(36):
        place = 0 if number < 26 else 1 if number < 32 else 2
        part, label = ("train", "test", "test")[place], str(int(number % 4 == 1))
        name = f"img_{number * 7919 % 100000:09d}.jpg"
        true = TrueSample(SIZE, label, made.probs(("0", "1")))
        made.image(f"{folders[place]}/{name}", true, part=part)
        if part == "train":
            cells.append([name, label, ("1.0", "0.7895", "0.6212")[number % 3]])
        else:
            rows.append((name, repr(true.probs["1"])))
    made.table("traininglabels.csv", ["image_id", "has_oilpalm", "score"], cells)
    shown = [[one, "0.5"] for one, _ in rows]
    made.table("SampleSubmission.csv", ["image_id", "has_oilpalm"], shown)
    columns = {"image_id": "key", "has_oilpalm": "number"}
    return made.truth({"classify": "binary"}, columns, rows, classes=("0", "1"))


RUSTS = ("leaf_rust", "stem_rust", "healthy_wheat")


def _wheat_rust(data: Path) -> LayoutTruth:
    """Zindi: class folders in a folder of the same name; files of several endings."""
    made, rows, ends = Builder(data), list[tuple[str, ...]](), ("jpg", "png", "jpg", "JPG", "jpeg")
    for number in range(32):
        part, label = _part(number), RUSTS[number % 3]
        name = hex_name(number, length=6).upper()
        true = TrueSample(SIZE, label, made.probs(RUSTS))
        folder = f"train/train/{label}" if part == "train" else "test/test"
        made.image(f"{folder}/{name}.{ends[number % 5]}", true, part=part)
        if part == "test":
            rows.append((name, *(repr(true.probs[one]) for one in RUSTS)))
    shown = [[one[0], "0", "0", "0"] for one in rows]
    made.table("sample_submission.csv", ["ID", *RUSTS], shown)
    columns = {"ID": "key", **dict.fromkeys(RUSTS, "number")}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=RUSTS)


def _bones(data: Path) -> LayoutTruth:
    """Ages in months; no sample submission; tables of train and test are headed otherwise."""
    made, tables = Builder(data), {"training": [], "test": []}
    for number in range(32):
        part = "training" if number < 24 else "test"
        name, age = str((1377 if part == "training" else 4336) + number), 12 + (number * 37) % 200
        path = f"boneage-{part}-dataset/boneage-{part}-dataset/{name}.png"
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        to = "train" if part == "training" else "test"
        made.image(path, TrueSample(SIZE, float(age)), part=to, pixels=grey)
        facts = [name, str(age), str(number % 3 > 0)] if to == "train" else [name, "MF"[number % 2]]
        tables[part].append(facts)
    made.table("boneage-training-dataset.csv", ["id", "boneage", "male"], tables["training"])
    made.table("boneage-test-dataset.csv", ["Case ID", "Sex"], tables["test"])
    truth = made.truth({"classify": "regression"}, {}, [])
    return LayoutTruth(truth.data, truth.kinds, truth.train, truth.test)


CASSAVA = ("cbb", "cbsd", "cgm", "cmd", "healthy")


def _cassava_2019(data: Path) -> LayoutTruth:
    """The label stands before the id; further images without labels."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for number in range(33):
        part, label = _part(number, 25), CASSAVA[number % 5]
        name = (
            f"train-{label}-{number // 5}.jpg" if part == "train" else f"test-img-{number - 25}.jpg"
        )
        folder = f"train/train/{label}" if part == "train" else "test/test/0"
        made.image(f"{folder}/{name}", TrueSample(SIZE, label), part=part)
        if part == "test":
            rows.append((label, name))
    for number in range(6):
        _photo(made, f"extraimages/extraimages/extra-image-{number}.jpg")
    shown = [["healthy", name] for _, name in rows]
    made.table("sample_submission_file.csv", ["Category", "Id"], shown)
    columns = {"Category": "text", "Id": "key"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=CASSAVA)


KITCHEN = ("cup", "fork", "glass", "knife", "plate", "spoon")
_kitchenware = partial(
    _write, images=("images/{name}.jpg", "images/{name}.jpg"),
    names=lambda part, number: f"{number * 5 + (part == 'test'):04d}", labels=KITCHEN,
    classes=KITCHEN, kind="multiclass", header=["Id", "label"],
    row=lambda name, label: [name, str(label)], columns={"Id": "key", "label": "text"},
    test_table=["Id"], shown=lambda name: [name, "fork"],
    answer=lambda name, true: [name, str(true.label)], n=(24, 8),
)  # fmt: skip


def _gliomas(data: Path) -> LayoutTruth:
    """A folder a patient, a folder a kind of scan, and slices, of which each has another number."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for number in range(20):
        part, label = "train" if number < 16 else "test", str(number % 3 % 2)
        name, probs = f"{2 * number:05d}", made.probs(("0", "1"))
        for place, scan in enumerate(("FLAIR", "T1w", "T1wCE", "T2w")):
            for image in range(1, 3 + (number + place) % 2):
                true = TrueSample(SIZE, label, probs, unit=name)
                _dicom(made, f"{part}/{name}/{scan}/Image-{image}.dcm", true, part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, repr(probs["1"])))
    made.table("train_labels.csv", ["BraTS21ID", "MGMT_value"], cells)
    shown = [[one, "0.5"] for one, _ in rows]
    made.table("sample_submission.csv", ["BraTS21ID", "MGMT_value"], shown)
    columns = {"BraTS21ID": "key", "MGMT_value": "number"}
    return made.truth({"classify": "binary"}, columns, rows, classes=("0", "1"))


def _steganalysis(data: Path) -> LayoutTruth:
    """The same names in four folders: the cover and what three methods made of it."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for number in range(8):
        for folder in ("Cover", "JMiPOD", "JUNIWARD", "UERD"):
            true = TrueSample(SIZE, str(int(folder != "Cover")))
            made.image(f"{folder}/{number + 1:05d}.jpg", true, part="train")
        true = TrueSample(SIZE, str(number % 2), made.probs(("0", "1")))
        name = f"{number + 1:04d}.jpg"
        made.image(f"Test/{name}", true, part="test")
        rows.append((name, repr(true.probs["1"])))
    shown = [[one, str(number)] for number, (one, _) in enumerate(rows)]
    made.table("sample_submission.csv", ["Id", "Label"], shown)
    columns = {"Id": "key", "Label": "number"}
    return made.truth({"classify": "binary"}, columns, rows, classes=("0", "1"))


def _hotels_2022(data: Path) -> LayoutTruth:
    """Class folders alone; masks of what is painted over in test, of no image of train."""

    def more(made: Builder) -> None:
        for number in range(5):
            mask = np.zeros((*SIZE, 4), dtype=np.uint8)
            mask[4:12, 6:20] = (255, 0, 0, 255)
            save_pixels(data / f"train_masks/{number:05d}.png", mask)

    hotels = ("39", "291", "344", "1205", "50604", "300000")
    return _write(
        data, images=("train_images/{label}/{name}.jpg", "test_images/{name}.jpg"), more=more,
        names=lambda part, number: f"{(0, 900000000)[part == 'test'] + 7919 * (number + 1):09d}",
        labels=hotels, classes=hotels, kind="multiclass", n=(24, 1),
        columns={"image_id": "key", "hotel_id": "ranking"},
        shown=lambda name: [f"{name}.jpg", "36363 53586 18807 64314 60181"],
        answer=lambda name, true: [f"{name}.jpg", str(true.label)],
    )  # fmt: skip


def _gala(data: Path) -> LayoutTruth:
    """HackerEarth: a table of train and one of test, no sample; folders with blanks."""
    names = ("Food", "Attire", "Decorationandsignage", "misc")
    made, cells, tests = Builder(data), [], []
    for number in range(32):
        part, label, name = _part(number), names[number % 4], f"image{1000 + 61 * number}.jpg"
        folder = f"dataset/{part.capitalize()} Images"
        made.image(f"{folder}/{name}", TrueSample(SIZE, label), part=part)
        (cells if part == "train" else tests).append([name, label][: 1 + (part == "train")])
    made.table("dataset/train.csv", ["Image", "Class"], cells)
    made.table("dataset/test.csv", ["Image"], tests)
    truth = made.truth({"classify": "multiclass"}, {}, [], classes=names)
    return LayoutTruth(truth.data, truth.kinds, truth.train, truth.test, truth.classes)


def _emergencies(data: Path) -> LayoutTruth:
    """Analytics Vidhya: names with random letters; all images in the folder of train."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for number in range(32):
        part, label, name = _part(number), str(int(number % 5 < 2)), f"{number * 7 % 97}.jpg"
        made.image(f"train_SOaYf6m/images/{name}", TrueSample(SIZE, label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    header = ["image_names", "emergency_or_not"]
    made.table("train_SOaYf6m/train.csv", header, cells)
    made.table("test_vc2kHdQ.csv", header[:1], [[one] for one, _ in rows])
    made.table("sample_submission_yxjOnvz.csv", header, [[one, "0"] for one, _ in rows])
    columns = {header[0]: "key", header[1]: "text"}
    return made.truth({"classify": ["binary", "multiclass"]}, columns, rows, classes=("0", "1"))


def _turtles(data: Path) -> LayoutTruth:
    """Zindi: five columns of a ranking; further images with turtles of their own."""
    made, rows, cells, extra = Builder(data), list[tuple[str, ...]](), [], []
    known = tuple(f"t_id_{hex_name('turtle', n, length=8)}" for n in range(7))
    for number in range(36):
        part, label = _part(number, 28), known[number % 7]
        name = f"ID_{hex_name(number, length=10).upper()}"
        made.image(f"images/{name}.JPG", TrueSample(SIZE, label), part=part)
        where = ("left", "right", "top")[number % 3]
        if part == "train":
            cells.append([name, where, label])
        else:
            rows.append((name, label, *known[:4]))
    for number in range(6):
        name = f"ID_{hex_name('extra', number, length=10).upper()}"
        _photo(made, f"images/{name}.JPG")
        extra.append([name, f"t_id_{hex_name('other', number // 2, length=8)}"])
    made.table("train.csv", ["image_id", "image_location", "turtle_id"], cells)
    made.table("extra_images.csv", ["image_id", "turtle_id"], extra)
    tests = [[one[0], ("left", "right")[n % 2]] for n, one in enumerate(rows)]
    made.table("test.csv", ["image_id", "image_location"], tests)
    header = ["image_id", *(f"prediction{n}" for n in range(1, 6))]
    shown = [[one[0], *known[:4], "new_turtle"] for one in rows]
    made.table("sample_submission.csv", header, shown)
    columns = {**dict.fromkeys(header, "free"), "image_id": "key", "prediction1": "text"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=known)


# Masks and objects


def _box(size: tuple[int, int], left: int, top: int, wide: int, tall: int) -> Plane:
    plane = np.zeros(size, dtype=bool)
    plane[top : top + tall, left : left + wide] = True
    return plane


def _vessels(data: Path) -> LayoutTruth:
    """Outlines in JSON lines, of a part of the tiles; one tile of test."""
    made, size, lines, about = Builder(data), (512, 512), [], []
    for number in range(13):
        part, name = _part(number, 12), hex_name("tile", number, length=12)
        objects, notes = [], []
        for place in range(2 + number % 2):
            left, top, wide, tall = 40 + 160 * place, 60 + 20 * number, 40, 50 + number
            objects.append((int(place == 1), _box(size, left, top, wide, tall)))
            ring = [[left, top], [left + wide, top], [left + wide, top + tall], [left, top + tall]]
            kind = ("blood_vessel", "glomerulus")[place == 1]
            notes.append({"type": kind, "coordinates": [[*ring, ring[0]]]})
        is_known = number < 9 or part == "test"
        pixels = np.full((*size, 3), 120 + number, dtype=np.uint8)
        true = TrueSample(size, objects=tuple(objects) if is_known else None)
        made.image(f"{part}/{name}.tif", true, part=part, pixels=pixels)
        if part == "train" and is_known:
            lines.append(json.dumps({"id": name, "annotations": notes}))
        about.append([name, str(1 + number % 4), "1" if number < 5 else "2" if number < 9 else "3",
                      str(512 * number), "1024"])  # fmt: skip
    made.text("polygons.jsonl", "\n".join(lines) + "\n")
    made.table("tile_meta.csv", ["id", "source_wsi", "dataset", "i", "j"], about)
    made.table(
        "wsi_meta.csv",
        ["source_wsi", "age", "sex", "race", "height", "weight", "bmi"],
        [[str(n), "58", "F", "W", "160.0", "59.0", "23.0"] for n in range(1, 5)],
    )
    name = Path(next(iter(made.test))).stem
    row = (name, "512", "512", "0 1.0 eNoLTDAwMgAABJkBdQ==")
    columns = {"id": "key", "height": "text", "width": "text", "prediction_string": "free"}
    made.table("sample_submission.csv", list(columns), [row])
    return made.truth(
        {"segment": "instance"}, columns, [row], mask_classes=["blood_vessel", "glomerulus"]
    )


def _scrolls(data: Path) -> LayoutTruth:
    """Three fragments of many slices each, with a mask of the ink and one of the fragment."""
    made, rows, codec, size = Builder(data), list[tuple[str, ...]](), Codec("C", 1), (40, 52)
    for part, names in {"train": "123", "test": "ab"}.items():
        for name in names:
            plane = draw_plane(made.random, size)
            first = f"{part}/{name}/surface_volume/00.tif"
            (made.train if part == "train" else made.test)[first] = TrueSample(
                size, planes=(plane,)
            )
            for depth in range(8):
                values = made.random.integers(0, 65535, size).astype(np.uint16)
                path = data / f"{part}/{name}/surface_volume/{depth:02d}.tif"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(values).save(path)
            whole = np.full(size, 255, dtype=np.uint8)
            whole[:3] = 0
            save_pixels(data / f"{part}/{name}/mask.png", whole)
            if part == "train":
                save_pixels(data / f"train/{name}/inklabels.png", plane.astype(np.uint8) * 255)
                save_pixels(data / f"train/{name}/ir.png",
                            made.random.integers(0, 255, size).astype(np.uint8))  # fmt: skip
                cells = [[name, codec.encode(plane)]]
                made.table(f"train/{name}/inklabels_rle.csv", ["Id", "Predicted"], cells)
            else:
                rows.append((name, codec.encode(plane)))
    made.table("sample_submission.csv", ["Id", "Predicted"], [[one, "1 1 5 1"] for one, _ in rows])
    columns = {"Id": "key", "Predicted": "rle"}
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


def _dirty_documents(data: Path) -> LayoutTruth:
    """The answer is a picture; a row a pixel."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for number in range(16):
        part, size = "train" if number < 12 else "test", (12, 16 + 2 * (number % 2))
        plane = ~draw_plane(made.random, size)
        index = str(2 + 3 * number if part == "train" else 1 + 3 * (number - 12))
        grey = np.where(plane, 200, 30) + made.random.integers(0, 40, size)
        true = TrueSample(size, planes=(plane,))
        made.image(f"{part}/{index}.png", true, part=part, pixels=grey.astype(np.uint8))
        if part == "train":
            clean = np.where(plane, 255, 0).astype(np.uint8)
            clean[5, 5:8] = (90, 140, 221)
            save_pixels(data / f"train_cleaned/{index}.png", clean)
            continue
        for column in range(size[1]):
            for row in range(size[0]):
                rows.append((f"{index}_{row + 1}_{column + 1}", str(int(plane[row, column]))))
    made.table("sampleSubmission.csv", ["id", "value"], [[one, "1"] for one, _ in rows])
    return made.truth(
        {"segment": "binary"}, {"id": "key", "value": "number"}, rows, mask_classes=[""]
    )


def _buildings(data: Path) -> LayoutTruth:
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
                objects.append((0, _box(size, *box)))
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
        _json(made, f"{part}/annotation.json", whole)
        few = {one["id"] for one in images[: n // 3]}
        _json(made, f"{part}/annotation-small.json", {
            **whole, "images": images[: n // 3],
            "annotations": [one for one in notes if one["image_id"] in few],
        })  # fmt: skip
    for number in range(8):
        objects = ((0, _box(size, 4, 5, 10, 12)),)
        made.image(f"test_images/{number + 80000:012d}.jpg", TrueSample(size, objects=objects),
                   part="test")  # fmt: skip
    truth = made.truth({"segment": "instance"}, {}, [], mask_classes=["building"])
    return LayoutTruth(truth.data, truth.kinds, truth.train, truth.test, mask_classes=("building",))


# Beyond podium's scope: boxes, texts, several answers of several classes, other files


def _beyond(made: Builder) -> LayoutTruth:
    return LayoutTruth(made.data, {}, made.train, made.test)


def _boxes(
    data: Path,
    *,
    folders: tuple[str, str],
    ending: str,
    table: str,
    header: Sequence[str],
    row: Callable[[str, int], Sequence[str]],
    sample: str,
    columns: Sequence[str],
    shown: str,
    key: str = "{name}",
    boxes: Callable[[int], int] = lambda number: 1 + number % 2,
    more: Callable[[Builder, Sequence[str]], None] | None = None,
) -> LayoutTruth:
    made, cells, rows = Builder(data), [], []
    names = []
    for number in range(32):
        part, name = _part(number), _uuid(number) if "uuid" in key else hex_name(number)
        path = f"{folders[part == 'test']}/{name}.{ending}"
        if ending.startswith("dic") or ending == "dcm":
            _dicom(made, path, TrueSample(SIZE), part)
        else:
            made.image(path, TrueSample(SIZE), part=part)
        if part == "train":
            names.append(name)
            cells += [list(row(name, number + place)) for place in range(boxes(number))]
        else:
            rows.append([name, shown])
    made.table(table, header, cells)
    made.table(sample, columns, rows)
    if more is not None:
        more(made, names)
    return _beyond(made)


def _pneumonia_row(name: str, number: int) -> list[str]:
    box = ["264.0", "152.0", "213.0", "379.0"] if number % 3 == 0 else [""] * 4
    return [name, *box, str(int(number % 3 == 0))]


def _pneumonia_more(made: Builder, names: Sequence[str]) -> None:
    kinds = ("Lung Opacity", "No Lung Opacity / Not Normal", "Normal")
    rows = [[one, kinds[number % 3]] for number, one in enumerate(names)]
    made.table("stage_2_detailed_class_info.csv", ["patientId", "class"], rows)


_pneumonia = partial(
    _boxes, folders=("stage_2_train_images", "stage_2_test_images"), ending="dcm", key="uuid",
    table="stage_2_train_labels.csv", header=["patientId", "x", "y", "width", "height", "Target"],
    row=_pneumonia_row, sample="stage_2_sample_submission.csv",
    columns=["patientId", "PredictionString"], shown="0.5 0 0 100 100", more=_pneumonia_more,
)  # fmt: skip


def _chest_row(name: str, number: int) -> list[str]:
    if number % 3:
        return [name, "No finding", "14", f"R{number % 8 + 1}", "", "", "", ""]
    return [name, "Cardiomegaly", "3", f"R{number % 8 + 1}", "691", "1375", "1653", "1831"]


_chests = partial(
    _boxes, folders=("train", "test"), ending="dicom", table="train.csv",
    header=["image_id", "class_name", "class_id", "rad_id", "x_min", "y_min", "x_max", "y_max"],
    row=_chest_row, sample="sample_submission.csv", columns=["image_id", "PredictionString"],
    shown="14 1 0 0 1 1",
)  # fmt: skip
_wheat = partial(
    _boxes, folders=("train", "test"), ending="jpg", table="train.csv",
    header=["image_id", "width", "height", "bbox", "source"],
    row=lambda name, number: [name, "1024", "1024", f"[{834.0 - number}, 222.0, 56.0, 36.0]",
                              ("usask_1", "arvalis_1", "inrae_1")[number % 3]],
    sample="sample_submission.csv", columns=["image_id", "PredictionString"],
    shown="1.0 0 0 50 50",
)  # fmt: skip
_kuzushiji = partial(
    _boxes, folders=("train_images", "test_images"), ending="jpg", table="train.csv",
    header=["image_id", "labels"],
    row=lambda name, number: [name, f"U+306F {1231 + number} 3465 133 53 U+304C 275 "
                              f"{1652 - 3 * number} 84 69 U+3044 1495 1218 143 {69 + number}"],
    boxes=lambda number: 1,
    sample="sample_submission.csv", columns=["image_id", "labels"], shown="U+003F 1 1 U+FF2F 2 2",
    more=lambda made, names: made.table("unicode_translation.csv", ["Unicode", "char"],
                                        [["U+0031", "1"], ["U+306F", "は"]]),
)  # fmt: skip


def _covid(data: Path) -> LayoutTruth:
    """Boxes of images and classes of studies in one column."""
    made, studies, images, rows = Builder(data), [], [], []
    kinds = ["Negative for Pneumonia", "Typical Appearance", "Indeterminate Appearance",
             "Atypical Appearance"]  # fmt: skip
    for number in range(32):
        part, study = _part(number), hex_name("study", number, length=12)
        series, image = hex_name("series", number, length=12), hex_name("im", number, length=12)
        _dicom(made, f"{part}/{study}/{series}/{image}.dcm", TrueSample(SIZE), part)
        if part == "test":
            rows += [[f"{study}_study", "negative 1 0 0 1 1"], [f"{image}_image", "none 1 0 0 1 1"]]
            continue
        studies.append([f"{study}_study", *(str(int(number % 4 == n)) for n in range(4))])
        boxes, label = "", "none 1 0 0 1 1"
        if number % 4:
            left, top = 789.28 + 3 * number, 582.43 - 5 * number
            boxes = f"[{{'x': {left}, 'y': {top}, 'width': 1026.65, 'height': 1917.3}}]"
            label = f"opacity 1 {left} {top} {left + 1026.65} {top + 1917.3}"
        images.append([f"{image}_image", boxes, label, study])
    made.table("train_study_level.csv", ["id", *kinds], studies)
    made.table("train_image_level.csv", ["id", "boxes", "label", "StudyInstanceUID"], images)
    made.table("sample_submission.csv", ["id", "PredictionString"], sorted(rows))
    return _beyond(made)


def _single_cells(data: Path) -> LayoutTruth:
    """Labels of whole images; masks of cells are sent, and none are given."""
    sets = ("0", "8|5|0", "14|0", "16", "18", "5", "14", "7|13", "0|16", "13", "2|5", "8", "7", "2",
            "16|14|0", "12")  # fmt: skip
    made, cells, rows = Builder(data), [], []
    for number in range(32):
        part, name = _part(number), _uuid(number)
        for stain in ("blue", "green", "red", "yellow"):
            grey = made.random.integers(0, 255, (32, 32)).astype(np.uint8)
            made.image(f"{part}/{name}_{stain}.png", TrueSample((32, 32)), part=part, pixels=grey)
        if part == "train":
            cells.append([name, sets[number % len(sets)]])
        else:
            rows.append([name, "32", "32", "0 1 eNoLCAgIMAEABJkBdQ=="])
    made.table("train.csv", ["ID", "Label"], cells)
    header = ["ID", "ImageWidth", "ImageHeight", "PredictionString"]
    made.table("sample_submission.csv", header, rows)
    return _beyond(made)


def _lumbar(data: Path) -> LayoutTruth:
    """Twenty-five answers of three classes each, of a study of several series."""
    made, cells, rows, series = Builder(data), [], [], {"train": [], "test": []}
    conditions = ["spinal_canal_stenosis", "left_neural_foraminal_narrowing"]
    levels = ["l1_l2", "l2_l3", "l3_l4", "l4_l5", "l5_s1"]
    names = [f"{one}_{level}" for one in conditions for level in levels]
    grades = ("Normal/Mild", "Moderate", "Severe", "Normal/Mild")
    marks = []
    for number in range(20):
        part, study = "train" if number < 18 else "test", str(4003253 + 7919 * number)
        for place, scan in enumerate(("Sagittal T1", "Sagittal T2/STIR", "Axial T2")):
            one = str(702807833 + 31 * number + place)
            series[part].append([study, one, scan])
            for image in range(1, 3):
                _dicom(made, f"{part}_images/{study}/{one}/{image}.dcm", TrueSample(SIZE), part)
        if part == "train":
            cells.append([study, *(grades[(number + n) % 4] for n in range(len(names)))])
            marks.append([study, series[part][-1][1], "1", "Spinal Canal Stenosis", "L1/L2",
                          "322.83", "227.96"])  # fmt: skip
        else:
            rows += [[f"{study}_{one}", *["0.333333"] * 3] for one in names]
    made.table("train.csv", ["study_id", *names], cells)
    made.table(
        "train_label_coordinates.csv",
        ["study_id", "series_id", "instance_number", "condition", "level", "x", "y"],
        marks,
    )
    for part, found in series.items():
        header = ["study_id", "series_id", "series_description"]
        made.table(f"{part}_series_descriptions.csv", header, found)
    made.table("sample_submission.csv", ["row_id", "normal_mild", "moderate", "severe"], rows)
    return _beyond(made)


def _graphemes(data: Path) -> LayoutTruth:
    """Three answers a picture; pixels in Parquet, whose height and width the page tells."""
    made, cells, tests, shown = Builder(data), [], [], []
    data.mkdir(parents=True)
    parts = ("grapheme_root", "vowel_diacritic", "consonant_diacritic")
    for part, n in (("train", 24), ("test", 8)):
        for file in range(2):
            half = range(file * n // 2, (file + 1) * n // 2)
            names = [f"{part.capitalize()}_{number}" for number in half]
            pixels = made.random.integers(0, 255, (len(names), 560)).astype(np.uint8)
            frame = pd.DataFrame(pixels, columns=[str(one) for one in range(560)])
            frame.insert(0, "image_id", names)
            frame.to_parquet(data / f"{part}_image_data_{file}.parquet")
            for number, name in zip(half, names, strict=True):
                if part == "train":
                    cells.append([name, str(number % 6), str(number % 4), str(number % 3), "ক্ট"])
                    continue
                for one in sorted(parts):
                    tests.append([f"{name}_{one}", name, one])
                    shown.append([f"{name}_{one}", "0"])
    made.table("train.csv", ["image_id", *parts, "grapheme"], cells)
    made.table("test.csv", ["row_id", "image_id", "component"], tests)
    made.table("class_map.csv", ["component_type", "label", "component"],
               [[one, str(n), "ং"] for one in parts for n in range(3)])  # fmt: skip
    made.table("sample_submission.csv", ["row_id", "target"], shown)
    return _beyond(made)


def _moles(data: Path) -> LayoutTruth:
    """Images of test are in an HDF5 alone."""
    made, cells, tests = Builder(data), [], []
    for number in range(27):
        part, name = _part(number), f"ISIC_{15670 + 91 * number:07d}"
        facts = [f"IP_{1235828 + number // 2}", str(60 - number), ("male", "female")[number % 2],
                 "lower extremity", "3.04"]  # fmt: skip
        if part == "train":
            made.image(f"train-image/image/{name}.jpg", TrueSample(SIZE), part=part)
            cells.append([name, str(int(number % 6 == 1)), *facts])
        else:
            tests.append([name, *facts])
    for part in ("train", "test"):
        (data / f"{part}-image.hdf5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 600)
    header = ["patient_id", "age_approx", "sex", "anatom_site_general", "clin_size_long_diam_mm"]
    made.table("train-metadata.csv", ["isic_id", "target", *header], cells)
    made.table("test-metadata.csv", ["isic_id", *header], tests)
    made.table("sample_submission.csv", ["isic_id", "target"], [[one[0], "0.3"] for one in tests])
    return _beyond(made)


def _flowers(data: Path) -> LayoutTruth:
    """TFRecords alone."""
    made, rows = Builder(data), []
    for size in (192, 224):
        for part, n in (("train", 798), ("val", 232), ("test", 462)):
            for number in range(2):
                path = (
                    data
                    / f"tfrecords-jpeg-{size}x{size}/{part}/{number:02d}-{size}x{size}-{n}.tfrec"
                )
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00abcd" + b"\0" * 200)
    rows = [[hex_name(number, length=9), "0"] for number in range(12)]
    made.table("sample_submission.csv", ["id", "label"], rows)
    return _beyond(made)


def _products(data: Path) -> LayoutTruth:
    """BSON alone."""
    made = Builder(data)
    data.mkdir(parents=True)
    for name in ("train.bson", "train_example.bson", "test.bson"):
        (data / name).write_bytes(b"\x40\x00\x00\x00\x10_id\x00" + b"\0" * 400)
    header = ["category_id", "category_level1", "category_level2", "category_level3"]
    made.table(
        "category_names.csv",
        header,
        [["1000021794", "ABONNEMENT / SERVICES", "CARTE PREPAYEE", "CARTE MULTIMEDIA"]],
    )
    rows = [[str(10 + number), "1000010653"] for number in range(12)]
    made.table("sample_submission.csv", ["_id", "category_id"], rows)
    return _beyond(made)


def _molecules(data: Path) -> LayoutTruth:
    """The answer is a text that no other image has."""
    made, cells, rows = Builder(data), [], []
    for number in range(32):
        part, name = _part(number), hex_name(number, length=12)
        path = f"{part}/{name[0]}/{name[1]}/{name[2]}/{name}.png"
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(path, TrueSample(SIZE), part=part, pixels=grey)
        text = (
            f"InChI=1S/C{13 + number}H{20 + number}OS/c1-9(2)8-15-13-6-5-10(3)7-12(13)11(4)14/h5-7"
        )
        if part == "train":
            cells.append([name, text])
        else:
            rows.append([name, "InChI=1S/H2O/h1H2"])
    made.table("train_labels.csv", ["image_id", "InChI"], cells)
    made.table("extra_approved_InChIs.csv", ["InChI"], [[f"InChI=1S/C{n}H4"] for n in range(9)])
    made.table("sample_submission.csv", ["image_id", "InChI"], rows)
    return _beyond(made)


HELD_OUT_COMPETITIONS = (
    RealLayout("landmark-recognition-2020", "page, code", _landmarks),
    RealLayout("happy-whale-and-dolphin", "memory", _dolphins),
    RealLayout("sorghum-id-fgvc-9", "code of train, memory", _sorghum),
    RealLayout("herbarium-2022-fgvc9", "page, code", _herbarium),
    RealLayout("inaturalist-2019-fgvc6", "page, memory of the JSON", _inaturalist),
    RealLayout("iwildcam-2020-fgvc7", "page, code", _camera_traps),
    RealLayout("recursion-cellular-image-classification", "memory", _cells),
    RealLayout("rsna-intracranial-hemorrhage-detection", "memory", _haemorrhage),
    RealLayout("mayo-clinic-strip-ai", "memory", _strokes),
    RealLayout("prostate-cancer-grade-assessment", "memory", _prostate),
    RealLayout("UBC-OCEAN", "memory", _ovaries),
    RealLayout("rsna-2022-cervical-spine-fracture-detection", "page, code", _spines),
    RealLayout("yelp-restaurant-photo-classification", "code", _restaurants),
    RealLayout("noaa-right-whale-recognition", "memory", _right_whales),
    RealLayout("noaa-fisheries-steller-sea-lion-population-count", "memory", _sea_lions),
    RealLayout("datasciencebowl", "memory", _plankton),
    RealLayout("street-view-getting-started-with-julia", "code", _street_letters),
    RealLayout("digit-recognizer", "memory", _digits),
    RealLayout("Kannada-MNIST", "memory", partial(_digits, kannada=True)),
    RealLayout(
        "challenges-in-representation-learning-facial-expression-recognition-challenge",
        "code", _faces,
    ),
    RealLayout("statoil-iceberg-classifier-challenge", "page, code", _radar),
    RealLayout("imaterialist-challenge-furniture-2018", "code", _furniture),
    RealLayout("sp-society-camera-model-identification", "code, memory", _cameras),
    RealLayout("conser-vision-practice-area", "code of files, memory of cells", _conser_vision),
    RealLayout("widsdatathon2019", "code", _oil_palms),
    RealLayout("cgiar-computer-vision-for-crop-disease", "memory", _wheat_rust),
    RealLayout("rsna-bone-age", "code", _bones),
    RealLayout("cassava-disease", "memory", _cassava_2019),
    RealLayout("kitchenware-classification", "memory", _kitchenware),
    RealLayout("rsna-miccai-brain-tumor-radiogenomic-classification", "memory", _gliomas),
    RealLayout("alaska2-image-steganalysis", "page, code", _steganalysis),
    RealLayout("hotel-id-to-combat-human-trafficking-2022-fgvc9", "memory", _hotels_2022),
    RealLayout("hackerearth-gala-images", "memory", _gala),
    RealLayout("analytics-vidhya-emergency-vehicles", "memory", _emergencies),
    RealLayout("turtle-recall-conservation-challenge", "code of tables, memory", _turtles),
    RealLayout("hubmap-hacking-the-human-vasculature", "code, memory", _vessels),
    RealLayout("vesuvius-challenge-ink-detection", "page, code", _scrolls),
    RealLayout("denoising-dirty-documents", "page, code", _dirty_documents),
    RealLayout("aicrowd-mapping-challenge", "memory", _buildings),
    RealLayout("rsna-pneumonia-detection-challenge", "memory", _pneumonia),
    RealLayout("vinbigdata-chest-xray-abnormalities-detection", "page, code", _chests),
    RealLayout("global-wheat-detection", "memory", _wheat),
    RealLayout("kuzushiji-recognition", "memory", _kuzushiji),
    RealLayout("siim-covid19-detection", "page, code", _covid),
    RealLayout("hpa-single-cell-image-classification", "page", _single_cells),
    RealLayout("rsna-2024-lumbar-spine-degenerative-classification", "code, memory", _lumbar),
    RealLayout("bengaliai-cv19", "memory", _graphemes),
    RealLayout("isic-2024-challenge", "memory", _moles),
    RealLayout("tpu-getting-started", "memory", _flowers),
    RealLayout("cdiscount-image-classification-challenge", "memory", _products),
    RealLayout("bms-molecular-translation", "memory", _molecules),
)  # fmt: skip
"""Real competitions; of those in `BEYOND_SCOPE` podium must say what it does not do."""

BEYOND_SCOPE = frozenset({
    "rsna-pneumonia-detection-challenge", "vinbigdata-chest-xray-abnormalities-detection",
    "global-wheat-detection", "kuzushiji-recognition", "siim-covid19-detection",
    "hpa-single-cell-image-classification", "rsna-2024-lumbar-spine-degenerative-classification",
    "bengaliai-cv19", "isic-2024-challenge", "tpu-getting-started",
    "cdiscount-image-classification-challenge", "bms-molecular-translation",
})  # fmt: skip
"""Slugs of competitions of boxes, of texts, of several answers of several classes, of cells whose
masks are not given, and of files that are no images. Right is a refusal that says so."""
