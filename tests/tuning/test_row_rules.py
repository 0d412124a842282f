"""Rules of the number of classes: found where the rows follow one, and left where they do not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuning.decided import fit_decision

from podium.competition.metrics import Metric
from podium.predictions.decisions.labels import decide
from podium.tuning.labels.decision import scores_rows_jointly, with_row_rules
from podium.tuning.scoring import LabelScorer

PLAIN = [{"threshold": 0.5}]


def scorer_of(truth: np.ndarray, metric: str = "f1", **options: object) -> LabelScorer:
    options = {"average": "samples"} if metric == "f1" and not options else options
    return LabelScorer.of(
        metric, truth, n_outputs=truth.shape[1], kind="multilabel", options=options
    )


def rows_with(counts: np.ndarray, seed: int, *, c: int = 6, faint: float = 0.0):
    """Return (probs, truth) of rows that have so many labels, some of which the network misses."""
    rng = np.random.default_rng(seed)
    order = rng.permuted(np.tile(np.arange(c), (len(counts), 1)), axis=1)
    truth = np.zeros((len(counts), c), np.int64)
    for row, count in enumerate(counts):
        truth[row, order[row, :count]] = 1
    logits = np.where(truth == 1, 2.0, -3.0) + rng.normal(0, 1.3, truth.shape)
    logits -= faint * rng.exponential(1.0, len(counts))[:, None]  # a dim image: all is said lower
    return (1 / (1 + np.exp(-logits))).astype(np.float32), truth


def test_never_empty_is_found_where_every_row_has_a_label() -> None:
    counts = np.random.default_rng(0).integers(1, 3, 1500)
    probs, truth = rows_with(counts, 1, faint=2.0)
    fit, fresh = slice(0, 750), slice(750, None)
    steps = fit_decision(probs[fit], truth[fit], "f1", "multilabel", options={"average": "samples"})
    rules = {name: value for step in steps for name, value in step.items()}
    assert rules["at_least"] == 1
    scorer = scorer_of(truth[fresh])
    without = [step for step in steps if "threshold" in step]
    assert scorer.of_probs(probs[fresh], steps) > scorer.of_probs(probs[fresh], without) + 0.03
    assert decide(probs, steps, "multilabel").sum(axis=1).min() == 1


def test_no_rule_is_taken_where_rows_have_any_number_of_labels_or_none() -> None:
    """Right probabilities of independent labels: no row needs a label that it does not have."""
    taken = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        probs = rng.beta(0.4, 1.6, (600, 5)).astype(np.float32)
        truth = (rng.random(probs.shape) < probs).astype(np.int64)
        options = {"over": "row"}
        steps = fit_decision(probs, truth, "accuracy", "multilabel", options=options, seed=seed)
        taken.append(any("at_least" in step or "at_most" in step for step in steps))
    # The rule keeps what gains more than one standard error: of many it errs now and then.
    assert sum(taken) <= 1


def test_exactly_two_labels_are_found_where_each_row_has_two() -> None:
    probs, truth = rows_with(np.full(800, 2), 3, faint=1.0)
    steps, _ = with_row_rules(scorer_of(truth, "accuracy"), probs, PLAIN)
    assert steps[1:] == [{"at_least": 2}, {"at_most": 2}]


@pytest.mark.parametrize(
    ("probs", "rule"),
    [([0.9, 0.8, 0.7, 0.1], {"at_most": 2}), ([0.4, 0.3, 0.2, 0.1], {"at_least": 2})],
)
def test_a_number_between_the_fewest_and_the_most_labels_is_found(probs, rule) -> None:
    """Nine rows have two labels, and one has three."""
    truth = np.array([[1, 1, 0, 0]] * 9 + [[1, 1, 1, 0]])
    found, _ = with_row_rules(scorer_of(truth), np.float32([probs] * 10), PLAIN)
    assert found == [*PLAIN, rule]


def test_one_label_at_most_is_found_where_no_row_has_two() -> None:
    truth, probs = np.array([[1, 0, 0, 0]] * 10), np.float32([[0.9, 0.8, 0.7, 0.1]] * 10)
    found, _ = with_row_rules(scorer_of(truth), probs, PLAIN)
    assert found == [*PLAIN, {"at_most": 1}]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["f1", "accuracy"]))
def test_the_rules_are_the_best_of_all_pairs(seed: int, metric: str) -> None:
    """Brute force: of all n ≤ k no pair that keeps the thresholds scores more."""
    rng = np.random.default_rng(seed)
    probs, truth = rows_with(rng.integers(0, 4, 40), seed, c=4, faint=1.0)
    scorer = scorer_of(truth, metric)
    best = scorer.of_probs(probs, PLAIN)
    for n, k in itertools.product(range(4), range(1, 4)):
        if n <= k:
            pair = [*PLAIN, {"at_least": n}, {"at_most": k}]
            best = max(best, scorer.of_probs(probs, pair))
    found, _ = with_row_rules(scorer, probs, PLAIN)
    assert scorer.of_probs(probs, found) == pytest.approx(best)


@pytest.mark.parametrize(
    ("metric", "options", "is_joint"),
    [
        ("f1", {"average": "samples"}, True),
        ("fbeta", {"average": "samples"}, True),
        ("accuracy", {"over": "row"}, True),
        ("accuracy", {"over": "cell"}, False),
        ("f1", {"average": "macro"}, False),
        ("f1", {"average": "micro"}, False),
        ("macro_f1", {"labels": "union"}, False),
        ("log_loss", {}, False),
    ],
)
def test_rules_are_tried_where_a_row_is_scored_as_a_whole(metric, options, is_joint) -> None:
    truth = np.eye(3, dtype=np.int64)[np.arange(12) % 3]
    scorer = LabelScorer.of(metric, truth, n_outputs=3, kind="multilabel", options=options)
    assert scores_rows_jointly(scorer) == is_joint
    # Rows are empty at 0.5 and the likeliest class is right: a rule would help any of them.
    probs = (0.3 * truth + 0.1).astype(np.float32)
    found = with_row_rules(scorer, probs, PLAIN)
    assert any("at_least" in step for steps in found for step in steps) == is_joint


def test_a_metric_of_ones_own_may_score_rows_jointly() -> None:
    def jaccard(truth, predicted, **_):
        both, either = (truth & predicted).sum(1), (truth | predicted).sum(1)
        return float(np.mean(np.where(either > 0, both / np.maximum(either, 1), 1.0)))

    metric = Metric("mine:jaccard", "decisions", True, frozenset({"multilabel"}), jaccard)
    truth = np.eye(3, dtype=np.int64)[np.arange(30) % 3]
    scorer = LabelScorer.of(metric, truth, n_outputs=3, kind="multilabel")
    probs = (0.3 * truth + 0.1).astype(np.float32)
    assert with_row_rules(scorer, probs, PLAIN) == [[*PLAIN, {"at_least": 1}]] * 2
