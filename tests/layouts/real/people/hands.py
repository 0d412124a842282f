"""Layouts of competitions and data sets of hands: signs and gestures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from layouts.drawing import save_pixels
from layouts.real.kinds import LABELS, NUMBER, TWO
from layouts.real.made import Builder, DataSet, Readings
from layouts.real.names import hex_name
from layouts.real.photos import write_photos
from layouts.real.readings import in_folders, reading_of, with_train_labels
from layouts.real.tables import write_competition
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _asl(data: Path) -> Readings:
    made, classes = Builder(data), ("A", "B", "C", "del", "nothing", "space")
    for label in classes:
        write_photos(made, [f"asl_alphabet_train/asl_alphabet_train/{label}/{label}{n}.jpg"
                       for n in range(1, 7)], label)  # fmt: skip
        if label != "del":
            write_photos(made, [f"asl_alphabet_test/asl_alphabet_test/{label}_test.jpg"], label)
    return (reading_of(made, LABELS, test=in_folders("asl_alphabet_test"), classes=classes),)


def _hands(data: Path) -> Readings:
    """Three folders; the last has no class folders, and is for a try."""
    made, classes = Builder(data), ("paper", "rock", "scissors")
    for label in classes:
        names = [f"rps/{label}/{label}{1 + k // 4:02d}-{k:03d}.png" for k in range(9)]
        names += [f"rps-test-set/{label}/test{label}01-{k:02d}.png" for k in range(4)]
        write_photos(made, names, label)
        write_photos(made, [f"rps-validation/{label}{k}.png" for k in range(1, 4)], None)
    tests, shown = in_folders("rps-test-set"), in_folders("rps-validation")
    return (
        reading_of(made, LABELS, test=tests, out=shown, classes=classes),
        reading_of(made, LABELS, test=shown, classes=classes),
        reading_of(made, LABELS, test=shown, out=tests, classes=classes),
    )


SIGNED = ("Church", "Enough/Satisfied", "Friend", "Love", "Me", "Mosque", "Seat", "Temple", "You")


def _kenyan_signs(data: Path) -> Readings:
    """Images of both parts in one folder; a class with a slash."""
    truth = write_competition(
        data, images=("Images/{name}.jpg", "Images/{name}.jpg"),
        names=lambda part, number: f"ImageID_{hex_name('sign', part, number, length=8).upper()}", labels=SIGNED,
        classes=SIGNED, kind="multiclass", table="Train.csv", header=["img_IDS", "Label"], n=(36, 9),
        row=lambda name, label: [name, str(label)], sample="SampleSubmission.csv",
        columns={"img_IDS": "key", **dict.fromkeys(SIGNED, "number")},
        shown=lambda name: [name, *["0"] * 9],
        answer=lambda name, true: [name, *(repr(true.probs[one]) for one in SIGNED)],
        more=lambda made: made.table("Test.csv", ["img_IDS"], [[Path(one).stem] for one in made.test]),
    )  # fmt: skip
    return (truth,)


def _signs_of_hands(data: Path) -> Readings:
    """Rows of pixels with the label first; the classes leave 9 out."""
    made, letters = Builder(data), [n for n in range(12) if n != 9]
    for part, n in (("train", 33), ("test", 11)):
        rows = []
        for k in range(n):
            label = str(letters[k * 4 % 11])
            rows.append([label, *map(str, made.random.integers(100, 220, 784))])
            made.train[f"../made/images/{part}/{k}.png"] = TrueSample((28, 28), label)
        header = ["label", *(f"pixel{k}" for k in range(1, 785))]
        for name in (f"sign_mnist_{part}.csv", f"sign_mnist_{part}/sign_mnist_{part}.csv"):
            made.table(name, header, rows)
    for name in ("amer_sign2.png", "amer_sign3.png", "american_sign_language.PNG"):
        save_pixels(data / name, made.random.integers(0, 255, (60, 90, 3)).astype(np.uint8))
    return (
        reading_of(
            made,
            LABELS,
            test=in_folders("../made/images/test"),
            classes=[str(n) for n in letters],
        ),
    )


def _hands_by_person(data: Path) -> Readings:
    """Folders of people, in each those of the gestures; all of it a second time inside."""
    made, top, classes = Builder(data), "leapGestRecog", ("01_palm", "02_l", "03_fist", "10_down")
    for person in range(5):
        for place, label in enumerate(classes):
            for k in range(1, 4):
                path = f"{top}/{person:02d}/{label}/frame_{person:02d}_{place + 1:02d}_{k:04d}.png"
                write_photos(made, [path], label)
                copy = data / path.replace(f"{top}/", f"{top}/{top}/", 1)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes((data / path).read_bytes())
    outer = reading_of(made, LABELS, classes=classes)
    inner = {path.replace(f"{top}/", f"{top}/{top}/", 1): one for path, one in outer.train.items()}
    return outer, replace(outer, train=inner)


def _digits_by_hands(data: Path) -> Readings:
    """X.npy of images from 0 to 1, Y.npy with a column a class."""
    made, n = Builder(data), 40
    labels = np.arange(n) % 10
    for k, label in enumerate(labels):
        made.train[f"../made/images/train/{k}.png"] = TrueSample((64, 64), str(label))
    folder = data / "Sign-language-digits-dataset"
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "X.npy", made.random.random((n, 64, 64)).astype(np.float32))
    np.save(folder / "Y.npy", np.eye(10)[labels])
    return (reading_of(made, LABELS, classes=tuple("0123456789")),)


def _11k_hands(data: Path) -> Readings:
    """A table of people and of each hand, with the image neither first nor last; the same as text; from memory of the data page."""
    made, cells = Builder(data), []
    columns: dict[str, tuple[str, ...]] = {
        "gender": ("female", "male"),
        "skinColor": ("dark", "fair", "medium", "very fair"),
        "accessories": ("0", "1"),
        "nailPolish": ("0", "1"),
        "aspectOfHand": ("dorsal left", "dorsal right", "palmar left", "palmar right"),
        "irregularities": ("0", "1"),
    }
    of: dict[str, dict[str, str]] = {one: {} for one in columns}
    ages = dict[str, float]()
    for k in range(48):
        person, name = k // 6, f"Hand_{k * 17 + 2:07d}.jpg"
        path = f"Hands/{name}"
        write_photos(made, [path], None, (36, 48))
        # What tells of a person is the same in all of its rows.
        cell = {
            "gender": columns["gender"][person * 3 % 2],
            "skinColor": columns["skinColor"][person % 4],
            "accessories": str(int(person % 3 == 1)),
            "nailPolish": str(int(person % 4 == 2)),
            "aspectOfHand": columns["aspectOfHand"][k % 4],
            "irregularities": str(int(person == 5)),
        }
        for one, value in cell.items():
            of[one][path] = value
        ages[path] = float(20 + person * 7 % 23)
        first = [str(person + 1_000 * (person % 2)), str(int(ages[path]))]
        middle = [cell[one] for one in list(columns)[:5]]
        cells.append([*first, *middle, name, cell["irregularities"]])
    header = ["id", "age", *list(columns)[:5], "imageName", "irregularities"]
    made.table("HandInfo.csv", header, cells)
    made.table("HandInfo.txt", header, cells)
    found = list[LayoutTruth]()
    for one, classes in columns.items():
        kinds = TWO if len(classes) == 2 else LABELS
        found.append(with_train_labels(reading_of(made, kinds, classes=classes), dict(of[one])))
    return (*found, with_train_labels(reading_of(made, NUMBER), dict(ages)))


LAYOUTS = (
    DataSet("ASL alphabet", "memory", _asl),
    DataSet("Rock, paper, scissors", "code (tensorflow-datasets)", _hands),
    DataSet("kenyan-sign-language-classification-challenge", "memory", _kenyan_signs),
    DataSet("Sign language MNIST", "memory", _signs_of_hands),
    DataSet("LeapGestRecog", "memory", _hands_by_person, has_test=False),
    DataSet("Sign language digits", "memory", _digits_by_hands, has_test=False),
    DataSet("11k hands", "memory", _11k_hands, has_test=False),
)
