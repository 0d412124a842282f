"""The leak check before every fold: no validated row may have influenced the training.

For fold k, no weight, teacher, pseudo-label or tuned parameter may have used the labels of fold k's
rows, nor of anything that shares a group, a unit or an image file with them. Training calls
`assert_no_leak` with the rows that it is about to use, whichever scheme made the folds. What train
and test share, `podium check` reports: `checks/duplicates.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.folds import fold_rows
from podium.competition.images import first_file, read_image, sha256_of_images
from podium.competition.spelling import name_key
from podium.competition.tables import read_times
from podium.errors import DataError, either, some
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.spec import Competition, FoldScheme

__all__ = [
    "assert_no_leak",
    "refuse_pictures_in_folds",
    "refuse_shared_pictures",
    "rows_of_fold",
    "shared_names",
]


def assert_no_leak(
    train: pd.DataFrame,
    valid: pd.DataFrame,
    *,
    fold: int | None = None,
    scheme: FoldScheme = "stratified",
) -> None:
    """Raise if the rows of `train` and those of `valid` share an id, unit, group or image.

    Args:
        train: every row that is about to be trained on, pseudo-labelled and extra ones included; of
            the columns `id`, `unit`, `group`, `images` (tuples of paths) and `order`, those that it
            has are compared.
        valid: the rows that the fold validates.
        fold: named in the error.
        scheme: of the folds; for "time", every training row must also be older than every validated
            one.

    Raises:
        DataError: an id, a unit, a group or an image file is on both sides, or the training holds
            rows that are not older than the validated ones.

    Example:
        >>> samples = pd.DataFrame({"id": ["a", "b"], "group": ["cat 7", "cat 7"]})
        >>> assert_no_leak(samples[:1], samples[1:], fold=0)
        Traceback (most recent call last):
        podium.errors.DataError: fold 0: a leak: 1 group is in training and validation: 'cat 7'
          fix: keep groups together (scheme stratified_group), then `podium folds --redo`
    """
    problems = []
    for column in ("id", "unit", "group", "images"):
        if column in train.columns and column in valid.columns:
            both = shared_names(_names(train[column]), _names(valid[column]))
            if both:
                kind = "image file" if column == "images" else column
                verb = "is" if len(both) == 1 else "are"
                plural = "" if len(both) == 1 else "s"
                problems.append(
                    f"{len(both)} {kind}{plural} {verb} in training and validation: {some(both)}"
                )
    if scheme == "time":
        problems.extend(_future(train, valid))
    if problems:
        where = "training" if fold is None else f"fold {fold}"
        several = "images" in valid.columns and valid["images"].map(len).gt(1).any()
        fix = _fix(problems, of_several=bool(several) and scheme != "shared_files")
        raise DataError(f"a leak: {'; '.join(problems)}", where=where, fix=fix)


def rows_of_fold(
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    k: int,
    *,
    scheme: FoldScheme = "stratified",
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of the rows that fold `k` trains on and of those that it validates.

    Of scheme "shared_files", rows that share a file, a group or a unit with a validated one are in
    neither.

    Args:
        samples: `(N,)` rows, as of `assert_no_leak`.
        folds: `(N,)`.
        k: the fold.
        scheme: of the folds.

    Raises:
        DataError: there is no such fold, it has nothing to train on, or a row to train on shares
            something with one to validate.

    Example:
        >>> samples = pd.DataFrame({"images": [("a", "b"), ("b", "c"), ("c", "d")]})
        >>> train, valid = rows_of_fold(samples, np.array([0, -1, 1]), 0, scheme="shared_files")
        >>> train.tolist(), valid.tolist()
        ([2], [0])
    """
    train, valid = fold_rows(folds, k, scheme=scheme)
    if scheme == "shared_files":
        train = train[~_sharing(samples.iloc[train], samples.iloc[valid])]
        if not len(train):
            raise DataError(
                "every other row shares a file with one that is validated",
                where=f"fold {k}",
                fix="make more folds, so that one validates fewer rows",
            )
    assert_no_leak(samples.iloc[train], samples.iloc[valid], fold=k, scheme=scheme)
    return train, valid


def _sharing(rows: pd.DataFrame, valid: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which of `rows` share a file, a group or a unit with one of `valid`."""
    found = np.zeros(len(rows), dtype=bool)
    for column in ("unit", "group", "images"):
        if column in rows.columns:
            known = _names(valid[column])
            found |= [not known.isdisjoint(_names_in(cell, column)) for cell in rows[column]]
    return found


def refuse_shared_pictures(
    workspace: Workspace,
    competition: Competition,
    samples: pd.DataFrame,
    folds: NDArray[Any],
    progress: Progress = SILENT,
) -> None:
    """Raise where one picture, by the bytes of its files, stands in two folds under two ids.

    A fold would validate what its network was trained on. Pictures of one value alone, as empty
    slices, are no evidence and are skipped. `folds.duplicates: allow` lets all pass.

    Args:
        workspace: keeps the digests of files.
        competition: whose images.
        samples: `(N,)` rows of train.
        folds: `(N,)`, -1 for rows that are never validated.
        progress: gets a bar while images are read for the first time.

    Raises:
        DataError: names two of the samples.
    """
    if competition.folds.duplicates == "allow":
        return
    contents = sha256_of_images(workspace, competition.root, list(samples["images"]), progress)
    frame = pd.DataFrame({"content": contents, "fold": folds})
    repeated = frame[frame.duplicated("content", keep=False)]
    groups = [list(rows.index) for _, rows in repeated.groupby("content", sort=False)]
    refuse_pictures_in_folds(competition, samples, folds, groups)


def refuse_pictures_in_folds(
    competition: Competition,
    samples: pd.DataFrame,
    folds: NDArray[Any],
    groups: Iterable[Sequence[int]],
) -> None:
    """Raise where one of `groups`, positions of samples that are one picture, is in two folds.

    Args and errors are those of `refuse_shared_pictures`.
    """
    if competition.folds.duplicates == "allow":
        return
    telling = [
        rows
        for rows in groups
        if len({int(folds[row]) for row in rows}) > 1
        and not _is_flat(competition, samples["images"].iloc[rows[0]])
    ]
    if not telling:
        return
    names = [" = ".join(map(str, samples["id"].iloc[list(rows)])) for rows in telling]
    raise DataError(
        f"a leak: {either(len(telling), 'picture stands', 'pictures stand')} in several folds "
        f"under other ids: {some(names)}",
        where="folds.csv",
        fix="`podium folds --group duplicates --redo` keeps each in one fold; or write "
        "folds: {duplicates: allow}",
    )


def _is_flat(competition: Competition, paths: Sequence[str]) -> bool:
    image = read_image(competition.root / first_file(paths), competition.reader)
    return bool((image == image.flat[0]).all())


def shared_names(train: Iterable[str], valid: Iterable[str]) -> list[str]:
    """Return the names that are on both sides, sorted.

    Example:
        >>> shared_names(["a", "b"], ["c", "b"])
        ['b']
    """
    return sorted(set(train) & set(valid))


def _names(column: pd.Series[Any]) -> set[str]:
    known = column.dropna().tolist()  # every fold asks: pandas takes its time over small columns
    return {name for cell in known for name in _names_in(cell, str(column.name))}


def _names_in(cell: Any, column: str) -> list[str]:
    if column == "images":
        return [str(path) for path in cell if path]
    if pd.isna(cell):
        return []
    return [name_key(cell) if column == "group" else str(cell)]


def _future(train: pd.DataFrame, valid: pd.DataFrame) -> list[str]:
    if "order" not in train.columns or "order" not in valid.columns:
        return ["the scheme is time, but the rows have no order"]
    moments = read_times(pd.concat([train["order"], valid["order"]]))
    past, present = moments[: len(train)], moments[len(train) :]
    late = past >= present.min()
    if not late.any():
        return []
    return [
        f"{late.sum()} training rows are not older than validation: {some(train['order'][late])}"
    ]


def _fix(problems: list[str], *, of_several: bool) -> str:
    """Return the remedy; `of_several`: whether rows have several image files each."""
    if any(" group" in problem or " unit" in problem for problem in problems):
        return "keep groups together (scheme stratified_group), then `podium folds --redo`"
    if any("training rows are" in problem for problem in problems):
        return "train on earlier blocks only: `fold_rows(folds, k, scheme='time')`"
    if of_several:
        return (
            "rows share these files: write `scheme: shared_files` below folds in competition.yaml, "
            "then `podium folds` (with --redo where folds.csv exists)"
        )
    return "remove the rows that stand twice: `podium check` lists them"
