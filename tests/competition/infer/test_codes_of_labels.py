"""Cells of a letter, or a digit, for each label, and of a yes or no for each in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission

PLACES = range(4)
SETS = [one for k in range(4) for one in combinations(PLACES, k)]


def coded(
    root: Path, code: Callable[[Sequence[int]], str], text: str = "", sent: Sequence[int] = ()
) -> list[tuple[int, ...]]:
    """Write prints with their damages in a code; return these."""
    damages = [one for one in SETS for _ in range(2)]
    for n in range(len(damages) + 4):
        put(root / f"data/{'train' if n < len(damages) else 'test'}/p{n:02}.png", n)
    rows = ((f"p{n:02}", code(one)) for n, one in enumerate(damages))
    table(root / "data/train.csv", ("print", "damage"), *rows)
    to_send = ((f"p{n:02}", code(sent)) for n in range(len(damages), len(damages) + 4))
    table(root / "data/sample_submission.csv", ("print", "damage"), *to_send)
    if text:
        (root / "data/README.md").write_text(text)
    return damages


def is_read_and_sent(
    root: Path, code: Callable[[Sequence[int]], str], damages: Sequence[Sequence[int]]
) -> list[str]:
    """Assert that labels are read, and that a file has their cells again; return the classes."""
    found, _ = begin(root)
    assert (found.tasks, found.to_choose) == ({"classify": "multilabel"}, [])
    bits = np.array([[k in one for k in PLACES] for one in damages], dtype=np.uint8)
    assert np.array_equal(np.stack(list(load_samples(found, "train")["label"])), bits)
    ids = list(load_samples(found, "test")["id"])
    some = [0, 3, 11, 27]
    sent = write_submission(root / "sent.csv", found, ids, None, bits[some])
    assert check(sent, found) == []
    cells = [line.partition(",")[2] for line in sent.read_text().splitlines()]
    assert cells == ["damage", *(code(damages[n]) for n in some)]
    return list(found.classes)


def digits(places: Sequence[int]) -> str:
    return "".join(str(k + 1) for k in places) or "0"


def test_digits_of_labels_are_lists_of_them(tmp_path: Path) -> None:
    damages = coded(tmp_path, digits)
    assert is_read_and_sent(tmp_path, digits, damages) == ["1", "2", "3", "4"]


def test_digits_of_labels_are_numbers_where_a_text_scores_numbers(tmp_path: Path) -> None:
    coded(tmp_path, digits, "Evaluation: RMSE.")
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}


@pytest.mark.parametrize("cells", ["1 2 3 6 12 24 36", "1 2 3 10 11 12 13 21 23", "1 2 3 4 12 21"])
def test_numbers_are_no_digits_of_labels(tmp_path: Path, cells: str) -> None:
    values = cells.split()
    coded(tmp_path, lambda places: values[(sum(places) + 3 * len(places)) % len(values)])
    found, _ = begin(tmp_path)
    assert found.tasks != {"classify": "multilabel"}


LISTED = "In this order:\n\n1. tear\n2. mould (wet or dry)\n3. fold\n4. black stain\n\nF1 by class."


@pytest.mark.parametrize("signs", ["NY", "NO", "nj", "01", "-x", "FT", ".x"])
def test_a_yes_or_no_for_each_place_is_a_label_each(tmp_path: Path, signs: str) -> None:
    def flags(places: Sequence[int]) -> str:
        return "".join(signs[k in places] for k in PLACES)

    damages = coded(tmp_path, flags, LISTED)
    if signs == ".x":  # which of both is no mark in any language
        found, notes = begin(tmp_path)
        assert found.tasks == {"classify": "multiclass"}
        assert "4 letters, '.' or 'x', and is taken for the name of a class" in notes
        return
    names = is_read_and_sent(tmp_path, flags, damages)
    assert names == ["tear", "mould", "fold", "black stain"]


@pytest.mark.parametrize("text", ["", LISTED.replace("4. black stain\n", "")])
def test_places_that_no_list_names_are_called_by_their_numbers(tmp_path: Path, text: str) -> None:
    def flags(places: Sequence[int]) -> str:
        return "".join("NY"[k in places] for k in PLACES)

    names = is_read_and_sent(tmp_path, flags, coded(tmp_path, flags, text))
    assert names == [f"place {k}" for k in range(1, 5)]
    sent = tmp_path / "sent.csv"
    found, _ = begin(tmp_path)
    for wrong in ("YYY", "YYYX", "tear"):
        cells = sent.read_text().splitlines()
        broken = "\n".join([*cells[:2], cells[2].partition(",")[0] + f",{wrong}", *cells[3:]])
        (tmp_path / "wrong.csv").write_text(broken)
        (one,) = check(tmp_path / "wrong.csv", found)
        assert "has not N or Y for each class" in one.message
        assert one.line == 3


def test_one_yes_in_each_cell_is_a_class(tmp_path: Path) -> None:
    coded(tmp_path, lambda places: "".join("01"[k == sum(places) % 4] for k in PLACES), sent=(1,))
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "multiclass"}
