"""Duplicate images, as the last `podium check` found them, with the harm that they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podium.competition.checks.image_facts import CheckedImages, DuplicatePair
from podium.competition.samples import truth
from podium.competition.spec import Competition
from podium.competition.units import has_label
from podium.errors import PodiumError, plural
from podium.reporting.data_summary import DataSummary
from podium.reporting.figures.picture_grid import picture_grid
from podium.reporting.images.thumbnails import files_of, shrunk
from podium.reporting.plot import Plot
from podium.reporting.shown_answers import shown_of
from podium.reporting.subjects import DataSubject

TITLE, PLACE = "Images", 30

SHOWN = 8
_SIDE_PX = 112


@dataclass(frozen=True)
class DuplicateSample:
    """One of a pair: its part of the data, its label as text, its fold ("" without one)."""

    part: str
    id: str
    label: str
    fold: str
    path: str


@dataclass(frozen=True)
class DuplicatePanel:
    """Two samples of one picture; `rank` is the kind of harm, an index of `WHY`."""

    one: DuplicateSample
    other: DuplicateSample
    pair: DuplicatePair
    rank: int


def plots(subject: DataSubject) -> Iterator[Plot]:
    """Yield up to 8 pairs, first those whose labels differ, then those across parts and folds."""
    data = subject.data
    if data.looked is None:
        return
    every = duplicate_pairs(data.looked, data, subject.competition)
    shown: list[DuplicatePanel] = []
    pictures: list[NDArray[np.uint8]] = []
    for duplicate in every:
        if len(shown) == SHOWN:
            break
        try:
            both = [_small(subject.competition, one) for one in (duplicate.one, duplicate.other)]
        except (PodiumError, OSError):
            continue  # removed since the check: the page shows only existing images
        shown.append(duplicate)
        pictures += both
    if not shown:
        return
    below = [_describe(one) for duplicate in shown for one in (duplicate.one, duplicate.other)]
    above = [
        text for duplicate in shown for text in (_distance(duplicate.pair), WHY[duplicate.rank])
    ]
    figure = picture_grid(pictures, below=below, above=above, columns=8, side_px=_SIDE_PX)
    narrow = picture_grid(pictures, below=below, above=above, columns=2, side_px=150)
    listed = "; ".join(
        f"{one.one.part} {one.one.id} and {one.other.part} {one.other.id} ({_distance(one.pair)})"
        for one in shown
    )
    alt = f"{len(shown)} of {plural(len(every), 'pair')} of images that show one picture: {listed}"
    caption = (
        f"{len(shown)} of {plural(len(every), 'pair')}, first those that may spoil a score. "
        "Bits: of 64 of a perceptual hash. All of them: podium check."
    )
    yield Plot(figure, "duplicates", "The same picture twice", alt, caption, narrow)


WHY = ("labels differ", "train and test", "across folds", "")


def duplicate_pairs(
    looked: CheckedImages, data: DataSummary, competition: Competition
) -> list[DuplicatePanel]:
    """Return the pairs whose samples are still there, what may spoil a score first."""
    by_id: dict[str, int] = {}
    if data.samples is not None:
        by_id = {str(name): row for row, name in enumerate(data.samples["id"])}
    pairs = looked.pairs()
    rows = [by_id.get(str(looked.ids[row]), -1) for pair in pairs for row in (pair.one, pair.other)]
    labels = _labels(data, competition, sorted({row for row in rows if row >= 0}))

    def sample(row: int) -> DuplicateSample | None:
        part, name = str(looked.splits[row]), str(looked.ids[row])
        at = by_id.get(name) if part == "train" else None
        if part == "train" and at is None:
            return None
        fold = "" if at is None or data.folds is None else str(int(data.folds[at]))
        label = "" if at is None else labels.get(at, "")
        return DuplicateSample(
            part, name, label, "" if fold.startswith("-") else fold, looked.paths[row]
        )

    every = []
    for pair in pairs:
        one, other = sample(pair.one), sample(pair.other)
        if one is not None and other is not None:
            every.append(DuplicatePanel(one, other, pair, _rank(one, other)))
    return sorted(every, key=lambda duplicate: (duplicate.rank, duplicate.pair.distance))


def _rank(one: DuplicateSample, other: DuplicateSample) -> int:
    if one.label and other.label and one.label != other.label:
        return 0
    if "train" in (one.part, other.part) and "test" in (one.part, other.part):
        return 1
    return 2 if one.fold and other.fold and one.fold != other.fold else 3


def _labels(data: DataSummary, competition: Competition, rows: list[int]) -> dict[int, str]:
    """Return row → label as text, of the labelled rows of train."""
    if data.samples is None or not competition.has_labels or not rows:
        return {}
    some = data.samples.iloc[rows]
    there = some["label"].notna().to_numpy()
    right = truth(some[there].reset_index(drop=True), competition)
    at = np.array(rows)[there][has_label(right)].tolist()
    names, shown = competition.label_names, shown_of(competition.kind)
    return {
        row: shown.text(one, names) for row, one in zip(at, right[has_label(right)], strict=True)
    }


def _small(competition: Competition, one: DuplicateSample) -> NDArray[np.uint8]:
    return shrunk(files_of(competition, [one.path]), competition.reader, largest=_SIDE_PX)


def _distance(pair: DuplicatePair) -> str:
    return "same file" if pair.is_same_file else f"{pair.distance} bits apart"


def _describe(one: DuplicateSample) -> str:
    known = [one.label, f"fold {one.fold}" if one.fold else ""]
    return f"{one.id}\n{one.part}\n{', '.join(text for text in known if text)}"
