"""Lists of images below a text that explains their columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put

HEAD = [
    "FILMS", "", "1st column: number of the film.", "2nd column:", "  Background: F G D",
    "3rd column: Class of abnormality: CIRC NORM", "",
]  # fmt: skip
KINDS = ("CIRC", "NORM", "SPIC")


def films(data: Path, head: list[str], lines: list[str]) -> None:
    for n in range(24):
        put(data / f"films/f{n:02}.png", n)
    for n in range(6):
        put(data / f"test/t{n}.png", 30 + n)
    (data / "films/Info.txt").write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")


def lines_of(n_films: int) -> list[str]:
    """Return a line a film, without the place of what is not there."""
    place = {"CIRC": " 530 412", "NORM": "", "SPIC": " 77 412"}
    kinds = [KINDS[n % 3] for n in range(n_films)]
    return [f"f{n:02} {'FGD'[n % 2]} {kind}{place[kind]}" for n, kind in enumerate(kinds)]


def test_a_list_below_its_explanation_has_the_columns_that_are_told(tmp_path: Path) -> None:
    lines = lines_of(24)
    films(tmp_path / "data", HEAD, [*lines, lines[3]])
    found, _ = begin(tmp_path)
    assert found.data.train.label == "Class of abnormality"
    samples = load_samples(found, "train")
    labels = {one: found.classes[k] for one, k in zip(samples["id"], samples["label"], strict=True)}
    assert labels == {f"f{n:02}": KINDS[n % 3] for n in range(24)}


@pytest.mark.parametrize("lines", [
    lines_of(23),  # an image without a line
    [*lines_of(24), "and so on"],  # a line of another kind
], ids=["too few", "text below"])  # fmt: skip
def test_a_text_that_lacks_an_image_or_goes_on_is_no_list(tmp_path: Path, lines: list[str]) -> None:
    films(tmp_path / "data", HEAD, lines)
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)
