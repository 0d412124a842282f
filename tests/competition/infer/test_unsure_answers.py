"""Lists of answers of which one is marked as unknown: a cell cannot say so, and a note tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N = 28, 34


def photos(data: Path, *cells: str) -> None:
    for n in range(N):
        put(data / "photos" / f"L{n:02}.png", n)
    rows = [(f"L{n:02}", cells[n % len(cells)]) for n in range(N_TRAIN)]
    table(data / "train.csv", ("photo", "animals"), *rows)
    sent = [(f"L{n:02}", cells[0]) for n in range(N_TRAIN, N)]
    table(data / "sample_submission.csv", ("photo", "animals"), *sent)


@pytest.mark.parametrize(
    ("cells", "marked"),
    [
        (("cat dog", "cat ?dog", "dog", "bird ?cat", "cat bird", "bird", "cat"), "'?cat', '?dog'"),
        (("cat;dog", "cat;unk", "dog", "bird;cat", "bird;unk", "cat", "dog;bird"), "'unk'"),
        (("cat;dog", "cat;unknown", "dog", "bird;cat", "bird", "cat", "dog;bird"), "'unknown'"),
    ],
)
def test_a_mark_of_an_unknown_answer_in_a_list_is_told(
    cells: tuple[str, ...], marked: str, tmp_path: Path
) -> None:
    photos(tmp_path / "data", *cells)
    _, notes = begin(tmp_path)
    assert f"cells of animals list {marked} beside other answers" in notes
    assert "cannot say that one answer is unknown" in notes


def test_plain_lists_have_no_such_note(tmp_path: Path) -> None:
    photos(tmp_path / "data", "cat dog", "cat", "dog", "bird cat", "bird", "dog bird", "cat bird")
    assert "is unknown" not in begin(tmp_path)[1]
