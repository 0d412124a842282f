from __future__ import annotations

import pytest

from podium.cli.options import parse_duration, parse_integers, split_commas
from podium.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("45m", 2700),
        ("3h", 10800),
        ("1h30m", 5400),
        ("0.5h", 1800),
        (None, None),
    ],
)
def test_durations_are_read_as_people_write_them(text: str | None, seconds: float | None) -> None:
    assert parse_duration(text, "--max-time") == seconds


@pytest.mark.parametrize("text", ["", "3 hours", "h", "3hm", "-3h"])
def test_what_is_no_duration_is_refused_with_the_option_named(text: str) -> None:
    with pytest.raises(UsageError, match="--max-time"):
        parse_duration(text, "--max-time")


def test_folds_are_numbers_and_ranges_each_once() -> None:
    assert parse_integers("0,2-4,3", "--folds") == (0, 2, 3, 4)
    assert parse_integers(None, "--folds") is None


@pytest.mark.parametrize("text", ["a", "1.5", "-1", "0;1", "", " , ", "3-1"])
def test_what_is_no_number_is_refused_with_the_option_named(text: str) -> None:
    with pytest.raises(UsageError, match="--folds"):
        parse_integers(text, "--folds")


def test_words_drop_blanks() -> None:
    assert split_commas(" hflip, ,vflip,") == ("hflip", "vflip")
    assert split_commas(None) == ()
