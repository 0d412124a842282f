"""Directions in other units than degrees from 0 and below 360, and columns that may hold some."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass

import numpy as np
import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import may_be_train_table
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.labels.cells import known_cells, numbers_of
from podium.competition.infer.labels.column_names import named_columns
from podium.competition.infer.readme.metrics import readme_axes
from podium.competition.truths.turns import (
    COMPASS,
    DEGREES,
    TURNS,
    AngleUnit,
    Directions,
    is_called_direction,
    is_whole_turn,
)

__all__ = ["FoundDirections", "find_angle_unit", "find_directions"]


@dataclass(frozen=True)
class FoundDirections:
    """What was found out about directions.

    Attributes:
        path: of a table of train.
        table: with degrees in place of its directions; None where these are degrees.
        unit: of these.
        notes: on columns that may hold directions, and are taken for something else.
    """

    path: str = ""
    table: MadeTable | None = None
    unit: Directions = "degrees"
    notes: tuple[str, ...] = ()


def find_directions(data: CompetitionData, *, label: str | None = None) -> FoundDirections:
    """Return the answers of train that are directions by their name, and in another unit.

    Such numbers lie all around a turn. Without a sample submission it is the last column of a table
    that is called so.

    Args:
        label: the column to predict, where a person names it: no other one counts.
    """
    sample = data.sample
    notes: list[str] = []
    for path, table in data.tables.items():
        if not may_be_train_table(path):
            continue
        own = [str(one) for one in table.columns]
        asked = own[-1:] if sample is None else [one for one in own if one in sample.values]
        asked = asked if label is None else named_columns(label, own)
        # Numbers beside names are no labels of one kind: these are learnt alone.
        are_numbers = all(numbers_of(table[one]) is not None for one in asked)
        called = [one for one in asked if is_called_direction(one)]
        if not called or match_of_train(data.folder, path, table) is None:
            continue
        for column in called:
            cells = known_cells(table[column])
            turn = find_angle_unit(cells)
            axis = find_angle_unit(cells, of_axes=True) if turn is None else None
            why_axis = "" if axis is None else readme_axes(data.folder)
            if axis is not None and why_axis and len(asked) == 1:
                turn = axis
            if {cell.casefold() for cell in cells} <= COMPASS:
                notes.append(
                    f"{column} names directions, as {cells.iloc[0]}: they are taken as classes, of "
                    "which none is nearer to another; where the host scores angles, write degrees"
                )
            elif turn is not None and len(asked) > 1 and not are_numbers:
                if turn is not DEGREES:
                    notes.append(
                        f"{column} holds directions in {turn.name}, and is not written in degrees "
                        f"beside names: podium init --label {shlex.quote(column)} does so"
                    )
            elif turn is not None and len(asked) > 1:
                notes.append(
                    f"{column} holds directions, and they are taken as plain numbers beside "
                    "others, so that both sides of the end of a turn are far apart: predict its "
                    "cosine and sine, or keep it alone with --label"
                )
            elif turn is None and axis is not None:
                alone = "keep it alone with --label, " if len(asked) > 1 else ""
                notes.append(
                    f"{column} holds plain numbers, as they are taken: if they come round at 180, "
                    f'as axes do, {alone}say so in a text beside the data ("modulo 180"), and '
                    "repeat podium init: they are learnt as directions of twice the angle"
                )
            elif turn is not None and turn is not DEGREES:
                degrees = {cell: repr(turn.degrees(cell)) for cell in cells.unique()}
                made = table.assign(**{column: table[column].replace(degrees)})
                reader = f"{path} with {column} in degrees, from {turn.name}"
                if turn.is_of_axes:
                    reader += f": twice the angle, as {why_axis}"
                found = MadeTable((path,), reader, made)
                return FoundDirections(path, found, turn.name, tuple(notes))
    return FoundDirections(notes=tuple(notes))


def find_angle_unit(cells: pd.Series[str], *, of_axes: bool = False) -> AngleUnit | None:
    """Return the unit in which cells are directions, or axes, all around; None: they are of none.

    Example:
        >>> find_angle_unit(pd.Series([str(n / 2 - 3.1) for n in range(13)])).name
        'signed radians'
    """
    numbers = pd.to_numeric(cells, errors="coerce")
    if not len(numbers) or numbers.isna().any() or math.isinf(float(numbers.abs().max())):
        return None
    # A whole turn of a smaller unit is a small part of one of a larger.
    turns = [one for one in TURNS.values() if one.is_of_axes == of_axes]
    ordered = sorted(turns, key=lambda one: one.size)
    each = numbers.to_numpy(dtype=np.float64)
    return next((one for one in ordered if is_whole_turn(each, one)), None)
