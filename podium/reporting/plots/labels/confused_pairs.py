"""The classes that are taken for one another most often, where a matrix cannot be read for them."""

from __future__ import annotations

from collections.abc import Iterator

from podium.reporting.figures.confused_pairs import SHOWN, confused_pairs
from podium.reporting.figures.confusion import WRITTEN_UP_TO
from podium.reporting.plot import Plot
from podium.reporting.subjects import LabelSubject

TITLE, PLACE = "Confusion", 15


def plots(subject: LabelSubject) -> Iterator[Plot]:
    """Yield a bar for each of the worst 20 pairs, of more than 16 classes."""
    names = subject.names
    if len(names) <= WRITTEN_UP_TO:
        return
    pairs = [(names[t], names[s], n, share) for t, s, n, share in subject.pairs(SHOWN)]
    if not pairs:
        return
    some = "; ".join(
        f"{truth} predicted as {predicted}: {n}" for truth, predicted, n, _ in pairs[:5]
    )
    alt = f"The {len(pairs)} most frequent confusions of {len(names)} classes. {some}"
    caption = "Left: truth. Right: predicted. Rows, and their share of the true class."
    yield Plot(confused_pairs(pairs), "confused-pairs", "Worst pairs", alt, caption)
