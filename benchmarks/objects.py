"""Tuning objects against plain loops over them with scipy, as ratios in one run.

    python benchmarks/objects.py [--rounds 5]

Of an image of many small cells and one of a few large ones, made up, every candidate decision is
made and scored by the mean precision over ten thresholds of the IoU. The loops are what a notebook
has: `ndimage.label`, for a watershed peaks of the distance transform by `maximum_filter` and
`watershed_ift`; then for each object its box, its area and mean, and for each true object those
that lie in it. Scores without a watershed are compared; with one, objects are not quite the same.
One thread, seconds of the processor, the fastest of several rounds by turns. Below, a decision and
a score in their parts.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from podium.competition.scores.sum_scorer import SumScorer
from podium.competition.truths.instances import Instances
from podium.predictions import MaskArrays, decide_mask
from podium.predictions.decisions.objects import filter_objects, instances_of
from podium.tuning.masks.space import MaskCandidate, mask_space
from podium.tuning.masks.sums import sum_objects

CASES = (("many", (520, 704), 330, (8.0, 13.0)), ("few", (768, 768), 10, (40.0, 90.0)))
"""Name, size, objects, their least and largest radius."""

THRESHOLDS = [k / 100 for k in range(50, 100, 5)]
CORNERS = np.ones((3, 3), dtype=bool)

Labels = NDArray[np.int32]
Probs = NDArray[np.float32]


@dataclass(frozen=True)
class Image:
    """What is true of an image, and what a network says: numbers `(H, W)`, and `(H, W)`."""

    labels: Labels
    probs: Probs


def main(argv: Sequence[str] | None = None) -> None:
    """Print, for each image, seconds and ratios of all candidates, and seconds of the stages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="the fastest counts")
    rounds = parser.parse_args(argv).rounds
    cv2.setNumThreads(1)
    for name, size, n, radius in CASES:
        _compare(name, cells(size, n, radius), rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MiB")


def cells(size: tuple[int, int], n: int, radius: tuple[float, float], *, seed: int = 0) -> Image:
    """Return discs, many of which touch, and noisy probabilities that fall off at their edges."""
    rng = np.random.default_rng(seed)
    labels, probs = np.zeros(size, np.int32), np.zeros(size, np.float32)
    for number in range(1, n + 1):
        r, y, x = rng.uniform(*radius), rng.uniform(0, size[0]), rng.uniform(0, size[1])
        top, left = max(0, int(y - 2 * r)), max(0, int(x - 2 * r))
        box = slice(top, int(y + 2 * r) + 1), slice(left, int(x + 2 * r) + 1)
        rows, columns = np.indices(labels[box].shape)
        distances = np.hypot(rows + top - y, columns + left - x)
        labels[box][(distances < r) & (labels[box] == 0)] = number
        said = 1 / (1 + np.exp((distances - r) / (0.15 * r)))
        np.maximum(probs[box], said, out=probs[box])
    noisy = 0.95 * probs + 0.02 + rng.normal(0, 0.03, size)
    return Image(labels, np.clip(noisy, 0, 1).astype(np.float32))


def _compare(name: str, image: Image, rounds: int) -> None:
    probs = MaskArrays(["a"], [image.probs[..., None]])
    truth = Instances.from_labels(image.labels)
    space = mask_space("instance", probs.sizes, trials=50)
    scorer = SumScorer.of("iou_precision", "binary", n_classes=1)
    ways: dict[str, Callable[[], Any]] = {
        "podium": lambda: sum_objects(probs, [truth], space, scorer, workers=1).sums[:, 0, 0],
        "loop": lambda: [_plain_score(image, one) for one in space.candidates],
    }
    for one, ours, loop in zip(space.candidates, *(way() for way in ways.values()), strict=True):
        assert one.apart or abs(ours - loop) < 1e-12, one
    seconds = _fastest(ways, rounds)
    ratio = seconds["loop"] / seconds["podium"]
    print(
        f"{name}: {len(truth)} objects in {probs.sizes[0]}, {len(space.candidates)} candidates: "
        f"podium {seconds['podium']:.3f} s, loop {seconds['loop']:.3f} s, {ratio:.1f}x"
    )
    stages = _fastest(_stages(image, truth, space.candidates, scorer), rounds)
    for stage, (ours, loop) in _pairs(stages).items():
        print(f"  {stage:34} podium {ours * 1e3:8.2f} ms, loop {loop * 1e3:8.2f} ms, "
              f"{loop / ours:5.1f}x")  # fmt: skip


def _stages(
    image: Image, truth: Instances, candidates: Sequence[MaskCandidate], scorer: SumScorer
) -> dict[str, Callable[[], Any]]:
    """Return what one decision and one score are made of, each by podium and by a loop."""
    probs = MaskArrays(["a"], [image.probs[..., None]])
    plain = [{"threshold": 0.5}]
    aparts = sorted({one.apart or 0 for one in candidates})
    near, far = (MaskCandidate(0.5, apart=apart) for apart in aparts[1:])
    found = instances_of(probs, 0, plain, "binary")
    labels, _ = ndimage.label(image.probs >= np.float32(0.5), CORNERS)
    least = max(one.min_area for one in candidates)

    def podium(one: MaskCandidate) -> Callable[[], Any]:
        return lambda: instances_of(probs, 0, [*plain, one.objects], "binary")

    return {
        "threshold/podium": lambda: decide_mask(probs, 0, plain, "binary"),
        "threshold/loop": lambda: image.probs >= np.float32(0.5),
        "areas/podium": podium(MaskCandidate(0.5, apart=0)),
        "areas/loop": lambda: _plain_objects(image, MaskCandidate(0.5, apart=0)),
        "watershed, near seeds/podium": podium(near),
        "watershed, near seeds/loop": lambda: _plain_objects(image, near),
        "watershed, seeds far apart/podium": podium(far),
        "watershed, seeds far apart/loop": lambda: _plain_objects(image, far),
        "smallest area/podium": lambda: filter_objects(found, [("min_area", least)], 1),
        "smallest area/loop": lambda: _without_small(labels, least),
        "score/podium": lambda: scorer.measure([truth], [found]),
        "score/loop": lambda: _precision(image.labels, labels),
    }  # fmt: skip


def _pairs(seconds: dict[str, float]) -> dict[str, tuple[float, float]]:
    stages = dict.fromkeys(name.split("/")[0] for name in seconds)
    return {one: (seconds[f"{one}/podium"], seconds[f"{one}/loop"]) for one in stages}


def _fastest(ways: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):  # by turns, so that a busy machine slows all
        for name, way in ways.items():
            start = time.process_time()
            way()
            seconds[name].append(time.process_time() - start)
    return {name: min(each) for name, each in seconds.items()}


def _plain_score(image: Image, one: MaskCandidate) -> float:
    labels, _ = _plain_objects(image, one)
    return _precision(image.labels, _without_small(labels, one.min_area))


def _plain_objects(image: Image, one: MaskCandidate) -> tuple[Labels, list[float]]:
    """Return the number of each pixel's object, and the mean probability of each object."""
    mask = image.probs >= np.float32(one.level)
    if one.apart:
        distances = ndimage.distance_transform_edt(mask)
        is_peak = mask & (distances == ndimage.maximum_filter(distances, 2 * one.apart + 1))
        seeds, _ = ndimage.label(is_peak, CORNERS)
        seeds[~mask] = -1
        heights = (255 - np.minimum(255, distances * 4)).astype(np.uint8)
        labels = ndimage.watershed_ift(heights, seeds, CORNERS)
        labels[labels < 0] = 0
    else:
        labels, _ = ndimage.label(mask, CORNERS)
    means = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        means.append(float(image.probs[box][labels[box] == number].mean()))
    return labels, means


def _without_small(labels: Labels, least: int) -> Labels:
    out = labels.copy()
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        inside = labels[box] == number
        if inside.sum() < least:
            out[box][inside] = 0
    return out


def _precision(truth: Labels, said: Labels) -> float:
    """Return the mean over the thresholds of TP / (TP + FP + FN)."""
    boxes = ndimage.find_objects(said)
    areas = {n: (said[box] == n).sum() for n, box in enumerate(boxes, start=1) if box is not None}
    ious, n_true = [], 0
    for number, box in enumerate(ndimage.find_objects(truth), start=1):
        if box is None:
            continue
        n_true += 1
        mine = truth[box] == number
        for other in np.unique(said[box][mine]):
            if other:
                both = (mine & (said[box] == other)).sum()
                ious.append(both / (mine.sum() + areas[other] - both))
    found = [sum(iou > t for iou in ious) for t in THRESHOLDS]
    return float(np.mean([tp / max(1, n_true + len(areas) - tp) for tp in found]))


if __name__ == "__main__":
    main()
