"""What `podium init` makes of made-up layouts: right, asked, refused or wrong, by dimension.

    python benchmarks/layouts.py [-n 5000] [--seed 0] [--jobs 1]
    python benchmarks/layouts.py --seed-of 17 --to /tmp/layout      (one layout, to look at)

Each layout is a small competition with its truth (`tests/layouts`): tree of files, names of images,
tables, kinds of label and of mask file, codecs of runs, rows of the sample. What is inferred is
judged by meaning: the competition reads train and writes the true answers of test, and both are
compared with what was drawn. `hedged` counts apart where a doubt is written about what is wrong,
and the right reading is not among those offered. Exits with 1 where one is certain and wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from layouts.judging import OUTCOMES, Outcome, judge_layout
from layouts.plan import DIMENSIONS, LayoutPlan, plan_of
from layouts.writing import write_layout

_SHOWN_SEEDS = 12
Judged = tuple[LayoutPlan, Outcome, frozenset[str], float]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables; return 1 if a layout is certain and wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=5000, help="number of layouts")
    parser.add_argument("--seed", type=int, default=0, help="of the first layout")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--seed-of", type=int, help="write and judge this one layout")
    parser.add_argument("--to", type=Path, help="folder for --seed-of, not there yet")
    parser.add_argument("--json", type=Path, help="write every outcome as a line of JSON")
    options = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    if options.seed_of is not None:
        return show(options.seed_of, options.to)
    started = time.perf_counter()
    judged = list(judge_all(range(options.seed, options.seed + options.n), options.jobs))
    print_tables(judged)
    print(f"{len(judged):,} layouts in {time.perf_counter() - started:.0f} s")
    if options.json is not None:
        options.json.write_text("".join(json.dumps(_record(one)) + "\n" for one in judged))
    return int(any(outcome.name == "wrong" for _, outcome, _, _ in judged))


def judge_all(seeds: Sequence[int], jobs: int) -> Iterator[Judged]:
    """Yield the outcome of each seed."""
    if jobs == 1:
        yield from map(judge_seed, seeds)
        return
    with get_context("fork").Pool(jobs) as pool:
        yield from pool.imap(judge_seed, seeds, chunksize=8)


def judge_seed(seed: int) -> Judged:
    """Return the plan, its outcome, the keys that the layout leaves open, and the seconds."""
    started = time.perf_counter()
    plan = plan_of(seed)
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        truth = write_layout(plan, Path(folder) / "data")
        outcome = judge_layout(truth)
    return plan, outcome, truth.undecided, time.perf_counter() - started


def show(seed: int, folder: Path | None) -> int:
    """Write and judge one layout; print what came out."""
    plan = plan_of(seed)
    root = folder or Path(tempfile.mkdtemp())
    truth = write_layout(plan, root / "data")
    outcome = judge_layout(truth)
    chosen = ", ".join(f"{one} {plan.value(one)}" for one in DIMENSIONS if plan.value(one) != "-")
    print(f"layout {seed} in {root}: {chosen}")
    for path in sorted(root.rglob("*.csv")):
        lines = path.read_text(encoding="utf-8").splitlines()
        print(f"\n{path.relative_to(root)}:\n  " + "\n  ".join(line[:100] for line in lines[:4]))
    print(f"\n{outcome.text}")
    for note in outcome.notes:
        print(f"- {note}")
    print(f"\n{outcome.name}; open in principle: {', '.join(sorted(truth.undecided)) or 'nothing'}")
    for fault in outcome.faults:
        print(f"  {fault}")
    return int(outcome.name == "wrong")


def print_tables(judged: Sequence[Judged]) -> None:
    """Print outcomes by dimension, then in all, then the keys of what is wrong with their seeds."""
    print(f"{'':14}{'':18}{'n':>6}" + "".join(f"{name:>9}" for name in OUTCOMES))
    for dimension in DIMENSIONS:
        values: dict[str, Counter[str]] = defaultdict(Counter)
        for plan, outcome, _, _ in judged:
            values[plan.value(dimension)][outcome.name] += 1
        if len(values) < 2:
            continue
        for value, counts in sorted(values.items()):
            print(_line(dimension, value, counts))
    total = Counter(outcome.name for _, outcome, _, _ in judged)
    print(_line("total", "", total))
    needless = sum(bool(one.asked) and not undecided for _, one, undecided, _ in judged)
    luck = sum(one.name == "right" and bool(undecided) and not one.asked
               for _, one, undecided, _ in judged)  # fmt: skip
    slowest = sorted(seconds for *_, seconds in judged)
    print(
        f"\nasked where nothing is open: {needless}; right and not asked where something is: {luck}"
    )
    print(f"seconds a layout: median {slowest[len(slowest) // 2]:.2f}, most {slowest[-1]:.2f}")
    for name in ("wrong", "hedged", "refused"):
        faults: dict[tuple[str, str], list[int]] = defaultdict(list)
        for plan, outcome, _, _ in judged:
            if outcome.name == name:
                faults[plan.family, outcome.faults[0].key].append(plan.seed)
        for (family, key), seeds in sorted(faults.items(), key=lambda one: -len(one[1])):
            shown = " ".join(map(str, seeds[:_SHOWN_SEEDS]))
            print(f"{name:8} {family:8} {key:24} {len(seeds):5}   seeds {shown}")


def _line(dimension: str, value: str, counts: Counter[str]) -> str:
    cells = "".join(f"{counts[name]:>9}" for name in OUTCOMES)
    return f"{dimension:14}{value:18}{counts.total():>6}{cells}"


def _record(one: Judged) -> dict[str, object]:
    plan, outcome, undecided, seconds = one
    chosen = {dimension: plan.value(dimension) for dimension in DIMENSIONS}
    return {
        "seed": plan.seed, "outcome": outcome.name, "asked": outcome.asked, **chosen,
        "faults": [str(fault) for fault in outcome.faults], "open": sorted(undecided),
        "seconds": seconds,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
