"""Classes of masks that files to send lack are background, or it is asked which are scored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from podium.competition.infer.readme.scored_classes import readme_numbers_of_classes
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import Inferred, infer

COLOURS = {"lawn": (0, 160, 60), "path": (128, 96, 64), "rose": (192, 0, 128), "tulip": (224, 9, 9)}
CODES = {name: "#{:02x}{:02x}{:02x}".format(*colour) for name, colour in COLOURS.items()}
TABLE = "| class | R | G | B |\n|---|---|---|---|\n" + "".join(
    f"| {name} | {r} | {g} | {b} |\n" for name, (r, g, b) in COLOURS.items()
)


def garden(root: Path, text: str, *, sent: Any = None, rows: tuple[str, ...] = ()) -> Inferred:
    """Return what is read of masks of four colours, with records or rows of a file to send."""
    for folder in ("train/images", "train/masks", "test"):
        (root / "data" / folder).mkdir(parents=True)
    for n in range(6):
        image = Image.fromarray(np.full((24, 24, 3), 40 * n, np.uint8))
        image.save(root / "data/train/images" / f"s{n}.png")
        image.save(root / "data/test" / f"t{n}.png")
        mask = np.full((24, 24, 3), COLOURS["lawn"], np.uint8)
        mask[:4], mask[6 : 8 + n, 3:8] = COLOURS["path"], COLOURS["rose"]
        mask[20:22, 4 : 6 + n] = COLOURS["tulip"]
        Image.fromarray(mask).save(root / "data/train/masks" / f"s{n}.png")
    if sent is not None:
        (root / "data/sample_submission.json").write_text(json.dumps(sent))
    if rows:
        lines = [f"t{n}_{name},1 3" for n in range(6) for name in rows]
        (root / "data/sample_submission.csv").write_text("\n".join(["id,rle", *lines]) + "\n")
    (root / "data/README.md").write_text(f"{TABLE}\n{text}\n", encoding="utf-8")
    return infer(root / "data", root)


def records(*names: str) -> dict[str, Any]:
    shown = {name: {"5": [[2, 6], [9, 9]]} for name in names}
    return {f"t{n}.png": shown if n < 5 else {} for n in range(6)}


def document(found: Inferred) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(found.text)
    return read


def values(*kept: str) -> dict[str, str]:
    return {code: name if name in kept else "background" for name, code in CODES.items()}


def drawn(written: dict[str, Any]) -> dict[str, str]:
    read: dict[str, str] = written["data"]["train"]["mask_values"]
    return {code: name for code, name in read.items() if code in CODES.values()}


def test_classes_that_records_lack_are_background_where_a_text_tells_as_many(
    tmp_path: Path,
) -> None:
    found = garden(tmp_path, "Score: mean IoU over the 2 classes.", sent=records("tulip", "rose"))
    written = document(found)
    assert written["classes"] == ["rose", "tulip"]
    assert drawn(written) == values("rose", "tulip")
    assert not {"classes", "data.train.mask_values"} & {*written.get("to_choose", ())}
    assert any("the pixels of 'lawn', 'path' are background" in one for one in found.notes)


def test_all_classes_are_another_reading_where_no_text_tells_how_many(tmp_path: Path) -> None:
    found = garden(tmp_path, "Score: mean IoU.", sent=records("rose", "tulip"))
    written = document(found)
    assert written["classes"] == ["rose", "tulip"]
    assert {"classes", "data.train.mask_values"} <= {*written["to_choose"]}
    assert "# or classes: [lawn, path, rose, tulip]" in found.text


def test_records_in_records_are_no_sample_and_it_is_told(tmp_path: Path) -> None:
    found = garden(tmp_path, "Score: mean IoU.", sent=records(*COLOURS))
    written = document(found)
    assert written["classes"] == [*COLOURS]
    assert "sample" not in written["submission"]
    assert written["submission"]["columns"] == {"id": "id", "rle": "value"}
    told = "records in records, as sample_submission.json is, and podium cannot write such yet"
    assert any(told in one for one in found.notes)
    assert not any(one.path.startswith("made/tables/sample") for one in found.made)


def test_classes_without_rows_in_the_sample_are_background(tmp_path: Path) -> None:
    written = document(garden(tmp_path, "Score: mean IoU.", rows=("rose", "tulip")))
    assert written["classes"] == ["rose", "tulip"]
    assert drawn(written) == values("rose", "tulip")


@pytest.mark.parametrize("n", [3, 4])
def test_it_is_asked_which_classes_are_scored_where_a_text_tells_fewer(
    tmp_path: Path, n: int
) -> None:
    found = garden(tmp_path, f"The score is the mean IoU over the {n} classes.")
    written = document(found)
    assert written["classes"] == [*COLOURS]
    assert ("classes" in written.get("to_choose", ())) == (n == 3)
    assert ("<the 3 classes that are scored>" in found.text) == (n == 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mean IoU over the 3 classes.", [3]),
        ("The mIoU of the three scored classes.", [3]),
        ("和集合で割ってIoUを求め、3カテゴリの単純平均(mean IoU)をスコアとします。", [3]),
        ("评价指标为3个类别的平均IoU。", [3]),
        ("Mittlerer IoU der 12 Klassen.", [12]),
        ("The masks show 3 classes.", []),
        ("Mean IoU, at 0.3 classes.", []),
        ("The mean IoU over all classes.", []),
    ],
)
def test_a_sentence_on_scoring_tells_how_many_classes_there_are(
    tmp_path: Path, text: str, expected: list[int]
) -> None:
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    found = readme_numbers_of_classes(scan_folder(tmp_path, "data"))
    assert [one.n for one in found] == expected
