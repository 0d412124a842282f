"""Layouts of competitions and data sets of breasts: mammograms and ultrasound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from dicom_files import dicom_bytes

from layouts.drawing import draw_objects, draw_plane, save_pixels
from layouts.real.files import write_lines, write_workbook
from layouts.real.kinds import LABELS, ONE_MASK, RANKS, TWO
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout
from layouts.real.masks import save_grey_mask
from layouts.real.names import hex_name
from layouts.real.readings import reading_of, with_labels, without_labels
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _breasts(data: Path) -> LayoutTruth:
    """DICOM files, a folder a patient; a row is a breast, of several views."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    about: dict[str, list[list[str]]] = {"train": [], "test": []}
    number = 462822612
    for patient in range(24):
        part = "train" if patient < 18 else "test"
        name = str(10006 + 5 * patient)
        for place, side in enumerate("LR"):
            cancer, probs = str(int((patient + place) % 3 == 0)), made.probs(("0", "1"))
            for view in ("CC", "MLO"):
                number += 37
                true = TrueSample(BROAD, cancer, probs, unit=f"{name}_{side}")
                path = f"{part}_images/{name}/{number}.dcm"
                (data / path).parent.mkdir(parents=True, exist_ok=True)
                pixels = made.random.integers(0, 4000, BROAD).astype(np.uint16)
                (data / path).write_bytes(dicom_bytes(pixels))
                (made.train if part == "train" else made.test)[path] = true
                more = [cancer, "0", "29"] if part == "train" else ["29", f"{name}_{side}"]
                about[part].append(["2", name, str(number), side, view, "61.0", *more])
            if part == "test":
                rows.append((f"{name}_{side}", repr(probs["1"])))
    header = ["site_id", "patient_id", "image_id", "laterality", "view", "age"]
    made.table("train.csv", [*header, "cancer", "implant", "machine_id"], about["train"])
    made.table("test.csv", [*header, "machine_id", "prediction_id"], about["test"])
    shown = [[one, "0.021168418"] for one, _ in rows]
    made.table("sample_submission.csv", ["prediction_id", "cancer"], shown)
    columns = {"prediction_id": "key", "cancer": "number"}
    return made.truth({"classify": "binary"}, columns, rows, classes=("0", "1"))


def _mammograms(data: Path) -> Readings:
    """A text with lines of different lengths below an explanation; grey PGMs."""
    made, lines = Builder(data), []
    kinds = ("NORM", "CIRC", "NORM", "SPIC", "NORM", "CALC", "ASYM")
    of: dict[str, tuple[str, str, str]] = {}
    for k in range(1, 31):
        tissue, kind, name = "FGD"[k % 3], kinds[k * 3 % 7], f"mdb{k:03d}"
        side = "BM"[k % 2]
        grey = made.random.integers(0, 255, BROAD).astype(np.uint8)
        made.image(f"all-mias/{name}.pgm", TrueSample(BROAD, kind), part="train", pixels=grey)
        of[f"all-mias/{name}.pgm"] = (kind, tissue, "N" if kind == "NORM" else side)
        more = "" if kind == "NORM" else f" {side} {400 + 7 * k} {425 + k} {20 + k}"
        lines += [f"{name} {tissue} {kind}{more}"] * (1 + (k == 5))
    head = ["INFORMATION:", "", "This file lists the films in the MIAS database and provides appropriate details.", "",
            "1st column: MIAS database reference number.", "2nd column: Character of background tissue: F G D",
            "3rd column: Class of abnormality present: CALC CIRC SPIC MISC ARCH ASYM NORM", ""]  # fmt: skip
    write_lines(made, "all-mias/Info.txt", [*head, *lines])
    made.text(
        "all-mias/README", "The Mammographic Image Analysis Society Digital Mammogram Database\n"
    )
    made.text("all-mias/Licence.txt", "MAMMOGRAPHIC IMAGE ANALYSIS SOCIETY LICENCE\n")
    return tuple(
        with_labels(reading_of(made, LABELS, classes=sorted({one[place] for one in of.values()})),
                     {path: one[place] for path, one in of.items()})
        for place in (0, 1)
    )  # fmt: skip


PATHOLOGY = ("BENIGN", "BENIGN_WITHOUT_CALLBACK", "MALIGNANT")


def _cbis_ddsm_kaggle(data: Path) -> Readings:
    """Tables of masses and of calcifications, whose paths are of DICOM; JPEG in folders of series."""
    made, about = Builder(data), list[list[str]]()
    tables: dict[tuple[str, str], list[list[str]]] = {}
    tests, cropped = set(), set()
    number = 0
    for kind in ("mass", "calc"):
        for part, n in (("train", 16), ("test", 6)):
            for k in range(n):
                number += 1
                label, side = PATHOLOGY[number * 2 % 3], ("LEFT", "RIGHT")[k % 2]
                view, patient = ("CC", "MLO")[k // 2 % 2], f"P_{1 + number * 7:05d}"
                study, whole, crop = (
                    f"1.3.6.1.4.1.9590.100.1.2.{int(hex_name(what, number, length=28), 16)}"
                    for what in ("study", "whole", "crop")
                )
                name = f"{kind.title()}-{'Training' if part == 'train' else 'Test'}_{patient}_{side}_{view}"
                images = {
                    f"jpeg/{whole}/1-{k * 17 % 250:03d}.jpg": "full mammogram images",
                    f"jpeg/{crop}/1-{k * 13 % 250:03d}.jpg": "cropped images",
                    f"jpeg/{crop}/2-{k * 19 % 250:03d}.jpg": "ROI mask images",
                }
                for path, what in images.items():
                    grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
                    if what.startswith("ROI"):
                        grey = draw_plane(made.random, SIZE).astype(np.uint8) * 255
                        save_pixels(data / path, grey)
                    else:
                        made.image(path, TrueSample(SIZE, label), part="train", pixels=grey)
                        if what.startswith("cropped"):
                            cropped.add(path)
                        if part == "test":
                            tests.add(path)
                    series = path.split("/")[1]
                    about.append([f"CBIS-DDSM/dicom/{series}/1-1.dcm", f"CBIS-DDSM/{path}", "16", "MONOCHROME2", "MG",
                                  name if what.startswith("full") else f"{name}_1", what, series, study])  # fmt: skip
                shape = ["IRREGULAR", "SPICULATED"] if kind == "mass" else ["PLEOMORPHIC", "CLUSTERED"]  # fmt: skip
                tables.setdefault((kind, part), []).append(
                    [patient, str(1 + k % 4), side, view, "1", "mass" if kind == "mass" else "calcification", *shape,
                     str(2 + k % 4), label, str(1 + k % 5), f"{name}/{study}/{whole}/000000.dcm",
                     f"{name}_1/{study}/{crop}/000000.dcm", f"{name}_1/{study}/{crop}/000001.dcm\n"]
                )  # fmt: skip
    for (kind, part), cells in tables.items():
        traits = ["mass shape", "mass margins"] if kind == "mass" else ["calc type", "calc distribution"]  # fmt: skip
        density = "breast_density" if kind == "mass" else "breast density"
        header = ["patient_id", density, "left or right breast", "image view", "abnormality id", "abnormality type",
                  *traits, "assessment", "pathology", "subtlety", "image file path", "cropped image file path",
                  "ROI mask file path"]  # fmt: skip
        made.table(f"csv/{kind}_case_description_{part}_set.csv", header, cells)
    header = ["file_path", "image_path", "BitsAllocated", "PhotometricInterpretation", "Modality", "PatientID",
              "SeriesDescription", "SeriesInstanceUID", "StudyInstanceUID"]  # fmt: skip
    made.table("csv/dicom_info.csv", header, about)
    made.table(
        "csv/meta.csv", ["SeriesInstanceUID", "StudyInstanceUID", "Modality", "SeriesDescription", "ImageCount"],
        [[one[7], one[8], "MG", one[6], "1"] for one in about],
    )  # fmt: skip
    is_test = lambda path: path in tests  # noqa: E731
    is_crop = lambda path: path in cropped  # noqa: E731
    return tuple(
        reading_of(made, LABELS, test=is_test, out=out, classes=PATHOLOGY)
        for out in (is_crop, lambda path: path not in cropped)
    )


def _busi(data: Path) -> Readings:
    """Class folders with the mask beside each image; some have two masks."""
    made, root = Builder(data), "Dataset_BUSI_with_GT"
    for label, n in (("benign", 12), ("malignant", 8), ("normal", 6)):
        for k in range(1, n + 1):
            parts = draw_objects(made.random, SIZE, 2 if k == 5 and label == "benign" else 1)
            if label == "normal":
                parts = [np.zeros(SIZE, dtype=bool)]
            plane = np.asarray(np.any(parts, axis=0))
            path = f"{root}/{label}/{label} ({k})"
            made.image(f"{path}.png", TrueSample(SIZE, label, planes=(plane,)), part="train")
            for place, one in enumerate(parts):
                save_grey_mask(data / f"{path}_mask{f'_{place}' if place else ''}.png", one)
    kinds = {**LABELS, "segment": "binary"}
    return (reading_of(made, kinds, classes=("benign", "malignant", "normal"), mask_classes=[""]),)


def _breasts_of_brazil(data: Path) -> Readings:
    """Names of images and of masks differ before the number; a table of facts, and two of folds."""
    made, cells, facts = Builder(data), [], {}
    sorts = {"Fibroadenoma": "benign", "Cyst": "benign", "Invasive Ductal Carcinoma": "malignant"}
    for k in range(36):
        case, side, size = 1 + k // 2, "lr"[k % 2], (20 + k % 3, 24 + k % 4)
        histology = ("Fibroadenoma", "Cyst", "Invasive Ductal Carcinoma", "Fibroadenoma")[k // 2 % 4]  # fmt: skip
        stem, plane = f"{case:04d}-{side}", draw_plane(made.random, size)
        path = f"BUSBRA/Images/bus_{stem}.png"
        grey = made.random.integers(0, 255, size).astype(np.uint8)
        true = TrueSample(size, sorts[histology], planes=(plane,))
        made.image(path, true, part="train", pixels=grey)
        save_grey_mask(data / f"BUSBRA/Masks/mask_{stem}.png", plane)
        birads = str(2 + k // 2 % 2 if sorts[histology] == "benign" else 4 + k // 2 % 2)
        facts[path] = (sorts[histology], birads, histology)
        cells.append([f"bus_{stem}", str(case), histology, sorts[histology], birads, ("GE Logiq 7", "GE Logiq 5", "Toshiba")[k // 2 % 3],
                      str(size[1]), str(size[0]), ("left", "right")[k % 2], f"[{3 + k % 4},{2 + k % 5},12,9]"])  # fmt: skip
    header = ["ID", "Case", "Histology", "Pathology", "BIRADS", "Device", "Width", "Height", "Side", "BBOX"]  # fmt: skip
    made.table("BUSBRA/bus_data.csv", header, cells)
    for n in (5, 10):
        rows = [
            [one[0], one[1], one[3], str(1 + int(one[1]) % n), str(int(k % 7 == 3))]
            for k, one in enumerate(cells)
        ]
        made.table(f"BUSBRA/{n}-fold-cv.csv", ["ID", "Case", "Pathology", "kFold", "valid"], rows)
    found = list[LayoutTruth]()
    for place, kinds in enumerate((TWO, RANKS, LABELS)):
        classes = sorted({one[place] for one in facts.values()})
        truth = reading_of(made, {**kinds, **ONE_MASK}, classes=classes, mask_classes=[""])
        train = {path: replace(one, label=facts[path][place]) for path, one in truth.train.items()}
        found.append(replace(truth, train=train))
    return tuple(found)


# BrEaST, lesions in ultrasound (TCIA): users' code, and memory of the columns.
def _lesions_by_sound(data: Path) -> Readings:
    """Ultrasound of breasts with masks of tumours and of other things in the same folder; a spreadsheet tells the class beside all else; the normal ones have no mask."""
    made, size, rows = Builder(data), (44, 52), list[list[object]]()
    top = "BrEaST-Lesions_USG-images_and_masks-Dec-15-2023"
    labels = dict[str, Label]()
    for k in range(1, 49):
        name = f"case{k:03d}"
        label = "normal" if k % 12 == 5 else ("benign", "malignant", "benign")[k % 3]
        path = f"{top}/{name}.png"
        plane = None if label == "normal" else draw_plane(made.random, size)
        true = TrueSample(size, label, planes=None if plane is None else (plane,))
        made.image(path, true, part="train")
        labels[path] = label
        tumour, others = None, list[str]()
        if plane is not None:
            tumour = f"{name}_tumor.png"
            save_grey_mask(data / f"{top}/{tumour}", plane)
            for n in range(1, 1 + (k % 8 == 3) + 2 * (k % 16 == 6)):
                others.append(f"{name}_other{n}.png")
                save_grey_mask(data / f"{top}/{others[-1]}", draw_plane(made.random, size))
        grade = {"normal": "1", "benign": ("2", "3", "4a")[k % 3], "malignant": ("4c", "5")[k % 2]}
        rows.append([k, f"{name}.png", tumour, "&".join(others) or None, 0.0075 + k % 9 / 1000, 30 + k * 7 % 51 if k % 6 else "not available", ("heterogeneous: predominantly fat", "homogeneous: fat", "lactating")[k % 3], ("palpable", "no")[k % 2], "no", ("oval", "irregular", "round")[k % 3] if plane is not None else "not applicable", ("circumscribed", "not circumscribed - indistinct")[k % 2], grade[str(label)], ("confirmed by biopsy", "confirmed by follow-up care")[k % 2], ("fibroadenoma", "invasive ductal carcinoma", "cyst")[k % 3], label])  # fmt: skip
    header = ["CaseID", "Image_filename", "Mask_tumor_filename", "Mask_other_filename", "Pixel_size", "Age", "Tissue_composition", "Signs", "Symptoms", "Shape", "Margin", "BIRADS", "Verification", "Diagnosis", "Classification"]  # fmt: skip
    write_workbook(data / "BrEaST-Lesions-USG-clinical-data-Dec-15-2023.xlsx", header, rows)
    classes = ("benign", "malignant", "normal")
    both = reading_of(made, {**LABELS, **ONE_MASK}, classes=classes, mask_classes=[""])
    return both, reading_of(made, LABELS, classes=classes), without_labels(both)


LAYOUTS = (
    RealLayout("rsna-breast-cancer-detection", "page, code", _breasts),
    DataSet("MIAS", "memory", _mammograms, has_test=False),
    DataSet("CBIS-DDSM (Kaggle)", "memory", _cbis_ddsm_kaggle, doubt="columns of dicom_info.csv"),
    DataSet("BUSI", "memory", _busi, has_test=False),
    DataSet("BUS-BRA", "memory", _breasts_of_brazil, has_test=False, doubt="columns of the folds"),
    DataSet("BrEaST ultrasound", "code and memory", _lesions_by_sound, has_test=False),
)
