"""Steps of the sample submission: parted from the tables, or made of records, lists and texts."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from podium.competition.digits import DECIMAL_SIGNS, zeros_of
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.parts.samples_by_content import (
    names_all_to_predict,
    names_images_to_predict,
    samples_by_content,
)
from podium.competition.infer.conversions.tables.dialects.spreadsheets import with_tabs
from podium.competition.infer.conversions.tables.made_table import LARGEST, MadeTable, name_of_copy
from podium.competition.infer.conversions.tables.rows.places import (
    refuse_unplaced,
    sample_of_map,
)
from podium.competition.infer.conversions.tables.samples.columns_of_sample import with_ids_in_front
from podium.competition.infer.conversions.tables.samples.examples_of_test import (
    is_called_example,
    is_example_with_answers,
    pieces_of_test,
    with_all_rows,
)
from podium.competition.infer.conversions.tables.samples.first_rows import with_rows_of_all
from podium.competition.infer.conversions.tables.samples.made_samples import (
    sample_of_class_columns,
    sample_of_list,
    sample_of_records,
)
from podium.competition.infer.conversions.tables.samples.nested_samples import (
    find_nested_sample,
)
from podium.competition.infer.conversions.tables.samples.ranked_columns import sample_of_ranks
from podium.competition.infer.conversions.tables.samples.samples_without_ids import (
    find_sample_in_order,
)
from podium.competition.infer.conversions.tables.samples.shown_headers import find_shown_header
from podium.competition.infer.conversions.tables.samples.shown_rows import find_shown_sample
from podium.competition.infer.conversions.tables.texts.lists_of_images import table_of_text
from podium.competition.infer.files import DataFolder, guess_part
from podium.competition.infer.image_tables import names_images
from podium.competition.infer.labels.column_names import named_columns
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.parts.folders import find_class_folders
from podium.competition.infer.sample.pixel_rows import find_pixel_rows, with_images
from podium.competition.infer.sample.runs import find_runs, with_lists_of_classes
from podium.competition.infer.sample.shown_cells import shown_cells
from podium.competition.infer.sample.submission import (
    SampleSubmission,
    is_like_a_sample,
    is_test_to_fill,
    may_be_sample_submission,
    read_sample_submission,
    sample_submissions,
)
from podium.competition.infer.sources import Sources
from podium.competition.languages import begins_as
from podium.competition.tables import read_table
from podium.errors import DataError, some, suggest

__all__ = [
    "SpeltTables",
    "as_sample",
    "with_images_of_pixel_rows",
    "with_sample_apart",
    "with_sample_by_class",
    "with_sample_in_order",
    "with_sample_of_all",
    "with_sample_of_label",
    "with_sample_of_map",
    "with_sample_of_ranks",
    "with_sample_of_records",
    "with_sample_of_text",
    "with_shown_sample",
    "without_pieces_of_test",
]


@dataclass(frozen=True)
class SpeltTables:
    """Tables of a folder that were written once more, by the path of what was written.

    Attributes:
        folder: as it was before.
        tables: each as its file was.
        lost: the columns of some whose digits cannot be written back, each with a cell.
    """

    folder: DataFolder
    tables: Mapping[str, MadeTable]
    lost: Mapping[str, Mapping[str, str]]

    @functools.cached_property
    def foreign(self) -> list[MadeTable]:
        """Those of train, test or the sample that are in another encoding than UTF-8."""
        return [
            one
            for path, one in self.tables.items()
            if one.encoding != "utf-8"
            if guess_part(Path(path).name) != "other" or names_images(self.folder, one.table)
        ]


def with_sample_apart(
    found: Sources, tables: dict[str, pd.DataFrame], spelt: SpeltTables
) -> Sources:
    """Return the sources with these tables; the sample submission among them is apart.

    Notes tell what files to send have in another form than the sample.
    """
    tables, sample, why = _without_sample(tables, spelt, by_content=found.has_test)
    if sample is not None and sample.path in spelt.folder.tables and ".tsv" in sample.path.lower():
        tabbed = with_tabs(sample.path, sample.table)
        found, made = found.written(name_of_copy(sample.path), tabbed)
        sample = _in_dialect(
            replace(sample, path=made), {**spelt.tables, made: tabbed}, spelt.foreign
        )
        found = found.with_note(f"{made} is {tabbed.sources[0]}, which has {tabbed.reader}")
    # A sample that was made of lines of records before is the one.
    found = replace(found, tables={**found.tables, **tables}, sample=found.sample or sample)
    found = _with_digits_of_train(found, spelt.tables)
    sample = found.sample
    if sample is None:
        return found
    if cells := spelt.lost.get(sample.path):
        shown = ", ".join(f"{name} ({cell!r})" for name, cell in cells.items())
        found = found.with_note(
            f"files to send have ASCII digits and signs, and {sample.path} was made of others in "
            f"{shown}: ask the host whether it takes these"
        )
    found = found.with_note(_note_on_encoding(sample, spelt.foreign))
    taken = f"{sample.path} is taken as the sample submission: {why}"
    return found.with_note(taken) if why else found


def _note_on_encoding(sample: SampleSubmission, foreign: Sequence[MadeTable]) -> str:
    """Return a note on how letters of files to send are written; "" where all are of UTF-8."""
    if not foreign:
        return ""
    first = foreign[0]
    if not {"encoding", "kind"} & sample.file.keys():
        return (
            f"files to send are UTF-8, and {first.sources[0]} is {first.encoding}: ask the host "
            f"whether it reads letters as {_word_with_letters(first.table)}"
        )
    if sample.file.get("encoding") and not _has_letters(sample.table):
        return (
            f"files to send are {sample.file['encoding']}, as {first.sources[0]} is: the sample "
            "has no letter that shows it"
        )
    return ""


def _without_sample(
    tables: dict[str, pd.DataFrame], spelt: SpeltTables, *, by_content: bool
) -> tuple[dict[str, pd.DataFrame], SampleSubmission | None, str]:
    """Return the tables but for sample submissions, the one that counts, and why.

    The reason is "" where it is called so.

    Args:
        spelt: those of them that are in another dialect, and the folder with the images.
        by_content: whether what a table holds makes it a sample, too.
    """
    tables, folder = dict(tables), spelt.folder
    data = CompetitionData(folder, tables)
    samples = sample_submissions(tables)
    samples = samples or [
        path for path, table in tables.items() if may_be_sample_submission(path, table)
    ]
    why: dict[str, str] = {}
    if len(samples) > 1:  # those of an earlier stage name other images, or images of train by now
        samples.sort(key=lambda path: not names_images_to_predict(data, path))
        whole = [path for path in samples if names_all_to_predict(data, path)]
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
        why = dict(samples_by_content(data))
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
        if sample is not None and sample.path == path and path in spelt.tables:
            sample = _in_dialect(sample, spelt.tables, spelt.foreign)
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


def with_shown_sample(found: Sources) -> Sources:
    """Return the sources with the sample of the rows that a text shows, where no file is one."""
    if found.sample is not None or not found.has_test:
        return found
    shown = find_shown_sample(found)
    if shown is None:
        return found
    return found.with_made_sample(shown.made, {} if shown.sep == "," else {"sep": shown.sep})


def with_rows_of_texts(found: Sources) -> Sources:
    """Return the sources; the sample has the cells of further rows that a text shows.

    They are not looked for where a table has the sample's header: the text may show that one.
    """
    sample = found.sample
    if sample is None or any({*sample.table} == {*table} for table in found.tables.values()):
        return found
    path, cells = shown_cells(found.folder, sample)
    return replace(found, sample=replace(sample, shown=cells, shown_in=path))


def with_sample_of_all(found: Sources) -> Sources:
    """Return the sources with a row for all that is to be predicted, where a sample has the first.

    It is no sample of answers alone, nor one whose rows stand for others.
    """
    sample = found.sample
    if sample is None or not found.has_test or {"ids", "lookup"} & sample.file.keys():
        return found
    made = with_rows_of_all(found, sample)
    if made is None:
        return found
    found, path = found.written(f"{Path(sample.path).stem}_all.csv", made)
    found = replace(found, sample=replace(sample, path=path, table=made.table))
    return found.with_note(f"{path} is {made.reader}")


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
    one = find_sample_in_order(found, samples)
    if one is None and sample is None and found.has_test:
        one = find_shown_header(found)
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


def with_sample_of_records(found: Sources) -> Sources:
    """Return the sources with the sample submission that is a list of records, as a table."""
    records = None if found.sample is not None else sample_of_records(found.folder)
    if records is None:
        return found if found.sample is not None else _with_sample_of_list(_with_nested(found))
    found = found.with_sample(*records)
    assert found.sample is not None
    made = records[0]
    return found.with_note(f"{found.sample.path} is {made.sources[0]}, {made.reader}")


def _with_nested(found: Sources) -> Sources:
    """Return the sources with a sample of records in records, which podium cannot write."""
    nested = find_nested_sample(found.folder) if found.has_test else None
    return found if nested is None else replace(found, unwritten=nested).with_note(nested.note())


def _with_sample_of_list(found: Sources) -> Sources:
    """Return the sources with the sample submission that is a text, a row a line."""
    listed = sample_of_list(found.folder)
    if listed is None:
        return found
    [path] = listed.sources
    found, made = found.written(f"{Path(path).stem}.csv", listed)
    return as_sample(found, made, listed)


def with_sample_of_text(found: Sources) -> Sources:
    """Return the sources with the sample submission that a text in an example is, where none is.

    It names what is to be predicted, as a table would that is a sample by what it holds.
    """
    if found.sample is not None or not found.has_test or train_masks(found.folder):
        return found
    root = found.folder.path.absolute()
    of_texts = {one.sources[0]: one.path for one in found.made if len(one.sources) == 1}
    for text in filter(_is_in_example, found.folder.texts):
        too_large = (root / text).stat().st_size > LARGEST
        listed = None if too_large else table_of_text(found.folder, root / text)
        if listed is None or len(listed.table.columns) < _ID_AND_ANSWER:
            continue
        path = of_texts.get(root / text, text)
        tables = {**found.tables, path: listed.table}
        why = {one.path: one.why for one in samples_by_content(replace(found, tables=tables))}.get(
            path
        )
        if why is None:
            continue
        made = listed.made_of(text)
        if path == text:
            found, path = found.written(f"{Path(text).stem}.csv", made)
        found = as_sample(found.without_tables([path]), path, made)
        return found.with_note(f"{text}: {why}")
    return found


_ID_AND_ANSWER = 2


def _is_in_example(path: str) -> bool:
    """Return whether a file, or a folder that it lies in, is called an example."""
    return any(begins_as(level, "example") for level in path.split("/"))


def as_sample(found: Sources, made: str, listed: MadeTable) -> Sources:
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


def with_sample_of_map(found: Sources) -> Sources:
    """Return the sources with a row for each cell of a sample that is a map of places in images.

    Raises:
        DataError: labels are those of places in images, and no table tells where these lie.
    """
    sample = found.sample
    if sample is None or found.coco is not None or train_masks(found.folder):
        return found
    if found.label is None and found.has_test:
        refuse_unplaced(found.folder, found.tables, sample.path, sample.table)
    made = sample_of_map(found.folder, sample.path, sample.table)
    return found if made is None else found.with_made_sample(made[0], {**sample.file, **made[1]})


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
        found.outlines or train_masks(folder) or folder.jsons or find_runs(found)
    )
    by_class = sample_of_class_columns(sample) if has_masks and sample is not None else None
    if by_class is None or sample is None:
        return found
    return found.with_sample(by_class[0], {**sample.file, **by_class[1]}, "rle")


def with_sample_of_label(found: Sources) -> Sources:
    """Return the sources; where nothing is to be predicted, the sample is of what was named.

    Raises:
        DataError: no table has the column, or all columns.
    """
    if found.label is None:
        return found
    sample = _sample_of_label(found.tables, found.label, found.folder)
    return found if found.has_test else replace(found, sample=sample)


def _sample_of_label(
    tables: Mapping[str, pd.DataFrame], label: str, folder: DataFolder
) -> SampleSubmission:
    """Return a sample submission of the columns that `label` names, as their table has them."""
    for path, table in tables.items():
        if named := named_columns(label, table.columns[1:]):
            return SampleSubmission(path, table[[table.columns[0], *named]])
    known = [str(column) for table in tables.values() for column in table.columns[1:]]
    asked = [one.strip() for one in label.split(",")]
    near = {one: suggest(one, known, otherwise="") for one in asked if one not in known}
    near = {one: name.removeprefix("write ") for one, name in near.items()}
    meant = ",".join(near.get(one, one) for one in asked)
    found = [f"{path} ({', '.join(map(str, table.columns))})" for path, table in tables.items()]
    what = f"a column {some(near)}" if near else f"all of {some(asked)}"
    fix = "name the column with the labels, or several of one table with commas between them"
    if near and all(near.values()):
        fix = f"did you mean --label {shlex.quote(meant)}?"
    elif find_class_folders(folder):
        fix = "leave out --label, which names a column: the images lie in folders of their classes"
    raise DataError(
        f"no table has {what} behind its first; tables: {some(found) or 'none'}",
        where=folder.path,
        fix=fix,
    )
