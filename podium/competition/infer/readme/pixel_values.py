"""The names of the values of mask files, as a text beside the data lists them.

README.md: "Pixel values: 0 background, 1 leaf, 2 = stem (not scored)."

    In the masks, the index is the class:
    | index | class                |
    | 0     | no data, not scored  |
    | 1     | leaf                 |
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import SENTENCE_END, cells_of_row, texts_beside
from podium.competition.languages import is_called, meaning_words
from podium.competition.phrases import any_phrase, plain_text, words_pattern

__all__ = ["readme_pixel_values"]

_NAMED = re.compile(
    r"(?<![\w.,#(])(?P<value>\d{1,3})(?![a-z])\s?(?P<sign>[=:→–—]|\b(?:is|are|means|for)\b)?\s?"
    r"(?:\([^()\d\n]{1,20}\)\s?)?"  # `0 (black) optic cup`
    r"(?P<name>[^\W\d][^,;=:.\d\n()|\]}]{0,40}?)\s?(?P<aside>\([^()\n]{0,80}\))?\s?"
    r"(?=[,;.\n)|\]}]|$|\b(?:and|und|et|y|e|en|och|og)\b)"
)
_BETWEEN = re.compile(r"[\s,;|.)\]}]*(?:\b(?:and|und|et|y|e|en|och|og)\b)?\s*")
_LARGEST = 255


def readme_pixel_values(folder: DataFolder) -> tuple[str, dict[int, str]] | None:
    """Return a text and the name that it has for each value, or None where no list is found.

    A list stands in one sentence that speaks of pixels or masks, or in the items below such a line,
    or in a table of two columns, perhaps with remarks behind them. A line that speaks of masks
    names the first column, or leads to the table with a colon, or states that pixels are class
    numbers, where the second has classes: two values at least, each once, the names all different.
    What is not scored is called `void`.
    """
    found = list[tuple[str, dict[int, str]]]()
    for path, text in texts_beside(folder, by_item=True):
        found += [(path, named) for named in (*_lists(text), *_tables(text))]
    return found[0] if found and all(named == found[0][1] for _, named in found) else None


def _lists(text: str) -> Iterator[dict[int, str]]:
    of_masks = words_pattern(meaning_words("mask") | meaning_words("pixel"))
    below = dict[int, str]()
    is_told = False
    for line in [*text.split("\n"), ""]:
        told = bool(of_masks.search(line))
        for sentence in SENTENCE_END.split(line) if told else ():
            if len(named := _named(sentence)) > 1:
                yield named
        item = _named(line) if is_told and not told and _may_be_item(line) else {}
        if len(item) == 1 and not below.keys() & item.keys():
            below |= item
        elif line.strip() or len(below) > 1:
            if len(below) > 1:
                yield below
            below = {}
            is_told = told
        # Blank lines between a heading and its items tell nothing.


def _may_be_item(line: str) -> bool:
    """Return whether a line begins with its value, or has a sign between this and the name.

    A sentence of rules, as "put all 60 pictures into one folder", has neither, and a verb behind
    many words is prose: "you must give a value to every cell; 255 is refused".
    """
    return any(
        _MARKS.fullmatch(line[: one.start()])
        or (one["sign"] and not one["sign"].isalpha())
        or (one["sign"] and len(line[: one.start()].split()) <= _FEW_WORDS)
        for one in _NAMED.finditer(line)
    )


_FEW_WORDS = 3  # before the value of an item, as "- the value 1 is leaf"


_MARKS = re.compile(r"[\W_]*(?:\d{1,3}[.)])?[\W_]*")
"""What may stand before the value of an item: signs of a list, and its number."""


def _tables(text: str) -> Iterator[dict[int, str]]:
    """Yield the names by value of each table in Markdown that lists those of masks."""
    of_masks = words_pattern(meaning_words("mask") | meaning_words("pixel"))
    lines = text.split("\n")
    for is_table, group in itertools.groupby(enumerate(lines), lambda one: _is_row(one[1])):
        if not is_table:
            continue
        rows = [(number, cells_of_row(line)) for number, line in group]
        (first, header), *below = _without_colours([one for one in rows if any(one[1])])
        has_classes = len(header) > 1 and is_called(header[1], "object class", "label")
        if not header[0] or header[0].isdecimal() or len(below) < 2:
            continue
        if len(header) != 2 and not (len(header) == _WITH_REMARKS and has_classes):
            continue
        if any(len(row) != len(header) or not _VALUE.fullmatch(row[0]) for _, row in below):
            continue
        own = {first, *(number for number, _ in below)}
        called = re.compile(rf"(?<!\w){re.escape(header[0])}(?!\w)")
        is_told = bool(of_masks.search(header[0])) or any(
            of_masks.search(line) and called.search(line)
            for number, line in enumerate(lines)
            if number not in own
        )
        above = next(filter(str.strip, reversed(lines[:first])), "").rstrip()
        is_told = is_told or (above.endswith((":", "：")) and bool(of_masks.search(above)))
        if has_classes:
            is_told = is_told or any(
                of_masks.search(line) and any_phrase("class number").search(plain_text(line))
                for line in lines
            )
        pairs = [(int(cells[0]), _name_in_cell(cells[1])) for _, cells in below]
        named = dict(pairs)
        is_plain = all(named.values()) and len(named) == len(pairs) == len(set(named.values()))
        if is_told and is_plain and max(named) <= _LARGEST:
            yield named


_WITH_REMARKS = 3  # columns: values, names, and remarks on them
_VALUE = re.compile(r"\d{1,3}")
_COLOUR = re.compile(r"\W*(?:rgb\W*)?(?:[0-9a-f]{6}|\d{1,3}(?:\W+\d{1,3}){2})\W*")
_Row = tuple[int, list[str]]


def _without_colours(rows: Sequence[_Row]) -> Sequence[_Row]:
    """Return rows of a table, the first its header, without columns of colours."""
    sizes = {len(cells) for _, cells in rows}
    if len(sizes) > 1 or len(rows) < 2:
        return rows
    kept = [
        place
        for place in range(*sizes)
        if not all(_COLOUR.fullmatch(cells[place]) for _, cells in rows[1:])
    ]
    return [(number, [cells[place] for place in kept]) for number, cells in rows]


def _is_row(line: str) -> bool:
    return line.strip().startswith("|")


def _name_in_cell(cell: str) -> str:
    """Return the name that begins a cell, which may go on behind a sign."""
    name = re.split(r"[,;:(]|\s[–—]\s", cell)[0].strip()
    return _name(name, cell)


def _named(sentence: str) -> dict[int, str]:
    """Return the names of the values in a sentence; {} where one stands there twice.

    Behind a word for pixel a number counts pixels: "pixel 1 is the top left one". Pairs without a
    sign between value and name are a list with nothing else between them, as "0 ground, 1 leaf".
    """
    pixel = words_pattern(meaning_words("pixel"))
    found = [
        one
        for one in _NAMED.finditer(sentence)
        if not pixel.match((sentence[: one.start()].split() or [""])[-1])
    ]
    gaps = [sentence[one.end() : other.start()] for one, other in itertools.pairwise(found)]
    if not all(one["sign"] for one in found) and not all(map(_BETWEEN.fullmatch, gaps)):
        return {}
    pairs = [(int(one["value"]), _name(one["name"], one["aside"] or "")) for one in found]
    named = dict(pairs)
    is_plain = len(named) == len(pairs) == len(set(named.values()))
    return named if is_plain and max(named, default=0) <= _LARGEST else {}


def _name(name: str, aside: str) -> str:
    is_unscored = any_phrase("not scored").search(aside)
    return "void" if is_unscored else name.strip()
