"""A reader of submission files written without a look at podium's: the truth of mutation tests."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

import numpy as np

from podium.codecs.rle import AxisOrder

__all__ = ["RefusedError", "number_by_hand", "pixels_of_runs", "rows_by_hand"]

BLANKS = " \t\n\r"
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


class RefusedError(Exception):
    """The file is not as it must be."""


def rows_by_hand(content: bytes, header: Sequence[str]) -> list[list[str]]:
    """Return the cells of the rows below the header."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError from error
    if "\0" in text:
        raise RefusedError
    rows = _lines_of(text)
    if not rows or rows[0] != list(header):
        raise RefusedError
    found = [row for row in rows[1:] if row]
    if not found or any(len(row) != len(header) for row in found):
        raise RefusedError
    return found


def _lines_of(text: str) -> list[list[str]]:
    """Return the cells of each line; a line without a quote ends at its newline."""
    rows = []
    rest = iter([f"{line}\n" for line in text.split("\n")])
    for line in rest:
        if '"' in line:
            read: list[str] = []
            try:
                rows.append(next(csv.reader(_noted(_chained(line, rest), read))))
            except csv.Error as error:
                raise RefusedError from error
            _refuse_open("".join(read))
            continue
        plain = line.rstrip("\r\n")
        if "\r" in plain:
            raise RefusedError
        rows.append(plain.split(",") if plain else [])
    return rows


def _chained(line: str, rest: Iterator[str]) -> Iterator[str]:
    yield line
    yield from rest


def _noted(lines: Iterator[str], read: list[str]) -> Iterator[str]:
    for line in lines:
        read.append(line)
        yield line


def _refuse_open(text: str) -> None:
    """Refuse a row whose last cell begins with a quote that no other one closes."""
    at, begins = 0, True
    while at < len(text):
        if text[at] == '"' and begins:
            at = text.find('"', at + 1)
            while at >= 0 and text[at + 1 : at + 2] == '"':  # two in a row stand for one
                at = text.find('"', at + 2)
            if at < 0:
                raise RefusedError
        begins = text[at] in ",\n"
        at += 1


def number_by_hand(cell: str) -> float:
    """Return the finite number in a cell, which may have blanks around it."""
    plain = cell.strip(" \t\n\r\f\v")
    if not NUMBER.fullmatch(plain) or not np.isfinite(float(plain)):
        raise RefusedError
    return float(plain)


def pixels_of_runs(
    cell: str, size: tuple[int, int], *, base: int, order: AxisOrder, relative: bool
) -> np.ndarray:
    """Return the mask (H, W) of a cell that holds runs, not the mark of an empty mask."""
    flat = np.zeros(size[0] * size[1], dtype=bool)
    for blank in BLANKS:
        cell = cell.replace(blank, " ")
    numbers = [word for word in cell.split(" ") if word]
    if not numbers or len(numbers) % 2:
        raise RefusedError
    if not all(set(one) <= set("0123456789") for one in numbers):
        raise RefusedError
    end = 0
    for k in range(0, len(numbers), 2):
        start, length = int(numbers[k]), int(numbers[k + 1])
        first = end + start if relative and k else start - base
        if first < end or length < 1 or first + length > flat.size:
            raise RefusedError
        flat[first : first + length] = True
        end = first + length
    return flat.reshape(size, order=order)
