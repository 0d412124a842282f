"""Tables that `podium init` makes of other files: of lists, of JSON, of paths written otherwise.

Where no table names the images of train: paths of another machine (`conversions/ids`), lists
(`texts/`, `conversions/labels/names`), records of JSON and files beside images (`records/`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

import pandas as pd

from podium.competition.infer.classes.names import names_colours
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.ids.paths_elsewhere import with_files
from podium.competition.infer.conversions.labels.names.lists_of_classes import classes_of_lists
from podium.competition.infer.conversions.tables.made_table import LARGEST, MadeTable, stem_of_table
from podium.competition.infer.conversions.tables.records.files_beside_images import beside_images
from podium.competition.infer.conversions.tables.records.nested_records import tables_of_records
from podium.competition.infer.conversions.tables.records.record_files import (
    content_of,
    is_record_file,
)
from podium.competition.infer.conversions.tables.records.records_an_image import (
    RecordsAnImage,
    records_an_image,
)
from podium.competition.infer.conversions.tables.texts.lines_beside import columns_by_line
from podium.competition.infer.conversions.tables.texts.lists_of_images import (
    lists_side_by_side,
    table_of_text,
)
from podium.competition.infer.files import DataFolder, is_test_table, named_as_images
from podium.competition.infer.ids.paths import names_units
from podium.competition.infer.image_tables import are_beside_train, match_images, names_images
from podium.competition.infer.shares import NEARLY_ALL

__all__ = ["made_tables", "unused_records"]

_PROBED = 200


def made_tables(
    data: CompetitionData,
    *,
    known: Collection[str] = (),
    sent: AbstractSet[str] = frozenset(),
    asked: Sequence[str] = (),
) -> dict[str, MadeTable]:
    """Return the tables by name.

    Args:
        data: where one of its tables names the images of train, lists and JSON are not read; where
            some name those to predict alone, lists and JSON of train are.
        known: files that something was made of, as those of annotation tools.
        sent: what cells of the sample submission list, where they hold answers of one column.
        asked: the columns to predict, as the sample submission or a person names them.
    """
    folder, tables = data.folder, data.tables
    made: dict[str, MadeTable] = {}
    for path, table in tables.items():
        if (found := with_files(folder, table, in_folders=True)) is not None:
            reader = f"a table whose files lie in folders of another column: {found.columns[-1]}"
            made[f"{stem_of_table(path)}.csv"] = MadeTable((path,), reader, found)
    if made:
        return made
    tables = {path: one for path, one in tables.items() if not _names_others(folder, path, one)}
    naming = [path for path, table in tables.items() if names_images(folder, table)]
    lists = {path: tables[path] for path in naming if len(tables[path].columns) == 1}
    by_class = classes_of_lists(replace(data, tables=lists)) if len(lists) == len(naming) else None
    if by_class is not None:
        return {"classes_of_lists.csv": by_class}
    if any(not _is_to_predict(folder, path, tables[path]) for path in naming):
        return made
    for path, table in tables.items():
        if path in naming:
            continue
        if (found := with_files(folder, table)) is not None:
            reader = f"a table whose files lie elsewhere: {found.columns[-1]} is where"
            made[f"{stem_of_table(path)}.csv"] = MadeTable((path,), reader, found)
        elif (found := _with_whole_ids(folder, table)) is not None:
            reader = "a table whose ids were written as fractions (7.0)"
            made[f"{stem_of_table(path)}.csv"] = MadeTable((path,), reader, found)
    if made:
        return made
    of_images = records_an_image(folder, known=known, asked=asked)
    if of_images.lacking:
        return _tables_of(of_images)
    if (beside := beside_images(folder, asked)) is not None:
        return {"beside_images.csv": beside}
    texts, series = frozenset(folder.texts), lists_side_by_side(folder)
    every = [*folder.texts, *filter(is_record_file, folder.others)]
    n_called = Counter((stem_of_table(path), path in texts) for path in every)
    for path in every:
        file = folder.path / path
        if path in known or file.stat().st_size > LARGEST or names_colours(path, file):
            continue
        is_text = path in texts
        text = table_of_text(folder, file) if is_text else None
        together = series.get(path)
        if text is None and together is not None:
            text = together.texts[path]
        tables_of_file = {} if text is None else {"": text.table}
        if not is_text:
            tables_of_file = {
                name: one if names_images(folder, one) else _with_known_files(folder, one)
                for name, one in tables_of_records(folder, content_of(file), sent).items()
            }
        # Other JSON may tell of classes, whose folders it names.
        is_lines = path.endswith(".jsonl") and not is_test_table(path)
        judged = [*tables_of_file.values()] if together is None else [together.rows]
        if naming and all(_is_to_predict(folder, path, one) for one in judged):
            continue
        if not any(
            names_images(folder, one)
            or (is_lines and any(names_units(folder, one[name]) for name in one))
            for one in judged
        ):
            continue
        alike = n_called[stem_of_table(path), is_text] > 1
        stem = path.rpartition(".")[0].replace("/", "_") if alike else stem_of_table(path)
        if text is not None:
            made[f"{stem}.csv"] = _with_lines_beside(folder, text.made_of(path))
            continue
        for name, one in tables_of_file.items():
            reader = f"records in {file.suffix[1:].upper()}"
            made[f"{stem}_{name}.csv" if name else f"{stem}.csv"] = MadeTable((path,), reader, one)
    if not made:
        return _tables_of(of_images)
    # Ages are names of numbered images by chance.
    told = {path for one in made.values() for path in one.sources[1:]}
    return {name: one for name, one in made.items() if one.sources[0] not in told}


def _tables_of(records: RecordsAnImage) -> dict[str, MadeTable]:
    """Return the records of each part as a table, by its name."""
    return {
        f"{part}_records.csv": MadeTable(sources, f"the records of images of {part}", table)
        for part, (sources, table) in records.parts.items()
    }


def _with_lines_beside(folder: DataFolder, listed: MadeTable) -> MadeTable:
    """Return the table of a list with what other texts tell of its images, line by line."""
    if [*listed.table] != ["image"]:
        return listed
    [path] = listed.sources
    columns = columns_by_line(folder, path, list(listed.table["image"]))
    if not columns:
        return listed
    table = listed.table.assign(**{name: cells for name, (_, cells) in columns.items()})
    sources = (path, *(other for other, _ in columns.values()))
    return MadeTable(sources, "a list of images, and what stands in the same lines", table)


def unused_records(data: CompetitionData) -> list[str]:
    """Return why files of records give no labels of train, a sentence for each file; [] without.

    Args:
        data: with the tables that were made.
    """
    folder = data.folder
    of_train = [
        path
        for path, table in data.tables.items()
        if path not in folder.made
        and names_images(folder, table)
        and not _is_to_predict(folder, path, table)
    ]
    beside = {path for one in named_as_images(folder) for path in one.paths.values()}
    records = [path for path in folder.others if is_record_file(path) and path not in beside]
    found = []
    for path in records[:_MOST_TOLD]:
        if (folder.path / path).stat().st_size > LARGEST:
            continue
        content = content_of(folder.path / path)
        if content is None:
            found.append(f"{path} cannot be read, as it is damaged or empty")
            continue
        made = tables_of_records(folder, content)
        naming = [one for one in made.values() if names_images(folder, one)]
        if naming and of_train:
            found.append(f"{path} is not used, as {of_train[0]} names the images of train already")
        elif naming and all(_is_to_predict(folder, path, one) for one in naming):
            found.append(f"{path} names images to predict alone")
        elif made and not naming:
            first = next(iter(made.values())).iloc[0]
            fields = [f"{name} {str(cell)[:_MOST_SHOWN]!r}" for name, cell in first.items()]
            told = ", ".join(fields[:4]) + " …" * (len(fields) > 4)
            found.append(f"no field of the records in {path} names an image: {told}")
        elif not made:
            found.append(f"{path} has no list of records, and no names of images with labels")
    return found


_MOST_TOLD = 4  # files of records
_MOST_SHOWN = 30  # letters of a cell


def _with_whole_ids(folder: DataFolder, table: pd.DataFrame) -> pd.DataFrame | None:
    """Return the table with `7` for `7.0` in the column that names images then; None without."""
    for column in table.columns:
        if table[column].str.fullmatch(r"\d+\.0").all():
            whole = table.assign(**{str(column): table[column].str.removesuffix(".0")})
            if names_images(folder, whole[[column]]):
                return whole
    return None


def _names_others(folder: DataFolder, path: str, table: pd.DataFrame) -> bool:
    """Return whether a table names a few images beside those of the train folder alone."""
    match = match_images(folder, path, table, ("train", "other"))
    return match is not None and are_beside_train(folder, path, match.paths)


def _is_to_predict(folder: DataFolder, path: str, table: pd.DataFrame) -> bool:
    """Return whether a table is called as one of test, or its columns name no other images."""
    if is_test_table(path):
        return True
    probe = table.iloc[:: max(1, len(table) // _PROBED)]
    of_train = (
        sum(any(one.part in ("train", "other") for one in folder.named(cell)) for cell in cells)
        for cells in (probe[name] for name in probe.columns)
    )
    return max(of_train, default=0) < NEARLY_ALL * len(probe)


def _with_known_files(folder: DataFolder, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with where its files lie, if it has paths of another machine, else itself."""
    found = with_files(folder, table)
    return table if found is None else found
