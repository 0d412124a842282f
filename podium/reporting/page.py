"""The page: everything that it shows is collected, then given to the templates."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

import podium
from podium.competition import metrics
from podium.competition.spec import Competition
from podium.ensembling.blend import Blend
from podium.reporting.board_part import look_at_board
from podium.reporting.data_summary import summarise
from podium.reporting.entries import (
    Step,
    blends_of,
    decision_of,
    metric_of,
    quota_of,
    runs_of,
)
from podium.reporting.looking import look_at_best
from podium.reporting.mask_lens import mask_names
from podium.reporting.overview import draw_overview
from podium.reporting.plot import drawn
from podium.reporting.plots import blend as of_blend
from podium.reporting.plots import data as of_data
from podium.reporting.plots import drawn_by_title
from podium.reporting.plots import run as of_run
from podium.reporting.state import STATE_TAG
from podium.reporting.subjects import BlendSubject, DataSubject, RunSubject
from podium.submissions.analysis import where_to_choose
from podium.submissions.board import board
from podium.workspace.clock import now
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import Record, scan_all

__all__ = ["render"]

RUNS_DRAWN, BLENDS_DRAWN = 30, 10  # of many, the best


def render(
    workspace: Workspace, competition: Competition, state: str, *, progress: Progress = SILENT
) -> tuple[str, list[str]]:
    """Return the page, and what could not be shown on it."""
    problems: list[str] = []
    found = _records(workspace, problems)
    view = board(workspace, competition)
    data = summarise(workspace, competition, progress=progress)
    problems += data.problems
    runs = runs_of(found, competition, data.n_answered)
    blends = blends_of(found, competition, problems)
    best = look_at_best(workspace, competition, data, blends, runs, problems, progress=progress)
    metric = metrics.of(competition)
    first = competition.scored_task
    tasks = sorted(competition.tasks, key=lambda task: task != first)
    metric_names = tuple(metric_of(competition, task) for task in tasks)
    board_part = look_at_board(workspace, competition, view, problems)
    text = (
        _templates()
        .get_template("page.html")
        .render(
            competition=competition,
            metric=metric,
            tasks=_tasks(competition),
            tasks_in_order=tasks,
            state=state,
            state_tag=STATE_TAG,
            version=podium.__version__,
            written=now(),
            data=data,
            data_groups=drawn_by_title(
                of_data,
                DataSubject(workspace, competition, data, tuple(runs)),
                problems=problems,
                of="data",
            ),
            view=view,
            quota=quota_of(view.rows, competition),
            board=board_part,
            where_to_choose=where_to_choose(competition),
            runs=runs,
            run_groups={
                run.id: drawn_by_title(
                    of_run,
                    RunSubject(workspace, competition, run, tuple(runs), metric_names, data),
                    problems=problems,
                    of=f"run-{run.id}",
                )
                for run in runs[:RUNS_DRAWN]
            },
            blend_groups={
                entry.id: drawn_by_title(
                    of_blend,
                    BlendSubject(workspace, competition, entry, data),
                    problems=problems,
                    of=f"blend-{entry.id}",
                )
                for entry in blends[:BLENDS_DRAWN]
            },
            blends=blends,
            overview=draw_overview(runs, blends, view.rows, metric.name),
            best=best,
            decision=lambda blend: _decision(blend, competition),
            problems=problems,
            blend_of={entry.id: entry for entry in blends},
            run_ids={run.id for run in runs},
            scored_by={
                **{run.id: run.scored_by for run in runs},
                **{entry.id: entry.scored_by for entry in blends},
            },
        )
    )
    return text, problems


def _tasks(competition: Competition) -> str:
    """Return the tasks in words; of a lone classification its kind is enough."""
    if list(competition.tasks) == ["classify"]:
        return f"{competition.kind} task"
    words = {"classify": "labels", "segment": "masks"}
    return " and ".join(f"{kind} {words[task]}" for task, kind in competition.tasks.items())


def _decision(blend: Blend, competition: Competition) -> list[Step]:
    is_mask = blend.task == "segment"
    return decision_of(blend, mask_names(competition) if is_mask else competition.label_names)


def _records(workspace: Workspace, problems: list[str]) -> list[tuple[Path, Record]]:
    found = []
    for folder, outcome in scan_all(workspace):
        if isinstance(outcome, Record):
            found.append((folder, outcome))
        else:
            problems.append(str(outcome))
    return found


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("podium.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "drawn": drawn,
        "zip": zip,
        "score": _score,
        "share": _share,
        "number": _number,
        "moment": _moment,
        "sentence": _sentence,
        "signed": _signed,
        "duration": _duration,
    }
    return environment


def _score(value: float | None) -> str:
    """Return a score with four digits after the point, an en dash where there is none."""
    if value is None or value != value:
        return "–"
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:.6g}"


def _signed(value: float, digits: int = 4, plus: str = "+") -> str:
    """Return a difference with its sign, `plus` that of positive ones.

    Example:
        >>> _signed(-0.25)
        '−0.2500'
    """
    return f"{value:+.{digits}f}".replace("-", "−").replace("+", plus)


def _share(value: float) -> str:
    """Return a share in per cent, an en dash where there is none.

    Example:
        >>> _share(0.01234)
        '1.2 %'
    """
    if value != value:
        return "–"
    return f"{100 * value:.1f} %" if value >= 0.01 or value == 0 else f"{100 * value:.2g} %"


def _number(value: float) -> str:
    """Return what a column is sorted by; nothing where there is no value."""
    return "" if value != value else repr(float(value))


def _moment(value: datetime | str) -> str:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{at:%Y-%m-%d %H:%M}"


def _sentence(text: str) -> str:
    """Return `text` as a sentence; names at its start keep their case.

    Example:
        >>> _sentence("it is not known")
        'It is not known.'
    """
    first = text.split(" ", 1)[0]
    start = text[:1].upper() if first.isalpha() else text[:1]
    return start + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


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
