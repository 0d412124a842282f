"""Cells with a letter for each label are lists without a sign; names of few letters are classes."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from podium.competition.infer.spec import Inferred, infer
from podium.errors import PodiumError
from podium.submissions.format.spec import format_of
from podium.submissions.values.labels import VALUE
from tests.competition.infer.test_odd_masks import photo, text

LETTERS = "DMPT"
CODES = ["".join(one) for n in (1, 2, 3) for one in combinations(LETTERS, n)]


def host(root: Path, cells: list[str], sent: str, column: str = "state") -> Inferred:
    data = root / "data"
    for number in range(len(cells)):
        photo(data / "train" / f"E{number:03}.png", number, (8, 8))
    for number in range(4):
        photo(data / "test" / f"T{number}.png", number, (8, 8))
    rows = (f"E{number:03},{cell}" for number, cell in enumerate(cells))
    text(data / "train.csv", f"sheet,{column}", *rows)
    text(data / "sample_submission.csv", f"sheet,{column}", *(f"T{n},{sent}" for n in range(4)))
    return infer(data, root)


def test_each_letter_is_a_label(tmp_path: Path) -> None:
    cells = [*CODES, "none"] * 3
    competition = host(tmp_path, cells, "none").competition
    assert competition.tasks == {"classify": "multilabel"}
    assert competition.classes == list(LETTERS)
    assert (competition.submission.sep, competition.submission.empty) == ("", "none")
    made = pd.read_csv(tmp_path / str(competition.data.train.table), dtype=str)
    for cell, row in zip(cells, made[list(LETTERS)].to_numpy().tolist(), strict=True):
        letters = "" if cell == "none" else cell
        assert row == [str(int(one in letters)) for one in LETTERS]


def test_letters_have_the_order_of_the_codes(tmp_path: Path) -> None:
    cells = [code[::-1] for code in CODES] * 3
    competition = host(tmp_path, cells, "TD").competition
    assert competition.classes == list(reversed(LETTERS))


@pytest.mark.parametrize(
    "values",
    [
        ["A", "B", "AB", "0"],  # blood groups
        ["I", "II", "III", "IV", "V"],  # a letter twice
        ["A", "B", "C", "AB", "BA", "CB"],  # orders that contradict each other
        ["N", "S", "E", "W", "NE", "SE"],  # fewer codes than letters
    ],
)
def test_names_of_few_letters_are_classes(tmp_path: Path, values: list[str]) -> None:
    competition = host(tmp_path, values * 6, values[0]).competition
    assert competition.tasks == {"classify": "multiclass"}
    assert sorted(competition.classes) == sorted(values)


def test_a_cell_to_send_has_letters_without_a_sign(tmp_path: Path) -> None:
    competition = host(tmp_path, [*CODES, "none"] * 3, "none").competition
    form = format_of(competition)
    write, read = VALUE.writer(form), VALUE.parser(form)
    for number in range(2 ** len(LETTERS)):
        row = [number >> place & 1 for place in range(len(LETTERS))]
        cell = "".join(one for one, is_on in zip(LETTERS, row, strict=True) if is_on) or "none"
        assert write(row) == cell
        assert list(read(cell)) == row


def test_classes_of_several_letters_need_a_sign(tmp_path: Path) -> None:
    competition = host(tmp_path, [*CODES, "none"] * 3, "none").competition
    submission = competition.submission.model_copy(update={"value": "labels"})
    longer = competition.model_copy(
        update={"classes": ["D", "M", "P", "tear"], "submission": submission}
    )
    with pytest.raises(PodiumError, match="one letter each"):
        format_of(longer)
