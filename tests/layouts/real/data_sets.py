# ruff: noqa: E501  # rows of tables as their files have them
"""Well-known public data sets as they unpack, each in miniature, with what is true of them.

No competition's host made these, so most have no sample submission, and many no part to predict.
"""

from __future__ import annotations

import io
import json
import pickle
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from layouts.drawing import Size, draw_class_map, draw_objects, draw_plane, save_pixels
from layouts.judging import Outcome, judge_layout
from layouts.real.made import Builder, hex_name
from layouts.runs import Plane
from layouts.truth import Label, LayoutTruth, TrueSample
from podium.competition.ids.patterns import IMAGE_SUFFIXES

__all__ = ["DATA_SETS", "DataSet", "judge_data_set"]

SIZE = (20, 24)
Readings = tuple[LayoutTruth, ...]


@dataclass(frozen=True)
class DataSet:
    """A data set, where its facts are from, and its writer.

    Attributes:
        source: memory; code: what public programs read of it; page: its page or its README.
        write: writes it and returns the readings that are right, the best one first.
        has_test: the download has images to predict, or a part kept for tests.
        refusal: what podium's error must say where the set is beyond its scope.
        doubt: what of the layout is not certain.
    """

    name: str
    source: str
    write: Callable[[Path], Readings]
    has_test: bool = True
    refusal: str = ""
    doubt: str = ""


def judge_data_set(one: DataSet, folder: Path) -> tuple[Outcome, Outcome | None]:
    """Return the outcome as downloaded and, without images to predict, with some put in `test/`.

    A set without images to predict is rightly refused where the error asks for them.
    """
    outcome = judge_layout(*one.write(folder / "as_it_is" / "data"))
    refusal = one.refusal or ("" if one.has_test else r"no images to predict")
    if (
        refusal
        and outcome.name == "refused"
        and re.search(refusal, " ".join(map(str, outcome.faults)))
    ):
        outcome = replace(outcome, name="right")
    elif refusal and outcome.name == "right":
        outcome = replace(outcome, name="wrong")
    if one.has_test or one.refusal:
        return outcome, None
    readings = _with_images_to_predict(one.write(folder / "with_test" / "data"))
    return outcome, judge_layout(*readings)


def _with_images_to_predict(readings: Readings) -> Readings:
    """Write eight images more into `test/`, as the error asks, and return the truths with them."""
    random = np.random.default_rng(5)
    first = next(iter(readings[0].train.items()))
    own = Path(first[0]).suffix
    suffix = own if own.lower() in IMAGE_SUFFIXES else ".png"  # as `subject01.glasses`
    test = {}
    for number in range(8):
        path = f"test/new_{number + 1}{suffix}"
        pixels = random.integers(0, 90, (*first[1].size, 3)).astype(np.uint8)
        save_pixels(readings[0].data / path, pixels)
        test[path] = TrueSample(first[1].size)
    return tuple(replace(one, test=test) for one in readings)


def _never(path: str) -> bool:
    return False


def _reading(
    made: Builder,
    kinds: Mapping[str, str | Sequence[str]],
    *,
    test: Callable[[str], bool] = _never,
    out: Callable[[str], bool] = _never,
    classes: Iterable[str] = (),
    mask_classes: Iterable[str] = (),
    label: Callable[[Label], Label] | None = None,
) -> LayoutTruth:
    """Return the truth in which `test` are to be predicted, `out` not used, all others train."""
    sets = {
        task: frozenset({kind} if isinstance(kind, str) else kind) for task, kind in kinds.items()
    }
    every = {
        path: replace(true, label=label(true.label)) if label and true.label is not None else true
        for path, true in made.train.items()
        if not out(path)
    }
    return LayoutTruth(
        made.data, sets,
        {path: true for path, true in every.items() if not test(path)},
        {path: true for path, true in every.items() if test(path)},
        tuple(classes), tuple(mask_classes),
    )  # fmt: skip


def _inside(*folders: str) -> Callable[[str], bool]:
    return lambda path: path.startswith(tuple(f"{one}/" for one in folders))


def _photos(made: Builder, paths: Iterable[str], label: Label | None, size: Size = SIZE) -> None:
    for path in paths:
        made.image(path, TrueSample(size, label), part="train")


def _lines(made: Builder, name: str, lines: Iterable[str]) -> None:
    made.text(name, "\n".join(lines) + "\n")


LABELS = {"classify": "multiclass"}
TWO = {"classify": ["binary", "multiclass"]}
ONE_MASK = {"segment": "binary"}


# Labels


INTEL = ("buildings", "forest", "glacier", "mountain", "sea", "street")


def _intel(data: Path) -> Readings:
    made = Builder(data)
    for place, label in enumerate(INTEL):
        numbers = [place + 6 * n for n in range(4)]
        _photos(made, [f"seg_train/seg_train/{label}/{n}.jpg" for n in numbers], label)
        numbers = [20057 + place + 6 * n for n in range(2)]
        _photos(made, [f"seg_test/seg_test/{label}/{n}.jpg" for n in numbers], label)
    _photos(made, [f"seg_pred/seg_pred/{n}.jpg" for n in range(5, 45, 5)], None)
    is_test = _inside("seg_pred")
    return (
        _reading(made, LABELS, test=is_test, classes=INTEL),
        _reading(made, LABELS, test=is_test, out=_inside("seg_test"), classes=INTEL),
    )


def _chest(data: Path) -> Readings:
    made, classes = Builder(data), ("NORMAL", "PNEUMONIA")
    for part, n in (("train", 12), ("val", 4), ("test", 4)):
        base = {"train": 115, "val": 1427, "test": 1}[part]
        front = "" if part == "train" else "NORMAL2-" if part == "val" else ""
        normal = [f"{front}IM-{base + k:04d}-0001.jpeg" for k in range(n)]
        kinds = ("bacteria", "virus")
        ill = [f"person{base + k}_{kinds[k % 2]}_{base + 2 * k}.jpeg" for k in range(n)]
        for label, names in zip(classes, (normal, ill), strict=True):
            _photos(made, [f"chest_xray/{part}/{label}/{one}" for one in names], label)
    originals = dict(made.train)
    for path, true in originals.items():
        inner = path.replace("chest_xray/", "chest_xray/chest_xray/", 1)
        (data / inner).parent.mkdir(parents=True, exist_ok=True)
        (data / inner).write_bytes((data / path).read_bytes())
        made.train[inner] = true
        made.text(f"chest_xray/__MACOSX/{path.replace('/IM', '/._IM')}", "x")
    made.text("chest_xray/chest_xray/.DS_Store", "x")
    outer, inner = _inside("chest_xray/chest_xray"), lambda path: path in originals
    is_test = lambda path: "/test/" in path  # noqa: E731
    return (
        _reading(made, TWO, test=is_test, out=outer, classes=classes),
        _reading(made, TWO, test=is_test, out=inner, classes=classes),
    )


PETS = ("Abyssinian", "american_bulldog", "Bengal", "beagle")


def _pets(data: Path) -> Readings:
    made = Builder(data)
    about: dict[str, list[str]] = {"trainval": [], "test": []}
    tests = set()
    for place, breed in enumerate(PETS):
        for n in range(1, 10):
            name = f"{breed}_{n}"
            trimap = np.full(SIZE, 2, dtype=np.uint8)
            plane = draw_plane(made.random, SIZE)
            trimap[plane] = 1
            trimap[:, :2] = 3
            planes = tuple(trimap == value for value in (1, 2, 3))
            true = TrueSample(SIZE, str(place + 1), planes=planes)
            made.image(f"images/{name}.jpg", true, part="train")
            save_pixels(data / f"annotations/trimaps/{name}.png", trimap)
            made.text(f"annotations/trimaps/._{name}.png", "Mac OS X")
            if n < 7:
                made.text(
                    f"annotations/xmls/{name}.xml",
                    f"<annotation><folder>OXIIIT</folder><filename>{name}.jpg</filename>"
                    "<size><width>24</width><height>20</height><depth>3</depth></size>"
                    "<object><name>cat</name><bndbox><xmin>3</xmin><ymin>2</ymin><xmax>12</xmax>"
                    "<ymax>11</ymax></bndbox></object></annotation>",
                )
            part = "trainval" if n % 3 else "test"
            if part == "test":
                tests.add(f"images/{name}.jpg")
            is_dog = breed[0].islower()
            about[part].append(f"{name} {place + 1} {1 + is_dog} {1 + place // 2}")
    head = [
        "#Image CLASS-ID SPECIES BREED ID",
        "#ID: 1:37 Class ids",
        "#SPECIES: 1:Cat 2:Dog",
        "#BREED ID: 1-25:Cat 1:12:Dog",
        "#All images with 1st letter as captial are cat images",
        "#images with small first letter are dog images",
    ]
    _lines(made, "annotations/list.txt", [*head, *sorted(about["trainval"] + about["test"])])
    for part, lines in about.items():
        _lines(made, f"annotations/{part}.txt", lines)
    made.text("annotations/README", "The trimap pixel annotations: 1: Foreground 2:Background "
              "3: Not classified\n")  # fmt: skip
    kinds = {**LABELS, "segment": "multiclass"}
    numbers = [str(n + 1) for n in range(4)]
    is_test = lambda path: path in tests  # noqa: E731
    border = lambda true: replace(true, planes=(true.planes[0],), ignored=true.planes[2])  # noqa: E731
    by_number = _reading(made, kinds, test=is_test, classes=numbers, mask_classes=["1", "2", "3"])
    scored = _reading(
        made, {**LABELS, "segment": "binary"}, test=is_test, classes=numbers, mask_classes=[""]
    )
    scored = replace(
        scored, train={path: border(true) for path, true in scored.train.items()},
    )  # fmt: skip
    by_name = _reading(
        made, kinds, test=is_test, classes=PETS, mask_classes=["1", "2", "3"],
        label=lambda label: PETS[int(str(label)) - 1],
    )  # fmt: skip
    return by_number, scored, by_name


CUBS = ("001.Black_footed_Albatross", "002.Laysan_Albatross", "003.Sooty_Albatross")


def _cub(data: Path) -> Readings:
    made, number, tests = Builder(data), 0, set()
    tables: dict[str, list[str]] = {
        "images": [], "image_class_labels": [], "train_test_split": [], "bounding_boxes": [],
    }  # fmt: skip
    for place, label in enumerate(CUBS):
        for n in range(1, 13):
            number += 1
            name = f"{label}/{label[4:]}_{n:04d}_{796000 + 31 * number}.jpg"
            _photos(made, [f"CUB_200_2011/images/{name}"], label)
            is_train = n % 3 != 0
            if not is_train:
                tests.add(f"CUB_200_2011/images/{name}")
            tables["images"].append(f"{number} {name}")
            tables["image_class_labels"].append(f"{number} {place + 1}")
            tables["train_test_split"].append(f"{number} {int(is_train)}")
            tables["bounding_boxes"].append(f"{number} 2.0 {n % 4}.0 12.0 14.0")
    for name, lines in tables.items():
        _lines(made, f"CUB_200_2011/{name}.txt", lines)
    _lines(made, "CUB_200_2011/classes.txt", [f"{n + 1} {one}" for n, one in enumerate(CUBS)])
    _lines(made, "CUB_200_2011/parts/parts.txt", ["1 back", "2 beak", "3 belly"])
    _lines(
        made, "CUB_200_2011/parts/part_locs.txt",
        [f"{n} {part} 3.0 4.0 1" for n in range(1, number + 1) for part in (1, 2, 3)],
    )  # fmt: skip
    _lines(made, "attributes.txt", ["1 has_bill_shape::curved_(up_or_down)", "2 has_bill_shape::d"])
    _lines(
        made, "CUB_200_2011/attributes/image_attribute_labels.txt",
        [f"{n} {one} {(n + one) % 2} 3 27.708" for n in range(1, number + 1) for one in (1, 2)],
    )  # fmt: skip
    _lines(made, "CUB_200_2011/README", ["===", "The Caltech-UCSD Birds-200-2011 Dataset", "==="])
    is_test = lambda path: path in tests  # noqa: E731
    return (
        _reading(made, LABELS, test=is_test, classes=CUBS),
        _reading(made, LABELS, test=is_test, classes=["1", "2", "3"],
                 label=lambda label: str(int(str(label)[:3]))),
    )  # fmt: skip


FOODS = ("apple_pie", "baby_back_ribs", "baklava")


def _food(data: Path) -> Readings:
    made, tests = Builder(data), set()
    parts: dict[str, dict[str, list[str]]] = {"train": {}, "test": {}}
    for place, label in enumerate(FOODS):
        for n in range(12):
            name = f"{label}/{1005649 + 977 * n + place}"
            _photos(made, [f"food-101/images/{name}.jpg"], label)
            part = "test" if n % 4 == 3 else "train"
            parts[part].setdefault(label, []).append(name)
            if part == "test":
                tests.add(f"food-101/images/{name}.jpg")
    for part, names in parts.items():
        _lines(made, f"food-101/meta/{part}.txt", [one for each in names.values() for one in each])
        made.text(f"food-101/meta/{part}.json", json.dumps(names))
    _lines(made, "food-101/meta/classes.txt", FOODS)
    _lines(made, "food-101/meta/labels.txt", ["Apple pie", "Baby back ribs", "Baklava"])
    made.text("food-101/README.txt", "The Food-101 Data Set\nFor each class, 250 manually reviewed "
              "test images are provided as well as 750 training images.\n")  # fmt: skip
    made.text("food-101/license_agreement.txt", "Food images are from Foodspotting.\n")
    return (_reading(made, LABELS, test=lambda path: path in tests, classes=FOODS),)


def _gtsrb(data: Path) -> Readings:
    made, classes = Builder(data), ["0", "1", "2", "14"]
    head = ["Width", "Height", "Roi.X1", "Roi.Y1", "Roi.X2", "Roi.Y2", "ClassId", "Path"]
    box, rows = ["24", "20", "5", "5", "19", "15"], list[list[str]]()
    for label in classes:
        for track in range(3):
            for frame in range(3):
                name = f"Train/{label}/{int(label):05d}_{track:05d}_{frame:05d}.png"
                _photos(made, [name], label)
                rows.append([*box, label, name])
        save_pixels(data / f"Meta/{label}.png", np.full(SIZE, 30 + int(label), dtype=np.uint8))
    made.table("Train.csv", head, rows)
    tests = [f"Test/{n:05d}.png" for n in range(8)]
    _photos(made, tests, "1")
    made.table("Test.csv", head, [[*box, classes[n % 4], one] for n, one in enumerate(tests)])
    made.table("Meta.csv", ["Path", "ClassId", "ShapeId", "ColorId", "SignId"],
               [[f"Meta/{one}.png", one, "1", "0", "3.29"] for one in classes])  # fmt: skip
    return (_reading(made, LABELS, test=_inside("Test"), classes=classes),)


TRAITS = ("5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Male", "Smiling", "Young")


def _celeba(data: Path) -> Readings:
    made, rows, parts, boxes, marks, tests = Builder(data), [], [], [], [], set()
    for n in range(1, 37):
        bits = made.random.integers(0, 2, len(TRAITS))
        bits[n % 6] = 1
        names = frozenset(one for one, bit in zip(TRAITS, bits, strict=True) if bit)
        path = f"img_align_celeba/img_align_celeba/{n:06d}.jpg"
        _photos(made, [path], names)
        part = 0 if n <= 24 else 1 if n <= 28 else 2
        if part == 2:
            tests.add(path)
        rows.append([f"{n:06d}.jpg", *(str(2 * int(bit) - 1) for bit in bits)])
        parts.append([f"{n:06d}.jpg", str(part)])
        boxes.append([f"{n:06d}.jpg", "5", "4", "12", "10"])
        marks.append([f"{n:06d}.jpg", "7", "8", str(10 + n % 4), "8"])
    made.table("list_attr_celeba.csv", ["image_id", *TRAITS], rows)
    made.table("list_eval_partition.csv", ["image_id", "partition"], parts)
    made.table("list_bbox_celeba.csv", ["image_id", "x_1", "y_1", "width", "height"], boxes)
    made.table("list_landmarks_align_celeba.csv",
               ["image_id", "lefteye_x", "lefteye_y", "righteye_x", "righteye_y"], marks)  # fmt: skip
    kinds = {"classify": "multilabel"}
    return (_reading(made, kinds, test=lambda path: path in tests, classes=TRAITS),)


def _utkface(data: Path) -> Readings:
    made = Builder(data)
    for n in range(30):
        age = 1 + n * 37 % 90
        name = f"{age}_{n % 2}_{n % 5}_201701161745{n:02d}{n * 7:03d}.jpg.chip.jpg"
        _photos(made, [f"UTKFace/{name}"], float(age))
    return (_reading(made, {"classify": "regression"}),)


HAM = ("akiec", "bcc", "bkl", "mel", "nv")


def _ham(data: Path) -> Readings:
    made, rows, pixels = Builder(data), [], []
    for n in range(30):
        label, name = HAM[n % 5], f"ISIC_{24306 + n:07d}"
        _photos(made, [f"HAM10000_images_part_{1 + n // 15}/{name}.jpg"], label)
        facts = [("histo", "follow_up")[n % 2], f"{40 + 5 * (n % 6)}.0", ("male", "female")[n % 2],
                 ("scalp", "ear", "back")[n % 3]]  # fmt: skip
        rows.append([f"HAM_{n * 7 // 2:07d}", name, label, *facts])
        pixels.append([*map(str, made.random.integers(0, 255, 64)), str(n % 5)])
    head = ["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]
    made.table("HAM10000_metadata.csv", head, rows)
    made.table("hmnist_8_8_L.csv", [*(f"pixel{n:04d}" for n in range(64)), "label"], pixels)
    return (_reading(made, LABELS, classes=HAM),)


PLANTS = (
    "Apple___Apple_scab",
    "Apple___healthy",
    "Corn_(maize)___Common_rust_",
    "Tomato___healthy",
)


def _plant_village(data: Path) -> Readings:
    made = Builder(data)
    for label in PLANTS:
        for n in range(8):
            name = f"{hex_name(label, n, length=8)}-a2fa-4d2e___FREC_Scab {3335 + n}"
            for copy, end in (("color", ".JPG"), ("grayscale", ".JPG"),
                              ("segmented", "_final_masked.jpg")):  # fmt: skip
                _photos(made, [f"plantvillage dataset/{copy}/{label}/{name}{end}"], label)
    colour = lambda path: "/color/" not in path  # noqa: E731
    return (_reading(made, LABELS, out=colour, classes=PLANTS),)


def _new_plants(data: Path) -> Readings:
    made = Builder(data)
    root = "New Plant Diseases Dataset(Augmented)/New Plant Diseases Dataset(Augmented)"
    for label in PLANTS:
        for part, n in (("train", 6), ("valid", 2)):
            ends = ("", "_90deg", "_new30degFlipLR")
            names = [f"{hex_name(label, part, k // 3, length=8)}-42d0___RS_HL {7900 + k // 3}"
                     f"{ends[k % 3]}.JPG" for k in range(n)]  # fmt: skip
            _photos(made, [f"{root}/{part}/{label}/{one}" for one in names], label)
    names = ["AppleScab1", "AppleScab2", "AppleCedarRust1", "CornCommonRust1", "CornCommonRust2",
             "PotatoHealthy1", "TomatoHealthy1", "TomatoHealthy2"]  # fmt: skip
    _photos(made, [f"test/test/{one}.JPG" for one in names], None)
    return (
        _reading(made, LABELS, test=_inside("test"), classes=PLANTS),
        _reading(made, LABELS, test=_inside("test"), out=_inside(f"{root}/valid"), classes=PLANTS),
    )


LAND = ("AnnualCrop", "Forest", "River", "SeaLake")


def _eurosat(data: Path) -> Readings:
    made, tests = Builder(data), set()
    rows: dict[str, list[list[str]]] = {"train": [], "validation": [], "test": []}
    for place, label in enumerate(LAND):
        for n in range(1, 11):
            name = f"{label}/{label}_{n}.jpg"
            _photos(made, [f"EuroSAT/{name}"], label)
            part = "train" if n <= 6 else "validation" if n <= 8 else "test"
            rows[part].append([name, str(place), label])
            if part == "test":
                tests.add(f"EuroSAT/{name}")
    for part, each in rows.items():
        made.table(f"EuroSAT/{part}.csv", ["", "Filename", "Label", "ClassName"],
                   [[str(n), *one] for n, one in enumerate(each)])  # fmt: skip
    made.text("EuroSAT/label_map.json", json.dumps({one: n for n, one in enumerate(LAND)}))
    is_test = lambda path: path in tests  # noqa: E731
    return (
        _reading(made, LABELS, test=is_test, classes=LAND),
        _reading(made, LABELS, test=is_test, classes=list("0123"),
                 label=lambda label: str(LAND.index(str(label)))),
    )  # fmt: skip


def _class_folders(
    root: str, classes: Sequence[str], name: str, more: Callable[[Builder], None] | None = None
) -> Callable[[Path], Readings]:
    def write(data: Path) -> Readings:
        made = Builder(data)
        for label in classes:
            names = [name.format(label=label, n=n, hex=hex_name(label, n)) for n in range(1, 11)]
            _photos(made, [f"{root}{label}/{one}" for one in names], label)
        if more is not None:
            more(made)
        return (_reading(made, LABELS if len(classes) > 2 else TWO, classes=classes),)

    return write


def _eurosat_zip(data: Path) -> Readings:
    return _class_folders("2750/", LAND, "{label}_{n}.jpg")(data)


def _animals(data: Path) -> Readings:
    def more(made: Builder) -> None:
        made.text("translate.py", 'translate = {"cane": "dog", "cavallo": "horse"}\n')

    kinds = ("cane", "cavallo", "elefante", "farfalla")
    return _class_folders("raw-img/", kinds, "OIP-{hex}HaFj.jpeg", more)(data)


def _pet_images(data: Path) -> Readings:
    """One file of each class is empty, as the real ones are damaged; thumbnails of Windows."""

    def more(made: Builder) -> None:
        made.text("readme[1].txt", "This data set is from Asirra.\n")
        for label in ("Cat", "Dog"):
            made.text(f"PetImages/{label}/Thumbs.db", "x")
            made.text(f"PetImages/{label}/666.jpg", "")

    (plain,) = _class_folders("PetImages/", ("Cat", "Dog"), "{n}.jpg", more)(data)
    # `podium check` refuses the empty files, so they may be named here.
    empty = {f"PetImages/{one}/666.jpg": TrueSample(SIZE, one) for one in ("Cat", "Dog")}
    return plain, replace(plain, train={**plain.train, **empty})


def _malaria(data: Path) -> Readings:
    """All is there a second time, in a folder of the same name."""
    made, classes = Builder(data), ("Parasitized", "Uninfected")
    for label in classes:
        for n in range(12):
            name = f"C{33 + n // 3}P{1 + n // 3}thinF_IMG_20150619_114756a_cell_{162 + n}.png"
            path = f"cell_images/{label}/{name}"
            _photos(made, [path], label)
            inner = data / f"cell_images/{path}"
            inner.parent.mkdir(parents=True, exist_ok=True)
            inner.write_bytes((data / path).read_bytes())
            made.train[f"cell_images/{path}"] = made.train[path]
        made.text(f"cell_images/{label}/Thumbs.db", "x")
        made.text(f"cell_images/cell_images/{label}/Thumbs.db", "x")
    inner_folder = _inside("cell_images/cell_images")
    outer_folder = lambda path: not inner_folder(path)  # noqa: E731
    return (
        _reading(made, TWO, out=inner_folder, classes=classes),
        _reading(made, TWO, out=outer_folder, classes=classes),
    )


def _asl(data: Path) -> Readings:
    made, classes = Builder(data), ("A", "B", "C", "del", "nothing", "space")
    for label in classes:
        _photos(made, [f"asl_alphabet_train/asl_alphabet_train/{label}/{label}{n}.jpg"
                       for n in range(1, 7)], label)  # fmt: skip
        if label != "del":
            _photos(made, [f"asl_alphabet_test/asl_alphabet_test/{label}_test.jpg"], label)
    return (_reading(made, LABELS, test=_inside("asl_alphabet_test"), classes=classes),)


TUMOURS = {"glioma": "gl", "meningioma": "me", "notumor": "no", "pituitary": "pi"}


def _tumours(data: Path) -> Readings:
    made = Builder(data)
    for label, short in TUMOURS.items():
        for part, front, n in (("Training", "Tr", 8), ("Testing", "Te", 3)):
            names = [f"{part}/{label}/{front}-{short}_{10 + k:04d}.jpg" for k in range(n)]
            _photos(made, names, label)
    return (_reading(made, LABELS, test=_inside("Testing"), classes=TUMOURS),)


def _cat_dog(data: Path) -> Readings:
    made = Builder(data)
    for label, name in (("cats", "cat"), ("dogs", "dog")):
        for part, first, n in (("training_set", 1, 12), ("test_set", 4001, 4)):
            folder = f"{part}/{part}/{label}"
            _photos(made, [f"{folder}/{name}.{first + k}.jpg" for k in range(n)], label)
            made.text(f"{folder}/_DS_Store", "x")
    return (_reading(made, TWO, test=_inside("test_set"), classes=("cats", "dogs")),)


def _fruits(data: Path) -> Readings:
    made, classes = Builder(data), ("Apple Braeburn 1", "Banana 1", "Cherry 2")
    root = "fruits-360_dataset/fruits-360"
    for label in classes:
        for part, step, n in (("Training", 0, 8), ("Test", 3, 3)):
            names = [f"{('', 'r_')[k % 2]}{step + k}_100.jpg" for k in range(n)]
            _photos(made, [f"{root}/{part}/{label}/{one}" for one in names], label)
    several = [
        f"{root}/test-multiple_fruits/{one}.jpg" for one in ("apples1", "cherries_wax_not", "mix")
    ]
    _photos(made, several, None, (32, 40))
    made.text(f"{root}/readme.md", "# Fruits-360: A dataset of images containing fruits\n\n"
              "Training set size: 24 images (one fruit per image).\n\nTest set size: 9 images.\n")  # fmt: skip
    made.text(f"{root}/LICENSE", "MIT License\n")
    is_test = _inside(f"{root}/Test")
    several_out = _inside(f"{root}/test-multiple_fruits")
    return (_reading(made, LABELS, test=is_test, out=several_out, classes=classes),)


def _dogs(data: Path) -> Readings:
    made, classes = (
        Builder(data),
        ("n02085620-Chihuahua", "n02085782-Japanese_spaniel", "n02116738-African_hunting_dog"),
    )
    for label in classes:
        for n in range(10):
            name = f"{label[:9]}_{1007 + 211 * n}"
            _photos(made, [f"images/Images/{label}/{name}.jpg"], label)
            made.text(f"annotations/Annotation/{label}/{name}",
                      f"<annotation><folder>{label[1:9]}</folder><filename>{name}</filename><object>"
                      f"<name>{label[10:]}</name><bndbox><xmin>2</xmin><ymin>1</ymin><xmax>9</xmax>"
                      "<ymax>8</ymax></bndbox></object></annotation>")  # fmt: skip
    return (
        _reading(made, LABELS, classes=classes),
        _reading(made, LABELS, classes=[one[10:] for one in classes],
                 label=lambda label: str(label)[10:]),
    )  # fmt: skip


def _isic_labels(data: Path) -> Readings:
    """One column of 1.0 and 0.0 for each diagnosis."""
    made, names, rows = Builder(data), ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC"), []
    for n in range(35):
        label, name = names[n % 7], f"ISIC_{24306 + n:07d}"
        _photos(made, [f"ISIC2018_Task3_Training_Input/{name}.jpg"], label)
        rows.append([name, *("1.0" if one == label else "0.0" for one in names)])
    truth = "ISIC2018_Task3_Training_GroundTruth"
    made.table(f"{truth}/{truth}.csv", ["image", *names], rows)
    for part, first in (("Validation", 34321), ("Test", 34524)):
        paths = [f"ISIC2018_Task3_{part}_Input/ISIC_{first + n:07d}.jpg" for n in range(8)]
        _photos(made, paths, None)
    for folder in ("Training_Input", "Training_GroundTruth", "Validation_Input", "Test_Input"):
        made.text(f"ISIC2018_Task3_{folder}/LICENSE.txt", "CC-BY-NC\n")
        made.text(f"ISIC2018_Task3_{folder}/ATTRIBUTION.txt", "HAM10000\n")
    is_test = _inside("ISIC2018_Task3_Test_Input")
    kinds = {"classify": ["multiclass", "multilabel"]}
    lists = lambda label: frozenset([str(label)])  # noqa: E731
    return (
        _reading(made, LABELS, test=is_test, classes=names),
        _reading(made, kinds, test=is_test, classes=names, label=lists),
    )


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
                _photos(made, paths, "01"[label == "positive"])
                images += paths
                studies.append(f"{study},{int(label == 'positive')}")
        _lines(made, f"MURA-v1.1/{part}_image_paths.csv", images)
        _lines(made, f"MURA-v1.1/{part}_labeled_studies.csv", studies)
    is_test = _inside("MURA-v1.1/valid")
    by_name = lambda label: ("negative", "positive")[int(str(label))]  # noqa: E731
    return (
        _reading(made, TWO, test=is_test, classes=("0", "1")),
        _reading(made, TWO, test=is_test, classes=("negative", "positive"), label=by_name),
    )


def _fashion(data: Path) -> Readings:
    """Tables of pixels for train and for test, which has labels, too."""
    made = Builder(data)
    for part, n in (("train", 30), ("test", 8)):
        rows = []
        for k in range(n):
            rows.append([str(k % 10), *map(str, made.random.integers(0, 255, 784))])
            path = f"../made/images/{part}/{k}.png"
            made.train[path] = TrueSample((28, 28), str(k % 10))
        made.table(f"fashion-mnist_{part}.csv",
                   ["label", *(f"pixel{one}" for one in range(1, 785))], rows)  # fmt: skip
    return (
        _reading(made, LABELS, test=_inside("../made/images/test"), classes=tuple("0123456789")),
    )


def _birds(data: Path) -> Readings:
    made, rows = Builder(data), []
    classes = {"ABBOTTS BABBLER": "MALACOCINCLA ABBOTTI", "ALBATROSS": "DIOMEDEIDAE",
               "AMERICAN COOT": "FULICA AMERICANA"}  # fmt: skip
    for place, (label, latin) in enumerate(classes.items()):
        for part, n in (("train", 8), ("test", 3), ("valid", 3)):
            for k in range(1, n + 1):
                name = (
                    f"{part}/{label}/{k:03d}.jpg" if part == "train" else f"{part}/{label}/{k}.jpg"
                )
                _photos(made, [name], label)
                rows.append([f"{place}.0", name, label, part, latin])
    made.table(
        "birds.csv", ["class id", "filepaths", "labels", "data set", "scientific name"], rows
    )
    made.text("EfficientNetB0-525-(224 X 224)- 98.97.h5", "x")
    numbers = {one: f"{place}.0" for place, one in enumerate(classes)}
    return (
        *(
            _reading(
                made,
                LABELS,
                test=_inside("test"),
                out=out,
                classes=numbers.values(),
                label=lambda label: numbers[str(label)],
            )
            for out in (_never, _inside("valid"))
        ),
        _reading(made, LABELS, test=_inside("test"), classes=classes),
        _reading(made, LABELS, test=_inside("test"), out=_inside("valid"), classes=classes),
    )


def _aircraft(data: Path) -> Readings:
    """Labels by three lists: maker, family, variant."""
    made, root, tests = Builder(data), "fgvc-aircraft-2013b/data", set()
    kinds = [("707-320", "Boeing 707", "Boeing"), ("A300B4", "A300", "Airbus"),
             ("Cessna 172", "Cessna 172", "Cessna")]  # fmt: skip
    lists: dict[str, list[str]] = {}
    for n in range(36):
        part = ("train", "val", "test")[n // 12]
        name, kind = f"{1025794 + 791 * n:07d}", kinds[n % 3]
        _photos(made, [f"{root}/images/{name}.jpg"], kind[0])
        if part == "test":
            tests.add(f"{root}/images/{name}.jpg")
        for level, label in zip(("variant", "family", "manufacturer"), kind, strict=True):
            names = [part] if part == "test" else [part, "trainval"]
            for each in names:
                lists.setdefault(f"images_{level}_{each}", []).append(f"{name} {label}")
                if level == "variant":
                    lists.setdefault(f"images_{each}", []).append(name)
        lists.setdefault("images_box", []).append(f"{name} 2 3 20 15")
    for place, level in enumerate(("variants", "families", "manufacturers")):
        lists[level] = [one[place] for one in kinds]
    for name, lines in lists.items():
        _lines(made, f"{root}/{name}.txt", lines)
    is_test = lambda path: path in tests  # noqa: E731
    found = []
    for place in range(3):
        names = {one[0]: one[place] for one in kinds}
        found.append(_reading(made, LABELS, test=is_test, classes=[one[place] for one in kinds],
                              label=lambda label, names=names: names[str(label)]))  # type: ignore[misc]  # fmt: skip
    return tuple(found)


def _textures(data: Path) -> Readings:
    """Ten splits as lists; the first is the usual one."""
    made, classes, tests = Builder(data), ("banded", "blotchy", "braided"), set()
    lists: dict[str, list[str]] = {}
    for label in classes:
        for n in range(12):
            name = f"{label}/{label}_{2 + 5 * n:04d}.jpg"
            _photos(made, [f"dtd/images/{name}"], label)
            for split in (1, 2, 3):
                part = ("train", "val", "test")[(n + split - 1) % 3]
                lists.setdefault(f"{part}{split}", []).append(name)
                if part == "test" and split == 1:
                    tests.add(f"dtd/images/{name}")
            lists.setdefault("labels_joint_anno", []).append(f"{name} {label} ")
    for name, lines in lists.items():
        _lines(made, f"dtd/labels/{name}.txt", lines)
    return (_reading(made, LABELS, test=lambda path: path in tests, classes=classes),)


def _fer(data: Path) -> Readings:
    made, classes = Builder(data), ("angry", "happy", "neutral", "sad")
    for place, label in enumerate(classes):
        _photos(
            made, [f"train/{label}/Training_{3908 + 71 * n + place}.jpg" for n in range(7)], label
        )
        _photos(
            made,
            [f"test/{label}/PrivateTest_{10131 + 71 * n + place}.jpg" for n in range(2)],
            label,
        )
    return (_reading(made, LABELS, test=_inside("test"), classes=classes),)


def _tiny_imagenet(data: Path) -> Readings:
    made, root = Builder(data), "tiny-imagenet-200"
    classes = ("n01443537", "n01629819", "n01641577")
    for label in classes:
        names = [f"{label}_{n}.JPEG" for n in range(8)]
        _photos(made, [f"{root}/train/{label}/images/{one}" for one in names], label)
        _lines(
            made,
            f"{root}/train/{label}/{label}_boxes.txt",
            [f"{one}\t0\t2\t19\t18" for one in names],
        )
    rows = []
    for n in range(6):
        _photos(made, [f"{root}/val/images/val_{n}.JPEG"], classes[n % 3])
        rows.append(f"val_{n}.JPEG\t{classes[n % 3]}\t0\t3\t19\t18")
    _lines(made, f"{root}/val/val_annotations.txt", rows)
    _photos(made, [f"{root}/test/images/test_{n}.JPEG" for n in range(8)], None)
    _lines(made, f"{root}/wnids.txt", classes)
    _lines(made, f"{root}/words.txt", ["n00001740\tentity", "n01443537\tgoldfish, Carassius auratus",
           "n01629819\tEuropean fire salamander", "n01641577\tbullfrog, Rana catesbeiana"])  # fmt: skip
    is_test = _inside(f"{root}/test")
    return (
        _reading(made, LABELS, test=is_test, classes=classes),
        _reading(made, LABELS, test=is_test, out=_inside(f"{root}/val"), classes=classes),
    )


NIH = ("Atelectasis", "Cardiomegaly", "Effusion", "Infiltration")


def _nih(data: Path) -> Readings:
    made, rows, tests = Builder(data), [], set()
    lists: dict[str, list[str]] = {"train_val_list": [], "test_list": []}
    for n in range(36):
        name = f"{1 + n // 3:08d}_{n % 3:03d}.png"
        found = [one for one in NIH if n % 2 and made.random.random() < 0.45]
        path = f"images_{1 + n // 12:03d}/images/{name}"
        _photos(made, [path], frozenset(found))
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
        _lines(made, f"{part}.txt", lines)
    kinds = {"classify": "multilabel"}
    is_test = lambda path: path in tests  # noqa: E731
    named = lambda label: label or frozenset(["No Finding"])  # noqa: E731
    return (
        _reading(made, kinds, test=is_test, classes=NIH),
        _reading(made, kinds, test=is_test, classes=[*NIH, "No Finding"], label=named),
    )


def _flowers(data: Path) -> Readings:
    """Labels and parts are arrays of MATLAB."""
    made = Builder(data)
    for n in range(1, 31):
        _photos(made, [f"jpg/image_{n:05d}.jpg"], str(1 + n % 3))
    labels = np.array([[1 + n % 3 for n in range(1, 31)]], dtype=np.uint8)
    _matlab(data / "imagelabels.mat", labels=labels)
    ids = np.arange(1, 31, dtype=np.uint16)[None]
    _matlab(data / "setid.mat", trnid=ids[:, :12], valid=ids[:, 12:18], tstid=ids[:, 18:])
    tests = {f"jpg/image_{n:05d}.jpg" for n in range(19, 31)}
    return (_reading(made, LABELS, test=lambda path: path in tests, classes=tuple("123")),)


def _matlab(path: Path, **arrays: NDArray[np.generic]) -> None:
    from scipy.io import savemat

    content = io.BytesIO()
    savemat(content, arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.getvalue())


def _cifar(data: Path) -> Readings:
    """Pickles of arrays."""
    made, root = Builder(data), data / "cifar-10-batches-py"
    root.mkdir(parents=True)
    for name in ("data_batch_1", "data_batch_2", "test_batch"):
        pixels = made.random.integers(0, 255, (10, 3072)).astype(np.uint8)
        content = {b"data": pixels, b"labels": list(range(10)), b"batch_label": name.encode()}
        (root / name).write_bytes(pickle.dumps(content))
    (root / "batches.meta").write_bytes(pickle.dumps({b"label_names": [b"airplane", b"bird"]}))
    made.text("cifar-10-batches-py/readme.html", "<html></html>")
    return (_reading(made, LABELS),)


# Masks


def _grey_mask(path: Path, plane: Plane, value: int = 255) -> None:
    save_pixels(path, plane.astype(np.uint8) * value)


def _planes_of(classes: NDArray[np.uint8], n: int) -> tuple[Plane, ...]:
    return tuple(classes == place + 1 for place in range(n))


CAMVID = {
    "Animal": (64, 128, 64), "Building": (128, 0, 0), "Car": (64, 0, 128), "Road": (128, 64, 128),
    "Sky": (128, 128, 128), "Void": (0, 0, 0),
}  # fmt: skip


def _camvid(data: Path) -> Readings:
    made, n_classes = Builder(data), len(CAMVID)
    colours = np.array(list(CAMVID.values()), dtype=np.uint8)
    for n in range(30):
        part = "train" if n < 18 else "val" if n < 22 else "test"
        classes = draw_class_map(made.random, SIZE, n_classes, fill=True)
        classes[classes == 1] = 4 if n % 3 else 1
        name = f"{('0001TP', '0006R0', 'Seq05VD')[n % 3]}_{6690 + 30 * n:06d}"
        void = classes == n_classes
        true = TrueSample(SIZE, planes=_planes_of(classes, n_classes), ignored=void)
        made.image(f"CamVid/{part}/{name}.png", true, part="train")
        save_pixels(data / f"CamVid/{part}_labels/{name}_L.png", colours[classes - 1])
    made.table("CamVid/class_dict.csv", ["name", "r", "g", "b"],
               [[one, *map(str, colour)] for one, colour in CAMVID.items()])  # fmt: skip
    kinds = {"segment": "multiclass"}
    is_test = _inside("CamVid/test")
    plain = _reading(made, kinds, test=is_test, mask_classes=CAMVID)
    no_void = lambda true: replace(true, ignored=None)  # noqa: E731
    every = replace(plain, train={path: no_void(true) for path, true in plain.train.items()})
    fewer = {
        path: replace(true, planes=true.planes[:-1] if true.planes else None)
        for path, true in plain.train.items()
    }
    ignored = replace(plain, train=fewer, mask_classes=tuple(CAMVID)[:-1])
    ground = replace(
        ignored, train={path: no_void(true) for path, true in fewer.items()},
    )  # fmt: skip
    return every, ignored, ground


VOC = ("aeroplane", "bicycle", "cat")


def _voc_palette() -> list[int]:
    """Return the palette of VOC: bits of the number, by turns to red, green and blue."""
    found = []
    for number in range(256):
        colour, left = [0, 0, 0], number
        for bit in range(8):
            for channel in range(3):
                colour[channel] |= (left >> channel & 1) << 7 - bit
            left >>= 3
        found += colour
    return found


def _save_palette(path: Path, numbers: NDArray[np.uint8]) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(numbers, mode="P")
    image.putpalette(_voc_palette())
    image.save(path)


def _voc(data: Path) -> Readings:
    """Half of the images have no mask; lists tell train and val; 255 is a border."""
    made, root = Builder(data), "VOCdevkit/VOC2012"
    lists: dict[str, list[str]] = {"train": [], "val": []}
    every: dict[str, list[str]] = {"train": [], "val": []}
    for n in range(40):
        name = f"2007_{32 + 7 * n:06d}"
        part = "train" if n % 3 else "val"
        every[part].append(name)
        classes = draw_class_map(made.random, SIZE, 3, fill=False)
        planes, has_mask = _planes_of(classes, 3), n % 2 == 0
        numbers = classes.copy()
        numbers[:2] = 255
        kept = tuple(plane & (numbers != 255) for plane in planes)
        true = (
            TrueSample(SIZE, planes=kept, ignored=numbers == 255) if has_mask else TrueSample(SIZE)
        )
        made.image(f"{root}/JPEGImages/{name}.jpg", true, part="train")
        shown = [one for one, plane in zip(VOC, planes, strict=True) if plane.any()] or ["cat"]
        objects = "".join(
            f"<object><name>{one}</name><pose>Frontal</pose><truncated>0</truncated><difficult>0"
            "</difficult><bndbox><xmin>2</xmin><ymin>3</ymin><xmax>15</xmax><ymax>12</ymax></bndbox>"
            "</object>" for one in shown
        )  # fmt: skip
        made.text(f"{root}/Annotations/{name}.xml",
                  f"<annotation><folder>VOC2012</folder><filename>{name}.jpg</filename><size><width>24"
                  f"</width><height>20</height><depth>3</depth></size><segmented>{int(has_mask)}"
                  f"</segmented>{objects}</annotation>")  # fmt: skip
        if has_mask:
            lists[part].append(name)
            _save_palette(data / f"{root}/SegmentationClass/{name}.png", numbers)
            _save_palette(data / f"{root}/SegmentationObject/{name}.png", numbers)
    for part in ("train", "val"):
        _lines(made, f"{root}/ImageSets/Segmentation/{part}.txt", lists[part])
        _lines(made, f"{root}/ImageSets/Main/{part}.txt", every[part])
        for one in VOC:
            _lines(made, f"{root}/ImageSets/Main/{one}_{part}.txt",
                   [f"{name} {(' 1', '-1', ' 0')[k % 3]}" for k, name in enumerate(every[part])])  # fmt: skip
    _lines(
        made, f"{root}/ImageSets/Segmentation/trainval.txt", sorted(lists["train"] + lists["val"])
    )
    tests = {f"{root}/JPEGImages/{one}.jpg" for one in lists["val"]}
    kinds = {"segment": "multiclass"}
    numbers = ("1", "2", "3")
    return (
        _reading(made, kinds, test=lambda path: path in tests, mask_classes=numbers),
        _reading(made, kinds, mask_classes=numbers),
    )


CITY = {7: "road", 11: "building", 21: "vegetation", 23: "sky", 26: "car"}


def _cityscapes(data: Path) -> Readings:
    """Four files of truth an image; those of test hold nothing."""
    made, size = Builder(data), (24, 48)
    places = [("train", "aachen", 10), ("train", "bochum", 10), ("val", "lindau", 4),
              ("test", "berlin", 6)]  # fmt: skip
    for part, city, n in places:
        for k in range(n):
            name = f"{city}_000000_{19 + k:06d}"
            ids, polygons = np.zeros(size, dtype=np.uint8), []
            for value, label in CITY.items():
                top, left = (int(one) for one in made.random.integers(0, (14, 30)))
                ids[top : top + 10, left : left + 18] = value
                corners = [[left, top], [left + 17, top], [left + 17, top + 9], [left, top + 9]]
                polygons.append({"label": label, "polygon": corners})
            ids[:1] = 3
            planes = tuple(ids == value for value in (3, *CITY))
            true = TrueSample(size, planes=planes) if part != "test" else TrueSample(size)
            made.image(f"leftImg8bit/{part}/{city}/{name}_leftImg8bit.png", true, part="train")
            if part == "test":
                ids[:], polygons = 0, []
            truth = data / f"gtFine/{part}/{city}/{name}_gtFine"
            save_pixels(Path(f"{truth}_labelIds.png"), ids)
            save_pixels(Path(f"{truth}_color.png"), np.stack([ids * 5, ids * 3, ids * 9], axis=-1))
            save_pixels(
                Path(f"{truth}_instanceIds.png"), np.where(ids == 26, 26000, ids).astype(np.uint16)
            )  # type: ignore[arg-type]
            whole = {"imgHeight": size[0], "imgWidth": size[1], "objects": polygons}
            made.text(f"gtFine/{part}/{city}/{name}_gtFine_polygons.json", json.dumps(whole))
    made.text("license.txt", "The Cityscapes Dataset\n")
    made.text("README", "The Cityscapes Dataset. See https://www.cityscapes-dataset.com\n")
    kinds, is_test = {"segment": "multiclass"}, _inside("leftImg8bit/test")
    numbers = tuple(map(str, (3, *CITY)))
    return (
        _reading(made, kinds, test=is_test, mask_classes=numbers),
        _reading(made, kinds, test=is_test, out=_inside("leftImg8bit/val"), mask_classes=numbers),
    )


def _kvasir(data: Path) -> Readings:
    """Masks are JPEG, so grey at their edges."""
    made, boxes = Builder(data), {}
    for n in range(24):
        plane = draw_plane(made.random, SIZE)
        name = f"cju{hex_name('polyp', n, length=22)}"
        made.image(f"Kvasir-SEG/images/{name}.jpg", TrueSample(SIZE, planes=(plane,)), part="train")
        path = data / f"Kvasir-SEG/masks/{name}.jpg"
        save_pixels(path, np.repeat(plane.astype(np.uint8)[..., None] * 255, 3, axis=-1))
        from PIL import Image

        seen = np.asarray(Image.open(path).convert("L")) > 127
        key = f"Kvasir-SEG/images/{name}.jpg"
        made.train[key] = TrueSample(SIZE, planes=(seen,))
        box = {"label": "polyp", "xmin": 1, "ymin": 2, "xmax": 9, "ymax": 8}
        boxes[name] = {"height": SIZE[0], "width": SIZE[1], "bbox": [box]}
    made.text("Kvasir-SEG/kavsir_bboxes.json", json.dumps(boxes))
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


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
    return (_reading(made, ONE_MASK, test=_inside("DRIVE/test"), mask_classes=[""]),)


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
                _grey_mask(data / f"{path}_mask{f'_{place}' if place else ''}.png", one)
    kinds = {**LABELS, "segment": "binary"}
    return (_reading(made, kinds, classes=("benign", "malignant", "normal"), mask_classes=[""]),)


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
            _grey_mask(data / f"{path}_mask.tif", plane)
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
        _reading(made, ONE_MASK, out=_inside("lgg-mri-segmentation"), mask_classes=[""]),
        _reading(made, ONE_MASK, out=_inside("kaggle_3m"), mask_classes=[""]),
    )


def _roads(data: Path) -> Readings:
    made, rows = Builder(data), []
    for n in range(32):
        part = "train" if n < 20 else "val" if n < 24 else "test"
        plane, name = draw_plane(made.random, SIZE), f"{10078660 + 15 * n}_15"
        image, label = f"tiff/{part}/{name}.tiff", f"tiff/{part}_labels/{name}.tif"
        made.image(image, TrueSample(SIZE, planes=(plane,)), part="train")
        save_pixels(data / label, np.repeat(plane.astype(np.uint8)[..., None] * 255, 3, axis=-1))
        rows.append([name, part, image, label])
    made.table("metadata.csv", ["image_id", "split", "tiff_image_path", "tif_label_path"], rows)
    made.table("label_class_dict.csv", ["name", "r", "g", "b"],
               [["background", "0", "0", "0"], ["road", "255", "255", "255"]])  # fmt: skip
    return (_reading(made, ONE_MASK, test=_inside("tiff/test"), mask_classes=[""]),)


COVER = {
    "urban_land": (0, 255, 255), "agriculture_land": (255, 255, 0), "rangeland": (255, 0, 255),
    "forest_land": (0, 255, 0), "water": (0, 0, 255), "barren_land": (255, 255, 255),
    "unknown": (0, 0, 0),
}  # fmt: skip


def _deepglobe(data: Path, colours: Mapping[str, tuple[int, int, int]]) -> Builder:
    made, rows, n_classes = Builder(data), [], len(colours)
    every = np.array(list(colours.values()), dtype=np.uint8)
    for n in range(36):
        part = "train" if n < 22 else "valid" if n < 28 else "test"
        name = 119 + 53 * n
        classes = draw_class_map(made.random, SIZE, n_classes, fill=True)
        if n_classes == 2:
            classes = (1 + draw_plane(made.random, SIZE)).astype(np.uint8)
        true = (
            TrueSample(SIZE, planes=_planes_of(classes, n_classes))
            if part == "train"
            else TrueSample(SIZE)
        )
        image, mask = f"{part}/{name}_sat.jpg", f"{part}/{name}_mask.png"
        made.image(image, true, part="train")
        if part == "train":
            save_pixels(data / mask, every[classes - 1])
        rows.append([str(name), part, image, mask if part == "train" else ""])
    made.table("metadata.csv", ["image_id", "split", "sat_image_path", "mask_path"], rows)
    made.table("class_dict.csv", ["name", "r", "g", "b"],
               [[one, *map(str, colour)] for one, colour in colours.items()])  # fmt: skip
    return made


def _land_cover(data: Path) -> Readings:
    made = _deepglobe(data, COVER)
    kinds = {"segment": "multiclass"}
    plain = _reading(made, kinds, test=_inside("test"), mask_classes=COVER)
    known = {
        path: replace(true, planes=true.planes[:-1], ignored=true.planes[-1])
        if true.planes
        else true
        for path, true in plain.train.items()
    }
    return plain, replace(plain, train=known, mask_classes=tuple(COVER)[:-1])


def _global_roads(data: Path) -> Readings:
    made = _deepglobe(data, {"background": (0, 0, 0), "road": (255, 255, 255)})
    for path, true in list(made.train.items()):
        if true.planes:
            made.train[path] = replace(true, planes=true.planes[1:])
    return (_reading(made, ONE_MASK, test=_inside("test"), mask_classes=[""]),)


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
        _workbook(
            data / f"{root}/{label}.metadata.xlsx", ["FILE NAME", "FORMAT", "SIZE", "URL"], rows
        )
    made.text(f"{root}/README.md.txt", "COVID-19 CHEST X-RAY DATABASE\n")
    kinds = {**LABELS, "segment": "binary"}
    return (_reading(made, kinds, classes=classes, mask_classes=[""]),)


def _workbook(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (header, *rows):
        book.active.append(list(row))
    book.save(path)


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
                _grey_mask(mask, plane)
        made.text(f"{folder}/LICENSE.txt", "CC-0\n")
        made.text(f"{folder}/ATTRIBUTION.txt", "ISIC\n")
    is_test = _inside("ISIC2018_Task1-2_Test_Input")
    return (_reading(made, ONE_MASK, test=is_test, mask_classes=[""]),)


DRONE = {
    "unlabeled": (0, 0, 0), "paved-area": (128, 64, 128), "dirt": (130, 76, 0),
    "grass": (0, 102, 0), "roof": (70, 70, 70),
}  # fmt: skip


def _drone(data: Path) -> Readings:
    """Masks as numbers and as colours; blanks behind the commas of the list."""
    made, root = Builder(data), "dataset/semantic_drone_dataset"
    colours = np.array(list(DRONE.values()), dtype=np.uint8)
    values = np.arange(5, dtype=np.uint8)
    for n in range(24):
        classes = draw_class_map(made.random, SIZE, 5, fill=True)
        true = TrueSample(SIZE, planes=_planes_of(classes, 5))
        made.image(f"{root}/original_images/{n:03d}.jpg", true, part="train")
        save_pixels(data / f"{root}/label_images_semantic/{n:03d}.png", values[classes - 1])
        folder = "RGB_color_image_masks/RGB_color_image_masks"
        save_pixels(data / f"{folder}/{n:03d}.png", colours[classes - 1])
    lines = [f"{one}, {', '.join(map(str, colour))}" for one, colour in DRONE.items()]
    _lines(made, "class_dict_seg.csv", ["name, r, g, b", *lines])
    kinds = {"segment": "multiclass"}
    plain = _reading(made, kinds, mask_classes=DRONE)
    some = {
        path: replace(true, planes=true.planes[1:], ignored=true.planes[0]) if true.planes else true
        for path, true in plain.train.items()
    }
    ignored = replace(plain, train=some, mask_classes=tuple(DRONE)[1:])
    ground = replace(
        ignored, train={path: replace(true, ignored=None) for path, true in some.items()}
    )
    places = [replace(one, mask_classes=("1", "2", "3", "4")) for one in (ignored, ground)]
    return plain, ignored, ground, *places


def _flood(data: Path) -> Readings:
    made, rows = Builder(data), []
    for n in range(24):
        plane = draw_plane(made.random, SIZE)
        made.image(f"Image/{n}.jpg", TrueSample(SIZE, planes=(plane,)), part="train")
        _grey_mask(data / f"Mask/{n}.png", plane)
        rows.append([f"{n}.jpg", f"{n}.png"])
    made.table("metadata.csv", ["Image", "Mask"], rows)
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


def _clinic(data: Path) -> Readings:
    """The same images as PNG and as TIFF, and a table with paths of both."""
    made, rows = Builder(data), []
    for n in range(1, 25):
        plane = draw_plane(made.random, SIZE)
        for kind, end in (("PNG", "png"), ("TIF", "tif")):
            made.image(
                f"{kind}/Original/{n}.{end}", TrueSample(SIZE, planes=(plane,)), part="train"
            )
            _grey_mask(data / f"{kind}/Ground Truth/{n}.{end}", plane)
        paths = [f"{kind}/{folder}/{n}.{end}" for kind, end in (("TIF", "tif"), ("PNG", "png"))
                 for folder in ("Original", "Ground Truth")]  # fmt: skip
        rows.append([str(n), str(1 + (n - 1) // 6), str(n), *paths])
    made.table("metadata.csv", ["frame_id", "sequence_id", "index", "tif_image_path", "tif_mask_path",
                                "png_image_path", "png_mask_path"], rows)  # fmt: skip
    return (
        _reading(made, ONE_MASK, out=_inside("TIF"), mask_classes=[""]),
        _reading(made, ONE_MASK, out=_inside("PNG"), mask_classes=[""]),
    )


def _ade(data: Path) -> Readings:
    """Train and validation only; 0 is of no class; class names in a table beside."""
    made, root, names = Builder(data), "ADEChallengeData2016", ("wall", "building, edifice", "sky")
    lines = []
    for part, short, n in (("training", "train", 24), ("validation", "val", 8)):
        for k in range(1, n + 1):
            classes = draw_class_map(made.random, SIZE, 3, fill=True)
            classes[:1] = 0
            name = f"ADE_{short}_{k:08d}"
            true = TrueSample(SIZE, planes=_planes_of(classes, 3))
            made.image(f"{root}/images/{part}/{name}.jpg", true, part="train")
            save_pixels(data / f"{root}/annotations/{part}/{name}.png", classes)
            lines.append(f"{name} {('bathroom', 'street', 'misc')[k % 3]}")
    _lines(made, f"{root}/sceneCategories.txt", lines)
    rows = [f"{n + 1}\t0.1576\t11664\t1172\t{one}" for n, one in enumerate(names)]
    _lines(made, f"{root}/objectInfo150.txt", ["Idx\tRatio\tTrain\tVal\tName", *rows])
    kinds, is_test = {"segment": "multiclass"}, _inside(f"{root}/images/validation")
    void = lambda true: replace(true, ignored=~np.any(true.planes, axis=0))  # noqa: E731
    named = _reading(made, kinds, test=is_test, mask_classes=names)
    plain = _reading(made, kinds, test=is_test, mask_classes=("1", "2", "3"))
    ignored = [
        replace(one, train={path: void(true) for path, true in one.train.items()})
        for one in (named, plain)
    ]
    return named, plain, *ignored


def _buildings(data: Path) -> Readings:
    """Inria's aerial images: `gt` beside `images`; those of test have none."""
    made = Builder(data)
    for part, towns in (
        ("train", ("austin", "chicago", "vienna")),
        ("test", ("bellingham", "sfo")),
    ):
        for town in towns:
            for n in range(1, 9 if part == "train" else 5):
                plane = draw_plane(made.random, SIZE)
                true = TrueSample(SIZE, planes=(plane,)) if part == "train" else TrueSample(SIZE)
                path = f"AerialImageDataset/{part}/images/{town}{n}.tif"
                made.image(path, true, part="train")
                if part == "train":
                    _grey_mask(data / path.replace("/images/", "/gt/"), plane)
    is_test = _inside("AerialImageDataset/test")
    return (_reading(made, ONE_MASK, test=is_test, mask_classes=[""]),)


DATA_SETS = (
    DataSet("Intel image classification", "memory", _intel),
    DataSet("Chest X-ray pneumonia", "code", _chest, doubt="the copy and __MACOSX differ by date"),
    DataSet("Oxford-IIIT Pets", "code (torchvision)", _pets),
    DataSet("CUB-200-2011", "code, README", _cub),
    DataSet("Food-101", "code (torchvision)", _food),
    DataSet("GTSRB (Kaggle)", "memory", _gtsrb, doubt="folders in small letters may be there, too"),
    DataSet("CelebA (Kaggle)", "memory", _celeba),
    DataSet("UTKFace", "memory", _utkface, has_test=False),
    DataSet("HAM10000", "memory", _ham, has_test=False),
    DataSet("PlantVillage", "memory", _plant_village, has_test=False),
    DataSet("New plant diseases", "memory", _new_plants),
    DataSet("EuroSAT (Kaggle)", "memory", _eurosat, doubt="name of the first, blank column"),
    DataSet("EuroSAT (original)", "code", _eurosat_zip, has_test=False),
    DataSet("Animals-10", "memory", _animals, has_test=False),
    DataSet("Cats and dogs (Microsoft)", "memory", _pet_images, has_test=False),
    DataSet("Malaria cell images", "memory", _malaria, has_test=False),
    DataSet("ASL alphabet", "memory", _asl),
    DataSet("Brain tumour MRI", "memory", _tumours),
    DataSet("Cat and dog (training_set)", "memory", _cat_dog),
    DataSet("Fruits-360", "memory", _fruits),
    DataSet("Stanford dogs (Kaggle)", "memory", _dogs, has_test=False),
    DataSet("ISIC 2018 task 3", "memory", _isic_labels),
    DataSet("MURA", "code", _mura),
    DataSet("Fashion-MNIST (CSV)", "memory", _fashion),
    DataSet("Birds 525", "code", _birds, doubt="class id as 0 or 0.0; names of numbers"),
    DataSet("FGVC-Aircraft", "code (torchvision)", _aircraft),
    DataSet("DTD", "code (torchvision)", _textures, doubt="imdb.mat left out"),
    DataSet("FER-2013 (folders)", "memory", _fer),
    DataSet("Tiny ImageNet", "memory", _tiny_imagenet),
    DataSet("NIH chest X-rays", "memory", _nih),
    DataSet("Flowers-102", "code (torchvision)", _flowers),
    DataSet("CIFAR-10 (python)", "code (torchvision)", _cifar, refusal="pickles are not read"),
    DataSet("CamVid (Kaggle)", "memory", _camvid),
    DataSet("VOC 2012", "code (torchvision)", _voc),
    DataSet("Cityscapes", "code (torchvision)", _cityscapes, doubt="labelIds of test hold 0 alone"),
    DataSet("Kvasir-SEG", "memory", _kvasir, has_test=False),
    DataSet("DRIVE", "memory", _drive),
    DataSet("BUSI", "memory", _busi, has_test=False),
    DataSet("LGG MRI", "memory", _lgg, has_test=False),
    DataSet("Massachusetts roads", "code", _roads),
    DataSet("DeepGlobe land cover", "code", _land_cover, doubt="cells of masks that are not there"),
    DataSet("DeepGlobe roads", "code", _global_roads),
    DataSet("COVID-19 radiography", "memory", _covid, has_test=False),
    DataSet("ISIC 2018 task 1", "memory", _isic_masks),
    DataSet("Aerial semantic drone", "code", _drone, has_test=False),
    DataSet("Flood area", "memory", _flood, has_test=False),
    DataSet("CVC-ClinicDB", "memory", _clinic, has_test=False),
    DataSet("ADE20K (2016)", "memory", _ade),
    DataSet("Inria aerial images", "memory", _buildings),
)
