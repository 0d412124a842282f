"""Layouts of competitions and data sets of chests and lungs: X-rays and scans."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from dicom_files import dicom_bytes

from layouts.drawing import draw_objects, draw_plane, save_pixels
from layouts.real.files import write_lines, write_workbook
from layouts.real.kinds import LABELS, NUMBER, ONE_MASK, SEVERAL, TWO
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout
from layouts.real.masks import save_grey_mask
from layouts.real.names import hex_name, part_by_number
from layouts.real.photos import save_tiff, write_dicom, write_grey, write_photos
from layouts.real.readings import (
    any_of,
    beyond_scope,
    in_folders,
    reading_of,
    with_labels,
    with_masks,
    with_train_labels,
    without_labels,
)
from layouts.real.tables import write_boxes
from layouts.runs import Codec, Plane
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _chest(data: Path) -> Readings:
    made, classes = Builder(data), ("NORMAL", "PNEUMONIA")
    for part, n in (("train", 12), ("val", 4), ("test", 4)):
        base = {"train": 115, "val": 1427, "test": 1}[part]
        front = "" if part == "train" else "NORMAL2-" if part == "val" else ""
        normal = [f"{front}IM-{base + k:04d}-0001.jpeg" for k in range(n)]
        kinds = ("bacteria", "virus")
        ill = [f"person{base + k}_{kinds[k % 2]}_{base + 2 * k}.jpeg" for k in range(n)]
        for label, names in zip(classes, (normal, ill), strict=True):
            write_photos(made, [f"chest_xray/{part}/{label}/{one}" for one in names], label)
    originals = dict(made.train)
    for path, true in originals.items():
        inner = path.replace("chest_xray/", "chest_xray/chest_xray/", 1)
        (data / inner).parent.mkdir(parents=True, exist_ok=True)
        (data / inner).write_bytes((data / path).read_bytes())
        made.train[inner] = true
        made.text(f"chest_xray/__MACOSX/{path.replace('/IM', '/._IM')}", "x")
    made.text("chest_xray/chest_xray/.DS_Store", "x")
    outer, inner = in_folders("chest_xray/chest_xray"), lambda path: path in originals
    is_test = lambda path: "/test/" in path  # noqa: E731
    return (
        reading_of(made, TWO, test=is_test, out=outer, classes=classes),
        reading_of(made, TWO, test=is_test, out=inner, classes=classes),
    )


def _covid_scans(data: Path) -> Readings:
    """Class folders; lists of train, val and test for each class in another folder."""
    made, classes = Builder(data), ("CT_COVID", "CT_NonCOVID")
    parts: dict[str, str] = {}
    for label in classes:
        lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
        for k in range(18):
            name = (
                f"{k}%{k + 3}.jpg"
                if label == "CT_NonCOVID"
                else f"2020.02.{10 + k}.20021162-p{k}-{k}_1.png"
            )
            part = "train" if k < 10 else "val" if k < 13 else "test"
            write_photos(made, [f"{label}/{name}"], label)
            lists[part].append(name)
            parts[f"{label}/{name}"] = part
        for part, names in lists.items():
            write_lines(made, f"Data-split/{label.removeprefix('CT_')}/{part}{label}.txt", names)
    is_test = lambda path: parts[path] == "test"  # noqa: E731
    return (
        reading_of(made, TWO, test=is_test, classes=classes),
        reading_of(made, TWO, test=is_test, out=lambda path: parts[path] == "val", classes=classes),
        reading_of(made, TWO, classes=classes),
    )


def _covid_lines(data: Path) -> Readings:
    """A text of four words a line for each part."""
    made = Builder(data)
    for part, n in (("train", 26), ("test", 8)):
        lines = []
        for k in range(n):
            label = ("positive", "negative")[k % 3 == 0]
            name = f"{hex_name('cov', part, k, length=8)}-{k}.png"
            write_photos(made, [f"{part}/{name}"], label)
            lines.append(
                f"{100 + k // 2 if part == 'train' else 900 + k} {name} {label} {('cohen', 'rsna', 'bimcv')[k % 3]}"
            )
        write_lines(made, f"{part}.txt", lines)
    return (reading_of(made, TWO, test=in_folders("test"), classes=("negative", "positive")),)


def _tuberculosis(data: Path) -> Readings:
    """Class folders, and a workbook of each class beside."""
    made, top = Builder(data), "TB_Chest_Radiography_Database"
    for label in ("Normal", "Tuberculosis"):
        write_photos(made, [f"{top}/{label}/{label}-{k}.png" for k in range(1, 15)], label)
        write_workbook(data / f"{top}/{label}.metadata.xlsx", ["FILE NAME", "FORMAT", "SIZE", "URL"],
                  [[f"{label}-{k}", "PNG", "512*512", "https://example.org"] for k in range(1, 15)])  # fmt: skip
    made.text(
        f"{top}/README.md.txt",
        "***************\nTuberculosis chest X-ray database\n***************\n",
    )
    return (reading_of(made, TWO, classes=("Normal", "Tuberculosis")),)


def _collapsed_lungs(data: Path) -> Readings:
    """A first column without a name; folders twice in each other."""
    made, cells = Builder(data), []
    for k in range(30):
        name = (
            f"1.2.276.0.7230010.3.1.4.8323329.{1000 + 37 * k}.1517875{160 + k}.{k * 811 % 997}.png"
        )
        write_photos(
            made, [f"small_train_data_set/small_train_data_set/{name}"], str(int(k % 4 == 0))
        )
        cells.append([str(k), name, str(int(k % 4 == 0))])
    made.table("train_data.csv", ["", "file_name", "target"], cells)
    return (reading_of(made, TWO, classes=("0", "1")),)


def _scans_of_chests(data: Path) -> Readings:
    """Ids of rows that no file has; names of files in another column, facts beside."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    classes = ("class_1", "class_3", "class_7", "class_14")
    for k in range(42):
        part, label = "train" if k < 32 else "test", classes[k * 3 % 4]
        row, name = f"id_{k}", f"scan_{k:04d}.png"
        made.image(f"{part}_/{name}", TrueSample(SIZE, label), part=part)
        facts = [row, f"{20 + k * 7 % 60}.0", "MF"[k % 2], str(k // 3 % 2), name]
        tables[part].append([*facts, label] if part == "train" else facts)
        if part == "test":
            rows.append((row, label))
    header = ["row_id", "age", "gender", "view_position", "image_name"]
    made.table("train.csv", [*header, "detected"], tables["train"])
    made.table("test.csv", header, tables["test"])
    columns = {"row_id": "key", "detected": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "class_3"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _lungs_in_slices(data: Path) -> Readings:
    """Folders of test have shorter names than those of train and valid."""
    made, short = (
        Builder(data),
        {
            "adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib": "adenocarcinoma",
            "large.cell.carcinoma_left.hilum_T2_N2_M0_IIIa": "large.cell.carcinoma",
            "normal": "normal",
            "squamous.cell.carcinoma_left.hilum_T1_N2_M0_IIIa": "squamous.cell.carcinoma",
        },
    )
    for part, n in (("train", 8), ("valid", 3), ("test", 3)):
        for place, (label, name) in enumerate(short.items()):
            folder = name if part == "test" else label
            first = {"train": 0, "valid": 108, "test": 114}[part]
            names = [f"{first + k // 2:06d} ({2 + k + 9 * place}).png" for k in range(n)]
            write_photos(made, [f"Data/{part}/{folder}/{one}" for one in names], label)
    is_test = in_folders("Data/test")
    return (
        reading_of(made, LABELS, test=is_test, classes=short),
        reading_of(made, LABELS, test=is_test, out=in_folders("Data/valid"), classes=short),
    )


def _sars_cov_2_ct_scans(data: Path) -> Readings:
    made = Builder(data)
    for label, stem in (("COVID", "Covid"), ("non-COVID", "Non-Covid")):
        for k in range(1, 19):
            write_photos(made, [f"{label}/{stem} ({k}).png"], label, (20 + k % 4, 24 + k % 5))
    return (reading_of(made, TWO, classes=("COVID", "non-COVID")),)


def _chests_of_shenzhen(data: Path) -> Readings:
    """The last number of a name is the class; a text of each image has sex, age and findings."""
    made, top = Builder(data), "ChinaSet_AllFiles/ChinaSet_AllFiles"
    for k in range(1, 37):
        label = str(int(k > 18))
        name = f"CHNCXR_{k * 17:04d}_{label}"
        grey = made.random.integers(0, 255, (20 + k % 3, 24 + k % 4)).astype(np.uint8)
        true = TrueSample((20 + k % 3, 24 + k % 4), label)
        made.image(f"{top}/CXR_png/{name}.png", true, part="train", pixels=grey)
        sex, found = (
            ("male", "female")[k % 2],
            ("right PTB", "bilateral secondary PTB", "STB")[k % 3],
        )
        made.text(
            f"{top}/ClinicalReadings/{name}.txt",
            f"{sex} {20 + k}yrs\n{'normal' if label == '0' else found}\n\t\n\n",
        )
    (data / f"{top}/CXR_png/Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 60)
    (data / f"{top}/NLM-ChinaCXRSet-ReadMe.docx").write_bytes(b"PK\x03\x04" + b"\0" * 60)
    return (reading_of(made, TWO, classes=("0", "1")),)


def _tuberculosis_of_runmila(data: Path) -> Readings:
    """Ids and paths in columns; a probability is sent."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(46):
        part, label = "train" if k < 34 else "test", str(k * 3 % 5 % 2)
        number = hex_name("runmila", k, length=8).upper()
        prob = round(float(made.random.uniform(0.01, 0.99)), 3)
        true = TrueSample(SIZE, label, {"0": round(1 - prob, 3), "1": prob})
        write_grey(made, f"{part}/{number}.png", true, part)
        if part == "train":
            cells.append([number, f"{part}/{number}.png", label])
        else:
            tests.append([number, f"{part}/{number}.png"])
            rows.append((number, repr(prob)))
    made.table("Train.csv", ["ID", "filename", "LABEL"], cells)
    made.table("Test.csv", ["ID", "filename"], tests)
    columns = {"ID": "key", "LABEL": "number"}
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth({"classify": "binary"}, columns, rows, classes=("0", "1")),)


def _lungs_of_iraq(data: Path) -> Readings:
    """Class folders of several words, one of them misspelt; a number in brackets; a text; from memory of the data page."""
    made, top = (
        Builder(data),
        "The IQ-OTHNCCD lung cancer dataset/The IQ-OTHNCCD lung cancer dataset",
    )
    kinds = ("Bengin", "Malignant", "Normal")
    classes = tuple(f"{one} cases" for one in kinds)
    for kind, label, n in zip(kinds, classes, (8, 18, 14), strict=True):
        names = [f"{kind} case ({k + 1}).jpg" for k in range(n)]
        write_photos(made, [f"{top}/{label}/{one}" for one in names], label, (48, 48))
    made.text(
        f"{top}/IQ-OTH_NCCD lung cancer dataset.txt",
        "The Iraq-Oncology Teaching Hospital/National Center for Cancer Diseases lung cancer dataset was collected over a period of three months in fall 2019.\nThe cases are grouped into three classes: normal, benign, and malignant.\n",
    )
    return (reading_of(made, LABELS, classes=classes),)


PROBLEMS = ("normal", "Cardiomegaly", "Calcified Granuloma", "Pulmonary Atelectasis", "Emphysema", "Opacity")  # fmt: skip


def _chests_of_indiana(data: Path) -> Readings:
    """Two tables: of the images with their side, and of the reports, joined by a number; two endings in a name; from memory of the data page."""
    made, sides, reports = Builder(data), [], []
    side_of, found_in = dict[str, str](), dict[str, frozenset[str]]()
    for k in range(1, 27):
        has = ["normal"] if k % 3 == 0 else [PROBLEMS[1 + k % 5]]
        if k % 4 == 1 and k % 3:
            has = list(dict.fromkeys([*has, PROBLEMS[1 + (k + 2) % 5]]))
        for n, side in enumerate(("Frontal", "Lateral")[: 1 if k % 9 == 4 else 2]):
            name = f"{k}_IM-{k * 123 % 3999:04d}-{'4001' if n == 0 else '3001'}.dcm.png"
            path = f"images/images_normalized/{name}"
            write_grey(made, path, TrueSample((44, 40 + k % 4)))
            sides.append([str(k), name, side])
            side_of[path], found_in[path] = side, frozenset(has)
        mesh = ";".join(one if one == "normal" else f"{one}/lung/{'base' if k % 2 else 'hilum'}" for one in has)  # fmt: skip
        text = "The cardiac silhouette and mediastinum size are within normal limits. There is no pulmonary edema."
        about = ["Xray Chest PA and Lateral", "Positive TB test", "None.", text, "Normal chest x-XXXX."]  # fmt: skip
        reports.append([str(k), mesh, ";".join(has), *about])
    made.table("indiana_projections.csv", ["uid", "filename", "projection"], sides)
    header = ["uid", "MeSH", "Problems", "image", "indication", "comparison", "findings"]
    made.table("indiana_reports.csv", [*header, "impression"], reports)
    views = reading_of(made, TWO, classes=("Frontal", "Lateral"))
    several = reading_of(made, SEVERAL, classes=PROBLEMS)
    return with_train_labels(views, dict(side_of)), with_train_labels(several, dict(found_in))


LINES = ("ETT - Abnormal", "ETT - Borderline", "ETT - Normal", "NGT - Normal", "CVC - Normal",
         "Swan Ganz Catheter Present")  # fmt: skip


def hex_int(*parts: object) -> int:
    """Return a number of many digits, the same each time."""
    return int(hex_name(*parts, length=24), 16)


def _ranzcr(data: Path) -> LayoutTruth:
    made, rows, bits = Builder(data), list[tuple[str, ...]](), []
    for number in range(32):
        part = "train" if number < 24 else "test"
        name = f"1.2.826.0.1.3680043.8.498.{hex_int(part, number)}"
        label = frozenset(one for place, one in enumerate(LINES) if (number + place) % 3 == 0)
        true = TrueSample(BROAD, label, made.probs(LINES))
        made.image(f"{part}/{name}.jpg", true, part=part)
        if part == "train":
            marks = [str(int(one in label)) for one in LINES]
            bits.append([name, *marks, hex_name(number // 3, length=9)])
        else:
            rows.append((name, *(repr(true.probs[one]) for one in LINES)))
    made.table("train.csv", ["StudyInstanceUID", *LINES, "PatientID"], bits)
    notes = [[one[0], one[1], "[[10, 12], [14, 18]]"] for one in bits[:6]]
    made.table("train_annotations.csv", ["StudyInstanceUID", "label", "data"], notes)
    columns = {"StudyInstanceUID": "key", **dict.fromkeys(LINES, "number")}
    made.table("sample_submission.csv", list(columns), [[one[0], *["0"] * 6] for one in rows])
    # Here 0 stands for probabilities, and elsewhere for decisions: the page alone tells it.
    asked = ["submission.value"]
    return made.truth({"classify": "multilabel"}, columns, rows, classes=LINES, undecided=asked)


NIH = ("Atelectasis", "Cardiomegaly", "Effusion", "Infiltration")


def _nih(data: Path) -> Readings:
    made, rows, tests = Builder(data), [], set()
    lists: dict[str, list[str]] = {"train_val_list": [], "test_list": []}
    for n in range(36):
        name = f"{1 + n // 3:08d}_{n % 3:03d}.png"
        found = [one for one in NIH if n % 2 and made.random.random() < 0.45]
        path = f"images_{1 + n // 12:03d}/images/{name}"
        write_photos(made, [path], frozenset(found))
        part = "train_val_list" if n < 27 else "test_list"
        lists[part].append(name)
        if part == "test_list":
            tests.add(path)
        rows.append([name, "|".join(found) or "No Finding", str(n % 3), str(1 + n // 3), "058",
                     "MF"[n // 3 % 2], "PA", "2682", "2749", "0.143", "0.143", ""])  # fmt: skip
    head = ["Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age", "Patient Gender",
            "View Position", "OriginalImage[Width", "Height]", "OriginalImagePixelSpacing[x", "y]", ""]  # fmt: skip
    made.table("Data_Entry_2017.csv", head, rows)
    made.table("BBox_List_2017.csv", ["Image Index", "Finding Label", "Bbox [x", "y", "w", "h]", "", "", ""],
               [["00000002_001.png", "Atelectasis", "3.1", "4.2", "6.0", "5.0", "", "", ""]])  # fmt: skip
    for part, lines in lists.items():
        write_lines(made, f"{part}.txt", lines)
    kinds = {"classify": "multilabel"}
    is_test = lambda path: path in tests  # noqa: E731
    named = lambda label: label or frozenset(["No Finding"])  # noqa: E731
    return (
        reading_of(made, kinds, test=is_test, classes=NIH),
        reading_of(made, kinds, test=is_test, classes=[*NIH, "No Finding"], label=named),
    )


FINDINGS = (
    "No Finding",
    "Cardiomegaly",
    "Lung Opacity",
    "Edema",
    "Pleural Effusion",
    "Support Devices",
)


def _lung_findings(data: Path) -> Readings:
    """1.0, 0.0, -1.0 for not sure, and blank; a path below the folder of all."""
    made, top, cells = Builder(data), "CheXpert-v1.0-small", dict[str, list[str]]()
    for part, n in (("train", 26), ("valid", 8)):
        rows = []
        for k in range(n):
            front = k % 3 > 0
            first = 1 if part == "train" else 64541
            path = f"{top}/{part}/patient{first + k // 2:05d}/study{1 + k % 2}/view1_{'frontal' if front else 'lateral'}.jpg"
            each = [
                ("", "1.0", "", "0.0", "-1.0", "1.0", "")[(k * 5 + 2 * place) % 7]
                for place in range(6)
            ]
            each[0] = ("", "1.0")[k % 6 == 0]
            if part == "valid":
                each = [f"{float(one == '1.0')}" for one in each]
            cells[path] = each
            write_photos(made, [path], "?")
            rows.append(
                [
                    path,
                    ("Female", "Male")[k % 2],
                    str(41 + k),
                    ("Lateral", "Frontal")[front],
                    ("", "AP")[front],
                    *each,
                ]
            )
        made.table(
            f"{top}/{part}.csv", ["Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", *FINDINGS], rows
        )
    found = []
    for positive in (("1.0", "-1.0"), ("1.0",)):
        labels = {path: frozenset(name for name, one in zip(FINDINGS, each, strict=True) if one in positive)
                  for path, each in cells.items()}  # fmt: skip
        truth = reading_of(made, SEVERAL, test=in_folders(f"{top}/valid"), classes=FINDINGS)
        found.append(with_labels(truth, dict(labels)))
    return tuple(found)


FINDINGS_OF_GRAND_XRAY_SLAM_DIVISION_A = (
    "Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Enlarged Cardiomediastinum", "Fracture", "Lung Lesion",
    "Lung Opacity", "No Finding", "Pleural Effusion", "Pleural Other", "Pneumonia", "Pneumothorax", "Support Devices",
)  # fmt: skip


def _slam_of_chests(data: Path) -> Readings:
    """Facts of patients and fourteen findings of 0 and 1; a probability of each is sent."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for k in range(46):
        part, probs = (
            "train" if k < 36 else "test",
            made.probs(FINDINGS_OF_GRAND_XRAY_SLAM_DIVISION_A),
        )
        has = made.random.random(14) < 0.25
        has[8] = not has.any()
        label = frozenset(
            one for one, bit in zip(FINDINGS_OF_GRAND_XRAY_SLAM_DIVISION_A, has, strict=True) if bit
        )
        name = f"{k // 3 + 1 + 5000 * (part == 'test'):08d}_{1 + k % 3:03d}_001.jpg"
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(f"{part}1/{name}", TrueSample(SIZE, label, probs), part=part, pixels=grey)
        if part == "train":
            view = (["Frontal", "AP"], ["Frontal", "PA"], ["Lateral", "Lateral"])[k % 3]
            facts = [str(k // 3 + 1), str(1 + k % 3), ("Male", "Female")[k // 3 % 2], f"{41 + k // 3}.0"]  # fmt: skip
            cells.append([name, *facts, *view, *(str(int(bit)) for bit in has)])
        else:
            rows.append(
                (name, *(repr(probs[one]) for one in FINDINGS_OF_GRAND_XRAY_SLAM_DIVISION_A))
            )
    header = ["Image_name", "Patient_ID", "Study", "Sex", "Age", "ViewCategory", "ViewPosition"]
    made.table("train1.csv", [*header, *FINDINGS_OF_GRAND_XRAY_SLAM_DIVISION_A], cells)
    columns = {
        "Image_name": "key",
        **dict.fromkeys(FINDINGS_OF_GRAND_XRAY_SLAM_DIVISION_A, "number"),
    }
    made.table("sample_submission_1.csv", list(columns), [[one[0], *["0"] * 14] for one in rows])
    return (made.truth(SEVERAL, columns, rows, classes=FINDINGS_OF_GRAND_XRAY_SLAM_DIVISION_A),)


def _ages_of_chests(data: Path) -> Readings:
    """Ids without the zeros that the names of the files have; ages are whole years."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for k in range(42):
        part, age = "train" if k < 32 else "test", 18 + k * 29 % 71
        place = k if part == "train" else 10702 + k - 32
        made.image(f"kaggle/kaggle/{part}/{place:06d}.png", TrueSample(SIZE, float(age)), part=part)
        (cells if part == "train" else rows).append((str(place), str(age)))
    columns = {"imageId": "key", "age": "number"}
    made.table("train_age.csv", list(columns), cells)
    made.table("sample_submission_age.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(NUMBER, columns, rows),)


def _pneumothorax(data: Path) -> LayoutTruth:
    """DICOM files three folders deep; a blank before a column's name and before -1."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    # The real size: the order of relative runs of square images is known by the competition alone.
    size, codec = (1024, 1024), Codec("F", 0, relative=True)
    for number in range(20):
        part = "train" if number < 14 else "test"
        digits = [int(hex_name(part, number, place, length=10), 16) for place in range(2)]
        name = f"1.2.276.0.7230010.3.1.4.{digits[0]}.{digits[1]}"
        plane = draw_plane(made.random, size)
        plane &= number % 3 != 2
        parts = [plane] if plane.any() else []
        if number % 9 == 0:
            parts = draw_objects(made.random, size, 2)
            plane = np.any(parts, axis=0)
        path = f"dicom-images-{part}/{name}.1/{name}.2/{name}.dcm"
        (data / path).parent.mkdir(parents=True)
        (data / path).write_bytes(dicom_bytes(made.random.integers(0, 255, size).astype(np.uint8)))
        true = TrueSample(size, planes=(plane,))
        (made.train if part == "train" else made.test)[path] = true
        if part == "train":
            cells += [[name, f" {codec.encode(one)}"] for one in parts] or [[name, " -1"]]
        else:
            rows.append((name, codec.encode(plane) or "-1"))
    made.table("train-rle.csv", ["ImageId", " EncodedPixels"], cells)
    columns = {"ImageId": "key", "EncodedPixels": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "-1"] for one, _ in rows])
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


def _covid(data: Path) -> Readings:
    """A class folder with images and masks of lungs, and a workbook, each."""
    made, root, size = Builder(data), "COVID-19_Radiography_Dataset", (32, 32)
    classes = ("COVID", "Lung_Opacity", "Normal", "Viral Pneumonia")
    for label in classes:
        rows = []
        for n in range(1, 9):
            plane, name = draw_plane(made.random, size), f"{label}-{n}"
            true = TrueSample(size, label, planes=(plane,))
            made.image(f"{root}/{label}/images/{name}.png", true, part="train")
            mask = np.repeat(plane.astype(np.uint8)[..., None] * 255, 3, axis=-1)
            save_pixels(data / f"{root}/{label}/masks/{name}.png", mask)
            rows.append(
                [name.upper(), "PNG", "256*256", "https://sirm.org/category/senza-categoria"]
            )
        write_workbook(
            data / f"{root}/{label}.metadata.xlsx", ["FILE NAME", "FORMAT", "SIZE", "URL"], rows
        )
    made.text(f"{root}/README.md.txt", "COVID-19 CHEST X-RAY DATABASE\n")
    kinds = {**LABELS, "segment": "binary"}
    return (reading_of(made, kinds, classes=classes, mask_classes=[""]),)


def _lungs(data: Path) -> Readings:
    """A mask of each lung in a folder of its own; the last digit of the name is the diagnosis."""
    made, top = Builder(data), "MontgomerySet"
    for k in range(1, 29):
        name, planes = f"MCUCXR_{k:04d}_{int(k % 3 == 0)}", []
        for side in ("left", "right"):
            planes.append(draw_plane(made.random, SIZE))
            save_grey_mask(data / f"{top}/ManualMask/{side}Mask/{name}.png", planes[-1])
        made.image(
            f"{top}/CXR_png/{name}.png", TrueSample(SIZE, planes=tuple(planes)), part="train"
        )
        made.text(
            f"{top}/ClinicalReadings/{name}.txt",
            f"Patient's Sex: {'MF'[k % 2]}\nPatient's Age: {20 + k:03d}Y\n{'normal' if k % 3 else 'TB'}\n\n",
        )
    made.text(f"{top}/NLM-MontgomeryCXRSet-ReadMe.pdf", "%PDF-1.4\n")
    return tuple(
        reading_of(made, {"segment": "multilabel"}, mask_classes=names)
        for names in (("left", "right"), ("leftMask", "rightMask"))
    )


def _chests_with_masks(data: Path) -> Readings:
    """Masks of some images, called _mask for one source and as the image for the other; test has none."""
    made, top = Builder(data), "Lung Segmentation"
    for k in range(1, 33):
        china = k % 2
        name = f"CHNCXR_{k:04d}_{k % 3 // 2}" if china else f"MCUCXR_{k:04d}_{k % 3 // 2}"
        plane, has = draw_plane(made.random, SIZE), k % 8 != 5
        made.image(
            f"{top}/CXR_png/{name}.png",
            TrueSample(SIZE, planes=(plane,) if has else None),
            part="train",
        )
        if has:
            save_grey_mask(data / f"{top}/masks/{name}{'_mask' * china}.png", plane)
        made.text(f"{top}/ClinicalReadings/{name}.txt", f"male {20 + k}yrs\nnormal")
    write_photos(made, [f"{top}/test/CHNCXR_{k:04d}_0.png" for k in range(400, 408)], None)
    made.text(f"{top}/NLM-ChinaCXRSet-ReadMe.docx", "PK")
    is_test = in_folders(f"{top}/test")
    every = reading_of(made, ONE_MASK, test=is_test, mask_classes=[""])
    masked = {path: one for path, one in every.train.items() if one.planes}
    return replace(every, train=masked), every


def _volume(made: Builder, path: str, values: np.ndarray) -> None:
    """Write a volume as NIfTI of 16 bits, compressed."""
    head = bytearray(352)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, 3, *values.shape[::-1], 1, 1, 1, 1)
    struct.pack_into("<2h", head, 70, 4, 16)
    struct.pack_into("<8f", head, 76, *[1.0] * 8)
    struct.pack_into("<2f", head, 108, 352.0, 1.0)
    head[344:348] = b"n+1\0"
    (made.data / path).parent.mkdir(parents=True, exist_ok=True)
    (made.data / path).write_bytes(gzip.compress(bytes(head) + values.astype("<i2").tobytes()))


def _lungs_in_ct(data: Path) -> Readings:
    """Slices of 32 bits in Hounsfield's units, masks of the same names, and volumes beside."""
    made, size, cells = Builder(data), (40, 40), []
    for k in range(32):
        name, plane = (
            f"ID_{k // 9:04d}_Z_{(63 + k * 17) % 300:04d}.tif",
            draw_plane(made.random, size),
        )
        values = made.random.integers(-200, 300, size).astype(np.int32)
        values[plane] -= 700
        save_tiff(data / f"2d_images/{name}", values)
        made.train[f"2d_images/{name}"] = TrueSample(size, planes=(plane,))
        save_tiff(data / f"2d_masks/{name}", plane.astype(np.uint8) * 255)
        share = f"{plane.mean():.6f}"
        cells.append([f"{plane.sum() * 0.5:.3f}", share, "-722.45", "-408.0", "-905.0", name])
    header = ["lung_area_px", "lung_volume_fraction", "lung_mean_hu", "lung_pd95_hu", "lung_pd05_hu", "img_id"]  # fmt: skip
    made.table("lung_stats.csv", header, cells)
    for number in (2, 23):
        values = made.random.integers(-1000, 300, (6, 20, 20))
        _volume(made, f"3d_images/IMG_{number:04d}.nii.gz", values)
        _volume(made, f"3d_images/MASK_{number:04d}.nii.gz", (values < -500) * 255)
    masks = reading_of(made, ONE_MASK, mask_classes=[""])
    return (masks,)


def _infected_lungs(data: Path) -> Readings:
    """Folders with blanks and lines in their names; masks begin with a word of their own; two parts; from code of loaders."""
    made, top = Builder(data), "QaTa-COV19/QaTa-COV19-v2"
    for part, n in (("Train", 32), ("Test", 10)):
        for k in range(n):
            name = (
                f"covid_{k * 29 + 1}"
                if k % 3
                else f"sub-S{9345 + k:05d}_ses-E{24330 + k}_run-1_bp-chest_vp-ap_dx"
            )
            plane = draw_plane(made.random, (44, 44))
            path = f"{top}/{part} Set/Images/{name}.png"
            write_grey(made, path, TrueSample((44, 44), planes=(plane,)))
            save_grey_mask(data / f"{top}/{part} Set/Ground-truths/mask_{name}.png", plane)
    return (reading_of(made, ONE_MASK, test=in_folders(f"{top}/Test Set"), mask_classes=[""]),)


LAYERS = {"segment": ["multilabel", "multiclass"]}


def _lungs_in_two_sets(data: Path) -> Readings:
    """Each of two sets lies in a folder of its own name; in it parts, classes, and folders of images and of one or two masks."""
    made, size = Builder(data), (44, 44)
    kinds = ("COVID-19", "Non-COVID", "Normal")
    lung, ill = "Lung Segmentation Data", "Infection Segmentation Data"
    lungs, ills, label_of = dict[str, Plane](), dict[str, Plane](), dict[str, str]()
    for top in (lung, ill):
        for part, n in (("Train", 8), ("Val", 3), ("Test", 4)):
            for kind in kinds:
                for k in range(1, n + 1):
                    at = k + {"Train": 0, "Val": 20, "Test": 30}[part]
                    word = {"COVID-19": f"covid_{at}", "Non-COVID": f"non_COVID ({at})", "Normal": f"Normal ({at})"}[kind]  # fmt: skip
                    base = f"{top}/{top}/{part}/{kind}"
                    path = f"{base}/images/{word}.png"
                    whole = draw_plane(made.random, size)
                    sick = whole & (np.arange(44)[:, None] > 16) if kind == kinds[0] else np.zeros(size, dtype=bool)  # fmt: skip
                    write_grey(made, path, TrueSample(size, kind))
                    save_grey_mask(data / f"{base}/lung masks/{word}.png", whole)
                    lungs[path], label_of[path] = whole, kind
                    if top == ill:
                        save_grey_mask(data / f"{base}/infection masks/{word}.png", sick)
                        ills[path] = sick
    test: Callable[[str], bool] = lambda path: "/Test/" in path  # noqa: E731
    val: Callable[[str], bool] = lambda path: "/Val/" in path  # noqa: E731
    found = list[LayoutTruth]()
    for left in (any_of(), val):
        for other in (ill, lung, ""):
            out = any_of(left, in_folders(other)) if other else left
            base_truth = reading_of(made, LABELS, test=test, out=out, classes=kinds)
            both: list[tuple[Mapping[str, tuple[Plane, ...]], Sequence[str]]] = [({path: (one,) for path, one in lungs.items()}, [""])]  # fmt: skip
            if other == lung:
                both.append(({path: (one,) for path, one in ills.items()}, [""]))
            for planes, names in both:
                truth = with_masks(base_truth, planes, names, kind={"segment": "binary"})
                found += [truth, without_labels(truth)]
            if other == lung:
                layers = {path: (one, lungs[path]) for path, one in ills.items()}
                for words in (("infection masks", "lung masks"), ("infection", "lung")):
                    truth = with_masks(base_truth, layers, words, kind=LAYERS)
                    found += [truth, without_labels(truth)]
            found.append(base_truth)
    return tuple(found)


def _pneumonia_row(name: str, number: int) -> list[str]:
    box = ["264.0", "152.0", "213.0", "379.0"] if number % 3 == 0 else [""] * 4
    return [name, *box, str(int(number % 3 == 0))]


def _pneumonia_more(made: Builder, names: Sequence[str]) -> None:
    kinds = ("Lung Opacity", "No Lung Opacity / Not Normal", "Normal")
    rows = [[one, kinds[number % 3]] for number, one in enumerate(names)]
    made.table("stage_2_detailed_class_info.csv", ["patientId", "class"], rows)


_pneumonia = partial(
    write_boxes, folders=("stage_2_train_images", "stage_2_test_images"), ending="dcm", key="uuid",
    table="stage_2_train_labels.csv", header=["patientId", "x", "y", "width", "height", "Target"],
    row=_pneumonia_row, sample="stage_2_sample_submission.csv",
    columns=["patientId", "PredictionString"], shown="0.5 0 0 100 100", more=_pneumonia_more,
)  # fmt: skip


def _chest_row(name: str, number: int) -> list[str]:
    if number % 3:
        return [name, "No finding", "14", f"R{number % 8 + 1}", "", "", "", ""]
    return [name, "Cardiomegaly", "3", f"R{number % 8 + 1}", "691", "1375", "1653", "1831"]


_chests = partial(
    write_boxes, folders=("train", "test"), ending="dicom", table="train.csv",
    header=["image_id", "class_name", "class_id", "rad_id", "x_min", "y_min", "x_max", "y_max"],
    row=_chest_row, sample="sample_submission.csv", columns=["image_id", "PredictionString"],
    shown="14 1 0 0 1 1",
)  # fmt: skip


def _siim_covid19_detection(data: Path) -> LayoutTruth:
    """Boxes of images and classes of studies in one column."""
    made, studies, images, rows = Builder(data), [], [], []
    kinds = ["Negative for Pneumonia", "Typical Appearance", "Indeterminate Appearance",
             "Atypical Appearance"]  # fmt: skip
    for number in range(32):
        part, study = part_by_number(number), hex_name("study", number, length=12)
        series, image = hex_name("series", number, length=12), hex_name("im", number, length=12)
        write_dicom(made, f"{part}/{study}/{series}/{image}.dcm", TrueSample(BROAD), part)
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
    return beyond_scope(made)


LAYOUTS = (
    DataSet("Chest X-ray pneumonia", "code", _chest, doubt="the copy and __MACOSX differ by date"),
    DataSet("COVID-CT", "memory", _covid_scans),
    DataSet("COVIDx", "memory", _covid_lines),
    DataSet("Tuberculosis chest X-rays", "memory", _tuberculosis, has_test=False),
    DataSet("Pneumothorax (small)", "memory", _collapsed_lungs, has_test=False),
    DataSet("hackerearth-chest-x-rays", "memory", _scans_of_chests, doubt="names of the tables"),
    DataSet("Chest CT scans", "memory", _lungs_in_slices),
    DataSet("SARS-CoV-2 CT scans", "memory", _sars_cov_2_ct_scans, has_test=False),
    DataSet("Shenzhen chest X-rays", "memory", _chests_of_shenzhen, has_test=False),
    DataSet("runmila-tuberculosis", "memory", _tuberculosis_of_runmila, doubt="columns of train"),
    DataSet("IQ-OTH/NCCD lungs", "memory", _lungs_of_iraq, has_test=False, doubt="text beside"),
    DataSet("Indiana chest X-rays", "memory", _chests_of_indiana, has_test=False),
    RealLayout("ranzcr-clip-catheter-line-classification", "page, code", _ranzcr),
    DataSet("NIH chest X-rays", "memory", _nih),
    DataSet("CheXpert (small)", "memory", _lung_findings),
    DataSet("grand-xray-slam-division-a", "memory", _slam_of_chests),
    DataSet("spr-x-ray-age", "code", _ages_of_chests, doubt="numbers of the images of test"),
    RealLayout("siim-acr-pneumothorax-segmentation", "page, code", _pneumothorax),
    DataSet("COVID-19 radiography", "memory", _covid, has_test=False),
    DataSet("Montgomery lungs", "memory", _lungs, has_test=False),
    DataSet("Chest X-ray masks and labels", "memory", _chests_with_masks),
    DataSet("Lungs in CT", "memory", _lungs_in_ct, has_test=False, doubt="depth of the slices"),
    DataSet("QaTa-COV19", "code", _infected_lungs),
    DataSet("COVID-QU-Ex", "code and memory", _lungs_in_two_sets),
    RealLayout("rsna-pneumonia-detection-challenge", "memory", _pneumonia),
    RealLayout("vinbigdata-chest-xray-abnormalities-detection", "page, code", _chests),
    RealLayout("siim-covid19-detection", "page, code", _siim_covid19_detection),
)
