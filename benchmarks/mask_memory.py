"""Blends masks in a process of 1 GiB: twenty members of 5,000 masks, 6.5 GB on disk.

    python benchmarks/mask_memory.py [--members 20] [--masks 5000] [--limit 1024] [--folder DIR]

Members of uint8 masks of 256 x 256 pixels are written, sixteen different ones each, over and over.
A process then fits a blend of them on the simplex with its decision, honest and optimistic score,
mixes all masks by its weights, writes them as a prediction set, and decides them. It does so twice:
with an address space (RLIMIT_AS) of `--limit` MiB beyond what its imports take, and without a
limit. `--mix` leaves out the fit, and mixes by equal weights. Prints what each took, and exits with
1 where a result differs in one byte.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet  # noqa: F401  # what is loaded on first use is an import, too
from parts.process import held, in_a_process

import podium.predictions._kernels.loops  # noqa: F401
from podium.competition import metrics
from podium.ensembling.masks.blend import MaskFits
from podium.ensembling.masks.rows import gather_masks
from podium.predictions import PredictionSet, mix_masks, write_masks
from podium.predictions.decisions.masks import decide_masks
from podium.tasks.protocols.find import pixel_kind

SIDE, FOLDS, POOL = 256, 2, 16


def main(argv: Sequence[str] | None = None) -> int:
    """Print what the limited and the free process took; return 1 if their results differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=20)
    parser.add_argument("--masks", type=int, default=5000)
    parser.add_argument("--limit", type=int, default=1024, help="MiB beyond the imports")
    parser.add_argument("--mix", action="store_true", help="fit nothing")
    parser.add_argument("--folder", type=Path, help="where 8 GB have room; default: temporary")
    parser.add_argument("--way", choices=("limited", "free"), help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.way:
        print(json.dumps(blended(asked)))
        return 0
    with tempfile.TemporaryDirectory(dir=asked.folder) as root:
        started = time.perf_counter()
        for m in range(asked.members):
            write_member(Path(root), m, asked.masks)
        print(f"written in {time.perf_counter() - started:.0f} s", flush=True)
        given = [*(sys.argv[1:] if argv is None else argv), "--folder", root]
        found = {way: in_a_process(__file__, *given, "--way", way) for way in ("limited", "free")}
    for way, one in found.items():
        print(f"{way}: {one['seconds']:.0f} s, {one['peak']:.0f} MiB more than its imports held")
    is_equal = found["limited"]["result"] == found["free"]["result"]
    print(f"equal to the byte: {'yes' if is_equal else 'no'}")
    return 0 if is_equal else 1


class Truths(Sequence[Any]):
    """A disc in every image, made when it is asked for."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, i: Any) -> Any:
        if i >= self.n:
            raise IndexError(i)
        rng = np.random.default_rng(i % POOL)
        (y, x), radius = rng.uniform(60, 190, 2), rng.uniform(20, 60)
        rows, columns = np.ogrid[:SIDE, :SIDE]
        return ((rows - y) ** 2 + (columns - x) ** 2 < radius**2).astype(np.uint8)


def write_member(root: Path, m: int, n: int) -> None:
    """Write what a member says: the truth, and noise that differs between members."""
    rng, truths = np.random.default_rng(m), Truths(POOL)
    noise = (0.15 + 0.03 * (m % 5)) * rng.standard_normal((POOL, SIDE, SIDE), dtype=np.float32)
    said = np.clip(0.3 + 0.3 * np.stack(list(truths)) + noise, 0, 1, dtype=np.float32)[..., None]
    for fold in range(FOLDS):
        inside = range(fold, n, FOLDS)

        write_masks(
            root / f"member-{m}",
            "oof",
            fold,
            ids=[f"{i:05d}" for i in inside],
            sizes=[(SIDE, SIDE)] * len(inside),
            bands=(said[i % POOL] for i in inside),
            model="m",
        )


def blended(asked: argparse.Namespace) -> dict[str, Any]:
    """Return the digest of all that a blend makes, and what it took."""
    before = held("VmRSS")
    if asked.way == "limited":
        room = int(held("VmSize") + asked.limit) * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (room, room))
    started = time.perf_counter()
    ids = [f"{i:05d}" for i in range(asked.masks)]
    members = [PredictionSet(asked.folder / f"member-{m}") for m in range(asked.members)]
    there, folds = np.ones(asked.masks, bool), np.arange(asked.masks) % FOLDS
    rows = gather_masks(members, Truths(asked.masks), folds, ids=ids, has_mask=there)
    digest = hashlib.sha256()
    weights: Sequence[float] = [1 / asked.members] * asked.members
    steps: Sequence[dict[str, Any]] = ()
    if not asked.mix:
        metric, kind = metrics.get("mean_dice"), pixel_kind("binary")
        made, _ = MaskFits(rows, metric, kind, 1, trials=4, n_resamples=50).by("simplex")
        weights, steps = made.weights, made.decision
        facts = [weights, list(steps), made.honest, made.optimistic, made.best_alone]
        digest.update(json.dumps(facts).encode())
    mixed = mix_masks(rows.members, weights, ids)
    target = write_masks(
        asked.folder / asked.way,
        "oof",
        0,
        ids=ids,
        sizes=mixed.sizes,
        bands=(mixed.band(i, 0, SIDE) for i in range(asked.masks)),
        model="blend",
    )
    for chunk in sorted(target.glob("chunk-*.npy")):
        digest.update(chunk.read_bytes())
    for _, mask in decide_masks(mixed, list(steps), "binary"):
        digest.update(mask)
    seconds = time.perf_counter() - started
    return {"result": digest.hexdigest(), "seconds": seconds, "peak": held("VmHWM") - before}


if __name__ == "__main__":
    sys.exit(main())
