"""From a blend to a score: decide, write, check, upload, wait."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.competition.spec import Competition, TaskName
from podium.errors import HostError, UsageError
from podium.workflows.hosts import endpoint_of
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import read_record

if TYPE_CHECKING:
    from podium.ensembling.artefact import Part
    from podium.ensembling.blend import Blend
    from podium.submissions.board import BoardView
    from podium.submissions.endpoint import Target
    from podium.submissions.format import Format
    from podium.submissions.receipt import Receipt

__all__ = ["board_of", "sent", "submit", "write_blend_file"]


def submit(
    workspace: Workspace,
    competition: Competition,
    what: str | None = None,
    *,
    message: str = "",
    yes: bool = False,
    dry_run: bool = False,
    wait_s: float = 600,
    progress: Progress = SILENT,
) -> Receipt:
    """Return the receipt of a submission of `what`; the same call after a failure continues it.

    Args:
        what: a CSV, or a blend or run by id or name; None blends every finished run.
        message: shown at the host.
        yes: spend the day's last submission, or send the same content again.
        dry_run: do all but the upload.
        wait_s: how long to wait for the score.

    Raises:
        PodiumError: as `submissions.submit_file` and `blend_runs` do.
    """
    from podium.submissions.upload import submit_file

    if what is not None and Path(what).is_file():
        file, provenance, honest = Path(what), [what], None
    else:
        blend = _blend_of(workspace, competition, what, progress)
        record = read_record(blend)
        file = write_blend_file(workspace, competition, blend)
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
            yes=yes,
            dry_run=dry_run,
            wait_s=wait_s,
            progress=progress,
        )


def write_blend_file(workspace: Workspace, competition: Competition, blend: Path) -> Path:
    """Return `submissions/<blend>.csv`: its decisions on the test set, in the right format."""
    from podium.ensembling.artefact import read_parts

    parts = read_parts(blend)
    task = competition.scored_task
    if task not in parts:
        raise UsageError(
            f"{blend.name} blends {' and '.join(parts)}, not what is scored ({task})",
            fix="podium blend",
        )
    workspace.submissions.mkdir(parents=True, exist_ok=True)
    file = workspace.submissions / f"{blend.name}.csv"
    if task == "segment":
        return _write_masks(file, competition, parts)
    return _write_labels(file, competition, parts[task])


def _write_labels(file: Path, competition: Competition, part: Part) -> Path:
    from podium.competition.samples import load_samples
    from podium.ensembling.predicting import blend_scored
    from podium.predictions.decide import decide
    from podium.submissions.format import format_of
    from podium.submissions.write import write_submission

    samples = load_samples(competition, "test")
    ids, probs = blend_scored(part.blend, part.sets, "test", samples, competition)
    steps = _steps_for(format_of(competition), part.blend)
    decisions = None if steps is None else decide(probs, steps, competition.kind)
    return write_submission(file, competition, ids, probs, decisions)


def _steps_for(form: Format, blend: Blend) -> list[dict[str, Any]] | None:
    """Return the steps that make what the cells hold; None where they hold probabilities.

    They are the blend's own where it was tuned for the same thing. A ranking has as many places as
    a cell has, whatever number of them the metric counts.
    """
    from podium.predictions.decide import default_steps, makes
    from podium.submissions.values import label_value

    needed = label_value(form).source(form)
    if needed == "probs":
        return None
    steps = [dict(step) for step in blend.decision]
    if not steps or makes(steps) != needed:
        steps = default_steps(blend.kind, needed, k=form.k or 1)
    if needed == "ranking":
        steps = [{"topk": {**step["topk"], "k": form.k or 1}} for step in steps]
    return steps


def _write_masks(file: Path, competition: Competition, parts: dict[TaskName, Part]) -> Path:
    """Write masks as they are decided: of the whole test set, some images are in memory."""
    from podium.competition.masks import n_mask_classes
    from podium.ensembling.predicting import blend_masks, blend_presence
    from podium.predictions.decide_masks import decide_masks
    from podium.predictions.mask_probs import grey_values
    from podium.submissions.format import format_of
    from podium.submissions.mask_writing import write_masks
    from podium.submissions.pixel_cells import PixelCells
    from podium.submissions.pixel_writing import write_pixels

    part = parts["segment"]
    probs = blend_masks(part.blend, part.sets, "test")
    presence = blend_presence(parts, "test", probs.ids, n_classes=n_mask_classes(competition))
    steps, kind = list(part.blend.decision), competition.mask_kind
    if competition.has_objects:
        from podium.predictions.decide_objects import decide_instances
        from podium.submissions.instance_writing import write_instances

        objects = decide_instances(probs, steps, kind, presence=presence)
        return write_instances(file, competition, objects)
    form = format_of(competition)
    if form.rows == "pixel" and PixelCells(form).are_numbers:
        return write_pixels(file, competition, grey_values(probs))
    write = write_pixels if form.rows == "pixel" else write_masks
    return write(file, competition, decide_masks(probs, steps, kind, presence=presence))


def sent(workspace: Workspace, competition: Competition, blend: Path) -> Receipt | None:
    """Return the receipt of the blend's file if it has its score already, else None."""
    from podium.submissions.receipt import find_receipt
    from podium.submissions.upload import slug_of

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


def _blend_of(
    workspace: Workspace, competition: Competition, what: str | None, progress: Progress
) -> Path:
    from podium.workflows.blending import blend_runs

    if what is None:
        return blend_runs(workspace, competition, progress=progress)
    folder = workspace.artefact(what)
    record = read_record(folder)
    if record.kind == "blend":
        return folder
    name = f"only-{record.name}"
    return blend_runs(
        workspace, competition, [str(folder)], method="mean", name=name, progress=progress
    )
