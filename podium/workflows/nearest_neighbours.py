"""Classes by the nearest images of a run's embeddings, kept as a member that blends as runs do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition
from podium.errors import DataError, UsageError
from podium.predictions.retrieval import (
    EMBED,
    Neighbours,
    class_scores,
    embeddings,
    gallery_of_fold,
    nearest_neighbours,
)
from podium.predictions.store.reading import Fold, PredictionSet, Split
from podium.predictions.store.writing import begin_set, fold_folder, write_fold
from podium.predictions.top_k import TopK
from podium.tasks.protocols.names import IMAGES, of_images
from podium.workflows.blends.blending import newest_set
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import RECORD_FILE, Record, read_record, write_record

__all__ = ["nearest_neighbour_member"]

Vectors = NDArray[np.float32]


def nearest_neighbour_member(
    workspace: Workspace,
    competition: Competition,
    run: Path,
    *,
    k: int = 50,
    progress: Progress = SILENT,
) -> Path:
    """Return a folder of `imports/` with OOF and test predictions by the nearest training images.

    A row of fold K is compared, by the model of fold K, with the training rows of other folds that
    are of no group of fold K; a test row with all training rows, by each fold model. Each row keeps
    as many classes as in the run, so that both can be blended.

    Args:
        workspace, competition: of the run.
        run: its folder, trained with `predict: {embeddings: true}`.
        k: number of neighbours of a row.
        progress: shows a bar a fold.

    Raises:
        DataError: the run kept no embeddings.
        UsageError: the task is not one of single classes.
    """
    kind = of_images(competition.tasks)
    if kind is None or not kind.is_exclusive:
        raise UsageError("neighbours predict one class of many: tasks: {classify: multiclass}")
    root = newest_set(run)
    prediction_set, name = PredictionSet(root), f"{read_record(run).name}-neighbours"
    facts = {"of": run.name, "set": root.name, "k": k, "by": "max"}
    folder = workspace.imports / f"{name}-{short_digest(facts)}"
    samples = load_samples(competition, "train", workspace=workspace)
    folds = ensure_folds(workspace, competition, samples)
    gallery = _Gallery(samples["id"].tolist(), truth(samples, competition), competition, k)
    there = prediction_set.folds("train", EMBED)
    numbers = [fold for fold in there if fold != "full"]
    if not numbers:
        embeddings(prediction_set, "train", 0, [])  # records how they are kept
    made = folder / "predictions" / short_digest(facts)
    splits: list[Split] = ["oof", "test"] if prediction_set.folds("test", EMBED) else ["oof"]
    begin_set(made, folds=numbers, splits=splits, details=facts)
    groups = None if competition.folds.group is None else list(samples["group"])
    with progress.bar(name, len(numbers)) as advance:
        for fold in numbers:
            kept = prediction_set.fold("oof", IMAGES, fold).k
            vectors = embeddings(prediction_set, "train", fold, gallery.ids)
            queries, gallery_rows = gallery_of_fold(
                folds, fold, groups=groups, scheme=competition.folds.scheme, samples=samples
            )
            oof = gallery.classes(vectors[queries], vectors, gallery_rows, kept)
            _write(made, "oof", fold, [gallery.ids[int(i)] for i in queries], oof, facts)
            if "test" in splits:
                ids = prediction_set.fold("test", EMBED, fold).ids
                every = np.arange(len(gallery.ids))
                of_test = embeddings(prediction_set, "test", fold, ids)
                found = gallery.classes(of_test, vectors, every, kept)
                _write(made, "test", fold, ids, found, facts)
            advance(1)
    if not (folder / RECORD_FILE).is_file():
        write_record(
            folder,
            Record(
                kind="import",
                id=folder.name,
                name=name,
                created=now(),
                status="finished",
                parents=[run.name],
                inputs=facts,
            ),
        )
    return folder


class _Gallery:
    """The training rows, of which some are the gallery."""

    def __init__(
        self,
        ids: list[str],
        labels: NDArray[np.int64],
        competition: Competition,
        k: int,
    ) -> None:
        self.ids, self._labels = ids, labels
        self._n_classes, self._k = len(competition.classes), k

    def classes(
        self, queries: Vectors, vectors: Vectors, rows: NDArray[np.int64], kept: int | None
    ) -> Vectors | TopK:
        """Return predictions for `queries` by the gallery `rows`; unlabelled rows are ignored."""
        rows = rows[self._labels[rows] >= 0]
        if not len(rows):
            raise DataError("no row of the gallery has a class")
        found: Neighbours = nearest_neighbours(queries, vectors[rows], self._k)
        n_kept = self._n_classes if kept is None else kept
        scores = class_scores(found, self._labels[rows], self._n_classes, k=n_kept)
        return scores.dense() if kept is None else scores


def _write(
    root: Path, split: Split, fold: Fold, ids: list[str], probs: Vectors | TopK, facts: object
) -> None:
    if not fold_folder(root, split, IMAGES, fold).is_dir():
        model = f"neighbours of {facts}, fold {fold}"
        write_fold(root, split, IMAGES, fold, ids=ids, probs=probs, model=model)
