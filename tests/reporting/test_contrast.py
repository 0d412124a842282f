"""Colours of the page: what is read stands out from what it stands on, light and dark."""

import re
from pathlib import Path

import pytest

import podium.reporting
from podium.reporting.figures import _panel
from podium.reporting.plot import VARIABLES

CSS = (Path(podium.reporting.__file__).parent / "templates" / "page.css").read_text()
BLOCKS = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
REST = re.sub(r":root \{.*?\}", "", CSS, flags=re.DOTALL)
SCHEMES = ("light", "dark")
GROUNDS = ("page", "surface", "wash", "warn-wash")
TEXTS = ("ink", "muted", "accent", "good", "warn")


def colors(scheme):
    """Return variable → (red, green, blue) of 0 to 255."""
    found = {}
    for block in BLOCKS[: 1 + SCHEMES.index(scheme)]:
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    return {name: tuple(bytes.fromhex(value[1:])) for name, value in found.items()}


def contrast(one, other):
    """Return the ratio of https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio, from 1 to 21."""

    def luminance(color):
        shares = [part / 255 for part in color]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_ratio_is_that_of_known_pairs():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((0x77, 0x77, 0x77), (255, 255, 255)) == pytest.approx(4.48, abs=0.005)
    assert len(BLOCKS) == 2


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_can_be_read_on_every_ground(scheme):
    known = colors(scheme)
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS] + [("on-accent", "accent")]
    low = {
        pair: round(ratio, 2)
        for pair in pairs
        if (ratio := contrast(known[pair[0]], known[pair[1]])) < 4.5
    }
    assert not low


@pytest.mark.parametrize("scheme", SCHEMES)
def test_figure_lines_and_field_borders_have_enough_contrast(scheme):
    known = colors(scheme)
    drawn = [name for name in known if name.startswith("series-")]
    assert len(drawn) == len(_panel.SERIES)
    low = {
        name: round(ratio, 2)
        for name in [*drawn, "edge", "accent"]
        if (ratio := contrast(known[name], known["surface"])) < 3
    }
    assert not low


def test_no_rule_has_a_color_that_is_not_among_those():
    colours = set(re.findall(r"(?<![\w-])color: ?([^;}]+)", REST))
    assert colours <= {f"var(--{name})" for name in TEXTS} | {"inherit"}
    grounds = set(re.findall(r"background(?:-color)?: ?([^;}]+)", REST))
    lines = {"var(--line)", "var(--accent)"}  # of bars and gaps, without text
    dimmed = {"rgb(0 0 0 / .6)", "#fff", "none"}
    assert grounds <= {f"var(--{name})" for name in GROUNDS} | lines | dimmed
    # What is half seen has another contrast; bars are no text.
    assert re.findall(r"([^\n}]*)\{[^}]*opacity:", REST) == [".bars .bar span "]


def test_every_color_of_a_figure_has_one_in_the_light_and_one_in_the_dark():
    wanted = {variable.removeprefix("--") for variable in VARIABLES.values()}
    light, dark = (set(re.findall(r"--([\w-]+): #", block)) for block in BLOCKS)
    assert wanted <= light == dark
