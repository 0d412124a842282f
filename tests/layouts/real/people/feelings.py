"""Layouts of competitions and data sets of expressions of faces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from layouts.real.files import write_lines
from layouts.real.kinds import LABELS, SEVERAL
from layouts.real.made import SIZE, WIDE, Builder, DataSet, Readings, RealLayout
from layouts.real.outlines import draw_boxes
from layouts.real.photos import write_grey, write_photos
from layouts.real.readings import in_folders, reading_of, with_train_labels
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _faces(data: Path) -> LayoutTruth:
    """All pixels of a picture in one cell; a third table has the rows of both."""
    made = Builder(data)
    tables: dict[str, list[list[str]]] = {"train": [], "test": [], "all": []}
    for number in range(42):
        part, label = "train" if number < 34 else "test", str(number % 7)
        cell = " ".join(str(one) for one in made.random.integers(0, 255, 48 * 48))
        tables[part].append([label, cell] if part == "train" else [cell])
        usage = "Training" if part == "train" else ("PublicTest", "PrivateTest")[number % 2]
        tables["all"].append([label, usage, cell])
        place = number if part == "train" else number - 34
        (made.train if part == "train" else made.test)[f"../made/images/{part}/{place}.png"] = (
            TrueSample((48, 48), label)
        )
    made.table("train.csv", ["emotion", "pixels"], tables["train"])
    made.table("test.csv", ["pixels"], tables["test"])
    made.table("icml_face_data.csv", ["emotion", " Usage", " pixels"], tables["all"])
    truth = made.truth({"classify": "multiclass"}, {}, [], classes=tuple("0123456"))
    return LayoutTruth(truth.data, truth.kinds, truth.train, truth.test, truth.classes)


def _fer(data: Path) -> Readings:
    made, classes = Builder(data), ("angry", "happy", "neutral", "sad")
    for place, label in enumerate(classes):
        write_photos(
            made, [f"train/{label}/Training_{3908 + 71 * n + place}.jpg" for n in range(7)], label
        )
        write_photos(
            made,
            [f"test/{label}/PrivateTest_{10131 + 71 * n + place}.jpg" for n in range(2)],
            label,
        )
    return (reading_of(made, LABELS, test=in_folders("test"), classes=classes),)


def _emotions(data: Path) -> Readings:
    """Class folders of numbers, and a table of each part that tells the same."""
    made, tables, classes = (
        Builder(data),
        {"train": list[list[str]](), "test": list[list[str]]()},
        tuple("1234567"),
    )
    for number in range(70):
        part, label = "test" if number % 5 == 4 else "train", classes[number % 7]
        name = f"{part}_{1 + number:0{5 if part == 'train' else 4}d}_aligned.jpg"
        write_photos(made, [f"DATASET/{part}/{label}/{name}"], label)
        tables[part].append([name, label])
    for part, rows in tables.items():
        made.table(f"{part}_labels.csv", ["image", "label"], rows)
    return (reading_of(made, LABELS, test=in_folders("DATASET/test"), classes=classes),)


def _seven_feelings(data: Path) -> Readings:
    """All pixels of an image in one cell, called feature."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for part, n in (("train", 35), ("test", 9)):
        cells = []
        for k in range(n):
            pixels = " ".join(map(str, made.random.integers(0, 255, 48 * 48)))
            cells.append([str(k * 3 % 7), pixels] if part == "train" else [str(k), pixels])
            true = TrueSample((48, 48), str(k * 3 % 7))
            (made.train if part == "train" else made.test)[f"../made/images/{part}/{k}.png"] = true
            if part == "test":
                rows.append((str(k), str(k * 3 % 7)))
        made.table(f"{part}.csv", ["label" if part == "train" else "id", "feature"], cells)
    columns = {"id": "key", "label": "text"}
    made.table("sample.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("0123456")),)


def _feelings_in_files(data: Path) -> Readings:
    """Folders train_img and test_img of numbers; the table has an odd header."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for part, n in (("train", 35), ("test", 10)):
        for k in range(n):
            label = str((k * 3 + k // 7) % 7)
            made.image(f"{part}_img/{k:05d}.jpg", TrueSample(SIZE, label), part=part)
            if part == "train":
                cells.append([f"{k:05d}.jpg", label])
            else:
                rows.append((str(k), label))
    made.table("train.csv", ["picture id", "label"], cells)
    columns = {"id": "key", "label": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("0123456")),)


def _ten_women(data: Path) -> Readings:
    """Person, feeling with the number of the shot, and a running number in each name."""
    made, feelings = Builder(data), ("AN", "DI", "FE", "HA", "NE", "SA", "SU")
    number = 1
    for person in ("KA", "KL", "KM"):
        for feeling in feelings:
            for shot in (1, 2):
                path = f"jaffe/{person}.{feeling}{shot}.{number}.tiff"
                grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
                made.image(path, TrueSample(SIZE, feeling), part="train", pixels=grey)
                number += 1
    made.text(
        "jaffe/README",
        "The Japanese Female Facial Expression (JAFFE) Database\n\n"
        "213 images of 7 facial expressions (6 basic facial expressions + 1 neutral) posed by 10 Japanese female models.\n",
    )
    return (reading_of(made, LABELS, classes=feelings),)


FEELINGS = ("angry", "happy", "neutral", "sad")


def _feelings_of_faces(data: Path) -> Readings:
    """Of four columns one is to be predicted; the sample has no header, and tells which."""
    made, lines, shown = Builder(data), ["file_name\tuserid\tpose\texpression\teyes"], []
    people = ("an2i", "at33", "boland", "choon", "kawamura", "saavik")
    for k in range(44):
        part, label = "train" if k < 32 else "test", FEELINGS[k * 3 % 4]
        name = f"{part}_{k % 32:04d}.jpg"
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(f"{part}/{name}", TrueSample(SIZE, label), part="train", pixels=grey)
        if part == "train":
            pose, eyes = (
                ("left", "right", "straight", "up")[k // 4 % 4],
                ("open", "sunglasses")[k % 5 % 2],
            )
            lines.append("\t".join([name, people[k % 6], pose, label, eyes]))
        else:
            shown.append(f"{name},{FEELINGS[k * 7 % 4]}")
    write_lines(made, "train_master.tsv", lines)
    write_lines(made, "sample_submit.csv", shown)
    return (reading_of(made, LABELS, test=in_folders("test"), classes=FEELINGS),)


EMOTIONS = ("anger", "contempt", "disgust", "fear", "happy", "neutral", "sad", "surprise", "uncertain")  # fmt: skip


def _emotions_of_a_course(data: Path) -> Readings:
    """Class folders and a table of them with the numbers of its rows; paths begin with a dot."""
    made, cells, rows = Builder(data), list[list[str]](), list[tuple[str, ...]]()
    for k in range(45):
        label = EMOTIONS[k % 9]
        made.image(f"train/{label}/{k // 9 * 7}.jpg", TrueSample(SIZE, label), part="train")
        cells.append([str(k), f"./train/{label}/{k // 9 * 7}.jpg", label])
    for k in range(12):
        label = EMOTIONS[k * 5 % 9]
        made.image(f"test_kaggle/{k}.jpg", TrueSample(SIZE, label), part="test")
        rows.append((f"{k}.jpg", label))
    columns = {"image_path": "key", "emotion": "text"}
    made.table("train.csv", ["", *columns], cells)
    made.table("sample_submission.csv", list(columns), [[one, "sad"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=EMOTIONS),)


FEELINGS_OF_IFLYTEK_FACIAL_EMOTION_RECOGNITION = (
    "angry",
    "disgusted",
    "fearful",
    "happy",
    "neutral",
    "sad",
    "surprised",
)


def _feelings_of_iflytek(data: Path) -> Readings:
    """Class folders of grey faces, whose names begin anew in each; a list of test with a label."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for label in FEELINGS_OF_IFLYTEK_FACIAL_EMOTION_RECOGNITION:
        for k in range(5):
            write_grey(made, f"train/{label}/im{k * 3}.png", TrueSample(SIZE, label))
    (data / "train/.DS_Store").write_bytes(b"\0\0\0\1Bud1" + b"\0" * 60)
    for k in range(12):
        label, name = (
            FEELINGS_OF_IFLYTEK_FACIAL_EMOTION_RECOGNITION[k * 3 % 7],
            f"{6 + k * 31:05d}.png",
        )
        write_grey(made, f"test/{name}", TrueSample(SIZE, label), "test")
        rows.append((name, label))
    columns = {"name": "key", "label": "text"}
    made.table("sample_submit.csv", list(columns), [[one, "sad"] for one, _ in rows])
    return (
        made.truth(LABELS, columns, rows, classes=FEELINGS_OF_IFLYTEK_FACIAL_EMOTION_RECOGNITION),
    )


MOODS = (
    "centerlight",
    "glasses",
    "happy",
    "leftlight",
    "noglasses",
    "normal",
    "rightlight",
    "sad",
    "sleepy",
    "surprised",
    "wink",
)


def _faces_of_yale(data: Path) -> Readings:
    """What is an ending in the names is the expression; GIFs all of them, two of which say so."""
    made, people = Builder(data), tuple(f"subject{n:02d}" for n in (1, 2, 3, 4, 5))
    for person in people:
        moods = MOODS if person != "subject01" else ("gif", *MOODS[1:], "glasses.gif")
        for mood in moods:
            pixels = made.random.integers(0, 255, WIDE).astype(np.uint8)
            path = data / f"yalefaces/{person}.{mood}"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path, format="GIF")
            made.train[f"yalefaces/{person}.{mood}"] = TrueSample(WIDE, person)
    made.text(
        "yalefaces/Readme.txt",
        "The Yale face database: 165 GIF images of 15 people, eleven of each, one for each expression or light.\n",
    )
    who = reading_of(made, LABELS, classes=people)
    how = reading_of(made, LABELS, out=lambda path: path.endswith(".gif"), classes=MOODS)
    train = {path: replace(one, label=path.split(".")[-1]) for path, one in how.train.items()}
    return who, replace(how, train=train)


def _faces_in_the_wild(data: Path) -> Readings:
    """A list of faces: name, number, box, sureness and class, without a header; a word in a name is not its class; two faces in some."""
    made, lines = Builder(data), list[str]()
    words = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    first, last, every = dict[str, str](), dict[str, str](), dict[str, frozenset[str]]()
    for k in range(52):
        word = ("angry", "afraid", "happy", "excited", "sad", "astonished", "calm")[k % 7]
        name = f"{word}_{('actor', 'child', 'asian', 'worker')[k % 4]}_{k * 13 + 4}.jpg"
        path = f"image/origin/{name}"
        write_photos(made, [path], None, (40, 52))
        classes = [str((k * 3 + k // 7) % 7)]
        if k % 9 == 5:
            classes.append(str((k * 3 + 2) % 7))
        boxes = draw_boxes(made, (40, 52), len(classes))
        for n, (label, (left, up, wide, tall)) in enumerate(zip(classes, boxes, strict=True)):
            sure = f"{20 + (k * 7 + n) % 60}.{k * 37 % 10000:04d}"
            lines.append(f"{name} {n} {up} {left} {left + wide} {up + tall} {sure} {label}")
        first[path], last[path], every[path] = classes[0], classes[-1], frozenset(classes)
    write_lines(made, "label/label.lst", lines)
    made.text("readme.txt", "Expression in-the-Wild (ExpW)\n\nEach line of label.lst:\nimage_name face_id_in_image face_box_top face_box_left face_box_right face_box_bottom face_box_cofidence expression_label\n\nexpression label:\n" + "".join(f'"{n}" "{one}"\n' for n, one in enumerate(words)))  # fmt: skip
    numbers, found = tuple("0123456"), list[LayoutTruth]()
    for names in (numbers, words):
        name_of = dict(zip(numbers, names, strict=True))
        several = reading_of(made, SEVERAL, classes=names)
        one = reading_of(made, LABELS, classes=names)
        found.append(with_train_labels(several, {path: frozenset(map(name_of.__getitem__, has)) for path, has in every.items()}))  # fmt: skip
        found.append(
            with_train_labels(one, {path: name_of[label] for path, label in first.items()})
        )
        found.append(with_train_labels(one, {path: name_of[label] for path, label in last.items()}))
    return tuple(found)


LAYOUTS = (
    RealLayout(
        "challenges-in-representation-learning-facial-expression-recognition-challenge",
        "code",
        _faces,
    ),
    DataSet("FER-2013 (folders)", "memory", _fer),
    DataSet("RAF-DB (Kaggle)", "memory", _emotions),
    DataSet("ntu-ml-2018-hw3", "memory", _seven_feelings),
    DataSet("ml2019fall-hw3", "memory", _feelings_in_files, doubt="the header of the table"),
    DataSet("JAFFE", "memory", _ten_women, has_test=False),
    DataSet(
        "signate-404-facial-expressions", "page", _feelings_of_faces, doubt="names of the images"
    ),
    DataSet(
        "skillbox-computer-vision-project",
        "memory",
        _emotions_of_a_course,
        doubt="the sample's paths",
    ),
    DataSet(
        "iflytek-facial-emotion-recognition", "code", _feelings_of_iflytek, doubt="names of images"
    ),
    DataSet("Yale faces", "code and memory", _faces_of_yale, has_test=False),
    DataSet("ExpW", "memory", _faces_in_the_wild, has_test=False),
)
