"""`record.json` of a run, written from its files (no torch here)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.folds.open_set import open_set_truth
from podium.competition.samples import truth
from podium.competition.scores.combination import combined_score, row_sums
from podium.competition.scores.sum_scorer import SumScorer, is_of_counts
from podium.competition.sections.tasks import Combination, combination_of
from podium.competition.units import has_label, units_of
from podium.errors import DataError, PodiumError, RecipeError, RunError, UsageError
from podium.predictions.decisions.labels import metric_input
from podium.predictions.store.reading import PredictionSet
from podium.predictions.store.writing import fold_folder
from podium.predictions.top_k import require_dense
from podium.tasks.protocols.names import IMAGES, TaskName, is_of_images
from podium.training.inference.prediction_sets import missing_embeddings, splits_of
from podium.training.runs.content import DATA_FILE, RowContents
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import Job
from podium.training.runs.mask_scores import fold_counts, fold_objects, fold_sums
from podium.training.runs.recipe_edits import OVERRIDES, overrides_of
from podium.training.runs.scoring import FoldLabelScorer, FoldMaskScorer
from podium.workspace.atomic import write_text
from podium.workspace.digests import SUMS_FILE
from podium.workspace.documents import dumps
from podium.workspace.locks import hold
from podium.workspace.machine import now
from podium.workspace.records import (
    RECORD_FILE,
    UNKNOWN_START,
    Record,
    Status,
    read_record,
    write_record,
)

__all__ = ["begin", "begun", "finished_folds", "is_finished", "scores_of", "update"]

RECIPE = "recipe.yaml"
LOCK = ".lock"  # of a fold
_OF_THE_RUN = (RECORD_FILE, RECIPE, "network.json", DATA_FILE, SUMS_FILE)
_BEFORE_TRAINING = (*_OF_THE_RUN, LOCK, f"{LOCK}.holder", "loaded.json")


@contextmanager
def begun(job: Job) -> Iterator[None]:
    """Begin the run, so that it is listed while it trains; remove its folder if it is refused.

    A folder that was there before stays, and one in which something is trained, or of which another
    process has a fold.
    """
    is_new = begin(job)
    try:
        yield
    except (DataError, RecipeError, UsageError):
        if is_new:
            with suppress(OSError):  # the refusal is what counts
                _withdraw(job)
        raise


def _withdraw(job: Job) -> None:
    """Remove the run's folder where nothing is trained in it and no other process is at a fold."""
    folds = sorted(job.run.glob("fold-*"))
    with ExitStack() as turns:
        try:
            for fold in folds:
                turns.enter_context(hold(fold / LOCK, what=fold.name))
        except RunError:
            return
        if any(one.is_file() and one.name not in _BEFORE_TRAINING for one in job.run.rglob("*")):
            return
        # Every process makes a fold's folder before it looks for these; see `train._fitted`.
        for name in _OF_THE_RUN:
            (job.run / name).unlink(missing_ok=True)
        if sorted(job.run.glob("fold-*")) != folds:
            begin(job)
            return
        for fold in folds:
            shutil.rmtree(fold)
        job.run.rmdir()


def begin(job: Job) -> bool:
    """Make the run's folder with its record and resolved recipe, where missing or different.

    Returns:
        whether there was no such folder.
    """
    try:
        job.run.mkdir(parents=True)
        is_new = True
    except FileExistsError:
        is_new = False
    if not (job.run / DATA_FILE).is_file() and "outer_fold" not in job.inputs:
        RowContents.of(job.workspace, job.competition, job.data.samples).write(job.run)
    if not (job.run / RECORD_FILE).is_file():
        record = Record(
            kind="run",
            id=job.run.name,
            name=job.run.name.rpartition("-")[0],
            created=now(),
            status="unfinished",
            parents=_parents(job),
            inputs=job.inputs,
            details={OVERRIDES: list(job.overrides)} if job.overrides else {},
        )
        write_record(job.run, record)
    elif job.overrides is not None:
        _keep_overrides(job, job.overrides)
    # `predict` may have changed without changing the run's id.
    recipe_file, text = job.run / RECIPE, dumps(job.recipe)
    if not recipe_file.is_file() or recipe_file.read_text(encoding="utf-8") != text:
        write_text(recipe_file, text)
    return is_new


def _keep_overrides(job: Job, overrides: tuple[str, ...]) -> None:
    """Write the overrides of this command into the record of a run that is there, if others are.

    The same recipe can come from an edited file without them, and `predict` be another one.
    """
    record = read_record(job.run)
    if overrides_of(record) != overrides:
        details = {key: one for key, one in record.details.items() if key != OVERRIDES}
        details |= {OVERRIDES: list(overrides)} if overrides else {}
        write_record(job.run, record.model_copy(update={"details": details}))


def _parents(job: Job) -> list[str]:
    """Return the runs that the weights come from, and the pseudo-labels that are learnt from."""
    start = str(job.inputs.get("start", ""))
    runs = [start.removeprefix("run ")] if start.startswith("run ") else []
    runs += job.inputs.get("soup", {}).get("of", [])
    used = [job.workspace.artefact(one.artefact, rooms=("pseudo",)) for one in job.recipe.pseudo]
    return [*runs, *dict.fromkeys(folder.name for folder in used)]


def is_finished(job: Job, fold: Fold, predictions: str) -> bool:
    """Return whether a fold is trained, and its predictions are in the set `predictions`."""
    if job.is_label_free:
        return job.files(fold).is_done
    root = job.run / "predictions" / predictions
    splits = [one for one in splits_of(job) if not (one == "oof" and fold == "full")]
    if missing_embeddings(job, root, splits, fold):
        return False
    return job.files(fold).is_done and all(
        fold_folder(root, split, task, fold).is_dir() for split in splits for task in job.tasks
    )


def finished_folds(job: Job, predictions: str) -> tuple[int, ...]:
    """Return the cross-validated folds that are trained and predicted."""
    return tuple(k for k in job.data.fold_numbers if is_finished(job, k, predictions))


def update(job: Job, predictions: str) -> Record:
    """Bring the record up to date with the files and return it.

    Two processes may work on two folds and write at the same time: each compares again after it
    wrote, and writes again, until the record matches the files.
    """
    record = read_record(job.run)
    while True:
        fresh = _described(job, record, predictions)
        if fresh == record:
            return record
        write_record(job.run, fresh)
        record = read_record(job.run)


def _described(job: Job, record: Record, predictions: str) -> Record:
    if job.is_label_free:
        return _described_network(job, record)
    finished = finished_folds(job, predictions)
    full = is_finished(job, "full", predictions)
    state = {
        "predictions": predictions,
        "finished": [*map(str, finished), *(["full"] if full else [])],
        "metric": metrics.facts_of(job.competition),  # another one: score anew
    }
    is_scored = all(record.details.get(key) == value for key, value in state.items())
    if is_scored and not _lacks_rowwise(job, record):
        return record
    folds: list[Fold] = [*finished, *(["full"] if full else [])]  # type: ignore[list-item]
    facts = {str(k): job.files(k).read_done() for k in folds}
    scores = scores_of(job, predictions, finished) if finished else {}
    if scores and any(one.get(UNKNOWN_START) for one in facts.values()):
        scores[UNKNOWN_START] = True
    n_folds = len(job.data.fold_numbers) + ("outer_fold" in job.inputs)
    return record.model_copy(
        update={
            "status": "finished" if len(finished) == n_folds else "unfinished",
            "scores": scores,
            "details": {**state, "n_folds": n_folds, "folds": facts, **_own_overrides(record)},
        }
    )


def _lacks_rowwise(job: Job, record: Record) -> bool:
    """Return whether an earlier version of podium left out the score that an expression makes."""
    combination = combination_of(job.competition.metric)
    return (
        combination is not None
        and combination.expression is not None
        and bool(record.scores)
        and "combined" not in record.scores
    )


def _described_network(job: Job, record: Record) -> Record:
    """Return the record of a run that learns from images alone: it has no folds and no scores."""
    files = job.files("full")
    facts = {"full": files.read_done()} if files.is_done else {}
    details = {"without_labels": True, "finished": list(facts), "n_folds": 0, "folds": facts}
    details |= _own_overrides(record)
    status: Status = "finished" if facts else "unfinished"
    return record.model_copy(update={"status": status, "details": details})


def _own_overrides(record: Record) -> dict[str, Any]:
    return {OVERRIDES: record.details[OVERRIDES]} if OVERRIDES in record.details else {}


def scores_of(job: Job, predictions: str, folds: Sequence[int]) -> dict[str, Any]:
    """Return the scores of the competition's task, and under `tasks` those of each task.

    They are of `folds` alone, which are trained and predicted.
    """
    by_task: dict[TaskName, dict[str, Any]] = {}
    for task in job.tasks:
        is_labels = is_of_images(task)
        by_task[task] = (
            _label_scores(job, predictions, folds)
            if is_labels
            else _mask_scores(job, predictions, folds)
        )
    name = job.competition.metric.name
    nothing: dict[str, Any] = {"metric": name, "folds": {}, "oof": None, "scored_rows": 0}
    combined = _combined_scores(job, predictions, folds, by_task)
    return {
        **by_task.get(job.competition.scored_task, nothing),
        **({} if combined is None else {"combined": combined}),
        "rows": _n_scored_at_most(job),
        "selected_on_fold": job.recipe.is_selected_on_fold,
        "tasks": by_task,
    }


def _combined_scores(
    job: Job, predictions: str, folds: Sequence[int], by_task: Mapping[TaskName, Mapping[str, Any]]
) -> dict[str, Any] | None:
    """Return what the scores of all tasks make together; None where the run lacks a task."""
    combination = combination_of(job.competition.metric)
    if combination is None:
        return None
    found = [by_task.get(part.task) for part in combination.parts_of_tasks if part.task is not None]
    parts = [one for one in found if one is not None]
    if len(parts) < len(combination.parts_of_tasks):
        return None
    if combination.expression is not None:
        return _rowwise_scores(job, predictions, folds, combination)

    def added(scores: Sequence[float | None]) -> float | None:
        known = [one for one in scores if one is not None]
        return None if len(known) < len(scores) else combined_score(combination, known)

    return {
        "metric": combination.name,
        "folds": {
            fold: added([one["folds"].get(fold) for one in parts]) for fold in parts[0]["folds"]
        },
        "oof": added([one["oof"] for one in parts]),
    }


def _rowwise_scores(
    job: Job, predictions: str, folds: Sequence[int], combination: Combination
) -> dict[str, Any]:
    """Return the mean of an expression over the rows that have a score of every part."""
    of_parts = [
        (_label_rows if is_of_images(str(part.task)) else _mask_rows)(job, predictions, folds)
        for part in combination.parts_of_tasks
    ]

    def score(chosen: Sequence[int]) -> float:
        each = [
            {name: one for fold in chosen for name, one in part[fold].items()} for part in of_parts
        ]
        names = [name for name in each[0] if all(name in one for one in each)]
        alone = [np.array([one[name] for name in names], dtype=float) for one in each]
        metric, sums = row_sums(combination, alone, root=job.competition.root)
        assert metric.value is not None
        return metric.value(sums)

    return {
        "metric": combination.name,
        "folds": {str(fold): _or_none(partial(score, [fold])) for fold in folds},
        "oof": _or_none(lambda: score(folds)),
    }


def _label_rows(job: Job, predictions: str, folds: Sequence[int]) -> dict[int, dict[str, float]]:
    """Return fold → row → the score of its label alone, plainly decided."""
    rows, scorer = _predicted_labels(job, predictions, folds), FoldLabelScorer(job.competition)
    at = np.flatnonzero(rows.known)
    prediction = metric_input(
        rows.probs[at], None, job.competition.kind, scorer.metric, scorer.options
    )
    sums = metrics.sums(scorer.metric, rows.answers[at], prediction, **scorer.options)
    assert sums is not None  # `check_part` refuses others
    each = metrics.values(scorer.metric, sums, **scorer.options).tolist()
    found: dict[int, dict[str, float]] = {fold: {} for fold in folds}
    for row, one in zip(at.tolist(), each, strict=True):
        found[int(rows.folds[row])][rows.names[row]] = one
    return found


def _mask_rows(job: Job, predictions: str, folds: Sequence[int]) -> dict[int, dict[str, float]]:
    """Return fold → image → the score of its mask alone; none where pixels do not determine it."""
    if not is_of_counts(metrics.of(job.competition)):
        return {fold: {} for fold in folds}
    scorer, found = FoldMaskScorer(job.competition), {}
    for fold in folds:
        counted = fold_counts(job, predictions, fold)
        each = metrics.values(scorer.metric, scorer.sums(counted.counts), **scorer.options)
        found[fold] = dict(zip(counted.ids, each.tolist(), strict=True))
    return found


def _n_scored_at_most(job: Job) -> int:
    units = units_of(job.data.samples, job.competition)
    return len(job.data.samples if units is None else units)


@dataclass(frozen=True)
class _PredictedLabels:
    """Rows of a run's OOF labels, of images or units; `known`: with an answer, of these folds."""

    names: list[str]
    answers: NDArray[Any]
    probs: Any
    folds: NDArray[Any]
    models: list[Fold]
    known: NDArray[np.bool_]


def _predicted_labels(job: Job, predictions: str, folds: Sequence[int]) -> _PredictedLabels:
    oof = PredictionSet(job.run / "predictions" / predictions).oof(IMAGES)
    samples = job.data.samples
    row_of = {sample: row for row, sample in enumerate(samples["id"])}
    at = [row_of[one] for one in oof.ids]
    right = truth(samples, job.competition)
    if job.competition.open_set is not None:
        right = open_set_truth(right, job.data.folds, scheme=job.data.scheme)
    names, answers, probs, fold_of = list(oof.ids), right[at], oof.probs, oof.folds
    known = samples["label"].notna().to_numpy()[at]
    units = units_of(samples.iloc[at], job.competition)
    if units is not None:
        probs = units.probs(require_dense(probs, who="the mean of a unit"))
        answers, fold_of = units.truth(answers), fold_of[units.first]
        names, known = list(units.names), has_label(answers)
    known = known & np.isin(fold_of, folds)
    return _PredictedLabels(names, answers, probs, fold_of, list(oof.models), known)


def _label_scores(job: Job, predictions: str, folds: Sequence[int]) -> dict[str, Any]:
    """Return the score of each fold and of the pooled OOF (None where that is undefined)."""
    found, scorer = _predicted_labels(job, predictions, folds), FoldLabelScorer(job.competition)
    known = found.known

    def score(rows: NDArray[np.bool_], where: str) -> float:
        return scorer(found.probs[rows & known], found.answers[rows & known], where=where)

    return {
        "metric": scorer.name,
        "folds": {str(k): score(found.folds == k, f"fold {k}") for k in found.models if k in folds},
        "oof": _or_none(lambda: score(known, "OOF")),
        "scored_rows": int(known.sum()),
    }


def _mask_scores(job: Job, predictions: str, folds: Sequence[int]) -> dict[str, Any]:
    """Return the same of masks, in the frame: an image without a mask is not scored."""
    competition = job.competition
    metric = metrics.of(competition)
    if competition.scores_masks and not is_of_counts(metric):
        return _unit_scores(job, predictions, folds, metric)
    scorer = FoldMaskScorer(job.competition)
    counts = {fold: fold_counts(job, predictions, fold).counts for fold in folds}
    every = np.concatenate(list(counts.values()))
    return {
        "metric": scorer.name,
        "folds": {str(k): _or_none(partial(scorer, one)) for k, one in counts.items()},
        "oof": _or_none(lambda: scorer(every)),
        "scored_rows": len(every),
    }


def _unit_scores(
    job: Job, predictions: str, folds: Sequence[int], metric: metrics.Metric
) -> dict[str, Any]:
    """Return the same of objects or volumes, by a metric that pixels alone do not determine."""
    options = job.competition.metric.options
    by_fold: dict[int, list[Any]]
    if metric.sums is None:
        found = {fold: fold_objects(job, predictions, fold) for fold in folds}
        by_fold = {
            fold: list(zip(one.truths, one.predictions, strict=True)) for fold, one in found.items()
        }

        def score(units: list[Any]) -> float:
            truths, predicted = [one for one, _ in units], [one for _, one in units]
            return metrics.score(metric, truths, predicted, **options)
    else:
        by_fold = {fold: list(fold_sums(job, predictions, fold)) for fold in folds}
        scorer = SumScorer.of_competition(job.competition)

        def score(units: list[Any]) -> float:
            return scorer.score(np.array(units))

    every = [unit for units in by_fold.values() for unit in units]
    return {
        "metric": metric.name,
        "folds": {str(k): _or_none(partial(score, units)) for k, units in by_fold.items()},
        "oof": _or_none(lambda: score(every)),
        "scored_rows": len(every),
    }


def _or_none(score: Callable[[], float]) -> float | None:
    try:
        return score()
    except PodiumError:
        return None
