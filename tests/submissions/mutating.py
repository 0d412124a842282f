"""Files that went wrong on their way: bytes, cells, rows and columns changed at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

__all__ = ["mutated"]

Rng = np.random.Generator
_BYTES = [*b'0123456789 ,"\n\r\t-.x', 0, 0xC3, 0xFF, 0xEF]
_CELLS = [
    "",
    " ",
    "nan",
    "NaN",
    "-1",
    "1 0",
    "1",
    "1 1",
    "0 1",
    "3 2 1 1",
    "1e3",
    "٣",
    "0.5",
    "a b",
]
_NUMBERS = ["0", "1", "-1", "007", "1.0", "99999999999999999999", "4294967297", "+1", "1_0", "x"]


def mutated(text: str, rng: Rng, cells: Sequence[str] = _CELLS) -> bytes:
    """Return the file `text` after one to three accidents; a cell may become one of `cells`."""
    content = text.encode()
    for _ in range(int(rng.integers(1, 4))):
        which = int(rng.integers(len(_ACCIDENTS) + 1))
        if which == len(_ACCIDENTS):
            content = _a_cell_is_another(content, rng, cells)
        else:
            content = _ACCIDENTS[which](content, rng)
    return content


def _a_byte_is_lost(content: bytes, rng: Rng) -> bytes:
    at = _place(content, rng)
    return content[:at] + content[at + 1 :]


def _a_byte_is_put_in(content: bytes, rng: Rng) -> bytes:
    at = _place(content, rng)
    return content[:at] + bytes([_BYTES[int(rng.integers(len(_BYTES)))]]) + content[at:]


def _the_end_is_cut_off(content: bytes, rng: Rng) -> bytes:
    return content[: _place(content, rng)]


def _a_line_is_lost(content: bytes, rng: Rng) -> bytes:
    lines = content.split(b"\n")
    del lines[int(rng.integers(len(lines)))]
    return b"\n".join(lines)


def _a_line_comes_twice(content: bytes, rng: Rng) -> bytes:
    lines = content.split(b"\n")
    line = lines[int(rng.integers(len(lines)))]
    lines.insert(int(rng.integers(len(lines) + 1)), line)
    return b"\n".join(lines)


def _two_lines_change_places(content: bytes, rng: Rng) -> bytes:
    lines = content.split(b"\n")
    a, b = rng.integers(len(lines), size=2)
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _a_cell_is_another(content: bytes, rng: Rng, texts: Sequence[str]) -> bytes:
    lines = [line.split(b",") for line in content.split(b"\n")]
    cells = lines[int(rng.integers(len(lines)))]
    cells[int(rng.integers(len(cells)))] = texts[int(rng.integers(len(texts)))].encode()
    return b"\n".join(b",".join(line) for line in lines)


def _a_cell_is_quoted(content: bytes, rng: Rng) -> bytes:
    lines = [line.split(b",") for line in content.split(b"\n")]
    cells = lines[int(rng.integers(len(lines)))]
    at = int(rng.integers(len(cells)))
    cells[at] = b'"' + cells[at].replace(b'"', b'""') + b'"'
    return b"\n".join(b",".join(line) for line in lines)


def _a_number_is_another(content: bytes, rng: Rng) -> bytes:
    words = content.split(b" ")
    words[int(rng.integers(len(words)))] = _NUMBERS[int(rng.integers(len(_NUMBERS)))].encode()
    return b" ".join(words)


def _columns_change_places(content: bytes, rng: Rng) -> bytes:
    lines = [line.split(b",") for line in content.split(b"\n")]
    return b"\n".join(b",".join(reversed(line)) for line in lines)


def _ends_of_lines_are_others(content: bytes, rng: Rng) -> bytes:
    end = [b"\r\n", b"\r", b"\n\n"][int(rng.integers(3))]
    return content.replace(b"\n", end)


def _a_mark_of_byte_order_is_put_in_front(content: bytes, rng: Rng) -> bytes:
    return b"\xef\xbb\xbf" + content


def _place(content: bytes, rng: Rng) -> int:
    return int(rng.integers(len(content) + 1))


_ACCIDENTS: list[Callable[[bytes, Rng], bytes]] = [
    _a_byte_is_lost,
    _a_byte_is_put_in,
    _a_byte_is_put_in,
    _the_end_is_cut_off,
    _a_line_is_lost,
    _a_line_comes_twice,
    _two_lines_change_places,
    _a_cell_is_quoted,
    _a_number_is_another,
    _a_number_is_another,
    _columns_change_places,
    _ends_of_lines_are_others,
    _a_mark_of_byte_order_is_put_in_front,
]
