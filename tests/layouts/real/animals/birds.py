"""Layouts of competitions and data sets of birds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from layouts.drawing import save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import LABELS, SEVERAL
from layouts.real.made import SIZE, Builder, DataSet, Readings, Rows
from layouts.real.names import hex_name
from layouts.real.photos import write_grey, write_photos
from layouts.real.readings import in_folders, never, reading_of, with_and_without
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

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
            write_photos(made, [f"CUB_200_2011/images/{name}"], label)
            is_train = n % 3 != 0
            if not is_train:
                tests.add(f"CUB_200_2011/images/{name}")
            tables["images"].append(f"{number} {name}")
            tables["image_class_labels"].append(f"{number} {place + 1}")
            tables["train_test_split"].append(f"{number} {int(is_train)}")
            tables["bounding_boxes"].append(f"{number} 2.0 {n % 4}.0 12.0 14.0")
    for name, lines in tables.items():
        write_lines(made, f"CUB_200_2011/{name}.txt", lines)
    write_lines(made, "CUB_200_2011/classes.txt", [f"{n + 1} {one}" for n, one in enumerate(CUBS)])
    write_lines(made, "CUB_200_2011/parts/parts.txt", ["1 back", "2 beak", "3 belly"])
    write_lines(
        made, "CUB_200_2011/parts/part_locs.txt",
        [f"{n} {part} 3.0 4.0 1" for n in range(1, number + 1) for part in (1, 2, 3)],
    )  # fmt: skip
    write_lines(
        made, "attributes.txt", ["1 has_bill_shape::curved_(up_or_down)", "2 has_bill_shape::d"]
    )
    write_lines(
        made, "CUB_200_2011/attributes/image_attribute_labels.txt",
        [f"{n} {one} {(n + one) % 2} 3 27.708" for n in range(1, number + 1) for one in (1, 2)],
    )  # fmt: skip
    write_lines(
        made, "CUB_200_2011/README", ["===", "The Caltech-UCSD Birds-200-2011 Dataset", "==="]
    )
    is_test = lambda path: path in tests  # noqa: E731
    return (
        reading_of(made, LABELS, test=is_test, classes=CUBS),
        reading_of(made, LABELS, test=is_test, classes=["1", "2", "3"],
                 label=lambda label: str(int(str(label)[:3]))),
    )  # fmt: skip


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
                write_photos(made, [name], label)
                rows.append([f"{place}.0", name, label, part, latin])
    made.table(
        "birds.csv", ["class id", "filepaths", "labels", "data set", "scientific name"], rows
    )
    made.text("EfficientNetB0-525-(224 X 224)- 98.97.h5", "x")
    numbers = {one: f"{place}.0" for place, one in enumerate(classes)}
    return (
        *(
            reading_of(
                made,
                LABELS,
                test=in_folders("test"),
                out=out,
                classes=numbers.values(),
                label=lambda label: numbers[str(label)],
            )
            for out in (never, in_folders("valid"))
        ),
        reading_of(made, LABELS, test=in_folders("test"), classes=classes),
        reading_of(made, LABELS, test=in_folders("test"), out=in_folders("valid"), classes=classes),
    )


BIRDS = ("001.Black_footed_Albatross", "002.Laysan_Albatross", "017.Cardinal", "115.Brewer_Sparrow")


def _nycu_vrdl_2021_hw1(data: Path) -> Readings:
    """Texts without a header; a text has the order of the images of test, another the classes."""
    made, lines, order = Builder(data), [], []
    for number in range(1, 37):
        name, label = f"{3 * number:04d}.jpg", BIRDS[(number + number // 4) % 4]
        if number % 4:
            write_photos(made, [f"training_images/{name}"], label)
            lines.append(f"{name} {label}")
        else:
            write_photos(made, [f"testing_images/{name}"], None)
            order.append(name)
    write_lines(made, "training_labels.txt", sorted(lines, key=lambda one: one[::-1]))
    write_lines(made, "testing_img_order.txt", sorted(order, key=lambda one: hex_name(one)))
    write_lines(made, "classes.txt", BIRDS)
    return (reading_of(made, LABELS, test=in_folders("testing_images"), classes=BIRDS),)


SEEN_BIRDS = ("Asian Green Bee-Eater", "Coppersmith Barbet", "Hoopoe", "Ruddy Shelduck")


def _small_birds(data: Path) -> Readings:
    """Each image of train twice, small and large; those of test are small."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    large = (4 * SIZE[0], 4 * SIZE[1])
    for k in range(32):
        label, name = SEEN_BIRDS[k * 3 % 4], f"TRAIN_{k:05d}.png"
        made.image(f"train/{name}", TrueSample(SIZE, label), part="train")
        made.image(f"upscale_train/{name}", TrueSample(large, label), part="train")
        cells.append([f"./train/{name}", f"./upscale_train/{name}", label])
    for k in range(10):
        label, name = SEEN_BIRDS[(k + 2) * 3 % 4], f"TEST_{k:05d}"
        made.image(f"test/{name}.png", TrueSample(SIZE, label), part="test")
        tests.append([name, f"./test/{name}.png"])
        rows.append((name, label))
    made.table("train.csv", ["img_path", "upscale_img_path", "label"], cells)
    made.table("test.csv", ["id", "img_path"], tests)
    columns = {"id": "key", "label": "text"}
    made.table("sample_submission.csv", list(columns), [[one, SEEN_BIRDS[3]] for one, _ in rows])
    both = made.truth(LABELS, columns, rows, classes=SEEN_BIRDS)
    parts = [
        {path: one for path, one in both.train.items() if path.startswith(f"{folder}/")}
        for folder in ("train", "upscale_train")
    ]
    return replace(both, train=parts[0]), replace(both, train=parts[1]), both


BIRD_NAMES = {
    "295": "Common Eider (Adult male)",
    "817": "Oak Titmouse",
    "860": "House Wren",
    "1010": "Dark-eyed Junco (Oregon)",
}


def _birds_of_america(data: Path) -> Readings:
    """Ids with dashes in the tables, names of files without; folders are numbers with zeros."""
    made, tests = Builder(data), set()
    tables: dict[str, list[str]] = {
        "images": [], "image_class_labels": [], "train_test_split": [], "bounding_boxes": [],
        "sizes": [], "photographers": [],
    }  # fmt: skip
    for k in range(40):
        number = list(BIRD_NAMES)[k * 3 % 4]
        name = hex_name("nabird", k, length=32)
        key = "-".join((name[:8], name[8:12], name[12:16], name[16:20], name[20:]))
        path = f"{int(number):04d}/{name}.jpg"
        write_photos(made, [f"nabirds/images/{path}"], number)
        if k % 10 > 6:
            tests.add(f"nabirds/images/{path}")
        tables["images"].append(f"{key} {path}")
        tables["image_class_labels"].append(f"{key} {number}")
        tables["train_test_split"].append(f"{key} {int(k % 10 < 7)}")
        tables["bounding_boxes"].append(f"{key} 3 2 14 {11 + k % 4}")
        tables["sizes"].append(f"{key} 24 20")
        tables["photographers"].append(f"{key} Ruth {'ABC'[k % 3]}.")
    for name, lines in tables.items():
        write_lines(made, f"nabirds/{name}.txt", lines)
    names = {"0": "Birds", "1": "Ducks, Geese, and Swans", "22": "Perching Birds", **BIRD_NAMES}
    write_lines(made, "nabirds/classes.txt", [f"{number} {one}" for number, one in names.items()])
    above = {"1": "0", "22": "0", "295": "1", "817": "22", "860": "22", "1010": "22"}
    write_lines(made, "nabirds/hierarchy.txt", [f"{one} {other}" for one, other in above.items()])
    made.text("nabirds/README", "The NABirds data set, version 1.0, for non-commercial research.\n")
    is_test = lambda path: path in tests  # noqa: E731
    return (
        reading_of(made, LABELS, test=is_test, classes=BIRD_NAMES),
        reading_of(made, LABELS, test=is_test, classes=[f"{int(one):04d}" for one in BIRD_NAMES],
                 label=lambda one: f"{int(str(one)):04d}"),
        reading_of(made, LABELS, test=is_test, classes=BIRD_NAMES.values(),
                 label=lambda one: BIRD_NAMES[str(one)]),
    )  # fmt: skip


COURSE_BIRDS = ("004.Groove_billed_Ani", "009.Brewer_Blackbird", "012.Yellow_headed_Blackbird", "023.Brandt_Cormorant")  # fmt: skip


def _birds_of_recvis(data: Path) -> Readings:
    """Class folders of train and of val; images of test in a folder of a class that is none."""
    made, top = Builder(data), "bird_dataset"
    for part, n in (("train", 8), ("val", 3)):
        for place, label in enumerate(COURSE_BIRDS):
            stem = label[4:].title()
            names = [f"{stem}_{k + 2 * (part == 'val') + 11:04d}_{1670 + k * 83 + place}" for k in range(n)]  # fmt: skip
            write_photos(made, [f"{top}/{part}_images/{label}/{one}.jpg" for one in names], label)
    names = [hex_name("mistery", k, length=32) for k in range(12)]
    write_photos(made, [f"{top}/test_images/mistery_category/{one}.jpg" for one in names], None)
    is_test = in_folders(f"{top}/test_images")
    return tuple(
        with_and_without(
            lambda out: [reading_of(made, LABELS, test=is_test, out=out, classes=COURSE_BIRDS)],
            in_folders(f"{top}/val_images"),
        )
    )


def _feathers(data: Path) -> Readings:
    """Paths that begin with a slash, in folders twice the same; a table of test with dummy labels."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    classes = tuple(str(n) for n in range(1, 9))
    for k in range(40):
        label = classes[k // 5]
        write_photos(made, [f"train_images/train_images/{k + 1}.jpg"], label, (36 + k % 5, 48))
        cells.append([f"/train_images/{k + 1}.jpg", label])
    for k in range(16):
        label = classes[k * 3 % 8]
        true = TrueSample((36 + k % 3, 48), label)
        made.image(f"test_images/test_images/{k + 1}.jpg", true, part="test")
        tests.append([str(k + 1), f"/test_images/{k + 1}.jpg", "1"])
        rows.append((str(k + 1), label))
    made.table("train_images.csv", ["image_path", "label"], cells)
    made.table("test_images_path.csv", ["id", "image_path", "label"], tests)
    columns = {"id": "key", "label": "text"}
    made.table("test_images_sample.csv", list(columns), [[one, "1"] for one, _ in rows])
    birds = [f"{one}_Albatross" for one in ("Black_footed", "Laysan", "Sooty")]
    birds += ["Groove_billed_Ani"]
    birds += [f"{one}_Auklet" for one in ("Crested", "Least", "Parakeet", "Rhinoceros")]
    names = {f"{n:03d}.{one}": n for n, one in enumerate(birds, start=1)}
    np.save(data / "class_names.npy", np.array(names, dtype=object), allow_pickle=True)
    np.save(data / "attributes.npy", made.random.random((8, 312)))
    kinds = ("dagger", "hooked", "needle", "cone")
    write_lines(
        made,
        "attributes.txt",
        [f"{n + 1} has_bill_shape::{kinds[n % 4]}_{n}" for n in range(312)],
    )
    return (made.truth(LABELS, columns, rows, classes=classes),)


BIRDS_OF_BIRDS23SP = (
    "Acorn Woodpecker",
    "American Avocet",
    "American Bittern (Winter Plumage)",
    "Barn Owl",
    "Cedar Waxwing",
    "Downy Woodpecker",
)


def _birds_of_a_course(data: Path) -> Readings:
    """Class folders of numbers; the table of train has names, and the paths of the sample leave an inner folder out; from code."""
    made, cells, rows = Builder(data), [], Rows()
    for k in range(42):
        label, name = str(k % 6), hex_name("birds", "train", k, length=32)
        write_photos(made, [f"birds/train/{label}/{name}.jpg"], label, (36 + k % 5, 48))
        cells.append([f"{name}.jpg", label])
    for k in range(14):
        label, name = str(k * 5 % 6), hex_name("birds", "test", k, length=32)
        made.image(f"birds/test/0/{name}.jpg", TrueSample((36 + k % 3, 48), label), part="test")
        rows.append((f"test/{name}.jpg", label))
    columns = {"path": "key", "class": "text"}
    made.table("birds/labels.csv", list(columns), cells)
    made.table("birds/sample.csv", list(columns), [[one, "4"] for one, _ in rows])
    write_lines(made, "birds/names.txt", BIRDS_OF_BIRDS23SP)
    numbers = tuple("012345")
    truth = made.truth(LABELS, columns, rows, classes=numbers)
    return (truth,)


def _birds_with_few_labels(data: Path) -> Readings:
    """Few images with classes, two folders without; JSONs of each part; five guesses a cell; from the readme and memory."""
    made, rows = Builder(data), Rows()
    classes = tuple(str(n) for n in range(8))
    contents = dict[str, dict[str, Any]]()
    for part, n, size in (("l_train", 32, 40), ("val", 8, 42), ("u_train_in", 24, 44),
                          ("u_train_out", 20, 36), ("test", 14, 40)):  # fmt: skip
        images, notes = [], []
        for k in range(n):
            number = k + (32 if part == "val" else 0)
            label = classes[k * 3 % 8]
            name = f"{part}/{number}.jpg"
            if part in ("l_train", "val"):
                name = f"trainval_images/{label}/{number}.jpg"
            is_known = not part.startswith("u_")
            true = TrueSample((size, 48), label if is_known else None)
            made.image(name, true, part="test" if part == "test" else "train")
            images.append({"id": number, "width": 48, "height": size, "file_name": name})
            category = int(label) if is_known else -1
            if part == "test":
                rows.append((str(number), label))
                continue
            notes.append({"id": number, "image_id": number, "category_id": category})
        info = {"year": 2020, "version": "2", "description": "Semi-Supervised iNat Aves"}
        contents[part] = {"info": info, "images": images, "annotations": notes}
    for part, content in contents.items():
        write_json(made, f"annotation/anno_{part}.json", content)
    columns = {"Id": "key", "Category": "ranking"}
    shown = [[one, " ".join(classes[(k + n) % 8] for n in range(5))]
             for k, (one, _) in enumerate(rows)]  # fmt: skip
    made.table("solution_sample.csv", list(columns), shown)
    every = made.truth(LABELS, columns, rows, classes=classes)
    val = {str(one["file_name"]) for one in contents["val"]["images"]}
    train = {path: one for path, one in every.train.items() if path not in val}
    return every, replace(every, train=train)


BIRDS_OF_MLSP_2013_BIRDS = (
    ("BRCR", "Brown Creeper"),
    ("PAWR", "Pacific Wren"),
    ("PSFL", "Pacific-slope Flycatcher"),
    ("RBNU", "Red-breasted Nuthatch"),
    ("DEJU", "Dark-eyed Junco"),
    ("OSFL", "Olive-sided Flycatcher"),
    ("HETH", "Hermit Thrush"),
)


def _birds_that_sing(data: Path) -> Readings:
    """Pictures of sounds; three texts together tell names, folds and lists of classes of unequal length; a row an image and class, both in one number."""
    made, rows = Builder(data), Rows()
    names, folds, lists, shown = ["rec_id,filename"], ["rec_id,fold"], ["rec_id,[labels]"], list[list[str]]()  # fmt: skip
    classes, top = tuple(str(n) for n in range(7)), "mlsp_contest_dataset"
    for k in range(54):
        name = f"PC{1 + k % 5}_200906{1 + k % 28:02d}_{k * 3 % 24:02d}0000_{k * 7 % 90:04d}"
        has = sorted({k % 7, k * 3 % 7}) if k % 5 else []
        is_test = k % 4 == 1
        label = frozenset(classes[n] for n in has)
        probs = made.probs(classes) if is_test else {}
        true = TrueSample((32, 56), label, probs)
        path = f"{top}/supplemental_data/spectrograms/{name}.bmp"
        write_grey(made, path, true, "test" if is_test else "train")
        other = made.random.integers(0, 255, (32, 56)).astype(np.uint8)
        save_pixels(data / f"{top}/supplemental_data/filtered_spectrograms/{name}.bmp", other)
        made.text(f"{top}/essential_data/src_wavs/{name}.wav", "RIFF")
        names.append(f"{k},{name}")
        folds.append(f"{k},{int(is_test)}")
        lists.append(f"{k},?" if is_test else ",".join([str(k), *map(str, has)]))
        if is_test:
            for n in range(7):
                rows.append((str(k * 100 + n), repr(probs[str(n)])))
                shown.append([str(k * 100 + n), "0"])
    for file, lines in (("rec_id2filename", names), ("CVfolds_2", folds), ("rec_labels_test_hidden", lists)):  # fmt: skip
        write_lines(made, f"{top}/essential_data/{file}.txt", lines)
    write_lines(made, f"{top}/essential_data/species_list.txt", ["class_id,code,species", *(f"{n},{code},{bird}" for n, (code, bird) in enumerate(BIRDS_OF_MLSP_2013_BIRDS))])  # fmt: skip
    write_lines(made, f"{top}/supplemental_data/histogram_of_segments.txt", ["rec_id,[histogram of segment features]", *(f"{k},{k % 3},{k % 2},0,1" for k in range(54))])  # fmt: skip
    columns = {"Id": "key", "Probability": "number"}
    made.table("sample_submission.csv", list(columns), shown)
    plain = made.truth(SEVERAL, columns, rows, classes=classes)

    def moved(truth: LayoutTruth) -> LayoutTruth:
        to = lambda path: path.replace("/spectrograms/", "/filtered_spectrograms/")  # noqa: E731
        return replace(
            truth,
            train={to(path): one for path, one in truth.train.items()},
            test={to(path): one for path, one in truth.test.items()},
        )

    found = [plain, moved(plain)]
    for place in (0, 1):
        words = {str(n): bird[place] for n, bird in enumerate(BIRDS_OF_MLSP_2013_BIRDS)}

        def named(one: TrueSample, words: Mapping[str, str] = words) -> TrueSample:
            own = one.label if isinstance(one.label, frozenset) else frozenset()
            probs = {words[name]: value for name, value in one.probs.items()}
            return replace(one, label=frozenset(words[name] for name in own), probs=probs)

        other_names = replace(
            plain,
            classes=tuple(words.values()),
            train={path: named(one) for path, one in plain.train.items()},
            test={path: named(one) for path, one in plain.test.items()},
        )
        found += [other_names, moved(other_names)]
    return tuple(found)


LAYOUTS = (
    DataSet("CUB-200-2011", "code, README", _cub),
    DataSet("Birds 525", "code", _birds, doubt="class id as 0 or 0.0; names of numbers"),
    DataSet("nycu-vrdl-2021-hw1", "code", _nycu_vrdl_2021_hw1),
    DataSet("dacon-low-resolution-birds", "code of columns, memory", _small_birds),
    DataSet("NABirds", "memory", _birds_of_america),
    DataSet("mva-recvis-2022", "memory", _birds_of_recvis),
    DataSet("uva-aml-2025-feathers-in-focus", "code", _feathers, doubt="dummy labels of test"),
    DataSet("birds23sp", "code and memory", _birds_of_a_course, doubt="paths of labels.csv"),
    DataSet("semi-inat-2020", "page and memory", _birds_with_few_labels, doubt="names of folders"),
    DataSet("mlsp-2013-birds", "memory", _birds_that_sing),
)
