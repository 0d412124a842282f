"""Honest and optimistic scores of tuned thresholds against their known score on average."""

import numpy as np
import pytest
from scipy.special import logit, ndtr

from podium.competition import metrics
from podium.competition.scores import bootstrap
from podium.tuning import cross_fit, fit_thresholds

SHARE, N, DRAWS = 0.3, 200, 150


def expected_mcc(threshold):
    """Of infinitely many rows whose scores are normal around -1 and 1, by hand."""
    at = (logit(threshold) - logit(SHARE)) / 2
    hit, false_alarm = SHARE * (1 - ndtr(at - 1)), (1 - SHARE) * (1 - ndtr(at + 1))
    predicted = hit + false_alarm
    spread = np.sqrt(predicted * (1 - predicted) * SHARE * (1 - SHARE))
    return (hit - predicted * SHARE) / spread


@pytest.mark.slow
def test_the_honest_score_is_unbiased_within_its_interval_and_the_optimistic_one_is_not():
    off, inside = [], []
    for seed in range(DRAWS):
        rng = np.random.default_rng(seed)
        truth = (rng.random(N) < SHARE).astype(np.int64)
        signal = 2 * truth - 1 + rng.standard_normal(N)
        probs = (1 / (1 + np.exp(-(2 * signal + logit(SHARE))))).astype(np.float32)

        def fit(rows, probs=probs, truth=truth):
            return np.float32(fit_thresholds(probs[rows], truth[rows], "mcc", "binary")[0])

        fitted = cross_fit(
            fit,
            lambda threshold, rows, probs=probs: (probs[rows] >= threshold).astype(int),
            folds=np.arange(N) % 5,
        )
        test = expected_mcc(float(fitted.final))
        honest = metrics.score("mcc", truth, fitted.prediction)
        optimistic = metrics.score("mcc", truth, (probs >= fitted.final).astype(int))
        low, high = bootstrap.interval("mcc", truth, fitted.prediction, n=200, seed=seed)
        off.append((honest - test, optimistic - test))
        inside.append(low <= test <= high)
    bias = np.mean(off, axis=0)
    error = np.std(off, axis=0, ddof=1) / np.sqrt(DRAWS)
    assert abs(bias[0]) < 3 * error[0]
    assert bias[1] > 2 * error[1]
    gap = np.subtract(*np.transpose(off))
    assert -gap.mean() > 5 * gap.std(ddof=1) / np.sqrt(DRAWS)
    # Of 150 intervals of 95 % fewer than 135 would hold it by chance once in 400 times.
    assert np.mean(inside) >= 0.9
