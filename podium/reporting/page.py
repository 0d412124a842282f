"""The page: everything that it shows is collected, then given to the templates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

import podium
from podium.competition import metrics
from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.reporting import drawings, per_class
from podium.reporting.best import Lens, Mistake, class_names, look_at
from podium.reporting.data_summary import DataSummary, summarise
from podium.reporting.drawings import Drawing
from podium.reporting.entries import BlendEntry, blends_of, quota_of, runs_of, snapshots_of
from podium.reporting.state import STATE_TAG
from podium.reporting.thumbnails import thumbnail
from podium.submissions.board import board
from podium.workspace.clock import now
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, scan_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["render"]

MISTAKES = 24
RUNS_WITH_CURVES = 30  # of many runs, the best
LEADERBOARD_ROWS = 20


@dataclass(frozen=True)
class _Card:
    """A mistake with its picture."""

    mistake: Mistake
    id: str
    fold: int
    picture: str


@dataclass
class _Best:
    """What is shown of the best blend."""

    entry: BlendEntry
    n_rows: int
    names: list[str]
    figures: list[Drawing] = field(default_factory=list)
    confusion: list[Drawing] = field(default_factory=list)
    scores: per_class.ClassScores | None = None
    pairs: list[tuple[str, str, int, float]] = field(default_factory=list)
    cards: list[_Card] = field(default_factory=list)


def render(workspace: Workspace, competition: Competition, state: str) -> tuple[str, list[str]]:
    """Return the page, and what could not be shown on it."""
    problems: list[str] = []
    found = _records(workspace, problems)
    runs, blends = runs_of(found, competition), blends_of(found, competition, problems)
    view = board(workspace, competition)
    data = summarise(workspace, competition)
    problems += data.problems
    best = _best(blends, competition, data, problems)
    metric = metrics.get(competition.metric.name)
    snapshots = snapshots_of(workspace)
    text = (
        _templates()
        .get_template("page.html")
        .render(
            competition=competition,
            metric=metric,
            state=state,
            state_tag=STATE_TAG,
            version=podium.__version__,
            written=now(),
            data=data,
            balance=drawings.draw_balance(data),
            view=view,
            quota=quota_of(view.rows, competition),
            snapshot=snapshots[-1] if snapshots else None,
            leaderboard_rows=LEADERBOARD_ROWS,
            runs=runs,
            curves={
                run.id: drawings.draw_training(run, number, metric.name)
                for number, run in enumerate(runs[:RUNS_WITH_CURVES])
            },
            blends=blends,
            overview=drawings.draw_overview(runs, blends, view.rows, metric.name),
            best=best,
            names=class_names(competition),
            problems=problems,
            blend_ids={entry.id for entry in blends},
            scored_by={
                **{run.id: run.scored_by for run in runs},
                **{entry.id: entry.scored_by for entry in blends},
            },
        )
    )
    return text, problems


def _records(workspace: Workspace, problems: list[str]) -> list[tuple[Path, Record]]:
    found = []
    for folder, outcome in scan_all(workspace):
        if isinstance(outcome, Record):
            found.append((folder, outcome))
        else:
            problems.append(str(outcome))
    return found


def _best(
    blends: list[BlendEntry], competition: Competition, data: DataSummary, problems: list[str]
) -> _Best | None:
    """Return the best blend by the competition's metric that can be read; None without one."""
    if data.samples is None or data.folds is None:
        return None
    for entry in blends:
        if entry.scored_by is not None:
            continue
        try:
            lens = look_at(competition, entry.blend, entry.sets, data.samples, data.folds)
            return _under_the_lens(entry, lens, problems)
        except PodiumError as error:
            problems.append(f"blend {entry.id}: {error}")
    return None


def _under_the_lens(entry: BlendEntry, lens: Lens, problems: list[str]) -> _Best:
    kind, names = lens.competition.kind, class_names(lens.competition)
    best = _Best(entry, len(lens.truth), names)
    if kind == "regression":
        best.figures.append(drawings.draw_predicted(lens))
    else:
        truth, said = _as_table(lens, lens.truth), _as_table(lens, lens.decisions)
        best.scores = per_class.class_scores(truth, said, groups=lens.groups)
        best.figures += [
            drawings.draw_class_scores(best.scores, names),
            drawings.draw_calibration(lens),
        ]
    if kind in ("multiclass", "binary"):
        counts = per_class.confusion_counts(lens.truth, lens.decisions, len(names))
        best.confusion = drawings.draw_confusion(counts, names)
        best.pairs = [
            (names[right], names[said], n, n / int(counts[right].sum()))
            for right, said, n in per_class.confused_pairs(counts)
        ]
    best.cards = _cards(lens, problems)
    return best


def _as_table(lens: Lens, labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Return `(N, C)` bool of decisions or truth."""
    if lens.competition.kind == "multilabel":
        return np.asarray(labels, dtype=bool)
    return per_class.one_hot(labels, len(class_names(lens.competition)))


def _cards(lens: Lens, problems: list[str]) -> list[_Card]:
    cards = []
    for mistake in lens.mistakes(MISTAKES):
        row = lens.samples.iloc[mistake.row]
        try:
            picture = thumbnail(lens.competition.root / row["images"][0])
        except PodiumError as error:
            problems.append(str(error))
            picture = ""
        cards.append(_Card(mistake, str(row["id"]), int(lens.folds[mistake.row]), picture))
    return cards


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("podium.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"zip": zip, "score": _score, "moment": _moment, "duration": _duration}
    return environment


def _score(value: float | None) -> str:
    """Return a score with four digits after the point, an en dash where there is none."""
    if value is None or value != value:
        return "–"
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:.6g}"


def _moment(value: datetime | str) -> str:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{at:%Y-%m-%d %H:%M}"


def _duration(seconds: float | None) -> str:
    """Return a length of time in its two largest units.

    Example:
        >>> _duration(4000)
        '1 h 6 min'
    """
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
