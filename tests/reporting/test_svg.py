"""A figure inside a page: its colours, its text, its ids."""

import base64
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from podium.reporting.figures._panel import INK, SERIES, panel, plain
from podium.reporting.plot import VARIABLES, inline_svg


def drawn(*, name="a", alt="one line", text="x", number=0):
    figure, axes = panel(200, 100)
    axes.plot([0, 1], [0, 1], marker="o", color=SERIES[number])
    axes.set_title(plain(text))
    axes.set_xticks([0], [plain(text)])
    return str(inline_svg(figure, name=name, alt=alt))


def test_a_figure_has_the_pages_colours_and_no_colour_or_font_of_its_own():
    svg = drawn()
    assert "var(--series-0)" in svg
    assert f"var({VARIABLES[INK]})" in svg
    assert not re.findall("#[0-9a-f]{6}", svg)
    assert "font-family" not in svg
    assert "<style" not in svg


def test_a_notebook_shows_a_figure_on_white_and_a_page_on_its_own_ground():
    """A notebook may be dark, and the ink is."""
    figure, axes = panel(200, 100)
    axes.plot([0, 1], [0, 1])
    stream = io.BytesIO()
    figure.savefig(stream, format="png", facecolor=figure.get_facecolor())  # as notebooks do
    with Image.open(stream) as shown:
        assert shown.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)
    assert "white" not in drawn()
    assert "#ffffff" not in drawn()


def test_every_series_has_a_variable_of_its_own():
    assert len(set(VARIABLES.values())) == len(VARIABLES)
    assert "var(--series-4)" in drawn(number=4)


@pytest.mark.parametrize(
    "text",
    [
        "<b>&amp;\"'",
        "$a$ and $b",
        "a_b^{c}",
        "\\alpha $\\frac$",
        "line\nbreak \x00\x1b",
        "日本 שלום",
    ],
)
def test_a_name_is_drawn_as_the_text_that_it_is(text):
    root = ET.fromstring(drawn(text=text))
    words = {"".join(one.itertext()) for one in root.iter() if one.tag.endswith("text")}
    shown = re.sub(r"[\x00-\x1f]+", " ", text).strip()
    assert {re.sub(r"\s+", " ", word) for word in words} >= {re.sub(r"\s+", " ", shown)}


def test_alternative_text_is_escaped():
    svg = drawn(alt='"><script>x</script>')
    root = ET.fromstring(svg)
    assert root.get("aria-label") == '"><script>x</script>'
    assert root.get("role") == "img"


def test_two_figures_share_no_id_and_the_same_figure_is_the_same_text():
    one, other = drawn(name="a"), drawn(name="b")
    ids = [set(re.findall(r'id="([^"]+)"', svg)) for svg in (one, other)]
    assert ids[0]
    assert not ids[0] & ids[1]
    assert drawn(name="a") == one


def test_long_names_are_cut():
    assert plain("a" * 50, longest=10) == "a" * 9 + "…"


def embedded(pixels):
    """Return the one picture of a figure that shows `pixels`, as its kind and its pixels."""
    figure, axes = panel(100, 100)
    axes.imshow(pixels, interpolation="none")
    ((kind, data),) = re.findall(
        r"data:image/(\w+);base64,([^\"]+)", str(inline_svg(figure, name="a", alt="x"))
    )
    return kind, np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))


def test_photographs_are_small_and_drawings_keep_every_pixel():
    rng = np.random.default_rng(0)
    few = rng.integers(0, 256, (9, 3), dtype=np.uint8)[rng.integers(0, 9, (60, 60))]
    kind, shown = embedded(few)
    assert kind == "webp"
    assert np.array_equal(shown[::-1], few) or np.array_equal(shown, few)
    waves = np.sin(np.arange(60)[:, None] / 9 + np.arange(60) / 7)
    photograph = (
        np.stack([waves, waves.T, -waves], axis=-1) * 90 + 128 + rng.normal(0, 4, (60, 60, 3))
    )
    photograph = photograph.clip(0, 255).astype(np.uint8)
    kind, shown = embedded(photograph)
    same = min((shown, shown[::-1]), key=lambda one: np.abs(one - photograph.astype(float)).mean())
    assert kind == "webp"
    assert np.abs(same - photograph.astype(float)).mean() < 6
