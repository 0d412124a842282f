from __future__ import annotations

import pytest

from podium.cli.blends import decision_in_words


@pytest.mark.parametrize("decision", [[], [{"threshold": 0.5}]])
def test_a_decision_on_objects_says_how_they_come_out_of_the_mask(decision):
    said = decision_in_words(decision, "binary", [], has_objects=True)
    assert said == [
        "a pixel belongs to a mask from a probability of 0.5 on",
        "pixels that touch by a side or a corner are one object",
    ]
    assert decision_in_words(decision, "binary", []) == said[:1]


def test_the_step_of_objects_is_said_once():
    decision = [{"threshold": 0.4}, {"objects": {"connectivity": 1}}, {"min_area": 9}]
    said = decision_in_words(decision, "binary", [], has_objects=True)
    assert [one.startswith("pixels that touch by a side are") for one in said] == [
        False,
        True,
        False,
    ]
