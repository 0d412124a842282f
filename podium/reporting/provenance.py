"""Provenance of a run: the run it derives from, its recipe's changes, its progress, its uses.

Two recipes are compared line by line of the resolved YAML.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import ValidationError

from podium.errors import PodiumError
from podium.training.recipe import Recipe
from podium.training.runs.fold_files import FoldFiles
from podium.workspace.layout import Workspace
from podium.workspace.marked_yaml import load_plain_yaml

if TYPE_CHECKING:
    from podium.reporting.entries import BlendEntry, RunEntry
    from podium.submissions.board.view import BoardRow

__all__ = ["flat", "provenance_of", "without_defaults"]


@dataclass(frozen=True)
class Origin:
    """The run that another one is compared with, and why that one.

    Attributes:
        id: of the run.
        why: in words that follow its id.
    """

    id: str
    why: str


@dataclass(frozen=True)
class FoldProgress:
    """One fold's training.

    Attributes:
        name: its number, or "full" of a network of all rows.
        scores: by task, if known.
        epochs: number recorded so far; `planned` is the total, None if unknown.
        is_done: whether the fold is trained.
        seconds: duration of the recorded epochs.
        last: when the newest epoch was recorded; None without one.
    """

    name: str
    scores: dict[str, float]
    epochs: int
    planned: int | None
    is_done: bool
    seconds: float | None
    last: datetime | None


@dataclass(frozen=True)
class Provenance:
    """Provenance of one run: its recipe compared with another, its folds, what was made of it.

    Attributes:
        origin: the run its recipe is compared with; None for the first run.
        lines: its recipe, with the lines that only the origin's has; all "same" without one.
        changed: the lines that differ and have a value, without keys that are at their defaults; a
            line with nested lines has none.
        folds: each that the competition has, or that was trained.
        blends, submissions: ids of those made from it, in the page's order.
    """

    origin: Origin | None
    lines: list[RecipeLine]
    changed: list[RecipeLine]
    folds: list[FoldProgress]
    blends: list[str]
    submissions: list[str]


def provenance_of(
    workspace: Workspace,
    run: RunEntry,
    runs: Sequence[RunEntry],
    blends: Sequence[BlendEntry],
    rows: Sequence[BoardRow],
    n_folds: int,
) -> Provenance:
    """Return the provenance of `run`; of a run in training, as far as it is.

    Args:
        workspace: that contains it.
        run: the run.
        runs: all runs.
        blends: all blends.
        rows: of the board.
        n_folds: how many folds the competition has.
    """
    origin = origin_of(run, runs)
    before = next((one.recipe for one in runs if origin and one.id == origin.id), run.recipe)
    lines = recipe_diff(before, run.recipe)
    used = [one.id for one in blends if run.id in one.weighed]
    sources = {run.id, *used}
    return Provenance(
        origin=origin,
        lines=lines,
        changed=_written_lines(lines, before, run.recipe),
        folds=_folds(workspace, run, n_folds),
        blends=used,
        submissions=[row.id for row in rows if sources & {*row.sources, *row.likely_from}],
    )


def _written_lines(lines: list[RecipeLine], before: str, after: str) -> list[RecipeLine]:
    """Return the lines that differ and have a value, without what is as it is by default.

    A phase that was added has thirty keys, of which a person wrote three.
    """
    differ = [one for one in lines if one.sign != "same" and one.value]
    if not differ:
        return []
    written = {*flat(without_defaults(before)), *flat(without_defaults(after))}
    names = {f"{path.rpartition('.')[0]}.name" for path in written}
    return [
        one for one in differ if one.sign == "changed" or one.path in written or one.path in names
    ] or differ


def origin_of(run: RunEntry, runs: Sequence[RunEntry]) -> Origin | None:
    """Return the run that `run` is compared with; None without a recipe, and of the first run.

    That is the one that it starts from; else the newest earlier one of its recipe's name; else the
    earlier one of the closest recipe, by lines that only one of both has, the newest of equals.
    """
    if not run.recipe:
        return None
    known = {one.id: one for one in runs if one.recipe}
    for parent in run.parents:
        if parent in known:
            return Origin(parent, "which it starts from")
    earlier = [one for one in known.values() if one.created < run.created]
    named = [one for one in earlier if one.name == run.name]
    if named:
        newest = max(named, key=lambda one: one.created)
        return Origin(newest.id, "the newest earlier run of this recipe’s name")
    if not earlier:
        return None
    closest = min(
        earlier,
        key=lambda one: (count_differing_lines(one.recipe, run.recipe), -one.created.timestamp()),
    )
    return Origin(closest.id, "the earlier run with the closest recipe")


def _folds(workspace: Workspace, run: RunEntry, n_folds: int) -> list[FoldProgress]:
    names = [str(k) for k in range((run.n_folds or n_folds) if run.images is None else 0)]
    others = [*run.histories, *(name for of in run.folds_by_task.values() for name in of)]
    planned = _planned(run.recipe)
    return [_fold(workspace, run, name, planned) for name in dict.fromkeys([*names, *others])]


def _fold(workspace: Workspace, run: RunEntry, name: str, planned: int | None) -> FoldProgress:
    files = FoldFiles(workspace.runs / run.id, int(name) if name.isdigit() else "full")
    history = run.histories.get(name)
    facts: Any = run.fold_facts.get(name, {})
    return FoldProgress(
        name=name,
        scores={task: of[name] for task, of in run.folds_by_task.items() if name in of},
        epochs=history.n_epochs if history else 0,
        planned=planned,
        is_done=files.is_done or run.status == "finished",
        seconds=facts.get("seconds"),
        last=_written(files) if history else None,
    )


def _written(files: FoldFiles) -> datetime | None:
    try:
        return datetime.fromtimestamp(files.metrics.stat().st_mtime, tz=UTC)
    except OSError:  # removed since it was read
        return None


def _planned(recipe: str) -> int | None:
    """Return the number of epochs of a resolved recipe; early stopping may end it before."""
    try:
        return sum(int(one["epochs"]) for one in load_plain_yaml(recipe)["phases"])
    except (yaml.YAMLError, TypeError, KeyError, ValueError):
        return None


LineChange = Literal["same", "added", "removed", "changed"]
_KEY = re.compile(r"(?P<indent> *)(?P<item>- )?(?:(?P<key>[^\s:][^:]*?):(?: (?P<value>.*))?)?")


@dataclass(frozen=True)
class RecipeLine:
    """A line of a recipe beside another one.

    Attributes:
        sign: `removed` lines are in the other recipe only.
        text: of the line in the file.
        path: of the key it sets, as `phases[joint].optimizer.lr`; "" if it cannot be determined.
        value: of the key; "" for a line with nested lines.
        was: the value in the other recipe, of a `changed` line.
    """

    sign: LineChange
    text: str
    path: str
    value: str
    was: str = ""


def recipe_diff(old: str, new: str) -> list[RecipeLine]:
    """Return the lines of `new`, and where they stood those of `old` that it does not have.

    Lines are matched by difflib. Of what it would replace, lines that set the same key to another
    value are `changed`, the rest is `removed` and `added`.
    """
    before, after = list(_read(old)), list(_read(new))
    found: list[RecipeLine] = []
    for is_same, gone, come in _matched(before, after, [x.text for x in before + after]):
        found += come if is_same else _replaced(gone, come)
    return found


def count_differing_lines(old: str, new: str) -> int:
    """Return how many lines only one of two recipes has; cheap, and 0 of equal ones."""
    before, after = (Counter(one.splitlines()) for one in (old, new))
    return ((before - after) + (after - before)).total()


def _replaced(before: list[RecipeLine], after: list[RecipeLine]) -> Iterator[RecipeLine]:
    for is_same, gone, come in _matched(before, after, [_key(x) for x in before + after]):
        if is_same:
            for was, now in zip(gone, come, strict=True):
                yield RecipeLine("changed", now.text, now.path, now.value, was.value)
        else:
            yield from (RecipeLine("removed", one.text, one.path, one.value) for one in gone)
            yield from (RecipeLine("added", one.text, one.path, one.value) for one in come)


def _matched(
    before: list[RecipeLine], after: list[RecipeLine], by: list[str]
) -> Iterator[tuple[bool, list[RecipeLine], list[RecipeLine]]]:
    """Yield pieces of both and whether they are the same `by` the texts of all their lines."""
    matcher = SequenceMatcher(None, by[: len(before)], by[len(before) :], autojunk=False)
    for tag, i, j, first, end in matcher.get_opcodes():
        yield tag == "equal", before[i:j], after[first:end]


def _key(line: RecipeLine) -> str:
    """Return what a line sets, without to what; lines that set nothing are themselves."""
    return line.text.removesuffix(line.value) if line.value else line.text


def _read(text: str) -> Iterator[RecipeLine]:
    """Yield each line with the path of its key; an item of a list goes by its name, if it has one.

    It parses the YAML that podium writes (block style, two spaces a level); of any other text the
    worst result is a wrong path.
    """
    stack: list[tuple[int, str]] = []
    for number, line in enumerate(lines := text.splitlines()):
        found = _KEY.match(line)
        assert found is not None  # it matches the empty text
        indent, value = len(found["indent"]), (found["value"] or "").strip()
        stack = [one for one in stack if one[0] < indent]
        if found["item"]:
            stack.append((indent, f"[{_name_of_item(lines, number, indent)}]"))
            indent += 2
        if found["key"]:
            stack.append((indent, found["key"]))
        path = "".join(one if one.startswith("[") else f".{one}" for _, one in stack)
        yield RecipeLine("same", line, path.removeprefix("."), value)


def _name_of_item(lines: list[str], number: int, indent: int) -> str:
    """Return the name of the item that begins in a line, or its place in the list from 0."""
    name = re.fullmatch(r" *- name: (.*)", lines[number])
    if name:
        return name[1].strip("'\"")
    place, prefix = 0, " " * indent
    for line in reversed(lines[:number]):
        if line.startswith(f"{prefix}- "):
            place += 1
        elif not line.startswith(f"{prefix} "):
            break
    return str(place)


def without_defaults(recipe: str) -> Any:
    """Return the keys of a resolved recipe that are not as they are by default.

    A recipe of another version of podium, which cannot be read as one, is returned whole; one that
    is no YAML is empty.
    """
    try:
        document = load_plain_yaml(recipe)
    except yaml.YAMLError:
        return {}
    try:
        made = Recipe.model_validate(document)
    except (ValidationError, PodiumError, ValueError, TypeError):
        return document
    return made.model_dump(by_alias=True, mode="json", exclude_defaults=True)


def flat(document: Any, path: str = "") -> dict[str, str]:
    """Return the leaves of a document by their paths; an item goes by its name, if it has one.

    Example:
        >>> flat({"phases": [{"name": "all", "epochs": 4}], "seed": 0})
        {'phases[all].epochs': '4', 'seed': '0'}
    """
    if isinstance(document, dict) and document:
        found: dict[str, str] = {}
        for key, value in document.items():
            if key == "name" and path.endswith(f"[{value}]"):
                continue
            found |= flat(value, f"{path}.{key}" if path else str(key))
        return found or {path: "{}"}
    if isinstance(document, list) and any(isinstance(one, dict) for one in document):
        found = {}
        for number, one in enumerate(document):
            name = one.get("name", number) if isinstance(one, dict) else number
            found |= flat(one, f"{path}[{name}]")
        return found
    return {
        path: yaml.safe_dump(document, default_flow_style=True, width=1e6).split("\n...")[0].strip()
    }
