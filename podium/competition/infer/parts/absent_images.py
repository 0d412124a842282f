"""Rows of train, labels or runs, whose image is not there: a few are left out, with a note.

So are images of several files, as of two lights, that lack one of them, also those to predict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from podium.competition.ids.patterns import Pattern
from podium.competition.ids.rows import ids_of_rows
from podium.competition.infer.files import DataFolder
from podium.competition.infer.findings.folder import FolderFindings
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.parts.to_predict import PartImages
from podium.competition.infer.sample.runs import MaskRuns
from podium.competition.samples import images_by_pattern, rows_of_source, rows_without_image
from podium.competition.spec import Competition
from podium.competition.spelling import composed
from podium.errors import DataError

__all__ = ["without_absent_images"]

_MOST = 0.1
"""The largest share of the rows of train that is left out."""
_LONGEST = 1000
"""The most ids that competition.yaml lists."""
_FEWEST = 3
"""From so many rows on, those that stand one behind the other are no slips here and there."""


def without_absent_images(findings: FolderFindings, competition: Competition) -> FolderFindings:
    """Return the findings with the ids of the few rows whose image, or a file of it, is not there.

    None of these is named where more is missing than a slip here and there: a part that lies
    elsewhere or is packed, a class, or images that are there under another name.

    Args:
        findings: of the data, as `competition` was made of.
        competition: which finds the images.
    """
    findings = replace(findings, test=_without_absent_of_test(findings, competition))
    train, match, source = findings.train, findings.train.match, competition.data.train
    if isinstance(findings.tasks.masks, MaskRuns) and match is None:
        return _without_absent_of_runs(findings, findings.tasks.masks, competition)
    if match is None and source.table is None and len(source.patterns) > 1:
        return _without_absent_channels(findings, competition)
    if match is None or match.join is not None or source.table is None or source.id is None:
        return findings
    if findings.folder.archives or (None not in match.images and not match.several):
        return findings
    try:
        rows = rows_of_source(competition, source)
        is_absent = rows_without_image(competition, source, rows)
    except (DataError, KeyError):  # told where all parts are loaded
        return findings
    n, ids = int(is_absent.sum()), pd.Series(ids_of_rows(rows, source.id), rows.index)
    if not 0 < n <= min(_MOST * len(rows), _LONGEST) or not ids.is_unique or "" in set(ids):
        return findings
    absent = ids[is_absent]
    if _are_a_piece(rows, ids, is_absent) or _are_of_a_class(rows, is_absent, train.labels):
        return findings
    naming = {source.id, *(Pattern(one).fields[-1] for one in source.patterns)}
    cells = rows.loc[is_absent, [one for one in rows if one in naming]]
    if {*map(_plain_name, cells.to_numpy().flat)} & _names_of_files(findings.folder):
        return findings
    return replace(findings, train=replace(train, absent=tuple(absent)))


def _without_absent_of_runs(
    findings: FolderFindings, masks: MaskRuns, competition: Competition
) -> FolderFindings:
    """Return the findings with the ids of the few images of a table of runs that are not there."""
    source = competition.data.train
    if findings.folder.archives or findings.folder.withdrawn or source.exclude:
        return findings
    try:
        _, known, _ = images_by_pattern(competition, source, "train")
    except (DataError, KeyError):
        return findings
    ids = pd.Series(masks.ids)
    is_absent = ~ids.isin(set(known))
    absent = ids[is_absent]
    if not 0 < len(absent) <= min(_MOST * len(ids), _LONGEST):
        return findings
    if _are_a_piece(ids.to_frame("id"), ids, is_absent):
        return findings
    if {*map(_plain_name, absent)} & _names_of_files(findings.folder):
        return findings
    return replace(findings, train=replace(findings.train, absent=tuple(absent)))


def _without_absent_channels(findings: FolderFindings, competition: Competition) -> FolderFindings:
    """Return the findings with the ids of the few images that lack one of their several files."""
    absent = _lacking_a_file(findings.folder, competition, "train")
    return replace(findings, train=replace(findings.train, absent=absent)) if absent else findings


def _without_absent_of_test(findings: FolderFindings, competition: Competition) -> PartImages:
    """Return the part to predict with the ids of the few images that lack one of several files.

    Their rows are sent all the same. Of a unit, other images may be there.
    """
    source = competition.data.test
    if source is None or len(source.patterns) < 2 or findings.unit is not None:
        return findings.test
    return replace(findings.test, absent=_lacking_a_file(findings.folder, competition, "test"))


def _lacking_a_file(
    folder: DataFolder, competition: Competition, part: Literal["train", "test"]
) -> tuple[str, ...]:
    """Return the ids of the few images of a part that lack one of their files; () where many do."""
    source = competition.data.train if part == "train" else competition.data.test
    if (
        source is None
        or folder.archives
        or folder.withdrawn
        or source.exclude
        or source.exclude_where
    ):
        return ()
    first = source.patterns[0]
    try:
        if source.table is None:
            several = source.model_copy(update={"images": [first, first]})  # ids as of these
            rows, known, _ = images_by_pattern(competition, several, part)
        else:
            rows = rows_of_source(competition, source)
            known = ids_of_rows(rows, source.id or "")
        is_absent = rows_without_image(competition, source, rows)
    except (DataError, KeyError):
        return ()
    ids = pd.Series(known, rows.index, dtype=str)
    absent = ids[is_absent]
    if not 0 < len(absent) <= min(_MOST * len(ids), _LONGEST) or not ids.is_unique:
        return ()
    return () if _are_a_piece(rows, ids, is_absent) else tuple(absent)


def _are_a_piece(rows: pd.DataFrame, ids: pd.Series[str], is_absent: pd.Series[bool]) -> bool:
    """Return whether rows are a piece of the data: all of a folder or batch, or of a stretch.

    Args:
        rows: of the table, as text.
        ids: of these.
        is_absent: which rows are asked for.
    """
    n = int(is_absent.sum())
    for cells in _columns_and_folders(rows):
        own = set(cells[is_absent])
        if 2 * len(own) <= n and own.isdisjoint(cells[~is_absent]):
            return True
    in_order = (is_absent, is_absent.loc[ids.sort_values().index])
    places = [np.flatnonzero(one.to_numpy()) for one in in_order]
    return n >= _FEWEST and any(one[-1] - one[0] == n - 1 for one in places)


def _columns_and_folders(rows: pd.DataFrame) -> Iterator[pd.Series[str]]:
    """Yield the cells of each column, and the folders of those that are paths."""
    for column in rows:
        cells = rows[column].astype(str)
        yield cells
        if cells.str.contains("/").any():
            folders = cells.str.rpartition("/")[0]
            yield folders.where(folders != "", cells)  # one that names no file has no folder


def _are_of_a_class(
    rows: pd.DataFrame, is_absent: pd.Series[bool], labels: InferredLabels | None
) -> bool:
    """Return whether a class has none but these rows."""
    if labels is None or not labels.classes or not isinstance(labels.column, str):
        return False
    cells = rows[labels.column]
    return labels.separator is None and not set(cells[is_absent]) <= set(cells[~is_absent])


def _names_of_files(folder: DataFolder) -> set[str]:
    """Return the plain names of all files, with and without their endings."""
    paths = [*(image.path for image in folder.images), *folder.others]
    names = {_plain_name(path) for path in paths}
    return names | {_plain_name(path.rpartition(".")[0]) for path in paths}


def _plain_name(path: str) -> str:
    """Return the name of a file, without what file systems and hosts take for the same."""
    return composed(path.rpartition("/")[2]).casefold()
