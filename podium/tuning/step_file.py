"""A user's grid of decisions in a file: a YAML list of steps, as `step_grid.py` has them."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from podium.errors import UsageError
from podium.predictions.decide import label_steps, name_and_parameter
from podium.predictions.mask_steps import BEFORE, REGIONS, decisions_of
from podium.tuning.step_grid import StepGrid
from podium.workspace.documents import read_marked
from podium.workspace.marked_yaml import plain

__all__ = ["read_steps"]


def read_steps(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the steps that stand in `path`, each a mapping of its name to its parameter.

    Raises:
        UsageError: there is no such file, it is no list of steps, there is no such step (the
            nearest name is suggested), or a `try` or `from` cannot be meant; names the line.
    """
    marked = read_marked(path, UsageError)
    if marked is None or not isinstance(marked.value, list) or not marked.value:
        raise UsageError(
            "a file of steps is a list",
            where=path if marked is None else marked.place,
            fix="write - threshold: {try: [0.3, 0.5]}",
        )
    found = []
    for one in marked.value:
        step = plain(one)
        try:
            StepGrid.of([step])
            name, parameter = name_and_parameter(step)
            _check_name(name)
            found.append({name: parameter})
        except UsageError as error:
            raise UsageError(error.message, where=one.place, fix=error.fix) from None
    return tuple(found)


def _check_name(name: str) -> None:
    known = [*label_steps(), *BEFORE, *decisions_of("multiclass"), *decisions_of("binary")]
    known = list(dict.fromkeys([*known, *REGIONS, "objects"]))
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise UsageError(
            f"decide: there is no step {name!r}",
            fix=f"did you mean {near[0]}?" if near else f"choose one of {', '.join(known)}",
        )
