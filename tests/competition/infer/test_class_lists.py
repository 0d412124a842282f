"""The sign between the classes of a sample's cells, and the word for none, are read off them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.checks import Finding
from podium.competition.infer.classes.lists import read_class_lists
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from podium.workflows.checking import check_format

SHAPES = ["oval", "star", "fat cross"]
SETS = [tuple(code >> k & 1 for k in range(3)) for code in range(8)]
N_TRAIN = 24


def competition(tmp_path: Path, cells: Sequence[str], names: Sequence[str] = SHAPES) -> None:
    data = tmp_path / "data"
    for n in range(N_TRAIN + len(cells)):
        put(data / f"{'train' if n < N_TRAIN else 'test'}/{n}.png", n)
    rows = ((n, *SETS[n % 8]) for n in range(N_TRAIN))
    table(data / "train.csv", ("image", *names), *rows)
    to_send = ((N_TRAIN + n, f'"{cell}"' if "," in cell else cell) for n, cell in enumerate(cells))
    table(data / "sample_submission.csv", ("image", "shapes"), *to_send)


def joined(sep: str, none: str, names: Sequence[str] = SHAPES) -> list[str]:
    each = [[name for name, bit in zip(names, bits, strict=True) if bit] for bits in SETS]
    return [sep.join(names) or none for names in [*each, []]]


def findings(found: Competition) -> list[Finding]:
    return list(check_format(found))


@pytest.mark.parametrize(
    ("sep", "none"),
    [("+", "ninguna"), (" ", "none"), (", ", "nothing here"), (" & ", "-"), (" or ", "")],
)
def test_the_sign_and_the_word_for_none_are_those_of_the_sample(
    tmp_path: Path, sep: str, none: str
) -> None:
    names = [name.replace(" ", "_") for name in SHAPES] if sep == " " else SHAPES
    competition(tmp_path, joined(sep, none, names), names)
    found, notes = begin(tmp_path)
    assert (found.submission.sep, found.submission.empty) == (sep, none)
    assert found.to_choose == []
    assert "blank cell" not in notes
    assert findings(found) == []
    ids = list(load_samples(found, "test")["id"])
    sets = np.array([*SETS, SETS[0]], dtype=np.uint8)
    by_class = sets[:, [names.index(name) for name in found.classes]]
    sent = write_submission(tmp_path / "sent.csv", found, ids, None, by_class)
    assert check(sent, found) == []
    cells = [line.partition(",")[2].strip('"') for line in sent.read_text().splitlines()]
    assert cells == ["shapes", *joined(sep, none, names)]


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        (["oval+star", "none", "star"], "none"),  # one row: perhaps a class that train lacks
        (["none"] * 4, "none"),  # perhaps a placeholder
        (["oval+star", "none", "none", ""], "none"),
        (["oval+star", "none", "none", "square"], "none"),
    ],
    ids=["in one row", "in every row", "beside a blank cell", "beside another word"],
)
def test_a_word_that_may_be_something_else_is_a_choice(
    tmp_path: Path, cells: Sequence[str], word: str
) -> None:
    competition(tmp_path, cells)
    found, notes = begin(tmp_path)
    assert found.submission.empty == word
    assert "submission.empty" in found.to_choose
    assert "choose submission.empty" in notes


def test_names_alone_leave_the_sign_open_and_show_the_word(tmp_path: Path) -> None:
    competition(tmp_path, ["oval", "none", "star", "none"])
    found, _ = begin(tmp_path)
    assert found.to_choose == ["submission.sep"]
    assert found.submission.empty == "none"


def test_blank_cells_that_the_sample_never_has_get_a_note(tmp_path: Path) -> None:
    competition(tmp_path, ["oval+star", "fat cross", "star", "oval"])
    found, notes = begin(tmp_path)
    assert found.to_choose == []
    assert "an image without a class is written as a blank cell" in notes
    (one,) = findings(found)
    assert one.level == "note"
    assert "blank cell" in one.title
    assert "submission.empty" in one.fix
    competition(tmp_path, ["oval+star", "", "star", "oval"])
    found, notes = begin(tmp_path)
    assert "blank cell" not in notes
    assert findings(found) == []


def test_a_word_that_is_no_class_is_answered_with_the_keys(tmp_path: Path) -> None:
    competition(tmp_path, joined("+", "ninguna"))
    found, _ = begin(tmp_path)
    form = found.submission.model_copy(update={"empty": ""})
    (one,) = findings(found.model_copy(update={"submission": form}).at(tmp_path))
    assert "'ninguna'" in one.items[0]
    assert "sep ('+')" in one.fix
    assert "empty is the cell of an image without a class" in one.fix
    assert "blank cells are written now" in one.fix


def test_numbers_in_every_row_are_no_word_for_none(tmp_path: Path) -> None:
    for cell in ("0", "0 1 2", "0.5"):
        competition(tmp_path, [cell] * 4)
        found, _ = begin(tmp_path)
        assert found.submission.empty == ""
        assert "submission.empty" not in found.to_choose


def test_a_sign_fits_where_all_its_cells_are_classes() -> None:
    """A second cell that it stands in, and does not split, speaks against it."""
    assert read_class_lists(["a b", "a", "not any"], ["a", "b"]).sep == " "
    assert read_class_lists(["a b", "a", "not any", "no one"], ["a", "b"]).sep is None
    assert read_class_lists(["a-b-c", "a-b"], ["a-b", "c"]).sep is None
    mixed = read_class_lists(["a, b", "a, b", "a,b", "a"], ["a", "b"])
    assert (mixed.sep, mixed.words) == (None, ())
