"""What `podium check` saw of every image, kept for whoever wants to show it: sizes, duplicates.

    .podium/cache/checked/images.parquet    one row a sample; safe to delete

It is as old as the last check: samples that came since are not in it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks.image_facts import ImageFacts
from podium.competition.checks.near_duplicates import clusters, distances
from podium.errors import DataError
from podium.workspace.atomic import replacing
from podium.workspace.layout import Workspace

__all__ = ["Looked", "Pair", "keep_looked", "read_looked"]

_logger = logging.getLogger(__name__)
_MOST_PAIRS, _MOST_COMPARED = 20, 40  # of one cluster: pairs that are told, samples looked at


@dataclass(frozen=True)
class Pair:
    """Two samples that show one picture.

    Attributes:
        one, other: their rows.
        distance: bits of 64 in which their hashes differ.
        is_same_file: whether the contents of their files are equal.
    """

    one: int
    other: int
    distance: int
    is_same_file: bool


@dataclass(frozen=True)
class Looked:
    """N samples, in the order of the parts of the data.

    Attributes:
        splits: `(N,)`: "train", "unlabelled", "test", "extra NAME".
        ids: `(N,)`.
        paths: `(N,)`, of the first file of each, as the samples name it.
        sizes: `(N, 2)`, height and width; 0 where the image could not be read.
        cluster: `(N,)`, a number for all samples of one picture; -1: it stands once.
        hashes: `(N,)`, perceptual.
        contents: `(N,)`, of files; equal ones are equal.
    """

    splits: NDArray[Any]
    ids: NDArray[Any]
    paths: NDArray[Any]
    sizes: NDArray[np.int64]
    cluster: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    contents: NDArray[Any]

    def __len__(self) -> int:
        return len(self.ids)

    def twins(self, row: int) -> list[Pair]:
        """Return the pairs of `row` with the other samples of its picture, the nearest first."""
        if self.cluster[row] < 0:
            return []
        others = np.flatnonzero(self.cluster == self.cluster[row])
        return self._of(np.full(len(others) - 1, row), others[others != row])

    def pairs(self) -> list[Pair]:
        """Return the pairs of each cluster in order, of large ones the nearest of the first."""
        members = np.flatnonzero(self.cluster >= 0)
        order = members[np.argsort(self.cluster[members], kind="stable")]
        edges = np.flatnonzero(np.diff(self.cluster[order])) + 1
        found: list[Pair] = []
        for part in np.split(order, edges) if len(order) else []:
            one, other = np.triu_indices(min(len(part), _MOST_COMPARED), k=1)
            found += self._of(part[one], part[other])
        return found

    def _of(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> list[Pair]:
        apart = distances(self.hashes[one], self.hashes[other])
        is_same = self.contents[one] == self.contents[other]
        order = np.lexsort((apart, ~is_same.astype(bool)))[:_MOST_PAIRS]
        return [
            Pair(int(one[at]), int(other[at]), int(apart[at]), bool(is_same[at])) for at in order
        ]


def keep_looked(
    workspace: Workspace, images: pd.DataFrame, found: Sequence[NDArray[np.int64]]
) -> None:
    """Keep what a check saw; where nothing can be written, nothing is kept.

    Args:
        workspace: where.
        images: one row a sample: split, id, path, facts.
        found: rows of one picture, each set of them; a row may be in several.
    """
    facts: list[ImageFacts] = list(images["facts"])
    links = [np.column_stack([rows[:-1], rows[1:]]) for rows in found]
    joined = clusters(np.concatenate(links), len(facts)) if links else []
    cluster = np.full(len(facts), -1, dtype=np.int64)
    for number, rows in enumerate(joined):
        cluster[rows] = number
    table = pd.DataFrame(
        {
            "split": images["split"].to_numpy(),
            "id": images["id"].astype(str).to_numpy(),
            "path": images["path"].to_numpy(),
            "height": [one.height for one in facts],
            "width": [one.width for one in facts],
            "cluster": cluster,
            "hash": np.array([one.hash for one in facts], dtype=np.uint64),
            "sha256": [one.sha256 for one in facts],
        }
    )
    try:
        with replacing(workspace.checked_images) as temporary:
            table.to_parquet(temporary, index=False)
    except OSError as error:
        _logger.warning("what was seen of the images is not kept: %s", error)


def read_looked(workspace: Workspace) -> Looked | None:
    """Return what the last check saw; None where there was none.

    Raises:
        DataError: the file is damaged.
    """
    file = workspace.checked_images
    if not file.is_file():
        return None
    try:
        table = pd.read_parquet(file)
        return Looked(
            splits=table["split"].to_numpy(),
            ids=table["id"].to_numpy(),
            paths=table["path"].to_numpy(),
            sizes=table[["height", "width"]].to_numpy(dtype=np.int64),
            cluster=table["cluster"].to_numpy(dtype=np.int64),
            hashes=table["hash"].to_numpy(dtype=np.uint64),
            contents=table["sha256"].to_numpy(),
        )
    except (OSError, ValueError, KeyError) as error:  # pyarrow's own errors are ValueErrors
        fix = "remove the file, and run `podium check` again"
        raise DataError(f"damaged: {error}", where=file, fix=fix) from error
