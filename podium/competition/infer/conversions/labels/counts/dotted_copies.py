"""Pictures with a dot on each thing of an image, whose number the sample submission asks for.

They are copies of the images, or have the dots alone.

Train/7.png          the photograph             image_id,males,pups
TrainDotted/7.png    two red dots, a green  →   7,2,1

README.md: "red (255, 0, 0): males; green (0, 255, 0): pups"
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from podium.competition.infer.classes.colour_words import colour_name
from podium.competition.infer.classes.names import find_class_names
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.counts.colours_of_columns import colours_of_columns
from podium.competition.infer.conversions.labels.counts.dot_pictures import (
    find_dot_pictures,
    ground_of,
)
from podium.competition.infer.conversions.masks.copies import (
    MOST_COLOURS,
    Colour,
    find_painted_copies,
)
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.masks.search import with_train
from podium.competition.infer.parts.marked_copies import marked_folders, picture_pixels
from podium.competition.infer.sample.runs import runs_column
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import is_called
from podium.errors import DataError, plural, some

__all__ = ["CountedDots", "count_dots"]

_MOST_UNSURE = 0.05  # of the pieces of a colour: more are areas, and no dots
_MOST_TOUCHING = 0.25
_MOST_IN_A_PIECE = 3
_FEWEST_USUAL = 3


@dataclass(frozen=True)
class CountedDots:
    """The number of dots of each image, and the folder without the copies that have them."""

    folder: DataFolder
    table: MadeTable
    notes: tuple[str, ...]


class _Piece(NamedTuple):
    """Pixels of one colour that touch each other."""

    copy: str
    size: int
    is_cut: bool
    """Whether it lies at the border of the image, so that a part of it may be outside."""


def count_dots(data: CompetitionData) -> CountedDots | None:
    """Return the number of dots of each colour in the copies of images; None without such copies.

    Args:
        data: whose sample submission asks for one number or several.

    Raises:
        DataError: nothing tells of which colour the dots of a column are.
    """
    folder, sample = data.folder, data.sample
    if sample is None or not sample.values or not sample.has_numbers:
        return None
    if runs_column(sample) is not None or not sample.table[sample.id].is_unique:
        return None
    if any(set(sample.values) & {*table.columns} for table in data.tables.values()):
        return None
    # Dots alone may look like masks, or be called so.
    painted = None if train_masks(folder) else find_painted_copies(folder)
    images = find_dot_pictures(folder) if painted is None else painted[0]
    if images is None:
        return None
    places = sorted({path.rpartition("/")[0] for path in images})
    others = tuple(one for one in folder.images if one.path not in images)
    rest = replace(folder, images=with_train(others))
    counted = [path for path, image in images.items() if image.part in ("train", "other")]
    if len(counted) < len(images) or marked_folders(rest) is not None:
        return None
    own_paths = {path: image.path for path, image in images.items()}
    pieces = _pieces_of(folder, own_paths, are_copies=painted is not None)
    if pieces is None:
        return None
    of_colour, left_out = pieces
    counts = pd.DataFrame(0, index=[path for path in images if path not in left_out], columns=[])
    notes = [f"left out {path}: it is not as large as its copy" for path in left_out]
    for colour, each in of_colour.items():
        dots = _dots(each, _usual_size(each, of_colour))
        if dots is None:
            return None
        numbers, unsure = dots
        counts[colour] = pd.Series(numbers).reindex(counts.index, fill_value=0)
        if unsure:
            notes.append(
                f"dots of {colour_name(colour)} touch, overlap or are cut: "
                f"{plural(len(unsure), 'piece')} of another size than the usual one, counted by "
                f"the size: {some(unsure)}"
            )
    if not len(counts.columns) or not (counts != counts.iloc[0]).to_numpy().any():
        return None
    chosen = _colours(data, sample, of_colour, places)
    unused = [colour_name(one) for one in of_colour if one not in chosen.values()]
    if unused:
        notes.append(f"dots of {some(unused)} are of no column of {sample.path}: not counted")
    own = {one.folder for one in images.values()}
    without = sum(one.folder in own for one in rest.images)
    if without > len(counts):
        n = plural(without - len(counts), "image")
        notes.append(f"{n} without a copy with dots: left out of train")
    stems = Counter(one.stem for one in rest.of_part("train", "other"))
    names = [images[path].stem for path in counts.index]
    if any(stems[one] > 1 for one in names):
        names = [images[path].path for path in counts.index]
    table = pd.DataFrame({sample.id: names}, dtype=object)
    for column, colour in chosen.items():
        table[column] = counts[colour].astype(int).astype(str).to_list()
    told = some(
        [
            f"{column} {colour_name(colour)} {int(counts[colour].sum()):,}"
            for column, colour in chosen.items()
        ],
        len(chosen),
    )
    what = "pictures of dots" if painted is None else "copies of images"
    reader = f"the number of dots of each colour in the {what} in {some(places)}: {told}"
    return CountedDots(rest, MadeTable(tuple(images), reader, table), tuple(notes))


def _pieces_of(
    folder: DataFolder, images: Mapping[str, str], *, are_copies: bool
) -> tuple[dict[Colour, list[_Piece]], list[str]] | None:
    """Return the pieces of each colour that copies have and images have not, and copies left out.

    None where the copies differ in many colours, as those of a JPEG do.

    Args:
        images: the path of each image by that of its copy.
        are_copies: else pictures have dots alone, and differ from their ground.
    """
    found: dict[Colour, list[_Piece]] = defaultdict(list)
    left_out = []
    for path, own in images.items():
        copy, image = picture_pixels(folder.path / path), picture_pixels(folder.path / own)
        if copy is None or image is None or copy.shape != image.shape:
            left_out.append(path)
            continue
        differs = (copy != (image if are_copies else ground_of(copy))).any(axis=-1)
        colours = np.unique(copy[differs], axis=0)
        if len(colours) > MOST_COLOURS:
            return None
        for one in colours:
            plane = (copy == one).all(axis=-1)
            red, green, blue = map(int, one)
            found[red, green, blue] += _pieces(path, plane, differs)
    few = len(found) <= MOST_COLOURS and len(left_out) < 0.1 * len(images)
    return (dict(sorted(found.items())), left_out) if few else None


def _pieces(path: str, plane: NDArray[np.bool_], differs: NDArray[np.bool_]) -> list[_Piece]:
    """Return the pieces of a plane, also by corners, in which some pixel differs from the image."""
    numbered, _ = ndimage.label(plane, structure=np.ones((3, 3)))
    sizes = np.bincount(numbered.ravel())
    edges = (numbered[0], numbered[-1], numbered[:, 0], numbered[:, -1])
    cut = set(np.unique(np.concatenate(edges)).tolist())
    drawn = np.unique(numbered[differs & plane])
    return [_Piece(path, int(sizes[one]), int(one) in cut) for one in drawn]


def _usual_size(pieces: Sequence[_Piece], every: Mapping[Colour, Sequence[_Piece]]) -> int:
    """Return the size that most pieces of a colour have; of few, that of all colours."""
    for of_sizes in (pieces, [one for each in every.values() for one in each]):
        sizes = Counter(one.size for one in of_sizes if not one.is_cut)
        size, n = sizes.most_common(1)[0] if sizes else (0, 0)
        if n >= _FEWEST_USUAL:
            return size
    return Counter(one.size for one in pieces).most_common(1)[0][0]


def _dots(pieces: Sequence[_Piece], usual: int) -> tuple[dict[str, int], list[str]] | None:
    """Return the number of dots by copy, and the copies of pieces that are not of the usual size.

    None where many pieces have another size, as areas and lines have.
    """
    numbers: Counter[str] = Counter()
    unsure: list[str] = []
    n_touching = n_unsure = 0
    for one in pieces:
        n = max(1, -(-one.size // usual))
        numbers[one.copy] += n
        if one.size == usual or (one.is_cut and one.size < usual):
            continue
        if usual > 1:  # else each pixel is a dot
            unsure.append(one.copy)
        if one.size == n * usual and n <= _MOST_IN_A_PIECE:
            n_touching += 1
        else:
            n_unsure += 1
    if n_unsure > _MOST_UNSURE * len(pieces) or n_touching > _MOST_TOUCHING * len(pieces):
        return None
    return dict(numbers), unsure


def _colours(
    data: CompetitionData,
    sample: SampleSubmission,
    found: Mapping[Colour, Sequence[_Piece]],
    places: Sequence[str],
) -> dict[str, Colour]:
    """Return the colour of the dots of each column of the sample."""
    listed = find_class_names(data)
    named = {} if listed is None else {k: v for k, v in listed.named.items() if isinstance(k, str)}
    chosen, why = colours_of_columns(data.folder, sample.values, list(found), named)
    if chosen is not None:
        return chosen
    only = sample.values[0]
    is_one = len(found) == len(sample.values) == 1 and not why
    if is_one and (is_called(only, "count", "number") or not sample.has_fractions):
        return {only: next(iter(found))}
    seen = [f"{colour_name(one)} in {plural(len(each), 'piece')}" for one, each in found.items()]
    first = next(iter(found))
    raise DataError(
        f"{some(places)} looks like copies of images with dots of {some(seen, len(seen))}, and "
        f"{why or 'nothing tells'} which of these is {' and '.join(sample.values)} of the sample "
        "submission",
        where=data.folder.path,
        fix="write a line for each column into README.md in the data folder, as "
        f"{first}: {sample.values[-1]}; or count them in train.csv with the columns "
        f"{sample.id}, {', '.join(sample.values)}",
    )
