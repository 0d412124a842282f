"""Tables with several rows of an image: a label each, which become one cell, or a box each.

photo,tag                 photo,tag
311,red           →       311,red;blue
311,blue
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import ImageTable, match_if_of_train, match_of_train
from podium.competition.infer.labels.column_names import column_spelt_as
from podium.competition.infer.labels.lists import LIST_SIGNS
from podium.competition.infer.labels.negatives import is_called_none
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import Meaning, is_called
from podium.competition.spelling import name_words
from podium.errors import DataError, plural

__all__ = [
    "BOX_NAMES",
    "HOW_TO_COUNT",
    "NUMBER",
    "box_columns",
    "circle_columns",
    "labels_in_rows",
    "no_boxes",
    "place_columns",
    "refuse_boxes",
    "unnamed_box_columns",
]

_MOST_LABELS = 500
_LEAST_SHARE = 0.1  # of the images that have several rows: fewer were labelled twice by mistake
NUMBER = r"-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?"
_BOX = re.compile(rf"[\[(]?\s*{NUMBER}(?:[\s,;]+{NUMBER}){{3}}\s*[\])]?")
BOX_NAMES = frozenset({"bbox", "box", "boxes", "bboxes"})
_BOX_COLUMNS = (
    ("xmin", "ymin", "xmax", "ymax"),
    ("xmin", "ymin", "width", "height"),
    ("xmin", "ymin", "w", "h"),
    ("x", "y", "width", "height"),
    ("x", "y", "w", "h"),
    ("x1", "y1", "x2", "y2"),
    ("left", "top", "width", "height"),
)
_POINT_COLUMNS = (("x", "y"), ("row", "col"), ("cx", "cy"), ("xcenter", "ycenter"))


def labels_in_rows(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    sample: SampleSubmission | None,
    *,
    named: str | None = None,
) -> MadeTable | None:
    """Return a table of train with a row an image, where rows hold one label each; else None.

    No row stands twice, one column alone may hold the labels, and none tells of each label whether
    it is there. Numbers are labels where the sample submission has them as its answers. A column
    that is called as the sample's values, in any spelling, is asked for: no other one is joined
    beside it. A tenth of the images have several rows, or the sample submission lists labels.

    Args:
        sample: the sample submission; its one column of values names the labels.
        named: the column of the labels, where a person names it: no other one of the table is.
    """
    match = match_if_of_train(folder, path, table)
    if match is None or table[match.id].is_unique or len(match.several) > 1:
        return None
    ids, rest = table[match.id], [str(one) for one in table.columns if str(one) != match.id]
    if any(set(table[one]) <= {"0", "1"} for one in rest):
        return None
    per_image = table.groupby(match.id, sort=False)
    labels = [
        one
        for one in rest
        if 1 < table[one].nunique() <= min(_MOST_LABELS, len(table) // 2)
        and (
            not table[one].str.fullmatch(NUMBER).any()
            or _are_codes(sample, {*table[one]}, {*per_image.size()})
        )
        and not table[one].eq("").any()
        and not table.duplicated([match.id, one]).any()
        and not per_image[one].nunique().eq(1).all()
    ]
    if len(labels) != 1 or table[labels[0]].nunique() * ids.nunique() == len(table):
        return None
    label = labels[0]
    if named in rest and label != named:
        return None
    asked = "" if sample is None or named is not None else _column_to_send(sample, rest)
    if asked and label != asked:
        return None
    if per_image.size().gt(1).mean() < _LEAST_SHARE and not _lists(sample, set(table[label])):
        return None
    signs = (
        sign
        for sign in (";", ",", "|", " ")
        if not table[label].str.contains(sign, regex=False).any()
    )
    sign = next(signs, None)
    if sign is None:
        return None
    joined = per_image[label].agg(sign.join)
    # What is the same in all rows of an image, as its patient, stays.
    kept = [one for one in rest if one != label and per_image[one].nunique().eq(1).all()]
    wide = per_image[kept].first() if kept else pd.DataFrame(index=joined.index)
    name = label
    if sample is not None and len(sample.values) == 1 and sample.values[0] not in table:
        name = sample.values[0]
    wide = wide.assign(**{name: joined}).reset_index()
    left = [one for one in rest if one not in (label, *kept)]
    without = f", without {', '.join(left)}" if left else ""
    reader = f"the rows of each image in one: its {label}{without}"
    return MadeTable((path,), reader, wide.astype(object))


def _column_to_send(sample: SampleSubmission, columns: Sequence[str]) -> str:
    """Return the column that the sample's one column of values is, in any spelling; "" without."""
    return column_spelt_as(sample.values[0], columns) if len(sample.values) == 1 else ""


def _are_codes(
    sample: SampleSubmission | None, names: Collection[str], n_rows: Collection[int]
) -> bool:
    """Return whether numbers of images are names, as a sample lists them, or answers with them.

    Its answers are two of them or more, and perhaps a word for none. Images have more and fewer of
    them: what is measured again is so in all.
    """
    if sample is None or _lists(sample, {*names}):
        return sample is not None
    if len(sample.values) != 1 or len({*n_rows}) < 2:
        return False
    cells = {*sample.table[sample.values[0]]} - {""}
    nothing = {one for one in cells - {*names} if is_called_none(one)}
    return len(cells - nothing) > 1 and cells - nothing <= {*names} and len(nothing) < 2


def _lists(sample: SampleSubmission | None, names: set[str]) -> bool:
    """Return whether a cell of the sample has several of these names."""
    if sample is None or len(sample.values) != 1:
        return False
    cells = set(sample.table[sample.values[0]])
    return any(
        len(parts := cell.split(sign)) > 1 and {part.strip() for part in parts} <= names
        for cell in cells
        for sign in LIST_SIGNS
    )


def refuse_boxes(data: CompetitionData) -> None:
    """Raise where images have several rows with a box or a point each, and such are to be sent.

    An image may have one row, where nothing but its box stands there, and a cell of the sample
    submission is a box. Beside a table of other answers, a row an image, boxes are further facts.
    Points are of objects where images have more and fewer of them; else they are of one thing each.

    Raises:
        DataError: podium predicts no boxes and no points of objects.
    """
    folder, sample = data.folder, data.sample
    is_cell = False
    if sample is not None:
        cells = sample.table[sample.values[-1]]
        numbers = cells.str.fullmatch(rf"(?:\S+\s+)?(?:{NUMBER}\s+){{3,}}{NUMBER}")
        called = "".join(name_words(sample.values[-1])) == "predictionstring"
        is_cell = called or bool(numbers.all())
        if not (is_cell or box_columns(sample.table)):
            if place_columns(sample.table):
                _refuse_points(data)
            return
    for path, table in data.tables.items():
        columns = box_columns(table)
        match = match_of_train(folder, path, table) if columns else None
        if match is None:
            continue
        # A register, as of sizes and cameras, has a row an image and nothing that is asked for.
        others = {
            name: one
            for name, one in data.tables.items()
            if sample is None or not {*sample.values}.isdisjoint(one)
        }
        if not is_cell and any(_has_answers(folder, *one) for one in others.items()):
            continue
        is_box_alone = is_cell and set(map(str, table.columns)) == {match.id, *columns}
        if is_box_alone or not table[match.id].is_unique:
            raise no_boxes(
                f"{', '.join(columns)} {'is a box' if len(columns) == 1 else 'are boxes'} in each "
                f"of {plural(len(table), 'row')} of {plural(table[match.id].nunique(), 'image')}",
                where=folder.path / path,
            )


def _refuse_points(data: CompetitionData) -> None:
    folder = data.folder
    for path, table in data.tables.items():
        columns = place_columns(table)
        match = match_of_train(folder, path, table) if columns else None
        if match is None or any(_has_answers(folder, *one) for one in data.tables.items()):
            continue
        sizes = table.groupby(match.id).size()
        if sizes.nunique() > 1:
            raise no_boxes(
                f"{', '.join(columns)} are a point in each of {plural(len(table), 'row')} of "
                f"{plural(len(sizes), 'image')}",
                where=folder.path / path,
                what="points of objects",
            )


HOW_TO_COUNT = "for how many objects an image has, with the columns image and count"


def no_boxes(found: str, *, where: Path, what: str = "boxes") -> DataError:
    """Return the refusal of boxes that are to be sent, with what is possible in their place."""
    return DataError(
        f"{found}, and podium predicts labels, numbers and masks: no {what}",
        where=where,
        fix="for what an image shows, write train.csv with the columns image and labels, several "
        f"between semicolons; {HOW_TO_COUNT}; for masks, write mask files",
    )


def _has_answers(folder: DataFolder, path: str, table: pd.DataFrame) -> bool:
    """Return whether a table has a row an image, with something else than a box."""
    if not may_be_train_table(path) or box_columns(table) or len(table.columns) < 2:
        return False
    match = match_of_train(folder, path, table)
    return match is not None and bool(table[match.id].is_unique)


def place_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns that tell where an object lies: a box, or a point; [] without."""
    return box_columns(table) or _columns_called(table, _POINT_COLUMNS, _OF_PIXELS | _OF_POINTS)


def box_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns that hold a box: one of four numbers, or four; [] without."""
    for one in map(str, table.columns):
        cells = table[one][table[one] != ""]
        if BOX_NAMES & set(name_words(one)) and len(cells) and cells.str.fullmatch(_BOX).all():
            return [one]
    return _columns_called(table, _BOX_COLUMNS, _OF_PIXELS) or _sides(table)


def circle_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns of a circle: x and y of its centre, and its radius; [] without.

    The radius is called so in any language, or r. The names of the centre's two columns differ in x
    and y alone, and there is one such pair.
    """
    names = list(map(str, table.columns))
    radius = [one for one in names if one.lower() == "r" or is_called(one, "radius")]
    pairs = [
        (one, other)
        for one in (names if len(radius) == 1 else [])
        for at, sign in enumerate(one)
        if sign in "xX"
        and (other := one[:at] + ("y" if sign == "x" else "Y") + one[at + 1 :]) in names
    ]
    found = [*pairs[0], *radius] if len(pairs) == 1 else []
    return found if all(table[one].str.fullmatch(NUMBER).all() for one in found) else []


_SIDES: tuple[Meaning, ...] = ("left side", "top side", "right side", "bottom side")


def _sides(table: pd.DataFrame) -> list[str]:
    """Return the columns of numbers that are called as the sides of a box in any language, or [].

    Each side is that of one column, and no left one lies right of the right one.
    """
    called = [[one for one in map(str, table.columns) if is_called(one, side)] for side in _SIDES]
    found = [each[0] for each in called if len(each) == 1]
    return found if len(set(found)) == len(_SIDES) and _are_corners(table, found) else []


def _are_corners(table: pd.DataFrame, columns: Sequence[str]) -> bool:
    """Return whether each row has a left, upper, right and lower side in this order."""
    if not all(table[one].str.fullmatch(NUMBER).all() for one in columns):
        return False
    left, up, right, low = (pd.to_numeric(table[one]) for one in columns)
    return bool((left.ge(0) & up.ge(0) & left.lt(right) & up.lt(low)).all())


_FEWEST_BOXES = 10  # of fewer rows, numbers grow by chance


def unnamed_box_columns(match: ImageTable, columns: Sequence[str], folder: DataFolder) -> list[str]:
    """Return four columns in the order of corners of a box, whatever they are called; or [].

    In each row of a table the third is beyond the first and the fourth beyond the second, and none
    lies outside of the image.

    Args:
        match: of the table.
        columns: all of its numbers.
    """
    table = match.table
    if len(columns) != len(_SIDES) or len(table) < _FEWEST_BOXES:
        return []
    if not _are_corners(table, columns):
        return []
    sizes = {one: picture_size(folder.path / one.path) for one in {*match.images} if one}
    ends = zip(match.images, *(pd.to_numeric(table[one]) for one in columns[2:]), strict=True)
    for image, right, low in ends:
        size = None if image is None else sizes[image]
        if size is None or right > size[1] or low > size[0]:
            return []
    return list(columns)


_OF_PIXELS = frozenset({"px", "pix", "pixel", "pixels"})
_OF_POINTS = frozenset(
    {"center", "centre", "centroid", "pos", "position", "coord", "coordinate", "loc", "location"}
)
"""Words beside x and y; a box is not told by its centre as it is by a corner."""


def _columns_called(
    table: pd.DataFrame, sets: Sequence[tuple[str, ...]], beside: Collection[str]
) -> list[str]:
    """Return the columns of numbers of the first of `sets` that are all there; [] without.

    Args:
        table: with columns.
        sets: names of small letters and digits alone.
        beside: words that a name may have besides.
    """
    plain = dict[str, str]()
    for one in map(str, table.columns):
        words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", one).lower())
        plain.setdefault("".join(word for word in words if word not in beside), one)
    plain |= {re.sub(r"[^a-z0-9]", "", one.lower()): one for one in map(str, table.columns)}
    for names in sets:
        if set(names) <= plain.keys():
            found = [plain[one] for one in names]
            if all(table[one][table[one] != ""].str.fullmatch(NUMBER).all() for one in found):
                return found
    return []
