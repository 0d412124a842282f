"""The best, median and worst masks as rows of pictures: image, truth, prediction, errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import nearest
from podium.competition.objects import resized, without_borders
from podium.errors import PodiumError
from podium.reporting.figures.mask_panels import (
    FALSE_ALARM,
    MISSED,
    OUTCOMES,
    RIGHT,
    Outcome,
    class_colors,
    outcomes,
    paint_classes,
    paint_outcomes,
)
from podium.reporting.mask_lens import MaskLens
from podium.reporting.thumbnails import as_uri, enlarged, files_of, shrunk

__all__ = ["Case", "MaskGallery", "Panel", "mask_gallery"]

_COLORS_BY_NUMBER = 14  # classes; of more, those that are shown are numbered


@dataclass(frozen=True)
class Panel:
    """One picture of a row: a data URI, and what it shows in words."""

    name: str
    picture: str
    alt: str


@dataclass(frozen=True)
class Case:
    """One image.

    Attributes:
        rank: best, median or worst.
        id, fold, score: of the image.
        classes: (name, colour, true share, said share) of each class that is there or was said to
            be; shares of the known pixels.
        panels: image, truth, prediction, errors; none where the image cannot be read.
    """

    rank: str
    id: str
    fold: int
    score: float
    classes: tuple[tuple[str, str, float, float], ...]
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class MaskGallery:
    """The rows, and what their colours mean; n_seen: images that they were chosen from."""

    cases: tuple[Case, ...]
    classes: tuple[tuple[str, str], ...]
    outcomes: tuple[Outcome, ...]
    n_seen: int


def mask_gallery(
    lens: MaskLens, names: Sequence[str], problems: list[str], *, n: int = 3
) -> MaskGallery:
    """Return `n` images of each rank; only these are read. `problems` get what cannot be shown.

    Args:
        lens: the images.
        names: of the mask classes.
        problems: is added to.
        n: images of each rank.
    """
    chosen = [(rank, i) for rank, rows in lens.cases(n).items() for i in rows]
    colors = _colors(lens, [i for _, i in chosen])
    cases, seen = [], {RIGHT, MISSED, FALSE_ALARM}
    for rank, i in chosen:
        panels: tuple[Panel, ...] = ()
        try:
            panels, codes = _panels(lens, i, names, colors)
            seen |= set(np.unique(codes).tolist())
        except PodiumError as error:
            problems.append(str(error))
        cases.append(
            Case(
                rank,
                str(lens.samples["id"].iloc[i]),
                int(lens.folds[i]),
                float(lens.scores[i]),
                tuple(
                    (names[number], colors[number], true, said)
                    for number, true, said in _shares(lens, i)
                ),
                panels,
            )
        )
    shown = dict.fromkeys((name, color) for case in cases for name, color, *_ in case.classes)
    order = {name: number for number, name in enumerate(names)}
    return MaskGallery(
        tuple(cases),
        tuple(sorted(shown, key=lambda one: order[one[0]])),
        tuple(one for code, one in OUTCOMES.items() if code in seen),
        int((np.isfinite(lens.scores) & lens.is_touched).sum()),
    )


def _colors(lens: MaskLens, rows: Sequence[int]) -> list[str]:
    """Return a colour for each class, so that as many of the shown ones as possible differ."""
    n_classes = lens.of_classes.shape[1]
    if n_classes <= _COLORS_BY_NUMBER:
        return class_colors(n_classes)
    is_shown = lens.of_classes[list(rows), :, 1:3].any(axis=(0, 2))
    numbers = np.cumsum(is_shown) - 1
    palette = class_colors(n_classes)
    return [palette[max(int(number), 0)] for number in numbers]


def _shares(lens: MaskLens, i: int) -> list[tuple[int, float, float]]:
    """Return (class, true share, said share) of each class that is in either mask."""
    found = []
    for number, (_, said, true, known) in enumerate(lens.of_classes[i].tolist()):
        if said or true:
            found.append((number, true / max(known, 1), said / max(known, 1)))
    return found


def _panels(
    lens: MaskLens, i: int, names: Sequence[str], colors: Sequence[str]
) -> tuple[tuple[Panel, ...], NDArray[np.uint8]]:
    row = lens.samples.iloc[i]
    files = files_of(lens.competition, row["images"])
    image = enlarged(shrunk(files, lens.competition.reader))
    size = (image.shape[0], image.shape[1])
    # One after the other: a large mask is let go when it has become small.
    truth = nearest(lens.truth(i), size)
    said = nearest(lens.decision(i), size)
    codes = outcomes(truth, said, lens.kind, len(names))
    shares = _shares(lens, i)
    true = _listed([(names[c], share) for c, share, _ in shares if share])
    decided = _listed([(names[c], share) for c, _, share in shares if share])
    became = _listed(
        [(one.name, float((codes == code).mean())) for code, one in OUTCOMES.items()], of="picture"
    )
    drawn = [truth, said]
    if lens.competition.has_objects:
        # Objects that touch are drawn with a line of picture between them.
        for mask, objects in zip(drawn, lens.objects(i), strict=True):
            without_borders(mask, resized(objects, size), 1)
    painted = [paint_classes(image, one, colors, lens.kind, len(names)) for one in drawn]
    name = f"Image {row['id']}"
    panels = (
        Panel("image", as_uri(image), f"{name} without a mask"),
        Panel("truth", as_uri(painted[0], is_drawn=True), f"{name}, true mask: {true}"),
        Panel("prediction", as_uri(painted[1], is_drawn=True), f"{name}, prediction: {decided}"),
        Panel(
            "errors",
            as_uri(paint_outcomes(image, codes), is_drawn=True),
            f"{name}, errors: {became}",
        ),
    )
    return panels, codes


def _listed(shares: Sequence[tuple[str, float]], *, of: str = "image") -> str:
    there = [f"{name} {100 * share:.3g} %" for name, share in shares if share]
    return f"{', '.join(there)} of the {of}" if there else "nothing"
