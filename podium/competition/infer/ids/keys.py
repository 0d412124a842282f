"""How cells name images: whole, with a fixed text, or with a class before or behind the id.

A cell such as `a.jpg_Fish` or `frame_012__Sky` is split wherever an id that is known ends or
begins; no sign is taken for granted. The splits are readings, each tested against every cell.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

__all__ = [
    "NUMBER_BEHIND",
    "SIGNS",
    "KeySplit",
    "common_start",
    "ends_of_signs",
    "find_split",
    "splits_of",
    "starts_of",
    "without_common_end",
    "without_common_start",
]

_MOST_ENDS = 400
_PROBED = 300  # cells that are split in every way
SIGNS = re.compile(r"[^0-9A-Za-z]+")
"""What stands between the parts of a name: everything but letters and digits."""
NUMBER_BEHIND = re.compile(r"(.*[^0-9])([0-9]+)")
"""A text and the number that ends it."""
IsKnown = Callable[[str], object]


@dataclass(frozen=True)
class KeySplit:
    """Cells as an id and a rest: `{id}__{class}`.

    Attributes:
        ids: of the cells, known or not; "" where a cell is of another form.
        ends: what names a class, without the signs between; "" where the rest is a fixed text.
        before, after: the fixed text around: `before + end + after` stands behind the id, or in
            front of it.
        in_front: whether the rest stands before the id.
        n_other: cells without an id that is known.
        folder: the path in front of all ids, where a rest stands behind them.
    """

    ids: tuple[str, ...]
    ends: tuple[str, ...]
    before: str
    after: str = ""
    in_front: bool = False
    n_other: int = 0
    folder: str = ""

    @property
    def names(self) -> list[str]:
        """What names a class, each once, in the order of the cells."""
        return [one for one in dict.fromkeys(self.ends) if one]

    @property
    def is_plain(self) -> bool:
        """True where cells are ids and nothing else."""
        return not self.names and not self.before and not self.after

    def template(self, field: str) -> str:
        """Return the template of a cell; `field` stands for the class, as `{class}`."""
        rest = f"{_escaped(self.before)}{field if self.names else ''}{_escaped(self.after)}"
        return f"{rest}{{id}}" if self.in_front else f"{_escaped(self.folder)}{{id}}{rest}"


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def common_start(names: Iterable[str]) -> str:
    """Return the text that all names begin with.

    Example:
        >>> common_start(["_mask_cat", "_mask_cow"])
        '_mask_c'
    """
    found = sorted(names)
    first, last = (found[0], found[-1]) if found else ("", "")
    n = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first[: len(first) if n is None else n]


def starts_of(cell: str) -> list[str]:
    """Return what stands in front of each sign of a cell, as an id in front of a class does.

    Example:
        >>> starts_of("a_b cat")
        ['a', 'a_b']
    """
    return [cell[: sign.start()] for sign in SIGNS.finditer(cell)]


def ends_of_signs(text: str) -> list[int]:
    """Return where each run of signs in a text ends, the places at which its parts begin.

    Example:
        >>> ends_of_signs("_mask__cat")
        [1, 7]
    """
    return [found.end() for found in SIGNS.finditer(text)]


def find_split(
    cells: Sequence[str], is_known: IsKnown, classes: Sequence[str] = ()
) -> KeySplit | None:
    """Return the split that fits the most cells, with the shortest rest; None where none does.

    Example:
        >>> found = find_split(["a__Sky", "a__Sea", "b__Sky", "b__Sea"], {"a", "b"}.__contains__)
        >>> found.template("{class}"), found.names
        ('{id}__{class}', ['Sky', 'Sea'])
    """
    return next(splits_of(cells, is_known, classes), None)


def splits_of(
    cells: Sequence[str], is_known: IsKnown, classes: Sequence[str] = ()
) -> Iterator[KeySplit]:
    """Yield the splits that fit more than half of the cells, the best first.

    Args:
        cells: one a row.
        is_known: whether a text is the id of an image.
        classes: names that may stand in the rest; they may have signs inside.
    """
    known = frozenset(classes)
    probe = cells[:: max(1, len(cells) // _PROBED)]
    found = []
    for in_front in (False, True):
        texts = {
            (one.before, one.after)
            for one in _on_one_side(probe, is_known, classes, in_front)
            if 2 * one.n_other < len(probe)
            and (len(one.names) <= _PROBED // 3 or known.issuperset(one.names))
        }
        if texts:
            every = _on_one_side(cells, is_known, classes, in_front, texts)
            found += [split for split in every if 2 * split.n_other < len(cells)]

    folder = common_start(cells)[: common_start(cells).rfind("/") + 1]
    if not found and folder:
        rests = [cell[len(folder) :] for cell in cells]
        of_rests = splits_of(rests, is_known, classes)
        yield from (replace(one, folder=folder) for one in of_rests if not one.in_front)
        return

    def rank(split: KeySplit) -> tuple[int, bool, bool, bool, int, bool]:
        names = frozenset(split.names)
        numbered = all(name.isdecimal() for name in names)
        strange = bool(names and known and not names <= known and not numbered)
        if not known:
            strange = SIGNS.search(common_start(names)) is not None
        length = len(split.before) + len(split.after)
        torn = not split.is_plain and _is_torn(split)
        length += len(names)
        return split.n_other, not split.is_plain, torn, strange, length, split.in_front

    seen = set()
    for split in sorted(found, key=rank):
        if (split.ids, split.ends) not in seen:
            seen.add((split.ids, split.ends))
            yield split


def _is_torn(split: KeySplit) -> bool:
    """Return whether an id ends, or begins, inside a number: `1.tif` in front of `1.tif_mask`."""
    for name, end in zip(split.ids, split.ends, strict=True):
        rest = split.before + end + split.after
        pair = rest[-1:] + name[:1] if split.in_front else name[-1:] + rest[:1]
        if len(pair) == 2 and pair.isdigit():
            return True
    return False


def _on_one_side(
    cells: Sequence[str],
    is_known: IsKnown,
    classes: Sequence[str],
    in_front: bool,
    only: Collection[tuple[str, str]] | None = None,
) -> Iterator[KeySplit]:
    """Yield the splits with the rest behind the ids (or in front), of `only` these fixed texts."""
    options: list[list[tuple[str, str]]] = []
    for cell in cells:
        cuts = range(len(cell), 0, -1)
        pairs = ((cell[-n:], cell[:-n]) if in_front else (cell[:n], cell[n:]) for n in cuts)
        options.append([(name, rest) for name, rest in pairs if is_known(name)])
    by_text: dict[tuple[str, str], list[tuple[str, str] | None]] = defaultdict(
        lambda: [None] * len(cells)
    )
    by_class = sorted(classes, key=len, reverse=True)
    for row, each in enumerate(options):
        for name, rest in each:
            for before, end, after in _ways(rest, by_class, in_front):
                if only is not None and (before, after) not in only:
                    continue
                if by_text[before, after][row] is None:
                    by_text[before, after][row] = (name, end)
    fixed = Counter(rest for each in options for _, rest in each)
    for (before, after), rows in by_text.items():
        ends = {row[1] for row in rows if row is not None}
        if len(ends) > _MOST_ENDS or (ends == {""} and fixed[before + after] < len(cells) / 2):
            continue
        if ("" in ends and len(ends) > 1) or (len(ends) == 1 and ends != {""}):
            continue  # one name in every cell is a fixed text
        n_other = sum(row is None for row in rows)
        whole = [
            row or _by_end(cell, before, after, ends, in_front)
            for cell, row in zip(cells, rows, strict=True)
        ]
        yield KeySplit(
            tuple("" if row is None else row[0] for row in whole),
            tuple("" if row is None else row[1] for row in whole),
            before,
            after,
            in_front,
            n_other,
        )


def _by_end(
    cell: str, before: str, after: str, ends: set[str], in_front: bool
) -> tuple[str, str] | None:
    """Return the id and the class of a cell whose id is not known, as the others have them."""
    for end in ends:
        rest = f"{before}{end}{after}"
        if in_front and cell.startswith(rest):
            return cell[len(rest) :], end
        if not in_front and cell.endswith(rest):
            return cell[: len(cell) - len(rest)], end
    return None


def _ways(rest: str, classes: Sequence[str], in_front: bool) -> Iterator[tuple[str, str, str]]:
    """Yield (text before, class, text behind) of what stands beside an id."""
    yield rest, "", ""
    if not rest:
        return
    for name in classes:
        place = rest.find(name) if in_front else rest.rfind(name)
        if name and place >= 0:
            yield rest[:place], name, rest[place + len(name) :]
            break
    if in_front:
        end = len(rest) - _n_leading_signs(rest[::-1])
        if end:
            yield "", rest[:end], rest[end:]
        return
    for start in dict.fromkeys([_n_leading_signs(rest), *ends_of_signs(rest)[-1:]]):
        if start < len(rest):
            yield rest[:start], rest[start:], ""


def _n_leading_signs(text: str) -> int:
    found = SIGNS.match(text)
    return 0 if found is None else found.end()


def without_common_start(names: Sequence[str]) -> list[str]:
    """Return the names without what all begin with, up to a sign: `prob_cat` is `cat`."""
    start = max(ends_of_signs(common_start(names)), default=0)
    return [name[start:] for name in names]


def without_common_end(names: Sequence[str]) -> list[str]:
    """Return the names without what all end with, from a sign on: `road_px` is `road`."""
    return [one[::-1] for one in without_common_start([one[::-1] for one in names])]
