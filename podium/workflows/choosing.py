"""Answers to what the data leave open, and other values of `competition.yaml`: `podium choose`.

`podium init` writes the reading that it prefers, the other ones below it as comments, and the key
into `to_choose`. An answer takes one of them: the key's value is changed, its other readings and
its name in `to_choose` go, and all else of the file is kept to the letter.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podium.competition import metrics
from podium.competition.checks import Finding
from podium.competition.checks.data import check_made_folds
from podium.competition.checks.name_groups import WITH_GROUPS
from podium.competition.data_folder import data_folder
from podium.competition.infer.to_yaml.commented import other_readings
from podium.competition.sections.tasks import MetricSpec
from podium.competition.spec import Competition, FoldScheme, load_competition
from podium.errors import DataError, PodiumError, UsageError
from podium.workflows.checking import check_before_writing
from podium.workflows.open_questions import (
    Question,
    first_open_keys,
    keep_numbers,
    questions_in,
    read_with_text,
)
from podium.workspace.atomic import write_text
from podium.workspace.documents import read_document
from podium.workspace.layout import Workspace
from podium.workspace.marked_yaml import (
    lines_behind,
    parse_yaml,
    plain_value,
    value_at,
    yaml_comment,
    yaml_text,
    yaml_with_values,
    yaml_without_comment,
    yaml_without_key,
)

__all__ = ["Answer", "answer", "faults_left", "other_folds"]

_WITHOUT_GROUPS: dict[FoldScheme, FoldScheme] = {
    "stratified_group": "stratified",
    "group": "stratified",
}
_GUESS = re.compile(r" guessed, | is not sure: ")
_IN_WORDS = re.compile(r"<.+>")
"""A reading that says what is to be written, as the classes from the lowest to the highest."""


@dataclass(frozen=True)
class Answer:
    """A value that was written for a key, and why, where nobody named it.

    With `is_left_out` the key is taken out of the file, as an option that another metric lacks.
    """

    key: str
    value: Any
    why: str = ""
    is_left_out: bool = False


def answer(workspace: Workspace, given: Sequence[str], *, keep: bool = False) -> list[Answer]:
    """Write values of `competition.yaml`, and return them; nothing is written where one is wrong.

    Args:
        workspace: whose file it is.
        given: names of readings, as `2b`, or values of any key, as `folds.n=10`, in YAML.
        keep: each question that is left keeps what stands in the file.

    Raises:
        UsageError: there is no such reading, or a key is given twice.
        DataError: the file cannot be read, or a value is none that its key can have, or one that
            `podium check` would refuse.
    """
    _refuse_blanks(given)
    _refuse_unquoted(given)
    competition, text, document = read_with_text(workspace)
    before = first_open_keys(workspace)
    questions = questions_in(competition.to_choose, text, document, before)
    chosen: dict[str, Answer] = {}
    for key, value in (_parse(one, questions, before) for one in given):
        if key in chosen:
            raise UsageError(f"{key} is answered twice", fix="give one value for it")
        chosen[key] = Answer(key, value)
    for one in (*_linked(questions, chosen), *(_kept(questions) if keep else ())):
        chosen.setdefault(one.key, one)
    for one in _scheme_of(chosen, competition.folds.scheme):
        chosen.setdefault(one.key, one)
    for one in _options_of_metric(chosen, document):
        chosen.setdefault(one.key, one)
    if not chosen:
        return []
    left = [key for key in competition.to_choose if key not in chosen]
    try:
        wanted = _require_valid(workspace, chosen.values(), left)
        if not left:  # else the answer to the others may be what is missing
            _refuse_faults(workspace, competition, wanted)
    except DataError as error:
        if way := _init_of_label(competition, chosen.get(_LABEL), error.message):
            raise DataError(error.message, where=error.where, fix=way) from error
        raise
    try:
        changed = _with_answers(text, document, chosen.values(), left)
    except ValueError as error:
        raise DataError(
            str(error), where=workspace.competition_file, fix="write it by hand, in a text editor"
        ) from error
    write_text(workspace.competition_file, changed)
    keep_numbers(workspace, competition.to_choose, left)
    return list(chosen.values())


_LABEL = "data.train.label"
_TEMPLATE = re.compile(r"[^'\"\[:]*\{\w+\}[^:]*")
"""as {id} or train/{folder}/*.jpg, which is no mapping of YAML"""


def _init_of_label(competition: Competition, wanted: Answer | None, message: str) -> str:
    """Return the command that takes other columns of labels, with the task and the classes of them.

    "" where no label is wanted, or where one column is that the data have not: another is meant.
    """
    if wanted is None:
        return ""
    names = wanted.value if isinstance(wanted.value, list) else str(wanted.value).split(",")
    if len(names) == 1 and "there is no column" in message:
        return ""
    data = data_folder(competition)
    command = ["podium", "init", "DATA" if data is None else str(data), "--force", "--label"]
    several = ",".join(str(one).strip() for one in names)
    return f"{shlex.join([*command, several])} writes it, with the task and classes that go with it"


def _refuse_blanks(given: Sequence[str]) -> None:
    """Raise where blanks around = make several words of one KEY=VALUE."""
    for n, word in enumerate(given):
        is_split = word.startswith("=") or (
            word.endswith("=") and n + 1 < len(given) and "=" not in given[n + 1]
        )
        if is_split:
            meant = re.sub(r"\s*=\s*", "=", " ".join(given))
            raise UsageError(
                f"{' '.join(given)!r} has blanks around =",
                fix=f"write it without blanks: podium choose {shlex.join(meant.split())}",
            )


def _refuse_unquoted(given: Sequence[str]) -> None:
    """Raise where the shell made several words of a list or mapping, as it had no quotes."""
    for first, word in enumerate(given):
        key, _, value = word.partition("=")
        is_whole = not parse_yaml(value, "")[1]
        if is_whole or not value.startswith(("{", "[")):
            continue
        for end in range(first + 2, len(given) + 1):
            meant = " ".join(given[first:end])
            if not parse_yaml(meant.removeprefix(f"{key}="), "")[1]:
                raise UsageError(
                    f"{word!r} is the beginning of a value with blanks",
                    fix="put quotes around the whole: podium choose "
                    + shlex.join([*given[:first], meant, *given[end:]]),
                )


def _parse(given: str, questions: Sequence[Question], before: Sequence[str]) -> tuple[str, Any]:
    """Return the key and the value that are meant.

    Args:
        given: the name of a reading, or KEY=VALUE.
        questions: that are open.
        before: the keys of those that were open before the first answer.
    """
    key, sign, value = given.partition("=")
    if sign and key.strip() and _TEMPLATE.fullmatch(value):
        return key.strip(), value
    if sign:
        marked, problems = parse_yaml(value, "")
        if problems or not key.strip():
            raise UsageError(
                f"{given!r} is no KEY=VALUE",
                fix="the value is YAML, as in podium choose 'classes=[cat, dog]', with the quotes",
            )
        return key.strip(), None if marked is None else plain_value(marked)
    readings = {one.name: (each.key, one.value) for each in questions for one in each.readings}
    if given in readings:
        found, value = readings[given]
        if isinstance(value, str) and _IN_WORDS.fullmatch(value):
            raise UsageError(
                f"{given} is {value[1:-1]}, which only a person can write",
                fix=f"podium choose {found}=VALUE, with all of it",
            )
        return found, value
    keys = [each.key for each in questions]
    if given in keys:
        names = [one.name for one in questions[keys.index(given)].readings]
        raise UsageError(f"{given} needs a value", fix=f"{' or '.join(names)}, or {given}=VALUE")
    known, fix = "no question is open", "give a key, as folds.n=10"
    if readings:
        known, fix = f"the readings are {', '.join(readings)}", f"choose one of these, or {fix}"
    number = re.match(r"\d+", given)
    answered = dict(enumerate(before, 1)).get(int(number[0])) if number else None
    if answered is not None and answered not in keys:
        raise UsageError(
            f"{given} is of {answered}, which is answered",
            fix=f"to answer it otherwise: podium choose {answered}=VALUE",
        )
    raise UsageError(f"there is no reading {given!r}: {known}", fix=fix)


def _linked(questions: Sequence[Question], chosen: Mapping[str, Answer]) -> Iterator[Answer]:
    """Yield the answers that follow: readings of the same evidence are taken, or left, together."""
    taken, refused = dict[str, str](), dict[str, str]()
    for each in questions:
        if each.key in chosen:
            for one in each.readings[1:]:
                is_taken = one.value == chosen[each.key].value
                (taken if is_taken else refused).setdefault(one.why, each.key)
    for each in questions:
        others = each.readings[1:]
        if each.key in chosen or not others:
            continue
        with_it = [one for one in others if one.why and one.why in taken]
        if with_it:
            yield Answer(each.key, with_it[0].value, f"goes with {taken[with_it[0].why]}")
        elif all(one.why and one.why in refused for one in others):
            why = f"stays, as the other goes with one of {refused[others[0].why]}"
            yield Answer(each.key, each.readings[0].value, why)


def _kept(questions: Sequence[Question]) -> Iterator[Answer]:
    return (Answer(each.key, each.readings[0].value, "kept") for each in questions)


def _scheme_of(chosen: Mapping[str, Answer], now: FoldScheme) -> Iterator[Answer]:
    """Yield the scheme of folds that keeps a chosen group together, or has none."""
    if "folds.group" not in chosen:
        return
    has_group = chosen["folds.group"].value is not None
    wanted = (WITH_GROUPS if has_group else _WITHOUT_GROUPS).get(now, now)
    if wanted != now:
        yield Answer("folds.scheme", wanted, "goes with folds.group")


def _options_of_metric(
    chosen: Mapping[str, Answer], document: Mapping[str, Any]
) -> Iterator[Answer]:
    """Yield what becomes of the options that stand there where another metric is chosen.

    Those that it lacks are left out. Those that it has stay, with a word: by default they may be
    others there.
    """
    new, now = chosen.get("metric.name"), document.get("metric")
    if new is None or not isinstance(now, dict) or new.value == now.get("name"):
        return
    try:
        options = metrics.get(str(new.value)).options
    except PodiumError:  # who reads the file tells it; or it is one of the workspace's own
        return
    for name, value in now.items():
        if name in MetricSpec.model_fields:
            continue
        if name not in options:
            why = f"{new.value} has no such option"
            yield Answer(f"metric.{name}", None, why, is_left_out=True)
        elif value != options[name]:
            default = yaml_text(options[name])
            yield Answer(f"metric.{name}", value, f"stays; {new.value} has {default} by default")


def _require_valid(
    workspace: Workspace, answers: Collection[Answer], left: Sequence[str]
) -> Competition:
    """Return the competition with these values; raise where the file would be wrong with them."""
    try:
        return _read_with(workspace, answers, left)
    except PodiumError as error:
        where = None if error.where is None else error.where.removeprefix("-o ")
        fix = _choose_list(workspace, answers, left, error.message) or error.fix
        raise DataError(error.message.replace("-o ", ""), where=where, fix=fix) from None


def _read_with(
    workspace: Workspace, answers: Collection[Answer], left: Sequence[str]
) -> Competition:
    overrides = [f"{one.key}={yaml_text(one.value)}" for one in answers if not one.is_left_out]
    if gone := {one.key.removeprefix("metric.") for one in answers if one.is_left_out}:
        metric = read_with_text(workspace)[2]["metric"]
        kept = {name: value for name, value in metric.items() if name not in gone}
        overrides.insert(0, f"metric={yaml_text(kept)}")
    return read_document(
        workspace.competition_file,
        Competition,
        error=DataError,
        overrides=[*overrides, f"to_choose={yaml_text(list(left))}"],
        context={"root": workspace.root},
    ).at(workspace.root)


def _choose_list(
    workspace: Workspace, answers: Collection[Answer], left: Sequence[str], message: str
) -> str:
    """Return the command that gives a value as a list, where a message asks for one; else ""."""
    one = next((one for one in answers if f"{one.key} must be a list" in message), None)
    if one is None or isinstance(one.value, list | dict):
        return ""
    wanted = [one.value]
    if isinstance(one.value, str):
        wanted = [each.strip() for each in one.value.split(",")]
    else:
        try:
            _read_with(workspace, [Answer(one.key, wanted)], left)
        except PodiumError:
            wanted = [str(one.value)]  # an id of digits
    text = f"{one.key}={json.dumps(wanted, ensure_ascii=False)}"
    return f"podium choose {shlex.quote(text)}"


def _refuse_faults(workspace: Workspace, now: Competition, wanted: Competition) -> None:
    """Raise where `podium check` finds a fault in the wanted competition, which is none of now."""
    found = check_before_writing(workspace, wanted)
    known = {one.title for one in check_before_writing(workspace, now)} if found else set[str]()
    faults = [one for one in found if one.title not in known]
    if faults:
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        raise DataError(
            f"nothing is written, as podium check would refuse it: {faults[0].title}{more}: "
            f"{faults[0].detail}",
            fix=f"{faults[0].fix} (several values at once: podium choose KEY=VALUE KEY=VALUE)",
        )


def faults_left(workspace: Workspace) -> list[Finding]:
    """Return what `podium check` would stop at in `competition.yaml`, of what is quickly seen."""
    return check_before_writing(workspace, load_competition(workspace.competition_file))


def other_folds(workspace: Workspace, answers: Sequence[Answer]) -> list[Finding]:
    """Return what `podium check` finds of `folds.csv` where answers changed how folds are made."""
    if not any(one.key.partition(".")[0] == "folds" for one in answers):
        return []
    return check_made_folds(workspace, load_competition(workspace.competition_file))


def _with_answers(
    text: str,
    document: Mapping[str, Any],
    answers: Collection[Answer],
    left: Sequence[str],
) -> str:
    """Return the text with answers, without the other readings of their keys.

    Args:
        text, document: of `competition.yaml`.
        answers: to be written.
        left: keys that are still to be chosen.
    """
    values = {tuple(one.key.split(".")): one.value for one in answers if not one.is_left_out}
    for steps, value in values.items():
        behind = lines_behind(text, steps)
        _, n = other_readings(behind, steps[-1])
        text = text[: len(text) - len("".join(behind))] + "".join(behind[n:])
        is_other = n and value != value_at(document, steps)
        # The comment is evidence of what stood there, or marks it as a guess, which it is no more.
        if is_other or _GUESS.search(yaml_comment(text, steps)):
            text = yaml_without_comment(text, steps)
        for name in value if isinstance(value, dict) else ():
            if _GUESS.search(yaml_comment(text, (*steps, name))):
                text = yaml_without_comment(text, (*steps, name))
    for steps, value in values.items():
        text = _with_value(text, document, steps, value)
    for one in answers:
        if one.is_left_out:
            text = _without_key(text, tuple(one.key.split(".")))
    if left:
        return yaml_with_values(text, {("to_choose",): list(left)})
    return yaml_without_key(text, ("to_choose",))


def _without_key(text: str, steps: tuple[str, ...]) -> str:
    """Return the text without a key, also of a mapping in braces."""
    text = yaml_without_key(text, steps)
    marked, _ = parse_yaml(text, "")
    section = value_at(None if marked is None else plain_value(marked), steps[:-1])
    if not (isinstance(section, dict) and steps[-1] in section):
        return text
    kept = {name: value for name, value in section.items() if name != steps[-1]}
    return yaml_with_values(text, {steps[:-1]: kept})


def _with_value(text: str, document: Mapping[str, Any], steps: tuple[str, ...], value: Any) -> str:
    """Return the text with one value; those of a mapping among comments are set one by one."""
    now = value_at(document, steps)
    if not (isinstance(value, dict) and isinstance(now, dict)):
        return yaml_with_values(text, {steps: value})
    try:
        return yaml_with_values(text, {steps: value})
    except ValueError:  # comments stand among its lines
        changed = yaml_with_values(text, {(*steps, name): one for name, one in value.items()})
        for name in now.keys() - value.keys():
            changed = yaml_without_key(changed, (*steps, name))
        return changed
