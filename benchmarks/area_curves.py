"""Thresholds × least areas of masks against labelling each mask, as ratios in one run.

    python benchmarks/area_curves.py [--images 200] [--side 256] [--rounds 5]

Made-up probabilities of blobs and noise, and their truths, a part of it unknown. Asked are the true
and the said pixels of every image for 100 thresholds, each with 10 least areas. The peers label
the components of the mask of every threshold, as one does without podium: with scipy or OpenCV and
`bincount` for what is in each component, or with OpenCV's sizes and a comparison of each mask.
podium makes a level image of the probabilities and follows the components from the highest level
down. All answers are compared first, number by number. Seconds of the processor on one thread; the
fastest of several rounds counts (of the peers, one round over a tenth of the images, times ten).
The last line is podium as it tunes, images side by side on all cores, by the clock. Exits with 1
where the goal is missed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from podium.competition.truths.masks import IGNORE
from podium.tuning.masks.level_images import area_curve, levels_of
from podium.workspace.machine import n_cores

GOAL = 40  # times scipy, at least
THRESHOLDS = np.linspace(0.005, 0.995, 100).astype(np.float32)
SHARES = np.geomspace(0.0001, 0.02, 9)  # of an image; 0 is the tenth area
PEERS_SEE_ONE_OF = 10

Counts = NDArray[np.int64]
Way = Callable[[NDArray[np.float32], NDArray[np.uint8], Sequence[int]], Counts]


def main(argv: Sequence[str] | None = None) -> int:
    """Print seconds and ratios; return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5, help="the fastest counts")
    given = parser.parse_args(argv)
    cv2.setNumThreads(1)
    images = [drawn(given.side, seed) for seed in range(given.images)]
    areas = [0, *(round(share * given.side**2) for share in SHARES)]
    few = images[::PEERS_SEE_ONE_OF]
    print(
        f"{given.images} images of {given.side} × {given.side}, {len(THRESHOLDS)} thresholds × "
        f"{len(areas)} areas"
    )
    for probs, truth in few[:2]:
        wanted = podium(probs, truth, areas)
        for name, way in PEERS.items():
            np.testing.assert_array_equal(way(probs, truth, areas), wanted, name)
    seconds: dict[str, list[float]] = {"podium": []}
    for number in range(given.rounds):
        seconds["podium"].append(_seconds(podium, images, areas))
        for name, way in PEERS.items() if number == 0 else ():
            share = len(images) / len(few)
            seconds[name] = [_seconds(way, few, areas) * share]
    ours = min(seconds["podium"])
    for name, each in seconds.items():
        print(f"  {name:34} {min(each):7.2f} s, {min(each) / ours:6.1f}x")
    with ThreadPoolExecutor(n_cores()) as pool:
        clock = min(_clock(pool, images, areas) for _ in range(given.rounds))
    print(f"  podium, {n_cores()} threads, by the clock {clock:13.2f} s")
    reached = seconds[SCIPY][0] / ours
    print(f"  goal: {GOAL}x scipy; reached: {reached:.1f}x")
    return int(reached < GOAL)


def drawn(side: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return probabilities and a truth that they know roughly."""
    rng = np.random.default_rng(seed)

    def smooth(width: float) -> NDArray[np.float64]:
        noise = cv2.GaussianBlur(rng.standard_normal((side, side)), (0, 0), width)
        return np.asarray(noise / noise.std())

    shape = smooth(side / 32)
    logits = 2 * (shape + 0.5 * smooth(side / 128) - 0.8)
    truth = (shape > 0.8).astype(np.uint8)
    truth[: side // 20] = IGNORE
    return (1 / (1 + np.exp(-logits))).astype(np.float32), truth


def podium(probs: NDArray[np.float32], truth: NDArray[np.uint8], areas: Sequence[int]) -> Counts:
    """Return true and said pixels `(T, A, 2)`."""
    levels = levels_of(probs, THRESHOLDS.tolist())
    return area_curve(levels, truth, areas, n_levels=len(THRESHOLDS))


def by_scipy(probs: NDArray[np.float32], truth: NDArray[np.uint8], areas: Sequence[int]) -> Counts:
    """Return the same: labels of each threshold, and what is below them."""
    touching = np.ones((3, 3))

    def labelled(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], int]:
        labels, n = ndimage.label(mask, touching)
        return labels, n + 1

    return _by_labels(labelled, probs, truth, areas)


def by_cv2(probs: NDArray[np.float32], truth: NDArray[np.uint8], areas: Sequence[int]) -> Counts:
    """Return the same."""

    def labelled(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], int]:
        n, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)
        return np.asarray(labels), n

    return _by_labels(labelled, probs, truth, areas)


def by_cv2_s_counts(
    probs: NDArray[np.float32], truth: NDArray[np.uint8], areas: Sequence[int]
) -> Counts:
    """Return the same: OpenCV's sizes, and each mask without its small components compared."""
    found = np.zeros((len(THRESHOLDS), len(areas), 2), np.int64)
    for t, threshold in enumerate(THRESHOLDS):
        mask = (probs >= threshold).view(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        for a, least in enumerate(areas):
            keep = stats[:, cv2.CC_STAT_AREA] >= least
            keep[0] = False
            said = keep[labels]
            found[t, a] = (said & (truth == 1)).sum(), (said & (truth != IGNORE)).sum()
    return found


def _by_labels(
    labelled: Callable[[NDArray[np.bool_]], tuple[NDArray[np.int32], int]],
    probs: NDArray[np.float32],
    truth: NDArray[np.uint8],
    areas: Sequence[int],
) -> Counts:
    found = np.zeros((len(THRESHOLDS), len(areas), 2), np.int64)
    is_true, is_known = truth == 1, truth != IGNORE
    for t, threshold in enumerate(THRESHOLDS):
        labels, n = labelled(probs >= threshold)
        sizes = np.bincount(labels.ravel(), minlength=n)[1:]
        hits = np.bincount(labels[is_true], minlength=n)[1:]
        known = np.bincount(labels[is_known], minlength=n)[1:]
        for a, least in enumerate(areas):
            stays = sizes >= least
            found[t, a] = hits[stays].sum(), known[stays].sum()
    return found


SCIPY = "scipy.ndimage.label and bincount"
PEERS: dict[str, Way] = {
    SCIPY: by_scipy,
    "cv2.connectedComponents, bincount": by_cv2,
    "cv2's sizes, masks compared": by_cv2_s_counts,
}


def _seconds(
    way: Way,
    images: Sequence[tuple[NDArray[np.float32], NDArray[np.uint8]]],
    areas: Sequence[int],
) -> float:
    start = time.process_time()
    for probs, truth in images:
        way(probs, truth, areas)
    return time.process_time() - start


def _clock(
    pool: ThreadPoolExecutor,
    images: Sequence[tuple[NDArray[np.float32], NDArray[np.uint8]]],
    areas: Sequence[int],
) -> float:
    start = time.perf_counter()
    waiting = [pool.submit(podium, probs, truth, areas) for probs, truth in images]
    for one in waiting:
        one.result()
    return time.perf_counter() - start


if __name__ == "__main__":
    raise SystemExit(main())
