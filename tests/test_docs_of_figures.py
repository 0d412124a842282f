"""The gallery has every figure of the report, and its text is what the files say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from scripts import script

from podium.reporting import figures
from podium.workspace.extensions import names

ROOT = Path(__file__).parent.parent


GALLERY: Any = script(ROOT / "docs/draw_gallery.py")
DRAWN = dict(GALLERY.drawn())


def test_every_file_of_the_folder_is_in_the_gallery():
    assert set(names(figures)) <= set(DRAWN)
    with_example = [one for one in GALLERY.every_module() if hasattr(one, "example")]
    assert {id(one) for one in with_example} == {id(one) for one in DRAWN.values()}
    assert {file.stem for file in (ROOT / "docs/images/gallery").iterdir()} == set(DRAWN)


def test_the_gallery_is_up_to_date():
    written = (ROOT / "docs/gallery.md").read_text(encoding="utf-8")
    assert written == GALLERY.page(), "run: make docs"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(DRAWN))
def test_example_figure_is_drawn_without_clipped_text(name):
    figure = DRAWN[name].example()
    assert type(figure) is Figure
    figure.draw_without_rendering()
    whole = figure.bbox.padded(2)
    not_drawn = {label for axes in figure.axes for label in beyond(axes)}
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_visible() and text.get_text().strip() and text not in not_drawn:
            box = text.get_window_extent()
            assert whole.x0 <= box.x0 <= box.x1 <= whole.x1, text.get_text()
            assert whole.y0 <= box.y0 <= box.y1 <= whole.y1, text.get_text()


def beyond(axes: Axes) -> list[Text]:
    """Return the labels of ticks that matplotlib keeps beyond the ends of the axes."""
    found = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        slack = 1e-9 * (high - low)
        ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        outside = [tick for tick in ticks if not low - slack <= tick.get_loc() <= high + slack]
        found += [label for tick in outside for label in (tick.label1, tick.label2)]
    return found
