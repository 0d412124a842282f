"""Checkpoints: written whole or not at all, and read without running anything in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from podium.errors import RunError
from podium.workspace.atomic import replacing

__all__ = ["load", "save"]


def save(path: Path, state: dict[str, Any]) -> None:
    """Write `state` to `path`; a process killed meanwhile leaves the old file or the new one.

    Args:
        path: the file; its folder is made where it is missing.
        state: tensors, numbers, texts, None, and lists, tuples and dicts of them.
    """
    with replacing(path) as temporary:
        torch.save(state, temporary)


def load(path: Path, map_location: str | torch.device = "cpu") -> dict[str, Any]:
    """Return what `save` wrote, its tensors on `map_location`.

    Raises:
        RunError: the file is damaged, or holds what `save` does not write; nothing in it is run.
        FileNotFoundError: there is none.
    """
    try:
        state = torch.load(path, map_location=map_location, weights_only=True)
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # junk makes the unpickler raise whatever it pleases
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise RunError(
            f"the checkpoint cannot be read: {reason}",
            where=path,
            fix="delete it: the same command then starts this fold again",
        ) from error
    if not isinstance(state, dict):
        raise RunError(f"expected a checkpoint, got {type(state).__name__}", where=path)
    return state
