"""`podium explain`: evidence in images for a run's predictions, and what its networks memorised.

`explain` chooses the images and the network of the right fold. `predict_training_rows` compares
predictions on rows that a network was trained on with predictions on rows that it was not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from podium.competition.samples import similar_ids, truth
from podium.competition.spec import Competition
from podium.errors import DataError, RunError, UsageError
from podium.predictions.decisions.labels import decide
from podium.predictions.explanations import (
    Explanation,
    TrainingRowDecisions,
    explanation_file,
    write_explanation,
    write_training_decisions,
)
from podium.predictions.store.positions import positions
from podium.predictions.store.reading import Fold, Split
from podium.reporting.labels.evaluation import LabelSource, evaluate_labels
from podium.reporting.labels.memorisation import FoldMemorisation, memorisation_by_fold
from podium.reporting.masks.evaluation import evaluate_masks, mask_source_of_run
from podium.tasks.protocols.names import has_images
from podium.training.inference.prediction_sets import (
    FoldT,
    load_job,
    refuse_other_code,
    trained_folds,
    views_of,
)
from podium.training.recipe import load_recipe
from podium.training.runs.job import Job, TrainingData, require_folds
from podium.workflows.blends.blending import newest_set
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import is_label_free_run, read_record

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["explain", "predict_training_rows"]


N_IMAGES = 3
"""Number of images to explain if none is named."""


@dataclass(frozen=True)
class ExplainResult:
    """The explanation of one image.

    Attributes:
        fold: of the network.
        file: that it is kept in, for the report and for `predictions.inside`.
        inside: its content.
    """

    fold: Fold
    file: Path
    inside: Explanation


@dataclass(frozen=True)
class _Image:
    """An image: part of the data, its row there, and the fold of the network to run on it."""

    part: str
    row: int
    fold: Fold


def explain(
    workspace: Workspace,
    competition: Competition,
    run: Path,
    names: Sequence[str] = (),
    *,
    fold: int | None = None,
    layers: Sequence[str] = ("stages",),
    progress: Progress = SILENT,
) -> list[ExplainResult]:
    """Return explanations of images by the networks of a run, and keep them in the run's folder.

    For an image of the train part the network of the fold not trained on it is used, for other
    images that of the first trained fold.

    Args:
        workspace, competition: of the run.
        run: its folder.
        names: ids of images; none: the three most confident mistakes out of fold, of masks alone
            those that score lowest; without truth the first three validation images.
        fold: use this fold's network, even for images it was trained on.
        layers: whose maps are kept: "stages", and names of modules of the backbone.
        progress: shows a bar while images are decoded for the first time.

    Raises:
        UsageError: there is no such image, layer or fold; the error lists similar names.
        RunError: no fold with a network for it is trained, or the data changed since.
    """
    from podium.training.explain import explain_images

    job = _job_of(workspace, competition, run)
    parts: dict[str, pd.DataFrame] = {"train": job.data.samples}
    for split in _others(competition):
        parts[split] = job.samples(split)
    among: list[Fold] = [*job.data.fold_numbers, "full"]
    folds = _trained(job, fold, among)
    chosen = [_find(job, parts, name, folds, fold) for name in dict.fromkeys(names)]
    found: dict[_Image, Explanation] = {}
    images = chosen or _default_images(job, parts, folds)
    for part, at in dict.fromkeys((one.part, one.fold) for one in images):
        requested = [one for one in images if (one.part, one.fold) == (part, at)]
        samples = parts[part].iloc[[one.row for one in requested]]
        explained = explain_images(job, at, samples, part=part, layers=layers, progress=progress)
        found |= zip(requested, explained, strict=True)
    # The page begins with what was written last.
    for one in reversed(images):
        write_explanation(run, one.fold, found[one])
    return [
        ExplainResult(one.fold, explanation_file(run, one.fold, found[one].id), found[one])
        for one in images
    ]


def _job_of(workspace: Workspace, competition: Competition, run: Path) -> Job:
    """Return the job of a run; also of a run without labels, which cannot predict."""
    record = read_record(run)
    if not is_label_free_run(record):
        return load_job(workspace, competition, run)
    recipe = load_recipe(run / "recipe.yaml")
    refuse_other_code(workspace, competition, recipe, record)
    data = TrainingData.of_images(workspace, competition)
    return Job(workspace, competition, recipe, data, run, record.inputs)


def _others(competition: Competition) -> list[Split]:
    data = competition.data
    found: list[Split] = [] if data.test is None else ["test"]
    return found if data.unlabelled is None else [*found, "unlabelled"]


def _trained(job: Job, fold: int | None, among: Sequence[FoldT]) -> list[FoldT | int]:
    """Return the folds whose networks may be used: the requested one, or the trained of `among`."""
    if fold is not None:
        require_folds([fold], job.data.fold_numbers)
        job.files(fold).read_done()
        return [fold]
    return [*trained_folds(job, among)]


def _find(
    job: Job, parts: dict[str, pd.DataFrame], name: str, folds: list[Fold], fold: int | None
) -> _Image:
    for part, samples in parts.items():
        rows = np.flatnonzero(samples["id"].astype(str).to_numpy() == name)
        if len(rows):
            row = int(rows[0])
            is_own = part == "train" and fold is None
            return _Image(part, row, _fold_of(job, row, folds, name) if is_own else folds[0])
    ids = [str(one) for samples in parts.values() for one in samples["id"]]
    near = similar_ids(ids, name)
    fix = f"did you mean {' or '.join(near)}?" if near else f"name an id, as {ids[0]}"
    raise UsageError(f"there is no image {name!r}", fix=fix)


def _fold_of(job: Job, row: int, folds: list[Fold], name: str) -> Fold:
    """Return the fold that validates the row `row`; of one that none does, the first trained."""
    own = int(job.data.folds[row])
    if own < 0 or folds == ["full"]:
        return folds[0]
    if own not in folds:
        raise RunError(
            f"fold {own} of {job.run.name}, which was not trained on {name!r}, is not trained yet",
            fix=f"podium train, or --fold {folds[0]} to use a network that was trained on it",
        )
    return own


def _default_images(job: Job, parts: dict[str, pd.DataFrame], folds: list[Fold]) -> list[_Image]:
    """Return the most confident mistakes; without any, the first images not trained on."""
    rows = _mistakes(job, folds) or _validated(job, folds)
    if rows:
        return [_Image("train", row, int(job.data.folds[row])) for row in rows]
    part = next((name for name in ("test", "train") if len(parts.get(name, ()))), "train")
    return [_Image(part, row, folds[0]) for row in range(min(N_IMAGES, len(parts[part])))]


def _mistakes(job: Job, folds: list[Fold]) -> list[int]:
    """Return the rows of the most confident mistakes; of masks alone, of the lowest scores."""
    ranked = _by_label if has_images(job.tasks) else _by_mask
    try:
        rows = ranked(job)
    except (DataError, RunError):
        return []  # not predicted yet, or without labels
    return [row for row in rows if int(job.data.folds[row]) in folds][:N_IMAGES]


def _by_label(job: Job) -> list[int]:
    samples = job.data.samples
    source = LabelSource(job.competition, (newest_set(job.run),))
    lens = evaluate_labels(source, samples, job.data.folds)
    column = "unit" if job.competition.scores_units else "id"
    place: dict[str, int] = {}
    for row, name in enumerate(samples[column].astype(str)):
        place.setdefault(name, row)  # a unit is shown by its first image
    return [place[str(lens.samples["id"].iloc[m.row])] for m in lens.mistakes(len(lens.truth))]


def _by_mask(job: Job) -> list[int]:
    samples = job.data.samples
    source = mask_source_of_run(job.run.name, newest_set(job.run), samples)
    lens = evaluate_masks(job.workspace, job.competition, source, samples, job.data.folds)
    worst = [lens.samples["id"].iloc[i] for i in lens.cases(len(lens.scores))["worst"]]
    return [int(row) for row in positions(list(samples["id"]), worst)]


def _validated(job: Job, folds: list[Fold]) -> list[int]:
    numbers = [one for one in folds if one != "full"]
    if not numbers:
        return []
    return [int(row) for row in np.flatnonzero(job.data.folds == numbers[0])[:N_IMAGES]]


def predict_training_rows(
    workspace: Workspace,
    competition: Competition,
    run: Path,
    n: int,
    *,
    fold: int | None = None,
    progress: Progress = SILENT,
) -> list[FoldMemorisation]:
    """Return each fold's decisions on `n` of its training rows, with those out of fold.

    They are kept in the run's folder, for the report. The rows are drawn, the same each time, from
    those with a label; the views are the recipe's, and the decisions plain.

    Args:
        workspace, competition: of the run.
        run: its folder.
        n: rows a fold; all if it has no more.
        fold: this one alone; None: all.
        progress: shows a bar a fold.

    Raises:
        UsageError: there is no such fold, or the run predicts no classes.
        RunError: nothing is trained or predicted out of fold, or the data changed since.
    """
    from podium.training.inference.network import label_probs

    if n < 1:
        raise UsageError(f"at least one row is needed, got {n}", fix="write --learnt 500")
    job = load_job(workspace, competition, run)
    if not has_images(job.tasks) or competition.kind.is_continuous:
        raise UsageError(f"{run.name} predicts no classes to compare", fix="leave out --learnt")
    predictions = newest_set(run)
    found = {}
    # A refit on all rows has none out of fold to compare with.
    for each in _trained(job, fold, job.data.fold_numbers):
        samples = job.data.samples.iloc[_draw_rows(job, each, n)]
        views = views_of(job.recipe, competition)
        probs = label_probs(job, each, samples, views=views, progress=progress)
        found[each] = TrainingRowDecisions.of(
            list(samples["id"]), decide(probs, None, competition.kind)
        )
        write_training_decisions(run, each, found[each])
    return memorisation_by_fold(competition, predictions, job.data.samples, found)


def _draw_rows(job: Job, fold: int, n: int) -> list[int]:
    rows, _ = job.data.rows(fold)
    samples = job.data.samples.iloc[rows]
    is_known = samples["label"].notna().to_numpy()
    if job.competition.open_set is not None:
        is_known = is_known & (truth(samples, job.competition) >= 0)
    known = rows[is_known]
    drawn = np.random.default_rng(fold).choice(known, min(n, len(known)), replace=False)
    return sorted(drawn.tolist())
