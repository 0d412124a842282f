"""The test images that are least like train, and those that are most like it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from podium.competition.checks.checked_drift import read_drift
from podium.competition.checks.drift import DriftExample, DriftSummary, summarise_drift
from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.reporting.figures.picture_grid import picture_grid
from podium.reporting.images.thumbnails import files_of, shrunk
from podium.reporting.plot import Plot
from podium.reporting.subjects import DataSubject

__all__ = ["PLACE", "TITLE", "drift_strip", "plots"]

TITLE, PLACE = "Images", 40

_SIDE_PX = 112
_COLUMNS = 8


def plots(subject: DataSubject) -> Iterator[Plot]:
    """Yield both strips of the last check, where test and train differ."""
    try:
        drift = read_drift(subject.workspace)
    except PodiumError:
        return  # damaged: the next check writes it anew
    if drift is None or not drift.differs:
        return
    found = summarise_drift(drift, n_examples=_COLUMNS)
    wide = drift_strip(subject.competition, found)
    narrow = drift_strip(subject.competition, found, columns=2, side_px=150)
    if wide is None or narrow is None:
        return
    alt = f"Test images least like train: {_ids(found.unlike)}; most like it: {_ids(found.alike)}"
    caption = (
        f"{_sentence(found.sentence)} Above each image: how many times as frequent its like is in "
        "test as in train."
    )
    yield Plot(wide, "drift", "Test images unlike train", alt, caption, narrow)


def _ids(examples: Sequence[DriftExample]) -> str:
    return ", ".join(one.id for one in examples) or "none"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def drift_strip(
    competition: Competition,
    found: DriftSummary,
    *,
    columns: int = _COLUMNS,
    side_px: float = _SIDE_PX,
) -> Figure | None:
    """Return the test images least like train, then those most like it; None where none is there.

    Args:
        competition: locates them.
        found: names them.
        columns: pictures a row.
        side_px: of the cell of a picture.
    """
    pictures: list[NDArray[np.uint8]] = []
    above: list[str] = []
    below: list[str] = []
    for examples, what in ((found.unlike, "unlike train"), (found.alike, "like train")):
        for one, picture in _readable(competition, examples):
            pictures.append(picture)
            above.append(f"× {one.ratio:.2g}")
            below.append(f"{one.id}\n{what}")
    if not pictures:
        return None
    return picture_grid(pictures, below=below, above=above, columns=columns, side_px=side_px)


def _readable(
    competition: Competition, examples: Sequence[DriftExample]
) -> Iterator[tuple[DriftExample, NDArray[np.uint8]]]:
    """Yield the examples that are still there, each with its picture."""
    for one in examples:
        try:
            files = files_of(competition, [one.path])
            yield one, shrunk(files, competition.reader, largest=_SIDE_PX)
        except (PodiumError, OSError):
            continue  # removed since the check
