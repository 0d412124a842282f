"""An image on a terminal: its facts, its labels and masks by every source, and where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from podium.cli.tables import number, print_json, print_table
from podium.reporting.images.view import report_image
from podium.tasks.protocols.names import is_of_images, is_of_pixels

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.reporting.images.predictions import ImagePrediction
    from podium.reporting.images.view import ImageReport
    from podium.workspace.layout import Workspace

__all__ = ["print_image"]

_JSON_KEYS = {"duplicates": "twins", "text": "said"}  # by field, where the two differ


def print_image(
    workspace: Workspace, competition: Competition, name: str, *, as_json: bool
) -> None:
    """Print the facts and predictions of the image `name`, in each part of the data that has it.

    Raises:
        UsageError: there is no such image.
    """
    every = report_image(workspace, competition, name)
    if as_json:
        print_json([_as_json(one) for one in every])
        return
    for known in every:
        _print_facts(known)
        _print_labels([one for one in known.opinions if is_of_images(one.task)])
        _print_masks([one for one in known.opinions if is_of_pixels(one.task)])
        _print_sources(known)
        for problem in known.problems:
            print(f"not read: {problem}")


def _as_json(known: ImageReport) -> dict[str, Any]:
    found = _with_json_keys(asdict(known))
    found["opinions"] = [_with_json_keys(one) for one in found["opinions"]]
    given = found.pop("given")
    return {**found, **given, "problems": found["problems"]}


def _with_json_keys(fields: dict[str, Any]) -> dict[str, Any]:
    return {_JSON_KEYS.get(name, name): value for name, value in fields.items()}


def _print_facts(known: ImageReport) -> None:
    size = "cannot be read" if known.size is None else f"{known.size[0]} × {known.size[1]}"
    rows: list[tuple[str, str]] = [
        ("file" if len(known.files) == 1 else "files", ", ".join(known.files)),
        ("height × width", size),
    ]
    optional = {
        "unit": known.unit,
        "group": known.group,
        "fold": None if known.fold is None else str(known.fold),
        "weight": None if known.weight == 1 else f"{known.weight:g}",
        "label": known.label,
        "label of the unit": None if known.unit_label == known.label else known.unit_label,
        "mask": "empty" if known.mask == "" else known.mask,
    }
    rows += [(name, value) for name, value in optional.items() if value is not None]
    if known.part == "train" and known.fold is None:
        rows.append(("fold", "none"))
    if known.duplicates is None:
        rows.append(("same picture", "not searched since the image came: podium check"))
    for duplicate in known.duplicates or ():
        how = (
            "the same file" if duplicate.is_same_file else f"{duplicate.distance} of 64 bits apart"
        )
        where = "" if duplicate.fold is None else f", fold {duplicate.fold}"
        of_label = "" if duplicate.label is None else f", {duplicate.label}"
        rows.append(("same picture", f"{duplicate.part} {duplicate.id}{of_label}{where} ({how})"))
    print(f"{known.id}: an image of {known.part}")
    widest = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"  {name:<{widest}}  {value}")


def _print_labels(opinions: Sequence[ImagePrediction]) -> None:
    if not opinions:
        return
    is_number = all(one.value is not None for one in opinions)
    has_truth = any(one.of_truth is not None for one in opinions)
    has_right = any(one.is_right is not None for one in opinions)
    columns = ["label by", "fold", "says"]
    columns += ["value"] if is_number else ["probability"]
    columns += ["right"] if has_right else []
    columns += ["of the truth"] if has_truth else []
    columns += [] if is_number else ["likeliest"]
    rows = []
    for one in opinions:
        cells: list[str] = [one.source, _folds(one), one.text]
        cells.append(number(one.value if is_number else one.confidence))
        cells += [_yes(one.is_right)] if has_right else []
        cells += [number(one.of_truth)] if has_truth else []
        likeliest = ", ".join(f"{name} {p:.3f}" for name, p in one.top)
        cells += [] if is_number else [likeliest]
        rows.append(cells)
    print_table(columns, rows)


def _print_masks(opinions: Sequence[ImagePrediction]) -> None:
    if not opinions:
        return
    metric = next((one.metric for one in opinions if one.metric), "")
    columns = ["mask by", "fold", *([f"{metric} of the image"] if metric else []), "says"]
    rows = [
        [one.source, _folds(one), *([number(one.score)] if metric else []), one.text or "empty"]
        for one in opinions
    ]
    print_table(columns, rows)


def _print_sources(known: ImageReport) -> None:
    given = known.given
    if given.pseudo:
        rows = [
            (one.source, one.fold, one.phase or one.teacher, one.label or "a mask",
             number(one.confidence), _yes(one.is_right))
            for one in given.pseudo
        ]  # fmt: skip
        columns = ("pseudo-label of", "fold", "teacher or phase", "label", "confidence", "right")
        print_table(columns, rows)
    if given.answer is not None:
        request = f", request {given.answer.request}" if given.answer.request else ""
        origin = f"{given.answer.who}, {given.answer.when}{request}"
        print(f"label by people: {given.answer.label} ({origin})")
    filled = [one for one in given.cells if any(one.cells.values())]
    if filled:
        cells = [
            (one.submission, number(one.public_score), one.key,
             ", ".join(f"{column} {text}" for column, text in one.cells.items()))
            for one in filled
        ]  # fmt: skip
        print_table(("submission", "public score", "row", "cells"), cells)
    n_empty = len(given.cells) - len(filled)
    if n_empty:
        print(f"rows of submissions that are empty: {n_empty}")


def _folds(one: ImagePrediction) -> str:
    """Return the folds of the models; of a mean over several as a list."""
    return ", ".join(map(str, one.folds))


def _yes(is_right: bool | None) -> str:
    return "–" if is_right is None else "yes" if is_right else "no"
