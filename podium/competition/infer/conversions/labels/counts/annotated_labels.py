"""Labels that annotation tools give: what was chosen for an image, or how many objects it has.

7.jpg: point of adult, point of adult, point of chick        image,adult,chick
8.jpg: nothing                                           →   7.jpg,2,1
                                                             8.jpg,0,0
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from podium.competition.infer.annotations.shapes import (
    AREAS,
    DIFFICULT,
    AnnotatedImage,
    Annotations,
    at_size_of_picture,
)
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.masks.outlines import drawn_objects
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.readme.texts import SENTENCE_END, texts_as_written, texts_beside
from podium.competition.infer.sample.runs import split_keys
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import is_called
from podium.competition.phrases import any_phrase, plain_text
from podium.competition.spelling import name_words, plain_spelling, singular_words
from podium.errors import DataError, plural, some

__all__ = [
    "classes_of_rows",
    "labels_of_columns",
    "labels_of_images",
    "numbers_of_shapes",
    "text_asks_how_many",
]


def labels_of_images(annotations: Annotations) -> MadeTable | None:
    """Return a row an image, with what was chosen for it as a whole; None where shapes were drawn.

    Images for which nothing was chosen have blank cells.
    """
    images = annotations.images
    names = list(dict.fromkeys(name for one in images for name in one.labels))
    if not names or any(one.shapes for one in images):
        return None
    column = _image_column(names)
    cells = _cells([one.image for one in images], "name")
    rows = [
        {column: cell, **{name: one.labels.get(name, "") for name in names}}
        for cell, one in zip(cells, images, strict=True)
    ]
    reader = f"what {annotations.reader.replace('outlines', 'the files')} have of whole images"
    return MadeTable(annotations.sources, reader, pd.DataFrame(rows, dtype=object))


def numbers_of_shapes(data: CompetitionData, annotations: Annotations) -> dict[str, MadeTable]:
    """Return tables by name with a row an image of train, and a number for each column of a sample.

    Each column is called as a label of shapes, or as the number of them all, or a text states that
    what it is called is counted. Of a sample with a row for each image and class, the columns are
    the classes. `counts.csv` has how many shapes an image has, without those that are marked as
    difficult where a text states that these do not count. Where they are areas, and no column is
    called a count, `shares.csv` has how much of the image they cover, and `percent.csv` the same as
    per cent. Images of train that no file lists have no shape; their cells are blank where the
    files list others without one. Without such columns there is no table.

    Args:
        data: without the tables of annotation tools.
        annotations: of a tool.
    """
    folder, sample = data.folder, data.sample
    if sample is None or not sample.values or not sample.has_numbers:
        return {}
    if any(set(sample.values) & {*table.columns} for table in data.tables.values()):
        return {}
    by_row, sent = classes_of_rows(folder, sample)
    images, bare, told = _images_of_train(folder, annotations, sent)
    images, of_difficult = _without_difficult(folder, images)
    told += of_difficult
    drawn = {(label, form) for one in images for label, form, _ in one.shapes}
    labels = sorted({label for label, _ in drawn})
    columns = labels_of_columns(by_row or sample.values, labels)
    may_be_all = not by_row and len(sample.values) == 1 and not sample.has_fractions
    told_count = columns is None and may_be_all
    if told_count and labels and text_asks_how_many(folder, sample.values[0]):
        columns = {sample.values[0]: tuple(labels)}
    if columns is None:
        return {}
    left = [one for one in labels if not any(one in each for each in columns.values())]
    told += f"; {some(left)} are in no column" if left else ""
    names = {one.name for one in folder.images}
    is_named = any(cell in names for cell in sample.table[sample.id])
    image = _image_column(columns)
    every = [*(one.image for one in images), *bare]
    cells = _cells(every, "name" if is_named else "stem")

    def made(numbers: Sequence[Sequence[float]], what: str) -> MadeTable:
        rows = [[f"{number:.6g}" for number in row] for row in numbers]
        rows += [["" for _ in columns] for _ in bare]
        table = pd.DataFrame(rows, columns=list(columns), dtype=object)
        table.insert(0, image, cells)
        return MadeTable(annotations.sources, f"{what}: {annotations.reader}{told}", table)

    counts = [
        [sum(label in own for label, _, _ in one.shapes) for own in columns.values()]
        for one in images
    ]
    found = {"counts.csv": made(counts, f"how many {some(list(columns))} an image has")}
    are_areas = any(form in AREAS and form != "rectangle" for _, form in drawn)
    is_count = told_count or any(map(_is_count, sample.values))
    if not are_areas or not annotations.has_outlines or is_count:
        return found
    shares = [_shares(folder, one, list(columns.values())) for one in images]
    covered = f"of an image {some(list(columns))} cover"
    found["shares.csv"] = made(shares, f"which share {covered}")
    percent = [[100 * share for share in row] for row in shares]
    return {**found, "percent.csv": made(percent, f"how many per cent {covered}")}


def classes_of_rows(
    folder: DataFolder, sample: SampleSubmission
) -> tuple[list[str], Sequence[str]]:
    """Return the classes, where the sample has a row for each image and class, and its images.

    [] of a sample with a row for each image.
    """
    cells = list(sample.table[sample.id])
    split = split_keys(cells, folder) if len(sample.values) == 1 else None
    if split is None or len(split.names) < 2:
        return [], cells
    names, ids = list(split.names), list(split.ids)
    is_of_each = len(set(cells)) == len(cells) == len(set(ids)) * len(names)
    return (names, ids) if is_of_each else ([], cells)


def _without_difficult(
    folder: DataFolder, images: Sequence[AnnotatedImage]
) -> tuple[list[AnnotatedImage], str]:
    """Return the images without shapes that do not count, and what became of such; "" of none.

    Some are marked as difficult. They count unless a text states that they do not, in the sentence
    that has that word or in the next one.
    """
    n = sum(len(one.difficult) for one in images)
    if not n:
        return [*images], ""
    marked = f"{plural(n, 'object')} marked as {DIFFICULT}"
    path = _leaves_out_difficult(folder)
    if path is None:
        return [*images], f"; {marked} count, as no text says that they do not"
    kept = [
        one._replace(
            shapes=[each for k, each in enumerate(one.shapes) if k not in one.difficult],
            difficult=frozenset(),
        )
        for one in images
    ]
    return kept, f"; without {marked}, which do not count, as {path} says"


def _leaves_out_difficult(folder: DataFolder) -> str | None:
    """Return the text by which objects that are marked as difficult do not count; None without."""
    for path, text in texts_as_written(folder):
        bare = re.sub(r"[<>*_`]+", " ", text)
        for line in bare.split("\n"):
            plain = [plain_text(one) for one in SENTENCE_END.split(line)]
            for place, one in enumerate(plain):
                near = " ".join(plain[place : place + 2])
                if re.search(rf"(?<!\w){DIFFICULT}(?!\w)", one) and any_phrase("not scored").search(
                    near
                ):
                    return path
    return None


def text_asks_how_many(folder: DataFolder, column: str) -> bool:
    """Return whether a text asks how many there are of what a column is called, in one sentence.

    As `Count the boats in each photograph.` of the column `boats`.
    """
    words = [one for one in map(plain_spelling, name_words(column)) if len(one) > 2]
    for _, text in texts_beside(folder) if words else ():
        for sentence in SENTENCE_END.split(text):
            plain = plain_text(sentence)
            named = all(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", plain) for one in words)
            if named and any_phrase("how many").search(plain):
                return True
    return False


def _images_of_train(
    folder: DataFolder, annotations: Annotations, cells: Sequence[str]
) -> tuple[list[AnnotatedImage], list[ImageFile], str]:
    """Return the images of train with their shapes, and those that no file lists.

    These have no shape; or nobody annotated them, where files list others without one.

    Args:
        annotations: of a tool.
        cells: of the sample, that name the images to predict.

    Returns:
        The images with their shapes; those that nobody annotated; what became of the latter.
    """
    train = {one.path: one for one in folder.of_part("train", "other", "holdout")}
    images = [one for one in annotations.images if one.image.path in train]
    listed, folders = {one.image.path for one in images}, {one.image.folder for one in images}
    sent = {one.path for cell in cells for one in folder.named(cell)}
    known = listed | sent
    rest = [
        one
        for path, one in train.items()
        if path not in known and one.folder in folders and one.part != "holdout"
    ]
    told = f"; {plural(len(rest), 'image')} of train that no file lists"
    if any(not one.shapes for one in images):
        return images, rest, f"{told}: blank, as others have no object" if rest else ""
    images += [AnnotatedImage("", one, None, []) for one in rest]
    return images, [], f"{told}: 0" if rest else ""


def _shares(
    folder: DataFolder, one: AnnotatedImage, columns: Sequence[Sequence[str]]
) -> list[float]:
    """Return the share of an image's pixels that shapes of the labels of each column cover."""
    sized = at_size_of_picture(folder, one)
    if sized is None or sized.size is None:
        raise DataError(
            "it cannot be opened, and shapes are drawn in it",
            where=folder.path / one.image.path,
            fix="write it anew, or take it away",
        )
    height, width = sized.size
    covered = [np.zeros((height, width), dtype=np.bool_) for _ in columns]
    for label, pixels in drawn_objects(sized):
        for plane, own in zip(covered, columns, strict=True):
            if label in own:
                plane |= pixels
    return [float(plane.mean()) for plane in covered]


def _cells(images: Sequence[ImageFile], spelling: str) -> list[str]:
    """Return how images are called: by `name` or `stem`, or by their paths where two share it."""
    cells = [str(getattr(one, spelling)) for one in images]
    return cells if len(set(cells)) == len(cells) else [one.path for one in images]


def _image_column(others: Collection[str]) -> str:
    """Return what the column of the images is called beside others."""
    return next(name for name in ("image", "file", "path of the image") if name not in others)


def _is_count(column: str) -> bool:
    return is_called(column, "count", "number")


def labels_of_columns(
    columns: Sequence[str], labels: Sequence[str]
) -> dict[str, tuple[str, ...]] | None:
    """Return the labels whose shapes each column is of; None where one is of none.

    A column is called as its label, perhaps in another number and with a word for counts beside it:
    `n_adults` of `adult`. Where no label is, a count is that of all.

    Args:
        columns: of the sample submission.
        labels: of objects.
    """
    found: dict[str, tuple[str, ...]] = {}
    for column in columns:
        own = [one for one in labels if plain_spelling(one) == plain_spelling(column)]
        own = own or [one for one in labels if singular_words(one) <= singular_words(column)]
        if len({one.strip().casefold() for one in own}) > 1:
            return None
        if not own and _is_count(column):
            own = list(labels)
        found[column] = tuple(own)
    # A column without a label would be 0 everywhere.
    return found if all(found.values()) else None
