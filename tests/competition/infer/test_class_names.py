"""Lists of classes that name the colours or values of masks, in tables, texts and JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from tests.competition.infer.test_odd_labels import begin, table
from tests.competition.infer.test_odd_masks import SIZE, box, photo, save

COLOURS = {"sky": (135, 206, 235), "grass": (0, 128, 0), "water": (0, 0, 255)}
HEX = {"sky": "#87ceeb", "grass": "#008000", "water": "#0000ff"}
PLANES = {}
for number in range(16):
    PLANES[f"{number:02}"] = np.zeros(SIZE, np.uint8)
    for value in (1, 2, 3):
        PLANES[f"{number:02}"][box(number + 1, shift=value)] = value


def coloured(data: Path, *, are_numbers: bool = False) -> None:
    """Write masks whose classes are named by their colours, and a sample with a row for each."""
    palette = np.array([(0, 0, 0), *COLOURS.values()], np.uint8)
    for number in range(20):
        photo(data / ("train" if number < 16 else "test") / f"{number:02}.png", number)
    for name, plane in PLANES.items():
        save(data / f"labels/{name}.png", plane if are_numbers else palette[plane])
    rows = [(f"{n}_{name}", "1 4") for n in range(16, 20) for name in COLOURS]
    table(data / "sample_submission.csv", ("id", "rle"), *rows)


def assert_named(tmp_path: Path) -> None:
    found, notes = begin(tmp_path)
    order = np.array([0, *(found.classes.index(name) + 1 for name in COLOURS)], np.uint8)
    samples = load_samples(found, "train")
    for name, mask in zip(samples["id"], truth_masks(found, samples), strict=True):
        assert mask is not None
        assert np.array_equal(mask, order[PLANES[name]])
    assert "mask_values" not in notes


@pytest.mark.parametrize("content", [
    COLOURS,
    HEX,
    {colour.upper().replace("#", "#"): name for name, colour in HEX.items()},
    {"classes": [{"name": name, "color": colour} for name, colour in COLOURS.items()]},
    [{"name": name, "hex": colour, "id": n} for n, (name, colour) in enumerate(HEX.items())],
])  # fmt: skip
def test_json_names_the_colours_of_masks(tmp_path: Path, content: Any) -> None:
    coloured(tmp_path / "data")
    (tmp_path / "data/legend.json").write_text(json.dumps(content))
    assert_named(tmp_path)


@pytest.mark.parametrize("content", [
    {"0": "background", "1": "sky", "2": "grass", "3": "water"},
    {"background": 0, "water": 3, "grass": 2, "sky": 1},
    {"labels": [{"value": n, "name": name} for n, name in enumerate(["background", *COLOURS])]},
    ["background", *COLOURS],
])  # fmt: skip
def test_json_names_the_numbers_of_masks(tmp_path: Path, content: Any) -> None:
    coloured(tmp_path / "data", are_numbers=True)
    # The rows of the sample are in another order than the numbers.
    rows = [(f"{n}_{name}", "1 4") for n in range(16, 20) for name in ("water", "sky", "grass")]
    table(tmp_path / "data/sample_submission.csv", ("id", "rle"), *rows)
    (tmp_path / "data/classes.json").write_text(json.dumps(content))
    assert_named(tmp_path)


@pytest.mark.parametrize("rows", [
    [("name", "color"), *((name, colour) for name, colour in HEX.items())],
    [("class", "rgb"), *((name, " ".join(map(str, c))) for name, c in COLOURS.items())],
])  # fmt: skip
def test_a_table_names_colours_in_one_column(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    coloured(tmp_path / "data")
    table(tmp_path / "data/legend.csv", *rows)
    assert_named(tmp_path)


def test_lines_name_colours_by_their_sixteen_signs(tmp_path: Path) -> None:
    coloured(tmp_path / "data")
    lines = [f"{name}: {colour}" for name, colour in HEX.items()]
    (tmp_path / "data/legend.txt").write_text("# colours\n" + "\n".join(lines) + "\n")
    assert_named(tmp_path)


def test_colours_that_nothing_names_are_a_question(tmp_path: Path) -> None:
    coloured(tmp_path / "data")
    # Of images, not of classes.
    (tmp_path / "data/facts.json").write_text(json.dumps({"00": [1, 2, 3], "01": [4, 5, 6]}))
    notes = begin(tmp_path)[1]
    assert "choose data.train.mask_values" in notes
    text = (tmp_path / "competition.yaml").read_text()
    truth = {f"'{colour}': {name}" for name, colour in HEX.items()}
    offered = [line for line in text.splitlines() if "mask_values: {" in line]
    assert any(all(one in line for one in truth) for line in offered)


def test_files_with_a_palette_each_are_read_by_their_colours(tmp_path: Path) -> None:
    coloured(tmp_path / "data")
    for number, file in enumerate(sorted((tmp_path / "data/labels").glob("*.png"))):
        # The same picture, with the places of its palette in another order in each file.
        order = np.random.default_rng(number).permutation(4)
        colours = np.array([(0, 0, 0), *COLOURS.values()], np.uint8)
        image = Image.fromarray(np.argsort(order).astype(np.uint8)[PLANES[file.stem]], "P")
        image.putpalette(colours[order].ravel().tolist())
        image.save(file)
    (tmp_path / "data/legend.json").write_text(json.dumps(COLOURS))
    assert_named(tmp_path)


def test_the_colours_of_one_palette_are_named_by_a_legend(tmp_path: Path) -> None:
    coloured(tmp_path / "data")
    for file in (tmp_path / "data/labels").glob("*.png"):
        image = Image.fromarray(PLANES[file.stem], "P")
        image.putpalette([0, 0, 0, *(one for colour in COLOURS.values() for one in colour)])
        image.save(file)
    (tmp_path / "data/legend.json").write_text(json.dumps(COLOURS))
    assert_named(tmp_path)


@pytest.mark.parametrize(("file", "head"), [
    ("legende.csv", ("rouge", "vert", "bleu", "nom", "remarque")),
    ("leyenda.csv", ("c1", "c2", "c3", "etiqueta", "nota")),
])  # fmt: skip
def test_a_legend_in_another_language_names_the_colours(
    tmp_path: Path, file: str, head: tuple[str, ...]
) -> None:
    coloured(tmp_path / "data")
    rows = [(*colour, name, "") for name, colour in COLOURS.items()]
    table(tmp_path / "data" / file, head, *rows)
    assert_named(tmp_path)


@pytest.mark.parametrize("file", ["legende.csv", "klassen.csv"])
def test_a_list_in_another_language_names_the_numbers(tmp_path: Path, file: str) -> None:
    coloured(tmp_path / "data", are_numbers=True)
    rows = enumerate(["background", *COLOURS])
    table(tmp_path / "data" / file, ("code", "bezeichnung"), *rows)
    assert_named(tmp_path)


@pytest.mark.parametrize(("line", "is_told"), [
    ("   - rock dove  =  feral pigeon", True),
    ("`feral pigeon` ≡ `rock dove`.", True),
    ("rock dove = 1", False),
    ("rock dove, feral pigeon = birds of towns", False),
])  # fmt: skip
def test_classes_that_a_text_sets_equal_are_noted(tmp_path: Path, line: str, is_told: bool) -> None:
    data = tmp_path / "data"
    for number in range(24):
        name = ("rock dove", "feral pigeon", "jay")[number % 3]
        photo(data / f"train/{name}/{number:02}.png", number)
    for number in range(24, 30):
        photo(data / f"test/{number:02}.png", number)
    (data / "rules.txt").write_text(f"Birds.\n\n{line}\n\nThe score is the log loss.\n", "utf-8")
    found, notes = begin(tmp_path)
    assert sorted(found.classes) == ["feral pigeon", "jay", "rock dove"]
    told = "'feral pigeon', 'rock dove' are learnt as 2 classes"
    assert (told in notes) == is_told
    assert (f"rules.txt says {line.strip()!r}" in notes) == is_told
