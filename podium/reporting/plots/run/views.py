"""Network inputs: a row for each sample and a column for each view, or the reverse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.competition.truths.masks import n_mask_classes
from podium.errors import plural
from podium.predictions.snapshots import StreamPreview, ViewPreview, preview_folds, read_previews
from podium.reporting.figures._panel import INK, panels, plain
from podium.reporting.masks.painting import class_colors, paint_classes
from podium.reporting.plot import Plot
from podium.reporting.subjects import RunSubject

__all__ = ["PLACE", "TITLE", "example", "plots", "views"]

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
        f"{plural(len(stream.ids), 'sample')} of the stream {stream.name} of run {run} as the "
        "network gets them at step "
        f"{stream.step} of {of_phase}, fold {fold}; views: {made}; "
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


_SIDE_PX = 96
_LINE_PX = 15
_LONGEST, _SIGN_PX, _GAP_PX = 17, 6.5, 16  # signs of a name beside a row, and what they take


def views(
    pictures: Sequence[Sequence[NDArray[np.uint8]]],
    *,
    columns: Sequence[str],
    rows: Sequence[str] = (),
    side_px: float = _SIDE_PX,
) -> Figure:
    """Return a grid of pictures with the names of its columns above and of its rows beside.

    Args:
        pictures: `(N, V)` of `(h, w, 3)`: of each sample its views; or of each view its samples.
        columns: `(V,)`; a name may have two lines.
        rows: `(N,)`; a name may have two lines. None of them: no room is left for names.
        side_px: of a picture.
    """
    lines = [part for name in rows for part in name.split("\n")]
    longest = min(_LONGEST, max(map(len, lines), default=0))
    names_px = _SIGN_PX * longest + _GAP_PX if lines else 0
    width = names_px + side_px * len(columns)
    above_px = _LINE_PX * (1 + max(name.count("\n") for name in columns)) + 11
    figure, grid = panels(len(pictures), len(columns), width, above_px + side_px * len(pictures))
    for axes, name in zip(grid[0], columns, strict=True):
        axes.set_title(_lines(name, round(side_px / 6)), fontsize=11 if "\n" not in name else 10)
    for line, shown in zip(grid, pictures, strict=True):
        for axes, picture in zip(line, shown, strict=True):
            axes.imshow(picture, interpolation="none")
            axes.set_anchor("W")  # centred in wider space, names would be outside
    for line, name in zip(grid, rows, strict=bool(rows)):
        line[0].set_ylabel(
            _lines(name, _LONGEST),
            rotation=0,
            ha="right",
            va="center",
            color=INK,
            fontsize=10,
            labelpad=6,
        )
    figure.set_layout_engine("constrained", w_pad=0.03, h_pad=0.03, wspace=0.02, hspace=0.02)
    return figure


def _lines(name: str, longest: int) -> str:
    return "\n".join(plain(part, longest=longest) for part in name.split("\n")[:2])


def example() -> Figure:
    """Return it of two made-up pictures, whole, mirrored, and with a hole and other colours."""
    rng = np.random.default_rng(0)
    lines = np.linspace(0, 1, 48)
    shown = []
    for phase in (0.0, 0.4):
        waves = 0.5 + 0.5 * np.sin(9 * (lines[:, None] ** 2 + lines + phase))
        whole = np.stack([waves, waves[::-1], np.full_like(waves, 0.5)], axis=-1)
        strong = np.clip(0.7 * whole[..., ::-1] + 0.15 * rng.random(whole.shape), 0, 1)
        strong[10:26, 20:38] = 0
        views_of = (whole, whole[:, ::-1], strong)
        shown.append([np.round(255 * one).astype(np.uint8) for one in views_of])
    columns = ("image", "weak", "strong")
    return views(shown, columns=columns, rows=("0001\nwaves", "0002\nwaves"))
