"""How templates and messages take text from data: escaped and always printable; no figures here."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["environment", "printable"]


def environment() -> Environment:
    """Return the environment of podium's templates: values are escaped, missing ones an error."""
    return Environment(
        loader=PackageLoader("podium.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def printable(text: str) -> str:
    """Return `text` with what is none (bytes of a file name that are no UTF-8) written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
