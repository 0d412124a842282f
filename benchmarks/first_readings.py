"""How often `podium init` reads real competitions and public data sets rightly, without a hand.

    python benchmarks/first_readings.py                 # all of them, by outcome
    python benchmarks/first_readings.py --only herbarium --verbose
    python benchmarks/first_readings.py --every 4       # a quarter of them

Each is written in miniature, as it is given out, and what `podium init` infers is compared with its
truth by meaning (tests/layouts). Of those beyond podium's scope, a refusal is right. Last it prints
of how many readings, right ones and others, `podium init` tells that they do not explain all.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from layouts.judging import OUTCOMES, Outcome
from layouts.real.first_readings import first_reading
from layouts.real.sets import SETS


def main() -> None:
    """Print the outcome of each, and how many there are of each outcome."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", default="", help="part of a name")
    parser.add_argument("--kind", default="", help="part of the name of a kind")
    parser.add_argument("--every", type=int, default=1, help="leave out all but one of so many")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="what is wrong, and what was said")
    wanted = parser.parse_args()
    found = [
        (kind, name)
        for kind, names in SETS.items()
        if wanted.kind.lower() in kind.lower()
        for name in names
        if wanted.only.lower() in name.lower()
    ][:: wanted.every]
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in SETS}
    marked: Counter[tuple[bool, bool]] = Counter()
    with ProcessPoolExecutor(wanted.jobs) as pool:
        for (kind, name), outcome in zip(found, pool.map(_read, found), strict=True):
            counts[kind][outcome.name] += 1
            if outcome.text:
                marked[outcome.name == "right", bool(outcome.against)] += 1
            print(f"{outcome.name:8} {name}", flush=True)
            if outcome.name != "right" or wanted.verbose:
                print(*(f"         {one}"[:300] for one in outcome.faults[:3]), sep="\n")
            if outcome.against and (wanted.verbose or outcome.name == "right"):
                print(
                    *(f"         not explained: {one}"[:300] for one in outcome.against), sep="\n"
                )
            if wanted.verbose:
                print(outcome.text, *outcome.notes, sep="\n")
    print("\n| | tried |", " | ".join(OUTCOMES), "|\n| --- |", " --- |" * (len(OUTCOMES) + 1))
    for kind, each in counts.items():
        cells = [str(each[one]) for one in OUTCOMES]
        print(f"| {kind} | {each.total()} |", " | ".join(cells), "|")
    for is_right, what in ((True, "right"), (False, "other")):
        n = marked[is_right, True] + marked[is_right, False]
        print(f"told as not explaining all: {marked[is_right, True]} of {n} {what} readings")


def _read(at: tuple[str, str]) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="podium-") as folder:
        return first_reading(*at, Path(folder))


if __name__ == "__main__":
    main()
