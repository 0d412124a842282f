# ruff: noqa: E501  # rows of tables as their files have them
"""A sixteenth set of real competitions and public data sets, by one who knows nothing of the code that reads them.

What a layout is was settled before any of it was read; one that leads to a mend is of development from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import tifffile

from layouts.drawing import Size, draw_class_map, draw_objects, draw_plane, save_pixels
from layouts.real.data_sets import (
    LABELS,
    ONE_MASK,
    TWO,
    DataSet,
    Readings,
    _grey_mask,
    _inside,
    _lines,
    _never,
    _photos,
    _reading,
)
from layouts.real.eighth_set import _rectangle
from layouts.real.eleventh_set import ANY, OBJECTS, WIDE, _any_of, _bands, _boxes, _corners
from layouts.real.fifteenth_set import _apart, _named
from layouts.real.fourteenth_set import TARGETS
from layouts.real.made import Builder, hex_name
from layouts.real.second_set import _json
from layouts.real.tenth_set import _book, _grey, _uuid
from layouts.real.third_set import NUMBER, RANKS, SEVERAL
from layouts.real.thirteenth_set import _masks_alone, _with_planes
from layouts.real.twelfth_set import Rows, _labelled
from layouts.runs import Codec, Plane
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["SIXTEENTH_COMPETITIONS", "SIXTEENTH_DATA_SETS"]

MULTI = {"segment": "multiclass"}


def _picture(made: Builder, path: str, size: Size) -> None:
    """Write a photo that is no sample."""
    save_pixels(made.data / path, made.random.integers(0, 255, (*size, 3)).astype(np.uint8))


def _of_kinds(
    made: Builder,
    kinds: Sequence[Mapping[str, str]],
    *,
    test: Callable[[str], bool] = _never,
    outs: Sequence[Callable[[str], bool]] = (_never,),
) -> Readings:
    """Return the readings by each kind of label of an image, with each of the parts left out."""
    found = list[LayoutTruth]()
    for labels in kinds:
        classes = tuple(dict.fromkeys(labels.values()))
        for out in outs:
            truth = _reading(made, LABELS, test=test, out=out, classes=classes)
            found.append(_labelled(truth, dict(labels)))
    return tuple(found)


def _by_values(
    truth: LayoutTruth,
    maps: Mapping[str, np.ndarray],
    values: Sequence[int],
    ignored: int | None = None,
) -> LayoutTruth:
    """Return the truth whose masks are where these maps have each of the values."""
    train = {
        path: replace(
            one,
            planes=tuple(maps[path] == value for value in values),
            ignored=None if ignored is None else maps[path] == ignored,
        )
        if path in maps
        else one
        for path, one in truth.train.items()
    }
    return replace(truth, train=train, mask_classes=tuple(map(str, values)))


# Competitions


SCENES = ("/a/abbey", "/a/airport_terminal", "/b/bedroom", "/c/coast", "/k/kitchen", "/s/street")


# Mini Places Challenge (MIT 6.869): its development kit, from memory.
def _small_places(data: Path) -> Readings:
    """Images of scenes in folders by letter, with lists of a path and a number; outlines of objects for some; names of classes in a text of the kit."""
    made, lists = Builder(data), {"train": list[str](), "val": list[str]()}
    numbers, paths, words = dict[str, str](), dict[str, str](), dict[str, str]()
    for n, scene in enumerate(SCENES):
        for k in range(1, 7):
            inner = f"train{scene}/{k:08d}.jpg"
            path = f"data/images/{inner}"
            _photos(made, [path], None, (32, 32))
            numbers[path], paths[path], words[path] = str(n), scene, scene[3:]
            lists["train"].append(f"{inner} {n}")
            if k % 3 == 0:
                made.text(
                    f"data/objects/train{scene}/{k:08d}.xml",
                    f"<annotation><filename>{k:08d}.jpg</filename><folder>train{scene}</folder><source><submittedBy></submittedBy></source><objects><name>wall</name><id>0</id><class>{11 + k}</class><polygon><pt><x>1</x><y>2</y></pt><pt><x>30</x><y>2</y></pt><pt><x>30</x><y>20</y></pt></polygon></objects></annotation>\n",
                )
    for k in range(1, 13):
        n, path = k * 5 % 6, f"data/images/val/{k:08d}.jpg"
        _photos(made, [path], None, (32, 32))
        numbers[path], paths[path], words[path] = str(n), SCENES[n], SCENES[n][3:]
        lists["val"].append(f"val/{k:08d}.jpg {n}")
    _photos(made, [f"data/images/test/{k:08d}.jpg" for k in range(1, 13)], None, (32, 32))
    for part, lines in lists.items():
        _lines(made, f"development_kit/data/{part}.txt", lines)
    _lines(made, "development_kit/data/categories.txt", [f"{one} {n}" for n, one in enumerate(SCENES)])  # fmt: skip
    _lines(made, "development_kit/data/object_categories.txt", [f"{one} {n}" for n, one in enumerate(("airplane", "bed", "wall", "window"))])  # fmt: skip
    made.text("development_kit/readme.txt", "Mini Places Challenge\n\nThe images are 128 x 128. A submission has a line of an image of test: its path and the numbers of five categories, with blanks between.\n")  # fmt: skip
    outs = (_never, _inside("data/images/val"))
    return _of_kinds(made, (numbers, paths, words), test=_inside("data/images/test"), outs=outs)


# ROB 535 (University of Michigan), perception: participants' code.
def _cars_of_a_game(data: Path) -> Readings:
    """Frames of a video game in a folder a drive, named by number, with clouds of points and boxes in binary files; the class of the car in front is sent."""
    made, cells, rows = Builder(data), list[list[str]](), Rows()
    for drive in range(22):
        part = "trainval" if drive < 15 else "test"
        guid = _uuid("rob535", drive)
        for k in range(3 if part == "trainval" else 2):
            frame, label = f"{k * 17:04d}", str((drive * 2 + k) * 5 % 7 % 3)
            base = f"{part}/{guid}/{frame}"
            side = "train" if part == "trainval" else "test"
            made.image(f"{base}_image.jpg", TrueSample((36, 60), label), part=side)
            for kind in ("cloud", "proj", *(["bbox"] if side == "train" else [])):
                numbers = made.random.normal(size=12).astype(np.float32)
                (data / f"{base}_{kind}.bin").write_bytes(numbers.tobytes())
            if side == "train":
                cells.append([f"{guid}/{frame}", label])
            else:
                rows.append((f"{guid}/{frame}", label))
    columns = {"guid/image": "key", "label": "text"}
    made.table("trainval/labels.csv", list(columns), cells)
    kinds = (("Unknown", "0"), ("Compacts", "1"), ("Sedans", "1"), ("SUVs", "1"), ("Coupes", "1"), ("Motorcycles", "2"), ("Boats", "0"), ("Industrial", "2"))  # fmt: skip
    made.table("classes.csv", ["class_id", "class_name", "label"], [[str(n), *one] for n, one in enumerate(kinds)])  # fmt: skip
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("012")),)


CHEESES = ("BRIE DE MELUN", "CAMEMBERT", "CHÈVRE", "COMTÉ", "FOURME D’AMBERT", "POULIGNY SAINT- PIERRE", "SAINT-NECTAIRE", "TÊTE DE MOINES")  # fmt: skip


# INF473V 2024 (École polytechnique), cheese: participants' code, and memory.
def _cheeses(data: Path) -> Readings:
    """Photos of cheese: the only labelled ones are a small folder for validation, since images to train on are to be generated; names have accents and blanks."""
    made, rows = Builder(data), Rows()
    for n, cheese in enumerate(CHEESES):
        for k in range(4):
            path = f"dataset/val/{cheese}/{n * 4 + k:06d}.jpg"
            made.image(path, TrueSample((44, 40 + k), cheese), part="train")
    for k in range(18):
        name, cheese = hex_name("cheese", k, length=16), CHEESES[k * 3 % 8]
        made.image(f"dataset/test/{name}.jpg", TrueSample((44, 40), cheese), part="test")
        rows.append((name, cheese))
    _lines(made, "list_of_cheese.txt", CHEESES)
    columns = {"id": "key", "label": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "CAMEMBERT"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=CHEESES),)


CARTOONS = ("abraham_grampa_simpson", "bart_simpson", "krusty_the_clown", "ned_flanders", "otto_mann", "waylon_smithers")  # fmt: skip


# The Simpsons characters (a course at NTUT, Taipei): participants' code, and memory.
def _cartoons_of_taipei(data: Path) -> Readings:
    """Pictures of a cartoon in class folders; two archives unpacked side by side, numbers of test from 1, and names of classes are sent."""
    made, rows = Builder(data), Rows()
    for label in CARTOONS:
        for k in range(7):
            path = f"theSimpsons-train/train/{label}/pic_{k * 3:04d}.jpg"
            made.image(path, TrueSample((40 + k % 4, 36), label), part="train")
    for k in range(1, 19):
        label = CARTOONS[k * 5 % 6]
        made.image(f"theSimpsons-test/test/{k}.jpg", TrueSample((40, 36), label), part="test")
        rows.append((str(k), label))
    columns = {"id": "key", "character": "text"}
    made.table("sampleSubmission.csv", list(columns), [[one, "bart_simpson"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=CARTOONS),)


BEASTS = ("aardvark", "baboon", "birdother", "buffalo", "elephant", "gazellegrants", "giraffe", "hyenaspotted", "wildebeest", "zebra", "empty")  # fmt: skip


# Hakuna Ma-data (DrivenData): its page, from memory.
def _sequences_of_serengeti(data: Path) -> Readings:
    """Photos of camera traps in sequences; labels stand a sequence in one table, names of files in another; test stays with the host."""
    made, about, cells = Builder(data), list[list[str]](), list[list[str]]()
    for n in range(22):
        season, site, roll = f"S{1 + n % 3}", f"{'BCDE'[n % 4]}{4 + n % 3:02d}", f"R{1 + n % 2}"
        name, length = f"SER_{season}#{site}#{roll[1]}#{n + 1}", 1 + n % 3
        has = {BEASTS[n * 3 % 11]}
        if n % 5 == 2:
            has = {"zebra", "wildebeest"}
        for frame in range(1, length + 1):
            inner = (
                f"{season}/{site}/{site}_{roll}/{season}_{site}_{roll}_PICT{n * 4 + frame:04d}.JPG"
            )
            _photos(made, [inner], None, (36, 48))
            made.train[inner] = TrueSample((36, 48), frozenset(has), unit=name)
            about.append([name, inner, f"{site}", f"2012-0{1 + n % 9}-1{n % 9} 0{n % 9}:15:0{frame}", str(frame), str(length)])  # fmt: skip
        cells.append([name, *(str(int(one in has)) for one in BEASTS)])
    made.table("train_metadata.csv", ["seq_id", "file_name", "location", "datetime", "frame_num", "seq_num_frames"], about)  # fmt: skip
    made.table("train_labels.csv", ["seq_id", *BEASTS], cells)
    return (_reading(made, SEVERAL, classes=BEASTS),)


# Zindi, Road Segment Identification: its page, from memory.
def _roads_or_none(data: Path) -> Readings:
    """Satellite images with or without a road, all in one folder; the table of test has ids alone."""
    made, cells, rows = Builder(data), list[list[str]](), Rows()
    for k in range(56):
        part, name = ("train" if k % 7 < 5 else "test"), f"ID_{hex_name('road', k, length=10)}"
        label = str(int(k * 5 % 8 < 4))
        made.image(f"Images/{name}.tif", TrueSample((40, 40), label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    made.table("Train.csv", ["Image_ID", "Target"], cells)
    made.table("Test.csv", ["Image_ID"], [[one] for one, _ in rows])
    made.table("SampleSubmission.csv", ["Image_ID", "Target"], [[one, "0"] for one, _ in rows])
    columns = {"Image_ID": "key", "Target": "free"}
    return (made.truth(TWO, columns, rows, classes=("0", "1")),)


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
        _grey_mask(data / f"{folder}/{name}_Segmentation.png", plane)
        (lines if folder == top else known).append(f"{name},{label if folder == top else float(label == 'malignant')}")  # fmt: skip
    _lines(made, "ISBI2016_ISIC_Part3B_Training_GroundTruth.csv", lines)
    _lines(made, "ISBI2016_ISIC_Part3B_Test_GroundTruth.csv", known)
    classes, test = ("benign", "malignant"), _inside(later)
    both = _reading(made, {**TWO, **ONE_MASK}, test=test, classes=classes, mask_classes=[""])
    alone = _reading(made, TWO, test=test, classes=classes)
    return both, alone


# ChaLearn Looking at People 2016, apparent age: participants' code, and memory.
def _ages_as_seen(data: Path) -> Readings:
    """Faces with the mean of the ages that people guessed, beside its deviation; a table a part, and none for test."""
    made, ages = Builder(data), dict[str, float]()
    for part, n in (("train", 36), ("valid", 12), ("test", 14)):
        cells = list[list[str]]()
        for k in range(n):
            name = f"{k + (0 if part == 'train' else 4113 if part == 'valid' else 5613):06d}.jpg"
            path, mean = f"{part}/{name}", round(4 + k * 37 % 71 + k % 10 / 7, 6)
            _photos(made, [path], None, (40 + k % 5, 36))
            if part != "test":
                ages[path] = mean
                cells.append([name, repr(mean), repr(round(1.9 + k % 6 / 1.7, 6))])
        if cells:
            made.table(f"{part}_gt.csv", ["image", "mean", "stdv"], cells)
    test = _inside("test")
    return tuple(
        _labelled(_reading(made, NUMBER, test=test, out=out), dict(ages))
        for out in (_never, _inside("valid"))
    )


HERBS = (
    ("1355868", "Lactuca virosa L.", "Lactuca", "Asteraceae"),
    ("1355932", "Pancratium maritimum L.", "Pancratium", "Amaryllidaceae"),
    ("1356278", "Trifolium pratense L.", "Trifolium", "Fabaceae"),
    ("1356379", "Trifolium repens L.", "Trifolium", "Fabaceae"),
    ("1358133", "Hypericum perforatum L.", "Hypericum", "Hypericaceae"),
)


# PlantCLEF 2022: participants' code, and memory of the tables.
def _herbs_of_clef(data: Path) -> Readings:
    """Plants in class folders of numbers, with a table with semicolons of names in Latin and addresses; those of test belong to observations."""
    made, cells, tests, top = Builder(data), list[list[str]](), list[list[str]](), "PlantCLEF2022"
    kinds = [dict[str, str]() for _ in range(4)]
    for k in range(45):
        herb, name = HERBS[k * 3 % 5], f"{hex_name('herb', k, length=32)}.jpg"
        path = f"{top}/train/trusted/images/{herb[0]}/{name}"
        _photos(made, [path], None, (44, 40 + k % 4))
        for place in range(4):
            kinds[place][path] = herb[place]
        cells.append([herb[0], name, *herb[1:], ("gbif", "eol")[k % 2], f"https://bs.plantnet.org/image/o/{name[:-4]}", "train", f"{herb[0]}/{name}"])  # fmt: skip
    for k in range(15):
        name = f"{hex_name('herb', 'test', k, length=32)}.jpg"
        _photos(made, [f"{top}/test/images/{name}"], None, (44, 40))
        tests.append([str(10063 + k // 2 * 17), name])
    header = ["classid", "image_name", "species", "genus", "family", "source", "url", "learn_tag", "image_path"]  # fmt: skip
    _lines(made, f"{top}/train/trusted/PlantCLEF2022_trusted_training_metadata.csv", [";".join(one) for one in (header, *cells)])  # fmt: skip
    _lines(made, f"{top}/test/PlantCLEF2022_test_metadata.csv", [";".join(one) for one in (["observation_id", "image_name"], *tests)])  # fmt: skip
    return _of_kinds(made, kinds, test=_inside(f"{top}/test"))


SEEN = {"ZJL1": "goldfish", "ZJL10": "newt", "ZJL101": "trolleybus", "ZJL102": "tractor", "ZJL133": "butterfly", "ZJL25": "wolf"}  # fmt: skip


# Tianchi, Zhijiang Cup 2018, zero shots: participants' code.
def _never_seen(data: Path) -> Readings:
    """Small pictures of 190 classes, to be told apart from others of which there are only attributes and words; all tables are texts without a header."""
    made, lines, of = Builder(data), list[str](), dict[str, str]()
    top, later = "DatasetA_train_20180813", "DatasetA_test_20180813/DatasetA_test"
    for k in range(48):
        code, name = list(SEEN)[k * 5 % 6], f"{hex_name('shot', k, length=32)}.jpeg"
        _photos(made, [f"{top}/train/{name}"], None, (32, 32))
        of[f"{top}/train/{name}"] = code
        lines.append(f"{name}\t{code}")
    _lines(made, f"{top}/train.txt", lines)
    every = {**SEEN, "ZJL201": "drumstick", "ZJL217": "lemon"}
    _lines(made, f"{top}/label_list.txt", [f"{code}\t{word}" for code, word in every.items()])
    _lines(made, f"{top}/attribute_list.txt", [f"{n}\t{one}" for n, one in enumerate(("is animal", "is transportation", "has wings", "is red"), 1)])  # fmt: skip
    _lines(made, f"{top}/attributes_per_class.txt", ["\t".join([code, *(str(round(float(n * m % 5) / 4, 2)) for m in range(4))]) for n, code in enumerate(every)])  # fmt: skip
    _lines(made, f"{top}/class_wordembeddings.txt", [" ".join([word, *(f"{one:.5f}" for one in made.random.normal(size=20))]) for word in every.values()])  # fmt: skip
    names = [f"{hex_name('shot', 'test', k, length=32)}.jpeg" for k in range(14)]
    _photos(made, [f"{later}/test/{one}" for one in names], None, (32, 32))
    _lines(made, f"{later}/image.txt", names)
    words = {path: SEEN[code] for path, code in of.items()}
    return _of_kinds(made, (of, words), test=_inside(later))


# Digital China 2019, reinforcing bars (DataFountain): participants' code, and memory.
def _steel_bars(data: Path) -> Readings:
    """Ends of steel bars to be found as boxes: a row a bar, its four numbers with blanks in one cell; there is no class and no mask."""
    made, cells, shown = Builder(data), list[list[str]](), list[list[str]]()
    for k in range(36):
        part = "train" if k < 26 else "test"
        name = f"{hex_name('bar', k, length=8).upper()}.jpg"
        _photos(made, [f"{part}_dataset/{name}"], None, WIDE)
        for box in _boxes(made, WIDE, 4):
            corners = f"{box[0]} {box[1]} {box[0] + box[2]} {box[1] + box[3]}"
            if part == "train":
                cells.append([name, corners])
        if part == "test":
            shown.append([name, "1 1 10 10"])
    made.table("train_labels.csv", ["ID", " Detection"], cells)
    made.table("submit_example.csv", ["ID", " Detection"], shown)
    return (_reading(made, LABELS, test=_inside("test_dataset")),)


LETTUCES = ("Aphylion", "Lugano", "Salanova", "Satine")


# Autonomous Greenhouse Challenge 2021, lettuce: participants' code.
def _lettuces(data: Path) -> Readings:
    """Lettuces from above with five measures each and their variety, all in one JSON by number; depth lies in a folder beside, under a name with a slip."""
    made, size, about = Builder(data), (44, 60), dict[str, object]()
    names = ("FreshWeightShoot", "DryWeightShoot", "Height", "Diameter", "LeafArea")
    measures, kinds = dict[str, tuple[float, ...]](), dict[str, Label]()
    for k in range(44):
        n = k * 7 + 1
        path, fresh = f"RGBImages/RGB_{n}.png", round(1.4 + k * 37 % 44 * 11.3, 1)
        _photos(made, [path], None, size)
        depth = made.random.integers(700, 1100, size).astype(np.uint16)
        save_pixels(data / f"DepthImages/Debth_{n}.png", depth)  # type: ignore[arg-type]
        measures[path] = (fresh, round(fresh / 19.7, 2), round(3.1 + k % 13 * 1.1, 1), round(9.4 + k % 17 * 1.3, 1), round(fresh * 11.7, 1))  # fmt: skip
        kinds[path] = LETTUCES[k * 3 % 4]
        about[f"Image{n}"] = {"Variety": kinds[path], "RGBImage": f"RGB_{n}.png", "DebthInformation": f"Debth_{n}.png", **dict(zip(names, measures[path], strict=True))}  # fmt: skip
    general = {"NumberOfImages": 44, "Unit": {"FreshWeightShoot": "g", "DryWeightShoot": "g", "Height": "cm", "Diameter": "cm", "LeafArea": "cm2"}}  # fmt: skip
    _json(made, "GroundTruth/GroundTruth_All_388_Images.json", {"General": general, "Measurements": about})  # fmt: skip
    every = _labelled(_reading(made, TARGETS, classes=names), dict(measures))
    single = [_labelled(_reading(made, NUMBER), {path: one[n] for path, one in measures.items()}) for n in range(5)]  # fmt: skip
    return every, *single, _labelled(_reading(made, LABELS, classes=LETTUCES), dict(kinds))


# Solafune, mining sites: participants' code, and memory.
def _mines_from_above(data: Path) -> Readings:
    """Satellite images of twelve bands with a mine or none; answers and sample are tables without a header, and test is called evaluation."""
    made, lines, shown = Builder(data), list[str](), list[str]()
    for k in range(46):
        part, n = ("train", k) if k < 32 else ("evaluation", k - 32)
        label = str(int(k * 3 % 8 < 2))
        true = TrueSample((32, 32), label if part == "train" else None)
        _bands(made, f"{part}/{part}_{n}.tif", (32, 32), 12, true, "train")
        if part == "train":
            lines.append(f"{part}_{n}.tif,{label}")
        else:
            shown.append(f"{part}_{n}.tif,0")
    _lines(made, "answer.csv", lines)
    _lines(made, "uploadsample.csv", shown)
    return (_reading(made, TWO, test=_inside("evaluation"), classes=("0", "1")),)


MOSQUITOES = ("aegypti", "albopictus", "anopheles", "culex", "culiseta", "japonicus/koreicus")


# AIcrowd, Mosquito Alert 2023: participants' code.
def _mosquitoes(data: Path) -> Readings:
    """A mosquito a photo with its box and its kind, one of two names with a stroke between; there is no sample, as code is sent."""
    made, cells, of = Builder(data), list[list[str]](), dict[str, str]()
    for k in range(48):
        name, size, label = f"train_{k * 7:05d}.jpeg", (40 + k % 5, 52), MOSQUITOES[k * 5 % 6]
        left, top, wide, tall = _boxes(made, size, 1)[0]
        _photos(made, [f"train_images/{name}"], label, size)
        of[name] = label
        cells.append([name, str(size[1]), str(size[0]), str(left), str(top), str(left + wide), str(top + tall), label])  # fmt: skip
    header = ["img_fName", "img_w", "img_h", "bbx_xtl", "bbx_ytl", "bbx_xbr", "bbx_ybr", "class_label"]  # fmt: skip
    made.table("phase2_train_v0.csv", header, cells)
    _photos(made, [f"test_images_phase1/{_uuid('mosquito', k)}.jpeg" for k in range(12)], None, (40, 52))  # fmt: skip
    return (_reading(made, LABELS, test=_inside("test_images_phase1"), classes=MOSQUITOES),)


DECADES = ("0-10", "10-20", "20-30", "30-40", "40-50", "50-60", "60-70", "70-80", "80-90", "90-100")


# AIcrowd Blitz, age prediction: its page, from memory.
def _decades_of_faces(data: Path) -> Readings:
    """Faces with the ten years of their age, as text of two numbers; names of five letters; the sample holds such texts, too."""
    made, rows = Builder(data), Rows()
    tables: dict[str, list[list[str]]] = {"train": [], "val": []}
    validation = set[str]()
    for k in range(70):
        part = "train" if k < 40 else "val" if k < 52 else "test"
        name, label = _five(k), DECADES[k * 7 % 10]
        path = f"{part}/{name}.jpg"
        made.image(path, TrueSample((36, 36), label), part="test" if part == "test" else "train")
        if part == "test":
            rows.append((name, label))
        else:
            tables[part].append([name, label])
        if part == "val":
            validation.add(path)
    for part, cells in tables.items():
        made.table(f"{part}.csv", ["ImageID", "age"], cells)
    columns = {"ImageID": "key", "age": "text"}
    shown = [[one[0], DECADES[n * 3 % 10]] for n, one in enumerate(rows)]
    made.table("sample_submission.csv", list(columns), shown)
    every = made.truth(RANKS, columns, rows, classes=DECADES)
    return every, _apart(every, lambda path: path in validation)


def _five(place: int) -> str:
    """Return five letters and digits, the same each time."""
    number = int(hex_name("sixteenth", place, length=12), 16)
    return "".join("0123456789abcdefghijklmnopqrstuvwxyz"[number // 36**n % 36] for n in range(5))


# HackerEarth, flower recognition: participants' code.
def _flowers_of_hackerearth(data: Path) -> Readings:
    """Flowers of 102 kinds as numbers, in a folder with the name of the challenge; numbers of test go on from those of train."""
    made, cells, rows, top = Builder(data), list[list[str]](), Rows(), "HE_Challenge_data/data"
    classes = ("3", "12", "35", "51", "77", "89", "102")
    for k in range(64):
        part, n, label = "train" if k < 48 else "test", k + (18540 if k >= 48 else 0), classes[k * 3 % 7]  # fmt: skip
        made.image(f"{top}/{part}/{n}.jpg", TrueSample((40, 40 + k % 5), label), part=part)
        if part == "train":
            cells.append([str(n), label])
        else:
            rows.append((str(n), label))
    columns = {"image_id": "key", "category": "text"}
    made.table(f"{top}/train.csv", list(columns), cells)
    made.table(f"{top}/test.csv", ["image_id"], [[one] for one, _ in rows])
    made.table(f"{top}/sample_submission.csv", list(columns), [[one, "77"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


# IEEE GRSS data fusion contest 2025, track 1: participants' code, and memory.
def _land_by_radar(data: Path) -> Readings:
    """Cover of land in images of radar, with photos from above beside those of train alone; masks of 1 to 8."""
    made, size, top = Builder(data), (44, 44), "dfc25_track1_trainval"
    maps = dict[str, np.ndarray]()
    for k in range(1, 33):
        name = f"TrainArea_{k:03d}.tif"
        path = f"{top}/train/sar_images/{name}"
        values = draw_class_map(made.random, size, 8, fill=True)
        _grey(made, path, TrueSample(size))
        _save(data / f"{top}/train/labels/{name}", values)
        _picture(made, f"{top}/train/rgb_images/{name}", size)
        maps[path] = values
    for k in range(1, 13):
        _grey(made, f"{top}/val/sar_images/ValArea_{k:03d}.tif", TrueSample(size))
    plain = _reading(made, MULTI, test=_inside(f"{top}/val"))
    return (_by_values(plain, maps, range(1, 9)),)


def _save(path: Path, values: np.ndarray) -> None:
    """Write a TIFF of one channel."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, values)


# VizWiz, salient objects (EvalAI): users' code, and memory of the archive of masks.
def _things_that_stand_out(data: Path) -> Readings:
    """Photos by blind people with the thing that stands out, as a mask and once more as an outline in a JSON a part; test has neither."""
    made, size = Builder(data), (48, 40)
    for part, n in (("train", 30), ("val", 10), ("test", 12)):
        about = dict[str, object]()
        for k in range(n):
            name = f"VizWiz_{part}_{k * 31:08d}.jpg"
            if part == "test":
                _photos(made, [f"test/{name}"], None, size)
                continue
            box = _boxes(made, size, 1)[0]
            plane = _rectangle(size, box[0], box[1], box[2] + 1, box[3] + 1)
            made.image(f"{part}/{name}", TrueSample(size, planes=(plane,)), part="train")
            _grey_mask(data / f"binary-masks-png/{part}/{name[:-4]}.png", plane)
            about[name] = {"Full Screen": False, "Total Polygons": 1, "Ground Truth Dimensions": list(size), "Salient Object": [[list(one) for one in _corners(box)]]}  # fmt: skip
        if about:
            _json(made, f"annotations/VizWiz_SOD_{part}_challenge.json", about)
    return tuple(
        _reading(made, ONE_MASK, test=_inside("test"), out=out, mask_classes=[""])
        for out in (_never, _inside("val"))
    )


# TBrain 2022, STAS in lungs, segmentation: participants' code.
def _spread_in_lungs(data: Path) -> Readings:
    """Slides of lungs with the outlines of spread through air, a JSON of LabelMe an image, of one class; images to predict lie in a folder apart."""
    made, size, top = Builder(data), (44, 64), "SEG_Train_Datasets"
    closed = dict[str, tuple[Plane, ...] | None]()
    for k in range(30):
        shapes, inner, outer = list[dict[str, object]](), np.zeros(size, bool), np.zeros(size, bool)
        for box in _boxes(made, size, 1 + k % 3):
            shapes.append({"label": "STAS", "points": [[float(x), float(y)] for x, y in _corners(box)], "group_id": None, "shape_type": "polygon", "flags": {}})  # fmt: skip
            inner |= _rectangle(size, *box)
            outer |= _rectangle(size, box[0], box[1], box[2] + 1, box[3] + 1)
        path = f"{top}/Train_Images/{k:08d}.jpg"
        made.image(path, TrueSample(size, planes=(inner,)), part="train")
        closed[path] = (outer,)
        about: dict[str, object] = {"version": "4.5.13", "flags": {}, "shapes": shapes, "imagePath": f"{k:08d}.jpg", "imageData": None, "imageHeight": size[0], "imageWidth": size[1]}  # fmt: skip
        _json(made, f"{top}/Train_Annotations/{k:08d}.json", about)
    _photos(made, [f"Public_Image/Public_{k:08d}.jpg" for k in range(12)], None, size)
    open_ = _reading(made, ONE_MASK, test=_inside("Public_Image"), mask_classes=[""])
    return open_, _with_planes(open_, closed)


MUSHROOMS = ("Abortiporus_biennis", "Agaricus_arvensis", "Boletus_edulis", "Russula_delica", "Xylaria_polymorpha")  # fmt: skip


# Fungi challenge, FGVC5 2018: memory of its JSON files, and of its page.
def _mushrooms_of_2018(data: Path) -> Readings:
    """Mushrooms in folders of a number and a name; three JSON files in COCO's form, of which that of test has no annotations; three numbers are sent."""
    made, rows = Builder(data), Rows()
    categories = [{"id": n, "name": one.replace("_", " "), "supercategory": one.split("_")[0]} for n, one in enumerate(MUSHROOMS)]  # fmt: skip
    validation = set[str]()
    number = 0
    for part, n in (("train", 40), ("val", 10), ("test", 15)):
        images, notes = list[dict[str, object]](), list[dict[str, object]]()
        for k in range(n):
            kind, size = k * 3 % 5, (40, 44 + k % 5)
            path = (
                f"images/{10000 + kind}_{MUSHROOMS[kind]}/{2237851000 + k * 37 + n}-{74500 + k}.JPG"
            )
            path = f"test/{k}.JPG" if part == "test" else path
            side = "test" if part == "test" else "train"
            made.image(path, TrueSample(size, str(kind)), part=side)
            images.append({"id": number, "width": size[1], "height": size[0], "file_name": path, "license": 0, "rights_holder": "svampe.databasen.org"})  # fmt: skip
            if part == "test":
                rows.append((str(number), str(kind)))
            else:
                notes.append({"id": number, "image_id": number, "category_id": kind})
            if part == "val":
                validation.add(path)
            number += 1
        about: dict[str, object] = {"info": {"year": 2018, "version": "0.1", "description": "FGVCx Fungi"}, "licenses": [], "images": images}  # fmt: skip
        if part != "test":
            about.update(annotations=notes, categories=categories)
        _json(made, f"{part}.json", about)
    columns = {"id": "key", "predicted": "ranking"}
    made.table("sample_submission.csv", list(columns), [[one, "0 1 2"] for one, _ in rows])
    plain = made.truth(LABELS, columns, rows, classes=tuple("01234"))
    named = _named(plain, {str(n): one.replace("_", " ") for n, one in enumerate(MUSHROOMS)})
    every = (plain, named)
    return (*every, *(_apart(one, lambda path: path in validation) for one in every))


# IDAO 2021, track 1: participants' code, and memory.
def _recoils(data: Path) -> Readings:
    """Pictures of a detector in folders of two kinds of recoil, the energy within the name; both tests lie apart; kind and energy are sent in one row."""
    made, top, shown = Builder(data), "idao_dataset", list[list[str]]()
    for k in range(44):
        kind = ("ER", "NR")[k % 2]
        energy = ((3, 10, 30) if kind == "ER" else (1, 6, 20))[k // 2 % 3]
        name = f"0.{k * 7919 % 10000:04d}__CYGNO_60_40_{kind}_{energy}_keV_{930 if kind == 'ER' else 800}V_30cm_IDAO_iso_crop_hist_pe_box_{k}.png"
        _grey(made, f"{top}/train/{kind}/{name}", TrueSample((48, 48), kind))
    for part, n in (("public_test", 10), ("private_test", 14)):
        for k in range(n):
            name = hex_name("recoil", part, k, length=40)
            _grey(made, f"{top}/{part}/{name}.png", TrueSample((48, 48)))
            shown.append([name, "0", "0"])
    made.table("track1_predictions_example.csv", ["id", "classification_predictions", "regression_predictions"], shown)  # fmt: skip
    test = _inside(f"{top}/public_test", f"{top}/private_test")
    return (_reading(made, TWO, test=test, classes=("ER", "NR")),)


# SIGNATE practice, solar plants from satellites: memory.
def _plants_of_panels(data: Path) -> Readings:
    """Satellite images of seven bands with a plant of solar panels or none; a table with tabs for train, and for test a sample with tabs and no header."""
    made, lines, shown = Builder(data), ["file_name\tflag"], list[str]()
    for k in range(50):
        part, n = ("train", k) if k < 36 else ("test", k - 36)
        label = str(int(k * 3 % 7 < 2))
        true = TrueSample((32, 32), label if part == "train" else None)
        _bands(made, f"{part}_images/{part}_{n}.tif", (32, 32), 7, true, "train")
        if part == "train":
            lines.append(f"{part}_{n}.tif\t{label}")
        else:
            shown.append(f"{part}_{n}.tif\t0")
    _lines(made, "train_master.tsv", lines)
    _lines(made, "sample_submit.tsv", shown)
    return (_reading(made, TWO, test=_inside("test_images"), classes=("0", "1")),)


# PicsArt AI hackathon 2018: participants' code, and memory of the sample.
def _people_of_picsart(data: Path) -> Readings:
    """Photos of people with masks in a folder beside, of the same numbers; runs are sent, and which way they count stands nowhere."""
    made, rows, codec, size = Builder(data), Rows(), Codec(order="C"), (48, 36)
    for k in range(32):
        plane = draw_plane(made.random, size)
        made.image(f"train/{k}.jpg", TrueSample(size, planes=(plane,)), part="train")
        _grey_mask(data / f"train_mask/{k}.png", plane)
    for k in range(14):
        plane = draw_plane(made.random, size)
        made.image(f"test/{k}.jpg", TrueSample(size, planes=(plane,)), part="test")
        rows.append((str(k), codec.encode(plane)))
    columns = {"image": "key", "rle_mask": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    return (
        made.truth(
            ONE_MASK, columns, rows, mask_classes=[""], codec=codec, undecided={"submission.rle"}
        ),
    )


# UWF4DR 2024 (MICCAI), tasks 2 and 3: users' code.
def _wide_fundus(data: Path) -> Readings:
    """Wide photos of eyes with two diagnoses as 0 and 1, the second with gaps; folders are numbered, and those of test have no table."""
    made, cells, top = Builder(data), list[list[str]](), "UWF4DR_Task2_Task3"
    first, second = dict[str, str](), dict[str, str]()
    for k in range(42):
        name = f"{k * 13 + 4:05d}.jpg"
        path = f"{top}/1. Images/1. Training/{name}"
        _photos(made, [path], None, (40, 52))
        first[path] = str(int(k * 3 % 7 < 3))
        last = "" if k % 3 == 1 else str(int(k * 5 % 9 < 4))
        if last:
            second[path] = last
        cells.append([name, first[path], last])
    names = ("referable diabetic retinopathy", "diabetic macular edema")
    made.table(f"{top}/2. Groundtruths/1. Training.csv", ["image", *names], cells)
    later = f"{top}/1. Images/2. Validation"
    _photos(made, [f"{later}/{k * 11 + 2:05d}.jpg" for k in range(12)], None, (40, 52))
    made.text(f"{top}/README.txt", "Task 2: referable DR. Task 3: DME, for the images that were graded for it.\n")  # fmt: skip
    test = _inside(later)
    both: dict[str, Label] = {
        path: (float(one), float(second[path]) if path in second else None)
        for path, one in first.items()
    }
    single = _reading(made, TWO, test=test, classes=("0", "1"))
    return (
        _labelled(_reading(made, TARGETS, test=test, classes=names), dict(both)),
        _labelled(single, dict(first)),
        _labelled(single, dict(second)),
    )


# Data sets


BRICKS = {"1": "SPIDER-MAN", "2": "VENOM", "3": "AUNT MAY", "17": "YODA", "18": "LUKE SKYWALKER", "32": "HARRY POTTER"}  # fmt: skip
FILMS = ("marvel", "marvel", "marvel", "star-wars", "star-wars", "harry-potter")


# LEGO minifigures (Kaggle): memory.
def _bricks(data: Path) -> Readings:
    """Photos of figures in folders of a film and a number, with a table that splits them, one of names, and one of the images of test with their classes."""
    made, cells, tests, meta = Builder(data), list[list[str]](), list[list[str]](), list[list[str]]()  # fmt: skip
    numbers, validation = dict[str, str](), set[str]()
    for n, (code, name) in enumerate(BRICKS.items()):
        meta.append([code, f"['7611{n}', '7613{n}']" if n % 2 else f"[76{n}15]", f"['Set {n}']", name])  # fmt: skip
        for k in range(1, 8):
            path = f"{FILMS[n]}/{int(code):04d}/{k:03d}.jpg"
            _photos(made, [path], None, (44, 44))
            numbers[path] = code
            part = "valid" if k > 5 else "train"
            if part == "valid":
                validation.add(path)
            cells.append([path, code, part])
    for k in range(1, 13):
        path = f"test/{k:03d}.jpg"
        _photos(made, [path], None, (44, 44))
        tests.append([path, list(BRICKS)[k * 5 % 6]])
    made.table("index.csv", ["path", "class_id", "train-valid"], cells)
    made.table("test.csv", ["path", "class_id"], tests)
    made.table("metadata.csv", ["class_id", "lego_ids", "lego_names", "minifigure_name"], meta)
    names = {path: BRICKS[code] for path, code in numbers.items()}
    outs = (_never, lambda path: path in validation)
    return _of_kinds(made, (numbers, names), test=_inside("test"), outs=outs)


THINGS_FROM_ABOVE = ("airplane", "bare-soil", "buildings", "cars", "chaparral", "court", "dock", "field", "grass", "mobile-home", "pavement", "sand", "sea", "ship", "tanks", "trees", "water")  # fmt: skip
SEEN_FROM_ABOVE = {
    "agricultural": ("field",), "airplane": ("airplane", "cars", "grass", "pavement"), "beach": ("sand", "sea", "trees"),
    "harbor": ("dock", "ship", "water"), "mobilehomepark": ("buildings", "cars", "mobile-home", "trees"),
    "storagetanks": ("bare-soil", "buildings", "tanks"), "tenniscourt": ("buildings", "court", "grass", "chaparral"),
}  # fmt: skip


# UC Merced land use with several labels (Chaudhuri et al. 2018): users' code.
def _several_land_uses(data: Path) -> Readings:
    """Images from above in class folders, with a text of tabs that says for 17 other things which of them are there; the same once more as a spreadsheet."""
    made, cells, top = Builder(data), list[list[str]](), "UCMerced_LandUse"
    folders, labels = dict[str, str](), dict[str, frozenset[str]]()
    for folder, things in SEEN_FROM_ABOVE.items():
        for k in range(7):
            name = f"{folder}{k:02d}"
            path = f"{top}/Images/{folder}/{name}.tif"
            _photos(made, [path], None, (36, 36))
            has = frozenset(one for n, one in enumerate(things) if not n or (k + n) % 3)
            folders[path], labels[path] = folder, has
            cells.append([name, *(str(int(one in has)) for one in THINGS_FROM_ABOVE)])
    header = ["IMAGE\\LABEL", *THINGS_FROM_ABOVE]
    _lines(made, f"{top}/LandUse_Multilabeled.txt", ["\t".join(one) for one in (header, *cells)])
    _book(data / f"{top}/LandUse_Multilabeled.xlsx", header, [[one[0], *map(int, one[1:])] for one in cells])  # fmt: skip
    made.text(f"{top}/readme.txt", "UC Merced Land Use Dataset\n\nPlease cite the paper when publishing results that use this dataset.\n")  # fmt: skip
    several = _reading(made, SEVERAL, classes=THINGS_FROM_ABOVE)
    return _labelled(several, dict(labels)), *_of_kinds(made, (folders,))


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
        _photos(made, [path], None, size)
        for person in people:
            planes = draw_objects(made.random, size, 2 + k % 3)
            numbers = np.zeros(size, dtype=np.int32)
            for n, plane in enumerate(planes, 1):
                numbers[plane] = n
            base = f"{person}/{person}"
            found[person][path] = tuple(planes)
            _grey_mask(data / f"{base}/mask binary/{name}.png", np.asarray(numbers > 0))
            _save(data / f"{base}/label masks modify/{name}.tif", numbers)
            _grey_mask(data / f"{base}/mask binary without border/{name}.png", np.asarray(numbers > 0))  # fmt: skip
            far = np.where(numbers > 0, made.random.integers(1, 255, size), 0).astype(np.uint8)
            save_pixels(data / f"{base}/distance maps/{name}.png", far)
    whole, single = _reading(made, ONE_MASK, mask_classes=[""]), _reading(made, OBJECTS, mask_classes=[""])  # fmt: skip
    readings = list[LayoutTruth]()
    for each in found.values():
        readings.append(_with_planes(whole, {path: (np.asarray(np.any(planes, axis=0)),) for path, planes in each.items()}))  # fmt: skip
        train = {path: replace(one, objects=tuple((0, plane) for plane in each[path])) for path, one in single.train.items()}  # fmt: skip
        readings.append(replace(single, train=train))
    return tuple(readings)


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
            _grey_mask(data / f"{top}/{tumour}", plane)
            for n in range(1, 1 + (k % 8 == 3) + 2 * (k % 16 == 6)):
                others.append(f"{name}_other{n}.png")
                _grey_mask(data / f"{top}/{others[-1]}", draw_plane(made.random, size))
        grade = {"normal": "1", "benign": ("2", "3", "4a")[k % 3], "malignant": ("4c", "5")[k % 2]}
        rows.append([k, f"{name}.png", tumour, "&".join(others) or None, 0.0075 + k % 9 / 1000, 30 + k * 7 % 51 if k % 6 else "not available", ("heterogeneous: predominantly fat", "homogeneous: fat", "lactating")[k % 3], ("palpable", "no")[k % 2], "no", ("oval", "irregular", "round")[k % 3] if plane is not None else "not applicable", ("circumscribed", "not circumscribed - indistinct")[k % 2], grade[str(label)], ("confirmed by biopsy", "confirmed by follow-up care")[k % 2], ("fibroadenoma", "invasive ductal carcinoma", "cyst")[k % 3], label])  # fmt: skip
    header = ["CaseID", "Image_filename", "Mask_tumor_filename", "Mask_other_filename", "Pixel_size", "Age", "Tissue_composition", "Signs", "Symptoms", "Shape", "Margin", "BIRADS", "Verification", "Diagnosis", "Classification"]  # fmt: skip
    _book(data / "BrEaST-Lesions-USG-clinical-data-Dec-15-2023.xlsx", header, rows)
    classes = ("benign", "malignant", "normal")
    both = _reading(made, {**LABELS, **ONE_MASK}, classes=classes, mask_classes=[""])
    return both, _reading(made, LABELS, classes=classes), _masks_alone(both)


# ACFR orchard fruit, apples: memory.
def _apples_on_trees(data: Path) -> Readings:
    """Parts of photos of apple trees, with masks, with a table of circles an image, and with lists of the parts; the text tells of other fruit, too, which lies in archives of its own."""
    made, size, top = Builder(data), (40, 60), "acfr-fruit-dataset/apples"
    counts, part_of = dict[str, float](), dict[str, str]()
    lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for k in range(44):
        part = "train" if k % 5 < 3 else "val" if k % 5 == 3 else "test"
        name = f"20130320T00{4340 + k * 13:04d}.{396129 + k * 977}_{k % 60}"
        path = f"{top}/images/{name}.png"
        boxes = _boxes(made, size, k % 5)
        plane = np.zeros(size, dtype=bool)
        circles = ["#item,c-x,c-y,radius,label"]
        for n, (left, up, wide, tall) in enumerate(boxes):
            plane |= _rectangle(size, left, up, wide, tall)
            circles.append(f"{n},{left + wide / 2},{up + tall / 2},{(wide + tall) / 4:.2f},1")
        made.image(path, TrueSample(size, planes=(plane,)), part="train")
        _grey_mask(data / f"{top}/segmentations/{name}_L.png", plane)
        _lines(made, f"{top}/annotations/{name}.csv", circles)
        lists[part].append(name)
        part_of[path], counts[path] = part, float(len(boxes))
    for part, names in {**lists, "train_val": lists["train"] + lists["val"], "all": sorted(one for each in lists.values() for one in each)}.items():  # fmt: skip
        _lines(made, f"{top}/sets/{part}.txt", names)
    made.text("acfr-fruit-dataset/readme.txt", "ACFR Orchard Fruit Dataset\n\nimages: PNG. annotations: circles (apples) or rectangles (mangoes, almonds). segmentations: pixels of fruit, for apples only. sets: the splits.\n")  # fmt: skip
    test: Callable[[str], bool] = lambda path: part_of[path] == "test"  # noqa: E731
    val: Callable[[str], bool] = lambda path: part_of[path] == "val"  # noqa: E731
    masks = [_reading(made, ONE_MASK, test=test, out=out, mask_classes=[""]) for out in (_never, val)]  # fmt: skip
    numbers = [_labelled(_reading(made, NUMBER, test=test, out=out), dict(counts)) for out in (_never, val)]  # fmt: skip
    return (*masks, *numbers)


# Monkeypox skin lesions (Kaggle): memory.
def _pox(data: Path) -> Readings:
    """Photos of skin with monkeypox or another illness: the originals, a folder of them augmented, and a first fold of three parts; a table names the originals."""
    made, table = Builder(data), list[list[str]]()
    for kind, folder, n in (("M", "Monkey Pox", 12), ("NM", "Others", 14)):
        short = "Monkeypox" if kind == "M" else "Others"
        for k in range(1, n + 1):
            name, size = f"{kind}{k:02d}_{1 + k % 2:02d}", (36, 36)
            _photos(made, [f"Original Images/Original Images/{folder}/{name}.jpg"], folder, size)
            table.append([name, "Monkeypox" if kind == "M" else "Non monkeypox"])
            augmented = [f"{name}_{turn:02d}.jpg" for turn in range(3)]
            _photos(made, [f"Augmented Images/Augmented Images/{short}_augmented/{one}" for one in augmented], f"{short}_augmented", size)  # fmt: skip
            part = ("Train", "Train", "Train", "Val", "Test")[k % 5]
            own = augmented if part == "Train" else [f"{name}.jpg"]
            _photos(made, [f"Fold1/Fold1/Fold1/{part}/{short}/{one}" for one in own], short, size)
    made.table("Monkeypox_Dataset_metadata.csv", ["ImageID", "Label"], table)
    fold, first, turned = "Fold1", "Original Images", "Augmented Images"
    names = {"Monkey Pox": "Monkeypox", "Others": "Non monkeypox"}
    both = ("Monkeypox", "Others")
    plain = _reading(made, TWO, out=_inside(fold, turned), classes=tuple(names))
    test, val = _inside("Fold1/Fold1/Fold1/Test"), _inside("Fold1/Fold1/Fold1/Val")
    rest = _inside(first, turned)
    return (
        _reading(made, TWO, test=test, out=rest, classes=both),
        _reading(made, TWO, test=test, out=_any_of(rest, val), classes=both),
        plain,
        _named(plain, names),
    )


# MaSTr1325, obstacles at sea: memory, and users' code.
def _boats_at_sea(data: Path) -> Readings:
    """Photos from a boat with masks of 0 (obstacles), 1 (water), 2 (sky) and 4 (unknown), and with the horizon of its sensor as a further picture each."""
    made, size, end = Builder(data), (48, 64), "512x384"
    maps = dict[str, np.ndarray]()
    for k in range(1, 37):
        values = np.full(size, 1, dtype=np.uint8)
        sky = 14 + k % 9
        values[:sky] = 2
        values[sky - 2 : sky] = 4
        values[sky + 4 :][draw_plane(made.random, (size[0] - sky - 4, size[1]))] = 0
        path = f"MaSTr1325_images_{end}/{k:04d}.jpg"
        _photos(made, [path], None, size)
        maps[path] = values
        save_pixels(data / f"MaSTr1325_masks_{end}/{k:04d}m.png", values)
        horizon = np.zeros(size, dtype=bool)
        horizon[sky + k % 3 :] = True
        _grey_mask(data / f"MaSTr1325_imus_{end}/{k:04d}.png", horizon)
    plain = _reading(made, MULTI)
    ways = (((0, 1, 2), 4), ((1, 2), 4), ((0, 1, 2, 4), None), ((1, 2, 4), None))
    return tuple(_by_values(plain, maps, values, ignored) for values, ignored in ways)


# RescueNet, damage after a hurricane: users' code, and memory of the masks in colours.
def _after_the_hurricane(data: Path) -> Readings:
    """Photos by a drone in three parts with masks of 0 to 10, whose names end on a word; the same masks in colours lie in a folder apart."""
    made, size, top = Builder(data), (48, 64), "RescueNet"
    maps, number = dict[str, np.ndarray](), 10778
    colours = made.random.integers(0, 255, (11, 3)).astype(np.uint8)
    colours[0] = 0
    for part, n in (("train", 30), ("val", 9), ("test", 10)):
        for _ in range(n):
            values = draw_class_map(made.random, size, 10, fill=True)
            values[draw_plane(made.random, size)] = 0
            path = f"{top}/{part}/{part}-org-img/{number}.jpg"
            _photos(made, [path], None, size)
            maps[path] = values
            save_pixels(data / f"{top}/{part}/{part}-label-img/{number}_lab.png", values)
            save_pixels(data / f"ColorMasks-RescueNet/ColorMasks-{part.title()}Set/{number}_lab.png", colours[values])  # fmt: skip
            number += 3
    test, val = _inside(f"{top}/test"), _inside(f"{top}/val")
    return tuple(
        _by_values(_reading(made, MULTI, test=test, out=out), maps, values)
        for values in (range(1, 11), range(11))
        for out in (_never, val)
    )


FAULTS = ("Missing_hole", "Mouse_bite", "Open_circuit", "Short", "Spur", "Spurious_copper")


# PCB defects (Peking University, Kaggle): memory.
def _faults_of_boards(data: Path) -> Readings:
    """Boards with one kind of fault each, in class folders; boxes as XML, boards without faults, and the same boards turned lie beside."""
    made, top, size = Builder(data), "PCB_DATASET", (48, 60)
    for fault in FAULTS:
        angles = list[str]()
        for k in range(1, 9):
            name = f"{1 + (k - 1) // 2:02d}_{fault.lower()}_{1 + (k - 1) % 2:02d}"
            _photos(made, [f"{top}/images/{fault}/{name}.jpg"], fault, size)
            objects = "".join(
                f"<object><name>{fault.lower()}</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult><bndbox><xmin>{box[0]}</xmin><ymin>{box[1]}</ymin><xmax>{box[0] + box[2]}</xmax><ymax>{box[1] + box[3]}</ymax></bndbox></object>"
                for box in _boxes(made, size, 3)
            )
            made.text(f"{top}/Annotations/{fault}/{name}.xml", f"<annotation><folder>{fault}</folder><filename>{name}.jpg</filename><path>/home/user/{fault}/{name}.jpg</path><size><width>60</width><height>48</height><depth>3</depth></size><segmented>0</segmented>{objects}</annotation>\n")  # fmt: skip
            _picture(made, f"{top}/rotation/{fault}_rotation/rotation_{name}.jpg", size)
            angles.append(f"rotation_{name} {k * 37 % 91 - 45}")
        _lines(made, f"{top}/rotation/{fault}_angles.txt", angles)
    _photos(made, [f"{top}/PCB_USED/{k:02d}.JPG" for k in range(1, 5)], None, size)
    made.text(f"{top}/rotate.py", "# Turns the boards and their boxes by a chance angle.\n")
    return (_reading(made, LABELS, classes=FAULTS),)


MEDIA = ("Albumen photograph", "Bronze", "Ceramic", "Etching", "Oil on canvas", "Silk and metal thread", "Wood")  # fmt: skip


# MAMe, media of art: users' code, and memory of the columns.
def _media_of_art(data: Path) -> Readings:
    """Works of three museums with their medium; one table has all parts, with a column that splits them and others of sizes; another numbers the media."""
    made, cells, of, part_of = Builder(data), list[list[str]](), dict[str, str](), dict[str, str]()
    museums = ("Met", "LACMA", "Cleveland")
    for k in range(60):
        part, medium = ("train", "train", "val", "test", "test")[k % 5], MEDIA[k * 3 % 7]
        name = f"{('436', 'M', '19')[k % 3]}{k * 7919 % 90000:05d}{('', '_0', '.2')[k % 3]}.jpg"
        path = f"data_256/{name}"
        _photos(made, [path], None, (40, 40))
        of[path], part_of[path] = medium, part
        wide, tall = 1500 + k * 37, 1200 + k * 53
        cells.append([name, medium, museums[k % 3], str(43000 + k * 31), part, str(wide), str(tall), str(wide * tall), f"{wide / tall:.6f}"])  # fmt: skip
    header = ["Image file", "Medium", "Museum", "Museum-based instance ID", "Subset", "Width", "Height", "Product size", "Aspect ratio"]  # fmt: skip
    made.table("MAMe_metadata/MAMe_dataset.csv", header, cells)
    _lines(made, "MAMe_metadata/MAMe_labels.csv", [f"{n},{one}" for n, one in enumerate(MEDIA)])
    numbers = {path: str(MEDIA.index(one)) for path, one in of.items()}
    outs = (_never, lambda path: part_of[path] == "val")
    return _of_kinds(made, (of, numbers), test=lambda path: part_of[path] == "test", outs=outs)


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
                    _photos(made, [path], None, (48, 64))
                    all_six = [(k + m * (grade + 1) + place) % 4 for m in range(6)]
                    all_six[place] = grade
                    grades[path], folders[path] = tuple(map(float, all_six)), folder
                    about = {"image_id": name, "image_file_name": f"{name}.jpg", **{f"value_{m}": str(one) for m, one in enumerate(all_six, 1)}}  # fmt: skip
                    _json(made, f"{top}/{part}/[라벨]{folder}/{name}.json", about)
    columns, found = tuple(f"value_{m}" for m in range(1, 7)), list[LayoutTruth]()
    for test in (_inside(f"{top}/Validation"), _never):
        found.append(_labelled(_reading(made, TARGETS, test=test, classes=columns), grades))
        plain = _reading(made, LABELS, test=test, classes=tuple(dict.fromkeys(map(str, folders.values()))))  # fmt: skip
        found.append(_labelled(plain, folders))
        sources = {path: f"[원천]{one}" for path, one in folders.items()}
        outer = replace(plain, classes=tuple(dict.fromkeys(sources.values())))
        found.append(_labelled(outer, dict(sources)))
    return tuple(found)


# Face Synthetics (Microsoft), the sample of a hundred: its page, from memory.
def _made_faces(data: Path) -> Readings:
    """Faces by a computer, with masks of 0 to 18 (and 255, to be ignored) and with 70 points as text, all in one folder."""
    made, size, top = Builder(data), (52, 52), "dataset_100"
    maps = dict[str, np.ndarray]()
    for k in range(40):
        values = draw_class_map(made.random, size, 18, fill=True)
        values[draw_plane(made.random, size)] = 0
        if k % 4 == 1:
            values[:, -3:] = 255
        path = f"{top}/{k:06d}.png"
        _photos(made, [path], None, size)
        maps[path] = values
        save_pixels(data / f"{top}/{k:06d}_seg.png", values)
        points = made.random.uniform(4, 48, (70, 2))
        _lines(made, f"{top}/{k:06d}_ldmks.txt", [f"{x:.3f} {y:.3f}" for x, y in points])
    made.text("LICENSE.txt", "Research Use of Data Agreement v1.0\n")
    plain = _reading(made, MULTI)
    return (
        _by_values(plain, maps, range(1, 19), 255),
        _by_values(plain, maps, range(19), 255),
        _by_values(plain, maps, (*range(1, 19), 255)),
        _by_values(plain, maps, (*range(19), 255)),
    )


SIXTEENTH_COMPETITIONS = (
    DataSet("mit-miniplaces", "memory", _small_places),
    DataSet("rob535-perception", "code", _cars_of_a_game, doubt="the sample"),
    DataSet("inf473v-cheese-2024", "code and memory", _cheeses),
    DataSet("ntut-simpsons-characters", "code and memory", _cartoons_of_taipei, doubt="the outer folders"),
    DataSet("hakuna-ma-data", "memory", _sequences_of_serengeti, has_test=False, doubt="columns of the metadata"),
    DataSet("zindi-road-segment-identification", "memory", _roads_or_none, doubt="whether probabilities are sent"),
    DataSet("isic-2016-part-3b", "memory", _moles_with_masks),
    DataSet("chalearn-lap-2016-apparent-age", "code and memory", _ages_as_seen),
    DataSet("plantclef-2022", "code and memory", _herbs_of_clef, doubt="some columns"),
    DataSet("tianchi-zero-shot-2018", "code", _never_seen),
    DataSet("dcic-2019-steel-bars", "code and memory", _steel_bars, refusal=ANY),
    DataSet("autonomous-greenhouse-2021", "code", _lettuces, has_test=False, doubt="the general part of the JSON"),
    DataSet("solafune-finding-mining-sites", "code and memory", _mines_from_above),
    DataSet("aicrowd-mosquito-alert-2023", "code", _mosquitoes),
    DataSet("aicrowd-age-prediction", "memory", _decades_of_faces),
    DataSet("hackerearth-flower-recognition", "code", _flowers_of_hackerearth),
    DataSet("grss-dfc-2025-track-1", "code and memory", _land_by_radar),
    DataSet("vizwiz-salient-objects", "code and memory", _things_that_stand_out),
    DataSet("tbrain-2022-stas-segmentation", "code", _spread_in_lungs, doubt="names of test"),
    DataSet("fungi-challenge-fgvc-2018", "memory", _mushrooms_of_2018),
    DataSet("idao-2021-track-1", "code and memory", _recoils, doubt="the sample"),
    DataSet("signate-solar-plants", "memory", _plants_of_panels),
    DataSet("picsart-ai-hackathon-2018", "code and memory", _people_of_picsart, doubt="the sample"),
    DataSet("uwf4dr-2024", "code", _wide_fundus, doubt="names of columns"),
)  # fmt: skip
"""Competitions of `DataSet` form: several readings may be right, and a file to send need not be shown."""

SIXTEENTH_DATA_SETS = (
    DataSet("LEGO minifigures", "memory", _bricks),
    DataSet("UC Merced, several labels", "code", _several_land_uses, has_test=False),
    DataSet("CryoNuSeg", "code and memory", _frozen_nuclei, has_test=False),
    DataSet("BrEaST ultrasound", "code and memory", _lesions_by_sound, has_test=False),
    DataSet("ACFR apples", "memory", _apples_on_trees),
    DataSet("Monkeypox skin lesions", "memory", _pox),
    DataSet("MaSTr1325", "code and memory", _boats_at_sea, has_test=False),
    DataSet("RescueNet", "code and memory", _after_the_hurricane, doubt="names of masks in colours"),
    DataSet("PCB defects", "memory", _faults_of_boards, has_test=False),
    DataSet("MAMe", "code and memory", _media_of_art, doubt="some columns"),
    DataSet("AI Hub: scalps", "code and memory", _scalps, doubt="names of folders"),
    DataSet("Face Synthetics", "memory", _made_faces, has_test=False),
)  # fmt: skip
