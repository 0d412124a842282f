"""From a blend to a score: decide, write, check, upload, wait.

A file competition takes the file, a code competition the package, as a dataset and a notebook. Both
go to Kaggle, to a host's URL, or to an embedded host that is served for the call.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from podium.competition.folds.open_set import name_threshold
from podium.competition.samples import left_out_sentence, load_samples
from podium.competition.scores.combination import score_metric, score_name
from podium.competition.sections.submission import FILE_SUFFIXES
from podium.competition.spec import Competition
from podium.ensembling.chance import in_draws, share_of_draws
from podium.ensembling.estimate_for_test import estimate_of_blend
from podium.ensembling.record import read_parts
from podium.errors import DataError, HostError, SubmissionError, UsageError, plural, some
from podium.hosting.users import read_tokens
from podium.predictions.store.reading import PredictionSet
from podium.submissions.board.best_to_send import finished_work
from podium.submissions.board.view import board
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.problems import Problems
from podium.submissions.format.reading import lines_of, read_body
from podium.submissions.format.spec import format_of
from podium.submissions.notebooks import WAIT_S, refuse_file_competition, submit_code
from podium.submissions.packages import STATEMENT, PackFolder
from podium.submissions.upload.endpoint import (
    Endpoint,
    endpoint_at,
    endpoint_from_environment,
    host_of_this_shell,
    slug_of,
)
from podium.submissions.upload.receipt import file_sha256, find_receipt
from podium.submissions.upload.submit import submit_file
from podium.tasks.protocols.names import TaskName, has_images, is_of_images
from podium.training.runs.content import kept_data_changes
from podium.training.runs.recipe_edits import (
    override_lines,
    recipe_edit,
    runs_with_overrides,
)
from podium.workflows.blends.blending import NoFinishedRunError, blend_runs, tune_decisions
from podium.workflows.blends.expected import expected_of_blend
from podium.workflows.blends.files import blend_parts, steps_to_cells, write_blend_predictions
from podium.workflows.blends.matched_rates import threshold_rates, with_matched_rates
from podium.workflows.checking import refuse_unfit_answers
from podium.workflows.status import current_file
from podium.workflows.submission.all_labels import (
    describe_stand_in,
    find_run_of_all_labels,
    parts_of_all_labels,
    stand_in_of,
)
from podium.workflows.submission.odd_answers import odd_answers
from podium.workspace.atomic import temporary_folder
from podium.workspace.display import number
from podium.workspace.layout import Workspace, file_before, name_of_id
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import RECORD_FILE, are_other_rows, read_record, scores_of_all

if TYPE_CHECKING:
    from podium.ensembling.record import BlendPart
    from podium.submissions.board.best_to_send import FinishedWork
    from podium.submissions.board.view import BlendScore, BoardView
    from podium.submissions.format.cells import ExpectedRows
    from podium.submissions.packages import PackRecord
    from podium.submissions.upload.endpoint import Target
    from podium.submissions.upload.receipt import Receipt
    from podium.workflows.blends.matched_rates import ThresholdTransfer
    from podium.workspace.records import Record

__all__ = [
    "blended_alone",
    "find_blend",
    "load_board",
    "open_endpoint",
    "scored_receipt",
    "submit",
    "submit_package",
    "write_blend_file",
]

_LONGEST_ROW = 1_000_000  # bytes


def submit(
    workspace: Workspace,
    competition: Competition,
    what: str | None = None,
    *,
    message: str = "",
    yes: bool = False,
    again: bool = False,
    dry_run: bool = False,
    match_rates: bool = False,
    plain: bool = False,
    wait_s: float = 600,
    progress: Progress = SILENT,
) -> Receipt:
    """Return the receipt of a submission of `what`; the same call after a failure continues it.

    Args:
        what: a CSV, or a blend or run by id or name; None: the best of what is finished, as
            `podium status` proposes it. Runs that no blend weighs are blended first. A run of all
            labels alone has no score; it is decided as `parts_of_all_labels` has it.
        message: shown at the host.
        yes: spend the day's last submission.
        again: send the same content once more.
        dry_run: do all but the upload.
        match_rates: write a blend with the thresholds of `threshold_rates` in place of its own;
            the receipt has them.
        plain: decide plainly, by a blend of its own that is kept beside the others.
        wait_s: how long to wait for the score.

    Raises:
        PodiumError: as `submissions.submit_file` and `blend_runs` do.
        UsageError: a file is named that is not there, or rates of a file shall be matched.
        DataError: competition.yaml asks for other columns, or answers of another kind, than the
            sample submission has.
    """
    refuse_unfit_answers(competition)
    matched: tuple[ThresholdTransfer, ...] = ()
    if what is not None and Path(what).is_file():
        if match_rates or plain:
            option = "--plain" if plain else "--match-rates"
            raise UsageError("a file is decided already", fix=f"name the blend, or no {option}")
        file, provenance, honest = Path(what), [what], None
    elif what is not None and Path(what).suffix in FILE_SUFFIXES:
        raise UsageError(f"there is no file {what!r}", fix="name a file, or a blend or run by id")
    elif (run := find_run_of_all_labels(workspace, what)) is not None:
        if match_rates:
            raise UsageError(
                f"rates are those of out-of-fold rows, and {run.name} was trained on all labels "
                "alone",
                fix=f"leave --match-rates out, or train its folds: podium train "
                f"runs/{run.name}/recipe.yaml",
            )
        file = _write_file_of_all_labels(workspace, competition, run, plain, progress)
        provenance, honest = [run.name], None
    else:
        blend = find_blend(workspace, competition, what, progress, plain=plain)
        record = read_record(blend)
        for change in kept_data_changes(workspace, competition, blend):
            progress.say(f"  {change}")
        if match_rates:
            matched = threshold_rates(workspace, competition, blend, progress=progress)
            for one in matched:
                progress.say(f"  {one}")
        file = write_blend_file(workspace, competition, blend, matched=matched, progress=progress)
        provenance, honest = [record.id], record.scores.get("honest")
        _report_written(competition, file, progress)
        metric, made_for = score_name(competition), record.scores.get("metric")
        if made_for not in (None, metric):
            honest = None  # it would stand beside public scores of another metric
            progress.say(
                f"  {record.id} was made for {made_for}, and the metric is {metric}: a blend whose "
                "weights and decision are chosen by it is made by `podium blend`"
            )
        for note in _runs_of_some_folds(blend):
            progress.say(f"  {note}")
        if honest is not None:
            progress.say(f"  {_expected(workspace, blend, honest)}")
        # Other rates are another decision.
        of_test = None if matched else expected_of_blend(workspace, competition, blend)
        if of_test is not None:
            progress.say(f"  {of_test}")
        if dry_run and (better := _better_blend(workspace, competition, blend)):
            progress.say(f"  {better}")
    for problem in odd_answers(workspace, competition, file):
        progress.say(f"  {problem}")
    if without := _without_unknown(competition, file):
        progress.say(f"  {without}")
    with open_endpoint(competition) as endpoint:
        return submit_file(
            workspace,
            competition,
            file,
            message=message,
            endpoint=endpoint,
            provenance=provenance,
            honest=honest,
            thresholds=[one.matched for one in matched],
            yes=yes,
            again=again,
            dry_run=dry_run,
            wait_s=wait_s,
            progress=progress,
        )


def _without_unknown(competition: Competition, file: Path) -> str:
    """Return a note where no cell of `file` has the word for none of the classes, or ""."""
    if competition.open_set is None:
        return ""
    form = format_of(competition)
    sep, unknown = form.sep, form.unknown or competition.open_set
    lines = lines_of(read_body(file, form, Problems(), longest=_LONGEST_ROW))
    if any(f"{sep}{unknown}{sep}" in f"{sep}{cell}{sep}" for one in lines for cell in one.cells):
        return ""
    return f"no row of the file holds {unknown}: {name_threshold(competition)}"


def _runs_of_some_folds(blend: Path) -> list[str]:
    """Return a line for each run of which some folds alone predict the test set of a blend."""
    sets = {one: task for task, part in read_parts(blend).items() for one in part.sets}
    lines = {}
    for folder, task in sets.items():
        run = folder.parent.parent
        if not (run / RECORD_FILE).is_file():
            continue
        n_folds = read_record(run).details.get("n_folds") or 0
        there = PredictionSet(folder).folds("test", task)
        folds = [fold for fold in there if fold != "full"]
        if len(folds) >= n_folds:
            continue
        alone = "and the network of all rows" if "full" in there else "alone"
        lines[run.name] = (
            f"{run.name} has {len(folds)} of {plural(n_folds, 'fold')} "
            f"({', '.join(map(str, folds))}): the "
            f"file is made of these {alone}, and its score is that of their rows; "
            f"`podium train runs/{run.name}/recipe.yaml` trains the others"
        )
    return list(lines.values())


def _expected(workspace: Workspace, blend: Path, honest: float) -> str:
    """Return the honest score, and beside it the estimate for this test set."""
    found = estimate_of_blend(workspace, blend)
    if found is None:
        return f"honest {honest:.4f}"
    if found.score is None:
        return f"honest {honest:.4f}; no estimate for this test set: {found.why_not}"
    return f"honest {honest:.4f}; on train rows that look like the test {found.score:.4f}"


def _better_blend(workspace: Workspace, competition: Competition, blend: Path) -> str:
    """Return what `podium submit` without a name would send, and why; "" where it is this blend."""
    view = board(workspace, competition)
    best = finished_work(workspace, competition, view).best
    own = next((one for one in view.blends if one.id == blend.name), None)
    if best is None or own is None or own.honest is None:
        return ""
    if not best.is_alone and number(best.blend.honest) == number(own.honest):
        return ""
    file = current_file(workspace, competition, best.name)
    where = (
        f"`podium submit {best.name} --dry-run` writes its file"
        if file is None
        else f"its file is {file}"
    )
    if best.is_alone or are_other_rows(best.blend.scored_rows, own.scored_rows):
        return f"{best.name} is the best ({best.why}): {where}"
    share = share_of_draws(workspace, competition, best.name, own.id)
    return (
        f"{best.name} has a better honest score, {number(best.blend.honest)} (here "
        f"{number(own.honest)}){in_draws(share)}: {where}"
    )


def write_blend_file(
    workspace: Workspace,
    competition: Competition,
    blend: Path,
    *,
    matched: Sequence[ThresholdTransfer] = (),
    progress: Progress = SILENT,
) -> Path:
    """Return `submissions/<blend>.csv`: its decisions on the test set, in the right format.

    With `matched`, what `threshold_rates` returned, its thresholds are those, and the file is
    `<blend>-matched.csv`. A file of that name with another content, as of fewer folds of the same
    runs, is kept as `<blend>-before-<8 hex>.csv`, and `progress` gets a line.

    Raises:
        UsageError: there are no test images, or thresholds are matched and cells hold none.
        DataError: keys of competition.yaml are still to be chosen.
    """
    _require_writable(competition)
    parts = blend_parts(blend, competition)
    task, expected = competition.scored_task, expected_of_test(competition)
    if matched:
        answer = expected.form.answer_of(task)
        if is_of_images(task) and steps_to_cells(answer, parts[task].blend) is None:
            raise UsageError("the file holds values, which no threshold or weight decides")
        parts = with_matched_rates(parts, task, matched)
    return _write_parts(
        workspace,
        competition,
        parts,
        blend,
        name=f"{blend.name}{'-matched' if matched else ''}",
        expected=expected,
        progress=progress,
    )


def _write_file_of_all_labels(
    workspace: Workspace, competition: Competition, run: Path, plain: bool, progress: Progress
) -> Path:
    """Return `submissions/<run>.csv` of a run of all labels alone; `progress` gets what decides it.

    Raises:
        UsageError: there are no test images.
        PodiumError: as `parts_of_all_labels`, and as the file of a blend.
    """
    _require_writable(competition)
    for change in kept_data_changes(workspace, competition, run):
        progress.say(f"  {change}")
    stand_in = stand_in_of(workspace, competition, run)
    progress.say(f"  {describe_stand_in(run, stand_in, plain=plain)}")
    parts = parts_of_all_labels(
        workspace, competition, run, stand_in=None if plain else stand_in, progress=progress
    )
    file = _write_parts(
        workspace,
        competition,
        parts,
        run,
        name=run.name,
        expected=expected_of_test(competition),
        progress=progress,
    )
    _report_written(competition, file, progress)
    return file


def _write_parts(
    workspace: Workspace,
    competition: Competition,
    parts: Mapping[TaskName, BlendPart],
    source: Path,
    *,
    name: str,
    expected: ExpectedRows,
    progress: Progress,
) -> Path:
    """Return the file `name` of the parts of a blend or run, whose folder is `source`."""
    workspace.submissions.mkdir(parents=True, exist_ok=True)
    file = workspace.submissions / f"{name}{competition.submission.file.suffix}"
    needs_samples = has_images(competition.answered_tasks)
    samples = load_samples(competition, "test") if needs_samples else None
    try:
        with _keeping_the_one_before(file, progress):
            return write_blend_predictions(file, competition, parts, "test", samples, expected)
    except (DataError, SubmissionError) as error:
        test = load_samples(competition, "test") if samples is None else samples
        cause = _predictions_of_other_rows(source, parts, set(test["id"]))
        if cause is None:
            raise
        raise cause from error


def _report_written(competition: Competition, file: Path, progress: Progress) -> None:
    progress.say(f"  wrote {file}, read it back, and found it as it was meant")
    if not_predicted := left_out_sentence(competition):
        progress.say(f"  {not_predicted}")


def _require_writable(competition: Competition) -> None:
    """Raise where there is nothing to predict, or a key of the file is still to be chosen."""
    if competition.data.test is None:
        raise UsageError(
            "there are no test images, and so nothing to write",
            where=competition.root / "competition.yaml",
            fix="name them in data.test, and `podium predict` the runs; or check a file of what "
            "is known: podium submit --rehearse",
        )
    competition.require_chosen("submission", "data", "tasks", "classes", "frame")


@contextmanager
def _keeping_the_one_before(file: Path, progress: Progress) -> Iterator[None]:
    """Keep what `file` holds under a name of its own, if the body writes another content there."""
    if not file.is_file():
        yield
        return
    before = file_sha256(file)
    with temporary_folder("before", file.parent) as folder:
        link = folder / file.name
        try:
            link.hardlink_to(file)
        except OSError:  # not every file system has links
            shutil.copyfile(file, link)
        yield
        if file_sha256(file) == before:
            return
        kept = link.replace(file_before(file, before))
    progress.say(
        f"  {file.name} had another content, as other predictions or another header: it is kept "
        f"as {kept.name}"
    )


def _predictions_of_other_rows(
    blend: Path, parts: Mapping[TaskName, BlendPart], today: set[str]
) -> DataError | None:
    """Return the error that names members whose test rows are not today's, and what mends it.

    None: all are.

    Args:
        blend: its folder.
        parts: of the blend.
        today: ids of the test samples.
    """
    sets = {one: task for task, part in parts.items() for one in part.sets}
    found, fixes = list[str](), list[str]()
    for root, task in sets.items():
        stored, member = PredictionSet(root), root.parent.parent
        have = set(stored.ids("test", task)) if stored.folds("test", task) else set[str]()
        if have == today:
            continue
        missing, extra = sorted(today - have), sorted(have - today)
        what = f"its set {root.name} lacks {plural(len(missing), 'test row')} of today"
        what += f": {some(missing)}" if missing and have else ""
        what += f", and has {len(extra):,} that are none" if extra else ""
        alone = [
            one.parent.name
            for one in member.glob("predictions/*/test")
            if not (one.parent / "oof").is_dir()
        ]
        if alone:
            what += (
                f"; {', '.join(sorted(alone))} has no out-of-fold rows, which a blend is made from"
            )
        is_run = (member / RECORD_FILE).is_file() and read_record(member).kind == "run"
        fixes.append(f"podium predict {member.name}" if is_run else f"import {member.name} anew")
        found.append(f"{member.name} has predicted other test rows than there are now: {what}")
    if not found:
        return None
    again = "" if len(sets) == 1 else "; then make the blend anew: podium blend"
    return DataError("; ".join(found), where=blend, fix=f"{'; '.join(dict.fromkeys(fixes))}{again}")


def scored_receipt(workspace: Workspace, competition: Competition, blend: Path) -> Receipt | None:
    """Return the receipt of the blend's file if it has its score already, else None."""
    file = write_blend_file(workspace, competition, blend)
    target: Target = "kaggle" if competition.kaggle.host is None else "host"
    receipt = find_receipt(workspace, file, slug=slug_of(competition), target=target)
    return receipt if receipt is not None and receipt.state == "complete" else None


def load_board(
    workspace: Workspace, competition: Competition, *, refresh: bool, progress: Progress = SILENT
) -> BoardView:
    """Return the board; with `refresh` new scores and the leaderboard are fetched from the host.

    If the host cannot be reached, `progress` gets the reason and the board holds local results, as
    it does, without a word, where nobody is named who could be asked.
    """
    if refresh and (competition.kaggle.is_named or host_of_this_shell() is not None):
        try:
            with open_endpoint(competition) as endpoint:
                return _with_changes(
                    workspace, competition, board(workspace, competition, endpoint)
                )
        except HostError as error:
            progress.say(f"the host cannot be reached, so the board shows local results: {error}")
        except UsageError as error:
            progress.say(f"the board shows local results, and no leaderboard: {error}")
    return _with_changes(workspace, competition, board(workspace, competition))


def _with_changes(workspace: Workspace, competition: Competition, view: BoardView) -> BoardView:
    """Return the board with what of all that it shows saw other data than today's."""
    sources = [one for row in view.rows for one in row.sources]
    names = {*(one.id for one in view.runs), *(one.id for one in view.blends), *sources}
    folders = [one for one in workspace.artefact_folders() if one.name in names]
    return replace(view, other_data=tuple(kept_data_changes(workspace, competition, *folders)))


def find_blend(
    workspace: Workspace,
    competition: Competition,
    what: str | None,
    progress: Progress,
    *,
    imports: bool = True,
    plain: bool = False,
) -> Path:
    """Return the folder of a blend by id or name, or of one made of a run, or (None) of the best.

    The best is what `finished_work` names, with `imports` of what was imported, too: that is not
    there to predict. Runs that no blend weighs are blended first. `progress` gets a line.
    With `plain` it is decided plainly: of a blend that was tuned another one is made.
    """
    if what is None:
        what = _best_to_send(workspace, competition, progress, imports=imports, plain=plain)
    folder = workspace.artefact(what, rooms=("runs", "blends", "imports"), fits=_can_be_sent)
    if (edit := recipe_edit(workspace, what, folder)) is not None:
        progress.say(f"  {edit}")
    record = read_record(folder)
    if record.kind == "blend" and what != folder.name and what == record.name:
        older = [one for one in workspace.artefact_folders() if one.parent == folder.parent]
        older = [one for one in older if one != folder and name_of_id(one.name) == what]
        if older:
            names = ", ".join(one.name for one in older)
            progress.say(f"  {what} is {folder.name}, the newest of that name; older: {names}")
    if record.kind == "blend":
        is_tuned = plain and not all(one.blend.plain for one in read_parts(folder).values())
        if is_tuned:
            return tune_decisions(
                workspace, competition, str(folder), plain=True, progress=progress
            )
        # Of runs that are blended now, `blend_runs` prints it.
        for line in override_lines(runs_with_overrides(workspace, folder)):
            progress.say(f"  {line}")
        return folder
    return blend_runs(
        workspace,
        competition,
        [str(folder)],
        method="mean",
        name=f"only-{record.name}",
        plain=plain,
        progress=progress,
    )


def _can_be_sent(folder: Path) -> bool:
    """Return whether it is a blend, or has the out-of-fold rows that one is made from."""
    return folder.parent.name == "blends" or any(folder.glob("predictions/*/oof"))


def _best_to_send(
    workspace: Workspace,
    competition: Competition,
    progress: Progress,
    *,
    imports: bool,
    plain: bool,
) -> str:
    """Return the id of the best blend, once all runs are weighed; `progress` gets which it is."""
    work, made = finished_work(workspace, competition, imports=imports), None
    if work.not_blended or work.best is None:
        try:
            made = blend_runs(
                workspace, competition, imports=imports, plain=plain, progress=progress
            )
        except NoFinishedRunError:
            if work.best is None:
                raise
        work = finished_work(workspace, competition, imports=imports)
    work = blended_alone(workspace, competition, work, progress, imports=imports, plain=plain)
    if work.best is None:  # without a score it is in no order
        assert made is not None
        return made.name
    if work.best.is_alone:  # its own blend has no score
        return work.best.blend.id
    progress.say(f"  no name is given, so {work.best.name} is taken: {work.best.why}")
    if work.newer:
        progress.say(f"  {_why_not_newer(workspace, competition, work.newer, work.best.blend)}")
    return work.best.name


def _why_not_newer(
    workspace: Workspace, competition: Competition, run: str, best: BlendScore
) -> str:
    """Return why a run is not chosen that is newer than all of the best blend, and what sends it.

    Labels of people that it alone learnt from are no rows of a fold: what they bring shows in the
    honest score by chance alone where few rows are scored.
    """
    record = read_record(workspace.runs / run)
    oof = scores_of_all(record.scores).get("oof")
    why = ""
    if oof is not None and best.honest is not None:
        gain = (best.honest - oof) * (1 if score_metric(competition).greater_is_better else -1)
        why = f": {number(oof)} out of fold is as good"
        if number(abs(gain)) != number(0.0):
            how = "worse" if gain > 0 else "better"
            pair = (best.id, run) if gain > 0 else (run, best.id)
            share = share_of_draws(workspace, competition, *pair)
            why = f": {number(oof)} out of fold is {how}{in_draws(share)}"
    others = (
        read_record(folder)
        for one in best.weighed
        if ((folder := workspace.runs / one) / RECORD_FILE).is_file()
    )
    more = _labels_of_people(record) - max(map(_labels_of_people, others), default=0)
    learnt = f"; it learnt from {plural(more, 'more label')} of people" if more > 0 else ""
    where = "has no weight in it" if run in best.members else "is not in it"
    return f"the newest run, {run}, {where}{why}{learnt}; to send it: podium submit {run}"


def _labels_of_people(run: Record) -> int:
    """Return how many images that people labelled later a run learnt from."""
    return int((run.inputs.get("imported_labels") or {}).get("samples", 0))


PACK = "pack"  # the folder that is taken where none is named


def blended_alone(
    workspace: Workspace,
    competition: Competition,
    work: FinishedWork,
    progress: Progress,
    *,
    imports: bool = True,
    plain: bool = False,
) -> FinishedWork:
    """Return the work once each run that is the best alone is a blend of its own.

    The score of that blend then decides. The best is alone still where it has none.
    """
    tried = set[str]()
    while work.best is not None and work.best.is_alone and work.best.name not in tried:
        tried.add(work.best.name)
        progress.say(f"  {work.best.name} is made a blend of its own: {work.best.why}")
        find_blend(workspace, competition, work.best.name, progress, plain=plain)
        work = finished_work(workspace, competition, imports=imports)
    return work


def submit_package(
    workspace: Workspace,
    competition: Competition,
    what: str | None = None,
    *,
    message: str = "",
    name: str = "",
    accelerator: str = "",
    yes: bool = False,
    again: bool = False,
    dry_run: bool = False,
    wait_s: float | None = None,
    progress: Progress = SILENT,
) -> Receipt:
    """Return the receipt of a package's submission; the same call after a failure continues it.

    Args:
        what: the package's folder; or a blend or run, whose package is `pack/` if that holds it,
            else `packs/<blend>/`, made when needed. None: `pack/`, else the best that is finished,
            without imports.
        wait_s: how long to wait for the notebook and for the score; None: 12 hours.

    The others are those of `submissions.notebooks.submit_code`, as are the errors.
    """
    refuse_file_competition(competition)
    pack = _find_package(workspace, competition, what, progress)
    with open_endpoint(competition) as endpoint:
        return submit_code(
            workspace,
            competition,
            pack,
            endpoint=endpoint,
            message=message,
            name=name,
            accelerator=accelerator,
            yes=yes,
            again=again,
            dry_run=dry_run,
            wait_s=WAIT_S if wait_s is None else wait_s,
            progress=progress,
        )


def _find_package(
    workspace: Workspace, competition: Competition, what: str | None, progress: Progress
) -> Path:
    """Return the folder of the package of `what`; makes `packs/<blend>/` where there is none."""
    from podium.workflows.packs.packing import pack

    if what is not None and (Path(what) / STATEMENT).is_file():
        return Path(what)
    default = workspace.root / PACK
    if (default / STATEMENT).is_file():
        if what is None:
            return default
        record = PackFolder(default).read()
        if workspace.artefact(what).name in (record.blend, *_single_run(record)):
            return default
    blend = find_blend(workspace, competition, what, progress, imports=False)
    made = workspace.packs / blend.name
    if made.is_dir():
        # As it was: what a broken upload has sent of it, the next command finds by its contents.
        if not PackFolder(made).read().incomplete:
            return made
        shutil.rmtree(made)
    progress.say(f"  packing {blend.name} into {made.relative_to(workspace.root)}")
    return pack(workspace, competition, str(blend), to=made, progress=progress).root


def _single_run(record: PackRecord) -> list[str]:
    """Return the run of a package that holds one."""
    return [run.id for run in record.runs] if len(record.runs) == 1 else []


@contextmanager
def open_endpoint(competition: Competition) -> Iterator[Endpoint]:
    """Give the endpoint that `kaggle.host` in competition.yaml names, while the body runs.

    None: Kaggle, or the host that `podium host env` pointed this shell at. `http://…`: that host,
    with the credentials in the environment. Anything else is the folder of an embedded host
    (relative to the workspace), served on loopback meanwhile; its first user submits.

    Raises:
        HostError: the folder is not there.
        UsageError: it is no host's folder.
    """
    host = competition.kaggle.host
    if host is None:
        yield endpoint_from_environment()
    elif "://" in host:
        yield endpoint_at(host)
    else:
        yield from _embedded_endpoint(competition, host)


def _embedded_endpoint(competition: Competition, host: str) -> Iterator[Endpoint]:
    from podium.hosting.server import running

    folder = competition.root / host
    if not folder.is_dir():
        raise HostError(
            f"there is no folder {host}",
            where=competition.root / "competition.yaml",
            fix="make it with podium host init, or mend kaggle.host",
        )
    with running(folder) as hosted:
        # The folder's owner owns every token in it; the first user is the one it was made for.
        user = next(iter(read_tokens(hosted.folder.tokens)), None)
        if user is None:
            raise UsageError(
                "the host has no users", where=folder, fix="add one: podium host user add"
            )
        yield replace(hosted.endpoint(user), place=str(hosted.folder.root.resolve()))
