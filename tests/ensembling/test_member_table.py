"""The contributions of members: every cell against blends that were fitted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from podium.competition import metrics
from podium.ensembling import blend
from podium.ensembling.labels import LabelFits
from podium.ensembling.members import correlation, errors_of, member_table
from podium.ensembling.rows import gather
from podium.predictions.top_k import TopK, TopKMembers
from podium.tasks.protocols.find import image_kind

FOLDS = np.arange(90) % 3
NAMES = ["a", "b", "c"]


def members(n=90, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    raw = [s * np.eye(3)[truth] + rng.standard_normal((n, 3)) for s in (0.5, 1.0, 2.0)]
    exp = np.exp(np.stack(raw))
    return (exp / exp.sum(2, keepdims=True)).astype(np.float32), truth


def table_of(predicted, truth, metric, method="hill_climb", **kwargs):
    names = NAMES[: len(predicted)]
    rows = gather(predicted, truth, FOLDS, groups=None, ids=None, names=names)
    fits = LabelFits(rows, metrics.get(metric), image_kind("multiclass"), trials=3, n_resamples=20)
    return member_table(
        lambda chosen: fits.of_members(chosen).by(method),
        len(predicted),
        errors_of(predicted, truth, image_kind("multiclass")),
        **kwargs,
    )


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["macro_f1", "log_loss"])
def test_every_score_is_that_of_a_blend_of_these_members_alone(metric):
    predicted, truth = members()

    def honest(*chosen):
        some = predicted[list(chosen)]
        return blend(some, truth, metric, FOLDS, method="hill_climb", trials=3, n_resamples=20)

    table, whole = table_of(predicted, truth, metric), honest(0, 1, 2)
    assert table.honest == whole.honest
    assert table.best == "c"
    sign = 1 if whole.greater_is_better else -1
    for m, one in enumerate(table.members):
        others = [k for k in range(3) if k != m]
        assert one.name == NAMES[m]
        assert one.weight == whole.weights[m]
        assert one.alone == honest(m).honest
        assert one.dropped.score == honest(*others).honest
        assert one.dropped.gain == sign * (whole.honest - one.dropped.score)
        if m == 2:
            assert one.added is None
        else:
            assert one.added.score == honest(m, 2).honest
            assert one.added.gain == sign * (one.added.score - honest(2).honest)


def test_a_gain_and_its_standard_error_are_those_of_rows_and_of_paired_draws():
    """The plain mean of two members scored by log loss: differences of rows, drawn by hand."""
    predicted, truth = members()
    plain = replace(metrics.get("log_loss"), is_proper=False)  # nothing is calibrated
    found = table_of(predicted[1:], truth, plain, method="mean", n=40, seed=3)
    rows = np.arange(90)
    both = -np.log(predicted[1:].astype(float).mean(0)[rows, truth])
    strong = -np.log(predicted[2].astype(float)[rows, truth])
    draws = np.random.default_rng(3).integers(90, size=(40, 90))
    expected = np.std([(both - strong)[one].mean() for one in draws], ddof=1)
    assert found.members[0].dropped.error == pytest.approx(expected, rel=1e-4)
    assert found.members[0].added.error == pytest.approx(expected, rel=1e-4)
    gain = pytest.approx((strong - both).mean(), rel=1e-4)  # of a loss
    assert (found.members[0].dropped.gain, found.members[0].added.gain) == (gain, gain)


def test_one_member_has_no_rival():
    predicted, truth = members()
    table = table_of(predicted[:1], truth, "log_loss")
    (one,) = table.members
    assert (one.dropped, one.added, one.weight) == (None, None, 1.0)
    assert table.correlation.tolist() == [[1.0]]


def test_each_subset_is_fitted_once():
    predicted, truth = members()
    rows = gather(predicted, truth, FOLDS, groups=None, ids=None, names=NAMES)
    fits = LabelFits(rows, metrics.get("log_loss"), image_kind("multiclass"), n_resamples=20)
    requested = []

    def fit(chosen):
        requested.append(chosen)
        return fits.of_members(chosen).by("mean")

    member_table(fit, 3, errors_of(predicted, truth, image_kind("multiclass")), n=10)
    # All, each alone, all but one, and the best with each: the pairs are three in all.
    assert sorted(requested) == sorted({*requested})
    assert len(requested) == 1 + 3 + 3


def test_errors_are_one_less_the_probability_of_what_is_right():
    predicted, truth = members(12)
    expected = [[1 - float(one[i, truth[i]]) for i in range(12)] for one in predicted]
    assert errors_of(predicted, truth, image_kind("multiclass")) == pytest.approx(
        np.array(expected)
    )
    listed = TopKMembers([TopK.of(one, 3) for one in predicted])
    assert errors_of(listed, truth, image_kind("multiclass")) == pytest.approx(np.array(expected))
    few = TopK.of(predicted[0], 1)
    found = errors_of(TopKMembers([few, few]), truth, image_kind("multiclass"))[0]
    assert 1 - found == pytest.approx(few.dense()[np.arange(12), truth])


def test_rows_without_truth_are_left_out():
    predicted, truth = members(12)
    new = truth.copy()
    new[[2, 5]] = -1
    assert errors_of(predicted, new, image_kind("multiclass")).shape == (3, 10)
    marks = np.array([[0, 1], [1, np.nan]])
    two = np.array([[[0.2, 0.7], [0.6, 0.9]]])
    assert errors_of(two, marks, image_kind("multilabel")) == pytest.approx(
        np.array([[0.2, 0.3, 0.4]])
    )


def test_errors_of_numbers_have_a_sign_and_those_of_binary_labels_none():
    predicted = np.array([[[0.2], [0.9]]])
    assert errors_of(predicted, np.array([1.0, 0.0]), image_kind("regression")) == pytest.approx(
        np.array([[-0.8, 0.9]])
    )
    assert errors_of(predicted, np.array([1, 0]), image_kind("binary")) == pytest.approx(
        np.array([[0.8, 0.9]])
    )


def test_correlations_are_numpys_and_of_what_never_varies_there_are_none():
    errors = np.random.default_rng(0).random((4, 50))
    assert correlation(errors) == pytest.approx(np.corrcoef(errors))
    errors[1] = 0.1
    found = correlation(errors)
    assert np.isnan(found[1, [0, 2, 3]]).all()
    assert found[1, 1] == 1
    assert found[0, 2] == pytest.approx(np.corrcoef(errors)[0, 2])
    none = correlation(np.empty((2, 0)))
    assert np.isnan(none[0, 1])
    assert none[0, 0] == 1
