"""The class of an image whose shapes are all of one, where a class and one mask are to be sent.

classes.txt: 0 normal, 1 crack …   7.json: two outlines of Crack   sample: image_id,label,rle
→  labels.csv: 7,1                 and both outlines in one mask
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from podium.competition.infer.annotations.shapes import AREAS, AnnotatedImage, Annotations
from podium.competition.infer.classes.names import find_class_names
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.labels.negatives import is_called_none
from podium.competition.infer.readme.texts import SENTENCE_END, sentences_beside
from podium.competition.infer.sample.runs import runs_column
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import meaning_words
from podium.competition.phrases import any_phrase, any_word, plain_text
from podium.competition.spelling import name_words
from podium.errors import plural

__all__ = ["classes_of_shapes"]

_ONE_MASK = "foreground"


def classes_of_shapes(
    data: CompetitionData, annotations: Annotations
) -> tuple[Annotations, MadeTable] | None:
    """Return the shapes of all classes as those of one mask, and the class of each image; or None.

    A row of the sample has an image, a class that no table has, and one mask. The shapes of an
    image have one name, but for case and blanks, which is that of a class. An image without shapes
    is of the one class that no shape has, which is called as nothing; so is one without a file
    where a text states it. Where the latter is not told, there is no such reading.

    Args:
        data: without the tables of annotation tools.
        annotations: of a tool.
    """
    folder, sample = data.folder, data.sample
    column = _column_of_class(data.tables, sample)
    if sample is None or column is None or not annotations.has_outlines:
        return None
    train = {one.path: one for one in folder.of_part("train", "other", "holdout")}
    images = [one for one in annotations.images if one.image.path in train]
    shapes = [shape for one in images for shape in one.shapes]
    own = [{_plain(label) for label, _, _ in one.shapes} for one in images]
    labels = sorted(set[str]().union(*own))
    if len(labels) < 2 or any(len(each) > 1 for each in own):
        return None
    if not all(form in AREAS for _, form, _ in shapes):
        return None
    spelt = _spelt(data, labels, list(sample.table[column].unique()))
    if spelt is None:
        return None
    cells, nothing, words = spelt
    rest, told = _without_file(folder, train, images), ""
    if rest or not all(own):
        told = _text_on_missing_files(folder, words) if rest else ""
        if nothing is None or (rest and not told):
            return None
    every = [*images, *(AnnotatedImage("", one, None, []) for one in rest)]
    rows = [
        (one.image.path, cells[_plain(one.shapes[0][0])] if one.shapes else nothing)
        for one in every
    ]
    one_mask = [
        one._replace(shapes=[(_ONE_MASK, form, points) for _, form, points in one.shapes])
        for one in every
    ]
    reader = f"the class of the shapes of each image: {annotations.reader}"
    if n := sum(not one.shapes for one in images):
        reader += f"; {plural(n, 'image')} without a shape: {nothing}"
    if rest:
        reader += f"; {plural(len(rest), 'image')} without a file: {nothing}, as {told}"
    table = pd.DataFrame(rows, columns=["image", column], dtype=object)
    joined = replace(annotations, images=one_mask, classes=())
    return joined, MadeTable(annotations.sources, reader, table)


def _column_of_class(
    tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None
) -> str | None:
    """Return the one column of answers beside a mask an image, where no table has it; else None."""
    runs = None if sample is None else runs_column(sample)
    if sample is None or runs is None or not sample.table[sample.id].is_unique:
        return None
    rest = [one for one in sample.values if one != runs]
    if len(rest) != 1 or any(rest[0] in table for table in tables.values()):
        return None
    return rest[0]


def _spelt(
    data: CompetitionData, labels: Sequence[str], sent: Sequence[str]
) -> tuple[dict[str, str], str | None, frozenset[str]] | None:
    """Return how each label is sent, how that of nothing is, and the words for nothing.

    By the names of the sample, or by the numbers that a list has for the names. None where a label
    has no such name, or the sample has others.
    """
    names = {cell: cell for cell in sent}
    if all(cell.isdecimal() for cell in sent):
        listed = find_class_names(data)
        if listed is None or not all(isinstance(one, int) for one in listed.named):
            return None
        names = {str(number): name for number, name in listed.named.items()}
        if not {*sent} <= names.keys():
            return None
    else:
        known = {*map(_plain, sent)}
        names |= {one: one for one in labels if one not in known}
    cells = {}
    for label in labels:
        own = [cell for cell, name in names.items() if _is_name(label, name)]
        if len(own) != 1:
            return None
        cells[label] = own[0]
    rest = {cell: name for cell, name in names.items() if cell not in cells.values()}
    if len(rest) > 1 or not all(map(is_called_none, rest.values())):
        return None
    words = {word.casefold() for name in rest.values() for word in name_words(name)}
    return cells, next(iter(rest), None), frozenset(words)


def _is_name(label: str, name: str) -> bool:
    """Return whether a label is a name, or the first words of one in two languages."""
    own, words = name_words(label), [word.casefold() for word in name_words(name)]
    return _plain(label) == _plain(name) or [word.casefold() for word in own] == words[: len(own)]


def _plain(label: str) -> str:
    return " ".join(label.split()).casefold()


def _without_file(
    folder: DataFolder, train: Mapping[str, ImageFile], images: Sequence[AnnotatedImage]
) -> list[ImageFile]:
    """Return the images beside those with a file, which have none."""
    listed, folders = {one.image.path for one in images}, {one.image.folder for one in images}
    return [
        one
        for path, one in train.items()
        if path not in listed and one.folder in folders and one.part != "holdout"
    ]


def _text_on_missing_files(folder: DataFolder, words: frozenset[str]) -> str:
    """Return the text by which images without a file are of the class of `words`; "" without.

    A sentence that denies it tells nothing.
    """
    without, negation = any_phrase("without labels"), any_word("negation")
    for path, sentence in sentences_beside(folder, end=SENTENCE_END):
        plain = plain_text(sentence)
        rest = without.sub(" ", plain)
        is_denied = any_phrase("denial").search(rest) or re.search(negation, rest)
        if without.search(plain) and _has_word(rest, words) and not is_denied:
            return f"{path} says {' '.join(sentence.split())!r}"
    return ""


def _has_word(text: str, words: frozenset[str]) -> bool:
    """Return whether a text has one of the words, as a whole where blanks part words."""
    called = words & (meaning_words("none") | {"normal"})
    return any(
        re.search(rf"(?<![a-z]){re.escape(one)}(?![a-z])" if one.isascii() else one, text)
        for one in called
    )
