"""Kill trainings at random moments, resume them, and compare every bit with an unbroken one.

Run: python benchmarks/kills.py [--kills 10] [--seed 0]

For each method a small competition is trained once unbroken. Then, `--kills` times, a process
trains a copy of it and, a random time after it began with the fold, gets SIGKILL from outside, be
it in a step, in an evaluation, while a checkpoint is written or while the network predicts; a
second process runs the same call to its end. Compared are run id, `metrics.csv`, `selected.csv`,
the weights, OOF and test predictions, and what lies in the folder.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import podium.training.fit.fold as fitting
from podium.competition.spec import load_competition
from podium.predictions import PredictionSet
from podium.training.runs.train import train
from podium.workspace.layout import Workspace

CLASSES = ("red", "green", "blue")
HEAD = """\
seed: 3
model: {backbone: cnn, pretrained: false, options: {widths: [8, 16]}, drop_path: 0.1}
input: {size: 32, train: medium}
optimizer: {name: adamw, lr: 1e-2, schedule: one_cycle, clip_norm: 1.0}
batch_size: 8
ema_decay: 0.9
unlabelled: [unlabelled, train]
"""
PHASES = {
    "supervised": """\
mix: {mixup: 0.4, cutmix: 1.0}
accumulate: 2
phases:
  - {name: head, epochs: 5, freeze: [backbone]}
  - {name: whole, epochs: 15, steps_per_epoch: 4}
""",
    "pseudo_label": """\
phases:
  - {name: labels, epochs: 5}
  - {name: permanent, epochs: 8, method: {name: pseudo_label, mode: permanent, threshold: 0.4}}
  - {name: local, epochs: 8, method: {name: pseudo_label, mode: local, threshold: 0.4}}
""",
    "fixmatch": """\
phases:
  - name: match
    epochs: 12
    steps_per_epoch: 5
    method: {name: fixmatch, ratio: 2, threshold: 0.4}
""",
    "byol": """\
phases:
  - {name: pretrain, epochs: 8, steps_per_epoch: 5, method: {name: byol, hidden: 32, size: 16}}
  - {name: labels, epochs: 5}
""",
}
EVERY_S = (0.0, 0.2)  # between checkpoints; of the second, steps after a checkpoint come again

LAST = 0.9  # share of the unbroken time: times vary …
FINISHED = "finished"  # … and what has ended cannot be killed: another moment is drawn


@dataclass(frozen=True)
class Kill:
    """One killed and resumed training: where it was hit, and whether it ended in the same bits."""

    where: str
    is_equal: bool


def main() -> None:
    """Print a table, and end with 1 where a resumed training differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10, help="for each method")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    parser.add_argument("--methods", default=",".join(PHASES), help="which, comma-separated")
    args = parser.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(args.seed)
    failed = 0
    print("| method | seconds unbroken | kills | where | equal to the bit |")
    print("| --- | --- | --- | --- | --- |")
    for method in args.methods.split(","):
        with tempfile.TemporaryDirectory() as folder:
            seconds, kills = study(Path(folder), method, args.kills, rng)
        equal = sum(one.is_equal for one in kills)
        failed += len(kills) - equal
        places = Counter(one.where for one in kills)
        told = ", ".join(f"{place} {n}" for place, n in places.most_common())
        print(f"| {method} | {seconds:.1f} | {len(kills)} | {told} | {equal} |", flush=True)
    raise SystemExit(int(failed > 0))


def study(
    folder: Path, method: str, n_kills: int, rng: np.random.Generator
) -> tuple[float, list[Kill]]:
    """Return how long the unbroken training of `method` takes, and what came of each kill."""
    begun = make(folder / "begun", method)
    unbroken = copy(begun, folder / "unbroken")
    child = forked(lambda: work(unbroken, EVERY_S[0]))
    wait_for_fold(unbroken)
    started = time.perf_counter()
    ended_well(child)
    seconds = time.perf_counter() - started
    expected = result_of(unbroken)
    kills: list[Kill] = []
    while len(kills) < n_kills:
        root = copy(begun, folder / "broken")
        every_s = EVERY_S[len(kills) % len(EVERY_S)]
        kill_after(root, every_s, float(rng.uniform(0, LAST)) * seconds)
        where = place(root)
        ended_well(forked(lambda root=root, every_s=every_s: work(root, every_s)))
        if where != FINISHED:
            kills.append(Kill(where, result_of(root) == expected))
        shutil.rmtree(root)
    return seconds, kills


def kill_after(root: Path, every_s: float, seconds: float) -> None:
    """Train in a process that is killed `seconds` after it began with the fold."""
    child = forked(lambda: work(root, every_s))
    wait_for_fold(root)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def wait_for_fold(root: Path) -> None:
    """Wait until the fold's folder is there, a minute at most."""
    for _ in range(6000):
        if list(root.glob("runs/tiny-*/fold-0")):
            return
        time.sleep(0.01)
    raise SystemExit("the training did not begin")


def ended_well(child: int) -> None:
    """Wait for a process, and end with it where it failed."""
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"training ended with {status}")


def forked(task: Callable[[], None]) -> int:
    """Run `task` in a child process: torch is imported once for all of them."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        task()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def work(root: Path, every_s: float) -> None:
    """Train fold 0."""
    defaults = fitting.fit_fold.__kwdefaults__
    assert defaults is not None
    defaults["checkpoint_every_s"] = every_s
    train(Workspace(root), load_competition(root), root / "recipes/tiny.yaml", folds=[0])


def place(root: Path) -> str:
    """Return where the training stood when it was killed."""
    [fold] = root.glob("runs/tiny-*/fold-0")
    if (fold / "done.json").is_file():
        folders = (fold.parent / "predictions").glob("*/*/*/fold-0")
        return FINISHED if len(list(folders)) == 2 else "predicting"
    if not (fold / "resume.pt").is_file():
        return "before a checkpoint"
    standing = torch.load(fold / "resume.pt", weights_only=True)["standing"]
    within = "between epochs" if standing["step"] == 0 else "in an epoch"
    return f"phase {standing['phase'] + 1} {within}"


def result_of(root: Path) -> dict[str, object]:
    """Return everything that a training leaves behind and that no interruption may change."""
    [run] = (root / "runs").glob("tiny-*")
    fold = run / "fold-0"
    [predictions] = (run / "predictions").iterdir()
    stored = PredictionSet(predictions)
    files = sorted(path.name for path in fold.iterdir() if path.name != ".lock")
    texts = {name: (fold / name).read_text() for name in files if name.endswith(".csv")}
    return {
        "run": run.name,
        "files": files,
        "texts": texts,
        "weights": digest(fold / "last.pt"),
        "oof": (stored.oof().ids, stored.oof().probs.tobytes()),
        "test": stored.fold("test", "classify", 0).probs().tobytes(),
    }


def digest(checkpoint: Path) -> str:
    """Return the sha256 of the tensors of a network."""
    found = hashlib.sha256()
    for name, tensor in torch.load(checkpoint, weights_only=True)["network"].items():
        found.update(name.encode())
        found.update(tensor.contiguous().numpy().tobytes())
    return found.hexdigest()


def copy(source: Path, target: Path) -> Path:
    """Return a copy of a workspace."""
    shutil.copytree(source, target)
    return target


def make(root: Path, method: str) -> Path:
    """Write a competition of coloured noise, part of it without labels, and the method's recipe."""
    rng = np.random.default_rng(0)
    for split, n in (("train", 36), ("unlabelled", 24), ("test", 8)):
        (root / "data" / split).mkdir(parents=True)
        for i in range(n):
            image = rng.integers(0, 120, (40, 36, 3)).astype(np.uint8)
            image[..., i % 3] += 60
            Image.fromarray(image).save(root / f"data/{split}/{i:04d}.png")
    rows = "\n".join(f"{i:04d},{CLASSES[i % 3]}" for i in range(36))
    (root / "data/train.csv").write_text(f"id,label\n{rows}\n")
    (root / "competition.yaml").write_text(
        "name: colours\ntasks: {classify: multiclass}\n"
        f"classes: [{', '.join(CLASSES)}]\ndata:\n"
        "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', label: label}\n"
        "  unlabelled: {images: 'data/unlabelled/*.png'}\n"
        "  test: {images: 'data/test/*.png'}\n"
        "folds: {n: 3, seed: 1}\nmetric: {name: accuracy}\n"
    )
    (root / "recipes").mkdir()
    (root / "recipes/tiny.yaml").write_text(HEAD + PHASES[method])
    return root


if __name__ == "__main__":
    main()
