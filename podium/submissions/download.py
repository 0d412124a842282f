"""A competition's files, downloaded through the official client and unpacked as a whole."""

from __future__ import annotations

import errno
import lzma
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from podium.errors import DataError, HostError
from podium.submissions.upload.client import Client, KaggleClient
from podium.submissions.upload.endpoint import Endpoint
from podium.workspace.atomic import new_folder, temporary_folder
from podium.workspace.progress import SILENT, Progress

__all__ = ["ZIPPED_TABLES", "download_competition", "unpack_download"]

# What zipfile raises on damaged archives, depending on where the damage is.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError,
)  # fmt: skip
_OF_THE_ARCHIVE = (
    None, errno.EINVAL, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG,
)  # fmt: skip
_DRIVE = re.compile(r"[A-Za-z]:")
_DEEPEST = 3  # zips in zips in zips
ZIPPED_TABLES = (".csv.zip", ".tsv.zip")  # read as they are


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
        DataError: the archive is damaged, has paths outside the folder, has links, or does not fit
            on the disk.
        RunError: `folder` exists already and is not empty.
    """
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target: the archive may be larger than the disk behind /tmp.
    with temporary_folder("podium-download", folder.parent) as fetched:
        caller = client or KaggleClient(endpoint, slug)
        progress.say(f"downloading the files of {slug}")
        names = caller.download(fetched)
        if not names:
            raise HostError("the host sent no file", fix="repeat the command")
        with new_folder(folder) as making:
            for name in names:
                _unpack(fetched / name, making, progress)
    return folder


def unpack_download(file: Path, folder: Path, *, progress: Progress = SILENT) -> Path:
    """Unpack a zip that was downloaded by hand to `folder`, with all zips inside, and return it.

    Raises:
        DataError, RunError: as `download_competition`.
    """
    if not zipfile.is_zipfile(file):
        raise DataError("this is no zip, or a damaged one", where=file, fix="download it again")
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with new_folder(folder) as making:
        _unpack(file, making, progress)
    return folder


def _unpack(file: Path, folder: Path, progress: Progress, depth: int = 0) -> None:
    """Unpack `file`, and each zip in it into a folder of its name; what is no zip is moved."""
    if not zipfile.is_zipfile(file):
        shutil.move(file, folder / file.name)
        return
    for member in _extract(file, folder, progress):
        inner = folder / member.filename
        # A table may stay packed: it is read so.
        name = inner.name.lower()
        is_packed = name.endswith(".zip") and not name.endswith(ZIPPED_TABLES)
        if depth < _DEEPEST and is_packed and zipfile.is_zipfile(inner):
            _unpack_inner(inner, progress, depth + 1)


def _unpack_inner(file: Path, progress: Progress, depth: int) -> None:
    """Put what a zip inside a download holds into a folder of its name, in its place.

    A zip that holds that folder itself makes none around it. One that cannot be unpacked stays.
    """
    with temporary_folder(file.stem, file.parent) as making:
        try:
            _unpack(file, making, progress, depth)
        except DataError as error:
            progress.say(f"{file.name} stays packed: {error.message}")
            return
        file.unlink()
        inside = [one for one in making.iterdir() if one.name != "__MACOSX"]
        whole = inside[0] if [one.name for one in inside] == [file.stem] else making
        target = file.with_suffix("")
        if target.exists():  # what was packed beside it has the name
            target = file.with_name(f"{file.stem}_zip")
        whole.rename(target)
        target.chmod(0o755)  # that of a temporary folder is for its owner alone


def _extract(file: Path, folder: Path, progress: Progress) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _refuse_distrusted(file, members)
            _refuse_more_than_fits(file, members, folder)
            with progress.bar("unpacking", len(members)) as advance:
                for member in members:
                    archive.extract(member, folder)
                    advance(1)
            return members
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno not in _OF_THE_ARCHIVE:
            raise  # of the disk
        raise DataError(
            f"the archive is damaged: {error}", where=file.name, fix="repeat the command"
        ) from error
    # A password, an unknown compression, a dictionary of 4 GiB that an entry of LZMA asks for.
    except (RuntimeError, NotImplementedError, MemoryError) as error:
        raise DataError(
            f"the archive cannot be unpacked: {str(error) or 'it needs too much memory'}",
            where=file.name,
            fix="unpack it by hand into the data folder",
        ) from error


def _refuse_distrusted(file: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    """Raise DataError where a member would be written elsewhere, or be no plain file or folder."""
    seen: set[PurePosixPath] = set()
    for member in members:
        name = member.filename
        path = PurePosixPath(name.replace("\\", "/"))
        kind = stat.S_IFMT(member.external_attr >> 16)
        what = None
        if path.is_absolute() or ".." in path.parts or _DRIVE.match(name):
            what = f"wants to write outside the folder: {name!r}"
        elif not path.parts:
            what = "has a file without a name"
        elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            what = f"has a link or a device: {name!r}"
        elif path in seen and not member.is_dir():
            what = f"has two files of one name: {name!r}"
        if what is not None:
            raise DataError(f"the archive {what}", where=file.name, fix="do not trust this archive")
        seen.add(path)


def _refuse_more_than_fits(file: Path, members: Sequence[zipfile.ZipInfo], folder: Path) -> None:
    """Raise before the disk is full of what a small archive unpacks to."""
    needed = sum(member.file_size for member in members)
    free = shutil.disk_usage(folder).free
    if needed > free:
        gib = 2**30
        raise DataError(
            f"the archive unpacks to {needed / gib:,.1f} GiB, {free / gib:,.1f} GiB are free",
            where=file.name,
            fix="free disk space, or choose a workspace on another disk",
        )
