"""The content of samples: as one digest, and row by row beside an artefact that was made of them.

`data.parquet` in the folder of a run, a blend or an import holds what each training row was: the
digests of its images and its mask, and its label; in the folder of a prediction set, what the test
images were. `data_changes` compares that with the data of today, for everything that an artefact
was made from.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.folds.file import read_folds
from podium.competition.images import joint_digest
from podium.competition.made_files import changed_sources
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.masks import mask_digests
from podium.errors import DataError, PodiumError, UsageError
from podium.tasks.protocols.names import TaskName, has_images, has_pixels
from podium.workspace import digests
from podium.workspace.atomic import replacing
from podium.workspace.ids import FileDigests, canonical_json
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import read_record

__all__ = [
    "DATA_FILE",
    "DataChange",
    "RowContents",
    "changes_as_json",
    "content_digest",
    "data_changes",
    "folds_digest",
    "kept_data_changes",
]

_logger = logging.getLogger(__name__)


def content_digest(
    workspace: Workspace,
    competition: Competition,
    samples: pd.DataFrame,
    *,
    answers: Collection[TaskName] = (),
    progress: Progress = SILENT,
) -> str:
    """Return the sha256 of `samples`: ids in order and image contents.

    With `answers`, tasks whose labels or masks are learnt, also weights, labels and masks.
    """
    files = {
        canonical_json([sample, number]): competition.root / path
        for sample, paths in zip(samples["id"], samples["images"], strict=True)
        for number, path in enumerate(paths)
        if path
    }
    images = FileDigests(workspace).of_many(files, progress=progress)
    facts: list[Any] = [images, list(samples["id"])]
    if has_images(answers):
        facts += [[_json_label(one) for one in samples["label"]]]
    if has_pixels(answers):
        facts += [mask_digests(workspace, competition, samples)]
    if answers:
        facts += [[float(w) for w in samples["weight"]]]
    return hashlib.sha256(canonical_json(facts).encode("ascii")).hexdigest()


def folds_digest(ids: Sequence[str] | pd.Series[str], folds: NDArray[np.int64]) -> str:
    """Return the sha256 of which sample is in which fold, whatever the order of the rows."""
    pairs = sorted(zip(map(str, ids), map(int, folds), strict=True))
    return hashlib.sha256(canonical_json(pairs).encode("ascii")).hexdigest()


def _json_label(label: Any) -> Any:
    """Return a label as JSON has it: an integer, a float, a list of these, or None."""
    if isinstance(label, np.ndarray):
        return [None if one != one else one for one in label.tolist()]
    if isinstance(label, float | np.floating):
        return None if np.isnan(label) else float(label)
    return None if label is None else int(label)


DATA_FILE = "data.parquet"
_COLUMNS = ("image", "label", "mask")
_KEY = b"podium"  # of the digest of all rows, in the metadata: equal ones are not compared by row
_EXAMPLES = 3


@dataclass(frozen=True)
class RowContents:
    """What each training row is.

    Attributes:
        rows: id → (digest of its images, label as JSON, digest of its mask); "" for none.
    """

    rows: dict[str, tuple[str, str, str]]

    @classmethod
    def of(
        cls,
        workspace: Workspace,
        competition: Competition,
        samples: pd.DataFrame | None = None,
        progress: Progress = SILENT,
    ) -> RowContents:
        """Return the contents of `samples`, by default of all training rows of today.

        Raises:
            DataError: the table or masks cannot be read.
        """
        if samples is None:
            samples = load_samples(competition, "train", workspace=workspace)
        images = _image_contents(workspace, competition, samples, progress)
        labels = [_label_text(one) for one in samples["label"]]
        masks = [""] * len(samples)
        if samples["mask"].notna().any():
            masks = mask_digests(workspace, competition, samples)
        contents = zip(images, labels, masks, strict=True)
        return cls(dict(zip(map(str, samples["id"]), contents, strict=True)))

    @classmethod
    def of_test(
        cls, workspace: Workspace, competition: Competition, samples: pd.DataFrame | None = None
    ) -> RowContents:
        """Return the contents of test `samples`, by default those of today: of images alone.

        Raises:
            DataError: they cannot be found.
        """
        if samples is None:
            samples = load_samples(competition, "test", workspace=workspace)
        images = _image_contents(workspace, competition, samples, SILENT)
        rows = [(one, "", "") for one in images]
        return cls(dict(zip(map(str, samples["id"]), rows, strict=True)))

    @cached_property
    def digest(self) -> str:
        """One sha256 of all rows, whatever their order."""
        facts = sorted([one, *row] for one, row in self.rows.items())
        return hashlib.sha256(canonical_json(facts).encode("ascii")).hexdigest()

    def write(self, folder: Path) -> None:
        """Write `data.parquet` into the folder of an artefact that is made of these rows."""
        import pyarrow as pa
        from pyarrow import parquet

        columns = dict(zip(_COLUMNS, zip(*self.rows.values(), strict=True), strict=True))
        texts = {"id": list(self.rows), **{name: list(one) for name, one in columns.items()}}
        table = pa.table(texts, metadata={_KEY: self.digest.encode()})
        with replacing(folder / DATA_FILE) as temporary:
            parquet.write_table(table, temporary)

    def compare(self, folder: Path) -> list[str]:
        """Return the rows of `data.parquet` in `folder` that are others today, as `0017 (label)`.

        Of a run without labels the images alone count, where it learnt from them. Nothing where the
        file is missing.

        Raises:
            DataError: the file cannot be read.
        """
        inputs = _inputs_of(folder)
        if "without_labels" not in inputs:
            return sorted(_differences(self._other_rows(folder), self.rows))
        if "train" not in inputs.get("images", ()):
            return []
        then = {name: (row[0], "", "") for name, row in self._other_rows(folder).items()}
        now = {name: (row[0], "", "") for name, row in self.rows.items()}
        return sorted(_differences(then, now))

    def replaced(self, folder: Path) -> list[str]:
        """Return the test images that are others today than those of the set in `folder`.

        New ones, and those that are gone, are no matter of what was predicted.

        Raises:
            DataError: the file cannot be read.
        """
        today = {name: row[0] for name, row in self.rows.items()}
        return sorted(
            f"{name} (test image)"
            for name, (image, *_) in self._other_rows(folder).items()
            if today.get(name, "") not in ("", image)
        )

    def _other_rows(self, folder: Path) -> Mapping[str, tuple[str, ...]]:
        """Return the rows of `data.parquet` in `folder`; these here where they are equal, or none.

        Raises:
            DataError: the file cannot be read.
        """
        import pyarrow as pa
        from pyarrow import parquet

        file = folder / DATA_FILE
        if not file.is_file():
            return self.rows
        digests.check(file)
        try:
            if (parquet.read_schema(file).metadata or {}).get(_KEY) == self.digest.encode():
                return self.rows
            table = parquet.read_table(file)
            names = [str(one) for one in table.column("id").to_pylist()]
            columns = [table.column(name).to_pylist() for name in _COLUMNS]
        except (OSError, ValueError, KeyError, pa.ArrowException) as error:
            raise DataError(
                f"cannot be read: {error}", where=file, fix=digests.mend(file)
            ) from error
        return dict(zip(names, zip(*columns, strict=True), strict=True))


def _differences(
    then: Mapping[str, tuple[str, ...]], now: dict[str, tuple[str, str, str]]
) -> Iterator[str]:
    for name, row in then.items():
        today = now.get(name)
        if today is None:
            yield f"{name} (gone)"
        elif row != today:
            pairs = zip(_COLUMNS, row, today, strict=True)
            yield f"{name} ({', '.join(what for what, a, b in pairs if a != b)})"
    for name in now.keys() - then.keys():
        yield f"{name} (new)"


@dataclass(frozen=True)
class DataChange:
    """An artefact that was made of other data than today's.

    Attributes:
        artefact: its id.
        rows: number of rows that differ.
        examples: three of them, each with what differs: image, label, mask, gone or new.
        command: makes it again, where it was made of files; rows are these then.
        unit: what `rows` counts: "row", "file", or an artefact that it was made by.
    """

    artefact: str
    rows: int
    examples: tuple[str, ...]
    command: str = ""
    unit: str = "row"

    def __str__(self) -> str:
        unit = "file" if self.command else self.unit
        are = f"{unit} differs" if self.rows == 1 else f"{unit}s differ"
        more = f" and {self.rows - len(self.examples):,} more" * (self.rows > len(self.examples))
        shown = ", ".join(self.examples)
        fix = f"; `{self.command}` makes it again" * bool(self.command)
        return f"{self.artefact} was made of other data: {self.rows:,} {are}: {shown}{more}{fix}"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        found = asdict(self) | {"examples": list(self.examples)}
        del found["unit"]
        return found if self.command else {k: v for k, v in found.items() if k != "command"}


def data_changes(
    workspace: Workspace,
    competition: Competition,
    *folders: Path,
    today: RowContents | None = None,
) -> list[DataChange]:
    """Return which artefacts, and of all that they were made from, saw other data than today's.

    Those that `podium init` made are among them, as all others read them; and what keeps no rows of
    its own, as pseudo-labels, where what made it is.

    Args:
        workspace: whose artefacts are followed.
        competition: whose data.
        folders: of the artefacts.
        today: the present rows, where they are known.

    Raises:
        DataError: the data of today cannot be read.
    """
    found = [
        DataChange(one.path, len(one.sources), one.sources[:_EXAMPLES], one.command)
        for one in changed_sources(workspace)
    ]
    seen, waiting = set(folders), list(folders)
    without_rows: list[Path] = []
    test, folds = _TestImages(workspace, competition), _Folds(workspace, competition)
    while waiting:
        one = waiting.pop()
        changed = test.replaced(one)
        if (one / DATA_FILE).is_file():
            today = today or RowContents.of(workspace, competition)
            changed = today.compare(one) + changed
        if changed:
            found.append(DataChange(one.name, len(changed), tuple(changed[:_EXAMPLES])))
        elif folds.differ(one):
            how = f"podium train {one.relative_to(workspace.root).as_posix()}/recipe.yaml"
            found.append(DataChange(one.name, 1, (f"{workspace.folds_file.name} (folds)",), how))
        elif not (one / DATA_FILE).is_file():
            without_rows.append(one)
        for parent in _parents(workspace, one):
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    changed_ones = {one.artefact for one in found}
    for one in without_rows:
        made_by = [name.name for name in _parents(workspace, one) if name.name in changed_ones]
        if made_by:
            shown = tuple(made_by[:_EXAMPLES])
            found.append(DataChange(one.name, len(made_by), shown, unit="artefact"))
    return sorted(found, key=lambda change: change.artefact)


@dataclass(frozen=True)
class _TestImages:
    """The test images of today, which are looked at where a prediction set knows its own."""

    workspace: Workspace
    competition: Competition

    @cached_property
    def today(self) -> RowContents | None:
        """None where they cannot be read: what is out of fold is as good as before."""
        try:
            return RowContents.of_test(self.workspace, self.competition)
        except (PodiumError, OSError) as error:
            _logger.warning("test images are not compared with those of today: %s", error)
            return None

    def replaced(self, artefact: Path) -> list[str]:
        """Return the test images that were others when the artefact predicted them.

        A blend is of the sets that it names; of a run, one set of today's images is enough.
        """
        named = _sets_of_blend(self.workspace, artefact)
        sets = named or [one.parent for one in artefact.glob(f"predictions/*/{DATA_FILE}")]
        sets = [one for one in sets if (one / DATA_FILE).is_file()]
        if not sets or self.competition.data.test is None or self.today is None:
            return []
        found = [self.today.replaced(one) for one in sets]
        return sorted({name for one in found for name in one}) if named else min(found, key=len)


@dataclass(frozen=True)
class _Folds:
    """The folds of today, which are looked at where a run knows its own."""

    workspace: Workspace
    competition: Competition

    @cached_property
    def today(self) -> str | None:
        """Their digest; None where they do not fit the data, which training and blending report."""
        if not self.workspace.folds_file.is_file():
            return None
        samples = load_samples(self.competition, "train", workspace=self.workspace)
        try:
            return folds_digest(
                samples["id"], read_folds(self.workspace, self.competition, samples)
            )
        except DataError as error:
            return f"unusable: {error.message}"

    def differ(self, run: Path) -> bool:
        """Return whether a run, which `podium train` makes again, was trained in other folds."""
        if not (run / "recipe.yaml").is_file():
            return False
        inputs = _inputs_of(run)
        own = inputs.get("folds")
        if not isinstance(own, str) or "outer_fold" in inputs or self.today is None:
            return False
        return own != self.today


def _inputs_of(folder: Path) -> dict[str, Any]:
    """Return the inputs in the record of an artefact; {} where it cannot be read."""
    try:
        return dict(read_record(folder).inputs)
    except PodiumError:  # whoever needs the record refuses
        return {}


def _sets_of_blend(workspace: Workspace, folder: Path) -> list[Path]:
    """Return the prediction sets that the record in `folder` names, which that of a blend does."""
    inputs = _inputs_of(folder)
    parts = [inputs, *inputs.get("beside", ())]
    return [workspace.root / place for part in parts for place in part.get("sets", ())]


def kept_data_changes(
    workspace: Workspace, competition: Competition, *folders: Path
) -> list[DataChange]:
    """Return what `data_changes` does; nothing, and a warning, where today's data is unreadable."""
    try:
        return data_changes(workspace, competition, *folders)
    except (PodiumError, OSError) as error:
        _logger.warning("nothing is compared with the data of today: %s", error)
        return []


def changes_as_json(changes: Sequence[DataChange]) -> dict[str, Any]:
    """Return the key `other_data` of what is shown as JSON; {} where nothing changed."""
    return {"other_data": [one.to_json() for one in changes]} if changes else {}


def _parents(workspace: Workspace, folder: Path) -> Iterator[Path]:
    try:
        parents = read_record(folder).parents
    except PodiumError:  # whoever needs the record refuses
        return
    for name in parents:
        try:
            yield workspace.artefact(name)
        except UsageError:
            continue  # it was removed, or lies in another workspace


def _image_contents(
    workspace: Workspace, competition: Competition, samples: pd.DataFrame, progress: Progress
) -> list[str]:
    """Return the digest of each sample's image; "" where a file of it is not there any more."""
    root = competition.root
    files = {path: root / path for paths in samples["images"] for path in paths if path}
    try:
        found = FileDigests(workspace).each(list(files.values()), progress=progress)
    except OSError:
        files = {path: file for path, file in files.items() if file.is_file()}
        found = FileDigests(workspace).each(list(files.values()), progress=progress)
    of_file = {"": "", **dict(zip(files, found, strict=True))}
    return [
        joint_digest([of_file[path] for path in paths]) if of_file.keys() >= set(paths) else ""
        for paths in samples["images"]
    ]


def _label_text(label: Any) -> str:
    found = _json_label(label)
    return "" if found is None else canonical_json(found)
