"""Runs of one network of all labels, without folds: their parts of a file, and what stands in.

They have no out-of-fold rows, so nothing is fitted on them and they have no honest score. A run of
the same recipe with folds lends its decision: it differs by its seed, or by `--again`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.competition import metrics
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.ensembling.blend import Blend
from podium.ensembling.plan import plain_decision
from podium.ensembling.record import BlendPart
from podium.errors import RunError
from podium.predictions.candidates import is_current
from podium.predictions.store.reading import PredictionSet, is_separate_view
from podium.tasks.protocols.names import is_of_images
from podium.training.runs.content import folds_digest
from podium.workflows.blends.blending import blend_runs, finished_runs, refuse_other_classes
from podium.workflows.blends.files import blend_parts
from podium.workspace.display import number
from podium.workspace.records import is_of_all_labels, read_record, scores_of_all

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.tasks.protocols.names import TaskName
    from podium.workspace.layout import Workspace
    from podium.workspace.progress import Progress
    from podium.workspace.records import Record

__all__ = ["describe_stand_in", "find_run_of_all_labels", "parts_of_all_labels", "stand_in_of"]


def find_run_of_all_labels(workspace: Workspace, what: str | None) -> Path | None:
    """Return the folder of the run that `what` names if it has a network of all labels alone.

    Raises:
        UsageError: there is no such artefact.
    """
    if what is None:
        return None
    folder = workspace.artefact(what, rooms=("runs", "blends", "imports"))
    return folder if is_of_all_labels(read_record(folder)) else None


def stand_in_of(workspace: Workspace, competition: Competition, run: Path) -> Path | None:
    """Return the newest finished run with folds of the same recipe and data; None: there is none.

    One of other folds or classes than today's is none.

    Args:
        workspace, competition: as everywhere.
        run: of all labels alone.
    """
    own = _inputs_but_seed(read_record(run))
    found = [pair for pair in finished_runs(workspace) if _inputs_but_seed(pair[1]) == own]
    if not found:
        return None
    samples = load_samples(competition, "train", workspace=workspace)
    digest = folds_digest(samples["id"], ensure_folds(workspace, competition, samples))
    folder, record = found[-1]
    return folder if is_current(record, competition, digest) else None


def _inputs_but_seed(record: Record) -> dict[str, Any]:
    inputs = {key: one for key, one in record.inputs.items() if key != "again"}
    recipe = {key: one for key, one in inputs.get("recipe", {}).items() if key != "seed"}
    return {**inputs, "recipe": recipe}


def describe_stand_in(run: Path, stand_in: Path | None, *, plain: bool) -> str:
    """Return that a run has no score of its own, and what decides its file.

    Args:
        run: of all labels alone.
        stand_in: what `stand_in_of` returned.
        plain: whether the plain decision was asked for.
    """
    what = f"{run.name} was trained on all labels and on no fold: it has no honest score"
    if stand_in is None:
        return (
            f"{what}, and is decided plainly; `podium train runs/{run.name}/recipe.yaml` trains "
            "its folds, which give it one"
        )
    scores = scores_of_all(read_record(stand_in).scores)
    decision = "it is decided plainly" if plain else "its decision is taken"
    return (
        f"{what}; {stand_in.name}, the same recipe with folds, stands in: OOF "
        f"{scores.get('metric')} {number(scores.get('oof'))}, from fewer labels; {decision}"
    )


def parts_of_all_labels(
    workspace: Workspace,
    competition: Competition,
    run: Path,
    *,
    stand_in: Path | None = None,
    progress: Progress,
) -> dict[TaskName, BlendPart]:
    """Return the parts of the file of a run, as `blend_parts` does for a blend.

    Args:
        workspace, competition: as everywhere.
        run: of all labels alone.
        stand_in: the run whose out-of-fold rows its decision is fitted on; None: it is plain.
        progress: gets a line for the blend of the stand-in.

    Raises:
        RunError: the run did not predict the test set, or not all that the file holds.
        UsageError: its classes are not today's.
        PodiumError: as `blend_runs`, of the stand-in.
    """
    tasks = competition.answered_tasks
    root = _test_set(run, tasks)
    refuse_other_classes([root], competition)
    if stand_in is None:
        return {task: BlendPart(_plain(competition, run, task), (root,)) for task in tasks}
    name = f"only-{read_record(stand_in).name}"
    blend = blend_runs(
        workspace, competition, [str(stand_in)], method="mean", name=name, progress=progress
    )
    parts = blend_parts(blend, competition)
    return {task: BlendPart(part.blend, (root,)) for task, part in parts.items()}


def _test_set(run: Path, tasks: tuple[TaskName, ...]) -> Path:
    """Return the newest prediction set in which the network of all labels predicted the test set.

    Sets of one view each are used only by name, as for blends.
    """
    sets = [
        one.parent for one in run.glob("predictions/*/test") if not is_separate_view(one.parent)
    ]
    whole = [
        one
        for one in sets
        if all("full" in PredictionSet(one).folds("test", task) for task in tasks)
    ]
    if not whole:
        raise RunError(
            f"{run.name} has not predicted the test set",
            where=run,
            fix=f"podium predict {run.name}",
        )
    return max(whole, key=lambda path: (path.stat().st_mtime_ns, path.name))


def _plain(competition: Competition, run: Path, task: TaskName) -> Blend:
    """Return the run as a blend of one member, plainly decided; it is not kept, as it has no score.

    A record cannot hold such a score, nor would any order of blends know what to do with it.
    """
    no_score = float("nan")
    is_labels = is_of_images(task)
    is_of_units = is_labels and competition.scores_units
    return Blend(
        members=(run.name,),
        method="mean",
        weights=(1.0,),
        decision=plain_decision(competition, task),
        honest=no_score,
        honest_interval=None,
        optimistic=no_score,
        metric=metrics.of(competition).name,
        n_scored=0,
        notes=(),
        kind=competition.kind if is_labels else competition.mask_kind,
        task=task,
        aggregate=competition.units.aggregate if is_of_units else None,
        plain=True,
        root=competition.root,
    )
