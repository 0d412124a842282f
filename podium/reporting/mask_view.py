"""What the page shows of masks: scores of classes and sizes, and pictures of a few images."""

from __future__ import annotations

from dataclasses import dataclass

from podium.ensembling.blend import Blend
from podium.reporting.drawings import Drawing
from podium.reporting.mask_classes import MaskClasses, mask_classes
from podium.reporting.mask_drawings import draw_class_bars, draw_size_scores
from podium.reporting.mask_gallery import MaskGallery, mask_gallery
from podium.reporting.mask_lens import MaskLens, mask_names

__all__ = ["MaskView", "view_masks"]


@dataclass(frozen=True)
class MaskView:
    """What is shown of the masks of a blend, or of a run alone.

    Attributes:
        id: of the blend or run.
        blend: the blend's segment part; None: these are the masks of a run.
        metric: what the images are scored in.
        score: of all images; None where it is undefined.
        n_images: images with a true mask and a prediction.
        names: `(C,)`.
        classes: what there is to say of each of them.
        units: what a bootstrap draws.
        figures: scores by class, and by size.
        gallery: best, median and worst images.
    """

    id: str
    blend: Blend | None
    metric: str
    score: float | None
    n_images: int
    names: list[str]
    classes: MaskClasses
    units: str
    figures: list[Drawing]
    gallery: MaskGallery


def view_masks(identity: str, blend: Blend | None, lens: MaskLens, problems: list[str]) -> MaskView:
    """Return what is shown of the images under `lens`; `problems` get what cannot be."""
    names, classes = mask_names(lens.competition), mask_classes(lens)
    units = "images" if lens.groups is None else "groups"
    return MaskView(
        id=identity,
        blend=blend,
        metric=lens.metric,
        score=lens.score(),
        n_images=len(lens.samples),
        names=names,
        classes=classes,
        units=units,
        figures=[draw_class_bars(classes, names, units), draw_size_scores(lens)],
        gallery=mask_gallery(lens, names, problems),
    )
