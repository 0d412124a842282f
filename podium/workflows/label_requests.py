"""Ask people for labels: which unlabelled images would tell most, and a sheet to answer on.

labels/<name>-<8 hex>/   record.json · request.csv · index.html · thumbnails/
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.label_answers import (
    image_contents,
    not_asked,
    read_answers,
    words_of,
)
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.tables import read_table
from podium.errors import UsageError
from podium.predictions.confidence import label_confidence
from podium.predictions.decide import decide
from podium.reporting.label_sheet import COLUMNS, Asked, write_sheet
from podium.training.label_choice import choose
from podium.training.label_scores import Rule, check_rule, label_scores
from podium.workflows.label_opinions import Opinions, opinions
from podium.workspace import clock
from podium.workspace.atomic import new_folder, sweep, write_text
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import Record, write_record

__all__ = ["REQUEST_TABLE", "request_labels"]

REQUEST_FORMAT = 1
"""Raised by hand when podium chooses other images from the same predictions."""
REQUEST_TABLE = "request.csv"


def request_labels(
    workspace: Workspace,
    competition: Competition,
    source: str,
    *,
    n: int,
    rule: Rule = "margin",
    diverse: bool = False,
    balance: bool = False,
    repeat: bool = False,
    progress: Progress = SILENT,
) -> Path:
    """Return the folder of a request for labels of `n` unlabelled images; kept if it is there.

    Left out are images that were answered or asked about before, those that by content are test
    images or training images with a label, and of equal ones all but the first.

    Args:
        workspace, competition: as everywhere.
        source: the run or blend that says what it does not know, by id or name.
        n: how many images, at most.
        rule: how much a label would tell; see `label_scores`.
        diverse: take images that are far from each other among those of the highest scores.
        balance: as many of each predicted class as there are, as far as possible.
        repeat: ask again for what was asked and not answered.
        progress: gets bars.

    Raises:
        UsageError: there is no such artefact, no image left, or the rule does not suit the task.
        RunError: the run is not trained, or data or folds changed since.
        DataError: an image cannot be read.
    """
    _check(competition, n, rule, balance=balance)
    if "segment" in competition.tasks:
        progress.say("  labels are asked for, and no masks")
    samples = load_samples(competition, "unlabelled")
    said = opinions(workspace, competition, source, list(samples["id"]), progress)
    scores = label_scores(said.probs, said.voices, rule, competition.kind)
    digests = image_contents(workspace, competition, samples, progress)
    closed = set(not_asked(workspace, competition, progress))
    is_open = _open(workspace, said.ids, digests, closed, repeat=repeat)
    open_rows = np.flatnonzero(is_open)
    classes = _likeliest(said.probs) if balance else None
    chosen = open_rows[
        choose(
            [said.ids[row] for row in open_rows],
            scores[open_rows],
            n,
            classes=None if classes is None else classes[open_rows],
            space=(lambda at: said.space(open_rows[at])) if diverse else None,
        )
    ]
    made = _Request(workspace, competition, said, samples, digests, scores, chosen)
    facts = {
        "rule": rule,
        "diverse": ("embeddings" if said.embeddings else "probabilities") if diverse else None,
        "balance": balance,
    }
    return made.write(facts, progress)


def _check(competition: Competition, n: int, rule: Rule, *, balance: bool) -> None:
    if n < 1:
        raise UsageError(f"at least one image is asked for, got {n}", fix="write --n 200")
    if "classify" not in competition.tasks:
        raise UsageError(
            "labels are asked for, and this competition has masks alone",
            fix="draw masks with a tool for that, and name them in data.extra, as images and mask",
        )
    if competition.data.unlabelled is None:
        raise UsageError(
            "the competition has no unlabelled images", fix="name them in data.unlabelled"
        )
    check_rule(rule, competition.kind)
    if balance and competition.kind in ("regression", "ordinal"):
        raise UsageError(
            f"an answer of kind {competition.kind} has no predicted class to balance",
            fix="leave --balance out",
        )


def _open(
    workspace: Workspace,
    ids: list[str],
    digests: list[str],
    closed: set[str],
    *,
    repeat: bool,
) -> NDArray[np.bool_]:
    """Return which images can be asked about; `closed` are contents that cannot.

    An image that changed since it was answered can: its answer is of another one.

    Raises:
        UsageError: none.
    """
    answers = read_answers(workspace)
    asked = set() if repeat else _asked(workspace)
    known = {answer.image for answer in answers.values()} | closed
    known |= {digest for one, digest in zip(ids, digests, strict=True) if one in asked}
    found = np.zeros(len(ids), dtype=bool)
    for row in sorted(range(len(ids)), key=lambda i: ids[i]):
        found[row] = digests[row] not in known
        known.add(digests[row])
    if not found.any():
        raise UsageError(
            f"of all {len(ids):,} unlabelled images people were asked, or the label is known, or "
            "they are test images",
            fix="import the answers; or write --repeat to ask again for what was not answered",
        )
    return found


def _asked(workspace: Workspace) -> set[str]:
    """Return the ids of all images that somebody was asked about."""
    tables = sorted(workspace.labels.glob(f"[!.]*/{REQUEST_TABLE}"))
    return {str(one) for file in tables for one in read_table(file)["id"]}


def _likeliest(probs: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the class of each row that is most probable; of yes or no, which is."""
    if probs.shape[1] == 1:
        return np.asarray(probs[:, 0] >= 0.5, dtype=np.int64)
    return np.asarray(probs.argmax(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class _Request:
    """What is asked, of which images."""

    workspace: Workspace
    competition: Competition
    said: Opinions
    samples: pd.DataFrame
    digests: list[str]
    scores: NDArray[np.float64]
    chosen: NDArray[np.int64]

    def write(self, facts: dict[str, Any], progress: Progress) -> Path:
        """Write the request, and return its folder."""
        source = self.said.source
        images = [[self.said.ids[row], self.digests[row]] for row in self.chosen.tolist()]
        inputs = {
            "format": REQUEST_FORMAT,
            "source": source.id,
            "predictions": list(self.said.facts),
            **facts,
            "images": images,
            "classes": list(self.competition.classes),
        }
        name = f"label-{source.name}"
        target = self.workspace.labels / f"{name}-{short_digest(inputs)}"
        with hold(self.workspace.private / "locks" / f"{target.name}.lock", what=target.name):
            if target.is_dir():
                progress.say(f"  {target.name} is there already")
                return target
            self.workspace.labels.mkdir(parents=True, exist_ok=True)
            sweep(self.workspace.labels)
            asked = self._asked()
            with new_folder(target) as folder:
                write_text(folder / REQUEST_TABLE, _table(asked, target.name))
                write_sheet(folder, self.competition, target.name, asked, progress)
                record = Record(
                    kind="labels",
                    id=target.name,
                    name=name,
                    created=clock.now(),
                    status="finished",
                    parents=[source.id],
                    inputs=inputs,
                    details={
                        **facts,
                        "models": list(self.said.names),
                        "n": len(asked),
                        "predicted": _counts(asked),
                    },
                )
                write_record(folder, record)
        return target

    def _asked(self) -> list[Asked]:
        probs, kind = self.said.probs[self.chosen], self.competition.kind
        decided = decide(probs, None, kind)
        sure = label_confidence(probs, kind).reshape(len(probs), -1).min(axis=1)
        paths = list(self.samples["images"])
        return [
            Asked(
                id=self.said.ids[row],
                images=tuple(paths[row]),
                sha256=self.digests[row],
                predicted=words_of(self.competition, decided[i]),
                confidence=None if kind in ("regression", "ordinal") else float(sure[i]),
                score=float(self.scores[row]),
            )
            for i, row in enumerate(self.chosen.tolist())
        ]


def _table(asked: list[Asked], request: str) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(one.row(request) for one in asked)
    return text.getvalue()


def _counts(asked: list[Asked]) -> dict[str, int]:
    return dict(sorted(Counter(one.predicted for one in asked).items()))
