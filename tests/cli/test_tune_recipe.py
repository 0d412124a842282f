"""What `podium tune recipe` prints of a search."""

from __future__ import annotations

import pytest

from podium.cli.tuning.recipe import _describe_outer
from podium.workflows.tuning.recipe_result import OuterFoldScore


@pytest.mark.parametrize(
    ("optimism", "words"),
    [(0.0125, "better by 0.0125"), (-0.0813, "worse by 0.0813"), (0.0, "better by 0.0000")],
)
def test_optimism_has_a_word_and_no_sign(optimism: float, words: str) -> None:
    printed = _describe_outer(OuterFoldScore(4, 0.225, optimism, "a-t-0"), "accuracy")
    assert printed == (
        "fold 4, which no trial saw: accuracy 0.2250; the study's score is "
        f"{words}: its optimism, as far as one fold can tell"
    )
