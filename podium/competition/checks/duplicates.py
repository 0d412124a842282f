"""Checks of images that stand more than once: the same file, or the same picture in another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks.extra import part_name
from podium.competition.checks.findings import Finding, Level, counted
from podium.competition.checks.image_facts import ImageFacts
from podium.competition.checks.near_duplicates import clusters, near_pairs, same_picture

__all__ = ["Duplicates", "check_duplicates", "find_duplicates"]


@dataclass(frozen=True)
class Duplicates:
    """Sets of rows that show one picture.

    Attributes:
        exact: of equal files.
        near: of different files; of equal ones among them the first stands for all.
    """

    exact: list[NDArray[np.int64]]
    near: list[NDArray[np.int64]]


def find_duplicates(images: pd.DataFrame) -> Duplicates:
    """Return the sets of samples that are one picture.

    Args:
        images: one row a sample, with its facts.
    """
    facts: list[ImageFacts] = list(images["facts"])
    representatives = _one_of_each(facts)
    hashes = np.array([facts[i].hash for i in representatives], dtype=np.uint64)
    thumbnails = np.array([facts[i].thumbnail for i in representatives])
    pairs = (
        same_picture(thumbnails, near_pairs(hashes)) if len(hashes) > 1 else np.empty((0, 2), int)
    )
    near = clusters(representatives[pairs], len(facts)) if len(pairs) else []
    return Duplicates(_equal(facts), near)


def check_duplicates(images: pd.DataFrame, found: Duplicates | None = None) -> list[Finding]:
    """Return findings on images that are one picture, each kind by what it spoils.

    Args:
        images: one row a sample: split, label, fold (-1: none), path, facts.
        found: what `find_duplicates` returned, if it was asked.
    """
    found = found or find_duplicates(images)
    return [
        *_say(images, found.exact, "identical images"),
        *_say(images, found.near, "near-duplicate images"),
    ]


def _equal(facts: Sequence[ImageFacts]) -> list[NDArray[np.int64]]:
    by_content = pd.Series([fact.sha256 or f"?{i}" for i, fact in enumerate(facts)])
    groups = by_content.groupby(by_content, sort=False).indices.values()
    return [np.sort(rows) for rows in groups if len(rows) > 1]


def _one_of_each(facts: Sequence[ImageFacts]) -> NDArray[np.int64]:
    """Return the first position of every content that has a meaningful hash."""
    first: dict[str, int] = {}
    for i, fact in enumerate(facts):
        if fact.error is None and not fact.is_flat:
            first.setdefault(fact.sha256, i)
    return np.array(list(first.values()), dtype=np.int64)


def _say(images: pd.DataFrame, found: list[NDArray[np.int64]], what: str) -> list[Finding]:
    """Return findings on clusters of one picture, by what they spoil."""
    splits, paths = images["split"].to_numpy(), images["path"].to_numpy()
    kinds: dict[str, list[str]] = {
        "test": [],
        "labels": [],
        "folds": [],
        "unlabelled": [],
        "same": [],
        "extra": [],
        "extra test": [],
    }
    for rows in found:
        named = " = ".join(dict.fromkeys(paths[rows]))
        train = rows[splits[rows] == "train"]
        others = set(splits[rows]) - {"train"}
        is_extra = any(part.startswith(part_name("")) for part in others)
        if is_extra and len(train):
            kinds["extra"].append(named)
        if is_extra and "test" in others:
            kinds["extra test"].append(named)
        if len(train) and "test" in others:
            kinds["test"].append(named)
        if len({str(label) for label in images["label"].iloc[train]}) > 1:
            kinds["labels"].append(named)
        if len(set(images["fold"].iloc[train])) > 1:
            kinds["folds"].append(named)
        elif len(train) and "unlabelled" in others:
            kinds["unlabelled"].append(named)
        elif not is_extra and not (len(train) and others):
            kinds["same"].append(named)
    say: dict[str, tuple[Level, str, str]] = {
        "test": (
            "warning",
            "in train and test",
            "train on them knowingly: the test score of these is known",
        ),
        "labels": ("warning", "with different labels", "mend the labels, or leave these rows out"),
        "folds": (
            "warning",
            "in different folds",
            "give them one group, and use scheme stratified_group",
        ),
        "unlabelled": ("note", "in train and unlabelled", ""),
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
            "learn from them only if the rules allow labels of test images",
        ),
    }
    return [
        Finding(say[kind][0], f"{what} {say[kind][1]}", counted(items), say[kind][2], tuple(items))
        for kind, items in kinds.items()
        if items
    ]
