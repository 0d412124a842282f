"""A competition's files, downloaded through the official client and unpacked as a whole."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from podium.errors import DataError, HostError
from podium.submissions.client import Client, KaggleClient
from podium.submissions.endpoint import Endpoint
from podium.workspace.atomic import new_folder
from podium.workspace.progress import SILENT, Progress

__all__ = ["download_competition"]


def download_competition(
    slug: str,
    folder: Path,
    *,
    endpoint: Endpoint,
    client: Client | None = None,
    progress: Progress = SILENT,
) -> Path:
    """Download all files of the competition `slug` to `folder` and return it; directories are kept.

    Raises:
        HostError: no credentials, the rules are not accepted, no such competition, no network.
        DataError: the archive is damaged, or wants to write outside the folder.
        RunError: `folder` exists already and is not empty.
    """
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target: the archive may be larger than the disk behind /tmp.
    with tempfile.TemporaryDirectory(prefix=".podium-download-", dir=folder.parent) as fetched:
        caller = client or KaggleClient(endpoint, slug)
        progress.say(f"downloading the files of {slug}")
        names = caller.download(Path(fetched))
        if not names:
            raise HostError("the host sent no file", fix="repeat the command")
        with new_folder(folder) as making:
            for name in names:
                _unpack(Path(fetched, name), making, progress)
    return folder


def _unpack(file: Path, folder: Path, progress: Progress) -> None:
    if not zipfile.is_zipfile(file):
        shutil.move(file, folder / file.name)
        return
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            for member in members:
                _refuse_escape(file, member.filename)
            with progress.bar("unpacking", len(members)) as advance:
                for member in members:
                    archive.extract(member, folder)
                    advance(1)
    except zipfile.BadZipFile as error:
        raise DataError(
            f"the archive is damaged: {error}", where=file.name, fix="repeat the command"
        ) from error


def _refuse_escape(file: Path, name: str) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise DataError(
            f"the archive wants to write outside the folder: {name!r}",
            where=file.name,
            fix="do not trust this archive",
        )
