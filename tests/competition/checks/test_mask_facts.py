"""Facts of masks: counted right, read once, and read again when anything that matters changes."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mask_miniatures
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.checks import mask_facts
from podium.competition.checks.mask_facts import MaskFacts, list_mask_facts, read_mask_facts
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.workspace.layout import Workspace


def spec_of(root: Path, kind: str, **train: Any) -> Competition:
    fields = {
        "name": "tiny",
        "tasks": {"segment": kind},
        "classes": [] if kind == "binary" else ["coat", "dress"],
        "data": {
            "train": {"images": "i/*.png", "mask": "m/{id}.png", **train},
            "test": {"images": "t/*.png"},
        },
        "metric": {"name": "mean_dice"},
    }
    return Competition.model_validate(fields).at(root)


def write(root: Path, **masks: list[list[int]]) -> None:
    for name, pixels in masks.items():
        for folder in ("i", "m"):
            (root / folder).mkdir(exist_ok=True)
        array = np.array(pixels, dtype=np.uint8)
        Image.fromarray(array).save(root / f"m/{name}.png")
        Image.fromarray(np.stack([array] * 3, axis=-1)).save(root / f"i/{name}.png")


def read(root: Path, kind: str, **train: Any) -> MaskFacts:
    spec = spec_of(root, kind, **train)
    return read_mask_facts(Workspace(root), spec, load_samples(spec, "train"))


def test_facts_of_a_mask_counted_by_hand(tmp_path: Path) -> None:
    write(tmp_path, a=[[0, 1, 2], [2, 2, 9]], b=[[0], [0]], c=[[9, 9]])
    facts = read(tmp_path, "multiclass", ignore=9)
    assert facts.present.tolist() == [True] * 3
    assert facts.sizes.tolist() == [[2, 3], [2, 1], [1, 2]]
    assert facts.pixels.tolist() == [[1, 3], [0, 0], [0, 0]]
    assert facts.unknown.tolist() == [1, 0, 2]
    np.testing.assert_array_equal(facts.coverage, [4 / 5, 0, np.nan])
    assert facts.has_class.tolist() == [[1, 1], [0, 0], [0, 0]]
    assert facts.has_class.dtype == np.uint8
    each = read(tmp_path, "multilabel", ignore=9)
    for name in ("sizes", "pixels", "unknown", "coverage", "has_class"):
        np.testing.assert_array_equal(getattr(each, name), getattr(facts, name))


def test_a_pixel_of_two_classes_is_foreground_once(tmp_path: Path) -> None:
    write(tmp_path, a=[[0, 0, 0, 0]])
    (tmp_path / "r.csv").write_text("id,c,r\na,coat,1 2\na,dress,2 2\n")
    table = {"table": "r.csv", "id": "id", "rle": "r", "label": "c"}
    facts = read(tmp_path, "multilabel", mask=table)
    assert facts.pixels.tolist() == [[2, 2]]
    assert facts.coverage.tolist() == [3 / 4]


def test_a_sample_without_a_mask_has_a_size_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, a=[[1, 0]], b=[[1, 0, 0]])
    spec = spec_of(tmp_path, "binary")
    samples = load_samples(spec, "train")
    samples.loc[1, "mask"] = None
    facts = read_mask_facts(Workspace(tmp_path), spec, samples)
    assert facts.present.tolist() == [True, False]
    assert facts.sizes.tolist() == [[1, 2], [1, 3]]
    assert facts.pixels.tolist() == [[1], [0]]
    np.testing.assert_array_equal(facts.coverage, [0.5, np.nan])


@pytest.mark.parametrize("layout", ["pictures_and_masks", "defects", "salt", "tissue"])
def test_facts_are_those_of_the_masks_themselves(layout: str, tmp_path: Path) -> None:
    made = getattr(mask_miniatures, layout)(tmp_path / "data")
    spec = Competition.model_validate(made.spec).at(tmp_path)
    samples = load_samples(spec, "train")
    facts = read_mask_facts(Workspace(tmp_path), spec, samples)
    for row, mask in enumerate(truth_masks(spec, samples)):
        assert facts.present[row] == (mask is not None)
        if mask is not None:
            is_any = mask.any(axis=-1) if mask.ndim == 3 else mask > 0
            assert facts.coverage[row] == is_any.mean()
            assert tuple(facts.sizes[row]) == mask.shape[:2]


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that masks are read from, as they are read."""
    seen: list[str] = []
    original: Callable[..., Any] = mask_facts.read_mask

    def counting(ref: Any, *args: Any, **options: Any) -> Any:
        seen.append(ref.files[0])
        return original(ref, *args, **options)

    monkeypatch.setattr(mask_facts, "read_mask", counting)
    return seen


def test_a_mask_is_read_once_until_it_or_its_image_or_its_reading_changes(
    tmp_path: Path, readings: list[str]
) -> None:
    write(tmp_path, a=[[0, 1]], b=[[1, 1]])
    first = read(tmp_path, "multiclass")
    assert sorted(readings) == ["m/a.png", "m/b.png"]
    again = read(tmp_path, "multiclass")
    assert len(readings) == 2
    np.testing.assert_array_equal(again.pixels, first.pixels)
    np.testing.assert_array_equal(again.sizes, first.sizes)
    write(tmp_path, b=[[1, 2, 2]])
    assert read(tmp_path, "multiclass").pixels.tolist() == [[1, 0], [1, 2]]
    assert readings[2:] == ["m/b.png"]
    read(tmp_path, "multiclass", mask_values={0: "background", 1: "dress", 2: "coat"})
    assert len(readings) == 5
    Image.new("RGB", (3, 1), "red").save(tmp_path / "i/a.png")
    with pytest.raises(DataError, match=r"a\.png: the mask is 1 × 2, its image 1 × 3"):
        read(tmp_path, "multiclass")


def test_broken_masks_are_counted_and_tried_again(tmp_path: Path, readings: list[str]) -> None:
    write(tmp_path, a=[[0, 1]], b=[[7, 1]], c=[[0, 8]])
    with pytest.raises(DataError, match=r"b\.png: 2 of 3 masks cannot be used: .* 7 \(1 pixel\)"):
        read(tmp_path, "multiclass")
    spec = spec_of(tmp_path, "multiclass")
    each = list_mask_facts(Workspace(tmp_path), spec, load_samples(spec, "train"))
    assert [fact.error is not None for fact in each] == [False, True, True]
    assert readings.count("m/a.png") == 1
    write(tmp_path, b=[[2, 1]], c=[[0, 0]])
    assert read(tmp_path, "multiclass").present.all()


@pytest.mark.parametrize("content", [b"", b"no database", b"wrong table"])
def test_a_damaged_cache_costs_time_and_nothing_else(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, a=[[0, 1]])
    expected = read(tmp_path, "binary").pixels
    file = Workspace(tmp_path).cache / "mask_facts.db"
    file.unlink()
    if content == b"wrong table":
        connection = sqlite3.connect(file)
        connection.execute("CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT)")
        connection.execute("INSERT INTO fact VALUES ('x', 'no json')")
        connection.commit()
        connection.close()
    else:
        file.write_bytes(content)
    for _ in range(2):
        np.testing.assert_array_equal(read(tmp_path, "binary").pixels, expected)
    assert "are not cached" in caplog.text
    # What cannot be mended was made anew, and holds the fact of the one mask.
    with contextlib.closing(sqlite3.connect(file)) as connection:
        keys = connection.execute("SELECT key FROM fact").fetchall()
    assert len(keys) == 1
    assert keys != [("x",)]


def test_no_samples_have_no_facts(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, "multiclass")
    none = pd.DataFrame({"mask": [], "images": [], "id": []})
    facts = read_mask_facts(Workspace(tmp_path), spec, none)
    assert facts.pixels.shape == (0, 2)
    assert facts.sizes.shape == (0, 2)


def test_an_unlabelled_mask_gives_no_label(tmp_path: Path) -> None:
    write(tmp_path, a=[[0, 1]], b=[[0, 0]], c=[[9, 9]], d=[[9, 0]])
    spec = spec_of(tmp_path, "binary", ignore=9)
    spec = spec.model_copy(
        update={"tasks": {"classify": image_kind("binary"), "segment": pixel_kind("binary")}}
    )
    assert load_samples(spec.at(tmp_path), "train")["label"].tolist() == [1, 0, None, 0]
