"""Expected private score of each submission, and the change of their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from podium.reporting.figures._panel import (
    ACCENT,
    INK,
    MUTED,
    SERIES,
    legend_above,
    name_rows,
    panel,
    plain,
)
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BoardSubject

__all__ = ["PLACE", "TITLE", "ShakeUpRow", "example", "plots", "shake_up"]

TITLE, PLACE = "Expected shake-up", 40


def plots(subject: BoardSubject) -> Iterator[Plot]:
    """Yield the expected private score of each submission with its interval."""
    metric = subject.view.metric
    rows = [
        ShakeUpRow(
            one.name,
            one.expected.private,
            one.expected.private_interval,
            one.expected.public,
            one.row.private_score,
            one.place,
            one.expected_place,
        )
        for one in subject.part.outlooks
    ]
    if not rows:
        return
    alt = f"Expected private {metric} by submission. " + "; ".join(
        f"{row.name}: {row.expected:.4f}, {row.interval[0]:.4f} to {row.interval[1]:.4f}"
        for row in rows[:6]
    )
    caption = (
        "The best on top. On the right, the place among our own: by public score → by expected "
        "private score."
    )
    narrow = shake_up(rows, label=metric, width_px=NARROW_PX)
    wide = shake_up(rows, label=metric)
    yield Plot(wide, "shake-up", "What private scores may be", alt, caption, narrow)


SHOWN = 24


@dataclass(frozen=True)
class ShakeUpRow:
    """A submission; None where a value is unknown.

    Attributes:
        name: shown at its row.
        expected: of its private score.
        interval: bounds that hold it with 95 %.
        public: its score today.
        private: its private score, after the end.
        place: today's place by public score among our own, from 1.
        expected_place: the same by expected private score.
    """

    name: str
    expected: float
    interval: tuple[float, float]
    public: float | None = None
    private: float | None = None
    place: int | None = None
    expected_place: int | None = None


def shake_up(rows: Sequence[ShakeUpRow], *, label: str, width_px: float = 720) -> Figure:
    """Return a row for each of `rows`, in their order; of many the first 24.

    On the right is the place among our own: by public score → by expected private score.

    Args:
        rows: submissions.
        label: the metric.
        width_px: of the figure; names are cut to about a third of it.
    """
    shown = rows[:SHOWN]
    is_wide = width_px > 400
    figure, axes = panel(width_px, (78 if is_wide else 104) + 27 * len(shown))
    for at, row in enumerate(shown):
        _draw(axes, at, row)
    name_rows(axes, [plain(row.name, longest=int(width_px / 18)) for row in shown])
    axes.set_xlabel(plain(label))
    axes.margins(x=0.04)
    legend_above(figure, axes, columns=5 if is_wide else 2)
    return figure


def _draw(axes: Axes, at: int, row: ShakeUpRow) -> None:
    axes.hlines(at, *row.interval, color=ACCENT, lw=2.2, alpha=0.45, label="95 % interval")
    axes.plot(row.expected, at, "o", ms=7.5, color=ACCENT, label="private, expected")
    if row.public is not None:
        axes.plot(
            row.public, at, "D", ms=8, mfc="none", mew=1.7, color=SERIES[2], label="public"
        )  # hollow, for it lies near what is expected
    if row.private is not None:
        axes.plot(row.private, at, "x", ms=7.5, mew=2, color=SERIES[1], label="private")
    if row.place is not None and row.expected_place is not None:
        moves = row.place != row.expected_place
        axes.annotate(
            f"{row.place} → {row.expected_place}" if moves else f"{row.place}",
            (1, at),
            (6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=10.5,
            color=INK if moves else MUTED,
        )


def example() -> Figure:
    """Return four made-up submissions, of which the best public score is not to be trusted."""
    return shake_up(
        [
            ShakeUpRow("blend of three", 0.853, (0.842, 0.864), 0.851, place=2, expected_place=1),
            ShakeUpRow("convnext", 0.843, (0.832, 0.854), 0.848, place=3, expected_place=2),
            ShakeUpRow(
                "tuned on the board", 0.840, (0.821, 0.858), 0.866, place=1, expected_place=3
            ),
            ShakeUpRow("resnet50", 0.812, (0.799, 0.825), 0.809, place=4, expected_place=4),
        ],
        label="accuracy",
    )
