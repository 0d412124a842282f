"""The schema of imported predictions: columns by name, values by kind of task."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from podium.competition.sections.submission import answer_columns
from podium.competition.spec import Competition
from podium.errors import DataError, UsageError, either, plural, some
from podium.tasks.protocols.find import find_part
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import TaskName, is_of_images

__all__ = ["ImportSchema", "Imports", "imports_of"]

SUM_TOLERANCE = 0.01
"""Largest |sum - 1| of a multiclass row: fifty classes of four decimals are 0.0025 off."""
_SLACK = 1e-6
_ALONE = (
    "probability", "probabilities", "prob", "probs", "p", "prediction", "predictions", "pred",
    "preds", "oof", "oof_pred", "oof_preds", "score", "logit", "logits", "y_pred", "value",
)  # fmt: skip
_PREFIX = re.compile(
    r"^(probability|probs?|predictions?|preds?|oof|class|logits?|scores?|p|c)[ _.-]?", re.IGNORECASE
)

Values = NDArray[np.floating[Any]]


class Imports(Protocol):
    """The module `imports` of a kind."""

    def channels(self, competition: Competition) -> tuple[str, ...]:
        """Return the names of the C outputs, in the order in which they are kept."""

    def widths(self, n_channels: int) -> tuple[int, ...]:
        """Return how many columns a row may have; where 1 is one of them, a lone one may be."""

    def outputs(self, values: NDArray[np.float64], *, logits: bool) -> NDArray[np.float64]:
        """Return values `(n, k)`, k one of `widths`, as `(n, C)`; logits stay logits."""


def imports_of(kind: Kind) -> Imports:
    """Return the import facts of a kind."""
    return cast(Imports, find_part(kind, "imports"))


@dataclass(frozen=True)
class ImportSchema:
    """The values that a task expects: their columns, kind and range.

    Attributes:
        task, kind: as the competition has them.
        channels: names of the C columns, in the order in which they are kept.
        logits: whether values are taken as logits, and become probabilities here.
        tolerance: how far the sum over the channels of a multiclass task may be from 1.
        ratings: of an ordinal task, the names of its classes from rating 0 on. A row may have a
            probability of each: its rating is then their mean.
        answers: columns of the competition's own tables and files that hold the answer: in a file
            of predictions that of a lone number may be called so.
        file_ids: columns of the file to send that hold ids.
    """

    task: TaskName
    kind: Kind
    channels: tuple[str, ...]
    logits: bool = False
    tolerance: float = SUM_TOLERANCE
    ratings: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    file_ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, competition: Competition, task: TaskName, *, logits: bool = False) -> ImportSchema:
        """Return the values that `competition` expects for predictions of `task`.

        Raises:
            UsageError: there is no such task, or logits of a number are requested.
        """
        if task not in competition.tasks:
            what = "labels" if is_of_images(task) else "masks"
            raise UsageError(
                f"this competition has no {what}: its task is {' and '.join(competition.tasks)}",
                where=competition.root / "competition.yaml",
            )
        kind = competition.kind_of(task)
        ratings = tuple(competition.classes) if kind.is_ordered else ()
        if logits and not kind.is_prob and not ratings:
            raise UsageError(f"{kind.named} task has no logits", fix="leave --logits out")
        return cls(
            task,
            kind,
            imports_of(kind).channels(competition),
            logits,
            ratings=ratings,
            answers=_answer_columns(competition, task),
            file_ids=tuple(
                name for name, value in competition.submission.columns.items() if value == "id"
            ),
        )

    @property
    def n_channels(self) -> int:
        return len(self.channels)

    @property
    def widths(self) -> tuple[int, ...]:
        """How many columns a row may have."""
        of_ratings = (len(self.ratings),) if self.ratings else ()
        return tuple(imports_of(self.kind).widths(self.n_channels)) + of_ratings

    def columns(self, header: Sequence[str], where: object) -> list[int]:
        """Return where each channel stands among the columns `header`, `(C,)`.

        They have the names of the classes, or their numbers from 0; all may have a word before it
        (`prob_cat`). A task of one number, or that takes one, takes `probability` and the like.

        Raises:
            DataError: a class has no column, or there are several that could be meant.
        """
        names = self.ratings or self.channels
        if len(names) > 1:
            numbers = [str(i) for i in range(len(names))]
            for named in (list(header), [_PREFIX.sub("", one) for one in header]):
                for expected in (list(names), numbers):
                    at = [_only(named, one) for one in expected]
                    if None not in at:
                        return [one for one in at if one is not None]
        if 1 in self.widths:
            return [self._alone(header, where)]
        missing = [one for one in self.channels if one not in header]
        raise DataError(
            f"no column for {len(missing)} of {either(self.n_channels, 'class', 'classes')}: "
            f"{some(missing)}; the columns are "
            f"{some(header, 8)}",
            where=where,
            fix="name a column for each class of competition.yaml, or number them from 0",
        )

    def _alone(self, header: Sequence[str], where: object) -> int:
        lowered = [one.lower() for one in header]
        positive = self.channels[0]
        likely = [i for i, one in enumerate(lowered) if one in _ALONE]
        if not likely and self.kind.is_yes_no:
            stripped = [_PREFIX.sub("", one) for one in header]
            # Of classes '1' and '2' the column "1" is that of no.
            name = positive if positive in stripped else "1"
            likely = [i for i, one in enumerate(stripped) if one == name]
        if not likely:
            likely = [i for i, one in enumerate(header) if one in self.answers]
        if len(likely) == 1:
            return likely[0]
        what = "more than one column could be" if likely else "no column is"
        fix = "name one column `prediction`" if self.ratings else "name one column `probability`"
        if self.ratings:
            fix += f", or a column of probabilities for each of {some(self.ratings)}"
        if self.kind.is_yes_no:
            fix += f", that of {positive!r}"
        if self.n_channels > 1:
            fix = f"name one column `prediction`, or one each {' and '.join(self.channels)}"
        raise DataError(
            f"{what} the prediction; the columns are {some(header, 8)}", where=where, fix=fix
        )

    def checked(self, values: Values, row: Callable[[int], str], where: object) -> Values:
        """Return `(n, C)` float64 probabilities, those of a multiclass row summing to 1.

        Numbers of a regression stay as they are. Ratings are kept in bounds, as those of networks
        are: beyond the last class there is none to decide. Of a probability for each class the
        rating is the expected one.

        Args:
            values: `(n, k)` as they were given, k one of `widths`.
            row: returns the place of a row in the file, from its number.
            where: the file.

        Raises:
            DataError: a value is not finite or no probability, or a row does not sum to 1.
        """
        given = np.asarray(values, dtype=np.float64)
        is_by_rating = bool(self.ratings) and given.shape[-1] > 1
        probs = given if is_by_rating else imports_of(self.kind).outputs(given, logits=self.logits)
        self._refuse(~np.isfinite(probs), probs, "no finite number", row, where)
        if is_by_rating:
            return self._probabilities(probs, row, where) @ np.arange(len(self.ratings))[:, None]
        if self.ratings and self.logits:
            raise UsageError("a rating has no logits", where=where, fix="leave --logits out")
        if self.ratings:
            return probs.clip(0, len(self.ratings) - 1)
        return self._probabilities(probs, row, where) if self.kind.is_prob else probs

    def _probabilities(
        self, probs: NDArray[np.float64], row: Callable[[int], str], where: object
    ) -> NDArray[np.float64]:
        """Return what is given as probabilities, those of exclusive classes summing to 1."""
        is_exclusive = self.kind.is_exclusive or bool(self.ratings)
        if self.logits:
            return _of_logits(probs, is_exclusive=is_exclusive)
        self._refuse(
            (probs < -_SLACK) | (probs > 1 + _SLACK),
            probs,
            "no probability",
            row,
            where,
            _fix_of_other_scale(probs, is_exclusive=is_exclusive),
        )
        probs = probs.clip(0, 1)
        if not is_exclusive:
            return probs
        sums = probs.sum(axis=-1)
        off = np.flatnonzero(np.abs(sums - 1) > self.tolerance)
        if off.size:
            i = int(off[0])
            raise DataError(
                f"the probabilities of {row(i)} sum to {sums[i]:.4g}, not 1 "
                f"({plural(len(off), 'such row')})",
                where=where,
                fix="give the probabilities after the softmax; if they are logits, pass --logits",
            )
        return np.asarray(probs / sums[..., None])

    def _refuse(
        self,
        bad: NDArray[np.bool_],
        probs: NDArray[np.float64],
        what: str,
        row: Callable[[int], str],
        where: object,
        fix: str = "mend these rows: predict them again",
    ) -> None:
        if not bad.any():
            return
        i, c = (int(one[0]) for one in np.nonzero(bad))
        names = self.channels if probs.shape[-1] == self.n_channels else self.ratings
        raise DataError(
            f"{row(i)}, column {names[c]!r}: {probs[i, c]:g} is {what} "
            f"({int(bad.any(axis=1).sum())} such rows)",
            where=where,
            fix=fix,
        )


def _answer_columns(competition: Competition, task: TaskName) -> tuple[str, ...]:
    """Return what the label is called in the train table, and the answer in the file to send."""
    if not is_of_images(task):
        return ()
    label, sent = competition.data.train.label, competition.submission
    listed = answer_columns(sent)
    named = (
        [one.name for one in listed if one.is_answer and one.task in (None, task)]
        if listed
        else [name for name, value in sent.columns.items() if value == "value"]
    )
    return tuple(dict.fromkeys([*([label] if isinstance(label, str) else []), *named]))


def _only(names: Sequence[str], name: str) -> int | None:
    at = [i for i, one in enumerate(names) if one == name]
    return at[0] if len(at) == 1 else None


def _fix_of_other_scale(values: NDArray[np.float64], *, is_exclusive: bool) -> str:
    """Return what to do with values that are no probabilities: percentages are divided by 100."""
    is_percent = (values >= 0).all() and (values <= 100).all() and (values > 1).sum() > 1
    if not is_percent:
        return "give probabilities in [0, 1]; if these are logits, pass --logits"
    if is_exclusive and (np.abs(values.sum(axis=-1) - 100) <= 100 * SUM_TOLERANCE).all():
        return "these are percentages, whose rows sum to 100: divide them by 100"
    return (
        "give probabilities in [0, 1]: divide percentages by 100; if these are logits, pass "
        "--logits"
    )


def _of_logits(probs: NDArray[np.float64], *, is_exclusive: bool) -> NDArray[np.float64]:
    if is_exclusive:
        raised = np.exp(probs - probs.max(axis=-1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=-1, keepdims=True))
    # exp of a negative number only: a large logit must not overflow.
    small = np.exp(-np.abs(probs))
    return np.where(probs >= 0, 1 / (1 + small), small / (1 + small))
