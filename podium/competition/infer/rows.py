"""What names a row of the sample submission: the readings of its ids, tested against all of them.

A reading lists the rows that a file has to have; it fits where these are the sample's rows, each
once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from podium.competition.infer.evidence import Choice, OpenKey, Reading, choose
from podium.competition.infer.keys import KeySplit, splits_of
from podium.competition.sections.submission import RowKind
from podium.errors import some

__all__ = [
    "RowNames",
    "class_field",
    "count_misfits",
    "find_numbered_rows",
    "find_rows",
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


def find_rows(
    cells: Sequence[str], ids: Sequence[str], classes: Sequence[str], *, repeats: bool = False
) -> Choice[RowNames] | None:
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


def find_numbered_rows(cells: Sequence[str], ids: Sequence[str]) -> tuple[str, int] | None:
    """Return the template and the first number of ids that number the objects of images, or None.

    The rows of an image are numbered one after the other, each number once, from 0 or 1.

    Example:
        >>> find_numbered_rows(["a_0", "a_1", "b_0"], ["a", "b"])
        ('{id}_{object}', 0)
    """
    for split in splits_of(cells, set(ids).__contains__):
        if split.n_other or not split.names or not all(one.isdecimal() for one in split.names):
            continue
        numbers: dict[str, list[int]] = defaultdict(list)
        for one, end in zip(split.ids, split.ends, strict=True):
            numbers[one].append(int(end))
        base = min(min(each) for each in numbers.values())
        in_order = all(
            sorted(each) == list(range(base, base + len(each))) for each in numbers.values()
        )
        if base in (0, 1) and in_order:
            return split.template("{object}"), base
    return None


def open_rows(found: Choice[RowNames] | None) -> tuple[OpenKey, ...]:
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
        f"{ids}{named}: all {len(cells):,} rows are of such images",
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
        if other:
            rows = sum(n for (_, end), n in keys.items() if end in set(other))
            found.append((rows, f"{some(other, 2)} is no class ({some(list(classes), 3)})"))
    return found
