"""Pseudo-labels on a terminal: how many are kept, how sure, of which classes, how right."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from podium.cli.context import print_to_type
from podium.cli.tables import print_json, print_table
from podium.errors import plural
from podium.workspace.display import number
from podium.workspace.records import read_record

__all__ = ["format_class_counts", "print_pseudo"]


_PARTS = ("labels", "masks")
_SHOWN_CLASSES = 12


def print_pseudo(folder: Path, *, as_json: bool = False) -> None:
    """Print what each fold's table has: how many are kept, how sure, of which classes, how right.

    Raises:
        RunError: there is no record.
    """
    record = read_record(folder)
    details, parents = record.details, record.parents
    if as_json:
        print_json({"id": record.id, "from": parents, **details})
        return
    title = f"{record.id}: {', '.join(parents)} on {plural(details['items'], 'image')}, "
    title += f"threshold {details['threshold']:g}, round {details['round']}"
    for part in _PARTS:
        folds = {fold: facts[part] for fold, facts in details["folds"].items() if part in facts}
        if folds:
            print_table(*_pseudo_table(part, folds), title=title)
    planted = {
        fold: n for fold, facts in details["folds"].items() if (n := _n_validation_images(facts))
    }
    for fold, n in planted.items():
        print(f"note: {n} of the images are validated in fold {fold}, without its labels")
    for note in details["notes"]:
        print_to_type(f"note: {note}")


def _pseudo_table(
    part: str, folds: Mapping[str, Mapping[str, Any]]
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Return the columns and rows of the labels' or the masks' table."""
    between: list[tuple[str, ...]] = [()] * len(folds)
    columns: tuple[str, ...] = ()
    if part == "masks":
        columns = ("pixels known",)
        between = [(f"{one['pixels']:.1%}",) for one in folds.values()]
    elif any(one.get("precision") is not None for one in folds.values()):
        columns = ("precision",)
        between = [(_precision(one),) for one in folds.values()]
    rows: list[tuple[object, ...]] = [
        (fold, f"{one['kept']:,}", number(one["confidence"]), *more, format_class_counts(one))
        for (fold, one), more in zip(folds.items(), between, strict=True)
    ]
    return ("fold", part, "mean confidence", *columns, "of each class"), rows


def _precision(labels: Mapping[str, Any]) -> str:
    if labels["precision"] is None:
        return number(None)
    return f"{labels['precision']:.4f} of {labels['known']:,}"


def format_class_counts(facts: Mapping[str, Any]) -> str:
    """Return how many there are of each class, of the most frequent ones."""
    counts = facts.get("classes", {})
    most = set(sorted(counts, key=lambda one: -counts[one])[:_SHOWN_CLASSES])
    shown = [name for name in counts if name in most]
    rest = len(counts) - len(shown)
    text = ", ".join(f"{name} {counts[name]:,}" for name in shown)
    return text if rest <= 0 else f"{text} and {rest} more classes"


def _n_validation_images(facts: Mapping[str, Any]) -> int:
    return int(facts.get("validation_images", 0))
