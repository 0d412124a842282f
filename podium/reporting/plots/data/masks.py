"""True masks over their images: one image for each class."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.masks import resize_nearest, truth_masks
from podium.errors import plural
from podium.reporting.data_summary import MaskSummary
from podium.reporting.figures.picture_grid import picture_grid
from podium.reporting.images.thumbnails import enlarged, files_of, shrunk
from podium.reporting.masks.painting import class_colors, layers_of, paint_classes
from podium.reporting.plot import Plot
from podium.reporting.subjects import DataSubject

TITLE, PLACE = "Masks", 40

SHOWN = 12
_SIDE_PX = 128


def plots(subject: DataSubject) -> Iterator[Plot]:
    """Yield an image with its mask for each class, of many classes the most frequent 12."""
    masks, samples = subject.data.masks, subject.data.samples
    if masks is None or samples is None:
        return
    classes = chosen(masks)
    if not classes:
        return
    competition, kind = subject.competition, subject.competition.mask_kind
    rows = samples.iloc[[masks.examples[number] for number in classes]].reset_index(drop=True)
    truths, colors = truth_masks(competition, rows), class_colors(len(masks.names))
    pictures: list[NDArray[np.uint8]] = []
    legend: dict[str, str] = {}
    for row in range(len(rows)):
        truth = truths[row]
        assert truth is not None  # it shows a class
        files = files_of(competition, rows["images"].iloc[row])
        image = enlarged(shrunk(files, competition.reader, largest=_SIDE_PX), largest=_SIDE_PX)
        mask = resize_nearest(truth, (image.shape[0], image.shape[1]))
        pictures.append(paint_classes(image, mask, colors, kind, len(masks.names)))
        there = layers_of(mask, kind, len(masks.names)).any(axis=(0, 1))
        legend |= {masks.names[i]: colors[i] for i in np.flatnonzero(there).tolist()}
    above = [masks.names[number] for number in classes]
    below = [
        f"{name}\n{100 * masks.typical[number]:.2g} % is typical"
        for name, number in zip(rows["id"], classes, strict=True)
    ]
    wide = picture_grid(pictures, below=below, above=above, columns=6, colors=legend)
    narrow = picture_grid(pictures, below=below, above=above, columns=2, side_px=150, colors=legend)
    shares = (f"{masks.names[i]} {100 * masks.typical[i]:.2g} %" for i in classes)
    alt = (
        f"True masks over {plural(len(classes), 'image')}, one for each class; median share of "
        "an image that has the class: "
        f"{', '.join(shares)}"
    )
    caption = (
        "Above: the class that the image was chosen for. Typical: the median share of the images "
        "that have the class."
    )
    yield Plot(wide, "mask-examples", "Masks over images", alt, caption, narrow)


def chosen(masks: MaskSummary) -> list[int]:
    """Return the classes that are shown, in their order: those that most images have."""
    order = np.argsort(-masks.images, kind="stable").tolist()
    there = [number for number in order if masks.examples and masks.examples[number] >= 0]
    return sorted(there[:SHOWN])
