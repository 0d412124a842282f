"""Tables of train with a row for each number of an image, which become a column each.

stack  quantity  value  unit        stack  diameter  tilt
s1     diameter  41.2   nm      →   s1     41.2      12
s1     tilt      12     deg
"""

from __future__ import annotations

import pandas as pd

from podium.competition.infer.conversions.tables.made_tables import MadeTable
from podium.competition.infer.files import (
    DataFolder,
    match_images,
    may_be_train_table,
)
from podium.competition.infer.labels import known_cells, names_beside_images, numbers_of
from podium.competition.infer.submission import SampleSubmission
from podium.competition.spelling import name_words
from podium.errors import DataError, some

__all__ = ["numbers_in_rows"]

_MOST_NAMES = 100
_VALUE_WORDS = frozenset({"value", "values", "measurement", "measured", "result", "reading"})
_UNIT_WORDS = frozenset({"unit", "units", "uom"})
_UNITS = frozenset({
    "nm", "um", "µm", "μm", "mm", "cm", "dm", "m", "km", "in", "inch", "ft", "yd", "mi", "px",
    "pixel", "pixels", "deg", "°", "rad", "grad", "mrad", "%", "ppm", "ppb", "ng", "ug", "µg",
    "μg", "mg", "g", "kg", "t", "oz", "lb", "lbs", "s", "ms", "us", "µs", "min", "h", "d", "ml",
    "cl", "l", "ul", "µl", "c", "°c", "f", "°f", "k", "pa", "hpa", "kpa", "bar", "mv", "v",
    "kv", "ma", "a", "w", "kw", "hz", "khz", "mhz", "ghz", "j", "kj",
})  # fmt: skip


def numbers_in_rows(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with a column for each number of an image, or None.

    One column names what was measured, and these are the names that the sample submission asks for:
    in its keys, in a column of its own, or as its columns.

    Args:
        folder: with the images.
        path: of the table.
        table: its cells, as text.
        sample: the sample submission.

    Raises:
        DataError: numbers of one name have several units, or an image has several numbers of one
            name; or nothing shows which column holds the numbers, or what a lacking row means.
    """
    if sample is None or not may_be_train_table(path):
        return None
    match = match_images(folder, path, table, ("train", "other"))
    if match is None or match.several or table[match.id].is_unique:
        return None
    rest = [str(one) for one in table.columns if str(one) != match.id]
    wanted = {one: _names_in_sample(folder, set(table[one]), sample) for one in rest}
    named = [one for one, names in wanted.items() if names]
    if len(named) != 1 or wanted[named[0]] & set(table.columns):
        return None
    quantity, names = named[0], sorted(wanted[named[0]])
    rows = table[table[quantity].isin(names)]
    others = [one for one in rest if one != quantity]
    numeric = [one for one in others if _are_measured(rows[one])]
    differing = table.groupby(match.id)[numeric].nunique().gt(1).any()
    numeric = [one for one in numeric if differing[one]]
    if not numeric:
        return None
    where = folder.path / path
    value = _value_column(numeric, quantity, sample, where)
    lacking = _lack_rows(rows, match.id, quantity, names)
    numbers = numbers_of(rows[value])
    assert numbers is not None
    if lacking and numbers.between(0, 1).all():
        return None  # how sure each of some labels is
    _refuse_units(rows, match.id, quantity, value, others, where)
    _refuse_repeats(rows, match.id, quantity, value, where)
    if lacking and not (numbers % 1).any():
        first = lacking[0]
        raise DataError(
            f"{len(lacking):,} pairs of {match.id} and {quantity} have no row, as {first[0]!r} and "
            f"{first[1]!r}, and {value} holds whole numbers: where they are counts, no row is 0",
            where=where,
            fix=f"write a row for each pair: 0 as {value}, or nothing where it is not known",
        )
    per_image = rows.groupby(match.id, sort=False)
    kept = [one for one in others if one != value and per_image[one].nunique().eq(1).all()]
    first_rows = per_image[kept].first() if kept else pd.DataFrame(index=list(per_image.groups))
    each = rows.drop_duplicates([match.id, quantity]).set_index([match.id, quantity])[value]
    columns = each.unstack(quantity).reindex(index=first_rows.index, columns=names).fillna("")
    wide = pd.concat([first_rows, columns], axis=1).rename_axis(match.id).reset_index()
    left = [one for one in others if one != value and one not in kept]
    reader = f"{path} with a column for each {quantity}: {some(names)}"
    reader += f", without {', '.join(left)}" if left else ""
    reader += f"; {len(lacking):,} of these numbers have no row, and are missing" * bool(lacking)
    return MadeTable((path,), reader, wide.astype(object))


def _names_in_sample(folder: DataFolder, names: set[str], sample: SampleSubmission) -> set[str]:
    """Return those of `names` that the sample submission asks for; {} where it has others."""
    if len(names) > _MOST_NAMES or "" in names:
        return set()
    if set(sample.values) <= names:
        return set(sample.values)
    ids = sample.table[sample.id]
    if len(sample.values) == 2 and not ids.is_unique:
        found = [set(sample.table[one]) for one in sample.values]
        return next((cells for cells in found if len(cells) > 1 and cells <= names), set())
    if len(sample.values) > 1:
        return set()
    longest = sorted(names, key=len, reverse=True)
    return names_beside_images(list(ids), longest, folder.named)


def _are_measured(cells: pd.Series[str]) -> bool:
    """Return whether a column holds numbers that do not count its rows, as ids of rows do."""
    numbers = numbers_of(cells)
    if numbers is None:
        return False
    steps = numbers.diff().dropna()
    return not (len(steps) and (steps == 1).all())


def _value_column(
    numeric: list[str], quantity: str, sample: SampleSubmission, where: object
) -> str:
    """Return the column that holds the numbers.

    Raises:
        DataError: several may.
    """
    called = [one for one in numeric if one in sample.values or _VALUE_WORDS & set(name_words(one))]
    found = called or numeric
    if len(found) > 1:
        raise DataError(
            f"a row is of an image and one {quantity}, and its number may be that of {some(found)}",
            where=where,
            fix="leave the one to predict in the table, or call it value",
        )
    return found[0]


def _lack_rows(
    rows: pd.DataFrame, image: str, quantity: str, names: list[str]
) -> list[tuple[str, str]]:
    """Return the pairs of an image and a name that have no row."""
    there = set(zip(rows[image], rows[quantity], strict=True))
    return [
        (one, name) for one in rows[image].unique() for name in names if (one, name) not in there
    ]


def _refuse_units(
    rows: pd.DataFrame, image: str, quantity: str, value: str, others: list[str], where: object
) -> None:
    """Raise where the numbers of one name have several units.

    Raises:
        DataError: they do; a column is one of units by its name or by its cells.
    """
    for column in others:
        cells = rows[column].str.strip()
        is_unit = bool(_UNIT_WORDS & set(name_words(column))) or (
            set(cells.str.lower()) <= _UNITS | {""} and (cells != "").any()
        )
        if column == value or not is_unit:
            continue
        for name, own in cells.groupby(rows[quantity]):
            counts = own.value_counts()
            if len(counts) < 2:
                continue
            row = rows.loc[own[own == counts.index[-1]].index[0]]
            listed = ", ".join(f"{n:,} in {unit or 'none'}" for unit, n in counts.items())
            shown = " ".join([row[image], row[quantity], row[value], row[column]]).strip()
            raise DataError(
                f"the numbers of {name} have several units in the column {column}: {listed}, as in "
                f"the row {shown!r}",
                where=where,
                fix=f"write all numbers of {name} in one unit, {counts.index[0] or 'the same'}, "
                f"and {column} with it",
            )


def _refuse_repeats(
    rows: pd.DataFrame, image: str, quantity: str, value: str, where: object
) -> None:
    """Raise where an image has several numbers of one name.

    Raises:
        DataError: it has; the same number twice is one.
    """
    known = rows.loc[known_cells(rows[value]).index]
    counts = known.groupby([image, quantity], sort=False)[value].nunique()
    several = counts[counts > 1]
    if len(several):
        one, name = several.index[0]
        cells = known[(known[image] == one) & (known[quantity] == name)][value]
        raise DataError(
            f"{len(several):,} pairs of {image} and {quantity} have several numbers, as {one!r} "
            f"and {name!r}: {some(list(dict.fromkeys(cells)))}",
            where=where,
            fix=f"leave one row for each pair, or write their mean as {value}",
        )
