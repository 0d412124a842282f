"""Train the steps of a plan one after the other, and write the best file.

The file `submissions/auto.csv` is there before the first step and only ever replaced by a whole
one; at the end it is that of the best of all that is finished. Where the sample submission or the
format lets none be written, or it would be refused, nothing is trained, and no folds are made.

A plan that was interrupted goes on with the next step; a training that was goes on where it
stopped. Where its steps leave time, another plan is made for that.
"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from podium.competition import metrics
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.ensembling.record import read_parts
from podium.ensembling.rows import LoneGroupError
from podium.errors import PodiumError, RunError, SubmissionError, plural
from podium.submissions.board.best_to_send import finished_work
from podium.submissions.format.checking import check
from podium.submissions.format.writing import NoRowsError
from podium.submissions.upload.receipt import file_sha256
from podium.training.fit.collapse import CollapsedError
from podium.training.runs.job import TrainingData
from podium.training.runs.scoring import refuse_undefined_folds
from podium.training.runs.train import CONTINUES, Trained, end_here
from podium.workflows.auto.plan import (
    RESERVE,
    Done,
    Plan,
    epochs_done,
    make_plan,
    n_folds_here,
    needed_s,
    plan_folder,
    recipe_of,
    recipe_text,
    record_of,
    steps_of,
    write_recipes,
)
from podium.workflows.auto.prior import write_prior
from podium.workflows.auto.proposal import takes_steps
from podium.workflows.auto.rest import done_so_far, lost_s
from podium.workflows.blends.blending import blend_runs
from podium.workflows.blends.expected import expected_of_run
from podium.workflows.engines import HERE, Engine, open_engine
from podium.workflows.pseudo.labelling import pseudo_label
from podium.workflows.submission.submitting import blended_alone, write_blend_file
from podium.workflows.training import train_recipes
from podium.workspace.atomic import replacing, temporary_folder, write_text
from podium.workspace.auto_record import (
    LEAST_S,
    AutoRecord,
    AutoStep,
    PlanOfRest,
    auto_records,
    read_auto,
    write_auto,
)
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold
from podium.workspace.marked_yaml import load_plain_yaml
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import (
    RECORD_FILE,
    is_better_in_common_folds,
    read_record,
    scores_of_all,
)

__all__ = ["auto", "plan_auto"]

METHOD, METHOD_OF_MASKS = "paying", "hill_climb"
"""A member that does not help gets no weight. Of labels the weights are those of the lowest proper
loss, which few rows estimate more surely than how many are right, of the members that pay."""
NAME = "auto"
"""of the blends, and of the file"""
LATE, LATE_FIRST = 1.1, 2.0
"""A step is begun where so much less is left than it is expected to take; so the first one."""
SPARE_MARGIN = 1.05
"""A spare step is begun where so many times what the step took that it repeats is left."""
LEAST_MARGIN = 1.5
"""The time that is named has room for so many times the smallest training."""
NO_TIME = "no time was left"
LOWER_RATE = 5.0
"""By which the learning rate of a training that collapsed is divided, once."""
LEAST_OF_EPOCHS = 0.5
"""Share of the epochs for which there must be time in the second try."""
NO_SECOND_TRY = "no time was left to try it with a lower rate"
PLAIN = (
    "the plain decision, and its out-of-fold score: of one fold with one group no tuned decision "
    "has an honest score"
)
END_SHARE = 0.03
"""of the time, kept behind the first step's training: it predicts with what it has then."""
ENOUGH_FOLDS = 0.5
"""Share of a step's folds that count where its time was over before all were trained."""
BLEND_SHARE, BLEND_LEAST_S = 0.03, 2.0
"""of the time, kept for a blend and its file behind a step; at least as much as the last took"""


@dataclass(frozen=True)
class AutoResult:
    """What a plan led to.

    Attributes:
        record: the plan, with what each step brought.
        file: the submission, which was checked.
        blend: that it was written from; None: it holds what is most frequent.
        problem: why there is no such file, or one that would be refused; None where it may be sent.
        advice: what would help where no step was finished; None where one was.
    """

    record: AutoRecord
    file: Path
    blend: str | None
    problem: PodiumError | None = None
    advice: str | None = None


def submission_file(workspace: Workspace, competition: Competition) -> Path:
    """Return the file that `auto` keeps valid."""
    return workspace.submissions / f"{NAME}{competition.submission.file.suffix}"


def plan_auto(
    workspace: Workspace, competition: Competition, budget_s: float, *, progress: Progress = SILENT
) -> AutoRecord:
    """Return the plan for a time; what was planned for it before is returned as it stands.

    Nothing is trained, and nothing written but the cache of what was measured.

    Raises:
        UsageError: the time is too short, keys are still to be chosen, or there is nothing to
            predict.
        DataError: no answer of the sample submission fits the format.
        SubmissionError: no file can be written, so that nothing would be trained.
    """
    folder = plan_folder(workspace, competition, budget_s)
    if (folder / RECORD_FILE).is_file():
        return read_auto(folder)
    started = time.monotonic()
    with temporary_folder("podium-auto") as trial:
        name = submission_file(workspace, competition).name
        _write_first(trial / name, competition, SILENT)
    plan = make_plan(workspace, competition, budget_s, progress=progress)
    return record_of(workspace, competition, folder, plan, budget_s, time.monotonic() - started)


def auto(
    workspace: Workspace,
    competition: Competition,
    budget_s: float,
    *,
    started: float | None = None,
    planned: Callable[[AutoRecord, int], None] = lambda record, first: None,
    on: str | Engine | None = HERE,
    progress: Progress = SILENT,
) -> AutoResult:
    """Return what could be done in `budget_s` seconds; the same call goes on with what is left.

    Args:
        workspace, competition: as everywhere.
        budget_s: of planning, training, blending and writing. A repetition has what the finished
            steps left of it.
        started: when the time began, by `time.monotonic`; default: now.
        planned: called with the record and the number of the first plan that is new in it: with 0
            before the first step, then before the steps of each plan for the time that is left.
        on: the engine that trains the folds of a step side by side. The plan is for this process
            alone, so it ends earlier.
        progress: gets bars, and a line a step.

    Raises:
        UsageError: the time is too short, keys are still to be chosen, or there is nothing to
            predict.
        DataError: no answer of the sample submission fits the format.
        SubmissionError: no file can be written as the format and the sample submission are, or it
            would be refused.
        RunError: another process is at this plan.
    """
    started = time.monotonic() if started is None else started
    folder = plan_folder(workspace, competition, budget_s)
    file = submission_file(workspace, competition)
    samples = load_samples(competition, "train", workspace=workspace)
    with (
        hold(workspace.private / "locks" / "auto.lock", what="podium auto here"),
        open_engine(on) as engine,
    ):
        runner = _Runner(workspace, competition, folder, file, engine, progress)
        held = runner.begin()
        # Behind the file: folds of data that are wrongly read are in the way of those read rightly.
        folds = ensure_folds(workspace, competition, samples)
        refuse_undefined_folds(competition, samples, folds)
        if (folder / RECORD_FILE).is_file():
            record = runner.blend_again(read_auto(folder))
        else:
            plan = make_plan(workspace, competition, budget_s, started=started, progress=progress)
            write_recipes(folder, plan)
            seconds = time.monotonic() - started
            record = record_of(workspace, competition, folder, plan, budget_s, seconds)
            write_auto(folder, record)
        planned(record, 0)
        if held is None:
            held, record = runner.blend_known(record)
        record = runner.do_all(record)
        while not (record := runner.plan_rest(record)).is_over:
            planned(record, len(record.rest))
            record = runner.do_all(record)
        blends = [one.sent for one in record.steps if one.sent is not None]
        held = runner.end_with_best(blends[-1] if blends else held)
        problem = problem_of_file(file, competition)
    is_any = any(one.state == "finished" for one in record.steps)
    advice = None if is_any else _advice(workspace, folder, record)
    return AutoResult(record, file, held, problem, advice)


def problem_of_file(file: Path, competition: Competition) -> PodiumError | None:
    """Return why the file at `file` cannot be sent: it is not there, or would be refused."""
    if not file.is_file():
        return SubmissionError(
            "no file was written",
            where=file,
            fix="mend what the lines above say of it, and run podium auto again",
        )
    problems = [one for one in check(file, competition) if one.level == "error"]
    if not problems:
        return None
    first = problems[0]
    place = file if first.line is None else f"{file}:{first.line}"
    return SubmissionError(first.message, where=place, fix=first.fix)


def _write_first(file: Path, competition: Competition, progress: Progress) -> None:
    """Write and check a file of what is most frequent, where one can be without a network.

    Raises:
        SubmissionError: none can be written of any predictions, or it would be refused.
    """
    try:
        write_prior(file, competition)
    except NoRowsError as error:  # the first object that a network finds is a row
        progress.say(f"  no file before the first step: {error.message}")
        return
    except PodiumError as error:
        raise _nothing_to_train_for(error) from error
    problem = problem_of_file(file, competition)
    if problem is not None:
        file.unlink()
        raise _nothing_to_train_for(problem)
    masks = ", and empty masks" if competition.has_masks else ""
    progress.say(f"  {file.name} is valid: what is most frequent{masks}")


def _nothing_to_train_for(error: PodiumError) -> SubmissionError:
    """Return the error that nothing is trained, as no file can be written.

    A blend is written by the same rows and format: what would be trained could not be sent.
    """
    return SubmissionError(
        f"no file can be written, so nothing is trained: {error.message}",
        where=error.where,
        fix=error.fix,
    )


@dataclass
class _Runner:
    """Does the steps of one plan."""

    workspace: Workspace
    competition: Competition
    folder: Path
    file: Path
    engine: Engine | None
    progress: Progress

    def begin(self) -> str | None:
        """See that a file stands that may be sent; return the blend that it was written from.

        One that is gone, or of another format than today's, is written again: from the last blend,
        else of what is most frequent.

        Raises:
            SubmissionError: none can be written of any predictions, or it would be refused.
        """
        blends = [step.sent for plan in auto_records(self.workspace) for step in plan.steps]
        blend = next((one for one in reversed(blends) if one is not None), None)
        if self.file.is_file() and problem_of_file(self.file, self.competition) is None:
            return blend
        if blend is not None:
            try:
                folder = self.workspace.blends / blend
                self._keep(write_blend_file(self.workspace, self.competition, folder))
            except PodiumError as error:
                self.progress.say(f"  {blend} could not be written again: {error}")
            else:
                return blend
        _write_first(self.file, self.competition, self.progress)
        return None

    def blend_again(self, record: AutoRecord) -> AutoRecord:
        """Return the record with what is trained blended, where that failed in an earlier call."""
        trained = [one for one in record.steps if one.state == "finished" and one.run is not None]
        if not trained or trained[-1].blend is not None:
            return record
        changes = self._blend(record, str(trained[-1].run))
        if "blend" not in changes:
            return record
        record = record.with_step(trained[-1].model_copy(update={"note": "", **changes}))
        write_auto(self.folder, record)
        return record

    def blend_known(self, record: AutoRecord) -> tuple[str | None, AutoRecord]:
        """Return the blend of the runs that were there, written as the file, and the record.

        None where there are none, or they cannot be blended: the file stays as it is.
        """
        if not record.known:
            return None, record
        started = time.monotonic()
        blend = None
        try:
            folder = self._blended(record.known)
            self._keep(write_blend_file(self.workspace, self.competition, folder))
        except PodiumError as error:
            self.progress.say(f"  the runs that are there are not blended: {error}")
        else:
            blend, honest = folder.name, read_record(folder).scores.get("honest")
            score = "" if honest is None else f": honest {honest:.4f}"
            self.progress.say(f"  {self.file.name} is that of the runs that are there{score}")
        took = round(time.monotonic() - started, 1)
        record = record.model_copy(update={"planning_s": round(record.planning_s + took, 1)})
        write_auto(self.folder, record)
        return blend, record

    def do_all(self, record: AutoRecord) -> AutoRecord:
        """Return the record with its planned steps done."""
        for step in record.steps:
            if step.state == "planned":
                record = self.do(record, step)
        return record

    def end_with_best(self, last: str | None) -> str | None:
        """Return the blend whose file stands at the end: the best of all that is finished.

        Args:
            last: the blend that was written last, whose file stays where no better one can be
                written; None: there is none.
        """
        if last is None:
            return None
        try:
            work = finished_work(self.workspace, self.competition)
            best = blended_alone(self.workspace, self.competition, work, self.progress).best
            if best is None or best.blend.id == last:
                return last
            folder = self.workspace.blends / best.blend.id
            self._keep(write_blend_file(self.workspace, self.competition, folder))
        except PodiumError as error:
            self.progress.say(f"  the file stays that of {last}: {error}")
            return last
        return best.blend.id

    def plan_rest(self, record: AutoRecord) -> AutoRecord:
        """Return the record with steps for the time that is left, planned now; it is written.

        Nothing is added where too little is left, and behind a plan of which no step was finished.
        Where no step that fits is expected to gain, the plan has none, so that none follows it.
        """
        is_first = not any(one.state == "finished" for one in record.steps)
        if is_first or (record.rest and not record.steps_of(len(record.rest))):
            return record
        lost = 0.0 if self.engine is not None else lost_s(self.workspace, record)
        left = record.budget_s - record.used_s - lost - _reserve(record)
        if left < LEAST_S:
            return record
        if not any(one.state == "finished" for one in record.steps_of(len(record.rest))):
            self.progress.say(
                f"{left:.0f} s are left, and nothing is planned for them: no step of the last plan "
                "was finished"
            )
            return record
        started = time.monotonic()
        self.progress.say(f"{left:.0f} s are left: steps for them, by the speed of those before")
        try:
            plan = self._plan_of_rest(record, left)
        except PodiumError as error:
            self.progress.say(f"  none is planned: {error}")
            return record
        write_recipes(self.folder, plan)
        # A spare step that had no time may come again, under the name that it had.
        known = [one for one in record.steps if not plan.proposals or not one.is_unused]
        planning_s = round(time.monotonic() - started, 1)
        rest = PlanOfRest(left_s=round(left, 1), planning_s=planning_s, longer=plan.longer)
        steps = (*known, *steps_of(plan, len(record.rest) + 1))
        record = record.model_copy(update={"steps": steps, "rest": (*record.rest, rest)})
        write_auto(self.folder, record)
        if not plan.proposals:
            shortest = self._shortest_again(record, plan.longer)
            self.progress.say(f"  no step that fits is expected to gain{shortest}")
        return record

    def _shortest_again(self, record: AutoRecord, longer: float) -> str:
        """Return which seed of those that could follow is the shortest, and what it takes."""
        done = self._done(record)
        again = [one for one in done.trained if one.repeats is None and takes_steps(one.recipe)]
        if not again:
            return ""
        first = min(again, key=lambda one: one.expected_s)
        return f"; another seed of {first.name} takes about {longer * first.expected_s:.0f} s"

    def _plan_of_rest(self, record: AutoRecord, left_s: float) -> Plan:
        """Return the plan for the seconds that are left.

        Raises:
            PodiumError: none can be made.
        """
        done = self._done(record)
        return make_plan(
            self.workspace, self.competition, left_s, done=done, progress=self.progress
        )

    def _done(self, record: AutoRecord) -> Done:
        n_folds = n_folds_here(self.workspace, self.competition)
        return done_so_far(
            self.workspace, self.folder, record, n_folds, is_alone=self.engine is None
        )

    def do(self, record: AutoRecord, step: AutoStep) -> AutoRecord:
        """Return the record with `step` done, or skipped; it is written."""
        left = record.budget_s - record.used_s
        reserve = _reserve(record)
        if step.is_spare and not _has_time_for_spare(record, step, left - reserve):
            record = record.with_step(step.model_copy(update={"state": "skipped", "note": NO_TIME}))
            write_auto(self.folder, record)
            return record
        planned = [one.name for one in record.steps_of(step.plan) if not one.is_spare]
        number = "spare" if step.is_spare else f"{planned.index(step.name) + 1}/{len(planned)}"
        self.progress.say(f"[{number}] {step.name}: {step.why}")
        # Before anything is trained there is nothing to lose: what was judged too slow may fit.
        is_first = not any(one.state == "finished" for one in record.steps)
        is_late = step.expected_s > (LATE_FIRST if is_first else LATE) * (left - reserve)
        if is_late and not step.is_spare:
            free = max(left - reserve, 0.0)
            why = f"takes about {step.expected_s:.0f} s, and {free:.0f} s are left before the blend"
            done = step.model_copy(update={"state": "skipped", "note": why})
        else:
            started, cpu = time.monotonic(), time.process_time()
            record, changes = self._train_twice(record, step, left - reserve)
            if changes["state"] == "finished":
                begun = time.monotonic()
                changes |= self._blend(record, str(changes["run"]))
                changes["blend_s"] = round(time.monotonic() - begun, 1)
            changes["seconds"] = round(time.monotonic() - started, 1)
            changes["cpu_seconds"] = round(time.process_time() - cpu, 1)
            done = record.step(step.name).model_copy(update=changes)
        record = record.with_step(done)
        write_auto(self.folder, record)
        self.progress.say(f"      {_outcome(record, done)}")
        return record

    def _train_twice(
        self, record: AutoRecord, step: AutoStep, seconds: float
    ) -> tuple[AutoRecord, dict[str, Any]]:
        """Return the record, and the changes of a step by its training, or by its second try.

        One that collapses is tried once more with a lower rate, in as many epochs as there is time
        for beside the planned steps behind it, and takes none of theirs. The record states it
        before: after a kill the same command goes on with the second try.
        """
        started, slower = time.monotonic(), _slower_than_expected(record)
        behind = slower * _planned_behind(record, step)
        limit = seconds if step.lower_rate is None else max(0.0, seconds - behind)
        try:
            return record, self._train(record, step, limit)
        except CollapsedError as error:
            why, phase = f"{error.where}: {error.what}", error.phase
        if step.lower_rate is not None:
            return record, {"state": "failed", "note": f"{why}, as with a higher rate before"}
        if step.is_spare or step.extends is not None:
            return record, {"state": "failed", "note": why}
        left = seconds - (time.monotonic() - started)
        share = (left - behind) / max(slower * step.expected_s, 1e-9)
        if LATE * share < LEAST_OF_EPOCHS:
            return record, {"state": "failed", "note": f"{why}; {NO_SECOND_TRY}"}
        again = _lower_rate(self.folder, record, step, phase, 1.0 if LATE * share >= 1 else share)
        record = record.with_step(again)
        write_auto(self.folder, record)
        self.progress.say(f"      {why}; once more with optimizer.lr {again.lower_rate:g}")
        return self._train_twice(record, again, left)

    def _train(self, record: AutoRecord, step: AutoStep, seconds: float) -> dict[str, Any]:
        """Return the changes of a step by its training.

        Raises:
            CollapsedError: it has diverged or collapsed.
        """
        if step.run is not None:  # of the own run that it takes
            with suppress(RunError):  # it was removed since
                scores = read_record(self.workspace.runs / step.run).scores
                alone = scores_of_all(scores).get("oof")
                return {"state": "finished", "run": step.run, "alone": alone}
        started = time.monotonic()
        recipe = self.folder / f"{step.extends or step.name}.yaml"
        is_first = not any(one.state == "finished" for one in record.steps)
        if is_first:  # what is trained until then has time to predict
            seconds -= END_SHARE * record.budget_s
        try:
            if step.extends is not None and record.step(step.extends).state != "finished":
                raise RunError(f"{step.extends}, whose folds it adds to, is not trained")
            overrides = self._pseudo_labels(record, step, recipe)
            [attempt] = train_recipes(
                self.workspace,
                self.competition,
                [recipe],
                overrides=overrides,
                folds=self._folds(step),
                max_time_s=max(0.0, seconds - (time.monotonic() - started)),
                on=self.engine,
                progress=self.progress,
            )
            trained = attempt.result()
            if is_first and trained.stopped is not None and not trained.finished:
                trained = self._ended_here(trained, recipe, overrides, step)
        except CollapsedError:
            raise
        except PodiumError as error:
            return {"state": "failed", "note": str(error)}
        run = trained.run.name
        is_whole = not trained.missing if step.folds is None else trained.stopped is None
        n_done, n = len(trained.finished), len(trained.finished) + len(trained.missing)
        # Some folds are worth more than what is most frequent, and half of them more than none: the
        # blend is then fitted and scored on their rows. A further seed is not worth that.
        # Of further folds of a run nothing is new before one is there.
        enough = 1 if is_first else ENOUGH_FOLDS * (step.folds or n)
        enough = enough if step.extends is None else n
        if not is_whole and not step.is_spare and n_done >= enough:
            folds = "1 fold" if n_done == 1 else f"{plural(n_done, 'fold')}"
            note = f"{folds}: {_without_promise(trained.stopped)}"
            return {"state": "finished", "note": note, "run": run, "folds": n_done}
        if not is_whole:
            return {"state": "stopped", "note": _without_promise(trained.stopped), "run": run}
        return {"state": "finished", "run": run, "alone": scores_of_all(trained.scores).get("oof")}

    def _ended_here(
        self, trained: Trained, recipe: Path, overrides: tuple[str, ...], step: AutoStep
    ) -> Trained:
        """Return the run with its first fold as it is, where epochs of its last phase are over.

        A network that was trained for fewer epochs is worth more than what is most frequent.
        """
        try:
            ended = end_here(
                self.workspace,
                self.competition,
                recipe,
                overrides=overrides,
                folds=self._folds(step),
                progress=self.progress,
            )
        except PodiumError:
            return trained
        of_run = step.model_copy(update={"run": trained.run.name, "folds": 1})
        done, n = epochs_done(self.workspace, self.folder, of_run)
        return replace(ended, stopped=f"{done} of {plural(n, 'epoch')}, as the time was over")

    def _folds(self, step: AutoStep) -> list[int] | None:
        if step.folds is None:
            return None
        known = TrainingData.load(self.workspace, self.competition).fold_numbers
        return list(known[: step.folds])

    def _pseudo_labels(self, record: AutoRecord, step: AutoStep, recipe: Path) -> tuple[str, ...]:
        """Return the overrides by which a student learns from its teacher's pseudo-labels."""
        if step.teacher is None:
            return ()
        teacher = record.step(step.teacher)
        if teacher.state != "finished" or teacher.run is None:
            raise RunError(f"{teacher.name}, its teacher, is not trained")
        labels = pseudo_label(
            self.workspace,
            self.competition,
            teacher.run,
            on=self.engine,
            progress=self.progress,
        )
        uses = load_plain_yaml(recipe.read_text(encoding="utf-8"))["pseudo"]
        named = [{"from": labels.name, **use} for use in uses]
        return (f"pseudo={yaml.safe_dump(named, default_flow_style=True, width=10**6).strip()}",)

    def _blend(self, record: AutoRecord, run: str) -> dict[str, Any]:
        """Return the changes of a step by the blend of all runs so far, written as the file."""
        trained = [one.run for one in record.steps if one.state == "finished" and one.run]
        members = list(dict.fromkeys([*record.known, *trained, run]))
        try:
            blend = self._blended(members)
            written = write_blend_file(
                self.workspace, self.competition, blend, progress=self.progress
            )
            stays = self._still_sent(record, blend)
            if stays is None:
                self._keep(written)
        except PodiumError as error:
            return {"note": f"not blended: {error}"}
        expected_of_run(self.workspace, self.competition, self.workspace.runs / run)  # keeps it
        scores: Mapping[str, Any] = read_record(blend).scores
        interval = scores.get("honest_interval")
        is_plain = next(iter(read_parts(blend).values())).blend.plain
        return {
            **({"note": PLAIN} if is_plain else {}),
            "blend": blend.name,
            "stays": stays,
            "honest": scores.get("honest"),
            "honest_interval": None if interval is None else tuple(interval),
            "scored_rows": scores.get("scored_rows"),
        }

    def _still_sent(self, record: AutoRecord, blend: Path) -> str | None:
        """Return the blend that stays the file where `blend` lacks folds that it has; else None.

        One of fewer rows takes its place only where it is better in the folds that both have.
        """
        known = [
            step.sent
            for plan in auto_records(self.workspace)
            for step in plan.steps
            if step.sent is not None and (plan.id == record.id or step.run in record.known)
        ]
        if not known or known[-1] == blend.name:
            return None
        new = read_record(blend).scores
        try:
            old = read_record(self.workspace.blends / known[-1]).scores
        except RunError:
            return None  # it was removed
        rows, before = new.get("scored_rows"), old.get("scored_rows")
        if rows is None or before is None or rows >= before or new["metric"] != old["metric"]:
            return None
        is_better = is_better_in_common_folds(
            new["folds"], old["folds"], greater_is_better=new["greater_is_better"]
        )
        return None if is_better else str(known[-1])

    def _blended(self, members: Sequence[str]) -> Path:
        """Return the blend of these runs, or of those of them that can be blended.

        Where what all of them predicted is one fold with one group, nothing can be fitted on it. If
        the run that scores best there, plainly decided, is one of those with the most folds, these
        are blended without the others; else it is sent alone.
        """
        blend = partial(
            blend_runs,
            self.workspace,
            self.competition,
            method=METHOD_OF_MASKS if metrics.of(self.competition).scores_masks else METHOD,
            name=NAME,
            progress=self.progress,
        )
        try:
            return blend(members)
        except LoneGroupError as error:
            self.progress.say(f"  not blended together: {error.message}")
        best, most = self._best_in_common(members)
        if best in most and len(most) < len(members):
            self.progress.say(f"  blended without those of fewer folds: {', '.join(most)}")
            with suppress(LoneGroupError):
                return blend(most)
        return blend([best])

    def _best_in_common(self, members: Sequence[str]) -> tuple[str, list[str]]:
        """Return the run that scores best on the folds of all, and those with the most folds."""
        scores = {one: read_record(self.workspace.runs / one).scores["folds"] for one in members}
        common = set.intersection(*(set(folds) for folds in scores.values()))
        sign = 1.0 if metrics.of(self.competition).greater_is_better else -1.0

        def goodness(run: str) -> float:
            known = [scores[run][fold] for fold in common]
            if not known or None in known:
                return -math.inf
            return float(sign * sum(known) / len(known))

        most = max(map(len, scores.values()))
        return max(members, key=goodness), [one for one in members if len(scores[one]) == most]

    def _keep(self, written: Path) -> None:
        """Put a file that was checked in the place of the one before."""
        problem = problem_of_file(written, self.competition)
        if problem is not None:
            raise problem
        self._note_on_previous(written)
        with replacing(self.file) as temporary:
            shutil.copyfile(written, temporary)

    def _note_on_previous(self, written: Path) -> None:
        """Report the name under which the file of a blend stays whose place `written` takes."""
        if not self.file.is_file() or (before := file_sha256(self.file)) == file_sha256(written):
            return
        others = sorted(self.file.parent.glob(f"{NAME}-*{self.file.suffix}"))
        stays = [one.name for one in others if one != written and file_sha256(one) == before]
        if stays:
            self.progress.say(
                f"  {self.file.name} is the file of {written.stem} now; the one before stays as "
                f"{stays[0]}"
            )


def _slower_than_expected(record: AutoRecord) -> float:
    """Return how many times as long as expected the finished steps took, at least 1."""
    done = [one for one in record.steps if one.state == "finished" and not one.is_spare]
    expected = sum(one.expected_s for one in done)
    return max(1.0, sum(one.seconds for one in done) / expected) if expected else 1.0


def _planned_behind(record: AutoRecord, step: AutoStep) -> float:
    """Return the expected seconds of the steps behind `step` that do not learn from it."""
    return sum(
        one.expected_s
        for one in record.steps
        if one.state == "planned"
        and not one.is_spare
        and step.name not in (one.name, one.teacher, one.repeats)
    )


def _lower_rate(
    folder: Path, record: AutoRecord, step: AutoStep, phase: str, share: float
) -> AutoStep:
    """Return `step` as its second try, and write its recipe with a lower rate.

    So are those of its further seeds and of its student.

    Args:
        folder: of the plan.
        record: of the plan.
        step: that collapsed.
        phase: in which it did.
        share: of the epochs of the last phase that there is time for.
    """
    recipe = recipe_of(folder, step.name)
    last = recipe["phases"][-1]
    epochs = max(1, int(share * last["epochs"]))
    rate = _optimizer_of(recipe, phase)["lr"] / LOWER_RATE
    why = f"{step.why}; once more with optimizer.lr {rate:g}, {epochs} epochs"
    for one in record.steps:
        if one.extends is not None or step.name not in (one.name, one.teacher, one.repeats):
            continue
        own = recipe_of(folder, one.name)
        _optimizer_of(own, phase)["lr"] = rate
        if one.teacher is None:
            own["phases"][-1]["epochs"] = epochs
        comment = why if one.name == step.name else one.why
        write_text(folder / f"{one.name}.yaml", recipe_text(comment, own))
    return step.model_copy(update={"lower_rate": rate, "why": why})


def _optimizer_of(recipe: dict[str, Any], phase: str) -> dict[str, Any]:
    """Return the optimizer of a phase: its own, where that has a rate, else that of the recipe."""
    found: dict[str, Any] = recipe["optimizer"]
    for one in recipe["phases"]:
        if one["name"] == phase and "lr" in one.get("optimizer", {}):
            found = one["optimizer"]
    return found


def _reserve(record: AutoRecord) -> float:
    """Return the seconds that are kept for a blend and its file: more than the last ones took."""
    blends = [one.blend_s for one in record.steps if one.blend_s]
    return max(BLEND_LEAST_S, BLEND_SHARE * record.budget_s, 1.5 * blends[-1] if blends else 0.0)


def _has_time_for_spare(record: AutoRecord, step: AutoStep, left_s: float) -> bool:
    """Return whether as much time is left as the training took that a spare one repeats.

    Args:
        record: with the step that it repeats.
        step: a spare one.
        left_s: without the time that is kept for a blend.
    """
    if step.repeats is None:
        return step.expected_s <= left_s
    repeated = record.step(step.repeats)
    share = 1.0 if step.extends is None else 1 / (repeated.folds or 1)
    trained_s = max(repeated.seconds - repeated.blend_s, 0.0)  # for a blend time is reserved
    return repeated.state == "finished" and SPARE_MARGIN * share * trained_s <= left_s


def _without_promise(stopped: str | None) -> str:
    """Return why a training stopped, without that the same command continues.

    That holds for `podium train`; a plan whose time is up begins no step again.
    """
    return f"{stopped}".removesuffix(f"; {CONTINUES}")


def _advice(workspace: Workspace, folder: Path, record: AutoRecord) -> str:
    """Return what would help a plan of which no step was finished, with the command to type."""
    steps = [one for one in record.steps if not one.is_spare]
    if not steps:
        longer = _time_for_least(record)
        return f"no training fits into {record.budget_s:.0f} s: podium auto --time {longer}"
    failed = next((one for one in steps if one.state == "failed"), None)
    if failed is not None and not failed.note.endswith(NO_SECOND_TRY):
        why = failed.note.partition("\n")[0]
        return f"no step was finished, and more time alone does not help: {failed.name}: {why}"
    left = max(record.budget_s - record.used_s, 0.0)
    begun = next((one for one in steps if one.state == "stopped"), None)
    first = begun or steps[0]
    done, n = (0, 0) if begun is None else epochs_done(workspace, folder, begun)
    needed = first.expected_s if begun is None else needed_s(workspace, folder, begun)
    timed = (
        f"{done} of {plural(n, 'epoch')} took {first.seconds:.0f} s, and all of them"
        if done
        else "it"
    )
    found = (
        f"no step was finished: {first.name}: {timed} would take about {needed:.0f} s; "
        f"{left:.0f} s of {record.budget_s:.0f} s are left, so the same command does nothing more. "
        f"With more time: podium auto --time {_time_for(record, needed)}"
    )
    if begun is None or begun.teacher is not None:
        return found
    recipe = (folder / f"{begun.extends or begun.name}.yaml").relative_to(workspace.root)
    folds = "" if begun.folds is None else f" --folds {','.join(map(str, range(begun.folds)))}"
    return f"{found}; to finish this training: podium train {recipe}{folds}"


def _time_for_least(record: AutoRecord) -> str:
    """Return the `--time`, in minutes, in which by today's timing the smallest training fits."""
    if record.least_s is None:
        return _time_for(record, record.budget_s)
    needed = (record.planning_s + LEAST_MARGIN * record.least_s) / (1 - RESERVE)
    return f"{math.ceil(max(needed, record.budget_s + 1) / 60)}m"


def _time_for(record: AutoRecord, seconds: float) -> str:
    """Return the `--time`, in minutes, of a plan with room for a step of so many seconds."""
    needed = (record.planning_s + seconds) / (1 - RESERVE)
    return f"{math.ceil(max(needed, 1.5 * record.budget_s) / 60)}m"


def _blended_before(record: AutoRecord, step: AutoStep) -> AutoStep | None:
    """Return the last step before `step` whose blend has an honest score."""
    before = None
    for one in record.steps:
        if one.name == step.name:
            break
        before = before if one.honest is None else one
    return before


def _outcome(record: AutoRecord, step: AutoStep) -> str:
    if step.state != "finished":
        return f"{step.state}: {step.note}"
    took = f"{step.seconds:.0f} s (expected {step.expected_s:.0f} s)"
    if step.honest is None:
        return f"{took}; {step.note or 'no honest score'}"
    before = _blended_before(record, step)
    if before is not None and step.is_of_other_rows(before):
        stays = "" if step.stays is None else f", so the file stays that of {step.stays}"
        compared = f"{step.beside(before)}{stays}"
        return (
            f"honest {step.honest:.4f} of {step.scored_rows} rows (before {before.honest:.4f} of "
            f"{before.scored_rows}: {compared}), {took}"
        )
    was = "" if before is None else f"{before.honest:.4f} → "
    verdict = ""
    if before is not None and before.honest is not None:
        verdict = record.verdict(before.honest, step.honest)
    beside = f" ({verdict})" if verdict else ""
    why = f"; {step.note}" if step.note == PLAIN else ""
    return f"honest {was}{step.honest:.4f}{beside}, {took}{why}"
