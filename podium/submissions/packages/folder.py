"""The folder of a package, flat, with one file that names all others; and its notebook.

    pack.json                           what it is, and the bytes and sha256 of every other file
    competition.yaml · blend.json       what is predicted, and how the members are blended
    run-<run>.json · recipe-<run>.yaml  of each member
    weights-<run>-fold-K.safetensors    of each fold model
    own-<n>.py                          modules of the workspace, with their places in pack.json
    *.whl · requirements.txt · wheels.txt
    notebook.ipynb                      for the name that the dataset is expected to have

It has no folders inside, because an upload drops them or makes archives of them. A host may lay the
files into folders of its own: they are found by their names. The notebook installs what is packed,
without a network, and predicts.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from podium.errors import RunError, SubmissionError, some
from podium.workspace.ids import short_digest

__all__ = [
    "STATEMENT",
    "PackFolder",
    "PackRecord",
    "PackedFile",
    "PackedRun",
    "dataset_slug_of",
    "digest_of",
    "notebook_text",
]


PACK_FORMAT = 1
STATEMENT = "pack.json"
_MISSING = "copy the folder again, or make it again with `podium pack`"


class _StatementPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PackedFile(_StatementPart):
    """Size of a file, and the sha256 of its content, 64 hex digits."""

    bytes: int
    sha256: str


class PackedRun(_StatementPart):
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


class PackRecord(_StatementPart):
    """The contents of a package.

    Attributes:
        id: 8 hex digits of the contents.
        title: for the host's pages.
        competition: its name.
        slug: of the competition at the host; None where the spec has none.
        created: when.
        podium: the version that made it.
        blend: the blend that it predicts.
        honest: the blend's honest score.
        runs: its members.
        own: file → where the module, or the table that podium made, lies beside `competition.yaml`.
        python: version of Python whose wheels are in it; None: none are.
        incomplete: why it cannot be uploaded; "" where it can.
        from_image: distributions that it leaves to the image of the host, with their versions here,
            or there where `podium pack` got them.
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
        """Size of all files together, in bytes."""
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
        """Return the package's own manifest; its files are not read.

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
        for name, expected in record.files.items():
            file = self.path(name)
            if not file.is_file():
                found.append(f"{name} is missing")
            elif file.stat().st_size != expected.bytes:
                found.append(f"{name} has {file.stat().st_size:,} bytes, not {expected.bytes:,}")
            elif digest_of(file).sha256 != expected.sha256:
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


_ABOUT = """\
# Predicts with the network off

`podium pack` made this notebook. The dataset beside it holds the weights, the recipes, the blend
and the wheels; the test images are those of the competition."""

# The places of older and newer images of the host, whose inputs moved.
_INSTALL = """\
import subprocess
import sys
from pathlib import Path

INPUTS = Path("/kaggle/input")


def folder(*patterns):
    found = [path for pattern in patterns for path in sorted(INPUTS.glob(pattern))]
    if not found:
        raise SystemExit(f"add it to the notebook's inputs: {patterns[0]}")
    return found[0]


PACK = folder("__DATASET__", "datasets/*/__DATASET__")
DATA = folder("__COMPETITION__", "competitions/__COMPETITION__")
wheels = sorted({wheel.parent for wheel in PACK.rglob("*.whl")})
subprocess.run(
    [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    + ["--no-compile"]  # Python compiles what it imports; pip would compile all, for a minute
    + [f"--find-links={place}" for place in wheels]
    + ["--requirement", str(next(PACK.rglob("requirements.txt")))],
    check=True,
)"""

# In a process of its own, so that nothing which the notebook imported before is of another version.
_PREDICT = """\
predict = (
    "import sys; from podium.workflows.packs.packing import predict_packed;"
    "predict_packed(sys.argv[1], data=sys.argv[2], to='submission.csv')"
)
subprocess.run([sys.executable, "-c", predict, str(PACK), str(DATA)], check=True)"""


def notebook_text(dataset_slug: str, competition_slug: str) -> str:
    """Return the notebook as the text of an .ipynb file; it writes `submission.csv`.

    Args:
        dataset_slug: of the dataset that holds the package, without its owner.
        competition_slug: of the competition, whose data are the notebook's other input.
    """
    install = _INSTALL.replace("__DATASET__", dataset_slug)
    install = install.replace("__COMPETITION__", competition_slug)
    cells = [_cell("markdown", _ABOUT), _cell("code", install), _cell("code", _PREDICT)]
    notebook = {
        "cells": [{**cell, "id": f"cell-{n}"} for n, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1) + "\n"


def dataset_slug_of(competition_slug: str) -> str:
    """Return the default name of the dataset.

    Example:
        >>> dataset_slug_of("emoji-in-the-wild")
        'emoji-in-the-wild-podium'
    """
    end = "-podium"
    return competition_slug[: 50 - len(end)].strip("-") + end  # the host's names end at 50


def _cell(kind: str, text: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": text}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
