"""Grids that a user writes: what they stand for, in which order, and how they are merged."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuning.decided import fit_decision

from podium.competition import metrics
from podium.errors import UsageError
from podium.predictions.decisions.masks import check_mask_steps
from podium.tuning.labels.decision import _GridSearch
from podium.tuning.scoring import LabelScorer
from podium.tuning.step_grid import StepCandidate, StepGrid, are_alike, merged


def every(*steps: Any, at_most: int = 10**6) -> list[list[dict[str, Any]]]:
    found = StepGrid.of(list(steps)).candidates(at_most, lambda _: None)
    return [one.steps for one in found.values()]


def test_the_grid_is_the_product_of_what_may_be_tried() -> None:
    found = every(
        {"threshold": {"try": [0.5, 0.3]}},
        "fill_holes",
        {"min_area": {"from": 0, "to": 400, "n": 3}},
    )
    assert found[0] == [{"threshold": 0.5}, {"fill_holes": None}, {"min_area": 0}]
    assert [(one[0]["threshold"], one[2]["min_area"]) for one in found] == [
        (0.5, 0),
        (0.5, 200),
        (0.3, 0),
        (0.5, 400),
        (0.3, 200),
        (0.3, 400),
    ]


def test_a_range_may_begin_with_the_value_that_is_preferred() -> None:
    grid = StepGrid.of([{"threshold": {"from": 0.3, "to": 0.7, "n": 5, "first": 0.5}}])
    assert grid.axes == {"threshold": [0.5, 0.3, 0.4, 0.6, 0.7]}
    assert every({"threshold": {"from": 0.3, "to": 0.7, "n": 3, "first": 0.5}})[0] == [
        {"threshold": 0.5}
    ]
    grid = StepGrid.of([{"min_area": {"from": 0, "to": 20, "n": 3, "first": 15}}])
    assert grid.axes == {"min_area": [15, 0, 10, 20]}


def test_values_to_try_may_stand_anywhere_and_a_list_is_one_a_class() -> None:
    found = every(
        {"hysteresis": {"low": {"try": [0.3, 0.4]}, "high": [0.5, {"try": [0.6, 0.7]}]}},
        {"median": {"try": [1, 3]}},
        {"median": {"try": [1, 5]}},
        {"largest": {"try": [[1, 2], 3]}},
    )
    assert len(found) == 2**5
    assert found[0] == [
        {"hysteresis": {"low": 0.3, "high": [0.5, 0.6]}},
        {"median": 1},
        {"median": 1},
        {"largest": [1, 2]},
    ]
    assert len({str(one) for one in found}) == 32
    grid = StepGrid.of([{"median": {"try": [1, 3]}}, {"median": {"try": [1, 5]}}])
    assert grid.axes == {"median": [1, 3], "median (2)": [1, 5]}
    assert every({"threshold": [0.3, 0.4]}) == [[{"threshold": [0.3, 0.4]}]]


def test_values_from_one_to_another_are_whole_where_they_can_be() -> None:
    def of(start: float, stop: float, n: int) -> list[Any]:
        return StepGrid.of([{"min_area": {"from": start, "to": stop, "n": n}}]).axes["min_area"]

    assert [(one, type(one)) for one in of(0, 4, 3)] == [(0, int), (2, int), (4, int)]
    assert of(0, 1, 3) == [0, 0.5, 1]
    assert of(0.3, 0.6, 4) == [0.3, 0.4, 0.5, 0.6]
    assert of(9, 1, 3) == [9, 5, 1]
    assert of(2, 2, 5) == [2]


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), min_size=0, max_size=4), st.integers(1, 40))
def test_the_plainest_come_first_however_many_are_tried(sizes: list[int], at_most: int) -> None:
    steps = [{f"s{axis}": {"try": list(range(size))}} for axis, size in enumerate(sizes)]
    places = [*itertools.product(*map(range, sizes))]
    places.sort(key=lambda one: (sum(map(bool, one)), sum(one), one))
    found = StepGrid.of([*steps, "last"]).candidates(at_most, lambda _: None)
    assert list(found) == places[:at_most]
    for place, one in found.items():
        expected = [{f"s{axis}": number} for axis, number in enumerate(place)]
        assert one.steps == [*expected, {"last": None}]


def test_a_huge_grid_is_not_written_out() -> None:
    assert len(every(*[{"largest": {"from": 1, "to": 900, "n": 900}}] * 9, at_most=30)) == 30


def test_impossible_combinations_are_left_out_and_reported_where_none_is_left() -> None:
    def check(steps: list[dict[str, Any]]) -> None:
        check_mask_steps(steps, "binary", 1)

    grid = StepGrid.of([{"hysteresis": {"low": {"try": [0.5, 0.3]}, "high": {"try": [0.4, 0.6]}}}])
    found = [one.steps[0]["hysteresis"] for one in grid.candidates(10, check).values()]
    assert found == [
        {"low": 0.5, "high": 0.6},
        {"low": 0.3, "high": 0.4},
        {"low": 0.3, "high": 0.6},
    ]
    with pytest.raises(UsageError, match=r"high >= low, got low 0\.5 and high 0\.4"):
        StepGrid.of([{"hysteresis": {"low": {"try": [0.5, 0.6]}, "high": 0.4}}]).candidates(
            10, check
        )


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([], "a grid is a list of steps"),
        ("threshold", "a grid is a list of steps"),
        ({"threshold": 0.5}, "a grid is a list of steps"),
        ([{"threshold": 0.5, "median": 3}], "one name with its parameter"),
        ([{"threshold": {"try": []}}], "threshold has nothing to try"),
        ([{"threshold": {"try": 0.5}}], "threshold has nothing to try: 0.5"),
        ([{"threshold": {"try": [0.5], "n": 3}}], "threshold takes a value, {try"),
        ([{"threshold": {"from": 0.5}}], "threshold takes a value"),
        ([{"threshold": {"from": 0, "to": 1}}], "threshold takes a value"),
        ([{"threshold": {"from": 0, "to": 1, "n": 1}}], "n of them 2 or more"),
        ([{"threshold": {"from": 0, "to": True, "n": 3}}], "threshold takes a value"),
        ([{"threshold": {"from": 0, "to": 1, "n": 3, "first": "a"}}], "threshold takes a value"),
        ([{"threshold": {"first": 0.5}}], "threshold takes a value"),
        ([{"threshold": {"from": 0, "to": float("inf"), "n": 3}}], "threshold takes a value"),
        ([{"hysteresis": {"low": {"from": 0, "to": "1", "n": 3}}}], "hysteresis.low takes"),
        ([{"min_area": [1, {"try": []}]}], r"min_area\[1\] has nothing to try"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_the_name_of_the_value(steps: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message if "[" in message else re.escape(message)):
        StepGrid.of(steps)


def test_the_gate_is_taken_out() -> None:
    grid, gates = StepGrid.of(
        [{"gate": {"try": [0, 0.3]}}, {"threshold": {"try": [0.5, 0.3]}}]
    ).without("gate")
    assert gates == [0, 0.3]
    assert grid is not None
    assert grid.axes == {"threshold": [0.5, 0.3]}
    assert StepGrid.of([{"gate": 0.3}]).without("gate") == (None, [0.3])
    for parameter in ([0.3, 0.4], {"try": [[0.3, 0.4]]}, [{"try": [0.3]}, 0.5]):
        with pytest.raises(UsageError, match="gate in a grid takes one number"):
            StepGrid.of([{"gate": parameter}]).without("gate")


def test_candidates_are_merged_class_by_class() -> None:
    one = StepCandidate.of(
        [{"hysteresis": [{"low": 0.3, "high": 0.6}, {"low": 0.2}]}, {"min_area": 5}, "fill_holes"]
    )
    other = StepCandidate.of(
        [
            {"hysteresis": [{"low": 0.3, "high": [0.7, 0.8]}, {"low": 0.1}]},
            {"min_area": 9},
            {"fill_holes": 4},
        ]
    )
    assert are_alike([one, other])
    assert merged([one, other]) == [
        {"hysteresis": [{"low": 0.3, "high": [0.6, 0.8]}, {"low": [0.2, 0.1]}]},
        {"min_area": [5, 9]},
        {"fill_holes": [None, 4]},
    ]
    assert merged([one]) == merged([one, one]) == one.steps
    assert not are_alike([one, StepCandidate.of([{"threshold": 0.5}])])
    assert not are_alike([one, StepCandidate.of([{"hysteresis": {"low": 0.3}}, *one.steps[1:]])])


def labels(kind: str, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    columns = {"binary": 1, "multilabel": 3, "multiclass": 3}[kind]
    probs = rng.random((n, columns)).astype(np.float32)
    if kind == "multiclass":
        return probs, np.argmax(probs * [1, 2, 0.5], axis=1)
    truth = (probs > 0.7).astype(np.int64) ^ (rng.random(probs.shape) < 0.05)
    return probs, truth[:, 0] if kind == "binary" else truth


@pytest.mark.parametrize(
    ("kind", "metric", "options", "grid"),
    [
        ("binary", "f1", {}, [{"threshold": {"from": 0.1, "to": 0.9, "n": 17}}]),
        ("multilabel", "f1", {"average": "macro"}, [{"threshold": [{"try": [0.5, 0.7]}] * 3}]),
        (
            "multiclass",
            "accuracy",
            {},
            [{"class_weights": [1, {"try": [1, 2]}, {"try": [1, 0.5]}]}],
        ),
    ],
)
def test_of_labels_the_candidate_with_the_best_score_is_found(
    kind: Any, metric: str, options: dict[str, Any], grid: Any
) -> None:
    probs, truth = labels(kind)
    got = fit_decision(probs, truth, metric, kind, grid=grid, options=options)
    scorer = LabelScorer.of(metric, truth, n_outputs=probs.shape[1], kind=kind, options=options)
    scores = [scorer.of_probs(probs, steps) for steps in every(*grid)]
    assert scorer.of_probs(probs, got) == max(scores) > scores[0]


def test_sums_of_rows_choose_what_scoring_every_candidate_chooses() -> None:
    probs, truth = labels("binary")
    scorer = LabelScorer.of("f1", truth, n_outputs=1, kind="binary")
    steps = [{"threshold": {"from": 0.1, "to": 0.9, "n": 17}}]
    search = _GridSearch.of(scorer, probs, steps, 17)
    assert search.sums is not None
    chosen = []
    for rows in (np.arange(400), np.arange(0, 400, 7), np.flatnonzero(probs[:, 0] < 0.6)):
        inside = scorer.take(rows)
        scores = [inside.of_probs(probs[rows], one) for one in search.candidates]
        expected = [search.candidates[int(np.argmax(scores))]]
        assert search.fit(rows) == replace(search, sums=None).fit(rows) == expected
        chosen += expected
    assert len({str(one) for one in chosen}) > 1


def test_sums_of_rows_are_kept_where_those_of_all_candidates_are_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    probs, truth = labels("binary")
    scorer = LabelScorer.of("f1", truth, n_outputs=1, kind="binary")
    n_sums = 17 * metrics.sums("f1", truth, truth, **scorer.options).size
    steps = [{"threshold": {"from": 0.1, "to": 0.9, "n": 17}}]
    for most, is_kept in ((n_sums, True), (n_sums - 1, False)):
        monkeypatch.setattr("podium.tuning.labels.decision.MOST_SUMS", most)
        assert (_GridSearch.of(scorer, probs, steps, 17).sums is not None) == is_kept


def test_a_grid_may_be_larger_than_any_number_of_a_machine() -> None:
    grid = StepGrid.of([{"threshold": [{"from": 0.1, "to": 0.9, "n": 9}] * 24}])
    assert grid.notes(50, 50)[0].startswith(f"of the {9**24:,} decisions of the grid 50 are tried")


def test_luck_alone_keeps_what_is_written_first() -> None:
    rng = np.random.default_rng(1)
    kept = 0
    for _ in range(20):
        probs, truth = rng.random((60, 1)), rng.integers(0, 2, 60)
        grid = [{"threshold": {"try": [0.5, 0.45, 0.55]}}]
        kept += fit_decision(probs, truth, "accuracy", "binary", grid=grid) == [{"threshold": 0.5}]
    assert kept > 10


def test_rows_of_a_group_are_one_piece_of_evidence_for_a_grid() -> None:
    probs = np.array([0.45] * 3 + [0.55] * 2)
    truth = np.array([1, 1, 1, 1, 0])
    probs, truth = np.repeat(probs, 40), np.repeat(truth, 40)  # each is 40 rows of one group
    grid = [{"threshold": {"try": [0.5, 0.4]}}]
    truth[:40] = 0  # of the three groups between the thresholds two are gained, one is lost
    alone = fit_decision(probs, truth, "accuracy", "binary", grid=grid)
    groups = np.repeat(np.arange(5), 40)
    together = fit_decision(probs, truth, "accuracy", "binary", grid=grid, groups=groups)
    assert (alone, together) == ([{"threshold": 0.4}], [{"threshold": 0.5}])


@pytest.mark.parametrize(
    ("kind", "metric", "grid", "message"),
    [
        ("binary", "auc", [{"threshold": 0.5}], "scores what is not decided"),
        ("binary", "f1", [{"min_area": 5}], "'min_area' is not a step"),
        ("multilabel", "f1", [{"threshold": [0.5, {"try": [0.4]}]}], "threshold needs 3 finite"),
        ("multiclass", "accuracy", [{"topk": {"k": 2}}], "accuracy scores decisions, and topk"),
    ],
)
def test_a_grid_that_cannot_decide_the_labels_is_refused(
    kind: Any, metric: str, grid: Any, message: str
) -> None:
    probs, truth = labels(kind)
    with pytest.raises(UsageError, match=message):
        fit_decision(probs, truth, metric, kind, grid=grid)
