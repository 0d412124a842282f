"""Readers of image files: one of podium's, one file each, or a function of the user's own.

A reader is found by its file's name; `module:object` names a function `read(path)` outside podium.
Further keys of `data.reader` in `competition.yaml` are its options.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from podium.competition.readers._reader import (
    FileReader,
    PixelOptions,
    ReaderOptions,
    pixels_of,
    reading_errors,
)
from podium.competition.truths.pixels import RGB8, ArrayBands, ImageBands, Pixels
from podium.errors import DataError, PodiumError, suggest
from podium.workspace import extensions
from podium.workspace.documents import RuleError
from podium.workspace.ids import short_digest

__all__ = ["IMAGE", "FileReader", "Reader", "canonical", "get", "names"]

ReaderConfig = str | Mapping[str, Any]
"""A reader as `competition.yaml` has it: a name, or a mapping of `name` and its options."""

_CONTRACT = extensions.ExtensionContract(
    "a function read(path) that returns an array (H, W, C)", callable
)
_SIZES_KEPT = 2**16


def names() -> list[str]:
    """Return the names of podium's readers; none is imported."""
    return extensions.names(sys.modules[__name__])


@lru_cache
def get(name: str) -> FileReader:
    """Return one of podium's readers.

    Raises:
        DataError: there is none of that name; the nearest one is suggested.
    """
    extensions.require(sys.modules[__name__], name, error=DataError)
    found: FileReader = importlib.import_module(f"{__name__}.{name}").READER
    return found


@dataclass(frozen=True)
class Reader:
    """The reader of the image files of a competition, with its options.

    Args:
        name: one of `names()`, or `module:object` of a function from a path to an array `(H, W, C)`
            of the form that the options define; by default `(H, W, 3)` uint8 in RGB. It is called
            in several threads and processes at once.
        root: the workspace's folder, in which such a module is looked for first.
        options: of the reader; None: its defaults.
    """

    name: str = "image"
    root: Path | None = None
    options: ReaderOptions | None = None

    @classmethod
    def of(cls, config: ReaderConfig, root: Path | None = None) -> Reader:
        """Return the reader that `competition.yaml` configures, in its canonical form."""
        if isinstance(config, str):
            return cls(config, root)
        options = dict(config)
        name = options.pop("name")
        return cls(name, root, _options_of(name).model_validate(options))

    @property
    def is_foreign(self) -> bool:
        """True for a user's own function."""
        return ":" in self.name

    @property
    def is_plain(self) -> bool:
        """True where files are images as Pillow decodes them: upright, RGB, 8 bits."""
        return self.name == "image" and (self.options is None or self.options == _defaults("image"))

    @property
    def pixels(self) -> Pixels:
        """The form of the images; no file is opened for it."""
        if self.is_plain:
            return RGB8
        options = self._options
        if self.is_foreign:
            assert isinstance(options, PixelOptions)
            return pixels_of(options, options.channels or 3)
        return get(self.name).pixels(options)

    @property
    def identity(self) -> str:
        """Text that identifies reader and options: another identity may decode other pixels."""
        options = self._options.model_dump(mode="json", exclude_defaults=True, exclude={"range"})
        if self.is_foreign:
            facts: list[Any] = [self.name, self._sources(), *([options] if options else [])]
            return f"own-{short_digest(facts)}"
        return f"{self.name}-{short_digest(options)}" if options else self.name

    def load(self) -> Callable[[Path], Any]:
        """Return the user's function.

        Raises:
            DataError: it cannot be imported, or is no function.
        """
        found: Callable[[Path], Any] = extensions.load_user_object(
            self.name, error=DataError, root=self.root, contract=_CONTRACT
        )
        return found

    def require(self) -> None:
        """Raise where files cannot be read at all, once and not for every image.

        Raises:
            DataError: as `load`; or a library that the reader needs is not installed.
        """
        if self.is_foreign:
            self.load()
        else:
            get(self.name).require()

    def open(self, path: Path) -> ImageBands:
        """Return the image in a file, of the form `pixels`.

        Raises:
            DataError: the file is missing, damaged or of another form.
            OSError: the disk failed.
        """
        with reading_errors(path):
            if self.is_foreign:
                found = self.read(path)
                return ArrayBands(found, found.dtype)
            return get(self.name).open(path, self._options)

    def read(self, path: Path) -> NDArray[Any]:
        """Return the image that the user's function reads from `path`, `(H, W, C)`, C-contiguous.

        Raises:
            DataError: it fails, or returns something else.
            OSError: the file is missing or may not be read, or the disk failed.
        """
        function = self.load()
        try:
            found = function(path)
        except PodiumError:
            raise
        except Exception as cause:  # a user's function may raise anything: it is reported
            if isinstance(cause, OSError) and cause.errno is not None and not path.is_file():
                raise
            place = extensions.error_location(cause, self.root) or self.name
            raise DataError(
                f"the reader {self.name} fails on this file: {type(cause).__name__}: {cause}",
                where=path,
                fix=f"mend the reader at {place}, or the file",
            ) from cause
        _refuse_other(found, self, path)
        return np.ascontiguousarray(found)

    def size(self, path: Path) -> tuple[int, int]:
        """Return (height, width) of the image in a file, from its header.

        A user's function has no access to headers: the file is decoded for it, once a process.

        Raises:
            DataError: as `open`.
            OSError: the file is missing or may not be read, or the disk failed.
        """
        if not self.is_foreign:
            return get(self.name).size(path, self._options)
        stat = path.stat()
        code = extensions.generation(self.root)
        return _size(self, path, stat.st_mtime_ns, stat.st_size, code)

    @property
    def _options(self) -> ReaderOptions:
        return self.options or _defaults(self.name)

    def _sources(self) -> dict[str, str]:
        return extensions.sources([self.name], self.root, error=DataError)


IMAGE = Reader()


def canonical(config: ReaderConfig) -> str | dict[str, Any]:
    """Return the canonical form of a reader: its name, or a mapping of non-default options.

    Raises:
        ValueError: there is no such reader, or an option is none of its, or cannot be so.
    """
    if isinstance(config, str):
        name, options = config, {}
    else:
        options = dict(config)
        name = options.pop("name", None)
    if not isinstance(name, str):
        raise ValueError("reader: a mapping needs name, as {name: tiff, channels: 4}")
    if not extensions.is_user_object(name) and name not in names():
        others = f"write one of {', '.join(names())}"
        raise ValueError(
            f"there is no {name!r} among the readers: {suggest(name, names(), otherwise=others)}, "
            "or module:object of a function of your own"
        )
    try:
        checked = _options_of(name).model_validate(options)
    except ValidationError as invalid:
        message, rule = f"reader {name}: {_first(invalid)}", invalid.errors()[0].get("ctx", {})
        if isinstance(rule.get("error"), RuleError):
            raise RuleError(message, rule["error"].fix) from invalid
        raise ValueError(message) from invalid
    kept = checked.model_dump(mode="json", exclude_defaults=True)
    return {"name": name, **kept} if kept else name


def _first(invalid: ValidationError) -> str:
    problem = invalid.errors()[0]
    key = ".".join(str(part) for part in problem["loc"][:1])
    if problem["type"] == "extra_forbidden":
        return f"there is no option {key!r}"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" if key else message


def _options_of(name: str) -> type[ReaderOptions]:
    return PixelOptions if extensions.is_user_object(name) else get(name).options


@lru_cache
def _defaults(name: str) -> ReaderOptions:
    return _options_of(name)()


@lru_cache(maxsize=_SIZES_KEPT)
def _size(reader: Reader, path: Path, *_version: object) -> tuple[int, int]:
    height, width, _ = reader.read(path).shape
    return height, width


def _refuse_other(found: Any, reader: Reader, path: Path) -> None:
    pixels = reader.pixels
    is_array = isinstance(found, np.ndarray)
    is_typed = is_array and found.dtype == pixels.dtype and found.size
    if is_typed and found.ndim == 3 and found.shape[2] == pixels.channels:
        return
    what = f"{found.dtype} {found.shape}" if is_array else f"a {type(found).__name__}"
    raise DataError(
        f"the reader {reader.name} returns {what} of this file, not {pixels.dtype} (H, W, "
        f"{pixels.channels})",
        where=path,
        fix="bring values to 0 … 255 with one scale for all files, grey to three channels"
        if pixels.is_rgb8
        else "mend it, or the channels and dtype beside its name in competition.yaml",
    )
