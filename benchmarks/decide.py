"""Deciding masks against a plain loop with numpy and scipy, as ratios in one run.

    python benchmarks/decide.py [--images 24] [--rounds 3]

The loop is what a notebook has: threshold or argmax of the whole array, then `ndimage.label`,
`binary_fill_holes` and `median_filter` for each class, one image after the other. podium decides
the same probabilities with one thread, and with one a core; the masks are compared, pixel by pixel.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from podium.predictions import MaskArrays, decide_masks
from podium.workspace.cores import n_cores

CASES: tuple[tuple[str, int, int, list[dict[str, Any]]], ...] = (
    ("binary", 768, 1, [{"threshold": 0.5}, {"fill_holes": None}, {"min_area": 64}, {"median": 5}]),
    ("multiclass", 512, 5, [{"argmax": None}]),
    ("multiclass", 512, 5, [{"argmax": None}, {"min_area": 64}]),
    ("multiclass", 224, 51, [{"argmax": None}, {"min_area": 16}]),
)
"""Kind, side in pixels, channels, steps."""

CORNERS = np.ones((3, 3), dtype=bool)

Mask = NDArray[np.uint8]
Probs = NDArray[np.float32]


def main(argv: Sequence[str] | None = None) -> None:
    """Print, for each case, images a second of the loop and of podium, and their ratio."""
    parser = argparse.ArgumentParser(description="decide_masks against a plain loop.")
    parser.add_argument("--images", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3, help="the fastest counts")
    arguments = parser.parse_args(argv)
    cv2.setNumThreads(1)
    for kind, side, channels, steps in CASES:
        probs = [_probs(seed, side, channels) for seed in range(arguments.images)]
        _compare(kind, probs, steps, arguments.rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MiB")


def _compare(kind: Any, probs: list[Probs], steps: list[dict[str, Any]], rounds: int) -> None:
    masks = MaskArrays([str(i) for i in range(len(probs))], probs)
    ways: dict[str, Callable[[], list[Mask]]] = {
        "loop": lambda: [_plain(one, steps) for one in probs],
        "1": lambda: [mask for _, mask in decide_masks(masks, steps, kind, workers=1)],
        "all": lambda: [mask for _, mask in decide_masks(masks, steps, kind)],
    }
    for one, other in zip(ways["loop"](), ways["all"](), strict=True):
        np.testing.assert_array_equal(one, other)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):  # by turns, so that a busy machine slows all
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    loop, single, threads = (min(seconds[name]) for name in ways)
    shape = f"{probs[0].shape[0]}² × {probs[0].shape[2]}"
    names = ", ".join(next(iter(step)) for step in steps)
    print(
        f"{shape:>9} {names:42} loop {len(probs) / loop:6.1f}/s, "
        f"1 thread {loop / single:5.1f}x, {n_cores()} threads {loop / threads:5.1f}x"
    )


def _plain(probs: Probs, steps: list[dict[str, Any]]) -> Mask:
    if probs.shape[2] == 1:
        mask = (probs[..., 0] >= np.float32(steps[0]["threshold"])).astype(np.uint8)
    else:
        mask = np.argmax(probs, axis=-1).astype(np.uint8)
    for step in steps[1:]:
        ((name, parameter),) = step.items()
        if name == "fill_holes":
            mask = ndimage.binary_fill_holes(mask).astype(np.uint8)
        elif name == "median":
            mask = ndimage.median_filter(mask, size=parameter, mode="nearest")
        else:
            mask = _without_small(mask, parameter)
    return mask


def _without_small(mask: Mask, least: int) -> Mask:
    out = mask.copy()
    for label in np.unique(mask[mask > 0]):
        labels, _ = ndimage.label(mask == label, structure=CORNERS)
        small = np.bincount(labels.ravel()) < least
        small[0] = False
        out[small[labels]] = 0
    return out


def _probs(seed: int, side: int, channels: int) -> Probs:
    """Return smooth probabilities with noise, as a network's: objects, holes and specks."""
    rng = np.random.default_rng(seed)
    coarse = rng.standard_normal((side // 16, side // 16, channels)).astype(np.float32)
    planes = [
        cv2.resize(coarse[..., c], (side, side), interpolation=cv2.INTER_CUBIC)
        for c in range(channels)
    ]
    logits = 3 * np.stack(planes, axis=-1) + rng.standard_normal((side, side, channels)) * 0.7
    if channels == 1:
        return (1 / (1 + np.exp(-logits))).astype(np.float32)
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (powers / powers.sum(axis=-1, keepdims=True)).astype(np.float32)


if __name__ == "__main__":
    main()
