"""How requests for labels, and answers, look on a terminal."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from podium.cli.tables import print_json, print_table

if TYPE_CHECKING:
    from podium.workflows.label_importing import Imported

__all__ = ["print_imported", "print_request"]

_SHOWN_CLASSES = 20


def print_request(folder: Path, wanted: int, *, as_json: bool = False) -> None:
    """Print what a request asks about, and where its sheet is.

    Raises:
        RunError: there is no record.
    """
    from podium.workspace.records import read_record

    record = read_record(folder)
    details = record.details
    if as_json:
        print_json({"id": record.id, "folder": folder, "from": record.parents, **details})
        return
    by = f"{details['rule']}, {len(details['models'])} models"
    if details["diverse"]:
        by += f", far from each other by {details['diverse']}"
    if details["balance"]:
        by += ", classes balanced"
    predicted = list(details["predicted"].items())
    title = f"{record.id}: {details['n']:,} images by {by}"
    if len(predicted) <= _SHOWN_CLASSES:
        print_table(("the models say", "images"), predicted, title=title)
    else:
        print(title)
    if details["n"] < wanted:
        print(f"note: no more than {details['n']:,} images were left to ask about")
    print(f"label them: {folder / 'index.html'}")
    print(f"then: podium label import {record.id}-answers.csv")


def print_imported(done: Imported, *, as_json: bool = False) -> None:
    """Print what came of a file of answers."""
    if as_json:
        print_json(asdict(done))
        return
    said = f"{done.added:,} answers imported, {done.known:,} known already, "
    said += f"{done.skipped:,} rows without an answer"
    labels = sorted(done.labels.items(), key=lambda one: (-one[1], one[0]))[:_SHOWN_CLASSES]
    if labels:
        print_table(("label", "answers"), labels, title=said)
    else:
        print(said)
    if done.compared:
        print(f"the models had said the same of {done.agreed:,} of {done.compared:,}")
    print(f"{done.total:,} images are labelled by people now: every training from now on learns")
    print("from them, under a new id; to go on from a run: podium train … -o model.from=RUN")
