"""The objective of a phase: the sum of named, weighted losses, with missing targets left out.

    objective = build_objective({"classify": {"ce": 1}}, kinds={"classify": "multiclass"})
    objective(logits, targets)["total"].backward()

Every term is a file of `losses/`; a recipe names it under its task. Labels and masks have the same
losses where each target is taken alone: an image's label, or a pixel's class. Losses of regions
(Dice and the like) take the pixels of a mask together, and so fit masks only.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from pydantic import TypeAdapter, ValidationError
from torch import Tensor

from podium.errors import RecipeError, suggest
from podium.tasks.protocols.find import find_kind
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, TaskName, is_of_images, is_of_pixels
from podium.tasks.protocols.outputs import blocks
from podium.training import losses
from podium.training.losses._loss import Loss, LossContext
from podium.training.ordinal_links import Link
from podium.training.outputs import outputs_of
from podium.training.recipe import naming_key
from podium.workspace import extensions

__all__ = ["Objective", "build_objective", "class_weights_for", "find_loss"]

HEAD_WEIGHT = "weight"
"""Directly under a task it is no loss: it multiplies all of them."""
_CONTRACT = extensions.ExtensionContract(
    "a Loss, or a function (logits, target, given) to a scalar", callable
)


@dataclass(frozen=True)
class _Term:
    task: str
    name: str
    loss: Loss
    kind: Kind
    scale: float
    class_weights: Tensor | None
    label_smoothing: float
    options: dict[str, Any]
    link: Link | None = None
    cosine_scale: float | None = None
    units: Tensor | None = None

    @property
    def weighs_rows(self) -> bool:
        """Whether class weights are of rows: no loss of its link has the class of a rating."""
        return self.link is not None and not self.link.kind.is_exclusive


class Objective:
    """The losses of a phase; build it with `build_objective`."""

    def __init__(self, terms: list[_Term]) -> None:
        self._terms = terms
        self._class_weights = [term.class_weights for term in terms]
        self._units = [term.units for term in terms]

    @property
    def names(self) -> list[str]:
        """The keys of what a call returns, without "total"."""
        return [f"{term.task}/{term.name}" for term in self._terms]

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks whose logits are needed, in alphabetical order."""
        return tuple(sorted({term.task for term in self._terms}))

    @property
    def weight(self) -> float:
        """The sum of the weights of all terms."""
        return sum(term.scale for term in self._terms)

    def of_tasks(self, tasks: Collection[str]) -> Objective:
        """Return the losses of `tasks` alone."""
        return Objective([term for term in self._terms if term.task in tasks])

    @property
    def takes_soft_labels(self) -> bool:
        """Whether labels may lie between classes, as MixUp makes them."""
        return not any(term.loss.of_cosines for term in self._terms)

    def __call__(
        self,
        logits: Mapping[str, Tensor],
        targets: Mapping[str, Tensor],
        weight: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Return every term, already multiplied by its weight, and their sum as "total".

        Args:
            logits: by task, `(N, C)` of labels, `(N, C, H, W)` of masks. Labels may have K
                predictions, `(N, K, C)`: the loss is the mean of K losses.
            targets: by task. Multiclass: int64, as the logits without the axis C, -1 where the
                target is missing; or soft, as the logits, with nan in all C. Binary, multilabel,
                regression: numbers as the logits (C = 1 may be left out), nan (or -1 for the first
                two) where missing.
            weight: weight of each sample `(N,)`.
        """
        named: dict[str, Tensor] = {}
        clean: dict[str, tuple[Tensor, Tensor]] = {}
        for index, (name, term) in enumerate(zip(self.names, self._terms, strict=True)):
            each = _per_dropout_mask(logits[term.task])
            scores = each[0]
            if term.task not in clean:  # once for all terms of a task: masks are large
                clean[term.task] = _without_missing(targets[term.task], term.kind, scores, weight)
            target, weights = clean[term.task]
            v = self._class_weights[index]
            if v is not None and v.device != scores.device:
                v = self._class_weights[index] = v.to(scores.device)
            if term.link is not None and term.weighs_rows and v is not None:
                weights, v = weights * term.link.weigh(target, v), None
            unit = self._units[index]
            if unit is not None:
                unit = self._units[index] = unit.to(scores.device)
                target, each = target / unit, tuple(one / unit for one in each)
            given = LossContext(
                term.kind, weights, v, term.label_smoothing, term.cosine_scale, unit
            )
            found = [term.loss(one, target, given, **term.options) for one in each]
            named[name] = term.scale * (found[0] if len(found) == 1 else torch.stack(found).mean())
        return {**named, "total": torch.stack(list(named.values())).sum()}


def _per_dropout_mask(logits: Tensor) -> tuple[Tensor, ...]:
    """Return the K predictions `(N, C)` of `(N, K, C)`; all other logits as they are, one."""
    return logits.unbind(1) if logits.ndim == 3 else (logits,)


def _without_missing(
    target: Tensor, kind: Kind, logits: Tensor, weight: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Return the target with a valid value where it is missing, and the weight of each target.

    Masks, not row selection: shapes stay fixed and the device is never waited for. The weight is
    the sample's, 0 where the target is missing; `(N, 1, …)` or `(N, C, …)`.
    """
    clean, there = outputs_of(kind).without_missing(target, logits)
    weights = there.float()
    if weight is not None:
        weights = weights * weight.float().reshape(-1, *[1] * (logits.ndim - 1))
    return clean, weights


def build_objective(
    loss: Mapping[str, Mapping[str, Any]] | None,
    *,
    kinds: Mapping[str, str],
    class_weights: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    n_outputs: Mapping[str, int] | None = None,
    root: Path | None = None,
    link: Link | None = None,
    cosine_scale: float | None = None,
    column_units: ArrayLike | None = None,
) -> Objective:
    """Return the objective of a phase's `loss:`.

    Args:
        loss: `{task: {loss: weight}}` or `{task: {loss: {weight: w, option: …}}}`; None takes the
            usual loss of each task. Beside the losses of a task, `weight: w` multiplies all of
            them; alone, it multiplies the usual ones. Every loss has the option `class_weights`,
            one number a class, and a pixelwise one `label_smoothing`.
        kinds: the kind of the network's output, by task.
        class_weights: of labels, as `class_weights_for` returns them; masks have only those that a
            term names.
        label_smoothing: share of a label spread over all classes; masks have only a term's own.
        n_outputs: channels of each task's logits, to check the class weights of the terms by.
        root: the workspace's folder, in which `module:object` is looked for first.
        link: of ratings, where the labels are ratings; `kinds` has its kind then. Class weights are
            one number a class, whatever the link.
        cosine_scale: factor of the cosines in the head of labels; None: it outputs none.
        column_units: `(C,)`: labels and their logits are divided by it, so that the losses of
            columns in different units are comparable; None: they are taken as they are.

    Raises:
        RecipeError: unknown task, loss or option, or a loss that does not fit the task.
    """
    resolved = {task: _kind(task, kind) for task, kind in kinds.items()}
    if loss is None:
        loss = {task: {} for task in kinds}
    v = None if class_weights is None else torch.as_tensor(np.asarray(class_weights)).float()
    units = None if column_units is None else torch.as_tensor(np.asarray(column_units)).float()
    terms = []
    for task, named in loss.items():
        if task not in kinds:
            raise RecipeError(
                f"the competition has no task {task!r}",
                where="loss",
                fix=f"it has {', '.join(kinds)}",
            )
        head = _number(named.get(HEAD_WEIGHT, 1.0), f"loss.{task}", "a head's weight")
        of_task = {name: setting for name, setting in named.items() if name != HEAD_WEIGHT}
        kind = resolved[task]
        for name, setting in (of_task or kind.usual_loss).items():
            of_labels = is_of_images(task)
            labels = (v, label_smoothing) if of_labels else (None, 0.0)
            n = None if n_outputs is None else n_outputs.get(task)
            given = (link, cosine_scale) if of_labels else (None, None)
            with naming_key(f"loss.{task}.{name}"):
                found = find_loss(name, root)
            term = _term(task, name, found, setting, kind, head, *labels, n, *given)
            terms.append(replace(term, units=units) if of_labels else term)
    if not terms:
        raise RecipeError("loss names nothing to minimise", fix="write loss: {classify: {ce: 1}}")
    return Objective(terms)


def _kind(task: str, kind: str) -> Kind:
    return kind if isinstance(kind, Kind) else find_kind(cast(TaskName, task), kind)


def find_loss(name: str, root: Path | None = None) -> Loss:
    """Return the loss `name`; a function of the user's own is one of every kind.

    Raises:
        RecipeError: there is no such loss.
    """
    found = extensions.load(losses, name, "LOSS", error=RecipeError, root=root, contract=_CONTRACT)
    return found if isinstance(found, Loss) else Loss(found, kinds=None)


def _term(
    task: str,
    name: str,
    loss: Loss,
    setting: Any,
    kind: Kind,
    head: float,
    class_weights: Tensor | None,
    label_smoothing: float,
    n_outputs: int | None,
    link: Link | None,
    cosine_scale: float | None,
) -> _Term:
    where = f"loss.{task}.{name}"
    _check_fit(loss, task, name, kind, where, link)
    if loss.of_cosines and cosine_scale is None:
        raise RecipeError(
            f"{name} takes cosines, which the head of {task} does not output",
            where=where,
            fix="write model: {heads: {classify: {cosine: {}}}} for labels, or ce",
        )
    options = dict(setting) if isinstance(setting, Mapping) else {"weight": setting}
    scale = _number(options.pop("weight", 1.0), where, "a loss's weight")
    general = ["class_weights"] if not kind.is_continuous or link is not None else []
    if loss.form == "pixelwise" and not kind.is_continuous:
        general.append("label_smoothing")
    _check_options(loss, options, general, where)
    if "class_weights" in options:
        n_classes = n_outputs if link is None else link.n_classes
        class_weights = _class_weights(options.pop("class_weights"), loss, kind, n_classes, where)
    if "label_smoothing" in options:
        label_smoothing = _number(options.pop("label_smoothing"), where, "label_smoothing")
    return _Term(
        task,
        name,
        loss,
        kind,
        head * scale,
        class_weights,
        label_smoothing,
        options,
        link,
        cosine_scale,
    )


def _check_fit(loss: Loss, task: str, name: str, kind: Kind, where: str, link: Link | None) -> None:
    usual = ", ".join(kind.usual_loss)
    if not loss.fits(kind) and link is not None:
        raise RecipeError(
            f"{name} does not fit ratings with link: {link.name}",
            where=where,
            fix=f"write {' or '.join(_fitting(kind))}, or another link in model.heads.classify",
        )
    if not loss.fits(kind):
        raise RecipeError(
            f"{name} does not fit {kind.named} task", where=where, fix=f"write {usual}"
        )
    if loss.form == "region" and not is_of_pixels(task):
        raise RecipeError(
            f"{name} compares regions of masks, and {task} has labels",
            where=where,
            fix=f"write {usual}, or {name} under segment",
        )


def _fitting(kind: Kind) -> list[str]:
    """Return the names of podium's losses of labels of this kind."""
    every = {name: find_loss(name) for name in extensions.names(losses)}
    fit = {name: one.fits(kind) and not one.of_cosines for name, one in every.items()}
    return [name for name, one in every.items() if fit[name] and one.form == "pixelwise"]


def _number(value: Any, where: str, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < np.inf:
        raise RecipeError(
            f"{what} is a number of at least 0, got {value!r}",
            where=where,
            fix="write another number, as 1",
        )
    return float(value)


def _class_weights(value: Any, loss: Loss, kind: Kind, n_outputs: int | None, where: str) -> Tensor:
    given = value if isinstance(value, list) else [value]
    numbers = [_number(one, where, "a class's weight") for one in given]
    if kind.is_yes_no and loss.form == "region":
        raise RecipeError(
            "a loss of regions has one class here, and nothing to weigh it against",
            where=where,
            fix="leave class_weights out",
        )
    needed = 2 if kind.is_yes_no else n_outputs
    if needed is not None and len(numbers) != needed:
        order = "background first for masks" if kind.is_exclusive else "of present"
        if kind.is_yes_no:
            order = "absent, present"
        raise RecipeError(
            f"class_weights needs {needed} numbers, got {value}",
            where=where,
            fix=f"write one number a class ({order})",
        )
    return torch.tensor(numbers)


def _check_options(loss: Loss, options: Mapping[str, Any], general: list[str], where: str) -> None:
    """Raise for an option that the loss has not, or a value that its annotation does not allow."""
    parameters = inspect.signature(loss.compute).parameters.values()
    known = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY] + general
    is_open = any(p.kind is p.VAR_KEYWORD for p in parameters)
    try:
        hints = typing.get_type_hints(loss.compute, include_extras=True)
    except (NameError, TypeError, AttributeError):  # a user's function names types it has not
        hints = {}
    for name, value in options.items():
        if name not in known and not is_open:
            every = ["weight", *known]
            hint = suggest(name, every, otherwise=f"it has {', '.join(every)}")
            raise RecipeError(f"the loss has no option {name!r}", where=where, fix=hint)
        try:
            TypeAdapter(hints.get(name, Any)).validate_python(value, strict=True)
        except ValidationError as error:
            what = error.errors()[0]["msg"]
            raise RecipeError(f"{name}: {what}, got {value!r}", where=where) from None


def class_weights_for(
    choice: Literal["none", "balanced"] | list[float],
    labels: ArrayLike,
    *,
    kind: str,
    n_classes: int,
) -> NDArray[np.float64] | None:
    """Return the class weights that a recipe's `class_weights:` means on these training labels.

    Args:
        choice: "none"; "balanced", inverse to the frequency; or the weights themselves.
        labels: of the training rows, `(N,)` classes or 0/1, or `(N, C)` zeros and ones;
            negative where missing.
        kind: kind of task.
        n_classes: classes of a multiclass, ordinal or multilabel task.

    Returns:
        `(C,)` for a multiclass or ordinal task, where "balanced" is n / (C n_c); `(2,)` of absent
        and present for a binary one, the same; `(C,)` of present for a multilabel one, absent count
        / present count; `(C,)` of several outputs, each as of a multiclass task. A class without a
        row weighs 1. None when there are no weights.

    Raises:
        RecipeError: a wrong number of weights, or weights for a regression.
    """
    kind = _kind(IMAGES, kind)
    if choice == "none":
        return None
    if kind.is_continuous:
        raise RecipeError(f"{kind.named} has no classes to weigh", fix="write class_weights: none")
    size = 2 if kind.is_yes_no else n_classes
    if isinstance(choice, list):
        given = np.asarray(choice, dtype=np.float64)
        if given.shape != (size,) or not np.isfinite(given).all() or (given < 0).any():
            raise RecipeError(
                f"class_weights needs {size} numbers of at least 0, got {choice}",
                fix="write one number a class, in the order of classes (binary: absent, present)",
            )
        return given
    known = np.asarray(labels)
    if kind.is_by_output:  # of each output as of a task of its own
        counts = np.maximum((known == 1).sum(axis=0), 0)
        sizes = np.repeat(kind.sizes, kind.sizes)
        totals = np.repeat([counts[one].sum() for one in blocks(kind.sizes)], kind.sizes)
        return np.where(counts > 0, totals / (sizes * np.maximum(counts, 1)), 1.0)
    if kind.is_by_class:
        present, absent = (known == 1).sum(axis=0), (known == 0).sum(axis=0)
        return np.where((present > 0) & (absent > 0), absent / np.maximum(present, 1), 1.0)
    counts = np.bincount(known[known >= 0].astype(np.int64), minlength=size)
    return np.where(counts > 0, counts.sum() / (size * np.maximum(counts, 1)), 1.0)
