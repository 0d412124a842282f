"""What answers bring: labels asked for by each rule, beside as many drawn by chance.

Run: python benchmarks/labelling.py [--seeds 0,1,2] [--n 30] [--rounds 3]

The images are scikit-learn's handwritten digits (1,797 of 8 × 8, twice as large here). Of each seed
40 are labelled, 500 are scored and never learnt from, and the labels of all others are hidden. Each
round asks for `--n` labels as `podium label request` does, answers with the hidden labels, imports
them as `podium label import` does, and trains on from the run of the round before, two folds, with
as many steps whoever was asked. All ways start from the same run of the 40. Scored is the accuracy
of the two fold models together. A repeated call keeps the ways that are finished under `--folder`.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.spec import load_competition
from podium.predictions import PredictionSet
from podium.training.runs.train import train
from podium.workflows.labelling.answers import import_answers
from podium.workflows.labelling.requests import request_labels
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

N_LABELLED, N_SCORED, N_FOLDS = 40, 500, 2
WAYS: dict[str, dict[str, Any]] = {
    "random": {},
    "entropy": {"rule": "entropy"},
    "margin": {"rule": "margin"},
    "least-confidence": {"rule": "least-confidence"},
    "disagreement": {"rule": "disagreement"},
    "margin, diverse": {"rule": "margin", "diverse": True},
    "margin, balanced": {"rule": "margin", "balance": True},
}
SPEC = """\
name: digits
tasks: {classify: multiclass}
classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
data:
  train: {table: data/train.csv, id: id, images: 'data/{id}.png', label: digit}
  unlabelled: {table: data/unlabelled.csv, id: id, images: 'data/{id}.png'}
  test: {table: data/test.csv, id: id, images: 'data/{id}.png'}
folds: {scheme: column, column: fold}
metric: {name: accuracy}
"""
RECIPE = """\
model: {backbone: cnn, pretrained: false, options: {widths: [32, 64], depth: 2}}
input: {size: 16, train: none}
optimizer: {name: adamw, lr: 3e-3, schedule: cosine}
batch_size: 16
phases: [{name: all, epochs: 1, steps_per_epoch: 200}]
predict: {embeddings: true}
"""


def main() -> None:
    """Print the accuracy after each round, means over seeds, and differences from chance."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("demo/labelling"))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--n", type=int, default=30, help="labels a round")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    seeds = [int(seed) for seed in args.seeds.split(",")]
    found = {
        way: np.array([accuracies(args.folder, seed, way, args.n, args.rounds) for seed in seeds])
        for way in WAYS
    }  # way -> (S, R + 1)
    start = found["random"][:, 0]
    print(f"{N_LABELLED} labels: {start.mean():.4f} (by seed {', '.join(map(_four, start))})\n")
    after = [f"+{args.n * (r + 1)}" for r in range(args.rounds)]
    print(f"| asked by | {' | '.join(after)} | mean gain over random, by seed |")
    print(f"| {' | '.join(['---'] * (args.rounds + 2))} |")
    for way, table in found.items():
        means = [f"{table[:, r + 1].mean():.4f}" for r in range(args.rounds)]
        gain = (table[:, 1:] - found["random"][:, 1:]).mean(axis=1)
        told = "" if way == "random" else f"{gain.mean():+.4f} ({', '.join(map(_signed, gain))})"
        print(f"| {way} | {' | '.join(means)} | {told} |")


def accuracies(folder: Path, seed: int, way: str, n: int, rounds: int) -> list[float]:
    """Return the accuracy at the start and after each round."""
    start = folder / f"seed-{seed}" / "start"
    root = folder / f"seed-{seed}" / f"{way.replace(', ', '-')}-{n}"
    done = root / "accuracies.json"
    if done.is_file():
        kept: list[float] = json.loads(done.read_text())
        if len(kept) > rounds:
            return kept[: rounds + 1]
    if not (start / "competition.yaml").is_file():
        make(start, seed)
    run = learnt(start, seed).name
    shutil.rmtree(root, ignore_errors=True)  # begun: what was answered would be learnt at once
    shutil.copytree(start, root)
    workspace, competition = Workspace(root.resolve()), load_competition(root)
    hidden = labels()
    found = [score(workspace.runs / run, hidden)]
    for number in range(1, rounds + 1):
        answers = root / f"answers-{number}.csv"
        ids = asked(workspace, way, run, n, seed + 100 * number)
        write(answers, ("id", "label"), [(one, hidden[one]) for one in ids])
        import_answers(workspace, competition, answers, who="the hidden labels")
        run = learnt(root, seed, f"model.from={run}", name=f"round-{number}").name
        found.append(score(workspace.runs / run, hidden))
    done.write_text(json.dumps(found))
    print(f"seed {seed}, {way}: {', '.join(map(_four, found))}", file=sys.stderr, flush=True)
    return found


def learnt(root: Path, seed: int, *changes: str, name: str | None = None) -> Path:
    """Return the trained run."""
    workspace, recipe = Workspace(root.resolve()), root / "recipes/start.yaml"
    overrides = (f"seed={seed}", *changes)
    return train(workspace, load_competition(root), recipe, overrides=overrides, name=name).run


def asked(workspace: Workspace, way: str, run: str, n: int, seed: int) -> list[str]:
    """Return the ids that are asked about."""
    competition = load_competition(workspace.root)
    if way != "random":
        folder = request_labels(workspace, competition, run, n=n, **WAYS[way])
        with (folder / "request.csv").open(encoding="utf-8", newline="") as file:
            return [row["id"] for row in csv.DictReader(file)]
    known = {line["id"] for file in workspace.root.glob("answers-*.csv") for line in lines(file)}
    pool = sorted({line["id"] for line in lines(workspace.data / "unlabelled.csv")} - known)
    return [str(one) for one in np.random.default_rng(seed).permutation(pool)[:n]]


def score(run: Path, hidden: dict[str, str]) -> float:
    """Return the share of the scored images that the fold models together name right."""
    predictions = run / "predictions" / read_record(run).details["predictions"]
    ids, probs = PredictionSet(predictions).mean("test")
    said = np.asarray(probs).argmax(axis=1)
    return float(np.mean([int(hidden[one]) == c for one, c in zip(ids, said, strict=True)]))


def labels() -> dict[str, str]:
    """Return the label of every image."""
    from sklearn.datasets import load_digits

    return {f"d{i:04d}": str(digit) for i, digit in enumerate(load_digits().target.tolist())}


def make(root: Path, seed: int) -> None:
    """Write the workspace of a seed."""
    from sklearn.datasets import load_digits

    images, digits = load_digits(return_X_y=True)
    hidden = labels()
    names = list(hidden)
    (root / "data").mkdir(parents=True, exist_ok=True)
    for name, image in zip(names, images, strict=True):
        pixels = (image.reshape(8, 8) * (255 / 16)).astype(np.uint8)
        Image.fromarray(pixels).resize((16, 16), Image.Resampling.BICUBIC).save(
            root / f"data/{name}.png"
        )
    labelled, scored, others = parts(digits, np.random.default_rng(seed))
    rows = [(names[i], hidden[names[i]], n // 10 % N_FOLDS) for n, i in enumerate(labelled)]
    write(root / "data/train.csv", ("id", "digit", "fold"), rows)
    write(root / "data/test.csv", ("id",), [(names[i],) for i in scored])
    write(root / "data/unlabelled.csv", ("id",), [(names[i],) for i in others])
    (root / "recipes").mkdir(exist_ok=True)
    (root / "recipes/start.yaml").write_text(RECIPE)
    (root / "competition.yaml").write_text(SPEC)


def parts(
    digits: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return which images are labelled (each digit as often), scored, and neither."""
    order = rng.permutation(len(digits))
    each = N_LABELLED // 10
    labelled = np.stack([order[digits[order] == c][:each] for c in range(10)], axis=1).ravel()
    rest = order[~np.isin(order, labelled)]
    return labelled, rest[:N_SCORED], rest[N_SCORED:]


def write(file: Path, header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Write a table."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def lines(file: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _four(value: float) -> str:
    return f"{value:.4f}"


def _signed(value: float) -> str:
    return f"{value:+.4f}"


if __name__ == "__main__":
    main()
