"""Layouts of competitions and data sets of letters, syllables, symbols and drawings."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from layouts.drawing import draw_plane
from layouts.real.files import write_lines
from layouts.real.kinds import LABELS, OUTPUTS
from layouts.real.made import SIZE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.names import hex_name
from layouts.real.photos import paint_other_photo, write_grey, write_photos
from layouts.real.readings import any_of, beyond_scope, in_folders, reading_of
from layouts.real.tables import label_text, write_boxes, write_competition
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

LETTERS_OF_STREET_VIEW_GETTING_STARTED_WITH_JULIA = ("n", "8", "T", "I", "R", "W", "r", "A")


def _street_letters(data: Path) -> LayoutTruth:
    """Pictures as they were cut out, and once more at 20 x 20, in folders of their own."""

    def more(made: Builder) -> None:
        for part, every in (("train", made.train), ("test", made.test)):
            for path in every:
                paint_other_photo(made, f"{part}Resized/{Path(path).name}", (20, 20))

    return write_competition(
        data, images=("train/{name}.Bmp", "test/{name}.Bmp"), more=more, n=(32, 8),
        names=lambda part, number: str(number + (1 if part == "train" else 6284)), labels=LETTERS_OF_STREET_VIEW_GETTING_STARTED_WITH_JULIA,
        classes=sorted(LETTERS_OF_STREET_VIEW_GETTING_STARTED_WITH_JULIA), kind="multiclass", table="trainLabels.csv",
        header=["ID", "Class"], row=lambda name, label: [name, str(label)],
        sample="sampleSubmission.csv", columns={"ID": "key", "Class": "text"},
        shown=lambda name: [name, "A"], answer=lambda name, true: [name, label_text(true)],
    )  # fmt: skip


def _letters(data: Path) -> Readings:
    """A large part and a small one; a file of no bytes in each; names end in ==."""
    made, classes = Builder(data), tuple("ABCDE")
    for label in classes:
        for part, n in (("large", 8), ("small", 3)):
            names = [f"{hex_name(part, label, k, length=20)}{'=' * (k % 3)}" for k in range(n)]
            write_photos(made, [f"notMNIST_{part}/{label}/{one}.png" for one in names], label)
    made.text("notMNIST_large/A/RnJlaWdodERpc3BCb29rSXRhbGljLnR0Zg==.png", "")
    made.text("notMNIST_small/A/RGVtb2NyYXRpY2FCb2xkT2xkc3R5bGUgQm9sZC50dGY=.png", "")
    # Nothing in the download says that the small part is for tests.
    return (
        reading_of(made, LABELS, classes=classes),
        reading_of(made, LABELS, out=in_folders("notMNIST_small"), classes=classes),
    )


def _devanagari(data: Path) -> Readings:
    made, top = Builder(data), "DevanagariHandwrittenCharacterDataset"
    classes = ("character_1_ka", "character_2_kha", "character_10_yna", "digit_0")
    for part, n in (("Train", 8), ("Test", 3)):
        for label in classes:
            write_photos(
                made,
                [f"{top}/{part}/{label}/{3300 + 17 * k}.png" for k in range(n)],
                label,
                (32, 32),
            )
    return (reading_of(made, LABELS, test=in_folders(f"{top}/Test"), classes=classes),)


def _arabic_letters(data: Path) -> Readings:
    """The label stands in the name; tables of pixels without a header lie beside."""
    made, classes = Builder(data), [str(n) for n in range(1, 6)]
    for part, n, count in (("train", 30, 13440), ("test", 10, 3360)):
        title = part.title()
        pixels, labels = [], []
        for k in range(1, n + 1):
            label = classes[k % 5]
            write_photos(
                made,
                [f"{title} Images {count}x32x32/{part}/id_{k}_label_{label}.png"],
                label,
                (32, 32),
            )
            pixels.append(",".join(map(str, made.random.integers(0, 255, 1024))))
            labels.append(label)
        write_lines(made, f"csv{title}Images {count}x1024.csv", pixels)
        write_lines(made, f"csv{title}Label {count}x1.csv", labels)
    return (reading_of(made, LABELS, test=in_folders("Test Images 3360x32x32"), classes=classes),)


def _english_letters(data: Path) -> Readings:
    made, cells, classes = Builder(data), [], ("0", "9", "A", "z")
    for place, label in enumerate(classes, 1):
        for k in range(1, 9):
            path = f"Img/img{place:03d}-{k:03d}.png"
            write_photos(made, [path], label)
            cells.append([path, label])
    made.table("english.csv", ["image", "label"], cells)
    return (reading_of(made, LABELS, classes=classes),)


def _old_letters(data: Path) -> Readings:
    """Four archives of an array each, and a table of the classes."""
    made = Builder(data)
    for part, n in (("train", 36), ("test", 12)):
        labels = np.arange(n) % 6
        for k, label in enumerate(labels):
            made.train[f"../made/images/{part}/{k}.png"] = TrueSample((28, 28), str(label))
        data.mkdir(parents=True, exist_ok=True)
        np.savez(
            data / f"k49-{part}-imgs.npz",
            arr_0=made.random.integers(0, 255, (n, 28, 28)).astype(np.uint8),
        )
        np.savez(data / f"k49-{part}-labels.npz", arr_0=labels.astype(np.uint8))
    made.table(
        "k49_classmap.csv",
        ["index", "codepoint", "char"],
        [[str(n), f"U+30{42 + n}", "あいうえおか"[n]] for n in range(6)],
    )
    return (
        reading_of(made, LABELS, test=in_folders("../made/images/test"), classes=tuple("012345")),
    )


SYMBOLS = {"31": "A", "87": "\\pi", "107": "\\sum", "953": "\\mathds{R}"}


def _symbols(data: Path) -> Readings:
    """One table of all images, and ten folds whose tables point upward to the same files."""
    made, cells = Builder(data), []
    for k in range(40):
        number = list(SYMBOLS)[k * 3 % 4]
        path = f"hasy-data/v2-{k:05d}.png"
        write_photos(made, [path], SYMBOLS[number], (32, 32))
        cells.append([path, number, SYMBOLS[number], str(16 + k % 7)])
    header = ["path", "symbol_id", "latex", "user_id"]
    made.table("hasy-data-labels.csv", header, cells)
    made.table(
        "symbols.csv",
        ["symbol_id", "latex", "training_samples", "test_samples"],
        [[number, latex, "9", "1"] for number, latex in SYMBOLS.items()],
    )
    for fold in range(10):
        tables: dict[str, list[list[str]]] = {"train": [], "test": []}
        for k, row in enumerate(cells):
            part = "test" if k % 10 == fold else "train"
            tables[part].append([f"../../{row[0]}", *row[1:]])
        for part, rows in tables.items():
            made.table(f"classification-task/fold-{fold + 1}/{part}.csv", header, rows)
    made.text(
        "README.txt",
        "## Contents\n\n* `hasy-data`: png images, each 32px x 32px\n* `hasy-data-labels.csv`: Labels for all images.\n"
        "* `classification-task`: 10 folders, each with a `train.csv` and a `test.csv`, for cross-validation.\n",
    )
    ids = {latex: number for number, latex in SYMBOLS.items()}
    return (
        reading_of(made, LABELS, classes=SYMBOLS.values()),
        reading_of(made, LABELS, classes=ids.values(), label=lambda one: ids[str(one)]),
    )


LETTERS_OF_COMNIST = ("А", "Б", "Ж", "Й", "Ъ", "Э", "I")


def _letters_of_russia(data: Path) -> Readings:
    """Folders of Cyrillic letters and one of a Latin one; the stroke is in the alpha channel."""
    made = Builder(data)
    for label in LETTERS_OF_COMNIST:
        for k in range(6):
            pixels = np.zeros((*SIZE, 4), dtype=np.uint8)
            pixels[..., 3] = draw_plane(made.random, SIZE) * 255
            path = f"Cyrillic/{label}/{hex_name('comnist', label, k, length=13)}.png"
            made.image(path, TrueSample(SIZE, label), part="train", pixels=pixels)
    return (reading_of(made, LABELS, classes=LETTERS_OF_COMNIST),)


def _hindi(data: Path) -> Readings:
    """The class is a vowel and a consonant in the names of images; numbers in test."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    classes = tuple(f"V{vowel}_C{consonant}" for vowel in range(3) for consonant in range(4))
    for place, label in enumerate(classes):
        write_photos(
            made,
            [f"train/train/{label}_{k * 13 + place}.png" for k in range(4)],
            label,
            (48, 48),
        )
    for k in range(14):
        label = classes[k * 5 % 12]
        made.image(f"test/test/{k}.png", TrueSample((48, 48), label), part="test")
        rows.append((f"{k}.png", label))
    columns = {"ImageId": "key", "Class": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "V0_C0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _letters_of_arabic(data: Path) -> Readings:
    """Names of five digits, and ids that are plain numbers; classes from 1 on; from memory."""
    made, cells, rows = Builder(data), [], Rows()
    classes = tuple(str(n) for n in range(1, 15))
    for k in range(72):
        part, number = ("train", k) if k < 56 else ("test", k - 56)
        label = classes[k * 5 % 14]
        write_grey(made, f"{part}/{number:05d}.png", TrueSample((32, 32), label), part)
        if part == "train":
            cells.append([str(number), label])
        else:
            rows.append((str(number), label))
    columns = {"id": "key", "label": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", ["id"], [[one] for one, _ in rows])
    made.table("sample_submission.csv", list(columns), [[one, "1"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _drawings_of_a_course(data: Path) -> Readings:
    """Class folders of numbers; all of test lies in a folder that is named as one of them; BMPs; from code of the course."""
    made, top, classes = Builder(data), "real_or_drawing", tuple("0123456789")
    for place, label in enumerate(classes):
        paths = [f"{top}/train_data/{label}/{place * 500 + k}.bmp" for k in range(5)]
        write_photos(made, paths, label, (32, 32))
    for k in range(18):
        write_grey(made, f"{top}/test_data/0/{k:05d}.bmp", TrueSample((28, 28)))
    test = in_folders(f"{top}/test_data")
    return (reading_of(made, LABELS, test=test, classes=classes),)


def _signs_of_a_bank(data: Path) -> Readings:
    """The class of an image is a Chinese sign after a number in its name; a text has all signs; nothing to predict."""
    made, signs = Builder(data), tuple("經長戶業行銀")
    for k in range(48):
        label = signs[k * 5 % 6]
        write_photos(made, [f"train/{k + 1}_{label}.jpg"], label, (28 + k % 5, 30 + k % 7))
    write_lines(made, "training data dic.txt", signs)
    return (reading_of(made, LABELS, classes=signs),)


def _signs_of_old_books(data: Path) -> Readings:
    """Class folders named by code point, with a plus; few images in most, one in some."""
    made = Builder(data)
    counts = {"U+4E00": 14, "U+4E03": 9, "U+4E09": 8, "U+4E0A": 6, "U+5B50": 4, "U+5C71": 2, "U+9F8D": 1}  # fmt: skip
    for label, n in counts.items():
        for k in range(n):
            name = hex_name(label, k, length=16)
            write_grey(made, f"kkanji2/{label}/{name}.png", TrueSample((64, 64), label))
    return (reading_of(made, LABELS, classes=counts),)


# TinyMind, Chinese calligraphy: a participant's README, and memory of the folders.
def _brush_strokes(data: Path) -> Readings:
    """Class folders of one Chinese sign; two folders to predict."""
    made, signs = Builder(data), tuple("且世丘中云亦")
    for sign in signs:
        for k in range(8):
            name = hex_name("brush", sign, k, length=40)
            write_grey(made, f"train/{sign}/{name}.jpg", TrueSample((40, 36 + k % 4), sign))
    for part in ("test1", "test2"):
        for k in range(10):
            name = hex_name("brush", part, k, length=40)
            write_grey(made, f"{part}/{name}.jpg", TrueSample((40, 38)))
    first, second = in_folders("test1"), in_folders("test2")
    return (
        reading_of(made, LABELS, test=any_of(first, second), classes=signs),
        reading_of(made, LABELS, test=second, out=first, classes=signs),
        reading_of(made, LABELS, test=first, out=second, classes=signs),
    )


_kuzushiji = partial(
    write_boxes, folders=("train_images", "test_images"), ending="jpg", table="train.csv",
    header=["image_id", "labels"],
    row=lambda name, number: [name, f"U+306F {1231 + number} 3465 133 53 U+304C 275 "
                              f"{1652 - 3 * number} 84 69 U+3044 1495 1218 143 {69 + number}"],
    boxes=lambda number: 1,
    sample="sample_submission.csv", columns=["image_id", "labels"], shown="U+003F 1 1 U+FF2F 2 2",
    more=lambda made, names: made.table("unicode_translation.csv", ["Unicode", "char"],
                                        [["U+0031", "1"], ["U+306F", "は"]]),
)  # fmt: skip


GRAPHEMES_BY_PAGE = """# Handwritten graphemes

Images of 20 × 28 pixels, height × width.

Submissions are evaluated using a hierarchical macro-averaged recall. First, a standard
macro-averaged recall is calculated for each component (grapheme root, vowel diacritic, or consonant
diacritic). The final score is the weighted average of these three scores, with the grapheme root
given double weight.
"""
GRAPHEMES_BY_LOSS = """# Handwritten graphemes

Images of 20 × 28 pixels, height × width.

Submissions are scored by the log loss of each of the three parts, weighted 2:1:1 for
grapheme_root, vowel_diacritic and consonant_diacritic.
"""


def _graphemes(data: Path, *, text: str = "", are_probs: bool = False) -> LayoutTruth:
    """Three answers a picture; pixels in Parquet, whose height and width the page tells.

    Args:
        data: where it is written.
        text: beside the data; without it the download, which tells no height and width.
        are_probs: whether a column of each part and class is to be sent, in place of classes.
    """
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    data.mkdir(parents=True)
    parts = {"grapheme_root": 6, "vowel_diacritic": 4, "consonant_diacritic": 3}
    classes = [f"{one}={k}" for one, n in parts.items() for k in range(n)]
    for part, n in (("train", 24), ("test", 8)):
        for file in range(2):
            half = range(file * n // 2, (file + 1) * n // 2)
            names = [f"{part.capitalize()}_{number}" for number in half]
            pixels = made.random.integers(0, 255, (len(names), 560)).astype(np.uint8)
            frame = pd.DataFrame(pixels, columns=[str(one) for one in range(560)])
            frame.insert(0, "image_id", names)
            frame.to_parquet(data / f"{part}_image_data_{file}.parquet")
            for number, name in zip(half, names, strict=True):
                own = {one: str(number // (4 - n % 4) % n) for one, n in parts.items()}
                label = frozenset(f"{one}={k}" for one, k in own.items())
                true = TrueSample((20, 28), label, made.probs(classes) if are_probs else {})
                path = f"../made/images/{part}/{name}.png"
                (made.train if part == "train" else made.test)[path] = true
                if part == "train":
                    cells.append([name, *own.values(), "ক্ট"])
                    continue
                for one in sorted(parts):
                    tests.append([f"{name}_{one}", name, one])
                    rows += [] if are_probs else [(f"{name}_{one}", own[one])]
                if are_probs:
                    rows.append((name, *(repr(true.probs[one]) for one in classes)))
    made.table("train.csv", ["image_id", *parts, "grapheme"], cells)
    made.table("test.csv", ["row_id", "image_id", "component"], tests)
    made.table("class_map.csv", ["component_type", "label", "component"],
               [[one, str(n), "ং"] for one in parts for n in range(3)])  # fmt: skip
    columns = {"row_id": "key", "target": "text"}
    if are_probs:
        columns = {"image_id": "key"} | {one.replace("=", "_"): "number" for one in classes}
    shown = [[one, *["0.2" if are_probs else "0"] * len(rest)] for one, *rest in rows]
    made.table("sample_submission.csv", list(columns), shown)
    if not text:
        return beyond_scope(made)
    made.text("README.md", text)
    return made.truth(OUTPUTS, columns, rows, classes=classes)


def _doodles(data: Path) -> Readings:
    """Strokes in tables, a table a class; no images."""
    made, words = Builder(data), ("airplane", "alarm clock", "zigzag")
    drawing = "[[[167, 109, 80, 69], [140, 194, 227, 232]], [[12, 40], [200, 255]]]"
    for place, word in enumerate(words):
        cells = [
            ["US", drawing, str(5152802093400064 + 977 * k + place), "True", f"2017-03-0{1 + k % 9} 20:52:18.{k}", word]
            for k in range(12)
        ]  # fmt: skip
        header = ["countrycode", "drawing", "key_id", "recognized", "timestamp", "word"]
        made.table(f"train_simplified/{word}.csv", header, cells)
    keys = [str(9000003627287624 + 31 * k) for k in range(10)]
    made.table(
        "test_simplified.csv",
        ["key_id", "countrycode", "drawing"],
        [[one, "DE", drawing] for one in keys],
    )
    guess = "The_Eiffel_Tower airplane donut"
    made.table("sample_submission.csv", ["key_id", "word"], [[one, guess] for one in keys])
    return (reading_of(made, {}),)


LAYOUTS = (
    RealLayout("street-view-getting-started-with-julia", "code", _street_letters),
    DataSet("notMNIST", "memory", _letters, has_test=False),
    DataSet("Devanagari characters", "memory", _devanagari),
    DataSet("Arabic handwritten letters", "memory", _arabic_letters),
    DataSet("Handwritten English letters", "memory", _english_letters, has_test=False),
    DataSet("Kuzushiji-49", "memory", _old_letters),
    DataSet("HASYv2", "README, memory", _symbols, has_test=False),
    DataSet("CoMNIST", "memory", _letters_of_russia, has_test=False),
    DataSet("padhai-hindi-vowel-consonant", "code", _hindi, doubt="placeholder of the sample"),
    DataSet("arabic-hwr-ai-pro-intake1", "memory", _letters_of_arabic, doubt="the sample"),
    DataSet("ml2021spring-hw11", "code", _drawings_of_a_course),
    DataSet("tbrain-handwriting-2021", "memory", _signs_of_a_bank, has_test=False),
    DataSet("Kuzushiji-Kanji", "memory", _signs_of_old_books, has_test=False),
    DataSet("tinymind-calligraphy", "code and memory", _brush_strokes),
    RealLayout("kuzushiji-recognition", "memory", _kuzushiji),
    RealLayout("bengaliai-cv19", "memory", _graphemes),
    RealLayout(
        "bengaliai-cv19, with its text", "page, memory", partial(_graphemes, text=GRAPHEMES_BY_PAGE)
    ),
    RealLayout(
        "bengaliai-cv19, with probabilities",
        "memory",
        partial(_graphemes, text=GRAPHEMES_BY_LOSS, are_probs=True),
    ),
    DataSet("quickdraw-doodle-recognition", "memory", _doodles, refusal=r"\S"),
)
