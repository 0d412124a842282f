"""What each phase of a run brought: the scores at its start and after every phase (no torch)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podium.errors import RunError
from podium.training.fold_files import FoldFiles
from podium.training.recipe import load_recipe
from podium.workspace.records import learnt_without_labels, read_record

__all__ = ["Stage", "stages_of"]


@dataclass(frozen=True)
class Stage:
    """A run after one phase; "start" is the network before the first.

    Attributes:
        phase: its name.
        epochs: that it had, by fold.
        learnt: the parts of the loss, as `segment.dice`; empty for the start.
        frozen: the parts that stayed as they were.
        scores: metric → its value by fold, on the fold's validation rows, at the size of the
            network's input and with plain decisions.
        method: how it learnt; empty for the start.
        selected: how many samples its method answered itself and learnt from in the end, by fold.
        precision: the share of right labels among them, by fold, where truth is known.
    """

    phase: str
    epochs: tuple[int, ...]
    learnt: tuple[str, ...]
    frozen: tuple[str, ...]
    scores: dict[str, tuple[float, ...]]
    method: str = ""
    selected: tuple[int, ...] = ()
    precision: tuple[float, ...] = ()

    def mean(self, metric: str) -> float | None:
        """Return the mean over the folds; None where no fold has the score."""
        values = self.scores.get(metric, ())
        return sum(values) / len(values) if values else None


def stages_of(run: Path) -> list[Stage]:
    """Return the stages of the run in the folder `run`, over the folds that are trained.

    Raises:
        RunError: no fold is trained, or all were before stages were kept.
    """
    record = read_record(run)
    phases = {phase.name: phase for phase in load_recipe(run / "recipe.yaml").phases}
    trained_of = record.details.get("folds", {})
    folds = [FoldFiles(run, int(k)) for k in trained_of if k != "full"]
    if learnt_without_labels(record):
        folds = [FoldFiles(run, "full")]
    facts = [fold.read_done() for fold in folds if fold.is_done]
    if not facts:
        raise RunError(f"no fold of {run.name} is trained", fix="run `podium train` again")
    trained = [one["stages"] for one in facts if "stages" in one]
    if not trained:
        raise RunError(
            f"{run.name} was trained by a version of podium that kept no stages",
            fix="train it once more: podium train … --again 1",
        )
    found = []
    for of_folds in zip(*trained, strict=True):
        name = str(of_folds[0]["phase"])
        phase = phases.get(name)
        loss = {} if phase is None or phase.loss is None else phase.loss
        selected = [one.get("selected", {}) for one in of_folds]
        found.append(
            Stage(
                phase=name,
                method="" if phase is None else phase.method.name,
                epochs=tuple(int(one["epochs"]) for one in of_folds),
                learnt=_terms(loss),
                frozen=() if phase is None else tuple(phase.freeze),
                scores=_by_metric([one["scores"] for one in of_folds]),
                selected=tuple(one["pseudo_n"] for one in selected if "pseudo_n" in one),
                precision=tuple(
                    one["pseudo_precision"] for one in selected if "pseudo_precision" in one
                ),
            )
        )
    return found


def _terms(loss: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    # Directly under a task, `weight` is that of its head.
    return tuple(
        f"{task}.{one}" for task, terms in loss.items() for one in terms if one != "weight"
    )


def _by_metric(scores: Sequence[dict[str, float | None]]) -> dict[str, tuple[float, ...]]:
    names = dict.fromkeys(name for one in scores for name in one)
    return {
        name: tuple(value for one in scores if (value := one.get(name)) is not None)
        for name in names
    }
