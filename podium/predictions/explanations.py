"""Results of `podium explain`: feature maps, Grad-CAM, attention, and predictions on training rows.

    fold-K/inside/DIGEST.npz    of one image; DIGEST: 16 hex digits of the sha256 of its id
    fold-K/learnt.json          ids of training rows, and the classes predicted for each

An `.npz` holds small arrays and a JSON text that describes them. It is there whole or not at all;
explaining the image again replaces it. Predictions on rows that a fold was trained on are never out
of fold: they lie outside the prediction sets, so nothing that tunes, blends or scores can use them.
No torch here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podium.errors import DAMAGED_ARRAY, RunError, plural
from podium.predictions.store.reading import Fold
from podium.tasks.protocols.names import TaskName
from podium.workspace import digests
from podium.workspace.atomic import replacing, write_text

__all__ = [
    "AttentionMaps",
    "Explanation",
    "GradCamMap",
    "StageActivations",
    "TrainingRowDecisions",
    "explained_folds",
    "explanation_file",
    "latest_explanations",
    "read_training_decisions",
    "training_decisions_file",
    "write_explanation",
    "write_training_decisions",
]


_EXPLANATION_FORMAT = 1

Half = NDArray[np.float16]


class StageActivations(NamedTuple):
    """The channels of a layer with the highest mean activation, the highest first.

    Attributes:
        name: "stage 1", or the layer as it was requested.
        n_channels: how many channels the layer has.
        channels: `(k,)`, which of them these are, from 0.
        maps: `(k, h, w)`.
    """

    name: str
    n_channels: int
    channels: list[int]
    maps: Half


class GradCamMap(NamedTuple):
    """A Grad-CAM map: the parts of an image that support a class.

    Attributes:
        task: "classify" (Grad-CAM) or "segment" (Seg-Grad-CAM).
        of: "predicted" for the predicted class, "truth" for the true one, "both" where they are one
            class.
        name: of the class; "" of a value, and of a mask that is not there or is.
        score: its probability, the value, or the share of the pixels predicted as it.
        peak: the highest number of the map before it was divided by it; 0: no pixel supports the
            class.
        map: `(h, w)`, from 0 to 1.
    """

    task: TaskName
    of: Literal["predicted", "truth", "both"]
    name: str
    score: float
    peak: float
    map: Half


class AttentionMaps(NamedTuple):
    """Attention of a vision transformer: weights, which sum to at most 1 over the patches.

    Attributes:
        by: "class token"; or "mean of the patches", where there is none.
        last: `(h, w)`, of the last block, the mean over its heads.
        rollout: `(h, w)`, through all blocks (Abnar & Zuidema 2020).
    """

    by: str
    last: Half
    rollout: Half


class Explanation(NamedTuple):
    """An explanation of what a fold's network computes for an image.

    Attributes:
        id: of the image.
        part: "train", "test" or "unlabelled".
        is_trained_on: whether this fold was trained on the image.
        image: `(H, W, 3)`, as the network sees it, before it is normalised.
        predicted, truth: predicted and true labels as text; "" where there is none.
        stages: in the order in which an image goes through them.
        heats: of labels first; the predicted class before the true one.
        attention: None where the network has none that can be read.
        left_out: why something is not here, a sentence each.
    """

    id: str
    part: str
    is_trained_on: bool
    image: NDArray[np.uint8]
    predicted: str
    truth: str
    stages: list[StageActivations]
    heats: list[GradCamMap]
    attention: AttentionMaps | None
    left_out: list[str]


def explanation_file(run: Path, fold: Fold | str, name: str) -> Path:
    """Return the file of the image with the id `name`, whatever signs that has."""
    digest = hashlib.sha256(name.encode("utf-8", errors="surrogatepass")).hexdigest()
    return _explanations_folder(run, fold) / f"{digest[:16]}.npz"


def explained_folds(run: Path) -> list[str]:
    """Return the folds of which something was looked at: numbers in order, then "full"."""
    names = [room.parent.name.removeprefix("fold-") for room in run.glob("fold-*/inside")]
    return sorted(names, key=lambda one: (not one.isdigit(), int(one) if one.isdigit() else 0))


def write_explanation(run: Path, fold: Fold | str, inside: Explanation) -> Path:
    """Write the file of `inside`, in place of an earlier one, and return its path.

    Raises:
        OSError: it cannot be written.
    """
    file = explanation_file(run, fold, inside.id)
    arrays: dict[str, NDArray[np.generic]] = {"image": inside.image}
    for number, stage in enumerate(inside.stages):
        arrays[f"stage-{number}"] = stage.maps.astype(np.float16)
    for number, heat in enumerate(inside.heats):
        arrays[f"heat-{number}"] = heat.map.astype(np.float16)
    if inside.attention is not None:
        arrays["attention"] = inside.attention.last.astype(np.float16)
        arrays["rollout"] = inside.attention.rollout.astype(np.float16)
    facts: dict[str, Any] = {
        "format": _EXPLANATION_FORMAT,
        "id": inside.id,
        "part": inside.part,
        "learnt": inside.is_trained_on,
        "predicted": inside.predicted,
        "truth": inside.truth,
        "stages": [
            {"name": one.name, "n_channels": one.n_channels, "channels": one.channels}
            for one in inside.stages
        ],
        "heats": [
            {"task": one.task, "of": one.of, "name": one.name, "score": one.score, "peak": one.peak}
            for one in inside.heats
        ],
        "attention": None if inside.attention is None else inside.attention.by,
        "left_out": inside.left_out,
    }
    # ASCII alone: an id may hold a lone surrogate, which UTF-8 has not.
    arrays["facts"] = np.frombuffer(json.dumps(facts).encode("ascii"), dtype=np.uint8)
    with replacing(file) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)
    return file


def latest_explanations(run: Path, most: int) -> list[tuple[str, Explanation]]:
    """Return the fold and the explanation of each of the `most` newest ones, the newest first.

    Raises:
        RunError: a file is damaged.
    """
    files = _newest(run.glob("fold-*/inside/[!.]*.npz"))[:most]
    return [
        (file.parent.parent.name.removeprefix("fold-"), _read_explanation(file)) for file in files
    ]


def _newest(files: Iterable[Path]) -> list[Path]:
    return sorted(files, key=lambda file: (-file.stat().st_mtime_ns, file.name))


def _read_explanation(file: Path) -> Explanation:
    digests.check(file)
    try:
        with np.load(file) as stored:
            facts = json.loads(stored["facts"].tobytes())
            if facts["format"] != _EXPLANATION_FORMAT:
                raise ValueError(f"format {facts['format']} is not ours, {_EXPLANATION_FORMAT}")
            stages = [
                StageActivations(**one, maps=stored[f"stage-{number}"])
                for number, one in enumerate(facts["stages"])
            ]
            heats = [
                GradCamMap(**one, map=stored[f"heat-{number}"])
                for number, one in enumerate(facts["heats"])
            ]
            attention = None
            if facts["attention"] is not None:
                attention = AttentionMaps(
                    facts["attention"], stored["attention"], stored["rollout"]
                )
            return Explanation(
                id=facts["id"],
                part=facts["part"],
                is_trained_on=facts["learnt"],
                predicted=facts["predicted"],
                truth=facts["truth"],
                image=stored["image"],
                stages=stages,
                heats=heats,
                attention=attention,
                left_out=facts["left_out"],
            )
    except DAMAGED_ARRAY as error:
        fix = "remove the file, and run `podium explain` again"
        raise RunError(f"damaged: {error}", where=file, fix=fix) from error


def _explanations_folder(run: Path, fold: Fold | str) -> Path:
    return run / f"fold-{fold}" / "inside"


_DECISIONS_FORMAT = 1


class TrainingRowDecisions(NamedTuple):
    """Training rows of a fold, with its predictions on them once it was trained.

    Attributes:
        ids: `(n,)`, of the train part.
        classes: `(n,)`, the predicted classes of each: one, or in a multilabel task any number.
    """

    ids: list[str]
    classes: list[list[int]]

    @classmethod
    def of(cls, ids: list[str], decisions: NDArray[np.integer[Any]]) -> TrainingRowDecisions:
        """Return the decisions on `ids`: `(n,)` classes, or `(n, C)` of 0 and 1."""
        if decisions.ndim == 1:
            return cls(ids, decisions[:, None].tolist())
        return cls(ids, [np.flatnonzero(row).tolist() for row in decisions])


def training_decisions_file(run: Path, fold: Fold | str) -> Path:
    """Return where it is kept."""
    return run / f"fold-{fold}" / "learnt.json"


def write_training_decisions(run: Path, fold: Fold | str, decisions: TrainingRowDecisions) -> Path:
    """Write it in place of earlier predictions, and return the file.

    Raises:
        OSError: it cannot be written.
    """
    file = training_decisions_file(run, fold)
    # ASCII alone: an id may hold a lone surrogate, which UTF-8 has not.
    write_text(
        file,
        json.dumps(
            {"format": _DECISIONS_FORMAT, "ids": decisions.ids, "classes": decisions.classes}
        ),
    )
    return file


def read_training_decisions(run: Path) -> dict[int, TrainingRowDecisions]:
    """Return what was kept, by fold in order; nothing where `podium explain` has not run.

    Raises:
        RunError: a file is damaged.
    """
    each = {int(file.parent.name[5:]): file for file in run.glob("fold-[0-9]*/learnt.json")}
    return {fold: _read_training_decisions(each[fold]) for fold in sorted(each)}


def _read_training_decisions(file: Path) -> TrainingRowDecisions:
    digests.check(file)
    try:
        facts = json.loads(file.read_text(encoding="ascii"))
        if facts["format"] != _DECISIONS_FORMAT:
            raise ValueError(f"format {facts['format']} is not ours, {_DECISIONS_FORMAT}")
        ids = [str(one) for one in facts["ids"]]
        classes = [[int(one) for one in each] for each in facts["classes"]]
        if len(classes) != len(ids):
            raise ValueError(f"{plural(len(ids), 'row')}, and {plural(len(classes), 'answer')}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        fix = "remove the file, and run `podium explain --learnt` again"
        raise RunError(f"damaged: {error}", where=file, fix=fix) from error
    return TrainingRowDecisions(ids, classes)
