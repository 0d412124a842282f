"""The page: everything that it shows is collected, then given to the templates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import podium
from podium.competition import metrics
from podium.competition.spec import Competition
from podium.ensembling.blend import Blend
from podium.reporting.board_part import look_at_board
from podium.reporting.changes import Shown, changes_of, read_shown, standing_of
from podium.reporting.data_summary import summarise
from podium.reporting.entries import (
    Step,
    blends_of,
    decision_of,
    metric_of,
    quota_of,
    runs_of,
    tasks_in_order,
)
from podium.reporting.formatting import templates
from podium.reporting.looking import look_at_best
from podium.reporting.mask_lens import mask_names
from podium.reporting.member_errors import MemberErrors
from podium.reporting.overview import draw_overview
from podium.reporting.plots import blend as of_blend
from podium.reporting.plots import blends as of_blends
from podium.reporting.plots import board as of_board
from podium.reporting.plots import data as of_data
from podium.reporting.plots import drawn_by_title
from podium.reporting.plots import run as of_run
from podium.reporting.provenance import provenance_of
from podium.reporting.state import STATE_TAG
from podium.reporting.subjects import (
    BlendsSubject,
    BlendSubject,
    BoardSubject,
    DataSubject,
    RunSubject,
)
from podium.submissions.analysis import where_to_choose
from podium.submissions.board import board
from podium.workspace.clock import now
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import Record, scan_all

__all__ = ["Rendered", "render"]

RUNS_DRAWN, BLENDS_DRAWN = 30, 10  # of many, the best


@dataclass(frozen=True)
class Rendered:
    """A page.

    Attributes:
        text: its HTML.
        problems: what could not be shown on it.
        shown: what the next page is compared with, once this one is written.
    """

    text: str
    problems: list[str]
    shown: Shown


def render(
    workspace: Workspace, competition: Competition, state: str, *, progress: Progress = SILENT
) -> Rendered:
    """Return the page; it is compared with the one that is there."""
    problems: list[str] = []
    found = _records(workspace, problems)
    view = board(workspace, competition)
    data = summarise(workspace, competition, progress=progress)
    problems += data.problems
    runs = runs_of(found, competition, data.n_answered)
    blends = blends_of(found, competition, problems)
    best = look_at_best(workspace, competition, data, blends, runs, problems, progress=progress)
    metric = metrics.of(competition)
    tasks = tasks_in_order(competition)
    metric_names = tuple(metric_of(competition, task) for task in tasks)
    board_part = look_at_board(workspace, competition, view, problems)
    errors = MemberErrors()
    written = now()
    standing = standing_of(runs, blends, view, written)
    earlier = read_shown(workspace.report.parent)
    shown = Shown(now=standing) if earlier is None else earlier.followed_by(standing)
    text = (
        templates()
        .get_template("page.html")
        .render(
            competition=competition,
            metric=metric,
            tasks=_tasks(competition),
            tasks_in_order=tasks,
            state=state,
            state_tag=STATE_TAG,
            version=podium.__version__,
            written=written,
            changes=changes_of(shown),
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
            board_groups=drawn_by_title(
                of_board,
                BoardSubject(workspace, competition, view, board_part),
                problems=problems,
                of="board",
            ),
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
            provenance={
                run.id: provenance_of(workspace, run, runs, blends, view.rows, competition.folds.n)
                for run in runs
            },
            blend_groups={
                entry.id: drawn_by_title(
                    of_blend,
                    BlendSubject(workspace, competition, entry, data, errors),
                    problems=problems,
                    of=f"blend-{entry.id}",
                )
                for entry in blends[:BLENDS_DRAWN]
            },
            blends=blends,
            blends_groups=drawn_by_title(
                of_blends,
                BlendsSubject(workspace, competition, tuple(blends)),
                problems=problems,
                of="blends",
            ),
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
    return Rendered(text, problems, shown)


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
