"""Objects below one address, through fsspec: whole or not at all, and new ones under a condition.

Credentials are those that fsspec finds by itself (AWS_ACCESS_KEY_ID, AWS_PROFILE, a machine's role
…). They are neither taken from the address nor kept.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from podium.errors import RunError, UsageError
from podium.workspace.atomic import replacing, write_bytes

__all__ = ["ObjectStore"]

_TAKEN = ("PreconditionFailed", "412")
_BUSY = ("ConditionalRequestConflict", "409")
_TRIES = 5
_EXTRAS = {"s3": "pip install 'podium-kaggle[s3]'"}


class ObjectStore:
    """Objects by name below an address.

    Args:
        url: `s3://bucket/prefix`, `file:///folder`, or of another scheme that fsspec has.

    Raises:
        UsageError: it is no such address, holds credentials, or its package is not installed.
    """

    def __init__(self, url: str) -> None:
        from fsspec.core import url_to_fs

        parts = urlsplit(url)
        if not parts.scheme or "://" not in url:
            raise UsageError(
                f"{url!r} is no address of object storage", fix="write s3://BUCKET/FOLDER"
            )
        if "@" in parts.netloc:
            raise UsageError(
                f"credentials do not belong into the address {parts.scheme}://…",
                fix="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
            )
        self.url = url.rstrip("/")
        try:
            self._fs, root = url_to_fs(self.url, use_listings_cache=False)
        except ImportError as error:
            raise UsageError(
                f"{parts.scheme}:// needs a package that is not installed: {error}",
                fix=_EXTRAS.get(parts.scheme, "install it"),
            ) from error
        except ValueError as error:
            raise UsageError(
                f"{parts.scheme}:// is no object storage that fsspec knows",
                fix="write s3://BUCKET/FOLDER",
            ) from error
        self._root = str(root).rstrip("/")
        self._is_local = "file" in self._fs.protocol

    def put(self, name: str, content: bytes) -> None:
        """Write an object; it replaces one of this name.

        Raises:
            RunError: the storage cannot be reached, or refuses it.
        """
        with self._naming("written", name):
            if self._is_local:
                write_bytes(Path(self._path(name)), content)
            else:
                self._fs.pipe_file(self._path(name), content)

    def put_new(self, name: str, content: bytes) -> bool:
        """Write an object where none has this name; return False where one has.

        Args:
            name: of the object.
            content: of this writer alone, since what it wrote itself is no refusal: the answer to
                its first request may have been lost.
        """
        with self._naming("written", name):
            for attempt in range(_TRIES):
                try:
                    self._create(name, content)
                except FileExistsError:
                    return self.get(name) == content
                except OSError as error:
                    if _code(error) in _TAKEN:
                        return self.get(name) == content
                    if _code(error) not in _BUSY or attempt == _TRIES - 1:
                        raise
                else:
                    return True
        raise AssertionError("unreachable")

    def put_file(self, name: str, file: Path) -> None:
        """Write a file's content as an object."""
        with self._naming("written", name):
            if self._is_local:
                with replacing(Path(self._path(name))) as temporary:
                    self._fs.get_file(str(file), str(temporary))
            else:
                self._fs.put_file(str(file), self._path(name))

    def get(self, name: str) -> bytes | None:
        """Return an object's content; None where there is none of this name."""
        with self._naming("read", name), suppress(FileNotFoundError):
            return bytes(self._fs.cat_file(self._path(name)))
        return None

    def get_file(self, name: str, to: Path) -> bool:
        """Write an object's content to a file; return whether there is one of this name."""
        with self._naming("read", name), suppress(FileNotFoundError):
            self._fs.get_file(self._path(name), str(to))
            return True
        return False

    def names(self, prefix: str) -> list[str]:
        """Return the names of all objects below `prefix`, in order."""
        with self._naming("listed", prefix):
            self._fs.invalidate_cache()
            try:
                found = self._fs.find(self._path(prefix))
            except FileNotFoundError:
                return []
        names = (str(one)[len(self._root) + 1 :] for one in found)
        # Where the first object comes while an empty folder is listed, fsspec names the folder.
        below = f"{prefix}/" if prefix else ""
        return sorted(
            one
            for one in names
            if one.startswith(below) and not one.rpartition("/")[2].startswith(".")
        )

    def remove(self, names: Iterable[str]) -> None:
        """Remove objects; those that are gone already are no fault."""
        for name in names:
            with self._naming("removed", name), suppress(FileNotFoundError):
                self._fs.rm_file(self._path(name))

    def require_conditions(self) -> None:
        """Raise where the storage lets two writers make one object: claims would not hold.

        Raises:
            RunError: it does, or cannot be reached.
        """
        name = f"claims-hold-{secrets.token_hex(8)}"
        try:
            if not self.put_new(name, b"first") or self.put_new(name, b"second"):
                raise RunError(
                    f"{self.url} overwrites objects that are to be new (If-None-Match is not "
                    "heeded): two machines could take the same fold",
                    fix="use a storage with conditional writes, as S3 has them",
                )
        finally:
            with suppress(RunError):
                self.remove([name])

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _create(self, name: str, content: bytes) -> None:
        if not self._is_local:
            self._fs.pipe_file(self._path(name), content, mode="create")
            return
        path = Path(self._path(name))
        spare = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
        write_bytes(spare, content)
        try:
            os.link(spare, path)
        finally:
            spare.unlink()

    @contextmanager
    def _naming(self, done: str, name: str) -> Iterator[None]:
        """Raise what a library raises as an error that names the object and a way out."""
        try:
            yield
        except (FileExistsError, RunError):
            raise
        except Exception as error:  # botocore, aiohttp and others have classes of their own
            if isinstance(error, FileNotFoundError) and done != "written":
                raise
            why = str(error).strip() or type(error).__name__
            raise RunError(
                f"{self.url}/{name} cannot be {done}: {why}",
                fix="check the address, the network, and the credentials in the environment",
            ) from error


def _code(error: BaseException) -> str | None:
    """Return the code of an answer of S3 that an error comes from."""
    response = getattr(error.__cause__, "response", None)
    return None if response is None else str(response.get("Error", {}).get("Code"))
