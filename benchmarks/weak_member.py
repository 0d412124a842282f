"""What a weak last member costs a blend, and what seeds of one network bring, by the method.

    OMP_NUM_THREADS=1 python benchmarks/weak_member.py [--draws 20]
    OMP_NUM_THREADS=1 python benchmarks/weak_member.py --seeds
    OMP_NUM_THREADS=1 python benchmarks/weak_member.py --thresholds
    OMP_NUM_THREADS=1 python benchmarks/weak_member.py --ratings
    OMP_NUM_THREADS=1 python benchmarks/weak_member.py --class-weights [--draws 20]

Each draw takes rows of scikit-learn's digits to learn from, others as the hidden test set. Members
are fitted over five folds; their test prediction is the mean of five. Blended are three good ones,
and these with a weak one behind them, which saw three columns alone. Scored is the hidden accuracy.
With `--seeds` they are one network, and then four of it from different seeds: the cost is negative
by what averaging brings. With `--thresholds` the four members predict whether a digit is a 3 or an
8, or three labels at once, and thresholds are fitted to the weighted mean: scored is the hidden F1,
Matthews' correlation or macro F1, also of weights that hill climbing finds by that metric at 0.5.
With `--ratings` five regressions of scikit-learn's diabetes rate it in five classes, even ones or
each rarer than the one before; cut points are fitted to the weighted mean, and scored is the hidden
quadratic kappa, also of weights that hill climbing and the choice of the best find by rounding.
With `--class-weights` five members of different calibration predict one of five unbalanced classes,
groups of digits or made-up ones; class weights are fitted to the weighted mean, and kept where they
pay. Scored are the hidden macro F1, balanced accuracy and accuracy, of weights that are found by
the metric of the likeliest class, by log loss and, as `podium blend` climbs, by that of calibrated
means (of accuracy by the metric).
"""

from __future__ import annotations

import argparse
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_diabetes, load_digits
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier

import podium
from podium.ensembling import blend
from podium.ensembling.method import load_method
from podium.tuning.labels.decision import choose_decision
from podium.tuning.labels.search import Search
from podium.tuning.scoring import LabelScorer

MEMBERS: tuple[tuple[Any, slice], ...] = (
    (LogisticRegression(C=0.01, max_iter=200), slice(0, 64)),
    (ExtraTreesClassifier(30, random_state=0), slice(0, 64)),
    (MLPClassifier((24,), max_iter=60, random_state=0), slice(0, 64)),
    (KNeighborsClassifier(5), slice(18, 21)),
)
SEEDS: tuple[tuple[Any, slice], ...] = tuple(
    (MLPClassifier((24,), alpha=1.0, max_iter=60, random_state=seed), slice(0, 64))
    for seed in range(4)
)
RATINGS: tuple[tuple[Any, slice, float], ...] = (
    (Ridge(10.0), slice(0, 10), 1.0),
    (ExtraTreesRegressor(30, min_samples_leaf=5, random_state=0), slice(0, 10), 1.0),
    (KNeighborsRegressor(25), slice(0, 10), 1.0),
    (KNeighborsRegressor(5), slice(0, 2), 1.0),
    (Ridge(10.0), slice(0, 10), 0.5),  # ratings half as far from their mean
)
RATED = {"even": (0.2, 0.4, 0.6, 0.8), "rarer": (0.5, 0.75, 0.9, 0.97)}
"""Share of rows below each class but the first."""
UNBALANCED: tuple[tuple[Any, slice], ...] = (
    (RandomForestClassifier(40, min_samples_leaf=2, random_state=0), slice(None)),
    (LogisticRegression(C=0.01, max_iter=200), slice(None)),
    (LogisticRegression(C=0.1, max_iter=200, class_weight="balanced"), slice(None)),
    (MLPClassifier((24,), max_iter=60, random_state=0), slice(None)),
    (KNeighborsClassifier(5), slice(None)),
)
GROUPS = np.array([0, 0, 0, 0, 1, 1, 1, 2, 3, 4])
"""The class of each digit."""
SHARES = np.array([0.46, 0.22, 0.16, 0.1, 0.06])
"""The share of each made-up class."""
DATA = ("digits", "made up")
CLIMBED = ("best", "hill_climb", "bagged")
METHODS = ("best", "mean", "hill_climb", "bagged", "simplex", "paying")
LABELS = ((3, 8), (1, 2, 7), (0, 6))
"""The digits that have each of three labels."""


def draw(
    seed: int, n: int, members: tuple[tuple[Any, slice], ...] = MEMBERS
) -> tuple[NDArray[Any], ...]:
    """Return members' out-of-fold `(M, n, 10)` and test predictions, and the truth of both."""
    x, y = load_digits(return_X_y=True)
    noise = np.random.default_rng(seed)
    x = x / 16 + noise.normal(0, 0.35, x.shape)  # without it every blend is near 1
    order = noise.permutation(len(y))
    train, test = order[:n], order[n:]
    return (*predictions(members, x, y, train, test, seed), y[train], y[test])


def predictions(
    members: tuple[tuple[Any, slice], ...],
    x: NDArray[Any],
    y: NDArray[Any],
    train: NDArray[Any],
    test: NDArray[Any],
    seed: int,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return members' out-of-fold `(M, n, C)` and test predictions, these the mean of the folds."""
    n_classes = int(y.max()) + 1
    oof = np.zeros((len(members), len(train), n_classes))
    predicted = np.zeros((len(members), len(test), n_classes))
    for m, (learner, columns) in enumerate(members):
        for fit, held in StratifiedKFold(5, shuffle=True, random_state=seed).split(train, y[train]):
            learner.fit(x[train[fit]][:, columns], y[train[fit]])
            seen = learner.classes_  # of few rows a fold may lack a class
            oof[m][np.ix_(held, seen)] = learner.predict_proba(x[train[held]][:, columns])
            predicted[m][:, seen] += learner.predict_proba(x[test][:, columns]) / 5
    return oof, predicted


def of_labels(
    probs: NDArray[Any], labels: tuple[tuple[int, ...], ...]
) -> NDArray[np.floating[Any]]:
    """Return the probability of each label, `(…, L)`, of those of ten digits `(…, 10)`."""
    return np.stack([probs[..., list(digits)].sum(axis=-1) for digits in labels], axis=-1)


def print_means(start: str, found: dict[str, list[list[float]]]) -> None:
    """Print a line a method: the means of its scores over draws."""
    for name, each in found.items():
        shown = " | ".join(f"{score:.4f}" for score in np.mean(each, axis=0))
        print(f"{start} | {name} | {shown} |", flush=True)


def thresholded(n: int, draws: int) -> None:
    """Print a line a method: the hidden score by thresholds that are fitted after the weights."""
    cases = (("f1", LABELS[:1]), ("mcc", LABELS[:1]), ("macro_f1", LABELS))
    found: dict[str, list[list[float]]] = {}
    for seed in range(draws):
        oof, predicted, truth, hidden = draw(seed, n)
        scores: dict[str, list[float]] = {}
        for metric, labels in cases:
            probs, test = of_labels(oof, labels), of_labels(predicted, labels)
            right, unseen = (
                np.stack([np.isin(given, digits) for digits in labels], axis=-1).astype(int)
                for given in (truth, hidden)
            )
            if len(labels) == 1:
                right, unseen = right[:, 0], unseen[:, 0]
            scorer = LabelScorer.of(metric, right, n_outputs=len(labels))
            for method in ("climbing by the metric", *METHODS):
                if method in METHODS:
                    weights = np.asarray(load_method(method).fitted(probs, scorer, seed=0).weights)
                else:
                    weights = podium.hill_climb(right, probs, metric)
                mean, of_test = (np.tensordot(weights, one, 1) for one in (probs, test))
                least = podium.fit_thresholds(right, mean, metric)
                decided = np.asarray(of_test >= least, dtype=int).reshape(unseen.shape)
                scores.setdefault(method, []).append(podium.score(metric, unseen, decided))
        for method, each in scores.items():
            found.setdefault(method, []).append(each)
    print_means(f"| {n}", found)


def rated(n: int, draws: int) -> None:
    """Print a line a method: the hidden kappa by cut points that are fitted after the weights."""
    found: dict[str, list[list[float]]] = {}
    for seed in range(draws):
        scores: dict[str, list[float]] = {}
        for shares in RATED.values():
            oof, predicted, right, unseen = draw_ratings(seed, n, shares)
            scorer = LabelScorer.of("qwk", right, n_outputs=1, kind="ordinal")
            rounded = [scorer.of_probs(one) for one in oof]
            weights = {
                "climbing by the metric": podium.hill_climb(right, oof, "qwk", kind="ordinal"),
                "the best by the metric": np.eye(len(oof))[int(np.argmax(rounded))],
            }
            for name in METHODS:
                weights[name] = np.asarray(load_method(name).fitted(oof, scorer, seed=0).weights)
            for name, shares_of in weights.items():
                mean, of_test = (np.tensordot(shares_of, one, 1) for one in (oof, predicted))
                folds = np.arange(n) % 5
                cut = blend(
                    mean[None], right, "qwk", folds, kind="ordinal", method="mean", n_resamples=2
                )
                decided = podium.decide(of_test, cut.decision, kind="ordinal", classes=range(5))
                scores.setdefault(name, []).append(podium.score("qwk", unseen, decided))
        for name, each in scores.items():
            found.setdefault(name, []).append(each)
    print_means(f"| {n}", found)


def draw_ratings(seed: int, n: int, shares: tuple[float, ...]) -> tuple[NDArray[Any], ...]:
    """Return out-of-fold `(M, n, 1)` and test ratings of members, and the classes of both."""
    x, y = load_diabetes(return_X_y=True)
    x, y = x * 20, np.searchsorted(np.quantile(y, shares), y)
    order = np.random.default_rng(seed).permutation(len(y))
    train, test = order[:n], order[n:]
    oof = np.zeros((len(RATINGS), n, 1))
    predicted = np.zeros((len(RATINGS), len(test), 1))
    for m, (learner, columns, scale) in enumerate(RATINGS):
        for fit, held in KFold(5, shuffle=True, random_state=seed).split(train):
            learner.fit(x[train[fit]][:, columns], y[train[fit]])
            middle = y[train[fit]].mean()
            of_held, of_test = (
                (middle + scale * (learner.predict(x[rows][:, columns]) - middle)).clip(0, 4)
                for rows in (train[held], test)
            )
            oof[m, held, 0] = of_held
            predicted[m, :, 0] += of_test / 5
    return oof, predicted, y[train], y[test]


def draw_unbalanced(data: str, seed: int, n: int) -> tuple[NDArray[Any], ...]:
    """Return out-of-fold `(M, n, 5)` and test predictions of members, and the classes of both."""
    noise = np.random.default_rng(seed)
    if data == "digits":
        x, digit = load_digits(return_X_y=True)
        x, y = x / 16 + noise.normal(0, 0.6, x.shape), GROUPS[digit]
        kept = noise.random(len(y)) < np.array([1, 1, 1, 0.6, 0.4])[y]
        x, y = x[kept], y[kept]
    else:
        y = noise.choice(5, n + 2000, p=SHARES)
        centres = noise.normal(0, 0.75, (5, 2, 12))  # two clusters a class: no plane divides them
        x = centres[y, noise.integers(0, 2, len(y))] + noise.normal(size=(len(y), 12))
    order = noise.permutation(len(y))
    train, test = order[:n], order[n:]
    return (*predictions(UNBALANCED, x, y, train, test, seed), y[train], y[test])


def class_weighted(n: int, draws: int) -> None:
    """Print a line a method: the hidden score by class weights that are fitted after the weights.

    Below it is what the other scores are above those by the metric, with the standard error.
    """
    for data in DATA:
        found: dict[str, list[list[float]]] = {}
        for seed in range(draws):
            oof, predicted, right, unseen = draw_unbalanced(data, seed, n)
            by_loss = LabelScorer.of("log_loss", right, n_outputs=5)
            fitted = {
                f"{name} by log loss": load_method(name).fitted(oof, by_loss, seed=0).weights
                for name in (*CLIMBED, "mean", "simplex", "paying")
            }
            scores: dict[str, list[float]] = {}
            for metric in ("macro_f1", "balanced_accuracy", "accuracy"):
                scorer = LabelScorer.of(metric, right, n_outputs=5)
                weights = {
                    "best by the metric": np.eye(len(oof))[
                        int(np.argmax([scorer.of_probs(one) for one in oof]))
                    ],
                    "hill_climb by the metric": podium.hill_climb(right, oof, metric),
                    "hill_climb as podium climbs": np.asarray(
                        load_method("hill_climb").fitted(oof, scorer, seed=0).weights
                    ),
                    "bagged by the metric": podium.hill_climb(right, oof, metric, bags=20),
                    **{name: np.asarray(one) for name, one in fitted.items()},
                }
                for name, shares in weights.items():
                    mean, of_test = (np.tensordot(shares, one, 1) for one in (oof, predicted))
                    kept = choose_decision(mean, scorer, Search(trials=20))
                    decided = podium.decide(of_test, kept.decision, kind="multiclass")
                    scores.setdefault(name, []).append(podium.score(metric, unseen, decided))
            for name, each in scores.items():
                found.setdefault(name, []).append(each)
        print_means(f"| {data} | {n}", found)
        for name in (*(f"{one} by log loss" for one in CLIMBED), "hill_climb as podium climbs"):
            gain = np.subtract(found[name], found[f"{name.split()[0]} by the metric"])
            error = gain.std(axis=0) / len(gain) ** 0.5
            shown = " | ".join(
                f"{one:+.4f} ± {e:.4f}" for one, e in zip(gain.mean(axis=0), error, strict=True)
            )
            print(f"| {data} | {n} | {name}: gain | {shown} |", flush=True)


def main() -> None:
    """Print a line a number of rows and method."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument(
        "--rows", help="default: 100,400; of ratings 100,300; of classes 100,300,1000"
    )
    parser.add_argument("--seeds", action="store_true", help="members that differ by their seed")
    parser.add_argument("--thresholds", action="store_true", help="labels that thresholds decide")
    parser.add_argument("--ratings", action="store_true", help="ratings that cut points decide")
    parser.add_argument("--class-weights", action="store_true", help="unbalanced classes")
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    usual = "100,300" if args.ratings else "100,300,1000" if args.class_weights else "100,400"
    rows = [int(one) for one in (args.rows or usual).split(",")]
    if args.thresholds:
        print("| rows | method | f1 | mcc | macro_f1 |")
        print("| --- | --- | --- | --- | --- |")
        for n in rows:
            thresholded(n, args.draws)
        return
    if args.class_weights:
        print("| data | rows | weights | macro_f1 | balanced_accuracy | accuracy |")
        print("| --- | --- | --- | --- | --- | --- |")
        for n in rows:
            class_weighted(n, args.draws)
        return
    if args.ratings:
        print(f"| rows | method | {' | '.join(RATED)} |")
        print("| --- | --- | --- | --- |")
        for n in rows:
            rated(n, args.draws)
        return
    less, more = ("one", "four seeds") if args.seeds else ("without the weak one", "with it")
    print(f"| rows | method | {less} | {more} | cost | worst draw |")
    print("| --- | --- | --- | --- | --- | --- |")
    for n in rows:
        found: dict[str, list[tuple[float, float]]] = {one: [] for one in METHODS}
        for seed in range(args.draws):
            oof, predicted, truth, hidden = draw(seed, n, SEEDS if args.seeds else MEMBERS)
            for method in METHODS:
                each = []
                for used in (slice(0, 1 if args.seeds else 3), slice(0, 4)):
                    scorer = LabelScorer.of("accuracy", truth, n_outputs=10)
                    fitted = load_method(method).fitted(oof[used], scorer, seed=0)
                    mean = np.tensordot(fitted.weights, predicted[used], 1)
                    each.append(float((mean.argmax(axis=1) == hidden).mean()))
                found[method].append((each[0], each[1]))
        for method, pairs in found.items():
            without, with_it = np.transpose(pairs)
            cost = without - with_it
            print(
                f"| {n} | {method} | {without.mean():.4f} | {with_it.mean():.4f} | "
                f"{cost.mean():+.4f} ± {cost.std() / len(cost) ** 0.5:.4f} | {cost.max():+.4f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
