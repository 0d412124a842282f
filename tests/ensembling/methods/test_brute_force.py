"""Every blending method against plain numpy, on random members: ties, constants, one class, one."""

import dataclasses
import json
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from podium.ensembling import blend
from podium.ensembling.method import Fitted, load_method, method_names
from podium.errors import DataError, UsageError
from podium.tuning.scoring import LabelScorer

KINDS = ("binary", "multiclass", "multilabel", "ordinal", "regression")
METRICS = {
    "binary": ("log_loss", "accuracy"),
    "multiclass": ("log_loss", "accuracy"),
    "multilabel": ("brier", "macro_f1"),
    "ordinal": ("mae",),
    "regression": ("rmse",),
}
N_CLASSES = 4  # of a rating


def objective_of(kind, truth, n_outputs, metric):
    options = {"zero_division": 0.0} if metric == "macro_f1" else None
    n_classes = N_CLASSES if kind == "ordinal" else None
    given_values = {
        "n_outputs": n_outputs,
        "kind": kind,
        "options": options,
        "n_classes": n_classes,
    }
    return LabelScorer.of(metric, truth, **given_values)


@cache
def metric_for(method, kind):
    """Return the first of the kind's metrics that the method does not refuse; None: it has none."""
    truth = np.array([[0, 1], [1, 0]]) if kind == "multilabel" else np.array([0, 1])
    n_outputs = 2 if kind in ("multiclass", "multilabel") else 1
    for metric in METRICS[kind]:
        if not load_method(method).refuses(objective_of(kind, truth, n_outputs, metric)):
            return metric
    return None


CASES = [(method, kind) for method in method_names() for kind in KINDS if metric_for(method, kind)]


@st.composite
def blends(draw, kind):
    """Members of few different values, so that many tie; some are constant, some alone."""
    n_members, n = draw(st.integers(1, 4)), draw(st.integers(1, 12))
    n_outputs = draw(st.integers(2, 4)) if kind in ("multiclass", "multilabel") else 1
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    levels = draw(st.sampled_from((1, 2, 4, 1000)))
    members = rng.integers(0, levels + 1, (n_members, n, n_outputs)) / levels
    for m in draw(st.sets(st.integers(0, n_members - 1))):
        members[m] = members[m, :1]  # constant
    if kind == "multiclass":
        members += (members.sum(2, keepdims=True) == 0) / n_outputs
        members /= members.sum(2, keepdims=True)
    elif kind == "ordinal":
        members *= N_CLASSES - 1
    elif kind == "regression":
        members = 7 * members - 3
    n_classes = {"multiclass": n_outputs, "ordinal": N_CLASSES}.get(kind, 2)
    if draw(st.booleans()):
        n_classes = 1  # every row is of one class
    shape = (n, n_outputs) if kind == "multilabel" else n
    truth = rng.normal(size=n) if kind == "regression" else rng.integers(0, n_classes, shape)
    return members.astype(np.float32), truth, np.arange(n) % min(n, 3)


# How each method combines members, in numpy's words. p is (M, N, C) in float64, w the shares.


def plain_mean(p, w, params, kind):
    return np.einsum("m,mnc->nc", w, p)


def to_one(p, kind):
    return p / p.sum(1, keepdims=True) if kind == "multiclass" else p


def plain_geometric(p, w, params, kind):
    return to_one(np.prod(np.maximum(p, 1e-7) ** w[:, None, None], axis=0), kind)


def plain_logit_mean(p, w, params, kind):
    if kind == "multiclass":
        exp = np.exp(np.log(np.maximum(p, 1e-7)).mean(0))
        return exp / exp.sum(1, keepdims=True)
    clipped = np.clip(p, 1e-7, 1 - 1e-7)
    return 1 / (1 + np.exp(-np.log(clipped / (1 - clipped)).mean(0)))


def plain_power(p, w, params, kind):
    a = params["exponent"]
    return to_one(np.mean(np.maximum(p, 1e-7) ** a, axis=0) ** (1 / a), kind)


def plain_vote(p, w, params, kind):
    votes = np.zeros(p.shape[1:])
    for one in p:
        if kind == "multiclass":
            for row, probs in enumerate(one):
                votes[row, list(probs).index(max(probs))] += 1
        else:
            votes += one >= 0.5
    return (votes + p.mean(0)) / (len(p) + 1)


def plain_per_class(p, w, params, kind):
    total = np.einsum("mc,mnc->nc", np.array(params["by_class"]), p)
    if kind == "multiclass":
        mean = np.einsum("m,mnc->nc", w, p)
        total = np.array([t / t.sum() if t.sum() else m for t, m in zip(total, mean, strict=True)])
    return total


def plain_stack_logistic(p, w, params, kind):
    clipped = np.clip(p, 1e-7, 1 - 1e-7)
    odds = np.log(clipped / (1 - clipped))
    total = np.einsum("mc,mnc->nc", np.array(params["coefficients"]), odds)
    return to_one(1 / (1 + np.exp(-(total + params["intercepts"]))), kind)


def plain_stack_ridge(p, w, params, kind):
    return np.einsum("m,mnc->nc", params["coefficients"], p) + params["intercept"]


PLAIN = {
    "bagged": plain_mean,
    "best": plain_mean,
    "geometric": plain_geometric,
    "hill_climb": plain_mean,
    "logit_mean": plain_logit_mean,
    "mean": plain_mean,
    "paying": plain_mean,
    "per_class": plain_per_class,
    "power": plain_power,
    "rank": plain_mean,
    "search": plain_mean,
    "simplex": plain_mean,
    "stack_logistic": plain_stack_logistic,
    "stack_ridge": plain_stack_ridge,
    "vote": plain_vote,
}


@pytest.mark.slow
@pytest.mark.parametrize(("method", "kind"), CASES)
def test_a_method_equals_plain_numpy(method, kind, monkeypatch):
    if method == "search":
        monkeypatch.setattr("podium.ensembling.methods.search.TRIALS", 3)

    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(made=blends(kind), shuffle=st.randoms(use_true_random=False))
    def check(made, shuffle):
        members, truth, folds = made
        objective = objective_of(kind, truth, members.shape[2], metric_for(method, kind))
        how, before = load_method(method), members.copy()
        prepared = how.prepared(members, folds)
        fitted = how.fitted(prepared, objective, seed=3)
        predicted = how.combined(prepared, fitted)
        np.testing.assert_array_equal(members, before)  # nobody's arguments change
        assert predicted.shape == members.shape[1:]
        assert predicted.dtype == np.float32
        check_shares(fitted, len(members))
        check_is_plain(method, kind, prepared, fitted, predicted)
        check_rows_are_alone(how, prepared, fitted, predicted, shuffle)
        assert how.fitted(prepared, objective, seed=3) == fitted
        kept = Fitted(**json.loads(json.dumps(dataclasses.asdict(fitted))))
        np.testing.assert_array_equal(how.combined(prepared, kept), predicted)
        assert how.n_fitted(*members.shape[::2]) >= 0

    check()


def check_shares(fitted, n_members):
    assert len(fitted.weights) == n_members
    assert all(type(one) is float for one in fitted.weights)
    assert min(fitted.weights) >= 0
    assert sum(fitted.weights) == pytest.approx(1)


def check_is_plain(method, kind, prepared, fitted, predicted):
    if len(prepared) == 1:
        np.testing.assert_array_equal(predicted, prepared[0])
        return
    if fitted.params:
        assert method in PLAIN, f"write what {method} combines in plain numpy, in PLAIN"
        how = PLAIN[method]
    else:  # so `Method.combined` has it
        how = plain_mean
        assert PLAIN.get(method) is plain_mean, f"without params {method} is plain_mean, in PLAIN"
    expected = how(prepared.astype(np.float64), np.array(fitted.weights), fitted.params, kind)
    np.testing.assert_allclose(predicted, expected, rtol=1e-5, atol=1e-6)


def check_rows_are_alone(how, prepared, fitted, predicted, shuffle):
    """Any block of rows, and any order of them, gives the same rows: to the bit."""
    n = predicted.shape[0]
    cut = shuffle.randint(0, n)
    for block in (slice(0, cut), slice(cut, n)):
        if block.start < block.stop:
            part = [np.ascontiguousarray(one[block]) for one in prepared]
            np.testing.assert_array_equal(how.combined(part, fitted), predicted[block])
    order = shuffle.sample(range(n), n)
    np.testing.assert_array_equal(how.combined(prepared[:, order], fitted), predicted[order])


def test_ranks_are_mean_ranks_of_each_column_in_its_fold():
    rng = np.random.default_rng(0)
    members = rng.integers(0, 4, (2, 30, 3)) / 4
    folds = rng.integers(0, 3, 30)
    found = load_method("rank").prepared(members, folds)
    for member, ranks in zip(members, found, strict=True):
        for fold in range(3):
            rows = np.flatnonzero(folds == fold)
            for c in range(3):
                values = member[rows, c].tolist()
                below = [sum(v < one for v in values) for one in values]
                equal = [sum(v == one for v in values) for one in values]
                each = [b + (e + 1) / 2 for b, e in zip(below, equal, strict=True)]
                assert each == rankdata(values).tolist()
                expected = (np.array(each) - 0.5) / len(rows)
                np.testing.assert_allclose(ranks[rows, c], expected, rtol=1e-6)
    one_fold = load_method("rank").prepared(members)  # the test set
    np.testing.assert_allclose(one_fold[0][:, 0].mean(), 0.5, rtol=1e-6)


def blended(method, kind, change):
    """Blend good members of a kind after `change` has spoilt them."""
    rng = np.random.default_rng(0)
    n_outputs = 3 if kind in ("multiclass", "multilabel") else 1
    members = rng.uniform(0.2, 0.8, (3, 24, n_outputs))
    if kind == "multiclass":
        members /= members.sum(2, keepdims=True)
    shape = (24, 3) if kind == "multilabel" else 24
    truth = rng.random(24) if kind == "regression" else rng.integers(0, 2, shape)
    given_values = change(list(members.astype(np.float32)))
    return blend(
        given_values,
        truth,
        metric_for(method, kind),
        np.arange(24) % 3,
        kind=kind,
        method=method,
        names=["a", "b", "c"],
        n_resamples=2,
    )


def with_value(value):
    def change(members):
        members[1][7, 0] = value
        return members

    return change


@pytest.mark.parametrize(("method", "kind"), CASES)
def test_what_is_not_finite_or_missing_is_refused_with_its_name(method, kind):
    for value in (np.nan, np.inf):
        with pytest.raises(DataError, match="b has values that are not finite in 1 row: 7"):
            blended(method, kind, with_value(value))
    with pytest.raises(DataError, match=r"different shapes: a \(24, \d\), b \(23, \d\)"):
        blended(method, kind, lambda members: [members[0], members[1][1:], members[2]])


@pytest.mark.parametrize("method", method_names())
def test_a_refusal_gives_the_reason(method):
    assert any(metric_for(method, kind) for kind in KINDS)
    for kind in KINDS:
        if metric_for(method, kind) is None:
            n_outputs = 2 if kind in ("multiclass", "multilabel") else 1
            truth = np.zeros((6, 2) if kind == "multilabel" else 6, dtype=int)
            members = np.full((2, 6, n_outputs), 0.5)
            with pytest.raises(UsageError, match=f"cannot be blended by {method}: .{{10}}"):
                blend(members, truth, METRICS[kind][0], np.arange(6) % 2, kind=kind, method=method)
