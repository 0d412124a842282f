"""Which solution counts: the database names it by its digest, so that no kill leaves two."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from podium.errors import UsageError
from podium.hosting.spec import HostFolder, HostSpec
from podium.hosting.store import Store
from podium.workspace.atomic import replacing

__all__ = ["current_solution", "digest_of", "next_solution", "settle"]


def digest_of(solution: Path, spec: HostSpec) -> str:
    """Return what scores depend on, as text: the solution's bytes, the metric and its options."""
    metric = json.dumps([spec.metric.name, dict(spec.metric.options)], sort_keys=True, default=str)
    return hashlib.sha256(solution.read_bytes() + metric.encode()).hexdigest()


def next_solution(folder: HostFolder) -> Path:
    """Return where a solution lies from which all is being scored, until it counts."""
    return folder.root / "solution.next.csv"


def current_solution(folder: HostFolder, spec: HostSpec, store: Store) -> tuple[Path, str]:
    """Return the file of the solution that counts, and its digest.

    Raises:
        UsageError: solution or metric were changed by hand after scores were given.
    """
    counts = store.solution()
    for file in (folder.solution, next_solution(folder)):
        if counts is not None and file.is_file() and digest_of(file, spec) == counts:
            return file, counts
    digest = digest_of(folder.solution, spec)
    if store.adopt_solution(digest):
        return folder.solution, digest
    raise UsageError(
        "solution or metric are not those that scored the submissions",
        where=folder.solution,
        fix=f"score them again: podium host rescore {folder.root}",
    )


def settle(folder: HostFolder, spec: HostSpec, store: Store, *, old_to: Path) -> None:
    """Move a solution that counts already to its place, the old one to `old_to`."""
    coming = next_solution(folder)
    if not coming.is_file() or digest_of(coming, spec) != store.solution():
        return
    if folder.solution.is_file() and digest_of(folder.solution, spec) != store.solution():
        with replacing(old_to, mode=0o600) as temporary:  # at no moment for others to read
            shutil.copyfile(folder.solution, temporary)
    coming.replace(folder.solution)
