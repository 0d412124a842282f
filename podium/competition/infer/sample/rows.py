"""What names a row of the sample submission: the readings of its ids, tested against all of them.

A reading lists the rows that a file has to have; it fits where these are the sample's rows, each
once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from podium.competition.infer.evidence import OpenKey, Reading, ReadingChoice, choose
from podium.competition.infer.ids.keys import NUMBER_BEHIND, KeySplit, splits_of
from podium.competition.sections.submission import RowKind
from podium.errors import either, some

__all__ = [
    "NumberedRows",
    "RowNames",
    "class_field",
    "count_misfits",
    "find_numbered_rows",
    "find_rows",
    "name_objects",
    "numbers_in_order",
    "open_rows",
]


@dataclass(frozen=True)
class RowNames:
    """As `submission` has them.

    Attributes:
        rows: a row an image, or an image and a class.
        id: the template of what names a row.
    """

    rows: RowKind
    id: str


@dataclass(frozen=True)
class NumberedRows:
    """Ids that number the objects of images.

    Attributes:
        id: the template of what names a row, as `{id}_{object}`.
        base: the number of the first object.
        in_order: whether the rows of each image are numbered one after the other from there.
        numbers: of all rows.
        n_images: that have rows.
    """

    id: str
    base: Literal[0, 1]
    in_order: bool
    numbers: frozenset[str]
    n_images: int


def find_rows(
    cells: Sequence[str], ids: Sequence[str], classes: Sequence[str], *, repeats: bool = False
) -> ReadingChoice[RowNames] | None:
    """Return what the cells name, or None where they name no image.

    Args:
        cells: the sample's ids, a row each.
        ids: of the images to predict, as the competition has them.
        classes: of the task that is submitted.
        repeats: whether an id may stand in several rows, as another column names a class.
    """
    known = set(ids)
    readings = [
        _reading(split, cells, known, classes, repeats=repeats)
        for split in splits_of(cells, known.__contains__, classes)
    ]
    return choose(readings, len(cells)) if readings else None


def find_numbered_rows(cells: Sequence[str], ids: Sequence[str]) -> NumberedRows | None:
    """Return how ids number the objects of images, or None where they do not.

    The rows of an image are numbered one after the other, from 0 or 1; else `in_order` is False.

    Example:
        >>> found = find_numbered_rows(["a_0", "a_1", "b_0"], ["a", "b"])
        >>> found.id, found.base, found.in_order, found.n_images
        ('{id}_{object}', 0, True, 2)
        >>> find_numbered_rows(["a-obj3", "b-obj4"], ["a", "b"]).in_order
        False
    """
    known = set(ids)
    ways = [
        (split.template("{object}"), split.ids, split.ends)
        for split in splits_of(cells, known.__contains__)
        if not split.n_other and split.names and all(one.isdecimal() for one in split.names)
    ]
    behind = _numbers_behind(cells, known)
    found = [_numbered(*way) for way in (*ways, *([] if behind is None else [behind]))]
    in_order = [one for one in found if one.in_order]
    # Out of order, the number that ends a cell is one of an object; another part is by chance.
    return next(iter([*in_order, *([] if behind is None else found[-1:])]), None)


def numbers_in_order(split: KeySplit) -> bool:
    """Return whether a split numbers the rows of each image one after the other, from 0 or 1."""
    if split.n_other or not split.names or not all(one.isdecimal() for one in split.names):
        return False
    return _numbered("", split.ids, split.ends).in_order


def name_objects(cells: Sequence[str], ids: Sequence[str], classes: Sequence[str]) -> bool:
    """Return whether ids number the objects of images, of which some have more, and no classes.

    Numbers out of order that are all those of classes may be of the classes that an image has.
    """
    of_classes = find_rows(cells, ids, classes)
    numbered = find_numbered_rows(cells, ids)
    if numbered is None or (of_classes is not None and not of_classes.chosen.against):
        return False
    return numbered.in_order or class_field(set(numbered.numbers), classes) == "class_name"


def _numbered(template: str, ids: Sequence[str], ends: Sequence[str]) -> NumberedRows:
    numbers: dict[str, list[int]] = defaultdict(list)
    for one, end in zip(ids, ends, strict=True):
        numbers[one].append(int(end))
    base = min(min(each) for each in numbers.values())
    in_order = base in (0, 1) and all(
        sorted(each) == list(range(base, base + len(each))) for each in numbers.values()
    )
    return NumberedRows(template, 0 if base == 0 else 1, in_order, frozenset(ends), len(numbers))


def _numbers_behind(
    cells: Sequence[str], known: set[str]
) -> tuple[str, Sequence[str], Sequence[str]] | None:
    """Return template, ids and numbers of cells of an id, a fixed text and a number, or None.

    Each number stands once beside an id, and not the same one beside all.
    """
    pairs = []
    fixed = set()
    for cell in cells:
        found = NUMBER_BEHIND.fullmatch(cell)
        front = "" if found is None else found[1]
        cut = next((n for n in range(len(front) - 1, 0, -1) if front[:n] in known), 0)
        if found is None or not cut:
            return None
        fixed.add(front[cut:])
        pairs.append((front[:cut], found[2]))
    names, ends = zip(*pairs, strict=True)
    if len(fixed) > 1 or len(set(pairs)) < len(pairs) or len(set(ends)) == 1:
        return None
    return KeySplit(names, ends, fixed.pop()).template("{object}"), names, ends


def open_rows(found: ReadingChoice[RowNames] | None) -> tuple[OpenKey, ...]:
    """Return the keys of `submission` that a person must choose, with the other readings."""
    if found is None or found.sure != "not sure":
        return ()
    if not found.others:
        return (OpenKey("submission.id", ()),)
    keys = []
    for key in ("rows", "id"):
        now = getattr(found.chosen.value, key)
        others = {getattr(one.value, key): one.why for one in found.others}
        others.pop(now, None)
        if others:
            keys.append(OpenKey(f"submission.{key}", tuple(others.items())))
    return tuple(keys)


def count_misfits(
    names: RowNames, cells: Sequence[str], ids: Sequence[str], classes: Sequence[str]
) -> int:
    """Return how many rows a file of these names lacks or has too many beside the sample.

    Example:
        >>> count_misfits(RowNames("image", "{id}.png"), ["a.png", "b"], ["a", "b"], [])
        2
    """
    named = {
        names.id.format(**{"id": one, "class": name, "index": n, "number": n + 1})
        for one in ids
        for n, name in (enumerate(classes) if names.rows == "image_class" else [(0, "")])
    }
    return len(named ^ set(cells))


def class_field(names: set[str], classes: Sequence[str]) -> str:
    """Return how text names classes: class_name, class (from 0) or class_number (from 1).

    Example:
        >>> class_field({"1", "2"}, ["sky", "sea"]), class_field({"0"}, ["sky", "sea"])
        ('class_number', 'class')
    """
    if names <= set(classes):
        return "class_name"
    if names <= {str(n + 1) for n in range(len(classes))}:
        return "class_number"
    return "class" if names <= {str(n) for n in range(len(classes))} else "class_name"


_FIELDS = {"class_name": "{class}", "class_number": "{number}", "class": "{index}"}


def _reading(
    split: KeySplit,
    cells: Sequence[str],
    known: set[str],
    classes: Sequence[str],
    *,
    repeats: bool,
) -> Reading[RowNames]:
    names = split.names
    field = _FIELDS[class_field(set(names), classes)]
    value = RowNames("image_class" if names else "image", split.template(field))
    faults = list(_faults(split, cells, known, classes, repeats=repeats))
    ids = f"its ids are as {some(cells, 2)}"
    named = f", and {some(names, 3)} is a class" if names else ""
    return Reading(
        value,
        f"{ids}{named}: all {either(len(cells), 'row is', 'rows are')} of such images",
        faults[0][1] if faults else "",
        sum(n for n, _ in faults),
    )


def _faults(
    split: KeySplit, cells: Sequence[str], known: set[str], classes: Sequence[str], *, repeats: bool
) -> list[tuple[int, str]]:
    """Return what contradicts a split: how many rows, and an example."""
    found = []
    strange = [cell for cell, one in zip(cells, split.ids, strict=True) if one not in known]
    if strange:
        found.append((len(strange), f"{some(strange, 2)} is of no image to predict"))
    keys = Counter(zip(split.ids, split.ends, strict=True))
    twice = [key for key, n in keys.items() if n > 1 and key[0]]
    if twice and not repeats:
        found.append((sum(keys[key] - 1 for key in twice), f"{twice[0][0]} has several rows"))
    absent = sorted(known - set(split.ids))
    if absent:
        found.append((len(absent), f"{some(absent, 2)} has no row"))
    names = split.names
    if not names:
        return found
    of_image = Counter(one for one, _ in keys if one)
    torn = [one for one, n in of_image.items() if n < len(names)]
    if torn:
        lacking = sum(len(names) - of_image[one] for one in torn)
        found.append((lacking, f"{torn[0]} lacks a row of some class"))
    if classes and class_field(set(names), classes) == "class_name":
        other = [one for one in names if one not in classes]
        others = set(other)
        if other:
            rows = sum(n for (_, end), n in keys.items() if end in others)
            found.append((rows, f"{some(other, 2)} is no class ({some(list(classes), 3)})"))
    return found
