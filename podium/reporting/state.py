"""What a page would show, as one digest: a page of the same state need not be made again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import podium
from podium.competition.spec import Competition
from podium.workspace.layout import Workspace

__all__ = ["STATE_TAG", "page_state", "state_of"]

STATE_TAG = "podium-state"
_HEAD_BYTES = 4096
_STATE = re.compile(rf'<meta name="{STATE_TAG}" content="([0-9a-f]{{64}})">')
# Read whole: small, and rewritten in place. Everything else is known by size and time of change.
_READ = ("record.json", "receipt.json", "recipe.yaml", "folds.csv")


def state_of(workspace: Workspace, competition: Competition) -> str:
    """Return 64 hex digits over all that a page shows, and over the code that makes it."""
    digest = hashlib.sha256(podium.__version__.encode())
    digest.update(competition.model_dump_json().encode())
    for file in sorted(_code()):
        digest.update(file.read_bytes())
    for path in _shown(workspace, competition):
        digest.update(f"\0{path}\0".encode(errors="surrogateescape"))
        if not path.exists():
            continue
        if path.name in _READ:
            digest.update(path.read_bytes())
        else:
            status = path.stat()
            size = status.st_size if path.is_file() else 0
            digest.update(f"{size} {status.st_mtime_ns}".encode())
    return digest.hexdigest()


def page_state(page: Path) -> str | None:
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
    yield from sorted(workspace.board.glob("*.json*"))
    for folder in workspace.artefact_folders():
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
    data = competition.data
    for source in (data.train, data.unlabelled, data.test, *data.extra.values()):
        if source is not None:
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
