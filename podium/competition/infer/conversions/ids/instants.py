"""Images whose names are the instant of a row: a date and a time, in one column or in two.

day,clock,wind                 id,id_in_data,day,clock,wind
14.3.2026,9:15,180        →    14.3.2026/9:15,pictures/20260314_0915.jpg,14.3.2026,9:15,180
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import permutations
from typing import NamedTuple

import pandas as pd

from podium.competition.ids.rows import ids_of_rows
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.ids.columns_together import ways_to_join
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import ImageFile
from podium.competition.infer.ids.dates import date_forms
from podium.competition.infer.image_tables import IN_DATA, match_images
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import plural

__all__ = ["NamedByInstants", "find_named_by_instants"]

_IN_A_NAME = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_. ]?(\d\d)[-_. ]?(\d\d)"
    r"[-_ .T]*(\d\d)[-_.:h]?(\d\d)(?:[-_.:]?(\d\d))?(?!\d)"
)
_TIME = re.compile(r"(\d{1,2})[:.h](\d\d)(?:[:.](\d\d))?(?:\s*h)?")
_FEWEST_IMAGES = 4
_SHARE_WITH_PICTURES = 0.3  # of the rows of train: a log has hours without a picture, too
_MOST_COLUMNS = 12

_Instant = tuple[date, int, int, int]
"""Day, hour, minute, second."""


class NamedByInstants(NamedTuple):
    """Tables with a column of ids and one of files, by the path of their source.

    `test` has the images to predict; None where there is no sample submission. `sample` has one
    column of ids where two were a date and a time.
    """

    tables: dict[str, MadeTable]
    sample: SampleSubmission | None
    test: MadeTable | None


def find_named_by_instants(data: CompetitionData) -> NamedByInstants | None:
    """Return the tables and the sample submission whose rows name images by instants, or None.

    No column names images as it stands. Rows of train without an image are left out.
    """
    tables, sample = data.tables, data.sample
    images = _by_instant(one for one in data.folder.images if one.part != "mask")
    if len(images) < _FEWEST_IMAGES:
        return None
    if any(match_images(data.folder, *one, ("train", "other", "test")) for one in tables.items()):
        return None
    found = {path: each for path, one in tables.items() if (each := _named(one, images))}
    if not found:
        return None
    own = test = None
    name, template = "id", ""
    if sample is not None:
        columns = [sample.id, *sample.values]
        of_sample = _named(sample.table[columns], images, every=True)
        if of_sample is None:
            return None
        own, template = sample, f"{{{sample.id}}}"
        if len(of_sample.columns) == 2:
            joined = (one for one in ways_to_join(sample) if len(one.values) < len(sample.values))
            own = next(joined, None)
            if own is None or set(of_sample.columns) != set(columns[:2]):
                return None
            template = str(own.file["id_of"])
        name = own.id
        cells = {name: list(own.table[name]), f"{name}{IN_DATA}": of_sample.files}
        reader = f"the rows of {sample.path} with the image of each instant"
        test = MadeTable((sample.path,), reader, pd.DataFrame(cells, dtype=object))
    made = {}
    for path, one in found.items():
        rows = tables[path]
        has_same = template and all(f"{{{column}}}" in template for column in one.columns)
        pattern = template if has_same else "/".join(f"{{{column}}}" for column in one.columns)
        ids = list(ids_of_rows(rows, pattern))
        with_files = rows.drop(columns=[name] if name in rows else []).copy()
        with_files.insert(0, name, ids)
        with_files.insert(1, f"{name}{IN_DATA}", one.files)
        left = with_files[with_files[f"{name}{IN_DATA}"] != ""].reset_index(drop=True)
        n_lost = len(rows) - len(left)
        lost = f"; {plural(n_lost, 'row')} without an image left out" if n_lost else ""
        reader = f"a table with the image of each {' and '.join(one.columns)}{lost}"
        made[path] = MadeTable((path,), reader, left.astype(object))
    return NamedByInstants(made, own, test)


class _Named(NamedTuple):
    """The columns of the instants of a table, and the path of each row's image, "" without one."""

    columns: tuple[str, ...]
    files: list[str]


def _named(
    table: pd.DataFrame, images: Mapping[_Instant, ImageFile], *, every: bool = False
) -> _Named | None:
    """Return what the rows of a table name; None where they are no instants, or of few images."""
    names = [str(one) for one in table.columns[:_MOST_COLUMNS]]
    ways: list[tuple[str, ...]] = [(one,) for one in names]
    ways += list(permutations(names, 2))
    for columns in ways:
        instants = _instants([list(table[one]) for one in columns])
        if instants is None:
            continue
        files = [images[one].path if one in images else "" for one in instants]
        named = [one for one in files if one]
        enough = len(table) if every else max(_FEWEST_IMAGES, _SHARE_WITH_PICTURES * len(table))
        if len(named) >= enough and len(set(named)) == len(named):
            return _Named(columns, files)
    return None


def _instants(columns: Sequence[list[str]]) -> list[_Instant] | None:
    """Return the instant of each row, of one column or of a date and a time; None without."""
    if len(columns) == 1:
        parted = [re.split(r"[ T]+", cell.strip(), maxsplit=1) for cell in columns[0]]
        if any(len(one) != 2 for one in parted):
            return None
        columns = [[one[0] for one in parted], [one[1] for one in parted]]
    days, clocks = columns
    times = [_TIME.fullmatch(cell.strip()) for cell in clocks]
    forms = [] if None in times or not days else date_forms(days)
    if len(forms) != 1:  # days and months may stand in either order
        return None
    found: list[_Instant] = []
    for cell, time in zip(days, times, strict=True):
        day = forms[0].read(cell)
        if day is None or time is None:
            return None
        found.append((day, int(time[1]), int(time[2]), int(time[3] or 0)))
    return found


def _by_instant(images: Iterable[ImageFile]) -> dict[_Instant, ImageFile]:
    """Return images by the instant in their names; those of one that two have not at all."""
    found: dict[_Instant, ImageFile] = {}
    twice = set[_Instant]()
    for image in images:
        match = _IN_A_NAME.search(image.stem)
        if match is None:
            continue
        year, month, day, hour, minute = map(int, match.groups()[:5])
        try:
            instant = date(year, month, day), hour, minute, int(match[6] or 0)
        except ValueError:
            continue
        twice |= {instant} & found.keys()
        found[instant] = image
    return {instant: one for instant, one in found.items() if instant not in twice}
