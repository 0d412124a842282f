"""Curves of a blend's decision: what other thresholds would have scored.

They are drawn of the rows that the decision
was fitted on, with the blend's final weights: at the chosen value each has the blend's optimistic
score. `blends/<id>/curves.json` keeps them beside the record, which does not change; a file that is
missing or of another format is made again.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.ensembling.plan import BlendRequest, LabelPlan, curves_of_labels
from podium.ensembling.record import BlendPart
from podium.tasks.protocols.names import is_of_pixels
from podium.tuning.curves import (
    CURVES_FILE,
    ParameterCurve,
    most_influential,
    read_curves,
    write_curves,
)
from podium.workflows.blends.files import blend_parts
from podium.workflows.blends.mask_decision_curves import mask_curves, refuse_other_rows
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    pass

__all__ = [
    "CURVES_FILE",
    "decision_curves",
    "most_influential",
]


def decision_curves(
    workspace: Workspace,
    competition: Competition,
    blend: Path,
    *,
    progress: Progress = SILENT,
) -> tuple[ParameterCurve, ...]:
    """Return the curves of the scored task, from `curves.json` in the folder `blend` if it exists.

    For labels there is one for each threshold, cut point or class weight, or for the position of
    "none of the classes". For masks, one for the pixel threshold, or the weight of the background,
    and one for the gate. There are none if nothing is decided, if regions by hysteresis decide, or
    if only a ranking of all objects has a score.

    Args:
        workspace, competition: of the blend.
        blend: its folder.
        progress: shows a bar for the pass over masks.

    Raises:
        UsageError: the rows, or the metric, are no longer those that the blend was made with.
        DataError: a member's predictions are no longer complete.
        RunError: the record cannot be read, or is not of a blend.
    """
    parts = blend_parts(blend, competition)
    kept = read_curves(blend)
    if kept is not None:
        return kept
    task = competition.scored_task
    part = parts[task]
    request = _scored_question(workspace, competition, part)
    if is_of_pixels(task):
        found = mask_curves(request, parts, blend.name, progress=progress)
    else:
        found = _label_curves(request, part, blend.name)
    # Curves can be computed again: they are returned even if they cannot be written.
    with contextlib.suppress(OSError):
        write_curves(blend, found, metric=part.blend.metric, n_scored=part.blend.n_scored)
    return found


def _scored_question(
    workspace: Workspace, competition: Competition, part: BlendPart
) -> BlendRequest:
    samples = load_samples(competition, "train", workspace=workspace)
    folds = ensure_folds(workspace, competition, samples)
    return BlendRequest(
        workspace,
        competition,
        samples,
        folds,
        part.sets,
        trials=part.blend.trials,
        seed=part.blend.seed,
    )


def _label_curves(request: BlendRequest, part: BlendPart, name: str) -> tuple[ParameterCurve, ...]:
    labels = LabelPlan.of(request)
    refuse_other_rows(part, labels.rows.digest(), request.competition, name)
    return curves_of_labels(labels, part.blend)
