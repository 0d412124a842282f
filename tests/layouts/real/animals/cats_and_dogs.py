"""Layouts of competitions and data sets of cats, dogs and other pets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from layouts.drawing import draw_plane, save_pixels
from layouts.real.files import write_lines
from layouts.real.kinds import LABELS, TWO
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.names import hex_name, hex_names
from layouts.real.photos import class_folders, write_photos
from layouts.real.readings import in_folders, reading_of
from layouts.real.tables import FIVE, wide_row, write_competition
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _dogs_cats(data: Path) -> LayoutTruth:
    """The label is the beginning of a file's name; the test images are numbers."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for number in range(24):
        label = ("cat", "dog")[number % 2]
        true = TrueSample(BROAD, label, {})
        made.image(f"train/{label}.{number // 2}.jpg", true, part="train")
    for number in range(8):
        probs = made.probs(("cat", "dog"))
        label = ("cat", "dog")[number % 2]
        made.image(f"test/{number + 1}.jpg", TrueSample(BROAD, label, probs), part="test")
        rows.append((str(number + 1), repr(probs["dog"])))
    made.table("sample_submission.csv", ["id", "label"], [[one, "0.5"] for one, _ in rows])
    columns = {"id": "key", "label": "number"}
    return made.truth({"classify": "binary"}, columns, rows, classes=("cat", "dog"))


BREEDS = ("affenpinscher", "afghan_hound", "airedale", "akita", "basenji", "beagle")


def _dog_breed(data: Path) -> LayoutTruth:
    return write_competition(
        data, images=("train/{name}.jpg", "test/{name}.jpg"), names=hex_names(32), labels=BREEDS,
        classes=BREEDS, kind="multiclass", table="labels.csv", header=["id", "breed"],
        row=lambda name, label: [name, str(label)],
        columns={"id": "key", **dict.fromkeys(BREEDS, "number")},
        shown=lambda name: [name, *["0.008333333333333333"] * 6], answer=wide_row(BREEDS),
    )  # fmt: skip


def _pet_images(data: Path) -> Readings:
    """One file of each class is empty, as the real ones are damaged; thumbnails of Windows."""

    def more(made: Builder) -> None:
        made.text("readme[1].txt", "This data set is from Asirra.\n")
        for label in ("Cat", "Dog"):
            made.text(f"PetImages/{label}/Thumbs.db", "x")
            made.text(f"PetImages/{label}/666.jpg", "")

    (plain,) = class_folders("PetImages/", ("Cat", "Dog"), "{n}.jpg", more)(data)
    # `podium check` refuses the empty files, so they may be named here.
    empty = {f"PetImages/{one}/666.jpg": TrueSample(SIZE, one) for one in ("Cat", "Dog")}
    return plain, replace(plain, train={**plain.train, **empty})


def _cat_dog(data: Path) -> Readings:
    made = Builder(data)
    for label, name in (("cats", "cat"), ("dogs", "dog")):
        for part, first, n in (("training_set", 1, 12), ("test_set", 4001, 4)):
            folder = f"{part}/{part}/{label}"
            write_photos(made, [f"{folder}/{name}.{first + k}.jpg" for k in range(n)], label)
            made.text(f"{folder}/_DS_Store", "x")
    return (reading_of(made, TWO, test=in_folders("test_set"), classes=("cats", "dogs")),)


def _dogs(data: Path) -> Readings:
    made, classes = (
        Builder(data),
        ("n02085620-Chihuahua", "n02085782-Japanese_spaniel", "n02116738-African_hunting_dog"),
    )
    for label in classes:
        for n in range(10):
            name = f"{label[:9]}_{1007 + 211 * n}"
            write_photos(made, [f"images/Images/{label}/{name}.jpg"], label)
            made.text(f"annotations/Annotation/{label}/{name}",
                      f"<annotation><folder>{label[1:9]}</folder><filename>{name}</filename><object>"
                      f"<name>{label[10:]}</name><bndbox><xmin>2</xmin><ymin>1</ymin><xmax>9</xmax>"
                      "<ymax>8</ymax></bndbox></object></annotation>")  # fmt: skip
    return (
        reading_of(made, LABELS, classes=classes),
        reading_of(made, LABELS, classes=[one[10:] for one in classes],
                 label=lambda label: str(label)[10:]),
    )  # fmt: skip


def _cats(data: Path) -> Readings:
    """A text of train without a header; some images of train are not in it."""
    made, lines, classes = Builder(data), [], ("0", "1", "2", "11")
    for number in range(34):
        letters = "".join(
            chr((65, 97)[int(one, 16) % 2] + int(one, 16))
            for one in hex_name("cat", number, length=32)
        )
        label = classes[number * 3 % 4] if number % 11 != 10 else None
        write_photos(made, [f"cat_12_train/{letters}.jpg"], label)
        if label is not None:
            lines.append(f"cat_12_train/{letters}.jpg\t{label}")
    for number in range(9):
        letters = "".join(
            chr((65, 97)[int(one, 16) % 2] + int(one, 16))
            for one in hex_name("puss", number, length=32)
        )
        write_photos(made, [f"cat_12_test/{letters}.jpg"], None)
    write_lines(made, "train_list.txt", lines)
    return (reading_of(made, LABELS, test=in_folders("cat_12_test"), classes=classes),)


def _cats_and_dogs(data: Path) -> Readings:
    """The class stands in front of the number; test is numbered anew."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for label in ("cat", "dog"):
        write_photos(made, [f"train/train/{label}.{k}.jpg" for k in range(16)], label)
    for k in range(1, 11):
        true = TrueSample(SIZE, ("cat", "dog")[k % 3 > 0], made.probs(("cat", "dog")))
        made.image(f"test1/test1/{k}.jpg", true, part="test")
        rows.append((str(k), str(int(true.label == "dog"))))
    columns = {"id": "key", "label": "text"}
    made.table("sampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    truth = made.truth(TWO, columns, rows, classes=("cat", "dog"))
    probs = [
        (one, repr(true.probs["dog"]))
        for (one, _), true in zip(rows, made.test.values(), strict=True)
    ]
    file = truth.file
    assert file is not None
    number = {
        name: replace(column, content="number") if name == "label" else column
        for name, column in file.columns.items()
    }
    return replace(truth, file=replace(file, columns=number, rows=probs)), truth


def _animal_faces(data: Path) -> Readings:
    """Class folders of two parts, train and val; names begin with where a photo is from; from memory of the loaders."""
    made, classes = Builder(data), ("cat", "dog", "wild")
    for part, first, n in (("train", 2, 12), ("val", 8, 4)):
        for label in classes:
            for k in range(n):
                start = "pixabay" if k % 3 == 1 and label != "wild" else "flickr"
                path = f"afhq/{part}/{label}/{start}_{label}_{first + k * 31:06d}.jpg"
                write_photos(made, [path], label, (48, 48))
    return (reading_of(made, LABELS, test=in_folders("afhq/val"), classes=classes),)


# ift6135h19: a participant's README, and memory of the sample.
def _cats_of_montreal(data: Path) -> Readings:
    """Each part lies in a folder of its own name; test has one folder in it; names of classes are sent."""
    made, rows, classes = Builder(data), Rows(), ("Cat", "Dog")
    for label in classes:
        for k in range(1, 21):
            true = TrueSample((40, 40), label)
            made.image(f"trainset/trainset/{label}/{k}.{label}.jpg", true, part="train")
    for k in range(1, 17):
        label = classes[k * 5 % 3 % 2]
        made.image(f"testset/testset/test/{k}.jpg", TrueSample((40, 40), label), part="test")
        rows.append((str(k), label))
    columns = {"id": "key", "label": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "Cat"] for one, _ in rows])
    return (made.truth(TWO, columns, rows, classes=classes),)


def _pawpularity(data: Path) -> LayoutTruth:
    made, rows = Builder(data), list[tuple[str, ...]]()
    traits = ["Subject Focus", "Eyes", "Face", "Near"]
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(48):
        part = "train" if number < 40 else "test"
        name, score = hex_name(part, number, length=32), float(made.random.integers(1, 101))
        made.image(f"{part}/{name}.jpg", TrueSample(BROAD, score), part=part)
        bits = [str(int(made.random.integers(2))) for _ in traits]
        tables[part].append([name, *bits, *([f"{score:g}"] if part == "train" else [])])
        if part == "test":
            rows.append((name, f"{score:g}"))
    made.table("train.csv", ["Id", *traits, "Pawpularity"], tables["train"])
    made.table("test.csv", ["Id", *traits], tables["test"])
    shown = [[one, f"{made.random.uniform(1, 99):.2f}"] for one, _ in rows]
    made.table("sample_submission.csv", ["Id", "Pawpularity"], shown)
    columns = {"Id": "key", "Pawpularity": "number"}
    return made.truth({"classify": "regression"}, columns, rows)


def _adoption(data: Path) -> LayoutTruth:
    """A pet has several photos, or none: PetID-1.jpg, PetID-2.jpg; a row is a pet."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(28):
        part = "train" if number < 20 else "test"
        name, label = hex_name(part, number, length=9), str((number * 2) % 5)
        for photo in range(1, 2 + number % 3):
            true = TrueSample(BROAD, label, unit=name)
            made.image(f"{part}_images/{name}-{photo}.jpg", true, part=part)
        tables[part].append(["2", str(number % 12), name, *([label] if part == "train" else [])])
        if part == "test":
            rows.append((name, label))
    made.table("train/train.csv", ["Type", "Age", "PetID", "AdoptionSpeed"], tables["train"])
    made.table("test/test.csv", ["Type", "Age", "PetID"], tables["test"])
    made.table(
        "test/sample_submission.csv", ["PetID", "AdoptionSpeed"], [[one, "4"] for one, _ in rows]
    )
    columns = {"PetID": "key", "AdoptionSpeed": "text"}
    return made.truth({"classify": "ordinal"}, columns, rows, classes=FIVE)


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
    write_lines(made, "annotations/list.txt", [*head, *sorted(about["trainval"] + about["test"])])
    for part, lines in about.items():
        write_lines(made, f"annotations/{part}.txt", lines)
    made.text("annotations/README", "The trimap pixel annotations: 1: Foreground 2:Background "
              "3: Not classified\n")  # fmt: skip
    kinds = {**LABELS, "segment": "multiclass"}
    numbers = [str(n + 1) for n in range(4)]
    is_test = lambda path: path in tests  # noqa: E731
    border = lambda true: replace(true, planes=(true.planes[0],), ignored=true.planes[2])  # noqa: E731
    by_number = reading_of(made, kinds, test=is_test, classes=numbers, mask_classes=["1", "2", "3"])
    scored = reading_of(
        made, {**LABELS, "segment": "binary"}, test=is_test, classes=numbers, mask_classes=[""]
    )
    scored = replace(
        scored, train={path: border(true) for path, true in scored.train.items()},
    )  # fmt: skip
    by_name = reading_of(
        made, kinds, test=is_test, classes=PETS, mask_classes=["1", "2", "3"],
        label=lambda label: PETS[int(str(label)) - 1],
    )  # fmt: skip
    return by_number, scored, by_name


LAYOUTS = (
    RealLayout("dogs-vs-cats-redux-kernels-edition", "memory", _dogs_cats),
    RealLayout("dog-breed-identification", "page, code", _dog_breed),
    DataSet("Cats and dogs (Microsoft)", "memory", _pet_images, has_test=False),
    DataSet("Cat and dog (training_set)", "memory", _cat_dog),
    DataSet("Stanford dogs (Kaggle)", "memory", _dogs, has_test=False),
    DataSet("baidu-cat-12", "code", _cats),
    DataSet("dogs-vs-cats", "memory", _cats_and_dogs),
    DataSet("Animal faces", "memory", _animal_faces),
    DataSet("ift6135h19", "code and memory", _cats_of_montreal, doubt="the sample"),
    RealLayout("petfinder-pawpularity-score", "page, code", _pawpularity),
    RealLayout("petfinder-adoption-prediction", "memory", _adoption),
    DataSet("Oxford-IIIT Pets", "code (torchvision)", _pets),
)
