"""A drawing of a network: its parts from the image to the outputs, and what each phase freezes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from podium.models.network_summary import NetworkPart, NetworkSummary
from podium.reporting.figures._panel import ACCENT, INK, MUTED, panel, plain, tint

__all__ = ["architecture", "counted", "example", "shaped"]

GAP, HEADING, TOP = 11, 24, 26  # px
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class _DrawingStyle:
    """Positions in px; the text in a box is its name, and on a phone its shape, too."""

    width: float
    row: float
    boxes: tuple[float, float]
    smallest: float
    shape_at: float | None
    parameters_at: float
    phases_from: float
    column: float  # of a phase, at most
    named: float  # from which width of a column the name of its phase fits


_WIDE = _DrawingStyle(720, 30, (16, 276), 150, 296, 520, 548, 56, named=50)
_NARROW = _DrawingStyle(330, 38, (12, 196), 140, None, 262, 270, 19, named=math.inf)


@dataclass(frozen=True)
class _Row:
    """One part, or several equal ones in a row; `frozen` is by phase, `at` their positions."""

    part: NetworkPart
    frozen: tuple[bool, ...]
    at: tuple[int, ...] = ()


def architecture(anatomy: NetworkSummary, *, width_px: float = 720) -> Figure:
    """Return the parts as boxes below each other, in the order in which an image goes through.

    A box is wider the finer its map. Beside it are the shape of its output and its number of
    parameters; and, if anything is ever frozen, a column for each phase, hatched where the part
    is frozen. Boxes that are frozen in all phases are grey. Equal consecutive parts, as the blocks
    of a transformer, are one box. Lines on the left lead from every part of the backbone whose map
    a head reads, as far as that is known, to the head.

    Args:
        anatomy: of the network.
        width_px: 720, or less than 500 for the form for a phone.
    """
    phases = anatomy.phases if any(map(any, anatomy.frozen)) else ()
    look = _fitted(_NARROW if width_px < 500 else _WIDE, len(phases))
    rooms = [(of, list(rows)) for of, rows in groupby(_rows(anatomy), key=lambda one: one.part.of)]
    n_rows = 1 + sum(len(rows) for _, rows in rooms)
    key = (16 * len(phases) if look.column < look.named else 0) + 26 if phases else 0
    height = TOP + n_rows * (look.row + GAP) + len(rooms) * HEADING + key
    figure, axes = panel(look.width, height)
    figure.set_layout_engine("none")
    axes.set_position((0, 0, 1, 1))
    axes.set(xlim=(0, look.width), ylim=(height, 0))
    axes.set_axis_off()
    _column_heads(axes, look, phases)
    image = NetworkPart("image", "", anatomy.image, 0, 0)
    y = _box(axes, look, _Row(image, ()), TOP, anatomy)
    middles: dict[int, float] = {}
    for number, (of, rows) in enumerate(rooms):
        title = f"backbone: {anatomy.backbone}" if of == "backbone" else f"head: {of}"
        _write_text(
            axes, sum(look.boxes) / 2 + 8, y + 7, title, color=MUTED, fontsize=10.5, longest=34
        )
        y += HEADING
        if number < 2:
            _arrow(axes, look, y - HEADING - GAP + 1, y)
        if number:
            last = rooms[0][1][-1].at[-1]
            read = [one for one in anatomy.reads.get(of, (last,)) if number > 1 or one != last]
            sources = [row for row in rooms[0][1] if any(one in row.at for one in read)]
            starts = [(_extent(look, one.part, anatomy)[0], middles[one.at[0]]) for one in sources]
            end = _extent(look, rows[0].part, anatomy)[0], y + look.row / 2
            _lead(axes, look, starts, end)
        for at, row in enumerate(rows):
            if at:
                _arrow(axes, look, y - GAP, y)
            middles[row.at[0]] = y + look.row / 2
            y = _box(axes, look, row, y, anatomy)
            if phases and row.part.parameters:
                _cells(axes, look, row, y - GAP - look.row)
    if phases:
        _key(axes, look, phases, y + 6)
    return figure


def _fitted(look: _DrawingStyle, n_phases: int) -> _DrawingStyle:
    """Return `look` with columns that fit beside each other, or without room for any."""
    if not n_phases:
        return replace(look, width=look.phases_from if look is _WIDE else look.width)
    room = look.width - look.phases_from - 4
    return replace(look, column=min(look.column, room / n_phases))


def counted(parameters: int) -> str:
    """Return a number of parameters as short text.

    Example:
        >>> [counted(n) for n in (0, 512, 9408, 11_176_512, 304_000_000)]
        ['', '512', '9.4 k', '11.2 M', '304 M']
    """
    if not parameters:
        return ""
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if parameters >= 0.9995 * size:
            value = parameters / size
            return f"{value:.1f}{letter}" if value < 99.95 else f"{value:.0f}{letter}"
    return str(parameters)


def shaped(shape: tuple[int, ...] | None) -> str:
    """Return a shape as text.

    Example:
        >>> [shaped(one) for one in ((64, 56, 56), (197, 768), (512,), None)]
        ['64 × 56 × 56', '197 tokens × 768', '512', '']
    """
    if shape is None:
        return ""
    if len(shape) == 2:
        return f"{shape[0]} tokens × {shape[1]}"
    return " × ".join(map(str, shape))


def _rows(anatomy: NetworkSummary) -> list[_Row]:
    """Return the parts, equal consecutive ones merged."""
    rows: list[_Row] = []
    first = ""
    for number, part in enumerate(anatomy.parts):
        row = _Row(part, tuple(of_phase[number] for of_phase in anatomy.frozen), (number,))
        if rows and part.layer is not None and _is_next(rows[-1], row, first):
            last = rows[-1].part
            merged = replace(
                last,
                name=_span(first, part.name),
                parameters=last.parameters + part.parameters,
                learnable=last.learnable + part.learnable,
            )
            rows[-1] = replace(rows[-1], part=merged, at=(*rows[-1].at, number))
        else:
            rows.append(row)
            first = part.name
    return rows


def _is_next(before: _Row, row: _Row, first: str) -> bool:
    one, other = before.part, row.part
    is_numbered = bool(_NUMBER.search(other.name))
    return (
        is_numbered
        and _NUMBER.sub("", first) == _NUMBER.sub("", other.name)
        and (one.of, one.shape, before.frozen) == (other.of, other.shape, row.frozen)
    )


def _span(first: str, last: str) -> str:
    """Return the names from `first` to `last`: "blocks.0" and "blocks.11" are "blocks.0-11"."""
    number = _NUMBER.findall(last)[-1]
    return f"{first}–{number}"


def _extent(look: _DrawingStyle, part: NetworkPart, anatomy: NetworkSummary) -> tuple[float, float]:
    """Return left and right of the box of `part`."""
    shape, side = part.shape, max(anatomy.image[1:])
    if shape is None or len(shape) < 2:
        fine = 0.0
    else:
        fine = max(shape[1:]) if len(shape) == 3 else math.sqrt(shape[0])
    share = min(1.0, math.log1p(fine) / math.log1p(side))
    left, right = look.boxes
    half = (look.smallest + share * (right - left - look.smallest)) / 2
    return (left + right) / 2 - half, (left + right) / 2 + half


def _box(axes: Axes, look: _DrawingStyle, row: _Row, y: float, anatomy: NetworkSummary) -> float:
    """Draw a part at `y`; return the position of the next one."""
    part = row.part
    left, right = _extent(look, part, anatomy)
    is_frozen = bool(row.frozen) and all(row.frozen)
    axes.add_patch(
        FancyBboxPatch(
            (left, y),
            right - left,
            look.row,
            facecolor=tint(MUTED if is_frozen else ACCENT, [0.08 if is_frozen else 0.13])[0],
            edgecolor=MUTED if is_frozen or not part.of else ACCENT,
            lw=1.1,
            boxstyle="round,pad=0,rounding_size=5",
        )
    )
    centre, middle = (left + right) / 2, y + look.row / 2
    shape = shaped(part.shape)
    at_name = middle
    if look.shape_at is None and shape:
        at_name = middle - 8
        _write_text(axes, centre, middle + 8, shape, ha="center", color=MUTED, fontsize=10)
    elif look.shape_at is not None:
        _write_text(axes, look.shape_at, middle, shape, color=INK)
    longest = 22 if look.shape_at is None else 28
    _write_text(axes, centre, at_name, part.name, ha="center", color=INK, longest=longest)
    weighs = counted(part.parameters)
    if 0 < part.learnable < part.parameters:
        trainable = f"{counted(part.learnable)} of"
        if look.shape_at is None:
            _write_text(
                axes, look.parameters_at, at_name, trainable, ha="right", color=INK, fontsize=10
            )
            middle += 8
        else:
            weighs = f"{trainable} {weighs}"
    _write_text(axes, look.parameters_at, middle, weighs, ha="right", color=INK, fontsize=10)
    return y + look.row + GAP


def _cells(axes: Axes, look: _DrawingStyle, row: _Row, y: float) -> None:
    """Draw whether the part is frozen in each phase."""
    for number, is_frozen in enumerate(row.frozen):
        x = look.phases_from + number * look.column
        axes.add_patch(_cell(x, y + 4, look.column - 3, look.row - 8, is_frozen=is_frozen))


def _cell(x: float, y: float, width: float, height: float, *, is_frozen: bool) -> Rectangle:
    if is_frozen:
        look: dict[str, Any] = {
            "facecolor": "none",
            "edgecolor": MUTED,
            "hatch": "/////",
            "lw": 0.8,
        }
    else:
        look = {"facecolor": tint(ACCENT, [0.75])[0], "edgecolor": ACCENT, "lw": 0.8}
    return Rectangle((x, y), width, height, **look)


def _column_heads(axes: Axes, look: _DrawingStyle, phases: tuple[str, ...]) -> None:
    if look.shape_at is not None:
        _write_text(axes, look.shape_at, 12, "shape", color=MUTED, fontsize=10)
    _write_text(axes, look.parameters_at, 12, "parameters", ha="right", color=MUTED, fontsize=10)
    for number, name in enumerate(phases):
        x = look.phases_from + number * look.column + (look.column - 3) / 2
        text = name if look.column >= look.named else str(number + 1)
        _write_text(axes, x, 12, text, ha="center", color=MUTED, fontsize=10, longest=9)


def _key(axes: Axes, look: _DrawingStyle, phases: tuple[str, ...], y: float) -> None:
    """Write the legend of the cells, and the numbers of the phases if their names do not fit."""
    x = look.boxes[0]
    for name, is_frozen in (("learns", False), ("frozen", True)):
        axes.add_patch(_cell(x, y, 16, 12, is_frozen=is_frozen))
        _write_text(axes, x + 22, y + 6, name, color=MUTED, fontsize=10)
        x += 80
    if look.column < look.named:
        for number, name in enumerate(phases):
            at = y + 24 + 16 * number
            _write_text(
                axes,
                look.boxes[0],
                at,
                f"{number + 1}  {name}",
                color=MUTED,
                fontsize=10,
                longest=44,
            )


def _arrow(axes: Axes, look: _DrawingStyle, start: float, end: float) -> None:
    x = sum(look.boxes) / 2
    axes.annotate("", (x, end), (x, start), arrowprops=_ARROW)


def _lead(
    axes: Axes, look: _DrawingStyle, starts: Sequence[tuple[float, float]], end: tuple[float, float]
) -> None:
    """Draw lines from boxes of the backbone, by their left ends, to a head's that stands below."""
    x = look.boxes[0] - 8
    if not starts:
        return
    for left, y in starts:
        axes.plot([left, x], [y, y], color=MUTED, lw=1)
    axes.plot([x, x, end[0] - 3], [starts[0][1], end[1], end[1]], color=MUTED, lw=1)
    axes.annotate("", end, (end[0] - 8, end[1]), arrowprops=_ARROW)


_ARROW: dict[str, Any] = {
    "arrowstyle": "-|>",
    "color": MUTED,
    "lw": 1,
    "shrinkA": 0,
    "shrinkB": 0,
    "mutation_scale": 8,
}


def _write_text(
    axes: Axes, x: float, y: float, text: str, *, longest: int = 24, ha: str = "left", **look: Any
) -> None:
    if text:
        axes.text(x, y, plain(text, longest=longest), va="center", ha=ha, **look)


def example() -> Figure:
    """Return a network of two heads that is trained in three phases."""
    backbone = [
        ("stem", (64, 56, 56), 9_536),
        ("layer1", (64, 56, 56), 147_968),
        ("layer2", (128, 28, 28), 525_568),
        ("layer3", (256, 14, 14), 2_099_712),
        ("layer4", (512, 7, 7), 8_393_728),
    ]
    heads = [
        ("pool", "classify", (512,), 0),
        ("linear", "classify", (8,), 4_104),
        ("decoder", "segment", (64, 56, 56), 1_640_000),
        ("convolution", "segment", (9, 56, 56), 585),
        ("logits", "segment", (9, 224, 224), 0),
    ]
    parts = [
        *(
            NetworkPart(name, "backbone", shape, n, n, at)
            for at, (name, shape, n) in enumerate(backbone)
        ),
        *(NetworkPart(name, of, shape, n, n) for name, of, shape, n in heads),
    ]
    frozen = (
        tuple(part.name not in ("pool", "linear") for part in parts),
        tuple(part.of == "backbone" and part.name != "layer4" for part in parts),
        tuple(part.name == "stem" for part in parts),
    )
    phases = ("warm-up", "joint", "all")
    reads = {"classify": (4,), "segment": (0, 1, 2, 3, 4)}
    network = NetworkSummary("resnet18", (3, 224, 224), tuple(parts), phases, frozen, reads)
    return architecture(network)
