"""Metrics: worked numbers, sklearn on a grid, corners, and one contract for every name."""

import itertools
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition import metrics
from podium.competition.metrics import Metric, score
from podium.competition.scores import bootstrap
from podium.errors import DataError
from podium.tasks.protocols.find import find_kind, kind_names
from podium.workspace import extensions

ONE, UNION = [0, 0, 1, 1, 2], [0, 1, 1, 1, 3]
SETS_TRUTH = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]])  # {1, 2}, {1}, {}
SETS_SAID = np.array([[1, 0, 0], [1, 0, 1], [0, 0, 0]])  # {1}, {1, 3}, {}


# Worked numbers, computed elsewhere with plain numpy and compared with public graders.
WORKED = [
    ("macro_f1", ONE, UNION, {}, 0.3667),
    ("macro_f1", ONE, UNION, {"labels": "truth"}, 0.4889),
    ("f1", ONE, UNION, {"average": "micro"}, 0.6),
    ("accuracy", ONE, UNION, {}, 0.6),
    ("macro_f1", SETS_TRUTH, SETS_SAID, {}, 0.3333),
    ("f1", SETS_TRUTH, SETS_SAID, {"average": "micro"}, 0.6667),
    ("f1", SETS_TRUTH, SETS_SAID, {"average": "samples"}, 0.4444),
    ("f1", SETS_TRUTH, SETS_SAID, {"average": "samples", "zero_division": 1}, 0.7778),
    ("jaccard", [0, 0, 1, 1, 1], [0, 1, 1, 1, 0], {}, 0.5),  # 2 / (2 + 1 + 1)
    ("jaccard", ONE, UNION, {"average": "macro"}, 0.2917),  # (1/2 + 2/3 + 0 + 0) / 4
    ("jaccard", SETS_TRUTH, SETS_SAID, {"average": "samples"}, 0.3333),
    ("jaccard", SETS_TRUTH, SETS_SAID, {"average": "samples", "zero_division": 1}, 0.6667),
    ("log_loss", [0, 0], [[1.0, 0.0], [0.0, 1.0]], {}, 17.2694),
    ("log_loss", [0, 0], np.array([[1, 0], [0, 1]], dtype=np.float32), {}, 17.2694),
    ("log_loss", [1, 1], np.array([1.0, 0.0]), {}, 17.2694),
    ("log_loss", [0, 1], [[0.5, 0.5], [0.25, 0.75]], {"class_weights": [1, 3]}, 0.38905),
    ("log_loss", [0, 0], np.array([1, 0], dtype=np.float32), {}, 17.2694),
    ("auc", [0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8], {}, 0.875),
    ("auc", [0, 1, 1, 0], [0.3, 0.3, 0.3, 0.3], {}, 0.5),
    ("rmse", [0.0, 0.0], [3.0, 4.0], {}, np.sqrt(12.5)),
    ("qwk", [0, 0, 3, 4, 4], [0, 3, 3, 3, 4], {}, 0.6269),  # closing the gap would say 0.6667
    ("qwk", [0, 1, 2], [1, 1, 1], {}, 0),
    ("map_at_k", [2], [[1, 1, 2]], {}, 1 / 3),
    ("gap", [1, 2, 3, 4], [[1, 0.9], [0, 0.8], [3, 0.7], [0, 0.1]], {}, 0.4167),
    ("weighted_auc", [0, 1, 1, 0], [0.3, 0.3, 0.3, 0.3], {}, 0.5857),
    ("pf1", [1, 1, 0, 0], [0.9, 0.4, 0.3, 0.0], {}, 0.7222),  # 1.3 of 1.6, and of 2
    ("pf1", [1, 0], [0.0, 0.0], {}, 0),
    ("weighted_log_loss", [[1, 0, 1]], [[0.5, 0.5, 0.5]], {"weights": [1, 1, 7]}, np.log(2)),
    ("weighted_log_loss", [[1, 0], [0, 0]], np.full((2, 2), 0.5), {"over": "row"}, np.log(2)),
    ("balanced_accuracy", [0, 0, 1, 1], [0, 1, 1, 1], {}, 0.75),  # 1 of 2, and 2 of 2
    ("brier", [0, 1], [[0.8, 0.2], [0.4, 0.6]], {}, 0.2),
    ("fbeta", [0, 0, 1, 1], [0, 1, 1, 1], {}, 10 / 11),  # TP 2, FP 1, FN 0
    ("mae", [0.0, 0.0], [3.0, 4.0], {}, 3.5),
    ("mape", [4.0, -2.0], [5.0, -1.0], {}, 0.375),  # 1/4 and 1/2
    ("mape", [[4.0, 10.0], [5.0, np.nan]], [[5.0, 9.0], [6.0, 1.0]], {}, 0.55 / 3),
    ("smape", [4.0, -2.0, 0.0], [5.0, -1.0, 0.0], {}, 8 / 27),  # 2/9, 2/3 and none
    ("smape", [0.0, 3.0], [7.0, -3.0], {}, 2),  # the most
    ("smape", [[4.0, 9.0], [2.0, np.nan]], [[5.0, 9.0], [3.0, 1.0]], {}, (2 / 9 + 2 / 5) / 3),
    ("mcc", [0, 0, 1, 1], [0, 1, 1, 1], {}, 2 / np.sqrt(12)),  # TN 1, too
    ("kappa", [0, 0, 1, 1], [0, 1, 1, 1], {}, 0.5),  # 3/4 right, 1/2 by chance
    ("r2", [0.0, 2.0], [0.0, 1.0], {}, 0.5),
    ("pearson", [0.0, 1.0, 2.0], [1.0, 3.0, 2.0], {}, 0.5),
    ("pearson", [0.0, 1.0, 2.0], [4.0, 4.0, 4.0], {}, 0),
    ("spearman", [1.0, 5.0, 90.0], [7.0, 9.0, 8.0], {}, 0.5),
    ("spearman", [1.0, 1.0, 2.0], [3.0, 1.0, 2.0], {}, 0),  # ranks 1.5, 1.5, 3
    ("rmsle", [0.0, 0.0], [0.0, np.e - 1], {}, np.sqrt(0.5)),
    ("top_k_accuracy", [2, 0], [[1, 2], [1, 2]], {}, 0.5),
    ("top_k_error", [2, 0], [[1, 2], [1, 2]], {}, 1),
    ("youden", [1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0], {}, 2 / 3 + 3 / 4 - 1),
    ("mean_angular_error", [10.0, 90.0], [350.0, 100.0], {}, 15),  # 20 and 10
    ("mean_axial_error", [10.0, 90.0], [350.0, 100.0], {}, 7.5),  # axes 5 and 175, 45 and 50
    ("mcrmse", [[0.0, 0.0]], [[3.0, 1.0]], {}, 2),
    ("mcrmse", [[0.0, 0.0]], [[3.2, 19.0]], {"scales": [1.6, 38]}, 1.25),  # 2 and 1/2
    ("mcrmse", [[0.0, 0.0]], [[3.0, 1.0]], {"weights": [3, 1]}, 2.5),
    # 2 too low at 0.1, and 5 too high at 0.9: 0.2 and 0.5; 4 too low at 0.5 in the second row
    (
        "pinball",
        [10.0, 4.0],
        [[8.0, 10.0, 15.0], [4.0, 0.0, 4.0]],
        {"levels": [0.1, 0.5, 0.9]},
        (0.2 + 0.5 + 2) / 6,
    ),
    # 2 and 6, where one of three has a truth; all cells together: 10 / 3
    ("mcmae", [[0.0, 0.0], [0.0, np.nan]], [[3.0, 6.0], [1.0, 9.0]], {}, 4),
    ("mcmae", [[0.0, 0.0]], [[3.0, 12.0]], {"scales": [1, 4], "weights": [1, 3]}, 3),
    ("mcrmsle", [[0.0, 0.0]], [[np.e - 1, np.e**3 - 1]], {"scales": [1, 2]}, 1.25),  # 1 and 3/2
    ("mcrmsle", [[0.0, 0.0]], [[np.e - 1, np.e**3 - 1]], {}, 2),  # 1 and 3
    ("mean_r2", [[0.0, 0.0], [2.0, 2.0]], [[0.0, 0.0], [1.0, 2.0]], {}, 0.75),  # 1/2 and 1
]


@pytest.mark.parametrize(("name", "truth", "prediction", "options", "expected"), WORKED)
def test_the_worked_numbers_come_out(name, truth, prediction, options, expected):
    # The list above is rounded to four digits.
    assert score(name, truth, prediction, **options) == pytest.approx(expected, abs=5e-5)


def test_every_metric_of_labels_has_a_worked_number():
    labels = [one for one in extensions.names(metrics) if not metrics.get(one).scores_masks]
    missing = [name for name in labels if name not in {worked for worked, *_ in WORKED}]
    assert not missing, (
        f'no number by hand: {", ".join(missing)}: write ("{missing[0]}", truth, prediction, '
        f"options, the score by hand) into WORKED of {__file__}"
    )


def test_every_metric_of_masks_has_a_file_that_demands_a_worked_number():
    """By what it needs: each of these files demands one of every metric of its kind."""
    files = {
        "decisions": "test_mask_metrics.py",
        "instances": "test_instance_metrics.py",
        "volumes": "test_volume_metrics.py",
        "probs": "test_pixel_rmse.py",
    }
    every = map(metrics.get, extensions.names(metrics))
    assert {one.needs for one in every if one.scores_masks} == set(files)
    assert all((Path(__file__).parent / one).is_file() for one in files.values())


def data(kind: str, n: int, c: int, seed: int):
    """Return truth, probabilities and decisions of a task."""
    rng = np.random.default_rng(seed)
    if kind == "multiclass":
        truth = np.r_[np.arange(c), rng.integers(0, c, n - c)]
        return truth, rng.dirichlet(np.ones(c), n), rng.integers(0, c, n)
    if kind == "binary":
        truth = np.r_[0, 1, rng.integers(0, 2, n - 2)]
        return truth, np.round(rng.random(n), 2), rng.integers(0, 2, n)
    if kind == "multilabel":
        truth = (rng.random((n, c)) < 0.3).astype(np.uint8)
        truth[0], truth[1] = 0, 1
        return truth, rng.random((n, c)), (rng.random((n, c)) < 0.3).astype(np.uint8)
    if kind == "ordinal":
        truth = np.r_[np.arange(c), rng.integers(0, c, n - c)]
        return truth, np.round(rng.uniform(0, c - 1, n), 2), rng.integers(0, c, n)
    if kind == "quantiles":
        return rng.normal(size=n), rng.normal(size=(n, c)), rng.normal(size=(n, c))
    # No value is below -1, so that metrics of ratios have a score.
    return rng.exponential(size=n), rng.exponential(size=n), rng.exponential(size=n)


GRID = list(itertools.product([6, 40, 300], [2, 3], range(3)))


def single_labels(truth, predicted):
    """Return sklearn's scores of one class a row."""
    sk = sklearn.metrics
    return [
        ("balanced_accuracy", {}, predicted, sk.balanced_accuracy_score(truth, predicted)),
        ("mcc", {}, predicted, sk.matthews_corrcoef(truth, predicted)),
        ("kappa", {}, predicted, sk.cohen_kappa_score(truth, predicted)),
    ]


def peers(kind: str, truth, probs, predicted):
    """Return (metric, options, prediction, sklearn's score) for all metrics that sklearn has."""
    sk = sklearn.metrics
    if kind == "regression":
        return [
            ("rmse", {}, probs, sk.root_mean_squared_error(truth, probs)),
            ("mae", {}, predicted, sk.mean_absolute_error(truth, predicted)),
            ("mape", {}, probs, sk.mean_absolute_percentage_error(truth, probs)),
            ("rmsle", {}, probs, sk.root_mean_squared_log_error(truth, probs)),
            ("r2", {}, probs, sk.r2_score(truth, probs)),
            ("pearson", {}, probs, scipy.stats.pearsonr(truth, np.ravel(probs)).statistic),
            ("spearman", {}, probs, scipy.stats.spearmanr(truth, np.ravel(probs)).statistic),
        ]
    if kind == "ordinal":
        return [
            *single_labels(truth, predicted),
            ("qwk", {}, predicted, sk.cohen_kappa_score(truth, predicted, weights="quadratic")),
            ("mae", {}, predicted, sk.mean_absolute_error(truth, predicted)),
            ("rmse", {}, probs, sk.root_mean_squared_error(truth, probs)),
        ]
    f1 = [
        (
            "f1",
            {"average": mean},
            predicted,
            sk.f1_score(truth, predicted, average=mean, zero_division=0.0),
        )
        for mean in ("micro", "macro")
    ]
    f1 += [
        (
            "fbeta",
            {"average": mean, "beta": beta},
            predicted,
            sk.fbeta_score(truth, predicted, beta=beta, average=mean, zero_division=0.0),
        )
        for mean in ("micro", "macro")
        for beta in (0.5, 2)
    ]
    if kind != "multilabel":
        f1 += single_labels(truth, predicted)
    out = [*f1, ("accuracy", {}, predicted, sk.accuracy_score(truth, predicted))]
    out.append(
        (
            "macro_f1",
            {},
            predicted,
            sk.f1_score(truth, predicted, average="macro", zero_division=0.0),
        )
    )
    if kind == "multiclass":
        classes = list(range(probs.shape[1]))
        out.append(("log_loss", {}, probs, sk.log_loss(truth, probs, labels=classes)))
        weights = [1 + 2 * one for one in classes]
        of_rows = np.array(weights)[truth]
        weighted = sk.log_loss(truth, probs, labels=classes, sample_weight=of_rows)
        out.append(("log_loss", {"class_weights": weights}, probs, weighted))
        out.append(("brier", {}, probs, sk.brier_score_loss(truth, probs, scale_by_half=False)))
        kappa = sk.cohen_kappa_score(truth, predicted, weights="quadratic", labels=classes)
        out.append(("qwk", {}, predicted, kappa))
        ranks = np.argsort(-probs, axis=1)
        for k in range(1, len(classes)) if len(classes) > 2 else ():
            top = sk.top_k_accuracy_score(truth, probs, k=k, labels=classes)
            out.append(("top_k_accuracy", {"k": k}, ranks, top))
            out.append(("top_k_error", {"k": k}, ranks, 1 - top))
        binary = [sk.roc_auc_score(truth == c, probs[:, c]) for c in classes]
        out.append(("auc", {}, probs, np.mean(binary)))
        f1 = sk.f1_score(truth, predicted, average="weighted", zero_division=0.0)
        out.append(("f1", {"average": "weighted"}, predicted, f1))
        for mean in ("macro", "micro", "weighted"):
            jaccard = sk.jaccard_score(truth, predicted, average=mean, zero_division=0.0)
            out.append(("jaccard", {"average": mean}, predicted, jaccard))
        if len(classes) > 2:
            ovr = sk.roc_auc_score(truth, probs, multi_class="ovr", average="weighted")
            out.append(("auc", {"average": "weighted"}, probs, ovr))
    elif kind == "binary":
        both = np.clip(np.column_stack([1 - probs, probs]), 1e-15, 1 - 1e-15)
        out.append(("log_loss", {}, probs, sk.log_loss(truth, both)))
        out.append(("auc", {}, probs, sk.roc_auc_score(truth, probs)))
        out.append(("f1", {}, predicted, sk.f1_score(truth, predicted, zero_division=0.0)))
        jaccard = sk.jaccard_score(truth, predicted, zero_division=0.0)
        out.append(("jaccard", {}, predicted, jaccard))
        out.append(
            ("fbeta", {}, predicted, sk.fbeta_score(truth, predicted, beta=2, zero_division=0.0))
        )
        out.append(("brier", {}, probs, sk.brier_score_loss(truth, probs)))
        same = {"edges": [0, 0.3, 1], "weights": [3, 3]}
        out.append(("weighted_auc", same, probs, sk.roc_auc_score(truth, probs)))
    else:
        each = [sk.log_loss(truth[:, c], probs[:, c]) for c in range(truth.shape[1])]
        out.append(("log_loss", {}, probs, np.mean(each)))
        out += [
            ("auc", {"average": mean}, probs, sk.roc_auc_score(truth, probs, average=mean))
            for mean in ("macro", "micro", "weighted")
        ]
        out.append(("brier", {}, probs, np.mean((truth - probs) ** 2)))
        samples = sk.fbeta_score(truth, predicted, beta=2, average="samples", zero_division=0.0)
        out.append(("fbeta", {"average": "samples"}, predicted, samples))
        samples = sk.f1_score(truth, predicted, average="samples", zero_division=0.0)
        out.append(("f1", {"average": "samples"}, predicted, samples))
        samples = sk.jaccard_score(truth, predicted, average="samples", zero_division=0.0)
        out.append(("jaccard", {"average": "samples"}, predicted, samples))
        f1 = sk.f1_score(truth, predicted, average="weighted", zero_division=0.0)
        out.append(("f1", {"average": "weighted"}, predicted, f1))
        out.append(("accuracy", {"over": "cell"}, predicted, (truth == predicted).mean()))
    return out


@pytest.mark.parametrize("kind", ["multiclass", "binary", "multilabel", "ordinal", "regression"])
@pytest.mark.parametrize(("n", "c", "seed"), GRID)
def test_scores_equal_those_of_sklearn(kind, n, c, seed):
    truth, probs, predicted = data(kind, n, c, seed)
    for name, options, prediction, expected in peers(kind, truth, probs, predicted):
        assert score(name, truth, prediction, **options) == pytest.approx(expected, abs=1e-12), name


# The contract of every metric, also of one that is added tomorrow; of masks: test_mask_metrics.py.

OF_LABELS = [name for name in metrics.names() if metrics.get(name).task == "classify"]
EVERY = [(name, kind) for name in OF_LABELS for kind in sorted(metrics.get(name).kinds)]


def prediction_of(metric: Metric, probs, predicted):
    """Return what the metric needs: `probs` as they are, or made into another form."""
    if metric.needs == "ranking":
        return np.argsort(-probs, axis=1, kind="stable")
    if metric.needs == "confident":
        return np.column_stack([predicted, probs.max(axis=1)])
    return probs if metric.needs == "probs" else predicted


def right_answer(metric: Metric, kind: str, truth):
    if metric.needs == "ranking":
        return truth[:, None]
    if metric.needs == "confident":
        return np.column_stack([truth, np.ones(len(truth))])
    if metric.needs == "decisions":
        return truth
    if kind == "quantiles":
        return np.repeat(truth[:, None], 3, axis=1)
    return np.eye(3)[truth] if kind == "multiclass" else truth.astype(float)


def options_for(metric: Metric, kind: str) -> dict[str, object]:
    """F1 of class 1 has no meaning for several labels, and a hit in 5 of 3 places none at all."""
    has_binary = metric.options.get("average") == "binary"
    if metric.needs == "ranking":
        return {"k": 1}
    if kind == "quantiles":
        return {"levels": [0.1, 0.5, 0.9]}
    return {"average": "macro"} if has_binary and kind != "binary" else {}


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_a_metric_fulfils_its_contract(name, kind):
    metric = metrics.get(name)
    assert metric.name == name
    assert metric.needs in ("probs", "decisions", "ranking", "confident")
    assert (metric.sums is None) == (metric.value is None)
    assert metrics.fitting(name, kind) is metric
    assert metrics.get(metric) is metric


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_a_score_is_finite_and_independent_of_the_order_of_rows(name, kind):
    metric = metrics.get(name)
    for seed in range(3):
        truth, probs, predicted = data(kind, 50, 3, seed)
        prediction, options = prediction_of(metric, probs, predicted), options_for(metric, kind)
        whole = score(name, truth, prediction, **options)
        assert isinstance(whole, float)
        assert np.isfinite(whole), seed
        order = np.random.default_rng(seed).permutation(50)
        again = score(name, truth[order], prediction[order], **options)
        assert again == pytest.approx(whole, rel=1e-12), seed


WITH_SUMS = [(name, kind) for name, kind in EVERY if metrics.get(name).sums is not None]


@pytest.mark.parametrize(("name", "kind"), WITH_SUMS)
def test_sums_of_parts_pool_to_the_score_of_the_whole(name, kind):
    metric = metrics.get(name)
    truth, probs, predicted = data(kind, 60, 3, 5)
    prediction, options = prediction_of(metric, probs, predicted), options_for(metric, kind)
    if "n_classes" in metric.options and kind == "multiclass":
        options["n_classes"] = 3
    whole = score(name, truth, prediction, **options)
    parts = [
        metrics.sums(name, truth[a], prediction[a], **options) for a in np.split(np.arange(60), 3)
    ]
    complete = metric.complete(options)
    assert all(len(part) == 20 for part in parts)
    assert metric.value(np.concatenate(parts), **complete) == pytest.approx(whole, rel=1e-12)
    totals = sum(part.sum(axis=0, dtype=float) for part in parts)
    assert metric.value(totals[None], **complete) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_a_perfect_prediction_scores_best(name, kind):
    metric = metrics.get(name)
    truth, probs, predicted = data(kind, 50, 3, 1)
    options = options_for(metric, kind)
    best = score(name, truth, right_answer(metric, kind, truth), **options)
    other = score(name, truth, prediction_of(metric, probs, predicted), **options)
    assert metric.is_better(best, other)
    assert not metric.is_better(other, best)
    assert not metric.is_better(best, best)
    assert best == pytest.approx(metric.perfect, abs=1e-9)


ENDING = [(name, kind) for name, kind in EVERY if metrics.get(name).worst is not None]


@pytest.mark.parametrize(("name", "kind"), ENDING)
def test_no_prediction_is_worse_than_the_worst(name, kind):
    """Of few rows, drawn and each with the right answer of another one."""
    metric, n_scored = metrics.get(name), 0
    options = options_for(metric, kind)
    for seed in range(20):
        truth, probs, predicted = data(kind, 12, 3, seed)
        others = np.roll(right_answer(metric, kind, truth), 1, axis=0)
        for prediction in (prediction_of(metric, probs, predicted), others):
            try:
                found = score(name, truth, prediction, **options)
            except DataError:  # as of one class alone
                continue
            n_scored += 1
            assert found == pytest.approx(metric.worst, abs=1e-9) or metric.is_better(
                found, metric.worst
            )
    assert n_scored >= 10


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_arrays_that_cannot_be_scored_are_refused(name, kind):
    metric = metrics.get(name)
    truth, probs, predicted = data(kind, 20, 3, 1)
    prediction, options = prediction_of(metric, probs, predicted), options_for(metric, kind)
    broken = prediction.astype(float)
    broken[4] = np.nan
    for arrays in (
        (truth, prediction[:-1]),
        (truth, broken),
        (truth, prediction.astype(str)),
        (truth[:0], prediction[:0]),
    ):
        with pytest.raises(DataError, match=metric.name):
            score(name, *arrays, **options)


@pytest.mark.parametrize("name", metrics.names())
def test_an_unknown_option_is_refused(name):
    with pytest.raises(DataError, match=f"metric {name} has no option 'colour'"):
        score(name, [0, 1], [0, 1], colour=1)


def test_a_misspelt_key_of_the_metric_is_no_option_to_leave_out():
    with pytest.raises(DataError, match="has no option 'naem'") as raised:
        metrics.get("accuracy").complete({"naem": "f1"})
    assert raised.value.fix == "did you mean the metric's key 'name'?"
    with pytest.raises(DataError, match="has no option 'averge'") as raised:
        metrics.get("f1").complete({"averge": "macro"})
    assert raised.value.fix == "write average"


@pytest.mark.parametrize("name", [n for n in OF_LABELS if "binary" in metrics.get(n).kinds])
def test_a_column_of_one_output_is_the_same_as_a_vector(name):
    metric = metrics.get(name)
    truth, probs, predicted = data("binary", 30, 2, 0)
    prediction = prediction_of(metric, probs, predicted)
    assert score(name, truth, prediction[:, None]) == score(name, truth, prediction)
    assert score(name, truth[:, None], prediction[:, None]) == score(name, truth, prediction)


# Corners


def test_a_metric_is_found_by_name_and_the_nearest_is_suggested():
    with pytest.raises(DataError, match="there is no 'acuracy'") as raised:
        metrics.get("acuracy")
    assert "write accuracy" in str(raised.value)
    own = metrics.get("podium.competition.metrics.rmse:METRIC")
    assert own.name == "podium.competition.metrics.rmse:METRIC"  # as records and tables name it
    assert own.score is metrics.get("rmse").score
    with pytest.raises(DataError, match="is of type float, not a podium"):
        metrics.get("math:pi")


def test_a_metric_that_does_not_fit_the_task_is_refused_with_those_that_do():
    with pytest.raises(DataError, match="rmse cannot score a binary task") as raised:
        metrics.fitting("rmse", "binary")
    printed = str(raised.value)
    assert all(name in printed for name in ("accuracy", "auc", "f1", "log_loss", "macro_f1"))
    assert "rmse," not in printed
    with pytest.raises(DataError, match="no option 'averge'"):
        metrics.fitting("f1", "binary", {"averge": "micro"})


def test_an_average_that_cannot_score_the_task_is_refused() -> None:
    """Before any image is read: it would stop the first score of a training."""
    assert metrics.fitting("f1", "multiclass", n_classes=2).name == "f1"
    assert metrics.fitting("f1", "multilabel", {"average": "samples"}, n_classes=4).name == "f1"
    for kind, n_classes in (("multiclass", 3), ("ordinal", 5), ("multilabel", 2)):
        with pytest.raises(DataError, match="average binary needs a truth of 0 and 1"):
            metrics.fitting("fbeta", kind, n_classes=n_classes)
    with pytest.raises(DataError, match="samples needs a multilabel task"):
        metrics.fitting("f1", "multiclass", {"average": "samples"}, n_classes=3)


def test_where_a_score_is_undefined_is_named():
    with pytest.raises(DataError, match=r"fold 3: auc is undefined: one class only"):
        score("auc", [1, 1], [0.2, 0.3], where="fold 3")


@pytest.mark.parametrize(
    ("own", "given", "named"),
    [(None, "fold 1", "fold 1"), ("row 3", "fold 1", "row 3"), ("row 3", None, "row 3")],
)
def test_an_error_keeps_the_place_that_it_names(own, given, named):
    def refused(truth, prediction, **options):
        raise DataError("no", where=own)

    with pytest.raises(DataError) as raised:
        score(replace(metrics.get("accuracy"), score=refused), [0, 1], [0, 1], where=given)
    assert raised.value.where == named


def test_auc_names_the_column_without_both_classes_or_skips_it_on_request():
    truth = np.array([[0, 1, 0], [1, 1, 0], [0, 1, 1]])
    probs = np.array([[0.1, 0.2, 0.9], [0.8, 0.1, 0.3], [0.3, 0.5, 0.5]])
    with pytest.raises(DataError, match="column 1"):
        score("auc", truth, probs)
    assert score("auc", truth, probs, undefined="skip") == pytest.approx((1 + 0.5) / 2)
    with pytest.raises(DataError, match="column 0, 1"):
        score("auc", np.ones((3, 2)), probs[:, :2], undefined="skip")


def test_a_class_that_no_row_has_is_an_undefined_auc():
    with pytest.raises(DataError, match="column 2"):
        score("auc", [0, 1, 0], np.full((3, 3), 1 / 3))
    with pytest.raises(DataError, match="not among the 2 columns"):
        score("auc", [0, 1, 2], np.full((3, 2), 0.5))


def test_rows_are_rescaled_before_clipping_unless_switched_off():
    probs = [[2.0, 2.0], [1.0, 3.0]]
    assert score("log_loss", [0, 1], probs) == pytest.approx(-np.log([0.5, 0.75]).mean())
    with pytest.raises(DataError, match="row 0 has a probability outside"):
        score("log_loss", [0, 1], probs, rescale=False)
    with pytest.raises(DataError, match="row 1 has a probability outside"):
        score("log_loss", [0, 1], [[0.5, 0.5], [0.0, 1.001]], rescale=False)
    unscaled = score("log_loss", [0, 1], [[0.2, 0.2], [0.1, 0.3]], rescale=False)
    assert unscaled == pytest.approx(-np.log([0.2, 0.3]).mean())
    with pytest.raises(DataError, match="row 1 has the sum 0"):
        score("log_loss", [0, 1], [[0.5, 0.5], [0.0, 0.0]])
    assert score("log_loss", [1], np.array([0.0]), eps=1e-7) == pytest.approx(-np.log(1e-7))


@pytest.mark.parametrize(
    ("name", "truth", "prediction", "options", "message"),
    [
        ("log_loss", [0, 3], [[0.5, 0.5], [0.5, 0.5]], {}, "row 1 has the true class 3"),
        ("log_loss", [0, 1], [[0.5, -0.5], [0.5, 0.5]], {}, "row 0 has a probability outside"),
        ("log_loss", [0, 1], [0.5, 1.5], {}, r"outside \[0, 1\]"),
        ("log_loss", [0, 2], [0.5, 0.5], {}, "must be 0 or 1"),
        ("log_loss", [0, 1], [0.5, 0.5], {"eps": 0}, "eps must be in"),
        ("log_loss", [0, 1], [0.5, 0.5], {"class_weights": [1, 2]}, "of one label of several"),
        ("log_loss", [0, 0], [[0.5, 0.5]] * 2, {"class_weights": [0, 1]}, "a class that weighs 0"),
        ("log_loss", [0, 1], [[0.5, 0.5]] * 2, {"class_weights": [1]}, "must be 2 numbers"),
        ("log_loss", [0, 1], [[0.5, 0.5]] * 2, {"class_weights": [-1, 1]}, "at least 0 and not"),
        ("auc", [0, 2], [0.5, 0.5], {}, "must be 0 or 1"),
        ("auc", [0, 1], [0.5, 0.5], {"average": "mean"}, "average is 'mean'"),
        ("accuracy", [0, 1], [[0.5, 0.5], [0.1, 0.9]], {}, "shapes do not match"),
        ("accuracy", [0, 1], [0, 1], {"over": "pixel"}, "over must be row or cell"),
        ("macro_f1", [0, 1], [0.5, 0.7], {}, "a class index is negative or not whole"),
        ("macro_f1", [0, -1], [0, 1], {}, "a class index is negative or not whole"),
        ("macro_f1", [0, 1], [0, 5], {"n_classes": 3}, "class 5 stands among 3 classes"),
        ("macro_f1", [0, 1], [0, 1], {"labels": "all"}, "labels must be"),
        ("macro_f1", [0, 1], [0, 1], {"labels": []}, "labels must be class indices"),
        ("macro_f1", [0, 1], [0, 1], {"labels": [0, 4]}, "labels name class 4 of 2"),
        ("macro_f1", [0, 1], [0, 1], {"zero_division": "warn"}, "zero_division must be"),
        ("macro_f1", [[0, 2]], [[0, 1]], {}, "macro_f1: a multilabel .* not 0 or 1"),
        ("fbeta", [0, 1], [0, 1], {"beta": 0}, "fbeta: beta must be above 0"),
        ("fbeta", [[0, 1]], [[0, 1]], {}, "fbeta: average binary needs"),
        ("balanced_accuracy", [0, 3], [0, 1], {"n_classes": 3}, "class 3 stands among 3"),
        ("balanced_accuracy", [0, 1], [0, 1], {"undefined": "zero"}, "undefined must be"),
        ("balanced_accuracy", [[0, 1]], [[0, 1]], {}, "one label a row, got 2 columns"),
        ("mcc", [0, -1], [0, 1], {}, "mcc: a class index is negative"),
        ("kappa", [0, -1], [0, 1], {}, "kappa: a class index is negative"),
        ("mcc", [1, 1], [0, 1], {}, "mcc is undefined: one class only"),
        ("qwk", [0, 1], [0, 0.5], {}, r"the decided rating of row 1 is 0\.5"),
        ("qwk", [0, 5], [0, 1], {"n_classes": 5}, "the true rating of row 1 is 5, .* of 5"),
        ("qwk", [2, 2], [2, 2], {}, "qwk is undefined: one rating only"),
        ("qwk", [2, 2], [2, 2], {"undefined": "skip"}, "undefined must be error, one or zero"),
        ("brier", [0, 1], [0.5, 1.5], {}, "row 1 has a probability outside"),
        ("brier", [0, 2], [[0.5, 0.5], [0.5, 0.5]], {}, "not among the 2 columns"),
        ("pf1", [0, 0], [0.5, 0.5], {}, "pf1 is undefined: no positive row"),
        ("pf1", [0, 1], [0.5, -0.5], {}, "row 1 has a probability outside"),
        ("pf1", [0, 1], [0.5, 0.5], {"beta": 0}, "beta must be above 0"),
        ("weighted_auc", [1, 1], [0.5, 0.5], {}, "one class only in the truth of column 0"),
        ("weighted_auc", [0, 1], [0.5, 0.5], {"edges": [0, 0.4]}, "edges ascend from 0 to 1"),
        ("weighted_auc", [0, 1], [0.5, 0.5], {"weights": [2]}, "one number >= 0 a band"),
        ("weighted_auc", [0, 1], [0.5, 0.5], {"edges": "all"}, "edges ascend"),
        ("weighted_log_loss", [[0, 1]], [[0.5, 0.5]], {"weights": [1]}, "must be 2 numbers"),
        ("weighted_log_loss", [[0, 1]], [[0.5, 0.5]], {"weights": [0, 0]}, "not all 0"),
        ("weighted_log_loss", [[0, 1]], [[0.5, 0.5]], {"over": "cell"}, "exam or row"),
        ("weighted_log_loss", [[0, 1]], [[0.5, 0.5]], {"positive": 0}, "positive must be above"),
        ("weighted_log_loss", [[0, 1]], [[0.5, 1.5]], {}, "row 0 has a probability outside"),
        ("rmsle", [1.0, 2.0], [0.5, -1.0], {}, r"the predicted value of row 1 is -1\.0"),
        ("mape", [1.0, 0.0], [0.5, 1.0], {}, "a true value of row 1 is 0"),
        ("r2", [0.1, 0.1, 0.1], [0.1, 0.2, 0.3], {}, "r2 is undefined: the truth is constant"),
        ("pearson", [0.1, 0.1, 0.1], [0.1, 0.2, 0.3], {}, "pearson is undefined: the truth is"),
        ("spearman", [0.1, 0.1, 0.1], [0.1, 0.2, 0.3], {}, "spearman is undefined: the truth is"),
        ("f1", [0, 2], [0, 2], {}, "average binary needs"),
        ("f1", [0, 1], [0, 1], {"average": "samples"}, "needs a multilabel task"),
        ("f1", [0, 1], [0, 1], {"average": "mean"}, "f1: average must be one of"),
        ("rmse", [[0.0, 1.0]], [[0.0, 1.0, 2.0]], {}, "shapes do not match"),
    ],
)
def test_meaningless_options_are_refused(name, truth, prediction, options, message):
    with pytest.raises(DataError, match=message):
        score(name, truth, prediction, **options)


def test_a_class_without_truth_and_decisions_scores_zero_division():
    only = {"labels": [0, 1, 2], "n_classes": 3}
    assert score("macro_f1", [0, 1], [0, 1], **only) == pytest.approx(2 / 3)
    assert score("macro_f1", [0, 1], [0, 1], zero_division=1, **only) == 1
    assert score("macro_f1", [0, 1], [0, 1], n_classes=3) == 1  # the union does not have it
    assert score("f1", [0, 0], [0, 0]) == 0
    # A label that no row has counts in a multilabel task: there is a column.
    assert score("macro_f1", [[1, 0], [0, 0]], [[1, 0], [0, 0]]) == 0.5
    assert score("f1", [0, 0], [0, 0], zero_division=1) == 1


def test_accuracy_of_labels_counts_rows_or_cells():
    assert score("accuracy", SETS_TRUTH, SETS_SAID) == pytest.approx(1 / 3)
    assert score("accuracy", SETS_TRUTH, SETS_SAID, over="cell") == pytest.approx(7 / 9)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1)), min_size=2, max_size=30))
def test_auc_is_the_share_of_pairs_in_order(rows):
    values, truth = np.array(rows).T
    positive, negative = values[truth == 1], values[truth == 0]
    if len(positive) == 0 or len(negative) == 0:
        return
    pairs = [(p > q) + 0.5 * (p == q) for p in positive for q in negative]
    assert score("auc", truth, values / 4) == pytest.approx(np.mean(pairs))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_macro_f1_is_the_mean_over_the_classes_by_hand(rows):
    each = []
    for c in {label for row in rows for label in row}:
        hit = sum(t == c and d == c for t, d in rows)
        wrong = sum((t == c) != (d == c) for t, d in rows)
        each.append(2 * hit / (2 * hit + wrong))
    truth, predicted = np.array(rows).T
    assert score("macro_f1", truth, predicted) == pytest.approx(np.mean(each))


def test_many_classes_need_one_byte_a_cell():
    rng = np.random.default_rng(0)
    sums = metrics.sums(
        "macro_f1", rng.integers(0, 800, 1000), rng.integers(0, 800, 1000), n_classes=800
    )
    assert sums.dtype == np.uint8
    assert sums.shape == (1000, 3200)


def test_scores_of_many_classes_make_no_table_of_rows_and_classes():
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 15_000, (2, 200_000))
    for name in ("macro_f1", "balanced_accuracy", "mcc", "kappa"):
        tracemalloc.start()
        score(name, truth, predicted, n_classes=15_000)
        bootstrap.scores(name, truth, predicted, n=3, n_classes=15_000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 100e6, name  # the table would be 12 GB, or 6


def test_kappa_of_one_rating_is_set_by_undefined():
    assert score("qwk", [2, 2], [2, 2], undefined="one") == 1
    assert score("qwk", [2, 2], [2, 2], undefined="zero") == 0
    assert score("qwk", [2, 2], [1, 1]) == 0  # both constant, and never equal


def test_kappa_without_weights_of_one_class_is_set_by_undefined():
    assert score("kappa", [2, 2], [2, 2], undefined="one") == 1
    assert score("kappa", [2, 2], [2, 2], undefined="zero") == 0
    assert score("kappa", [2, 2], [1, 1]) == 0
    with pytest.raises(DataError, match="one class only, in truth and decisions alike"):
        score("kappa", [2, 2], [2, 2])


def test_constant_decisions_have_a_matthews_correlation_of_zero():
    assert score("mcc", [0, 1, 2, 2], [2, 2, 2, 2]) == 0
    assert score("mcc", [1, 1], [0, 1], undefined="zero") == 0


def test_a_class_without_a_row_is_left_out_of_balanced_accuracy_or_named():
    assert score("balanced_accuracy", [0, 0, 2, 2], [0, 1, 2, 2], n_classes=4) == 0.75
    with pytest.raises(DataError, match="no row has the class 1, 3"):
        score("balanced_accuracy", [0, 0, 2], [0, 1, 2], n_classes=4, undefined="error")


def test_an_exam_weighs_the_same_whatever_its_positives_or_each_row_of_the_file_does():
    truth, probs = [[1, 1], [0, 0]], [[0.8, 0.4], [0.3, 0.1]]
    weights = [1, 7]
    first = -(2 * np.log(0.8) + 14 * np.log(0.4)) / 16
    second = -(np.log(0.7) + 7 * np.log(0.9)) / 8
    exam = score("weighted_log_loss", truth, probs, weights=weights)
    assert exam == pytest.approx((first + second) / 2)
    row = score("weighted_log_loss", truth, probs, weights=weights, over="row")
    assert row == pytest.approx((16 * first + 8 * second) / 24)
    plain = score("weighted_log_loss", truth, probs, positive=1)
    assert plain == pytest.approx(score("log_loss", np.array(truth), np.array(probs)))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1)), min_size=2, max_size=20),
    st.lists(st.integers(1, 9), max_size=3, unique=True),
    st.data(),
)
def test_the_weighted_area_is_a_fine_sum_over_heights_of_the_curve(rows, inner, data):
    values, truth = np.array(rows).T
    if len(set(truth.tolist())) < 2:
        return
    edges = [0.0, *sorted(one / 10 for one in inner), 1.0]
    weights = [data.draw(st.integers(1, 4)) for _ in edges[1:]]
    fpr, tpr, _ = sklearn.metrics.roc_curve(truth, values, drop_intermediate=False)
    total = 0.0
    heights = (np.arange(2000) + 0.5) / 2000
    for height in heights:
        at = next(i for i in range(len(tpr)) if tpr[i] >= height)  # the piece that crosses it
        share = (height - tpr[at - 1]) / (tpr[at] - tpr[at - 1])
        beside = 1 - (fpr[at - 1] + share * (fpr[at] - fpr[at - 1]))
        total += beside * weights[np.searchsorted(edges, height) - 1] / 2000
    whole = np.diff(edges) @ weights
    expected = total / whole
    assert score("weighted_auc", truth, values / 4, edges=edges, weights=weights) == pytest.approx(
        expected, abs=2e-3
    )


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=30),
    st.sampled_from([0.5, 1, 2]),
)
def test_probabilistic_f1_is_that_of_precision_and_recall(rows, beta):
    positive = [p for p, t in rows if t]
    if not positive:
        return
    everything, right = sum(p for p, _ in rows), sum(positive)
    expected = 0.0
    if right > 1e-9:
        p, r = right / everything, right / len(positive)
        expected = (1 + beta**2) * p * r / (beta**2 * p + r)
    probs, truth = np.array(rows).T
    found = score("pf1", truth.astype(int), probs, beta=beta)
    assert found == pytest.approx(expected, abs=1e-6)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30))
def test_kappa_is_one_minus_the_ratio_of_two_weighted_tables(rows):
    observed, expected = 0.0, 0.0
    for t, _ in rows:
        for _, d in rows:
            expected += (t - d) ** 2 / len(rows)
    for t, d in rows:
        observed += (t - d) ** 2
    if expected == 0:
        return
    truth, predicted = np.array(rows).T
    assert score("qwk", truth, predicted) == pytest.approx(1 - observed / expected)


@pytest.mark.parametrize(
    ("name", "kind", "options"),
    [
        ("fbeta", "binary", {"beta": -1}),
        ("f1", "binary", {"zero_division": 3}),
        ("auc", "multilabel", {"average": "mean"}),
        ("accuracy", "multilabel", {"over": "image"}),
        ("balanced_accuracy", "multiclass", {"undefined": "none"}),
        ("map_at_k", "multiclass", {"k": 0}),
    ],
)
def test_an_option_without_a_meaning_is_refused_before_anything_is_scored(name, kind, options):
    assert metrics.fitting(name, kind, {}, n_classes=4).name == name
    with pytest.raises(DataError):
        metrics.fitting(name, kind, options, n_classes=4)


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_the_defaults_of_every_metric_are_accepted(kind):
    for name in metrics.names():
        metric = metrics.get(name)
        if (
            metric.task != "classify"
            or kind not in metric.kinds
            or (
                name in ("f1", "fbeta", "jaccard")  # of class 1
            )
        ):
            continue
        for option, value in metric.options.items():
            metrics.fitting(metric, kind, {option: value}, n_classes=2 if kind == "binary" else 4)


@pytest.mark.parametrize(("name", "expected"), [("accuracy", 0.75), ("log_loss", -0.75)])
def test_goodness_is_greater_for_better_and_lowest_where_undefined(name, expected):
    def undefined():
        raise DataError("there are no rows to score")

    metric = metrics.get(name)
    assert metric.goodness(np.array([0.75, np.nan])).tolist() == [expected, -np.inf]
    assert metric.goodness_of(lambda: 0.75) == expected
    assert metric.goodness_of(undefined) == -np.inf


def test_a_metric_has_sums_where_there_are_these_and_their_value() -> None:
    accuracy = metrics.get("accuracy")
    assert accuracy.has_sums
    assert not replace(accuracy, sums=None).has_sums
    assert not replace(accuracy, value=None).has_sums


def test_an_impossible_value_of_an_option_comes_with_one_that_is_possible():
    refused = {}
    for name in metrics.names():
        metric = metrics.get(name)
        kind = next(
            one
            for one in kind_names(metric.task)
            if metrics.can_score(metric, find_kind(metric.task, one), metric.task)
        )
        found = find_kind(metric.task, kind)
        for option in metric.options:
            try:
                metrics.fitting(metric, found, {option: ["?"]}, task=metric.task, n_classes=3)
            except DataError as error:
                refused[name, option] = error
    assert ("kappa", "undefined") in refused
    assert not [key for key, error in refused.items() if not error.fix]
    with pytest.raises(DataError, match="over must be") as caught:
        score("accuracy", [0, 1], [0, 1], over="pixel")
    assert caught.value.fix == "write over: row, its default"
    with pytest.raises(DataError, match="scales must be 3 numbers") as caught:
        metrics.fitting("mcrmse", "multitarget", {"scales": [1, 2]}, n_classes=3)
    assert caught.value.fix.endswith("as scales: [1, 1, 1]")
