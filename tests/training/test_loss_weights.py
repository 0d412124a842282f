"""Searched weights of a recipe, and a recipe with others."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import mask_miniatures
import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition.spec import Competition, load_competition
from podium.errors import RecipeError
from podium.training.loss_search import (
    loss_weights,
    searched_weights,
    with_default_losses,
    with_factors,
)
from podium.training.recipe import Recipe

BOTH = {"classify": {"ce": 1}, "segment": {"ce": 1, "dice": 1}}


def recipe(*losses: Any, **method: Any) -> Recipe:
    phases: list[dict[str, Any]] = [
        {"name": f"p{number}", "epochs": 1, "loss": loss} for number, loss in enumerate(losses)
    ]
    if method:
        phases[-1]["method"] = method
    return Recipe.model_validate({"phases": phases})


def searched(*losses: Any, **method: Any) -> tuple[str, ...]:
    return searched_weights(recipe(*losses, **method))


@pytest.fixture(scope="module")
def competition(tmp_path_factory: pytest.TempPathFactory) -> Competition:
    root = tmp_path_factory.mktemp("two_tasks")
    miniature = mask_miniatures.pictures_and_masks(root / "data", n=4, n_test=1, size=16)
    (root / "competition.yaml").write_text(yaml.safe_dump(miniature.spec))
    return load_competition(root / "competition.yaml")


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([BOTH], ["segment.weight", "segment.dice"]),
        ([{"classify": {"ce": 1}}, BOTH], ["segment.weight", "segment.dice"]),
        ([{"segment": {"ce": 1, "dice": 1, "lovasz": 1}}], ["segment.dice", "segment.lovasz"]),
        # A term that is switched off stays off; one that is alone in its phase has no ratio.
        ([{"segment": {"ce": 1, "dice": 1, "focal": 0}}], ["segment.dice"]),
        ([{"classify": {"ce": 1}}, {"segment": {"ce": 1, "dice": 1}}], ["segment.dice"]),
        (
            [{"classify": {"ce": 1, "focal": 1}, "segment": {"weight": 0, "ce": 1}}],
            ["classify.focal"],
        ),
        # The head's ratio to the other one is the same as its only term's.
        ([{"classify": {"ce": 1}, "segment": {"weight": 2, "ce": 1}}], ["segment.weight"]),
        # ce and dice never meet, so only where each of them meets the labels' term.
        (
            [
                {"classify": {"ce": 1}, "segment": {"ce": 1}},
                {"classify": {"ce": 1}, "segment": {"dice": 1}},
            ],
            ["segment.weight", "segment.dice"],
        ),
        ([{"segment": {"ce": {"weight": 2}, "dice": {"weight": 1}}}], ["segment.dice"]),
    ],
)
def test_weights_that_change_a_ratio(losses: list[Any], expected: list[str]) -> None:
    assert list(searched(*losses)) == expected


def test_the_weight_of_a_methods_own_term_is_searched() -> None:
    assert searched({"classify": {"ce": 1}}, name="fixmatch") == ("fixmatch.weight",)
    assert searched(BOTH, name="pseudo_label", weight=0.5) == (
        "segment.weight",
        "segment.dice",
        "pseudo_label.weight",
    )
    own = loss_weights(recipe({"classify": {"ce": 1}}, name="fixmatch", ratio=2))
    assert own == {"classify.weight": 1.0, "classify.ce": 1.0, "fixmatch.weight": 1.0}
    assert searched(BOTH, name="fixmatch", weight=0) == ("segment.weight", "segment.dice")


@pytest.mark.parametrize(
    "losses", [[{"classify": {"ce": 1}}], [{"classify": {"ce": 1}}, {"segment": {"ce": 1}}], [None]]
)
def test_one_term_a_phase_has_no_ratio(losses: list[Any]) -> None:
    with pytest.raises(RecipeError, match="no weights to search"):
        searched(*losses)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_searched_weight_can_be_replaced_by_others(data: st.DataObject) -> None:
    """Random factors of the searched weights reach different ratios, and all that can be reached.

    The independent truth: ratios of effective weights, term by term, from the recipe's YAML alone.
    """
    terms = st.dictionaries(st.sampled_from(["ce", "dice", "focal"]), st.just(1.0), min_size=1)
    loss = st.dictionaries(st.sampled_from(["classify", "segment"]), terms, min_size=1)
    made = recipe(*data.draw(st.lists(loss, min_size=1, max_size=3)))
    try:
        names = searched_weights(made)
    except RecipeError:
        assert all(len(_effective(phase)) < 2 for phase in made.model_dump()["phases"])
        return
    every = list(loss_weights(made))
    step = 1.5
    moves = {
        name: np.array(_log_ratios(with_factors(made, {name: step}))) / math.log(step)
        for name in every
    }
    ours = np.array([moves[name] for name in names])
    theirs = np.array(list(moves.values()))
    assert np.linalg.matrix_rank(ours, tol=1e-3) == len(names)  # none is there twice
    assert np.linalg.matrix_rank(theirs, tol=1e-3) == len(names)  # and nothing is left out


def _effective(phase: dict[str, Any]) -> list[float]:
    return [
        terms.get("weight", 1.0) * weight
        for terms in phase["loss"].values()
        for name, weight in terms.items()
        if name != "weight"
    ]


def _log_ratios(made: Recipe) -> list[float]:
    found = []
    for phase in made.model_dump()["phases"]:
        weights = _effective(phase)
        found += [math.log(one / weights[0]) for one in weights]
    return found


def test_a_factor_is_applied_in_every_phase_that_has_the_weight() -> None:
    made = recipe(
        {"segment": {"ce": 1, "dice": 0.5}},
        {"classify": {"ce": 1}},
        {"classify": {"ce": {"weight": 2, "label_smoothing": 0.1}}, "segment": {"dice": 1}},
        name="fixmatch",
        ratio=3,
    )
    found = with_factors(
        made,
        {"segment.dice": 3, "classify.ce": 0.5, "segment.weight": 1.23456, "fixmatch.weight": 4},
    )
    assert [phase.loss for phase in found.phases] == [
        {"segment": {"weight": 1.235, "ce": 1, "dice": 1.5}},
        {"classify": {"ce": 0.5}},
        {
            "classify": {"ce": {"weight": 1.0, "label_smoothing": 0.1}},
            "segment": {"weight": 1.235, "dice": 3},
        },
    ]
    assert found.phases[2].method.model_dump() == {"name": "fixmatch", "ratio": 3, "weight": 4.0}
    assert found.phases[0].method == made.phases[0].method


def test_factors_of_one_leave_the_recipe_as_it_is() -> None:
    made = recipe({"segment": {"ce": 0.123456789, "dice": 1}})
    assert with_factors(made, dict.fromkeys(loss_weights(made), 1.0)) == made


def test_usual_losses_are_named_where_a_phase_leaves_them_out(competition: Competition) -> None:
    usual = {"classify": {"ce": 1.0}, "segment": {"ce": 1.0, "dice": 1.0}}
    made = with_default_losses(
        recipe(None, {"segment": {"weight": 2}}, {"classify": {"focal": 1}}), competition
    )
    assert [phase.loss for phase in made.phases] == [
        usual,
        {"segment": {"weight": 2, "ce": 1.0, "dice": 1.0}},
        {"classify": {"focal": 1}},
    ]
    assert searched_weights(made) == ("segment.weight", "segment.dice")


def test_a_phase_without_labels_has_no_loss_to_name(competition: Competition) -> None:
    made = recipe(None, name="byol")
    assert with_default_losses(made, competition) == made


def test_a_weight_that_is_no_number_is_refused() -> None:
    with pytest.raises(RecipeError, match="a weight is a number of at least 0, got 'high'"):
        loss_weights(recipe({"segment": {"ce": 1, "dice": "high"}}))


def test_a_method_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no 'fixmach' among the methods"):
        loss_weights(recipe({"classify": {"ce": 1}}, name="fixmach"), tmp_path)
