"""From a blend to a score: decide, write, check, upload, wait."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from podium.competition.spec import Competition
from podium.errors import HostError, UsageError
from podium.workflows.hosts import endpoint_of
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import read_record

if TYPE_CHECKING:
    from podium.submissions.board import BoardView
    from podium.submissions.endpoint import Target
    from podium.submissions.receipt import Receipt
    from podium.workflows.transfer import Transfer

__all__ = ["blend_of", "board_of", "sent", "submit", "write_blend_file"]


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
    wait_s: float = 600,
    progress: Progress = SILENT,
) -> Receipt:
    """Return the receipt of a submission of `what`; the same call after a failure continues it.

    Args:
        what: a CSV, or a blend or run by id or name; None blends every finished run.
        message: shown at the host.
        yes: spend the day's last submission.
        again: send the same content once more.
        dry_run: do all but the upload.
        match_rates: write a blend with the thresholds of `transfer.rates` in the place of its own;
            the receipt has them.
        wait_s: how long to wait for the score.

    Raises:
        PodiumError: as `submissions.submit_file` and `blend_runs` do.
        UsageError: a file is named that is not there, or rates of a file shall be matched.
    """
    from podium.submissions.upload import submit_file

    matched: tuple[Transfer, ...] = ()
    if what is not None and Path(what).is_file():
        if match_rates:
            raise UsageError("a file is decided already", fix="name the blend, or no --match-rates")
        file, provenance, honest = Path(what), [what], None
    elif what is not None and Path(what).suffix == ".csv":
        raise UsageError(f"there is no file {what!r}", fix="name a CSV, or a blend or run by id")
    else:
        blend = blend_of(workspace, competition, what, progress)
        record = read_record(blend)
        if match_rates:
            from podium.workflows.transfer import rates

            matched = rates(workspace, competition, blend, progress=progress)
            for one in matched:
                progress.say(f"  {one}")
        file = write_blend_file(workspace, competition, blend, matched=matched)
        provenance, honest = [record.id], record.scores.get("honest")
        progress.say(f"  wrote {file}, read it back, and found it as it was meant")
    with endpoint_of(competition) as endpoint:
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


def write_blend_file(
    workspace: Workspace,
    competition: Competition,
    blend: Path,
    *,
    matched: Sequence[Transfer] = (),
) -> Path:
    """Return `submissions/<blend>.csv`: its decisions on the test set, in the right format.

    With `matched`, what `transfer.rates` returned, its thresholds are those, and the file is
    `<blend>-matched.csv`.

    Raises:
        UsageError: there are no test images, or thresholds are matched and cells hold none.
    """
    from podium.competition.samples import load_samples
    from podium.submissions.wanted import wanted_of_test
    from podium.workflows.blend_files import parts_of_blend, steps_for, write_said
    from podium.workflows.transfer import with_matched_rates

    if competition.data.test is None:
        raise UsageError(
            "there are no test images, and so nothing to write",
            where=competition.root / "competition.yaml",
            fix="name them in data.test, and `podium predict` the runs; or look at a file of what "
            "is known: podium submit --rehearse",
        )
    parts = parts_of_blend(blend, competition)
    workspace.submissions.mkdir(parents=True, exist_ok=True)
    task, wanted = competition.scored_task, wanted_of_test(competition)
    if matched:
        if task == "classify" and steps_for(wanted.form, parts[task].blend) is None:
            raise UsageError("the file holds values, which no threshold decides")
        parts = with_matched_rates(parts, task, matched)
    file = workspace.submissions / f"{blend.name}{'-matched' if matched else ''}.csv"
    samples = load_samples(competition, "test") if task == "classify" else None
    return write_said(file, competition, parts, "test", samples, wanted)


def sent(workspace: Workspace, competition: Competition, blend: Path) -> Receipt | None:
    """Return the receipt of the blend's file if it has its score already, else None."""
    from podium.submissions.receipt import find_receipt
    from podium.submissions.slugs import slug_of

    file = write_blend_file(workspace, competition, blend)
    target: Target = "kaggle" if competition.kaggle.host is None else "host"
    receipt = find_receipt(workspace, file, slug=slug_of(competition), target=target)
    return receipt if receipt is not None and receipt.state == "complete" else None


def board_of(
    workspace: Workspace, competition: Competition, *, refresh: bool, progress: Progress = SILENT
) -> BoardView:
    """Return the board; with `refresh` the host is asked for new scores and the leaderboard.

    Where it cannot be asked, `progress` is told why and the board holds what is known here.
    """
    from podium.submissions.board import board

    if refresh:
        try:
            with endpoint_of(competition) as endpoint:
                return board(workspace, competition, endpoint)
        except (HostError, UsageError) as error:
            progress.say(f"the host cannot be asked, so this is what is known here: {error}")
    return board(workspace, competition)


def blend_of(
    workspace: Workspace,
    competition: Competition,
    what: str | None,
    progress: Progress,
    *,
    imports: bool = True,
) -> Path:
    """Return the folder of a blend by id or name, or of one made of a run, or (None) of all.

    All are the finished runs and, with `imports`, what was imported: that is not there to predict.
    """
    from podium.workflows.blending import blend_runs

    if what is None:
        return blend_runs(workspace, competition, imports=imports, progress=progress)
    folder = workspace.artefact(what, rooms=("runs", "blends", "imports"))
    record = read_record(folder)
    if record.kind == "blend":
        return folder
    name = f"only-{record.name}"
    return blend_runs(
        workspace, competition, [str(folder)], method="mean", name=name, progress=progress
    )
