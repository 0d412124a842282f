"""Folds: which rows are validated together, made once and kept in `folds.csv`.

Every scheme gives each row one fold, 0 to n - 1, or -1: never validated, but in the training of
every fold.

- `stratified`: fold sizes, and the rows of each class in a fold, differ by at most one. With
  `balance: coverage`, the default where there are no labels, how much of an image is foreground
  takes the place of the class; with masks of several classes, each of them counts, too.
- `group`: no group in two folds; sizes as even as the groups allow.
- `stratified_group`: no group in two folds; classes (multilabel: labels) as even as the groups
  allow.
- `multilabel_stratified`: labels as even as iterative stratification makes them.
- `time`: the rows in order of time are cut into n + 1 blocks. The first has -1, block k + 1 is fold
  k. Fold k trains on all earlier blocks and on nothing later, so its training grows with k, and the
  OOF lacks the first block. Rows of one moment stay in one block.
- `holdout`: fold 0 is `fraction` of the rows, stratified, in whole groups where there are groups;
  the rest has -1.
- `column`: what the column says.

Folds depend on the seed and on each row's id, label and group, not on the order of the rows. All
schemes but `group`, `stratified_group` and `holdout` take no notice of groups; `ensure_folds`
refuses folds that tear one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.fold_schemes import (
    NEVER,
    by_time,
    from_column,
    grouped,
    groups_if_any,
    groups_of,
    holdout,
    multilabel,
    n_folds,
    refuse_gaps,
    stratified,
)
from podium.competition.leakage import assert_no_leak
from podium.competition.strata import Strata, coverage_strata, read_strata
from podium.errors import DataError, RunError, some
from podium.workspace.atomic import write_text
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.spec import Competition, FoldScheme
    from podium.workspace.layout import Workspace

__all__ = [
    "ensure_folds",
    "fold_rows",
    "make_folds",
    "n_folds",
    "plan_folds",
    "read_folds",
    "summary",
]

SHOWN_CLASSES = 12
log = logging.getLogger(__name__)


def make_folds(
    samples: pd.DataFrame,
    *,
    scheme: FoldScheme = "stratified",
    n: int = 5,
    seed: int = 42,
    labels: Any = None,
    strata: Strata | None = None,
    group: str = "group",
    order: str = "order",
    column: str = "fold_column",
    fraction: float = 0.2,
    classes: Sequence[str] = (),
) -> NDArray[np.int64]:
    """Return the fold of every row `(N,)`: 0 to n - 1, or -1 for rows that are never validated.

    Args:
        samples: one row a sample; an `id` column makes the folds independent of the order of rows.
        scheme: see the module.
        n: number of folds (holdout has 1; column has as many as it says).
        seed: of the shuffling.
        labels: class indices or names `(N,)`, numbers `(N,)` (cut into tenths), or 0/1 `(N, C)`.
            None: the column `label`; without one, `stratified` is a plain shuffled k-fold.
        strata: what to balance instead of labels, such as `coverage_strata`.
        group: column of what must not cross folds (group, stratified_group, holdout).
        order: column of numbers or ISO dates that orders the rows (time).
        column: column that holds the folds (column).
        fraction: of the rows that are held out (holdout).
        classes: names of the class indices, for messages.

    Raises:
        DataError: fewer rows, groups or moments than folds; a fold whose rows are of one class
            while the data have more; an id or a unit in two folds; a column that is missing or
            unreadable.

    Example:
        >>> samples = pd.DataFrame({"id": list("abcdef"), "label": [0, 0, 0, 1, 1, 1]})
        >>> make_folds(samples, n=3).tolist()
        [0, 1, 2, 1, 2, 0]
    """
    _refuse_sizes(samples, scheme, n, fraction)
    canonical = _row_order(samples)
    ordered = samples.iloc[canonical]
    if strata is not None:
        strata = strata.take(canonical)
    else:
        given = None if labels is None else _take(labels, canonical)
        strata = read_strata(ordered, given, classes=classes)
    rng = np.random.default_rng(seed)
    if scheme == "column":
        folds = from_column(ordered, column)
    elif scheme == "time":
        folds = by_time(ordered, order, n)
    elif scheme in ("group", "stratified_group"):
        by = strata if scheme == "stratified_group" else Strata.none(len(ordered))
        folds = grouped(by, groups_of(ordered, group), np.full(n, 1 / n), rng)
    elif scheme == "holdout":
        folds = holdout(strata, groups_if_any(ordered, group), fraction, rng)
    elif scheme == "multilabel_stratified":
        folds = multilabel(strata, n, rng)
    else:
        folds = stratified(strata, n, seed)
    _refuse_one_class(folds, strata)
    _refuse_torn_units(ordered, folds)
    for note in strata.rare(folds):
        log.warning("%s", note)
    result = np.empty(len(samples), dtype=np.int64)
    result[canonical] = folds
    return result


def fold_rows(
    folds: NDArray[np.int64], k: int, *, scheme: FoldScheme = "stratified"
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of the rows that fold `k` trains on and of those that it validates.

    Args:
        folds: `(N,)`, as `make_folds` returns them.
        k: the fold.
        scheme: of the folds; "time" trains on earlier blocks only, all others on every other row.

    Raises:
        DataError: there is no such fold, or it has nothing to train on.

    Example:
        >>> train, valid = fold_rows(np.array([-1, 0, 1, 2]), 1, scheme="time")
        >>> train.tolist(), valid.tolist()
        ([0, 1], [2])
    """
    valid = np.flatnonzero(folds == k)
    if k < 0 or len(valid) == 0:
        raise DataError(f"there is no fold {k}", fix=f"folds run from 0 to {n_folds(folds) - 1}")
    train = np.flatnonzero(folds < k if scheme == "time" else folds != k)
    if len(train) == 0:
        raise DataError(f"fold {k} has no rows to train on", fix="make more folds")
    return train, valid


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
        competition: its `folds` say how to make them.
        samples: the rows of the train part.
        redo: make the folds anew. True is refused while runs exist, since they were made with the
            old ones; "force" is not.
        progress: gets a bar while masks are read for the first time.

    Raises:
        DataError: the file does not fit the samples or the spec, a group is in two folds, or no
            folds can be made.
        RunError: `redo` while runs exist.
    """
    if workspace.folds_file.exists() and not redo:
        return read_folds(workspace, competition, samples)
    if redo is True and workspace.runs.is_dir() and any(workspace.runs.iterdir()):
        raise RunError(
            "runs exist that were trained with the present folds",
            where=workspace.folds_file,
            fix="keep the folds, or move runs/ away first: old and new runs cannot be blended",
        )
    folds = plan_folds(competition, samples, workspace=workspace, progress=progress)
    lines = [f"{_cell(name)},{fold}" for name, fold in zip(samples["id"], folds, strict=True)]
    write_text(workspace.folds_file, "\n".join(["id,fold", *lines, ""]))
    return folds


def plan_folds(
    competition: Competition,
    samples: pd.DataFrame,
    *,
    workspace: Workspace | None = None,
    progress: Progress = SILENT,
) -> NDArray[np.int64]:
    """Return the folds that the spec asks for `(N,)`; no folds are written.

    Args:
        competition: its `folds` say how.
        samples: the rows of the train part.
        workspace: keeps what was read off masks; default: the competition's folder.
        progress: gets a bar while masks are read for the first time.

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
    )
    _refuse_leaks(folds, samples, spec.scheme, "competition.yaml: folds")
    return folds


def read_folds(
    workspace: Workspace, competition: Competition, samples: pd.DataFrame
) -> NDArray[np.int64]:
    """Return the folds in `folds.csv`, in the order of `samples` `(N,)`.

    Raises:
        DataError: the file is missing, unreadable, does not fit the samples or the spec, or leaks.
    """
    file = workspace.folds_file
    by_id = _read_table(file)
    _refuse_other_ids(by_id, samples, file)
    folds = by_id.loc[samples["id"].astype(str)].to_numpy(dtype=np.int64)
    refuse_gaps(folds, file)
    wanted = {"holdout": 1, "column": n_folds(folds)}.get(
        competition.folds.scheme, competition.folds.n
    )
    if n_folds(folds) != wanted:
        raise DataError(
            f"has {n_folds(folds)} folds, competition.yaml asks for {wanted}",
            where=file,
            fix="mend folds.n in competition.yaml, or `podium folds --redo`",
        )
    _refuse_leaks(folds, samples, competition.folds.scheme, file)
    return folds


def summary(
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    competition: Competition,
    *,
    workspace: Workspace | None = None,
) -> tuple[list[str], list[list[object]]]:
    """Return a table for people, its header and one row a fold: rows, groups, rows of a class.

    Where folds are balanced by masks, rows of a range of coverage come before those of classes.
    More than 12 classes are summed up as the least and the most rows of a class.
    """
    strata = _strata(competition, samples, workspace, SILENT)
    named = strata.names if strata.kind in ("classes", "labels", "coverage") else ()
    levels, names = list(named[: strata.n_levels]), list(named[strata.n_levels :])
    is_wide = len(names) > SHOWN_CLASSES
    has_groups = "group" in samples.columns and samples["group"].notna().any()
    header = ["fold", "rows", *(["groups"] if has_groups else [])]
    header += levels
    header += ["fewest of a class", "most of a class"] if is_wide else names
    table: list[list[object]] = []
    for k in np.unique(folds):
        is_in = folds == k
        row: list[object] = ["never validated" if k == NEVER else int(k), int(is_in.sum())]
        if has_groups:
            row.append(int(samples["group"][is_in].nunique()))
        counts = strata.table[is_in].sum(axis=0).astype(int).tolist() if named else []
        row += counts[: len(levels)]
        counts = counts[len(levels) :]
        table.append(row + ([min(counts), max(counts)] if is_wide else counts))
    return header, table


def _strata(
    competition: Competition,
    samples: pd.DataFrame,
    workspace: Workspace | None,
    progress: Progress,
) -> Strata:
    """Return what the competition's folds are balanced by."""
    balance = competition.folds.balance or ("label" if "classify" in competition.tasks else None)
    if balance == "label":
        return read_strata(samples, classes=competition.classes)
    from podium.competition.mask_facts import read_mask_facts
    from podium.workspace.layout import Workspace

    home = workspace or Workspace(competition.root)
    facts = read_mask_facts(home, competition, samples, progress=progress)
    return coverage_strata(
        facts.coverage,
        facts.has_class,
        competition.folds.n,
        classes=competition.classes_of("segment"),
    )


def _cell(name: object) -> str:
    text = str(name)
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n\r') else text


def _read_table(file: Path) -> pd.Series[Any]:
    """Return the fold of each id."""
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DataError("is missing", where=file, fix="make it: `podium folds`") from error
    except (ValueError, pd.errors.ParserError) as error:
        raise DataError(
            f"is not a table: {error}", where=file, fix="`podium folds --redo`"
        ) from error
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
    return pd.Series(table["fold"].astype(np.int64).to_numpy(), index=table["id"].to_numpy())


def _refuse_other_ids(by_id: pd.Series[Any], samples: pd.DataFrame, file: Path) -> None:
    known, wanted = set(by_id.index), set(samples["id"].astype(str))
    problems = []
    if wanted - known:
        problems.append(
            f"{len(wanted - known)} samples have no fold: {some(sorted(wanted - known))}"
        )
    if known - wanted:
        problems.append(
            f"{len(known - wanted)} ids are not in the train part: {some(sorted(known - wanted))}"
        )
    if problems:
        raise DataError(
            "; ".join(problems),
            where=file,
            fix="restore the data that the folds were made for, or `podium folds --redo`",
        )


def _refuse_leaks(
    folds: NDArray[np.int64], samples: pd.DataFrame, scheme: FoldScheme, where: object
) -> None:
    for k in range(n_folds(folds)):
        train, valid = fold_rows(folds, k, scheme=scheme)
        try:
            assert_no_leak(samples.iloc[train], samples.iloc[valid], fold=k, scheme=scheme)
        except DataError as error:
            raise DataError(
                f"{error.where}: {error.message}", where=where, fix=error.fix
            ) from error


def _row_order(samples: pd.DataFrame) -> NDArray[np.int64]:
    """Return the positions of the rows in order of their ids (as they stand, where there are none).

    Raises:
        DataError: an id stands twice.
    """
    if "id" not in samples.columns:
        return np.arange(len(samples))
    ids = samples["id"].astype(str).to_numpy(dtype=object)
    if len(set(ids)) < len(ids):
        repeated = samples["id"][samples["id"].duplicated()].unique()
        raise DataError(f"ids stand more than once: {some(repeated)}", fix="make every id unique")
    return np.argsort(ids, kind="stable")


def _take(labels: Any, rows: NDArray[np.int64]) -> Any:
    array = labels.to_numpy() if hasattr(labels, "to_numpy") else np.asarray(labels)
    if len(array) != len(rows):
        raise DataError(f"{len(array)} labels for {len(rows)} rows")
    return array[rows]


def _refuse_sizes(samples: pd.DataFrame, scheme: str, n: int, fraction: float) -> None:
    if len(samples) == 0:
        raise DataError("there are no rows to make folds of")
    if scheme in ("column", "holdout"):
        if scheme == "holdout" and not 0 < fraction < 1:
            raise DataError(f"fraction must be in (0, 1), got {fraction}")
        return
    least = 1 if scheme == "time" else 2
    if n < least:
        raise DataError(
            f"scheme {scheme} needs at least {least} folds, got {n}", fix="scheme: holdout"
        )
    if len(samples) < n:
        raise DataError(
            f"{len(samples)} rows do not fill {n} folds", fix=f"set n to at most {len(samples)}"
        )


def _refuse_one_class(folds: NDArray[np.int64], strata: Strata) -> None:
    if strata.kind != "classes":
        return
    if len(np.unique(strata.codes)) == 1:
        raise DataError(f"all labels are {strata.names[0]}: there is nothing to tell apart")
    for k in range(n_folds(folds)):
        found = np.unique(strata.codes[folds == k])
        if len(found) == 1:
            raise DataError(
                f"fold {k} has one class only ({strata.names[found[0]]}), so it cannot be scored",
                fix="make fewer folds, or choose a scheme that stratifies",
            )


def _refuse_torn_units(samples: pd.DataFrame, folds: NDArray[np.int64]) -> None:
    if "unit" not in samples.columns or samples["unit"].isna().all():
        return
    n_in = pd.Series(folds).groupby(samples["unit"].astype(str).to_numpy()).nunique()
    torn = n_in.index[n_in > 1]
    if len(torn):
        raise DataError(
            f"{len(torn)} units have rows in different folds, which leaks: {some(torn)}",
            fix="folds: {scheme: stratified_group, group: <the unit's column>}",
        )
