"""From trained fold models to pseudo-labels by fold: `pseudo/<name>-<8 hex>/`.

The record has a summary of each table: how many labels, how confident, of which classes, and how
many are right where the truth is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition
from podium.competition.truths.annotator_labels import format_label
from podium.competition.truths.masks import n_mask_classes
from podium.ensembling.method import Fitted
from podium.errors import UsageError
from podium.predictions.confidence import label_confidence
from podium.predictions.decisions.labels import decide
from podium.tasks.protocols.names import PIXELS, is_of_images, is_of_pixels
from podium.training.inference.prediction_sets import PredictSets
from podium.training.pseudo.selection import class_counts
from podium.training.pseudo.tables import (
    SEPARATOR,
    Labels,
    MaskLocations,
    MaskWriter,
    PseudoItems,
    file_digests,
    items_digest,
    write_fold,
)
from podium.training.runs.content import content_digest
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import TrainingData, image_digests, image_paths
from podium.workflows.engines import HERE, Engine, open_engine
from podium.workflows.predicting import predict_on
from podium.workflows.pseudo.teachers import (
    TeacherPredictions,
    Teachers,
    find_teachers,
    predict_with_teachers,
)
from podium.workspace import machine
from podium.workspace.atomic import new_folder, sweep
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace, require_folder_name
from podium.workspace.locks import hold
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import UNKNOWN_START, Record, write_record

__all__ = ["pseudo_label"]


PSEUDO_FORMAT = 1
"""Raised by hand when podium changes what the same predictions become."""
Split = Literal["unlabelled", "test"]
SPLITS: tuple[Split, ...] = ("unlabelled", "test")


def pseudo_label(
    workspace: Workspace,
    competition: Competition,
    source: str,
    *,
    splits: Sequence[str] = ("unlabelled",),
    threshold: float = 0.0,
    folds: Sequence[int] | None = None,
    name: str | None = None,
    on: str | Engine | None = HERE,
    progress: Progress = SILENT,
) -> Path:
    """Return the folder of the pseudo-labels of `source`, by fold; an existing one is kept.

    Fold k's are predicted by the fold-k models alone; weights of a blend are fitted without fold
    k's rows. The table "full" is for students of all rows: the mean over the fold models. It is
    written if all folds are.

    Args:
        workspace, competition: as everywhere.
        source: a run or a blend, by id or name.
        splits: of the images: "unlabelled", "test".
        threshold: predictions below it are unknown, regardless of a recipe's setting.
        folds: only these; None: all.
        name: of the folder, before its 8 hex digits; default: pseudo-<name of the source>.
        on: the engine that predicts with the teachers' models side by side.
        progress: shows bars, and a sentence a fold.

    Raises:
        PodiumError: as `find_teachers`; or the split does not exist, or cannot be predicted.
    """
    chosen = _checked(competition, splits, threshold, name)
    teachers = find_teachers(workspace, competition, source, folds=folds)
    inputs = _inputs(workspace, competition, teachers, chosen, threshold, progress)
    title = f"pseudo-{teachers.source.name}" if name is None else name
    target = workspace.pseudo / f"{title}-{short_digest(inputs)}"
    if target.is_dir():
        return _kept_folder(target, progress)
    with hold(workspace.private / "locks" / f"{target.name}.lock", what=target.name):
        if target.is_dir():  # another process made it since
            return _kept_folder(target, progress)
        workspace.pseudo.mkdir(parents=True, exist_ok=True)
        sweep(workspace.pseudo)  # what a killed process left there
        with open_engine(on) as engine:
            making = _PseudoTables.of(
                workspace, competition, teachers, chosen, threshold, predict_on(engine), progress
            )
        with new_folder(target) as folder:
            making.items.write(folder)
            tables = {str(k): making.table(folder, k, models) for k, models in teachers.tables}
            record = Record(
                kind="pseudo",
                id=target.name,
                name=title,
                created=machine.now(),
                status="finished",
                parents=[teachers.source.id],
                inputs=inputs,
                details={
                    "threshold": threshold,
                    "round": teachers.round,
                    "splits": list(chosen),
                    "items": len(making.items),
                    "items_digest": items_digest(making.items),
                    "notes": list(teachers.notes),
                    "folds": tables,
                    **({UNKNOWN_START: True} if teachers.unknown_start else {}),
                },
            )
            write_record(folder, record)
    return target


def _kept_folder(target: Path, progress: Progress) -> Path:
    progress.say(f"  {target.name} is there already")
    return target


def _checked(
    competition: Competition, splits: Sequence[str], threshold: float, name: str | None
) -> tuple[Split, ...]:
    unknown = [split for split in splits if split not in SPLITS]
    if unknown or not splits:
        what = f"there are no pseudo-labels of {unknown[0]!r}" if unknown else "no split is named"
        raise UsageError(what, fix=f"choose of {', '.join(SPLITS)}")
    if "unlabelled" in splits and competition.data.unlabelled is None:
        raise UsageError(
            "the competition has no unlabelled images",
            fix="name them in data.unlabelled, or write --split test",
        )
    if "test" in splits and competition.data.test is None:
        raise UsageError("the competition has no test images", fix="name them in data.test")
    if not 0 <= threshold <= 1:
        raise UsageError(f"a threshold is in [0, 1], got {threshold}")
    if name is not None:
        require_folder_name(name, "pseudo-labels")
    return tuple(split for split in SPLITS if split in splits)


def _inputs(
    workspace: Workspace,
    competition: Competition,
    teachers: Teachers,
    splits: Sequence[Split],
    threshold: float,
    progress: Progress,
) -> dict[str, Any]:
    """Return what the id hashes; nothing is predicted for it."""
    return {
        "format": PSEUDO_FORMAT,
        "source": teachers.source.id,
        "ensembles": {
            one.task: {
                "method": f"{one.method} {one.how.source}".rstrip(),
                "weights": {str(fold): one.fitted[fold].facts for fold, _ in teachers.tables},
                "voices": [[v.facts(s, progress) for s in splits] for v in one.fold_models],
            }
            for one in teachers.ensembles
        },
        "splits": {
            split: content_digest(
                workspace, competition, load_samples(competition, split), progress=progress
            )
            for split in splits
        },
        "folds": teachers.digest,
        "tables": [str(fold) for fold, _ in teachers.tables],
        "threshold": threshold,
    }


@dataclass(frozen=True)
class _PseudoTables:
    """Inputs of the tables of one artefact."""

    workspace: Workspace
    competition: Competition
    teachers: Teachers
    samples: Mapping[Split, pd.DataFrame]
    predictions: Mapping[str, TeacherPredictions]
    items: PseudoItems
    validation_digests: Mapping[int, frozenset[str]]
    threshold: float
    progress: Progress

    @classmethod
    def of(
        cls,
        workspace: Workspace,
        competition: Competition,
        teachers: Teachers,
        splits: Sequence[Split],
        threshold: float,
        predict_sets: PredictSets,
        progress: Progress,
    ) -> _PseudoTables:
        """Return it with all predictions there, which may take a while."""
        samples = {split: load_samples(competition, split) for split in splits}
        folds = teachers.every if len(teachers.tables) > len(teachers.folds) else teachers.folds
        predictions = predict_with_teachers(
            teachers.fold_models, splits, folds, predict_sets, progress
        )
        for split in splits:
            for one in teachers.ensembles:
                for member in one.fold_models:
                    member.check(predictions[split][member], split, one.task, folds)
        data = teachers.fold_models[0].job.data
        return cls(
            workspace,
            competition,
            teachers,
            samples,
            predictions,
            _items(workspace, competition, samples, progress),
            {k: _validated_contents(workspace, competition, data, k) for k in teachers.folds},
            threshold,
            progress,
        )

    def table(self, root: Path, fold: Fold, models: Sequence[int]) -> dict[str, Any]:
        """Write the table of one fold, and return what is in it."""
        folder = root / f"fold-{fold}"
        folder.mkdir()
        facts: dict[str, Any] = {"teachers": self.teachers.names(fold, models), "weights": {}}
        if fold != "full":
            in_both = [digest in self.validation_digests[fold] for digest in self.items.digests]
            facts["validation_images"] = sum(in_both)
        labels: Labels | None = None
        masks: MaskLocations | None = None
        for one in self.teachers.ensembles:
            fitted = one.fitted[fold]
            facts["weights"][one.task] = fitted.facts
            if is_of_images(one.task):
                probs = np.concatenate(
                    [
                        one.labels(
                            self.predictions[split], split, models, fitted, list(frame["id"])
                        )
                        for split, frame in self.samples.items()
                    ]
                )
                labels = label_names(self.competition, probs)
                every = pd.concat(list(self.samples.values()), ignore_index=True)
                facts["labels"] = describe_labels(self.competition, probs, every, self.threshold)
            else:
                masks, facts["masks"] = self._masks(folder, fold, models, fitted)
        write_fold(
            folder,
            items=self.items,
            teacher=SEPARATOR.join(facts["teachers"]),
            number=self.teachers.round,
            labels=labels,
            masks=masks,
        )
        self.progress.say(_describe(str(fold), facts))
        return {**facts, "files": file_digests(self.workspace, folder)}

    def _masks(
        self, folder: Path, fold: Fold, models: Sequence[int], fitted: Fitted
    ) -> tuple[MaskLocations, dict[str, Any]]:
        """Write the masks of one fold, an image at a time."""
        (one,) = (one for one in self.teachers.ensembles if is_of_pixels(one.task))
        kind, label = self.competition.mask_kind, f"pseudo-masks of fold {fold}"
        with (
            closing(
                MaskWriter(folder, kind, self.threshold, n_mask_classes(self.competition))
            ) as writer,
            self.progress.bar(label, len(self.items)) as advance,
        ):
            for split, frame in self.samples.items():
                probs = one.masks(self.predictions[split], split, models, fitted, list(frame["id"]))
                for i in range(len(frame)):
                    writer.add(probs, i)
                    advance(1)
            places = writer.finish()
        return places, describe_masks(self.competition, places, writer.showing)


def _items(
    workspace: Workspace,
    competition: Competition,
    samples: Mapping[Split, pd.DataFrame],
    progress: Progress,
) -> PseudoItems:
    every = pd.concat(list(samples.values()), ignore_index=True)
    return PseudoItems(
        [split for split, frame in samples.items() for _ in range(len(frame))],
        [str(one) for one in every["id"]],
        image_paths(every),
        image_digests(workspace, competition, every, progress),
    )


def _validated_contents(
    workspace: Workspace, competition: Competition, data: TrainingData, fold: int
) -> frozenset[str]:
    """Return the contents of the images that `fold` validates."""
    _, valid = data.rows(fold)
    return frozenset(image_digests(workspace, competition, data.samples.iloc[valid]))


def _describe(fold: str, facts: Mapping[str, Any]) -> str:
    there = [(what, facts[what]) for what in ("labels", "masks") if what in facts]
    parts = [
        f"{one['kept']} {what}"
        + ("" if one["confidence"] is None else f", mean confidence {one['confidence']:.3f}")
        for what, one in there
    ]
    return f"  fold {fold}: {'; '.join(parts)}"


def label_names(competition: Competition, probs: NDArray[np.float32]) -> Labels:
    """Return the columns of a table of pseudo-labels for `probs` `(N, C)`.

    A multilabel image's label is the names of its classes, its confidence the mean of theirs.
    """
    kind, names = competition.kind, competition.label_names
    decided = decide(probs, None, kind)
    confidence = label_confidence(probs, kind)
    if kind.is_by_class:
        words = [" ".join(names[c] for c in np.flatnonzero(row)) for row in decided]
        return words, confidence.mean(axis=1), probs
    if kind.has_number_columns:
        return [format_label(competition, row) for row in decided], confidence, probs
    words = [f"{one:g}" if kind.is_continuous else names[int(one)] for one in decided]
    return words, confidence, probs


def describe_labels(
    competition: Competition, probs: NDArray[np.float32], samples: pd.DataFrame, threshold: float
) -> dict[str, Any]:
    """Return a summary of the labels at `threshold`, for JSON.

    Args:
        competition: of the labels.
        probs: `(N, C)`.
        samples: N; their `label`, if known, is the truth.
        threshold: predictions below it are not kept.

    Returns:
        kept: images with a label; confidence: mean of all; classes: how many of each are kept;
        known: kept labels of which the truth is known; precision: share of these that are right
        (multilabel: of single decisions, yes or no), None where there is none.
    """
    kind = competition.kind
    confidence, decided = label_confidence(probs, kind), decide(probs, None, kind)
    is_kept = confidence >= np.float32(threshold)
    facts: dict[str, Any] = {
        "kept": int(np.atleast_2d(is_kept.T).any(axis=0).sum()),
        "confidence": float(confidence.mean()) if kind.is_prob else None,
    }
    if kind.is_continuous:
        return facts
    is_known = samples["label"].notna().to_numpy()
    right = decided[is_known] == truth(samples[is_known], competition)
    kept = is_kept[is_known]
    n_known = int(kept.sum())
    return {
        **facts,
        "classes": class_counts(probs, is_kept, competition),
        "known": n_known,
        "precision": float(right[kept].mean()) if n_known else None,
    }


def describe_masks(
    competition: Competition, masks: MaskLocations, showing: NDArray[np.int64]
) -> dict[str, Any]:
    """Return a summary of the masks at the threshold that they were written with.

    Args:
        competition: of the masks.
        masks: as stored.
        showing: `(K,)`: number of masks with a pixel of each class.

    Returns:
        kept: images with a labelled pixel; pixels: share of labelled pixels; confidence: mean over
        the images; classes: number of images with each.
    """
    names = competition.classes_of(PIXELS) or ["foreground"]
    if competition.mask_kind.is_single:
        names = [names[-1]]
    areas = masks.sizes.prod(axis=1)
    return {
        "kept": int(masks.known(0.0).sum()),
        "pixels": float((masks.kept * areas).sum() / areas.sum()),
        "confidence": float(masks.confidence.mean()),
        "classes": dict(zip(names, showing.tolist(), strict=True)),
    }
