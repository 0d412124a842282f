"""What the data leave open: the keys of `to_choose` with their readings, as the file has them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from podium.competition.infer.to_yaml.commented import other_readings
from podium.competition.sections.data import RleSpec
from podium.competition.spec import Competition, load_competition
from podium.workspace.atomic import write_json
from podium.workspace.layout import Workspace
from podium.workspace.marked_yaml import (
    lines_behind,
    parse_yaml,
    plain_value,
    value_at,
    yaml_comment,
)

__all__ = [
    "KeyReading",
    "Question",
    "first_open_keys",
    "keep_numbers",
    "open_questions",
    "questions_in",
    "read_with_text",
]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class KeyReading:
    """One value that a key may have.

    Attributes:
        name: by which it is chosen, as `2b`; `2a` is the value that stands in the file.
        value: as the file has it.
        why: the evidence; of `2a` the comment of the key.
        goes_with: names of readings of other questions with the same evidence: chosen together.
    """

    name: str
    value: Any
    why: str = ""
    goes_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A key that several readings of the data fit: the first one stands in the file.

    `terms` says what the parts mean in which readings of runs differ: nothing else in the list
    does, and the comment of the key stands in the file alone.
    """

    key: str
    readings: tuple[KeyReading, ...]
    terms: Mapping[str, str] = field(default_factory=dict)


def open_questions(workspace: Workspace) -> list[Question]:
    """Return the keys of `to_choose` with their readings, as `competition.yaml` has them.

    Raises:
        DataError: there is no such file, or it cannot be read.
    """
    competition, text, document = read_with_text(workspace)
    return questions_in(competition.to_choose, text, document, first_open_keys(workspace))


def questions_in(
    keys: Sequence[str], text: str, document: Mapping[str, Any], before: Sequence[str] = ()
) -> list[Question]:
    """Return keys with their readings, as the text of `competition.yaml` has them.

    A reading of `tasks` without the one that is scored is none: nothing could be sent.

    Args:
        keys: that are open.
        text, document: of `competition.yaml`.
        before: the open keys before some were answered: the others keep their numbers.
    """
    numbered = list(before) if {*keys} <= {*before} else list(keys)
    found: list[tuple[str, list[tuple[Any, str]]]] = []
    for key in keys:
        steps = key.split(".")
        others, _ = other_readings(lines_behind(text, steps), steps[-1])
        scored = value_at(document, ("metric", "task")) if key == "tasks" else None
        others = [one for one in others if scored is None or scored in one[0]]
        stands = value_at(document, steps), yaml_comment(text, steps)
        found.append((key, [stands, *others]))
    questions = [
        Question(
            key,
            tuple(
                KeyReading(f"{numbered.index(key) + 1}{letter}", value, why)
                for letter, (value, why) in zip(_LETTERS, readings, strict=False)
            ),
            _terms(key, [value for value, _ in readings]),
        )
        for key, readings in found
    ]
    names: dict[str, list[str]] = {}
    for reading in (one for each in questions for one in each.readings[1:] if one.why):
        names.setdefault(reading.why, []).append(reading.name)
    return [
        replace(each, readings=tuple(_with_others(one, names) for one in each.readings))
        for each in questions
    ]


_OF_RUNS = ("rle", "mask_codec")


def _terms(key: str, values: Sequence[Any]) -> dict[str, str]:
    """Return what the parts mean in which ways to count runs differ; nothing of other keys."""
    if key.rpartition(".")[2] not in _OF_RUNS or not all(isinstance(one, dict) for one in values):
        return {}
    names = dict.fromkeys(name for one in values for name in one)
    return {
        name: str(RleSpec.model_fields[name].description)
        for name in names
        if name in RleSpec.model_fields
        and any(one.get(name) != values[0].get(name) for one in values)
    }


def first_open_keys(workspace: Workspace) -> list[str]:
    """Return the keys that were open before the first answer, in their order; [] without one."""
    try:
        found = json.loads(workspace.questions.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [str(one) for one in found] if isinstance(found, list) else []


def keep_numbers(workspace: Workspace, asked: Sequence[str], left: Sequence[str]) -> None:
    """Keep the order of the open keys, by which the rest is counted after an answer.

    Args:
        workspace: whose they are.
        asked: the keys that were open before the answer.
        left: those that are open now; without one the order is forgotten.
    """
    before = first_open_keys(workspace)
    if not left:
        workspace.questions.unlink(missing_ok=True)
    elif not {*asked} <= {*before}:
        workspace.questions.parent.mkdir(parents=True, exist_ok=True)
        write_json(workspace.questions, list(asked))


def _with_others(reading: KeyReading, names: Mapping[str, Sequence[str]]) -> KeyReading:
    """Return a reading with the names of those that have the same evidence."""
    others = tuple(one for one in names.get(reading.why, ()) if one != reading.name)
    return replace(reading, goes_with=others)


def read_with_text(workspace: Workspace) -> tuple[Competition, str, dict[str, Any]]:
    """Return the competition, the text of `competition.yaml`, and what this holds."""
    competition = load_competition(workspace.competition_file)
    text = workspace.competition_file.read_text(encoding="utf-8")
    marked, _ = parse_yaml(text, "")
    assert marked is not None
    return competition, text, plain_value(marked)
