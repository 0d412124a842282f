"""Layouts of competitions and data sets of scans: brains, kidneys, vessels, ultrasound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from layouts.drawing import Size, draw_plane, save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import LABELS, NUMBER, ONE_MASK, RANKS, SEVERAL, TWO
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.masks import draw_mask, draw_masks_by_class, save_grey_mask, save_jpeg
from layouts.real.names import hex_name, part_by_number
from layouts.real.outlines import write_coco
from layouts.real.photos import copy_photo, write_dicom, write_grey, write_photos
from layouts.real.readings import (
    any_of,
    in_folders,
    objects_as_classes,
    objects_as_one_mask,
    reading_of,
    with_planes,
)
from layouts.runs import Codec, Plane
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _gliomas(data: Path) -> LayoutTruth:
    """A folder a patient, a folder a kind of scan, and slices, of which each has another number."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for number in range(20):
        part, label = "train" if number < 16 else "test", str(number % 3 % 2)
        name, probs = f"{2 * number:05d}", made.probs(("0", "1"))
        for place, scan in enumerate(("FLAIR", "T1w", "T1wCE", "T2w")):
            for image in range(1, 3 + (number + place) % 2):
                true = TrueSample(BROAD, label, probs, unit=name)
                write_dicom(made, f"{part}/{name}/{scan}/Image-{image}.dcm", true, part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, repr(probs["1"])))
    made.table("train_labels.csv", ["BraTS21ID", "MGMT_value"], cells)
    shown = [[one, "0.5"] for one, _ in rows]
    made.table("sample_submission.csv", ["BraTS21ID", "MGMT_value"], shown)
    columns = {"BraTS21ID": "key", "MGMT_value": "number"}
    return made.truth({"classify": "binary"}, columns, rows, classes=("0", "1"))


TUMOURS = {"glioma": "gl", "meningioma": "me", "notumor": "no", "pituitary": "pi"}


def _tumours(data: Path) -> Readings:
    made = Builder(data)
    for label, short in TUMOURS.items():
        for part, front, n in (("Training", "Tr", 8), ("Testing", "Te", 3)):
            names = [f"{part}/{label}/{front}-{short}_{10 + k:04d}.jpg" for k in range(n)]
            write_photos(made, names, label)
    return (reading_of(made, LABELS, test=in_folders("Testing"), classes=TUMOURS),)


def _kidneys(data: Path) -> Readings:
    """Class folders, and a table with paths of another machine and three names of the label."""
    made, cells, top = Builder(data), [], "CT-KIDNEY-DATASET-Normal-Cyst-Tumor-Stone"
    classes = ("Cyst", "Normal", "Stone", "Tumor")
    for place, label in enumerate(classes):
        for k in range(1, 9):
            name = f"{label}- ({k})"
            write_photos(made, [f"{top}/{top}/{label}/{name}.jpg"], label)
            cells.append(
                [
                    str(len(cells)),
                    name,
                    f"/content/data/{top}/{label}/{name}.jpg",
                    label,
                    str(place),
                    label,
                ]
            )
    made.table("kidneyData.csv", ["", "image_id", "path ", "diag", "target", "Class"], cells)
    numbers = [str(n) for n in range(4)]
    return (
        reading_of(made, LABELS, classes=classes),
        reading_of(made, LABELS, classes=numbers, label=lambda one: str(classes.index(str(one)))),
    )


def _brain_tumours_yes_and_no(data: Path) -> Readings:
    """Folders yes and no, and both once more in a folder; names without a rule."""
    made, top = Builder(data), "brain_tumor_dataset"
    for k in range(1, 19):
        for label, names in (
            ("yes", (f"Y{k}.jpg", f"Y{k}.JPG")),
            ("no", (f"{k} no.jpeg", f"no {k}.jpg", f"N{k}.JPG", f"No{k}.jpg")),
        ):
            name, size = names[k % len(names)], (20 + k % 5, 20 + k % 4)
            write_photos(made, [f"{label}/{name}"], label, size)
            copy_photo(made, f"{label}/{name}", f"{top}/{label}/{name}")
    return tuple(
        reading_of(made, TWO, out=in_folders(*out), classes=("no", "yes"))
        for out in ((top,), ("yes", "no"))
    )


FETAL = ("Fetal abdomen", "Fetal brain", "Fetal femur", "Fetal thorax", "Maternal cervix", "Other")


OF_BRAIN = ("Trans-thalamic", "Trans-cerebellum", "Trans-ventricular")


def _sheet(path: Path, lines: Sequence[str]) -> None:
    """Write a spreadsheet of rows whose cells stand between semicolons."""
    import openpyxl

    book = openpyxl.Workbook()
    for line in lines:
        book.active.append([int(one) if one.isdecimal() else one for one in line.split(";")])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def _planes_of_fetuses(data: Path) -> Readings:
    """A table with semicolons; a blank behind the name of the column of the parts."""
    made, cells, tests, brain = Builder(data), [], set(), {}
    seen = [(patient, k) for patient in range(1, 17) for k in range(1 + patient * 5 % 4)]
    for n, (patient, k) in enumerate(seen):
        plane, of = FETAL[n * 5 % 6], 1 + patient * 5 % 4
        kind = OF_BRAIN[n // 6 % 3] if plane == "Fetal brain" else "Not A Brain"
        name = f"Patient{patient:05d}_Plane{1 + FETAL.index(plane)}_{1 + k}_of_{of}"
        path, is_train = f"FETAL_PLANES_DB/Images/{name}.png", int(patient % 5 % 2 == 0)
        grey = made.random.integers(0, 255, (20 + k % 3, 24 + k % 4)).astype(np.uint8)
        true = TrueSample((20 + k % 3, 24 + k % 4), plane)
        made.image(path, true, part="train", pixels=grey)
        brain[path] = kind
        if not is_train:
            tests.add(path)
        device = ("Voluson E6", "Aloka", "Voluson S10", "Other")[patient % 4]
        cells.append(f"{name};{patient};{plane};{kind};{('Op. 1', 'Op. 2', 'Other')[patient % 3]};{device};{is_train}")  # fmt: skip
    write_lines(
        made, "FETAL_PLANES_DB/FETAL_PLANES_DB_data.csv",
        ["Image_name;Patient_num;Plane;Brain_plane;Operator;US_Machine;Train ", *cells],
    )  # fmt: skip
    _sheet(
        data / "FETAL_PLANES_DB/FETAL_PLANES_DB_data.xlsx",
        ["Image_name;Patient_num;Plane;Brain_plane;Operator;US_Machine;Train ", *cells],
    )
    planes = reading_of(made, LABELS, test=lambda path: path in tests, classes=FETAL)
    other = {
        side: {path: replace(one, label=brain[path]) for path, one in each.items()}
        for side, each in (("train", planes.train), ("test", planes.test))
    }
    return planes, replace(planes, classes=("Not A Brain", *OF_BRAIN), **other)  # type: ignore[arg-type]


def _scans_of_singapore(data: Path) -> Readings:
    """Ids are the numbers of the images, which begin anew in each part."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for k in range(46):
        part, label = "train" if k < 34 else "test", str(k * 5 % 3)
        number = str(k if k < 34 else k - 34)
        made.image(f"{part}_image/{part}_image/{number}.png", TrueSample(SIZE, label), part=part)
        if part == "train":
            cells.append([number, label])
        else:
            rows.append((number, label))
    columns = {"ID": "key", "Label": "text"}
    made.table("train_label.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("012")),)


def _brains(data: Path) -> Readings:
    """One folder of all parts; texts with commas and a header; numbers go on from part to part; from memory and code."""
    made, rows = Builder(data), Rows()
    tables: dict[str, Rows] = {"train": [], "validation": []}
    size, validation = (44, 44), set[str]()
    for part, first, n in (("train", 1, 36), ("validation", 15001, 10), ("test", 17001, 14)):
        for k in range(n):
            name, label = f"{first + k:06d}", str(int(k % 7 in (2, 5)))
            path = f"data/data/{name}.png"
            write_grey(made, path, TrueSample(size, label), "test" if part == "test" else "train")
            if part == "test":
                rows.append((name, label))
                continue
            tables[part].append((name, label))
            if part == "validation":
                validation.add(path)
    columns = {"id": "key", "class": "text"}
    for part, cells in tables.items():
        made.table(f"{part}_labels.txt", list(columns), cells)
    made.table("sample_submission.txt", list(columns), [[one, "0"] for one, _ in rows])
    every = made.truth(TWO, columns, rows, classes=("0", "1"))
    train = {path: one for path, one in every.train.items() if path not in validation}
    return every, replace(every, train=train)


BLEEDS = ("epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural", "any")


def _haemorrhage(data: Path) -> LayoutTruth:
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    top = "rsna-intracranial-hemorrhage-detection"
    for number in range(32):
        part, name = part_by_number(number), f"ID_{hex_name(number, length=9)}"
        label = {one for place, one in enumerate(BLEEDS[:5]) if (number + place) % 4 == 0}
        label = label if number % 3 else set()
        true = TrueSample(
            BROAD, frozenset(label | ({"any"} if label else set())), made.probs(BLEEDS)
        )
        write_dicom(made, f"{top}/stage_2_{part}/{name}.dcm", true, part)
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


SIGHTS = {
    "C0040405": "X-Ray Computed Tomography",
    "C1306645": "Plain x-ray",
    "C0024485": "Magnetic Resonance Imaging",
    "C0041618": "Ultrasonography",
    "C0817096": "Chest",
    "C0000726": "Abdomen",
    "C0030797": "Pelvis",
}


def _sights_of_medicine(data: Path) -> Readings:
    """Lists of concepts by semicolons, in a table a part; captions in others; a table of names; long names of all."""
    made, kinds = Builder(data), tuple(SIGHTS)
    top, first = "ImageCLEFmedCaption_2022", 0
    for part, n in (("train", 36), ("valid", 12), ("test", 14)):
        concepts, captions = list[list[str]](), list[list[str]]()
        for k in range(1, n + 1):
            first += 1
            has = list(dict.fromkeys([kinds[first % 4], *([kinds[4 + first % 3]] if first % 2 else [])]))  # fmt: skip
            name = f"{top}_{part}_{first:06d}"
            path = f"{top}_{part}_images/{name}.jpg"
            write_grey(made, path, TrueSample((40 + k % 5, 44), None if part == "test" else frozenset(has)))  # fmt: skip
            concepts.append([name, ";".join(has)])
            captions.append([name, f"{SIGHTS[has[0]]} shows a mass, with arrow."])
        if part != "test":
            made.table(f"{top}_concept_{part}.csv", ["ID", "cuis"], concepts)
            made.table(f"{top}_caption_prediction_{part}.csv", ["ID", "caption"], captions)
    made.table("concepts.csv", ["concept", "concept_name"], list(SIGHTS.items()))
    test, valid = in_folders(f"{top}_test_images"), in_folders(f"{top}_valid_images")
    found = list[LayoutTruth]()
    for out in (any_of(), valid):
        found.append(reading_of(made, SEVERAL, test=test, out=out, classes=kinds))
        found.append(reading_of(made, SEVERAL, test=test, out=out, classes=SIGHTS.values(),
                              label=lambda one: frozenset(SIGHTS[name] for name in one)))  # type: ignore[union-attr]  # fmt: skip
    return tuple(found)


def _dementia(data: Path) -> Readings:
    """Names of train tell the class, those of test do not."""
    made, top = Builder(data), "Alzheimer_s Dataset"
    stages = {"MildDemented": "mildDem", "ModerateDemented": "moderateDem", "NonDemented": "nonDem",
              "VeryMildDemented": "verymildDem"}  # fmt: skip
    for place, (label, stem) in enumerate(stages.items()):
        for k in range(9):
            grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
            path = f"{top}/train/{label}/{stem}{k * 7}.jpg"
            made.image(path, TrueSample(SIZE, label), part="train", pixels=grey)
        for k in range(3):
            grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
            path = f"{top}/test/{label}/{26 + place + k % 2} ({19 + k * 3}).jpg"
            made.image(path, TrueSample(SIZE, label), part="train", pixels=grey)
    return (reading_of(made, RANKS, test=in_folders(f"{top}/test"), classes=tuple(stages)),)


def _grey(made: Builder, size: Size) -> np.ndarray:
    return made.random.integers(0, 255, size).astype(np.uint8)


def _nerves(data: Path) -> LayoutTruth:
    """TIFFs with a mask beside each; the table names subject and image in two columns."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    size, codec = (29, 42), Codec()
    for number in range(26):
        plane = draw_mask(made, size, number)
        true = TrueSample(size, planes=(plane,))
        if number < 20:
            name = f"{1 + number // 5}_{1 + number % 5}"
            made.image(f"train/{name}.tif", true, part="train", pixels=_grey(made, size))
            save_pixels(data / f"train/{name}_mask.tif", plane.astype(np.uint8) * 255)
            cells.append([*name.split("_"), codec.encode(plane)])
        else:
            name = str(number - 19)
            made.image(f"test/{name}.tif", true, part="test", pixels=_grey(made, size))
            rows.append((name, codec.encode(plane)))
    columns = {"img": "key", "pixels": "rle"}
    made.table("train_masks.csv", ["subject", "img", "pixels"], cells)
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


def _vessels(data: Path) -> LayoutTruth:
    """Slices of kidneys, a folder each, with labels in a folder beside; "1 0" is nothing."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    size, codec = (30, 44), Codec("C", 1)
    counts = {"train": {"kidney_1_dense": 14, "kidney_3_sparse": 12},
              "test": {"kidney_5": 3, "kidney_6": 3}}  # fmt: skip
    for part, kidneys in counts.items():
        for kidney, n in kidneys.items():
            for number in range(n):
                plane = draw_mask(made, size, number)
                path = f"{part}/{kidney}/images/{number:04d}.tif"
                made.image(path, TrueSample(size, planes=(plane,)), part=part,
                           pixels=_grey(made, size))  # fmt: skip
                cell = (f"{kidney}_{number:04d}", codec.encode(plane) or "1 0")
                if part == "train":
                    label = data / f"train/{kidney}/labels/{number:04d}.tif"
                    save_pixels(label, plane.astype(np.uint8) * 255)
                    cells.append(list(cell))
                else:
                    rows.append(cell)
    columns = {"id": "key", "rle": "rle"}
    made.table("train_rles.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one, "1 0"] for one, _ in rows])
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


BOWELS = ("large_bowel", "small_bowel", "stomach")


def _scans(data: Path) -> LayoutTruth:
    """Slices of scans four folders deep, their size in their names; three rows a slice."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    codec = Codec("C", 1)
    scans = [("train", 2, 20), ("train", 2, 22), ("train", 7, 0), ("train", 43, 18),
             ("test", 9, 14), ("test", 77, 20)]  # fmt: skip
    for place, (part, case, day) in enumerate(scans):
        size = (40, 32) if case % 2 else (36, 36)
        for number in range(1, 7):
            planes = draw_masks_by_class(made, size, number - 1 + (2 if place else 0), 3)
            scan = f"case{case}_day{day}"
            name = f"slice_{number:04d}_{size[1]}_{size[0]}_1.50_1.50.png"
            path = f"{part}/case{case}/{scan}/scans/{name}"
            pixels = (_grey(made, size).astype(np.uint16) * 60).astype(np.uint16)
            made.image(path, TrueSample(size, planes=planes), part=part, pixels=pixels)
            one = f"{scan}_slice_{number:04d}"
            texts = [codec.encode(plane) for plane in planes]
            each = [(one, label, text) for label, text in zip(BOWELS, texts, strict=True)]
            cells += [list(row) for row in each] if part == "train" else []
            rows += each if part == "test" else []
    made.table("train.csv", ["id", "class", "segmentation"], cells)
    columns = {"id": "key", "class": "key", "predicted": "rle"}
    made.table("sample_submission.csv", list(columns), [[*one[:2], ""] for one in rows])
    return made.truth({"segment": ["multilabel", "multiclass"]}, columns, rows, mask_classes=BOWELS)


def _lgg(data: Path) -> Readings:
    """A folder a patient, a mask beside each slice, a table of patients; all is there twice."""
    made, rows = Builder(data), []
    for patient in range(6):
        case = (
            f"TCGA_{('CS', 'DU', 'HT')[patient % 3]}_{4941 + 101 * patient}_1996{patient + 1:02d}09"
        )
        rows.append(
            [case[:12], str(1 + patient % 4), "2.0", str(1 + patient % 2), f"{40 + patient}"]
        )
        for n in range(1, 6):
            plane = draw_plane(made.random, SIZE) & (n != 1)
            path = f"kaggle_3m/{case}/{case}_{n}"
            made.image(f"{path}.tif", TrueSample(SIZE, planes=(plane,)), part="train")
            save_grey_mask(data / f"{path}_mask.tif", plane)
            for end in (".tif", "_mask.tif"):
                inner = data / f"lgg-mri-segmentation/{path}{end}"
                inner.parent.mkdir(parents=True, exist_ok=True)
                inner.write_bytes((data / f"{path}{end}").read_bytes())
            made.train[f"lgg-mri-segmentation/{path}.tif"] = made.train[f"{path}.tif"]
    for front in ("", "lgg-mri-segmentation/"):
        made.table(f"{front}kaggle_3m/data.csv",
                   ["Patient", "RNASeqCluster", "MethylationCluster", "death01", "age_at_initial"], rows)  # fmt: skip
        made.text(f"{front}kaggle_3m/README.md", "This dataset contains brain MR images together with "
                  "manual FLAIR abnormality segmentation masks. Masks are binary, 1-channel images.\n")  # fmt: skip
    return (
        reading_of(made, ONE_MASK, out=in_folders("lgg-mri-segmentation"), mask_classes=[""]),
        reading_of(made, ONE_MASK, out=in_folders("kaggle_3m"), mask_classes=[""]),
    )


def _heads(data: Path) -> Readings:
    """The outline beside each image; a table with a number that is asked, and one that is not."""
    made, size = Builder(data), (32, 40)
    rows: dict[str, list[list[str]]] = {"training": [], "test": []}
    for part, n in (("training", 24), ("test", 8)):
        for number in range(n):
            end = "_2HC" if number % 6 == 3 else "_HC"
            name = f"{number - (end == '_2HC'):03d}{end}"
            high, wide = 6 + number % 8, 9 + number % 7
            down, across = np.mgrid[: size[0], : size[1]]
            far = ((down - 16) / high) ** 2 + ((across - 20) / wide) ** 2
            outline = (far <= 1) & (
                ((down - 16) / (high - 1)) ** 2 + ((across - 20) / (wide - 1)) ** 2 > 1
            )
            grey = made.random.integers(0, 200, size).astype(np.uint8)
            spacing = round(0.0691 + 0.004 * (number % 13), 15)
            if part == "test":
                made.image(f"test_set/{name}.png", TrueSample(size), part="train", pixels=grey)
                rows[part].append([f"{name}.png", str(spacing)])
                continue
            around = round(44.3 + 3.17 * (number * 5 % 24), 2)
            true = TrueSample(size, around, planes=(outline,))
            made.image(f"training_set/{name}.png", true, part="train", pixels=grey)
            save_grey_mask(data / f"training_set/{name}_Annotation.png", outline)
            rows[part].append([f"{name}.png", str(spacing), str(around)])
    header = ["filename", "pixel size(mm)"]
    made.table(
        "training_set_pixel_size_and_HC.csv", [*header, "head circumference (mm)"], rows["training"]
    )
    made.table("test_set_pixel_size.csv", header, rows["test"])
    return (
        reading_of(made, {**NUMBER, **ONE_MASK}, test=in_folders("test_set"), mask_classes=[""]),
    )


def _thyroid(data: Path) -> Readings:
    """Masks are JPEGs; JSONs of folds hold lists of numbers; numbers begin anew in test."""
    made, size = Builder(data), (48, 64)
    for part, n in (("trainval", 22), ("test", 8)):
        for k in range(n):
            drawn = np.stack([draw_plane(made.random, size).astype(np.uint8) * 255] * 3, axis=-1)
            plane = save_jpeg(data / f"{part}-mask/{k:04d}.jpg", drawn)[..., 0] > 127
            made.image(f"{part}-image/{k:04d}.jpg", TrueSample(size, planes=(plane,)), part="train")
    for fold in range(2):
        write_json(made, f"tn3k-trainval-fold{fold}.json", {"train": [k for k in range(22) if k % 5 != fold],
              "val": [k for k in range(22) if k % 5 == fold]})  # fmt: skip
    return (reading_of(made, ONE_MASK, test=in_folders("test-image"), mask_classes=[""]),)


def _thyroids(data: Path) -> Readings:
    """Masks by the names of the images, and a table of a class of each; endings in capitals; from memory and code."""
    made, cells, top = Builder(data), [], "TNSCUI2020_train"
    for k in range(36):
        size, name = (36 + k % 4, 48), f"{k * 91 + 4}.PNG"
        plane, label = draw_plane(made.random, size), str(k * 3 % 7 % 2)
        pixels = made.random.integers(0, 200, size).astype(np.uint8)
        true = TrueSample(size, label, planes=(plane,))
        made.image(f"{top}/image/{name}", true, part="train", pixels=pixels)
        save_grey_mask(data / f"{top}/mask/{name}", plane)
        cells.append([name, label])
    made.table(f"{top}/train.csv", ["ID", "CATE"], cells)
    for k in range(12):
        write_grey(made, f"TNSCUI2020_test/{k}.PNG", TrueSample((36 + k % 4, 48)))
    test = in_folders("TNSCUI2020_test")
    return (
        reading_of(made, {**TWO, **ONE_MASK}, test=test, classes=("0", "1"), mask_classes=[""]),
    )


def _tumours_of_whole_bodies(data: Path) -> Readings:
    """Patients with masks of another word than the images, and controls that have none; code of the hosts; from a listing."""
    made, top = Builder(data), "tumor-segmentation/data"
    empty = dict[str, tuple[Plane, ...] | None]()
    for k in range(26):
        size = (64, 26 + k % 5)
        plane = draw_plane(made.random, size)
        path = f"{top}/patients/imgs/patient_{k:03d}.png"
        made.image(path, TrueSample(size, planes=(plane,)), part="train")
        white = np.repeat(plane[..., None].astype(np.uint8) * 255, 3, axis=2)
        save_pixels(data / f"{top}/patients/labels/segmentation_{k:03d}.png", white)
    for k in range(30):
        size, path = (64, 26 + k % 5), f"{top}/controls/imgs/control_{k:03d}.png"
        write_photos(made, [path], None, size)
        empty[path] = (np.zeros(size, dtype=bool),)
    made.text(
        "tumor-segmentation/README.md",
        "# Tumor Segmentation\nIn this use case, your task is to detect tumors on medical images.\n\nYou will receive 182 MIP-PET images and ground truth segmentations of patients with cancer (```data/patients```). In addition, you will also receive 426 MIP-PET images of healthy controls that have NO cancer (```data/controls```).\n",
    )
    for name in ("api", "router", "utils", "test_fun"):
        made.text(f"tumor-segmentation/{name}.py", "import numpy as np\n")
    made.text("tumor-segmentation/requirements.txt", "numpy\nopencv-python\nfastapi\nuvicorn\n")
    plain = reading_of(made, ONE_MASK, mask_classes=[""])
    return with_planes(plain, empty), plain


ARTERIES = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "9a", "10", "10a", "11", "12", "12a", "13", "14", "14a",
            "15", "16", "16a", "16b", "16c", "12b", "14b", "stenosis")  # fmt: skip


def _arteries(data: Path) -> Readings:
    """Two tasks with the same numbers of images; COCO of 26 classes for each part of each task."""
    made, size = Builder(data), (40, 48)
    kinds = [(n + 1, one) for n, one in enumerate(ARTERIES)]
    of_task = {"syntax": [kinds[n] for n in (0, 1, 4, 5, 10)], "stenosis": kinds[-1:]}
    for task, used in of_task.items():
        for part, n in (("train", 16), ("val", 5), ("test", 6)):
            photos = [f"arcade/{task}/{part}/images//{k}.png" for k in range(1, n + 1)]
            content = write_coco(made, size, photos, used)
            for one in content["annotations"]:
                one["attributes"] = {"occluded": False}
            for one in content["images"]:
                one |= {"license": 0, "flickr_url": "", "coco_url": "", "date_captured": 0}
            content["categories"] = [
                {"id": number, "name": name, "supercategory": ""} for number, name in kinds
            ]
            about = {"licenses": [{"name": "", "id": 0, "url": ""}], "info": {"year": ""}}
            write_json(made, f"arcade/{task}/{part}/annotations/{part}.json", {**about, **content})
    test = in_folders("arcade/syntax/test", "arcade/stenosis/test")
    found = list[LayoutTruth]()
    for tasks in (("syntax", "stenosis"), ("syntax",), ("stenosis",)):
        used = [one for task in tasks for one in of_task[task]]
        seen = tuple(name for _, name in used)
        other = [f"arcade/{one}" for one in of_task if one not in tasks]
        # Objects have the place of their class among those of their own task.
        first = {"syntax": 0, "stenosis": len(of_task["syntax"]) if len(tasks) > 1 else 0}

        def moved(
            each: dict[str, TrueSample], places: Sequence[int], first: dict[str, int] = first
        ) -> dict[str, TrueSample]:
            return {
                path: replace(
                    one,
                    objects=tuple(
                        (places[place + first[path.split("/")[1]]], plane)
                        for place, plane in one.objects or ()
                    ),
                )
                for path, one in each.items()
            }

        for left in ([], ["arcade/syntax/val", "arcade/stenosis/val"]):
            truth = reading_of(
                made, {"segment": "instance"}, test=test, out=in_folders(*other, *left), mask_classes=seen,
            )  # fmt: skip
            every = [number - 1 for number, _ in used]
            few = replace(truth, train=moved(truth.train, range(len(used))))
            many = replace(truth, train=moved(truth.train, every), mask_classes=ARTERIES)
            found += [
                many,
                few,
                objects_as_classes(many, size, ARTERIES),
                objects_as_classes(few, size, seen),
            ]
            if len(seen) == 1:
                found.append(objects_as_one_mask(few))
    return tuple(found)


LAYOUTS = (
    RealLayout("rsna-miccai-brain-tumor-radiogenomic-classification", "memory", _gliomas),
    DataSet("Brain tumour MRI", "memory", _tumours),
    DataSet("CT kidneys", "memory", _kidneys, has_test=False),
    DataSet("Brain tumours (yes and no)", "memory", _brain_tumours_yes_and_no, has_test=False),
    DataSet("Fetal planes", "memory", _planes_of_fetuses),
    DataSet("nus-cs5242", "code and memory", _scans_of_singapore, doubt="names of columns"),
    DataSet("unibuc-brain-ad", "code and memory", _brains),
    RealLayout("rsna-intracranial-hemorrhage-detection", "memory", _haemorrhage),
    DataSet("imageclef-2022-concepts", "memory", _sights_of_medicine),
    DataSet("Alzheimer's (four classes)", "memory", _dementia),
    RealLayout("ultrasound-nerve-segmentation", "page", _nerves),
    RealLayout("blood-vessel-segmentation", "page, code", _vessels),
    RealLayout("uw-madison-gi-tract-image-segmentation", "page, code", _scans),
    DataSet("LGG MRI", "memory", _lgg, has_test=False),
    DataSet("hc18", "code", _heads),
    DataSet("TN3K", "memory", _thyroid, doubt="endings of the masks"),
    DataSet("tn-scui-2020", "code and memory", _thyroids, doubt="names of folders"),
    DataSet("dm-i-ai-2023-tumor-segmentation", "page", _tumours_of_whole_bodies, has_test=False),
    DataSet("ARCADE", "memory", _arteries),
)
