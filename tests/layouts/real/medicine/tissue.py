"""Layouts of competitions and data sets of tissue: slides of tumours and organs."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from layouts.drawing import draw_class_map, draw_objects, draw_plane, save_pixels
from layouts.real.files import write_json, write_lines, write_workbook
from layouts.real.kinds import LABELS, MULTI, NUMBER, OBJECTS, ONE_MASK, RANKS, SEVERAL, TWO
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout
from layouts.real.masks import save_grey_mask, save_jpeg_mask
from layouts.real.names import hex_name, hex_names, part_by_number
from layouts.real.outlines import corners_of, draw_boxes, rectangle
from layouts.real.photos import (
    copy_photo,
    paint_other_photo,
    save_tiff,
    save_tiff_of_numbers,
    write_class_folders,
    write_photos,
)
from layouts.real.readings import (
    any_of,
    in_folders,
    objects_as_one_mask,
    reading_of,
    with_ground,
    with_planes,
    with_train_labels,
    without_labels,
)
from layouts.real.tables import label_text, write_binary, write_competition
from layouts.runs import Codec, Plane
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

_histopathologic = partial(
    write_binary, images=("train/{name}.tif", "test/{name}.tif"), names=hex_names(40),
    header=["id", "label"], columns=["id", "label"], shown="0",
)  # fmt: skip


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
            true = TrueSample(BROAD, label, probs, unit=patient)
            made.image(f"{part}/{name}.tif", true, part=part)
            facts = [name, str(1 + number % 11), patient, str(image)]
            tables[part].append([*facts, label] if part == "train" else facts)
        if part == "test":
            rows.append((patient, repr(probs["CE"]), repr(probs["LAA"])))
    for number in range(5):
        patient = hex_name("o", number, length=6)
        paint_other_photo(made, f"other/{patient}_0.tif")
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


def _ovaries(data: Path) -> LayoutTruth:
    """One picture of test; thumbnails of slides beside the whole ones."""
    made, classes = Builder(data), ("CC", "EC", "HGSC", "LGSC", "MC")
    cells = []
    for number in range(25):
        part, name = part_by_number(number), str(4 + 41 * number) if number < 24 else "41"
        name = "45001" if name == "41" and part == "train" else name
        label, is_tma = classes[number % 5], part == "train" and number % 6 == 5
        true = TrueSample((60, 84), label)
        made.image(f"{part}_images/{name}.png", true, part=part)
        if not is_tma:
            paint_other_photo(made, f"{part}_thumbnails/{name}_thumbnail.png")
        if part == "train":
            cells.append([name, label, "84", "60", str(is_tma)])
    header = ["image_id", "label", "image_width", "image_height", "is_tma"]
    made.table("train.csv", header, cells)
    made.table("test.csv", ["image_id", "image_width", "image_height"], [["41", "84", "60"]])
    made.table("sample_submission.csv", ["image_id", "label"], [["41", "HGSC"]])
    answer = [("41", str(made.test["test_images/41.png"].label))]
    columns = {"image_id": "key", "label": "text"}
    return made.truth({"classify": "multiclass"}, columns, answer, classes=classes)


TISSUES = {"adenosis": ("benign", "B_A"), "fibroadenoma": ("benign", "B_F"),
           "ductal_carcinoma": ("malignant", "M_DC"), "mucinous_carcinoma": ("malignant", "M_MC")}  # fmt: skip


def _breast_tissue(data: Path) -> Readings:
    """A deep tree; a table has five folds with every image in each."""
    made, rows = Builder(data), []
    top = "BreaKHis_v1/histology_slides/breast"
    for kind, (side, short) in TISSUES.items():
        for patient in range(2):
            slide = f"14-{4659 + 113 * patient}{'AB' if patient else ''}"
            for zoom in ("40X", "100X", "200X"):
                for k in range(1, 3):
                    name = f"SOB_{short}-{slide}-{zoom[:-1]}-{k:03d}.png"
                    path = f"{top}/{side}/SOB/{kind}/SOB_{short}_{slide}/{zoom}/{name}"
                    write_photos(made, [f"BreaKHis_v1/{path}"], kind)
                    rows += [[str(fold), zoom[:-1], ("train", "test")[(fold + k) % 2], path]
                             for fold in range(1, 6)]  # fmt: skip
    made.table("Folds.csv", ["fold", "mag", "grp", "filename"], sorted(rows))
    return (
        reading_of(made, TWO, classes=("benign", "malignant"),
                 label=lambda label: TISSUES[str(label)][0]),
        reading_of(made, LABELS, classes=tuple(TISSUES)),
    )  # fmt: skip


def _textures(data: Path) -> Readings:
    """Names of files hold two endings; larger images lie beside, without a class."""
    made, classes = Builder(data), ("01_TUMOR", "02_STROMA", "05_DEBRIS", "08_EMPTY")
    tiles, large = "Kather_texture_2016_image_tiles_5000", "Kather_texture_2016_larger_images_10"
    path = f"{tiles}/{tiles}/{{}}/{{:X}}_CRC-Prim-HE-0{{}}_0{{}}.tif_Row_301_Col_{{}}.tif"
    write_class_folders(
        made, lambda name, k: path.format(name, 66371 + 91 * k, 1 + k % 9, 10 + k, 150 * k + 1),
        classes, 8,
    )  # fmt: skip
    others = [f"{large}/{large}/CRC-Prim-HE-{k:02d}_APPLICATION.tif" for k in range(2, 10)]
    write_photos(made, others, None, (48, 48))
    return (
        reading_of(made, LABELS, out=in_folders(large), classes=classes),
        reading_of(made, LABELS, test=in_folders(large), classes=classes),
    )


def _lungs_and_colons(data: Path) -> Readings:
    made = Builder(data)
    folders = {"colon_aca": "colonca", "colon_n": "colonn", "lung_aca": "lungaca", "lung_n": "lungn",
               "lung_scc": "lungscc"}  # fmt: skip
    for label, name in folders.items():
        organ = label.partition("_")[0]
        top = f"lung_colon_image_set/{organ}_image_sets/{label}"
        write_photos(made, [f"{top}/{name}{k}.jpeg" for k in range(1, 8)], label)
    return (reading_of(made, LABELS, classes=tuple(folders)),)


def _breast_photos(data: Path) -> Readings:
    """Class folders and a table without a header; slides beside; test in another download."""
    made, lines, top = Builder(data), [], "ICIAR2018_BACH_Challenge"
    for label, front in (("Benign", "b"), ("InSitu", "is"), ("Invasive", "iv"), ("Normal", "n")):
        for k in range(1, 8):
            write_photos(made, [f"{top}/Photos/{label}/{front}{k:03d}.tif"], label)
            lines.append(f"{front}{k:03d}.tif,{label}")
    write_lines(made, f"{top}/Photos/microscopy_ground_truth.csv", lines)
    for k in range(1, 4):
        made.text(f"{top}/WSI/A{k:02d}.svs", "II*")
        made.text(f"{top}/WSI/A{k:02d}.xml", '<Annotations MicronsPerPixel="0.467"></Annotations>')
    made.text(f"{top}/Readme.txt", "ICIAR 2018 Grand Challenge on BreAst Cancer Histology images\n")
    tests = f"{top}_TestDataset/Photos"
    write_photos(made, [f"{tests}/test{k}.tif" for k in range(10)], None)
    classes = ("Benign", "InSitu", "Invasive", "Normal")
    return (reading_of(made, LABELS, test=in_folders(tests), classes=classes),)


TISSUES_OF_NCT_CRC_HE_100K = ("ADI", "BACK", "DEB", "LYM", "MUC", "MUS", "NORM", "STR", "TUM")


def _tissues(data: Path) -> Readings:
    """Three folders of folders of classes: two are for train, one of them with the stains as they were."""
    made = Builder(data)
    letters = "AACDEFGHIKLMNPQRSTVWY"
    for place, label in enumerate(TISSUES_OF_NCT_CRC_HE_100K):
        for k in range(5):
            for top in ("NCT-CRC-HE-100K", "NCT-CRC-HE-100K-NONORM"):
                name = "".join(letters[int(one, 16)] for one in hex_name(top, label, k, length=8))
                write_photos(made, [f"{top}/{label}/{label}-{name}.tif"], label)
        for k in range(2):
            name = "".join(letters[int(one, 16)] for one in hex_name("val", place, k, length=8))
            write_photos(made, [f"CRC-VAL-HE-7K/{label}/{label}-TCGA-{name}.tif"], label)
    return tuple(
        reading_of(made, LABELS, test=in_folders("CRC-VAL-HE-7K"), out=in_folders(*out), classes=TISSUES_OF_NCT_CRC_HE_100K)
        for out in (
            ("NCT-CRC-HE-100K-NONORM",), ("NCT-CRC-HE-100K",), (),
        )
    )  # fmt: skip


def _carcinomas(data: Path) -> Readings:
    """A folder a patient, in it one of each class; all of it once more in a folder."""
    made, inner = Builder(data), "IDC_regular_ps50_idx5"
    for patient in (8863, 8864, 8955, 9036, 9346, 10253):
        for label in ("0", "1"):
            for k in range(3 + patient % 2):
                spot = f"idx5_x{51 + k * 50}_y{1251 + patient % 7 * 50 + 50 * k}_class{label}"
                path = f"{patient}/{label}/{patient}_{spot}.png"
                write_photos(made, [path], label, (20, 20))
                copy_photo(made, path, f"{inner}/{path}")
    patients = sorted({path.split("/")[0] for path in made.train} - {inner})
    return tuple(
        reading_of(made, TWO, out=in_folders(*out), classes=("0", "1"))
        for out in ((inner,), patients)
    )


def _slides_of_chaoyang(data: Path) -> Readings:
    """Lists in JSON of names and numbers, in train with the numbers of three doctors."""
    made = Builder(data)
    for part, n in (("train", 36), ("test", 14)):
        known = []
        for k in range(n):
            label = (0, 2, 1, 3, 2)[k * 3 % 5]
            name = (
                f"{part}/{534034 + k * 211}_{1 + k % 3}-IMG{k % 7:03d}x{k * 5 % 40:03d}-{k % 4}.JPG"
            )
            write_photos(made, [name], str(label), (48, 48))
            row: dict[str, str | int] = {"name": name, "label": label}
            if part == "train":
                row |= {"label_A": label, "label_B": label, "label_C": (label + (k % 4 == 1)) % 4}
            known.append(row)
        write_json(made, f"{part}.json", known)
    return (reading_of(made, LABELS, test=in_folders("test"), classes=tuple("0123")),)


def _polyps_by_vote(data: Path) -> Readings:
    """A table with the class by vote, the votes, and a column of train and test; long names of columns; from memory and code."""
    made, cells, tests = Builder(data), [], set[str]()
    votes_of = dict[str, float]()
    for k in range(48):
        letters = (chr(97 + k * 61 // place % 26) for place in (676, 26, 1))
        name = f"MHIST_{''.join(letters)}.png"
        votes = k * 3 % 8
        part = "test" if k % 5 == 3 else "train"
        path = f"images/{name}"
        write_photos(made, [path], "SSA" if votes > 3 else "HP", (44, 44))
        votes_of[path] = float(votes)
        if part == "test":
            tests.add(path)
        cells.append([name, "SSA" if votes > 3 else "HP", str(votes), part])
    header = [
        "Image Name",
        "Majority Vote Label",
        "Number of Annotators who Selected SSA (Out of 7)",
        "Partition",
    ]
    made.table("annotations.csv", header, cells)
    write_lines(
        made, "MD5SUMs.txt", [f"{hex_name('mhist', n, length=32)}  images.zip" for n in (1, 2)]
    )
    test: Callable[[str], bool] = lambda path: path in tests  # noqa: E731
    by_vote = reading_of(made, TWO, test=test, classes=("HP", "SSA"))
    count = with_train_labels(reading_of(made, NUMBER, test=test), dict(votes_of))
    ranks = {path: str(int(one)) for path, one in votes_of.items()}
    ranked = with_train_labels(
        reading_of(made, RANKS, test=test, classes=map(str, range(8))), dict(ranks)
    )
    return by_vote, count, ranked


TISSUES_OF_WSSS4LUAD_2021 = ("tumor", "stroma", "normal")


def _lungs_with_few_labels(data: Path) -> Readings:
    """Three bits in square brackets end each name; validation and test have masks instead, or none; from memory and code."""
    made, size = Builder(data), (44, 44)
    colours = [0, 64, 128, 64, 128, 0, 243, 152, 0, 255, 255, 255]
    bits_of, masked = dict[str, list[int]](), dict[str, tuple[Plane, ...]]()
    for k in range(42):
        bits = [int((k + n) % 3 == 0 or (k * 5 + n) % 7 == 1) for n in range(3)]
        name = f"{1009981 + k // 6 * 311}-{k * 4817 % 60000}-{k * 7919 % 60000}-[{', '.join(map(str, bits))}].png"
        path = f"1.training/{name}"
        write_photos(made, [path], None, size)
        bits_of[path] = bits
    for part, n in (("2.validation", 10), ("3.testing", 12)):
        for k in range(n):
            places = draw_class_map(made.random, size, 4, fill=True) - 1
            path = f"{part}/img/{k:02d}.png"
            write_photos(made, [path], None, size)
            background = (places == 3).astype(np.uint8)
            save_pixels(data / f"{part}/background-mask/{k:02d}.png", background)
            if part == "3.testing":
                continue
            masked[path] = tuple(places == number for number in range(4))
            image = Image.fromarray(places.astype(np.uint8), mode="P")
            image.putpalette(colours)
            (data / f"{part}/mask").mkdir(parents=True, exist_ok=True)
            image.save(data / f"{part}/mask/{k:02d}.png")
    made.text(
        "readme.txt",
        "WSSS4LUAD\n\nTraining: the name of a patch ends with its image-level label, [tumor, stroma, normal].\nValidation: mask has 0 (tumor), 1 (stroma), 2 (normal) and 3 (background); background-mask has 1 where nothing is scored.\n",
    )
    test, masks_too = in_folders("3.testing"), in_folders("2.validation")
    whole = reading_of(made, {**SEVERAL, **MULTI}, test=test, mask_classes=[""] * 4)
    whole = with_planes(whole, masked)
    three = with_planes(whole, {path: planes[:3] for path, planes in masked.items()})
    three = replace(three, mask_classes=("",) * 3)
    ignoring = {
        path: replace(one, ignored=masked[path][3]) if path in masked else one
        for path, one in three.train.items()
    }
    found = list[LayoutTruth]()
    for names in (TISSUES_OF_WSSS4LUAD_2021, ("0", "1", "2"), ("1", "2", "3")):
        labels: dict[str, Any] = {
            path: frozenset(name for name, bit in zip(names, bits, strict=True) if bit)
            for path, bits in bits_of.items()
        }
        truth = reading_of(made, SEVERAL, test=test, out=masks_too, classes=names)
        # Labels alone, or masks alone, or both at once: the parts that are not read do not count.
        for one in (truth, replace(three, train=ignoring), three, whole):
            found.append(with_train_labels(replace(one, classes=names), labels))
    masks = (replace(three, train=ignoring), three, whole)
    return (*found, *map(without_labels, masks))


def _prostate(data: Path) -> LayoutTruth:
    """Grades of slides, with masks of tissue beside them that nobody asks for."""

    def more(made: Builder) -> None:
        for number, path in enumerate(made.train):
            stem = Path(path).stem
            if number % 12 == 11:
                continue
            values = made.random.integers(0, 6, BROAD).astype(np.uint8)
            mask = np.zeros((*BROAD, 3), dtype=np.uint8)
            mask[..., 0] = values
            save_pixels(data / f"train_label_masks/{stem}_mask.tiff", mask)
        rows = [[one[0], "karolinska"] for one in shown]
        made.table("test.csv", ["image_id", "data_provider"], rows)

    shown = [[hex_name("test", n, length=32)] for n in range(3)]
    scores = ("0+0", "3+3", "3+4", "4+3", "4+4", "4+5")
    return write_competition(
        data, images=("train_images/{name}.tiff", "test_images/{name}.tiff"), n=(24, 3), more=more,
        names=lambda part, number: hex_name(part, number, length=32),
        labels=tuple("012345"), classes=tuple("012345"), kind=["ordinal", "multiclass"],
        header=["image_id", "data_provider", "isup_grade", "gleason_score"],
        row=lambda name, label: [name, ("karolinska", "radboud")[int(name[0], 16) % 2],
                                 str(label), scores[int(str(label))]],
        columns={"image_id": "key", "isup_grade": "text"}, shown=lambda name: [name, "0"],
        answer=lambda name, true: [name, label_text(true)],
    )  # fmt: skip


def _cellularity(data: Path) -> Readings:
    """The name of an image is two columns of the table; TIFFs; no file to send; from memory of the challenge's page."""
    made, top = Builder(data), "breastpathq/datasets"
    for part, folder, n in (("train", "train", 36), ("val", "validation", 9)):
        cells = []
        for k in range(n):
            slide, patch = 99788 + k // 3 * 13 + (0 if part == "train" else 700), k % 3 + 1
            share = round(float(made.random.integers(0, 21)) / 20, 2)
            write_photos(made, [f"{top}/{folder}/{slide}_{patch}.tif"], share, (48, 48))
            cells.append([str(slide), str(patch), str(share)])
        made.table(f"{top}/{part}_labels.csv", ["slide", "rid", "y"], cells)
    tests = [f"breastpathq-test/test_patches/{102174 + k // 3}_{k % 3 + 1}.tif" for k in range(12)]
    write_photos(made, tests, None, (48, 48))
    test = in_folders("breastpathq-test")
    out = in_folders(f"{top}/validation")
    return tuple(reading_of(made, NUMBER, test=test, out=one) for one in (any_of(), out))


# DrivenData 67, TissueNet: winners' repositories, and memory of the columns.
def _slides_of_biopsies(data: Path) -> Readings:
    """A column a grade, with one 1; outlines in another table; the images to predict are not given out."""
    made, cells, about, drawn = Builder(data), list[list[str]](), list[list[str]](), list[list[str]]()  # fmt: skip
    classes = ("0", "1", "2", "3")
    for k in range(44):
        name, grade = f"C{1 + k % 14:02d}_B{k * 7 % 400:03d}_S{1 + k % 3}1.tif", k * 3 % 8 % 4
        true = TrueSample((56, 48 + k % 5), classes[grade])
        made.image(f"train/{name}", true, part="train")
        cells.append([name, *(str(int(n == grade)) for n in range(4))])
        link = f"drivendata-competition-67-{{0}}-public/train/{name}"
        about.append([name, f"10.5072/{k * 91}", "143360", "98304", "0.121399", "40", hex_name("sum", k, length=32), str(1_000_000 + k), *(f"s3://{link.format(one)}" for one in ("us", "eu", "asia"))])  # fmt: skip
        if grade:
            shape = "POLYGON ((56160.5 -44157.4, 56160.5 -42823.9, 57494.0 -42823.9, 57494.0 -44157.4, 56160.5 -44157.4))"
            drawn.append([f"{k:04d}", name, shape, str(grade), f"s3://drivendata/annot_{k}.jpg"])
    made.table("train_labels.csv", ["filename", *classes], cells)
    header = ["filename", "doi_url", "width", "height", "resolution", "magnification", "tif_cksum", "tif_size", "us_tif_url", "eu_tif_url", "asia_tif_url"]  # fmt: skip
    made.table("train_metadata.csv", header, about)
    made.table("train_annotations.csv", ["annotation_id", "filename", "geometry", "annotation_class", "us_jpeg_url"], drawn)  # fmt: skip
    return (reading_of(made, RANKS, classes=classes),)


def _kidneys(data: Path) -> LayoutTruth:
    """TIFFs, outlines in JSON beside, a table of runs and one of facts about each slide."""
    made, rows, cells, about = Builder(data), list[tuple[str, ...]](), [], []
    codec = Codec()
    for number in range(14):
        part, size = "train" if number < 10 else "test", (40 + 3 * (number % 4), 56)
        name = hex_name(part, number, length=9)
        plane = draw_plane(made.random, size, {0: "first", 1: "last"}.get(number, ""))
        made.image(f"{part}/{name}.tiff", TrueSample(size, planes=(plane,)), part=part)
        made.text(f"{part}/{name}-anatomical-structure.json", "[]")
        about.append([f"{name}.tiff", str(size[1]), str(size[0]), str(63921 + number // 2)])
        if part == "train":
            made.text(f"train/{name}.json", "[]")
            cells.append([name, codec.encode(plane)])
        else:
            rows.append((name, codec.encode(plane)))
    made.table("train.csv", ["id", "encoding"], cells)
    header = ["image_file", "width_pixels", "height_pixels", "patient_number"]
    made.table("HuBMAP-20-dataset_information.csv", header, about)
    columns = {"id": "key", "predicted": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, ""] for one, _ in rows])
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


def _organs(data: Path) -> LayoutTruth:
    """One table with runs and facts: organ, source, size, age, sex."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    size, codec = (40, 40), Codec()
    for number in range(20):
        part = "train" if number < 16 else "test"
        name = str(10044 + 217 * number)
        plane = draw_plane(made.random, size, {0: "first", 1: "last"}.get(number, ""))
        made.image(f"{part}_images/{name}.tiff", TrueSample(size, planes=(plane,)), part=part)
        organ = ("prostate", "spleen", "lung", "kidney", "largeintestine")[number % 5]
        facts = [name, organ, "HPA" if part == "train" else "Hubmap", "40", "40", "0.4", "4"]
        if part == "train":
            made.text(f"train_annotations/{name}.json", "[]")
            facts += [codec.encode(plane), str(37.0 + number % 4), "Male"]
        else:
            rows.append((name, codec.encode(plane)))
        tables[part].append(facts)
    header = ["id", "organ", "data_source", "img_height", "img_width", "pixel_size",
              "tissue_thickness"]  # fmt: skip
    made.table("train.csv", [*header, "rle", "age", "sex"], tables["train"])
    made.table("test.csv", header, tables["test"])
    columns = {"id": "key", "rle": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, ""] for one, _ in rows])
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


def _six_experts(data: Path) -> Readings:
    """A folder of masks for each of six pathologists, of whom none marked every image."""
    made, size, values = Builder(data), (32, 32), np.array([0, 1, 3, 4, 5], dtype=np.uint8)
    marks: dict[str, dict[str, NDArray[np.uint8]]] = {f"Maps{n}_T": {} for n in range(1, 7)}
    for number in range(26):
        name = f"slide{1 + number % 7:03d}_core{3 + 5 * number:03d}"
        path = f"Train Imgs/{name}.jpg"
        made.image(path, TrueSample(size), part="train")
        for place, (folder, of) in enumerate(marks.items()):
            if (number + place) % 7 not in (0, *((2, 4) if place > 2 else ())):
                of[path] = values[draw_class_map(made.random, size, 4, fill=False)]
                save_pixels(data / f"{folder}/{name}_classimg_nonconvex.png", of[path])
    for number in range(8):
        made.image(
            f"Test_imgs/slide00{1 + number % 7}_core{4 + 6 * number:03d}.jpg",
            TrueSample(size),
            part="train",
        )
    plain = reading_of(made, MULTI, test=in_folders("Test_imgs"), mask_classes=("1", "3", "4", "5"))
    found = []
    for of in marks.values():
        for first in (1, 0):
            train = {path: replace(one, planes=tuple(of[path] == value for value in values[first:]))
                     if path in of else one for path, one in plain.train.items()}  # fmt: skip
            found.append(
                replace(plain, train=train, mask_classes=tuple(str(one) for one in values[first:]))
            )
    return tuple(found)


def _lymph_nodes(data: Path) -> Readings:
    """Facts in Korean; masks of some images, and a dash where there is none."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(44):
        part, label = "train" if k < 32 else "test", str(k * 3 % 5 % 2)
        name = f"BC_01_{1 + k * 71:04d}"
        has = part == "train" and k % 3 < 2
        plane = draw_plane(made.random, SIZE)
        true = TrueSample(SIZE, label, planes=(plane,) if has else None)
        made.image(f"{part}_imgs/{name}.png", true, part=part)
        if has:
            save_grey_mask(data / f"train_masks/{name}.png", plane)
        facts = [str(35 + k), f"201{k % 9}-0{1 + k % 9}-23", str(1 + k % 2), str(1 + k % 2), "1" if k % 7 else "2",
                 f"{0.4 + k * 7 % 31 / 10:.1f}", str(1 + k % 3) if k % 6 else "", str(k % 4), "1", "8.0" if k % 2 else "",
                 str(k % 3)]  # fmt: skip
        if part == "train":
            mask = f"./train_masks/{name}.png" if has else "-"
            cells.append([name, f"./train_imgs/{name}.png", mask, *facts, label])
        else:
            tests.append([name, f"./test_imgs/{name}.png", *facts])
            rows.append((name, label))
    header = ["나이", "수술연월일", "진단명", "암의 위치", "암의 개수", "암의 장경", "NG", "HG", "ER", "ER_Allred_score", "HER2_IHC"]  # fmt: skip
    made.table("train.csv", ["ID", "img_path", "mask_path", *header, "N_category"], cells)
    made.table("test.csv", ["ID", "img_path", *header], tests)
    columns = {"ID": "key", "N_category": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    kinds = {**TWO, **ONE_MASK}
    return (made.truth(kinds, columns, rows, classes=("0", "1"), mask_classes=[""]),)


def _cells_and_tissues(data: Path) -> Readings:
    """Two images a sample: cells with points in a table without a header, and tissue with a mask of 1, 2 and 255; from memory and code."""
    made, size = Builder(data), (44, 44)
    pairs, numbers_of = dict[str, Any](), dict[str, Any]()
    first = 1
    for part, n in (("train", 28), ("val", 8), ("test", 10)):
        for k in range(first, first + n):
            name = f"{k:03d}"
            places = draw_class_map(made.random, size, 3, fill=True)
            numbers = np.array([1, 2, 255], dtype=np.uint8)[places - 1]
            cells = f"images/{part}/cell/{name}.jpg"
            tissue = f"images/{part}/tissue/{name}.jpg"
            write_photos(made, [cells, tissue], None, size)
            numbers_of[tissue] = numbers
            save_pixels(data / f"annotations/{part}/tissue/{name}.png", numbers)
            points = [
                f"{k * 13 * (n + 3) % 44},{k * 7 * (n + 2) % 44},{1 + (k + n) % 2}"
                for n in range(k % 6)
            ]
            made.text(f"annotations/{part}/cell/{name}.csv", "".join(f"{one}\n" for one in points))
            pairs[name] = {
                "slide_name": f"TCGA-{k:02d}",
                "mpp_x": 0.2527,
                "mpp_y": 0.2527,
                "cell": {"x_start": 38912, "y_start": 12288, "x_end": 39936, "y_end": 13312},
                "tissue": {"x_start": 38400, "y_start": 11776, "x_end": 42496, "y_end": 15872},
                "patch_x_offset": 0.25,
                "patch_y_offset": 0.25,
                "organ": ("kidney", "bladder", "prostate")[k % 3],
                "subset": part,
            }
        first += n
    content = {"version": "1.0.1", "license": "CC BY-NC-SA 4.0", "sample_pairs": pairs}
    write_json(made, "metadata.json", content)
    made.text(
        "README.md",
        "# OCELOT\n\nCell annotations: x, y, label (1: background cell, 2: tumor cell).\nTissue annotations: 1: background (BG), 2: cancer area (CA), 255: unknown (UNK).\n",
    )
    found = list[LayoutTruth]()
    for test in (in_folders("images/test/tissue"), in_folders("images/test")):
        for out in (in_folders("images/test"), in_folders("images/test", "images/val")):
            # Cells of test are out of train, and among the test images only in the second case.
            keep: Callable[[str], bool] = lambda path, test=test, out=out: (  # noqa: E731
                out(path) and not test(path)
            )  # type: ignore[misc]
            base = reading_of(made, MULTI, test=test, out=keep, mask_classes=("1", "2"))
            both, scored, cancer = {}, {}, {}
            for path, one in base.train.items():
                if path not in numbers_of:
                    both[path] = scored[path] = cancer[path] = one
                    continue
                numbers = numbers_of[path]
                unknown = numbers == 255
                planes = (numbers == 1, numbers == 2)
                both[path] = replace(one, planes=planes)
                scored[path] = replace(one, planes=planes, ignored=unknown)
                cancer[path] = replace(one, planes=planes[1:], ignored=unknown)
            found += [
                replace(base, train=scored),
                replace(base, train=both),
                replace(
                    base,
                    train=cancer,
                    kinds={"segment": frozenset({"binary"})},
                    mask_classes=("",),
                ),
            ]
    return tuple(found)


def _colons(data: Path) -> Readings:
    """Two folders: with a mask as JPEG beside each image, and of the sound without; blanks in names; from memory."""
    made, sides = Builder(data), ("tissue-train-neg", "tissue-train-pos-v1")
    empty = dict[str, tuple[Plane, ...] | None]()
    for k in range(44):
        size, label = (40, 44 + k % 4), sides[int(k < 24)]
        corner = f"{k * 911 + 2100}-{k * 577 + 5300}-{3864 + k}-{4149 - k}"
        name = f"{'18' if k % 2 else 'D2018'}-{530 + k:05d}B_2019-05-0{1 + k % 7} {10 + k % 12}_{k:02d}_22-lv1-{corner}"
        path, planes = f"{label}/{name}.jpg", None
        if k < 24:
            plane = draw_plane(made.random, size)
            planes = (save_jpeg_mask(data / f"{label}/{name}_mask.jpg", plane),)
        else:
            empty[path] = (np.zeros(size, dtype=bool),)
        made.image(path, TrueSample(size, label, planes=planes), part="train")
    plain = reading_of(made, {**TWO, **ONE_MASK}, classes=sides, mask_classes=[""])
    return with_planes(plain, empty), plain, without_labels(plain)


def _prostates(data: Path) -> Readings:
    """Patches with masks, spreadsheets of ones for the parts of test and of four validations; one more of whole slides; from listings and code."""
    made, top, size = Builder(data), "SICAPv2", (44, 44)
    header = ("NC", "G3", "G4", "G5", "G4C")
    rows, slides = dict[str, list[object]](), list[list[object]]()
    grade_of, cribriform, tests = dict[str, str](), set[str](), set[str]()
    for slide in range(10):
        slide_name = f"{16 + slide % 3}B000{1851 + slide * 611}"
        slides.append([slide_name, 90 + slide // 2, (0, 3, 4, 5)[slide % 4], (0, 3, 4, 4)[slide % 4]])  # fmt: skip
        for k in range(5):
            name = f"{slide_name}_Block_Region_{k % 3}_{k}_{slide}_xini_{6803 + 512 * k}_yini_{59786 - 300 * slide}.jpg"
            grade = (slide * 3 + k) % 4
            numbers = np.zeros(size, dtype=np.uint8)
            if grade:
                numbers[draw_plane(made.random, size)] = grade
            path = f"{top}/images/{name}"
            true = TrueSample(size, planes=tuple(numbers == n for n in (1, 2, 3)))
            made.image(path, true, part="train")
            save_pixels(data / f"{top}/masks/{name[:-4]}.png", numbers)
            grade_of[path] = header[grade]
            is_cribriform = grade == 2 and k % 2 == 0
            if is_cribriform:
                cribriform.add(path)
            if slide >= 8:
                tests.add(path)
            ones = [int(n == grade) for n in range(4)]
            rows[path] = [name, *ones, int(is_cribriform)]
    known = [path for path in rows if path not in tests]

    def put(folder: str, first: Sequence[str], second: Sequence[str]) -> None:
        for name, paths in (("Train", first), ("Test", second)):
            book = data / f"{top}/partition/{folder}/{name}.xlsx"
            write_workbook(book, ["image_name", *header], [rows[path] for path in paths])

    put("Test", known, sorted(tests))
    for n in range(4):
        of = [path for place, path in enumerate(known) if place // 5 % 4 == n]
        put(f"Validation/Val{n + 1}", [path for path in known if path not in of], of)
    write_workbook(data / f"{top}/wsi_labels.xlsx", ["slide_id", "patient_id", "Gleason_primary", "Gleason_secondary"], slides)  # fmt: skip
    made.text(f"{top}/readme.txt", "SICAPv2 - Prostate Whole Slide Images with Gleason Grades Annotations\n")  # fmt: skip
    test: Callable[[str], bool] = lambda path: path in tests  # noqa: E731
    four, names = header[:4], ("1", "2", "3")
    one_each = reading_of(made, {**RANKS, **MULTI}, test=test, classes=four, mask_classes=names)
    one_each = with_train_labels(one_each, dict(grade_of))
    flags = {
        path: frozenset({grade, "G4C"} if path in cribriform else {grade})
        for path, grade in grade_of.items()
    }
    many = reading_of(made, {**SEVERAL, **MULTI}, test=test, classes=header, mask_classes=names)
    many = with_train_labels(many, dict(flags))
    return one_each, many, with_ground(one_each), with_ground(many)


def _nuclei_of_breasts(data: Path) -> Readings:
    """A folder a patient, with one of the masks beside by another word; the same names in both; from code."""
    made, top = Builder(data), "TNBC_NucleiSegmentation"
    for patient in range(1, 12):
        for k in range(1, 4 + patient % 3):
            size, name = (44, 44), f"{patient:02d}_{k}.png"
            plane = np.any(draw_objects(made.random, size, 4), axis=0)
            true = TrueSample(size, planes=(plane,))
            made.image(f"{top}/Slide_{patient:02d}/{name}", true, part="train")
            save_grey_mask(data / f"{top}/GT_{patient:02d}/{name}", plane)
    made.text(f"{top}/README.txt", "Each folder Slide_XX has the images of one patient, GT_XX the annotations.\n")  # fmt: skip
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


# TBrain 2022, STAS in lungs, segmentation: participants' code.
def _spread_in_lungs(data: Path) -> Readings:
    """Slides of lungs with the outlines of spread through air, a JSON of LabelMe an image, of one class; images to predict lie in a folder apart."""
    made, size, top = Builder(data), (44, 64), "SEG_Train_Datasets"
    closed = dict[str, tuple[Plane, ...] | None]()
    for k in range(30):
        shapes, inner, outer = list[dict[str, object]](), np.zeros(size, bool), np.zeros(size, bool)
        for box in draw_boxes(made, size, 1 + k % 3):
            shapes.append({"label": "STAS", "points": [[float(x), float(y)] for x, y in corners_of(box)], "group_id": None, "shape_type": "polygon", "flags": {}})  # fmt: skip
            inner |= rectangle(size, *box)
            outer |= rectangle(size, box[0], box[1], box[2] + 1, box[3] + 1)
        path = f"{top}/Train_Images/{k:08d}.jpg"
        made.image(path, TrueSample(size, planes=(inner,)), part="train")
        closed[path] = (outer,)
        about: dict[str, object] = {"version": "4.5.13", "flags": {}, "shapes": shapes, "imagePath": f"{k:08d}.jpg", "imageData": None, "imageHeight": size[0], "imageWidth": size[1]}  # fmt: skip
        write_json(made, f"{top}/Train_Annotations/{k:08d}.json", about)
    write_photos(made, [f"Public_Image/Public_{k:08d}.jpg" for k in range(12)], None, size)
    open_ = reading_of(made, ONE_MASK, test=in_folders("Public_Image"), mask_classes=[""])
    return open_, with_planes(open_, closed)


# CryoNuSeg (Kaggle): users' code, and memory.
def _frozen_nuclei(data: Path) -> Readings:
    """Slides of frozen tissue whose nuclei two people marked, one of them twice: for each of the three a folder of masks, of masks without edges that touch (here there are none), of numbered nuclei, and of distances."""
    made, size, top = Builder(data), (48, 48), "tissue images/tissue images"
    people = ("Annotator 1 (biologist second round of manual marks up)", "Annotator 1 (biologist)", "Annotator 2 (bioinformatician)")  # fmt: skip
    organs = ("AdrenalGland", "Larynx", "LymphNode", "Mediastinum", "Pancreas", "Pleura", "Skin", "Testes", "Thymus", "ThyroidGland")  # fmt: skip
    found: dict[str, dict[str, tuple[Plane, ...]]] = {one: {} for one in people}
    for k in range(30):
        name = f"Human_{organs[k % 10]}_{1 + k // 10:02d}"
        path = f"{top}/{name}.tif"
        write_photos(made, [path], None, size)
        for person in people:
            planes = draw_objects(made.random, size, 2 + k % 3)
            numbers = np.zeros(size, dtype=np.int32)
            for n, plane in enumerate(planes, 1):
                numbers[plane] = n
            base = f"{person}/{person}"
            found[person][path] = tuple(planes)
            save_grey_mask(data / f"{base}/mask binary/{name}.png", np.asarray(numbers > 0))
            save_tiff_of_numbers(data / f"{base}/label masks modify/{name}.tif", numbers)
            save_grey_mask(data / f"{base}/mask binary without border/{name}.png", np.asarray(numbers > 0))  # fmt: skip
            far = np.where(numbers > 0, made.random.integers(1, 255, size), 0).astype(np.uint8)
            save_pixels(data / f"{base}/distance maps/{name}.png", far)
    whole, single = reading_of(made, ONE_MASK, mask_classes=[""]), reading_of(made, OBJECTS, mask_classes=[""])  # fmt: skip
    readings = list[LayoutTruth]()
    for each in found.values():
        readings.append(with_planes(whole, {path: (np.asarray(np.any(planes, axis=0)),) for path, planes in each.items()}))  # fmt: skip
        train = {path: replace(one, objects=tuple((0, plane) for plane in each[path])) for path, one in single.train.items()}  # fmt: skip
        readings.append(replace(single, train=train))
    return tuple(readings)


def _vessels(data: Path) -> LayoutTruth:
    """Outlines in JSON lines, of a part of the tiles; one tile of test."""
    made, size, lines, about = Builder(data), (512, 512), [], []
    for number in range(13):
        part, name = part_by_number(number, 12), hex_name("tile", number, length=12)
        objects, notes = [], []
        for place in range(2 + number % 2):
            left, top, wide, tall = 40 + 160 * place, 60 + 20 * number, 40, 50 + number
            objects.append((int(place == 1), rectangle(size, left, top, wide, tall)))
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


def _glands(data: Path) -> Readings:
    """Numbers of objects beside each image, of train and of two tests; a table of grades."""
    made, top, rows = Builder(data), "Warwick QU Dataset (Released 2016_07_08)", []
    size = (32, 40)
    for part, n in (("train", 24), ("testA", 6), ("testB", 4)):
        for k in range(1, n + 1):
            objects = draw_objects(made.random, size, 1 + k % 4)
            numbers = np.zeros(size, dtype=np.uint8)
            for place, one in enumerate(objects, 1):
                numbers[one] = place
            name = f"{part}_{k}"
            true = TrueSample(size, objects=tuple((0, one) for one in objects))
            made.image(f"{top}/{name}.bmp", true, part="train")
            save_pixels(data / f"{top}/{name}_anno.bmp", numbers)
            rows.append(
                [name, str(1 + k), (" benign", " malignant")[k % 2], " moderately differentiated"]
            )
    made.table(f"{top}/Grade.csv", ["name", " patient ID", " grade (GlaS)", " grade (Sirinukunwattana et al. 2015)"],
               rows)  # fmt: skip
    is_test = lambda path: "/test" in path  # noqa: E731
    objects_of = reading_of(made, {"segment": "instance"}, test=is_test, mask_classes=[""])
    unions = {
        path: replace(
            one, planes=(np.any([plane for _, plane in one.objects or ()], axis=0),), objects=None
        )
        for path, one in objects_of.train.items()
    }
    return objects_of, replace(objects_of, kinds={"segment": frozenset(["binary"])}, train=unions)


def _nuclei_of_organs(data: Path) -> Readings:
    """A folder an organ, with blanks, and in it ten of images, masks, numbers, distances and the like."""
    made, size = Builder(data), (40, 40)
    for organ in (
        "human bladder",
        "human liver",
        "mouse fat (white and brown)_subscapula",
        "mouse spleen",
    ):
        for k in range(1, 9):
            name = f"{organ.replace(' ', '_')}_{k:02d}"
            planes = draw_objects(made.random, size, 2 + k % 3)
            objects = tuple((0, plane) for plane in planes)
            made.image(
                f"{organ}/tissue images/{name}.png", TrueSample(size, objects=objects), part="train"
            )
            numbers = np.zeros(size, dtype=np.uint16)
            for place, plane in enumerate(planes):
                numbers[plane] = place + 1
            for folder in ("label masks", "label masks modify"):
                save_tiff(data / f"{organ}/{folder}/{name}.tif", numbers)
            for folder in (
                "mask binary",
                "mask binary without border",
                "mask binary without border erode",
            ):
                mask = numbers > 0
                if "erode" in folder:
                    mask = mask & np.roll(mask, 1, axis=0) & np.roll(mask, 1, axis=1)
                save_pixels(data / f"{organ}/{folder}/{name}.png", mask.astype(np.uint8) * 255, "1")
            save_pixels(
                data / f"{organ}/distance maps/{name}.png", (numbers > 0).astype(np.uint8) * 101
            )
            vague = draw_plane(made.random, size) & (numbers == 0)
            save_pixels(
                data / f"{organ}/vague areas/mask binary/{name}.png",
                vague.astype(np.uint8) * 255,
                "1",
            )
            over = made.random.integers(0, 90, (*size, 3)).astype(np.uint8)
            over[numbers > 0, 1] = 255
            save_pixels(data / f"{organ}/overlay/{name}.png", over)
            (data / organ / "Imagej_zips").mkdir(exist_ok=True)
            with zipfile.ZipFile(data / f"{organ}/Imagej_zips/{name}.zip", "w") as archive:
                for place in range(len(planes)):
                    archive.writestr(f"{place + 1:04d}-{k * 7:04d}.roi", b"Iout\0\xe4" + b"\0" * 58)
    single = reading_of(made, {"segment": "instance"}, mask_classes=[""])
    return single, objects_as_one_mask(single)


def _nuclei_of_2018(data: Path) -> Readings:
    """Outlines in an XML beside each image; the folder of test has both in one."""
    made, size = Builder(data), (48, 48)
    for k in range(42):
        is_test = k >= 30
        name = f"TCGA-{18 + k}-{5592 + k * 7}-01{'A-01-TS1' if is_test else 'Z-00-DX1'}"
        boxes = draw_boxes(made, size, 2 + k % 3)
        objects = tuple((0, rectangle(size, *box)) for box in boxes)
        if is_test:
            image, marks = f"MoNuSegTestData/{name}.tif", f"MoNuSegTestData/{name}.xml"
        else:
            top = "MoNuSeg 2018 Training Data"
            image, marks = f"{top}/Tissue Images/{name}.tif", f"{top}/Annotations/{name}.xml"
        made.image(image, TrueSample(size, objects=objects), part="train")
        regions = "".join(
            f'<Region Id="{n + 1}" Type="0" Zoom="1" Selected="0" ImageLocation="" ImageFocus="-1" Length="{2 * (box[2] + box[3])}.0" Area="{box[2] * box[3]}.0" Text="" NegativeROA="0" InputRegionId="0" Analyze="1" DisplayId="{n + 1}">\n<Attributes/>\n<Vertices>\n'
            + "".join(f'<Vertex X="{x}.0" Y="{y}.0" Z="0"/>\n' for x, y in corners_of(box))
            + "</Vertices>\n</Region>\n"
            for n, box in enumerate(boxes)
        )
        made.text(
            marks,
            '<?xml version="1.0" encoding="UTF-8"?>\n<Annotations MicronsPerPixel="0.252000">\n<Annotation Id="1" Name="" ReadOnly="0" NameReadOnly="0" LineColorReadOnly="0" Incremental="0" Type="4" LineColor="65280" Visible="1" Selected="1" MarkupImagePath="" MacroName="">\n<Attributes>\n<Attribute Name="Description" Id="0" Value=""/>\n</Attributes>\n<Regions>\n<RegionAttributeHeaders>\n<AttributeHeader Id="9999" Name="Region" ColumnWidth="-1"/>\n</RegionAttributeHeaders>\n'
            + regions
            + "</Regions>\n<Plots/>\n</Annotation>\n</Annotations>\n",
        )
    single = reading_of(made, OBJECTS, test=in_folders("MoNuSegTestData"), mask_classes=[""])
    return single, objects_as_one_mask(single)


LAYOUTS = (
    RealLayout("histopathologic-cancer-detection", "page, code", _histopathologic, by_slug=True),
    RealLayout("mayo-clinic-strip-ai", "memory", _strokes),
    RealLayout("UBC-OCEAN", "memory", _ovaries),
    DataSet("BreakHis (Kaggle)", "memory", _breast_tissue, has_test=False),
    DataSet("Kather 2016 textures", "memory", _textures, has_test=False),
    DataSet("LC25000", "memory", _lungs_and_colons, has_test=False),
    DataSet("bach-iciar-2018", "code, memory", _breast_photos, doubt="what lies in WSI"),
    DataSet("NCT-CRC-HE-100K", "memory", _tissues),
    DataSet("Breast histopathology images", "memory", _carcinomas, has_test=False),
    DataSet("Chaoyang", "code", _slides_of_chaoyang, doubt="names of images"),
    DataSet("MHIST", "code and memory", _polyps_by_vote),
    DataSet("wsss4luad-2021", "code and memory", _lungs_with_few_labels, doubt="the readme"),
    RealLayout("prostate-cancer-grade-assessment", "memory", _prostate),
    DataSet("breastpathq-2018", "memory", _cellularity, doubt="folder of test"),
    DataSet(
        "drivendata-tissuenet",
        "code and memory",
        _slides_of_biopsies,
        has_test=False,
        doubt="form of the names",
    ),
    RealLayout("hubmap-kidney-segmentation", "page, code", _kidneys),
    RealLayout("hubmap-organ-segmentation", "code", _organs),
    DataSet("gleason-2019", "code", _six_experts, doubt="name of the folder of test"),
    DataSet("dacon-lymph-node-metastasis", "memory", _lymph_nodes, doubt="values of the masks"),
    DataSet("ocelot-2023", "code and memory", _cells_and_tissues),
    DataSet("digestpath-2019", "memory", _colons, has_test=False, doubt="names of the images"),
    DataSet("SICAPv2", "code and memory", _prostates, doubt="numbers of the masks"),
    DataSet("TNBC nuclei", "code", _nuclei_of_breasts, has_test=False),
    DataSet("tbrain-2022-stas-segmentation", "code", _spread_in_lungs, doubt="names of test"),
    DataSet("CryoNuSeg", "code and memory", _frozen_nuclei, has_test=False),
    RealLayout("hubmap-hacking-the-human-vasculature", "code, memory", _vessels),
    DataSet("GlaS", "memory", _glands),
    DataSet("NuInsSeg", "code", _nuclei_of_organs, has_test=False, doubt="values of distances"),
    DataSet("monuseg-2018", "code and memory", _nuclei_of_2018),
)
