"""Tables whose rows name several images, each with a label of its own: they get a row an image.

id  left_file  right_file  left_grade  right_grade      image    side   id  grade
7   7_l.jpg    7_r.jpg     2           0            →   7_l.jpg  left   7   2
8              8_r.jpg                 1                7_r.jpg  right  7   0
                                                        8_r.jpg  right  8   1

Columns pair by what is left of their names without the words that those of one kind share.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, count

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import (
    OF_TRAIN,
    DataFolder,
    FolderPart,
    ImageFile,
    may_be_train_table,
)
from podium.competition.infer.groups.columns import GroupColumn
from podium.competition.infer.image_tables import TELLING_PARTS
from podium.competition.infer.labels.cells import has_fractions
from podium.competition.infer.labels.column_names import is_fact_or_group
from podium.competition.infer.labels.columns import SampleHints, find_labels
from podium.competition.infer.sample.submission import SampleSubmission, unit_template
from podium.competition.infer.shares import ALL_BUT_FEW, HALF
from podium.competition.spelling import name_words
from podium.competition.truths.targets import MISSING_NUMBERS
from podium.errors import plural, some

__all__ = ["RowAnImage", "file_of_label", "rows_of_files"]

_FEWEST_IMAGES = 2  # images that a column names
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_JOINED = "|".join(sorted((one for one in TELLING_PARTS if len(one) > 2), key=len, reverse=True))
_WITHOUT_SIGN = re.compile(rf"(?P<a>{_JOINED})(?P<b>[a-z]+)|(?P<c>[a-z]+)(?P<d>{_JOINED})")
_PERSONS = frozenset({"patient", "subject", "person", "individual", "participant", "donor"})
_OF_KEYS = frozenset({"id", "ids", "no", "nr", "num", "number", "code", "key", "name", "index"})

Side = tuple[str, ...]
"""What is left of a column's name, as words in order."""


@dataclass(frozen=True)
class RowAnImage:
    """What was made of a table of train, and of those of test, whose rows name several images.

    Attributes:
        tables: as they are to be written, by the paths of those that they are made of.
        group: the column that has the same cell in the rows of images that shared one.
        of_rows: the columns that are of no single image, and the one that tells these apart.
        label: the column to predict, where a person named it.
    """

    tables: dict[str, MadeTable]
    group: GroupColumn
    of_rows: frozenset[str]
    label: str | None


@dataclass(frozen=True)
class _Family:
    """Columns that hold the same of each image of a row: their shared name, and each by side."""

    name: str
    columns: dict[Side, str]


@dataclass(frozen=True)
class _Sided:
    """The columns of a table that name an image each, and the families that pair with them."""

    files: dict[Side, str]
    families: tuple[_Family, ...]

    @property
    def paired(self) -> frozenset[str]:
        """The columns of the families."""
        return frozenset(one for family in self.families for one in family.columns.values())

    def spelt(self, side: Side) -> str:
        """Return a side as the column of its files spells it; the whole name where none is left."""
        column = self.files[side]
        found = [column[start:end] for start, end, word in _words(column) if word in side]
        return " ".join(found) or column


@dataclass(frozen=True)
class _ColumnNames:
    """What the columns of a new table are called, none as another one.

    Attributes:
        image, side: of the columns that name an image, and tell which of its row it is.
        row: of the numbers of rows, where nothing else tells these apart.
        families: by their own names.
    """

    image: str
    side: str
    row: str
    families: Mapping[str, str]


@dataclass(frozen=True)
class _Spelling:
    """How images and sides are called in the rows, so that the sample submission names them."""

    image: Callable[[str], str] = str
    side: Callable[[str], str] = str
    ids: str = ""
    """Of which columns the sample's ids are made: `{patient}_{side}`; "" where they are files'."""


def rows_of_files(data: CompetitionData, label: str | None) -> RowAnImage | None:
    """Return the tables with a row an image, or None where no row has a label for each image.

    A table of train has two columns or more that name an image each, blank where there is none, and
    as many that pair with them and hold labels. The sample submission, if there is one, has rows of
    images as well: one with a row for each row of test is answered by the images together.

    Args:
        label: the column to predict, where a person names it: one of several, or as they are called
            together.
    """
    sample = data.sample
    tests = data.test_tables
    elsewhere = {
        column for table in tests.values() for column in table.columns if len(_known(table[column]))
    }
    for path, table in data.tables.items():
        sided = _find_sided(data.folder, table, OF_TRAIN) if may_be_train_table(path) else None
        if sided is None:
            continue
        key = _key(table, sided)
        alike = {one: test for one, test in tests.items() if {*sided.files.values()} <= {*test}}
        spelling = _spelling_of_ids(data.folder, alike, sided, key, sample)
        labels = [one for one in sided.families if not elsewhere & {*one.columns.values()}]
        if spelling is None or not labels:
            continue
        if label is not None:
            asked = [one for one in labels if label in (one.name, *one.columns.values())]
            if not asked:
                continue
            label = asked[0].name
        elif not _are_labels(table, sided, labels, key, sample, elsewhere):
            continue
        names = _names(table, sided, labels, spelling, sample)
        label = None if label is None else names.families[label]
        made = {path: _long(path, table, sided, names, key, spelling, sample)}
        for one, test in alike.items():
            made[one] = _long(one, test, sided, names, key, spelling, sample)
        rows = made[path].table
        group = key or names.row
        sizes = rows[group].value_counts()
        times = " or ".join(f"{n:,}" for n in sorted(set(sizes)))
        why = (
            f"{plural(len(sizes), 'value')} over {plural(len(rows), 'image')}, {times} each: "
            "images of one row of "
            f"{path} must not cross folds"
        )
        of_images = {names.image, *names.families.values()}
        of_rows = frozenset(map(str, rows.columns)) - of_images
        return RowAnImage(made, GroupColumn(group, why, len(sizes)), of_rows, label)
    return None


_MOST_FILES = 32
"""Images of one row at most."""


def file_of_label(folder: DataFolder, table: pd.DataFrame, label: str) -> str | None:
    """Return which of several columns that name images pairs with a label, or None.

    Args:
        table: of train.
        label: a column of it.
    """
    files = _file_columns(folder, table, OF_TRAIN, once=False)
    for sided in _possible_sided(table, list(files)):
        for family in sided.families:
            for side, column in family.columns.items():
                if column == label:
                    return sided.files[side]
    return None


def _are_labels(
    table: pd.DataFrame,
    sided: _Sided,
    families: Sequence[_Family],
    key: str | None,
    sample: SampleSubmission | None,
    elsewhere: set[str],
) -> bool:
    """Return whether columns of `families` hold the labels, and none that is of a whole row."""
    values = [] if sample is None else sample.values
    own = [one for one in values if one in table.columns]
    if own:
        return False  # the sample asks for a column of rows, or for those of each side
    if sample is not None:
        return True  # its rows are of single images
    if not elsewhere and all(is_fact_or_group(one.name) for one in families):
        return False
    facts = [one for one in map(str, table) if one not in sided.paired and is_fact_or_group(one)]
    used = [*sided.files.values(), *facts, *([key] if key else [])]
    found = find_labels(table, used, SampleHints(), elsewhere=elsewhere)
    if found is not None:
        return {*found.column_names} <= {
            column for one in families for column in one.columns.values()
        }
    # As columns of their own they have blank cells, and half of the rows.
    for one in families:
        cells = pd.concat([_known(table[column]) for column in one.columns.values()])
        if find_labels(cells.to_frame(one.name).astype(object), [], SampleHints()) is not None:
            return True
    return False


def _find_sided(
    folder: DataFolder, table: pd.DataFrame, parts: Sequence[FolderPart]
) -> _Sided | None:
    """Return the columns that name images, each image once, with those that pair; None without."""
    files = _file_columns(folder, table, parts, once=True)
    n_of_part = len(folder.train_images)
    for sided in _possible_sided(table, list(files)):
        named = [path for column in sided.files.values() for path in files[column]]
        cells = [cell for column in sided.files.values() for cell in _known(table[column])]
        # Bare numbers name images by chance.
        by_chance = all(map(str.isdecimal, cells)) and len(named) < HALF * n_of_part
        if len(named) == len(set(named)) and not by_chance:
            return sided
    return None


def _possible_sided(table: pd.DataFrame, files: Sequence[str]) -> Iterator[_Sided]:
    """Yield the ways in which columns of files pair with other columns, of the most files first.

    Hundreds of columns are pixels, whose numbers name images by chance.
    """
    if len(files) > _MOST_FILES:
        return
    words = {str(one): [word for _, _, word in _words(str(one))] for one in table.columns}
    seen: dict[frozenset[str], dict[Side, str]] = {}
    for first, second in combinations(files, 2):
        common = Counter(words[first]) & Counter(words[second])
        sides = {_side(words[one], common): one for one in files if common <= Counter(words[one])}
        n_columns = sum(common <= Counter(words[one]) for one in files)
        if len(sides) == n_columns:
            seen.setdefault(frozenset(sides.values()), sides)
    for sides in sorted(seen.values(), key=len, reverse=True):
        rest = [one for one in words if one not in sides.values()]
        families = _families(sides, {one: words[one] for one in rest})
        if families:
            yield _Sided(sides, tuple(families))


def _families(sides: Mapping[Side, str], words: Mapping[str, list[str]]) -> list[_Family]:
    """Return the columns of the same words that have every side, as families."""
    found: dict[Side, dict[Side, str]] = {}
    for side in sides:
        for column, own in words.items():
            if Counter(side) <= Counter(own):
                found.setdefault(_side(own, Counter(side)), {}).setdefault(side, column)
    families = []
    taken: set[str] = set()
    for columns in found.values():
        if len(columns) < len(sides) or len(set(columns.values())) < len(sides):
            continue
        if taken & {*columns.values()}:
            continue
        taken |= {*columns.values()}
        ordered = {side: columns[side] for side in sides}
        side, column = next(iter(ordered.items()))
        families.append(_Family(_without(column, side) or "label", ordered))
    return families


def _file_columns(
    folder: DataFolder, table: pd.DataFrame, parts: Sequence[FolderPart], *, once: bool
) -> dict[str, list[str]]:
    """Return the columns whose cells name images or are blank, with the paths of the images.

    Args:
        folder, table, parts: as of `_find_sided`.
        once: only those that name no image twice.
    """
    found = {}
    for column in map(str, table.columns):
        cells = _known(table[column])
        if len(cells) < _FEWEST_IMAGES or (once and not cells.is_unique):
            continue
        images = [_image(folder, cell, parts) for cell in cells]
        paths = [one.path for one in images if one is not None]
        # Of the cells that are not blank: a file may be lost.
        if len(paths) >= max(_FEWEST_IMAGES, ALL_BUT_FEW * len(cells)) and (
            not once or len(set(paths)) == len(paths)
        ):
            found[column] = paths
    return found


def _image(folder: DataFolder, cell: str, parts: Sequence[FolderPart]) -> ImageFile | None:
    """Return the image that a cell names; of several the one of the preferred part."""
    named = [one for one in folder.named(cell) if one.part in parts]
    return min(named, key=lambda one: parts.index(one.part), default=None)


def _known(cells: pd.Series[str]) -> pd.Series[str]:
    """Return the cells that are not blank."""
    return cells[~cells.str.strip().isin(list(MISSING_NUMBERS))]


def _key(table: pd.DataFrame, sided: _Sided) -> str | None:
    """Return the column by which a row is known; None where no cell of one stands once.

    A person is in several rows perhaps, and is taken all the same: images of one belong together.
    """
    rest = [str(one) for one in table if one not in sided.files.values()]
    rest = [one for one in rest if one not in sided.paired and not table[one].eq("").any()]
    persons = [
        one
        for one in rest
        if _PERSONS & {*name_words(one)} and not {*name_words(one)} - _PERSONS - _OF_KEYS
    ]
    persons = [one for one in persons if table[one].nunique() > 1]
    if persons:
        return max(persons, key=lambda one: table[one].nunique())
    unique = [one for one in rest if table[one].is_unique and not has_fractions(table[one])]
    called = [one for one in unique if _OF_KEYS & {*name_words(one)}]
    return next(iter([*called, *unique]), None)


def _spelling_of_ids(
    folder: DataFolder,
    tests: Mapping[str, pd.DataFrame],
    sided: _Sided,
    key: str | None,
    sample: SampleSubmission | None,
) -> _Spelling | None:
    """Return how images are to be called, so that the sample names them; None: it names rows.

    Args:
        tests: tables of test with the same columns of files, by path.
        sided: the columns of train.
        key: the column by which a row is known.
    """
    if sample is None:
        return _Spelling()
    ids = list(dict.fromkeys(sample.table[sample.id]))
    cells = [
        cell
        for test in tests.values()
        for column in sided.files.values()
        for cell in _known(test[column])
    ]
    cells = cells or [image.path for image in folder.of_part("test") or folder.of_part("other")]
    spellings: tuple[Callable[[str], str], ...] = (str, _last, _stem)
    for spell in spellings:
        names = [spell(cell) for cell in cells]
        if len(set(names)) == len(set(cells)) and set(ids) <= set(names):
            return _Spelling(spell)
    for test in tests.values():
        if key is None or key not in test:
            continue
        for spell in (str, str.lower, str.upper, str.capitalize):
            rows = pd.concat(
                [test[[key]].assign(**{_SIDE: spell(sided.spelt(side))}) for side in sided.files]
            )
            template = unit_template(ids, rows)
            if template is not None:
                return _Spelling(side=spell, ids=template)
    return None


_SIDE = "{side}"  # no column of a table is called so


def _last(cell: str) -> str:
    return cell.rpartition("/")[2]


def _stem(cell: str) -> str:
    name = _last(cell)
    return name.rpartition(".")[0] or name


def _names(
    table: pd.DataFrame,
    sided: _Sided,
    labels: Sequence[_Family],
    spelling: _Spelling,
    sample: SampleSubmission | None,
) -> _ColumnNames:
    """Return the names of the columns that a new table has beside those that stay."""
    taken = {*map(str, table)} - {*map(str, (*sided.files.values(), *sided.paired))}
    if spelling.ids and sample is not None:
        taken.add(sample.id)

    def free(*possible: str) -> str:
        further = (f"{possible[-1]} {n}" for n in count(2))
        name = next(one for one in chain(possible, further) if one not in taken)
        taken.add(name)
        return name

    # The sample's name is for the labels, where these are in one family.
    wanted = sample.values if sample is not None and len(sample.values) == len(labels) == 1 else []
    families = {
        one.name: free(*(wanted if one in labels else ()), one.name) for one in sided.families
    }
    return _ColumnNames(
        free("image", "file"), free("side", "view"), free("row", "number"), families
    )


def _long(
    path: str,
    table: pd.DataFrame,
    sided: _Sided,
    names: _ColumnNames,
    key: str | None,
    spelling: _Spelling,
    sample: SampleSubmission | None,
) -> MadeTable:
    """Return a table with a row for each image that its rows name."""
    families = [one for one in sided.families if {*one.columns.values()} <= {*table}]
    used = {*sided.files.values(), *(one for each in families for one in each.columns.values())}
    kept = table[[one for one in table if one not in used]]
    if key is None:
        kept = kept.assign(**{names.row: [str(n) for n in range(1, len(table) + 1)]})
    pieces = []
    n_lost = 0
    for side, column in sided.files.items():
        cells = table[column].str.strip()
        is_there = ~cells.isin(list(MISSING_NUMBERS))
        spelt = spelling.side(sided.spelt(side))
        image = cells.map(spelling.image)
        piece = pd.DataFrame({names.image: image, names.side: spelt}, dtype=object)
        if spelling.ids and sample is not None and sample.id not in kept:
            ids = [_filled(spelling.ids, row, spelt) for row in kept.to_dict("records")]
            piece[sample.id] = ids
        piece = pd.concat([piece, kept], axis=1)
        for family in families:
            piece[names.families[family.name]] = table[family.columns[side]]
            n_lost += int((table[family.columns[side]][~is_there] != "").sum())
        pieces.append(piece[is_there])
    rows = pd.concat(pieces).sort_index(kind="stable").reset_index(drop=True)
    told = [f"{names.families[one.name]} is {some(list(one.columns.values()))}" for one in families]
    reader = f"{path} with a row for each image of {some(list(sided.files.values()))}"
    reader += f": {'; '.join(told)}" if told else ""
    reader += (
        f"; {plural(n_lost, 'cell')} beside no image {'is' if n_lost == 1 else 'are'} left out"
        if n_lost
        else ""
    )
    return MadeTable((path,), reader, rows.astype(object))


def _filled(template: str, row: Mapping[object, object], side: str) -> str:
    """Return an id of the sample: the cells of a row, and the side of an image."""
    texts = {f"{{{name}}}": str(cell) for name, cell in row.items()} | {f"{{{_SIDE}}}": side}
    found = re.split("(" + "|".join(map(re.escape, texts)) + ")", template)
    return "".join(texts.get(one, one) for one in found)


def _words(name: str) -> list[tuple[int, int, str]]:
    """Return the words and numbers of a column's name, in lower case, with their places.

    Example:
        >>> [word for _, _, word in _words("leftImage2")], [one[2] for one in _words("leftfile")]
        (['left', 'image', '2'], ['left', 'file'])
    """
    found = []
    for token in _TOKEN.finditer(name):
        word, start, end = token[0].casefold(), token.start(), token.end()
        parted = _WITHOUT_SIGN.fullmatch(word) if len(word) == end - start else None
        if parted is None:
            found.append((start, end, word))
            continue
        first = parted["a"] or parted["c"]
        cut = start + len(first)
        found += [(start, cut, first), (cut, end, word[len(first) :])]
    return found


def _side(words: Sequence[str], common: Counter[str]) -> Side:
    """Return the words without those of `common`, in alphabetical order."""
    return tuple(sorted((Counter(words) - common).elements()))


def _without(name: str, side: Side) -> str:
    """Return a column's name without the words of its side.

    Example:
        >>> _without("Left-Grade", ("left",)), _without("eye_left_kind", ("left",))
        ('Grade', 'eye_kind')
    """
    left = Counter(side)
    for start, end, word in reversed(_words(name)):
        if left[word]:
            left[word] -= 1
            before, after = name[:start].rstrip("-_. "), name[end:].lstrip("-_. ")
            signs = name[len(before) : start] or name[end : len(name) - len(after)]
            name = before + (signs if before and after else "") + after
    return name.strip("-_. ")
