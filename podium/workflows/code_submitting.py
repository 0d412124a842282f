"""From a package to a code competition's score: dataset, notebook, submission."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from podium.competition.spec import Competition
from podium.workflows.hosts import endpoint_of
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.submissions.packages import PackRecord
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
        what: the package's folder; or a blend or run, whose package is `pack/` if that holds it,
            else `packs/<blend>/`, made when needed. None: `pack/`, else a blend of every finished
            run.
        wait_s: how long to wait for the notebook and for the score; None: 12 hours.

    The others are those of `submissions.notebooks.upload.submit_code`, as are the errors.
    """
    from podium.submissions.notebooks.upload import WAIT_S, refuse_file_competition, submit_code

    refuse_file_competition(competition)
    pack = _package(workspace, competition, what, progress)
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


def _package(
    workspace: Workspace, competition: Competition, what: str | None, progress: Progress
) -> Path:
    """Return the folder of the package of `what`; makes `packs/<blend>/` where there is none."""
    from podium.submissions.packages import STATEMENT, PackFolder
    from podium.workflows.packing import pack
    from podium.workflows.submitting import blend_of

    if what is not None and (Path(what) / STATEMENT).is_file():
        return Path(what)
    default = workspace.root / PACK
    if (default / STATEMENT).is_file():
        if what is None:
            return default
        record = PackFolder(default).read()
        if workspace.artefact(what).name in (record.blend, *_only(record)):
            return default
    blend = blend_of(workspace, competition, what, progress, imports=False)
    made = workspace.packs / blend.name
    if made.is_dir():
        # As it was: what a broken upload has sent of it, the next command finds by its contents.
        if not PackFolder(made).read().incomplete:
            return made
        shutil.rmtree(made)
    progress.say(f"  packing {blend.name} into {made.relative_to(workspace.root)}")
    return pack(workspace, competition, str(blend), to=made, progress=progress).root


def _only(record: PackRecord) -> list[str]:
    """Return the run of a package that holds one."""
    return [run.id for run in record.runs] if len(record.runs) == 1 else []
