"""Tables of train in pieces, of other images each: `train_2019.csv` and `train_2020.csv`.

Their names may differ in any way, as those of a workbook's sheets: `March`, `April`. Also
`train.csv` and `val.csv`, where others are to be predicted: folds validate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

import pandas as pd

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, guess_part, without_part
from podium.competition.infer.image_tables import match_images, match_of_train
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.spelling import name_words

__all__ = ["with_kinds_joined", "with_pieces_joined", "with_validation_joined"]


class _Kind(NamedTuple):
    """What tables have in common that may be pieces of one.

    Attributes:
        columns: behind the folder that they lie in.
        blank: those that answer nothing.
        words: of their names, without numbers; None where they are called as parts are.
        any_name: whether their names may be any ones.
    """

    columns: tuple[str, ...]
    blank: tuple[str, ...] = ()
    words: tuple[str, ...] | None = None
    any_name: bool = False


def with_pieces_joined(
    data: CompetitionData, *, has_sample: bool, sent: Collection[str] = ()
) -> tuple[list[str], MadeTable] | None:
    """Return tables of train that are pieces of one, and that one; None without such.

    Their names differ in nothing but numbers, or are those of train and of validation beside a part
    to predict, or none is called as a part. Their columns are the same, a column is blank in all
    rows of each or of none (-1 counts as blank), and no image has rows in two of them. Where they
    have all that is to be sent, and names that differ in numbers alone, one may lack a column.

    Args:
        has_sample: whether there is one: else a table of any name may be that of test.
        sent: the answers of the sample submission.
    """
    tables = data.tables
    pieces: dict[_Kind, list[str]] = defaultdict(list)
    names = {path: path.rpartition("/")[2] for path in tables}
    lists_test = any(guess_part(name) == "test" for name in names.values())
    has_test = lists_test or len(data.folder.of_part("test")) > 0
    for path, table in tables.items():
        stem, part = names[path].rpartition(".")[0], guess_part(names[path])
        where = path.rpartition("/")[0]
        around = guess_part(where.rpartition("/")[2])
        if part in ("other", around) and around in ("train", "holdout"):
            part, where = around, f"{where.rpartition('/')[0]}/"
        columns, blank = (where, *map(str, table.columns)), _blank_columns(table)
        if part in ("train", "other") and any(map(str.isdigit, stem)):
            pieces[_Kind(columns, words=tuple(name_words(stem)))].append(path)
            if sent and {*sent} <= {*map(str, table)}:
                pieces[_Kind((where,), words=tuple(name_words(stem)))].append(path)
        if part in ("train", "holdout") and has_test and not (table == "").all().any():
            pieces[_Kind(columns, blank)].append(path)
        if part in ("train", "other") and (has_test or has_sample):
            pieces[_Kind(columns, blank, any_name=True)].append(path)
    # Those that are called pieces come first, as `train2019` and `val2019`, with the answers before
    # those without; and more before fewer.
    ordered = sorted(
        pieces.items(),
        key=lambda one: (one[0].any_name, not one[0].any_name and bool(one[0].blank), -len(one[1])),
    )
    for _, paths in ordered:
        if len(paths) < 2:
            continue
        matches = [match_of_train(data.folder, one, tables[one]) for one in paths]
        ids = {None if one is None else one.id for one in matches}
        if len(ids) > 1 or None in ids:
            continue
        images = [{image for image in one.images if image} for one in matches if one is not None]
        if len({image for each in images for image in each}) < sum(map(len, images)):
            continue
        rows = pd.concat([tables[one] for one in paths], ignore_index=True).fillna("")
        reader = f"the rows of {', '.join(paths)}, which are of other images each"
        return paths, MadeTable(tuple(paths), reader, rows)
    return None


def _blank_columns(table: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns that answer nothing: blank in all rows, or -1, as an unknown class is."""
    return tuple(str(one) for one in table.columns if table[one].isin(["", "-1"]).all())


def with_kinds_joined(data: CompetitionData) -> dict[str, MadeTable]:
    """Return tables of kinds of one thing joined, by the names of the first; {} without such.

    Each kind has a table of train and one of test, whose names differ in that word alone. All have
    the columns that name their images, and no image has rows in two of a part. What some of them
    lack is left out; blanks and signs in the names of columns do not count.

    Args:
        data: without a sample submission, which could ask for one kind alone.
    """
    tables = data.tables
    of_kind: dict[str, dict[str, str]] = defaultdict(dict)
    for path in tables:
        stem = file_stem(path)
        of_kind[without_part(stem)][guess_part(stem)] = path
    kinds = [one for one in of_kind.values() if one.keys() == {"train", "test"}]
    if len(kinds) < 2:
        return {}
    joined = dict[str, MadeTable]()
    for part in ("train", "test"):
        paths = [one[part] for one in kinds]
        plain = [{" ".join(name_words(one)): one for one in map(str, tables[at])} for at in paths]
        shared = [name for name in plain[0] if all(name in one for one in plain)]
        if any(
            len(one) < len(tables[path].columns) for one, path in zip(plain, paths, strict=True)
        ):
            return {}
        pieces = [
            tables[path][[one[name] for name in shared]].set_axis(
                [plain[0][name] for name in shared], axis=1
            )
            for path, one in zip(paths, plain, strict=True)
        ]
        matches = [match_images(data.folder, paths[0], one, (part, "other")) for one in pieces]
        images = [one.path for each in matches if each for one in each.images if one is not None]
        ids = {None if one is None else one.id for one in matches}
        if len(ids) > 1 or None in ids or len(images) != sum(map(len, pieces)):
            return {}
        if len({*images}) < len(images):
            return {}
        reader = f"the rows of {' and '.join(paths)}, in the columns that all of them have"
        table = pd.concat(pieces, ignore_index=True)
        joined[part] = MadeTable(tuple(paths), reader, table)
    return joined


def with_validation_joined(data: CompetitionData) -> tuple[list[str], MadeTable, DataFolder] | None:
    """Return the tables of train and of validation, one of both, and their images as of train.

    As where both number their images from 1, `train/1.jpg` and `validation/1.jpg`: rows then name
    paths. Each row of validation has its image, which is no image to predict; None without such.
    """
    folder = data.folder
    parts = {path: guess_part(path.rpartition("/")[2]) for path in data.tables}
    of_train = [path for path, part in parts.items() if part == "train"]
    others = [path for path, part in parts.items() if part == "holdout"]
    if len(of_train) != 1 or len(others) != 1 or not _are_of_test(folder, data.sample):
        return None
    paths = [*of_train, *others]
    first, second = (data.tables[path] for path in paths)
    known = match_images(folder, paths[0], first, ("train",))
    more = match_images(folder, paths[1], second, ("holdout",))
    if known is None or more is None or list(first.columns) != list(second.columns):
        return None
    if known.id != more.id or known.several or more.several or (second == "").all().any():
        return None
    images = [one.path for one in more.images if one is not None]
    is_each = len(set(images)) == len(second) == len(images)
    if not is_each or set(first[known.id]).isdisjoint(second[more.id]):
        return None
    name = next(one for one in ("image", "image_path", "path of the image") if one not in first)
    rows = pd.concat([first, second], ignore_index=True).drop(columns=known.id)
    cells = ["" if one is None else one.path for one in (*known.images, *more.images)]
    rows.insert(0, name, cells)
    reader = f"the rows of {' and '.join(paths)}, by the paths of images, as their names repeat"
    made = MadeTable(tuple(paths), reader, rows[rows[name] != ""].reset_index(drop=True))
    return paths, made, folder.with_part("train", set(images))


def _are_of_test(folder: DataFolder, sample: SampleSubmission | None) -> bool:
    """Return whether there are images in a folder of test, and the sample's ids name such."""
    cells: list[str] = [] if sample is None else list(sample.table[sample.id])
    are_named = all(any(one.part == "test" for one in folder.named(cell)) for cell in cells)
    return len(folder.of_part("test")) > 0 and are_named
