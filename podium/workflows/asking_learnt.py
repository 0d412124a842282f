"""Asks a run's networks about rows that they learnt from: how much do they know by heart?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from podium.competition.samples import truth
from podium.competition.spec import Competition
from podium.errors import RunError, UsageError
from podium.predictions.decide import decide
from podium.predictions.learnt import Learnt, write_learnt
from podium.reporting.learnt_rows import Sides, sides_of
from podium.training.job import Job
from podium.training.predicting import job_of, views_of
from podium.workflows.blending import newest_set
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["ask_learnt"]


def ask_learnt(
    workspace: Workspace,
    competition: Competition,
    run: Path,
    n: int,
    *,
    fold: int | None = None,
    progress: Progress = SILENT,
) -> list[Sides]:
    """Return what each fold's network says of `n` rows that it learnt from, and of those unseen.

    It is kept in the run's folder, for the report. The rows are drawn, the same each time, of those
    with a label; the views are the recipe's, and decisions plain.

    Args:
        workspace, competition, run: whose; the run's folder.
        n: rows a fold; all where it has no more.
        fold: of this one alone.
        progress: gets a bar a fold.

    Raises:
        UsageError: there is no such fold, or the run says no classes.
        RunError: nothing is trained or predicted out of fold, or the data changed since.
    """
    from podium.training.inference import label_probs

    if n < 1:
        raise UsageError(f"at least one row is needed, got {n}", fix="write --learnt 500")
    job = job_of(workspace, competition, run)
    if "classify" not in job.tasks or competition.kind == "regression":
        raise UsageError(
            f"{run.name} says no classes, which are what is compared", fix="leave out --learnt"
        )
    predictions = newest_set(run)
    found = {}
    for each in _trained(job, fold):
        samples = job.data.samples.iloc[_drawn(job, each, n)]
        views = views_of(job.recipe, competition)
        probs = label_probs(job, each, samples, views=views, progress=progress)
        found[each] = Learnt.of(list(samples["id"]), decide(probs, None, competition.kind))
        write_learnt(run, each, found[each])
    return sides_of(competition, predictions, job.data.samples, found)


def _trained(job: Job, fold: int | None) -> list[int]:
    """Return the folds that have rows out of fold; a refit on all rows has none to compare with."""
    if fold is not None:
        from podium.training.job import require_folds

        require_folds([fold], job.data.fold_numbers)
        job.files(fold).read_done()
        return [fold]
    trained = [one for one in job.data.fold_numbers if job.files(one).is_done]
    if not trained:
        raise RunError(f"no fold of {job.run.name} is trained", fix="run `podium train` again")
    return trained


def _drawn(job: Job, fold: int, n: int) -> list[int]:
    rows, _ = job.data.rows(fold)
    samples = job.data.samples.iloc[rows]
    is_known = samples["label"].notna().to_numpy()
    if job.competition.open_set is not None:
        is_known = is_known & (truth(samples, job.competition) >= 0)
    known = rows[is_known]
    drawn = np.random.default_rng(fold).choice(known, min(n, len(known)), replace=False)
    return sorted(drawn.tolist())
