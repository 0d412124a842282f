"""The values of mask files, as `data.train.mask_values` names them, tested against the data.

What stands in competition.yaml is one hypothesis more beside the orders of a list of names and what
the runs of each class show. It is replaced only by a reading that is contradicted less often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from podium.competition.calibrate.codec import Certainty
from podium.competition.calibrate.sample import CalibratedParameter
from podium.competition.ids.patterns import file_stem
from podium.competition.infer.classes.names import find_class_names
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import DataFolder
from podium.competition.infer.masks.content import border_of, read_values
from podium.competition.infer.masks.files import RunAreas
from podium.competition.infer.masks.values import (
    ClassNames,
    ValueNames,
    count_value_faults,
    is_background,
    name_values,
    one_channel,
)
from podium.competition.infer.sample.runs import find_runs, run_areas
from podium.competition.infer.tasks.settle import with_listed_names
from podium.competition.spec import Competition
from podium.competition.truths.masks import MaskRef
from podium.errors import either

__all__ = ["value_parameters"]


def value_parameters(
    competition: Competition,
    samples: pd.DataFrame,
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
) -> list[CalibratedParameter]:
    """Return `data.train.mask_values` and `ignore`; [] where mask files hold no numbered classes.

    Args:
        competition: whose masks.
        samples: of train.
        folder: of the data, with a list of names, if there is one.
        tables: of the folder, by path; one may hold the runs of each class.
    """
    if not _has_values(competition):
        return []
    refs: list[MaskRef | None] = list(samples["mask"])
    paths = {
        competition.root / ref.files[0]: str(first)
        for ref, first in zip(refs, samples["images"].str[0], strict=True)
        if ref is not None and ref.files
    }
    names = find_class_names(CompetitionData(folder, tables))
    names = names and replace(names, sent=tuple(competition.classes))
    runs = find_runs(CompetitionData(folder, tables))
    areas: RunAreas = {} if runs is None else run_areas(runs, tables[runs.path], folder)
    if names is not None:
        areas = with_listed_names(areas, names)
    stems = {path: file_stem(image) for path, image in paths.items()}
    of_files = {path: (stem, areas[stem]) for path, stem in stems.items() if stem in areas}
    read = read_values(list(paths), of_files)
    if read is None:
        return []
    opened = _open_ignore(competition)
    now = _present(competition)
    written = _as_written(competition)
    channel = one_channel(read.found, names)
    found, border, pixels = read.found, read.border, read.areas
    if channel is not None:
        numbers = list(channel.numbers.values())
        found, border, pixels = [*numbers], border_of(numbers), channel.areas(pixels)
        values = tuple(channel.plain(dict(now.names)).items())
        now = ValueNames(values, channel.plain_value(now.ignore))
    if _are_values(now):
        names = None  # the sample has the numbers in place of names
    if names is None and not read.areas:
        return opened
    all_read = read.n_read == read.n_files
    choice = name_values(found, names, border, pixels, all_read=all_read)
    tested = _as_listed(now, names, competition)
    against, why_not = count_value_faults(tested, found, names, pixels, all_read=all_read)
    if not against and choice is not None and choice.sure == "certain":
        why_not = _other_name(tested, choice.chosen.value, competition)
        against = int(bool(why_not))
    if choice is None or against <= choice.chosen.n_against:
        sure: Certainty = "certain" if not against else "likely"
        why = (
            f"{either(read.n_read, 'mask holds', 'masks hold')} "
            f"{', '.join(map(str, read.found[:6]))}"
        )
        why += "" if not against else f"; {why_not}, and no other reading fits better"
        return [CalibratedParameter("data.train.mask_values", written, sure, why, written), *opened]
    choice = choice if channel is None else channel.choice(choice)
    best = choice.chosen.value
    why = f"{choice.chosen.why}; as it is now, {why_not}"
    named = _with_known_names(dict(best.names), competition)
    if named is None or choice.sure == "not sure":
        fix = f"write it by hand, perhaps {dict(best.names)}, with these names in classes"
        return [
            CalibratedParameter("data.train.mask_values", written, "not sure", why, written, fix),
            *opened,
        ]
    parameters = [
        CalibratedParameter("data.train.mask_values", named, choice.sure, why, written, is_key=True)
    ]
    if best.ignore != competition.data.train.ignore and not opened:
        unused = f"{best.ignore} is the value of no class"
        ignored = competition.data.train.ignore
        parameters.append(
            CalibratedParameter(_IGNORE, best.ignore, choice.sure, unused, ignored, is_key=True)
        )
    return [*parameters, *opened]


_IGNORE = "data.train.ignore"


def _open_ignore(competition: Competition) -> list[CalibratedParameter]:
    """Return the value that is excluded as not sure, while a person has not chosen it."""
    if _IGNORE not in competition.to_choose:
        return []
    now = competition.data.train.ignore
    why = "a value of the masks may be background, or pixels that are not scored"
    fix = f"choose {_IGNORE}: podium choose"
    return [CalibratedParameter(_IGNORE, now, "not sure", why, now, fix)]


def _are_values(now: ValueNames) -> bool:
    """Return whether classes are called by the values of their pixels."""
    named = [(value, name) for value, name in now.names if name != "background"]
    return bool(named) and all(
        isinstance(value, int) and name.isdecimal() and int(name) == value for value, name in named
    )


def _other_name(now: ValueNames, listed: ValueNames, competition: Competition) -> str:
    """Return a value that a list names as another class than competition.yaml does; else ""."""
    known, names = set(competition.classes), dict(listed.names)
    return next(
        (
            f"{value} is {name}, and {names[value]} in the list"
            for value, name in now.names
            if name != names.get(value, name) and {name, names[value]} <= known
        ),
        "",
    )


def _as_listed(now: ValueNames, names: ClassNames | None, competition: Competition) -> ValueNames:
    """Return the present values with the names of a list for what is background and no class."""
    listed = {} if names is None else names.named
    return ValueNames(
        tuple(
            (value, listed[value])
            if name == "background"
            and listed.get(value, name) not in competition.classes
            and value in listed
            else (value, name)
            for value, name in now.names
        ),
        now.ignore,
    )


def _has_values(competition: Competition) -> bool:
    if not competition.has_masks or not isinstance(competition.data.train.mask, str):
        return False
    kind = competition.mask_kind
    by_file = competition.masks_by_class or competition.masks_by_object
    return not by_file and not kind.is_yes_no and not kind.finds_objects


def _present(competition: Competition) -> ValueNames:
    """Return the values as competition.yaml names them, those of the default included."""
    train = competition.data.train
    named: dict[int | str, str] = {0: "background"}
    named |= dict(enumerate(competition.classes, start=1))
    return ValueNames(tuple((train.mask_values or named).items()), train.ignore)


def _as_written(competition: Competition) -> dict[int | str, str] | None:
    values = competition.data.train.mask_values
    return None if values is None else dict(values)


def _with_known_names(
    named: Mapping[int | str, str], competition: Competition
) -> dict[int | str, Any] | None:
    """Return the names as competition.yaml may have them; None where classes are other ones."""
    found = {value: "background" if is_background(name) else name for value, name in named.items()}
    return found if set(found.values()) - {"background"} == set(competition.classes) else None
