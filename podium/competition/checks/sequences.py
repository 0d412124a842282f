"""Sequences: images whose ids count on and whose pictures change little by little.

Frames of a video and slices of a volume are such. In random folds almost every validated frame has
a neighbour in training, and the score is that of a memory. A common name with numbers proves
nothing (`img_0001` … is how cameras and class folders count), so the pictures decide: neighbours
in the order of the numbers must be far more alike than images of the same name that lie apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks import Finding
from podium.competition.checks.image_facts import ImageFacts
from podium.errors import either, plural, some

__all__ = [
    "ImageSequence",
    "check_sequences",
    "find_sequences",
    "sequences_of_train",
    "split_into_scenes",
]

FEWEST = 8  # images of a sequence
LEAST_NEARER = 0.9  # share of neighbours that are nearer than images that lie apart
MOST_RATIO = 0.5  # of the distance of neighbours to that of images that lie apart, in the median
CUT, CUT_OF_APART = 5, 0.4  # times the median of neighbours, and of images apart: a new scene
_MEND_SEQUENCES = "podium folds --group drift:sequence --redo"
_NUMBERED = re.compile(r"(?P<stem>.*?)(?P<number>\d+)(?P<extension>\.[A-Za-z]\w{0,4})?", re.DOTALL)


@dataclass(frozen=True)
class ImageSequence:
    """Images that follow each other.

    Attributes:
        stem: what their ids begin with.
        rows: positions, in the order of the numbers.
        ends: positions in `rows`, after which the picture changes altogether.
    """

    stem: str
    rows: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)


def find_sequences(
    ids: Sequence[str], thumbnails: NDArray[np.uint8], known: NDArray[np.bool_]
) -> list[ImageSequence]:
    """Return the sequences among N images, in the order of their first rows.

    Args:
        ids: `(N,)`; each ends with a number, an extension aside, where it is of a sequence.
        thumbnails: `(N, h, w, 3)`.
        known: `(N,)`, whether there is a thumbnail.
    """
    stems: dict[str, list[tuple[int, int]]] = {}
    for row, name in enumerate(ids):
        match = _NUMBERED.fullmatch(str(name))
        if match is not None and known[row]:
            stems.setdefault(match["stem"], []).append((int(match["number"]), row))
    found = []
    for stem, numbered in stems.items():
        if len(numbered) >= FEWEST:
            rows = np.array([row for _, row in sorted(numbered)], dtype=np.int64)
            ends = _ends(thumbnails[rows])
            if ends is not None:
                found.append(ImageSequence(stem, rows, ends))
    return found


def _ends(thumbnails: NDArray[np.uint8]) -> NDArray[np.int64] | None:
    """Return after which images of `(N, h, w, 3)` a scene ends; None: they are no sequence."""
    flat = thumbnails.reshape(len(thumbnails), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    beside = 1 - (flat[1:] * flat[:-1]).sum(axis=1)
    lag = len(flat) // 2
    apart = 1 - (flat[lag:] * flat[:-lag]).sum(axis=1)
    typical = float(np.median(apart))
    is_nearer = beside < typical
    if is_nearer.mean() < LEAST_NEARER or np.median(beside) > MOST_RATIO * typical:
        return None
    return np.flatnonzero(beside > max(CUT * float(np.median(beside)), CUT_OF_APART * typical))


def split_into_scenes(sequence: ImageSequence) -> list[NDArray[np.int64]]:
    """Return the rows of each scene: where the picture changes altogether, the next one begins."""
    return np.split(sequence.rows, sequence.ends + 1)


def sequences_of_train(images: pd.DataFrame) -> list[ImageSequence]:
    """Return the sequences among the images of train, by rows of `images`."""
    rows = np.flatnonzero((images["split"] == "train").to_numpy())
    facts: list[ImageFacts] = list(images["facts"].to_numpy()[rows])
    if not facts:
        return []
    found = find_sequences(
        [str(name) for name in images["id"].iloc[rows]],
        np.array([fact.thumbnail for fact in facts]),
        np.array([fact.error is None and not fact.is_flat for fact in facts]),
    )
    return [replace(one, rows=rows[one.rows]) for one in found]


def check_sequences(images: pd.DataFrame, found: Sequence[ImageSequence]) -> list[Finding]:
    """Return a finding on images of train that follow each other, a warning if folds part them."""
    if not found:
        return []
    folds, shown = images["fold"].to_numpy(), images["shown"].to_numpy()
    torn = [one for one in found if len(set(folds[one.rows])) > 1]
    listed = torn or list(found)
    n = sum(map(len, listed))
    items = tuple(f"{shown[one.rows[0]]} … {shown[one.rows[-1]]} ({len(one):,})" for one in listed)
    beside = (
        f"{either(n, 'train image is', 'train images are')} of "
        f"{plural(len(listed), 'sequence')}, as frames of a video or slices of a "
        "volume are: their names count on, and neighbours look alike"
    )
    pictures = tuple(tuple(shown[one.rows[:4]]) for one in listed)
    what = f"{beside}; {some(items, 3)}"
    title = "sequences of images"
    finding = Finding("note", title, what, "", items, n, pictures=pictures, beside=beside)
    if not torn:
        return [finding]
    fix = "keep a sequence in one fold; else the score is of rows that the network remembers"
    title = f"{title} in different folds"
    return [replace(finding, level="warning", title=title, fix=fix, mend=_MEND_SEQUENCES)]
