"""Tables of facts on images, where the sample submission asks for what none of them has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

RIVERS, LENSES = ("Elbe", "Main", "Spree"), ("wide", "long")
N_TRAIN, N_TEST = 24, 6


def facts(data: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write photographs, a table with the river and the lens of each, and a sample submission."""
    for n in range(N_TRAIN):
        put(data / f"train/i{n}.png", n)
    for n in range(N_TEST):
        put(data / f"test/t{n}.png", 50 + n)
    known = [(f"i{n}.png", LENSES[n % 5 % 2], RIVERS[n % 7 % 3]) for n in range(N_TRAIN)]
    table(data / "photos.csv", ("photo", "lens", "river"), *known)
    table(data / "sample_submission.csv", header, *rows)


def test_facts_are_no_labels_where_the_rows_to_send_are_not_read(tmp_path: Path) -> None:
    rows = [(f"t{n}", f"{row}{k}", "0") for n in range(N_TEST) for row in "AB" for k in (1, 2)]
    facts(tmp_path / "data", ("photo", "well", "score"), rows)
    with pytest.raises(DataError, match=r"asks for 'well', 'score', with rows as t0,A1,0") as error:
        begin(tmp_path)
    assert "'river' of photos.csv is none" in str(error.value)
    assert "photo, well, score" in str(error.value.fix)
    assert "--label COLUMN" in str(error.value.fix)


def test_facts_are_no_labels_where_other_words_are_sent(tmp_path: Path) -> None:
    facts(tmp_path / "data", ("photo", "answer"), [(f"t{n}", "flood") for n in range(N_TEST)])
    with pytest.raises(DataError, match=r"asks for 'answer', with rows as t0,flood"):
        begin(tmp_path)


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (("photo", "river"), [(f"t{n}", "?") for n in range(N_TEST)]),
        (("photo", "answer"), [(f"t{n}", RIVERS[n % 3]) for n in range(N_TEST)]),
        (("photo", "answer"), [(f"t{n}", "0") for n in range(N_TEST)]),
        (("photo", "answer"), [(f"t{n}_river", "x") for n in range(N_TEST)]),
        (("photo", *RIVERS), [(f"t{n}", "0", "0", "1") for n in range(N_TEST)]),
    ],
    ids=["name", "values", "number", "ids", "columns"],
)
def test_a_label_that_the_sample_may_ask_for_is_taken_or_asked_about(
    tmp_path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    facts(tmp_path / "data", header, rows)
    competition, _ = begin(tmp_path)
    assert competition.data.train.label == "river"
