"""Scores of several tasks: what competition.yaml may say, arithmetic, and sums of rows by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition import metrics
from podium.competition.scores.combination import (
    RowSums,
    combined_metric,
    combined_score,
    row_sums,
    score_metric,
    score_name,
    weighted_sums,
)
from podium.competition.sections.expressions import evaluate_expression, expression_names
from podium.competition.sections.tasks import Combination, combination_of
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.tasks.protocols.find import pixel_kind

ACCURACY = {"name": "accuracy", "task": "classify"}
DICE = {"name": "mean_dice", "task": "segment", "empty": "one"}


def competition(metric: Any) -> Competition:
    return Competition.model_validate(
        {
            "name": "both",
            "tasks": {"classify": "multiclass", "segment": "binary"},
            "classes": ["a", "b"],
            "data": {
                "train": {
                    "table": "t.csv", "id": "id", "images": "{id}", "label": "label",
                    "mask": "m/{id}.png",
                }
            },
            "metric": metric,
        }
    )  # fmt: skip


def test_list_is_a_weighted_sum_led_by_the_masks():
    read = competition([{**ACCURACY, "weight": 0.5}, {**DICE, "weight": 0.5}])
    # What asks for the one metric gets that of the masks, with its options.
    assert (read.metric.name, read.metric.options) == ("mean_dice", {"empty": "one"})
    assert (read.scored_task, read.scored_tasks) == ("segment", ("segment", "classify"))
    part = read.metric_of("classify")
    assert part is not None
    assert (part.name, part.options) == ("accuracy", {})
    made = combination_of(read.metric)
    assert made is not None
    assert combined_score(made, [1.0, 0.5]) == 0.75
    assert made.describe() == "combined: 0.5 accuracy + 0.5 mean_dice"
    assert score_metric(read).name == "combined"
    again = Competition.model_validate(read.model_dump(mode="json"))
    assert combination_of(again.metric) == made
    assert read.metric.model_dump(mode="json") == made.written()


def test_short_expression_has_its_parts():
    read = competition({"name": "rowwise", "expression": "right * iou"})
    made = combination_of(read.metric)
    assert made is not None
    assert [(one.label, one.name, one.task) for one in made.parts] == [
        ("iou", "mean_iou", "segment"),
        ("right", "accuracy", "classify"),
    ]
    assert score_metric(read).name == "rowwise"


def test_parts_of_one_task_are_one_metric():
    parts = [{**DICE, "weight": 0.5}, {"name": "mean_iou", "task": "segment", "weight": 0.5}]
    read = competition(parts)
    name = "0.5 mean_dice + 0.5 mean_iou"
    assert (read.metric.name, read.metric.options) == (name, {"mean_dice": {"empty": "one"}})
    assert combination_of(read.metric) is None
    assert (read.scored_tasks, score_name(read)) == (("segment",), name)
    assert score_metric(read) is metrics.get(name)
    again = Competition.model_validate(read.model_dump(mode="json"))
    assert again.metric == read.metric
    assert read.metric.model_dump(mode="json") == {"parts": parts}
    short = competition({"name": name, "task": "segment", "mean_dice": {"empty": "one"}})
    assert (short.metric.name, short.metric.options) == (name, read.metric.options)


def test_several_parts_of_one_task_stand_beside_another_task():
    read = competition(
        [
            {**ACCURACY, "weight": 0.5},
            {**DICE, "weight": 0.3},
            {"name": "mean_iou", "task": "segment", "weight": 0.2},
        ]
    )
    made = combination_of(read.metric)
    assert made is not None
    assert [(one.name, one.weight) for one in made.parts_of_tasks] == [
        ("accuracy", 0.5),
        ("0.3 mean_dice + 0.2 mean_iou", 1.0),
    ]
    segment = read.metric_of("segment")
    assert segment is not None
    assert segment.options == {"mean_dice": {"empty": "one"}}
    kind, one, other = (
        pixel_kind("binary"),
        np.eye(2, dtype=np.uint8),
        np.eye(2, dtype=np.uint8)[::-1],
    )
    counts = [metrics.mask_counts(one, sent, kind=kind, n_outputs=1) for sent in (one, other)]
    sums = metrics.of_counts(segment.name, np.stack(counts), kind=kind, **segment.options)
    of_masks = RowSums(metrics.get(segment.name), segment.options, sums)
    of_labels = RowSums(metrics.get("accuracy"), {}, np.array([[1.0, 1.0], [1.0, 1.0]]))
    metric, joined = weighted_sums(made, [of_labels, of_masks])
    assert metric.value is not None
    # Of the second image nothing is found: its Dice is 0, and of both the IoU is 2 of 6 pixels.
    assert metric.value(joined) == pytest.approx(0.5 + 0.3 * 0.5 + 0.2 * 2 / 6)


def test_weights_of_classes_by_name_are_those_of_a_part():
    parts = [
        {"name": "accuracy", "task": "classify"},
        {"name": "log_loss", "task": "classify", "weight": -1, "class_weights": {"b": 2}},
    ]
    assert competition(parts).metric.options == {"log_loss": {"class_weights": [1.0, 2]}}


def test_single_metric_is_as_it_was():
    read = competition(DICE)
    assert combination_of(read.metric) is None
    assert read.metric_of("classify") is None
    assert read.metric.model_dump(mode="json") == DICE
    assert score_metric(read) is metrics.get("mean_dice")


REFUSED = {
    "no task": ([{"name": "accuracy"}, DICE], "accuracy needs task"),
    "one part": ([ACCURACY], "at least 2"),
    "two of a task in an expression": (
        {"parts": [ACCURACY, DICE, {**DICE, "as": "b"}], "expression": "accuracy * mean_dice * b"},
        "segment has two parts",
    ),
    "an expression of one task": (
        {"parts": [DICE, {**DICE, "as": "b"}], "expression": "mean_dice * b"},
        "parts of one task are added with weights",
    ),
    "a name of one task": ({"name": "mine", "parts": [DICE, DICE]}, "leave it out"),
    "weight 0": ([ACCURACY, {**DICE, "weight": 0}], "a weight is a number other than 0"),
    "unknown part": ({"parts": [ACCURACY, DICE], "expression": "accuracy * iou"}, "no part 'iou'"),
    "unused part": ({"parts": [ACCURACY, DICE], "expression": "accuracy"}, "does not use"),
    "weights beside": (
        {"parts": [{**ACCURACY, "weight": 2}, DICE], "expression": "accuracy * mean_dice"},
        "no weights beside it",
    ),
    "short": ({"expression": "right * miou"}, "without them it may use right, iou, dice"),
    "unknown key": ({"parts": [ACCURACY, DICE], "weights": [1, 2]}, "weights"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_metric_that_cannot_be_is_refused(case):
    written, why = REFUSED[case]
    with pytest.raises(ValueError, match=why):
        competition(written)


def test_losses_need_a_negative_weight_beside_gains():
    parts = [{"name": "log_loss", "task": "classify"}, DICE]
    with pytest.raises(DataError, match="negative weight"):
        score_metric(competition({"parts": parts}))
    parts[0]["weight"] = -0.1
    assert score_metric(competition({"parts": parts})).greater_is_better
    both = [{"name": "log_loss", "task": "classify"}, {**DICE, "weight": -1}]
    assert not score_metric(competition({"parts": both})).greater_is_better


names = st.sampled_from(["a", "b"])
leaves = names | st.integers(0, 9).map(str) | st.just("0.5")
trees = st.recursive(
    leaves,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner)
        | st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner)
        | inner.map("-({})".format)
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(trees, st.floats(-2, 2), st.floats(-2, 2))
def test_expression_is_what_python_makes_of_it(text, a, b):
    try:
        expected = float(eval(text, {"min": min, "max": max, "a": a, "b": b}))
    except ZeroDivisionError:
        expected = np.nan
    found = evaluate_expression(text, {"a": np.array([a]), "b": np.array([b])})
    np.testing.assert_allclose(np.broadcast_to(found, 1)[0], expected, rtol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')", "a.b", "a[0]", "a ** 9", "lambda: a", "[a]", "min(a)",
        "max(*a)", "abs(a)", "a if b else a", "'a'", "True", "a b", "", "a < b", "(a := 1)",
        "min(a, b, key=a)", "f'{a}'", "1j", "a" * 2000,
    ],
)  # fmt: skip
def test_nothing_but_arithmetic_is_read(text):
    with pytest.raises(ValueError, match="expression"):
        expression_names(text)


def row_parts() -> list[RowSums]:
    accuracy, dice = metrics.get("accuracy"), metrics.get("mean_dice")
    truth, decided = np.array([0, 1, 1]), np.array([0, 0, 1])
    # Pixels that both have, the decision has, the truth has, and all, of background and mask of
    # each image. Dice is 1/2, 1 and 2/3.
    ground = [[3, 4, 4, 6], [6, 6, 6, 6], [4, 5, 4, 6]]
    counts = np.stack([ground, [[1, 2, 2, 6], [0, 0, 0, 6], [1, 1, 2, 6]]], axis=1)
    options = {"empty": "one"}
    return [
        RowSums(accuracy, {}, metrics.sums(accuracy, truth, decided)),
        RowSums(dice, options, metrics.of_counts(dice, counts, kind="binary", **options)),
    ]


def test_sums_of_rows_have_the_score_of_any_of_them():
    weighted = Combination.model_validate(
        {"parts": [{**ACCURACY, "weight": 0.25}, {**DICE, "weight": 0.75}]}
    )
    metric, sums = weighted_sums(weighted, row_parts())
    assert metrics.value(metric, sums) == pytest.approx(
        0.25 * 2 / 3 + 0.75 * (1 / 2 + 1 + 2 / 3) / 3
    )
    assert metrics.value(metric, sums[1:2]) == pytest.approx(0.75)
    rowwise = Combination.model_validate(
        {"name": "x", "parts": [ACCURACY, DICE], "expression": "accuracy * mean_dice"}
    )
    metric, sums = row_sums(rowwise, [one.alone() for one in row_parts()])
    assert metrics.value(metric, sums) == pytest.approx((1 / 2 + 0 + 2 / 3) / 3)


def test_row_without_a_score_is_left_out_of_the_mean():
    made = Combination.model_validate(
        {"name": "x", "parts": [ACCURACY, DICE], "expression": "accuracy / mean_dice"}
    )
    alone = [np.array([1.0, 1.0, 1.0]), np.array([0.5, np.nan, 0.0])]
    metric, sums = row_sums(made, alone)
    assert metrics.value(metric, sums) == pytest.approx(2.0)
    with pytest.raises(DataError, match="no row has a score of every part"):
        metrics.value(metric, sums[1:])


def test_metric_of_a_combination_alone_has_a_name_and_a_direction():
    made = {"name": "x", "parts": [{**ACCURACY, "weight": -1}, {**DICE, "weight": -2}]}
    metric = combined_metric(made)
    assert (metric.name, metric.greater_is_better) == ("x", False)
