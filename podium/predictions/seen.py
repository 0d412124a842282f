"""What a training saw first: some samples of each stream of a phase, in all their views.

    fold-K/seen/P/STREAM.npz    P: number of the phase, from 1

A file is there whole or not at all, and never changes. Only the fold that a run trains first has
them. The name of a stream is written as in a URL. No torch here.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import Mask
from podium.errors import RunError
from podium.predictions.reading import Fold
from podium.workspace.atomic import replacing

__all__ = ["SeenStream", "SeenView", "read_seen", "seen_file", "seen_folds", "write_seen"]


class SeenView(NamedTuple):
    """One way in which a stream shows its samples.

    Attributes:
        name: as the method calls it: "train", "weak", "strong".
        policy: by which it is drawn; "train" is the recipe's own.
        of: the earlier view on top of which it is drawn; empty: of the image itself.
        images: `(n, h, w, 3)`, as they are before they are normalised, made smaller.
        masks: `(n, h, w)` or `(n, h, w, C)` as `podium.competition.masks.Mask`, 255 where nothing
            is known; None where the stream has none.
    """

    name: str
    policy: str
    of: str
    images: NDArray[np.uint8]
    masks: Mask | None


class SeenStream(NamedTuple):
    """Some samples of a batch of a stream.

    Attributes:
        phase: number of the phase, from 1.
        name: of the stream.
        step: optimiser step of the phase that saw them, from 1.
        ids: `(n,)`.
        labels: `(n,)`, what was learnt of each as text; empty where nothing is known.
        views: in the order of the stream.
    """

    phase: int
    name: str
    step: int
    ids: list[str]
    labels: list[str]
    views: list[SeenView]


def seen_file(run: Path, fold: Fold, phase: int, stream: str) -> Path:
    """Return the file of a stream; `phase` counts from 1."""
    return _room(run, fold) / str(phase) / f"{quote(stream, safe=' ')}.npz"


def seen_folds(run: Path) -> list[str]:
    """Return the folds of which something is kept: their numbers, or "full"."""
    rooms = sorted(run.glob("fold-*/seen"))
    return [room.parent.name.removeprefix("fold-") for room in rooms]


def write_seen(run: Path, fold: Fold, seen: SeenStream) -> None:
    """Write the file of `seen`.

    Raises:
        OSError: it cannot be written.
    """
    arrays: dict[str, NDArray[np.generic]] = {
        "step": np.array(seen.step),
        "ids": _texts(seen.ids),
        "labels": _texts(seen.labels),
        "views": _texts([view.name for view in seen.views]),
        "policies": _texts([view.policy for view in seen.views]),
        "of": _texts([view.of for view in seen.views]),
    }
    for number, view in enumerate(seen.views):
        arrays[f"images-{number}"] = view.images
        if view.masks is not None:
            arrays[f"masks-{number}"] = view.masks
    with (
        replacing(seen_file(run, fold, seen.phase, seen.name)) as temporary,
        temporary.open("wb") as stream,
    ):
        np.savez_compressed(stream, allow_pickle=False, **arrays)


def read_seen(run: Path, fold: Fold | str) -> list[SeenStream]:
    """Return what a fold saw, by phase and then by the stream's name; none where nothing is kept.

    Args:
        run: the run's folder.
        fold: its number, or "full".

    Raises:
        RunError: a file is damaged.
    """
    phases = {
        int(folder.name): folder
        for folder in (run / f"fold-{fold}" / "seen").glob("*")
        if folder.name.isdigit()
    }
    return [
        _read(number, file)
        for number, folder in sorted(phases.items())
        for file in sorted(folder.glob("[!.]*.npz"))
    ]


def _read(phase: int, file: Path) -> SeenStream:
    try:
        with np.load(file) as stored:
            names, policies, of = (stored[key].tolist() for key in ("views", "policies", "of"))
            views = [
                SeenView(
                    name,
                    policies[number],
                    of[number],
                    stored[f"images-{number}"],
                    stored.get(f"masks-{number}"),
                )
                for number, name in enumerate(names)
            ]
            ids, labels = stored["ids"].tolist(), stored["labels"].tolist()
            stream = unquote(file.name.removesuffix(".npz"))
            return SeenStream(phase, stream, int(stored["step"]), ids, labels, views)
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise RunError(f"damaged: {error}", where=file, fix="remove the file") from error


def _texts(texts: Sequence[str]) -> NDArray[np.str_]:
    return np.array(texts, dtype=np.str_)


def _room(run: Path, fold: Fold) -> Path:
    return run / f"fold-{fold}" / "seen"
