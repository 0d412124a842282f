"""`folds.csv`: made once as `competition.yaml` configures it, and fixed from then on."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks.mask_facts import read_mask_facts
from podium.competition.folds import (
    NEVER_VALIDATED,
    make_folds,
    n_folds,
    refuse_gaps,
    shared_units,
)
from podium.competition.folds.leaks import rows_of_fold
from podium.competition.folds.strata import Strata, coverage_strata
from podium.competition.samples import load_samples
from podium.competition.tables import reading_table
from podium.competition.truths.targets import targets_of
from podium.errors import DataError, RunError, either, plural, some
from podium.tasks.protocols.names import PIXELS
from podium.workspace.atomic import write_text
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.spec import Competition, FoldScheme

__all__ = [
    "are_other_than_planned",
    "csv_cell",
    "describe_uneven",
    "describe_unvalidated",
    "ensure_folds",
    "fewer_folds",
    "folds_summary",
    "has_runs",
    "lacking_classes",
    "move_runs",
    "plan_folds",
    "read_folds",
    "redo_advice",
    "refuse_redo",
]

SHOWN_CLASSES = 12
_MOST_EXCLUDED = 8  # for each, folds are planned once more
_UNEVEN = 1.5  # times the rows of the smallest fold that the largest one has
_EVEN = 1.2
_MOST_GROUPS = 20  # more of them make even folds of any number, but for a group that is too large
_MOST_FOLDS = 10  # that are proposed: each one costs a training
log = logging.getLogger(__name__)


def ensure_folds(
    workspace: Workspace,
    competition: Competition,
    samples: pd.DataFrame,
    *,
    redo: bool | Literal["force"] = False,
    progress: Progress = SILENT,
) -> NDArray[np.int64]:
    """Return the folds in `folds.csv`, in the order of `samples`; the first call makes the file.

    Args:
        workspace: where the file lies.
        competition: its `folds` configure the scheme.
        samples: the rows of the train part.
        redo: make the folds anew. True is refused while runs exist, since they were made with the
            old ones; "force" is not.
        progress: gets a bar while masks are read for the first time.

    Raises:
        DataError: the file does not fit the samples or the spec, a group is in two folds, no folds
            can be made, or their group is still to be chosen.
        RunError: `redo` while runs exist.
    """
    if workspace.folds_file.exists() and not redo:
        folds = read_folds(workspace, competition, samples)
        if not has_runs(workspace):
            _drop_excluded(workspace, competition)
        return folds
    if redo is True:
        refuse_redo(workspace)
    competition.require_chosen("folds")
    folds = plan_folds(competition, samples, workspace=workspace, progress=progress)
    lines = [f"{csv_cell(name)},{fold}" for name, fold in zip(samples["id"], folds, strict=True)]
    header = "id,fold"
    if competition.folds.group_file is not None:
        header += ",group"
        lines = [
            f"{line},{csv_cell(group)}" for line, group in zip(lines, samples["group"], strict=True)
        ]
    write_text(workspace.folds_file, "\n".join([header, *lines, ""]))
    return folds


def _drop_excluded(workspace: Workspace, competition: Competition) -> None:
    """Write the folds without the samples that `data.train.exclude` leaves out, if they have any.

    A run that is trained next has no predictions of these.
    """
    table = _read_table(workspace)
    kept = table.drop(competition.data.train.exclude, errors="ignore")
    if len(kept) == len(table):
        return
    rows = (map(csv_cell, row) for row in kept.reset_index().itertuples(index=False))
    header = ",".join(map(csv_cell, ["id", *kept.columns]))
    write_text(workspace.folds_file, "\n".join([header, *map(",".join, rows), ""]))


def refuse_redo(workspace: Workspace) -> None:
    """Raise RunError where runs exist: they were trained with the present folds."""
    if has_runs(workspace):
        raise RunError(
            "runs exist that were trained with the present folds",
            where=workspace.folds_file,
            fix=f"keep the folds, or move these runs away first, as old and new ones cannot be "
            f"blended: {move_runs(workspace)}",
        )


def redo_advice(workspace: Workspace) -> str:
    """Return the command that makes the folds anew, after one that moves runs away, if any."""
    redo = "`podium folds --redo`"
    return f"{move_runs(workspace)} and {redo}" if has_runs(workspace) else redo


def has_runs(workspace: Workspace) -> bool:
    """Return whether runs are there, which were trained with the present folds."""
    return workspace.runs.is_dir() and any(workspace.runs.iterdir())


def move_runs(workspace: Workspace) -> str:
    """Return the command that moves the runs to a folder that is not there yet."""
    names = ("runs-of-old-folds" + f"-{n}" * (n > 1) for n in count(1))
    name = next(one for one in names if not (workspace.root / one).exists())
    home = Path() if workspace.root.resolve() == Path.cwd() else workspace.root
    return f"`{shlex.join(['mv', str(home / 'runs'), str(home / name)])}`"


def plan_folds(
    competition: Competition,
    samples: pd.DataFrame,
    *,
    workspace: Workspace | None = None,
    progress: Progress = SILENT,
    told: list[str] | None = None,
) -> NDArray[np.int64]:
    """Return the folds that the spec configures, `(N,)`, without writing a file.

    Args:
        competition: its `folds` configure the scheme.
        samples: the rows of the train part.
        workspace: caches the facts of masks; default: the competition's folder.
        progress: gets a bar while masks are read for the first time.
        told: gets a sentence on classes that some fold lacks; None: these are logged.

    Raises:
        DataError: they cannot be made, or the scheme tears groups, or a mask cannot be read.
    """
    spec = competition.folds
    folds = make_folds(
        samples,
        scheme=spec.scheme,
        n=spec.n,
        seed=spec.seed,
        strata=_strata(competition, samples, workspace, progress),
        fraction=spec.fraction,
        told=told,
    )
    _refuse_leaks(folds, samples, spec.scheme, "competition.yaml: folds")
    return folds


def fewer_folds(
    competition: Competition, samples: pd.DataFrame, *, workspace: Workspace | None = None
) -> Iterator[tuple[int, NDArray[np.int64], list[str]]]:
    """Yield each smaller number of folds that can be made, the largest first.

    Args:
        competition, samples, workspace: as of `plan_folds`.

    Yields:
        The number, the folds `(N,)`, and sentences on classes that some fold lacks.
    """
    for n in range(competition.folds.n - 1, 1, -1):
        spec = competition.folds.model_copy(update={"n": n})
        other = competition.model_copy(update={"folds": spec}).at(competition.root)
        told: list[str] = []
        try:
            folds = plan_folds(other, samples, workspace=workspace, told=told)
        except DataError:
            continue
        yield n, folds, told


def are_other_than_planned(
    workspace: Workspace, competition: Competition, samples: pd.DataFrame, folds: NDArray[np.int64]
) -> bool:
    """Return whether competition.yaml would make other folds now, as with another seed.

    Samples that are left out may have been there when the folds were made, the first ones of
    `exclude` alone, or all: the others kept theirs. Of many left out that is not known, and False.

    Args:
        workspace, competition, samples: as everywhere.
        folds: `(N,)`, those of `folds.csv`.

    Raises:
        DataError: as `plan_folds`.
    """
    planned = plan_folds(competition, samples, workspace=workspace, told=[])
    excluded = competition.data.train.exclude
    if (folds == planned).all() or len(excluded) > _MOST_EXCLUDED:
        return False
    wanted = pd.Series(folds, samples["id"])
    return not any(
        (_planned_without(excluded[:n], workspace, competition)[wanted.index] == wanted).all()
        for n in range(len(excluded))
    )


def _planned_without(
    excluded: Sequence[str], workspace: Workspace, competition: Competition
) -> pd.Series[int]:
    """Return the fold of each id that the spec makes where only these samples are left out."""
    train = competition.data.train.model_copy(update={"exclude": list(excluded)})
    parts = competition.data.model_copy(update={"train": train})
    other = competition.model_copy(update={"data": parts}).at(competition.root)
    samples = load_samples(other, "train", workspace=workspace)
    return pd.Series(plan_folds(other, samples, workspace=workspace, told=[]), samples["id"])


def read_folds(
    workspace: Workspace, competition: Competition, samples: pd.DataFrame
) -> NDArray[np.int64]:
    """Return the folds in `folds.csv`, in the order of `samples` `(N,)`.

    Raises:
        DataError: the file is missing, unreadable, does not fit the samples or the spec, or leaks.
    """
    file = workspace.folds_file
    table = _read_table(workspace)
    by_id = table["fold"]
    # Those that were left out since then change no fold of another one; of runs they are known.
    excluded = [] if has_runs(workspace) else competition.data.train.exclude
    _refuse_other_ids(by_id.drop(excluded, errors="ignore"), samples, workspace)
    _refuse_other_groups(table, competition, samples, workspace)
    folds = by_id.loc[samples["id"].astype(str)].to_numpy(dtype=np.int64)
    refuse_gaps(folds, file)
    expected = {"holdout": 1, "column": n_folds(folds)}.get(
        competition.folds.scheme, competition.folds.n
    )
    if n_folds(folds) != expected:
        raise DataError(
            f"has {n_folds(folds)} folds, competition.yaml declares {expected}",
            where=file,
            fix=_fix_of_number(workspace, competition, n_folds(folds)),
        )
    _refuse_leaks(folds, samples, competition.folds.scheme, file)
    return folds


def _fix_of_number(workspace: Workspace, competition: Competition, n: int) -> str:
    """Return what mends another number of folds than competition.yaml has: new ones, or its `n`.

    Where runs have those of the file, these stay: new ones would cost all runs.
    """
    if has_runs(workspace) and competition.folds.scheme not in ("holdout", "column") and n > 1:
        return f"keep those that runs have: `podium choose folds.n={n}`"
    return f"make them anew: {redo_advice(workspace)}"


def lacking_classes(
    workspace: Workspace, competition: Competition, samples: pd.DataFrame, folds: NDArray[np.int64]
) -> list[str]:
    """Return sentences on the classes that some fold lacks, planned or of `folds.csv`."""
    return _strata(competition, samples, workspace, SILENT).rare(folds)


def folds_summary(
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    competition: Competition,
    *,
    workspace: Workspace | None = None,
) -> tuple[list[str], list[list[object]]]:
    """Return a table for people, header and one row a fold: rows, groups, units, rows of a class.

    Where folds are balanced by masks, rows of a range of coverage come before those of classes.
    More than 12 classes are summed up as the least and the most rows of a class.
    """
    strata = _strata(competition, samples, workspace, SILENT)
    named = strata.names if strata.kind in ("classes", "labels", "coverage") else ()
    levels, names = list(named[: strata.n_levels]), list(named[strata.n_levels :])
    is_wide = len(names) > SHOWN_CLASSES
    has_groups = "group" in samples.columns and samples["group"].notna().any()
    units = shared_units(samples)
    header = ["fold", "rows", *(["groups"] if has_groups else [])]
    header += [] if units is None else ["units"]
    header += levels
    header += ["fewest of a class", "most of a class"] if is_wide else names
    table: list[list[object]] = []
    for k in np.unique(folds):
        is_in = folds == k
        row: list[object] = [
            "never validated" if k == NEVER_VALIDATED else int(k),
            int(is_in.sum()),
        ]
        if has_groups:
            row.append(int(samples["group"][is_in].nunique()))
        if units is not None:
            row.append(len(np.unique(units[is_in])))
        of_fold = strata.counts(np.where(is_in, 0, NEVER_VALIDATED), 1)[0]
        counts = of_fold.astype(int).tolist() if named else []
        row += counts[: len(levels)]
        counts = counts[len(levels) :]
        table.append(row + ([min(counts), max(counts)] if is_wide else counts))
    return header, table


def describe_unvalidated(
    samples: pd.DataFrame, folds: NDArray[np.int64], *, scheme: FoldScheme
) -> str | None:
    """Return how many rows share files across folds, and what a fold trains on; None of others."""
    n = int((folds == NEVER_VALIDATED).sum())
    if scheme != "shared_files" or not n:
        return None
    sizes = [len(rows_of_fold(samples, folds, k, scheme=scheme)[0]) for k in range(n_folds(folds))]
    return (
        f"rows share image files: {n:,} of {len(folds):,} are never validated, as their files are "
        "of several folds, or as their class would be too frequent there; a fold trains on the "
        f"rows that share no file with those it validates, {min(sizes):,} to {max(sizes):,}. With "
        "a smaller folds.n, more rows are validated, and fewer trained on"
    )


def describe_uneven(
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    competition: Competition,
    *,
    workspace: Workspace | None = None,
) -> str | None:
    """Return which numbers of folds are even where few groups make uneven ones; None: no other is.

    Args:
        samples: the rows of the train part.
        folds: `(N,)`, those that may be uneven.
        competition, workspace: as of `plan_folds`.
    """
    groups = samples["group"].nunique() if "group" in samples.columns else 0
    if competition.folds.scheme not in ("group", "stratified_group") or groups > _MOST_GROUPS:
        return None
    sizes = np.bincount(folds[folds != NEVER_VALIDATED])
    n, most = len(sizes), min(groups, _MOST_FOLDS)
    if sizes.max() < _UNEVEN * sizes.min():
        return None
    even = [one for one in range(2, most + 1) if _is_even(one, samples, competition, workspace)]
    best = sorted(even, key=lambda one: (abs(one - n), -one))[:2]
    if not best:
        return None
    other = "".join(f" (or {one})" for one in best[1:])
    return (
        f"{groups} groups in {plural(n, 'fold')}: the largest has {plural(sizes.max(), 'row')}, "
        "the smallest "
        f"{sizes.min():,}; podium choose folds.n={best[0]}{other} makes even folds"
    )


def _is_even(
    n: int, samples: pd.DataFrame, competition: Competition, workspace: Workspace | None
) -> bool:
    """Return whether so many folds can be made, of about as many rows each."""
    spec = competition.folds.model_copy(update={"n": n})
    other = competition.model_copy(update={"folds": spec}).at(competition.root)
    try:
        sizes = np.bincount(plan_folds(other, samples, workspace=workspace, told=[]))
    except DataError:
        return False
    return bool(sizes.max() <= _EVEN * sizes.min())


def _strata(
    competition: Competition,
    samples: pd.DataFrame,
    workspace: Workspace | None,
    progress: Progress,
) -> Strata:
    """Return the strata that the competition's folds are balanced by."""
    balance = competition.folds.balance or ("label" if competition.has_labels else None)
    if balance == "label":
        return targets_of(competition.kind).strata(samples, competition.classes)
    home = workspace or Workspace(competition.root)
    facts = read_mask_facts(home, competition, samples, progress=progress)
    return coverage_strata(
        facts.coverage,
        facts.has_class,
        competition.folds.n,
        classes=competition.classes_of(PIXELS),
    )


def csv_cell(name: object) -> str:
    r"""Return `name` as a cell of a CSV file, in quotes where it needs them.

    Example:
        >>> [csv_cell(one) for one in ("a b", "a,b", "a\rb")]
        ['a b', '"a,b"', '"a\rb"']
    """
    text = str(name)
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n\r') else text


def _read_table(workspace: Workspace) -> pd.DataFrame:
    """Return the fold of each id, and what else the file has of it."""
    file = workspace.folds_file
    try:
        with reading_table(file):
            table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except DataError as error:
        is_missing = not file.exists()
        what = "is missing" if is_missing else f"is not a table: {error.message}"
        fix = "make it: `podium folds`" if is_missing else redo_advice(workspace)
        raise DataError(what, where=file, fix=fix) from error
    table = table.fillna("")
    if not {"id", "fold"} <= set(table.columns):
        raise DataError(
            f"needs the columns id and fold, has {', '.join(table.columns)}", where=file
        )
    is_fold = table["fold"].str.fullmatch(r"\s*(-1|\d{1,3})\s*")
    if not is_fold.all():
        rows = [f"row {row + 2}: {table['fold'][row]}" for row in table.index[~is_fold]]
        raise DataError(f"a fold is a whole number from -1, got {some(rows)}", where=file)
    repeated = table["id"][table["id"].duplicated()]
    if len(repeated):
        raise DataError(f"ids stand more than once: {some(repeated.unique())}", where=file)
    return table.assign(fold=table["fold"].astype(np.int64)).set_index("id")


def _refuse_other_groups(
    table: pd.DataFrame, competition: Competition, samples: pd.DataFrame, workspace: Workspace
) -> None:
    """Raise if the folds were made of other groups than the file of groups has now."""
    if competition.folds.group_file is None or "group" not in table.columns:
        return
    of_folds = table["group"].loc[samples["id"].astype(str)].to_numpy()
    is_other = of_folds != samples["group"].astype(str).to_numpy()
    if is_other.any():
        ids = samples["id"][is_other]
        raise DataError(
            f"{either(len(ids), 'sample has another group', 'samples have other groups')} in "
            f"{competition.folds.group_file}: {some(ids)}",
            where=workspace.folds_file,
            fix=f"restore {competition.folds.group_file}, or {redo_advice(workspace)}",
        )


def _refuse_other_ids(by_id: pd.Series[Any], samples: pd.DataFrame, workspace: Workspace) -> None:
    known, expected = set(by_id.index), set(samples["id"].astype(str))
    problems = []
    if expected - known:
        problems.append(
            f"{either(len(expected - known), 'sample has', 'samples have')} no fold: "
            f"{some(sorted(expected - known))}"
        )
    if known - expected:
        problems.append(
            f"{either(len(known - expected), 'id is', 'ids are')} not in the train part: "
            f"{some(sorted(known - expected))}"
        )
    if problems:
        raise DataError(
            "; ".join(problems),
            where=workspace.folds_file,
            fix=f"restore the data that the folds were made for, or {redo_advice(workspace)}",
        )


def _refuse_leaks(
    folds: NDArray[np.int64], samples: pd.DataFrame, scheme: FoldScheme, where: object
) -> None:
    for k in range(n_folds(folds)):
        try:
            rows_of_fold(samples, folds, k, scheme=scheme)
        except DataError as error:
            what = error.message if error.where is None else f"{error.where}: {error.message}"
            raise DataError(what, where=where, fix=error.fix) from error
