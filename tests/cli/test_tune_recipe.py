"""What `podium tune recipe` prints of a search."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from podium.cli.tuning.recipe import _describe_choice, _describe_outer
from podium.workflows.tuning.recipe_result import OuterFoldScore, SearchTrial


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


def test_the_best_of_all_rows_is_compared_with_the_recipe_on_the_mean_fold() -> None:
    """By all rows together 0.2069 against 0.2058, on the mean fold 0.2053 against 0.2132."""
    own, best = (
        SearchTrial(number, "complete", {}, score, dict(enumerate(folds)), None, None, False)
        for number, score, folds in ((0, 0.2058, (0.2620, 0.1644)), (2, 0.2069, (0.1945, 0.2161)))
    )
    for greater, words in (False, "it may be chance"), (True, "is better than it, by 0.0079"):
        study: Any = SimpleNamespace(
            folds=(0, 1), metric=SimpleNamespace(greater_is_better=greater)
        )
        assert words in _describe_choice(study, best, own)
        assert _describe_choice(study, own, own).startswith("No trial is better")
