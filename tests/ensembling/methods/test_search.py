"""The search for weights against its own starts, and a score with known best weights."""

import logging

import numpy as np
import optuna
import pytest
from sklearn.metrics import roc_auc_score

from podium.competition import metrics
from podium.ensembling import hill_climb, simplex_weights
from podium.ensembling.method import Fitted, load_method, weighted_mean
from podium.ensembling.methods.search import starts
from podium.predictions.top_k import TopK, TopKMembers
from podium.tuning.scoring import LabelScorer

METHOD = load_method("search")


def drawn(seed=0, m=5, n=250):
    """Members of one class in five, of unequal skill and scale, and the truth."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.2).astype(np.int64)
    skill = rng.uniform(0.1, 0.6, (m, 1))
    logits = skill * (2 * truth - 1) + rng.normal(0, 1, (m, n))
    return (1 / (1 + np.exp(-logits * rng.uniform(0.3, 3, (m, 1)))))[..., None], truth


@pytest.fixture(scope="module")
def found():
    """Members, their objective and what the search finds."""
    members, truth = drawn()
    scorer = LabelScorer.of("auc", truth, n_outputs=1, kind="binary")
    return members, scorer, METHOD.fitted(members, scorer, seed=3)


def test_it_is_better_than_each_of_its_starts(found):
    members, scorer, fitted = found
    weights = [
        np.full(5, 0.2),
        *np.eye(5),
        hill_climb(members, scorer.truth, "auc", kind="binary", patience=10),
        simplex_weights(members, scorer.truth, "auc", kind="binary").weights,
    ]
    starts = [scorer.of_probs(weighted_mean(members, Fitted.of(one))) for one in weights]
    assert scorer.of_probs(METHOD.combined(members, fitted)) > max(starts)
    assert fitted.notes[0].startswith("search of 200 trials from hill climbing: ")
    assert not fitted.notes[0].endswith(": 0 found better weights")


def test_its_starts_are_shares_of_the_members(found):
    members, scorer, _ = found
    begun = starts(members, scorer, seed=3)
    assert list(begun) == ["equal weights", "the best member", "hill climbing", "the simplex"]
    assert begun["equal weights"].tolist() == [0.2] * 5
    alone = [roc_auc_score(scorer.truth, one[:, 0]) for one in members]
    assert begun["the best member"].tolist() == np.eye(5)[np.argmax(alone)].tolist()
    assert [one.sum() for one in begun.values()] == pytest.approx([1.0] * 4)


@pytest.mark.slow
def test_weights_are_shares_and_the_same_for_the_same_seed(found):
    members, scorer, fitted = found
    assert min(fitted.weights) >= 0
    assert sum(fitted.weights) == pytest.approx(1)
    assert METHOD.fitted(members, scorer, seed=3) == fitted
    assert METHOD.fitted(members, scorer, seed=4).weights != fitted.weights


def test_where_nothing_is_better_the_first_of_the_best_starts_is_returned():
    truth = np.arange(12) % 2
    members = np.stack([truth, 1 - truth, truth]).astype(float)[..., None]
    scorer = LabelScorer.of("accuracy", truth, n_outputs=1, kind="binary")
    fitted = METHOD.fitted(members, scorer, seed=0)
    assert fitted.weights == pytest.approx((1 / 3,) * 3)  # right everywhere, as is the best member
    assert fitted.notes == ("search of 200 trials from equal weights: 0 found better weights",)


def test_the_sampler_is_told_the_score_of_every_trial(monkeypatch):
    told, tell = [], optuna.Study.tell
    monkeypatch.setattr("podium.ensembling.methods.search.TRIALS", 12)
    monkeypatch.setattr(optuna.Study, "tell", lambda *given: told.append(given[2]) or tell(*given))
    members, truth = drawn(4, n=60)
    scorer = LabelScorer.of("auc", truth, n_outputs=1, kind="binary")
    fitted = METHOD.fitted(members, scorer, seed=0)
    begun = [
        scorer.of_probs(weighted_mean(members, Fitted.of(one)))
        for one in starts(members, scorer, 0).values()
    ]
    assert len(told) == 12
    best = scorer.of_probs(METHOD.combined(members, fitted))
    assert best == pytest.approx(max(*told, *begun), abs=1e-12)


def test_a_loss_comes_down_to_its_optimum_on_the_simplex():
    members, truth = drawn(1, m=3, n=80)
    scorer = LabelScorer.of("log_loss", truth, n_outputs=1, kind="binary")
    least = simplex_weights(members, truth, "log_loss", kind="binary").loss
    probs = METHOD.combined(members, METHOD.fitted(members, scorer, seed=0))
    assert metrics.score("log_loss", truth, probs) == pytest.approx(least, abs=1e-7)


@pytest.mark.slow
def test_values_that_are_no_probabilities_are_searched_without_the_simplex():
    members, truth = drawn(2)
    logits = np.log(members / (1 - members))
    scorer = LabelScorer.of("auc", truth, n_outputs=1, kind="binary")
    fitted = METHOD.fitted(logits, scorer, seed=0)
    best = max(scorer.of_probs(one) for one in logits)
    assert scorer.of_probs(METHOD.combined(logits, fitted)) >= best


@pytest.mark.slow
def test_members_of_thousands_of_classes_are_searched_by_the_likeliest():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 8, 40)
    members = [rng.dirichlet(np.ones(8), 40) + 0.3 * np.eye(8)[truth] for _ in range(3)]
    members = [TopK.of((one / 1.3).astype(np.float32), 3) for one in members]
    scorer = LabelScorer.of("accuracy", truth, n_outputs=8, kind="multiclass")
    fitted = METHOD.fitted(TopKMembers(members), scorer, seed=0)
    got = scorer.of_probs(METHOD.combined(TopKMembers(members), fitted))
    assert got >= max(scorer.of_probs(one) for one in members)


def test_it_writes_no_line_a_trial_and_leaves_optunas_logging_as_it_was(capfd):
    members, truth = drawn(3, m=2, n=30)
    before = optuna.logging.get_verbosity()
    scorer = LabelScorer.of("accuracy", truth, n_outputs=1, kind="binary")
    METHOD.fitted(members, scorer, seed=0)
    assert optuna.logging.get_verbosity() == before != logging.CRITICAL
    assert capfd.readouterr().err == ""
