"""What the page shows of masks: scores of classes and sizes, and pictures of a few images."""

from __future__ import annotations

from dataclasses import dataclass

from podium.ensembling.blend import Blend
from podium.reporting.mask_classes import MaskClasses
from podium.reporting.mask_gallery import MaskGallery, mask_gallery
from podium.reporting.mask_lens import MaskLens
from podium.reporting.plots import Group, drawn_by_title, masks
from podium.reporting.subjects import masks_under

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
        groups: what is drawn of them.
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
    groups: list[Group]
    gallery: MaskGallery


def view_masks(identity: str, blend: Blend | None, lens: MaskLens, problems: list[str]) -> MaskView:
    """Return what is shown of the images under `lens`; `problems` get what cannot be."""
    subject = masks_under(lens)
    return MaskView(
        id=identity,
        blend=blend,
        metric=lens.metric,
        score=lens.score(),
        n_images=len(lens.samples),
        names=subject.names,
        classes=subject.classes,
        units=subject.units,
        groups=drawn_by_title(masks, subject, problems=problems, of=f"masks-{identity}"),
        gallery=mask_gallery(lens, subject.names, problems),
    )
