"""What mask files in a folder of each image are called: numbers of its objects, and their classes.

A name is taken apart at its signs in every way: `g01-bet` may be object 1 of class `bet`. A way
fits where what is left counts the objects of each image, or tells each file from all others.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.ids.keys import common_start
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import some

__all__ = ["ClassLists", "ObjectNames", "class_lists", "count_objects", "read_object_names"]

_MOST_CLASSES = 50
_SEVERAL = 0.1
"""The share of the images of several objects that must have several classes: else a word that all
files of an image share is of the image."""
_SIGN = re.compile(r"[\W_]+")
_NUMBERED = re.compile(r"(\D*)(\d+)(\D*)")
_SPECIAL = frozenset("*?{}")  # what a pattern reads as something else


@dataclass(frozen=True)
class ClassLists:
    """What may name the classes of objects beside the names of their files.

    Attributes:
        columns: of the tables, those that list something, each cell once: where it stands, and the
            cells.
        sent: the cells of each column of the sample submission beside ids and runs; None without a
            sample of masks.
    """

    columns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sent: tuple[frozenset[str], ...] | None = None

    def list_of(self, names: Collection[str]) -> tuple[str, tuple[str, ...]] | None:
        """Return the column whose cells are these names, each once: where it stands, and them."""
        return next((one for one in self.columns if set(one[1]) == set(names)), None)

    def sends(self, names: Collection[str]) -> bool:
        """Return whether a column of the sample holds nothing but these names."""
        return any(one <= set(names) for one in self.sent or ())


def class_lists(
    tables: Mapping[str, pd.DataFrame], sent: tuple[frozenset[str], ...] | None
) -> ClassLists:
    """Return the columns of the tables that may list classes, and what the sample sends."""
    columns = tuple(
        (f"{column} of {path}", tuple(map(str, table[column])))
        for path, table in tables.items()
        if 2 <= len(table) <= _MOST_CLASSES
        for column in table.columns
        if table[column].is_unique
    )
    return ClassLists(columns, sent)


@dataclass(frozen=True)
class ObjectNames:
    """How the files of single objects are called.

    Attributes:
        patterns: of their names without the ending, the plainest first: `g*-{class}`, `*`.
        classes: in the order of the table that lists them, else sorted; [] where names tell none.
        class_of: the class of each name.
        why: names show that.
    """

    patterns: tuple[str, ...]
    why: str
    classes: list[str] = field(default_factory=list)
    class_of: Mapping[str, str] = field(default_factory=dict)


class _Split(NamedTuple):
    """A name as a class and what stands around it."""

    before: str
    name: str
    after: str


_Way = Callable[[str], _Split | None]
OfImage = Mapping[str, Sequence[str]]
"""The names of the mask files of each image, without their endings."""


def read_object_names(of_image: OfImage, lists: ClassLists) -> ObjectNames | None:
    """Return how the files of objects are called; None where names show no single objects.

    Example:
        >>> read_object_names({"a": ["g1-oak", "g2-ash"], "b": ["g1-ash", "g2-oak"],
        ...     "c": ["g1-oak", "g2-oak", "g3-ash"]}, ClassLists()).patterns
        ('g*-{class}', 'g?-{class}')
    """
    stems = list(dict.fromkeys(stem for each in of_image.values() for stem in each))
    found = []
    for place, way in enumerate(_ways(stems)):
        read = _read(of_image, stems, way, lists)
        if read is not None:
            names, rank = read
            found.append(((*rank, -place), names))
    if found:
        return max(found, key=lambda one: one[0])[1]
    if lists.list_of(stems) is not None or lists.sends(stems):
        return None
    return _counters(of_image, stems, lists.sent)


def count_objects(
    tables: Mapping[str, pd.DataFrame], n_files: Mapping[str, int], every: Collection[str]
) -> tuple[bool, str] | None:
    """Return whether a table counts no object in the images without a mask file, and which one.

    Args:
        n_files: of each image that has mask files.
        every: the names of all images of train.

    Returns:
        None where no table counts them. False where one counts as many as there are files, and
        some in images without a file.
    """
    without = set(every) - n_files.keys()
    against = None
    for path, table in tables.items():
        rows = _rows_of(table, every)
        if rows is None:
            continue
        counted = rows[[name for name in rows if rows[name].str.fullmatch(r"\d{1,9}").all()]]
        counted = counted.astype("int64")
        ways = {str(name): counted[name] for name in counted}
        if len(ways) > 1:
            ways[f"all of {some(list(ways), 3)}"] = counted.sum(axis=1)
        for name, numbers in ways.items():
            here = {str(one): int(n) for one, n in numbers.items()}
            is_count = all(here.get(one) == n for one, n in n_files.items())
            empty = {one for one, n in here.items() if n == 0}
            if empty == without and (is_count or len(without) > 1):
                return True, f"{path} counts 0 for exactly these ({name})"
            if is_count and len(set(n_files.values())) > 1:
                against = False, f"{path} counts objects in some of them ({name})"
    return against


def _rows_of(table: pd.DataFrame, names: Collection[str]) -> pd.DataFrame | None:
    """Return the rows of these images, by name; None where no column names them all, each once."""
    for column in table.columns:
        bare = table[column].str.replace(r"\.\w{2,5}$", "", regex=True)
        for cells in (table[column], bare):
            if set(names) <= set(cells) and cells.is_unique:
                return table.drop(columns=column).set_index(cells).loc[list(names)]
    return None


def _ways(stems: Sequence[str]) -> Iterator[_Way]:
    """Yield the ways to take names apart: pieces between signs, or letters beside digits."""
    n_pieces = {len(_SIGN.split(stem)) for stem in stems}
    slices: list[tuple[int, int | None]] = [(0, 1), (-1, None), (0, -1), (1, None)]
    if len(n_pieces) == 1:
        slices += [(n, n + 1) for n in range(1, n_pieces.pop() - 1)]
    for start, end in slices:
        yield partial(_at_signs, start=start, end=end)
    for digits in (r"()(.*[^\W\d_])(\d+)", r"(\d+)([^\W\d_].*)()"):
        yield partial(_beside_digits, re.compile(digits))


def _beside_digits(way: re.Pattern[str], stem: str) -> _Split | None:
    found = way.fullmatch(stem)
    return None if found is None else _Split(found[1], found[2], found[3])


def _at_signs(stem: str, *, start: int, end: int | None) -> _Split | None:
    """Return the split whose class is these pieces between signs; None where it has no others."""
    bounds = [0, *(place for sign in _SIGN.finditer(stem) for place in sign.span()), len(stem)]
    pieces = list(zip(bounds[::2], bounds[1::2], strict=True))
    chosen = pieces[start:end]
    if not chosen or len(chosen) == len(pieces):
        return None
    first, last = chosen[0][0], chosen[-1][1]
    return _Split(stem[:first], stem[first:last], stem[last:]) if first < last else None


def _read(
    of_image: OfImage, stems: Sequence[str], way: _Way, lists: ClassLists
) -> tuple[ObjectNames, tuple[int, int, int]] | None:
    """Return what names are when they are taken apart so, and how much speaks for it, or None."""
    splits: dict[str, _Split] = {}
    for stem in stems:
        split = way(stem)
        if split is None:
            return None
        splits[stem] = split
    names = {split.name for split in splits.values()}
    n_files = sum(map(len, of_image.values()))
    if not 2 <= len(names) <= min(_MOST_CLASSES, n_files // 2):
        return None
    listed, is_sent = lists.list_of(names), lists.sends(names)
    if listed is None and not (_are_words(names) and _repeat(of_image, splits)):
        return None
    if not _distinguish_objects(of_image, splits):
        return None
    patterns = _patterns(splits.values())
    if not patterns:
        return None
    by = "" if listed is None else f", which {listed[0]} lists"
    why = (
        f"a file an object, called as {stems[0]!r}: {some(sorted(names), 4)} are classes{by}, and "
        "the rest tells the objects of an image apart"
    ).replace("'", "")
    ordered = sorted(names) if listed is None else list(listed[1])
    found = ObjectNames(patterns, why, ordered, {one: split.name for one, split in splits.items()})
    n_rests = len({(split.before, split.after) for split in splits.values()})
    return found, (int(listed is not None), int(is_sent), -n_rests)


def _are_words(names: Collection[str]) -> bool:
    """Return whether names may be classes: no numbers, and no text that a number follows."""
    found = [_NUMBERED.fullmatch(name) for name in names]
    texts = {(one[1], one[3]) for one in found if one is not None}
    return not (all(found) and len(texts) == 1) and not any(name.isdecimal() for name in names)


def _repeat(of_image: OfImage, splits: Mapping[str, _Split]) -> bool:
    """Return whether most names are in several images, and enough images have several of them."""
    images: dict[str, set[str]] = defaultdict(set)
    for image, stems in of_image.items():
        for stem in stems:
            images[splits[stem].name].add(image)
    several = [stems for stems in of_image.values() if len(stems) > 1]
    mixed = sum(len({splits[stem].name for stem in stems}) > 1 for stems in several)
    n_back = sum(len(one) > 1 for one in images.values())
    return n_back >= 0.8 * len(images) and mixed > 0 and mixed >= _SEVERAL * len(several)


def _distinguish_objects(of_image: OfImage, splits: Mapping[str, _Split]) -> bool:
    """Return whether what stands around a class tells the objects of an image apart.

    It counts them, or those of each class, or is of one file alone. `1_liver`, `2_kidney` number
    the classes.
    """
    rests = {stem: (split.before, split.after) for stem, split in splits.items()}
    of_files = [rests[stem] for stems in of_image.values() for stem in stems]
    if len(set(of_files)) < 2:
        return False
    pairs = {(rest, splits[stem].name) for stem, rest in rests.items()}
    if len(pairs) == len(set(rests.values())) == len({name for _, name in pairs}):
        return False
    if len(set(of_files)) == len(of_files):
        return True
    numbers = _numbers({stem: "\n".join(rest) for stem, rest in rests.items()})
    if numbers is None:
        return False
    by_image = [[numbers[stem] for stem in stems] for stems in of_image.values()]
    by_class: dict[tuple[str, str], list[int]] = defaultdict(list)
    for image, stems in of_image.items():
        for stem in stems:
            by_class[image, splits[stem].name].append(numbers[stem])
    return _count_up(by_image) or _count_up(list(by_class.values()))


def _numbers(texts: Mapping[str, str]) -> dict[str, int] | None:
    """Return the number in each text, by its key; None where other text is not the same in all."""
    found = {key: _NUMBERED.fullmatch(text) for key, text in texts.items()}
    matches = {key: one for key, one in found.items() if one is not None}
    if len(matches) < len(found) or len({(one[1], one[3]) for one in matches.values()}) > 1:
        return None
    return {key: int(one[2]) for key, one in matches.items()}


def _count_up(groups: Sequence[Sequence[int]]) -> bool:
    """Return whether nearly all groups of numbers are 0, 1, … or 1, 2, … without a gap."""
    base = min((min(group) for group in groups if group), default=-1)
    whole = sum(sorted(group) == list(range(base, base + len(group))) for group in groups)
    return base in (0, 1) and whole >= NEARLY_ALL * len(groups)


def _counters(
    of_image: OfImage, stems: Sequence[str], sent: tuple[frozenset[str], ...] | None
) -> ObjectNames | None:
    """Return names that number the objects of each image, as `g01`, `g02`; None where they do not.

    They count from 0 or 1 in each image, and images have more and fewer of them. Else they may be
    classes that are numbered, unless a sample of masks has no such names.
    """
    numbers = _numbers({stem: stem for stem in stems})
    sizes = {len(each) for each in of_image.values()}
    if numbers is None or max(sizes) < 2:
        return None
    of_images = [[numbers[one] for one in each] for each in of_image.values()]
    first = ", ".join(sorted(stems, key=lambda one: numbers[one])[:2])
    if len(sizes) > 1 and _count_up(of_images):
        return ObjectNames(("*",), f"a file an object: names count {first}, … in each image")
    spelt = {text for number in numbers.values() for text in (str(number), f"{number:02}")}
    if sent is None or any(cells <= spelt for cells in sent):
        return None
    why = f"a file an object: names are numbered ({first}, …), and the sample has no such classes"
    return ObjectNames(("*",), why)


def _patterns(splits: Iterable[_Split]) -> tuple[str, ...]:
    """Return patterns of names with a class, or () where none can be written."""
    splits = list(splits)
    befores, afters = [one.before for one in splits], [one.after for one in splits]
    ways = [f"{_open(befores)}{{class}}{_open(afters)}"]
    if len({len(one) for one in befores}) == len({len(one) for one in afters}) == 1:
        # A class with a sign in it, as `non-bet`, is read by signs that are counted.
        ways.append(f"{_open(befores, sign='?')}{{class}}{_open(afters, sign='?')}")
    is_plain = not any(_SPECIAL & set("".join(one)) for one in splits)
    return tuple(dict.fromkeys(ways)) if is_plain else ()


def _open(texts: Sequence[str], *, sign: str = "*") -> str:
    """Return the text that all have at both ends, and what stands for the rest.

    Example:
        >>> _open(["g01-", "g02-"]), _open(["g01-", "g02-"], sign="?"), _open(["-", "-"])
        ('g*-', 'g??-', '-')
    """
    if len(set(texts)) == 1:
        return texts[0]
    start = common_start(texts).rstrip("0123456789")
    rests = [text[len(start) :] for text in texts]
    end = common_start([rest[::-1] for rest in rests])[::-1].lstrip("0123456789")
    between = max(len(rest) for rest in rests) - len(end)
    return f"{start}{sign * (between if sign == '?' else 1)}{end}"
