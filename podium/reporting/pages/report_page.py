"""The page: everything that the report shows is collected, then passed to the templates.

It also chooses the blend, or the run, whose out-of-fold labels and masks are shown, and draws the
figure at the head of the page: all scores on one scale. What cannot be shown is listed as a
problem and stops nothing. Of two runs side by side the reader chooses which: so all that are
offered are here, the best first, and of each row whether each run was right, or of masks how well
it did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, permutations, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml
from numpy.typing import NDArray

import podium
from podium.competition import metrics
from podium.competition.spec import Competition
from podium.ensembling.blend import Blend
from podium.ensembling.chance import share_of_draws
from podium.ensembling.estimate_for_test import estimate_of_blend
from podium.ensembling.members import kept_members
from podium.errors import PodiumError, plural, some_names
from podium.predictions.kept_scores import kept_expected_of_share
from podium.reporting.best_run import lead_of_best
from podium.reporting.board_summary import summarise_board
from podium.reporting.changes import PageHistory, page_changes, read_page_history, summarise_page
from podium.reporting.data_summary import DataSummary, summarise_data
from podium.reporting.entries import (
    BlendEntry,
    RunEntry,
    Step,
    blends_of,
    decision_of,
    metric_of,
    quota_of,
    runs_of,
    tasks_in_order,
)
from podium.reporting.figures.scores import ScoreRow, scores
from podium.reporting.images.thumbnails import files_of, thumbnail
from podium.reporting.labels.evaluation import LabelSource, evaluate_blend_labels, evaluate_labels
from podium.reporting.labels.view import LabelView, view_labels
from podium.reporting.masks import evaluation as mask_evaluation
from podium.reporting.masks.evaluation import mask_names
from podium.reporting.masks.view import MaskView, view_masks
from podium.reporting.pages.kept_drawings import KeptDrawings
from podium.reporting.pages.templating import templates
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.plots import blend as of_blend
from podium.reporting.plots import blends as of_blends
from podium.reporting.plots import board as of_board
from podium.reporting.plots import data as of_data
from podium.reporting.plots import drawn_by_title
from podium.reporting.plots import run as of_run
from podium.reporting.provenance import flat, provenance_of, without_defaults
from podium.reporting.report import STATE_TAG, artefact_files
from podium.reporting.subjects import (
    BlendsSubject,
    BlendSubject,
    BoardSubject,
    DataSubject,
    MemberErrors,
    RunSubject,
    label_subject_of,
    label_subject_of_run,
)
from podium.submissions.board.analysis import where_to_choose
from podium.submissions.board.best_to_send import FinishedWork, finished_work
from podium.submissions.board.blend_order import ranked_blends
from podium.submissions.board.view import board
from podium.tasks.protocols.find import find_kind
from podium.tasks.protocols.names import (
    IMAGES,
    PIXELS,
    TaskName,
    is_of_pixels,
    of_images,
    of_pixels,
)
from podium.training.runs.content import kept_data_changes
from podium.workspace.jobs import describe_times, jobs_of
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.marked_yaml import load_plain_yaml
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import Record, scan_all, scored_on_fewer_rows

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.scores.estimates import OnTestLike
    from podium.submissions.board.view import BoardRow, BoardView

__all__ = ["render"]

RUNS_DRAWN, BLENDS_DRAWN = 30, 10  # of many, the best


@dataclass(frozen=True)
class RenderedReport:
    """A page.

    Attributes:
        text: its HTML.
        problems: what could not be shown on it.
        shown: what the next page is compared with, once this one is written.
    """

    text: str
    problems: list[str]
    shown: PageHistory


def render(
    workspace: Workspace, competition: Competition, state: str, *, progress: Progress = SILENT
) -> RenderedReport:
    """Return the page; it is compared with the one that is there."""
    problems: list[str] = []
    found = _records(workspace, problems)
    view = board(workspace, competition)  # which shows the estimates that are kept
    work = _finished_work(workspace, competition, view, problems)
    # Those that cannot be sent any more, as of other folds, stand behind.
    ranked = [*work.ranked, *ranked_blends(workspace, competition, view)]
    order = list(dict.fromkeys(one.score.id for one in ranked))
    blends = [
        one
        if one.scored_by
        else replace(
            one,
            on_test_like=_estimate(workspace, one),
            expected=kept_expected_of_share(
                workspace.blends / one.id, competition.kaggle.public_share
            ),
            brought=kept_members(workspace.blends / one.id, one.blend),
        )
        for one in blends_of(found, competition, problems, order=order)
    ]
    data = summarise_data(workspace, competition, progress=progress)
    problems += data.problems
    runs = runs_of(found, competition, data.n_answered)
    metric = metrics.of(competition)
    compared = side_by_side(workspace, competition, runs, data, problems, progress=progress)
    tasks = tasks_in_order(competition)
    metric_names = tuple(metric_of(competition, task) for task in tasks)
    board_part = summarise_board(workspace, competition, view, work, problems)
    errors = MemberErrors()
    kept = KeptDrawings.of(workspace, competition, progress)
    best = find_best_predictions(
        workspace, competition, data, blends, runs, problems, kept=kept, progress=progress
    )
    with_features = [run.id for run in runs if any((workspace.runs / run.id).glob("fold-*/kept"))]
    written = now()
    summary = summarise_page(runs, blends, view, written)
    earlier = read_page_history(workspace.report.parent)
    shown = PageHistory(now=summary) if earlier is None else earlier.followed_by(summary)
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
            changes=page_changes(shown),
            data=data,
            data_groups=kept.groups(
                of_data,
                DataSubject(workspace, competition, data, tuple(runs)),
                problems=problems,
                of="data",
                files=[],
                facts=[[run.id, run.oof, str(run.predictions)] for run in runs],
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
            where_to_choose=where_to_choose(competition, view),
            runs=runs,
            other_data={
                one.artefact: str(one)
                for one in kept_data_changes(
                    workspace, competition, *(folder for folder, _ in found)
                )
            },
            run_groups={
                run.id: kept.groups(
                    of_run,
                    RunSubject(workspace, competition, run, tuple(runs), metric_names, data),
                    problems=problems,
                    of=f"run-{run.id}",
                    files=[
                        file
                        for one in runs
                        if one is run or (run.but_seed and one.but_seed == run.but_seed)
                        for file in artefact_files(workspace.runs / one.id)
                    ],
                    facts=with_features,
                )
                for run in runs[:RUNS_DRAWN]
            },
            provenance={
                run.id: provenance_of(workspace, run, runs, blends, view.rows, competition.folds.n)
                for run in runs
            },
            blend_groups={
                entry.id: kept.groups(
                    of_blend,
                    BlendSubject(workspace, competition, entry, data, errors),
                    problems=problems,
                    of=f"blend-{entry.id}",
                    files=_blend_files(workspace, entry),
                    facts=entry.scored_by,
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
            compared=compared,
            jobs=jobs_of(workspace),
            describe_times=describe_times,
            decision=lambda blend: _decision(blend, competition),
            plain_decision=lambda blend: find_kind(blend.task, blend.kind).plain_decision,
            problems=problems,
            blend_of={entry.id: entry for entry in blends},
            run_ids={run.id for run in runs},
            scored_by={
                **{run.id: run.scored_by for run in runs},
                **{entry.id: entry.scored_by for entry in blends},
            },
        )
    )
    kept.forget_others()
    return RenderedReport(text, problems, shown)


def _finished_work(
    workspace: Workspace, competition: Competition, view: BoardView, problems: list[str]
) -> FinishedWork:
    """Return what is to be sent; nothing, and a problem, where predictions cannot be read."""
    try:
        return finished_work(workspace, competition, view)
    except (PodiumError, OSError) as error:
        problems.append(f"what to send: {error}")
        return FinishedWork(0, (), (), (), None)


def _estimate(workspace: Workspace, entry: BlendEntry) -> OnTestLike | None:
    """Return the estimate for this test set that may stand beside the scores of a blend."""
    found = estimate_of_blend(workspace, workspace.blends / entry.id)
    return found if found is not None and found.metric == entry.blend.metric else None


def _blend_files(workspace: Workspace, entry: BlendEntry) -> Iterator[Path]:
    """Give what the drawings of a blend show: its own files, and its members' predictions."""
    yield from artefact_files(workspace.blends / entry.id)
    for part in entry.parts.values():
        for folder in part.sets:
            yield from sorted(folder.glob("*/*"))


def _tasks(competition: Competition) -> str:
    """Return the tasks as text; for a single classification its kind alone."""
    if not competition.has_masks:
        return f"{competition.kind} task"
    words = {IMAGES: "labels", PIXELS: "masks"}
    return " and ".join(f"{kind} {words[task]}" for task, kind in competition.tasks.items())


def _decision(blend: Blend, competition: Competition) -> list[Step]:
    is_mask = is_of_pixels(blend.task)
    return decision_of(blend, mask_names(competition) if is_mask else competition.label_names)


def _records(workspace: Workspace, problems: list[str]) -> list[tuple[Path, Record]]:
    found = []
    for folder, outcome in scan_all(workspace):
        if isinstance(outcome, Record):
            found.append((folder, outcome))
        else:
            problems.append(str(outcome))
    return found


@dataclass(frozen=True)
class BestPredictions:
    """The best blend as the page shows it; labels and masks have a section each.

    If no blend predicts one of them, its section shows the best run.
    """

    entry: BlendEntry | None = None
    labels: LabelView | None = None
    masks: MaskView | None = None


def find_best_predictions(
    workspace: Workspace,
    competition: Competition,
    data: DataSummary,
    blends: list[BlendEntry],
    runs: list[RunEntry],
    problems: list[str],
    *,
    kept: KeptDrawings | None = None,
    progress: Progress = SILENT,
) -> BestPredictions:
    """Return the best blend by the competition's metric whose scored part can be read.

    Where no blend has labels, or masks, those of the best run are shown. `problems` get what cannot
    be.
    """
    if data.samples is None or data.folds is None:
        return BestPredictions()
    kept = KeptDrawings.of(workspace, competition) if kept is None else kept
    looking = _BestFinder(
        workspace, competition, data, data.samples, data.folds, problems, kept, progress
    )
    return looking.best(blends, runs)


@dataclass(frozen=True)
class _BestFinder:
    workspace: Workspace
    competition: Competition
    data: DataSummary
    samples: pd.DataFrame
    folds: NDArray[np.int64]
    problems: list[str]
    kept: KeptDrawings
    progress: Progress

    def best(self, blends: list[BlendEntry], runs: list[RunEntry]) -> BestPredictions:
        found = BestPredictions()
        for entry in blends:
            if entry.scored_by is not None:
                continue
            labels, masks = self._labels(entry), self._masks(entry)
            if (masks if self.competition.scores_masks else labels) is not None:
                found = BestPredictions(entry, labels, masks)
                break
        if found.labels is None and self.competition.has_labels:
            found = replace(found, labels=self._labels_of_runs(runs))
        if found.masks is None and self.competition.has_masks:
            found = replace(found, masks=self._masks_of_runs(runs))
        return found

    def _labels(self, entry: BlendEntry) -> LabelView | None:
        part = of_images(entry.parts)
        if part is None:
            return None
        try:
            lens = evaluate_blend_labels(
                self.competition, part.blend, part.sets, self.samples, self.folds
            )
            return view_labels(
                entry.id,
                part.blend,
                label_subject_of(lens, self.data),
                self.problems,
                metric=part.blend.metric,
                score=part.blend.honest,
                kept=self.kept,
                files=_blend_files(self.workspace, entry),
            )
        except PodiumError as error:
            self.problems.append(f"blend {entry.id}: {error}")
            return None

    def _masks(self, entry: BlendEntry) -> MaskView | None:
        part = of_pixels(entry.parts)
        if part is None:
            return None
        try:
            source = mask_evaluation.mask_source_of_blend(
                entry.id, entry.parts, self.competition, self.samples
            )
            return view_masks(
                entry.id,
                part.blend,
                self._through(source),
                self.problems,
                kept=self.kept,
                files=_blend_files(self.workspace, entry),
            )
        except PodiumError as error:
            self.problems.append(f"blend {entry.id}: {error}")
            return None

    def _labels_of_runs(self, runs: list[RunEntry]) -> LabelView | None:
        for run, metric, score in self._best_of(runs, IMAGES):
            try:
                subject = label_subject_of_run(self.competition, run, self.data)
                return view_labels(
                    run.id,
                    None,
                    subject,
                    self.problems,
                    metric=metric,
                    score=score,
                    kept=self.kept,
                    files=artefact_files(self.workspace.runs / run.id),
                )
            except PodiumError as error:
                self.problems.append(f"run {run.id}: {error}")
        return None

    def _masks_of_runs(self, runs: list[RunEntry]) -> MaskView | None:
        for run, _, _ in self._best_of(runs, PIXELS):
            if run.predictions is None:
                continue
            try:
                source = mask_evaluation.mask_source_of_run(run.id, run.predictions, self.samples)
                return view_masks(
                    run.id,
                    None,
                    self._through(source),
                    self.problems,
                    kept=self.kept,
                    files=artefact_files(self.workspace.runs / run.id),
                )
            except PodiumError as error:
                self.problems.append(f"run {run.id}: {error}")
        return None

    def _best_of(self, runs: list[RunEntry], task: TaskName) -> list[tuple[RunEntry, str, float]]:
        """Return (run, metric, OOF score) of the runs that are scored in `task`, best first."""
        name = metric_of(self.competition, task)
        scored_by = metrics.get(name, root=self.competition.root)
        sign = -1 if scored_by.greater_is_better else 1
        fewer = scored_on_fewer_rows({run.id: run.scored_rows for run in runs if run.folds})
        of_task = [(run, *run.by_task.get(task, ("", None))) for run in runs]
        same = [(run, name, oof) for run, by, oof in of_task if by == name and oof is not None]
        return sorted(same, key=lambda one: (one[0].id in fewer, sign * one[2]))

    def _through(self, source: mask_evaluation.MaskSource) -> mask_evaluation.MaskEvaluation:
        return mask_evaluation.evaluate_masks(
            self.workspace,
            self.competition,
            source,
            self.samples,
            self.folds,
            progress=self.progress,
        )


def draw_overview(
    runs: Sequence[RunEntry], blends: Sequence[BlendEntry], board: Sequence[BoardRow], metric: str
) -> Plot | None:
    """Return all scores by the competition's metric on one scale; None without any."""
    public = {
        source: row.public_score
        for row in reversed(board)
        for source in row.sources
        if row.public_score is not None
    }
    blends = [one for one in blends if one.scored_by is None]
    rows = [
        ScoreRow(
            one.id,
            one.blend.honest,
            tuple(one.blend.by_fold.values()),
            one.blend.honest_interval,
            one.blend.optimistic,
            public.get(one.id),
        )
        for one in blends
    ]
    rows += [
        ScoreRow(run.id, run.oof, tuple(run.folds.values()), public=public.get(run.id))
        for run in runs
        if run.folds
    ]
    if not rows:
        return None
    alt = (
        f"{metric} of {plural(len(blends), 'blend')} and {plural(len(rows) - len(blends), 'run')}. "
        + "; ".join(f"{row.name}: {row.value:.4f}" for row in rows[:6] if row.value is not None)
    )
    caption = (
        "Blends by honest score, then runs by OOF score"
        f"{_behind([one for one in runs if one.folds])}. The line is the honest score's 95 % "
        "interval; the ticks are folds. Optimistic scores are fitted and scored on the same rows."
    )
    narrow = scores(rows, label=metric, width_px=NARROW_PX)
    return Plot(scores(rows, label=metric), "overview", "All scores", alt, caption, narrow)


def _behind(runs: Sequence[RunEntry]) -> str:
    """Return which runs stand behind others though they may score better; "" of none."""
    fewer = scored_on_fewer_rows({one.id: one.scored_rows for one in runs if one.oof is not None})
    order = [one.id for one in runs if one.id in fewer]
    return f"; runs of fewer rows stand behind: {some_names(order)}" if order else ""


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
    own = {run.id: flat(without_defaults(run.recipe)) for run in offered}
    whole = {run.id: {**_resolved(run.recipe), **own[run.id]} for run in offered}
    written = set().union(*own.values())
    groups = {} if data.samples is None else _groups(data.samples)
    lead = lead_of_best(
        offered,
        answers,
        groups,
        share_of=partial(share_of_draws, workspace, competition),
        greater_is_better=metrics.of(competition).greater_is_better,
    )
    return {
        "what": what,
        "lead": "" if lead is None else str(lead),
        "metric": competition.metric.name,
        "ids": ids,
        "n": n_rows,
        "pictures": pictures,
        "runs": [
            {
                "id": run.id,
                "score": run.oof,
                "of": f"of {run.scored_rows:,} of {run.rows:,} rows" if run.is_partial else "",
                "recipe": {key: value for key, value in whole[run.id].items() if key in written},
                "written": sorted(own[run.id]),
                "curves": _curves(run),
                "rows": [answers[run.id].get(one) for one in ids] if run.id in answers else None,
            }
            for run in offered
        ],
    }


def _groups(samples: pd.DataFrame) -> dict[str, object]:
    """Return id → group of the images that have one."""
    named = samples[samples["group"].notna()]
    return dict(zip(named["id"].astype(str), named["group"], strict=True))


def _resolved(recipe: str) -> dict[str, str]:
    """Return key → value of a run's recipe with its defaults; empty if it cannot be read."""
    try:
        return flat(load_plain_yaml(recipe))
    except yaml.YAMLError:
        return {}


def _pictures(
    competition: Competition, answers: dict[str, dict[str, float]], data: DataSummary
) -> dict[str, str]:
    """Return id → picture of images on which one run is better than another, both ways in turns.

    Of each two runs, first the images that differ most; of as different ones, evenly spaced ones.
    """
    if len(answers) < 2 or data.samples is None:
        return {}
    queues = []
    for better, worse in permutations(answers.values(), 2):
        gain = {one: better[one] - worse[one] for one in better if one in worse}
        ordered = sorted((one for one, by in gain.items() if by > 0), key=lambda one: -gain[one])
        level = [one for one in ordered if gain[one] == gain[ordered[0]]]
        if len(level) > MOST_PICTURES:
            places = np.linspace(0, len(level) - 1, MOST_PICTURES).round().astype(int)
            ordered = [level[i] for i in places]
        queues.append(ordered)
    in_turns = (one for turn in zip_longest(*queues) for one in turn if one is not None)
    chosen = set(islice(dict.fromkeys(in_turns), MOST_PICTURES))
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
        if right.ndim > 1:  # of the labels that are known
            right = (right | (lens.truth < 0)).all(axis=1)
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
