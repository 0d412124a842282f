"""Answers that podium does not predict, which would else be taken for classes of images.

labels: U+306F 1231 3465 133 53 U+304C 275 1652 84 69     boxes, each behind what it shows
annotations: [{'x': 559, 'y': 213, 'width': 50, 'height': 32}]
Detection: 559 213 609 245                                a box alone, in one of several rows
InChI: InChI=1S/C13H20OS/c1-9(2)8-15-13-6-5-10(3)7        a text for each image
label: [7, 1, 7]                                          a sequence, in which a digit comes back
"""

from __future__ import annotations

import ast
import base64
import re
from collections.abc import Sequence

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.rows.several_rows import (
    NUMBER,
    box_columns,
    no_boxes,
)
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.labels.cells import known_cells
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.labels.outputs import are_numbered, labels_of_outputs
from podium.competition.infer.parts.folders import find_class_folders
from podium.competition.infer.readme.metrics import find_readme_metrics
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.spelling import plain_spelling
from podium.errors import DataError, either, plural, shortened, some
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.names import IMAGES

__all__ = [
    "are_beside_class_folders",
    "coded_masks_column",
    "columns_of_classes",
    "has_boxes_to_send",
    "refuse_boxes_in_cells",
    "refuse_keypoints",
    "refuse_sequences",
    "refuse_texts",
]

_WORD = rf"(?!{NUMBER}(?:\s|$))\S+"
# All groups of a column have four numbers, or five: a confidence or a 1 before the box.
_GROUPS = tuple(
    re.compile(rf"\s*{_WORD}(?:\s+{NUMBER}){{{n}}}(?:\s+{_WORD}(?:\s+{NUMBER}){{{n}}})*\s*")
    for n in (4, 5)
)
_FEWEST = 3
_SHORTEST_TEXT = 20
_FEWEST_TEXTS = 10
_SIGN = re.compile(r"[^\w.-]")
_OFTEN = 0.05
"""Of lists with several names: fewer that repeat one are slips of a pen."""


def refuse_boxes_in_cells(data: CompetitionData, label: str | None = None) -> None:
    """Raise where a column of train has boxes in its cells, and boxes are to be sent.

    They stand behind words, are records in lists, or corners alone in several rows an image.

    Args:
        data: the column is what the sample submission asks for where it has that name, has such
            cells, or is called `PredictionString`.
        label: the column to predict, where a person names it: cells of others do not count.

    Raises:
        DataError: podium predicts no boxes.
    """
    sample = data.sample
    for path, table in data.tables.items():
        if not may_be_train_table(path):
            continue
        for column in map(str, table.columns):
            cells = table[column][table[column] != ""]
            if label not in (None, column):
                continue
            if len(cells) < _FEWEST or not _are_in_sample(column, sample):
                continue
            what, shown = "words with boxes", cells.iloc[0]
            is_alone = False
            if sample is not None and (record := _box_record(cells)):
                what, shown = "lists of boxes", record
            elif is_alone := _are_corners(cells) and _are_sent_alone(column, table, sample):
                what = "corners of boxes"
            elif not _are_boxes(cells):
                continue
            match = match_of_train(data.folder, path, table)
            if match is None or (is_alone and not _has_several_rows(table[match.id])):
                continue
            told = f"cells of {column} are {what}, as {shortened(shown, 60)!r}"
            raise no_boxes(told, where=data.folder.path / path)


def _are_boxes(cells: pd.Series[str]) -> bool:
    return any(cells.str.fullmatch(form).all() for form in _GROUPS)


def has_boxes_to_send(sample: SampleSubmission) -> bool:
    """Return whether a sample has a box a row, in columns of its own or in a cell, or several."""
    if box_columns(sample.table):
        return True
    for name in sample.values:
        cells = sample.table[name][sample.table[name] != ""]
        if len(cells) and (_are_boxes(cells) or cells.str.fullmatch(_SCORED_BOXES).all()):
            return True
    return False


def are_beside_class_folders(folder: DataFolder, sample: SampleSubmission | None) -> bool:
    """Return whether boxes are in nobody's way: folders have classes, and no boxes are asked for.

    Without a sample nobody knows what is asked for.
    """
    if sample is None or has_boxes_to_send(sample):
        return False
    return find_class_folders(folder, sample) is not None


# What an object is, how sure that is, or both, and its corners.
_SCORED_BOXES = re.compile(
    rf"\s*{_WORD}(?:\s+{NUMBER}){{4,5}}(?:\s+{_WORD}(?:\s+{NUMBER}){{4,5}})*\s*"
)
_FOUR = re.compile(rf"\s*{NUMBER}(?:[\s,;]+{NUMBER}){{3}}\s*")
_FEWEST_CORNERS = 10  # of fewer rows, numbers grow by chance
_SEVERAL = 0.1
"""The share of the images at least that have several rows: fewer were written twice by mistake."""


def _are_corners(cells: pd.Series[str]) -> bool:
    """Return whether each cell has the left, upper, right and lower side of a box, and no more.

    Two runs of a mask, `1 4 40 3`, have lengths that do not always grow.
    """
    if len(cells) < _FEWEST_CORNERS or not cells.str.fullmatch(_FOUR).all():
        return False
    boxes = (map(float, re.findall(NUMBER, cell)) for cell in cells)
    return all(0 <= left < right and 0 <= up < low for left, up, right, low in boxes)


def _are_sent_alone(column: str, table: pd.DataFrame, sample: SampleSubmission | None) -> bool:
    """Return whether a column is what the sample asks for, in that form, or all that a table has.

    Beside others, boxes may tell no more than where an object lies.
    """
    if sample is None:
        return len(table.columns) == 2
    return column in sample.values and bool(
        sample.table[column].str.fullmatch(rf"|{_FOUR.pattern}").all()
    )


def _has_several_rows(ids: pd.Series[str]) -> bool:
    """Return whether images have several rows, more of them than by mistake."""
    n_rows = ids.value_counts()
    return bool((n_rows > 1).sum() >= _SEVERAL * len(n_rows))


_BOX_KEYS = (
    {"x", "y", "width", "height"},
    {"x", "y", "w", "h"},
    {"xmin", "ymin", "width", "height"},
    {"xmin", "ymin", "xmax", "ymax"},
    {"x1", "y1", "x2", "y2"},
    {"left", "top", "width", "height"},
    {"bbox"},
)
_SIGNS = re.compile(r"[^a-z0-9]")
_OUTLINE_KEYS = frozenset({"segmentation", "points", "polygon", "rle", "counts", "mask"})


def _box_record(cells: pd.Series[str]) -> str:
    """Return one of cells that are lists of records of boxes, as `[{'x': 5, 'y': 3, ...}]`; or "".

    Every cell is a list, also an empty one, and every record has the places of a box and no
    outline.
    """
    shown = ""
    for cell in cells:
        if not cell.startswith("["):
            return ""
        if "{" not in cell and cell.strip("[] "):
            return ""
        try:
            records = ast.literal_eval(cell)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return ""
        for one in records:
            named = one if isinstance(one, dict) else ()
            keys = {_SIGNS.sub("", plain_spelling(key)) for key in named}
            if keys & _OUTLINE_KEYS or not any(box <= keys for box in _BOX_KEYS):
                return ""
        shown = shown or (cell if records else "")
    return shown


def _are_in_sample(column: str, sample: SampleSubmission | None) -> bool:
    if sample is None or column in sample.values:
        return True
    return any(
        plain_spelling(name) == "predictionstring" or _are_boxes(sample.table[name])
        for name in sample.values
    )


_PLACE = re.compile(r"-?\d+_-?\d+_-?\d+")
_FEWEST_PLACES = 4  # columns of places


def refuse_keypoints(data: CompetitionData) -> None:
    """Raise where most columns of a table of train hold a place of the image each, as `13_8_0`.

    Never where the sample submission asks for another column.

    Raises:
        DataError: podium predicts no keypoints with visibility.
    """
    folder = data.folder
    for path, table in data.tables.items():
        places = [name for name in table.columns if table[name].str.fullmatch(_PLACE).all()]
        if len(places) < max(_FEWEST_PLACES, len(table.columns) // 2):
            continue
        asked = [] if data.sample is None else [one for one in data.sample.values if one in table]
        if any(one not in places for one in asked) or match_of_train(folder, path, table) is None:
            continue
        shown = table[places[0]].iloc[0]
        raise DataError(
            f"{either(len(places), 'column holds', 'columns hold')} a place of the image each, "
            f"as {shown!r} in {places[0]}: these look like keypoints, and podium predicts classes, "
            "numbers and masks",
            where=folder.path / path,
            fix="name another column to predict, --label COLUMN; for places as numbers, write a "
            "column for each x and each y",
        )


def refuse_texts(
    folder: DataFolder, path: str, table: pd.DataFrame, labels: InferredLabels
) -> None:
    """Raise where labels are long texts and no codes, nearly each of one image alone.

    Args:
        path: of the table of train.
        table: of train.
        labels: its labels.

    Raises:
        DataError: podium writes no texts.
    """
    if not isinstance(labels.column, str) or not labels.kind.is_exclusive:
        return
    if labels.column not in table:
        return
    cells = table[labels.column][table[labels.column] != ""]
    values = cells.unique()
    lengths = sorted(map(len, values))
    if len(values) < max(_FEWEST_TEXTS, NEARLY_ALL * len(cells)):
        return
    # Half of these texts is longer than a name; codes have one length, and few signs.
    has_signs = sum(_SIGN.search(one) is not None for one in values) >= NEARLY_ALL * len(values)
    if lengths[len(lengths) // 2] < _SHORTEST_TEXT:
        return
    if not has_signs and len(set(lengths)) < _FEWEST:
        return
    raise DataError(
        f"{labels.column} has {plural(len(values), 'text')} in {plural(len(cells), 'row')}, as "
        f"{shortened(values[0], 60)!r}: nearly every image has one of its own, and podium predicts "
        "classes, numbers and masks, and writes no texts",
        where=folder.path / path,
        fix="name another column to predict, --label COLUMN; where the texts are classes all the "
        f"same, --label {labels.column}",
    )


def refuse_sequences(
    folder: DataFolder, path: str, table: pd.DataFrame, labels: InferredLabels
) -> None:
    """Raise where lists of labels hold a name several times: their order or number counts.

    Not where a text scores them as sets, as by F1.

    Args:
        path: of the table of train.
        table: of train.
        labels: its labels.

    Raises:
        DataError: podium predicts which labels an image has, and no sequences.
    """
    if labels.separator is None or not isinstance(labels.column, str):
        return
    lists = {cell: cell.split(labels.separator) for cell in table[labels.column]}
    several = [cell for cell in table[labels.column] if len(lists[cell]) > 1]
    repeating = [cell for cell in several if len(set(lists[cell])) < len(lists[cell])]
    if len(repeating) < max(_FEWEST, _OFTEN * len(several)):
        return
    if find_readme_metrics(folder, image_kind("multilabel"), IMAGES):
        return  # a score of sets counts a name once
    raise DataError(
        f"{len(repeating):,} of {plural(len(several), 'list')} of {labels.column} hold a name "
        f"several times, as {shortened(repeating[0], 60)!r}: these are sequences, or a name an "
        "object, and podium predicts which labels an image has",
        where=folder.path / path,
        fix="where neither order nor number counts, write each name once an image; for numbers of "
        "objects, write a column of numbers for each name",
    )


def columns_of_classes(
    folder: DataFolder,
    table: pd.DataFrame,
    labels: InferredLabels,
    sample: SampleSubmission | None,
) -> InferredLabels:
    """Return labels, of columns of numbers that hold those of classes as a class of each column.

    They are whole numbers without a gap, from 0 or 1, and a text scores classes and no numbers. Or
    the sample submission has words for one of them.

    Args:
        table: of train.
        labels: of `table`.

    Raises:
        DataError: the sample has words where train has numbers.
    """
    if labels.column is None or not (labels.kind.is_by_column and labels.kind.is_continuous):
        return labels
    columns = labels.column_names
    if len(columns) < 2:
        return labels
    why = _words_of_sample(sample, labels.classes)
    if why:
        raise DataError(
            f"each image has a class in each of {plural(len(columns), 'column')} "
            f"({some(columns, 4)}), as {why}, and train has numbers",
            where=folder.path,
            fix="write the words of the sample submission into these columns of train",
        )
    named = find_readme_metrics(folder, image_kind("multiclass"), IMAGES)
    if not named or find_readme_metrics(folder, labels.kind, IMAGES):
        return labels
    if not all(are_numbered(table[one]) for one in columns):
        return labels
    why = (
        f"{named[0].path} scores by {named[0].called!r}, and these columns hold numbers of classes"
    )
    return labels_of_outputs(table, columns, labels.classes, why)


def _words_of_sample(sample: SampleSubmission | None, asked: Sequence[str]) -> str:
    """Return which of the sample's columns `asked` holds words, as the end of a sentence, or "".

    One word in all cells is a placeholder.
    """
    if sample is None:
        return ""
    for name in sample.values:
        cells = known_cells(sample.table[name])
        are_words = cells.nunique() > 1 and cells.str.contains(r"[^\W\d_]{2}").all()
        if name in asked and are_words:
            shown = some(sorted(set(cells)), 2)
            return f"{name} of the sample submission holds words ({shown})"
    return ""


def coded_masks_column(sample: SampleSubmission) -> str:
    """Return the column of the sample whose cells end with a packed mask of COCO; "" without.

    As `0 1 eNoLCAgIMAEABJkBdQ==`: text of base 64 that is packed by zlib.
    """
    for name in sample.values:
        cells = sample.table[name][sample.table[name] != ""].unique()[:_PROBED]
        if len(cells) and all(map(_is_packed, cells)):
            return name
    return ""


_PROBED = 8


def _is_packed(cell: str) -> bool:
    """Return whether a cell ends with base 64 whose bytes begin as those of zlib do (RFC 1950)."""
    try:
        packed = base64.b64decode(cell.split()[-1], validate=True)
    except (ValueError, IndexError):
        return False
    is_deflated = len(packed) >= _FEWEST_BYTES and packed[0] & 15 == 8
    return is_deflated and (packed[0] * 256 + packed[1]) % 31 == 0


_FEWEST_BYTES = 8
