"""Hysteresis against flood fill in plain Python, its limits, and what is refused."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from podium.errors import UsageError
from podium.predictions import MaskArrays, decide_mask
from podium.predictions.decisions import regions as mask_regions
from podium.predictions.decisions.masks import check_mask_steps

# The package has a function of this name.
MODULE = sys.modules["podium.predictions.decisions.masks"]
LEVELS = [0.0, 0.2, 0.25, 0.4, 0.6, 0.8, 1.0]


def probs_of(channels: int) -> Any:
    return hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 8), st.integers(1, 8), st.just(channels)),
        elements=st.sampled_from([*(float(np.float32(one)) for one in LEVELS), float("nan")]),
    )


rules = st.fixed_dictionaries(
    {"low": st.sampled_from(LEVELS)},
    optional={
        "high": st.sampled_from(LEVELS),
        "area": st.sampled_from([0, 1, 2, 3.5, 7]),
        "within": st.sampled_from(["component", "image"]),
    },
).filter(lambda rule: rule.get("high", 1.0) >= rule["low"])


def by_hand(plane: np.ndarray, given_rules: list[dict[str, Any]]) -> np.ndarray:
    """Decide one class: every region that any rule keeps."""
    out = np.zeros(plane.shape, np.uint8)
    for rule in given_rules:
        low, high = np.float32(rule["low"]), np.float32(rule.get("high", rule["low"]))
        for region in regions(plane, low, whole=rule.get("within") == "image"):
            if sum(plane[at] >= high for at in region) >= rule.get("area", 1):
                for at in region:
                    out[at] = 1
    return out


def regions(plane: np.ndarray, low: np.float32, *, whole: bool) -> list[list[tuple[int, int]]]:
    left = {at for at in np.ndindex(*plane.shape) if plane[at] >= low}
    if whole:
        return [sorted(left)]
    found = []
    while left:
        todo, pixels = [left.pop()], []
        while todo:
            y, x = todo.pop()
            pixels.append((y, x))
            near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            todo += near
        found.append(pixels)
    return found


@settings(deadline=None)
@given(probs_of(1), st.lists(rules, min_size=1, max_size=3), st.sampled_from([1, 10**6]))
def test_regions_with_enough_evidence_stay(
    probs: np.ndarray, some: list[dict[str, Any]], band: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MODULE, "_BAND_VALUES", band)
        patch.setattr(mask_regions, "_STRIP_PIXELS", band)
        parameter = some if len(some) > 1 else some[0]
        steps = [{"hysteresis": parameter}]
        got = decide_mask(MaskArrays(["a"], [probs]), 0, steps, "binary")
    assert got.dtype == np.uint8
    np.testing.assert_array_equal(got, by_hand(probs[..., 0], some))


@settings(deadline=None, max_examples=50)
@given(probs_of(3), st.lists(rules, min_size=3, max_size=3))
def test_each_class_has_rules_of_its_own(probs: np.ndarray, some: list[dict[str, Any]]) -> None:
    full = [{"high": one["low"], "area": 1, "within": "component", **one} for one in some]
    parameter = {key: [one[key] for one in full] for key in ("low", "high", "area", "within")}
    got = decide_mask(MaskArrays(["a"], [probs]), 0, [{"hysteresis": parameter}], "multilabel")
    for c, rule in enumerate(full):
        np.testing.assert_array_equal(got[..., c], by_hand(probs[..., c], [rule]))


@settings(deadline=None, max_examples=50)
@given(probs_of(1), st.sampled_from(LEVELS), st.sampled_from([0, 1, 4]))
def test_it_contains_the_threshold_and_the_least_area(
    probs: np.ndarray, low: float, area: int
) -> None:
    masks = MaskArrays(["a"], [probs])
    got = decide_mask(masks, 0, [{"hysteresis": {"low": low, "area": area}}], "binary")
    expected = decide_mask(masks, 0, [{"threshold": low}, {"min_area": area}], "binary")
    np.testing.assert_array_equal(got, expected)


def test_a_weak_component_needs_a_strong_pixel() -> None:
    plane = np.array([[0.4, 0.7, 0.0, 0.4], [0.0, 0.4, 0.0, 0.4]], np.float32)
    masks = MaskArrays(["a"], [plane[..., None]])

    def predicted(parameter: Any) -> list[list[int]]:
        return decide_mask(masks, 0, [{"hysteresis": parameter}], "binary").tolist()

    assert predicted({"low": 0.3, "high": 0.6}) == [[1, 1, 0, 0], [0, 1, 0, 0]]
    # The double threshold of whole images: one sure pixel is there, two are not.
    assert predicted({"low": 0.3, "high": 0.6, "within": "image"}) == [[1, 1, 0, 1], [0, 1, 0, 1]]
    assert not np.any(predicted({"low": 0.3, "high": 0.6, "area": 2, "within": "image"}))
    # A threshold that depends on the area: 0.6, and 0.3 for components of three pixels.
    assert predicted([{"low": 0.6}, {"low": 0.3, "area": 3}]) == [[1, 1, 0, 0], [0, 1, 0, 0]]
    assert predicted([{"low": 0.6}, {"low": 0.3, "area": 4}]) == [[0, 1, 0, 0], [0, 0, 0, 0]]


def test_a_gate_closes_it_and_steps_on_regions_follow() -> None:
    plane = np.full((4, 4, 2), 0.9, np.float32)
    plane[1, 1] = 0.0
    steps = [{"gate": 0.5}, {"hysteresis": {"low": 0.0, "high": 0.8}}, {"fill_holes": None}]
    got = decide_mask(
        MaskArrays(["a"], [plane]), 0, steps, "multilabel", presence=np.array([0.4, 0.6])
    )
    assert got[..., 0].sum() == 0
    assert got[..., 1].sum() == 16


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        (0.5, "needs a rule, or a list of them"),
        ([], "needs a rule, or a list of them"),
        ([0.3, 0.6], "takes low, high, area, within, and needs low"),
        ({"high": 0.6}, "and needs low"),
        ({"low": 0.3, "hihg": 0.6}, "takes low, high, area, within"),
        ({"low": 0.6, "high": 0.3}, r"high >= low, got low 0.6 and high 0.3[\s\S]*low: 0.3"),
        ({"low": [0.1, 0.7, 0.1], "high": 0.6}, "high >= low"),
        ({"low": [0.1, 0.7]}, "hysteresis.low needs 3 or 1 finite"),
        ({"low": 0.1, "high": "x"}, "hysteresis.high needs 3 or 1 finite"),
        ({"low": 0.1, "area": -1}, "hysteresis.area is in pixels"),
        ({"low": 0.1, "within": "pixel"}, "hysteresis.within is component or image"),
        ({"low": 0.1, "within": ["image"]}, "hysteresis.within needs 3 values"),
        ([{"low": 0.1}] * 101, "needs a rule, or a list"),
    ],
)
def test_what_cannot_be_meant_is_refused(parameter: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_mask_steps([{"hysteresis": parameter}], "multilabel", 3)


def test_it_stands_in_place_of_the_threshold() -> None:
    rule = {"hysteresis": {"low": 0.3}}
    with pytest.raises(UsageError, match="threshold and hysteresis decide the same pixels"):
        check_mask_steps([{"threshold": 0.5}, rule], "binary", 1)
    with pytest.raises(UsageError, match="hysteresis stands twice"):
        check_mask_steps([rule, rule], "binary", 1)
    with pytest.raises(UsageError, match=r"hysteresis stands after median[\s\S]*or hysteresis"):
        check_mask_steps([{"median": 3}, rule], "binary", 1)
    with pytest.raises(UsageError, match="'hysteresis' is not a step for multiclass"):
        check_mask_steps([rule], "multiclass", 4)
