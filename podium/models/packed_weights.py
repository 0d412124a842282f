"""A trained network's weights as safetensors: tensors alone, so nothing in the file can run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from podium.errors import RunError
from podium.models import checkpoints
from podium.workspace.atomic import replacing

__all__ = ["SUFFIX", "load", "pack"]

SUFFIX = ".safetensors"
_FACTS = "podium"


def pack(checkpoint: Path, to: Path) -> None:
    """Write what a checkpoint says of the network that predicts: its tensors and its normalisation.

    Raises:
        RunError: the checkpoint is damaged, or its network has a state that is no tensor.
    """
    state = checkpoints.load(checkpoint)
    network = state.get("network", {})
    odd = [name for name, value in network.items() if not isinstance(value, Tensor)]
    if odd or not network:
        what = f"{odd[0]} is no tensor" if odd else "it holds no network"
        raise RunError(
            f"these weights cannot be packed: {what}",
            where=checkpoint,
            fix="keep what predicts in parameters and buffers, and train it again",
        )
    # Tied weights share their memory, which the format refuses: each name gets its own copy.
    tensors = {name: value.detach().clone().contiguous() for name, value in network.items()}
    facts = {"normalisation": state["normalisation"]} if "normalisation" in state else {}
    with replacing(to) as temporary:
        save_file(tensors, temporary, metadata={_FACTS: json.dumps(facts)})
        temporary.chmod(0o644)  # the library makes it readable by its owner alone


def load(path: Path) -> dict[str, Any]:
    """Return what `pack` wrote, as the checkpoint had it: "network", and "normalisation" if any.

    Raises:
        RunError: the file is cut short or is none of ours.
        FileNotFoundError: there is none.
    """
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {})[_FACTS])
            return {**facts, "network": {name: file.get_tensor(name) for name in file.keys()}}  # noqa: SIM118
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # the reader raises errors of its own, which are not public
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise RunError(
            f"these weights cannot be read: {reason}", where=path, fix="copy the package again"
        ) from error
