"""Expected private scores of our submissions."""

from __future__ import annotations

from collections.abc import Iterator

from podium.reporting.figures.shake_up import ShakeUpRow, shake_up
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BoardSubject

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
