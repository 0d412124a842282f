"""Evaluation of out-of-fold labels of a blend or a run: probabilities, decisions, mistakes.

A blend decides by its fitted steps, a run alone decides plainly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.samples import load_samples
from podium.competition.samples import truth as truth_of
from podium.competition.spec import Competition
from podium.competition.units import has_label, units_of
from podium.ensembling.predicting import blend_probs, blend_scored
from podium.ensembling.rows import as_object_array
from podium.errors import DataError
from podium.predictions.decisions.labels import decide, steps_output
from podium.predictions.store.fold_reader import Probs
from podium.predictions.store.positions import positions, require_positions
from podium.predictions.store.reading import PredictionSet, Split
from podium.predictions.top_k import most_confident, require_dense
from podium.reporting.shown_answers import ShownAnswers, shown_of
from podium.tasks.protocols.names import IMAGES, has_images
from podium.tasks.protocols.needs import are_decisions

if TYPE_CHECKING:
    import pandas as pd

    from podium.ensembling.blend import Blend

__all__ = ["LabelEvaluation", "LabelSource", "Mistake", "evaluate_blend_labels", "evaluate_labels"]


@dataclass(frozen=True)
class Mistake:
    """A row with a wrong decision.

    Attributes:
        row: position in the lens.
        truth, predicted: the true and the predicted label as text.
        confidence: probability of the predicted label; of a value or a rating, the error.
    """

    row: int
    truth: str
    predicted: str
    confidence: float


@dataclass(frozen=True)
class LabelEvaluation:
    """Out-of-fold rows of a blend or a run, all arrays in one order.

    Attributes:
        competition: of the rows.
        samples: `(N,)` rows of the train part.
        folds: `(N,)`.
        truth: as `competition.truth` returns it.
        probs: `(N, C)`; of thousands of classes the likeliest.
        decisions: of the blend's steps fitted on all rows, or the plain decision of a run; of
            rankings the first class.
        source: of the predictions; None: arrays alone.
    """

    competition: Competition
    samples: pd.DataFrame
    folds: NDArray[np.int64]
    truth: NDArray[Any]
    probs: Probs
    decisions: NDArray[Any]
    source: LabelSource | None = None

    @property
    def groups(self) -> NDArray[Any] | None:
        """`(N,)`, what is drawn together in a bootstrap; None: rows."""
        if self.competition.folds.group is None:
            return None
        return np.asarray(self.samples["group"].to_numpy())

    @property
    def values(self) -> NDArray[np.float64]:
        """`(N,)` or `(N, C)`: values before the decision, where outputs are no probabilities."""
        return self._shown.values(self.probs)

    @property
    def errors(self) -> NDArray[np.float64]:
        """`(N,)` or `(N, C)`: predicted minus true values."""
        return self._shown.errors(self.truth, self.values)

    @property
    def _shown(self) -> ShownAnswers:
        return shown_of(self.competition.kind)

    def confidence(self) -> tuple[NDArray[np.floating[Any]], NDArray[np.bool_]]:
        """Return the points of a calibration curve: confidences, and whether each was correct.

        multiclass: of the most probable class; binary: of class 1; multilabel: of every label that
        is known.
        """
        if self.competition.kind.is_exclusive:
            predicted = most_confident(self.probs)
            return predicted[:, 1], predicted[:, 0] == self.truth
        p = require_dense(self.probs, who="a curve of labels")
        right = np.asarray(self.truth).ravel()
        return p.ravel()[right >= 0], right[right >= 0] == 1

    def mistakes(self, n: int) -> list[Mistake]:
        """Return the `n` mistakes of which the blend was most confident, the most confident first.

        Of a multilabel task each row counts once, with its worst label; of a regression, and of
        ratings that were decided wrongly, they are the largest errors.
        """
        size, is_wrong = self._shown.mistakes(self.truth, self.probs, self.decisions)
        order = np.argsort(-np.where(is_wrong, size, -np.inf), kind="stable")[:n]
        return self._as_mistakes([int(row) for row in order if is_wrong[row]], size)

    def right(self, n: int) -> list[Mistake]:
        """Return `n` rightly decided rows with the lowest and `n` with the highest confidence.

        There are none where answers are numbers, whose size is an error, or rows of several labels.
        """
        if not self.competition.kind.is_one_class:
            return []
        size, is_wrong = self._shown.mistakes(self.truth, self.probs, self.decisions)
        if self.competition.kind.is_yes_no:  # which has the confidence of mistakes alone
            p = require_dense(self.probs, who="a decision").reshape(-1).astype(np.float64)
            size = np.where(np.asarray(self.decisions).reshape(-1) == 1, p, 1 - p)
        rows = np.flatnonzero(~is_wrong)
        rows = rows[np.argsort(size[rows], kind="stable")]
        chosen = rows if len(rows) <= 2 * n else np.concatenate([rows[:n], rows[-n:]])
        return self._as_mistakes(chosen.tolist(), size)

    def mistakes_about(self, number: int, n: int, *, false_positives: bool) -> list[Mistake]:
        """Return the `n` most confident mistakes about one class, as `mistakes` orders them.

        Args:
            number: of the class.
            n: how many.
            false_positives: whether these are the false positives of the class; else its false
                negatives.
        """
        if self.competition.kind.is_by_class:
            there, predicted = (one[:, number] == 1 for one in (self.truth, self.decisions))
            predicted = predicted & (self.truth[:, number] >= 0)
            p = require_dense(self.probs, who="a class")[:, number].astype(np.float64)
            size = p if false_positives else 1 - p
        else:
            there, predicted = (one == number for one in (self.truth, self.decisions))
            size = self._shown.mistakes(self.truth, self.probs, self.decisions)[0]
        rows = np.flatnonzero(predicted & ~there if false_positives else there & ~predicted)
        order = np.argsort(-size[rows], kind="stable")[:n]
        return self._as_mistakes(rows[order].tolist(), size)

    def mistakes_of_pair(self, truth: int, predicted: int, n: int) -> list[Mistake]:
        """Return the `n` most confident mistakes of class `truth` predicted as class `predicted`.

        Args:
            truth, predicted: numbers of the classes, where a row has one.
            n: how many.
        """
        size = self._shown.mistakes(self.truth, self.probs, self.decisions)[0]
        rows = np.flatnonzero((self.truth == truth) & (self.decisions == predicted))
        return self._as_mistakes(rows[np.argsort(-size[rows], kind="stable")[:n]].tolist(), size)

    def _as_mistakes(self, rows: list[int], size: NDArray[np.float64]) -> list[Mistake]:
        text, names = self._shown.text, self.competition.label_names
        return [
            Mistake(
                row,
                text(self.truth[row], names),
                text(self.decisions[row], names),
                float(size[row]),
            )
            for row in rows
        ]


def evaluate_blend_labels(
    competition: Competition,
    blend: Blend,
    sets: Sequence[Path],
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
) -> LabelEvaluation:
    """Return the out-of-fold rows of `blend`, of labels, that have a label.

    Raises:
        DataError: predictions are missing, of rows that the train part does not have, or of none
            that has a label.
    """
    return evaluate_labels(LabelSource(competition, tuple(sets), blend), samples, folds)


def evaluate_labels(
    source: LabelSource, samples: pd.DataFrame, folds: NDArray[np.int64]
) -> LabelEvaluation:
    """Return the out-of-fold rows of `source` that have a label.

    Args:
        source: a blend or a run.
        samples: the train part.
        folds: `(len(samples),)`.

    Raises:
        DataError: as `look_at`.
    """
    competition = source.competition
    ids, probs = source.scored("oof", samples)
    samples, folds = _scored_rows(samples, folds, competition)
    at = positions(list(samples["id"]), ids)
    if (at < 0).any():
        raise DataError(f"{int((at < 0).sum())} predicted rows are not in the train part any more")
    has_label = samples["label"].notna().to_numpy()[at]
    if competition.open_set is not None:  # the page is about classes
        has_label &= truth_of(samples, competition)[at] >= 0
    if not has_label.any():
        raise DataError("no row with a label was predicted out of fold")
    if not has_label.all():
        at, probs = at[has_label], probs[has_label]
    rows = samples.iloc[at].reset_index(drop=True)
    truth = truth_of(rows, competition)
    return LabelEvaluation(competition, rows, folds[at], truth, probs, source.decide(probs), source)


def _scored_rows(
    samples: pd.DataFrame, folds: NDArray[np.int64], competition: Competition
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return a row for each unit, shown by its first image, where units are scored; else as is."""
    units = units_of(samples, competition)
    if units is None:
        return samples, folds
    labels = units.truth(truth_of(samples, competition))
    each = [
        label if there else None for label, there in zip(labels, has_label(labels), strict=True)
    ]
    rows = samples.iloc[units.first].reset_index(drop=True)
    return rows.assign(id=list(units.names), label=as_object_array(each)), folds[units.first]


@dataclass(frozen=True)
class LabelSource:
    """A blend, or a run alone.

    Attributes:
        competition: whose labels.
        sets: prediction sets of the members, or the one of the run.
        blend: None: a run, which decides plainly.
    """

    competition: Competition
    sets: tuple[Path, ...]
    blend: Blend | None = None

    def scored(self, split: Split, samples: pd.DataFrame) -> tuple[list[str], Probs]:
        """Return `(names, probs)` of the scored rows: of units, or else of images.

        Args:
            split: "oof", or "test", which is averaged over the fold models.
            samples: of the split ("oof": of train), with the unit of each image.

        Raises:
            DataError: predictions are missing, or of an image that is not among the samples.
            RunError: the blend was made for images, and units are scored now, or the reverse.
        """
        if self.blend is not None:
            return blend_scored(self.blend, self.sets, split, samples, self.competition)
        (root,) = self.sets
        if split == "oof":
            oof = PredictionSet(root).oof(IMAGES)
            ids, probs = oof.ids, oof.probs
        else:
            ids, probs = PredictionSet(root).mean(split, IMAGES)
        if not self.competition.scores_units:
            return ids, probs
        at = require_positions(list(samples["id"]), ids, f"the {split} samples", where=None)
        units = units_of(samples.iloc[at], self.competition)
        assert units is not None
        return list(units.names), units.probs(require_dense(probs, who="the mean of a unit"))

    def decide(self, probs: Probs) -> NDArray[Any]:
        """Return the decisions, as `predictions.decide` does; of rankings the likeliest class."""
        steps: Sequence[Any] | None = None if self.blend is None else self.blend.decision
        if steps and not are_decisions(steps_output(steps)):
            steps = None
        return decide(probs, steps, self.competition.kind)

    def test_decisions(self) -> NDArray[Any] | None:
        """Return the decisions on the test part; None if it was not predicted.

        Raises:
            DataError, RunError: as `scored`.
        """
        if not all(has_images(PredictionSet(root).tasks("test")) for root in self.sets):
            return None
        if self.competition.scores_units:
            samples = load_samples(self.competition, "test")
            return self.decide(self.scored("test", samples)[1])
        if self.blend is not None:
            return self.decide(blend_probs(self.blend, self.sets, "test")[1])
        blocks = PredictionSet(self.sets[0]).mean_blocks("test", IMAGES)
        return np.concatenate([self.decide(probs) for _, probs in blocks])
