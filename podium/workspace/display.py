"""Tables that a notebook or a console shows in the place of an object's fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

__all__ = [
    "html_table",
    "interval_on_train",
    "number",
    "printable",
    "show_path",
    "telling_interval",
    "text_table",
]

_STYLE = "text-align: left; padding: 0.2em 0.8em"


def interval_on_train(bounds: tuple[float, float] | None) -> str:
    """Return the 95 % interval of an honest score, as it stands behind that; "" where none tells.

    Example:
        >>> interval_on_train((0.84, 0.95))
        ' (95 % on train rows: 0.8400 to 0.9500)'
    """
    told = telling_interval(bounds)
    if told is None:
        return ""
    return f" (95 % on train rows: {number(told[0])} to {number(told[1])})"


def telling_interval(bounds: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return an interval; None where its bounds are one number, which tells nothing.

    Rows of one score are drawn again, and score the same: a perfect score would look exact.
    """
    return None if bounds is None or bounds[0] == bounds[1] else bounds


def number(value: float | None, digits: int = 4) -> str:
    """Return `value` with so many digits after the point, "–" where there is none.

    Example:
        >>> number(0.98765), number(None)
        ('0.9877', '–')
    """
    return "–" if value is None else f"{value:.{digits}f}"


def text_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return lines whose columns stand below their names.

    Example:
        >>> print(text_table(("member", "weight"), [("cnn", 0.25), ("vit", 0.75)]))
        member  weight
        cnn     0.25
        vit     0.75
    """
    lines = [list(columns), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def html_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str = "",
    notes: Iterable[str] = (),
) -> str:
    """Return a table of HTML with its title above it and a line for each note below it.

    Example:
        >>> "<td" in html_table(("a",), [("<b>",)], title="t") and "&lt;b&gt;"
        '&lt;b&gt;'
    """
    head = "".join(f'<th style="{_STYLE}">{escape(one)}</th>' for one in columns)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_STYLE}">{escape(str(cell))}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    above = f"<p><b>{escape(title)}</b></p>" if title else ""
    below = "".join(f"<div>{escape(one)}</div>" for one in notes)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<div>{above}{table}{below}</div>"


def printable(text: str) -> str:
    """Return `text` with what is none (bytes of a file name that are no UTF-8) written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def show_path(path: Path) -> str:
    """Return `path` relative to the current folder where it lies below it."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(path)
