"""Workspaces with submissions, blends that keep their units, and a leaderboard that was watched."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from ensembling.fits import fit_rows

from podium.competition.samples import load_samples, truth
from podium.ensembling.record import write_blend
from podium.ensembling.rows import OofRows
from podium.submissions.upload.receipt import prepare_receipt, save_receipt

START = datetime(2026, 11, 1, 8, tzinfo=UTC)


def with_public_share(made: Any, share: float | None = 0.4, n_test: int = 10) -> Any:
    """Return the workspace after its test set has `n_test` images, `share` of them public."""
    root = made.workspace.root
    for k in range(n_test):
        (root / "test" / f"test{k:02d}.png").write_bytes((root / "test/test00.png").read_bytes())
    changes = {"slug": "pets", "public_share": share}
    kaggle = made.competition.kaggle.model_copy(update=changes)
    return replace(made, competition=made.competition.model_copy(update={"kaggle": kaggle}))


def submit(
    made: Any, place: int, public: float | None, *, units: bool = True, **changes: Any
) -> tuple[str, str]:
    """Write a blend that is right on a share of the rows, and its receipt; return both ids."""
    samples = load_samples(made.competition, "train")
    answers = truth(samples, made.competition)
    right = np.random.default_rng(place).random(len(answers)) < 0.5 + place / 25
    predicted = np.eye(3, dtype=np.float32)[np.where(right, answers, (answers + 1) % 3)]
    folds = np.arange(len(answers)) % 3
    rows = OofRows(predicted[None], answers, folds, None, (f"m{place}",), ids=tuple(samples["id"]))
    blend, kept = fit_rows(rows, "accuracy", "multiclass", trials=2, n_resamples=50)
    sets = [made.workspace.runs / f"gone-{place:08d}" / "predictions" / "aabbccdd"]
    kept = kept if units else None
    folder = write_blend(made.workspace, blend, sets, name=f"b{place}", units=kept)
    file = made.workspace.root / f"f{place}.csv"
    file.write_text(f"{place}\n")
    receipt = prepare_receipt(
        made.workspace, file, slug="pets", target="kaggle", message="", sources=[folder.name],
        honest=blend.honest,
    )  # fmt: skip
    state = "submitted" if public is None else "complete"
    created = START + timedelta(days=1, hours=place)
    said_of = {"state": state, "public_score": public, "created": created, "ref": place, **changes}
    save_receipt(made.workspace, receipt.model_copy(update=said_of), file)
    return receipt.id, folder.name


def watch(made: Any, *moments: dict[str, Any]) -> None:
    """Write leaderboard snapshots, a day apart."""
    made.workspace.board.mkdir(exist_ok=True)
    lines = []
    for day, moment in enumerate(moments):
        line = {"kind": "leaderboard", "target": "kaggle", "slug": "pets", "split": "public"}
        line |= {"at": (START + timedelta(days=day)).isoformat(), "own": None, "n_teams": None}
        lines.append(json.dumps(line | {"quantiles": [], "top": [["top team", 0.9]]} | moment))
    (made.workspace.board / "leaderboard.jsonl").write_text("\n".join(lines) + "\n")


def adopt(made: Any, name: str, public: float, likely_from: Sequence[str] = ()) -> None:
    """Write down a submission that came by other means."""
    made.workspace.board.mkdir(exist_ok=True)
    line = {
        "kind": "adopted", "id": name, "target": "kaggle", "slug": "pets", "ref": 900,
        "created": START.isoformat(), "file_name": "by_hand.csv", "bytes": 7, "description": "",
        "status": "COMPLETE", "error": "", "public_score": public, "private_score": None,
        "sources": [], "likely_from": list(likely_from), "seen": START.isoformat(),
    }  # fmt: skip
    with (made.workspace.board / "adopted.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
