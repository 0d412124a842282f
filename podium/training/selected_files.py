"""The samples that a method answered, kept: in a file of their own, or in a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from podium.errors import RunError
from podium.training.method import Selected
from podium.training.packed_masks import PackedMasks
from podium.workspace.atomic import replacing

__all__ = ["from_state", "read_selected", "to_state", "write_selected"]

Arrays = dict[str, NDArray[Any]]


def write_selected(path: Path, selected: Selected) -> None:
    """Write `selected` to an `.npz` file, whole or not at all."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **_arrays_of(selected))


def read_selected(path: Path) -> Selected:
    """Return what `write_selected` wrote.

    Raises:
        RunError: the file is missing or damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _selected_of({name: arrays[name] for name in arrays.files})
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise RunError(
            f"the pseudo-labels of an unfinished training cannot be read: {error}",
            where=path,
            fix="remove the fold's folder and train it again",
        ) from error


def to_state(selected: Selected) -> dict[str, Tensor]:
    """Return `selected` as tensors, for the state of a method."""
    return {name: torch.from_numpy(array) for name, array in _arrays_of(selected).items()}


def from_state(state: Mapping[str, Tensor]) -> Selected:
    """Return what `to_state` described."""
    return _selected_of({name: tensor.cpu().numpy() for name, tensor in state.items()})


def _arrays_of(selected: Selected) -> Arrays:
    arrays: Arrays = {
        "index": selected.index,
        "confidence": selected.confidence,
        "round": selected.round,
    }
    if selected.labels is not None:
        arrays["labels"] = selected.labels
    if selected.weight is not None:
        arrays["weight"] = selected.weight
    if selected.masks is not None:
        arrays |= PackedMasks.of(selected.masks).to_arrays()
    return arrays


def _selected_of(arrays: Mapping[str, NDArray[Any]]) -> Selected:
    return Selected(
        index=arrays["index"],
        confidence=arrays["confidence"],
        round=arrays["round"],
        labels=arrays.get("labels"),
        masks=PackedMasks.from_arrays(arrays) if "masks" in arrays else None,
        weight=arrays.get("weight"),
    )
