"""Class folders whose codes are sent: `good/1.jpg`, and a legend with `1 = good`.

The file to send has codes of a host, and neither names nor places of classes.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from podium.competition.infer.conversions.labels.further_columns import (
    holds_no_codes,
    lists_of_classes,
)
from podium.competition.infer.conversions.tables.made_tables import MadeTable
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.parts.folders import find_class_folders
from podium.competition.infer.readme.texts import TEXT_SUFFIXES
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.spelling import name_words
from podium.errors import some

__all__ = ["labels_of_codes"]

_LARGEST = 1_000_000  # bytes of a text
_FEWEST = 2  # classes that a legend tells
_MOST_UNKNOWN = 1
"""So many class folders may be lacking in the legend: that of images which nobody labelled."""


@dataclass(frozen=True)
class _Legend:
    """The codes that a table or a text has of class folders.

    Attributes:
        path: of the table or the text.
        column: with the codes; "" of a text.
        codes: by the name of the folder.
    """

    path: str
    column: str
    codes: Mapping[str, str]


def labels_of_codes(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table with the code of each image's class folder; None where no legend has these.

    A legend is a table or a text with a code for each name of a folder. It counts where the sample
    submission has one column of answers, with codes; where it has one word in every row, its column
    may be called as that of the codes instead. Images in a folder that the legend lacks have a
    blank cell. Codes that are the places of the names, from 0, need no table.

    None is made where another table has rows of images of train, or where two legends, or two
    columns of one, differ and neither is called as the sample's column.

    Args:
        folder: with the images, in class folders.
        tables: by path, without the sample submission.
        sample: the sample submission.

    Returns:
        The table; the legend is the last of its sources.
    """
    folders = find_class_folders(folder, sample)
    if folders is None or folders.group is not None or folders.other is not None:
        return None
    if sample is None or len(sample.values) != 1:
        return None
    asked = sample.values[0]
    sent = set(sample.table[asked])
    if not sent or sent & set(folders.classes):
        return None
    legends = list(_legends(folder, tables, folders.classes))
    named = [one for one in legends if name_words(one.column) == name_words(asked)]
    fitting = [
        one
        for one in legends
        if sent <= set(one.codes.values()) or (one in named and len(sent) == 1)
    ]
    fitting = [one for one in fitting if one in named] or fitting
    if not fitting or any(one.codes != fitting[0].codes for one in fitting):
        return None
    legend = fitting[0]
    if list(legend.codes.values()) == [str(n) for n in range(len(folders.classes))]:
        return None  # places from 0, which are sent of names as they are
    for path, table in tables.items():
        # A legend may name an image of each class by chance: `oak,7` beside oak/oak7.jpg.
        is_legend = path == legend.path and len(table) < len(folders.images)
        if not is_legend and match_of_train(folder, path, table) is not None:
            return None
    rows = [
        (image.path, legend.codes.get(label, ""))
        for image, label in zip(folders.images, folders.labels, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["image", asked], dtype=object)
    told = some([f"{code} for {name}" for name, code in legend.codes.items()])
    reader = f"the class folder of each image, by the codes of {legend.path}: {told}"
    return MadeTable((sample.path, legend.path), reader, table)


def _legends(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], classes: Sequence[str]
) -> Iterator[_Legend]:
    """Yield each table or text that has one code of nearly each class."""
    found = list[_Legend]()
    for path, table in lists_of_classes(None, tables, ""):
        columns = [one for one in table if table[one].is_unique and not holds_no_codes(table[one])]
        for name, key in itertools.permutations(map(str, columns), 2):
            codes = dict(zip(table[name], table[key], strict=True))
            found.append(_Legend(path, key, {one: codes[one] for one in classes if one in codes}))
    for path in dict.fromkeys((*folder.texts, *folder.others)):
        file = folder.path / path
        if not path.lower().endswith(TEXT_SUFFIXES) or file.stat().st_size > _LARGEST:
            continue
        text = read_text(file, folder)
        found += [_Legend(path, "", _codes_in(text, classes, form)) for form in _FORMS]
    for one in found:
        n_unknown = len(classes) - len(one.codes)
        is_code_a_class = len(set(one.codes.values())) == len(one.codes)
        if len(one.codes) >= _FEWEST and n_unknown <= _MOST_UNKNOWN and is_code_a_class:
            yield one


_FORMS = (
    r"(?<![\w.])(\w{{1,10}})\s*[=:]\s*[\"'`]?{name}(?!\w)",
    r"(?<!\w){name}[\"'`]?\s*[=:]\s*(\w{{1,10}})(?![\w.])",
)
"""How texts write codes: `1 = good`, and `good: 1`."""


def _codes_in(text: str, classes: Sequence[str], form: str) -> dict[str, str]:
    """Return the one code that a text has of each class; classes with none, or several, lack."""
    every = {one: set(re.findall(form.format(name=re.escape(one)), text)) for one in classes}
    return {one: codes.pop() for one, codes in every.items() if len(codes) == 1}
