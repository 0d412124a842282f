"""What people answered when they were asked for labels: `labels/answers.jsonl`, which only grows.

A line is one answer: the image by id and content, the label in words, who gave it, when, and to
which request. The last line about an image counts. Answered images are of `data.unlabelled`; they
never come into `folds.csv`.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from podium.competition.images import contents
from podium.competition.samples import Split, load_samples
from podium.competition.spec import Competition
from podium.errors import DataError, some
from podium.workspace import json_lines
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "NOTHING",
    "Answer",
    "add_answers",
    "answer_of",
    "answered_samples",
    "image_contents",
    "near",
    "not_asked",
    "read_answers",
    "separator",
    "words_of",
    "written",
]

NOTHING = "(none)"
"""The answer that none of the classes is there (multilabel): an empty cell is no answer at all."""

_SEPARATORS = ("|", ";", "/", "\t")


@dataclass(frozen=True)
class Answer:
    """What one person said of one image.

    Attributes:
        id: of the image.
        image: sha256 of its content when it was asked about.
        label: the answer in words, as a cell has it.
        request: the id of the request; "" where the file did not say.
        who: gave the answer.
        when: in ISO text, UTC.
    """

    id: str
    image: str
    label: str
    request: str
    who: str
    when: str


def answers_file(workspace: Workspace) -> Path:
    """Return the file of all answers."""
    return workspace.labels / "answers.jsonl"


def read_answers(workspace: Workspace) -> dict[str, Answer]:
    """Return the answer that counts for each image, by id; {} where nobody was asked.

    Raises:
        DataError: a line is no answer.
    """
    names = [one.name for one in fields(Answer)]
    found: dict[str, Answer] = {}
    for line in json_lines.read(answers_file(workspace)):
        if set(names) - set(line):
            raise DataError(
                f"a line is no answer: {line}",
                where=answers_file(workspace),
                fix="restore the file from a copy, or take the line out",
            )
        answer = Answer(**{name: str(line[name]) for name in names})
        found[answer.id] = answer
    return found


def add_answers(workspace: Workspace, answers: Sequence[Answer]) -> None:
    """Add lines, all in one write; the caller holds `json_lines.growing(workspace.labels)`."""
    json_lines.append(answers_file(workspace), [asdict(one) for one in answers])


def answered_samples(
    workspace: Workspace, competition: Competition, progress: Progress = SILENT
) -> pd.DataFrame:
    """Return the samples of `data.unlabelled` that people answered, as `load_samples` returns them.

    `label` is the answer and `source` "label". An image that is no longer in `data.unlabelled` is
    left out. Where nobody was asked nothing is read, and the frame has no columns.

    Raises:
        DataError: an answered image is not the one that was shown, or an answer is no label of
            today's classes.
    """
    answers = read_answers(workspace)
    if not answers:
        return pd.DataFrame()
    samples = load_samples(competition, "unlabelled")
    samples = samples[samples["id"].isin(list(answers))].reset_index(drop=True)
    present = image_contents(workspace, competition, samples, progress)
    changed = [
        name
        for name, digest in zip(samples["id"], present, strict=True)
        if answers[name].image != digest
    ]
    if changed:
        raise DataError(
            f"{len(changed):,} images are not those that people labelled: {some(changed)}",
            where=answers_file(workspace),
            fix="put the images back; or label them as they are now in a table with the columns "
            "id and label, and write `podium label import FILE --replace`",
        )
    labels = _labels(workspace, competition, [answers[name] for name in samples["id"]])
    return samples.assign(label=pd.Series(labels, dtype=object), source="label")


def _labels(workspace: Workspace, competition: Competition, answers: list[Answer]) -> list[Any]:
    labels: list[Any] = []
    wrong: list[tuple[Answer, DataError]] = []
    for one in answers:
        try:
            labels.append(answer_of(competition, one.label))
        except DataError as error:
            wrong.append((one, error))
    if wrong:
        first = wrong[0][1]
        raise DataError(
            f"{len(wrong):,} answers are no label of today's competition.yaml, of "
            f"{some([one.id for one, _ in wrong])}: {first.message}",
            where=answers_file(workspace),
            fix=f"{first.fix}; write the labels as they are called today into a table with the "
            "columns id and label, and write `podium label import FILE --replace`",
        ) from first
    return labels


def not_asked(
    workspace: Workspace, competition: Competition, progress: Progress = SILENT
) -> dict[str, Split]:
    """Return the contents of images about which nobody is asked, and whose they are.

    They are those of test, and those of train that have a label; a copy may be unlabelled.

    Raises:
        DataError: samples cannot be read.
    """
    train = load_samples(competition, "train", workspace=workspace)
    parts: tuple[tuple[Split, pd.DataFrame], ...] = (
        ("train", train[train["label"].notna()]),
        ("test", load_samples(competition, "test", workspace=workspace)),
    )
    return {
        content: split
        for split, samples in parts
        for content in image_contents(workspace, competition, samples, progress)
    }


def image_contents(
    workspace: Workspace,
    competition: Competition,
    samples: pd.DataFrame,
    progress: Progress = SILENT,
) -> list[str]:
    """Return the sha256 of each sample's image, of all its files."""
    paths = [tuple(one) for one in samples["images"]]
    return contents(workspace, competition.root, paths, progress)


def separator(competition: Competition) -> str:
    """Return what stands between the classes of a multilabel answer: in no name of a class."""
    longer = ("|" * n for n in itertools.count(2))
    wanted = itertools.chain((competition.data.train.label_sep, *_SEPARATORS), longer)
    return next(one for one in wanted if not any(one in name for name in competition.classes))


def words_of(competition: Competition, label: Any) -> str:
    """Return a label, or a decision, in the words that `answer_of` reads."""
    if competition.kind == "regression":
        return f"{float(label):.9g}"  # as float32, in which it is learnt
    if competition.kind == "multilabel":
        named = [
            name for name, is_there in zip(competition.classes, label, strict=True) if is_there
        ]
        return separator(competition).join(named) or NOTHING
    if competition.open_set is not None and label == -1:
        return competition.open_set
    return competition.label_names[int(label)]


def answer_of(competition: Competition, text: str) -> Any:
    """Return the label that an answer in words says, as samples have labels.

    Spaces around a name do not count, unless the class has them.

    Raises:
        DataError: it is none; the fix names the classes that are written like it.
    """
    if competition.kind == "regression":
        return _number(text)
    names = competition.label_names
    if competition.kind == "multilabel":
        parts = [] if text.strip() == NOTHING else text.split(separator(competition))
        named = [written(part, names) for part in parts if part.strip()]
        if parts and not named:
            raise DataError(f"there is no class in {text!r}", fix=f"write {NOTHING} for none")
        for name in named:
            _require(name, names, text)
        return np.array([name in named for name in names], dtype=np.uint8)
    if competition.open_set is not None and text.strip() == competition.open_set:
        return -1
    name = written(text, names)
    _require(name, names, name)
    return names.index(name)


def near(name: str, names: Sequence[str], *, otherwise: str) -> str:
    """Return which of `names` are written like `name`, as advice; `otherwise` for none."""
    lower = {one.lower(): one for one in reversed(names)}
    found = difflib.get_close_matches(name.lower(), list(lower), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(lower[one] for one in found)}?" if found else otherwise


def written(text: str, names: Container[str]) -> str:
    """Return `text` as it stands among `names`: without spaces around it, unless the name has them.

    Example:
        >>> written(" cat ", ["cat"]), written(" led", [" led"])
        ('cat', ' led')
    """
    return text if text in names else text.strip()


def _require(name: str, names: Sequence[str], text: str) -> None:
    if name not in names:
        of = "" if name == text else f" in {text!r}"
        raise DataError(
            f"there is no class {name!r}{of}",
            fix=near(name, names, otherwise=f"the classes are {some(names, limit=20)}"),
        )


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise DataError(
            f"{text!r} is no number",
            fix="write one, with a point before its decimals, or leave the cell empty",
        )
    if abs(value) > np.finfo(np.float32).max:
        raise DataError(f"{text!r} is too large for a network (float32)", fix="mend the number")
    return value
