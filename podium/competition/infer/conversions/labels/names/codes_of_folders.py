"""Class folders whose codes are sent: `good/1.jpg`, and a legend with `1 = good`.

The file to send has codes of a host, and neither names nor places of classes.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.columns.further_columns import holds_no_codes
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import OF_TRAIN, DataFolder, folder_levels
from podium.competition.infer.ids.keys import splits_of
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.parts.folders import find_class_folders
from podium.competition.infer.readme.texts import cells_of_row, is_text, texts_as_written
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


def labels_of_codes(data: CompetitionData) -> MadeTable | None:
    """Return a table with the code of each image's class folder; None where no legend has these.

    A legend is a table or a text with a code for each name of a folder. It counts where the sample
    submission has one column of answers, with codes, or ids with a code behind the image; where it
    has one word in every row, its column may be called as that of the codes instead. Images in a
    folder that the legend lacks have a blank cell. Codes that are the places of the names, from 0,
    need no table.

    Where some folders lie deeper, as `other/bent` beside `scratched`, a class is the outermost
    folder that the legend has; the one folder that it lacks is of its one name left.

    None is made where another table has rows of images of train, or where two legends, or two
    columns of one, differ and neither is called as the sample's column.

    Args:
        data: with the images, in class folders.

    Returns:
        The table; the legend is the last of its sources.
    """
    folder, sample = data.folder, data.sample
    if sample is None or len(sample.values) != 1:
        return None
    if in_ids := _codes_in_ids(folder, sample):
        return _labels_of_outer_folders(data, sample, in_ids, _COLUMN)
    asked = sample.values[0]
    sent = set(sample.table[asked])
    if (nested := _labels_of_outer_folders(data, sample, sent, asked)) is not None:
        return nested
    folders = find_class_folders(folder, sample)
    if folders is None or folders.group is not None or folders.other is not None:
        return None
    if not sent or sent & set(folders.classes):
        return None
    legends = list(_legends(data, folders.classes))
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
    for path, table in data.tables.items():
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


_COLUMN = "class"


def _codes_in_ids(folder: DataFolder, sample: SampleSubmission) -> set[str]:
    """Return the words behind the image in ids of a row an image and class: `7.png|bent`."""

    def is_to_predict(name: str) -> bool:
        return any(image.part == "test" for image in folder.named(name))

    cells = list(sample.table[sample.id])
    splits = [one for one in splits_of(cells, is_to_predict) if not one.n_other]
    names = next((one.names for one in splits), [])
    is_each = len(names) * len({*splits[0].ids}) == len(cells) if names else False
    return {*names} if is_each and not all(one.isdecimal() for one in names) else set()


def _labels_of_outer_folders(
    data: CompetitionData, sample: SampleSubmission, sent: Collection[str], asked: str
) -> MadeTable | None:
    """Return a table with the code of the outermost folder of each image that a legend names.

    None where all folders lie equally deep, or legends differ; else as `labels_of_codes`. A legend
    may explain a name in brackets.

    Args:
        data: as of `labels_of_codes`.
        sent: the codes of the sample.
        asked: the column for them.
    """
    folder = data.folder
    images = folder.of_part(*OF_TRAIN)
    if not images or folder_levels(images) is not None or not sent:
        return None
    if any(match_of_train(folder, *one) is not None for one in data.tables.items()):
        return None
    found = list[tuple[str, str, list[str]]]()
    for path, table in [*data.tables.items(), *_tables_in_texts(folder)]:
        columns = [one for one in table if table[one].is_unique and not holds_no_codes(table[one])]
        for name, key in itertools.permutations(map(str, columns), 2):
            bare = [_IN_BRACKETS.sub("", cell) for cell in table[name]]
            names = bare if len({*bare}) == len(bare) else table[name]
            codes = dict(zip(names, table[key], strict=True))
            outer = [
                next((one for one in image.folder.split("/") if one in codes), "")
                for image in images
            ]
            lacking = {one.folder for one, label in zip(images, outer, strict=True) if not label}
            left = [one for one in codes if one not in outer]
            if not {*sent} <= {*codes.values()} or len({*outer} - {""}) < _FEWEST:
                continue
            if lacking and (len(lacking) > 1 or len(left) != 1):
                continue
            labels = [codes[one or left[0]] for one in outer]
            told = [f"{code} for {one}" for one, code in codes.items()]
            reader = f"the outermost folder of each image in {path}, by its codes: {some(told)}"
            if lacking:
                reader += f"; {lacking.pop()} is taken for {left[0]}, the only one without a folder"
            found.append((path, reader, labels))
    if not found or any(labels != found[0][2] for *_, labels in found):
        return None
    path, reader, labels = found[0]
    rows = zip((image.path for image in images), labels, strict=True)
    table = pd.DataFrame(rows, columns=["image", asked], dtype=object)
    return MadeTable((sample.path, path), reader, table)


_IN_BRACKETS = re.compile(r"(?<=\w)\s*[(（][^()（）]*[)）]$")


def _tables_in_texts(folder: DataFolder) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each table that a text has in Markdown: rows between `|`, below a line of `---`."""
    for path, text in texts_as_written(folder):
        for found in re.finditer(
            r"(?m)^\s*\|.*\|\s*\n\s*\|[-:| ]+\|\s*\n(?:\s*\|.*\|\s*(?:\n|\Z))+", text
        ):
            lines = found[0].strip().splitlines()
            header, _, *rows = ([cell.strip(" `*") for cell in cells_of_row(one)] for one in lines)
            if len({*header}) == len(header) and all(len(row) == len(header) for row in rows):
                yield path, pd.DataFrame(rows, columns=header, dtype=object)


def _legends(data: CompetitionData, classes: Sequence[str]) -> Iterator[_Legend]:
    """Yield each table or text that has one code of nearly each class."""
    folder = data.folder
    found = list[_Legend]()
    for path, table in [*data.tables.items(), *_tables_in_texts(folder)]:
        columns = [one for one in table if table[one].is_unique and not holds_no_codes(table[one])]
        for name, key in itertools.permutations(map(str, columns), 2):
            codes = dict(zip(table[name], table[key], strict=True))
            found.append(_Legend(path, key, {one: codes[one] for one in classes if one in codes}))
    for path in dict.fromkeys((*folder.texts, *folder.others)):
        file = folder.path / path
        if not is_text(path) or file.stat().st_size > _LARGEST:
            continue
        text = read_text(file, folder)
        found += [_Legend(path, "", codes) for codes in _codes_in(text, classes)]
    for one in found:
        n_unknown = len(classes) - len(one.codes)
        is_code_a_class = len(set(one.codes.values())) == len(one.codes)
        if len(one.codes) >= _FEWEST and n_unknown <= _MOST_UNKNOWN and is_code_a_class:
            yield one


_CODE_AT_END = re.compile(r"(?<![\w.])\w{1,10}\Z")
_CODE_AT_START = re.compile(r"\w{1,10}(?![\w.])")
_QUOTES = ("'", '"', "`")
_MOST_BLANKS = 32  # on either side of a sign


def _codes_in(text: str, classes: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield the one code of each class that a text has before its name, and the one behind it.

    As in `1 = good`, and in `good: 1`. Classes with none, or with several, lack. The text is read
    once, as there may be a thousand classes.
    """
    known, lengths = {*classes}, {len(one) for one in classes}
    reach = max(lengths) + _MOST_BLANKS
    ahead: dict[str, set[str]] = defaultdict(set)
    behind: dict[str, set[str]] = defaultdict(set)
    for sign in re.finditer("[=:]", text):
        left = text[max(0, sign.start() - reach) : sign.start()].rstrip()
        right = text[sign.end() : sign.end() + reach].lstrip()
        bare = right[right.startswith(_QUOTES) :]
        for name in (bare[:n] for n in lengths):
            if name in known and not re.match(r"\w", bare[len(name) :]):
                code = _CODE_AT_END.search(left)
                ahead[name].update([] if code is None else [code[0]])
        bare = left[: len(left) - left.endswith(_QUOTES)]
        for name in (bare[-n:] for n in lengths):
            if name in known and not re.search(r"\w\Z", bare[: -len(name)]):
                code = _CODE_AT_START.match(right)
                behind[name].update([] if code is None else [code[0]])
    for found in (ahead, behind):
        yield {name: min(found[name]) for name in classes if len(found[name]) == 1}
