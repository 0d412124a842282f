"""Answers of a file that any host takes, and that are likely a mistake.

As labels and masks that train never has in one row: a mask of a part that is called sound. A host
may refuse such a row, or score it 0; each of its cells is right by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from podium.competition.checks.mask_facts import read_mask_facts
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import PodiumError, TextError, plural, some
from podium.submissions.format.answers_alike import answers_alike
from podium.submissions.format.mask_sizes import sizes_of_test
from podium.submissions.format.problems import Problem, Problems
from podium.submissions.format.reading import lines_of, read_body
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.submissions.values import label_value
from podium.tasks.protocols.needs import are_decisions
from podium.workflows.submission.numbers_beyond_train import numbers_beyond_train
from podium.workspace.layout import Workspace

__all__ = ["odd_answers", "rows_unlike_train"]


def odd_answers(workspace: Workspace, competition: Competition, file: Path) -> list[Problem]:
    """Return warnings of answers that are unlike train, or alike in all rows.

    Args:
        workspace: its cache keeps what is read of train.
        competition: has train and the format.
        file: a submission; lines that cannot be read are left out.
    """
    return [
        *rows_unlike_train(workspace, competition, file),
        *numbers_beyond_train(workspace, competition, file),
        *answers_alike(file, competition),
    ]


LEAST_ROWS = 10
"""Rows of a class in train; fewer prove no rule."""
_LONGEST_CLASS = 1_000_000  # bytes, as `LabelChecker` has it


def rows_unlike_train(workspace: Workspace, competition: Competition, file: Path) -> list[Problem]:
    """Return a warning for each class that has masks in `file` and none in train, or the reverse.

    That is where each row of a file holds a class and a mask, and a class has 10 rows of train or
    more, all with a mask or all without one.

    Args:
        workspace: its cache keeps what is read of the masks of train.
        competition: has train and the format.
        file: a submission in that format.
    """
    try:
        form = format_of(competition)
        answers = _class_and_mask(form)
        rules = {} if answers is None else _rules(workspace, competition)
        if answers is None or not rules:
            return []
        longest = sizes_of_test(competition).longest() + _LONGEST_CLASS
        found = _offenders(file, form, *answers, rules, longest=longest)
    except PodiumError:
        return []  # of train or of the format; `podium check` reports it
    return [_problem(name, rules[index], rows) for index, (name, rows) in sorted(found.items())]


@dataclass(frozen=True)
class _Rule:
    """That all rows of a class have a mask in train, or that none has."""

    has_mask: bool
    n_rows: int


def _class_and_mask(form: SubmissionFormat) -> tuple[SubmissionFormat, SubmissionFormat] | None:
    """Return the formats of the class and of the mask of a row; None where it has others."""
    if len(form.parts) != 2 or form.rows != "image" or form.file.kind != "csv":
        return None
    masks = [one for one in form.parts if one.kind.is_of_pixels and not one.kind.finds_objects]
    labels = [one for one in form.parts if not one.kind.is_of_pixels and one.kind.is_counted]
    if len(masks) != 1 or len(labels) != 1 or labels[0].wide:
        return None
    if not are_decisions(label_value(labels[0]).source(labels[0])):
        return None
    return labels[0], masks[0]


def _rules(workspace: Workspace, competition: Competition) -> dict[int, _Rule]:
    """Return the rule of each class of train that has one."""
    samples = load_samples(competition, "train", workspace=workspace)
    facts = read_mask_facts(workspace, competition, samples)
    is_known = samples["label"].notna().to_numpy() & facts.present
    labels = samples["label"].to_numpy()[is_known].astype(np.int64)
    has_mask = np.asarray(facts.has_class[is_known].any(axis=1))
    rules = {}
    for index in np.unique(labels).tolist():
        of_class = has_mask[labels == index]
        n_with = int(np.count_nonzero(of_class))
        if len(of_class) >= LEAST_ROWS and n_with in (0, len(of_class)):
            rules[index] = _Rule(n_with > 0, len(of_class))
    return rules


def _offenders(
    file: Path,
    form: SubmissionFormat,
    label: SubmissionFormat,
    mask: SubmissionFormat,
    rules: dict[int, _Rule],
    *,
    longest: int,
) -> dict[int, tuple[str, list[tuple[str, int]]]]:
    """Return the classes whose rule is broken, by index: as cells name them, and their rows."""
    at_label, at_mask = (form.header.index(one.answer_names[0]) for one in (label, mask))
    parse = label_value(label).parser(label)
    found: dict[int, tuple[str, list[tuple[str, int]]]] = {}
    lines = read_body(file, form, Problems(), longest=longest)
    for line in lines_of(lines):
        try:
            index = int(parse(line.cells[at_label]))
        except (TextError, ValueError):
            continue  # no class of ours, which is an error of its own
        rule = rules.get(index)
        if rule is not None and rule.has_mask is (line.cells[at_mask] == mask.empty):
            rows = found.setdefault(index, (line.cells[at_label], []))[1]
            rows.append((form.key(line.cells), line.number))
    return found


def _problem(name: str, rule: _Rule, rows: list[tuple[str, int]]) -> Problem:
    n = len(rows)
    have = (
        f"1 row of {name!r} has"
        if n == 1
        else f"{plural(n, 'row')} of {name!r} {'has' if n == 1 else 'have'}"
    )
    if rule.has_mask:
        fix = "write a mask or another class there, unless the competition's page allows it"
        what = f"{have} no mask, and each of the {rule.n_rows:,} of train has one"
    else:
        fix = "leave the mask empty or write another class there: a host may refuse both together"
        what = f"{have} a mask, and none of the {rule.n_rows:,} of train has one"
    return Problem(rows[0][1], f"{what}: {some(key for key, _ in rows)}", fix, "warning")
