"""What a run or blend says of the unlabelled images: together, and each model alone.

Whoever asks people for labels may ask any model: it knows no label of these images. So nothing here
keeps folds apart; what people answer is theirs, and not the models'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.ensembling.artefact import Part, read_parts
from podium.errors import RunError, UsageError
from podium.predictions.reading import PredictionSet
from podium.predictions.retrieval import EMBED
from podium.predictions.top_k import all_of, joined
from podium.predictions.views import ViewSet
from podium.training import predicting
from podium.training.fold_files import Fold
from podium.training.label_choice import Space
from podium.workflows.pseudo_teachers import Voice
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress
from podium.workspace.records import Record, read_record

__all__ = ["Opinions", "opinions"]

_WHO = "a request for labels"


@dataclass(frozen=True)
class Opinions:
    """What is said of `ids`.

    Attributes:
        source: record of the run or blend.
        ids: `(N,)`, all unlabelled images.
        probs: `(N, C)`, of all models together.
        voices: `(N, C)` of each that may disagree: members of a blend; of a single run, its folds.
        names: of those.
        facts: the prediction sets that this was read from.
        embeddings: whether `space` is of embeddings; else it is of `probs`.
        space: from positions to points, in which images that look alike lie near each other.
    """

    source: Record
    ids: list[str]
    probs: NDArray[np.float32]
    voices: tuple[NDArray[np.float32], ...]
    names: tuple[str, ...]
    facts: tuple[str, ...]
    embeddings: bool
    space: Space


def opinions(
    workspace: Workspace,
    competition: Competition,
    source: str,
    ids: Sequence[str],
    progress: Progress,
) -> Opinions:
    """Return what the run or blend `source` says of the unlabelled images `ids`, all of them.

    What is not predicted yet is.

    Raises:
        UsageError: there is no such artefact, or it has no models, or says nothing of labels.
        RunError: no fold is trained, or data or folds changed since.
    """
    folder = workspace.artefact(source, rooms=("runs", "blends"))
    record = read_record(folder)
    asking = _Asking(workspace, competition, list(ids), progress)
    if record.kind == "run":
        asking.add(folder, None)
        (probs,) = asking.members()
        heard = [0]
    else:
        part = _label_part(record, folder)
        for root in part.sets:
            asking.add(_run_of(workspace, record, root), root)
        method, fitted = part.blend.how, part.blend.fitted
        members = asking.members()
        probs = np.asarray(method.combined(method.prepared(members), fitted), dtype=np.float32)
        heard = [i for i, weight in enumerate(part.blend.weights) if weight > 0] or [0]
    names, voices = asking.those_who_disagree(heard)
    vectors = asking.embeddings(heard)
    facts = [one.facts("unlabelled", progress) for one in asking.voices]
    return Opinions(
        record,
        list(ids),
        probs,
        tuple(voices),
        tuple(names),
        tuple(dict.fromkeys(facts)),
        vectors is not None,
        vectors or (lambda rows: probs[rows]),
    )


class _Asking:
    """Voices that are asked about `ids`, with what each fold model says."""

    def __init__(
        self, workspace: Workspace, competition: Competition, ids: list[str], progress: Progress
    ) -> None:
        self._workspace, self._competition = workspace, competition
        self._ids, self._progress = ids, progress
        self.voices: list[Voice] = []
        self.folds: list[list[int]] = []
        self._said: dict[Voice, PredictionSet] = {}

    def add(self, run: Path, root: Path | None) -> None:
        """Ask the trained folds of `run`, with the views of its set `root` or of its recipe."""
        job = predicting.job_of(self._workspace, self._competition, run)
        if "classify" not in job.tasks:
            raise UsageError(f"{run.name} says nothing of labels", fix="name a run that does")
        trained = [fold for fold in job.data.fold_numbers if job.files(fold).is_done]
        if not trained:
            raise RunError(f"no fold of {run.name} is trained", fix="run `podium train` again")
        views = predicting.views_of(job.recipe, self._competition)
        if root is not None:
            known = PredictionSet(root)
            first = known.fold("oof", "classify", known.folds("oof", "classify")[0])
            views = ViewSet.from_facts(first.meta["details"])
        voice = Voice(job, views)
        self._said[voice] = voice.predictions("unlabelled", trained, self._progress)
        self.voices.append(voice)
        self.folds.append(trained)

    def members(self, which: Sequence[int] | None = None) -> list[NDArray[np.float32]]:
        """Return what each voice says, averaged over its folds."""
        chosen = range(len(self.voices)) if which is None else which
        return [self._probs(i, self.folds[i]) for i in chosen]

    def those_who_disagree(
        self, which: Sequence[int]
    ) -> tuple[list[str], list[NDArray[np.float32]]]:
        """Return the names, and what each says: of several voices they, of one its fold models."""
        if len(which) > 1:
            return [self.voices[i].job.run.name for i in which], self.members(which)
        (lone,) = which
        run, folds = self.voices[lone].job.run.name, self.folds[lone]
        return [f"{run}/fold-{k}" for k in folds], [self._probs(lone, [k]) for k in folds]

    def _probs(self, which: int, folds: Sequence[Fold]) -> NDArray[np.float32]:
        said = self._said[self.voices[which]]
        blocks = said.mean_blocks("unlabelled", "classify", folds=folds, ids=self._ids)
        return np.asarray(all_of(joined([probs for _, probs in blocks]), who=_WHO))

    def embeddings(self, which: Sequence[int]) -> Space | None:
        """Return the embeddings of these voices, one after the other; None where one has none."""
        readers = []
        for i in which:
            said = self._said[self.voices[i]]
            there = said.folds("unlabelled", EMBED)
            if any(fold not in there for fold in self.folds[i]):
                return None
            readers += [said.fold("unlabelled", EMBED, fold) for fold in self.folds[i]]
        places = [{one: row for row, one in enumerate(reader.ids)} for reader in readers]

        def space(rows: NDArray[np.int64]) -> NDArray[np.float32]:
            names = [self._ids[int(row)] for row in rows]
            parts = []
            for reader, place in zip(readers, places, strict=True):
                vectors = np.asarray(reader.take(np.array([place[one] for one in names])))
                # Each model has axes, and a scale, of its own.
                parts.append(vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-12))
            return np.concatenate(parts, axis=1)

        return space


def _label_part(record: Record, folder: Path) -> Part:
    parts = read_parts(folder)
    if "classify" not in parts:
        raise UsageError(f"{record.id} says nothing of labels", fix="name a run that does")
    part = parts["classify"]
    if not part.blend.how.gives_probs:
        raise UsageError(
            f"a blend by {part.blend.method} has no probabilities to be unsure by",
            fix="blend again with another --method, or name a run",
        )
    return part


def _run_of(workspace: Workspace, record: Record, root: Path) -> Path:
    run = root.parent.parent
    if run.parent.resolve() != workspace.runs.resolve() or read_record(run).kind != "run":
        raise UsageError(
            f"{record.id} has a member, {run.name}, whose models are not here to be asked",
            fix="name a run, or a blend of runs",
        )
    return run
