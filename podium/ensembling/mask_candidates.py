"""Which decisions on masks a blend tries: those of podium's grid, or those of the user's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from podium.errors import UsageError
from podium.predictions.mask_steps import mask_classes
from podium.tuning.masks.space import MaskSpace, mask_space, most_candidates
from podium.tuning.masks.step_space import StepSpace, step_space

if TYPE_CHECKING:
    from podium.competition.metrics import Metric
    from podium.competition.spec import TaskKind
    from podium.ensembling.presence import Classifier
    from podium.predictions.mask_probs import MaskProbs

__all__ = ["candidates_for", "gated_by"]


def candidates_for(
    metric: Metric,
    kind: TaskKind,
    probs: MaskProbs,
    *,
    n_outputs: int,
    trials: int,
    grid: Sequence[dict[str, Any]] = (),
) -> MaskSpace | StepSpace:
    """Return the decisions that are tried; one where a metric decides nothing or cannot be tuned.

    Args:
        metric: one of masks, of objects or of volumes.
        kind: of what a network says of a pixel.
        probs: their sizes are those of the masks.
        n_outputs: channels of the network.
        trials: how many at most, the gates not counted.
        grid: steps with values to try, see `step_grid.py`; none: podium's own grid.

    Raises:
        UsageError: the grid cannot be meant, or nothing is decided.
    """
    of_objects = metric.needs == "instances"
    has_no_sums = of_objects and metric.sums is None
    if metric.needs == "probs" or (has_no_sums and metric.score_draws is None):
        trials = 1
    space_kind: TaskKind = "instance" if of_objects else kind
    n_classes = mask_classes(kind, n_outputs)
    if not grid:
        return mask_space(space_kind, probs.sizes, trials=trials, n_classes=n_classes)
    if metric.needs == "probs":
        raise UsageError(
            f"{metric.name} scores probabilities: nothing is decided", fix="leave out --steps"
        )
    if not of_objects:
        trials = min(trials, most_candidates(kind, len(probs.sizes), n_classes))
    space = step_space(grid, space_kind, kind, n_outputs=n_outputs, trials=trials)
    if space.has_gate and has_no_sums:
        raise UsageError(
            f"decide: {metric.name} ranks the objects of all images together: no gate is tuned",
            fix="remove the step gate",
        )
    return space


def gated_by(space: MaskSpace | StepSpace, classifier: Classifier | None) -> Classifier | None:
    """Return who answers the gates of these decisions; None: there is no gate.

    Raises:
        UsageError: there is a gate of the user's, and nobody to ask.
    """
    if isinstance(space, MaskSpace):
        return classifier
    if not space.has_gate:
        return None
    if classifier is None:
        raise UsageError(
            "decide: gate needs a classifier's probabilities of the same images",
            fix="blend runs that predict labels, too, or remove the step gate",
        )
    return classifier
