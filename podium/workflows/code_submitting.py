"""From a package to a code competition's score: dataset, notebook, submission."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from podium.competition.spec import Competition
from podium.errors import UsageError
from podium.workflows.hosts import endpoint_of
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.submissions.receipt import Receipt

__all__ = ["submit_package"]

PACK = "pack"  # the folder that is taken where none is named


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
        what: the package's folder, or a blend or run that was packed into `pack/`; None: `pack/`.
        wait_s: how long to wait for the notebook and for the score; None: 12 hours.

    The others are those of `submissions.code_upload.submit_code`, as are the errors.
    """
    from podium.submissions.code_upload import WAIT_S, refuse_file_competition, submit_code

    refuse_file_competition(competition)
    pack = _package(workspace, what)
    with endpoint_of(competition) as endpoint:
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


def _package(workspace: Workspace, what: str | None) -> Path:
    """Return the folder of the package of `what`.

    Raises:
        UsageError: there is none, or it was made of something else.
    """
    from podium.submissions.packages import PackFolder

    if what is not None and (Path(what) / "pack.json").is_file():
        return Path(what)
    default = workspace.root / PACK
    wanted = "" if what is None else f" {what}"
    if not (default / "pack.json").is_file():
        raise UsageError(
            f"there is no package{' of' if wanted else ''}{wanted}",
            where=default,
            fix=f"podium pack{wanted} --to {PACK}, then podium submit --code {PACK}",
        )
    if what is not None:
        record = PackFolder(default).read()
        asked = workspace.artefact(what).name
        if asked != record.blend and [asked] != [run.id for run in record.runs]:
            raise UsageError(
                f"the package holds {record.blend}, not {what}",
                where=default,
                fix=f"podium pack {what} --to {PACK}, or name the folder of its package",
            )
    return default
