"""Run-length text against the notebooks' snippet, rlemasklib and pycocotools: ratios in one run.

    python benchmarks/rle.py [--rounds 15]

Every way starts from a C-ordered uint8 mask and ends with Kaggle's text (columns first, base 1), or
starts from the text and ends with a mask; all texts and masks are compared before they are timed.
`sparse` is a few blobs, `dense` many blobs that cover half of the image, `noise` a coin for each
pixel. `csv` writes masks of 768 x 768 pixels to a file on disk: a plain loop for podium and for
rlemasklib, pandas for the snippet. `coco` is COCO's compressed counts against pycocotools, which
also begins and ends with C order. One thread; the fastest of several rounds by turns counts. Exits
with 1 where a goal is missed: a ratio to the snippet, and 1 to rlemasklib and pycocotools.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import rlemasklib
from numpy.typing import NDArray
from pycocotools import mask as pycocotools

from podium.codecs import coco, rle

Mask = NDArray[np.uint8]

SIDES = (256, 768, 2048)
KINDS = ("sparse", "dense", "noise")
CSV_SIDE, CSV_MASKS, CSV_ROWS = 768, 8, 40
GOALS = {
    "encode": {
        ("sparse", 256): 17.0, ("sparse", 768): 28.0, ("sparse", 2048): 140.0,
        ("dense", 256): 12.0, ("dense", 768): 12.0, ("dense", 2048): 22.0,
        ("noise", 256): 8.0, ("noise", 768): 8.0, ("noise", 2048): 8.0,
    },
    "decode": {("sparse", 768): 8.0, ("dense", 768): 33.0},
    "csv": {("sparse", 768): 27.0, ("dense", 768): 8.6},
}  # fmt: skip
"""Ratios to the snippet that have to be reached."""


@dataclass(frozen=True)
class Way:
    """One way to do it."""

    encode: Callable[[Mask], str]
    decode: Callable[[str, tuple[int, int]], Mask]
    write_csv: Callable[[Path, Sequence[Mask]], None]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="the fastest counts")
    rounds = parser.parse_args(argv).rounds
    print(f"{'':22}{'podium':>12}  {'snippet':>9} {'goal':>6}  {'rlemasklib':>10} {'goal':>6}")
    missed = 0
    rng = np.random.default_rng(0)
    for kind in KINDS:
        for side in SIDES:
            mask = draw(kind, side, rng)
            text = WAYS["podium"].encode(mask)
            for way in WAYS.values():
                assert way.encode(mask) == text
                assert np.array_equal(way.decode(text, mask.shape), mask)
            n = 3 if kind == "noise" else rounds
            encode = {name: _call(way.encode, mask) for name, way in WAYS.items()}
            missed += _row("encode", kind, side, _fastest(encode, n))
            decode = {name: _call(way.decode, text, mask.shape) for name, way in WAYS.items()}
            missed += _row("decode", kind, side, _fastest(decode, n))
    for kind in ("sparse", "dense"):
        # Few masks, several times: one that was just predicted lies in the processor's cache, too.
        drawn = [draw(kind, CSV_SIDE, rng) for _ in range(CSV_MASKS)]
        masks = [drawn[row % CSV_MASKS] for row in range(CSV_ROWS)]
        with tempfile.TemporaryDirectory() as folder:
            paths = {name: Path(folder, f"{name}.csv") for name in WAYS}
            write = {n: _call(way.write_csv, paths[n], masks) for n, way in WAYS.items()}
            seconds = _fastest(write, rounds)
            first = paths["podium"].read_bytes()
            assert all(path.read_bytes() == first for path in paths.values())
        missed += _row("csv", kind, CSV_SIDE, {n: s / CSV_ROWS for n, s in seconds.items()})
    print(f"\n{'':22}{'podium':>12}  {'pycocotools':>11} {'goal':>5}")
    for kind, side in ((kind, side) for kind in KINDS for side in SIDES):
        missed += _coco_rows(kind, side, draw(kind, side, rng), 3 if kind == "noise" else rounds)
    print(f"{missed} goals missed" if missed else "every goal is reached")
    return int(missed > 0)


def draw(kind: str, side: int, rng: np.random.Generator) -> Mask:
    """Return a mask `(side, side)` of zeros and ones."""
    if kind == "noise":
        return (rng.random((side, side)) < 0.5).astype(np.uint8)
    n_most, coverage, smallest, largest = (
        (6, 1.0, 0.02, 0.06) if kind == "sparse" else (100_000, 0.5, 0.01, 0.03)
    )
    mask = np.zeros((side, side), dtype=np.uint8)
    rows, columns = np.ogrid[:side, :side]
    for _ in range(n_most):
        radius = side * rng.uniform(smallest, largest)
        y, x = rng.integers(0, side, 2)
        reach = int(radius) + 1
        top, left = max(y - reach, 0), max(x - reach, 0)
        part = np.s_[top : y + reach + 1, left : x + reach + 1]
        far = (rows[part[0]] - y) ** 2 + (columns[:, part[1]] - x) ** 2
        mask[part] |= far <= radius**2
        if mask.mean() >= coverage:
            break
    return mask


def snippet_encode(mask: Mask) -> str:
    """Encode as notebooks do."""
    pixels = np.concatenate([[0], mask.flatten(order="F"), [0]])
    runs = np.where(pixels[1:] != pixels[:-1])[0] + 1
    runs[1::2] -= runs[::2]
    return " ".join(str(number) for number in runs)


def snippet_decode(text: str, shape: tuple[int, int]) -> Mask:
    """Decode as notebooks do."""
    words = text.split()
    starts, lengths = (np.asarray(part, dtype=int) for part in (words[::2], words[1::2]))
    starts -= 1
    mask = np.zeros(shape[0] * shape[1], dtype=np.uint8)
    for start, end in zip(starts, starts + lengths, strict=True):
        mask[start:end] = 1
    return mask.reshape(shape, order="F")


def snippet_csv(path: Path, masks: Sequence[Mask]) -> None:
    """Write as notebooks do: a list of texts, a frame, a file."""
    ids = [str(number) for number in range(len(masks))]
    frame = pd.DataFrame({"id": ids, "rle": [snippet_encode(mask) for mask in masks]})
    frame.to_csv(path, index=False)


def library_encode(mask: Mask) -> str:
    """Let rlemasklib find the runs, in columns as it keeps them, and write them as text."""
    counts = rlemasklib.RLEMask.from_array(mask).counts.astype(np.int64)
    ends = np.cumsum(counts)
    numbers = np.empty(len(counts) // 2 * 2, dtype=np.int64)
    numbers[::2] = ends[: len(numbers) : 2] + 1
    numbers[1::2] = counts[1::2]
    return " ".join(map(str, numbers.tolist()))


def library_decode(text: str, shape: tuple[int, int]) -> Mask:
    """Read the numbers with numpy, and let rlemasklib make the mask."""
    numbers = np.array(text.split(), dtype=np.int64)
    edges = np.empty(len(numbers) + 2, dtype=np.int64)
    edges[0], edges[-1] = 0, shape[0] * shape[1]
    edges[1:-1:2] = numbers[::2] - 1
    edges[2:-1:2] = edges[1:-1:2] + numbers[1::2]
    made: Mask = rlemasklib.RLEMask.from_counts(np.diff(edges), shape).to_array()
    return made


def _coco_rows(kind: str, side: int, mask: Mask, rounds: int) -> int:
    """Print a line for writing and one for reading COCO's text; return how many goals they miss."""

    def peer_encode() -> str:
        return str(pycocotools.encode(np.asfortranarray(mask))["counts"], "ascii")

    text = peer_encode()
    said = {"size": list(mask.shape), "counts": text}

    def peer_decode() -> Mask:
        made: Mask = np.ascontiguousarray(pycocotools.decode(said))
        return made

    assert coco.encode(mask) == text
    assert np.array_equal(coco.decode(text, mask.shape), peer_decode())
    missed = 0
    ways = {
        "encode": (lambda: coco.encode(mask), peer_encode),
        "decode": (lambda: coco.decode(text, mask.shape), peer_decode),
    }
    for what, (ours, peer) in ways.items():
        seconds = _fastest({"podium": ours, "peer": peer}, rounds)
        ratio = seconds["peer"] / seconds["podium"]
        missed += int(ratio < 1)
        print(
            f"{what:7}{kind:7}{side:>5} px {seconds['podium'] * 1e6:9,.1f} us  {ratio:10.1f}x "
            f"{'1x':>5}{'  MISSED' if ratio < 1 else ''}"
        )
    return missed


def _loop_csv(encode: Callable[[Mask], str]) -> Callable[[Path, Sequence[Mask]], None]:
    def write(path: Path, masks: Sequence[Mask]) -> None:
        with path.open("w") as file:
            file.write("id,rle\n")
            for number, mask in enumerate(masks):
                file.write(f"{number},{encode(mask)}\n")

    return write


WAYS = {
    "podium": Way(rle.encode, rle.decode, _loop_csv(rle.encode)),
    "snippet": Way(snippet_encode, snippet_decode, snippet_csv),
    "rlemasklib": Way(library_encode, library_decode, _loop_csv(library_encode)),
}


def _call(function: Callable[..., object], *arguments: object) -> Callable[[], object]:
    return lambda: function(*arguments)


def _fastest(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the seconds of the fastest call each; by turns, so that a busy machine slows all."""
    seconds = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            for _ in range(10 if seconds[name] < 5e-3 else 1):
                start = time.perf_counter()
                call()
                seconds[name] = min(seconds[name], time.perf_counter() - start)
    return seconds


def _row(what: str, kind: str, side: int, seconds: dict[str, float]) -> int:
    """Print one line; return how many goals it misses."""
    ours = seconds["podium"]
    snippet, library = seconds["snippet"] / ours, seconds["rlemasklib"] / ours
    goal = GOALS[what].get((kind, side))
    missed = int(goal is not None and snippet < goal) + int(library <= 1)
    print(
        f"{what:7}{kind:7}{side:>5} px {ours * 1e6:9,.1f} us  {snippet:8.1f}x "
        f"{'' if goal is None else f'{goal:g}x':>6}  {library:9.1f}x {'1x':>6}"
        f"{'  MISSED' if missed else ''}"
    )
    return missed


if __name__ == "__main__":
    sys.exit(main())
