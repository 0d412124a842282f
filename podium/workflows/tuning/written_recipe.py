"""Recipes that a search writes beside their source: they never replace what a person wrote."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from podium.workspace.atomic import write_text
from podium.workspace.ids import short_digest
from podium.workspace.machine import now

__all__ = ["UNKNOWN_START_NOTE", "write_recipe"]

UNKNOWN_START_NOTE = (
    "trials started from weights of unknown origin, which may have learnt these rows: all scores "
    "may be too good"
)

_SEAL = re.compile(r"^# written .* by study (?P<study>\S+) \((?P<digest>[0-9a-f]{8})\)\n", re.M)


def write_recipe(folder: Path, name: str, study: str, comments: str, body: str) -> Path:
    """Write a recipe with its comments, and return its file, `<name>.yaml` in `folder`.

    What a person wrote or edited there, and what another study found, stays as it is: then the file
    is `<name>-<8 hex of the study>.yaml`. What this study wrote is replaced; where nothing changed
    it keeps its date.

    Args:
        folder: of the recipes.
        name: of the file, without its ending.
        study: name of the study; it ends in 8 hex digits.
        comments: lines that begin with `#`.
        body: the recipe as YAML.
    """
    digest = short_digest([comments, body])
    places = (folder / f"{name}{_suffix(study, number)}.yaml" for number in itertools.count())
    target = next(one for one in places if not one.is_file() or _study_of(one) == study)
    if target.is_file() and _sealed(target.read_text(encoding="utf-8")) == (study, digest):
        return target
    seal = f"# written {now():%Y-%m-%d %H:%M} UTC by study {study} ({digest})\n"
    write_text(target, comments + seal + body)
    return target


def _suffix(study: str, number: int) -> str:
    if number == 0:
        return ""
    return f"-{study.rpartition('-')[2]}" + ("" if number == 1 else f"-{number}")


def _study_of(file: Path) -> str | None:
    found = _sealed(file.read_text(encoding="utf-8"))
    return None if found is None else found[0]


def _sealed(text: str) -> tuple[str, str] | None:
    """Return the study that wrote a file and its digest; None where a person wrote or edited it."""
    seal = _SEAL.search(text)
    if seal is None or seal["digest"] != short_digest([text[: seal.start()], text[seal.end() :]]):
        return None
    return seal["study"], seal["digest"]
