"""The curves of a blend's decision: what its thresholds would have scored elsewhere.

They are drawn of the rows that the decision was fitted on, with the blend's final weights: at the
chosen value each has the blend's optimistic score. `blends/<id>/curves.json` keeps them beside the
record, which does not change; a file that is missing or of another format is made again.

    {"format": 1, "metric": "f1", "n_scored": 2000, "curves": [
      {"parameter": "threshold", "name": "coat", "chosen": 0.41, "plain": 0.5, "best": 0.38,
       "plateau": [0.33, 0.47], "greater_is_better": true,
       "values": […], "scores": […], "standard_errors": […]}]}

`values` ascend, at most 400 of them; `scores` and `standard_errors` (of the best score less this
one) are as many, null where there is none. `NamedCurve` says what each is.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from podium.competition.folds_file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.ensembling.artefact import Part
from podium.ensembling.joint import Labels, Question
from podium.tuning.held_curves import NamedCurve
from podium.tuning.label_curves import label_curves
from podium.workflows.blend_files import parts_of_blend
from podium.workflows.mask_curves import mask_curves, refuse_other_rows
from podium.workspace import atomic
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["CURVES_FILE", "NamedCurve", "curves_of", "most_influential"]

CURVES_FILE = "curves.json"
_FORMAT = 1


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
    kept = _read(blend / CURVES_FILE)
    if kept is not None:
        return kept
    task = competition.scored_task
    part = parts[task]
    asked = _asked(workspace, competition, part)
    if task == "segment":
        found = mask_curves(asked, parts, blend.name, progress=progress)
    else:
        found = _of_labels(asked, part, blend.name)
    said = {
        "format": _FORMAT,
        "metric": part.blend.metric,
        "n_scored": part.blend.n_scored,
        "curves": [one.to_json() for one in found],
    }
    # Curves can be made again: where nothing can be written, they are looked at all the same.
    with contextlib.suppress(OSError):
        atomic.write_text(blend / CURVES_FILE, json.dumps(said, allow_nan=False) + "\n")
    return found


def most_influential(curves: tuple[NamedCurve, ...], n: int) -> tuple[NamedCurve, ...]:
    """Return the `n` curves whose tuning changes the score most, in their own order."""
    by_gain = sorted(range(len(curves)), key=lambda i: (-abs(curves[i].gain), i))
    return tuple(curves[i] for i in sorted(by_gain[:n]))


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
    blend, labels = part.blend, Labels.of(asked)
    refuse_other_rows(part, labels.rows.digest(), asked.competition, name)
    rows, scorer, how = labels.rows, labels.fits().scorer, blend.how
    probs = how.combined(how.prepared(rows.members, rows.folds), blend.fitted)
    return label_curves(
        probs,
        scorer,
        blend.decision,
        asked.competition.classes_of("classify"),
        groups=None if rows.groups is None else rows.units(),
        seed=blend.seed,
    )


def _read(file: Path) -> tuple[NamedCurve, ...] | None:
    """Return the curves in a file; None: it is missing, damaged, or of another format."""
    try:
        found: Any = json.loads(file.read_text(encoding="utf-8"))
        if found["format"] != _FORMAT:
            return None
        return tuple(NamedCurve.from_json(one) for one in found["curves"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
