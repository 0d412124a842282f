"""Stacking: fold k is predicted by what the other folds taught, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from podium.competition import metrics
from podium.ensembling import blend, stack
from podium.ensembling.method import load_method
from podium.errors import DataError, UsageError
from podium.predictions import PredictionSet, write_fold
from podium.tuning.scoring import LabelScorer


def binary_members(n=120, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, n)
    evidence = 2.0 * truth - 1 + rng.standard_normal((3, n)) * [[0.8], [1.5], [3.0]]
    return expit(evidence)[..., None].astype(np.float32), truth


def test_fold_k_is_predicted_by_a_regression_on_the_other_folds():
    from sklearn.linear_model import LogisticRegression

    members, truth = binary_members()
    folds = np.arange(120) % 4
    found = stack(members, truth, "log_loss", folds)
    features = logit(members[..., 0].astype(np.float64)).T
    expected = np.empty(120)
    for fold in range(4):
        model = LogisticRegression(max_iter=1000).fit(features[folds != fold], truth[folds != fold])
        expected[folds == fold] = model.predict_proba(features[folds == fold])[:, 1]
    np.testing.assert_allclose(found.probs[:, 0], expected, atol=1e-6)
    assert found.honest == pytest.approx(metrics.score("log_loss", truth, expected), rel=1e-5)
    final = LogisticRegression(max_iter=1000).fit(features, truth)
    predicted = found.predict(members[:, :7])[:, 0]
    np.testing.assert_allclose(predicted, final.predict_proba(features[:7])[:, 1], atol=1e-6)


def test_the_truth_of_a_fold_does_not_change_its_prediction():
    members, truth = binary_members()
    folds = np.arange(120) % 4
    turned = np.where(folds == 2, 1 - truth, truth)
    plain, other = (stack(members, one, "log_loss", folds) for one in (truth, turned))
    inside = folds == 2
    np.testing.assert_array_equal(plain.probs[inside], other.probs[inside])
    assert plain.by_fold[2] == other.by_fold[2]
    assert (plain.probs[~inside] != other.probs[~inside]).all()
    assert plain.fitted != other.fitted


def test_it_is_the_blend_of_the_same_method():
    members, truth = binary_members()
    folds = np.arange(120) % 4
    plain = replace(metrics.get("log_loss"), is_proper=False)  # no blend is calibrated
    found = stack(members, truth, plain, folds)
    same = blend(members, truth, plain, folds, method="stack_logistic", n_resamples=5)
    assert (found.honest, found.optimistic) == (same.honest, same.optimistic)
    assert (found.fitted.weights, found.fitted.params) == (same.weights, same.params)


def test_values_are_stacked_by_ridge_and_the_intercept_mends_a_common_error():
    rng = np.random.default_rng(0)
    truth = rng.standard_normal(100)
    members = (truth + 5 + 0.3 * rng.standard_normal((2, 100)))[..., None]
    found = stack(members, truth, "rmse", np.arange(100) % 5)
    assert found.method == "stack_ridge"
    assert found.honest < 0.3
    assert metrics.score("rmse", truth, members.mean(0)) > 4.9


def test_rows_of_one_group_stay_together():
    members, truth = binary_members()
    with pytest.raises(DataError, match="lies in two folds"):
        stack(members, truth, "log_loss", np.arange(120) % 4, groups=["g"] * 120)
    lone = stack(members, truth, "log_loss", np.zeros(120, int), groups=np.arange(120) // 10)
    assert any("one fold only" in note for note in lone.notes)
    assert len(lone.by_fold) == 5


def test_sets_are_stacked_by_id(tmp_path):
    members, truth = binary_members()
    folds, ids = np.arange(120) % 4, [f"{i:03d}" for i in range(120)]
    rng, roots = np.random.default_rng(1), []
    for m, member in enumerate(members):
        roots.append(tmp_path / "runs" / f"run{m}-00000000" / "predictions" / "0a0b0c0d")
        for fold in range(3 if m else 4):  # one member alone has the last fold
            inside = rng.permutation(np.flatnonzero(folds == fold))
            write_fold(
                roots[-1],
                "oof",
                "classify",
                fold,
                ids=[ids[i] for i in inside],
                probs=member[inside],
                model="a model",
            )
    found = stack([PredictionSet(one) for one in roots], truth, "log_loss", folds, ids=ids)
    kept = np.flatnonzero(folds < 3)
    assert found.ids == tuple(ids[i] for i in kept)
    assert any("90 of 120 rows" in note for note in found.notes)
    plain = stack(members[:, kept], truth[kept], "log_loss", folds[kept])
    np.testing.assert_array_equal(found.probs, plain.probs)


def test_what_cannot_be_stacked_is_refused():
    members, truth = binary_members()
    folds = np.arange(120) % 4
    with pytest.raises(UsageError, match="stack_logistic takes them"):
        stack(members, truth, "log_loss", folds, method="stack_ridge")
    found = stack(members, truth, "log_loss", folds, names=["a", "b", "c"])
    with pytest.raises(DataError, match="3 members were stacked, and 2 are given"):
        found.predict(members[:2])
    members[1, 7] = np.inf
    with pytest.raises(DataError, match="b has values that are not finite in 1 row: 7"):
        stack(members, truth, "log_loss", folds, names=["a", "b", "c"])


def test_a_class_without_rows_keeps_a_probability():
    rng = np.random.default_rng(0)
    members = rng.dirichlet([1, 1, 1], (2, 60)).astype(np.float32)
    truth = np.arange(60) % 2  # nothing is of class 2
    how = load_method("stack_logistic")
    fitted = how.fitted(members, LabelScorer.of("log_loss", truth, n_outputs=3), seed=0)
    assert any("no row teaches columns [2]" in note for note in fitted.notes)
    assert [one[2] for one in fitted.params["coefficients"]] == [0.5, 0.5]
    predicted = how.combined(members, fitted)
    assert (predicted > 0).all()
    np.testing.assert_allclose(predicted.sum(1), 1, atol=1e-6)
