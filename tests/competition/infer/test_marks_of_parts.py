"""Two columns that mark rows to validate: those of the final part are to be predicted."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table


def insects(data: Path, first: str, final: str, *, both: bool = False) -> None:
    rows = []
    for n in range(32):
        put(data / f"photos/{n}.png", n)
        rows.append(
            (f"{n}.png", int(n % 4 == 2 or (both and n == 3)), int(n % 4 == 3), "ab"[n % 2])
        )
    table(data / "labels.csv", ("image", first, final, "label"), *rows)


@pytest.mark.parametrize("first", ["is_validation", "valid"])
def test_the_rows_of_the_final_validation_are_to_be_predicted(tmp_path: Path, first: str) -> None:
    insects(tmp_path / "data", first, "is_final_validation" if "_" in first else "final_valid")
    found, notes = begin(tmp_path)
    assert set(load_samples(found, "test")["id"]) == {f"{n}.png" for n in range(3, 32, 4)}
    assert len(load_samples(found, "train")) == 24
    assert "marks other rows, which are of train" in notes


@pytest.mark.parametrize(("final", "both"), [("is_final_validation", True), ("is_final", False)])
def test_marks_that_overlap_or_are_called_otherwise_part_nothing(
    tmp_path: Path, final: str, both: bool
) -> None:
    insects(tmp_path / "data", "is_validation", final, both=both)
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)


def marked(data: Path, marks: tuple[str, str, str], column: str = "split") -> None:
    """Write a table of all images: a third has verdicts, one is to be predicted, one is neither."""
    rows = []
    for n in range(36):
        put(data / f"tiles/t{n:02}.png", n)
        verdict = ("crack", "ok", "spatter")[n % 9 // 3] if n % 3 == 0 else ""
        rows.append((f"t{n:02}", ("L1", "L2")[n % 2], verdict, marks[n % 3]))
    table(data / "tiles.csv", ("tile", "line", "verdict", column), *rows)


def names(n_of: int, of: int = 3) -> set[str]:
    return {f"t{n:02}" for n in range(36) if n % of == n_of}


@pytest.mark.parametrize(
    "marks",
    [
        ("labelled", "quiz", "pool"),
        ("round 1", "to predict", "round 2"),
        ("done", "asked", "unlabelled"),
        ("train", "test", "unlabelled"),
    ],
)
def test_rows_without_an_answer_are_of_the_parts_that_their_words_tell(
    tmp_path: Path, marks: tuple[str, str, str]
) -> None:
    marked(tmp_path / "data", marks)
    found, _ = begin(tmp_path)
    parts = {one: set(load_samples(found, one)["id"]) for one in ("train", "test", "unlabelled")}
    assert parts == {"train": names(0), "test": names(1), "unlabelled": names(2)}
    assert found.data.train.label == "verdict"


def test_two_words_of_rows_without_an_answer_that_tell_nothing_part_nothing(
    tmp_path: Path,
) -> None:
    marked(tmp_path / "data", ("north", "south", "west"), "place")
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)


@pytest.mark.parametrize(("column", "is_read"), [("subset", True), ("place", False)])
def test_one_word_of_rows_without_an_answer_is_of_test_in_a_column_of_parts(
    tmp_path: Path, column: str, is_read: bool
) -> None:
    marked(tmp_path / "data", ("north", "south", "south"), column)
    if not is_read:
        with pytest.raises(DataError, match="no images to predict"):
            begin(tmp_path)
        return
    assert set(load_samples(begin(tmp_path)[0], "test")["id"]) == names(1) | names(2)


def rows_by_number(data: Path, first: int, *, numbers: str = "") -> dict[str, list[int]]:
    """Write a table of 30 images whose rows three lists part by number, from `first` on.

    With `numbers`, a column of that name has the numbers of the lists in another order.
    """
    parts: dict[str, list[int]] = {"train": [], "valid": [], "test": []}
    for n in range(30):
        parts["test" if n % 5 == 1 else "valid" if n % 5 == 3 else "train"].append(n)
        put(data / f"pictures/x{n * 7 + 100}.png", n)
    further = {numbers: [29 - n + first for n in range(30)]} if numbers else {}
    table(
        data / "facts.csv",
        ("file", "kind", *further),
        *(
            (f"x{n * 7 + 100}.png", "abc"[n % 3], *(cells[n] for cells in further.values()))
            for n in range(30)
        ),
    )
    for part, each in parts.items():
        table(data / f"{part}_rows.csv", ("number",), *((n + first,) for n in each))
    return parts


@pytest.mark.parametrize("first", [0, 1])
def test_lists_of_the_numbers_of_rows_part_a_table(tmp_path: Path, first: int) -> None:
    parts = rows_by_number(tmp_path / "data", first)
    found, notes = begin(tmp_path)
    test = load_samples(found, "test")["id"]
    assert list(test) == [f"x{n * 7 + 100}.png" for n in parts["test"]]
    train = load_samples(found, "train")
    labels = dict(zip(train["id"], train["label"].map(lambda n: found.classes[n]), strict=True))
    rest = sorted(parts["train"] + parts["valid"])
    assert labels == {f"x{n * 7 + 100}.png": "abc"[n % 3] for n in rest}
    assert f"by the row numbers, from {first}, in" in notes
    assert "not used" not in notes


def test_numbers_that_are_ids_of_other_rows_are_no_places(tmp_path: Path) -> None:
    rows_by_number(tmp_path / "data", 0, numbers="case")
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)


def test_numbers_that_are_not_of_all_rows_are_no_places(tmp_path: Path) -> None:
    rows_by_number(tmp_path / "data", 0)
    table(tmp_path / "data/valid_rows.csv", ("number",), (3,), (8,))
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)


def test_numbers_that_names_of_images_end_with_are_no_places(tmp_path: Path) -> None:
    data = tmp_path / "data"
    order = [n * 7 % 30 + 1 for n in range(30)]  # shuffled
    for n in order:
        put(data / f"images/IMG_{n:04}.png", n)
    table(data / "cases.csv", ("file", "kind"), *((f"IMG_{n:04}.png", "abc"[n % 3]) for n in order))
    table(data / "train_ids.csv", ("number",), *((n,) for n in range(1, 23)))
    table(data / "test_ids.csv", ("number",), *((n,) for n in range(23, 31)))
    try:
        found, notes = begin(tmp_path)
    except DataError:
        return
    assert "by the row numbers" not in notes
    ids = load_samples(found, "test")["id"]
    assert {int(one.removesuffix(".png")[-4:].removeprefix("IMG_")) for one in ids} == {
        *range(23, 31)
    }, notes
