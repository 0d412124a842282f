"""Sample submissions that are not called so: tables whose rows are the images to predict."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from podium.competition.ids.patterns import Pattern, file_stem
from podium.competition.infer.annotations.shapes import images_of_names
from podium.competition.infer.classes.names import is_class_list
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.ids.columns_together import find_named_together
from podium.competition.infer.conversions.ids.spelt_ids import images_by_spelling, key_of_signs
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    guess_part,
    is_test_table,
    named_as_images,
    possible_image_names,
)
from podium.competition.infer.ids.keys import splits_of
from podium.competition.infer.ids.paths import with_path_ids
from podium.competition.infer.image_tables import numbers_behind
from podium.competition.infer.labels.cells import known_cells, numbers_of
from podium.competition.infer.labels.column_names import is_fact_or_group
from podium.competition.infer.labels.columns import possible_labels
from podium.competition.infer.sample.runs import EMPTY_CELLS, are_runs, is_runs_name
from podium.competition.infer.sample.spellings import (
    are_classes_of,
    as_classes,
    spelt_as,
    ways_to_write,
)
from podium.competition.infer.sample.submission import is_sample_submission
from podium.competition.infer.shares import HALF
from podium.competition.spelling import name_words, plain_spelling
from podium.competition.truths.marks import columns_of_marks
from podium.errors import either, plural, some

__all__ = [
    "SampleByContent",
    "is_called_submission",
    "names_all_to_predict",
    "names_images_to_predict",
    "samples_by_content",
    "unnamed_samples",
    "why_to_predict",
    "with_images_to_predict",
]

_CALLED = frozenset({"submission", "submissions", "submit"})


class SampleByContent(NamedTuple):
    """A table that is a sample submission by what it holds, and why."""

    path: str
    why: str


def is_called_submission(path: str) -> bool:
    """Return whether the name of a file has the word `submission`.

    Example:
        >>> is_called_submission("data/XYZ_round1_submission.csv"), is_called_submission("test.csv")
        (True, False)
    """
    return bool(_CALLED & set(name_words(file_stem(path))))


def samples_by_content(data: CompetitionData) -> list[SampleByContent]:
    """Return the tables that are sample submissions by what they hold, the first best.

    Of a table that is called a submission, the first column names images to predict, or units of
    them. Of any other one it names all of them, each once, and the cells of the further columns are
    a placeholder: what is known of test images (a camera, a size) differs, or is called so. Else
    its rows are of images to predict, as `unnamed_samples` has it. Several tables that may be it
    are samples where they have the same columns for the same images, and none is one otherwise.

    Args:
        data: with all tables, none of which is called a sample submission.
    """
    with_values = _with_values(data.tables)
    called = [
        path
        for path in with_values
        if is_called_submission(path) and names_images_to_predict(data, path)
    ]
    if called:
        why = "it is called a submission, and names images to predict"
        return [SampleByContent(path, why) for path in sorted(called, key=len)]
    others = [
        path
        for path in with_values
        if guess_part(path.rpartition("/")[2]) == "other"
        and _holds_placeholders(path, data.tables)
        and _names_all_of_test(data, path)
    ]
    if len(others) == 1:
        why = "it names each image to predict once, and holds a placeholder"
        return [SampleByContent(others[0], why)]
    found = unnamed_samples(data)
    best = [one for one in found if one.is_sure] or [one for one in found if one.cells]
    # A sample has columns of train, as far as one of several does.
    alike = [one for one in best if one.has_columns_of_train] or best
    if len({(one.columns, one.images) for one in alike}) != 1:
        return []
    ordered = sorted(alike, key=lambda one: one.path)
    return [SampleByContent(one.path, f"it names {one.told}, and {one.cells}") for one in ordered]


def _with_values(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    return [
        path
        for path, table in tables.items()
        if len(table.columns) > 1 and len(table) > 1 and not table.iloc[:, 0].eq("").any()
    ]


def names_images_to_predict(data: CompetitionData, path: str) -> bool:
    """Return whether the first column names images to predict, or what a table of test names.

    Ids may have further parts: `7_left` is of image 7.
    """
    folder, tables = data.folder, data.tables
    ids = set(tables[path].iloc[:, 0])
    if any(ids <= cells for _, cells in _columns_of_test(path, tables)):
        return True

    def is_of_test(name: str) -> bool:
        return any(image.part == "test" for image in folder.named(name))

    if all(map(is_of_test, ids)):
        return True
    if any(not one.n_other for one in splits_of(sorted(ids), is_of_test)):
        return True
    if folder.of_part("test") or not all(map(folder.named, ids)):
        return False
    # Images of train and test lie together, and the others are those of train.
    others = (table for other, table in tables.items() if other != path)
    return not any(ids & set(table[column]) for table in others for column in table.columns)


def names_all_to_predict(data: CompetitionData, path: str) -> bool:
    """Return whether the first column names all that is to be predicted, and nothing else.

    It names all images of test, or has the cells of a column of a table of test, each once or more.

    Args:
        data: with all tables; samples that are called as tables of test tell nothing.
    """
    folder = data.folder
    rest = {other: one for other, one in data.tables.items() if not is_sample_submission(other)}
    ids = data.tables[path].iloc[:, 0].drop_duplicates()
    of_columns = _columns_of_test(path, rest)
    return any(set(ids) == cells for _, cells in of_columns) or _are_images_of_test(folder, ids)


def _names_all_of_test(data: CompetitionData, path: str) -> bool:
    """Return whether the first column names each image to predict once, and no other."""
    first = data.tables[path].iloc[:, 0]
    if not first.is_unique:
        return False
    ids = set(first)
    if any(is_key and ids == cells for is_key, cells in _columns_of_test(path, data.tables)):
        return True
    return _are_images_of_test(data.folder, first)


def _are_images_of_test(folder: DataFolder, ids: pd.Series[str]) -> bool:
    """Return whether ids name each image to predict once, and no other."""
    test = {image.path for image in folder.of_part("test")}
    named = [[image for image in folder.named(cell) if image.part == "test"] for cell in ids]
    if not test or any(len(images) != 1 for images in named):
        return False
    return len(named) == len(test) and {images[0].path for images in named} == test


def _columns_of_test(path: str, tables: Mapping[str, pd.DataFrame]) -> list[tuple[bool, set[str]]]:
    """Return the cells of each column of the other tables of test, and whether each stands once."""
    return [
        (table[column].is_unique, set(table[column]))
        for other, table in tables.items()
        if other != path and is_test_table(other)
        for column in table.columns
    ]


def _holds_placeholders(path: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Return whether no cell behind the first of a row can be a fact of its image.

    All of a column are one: a number, nothing, or what stands in a column of train.
    """
    table = tables[path]
    of_test = {
        column
        for other, one in tables.items()
        if other != path and is_test_table(other)
        for column in one.columns
    }
    of_train = {
        column for other, one in tables.items() if other != path for column in one.columns
    } - of_test
    for column in map(str, table.columns[1:]):
        cells = table[column]
        if cells.nunique() > 1 or column in of_test or is_fact_or_group(column):
            return False
        is_plain = cells.eq("").all() or numbers_of(cells) is not None
        if column not in of_train and not is_plain:
            return False
    return True


@dataclass(frozen=True)
class UnnamedSample:
    """A table of images that no other one, and no file of a label, is of.

    Attributes:
        path: of the table.
        columns: its header.
        images: the paths of the images that its rows name.
        told: what these are.
        cells: why its further columns may be answers; "" where they may not.
        is_sure: whether these are placeholders.
        has_columns_of_train: whether all columns of answers are columns of another table.
    """

    path: str
    columns: tuple[str, ...]
    images: frozenset[str]
    told: str
    cells: str
    is_sure: bool
    has_columns_of_train: bool


@dataclass(frozen=True)
class _NamedImages:
    """The columns of a table that name an image of each row, and the paths of these images."""

    columns: tuple[str, ...]
    images: frozenset[str]
    n_without: int


@dataclass(frozen=True)
class _Evidence:
    """What shows that the images of a table are to be predicted.

    Attributes:
        told: what they are; "" where nothing shows it.
        tables: of the images of train.
        wider: tables of these images and of others.
        n_left: images that are of neither.
        folders: the names of the folders of train by level, where these may be the classes.
    """

    told: str
    tables: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()
    n_left: int = 0
    folders: tuple[frozenset[str], ...] = ()


def unnamed_samples(data: CompetitionData) -> list[UnnamedSample]:
    """Return the tables that may be sample submissions, whatever they are called.

    Their first columns name an image in each row, of test where there is such a part. Where train
    and test lie together, other images have a row in another table, or a file of their name, and
    these have none.
    """
    folder, tables = data.folder, data.tables
    parts: tuple[FolderPart, ...] = ("test",) if folder.of_part("test") else _POOL
    images = [image._replace(part="other") for image in folder.images if image.part in parts]
    # Ids that were made of paths are of all images, and of these alone where they are made anew.
    pool = replace(folder, images=tuple(images), path_ids={})
    named = _images_of_tables(pool, tables)
    candidates = []
    for path in _with_values(tables):
        one, columns = named.get(path), tuple(map(str, tables[path].columns))
        if one is None or one.n_without or {*one.columns} != {*columns[: len(one.columns)]}:
            continue
        file = path.rpartition("/")[2]
        is_of_train = guess_part(file) != "other" or "labels" in name_words(file)
        if not (
            is_of_train or len(one.columns) == len(columns) or is_class_list(path, tables[path])
        ):
            candidates.append(path)
    rest = named
    if candidates and parts != _POOL:  # train has images of its own
        images = [image._replace(part="other") for image in folder.of_part(*_POOL)]
        others = replace(folder, images=tuple(images), path_ids={})
        rest = _images_of_tables(others, tables)
    found = []
    for path in candidates:
        evidence = _why_to_predict(folder, path, named, rest)
        if evidence.told:
            found.append(_unnamed(path, tables, {**rest, **named}, evidence))
    return found


def why_to_predict(data: CompetitionData, names: Sequence[str]) -> str:
    """Return what shows that the images of a list are to be predicted; "" where nothing does.

    None of them has what others have: a row of a table, a mask or another file, a class folder.

    Args:
        data: with the images, none of which is of test, and tables without lists.
        names: of images, as the list has them.
    """
    pool = replace(
        data.folder,
        images=tuple(image._replace(part="other") for image in data.folder.of_part(*_POOL)),
        path_ids={},
    )
    named = _images_of_tables(pool, {**data.tables, "": pd.DataFrame({"": names}, dtype=object)})
    return _why_to_predict(pool, "", named, named).told if "" in named else ""


def with_images_to_predict(data: CompetitionData) -> DataFolder:
    """Return the folder, the images that the sample names as those of test beside class folders.

    There is no part of test, and no table names an image of train.

    Args:
        data: the sample submission is none of its tables.
    """
    folder, sample = data.folder, data.sample
    folders = {image.folder for image in folder.of_part(*_POOL)}
    if sample is None or folder.of_part("test", "mask") or len(folders) <= _FEWEST_CLASSES:
        return folder
    named = _images_of_tables(folder, {sample.path: sample.table, **data.tables})
    one = named.pop(sample.path, None)
    if one is None or one.n_without or named or _class_folders(folder, one.images) is None:
        return folder
    return folder.with_part("test", one.images)


@dataclass(frozen=True)
class _ClassFolders:
    """Images in folders apart from those to predict, and the names of these folders by level."""

    images: frozenset[str]
    levels: tuple[frozenset[str], ...]


def _class_folders(folder: DataFolder, to_predict: Collection[str]) -> _ClassFolders | None:
    """Return the other images, where they lie in several folders that have none of these."""
    pool = [image for image in folder.of_part(*_POOL) if image.path not in to_predict]
    folders = {image.folder for image in pool}
    taken = {path.rpartition("/")[0] for path in to_predict}
    depths = {one.count("/") for one in folders}
    if len(folders) < _FEWEST_CLASSES or len(depths) > 1 or "" in folders:
        return None
    if any(one == other or one.startswith(f"{other}/") for one in folders for other in taken):
        return None
    levels = tuple(map(frozenset, zip(*(one.split("/") for one in folders), strict=True)))
    return _ClassFolders(frozenset(image.path for image in pool), levels)


_FEWEST_CLASSES = 2


def _images_of_tables(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame]
) -> dict[str, _NamedImages]:
    each = {path: _named_images(folder, table) for path, table in tables.items()}
    return {path: one for path, one in each.items() if one is not None}


_POOL: tuple[FolderPart, ...] = ("train", "other", "holdout")


def _why_to_predict(
    folder: DataFolder,
    path: str,
    named: Mapping[str, _NamedImages],
    of_images: Mapping[str, _NamedImages],
) -> _Evidence:
    """Return what shows that the images of a table are to be predicted.

    Args:
        named: by path, what tables name of the images that may be to predict.
        of_images: by path, what tables name of those that may be of train.
    """
    images = named[path].images
    others = {other: one.images for other, one in named.items() if other != path}
    of_test = {other: each for other, each in others.items() if is_test_table(other)}
    of_train = {other: each for other, each in others.items() if other not in of_test}
    wider = tuple(other for other, each in of_train.items() if images < each)
    test = frozenset(image.path for image in folder.of_part("test"))
    if test:
        twins = [other for other, each in of_train.items() if images <= each]
        rest = tuple(other for other in of_images if other not in (path, *of_test, *twins))
        classes = None if rest else _class_folders(folder, test)
        levels = () if classes is None else classes.levels
        return _Evidence("the images of test" * (images == test), rest, wider, folders=levels)
    if of_test:
        listed = next((other for other, each in of_test.items() if images == each), "")
        rest = tuple(other for other, each in of_train.items() if not images <= each)
        return _Evidence(f"the images of {listed}" * bool(listed), rest, wider)
    pool = {image.path: image for image in folder.of_part(*_POOL)}
    if any(pool[one].part != "other" for one in images):
        return _Evidence("")  # those of validation may have labels
    sources = {f"a row of {other}": each for other, each in of_train.items()}
    sources |= _named_by_files(folder)
    classes = None if any(sources.values()) else _class_folders(folder, images)
    if classes is not None:
        told = f"{plural(len(images), 'image')} outside the class folders"
        return _Evidence(told, (), wider, folders=classes.levels)
    # What all images have, or these and more, tells nothing of train.
    apart = {told: each for told, each in sources.items() if each and not images <= each}
    labelled = frozenset[str]().union(*apart.values())
    if not labelled:
        return _of_whole_folders(folder, images, pool)
    if labelled & images:
        return _Evidence("")
    told = f"{plural(len(images), 'image')} without {' or '.join(apart)}"
    tables = tuple(other for other, each in of_train.items() if not images <= each)
    return _Evidence(told, tables, wider, len(pool.keys() - labelled - images))


def _of_whole_folders(
    folder: DataFolder, images: frozenset[str], pool: Mapping[str, ImageFile]
) -> _Evidence:
    """Return that images are all those of some folders, and that others have what a file tells.

    As the frames of drives to evaluate, beside a drive whose outlines a JSON has.
    """
    folders = {pool[one].folder for one in images}
    beside = {one.folder for one in pool.values()} - folders
    rest = [one for one in pool.values() if one.path not in images and one.folder in folders]
    is_told = bool(folder.jsons) or any(path.lower().endswith(".xml") for path in folder.others)
    if rest or not beside or "" in folders or not is_told:
        return _Evidence("")
    told = f"all {plural(len(images), 'image')} of {some(sorted(folders), 3)}, and none of "
    return _Evidence(told + some(sorted(one or "the folder itself" for one in beside), 3))


def _named_by_files(folder: DataFolder) -> dict[str, frozenset[str]]:
    """Return the images that have a mask, or a file of their name, by what that is."""
    pool = folder.of_part(*_POOL)
    by_stem: dict[str, list[ImageFile]] = defaultdict(list)
    for image in pool:
        by_stem[image.stem].append(image)
    of_masks = {
        next((one for one, *_ in possible_image_names(mask.stem) if one in by_stem), "")
        for mask in folder.of_part("mask")
    }
    found = {"a mask": _paths_of_stems("", of_masks - {""}, by_stem)}
    for files in named_as_images(folder):
        stems = {stem for stem in files.paths if stem in by_stem}
        found[f"one of the {files}"] = _paths_of_stems(files.folder, stems, by_stem)
    return found


def _paths_of_stems(
    where: str, stems: Collection[str], by_stem: Mapping[str, Sequence[ImageFile]]
) -> frozenset[str]:
    """Return the images that files are named after, of several of one name those of one folder.

    It is the folder that the files lie in, or the only one with an image of each such name; where
    neither is, any of them may be meant.
    """
    several = [by_stem[stem] for stem in stems if len(by_stem[stem]) > 1]
    places = [{image.folder for image in images} for images in several]
    shared = set.intersection(*places) if places else set[str]()
    meant = {where} & shared or shared
    return frozenset(
        image.path
        for stem in stems
        for image in by_stem[stem]
        if len(by_stem[stem]) == 1 or len(meant) != 1 or image.folder in meant
    )


def _named_images(folder: DataFolder, table: pd.DataFrame) -> _NamedImages | None:
    """Return the images that rows of a table name, half of the rows or more; else None.

    Args:
        folder: of these images alone.
    """
    if table.empty or not folder.images:
        return None

    def by_name(cell: str) -> str | None:
        images = folder.named(cell)
        return images[0].path if len(images) == 1 else None

    numbers = numbers_behind([image.stem for image in folder.images])
    paths = [image.path for image in folder.images]
    of_number = {} if numbers is None else dict(zip(numbers.numbers, paths, strict=True))
    ways: list[Callable[[str], str | None]] = [by_name]
    if len(of_number) == len(paths):
        ways.append(of_number.get)
    of_key = {key: image.path for key, image in images_by_spelling(folder.images).items()}
    if len(of_key) == len(paths):
        ways.append(lambda cell: of_key.get(key_of_signs(cell)))
    if (shared := _of_equal_names(folder, table)) is not None:
        return shared
    for way in ways:
        found = _by_column(table, way)
        if found is not None:
            return found
    first = str(table.columns[0])
    split = next(splits_of(list(table[first]), by_name), None)
    if split is not None and not split.n_other:
        named = frozenset(path for one in split.ids if (path := by_name(one)) is not None)
        return _NamedImages((first,), named, 0)
    together = find_named_together(CompetitionData(folder, {"": table}))
    if together is not None:
        ids = _paths_of_ids(together.folder)
        cells = together.tables[""][together.template]
        named = frozenset(ids[cell] for cell in cells if cell in ids)
        columns = tuple(Pattern(together.template).fields)
        return _NamedImages(columns, named, sum(cell not in ids for cell in cells))
    of_paths = _paths_of_ids(with_path_ids(CompetitionData(folder, {"": table}), None))
    return _by_column(table, of_paths.get) if of_paths else None


def _of_equal_names(folder: DataFolder, table: pd.DataFrame) -> _NamedImages | None:
    """Return the images of a table whose names several folders have, by the folder it is of.

    None where names tell images by themselves, or the table is of none of these folders.
    """
    stems = [image.stem for image in folder.images]
    if len(set(stems)) == len(stems):
        return None
    for name in map(str, table.columns):
        cells = [cell for cell in table[name] if cell]
        if all(len(folder.named(cell)) < 2 for cell in cells):
            continue
        found = images_of_names(folder, "", cells)
        if cells and len(cells) == len(table) and all(cell in found for cell in cells):
            images = frozenset(found[cell].path for cell in cells)
            return _NamedImages((name,), images, 0)
    return None


def _paths_of_ids(folder: DataFolder) -> dict[str, str]:
    """Return the path of the image of each id that is made of paths, where one alone has it."""
    found: dict[str, set[str]] = defaultdict(set)
    for of_part in folder.path_ids.values():
        for id_, image in of_part.ids.items():
            found[id_].add(image.path)
    return {id_: next(iter(paths)) for id_, paths in found.items() if len(paths) == 1}


def _by_column(table: pd.DataFrame, way: Callable[[str], str | None]) -> _NamedImages | None:
    """Return the images that the cells of the best column name; None where few of them do."""
    probe = table.iloc[:: max(1, len(table) // _PROBED)]
    shares = {name: sum(map(bool, map(way, probe[name]))) / len(probe) for name in table.columns}
    best = max(shares, key=lambda name: shares[name])
    if shares[best] < HALF:
        return None
    named = [way(cell) for cell in table[best]]
    images = frozenset(path for path in named if path is not None)
    return _NamedImages((str(best),), images, named.count(None))


_PROBED = 500


def _unnamed(
    path: str,
    tables: Mapping[str, pd.DataFrame],
    named: Mapping[str, _NamedImages],
    evidence: _Evidence,
) -> UnnamedSample:
    """Return what the further columns of a table hold, beside what train has."""
    table, one = tables[path], named[path]
    further = [str(name) for name in table.columns if str(name) not in one.columns]
    keys = [name for name in further if _is_crossed(table, one.columns, name)]
    values = [name for name in further if name not in keys[:1]] if len(further) > 1 else further
    key = None if values == further else keys[0]
    of_train = {
        (other, plain_spelling(name)): tables[other][name]
        for other in evidence.tables
        for name in map(str, tables[other].columns)
        if name not in named[other].columns
    }
    columns = {name for _, name in of_train}
    wider = {plain_spelling(name) for other in evidence.wider for name in tables[other].columns}
    called = {plain_spelling(name) for name in values}
    found = UnnamedSample(
        path,
        tuple(map(str, table.columns)),
        one.images,
        evidence.told,
        "",
        is_sure=False,
        has_columns_of_train=called <= columns,
    )
    if any(is_fact_or_group(name) or plain_spelling(name) in wider for name in values):
        return found  # known of images of train, too
    words = _words_of(of_train) | {
        plain_spelling(name) for level in evidence.folders for name in level
    }
    if _are_classes(table, values, evidence.folders):
        return replace(found, cells="its columns are the class folders", is_sure=True)
    if _are_spelt_classes(table, values, evidence.folders):
        return replace(found, cells="its cells are the class folders, in another spelling")
    groups = [table] if key is None else [rows for _, rows in table.groupby(key)]
    if all(_is_placeholder(name, groups, columns, words) for name in values):
        cells = "its cells are placeholders"
        cells += f" for each {key}" * (key is not None)
        are_of_train = found.has_columns_of_train or key is not None
        are_of_train |= any(are_classes_of(values, cells) for cells in of_train.values())
        if not evidence.n_left or are_of_train or all(map(is_runs_name, values)):
            cells += (
                f"; {either(evidence.n_left, 'more image has', 'more images have')} neither"
                * bool(evidence.n_left)
            )
            return replace(found, cells=cells, is_sure=True)
        return found  # images without a row may be those to predict
    left_out = [
        name
        for other in evidence.tables
        for name in possible_labels(tables[other], named[other].columns)
        # What it shares with train may be known of its images, as their camera is. Remarks on a few
        # images are no labels.
        if columns & called
        and plain_spelling(name) not in called
        and len(known_cells(tables[other][name])) > _FEW_ROWS * len(tables[other])
    ]
    may_be = all(_may_be_answers(name, table[name], of_train, words) for name in values)
    if may_be and not left_out and not evidence.n_left:
        return replace(found, cells="its cells may be answers: names of train, numbers or runs")
    return found


def _are_classes(
    table: pd.DataFrame, values: list[str], folders: Collection[frozenset[str]]
) -> bool:
    """Return whether columns of numbers are called as the folders of a level are."""
    is_called = any(as_classes(values, sorted(level)) is not None for level in folders)
    return (
        is_called and len(values) > 1 and all(numbers_of(table[one]) is not None for one in values)
    )


def _are_spelt_classes(
    table: pd.DataFrame, values: list[str], folders: Collection[frozenset[str]]
) -> bool:
    """Return whether the cells of the only column name folders, with other signs between words."""
    if len(values) != 1:
        return False
    cells = set(table[values[0]])
    if {plain_spelling(one) for one in cells} <= {
        plain_spelling(n) for one in folders for n in one
    }:
        return False
    ways = (spelt_as(sorted(level), lambda names: cells <= set(names)) for level in folders)
    return any(one is not None for one in ways)


def _is_crossed(table: pd.DataFrame, keys: tuple[str, ...], name: str) -> bool:
    """Return whether each cell of a column stands once beside each image, as a class does."""
    n, n_images = table[name].nunique(), len(table[[*keys]].drop_duplicates())
    is_each = not table.duplicated([*keys, name]).any() and "" not in set(table[name])
    return is_each and n > 1 and n * n_images == len(table)


def _words_of(of_train: Mapping[tuple[str, str], pd.Series[str]]) -> set[str]:
    """Return the names of columns of train, and the cells of those that have few.

    Columns of marks are classes, which the sample may write in another way.
    """
    words = {str(cells.name) for cells in of_train.values()}
    for cells in of_train.values():
        each = set(known_cells(cells))
        if len(each) <= max(_FEW, len(cells) // 5):
            words |= each
            words |= {part for cell in each for part in _parts_of(cell)}
    for other in {path for path, _ in of_train}:
        own = pd.DataFrame({one.name: one for (path, _), one in of_train.items() if path == other})
        words |= {name for way in ways_to_write(columns_of_marks(own)) for name in way}
    return {plain_spelling(word) for word in words}


_FEW = 100
_FEW_ROWS = 0.1
_BETWEEN = re.compile(r"\s*[+|;,/&>]\s*")  # a list, or a path: `Plantae > Rosaceae > Rosa canina`


def _parts_of(cell: str) -> list[str]:
    return [one for one in _BETWEEN.split(cell) if one]


def _is_placeholder(
    name: str, groups: list[pd.DataFrame], columns: Collection[str], words: Collection[str]
) -> bool:
    """Return whether all cells of a column, of each class by itself, are one that is no fact."""
    cells = [rows[name] for rows in groups]
    if any(one.nunique() > 1 for one in cells):
        return False
    each = pd.Series([one.iloc[0] for one in cells], dtype=object)
    if each.isin(EMPTY_CELLS).all() or (numbers_of(each) is not None and "" not in set(each)):
        return True
    if is_runs_name(name) and are_runs(each, by_name=True):
        return True
    return plain_spelling(name) in columns or all(plain_spelling(cell) in words for cell in each)


def _may_be_answers(
    name: str,
    cells: pd.Series[str],
    of_train: Mapping[tuple[str, str], pd.Series[str]],
    words: Collection[str],
) -> bool:
    """Return whether cells that differ may be answers for images, of runs, numbers or names."""
    if is_runs_name(name) and are_runs(cells, by_name=True):
        return True
    if numbers_of(cells) is not None:
        same = [one for (_, other), one in of_train.items() if other == plain_spelling(name)]
        return plain_spelling(name) in words or any(numbers_of(one) is not None for one in same)
    strange = {
        cell
        for cell in set(cells) - {""}
        if plain_spelling(cell) not in words
        and any(plain_spelling(part) not in words for part in (_parts_of(cell) or [cell]))
        and any(plain_spelling(part) not in words for part in cell.split())
    }
    # One word may mean none of all.
    return len(strange) <= 1 and len(strange) < len(set(cells) - {""})
