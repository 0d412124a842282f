"""Records at any depth of a JSON are rows of tables; lists beside each other are tables each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples

N_TRAIN, N_ALL = 20, 27
NAMES = [f"specimen-{n:03}.png" for n in range(N_ALL)]
LABELS = {name: ("moss", "fern", "lichen")[n % 3] for n, name in enumerate(NAMES[:N_TRAIN])}


def competition(root: Path, content: Any, *, column: str = "kind") -> dict[str, str]:
    """Write a competition with a JSON; return the labels of train as podium reads them."""
    rng = np.random.default_rng(3)
    data = root / "data"
    for n, name in enumerate(NAMES):
        file = data / ("photos" if n < N_TRAIN else "later") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(file)
    rows = [f"{name},moss" for name in NAMES[N_TRAIN:]]
    text = "\n".join([f"file,{column}", *rows]) + "\n"
    (data / "sample_submission.csv").write_text(text, encoding="utf-8")
    (data / "records.json").write_text(json.dumps(content), encoding="utf-8")
    found = infer(data, root).competition
    assert found.classes is not None
    assert sorted(found.classes) == ["fern", "lichen", "moss"]
    assert len(load_samples(found, "test")) == N_ALL - N_TRAIN
    train = load_samples(found, "train")
    labels = [found.classes[int(label)] for label in train["label"]]
    return dict(zip(map(str, train["id"]), labels, strict=True))


def deep(name: str, label: str) -> dict[str, Any]:
    return {"asset": {"file": {"name": name, "bytes": 90}}, "review": [{"kind": label}]}


CONTENTS: dict[str, Any] = {
    "records in records": {"version": 2, "records": [deep(*one) for one in LABELS.items()]},
    "records in a list of records": [deep(*one) for one in LABELS.items()],
    "labels by image, below": {"meta": {"by": "x"}, "labels": {"train": LABELS}},
    "records by image, below": {
        "export": {name: {"kind": label, "seen": 1} for name, label in LABELS.items()},
        "version": 2,
    },
    "a list for each part": {
        "train": [{"file": name, "kind": label} for name, label in LABELS.items()],
        "test": [{"file": name} for name in NAMES[N_TRAIN:]],
    },
}


@pytest.mark.parametrize("name", CONTENTS)
def test_records_that_name_images_are_found_at_any_depth(name: str, tmp_path: Path) -> None:
    assert competition(tmp_path, CONTENTS[name]) == LABELS


def test_numbers_of_classes_are_named_by_another_list(tmp_path: Path) -> None:
    kinds = ["moss", "fern", "lichen"]
    content = {
        "kinds": [{"id": n + 10, "name": one} for n, one in enumerate(kinds)],
        "images": [
            {"file": name, "kind_id": kinds.index(label) + 10} for name, label in LABELS.items()
        ],
    }
    assert competition(tmp_path, content) == LABELS
    table = pd.read_csv(tmp_path / "made/tables/records_kinds.csv")
    assert list(table["name"]) == kinds


@pytest.mark.parametrize("content", [{"annotations": [1, 2], "images": [{"a": 1}]}, [], {}, 7])
def test_a_json_of_something_else_is_left_alone(content: Any, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n, label in enumerate("abcabcabc"):
        file = data / "train" / label / f"{n}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(n).integers(0, 255, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(file)
    (data / "notes.json").write_text(json.dumps(content), encoding="utf-8")
    assert infer(data, tmp_path, has_test=False).competition.classes == ["a", "b", "c"]
