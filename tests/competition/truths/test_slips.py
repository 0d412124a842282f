"""A class of a row or two, one letter from a class of many, is likely misspelt."""

from __future__ import annotations

import pytest

from podium.competition.truths.slips import near_classes


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("oka", "oak"),  # two letters turned
        ("oakk", "oak"),
        ("wilow", "willow"),
        ("wollow", "Willow"),
        ("sea loin", "sea lion"),
    ],
)
def test_a_letter_more_less_other_or_turned_is_a_slip(name: str, other: str) -> None:
    assert near_classes({other: 47, "birch": 21, name: 1}) == {name: other}
    assert near_classes({other: 47, name: 2}) == {name: other}
    assert near_classes({other: 19, name: 2}) == {}  # too few to tell
    assert near_classes({other: 300, name: 3}) == {}  # nobody errs so often


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("ako", "oak"),
        ("grade b", "grade a"),
        ("type 2", "type 1"),
        ("abc1x", "abc1y"),  # codes
        ("viii", "vii"),  # Roman
        ("\u5927\u53f6\u6995", "\u5c0f\u53f6\u6995"),  # a sign is a word
        ("Oak", "oak"),  # named as spelt alike
        ("sea-lion", "sea lion"),
        ("Jose", "Jos\u00e9"),  # named as accented otherwise
    ],
)
def test_other_codes_words_and_spellings_are_no_slips(name: str, other: str) -> None:
    assert near_classes({other: 47, name: 1}) == {}
