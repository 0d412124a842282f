"""Advice from a training: epochs without gain, thresholds too low or high, a score that misleads.

`run_advice` reads the lines of `metrics.csv` of a run's folds. No torch here.

Epochs of a phase brought nothing from epoch e on, where none of them is better than e by more than
what epochs differ by anyhow: with s the mean score of the folds (higher is better)

    s_e  ≥  max_{i > e} s_i − 3 · median |s_{i+1} − s_i|,        i in the later half

and that is reported of a phase of 10 epochs or more where it is half of them, or more, and of runs
whose scores are of 200 rows or more: of fewer a curve tells little. The number of epochs is then a
choice by the folds' own scores, so it is advice for the next recipe, not a result. It is half as
many again as e: a rate that falls to the end of the phase falls earlier in a shorter one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from podium.competition import metrics
from podium.competition.scores.perfect import is_doubtful
from podium.competition.spec import Competition
from podium.errors import PodiumError, plural
from podium.predictions.decisions.masks import decide_masks, default_mask_steps
from podium.predictions.store.masks import MaskFold
from podium.tasks.protocols.names import IMAGES, PIXELS
from podium.training.recipe import load_recipe
from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.history import HistoryRow, read_metrics
from podium.workspace.records import Record, read_record, scores_of_all

__all__ = ["best_from", "is_unfiltered", "is_unused", "run_advice", "unfiltered_advice"]

FEWEST_EPOCHS = 10
FEWEST_ROWS = 200  # a standard error of 0.03 where half of the answers are right
FLAT = 0.5
"""share of a phase's epochs that brought nothing, from which it is reported"""
NEARLY_ALL, LOW = 0.95, 0.5
"""share of the predictions that count, and mean threshold, of labels that nothing filters"""


def run_advice(competition: Competition, run: Path) -> list[str]:
    """Return advice from the score and epochs of the run in `run`, a sentence each; [] for none.

    Args:
        competition: that it was trained for; its metric orders the scores.
        run: its folder.
    """
    try:
        recipe, record = load_recipe(run / "recipe.yaml"), read_record(run)
    except PodiumError:
        return []
    lines: list[list[HistoryRow]] = []
    for fold in record.details.get("folds", {}):
        files = FoldFiles(run, "full" if fold == "full" else int(fold))
        with suppress(OSError):
            lines.append(read_metrics(files.metrics))
    score = str(record.scores.get("metric", ""))
    oof, n_rows = record.scores.get("oof"), record.scores.get("scored_rows")
    found = _advice_on_perfect(competition, score, oof, n_rows)
    found += _advice_on_empty(competition, run, record)
    has_few_rows = record.scores.get("scored_rows", FEWEST_ROWS) < FEWEST_ROWS
    sign = 1.0 if metrics.of(competition).greater_is_better else -1.0
    for number, phase in enumerate(recipe.phases):
        of_phase = [[row for row in rows if row["phase"] == phase.name] for rows in lines]
        of_phase = [rows for rows in of_phase if rows]
        n_unfiltered = sum(is_unfiltered(rows) for rows in of_phase)
        if n_unfiltered:
            folds = f"in {n_unfiltered} of {plural(len(of_phase), 'fold')}"
            found.append(unfiltered_advice(phase.method.name, phase.name, folds))
        n_unused = sum(is_unused(rows) for rows in of_phase)
        if n_unused:
            found.append(
                f"{phase.method.name} learnt from no unlabelled image in {n_unused} of "
                f"{plural(len(of_phase), 'fold')} of phase {phase.name}: no prediction reached "
                "its threshold (kept is 0 in metrics.csv); lower the threshold, train more steps, "
                "or put a phase of labels alone before"
            )
        flat = None if has_few_rows else _flat(of_phase, score, sign)
        if flat is not None:
            first, n, then, last = flat
            enough = math.ceil(1.5 * first)
            found.append(
                f"the last {n - first} of {plural(n, 'epoch')} of phase {phase.name} brought "
                "nothing: "
                f"{score} {then:.4f} after epoch {first}, {last:.4f} after the last (mean of the "
                f"folds); -o phases[{number}].epochs={enough} takes {enough / n:.0%} of the time, "
                "and may do: its rate falls earlier, so it is another training"
            )
    return found


def _advice_on_perfect(
    competition: Competition, score: str, oof: float | None, n_rows: int | None
) -> list[str]:
    """Return that a score is perfect, which is rarely a network's merit; [] for any other.

    Args:
        competition: that was trained for.
        score: the name of its metric.
        oof: the OOF score; None where there is none.
        n_rows: that were scored; None where that is unknown.
    """
    if not is_doubtful(metrics.of(competition), oof, n_rows):
        return []
    return [
        f"none of {n_rows:,} rows is wrong ({score} {oof:.4f}): often the folds leak, or "
        "something beside the subject gives the answer away; see duplicates and sequences in "
        "podium check, and whether sizes, borders or sources differ by class"
    ]


def _advice_on_empty(competition: Competition, run: Path, record: Record) -> list[str]:
    """Return that a run finds nothing in any image, though its score may be above 0; else [].

    Masks that are empty score where the truth is, too. The first one that is not ends the search.
    """
    name = record.details.get("predictions")
    if not competition.has_masks or competition.mask_kind.finds_objects or name is None:
        return []
    kind, n = competition.mask_kind, 0
    steps, folds = default_mask_steps(kind), run / "predictions" / str(name) / "oof" / PIXELS
    with suppress(PodiumError, OSError):
        for folder in sorted(folds.glob("fold-*")):
            for _, mask in decide_masks(MaskFold(folder), steps, kind, workers=1):
                if mask.any():
                    return []
                n += 1
    oof = scores_of_all(record.scores).get("oof")
    if not n or oof is None:
        return []
    return [
        f"none of {n:,} out-of-fold masks has a pixel, so {oof:.4f} is the score of empty masks: "
        "train more steps (more epochs, or smaller batches) or from pretrained weights; "
        "thresholds alone hardly help"
    ]


def _flat(
    of_folds: Sequence[Sequence[HistoryRow]], score: str, sign: float
) -> tuple[int, int, float, float] | None:
    """Return the epoch that nothing improved on, how many there were, and two mean scores."""
    curves = [[float(row[score]) for row in rows if score in row] for rows in of_folds]
    n = min((len(curve) for curve in curves), default=0)
    if n < FEWEST_EPOCHS:
        return None
    mean = np.mean([curve[:n] for curve in curves], axis=0)
    first = best_from(sign * mean)
    if n - first < FLAT * n:
        return None
    return first, n, float(mean[first - 1]), float(mean[-1])


def best_from(scores: Sequence[float]) -> int:
    """Return the first epoch, from 1, on which no later one improves by more than they differ.

    Args:
        scores: of each epoch; higher is better.

    Example:
        >>> best_from([0.1, 0.5, 0.8, 0.79, 0.81, 0.8, 0.8, 0.81, 0.8, 0.8])
        3
        >>> best_from([0, 1, 2, 3, 4, 5, 6, 7])
        5
    """
    curve = np.asarray(scores, dtype=float)
    later = curve[len(curve) // 2 :]
    noise = 3 * float(np.median(np.abs(np.diff(later)))) if len(later) > 1 else 0.0
    best_later = np.maximum.accumulate(curve[::-1])[::-1]
    return int(np.argmax(curve >= best_later - noise)) + 1


def is_unfiltered(rows: Sequence[Mapping[str, str | float]]) -> bool:
    """Return whether for half of its epochs a method kept nearly every label that it made itself.

    FlexMatch's and FreeMatch's thresholds begin low and rise with what the network is sure of:
    while they are low, wrong answers are learnt as right ones are.

    Args:
        rows: of a phase, in order.
    """
    column = f"{IMAGES}/threshold"
    unfiltered = [
        float(row[column]) < LOW and float(row.get("kept", 0.0)) >= NEARLY_ALL
        for row in rows
        if column in row
    ]
    return len(unfiltered) > 1 and 2 * sum(unfiltered) >= len(unfiltered)


def is_unused(rows: Sequence[Mapping[str, str | float]]) -> bool:
    """Return whether no label that the method made itself counted in any epoch of a phase.

    Args:
        rows: of the phase, in order.
    """
    kept = [float(row["kept"]) for row in rows if "kept" in row]
    return bool(kept) and max(kept) == 0.0


def unfiltered_advice(method: str, phase: str, where: str) -> str:
    """Return a sentence on a phase whose pseudo-labels nothing filtered, with what to try.

    Args:
        method: of the phase.
        phase: its name.
        where: folds, or a fold.
    """
    return (
        f"{method} had no threshold {where} for half of phase {phase}, or more: nearly all of its "
        "predictions counted, the wrong ones, too; try fixmatch, whose threshold stands from the "
        "first step, more epochs, or a phase of labels alone before"
    )
