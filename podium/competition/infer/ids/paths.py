"""Ids made of several parts of a path: `{kidney}_{stem}`, `{scan}_slice_{slice}`.

Folders and the parts of file names are put together in every way that names images as the cells of
a table do; a way fits where it gives each image an id of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product

import pandas as pd

from podium.competition.infer.classes.names import is_class_list
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    PathIds,
    common_folder,
    folders_between,
    guess_part,
    may_be_train_table,
    one_suffix,
)
from podium.competition.infer.ids.keys import SIGNS, common_start, starts_of
from podium.competition.infer.image_tables import numbers_behind, numbers_by_chance
from podium.competition.infer.masks.by_piece import cells_of_pieces
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.sample.runs import are_runs, is_runs_name
from podium.competition.infer.shares import HALF, NEARLY_ALL

__all__ = [
    "SharedNames",
    "find_shared_names",
    "ids_in_paths",
    "names_units",
    "with_joined_columns",
    "with_path_ids",
]

"""The share of the images that must be named, and of a column's cells that must name one."""
"""The share of the rows whose two columns must name an image together."""
_MOST_PARTS = 3
_MOST_COLUMNS = 8
_PROBED_IMAGES = 12
_PROBED_CELLS = 500
_SPLIT_AT = ("_", "-", ".", " ")


@dataclass(frozen=True)
class _Atom:
    """A part of a path: a folder (`sign` is ""), or the pieces `start:end` of the file's name.

    `level` is 0 for the folder of the file and 1 for the one around it, so that it means the same
    in parts whose folders lie at other depths; -1 for the file's name.
    """

    level: int
    sign: str = ""
    start: int = 0
    end: int = 0

    def of(self, folders: Sequence[str], stem: str) -> str:
        if self.level >= 0:
            return folders[-1 - self.level]
        pieces = stem.split(self.sign) if self.sign else [stem]
        return self.sign.join(pieces[self.start : self.end])


@dataclass(frozen=True)
class _IdTemplate:
    """How an id is put together: atoms, and the sign in front of each but the first."""

    atoms: tuple[_Atom, ...]
    signs: tuple[str, ...]

    @property
    def is_one_field(self) -> bool:
        """Whether the id is one folder, or one piece of a file's name."""
        return len(self.atoms) == 1 and self.atoms[0].end - self.atoms[0].start <= 1

    def id_of(self, folders: Sequence[str], stem: str) -> str:
        first, *rest = (atom.of(folders, stem) for atom in self.atoms)
        return first + "".join(sign + text for sign, text in zip(self.signs, rest, strict=True))


def with_path_ids(data: CompetitionData, sample: pd.Series[str] | None) -> DataFolder:
    """Return the folder with the ids that its tables make of paths, where they name no file.

    Args:
        sample: the ids of the sample submission.
    """
    folder = data.folder
    train = folder.train_images
    files = {name for image in train for name in (image.stem, image.name)}
    columns = [
        table[column]
        for path, table in data.tables.items()
        if may_be_train_table(path)
        and not is_class_list(path, table)
        # Where a column names the files, what another one shares with their names is chance.
        and not any(_names_files(table[column], files) for column in table.columns)
        for column in table.columns
        if not are_runs(table[column], by_name=is_runs_name(str(column)))
    ]
    test = folder.of_part("test") or folder.of_part("holdout")
    if not test and folder.of_part("train"):
        test = folder.of_part("other")  # as in a folder of evaluation
    found: dict[FolderPart, tuple[_IdTemplate, PathIds]] = {}
    named = [] if sample is None else [sample]
    for images, of_part in ((train, columns), (test, named)):
        ways = [one for each in of_part if (one := _find(folder, images, each)) is not None]
        if not ways and images is train:
            own = pd.Series(cells_of_pieces(train_masks(folder), train), dtype=object)
            ways = [one for one in [_find(folder, train, own)] if one is not None]
        if ways:
            found[images[0].part] = max(ways, key=lambda one: len(one[1].ids))
    if not found:
        numbers = _find_numbers(train, test, columns, sample, known=folder.path_ids)
        return replace(folder, path_ids={**folder.path_ids, **numbers}) if numbers else folder
    way = next(iter(found.values()))[0]
    for images in (train, test):
        # Train and test are named alike, so what one part shows holds for the other.
        if images and images[0].part not in found:
            other = _named(images, way)
            if other is not None:
                found[images[0].part] = (way, other)
    return replace(folder, path_ids={part: ids for part, (_, ids) in found.items()})


def _find_numbers(
    train: Sequence[ImageFile],
    test: Sequence[ImageFile],
    columns: Sequence[pd.Series[str]],
    sample: pd.Series[str] | None,
    *,
    known: Mapping[FolderPart, PathIds],
) -> dict[FolderPart, PathIds]:
    """Return the ids of parts whose files are called by numbers: 12 is `IMG_0012.jpg`; or {}.

    Args:
        train, test: images.
        columns: of the tables of train.
        sample: the ids of the sample submission.
        known: ids that other parts of paths make, which cells may have as they are.
    """
    found = dict[FolderPart, PathIds]()
    for images, cells in ((train, columns), (test, [] if sample is None else [sample])):
        ids = _by_number(images)
        if ids is None:
            continue
        own = known.get(images[0].part)
        for each in cells:
            n_named = sum(cell in ids.ids for cell in each)
            are_own = own is not None and sum(cell in own.ids for cell in each) >= n_named
            if are_own or len(ids.ids.keys() & set(each)) < HALF * len(images):
                continue
            if n_named >= HALF * len(each):
                found[images[0].part] = ids
    for images in (train, test) if found else ():
        # Ids by the end of names lead to masks of another end, so they stay where they are known.
        if not images or images[0].part in (*found, *known):
            continue
        if (ids := _by_number(images)) is not None:
            found[images[0].part] = ids  # train and test are named alike
    return found


def _by_number(images: Sequence[ImageFile]) -> PathIds | None:
    named = numbers_behind([image.stem for image in images]) if images else None
    if named is None or len(set(named.numbers)) < len(images):
        return None
    common = common_folder(images)
    where = filter(None, (common, folders_between(images, common)))
    file = f"{named.front}{{number:0{named.width}}}{named.end}{one_suffix(images)}"
    ids = dict(zip(named.numbers, images, strict=True))
    return PathIds("/".join((*where, file)), "{number}", ids)


def _names_files(cells: pd.Series[str], files: Collection[str]) -> bool:
    """Return whether a column names files alone, half of them at least; each has two names."""
    named = set(cells) - {""}
    return named <= set(files) and 4 * len(named) >= len(files)


@dataclass(frozen=True)
class SharedNames:
    """What the paths of images name that a table has a row of: a patient, a study, a specimen.

    Attributes:
        train, test: the patterns of the images, relative to the data folder, of the same fields;
            "" without images.
        template: of the names, of fields of the patterns.
        of_train, of_test: the name of each image, in the order of the images.
    """

    train: str
    test: str
    template: str
    of_train: tuple[str, ...]
    of_test: tuple[str, ...]


def find_shared_names(
    train: Sequence[ImageFile],
    test: Sequence[ImageFile],
    cells: pd.Series[str],
    taken: Sequence[str] = (),
) -> SharedNames | None:
    """Return how the paths of train images name the rows of a table, or None where they do not.

    Args:
        train, test: images.
        cells: a column of the table, each cell once.
        taken: names that no field may have.
    """
    keys = frozenset(cells) - {""}
    probe = sorted(keys)[:: max(1, len(keys) // _PROBED_CELLS)]
    if not train or not keys:
        return None
    found = []
    for way in _ways(train, keys, probe):
        names = _names_of(train, way)
        n_named = sum(name in keys for name in names or ())
        if names is None or n_named < NEARLY_ALL * len(train):
            continue
        if len(keys.intersection(names)) >= HALF * len(keys):
            found.append((n_named, -len(way.atoms), way, names))
    if not found:
        return None
    *_, way, names = max(found, key=lambda one: one[:2])
    of_test = _names_of(test, way) if test else []
    parts = _parts_of(train, test)
    if of_test and len({len(folders) for folders, _ in parts}) == 1:
        signs = {atom.sign for atom in way.atoms if atom.level < 0 and atom.sign}
        counts = {tuple(image.stem.count(sign) for sign in signs) for image in (*train, *test)}
        # One pattern shows the fields of both; names of test may have more parts, or fewer.
        of_both = [train, test] if len(counts) == 1 else []
        train_pattern, template = _written(train, of_both or [train], way, cells, taken)
        test_pattern, of_its = _written(test, of_both or [test], way, cells, taken)
        if of_its == template:
            return SharedNames(train_pattern, test_pattern, template, tuple(names), tuple(of_test))
    train_pattern, template = _written(train, [train], way, cells, taken)
    return SharedNames(train_pattern, "", template, tuple(names), ())


def _written(
    part: Sequence[ImageFile],
    shown: Sequence[Sequence[ImageFile]],
    way: _IdTemplate,
    cells: pd.Series[str],
    taken: Sequence[str],
) -> tuple[str, str]:
    """Return the pattern of the images of a part, and the template of their ids.

    Args:
        part: train or test.
        shown: the parts whose paths show what is a field.
        way: how names come of paths.
        cells: the column that has them.
        taken: names that no field may have.
    """
    parts = _parts_of(*shown)
    below, template = _pattern(parts, way, list(taken))
    if way.is_one_field and template != "{stem}":
        # The field is called as the column is.
        below = below.replace(template, f"{{{cells.name}}}")
        template = f"{{{cells.name}}}"
    below += one_suffix([image for images in shown for image in images])
    return "/".join(filter(None, [_base(part), below])), template


def names_units(folder: DataFolder, cells: pd.Series[str]) -> bool:
    """Return whether the folders of train, or parts of their names, are cells of a column."""
    train = folder.train_images
    return find_shared_names(train, folder.of_part("test"), cells.drop_duplicates()) is not None


def ids_in_paths(images: Sequence[ImageFile], cells: pd.Series[str]) -> PathIds | None:
    """Return the ids that parts of the paths of images make, of which every cell is one, or None.

    Args:
        images: of one part.
        cells: ids, of half of the images at least.
    """
    keys = frozenset(cells)
    if not images or "" in keys or len(keys) < HALF * len(images):
        return None
    probe = sorted(keys)[:: max(1, len(keys) // _PROBED_CELLS)]
    for way in _ways(images, keys, probe):
        found = _named(images, way)
        if found is not None and keys <= found.ids.keys():
            return found
    return None


def with_joined_columns(data: CompetitionData) -> dict[str, pd.DataFrame]:
    """Return the tables, with a column `{subject}_{img}` where two name train images together.

    No column names the images of such a table alone.
    """
    return {
        path: table if not may_be_train_table(path) else _with_joined_column(data.folder, table)
        for path, table in data.tables.items()
    }


def _with_joined_column(folder: DataFolder, table: pd.DataFrame) -> pd.DataFrame:
    probe = table.iloc[:: max(1, len(table) // _PROBED_CELLS)]
    few = [name for name in table.columns if probe[name].str.len().between(1, 64).all()]
    by_chance = numbers_by_chance(folder, probe)
    few = [name for name in few if name not in by_chance][:_MOST_COLUMNS]

    def share(cells: pd.Series[str]) -> float:
        images = (folder.named(cell) for cell in cells)
        return sum(any(one.part in ("train", "other") for one in each) for each in images) / len(
            cells
        )

    rest = [name for name in table.columns if name not in by_chance]
    if table.empty or any(share(probe[name]) >= HALF for name in rest):
        return table
    for first, second in permutations(few, 2):
        for sign in (*_SPLIT_AT, ""):
            if share(probe[first] + sign + probe[second]) >= NEARLY_ALL:
                name = f"{{{first}}}{sign}{{{second}}}"
                return table.assign(**{name: table[first] + sign + table[second]})
    return table


def _find(
    folder: DataFolder, images: Sequence[ImageFile], cells: pd.Series[str]
) -> tuple[_IdTemplate, PathIds] | None:
    """Return how `cells` name the images by parts of their paths, or None where they do not."""
    if not images or cells.nunique() < HALF * len(images):
        return None
    probe = [cell for cell in cells.iloc[:: max(1, len(cells) // _PROBED_CELLS)] if cell]
    plain = sum(any(folder.named(one) for one in (cell, *starts_of(cell))) for cell in probe)
    if not probe or plain >= HALF * len(probe):
        return None
    names = frozenset(cells)
    starts = frozenset(start for name in names for start in starts_of(name))
    for keys in (names, starts - names):
        fitting = [
            (way, one)
            for way in _ways(images, keys, probe)
            if (one := _named(images, way)) is not None
            and len(keys.intersection(one.ids)) >= HALF * len(images)
            and _share(one.ids, probe, exact=keys is names) >= HALF
        ]
        if fitting:
            return max(
                fitting,
                key=lambda each: (len(keys.intersection(each[1].ids)), -len(each[0].atoms)),
            )
    return None


def _share(ids: Mapping[str, ImageFile], probe: Sequence[str], *, exact: bool) -> float:
    named = sum(
        cell in ids or (not exact and any(start in ids for start in starts_of(cell)))
        for cell in probe
    )
    return named / len(probe)


def _ways(
    images: Sequence[ImageFile], keys: Collection[str], probe: Sequence[str]
) -> Iterator[_IdTemplate]:
    """Yield the ways to put together the ids of a few images, each once."""
    signs = sorted({sign for cell in probe[:20] for sign in SIGNS.findall(cell)})
    atoms = _atoms(images)
    seen, base = set(), _base(images)
    for image in images[:: max(1, len(images) // _PROBED_IMAGES)]:
        folders, stem = _parts(image, base)
        texts = [(atom, atom.of(folders, stem)) for atom in atoms]
        # An atom that is in no key is in no id either.
        texts = [(atom, text) for atom, text in texts if text and any(text in one for one in probe)]
        for way in _put_together(texts, signs, keys):
            if way not in seen:
                seen.add(way)
                yield way


def _put_together(
    texts: Sequence[tuple[_Atom, str]], signs: Sequence[str], keys: Collection[str]
) -> Iterator[_IdTemplate]:
    for n in range(1, _MOST_PARTS + 1):
        for chosen in product(texts, repeat=n):
            levels = [atom.level for atom, _ in chosen]
            if len(set(levels)) < n:
                continue
            for between in product(signs, repeat=n - 1):
                way = _IdTemplate(tuple(atom for atom, _ in chosen), between)
                text = chosen[0][1] + "".join(
                    sign + one for sign, (_, one) in zip(between, chosen[1:], strict=True)
                )
                if text in keys:
                    yield way


def _base(images: Sequence[ImageFile]) -> str:
    """Return the folder of a part: `train` also where all its images lie in one folder below.

    Of a part that no folder is called after, as `to_annotate/plate_1/…` of test, the first folder.
    """
    common = common_folder(images)
    folders = common.split("/") if common else []
    named = [n for n, one in enumerate(folders) if guess_part(one) != "other"]
    if not named and images[0].part in ("train", "test"):
        named = [0]
    return "/".join(folders[: named[0] + 1]) if named else common


def _parts_of(*shown: Sequence[ImageFile]) -> list[tuple[list[str], str]]:
    """Return the folders below its part, and the stem, of each image of several parts."""
    bases = [_base(images) if images else "" for images in shown]
    return [
        _parts(image, base) for images, base in zip(shown, bases, strict=True) for image in images
    ]


def _parts(image: ImageFile, base: str) -> tuple[list[str], str]:
    below = image.folder[len(base) :].strip("/")
    return (below.split("/") if below else []), image.stem


def _atoms(images: Sequence[ImageFile]) -> list[_Atom]:
    """Return the folders and parts of names that all images have; [] where paths differ in form."""
    base = _base(images)
    parts = [_parts(image, base) for image in images]
    depths = {len(folders) for folders, _ in parts}
    if len(depths) != 1:
        return []
    atoms = [_Atom(level) for level in reversed(range(depths.pop()))]  # the outer ones first
    atoms.append(_Atom(-1, "", 0, 1))
    for sign in _SPLIT_AT:
        counts = {stem.count(sign) + 1 for _, stem in parts}
        if len(counts) == 1 and (n := counts.pop()) > 1:
            atoms += [
                _Atom(-1, sign, start, end)
                for start in range(n)
                for end in range(start + 1, n + 1)
                if end - start < n
            ]
    return atoms


def _names_of(images: Sequence[ImageFile], way: _IdTemplate) -> list[str] | None:
    """Return what `way` makes of each path; None where paths are of another form."""
    if not set(way.atoms) <= set(_atoms(images)):
        return None
    base = _base(images)
    return [way.id_of(*_parts(image, base)) for image in images]


def _named(images: Sequence[ImageFile], way: _IdTemplate) -> PathIds | None:
    """Return the ids that `way` gives; None where paths are of another form, or ids repeat."""
    ids = _names_of(images, way)
    if ids is None or len(set(ids)) < len(ids):
        return None
    base = _base(images)
    below, template = _pattern([_parts(image, base) for image in images], way, [])
    pattern = "/".join(filter(None, [base, below + one_suffix(images)]))
    return PathIds(pattern, template, dict(zip(ids, images, strict=True)))


def _pattern(
    parts: Sequence[tuple[Sequence[str], str]], way: _IdTemplate, names: list[str]
) -> tuple[str, str]:
    """Return the pattern of folders and stems, with fields, and the template of the ids."""
    used = {atom.level: atom for atom in way.atoms}
    levels: list[str] = []
    each_level = list(zip(*(folders for folders, _ in parts), strict=True))
    for place, texts in enumerate(each_level):
        if len(set(texts)) > 1 or len(each_level) - 1 - place in used:
            levels.append(f"{{{_field(texts, names, 'folder')}}}")
        else:
            levels.append(texts[0])
    stem, of_stem = "*", "{stem}"
    atom = used.get(-1)
    if atom is not None and atom.sign:
        pieces = list(zip(*(stem.split(atom.sign) for _, stem in parts), strict=True))
        written = [
            texts[0]
            if len(set(texts)) == 1 and (atom.start <= place < atom.end or texts[0] == "")
            # Each part has a field: with a * the end of the one before it would be open.
            else f"{{{_field(texts, names, 'part')}}}"
            for place, texts in enumerate(pieces)
        ]
        stem = atom.sign.join(written)
        of_stem = atom.sign.join(written[atom.start : atom.end])
    first, *rest = (levels[-1 - one.level] if one.level >= 0 else of_stem for one in way.atoms)
    template = first + "".join(sign + text for sign, text in zip(way.signs, rest, strict=True))
    return "/".join([*levels, stem]), template


_TAKEN = frozenset({"id", "stem", "name", "path", "class", "fold", "label", "group"})


def _field(texts: Iterable[str], names: list[str], usual: str) -> str:
    """Return a name for a field, after what its texts begin with, and note that it is taken."""
    start = re.match(r"[A-Za-z]*", common_start(texts))
    name = "" if start is None else start[0].lower()
    name = name if len(name) > 1 and name not in _TAKEN else usual
    count = sum(one.rstrip("0123456789") == name for one in names)
    name = f"{name}{count + 1}" if count else name
    names.append(name)
    return name
