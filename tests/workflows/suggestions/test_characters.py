"""Digits and letters are known by the names of classes, and codes are not taken for them."""

from __future__ import annotations

import string

import pytest

from podium.workflows.suggestions.characters import are_characters


@pytest.mark.parametrize(
    ("classes", "name", "expected"),
    [
        (["seven", "three", "Zero"], "", True),
        ([f"digit_{n}" for n in range(10)], "", True),
        ([str(n) for n in range(10)], "Digit Recognizer", True),
        ([str(n) for n in range(10)], "kannada-mnist", True),
        (list(string.ascii_uppercase), "signs", True),
        (["letter a", "letter b"], "", True),
        ([str(n) for n in range(10)], "cifar", False),
        (["0", "1", "2", "3", "4"], "cassava leaf disease", False),
        (["A", "B", "C"], "apples", False),
        (["one", "many"], "", False),
        (["cat", "dog"], "digits", False),
        (["10", "20"], "digits", False),
        ([], "digits", False),
    ],
)
def test_classes_are_characters_by_their_names(
    classes: list[str], name: str, expected: bool
) -> None:
    assert are_characters(classes, name) is expected
