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
            inner = f"{season}/{site}/{site}_{roll}/{season}_{site}_{roll}_PICT{n * 4 + frame:04d}.JPG"
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


WINGS = ("001.Atrophaneura_horishanus", "002.Atrophaneura_varuna", "003.Byasa_alcinous", "004.Byasa_dasarada", "005.Byasa_polyeuctes")  # fmt: skip


# Baidu AI Studio, butterflies: memory.
def _wings_of_baidu(data: Path) -> Readings:
    """Butterflies in class folders of a number and a name; texts of species and of the paths to predict, and no sample."""
    made, names = Builder(data), [f"{k:03d}.jpg" for k in range(1, 16)]
    for label in WINGS:
        for k in range(1, 9):
            _photos(made, [f"Butterfly20/{label}/{k:03d}.jpg"], label, (40, 44 + k % 4))
    _photos(made, [f"Butterfly20_test/{one}" for one in names], None, (40, 44))
    _lines(made, "species.txt", [f"{n} {one.split('.')[1]}" for n, one in enumerate(WINGS, 1)])
    _lines(made, "testpath.txt", [f"Butterfly20_test/{one}" for one in names])
    test = _inside("Butterfly20_test")
    words, numbers = ({one: f(one) for one in WINGS} for f in (lambda one: one.split(".")[1], lambda one: str(int(one[:3]))))  # fmt: skip
    return (
        _reading(made, LABELS, test=test, classes=WINGS),
        *(
            _reading(
                made, LABELS, test=test, classes=tuple(each.values()),
                label=lambda one, each=each: each[str(one)],
            )
            for each in (words, numbers)
        ),
    )  # fmt: skip
