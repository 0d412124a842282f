"""Weights of trained networks: checkpoints, safetensors of a pack, the mean of several (a soup).

Checkpoints are written whole or not at all, and read without running anything in them. A pack holds
safetensors: tensors alone, so nothing in the file can run.

A soup is one network of the same size: Wortsman et al. 2022, "Model soups: averaging weights of
multiple fine-tuned models improves accuracy without increasing inference time". It is of use where
the networks were trained from the same weights, so that they lie in one basin of the loss; networks
from different random weights do not, and their mean predicts nothing useful.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from podium.errors import DataError, RunError, some
from podium.models.trained_on import TRAINED_ON, TrainedOn
from podium.workspace import digests
from podium.workspace.atomic import replacing

__all__ = ["METADATA_KEY", "mean_state", "pack_weights", "read_trained_on"]


def save(path: Path, state: dict[str, Any]) -> None:
    """Write `state` to `path`; a process killed meanwhile leaves the old file or the new one.

    Args:
        path: the file; its folder is made where it is missing.
        state: tensors, numbers, texts, None, and lists, tuples and dicts of them.
    """
    with replacing(path) as temporary:
        torch.save(state, temporary)


def load(path: Path) -> dict[str, Any]:
    """Return the checkpoint that `save` wrote, in the memory of the processor.

    Raises:
        RunError: the file is damaged, or holds what `save` does not write; nothing in it is run.
        FileNotFoundError: there is none.
    """
    digests.check(path)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
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


PACKED_SUFFIX = ".safetensors"
METADATA_KEY = "podium"
"""Of podium's facts in the metadata of a safetensors or an ONNX file."""


def pack_weights(checkpoint: Path, to: Path) -> None:
    """Write the part of a checkpoint that predicts: the network's tensors and its normalisation.

    Raises:
        RunError: the checkpoint is damaged, or its network has a state that is no tensor.
    """
    state = load(checkpoint)
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
    if TRAINED_ON in state:
        facts[TRAINED_ON] = state[TRAINED_ON]
    with replacing(to) as temporary:
        save_file(tensors, temporary, metadata={METADATA_KEY: json.dumps(facts)})
        temporary.chmod(0o644)  # the library makes it readable by its owner alone


def load_packed(path: Path) -> dict[str, Any]:
    """Return what `pack` wrote, as the checkpoint had it: "network", and "normalisation" if any.

    Raises:
        RunError: the file is cut short or is none of ours.
        FileNotFoundError: there is none.
    """
    digests.check(path)
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {})[METADATA_KEY])
            facts.pop(TRAINED_ON, None)
            return {**facts, "network": {name: file.get_tensor(name) for name in file.keys()}}  # noqa: SIM118
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # the reader raises errors of its own, which are not public
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise RunError(
            f"these weights cannot be read: {reason}", where=path, fix="copy the package again"
        ) from error


def read_trained_on(path: Path) -> TrainedOn:
    """Return what the weights of a file learnt; `is_known` is False where the file lacks it.

    Args:
        path: as `models.weights.loading.load_weights` takes it, or an ONNX file; an unreadable one
            has nothing.
    """
    digests.check(path)
    try:
        if path.suffix == PACKED_SUFFIX:
            with safe_open(path, framework="pt") as file:
                facts = json.loads((file.metadata() or {})[METADATA_KEY])
            found = TrainedOn.from_facts(facts[TRAINED_ON])
        elif path.suffix == ".onnx":
            import onnx  # an optional package

            props = onnx.load(path, load_external_data=False).metadata_props
            text = {one.key: one.value for one in props}[METADATA_KEY]
            found = TrainedOn.from_facts(json.loads(text)[TRAINED_ON])
        else:
            content = torch.load(path, map_location="cpu", weights_only=True)
            found = TrainedOn.from_facts(content[TRAINED_ON])
    except Exception:  # of junk, and of other programs' files; loading them tells more
        found = None
    return TrainedOn(is_known=False) if found is None else found


State = Mapping[str, Tensor]


def mean_state(states: Sequence[State], names: Sequence[str]) -> dict[str, Tensor]:
    """Return the mean of each tensor of `states`, in its own dtype, summed in float64.

    Running means and variances of batch norms are averaged like weights. Whole numbers, which count
    batches, are those of the first network.

    Args:
        states: `state_dict` of M networks.
        names: `(M,)`, for messages.

    Raises:
        DataError: the networks are not of one architecture, or a weight is not finite.
    """
    first = states[0]
    for state, name in zip(states[1:], names[1:], strict=True):
        _refuse_another(first, state, names[0], name)
    return {key: _mean([state[key] for state in states], key, names) for key in first}


def _refuse_another(first: State, other: State, name: str, other_name: str) -> None:
    apart = sorted(set(first) ^ set(other))
    apart = apart or [key for key in first if first[key].shape != other[key].shape]
    if apart:
        raise DataError(
            f"{name} and {other_name} are networks of different architectures: {some(apart)}",
            fix="a soup takes runs whose `model` is the same",
        )


def _mean(tensors: list[Tensor], key: str, names: Sequence[str]) -> Tensor:
    if not tensors[0].is_floating_point():
        return tensors[0].clone()
    for tensor, name in zip(tensors, names, strict=True):
        if not bool(torch.isfinite(tensor).all()):
            raise DataError(f"{key} of {name} is not finite", fix="leave this run out")
    total = torch.zeros_like(tensors[0], dtype=torch.float64)
    for tensor in tensors:
        total += tensor
    return (total / len(tensors)).to(tensors[0].dtype)
