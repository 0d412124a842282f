"""Pretrained weights within reach of this machine: the hub and its cache, packages, and files.

`require_weights` raises what building the network would raise, before an image is read, and
`weight_files` lists what a recipe can name. Without torch; the hub is asked once.
"""

from __future__ import annotations

import logging
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from huggingface_hub import constants as hub

from podium.errors import RecipeError
from podium.models import backbones
from podium.models.spec import ModelSpec
from podium.models.weights.files import PACKAGE, SUFFIXES, find_weights
from podium.workspace import extensions

__all__ = [
    "WeightFile",
    "are_within_reach",
    "cached_networks",
    "hub_answers",
    "is_cached",
    "letters_of",
    "names_network",
    "names_with_weights_first",
    "no_weights_to_fetch",
    "require_weights",
    "weight_files",
]

REACH_HUB_WITHIN_S = 5.0
"""seconds that the hub has for its answer"""
LEAST_BYTES = 10**6
"""of a file that holds a backbone's weights"""
FOLDERS = ("weights", "models")
"""of the workspace, where people put files of weights"""


def require_weights(spec: ModelSpec, root: Path) -> None:
    """Raise where the start weights of a network are out of reach; nothing is loaded.

    Args:
        spec: the recipe's `model:`.
        root: the workspace's folder, where a relative path starts.

    Raises:
        RecipeError: there is no such file, or the hub does not answer and its cache has no copy,
            or timm has no such network.
    """
    if are_within_reach(spec, root):
        return
    from podium.models.backbone_factory import require_timm  # timm is slow to import

    require_timm(spec.backbone)  # of a name that is misspelt no weights can be had anywhere
    raise RecipeError(
        f"the pretrained weights of {spec.backbone} cannot be downloaded: {hub.ENDPOINT} does not "
        "answer, and its cache holds no copy",
        where="model.pretrained",
        fix="give a file or folder that you have, weights: path/to/weights.safetensors, or one "
        "inside an installed package, weights: package:<python package>/<file>; or start from "
        "random weights, pretrained: false; `podium recipes suggest` proposes what can run here",
    )


def are_within_reach(spec: ModelSpec, root: Path) -> bool:
    """Return whether the start weights of a network can be had, without a look at timm's names.

    Args:
        spec: the recipe's `model:`.
        root: the workspace's folder, where a relative path starts.

    Raises:
        RecipeError: there is no such file, or none to fetch.
    """
    if spec.from_run is not None:
        return True
    if spec.weights is not None:
        find_weights(spec.weights, root)
        return True
    if not spec.pretrained or extensions.is_user_object(spec.backbone):
        return True
    if spec.backbone in extensions.names(backbones):
        raise no_weights_to_fetch(spec.backbone)
    return spec.backbone.startswith("local-dir:") or is_cached(spec.backbone) or hub_answers()


def no_weights_to_fetch(backbone: str) -> RecipeError:
    """Return the error of a recipe that asks for pretrained weights of a backbone of podium."""
    return RecipeError(
        f"{backbone} has no pretrained weights to fetch",
        where="model.pretrained",
        fix="write pretrained: false to start from random weights, or weights: path",
    )


def hub_answers() -> bool:
    """Return whether the hub can be reached; asked once, for at most `REACH_HUB_WITHIN_S`."""
    return not hub.HF_HUB_OFFLINE and _answers(hub.ENDPOINT)


@lru_cache(maxsize=4)
def _answers(address: str) -> bool:
    request = urllib.request.Request(address, method="HEAD")
    try:
        urllib.request.urlopen(request, timeout=REACH_HUB_WITHIN_S).close()
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError) as error:
        logging.getLogger(__name__).info("%s does not answer: %s", address, error)
        return False
    return True


def is_cached(backbone: str) -> bool:
    """Return whether the cache of the hub, or torch's, may hold weights of a network of timm's."""
    if backbone.startswith("hf-hub:"):
        pattern = f"models--{backbone.removeprefix('hf-hub:').replace('/', '--')}"
    elif "." in backbone:  # with the tag of its weights
        pattern = f"models--timm--{backbone}"
    else:
        pattern = f"models--timm--{backbone}.*"
    inside = (folder / "snapshots" for folder in Path(hub.HF_HUB_CACHE).glob(pattern))
    if any(file.suffix in SUFFIXES for one in inside for file in one.glob("*/*")):
        return True
    # Some of timm's weights come from elsewhere, into torch's folder and under other names.
    home = Path(os.environ.get("TORCH_HOME", Path.home() / ".cache" / "torch"))
    return any((home / "hub" / "checkpoints").glob(f"{backbone.partition('.')[0]}*"))


def cached_networks() -> list[str]:
    """Return the networks of timm's whose weights the cache of the hub holds, by name."""
    return [
        folder.name.removeprefix("models--timm--")
        for folder in sorted(Path(hub.HF_HUB_CACHE).glob("models--timm--*"))
        if any(file.suffix in SUFFIXES for file in (folder / "snapshots").glob("*/*"))
    ]


def names_with_weights_first(networks: Sequence[str]) -> list[str]:
    """Return networks of timm's, those first that the hub's cache or a package has weights of.

    A package counts where the name of its file holds that of the network. Else the order stays.
    """
    files = [one.text for one in _in_packages()]

    def is_far(network: str) -> bool:
        return not is_cached(network) and not any(names_network(one, network) for one in files)

    return sorted(networks, key=is_far)


def names_network(text: str, network: str) -> bool:
    """Return whether the name of a file of weights holds that of a network of timm's.

    Example:
        >>> names_network("package:lite/efficientnet-lite0-57934424.pth", "tf_efficientnet_lite0")
        True
    """
    return letters_of(network) in letters_of(text)


def letters_of(name: str) -> str:
    """Return the letters and digits of a name, without `tf_` for TensorFlow's padding."""
    return re.sub(r"[^a-z0-9]", "", name.removeprefix("tf_").lower())


@dataclass(frozen=True)
class WeightFile:
    """A file of weights on this machine.

    Attributes:
        text: as a recipe's `model.weights` names it.
        path: of the file.
    """

    text: str
    path: Path


def weight_files(root: Path) -> tuple[WeightFile, ...]:
    """Return the files of weights in installed packages and in the workspace's own folders.

    Args:
        root: the workspace's folder.
    """
    own = [
        WeightFile(path.relative_to(root).as_posix(), path)
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*"))
        if _may_hold_weights(path)
    ]
    return (*own, *sorted(_in_packages(), key=lambda one: one.text))


def _in_packages() -> Iterator[WeightFile]:
    for distribution in metadata.distributions():
        for file in distribution.files or ():
            if file.suffix in SUFFIXES and len(file.parts) > 1:
                path = Path(str(distribution.locate_file(file)))
                if _may_hold_weights(path):
                    yield WeightFile(PACKAGE + file.as_posix(), path)


def _may_hold_weights(path: Path) -> bool:
    with suppress(OSError):
        return path.suffix in SUFFIXES and path.is_file() and path.stat().st_size >= LEAST_BYTES
    return False
