"""Rules of active learning against their formulas in plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from podium.errors import UsageError
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES
from podium.training.active_learning import RULES, acquisition_scores

MULTICLASS = image_kind("multiclass")
PROBS = [[0.7, 0.2, 0.1], [1.0, 0.0, 0.0], [0.4, 0.4, 0.2], [0.34, 0.33, 0.33]]


def entropy(p):
    return -sum(q * math.log(q) for q in p if q > 0)


def by_hand(rule, p, voices):
    """Return the score of one distribution, `voices` the prediction of each model."""
    first, second = sorted(p, reverse=True)[:2]
    if rule == "entropy":
        return entropy(p)
    if rule == "margin":
        return 1 - (first - second)
    if rule == "least-confidence":
        return 1 - first
    # As the mean of Kullback-Leibler divergences from the mean, and not as podium has it.
    mean = [sum(q) / len(voices) for q in zip(*voices, strict=True)]
    total = 0.0
    for voice in voices:
        total += sum(q * math.log(q / m) for q, m in zip(voice, mean, strict=True) if q > 0)
    return total / len(voices)


def voices_of(rng, probs, n=3):
    """Return `n` models whose mean is `probs`, as far as that is possible."""
    found = [rng.dirichlet(np.ones(probs.shape[1]), len(probs)) for _ in range(n)]
    return [np.asarray(one, dtype=np.float64) for one in found]


@pytest.mark.parametrize("rule", RULES)
def test_of_many_classes(rule, rng):
    probs = np.array(PROBS)
    voices = voices_of(rng, probs)
    predicted = acquisition_scores(probs, voices, rule, MULTICLASS)
    wanted = [
        by_hand(rule, p, [v[i].tolist() for v in voices]) for i, p in enumerate(probs.tolist())
    ]
    np.testing.assert_allclose(predicted, wanted, atol=1e-12)
    assert predicted.dtype == np.float64


@pytest.mark.parametrize("rule", RULES)
def test_of_yes_or_no(rule, rng):
    probs = np.array([[0.5], [0.0], [1.0], [0.8]])
    voices = [rng.uniform(size=(4, 1)) for _ in range(4)]
    predicted = acquisition_scores(probs, voices, rule, image_kind("binary"))
    wanted = [
        by_hand(rule, [1 - p[0], p[0]], [[1 - v[i, 0], v[i, 0]] for v in voices])
        for i, p in enumerate(probs)
    ]
    np.testing.assert_allclose(predicted, wanted, atol=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_of_several_labels_each_class_is_a_question(rule, rng):
    probs = rng.uniform(size=(5, 3))
    voices = [rng.uniform(size=(5, 3)) for _ in range(2)]
    predicted = acquisition_scores(probs, voices, rule, image_kind("multilabel"))
    for i in range(5):
        each = [
            by_hand(rule, [1 - probs[i, c], probs[i, c]], [[1 - v[i, c], v[i, c]] for v in voices])
            for c in range(3)
        ]
        wanted = max(each) if rule == "margin" else sum(each) / 3
        assert predicted[i] == pytest.approx(wanted, abs=1e-12)


def test_models_that_agree_disagree_by_nothing_and_opposed_ones_by_ln_2():
    sure, other = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    assert acquisition_scores(sure, [sure, sure], "disagreement", MULTICLASS) == [0.0]
    apart = acquisition_scores((sure + other) / 2, [sure, other], "disagreement", MULTICLASS)
    assert apart == pytest.approx([math.log(2)])
    # Both unsure in the same way: entropy is high, and nobody disagrees.
    even = np.full((1, 2), 0.5)
    assert acquisition_scores(even, [even, even], "disagreement", MULTICLASS) == [0.0]


@pytest.mark.parametrize("kind", [image_kind("ordinal"), image_kind("regression")])
def test_values_disagree_by_their_deviation_and_have_no_other_rule(kind):
    voices = [np.array([[1.0], [2.0]]), np.array([[3.0], [2.0]])]
    predicted = acquisition_scores(np.array([[2.0], [2.0]]), voices, "disagreement", kind)
    assert predicted.tolist() == [1.0, 0.0]
    for rule in ("entropy", "margin", "least-confidence"):
        with pytest.raises(UsageError, match="no probability") as raised:
            acquisition_scores(voices[0], voices, rule, kind)
        assert raised.value.fix == "write --by disagreement"


def test_vectors_disagree_by_their_distance_from_the_mean():
    vectors = Kind("vectors", IMAGES, is_continuous=True, fixed_outputs=2)
    voices = [np.array([[1.0, 0.0], [0.6, 0.8]]), np.array([[0.0, 1.0], [0.6, 0.8]])]
    predicted = acquisition_scores(np.mean(voices, axis=0), voices, "disagreement", vectors)
    assert predicted == pytest.approx([math.hypot(0.5, 0.5), 0.0])


def test_one_model_cannot_disagree():
    with pytest.raises(UsageError, match="one model cannot disagree"):
        acquisition_scores(np.array(PROBS), [np.array(PROBS)], "disagreement", MULTICLASS)


@pytest.fixture
def rng():
    return np.random.default_rng(3)
