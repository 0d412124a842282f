"""Whether the score of a hidden test set lies in the interval of the expected score.

Each draw takes rows of a public set for training and others as the test set, whose labels are
hidden; K fold models are fitted, which leave their out-of-fold and test predictions as a run does.
Small networks and trees on few rows stand in for networks on images: what matters is that fold
models differ, and that the mean of them is better than each. Compared are, with the score of the
mean on the hidden labels: the interval of the honest score, and the expected score with its
interval.

    python benchmarks/expected_score.py [--draws 12] [--fashion FOLDER] [--only digits]

Fashion-MNIST: apt-get download dataset-fashion-mnist && dpkg -x dataset-fashion-mnist*.deb fashion,
and --fashion fashion/usr/share/datasets/fashion-mnist.
"""

from __future__ import annotations

import argparse
import gzip
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from podium.competition import metrics
from podium.competition.scores import bootstrap
from podium.competition.scores.expected import Gain, expected_interval, gain_of_mean, possible
from podium.predictions.decisions.labels import metric_input
from podium.tasks.protocols.find import image_kind
from podium.tuning.labels.calibration import fit_calibration

N_FOLDS = 5


@dataclass(frozen=True)
class Case:
    """A competition to draw.

    Attributes:
        data: name of the set.
        kind: of the task.
        metric: that scores it.
        learner: of each fold model.
        train, test: rows; of these the labels are hidden.
        is_calibrated: probabilities are calibrated on the out-of-fold rows, as a blend does.
    """

    data: str
    kind: str
    metric: str
    learner: str
    train: int
    test: int
    is_calibrated: bool = False


CASES = (
    Case("digits", "multiclass", "accuracy", "network", 150, 400),
    Case("digits", "multiclass", "macro_f1", "trees", 200, 200),
    Case("digits", "multiclass", "log_loss", "network", 300, 800),
    Case("digits", "multiclass", "log_loss", "network", 300, 800, is_calibrated=True),
    Case("digits", "multiclass", "log_loss", "trees", 300, 800, is_calibrated=True),
    Case("digits", "multiclass", "accuracy", "linear", 400, 100),
    Case("breast cancer", "binary", "auc", "trees", 120, 400),
    Case("breast cancer", "binary", "accuracy", "network", 200, 200),
    Case("wine", "multiclass", "accuracy", "trees", 80, 60),
    Case("diabetes", "regression", "rmse", "trees", 200, 200),
    Case("diabetes", "regression", "mae", "network", 150, 250),
    Case("fashion", "multiclass", "accuracy", "network", 300, 2000),
    Case("fashion", "multiclass", "macro_f1", "trees", 400, 500),
    Case("fashion", "multiclass", "log_loss", "linear", 500, 1000),
    Case("fashion", "multiclass", "balanced_accuracy", "network", 1000, 300),
)

LEARNERS: dict[str, Callable[[int], Any]] = {
    "linear": lambda seed: make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=200)),
    "trees": lambda seed: ExtraTreesClassifier(8, min_samples_leaf=2, random_state=seed),
    "network": lambda seed: make_pipeline(
        StandardScaler(), MLPClassifier(hidden_layer_sizes=(24,), max_iter=60, random_state=seed)
    ),
}
OF_NUMBERS: dict[str, Callable[[int], Any]] = {
    "trees": lambda seed: ExtraTreesRegressor(8, min_samples_leaf=2, random_state=seed),
    "network": lambda seed: make_pipeline(
        StandardScaler(), MLPRegressor(hidden_layer_sizes=(24,), max_iter=200, random_state=seed)
    ),
}


def load(name: str, fashion: Path | None) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """Return features and answers of a set; None: its files are not given."""
    if name == "fashion":
        if fashion is None:
            return None
        with gzip.open(fashion / "train-images-idx3-ubyte.gz") as file:
            pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784)[:12_000]
        with gzip.open(fashion / "train-labels-idx1-ubyte.gz") as file:
            labels = np.frombuffer(file.read(), np.uint8, offset=8)[:12_000]
        features = PCA(30, random_state=0).fit_transform(pixels / 255.0)
        return features, labels.astype(np.int64)
    found = getattr(datasets, f"load_{name.replace(' ', '_')}")(return_X_y=True)
    return found[0], found[1]


def predictions(
    case: Case, features: NDArray[Any], answers: NDArray[Any], seed: int
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return truth and out-of-fold predictions `(N, C)` of train, and those of test.

    The latter are its truth and what each fold model predicts, `(K, M, C)`.
    """
    order = np.random.default_rng(seed).permutation(len(answers))
    train, test = order[: case.train], order[case.train : case.train + case.test]
    is_of_numbers = case.kind == "regression"
    learners = OF_NUMBERS if is_of_numbers else LEARNERS
    n_classes = 1 if is_of_numbers else int(answers.max()) + 1
    split = (KFold if is_of_numbers else StratifiedKFold)(N_FOLDS, shuffle=True, random_state=seed)
    oof = np.zeros((len(train), n_classes))
    models = np.zeros((N_FOLDS, len(test), n_classes))
    for fold, (inside, held) in enumerate(split.split(train, answers[train])):
        model = learners[case.learner](seed * N_FOLDS + fold)
        model.fit(features[train[inside]], answers[train[inside]])
        oof[held] = said(model, features[train[held]], n_classes, is_of_numbers)
        models[fold] = said(model, features[test], n_classes, is_of_numbers)
    if case.kind == "binary":
        oof, models = oof[:, 1:], models[:, :, 1:]
    return answers[train], oof.astype(np.float32), answers[test], models.astype(np.float32)


def said(model: Any, features: NDArray[Any], n_classes: int, is_of_numbers: bool) -> NDArray[Any]:
    """Return what a model says of rows, `(N, C)`."""
    if is_of_numbers:
        return np.asarray(model.predict(features))[:, None]
    found = np.zeros((len(features), n_classes))
    found[:, model.classes_] = model.predict_proba(features)
    return found


@dataclass(frozen=True)
class Found:
    """A draw: the hidden score, and what was to be believed of it, with two intervals."""

    hidden: float
    honest: float
    honest_bounds: tuple[float, float]
    expected: float
    expected_bounds: tuple[float, float]
    seconds: float


def draws(
    case: Case, data: tuple[NDArray[Any], NDArray[Any]], seeds: Sequence[int]
) -> Iterator[Found]:
    """Yield the result of each draw of a case."""
    kind, metric = image_kind(case.kind), metrics.get(case.metric)
    n_classes = len(np.unique(data[1]))
    options = {"n_classes": n_classes} if "n_classes" in metric.options else {}

    def decide(probs: NDArray[Any]) -> Any:
        return metric_input(probs, None, kind, metric, options)

    for seed in seeds:
        truth, oof, hidden, models = predictions(case, *data, seed)
        mean = models.mean(axis=0)
        if case.is_calibrated:
            fitted = fit_calibration(oof, truth, kind)
            mean = fitted.of_means(models, mean).calibrated(mean)
            oof = fitted.calibrated(oof)  # three numbers of hundreds of rows flatter little
            models = np.stack([fitted.calibrated(one) for one in models])
        ours = decide(oof)
        honest = metrics.score(metric, truth, ours, **options)
        started = process_time()
        drawn = bootstrap.scores(metric, truth, ours, n=100, seed=seed, **options)
        gain = gain_of_mean(
            metric,
            models,
            kind,
            honest=honest,
            error=float(np.nanstd(drawn)),
            decide=decide,
            mean=mean,
            seed=seed,
            **options,
        )
        gain = gain or Gain()
        bounds = expected_interval(
            metric, truth, ours, n_rows=len(hidden), gain=gain, seed=seed, **options
        )
        seconds = process_time() - started
        assert bounds is not None
        yield Found(
            metrics.score(metric, hidden, decide(mean), **options),
            honest,
            bootstrap.interval(metric, truth, ours, n=400, seed=seed, **options),
            possible(metric, honest + gain.value),
            bounds,
            seconds,
        )


def share_inside(found: Sequence[Found], which: str) -> float:
    """Return the share of hidden scores in the bounds `which`."""
    every = [(one.hidden, *getattr(one, which)) for one in found]
    return float(np.mean([low <= hidden <= high for hidden, low, high in every]))


def share_nearer(found: Sequence[Found]) -> float:
    """Return the share of draws whose expected score is nearer to the hidden one, ties half."""
    gaps = [abs(one.honest - one.hidden) - abs(one.expected - one.hidden) for one in found]
    return float(np.mean([0.5 if abs(gap) < 1e-12 else gap > 0 for gap in gaps]))


HEADING = (
    "| draw | hidden | honest | expected | honest misses | expected misses | honest holds "
    "| expected holds | honest width | expected width | CPU s |\n| --- |" + " --- |" * 10
)


def conclusion(found: Sequence[Found]) -> str:
    """Return the sentence below the table."""
    return (
        f"all {len(found)} draws: the honest interval holds "
        f"{share_inside(found, 'honest_bounds'):.1%}, the expected one "
        f"{share_inside(found, 'expected_bounds'):.1%}; the expected score is nearer than the "
        f"honest one in {share_nearer(found):.0%}"
    )


def table_line(name: str, found: Sequence[Found]) -> str:
    """Return a row of the table: means over draws."""
    hidden, honest, expected = (
        np.array([getattr(one, which) for one in found])
        for which in ("hidden", "honest", "expected")
    )
    widths = [
        np.mean([high - low for low, high in (getattr(one, which) for one in found)])
        for which in ("honest_bounds", "expected_bounds")
    ]
    return (
        f"| {name} | {hidden.mean():.3f} | {honest.mean():.3f} | {expected.mean():.3f} "
        f"| {np.abs(honest - hidden).mean():.4f} | {np.abs(expected - hidden).mean():.4f} "
        f"| {share_inside(found, 'honest_bounds'):.0%} "
        f"| {share_inside(found, 'expected_bounds'):.0%} "
        f"| {widths[0]:.3f} | {widths[1]:.3f} | {np.mean([one.seconds for one in found]):.2f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=12, help="of each case")
    parser.add_argument("--first", type=int, default=100, help="the seed of the first draw")
    parser.add_argument("--fashion", type=Path, help="folder of its files")
    parser.add_argument("--only", default="", help="a set")
    given = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(HEADING)
    every: list[Found] = []
    for case in CASES:
        if given.only not in case.data:
            continue
        data = load(case.data, given.fashion)
        if data is None:
            continue
        found = list(draws(case, data, range(given.first, given.first + given.draws)))
        every += found
        name = f"{case.data}, {case.metric}, {case.learner}, {case.train} + {case.test}"
        name += ", calibrated" if case.is_calibrated else ""
        print(table_line(name, found), flush=True)
    print(conclusion(every))


if __name__ == "__main__":
    main()
