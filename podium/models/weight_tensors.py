"""Tensors by key from a file of weights; only tensors are read, and nothing in the file is run."""

from __future__ import annotations

import os
import pickle
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from podium.errors import RecipeError

__all__ = ["only_tensors", "read_weights"]

CONTAINERS = ("state_dict_ema", "model_ema", "state_dict", "model", "network")
AGAIN = "copy or download it again and compare the size"


FORCED = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"


@contextmanager
def only_tensors() -> Iterator[None]:
    """Let `torch.load` read tensors alone meanwhile, whatever a library of whatever age asks."""
    before = os.environ.get(FORCED)
    os.environ[FORCED] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[FORCED]
        else:
            os.environ[FORCED] = before


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


def _read(path: Path) -> Any:
    if path.suffix == ".safetensors":
        return load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


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


def _unreadable(path: Path, error: Exception) -> RecipeError:
    if isinstance(error, pickle.UnpicklingError) and "GLOBAL" in str(error):
        return RecipeError(
            "the file holds Python objects beside tensors; podium never runs them",
            where=path,
            fix="where you trust it, load it once elsewhere and save its state_dict() alone",
        )
    if "TorchScript" in str(error):
        return RecipeError(
            "the file is a TorchScript archive, which holds code beside tensors",
            where=path,
            fix="where you trust it, load it once elsewhere with torch.jit.load and save its "
            "state_dict()",
        )
    if isinstance(error, pickle.UnpicklingError) and not _looks_like(path):
        # What torch says here is to read it without care, which runs what is in it.
        return RecipeError(
            "not a readable file of weights: a pickle of something else, which podium never runs, "
            "or cut short",
            where=path,
            fix="name the file that holds the network's state_dict(), or download it again",
        )
    what, fix = _looks_like(path) or (f"or cut short: {_first_line(error)}", AGAIN)
    return RecipeError(f"not a readable file of weights, {what}", where=path, fix=fix)


def _looks_like(path: Path) -> tuple[str, str] | None:
    """Return what a file is that no reader takes, and the way out; None where nobody can tell."""
    with path.open("rb") as file:
        start = file.read(64).lstrip().lower()
    if not start:
        return "or cut short: it is empty", AGAIN
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        return (
            "but a web page, as servers send it in place of a file",
            "open the address in a browser, and download the file itself",
        )
    if start.startswith(b"version https://git-lfs"):
        return "but a pointer to one in Git LFS", "fetch the file itself: git lfs pull"
    return None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
