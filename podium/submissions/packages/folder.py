"""The folder of a package: flat, with one file that names all others.

    pack.json                           what it is, and the bytes and sha256 of every other file
    competition.yaml · blend.json       what is predicted, and how the members are blended
    run-<run>.json · recipe-<run>.yaml  of each member
    weights-<run>-fold-K.safetensors    of each fold model
    own-<n>.py                          modules of the workspace, with their places in pack.json
    *.whl · requirements.txt · wheels.txt
    notebook.ipynb                      for the name that the dataset is expected to have

It has no folders inside, because an upload drops them or makes archives of them. A host may lay the
files into folders of its own: they are found by their names.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from podium.errors import RunError, SubmissionError, some
from podium.workspace.ids import short_digest

__all__ = [
    "PACK_FORMAT",
    "STATEMENT",
    "PackFolder",
    "PackRecord",
    "PackedFile",
    "PackedRun",
    "digest_of",
]

PACK_FORMAT = 1
STATEMENT = "pack.json"
_MISSING = "copy the folder again, or make it again with `podium pack`"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PackedFile(_Part):
    """How large a file is, and the sha256 of its content, 64 hex digits."""

    bytes: int
    sha256: str


class PackedRun(_Part):
    """One member: where its predictions are kept, and which of its fold models are averaged.

    Attributes:
        id: of the run.
        sets: its prediction sets that the blend reads, by name, each with its views.
        means: of the views, `predict.tta_mean`, of sets with another than the plain one.
        checkpoint: "last" or "best", of the numbered folds.
        recipe: the file of its recipe.
        record: the file of its record.
        weights: fold → file of its weights.
    """

    id: str
    sets: dict[str, tuple[str, ...]]
    means: dict[str, str] = {}
    checkpoint: str
    recipe: str
    record: str
    weights: dict[str, str]


class PackRecord(_Part):
    """What a package is made of.

    Attributes:
        id: 8 hex digits of the contents.
        title: in words, for the host.
        competition: its name.
        slug: of the competition at the host; None where the spec has none.
        created: when.
        podium: the version that made it.
        blend: the blend that it predicts.
        honest: the blend's honest score.
        runs: its members.
        own: file → where the module lies beside `competition.yaml`.
        python: version of Python whose wheels are in it; None: none are.
        incomplete: why it cannot be uploaded; "" where it can.
        from_image: distributions that it leaves to the image of the host, with their versions here,
            or there where `podium pack` was told.
        files: every file but `pack.json`, by name.
    """

    format: int = PACK_FORMAT
    id: str
    title: str
    competition: str
    slug: str | None = None
    created: AwareDatetime
    podium: str
    blend: str
    honest: float | None = None
    runs: tuple[PackedRun, ...]
    own: dict[str, str] = {}
    python: str | None = None
    incomplete: str = ""
    from_image: dict[str, str] = {}
    files: dict[str, PackedFile]

    @property
    def n_bytes(self) -> int:
        """How large all files are together."""
        return sum(file.bytes for file in self.files.values())

    @staticmethod
    def id_of(files: dict[str, PackedFile]) -> str:
        """Return the id of a package with these files, 8 hex digits."""
        return short_digest({name: file.sha256 for name, file in files.items()})


@dataclass(frozen=True)
class PackFolder:
    """Paths of a package, wherever it lies and whoever copied it.

    Args:
        root: the folder that `podium pack` made, or in which a host shows its files.
    """

    root: Path

    @property
    def statement(self) -> Path:
        return self.path(STATEMENT)

    @cached_property
    def _places(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for file in _files_below(self.root):
            found.setdefault(file.name, file)  # the files nearest to the root come first
        return found

    def path(self, name: str) -> Path:
        """Return where the file `name` lies; where it should, if it is missing."""
        beside = self.root / name
        return beside if beside.is_file() else self._places.get(name, beside)

    def read(self) -> PackRecord:
        """Return what the package says about itself; its files are not looked at.

        Raises:
            SubmissionError: this is no package, or another version of podium made it.
        """
        try:
            return PackRecord.model_validate_json(self.statement.read_bytes())
        except FileNotFoundError as error:
            raise SubmissionError(
                "this is no package: it has no pack.json",
                where=self.root,
                fix="name the folder that `podium pack --to FOLDER` made",
            ) from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise SubmissionError(
                f"this is no package that podium can read: {place}: {first['msg']}",
                where=self.statement,
                fix="make it again with `podium pack`",
            ) from error

    def problems(self, record: PackRecord | None = None) -> list[str]:
        """Return what is wrong with the files: missing, of another size, or changed since.

        Every byte is read.
        """
        record = self.read() if record is None else record
        found = []
        for name, said in record.files.items():
            file = self.path(name)
            if not file.is_file():
                found.append(f"{name} is missing")
            elif file.stat().st_size != said.bytes:
                found.append(f"{name} has {file.stat().st_size:,} bytes, not {said.bytes:,}")
            elif digest_of(file).sha256 != said.sha256:
                found.append(f"{name} has other content than when it was packed (sha256)")
        return found

    def require_whole(self, record: PackRecord | None = None) -> None:
        """Check the files.

        Raises:
            RunError: one is missing or changed; all of these are named.
        """
        if wrong := self.problems(record):
            raise RunError(some(wrong), where=self.root, fix=_MISSING)


def digest_of(file: Path) -> PackedFile:
    """Return size and sha256 of a file."""
    with file.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return PackedFile(bytes=file.stat().st_size, sha256=sha256)


def _files_below(root: Path) -> Iterator[Path]:
    todo = [root]
    while todo:
        folder = todo.pop(0)
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        todo += [Path(one.path) for one in found if one.is_dir()]
        yield from (Path(one.path) for one in found if one.is_file())
