"""Answers of samples of which nothing is known: what is most frequent in train, and empty masks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.predictions.decisions.labels import decide, default_steps
from podium.predictions.decisions.masks import decide_masks
from podium.predictions.decisions.objects import decide_instances
from podium.predictions.store.masks import grey_values
from podium.submissions.format.pixels import PixelCells
from podium.submissions.format.writing import PredictionBatch
from podium.submissions.values import label_value
from podium.tasks.protocols.names import PIXELS
from podium.tasks.protocols.needs import are_probs, are_ranked

if TYPE_CHECKING:
    from podium.submissions.format.cells import ExpectedRows
    from podium.submissions.format.spec import SubmissionFormat
    from podium.tasks.protocols.kind import Kind

__all__ = ["constant_answers", "prior_probs"]


def constant_answers(
    competition: Competition,
    form: SubmissionFormat,
    expected: ExpectedRows,
    ids: Sequence[str],
) -> Iterable[Any]:
    """Return the same answer for each of `ids`, as `write_answers` takes those of one column.

    Args:
        competition: whose labels of train are counted.
        form: of the column.
        expected: what the file must hold. A mask of `ids` of unknown size has the commonest one of
            the others: none is drawn in it.
        ids: of images, or of units where these are scored.

    Raises:
        DataError: train cannot be read, or no size of a mask is known.
    """
    if form.kind.is_of_pixels:
        return _masks(competition, form, expected, ids)
    return [_labels(competition, form, ids)]


def _labels(
    competition: Competition, form: SubmissionFormat, ids: Sequence[str]
) -> PredictionBatch:
    train = load_samples(competition, "train")
    known = train[train["label"].notna()].reset_index(drop=True)
    row = prior_probs(truth(known, competition), competition.kind, competition.n_outputs)
    probs = np.tile(row, (len(ids), 1))
    needed = label_value(form).source(form)
    if are_probs(needed):
        return PredictionBatch(ids, probs, None)
    steps = default_steps(competition.kind, needed, k=form.k or 1)
    if are_ranked(needed):
        steps = [{"topk": {**step["topk"], "k": form.k or 1}} for step in steps]
    return PredictionBatch(ids, None, decide(probs, steps, competition.kind))


def prior_probs(answers: NDArray[Any], kind: Kind, n_outputs: int) -> NDArray[np.float32]:
    """Return the prediction `(C,)` of a sample of which nothing is known.

    Args:
        answers: the true labels, `(N,)`, or `(N, C)` of a task of yes or no by class; -1 is an
            unknown one, and counts nowhere.
        kind: of the task.
        n_outputs: C.
    """
    if kind.is_exclusive:
        counts = np.bincount(answers[answers >= 0].astype(np.int64), minlength=n_outputs)
        return np.asarray(counts / max(counts.sum(), 1), dtype=np.float32)
    if kind.is_prob:
        each = np.reshape(answers, (len(answers), -1))  # (N, C)
        known = each >= 0
        n_positive, n_known = (each * known).sum(axis=0), known.sum(axis=0)
        return np.asarray(n_positive / np.maximum(n_known, 1), dtype=np.float32)
    return np.full(n_outputs, np.nanmedian(answers, axis=0), dtype=np.float32)


_OTHERS = 1000  # masks whose sizes are asked for that of one which is not known


@dataclass(frozen=True)
class _Background:
    """Masks of background alone, in the form in which predicted ones are read."""

    ids: Sequence[str]
    expected: ExpectedRows
    channels: int
    has_background: bool

    @cached_property
    def sizes(self) -> list[tuple[int, int]]:
        found = [self.expected.sizes.of(one) for one in self.ids]
        if None not in found:
            return [one for one in found if one is not None]
        others = map(self.expected.sizes.of, islice(self.expected.sizes.ids, _OTHERS))
        known = Counter(one for one in others if one is not None)
        if not known:
            raise DataError(
                self.expected.sizes.problem or "the size of a test mask is unknown",
                fix=self.expected.sizes.remedy,
            )
        [(commonest, _)] = known.most_common(1)
        return [one or commonest for one in found]

    def band(self, i: int, top: int, bottom: int) -> NDArray[np.float32]:
        empty = np.zeros((bottom - top, self.sizes[i][1], self.channels), dtype=np.float32)
        if self.has_background:
            empty[..., 0] = 1
        return empty


def _masks(
    competition: Competition, form: SubmissionFormat, expected: ExpectedRows, ids: Sequence[str]
) -> Iterable[Any]:
    kind = competition.mask_kind
    empty = _Background(ids, expected, competition.outputs(PIXELS), kind.has_background)
    if competition.has_objects:
        return decide_instances(empty, None, kind)
    if form.rows == "pixel" and PixelCells(form).are_numbers:
        return grey_values(empty)
    return decide_masks(empty, None, kind)
