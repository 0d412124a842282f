"""The search of loss weights: where it starts, what it leaves alone, and that it goes on."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from podium.errors import UsageError
from podium.tuning.loss_weights import WIDEST, search_loss_weights

OWN = {"classify.ce": 1.0, "segment.ce": 0.5, "segment.dice": 0.5, "segment.focal": 0.0}


def bowl(weights: dict[str, float]) -> float:
    """Lowest, 0, where dice weighs 1.2 and ce 0.25."""
    return (
        math.log(weights["segment.dice"] / 1.2) ** 2 + math.log(weights["segment.ce"] / 0.25) ** 2
    )


def test_the_recipe_as_it_stands_is_the_first_trial() -> None:
    found = search_loss_weights(OWN, bowl, trials=4, greater_is_better=False)
    assert found.own.weights == OWN
    assert found.own.score == pytest.approx(bowl(OWN))
    assert len(found.trials) == 4


def test_only_ratios_within_bounds_are_searched() -> None:
    found = search_loss_weights(OWN, bowl, trials=25, greater_is_better=False)
    for trial in found.trials:
        assert trial.weights["classify.ce"] == 1.0
        assert trial.weights["segment.focal"] == 0.0
        for term in ("segment.ce", "segment.dice"):
            assert 1 / WIDEST <= trial.weights[term] / OWN[term] <= WIDEST
    assert found.best.score < found.own.score / 4


def test_the_direction_is_the_metrics() -> None:
    found = search_loss_weights(OWN, lambda w: -bowl(w), trials=12, greater_is_better=True)
    assert found.best.score == max(trial.score for trial in found.trials)


def test_an_interrupted_search_goes_on_where_it_was(tmp_path: Path) -> None:
    storage = f"sqlite:///{tmp_path / 'studies.db'}"
    calls: list[dict[str, float]] = []

    def train(weights: dict[str, float]) -> float:
        if len(calls) == 3:
            raise KeyboardInterrupt
        calls.append(weights)
        return bowl(weights)

    with pytest.raises(KeyboardInterrupt):
        search_loss_weights(OWN, train, trials=5, greater_is_better=False, storage=storage)
    rest: list[dict[str, float]] = []

    def go_on(weights: dict[str, float]) -> float:
        rest.append(weights)
        return bowl(weights)

    for _ in range(2):
        found = search_loss_weights(OWN, go_on, trials=5, greater_is_better=False, storage=storage)
    assert len(rest) == 2
    assert [trial.weights for trial in found.trials] == calls + rest
    assert found.own.weights == OWN
    assert len({tuple(trial.weights.values()) for trial in found.trials}) == 5  # none drawn twice


@pytest.mark.parametrize("own", [{}, {"classify.ce": 1.0}, {"classify.ce": 1.0, "segment.ce": 0.0}])
def test_one_term_has_no_ratio(own: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="no weights to search"):
        search_loss_weights(own, bowl, trials=3, greater_is_better=False)
