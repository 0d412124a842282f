"""Layouts of competitions and data sets of eyes: retinas, vessels, discs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from layouts.drawing import draw_class_map, draw_plane, paint_photo, save_pixels
from layouts.real.files import write_lines, write_workbook
from layouts.real.kinds import LABELS, MULTI, ONE_MASK, RANKS, SEVERAL, TARGETS, TWO
from layouts.real.made import BROAD, SIZE, WIDE, Builder, DataSet, Readings, RealLayout
from layouts.real.masks import planes_of, save_grey_mask, union
from layouts.real.names import hex_name, hex_names
from layouts.real.outlines import rectangle
from layouts.real.photos import write_grey, write_photos
from layouts.real.readings import (
    in_folders,
    reading_of,
    with_and_without,
    with_ground,
    with_labels,
    with_mask_classes,
    with_train_labels,
)
from layouts.real.tables import FIVE, label_text, write_competition
from layouts.runs import Plane
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _retina_scans(data: Path) -> Readings:
    """A blank at the end of a folder's name; patients in the names; a second copy."""
    made, classes = Builder(data), ("CNV", "DME", "DRUSEN", "NORMAL")
    for place, label in enumerate(classes):
        for part, n in (("train", 9), ("val", 2), ("test", 3)):
            base = {"train": 1016042, "val": 6294785, "test": 5556376}[part] + 7919 * place
            names = [f"{label}-{base + 311 * (k // 3)}-{1 + k % 3}.jpeg" for k in range(n)]
            write_photos(made, [f"OCT2017 /{part}/{label}/{one}" for one in names], label)
        made.text(f"OCT2017 /train/{label}/.DS_Store", "x")
    first = dict(made.train)
    for path, true in first.items():
        (data / "oct2017" / path).parent.mkdir(parents=True, exist_ok=True)
        (data / "oct2017" / path).write_bytes((data / path).read_bytes())
        made.train[f"oct2017/{path}"] = true
    is_test = lambda path: "/test/" in path  # noqa: E731
    copy, outer = in_folders("oct2017"), (lambda path: path in first)
    return (
        reading_of(made, LABELS, test=is_test, out=copy, classes=classes),
        reading_of(made, LABELS, test=is_test, out=outer, classes=classes),
        reading_of(made, LABELS, test=is_test, out=lambda path: copy(path) or "/val/" in path,
                 classes=classes),
    )  # fmt: skip


def _myopia(data: Path) -> Readings:
    """The class is the first letter of a name; a workbook tells those of validation."""
    made, rows, known = Builder(data), [], dict[str, str]()
    for letter, n in (("H", 5), ("N", 9), ("P", 12)):
        write_photos(
            made,
            [f"PALM-Training400/PALM-Training400/{letter}{k:04d}.jpg" for k in range(1, n + 1)],
            letter,
        )
    for k in range(1, 9):
        path = f"PALM-Validation400/V{k:04d}.jpg"
        write_photos(made, [path], None)
        known[path] = str(k * 3 % 2)
        rows.append([k, f"V{k:04d}.jpg", int(known[path]), 1057.52 + k, 1030.15])
        write_photos(made, [f"PALM-Testing400-Images/T{k:04d}.jpg"], None)
    (data / "PALM-Validation-GT").mkdir()
    write_workbook(data / "PALM-Validation-GT/PM_Label_and_Fovea_Location.xlsx",
              ["ID", "imgName", "Label", "Fovea_X", "Fovea_Y"], rows)  # fmt: skip
    tests, validation = in_folders("PALM-Testing400-Images"), in_folders("PALM-Validation400")
    both = lambda path: tests(path) or validation(path)  # noqa: E731
    letters = ("H", "N", "P")
    ill = {path: str(int(one.label == "P")) for path, one in made.train.items() if one.label}
    binary = reading_of(made, TWO, test=tests, classes=("0", "1"))
    return (
        reading_of(made, LABELS, test=tests, out=validation, classes=letters),
        reading_of(made, LABELS, test=both, classes=letters),
        reading_of(made, LABELS, test=tests, classes=letters),
        with_labels(binary, {**ill, **known}),
    )


EYES = ("N", "D", "G", "C", "A", "H", "M", "O")


def _two_eyes(data: Path) -> Readings:
    """A row an eye of a patient, with lists as text; images are there twice; test has no rows."""
    made, rows, one_label, several = (
        Builder(data),
        [],
        dict[str, str](),
        dict[str, frozenset[str]](),
    )
    top = "ODIR-5K/ODIR-5K"
    words = {"N": "normal fundus", "D": "moderate non proliferative retinopathy", "G": "glaucoma", "C": "cataract",
             "A": "dry age-related macular degeneration", "H": "hypertensive retinopathy",
             "M": "pathological myopia", "O": "macular epiretinal membrane"}  # fmt: skip
    for patient in range(22):
        kinds = (EYES[patient * 3 % 8], EYES[patient * 3 % 8 if patient % 3 else patient * 5 % 8])
        whole = frozenset(kinds)
        bits = [str(int(one in whole)) for one in EYES]
        for side, label in zip(("left", "right"), kinds, strict=True):
            name = f"{patient}_{side}.jpg"
            path = f"{top}/Training Images/{name}"
            is_used = (patient, side) != (3, "left")
            for one in (path, f"preprocessed_images/{name}")[: 1 + is_used]:
                write_photos(made, [one], label if is_used else None)
                if is_used:
                    one_label[one], several[one] = label, whole
            if is_used:
                target = [int(one == label) for one in EYES]
                rows.append([
                    str(patient), str(45 + patient), ("Female", "Male")[patient % 2], f"{patient}_left.jpg",
                    f"{patient}_right.jpg", words[kinds[0]], words[kinds[1]], *bits,
                    f"../input/ocular-disease-recognition-odir5k/ODIR-5K/Training Images/{name}", f"['{label}']",
                    str(target), name,
                ])  # fmt: skip
    for patient in range(937, 941):
        write_photos(
            made, [f"{top}/Testing Images/{patient}_{side}.jpg" for side in ("left", "right")], None
        )
    header = ["ID", "Patient Age", "Patient Sex", "Left-Fundus", "Right-Fundus", "Left-Diagnostic Keywords",
              "Right-Diagnostic Keywords", *EYES]  # fmt: skip
    made.table("full_df.csv", [*header, "filepath", "labels", "target", "filename"], rows)
    write_workbook(
        data / f"{top}/data.xlsx",
        header,
        [[int(one[0]), int(one[1]), *one[2:7], *map(int, one[7:15])] for one in rows[::2]],
    )  # type: ignore[misc]
    found = []
    for out in (f"{top}/Training Images", "preprocessed_images"):
        truth = reading_of(
            made,
            LABELS,
            test=in_folders(f"{top}/Testing Images"),
            out=in_folders(out),
            classes=EYES,
        )
        several_of = replace(truth, kinds={"classify": frozenset(["multilabel"])})
        found += [with_labels(truth, dict(one_label)), with_labels(several_of, dict(several))]
    return tuple(found)


def _glaucoma(data: Path) -> Readings:
    """Images in folders 0, 1 and 2, which are pieces; no images to predict."""
    made, cells = Builder(data), []
    for k in range(36):
        label = "RG" if k % 4 == 0 else "NRG"
        write_photos(made, [f"{k // 12}/TRAIN{k * 311:06d}.jpg"], label)
        cells.append([f"TRAIN{k * 311:06d}", label])
    made.table("train_labels.csv", ["challenge_id", "class"], cells)
    return (reading_of(made, TWO, classes=("NRG", "RG")),)


def _many_eye_diseases(data: Path) -> Readings:
    made, classes = (
        Builder(data),
        ("0.0.Normal", "0.1.Tessellated fundus", "1.0.DR2", "29.1.Blur fundus with suspected PDR"),
    )
    for label in classes:
        write_photos(
            made,
            [f"1000images/{label}/{hex_name('eye', label, k, length=9)}_{k}.JPG" for k in range(8)],
            label,
        )
    made.text(
        "1000images/README.txt",
        "1000 fundus images with 39 categories, from the Joint Shantou International Eye Centre.\n",
    )
    return (reading_of(made, LABELS, classes=classes),)


def _optic_discs(data: Path) -> Readings:
    """The same images twice, parted by hospital and at random."""
    made, top, classes = Builder(data), "RIM-ONE_DL_images", ("glaucoma", "normal")
    for place, label in enumerate(classes):
        for k in range(18):
            photo = paint_photo(made.random, SIZE)
            name = f"r{1 + k % 3}_Im{1 + 7 * k + 200 * place:03d}.png"
            parts = {"partitioned_by_hospital": k % 3 == 0, "partitioned_randomly": k % 4 == 1}
            for folder, is_test in parts.items():
                part = "test_set" if is_test else "training_set"
                path = f"{top}/{folder}/{part}/{label}/{name}"
                made.image(path, TrueSample(SIZE, label), part="train", pixels=photo)
    folders = [f"{top}/{one}" for one in ("partitioned_by_hospital", "partitioned_randomly")]
    return tuple(
        reading_of(
            made, TWO, test=in_folders(f"{one}/test_set"), out=in_folders(other), classes=classes
        )
        for one, other in (folders, folders[::-1])
    )


def _glaucoma_by_name(data: Path) -> Readings:
    """One folder; a letter in the names of the ill, and none in those of the sound; two endings in capitals; from code."""
    made, ill = Builder(data), dict[str, bool]()
    for k in range(40):
        is_ill = k >= 18
        ending = "JPG" if k >= 38 else "jpg"
        path = f"ACRIMA/Images/Im{k * 17 + 1:03d}{'_g' if is_ill else ''}_ACRIMA.{ending}"
        write_photos(made, [path], None, (44, 44 + k % 3))
        ill[path] = is_ill
    found = list[LayoutTruth]()
    for names in (
        ("normal", "glaucoma"),
        ("0", "1"),
        ("", "g"),
        ("ACRIMA", "g"),
        ("ACRIMA", "g_ACRIMA"),
    ):
        truth = reading_of(made, TWO, classes=names)
        found.append(with_train_labels(truth, {path: names[one] for path, one in ill.items()}))
    return tuple(found)


def _eyes_of_both_sides(data: Path) -> Readings:
    """Two spreadsheets, of right and of left eyes, with a header of two rows and numbers after a hash; outlines by two experts as texts."""
    made, top = Builder(data), "PapilaDB-PAPILA"
    labels = dict[str, str]()
    upper = ["", "Age", "Gender", "Diagnosis", "Refractive_Defect", "", "", "Phakic/Pseudophakic", "Pneumatic", "Perkins", "Pachymetry", "Axial_Length", "VF_MD"]  # fmt: skip
    lower = ["ID", "", "", "", "dioptre_1", "dioptre_2", "astigmatism", "", "", "", "", "", ""]
    for side in ("OD", "OS"):
        cells = list[list[object]]()
        for k in range(1, 25):
            number = 2 * k + k // 5
            name, grade = f"RET{number:03d}{side}", (0, 0, 1, 0, 2, 0)[(k + (side == "OS")) % 6]
            path = f"{top}/FundusImages/{name}.jpg"
            write_photos(made, [path], None, (40, 52))
            labels[path] = str(grade)
            cells.append([f"#{number:03d}", 40 + k * 7 % 45, k % 2, grade, 0.25 * (k % 9), -0.75, 80 + k, k % 2, 14 + k % 8, "", 520 + k * 3, 23.5, -1.2 * grade])  # fmt: skip
            for part, around in (("cup", 3), ("disc", 6)):
                for expert in (1, 2):
                    points = [(26 + around * x, 20 + around * y + expert) for x, y in ((-1, 0), (0, 1), (1, 0), (0, -1))]  # fmt: skip
                    write_lines(made, f"{top}/ExpertsSegmentations/Contours/{name}_{part}_exp{expert}.txt", [f"   {x:.7e}   {y:.7e}" for x, y in points])  # fmt: skip
        write_workbook(
            data / f"{top}/ClinicalData/patient_data_{side.lower()}.xlsx", upper, [lower, *cells]
        )
    made.text(f"{top}/HelpCode/utils.py", "import numpy as np\n")
    made.text(f"{top}/README.md", "# PAPILA\n\nDiagnosis: 0 stands for healthy, 1 for glaucoma, and 2 for suspicious.\n")  # fmt: skip
    eyes = reading_of(made, LABELS, classes="012")
    ranks = reading_of(made, RANKS, classes="012")
    return with_train_labels(eyes, dict(labels)), with_train_labels(ranks, dict(labels))


SIGNS = ("ANRS", "ANRI", "RNFLDS", "RNFLDI", "BCLVS", "BCLVI", "NVT", "DH", "LD", "LC")


# JustRAIGS (Grand Challenge): participants' code.
def _eyes_to_refer(data: Path) -> Readings:
    """Images in numbered folders, endings in capitals; a table with semicolons, marks of three graders with gaps; some rows have no image."""
    made, lines = Builder(data), list[str]()
    graded = [f"G{n} {one}" for n in (1, 2, 3) for one in SIGNS]
    lines.append(";".join(["Eye ID", "Final Label", "Fellow Eye ID", "Age", "Label G1", "Label G2", "Label G3", *graded]))  # fmt: skip
    labels = dict[str, Label]()
    for k in range(60):
        name = f"TRAIN{k:06d}"
        label = "RG" if k * 5 % 8 < 2 else "NRG"
        third = label if k % 9 == 4 else ""
        other = ("RG" if label == "NRG" else "NRG") if third else label
        fellow = f"TRAIN{k + 1:06d}" if k % 4 == 0 else ""
        marks = list[str]()
        for n, said in enumerate((label, other, third)):
            has = said == "RG"
            marks.extend(str(float((k + j + n) % 3 == 0)) if has else "" for j in range(len(SIGNS)))
        age = "" if k % 11 == 5 else f"{41 + k * 7 % 40}.0"
        lines.append(";".join([name, label, fellow, age, label, other, third, *marks]))
        if k % 26 == 9:
            continue
        path = f"train_{k // 10}/{name}.JPG"
        write_photos(made, [path], label, (44, 44 + k % 5))
        labels[path] = label
    write_lines(made, "JustRAIGS_Train_labels.csv", lines)
    return (reading_of(made, TWO, classes=("NRG", "RG")),)


FUNDUS = ("Disease_Risk", "DR", "ARMD", "MH", "DN")


def _retinas(data: Path) -> Readings:
    """Three parts, each with numbers from 1 and a table of its own; a column sums up the others."""
    made, labels = Builder(data), dict[str, frozenset[str]]()
    for part, folder, name, n in (("Training", "Training", "Training", 26), ("Evaluation", "Validation", "Validation", 7),
                                  ("Test", "Test", "Testing", 7)):  # fmt: skip
        rows, top = [], f"{part}_Set/{part}_Set"
        for k in range(1, n + 1):
            has = frozenset(
                one for place, one in enumerate(FUNDUS[1:]) if (k * 3 + place * 2) % 5 == 0
            )
            has |= frozenset(["Disease_Risk"] if has else [])
            path = f"{top}/{folder}/{k}.png"
            labels[path] = has
            write_photos(made, [path], has)
            rows.append([str(k), *(str(int(one in has)) for one in FUNDUS)])
        made.table(f"{top}/RFMiD_{name}_Labels.csv", ["ID", *FUNDUS], rows)
    found = []
    for out in ((), ("Evaluation_Set",)):
        left = in_folders(*out) if out else (lambda path: False)
        truth = reading_of(made, SEVERAL, test=in_folders("Test_Set"), out=left, classes=FUNDUS)
        found.append(truth)
        fewer = with_labels(truth, {path: one - {"Disease_Risk"} for path, one in labels.items()})
        found.append(replace(fewer, classes=FUNDUS[1:]))
        risk = {path: str(int("Disease_Risk" in one)) for path, one in labels.items()}
        found.append(replace(with_labels(truth, risk), kinds={"classify": frozenset(["binary"])}))
    return tuple(found)


def _with_rows(truth: LayoutTruth, rows: list[tuple[str, ...]]) -> LayoutTruth:
    """Return the truth with other rows in the file that is sent."""
    assert truth.file is not None
    return replace(truth, file=replace(truth.file, rows=rows))


RETINA = (
    "opacity",
    "diabetic retinopathy",
    "glaucoma",
    "macular edema",
    "macular degeneration",
    "retinal vascular occlusion",
    "normal",
)


def _seven_findings(data: Path) -> Readings:
    """A column a finding, with blanks in their names; folders twice in each other."""
    made, cells = Builder(data), []
    rows: list[tuple[str, ...]] = []
    guesses: list[tuple[str, ...]] = []
    for k in range(42):
        part = "train" if k < 32 else "test"
        ill = {one for n, one in enumerate(RETINA[:-1]) if (k * 5 + 3 * n) % 7 < 2}
        found = ill if k % 4 else set[str]()
        label = frozenset(found or {"normal"})
        name, probs = f"{hex_name('retina', k, length=12)}.jpg", made.probs(RETINA)
        made.image(f"{part}/{part}/{name}", TrueSample(SIZE, label, probs), part=part)
        bits = [str(int(one in label)) for one in RETINA]
        if part == "train":
            cells.append([name, *bits])
        else:
            rows.append((name, *bits))
            guesses.append((name, *(repr(probs[one]) for one in RETINA)))
    columns = {"filename": "key", **dict.fromkeys(RETINA, "number")}
    made.table("train.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one[0], *["0"] * 7] for one in rows])
    truth = made.truth(SEVERAL, columns, rows, classes=RETINA)
    return truth, _with_rows(truth, guesses)


RETINAS = (
    "DR",
    "NORMAL",
    "MH",
    "ODC",
    "TSLN",
    "ARMD",
    "DN",
    "MYA",
    "BRVO",
    "ODP",
    "CRVO",
    "CNV",
    "RS",
    "ODE",
    "LS",
    "CSR",
    "HTR",
    "ASR",
    "CRS",
    "OTHER",
)


def _retinas_of_many_ills(data: Path) -> Readings:
    """A table of train and one of val, whose images lie in one folder, with two endings."""
    made, tests = Builder(data), set[str]()
    for part, n in (("train", 40), ("val", 12)):
        cells = []
        for k in range(n):
            has = made.random.random(20) < 0.12
            has[1] = False
            has[1] = not has.any()
            label = frozenset(one for one, bit in zip(RETINAS, has, strict=True) if bit)
            kind = k % 3
            name = (f"{k * 7 + n}", f"aria_c_{k}_{n}", f"im{k * 11 + n:04d}")[kind]
            path = f"images/{name}.{('png', 'tif', 'png')[kind]}"
            write_photos(made, [path], label, (20 + kind, 24))
            cells.append([name, *(str(int(bit)) for bit in has)])
            if part == "val":
                tests.add(path)
        made.table(f"{part}_data.csv", ["ID", *RETINAS], cells)
    return (reading_of(made, SEVERAL, test=lambda path: path in tests, classes=RETINAS),)


def _aptos(data: Path) -> LayoutTruth:
    return write_competition(
        data, images=("train_images/{name}.png", "test_images/{name}.png"), names=hex_names(12),
        labels=["0", "2", "0", "1", "0", "3", "0", "4"], classes=FIVE, kind="ordinal",
        header=["id_code", "diagnosis"], row=lambda name, label: [name, str(label)],
        columns={"id_code": "key", "diagnosis": "text"}, test_table=["id_code"],
        shown=lambda name: [name, "0"], answer=lambda name, true: [name, label_text(true)],
    )  # fmt: skip


def _retinopathy(data: Path) -> LayoutTruth:
    def name(part: str, number: int) -> str:
        patient = 10 + 3 * (number // 2) + (part == "test")
        return f"{patient}_{('left', 'right')[number % 2]}"

    return write_competition(
        data, images=("train/{name}.jpeg", "test/{name}.jpeg"), names=name,
        labels=["0", "0", "1", "0", "2", "0", "3", "4"], classes=FIVE, kind=["ordinal"],
        table="trainLabels.csv", header=["image", "level"], n=(32, 8),
        row=lambda name, label: [name, str(label)], sample="sampleSubmission.csv",
        columns={"image": "key", "level": "text"}, shown=lambda name: [name, "0"],
        answer=lambda name, true: [name, label_text(true)],
    )  # fmt: skip


def _two_grades(data: Path) -> Readings:
    """Two grades an image, columns without a name behind them; numbers begin anew in test."""
    made, top, found = Builder(data), "B. Disease Grading", []
    grades: dict[str, tuple[str, str]] = {}
    for part, n in (("a", 28), ("b", 9)):
        where, lines = (
            ("Training", "Testing")[part == "b"],
            ["Image name,Retinopathy grade,Risk of macular edema ,,,,,,,,,"],
        )
        if part == "b":
            lines = ["Image name,Retinopathy grade,Risk of macular edema "]
        for k in range(1, n + 1):
            path = f"{top}/1. Original Images/{part}. {where} Set/IDRiD_{k:03d}.jpg"
            grades[path] = (str(k * 3 % 5), str(k * 2 % 3))
            write_photos(made, [path], "?")
            lines.append(f"IDRiD_{k:03d},{','.join(grades[path])}{',' * 9 * (part == 'a')}")
        write_lines(
            made, f"{top}/2. Groundtruths/{part}. IDRiD_Disease Grading_{where} Labels.csv", lines
        )
    made.text(f"{top}/CC-BY-4.0.txt", "Creative Commons\n")
    for place, classes in enumerate((tuple("01234"), tuple("012"))):
        truth = reading_of(made, RANKS, test=lambda path: "b. Testing" in path, classes=classes)
        found.append(with_labels(truth, {path: one[place] for path, one in grades.items()}))
    return tuple(found)


def _graded_eyes(data: Path) -> Readings:
    """Blank cells where an image cannot be graded; endings of another case than in the table."""
    made, rows, cells = Builder(data), [], dict[str, tuple[str | None, str | None, str]]()
    for number in range(32):
        name = (
            f"20051020_{43808 + 61 * number}_0100_PP.png"
            if number % 2
            else f"IM{637 + 3 * number:06d}.JPG"
        )
        is_graded = number % 11 != 7
        grade, oedema = (
            (str(number * 3 % 5), str(number * 5 % 7 % 2)) if is_graded else (None, None)
        )
        cells[f"IMAGES/{name}"] = (grade, oedema, str(int(is_graded)))
        write_photos(made, [f"IMAGES/{name}"], "?")
        rows.append([name.replace(".JPG", ".jpg"), grade or "", oedema or "", str(int(is_graded))])
    made.table("messidor_data.csv",
               ["image_id", "adjudicated_dr_grade", "adjudicated_dme", "adjudicated_gradable"], rows)  # fmt: skip
    made.text(
        "messidor_readme.txt", "Adjudicated DR severity, DME and gradability for Messidor-2.\n"
    )
    found = []
    for place, (kinds, classes) in enumerate(
        ((RANKS, tuple("01234")), (TWO, ("0", "1")), (TWO, ("0", "1")))
    ):
        truth = reading_of(made, kinds, classes=classes)
        found.append(with_labels(truth, {path: one[place] for path, one in cells.items()}))
    return tuple(found)


def _eyes_by_patient(data: Path) -> Readings:
    """Two eyes a patient, a row each, with a grade; the evaluation set's rows come without."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for patient in range(1, 21):
        part = "train" if patient < 16 else "test"
        for side in "lr":
            for k in (1, 2):
                name, grade = f"{patient}_{side}{k}", (patient + (side == "l")) % 5
                path = f"{part}/Images/{patient}/{name}.jpg"
                made.image(path, TrueSample(SIZE, str(grade)), part=part)
                if part == "train":
                    cells.append(
                        [str(patient), name, f"Images/{patient}/{name}.jpg", str(k % 2), str(grade)]
                    )
                else:
                    tests.append([str(patient), name, f"Images/{patient}/{name}.jpg"])
                    rows.append((name, str(grade)))
    made.table(
        "train/train.csv",
        ["patient_id", "image_id", "image_path", "Overall quality", "DR_Level"],
        cells,
    )
    made.table("test/test.csv", ["patient_id", "image_id", "image_path"], tests)
    columns = {"image_id": "key", "DR_Levels": "text"}
    made.table("Challenge1_upload.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(RANKS, columns, rows, classes=tuple("01234")),)


def _quality_of_octa(data: Path) -> Readings:
    """Numbers and letters before the names of folders; blanks in the names of columns."""
    made, cells, top = Builder(data), [], "B. Image Quality Assessment"
    for k in range(32):
        level = str((2, 2, 1, 2, 0, 1, 2)[k % 7])
        name = f"{1 + k * 23}.png"
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(
            f"{top}/1. Original Images/a. Training Set/{name}",
            TrueSample(SIZE, level),
            part="train",
            pixels=grey,
        )
        cells.append([name, level])
    for k in range(10):
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        name = f"{top}/1. Original Images/b. Testing Set/{5 + k * 31}.png"
        made.image(name, TrueSample(SIZE), part="train", pixels=grey)
    made.table(
        f"{top}/2. Groundtruths/a. DRAC2022_ Image Quality Assessment_Training Labels.csv",
        ["image name", "image quality level"],
        cells,
    )
    made.text("CC BY 4.0 (Attribution 4.0 International).txt", "Creative Commons\n")
    is_test = in_folders(f"{top}/1. Original Images/b. Testing Set")
    return (reading_of(made, RANKS, test=is_test, classes=("0", "1", "2")),)


STAGES = {"Mild": "1", "Moderate": "2", "No_DR": "0", "Proliferate_DR": "4", "Severe": "3"}


def _filtered_retinas(data: Path) -> Readings:
    """Folders of stages by name, and a table of their numbers; a model of others beside."""
    made, cells = Builder(data), []
    for k in range(40):
        label = list(STAGES)[k * 3 % 5]
        name = hex_name("filtered", k, length=12)
        write_photos(
            made, [f"gaussian_filtered_images/gaussian_filtered_images/{label}/{name}.png"], label
        )
        cells.append([name, STAGES[label]])
    made.table("train.csv", ["id_code", "diagnosis"], cells)
    (data / "gaussian_filtered_images/gaussian_filtered_images/export.pkl").write_bytes(
        b"\x80\x04."
    )
    numbers = sorted(STAGES.values())
    return (
        reading_of(made, RANKS, classes=tuple(STAGES)),
        reading_of(made, RANKS, classes=numbers, label=lambda one: STAGES[str(one)]),
    )


def _mmac_2023_task_1(data: Path) -> Readings:
    """Numbers before the names of folders; facts of the patients with gaps beside the grade."""
    made, cells, top = Builder(data), [], "1. Classification of Myopic Maculopathy"
    for k in range(1, 35):
        grade, name = (
            str((0, 1, 1, 2, 0, 3, 1, 4)[k * 3 % 8]),
            f"mmac_task_1_train_{k * 31:04d}.png",
        )
        write_photos(made, [f"{top}/1. Images/1. Training Set/{name}"], grade)
        body = ["", ""] if k % 4 else [f"{1.55 + k / 100:.2f}", f"{51.0 + k}"]
        cells.append(
            [name, grade, str(31 + k), ("Male", "Female")[k * 3 % 5 % 2], *body, str(1 + k % 3)]
        )
    names = [f"mmac_task_1_val_{k * 23:04d}.png" for k in range(1, 11)]
    write_photos(made, [f"{top}/1. Images/2. Validation Set/{one}" for one in names], None)
    made.table(
        f"{top}/2. Groundtruths/1. MMAC2023_Myopic_Maculopathy_Classification_Training_Labels.csv",
        ["image", "myopic_maculopathy_grade", "age", "sex", "height", "weight", "data_center"],
        cells,
    )
    made.text("LICENSE.txt", "Attribution-NonCommercial-NoDerivatives 4.0 International\n")
    is_test = in_folders(f"{top}/1. Images/2. Validation Set")
    return (reading_of(made, RANKS, test=is_test, classes=tuple("01234")),)


def _grades_of_ddr(data: Path) -> Readings:
    """A folder and a text for each part; a name and a number a line, without a header."""
    made, top = Builder(data), "DDR-dataset/DR_grading"
    for part, n in (("train", 28), ("valid", 8), ("test", 10)):
        lines = []
        for k in range(n):
            name, grade = (
                f"007-{1000 + k * 37 + n:04d}-{k % 3}00.jpg",
                str((0, 2, 0, 1, 4, 3, 5)[k * 3 % 7]),
            )
            write_photos(made, [f"{top}/{part}/{name}"], grade, (20 + k % 3, 24))
            lines.append(f"{name} {grade}")
        write_lines(made, f"{top}/{part}.txt", lines)
    return tuple(
        with_and_without(
            lambda out: [
                reading_of(
                    made, RANKS, test=in_folders(f"{top}/test"), out=out, classes=tuple("012345")
                )
            ],
            in_folders(f"{top}/valid"),
        )
    )


GLAUCOMA = ("non", "early", "mid_advanced")


def _eyes_of_two_kinds(data: Path) -> Readings:
    """A folder an eye: a photo, and below a folder of slices of the same name; a spreadsheet of ones; from memory and code."""
    made, cells = Builder(data), list[list[object]]()
    photos, slices = dict[str, str](), dict[str, str]()
    tests = list[str]()
    for k in range(1, 43):
        part, number = ("training", k) if k <= 30 else ("testing", k + 70)
        label = GLAUCOMA[(0, 1, 2, 0)[k % 4]]
        folder = f"{part}/multi-modality_images/{number:04d}"
        path = f"{folder}/{number:04d}.jpg"
        write_photos(made, [path], None, (40, 40 + k % 4))
        inner = [f"{folder}/{number:04d}/{n}_image.jpg" for n in range(5)]
        for one in inner:
            write_grey(made, one, TrueSample((48, 32)))
        if part == "testing":
            tests += [path, *inner]
            continue
        photos[path] = label
        slices.update(dict.fromkeys(inner, label))
        cells.append([number, *(int(one == label) for one in GLAUCOMA)])
    write_workbook(data / "training/glaucoma_grading_training_GT.xlsx", ["data", *GLAUCOMA], cells)
    every = reading_of(made, RANKS, test=in_folders("testing"), classes=GLAUCOMA)
    by_photo = with_train_labels(every, dict(photos))
    test = {path: one for path, one in every.test.items() if not path.endswith("_image.jpg")}
    return replace(by_photo, test=test), by_photo, with_train_labels(every, {**photos, **slices})


# UWF4DR 2024 (MICCAI), tasks 2 and 3: users' code.
def _wide_fundus(data: Path) -> Readings:
    """Wide photos of eyes with two diagnoses as 0 and 1, the second with gaps; folders are numbered, and those of test have no table."""
    made, cells, top = Builder(data), list[list[str]](), "UWF4DR_Task2_Task3"
    first, second = dict[str, str](), dict[str, str]()
    for k in range(42):
        name = f"{k * 13 + 4:05d}.jpg"
        path = f"{top}/1. Images/1. Training/{name}"
        write_photos(made, [path], None, (40, 52))
        first[path] = str(int(k * 3 % 7 < 3))
        last = "" if k % 3 == 1 else str(int(k * 5 % 9 < 4))
        if last:
            second[path] = last
        cells.append([name, first[path], last])
    names = ("referable diabetic retinopathy", "diabetic macular edema")
    made.table(f"{top}/2. Groundtruths/1. Training.csv", ["image", *names], cells)
    later = f"{top}/1. Images/2. Validation"
    write_photos(made, [f"{later}/{k * 11 + 2:05d}.jpg" for k in range(12)], None, (40, 52))
    made.text(f"{top}/README.txt", "Task 2: referable DR. Task 3: DME, for the images that were graded for it.\n")  # fmt: skip
    test = in_folders(later)
    both: dict[str, Label] = {
        path: (float(one), float(second[path]) if path in second else None)
        for path, one in first.items()
    }
    single = reading_of(made, TWO, test=test, classes=("0", "1"))
    return (
        with_train_labels(reading_of(made, TARGETS, test=test, classes=names), dict(both)),
        with_train_labels(single, dict(first)),
        with_train_labels(single, dict(second)),
    )


def _drive(data: Path) -> Readings:
    made, region = Builder(data), np.ones(SIZE, dtype=bool)
    region[:2] = region[-2:] = region[:, :2] = region[:, -2:] = False
    for n in range(1, 41):
        part, word = ("training", "training") if n > 20 else ("test", "test")
        plane = draw_plane(made.random, SIZE)
        true = TrueSample(SIZE, planes=(plane,))
        made.image(f"DRIVE/{part}/images/{n:02d}_{word}.tif", true, part="train")
        save_pixels(
            data / f"DRIVE/{part}/mask/{n:02d}_{word}_mask.gif", region.astype(np.uint8) * 255, "L"
        )
        if part == "training":
            save_pixels(
                data / f"DRIVE/{part}/1st_manual/{n:02d}_manual1.gif",
                plane.astype(np.uint8) * 255,
                "L",
            )
    return (reading_of(made, ONE_MASK, test=in_folders("DRIVE/test"), mask_classes=[""]),)


def _refuge(data: Path) -> Readings:
    """Class folders of images and of masks: 0 is the cup, 128 the rim, 255 all else."""
    made, size, classes = Builder(data), (32, 32), ("Glaucoma", "Non-Glaucoma")
    for number in range(24):
        label = classes[number % 4 != 0]
        name = f"{'gn'[label == classes[1]]}{1 + number:04d}"
        disc = draw_plane(made.random, size)
        cup = disc & (np.arange(32)[:, None] % 3 > 0)
        true = TrueSample(size, label, planes=(cup, disc & ~cup))
        made.image(f"Training400/{label}/{name}.jpg", true, part="train")
        mask = np.where(cup, 0, np.where(disc, 128, 255)).astype(np.uint8)
        save_pixels(data / f"Annotation-Training400/Disc_Cup_Masks/{label}/{name}.bmp", mask)
    for number in range(1, 9):
        made.image(f"REFUGE-Validation400/V{number:04d}.jpg", TrueSample(size), part="train")
    is_test = in_folders("REFUGE-Validation400")
    both = reading_of(
        made, {**TWO, **MULTI}, test=is_test, classes=classes, mask_classes=("0", "128")
    )
    masks = replace(both, kinds={"segment": frozenset(["multiclass"])}, classes=())
    every = {
        path: replace(one, planes=(*one.planes, ~np.any(one.planes, axis=0)))
        for path, one in both.train.items() if one.planes
    }  # fmt: skip
    three = replace(both, train=every, mask_classes=("0", "128", "255"))
    labels = reading_of(made, TWO, test=is_test, classes=classes)
    return both, three, masks, replace(three, kinds=masks.kinds, classes=()), labels


def _chase(data: Path) -> Readings:
    """Images and masks of two people, all in one folder."""
    made = Builder(data)
    for n in range(1, 15):
        for side in "LR":
            first, second = draw_plane(made.random, BROAD), draw_plane(made.random, BROAD)
            name = f"Image_{n:02d}{side}"
            made.image(f"{name}.jpg", TrueSample(BROAD, planes=(first,)), part="train")
            for end, plane in (("1stHO", first), ("2ndHO", second)):
                Image.fromarray(plane).save(data / f"{name}_{end}.png")
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


def _fundus(data: Path) -> Readings:
    """The group stands in the names; masks of the field of view beside those of vessels."""
    made, view = Builder(data), np.ones((*BROAD, 3), dtype=np.uint8) * 255
    view[:2] = view[-2:] = 0
    for n in range(1, 10):
        for kind in ("dr", "g", "h"):
            plane, name = draw_plane(made.random, BROAD), f"{n:02d}_{kind}"
            end = ".JPG" if kind == "dr" else ".jpg"
            made.image(f"images/{name}{end}", TrueSample(BROAD, planes=(plane,)), part="train")
            save_grey_mask(data / f"manual1/{name}.tif", plane)
            save_pixels(data / f"mask/{name}_mask.tif", view)
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


SIGNS_OF_IDRID_SEGMENTATION = {"MA": "1. Microaneurysms", "HE": "2. Haemorrhages", "EX": "3. Hard Exudates",
         "SE": "4. Soft Exudates", "OD": "5. Optic Disc"}  # fmt: skip


def _exudates(data: Path) -> Readings:
    """A folder of masks for each sign of disease; not every image has one of each."""
    made, top = Builder(data), "A. Segmentation"
    for number in range(1, 33):
        part = "a. Training Set" if number <= 24 else "b. Testing Set"
        name, planes = f"IDRiD_{number:02d}", []
        for place, (short, folder) in enumerate(SIGNS_OF_IDRID_SEGMENTATION.items()):
            plane = draw_plane(made.random, BROAD)
            if short == "SE" and number % 2:
                plane = np.zeros(BROAD, dtype=bool)
            else:
                red = np.zeros((*BROAD, 3), dtype=np.uint8)
                red[plane, 0] = 255
                picture = Image.fromarray((plane * (place + 1)).astype(np.uint8), mode="P")
                picture.putpalette([0, 0, 0] + [255, 0, 0] * 255)
                path = (
                    data
                    / f"{top}/2. All Segmentation Groundtruths/{part}/{folder}/{name}_{short}.tif"
                )
                path.parent.mkdir(parents=True, exist_ok=True)
                picture.save(path)
            planes.append(plane)
        true = TrueSample(BROAD, planes=tuple(planes))
        made.image(f"{top}/1. Original Images/{part}/{name}.jpg", true, part="train")
    made.text(f"{top}/CC-BY-4.0.txt", "Creative Commons\n")
    kinds, is_test = {"segment": "multilabel"}, (lambda path: "b. Testing Set" in path)
    return tuple(
        reading_of(made, kinds, test=is_test, mask_classes=names)
        for names in (
            tuple(SIGNS_OF_IDRID_SEGMENTATION),
            tuple(SIGNS_OF_IDRID_SEGMENTATION.values()),
            tuple(one[3:] for one in SIGNS_OF_IDRID_SEGMENTATION.values()),
        )
    )


def _retinal_vessels(data: Path) -> Readings:
    """PPMs; masks of two people in folders."""
    made = Builder(data)
    for n in (1, 2, 3, 4, 5, 44, 77, 81, 82, 139, 162, 163, 235, 236, 239, 240, 255, 291, 319, 324):
        first, second, name = (
            draw_plane(made.random, BROAD),
            draw_plane(made.random, BROAD),
            f"im{n:04d}",
        )
        made.image(f"stare-images/{name}.ppm", TrueSample(BROAD, planes=(first,)), part="train")
        for who, plane in (("ah", first), ("vk", second)):
            path = data / f"labels-{who}/{name}.{who}.ppm"
            save_pixels(path, np.stack([plane.astype(np.uint8) * 255] * 3, axis=-1))
            made.test[f"{who}/{name}"] = TrueSample(BROAD, planes=(plane,))
    others = {one: made.test[f"vk/{Path(one).stem}"] for one in made.train}
    made.test.clear()
    one = reading_of(made, ONE_MASK, mask_classes=[""])
    return one, replace(one, train=others)


def _five_diseases(data: Path) -> Readings:
    """The disease is the letter behind a number; a workbook of the quality; a folder with a blank."""
    made, top = Builder(data), "FIVES A Fundus Image Dataset for AI-based Vessel Segmentation"
    for part, n in (("train", 24), ("test", 8)):
        for k in range(1, n + 1):
            name, plane = f"{k}_{'ADGN'[(k - 1) * 4 // n]}", draw_plane(made.random, BROAD)
            made.image(
                f"{top}/{part}/Original/{name}.png",
                TrueSample(BROAD, name[-1], planes=(plane,)),
                part="train",
            )
            path = data / f"{top}/{part}/Ground truth/{name}.png"
            save_pixels(path, np.stack([plane.astype(np.uint8) * 255] * 3, axis=-1))
        made.text(f"{top}/{part}/Original/Thumbs.db", "x")
    write_workbook(data / f"{top}/Quality Assessment.xlsx", ["Disease", "Number", "IC", "Blur", "LC"],
              [["ADGN"[(k - 1) * 4 // 24], k, 1, k % 2, 1] for k in range(1, 25)])  # type: ignore[list-item]  # fmt: skip
    truth = reading_of(made, {**LABELS, **ONE_MASK}, test=lambda path: "/test/" in path, classes=tuple("ADGN"),
                     mask_classes=[""])  # fmt: skip
    return (truth,)


def _vessels_of_kaggle(data: Path) -> Readings:
    made = Builder(data)
    for part, n in (("train", 18), ("test", 6)):
        for k in range(n):
            plane = draw_plane(made.random, SIZE)
            made.image(
                f"Data/{part}/image/{k}.png", TrueSample(SIZE, planes=(plane,)), part="train"
            )
            save_grey_mask(data / f"Data/{part}/mask/{k}.png", plane)
    return (reading_of(made, ONE_MASK, test=in_folders("Data/test"), mask_classes=[""]),)


def _vessels_of_infrared(data: Path) -> Readings:
    """Arteries are 128 and veins 255 in masks of the same names; names of classes nowhere."""
    made, top = Builder(data), "RAVIR Dataset"
    values = np.array([0, 255, 128], dtype=np.uint8)
    for k in range(23):
        places, name = draw_class_map(made.random, SIZE, 2, fill=False), f"IMG_{1 + k * 7:04d}.png"
        planes = (places == 2, places == 1)
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        path = f"{top}/train/training_images/{name}"
        made.image(path, TrueSample(SIZE, planes=planes), part="train", pixels=grey)
        save_pixels(data / f"{top}/train/training_masks/{name}", values[places])
    for k in range(19):
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(
            f"{top}/test/IMG_{4 + k * 7:04d}.png", TrueSample(SIZE), part="train", pixels=grey
        )
    truth = reading_of(made, MULTI, test=in_folders(f"{top}/test"), mask_classes=("128", "255"))
    return truth, with_ground(truth)


LESIONS = ("drusen", "exudate", "hemorrhage", "others", "scars")


def _macula(data: Path) -> Readings:
    """Two folders of classes; masks of the disc and of five lesions elsewhere, black on white."""
    made, points, lesions = (
        Builder(data),
        list[list[str | float]](),
        dict[str, list[NDArray[np.bool_]]](),
    )
    top, disc = (
        "AMD-Training400/Training400",
        "AMD-Training400-Annotation-DF/Annotation-DF-Training400",
    )
    spots = "AMD-Training400-Annotation-Lesion/Annotation-Lesion-Training400/Lesion_Masks"
    empty = np.zeros(SIZE, dtype=bool)
    for folder, letter, n in (("AMD", "A", 14), ("Non-AMD", "N", 24)):
        for k in range(1, n + 1):
            name, plane = f"{letter}{k:04d}", draw_plane(made.random, SIZE)
            path = f"{top}/{folder}/{name}.jpg"
            made.image(path, TrueSample(SIZE, folder, planes=(plane,)), part="train")
            save_pixels(
                data / f"{disc}/Disc_Masks/{folder}/{name}.bmp",
                np.where(plane, 0, 255).astype(np.uint8),
            )
            points.append([len(points) + 1, f"{name}.jpg", 11.25 + k, 9.5 + k / 2])
            lesions[path] = [empty] * 5
            for place, one in enumerate(LESIONS):
                if letter == "A" and (k + place) % 3 == 0:
                    spot = draw_plane(made.random, SIZE)
                    lesions[path][place] = spot
                    save_pixels(
                        data / f"{spots}/{one}/{name}.bmp", np.where(spot, 0, 255).astype(np.uint8)
                    )
    write_workbook(
        data / f"{top}/Fovea_location.xlsx", ["ID", "imgName", "Fovea_X", "Fovea_Y"], points
    )
    names = [f"V{k * 7:04d}.jpg" for k in range(1, 11)]
    write_photos(made, [f"AMD-Validation400/Validation-400-images/{one}" for one in names], None)
    test = in_folders("AMD-Validation400")
    classes = ("AMD", "Non-AMD")
    of_disc = reading_of(made, {**TWO, **ONE_MASK}, test=test, classes=classes, mask_classes=[""])
    kinds = {**TWO, "segment": "multilabel"}
    of_lesions = reading_of(made, kinds, test=test, classes=classes, mask_classes=LESIONS)
    train = {
        path: replace(one, planes=tuple(lesions[path])) for path, one in of_lesions.train.items()
    }
    return of_disc, replace(of_lesions, train=train)


def _g1020_kaggle(data: Path) -> Readings:
    """A table of both classes; masks of the disc and the cup; all of it again, square, and outlines."""
    made, cells = Builder(data), []
    for k in range(34):
        label, name, size = str(int(k % 4 == 3)), f"image_{k * 3}", (24, 30)
        places = np.zeros(size, dtype=np.uint8)
        left, top, wide, tall = 3 + k % 6, 4 + k % 4, 12 + k % 3, 11 + k % 5
        disc, cup = (left, top, wide, tall), (left + 3, top + 4, wide - 6, tall - 7)
        outlines = [("disc", disc), *([("cup", cup)] if k % 5 else [])]
        for place, (_, box) in enumerate(outlines):
            places[rectangle(size, *box)] = place + 1
        shapes: list[tuple[str, str, list[list[int]]]] = [
            (one, "polygon", [[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
            for one, (x, y, w, h) in outlines
        ]
        shapes.append(
            ("discLoc", "rectangle", [[left - 2, top - 3], [left + wide + 2, top + tall + 1]])
        )
        for end, across in (("", 30), ("_Square", 24)):
            part = places[:, :across]
            true = TrueSample(part.shape, label, planes=planes_of(part, 2))
            made.image(f"G1020/Images{end}/{name}.jpg", true, part="train")
            save_pixels(data / f"G1020/Masks{end}/{name}.png", part)
        photo = made.random.integers(0, 90, (*size, 3)).astype(np.uint8)
        save_pixels(data / f"G1020/NerveRemoved_Images/{name}.jpg", photo)
        made.text(
            f"G1020/Images/{name}.json",
            json.dumps(
                {
                    "version": "3.6.16",
                    "flags": {},
                    "shapes": [
                        {
                            "label": one,
                            "line_color": None,
                            "fill_color": None,
                            "points": points,
                            "shape_type": kind,
                        }
                        for one, kind, points in shapes
                    ],
                    "imagePath": f"{name}.jpg",
                    "imageData": None,
                    "imageHeight": size[0],
                    "imageWidth": size[1],
                }
            ),
        )
        cells.append([f"{name}.jpg", label])
    made.table("G1020/G1020.csv", ["imageID", "binaryLabels"], cells)
    found = list[LayoutTruth]()
    for out in ("G1020/Images_Square", "G1020/Images"):
        every = reading_of(
            made, {**TWO, **MULTI}, out=in_folders(out), classes=("0", "1"), mask_classes=["1", "2"]
        )
        ground = {
            path: replace(one, planes=(~union(one.planes), *one.planes))
            for path, one in every.train.items()
            if one.planes
        }
        found += [every, replace(every, mask_classes=("0", "1", "2"), train=ground)]
    return tuple(found)


def _layers_of_retinas(data: Path) -> Readings:
    """Masks of 0, 80 and 160, and white for all that is no layer; a spreadsheet of a class of each, by its number; from code and memory."""
    made, size, top = Builder(data), WIDE, "GOALS2022-Train/Train"
    greys, cells = np.array([255, 0, 80, 160], dtype=np.uint8), list[list[object]]()
    for k in range(1, 31):
        places = np.zeros(size, dtype=np.uint8)
        for column, row in enumerate(6 + np.arange(size[1]) // 6 + k % 4):
            places[row : row + 6, column] = 1
            places[row + 6 : row + 10, column] = 2
            places[row + 13 : row + 19, column] = 3
        name, label = f"{k:04d}.png", k * 3 % 7 % 2
        true = TrueSample(size, str(label), planes=(*planes_of(places, 3), places == 0))
        write_grey(made, f"{top}/Image/{name}", true)
        save_pixels(data / f"{top}/Layer_Masks/{name}", greys[places])
        cells.append([k, label])
    write_workbook(data / f"{top}/Train_GC_GT.xlsx", ["ImgName", "GC_Label"], cells)
    for k in range(101, 113):
        path = f"GOALS2022-Validation/GOALS2022-Validation/Image/{k:04d}.png"
        write_grey(made, path, TrueSample(size))
    whole = reading_of(
        made,
        {**MULTI, **TWO},
        test=in_folders("GOALS2022-Validation"),
        classes=("0", "1"),
        mask_classes=[""] * 4,
    )
    return with_mask_classes(whole, (0, 1, 2)), whole


LESIONS_OF_DRAC_2022_SEGMENTATION = ("1. Intraretinal Microvascular Abnormalities", "2. Nonperfusion Areas", "3. Neovascularization")  # fmt: skip


def _vessels_in_layers(data: Path) -> Readings:
    """Folders with numbers, dots and blanks; one of masks for each lesion, by the name of the image, only where it has it."""
    made, top, size = Builder(data), "A. Segmentation", (44, 44)
    for k in range(1, 41):
        part = "a. Training Set" if k <= 30 else "b. Testing Set"
        path = f"{top}/1. Original Images/{part}/{k * 3 + 24}.png"
        if k > 30:
            write_grey(made, path, TrueSample(size))
            continue
        planes = list[Plane]()
        for n, lesion in enumerate(LESIONS_OF_DRAC_2022_SEGMENTATION):
            has = (k % 3 != 0, True, k % 4 == 1)[n]
            plane = draw_plane(made.random, size) if has else np.zeros(size, dtype=bool)
            planes.append(plane)
            if has:
                save_grey_mask(
                    data / f"{top}/2. Groundtruths/{part}/{lesion}/{k * 3 + 24}.png", plane
                )
        write_grey(made, path, TrueSample(size, planes=tuple(planes)))
    made.text(f"{top}/LICENSE.txt", "Attribution-NonCommercial-NoDerivatives 4.0 International\n")
    test = in_folders(f"{top}/1. Original Images/b. Testing Set")
    return (reading_of(made, {"segment": "multilabel"}, test=test, mask_classes=[""] * 3),)


LAYOUTS = (
    DataSet("OCT2017", "memory", _retina_scans, doubt="that all is there twice"),
    DataSet("ichallenge-palm", "memory", _myopia),
    DataSet("ODIR-5K", "memory", _two_eyes),
    DataSet("airogs", "memory", _glaucoma, has_test=False),
    DataSet("JSIEC fundus", "memory", _many_eye_diseases, has_test=False),
    DataSet("RIM-ONE DL", "memory", _optic_discs),
    DataSet("ACRIMA", "code", _glaucoma_by_name, has_test=False),
    DataSet("PAPILA", "code and memory", _eyes_of_both_sides, has_test=False),
    DataSet("justraigs", "code", _eyes_to_refer, has_test=False, doubt="marks of graders"),
    DataSet("RFMiD", "memory", _retinas),
    DataSet(
        "vietai-advance-retinal-disease-detection-2020",
        "code of columns, memory",
        _seven_findings,
        doubt="the numbers of the sample",
    ),
    DataSet("MuReD", "memory", _retinas_of_many_ills),
    RealLayout("aptos2019-blindness-detection", "page, code", _aptos),
    RealLayout("diabetic-retinopathy-detection", "memory", _retinopathy),
    DataSet("idrid-disease-grading", "memory", _two_grades),
    DataSet("Messidor-2", "memory", _graded_eyes, has_test=False),
    DataSet("deepdrid-challenge-1", "memory", _eyes_by_patient, doubt="columns, cut to one grade"),
    DataSet("drac-2022-image-quality", "memory", _quality_of_octa),
    DataSet("Diabetic retinopathy (Gaussian)", "memory", _filtered_retinas, has_test=False),
    DataSet("mmac-2023-task-1", "code", _mmac_2023_task_1),
    DataSet("DDR grading", "code", _grades_of_ddr),
    DataSet("gamma-2021", "code and memory", _eyes_of_two_kinds, doubt="names of folders"),
    DataSet("uwf4dr-2024", "code", _wide_fundus, doubt="names of columns"),
    DataSet("DRIVE", "memory", _drive),
    DataSet("refuge-2018", "code", _refuge),
    DataSet("CHASE-DB1", "memory", _chase, has_test=False),
    DataSet("HRF", "memory", _fundus, has_test=False),
    DataSet("IDRiD segmentation", "page, code", _exudates, doubt="palette of the masks"),
    DataSet("STARE", "memory", _retinal_vessels, has_test=False),
    DataSet("FIVES", "memory", _five_diseases),
    DataSet("Retina vessels (Kaggle)", "memory", _vessels_of_kaggle),
    DataSet("ravir", "memory", _vessels_of_infrared, doubt="names of the images"),
    DataSet("ichallenge-amd", "memory", _macula, doubt="columns of the fovea"),
    DataSet("G1020 (Kaggle)", "memory", _g1020_kaggle, has_test=False),
    DataSet("goals-2022", "code and memory", _layers_of_retinas),
    DataSet("drac-2022-segmentation", "memory", _vessels_in_layers),
)
