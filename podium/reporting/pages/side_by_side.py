"""What the page needs to put two runs side by side: curves, recipes without defaults, right rows.

Which two it is, the reader chooses on the page; so all runs that are offered are here, the best
first, and of each row whether each run was right, or of masks how well it did.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.reporting.data_summary import DataSummary
from podium.reporting.entries import RunEntry
from podium.reporting.images.thumbnails import files_of, thumbnail
from podium.reporting.labels.evaluation import LabelSource, evaluate_labels
from podium.reporting.masks import evaluation as mask_evaluation
from podium.reporting.provenance import flat, without_defaults
from podium.tasks.protocols.names import IMAGES, PIXELS
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["side_by_side"]

MOST_RUNS, MOST_ROWS = 12, 4000
MOST_PICTURES, PICTURE_PX = 48, 112
MOST_OF_MASKS, MOST_VALUES = 6, 500_000_000  # runs, and numbers of one run that are decided for it


def side_by_side(
    workspace: Workspace,
    competition: Competition,
    runs: Sequence[RunEntry],
    data: DataSummary,
    problems: list[str],
    *,
    progress: Progress = SILENT,
) -> dict[str, Any] | None:
    """Return the runs that can be compared, as JSON has them; None of fewer than two.

    Args:
        workspace: that contains them.
        competition: of the workspace.
        runs: all, the best first; the first 12 are offered.
        data: its train part.
        problems: get what cannot be compared.
        progress: shows a bar while masks are evaluated.
    """
    offered = list(runs[:MOST_RUNS])
    if len(offered) < 2:
        return None
    answers: dict[str, dict[str, float]] = {}
    what = ""
    try:
        if competition.has_masks and competition.scores_masks:
            what, answers = "score", _mask_scores(workspace, competition, offered, data, progress)
        elif competition.has_labels and not competition.kind.is_continuous:
            what, answers = "right", _right(competition, offered, data)
    except (PodiumError, OSError) as error:
        problems.append(f"two runs side by side: {error}")
    ids = sorted({one for of in answers.values() for one in of})
    n_rows = len(ids)
    pictures = _pictures(competition, answers, data)
    if n_rows > MOST_ROWS:
        ids = [ids[i] for i in np.linspace(0, n_rows - 1, MOST_ROWS).round().astype(int)]
    return {
        "what": what,
        "ids": ids,
        "n": n_rows,
        "pictures": pictures,
        "runs": [
            {
                "id": run.id,
                "score": run.oof,
                "recipe": flat(without_defaults(run.recipe)),
                "curves": _curves(run),
                "rows": [answers[run.id].get(one) for one in ids] if run.id in answers else None,
            }
            for run in offered
        ],
    }


def _pictures(
    competition: Competition, answers: dict[str, dict[str, float]], data: DataSummary
) -> dict[str, str]:
    """Return id → picture of the images on which the runs differ most; evenly, of as different."""
    if len(answers) < 2 or data.samples is None:
        return {}
    spread: dict[str, float] = {}
    for one in dict.fromkeys(one for of in answers.values() for one in of):
        known = [of[one] for of in answers.values() if one in of]
        spread[one] = max(known) - min(known)
    top = sorted((one for one, by in spread.items() if by > 0), key=lambda one: -spread[one])
    level = [one for one in top if spread[one] == spread[top[0]]]
    if len(level) > MOST_PICTURES:
        places = np.linspace(0, len(level) - 1, MOST_PICTURES).round().astype(int)
        top = [level[i] for i in places]
    chosen = set(top[:MOST_PICTURES])
    found = {}
    rows = data.samples[data.samples["id"].astype(str).isin(chosen)]
    for one, images in zip(rows["id"].astype(str), rows["images"], strict=True):
        try:
            files = files_of(competition, images)
            found[one] = thumbnail(files, competition.reader, largest=PICTURE_PX)
        except PodiumError:
            continue  # the gallery of mistakes reports what cannot be read
    return found


def _curves(run: RunEntry) -> dict[str, list[float | None]]:
    """Return name → mean over folds by epoch."""
    found: dict[str, list[float | None]] = {}
    names = dict.fromkeys(name for one in run.histories.values() for name in one.columns)
    for name in names:
        rows = [one.columns[name] for one in run.histories.values() if name in one.columns]
        table = np.full((len(rows), max(map(len, rows))), np.nan)
        for row, values in zip(table, rows, strict=True):
            row[: len(values)] = values
        known = np.isfinite(table)
        if not known.any():
            continue
        n = known.sum(axis=0)
        mean = np.where(known, table, 0).sum(axis=0) / np.maximum(n, 1)
        found[name] = [
            float(f"{one:.4g}") if there else None
            for one, there in zip(mean.tolist(), n.tolist(), strict=True)
        ]
    return found


def _right(
    competition: Competition, runs: Sequence[RunEntry], data: DataSummary
) -> dict[str, dict[str, float]]:
    """Return run → id → 1 if its plain decision out of fold is right, else 0."""
    found: dict[str, dict[str, float]] = {}
    if data.samples is None or data.folds is None:
        return found
    for run in runs:
        if run.predictions is None or IMAGES not in run.by_task:
            continue
        source = LabelSource(competition, (run.predictions,))
        lens = evaluate_labels(source, data.samples, data.folds)
        right = lens.decisions == lens.truth
        right = right.all(axis=1) if right.ndim > 1 else right
        found[run.id] = {
            str(one): int(ok) for one, ok in zip(lens.samples["id"], right.tolist(), strict=True)
        }
    return found


def _mask_scores(
    workspace: Workspace,
    competition: Competition,
    runs: Sequence[RunEntry],
    data: DataSummary,
    progress: Progress,
) -> dict[str, dict[str, float]]:
    """Return run → id → score of the image alone, of the plain decision; of the best few runs."""
    found: dict[str, dict[str, float]] = {}
    if data.samples is None or data.folds is None:
        return found
    for run in runs[:MOST_OF_MASKS]:
        if run.predictions is None or PIXELS not in run.by_task:
            continue
        source = mask_evaluation.mask_source_of_run(run.id, run.predictions, data.samples)
        sizes = source.probs.sizes
        if sum(height * width for height, width in sizes) * source.probs.channels > MOST_VALUES:
            continue
        lens = mask_evaluation.evaluate_masks(
            workspace, competition, source, data.samples, data.folds, progress=progress
        )
        found[run.id] = {
            str(one): round(score, 4)
            for one, score in zip(lens.samples["id"], lens.scores.tolist(), strict=True)
            if np.isfinite(score)
        }
    return found
