"""How each miniature is learnt, what podium finds out of it, how its file is read and scored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from competition_miniatures import reading, scores
from competition_miniatures.made import Made
from podium.competition.truths.instances import Instances

__all__ = ["CASES", "Case", "epochs", "planes"]

RECIPE: dict[str, Any] = {
    "optimizer": {"name": "adamw", "lr": 1e-2, "schedule": "constant"},
    "batch_size": 8,
}
BACKBONE = {"backbone": "cnn", "pretrained": False, "options": {"widths": [8, 16]}}
OF_MASKS = {**BACKBONE, "heads": {"segment": {"decoder": "linear"}}}
OF_LABELS = {**BACKBONE, "heads": {"classify": {}}}


Fault = tuple[str, str]


@dataclass(frozen=True)
class Case:
    """How a miniature is learnt, read and scored.

    Attributes:
        read: from a file, the sample submission and the truth to what is said, by id.
        score: from what is said and what is true to a number.
        podiums: from either to what podium's metric takes.
        least: the file's score is above it; nothing learnt would not be.
        recipe: of the training.
        inferred: what `podium init` finds out by itself, by dotted key.
        told: what it says of what it cannot know.
        fault: what a file must not have, in place of the cells of its last row but one, and the
            words with which `podium check FILE` refuses it.
    """

    read: Callable[[Path, Path, Made], Any]
    score: Callable[[Any, Any], float]
    podiums: Callable[[Any, Made], Any]
    least: float
    recipe: dict[str, Any]
    inferred: dict[str, Any] = field(default_factory=dict)
    told: str = ""
    fault: Fault = ("", "")


def planes(predicted: Any, _: Made) -> list[Any]:
    """Return masks as podium has those of a binary or a multilabel task."""
    each = [np.asarray(mask) for mask in predicted.values()]
    return [(one if one.ndim == 2 else one.transpose(1, 2, 0)).astype(np.uint8) for one in each]


def volumes(predicted: Any, made: Made) -> list[Any]:
    scans: dict[str, list[Any]] = {}
    for (name, _), mask in zip(predicted.items(), planes(predicted, made), strict=True):
        scans.setdefault(name.partition("_slice_")[0], []).append(mask)
    return [np.stack(slices) for slices in scans.values()]


def instances(predicted: Any, made: Made) -> list[Instances]:
    sizes = {name: mask.shape[-2:] for name, mask in made.truth.items()}
    return [Instances.from_planes(sizes[name], list(one)) for name, one in predicted.items()]


def numbers(predicted: Any, _: Made) -> Any:
    return np.array([float(one) for one in predicted.values()])


def ranks(predicted: Any, made: Made) -> Any:
    """Return places among the known whales; the number after the last says new_whale."""
    places = {whale: place for place, whale in enumerate(made.classes)}
    if isinstance(next(iter(predicted.values())), str):
        return np.array([places.get(one, -1) for one in predicted.values()])
    return np.array([[places.get(one, len(places)) for one in five] for five in predicted.values()])


def columns(predicted: Any, _: Made) -> Any:
    return np.array([[int(label in one) for label in range(28)] for one in predicted.values()])


def epochs(n: int, model: dict[str, Any] = OF_MASKS, **keys: Any) -> dict[str, Any]:
    return {**RECIPE, "model": model, "phases": [{"name": "all", "epochs": n}], **keys}


CASES = {
    "tgs-salt": Case(
        lambda file, sample, made: reading.image_masks(file, sample, made),
        scores.iou_hits,
        planes,
        0.6,
        epochs(10, input={"size": 40, "fit": "pad", "train": "none"}),
        {
            "tasks": {"segment": "binary"},
            "data.train.mask": "data/train/masks/{id}.png",
            "data.train.mask_values": {0: "background", 65535: "foreground"},
            "submission.sample": "data/sample_submission.csv",
        },
        fault=("1369 2", "the last run ends at pixel 1,370 of 1,369"),
    ),
    "severstal": Case(
        lambda file, sample, made: reading.class_masks(file, sample, made),
        scores.mean_dice,
        planes,
        0.84,
        epochs(16, input={"size": [32, 128], "train": "none"}),
        {
            "tasks": {"segment": "multilabel"},
            "classes": ["1", "2", "3", "4"],
            "data.train.mask.id": "ImageId_ClassId={id}_{class}",
            "submission.id": "{id}_{class}",
        },
        fault=("5 3 6 2", "the start 6 is not after the run before it"),
    ),
    "hubmap-kidney": Case(
        lambda file, sample, made: reading.image_masks(file, sample, made),
        scores.mean_dice,
        planes,
        0.6,
        epochs(6, input={"size": 32, "fit": "tile", "train": "none"}),
        {
            "data.train.images": "data/train/{id}.tiff",
            "data.reader.name": "tiff",
            "data.train.mask.rle": "encoding",
        },
        "patient_number",
        fault=("1 999999", "beyond the 76 x 82 pixels"),
    ),
    "contrails": Case(
        lambda file, sample, made: reading.image_masks(file, sample, made, empty="-"),
        scores.global_dice,
        planes,
        0.5,
        epochs(8, input={"size": 32, "train": "none"}, extra={"validation": 1.0}),
        {"data.reader.axes": "HWT"},
        "",
        fault=("", "write '-' for an empty mask"),
    ),
    "uw-madison": Case(
        lambda file, sample, made: reading.class_masks(file, sample, made, keys=2, order="C"),
        scores.dice_and_hausdorff,
        volumes,
        0.5,
        epochs(30, input={"size": 40, "fit": "pad", "train": "none"}, batch_size=4),
        {},
        "",
        fault=("stomach,1279 3", "beyond the 40 x 32 pixels"),
    ),
    "airbus-ships": Case(
        lambda file, _, made: reading.object_masks(file, made),
        scores.object_f2,
        instances,
        0.45,
        epochs(14, input={"size": 48, "train": "none"}),
        {
            "tasks": {"segment": "instance"},
            "data.train.mask.rle": "EncodedPixels",
            "data.test.id": "{name}",
        },
        fault=("2300 50", "beyond the 48 x 48 pixels"),
    ),
    "dsb2018": Case(
        lambda file, _, made: reading.object_masks(file, made),
        scores.object_precision,
        instances,
        0.05,
        epochs(14, input={"size": 56, "fit": "pad", "train": "none"}),
        {
            "tasks": {"segment": "instance"},
            "data.train.mask": "data/stage1_train/{id}/masks/*.png",
            "data.test.id": "{stem}",
        },
        fault=("-1", "leave the cell blank"),
    ),
    "rsna-breast": Case(
        lambda file, sample, _: {k: float(v) for k, v in reading.values(file, sample).items()},
        scores.probabilistic_f1,
        numbers,
        0.6,
        epochs(5, OF_LABELS, input={"size": 24, "train": "none"}),
        {
            "data.reader": "dicom",
            "data.train.label": "cancer",
            "data.train.images": "data/train_images/{patient_id}/{image_id}.dcm",
            "data.train.unit": "{patient_id}_{laterality}",
            "folds.group": "patient_id",
        },
        "this seems to be RSNA Screening",
        fault=("1.5", "probabilities outside [0, 1]"),
    ),
    "aptos": Case(
        lambda file, sample, _: {k: int(v) for k, v in reading.values(file, sample).items()},
        scores.kappa,
        lambda said, made: numbers(said, made).astype(int),
        0.6,
        epochs(10, OF_LABELS, input={"size": 24, "train": "none"}),
        {
            "tasks": {"classify": "ordinal"},
            "classes": list("01234"),
            "data.train.label": "diagnosis",
            "data.test.id": "id_code",
        },
        fault=("2.5", "write the class's index as an integer"),
    ),
    "cassava": Case(
        lambda file, sample, _: reading.values(file, sample),
        scores.accuracy,
        lambda said, made: numbers(said, made).astype(int),
        0.6,
        epochs(6, OF_LABELS, input={"size": 24, "train": "none"}),
        {
            "tasks": {"classify": "multiclass"},
            "data.train.images": "data/train_images/{image_id}",
            "data.test.id": "{name}",
        },
        fault=("5", "labels that are not 0 to 4"),
    ),
    "human-protein-atlas": Case(
        lambda file, sample, _: {
            k: {int(label) for label in v.split()} for k, v in reading.values(file, sample).items()
        },
        scores.macro_f1,
        columns,
        0.125,  # of 4 of the 28 classes there is something to learn, and more than one image
        epochs(6, OF_LABELS, input={"size": 24, "train": "none"}),
        {
            "tasks": {"classify": "multilabel"},
            "data.train.images.yellow": "data/train/{Id}_yellow.png",
            "data.reader.mode": "grey",
        },
        fault=("28", "unknown classes"),
    ),
    "humpback-whale": Case(
        lambda file, sample, _: {k: v.split() for k, v in reading.values(file, sample).items()},
        scores.map_at_5,
        ranks,
        0.6,
        epochs(12, OF_LABELS, input={"size": 24, "train": "none"}),
        {"data.train.label": "Id", "data.train.images": "data/train/{Image}"},
        fault=("new_whale a b c d e", "more than 5 answers"),
    ),
}
