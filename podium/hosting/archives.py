"""What participants download as one file: the public data, and the leaderboard."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from podium.hosting.host import Host
from podium.hosting.spreadsheet import defused
from podium.workspace.atomic import replacing
from podium.workspace.ids import short_digest
from podium.workspace.locks import take_turn

__all__ = ["data_archive", "leaderboard_archive"]

_WAIT_S = 3600.0  # for another who makes the archive
_PACKED_ALREADY = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".zip", ".gz", ".npz"}


def data_archive(host: Host) -> Path:
    """Return the ZIP of the public files, directories kept; made once a state of the files.

    Who asks while another makes it, in this process or in another one, waits for that. Archives of
    earlier states are removed.
    """
    files = {path.relative_to(host.folder.files).as_posix(): path for path in host.data_files()}
    state = {name: [path.stat().st_size, path.stat().st_mtime_ns] for name, path in files.items()}
    archive = host.folder.cache / f"{host.spec.slug}-{short_digest(state)}.zip"
    if not archive.is_file():
        lock = host.folder.cache / "archive.lock"
        with take_turn(lock, what="the archive of the files", wait_s=_WAIT_S):
            if not archive.is_file():
                _make(archive, files)
                _remove_others(archive)
    return archive


def _make(archive: Path, files: Mapping[str, Path]) -> None:
    with (
        replacing(archive) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as packed,
    ):
        for name, path in files.items():
            is_packed = path.suffix.lower() in _PACKED_ALREADY
            how = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            packed.write(path, name, compress_type=how)


def _remove_others(archive: Path) -> None:
    """Remove archives of earlier states; who is still downloading one keeps it open."""
    for old in archive.parent.glob("*.zip"):
        if old != archive:
            with suppress(OSError):
                old.unlink()


def leaderboard_archive(host: Host) -> bytes:
    """Return the ZIP with the leaderboard as CSV that the official client expects."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["TeamName", "SubmissionDate", "Score"])
    for user, score, at in host.standings():
        writer.writerow([defused(user), at, f"{score:.5f}"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{host.spec.slug}-leaderboard.csv", text.getvalue())
    return packed.getvalue()
