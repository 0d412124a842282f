"""Images that two or three columns of a table name together: folders and a file.

video  frame  label
vid_a  5      run     →  train/vid_a/frame_0005.jpg, or train/vid_a_0005.jpg
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations, product

import pandas as pd

from podium.competition.ids.patterns import Pattern, without_zeros
from podium.competition.ids.rows import ids_of_rows
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    PathIds,
    common_folder,
    guess_part,
    may_be_train_table,
    one_suffix,
)
from podium.competition.infer.ids.keys import NUMBER_BEHIND, SIGNS, common_start, starts_of
from podium.competition.infer.ids.paths import ids_in_paths, with_joined_columns, with_path_ids
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import HALF, NEARLY_ALL

__all__ = ["NamedTogether", "find_named_together", "ways_to_join", "with_first_columns_joined"]

_MOST_COLUMNS = 8
_MOST_PARTS = 3
_PROBED = 500
_BETWEEN = ("_", "-", ".", " ", "", "/")


@dataclass(frozen=True)
class NamedTogether:
    """Images that columns name together.

    Attributes:
        folder: with the ids of its images.
        tables: with a column of these ids, which is called as their template.
        template: of the ids.
        sample: the sample submission; of one with these columns, it has one of ids in their place.
        to_predict: the cells of the columns for the images that the sample submission names, a row
            each, where images of train and test lie together; or None.
    """

    folder: DataFolder
    tables: dict[str, pd.DataFrame]
    template: str
    sample: SampleSubmission | None
    to_predict: pd.DataFrame | None = None


@dataclass(frozen=True)
class _Form:
    """How a part of a path is called after the cell of a column: `frame_0005` after `5`."""

    front: str = ""
    width: int = 0

    def text(self, cell: str) -> str:
        return f"{self.front}{cell.zfill(self.width)}"

    def field(self, column: str) -> str:
        """Return the part of a pattern."""
        width = f":0{self.width}" if self.width > 1 else ""
        return f"{self.front}{{{column}{width}}}"


@dataclass(frozen=True)
class _Paths:
    """The paths of images in parts: the folders below that of train or test, and the file's name.

    Attributes:
        images: of train and test.
        parts: of each; the name is its stem, the whole name, or a text and the number behind it.
        between: what stands in front of that number.
        has_suffix: whether the name is the whole one.
    """

    images: tuple[ImageFile, ...]
    parts: tuple[tuple[str, ...], ...]
    between: str | None = None
    has_suffix: bool = False

    def texts(self, place: int) -> list[str]:
        return [one[place] for one in self.parts]


@dataclass(frozen=True)
class _Together:
    """The columns that name images, the parts of the paths that they name, and how."""

    columns: tuple[str, ...]
    places: tuple[int, ...]
    forms: tuple[_Form, ...]
    paths: _Paths

    @property
    def images(self) -> dict[tuple[str, ...], ImageFile]:
        """The images by the texts of the parts; of two with the same, one."""
        keys = (tuple(one[place] for place in self.places) for one in self.paths.parts)
        return dict(zip(keys, self.paths.images, strict=True))

    def named(self, table: pd.DataFrame) -> list[ImageFile | None]:
        """Return the image of each row."""
        images = self.images
        rows = zip(*(table[column] for column in self.columns), strict=True)
        return [
            images.get(tuple(form.text(cell) for form, cell in zip(self.forms, row, strict=True)))
            for row in rows
        ]

    def pattern(self, images: Sequence[ImageFile]) -> str:
        """Return the pattern of the images of a part."""
        used = dict(zip(self.places, zip(self.forms, self.columns, strict=True), strict=True))
        written = [
            used[place][0].field(used[place][1])
            if place in used
            else texts[0]
            if len(set(texts)) == 1
            else "*"
            for place, texts in enumerate(zip(*self.paths.parts, strict=True))
        ]
        if self.paths.between is not None:
            written[-2:] = [f"{written[-2]}{self.paths.between}{written[-1]}"]
        suffix = one_suffix(images, otherwise=".*")
        written[-1] += "" if self.paths.has_suffix else suffix
        return "/".join(filter(None, (_base(images), *written)))


def find_named_together(data: CompetitionData) -> NamedTogether | None:
    """Return the images that columns of a table of train, or of the sample, name together, or None.

    They name folders and a file, by its name, its number, or the number behind a text. No column
    names the images alone.
    """
    sample = data.sample
    train = data.folder.train_images
    test = data.folder.of_part("test")
    of_train = {path: table for path, table in data.tables.items() if may_be_train_table(path)}
    paths = _paths(train, test)
    for table in of_train.values():
        found = _find(paths, train, table)
        if found is not None and not _name_alone(replace(data, tables=of_train), train):
            return _named(data, found)
    if sample is None or len(sample.values) < 2 or not test:
        return None
    found = _find(paths, test, sample.table[[sample.id, *sample.values[:-1]]])
    if found is None or not _has_first(sample, found.columns):
        return None
    own = {"": sample.table}
    return None if _name_alone(replace(data, tables=own), test) else _named(data, found)


def with_first_columns_joined(
    folder: DataFolder, sample: SampleSubmission
) -> SampleSubmission | None:
    """Return the sample with one column of ids for its first ones, or None.

    These name, together and never the first by itself, folders of images of test or parts of their
    names: `plate_0425,A01` is `test/plate_0425/A01/img.png`, or `test/plate_0425_A01/img.png`.
    """
    test = folder.of_part("test")
    # Half of the images at least have an id of their own, as `ids_in_paths` has it.
    if not test or sample.table[sample.id].is_unique or ids_in_paths(test, sample.table[sample.id]):
        return None
    ways = (one for one in ways_to_join(sample) if ids_in_paths(test, one.table[one.id]))
    return next(ways, None)


def ways_to_join(sample: SampleSubmission) -> Iterator[SampleSubmission]:
    """Yield a sample with one column of ids in place of its first two, or three, columns.

    Each id can be parted again into the cells it was made of.
    """
    for n in range(2, min(_MOST_PARTS, len(sample.values)) + 1):
        columns = list(map(str, sample.table.columns[:n]))
        if not _has_first(sample, columns) or any("" in set(sample.table[one]) for one in columns):
            continue
        rows = [dict(zip(columns, row, strict=True)) for row in sample.table[columns].to_numpy()]
        for sign in ("/", *(one for one in _BETWEEN if one and one != "/")):
            template = Pattern(sign.join(f"{{{one}}}" for one in columns))
            if all(template.match(template.fill(row)) == row for row in rows):
                yield sample.with_one_id(template.text)


def _name_alone(data: CompetitionData, images: Sequence[ImageFile]) -> bool:
    """Return whether a column names the images by itself, by a file's name or parts of the path."""
    sample = data.sample
    ids = None if sample is None else sample.table[sample.id]
    joined = with_joined_columns(data)
    of_part = {image.part for image in images}
    by_paths = with_path_ids(replace(data, tables=joined), ids)
    for table, named in product(joined.values(), (data.folder, by_paths)):
        for column in table.columns:
            cells = table[column].iloc[:: max(1, len(table) // _PROBED)]
            n_one = sum(
                len([one for one in named.named(cell) if one.part in of_part]) == 1
                for cell in cells
            )
            enough = table[column].nunique() >= HALF * min(len(images), len(table))
            if enough and n_one >= HALF * len(cells):
                return True
    return False


def _find(
    paths: Sequence[_Paths], images: Sequence[ImageFile], table: pd.DataFrame
) -> _Together | None:
    """Return the columns that name nearly all rows, and half of `images` at least.

    Where images of train and test lie together, a table may be of few of them.
    """
    columns = [name for name in table.columns if table[name].str.len().between(1, 64).all()]
    columns = [name for name in columns[:_MOST_COLUMNS] if table[name].nunique() > 1]
    meant = set(images)
    is_pool = all(image.part == "other" for image in images)
    n_enough = HALF * min(len(images), len(table) if is_pool else len(images))
    for found in _ways(paths, table[columns]):
        named = found.named(table)
        n_found = sum(image is not None for image in named)
        if n_found >= NEARLY_ALL * len(table) and (len(meant.intersection(named)) >= n_enough):
            return found
    return None


def _ways(paths: Sequence[_Paths], table: pd.DataFrame) -> Iterator[_Together]:
    """Yield the ways to name each image by columns, those of the fewest columns first."""
    for n, one in product(range(2, _MOST_PARTS + 1), paths):
        last = len(one.parts[0]) - 1
        varied = [place for place in range(last) if len(set(one.texts(place))) > 1]
        forms = {
            (place, column): _forms(one.texts(place), table[column])
            for place in (*varied, last)
            for column in map(str, table.columns)
        }
        for places in combinations(varied, n - 1):
            keys = {tuple(parts[place] for place in (*places, last)) for parts in one.parts}
            if len(keys) < len(one.images):
                continue
            for columns in permutations(map(str, table.columns), n):
                each = (forms[key] for key in zip((*places, last), columns, strict=True))
                for chosen in product(*each):
                    yield _Together(columns, (*places, last), chosen, one)


def _paths(train: Sequence[ImageFile], test: Sequence[ImageFile]) -> list[_Paths]:
    """Return the ways to part the paths of images; none where paths differ in form."""
    folders = [
        _folders(image, base) for part in (train, test) for base in [_base(part)] for image in part
    ]
    if len({len(one) for one in folders}) != 1:
        return []
    images = (*train, *test)
    stems = [image.stem for image in images]
    by_stem, by_name = (
        tuple((*one, name) for one, name in zip(folders, names, strict=True))
        for names in (stems, [image.name for image in images])
    )
    found = [_Paths(images, by_stem), _Paths(images, by_name, has_suffix=True)]
    pairs = [one.groups() for stem in stems if (one := NUMBER_BEHIND.fullmatch(stem)) is not None]
    if len(pairs) == len(images):
        between = _common_end([front for front, _ in pairs])
        if between and all(len(front) > len(between) for front, _ in pairs):
            parts = tuple(
                (*one, front.removesuffix(between), number)
                for one, (front, number) in zip(folders, pairs, strict=True)
            )
            found.append(_Paths(images, parts, between))
    return found


def _common_end(texts: Sequence[str]) -> str:
    """Return what all texts end with, from a sign on.

    Example:
        >>> _common_end(["vid_a_frame_", "vid_ba_frame_"])
        '_frame_'
    """
    end = common_start(text[::-1] for text in texts)[::-1]
    sign = SIGNS.search(end)
    return "" if sign is None else end[sign.start() :]


def _forms(texts: Sequence[str], cells: pd.Series[str]) -> list[_Form]:
    """Return how texts may be called after cells: as they are, or with a text and zeros in front.

    Example:
        >>> _forms(["frame_0005", "frame_0010"], pd.Series(["5", "10"]))
        [_Form(front='frame_', width=4)]
    """
    each, known = set(texts), set(cells)
    if len(each & known) >= HALF * len(known):
        return [_Form()]
    front = re.sub(r"\d+$", "", common_start(each))
    rest = [text[len(front) :] for text in each]
    if not all(one.isdecimal() for one in rest):
        return []
    width = min(map(len, rest))
    forms = [_Form(front)] if front else []
    if all(without_zeros(one).zfill(width) == one for one in rest):
        forms.append(_Form(front, width))
    return [
        form
        for form in forms
        if sum(form.text(cell) in each for cell in known) >= HALF * len(known)
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


def _named(data: CompetitionData, found: _Together) -> NamedTogether | None:
    """Return folder, tables and sample with ids as the sample has them."""
    folder, sample = data.folder, data.sample
    by_part: dict[FolderPart, list[ImageFile]] = {}
    for image in found.paths.images:
        by_part.setdefault(image.part, []).append(image)
    patterns = {part: Pattern(found.pattern(images)) for part, images in by_part.items()}
    fields = {
        image.path: fields
        for part, images in by_part.items()
        for image in images
        if (fields := patterns[part].match(image.path)) is not None
    }
    if sample is not None and _has_first(sample, found.columns):
        template = "/".join(f"{{{one}}}" for one in sample.table.columns[: len(found.columns)])
        sample = sample.with_one_id(template)
    else:
        cells = [] if sample is None else list(sample.table[sample.id])
        shown_images = by_part.get("test", list(found.paths.images))
        shown = [fields[one.path] for one in shown_images if one.path in fields]
        template = max(
            _templates(found, shown_images), key=lambda one: _n_named(Pattern(one), shown, cells)
        )
    whole = Pattern(template)
    path_ids = {}
    for part, images in by_part.items():
        ids = {whole.fill(fields[one.path]): one for one in images if one.path in fields}
        if len(ids) < len(images):
            return None
        path_ids[part] = PathIds(found.pattern(images), template, ids)
    joined = {
        path: table.assign(**{template: ids_of_rows(table, template)})
        if set(found.columns) <= set(table.columns)
        else table
        for path, table in data.tables.items()
    }
    to_predict = None
    if sample is not None and by_part.keys() == {"other"}:
        of_ids = path_ids["other"].ids
        named = (_image_of(cell, of_ids) for cell in sample.table[sample.id])
        each = dict.fromkeys(image for image in named if image is not None)
        cells = [[fields[image.path][column] for column in found.columns] for image in each]
        to_predict = pd.DataFrame(cells, columns=list(found.columns), dtype=object)
    folder = replace(folder, path_ids=path_ids)
    return NamedTogether(folder, joined, template, sample, to_predict)


def _image_of(cell: str, of_ids: Mapping[str, ImageFile]) -> ImageFile | None:
    """Return the image that a cell of a sample names, perhaps in front of a class or a number."""
    longest_first = (cell, *starts_of(cell)[::-1])
    return next((of_ids[one] for one in longest_first if one in of_ids), None)


def _templates(found: _Together, images: Sequence[ImageFile]) -> Iterator[str]:
    """Yield the ids that a sample may have, the plainest first."""
    *folders, (form, column) = zip(found.forms, found.columns, strict=True)
    field, between = form.field(column), found.paths.between or ""
    of_file = [f"{{{column}}}", field, field[len(form.front) :]]
    suffixes = sorted({image.suffix for image in images})
    of_file += [f"{one}{suffix}" for suffix in suffixes for one in of_file]
    of_folders = [[f"{{{one}}}", form.field(one)] for form, one in folders]
    for sign in dict.fromkeys((*_BETWEEN, between)):
        for parts in product(*map(dict.fromkeys, (*of_folders, of_file))):
            yield sign.join(parts)
    if len(folders) > 1:
        for first, sign in product(_BETWEEN, repeat=2):
            for *front, last in product(*map(dict.fromkeys, (*of_folders, of_file))):
                yield f"{first.join(front)}{sign}{last}"


def _n_named(
    template: Pattern, fields: Sequence[Mapping[str, str]], cells: Sequence[str]
) -> tuple[int, int, int]:
    """Return how many cells are such ids, or begin so; how many are; and how many ids there are."""
    ids = {template.fill(one) for one in fields}
    whole = [cell for cell in cells if cell in ids]
    n_begun = sum(not ids.isdisjoint(starts_of(cell)) for cell in cells)
    return max(len(whole), n_begun), len(whole), len(ids)


def _has_first(sample: SampleSubmission, columns: Sequence[str]) -> bool:
    """Return whether a sample begins with the columns, and goes on."""
    first = set(map(str, sample.table.columns[: len(columns)]))
    is_plain = not {"lookup", "wide", "kind"} & sample.file.keys()
    if not is_plain or first != set(columns) or len(sample.values) < len(columns):
        return False
    return not any(sample.table[one].str.contains("/").any() for one in columns)
