"""What a plan for the time that is left is made of: what is trained so far, and how fast.

The steps that are over are to it what proposals before are to a step: their networks get further
seeds and students, and no step proposes them again. Speeds are those that they had. What a call
that was killed had trained of a step counts as if it had not been killed, so that the next plan is
the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from podium.workflows.auto.plan import Done, backbone_of, recipe_of
from podium.workflows.auto.proposal import Proposal, takes_steps
from podium.workspace.auto_record import AutoRecord, AutoStep
from podium.workspace.layout import Workspace
from podium.workspace.records import read_json

__all__ = ["done_so_far", "lost_s"]


def done_so_far(
    workspace: Workspace, folder: Path, record: AutoRecord, n_folds: int, *, is_alone: bool
) -> Done:
    """Return what the steps of a record have trained, and how long that took.

    Args:
        workspace: of the runs.
        folder: of the plan.
        record: whose steps are over.
        n_folds: of a run.
        is_alone: whether folds were trained one after the other.
    """
    failed = [one for one in record.steps if one.state == "failed"]
    backbones = [backbone_of(recipe_of(folder, one.extends or one.name)) for one in failed]
    runs = _steps_of_runs(record)
    took = {run: _trained_s(workspace, run, steps, is_alone) for run, steps in runs.items()}
    longer = _longer(folder, record, took)
    # A seed takes as long as the last one of its recipe did.
    took |= {
        run: took[again]
        for run, (first, *_) in runs.items()
        for again, (other, *_) in runs.items()
        if other.repeats == first.name
    }
    sign = 1.0 if record.greater_is_better else -1.0
    trained = []
    for run, (first, *_) in runs.items():
        folds = max(one.folds or n_folds for one in runs[run])
        alone = [one.alone for one in runs[run] if one.alone is not None]
        trained.append(
            Proposal(
                first.name,
                first.why,
                recipe_of(folder, first.name),
                took[run] / longer,
                teacher=first.teacher,
                folds=None if folds >= n_folds else folds,
                repeats=first.repeats,
                goodness=sign * alone[-1] if alone else None,
            )
        )
    return Done(
        tuple(trained),
        longer,
        frozenset((one.kind, name) for one, name in zip(failed, backbones, strict=True)),
        frozenset(one.name for one in record.steps if not one.is_unused),
    )


def lost_s(workspace: Workspace, record: AutoRecord) -> float:
    """Return the seconds of training, by calls that were killed, that the record does not have."""
    lost = 0.0
    for run, steps in _steps_of_runs(record).items():
        if run not in record.known:  # nor what was trained before this plan
            recorded = _trained_s(workspace, run, steps, is_alone=False)
            lost += _trained_s(workspace, run, steps, is_alone=True) - recorded
    return lost


def _steps_of_runs(record: AutoRecord) -> dict[str, list[AutoStep]]:
    """Return the finished steps by the run that they trained, each with its further folds."""
    found: dict[str, list[AutoStep]] = {}
    for one in record.steps:
        if one.state == "finished" and one.run is not None:
            found.setdefault(one.run, []).append(one)
    return found


def _trained_s(workspace: Workspace, run: str, steps: Sequence[AutoStep], is_alone: bool) -> float:
    """Return how long the training of a run took, over all calls that worked on it."""
    recorded = sum(max(one.seconds - one.blend_s, 0.0) for one in steps)
    if not is_alone:  # folds side by side take less than their sum
        return recorded
    done = (workspace.runs / run).glob("fold-*/done.json")
    return max(recorded, sum(map(_seconds, done)))


def _seconds(done: Path) -> float:
    return float(read_json(done, fix="remove its folder, and train it again")["seconds"])


def _longer(folder: Path, record: AutoRecord, took: dict[str, float]) -> float:
    """Return how many times as long as timed the whole trainings of networks took; 1: none is."""
    expected = seconds = 0.0
    for run, steps in _steps_of_runs(record).items():
        is_whole = all(one.alone is not None and one.lower_rate is None for one in steps)
        is_timed = takes_steps(recipe_of(folder, steps[0].name))
        if is_timed and is_whole and run not in record.known:
            expected += sum(one.expected_s / record.longer_of(one.plan) for one in steps)
            seconds += took[run]
    return seconds / expected if expected and seconds else 1.0
