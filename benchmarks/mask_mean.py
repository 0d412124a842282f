"""Mean of ten members' masks on disk: podium's against np.load and memory-mapped chunks.

    python benchmarks/mask_mean.py [--masks 1000] [--rounds 3] [--folder DIR]

Ten members of 1,000 float16 masks of 256 x 256 pixels, 1.3 GB, warm in the disk's cache: written
once as plain .npy files, for numpy, and once as prediction sets. `load` stacks all files and takes
their mean, `chunks` maps them and takes the mean of 50 masks at a time, `podium` mixes them mask by
mask in threads, and so it does with fifty members and with ten of uint8. Each way has a process of
its own; the fastest round counts, and the peak is what the process holds more than before the first
one. What podium makes is compared with sums in float64, bit by bit, before. Exits with 1 where it
is not equal, less than 7 times as fast as `load`, or holds 64 MiB more at its peak.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from parts.process import held, in_a_process

from podium.predictions import PredictionSet, mix_masks, write_masks
from podium.predictions.store.masks import MixedMasks
from podium.workspace.machine import n_cores

MEMBERS, SIDE, CHUNK = 10, 256, 50
LEAST_RATIO, MOST_MIB = 7.0, 64.0
WAYS = ("load", "chunks", "podium", "podium-50", "podium-uint8")


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--masks", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where 3.3 GB have room; default: temporary")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.way:
        print(json.dumps(measured(asked.way, asked.folder, asked.masks, asked.rounds)))
        return 0
    with tempfile.TemporaryDirectory(dir=asked.folder) as root:
        write(Path(root), asked.masks)
        is_equal = equals_plain_sums(Path(root), asked.masks)
        given = ["--masks", str(asked.masks), "--rounds", str(asked.rounds), "--folder", root]
        found = {way: in_a_process(__file__, "--way", way, *given) for way in WAYS}
    print(f"{MEMBERS} x {asked.masks} masks of {SIDE} x {SIDE}, {n_cores()} cores")
    print("| way | seconds | times as fast as load | MiB at the peak |\n| --- | --: | --: | --: |")
    slowest = found["load"][0]
    for way, (seconds, mib) in found.items():
        # Fifty members are five times the work of ten.
        work = 5 if way == "podium-50" else 1
        print(f"| {way} | {seconds:.2f} | {work * slowest / seconds:.1f} | {mib:.0f} |")
    print(f"equal to sums in float64: {'yes' if is_equal else 'no'}")
    is_fast = found["load"][0] / found["podium"][0] >= LEAST_RATIO
    is_small = all(mib <= MOST_MIB for way, (_, mib) in found.items() if way.startswith("podium"))
    return 0 if is_equal and is_fast and is_small else 1


def write(root: Path, n: int) -> None:
    """Write the members, each three times: as a plain file and as float16 and uint8 masks."""
    ids = [f"{i:05d}" for i in range(n)]
    for m in range(MEMBERS):
        rng = np.random.default_rng(m)
        values = np.lib.format.open_memmap(
            root / f"plain-{m}.npy", mode="w+", dtype=np.float16, shape=(n, SIDE, SIDE)
        )
        for i in range(n):
            values[i] = rng.random((SIDE, SIDE), dtype=np.float32) ** 4
        values.flush()
        for dtype in ("float16", "uint8"):
            write_masks(
                root / f"{dtype}-{m}",
                "oof",
                0,
                ids=ids,
                sizes=[(SIDE, SIDE)] * n,
                bands=(one[..., None].astype(np.float32) for one in values),
                model="m",
                dtype=dtype,
            )


def mixed(root: Path, dtype: str, times: int = 1) -> MixedMasks:
    """Return the mean of the members, each of them taken so many times."""
    sets = [
        PredictionSet(root / f"{dtype}-{m}").oof_masks()
        for _ in range(times)
        for m in range(MEMBERS)
    ]
    return mix_masks(sets, [1 / len(sets)] * len(sets))


def equals_plain_sums(root: Path, n: int) -> bool:
    """Return whether each mask is, to the bit, the sum in float64 over the sum of the weights."""
    plain = [np.load(root / f"plain-{m}.npy", mmap_mode="r") for m in range(MEMBERS)]
    mean, weight = mixed(root, "float16"), 1 / MEMBERS
    for i in range(n):
        total, weights = np.zeros((SIDE, SIDE)), 0.0
        for one in plain:
            total, weights = total + one[i].astype(np.float64) * weight, weights + weight
        if not np.array_equal(mean.band(i, 0, SIDE)[..., 0], (total / weights).astype(np.float32)):
            return False
    return True


def work_of(way: str, root: Path, n: int) -> Callable[[], None]:
    """Return what is timed."""
    if way.startswith("podium"):
        dtype = "uint8" if way.endswith("uint8") else "float16"
        mean = mixed(root, dtype, 5 if way.endswith("50") else 1)

        def mix() -> None:
            with ThreadPoolExecutor(n_cores()) as pool:
                for _ in pool.map(lambda i: mean.band(i, 0, SIDE).shape, range(n)):
                    pass

        return mix
    files = [root / f"plain-{m}.npy" for m in range(MEMBERS)]

    def load() -> None:
        np.mean([np.load(one) for one in files], axis=0, dtype=np.float32)

    def chunks() -> None:
        maps = [np.load(one, mmap_mode="r") for one in files]
        for first in range(0, n, CHUNK):
            np.mean([one[first : first + CHUNK] for one in maps], axis=0, dtype=np.float32)

    return load if way == "load" else chunks


def measured(way: str, root: Path, n: int, rounds: int) -> tuple[float, float]:
    """Return the seconds of the fastest round, and how many MiB more are held at the peak."""
    if way.startswith("podium"):
        # What is loaded once, numba, is no part of what a blend holds.
        mixed(root, "uint8" if way.endswith("uint8") else "float16").band(0, 0, 1)
    work = work_of(way, root, n)
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten
    before, seconds = held("VmRSS"), []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), held("VmHWM") - before


if __name__ == "__main__":
    sys.exit(main())
