"""Competitions whose answer is a label, a number or a list of labels."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from dicom_files import dicom_bytes
from miniatures import save, write_table
from numpy.typing import NDArray

from competition_miniatures.made import Made, hex_name

__all__ = ["aptos", "cassava", "human_protein_atlas", "humpback_whale", "rsna_breast"]

SIDE = 24
DISEASES = ("CBB", "CBSD", "CGM", "CMD", "Healthy")


def rsna_breast(data: Path) -> Made:
    """DICOM files in a folder a patient; a breast is several views, and a row of the submission."""
    rng = np.random.default_rng(121)
    header = ["site_id", "patient_id", "image_id", "laterality", "view", "age"]
    rows: dict[str, list[list[str]]] = {"train": [], "test": []}
    truth, number = {}, 462822612
    for patient in range(40):
        part, name = ("train", str(10006 + 5 * patient)) if patient < 28 else ("test", "")
        name = name or str(10008 + 7 * patient)
        for place, side in enumerate("LR"):
            has_cancer = int((patient + place) % 3 == 0)
            for view in ("CC", "MLO", "CC")[: 2 + patient % 2]:
                number += 37
                path = data / f"{part}_images/{name}/{number}.dcm"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(_mammogram(has_cancer, is_inverse=patient % 2 == 1, rng=rng))
                about = [str(1 + patient % 2), name, str(number), side, view, "61.0"]
                if part == "train":
                    rows[part].append([*about, str(has_cancer), "0", "29"])
                else:
                    rows[part].append([*about, "29", f"{name}_{side}"])
            if part == "test":
                truth[f"{name}_{side}"] = has_cancer
    write_table(data / "train.csv", [*header, "cancer", "implant", "machine_id"], rows["train"])
    write_table(data / "test.csv", [*header, "machine_id", "prediction_id"], rows["test"])
    sample = [[breast, "0.021168418"] for breast in truth]
    write_table(data / "sample_submission.csv", ["prediction_id", "cancer"], sample)
    return Made(data, truth)


def aptos(data: Path) -> Made:
    """Five ratings, half of them 0; a table of the test images, too."""
    rng = np.random.default_rng(122)
    ratings = [0, 2, 0, 1, 0, 3, 0, 2, 0, 4]
    rows = []
    for number in range(60):
        name, rating = hex_name("eye", number, length=12), ratings[number % 10]
        save(data / f"train_images/{name}.png", _eye(rating, rng))
        rows.append([name, str(rating)])
    truth = {}
    for number in range(20):
        name = hex_name("eye test", number, length=12)
        truth[name] = ratings[number % 10]
        save(data / f"test_images/{name}.png", _eye(truth[name], rng))
    write_table(data / "train.csv", ["id_code", "diagnosis"], rows)
    write_table(data / "test.csv", ["id_code"], [[name] for name in truth])
    write_table(data / "sample_submission.csv", ["id_code", "diagnosis"], [[n, "0"] for n in truth])
    return Made(data, truth)


def cassava(data: Path) -> Made:
    """Ids with their extension, classes as numbers whose names a JSON file has, TFRecords beside.

    Most leaves have class 3.
    """
    rng = np.random.default_rng(123)
    labels = [3, 0, 3, 1, 3, 2, 3, 4]
    rows, truth = [], {}
    for number in range(64):
        name = f"{1000015157 + 7919 * number}.jpg"
        save(data / f"train_images/{name}", _leaf(labels[number % 8], rng))
        rows.append([name, str(labels[number % 8])])
    for number in range(16):
        name = f"{2216849948 + 104729 * number}.jpg"
        truth[name] = labels[number % 8]
        save(data / f"test_images/{name}", _leaf(truth[name], rng))
    write_table(data / "train.csv", ["image_id", "label"], rows)
    write_table(data / "sample_submission.csv", ["image_id", "label"], [[n, "4"] for n in truth])
    names = {str(number): disease for number, disease in enumerate(DISEASES)}
    (data / "label_num_to_disease_map.json").write_text(json.dumps(names))
    for part in ("train", "test"):
        (data / f"{part}_tfrecords").mkdir()
        (data / f"{part}_tfrecords/ld_{part}00-1338.tfrec").write_bytes(b"\0\1\2")
    return Made(data, truth)


def human_protein_atlas(data: Path) -> Made:
    """Four grey PNGs a sample, `<uuid>_red.png` …; lists of 28 labels, some of them very rare."""
    rng = np.random.default_rng(124)
    rows, truth = [], {}
    for number in range(96):
        name, labels = _uuid("cells", number), _places(number)
        _save_cell(data / "train", name, labels, rng)
        rows.append([name, " ".join(str(label) for label in labels)])
    for number in range(24):
        name = _uuid("cells test", number)
        truth[name] = {label for label in _places(number) if label < 4}
        _save_cell(data / "test", name, sorted(truth[name]), rng)
    write_table(data / "train.csv", ["Id", "Target"], rows)
    write_table(data / "sample_submission.csv", ["Id", "Predicted"], [[n, "0"] for n in truth])
    return Made(data, truth)


def humpback_whale(data: Path) -> Made:
    """Whales of which most were seen once or twice, and `new_whale`, which is none of them."""
    rng = np.random.default_rng(125)
    known = [f"w_{hex_name('whale', number, length=7)}" for number in range(6)]
    rows, truth = [], {}
    # The first three were seen ten times each, one twice, two once; twelve images are of others.
    seen = [whale for whale in known[:3] for _ in range(10)] + [known[3]] * 2 + known[4:]
    for number, whale in enumerate([*seen, *["new_whale"] * 12]):
        name = f"{hex_name('fluke', number, length=8)}.jpg"
        place = known.index(whale) if whale in known else 6 + number % 3
        save(data / f"train/{name}", _fluke(place, rng))
        rows.append([name, whale])
    for number in range(12):
        name = f"{hex_name('fluke test', number, length=8)}.jpg"
        truth[name] = known[number % 4] if number % 4 < 3 else "new_whale"
        place = known.index(truth[name]) if truth[name] in known else 6 + number % 3
        save(data / f"test/{name}", _fluke(place, rng))
    write_table(data / "train.csv", ["Image", "Id"], rows)
    shown = "new_whale w_23a388d w_9b5109b w_9c506f6 w_0369a5c"
    write_table(data / "sample_submission.csv", ["Image", "Id"], [[name, shown] for name in truth])
    return Made(data, truth, tuple(sorted(known)))


def _mammogram(has_cancer: int, *, is_inverse: bool, rng: np.random.Generator) -> bytes:
    """Return a grey DICOM file of 12 bits; of every second machine white is low."""
    size = (32, 24) if is_inverse else (28, 26)
    grey = rng.integers(200, 1200, size)
    if has_cancer:
        top, left = rng.integers(4, 14, 2)
        grey[top : top + 8, left : left + 8] = 3800
    photometric = "MONOCHROME1" if is_inverse else "MONOCHROME2"
    grey = 4095 - grey if is_inverse else grey
    tags = {"PhotometricInterpretation": photometric, "BitsStored": 12, "HighBit": 11}
    window = {"WindowCenter": "2047", "WindowWidth": "4096"}
    return dicom_bytes(grey.astype(np.uint16), **tags, **window)


def _eye(rating: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return an image whose brightness grows with the rating."""
    image = rng.integers(20, 50, (SIDE, SIDE + 4, 3)) + 45 * rating
    return image.astype(np.uint8)


def _leaf(label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return an image with a square in the colour of the class."""
    colours = ((230, 40, 40), (40, 40, 230), (230, 220, 40), (40, 220, 40), (220, 40, 220))
    image = rng.integers(60, 110, (SIDE, SIDE + 8, 3)).astype(np.uint8)
    top, left = rng.integers(0, 10, 2)
    image[top : top + 14, left : left + 14] = colours[label]
    return image


def _uuid(*parts: object) -> str:
    return str(uuid.UUID(hex_name(*parts, length=32)))


def _places(number: int) -> list[int]:
    """Return between one and four of the first four labels; every fourth cell has a rare one."""
    chosen = [label for bit, label in enumerate((0, 1, 2, 3)) if (number * 7 + 5) >> bit & 1]
    rare = [4 + number // 4 % 24] if number % 4 == 0 else []
    return [*(chosen or [number % 4]), *rare]


def _save_cell(folder: Path, name: str, labels: Sequence[int], rng: np.random.Generator) -> None:
    """Write four grey files; a label lights up a quarter of the file of a colour."""
    for place, colour in enumerate(("red", "green", "blue", "yellow")):
        grey = rng.integers(0, 60, (SIDE, SIDE))
        if place in labels:
            grey[4:20, 4:20] += 150
        save(folder / f"{name}_{colour}.png", grey.astype(np.uint8))


def _fluke(place: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return an image in the colours of a whale; some files are grey, as real ones are."""
    colours = np.random.default_rng(place).integers(20, 230, (4, 3))
    image = np.kron(colours.reshape(2, 2, 3), np.ones((SIDE // 2, SIDE // 2, 1), dtype=int))
    return (image + rng.integers(0, 25, image.shape)).clip(0, 255).astype(np.uint8)
