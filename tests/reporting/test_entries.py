"""Decisions of blends in words, and which metric a task of a run has."""

import dataclasses

import pytest

from podium.ensembling.blend import Blend
from podium.reporting.entries import decision_of, metric_of


def blend_with(*decision):
    found = {one.name: None for one in dataclasses.fields(Blend) if one.name != "options"}
    return Blend(**{**found, "decision": decision})


def test_weights_of_a_mask_begin_with_background():
    blend = blend_with({"class_weights": [1, 2, 3]}, {"argmax": None}, {"median": 5})
    assert decision_of(blend, ["cat", "dog"]) == [
        ("class weights", [("background", 1.0), ("cat", 2.0), ("dog", 3.0)]),
        ("argmax", []),
        ("median", [("", 5.0)]),
    ]


def test_one_number_a_class_has_the_names_of_the_classes():
    blend = blend_with({"threshold": [0.3, 0.4]}, {"min_area": [10, 20]})
    assert decision_of(blend, ["cat", "dog"]) == [
        ("threshold", [("cat", 0.3), ("dog", 0.4)]),
        ("min area", [("cat", 10.0), ("dog", 20.0)]),
    ]


@pytest.mark.parametrize(
    ("scored", "metrics"),
    [("segment", ["accuracy", "mean_iou"]), ("classify", ["auc", "mean_dice"])],
)
def test_the_scored_task_has_the_competitions_metric_the_other_the_usual_one(
    make_masks, scored, metrics
):
    made = make_masks(
        segment="binary",
        classify="binary",
        metric={"name": "auc" if scored == "classify" else "mean_iou", "task": scored},
    )
    assert [metric_of(made.competition, task) for task in ("classify", "segment")] == metrics
