"""The best blend under the lens: decisions by its own steps, mistakes by confidence."""

import dataclasses

import numpy as np
import pytest

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.ensembling import read_blend
from podium.errors import DataError
from podium.reporting.labels.evaluation import LabelEvaluation, evaluate_blend_labels


def lens_of(made, blend, sets, samples=None):
    every = load_samples(made.competition, "train")
    folds = ensure_folds(made.workspace, made.competition, every)
    samples = every if samples is None else samples
    return evaluate_blend_labels(made.competition, blend, sets, samples, folds[: len(samples)])


@pytest.fixture
def blended(make):
    made = make()
    made.add_run("a-00000001", seed=1)
    return made, *read_blend(made.add_blend("a-00000001"))


def test_rows_keep_their_truth_fold_and_probabilities(blended):
    made, blend, sets = blended
    lens = lens_of(made, blend, sets)
    samples = load_samples(made.competition, "train")
    row = [list(samples["id"]).index(one) for one in lens.samples["id"]]
    folds = ensure_folds(made.workspace, made.competition, samples)
    np.testing.assert_array_equal(lens.probs, made.probs["a-00000001"][row])
    np.testing.assert_array_equal(lens.truth, np.array(row) % 3)
    np.testing.assert_array_equal(lens.folds, folds[row])


def test_decisions_are_made_by_the_blends_own_steps(blended):
    made, blend, sets = blended
    forced = dataclasses.replace(blend, decision=({"class_weights": [1.0, 0.0, 0.0]},))
    lens = lens_of(made, forced, sets)
    assert (lens.decisions == 0).all()
    assert {one.truth for one in lens.mistakes(99)} == {"dog", "eel"}
    assert len(lens.mistakes(99)) == 24


def test_rows_no_longer_in_the_train_part_are_reported(blended):
    made, blend, sets = blended
    samples = load_samples(made.competition, "train").iloc[:30]
    with pytest.raises(DataError, match="6 predicted rows"):
        lens_of(made, blend, sets, samples)


def plain_lens(make, kind, truth, probs, decisions):
    made = make(kind)
    samples = load_samples(made.competition, "train").iloc[: len(truth)]
    arrays = [np.asarray(one) for one in (truth, probs, decisions)]
    return LabelEvaluation(made.competition, samples, np.zeros(len(truth), int), *arrays)


def test_a_row_with_several_labels_counts_once_with_its_worst(make):
    lens = plain_lens(
        make,
        "multilabel",
        truth=[[1, 0, 0], [0, 1, 0]],
        probs=[[0.9, 0.8, 0.6], [0.1, 0.7, 0.2]],
        decisions=[[1, 1, 1], [0, 1, 0]],
    )
    (mistake,) = lens.mistakes(5)
    assert (mistake.row, mistake.truth, mistake.predicted) == (0, "cat", "cat, dog, eel")
    assert mistake.confidence == pytest.approx(0.8)


def test_a_missed_positive_is_as_confident_as_its_absence(make):
    lens = plain_lens(make, "binary", truth=[1, 0], probs=[[0.1], [0.6]], decisions=[0, 1])
    assert [one.confidence for one in lens.mistakes(5)] == pytest.approx([0.9, 0.6])
    assert [(one.truth, one.predicted) for one in lens.mistakes(5)] == [("1", "0"), ("0", "1")]


def test_the_largest_error_of_a_regression_stands_first(make):
    lens = plain_lens(make, "regression", [1.0, 5.0, 2.0], [[1.0], [2.0], [2.5]], [1.0, 2.0, 2.5])
    assert [(one.row, one.confidence) for one in lens.mistakes(5)] == [(1, 3.0), (2, 0.5)]


MISTAKES_ABOUT = {
    "multiclass": (
        [0, 1, 2, 2, 1],
        [[0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.1, 0.5, 0.4], [0.6, 0.3, 0.1], [0.1, 0.0, 0.9]],
        [1, 1, 1, 0, 2],
    ),
    "multilabel": (
        [[1, 0, 1], [0, 1, 1], [0, 0, 0]],
        [[0.1, 0.8, 0.6], [0.7, 0.4, 0.2], [0.3, 0.6, 0.1]],
        [[0, 1, 1], [1, 0, 0], [0, 1, 0]],
    ),
    "binary": ([0, 1, 1, 0], [[0.9], [0.2], [0.4], [0.6]], [1, 0, 0, 1]),
}


@pytest.mark.parametrize("kind", MISTAKES_ABOUT)
@pytest.mark.parametrize("false_positives", [False, True])
def test_mistakes_about_a_class_match_a_brute_force_search(make, kind, false_positives):
    truth, probs, decisions = (np.asarray(one) for one in MISTAKES_ABOUT[kind])
    lens = plain_lens(make, kind, truth, probs, decisions)
    for number in range(probs.shape[1] if kind != "binary" else 2):
        expected = []
        for row, p in enumerate(probs):
            if kind == "multilabel":
                there, predicted = truth[row, number] == 1, decisions[row, number] == 1
                confidence = p[number] if false_positives else 1 - p[number]
            else:
                there, predicted = truth[row] == number, decisions[row] == number
                of_said = (
                    p[decisions[row]] if kind == "multiclass" else abs(p[0] - 1 + decisions[row])
                )
                confidence = of_said
            if (predicted and not there) if false_positives else (there and not predicted):
                expected.append((row, pytest.approx(confidence)))
        expected.sort(key=lambda one: -one[1].expected)
        found = lens.mistakes_about(number, 9, false_positives=false_positives)
        assert [(one.row, one.confidence) for one in found] == expected
        assert len(lens.mistakes_about(number, 1, false_positives=false_positives)) == min(
            1, len(expected)
        )
