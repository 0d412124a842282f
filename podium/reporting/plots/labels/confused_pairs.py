"""The classes that are taken for one another most often, where a matrix cannot be read for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure

from podium.errors import either
from podium.reporting.figures._panel import ACCENT, MUTED, panel, plain, tint
from podium.reporting.figures.confusion import WRITTEN_UP_TO
from podium.reporting.plot import Plot
from podium.reporting.subjects import LabelSubject

__all__ = ["PLACE", "TITLE", "confused_pairs", "example", "plots"]

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
    alt = (
        f"The {len(pairs)} most frequent confusions of {either(len(names), 'class', 'classes')}. "
        f"{some}"
    )
    caption = "Left: the actual class. Right: predicted. Rows, and their share of the actual class."
    yield Plot(confused_pairs(pairs), "confused-pairs", "Worst pairs", alt, caption)


SHOWN = 20


def confused_pairs(pairs: Sequence[tuple[str, str, int, float]]) -> Figure:
    """Return a bar for each pair: the true class on the left, the predicted one on the right.

    Args:
        pairs: (truth, predicted, rows, share of the true class), in the order in which they are
            shown; of many, the first 20.
    """
    shown = pairs[:SHOWN]
    at, rows = np.arange(len(shown)), [one[2] for one in shown]
    figure, axes = panel(420, 60 + 24 * len(shown))
    axes.barh(at, rows, height=0.66, color=tint(ACCENT, [0.7])[0])
    for place, (_, _, n, share) in zip(at, shown, strict=True):
        axes.annotate(
            f"{n:,} · {100 * share:.0f} %",
            (n, place),
            (4, 0),
            textcoords="offset points",
            va="center",
            color=MUTED,
            fontsize=9.5,
        )
    axes.set_yticks(at, [plain(one[0], longest=17) for one in shown])
    other = axes.twinx()
    other.set_yticks(at, [plain(one[1], longest=17) for one in shown])
    other.tick_params(length=0, labelcolor=MUTED, labelsize=10.5)
    for one in (axes, other):
        one.set_ylim(len(shown) - 0.4, -0.6)
        one.spines[:].set_visible(False)
    axes.set(xticks=[], xlim=(0, 1.75 * max(rows, default=1)))
    axes.set_title("actual", loc="left", fontsize=10.5, color=MUTED)
    axes.set_title("predicted", loc="right", fontsize=10.5, color=MUTED)
    return figure


def example() -> Figure:
    """Return pairs of made-up birds."""
    birds = ["house sparrow", "tree sparrow", "willow warbler", "chiffchaff", "marsh tit"]
    rng = np.random.default_rng(0)
    rows = np.sort(rng.integers(3, 40, 8))[::-1]
    return confused_pairs(
        [(birds[i % 5], birds[(i + 1 + i // 5) % 5], int(n), n / 60) for i, n in enumerate(rows)]
    )
