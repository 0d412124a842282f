from __future__ import annotations

from collections.abc import Callable

import pytest

from podium.errors import UsageError
from podium.training.recipe import load_recipe
from podium.training.starters import copy_starters, read_starter, starters


def test_every_starter_is_a_recipe_and_says_what_it_is_for(make: Callable) -> None:
    workspace, competition = make()
    written = copy_starters(workspace.recipes, competition)
    assert {path.stem for path in written} == {starter.name for starter in starters()}
    assert "baseline" in {path.stem for path in written}
    for path in written:
        load_recipe(path)
    assert all(len(starter.summary) > 20 for starter in starters())


def test_a_recipe_that_is_there_is_kept(make: Callable) -> None:
    workspace, competition = make()
    mine = workspace.recipes / "baseline.yaml"
    mine.write_text("mine")
    assert mine not in copy_starters(workspace.recipes, competition)
    assert mine.read_text() == "mine"


def test_a_regression_gets_no_label_smoothing(make: Callable) -> None:
    workspace, competition = make(kind="regression")
    for path in copy_starters(workspace.recipes, competition):
        assert load_recipe(path).label_smoothing == 0


def test_an_unknown_starter_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="baseline"):
        read_starter("baselin")
