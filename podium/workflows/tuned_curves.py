"""The curves of a blend's decision: what its thresholds would have scored elsewhere.

They are drawn of the rows that the decision was fitted on, with the blend's final weights: at the
chosen value each has the blend's optimistic score. `blends/<id>/curves.json` keeps them beside the
record, which does not change; a file that is missing or of another format is made again.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from podium.competition.folds_file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.ensembling.artefact import Part
from podium.ensembling.joint import Labels, Question
from podium.ensembling.label_decision import curves_of_labels
from podium.tuning.curve_file import CURVES_FILE, read_curves, write_curves
from podium.tuning.held_curves import NamedCurve, most_influential
from podium.workflows.blend_files import parts_of_blend
from podium.workflows.mask_curves import mask_curves, refuse_other_rows
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["CURVES_FILE", "NamedCurve", "curves_of", "most_influential"]


def curves_of(
    workspace: Workspace,
    competition: Competition,
    blend: Path,
    *,
    progress: Progress = SILENT,
) -> tuple[NamedCurve, ...]:
    """Return the curves of what is scored, from `curves.json` in the folder `blend` if it is there.

    Of labels there is one for each threshold, cut point or class weight, or for where "none of the
    classes" stands. Of masks for the threshold of a pixel, or the weight of the background, and
    for the gate. None where nothing is decided, where regions by hysteresis decide, or where only
    a ranking of all objects has a score.

    Args:
        workspace, competition: whose.
        blend: its folder.
        progress: gets a bar for the pass over masks.

    Raises:
        UsageError: the rows, or the metric, are no longer those that the blend was made with.
        DataError: a member's predictions are no longer whole.
        RunError: the record cannot be read, or is not of a blend.
    """
    parts = parts_of_blend(blend, competition)
    kept = read_curves(blend)
    if kept is not None:
        return kept
    task = competition.scored_task
    part = parts[task]
    asked = _asked(workspace, competition, part)
    if task == "segment":
        found = mask_curves(asked, parts, blend.name, progress=progress)
    else:
        found = _of_labels(asked, part, blend.name)
    # Curves can be made again: where nothing can be written, they are looked at all the same.
    with contextlib.suppress(OSError):
        write_curves(blend, found, metric=part.blend.metric, n_scored=part.blend.n_scored)
    return found


def _asked(workspace: Workspace, competition: Competition, part: Part) -> Question:
    samples = load_samples(competition, "train", workspace=workspace)
    folds = ensure_folds(workspace, competition, samples)
    return Question(
        workspace,
        competition,
        samples,
        folds,
        part.sets,
        trials=part.blend.trials,
        seed=part.blend.seed,
    )


def _of_labels(asked: Question, part: Part, name: str) -> tuple[NamedCurve, ...]:
    labels = Labels.of(asked)
    refuse_other_rows(part, labels.rows.digest(), asked.competition, name)
    return curves_of_labels(labels, part.blend)
