"""The environment of the HTML templates: escaping, printable text, and the filters for numbers.

Values are escaped, missing ones are an error, and text from data (bytes of a file name that are no
UTF-8) is always printable. The filters write scores, shares, moments, durations and sentences.
"""

from __future__ import annotations

import functools
from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined

from podium.ensembling.chance import in_draws
from podium.reporting.plot import drawn
from podium.tasks.protocols.names import is_of_pixels
from podium.workspace.blend_notes import format_method
from podium.workspace.display import printable, telling_interval
from podium.workspace.progress import format_duration

__all__ = ["environment", "printable", "templates"]


def environment() -> Environment:
    """Return the environment of podium's templates: values are escaped, missing ones an error."""
    return Environment(
        loader=PackageLoader("podium.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def templates() -> Environment:
    """Return the environment of the page's templates, with its filters and test.

    One for all pages of this process: to compile the templates takes as long as to fill them.
    """
    made = environment()
    made.tests["of_pixels"] = is_of_pixels
    made.filters |= {
        "drawn": drawn,
        "in_draws": in_draws,
        "zip": zip,
        "score": _score,
        "share": _share,
        "number": _number,
        "moment": _format_time,
        "sentence": _sentence,
        "signed": _signed,
        "duration": _duration,
        "method": format_method,
        "telling": telling_interval,
    }
    return made


def _score(value: float | None) -> str:
    """Return a score with four digits after the point, an en dash where there is none."""
    if value is None or value != value:
        return "–"
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:.6g}"


def _signed(value: float, digits: int = 4, plus: str = "+") -> str:
    """Return a difference with its sign, `plus` that of positive ones.

    Example:
        >>> _signed(-0.25)
        '−0.2500'
    """
    return f"{value:+.{digits}f}".replace("-", "−").replace("+", plus)


def _share(value: float) -> str:
    """Return a share in per cent, an en dash where there is none.

    Example:
        >>> _share(0.01234)
        '1.2 %'
    """
    if value != value:
        return "–"
    return f"{100 * value:.1f} %" if value >= 0.01 or value == 0 else f"{100 * value:.2g} %"


def _number(value: float) -> str:
    """Return what a column is sorted by; nothing where there is no value."""
    return "" if value != value else repr(float(value))


def _format_time(value: datetime | str) -> str:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{at:%Y-%m-%d %H:%M}"


def _sentence(text: str) -> str:
    """Return `text` as a sentence; names at its start keep their case.

    Example:
        >>> _sentence("it is not known")
        'It is not known.'
    """
    first = text.split(" ", 1)[0]
    start = text[:1].upper() if first.isalpha() else text[:1]
    return start + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _duration(seconds: float | None) -> str:
    """Return a length of time in its two largest units.

    Example:
        >>> _duration(4000)
        '1 h 6 min'
    """
    if seconds is None:
        return "–"
    return format_duration(seconds)
