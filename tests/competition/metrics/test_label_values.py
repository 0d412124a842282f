"""Metrics of labels score many sets at once as they score each."""

import numpy as np
import pytest

from podium.competition import metrics
from podium.errors import DataError

CASES = [
    ("accuracy", {}),
    ("f1", {}),
    ("f1", {"zero_division": 1.0}),
    ("f1", {"average": "macro"}),
    ("f1", {"average": "macro", "labels": "truth"}),
    ("f1", {"average": "micro", "labels": [1]}),
    ("fbeta", {"beta": 0.5}),
    ("jaccard", {}),
    ("jaccard", {"average": "macro", "labels": "truth"}),
    ("fbeta", {"beta": 2.0, "average": "micro"}),
    ("macro_f1", {}),
    ("macro_f1", {"labels": [1]}),
    ("mcc", {}),
    ("kappa", {}),
    ("kappa", {"undefined": "one"}),
    ("mcc", {"undefined": "zero"}),
    ("balanced_accuracy", {}),
    ("balanced_accuracy", {"undefined": "error"}),
    ("qwk", {}),
    ("qwk", {"undefined": "one"}),
    ("youden", {}),
]


@pytest.mark.parametrize(("name", "options"), CASES)
def test_each_set_scores_what_it_scores_alone(name, options):
    rng = np.random.default_rng(0)
    given = metrics.with_classes(name, options, "binary", 2)
    rows, expected = [], []
    for share in (0.0, 0.2, 0.5, 1.0):
        for predicted_share in (0.0, 0.3, 1.0):
            truth = (rng.random(9) < share).astype(int)
            predicted = (rng.random(9) < predicted_share).astype(int)
            rows.append(metrics.sums(name, truth, predicted, **given).sum(axis=0, dtype=float))
            try:
                expected.append(metrics.score(name, truth, predicted, **given))
            except DataError:
                expected.append(np.nan)
    np.testing.assert_allclose(
        metrics.values(name, np.stack(rows), **given), expected, rtol=1e-14, atol=1e-14
    )


def test_the_mean_over_rows_is_one_of_two_sums():
    truth, predicted = np.array([[1, 0], [1, 1], [0, 0]]), np.array([[1, 1], [1, 1], [0, 0]])
    sums = metrics.sums("f1", truth, predicted, average="samples")
    assert metrics.values("f1", sums, average="samples") == pytest.approx([2 / 3, 1, 0])
