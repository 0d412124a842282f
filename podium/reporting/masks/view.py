"""Masks on the page: scores of classes and sizes, and the best, median and worst images.

Each image is a row of pictures: image, truth, prediction, errors. The same images make one figure
for a paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.masks import resize_nearest
from podium.competition.truths.objects import remove_borders, resize_objects
from podium.ensembling.blend import Blend
from podium.errors import PodiumError
from podium.reporting.class_by_fold import ClassByFold, class_by_fold_of_masks
from podium.reporting.figures.mask_overlays import mask_overlays
from podium.reporting.images.thumbnails import as_uri, enlarged, files_of, shrunk
from podium.reporting.masks.evaluation import MaskClassScores, MaskEvaluation
from podium.reporting.masks.painting import (
    FALSE_ALARM,
    MISSED,
    OUTCOMES,
    RIGHT,
    PixelOutcome,
    class_colors,
    outcomes,
    paint_classes,
    paint_outcomes,
)
from podium.reporting.pages.kept_drawings import KeptDrawings
from podium.reporting.pages.moving_threshold import moving_masks
from podium.reporting.plot import Plot
from podium.reporting.plots import Group, masks
from podium.reporting.plots.masks.confused_pixels import BACKGROUND
from podium.reporting.subjects import MaskSubject, mask_subject_of

__all__ = ["MaskView", "most_confused", "plot_mask_examples", "view_masks"]


@dataclass(frozen=True)
class MaskView:
    """The masks of a blend, or of a run alone, as the page shows them.

    Attributes:
        id: of the blend or run.
        blend: the blend's segment part; None for the masks of a run.
        metric: of the images.
        score: of all images; None if it is undefined.
        n_images: images with a true mask and a prediction.
        names: `(C,)`.
        classes: scores and counts of each mask class.
        units: that a bootstrap draws.
        groups: figures of the masks.
        gallery: best, median and worst images.
        slider: of `moving_masks`; None where masks are single objects.
        by_fold: scores of the classes in each fold; None where there is no such table.
        lowest: the class that scores lowest, and its score; None where there is one class only, or
            where low scores are good ones.
        confused: the class that is predicted as another one most often, that one, and the share of
            its pixels, background being a class, too; None where no class is, or a pixel may have
            several.
    """

    id: str
    blend: Blend | None
    metric: str
    score: float | None
    n_images: int
    names: list[str]
    classes: MaskClassScores
    units: str
    groups: list[Group]
    gallery: MaskGallery
    slider: dict[str, Any] | None = None
    by_fold: ClassByFold | None = None
    lowest: tuple[str, float] | None = None
    confused: tuple[str, str, float] | None = None


def view_masks(
    identity: str,
    blend: Blend | None,
    lens: MaskEvaluation,
    problems: list[str],
    *,
    kept: KeptDrawings | None = None,
    files: Iterable[Path] = (),
) -> MaskView:
    """Return what is shown of the images under `lens`; `problems` get what cannot be.

    Args:
        identity: of the blend or run.
        blend: the blend's part; None of a run.
        lens: the images.
        problems: is added to.
        kept: drawings of earlier pages; None: all is drawn.
        files: that the predictions lie in.
    """
    kept, shown, of = kept or KeptDrawings.nowhere(), [*files], f"masks-{identity}"
    subject = mask_subject_of(lens)
    by_fold = class_by_fold_of_masks(lens)
    return MaskView(
        id=identity,
        blend=blend,
        metric=lens.metric,
        score=lens.score(),
        n_images=len(lens.samples),
        names=subject.names,
        classes=subject.classes,
        units=subject.units,
        groups=kept.groups(masks, subject, problems=problems, of=of, files=shown),
        gallery=mask_gallery(lens, subject.names, problems),
        slider=kept.value(
            f"threshold-{of}", files=shown, facts=None, make=lambda: _slider(lens, problems)
        ),
        by_fold=None if by_fold is None else by_fold.beside_honest(blend),
        lowest=_lowest(lens, subject.names, subject.classes),
        confused=most_confused(lens.pixels, subject.names),
    )


def most_confused(
    pixels: NDArray[np.int64] | None, names: Sequence[str]
) -> tuple[str, str, float] | None:
    """Return the actual class, the predicted one and their share, of the pair with the largest.

    Args:
        pixels: `(1 + C, 1 + C)` by actual and by predicted class, background first, which is a
            class here, too; None: a pixel may have several.
        names: `(C,)`.
    """
    if pixels is None:
        return None
    every = [BACKGROUND, *names]
    shares = pixels / np.maximum(pixels.sum(axis=1), 1)[:, None]
    np.fill_diagonal(shares, 0.0)
    true, predicted = divmod(int(shares.argmax()), shares.shape[1])
    share = float(shares[true, predicted])
    return (every[true], every[predicted], share) if share else None


def _lowest(
    lens: MaskEvaluation, names: Sequence[str], classes: MaskClassScores
) -> tuple[str, float] | None:
    is_of_metric = classes.metric.startswith(f"{lens.scorer.name} ")  # else of Dice: more is better
    low_is_good = is_of_metric and not lens.scorer.is_better(1.0, 0.0)
    if len(names) < 2 or low_is_good or np.isnan(classes.scores).all():
        return None
    at = int(np.nanargmin(classes.scores))
    return names[at], float(classes.scores[at])


def _slider(lens: MaskEvaluation, problems: list[str]) -> dict[str, Any] | None:
    shown = [i for rows in lens.cases(SLIDER_IMAGES).values() for i in rows]
    try:
        found = moving_masks(lens, shown)
    except PodiumError as error:
        problems.append(f"masks by threshold: {error}")
        return None
    if found is not None:
        found["colors"] = _colors(lens, shown)
    return found


SLIDER_IMAGES = 2  # of each rank
_COLORS_BY_NUMBER = 14  # classes; of more, those that are shown are numbered


@dataclass(frozen=True)
class GalleryPicture:
    """One picture of a row: a data URI, and its alternative text."""

    name: str
    picture: str
    alt: str


@dataclass(frozen=True)
class MaskExample:
    """One image.

    Attributes:
        rank: best, median or worst.
        id, fold, score: of the image.
        classes: (name, colour, true share, predicted share) of each class in either mask; shares
            of the labelled pixels.
        panels: image, truth, prediction, errors; none if the image cannot be read.
    """

    rank: str
    id: str
    fold: int
    score: float
    classes: tuple[tuple[str, str, float, float], ...]
    panels: tuple[GalleryPicture, ...]


@dataclass(frozen=True)
class MaskGallery:
    """The rows, and what their colours mean.

    Attributes:
        cases: the rows.
        classes, outcomes: names and colours.
        n_seen: images that they were chosen from.
        worst: the worst score of an image; nan without images.
        n_worst: images that have it, of which the rows show a few.
    """

    cases: tuple[MaskExample, ...]
    classes: tuple[tuple[str, str], ...]
    outcomes: tuple[PixelOutcome, ...]
    n_seen: int
    worst: float = float("nan")
    n_worst: int = 0


def mask_gallery(
    lens: MaskEvaluation, names: Sequence[str], problems: list[str], *, n: int = 3
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
        panels: tuple[GalleryPicture, ...] = ()
        try:
            panels, codes = _panels(lens, i, names, colors)
            seen |= set(np.unique(codes).tolist())
        except PodiumError as error:
            problems.append(str(error))
        cases.append(
            MaskExample(
                rank,
                str(lens.samples["id"].iloc[i]),
                int(lens.folds[i]),
                float(lens.scores[i]),
                tuple(
                    (names[number], colors[number], true, predicted)
                    for number, true, predicted in _shares(lens, i)
                ),
                panels,
            )
        )
    shown = dict.fromkeys((name, color) for case in cases for name, color, *_ in case.classes)
    order = {name: number for number, name in enumerate(names)}
    seen_images = np.isfinite(lens.scores) & lens.is_touched
    worst = next((float(lens.scores[i]) for rank, i in chosen if rank == "worst"), float("nan"))
    return MaskGallery(
        tuple(cases),
        tuple(sorted(shown, key=lambda one: order[one[0]])),
        tuple(one for code, one in OUTCOMES.items() if code in seen),
        int(seen_images.sum()),
        worst,
        int((seen_images & (lens.scores == worst)).sum()),
    )


def _colors(lens: MaskEvaluation, rows: Sequence[int]) -> list[str]:
    """Return a colour for each class, so that as many of the shown ones as possible differ."""
    n_classes = lens.of_classes.shape[1]
    if n_classes <= _COLORS_BY_NUMBER:
        return class_colors(n_classes)
    is_shown = lens.of_classes[list(rows), :, 1:3].any(axis=(0, 2))
    numbers = np.cumsum(is_shown) - 1
    palette = class_colors(n_classes)
    return [palette[max(int(number), 0)] for number in numbers]


def _shares(lens: MaskEvaluation, i: int) -> list[tuple[int, float, float]]:
    """Return (class, true share, predicted share) of each class that is in either mask."""
    found = []
    for number, (_, predicted, true, known) in enumerate(lens.of_classes[i].tolist()):
        if predicted or true:
            found.append((number, true / max(known, 1), predicted / max(known, 1)))
    return found


def _panels(
    lens: MaskEvaluation, i: int, names: Sequence[str], colors: Sequence[str]
) -> tuple[tuple[GalleryPicture, ...], NDArray[np.uint8]]:
    row = lens.samples.iloc[i]
    files = files_of(lens.competition, row["images"])
    image = enlarged(shrunk(files, lens.competition.reader))
    size = (image.shape[0], image.shape[1])
    # One after the other: a large mask is let go when it has become small.
    truth = resize_nearest(lens.truth(i), size)
    predicted = resize_nearest(lens.decision(i), size)
    codes = outcomes(truth, predicted, lens.kind, len(names))
    shares = _shares(lens, i)
    true = _listed([(names[c], share) for c, share, _ in shares if share])
    decided = _listed([(names[c], share) for c, _, share in shares if share])
    became = _listed(
        [(one.name, float((codes == code).mean())) for code, one in OUTCOMES.items()], of="picture"
    )
    drawn = [truth, predicted]
    if lens.competition.has_objects:
        # Objects that touch are drawn with a line of picture between them.
        for mask, objects in zip(drawn, lens.objects(i), strict=True):
            remove_borders(mask, resize_objects(objects, size), 1)
    painted = [paint_classes(image, one, colors, lens.kind, len(names)) for one in drawn]
    name = f"Image {row['id']}"
    panels = (
        GalleryPicture("image", as_uri(image), f"{name} without a mask"),
        GalleryPicture("actual", as_uri(painted[0], is_drawn=True), f"{name}, true mask: {true}"),
        GalleryPicture(
            "predicted", as_uri(painted[1], is_drawn=True), f"{name}, prediction: {decided}"
        ),
        GalleryPicture(
            "errors",
            as_uri(paint_outcomes(image, codes), is_drawn=True),
            f"{name}, errors: {became}",
        ),
    )
    return panels, codes


def _listed(shares: Sequence[tuple[str, float]], *, of: str = "image") -> str:
    there = [f"{name} {100 * share:.3g} %" for name, share in shares if share]
    return f"{', '.join(there)} of the {of}" if there else "nothing"


IMAGES_EACH = 2  # images of each rank: six rows fill a page of paper


def plot_mask_examples(subject: MaskSubject) -> Plot:
    """Return image | truth | prediction | errors, up to two images of each rank.

    Raises:
        PodiumError: an image or a mask cannot be read.
    """
    lens = subject.lens
    chosen = [(rank, i) for rank, rows in lens.cases(IMAGES_EACH).items() for i in rows]
    images, truths, predicted, titles, words = [], [], [], [], []
    for rank, i in chosen:
        files = files_of(lens.competition, lens.samples["images"].iloc[i])
        image = enlarged(shrunk(files, lens.competition.reader))
        size = (image.shape[0], image.shape[1])
        both = [resize_nearest(lens.truth(i), size), resize_nearest(lens.decision(i), size)]
        if lens.competition.has_objects:
            for mask, objects in zip(both, lens.objects(i), strict=True):
                remove_borders(mask, resize_objects(objects, size), 1)
        images.append(image)
        truths.append(both[0])
        predicted.append(both[1])
        titles.append(f"{rank}, {lens.scores[i]:.3f}")
        words.append(f"{rank} {lens.samples['id'].iloc[i]} {lens.scores[i]:.3f}")
    figure = mask_overlays(
        images, truths, predicted, kind=lens.kind, classes=subject.names, titles=titles
    )
    caption = f"Out of fold. Numbers: {lens.metric} of the image alone."
    alt = f"Images with true and decided masks, {lens.metric}: {', '.join(words)}"
    return Plot(figure, "mask-cases", "Best, median and worst", alt, caption)
