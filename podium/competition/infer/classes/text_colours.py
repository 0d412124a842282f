"""The classes of the colours of masks, as a text beside the data lists them.

    | Colour    | Class  |        - Forêt - RGB(0, 255, 0)       forest (0, 255, 0), sea (0, 0, 255)
    | (0,255,0) | Forest |        - Eau - RGB(0, 0, 255)

Colours in numbers are the same in every language, and so are lists of them. A colour that a word
alone names (`green`) is looked for among those of the masks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import pandas as pd

from podium.competition.infer.classes.colour_words import CALLED, SHADES
from podium.competition.infer.classes.names import colour_of, colours_of_table, name_column
from podium.competition.infer.files import DataFolder
from podium.competition.infer.masks.values import ClassNames, ColourNames
from podium.competition.infer.readme.texts import cells_of_row, texts_as_written
from podium.competition.phrases import any_phrase, plain_text

__all__ = ["text_colours", "with_text_colours"]

_WORD = rf"(?:(?:{SHADES})[ -]?)?(?:{'|'.join(CALLED)})"
_ONLY_WORD = re.compile(_WORD, re.IGNORECASE)
_NUMBERS = r"\d{1,3}\s*[,;]\s*\d{1,3}\s*[,;]\s*\d{1,3}"
_CODE = (
    r"(?:\b(?:rgb|rvb|hex)\s*[:=]?\s*)?"
    rf"(?:#[0-9a-f]{{6}}\b|\(\s*{_NUMBERS}\s*\)|\[\s*{_NUMBERS}\s*\]|(?<![\d.,;#]){_NUMBERS}(?![\d,;]*\d)"
    r"|(?<=rgb[ :=(])\s*\d{1,3}(?:\s+\d{1,3}){2}\b)"
)
_COLOUR = re.compile(_CODE, re.IGNORECASE)
_WITH_WORD = re.compile(
    rf"(?:(?:\b(?:in|is|are|as)\s+)?\b{_WORD}\s*[:=(\[]?\s*)?{_CODE}\s*\)?", re.IGNORECASE
)
_UP_TO_LIST = re.compile(r".*(?:[:.]\s|\b(?:are|is|shows?|has|have|marks?)\b)")
_BULLET = re.compile(r"^\s*(?:[-+•·–>]|\d{1,3}\s*[.):=-])\s*")
_BETWEEN = re.compile(r"\s*(?:->|=>|[:=→|()\[\]]|(?:^|(?<=\s))[-–—]+(?=\s|$))\s*")
_AND = re.compile(r"^(?:and|und|et|y|e|en|och|og|i|и)\s+", re.IGNORECASE)
_AROUND = " \t.,;:–—-\"'"
_LONGEST = 40  # letters of a name
_MOST_WORDS = 5
_PLAIN = str.maketrans("（），：；、", "(),:;,", "`*\u200c")
_RULE = re.compile(r"[\s|:+-]*")


def with_text_colours(names: ClassNames | None, folder: DataFolder) -> ClassNames | None:
    """Return the names of classes with those that texts list of colours; None without either."""
    found = text_colours(folder)
    return replace(names or ClassNames(found[0].path), in_texts=found) if found else names


def text_colours(folder: DataFolder) -> tuple[ColourNames, ...]:
    """Return each list of colours and their classes in the texts of a folder, of two or more."""
    found = list[ColourNames]()
    for path, text in texts_as_written(folder):
        lines = _lines(text)
        lists = [*_of_tables(lines), *_of_items(lines), *map(_of_sentence, lines)]
        found += [ColourNames(path, one) for one in lists if one]
    return tuple(found)


def _lines(text: str) -> list[str]:
    """Return the lines of a text that have letters or signs, rows of HTML as those of Markdown."""
    text = re.sub(r"</t[dh]>\s*<t[dh]\b[^<>]*>", " | ", text)
    text = re.sub(r"<t[dh]\b[^<>]*>", "| ", text)
    text = re.sub(r"</?(?:tr|li|p|div|h\d)\b[^<>]*>|<br\b[^<>]*>", "\n", text)
    text = re.sub(r"<[^<>]*>", "", text)
    return [line for each in text.splitlines() if (line := each.translate(_PLAIN).strip())]


def _of_tables(lines: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield the names by colour of each table in Markdown that has a column of colours."""
    for is_table, group in groupby(lines, lambda one: "|" in one):
        rows = (
            [cells_of_row(line) for line in group if not _RULE.fullmatch(line)] if is_table else []
        )
        if (
            len(rows) > 2
            and len(set(rows[0])) > 1
            and {len(row) for row in rows} == {len({*rows[0]})}
        ):
            yield _of_table(pd.DataFrame(rows[1:], columns=pd.Index(rows[0]), dtype=str))


def _of_table(table: pd.DataFrame) -> dict[str, str]:
    table = table.map(lambda cell: _code_alone(cell) or _without_remark(cell))
    words = [one for one in table if all(map(_ONLY_WORD.fullmatch, table[one]))]
    rest = table.drop(columns=words)
    name = name_column(rest)
    if name is None:
        return {}
    colours = {str(one): called for one, called in colours_of_table(rest, name)[0].items()}
    if not colours and words:
        colours = _each_once(zip(table[words[0]].str.lower(), table[name], strict=True))
    return colours


def _without_remark(cell: str) -> str:
    """Return a cell without brackets behind its name that call it not scored.

    Others may tell two classes apart, as `wood (hard)`.
    """
    found = _REMARK.fullmatch(cell)
    is_unscored = found and any_phrase("not scored").search(plain_text(found["remark"]))
    return found["name"] if found and is_unscored else cell


_REMARK = re.compile(r"(?P<name>.*[^\W\d_].*?)\s*\((?P<remark>[^()]*)\)")


def _code_alone(cell: str) -> str | None:
    """Return the colour in a cell that has nothing else but a word for it; None without."""
    found = _COLOUR.search(cell)
    rest = "" if found is None else (cell[: found.start()] + cell[found.end() :]).strip(" ()[]:,-")
    return None if found is None or (rest and not _ONLY_WORD.fullmatch(rest)) else _code(found[0])


def _code(text: str) -> str | None:
    """Return a colour in a text as `#rrggbb`."""
    if "#" in text:
        return colour_of(text[text.index("#") :])
    return colour_of(" ".join(re.findall(r"\d+", text)))


def _of_items(lines: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield the names by colour of lines of one colour each that follow each other."""
    items = (None if "|" in line else _item(line) for line in lines)
    for is_item, group in groupby(items, lambda one: one is not None):
        if is_item:
            yield _each_once(one for one in group if one is not None)


def _item(line: str) -> tuple[str, str] | None:
    """Return the colour of a line and its name, where it has one of each."""
    plain = _BULLET.sub("", line)
    found = [*_COLOUR.finditer(plain)]
    if len(found) == 1:
        return _named(_code(found[0][0]), plain)
    pieces = [one for one in _BETWEEN.split(plain) if one]
    words = [one for one in pieces if _ONLY_WORD.fullmatch(one)]
    if found or len(pieces) != 2 or len(words) != 1:
        return None
    name = _name(next(one for one in pieces if one not in words))
    return (words[0].lower(), name) if name else None


def _named(colour: str | None, line: str) -> tuple[str, str] | None:
    """Return a colour with the name that stands with it in a line; None without one."""
    for pattern in (_WITH_WORD, _COLOUR):
        pieces = [_name(one) for one in _BETWEEN.split(pattern.sub(" | ", line))]
        names = [one for one in pieces if one]
        others = [one for one in names if not _ONLY_WORD.fullmatch(one)] or names
        if others and colour is not None:
            return colour, others[0]
    return None


def _name(piece: str) -> str:
    """Return the name in a piece of a line; "" where it is none."""
    name = _BULLET.sub("", _AND.sub("", piece.strip(_AROUND))).strip(_AROUND)
    is_name = len(name) <= _LONGEST and len(name.split()) <= _MOST_WORDS
    return name if is_name and re.search(r"[^\W\d_]", name) else ""


def _of_sentence(line: str) -> dict[str, str]:
    """Return the names by colour of a line with several colours, a name before or behind each."""
    for pattern in (_WITH_WORD, _COLOUR):  # an orange may be a fruit
        found = [] if "|" in line else [*pattern.finditer(line)]
        colours = [_code(one[0]) for one in found]
        ends = [0, *(one.end() for one in found)]
        starts = [*(one.start() for one in found), len(line)]
        first, *inner = [line[end:start] for end, start in zip(ends, starts, strict=True)]
        first = _UP_TO_LIST.sub("", first)
        behind = [*inner[:-1], re.split(r"[.;]", inner[-1])[0]] if inner else []
        for each in ([first, *inner[:-1]], behind):
            pairs = [
                (colour, name)
                for colour, piece in zip(colours, each, strict=bool(inner))
                if colour is not None and (name := _name(piece))
            ]
            if len(pairs) == len(colours) and (named := _each_once(pairs)):
                return named
    return {}


def _each_once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the name of each colour, where there are two or more, each once; else {}."""
    every = list(pairs)
    named = dict(every)
    is_plain = len(named) == len(every) == len({*named.values()})
    return named if is_plain and len(named) > 1 else {}
