"""The masks that a network made of the same images after some epochs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import Mask, resize_nearest, truth_masks
from podium.competition.samples import load_samples
from podium.errors import DataError
from podium.predictions.snapshots import EpochMasks
from podium.reporting.figures.mask_epochs import mask_epochs
from podium.reporting.mask_evaluation import mask_names
from podium.reporting.plot import Plot
from podium.reporting.run_features import has_kept, is_among_best, kept_masks_of, run_folder
from podium.reporting.subjects import RunSubject
from podium.reporting.thumbnails import enlarged, files_of, shrunk
from podium.training.runs.scoring import FoldMaskScorer

if TYPE_CHECKING:
    import pandas as pd

TITLE, PLACE = "Masks during training", 40
MOST_IMAGES, BEST = 4, 5
_SIDE_PX, _SIDE_OF_OTHERS_PX = 128, 96  # a page holds thirty runs, and each picture five times


@dataclass(frozen=True)
class _Image:
    id: str
    picture: NDArray[np.uint8]
    truth: Mask | None
    predicted: list[Mask]
    scores: list[float]
    trained_on: bool | None


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield image, truth and the masks of first, middle and last epoch, of four images at most."""
    competition = subject.competition
    fold, kept = kept_masks_of(run_folder(subject))
    if not kept or not competition.has_masks:
        return
    scorer = FoldMaskScorer(competition)
    is_best = is_among_best(subject, BEST, lambda run: has_kept(subject, run, "masks"))
    side = _SIDE_PX if is_best else _SIDE_OF_OTHERS_PX
    images = _images(subject, kept, scorer, side)
    if not images:
        return
    epochs = [one.epoch for one in kept]
    label = scorer.name
    wide, narrow = (
        mask_epochs(
            [one.picture for one in images],
            [one.truth for one in images],
            [[one.predicted[i] for one in images] for i in range(len(epochs))],
            kind=competition.mask_kind,
            classes=mask_names(competition),
            epochs=epochs,
            scores=[one.scores for one in images],
            label="" if is_narrow else label,
            titles=[one.id for one in images],
            narrow=is_narrow,
        )
        for is_narrow in (False, True)
    )
    whose = "The network trained on all rows" if fold == "full" else f"The network of fold {fold}"
    caption = f"{whose}, after some of its epochs, by the plain decision. {_learning(images)}"
    if any(np.isfinite(one.scores).any() for one in images):
        caption += f" Numbers: {label} of the image alone."
    alt = f"Masks of run {subject.entry.id} by epoch. " + "; ".join(
        f"{one.id}: {_describe_scores(one.scores, epochs, label)}" for one in images
    )
    yield Plot(wide, "kept-masks", "Chosen images", alt, caption, narrow)


def _images(
    subject: RunSubject, kept: Sequence[EpochMasks], scorer: FoldMaskScorer, side: int
) -> list[_Image]:
    """Return the first images that are in the data and in every epoch."""
    last = kept[-1]
    ids = [one for one in last.ids if all(one in each.ids for each in kept)][:MOST_IMAGES]
    train, found = _rows(subject.data.samples, ids), []
    missing = [one for one in ids if one not in train]
    test = {}
    if missing and subject.competition.data.test is not None:
        test = _rows(
            load_samples(subject.competition, "test", workspace=subject.workspace), missing
        )
    for name in ids:
        row = train.get(name, test.get(name))
        if row is None:
            continue
        is_trained_on = bool(last.learnt[last.ids.index(name)]) if name in train else None
        masks = [one.masks[one.ids.index(name)] for one in kept]
        found.append(_image(subject, row, masks, scorer, side, is_trained_on))
    return found


def _rows(samples: pd.DataFrame | None, ids: Sequence[str]) -> dict[str, pd.DataFrame]:
    if samples is None:
        return {}
    there = samples[samples["id"].isin(ids)]
    return {str(there["id"].iloc[i]): there.iloc[[i]] for i in range(len(there))}


def _image(
    subject: RunSubject,
    row: pd.DataFrame,
    masks: Sequence[Mask],
    scorer: FoldMaskScorer,
    side: int,
    trained_on: bool | None,
) -> _Image:
    competition = subject.competition
    files = files_of(competition, row["images"].iloc[0])
    picture = enlarged(shrunk(files, competition.reader, largest=side), largest=side)
    size = (picture.shape[0], picture.shape[1])
    has_mask = "mask" in row and bool(row["mask"].notna().iloc[0])
    truth = truth_masks(competition, row)[0] if has_mask else None
    scores = [np.nan if truth is None else _score(scorer, truth, one) for one in masks]
    return _Image(
        str(row["id"].iloc[0]),
        picture,
        None if truth is None else resize_nearest(truth, size),
        [resize_nearest(one, size) for one in masks],
        scores,
        trained_on,
    )


def _score(scorer: FoldMaskScorer, truth: Mask, predicted: Mask) -> float:
    # Masks of wrong sizes raise; an undefined score does not.
    counts = scorer.counts(truth, predicted)
    try:
        return scorer(counts[None])
    except DataError:
        return float("nan")


def _learning(images: Sequence[_Image]) -> str:
    """Return a sentence on the images the network was trained on; ids are not escaped."""
    trained = [one.id for one in images if one.trained_on]
    held = [one.id for one in images if one.trained_on is False]
    test = [one.id for one in images if one.trained_on is None]
    text = ""
    if trained:
        text += f"It was trained on the true mask of {', '.join(trained)}. "
    if held:
        text += f"It was not trained on the mask of {', '.join(held)}. "
    if test:
        text += f"Of the test part: {', '.join(test)}. "
    return text.strip()


def _describe_scores(scores: Sequence[float], epochs: Sequence[int], label: str) -> str:
    if not np.isfinite(scores).any():
        return "no score"
    text = [
        f"{score:.3f} after epoch {epoch}"
        for score, epoch in zip(scores, epochs, strict=True)
        if np.isfinite(score)
    ]
    return f"{label} {', '.join(text)}"
