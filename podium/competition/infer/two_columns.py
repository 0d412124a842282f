"""Images that two columns of a table name together: a folder and a file.

video  frame  label
vid_a  5      run     →  train/vid_a/frame_0005.jpg
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product

import pandas as pd

from podium.competition.ids.patterns import Pattern, without_zeros
from podium.competition.ids.rows import ids_of_rows
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    PathIds,
    common_folder,
    guess_part,
)
from podium.competition.infer.keys import SIGNS, common_start
from podium.competition.infer.path_ids import with_path_ids
from podium.competition.infer.submission import SampleSubmission

__all__ = ["NamedByTwo", "find_named_by_two"]

_ENOUGH = 0.5
_NEARLY_ALL = 0.9
_MOST_COLUMNS = 8
_PROBED = 500
_BETWEEN = ("_", "-", ".", " ", "", "/")
_OF_PARTS: tuple[FolderPart, ...] = ("train", "other")


@dataclass(frozen=True)
class NamedByTwo:
    """Images that two columns name.

    Attributes:
        folder: with the ids of its images.
        tables: with a column of these ids, which is called as their template.
        template: of the ids.
        sample: the sample submission; with two such columns it has one of ids in their place.
    """

    folder: DataFolder
    tables: dict[str, pd.DataFrame]
    template: str
    sample: SampleSubmission | None


@dataclass(frozen=True)
class _Form:
    """How a folder or a file is called after the cell of a column: `frame_0005` after `5`."""

    front: str = ""
    width: int = 0
    with_suffix: bool = False

    def text(self, cell: str) -> str:
        return f"{self.front}{cell.zfill(self.width)}"

    def field(self, column: str) -> str:
        """Return the part of a pattern."""
        width = f":0{self.width}" if self.width > 1 else ""
        return f"{self.front}{{{column}{width}}}"


@dataclass(frozen=True)
class _Pair:
    """The columns of a folder and of the files in it, and how these are called after them."""

    folder: str
    file: str
    level: int
    of_folder: _Form
    of_file: _Form
    images: Mapping[tuple[str, str], ImageFile]

    def image_of(self, folder: str, file: str) -> ImageFile | None:
        return self.images.get((self.of_folder.text(folder), self.of_file.text(file)))

    def pattern(self, images: Sequence[ImageFile]) -> str:
        """Return the pattern of the images of a part."""
        base = _base(images)
        n_levels = len(_folders(images[0], base))
        levels = ["*"] * n_levels
        levels[self.level] = self.of_folder.field(self.folder)
        suffixes = {image.suffix for image in images}
        suffix = suffixes.pop() if len(suffixes) == 1 else ".*"
        file = self.of_file.field(self.file) + ("" if self.of_file.with_suffix else suffix)
        return "/".join(filter(None, (base, *levels, file)))


def find_named_by_two(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None
) -> NamedByTwo | None:
    """Return the images that two columns of a table of train name together, or None.

    One names their folder, the other the file, by its name, its number, or the number behind a
    text. No column names them alone.

    Args:
        folder: of the data.
        tables: by path, without the sample submission.
        sample: the sample submission.
    """
    train = folder.of_part("train") or folder.of_part("other")
    if len({image.folder for image in train}) < 2:
        return None
    of_train = {
        path: table
        for path, table in tables.items()
        if guess_part(path.rpartition("/")[2]) not in ("test", "unlabelled", "holdout")
    }
    found = None
    for table in of_train.values():
        found = found or _find(train, folder.of_part("test"), table)
    if found is None or _name_alone(folder, train, of_train, sample):
        return None
    return _named(folder, tables, sample, found)


def _name_alone(
    folder: DataFolder,
    train: Sequence[ImageFile],
    tables: Mapping[str, pd.DataFrame],
    sample: SampleSubmission | None,
) -> bool:
    """Return whether a column names the images by itself, by a file's name or parts of the path."""
    ids = None if sample is None else sample.table[sample.id]
    ways = (folder, with_path_ids(folder, tables, ids))
    for table, named in product(tables.values(), ways):
        for column in table.columns:
            cells = table[column].iloc[:: max(1, len(table) // _PROBED)]
            n_one = sum(
                len([one for one in named.named(cell) if one.part in _OF_PARTS]) == 1
                for cell in cells
            )
            enough = table[column].nunique() >= _ENOUGH * min(len(train), len(table))
            if enough and n_one >= _ENOUGH * len(cells):
                return True
    return False


def _find(
    train: Sequence[ImageFile], test: Sequence[ImageFile], table: pd.DataFrame
) -> _Pair | None:
    """Return the two columns that name nearly all rows, and half of the images at least."""
    columns = [name for name in table.columns if table[name].str.len().between(1, 64).all()]
    columns = [name for name in columns[:_MOST_COLUMNS] if table[name].nunique() > 1]
    bases = {"test": _base(test)} if test else {}
    every = [*train, *test]
    below = [_folders(one, bases.get(one.part, _base(train))) for one in every]
    depths = {len(one) for one in below}
    if len(depths) != 1:
        return None
    of_train = set(train)
    for level in range(depths.pop()):
        folders = [one[level] for one in below]
        for pair in _pairs(every, folders, level, table[columns]):
            named = list(map(pair.image_of, table[pair.folder], table[pair.file]))
            n_found = sum(image is not None for image in named)
            n_images = len(of_train.intersection(named))
            if n_found >= _NEARLY_ALL * len(table) and n_images >= _ENOUGH * len(train):
                return pair
    return None


def _pairs(
    images: Sequence[ImageFile], folders: Sequence[str], level: int, table: pd.DataFrame
) -> Iterator[_Pair]:
    """Yield the pairs of columns by which folders and files may be called; each is of one image."""
    for with_suffix in (False, True):
        files = [one.name if with_suffix else one.stem for one in images]
        by_name = dict(zip(zip(folders, files, strict=True), images, strict=True))
        if len(by_name) < len(images):
            continue
        for first, second in permutations(map(str, table.columns), 2):
            of_folder = _forms(folders, table[first])
            of_file = _forms(files, table[second], with_suffix=with_suffix) if of_folder else []
            for one, other in product(of_folder, of_file):
                yield _Pair(first, second, level, one, other, by_name)


def _forms(
    texts: Sequence[str], cells: pd.Series[str], *, with_suffix: bool = False
) -> list[_Form]:
    """Return how texts may be called after cells: as they are, or with a text and zeros in front.

    Example:
        >>> _forms(["frame_0005", "frame_0010"], pd.Series(["5", "10"]))
        [_Form(front='frame_', width=4, with_suffix=False)]
    """
    each, known = set(texts), set(cells)
    if len(each & known) >= _ENOUGH * len(known):
        return [_Form(with_suffix=with_suffix)]
    front = re.sub(r"\d+$", "", common_start(each))
    rest = [text[len(front) :] for text in each]
    if with_suffix or not all(one.isdecimal() for one in rest):
        return []
    width = min(map(len, rest))
    forms = [_Form(front)] if front else []
    if all(without_zeros(one).zfill(width) == one for one in rest):
        forms.append(_Form(front, width))
    return [
        form
        for form in forms
        if sum(form.text(cell) in each for cell in known) >= _ENOUGH * len(known)
    ]


def _base(images: Sequence[ImageFile]) -> str:
    """Return the folder of a part: `train` also where all its images lie in one folder below."""
    common = common_folder(images)
    folders = common.split("/") if common else []
    named = [n for n, one in enumerate(folders) if guess_part(one) != "other"]
    return "/".join(folders[: named[0] + 1]) if named else common


def _folders(image: ImageFile, base: str) -> list[str]:
    below = image.folder[len(base) :].strip("/")
    return below.split("/") if below else []


def _named(
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
    sample: SampleSubmission | None,
    pair: _Pair,
) -> NamedByTwo | None:
    """Return folder, tables and sample with ids as the sample has them."""
    parts: dict[FolderPart, list[ImageFile]] = {}
    for image in pair.images.values():
        parts.setdefault(image.part, []).append(image)
    fields = {
        image.path: fields
        for images in parts.values()
        for image in images
        if (fields := Pattern(pair.pattern(images)).match(image.path)) is not None
    }
    columns = [pair.folder, pair.file]
    if sample is not None and _has_both(sample, columns):
        template = "/".join(f"{{{one}}}" for one in sample.table.columns[:2])
        sample = _with_one_id(sample, template)
    else:
        cells = [] if sample is None else list(sample.table[sample.id])
        to_predict = parts.get("test", [one for each in parts.values() for one in each])
        shown = [fields[one.path] for one in to_predict if one.path in fields]
        template = max(
            _templates(pair, to_predict), key=lambda one: _n_named(Pattern(one), shown, cells)
        )
    whole = Pattern(template)
    path_ids = {}
    for part, images in parts.items():
        ids = {whole.fill(fields[one.path]): one for one in images if one.path in fields}
        if len(ids) < len(images):
            return None
        path_ids[part] = PathIds(pair.pattern(images), template, ids)
    joined = {
        path: table.assign(**{template: ids_of_rows(table, template)})
        if set(columns) <= set(table.columns)
        else table
        for path, table in tables.items()
    }
    return NamedByTwo(replace(folder, path_ids=path_ids), joined, template, sample)


def _templates(pair: _Pair, images: Sequence[ImageFile]) -> Iterator[str]:
    """Yield the ids that a sample may have, the plainest first."""
    of_folder = [f"{{{pair.folder}}}", pair.of_folder.field(pair.folder)]
    field = pair.of_file.field(pair.file)
    of_file = [f"{{{pair.file}}}", field, field[len(pair.of_file.front) :]]
    of_file += [f"{one}{suffix}" for suffix in {one.suffix for one in images} for one in of_file]
    for sign, first, second in product(_BETWEEN, dict.fromkeys(of_folder), dict.fromkeys(of_file)):
        yield f"{first}{sign}{second}"


def _n_named(
    template: Pattern, fields: Sequence[Mapping[str, str]], cells: Sequence[str]
) -> tuple[int, int, int]:
    """Return how many cells are such ids, or begin so; how many are; and how many ids there are."""
    ids = {template.fill(one) for one in fields}
    whole = [cell for cell in cells if cell in ids]
    starts = ((cell[: one.start()] for one in SIGNS.finditer(cell)) for cell in cells)
    n_begun = sum(not ids.isdisjoint(each) for each in starts)
    return max(len(whole), n_begun), len(whole), len(ids)


def _has_both(sample: SampleSubmission, columns: Sequence[str]) -> bool:
    """Return whether a sample begins with the two columns, and goes on."""
    is_both = len(sample.values) > 1 and {sample.id, sample.values[0]} == set(columns)
    is_plain = not {"lookup", "wide", "kind"} & sample.file.keys()
    has_slash = any(sample.table[one].str.contains("/").any() for one in columns if is_both)
    return is_both and is_plain and not has_slash


def _with_one_id(sample: SampleSubmission, template: str) -> SampleSubmission:
    """Return the sample with a column of ids in place of its first two."""
    rest = sample.table[sample.values[1:]]
    name = next(one for one in ("id", "image_id", "id of the image") if one not in rest)
    ids = pd.Series(ids_of_rows(sample.table, template), rest.index, name=name)
    file = {**sample.file, "id_of": template}
    return replace(sample, table=pd.concat([ids, rest], axis=1), file=file)
