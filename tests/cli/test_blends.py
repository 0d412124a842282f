from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from podium.cli.blends import _print_part, _print_rates, _print_scores, describe_decision
from podium.competition.scores.estimates import ONE_EACH, ExpectedScore
from podium.ensembling import blend
from podium.tasks.protocols.find import pixel_kind
from podium.workspace.blend_notes import DOUBT


@pytest.mark.parametrize("decision", [[], [{"threshold": 0.5}]])
def test_a_decision_on_objects_describes_how_the_mask_is_split(decision):
    printed = describe_decision(decision, "binary", [], has_objects=True)
    assert printed == [
        "a pixel belongs to a mask from a probability of 0.5 on",
        "pixels that touch by a side or a corner are one object",
    ]
    assert describe_decision(decision, "binary", []) == printed[:1]


def test_the_step_of_objects_is_described_once():
    decision = [{"threshold": 0.4}, {"objects": {"connectivity": 1}}, {"min_area": 9}]
    printed = describe_decision(decision, "binary", [], has_objects=True)
    assert [one.startswith("pixels that touch by a side are") for one in printed] == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (
            {"hysteresis": {"low": 0.3, "high": 0.6}},
            "an area is there from a probability of 0.3 on, where one pixel in it reaches 0.6",
        ),
        (
            {"hysteresis": {"low": 0.3, "high": 0.7, "area": 400, "within": "image"}},
            "an area is there from a probability of 0.3 on, where 400 pixels in the image reach "
            "0.7",
        ),
        (
            {"hysteresis": [{"low": 0.6}, {"low": [0.3, 0.4], "area": 500}]},
            "an area is there of one pixel with a probability from 0.6 on; or of 500 pixels with a "
            "probability from ball 0.3, bar 0.4 on",
        ),
        ({"open": 2}, "where no disc of radius 2 fits into a class, it is dropped"),
        ({"close": [1, 2]}, "gaps into which no disc of radius ball 1, bar 2 fits are closed"),
        ({"fill_holes": [None, 30]}, "holes are filled up to ball any, bar 30 pixels"),
        ({"largest": [1, 3]}, "the ball 1, bar 3 largest areas of a class are kept"),
        ({"min_area": [1500, 0]}, "areas below ball 1500, bar 0 pixels are dropped"),
        (
            {"median": [3, 5]},
            "a pixel becomes what is most frequent in windows of so many pixels: ball 3, bar 5",
        ),
        (
            {"class_weights": [1.5, 1, 0]},
            "probabilities are weighted: background 1.5, ball 1, bar 0",
        ),
        ({"class_weights": [1.5, 1, 1]}, "the background counts 1.5 times a class"),
    ],
)
def test_every_step_is_described(step, words):
    kind = "multiclass" if "class_weights" in step else "multilabel"
    assert describe_decision([step], kind, ["ball", "bar"]) == [words]


@pytest.mark.parametrize(
    "step",
    [
        {"fill_holes": 0},
        {"min_area": [0, 0]},
        {"open": 0},
        {"close": 0},
        {"median": 1},
        {"gate": 0},
    ],
)
def test_a_step_that_changes_nothing_is_not_described(step):
    assert describe_decision([{"threshold": 0.4}, step], "binary", ["ball", "bar"]) == [
        "a pixel belongs to a mask from a probability of 0.4 on"
    ]


def test_one_class_that_a_step_changes_is_enough_to_describe_it():
    printed = describe_decision([{"open": [0, 2]}], "multilabel", ["ball", "bar"])
    assert printed == ["where no disc of radius ball 0, bar 2 fits into a class, it is dropped"]


def test_a_rule_whose_two_thresholds_are_equal_is_described_by_one():
    printed = describe_decision([{"hysteresis": {"low": 0.5, "high": 0.5}}], "binary", [])
    assert printed == ["an area is there of one pixel with a probability from 0.5 on"]


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_plain_decision_of_masks_is_printed_as_in_the_report(kind):
    assert describe_decision([], kind, ["ball", "bar"]) == [pixel_kind(kind).plain_decision]


def test_a_note_on_a_member_that_scores_better_ends_with_the_command_that_sends_it(capsys):
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 90)
    strong = 0.1 + 0.7 * np.eye(3)[truth]
    members = np.stack([strong[::-1], strong])
    names = ["weak-00000001", "strong-00000002"]
    found = blend(members, truth, "log_loss", np.arange(90) % 3, names=names, method="mean")
    _print_part(found, None)
    (note,) = [line for line in capsys.readouterr().out.splitlines() if "scores better" in line]
    assert note.startswith("note: strong-00000002 alone scores better: ")
    assert note.endswith("; to send it: podium submit strong-00000002")
    _print_part(found, None, best="tuned-00000003")
    assert "to send it" not in capsys.readouterr().out, "another one is sent"
    doubt = f"strong-00000002 scores 0.0000, the best other run 2.0000: {DOUBT}"
    _print_part(dataclasses.replace(found, notes=(*found.notes, doubt)), None)
    printed = capsys.readouterr().out
    assert "scores better" in printed
    assert "to send it" not in printed


@pytest.mark.parametrize("other", ["run-00000001:hflip", "run-00000002"])
def test_a_run_of_which_views_are_blended_is_named_with_its_view(capsys, other):
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 90)
    strong = 0.1 + 0.7 * np.eye(3)[truth]
    members, names = np.stack([strong, strong[::-1]]), ["run-00000001", other]
    found = blend(members, truth, "accuracy", np.arange(90) % 3, names=names, method="best")
    _print_part(found, SimpleNamespace(classes_of=lambda _: ["a", "b", "c"]))
    (line,) = [one for one in capsys.readouterr().out.splitlines() if one.startswith("it is ")]
    assert line.startswith("it is run-00000001 alone")
    assert ("view identity" in line) == (":" in other)


def test_both_lines_on_the_test_set_give_the_same_for_one_prediction_of_each_row(capsys):
    for n_models, words in ((1, ONE_EACH), (5, "models")):
        expected = str(ExpectedScore(0.7, None, 0.0, n_models, 20))
        _print_rates([], None, is_mean=n_models > 1)
        assert words in expected
        assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("metric", "words"),
    [("auc", "nothing is fitted on them"), ("log_loss", "fitted on others of these rows")],
)
def test_an_honest_score_of_one_fold_is_called_so(capsys, metric, words):
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 40)
    members = rng.dirichlet(np.ones(3), (2, 40))
    _print_scores(blend(members, truth, metric, np.full(40, 2), method="mean"))
    honest = next(
        line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("honest")
    )
    assert f"of fold 2 alone, 40 rows: {words}" in honest


@pytest.mark.parametrize(
    ("metric", "options", "words"),
    [
        ("auc", {}, "out of fold, nothing is fitted on it"),
        ("log_loss", {}, "fitted on the other folds"),  # its calibration
        ("accuracy", {"trials": 2}, "fitted on the other folds"),
        ("auc", {"method": "simplex"}, "fitted on the other folds"),
    ],
)
def test_an_honest_score_is_called_fitted_where_something_was(capsys, metric, options, words):
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 90)
    members = rng.dirichlet(np.ones(3), (2, 90))
    found = blend(members, truth, metric, np.arange(90) % 3, **{"method": "mean"} | options)
    _print_scores(found)
    honest = next(
        line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("honest")
    )
    assert honest.strip().endswith(f"{words}: believe this one")
