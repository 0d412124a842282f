"""Layouts of competitions and data sets of bees, butterflies, pests and other insects."""

from __future__ import annotations

from pathlib import Path

from layouts.drawing import draw_plane
from layouts.real.files import write_lines
from layouts.real.kinds import LABELS, ONE_MASK, TARGETS, TWO
from layouts.real.made import SIZE, Builder, DataSet, Readings, Rows
from layouts.real.masks import save_grey_mask
from layouts.real.names import hex_name, uuid_name
from layouts.real.outlines import draw_boxes
from layouts.real.photos import write_photos
from layouts.real.readings import (
    in_folders,
    reading_of,
    with_class_names,
    with_labels,
    with_train_labels,
)
from layouts.real.tables import write_competition
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _bees(data: Path) -> Readings:
    """Classes are 0.0 and 1.0; a probability is sent."""
    truth = write_competition(
        data, images=("images/train/{name}.jpg", "images/test/{name}.jpg"),
        names=lambda part, number: str(519 + 13 * number + 7 * (part == "test")),
        labels=["1.0", "1.0", "0.0", "1.0", "1.0"], classes=("0.0", "1.0"), kind="binary",
        table="train_labels.csv", header=["id", "genus"], row=lambda name, label: [name, str(label)],
        sample="SubmissionFormat.csv", columns={"id": "key", "genus": "number"},
        shown=lambda name: [name, "0.5"], answer=lambda name, true: [name, repr(true.probs["1.0"])],
    )  # fmt: skip
    return truth, with_class_names(truth, ("0.0", "1.0"), ("0", "1"))


def _bees_and_wasps(data: Path) -> Readings:
    """Paths with a backslash; a column a class and one of names; two columns of parts."""
    made, rows, labels, top = Builder(data), [], dict[str, str](), "kaggle_bee_vs_wasp"
    folders = {"bee1": "bee", "bee2": "bee", "wasp1": "wasp", "wasp2": "wasp", "other_insect": "insect",
               "other_noinsect": "other"}  # fmt: skip
    columns = ("is_bee", "is_wasp", "is_otherinsect", "is_other")
    names, parts = ("bee", "wasp", "insect", "other"), dict[str, int]()
    for folder, label in folders.items():
        for k in range(8):
            name = (
                f"{10007154554 + 7717 * k + 31 * len(rows)}_{hex_name(folder, k)}_n.jpg"
                if k % 2
                else f"I{100 + k + len(rows):05d}.jpg"
            )
            path = f"{top}/{folder}/{name}"
            labels[path], parts[path] = label, k % 4
            write_photos(made, [path], label)
            rows.append([
                str(len(rows) + 1), f"{folder}\\{name}", *(str(int(one == label)) for one in names),
                str(int(folder[-1] == "1")), str(int(k % 4 == 2)), str(int(k % 4 == 3)), label,
            ])  # fmt: skip
    made.table(f"{top}/labels.csv", ["id", "path", *columns, "photo_quality", "is_validation",
               "is_final_validation", "label"], rows)  # fmt: skip
    made.text(f"{top}/Readme.md", "# Bee or wasp\n")
    of = dict(zip(names, columns, strict=True))
    found = []
    for out in ((), (2,)):
        truth = reading_of(made, LABELS, test=lambda path: parts[path] == 3, out=lambda path, out=out: parts[path] in out,  # type: ignore[misc]
                         classes=names)  # fmt: skip
        found += [truth, with_labels(truth, {path: of[one] for path, one in labels.items()})]
    return tuple(found)


def _armyworm(data: Path) -> Readings:
    """All images in one folder; the sample asks for a probability of 1."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for number in range(44):
        part, label = "train" if number < 34 else "test", str(int(number % 3 == 0))
        name = f"id_{hex_name('worm', number, length=14)}.jpg"
        true = TrueSample(SIZE, label, made.probs(("0", "1")))
        made.image(f"Images/{name}", true, part=part)
        if part == "train":
            cells.append([name, label])
        else:
            tests.append([name])
            rows.append((name, repr(true.probs["1"])))
    made.table("Train.csv", ["Image_id", "Label"], cells)
    made.table("Test.csv", ["Image_id"], tests)
    columns = {"Image_id": "key", "Label": "number"}
    made.table("Sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    made.text("README.txt", "The error metric for this competition is the Area Under the Curve.\n"
              "For every image, predict the probability that the plant is affected by fall armyworm.\n")  # fmt: skip
    return (made.truth({"classify": "binary"}, columns, rows, classes=("0", "1")),)


PESTS = ("rice leaf roller", "rice leaf caterpillar", "paddy stem maggot", "asiatic rice borer")


def _pests(data: Path) -> Readings:
    """Three texts of names and numbers from 0; a text of names with numbers from 1."""
    made, top = Builder(data), "Classification"
    lines: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    parts = {}
    for k in range(44):
        part, label = ("train", "train", "test", "val")[k // 4 % 4], str(k * 3 % 4)
        name = f"{2 + 5 * k:05d}.jpg"
        path = f"{top}/ip102_v1.1/images/{name}"
        write_photos(made, [path], label)
        parts[path] = part
        lines[part].append(f"{name} {label}")
    for part, each in lines.items():
        write_lines(made, f"{top}/ip102_v1.1/{part}.txt", each)
    write_lines(made, f"{top}/classes.txt", [f"{n + 1:<5}{one:<40}" for n, one in enumerate(PESTS)])
    is_test = lambda path: parts[path] == "test"  # noqa: E731
    is_val = lambda path: parts[path] == "val"  # noqa: E731
    named = lambda one: PESTS[int(str(one))]  # noqa: E731
    return (
        reading_of(made, LABELS, test=is_test, classes=tuple("0123")),
        reading_of(made, LABELS, test=is_test, out=is_val, classes=tuple("0123")),
        reading_of(made, LABELS, test=is_test, classes=PESTS, label=named),
        reading_of(made, LABELS, test=is_test, out=is_val, classes=PESTS, label=named),
    )


BUTTERFLIES = (
    "ADONIS",
    "BROWN SIPROETA",
    "MONARCH",
    "RED POSTMAN",
    "SOUTHERN DOGFACE",
    "AN 88",
)


def _butterflies(data: Path) -> Readings:
    """Names of both parts are the same; tables of each, and no file to send."""
    made, cells, tests = Builder(data), [], []
    for k in range(42):
        label = BUTTERFLIES[k * 5 % 6]
        write_photos(made, [f"train/Image_{k + 1}.jpg"], label, (48, 48))
        cells.append([f"Image_{k + 1}.jpg", label])
    for k in range(14):
        write_photos(made, [f"test/Image_{k + 1}.jpg"], None, (48, 48))
        tests.append([f"Image_{k + 1}.jpg"])
    made.table("Training_set.csv", ["filename", "label"], cells)
    made.table("Testing_set.csv", ["filename"], tests)
    return (reading_of(made, LABELS, test=in_folders("test"), classes=BUTTERFLIES),)


def _annotated_honey_bees(data: Path) -> Readings:
    """A table of much about each bee, of which several columns can be the class; from memory of the data page."""
    made, cells = Builder(data), []
    races = ("-1", "Italian honey bee", "Russian honey bee", "Carniolan honey bee", "1 Mixed local stock 2")  # fmt: skip
    states = ("healthy", "few varrao, hive beetles", "Varroa, Small Hive Beetles", "ant problems", "hive being robbed", "missing queen")  # fmt: skip
    towns = (
        ("Alvin, TX, USA", "77511"),
        ("Saratoga, CA, USA", "95070"),
        ("Athens, GA, USA", "30607"),
    )
    of: dict[str, dict[str, str]] = {"subspecies": {}, "health": {}, "pollen_carrying": {}}
    for k in range(48):
        name = f"{41 + k // 8 * 3:03d}_{66 + k * 11:03d}.png"
        path = f"bee_imgs/bee_imgs/{name}"
        write_photos(made, [path], None, (40 + k % 7, 36 + k % 5))
        race, state, pollen = races[k % 5], states[k * 5 % 6], "TRUE" if k % 8 == 3 else "FALSE"
        for column, cell in zip(of, (race, state, pollen), strict=True):
            of[column][path] = cell
        town, post = towns[k % 3]
        hour = f"{9 + k % 9}:{k * 7 % 60:02d}"
        cells.append([name, f"8/{1 + k % 28}/18", hour, town, post, race, state, pollen, "worker"])
    header = ["file", "date", "time", "location", "zip code", *of, "caste"]
    made.table("bee_data.csv", header, cells)
    found = list[LayoutTruth]()
    for column, classes in (
        ("health", states),
        ("subspecies", races),
        ("pollen_carrying", ("FALSE", "TRUE")),
        ("pollen_carrying", ("False", "True")),
    ):
        labels = {path: cell if cell in classes else cell.title() for path, cell in of[column].items()}  # fmt: skip
        kinds = TWO if len(classes) == 2 else LABELS
        found.append(with_train_labels(reading_of(made, kinds, classes=classes), dict(labels)))
    return tuple(found)


# Hymenoptera, of PyTorch's tutorial on transfer learning: memory.
def _ants_and_bees(data: Path) -> Readings:
    """Two parts with class folders; names of no form."""
    made, classes = Builder(data), ("ants", "bees")
    for part, n in (("train", 18), ("val", 8)):
        for label in classes:
            for k in range(n):
                number = 6240329 + 7919 * (k + n * len(label) + (label == "bees") * 400)
                name = f"{number}_{hex_name(label, part, k)}.jpg"
                if k == 5:
                    name = f"{'Ant_1' if label == 'ants' else 'Bee_2'}_{part}.jpg"
                write_photos(
                    made, [f"hymenoptera_data/{part}/{label}/{name}"], label, (36 + k % 7, 48)
                )
    return (
        reading_of(made, TWO, test=in_folders("hymenoptera_data/val"), classes=classes),
        reading_of(made, TWO, classes=classes),
    )


MOSQUITOES = ("aegypti", "albopictus", "anopheles", "culex", "culiseta", "japonicus/koreicus")


# AIcrowd, Mosquito Alert 2023: participants' code.
def _mosquitoes(data: Path) -> Readings:
    """A mosquito a photo with its box and its kind, one of two names with a stroke between; there is no sample, as code is sent."""
    made, cells, of = Builder(data), list[list[str]](), dict[str, str]()
    for k in range(48):
        name, size, label = f"train_{k * 7:05d}.jpeg", (40 + k % 5, 52), MOSQUITOES[k * 5 % 6]
        left, top, wide, tall = draw_boxes(made, size, 1)[0]
        write_photos(made, [f"train_images/{name}"], label, size)
        of[name] = label
        cells.append([name, str(size[1]), str(size[0]), str(left), str(top), str(left + wide), str(top + tall), label])  # fmt: skip
    header = ["img_fName", "img_w", "img_h", "bbx_xtl", "bbx_ytl", "bbx_xbr", "bbx_ybr", "class_label"]  # fmt: skip
    made.table("phase2_train_v0.csv", header, cells)
    write_photos(made, [f"test_images_phase1/{uuid_name('tenth', 'mosquito', k)}.jpeg" for k in range(12)], None, (40, 52))  # fmt: skip
    return (reading_of(made, LABELS, test=in_folders("test_images_phase1"), classes=MOSQUITOES),)


def _bollworms(data: Path) -> Readings:
    """A row of an image and a kind of worm, with a count; boxes as text; one folder of images; from memory and code."""
    made, cells, rows, boxes = Builder(data), [], Rows(), []
    kinds = ("abw", "pbw")
    for k in range(50):
        part = "train" if k < 36 else "test"
        name = f"id_{hex_name('bollworm', k, length=24)}.jpg"
        counts = ((k * 7 % 5) * (k % 3 > 0), (k * 11 % 8) * (k % 4 > 1))
        true = TrueSample((48, 40), tuple(float(one) for one in counts))
        made.image(f"images/{name}", true, part=part)
        for kind, count in zip(kinds, counts, strict=True):
            row = (f"{name}_{kind}", str(count))
            if part == "test":
                rows.append(row)
                continue
            cells.append(row)
            for n in range(count):
                x, y = 20 + 310 * n, 40 + 170 * n
                corners = ((x, y), (x, y + 120), (x + 90, y + 120), (x + 90, y), (x, y))
                shape = ", ".join(f"{a}.0 {b}.0" for a, b in corners)
                boxes.append([name, kind, f"POLYGON (({shape}))"])
    columns = {"image_id_worm": "key", "number_of_worms": "number"}
    made.table("Train.csv", list(columns), cells)
    made.table("Test.csv", ["image_id_worm"], [[one] for one, _ in rows])
    made.table("images_bboxes.csv", ["image_id", "worm_type", "geometry"], boxes)
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(TARGETS, columns, rows, classes=kinds),)


BUTTERFLIES_OF_LEEDS_BUTTERFLIES = ("Danaus plexippus", "Heliconius charitonius", "Heliconius erato", "Junonia coenia", "Lycaena phlaeas", "Papilio cresphontes")  # fmt: skip


def _butterflies_of_leeds(data: Path) -> Readings:
    """The first three digits of a name are the class; masks with an end of their own; a text a class; from memory of the readme."""
    made, top = Builder(data), "leedsbutterfly"
    codes = tuple(f"{n:03d}" for n in range(1, 7))
    for place, code in enumerate(codes):
        for k in range(7):
            size, name = (36 + k % 4, 48), f"{code}{k * 13 + 1:04d}"
            plane = draw_plane(made.random, size)
            true = TrueSample(size, code, planes=(plane,))
            made.image(f"{top}/images/{name}.png", true, part="train")
            save_grey_mask(data / f"{top}/segmentations/{name}_seg0.png", plane)
        common = ("Monarch", "Zebra Longwing", "Crimson-patched Longwing", "Buckeye", "Small Copper", "Giant Swallowtail")[place]  # fmt: skip
        write_lines(made, f"{top}/descriptions/{code}.txt", [BUTTERFLIES_OF_LEEDS_BUTTERFLIES[place], common, "Wing span: 3 3/8 - 4 7/8 inches (8.6 - 12.4 cm)."])  # fmt: skip
    made.text(
        f"{top}/README.txt",
        "Leeds Butterfly Dataset\n\nimages: the first three digits of each filename are the category.\nsegmentations: a mask of each image.\ndescriptions: a textual description of each category, the scientific name first.\n",
    )
    found = list[LayoutTruth]()
    for names in (codes, tuple(str(int(one)) for one in codes), BUTTERFLIES_OF_LEEDS_BUTTERFLIES):
        name_of = dict(zip(codes, names, strict=True))
        truth = reading_of(made, {**LABELS, **ONE_MASK}, classes=names, mask_classes=[""])
        labels = {path: name_of[str(one.label)] for path, one in truth.train.items()}
        found.append(with_train_labels(truth, dict(labels)))
    return tuple(found)


LAYOUTS = (
    DataSet("drivendata-naive-bees", "memory", _bees),
    DataSet("Bee or wasp", "code", _bees_and_wasps),
    DataSet("makerere-fall-armyworm-crop-challenge", "memory", _armyworm),
    DataSet("IP102", "memory", _pests),
    DataSet("Butterflies", "memory", _butterflies),
    DataSet("Annotated honey bees", "memory", _annotated_honey_bees, has_test=False),
    DataSet("Ants and bees", "memory", _ants_and_bees),
    DataSet("aicrowd-mosquito-alert-2023", "code", _mosquitoes),
    DataSet(
        "wadhwani-ai-bollworm-counting-challenge",
        "code and memory",
        _bollworms,
        doubt="whether ids have the ending",
    ),
    DataSet("Leeds butterflies", "memory", _butterflies_of_leeds, has_test=False),
)
