"""Layouts of competitions and data sets of digits, written and photographed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from layouts.drawing import save_pixels
from layouts.real.files import write_json, write_matlab
from layouts.real.kinds import LABELS, NUMBER, ONE_MASK, SEVERAL
from layouts.real.made import BROAD, Builder, DataSet, Readings, RealLayout
from layouts.real.masks import save_jpeg_mask
from layouts.real.names import hex_name
from layouts.real.photos import copy_photo, write_grey, write_photos
from layouts.real.readings import in_folders, reading_of
from layouts.real.tables import label_text, write_competition
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _digits(data: Path, *, kannada: bool = False) -> LayoutTruth:
    """A row a picture, a column a pixel."""
    made, rows, names = Builder(data), list[tuple[str, ...]](), [f"pixel{n}" for n in range(784)]
    tables: dict[str, list[list[str]]] = {"train": [], "test": [], "more": []}
    for number in range(48):
        part = "train" if number < 40 else "test"
        label = str((number * 7 + number // 9) % 10) if number > 9 else str(number)
        pixels = [str(one) for one in made.random.integers(0, 255, 784)]
        place = number if part == "train" else number - 40
        if part == "train":
            tables[part].append([label, *pixels])
        else:
            tables[part].append([str(place), *pixels] if kannada else pixels)
            rows.append((str(place if kannada else place + 1), label))
        ident = place + 1 if part == "test" and not kannada else place
        (made.train if part == "train" else made.test)[f"../made/images/{part}/{ident}.png"] = (
            TrueSample((28, 28), label)
        )
    made.table("train.csv", ["label", *names], tables["train"])
    made.table("test.csv", [*(["id"] if kannada else []), *names], tables["test"])
    header = ["id", "label"] if kannada else ["ImageId", "Label"]
    if kannada:
        more = [[str(n % 10), *["0"] * 783, "9"] for n in range(20)]
        made.table("Dig-MNIST.csv", ["label", *names], more)
    made.table("sample_submission.csv", header, [[one, "0"] for one, _ in rows])
    columns = {header[0]: "key", header[1]: "text"}
    return made.truth(
        {"classify": "multiclass"}, columns, rows, classes=tuple("0123456789")
    )  # fmt: skip


def _chinese_digits(data: Path) -> Readings:
    """Three columns make the name of a file; its value is told by another, and by a sign."""
    made, rows = Builder(data), []
    values = (("0", "零"), ("1", "一"), ("10", "十"), ("10000", "万"))
    for suite in range(1, 4):
        for sample in range(1, 4):
            for code, (value, sign) in enumerate(values, 1):
                write_photos(made, [f"data/data/input_{suite}_{sample}_{code}.jpg"], value)
                rows.append([str(suite), str(sample), str(code), value, sign])
    made.table("chinese_mnist.csv", ["suite_id", "sample_id", "code", "value", "character"], rows)
    numbers, signs = zip(*values, strict=True)
    to = {value: (str(code), sign) for code, (value, sign) in enumerate(values, 1)}
    return (
        reading_of(made, LABELS, classes=numbers),
        reading_of(made, LABELS, classes=signs, label=lambda label: to[str(label)][1]),
        reading_of(made, LABELS, classes=tuple("1234"), label=lambda label: to[str(label)][0]),
    )


def _analytics_vidhya_identify_the_digits(data: Path) -> Readings:
    """Images of test lie beside those of train, in the folder of train."""
    classes, top = tuple("0123456789"), "Train_UQcUa52"
    truth = write_competition(
        data, images=(f"{top}/Images/train/{{name}}.png", f"{top}/Images/test/{{name}}.png"),
        names=lambda part, number: str(number if part == "train" else 49000 + number), labels=classes,
        classes=classes, kind="multiclass", table=f"{top}/train.csv", header=["filename", "label"], n=(40, 10),
        row=lambda name, label: [f"{name}.png", str(label)], sample="Sample_Submission_lxuyBuB.csv",
        columns={"filename": "key", "label": "text"}, shown=lambda name: [f"{name}.png", "0"],
        answer=lambda name, true: [f"{name}.png", label_text(true)],
        more=lambda made: made.table(
            "Test_fCbTej3.csv", ["filename"], [[Path(one).name] for one in made.test]
        ),
    )  # fmt: skip
    return (truth,)


def _digit_behind_letter(data: Path) -> Readings:
    """A table of pixels with the digit to predict and a letter that lies over it."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for part, n in (("train", 40), ("test", 10)):
        cells = []
        for k in range(n):
            digit, name = str(k * 3 % 10), str(k + 1 if part == "train" else 2049 + k)
            pixels = [*map(str, made.random.integers(0, 255, 784))]
            cells.append([name, *([digit] if part == "train" else []), "LBJX"[k % 4], *pixels])
            path = f"../made/images/{part}/{name}.png"
            (made.train if part == "train" else made.test)[path] = TrueSample((28, 28), digit)
            if part == "test":
                rows.append((name, digit))
        made.table(
            f"{part}.csv",
            ["id", *(["digit"] if part == "train" else []), "letter", *map(str, range(784))],
            cells,
        )
    columns = {"id": "key", "digit": "text"}
    made.table("submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("0123456789")),)


def _house_numbers(data: Path) -> Readings:
    """MATLAB files with the images along the last axis; 10 stands for 0."""
    made = Builder(data)
    data.mkdir(parents=True, exist_ok=True)
    for part, n in (("train", 30), ("test", 10)):
        labels = 1 + np.arange(n) % 10
        for k, label in enumerate(labels):
            made.train[f"../made/images/{part}/{k}.png"] = TrueSample((32, 32), str(label))
        write_matlab(
            data / f"{part}_32x32.mat",
            X=made.random.integers(0, 255, (32, 32, 3, n)).astype(np.uint8),
            y=labels.astype(np.uint8)[:, None],
        )
    return (
        reading_of(
            made,
            LABELS,
            test=in_folders("../made/images/test"),
            classes=[str(n) for n in range(1, 11)],
        ),
    )


def _digits_as_jpeg(data: Path) -> Readings:
    """Folders in folders of their own names; a sample of train once more; test without classes; from memory of the data page."""
    made = Builder(data)
    for k in range(50):
        label, name = str(k * 3 % 10), f"img_{k * 17 + 1}.jpg"
        path = f"trainingSet/trainingSet/{label}/{name}"
        write_grey(made, path, TrueSample((28, 28), label))
        if k % 4 == 0:
            copy_photo(made, path, f"trainingSample/trainingSample/{label}/{name}")
    for k in range(14):
        write_grey(made, f"testSet/testSet/img_{k * 29 + 1}.jpg", TrueSample((28, 28)))
    test, classes = in_folders("testSet"), tuple("0123456789")
    return (reading_of(made, LABELS, test=test, out=in_folders("trainingSample"), classes=classes),)


def _digits_of_bengal(data: Path) -> Readings:
    """A folder and a table a source, with blanks in names of columns; test folders have no table and the same names."""
    made, digits = Builder(data), tuple("0123456789")
    header = ["filename", "original filename", "scanid", "digit", "database name original", "contributing team", "database name"]  # fmt: skip
    teams = {"a": "Buet_Broncos", "b": "Buet_Synesthesia", "e": "Sust_Hackers"}
    for place, (letter, team) in enumerate(teams.items()):
        cells = list[list[str]]()
        for k in range(16):
            name, digit = f"{letter}{k:05d}.png", digits[(k * 3 + place) % 10]
            write_grey(made, f"training-{letter}/{name}", TrueSample((36, 36), digit))
            cells.append([name, f"Scan_{58 + k}_digit_{digit}_num_{k % 9}.png", str(58 + k), digit, "BHDDB", team, f"training-{letter}"])  # fmt: skip
        made.table(f"training-{letter}.csv", header, cells)
        for k in range(8):
            write_grey(made, f"testing-{letter}/{letter}{k:05d}.png", TrueSample((36, 36)))
    for k in range(6):
        write_photos(made, [f"testing-auga/a{k:05d}.png"], None, (36, 36))
    folders = [*(f"testing-{one}" for one in teams), "testing-auga"]
    return (reading_of(made, LABELS, test=in_folders(*folders), classes=digits),)


def _dirty_digits(data: Path) -> Readings:
    """Letters of an image in columns a to z; ids are 0, files 00000.png; other data beside."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    letters = tuple("abcdefghijklmnopqrstuvwxyz")
    for number in range(40):
        place = number if number < 30 else 49970 + number
        has = [(place * 7 + 3 * n) % 5 < 2 for n in range(26)]
        bits = [str(int(one)) for one in has]
        probs = {one: float(bit) for one, bit in zip(letters, bits, strict=True)}
        label = frozenset(one for one, bit in zip(letters, has, strict=True) if bit)
        folder, part = (
            ("dirty_mnist_2nd", "train") if number < 30 else ("test_dirty_mnist_2nd", "test")
        )
        grey = made.random.integers(0, 255, BROAD).astype(np.uint8)
        made.image(
            f"{folder}/{place:05d}.png", TrueSample(BROAD, label, probs), part=part, pixels=grey
        )
        (cells if number < 30 else rows).append((str(place), *bits))
    columns = {"index": "key", **dict.fromkeys(letters, "number")}
    made.table("dirty_mnist_2nd_answer.csv", list(columns), cells)
    made.table("mnist_data/train.csv", ["id", "digit", "letter", *map(str, range(16))],
               [[str(n), str(n % 10), letters[n].upper(), *map(str, range(n, n + 16))] for n in range(1, 20)])  # fmt: skip
    made.table("sample_submission.csv", list(columns), [[one, *["0"] * 26] for one, *_ in rows])
    return (made.truth(SEVERAL, columns, rows, classes=letters),)


def _digit_sums(data: Path) -> Readings:
    """The sum of several digits in an image, 0 to 27."""
    sums = ("0", "27", "13", "5", "9", "21", "13")
    truth = write_competition(
        data, images=("train/{name}.jpeg", "test/{name}.jpeg"),
        names=lambda part, number: "".join(chr(97 + int(one, 16)) for one in hex_name(part, number, length=10)),
        labels=sums, classes=("0", "5", "9", "13", "21", "27"), kind=["multiclass", "regression", "ordinal"],
        header=["id", "digit_sum"], row=lambda name, label: [name, str(label)],
        columns={"id": "key", "digit_sum": "number"}, shown=lambda name: [name, "0"],
        answer=lambda name, true: [name, label_text(true)],
    )  # fmt: skip
    return (truth,)


def _meters(data: Path) -> Readings:
    """A number of each meter, and a mask as JPEG by the same name; the outline as text; both side by side once more; from memory of the data page."""
    made, cells, top = Builder(data), [], "WaterMeters"
    for k in range(38):
        whole, part = k * 173 % 1400 + 11, k * 377 % 1000
        size, value = (48, 36 + k % 4), whole + part / 1000
        name = f"id_{k * 37 + 3}_value_{whole}_{part}.jpg"
        plane = np.zeros(size, dtype=bool)
        left, up = 4 + k % 7, 12 + k % 9
        plane[up : up + 10, left : left + 22] = True
        plane = save_jpeg_mask(data / f"{top}/masks/{name}", plane)
        true = TrueSample(size, value, planes=(plane,))
        made.image(f"{top}/images/{name}", true, part="train")
        with Image.open(data / f"{top}/images/{name}") as opened:
            photo = np.array(opened)
        shaded = photo.copy()
        shaded[~plane] //= 2
        save_pixels(data / f"{top}/collage/{name}", np.concatenate([photo, shaded], axis=1))
        corners = [
            {"x": round(x / size[1], 5), "y": round(y / size[0], 5)}
            for x, y in ((left, up), (left + 22, up), (left + 22, up + 10), (left, up + 10))
        ]
        cells.append([name, repr(value), str({"type": "polygon", "data": corners})])
    made.table(f"{top}/data.csv", ["photo_name", "value", "location"], cells)
    return (reading_of(made, {**NUMBER, **ONE_MASK}, mask_classes=[""]),)


def _numbers_in_streets(data: Path) -> Readings:
    """Several digits an image, with the box of each, in a JSON."""
    made, found = Builder(data), {}
    for k in range(24):
        write_photos(made, [f"mchar_train/{k:06d}.png"], None)
        n = 1 + k % 3
        found[f"{k:06d}.png"] = {"height": [9] * n, "label": [(k * 7 + d * (k // 3 % 3)) % 10 for d in range(n)], "left": [2 + 6 * d for d in range(n)],
                                 "top": [5] * n, "width": [5] * n}  # fmt: skip
    write_json(made, "mchar_train.json", found)
    write_photos(made, [f"mchar_test_a/{k:06d}.png" for k in range(8)], None)
    made.table(
        "mchar_sample_submit_A.csv",
        ["file_name", "file_code"],
        [[f"{k:06d}.png", "1"] for k in range(8)],
    )
    return (reading_of(made, LABELS),)


LAYOUTS = (
    RealLayout("digit-recognizer", "memory", _digits),
    RealLayout("Kannada-MNIST", "memory", partial(_digits, kannada=True)),
    DataSet("Chinese MNIST", "memory", _chinese_digits, has_test=False),
    DataSet("analytics-vidhya-identify-the-digits", "code", _analytics_vidhya_identify_the_digits),
    DataSet("dacon-digit-behind-letter", "memory", _digit_behind_letter),
    DataSet("SVHN (cropped)", "memory", _house_numbers),
    DataSet("MNIST as JPEG", "memory", _digits_as_jpeg),
    DataSet("NumtaDB", "memory", _digits_of_bengal),
    DataSet("dacon-dirty-mnist", "code, memory", _dirty_digits, doubt="what lies beside"),
    DataSet("ultra-mnist", "memory", _digit_sums),
    DataSet("Water meters", "memory", _meters, has_test=False),
    DataSet("tianchi-street-digits", "memory", _numbers_in_streets, refusal=r"\S"),
)
