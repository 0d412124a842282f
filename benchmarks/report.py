"""Builds the page of a workspace of 50 runs of 800 classes, against reading what they predict once.

    python benchmarks/report.py [--runs 50] [--classes 800] [--rows 10000] [--blends 12] [--profile]

A workspace is made: runs of five folds with curves of thirty epochs and out-of-fold probabilities,
blends of three of them each, and images that are one small file under many names. One process reads
the probabilities of every run once, run by run; another builds the page. Printed is how much longer
the page takes, and what each held at its peak more than before. `--profile` prints instead where
the page's time goes.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from parts.process import held, in_a_process
from PIL import Image

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition, load_competition
from podium.ensembling import blend
from podium.ensembling.record import write_blend
from podium.predictions import PredictionSet, write_fold
from podium.workspace.documents import dumps
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.records import Record, write_record

FOLDS, EPOCHS, MEMBERS, SIDE = 5, 30, 3, 24
SET = "aabbccdd"


def main(argv: Sequence[str] | None = None) -> None:
    """Print seconds, their ratio, and memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--classes", type=int, default=800)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--blends", type=int, default=12)
    parser.add_argument("--folder", type=Path, help="where 2 GB have room; default: temporary")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--way", choices=("read", "report", "profile"), help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.way:
        print(json.dumps(measured(asked.way, asked.folder)))
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        root = Path(name)
        started = time.perf_counter()
        make(root, asked.runs, asked.classes, asked.rows, asked.blends)
        made_in = time.perf_counter() - started
        print(f"made in {made_in:.0f} s: {asked.runs} runs, {asked.blends} blends", flush=True)
        if asked.profile:
            in_a_process(__file__, "--way", "profile", "--folder", name)
            return
        read, page = (
            in_a_process(__file__, "--way", way, "--folder", name) for way in ("read", "report")
        )
    one = asked.rows * asked.classes * 4 / 2**20
    print(f"reading once: {read['seconds']:.1f} s, {read['peak']:.0f} MiB")
    print(f"the page: {page['seconds']:.1f} s, {page['peak']:.0f} MiB, file {page['size']:.1f} MB")
    print(f"ratio {page['seconds'] / read['seconds']:.1f}; one run's float32 are {one:.0f} MiB")


def make(root: Path, n_runs: int, n_classes: int, n_rows: int, n_blends: int) -> None:
    """Write the workspace below `root`."""
    (root / "train").mkdir()
    (root / "test").mkdir()
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
    first = root / "train" / "i0.png"
    Image.fromarray(pixels).save(first)
    Image.fromarray(pixels).save(root / "test" / "t0.png")
    names = [f"species {c}" for c in range(n_classes)]
    # Some classes are frequent, and each stands in every fold.
    labels = np.concatenate([np.repeat(np.arange(n_classes), FOLDS), rng.zipf(1.4, n_rows)])
    labels = labels[labels < n_classes][:n_rows]
    labels = np.resize(labels, n_rows)
    with (root / "train.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["id", "label"])
        table.writerows([f"i{i}", names[label]] for i, label in enumerate(labels))
    for i in range(1, n_rows):
        os.link(first, root / "train" / f"i{i}.png")
    spec = {
        "name": "species",
        "tasks": {"classify": "multiclass"},
        "classes": names,
        "data": {
            "train": {
                "table": "train.csv",
                "id": "id",
                "images": "train/{id}.png",
                "label": "label",
            },
            "test": {"images": "test/*.png"},
        },
        "folds": {"n": FOLDS, "scheme": "stratified"},
        "metric": {"name": "accuracy"},
    }
    file = root / "competition.yaml"
    file.write_text(dumps(Competition.model_validate(spec)), encoding="utf-8")
    workspace, competition = Workspace(root), load_competition(file)
    samples = load_samples(competition, "train")
    answers = truth(samples, competition)
    folds = ensure_folds(workspace, competition, samples)
    ids = list(samples["id"])
    runs = [_run(workspace, i, ids, answers, folds, n_classes) for i in range(n_runs)]
    for i in range(n_blends):
        sets = [runs[(i + k * 7) % n_runs] / "predictions" / SET for k in range(MEMBERS)]
        made = blend(
            [PredictionSet(one) for one in sets],
            answers,
            "accuracy",
            folds,
            ids=ids,
            kind="multiclass",
            method="mean",
            trials=1,
            names=[one.parent.parent.name for one in sets],
            n_resamples=20,
        )
        write_blend(workspace, made, sets)


def _run(
    workspace: Workspace,
    number: int,
    ids: list[str],
    answers: np.ndarray[Any, Any],
    folds: np.ndarray[Any, Any],
    n_classes: int,
) -> Path:
    """Write what training leaves of run `number`: two of three rows are right."""
    rng = np.random.default_rng(number)
    run = workspace.runs / f"net-{number:08x}"
    scores = {}
    for k in range(FOLDS):
        rows = np.flatnonzero(folds == k)
        said = rng.random((len(rows), n_classes), dtype=np.float32)
        guess = np.where(rng.random(len(rows)) < 2 / 3, answers[rows], rng.integers(n_classes))
        said[np.arange(len(rows)), guess] += n_classes / 4
        said /= said.sum(axis=1, keepdims=True)
        scores[str(k)] = float((guess == answers[rows]).mean())
        write_fold(
            run / "predictions" / SET,
            "oof",
            "classify",
            k,
            ids=[ids[row] for row in rows],
            probs=said,
            model=f"{run.name}/{k}",
        )
        (run / f"fold-{k}").mkdir(parents=True)
        lines = [
            f"all,{e},{1e-3 / (e + 1):.6f},{3 / (e + 2):.4f},{3 / (e + 2) + 0.1:.4f},{e / 40:.4f}"
            for e in range(1, EPOCHS + 1)
        ]
        head = "phase,epoch,lr,train_loss,valid_loss,accuracy"
        (run / f"fold-{k}" / "metrics.csv").write_text("\n".join([head, *lines, ""]))
    oof = float(np.mean(list(scores.values())))
    by_task = {"metric": "accuracy", "folds": scores, "oof": oof, "scored_rows": len(ids)}
    record = Record(
        kind="run",
        id=run.name,
        name="net",
        created=now(),
        status="finished",
        inputs={"recipe": {"seed": number}},
        scores={**by_task, "tasks": {"classify": by_task}, "rows": len(ids)},
        details={"predictions": SET, "n_folds": FOLDS},
    )
    write_record(run, record)
    return run


def measured(way: str, root: Path) -> dict[str, float]:
    """Return what reading, or building the page, took in this process."""
    import podium.reporting.pages.report_page  # noqa: F401  # what is loaded on first use is no work

    workspace = Workspace(root)
    competition = load_competition(workspace.competition_file)
    before, started = held("VmRSS"), time.perf_counter()
    size = 0.0
    if way == "read":
        for run in sorted(workspace.runs.iterdir()):
            probs = PredictionSet(run / "predictions" / SET).oof().probs
            assert isinstance(probs, np.ndarray)
            float(probs.sum())
    elif way == "report":
        size = built(workspace, competition)
    else:
        import cProfile
        import pstats

        with cProfile.Profile() as profile:
            built(workspace, competition)
        pstats.Stats(profile, stream=sys.stderr).sort_stats("cumulative").print_stats("podium", 45)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "peak": held("VmHWM") - before, "size": size}


def built(workspace: Workspace, competition: Competition) -> float:
    """Build the page, and return its size in MB."""
    from podium.reporting import build_report

    return build_report(workspace, competition).stat().st_size / 1e6


if __name__ == "__main__":
    main()
