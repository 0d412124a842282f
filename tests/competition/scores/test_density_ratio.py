"""The ratio of densities against its formula, and that no row is scored by what saw it."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from podium.competition.checks.checked_drift import unlike_share
from podium.competition.scores import density_ratio as subject
from podium.competition.scores.density_ratio import (
    MAX_RATIO,
    density_ratio,
    principal_components,
    probability_features,
)
from podium.competition.scores.estimates import effective_size
from podium.errors import DataError


def normal(n: int, seed: int, mean: float = 0.0, width: int = 4) -> np.ndarray:
    made = np.random.default_rng(seed).normal(size=(n, width))
    made[:, 0] += mean
    return made


def test_effective_size_by_hand():
    assert effective_size(np.ones(7)) == 7
    assert effective_size(np.array([2.0, 1.0, 1.0])) == pytest.approx(16 / 6)
    assert effective_size(np.zeros(3)) == 0


def test_parts_of_one_source_have_equal_weights():
    found = density_ratio(normal(300, 0), normal(200, 1))
    assert not found.differs
    assert found.weights.tolist() == [1] * 300
    assert found.n_effective == 300
    assert unlike_share(found.test) == 0


def test_the_ratio_of_two_normals_is_the_one_of_the_formula():
    """Densities N(1, 1) over N(0, 1) have the ratio exp(x - 1/2)."""
    train, test = normal(1500, 0), normal(1500, 1, mean=1.0)
    found = density_ratio(train, test)
    assert found.differs
    middle = np.abs(train[:, 0]) < 1.5
    apart = np.log(found.train[middle]) - (train[middle, 0] - 0.5)
    assert np.sqrt(np.mean(apart**2)) < 0.35
    assert found.train.mean() == pytest.approx(1, abs=0.15)
    assert found.auc_left == pytest.approx(0.5, abs=0.05)


def test_a_mixture_of_two_kinds_has_its_shares_ratios():
    """Of 20 % and 60 % hard images the ratios are 3 and a half, and 40 % have no counterpart."""
    rng = np.random.default_rng(0)
    train, test = (normal(1000, seed) for seed in (0, 1))
    is_hard = np.arange(1000) < 200
    train[is_hard, 1] += 12
    test[:600, 1] += 12
    order = rng.permutation(1000)
    found = density_ratio(train[order], test)
    of_hard = is_hard[order]
    assert np.median(found.train[of_hard]) == pytest.approx(3, rel=0.15)
    assert np.median(found.train[~of_hard]) == pytest.approx(0.5, rel=0.15)
    assert unlike_share(found.test) == pytest.approx(0.4, abs=0.05)
    assert found.n_effective == pytest.approx(1 / (0.2 * 9 + 0.8 * 0.25) * 1000, rel=0.1)


def test_parts_of_different_sizes_have_the_same_ratio():
    """What is as frequent in a small test set as in train has the ratio 1, not m / n."""
    train, test = normal(1200, 0), normal(300, 1)
    test[:30, 1] += 12  # so that the parts differ
    found = density_ratio(train, test)
    assert found.differs
    assert np.median(found.train) == pytest.approx(0.9, rel=0.1)


def test_ratios_are_clipped():
    found = density_ratio(normal(200, 0), normal(200, 1, mean=9.0))
    assert found.train.max() <= MAX_RATIO
    assert np.median(found.test) == MAX_RATIO
    assert found.auc_left > 0.75  # no weights make these train rows look like the test


def test_no_row_is_scored_by_a_classifier_that_saw_it_or_its_group(monkeypatch):
    train, test = normal(60, 0), normal(60, 1, mean=1.0)
    groups = np.repeat(np.arange(40), 3)
    fitted: list[tuple[set[int], set[int]]] = []
    plain = subject._logits

    def spied(features, is_test, seen, held, seed):
        fitted.append((set(seen.tolist()), set(held.tolist())))
        return plain(features, is_test, seen, held, seed)

    monkeypatch.setattr(subject, "_logits", spied)
    density_ratio(train, test, groups=groups.tolist())
    assert sorted(row for _, held in fitted for row in held) == list(range(120))
    for seen, held in fitted:
        assert not {groups[row] for row in seen} & {groups[row] for row in held}


def test_joint_classifier_is_not_fitted_on_the_row_either(monkeypatch):
    """Both logits of a row are joined by weights that were fitted on the other folds."""
    fits: list[int] = []

    class Counted(LogisticRegression):
        def fit(self, x, y, **more):
            fits.append(len(x))
            return super().fit(x, y, **more)

    monkeypatch.setattr(subject, "LogisticRegression", Counted)
    density_ratio(normal(100, 0), normal(100, 1, mean=1.0))
    assert len(fits) == 10  # five of features, five of the two logits
    assert max(fits) <= 160


def test_memorised_copies_do_not_separate_the_parts():
    """Copies of few pictures, each in one part, would be recognised across folds."""
    rows = np.repeat(normal(40, 0), 8, axis=0)
    groups = np.repeat(np.arange(40), 8).tolist()
    alone = density_ratio(rows[:160], rows[160:])
    grouped = density_ratio(rows[:160], rows[160:], groups=groups)
    assert alone.auc > 0.9
    assert grouped.auc < 0.75


def test_unknown_values_and_constant_columns_are_taken():
    train, test = normal(100, 0), normal(100, 1)
    train[:5, 2], test[:, 3] = np.nan, np.nan
    train[:, 1] = test[:, 1] = 7
    assert density_ratio(train, test).auc > 0.95  # that a value is unknown tells the parts apart


def test_equal_seeds_give_equal_ratios():
    train, test = normal(150, 0), normal(150, 1, mean=0.8)
    one, other = (density_ratio(train, test, seed=4) for _ in range(2))
    assert one.train.tolist() == other.train.tolist()


def test_few_rows_are_refused():
    with pytest.raises(DataError, match="at least 20"):
        density_ratio(normal(19, 0), normal(300, 1))


def test_principal_components_are_those_of_the_decomposition():
    values = np.random.default_rng(0).normal(size=(200, 5)) * [5, 1, 3, 0.1, 0.2]
    found = principal_components(values, 2)
    middle = values - values.mean(axis=0)
    axes = np.linalg.svd(middle, full_matrices=False)[2][:2]
    assert np.abs(found) == pytest.approx(np.abs(middle @ axes.T))


def test_probabilities_become_logits_and_certainty():
    found = probability_features(np.array([[0.5, 0.5], [0.9, 0.1]]))
    logit = np.log(9)
    assert found == pytest.approx(np.array([[0, 0, 0], [logit, -logit, logit]]))
    single = probability_features(np.array([[0.1], [0.9]]))
    assert single == pytest.approx(np.array([[-logit, logit], [logit, logit]]))
    many = probability_features(np.random.default_rng(0).random((50, 100)))
    assert many.shape == (50, 25)
