"""Images with their true mask, and the masks that a network predicted during training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import ArrayLike, NDArray

from podium.competition.samples import load_samples
from podium.competition.truths.masks import Mask, resize_nearest, truth_masks
from podium.errors import DataError
from podium.predictions.snapshots import EpochMasks
from podium.reporting.figures._panel import LEGEND, MUTED, panels, plain
from podium.reporting.images.thumbnails import enlarged, files_of, shrunk
from podium.reporting.masks.evaluation import mask_names
from podium.reporting.masks.painting import class_colors, layers_of, paint_classes, painted
from podium.reporting.plot import Plot
from podium.reporting.run_features import has_kept, is_among_best, kept_masks_of, run_folder
from podium.reporting.subjects import RunSubject
from podium.training.runs.scoring import FoldMaskScorer

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PLACE", "TITLE", "example", "mask_epochs", "plots"]

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
        is_trained_on = bool(last.is_trained_on[last.ids.index(name)]) if name in train else None
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


_PANEL_PX, _NARROW_PX, _WORDS_PX = 130, 330, 20


def mask_epochs(
    images: Sequence[NDArray[np.uint8]],
    truths: Sequence[Mask | None],
    masks: Sequence[Sequence[Mask]],
    *,
    kind: str,
    classes: Sequence[str],
    epochs: Sequence[int],
    scores: ArrayLike | None = None,
    label: str = "",
    titles: Sequence[str] = (),
    narrow: bool = False,
) -> Figure:
    """Return image | truth | prediction of each epoch, a row for each image.

    Args:
        images: `(N,)` of `(H, W, 3)`; sizes may differ.
        truths: `(N,)` of masks, each of its image's height and width; None: unknown.
        masks: `(E,)` of `(N,)` decisions of the same sizes, the earliest epoch first.
        kind: of the task.
        classes: names of the mask classes; one for a binary mask.
        epochs: `(E,)`.
        scores: `(N, E)`, written below the predictions; nan where there is none.
        label: what the scores are.
        titles: `(N,)`, written beside the rows.
        narrow: for a phone: a column for each image.
    """
    n, n_columns = len(images), 2 + len(epochs)
    known = np.full((n, len(epochs)), np.nan) if scores is None else np.asarray(scores, float)
    by_image = [[truth, *each] for truth, *each in zip(truths, *masks, strict=True)]
    shown = _shown(by_image, kind, len(classes))
    colors = _colors(len(classes), shown)
    size = (n_columns, n) if narrow else (n, n_columns)
    side = min(_PANEL_PX, (_NARROW_PX - 24) / n) if narrow else _PANEL_PX
    width = _NARROW_PX if narrow else n_columns * side + 30
    legend_rows = -(-len(shown) // (3 if narrow else 6)) if shown else 0
    height = size[0] * (side + _WORDS_PX) + _WORDS_PX * (1 + legend_rows)
    figure, drawn = panels(*size, width, height)
    grid = drawn.T if narrow else drawn
    for i, image in enumerate(images):
        _show(grid[i, 0], image)
        for column, mask in enumerate(by_image[i], start=1):
            if mask is None:
                _write_text(grid[i, column], "unknown")
            else:
                _show(grid[i, column], paint_classes(image, mask, colors, kind, len(classes)))
        for axes, score in zip(grid[i, 2:], known[i], strict=True):
            if np.isfinite(score):
                axes.set_xlabel(plain(f"{label} {score:.2f}".strip()), color=MUTED, fontsize=10)
    for axes, name in zip(
        grid[0], ("image", "actual", *(f"epoch {e}" for e in epochs)), strict=True
    ):
        _name(axes, name, beside=narrow)
    for axes, title in zip(grid[:, 0], titles, strict=False):
        _name(axes, plain(title, longest=max(8, int(side / 6))), beside=not narrow)
    handles = [Patch(color=painted(colors[one]), label=plain(classes[one])) for one in shown]
    if handles:
        columns = 3 if narrow else 6
        figure.legend(handles=handles, loc="outside lower left", ncols=columns, **LEGEND)
    return figure


def example() -> Figure:
    """Return one image whose mask is found better and better."""
    rng = np.random.default_rng(0)
    row, column = np.mgrid[:64, :64]
    away = np.hypot(row - 30, column - 34)
    truth = (away < 16).astype(np.uint8)
    image = (80 + 90 * truth[..., None] + rng.integers(0, 40, (64, 64, 3))).astype(np.uint8)
    noise = rng.normal(size=(64, 64))
    predicted = [(away + step * noise < 16).astype(np.uint8) for step in (12, 5, 1)]
    both = [float((one & truth).sum() / (one | truth).sum()) for one in predicted]
    return mask_epochs(
        [image], [truth], [[one] for one in predicted], kind="binary", classes=["leaf"],
        epochs=[1, 10, 20], scores=[both], label="IoU", titles=["img_0007"],
    )  # fmt: skip


def _shown(by_image: Sequence[Sequence[Mask | None]], kind: str, n: int) -> list[int]:
    """Return the classes that are in any of the masks."""
    there = np.zeros(n, dtype=bool)
    for mask in (mask for masks in by_image for mask in masks if mask is not None):
        there |= layers_of(mask, kind, n).any(axis=(0, 1))
    return [int(one) for one in np.flatnonzero(there)]


def _colors(n: int, shown: Sequence[int]) -> list[str]:
    """Return a colour for each class; of more than there are colours, the shown ones differ."""
    palette = class_colors(n)
    if len(set(palette)) < n:
        for number, one in enumerate(shown):
            palette[one] = class_colors(len(shown))[number]
    return palette


def _show(axes: Axes, picture: NDArray[np.uint8]) -> None:
    axes.imshow(picture, interpolation="none")


def _write_text(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, ha="center", va="center", color=MUTED, transform=axes.transAxes)


def _name(axes: Axes, text: str, *, beside: bool) -> None:
    if beside:
        axes.set_ylabel(text, fontsize=10.5, color=MUTED)
    else:
        axes.set_title(text, fontsize=10.5, color=MUTED)
