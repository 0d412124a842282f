"""Ids that are the files' names but for signs and zeros: `1234/2` of `1234-2.jpg`.

Hosts write ids as their inventory has them, and names of files have no room for some of the signs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

import pandas as pd

from podium.competition.ids.patterns import IMAGE_SUFFIXES, is_image, without_zeros
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.ids.columns_together import find_named_together
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, FolderPart, ImageFile, is_test_table
from podium.competition.infer.ids.pieces import paths_of_columns, paths_of_ids, pieces_of_images
from podium.competition.infer.image_tables import IN_DATA, match_images
from podium.competition.infer.sample.runs import is_runs_name
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import HALF, NEARLY_ALL
from podium.competition.spelling import name_key
from podium.errors import plural, some

__all__ = [
    "files_of_sample",
    "images_by_spelling",
    "key_of_signs",
    "plain_stem",
    "with_spelt_files",
]

_RUNS = re.compile(r"\d+|[^\W\d_]+")
_PROBED = 50  # cells of a column that are looked at before all of them
_FEWEST_IDS = 2  # ids: one may be spelt as a file by chance
_MOST_TYPED = 0.5  # of the cells, that are spelt otherwise than files
_FILES = ("image", "image file", "path of the image")  # columns that are made
_POOL: tuple[FolderPart, ...] = ("other", "holdout")


def key_of_signs(name: str) -> tuple[str, ...]:
    """Return the letters and the numbers of a name, in their order, without what parts them.

    A number has no zeros in front; capitals and the ending of an image file do not count.

    Example:
        >>> key_of_signs("1234/2"), key_of_signs("1234-02.jpg"), key_of_signs("A 7")
        (('1234', '2'), ('1234', '2'), ('a', '7'))
    """
    runs = _RUNS.findall(plain_stem(unicodedata.normalize("NFKC", name)).casefold())
    return tuple(without_zeros(run) if run.isdecimal() else run for run in runs)


def plain_stem(name: str) -> str:
    """Return a name without the ending of an image file."""
    stem, dot, suffix = name.rpartition(".")
    return stem if stem and f"{dot}{suffix}".lower() in IMAGE_SUFFIXES else name


def images_by_spelling(
    images: Iterable[ImageFile], *, n_first: int = 0, n_last: int = 0
) -> dict[tuple[str, ...], ImageFile]:
    """Return the images by the key of their names; those whose key another has, too, not at all.

    Args:
        images: of a part of the data.
        n_first, n_last: how many words at the beginning and the end of each name do not count.
    """
    found: dict[tuple[str, ...], ImageFile] = {}
    twice = set()
    for image in images:
        key = key_of_signs(image.stem)
        key = key[n_first : len(key) - n_last]
        twice |= {key} & found.keys()
        found[key] = image
    return {key: image for key, image in found.items() if key and key not in twice}


def with_spelt_files(data: CompetitionData, path: str, table: pd.DataFrame) -> MadeTable | None:
    """Return a table with a column more, the file of each row; None where no ids are spelt so.

    Every cell of a column is an image's name but for its signs, and no two of them are of one
    image. Where another column has the names of files as they stand, the ids are those of the
    sample submission, and its column becomes the one with the files. So has a table whose cells are
    the files' names, some with their ending and some without it, or the names of their folders
    before these, without the words that all of them begin with. A table whose cells all have
    another ending than the files is returned without it.
    """
    folder, sample = data.folder, data.sample
    columns = [str(column) for column in table.columns]
    if any(column.endswith(IN_DATA) for column in columns):
        return None
    mixed = next((one for one in columns if _some_without_ending(folder, table[one])), None)
    if mixed is not None:
        paths = [_only_path(folder, cell) for cell in table[mixed]]
        reader = f"a table with the file of each {mixed}, of which some lack the ending of the file"
        return MadeTable((path,), reader, table.assign(**{f"{mixed}{IN_DATA}": paths}))
    typed = {one: _as_files_are_spelt(folder, table[one]) for one in columns}
    spelt = {one: cells for one, cells in typed.items() if cells is not None}
    if len(spelt) == 1:
        [(column, cells)] = spelt.items()
        changed = table[column] != cells
        told = f"{plural(int(changed.sum()), 'cell')} of {column} spelt as their images are"
        reader = f"{path} with {told} ({_example(table[column][changed], [*cells[changed]])})"
        return MadeTable((path,), reader, table.assign(**{column: cells}))
    plain = [column for column in columns if _are_names(folder, table[column])]
    if plain and (sample is None or sample.id not in columns or sample.id in plain):
        return None
    for column in [] if plain else columns:
        if (ended := _without_other_ending(folder, table[column])) is not None:
            stems, ending = ended
            reader = f"{path} with {column} without {ending!r}, which no image ends in"
            return MadeTable((path,), reader, table.assign(**{column: stems}))
    own: FolderPart = "test" if is_test_table(path) else "train"
    every = [image for image in folder.images if image.part != "mask"]
    for images in (folder.of_part(own), every):
        by_key = images_by_spelling(images)
        for column in [sample.id] if plain and sample is not None else columns:
            files = _files_of(table[column], by_key)
            files = files or _files_less_words(table[column], by_key, sample)
            if files is None or any(_is_other(folder, table[one], files) for one in plain):
                continue
            reader = f"a table with the file of each {column} ({_example(table[column], files)})"
            with_files = table.drop(columns=plain).assign(**{f"{column}{IN_DATA}": files})
            return MadeTable((path,), reader, with_files)
    has_runs = any(is_runs_name(column) for column in columns)  # masks go by templates of paths
    is_named = has_runs or any(_name_most(folder, table[column]) for column in columns)
    return None if is_named else _with_files_by_pieces(data, path, table, own)


def _with_files_by_pieces(
    data: CompetitionData, path: str, table: pd.DataFrame, own: FolderPart
) -> MadeTable | None:
    """Return a table with the file of each row, whose path has the pieces of its id, or None.

    So it is with the cells of several columns that name a file together, unless a pattern leads
    from them to the files of train and of test alike.
    """
    for parts in ((own,), (own, *_POOL)):
        images = data.folder.of_part(*parts)
        paths = pieces_of_images(images)
        for column in map(str, table.columns):
            cells = list(table[column])
            are_paths = any("/" in cell and is_image(cell) for cell in cells)
            # A few rows may stand twice.
            are_ids = not are_paths and len({*cells}) >= NEARLY_ALL * len(cells)
            named = paths_of_ids(paths, cells) if are_ids else None
            if named is None or max(map(len, named)) > 1:
                continue
            each = zip(named, cells, strict=True)
            files = [images[one[0]].path if one else cell for one, cell in each]
            if len({*files}) == len({*cells}):
                reader = f"a table with the file of each {column} ({_example(cells, files)})"
                return MadeTable((path,), reader, table.assign(**{f"{column}{IN_DATA}": files}))
        if (made := _with_files_of_columns(data, path, table, images)) is not None:
            return made
    # One table may have rows of train and of test.
    return _with_files_of_columns(data, path, table, data.folder.of_part("train", "test"))


def _with_files_of_columns(
    data: CompetitionData, path: str, table: pd.DataFrame, images: Sequence[ImageFile]
) -> MadeTable | None:
    """Return a table with the file of each row, that several columns name by pieces, or None."""
    columns = {str(column): list(table[column]) for column in table}
    together = paths_of_columns(pieces_of_images(images), columns)
    if together is None or find_named_together(data) is not None:
        return None
    names, numbers = together
    cells = ["_".join(row) for row in table[list(names)].itertuples(index=False)]
    files = [cell if n is None else images[n].path for n, cell in zip(numbers, cells, strict=True)]
    called = next(one for one in _FILES if one not in table)
    reader = f"a table with the file of each {some(list(names))} ({_example(cells, files)})"
    return MadeTable((path,), reader, table.assign(**{called: files}))


def files_of_sample(data: CompetitionData) -> MadeTable | None:
    """Return a table of the images to predict, where the sample alone names them and spells so.

    Words that end, or else begin, the names of all these images count where ids have them: `1` is
    `01_test.tif`, and `001` is `test_1.png`.
    None where a table of test lists them, where some id names no image, or one of a table of train.
    """
    folder, sample = data.folder, data.sample
    if sample is None or data.test_tables:
        return None
    cells = sample.table[sample.id]
    if not cells.is_unique or all(folder.named(cell) for cell in cells):
        return None
    test = folder.of_part("test")
    images = test or folder.of_part(*_POOL)
    by_key = images_by_spelling(images)
    files = _files_of(cells, by_key) or _files_less_words(cells, by_key, sample)
    stems = [image.stem for image in test]
    if files is None and test and (n_last := _n_words_shared(stems, 1)):
        files = _files_of(cells, images_by_spelling(test, n_last=n_last))
    if files is None and test and (n_first := _n_words_shared(stems, -1)):
        files = _files_of(cells, images_by_spelling(test, n_first=n_first))
    if files is not None and _are_of_others(folder, cells, files):
        return None
    if files is None or (test and len(files) < len(test)):
        return None
    if all(plain_stem(cell) in folder.by_last_name for cell in cells):
        return None  # with another ending than the files, as all ids of a sample may be
    if not test and _named_by_train(data, sample, set(files)) & set(files):
        return None
    found = pd.DataFrame({sample.id: cells, f"{sample.id}{IN_DATA}": files}, dtype=object)
    reader = f"the ids of {sample.path}, with the file of each ({_example(cells, files)})"
    return MadeTable((sample.path,), reader, found.reset_index(drop=True))


def _named_by_train(
    data: CompetitionData, sample: SampleSubmission, to_predict: Collection[str]
) -> set[str]:
    """Return the images that tables name, but for those of what is known of images to predict.

    A table is of these where it names them alone and answers nothing that the sample asks for,
    while another one has images of its own: where they were taken, and when.

    Args:
        to_predict: the paths of the images that the sample names.
    """
    tables = data.tables
    found = []
    for path, table in tables.items():
        match = match_images(data.folder, path, table, _POOL)
        named = frozenset[str]() if match is None else match.paths
        found.append((named, any(name in table for name in sample.values)))
    if _answers_stand_apart(tables, sample, [is_answer for named, is_answer in found if named]):
        return set()
    has_train = any(named - {*to_predict} for named, _ in found)
    of_train = [
        named
        for named, is_answer in found
        if is_answer or not has_train or not named <= {*to_predict}
    ]
    return {path for named in of_train for path in named}


def _answers_stand_apart(
    tables: Mapping[str, pd.DataFrame], sample: SampleSubmission, is_answer: Collection[bool]
) -> bool:
    """Return whether a table without images has the answers: those with images are registers.

    Args:
        is_answer: of each table that names images, whether it has a column of the answer.
    """
    is_apart = any(set(sample.values) <= set(table) for table in tables.values())
    return is_apart and not any(is_answer)


def _files_less_words(
    cells: pd.Series[str],
    by_key: Mapping[tuple[str, ...], ImageFile],
    sample: SampleSubmission | None,
) -> list[str] | None:
    """Return the file of each cell without the words that all begin with: `00117` of `ZD-00117`.

    None where cells repeat, or the ids of the sample do not begin so, as numbers of places and of
    patients: files may have these by chance. Without a sample nearly every image must be named.
    """
    if not cells.is_unique:
        return None
    n_first = _n_words_shared([*cells, *([] if sample is None else sample.table[sample.id])], -1)
    if not n_first or (sample is None and len(cells) < NEARLY_ALL * len(by_key)):
        return None
    found = [by_key.get(key_of_signs(cell)[n_first:]) for cell in cells]
    files = [image.path for image in found if image is not None]
    return files if len({*files}) == len(cells) else None


def _n_words_shared(names: Iterable[str], way: Literal[1, -1]) -> int:
    """Return the number of words, and not of numbers, that all names end in; each has more.

    The `way` -1 is of those that all names begin with.
    """
    keys = [key_of_signs(name)[::-way] for name in names]
    n = 0
    while (
        len({key[n : n + 1] for key in keys}) == 1
        and all(len(key) > n + 1 for key in keys)
        and not keys[0][n].isdecimal()
    ):
        n += 1
    return n if len(keys) > 1 else 0


def _name_most(folder: DataFolder, cells: pd.Series[str]) -> bool:
    """Return whether most cells name images as they stand."""
    probe = cells.iloc[:: max(1, len(cells) // _PROBED)]
    return sum(bool(folder.named(cell)) for cell in probe) > HALF * len(probe)


def _are_names(folder: DataFolder, cells: pd.Series[str]) -> bool:
    """Return whether all cells name images as they stand."""
    return len(cells) > 0 and all(folder.named(cell) for cell in cells)


def _as_files_are_spelt(folder: DataFolder, cells: pd.Series[str]) -> pd.Series[str] | None:
    """Return names that people typed as the files have them; None where these are not all meant.

    Most cells are names as they stand; all others differ by capitals or blanks alone from the name
    of one image, without its ending.
    """
    probe = cells.iloc[:: max(1, len(cells) // _PROBED)]
    if not any(folder.named(cell) for cell in probe):
        return None
    others = {cell for cell in set(cells) if not folder.named(cell)}
    if not others or cells.isin(others).mean() >= _MOST_TYPED:
        return None
    stems: dict[str, set[str]] = {}
    for image in folder.images:
        if image.part != "mask":
            stems.setdefault(name_key(image.stem), set()).add(image.stem)
    meant = {cell: stems.get(name_key(cell), set()) for cell in others}
    if any(len(one) != 1 for one in meant.values()):
        return None
    return cells.map(lambda cell: min(meant[cell]) if cell in meant else cell)


def _some_without_ending(folder: DataFolder, cells: pd.Series[str]) -> bool:
    """Return whether cells name images, some with the ending of the file and some without it.

    One pattern cannot lead from such cells to their files. Each cell must be of one file alone: of
    several, as of a photo and its mask, nothing tells which is meant.
    """
    probe = cells.iloc[:: max(1, len(cells) // _PROBED)]
    if not all(_only_path(folder, cell) for cell in probe):
        return False
    has_ending = {_has_own_ending(folder, cell) for cell in cells}
    return len(has_ending) == 2 and all(_only_path(folder, cell) for cell in cells)


def _without_other_ending(
    folder: DataFolder, cells: pd.Series[str]
) -> tuple[list[str], str] | None:
    """Return cells without the ending that all have, and it; None unless they name images then.

    As `7.wav` of a sound whose picture is `7.png`. A few cells may name none.
    """
    found = [_ENDING.fullmatch(cell) for cell in cells]
    endings = {one["ending"] for one in found if one is not None}
    if len(endings) != 1 or None in found:
        return None
    (ending,) = endings
    if any(image.suffix == ending for image in folder.images):
        return None
    stems = [cell.removesuffix(ending) for cell in cells]
    for names in (stems, [one.rpartition("/")[2] for one in stems]):
        n_named = sum(bool(folder.named(one)) for one in names)
        if len({*names}) == cells.nunique() and n_named >= NEARLY_ALL * len(names):
            return names, ending
    return None


_ENDING = re.compile(r".*[^/](?P<ending>\.[A-Za-z]\w{1,4}|\.\w{1,3}[A-Za-z])")


def _only_path(folder: DataFolder, cell: str) -> str:
    """Return the path of the one image that a cell names; "" where it names none or several."""
    images = folder.named(cell)
    return images[0].path if len(images) == 1 else ""


def _has_own_ending(folder: DataFolder, cell: str) -> bool:
    """Return whether a cell ends as the file that it names does."""
    return any(cell.endswith(image.suffix) for image in folder.named(cell))


def _is_other(folder: DataFolder, cells: pd.Series[str], files: list[str]) -> bool:
    """Return whether some cell is the name of other files than the one of its row."""
    return any(
        all(image.path != file for image in folder.named(cell))
        for cell, file in zip(cells, files, strict=True)
    )


def _are_of_others(folder: DataFolder, cells: pd.Series[str], files: list[str]) -> bool:
    """Return whether some cell names images as it stands, and none of them is that of its row."""
    found = ({one.path for one in folder.named(cell)} for cell in cells)
    return any(paths and file not in paths for paths, file in zip(found, files, strict=True))


def _files_of(
    cells: pd.Series[str], by_key: Mapping[tuple[str, ...], ImageFile]
) -> list[str] | None:
    """Return the file of each cell; None where a cell has none, or two cells have one together."""
    if any(key_of_signs(cell) not in by_key for cell in cells.iloc[:_PROBED]):
        return None
    images = [by_key.get(key_of_signs(cell)) for cell in cells]
    files = [image.path for image in images if image is not None]
    distinct = cells.nunique()
    if len(files) < len(cells) or distinct < _FEWEST_IDS or len(set(files)) < distinct:
        return None
    return files


def _example(cells: Iterable[str], files: list[str]) -> str:
    """Return an id and the name of its file, which differ."""
    pairs = ((cell, file.rpartition("/")[2]) for cell, file in zip(cells, files, strict=True))
    cell, name = next(
        pair for pair in pairs if pair[1] != pair[0] and pair[1].rpartition(".")[0] != pair[0]
    )
    return f"{cell} is {name}"
