"""Path patterns: `data/train/{class}/*.jpg` finds files and reads fields from their paths.

`*` and `?` stay inside one folder, `**/` stands for any number of folders, `{field}` is text
without a slash; a field that comes twice must be the same text twice. `{field:05}` is a number that
a table writes without the zeros in front: row 12 is `00012.jpg`. Nothing else is special.
`Finder` goes the other way: from the values of fields to files, each folder listed once.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "IMAGE_SUFFIXES",
    "FileFinder",
    "FoundFile",
    "Pattern",
    "bare_name",
    "file_stem",
    "files_below",
    "is_image",
    "without_zeros",
]


IMAGE_SUFFIXES = frozenset(
    {
        ".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm",
        ".pbm", ".pnm",
        ".dcm", ".dicom",
    }
)  # fmt: skip
TOKEN = re.compile(r"(\*\*/|\*|\?|\{[^{}]+\})")
_FIELD = re.compile(r"\{([^{}]+?)(?::0(\d+))?\}")
_FIELDS = re.compile(r"(\{[^{}]+\})")
_WILDCARD = re.compile(r"(\*\*/|\*|\?)")


def without_zeros(number: str) -> str:
    """Return a number without the zeros in front, as spreadsheets write it; another text as it is.

    Example:
        >>> without_zeros("0012"), without_zeros("000"), without_zeros("a01")
        ('12', '0', 'a01')
    """
    return (number.lstrip("0") or "0") if number.isdecimal() else number


class FoundFile(NamedTuple):
    """A file that a pattern found: its path, spelt as the pattern is, and its fields."""

    path: str
    fields: dict[str, str]


class Pattern:
    """A path with wildcards and fields, relative to a root, or absolute.

    Args:
        text: the pattern.
        numbers: the fields that are whole numbers, with all digits that stand together.
        is_path: whether "/" ends a field; False: of ids, as those with a date 12/03/2023.
    """

    def __init__(self, text: str, *, numbers: Collection[str] = (), is_path: bool = True) -> None:
        self.text, self._numbers, self._is_path = text, frozenset(numbers), is_path

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names in braces, each once, in order."""
        return tuple(dict.fromkeys(field[1] for field in _FIELD.finditer(self.text)))

    @property
    def has_wildcards(self) -> bool:
        return "*" in self.text or "?" in self.text

    @cached_property
    def fixed_part(self) -> str:
        """The leading folders without anything special, `""` when there is none."""
        first = TOKEN.search(self.text)
        literal = self.text if first is None else self.text[: first.start()]
        return literal.rpartition("/")[0] or ("/" if literal.startswith("/") else "")

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the pattern with each field replaced by its value."""
        return _FIELD.sub(lambda field: values[field[1]].zfill(int(field[2] or 0)), self.text)

    def find(self, root: Path) -> Iterator[FoundFile]:
        """Yield the files that match, sorted by path; only images when the pattern ends openly."""
        for path in files_below(root, self.fixed_part):
            fields = self.match(path)
            if fields is not None and (self._names_a_suffix or is_image(path)):
                yield FoundFile(path, fields)

    def match(self, path: str) -> dict[str, str] | None:
        """Return the fields of a path, None where it is not of this form."""
        match = self._regex.fullmatch(path)
        if match is None:
            return None
        texts = {name: match[f"f{n}"] for n, name in enumerate(self.fields)}
        return {**texts, **{name: without_zeros(texts[name]) for name in self._padded}}

    @cached_property
    def _padded(self) -> list[str]:
        return [field[1] for field in _FIELD.finditer(self.text) if field[2]]

    @property
    def _names_a_suffix(self) -> bool:
        return re.search(r"\.\w+$", self.text) is not None

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        parts = []
        seen: set[str] = set()
        for token in TOKEN.split(self.text):
            field = _FIELD.fullmatch(token)
            if field is not None:
                number = self.fields.index(field[1])
                text = f"[0-9]{{{field[2]},}}" if field[2] else "[^/]+" if self._is_path else ".+"
                text = "(?<![0-9])[0-9]+(?![0-9])" if field[1] in self._numbers else text
                parts.append(f"(?P=f{number})" if field[1] in seen else f"(?P<f{number}>{text})")
                seen.add(field[1])
            else:
                wildcards = {"**/": "(?:[^/]+/)*", "*": "[^/]*", "?": "[^/]"}
                parts.append(wildcards.get(token, re.escape(token)))
        return re.compile("".join(parts))


def is_image(path: str) -> bool:
    """Return whether the file's name ends as an image's does."""
    return os.path.splitext(path)[1].lower() in IMAGE_SUFFIXES  # noqa: PTH122 — Path is 10x slower


def file_stem(path: str) -> str:
    """Return the last name of a path without what stands behind its last point.

    Example:
        >>> file_stem("train/a.b.png"), file_stem("train/a")
        ('a.b', '')
    """
    return path.rpartition("/")[2].rpartition(".")[0]


def bare_name(path: str) -> str:
    """Return the last name of a path without the ending of an image.

    Example:
        >>> bare_name("train/a.b.png"), bare_name("a.b")
        ('a.b', 'a.b')
    """
    name = path.rpartition("/")[2]
    return os.path.splitext(name)[0] if is_image(name) else name  # noqa: PTH122 — of many paths


def files_below(root: Path, folder: str) -> Iterator[str]:
    """Yield the files under `root / folder`, sorted, spelt as `folder/…`; hidden ones are left out.

    Links to folders are followed, because data is often linked into a workspace; a link that leads
    back to a folder on its own way is not.
    """
    yield from _walk(
        root / folder, "" if folder in ("", ".") else folder.rstrip("/") + "/", frozenset()
    )


def _walk(folder: Path, prefix: str, above: frozenset[str]) -> Iterator[str]:
    real = os.path.realpath(folder)
    if real in above or not os.path.isdir(real):  # noqa: PTH112
        return
    with os.scandir(folder) as entries:
        found = sorted(
            (entry.name, entry.is_dir())
            for entry in entries
            if not entry.name.startswith((".", "__MACOSX")) and not _is_special(entry)
        )
    for name, is_folder in found:
        if is_folder:
            yield from _walk(folder / name, f"{prefix}{name}/", above | {real})
        else:
            yield prefix + name


def _is_special(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a pipe, a socket or a device: reading one may wait for ever."""
    if entry.is_file() or entry.is_dir():
        return False
    try:
        mode = entry.stat().st_mode
    except OSError:  # a link that leads nowhere: its reader reports it
        return False
    return not stat.S_ISREG(mode)


class FileFinder:
    """Find files of `pattern` below `root` by the values of its fields.

    Folders are listed once: a call for every file takes minutes on a mounted drive.
    """

    def __init__(self, root: Path, pattern: Pattern) -> None:
        self._root = root
        self._pattern = pattern
        self._listings: dict[str, frozenset[str]] = {}
        # What stands between wildcards is compared as text: `{id}_{class}` can be filled with an id
        # and a class that have a `_`, and not taken apart again.
        tokens = _WILDCARD.split(pattern.text)
        self._between = [Pattern(text) for text in tokens[::2]]
        self._by_text: dict[tuple[str, ...], list[str]] = {}
        if pattern.has_wildcards:
            wildcards = {"**/": "(?:[^/]+/)*", "*": "[^/]*", "?": "[^/]"}
            regex = re.compile(
                "".join(
                    wildcards.get(token) or f"({_FIELD.sub('[^/]+', _escaped(token))})"
                    for token in tokens
                )
            )
            for path, _ in pattern.find(root):
                found = regex.fullmatch(path)
                if found is not None:
                    self._by_text.setdefault(found.groups(), []).append(path)

    def of(self, fields: Mapping[str, str]) -> list[str]:
        """Return the paths of the files that are there; without wildcards, one at most."""
        if self._pattern.has_wildcards:
            return self._by_text.get(tuple(one.fill(fields) for one in self._between), [])
        path = self._pattern.fill(fields)
        folder, _, name = path.rpartition("/")
        if folder not in self._listings:
            # A path that begins with "/" has an empty folder, which is not the root's.
            self._listings[folder] = _file_names(self._root / (folder or path[: -len(name)]))
        return [path] if name in self._listings[folder] else []


def _escaped(text: str) -> str:
    """Return a regex for a text with fields, which are left as they are."""
    return "".join(part if n % 2 else re.escape(part) for n, part in enumerate(_FIELDS.split(text)))


def _file_names(folder: Path) -> frozenset[str]:
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries if entry.is_file())
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()
