"""Reading images from podium's cache against decoding them, as ratios in one run.

    python benchmarks/image_cache.py [--images 128] [--rounds 3]

Both loaders end with the same thing, a batch of 32 images at the network's size: `decode` opens the
JPEG, `cached` reads the array from the memory-mapped cache. Sources of 224 px are kept as they are;
sources of 1024 px are kept with a shorter side of 280 px, enough for a random crop of 224. Goals:
2x and 10x. The pictures are smooth with noise, so that a file has about the bytes of a photograph
of that size.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.cache import open_images
from podium.competition.images import read_image
from podium.competition.spec import Competition
from podium.workspace.layout import Workspace

NETWORK_PX = 224
BATCH = 32
CASES = ((224, None, 2.0), (1024, 280, 10.0))
"""Side of the sources, shorter side in the cache, goal."""


def main(argv: Sequence[str] | None = None) -> None:
    """Print, for each size, images a second of both loaders and their ratio."""
    parser = argparse.ArgumentParser(description="Cached against decoding image loader.")
    parser.add_argument("--images", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3, help="the fastest counts")
    arguments = parser.parse_args(argv)
    cv2.setNumThreads(1)
    for side, shorter_side, goal in CASES:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            paths = _write_jpegs(root, arguments.images, side)
            _compare(root, paths, side, shorter_side, goal, arguments.rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MiB")


def _compare(
    root: Path, paths: list[str], side: int, shorter_side: int | None, goal: float, rounds: int
) -> None:
    competition = Competition.model_validate(
        {
            "name": "benchmark",
            "tasks": {"classify": "multiclass"},
            "classes": ["a", "b"],
            "data": {"train": {"images": "{class}/*.jpg"}, "test": {"images": "*.jpg"}},
            "metric": {"name": "accuracy"},
        }
    ).at(root)
    start = time.perf_counter()
    images = open_images(Workspace(root), competition, paths, shorter_side=shorter_side)
    build_s = time.perf_counter() - start
    decode, cached = [], []
    for _ in range(rounds):  # by turns, so that a busy machine slows both
        decode.append(_seconds(lambda i: read_image(root / paths[i]), len(paths)))
        cached.append(_seconds(lambda i: images[i], len(paths)))
    n = len(paths)
    print(
        f"{side:>5} px JPEG: decode {n / min(decode):7,.0f}/s, cached {n / min(cached):7,.0f}/s, "
        f"ratio {min(decode) / min(cached):5.1f}x (goal {goal:g}x); "
        f"built in {build_s / min(decode):.1f} decoding epochs"
    )


def _seconds(load: Callable[[int], NDArray[np.uint8]], n: int) -> float:
    start = time.perf_counter()
    for first in range(0, n, BATCH):
        np.stack([_fit(load(index)) for index in range(first, min(first + BATCH, n))])
    return time.perf_counter() - start


def _fit(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the image at the network's size, as an evaluation view does."""
    if image.shape[:2] == (NETWORK_PX, NETWORK_PX):
        return image
    resized = cv2.resize(image, (NETWORK_PX, NETWORK_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.uint8)


def _write_jpegs(root: Path, n: int, side: int) -> list[str]:
    rng = np.random.default_rng(0)
    paths = []
    for number in range(n):
        coarse = rng.integers(0, 255, (side // 16, side // 16, 3), dtype=np.uint8)
        smooth = np.asarray(Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC))
        noisy = smooth.astype(np.int16) + rng.integers(-6, 7, smooth.shape)
        paths.append(f"{number}.jpg")
        picture = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
        picture.save(root / paths[-1], quality=90)
    return paths


if __name__ == "__main__":
    main()
