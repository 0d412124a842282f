"""Layouts of competitions and data sets of documents, scrolls, signs of shops, pictures with texts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from layouts.drawing import draw_plane, save_pixels
from layouts.real.files import write_lines
from layouts.real.kinds import ANY, LABELS, ONE_MASK, TWO
from layouts.real.made import BROAD, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.masks import save_grey_mask
from layouts.real.names import hex_name
from layouts.real.photos import write_grey, write_photos
from layouts.real.readings import in_folders, reading_of, with_names_of_labels
from layouts.runs import Codec
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _memes(data: Path) -> Readings:
    """Lines of JSON with the path and a text; a probability and a label are sent."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    lines: dict[str, list[str]] = {"train": [], "dev": [], "test": []}
    texts = (
        "its their character not their color that matters",
        "when you run out of fingers",
        'she said "no" again',
    )
    for number in range(44):
        part = "train" if number < 28 else "dev" if number < 34 else "test"
        name, label = 1235 + 2017 * number % 98000, str(number * 3 % 7 % 2)
        path, probs = f"img/{name:05d}.png", made.probs(("0", "1"))
        # The label that is sent goes with the probability.
        label = str(int(probs["1"] > 0.5)) if part == "test" else label
        probs = {"0": round(1 - probs["1"], 3), "1": probs["1"]}
        made.image(
            f"data/{path}",
            TrueSample(BROAD, label, probs),
            part="test" if part == "test" else "train",
        )
        row = {"id": name, "img": path, "label": int(label), "text": texts[number % 3]}
        if part == "test":
            del row["label"]
            rows.append((str(name), repr(probs["1"]), label))
        lines[part].append(json.dumps(row))
    for part, each in lines.items():
        write_lines(made, f"data/{part}.jsonl", each)
    made.text("data/README.md", "# The Hateful Memes Challenge README\n")
    made.text("data/LICENSE.txt", "Hateful Memes Dataset License Agreement\n")
    columns = {"id": "key", "proba": "number", "label": "text"}
    made.table("submission_format.csv", list(columns), [[one, "0.5", "1"] for one, *_ in rows])
    truth = made.truth(TWO, columns, rows, classes=("0", "1"))
    dev = {f"data/{json.loads(one)['img']}" for one in lines["dev"]}
    fewer = {path: one for path, one in truth.train.items() if path not in dev}
    return truth, replace(truth, train=fewer)


def _documents(data: Path) -> Readings:
    """Deep folders that mean nothing; lists of paths below another folder; names in a text."""
    made, parts = Builder(data), dict[str, str]()
    lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    names = {"0": "letter", "1": "form", "3": "handwritten", "15": "memo"}
    for number in range(44):
        letters = hex_name("page", number, length=4)
        part, label = (
            ("train", "train", "val", "train", "test")[number % 5],
            list(names)[number * 3 % 4],
        )
        folder = f"images{letters[0]}/{'/'.join(letters[:3])}/{letters}{number:02d}00"
        name = f"{folder}/{503210033 + 1177 * number}{'+-0034' if number % 4 == 0 else ''}.tif"
        grey = made.random.integers(0, 255, BROAD).astype(np.uint8)
        made.image(f"rvl-cdip/images/{name}", TrueSample(BROAD, label), part="train", pixels=grey)
        parts[f"rvl-cdip/images/{name}"] = part
        lists[part].append(f"{name} {label}")
    for part, lines in lists.items():
        write_lines(made, f"rvl-cdip/labels/{part}.txt", lines)
    write_lines(made, "rvl-cdip/readme.txt",
           ["RVL-CDIP Dataset", "The label files list the images and their categories, path/to/the/image.tif category",
            "where the categories are numbered 0 to 15, in the following order:", *(f"{one} {name}" for one, name in names.items())])  # fmt: skip
    found = []
    for out in ((), ("val",)):
        left = lambda path, out=out: parts[path] in out  # noqa: E731
        is_test = lambda path: parts[path] == "test"  # noqa: E731
        found.append(reading_of(made, LABELS, test=is_test, out=left, classes=tuple(names)))
        found.append(reading_of(made, LABELS, test=is_test, out=left, classes=tuple(names.values()),
                              label=lambda label: names[str(label)]))  # fmt: skip
    return tuple(found)


def _papers_of_tobacco(data: Path) -> Readings:
    """Class folders of scanned pages; names are numbers with lines, and some with letters before them."""
    made, top = Builder(data), "Tobacco3482-jpg"
    kinds = ("ADVE", "Email", "Form", "Letter", "Memo", "News", "Note", "Report", "Resume", "Scientific")  # fmt: skip
    for place, label in enumerate(kinds):
        for k in range(5):
            name = (f"{504443 + k * 977 + place:010d}", f"{50603750 + k * 31 + place}-{3751 + k}", f"ti{16670389 + place}_{392 + k:04d}")[k % 3]  # fmt: skip
            write_grey(made, f"{top}/{label}/{name}.jpg", TrueSample((56, 40 + k), label))
    return (reading_of(made, LABELS, classes=kinds),)


PAPERS = ("account_number", "application_for_payment_of_pregnancy_medical_expenses", "car_dashboard", "confirmation_of_admission_and_discharge", "diagnosis", "driver_license", "medical_bill_receipts", "medical_outpatient_certificate", "national_id_card", "passport", "payment_confirmation", "pharmaceutical_receipt", "prescription", "resume", "statement_of_opinion", "vehicle_registration_certificate", "vehicle_registration_plate")  # fmt: skip


# AI Stages, document type classification: participants' READMEs and code.
def _papers_of_korea(data: Path) -> Readings:
    """Numbers of classes, whose names stand in another table."""
    made, cells, rows = Builder(data), list[list[str]](), Rows()
    classes = tuple(str(n) for n in range(17))
    for k in range(102):
        part, label = "train" if k < 68 else "test", classes[k * 5 % 17]
        name = f"{hex_name('paper', k, length=16)}.jpg"
        made.image(f"{part}/{name}", TrueSample((48, 36), label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"ID": "key", "target": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("meta.csv", ["target", "class_name"], [[str(n), one] for n, one in enumerate(PAPERS)])  # fmt: skip
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    plain = made.truth(LABELS, columns, rows, classes=classes)
    return plain, with_names_of_labels(plain, dict(zip(classes, PAPERS, strict=True)))


# Baidu 2018, shop signs: memory.
def _signs_of_shops(data: Path) -> Readings:
    """A text of a name and a number with a blank between, without a header; the names of test stand nowhere."""
    made, lines = Builder(data), list[str]()
    classes = tuple(str(n) for n in range(1, 11))
    for k in range(60):
        label, name = classes[k * 3 % 10], f"{hex_name('shop', k, length=40)}.jpg"
        write_photos(made, [f"datasets/train/{name}"], label, (36 + k % 5, 48))
        lines.append(f"{name} {label}")
    write_lines(made, "datasets/train.txt", lines)
    names = [f"{hex_name('shop', 'test', k, length=40)}.jpg" for k in range(16)]
    write_photos(made, [f"datasets/test/{one}" for one in names], None, (36, 48))
    return (reading_of(made, LABELS, test=in_folders("datasets/test"), classes=classes),)


def _scrolls(data: Path) -> LayoutTruth:
    """Three fragments of many slices each, with a mask of the ink and one of the fragment."""
    made, rows, codec, size = Builder(data), list[tuple[str, ...]](), Codec("C", 1), (40, 52)
    for part, names in {"train": "123", "test": "ab"}.items():
        for name in names:
            plane = draw_plane(made.random, size)
            first = f"{part}/{name}/surface_volume/00.tif"
            (made.train if part == "train" else made.test)[first] = TrueSample(
                size, planes=(plane,)
            )
            for depth in range(8):
                values = made.random.integers(0, 65535, size).astype(np.uint16)
                path = data / f"{part}/{name}/surface_volume/{depth:02d}.tif"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(values).save(path)
            whole = np.full(size, 255, dtype=np.uint8)
            whole[:3] = 0
            save_pixels(data / f"{part}/{name}/mask.png", whole)
            if part == "train":
                save_pixels(data / f"train/{name}/inklabels.png", plane.astype(np.uint8) * 255)
                save_pixels(data / f"train/{name}/ir.png",
                            made.random.integers(0, 255, size).astype(np.uint8))  # fmt: skip
                cells = [[name, codec.encode(plane)]]
                made.table(f"train/{name}/inklabels_rle.csv", ["Id", "Predicted"], cells)
            else:
                rows.append((name, codec.encode(plane)))
    made.table("sample_submission.csv", ["Id", "Predicted"], [[one, "1 1 5 1"] for one, _ in rows])
    columns = {"Id": "key", "Predicted": "rle"}
    return made.truth({"segment": "binary"}, columns, rows, mask_classes=[""])


def _dirty_documents(data: Path) -> LayoutTruth:
    """The answer is a picture; a row a pixel."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for number in range(16):
        part, size = "train" if number < 12 else "test", (12, 16 + 2 * (number % 2))
        plane = ~draw_plane(made.random, size)
        index = str(2 + 3 * number if part == "train" else 1 + 3 * (number - 12))
        grey = np.where(plane, 200, 30) + made.random.integers(0, 40, size)
        true = TrueSample(size, planes=(plane,))
        made.image(f"{part}/{index}.png", true, part=part, pixels=grey.astype(np.uint8))
        if part == "train":
            clean = np.where(plane, 255, 0).astype(np.uint8)
            clean[5, 5:8] = (90, 140, 221)
            save_pixels(data / f"train_cleaned/{index}.png", clean)
            continue
        for column in range(size[1]):
            for row in range(size[0]):
                rows.append((f"{index}_{row + 1}_{column + 1}", str(int(plane[row, column]))))
    made.table("sampleSubmission.csv", ["id", "value"], [[one, "1"] for one, _ in rows])
    return made.truth(
        {"segment": "binary"}, {"id": "key", "value": "number"}, rows, mask_classes=[""]
    )


def _forged_papers(data: Path) -> Readings:
    """Numbers for names, which begin again in test; masks as PNG of JPEGs in a folder beside; no table."""
    made, top = Builder(data), "s2_data/data"
    for k in range(1, 39):
        size = (40 + k % 5, 36 + k % 7)
        plane = draw_plane(made.random, size)
        made.image(f"{top}/train/{k}.jpg", TrueSample(size, planes=(plane,)), part="train")
        save_grey_mask(data / f"{top}/train_mask/{k}.png", plane)
    for k in range(1, 15):
        write_photos(made, [f"{top}/test/{k}.jpg"], None, (40 + k % 3, 38))
    return (reading_of(made, ONE_MASK, test=in_folders(f"{top}/test"), mask_classes=[""]),)


def _sentences(data: Path) -> Readings:
    """Five sentences an image."""
    made, lines = Builder(data), ["image,caption"]
    says = ("A child in a pink dress is climbing up a set of stairs in an entry way .", "A girl going into a wooden building .",
            '"A black dog , and a spotted dog are fighting"', "A man in a blue shirt is standing on a ladder .",
            "Two dogs of different breeds looking at each other on the road .")  # fmt: skip
    for k in range(20):
        name = f"{1000268201 + 5113 * k}_{hex_name('flickr', k)}.jpg"
        write_photos(made, [f"Images/{name}"], None)
        lines += [f"{name},{one[: 40 + k] if one[0] != chr(34) else one}" for one in says]
    write_lines(made, "captions.txt", lines)
    return (reading_of(made, {}),)


def _prompts(data: Path) -> Readings:
    """Seven images and their prompts in words; a number of a vector a row is sent; from memory of the data page."""
    made, cells = Builder(data), []
    texts = (
        "hyper realistic photo of very friendly and dystopian crater",
        "ramen carved out of fractal rose ebony, in the style of hudson river school",
        "ultrasaurus holding a black bean taco in the woods, near an identical cheneosaurus",
        "a thundering retro robot crane inks on parchment with a droopy french bulldog",
        "portrait painting of a shimmering greek hero, next to a loud frill-necked lizard",
        "an astronaut standing on a engaging white rose, in the midst of by ivory cherry blossoms",
        "Kaggle employee Phil at a donut shop ordering all the best donuts, with a speech bubble",
    )
    shown = []
    for k, text in enumerate(texts):
        name = hex_name("prompt", k, length=9)
        made.image(f"images/{name}.png", TrueSample((48, 48)), part="test")
        cells.append([name, text])
        shown += [[f"{name}_{n}", f"{((n * 37 + k) % 90 - 45) / 1000}"] for n in range(384)]
    made.table("prompts.csv", ["imgId", "prompt"], cells)
    made.table("sample_submission.csv", ["imgId_eId", "val"], shown)
    return (reading_of(made, {}),)


LAYOUTS = (
    DataSet("drivendata-hateful-memes", "memory", _memes, doubt="name of the sample"),
    DataSet("RVL-CDIP", "memory", _documents),
    DataSet("Tobacco3482", "memory", _papers_of_tobacco, has_test=False),
    DataSet("aistages-document-types", "code", _papers_of_korea),
    DataSet("baidu-shop-signs", "memory", _signs_of_shops),
    RealLayout("vesuvius-challenge-ink-detection", "page, code", _scrolls),
    RealLayout("denoising-dirty-documents", "page, code", _dirty_documents),
    DataSet("tianchi-tampered-documents", "code", _forged_papers),
    DataSet("Flickr8k", "memory", _sentences, refusal=r"\S"),
    DataSet("stable-diffusion-image-to-prompts", "memory", _prompts, refusal=ANY),
)
