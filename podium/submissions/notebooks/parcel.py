"""What `podium submit --code` sends: a package's files as a dataset, and the notebook beside it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from podium.errors import SubmissionError
from podium.submissions.notebooks.client import CodePlace
from podium.submissions.packages import STATEMENT, PackFolder, notebook_text
from podium.submissions.packages.notebook import dataset_slug_of
from podium.workspace.ids import canonical_json

__all__ = ["Parcel", "lacking", "notebook_of", "place_of", "read_parcel", "title_of"]


# The first cell: it ties version to version, because neither source nor status tells one.
_CELL = """\
# This version of the notebook reads this version of the dataset.
from pathlib import Path

print("__MARKER__")
Path("__KERNEL_STAMP__").touch()
places = ("__DATASET__", "datasets/*/__DATASET__", "*")
if not any(list(Path("/kaggle/input").glob(f"{place}/__DATASET_STAMP__")) for place in places):
    raise RuntimeError("the version of __DATASET__ here is not the one of this notebook")"""


@dataclass(frozen=True)
class Parcel:
    """A package that may be sent.

    Attributes:
        root: its folder.
        id: 8 hex digits of its contents.
        title: in words.
        honest: the blend's honest score.
        sources: ids of the blend and its runs.
        files: name → bytes of every file, `pack.json` among them.
        contents: canonical JSON of name → sha256; equal packages have an equal one.
    """

    root: Path
    id: str
    title: str
    honest: float | None
    sources: tuple[str, ...]
    files: Mapping[str, int]
    contents: str

    @property
    def n_bytes(self) -> int:
        return sum(self.files.values())

    @property
    def stamp(self) -> str:
        """The name of an empty file that says in the dataset's file list what it holds."""
        return f"podium-{self.id}.txt"

    @contextmanager
    def contents_file(self) -> Iterator[Path]:
        """Give a file with the contents' text, by which receipts are found."""
        with TemporaryDirectory(prefix="podium-parcel-") as private:
            file = Path(private, "contents.json")
            file.write_text(self.contents, encoding="ascii")
            yield file

    @contextmanager
    def staged(self) -> Iterator[Path]:
        """Give a private folder with links to the files, and the stamp: what the client uploads."""
        with TemporaryDirectory(prefix="podium-parcel-") as private:
            for name in self.files:
                Path(private, name).symlink_to((self.root / name).resolve())
            Path(private, self.stamp).write_text(f"{self.id}\n", encoding="ascii")
            yield Path(private)

    @property
    def uploaded(self) -> dict[str, int]:
        """Name → bytes of every file that the dataset's version has to hold."""
        return {**self.files, self.stamp: len(self.id) + 1}


def read_parcel(pack: Path) -> Parcel:
    """Return the package in the folder `pack`, every byte of which was checked.

    Raises:
        SubmissionError: it is none, is not complete, or has files that no dataset takes.
        RunError: a file is missing or changed.
    """
    folder = PackFolder(pack)
    record = folder.read()
    if record.incomplete:
        raise SubmissionError(
            f"the package cannot be uploaded: {record.incomplete}",
            where=pack,
            fix="make it again with `podium pack`, where the wheels can be had",
        )
    folder.require_whole(record)
    for name in record.files:
        if "/" in name or not (pack / name).is_file():
            raise SubmissionError(
                f"{name} lies in a folder, and the upload takes flat files only",
                where=pack,
                fix="make the package again with `podium pack`",
            )
    sizes = {name: file.bytes for name, file in sorted(record.files.items())}
    digests = {name: file.sha256 for name, file in record.files.items()}
    return Parcel(
        root=pack,
        id=record.id,
        title=record.title,
        honest=record.honest,
        sources=(record.blend, *(run.id for run in record.runs)),
        files={**sizes, STATEMENT: folder.statement.stat().st_size},
        contents=canonical_json(digests),
    )


def place_of(parcel: Parcel, *, owner: str, slug: str, name: str, receipt_id: str) -> CodePlace:
    """Return where the parcel goes: `<slug>[-<name>]-podium`, both as dataset and as notebook.

    Kaggle's names have 6 to 50 characters a-z, 0-9 and -.
    """
    wanted = re.sub(r"[^a-z0-9]+", "-", f"{slug}-{name}".lower()).strip("-")
    if len(wanted) > 43 and name:
        tail = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:20].strip("-")
        wanted = f"{slug[: 42 - len(tail)].strip('-')}-{tail}"
    address = dataset_slug_of(wanted)
    return CodePlace(
        owner=owner,
        dataset=address,
        kernel=address,
        dataset_marker=f"[podium-{parcel.id}]",
        dataset_stamp=parcel.stamp,
        kernel_marker=f"[podium-{receipt_id}]",
        kernel_stamp=f"podium-{receipt_id}.log.txt",
    )


def title_of(address: str) -> str:
    """Return a title that Kaggle turns into that address: a notebook has no other way to one."""
    return address.replace("-", " ")


def notebook_of(place: CodePlace, slug: str) -> str:
    """Return the package's notebook with a first cell that says which version it is."""
    book = json.loads(notebook_text(place.dataset, slug))
    text = _CELL
    for name, value in (
        ("__MARKER__", place.kernel_marker),
        ("__KERNEL_STAMP__", place.kernel_stamp),
        ("__DATASET_STAMP__", place.dataset_stamp),
        ("__DATASET__", place.dataset),
    ):
        text = text.replace(name, value)
    cell = {"cell_type": "code", "id": "version", "metadata": {}, "source": text}
    book["cells"].insert(0, {**cell, "execution_count": None, "outputs": []})
    return json.dumps(book, indent=1) + "\n"


def lacking(wanted: Mapping[str, int], listed: Iterable[tuple[str, int]]) -> list[str]:
    """Return which files a dataset's version lacks, in words; a host may put them into folders.

    Example:
        >>> lacking({"a": 1, "b": 2, "c": 3}, [("x/a", 1), ("c", 4)])
        ['b is missing', 'c has 4 bytes, not 3']
    """
    there = Counter((PurePosixPath(name).name, n_bytes) for name, n_bytes in listed)
    sizes = dict(there.keys())
    return [
        f"{name} has {sizes[name]:,} bytes, not {n_bytes:,}"
        if name in sizes
        else f"{name} is missing"
        for name, n_bytes in wanted.items()
        if not there[name, n_bytes]
    ]
