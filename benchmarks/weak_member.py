"""What a weak last member costs a blend, and what seeds of one network bring, by the method.

    OMP_NUM_THREADS=1 python benchmarks/weak_member.py [--draws 20]
    OMP_NUM_THREADS=1 python benchmarks/weak_member.py --seeds

Each draw takes rows of scikit-learn's digits to learn from, others as the hidden test set. Members
are fitted over five folds; their test prediction is the mean of five. Blended are three good ones,
and these with a weak one behind them, which saw three columns alone. Scored is the hidden accuracy.
With `--seeds` they are one network, and then four of it from different seeds: the cost is negative
by what averaging brings.
"""

from __future__ import annotations

import argparse
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

from podium.ensembling.method import load_method
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
METHODS = ("best", "mean", "hill_climb", "bagged", "simplex", "paying")


def draw(
    seed: int, n: int, members: tuple[tuple[Any, slice], ...] = MEMBERS
) -> tuple[NDArray[Any], ...]:
    """Return members' out-of-fold `(M, n, 10)` and test predictions, and the truth of both."""
    x, y = load_digits(return_X_y=True)
    noise = np.random.default_rng(seed)
    x = x / 16 + noise.normal(0, 0.35, x.shape)  # without it every blend is near 1
    order = noise.permutation(len(y))
    train, test = order[:n], order[n:]
    oof = np.zeros((len(members), n, 10))
    predicted = np.zeros((len(members), len(test), 10))
    for m, (learner, columns) in enumerate(members):
        for fit, held in StratifiedKFold(5, shuffle=True, random_state=seed).split(train, y[train]):
            learner.fit(x[train[fit]][:, columns], y[train[fit]])
            oof[m, held] = learner.predict_proba(x[train[held]][:, columns])
            predicted[m] += learner.predict_proba(x[test][:, columns]) / 5
    return oof, predicted, y[train], y[test]


def main() -> None:
    """Print a line a number of rows and method."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--rows", default="100,400")
    parser.add_argument("--seeds", action="store_true", help="members that differ by their seed")
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    less, more = ("one", "four seeds") if args.seeds else ("without the weak one", "with it")
    print(f"| rows | method | {less} | {more} | cost | worst draw |")
    print("| --- | --- | --- | --- | --- | --- |")
    for n in map(int, args.rows.split(",")):
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
