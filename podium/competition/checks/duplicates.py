"""Images that stand more than once: the same file, or the same picture in another one.

Of what they tell a finding is made by the parts that share them: train and test, folds, labels that
contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks import Finding, Level, joined
from podium.competition.checks.alike_units import alike_units
from podium.competition.checks.extras import extra_part_name
from podium.competition.checks.image_facts import ImageFacts, read_image_facts
from podium.competition.checks.near_duplicates import (
    clusters,
    likeness,
    near_pairs,
    same_picture,
)
from podium.competition.checks.second_look import confirm_pairs
from podium.competition.checks.sequences import ImageSequence
from podium.competition.readers import Reader
from podium.competition.spec import Competition
from podium.competition.truths.targets import targets_of
from podium.errors import either
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "Duplicates",
    "NumberLabels",
    "check_duplicates",
    "find_duplicates",
    "of_whole_units",
    "units_of_images",
]

_MEND_DUPLICATES = "podium folds --group duplicates --redo"
_ROUNDS = 4
_BLOCK = 4_000
"""Pairs that are compared at full size before it is asked whether any of them is one picture."""
_FAR_APART = 1.0
"""Standard deviations of the labels of train: of numbers, images that are nearly one picture may
differ by less in just what is asked, as the level of the water on photographs of one gauge."""
_DIFFER = {
    "classes": ("with different labels", "mend the labels, or leave these rows out"),
    "numbers": (
        "with different labels",
        "look at them: one file has one answer; keep the right row, or one with the mean",
    ),
    "units": (
        "with different labels",
        "look at them: where the pictures differ in what is asked, the labels are right and stay; "
        "else mend them",
    ),
    "near numbers": (
        "with labels far apart",
        "look at them: the labels differ by more than the standard deviation over train. Where the "
        "pictures differ in what is asked, they are right and stay; else mend the labels",
    ),
}


@dataclass(frozen=True)
class Duplicates:
    """Sets of rows that show one picture.

    Attributes:
        exact: of equal files.
        near: of different files; of equal ones among them the first stands for all.
        n_left: pairs of images that look alike at a glance and were not compared, as those that
            look more alike are different pictures.
    """

    exact: list[NDArray[np.int64]]
    near: list[NDArray[np.int64]]
    n_left: int = 0


def find_duplicates(
    competition: Competition,
    images: pd.DataFrame,
    *,
    sequences: Iterable[ImageSequence] = (),
    progress: Progress = SILENT,
) -> Duplicates:
    """Return the sets of samples that are one picture.

    Args:
        competition: locates and reads the files, for a second look at candidates.
        images: one row a sample, with its files and facts.
        sequences: whose neighbours are not compared; they are known to be alike.
        progress: of that look.
    """
    facts: list[ImageFacts] = list(images["facts"])
    files = list(images["files"])
    if _share_files(files):
        return Duplicates(_equal(facts), _alike_in_all(competition, facts, files, progress))
    sequence = np.full(len(facts), -1)
    for number, one in enumerate(sequences):
        sequence[one.rows] = number
    near, n_left = _near(competition, facts, files, sequence, progress)
    for at in range(1, max(map(len, files), default=1)):
        near = _alike_at(competition, files, near, at, progress)
    return Duplicates(_equal(facts), clusters(near, len(facts)), n_left)


def _share_files(files: Sequence[tuple[str, ...]]) -> bool:
    """Return whether rows of several files each, as pairs, share some."""
    every = [path for paths in files for path in set(paths) if path]
    return any(len(paths) > 1 for paths in files) and len(set(every)) < len(every)


def _near(
    competition: Competition,
    facts: Sequence[ImageFacts],
    files: Sequence[tuple[str, ...]],
    sequence: NDArray[np.int64],
    progress: Progress,
) -> tuple[NDArray[np.int64], int]:
    """Return pairs `(P, 2)` of images of different content whose pictures are one.

    With it the number of those that were not compared.
    """
    representatives = _one_of_each(facts)
    if len(representatives) < 2:
        return np.empty((0, 2), dtype=np.int64), 0
    hashes = np.array([facts[i].hash for i in representatives], dtype=np.uint64)
    thumbnails = np.array([facts[i].thumbnail for i in representatives])
    sequence = sequence[representatives]
    found_files = [_absolute(competition, files[i]) for i in representatives]
    found, n_left = [], 0
    candidates = near_pairs(hashes)
    for _ in range(_ROUNDS):
        pairs = same_picture(thumbnails, candidates)
        is_of_one = (sequence[pairs] >= 0).all(axis=1) & (
            sequence[pairs[:, 0]] == sequence[pairs[:, 1]]
        )
        pairs = pairs[~is_of_one]
        kept, n = _likeliest_first(
            found_files, pairs, thumbnails, reader=competition.reader, progress=progress
        )
        n_left += n
        found.append(kept)
        # Of equal hashes each was compared with the first only: those that are not its copies may
        # be copies of each other.
        is_equal = hashes[candidates[:, 0]] == hashes[candidates[:, 1]]
        left = np.setdiff1d(candidates[is_equal].max(axis=1, initial=-1), kept)
        candidates = left[near_pairs(hashes[left], max_distance=0)]
        if len(candidates) == 0:
            break
    return representatives[np.concatenate(found)], n_left


def _likeliest_first(
    files: Sequence[Sequence[Path | None]],
    pairs: NDArray[np.int64],
    thumbnails: NDArray[np.uint8],
    *,
    reader: Reader,
    progress: Progress,
) -> tuple[NDArray[np.int64], int]:
    """Return those of `pairs` that are one picture, and how many were not compared.

    Images of one kind, as the wells of a plate, all look alike at a glance. Of many pairs those
    come first whose thumbnails differ least; behind a block without one picture nothing is
    compared any more.
    """
    if len(pairs) <= _BLOCK:
        return confirm_pairs(files, pairs, reader=reader, progress=progress), 0
    order = np.argsort(-likeness(thumbnails, pairs), kind="stable")
    kept = []
    for start in range(0, len(pairs), _BLOCK):
        block = pairs[order[start : start + _BLOCK]]
        kept.append(confirm_pairs(files, block, reader=reader, progress=progress))
        if not len(kept[-1]):
            return np.concatenate(kept), max(len(pairs) - start - _BLOCK, 0)
    return np.concatenate(kept), 0


def _absolute(competition: Competition, paths: Sequence[str]) -> list[Path | None]:
    return [competition.root / path if path else None for path in paths]


def _alike_at(
    competition: Competition,
    files: Sequence[tuple[str, ...]],
    pairs: NDArray[np.int64],
    at: int,
    progress: Progress,
) -> NDArray[np.int64]:
    """Return those of `pairs` `(P, 2)` of rows whose files at place `at` are one picture, too.

    The picture of a row is that of its first channels: of its first file, mostly.
    """
    own = [paths[at] if at < len(paths) else "" for paths in files]
    is_same = np.array([own[one] == own[other] for one, other in pairs], dtype=bool)
    is_there = np.array([bool(own[one] and own[other]) for one, other in pairs], dtype=bool)
    each = [_absolute(competition, [path]) for path in own]
    looked = confirm_pairs(
        each, pairs[~is_same & is_there], reader=competition.reader, progress=progress
    )
    return np.concatenate([pairs[is_same], looked])


def _alike_in_all(
    competition: Competition,
    facts: Sequence[ImageFacts],
    files: Sequence[tuple[str, ...]],
    progress: Progress,
) -> list[NDArray[np.int64]]:
    """Return sets of rows of different content of which each file is one picture, in its place.

    Each file is compared once, however many rows have it.
    """
    paths = sorted({path for each in files for path in each if path})
    singles = [(path,) for path in paths]
    of_files = read_image_facts(
        competition.root, singles, reader=competition.reader, progress=progress
    )
    nowhere = np.full(len(paths), -1)
    near, _ = _near(competition, of_files, singles, nowhere, progress)
    equal = [np.column_stack([rows[:-1], rows[1:]]) for rows in _equal(of_files)]
    picture = np.arange(len(paths))
    for rows in clusters(np.concatenate([near, *equal]), len(paths)):
        picture[rows] = rows[0]
    of_path = {"": -1, **dict(zip(paths, picture.tolist(), strict=True))}
    first: dict[str, int] = {}  # of each content
    for row, fact in enumerate(facts):
        if fact.error is None:
            first.setdefault(fact.sha256, row)
    alike: dict[tuple[int, ...], list[int]] = {}
    for row in first.values():
        alike.setdefault(tuple(of_path[path] for path in files[row]), []).append(row)
    return [np.array(rows) for rows in alike.values() if len(rows) > 1]


def _equal(facts: Sequence[ImageFacts]) -> list[NDArray[np.int64]]:
    """Return sets of equal files; damaged ones, as empty downloads, show nothing to be alike in."""
    by_content = pd.Series(
        [fact.sha256 if fact.error is None else f"?{i}" for i, fact in enumerate(facts)]
    )
    groups = by_content.groupby(by_content, sort=False).indices.values()
    return [np.sort(rows) for rows in groups if len(rows) > 1]


def _one_of_each(facts: Sequence[ImageFacts]) -> NDArray[np.int64]:
    """Return the first position of every content that has a meaningful hash."""
    first: dict[str, int] = {}
    for i, fact in enumerate(facts):
        if fact.error is None and not fact.is_flat:
            first.setdefault(fact.sha256, i)
    return np.array(list(first.values()), dtype=np.int64)


@dataclass(frozen=True)
class NumberLabels:
    """The labels of train where they are numbers, or classes in an order.

    Attributes:
        values: `(N, C)`, of all images; nan where there is none.
        spread: `(C,)`, the standard deviation over train.
        is_circular: whether they are directions in degrees.
    """

    values: NDArray[np.float64]
    spread: NDArray[np.float64]
    is_circular: bool

    @classmethod
    def of(
        cls, competition: Competition, images: pd.DataFrame, train: pd.DataFrame | None
    ) -> NumberLabels | None:
        """Return the labels of `train` in the order of `images`; None where they are no numbers."""
        if train is None or not competition.has_labels:
            return None
        kind = competition.kind
        if not (kind.is_continuous or kind.is_ordered):
            return None
        known = train["label"].notna().to_numpy()
        if not known.any():
            return None
        found = targets_of(kind).as_array(train["label"][known], len(competition.classes))
        numbers = np.asarray(found, dtype=np.float64).reshape(int(known.sum()), -1)
        of_train = np.full((len(train), numbers.shape[1]), np.nan)
        of_train[known] = numbers
        values = np.full((len(images), numbers.shape[1]), np.nan)
        is_train = (images["split"] == "train").to_numpy()
        values[is_train] = of_train[images["row"].to_numpy()[is_train]]
        return cls(values, _spread(numbers, is_circular=kind.is_circular), kind.is_circular)

    def are_far_apart(self, rows: NDArray[np.int64]) -> bool:
        """Return whether two of these rows differ by more than one standard deviation."""
        of_rows = self.values[rows]
        gaps = _gaps(of_rows[:, None], of_rows[None], is_circular=self.is_circular)
        return bool((gaps > _FAR_APART * self.spread).any())


def _gaps(
    one: NDArray[np.float64], other: NDArray[np.float64], *, is_circular: bool
) -> NDArray[np.float64]:
    apart = np.abs(one - other)
    return np.minimum(apart, 360 - apart) if is_circular else apart


def _spread(numbers: NDArray[np.float64], *, is_circular: bool) -> NDArray[np.float64]:
    """Return the standard deviation of each column, nan left out."""
    if not is_circular:
        return np.array([np.std(one[~np.isnan(one)]) for one in numbers.T])
    # Half of the mean square of what two differ by, as of numbers on a line.
    drawn = np.random.default_rng(0).permutation(len(numbers))
    gaps = _gaps(numbers, numbers[drawn], is_circular=True)
    return np.asarray(np.sqrt(np.nanmean(gaps**2, axis=0) / 2))


def check_duplicates(
    images: pd.DataFrame,
    found: Duplicates,
    numbers: NumberLabels | None = None,
    *,
    units: bool = False,
) -> list[Finding]:
    """Return findings on images that are one picture, by the parts that share them.

    Args:
        images: one row a sample: split, label, fold (-1: none), path, facts.
        found: the result of `find_duplicates`.
        numbers: the labels, where they are numbers: of pictures that are nearly one only those that
            are far apart are reported.
        units: whether the near ones are of units that are alike as a whole.
    """
    near = "units of near-duplicate images" if units else "near-duplicate images"
    return [
        *_duplicate_findings(images, found.exact, "identical images", numbers),
        *_duplicate_findings(images, found.near, near, numbers, is_near=True),
        *([] if not found.n_left else [_not_compared(found.n_left)]),
    ]


def _not_compared(n: int) -> Finding:
    return Finding(
        "note",
        "images that all look alike at a glance",
        f"{either(n, 'pair was', 'pairs were')} not compared at full size, as {_BLOCK:,} that "
        "look more alike are different pictures",
        count=-1,
    )


def of_whole_units(images: pd.DataFrame, found: Duplicates) -> tuple[Duplicates, list[Finding]]:
    """Return the near ones of units that are alike as a whole, and a note on the other ones.

    Of each of these units one image stands for all. Equal files stay what they are.
    """
    unit_of = units_of_images(images)
    whole = alike_units(unit_of, [*found.exact, *found.near])
    seen = np.concatenate([np.empty(0, dtype=np.int64), *whole])
    near = [rows[np.unique(unit_of[rows], return_index=True)[1]] for rows in whole]
    alone = [rows for rows in found.near if not np.isin(rows, seen).all()]
    if not alone:
        return replace(found, near=near), []
    shown = images["shown"].to_numpy()
    named = [tuple(dict.fromkeys(shown[rows])) for rows in alone]
    return replace(found, near=near), [
        Finding.listing(
            "note",
            "near-duplicate images of units that differ in others",
            tuple(" = ".join(one) for one in named),
            examples=[joined(one) for one in named],
            pictures=tuple(named),
        )
    ]


_TWICE: tuple[Level, str, str] = (
    "warning",
    "in train and unlabelled",
    "train has all images that are called unlabelled: leave that part out",
)
_MEND_UNLABELLED = "podium choose data.unlabelled=null"


def _duplicate_findings(
    images: pd.DataFrame,
    found: list[NDArray[np.int64]],
    what: str,
    numbers: NumberLabels | None,
    *,
    is_near: bool = False,
) -> list[Finding]:
    """Return findings on clusters of one picture, by the parts that share it."""
    splits, paths = images["split"].to_numpy(), images["shown"].to_numpy()
    labels, answered = images["label"].to_numpy(), images["answered"].to_numpy()
    kinds: dict[str, list[tuple[str, ...]]] = {
        "test": [],
        "labels": [],
        "folds": [],
        "unlabelled": [],
        "same": [],
        "extra": [],
        "extra test": [],
    }
    n_known = 0  # sets whose test images have a label in train
    is_alone = splits == "unlabelled"
    for rows in found:
        named = tuple(dict.fromkeys(paths[rows]))
        train = rows[splits[rows] == "train"]
        others = set(splits[rows]) - {"train"}
        is_extra = any(part.startswith(extra_part_name("")) for part in others)
        of_train = {str(labels[row]) for row in train}
        if is_extra and len(train):
            kinds["extra"].append(named)
        if is_extra and "test" in others:
            kinds["extra test"].append(named)
        if len(train):
            is_alone[rows] = False
        if len(train) and "test" in others:
            kinds["test"].append(named)
            n_known += len(of_train) == 1 and bool(answered[train[0]])
        is_far = numbers is None or not is_near or numbers.are_far_apart(train)
        if len(of_train) > 1 and is_far:
            kinds["labels"].append(named)
        if len(set(images["fold"].iloc[train])) > 1:
            kinds["folds"].append(named)
        elif len(train) and "unlabelled" in others:
            kinds["unlabelled"].append(named)
        elif not is_extra and not (len(train) and others):
            kinds["same"].append(named)
    is_twice = not is_near and not is_alone.any()
    differ = "units" if what.startswith("units") else "classes"
    differ = differ if numbers is None else "near numbers" if is_near else "numbers"
    texts: dict[str, tuple[Level, str, str]] = {
        "test": ("warning", "in train and test", _of_test(n_known, len(kinds["test"]))),
        "labels": ("warning", *_DIFFER[differ]),
        "folds": (
            "warning",
            "in different folds",
            "keep them in one fold: give them one group, and use scheme stratified_group",
        ),
        "unlabelled": _TWICE if is_twice else ("note", "in train and unlabelled", ""),
        "same": ("note", "within one part", ""),
        "extra": (
            "warning",
            "in train and an extra source",
            "take them out of the extra source: the score of folds that validate them would be a "
            "lie, and training with the same file is refused",
        ),
        "extra test": (
            "warning",
            "in test and an extra source",
            "train on them only if the rules allow labels of test images",
        ),
    }
    mends = {"folds": _MEND_DUPLICATES, "unlabelled": _MEND_UNLABELLED if is_twice else ""}
    return [
        Finding.listing(
            texts[kind][0],
            f"{what} {texts[kind][1]}",
            tuple(" = ".join(named) for named in every),
            texts[kind][2],
            examples=[joined(named) for named in every],
            mend=mends.get(kind, ""),
            pictures=tuple(every),
        )
        for kind, every in kinds.items()
        if every
    ]


def _of_test(n_known: int, n: int) -> str:
    """Return what images in train and test mean: an answer is known where train has one."""
    if n_known == n:
        return "train on them knowingly: the test score of these is known"
    if n_known == 0:
        return "look at them: train's answers to one picture are missing, or contradict each other"
    return (
        f"train on them knowingly: the test score of {n_known:,} is known; of the others train has "
        "no answer, or two"
    )


def units_of_images(images: pd.DataFrame) -> NDArray[np.int64]:
    """Return the number of each image's unit, `(N,)`; a name in two parts is of two units."""
    return np.asarray(images.groupby(["split", "unit"], sort=False).ngroup(), dtype=np.int64)
