"""Network inputs at the first step of each phase: the views of every stream."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import n_mask_classes
from podium.competition.spec import Competition
from podium.predictions.snapshots import StreamPreview, ViewPreview, preview_folds, read_previews
from podium.reporting.figures.views import views
from podium.reporting.mask_painting import class_colors, paint_classes
from podium.reporting.plot import Plot
from podium.reporting.subjects import RunSubject

TITLE, PLACE = "Seen", 15

_FEW = 2  # views are rows then, or samples would be a tall column
_WIDE = 3  # columns that a phone shows


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield a grid of samples by views for each stream that differs from earlier ones.

    Phases often have the same input: of equal streams only the first is drawn.
    """
    run = subject.workspace.runs / subject.entry.id
    for fold in preview_folds(run)[:1]:
        drawn: set[tuple[str, ...]] = set()
        for stream in read_previews(run, fold):
            kind = (stream.name, *(_kind(one) for one in stream.views))
            if kind not in drawn and stream.ids:
                drawn.add(kind)
                yield _plot(subject, stream, fold)


def _kind(view: ViewPreview) -> str:
    has_masks = view.masks is not None and bool((view.masks != 255).any())
    return f"{view.name} {view.policy} {view.of} {has_masks}"


def _plot(subject: RunSubject, stream: StreamPreview, fold: str) -> Plot:
    competition, run = subject.competition, subject.entry.id
    columns, pictures = _columns(stream, competition)
    by_row = [list(one) for one in zip(*pictures, strict=True)]
    both = zip(stream.ids, stream.labels, strict=True)
    rows = [f"{_line(name)}\n{_line(label)}" if label else _line(name) for name, label in both]
    narrow = None
    if len(columns) <= _FEW:
        figure = views(pictures, columns=rows, rows=columns)
        if len(rows) > _WIDE:
            few = [one[:_WIDE] for one in pictures]
            narrow = views(few, columns=rows[:_WIDE], side_px=104)
    else:
        figure = views(by_row, columns=columns, rows=rows)
    if len(columns) > _WIDE:
        few = [one[:_WIDE] for one in by_row]
        narrow = views(few, columns=columns[:_WIDE], side_px=104)
    made = ", ".join(_describe_view(one) for one in stream.views)
    of_phase = _phase(subject, stream.phase)
    alt = (
        f"{len(stream.ids)} samples of the stream {stream.name} of run {run} as the network gets "
        f"them at step {stream.step} of {of_phase}, fold {fold}; views: {made}; "
        f"samples: {', '.join(stream.ids)}"
    )
    caption = (
        f"{of_phase[:1].upper()}{of_phase[1:]}, step {stream.step}, fold {fold}, before "
        f"normalisation. Views: {made}."
    )
    title = stream.name.replace("_", " ").capitalize()
    return Plot(figure, f"seen-{stream.phase}-{stream.name}", title, alt, caption, narrow)


def _columns(
    stream: StreamPreview, competition: Competition
) -> tuple[list[str], list[list[NDArray[np.uint8]]]]:
    """Return the name of each column and its pictures: a view, and beside it its masks."""
    names, pictures = [], []
    for view in stream.views:
        names.append(view.name)
        pictures.append(list(view.images))
        painted = _painted(view, competition)
        if painted:
            names.append("its mask")
            pictures.append(painted)
    return names, pictures


def _painted(view: ViewPreview, competition: Competition) -> list[NDArray[np.uint8]]:
    """Return the images with their masks; none if no pixel of any mask is labelled."""
    if view.masks is None or not competition.has_masks or (view.masks == 255).all():
        return []
    n, kind = n_mask_classes(competition), competition.mask_kind
    each = zip(view.images, view.masks, strict=True)
    return [paint_classes(image, mask, class_colors(n), kind, n) for image, mask in each]


def _describe_view(view: ViewPreview) -> str:
    by = "the recipe's own" if view.policy == "train" else f"policy {view.policy}"
    return f"{view.name} ({by}{f', on top of {view.of}' if view.of else ''})"


def _phase(subject: RunSubject, number: int) -> str:
    """Return "phase 2 (joint)", without the name if it is not known yet."""
    for history in subject.entry.histories.values():
        if number <= len(history.phases):
            return f"phase {number} ({history.phases[number - 1][1]})"
    return f"phase {number}"


def _line(text: str) -> str:
    return " ".join(text.split())
