"""Masks scored at every threshold against loops, numpy and smp, as ratios in one run.

    python benchmarks/curves.py [--masks 200] [--size 256] [--thresholds 100] [--rounds 3]

Masks are made up: smooth fields, and truths that are drawn from them. Peers get the probabilities
as float32, which they compare fastest, and the truths as bool or int64, as they want them. podium
gets the same values as they are kept, float16, and as float32, as a blend has them. All scores are
compared first. `loop` is what one writes first, over thresholds and images, `numpy` a loop over
thresholds only, with `sum` or with the faster `count_nonzero`, and `smp` is get_stats and f1_score
of segmentation_models_pytorch, 16 masks a call, on one core. Seconds of the processor, of all
threads together, the fastest of several rounds by turns; what takes longer than 5 seconds has one.
podium has a thread a core, so that by the clock of a machine with nothing else to do it is faster
than said here. The last tables have every float16 value as a threshold.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.predictions import MaskArrays
from podium.tuning.masks.curve import mask_threshold_curve
from podium.workspace.machine import n_cores

Floats = NDArray[np.float64]
Probs = NDArray[np.float32]
Truths = NDArray[np.uint8]
BATCH = 16  # masks that smp gets at once: faster than all, whose int64 copies fill the memory
SLOW = 5.0  # seconds: what takes longer at first is not done again
Ways = Mapping[str, Callable[[], Floats]]


def main(argv: Sequence[str] | None = None) -> None:
    """Print seconds and ratios for mean Dice and global Dice, and the peak of memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--masks", type=int, default=200)
    parser.add_argument("--size", type=int, default=256, help="height and width, in pixels")
    parser.add_argument("--thresholds", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3, help="the fastest counts")
    given = parser.parse_args(argv)
    probs, truths = drawn(given.masks, given.size)
    at = ((np.arange(given.thresholds) + 0.5) / given.thresholds).astype(np.float32)
    print(
        f"{given.masks} masks of {given.size} x {given.size}, {given.thresholds} thresholds, "
        f"{n_cores()} cores"
    )
    of_images = {**_ours("mean_dice", probs, truths, at), **_peers_by_image(probs, truths, at)}
    _compare("mean Dice of images", of_images, given.rounds)
    of_pixels = {**_ours("global_dice", probs, truths, at), **_peers_of_all(probs, truths, at)}
    _compare("global Dice", of_pixels, given.rounds)
    for metric in ("global_dice", "mean_dice"):
        every = _ours(metric, probs, truths, None)
        _compare(f"{metric} at every float16 threshold", every, given.rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MiB")


def drawn(n: int, size: int, *, seed: int = 0) -> tuple[Probs, Truths]:
    """Return probabilities `(N, H, W)` that are values of float16, and truths of 0 and 1."""
    rng = np.random.default_rng(seed)
    probs = np.empty((n, size, size), np.float32)
    for one in probs:
        noise = rng.normal(0, 1, (size, size)).astype(np.float32)
        one[:] = 1 / (1 + np.exp(-15 * cv2.GaussianBlur(noise, (0, 0), size / 64)))
    truths = (rng.random(probs.shape, dtype=np.float32) < probs).astype(np.uint8)
    return probs.astype(np.float16).astype(np.float32), truths


def _ours(metric: str, probs: Probs, truths: Truths, at: Probs | None) -> Ways:
    names, right = [str(i) for i in range(len(probs))], list(truths)

    def curve_of(dtype: Any) -> Callable[[], Floats]:
        masks = MaskArrays(names, list(probs[..., None].astype(dtype)))
        return lambda: mask_threshold_curve(masks, right, metric, thresholds=at).scores

    return {"podium, float16": curve_of(np.float16), "podium, float32": curve_of(np.float32)}


def _peers_by_image(probs: Probs, truths: Truths, at: Probs) -> Ways:
    right = truths.astype(bool)

    def loop() -> Floats:
        scores = []
        for t in at:
            each = []
            for one, true in zip(probs, right, strict=True):
                said = one >= t
                below = said.sum() + true.sum()
                each.append(2 * (said & true).sum() / below if below else 1.0)
            scores.append(np.mean(each))
        return np.array(scores)

    def numpy() -> Floats:
        n_true = np.count_nonzero(right, axis=(1, 2))
        scores = []
        for t in at:
            said = probs >= t
            below = np.count_nonzero(said, axis=(1, 2)) + n_true
            both = np.count_nonzero(said & right, axis=(1, 2))
            scores.append(np.where(below, 2 * both / np.maximum(below, 1), 1.0).mean())
        return np.array(scores)

    return {"loop": loop, "numpy": numpy, "smp": _smp(probs, truths, at)}


def _smp(probs: Probs, truths: Truths, at: Probs) -> Callable[[], Floats]:
    import torch
    from segmentation_models_pytorch import metrics

    said, right = torch.from_numpy(probs)[:, None], torch.from_numpy(truths).long()[:, None]

    def scores() -> Floats:
        torch.set_num_threads(1)  # several wait for each other where another program runs
        found = []
        for t in at.tolist():
            parts = [
                metrics.get_stats(said[i : i + BATCH], right[i : i + BATCH], "binary", threshold=t)
                for i in range(0, len(said), BATCH)
            ]
            stats = [torch.cat(one) for one in zip(*parts, strict=True)]
            mean = metrics.f1_score(*stats, reduction="micro-imagewise", zero_division=1.0)
            found.append(float(mean))
        return np.array(found)

    return scores


def _peers_of_all(probs: Probs, truths: Truths, at: Probs) -> Ways:
    right = truths.astype(bool)

    def dice(count: Callable[[Any], Any]) -> Callable[[], Floats]:
        def scores() -> Floats:
            n_true, found = count(right), []
            for t in at:
                said = probs >= t
                found.append(2 * count(said & right) / (count(said) + n_true))
            return np.array(found)

        return scores

    return {"numpy, sum": dice(np.sum), "numpy, count_nonzero": dice(np.count_nonzero)}


def _compare(what: str, ways: Ways, rounds: int) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    found = {name: _timed(way, seconds[name]) for name, way in ways.items()}
    first, *others = found.values()
    apart = max(float(np.abs(one - first).max()) for one in others)
    assert apart < 1e-6, f"{what}: scores differ by {apart}"  # smp computes in float32
    of_rounds = {name: way for name, way in ways.items() if seconds[name][0] < SLOW}
    for _ in range(rounds):
        for name, way in of_rounds.items():
            _timed(way, seconds[name])
    ours = min(seconds["podium, float16"])
    print(f"{what}: {len(first):,} scores, at most {apart:.0e} apart, CPU time")
    for name, each in seconds.items():
        print(f"  {name:24} {min(each) * 1e3:8.1f} ms, {min(each) / ours:6.1f}x")


def _timed(way: Callable[[], Floats], seconds: list[float]) -> Floats:
    start = time.process_time()
    found = way()
    seconds.append(time.process_time() - start)
    return found


if __name__ == "__main__":
    main()
