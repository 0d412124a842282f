"""The score of a file on train samples, whose answers are known: before a host says it, and free.

`check_on_folds` takes anyone's file of the samples of some folds. `rehearse` writes such a file of
a blend: its out-of-fold predictions with its final weights and decision. What it scores is what the
blend scores on the rows that it was fitted on, its optimistic score, unless something was lost on
the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.competition.spec import Competition
from podium.errors import RunError
from podium.submissions.checking import check_wanted
from podium.submissions.problems import Problem
from podium.workflows.blend_files import parts_of_blend, write_said
from podium.workflows.known_rows import Known, known_rows
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.ensembling.artefact import Part

__all__ = ["Rehearsal", "check_on_folds", "rehearse"]


@dataclass(frozen=True)
class Rehearsal:
    """What a file of train samples is worth.

    Attributes:
        file: the CSV.
        problems: what is wrong with it, errors first.
        n_rows: how many samples (units, volumes) are scored.
        metric: its name.
        score: None where the file has errors.
        own: the blend's own score of the same rows; None where there is no blend, or it was not
            fitted on just these.
    """

    file: Path
    problems: list[Problem]
    n_rows: int
    metric: str
    score: float | None
    own: float | None = None


def check_on_folds(
    workspace: Workspace, competition: Competition, file: Path, folds: Sequence[int] | None = None
) -> Rehearsal:
    """Return what is wrong with a file of the train samples of `folds`, else its score.

    Args:
        workspace, competition: whose.
        file: a CSV in the format of a submission, with the rows of these samples.
        folds: None: all of them.

    Raises:
        PodiumError: as `known_rows`; SubmissionError where the metric is undefined.
    """
    return _judged(known_rows(workspace, competition, folds), file)


def rehearse(
    workspace: Workspace,
    competition: Competition,
    blend: Path,
    folds: Sequence[int] | None = None,
    *,
    progress: Progress = SILENT,
) -> Rehearsal:
    """Write what `blend` says out of fold as a submission is written, check the file and score it.

    Nothing is uploaded. The file is `submissions/rehearsal-<blend>[-fold-K].csv`.

    Args:
        workspace, competition: whose.
        blend: its folder.
        folds: whose samples; None: all that the blend was fitted on.
        progress: told what is written.

    Raises:
        PodiumError: as `write_said` and `known_rows`.
    """
    from podium.predictions.reading import PredictionSet

    parts = parts_of_blend(blend, competition)
    scored = parts[competition.scored_task]
    known = known_rows(workspace, competition, folds)
    shared = set.intersection(*(_predicted(PredictionSet(one), competition) for one in scored.sets))
    known = _predicted_by_all(known, shared, blend)
    at = "" if folds is None else "-fold-" + "-".join(map(str, folds))
    workspace.submissions.mkdir(parents=True, exist_ok=True)
    file = workspace.submissions / f"rehearsal-{blend.name}{at}.csv"
    write_said(file, competition, parts, "oof", known.train, known.wanted, ids=known.ids)
    progress.say(f"  wrote {file}, read it back, and found it as it was meant")
    return _judged(known, file, scored)


def _predicted(members: Any, competition: Competition) -> set[str]:
    if competition.scored_task == "segment":
        return set(members.oof_masks("segment").ids)
    return set(members.oof("classify").ids)


def _predicted_by_all(known: Known, predicted: set[str], blend: Path) -> Known:
    """Return the rows, units or volumes that every member predicted whole."""
    torn = known.samples["id"][~known.samples["id"].isin(predicted)]
    if known.competition.scores_units:
        lost = set(known.samples["unit"].loc[torn.index].astype(str))
    else:
        lost = set(torn)
    left = [one for one in known.ids if one not in lost]
    if not left:
        raise RunError(
            f"{known.said_by}: no sample was predicted by every member",
            where=blend,
            fix="name folds that were trained",
        )
    return known if not lost else known.take(left)


def _judged(known: Known, file: Path, part: Part | None = None) -> Rehearsal:
    problems = check_wanted(file, known.wanted)
    is_right = not any(one.level == "error" for one in problems)
    own = None
    if part is not None and part.blend.n_scored == known.n_scored:
        own = part.blend.optimistic
    return Rehearsal(
        file,
        problems,
        known.n_scored,
        known.competition.metric.name,
        known.score(file) if is_right else None,
        own,
    )
