"""Files that tasks need, from one machine to the others: each once, by its content.

Files are sent in bundles of many, as storage answers a request in the time in which it sends a
megabyte. Digests decide where a bundle ends: a file that comes or goes changes one bundle. A
machine keeps what it has under the same path, and takes what differs.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

from podium.errors import RunError
from podium.workspace.atomic import temporary_folder, write_json
from podium.workspace.ids import FileDigests
from podium.workspace.layout import ARTEFACT_ROOMS, Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.storage.objects import ObjectStore

__all__ = ["bundles", "files_below", "send", "take"]

BUNDLE_BYTES = 64 * 2**20
_ENDS_ONE_IN = 256
_AT_ONCE = 8
_NOT_SENT = (*ARTEFACT_ROOMS, "packs", "report", "__pycache__", "studies.db")
_PIECE = 2**20

_File = tuple[str, str, int]
"""Path, digest, size."""
_Bundle = tuple[str, list[_File]]


def files_below(root: Path, folder: str = "") -> list[str]:
    """Return the files in `folder` of a workspace that are no artefact, cache or report, by path.

    Links to folders are followed; names that begin with a dot are left out.
    """
    found, seen = [], set[Path]()
    for at, folders, names in os.walk(root / folder, followlinks=True):
        place = Path(at)
        is_seen = place.resolve() in seen
        seen.add(place.resolve())
        left = _NOT_SENT if place == root else ("__pycache__",)
        folders[:] = [one for one in folders if not (is_seen or one[0] == "." or one in left)]
        if not is_seen:
            found += [
                (place / one).relative_to(root).as_posix()
                for one in names
                if one[0] != "." and one not in left
            ]
    return sorted(found)


def send(
    store: ObjectStore, workspace: Workspace, paths: Sequence[str], progress: Progress = SILENT
) -> str:
    """Write the files at `paths` to the storage, where it lacks them; return the digest to `take`.

    Args:
        store: where to.
        workspace: whose files.
        paths: from its folder.
        progress: gets a bar.

    Raises:
        RunError: the storage cannot be written.
        OSError: a file cannot be read.
    """
    sources = [workspace.root / one for one in paths]
    digests = FileDigests(workspace).each(sources, progress=progress)
    sizes = [one.stat().st_size for one in sources]
    split = list(bundles(zip(paths, digests, sizes, strict=True)))
    rows = []
    for name, files in split:
        offset = 0
        for path, digest, size in files:
            rows.append([path, digest, size, name, offset])
            offset += size
    content = gzip.compress(json.dumps(rows).encode(), mtime=0)
    manifest = hashlib.sha256(content).hexdigest()
    if store.get(_manifest(manifest)) is None:
        known = set(store.names("bundles"))
        missing = {name: files for name, files in split if f"bundles/{name}" not in known}
        with (
            progress.bar(f"sending files to {store.url}", len(missing)) as advance,
            temporary_folder("bundles") as spare,
            ThreadPoolExecutor(_AT_ONCE) as pool,
        ):

            def send_one(name: str) -> None:
                with (spare / name).open("wb") as out:
                    for path, _, _ in missing[name]:
                        with (workspace.root / path).open("rb") as source:
                            shutil.copyfileobj(source, out, _PIECE)
                store.put_file(f"bundles/{name}", spare / name)
                (spare / name).unlink()
                advance(1)

            list(pool.map(send_one, missing))
        store.put(_manifest(manifest), content)
    return manifest


def take(
    store: ObjectStore,
    manifest: str,
    workspace: Workspace,
    *,
    kind: str | None = None,
    progress: Progress = SILENT,
) -> None:
    """Make the files that `send` sent those of `workspace`, where they differ.

    The caller sees to it that no other process of this machine does the same.

    Args:
        store: where from.
        manifest: that `send` returned.
        workspace: whose files they become.
        kind: a word for what they are: files that an earlier manifest of this kind had, and this
            one has not, are removed.
        progress: gets a bar.

    Raises:
        RunError: the storage cannot be read, or a file is not what was sent.
    """
    content = store.get(_manifest(manifest))
    if content is None:
        raise RunError(
            f"{store.url}/{_manifest(manifest)} is gone", fix="repeat the command that sent it"
        )
    rows: list[list[Any]] = json.loads(gzip.decompress(content))
    root = workspace.root
    there = [row for row in rows if (root / row[0]).is_file()]
    known = dict(
        zip(
            (row[0] for row in there),
            FileDigests(workspace).each([root / row[0] for row in there]),
            strict=True,
        )
    )
    missing: dict[str, list[list[Any]]] = {}
    for row in rows:
        if known.get(row[0]) != row[1]:
            missing.setdefault(row[3], []).append(row)
    home = root / ".podium"
    home.mkdir(parents=True, exist_ok=True)
    with (
        progress.bar(f"taking files from {store.url}", len(missing)) as advance,
        temporary_folder("bundles", home) as spare,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):

        def take_one(name: str) -> None:
            if not store.get_file(f"bundles/{name}", spare / name):
                raise RunError(
                    f"{store.url}/bundles/{name} is gone", fix="repeat the command that sent it"
                )
            with (spare / name).open("rb") as source:
                for at, row in enumerate(missing[name]):
                    source.seek(row[4])
                    _write_checked(source, row, spare / f"{name}-{at}", root, store)
            (spare / name).unlink()
            advance(1)

        list(pool.map(take_one, missing))
    if kind is not None:
        _remove_older(home / f"taken-{kind}.json", {row[0] for row in rows}, root)


def bundles(files: Iterable[_File]) -> Iterator[_Bundle]:
    """Split files into bundles, in their order; yield the name of each, and its files."""
    taken: list[_File] = []
    n_bytes = 0
    for path, digest, size in files:
        if taken and n_bytes + size > BUNDLE_BYTES:
            yield _named(taken)
            taken, n_bytes = [], 0
        taken.append((path, digest, size))
        n_bytes += size
        if int(digest[:8], 16) % _ENDS_ONE_IN == 0:
            yield _named(taken)
            taken, n_bytes = [], 0
    if taken:
        yield _named(taken)


def _named(files: list[_File]) -> _Bundle:
    digests = "\n".join(digest for _, digest, _ in files)
    return hashlib.sha256(digests.encode()).hexdigest(), files


def _write_checked(
    source: BinaryIO, row: Sequence[Any], spare: Path, root: Path, store: ObjectStore
) -> None:
    path, digest, left = root / row[0], hashlib.sha256(), row[2]
    with spare.open("wb") as out:
        while left and (piece := source.read(min(left, _PIECE))):
            digest.update(piece)
            out.write(piece)
            left -= len(piece)
    if digest.hexdigest() != row[1]:
        raise RunError(
            f"{row[0]} is not what was sent: it changed meanwhile, or {store.url} is damaged",
            fix=f"remove {store.url}/bundles/{row[3]}, and repeat the command",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    spare.replace(path)


def _remove_older(file: Path, paths: set[str], root: Path) -> None:
    before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    for one in set(before) - paths:
        (root / one).unlink(missing_ok=True)
    write_json(file, sorted(paths))


def _manifest(digest: str) -> str:
    return f"inputs/{digest}.json.gz"
