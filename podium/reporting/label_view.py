"""What the page shows of a blend's labels: confusion, scores of classes, calibration, mistakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from podium.ensembling.blend import Blend
from podium.errors import PodiumError
from podium.reporting import drawings, per_class
from podium.reporting.best import Lens, Mistake
from podium.reporting.drawings import Drawing
from podium.reporting.thumbnails import files_of, thumbnail

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Card", "LabelView", "view_labels"]

MISTAKES = 24
MOST_CLASSES = 500
"""Beyond so many nobody reads a table of them, and one of pairs would fill the memory."""


@dataclass(frozen=True)
class Card:
    """A mistake with its picture."""

    mistake: Mistake
    id: str
    fold: int
    picture: str


@dataclass
class LabelView:
    """What is shown of the labels of the blend `id`."""

    id: str
    blend: Blend
    n_rows: int
    names: list[str]
    figures: list[Drawing] = field(default_factory=list)
    confusion: list[Drawing] = field(default_factory=list)
    scores: per_class.ClassScores | None = None
    pairs: list[tuple[str, str, int, float]] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)


def view_labels(identity: str, blend: Blend, lens: Lens, problems: list[str]) -> LabelView:
    """Return what is shown of the rows under `lens`; `problems` get what cannot be."""
    kind, names = lens.competition.kind, lens.competition.label_names
    view = LabelView(identity, blend, len(lens.truth), names)
    is_many = kind == "multiclass" and len(names) > MOST_CLASSES
    if kind == "regression":
        view.figures.append(drawings.draw_predicted(lens))
    elif is_many:
        view.figures.append(drawings.draw_calibration(lens))
        sizes = np.bincount(lens.truth, minlength=len(names))
        view.pairs = [
            (names[right], names[said], n, n / int(sizes[right]))
            for right, said, n in per_class.pairs_of_many(lens.truth, lens.decisions, len(names))
        ]
    else:
        truth, said = _as_table(lens, lens.truth), _as_table(lens, lens.decisions)
        view.scores = per_class.class_scores(truth, said, groups=lens.groups)
        view.figures += [
            drawings.draw_class_scores(view.scores, names),
            drawings.draw_predicted(lens) if kind == "ordinal" else drawings.draw_calibration(lens),
        ]
    if kind in ("multiclass", "ordinal", "binary") and not is_many:
        counts = per_class.confusion_counts(lens.truth, lens.decisions, len(names))
        view.confusion = drawings.draw_confusion(counts, names)
        view.pairs = [
            (names[right], names[said], n, n / int(counts[right].sum()))
            for right, said, n in per_class.confused_pairs(counts)
        ]
    view.cards = _cards(lens, problems)
    return view


def _as_table(lens: Lens, labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Return `(N, C)` bool of decisions or truth."""
    if lens.competition.kind == "multilabel":
        return np.asarray(labels, dtype=bool)
    return per_class.one_hot(labels, len(lens.competition.label_names))


def _cards(lens: Lens, problems: list[str]) -> list[Card]:
    cards = []
    for mistake in lens.mistakes(MISTAKES):
        row = lens.samples.iloc[mistake.row]
        try:
            files = files_of(lens.competition, row["images"])
            picture = thumbnail(files, lens.competition.reader)
        except PodiumError as error:
            problems.append(str(error))
            picture = ""
        cards.append(Card(mistake, str(row["id"]), int(lens.folds[mistake.row]), picture))
    return cards
