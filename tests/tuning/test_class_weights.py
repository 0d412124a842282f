"""Class weights: what they win, out of sample, and when they leave things alone."""

import numpy as np
import optuna
import pytest
from tuning.decided import fit_decision

from podium.competition import metrics
from podium.errors import DataError, UsageError
from podium.predictions import decide
from podium.tuning import cross_fit, fit_class_weights

PRIORS = np.array([0.86, 0.10, 0.04])


def unbalanced(n, seed, sharpness=1.3):
    """Calibrated probabilities of three Gaussian classes with very different frequencies."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, n, p=PRIORS)
    centres = sharpness * np.eye(3)
    x = centres[truth] + rng.standard_normal((n, 3))
    likelihood = np.exp(-0.5 * ((x[:, None] - centres) ** 2).sum(2))
    posterior = PRIORS * likelihood
    return (posterior / posterior.sum(1, keepdims=True)).astype(np.float32), truth


def score(probs, truth, weights=None):
    steps = None if weights is None else [{"class_weights": weights}]
    return metrics.score("macro_f1", truth, decide(probs, steps, "multiclass"), n_classes=3)


def test_fitted_weights_win_macro_f1_on_rows_that_they_never_saw():
    gains = []
    for seed in range(5):
        probs, truth = unbalanced(600, seed)
        weights = fit_class_weights(probs, truth, "macro_f1", trials=40, seed=seed)
        fresh, fresh_truth = unbalanced(20_000, 1000 + seed)
        gains.append(score(fresh, fresh_truth, weights) - score(fresh, fresh_truth))
    assert min(gains) > 0.02
    assert np.mean(gains) > 0.035


def test_cross_fitted_gain_is_the_gain_on_fresh_rows():
    probs, truth = unbalanced(3000, 0)
    fitted = cross_fit(
        lambda rows: fit_class_weights(probs[rows], truth[rows], "macro_f1", trials=30),
        lambda weights, rows: decide(probs[rows], [{"class_weights": weights}], "multiclass"),
        folds=np.arange(3000) % 5,
    )
    honest = metrics.score("macro_f1", truth, fitted.prediction, n_classes=3)
    fresh, fresh_truth = unbalanced(50_000, 99)
    # The standard error of macro F1 at 3000 rows with 120 of the rarest class is about 0.015.
    assert honest == pytest.approx(score(fresh, fresh_truth, fitted.final), abs=0.045)


def test_the_result_is_never_worse_on_its_rows_than_plain_or_inverse_frequencies():
    probs, truth = unbalanced(300, 3)
    weights = fit_class_weights(probs, truth, "macro_f1", trials=5)
    counts = np.bincount(truth, minlength=3)
    assert score(probs, truth, weights) >= score(probs, truth)
    assert score(probs, truth, weights) >= score(probs, truth, counts.max() / counts)


def test_weights_stay_one_where_nothing_can_be_won():
    truth = np.arange(30) % 3
    weights = fit_class_weights(np.eye(3)[truth], truth, "accuracy", trials=10)
    assert weights.tolist() == [1, 1, 1]


def test_equal_seeds_give_equal_weights():
    probs, truth = unbalanced(200, 4)
    first, again = (fit_class_weights(probs, truth, "macro_f1", trials=15, seed=7) for _ in "ab")
    assert first.tolist() == again.tolist()
    assert first[np.bincount(truth).argmax()] == 1


def test_a_kept_study_is_continued_and_other_rows_are_another_study(tmp_path):
    probs, truth = unbalanced(200, 5)
    storage = f"sqlite:///{tmp_path / 'studies.db'}"

    def fit(trials, rows=slice(None)):
        return fit_class_weights(
            probs[rows], truth[rows], "macro_f1", trials=trials, storage=storage, study_name="s"
        )

    def sizes():
        return sorted(one.n_trials for one in optuna.get_all_study_summaries(storage))

    fit(4)
    assert sizes() == [4]
    longer = fit(6)
    assert sizes() == [6]
    assert fit(6).tolist() == longer.tolist()
    assert sizes() == [6]
    fit(4, rows=slice(100))
    assert sizes() == [4, 6]
    (summary, _) = optuna.get_all_study_summaries(storage)
    assert summary.user_attrs["kind"] == "thresholds"
    assert summary.user_attrs["metric"] == ["macro_f1"]


def test_a_kept_study_of_another_metric_option_or_seed_is_another_study(tmp_path):
    probs, truth = unbalanced(60, 5)
    storage = f"sqlite:///{tmp_path / 'studies.db'}"
    common = {"trials": 1, "storage": storage, "study_name": "s"}
    settings = [
        ("macro_f1", {}),
        ("accuracy", {}),
        ("macro_f1", {"seed": 1}),
        ("macro_f1", {"options": {"zero_division": 1.0}}),
    ]
    for n, (metric, given) in enumerate(settings, start=1):
        for _ in range(2):
            fit_class_weights(probs, truth, metric, **common, **given)
            assert len(optuna.get_all_study_names(storage)) == n


def test_optuna_stays_silent_and_as_loud_as_it_was(capfd):
    before = optuna.logging.get_verbosity()
    probs, truth = unbalanced(100, 6)
    fit_class_weights(probs, truth, "macro_f1", trials=3)
    assert optuna.logging.get_verbosity() == before
    assert capfd.readouterr() == ("", "")


def test_a_class_without_rows_does_no_harm():
    probs, truth = unbalanced(200, 7)
    weights = fit_class_weights(probs, np.minimum(truth, 1), "macro_f1", trials=8)
    assert np.isfinite(weights).all()
    assert (weights > 0).all()


def test_nothing_to_decide_is_refused():
    with pytest.raises(UsageError, match="scores probabilities"):
        fit_class_weights(np.eye(2), np.array([0, 1]), "log_loss")
    with pytest.raises(UsageError, match="at least 1"):
        fit_class_weights(np.eye(2), np.array([0, 1]), "accuracy", trials=0)
    with pytest.raises(UsageError, match="row 1 is not a finite number"):
        fit_class_weights(np.array([[1, 0], [0, np.nan]]), np.array([0, 1]), "accuracy")


@pytest.mark.parametrize(
    ("metric", "reason"), [("mcc", "one class only"), ("f1", "needs a truth of 0 and 1")]
)
def test_a_metric_without_a_score_for_any_weights_raises_its_reason(metric, reason):
    probs = np.random.default_rng(0).dirichlet(np.ones(3), size=20)
    truth = np.full(20, 2)
    with pytest.raises(DataError, match=reason):
        fit_class_weights(probs, truth, metric, trials=3)


def test_each_kind_of_task_gets_its_own_steps():
    probs, truth = unbalanced(3000, 8)
    (step,) = fit_decision(probs, truth, "macro_f1", "multiclass", trials=20)
    assert len(step["class_weights"]) == 3
    assert fit_decision(probs, truth, "log_loss", "multiclass") == []
    (step,) = fit_decision(probs[:, 1] / 3, truth == 1, "f1", "binary")
    assert 0 < step["threshold"] < 1
    both = np.stack([truth == 1, truth == 2], 1).astype(int)
    (step,) = fit_decision(probs[:, 1:] / 3, both, "macro_f1", "multilabel")
    assert len(step["threshold"]) == 2
    assert fit_decision(probs[:, 1], truth.astype(float), "rmse", "regression") == []
