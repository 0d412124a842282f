"""Pages whose figures are made and not drawn: drawing is most of the time that a page takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_nothing", "leave_out_figures"]


def draw_nothing(patch: pytest.MonkeyPatch) -> None:
    """Have pages hold an empty `<svg>` for each figure, with its words and its size."""

    def frame(figure: Figure, *, name: str, alt: str) -> Markup:
        del name
        width, height = figure.get_size_inches() * 72
        return Markup(
            f'<svg role="img" aria-label="{escape(alt)}" viewBox="0 0 {width:.0f} {height:.0f}"'
            f' style="--natural: {width:.0f}px"></svg>'
        )

    patch.setattr("podium.reporting.plot.inline_svg", frame)


def leave_out_figures(patch: pytest.MonkeyPatch) -> None:
    """Have pages hold no figure: for tests of what else they say."""
    patch.setattr("podium.reporting.plots.plots_of", lambda *_, **__: [])
