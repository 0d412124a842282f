"""Masks whose values are sums of flags, as the quality bands of satellites have them.

flags.csv            bit,value,flag / 0,1,cloud / 1,2,shadow / 2,4,snow
train/quality/7.png  numbers from 0 to 7: a pixel of 6 is of shadow and of snow

Each flag is a class, and each image gets a mask file for each of them, `made/masks/7_snow.png`.
That is done where a list names powers of two, or bits, and the masks have sums of these, or a text
beside the data states it. Where neither shows it, values stay single classes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.classes.names import find_class_names
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.masks.outlines import Outlines
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.masks.content import mask_numbers
from podium.competition.infer.masks.files import mask_of_each_image
from podium.competition.infer.masks.values import ClassNames, is_background, is_void
from podium.competition.infer.readme.texts import (
    SENTENCE_END,
    as_in_texts,
    rows_of_tables,
    texts_beside,
)
from podium.competition.infer.sample.runs import key_column, sent_classes
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import meaning_words
from podium.competition.phrases import any_phrase, one_spelling, plain_signs
from podium.competition.spelling import name_key, name_words
from podium.errors import DataError, some
from podium.workspace.progress import SILENT, Progress

__all__ = ["write_bit_flags"]

_MOST_BITS = 32
_FEWEST_SUMS = 2
"""Sums that a list of three numbers or more needs, if nothing is called after flags."""
_FEWEST_SEEN = 2  # flags: masks of one value beside 0 are binary
_LARGEST = 100_000  # bytes of a text that lists flags
_UNLABELLED = 255
_IN_A_NAME = re.compile(r"\w[\w .,()+&-]*")
_BIT_WORDS = frozenset({"bit", "bits", "bitposition", "bitnumber"})
_FLAG_WORDS = _BIT_WORDS | {
    "flag", "flags", "bitmask", "bitfield", "bitflag", "bitflags", "bitvalue", "qa",
}  # fmt: skip
_NAMES = ("flag", "name", "class", "label", "nom", "nombre", "nome", "klasse", "classe", "clase")
_LINE = re.compile(r"(?P<n>0[xb][\da-f]+|\d{1,10})\s*[:,;=\t ]\s*(?P<name>[^\W\d].{0,59})", re.I)


@dataclass(frozen=True)
class _Flags:
    """A list of flags, in one reading of its numbers.

    Attributes:
        path: of the list, relative to the data folder.
        names: of each number, a power of two, in the order of the list.
        has_bits: whether the list has a column of bits.
        has_values: whether it has the numbers themselves, and not the places of bits alone.
        is_called: whether it is called after flags or bits.
    """

    path: str
    names: Mapping[int, str]
    has_bits: bool = False
    has_values: bool = True
    is_called: bool = False

    @property
    def every(self) -> int:
        """The sum of all numbers."""
        return sum(self.names)

    def of(self, value: int) -> list[str]:
        """Return the names of the flags in a value."""
        return [name for flag, name in self.names.items() if value & flag]


@dataclass(frozen=True)
class _Fitted:
    """A list of flags, held against the values of the masks.

    Attributes:
        flags: the list.
        sums: values that are sums of two flags or more.
        strange: values with bits of no flag.
        n_unseen: flags that no mask has.
    """

    flags: _Flags
    sums: tuple[int, ...]
    strange: tuple[int, ...]
    n_unseen: int

    @property
    def unlabelled(self) -> int | None:
        """255, where it alone is no sum."""
        return _UNLABELLED if self.strange == (_UNLABELLED,) else None

    def is_shown(self, statement: str) -> bool:
        """Return whether the values are sums of flags; `statement` is what a text has on it."""
        flags = self.flags
        is_whole = not self.strange or self.unlabelled is not None
        if len(flags.names) - self.n_unseen < _FEWEST_SEEN:
            return False
        if statement or (flags.has_bits and flags.has_values):
            return is_whole or flags.has_values
        if not is_whole:
            return False
        if flags.has_bits:  # places alone, which the values may be, too
            return bool(self.sums)
        enough = 1 if flags.is_called else _FEWEST_SUMS
        return len(self.sums) >= enough and (flags.is_called or len(flags.names) > enough)


def write_bit_flags(
    data: CompetitionData, target: Path, *, progress: Progress = SILENT
) -> Outlines | None:
    """Return the masks of each flag, written to `target`; None where values are no sums of flags.

    Args:
        target: the folder for the masks.
        progress: of the masks.

    Raises:
        DataError: bits of a list may be counted from 0 or from 1, or a name is none of a file.
    """
    folder, sample = data.folder, data.sample
    statement = _bits_in_texts(folder)
    if statement is None:
        return None

    @cache
    def sent_names() -> tuple[str, ...]:
        # Splitting the ids of a long sample takes a while.
        return () if sample is None else tuple(sent_classes(sample, folder))

    lists = list(_find_lists(data, sent_names))
    if statement and not lists:
        lists = list(_in_texts(folder, sent_names()))
    lists = [one for one in lists if statement or _may_be_shown(one)]
    lists = [one for one in lists if _fit_sample(one, sample)]
    if not lists:
        return None
    sent = sent_names()
    masks = mask_of_each_image(folder)
    values = _values_of(folder, list(masks.values()))
    fitted = [_fitted(one, values) for one in lists] if values else []
    shown = [one for one in fitted if one.is_shown(statement)]
    if not shown:
        return None
    found = _best(folder, shown)
    flags = _with_numbers(_with_sent_names(found.flags, sent), sample)
    kept = {
        value: name
        for value, name in flags.names.items()
        if name in sent or not (is_void(name) or is_background(name))
    }
    if not kept:
        return None
    _refuse_names(folder, flags, list(kept.values()))
    files = _write(folder, masks, target, replace(flags, names=kept), flags, found, progress)
    classes = tuple(kept.values())
    return Outlines(
        files,
        (*(mask.path for mask in masks.values()), flags.path),
        f"sums of flags ({flags.path}, and the masks)",
        ClassNames(""),
        classes,
        tuple(_notes(found, flags, kept, statement)),
        unlabelled=_UNLABELLED if found.unlabelled or _of_nothing(flags, kept) else None,
    )


def _find_lists(data: CompetitionData, sent: Callable[[], Sequence[str]]) -> list[_Flags]:
    """Return the lists of flags in tables, texts and JSON, bits in each reading of their places."""
    folder = data.folder
    found = list(
        chain.from_iterable(_of_table(path, table, sent) for path, table in data.tables.items())
    )
    for path in (*folder.texts, *folder.jsons):
        if _FLAG_WORDS & set(name_words(path.rpartition("/")[2])):
            found += _of_numbers(path, _numbered_in(folder.path / path), is_called=True)
    named = find_class_names(data)
    if named is not None and named.path not in {one.path for one in found}:
        numbers = {one: name for one, name in named.named.items() if isinstance(one, int)}
        if len(numbers) == len(named.named):
            found += _of_numbers(named.path, numbers)
    return found


def _in_texts(folder: DataFolder, sent: Sequence[str]) -> Iterator[_Flags]:
    """Yield the flags that a text beside the data names as the sample does: `1 = cloud`.

    So does a row of a table in it, `| 1 | cloud |`, whose one cell of a number has the flag's.
    """
    rows = list(rows_of_tables(folder))
    for path, text in texts_beside(folder):
        own = [cells for where, cells in rows if where == path]
        named = {
            name: _numbers_beside(as_in_texts(name), text) | _numbers_in_rows(name, own)
            for name in sent
        }
        if named and all(len(each) == 1 for each in named.values()):
            numbers = {each.pop(): name for name, each in named.items()}
            yield from _of_numbers(path, numbers, n=len(sent))


def _numbers_beside(name: str, text: str) -> set[int]:
    """Return the numbers that a text has for a name, in front of it or behind it."""
    word = rf"(?<!\w){re.escape(name)}(?!\w)"
    pattern = rf"(?<![\w.])(\d+) ?[=:] ?{word}|{word} ?[=:] ?(\d+)(?!\w)"
    return {int(one or other) for one, other in re.findall(pattern, text) if name}


def _numbers_in_rows(name: str, rows: Iterable[Sequence[str]]) -> set[int]:
    """Return the numbers in rows of a table that have a cell of the name, and one of a number."""
    key = as_in_texts(name)
    named = [cells for cells in rows if key in map(as_in_texts, cells)]
    numbers = [[one for cell in cells if (one := _number_of(cell)) is not None] for cells in named]
    return {each[0] for each in numbers if len(each) == 1}


def _of_table(
    path: str, table: pd.DataFrame, sent: Callable[[], Sequence[str]]
) -> Iterator[_Flags]:
    """Yield the readings of a table of flags: the values that it has, or its bits."""
    if not 2 <= len(table) <= 2 * _MOST_BITS:
        return
    name = _column_of_names(table, sent)
    if name is None:
        return
    words = {str(column): set(name_words(str(column))) for column in table}
    numbers = {
        column: each
        for column in words
        if column != name and (each := _numbers_of(table[column])) is not None
    }
    bits = [one for one in numbers if _BIT_WORDS & words[one] and "value" not in words[one]]
    called = {word for column in words for word in words[column]}
    is_called = bool(_FLAG_WORDS & {*called, *name_words(path.rpartition("/")[2])})
    names = [str(cell) for cell in table[name]]
    for column, each in numbers.items():
        if column not in bits:
            listed = dict(zip(each, names, strict=True))
            values = list(_of_numbers(path, listed, is_called=is_called, n=len(names)))
            yield from (replace(one, has_bits=bool(bits)) for one in values)
            if values:
                return
    for column in bits[:1]:
        places = numbers[column]
        if len(set(places)) < len(places) or max(places) >= _MOST_BITS:
            continue
        # From 0, as programs count, or from 1; or the column has the values themselves.
        for first in (0, 1) if min(places) else (0,):
            shifted = {1 << place - first: one for place, one in zip(places, names, strict=True)}
            yield _Flags(path, shifted, has_bits=True, has_values=False, is_called=True)
        listed = dict(zip(places, names, strict=True))
        for one in _of_numbers(path, listed, is_called=True, n=len(names)):
            yield replace(one, has_bits=True, has_values=False)


def _column_of_names(table: pd.DataFrame, sent: Callable[[], Sequence[str]]) -> str | None:
    """Return the column with a name for each flag: that of the sample's names before others."""
    found = [
        str(column)
        for column in table
        if table[column].is_unique and table[column].str.contains(r"[^\W\d_]{2}").all()
    ]
    if len(found) < 2:
        return next(iter(found), None)
    ranked = [one for one in found if sent() and set(sent()) <= set(table[one])]
    ranked += [one for name in _NAMES for one in found if one.strip().lower() == name]
    return next(iter(ranked), None)


def _numbers_of(cells: pd.Series[str]) -> list[int] | None:
    """Return the numbers of cells, as 4, 0x04 or 0b100; None where one is none."""
    found = [_number_of(str(cell)) for cell in cells]
    return None if None in found else [one for one in found if one is not None]


def _number_of(cell: str) -> int | None:
    text = cell.strip().lower()
    if re.fullmatch(r"\d{1,10}", text):
        return int(text)
    return int(text, 0) if re.fullmatch(r"0x[\da-f]{1,8}|0b[01]{1,32}", text) else None


def _of_numbers(
    path: str, named: Mapping[int, str], *, is_called: bool = False, n: int = 0
) -> Iterator[_Flags]:
    """Yield the flags of a list whose numbers are powers of two, but for 0; else nothing.

    Args:
        path: of the list.
        named: the name of each number.
        is_called: whether the list is called after flags.
        n: how many names the list has, if no number may be there twice.
    """
    flags = {number: name for number, name in named.items() if number}
    are_powers = all(number > 0 and number & (number - 1) == 0 for number in flags)
    are_distinct = len(set(flags.values())) == len(flags) and n in (0, len(named))
    if are_powers and are_distinct and len(flags) >= 2:
        yield _Flags(path, flags, is_called=is_called)


def _numbered_in(file: Path) -> dict[int, str]:
    """Return the name of each number of a small text or JSON; {} where it has others, too."""
    try:
        if file.stat().st_size > _LARGEST:
            return {}
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix.lower() == ".json":
            return _numbered_in_json(json.loads(text))
    except (OSError, ValueError, RecursionError):
        return {}
    lines = [one.strip() for one in text.splitlines() if one.strip()]
    found = [_LINE.fullmatch(line) for line in lines if not line.startswith(("#", "//"))]
    numbers = {_number_of(one["n"]): one["name"] for one in found if one}
    if not found or len(numbers) < len(found):
        return {}
    return {number: name for number, name in numbers.items() if number is not None}


def _numbered_in_json(content: object) -> dict[int, str]:
    """Return the name of each number of a mapping, either way round; {} of something else."""
    if not isinstance(content, dict):
        return {}
    for pairs in (content.items(), ((name, key) for key, name in content.items())):
        found = {_number_of(str(key)): name for key, name in pairs}
        if len(found) == len(content) and None not in found:
            named = {key: one for key, one in found.items() if isinstance(one, str)}
            if len(named) == len(found):
                return {key: one for key, one in named.items() if key is not None}
    return {}


def _fit_sample(flags: _Flags, sample: SampleSubmission | None) -> bool:
    """Return whether rows of the sample, if they are called by numbers, are none of sums."""
    cells = _sent_numbers(sample)
    return cells <= {0, *flags.names} or len(cells) == len(flags.names)


def _sent_numbers(sample: SampleSubmission | None) -> set[int]:
    """Return the numbers that name classes in a column of the sample; empty where it has others."""
    key = None if sample is None else key_column(sample)
    cells = set() if sample is None or key is None else set(sample.table[key])
    return {int(one) for one in cells} if all(one.isdecimal() for one in cells) else set()


def _with_numbers(flags: _Flags, sample: SampleSubmission | None) -> _Flags:
    """Return the flags, called by their numbers where the sample has these, and not places."""
    cells = _sent_numbers(sample)
    if not cells or not cells <= set(flags.names) or cells <= {*range(len(flags.names) + 1)}:
        return flags
    return replace(flags, names={number: str(number) for number in flags.names})


def _may_be_shown(flags: _Flags) -> bool:
    """Return whether values alone could show that they are sums of these flags."""
    return flags.has_bits or flags.is_called or len(flags.names) > _FEWEST_SUMS


_DEPTH = re.compile(r"\d ?$")  # "8 bit masks" have no flags
_BEFORE = 4  # words in front of a phrase, of which one may deny it


def _bits_in_texts(folder: DataFolder) -> str | None:
    """Return which text states that pixels hold bits; "" where none does, None where one denies it.

    A sentence counts that is of pixels or masks.
    """
    denied = False
    negations = meaning_words("negation")
    for path, text in texts_beside(folder):
        for sentence in SENTENCE_END.split(one_spelling(text)):
            plain = plain_signs(sentence)
            phrases = any_phrase("bits", "sum of bits").finditer(plain)
            match = next((one for one in phrases if not _DEPTH.search(plain[: one.start()])), None)
            if match is None or any_phrase("mask or pixel").search(plain) is None:
                continue
            before = re.findall(r"\w+", sentence[: match.start()])[-_BEFORE:]
            if negations.isdisjoint(before):
                return f"{path} says {sentence[match.start() : match.end()].strip()!r}"
            denied = True
    return None if denied else ""


def _values_of(folder: DataFolder, masks: Sequence[ImageFile]) -> set[int]:
    """Return the values of all masks; empty where one has colours, or values below 0."""
    found: set[int] = set()
    for mask in masks:
        numbers = mask_numbers(folder.path / mask.path)
        if numbers is None or int(numbers.min(initial=0)) < 0:
            return set()
        found.update(np.unique(numbers).tolist())
    return found


def _fitted(flags: _Flags, values: set[int]) -> _Fitted:
    strange = tuple(sorted(one for one in values if one & ~flags.every))
    rest = values - set(strange) - {0}
    sums = tuple(sorted(one for one in rest if one not in flags.names))
    unseen = [one for one in flags.names if not any(one & value for value in rest)]
    return _Fitted(flags, sums, strange, len(unseen))


def _best(folder: DataFolder, shown: Sequence[_Fitted]) -> _Fitted:
    """Return the list that fits best.

    Raises:
        DataError: bits fit that are counted from 0, and from 1, too.
    """
    ranked = sorted(shown, key=lambda one: (len(one.strange), one.n_unseen))
    first, *rest = ranked
    equal = [
        one
        for one in rest
        if (len(one.strange), one.n_unseen) == (len(first.strange), first.n_unseen)
        and one.flags.names != first.flags.names
        and one.flags.path == first.flags.path
    ]
    if equal:
        ways = [f"{min(one.flags.names)} is {one.flags.of(min(one.flags.names))[0]}"
                for one in (first, *equal)]  # fmt: skip
        raise DataError(
            "the values of the masks are sums of flags, and the bits of the list may be counted "
            f"from 0 or from 1: {', or '.join(ways)}",
            where=folder.path / first.flags.path,
            fix="add a column value with the number of each flag, as 1, 2, 4",
        )
    return first


def _with_sent_names(flags: _Flags, sent: Sequence[str]) -> _Flags:
    """Return the flags, spelt as the sample has their names."""
    names = list(flags.names.values())
    if not sent or set(sent) <= set(names):
        return flags
    alike = {name_key(one): one for one in sent}
    if not set(alike) <= set(map(name_key, names)):
        return flags
    spelt = {number: alike.get(name_key(name), name) for number, name in flags.names.items()}
    return replace(flags, names=spelt)


def _refuse_names(folder: DataFolder, flags: _Flags, names: Sequence[str]) -> None:
    wrong = [name for name in names if not _IN_A_NAME.fullmatch(name)]
    if wrong:
        raise DataError(
            "the values of the masks are sums of flags, each of which gets mask files that are "
            f"called after it, and {some(wrong)} can be in no name of a file",
            where=folder.path / flags.path,
            fix="write other names into the list, with letters and digits, and into the sample",
        )


def _of_nothing(flags: _Flags, kept: Mapping[int, str]) -> dict[int, str]:
    """Return the flags that mean that pixels are not labelled."""
    rest = {value: name for value, name in flags.names.items() if value not in kept}
    return {value: name for value, name in rest.items() if not is_background(name)}


def _write(
    folder: DataFolder,
    masks: Mapping[str, ImageFile],
    target: Path,
    kept: _Flags,
    flags: _Flags,
    found: _Fitted,
    progress: Progress,
) -> dict[str, list[Path]]:
    """Return the files of each image, one for each flag that is a class, in their order.

    Pixels are 1 where they have the flag, and 255 where they are not labelled.
    """
    target.mkdir(parents=True, exist_ok=True)
    nothing = sum(_of_nothing(flags, kept.names))
    files: dict[str, list[Path]] = {}
    with progress.bar("writing flags", len(masks)) as advance:
        for stem, mask in masks.items():
            numbers = mask_numbers(folder.path / mask.path)
            assert numbers is not None  # they were read before
            is_void = (numbers & nothing) > 0
            if found.unlabelled is not None:
                is_void |= numbers == found.unlabelled
            files[stem] = []
            for flag, name in kept.names.items():
                files[stem].append(target / f"{stem}_{name}.png")
                Image.fromarray(_plane(numbers, flag, is_void)).save(files[stem][-1])
            advance(1)
    return files


def _plane(numbers: NDArray[np.int64], flag: int, is_void: NDArray[np.bool_]) -> NDArray[np.uint8]:
    plane = ((numbers & flag) > 0).astype(np.uint8)
    plane[is_void] = _UNLABELLED
    return plane


def _notes(found: _Fitted, flags: _Flags, kept: Mapping[int, str], statement: str) -> Iterator[str]:
    why = statement
    if found.sums:
        one = found.sums[0]
        why = f"{one} is {' and '.join(flags.of(one))}" + (
            f", and {statement}" if statement else ""
        )
    why = why or "it numbers bits"
    yield (
        f"the values of the masks are sums of the flags of {flags.path} ({why}): each flag has "
        f"mask files of its own, {some(list(kept.values()), 6)}"
    )
    nothing = _of_nothing(flags, kept)
    if nothing:
        yield f"pixels with the flag {some(list(nothing.values()))} are taken for unlabelled ones"
    if found.unlabelled is not None:
        yield f"pixels of {found.unlabelled}, which is no sum, are taken for unlabelled ones"
    elif found.strange:
        yield (
            f"values of the masks as {some(found.strange, 3)} have bits that {flags.path} does "
            "not name: these are not used"
        )
