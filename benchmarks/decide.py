"""Deciding masks against a plain loop with numpy and scipy, as ratios in one run.

    python benchmarks/decide.py [--images 24] [--rounds 3]

The loop is what a notebook has: threshold or argmax of the whole array, then `ndimage.label`,
`binary_fill_holes`, `binary_erosion` and `median_filter` for each class, one image after the other.
Where scikit-image is installed, its functions for the same steps are a second loop. podium decides
the same probabilities with one thread, and with one a core; the masks are compared, pixel by pixel.

Last, all decisions of a grid are counted, against deciding and counting each of them by the loop.
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

from podium.competition.metrics import mask_counts
from podium.predictions import MaskArrays, decide_masks
from podium.tuning.masks.counts import count_candidates
from podium.tuning.masks.space import step_space
from podium.workspace.machine import n_cores

HYSTERESIS: dict[str, Any] = {"hysteresis": {"low": 0.4, "high": 0.7}}
SURE: dict[str, Any] = {"hysteresis": {"low": 0.4, "high": 0.7, "area": 400, "within": "image"}}
CASES: tuple[tuple[str, int, int, list[dict[str, Any]]], ...] = (
    ("binary", 768, 1, [{"threshold": 0.5}, {"fill_holes": None}, {"min_area": 64}, {"median": 5}]),
    ("binary", 768, 1, [HYSTERESIS]),
    ("binary", 768, 1, [SURE]),
    ("binary", 768, 1, [{"threshold": 0.5}, {"open": 2}]),
    ("binary", 768, 1, [{"threshold": 0.5}, {"close": 2}]),
    ("binary", 768, 1, [{"threshold": 0.5}, {"open": 9}]),
    ("binary", 768, 1, [HYSTERESIS, {"open": 2}, {"close": 2}, {"fill_holes": None}]),
    ("multiclass", 512, 5, [{"argmax": None}, {"open": 2}]),
    ("multiclass", 512, 5, [{"argmax": None}]),
    ("multiclass", 512, 5, [{"argmax": None}, {"min_area": 64}]),
    ("multiclass", 224, 51, [{"argmax": None}, {"min_area": 16}]),
)
"""Kind, side in pixels, channels, steps."""

GRID: list[dict[str, Any]] = [
    {"hysteresis": {"low": {"try": [0.4, 0.5]}, "high": {"try": [0.5, 0.6, 0.7]}}},
    {"open": {"try": [0, 2]}},
    {"min_area": {"try": [0, 64, 400]}},
]
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
    _count_grid([_probs(seed, 768, 1) for seed in range(arguments.images)], arguments.rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MiB")


def _compare(kind: Any, probs: list[Probs], steps: list[dict[str, Any]], rounds: int) -> None:
    masks = MaskArrays([str(i) for i in range(len(probs))], probs)
    ways: dict[str, Callable[[], list[Any]]] = {
        "loop": lambda: [_plain(one, steps) for one in probs],
        "1": lambda: [mask for _, mask in decide_masks(masks, steps, kind, workers=1)],
        "all": lambda: [mask for _, mask in decide_masks(masks, steps, kind)],
    }
    if kind == "binary" and _skimage_has(steps):
        ways["skimage"] = lambda: [_with_skimage(one, steps) for one in probs]
    wanted = ways["loop"]()
    # Of scikit-image's hysteresis only the time: its pixels touch by sides alone.
    for name in set(ways) - ({"skimage"} if "hysteresis" in steps[0] else set()):
        for one, other in zip(wanted, ways[name](), strict=True):
            np.testing.assert_array_equal(one, other, name)
    seconds = _timed(ways, rounds)
    shape = f"{probs[0].shape[0]}² × {probs[0].shape[2]}"
    names = ", ".join(next(iter(step)) for step in steps)
    peer = f", to skimage {seconds['skimage'] / seconds['1']:5.1f}x" if "skimage" in ways else ""
    print(
        f"{shape:>9} {names:42} loop {len(probs) / seconds['loop']:6.1f}/s, "
        f"1 thread {seconds['loop'] / seconds['1']:5.1f}x, "
        f"{n_cores()} threads {seconds['loop'] / seconds['all']:5.1f}x{peer}"
    )


def _count_grid(probs: list[Probs], rounds: int) -> None:
    """Print how fast all decisions of a grid are counted on all images."""
    masks = MaskArrays([str(i) for i in range(len(probs))], probs)
    truths = [(one[..., 0] > 0.55).astype(np.uint8) for one in probs]
    space = step_space(GRID, "binary", "binary", n_outputs=1)

    def loop() -> list[Any]:
        return [
            [
                mask_counts(truth, _plain(one, steps.steps), kind="binary", n_outputs=1)
                for one, truth in zip(probs, truths, strict=True)
            ]
            for steps in space.candidates
        ]

    def counted(workers: int | None) -> Callable[[], list[Any]]:
        return lambda: list(
            count_candidates(masks, truths, space, n_outputs=1, workers=workers).counts
        )

    ways = {"loop": loop, "1": counted(1), "all": counted(None)}
    np.testing.assert_array_equal(np.array(ways["loop"]()), np.array(ways["all"]()))
    seconds = _timed(ways, rounds)
    print(
        f"a grid of {len(space.candidates)} decisions on {len(probs)} images of 768²: "
        f"loop {seconds['loop']:.2f} s, 1 thread {seconds['loop'] / seconds['1']:.1f}x, "
        f"{n_cores()} threads {seconds['loop'] / seconds['all']:.1f}x"
    )


def _timed(ways: dict[str, Callable[[], list[Any]]], rounds: int) -> dict[str, float]:
    """Return the fastest run of each way, in s; by turns, so that a busy machine slows all."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    return {name: min(each) for name, each in seconds.items()}


def _plain(probs: Probs, steps: list[dict[str, Any]]) -> Mask:
    first = steps[0]
    if "threshold" in first:
        mask = (probs[..., 0] >= np.float32(first["threshold"])).astype(np.uint8)
    elif "hysteresis" in first:
        mask = _plain_hysteresis(probs[..., 0], **first["hysteresis"])
    else:
        mask = np.argmax(probs, axis=-1).astype(np.uint8)
    for step in steps[1:]:
        ((name, parameter),) = step.items()
        if name == "fill_holes":
            mask = ndimage.binary_fill_holes(mask).astype(np.uint8)
        elif name == "median":
            mask = ndimage.median_filter(mask, size=parameter, mode="nearest")
        elif name in ("open", "close"):
            mask = _plain_discs(mask, name, parameter)
        else:
            mask = _without_small(mask, parameter)
    return mask


def _plain_hysteresis(
    plane: Probs, low: float, high: float, area: int = 1, within: str = "component"
) -> Mask:
    weak, strong = plane >= np.float32(low), plane >= np.float32(high)
    if within == "image":
        return (weak & (strong.sum() >= area)).astype(np.uint8)
    labels, n = ndimage.label(weak, structure=CORNERS)
    keep = ndimage.sum_labels(strong, labels, np.arange(n + 1)) >= area
    keep[0] = False
    return keep[labels].astype(np.uint8)


def _plain_discs(mask: Mask, name: str, radius: int) -> Mask:
    if not radius:
        return mask
    steps = np.arange(-radius, radius + 1) ** 2
    disc = steps[:, None] + steps <= radius**2
    out = np.zeros_like(mask)
    for label in np.unique(mask[mask > 0]):
        found = mask == label
        if name == "open":  # outside the image nothing is known: neither way takes from it
            found = ndimage.binary_erosion(found, disc, border_value=1)
            found = ndimage.binary_dilation(found, disc)
        else:
            found = ndimage.binary_dilation(found, disc)
            found = ndimage.binary_erosion(found, disc, border_value=1)
        out[found] = label
    return out


def _skimage_has(steps: list[dict[str, Any]]) -> bool:
    try:
        import skimage.filters
        import skimage.morphology  # noqa: F401
    except ImportError:
        return False
    within = steps[0].get("hysteresis", {}).get("within")
    return within is None and not {"min_area", "median"} & {name for one in steps for name in one}


def _with_skimage(probs: Probs, steps: list[dict[str, Any]]) -> Mask:
    """Return the mask by scikit-image."""
    from skimage.filters import apply_hysteresis_threshold
    from skimage.morphology import binary_closing, binary_opening, disk

    plane, first = probs[..., 0], steps[0]
    if "hysteresis" in first:
        rule = first["hysteresis"]
        below = (np.nextafter(np.float32(rule[key]), np.float32(0)) for key in ("low", "high"))
        mask = apply_hysteresis_threshold(plane, *below)
    else:
        mask = plane >= np.float32(first["threshold"])
    for step in steps[1:]:
        ((name, radius),) = step.items()
        if name == "fill_holes":
            mask = ndimage.binary_fill_holes(mask)
        else:
            way = binary_opening if name == "open" else binary_closing
            mask = way(mask, disk(radius), mode="ignore")
    return np.asarray(mask, dtype=np.uint8)


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
