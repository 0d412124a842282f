"""Kinds and their parts, found by folder: nothing here imports a kind by its path in the code."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from podium.errors import DataError
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName

__all__ = [
    "find_kind",
    "find_part",
    "image_kind",
    "is_kind_name",
    "kind_names",
    "pixel_kind",
    "with_kinds",
    "with_levels",
    "with_sizes",
]


_WITH_SIZES = re.compile(r"(?P<plain>\w+)\[[1-9]\d*(,[1-9]\d*)*\]")
_WITH_LEVELS = re.compile(r"(?P<plain>\w+)\[0\.\d+(,0\.\d+)*\]")
_KINDS = "podium.tasks.kinds"
_FOLDER = Path(__file__).parents[1] / "kinds"
# What all kinds of a task share stands beside them.
_SHARED = {IMAGES: "_rows", PIXELS: "_pixels"}


@cache
def kind_names(task: TaskName) -> tuple[str, ...]:
    """Return the names of the kinds of `task`, in alphabetical order; nothing is imported."""
    found = pkgutil.iter_modules([str(_FOLDER / task)])
    return tuple(sorted(one.name for one in found if not one.name.startswith("_")))


@cache
def find_kind(task: TaskName, name: str) -> Kind:
    """Return the kind `name` of `task`.

    Raises:
        DataError: there is none.

    Example:
        >>> kind = find_kind("classify", "ordinal")
        >>> kind, kind.is_ordered, kind.is_prob, kind.n_outputs(5)
        ('ordinal', True, False, 1)
    """
    if not is_kind_name(task, name):
        known = ", ".join(kind_names(task))
        raise DataError(f"there is no kind {name!r} of {task}", fix=f"choose one of {known}")
    plain, _, sizes = name.partition("[")
    found = importlib.import_module(f"{_KINDS}.{task}.{plain}").KIND
    assert isinstance(found, Kind)
    if not sizes:
        return found
    numbers = sizes[:-1].split(",")
    if found.is_by_level:
        return Kind(name, **{**vars(found), "levels": tuple(map(float, numbers))})
    return Kind(name, **{**vars(found), "sizes": tuple(map(int, numbers))})


def is_kind_name(task: TaskName, name: str) -> bool:
    """Return whether `name` is of a kind of `task`, with sizes of outputs or levels behind it.

    Example:
        >>> [is_kind_name("classify", one) for one in ("multiclass", "multioutput[3,2]", "many")]
        [True, True, False]
    """
    if name in kind_names(task):
        return True
    sizes, levels = _WITH_SIZES.fullmatch(name), _WITH_LEVELS.fullmatch(name)
    match = sizes or levels
    if match is None or match["plain"] not in kind_names(task):
        return False
    plain = find_kind(task, match["plain"])
    return plain.is_by_output if sizes else plain.is_by_level


def with_sizes(kind: Kind, sizes: Sequence[int]) -> Kind:
    """Return a kind of several outputs with the number of classes of each."""
    return find_kind(kind.task, f"{kind.plain_name}[{','.join(map(str, sizes))}]")


def with_levels(kind: Kind, levels: Sequence[float]) -> Kind:
    """Return a kind of quantiles with their levels, which are above 0, below 1 and ascend.

    Example:
        >>> with_levels(image_kind("quantiles"), [0.1, 0.5, 0.9]).levels
        (0.1, 0.5, 0.9)
    """
    numbers = ",".join(f"{one:.9f}".rstrip("0") for one in levels)
    return find_kind(kind.task, f"{kind.plain_name}[{numbers}]")


def image_kind(name: str) -> Kind:
    """Return the kind `name` of answers of images; DataError: there is none."""
    return find_kind(IMAGES, name)


def pixel_kind(name: str) -> Kind:
    """Return the kind `name` of answers of pixels; DataError: there is none."""
    return find_kind(PIXELS, name)


def find_part(kind: Kind, stage: str) -> SimpleNamespace:
    """Return the functions of a stage: a kind's own, and those that kinds of its task share.

    Where the kind has several outputs, its module may have `of_sizes`: from the number of classes
    of each output to the functions that need it, by name.

    Args:
        kind: the kind.
        stage: the name of a module, as "targets" or "outputs".

    Raises:
        LookupError: neither the kind nor what is shared has such a module.
    """
    return _part(kind, kind.task, stage)


@cache
def _part(kind: Kind, task: TaskName, stage: str) -> SimpleNamespace:
    # Kinds of both tasks may have one name, and are equal as text: the task is part of the key.
    found: dict[str, Any] = {}
    for folder in (_SHARED[task], kind.plain_name):
        if (_FOLDER / task / folder / f"{stage}.py").is_file():
            found |= vars(importlib.import_module(f"{_KINDS}.{task}.{folder}.{stage}"))
    if kind.is_by_output and "of_sizes" in found:
        found |= found["of_sizes"](kind.sizes)
    if not found:
        raise LookupError(f"{kind.task} {kind} has no {stage}")
    return SimpleNamespace(**found)


def with_kinds(path: Iterable[str], folder: str) -> list[str]:
    """Return the `__path__` of a package, and `folder` of each kind that has one.

    So a kind may bring a metric or a loss of its own: `metrics/mean_angular_error.py` in its folder
    is found, and imported, as a file of `podium.competition.metrics`.
    """
    return [*path, *(str(one) for one in sorted(_FOLDER.glob(f"[!_]*/[!_]*/{folder}")))]
