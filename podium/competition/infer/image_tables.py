"""Tables whose rows name images.

`match_images` finds the column of a table that names the images, and the path template from a row
to its image.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from podium.competition.ids.patterns import Pattern, without_zeros
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    common_folder,
    folders_between,
    guess_part,
    may_be_train_table,
    one_suffix,
)
from podium.competition.infer.shares import ALL_BUT_FEW, HALF, NEARLY_ALL
from podium.competition.languages import is_called
from podium.competition.spelling import name_words

__all__ = [
    "IN_DATA",
    "TELLING_PARTS",
    "ImageTable",
    "JoinedTable",
    "are_beside_train",
    "is_of_images",
    "match_if_of_train",
    "match_images",
    "match_of_train",
    "names_images",
    "numbers_by_chance",
]


_PROBED = 500


@dataclass(frozen=True)
class JoinedTable:
    """A table with a row for several images, as `data.train.join` has it.

    Attributes:
        key: its column, and how paths make its cells: `patient_id={folder}`.
        unit: the field, or fields, of the paths that name the row.
        id: the template of the images' ids.
        n_rows: of the table.
        test: the pattern of the images to predict, "" without any.
        of_test: the row's name of each image to predict.
    """

    key: str
    unit: str
    id: str
    n_rows: int
    test: str
    of_test: tuple[str, ...]


@dataclass(frozen=True)
class ImageTable:
    """A table whose rows name images."""

    path: str
    """The table, relative to the data folder."""
    table: pd.DataFrame
    id: str
    """The column that names the images."""
    images: tuple[ImageFile | None, ...]
    """The image of each row."""
    template: str
    """From a row to its image, relative to the data folder: `train/{image_id}.jpg`."""
    join: JoinedTable | None = None
    """The table that `table` was joined with, where a row of it is of several images."""
    several: Mapping[str, str] = field(default_factory=dict)
    """Of rows that name several images each: the template of each column that does."""

    @property
    def are_parts(self) -> bool:
        """Whether the images of a row belong together.

        By the names of their columns; or no column names a row alone, and all of them do.
        """
        columns = list(self.several)
        if not columns:
            return False
        rows = self.table[columns]
        are_pairs = all(rows[one].duplicated().any() for one in columns)
        return _are_parts(columns) or (are_pairs and not rows.duplicated().any())

    @property
    def n_shared(self) -> int:
        """Number of files that are in several rows, where images of a row belong together."""
        if not self.are_parts:
            return 0
        files = [
            template.replace(f"{{{column}}}", "{}") + "\n" + self.table[column]
            for column, template in self.several.items()
        ]
        of_rows = pd.concat(files).rename("file").rename_axis("row").reset_index()
        return int((of_rows.drop_duplicates()["file"].value_counts() > 1).sum())

    @property
    def file_column(self) -> str | None:
        """The column that the template takes the names of files from; None where it has none."""
        fields = Pattern(self.template).fields
        return fields[-1] if fields and fields[-1] in self.table.columns else None

    @property
    def n_found(self) -> int:
        return sum(image is not None for image in self.images)

    @property
    def paths(self) -> frozenset[str]:
        """The paths of the images that rows name, each once."""
        return frozenset(image.path for image in self.images if image is not None)


def match_images(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    parts: Sequence[FolderPart],
    *,
    column: str | None = None,
) -> ImageTable | None:
    """Return the match of rows of `table` to images, or None where no column names images.

    Args:
        path: the table's path, relative to the folder.
        parts: the parts of the data whose images may be meant, the preferred one first.
        column: the one that names the images, where it is known; no other is looked for.
    """
    # Each step of an inference asks this of the tables that it finds, which are never changed.
    key = (id(table), path, tuple(parts), column)
    if key not in folder.matches:
        folder.matches[key] = table, _match_images(folder, path, table, parts, column)
    return folder.matches[key][1]


def match_of_train(folder: DataFolder, path: str, table: pd.DataFrame) -> ImageTable | None:
    """Return the match of rows of a table of train to images that are of no other part, or None.

    Args:
        folder, path, table: as of `match_images`.
    """
    match = match_images(folder, path, table, ("train", "other"))
    if match is None or are_beside_train(folder, path, match.paths):
        return None
    return match


def match_if_of_train(folder: DataFolder, path: str, table: pd.DataFrame) -> ImageTable | None:
    """Return what `match_of_train` does of a table whose name may be of train; None of others."""
    return match_of_train(folder, path, table) if may_be_train_table(path) else None


def are_beside_train(folder: DataFolder, path: str, images: Collection[str]) -> bool:
    """Return whether images of a table are a few beside those of the train folder, or of another.

    They are something else, as a picture of each class, unless the table is called as one of train.

    Args:
        images: the paths of those that it names.
    """
    if guess_part(path.rpartition("/")[2]) == "train":
        return False
    train = {image.path for image in folder.of_part("train")}
    return 2 * len(images) < len(train) and train.isdisjoint(images)


def _match_images(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    parts: Sequence[FolderPart],
    column: str | None,
) -> ImageTable | None:
    if table.empty:
        return None
    if column is not None:
        images = _choose(folder, list(table[column]), parts)
        if not any(images):
            return None
        return ImageTable(path, table, column, images, _template(table, column, images))
    probe = table.iloc[:: max(1, len(table) // _PROBED)]
    by_chance = numbers_by_chance(folder, probe) | _few_numbers(folder, table, parts)
    own = {
        column: 0.0 if column in by_chance else _share(folder, probe[column], parts)
        for column in table.columns
    }
    shares = _without_numbers(folder, probe, _without_row_numbers(table, own))
    made = {name for part in folder.path_ids.values() for name in part.ids}
    best = max(
        shares,
        key=lambda column: (
            round(shares[column], 2),
            # It has the whole path of the file that another column names otherwise.
            column.endswith(IN_DATA),
            bool(made) and bool(probe[column].isin(made).all()),
            _looks_like_id(column, table),
        ),
    )
    if shares[best] < HALF:
        return None
    called = best
    best = _column_of_one_file(folder, probe, best, shares, parts)
    images = _choose(folder, list(table[best]), parts)
    if any(one.template == best for one in folder.path_ids.values()):
        # Of two columns together: the images lie where the ids tell.
        of_part = next(image.part for image in images if image is not None)
        return ImageTable(path, table, best, images, folder.path_ids[of_part].pattern)
    several = {best: _made_template(folder, table, best, images)}
    for column in table.columns:
        if column != best and shares[column] >= ALL_BUT_FEW and not is_called(column, "mask"):
            if _ends_of_paths(table[best], table[column]):
                continue  # the name of the same file, which other folders have, too
            others = _choose(folder, list(table[column]), parts)
            n_other = sum(a != b for a, b in zip(images, others, strict=True))
            # Bare numbers name images by chance.
            known = table[column][table[column] != ""]
            if n_other > HALF * len(table) and not known.str.isdecimal().all():
                several[column] = _template(table, column, others)
    template, unique = several[best], best
    if best.endswith(IN_DATA) and table[best.removesuffix(IN_DATA)].is_unique:
        unique = best.removesuffix(IN_DATA)
    if len(several) == 1:
        several = {}
    elif not table[best].is_unique:
        rest = [name for name in table.columns if name not in several and table[name].is_unique]
        unique = rest[0] if rest else best
    if called != best and table[called].is_unique:
        unique = called
    ordered = {name: several[name] for name in table.columns if name in several}
    return ImageTable(path, table, unique, images, template, several=ordered)


def _ends_of_paths(paths: pd.Series[str], names: pd.Series[str]) -> bool:
    """Return whether each cell of a column is the last part of the path in another one."""
    return all(path.endswith(f"/{name}") for path, name in zip(paths, names, strict=True))


def _column_of_one_file(
    folder: DataFolder,
    probe: pd.DataFrame,
    best: str,
    shares: Mapping[str, float],
    parts: Sequence[FolderPart],
) -> str:
    """Return the column whose cells tell which files are meant, where those of `best` do not.

    Numbers that begin anew in several folders, `7` of `birds/7.jpg` and `more/7.jpg`, are of one
    file each by a column with their paths beside them.

    Args:
        probe: some rows, as text.
        best: the column that names images.
        shares: of the cells of each column that name images.
        parts: the parts of the data whose images may be meant.
    """

    def candidates(column: str) -> list[set[ImageFile]]:
        named = ({*folder.named(cell)} for cell in probe[column])
        return [{one for one in images if one.part in parts} for images in named]

    of_best = candidates(best)
    if sum(len(images) > 1 for images in of_best) <= HALF * len(probe):
        return best
    for column in probe.columns:
        are_few = shares[column] < NEARLY_ALL * shares[best]
        if column == best or are_few or is_called(column, "mask"):
            continue
        own = candidates(column)
        # A path whose file is not there is of the name all the same, which other folders have.
        of_path = [
            bool(images) or cell.endswith(f"/{name}")
            for images, cell, name in zip(own, probe[column], probe[best], strict=True)
        ]
        # Each is one of those that the other cell may mean.
        of_it = [(one, images) for one, images in zip(own, of_best, strict=True) if one]
        if all(of_path) and all(len(one) == 1 and one <= images for one, images in of_it):
            return str(column)
    return best


def numbers_by_chance(folder: DataFolder, table: pd.DataFrame) -> frozenset[str]:
    """Return the columns of numbers that name files by chance, as `1` does of each `study/1.dcm`.

    They are 0 and 1 in several rows, or repeat beside columns that name folders, together another
    in each row.

    Args:
        table: some rows, as text.
    """
    repeated = [
        str(one)
        for one in table.columns
        if not table[one].is_unique and table[one].str.isdecimal().all()
    ]
    bits = {one for one in repeated if set(table[one]) <= {"0", "1"}}
    if len(bits) < len(repeated):
        of_folders = [
            one
            for one in table.columns
            if str(one) not in repeated
            and table[one].isin(folder.folder_names).sum() >= NEARLY_ALL * len(table)
        ]
        if of_folders and not table.duplicated(of_folders).any():
            return frozenset(repeated)
    return frozenset(bits)


def _few_numbers(
    folder: DataFolder, table: pd.DataFrame, parts: Sequence[FolderPart]
) -> frozenset[str]:
    """Return the columns of numbers that repeat and name few files, as months do of `3.png`.

    Rows of images name most of them, even where there are several of each; a column that is called
    as ids are may name a tenth.

    Args:
        table: all rows, as text.
        parts: the parts of the data whose images may be meant.
    """
    n_images = len(folder.of_part(*parts))
    found = set()
    for column in table.columns:
        cells = table[column]
        most = _MOST_OF_ONE if _is_called_as_ids(str(column)) else _SEVERAL
        n = cells.nunique()
        if n * most <= min(n_images, len(table)) and cells.str.fullmatch(r"\d+|").all():
            found.add(str(column))
    return frozenset(found)


_SEVERAL, _MOST_OF_ONE = 3, 10
"""Rows of an image, and images to each that is named, from which on numbers are no ids."""


def _is_called_as_ids(column: str) -> bool:
    """Return whether a column has a word of what images are called by."""
    return bool({"id", "image", "img", "file", "filename", "name"} & set(name_words(column)))


def _without_numbers(
    folder: DataFolder, probe: pd.DataFrame, shares: dict[str, float]
) -> dict[str, float]:
    """Return the shares of cells that name images, 0 for numbers that do so by chance.

    As a visit's, 1 to 4, do of `0001.jpg`, beside a column of cells that are the files' own names.
    """
    exact = {
        column: sum(cell.rpartition("/")[2] in folder.by_last_name for cell in probe[column])
        / len(probe)
        for column, share in shares.items()
        if share >= HALF
    }
    if max(exact.values(), default=0.0) < HALF:
        return shares
    by_chance = [
        column
        for column, share in exact.items()
        if share < 1 - HALF and probe[column].str.isdecimal().all()
    ]
    return {**shares, **dict.fromkeys(by_chance, 0.0)}


def _without_row_numbers(table: pd.DataFrame, shares: dict[str, float]) -> dict[str, float]:
    """Return the shares of cells that name images, 0 for an `id` that numbers the rows.

    As a database has it beside `image_id`, whose cells name images as well.
    """
    keys = [
        column
        for column, share in shares.items()
        if share >= NEARLY_ALL
        and name_words(str(column))[-1:] == ["id"]
        and any(is_called(one, "image") for one in name_words(str(column)))
    ]
    for column in table.columns if keys else ():
        if name_words(str(column)) != ["id"] or table[column].equals(table[keys[0]]):
            continue
        if any(list(table[column]) == [str(n + k) for n in range(len(table))] for k in (0, 1)):
            return {**shares, column: 0.0}
    return shares


IN_DATA = "_in_data"
"""The end of a column that was made of another: where the files lie that it names otherwise."""

TELLING_PARTS = frozenset({
    "left", "right", "before", "after", "pre", "post", "first", "second", "one", "two", "old",
    "new", "top", "bottom", "front", "back", "frontal", "lateral", "anchor", "positive", "negative",
    "query", "reference", "target", "source", "rgb", "ir", "nir", "thermal", "a", "b", "l", "r",
})  # fmt: skip
"""Words by which columns tell the images of a row apart."""


def _are_parts(columns: Sequence[str]) -> bool:
    """Return whether names differ in nothing but a number, or a word that tells parts apart.

    Example:
        >>> _are_parts(["image1", "image2"]), _are_parts(["image_id", "parent_image_id"])
        (True, False)
    """
    of_part = [[word for word in name_words(one) if word in TELLING_PARTS] for one in columns]
    rest = {tuple(word for word in name_words(one) if word not in TELLING_PARTS) for one in columns}
    return len(rest) == 1 or all(of_part)


def _share(folder: DataFolder, cells: pd.Series[str], parts: Sequence[FolderPart]) -> float:
    named = [any(image.part in parts for image in folder.named(cell)) for cell in cells]
    return sum(named) / len(named)


def _looks_like_id(column: str, table: pd.DataFrame) -> float:
    """Return a higher number for unique columns, and then for those called so."""
    return table[column].nunique() / len(table) + 0.01 * _is_called_as_ids(column)


def _choose(
    folder: DataFolder, cells: list[str], parts: Sequence[FolderPart]
) -> tuple[ImageFile | None, ...]:
    """Return one image a cell; where several have the name, the preferred part and folder win."""
    candidates = [[image for image in folder.named(cell) if image.part in parts] for cell in cells]
    by_part = Counter(image.part for images in candidates for image in images)
    by_folder = Counter(image.folder for images in candidates for image in images)
    rank = {part: place for place, part in enumerate(parts)}

    def preference(image: ImageFile) -> tuple[bool, int, int]:
        common = by_part[image.part] >= HALF * len(cells)
        return (not common, rank[image.part], -by_folder[image.folder])

    return tuple(min(images, key=preference, default=None) for images in candidates)


def _template(table: pd.DataFrame, column: str, images: Sequence[ImageFile | None]) -> str:
    """Return the pattern that leads from a row to its image."""
    pairs = [
        # `./train/1.png` and `/train/1.png` are the file that `train/1.png` is.
        (cell.removeprefix("./").removeprefix("/"), image)
        for cell, image in zip(table[column], images, strict=True)
        if image is not None
    ]
    common = common_folder(image for _, image in pairs)
    # Of two columns together the column is called as they stand in a pattern.
    key = column if "{" in column else f"{{{column}}}"
    if any(cell != image.stem for cell, image in pairs) and all(
        cell == without_zeros(image.stem) for cell, image in pairs
    ):
        # The table has the numbers of the files, without the zeros in front.
        width = len(pairs[0][1].stem)
        pairs = [(image.stem, image) for _, image in pairs]
        key = f"{{{column}:0{width}}}"
    elif (numbered := numbers_behind([image.stem for _, image in pairs])) is not None and all(
        cell == number for (cell, _), number in zip(pairs, numbered.numbers, strict=True)
    ):
        pairs = [(image.stem, image) for _, image in pairs]
        key = f"{numbered.front}{{{column}:0{numbered.width}}}{numbered.end}"
    starts_of_files = [cell.rpartition("/")[2] for cell, _ in pairs]
    files = [image.stem for _, image in pairs]
    ends = {file.removeprefix(start) for file, start in zip(files, starts_of_files, strict=True)}
    if len(ends) == 1 and all(map(str.startswith, files, starts_of_files)):
        # All files end alike behind the cell: `{id}_sat.jpg`, of a cell that may be a path.
        end = ends.pop()
        key += end
        pairs = [(f"{cell}{end}", image) for cell, image in pairs]
    suffix = _suffix(pairs)
    if all(
        image.path.endswith("/" + cell + image.suffix * bool(suffix))
        or image.path == cell + image.suffix * bool(suffix)
        for cell, image in pairs
    ):
        starts = {
            image.path[: len(image.path) - len(cell) - len(image.suffix) * bool(suffix)]
            for cell, image in pairs
        }
        if len(starts) == 1:
            start = starts.pop()
            has_slash = all(cell.startswith("/") for cell in table[column])
            return f"{start.removesuffix('/') if has_slash else start}{key}{suffix}"
    start = f"{common}/" if common else ""
    between = _folder_column(table, images, start)
    if not between:
        between = folders_between((image for _, image in pairs), common) or "**"
        between += _last_folder(pairs, start) if between == "**" else ""
    return f"{start}{between}/{key}{suffix}"


def _last_folder(pairs: Sequence[tuple[str, ImageFile]], start: str) -> str:
    """Return the name of the folder that all files lie in, below others, as a part of a path.

    As `/images` of `north/images/1.tif` and `south/images/2.tif`: files of other folders may have
    the same names. "" where files lie in folders of several names.
    """
    names = {"/" + image.folder[len(start) :].rpartition("/")[2] for _, image in pairs}
    is_own = all("/" not in cell for cell, _ in pairs) and len(names) == 1
    return names.pop() if is_own else ""


class NumbersBehind(NamedTuple):
    """Names as `IMG_0012_top`: the texts around the number, its digits, and each without zeros."""

    front: str
    end: str
    width: int
    numbers: list[str]


_PLAIN = r"[^{}*?\[\]0-9]"
_BEHIND = re.compile(rf"((?:[^{{}}*?\[\]]*{_PLAIN})?)([0-9]+)({_PLAIN}*)")


def numbers_behind(stems: Sequence[str]) -> NumbersBehind | None:
    """Return the last numbers of names, which have the same text around them, or None.

    Example:
        >>> numbers_behind(["IMG_0009", "IMG_0010"])
        NumbersBehind(front='IMG_', end='', width=4, numbers=['9', '10'])
        >>> numbers_behind(["07_top", "12_top"]).end, numbers_behind(["07", "12"])
        ('_top', None)
    """
    found = [_BEHIND.fullmatch(stem) for stem in stems]
    parts = [one.groups() for one in found if one is not None]
    around, digits = {(front, end) for front, _, end in parts}, [number for _, number, _ in parts]
    if len(parts) < len(stems) or len(around) != 1 or around == {("", "")}:
        return None
    width = min(map(len, digits))
    numbers = [without_zeros(number) for number in digits]
    if any(a.zfill(width) != b for a, b in zip(numbers, digits, strict=True)):
        return None
    return NumbersBehind(*around.pop(), width, numbers)


def _made_template(
    folder: DataFolder, table: pd.DataFrame, column: str, images: Sequence[ImageFile | None]
) -> str:
    """Return the pattern from a row to its image; where one field of paths is the id, with that."""
    for one in folder.path_ids.values():
        named = [one.ids.get(cell) for cell in table[column]]
        own = all(a == b for a, b in zip(named, images, strict=True) if b is not None)
        if one.is_one_field and one.template in one.pattern and any(named) and own:
            other_fields = re.compile(rf"(?!{re.escape(one.template)})\{{\w+\}}")
            return other_fields.sub("*", one.pattern).replace(one.template, f"{{{column}}}")
    return _template(table, column, images)


def _suffix(pairs: Sequence[tuple[str, ImageFile]]) -> str:
    """Return the text after the cell in the file name: nothing, `.jpg`, or `.*`."""
    if all(cell.rpartition("/")[2] == image.name for cell, image in pairs):
        return ""
    return one_suffix((image for _, image in pairs), otherwise=".*")


def _folder_column(
    table: pd.DataFrame, images: Sequence[ImageFile | None], start: str
) -> str | None:
    """Return the column whose cell is the folder below `start`, in braces, or None."""
    rows = [row for row, image in enumerate(images) if image is not None]
    below = [image.folder[len(start) :] for image in images if image is not None]
    for column in table.columns:
        if list(table[column].iloc[rows]) == below:
            return f"{{{column}}}"
    return None


def is_of_images(folder: DataFolder, path: str, table: pd.DataFrame) -> bool:
    """Return whether the rows of a table name images, of any part that may have a table."""
    parts: tuple[FolderPart, ...] = ("train", "test", "other", "holdout")
    return match_images(folder, path, table, parts) is not None


def names_images(folder: DataFolder, table: pd.DataFrame) -> bool:
    """Return whether nine in ten cells of a column, or more, name images."""
    probe = table.iloc[:: max(1, len(table) // _PROBED_BY_NAME)]
    return len(probe) > 0 and any(
        sum(bool(folder.named(cell)) for cell in probe[name]) >= NEARLY_ALL * len(probe)
        for name in table.columns
    )


_PROBED_BY_NAME = 200
