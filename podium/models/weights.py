"""Start weights from a file: by key where the names agree, else by position where the shapes do.

Only tensors are read (`weights_only=True`): a pickle that would run code is refused, never run.
"""

from __future__ import annotations

import pickle
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from timm.models import adapt_input_conv
from torch import Tensor, nn

from podium.errors import RecipeError, some

__all__ = ["LoadReport", "load_backbone_weights", "read_weights"]

PREFIXES = ("module.", "_orig_mod.", "model.", "backbone.", "encoder.")
CONTAINERS = ("state_dict_ema", "model_ema", "state_dict", "model", "network")
CLASSIFIERS = ("fc", "_fc", "head", "heads", "classifier", "last_linear", "head_dist")
COUNTER = "num_batches_tracked"


@dataclass(frozen=True)
class LoadReport:
    """What became of the tensors of a file of weights.

    Args:
        matched: keys of the backbone that got a tensor.
        resized: those of them whose tensor was fitted to another shape (first convolution, …).
        left_out: keys of the file that the backbone has no place for, as the classifier's.
        by_position: the names differ, and tensors were matched by their order and shape.
    """

    matched: tuple[str, ...]
    resized: tuple[str, ...]
    left_out: tuple[str, ...]
    by_position: bool


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the tensors of `path` by key, in the file's order.

    Raises:
        RecipeError: the file is truncated, is no file of weights, or holds more than tensors.
    """
    try:
        with warnings.catch_warnings():
            # Of other pickle protocols: the file is readable all the same, or the error says more.
            warnings.simplefilter("ignore")
            content: Any = _read(path)
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # junk makes the readers raise whatever they please
        raise _unreadable(path, error) from error
    return _tensors(content, path)


def load_backbone_weights(backbone: nn.Module, path: Path) -> LoadReport:
    """Load the tensors of `path` into `backbone`, all of its own or none.

    Args:
        backbone: a network without classifier; changed in place, and only when everything fits.
        path: `.safetensors`, or `.pth`, `.pt`, `.bin` as `torch.save` writes them.

    Raises:
        RecipeError: unreadable file, or another architecture's (the first mismatches are named).
    """
    given = _strip_prefixes(read_weights(path))
    own = backbone.state_dict()
    fitted, resized = _fit_by_key(given, own, backbone)
    problems = _problems(fitted, own)
    by_position = bool(problems)
    if problems:
        # The keys of a safetensors file are sorted, so their order says nothing.
        in_order = path.suffix != ".safetensors"
        matched = _match_by_position(given, own) if in_order else None
        if matched is None:
            raise _mismatch(problems, own, path)
        fitted, resized, used = *matched[:2], matched[2]
    else:
        used = set(fitted)
    backbone.load_state_dict({**own, **fitted})
    return LoadReport(
        matched=tuple(key for key in own if key in fitted),
        resized=tuple(resized),
        left_out=tuple(key for key in given if key not in used),
        by_position=by_position,
    )


def _tensors(content: Any, path: Path) -> dict[str, Tensor]:
    """Find the tensors by key in what was saved: bare, or inside a training checkpoint."""
    if isinstance(content, Mapping):
        for name in CONTAINERS:
            if isinstance(content.get(name), Mapping):
                return _tensors(content[name], path)
        found = {str(k): v for k, v in content.items() if isinstance(v, Tensor)}
        if found:
            return found
    raise RecipeError(
        f"expected tensors by name, got {type(content).__name__} without any",
        where=path,
        fix="save the network's state_dict()",
    )


def _read(path: Path) -> Any:
    if path.suffix == ".safetensors":
        return load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def _unreadable(path: Path, error: Exception) -> RecipeError:
    if isinstance(error, pickle.UnpicklingError) and "GLOBAL" in str(error):
        return RecipeError(
            "the file holds Python objects beside tensors; podium never runs them",
            where=path,
            fix="where you trust it, load it once elsewhere and save its state_dict() alone",
        )
    return RecipeError(
        f"not a readable file of weights, or cut short: {_first_line(error)}",
        where=path,
        fix="copy or download it again and compare the size",
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _strip_prefixes(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Take off `module.`, `backbone.` … where keys carry them; all others stay as they are."""
    stripped = tensors
    while True:
        prefix = next((p for p in PREFIXES if _is_wrapper(p, stripped)), None)
        if prefix is None:
            return stripped
        stripped = {k.removeprefix(prefix): v for k, v in stripped.items()}


def _is_wrapper(prefix: str, tensors: Mapping[str, Tensor]) -> bool:
    wrapped = [key for key in tensors if key.startswith(prefix)]
    rest = [key for key in tensors if not key.startswith(prefix)]
    # Two keys must not fall on one name: then the prefix is a part's own name.
    return bool(wrapped) and not {k.removeprefix(prefix) for k in wrapped} & set(rest)


def _is_classifier(key: str) -> bool:
    return key.split(".")[0] in CLASSIFIERS


def _fit_by_key(
    given: dict[str, Tensor], own: Mapping[str, Tensor], backbone: nn.Module
) -> tuple[dict[str, Tensor], list[str]]:
    adapted = _adapted_by_timm(given, own, backbone)
    fitted, resized = {}, []
    for key, mine in own.items():
        tensor = adapted.get(key)
        if tensor is None:
            continue
        fits = _fit_channels(tensor, mine)
        if fits is not None:
            fitted[key] = fits
            if key not in given or given[key].shape != fits.shape:
                resized.append(key)
    return fitted, resized


def _adapted_by_timm(
    given: dict[str, Tensor], own: Mapping[str, Tensor], backbone: nn.Module
) -> dict[str, Tensor]:
    """Let the backbone's own module translate old key names and resize position embeddings."""
    if all(key in given and given[key].shape == tensor.shape for key, tensor in own.items()):
        return given
    translate = getattr(sys.modules[type(backbone).__module__], "checkpoint_filter_fn", None)
    if translate is None or not type(backbone).__module__.startswith("timm."):
        return given
    try:
        translated: dict[str, Tensor] = translate(dict(given), backbone)
    except Exception:  # — it is written for its own architecture's files alone, and may fail anyhow
        return given
    return translated


def _fit_channels(tensor: Tensor, mine: Tensor) -> Tensor | None:
    """Return `tensor` in the shape of `mine`, None when only other input channels could do that."""
    if tensor.shape == mine.shape:
        return tensor
    both_convolutions = tensor.ndim == mine.ndim == 4
    if not both_convolutions or tensor.shape[1] != 3 or not _same_but_channels(tensor, mine):
        return None
    adapted: Tensor = adapt_input_conv(mine.shape[1], tensor)
    return adapted


def _same_but_channels(tensor: Tensor, mine: Tensor) -> bool:
    return tensor.shape[0] == mine.shape[0] and tensor.shape[2:] == mine.shape[2:]


def _problems(fitted: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> list[str]:
    return [key for key in own if key not in fitted and not key.endswith(COUNTER)]


def _match_by_position(
    given: dict[str, Tensor], own: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], list[str], set[str]] | None:
    """Pair tensors in order, classifier and batch counters aside; None unless all shapes agree."""
    theirs = [k for k in given if not _is_classifier(k) and not k.endswith(COUNTER)]
    mine = [k for k in own if not k.endswith(COUNTER)]
    if len(theirs) != len(mine):
        return None
    fitted, resized = {}, []
    for index, (their_key, my_key) in enumerate(zip(theirs, mine, strict=True)):
        tensor, target = given[their_key], own[my_key]
        fits = _fit_channels(tensor, target) if index == 0 else tensor
        if fits is None or fits.shape != target.shape:
            return None
        fitted[my_key] = fits
        if fits.shape != tensor.shape:
            resized.append(my_key)
    return fitted, resized, set(theirs)


def _mismatch(problems: list[str], own: Mapping[str, Tensor], path: Path) -> RecipeError:
    return RecipeError(
        f"these weights are of another architecture: {len(problems)} of the backbone's {len(own)} "
        f"tensors are missing or have another shape: {some(problems)}",
        where=path,
        fix="name the backbone that the file was made with",
    )
