"""What to try where a training diverged, collapsed, or learnt nothing from unlabelled images.

Of a method's options `weight`, `threshold` and `mask_threshold` mean the same everywhere, so they
are advised wherever a method has them; whatever a recipe says already, or lacks, is not.
"""

from __future__ import annotations

from collections.abc import Collection

from pydantic import BaseModel

from podium.competition.spec import TaskKind
from podium.training.objective import usual_loss
from podium.training.phase_run import PhasePlan
from podium.training.recipe import Recipe

__all__ = ["against_collapse", "against_divergence", "against_silence"]


def against_divergence(plan: PhasePlan, recipe: Recipe) -> str:
    """Return what to try where losses or weights became no numbers, for a message."""
    tries = ["lower optimizer.lr"]
    if plan.optimizer.clip_norm is None:
        tries.append("set optimizer.clip_norm: 1.0")
    if recipe.precision != "fp32":
        tries.append("use precision: fp32")
    return ", ".join(tries[:-1]) + f", or {tries[-1]}" if len(tries) > 1 else tries[0]


def against_collapse(task: str, plan: PhasePlan, recipe: Recipe) -> str:
    """Return what to try where a network says the same of every image, for a message.

    Args:
        task: that collapsed.
        plan: of the phase in which it did.
        recipe: whose phase.
    """
    tries = ["lower optimizer.lr"]
    if plan.optimizer.warmup_epochs == 0:
        tries[0] += ", or let it rise (optimizer.warmup_epochs)"
    options, kinds = plan.method.options, plan.method.setting.kinds
    changes = ["a lower weight"] if getattr(options, "weight", None) else []
    if (threshold := _threshold(task, options)) is not None:
        changes.append(f"a higher {threshold}")
    if changes:
        tries.append(f"give {plan.spec.method.name} {' or '.join(changes)}")
    if task == "segment":
        tries += _of_masks(plan, recipe, kinds["segment"])
    elif recipe.sampling == "shuffle" and kinds[task] != "regression" and len(kinds) == 1:
        tries.append("write sampling: balanced")
    if plan.spec.freeze:
        tries.append(f"freeze less than {', '.join(plan.spec.freeze)}")
    return "; ".join(tries)


def against_silence(tasks: Collection[str], options: BaseModel) -> str | None:
    """Return what to try where a method counts hardly any of its answers; None: it has nothing."""
    found = {name: None for task in sorted(tasks) if (name := _threshold(task, options))}
    return f"a lower {' or '.join(found)} keeps more" if found else None


def _threshold(task: str, options: BaseModel) -> str | None:
    """Return the option that says how sure an answer to `task` must be."""
    if task == "segment" and getattr(options, "mask_threshold", None) is not None:
        return "mask_threshold"
    return None if getattr(options, "threshold", None) is None else "threshold"


def _of_masks(plan: PhasePlan, recipe: Recipe, kind: TaskKind) -> list[str]:
    tries = []
    said, usual = (plan.spec.loss or {}).get("segment"), usual_loss("segment", kind)
    if said is not None and not usual.keys() <= said.keys():
        terms = ", ".join(f"{name}: 1" for name in usual)
        tries.append(f"write loss: {{segment: {{{terms}}}}}")
    if recipe.empty_share != 0:
        tries.append("show fewer empty masks (empty_share)")
    return tries
