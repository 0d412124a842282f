"""Weights by torchvision's names: from torch's hub cache, else downloaded and checked."""

from __future__ import annotations

import contextlib
import difflib
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import torch
from torchvision import models

from podium.errors import RecipeError

__all__ = ["find_torchvision_weights"]

REACH_WITHIN_S = 5.0
STALLED_AFTER_S = 30.0


def find_torchvision_weights(name: str) -> Path:
    """Return the file of the weights `name`, as "ResNet18_Weights.IMAGENET1K_V1".

    It is looked for where torchvision itself keeps it, `checkpoints/` in torch's hub folder
    (`TORCH_HOME`), and else downloaded to there; what arrives must have the sha256 of its name.

    Raises:
        RecipeError: torchvision has no such weights, or they are not here and cannot be fetched.
    """
    url = _url(name)
    file = Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(url).path).name
    if not file.is_file():
        _download(url, file, name)
    return file


def _url(name: str) -> str:
    try:
        return str(models.get_weight(name).url)
    except (ValueError, KeyError, AttributeError) as error:
        near = _close_names(name)
        hint = "torchvision.models.list_models() and get_model_weights(model) name them all"
        if near:
            hint = "write " + " or ".join(f"torchvision:{one}" for one in near)
        raise RecipeError(f"weights: torchvision has no {name}", fix=hint) from error


def _close_names(name: str) -> list[str]:
    """Return the names of weights that are like `name`; of a model's name, those of that model."""
    model, dot, _ = name.partition(".")
    if dot:
        return difflib.get_close_matches(name, _every_name(), n=3)
    requested = model.lower().removesuffix("_weights")
    for like in difflib.get_close_matches(requested, models.list_models(), n=1):
        enum = models.get_model_weights(like)
        return [f"{enum.__name__}.{member}" for member in enum.__members__]
    return []


def _every_name() -> list[str]:
    enums = {models.get_model_weights(model) for model in models.list_models()}
    return sorted(f"{one.__name__}.{member}" for one in enums for member in one.__members__)


def _download(url: str, file: Path, name: str) -> None:
    digest = torch.hub.HASH_REGEX.search(file.name)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # torch's download waits for ever where no server answers; an answer it reports.
        with _socket_timeout(REACH_WITHIN_S), contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(urllib.request.Request(url, method="HEAD")).close()
        with _socket_timeout(STALLED_AFTER_S):
            torch.hub.download_url_to_file(
                url, str(file), digest[1] if digest else None, progress=False
            )
    except (OSError, ValueError, RuntimeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise RecipeError(
            f"weights: {name} is not in torch's cache and cannot be downloaded: {reason}",
            fix=f"download {url} where there is network and put it at {file}; or name another file",
        ) from error


@contextlib.contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    """Limit the time that connections opened meanwhile wait: torch's own has no limit."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
