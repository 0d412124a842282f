"""Active learning: choose the unlabelled images to label, and write a sheet to label them on.

    labels/<name>-<8 hex>/   record.json · request.csv · index.html · thumbnails/

Any model may predict the unlabelled images, for it was trained on no label of them. So nothing
here keeps folds apart: the labels come from people, and not from the models.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.tables import read_table
from podium.competition.truths.annotations_file import read_annotations
from podium.competition.truths.annotator_labels import (
    excluded_images,
    format_label,
    sha256_of_samples,
)
from podium.ensembling.record import BlendPart, read_parts
from podium.errors import RunError, UsageError, either
from podium.predictions.confidence import label_confidence
from podium.predictions.decisions.labels import decide
from podium.predictions.retrieval import EMBED
from podium.predictions.store.reading import PredictionSet, Split
from podium.predictions.top_k import concatenate, require_dense
from podium.predictions.views import ViewSet
from podium.reporting.labels.sheet import COLUMNS, ImageToLabel, write_sheet
from podium.tasks.protocols.names import IMAGES, has_images, of_images
from podium.training.active_learning import (
    FeatureLookup,
    Rule,
    acquisition_scores,
    check_rule,
    choose_images,
)
from podium.training.inference import prediction_sets
from podium.training.runs.fold_files import Fold
from podium.workflows.pseudo.teachers import FoldModels, predict_with_teachers
from podium.workspace import machine
from podium.workspace.atomic import new_folder, sweep, write_text
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import Record, read_record, write_record

__all__ = ["REQUEST_TABLE", "request_labels"]


REQUEST_FORMAT = 1
"""Raised by hand when podium chooses other images from the same predictions."""
REQUEST_TABLE = "request.csv"


def request_labels(
    workspace: Workspace,
    competition: Competition,
    source: str,
    *,
    n: int,
    rule: Rule = "margin",
    diverse: bool = False,
    balance: bool = False,
    repeat: bool = False,
    progress: Progress = SILENT,
) -> Path:
    """Return the folder of a request for labels of `n` unlabelled images; kept if it exists.

    Left out are images that were answered or requested before, images with the content of test
    images or of labelled training images, and of equal ones all but the first.

    Args:
        workspace, competition: as everywhere.
        source: the run or blend whose uncertainty is used, by id or name.
        n: number of images, at most.
        rule: score of an image's expected benefit; see `label_scores`.
        diverse: take images that are far from each other among those of the highest scores.
        balance: the same number of each predicted class, as far as possible.
        repeat: request again images that were requested and not answered.
        progress: shows bars.

    Raises:
        UsageError: there is no such artefact, no image left, or the rule does not suit the task.
        RunError: the run is not trained, or data or folds changed since.
        DataError: an image cannot be read.
    """
    _check(competition, n, rule, balance=balance)
    if competition.has_masks:
        progress.say("  the request is for labels, not for masks")
    answers = read_annotations(workspace)
    requests = {} if repeat else _requests(workspace)
    for name, images in requests.items():
        if not images & set(answers):
            progress.say(
                f"  {name} has no answer yet: its "
                f"{either(len(images), 'image is', 'images are')} left out; "
                "--repeat requests them again"
            )
    samples = load_samples(competition, "unlabelled")
    predictions = predict_pool(workspace, competition, source, list(samples["id"]), progress)
    scores = acquisition_scores(predictions.probs, predictions.committee, rule, competition.kind)
    digests = sha256_of_samples(workspace, competition, samples, progress)
    closed = set(excluded_images(workspace, competition, progress))
    # An image that changed since it was answered is open: its answer is of the old image.
    closed |= {answer.image for answer in answers.values()}
    requested = set[str]().union(*requests.values())
    open_rows = np.flatnonzero(_is_open(predictions.ids, digests, closed, requested))
    classes = _most_probable(predictions.probs) if balance else None
    chosen = open_rows[
        choose_images(
            [predictions.ids[row] for row in open_rows],
            scores[open_rows],
            n,
            classes=None if classes is None else classes[open_rows],
            space=(lambda at: predictions.space(open_rows[at])) if diverse else None,
        )
    ]
    made = _Request(workspace, competition, predictions, samples, digests, scores, chosen)
    space = "embeddings" if predictions.embeddings else "probabilities"
    facts = {
        "rule": rule,
        "diverse": space if diverse else None,
        "balance": balance,
    }
    return made.write(facts, progress)


def _check(competition: Competition, n: int, rule: Rule, *, balance: bool) -> None:
    if n < 1:
        raise UsageError(f"at least one image is needed, got {n}", fix="write --n 200")
    if not competition.has_labels:
        raise UsageError(
            "labels are requested, but this competition has masks alone",
            fix="draw masks with a tool for that, and name them in data.extra, as images and mask",
        )
    if competition.data.unlabelled is None:
        raise UsageError(
            "the competition has no unlabelled images", fix="name them in data.unlabelled"
        )
    check_rule(rule, competition.kind)
    if balance and not competition.kind.is_prob:
        raise UsageError(
            f"a label of kind {competition.kind} has no predicted class to balance",
            fix="leave --balance out",
        )


def _is_open(
    ids: list[str], digests: list[str], closed: set[str], requested: set[str]
) -> NDArray[np.bool_]:
    """Return which images can be requested: of equal ones the first by id.

    Args:
        ids, digests: of all unlabelled images, and of their contents.
        closed: contents that are not requested.
        requested: ids of images whose contents are not requested again.

    Raises:
        UsageError: none can be.
    """
    closed = closed | {digest for one, digest in zip(ids, digests, strict=True) if one in requested}
    is_open = np.zeros(len(ids), dtype=bool)
    for row in sorted(range(len(ids)), key=lambda i: ids[i]):
        is_open[row] = digests[row] not in closed
        closed.add(digests[row])
    if not is_open.any():
        raise UsageError(
            f"all {either(len(ids), 'unlabelled image was', 'unlabelled images were')} "
            "requested, or their label is known, or "
            "they are test images",
            fix="import the answers; or write --repeat to request unanswered ones again",
        )
    return is_open


def _requests(workspace: Workspace) -> dict[str, set[str]]:
    """Return the ids of the images in each earlier request, by its name."""
    tables = sorted(workspace.labels.glob(f"[!.]*/{REQUEST_TABLE}"))
    return {file.parent.name: set(map(str, read_table(file)["id"])) for file in tables}


def _most_probable(probs: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the class of each row that is most probable; of yes or no, which is."""
    if probs.shape[1] == 1:
        return np.asarray(probs[:, 0] >= 0.5, dtype=np.int64)
    return np.asarray(probs.argmax(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class _Request:
    """A request: its settings, and its images."""

    workspace: Workspace
    competition: Competition
    predictions: CandidatePredictions
    samples: pd.DataFrame
    digests: list[str]
    scores: NDArray[np.float64]
    chosen: NDArray[np.int64]

    def write(self, facts: dict[str, Any], progress: Progress) -> Path:
        """Write the request, and return its folder."""
        source = self.predictions.source
        images = [[self.predictions.ids[row], self.digests[row]] for row in self.chosen.tolist()]
        inputs = {
            "format": REQUEST_FORMAT,
            "source": source.id,
            "predictions": list(self.predictions.facts),
            **facts,
            "images": images,
            "classes": list(self.competition.classes),
        }
        name = f"label-{source.name}"
        target = self.workspace.labels / f"{name}-{short_digest(inputs)}"
        with hold(self.workspace.private / "locks" / f"{target.name}.lock", what=target.name):
            if target.is_dir():
                progress.say(f"  {target.name} is there already")
                return target
            self.workspace.labels.mkdir(parents=True, exist_ok=True)
            sweep(self.workspace.labels)
            to_label = self._images_to_label()
            with new_folder(target) as folder:
                write_text(folder / REQUEST_TABLE, _table(to_label, target.name))
                write_sheet(folder, self.competition, target.name, to_label, progress)
                record = Record(
                    kind="labels",
                    id=target.name,
                    name=name,
                    created=machine.now(),
                    status="finished",
                    parents=[source.id],
                    inputs=inputs,
                    details={
                        **facts,
                        "models": list(self.predictions.names),
                        "n": len(to_label),
                        "predicted": _counts(to_label),
                    },
                )
                write_record(folder, record)
        return target

    def _images_to_label(self) -> list[ImageToLabel]:
        probs, kind = self.predictions.probs[self.chosen], self.competition.kind
        decided = decide(probs, None, kind)
        sure = label_confidence(probs, kind).reshape(len(probs), -1).min(axis=1)
        paths = list(self.samples["images"])
        return [
            ImageToLabel(
                id=self.predictions.ids[row],
                images=tuple(paths[row]),
                sha256=self.digests[row],
                predicted=format_label(self.competition, decided[i]),
                confidence=float(sure[i]) if kind.is_prob else None,
                score=float(self.scores[row]),
            )
            for i, row in enumerate(self.chosen.tolist())
        ]


def _table(images: list[ImageToLabel], request: str) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(one.row(request) for one in images)
    return text.getvalue()


def _counts(images: list[ImageToLabel]) -> dict[str, int]:
    return dict(sorted(Counter(one.predicted for one in images).items()))


_PURPOSE = "a request for labels"


@dataclass(frozen=True)
class CandidatePredictions:
    """Predictions for `ids`.

    Attributes:
        source: record of the run or blend.
        ids: `(N,)`, all unlabelled images.
        probs: `(N, C)`, of all models together.
        committee: `(N, C)` of each committee member: members of a blend, or the folds of a run.
        names: of the committee members.
        facts: the prediction sets that this was read from.
        embeddings: whether `space` is of embeddings; else it is of `probs`.
        space: from positions to points, in which similar images are close to each other.
    """

    source: Record
    ids: list[str]
    probs: NDArray[np.float32]
    committee: tuple[NDArray[np.float32], ...]
    names: tuple[str, ...]
    facts: tuple[str, ...]
    embeddings: bool
    space: FeatureLookup


def predict_pool(
    workspace: Workspace,
    competition: Competition,
    source: str,
    ids: Sequence[str],
    progress: Progress,
) -> CandidatePredictions:
    """Return the predictions of the run or blend `source` for all unlabelled images `ids`.

    Missing predictions are computed.

    Raises:
        UsageError: there is no such artefact, or it has no models, or predicts no labels.
        RunError: no fold is trained, or data or folds changed since.
    """
    folder = workspace.artefact(source, rooms=("runs", "blends"))
    record = read_record(folder)
    models = _PoolModels(workspace, competition, list(ids), progress)
    if record.kind == "run":
        models.add(folder, None)
        (probs,) = models.members()
        which = [0]
    else:
        part = _label_part(record, folder)
        for root in part.sets:
            models.add(_run_of(workspace, record, root), root)
        method, fitted = part.blend.how, part.blend.fitted
        members = models.members()
        probs = np.asarray(method.combined(method.prepared(members), fitted), dtype=np.float32)
        which = [i for i, weight in enumerate(part.blend.weights) if weight > 0] or [0]
    names, committee = models.committee(which)
    vectors = models.embeddings(which)
    facts = [one.facts("unlabelled", progress) for one in models.fold_models]
    return CandidatePredictions(
        record,
        list(ids),
        probs,
        tuple(committee),
        tuple(names),
        tuple(dict.fromkeys(facts)),
        vectors is not None,
        vectors or (lambda rows: probs[rows]),
    )


class _PoolModels:
    """Committee members for `ids`, with the predictions of each fold model."""

    def __init__(
        self, workspace: Workspace, competition: Competition, ids: list[str], progress: Progress
    ) -> None:
        self._workspace, self._competition = workspace, competition
        self._ids, self._progress = ids, progress
        self.fold_models: list[FoldModels] = []
        self.folds: list[list[int]] = []
        self._predictions: dict[FoldModels, PredictionSet] = {}

    def add(self, run: Path, root: Path | None) -> None:
        """Predict with the trained folds of `run` and the views of its set `root` or its recipe."""
        job = prediction_sets.load_job(self._workspace, self._competition, run)
        if not has_images(job.tasks):
            raise UsageError(f"{run.name} predicts no labels", fix="name a run that does")
        trained = [fold for fold in job.data.fold_numbers if job.files(fold).is_done]
        if not trained:
            raise RunError(
                f"no fold of {run.name} is trained", fix=f"podium train runs/{run.name}/recipe.yaml"
            )
        views = prediction_sets.views_of(job.recipe, self._competition)
        if root is not None:
            known = PredictionSet(root)
            first = known.fold("oof", IMAGES, known.folds("oof", IMAGES)[0])
            views = ViewSet.from_facts(first.meta["details"])
        member = FoldModels(job, views)
        split: Split = "unlabelled"
        self._predictions |= predict_with_teachers(
            [member], [split], trained, prediction_sets.predict_here, self._progress
        )[split]
        self.fold_models.append(member)
        self.folds.append(trained)

    def members(self, which: Sequence[int] | None = None) -> list[NDArray[np.float32]]:
        """Return each member's predictions, averaged over its folds."""
        chosen = range(len(self.fold_models)) if which is None else which
        return [self._probs(i, self.folds[i]) for i in chosen]

    def committee(self, which: Sequence[int]) -> tuple[list[str], list[NDArray[np.float32]]]:
        """Return names and predictions of the committee: the members, or one member's folds."""
        if len(which) > 1:
            return [self.fold_models[i].job.run.name for i in which], self.members(which)
        (lone,) = which
        run, folds = self.fold_models[lone].job.run.name, self.folds[lone]
        return [f"{run}/fold-{k}" for k in folds], [self._probs(lone, [k]) for k in folds]

    def _probs(self, which: int, folds: Sequence[Fold]) -> NDArray[np.float32]:
        predictions = self._predictions[self.fold_models[which]]
        blocks = predictions.mean_blocks("unlabelled", IMAGES, folds=folds, ids=self._ids)
        return np.asarray(require_dense(concatenate([probs for _, probs in blocks]), who=_PURPOSE))

    def embeddings(self, which: Sequence[int]) -> FeatureLookup | None:
        """Return the concatenated embeddings of these members; None if one has none."""
        readers = []
        for i in which:
            predictions = self._predictions[self.fold_models[i]]
            there = predictions.folds("unlabelled", EMBED)
            if any(fold not in there for fold in self.folds[i]):
                return None
            readers += [predictions.fold("unlabelled", EMBED, fold) for fold in self.folds[i]]
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


def _label_part(record: Record, folder: Path) -> BlendPart:
    part = of_images(read_parts(folder))
    if part is None:
        raise UsageError(f"{record.id} predicts no labels", fix="name a run that does")
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
            f"{record.id} has a member, {run.name}, whose models are not in this workspace",
            fix="name a run, or a blend of runs",
        )
    return run
