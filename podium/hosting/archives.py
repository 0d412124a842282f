"""What participants download as one file: the public data, and the leaderboard."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

from podium.hosting.host import Host
from podium.workspace.atomic import replacing
from podium.workspace.ids import short_digest

__all__ = ["data_archive", "leaderboard_archive"]


def data_archive(host: Host) -> Path:
    """Return the ZIP of the public files, directories kept; made once a state of the files."""
    files = {path.relative_to(host.folder.files).as_posix(): path for path in host.data_files()}
    state = {name: [path.stat().st_size, path.stat().st_mtime_ns] for name, path in files.items()}
    archive = host.folder.cache / f"{host.spec.slug}-{short_digest(state)}.zip"
    if not archive.is_file():
        with (
            replacing(archive) as temporary,
            zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as packed,
        ):
            for name, path in files.items():
                packed.write(path, name)
    return archive


def leaderboard_archive(host: Host) -> bytes:
    """Return the ZIP with the leaderboard as CSV that the official client expects."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["TeamName", "SubmissionDate", "Score"])
    for user, score, at in host.standings():
        writer.writerow([user, at, f"{score:.5f}"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{host.spec.slug}-leaderboard.csv", text.getvalue())
    return packed.getvalue()
