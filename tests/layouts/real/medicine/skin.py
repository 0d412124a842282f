"""Layouts of competitions and data sets of skin: moles, ulcers, acne."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from layouts.drawing import draw_plane, save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import LABELS, NUMBER, ONE_MASK, RANKS, TARGETS, TWO
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout
from layouts.real.masks import save_grey_mask
from layouts.real.names import hex_name, part_by_number, word_name
from layouts.real.photos import copy_photo, write_photos
from layouts.real.readings import (
    any_of,
    beyond_scope,
    in_folders,
    never,
    reading_of,
    with_and_without,
    with_names_of_labels,
    with_train_labels,
)
from layouts.real.tables import write_binary
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _isic(data: Path) -> LayoutTruth:
    header = ["image_name", "patient_id", "sex", "age_approx", "anatom_site_general_challenge",
              "diagnosis", "benign_malignant", "target"]  # fmt: skip

    def row(name: str, label: Label) -> list[str]:
        place = int(name.rpartition("_")[2])
        kind = ["benign", "malignant"][int(str(label))]
        found = ["nevus", "melanoma"][int(str(label))]
        return [name, f"IP_{place // 3:07d}", "male", "45.0", "torso", found, kind, str(label)]

    return write_binary(
        data, images=("jpeg/train/{name}.jpg", "jpeg/test/{name}.jpg"),
        names=lambda part, number: f"ISIC_{(15719, 52060)[part == 'test'] + number:07d}",
        table="train.csv", header=header, row=row, columns=["image_name", "target"], shown="0",
    )  # fmt: skip


HAM = ("akiec", "bcc", "bkl", "mel", "nv")


def _ham(data: Path) -> Readings:
    made, rows, pixels = Builder(data), [], []
    for n in range(30):
        label, name = HAM[n % 5], f"ISIC_{24306 + n:07d}"
        write_photos(made, [f"HAM10000_images_part_{1 + n // 15}/{name}.jpg"], label)
        facts = [("histo", "follow_up")[n % 2], f"{40 + 5 * (n % 6)}.0", ("male", "female")[n % 2],
                 ("scalp", "ear", "back")[n % 3]]  # fmt: skip
        rows.append([f"HAM_{n * 7 // 2:07d}", name, label, *facts])
        pixels.append([*map(str, made.random.integers(0, 255, 64)), str(n % 5)])
    head = ["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]
    made.table("HAM10000_metadata.csv", head, rows)
    made.table("hmnist_8_8_L.csv", [*(f"pixel{n:04d}" for n in range(64)), "label"], pixels)
    return (reading_of(made, LABELS, classes=HAM),)


def _isic_labels(data: Path) -> Readings:
    """One column of 1.0 and 0.0 for each diagnosis."""
    made, names, rows = Builder(data), ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC"), []
    for n in range(35):
        label, name = names[n % 7], f"ISIC_{24306 + n:07d}"
        write_photos(made, [f"ISIC2018_Task3_Training_Input/{name}.jpg"], label)
        rows.append([name, *("1.0" if one == label else "0.0" for one in names)])
    truth = "ISIC2018_Task3_Training_GroundTruth"
    made.table(f"{truth}/{truth}.csv", ["image", *names], rows)
    for part, first in (("Validation", 34321), ("Test", 34524)):
        paths = [f"ISIC2018_Task3_{part}_Input/ISIC_{first + n:07d}.jpg" for n in range(8)]
        write_photos(made, paths, None)
    for folder in ("Training_Input", "Training_GroundTruth", "Validation_Input", "Test_Input"):
        made.text(f"ISIC2018_Task3_{folder}/LICENSE.txt", "CC-BY-NC\n")
        made.text(f"ISIC2018_Task3_{folder}/ATTRIBUTION.txt", "HAM10000\n")
    is_test = in_folders("ISIC2018_Task3_Test_Input")
    kinds = {"classify": ["multiclass", "multilabel"]}
    lists = lambda label: frozenset([str(label)])  # noqa: E731
    return (
        reading_of(made, LABELS, test=is_test, classes=names),
        reading_of(made, kinds, test=is_test, classes=names, label=lists),
    )


def _isic_2016(data: Path) -> Readings:
    """Tables without a header; that of test has 0.0 and 1.0."""
    made, names = Builder(data), ("benign", "malignant")
    front = "ISBI2016_ISIC_Part3"
    for part, n in (("Training", 28), ("Test", 10)):
        lines = []
        for number in range(n):
            name, label = f"ISIC_{3 * number + (part == 'Test'):07d}", names[number % 4 == 1]
            write_photos(made, [f"{front}_{part}_Data/{name}.jpg"], label)
            shown = label if part == "Training" else f"{float(label == 'malignant')}"
            lines.append(f"{name},{shown}")
        write_lines(made, f"{front}_{part}_GroundTruth.csv", lines)
    return (reading_of(made, TWO, test=in_folders(f"{front}_Test_Data"), classes=names),)


LESIONS = ("ACK", "BCC", "MEL", "NEV", "SCC", "SEK")


def _lesions(data: Path) -> Readings:
    """Many columns, of which `diagnostic` is the class; folders of parts."""
    made, rows = Builder(data), []
    for n in range(36):
        label = LESIONS[n * 5 % 6]
        patient, lesion = 8 + n // 3, 15 + n // 2
        name = f"PAT_{patient}_{lesion}_{820 + 7 * n}.png"
        part = f"imgs_part_{1 + n // 12}"
        write_photos(made, [f"images/{part}/{part}/{name}"], label)
        full = n % 3 > 0
        habits = [("False", "True")[(n // 3 + k) % 2] if full else "" for k in range(7)]
        asked = [("True", "False", "UNK")[(n + k) % 7 // 3] for k in range(6)]
        rows.append([
            f"PAT_{patient}", str(lesion), *habits[:2], *(["POMERANIA", "GERMANY"] if full else [""] * 2),
            str(40 + n), habits[2], ("FEMALE", "MALE")[patient % 2] if full else "", *habits[3:7],
            f"{1 + n % 4}.0" if full else "", ("ARM", "FACE", "BACK", "NECK")[n % 4],
            *([f"{5 + n % 6}.0", f"{4 + n % 5}.0"] if full else [""] * 2), label, *asked, name,
            ("False", "True")[n % 2],
        ])  # fmt: skip
    header = ["patient_id", "lesion_id", "smoke", "drink", "background_father", "background_mother",
              "age", "pesticide", "gender", "skin_cancer_history", "cancer_history",
              "has_piped_water", "has_sewage_system", "fitspatrick", "region", "diameter_1",
              "diameter_2", "diagnostic", "itch", "grew", "hurt", "changed", "bleed", "elevation",
              "img_id", "biopsed"]  # fmt: skip
    made.table("metadata.csv", header, rows)
    return (reading_of(made, LABELS, classes=LESIONS),)


LESION_CODES = ("MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC", "UNK")


def _isic_2019(data: Path) -> Readings:
    """A column a class, the last of which train never has; two tables of facts with blanks."""
    made, rows = Builder(data), []
    about: dict[str, list[list[str]]] = {"Training": [], "Test": []}
    for part, n in (("Training", 32), ("Test", 8)):
        for number in range(n):
            name = f"ISIC_{13 * number + (0 if part == 'Training' else 34321):07d}"
            ending = "_downsampled" if number % 5 == 2 and part == "Training" else ""
            label = LESION_CODES[number * 3 % 8]
            path = f"ISIC_2019_{part}_Input/ISIC_2019_{part}_Input/{name}{ending}.jpg"
            made.image(path, TrueSample(BROAD, label if part == "Training" else None), part="train")
            facts = [f"{name}{ending}", f"{30 + 5 * (number % 9)}.0" if number % 6 else "",
                     ("anterior torso", "head/neck", "")[number % 3]]  # fmt: skip
            sex = ("female", "male")[number % 2]
            if part == "Training":
                rows.append(
                    [f"{name}{ending}", *(f"{float(one == label)}" for one in LESION_CODES)]
                )
                lesion = f"BCN_{number // 2:07d}" if number % 4 else ""
                about[part].append([*facts, lesion, sex])
            else:
                about[part].append([*facts, sex])
    made.table("ISIC_2019_Training_GroundTruth.csv", ["image", *LESION_CODES], rows)
    made.table("ISIC_2019_Training_Metadata.csv",
               ["image", "age_approx", "anatom_site_general", "lesion_id", "sex"], about["Training"])  # fmt: skip
    made.table("ISIC_2019_Test_Metadata.csv",
               ["image", "age_approx", "anatom_site_general", "sex"], about["Test"])  # fmt: skip
    for folder in ("ISIC_2019_Training_Input", "ISIC_2019_Test_Input"):
        made.text(
            f"{folder}/{folder}/ATTRIBUTION.txt",
            "BCN_20000 Dataset: (c) Department of Dermatology\n",
        )
        made.text(f"{folder}/{folder}/LICENSE.txt", "CC BY-NC 4.0\n")
    return (
        reading_of(made, LABELS, test=in_folders("ISIC_2019_Test_Input"), classes=LESION_CODES),
    )


SKIN = {
    "acne-vulgaris": ("inflammatory", "non-neoplastic"),
    "basal-cell-carcinoma": ("malignant epidermal", "malignant"),
    "eczema": ("inflammatory", "non-neoplastic"),
    "seborrheic-keratosis": ("benign epidermal", "benign"),
}


def _skin_of_all_tones(data: Path) -> Readings:
    """Class folders and a table of the same, with coarser labels and tones of skin beside."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    kinds = tuple(SKIN)
    for k in range(42):
        part, label = "train" if k < 32 else "test", kinds[(k + k // 4) % 4]
        name = hex_name("skin", k, length=32)
        folder = f"train/train/{label}" if part == "train" else "test/test"
        made.image(f"{folder}/{name}.jpg", TrueSample(SIZE, label), part=part)
        tone, other = str(1 + k % 6), str(1 + k * 5 % 6)
        quality = "1 Diagnostic" if k % 9 == 4 else ""
        scale = ("12", "34", "56")[k % 6 // 2]
        if part == "train":
            cells.append([name, tone, other, label, *SKIN[label], quality, scale])
        else:
            tests.append([name, tone, other, quality, scale])
            rows.append((name, label))
    scales = ["fitzpatrick_scale", "fitzpatrick_centaur"]
    coarse = ["nine_partition_label", "three_partition_label"]
    made.table("train.csv", ["md5hash", *scales, "label", *coarse, "qc", "ddi_scale"], cells)
    made.table("test.csv", ["md5hash", *scales, "qc", "ddi_scale"], tests)
    columns = {"md5hash": "key", "label": "text"}
    made.table("sample_submission.csv", list(columns), [[one, kinds[1]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=kinds),)


def _moles(data: Path) -> Readings:
    """Parts and classes, and all of it once more below a folder."""
    made, classes = Builder(data), ("benign", "malignant")
    for part, n in (("train", 12), ("test", 5)):
        for place, label in enumerate(classes):
            for k in range(n):
                path = f"{part}/{label}/{2 + k * 97 + place + 1000 * (n < 9)}.jpg"
                write_photos(made, [path], label)
                copy_photo(made, path, f"data/{path}")
    test = in_folders("test", "data/test")
    return tuple(
        reading_of(made, TWO, test=test, out=in_folders(*out), classes=classes)
        for out in (("data",), ("train", "test"))
    )


ULCERS = ("none", "infection", "ischaemia", "both")


def _ulcers_of_2021(data: Path) -> Readings:
    """A column of ones a class; images without a label in the same folder, with empty cells."""
    made, cells = Builder(data), []
    for k in range(44):
        label = ULCERS[(0, 1, 1, 0, 2, 3, 0, 1)[k * 3 % 8]] if k % 5 != 3 else None
        name = f"{100001 + k * 37}.jpg"
        write_photos(made, [f"DFUC2021_train/images/{name}"], label)
        ones = [f"{float(one == label)}" if label else "" for one in ULCERS]
        cells.append([name, *ones])
    made.table("DFUC2021_train/train.csv", ["image", *ULCERS], cells)
    write_photos(made, [f"DFUC2021_test/{200003 + k * 29}.jpg" for k in range(12)], None)
    return (reading_of(made, LABELS, test=in_folders("DFUC2021_test"), classes=ULCERS),)


SKINS = (
    "Acne and Rosacea Photos",
    "Eczema Photos",
    "Melanoma Skin Cancer Nevi and Moles",
    "Urticaria Hives",
)


def _skins(data: Path) -> Readings:
    """Class folders of two parts, with blanks in their names; names of the lesions in those of images."""
    made, stems = (
        Builder(data),
        ("07Acne", "03EczemaAreola", "malignant-melanoma", "hives-Urticaria-Acute"),
    )
    for part, n in (("train", 8), ("test", 3)):
        for label, stem in zip(SKINS, stems, strict=True):
            names = [f"{stem}{'-' if k % 2 else ''}{k * 13 + n}.jpg" for k in range(n)]
            write_photos(made, [f"{part}/{label}/{one}" for one in names], label, (20 + n, 24))
    return (reading_of(made, LABELS, test=in_folders("test"), classes=SKINS),)


SKINS_OF_FITZPATRICK17K = ("psoriasis", "squamous cell carcinoma", "lichen planus", "nematode infection", "acanthosis nigricans", "basal cell carcinoma")  # fmt: skip


NINTHS = ("inflammatory", "malignant epidermal", "inflammatory", "inflammatory", "benign dermal", "malignant epidermal")  # fmt: skip


THIRDS = ("non-neoplastic", "malignant", "non-neoplastic", "non-neoplastic", "benign", "malignant")


def _skins_of_six_types(data: Path) -> Readings:
    """A table with a type of skin of -1 to 6 and three sizes of classes; names are hashes; links; some rows have no image."""
    made, cells, top = Builder(data), list[list[str]](), "fitzpatrick17k"
    of: dict[str, dict[str, Any]] = {one: {} for one in ("label", "nine", "three", "scale")}
    for k in range(52):
        name, place = hex_name("skin", k, length=32), k * 5 % 6
        scale = str((k * 3 + k // 6) % 7) if k % 8 else "-1"
        scale = "2" if scale == "0" else scale
        quality = "1 Diagnostic" if k % 13 == 2 else ""
        link = f"https://www.dermaamin.com/site/images/clinical-pic/{SKINS_OF_FITZPATRICK17K[place][:4]}{k}.jpg"
        second = str(max(1, int(scale)) if k % 5 else 3)
        cells.append([name, scale, second, SKINS_OF_FITZPATRICK17K[place], NINTHS[place], THIRDS[place], quality, link, f"httpwwwdermaamincomsiteimagesclinicalpic{k}.jpg"])  # fmt: skip
        if k % 17 == 9:
            continue  # the link of it is dead
        path = f"{top}/data/finalfitz17k/{name}.jpg"
        write_photos(made, [path], None, (40 + k % 5, 36 + k % 7))
        values = (SKINS_OF_FITZPATRICK17K[place], NINTHS[place], THIRDS[place], scale)
        for one, value in zip(of, values, strict=True):
            of[one][path] = value
    header = ["md5hash", "fitzpatrick_scale", "fitzpatrick_centaur", "label", "nine_partition_label", "three_partition_label", "qc", "url", "url_alphanum"]  # fmt: skip
    made.table(f"{top}/fitzpatrick17k.csv", header, cells)
    made.text(f"{top}/README.md", "# Fitzpatrick17k\n\nClinical images with skin condition labels and Fitzpatrick skin types from 1 to 6; -1 stands for unknown.\n")  # fmt: skip
    found = list[LayoutTruth]()
    for one, labels in of.items():
        classes = sorted(set(labels.values()), key=lambda name: (len(name) > 2, name))
        kinds = RANKS if one == "scale" else LABELS
        found.append(with_train_labels(reading_of(made, kinds, classes=classes), labels))
    known = {path: one for path, one in of["scale"].items() if one != "-1"}
    six = reading_of(made, RANKS, classes=sorted(set(known.values())))
    numbers: dict[str, Any] = {path: float(one) for path, one in of["scale"].items()}
    return (
        *found,
        with_train_labels(six, known),
        with_train_labels(reading_of(made, NUMBER), numbers),
    )


MOLES = ("basal cell carcinoma", "blue nevus", "clark nevus", "melanoma (in situ)", "reed or spitz nevus", "seborrheic keratosis")  # fmt: skip


def _moles_by_seven_points(data: Path) -> Readings:
    """A row a case with two images in two columns; the parts are tables of places of rows; endings in capitals."""
    made, top, cells = Builder(data), "release_v0", list[list[str]]()
    sides: dict[str, dict[str, int]] = {"derm": {}, "clinic": {}}
    diagnosis, score, care = list[str](), list[int](), list[str]()
    managed = ("excision", "clinical follow up", "no further examination")
    for k in range(40):
        folder = ("NEL", "FAL", "NGL", "Aal")[k % 4]
        names = {"clinic": f"{folder}/{folder}{k + 25:03d}.JPG", "derm": f"{folder}/{folder}{k + 26 + 40:03d}.JPG"}  # fmt: skip
        for side, name in names.items():
            path = f"{top}/images/{name}"
            write_photos(made, [path], None, (40, 48 + k % 3))
            sides[side][path] = k
        diagnosis.append(MOLES[k * 5 % 6])
        score.append(k * 3 % 8)
        care.append(managed[k * 2 % 3])
        cells.append([
            str(k + 1), diagnosis[-1], str(score[-1]), ("absent", "typical", "atypical")[k % 3],
            ("absent", "regular", "irregular")[k % 3], "diffuse irregular", "absent", "irregular", "absent",
            "absent", ("low", "medium", "high")[k % 3], ("flat", "palpable", "nodular")[k % 3],
            ("back", "abdomen", "lower limbs")[k % 3], ("female", "male")[k % 2], care[-1],
            names["clinic"], names["derm"], "" if k % 4 else str(k), "",
        ])  # fmt: skip
    header = ["case_num", "diagnosis", "seven_point_score", "pigment_network", "streaks", "pigmentation", "regression_structures", "dots_and_globules", "blue_whitish_veil", "vascular_structures", "level_of_diagnostic_difficulty", "elevation", "location", "sex", "management", "clinic", "derm", "case_id", "notes"]  # fmt: skip
    made.table(f"{top}/meta/meta.csv", header, cells)
    part = {"train": (0, 2, 4), "valid": (3,), "test": (1,)}
    for name, ends in part.items():
        lines = [str(k) for k in range(40) if k % 5 in ends]
        write_lines(made, f"{top}/meta/{name}_indexes.csv", ["indexes", *lines])
    case = {**sides["derm"], **sides["clinic"]}
    test: Callable[[str], bool] = lambda path: case[path] % 5 == 1  # noqa: E731
    choices: list[tuple[Mapping[str, Any], Sequence[str], Callable[[int], Label]]] = [
        (LABELS, MOLES, lambda k: diagnosis[k]),
        (NUMBER, (), lambda k: float(score[k])),
        (RANKS, tuple(map(str, range(8))), lambda k: str(score[k])),
        (LABELS, managed, lambda k: care[k]),
    ]
    found = list[LayoutTruth]()
    for used in ({"derm"}, {"clinic"}, {"derm", "clinic"}):
        left: Callable[[str], bool] = lambda path, used=used: not any(path in sides[one] for one in used)  # type: ignore[misc]  # noqa: E731  # fmt: skip
        valid: Callable[[str], bool] = lambda path, left=left: left(path) or case[path] % 5 == 3  # type: ignore[misc]  # noqa: E731  # fmt: skip
        for out in (left, valid):
            for kinds, classes, label_of in choices:
                one = reading_of(made, kinds, test=test, out=out, classes=classes)
                found.append(
                    with_train_labels(one, {path: label_of(k) for path, k in case.items()})
                )
    return tuple(found)


# DrivenData 148, VisioMel: the host's and winners' repositories, and memory of the columns.
def _slides_of_moles(data: Path) -> Readings:
    """A yes or no a slide in a table, and what a doctor knows in another; the images to predict are not given out."""
    made, cells, about = Builder(data), list[list[str]](), list[list[str]]()
    for k in range(48):
        name, label = f"{word_name('mole', k, length=8).lower()}.tif", str(int(k * 5 % 6 < 2))
        made.image(f"train/{name}", TrueSample((52, 44 + k % 4), label), part="train")
        cells.append([name, label])
        age = 30 + 2 * (k % 26)
        about.append([name, f"[{age}:{age + 2}[", str(1 + k % 2), ("trunc", "thigh", "face", "arm")[k % 4], ("NO", "YES", "")[k % 3], ("<0.8", "[0.8 : 1[", "[1 : 2[", "[2 : 4[", ">=4")[k % 5], ("NO", "YES")[k % 2], str(k * 7919), str(k * 104_729), f"s3://drivendata-competition-visiomel-public-us/images/{name}"])  # fmt: skip
    made.table("train_labels.csv", ["filename", "relapse"], cells)
    header = ["filename", "age", "sex", "body_site", "melanoma_history", "breslow", "ulceration", "tif_cksum", "tif_size", "us_tif_url"]  # fmt: skip
    made.table("train_metadata.csv", header, about)
    return (reading_of(made, TWO, classes=("0", "1")),)


# Monkeypox skin lesions (Kaggle): memory.
def _pox(data: Path) -> Readings:
    """Photos of skin with monkeypox or another illness: the originals, a folder of them augmented, and a first fold of three parts; a table names the originals."""
    made, table = Builder(data), list[list[str]]()
    for kind, folder, n in (("M", "Monkey Pox", 12), ("NM", "Others", 14)):
        short = "Monkeypox" if kind == "M" else "Others"
        for k in range(1, n + 1):
            name, size = f"{kind}{k:02d}_{1 + k % 2:02d}", (36, 36)
            write_photos(
                made, [f"Original Images/Original Images/{folder}/{name}.jpg"], folder, size
            )
            table.append([name, "Monkeypox" if kind == "M" else "Non monkeypox"])
            augmented = [f"{name}_{turn:02d}.jpg" for turn in range(3)]
            write_photos(made, [f"Augmented Images/Augmented Images/{short}_augmented/{one}" for one in augmented], f"{short}_augmented", size)  # fmt: skip
            part = ("Train", "Train", "Train", "Val", "Test")[k % 5]
            own = augmented if part == "Train" else [f"{name}.jpg"]
            write_photos(
                made, [f"Fold1/Fold1/Fold1/{part}/{short}/{one}" for one in own], short, size
            )
    made.table("Monkeypox_Dataset_metadata.csv", ["ImageID", "Label"], table)
    fold, first, turned = "Fold1", "Original Images", "Augmented Images"
    names = {"Monkey Pox": "Monkeypox", "Others": "Non monkeypox"}
    both = ("Monkeypox", "Others")
    plain = reading_of(made, TWO, out=in_folders(fold, turned), classes=tuple(names))
    test, val = in_folders("Fold1/Fold1/Fold1/Test"), in_folders("Fold1/Fold1/Fold1/Val")
    rest = in_folders(first, turned)
    return (
        reading_of(made, TWO, test=test, out=rest, classes=both),
        reading_of(made, TWO, test=test, out=any_of(rest, val), classes=both),
        plain,
        with_names_of_labels(plain, names),
    )


def _acne(data: Path) -> Readings:
    """Five folds in texts of name, severity and number of lesions, two blanks between."""
    made, folds = Builder(data), {}
    names = dict[str, tuple[str, str]]()
    for k in range(40):
        level = (0, 1, 0, 1, 2, 0, 1, 3)[k % 8]
        path = f"Classification/JPEGImages/levle{level}_{k * 7}.jpg"
        write_photos(made, [path], str(level))
        folds[path] = k * 3 % 5
        names[path] = (str(level), str((1, 8, 24, 55)[level] + k % 6))
    for fold in range(5):
        for part in ("trainval", "test"):
            write_lines(
                made, f"Classification/NNEW_{part}_{fold}.txt",
                [f"{Path(path).name}  {level}  {count}" for path, (level, count) in names.items()
                 if (folds[path] == fold) == (part == "test")],
            )  # fmt: skip
    made.text("readme.txt", "ACNE04: NNEW_trainval_x.txt and NNEW_test_x.txt are for fold x; each row has image name, severity level and lesion number.\n")  # fmt: skip
    found = list[LayoutTruth]()
    for fold in range(5):
        is_test = lambda path, fold=fold: folds[path] == fold  # noqa: E731
        ranks = reading_of(made, RANKS, test=is_test, classes=tuple("0123"))
        counts = replace(
            ranks, classes=(), kinds={"classify": frozenset({"regression"})},
            train={path: replace(one, label=float(names[path][1])) for path, one in ranks.train.items()},
            test={path: replace(one, label=float(names[path][1])) for path, one in ranks.test.items()},
        )  # fmt: skip
        found += [ranks, counts]
    return tuple(found)


SIGNS_OF_SCALPS = ("미세각질", "피지과다", "모낭사이홍반", "모낭홍반농포", "비듬", "탈모")


GRADES_OF_SCALPS = ("양호", "경증", "중등도", "중증")


# AI Hub (Korea), scalps by type: users' code, and memory of the names of folders.
def _scalps(data: Path) -> Readings:
    """Scalps under a lens in folders of a sign with its grade, with a JSON each, in folders of the same name but for a word, that grades all six signs; two parts."""
    made, top = Builder(data), "유형별 두피 이미지"
    grades, folders = dict[str, Label](), dict[str, Label]()
    for part, n in (("Training", 4), ("Validation", 2)):
        for place, sign in enumerate(SIGNS_OF_SCALPS[2:5], 2):
            for grade in range(4):
                folder = f"{sign}_{grade}.{GRADES_OF_SCALPS[grade]}"
                for k in range(n):
                    name = f"{13 + place * 31 + k:04d}_A2LEBJJDE{k * 7 + grade * 11 + n:05d}O_{1602578351684 + k * 977 + grade * 31}_{1 + k % 4}_TH"
                    path = f"{top}/{part}/[원천]{folder}/{name}.jpg"
                    write_photos(made, [path], None, (48, 64))
                    all_six = [(k + m * (grade + 1) + place) % 4 for m in range(6)]
                    all_six[place] = grade
                    grades[path], folders[path] = tuple(map(float, all_six)), folder
                    about = {"image_id": name, "image_file_name": f"{name}.jpg", **{f"value_{m}": str(one) for m, one in enumerate(all_six, 1)}}  # fmt: skip
                    write_json(made, f"{top}/{part}/[라벨]{folder}/{name}.json", about)
    columns, found = tuple(f"value_{m}" for m in range(1, 7)), list[LayoutTruth]()
    for test in (in_folders(f"{top}/Validation"), never):
        found.append(
            with_train_labels(reading_of(made, TARGETS, test=test, classes=columns), grades)
        )
        plain = reading_of(made, LABELS, test=test, classes=tuple(dict.fromkeys(map(str, folders.values()))))  # fmt: skip
        found.append(with_train_labels(plain, folders))
        sources = {path: f"[원천]{one}" for path, one in folders.items()}
        outer = replace(plain, classes=tuple(dict.fromkeys(sources.values())))
        found.append(with_train_labels(outer, dict(sources)))
    return tuple(found)


def _isic_masks(data: Path) -> Readings:
    made = Builder(data)
    for part, first, n in (("Training", 0, 24), ("Validation", 12255, 6), ("Test", 12169, 8)):
        folder = f"ISIC2018_Task1-2_{part}_Input"
        for k in range(n):
            name, plane = f"ISIC_{first + 3 * k:07d}", draw_plane(made.random, SIZE)
            true = TrueSample(SIZE, planes=(plane,)) if part == "Training" else TrueSample(SIZE)
            made.image(f"{folder}/{name}.jpg", true, part="train")
            if part == "Training":
                mask = data / f"ISIC2018_Task1_Training_GroundTruth/{name}_segmentation.png"
                save_grey_mask(mask, plane)
        made.text(f"{folder}/LICENSE.txt", "CC-0\n")
        made.text(f"{folder}/ATTRIBUTION.txt", "ISIC\n")
    is_test = in_folders("ISIC2018_Task1-2_Test_Input")
    return (reading_of(made, ONE_MASK, test=is_test, mask_classes=[""]),)


def _isic_2017(data: Path) -> Readings:
    """Superpixels beside each image; masks of part 1 and two columns of part 3."""
    made, rows = Builder(data), []
    names = ("melanoma", "seborrheic_keratosis")
    for part, n in (("Training", 24), ("Test_v2", 8)):
        about, folder = [], f"ISIC-2017_{part}_Data"
        for number in range(n):
            name = f"ISIC_{(0 if part == 'Training' else 12086) + 2 * number:07d}"
            plane, bits = draw_plane(made.random, BROAD), (number % 5 == 0, number % 5 == 1)
            label = frozenset(one for one, bit in zip(names, bits, strict=True) if bit)
            true = TrueSample(BROAD, label, planes=(plane,))
            known = true if part == "Training" else TrueSample(BROAD)
            made.image(f"{folder}/{name}.jpg", known, part="train")
            coded = made.random.integers(0, 255, (*BROAD, 3)).astype(np.uint8)
            save_pixels(data / f"{folder}/{name}_superpixels.png", coded)
            about.append([name, str(30 + 5 * (number % 9)), ("female", "male")[number % 2]])
            if part == "Training":
                save_grey_mask(
                    data / f"ISIC-2017_Training_Part1_GroundTruth/{name}_segmentation.png", plane
                )
                rows.append([name, *(f"{float(bit)}" for bit in bits)])
        made.table(f"{folder}/{folder}_metadata.csv", ["image_id", "age_approximate", "sex"], about)
    made.table("ISIC-2017_Training_Part3_GroundTruth.csv", ["image_id", *names], rows)
    is_test, several = in_folders("ISIC-2017_Test_v2_Data"), {"classify": "multilabel"}
    return (
        reading_of(made, {**several, **ONE_MASK}, test=is_test, classes=names, mask_classes=[""]),
        reading_of(made, ONE_MASK, test=is_test, mask_classes=[""]),
        reading_of(made, several, test=is_test, classes=names),
    )


def _lesion_folders(data: Path) -> Readings:
    """A folder an image, with folders of the image, of the lesion and of colours."""
    made, top = Builder(data), "PH2Dataset/PH2 Dataset images"
    for n in range(24):
        name = f"IMD{2 + 7 * n:03d}"
        plane = draw_plane(made.random, BROAD)
        made.image(f"{top}/{name}/{name}_Dermoscopic_Image/{name}.bmp",
                   TrueSample(BROAD, planes=(plane,)), part="train")  # fmt: skip
        path = data / f"{top}/{name}/{name}_lesion/{name}_lesion.bmp"
        path.parent.mkdir(parents=True)
        Image.fromarray(plane).save(path)
        if n % 3 == 0:
            part = data / f"{top}/{name}/{name}_roi/{name}_R1_Label{1 + n % 4}.bmp"
            part.parent.mkdir(parents=True)
            Image.fromarray(plane & (np.arange(BROAD[1]) > 9)).save(part)
    rows = [f"|| IMD{2 + 7 * n:03d} ||      || 0  || {n % 3}" for n in range(24)]
    write_lines(made, "PH2Dataset/PH2_dataset.txt",
           ["|| Name || Histological Diagnosis || Clinical Diagnosis || Asymmetry ||", *rows])  # fmt: skip
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


ATTRIBUTES = ("globules", "milia_like_cyst", "negative_network", "pigment_network", "streaks")


def _attributes_of_lesions(data: Path) -> Readings:
    """Five masks an image, the attribute in the name of each; most are empty."""
    made = Builder(data)
    for part, first, n in (("Training", 0, 22), ("Validation", 12255, 5), ("Test", 12169, 8)):
        folder = f"ISIC2018_Task1-2_{part}_Input"
        for k in range(n):
            name = f"ISIC_{first + 3 * k:07d}"
            planes = tuple(
                draw_plane(made.random, SIZE) & ((k + 2 * place) % 5 < 2)
                for place in range(len(ATTRIBUTES))
            )
            known = part == "Training"
            true = TrueSample(SIZE, planes=planes if known else None)
            made.image(f"{folder}/{name}.jpg", true, part="train")
            for one, plane in zip(ATTRIBUTES, planes if known else (), strict=False):
                top = "ISIC2018_Task2_Training_GroundTruth_v3"
                save_grey_mask(data / f"{top}/{name}_attribute_{one}.png", plane)
        made.text(f"{folder}/LICENSE.txt", "CC-0\n")
        made.text(f"{folder}/ATTRIBUTION.txt", "ISIC\n")
    is_test = in_folders("ISIC2018_Task1-2_Test_Input")
    kind = {"segment": "multilabel"}
    return tuple(
        reading_of(made, kind, test=is_test, mask_classes=[f"{front}{one}" for one in ATTRIBUTES])
        for front in ("", "attribute_")
    )


def _ulcers_of_feet(data: Path) -> Readings:
    """Images and labels of train and of validation, images of test; some labels are empty."""
    made, top = Builder(data), "Foot Ulcer Segmentation Challenge"
    for part, n in (("train", 22), ("validation", 6), ("test", 8)):
        for k in range(n):
            plane, name = draw_plane(made.random, SIZE) & (k % 9 != 4), f"{11 + k * 29 + n:04d}.png"
            true = TrueSample(SIZE, planes=(plane,) if part != "test" else None)
            made.image(f"{top}/{part}/images/{name}", true, part="train")
            if part != "test":
                save_grey_mask(data / f"{top}/{part}/labels/{name}", plane)
    made.text(f"{top}/README.md", "# Foot Ulcer Segmentation Challenge\n\n1010 images of wounds.\n")
    is_test = in_folders(f"{top}/test")
    return tuple(
        with_and_without(
            lambda out: [reading_of(made, ONE_MASK, test=is_test, out=out, mask_classes=[""])],
            in_folders(f"{top}/validation"),
        )
    )


# DFUC 2022 (Grand Challenge): memory.
def _ulcers_of_2022(data: Path) -> Readings:
    """Three parts in folders with the year in their names; masks of train alone."""
    made, size = Builder(data), (40, 52)
    for k in range(1, 33):
        plane = draw_plane(made.random, size)
        path = f"DFUC2022_train_release/DFUC2022_train_images/{100000 + k}.jpg"
        made.image(path, TrueSample(size, planes=(plane,)), part="train")
        save_grey_mask(
            data / f"DFUC2022_train_release/DFUC2022_train_masks/{100000 + k}.png", plane
        )
    top, later = "DFUC2022_val_release", "DFUC2022_test_release"
    write_photos(made, [f"{top}/{200000 + k}.jpg" for k in range(1, 11)], None, size)
    write_photos(made, [f"{later}/{300000 + k}.jpg" for k in range(1, 15)], None, size)
    return (
        reading_of(made, ONE_MASK, test=in_folders(later), mask_classes=[""]),
        reading_of(made, ONE_MASK, test=in_folders(top, later), mask_classes=[""]),
        reading_of(made, ONE_MASK, test=in_folders(later), out=in_folders(top), mask_classes=[""]),
    )


# ISIC 2016, part 3B: memory of its archive.
def _moles_with_masks(data: Path) -> Readings:
    """Moles with their masks in the same folder, for train and test alike; the label stands in a table without a header; in that of test as a number."""
    made, size, lines, known = Builder(data), (44, 52), list[str](), list[str]()
    top, later = "ISBI2016_ISIC_Part3B_Training_Data", "ISBI2016_ISIC_Part3B_Test_Data"
    for k in range(50):
        folder = top if k % 4 else later
        name, label = f"ISIC_{k * 13:07d}", "malignant" if k * 3 % 7 < 2 else "benign"
        plane = draw_plane(made.random, size)
        made.image(f"{folder}/{name}.jpg", TrueSample(size, label, planes=(plane,)), part="train")
        save_grey_mask(data / f"{folder}/{name}_Segmentation.png", plane)
        (lines if folder == top else known).append(f"{name},{label if folder == top else float(label == 'malignant')}")  # fmt: skip
    write_lines(made, "ISBI2016_ISIC_Part3B_Training_GroundTruth.csv", lines)
    write_lines(made, "ISBI2016_ISIC_Part3B_Test_GroundTruth.csv", known)
    classes, test = ("benign", "malignant"), in_folders(later)
    both = reading_of(made, {**TWO, **ONE_MASK}, test=test, classes=classes, mask_classes=[""])
    alone = reading_of(made, TWO, test=test, classes=classes)
    return both, alone


def _isic_2024_challenge(data: Path) -> LayoutTruth:
    """Images of test are in an HDF5 alone."""
    made, cells, tests = Builder(data), [], []
    for number in range(27):
        part, name = part_by_number(number), f"ISIC_{15670 + 91 * number:07d}"
        facts = [f"IP_{1235828 + number // 2}", str(60 - number), ("male", "female")[number % 2],
                 "lower extremity", "3.04"]  # fmt: skip
        if part == "train":
            made.image(f"train-image/image/{name}.jpg", TrueSample(BROAD), part=part)
            cells.append([name, str(int(number % 6 == 1)), *facts])
        else:
            tests.append([name, *facts])
    for part in ("train", "test"):
        (data / f"{part}-image.hdf5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 600)
    header = ["patient_id", "age_approx", "sex", "anatom_site_general", "clin_size_long_diam_mm"]
    made.table("train-metadata.csv", ["isic_id", "target", *header], cells)
    made.table("test-metadata.csv", ["isic_id", *header], tests)
    made.table("sample_submission.csv", ["isic_id", "target"], [[one[0], "0.3"] for one in tests])
    return beyond_scope(made)


LAYOUTS = (
    RealLayout("siim-isic-melanoma-classification", "page", _isic, by_slug=True),
    DataSet("HAM10000", "memory", _ham, has_test=False),
    DataSet("ISIC 2018 task 3", "memory", _isic_labels),
    DataSet("isic-2016-part-3", "memory", _isic_2016),
    DataSet("PAD-UFES-20", "code, memory", _lesions, has_test=False),
    DataSet("isic-2019", "memory", _isic_2019),
    DataSet("bttai-ajl-2025", "code of paths, memory", _skin_of_all_tones, doubt="columns of test"),
    DataSet("Skin cancer: malignant and benign", "memory", _moles),
    DataSet("dfuc-2021", "code and memory", _ulcers_of_2021),
    DataSet("Dermnet", "memory", _skins),
    DataSet("Fitzpatrick17k", "memory", _skins_of_six_types, has_test=False),
    DataSet("Derm7pt", "code and memory", _moles_by_seven_points),
    DataSet("drivendata-visiomel", "code and memory", _slides_of_moles, has_test=False),
    DataSet("Monkeypox skin lesions", "memory", _pox),
    DataSet("ACNE04", "memory", _acne),
    DataSet("AI Hub: scalps", "code and memory", _scalps, doubt="names of folders"),
    DataSet("ISIC 2018 task 1", "memory", _isic_masks),
    DataSet("isic-2017", "memory", _isic_2017),
    DataSet("PH2", "memory", _lesion_folders, has_test=False, doubt="the text is longer"),
    DataSet("isic-2018-task-2", "memory", _attributes_of_lesions),
    DataSet("fusc-2021", "memory", _ulcers_of_feet),
    DataSet("dfuc-2022", "memory", _ulcers_of_2022, doubt="names of outer folders"),
    DataSet("isic-2016-part-3b", "memory", _moles_with_masks),
    RealLayout("isic-2024-challenge", "memory", _isic_2024_challenge),
)
