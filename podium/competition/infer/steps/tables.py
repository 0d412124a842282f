"""Steps of tables: read in any dialect, made of other files, and parted from the sample."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from podium.competition.digits import DECIMAL_SIGNS, zeros_of
from podium.competition.infer.conversions.labels.cells.levels_of_cells import with_levels_of_sample
from podium.competition.infer.conversions.labels.columns.corrections import correct_labels
from podium.competition.infer.conversions.labels.columns.joined_columns import (
    labels_of_joined_columns,
)
from podium.competition.infer.conversions.labels.columns.labels_of_units import labels_of_units
from podium.competition.infer.conversions.labels.names.matched_names import (
    LABEL,
    table_of_matched_names,
)
from podium.competition.infer.conversions.parts.left_out import (
    describe_left_out,
    leave_out_marked_rows,
    leave_out_rows,
    leave_out_values,
    without_withdrawn_folders,
)
from podium.competition.infer.conversions.parts.samples_by_content import (
    names_all_to_predict,
    names_images_to_predict,
    samples_by_content,
)
from podium.competition.infer.conversions.parts.validation import with_validation_part
from podium.competition.infer.conversions.tables.dialects.other_digits import (
    OtherDigits,
    in_ascii_digits,
)
from podium.competition.infer.conversions.tables.dialects.spreadsheets import (
    IdsToPredict,
    ids_to_predict,
    of_other_dialect,
    with_decimal_points,
    with_header,
    with_tabs,
    without_index,
)
from podium.competition.infer.conversions.tables.dialects.turned_tables import with_a_row_an_image
from podium.competition.infer.conversions.tables.dialects.workbooks import sheets_of_book
from podium.competition.infer.conversions.tables.made_tables import (
    MadeTable,
    made_tables,
    names_images,
    stem_of_table,
)
from podium.competition.infer.conversions.tables.pieces.replaced_tables import replaced_tables
from podium.competition.infer.conversions.tables.pieces.split_lists import lists_of_split
from podium.competition.infer.conversions.tables.pieces.tables_of_folders import (
    OF_TEST,
    with_folders_joined,
)
from podium.competition.infer.conversions.tables.records.lines_of_records import (
    find_lines_of_records,
)
from podium.competition.infer.conversions.tables.rows.matrices import rows_of_matrices
from podium.competition.infer.conversions.tables.rows.names_in_cells import rows_of_name_cells
from podium.competition.infer.conversions.tables.rows.ranges import rows_of_ranges
from podium.competition.infer.conversions.tables.samples.columns_of_sample import with_ids_in_front
from podium.competition.infer.conversions.tables.samples.examples_of_test import (
    is_called_example,
    is_example_with_answers,
    pieces_of_test,
    with_all_rows,
)
from podium.competition.infer.conversions.tables.samples.made_samples import (
    sample_of_class_columns,
    sample_of_list,
    sample_of_records,
)
from podium.competition.infer.conversions.tables.samples.ranked_columns import sample_of_ranks
from podium.competition.infer.conversions.tables.samples.samples_without_ids import (
    find_sample_in_order,
)
from podium.competition.infer.conversions.tables.samples.shown_headers import find_shown_header
from podium.competition.infer.conversions.tables.samples.shown_rows import find_shown_sample
from podium.competition.infer.conversions.tables.series import series_beside_images
from podium.competition.infer.conversions.tables.texts.joined_texts import table_of_texts
from podium.competition.infer.encodings import FoundPage, page_of_tables
from podium.competition.infer.files import (
    OF_TRAIN,
    DataFolder,
    guess_part,
    is_test_table,
    named_as_images,
)
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.sample.pixel_rows import find_pixel_rows, with_images
from podium.competition.infer.sample.runs import find_runs, with_lists_of_classes
from podium.competition.infer.sample.submission import (
    SampleSubmission,
    is_like_a_sample,
    is_sample_submission,
    is_test_to_fill,
    may_be_sample_submission,
    read_sample_submission,
    sample_submissions,
)
from podium.competition.infer.sources import Sources
from podium.competition.infer.steps.parts import with_parts_of_rows
from podium.competition.made_files import MADE
from podium.competition.tables import read_table
from podium.errors import DataError, plural, some

__all__ = [
    "with_images_of_pixel_rows",
    "with_joined_labels",
    "with_labels_corrected",
    "with_levels_of_cells",
    "with_lines_of_records",
    "with_made_tables",
    "with_matched_names",
    "with_names_in_cells",
    "with_rows_of_matrices",
    "with_rows_of_ranges",
    "with_sample_by_class",
    "with_sample_in_order",
    "with_sample_of_label",
    "with_sample_of_ranks",
    "with_sample_of_records",
    "with_shown_sample",
    "with_tables",
    "with_tables_of_folders",
    "without_pieces_of_test",
    "without_replaced_tables",
    "without_rows_left_out",
]


def with_tables(found: Sources) -> Sources:
    """Return the sources with their tables; of other dialects and books, those that are made.

    Where there is nothing to predict, a sample submission is one by its name alone.
    """
    folder = found.folder
    tables: dict[str, pd.DataFrame] = {}
    own: dict[str, MadeTable] = {}
    of_images = {path: one for one in named_as_images(folder) for path in one.paths.values()}
    left_out: dict[str, str] = {}
    page: FoundPage | None = None
    for path in folder.tables:
        try:
            tables[path] = read_table(folder.path / path, where=path)
        except DataError as error:
            page = page or page_of_tables(folder)
            other = of_other_dialect(folder, path, page)
            if other is None:
                what = str(of_images.get(path, error.where))
                left_out.setdefault(what, f"left out {what}: {error.message}")
                continue
        else:
            numbered = without_index(folder, path, tables[path])
            other = numbered or _in_own_signs(folder, path, tables[path])
            if numbered is not None and is_sample_submission(path):
                found = found.with_note(
                    f"files to send are written without the first column of {path}: ask the host "
                    "whether it must be there"
                )
        if other is not None:
            own[path], tables[path] = other, other.table
    for path, other in _rows_without_header(folder, tables, own, page).items():
        own[path], tables[path] = other, other.table
        left_out.pop(path, None)
    for path, table in tables.items():
        if not is_sample_submission(path):
            tables[path] = _without_blank_rows(path, table, own)
    sheets: dict[str, MadeTable] = {}
    n_called = Counter(map(stem_of_table, folder.books))
    for path in folder.books:
        # Workbooks of one name in several folders are told by these.
        where = path.rpartition("/")[0] if n_called[stem_of_table(path)] > 1 else ""
        start = re.sub(r"[^\w./-]+", "_", f"{where}/") if where else ""
        try:
            for name, sheet in sheets_of_book(folder, path).items():
                sheets[f"{MADE}/tables/{start}{name}"] = sheet
        except DataError as error:
            if not any(not is_sample_submission(one) for one in (*tables, *sheets)):
                raise DataError(error.message, where=folder.path / path, fix=error.fix) from error
            left_out[path] = f"left out {path}: {error.message}: {error.fix}"
    spelt: dict[str, MadeTable] = {}
    digits = in_ascii_digits(folder, tables | {name: one.table for name, one in sheets.items()})
    lost: dict[str, str] = {}
    read, tables = tables, {}
    for path, table in read.items():
        other = _with_digits(path, table, own.get(path), digits.get(path))
        if other is None:
            tables[path] = table
            continue
        name = f"{path.replace('/', '_').rpartition('.')[0]}.csv"
        found, made = found.written(name, other)
        spelt[made] = other
        if path in digits and digits[path].lost:
            lost[made] = _with_examples(digits[path].lost)
        tables[made] = other.table
        found = found.with_note(f"{made} is {path}, which has {other.reader}")
    for note in left_out.values():
        found = found.with_note(note)
    for made, sheet in sheets.items():
        if made in digits:
            sheet = _of_digits(sheet, digits[made])
        name = made.removeprefix(f"{MADE}/tables/")
        found, _ = found.written(name, sheet)
        tables[made] = sheet.table
        if sheet.digits:
            spelt[made] = sheet
        if made in digits and digits[made].lost:
            lost[made] = _with_examples(digits[made].lost)
        found = found.with_note(f"{made} is {sheet.reader}, {sheet.sources[0]}")
        if is_sample_submission(name):
            found = found.with_note(
                f"files to send are written as CSV, and {sheet.sources[0]} is a workbook: ask the "
                "host whether it takes these"
            )
    foreign = [
        one
        for path, one in spelt.items()
        if one.encoding != "utf-8"
        if guess_part(Path(path).name) != "other" or names_images(folder, one.table)
    ]
    tables, sample, why = _without_sample(
        folder, tables, spelt, foreign=foreign, by_content=found.has_test
    )
    if sample is not None and sample.path in folder.tables and ".tsv" in sample.path.lower():
        tabbed = with_tabs(sample.path, sample.table)
        name = f"{sample.path.replace('/', '_').rpartition('.')[0]}.csv"
        found, made = found.written(name, tabbed)
        sample = _in_dialect(replace(sample, path=made), {**spelt, made: tabbed}, foreign)
        found = found.with_note(f"{made} is {tabbed.sources[0]}, which has {tabbed.reader}")
    before = found.sample  # what was made of lines of records
    tables, sample = {**found.tables, **tables}, sample if before is None else before
    found = _with_digits_of_train(replace(found, tables=tables, sample=sample), spelt)
    sample = found.sample
    if sample is not None and sample.path in lost:
        found = found.with_note(
            f"files to send have ASCII digits and signs, and {sample.path} was made of others in "
            f"{lost[sample.path]}: ask the host whether it takes these"
        )
    if sample is not None and foreign and not {"encoding", "kind"} & sample.file.keys():
        first = foreign[0]
        found = found.with_note(
            f"files to send are UTF-8, and {first.sources[0]} is {first.encoding}: ask the host "
            f"whether it reads letters as {_word_with_letters(first.table)}"
        )
    elif (
        sample is not None
        and foreign
        and sample.file.get("encoding")
        and not _has_letters(sample.table)
    ):
        found = found.with_note(
            f"files to send are {sample.file['encoding']}, as {foreign[0].sources[0]} is: the "
            "sample has no letter that shows it"
        )
    if sample is None or not why:
        return found
    return found.with_note(f"{sample.path} is taken as the sample submission: {why}")


def _without_blank_rows(path: str, table: pd.DataFrame, own: dict[str, MadeTable]) -> pd.DataFrame:
    """Return a table without rows that have no cell; it is one of `own` where there were such."""
    is_blank = table.isin([""]).all(axis=1)
    if is_blank.all() or not is_blank.any():
        return table
    sep = "\t" if ".tsv" in path.lower() else ","
    base = own.get(path) or MadeTable((path,), "", table, sep)
    n = int(is_blank.sum())
    told = f"{plural(n, 'row')} without a cell, which {'is' if n == 1 else 'are'} left out"
    rest = table[~is_blank].reset_index(drop=True)
    own[path] = base._replace(reader=", ".join(filter(None, (base.reader, told))), table=rest)
    return rest


def _with_digits(
    path: str, table: pd.DataFrame, own: MadeTable | None, digits: OtherDigits | None
) -> MadeTable | None:
    """Return a table that is to be written, as it has other signs, other digits or both; or None.

    Args:
        path: of the table.
        table: its cells.
        own: the table, where it has other signs.
        digits: the table, where it has other digits.
    """
    if digits is None:
        return own
    sep = "\t" if ".tsv" in path.lower() else ","
    return _of_digits(MadeTable((path,), "", table, sep) if own is None else own, digits)


def _of_digits(base: MadeTable, digits: OtherDigits) -> MadeTable:
    return base._replace(
        reader=", ".join(filter(None, (base.reader, digits.reader))),
        table=digits.table,
        decimal=base.decimal or digits.decimal,
        digits=digits.zeros,
    )


def _with_digits_of_train(found: Sources, spelt: Mapping[str, MadeTable]) -> Sources:
    """Return the sources with a note on each answer whose digits in the sample are not as in train.

    Where the sample has no digit there, files to send have those of train.
    """
    for path, table in spelt.items():
        for name, zero in table.digits:
            sample = found.sample
            if sample is None or path not in found.tables or name not in sample.values:
                continue
            shown = zeros_of(sample.table[name])
            is_answered = sample.path in spelt and name in dict(spelt[sample.path].digits)
            if is_answered:
                continue
            told = "its own, of ASCII"
            if not shown:
                told = f"those of {path}, and the sample has none"
                before = sample.file.get("digits", {})
                assert isinstance(before, dict)
                form: dict[str, object] = {**sample.file, "digits": {**before, name: zero}}
                form |= {"decimal": table.decimal} if table.decimal in DECIMAL_SIGNS else {}
                found = replace(found, sample=replace(sample, file=form))
            found = found.with_note(
                f"numbers in {name} have other digits in {table.sources[0]} than in the sample "
                f"submission; files to send have {told}: ask the host which it takes"
            )
    return found


def _with_examples(cells: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({cell!r})" for name, cell in cells.items())


def _rows_without_header(
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
    own: Mapping[str, MadeTable],
    page: FoundPage | None,
) -> dict[str, MadeTable]:
    """Return the tables whose first row has an id of what is to be predicted, as all others have.

    These are known when all tables are read. Such a table may have the same cell twice in its first
    row, and so be in none of the `tables`.

    Args:
        folder: with the images.
        tables: those that were read, by path.
        own: those of them that have other signs.
        page: the encoding of a table that is not UTF-8; None where all are.
    """
    ids = ids_to_predict(folder, tables)
    every = {cell for one in ids for cell in one.cells}
    found = {}
    for path in folder.tables if ids else ():
        known = own.get(path)
        is_of_test = is_test_table(path) and not is_sample_submission(path)
        if is_of_test or (known is not None and not known.header):
            continue
        cells = [*map(str, tables[path])] if path in tables else _first_cells(folder.path / path)
        if len(cells) == 1:
            cells = re.split(_SIGNS, cells[0])
        if every.isdisjoint(cells):
            continue
        other = None
        if path in tables and known is None:
            other = _in_own_signs(folder, path, tables[path], ids)
        if other is None:
            other = of_other_dialect(folder, path, page or FoundPage("utf-8"), ids)
        if other is not None and not other.header:
            found[path] = other
    return found


_SIGNS = r"\s*[;,|\t]\s*|\s+"
_LONGEST_ROW = 1 << 16


def _first_cells(file: Path) -> list[str]:
    """Return the cells of the first line of a file, as any of the usual signs part them."""
    try:
        with file.open("rb") as source:
            line = source.readline(_LONGEST_ROW)
    except OSError:
        return []
    return re.split(_SIGNS, line.decode("latin-1").strip())


def _in_own_signs(
    folder: DataFolder, path: str, table: pd.DataFrame, ids: Sequence[IdsToPredict] = ()
) -> MadeTable | None:
    """Return a table without a header, or with tabs and decimal commas, as others are; or None.

    Args:
        folder: with the images.
        path: of the table.
        table: its cells, as they are.
        ids: that rows without a header may have in place of names of images.
    """
    bare = with_header(folder, path, table, ids)
    if bare is not None and len(table.columns) == 1:
        # An answer may be blank in each row: `7.png` and a tab.
        other = of_other_dialect(folder, path, FoundPage("utf-8"), ids)
        return bare if other is None or other.header else other
    if bare is None and _has_title(table):
        return of_other_dialect(folder, path, FoundPage("utf-8"), ids)
    if bare is None and ";" in str(table.columns[0]):
        # The comma of `7.png;0,5` parts cells, too, where no header tells otherwise.
        other = of_other_dialect(folder, path, FoundPage("utf-8"), ids)
        return None if other is None or other.header else other
    if bare is None and len(table.columns) == 1 and " " in str(table.columns[0]).strip():
        other = of_other_dialect(folder, path, FoundPage("utf-8"), ids)
        if other is not None and not other.header:
            return other  # blanks part the cells of `7.png  0.5  mono`
    pointed = with_decimal_points(path, table if bare is None else bare.table)
    if bare is None or pointed is None:
        return bare or pointed
    return pointed._replace(reader=f"{pointed.reader}, {bare.reader}", header=False)


def _has_title(table: pd.DataFrame) -> bool:
    """Return whether a title stands where the names of columns would be."""
    names = [str(name) for name in table.columns]
    if len(names) == 1:
        return bool(table.iloc[:, 0].str.contains(r";|\t|\|").mean() > _MOST)
    rest = [name for name in names[1:] if name and not name.startswith("Unnamed")]
    return bool(names[0]) and not rest and len(table) > 1


_MOST = 0.5


def _without_sample(
    folder: DataFolder,
    tables: dict[str, pd.DataFrame],
    spelt: Mapping[str, MadeTable],
    *,
    foreign: Sequence[MadeTable],
    by_content: bool,
) -> tuple[dict[str, pd.DataFrame], SampleSubmission | None, str]:
    """Return the tables but for sample submissions, the one that counts, and why.

    The reason is "" where it is called so.

    Args:
        folder: with the images.
        tables: by path.
        spelt: those of them that are in another dialect.
        foreign: those of `spelt` of train, test or the sample, in another encoding than UTF-8.
        by_content: whether what a table holds makes it a sample, too.
    """
    tables = dict(tables)
    samples = sample_submissions(tables)
    samples = samples or [
        path for path, table in tables.items() if may_be_sample_submission(path, table)
    ]
    why: dict[str, str] = {}
    if len(samples) > 1:  # those of an earlier stage name other images, or images of train by now
        samples.sort(key=lambda path: not names_images_to_predict(folder, path, tables))
        whole = [path for path in samples if names_all_to_predict(folder, path, tables)]
        if whole and whole[0] != samples[0]:
            why[whole[0]] = f"it names all that is to be predicted, and {samples[0]} does not"
            samples = [*whole, *(path for path in samples if path not in whole)]
    if not samples:
        of_train = "it has columns of another table, one placeholder in each, and rows of its own"
        why = {path: of_train for path in tables if is_like_a_sample(path, tables)}
        samples = list(why)
    if not samples:
        told = {path: is_example_with_answers(path, tables) for path in tables}
        why = {path: one for path, one in told.items() if one}
        samples = list(why)
    if not samples and by_content:
        why = dict(samples_by_content(folder, tables))
        samples = list(why)
    # It lists the images to predict, too.
    filled = [path for path in tables if not samples and is_test_to_fill(path, tables)]
    to_fill = "its columns of answers are those of train, and are to be filled in"
    why |= dict.fromkeys(filled, to_fill)
    sample = None
    for path in (*samples, *filled):
        table = tables[path] if path in filled else tables.pop(path)
        if sample is None and (sample := read_sample_submission(path, table)) is not None:
            sample = with_ids_in_front(folder, sample)
        if sample is not None and sample.path == path and path in spelt:
            sample = _in_dialect(sample, spelt, foreign)
    return tables, sample, "" if sample is None else why.get(sample.path, "")


def _in_dialect(
    sample: SampleSubmission,
    spelt: Mapping[str, MadeTable],
    foreign: Sequence[MadeTable] = (),
) -> SampleSubmission:
    """Return the sample with the form of a file to send: its own signs, as far as it shows them.

    Where it holds no fraction, the other tables of the same dialect may show their sign; where it
    holds no letter beyond ASCII, the `foreign` ones of images may show their encoding.
    """
    own = spelt[sample.path]
    digits = dict(own.digits)
    alike = [one.decimal for one in spelt.values() if one.sep == own.sep and one.decimal]
    # Numbers of ASCII have no such sign.
    alike = [one for one in alike if one not in DECIMAL_SIGNS or digits.keys() & {*sample.values}]
    decimal = own.decimal or (alike[0] if alike else "")
    form: dict[str, object] = {} if own.header else {"header": False}
    form |= {} if own.sep == "," else {"sep": own.sep}
    form |= {"digits": digits} if digits else {}
    # A sample without such letters is of the page of the tables that are written as it is.
    pages = [one.encoding for one in foreign if one.sep == own.sep]
    pages = [one for one in (own.encoding, *pages) if one != "utf-8"]
    if pages and not (own.encoding == "utf-8" and _has_letters(own.table)):
        form |= {"encoding": pages[0]}
    if decimal in (",", *DECIMAL_SIGNS):
        return replace(sample, file={**form, "decimal": decimal})
    other = None
    has_sign = {digits.get(name, "") for name in sample.values} & {"۰", "٠"}
    if not decimal and sample.has_numbers and (own.sep == ";" or has_sign):
        sign = DECIMAL_SIGNS[0] if has_sign else ","
        other = ({**form, "decimal": sign}, "no table shows how fractions are written")
    return replace(sample, file=form, other_file=other)


def _word_with_letters(table: pd.DataFrame) -> str:
    """Return a cell, or a column, of a table with letters that encodings write otherwise."""
    cells = (cell for name in table.columns for cell in (str(name), *table[name]))
    return next((cell[:40] for cell in cells if not cell.isascii()), "é")


def _has_letters(table: pd.DataFrame) -> bool:
    """Return whether a table has letters that encodings write otherwise."""
    cells = (table[name].map(str.isascii).all() for name in table.columns)
    return not (all(map(str.isascii, map(str, table.columns))) and all(cells))


def with_shown_sample(found: Sources) -> Sources:
    """Return the sources with the sample of the rows that a text shows, where no file is one."""
    if found.sample is not None or not found.has_test:
        return found
    shown = find_shown_sample(found.folder, found.tables)
    if shown is None:
        return found
    return found.with_made_sample(shown.made, {} if shown.sep == "," else {"sep": shown.sep})


def with_lines_of_records(found: Sources) -> Sources:
    """Return the sources with tables of lines of 0 and 1 in the order of records of JSON.

    Such lines have no header, and are no tables by themselves.
    """
    lines = find_lines_of_records(found.folder) if found.has_test else None
    if lines is None:
        return found
    rest = [path for path in found.folder.tables if path not in lines.paths]
    found = replace(found, folder=replace(found.folder, tables=tuple(rest)))
    stem = Path(lines.train.sources[0]).stem
    found = found.with_table(f"{stem}_records.csv", lines.train)
    found = found.with_table("test.csv", lines.test)
    test = next(reversed(found.tables))
    ids = {"table": found.folder.spell(test), "id": lines.id}
    found = found.with_sample(lines.sample, {"header": False, "ids": ids}, None)
    return found.with_note(lines.note)


def without_pieces_of_test(found: Sources) -> Sources:
    """Return the sources without tables of test whose rows another one has, and more.

    A sample of such rows alone shows the form: it gets a row for each one of the other table. Where
    neither is called an example, the rows of the sample may be all that is scored.
    """
    sample = found.sample
    shown = frozenset[str]() if sample is None else frozenset(sample.table[sample.id])
    is_form = sample is not None and not sample_submissions([sample.path])
    for piece in list(pieces_of_test(found.tables)):
        told = piece.describe(found.tables)
        cells = {*found.tables[piece.path][piece.key]}
        if shown and shown <= cells and not is_form:
            if not is_called_example(piece.path):
                found = found.with_note(
                    f"{told}, and the sample submission has rows of the former alone: if all are "
                    f"to be predicted, take {piece.path} out of the data"
                )
                continue
            is_form = True
        found = found.without_tables([piece.path])
        found = found.with_note(f"{piece.path} is not used: {told}, which are to be predicted")
    made = with_all_rows(sample, found.tables) if sample is not None and is_form else None
    if made is None or sample is None:
        return found
    found, path = found.written(f"{Path(sample.path).stem}_all.csv", made)
    found = replace(found, sample=replace(sample, path=path, table=made.table))
    return found.with_note(f"{path} is {made.reader}")


def with_sample_in_order(found: Sources) -> Sources:
    """Return the sources with the sample of answers alone, whose rows have the order of test."""
    sample = found.sample
    if sample is None:
        paths = [one for one in sample_submissions(found.folder.tables) if one not in found.tables]
        samples = {path: read_table(found.folder.path / path, where=path) for path in paths}
    else:
        samples = {sample.path: sample.table}
    one = find_sample_in_order(found.folder, found.tables, samples)
    if one is None and sample is None and found.has_test:
        one = find_shown_header(found.folder, found.tables)
    if one is None:
        return found
    ids: dict[str, object] = {"table": found.folder.spell(one.test), "id": one.id}
    form = {**({} if sample is None else sample.file), "ids": ids}
    found = found.with_sample(one.made, form, None)
    source = one.made.sources[0]
    why, order = f"{source} shows a header without ids", one.test
    if source in samples:
        why, order = f"{source} has no ids and as many rows as {one.test}", "that table"
    return found.with_note(
        f"{why}: files to send have no ids either, and their rows are in the order of {order}"
    )


def with_labels_corrected(found: Sources) -> Sources:
    """Return the sources with the labels of train as tables of corrections have them."""
    while (one := correct_labels(found.tables)) is not None:
        if one.table is None:
            found = found.with_note(f"{one.path} has the values of {one.corrections} already")
        else:
            found = found.with_table_instead(one.path, "corrected", one.table)
        found = found.without_tables([one.corrections])
    return found


def with_levels_of_cells(found: Sources) -> Sources:
    """Return the sources with a column for each answer that train has as a level of one column."""
    for path, one in with_levels_of_sample(found.tables, found.sample).items():
        found = found.with_table_instead(path, "levels", one)
    return found


def without_series(found: Sources) -> Sources:
    """Return the sources without the tables of what was measured beside each image."""
    for one in list(series_beside_images(found.folder, found.tables)):
        found = found.without_tables(one.paths).with_note(one.note)
    return found


def without_replaced_tables(found: Sources) -> Sources:
    """Return the sources without the tables that others replace, as a text says."""
    for one in list(replaced_tables(found.folder, found.tables, _one_source(found))):
        found = found.without_tables([one.path]).with_note(one.note)
    return found


def _one_source(found: Sources) -> dict[str, str]:
    """Return the file of the data folder that each made table is of, where it is of one alone."""
    root = found.folder.path.absolute()
    return {
        one.path: one.sources[0].relative_to(root).as_posix()
        for one in found.made
        if len(one.sources) == 1 and one.sources[0].is_relative_to(root)
    }


def with_joined_labels(found: Sources) -> Sources:
    """Return the sources with labels that are the cells of several columns of train, joined."""
    if found.label is not None or train_masks(found.folder) or found.coco or found.outlines:
        return found
    joined = labels_of_joined_columns(found.folder, found.tables, found.sample)
    if joined is None or joined.made is None:
        return found if joined is None else found.with_note(joined.note)
    stem = Path(joined.path).stem if joined.path else "labels_of_images"
    name = f"{stem}_joined.csv" if joined.path else f"{stem}.csv"
    return found.with_table(name, joined.made, instead_of=joined.path)


def without_rows_left_out(found: Sources) -> Sources:
    """Return the sources without the rows of train that lists, or texts, name as left out."""
    for path, made in list(leave_out_marked_rows(found.folder, found.tables)):
        if path in found.tables:
            found = found.with_table_instead(path, "used", made)
    while used := next(leave_out_values(found.folder, found.tables, found.sample), None):
        path, made = used
        found = found.with_table_instead(path, "used", made)
    found = without_withdrawn_folders(found)
    read: set[str] = set()
    while True:
        lists = leave_out_rows(found.folder, found.tables)
        one = next((one for one in lists if one.path not in read), None)
        if one is None:
            return found
        read.add(one.path)
        if one.table is None or one.of_train is None:
            found = found.with_note(describe_left_out(one))
            continue
        found = found.with_table_instead(one.of_train, "kept", one.table)
        found = found.without_tables([one.path])


def with_names_in_cells(found: Sources) -> Sources:
    """Return the sources with a row an image for tables whose cells list several; not of masks."""
    if train_masks(found.folder):
        return found
    rows = rows_of_name_cells(found.folder, found.tables, found.sample)
    if rows is None:
        return found
    for path, one in rows.tables.items():
        is_of_test = path in rows.to_predict and not is_test_table(path)
        found = found.with_table_instead(path, "test" if is_of_test else "images", one)
    found = found.with_note(*rows.notes).without_tables(rows.used)
    return replace(found, unit=rows.unit, bare_units=rows.bare)


def with_rows_of_matrices(found: Sources) -> Sources:
    """Return the sources with a row an image for tables whose columns, or cells, are of images."""
    for path, table in found.tables.items():
        if (one := with_a_row_an_image(found.folder, path, table, found.sample)) is not None:
            found = found.with_table_instead(path, "turned", one)
    rows = rows_of_matrices(found.folder, found.tables, found.sample)
    if rows is None:
        return found
    return found.without_tables(rows.sources).with_table("cells.csv", rows)


def with_rows_of_ranges(found: Sources) -> Sources:
    """Return the sources with a row an image for tables whose rows are of several in order."""
    for path, table in found.tables.items():
        if (rows := rows_of_ranges(found.folder, path, table)) is not None:
            found = found.with_table_instead(path, "rows", rows)
    return found


def with_sample_of_records(found: Sources) -> Sources:
    """Return the sources with the sample submission that is a list of records, as a table."""
    records = None if found.sample is not None else sample_of_records(found.folder)
    if records is None:
        return found if found.sample is not None else _with_sample_of_list(found)
    found = found.with_sample(*records)
    assert found.sample is not None
    made = records[0]
    return found.with_note(f"{found.sample.path} is {made.sources[0]}, {made.reader}")


def _with_sample_of_list(found: Sources) -> Sources:
    """Return the sources with the sample submission that is a text, a row a line."""
    listed = sample_of_list(found.folder)
    if listed is None:
        return found
    [path] = listed.sources
    found, made = found.written(f"{Path(path).stem}.csv", listed)
    return _as_sample(found, made, listed)


def with_sample_of_ranks(found: Sources) -> Sources:
    """Return the sources with a list of answers for the columns of a sample of rankings.

    Lists of numbers in one column are told from runs of masks.
    """
    if found.sample is not None:
        found = replace(found, sample=with_lists_of_classes(found.sample, found.tables))
    ranked = None if found.sample is None else sample_of_ranks(found.sample, found.tables)
    if ranked is None or found.sample is None:
        return found
    form = {**found.sample.file, "ranked": ranked.columns}
    found = found.with_made_sample(ranked.table, form)
    assert found.sample is not None
    return replace(found, sample=replace(found.sample, sep_of_ranks=ranked.sep))


def with_images_of_pixel_rows(found: Sources) -> Sources:
    """Return the sources; a sample of rows of pixels, or of patches, has a row an image."""
    sample, has_masks = found.sample, bool(train_masks(found.folder))
    rows = find_pixel_rows(sample) if has_masks and sample is not None else None
    if sample is None or rows is None:
        return found
    if any(map(found.folder.named, sample.table[sample.id].iloc[:50])):
        return found  # tiles, whose names have the place of each
    return replace(found, sample=with_images(sample, rows))


def with_sample_by_class(found: Sources) -> Sources:
    """Return the sources with a row a class for the columns of a sample of masks."""
    sample, folder = found.sample, found.folder
    has_masks = sample is not None and (
        found.outlines or train_masks(folder) or folder.jsons or find_runs(folder, found.tables)
    )
    by_class = sample_of_class_columns(sample) if has_masks and sample is not None else None
    if by_class is None or sample is None:
        return found
    return found.with_sample(by_class[0], {**sample.file, **by_class[1]}, "rle")


def with_sample_of_label(found: Sources) -> Sources:
    """Return the sources; where nothing is to be predicted, the sample is of the column named.

    Raises:
        DataError: no table has the column.
    """
    if found.label is None:
        return found
    sample = _sample_of_label(found.tables, found.label, found.folder.path)
    return found if found.has_test else replace(found, sample=sample)


def _sample_of_label(
    tables: Mapping[str, pd.DataFrame], label: str, data: Path
) -> SampleSubmission:
    """Return a sample submission of the column `label`, as its table has it."""
    for path, table in tables.items():
        if label in table.columns[1:]:
            first = table.columns[0]
            return SampleSubmission(path, table[[first, label]])
    found = [f"{path} ({', '.join(map(str, table.columns))})" for path, table in tables.items()]
    raise DataError(
        f"no table has a column {label!r} behind its first; tables: {some(found) or 'none'}",
        where=data,
        fix="name the column with the labels",
    )


def with_matched_names(found: Sources) -> Sources:
    """Return the sources with a table of what a person's expression finds in names of images."""
    if not found.expression:
        return found
    table, rest = table_of_matched_names(found.folder, found.expression)
    found = replace(found.with_table("names.csv", table), label=found.label or LABEL)
    if not rest:
        return found
    of_one = len(rest) == 1
    which = "1 image whose name" if of_one else f"{len(rest):,} images whose names"
    return found.with_note(
        f"{which} the expression does not match {'has' if of_one else 'have'} no label: "
        f"{some(rest)}"
    )


def with_made_tables(found: Sources) -> Sources:
    """Return the sources with the tables that are made of other files, in parts as others are."""
    found = _with_lists_of_split(found)
    coco = found.coco
    is_told = any(names_images(found.folder, one) for one in found.tables.values())
    joined = None if is_told or coco is not None else table_of_texts(found.folder)
    if joined is not None:
        found = with_parts_of_rows(found.with_table(f"{Path(joined.sources[0]).stem}.csv", joined))
    read = {source for one in found.made for source in one.sources}
    known = [path for path in found.folder.others if found.folder.path.absolute() / path in read]
    known += () if found.annotations is None else found.annotations.sources
    sent = frozenset[str]() if found.sample is None else found.sample.listed
    asked = [] if found.sample is None else list(found.sample.values)
    asked = asked if found.label is None else [found.label]
    made = (
        made_tables(found.folder, found.tables, known=known, sent=sent, asked=asked)
        if coco is None
        else coco.tables
    )
    used = {source for one in made.values() for source in one.sources}
    tables = {path: table for path, table in found.tables.items() if path not in used}
    for name, one in made.items():
        found, path = found.written(name, one)
        tables[path] = one.table
        tell = f"{some(one.sources)} tell{'s' * (len(one.sources) == 1)}"
        found = found.with_note(f"{path} has the {len(one.table):,} rows that {tell}")
    for name in made if found.sample is None else ():
        path = f"{MADE}/tables/{name}"
        if is_sample_submission(path) or is_like_a_sample(path, tables):
            tables.pop(path)
            found = _as_sample(found, path, made[name])
            break
    found = replace(found, tables=tables)
    if not made:
        return found
    found = with_parts_of_rows(found)
    # Rows that JSON has of validation are known now.
    return found.with_folder(*with_validation_part(found.folder, found.tables, found.sample))


def with_tables_of_folders(found: Sources) -> Sources:
    """Return the sources with one table for those that lie each in the folder of its images.

    So are tables of test where no sample submission tells what is to be predicted.
    """
    if found.coco is not None:
        return found
    sources = _one_source(found)
    for parts in (OF_TRAIN, OF_TEST) if found.sample is None else (OF_TRAIN,):
        joined = with_folders_joined(found.folder, found.tables, sources, parts)
        if joined is None:
            continue
        paths, one = joined
        first = Path(sources.get(paths[0], paths[0])).stem
        called = first if parts == OF_TRAIN else f"{first}_test"
        found = found.without_tables(paths).with_table(f"{called}_of_folders.csv", one)
    return found


def with_labels_of_units(found: Sources) -> Sources:
    """Return the sources with one table of the folders of images that the sample has rows of."""
    if found.coco is not None or found.label is not None or train_masks(found.folder):
        return found
    labels = labels_of_units(found.folder, found.tables, found.sample)
    if labels is None:
        return found
    found, zeros = found.without_tables(labels.used), ""
    if labels.with_zeros is not None:
        found, zeros = found.written(f"{labels.stem}_units_with_0.csv", labels.with_zeros)
    found = found.with_table(f"{labels.stem}_units.csv", labels.made)
    return replace(found, units_with_zeros=zeros)


def _with_lists_of_split(found: Sources) -> Sources:
    """Return the sources with the parts of a list, where nothing else tells what to predict."""
    is_told = found.sample is not None or any(map(is_test_table, found.tables))
    if is_told or found.annotations is not None or found.folder.of_part("train", "test", "mask"):
        return found
    split = lists_of_split(found.folder)
    if split is None:
        return found
    for name, one in split.tables.items():
        found = found.with_table(name, one)
    return found.with_note(split.note)


def _as_sample(found: Sources, made: str, listed: MadeTable) -> Sources:
    """Return the sources with a made table as the sample submission, and a note on its form."""
    sample = read_sample_submission(made, listed.table)
    told = "CSV with a header, which it has not: ask the host whether it takes these"
    is_text = {*listed.sources} <= {*found.folder.texts}
    if sample is not None and is_text and listed.sep:
        sample = _in_dialect(sample, {made: listed})
        header = "with a header" if listed.header else "without a header"
        told = f"{header} and with {listed.sep!r} between the cells, as it is"
    return replace(found, sample=sample).with_note(
        f"{some(listed.sources)} is taken as the sample submission; files to send are {told}"
    )
