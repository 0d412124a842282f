"""`podium folds --group`: what `podium check` found to belong together becomes groups of the folds.

The groups are a file of the workspace, `groups.csv`, with a row for each sample of train:

    id,group

`folds.group: groups.csv` in `competition.yaml` names it, and `folds.csv` repeats the groups, so
that folds and groups that are not of one making are refused. A group of `folds.group` that was
there before is kept whole: where a picture links two of them, they are one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks.alike_units import alike_units
from podium.competition.checks.data import image_rows
from podium.competition.checks.duplicates import find_duplicates, units_of_images
from podium.competition.checks.name_groups import WITH_GROUPS
from podium.competition.checks.near_duplicates import clusters
from podium.competition.checks.sequences import sequences_of_train, split_into_scenes
from podium.competition.folds.file import csv_cell, ensure_folds, plan_folds, refuse_redo
from podium.competition.ids.patterns import Pattern
from podium.competition.samples import load_samples, rows_of_source
from podium.competition.spec import Competition, FoldScheme, load_competition
from podium.competition.units import has_units
from podium.errors import PodiumError, UsageError, some_names, suggest
from podium.workspace.atomic import write_text
from podium.workspace.layout import Workspace
from podium.workspace.marked_yaml import yaml_with_values, yaml_without_comment
from podium.workspace.progress import SILENT, Progress

__all__ = ["GROUPS_FILE", "fold_by_groups"]

GROUPS_FILE = "groups.csv"
DUPLICATES, SEQUENCES = "duplicates", "drift:sequence"
FOUND_GROUPS = (DUPLICATES, SEQUENCES)


def fold_by_groups(
    workspace: Workspace,
    competition: Competition,
    kinds: Sequence[str],
    *,
    redo: bool = False,
    progress: Progress = SILENT,
) -> tuple[Competition, int]:
    """Return the competition with the groups that were found, and how many have several rows.

    `groups.csv`, `competition.yaml` and `folds.csv` are written; nothing is where no two rows
    belong together, or no folds can be made of the groups.

    Args:
        workspace: of the files.
        competition: its groups are kept whole.
        kinds: of `FOUND_GROUPS`.
        redo: whether `folds.csv` is made anew.
        progress: of opening and comparing the images.

    Raises:
        UsageError: an unknown kind, `folds.csv` exists, or its scheme ignores groups.
        RunError: runs exist that were trained with the present folds.
        DataError: train cannot be read, there are too few groups for the folds, or their group is
            still to be chosen.
    """
    unknown = [kind for kind in kinds if kind not in FOUND_GROUPS]
    if unknown:
        raise UsageError(
            f"--group takes {' or '.join(FOUND_GROUPS)}, not {unknown[0]!r}",
            fix=_fix_of_unknown(unknown[0], _columns_of_train(competition)),
        )
    spec = competition.folds
    scheme = WITH_GROUPS.get(spec.scheme)
    if scheme is None:
        raise UsageError(
            f"folds of scheme {spec.scheme} ignore groups",
            where=workspace.competition_file,
            fix="set folds.scheme: stratified_group",
        )
    if workspace.folds_file.exists() and not redo:
        raise UsageError("the folds are made already", where=workspace.folds_file, fix="add --redo")
    refuse_redo(workspace)
    competition.require_chosen("folds")
    if spec.group_file is not None and not (competition.root / spec.group_file).is_file():
        competition = _with_folds(competition, group=None, scheme="stratified")
    samples = load_samples(competition, "train", workspace=workspace)
    sets: list[NDArray[np.int64]] = []
    if DUPLICATES in kinds:
        sets += duplicate_groups(workspace, competition, progress=progress)
    if SEQUENCES in kinds:
        most = max(1, len(samples) // (2 * spec.n))
        sets += sequence_groups(workspace, competition, most=most, progress=progress)
    if not sets:
        return competition, 0
    groups = merge_groups(samples, sets)
    samples["group"] = groups
    planned = _with_folds(competition, group=GROUPS_FILE, scheme=scheme)
    plan_folds(planned, samples, workspace=workspace, progress=progress)  # raises, if it must
    lines = [
        f"{csv_cell(name)},{csv_cell(group)}"
        for name, group in zip(samples["id"], groups, strict=True)
    ]
    text = workspace.competition_file.read_text(encoding="utf-8")
    text = yaml_without_comment(text, ("folds", "group"))  # it tells of the groups before
    edited = yaml_with_values(text, {("folds", "scheme"): scheme, ("folds", "group"): GROUPS_FILE})
    write_text(workspace.root / GROUPS_FILE, "\n".join(["id,group", *lines, ""]))
    write_text(workspace.competition_file, edited)
    competition = load_competition(workspace.competition_file)
    samples = load_samples(competition, "train", workspace=workspace)
    ensure_folds(workspace, competition, samples, redo=True, progress=progress)
    return competition, int((pd.Series(groups).value_counts() > 1).sum())


def _columns_of_train(competition: Competition) -> list[str]:
    """Return the columns of train's table, or the fields of its pattern; none of a damaged table.

    What is wrong with it, `podium check` tells.
    """
    source = competition.data.train
    if source.table is None:
        return list(dict.fromkeys(chain(*(Pattern(one).fields for one in source.patterns))))
    with suppress(PodiumError):
        return [str(one) for one in rows_of_source(competition, source).columns]
    return []


def _fix_of_unknown(name: str, columns: Collection[str]) -> str:
    """Return what to type in place of `--group NAME`, where it is the name of no kind of groups."""
    if kind := suggest(name, FOUND_GROUPS, otherwise="", cutoff=0.7):
        return kind
    of_column = "rows with one value of a column stay together by podium choose folds.group="
    has = f"; the columns are {some_names(list(columns))}" if columns else ""
    near = name if name in columns else suggest(name, columns, "{}", otherwise="")
    return f"{of_column}{near or 'COLUMN'}{'' if near else has}"


def _with_folds(competition: Competition, *, group: str | None, scheme: FoldScheme) -> Competition:
    folds = competition.folds.model_copy(update={"group": group, "scheme": scheme})
    return competition.model_copy(update={"folds": folds}).at(competition.root)


def merge_groups(samples: pd.DataFrame, sets: Sequence[NDArray[np.int64]]) -> list[str]:
    """Return the group `(N,)` of each row: rows of one set, or of one group before, are of one.

    A group has the name of its first group before, in order; where there are none, of its first id.

    Example:
        >>> samples = pd.DataFrame({"id": list("abcd"), "group": None})
        >>> merge_groups(samples, [np.array([1, 3])])
        ['a', 'b', 'c', 'b']
    """
    before = samples["group"]
    names = samples["id"].astype(str).where(before.isna(), before.astype(str)).to_numpy()
    links = [np.empty((0, 2), dtype=np.int64)]
    links += [np.column_stack([rows[:-1], rows[1:]]) for rows in sets]
    first = pd.Series(np.arange(len(samples))).groupby(names).transform("first").to_numpy()
    links.append(np.column_stack([first, np.arange(len(samples))]))
    merged = names.astype(object)
    for rows in clusters(np.concatenate(links), len(samples)):
        merged[rows] = min(names[rows])
    return [str(one) for one in merged]


def duplicate_groups(
    workspace: Workspace, competition: Competition, *, progress: Progress = SILENT
) -> list[NDArray[np.int64]]:
    """Return the sets of rows of train that show one picture, as `podium check` finds them.

    Raises:
        DataError: train cannot be read.
    """
    images = _train_rows(workspace, competition, progress)
    found = find_duplicates(
        competition, images, sequences=sequences_of_train(images), progress=progress
    )
    near = found.near
    if competition.scores_units and has_units(images):
        near = alike_units(units_of_images(images), [*found.exact, *near])
    return [*found.exact, *near]


def sequence_groups(
    workspace: Workspace,
    competition: Competition,
    *,
    most: int,
    progress: Progress = SILENT,
) -> list[NDArray[np.int64]]:
    """Return the rows of train of each sequence that `podium check` finds.

    A sequence of more than `most` rows, which would fill folds alone, is cut where its picture
    changes altogether.

    Raises:
        DataError: train cannot be read.
    """
    found = sequences_of_train(_train_rows(workspace, competition, progress))
    return [
        part
        for one in found
        for part in (split_into_scenes(one) if len(one) > most else [one.rows])
    ]


def _train_rows(workspace: Workspace, competition: Competition, progress: Progress) -> pd.DataFrame:
    train = load_samples(competition, "train", workspace=workspace)
    return image_rows(competition, {"train": train}, progress)
