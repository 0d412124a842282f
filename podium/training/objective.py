"""What a phase minimises: the sum of named, weighted losses, with missing answers left out.

    objective = build_objective({"classify": {"ce": 1}}, kinds={"classify": "multiclass"})
    objective(logits, targets)["total"].backward()

Every term is a file of `losses/`; a recipe names it under its task.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from podium.competition.spec import TaskKind
from podium.errors import RecipeError
from podium.training import losses
from podium.training.losses._loss import Loss
from podium.workspace import extensions

__all__ = ["DEFAULT_LOSS", "Objective", "build_objective", "class_weights_for"]

DEFAULT_LOSS: dict[TaskKind, str] = {
    "multiclass": "ce",
    "binary": "bce",
    "multilabel": "bce",
    "regression": "mse",
}
_GIVEN = {"kind", "weight", "class_weights", "label_smoothing"}


@dataclass(frozen=True)
class _Term:
    task: str
    name: str
    loss: Loss
    kind: TaskKind
    scale: float
    options: dict[str, Any]


class Objective:
    """The losses of a phase; build it with `build_objective`."""

    def __init__(
        self, terms: list[_Term], *, class_weights: Tensor | None, label_smoothing: float
    ) -> None:
        self._terms = terms
        self._class_weights = class_weights
        self._label_smoothing = label_smoothing

    @property
    def names(self) -> list[str]:
        """The keys of what a call returns, without "total"."""
        return [f"{term.task}/{term.name}" for term in self._terms]

    @property
    def tasks(self) -> set[str]:
        """The tasks whose logits are needed."""
        return {term.task for term in self._terms}

    def __call__(
        self,
        logits: Mapping[str, Tensor],
        targets: Mapping[str, Tensor],
        weight: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Return every term, already multiplied by its weight, and their sum as "total".

        Args:
            logits: by task, `(N, C)`.
            targets: by task. Multiclass: int64 `(N,)` with -1 for a missing label, or soft `(N, C)`
                with a row of nan. Binary, multilabel, regression: `(N,)` or `(N, C)` numbers, nan
                (or -1 for the first two) where missing.
            weight: weight of each sample `(N,)`.
        """
        named = {
            name: self._one(term, logits[term.task], targets[term.task], weight)
            for name, term in zip(self.names, self._terms, strict=True)
        }
        return {**named, "total": torch.stack(list(named.values())).sum()}

    def _one(self, term: _Term, logits: Tensor, target: Tensor, weight: Tensor | None) -> Tensor:
        clean, present = _without_missing(target, term.kind, logits)
        if weight is not None:
            present = present * weight.float().unsqueeze(1)
        if self._class_weights is not None:
            self._class_weights = self._class_weights.to(logits.device)
        value = term.loss(
            logits,
            clean,
            kind=term.kind,
            weight=present,
            class_weights=self._class_weights,
            label_smoothing=self._label_smoothing,
            **term.options,
        )
        return term.scale * value


def _without_missing(target: Tensor, kind: TaskKind, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return the target with something harmless where it is missing, and 1 or 0 for present or not.

    Masks, not row selection: shapes stay fixed and the device is never waited for.
    """
    if kind == "multiclass" and target.ndim == 1:
        there = target >= 0
        return target.long().clamp(min=0), there.float().unsqueeze(1)  # (N,), (N, 1)
    target = target.float().reshape(logits.shape)
    if kind == "multiclass":
        there = target.isfinite().all(dim=1, keepdim=True)
        # Any row would do; one that sums to 1 keeps the norm of class weights positive.
        return target.where(there, torch.full_like(target, 1 / target.shape[1])), there.float()
    there = target.isfinite()
    if kind != "regression":
        there = there & (target >= 0)
    return target.where(there, torch.zeros_like(target)), there.float()  # (N, C), (N, C)


def build_objective(
    loss: Mapping[str, Mapping[str, Any]] | None,
    *,
    kinds: Mapping[str, TaskKind],
    class_weights: ArrayLike | None = None,
    label_smoothing: float = 0.0,
) -> Objective:
    """Return the objective that a phase's `loss:` describes.

    Args:
        loss: `{task: {loss: weight}}` or `{task: {loss: {weight: w, option: …}}}`; None takes the
            usual loss of each task.
        kinds: the competition's tasks.
        class_weights: as `class_weights_for` returns them.
        label_smoothing: share of a label spread over all classes.

    Raises:
        RecipeError: unknown task, loss or option, or a loss that does not fit the kind of task.
    """
    if loss is None:
        loss = {task: {DEFAULT_LOSS[kind]: 1.0} for task, kind in kinds.items()}
    terms = [
        _term(task, name, setting, kinds)
        for task, named in loss.items()
        for name, setting in named.items()
    ]
    if not terms:
        raise RecipeError("loss names nothing to minimise", fix="write loss: {classify: {ce: 1}}")
    weights = None if class_weights is None else torch.as_tensor(np.asarray(class_weights)).float()
    return Objective(terms, class_weights=weights, label_smoothing=label_smoothing)


def _term(task: str, name: str, setting: Any, kinds: Mapping[str, TaskKind]) -> _Term:
    where = f"loss.{task}.{name}"
    if task not in kinds:
        raise RecipeError(
            f"the competition has no task {task!r}", where="loss", fix=f"it has {', '.join(kinds)}"
        )
    found = extensions.load(losses, name, "LOSS", error=RecipeError)
    loss = found if isinstance(found, Loss) else Loss(found, kinds=frozenset(DEFAULT_LOSS))
    kind = kinds[task]
    if kind not in loss.kinds:
        raise RecipeError(
            f"{name} does not fit a {kind} task", where=where, fix=f"write {DEFAULT_LOSS[kind]}"
        )
    options = dict(setting) if isinstance(setting, Mapping) else {"weight": setting}
    scale = options.pop("weight", 1.0)
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not 0 <= scale < np.inf:
        raise RecipeError(f"a loss's weight is a number of at least 0, got {scale!r}", where=where)
    _check_options(loss, options, where)
    return _Term(task, name, loss, kind, float(scale), options)


def _check_options(loss: Loss, options: Mapping[str, Any], where: str) -> None:
    parameters = inspect.signature(loss.compute).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return
    known = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.name not in _GIVEN]
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, ["weight", *known], n=1)
            hint = f"write {near[0]}" if near else f"it has {', '.join(['weight', *known])}"
            raise RecipeError(f"the loss has no option {name!r}", where=where, fix=hint)


def class_weights_for(
    choice: Literal["none", "balanced"] | list[float],
    labels: ArrayLike,
    *,
    kind: TaskKind,
    n_classes: int,
) -> NDArray[np.float64] | None:
    """Return the class weights that a recipe's `class_weights:` means on these training labels.

    Args:
        choice: "none"; "balanced", inverse to the frequency; or the weights themselves.
        labels: of the training rows, `(N,)` classes or 0/1, or `(N, C)` zeros and ones;
            negative where missing.
        kind: kind of task.
        n_classes: classes of a multiclass or multilabel task.

    Returns:
        `(C,)` for a multiclass task, where "balanced" is n / (C n_c); `(2,)` of absent and present
        for a binary one, the same; `(C,)` of present for a multilabel one, absent count / present
        count. A class without a row weighs 1. None when there are no weights.

    Raises:
        RecipeError: a wrong number of weights, or weights for a regression.
    """
    if choice == "none":
        return None
    if kind == "regression":
        raise RecipeError("a regression has no classes to weigh", fix="write class_weights: none")
    size = 2 if kind == "binary" else n_classes
    if isinstance(choice, list):
        given = np.asarray(choice, dtype=np.float64)
        if given.shape != (size,) or not np.isfinite(given).all() or (given < 0).any():
            raise RecipeError(
                f"class_weights needs {size} numbers of at least 0, got {choice}",
                fix="write one number a class, in the order of classes (binary: absent, present)",
            )
        return given
    known = np.asarray(labels)
    if kind == "multilabel":
        present, absent = (known == 1).sum(axis=0), (known == 0).sum(axis=0)
        return np.where((present > 0) & (absent > 0), absent / np.maximum(present, 1), 1.0)
    counts = np.bincount(known[known >= 0].astype(np.int64), minlength=size)
    return np.where(counts > 0, counts.sum() / (size * np.maximum(counts, 1)), 1.0)
