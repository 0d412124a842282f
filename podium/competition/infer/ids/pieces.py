"""Pieces of paths that are pieces of ids, or the cells of several columns.

ALT-170121-0001        →  images/ALT/2017-01-21/flake_0001.png
V02-C011               →  train/round2_v02_c011_leaf3.jpg, train/round2_v02_c011_leaf4.jpg
grove A, tree 9, leaf 4  →  photos/grove_A/tree_09/leaf_4.jpg

Pieces are runs of letters and runs of digits. Which pieces of a path are those of an id is the same
for all: where each piece stands, and whether three numbers of it are a date.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations, islice, pairwise, product

from podium.competition.ids.patterns import without_zeros
from podium.competition.infer.files import ImageFile
from podium.competition.infer.ids.dates import DateForm, date_forms
from podium.competition.infer.shares import HALF, NEARLY_ALL

__all__ = ["PathPieces", "paths_of_columns", "paths_of_ids", "pieces_of_images", "text_pieces"]

_RUN = re.compile(r"\d+|[^\W\d_]+")
_FEWEST = 2  # pieces that vary: a single one may be met by chance
_MOST_PIECES = 6  # of an id that vary
_MOST_KEYS = 4  # columns that name an image together
_MOST_COLUMNS = 12
_MOST_WAYS, _FEWEST_WAYS = 400, 20
_MOST_CELLS = 2_000_000  # that are compared, in paths and rows of all ways
_PROBED = 300
_FEWEST_OF_FORM = 0.05  # of the paths: those of fewer are something else
_OVERLAP = 0.8  # of the values of a piece, or of those of the paths, that the other has
_FULL = 0.5  # of all combinations of values: of more, numbers of any columns would name paths
_MOST_BY_CHANCE = 1e-6  # that all rows do, where paths have a share of the combinations

_Run = tuple[str, ...]


def text_pieces(text: str) -> tuple[str, ...]:
    """Return the runs of letters and of digits of a text, in small letters and without zeros.

    Example:
        >>> text_pieces("PL110-A02")
        ('pl', '110', 'a', '2')
    """
    return _normal(_runs(text))


@dataclass(frozen=True)
class _Piece:
    """A piece of texts of one form.

    Attributes:
        start, end: which runs of each text, the last one not among them.
        values: of each text.
        word: the run in front, where all texts have one of letters; "" otherwise.
    """

    start: int
    end: int
    values: tuple[str, ...]
    word: str = ""

    @property
    def distinct(self) -> frozenset[str]:
        return frozenset(self.values)


class PathPieces:
    """Paths by their pieces; those of one form, as numbers and letters follow each other, together.

    Args:
        paths: of images, without their endings.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = paths
        runs = _runs_of_paths(paths)
        by_form: dict[str, list[int]] = {}
        for n, one in enumerate(runs):
            by_form.setdefault(_form(one), []).append(n)
        enough = max(2, _FEWEST_OF_FORM * len(paths))
        self._forms = [
            (each, [runs[n] for n in each]) for each in by_form.values() if len(each) >= enough
        ]

    @cached_property
    def forms(self) -> list[tuple[Sequence[int], list[_Run], list[_Piece]]]:
        """Which paths are of each form, their runs, and the pieces of these."""
        return [(each, runs, [*_plain(runs), *_dates(runs)]) for each, runs in self._forms]


def _runs_of_paths(paths: Sequence[str]) -> list[_Run]:
    """Return the runs of each path; a folder has two where its likes have not as many each.

    These are the first one and the rest: `PD_Pedra-do-Indaia` beside `BV_Boa-Vista`.
    """
    parts = [[_runs(part) for part in path.split("/")] for path in paths]
    by_depth: dict[int, list[int]] = {}
    for n, one in enumerate(parts):
        by_depth.setdefault(len(one), []).append(n)
    for depth, each in by_depth.items():
        for level in range(depth - 1):
            folders = [parts[n][level] for n in each]
            if len({*map(_form, folders)}) > 1 and all(len(one) > 1 for one in folders):
                for n in each:
                    first, *rest = parts[n][level]
                    parts[n][level] = first, "".join(rest)
    return [tuple(run for part in one for run in part) for one in parts]


def pieces_of_images(images: Sequence[ImageFile]) -> PathPieces:
    """Return the paths of images by their pieces; those of the last images asked for are kept."""
    return _pieces_of(tuple(image.path.removesuffix(image.suffix) for image in images))


@lru_cache(maxsize=2)
def _pieces_of(paths: tuple[str, ...]) -> PathPieces:
    return PathPieces(paths)


def paths_of_ids(paths: PathPieces, ids: Sequence[str]) -> list[list[int]] | None:
    """Return the numbers of the paths that have the pieces of each id; None where few ids do.

    At least two pieces of the ids vary. None where paths have the ids as they are written, too:
    patterns lead from these to the paths.

    Args:
        paths: of images.
        ids: the cells of a column.
    """
    runs = [_runs(one) for one in ids]
    forms = Counter(_form(one) for one in runs)
    form, n_of_form = forms.most_common(1)[0] if forms else ("", 0)
    if not len(form) > 1 or n_of_form < NEARLY_ALL * len(ids):
        return None
    own = [n for n, one in enumerate(runs) if _form(one) == form]
    own_runs = [runs[n] for n in own]
    found: list[list[int]] = [[] for _ in ids]
    for each, _, pieces in paths.forms:
        best = _best(own_runs, pieces)
        for n, numbers in zip(own, best or (), strict=bool(best)):
            found[n] += [each[one] for one in numbers]
    if any(one and name in paths.paths[one[0]] for name, one in zip(ids, found, strict=True)):
        return None
    return found if sum(map(bool, found)) >= NEARLY_ALL * len(ids) else None


def paths_of_columns(
    paths: PathPieces, columns: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], list[int | None]] | None:
    """Return the fewest columns that name paths together, and the path of each row; or None.

    Each row names another path, but for a few that stand twice, and half of the paths of a form
    have a row. Where the paths have so many combinations of some numbers that others would name
    paths by chance, a word in front of each number must be that of its column.

    Args:
        paths: of images.
        columns: the cells of a table.
    """
    for each, path_runs, pieces in paths.forms:
        candidates = {
            name: _matching(name, cells, pieces, path_runs)
            for name, cells in islice(columns.items(), _MOST_COLUMNS)
        }
        n_rows = max(map(len, columns.values()), default=0)
        for names, chosen in islice(_ways_together(candidates), _n_ways(len(each), n_rows)):
            if (named := _named_by(chosen, len(each))) is not None:
                return names, [None if one is None else each[one] for one in named]
    return None


@dataclass(frozen=True)
class _ColumnInPaths:
    """How a column may stand in paths: where, with which cells, and whether a word tells it."""

    piece: _Piece
    cells: tuple[str, ...]
    is_called: bool


def _matching(
    name: str, cells: Sequence[str], pieces: Sequence[_Piece], path_runs: Sequence[_Run]
) -> list[_ColumnInPaths]:
    """Return the pieces of paths that the cells of a column may be, those called as it first."""
    runs = [_runs(cell) for cell in cells]
    widths = {len(one) for one in runs}
    if len(widths) == 1 and 1 < (width := widths.pop()) <= _MOST_PIECES:
        pieces = [*pieces, *_plain(path_runs, width)]
    dates = [one.values for one in _dates(runs) if one.end - one.start == len(runs[0])]
    spelt = [tuple("".join(one) for one in map(_normal, runs)), *dates]
    words = {*_normal(_runs(name))}
    found = [
        _ColumnInPaths(piece, values, bool(piece.word) and piece.word in words)
        for values in spelt
        for piece in pieces
        if len({*values}) > 1 and _is_like(frozenset(values), piece.distinct)
    ]
    return sorted(found, key=lambda way: not way.is_called)


def _ways_together(
    candidates: Mapping[str, Sequence[_ColumnInPaths]],
) -> Iterator[tuple[tuple[str, ...], Sequence[_ColumnInPaths]]]:
    """Yield columns and a way for each: the fewest columns, and those called as words first."""
    usable = [name for name, ways in candidates.items() if ways]
    usable.sort(key=lambda name: not candidates[name][0].is_called)
    for n in range(_FEWEST, _MOST_KEYS + 1):
        for names in combinations(usable, n):
            for chosen in islice(product(*(candidates[name] for name in names)), _MOST_WAYS):
                yield names, chosen


def _n_ways(n_paths: int, n_rows: int) -> int:
    """Return how many ways are tried: of many paths each takes its time."""
    return max(_FEWEST_WAYS, _MOST_CELLS // (n_paths + n_rows))


def _named_by(ways: Sequence[_ColumnInPaths], n_paths: int) -> list[int | None] | None:
    """Return the path of each row; None where these ways do not name one for nearly each."""
    if _overlap([way.piece for way in ways]):
        return None
    keys = list(zip(*(way.piece.values for way in ways), strict=True))
    if len({*keys}) < n_paths:
        return None
    rows = list(zip(*(way.cells for way in ways), strict=True))
    if len({*rows}) < NEARLY_ALL * len(rows):
        return None
    n_possible = 1
    for way in ways:
        n_possible *= len(way.piece.distinct)
    are_numbers = [all(one.isdecimal() for one in way.piece.distinct) for way in ways]
    number = {key: n for n, key in enumerate(keys)}
    found = [number.get(row) for row in rows]
    n_found = sum(one is not None for one in found)
    if n_found < NEARLY_ALL * len(rows) or len({*found} - {None}) < HALF * n_paths:
        return None
    is_full = n_paths >= _FULL * n_possible and (
        n_found < len(rows) or (n_paths / n_possible) ** len(rows) > _MOST_BY_CHANCE
    )
    if is_full and any(
        is_number and not way.is_called for way, is_number in zip(ways, are_numbers, strict=True)
    ):
        return None
    return found


def _best(ids: Sequence[_Run], pieces: Sequence[_Piece]) -> list[list[int]] | None:
    """Return the paths of each id for the way that names most ids; None where none names half."""
    best: tuple[int, list[list[int]]] | None = None
    for fields in _fields(ids) if pieces else ():
        each = [
            [one for one in pieces if _is_like(field.distinct, one.distinct)] for field in fields
        ]
        rows = list(zip(*(field.values for field in fields), strict=True))
        probe = rows[:: max(1, len(rows) // _PROBED)]
        n_ways = min(_MOST_WAYS, _n_ways(len(pieces[0].values), len(rows)))
        for places in islice(_ways(each), n_ways):
            keys = list(zip(*(one.values for one in places), strict=True))
            known = {*keys}
            n_probed = sum(row in known for row in probe)
            if n_probed <= HALF * len(probe) or (
                best and n_probed * len(rows) <= best[0] * len(probe)
            ):
                continue
            of_key: dict[tuple[str, ...], list[int]] = {}
            for n, key in enumerate(keys):
                of_key.setdefault(key, []).append(n)
            named = [of_key.get(row, []) for row in rows]
            n_named = sum(map(bool, named))
            if best is None or n_named > best[0]:
                best = n_named, named
            if n_named == len(rows):
                return named
    return None if best is None else best[1]


def _fields(ids: Sequence[_Run]) -> Iterator[list[_Piece]]:
    """Yield the ways to part ids into pieces that vary: as they are, and with a date among them."""
    plain = _plain(ids)
    for date in (None, *_dates(ids)):
        rest = [one for one in plain if date is None or not _overlap([one, date])]
        fields = sorted([*rest, *([date] if date else [])], key=lambda one: one.start)
        if _FEWEST <= len(fields) <= _MOST_PIECES:
            yield fields


def _ways(each: Sequence[Sequence[_Piece]]) -> Iterator[Sequence[_Piece]]:
    """Yield one piece for each field: first those in the order of the fields, then all others.

    Of another order none where two fields could change places as well: nothing tells them apart.
    """
    if not all(each):
        return
    rest = []
    for places in islice(product(*each), 20 * _MOST_WAYS):
        if _overlap(places):
            continue
        if all(a.end <= b.start for a, b in pairwise(places)):
            yield places
        elif not any(
            places[b] in each[a] and places[a] in each[b]
            for a, b in combinations(range(len(places)), 2)
        ):
            rest.append(places)
    yield from rest


def _plain(texts: Sequence[_Run], width: int = 1) -> list[_Piece]:
    """Return the pieces of so many runs that are not the same in all texts of one form."""
    normal = [_normal(one) for one in texts]
    places = range(len(texts[0]) - width + 1)
    each = [
        _Piece(
            start,
            start + width,
            tuple("".join(one[start : start + width]) for one in normal),
            _word(normal, start),
        )
        for start in places
    ]
    return [one for one in each if len(one.distinct) > 1]


def _dates(texts: Sequence[_Run]) -> list[_Piece]:
    """Return the pieces of texts of one form that are dates, in each way to read them."""
    found = []
    n_runs = len(texts[0]) if texts and len({len(one) for one in texts}) == 1 else 0
    for start, width in product(range(n_runs), (1, 3)):
        cells = ["-".join(one[start : start + width]) for one in texts]
        distinct = {*cells}
        if len(distinct) < 2 or start + width > n_runs:
            continue
        if not all(run.isdecimal() for one in texts for run in one[start : start + width]):
            continue
        for form in [*date_forms(distinct), *_short_dates(distinct)]:
            days = {cell: f"day {form.read(cell)}" for cell in distinct}
            values = tuple(days[cell] for cell in cells)
            found.append(_Piece(start, start + width, values, "date"))
    return found


def _short_dates(cells: Collection[str]) -> list[DateForm]:
    """Return the forms of six digits that all cells have: a date elsewhere must be the same."""
    forms = (DateForm("smd", ""), DateForm("dms", ""))
    return [form for form in forms if all(form.read(cell) is not None for cell in cells)]


def _word(texts: Sequence[_Run], start: int) -> str:
    """Return the letters in front of a piece, where they are the same in all texts."""
    words = {one[start - 1] for one in texts} if start else {""}
    word = words.pop()
    return "" if words or word.isdecimal() else word


def _is_like(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether nearly all values of the one are among those of the other, or the reverse."""
    return len(one & other) >= max(2, _OVERLAP * min(len(one), len(other)))


def _overlap(pieces: Sequence[_Piece]) -> bool:
    """Return whether two pieces have a run together."""
    ordered = sorted(pieces, key=lambda one: one.start)
    return any(a.end > b.start for a, b in pairwise(ordered))


def _runs(text: str) -> _Run:
    return tuple(_RUN.findall(unicodedata.normalize("NFKC", text).casefold()))


def _normal(runs: _Run) -> _Run:
    return tuple(map(without_zeros, runs))


def _form(runs: _Run) -> str:
    """Return a sign for each run: a number or letters."""
    return "".join("0" if one.isdecimal() else "a" for one in runs)
