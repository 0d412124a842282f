"""The best, median and worst out-of-fold masks as one figure, as a paper shows them."""

from __future__ import annotations

from podium.competition.masks import nearest
from podium.competition.objects import resized, without_borders
from podium.reporting.figures.mask_overlays import mask_overlays
from podium.reporting.plot import Plot
from podium.reporting.subjects import MaskSubject
from podium.reporting.thumbnails import enlarged, files_of, shrunk

__all__ = ["mask_cases"]

EACH = 2  # images of each rank: six rows fill a page of paper


def mask_cases(subject: MaskSubject) -> Plot:
    """Return image | truth | prediction | errors, up to two images of each rank.

    Raises:
        PodiumError: an image or a mask cannot be read.
    """
    lens = subject.lens
    chosen = [(rank, i) for rank, rows in lens.cases(EACH).items() for i in rows]
    images, truths, said, titles, words = [], [], [], [], []
    for rank, i in chosen:
        files = files_of(lens.competition, lens.samples["images"].iloc[i])
        image = enlarged(shrunk(files, lens.competition.reader))
        size = (image.shape[0], image.shape[1])
        both = [nearest(lens.truth(i), size), nearest(lens.decision(i), size)]
        if lens.competition.has_objects:
            for mask, objects in zip(both, lens.objects(i), strict=True):
                without_borders(mask, resized(objects, size), 1)
        images.append(image)
        truths.append(both[0])
        said.append(both[1])
        titles.append(f"{rank}, {lens.scores[i]:.3f}")
        words.append(f"{rank} {lens.samples['id'].iloc[i]} {lens.scores[i]:.3f}")
    figure = mask_overlays(
        images, truths, said, kind=lens.kind, classes=subject.names, titles=titles
    )
    caption = f"Out of fold. Numbers: {lens.metric} of the image alone."
    alt = f"Images with true and decided masks, {lens.metric}: {', '.join(words)}"
    return Plot(figure, "mask-cases", "Best, median and worst", alt, caption)
