"""Names of files that look drawn at random, the same each time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

__all__ = ["LETTERS", "Names", "hex_name", "hex_names", "part_by_number", "uuid_name", "word_name"]


def hex_name(*parts: object, length: int = 10) -> str:
    """Return a name of hexadecimal letters, the same each time."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:length]


Names = Callable[[str, int], str]


def hex_names(length: int) -> Names:
    return lambda part, number: hex_name(part, number, length=length)


def uuid_name(*parts: object) -> str:
    text = hex_name(*parts, length=32)
    return "-".join([text[:8], text[8:12], text[12:16], text[16:20], text[20:]])


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def word_name(*parts: object, length: int = 15) -> str:
    """Return a name of letters of both cases and digits, the same each time."""
    number, letters = int(hex_name("fifteenth", *parts, length=40), 16), list[str]()
    for _ in range(length):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    return "".join(letters)


def part_by_number(number: int, n: int = 24) -> str:
    return "train" if number < n else "test"
