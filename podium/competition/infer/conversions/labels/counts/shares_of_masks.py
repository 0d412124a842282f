"""Shares of an image that classes cover, which masks of train have and a file to send asks for.

masks:   1.png has the pixels 2 2 3 0; a README calls 0 outside, 2 water, 3 sand

sample:  id,outside,water,sand        table of train:  image,outside,water,sand
         9,0.0,0.3,0.7                       →         1.png,0,0.666667,0.333333
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import OF_TRAIN
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.masks.content import mask_numbers
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.masks.values import ClassNames
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.spelling import words_key
from podium.errors import some

__all__ = ["shares_of_masks"]

_FEWEST = 2
_OF_ONE = 0.01  # a sum of shares that were rounded
_DECIMALS = 6


def shares_of_masks(
    data: CompetitionData, sample: SampleSubmission, names: ClassNames
) -> MadeTable | None:
    """Return a table with the share of each class in the masks of train; None where none is asked.

    The columns of the sample are called as the values of masks are, its numbers of a row sum to 1,
    and no other table has such a column. Values whose column is 0 in every row of the sample are
    left out before pixels are counted; an image with nothing else has no row.

    Args:
        data: with images and masks.
        names: of the values of masks.
    """
    folder = data.folder
    asked = _values_by_column(data.tables, sample, names)
    if asked is None:
        return None
    of_train = folder.of_part(*OF_TRAIN)
    images = {one.stem: one for one in of_train}
    if len(images) < len(of_train):
        return None  # masks are found by their names
    if any({*one.folder.split("/")} & {*asked} for one in of_train):
        return None  # class folders, whose probabilities are asked
    shares = dict[str, list[str]]()
    for mask in train_masks(folder):
        pixels = mask_numbers(folder.path / mask.path)
        image = images.get(mask.stem)
        if pixels is None or image is None or not {*np.unique(pixels).tolist()} <= {*names.named}:
            return None
        counts = np.array([np.sum(pixels == value) for value in asked.values()], dtype=float)
        if total := counts.sum():
            shares[image.path] = [f"{one:.{_DECIMALS}g}" for one in counts / total]
    if not shares:
        return None
    left_out = [name for name in sample.values if name not in asked]
    of_image = {path: dict(zip(asked, each, strict=True)) for path, each in shares.items()}
    reader = f"the share of the pixels of each mask that are {some(list(asked))}, by {names.path}"
    reader += f", without those that are {some(left_out)}" if left_out else ""
    for path, table in data.tables.items():
        match = match_of_train(folder, path, table)
        if match is not None and {*shares} <= match.paths:
            rows = [image is not None and image.path in shares for image in match.images]
            own = [of_image[one.path] for one in match.images if one and one.path in shares]
            wide = match.table[rows].reset_index(drop=True).astype(object)
            cells = pd.DataFrame(own, dtype=object).assign(**dict.fromkeys(left_out, "0"))
            table = pd.concat([wide, cells[list(sample.values)]], axis=1)
            return MadeTable((path, names.path), f"{path} with {reader}", table)
    rows_of_all = [{"image": path, **each} for path, each in of_image.items()]
    cells = pd.DataFrame(rows_of_all, dtype=object).assign(**dict.fromkeys(left_out, "0"))
    return MadeTable((names.path,), reader, cells[["image", *sample.values]])


def _values_by_column(
    tables: Mapping[str, pd.DataFrame], sample: SampleSubmission, names: ClassNames
) -> dict[str, int] | None:
    """Return the value of masks of each column that the sample has other numbers than 0 of."""
    if len(sample.values) < _FEWEST:
        return None
    numbers = [numbers_of(sample.table[one]) for one in sample.values]
    if any({*map(str, table)} & {*sample.values} for table in tables.values()):
        return None
    if any(one is None for one in numbers):
        return None
    cells = np.array(numbers, dtype=float)
    if cells.min() < 0 or np.abs(cells.sum(axis=0) - 1).max() > _OF_ONE:
        return None
    of_name = {
        words_key(name): value for value, name in names.named.items() if isinstance(value, int)
    }
    if not {*map(words_key, sample.values)} <= {*of_name}:
        return None
    kept = [name for name, each in zip(sample.values, cells, strict=True) if each.any()]
    return {name: of_name[words_key(name)] for name in kept}
