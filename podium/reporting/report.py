"""`podium report`: one self-contained HTML page about a workspace, whatever state it is in.

A digest over all that the page shows, and over the code that makes it, is written into the page. A
page whose digest still holds is kept, so an unchanged workspace costs no matplotlib and no pandas:
this module imports neither. `podium.reporting.pages.report_page` makes the page.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import podium
from podium.competition.spec import Competition
from podium.reporting.changes import write_page_history
from podium.workspace.atomic import write_text
from podium.workspace.digests import is_damaged
from podium.workspace.display import printable
from podium.workspace.jobs import jobs_of
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "STATE_TAG",
    "add_files",
    "artefact_files",
    "build_report",
    "code_digest",
    "data_files",
    "digest_in_page",
]


STATE_TAG = "podium-state"
_HEAD_BYTES = 4096
_STATE = re.compile(rf'<meta name="{STATE_TAG}" content="([0-9a-f]{{64}})">')
# Hashed by content: small, and rewritten in place. Other files are hashed by size and mtime.
_READ = ("record.json", "receipt.json", "recipe.yaml", "folds.csv")


def page_digest(workspace: Workspace, competition: Competition) -> str:
    """Return 64 hex digits over all that a page shows, and over the code that makes it."""
    digest = hashlib.sha256(code_digest().encode())
    digest.update(competition.model_dump_json().encode())
    add_files(digest, _shown(workspace, competition))
    # Not with every step of a job: a page that is served would be made again every two seconds.
    for job in jobs_of(workspace):
        facts = [job.name, job.queued, job.worker, job.describe_state(), job.error]
        digest.update(str([*facts, *map(job.progress.get, ("phase", "epoch"))]).encode())
    return digest.hexdigest()


@functools.cache
def code_digest() -> str:
    """Return 64 hex digits over podium's version and the code that makes a page."""
    digest = hashlib.sha256(podium.__version__.encode())
    for file in sorted(_code()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def add_files(digest: hashlib._Hash, files: Iterable[Path]) -> None:
    """Add `files` to a digest: their paths, the content of small ones, the age of others."""
    for path in files:
        digest.update(f"\0{path}\0".encode(errors="surrogateescape"))
        if not path.exists():
            continue
        if path.name in _READ:
            digest.update(path.read_bytes())
        else:
            status = path.stat()
            size = status.st_size if path.is_file() else 0
            digest.update(f"{size} {status.st_mtime_ns}".encode())


def digest_in_page(page: Path) -> str | None:
    """Return the state that an existing page shows; None where there is none."""
    try:
        with page.open("rb") as stream:
            head = stream.read(_HEAD_BYTES).decode("utf-8", errors="replace")
    except OSError:
        return None
    found = _STATE.search(head)
    return found[1] if found else None


def _code() -> Iterator[Path]:
    here = Path(__file__).parent
    yield from here.rglob("*.py")
    yield from (here / "templates").iterdir()


def _shown(workspace: Workspace, competition: Competition) -> Iterator[Path]:
    yield workspace.folds_file
    yield workspace.checked_images
    yield from sorted(workspace.auto.glob("*/record.json"))
    yield from sorted(workspace.board.glob("*.json*"))
    yield from sorted(workspace.submissions.glob("*.*"))
    for folder in workspace.artefact_folders():
        yield from artefact_files(folder)
    yield from data_files(competition)


def artefact_files(folder: Path) -> Iterator[Path]:
    """Give the files of a run, blend or submission that a page shows."""
    yield folder / "record.json"
    yield folder / "receipt.json"
    yield folder / "recipe.yaml"
    yield folder / "units.npz"
    yield folder / "curves.json"
    yield folder / "members.json"
    yield folder / "network.json"
    yield from sorted(folder.glob("fold-*/metrics.csv"))
    yield from sorted(folder.glob("fold-*/done.json"))
    yield from sorted(folder.glob("fold-*/kept/epoch-*"))
    yield from sorted(folder.glob("fold-*/seen/*/*.npz"))
    yield from sorted(folder.glob("fold-*/inside/*.npz"))
    yield from sorted(folder.glob("fold-*/learnt.json"))
    yield from sorted(folder.glob("predictions/*/oof/*"))
    yield from sorted(folder.glob("predictions/*/test/*"))


def data_files(competition: Competition) -> Iterator[Path]:
    """Give the tables of the data, and the folders that its images lie in."""
    data = competition.data
    for source in (data.train, data.unlabelled, data.test, *data.extra.values()):
        if source is not None:
            if source.join is not None:
                yield competition.root / source.join.table
            for pattern in source.patterns:
                yield from _data(competition.root, source.table, pattern)
            if isinstance(source.mask, str):
                yield from _data(competition.root, None, source.mask)
            elif source.mask is not None:
                yield competition.root / source.mask.table


def _data(root: Path, table: str | None, images: str) -> Iterator[Path]:
    """Give the table, the folder below which the images lie, and the folders in that."""
    if table is not None:
        yield root / table
    fixed = re.split(r"[*{?\[]", images, maxsplit=1)[0].rpartition("/")[0]
    folder = root / fixed
    yield folder
    if folder.is_dir():
        yield from sorted(one for one in folder.iterdir() if one.is_dir())


def build_report(
    workspace: Workspace, competition: Competition, *, progress: Progress = SILENT
) -> Path:
    """Return the page `report/index.html`; it is kept when nothing that it shows has changed.

    The page needs no other file and no network. What cannot be read (a run that is still being
    trained, predictions that were removed) is listed on the page and stops nothing. A summary of
    the page is kept beside it, in `report/shown.json`; the next page reports the changes.

    Args:
        workspace: that the page is about.
        competition: its competition.
        progress: shows a bar while masks are evaluated, and messages on what could not be shown.

    Raises:
        OSError: the page cannot be written.
    """
    state = page_digest(workspace, competition)
    if digest_in_page(workspace.report) == state and not is_damaged(workspace.report):
        return workspace.report
    # Loading matplotlib and pandas takes a second: only when there is something to draw.
    from podium.reporting.pages.report_page import render

    progress.say("  drawing the report")
    rendered = render(workspace, competition, state, progress=progress)
    for problem in rendered.problems:
        progress.say(f"  not shown: {printable(problem)}")
    write_text(workspace.report, printable(rendered.text))
    # In this order a kill in between repeats these changes on the next page, and never loses them.
    write_page_history(workspace.report.parent, rendered.shown)
    return workspace.report
