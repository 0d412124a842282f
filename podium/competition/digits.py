"""Digits of other scripts: Persian ۰–۹, Arabic ٠–٩, Devanagari ०–९, full-width ０–９ and others.

The ten digits of a script follow each other in Unicode, so that its 0 names them all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

__all__ = ["DECIMAL_SIGNS", "ascii_digits", "ascii_number", "digits_of", "is_zero", "zeros_of"]

DECIMAL_SIGNS = ("٫", "．")
"""Stand before the fraction of a number: in Persian and Arabic digits, in full-width ones."""
_POINTS = str.maketrans(dict.fromkeys(DECIMAL_SIGNS, "."))
_DIGIT = re.compile(r"\d")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")


def ascii_digits(text: str) -> str:
    """Return a text with each digit of another script as that of ASCII.

    Example:
        >>> ascii_digits("IMG_۰۰۱۲"), ascii_digits("２x")
        ('IMG_0012', '2x')
    """
    return text if text.isascii() else _OTHER_DIGIT.sub(lambda one: str(int(one[0])), text)


def ascii_number(text: str) -> str:
    """Return a text with digits of ASCII, and a point for the sign before fractions.

    Example:
        >>> ascii_number("۶۲٫۵")
        '62.5'
    """
    return ascii_digits(text).translate(_POINTS)


def digits_of(zero: str, text: str) -> str:
    """Return a text with each digit of ASCII as that of the script whose 0 is given.

    Example:
        >>> digits_of("۰", "0012") == "۰۰۱۲"
        True
    """
    return re.sub("[0-9]", lambda one: chr(ord(zero) + int(one[0])), text)


def zeros_of(texts: Iterable[str]) -> set[str]:
    """Return the 0 of each script whose digits are in the texts.

    Example:
        >>> sorted(zeros_of(["a7", "۱۲"])) == ["0", "۰"]
        True
    """
    signs = {sign for text in texts for sign in _DIGIT.findall(text)}
    return {chr(ord(sign) - unicodedata.decimal(sign)) for sign in signs}


def is_zero(sign: str) -> bool:
    """Return whether a sign is the digit 0 of a script."""
    return len(sign) == 1 and unicodedata.decimal(sign, None) == 0
