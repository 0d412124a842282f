"""Who says pseudo-labels: the fold models of a run, or of every member of a blend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import TaskName
from podium.ensembling.method import Fitted, Method
from podium.ensembling.predicting import mixed_masks
from podium.errors import DataError
from podium.predictions.mask_probs import MaskProbs
from podium.predictions.reading import PredictionSet, Split
from podium.predictions.top_k import all_of, joined
from podium.predictions.views import ViewSet
from podium.training import predicting
from podium.training.fold_files import Fold
from podium.training.job import Job
from podium.workspace.progress import Progress
from podium.workspace.records import Record

__all__ = ["Ensemble", "Said", "Teachers", "Voice"]


@dataclass(frozen=True, eq=False)
class Voice:
    """The fold models of one run, asked with some views."""

    job: Job
    views: ViewSet

    def facts(self, split: Split, progress: Progress) -> str:
        """Return what its predictions of `split` follow from, predicted or not."""
        return f"{self.job.run.name} {predicting.set_id(self.job, [split], self.views, progress)}"

    def predictions(self, split: Split, folds: Sequence[int], progress: Progress) -> PredictionSet:
        """Return what the models of `folds` say about `split`; what is missing is predicted."""
        job = self.job
        found = predicting.find_set(job, split, self.views, folds, progress)
        if found is None:
            found = predicting.predict(
                job.workspace,
                job.competition,
                job.run,
                splits=[split],
                views=self.views,
                folds=folds,
                progress=progress,
            )
        return PredictionSet(found)

    def check(
        self, said: PredictionSet, split: Split, task: TaskName, folds: Sequence[int]
    ) -> None:
        """Raise DataError unless what a fold's folder holds was said by that fold's model."""
        for fold in folds:
            model = said.fold(split, task, fold).model
            if not model.startswith(f"{self.job.run.name}/fold-{fold}/"):
                raise DataError(
                    f"these predictions of fold {fold} were made by {model}",
                    where=said.root / split / task,
                    fix="remove them, and `podium predict` again",
                )


Said = Mapping[Voice, PredictionSet]


@dataclass(frozen=True)
class Ensemble:
    """Who answers one task, and how the answers become one.

    Attributes:
        task: which.
        voices: `(M,)`.
        method: the name of how they are blended.
        how: the method.
        fitted: fold → what the method combines them with; that of fold k knows no label of fold k.
    """

    task: TaskName
    voices: tuple[Voice, ...]
    method: str
    how: Method
    fitted: Mapping[Fold, Fitted]

    def labels(
        self,
        said: Said,
        split: Split,
        folds: Sequence[int],
        fitted: Fitted,
        ids: Sequence[str],
    ) -> NDArray[np.float32]:
        """Return the probabilities of `ids`, `(N, C)`, each voice averaged over `folds`."""
        members = []
        for voice in self.voices:
            blocks = said[voice].mean_blocks(split, self.task, folds=folds, ids=ids)
            probs = joined([probs for _, probs in blocks])
            members.append(all_of(probs, who="a table of pseudo-labels"))
        found: NDArray[np.float32] = self.how.combined(self.how.prepared(members), fitted)
        return found

    def masks(
        self,
        said: Said,
        split: Split,
        folds: Sequence[int],
        fitted: Fitted,
        ids: Sequence[str],
    ) -> MaskProbs:
        """Return the masks of `ids`, mixed band by band when they are read."""
        members = [said[voice].mean_masks(split, self.task, folds=folds) for voice in self.voices]
        return mixed_masks(self.how, fitted, members, ids)


@dataclass(frozen=True)
class Teachers:
    """All who say the pseudo-labels of one artefact.

    Attributes:
        source: record of the run or blend.
        ensembles: one a task.
        folds: whose models are asked.
        every: all folds that there are.
        digest: of the present folds.
        round: of their labels: 1, or one more than that of the labels they learnt from.
        notes: what whoever uses the labels must know.
    """

    source: Record
    ensembles: tuple[Ensemble, ...]
    folds: tuple[int, ...]
    every: tuple[int, ...]
    digest: str
    round: int
    notes: tuple[str, ...] = ()

    @property
    def voices(self) -> list[Voice]:
        """Everybody once."""
        return list(dict.fromkeys(voice for one in self.ensembles for voice in one.voices))

    @property
    def tables(self) -> list[tuple[Fold, tuple[int, ...]]]:
        """Whom the tables teach, and by which fold models; "full" where all of them are there."""
        single: list[tuple[Fold, tuple[int, ...]]] = [(fold, (fold,)) for fold in self.folds]
        return [*single, ("full", self.every)] if self.folds == self.every else single

    def names(self, fold: Fold, models: Sequence[int]) -> list[str]:
        """Return "run/fold-k" of all whose word counts in the table of `fold`."""
        heard = dict.fromkeys(
            voice.job.run.name
            for one in self.ensembles
            for voice, weight in zip(one.voices, one.fitted[fold].weights, strict=True)
            if weight > 0
        )
        return [f"{run}/fold-{model}" for run in heard for model in models]
