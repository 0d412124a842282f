"""Tables of train with a row for each number of an image, which become a column each.

stack  quantity  value  unit        stack  diameter  tilt
s1     diameter  41.2   nm      →   s1     41.2      12
s1     tilt      12     deg

Numbers of one quantity in several units are converted to the one that the host asks for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.labels.cells import has_fractions, known_cells, numbers_of
from podium.competition.infer.labels.column_names import column_spelt_as
from podium.competition.infer.labels.named_in_rows import names_beside_images
from podium.competition.infer.readme.factors import readme_measures
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.units_of_measure import (
    AnswerUnit,
    Measure,
    answer_units,
    converted,
    find_measure,
    header_unit,
)
from podium.competition.languages import meaning_words
from podium.competition.spelling import name_words
from podium.errors import DataError, plural, some

__all__ = ["MeasuredRows", "measured_rows", "numbers_in_rows", "numbers_of_one_unit"]

_MOST_NAMES = 100
_VALUE_WORDS = frozenset({"value", "values", "measurement", "measured", "result", "reading"})
_MOST_UNITS = 4  # of one quantity
_UNIT = re.compile(r"[^\W\d_](?:[^\W\d_]|[.%°²³/]){0,11}")
_UNITS = frozenset({
    "nm", "um", "µm", "μm", "mm", "cm", "dm", "m", "km", "in", "inch", "ft", "yd", "mi", "px",
    "pixel", "pixels", "deg", "°", "rad", "grad", "mrad", "%", "ppm", "ppb", "ng", "ug", "µg",
    "μg", "mg", "g", "kg", "t", "oz", "lb", "lbs", "s", "ms", "us", "µs", "min", "h", "d", "ml",
    "cl", "l", "ul", "µl", "c", "°c", "f", "°f", "k", "pa", "hpa", "kpa", "bar", "mv", "v",
    "kv", "ma", "a", "w", "kw", "hz", "khz", "mhz", "ghz", "j", "kj",
})  # fmt: skip


class MeasuredRows(NamedTuple):
    """The rows of a table that has one for each number of an image.

    Attributes:
        image, quantity: the columns of the image, and of what was measured.
        names: of what the sample submission asks for, as its columns are called.
        rows: those of `names`.
        numeric: the columns that may hold the numbers, one or more.
    """

    image: str
    quantity: str
    names: list[str]
    rows: pd.DataFrame
    numeric: list[str]


def numbers_in_rows(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with a column for each number of an image, or None.

    One column names what was measured, and these are the names that the sample submission asks for:
    in its keys, in a column of its own, or as its columns.

    Raises:
        DataError: numbers of one name have several units, or an image has several numbers of one
            name; or nothing shows which column holds the numbers, or what a lacking row means.
    """
    rows_of = measured_rows(folder, path, table, sample)
    if sample is None or rows_of is None:
        return None
    image, quantity, names, rows, numeric = rows_of
    where = folder.path / path
    value = _value_column(numeric, quantity, sample, where)
    lacking = _lack_rows(rows, image, quantity, names)
    numbers = numbers_of(rows[value])
    assert numbers is not None
    if lacking and numbers.between(0, 1).all():
        return None  # how sure each of some labels is
    left = [str(one) for one in rows.columns if one not in (image, quantity, value)]
    rows, told = _in_one_unit(folder, path, sample, rows_of, value)
    others = [one for one in left if one in rows.columns]
    _refuse_repeats(rows, image, quantity, value, where)
    if lacking and not (numbers % 1).any():
        first = lacking[0]
        raise DataError(
            f"{plural(len(lacking), 'pair')} of {image} and {quantity} have no row, as "
            f"{first[0]!r} and "
            f"{first[1]!r}, and {value} holds whole numbers: where they are counts, no row is 0",
            where=where,
            fix=f"write a row for each pair: 0 as {value}, or nothing where it is not known",
        )
    per_image = rows.groupby(image, sort=False)
    kept = [one for one in others if per_image[one].nunique().eq(1).all()]
    first_rows = per_image[kept].first() if kept else pd.DataFrame(index=list(per_image.groups))
    each = rows.drop_duplicates([image, quantity]).set_index([image, quantity])[value]
    columns = each.unstack(quantity).reindex(index=first_rows.index, columns=names).fillna("")
    wide = pd.concat([first_rows, columns], axis=1).rename_axis(image).reset_index()
    left = [one for one in left if one not in kept]
    reader = f"{path} with a column for each {quantity}: {some(names)}"
    reader += f", without {', '.join(left)}" if left else ""
    reader += f"; {len(lacking):,} of these numbers without a row" * bool(lacking)
    reader += f"; {told}" * bool(told)
    return MadeTable((path,), reader, wide.astype(object))


def measured_rows(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MeasuredRows | None:
    """Return the rows of a table of train that has one for each number of an image, or None.

    Where columns of the sample end in a unit that the names lack (`length_mm`), these are called as
    the columns.

    Args:
        folder, path, table, sample: as of `numbers_in_rows`.
    """
    if sample is None or not may_be_train_table(path):
        return None
    match = match_of_train(folder, path, table)
    if match is None or match.several or table[match.id].is_unique:
        return None
    rest = [str(one) for one in table.columns if str(one) != match.id]
    wanted = {one: _names_in_sample(folder, set(table[one]), sample) for one in rest}
    named = [one for one, names in wanted.items() if names]
    if not named:
        bare: dict[str, str] = {}
        for column in sample.values:
            unit = header_unit(column)
            bare |= {} if unit is None else {unit[0]: column}
        called = [one for one in rest if bare and set(bare) <= set(table[one])]
        if len(called) != 1 or len(bare) < len(sample.values):
            return None
        table = table.assign(**{called[0]: table[called[0]].replace(bare)})
        named, wanted = called, {called[0]: set(sample.values)}
    if len(named) != 1 or wanted[named[0]] & set(table.columns):
        return None
    quantity, names = named[0], sorted(wanted[named[0]])
    rows = table[table[quantity].isin(names)]
    numeric = [one for one in rest if one != quantity and _are_measured(rows[one])]
    differing = table.groupby(match.id)[numeric].nunique().gt(1).any()
    numeric = [one for one in numeric if differing[one]]
    return MeasuredRows(match.id, quantity, names, rows, numeric) if numeric else None


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


def _in_one_unit(
    folder: DataFolder,
    path: str,
    sample: SampleSubmission,
    measured: MeasuredRows,
    value: str,
) -> tuple[pd.DataFrame, str]:
    """Return the rows with the numbers of each name in the unit that is asked for, and a note.

    The column of units is left out then. Nothing is changed, and the note is "", where no column
    holds units, or those of each name are one and no other one is asked for what is sent.

    Raises:
        DataError: the numbers of one name have several units, and none of them, or several, are
            asked for; or not all are known units of one dimension.
    """
    rows, where = measured.rows, folder.path / path
    known = rows.loc[known_cells(rows[value]).index]
    ignored = (measured.image, measured.quantity, value)
    columns = [str(one) for one in rows if one not in ignored and _are_units(str(one), rows[one])]
    if measured.quantity == _QUANTITY:
        columns = [str(one) for one in rows if one not in ignored]
    spelt = {one: _units_of(known, measured.quantity, one) for one in columns}
    told_of = {
        one: readme_measures(folder, {str(cell) for each in units.values() for cell in each.index})
        for one, units in spelt.items()
    }
    measures = {one: _measures(units, told_of[one]) for one, units in spelt.items()}
    # With a second column of units nothing shows which of both is true.
    column = columns[0] if len(columns) == 1 else ""
    found = measures.get(column, {})
    dimensions = {name: next(iter(units.values())).dimension for name, units in found.items()}
    by_text = told_of.get(column, {})
    asked = {}
    if found:
        asked = answer_units(folder, sample, measured.names, dimensions, path, by_text)
    to: dict[str, AnswerUnit] = {}
    for one in columns:
        for name, counts in spelt[one].items():
            told = asked.get(name, []) if one == column else []
            is_mixed = len(counts) > 1 and (name not in found or len({*found[name].values()}) > 1)
            if is_mixed and (len(told) != 1 or name not in found):
                _refuse_units(known, measured, value, one, name, counts, found, told, where)
            if len(told) == 1 and (is_mixed or told[0].is_of_sent):
                to[name] = told[0]
    cells, notes = rows[value].copy(), []
    for name, unit in to.items():
        own = known[known[measured.quantity] == name]
        others = own[[found[name][cell] != unit.measure for cell in own[column].str.strip()]]
        numbers = zip(others[value], others[column].str.strip(), strict=True)
        plain = [converted(number, found[name][cell], unit.measure) for number, cell in numbers]
        cells.update(pd.Series(plain, index=others.index, dtype=object))
        if len(others):
            used = {found[name][cell] for cell in others[column].str.strip()} if by_text else set()
            factors = sorted(
                f"1 {each.name} is {converted('1', each, unit.measure)} {unit.measure.name}"
                for each in used
            )
            notes.append(
                f"{len(others):,} of {plural(len(own), 'number')} of {name} are converted to "
                f"{unit.measure.name}, as {unit.why}"
                + f" ({'; '.join(factors)}, as a text beside the data tells)"
                * bool(factors)
            )
    if not notes:
        return rows, ""
    return rows.assign(**{value: cells}).drop(columns=column), "; ".join(notes)


def numbers_of_one_unit(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train whose numbers to predict are of the unit that is asked for, or None.

    A row is of an image. Its number has its unit in the same cell (`1.2 cm`), or in a column called
    so, or behind it, that holds units of one dimension, or such as a text tells the factors of. The
    sample submission may call a column with a unit at its end.

    Args:
        folder, path, table, sample: as of `numbers_in_rows`.

    Raises:
        DataError: the numbers of a column have several units, and none of them, or several, are
            asked for, or nothing tells how many of one the other is.
    """
    if sample is None or not sample.has_numbers or not may_be_train_table(path):
        return None
    match = match_of_train(folder, path, table)
    asked = _requested_columns(sample, table)
    if match is None or match.several or match.id in asked:
        return None
    found, notes = table, list[str]()
    for column in asked:
        split = _with_unit_column(folder, found, column, match.id, asked)
        if split is None:
            continue
        rows, unit = split
        # Rows of one quantity, whose name is that of the column.
        rows = rows.assign(**{_QUANTITY: column})
        measured = MeasuredRows(match.id, _QUANTITY, [column], rows, [column])
        left = rows[[match.id, _QUANTITY, column, unit]]
        is_of_column = unit not in table or set(name_words(column)) <= set(name_words(unit))
        if len(asked) > 1 and not is_of_column:
            # Which of the columns it is of, nothing shows.
            known = left.loc[known_cells(left[column]).index]
            counts = known[unit].str.strip().value_counts()
            by_text = readme_measures(folder, set(map(str, counts.index)))
            if len({find_measure(str(one), by_text) for one in counts.index}) > 1:
                where = folder.path / path
                _refuse_units(known, measured, column, unit, column, counts, {}, (), where)
            continue
        in_one, told = _in_one_unit(folder, path, sample, measured._replace(rows=left), column)
        if told:
            found, notes = found.assign(**{column: in_one[column]}), [*notes, told]
            found = found.drop(columns=unit) if unit in found and len(asked) == 1 else found
    if not notes:
        return None
    return MadeTable((path,), f"{path} in which {'; '.join(notes)}", found)


def _requested_columns(sample: SampleSubmission, table: pd.DataFrame) -> list[str]:
    """Return the columns of train that the sample asks for, perhaps with a unit at their end.

    One behind which a column of units stands may have any other name in a sample of one answer.
    """
    found = []
    for name in sample.values:
        if name in table.columns:
            found.append(name)
            continue
        cells = {
            cell.strip().casefold(): Measure(cell, "", Fraction(1))
            for column in table
            if table[column].nunique() <= _MOST_UNITS
            for cell in table[column].unique()
            if _UNIT.fullmatch(cell.strip())
        }
        unit = header_unit(name, cells)
        if unit is not None and (column := column_spelt_as(unit[0], map(str, table.columns))):
            found.append(column)
    if not found and len(sample.values) == 1:
        names = [str(one) for one in table.columns]
        units = [n for n, one in enumerate(names) if n and _is_called_unit(one)]
        numeric = [names[n - 1] for n in units if numbers_of(table[names[n - 1]]) is not None]
        found = numeric if len(numeric) == 1 else []
    return list(dict.fromkeys(found))


def _is_called_unit(column: str) -> bool:
    return bool(meaning_words("unit") & {*name_words(column)})


_QUANTITY = "what was measured"
_WITH_UNIT = re.compile(r"(?P<number>[-+]?\d*\.?\d+)\s*(?P<unit>[^\s\d.,+-].*?)\s*")


def _with_unit_column(
    folder: DataFolder, table: pd.DataFrame, column: str, image: str, asked: Sequence[str]
) -> tuple[pd.DataFrame, str] | None:
    """Return the table with the numbers of a column and the column of their units, or None.

    A column of a few words behind one of fractions is of units where it is called so, though
    nothing tells what they are.

    Args:
        folder: with the texts.
        table: with a row an image.
        column: one of those that are `asked` for.
        image: the column of the images.
        asked: for all of which a column of units may be.
    """
    known = known_cells(table[column])
    parts = [_WITH_UNIT.fullmatch(cell.strip()) for cell in known]
    split = [one for one in parts if one is not None]
    if split and len(split) == len(parts):
        units = pd.Series([one["unit"] for one in split], index=known.index, dtype=object)
        if units.nunique() < 2 or not _are_of_one_dimension(folder, set(units)):
            return None
        plain = pd.Series([one["number"] for one in split], index=known.index, dtype=object)
        every = table.index
        cells = {
            column: plain.reindex(every, fill_value=""),
            f"{column}, its unit": units.reindex(every, fill_value=""),
        }
        return table.assign(**cells), f"{column}, its unit"
    if numbers_of(table[column]) is None:
        return None
    names = [str(one) for one in table.columns]
    behind = names[names.index(column) + 1 : names.index(column) + 2]
    others = [one for one in names if one not in (image, *asked) and _are_measured(table[one])]
    # Rows of several quantities an image have units of their own each.
    is_row_an_image = image not in table or table[image].is_unique
    for name in names:
        words = set(name_words(name))
        is_called = _is_called_unit(name)
        is_near = name in behind or not others or set(name_words(column)) <= words
        if name in (image, column) or not is_near or (name in asked and not is_called):
            continue
        units_there = set(table.loc[known.index, name].str.strip())
        units_there -= {""} if is_called else set()
        is_unit = is_called or all(len(one) > 1 for one in units_there)
        if is_unit and _are_of_one_dimension(folder, units_there):
            return table, name
        are_words = all(map(_UNIT.fullmatch, units_there))
        is_mixed = are_words and 1 < len(units_there) <= _MOST_UNITS
        if is_called and is_row_an_image and name in behind and is_mixed and has_fractions(known):
            return table, name
    return None


def _are_of_one_dimension(folder: DataFolder, units: set[str]) -> bool:
    told = readme_measures(folder, units)
    found = [find_measure(one, told) for one in units]
    dimensions = {None if one is None else one.dimension for one in found}
    return len(dimensions) == 1 and None not in dimensions


def _are_units(column: str, cells: pd.Series[str]) -> bool:
    """Return whether a column is one of units by its name or by its cells."""
    spelt = cells.str.strip()
    return _is_called_unit(column) or bool(
        set(spelt.str.lower()) <= _UNITS | {""} and (spelt != "").any()
    )


def _units_of(known: pd.DataFrame, quantity: str, column: str) -> dict[str, pd.Series[int]]:
    """Return how many numbers of each name have each unit, the commonest first."""
    cells = known[column].str.strip()
    return {str(name): own.value_counts() for name, own in cells.groupby(known[quantity])}


def _measures(
    units: Mapping[str, pd.Series[int]], told: Mapping[str, Measure]
) -> dict[str, dict[str, Measure]]:
    """Return the units of each name by what its cells have, where all are known and alike."""
    found = {}
    for name, counts in units.items():
        each = {str(one): find_measure(str(one), told) for one in counts.index}
        known = {cell: one for cell, one in each.items() if one is not None}
        if len(known) == len(each) and len({one.dimension for one in known.values()}) == 1:
            found[name] = known
    return found


def _refuse_units(
    known: pd.DataFrame,
    measured: MeasuredRows,
    value: str,
    column: str,
    name: str,
    counts: pd.Series[int],
    found: Mapping[str, Mapping[str, Measure]],
    told: Sequence[AnswerUnit],
    where: object,
) -> None:
    """Raise, as the numbers of one name have several units.

    Raises:
        DataError: always; what names the unit of the answers stands in it.
    """
    own = known[
        (known[measured.quantity] == name) & (known[column].str.strip() == counts.index[-1])
    ]
    row = own.iloc[0]
    listed = ", ".join(f"{n:,} in {unit or 'none'}" for unit, n in counts.items())
    shown = [row[one] for one in (measured.image, measured.quantity, value, column)]
    where_told = f" in the column {column}" * (measured.quantity != _QUANTITY or "," not in column)
    said = " and ".join(one.why for one in told)
    fix = f"write all numbers of {name} in one unit, {counts.index[0] or 'the same'}, and {column} "
    fix += "with it"
    if name not in found and all(one and not find_measure(one) for one in map(str, counts.index)):
        many, few = map(str, counts.index[:2])
        fix += (
            f"; or write how many {many} one {few} is into a text beside the data, as '1 {few} = 2 "
            f"{many}', and the unit of the answers, as 'Submissions: {name} in {many}', and podium "
            f"converts the others; or, if {column.strip()} is no unit, call it otherwise"
        )
    unit = found[name][str(counts.index[0])].name if name in found else ""
    # A statement on the answers stays true beside a further sentence; what is mentioned does not.
    differing = [one.why for one in told if one.is_of_sent and one.measure.name != unit]
    if unit and differing:
        fix += f"; or mend the text beside the data, as {' and '.join(differing)}: write one unit"
    elif unit:
        fix += (
            f"; or write the unit of the answers into a text beside the data, as 'Submissions: "
            f"{name} in {unit}' in README.md, and podium converts the others"
        )
    raise DataError(
        f"the numbers of {name} have several units{where_told}: {listed}, as in the row "
        f"{' '.join(shown).strip()!r}" + f"; {said}" * bool(said),
        where=where,
        fix=fix,
    )


def _refuse_repeats(
    rows: pd.DataFrame, image: str, quantity: str, value: str, where: object
) -> None:
    """Raise where an image has several numbers of one name.

    Raises:
        DataError: it has; the same number twice is one.
    """
    known = rows.loc[known_cells(rows[value]).index]
    numbers = known.assign(**{value: pd.to_numeric(known[value])})  # 12.0 is 12
    counts = numbers.groupby([image, quantity], sort=False)[value].nunique()
    several = counts[counts > 1]
    if len(several):
        one, name = several.index[0]
        cells = known[(known[image] == one) & (known[quantity] == name)][value]
        raise DataError(
            f"{plural(len(several), 'pair')} of {image} and {quantity} have several numbers, as "
            f"{one!r} and "
            f"{name!r}: {some(list(dict.fromkeys(cells)))}",
            where=where,
            fix=f"leave one row for each pair, or write their mean as {value}",
        )
