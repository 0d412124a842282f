"""A test set several times as large, and the comparison of its rows with those of the original.

Each image is shown under further names, by links, and the sample submission has their rows. What a
host hides is larger than what it shows. Whatever must not depend on the number of rows or on their
order is found by comparing: copies must be predicted as their originals are.
"""

from __future__ import annotations

import csv
import io
import math
import os
import random
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from podium.competition.ids.patterns import TOKEN, FileFinder, Pattern, without_zeros
from podium.competition.ids.rows import columns_of_key, is_part_of_cell
from podium.competition.samples import images_of_table, load_samples
from podium.competition.spec import Competition, DataSource
from podium.competition.tables import read_table
from podium.errors import RunError, UsageError, plural
from podium.submissions.format.spec import SubmissionFormat, format_of

__all__ = ["RowComparison", "compare_rows", "enlarge_test_set"]


_BELOW = "data/"
Names = Callable[[str, int], str]


@dataclass(frozen=True)
class EnlargedTestSet:
    """The content of the larger test set.

    Attributes:
        n_images: its images.
        originals: name of each copy, as in the rows → name of its original.
    """

    n_images: int
    originals: dict[str, str]


def enlarge_test_set(
    competition: Competition, to: Path, *, times: int, seed: int = 0
) -> EnlargedTestSet:
    """Make the folder `to` that shows `data/` with the test set `times` as large, by links.

    Units and volumes are copied whole. The sample submission and a table of the test set get rows
    for the copies; the rows are shuffled, those of a unit stay together.

    Raises:
        UsageError: the test set is named in a way that leaves no further names.
        DataError: the test set cannot be read.
    """
    test = competition.data.test
    if test is None:
        raise UsageError("there is no test set", fix="write data.test in competition.yaml")
    fixed = [one for one in (*test.tables, competition.submission.sample) if one is not None]
    if left := [one for one in fixed if not one.startswith(_BELOW)]:
        raise UsageError(
            f"{left[0]} came with the package, and no larger test set has another one",
            where="data.test",
            fix="predict what there is: podium pack --predict PACK --data DIR --to FILE",
        )
    rng, data = random.Random(seed), competition.root / "data"
    before = load_samples(competition, "test")
    by_table = test.table is not None
    copied = _by_table if by_table else _by_pattern
    added, came_from, written = copied(competition, test, times, rng)
    places = {place.removeprefix(_BELOW): competition.root / old for place, old in added.items()}
    texts = {place.removeprefix(_BELOW): text for place, text in written.items()}
    link_tree(data, to / "data", added=places, written=texts)
    after = load_samples(competition.at(to), "test")
    if len(after) != times * len(before):
        raise UsageError(
            f"the test set cannot be shown {times} times: {plural(len(before), 'image')} became "
            f"{len(after):,}",
            where="data.test",
            fix="rehearse with --times 1",
        )
    named = "unit" if competition.scores_units else "id"
    old_names = list(before[named].astype(str))
    if by_table:
        olds = [old_names[row] for row in came_from.values()]
    else:
        rows = {images[0]: row for row, images in enumerate(before["images"])}
        olds = [
            old_names[rows[added.get(str(images[0]), str(images[0]))]] for images in after["images"]
        ]
    new_names = after[named].astype(str)
    originals = {new: old for new, old in zip(new_names, olds, strict=True) if new != old}
    sample = competition.submission.sample
    if sample is not None and sample not in written:
        text = _with_copies(competition, competition.root / sample, set(old_names), originals, rng)
        place = to / sample
        place.unlink()
        place.write_text(text, encoding="utf-8")
    return EnlargedTestSet(len(after), originals)


def _by_pattern(
    competition: Competition, test: DataSource, times: int, _: random.Random
) -> tuple[dict[str, str], dict[int, int], dict[str, str]]:
    """Return new path → path of what it shows, for all files of all copies."""
    first = Pattern(test.patterns[0])
    found = list(first.find(competition.root))
    used = _renamed_fields(test) & set(first.fields)
    id_fields = Pattern(test.id or "{stem}").fields
    by_file = not used or bool({"stem", "name"} & set(id_fields))
    paths = {one.path for one in found}
    values = [value for one in found for value in [*one.fields.values(), *_texts(first, one.path)]]
    name = _further_names(values)
    others = [FileFinder(competition.root, Pattern(text)) for text in test.patterns[1:]]
    added: dict[str, str] = {}
    for k in range(1, times):
        for one in found:
            new = _renamed(first, one.path, used, by_file, name, k)
            if new in paths or new in added:
                raise _no_names(test)
            added[new] = one.path
            for text, finder in zip(test.patterns[1:], others, strict=True):
                for path in finder.of(one.fields):
                    fields = used or set(Pattern(text).fields)
                    added[_renamed(Pattern(text), path, fields, False, name, k)] = path
    return added, {}, {}


def _by_table(
    competition: Competition, test: DataSource, times: int, rng: random.Random
) -> tuple[dict[str, str], dict[int, int], dict[str, str]]:
    """Return also row of the new table → row of the old one, and the new table."""
    import pandas as pd

    assert test.table is not None
    if Path(test.table).suffix != ".csv" or is_part_of_cell(test.id or ""):
        raise UsageError(
            "only a plain CSV with a row an image is enlarged",
            where=test.table,
            fix="rehearse with --times 1",
        )
    table = read_table(competition.root / test.table, where=test.table)
    columns = sorted(_renamed_fields(test) & set(table.columns))
    name = _further_names(value for column in columns for value in table[column])
    images = images_of_table(competition, test, table, [])
    added: dict[str, str] = {}
    parts = [table]
    for k in range(1, times):
        part = table.copy()
        for column in columns:
            part[column] = [name(value, k) for value in table[column]]
        parts.append(part)
        for files in images:
            for text, path in zip(test.patterns, files, strict=True):
                pattern = Pattern(text)
                if path and set(pattern.fields) & set(columns):
                    added[_renamed(pattern, path, set(columns), False, name, k)] = path
    order = _shuffled(times * len(table), rng)
    every = pd.concat(parts, ignore_index=True).iloc[order]
    came_from = {place: row % len(table) for place, row in enumerate(order)}
    return added, came_from, {test.table: every.to_csv(index=False, lineterminator="\n")}


def _renamed_fields(test: DataSource) -> set[str]:
    """Return the fields that distinguish a copy from its original: of ids, units and volumes."""
    if test.table is not None:
        fields = columns_of_key(test.id or "")[:1]
    else:
        usual = "{id}" if "id" in Pattern(test.patterns[0]).fields else "{stem}"
        fields = list(Pattern(test.id or usual).fields)[:1]
    if test.unit is not None:
        fields += list(Pattern(test.unit if "{" in test.unit else f"{{{test.unit}}}").fields)[:1]
    if test.slices is not None:
        fields.append(test.slices.volume)
    return {one for one in fields if one}


def _further_names(values: Iterable[str]) -> Names:
    """Return the function from a name and k ≥ 1 to its k-th further name; numbers stay numbers."""
    known = set(values)
    width = max((len(one) for one in known if one.isdecimal()), default=0)
    mark = "x"
    while any(re.search(f"{mark}[0-9]+$", one) for one in known):
        mark += "x"

    def name(value: str, k: int) -> str:
        return f"{k}{value.zfill(width)}" if value.isdecimal() else f"{value}{mark}{k + 1}"

    return name


def _spans(pattern: Pattern, path: str) -> list[tuple[str, str]]:
    """Return the parts of a path that a pattern found, each with what it is: a token, or ""."""
    tokens = TOKEN.split(pattern.text)
    kinds = {"**/": "((?:[^/]+/)*)", "*": "([^/]*)", "?": "([^/])"}
    texts = [
        kinds.get(one, "([^/]+)" if n % 2 else f"({re.escape(one)})")
        for n, one in enumerate(tokens)
    ]
    match = re.fullmatch("".join(texts), path)
    assert match is not None, (pattern.text, path)
    return [
        (one if n % 2 else "", part)
        for n, (one, part) in enumerate(zip(tokens, match.groups(), strict=True))
    ]


def _texts(pattern: Pattern, path: str) -> list[str]:
    return [text for token, text in _spans(pattern, path) if token]


def _renamed(
    pattern: Pattern, path: str, fields: set[str], by_file: bool, name: Names, k: int
) -> str:
    """Return the path with further names in the places of `fields`, and of the last token."""
    parts = _spans(pattern, path)
    tokens = [n for n, (token, _) in enumerate(parts) if token not in ("", "**/")]
    chosen = {n for n, (token, _) in enumerate(parts) if token[1:-1].partition(":")[0] in fields}
    if by_file and tokens:
        # Of "{id}.*" the wildcard is the suffix: what stands before it is the name.
        start = path.rpartition("/")[2].find(".")
        at = _starts(parts)
        first_dot = len(path) - len(path.rpartition("/")[2]) + max(start, 0)
        chosen.add(([n for n in tokens if at[n] < first_dot] or tokens)[-1])
    return "".join(
        _further(token, text, name, k) if n in chosen else text
        for n, (token, text) in enumerate(parts)
    )


def _further(token: str, text: str, name: Names, k: int) -> str:
    """Return the k-th further name; of `{field:05}` the table has it without zeros in front."""
    if ":" not in token:
        return name(text, k)
    return name(without_zeros(text), k).zfill(len(text))


def _starts(parts: Sequence[tuple[str, str]]) -> list[int]:
    starts, at = [], 0
    for _, text in parts:
        starts.append(at)
        at += len(text)
    return starts


def _shuffled(n: int, rng: random.Random) -> list[int]:
    order = list(range(n))
    rng.shuffle(order)
    return order


def _with_copies(
    competition: Competition,
    sample: Path,
    names: set[str],
    originals: dict[str, str],
    rng: random.Random,
) -> str:
    """Return the sample submission with rows for the copies, shuffled by unit."""
    form = format_of(competition)
    at = list(form.columns.values()).index("id")
    owner = owner_pattern(form)
    copies: dict[str, list[str]] = {}
    for new, old in originals.items():
        copies.setdefault(old, []).append(new)
    with sample.open(newline="", encoding="utf-8-sig") as stream:
        lines = csv.reader(stream)
        header = next(lines, [])
        groups: dict[str, list[list[str]]] = {}
        for n, row in enumerate(line for line in lines if line):
            named = owner(row[at].strip(), names)
            old = "" if named is None else named.name
            # A row of nothing that is in the test set stays as it is.
            groups.setdefault(old or f"\0{n}", []).append(row)
            if named is not None:
                for new in copies.get(old, ()):
                    cells = [*row[:at], named.renamed(new), *row[at + 1 :]]
                    groups.setdefault(new, []).append(cells)
    units = list(groups)
    rng.shuffle(units)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(_rows(groups, units))
    return text.getvalue()


def _rows(groups: dict[str, list[list[str]]], units: list[str]) -> Iterator[list[str]]:
    for unit in units:
        yield from groups[unit]


def _no_names(test: DataSource) -> RunError:
    return RunError(
        f"no further names fit the pattern {test.patterns[0]}", fix="rehearse with --times 1"
    )


CLOSE = 1e-5
"""Up to here numbers are the same: sums of float32 in another order differ in the last bits."""
_NAMED_AT_MOST = 1000
Key = tuple[str, ...]


@dataclass(frozen=True)
class RowComparison:
    """Comparison of the rows of the larger file with those of the smaller one.

    Attributes:
        n_rows: of the larger file.
        n_exact: that are the same text.
        n_close: that differ in numbers, by `CLOSE` at most.
        worst: the largest difference of those.
        different: ids of the rows that differ by more or have no row in the smaller file, the first
            thousand.
        n_different: how many these are.
        missing: rows of the smaller file without one in the larger file.
    """

    n_rows: int
    n_exact: int
    n_close: int
    worst: float
    different: tuple[str, ...]
    n_different: int
    missing: tuple[str, ...]


def compare_rows(
    larger: Path, smaller: Path, form: SubmissionFormat, originals: Mapping[str, str]
) -> RowComparison:
    """Return how the rows of `larger` compare with those of their originals in `smaller`.

    Args:
        larger: a file in the format `form`.
        smaller: another.
        form: of both.
        originals: name of a copy → name of its original; a name that is not here is its own.
    """
    position = list(form.columns.values()).index("id")
    smaller_rows: dict[Key, list[list[str]]] = {}
    for key, rest in _rows_by_key(smaller, form):
        smaller_rows.setdefault(key, []).append(rest)
    owner = owner_pattern(form)
    at = form.key_columns.index(position)
    found: dict[Key, list[list[str]]] = {}
    for key, rest in _rows_by_key(larger, form):
        found.setdefault(key, []).append(rest)
    n_exact = n_close = n_rows = n_different = 0
    worst, matched = 0.0, set()
    different: list[str] = []
    for key, rows in found.items():
        mine = owner(key[at], originals)
        old = key if mine is None else _replaced(key, at, mine.renamed(originals[mine.name]))
        matched.add(key)
        n_rows += len(rows)
        others = smaller_rows.get(old)
        gap = _gap(rows, others)
        if rows == others:
            n_exact += len(rows)
        elif gap <= CLOSE:
            n_close += len(rows)
            worst = max(worst, gap)
        else:
            n_different += len(rows)
            if len(different) < _NAMED_AT_MOST:
                different.append(" / ".join(key))
    missing = tuple(" / ".join(key) for key in smaller_rows if key not in matched)
    return RowComparison(n_rows, n_exact, n_close, worst, tuple(different), n_different, missing)


def _rows_by_key(path: Path, form: SubmissionFormat) -> Iterator[tuple[Key, list[str]]]:
    keys = form.key_columns
    with path.open(newline="", encoding="utf-8") as stream:
        lines = csv.reader(stream)
        next(lines, None)
        for row in lines:
            if row:
                key = tuple(row[i] for i in keys)
                yield key, [cell for i, cell in enumerate(row) if i not in keys]


def _replaced(key: Key, at: int, cell: str) -> Key:
    return (*key[:at], cell, *key[at + 1 :])


def _gap(rows: list[list[str]], others: list[list[str]] | None) -> float:
    """Return the largest difference of the cells' numbers; infinite where they are other text."""
    if others is None or len(rows) != len(others):
        return math.inf
    worst = 0.0
    for row, other in zip(rows, others, strict=True):
        for cell, other_cell in zip(row, other, strict=True):
            if cell != other_cell:
                worst = max(worst, _difference(cell, other_cell))
    return worst


def _difference(cell: str, other: str) -> float:
    try:
        gap = abs(float(cell) - float(other))
    except ValueError:
        return math.inf
    return math.inf if math.isnan(gap) else gap  # nan is greater than nothing, and so would pass


@dataclass(frozen=True)
class RowOwner:
    """The name of a sample within the id of a row.

    Attributes:
        name: of the sample.
        before, after: what stands around it.
    """

    name: str
    before: str
    after: str

    def renamed(self, name: str) -> str:
        """Return the id of the row if it were of `name`."""
        return f"{self.before}{name}{self.after}"


def owner_pattern(form: SubmissionFormat) -> Callable[[str, Container[str]], RowOwner | None]:
    """Return the function from the id of a row and the known names to its owner, None if unknown.

    Where a class's name ends another's, the known name wins.
    """
    before, _, after = form.id.partition("{id}")
    patterns = [
        re.compile(f"({_regex(before, form)})(.+{lazy})({_regex(after, form)})")
        for lazy in ("?", "")
    ]

    def owner(key: str, names: Container[str]) -> RowOwner | None:
        for pattern in patterns:
            match = pattern.fullmatch(key)
            if match is not None and match[2] in names:
                return RowOwner(match[2], match[1], match[match.re.groups])
        return None

    return owner


def _regex(template: str, form: SubmissionFormat) -> str:
    classes = sorted(form.classes, key=len, reverse=True)
    one = {"{class}": "(?:" + "|".join(map(re.escape, classes)) + ")"}
    numbers = dict.fromkeys(("{index}", "{number}", "{row}", "{column}"), r"\d+")
    parts = re.split(r"(\{[a-z]+\})", template)
    return "".join((one | numbers).get(part, re.escape(part)) for part in parts)


def link_tree(
    source: Path, to: Path, *, added: Mapping[str, Path], written: Mapping[str, str]
) -> None:
    """Make the folder `to` that shows what `source` has; nothing is copied.

    Args:
        source: the folder.
        to: the new one.
        added: place below `to` → the file that is linked there.
        written: place below `to` → the text that stands there instead of the source's.
    """
    places = {*added, *written}
    opened = {
        "/".join(parts[:n])
        for parts in (one.split("/") for one in places)
        for n in range(len(parts))
    }
    for folder in sorted(opened | {""}):
        (to / folder).mkdir(parents=True, exist_ok=True)
        if not (source / folder).is_dir():
            continue
        with os.scandir(source / folder) as entries:
            for entry in entries:
                place = f"{folder}/{entry.name}".lstrip("/")
                if place not in opened and place not in places:
                    (to / place).symlink_to(Path(entry.path).resolve())
    for place, file in added.items():
        (to / place).symlink_to(file.resolve())
    for place, text in written.items():
        (to / place).write_text(text, encoding="utf-8")
