"""Import predictions made elsewhere into a folder of `imports/`: checked whole, then kept whole.

Sources are tables and arrays of labels, folders of masks (distinguished by the type of the path),
labels that a notebook has in memory, and runs of other workspaces. `ImportTarget` has our samples,
their order, folds and sizes; out-of-fold rows are scored by plain decisions, as a run's are.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.folds.file import ensure_folds
from podium.competition.folds.open_set import open_set_truth
from podium.competition.ids.rows import columns_of_key
from podium.competition.images import first_file, image_size
from podium.competition.metrics import Metric
from podium.competition.samples import load_samples, truth
from podium.competition.sections.frame import fixed_size, frame_size
from podium.competition.spec import Competition, load_competition
from podium.competition.truths.masks import truth_masks
from podium.competition.units import has_label, units_of
from podium.ensembling.leaks import inversion_note, leak_note
from podium.errors import DataError, PodiumError, UsageError, plural, some
from podium.predictions.decisions.masks import decide_masks, default_mask_steps
from podium.predictions.imports.arrays import (
    LabelsInMemory,
    read_label_array,
    read_labels_in_memory,
)
from podium.predictions.imports.mask_folder import MaskFolder, read_mask_folder
from podium.predictions.imports.matching import (
    ImportSource,
    OofMatch,
    TestMatch,
    require_unique,
)
from podium.predictions.imports.oof_status import OofStatus, blend_refusal, groups_across_folds
from podium.predictions.imports.other_workspace import (
    fold_labels,
    fold_masks,
    prediction_sets,
    require_same_task,
)
from podium.predictions.imports.schema import ImportSchema
from podium.predictions.imports.tables import ImportedLabels, read_fold_table, read_label_table
from podium.predictions.imports.writing import begin_import, require_sizes, write_oof, write_test
from podium.predictions.store.masks import Size
from podium.predictions.store.positions import positions
from podium.predictions.store.reading import PredictionSet, Split
from podium.predictions.top_k import require_dense
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName, is_of_images, is_of_pixels
from podium.training.runs.content import RowContents, folds_digest
from podium.training.runs.scoring import FoldLabelScorer, FoldMaskScorer
from podium.workspace import digests
from podium.workspace.atomic import ExistsError, new_folder, sweep, temporary_folder
from podium.workspace.ids import FileDigests, canonical_json, short_digest
from podium.workspace.layout import COMPETITION_FILE, Workspace, require_folder_name
from podium.workspace.machine import now
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import UNKNOWN_START, Record, read_record, scan, write_record

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ImportTarget",
    "describe_import_use",
    "import_files",
    "import_predictions",
    "import_warning",
    "import_workspace",
]


IMPORT_FORMAT = 1
"""Version, incremented by hand when podium imports the same files differently."""
NAMED_FORMAT = 2
"""That of arrays of no and yes whose columns have names, which version 1 did not read."""


@dataclass(frozen=True)
class ImportTarget:
    """The workspace that predictions are imported into.

    Attributes:
        workspace, competition: ours.
        train, test: samples; those of test may have no row.
        folds: `(N,)` of train.
    """

    workspace: Workspace
    competition: Competition
    train: pd.DataFrame
    test: pd.DataFrame
    folds: NDArray[np.int64]

    @classmethod
    def of(cls, workspace: Workspace, competition: Competition) -> ImportTarget:
        """Return the samples and folds of a workspace; the first call makes `folds.csv`."""
        train = load_samples(competition, "train", workspace=workspace)
        test = load_samples(competition, "test")
        return cls(workspace, competition, train, test, ensure_folds(workspace, competition, train))

    @property
    def train_ids(self) -> list[str]:
        return [str(one) for one in self.train["id"]]

    @property
    def test_ids(self) -> list[str]:
        return [str(one) for one in self.test["id"]]

    @property
    def id_names(self) -> tuple[str, ...]:
        """Name of the id column in the competition's own tables."""
        data = self.competition.data
        sources = [one for one in (data.train, data.test) if one is not None]
        keys = (one.id for one in sources if one.table is not None and one.id)
        return tuple(dict.fromkeys(name for key in keys for name in columns_of_key(key)))

    @property
    def groups(self) -> list[list[Any]]:
        """Lists of `(N,)` keys of train rows that no fold may tear apart."""
        columns = ["unit"] if self.competition.folds.group is None else ["unit", "group"]
        return [self.train[one].tolist() for one in columns]

    def sizes(self, split: Split, rows: Sequence[int]) -> list[Size]:
        """Return (height, width) of the masks of some rows of a split, in the frame."""
        competition = self.competition
        size = fixed_size(competition.frame)
        if size is not None:
            return [size] * len(rows)
        images = (self.train if split == "oof" else self.test)["images"]
        return [
            frame_size(
                competition.frame,
                image_size(competition.root / first_file(images.iloc[i]), competition.reader),
            )
            for i in rows
        ]

    def facts(self) -> dict[str, Any]:
        """Return what an import depends on beside its files."""
        competition = self.competition
        return {
            "format": IMPORT_FORMAT,
            "folds": folds_digest(self.train["id"], self.folds),
            "together": short_digest([[str(one) for one in keys] for keys in self.groups]),
            "test": short_digest(self.test_ids),
            "tasks": {name: str(kind) for name, kind in competition.tasks.items()},
            "classes": list(competition.classes),
            "frame": str(competition.frame),
        }


_TABLES, _ARRAYS = (".csv", ".tsv"), (".npz", ".npy")


@dataclass(frozen=True)
class OpenedFile:
    """One file or folder, or labels in memory.

    Attributes:
        predictions: its predictions.
        ids: the file with the ids of its rows, for a bare npy.
        in_memory: whether there is no file.
    """

    predictions: ImportedLabels | MaskFolder
    ids: Path | None = None
    in_memory: bool = False

    def digest(self, digests: FileDigests) -> list[str]:
        """Return sha256 of all that determines its predictions; file names are not included."""
        predictions = self.predictions
        if isinstance(predictions, ImportedLabels) and self.in_memory:
            values = np.asarray(predictions.raw(np.arange(len(predictions.ids))))
            about = [predictions.ids, predictions.folds, str(values.dtype), values.shape]
            content = canonical_json(about).encode("ascii") + values.tobytes()
            return [hashlib.sha256(content).hexdigest()]
        if isinstance(predictions, MaskFolder):
            several = [file for files in predictions.files for file in files]
            return [
                digests.of_many({p.relative_to(predictions.path).as_posix(): p for p in several})
            ]
        return [digests.of(predictions.path), *([] if self.ids is None else [digests.of(self.ids)])]


def open_sources(
    home: ImportTarget,
    oof: Sequence[Path | LabelsInMemory],
    test: Sequence[Path | LabelsInMemory],
    ids: Sequence[Path],
    test_ids: Sequence[Path],
    logits: bool,
    spool: Path,
) -> tuple[ImportSchema, list[OpenedFile], list[OpenedFile]]:
    """Return the constraints on values, and the sources; arguments as `import_files` has them.

    Raises:
        UsageError: a path is of no known kind, files are of several tasks, or there are not as many
            files of ids as bare npys.
        DataError: as the readers do.
    """
    tasks = {_task_of(one) for one in (*oof, *test)}
    if len(tasks) > 1:
        raise UsageError(
            "labels and masks are named together",
            fix="import each by itself: folders are masks, tables and arrays are labels",
        )
    task = tasks.pop()
    if task not in home.competition.tasks:
        is_folder = is_of_pixels(task)
        raise UsageError(
            "a folder is of masks, and this competition has labels only"
            if is_folder
            else "a file is of labels, and this competition has masks only",
            where=str((*oof, *test)[0]),
            fix="name a CSV, npz or npy"
            if is_folder
            else "name a folder of masks: <id>.png or <id>.npy, or a folder of them for each class",
        )
    form = ImportSchema.of(home.competition, task, logits=logits)

    def each(
        paths: Sequence[Path | LabelsInMemory], named: Sequence[Path], n_most: int
    ) -> list[OpenedFile]:
        bare = [one for one in paths if isinstance(one, Path) and one.suffix.lower() == ".npy"]
        if named and len(named) != len(bare):
            raise UsageError(
                f"files of ids: {len(named)}, and bare npy files: {len(bare)}",
                fix="name one for each npy; tables, npz and folders have ids of their own",
            )
        rows_of = dict(zip(bare, named, strict=True)) if named else {}
        found = []
        for i, one in enumerate(paths):
            label = str(i) if len(paths) > 1 else ""  # one source is no fold's
            if isinstance(one, LabelsInMemory):
                labels = read_labels_in_memory(
                    one, form, id_names=home.id_names, n_most=n_most, label=label
                )
                found.append(OpenedFile(labels, in_memory=True))
            else:
                found.append(_open_file(home, one, form, rows_of.get(one), n_most, spool, label))
        return found

    return (
        form,
        [_by_image(home, one, home.train) for one in each(oof, ids, len(home.train))],
        [_by_image(home, one, home.test) for one in each(test, test_ids, len(home.test))],
    )


def _by_image(home: ImportTarget, opened: OpenedFile, samples: pd.DataFrame) -> OpenedFile:
    """Return the labels by image where they are of units: each image has its unit's value."""
    given = opened.predictions
    if not home.competition.scores_units or isinstance(given, MaskFolder):
        return opened
    named, units = set(given.ids), [str(one) for one in samples["unit"]]
    if named <= {str(one) for one in samples["id"]} or not named <= set(units):
        return opened
    require_unique(given.ids, given.row, given.path)
    if home.competition.units.aggregate == "noisy_or":  # of equal values it is not that value
        raise DataError(
            "predictions are by image, and these are of units, which noisy_or makes of images",
            where=given.path,
            fix="give a row for each image, with the ids of competition.yaml, which look like "
            + some([str(one) for one in samples["id"][:2]]),
        )
    row_of = {one: row for row, one in enumerate(given.ids)}
    chosen = [
        (str(one), unit) for one, unit in zip(samples["id"], units, strict=True) if unit in row_of
    ]
    rows = np.array([row_of[unit] for _, unit in chosen], dtype=np.int64)
    labels = replace(
        given,
        ids=[one for one, _ in chosen],
        row=lambda i: given.row(int(rows[i])),
        raw=lambda at: given.raw(rows[at]),
        folds=None if given.folds is None else [given.folds[row] for row in rows],
        notes=(*given.notes, "its rows are units: each image has the value of its unit"),
    )
    return replace(opened, predictions=labels)


def _task_of(path: Path | LabelsInMemory) -> TaskName:
    if isinstance(path, LabelsInMemory):
        return IMAGES
    if path.is_dir():
        return PIXELS
    suffix = path.suffix.lower()
    if suffix in (*_TABLES, *_ARRAYS):
        return IMAGES
    if not path.exists():
        raise DataError("there is no such file or folder", where=path, fix="mind the spelling")
    raise UsageError(
        f"predictions are not read from {suffix or 'files without an ending'}",
        where=path,
        fix="write a CSV, TSV, npz or npy, or a folder of PNG or npy masks (unpacked)",
    )


def _open_file(
    home: ImportTarget,
    path: Path,
    form: ImportSchema,
    ids: Path | None,
    n_most: int,
    spool: Path,
    label: str,
) -> OpenedFile:
    if path.is_dir():
        return OpenedFile(read_mask_folder(path, form, label=label))
    if path.suffix.lower() in _TABLES:
        table = read_label_table(path, form, id_names=home.id_names, n_most=n_most, label=label)
        return OpenedFile(table)
    found = read_label_array(
        path, form, id_names=home.id_names, n_most=n_most, spool=spool, ids=ids, label=label
    )
    return OpenedFile(found, ids)


def score_imported_oof(
    competition: Competition,
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    root: Path,
    task: TaskName,
) -> dict[str, Any] | None:
    """Return metric, score and scored rows of the set at `root`; None where it is undefined.

    Masks are scored image by image, in the mean Dice where the metric is of objects or volumes. Of
    two classes there is "inverted", too, where the score of 1 - p lacks less than half as much to a
    perfect one.
    """
    if is_of_images(task):
        return _score_labels(competition, samples, folds, PredictionSet(root))
    return _score_masks(competition, samples, PredictionSet(root))


def _with_inverted(
    scores: dict[str, Any], metric: Metric, score_inverted: Callable[[], float]
) -> dict[str, Any]:
    """Return the scores with that of inverted probabilities, where it is far better."""
    if metric.perfect is None:
        return scores
    try:
        inverted = score_inverted()
    except DataError:  # undefined
        return scores
    is_better = 2 * abs(metric.perfect - inverted) < abs(metric.perfect - scores["oof"])
    return {**scores, "inverted": inverted} if is_better else scores


def _score_labels(
    competition: Competition,
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    predictions: PredictionSet,
) -> dict[str, Any] | None:
    oof, scorer = predictions.oof(), FoldLabelScorer(competition)
    right = truth(samples, competition)
    if competition.open_set is not None:
        right = open_set_truth(right, folds, scheme=competition.folds.scheme)
    at = positions([str(one) for one in samples["id"]], oof.ids)
    units = units_of(samples.iloc[at].reset_index(drop=True), competition)
    probs: Any = oof.probs
    right = right[at]
    if units is not None:
        probs = units.probs(require_dense(probs, who="the mean of a unit"))
        right = units.truth(right)
    is_scored = competition.open_set is not None
    known = np.arange(len(right)) if is_scored else np.flatnonzero(has_label(right))
    try:
        score = scorer(probs[known], right[known], where=str(predictions.root))
    except DataError:  # for example one class only: an undefined score stops no import
        return None
    scores = {"metric": scorer.name, "oof": score, "scored_rows": len(known)}
    if not (competition.kind.is_yes_no and competition.kind.is_prob):
        return scores
    inverted = partial(scorer, 1 - probs[known], right[known], where=str(predictions.root))
    return _with_inverted(scores, scorer.metric, inverted)


def _score_masks(
    competition: Competition, samples: pd.DataFrame, predictions: PredictionSet
) -> dict[str, Any] | None:
    masks, scorer, kind = (
        predictions.oof_masks(),
        FoldMaskScorer(competition),
        competition.mask_kind,
    )
    there = samples.set_index("id", drop=False).loc[masks.ids].reset_index(drop=True)
    counts, inverted = [], []
    decided = decide_masks(masks, default_mask_steps(kind), kind)
    for right, (_, mask) in zip(truth_masks(competition, there), decided, strict=True):
        if right is not None:
            counts.append(scorer.counts(right, mask))
            if kind.is_yes_no:
                inverted.append(scorer.counts(right, 1 - mask))
    if not counts:
        return None
    try:
        score = float(scorer(np.stack(counts)))
    except DataError:  # undefined, as above
        return None
    scores = {"metric": scorer.name, "oof": score, "scored_rows": len(counts)}
    if not inverted:
        return scores
    return _with_inverted(scores, scorer.metric, lambda: float(scorer(np.stack(inverted))))


@dataclass(frozen=True)
class _ImportedTask:
    """Predictions of one task to import."""

    form: ImportSchema
    oof: Sequence[ImportSource]
    test: Sequence[ImportSource]


@dataclass(frozen=True)
class _OpenedImport:
    """One import, opened and not yet read.

    Attributes:
        name: of the folder, before its 8 hex digits.
        facts: returns the facts that its id hashes; called after all sources are validated.
        source: description of its origin.
        tasks: its predictions by task.
        folds: a table, its ids and their folds; None: the sources contain folds, or none exist.
        trusted: whether a person asserts that rows are out of fold.
        bounded: relation of the source to its own folds, if it was an import there.
        knows_the_past_only: whether its folds are time-ordered, if ours are.
        scores: of the run, kept as facts.
    """

    name: str
    facts: Callable[[], dict[str, Any]]
    source: dict[str, Any]
    tasks: Sequence[_ImportedTask]
    folds: tuple[Path, list[str], list[str]] | None = None
    trusted: bool = False
    bounded: OofStatus = "ours"
    knows_the_past_only: bool = False
    scores: dict[str, Any] | None = None


def is_workspace(path: Path) -> bool:
    """Return whether `path` is the folder of a podium workspace."""
    return (path / COMPETITION_FILE).is_file()


def import_predictions(
    home: ImportTarget,
    oof: Sequence[Path | LabelsInMemory],
    *,
    test: Sequence[Path | LabelsInMemory] = (),
    run: str | None = None,
    name: str | None = None,
    ids: Sequence[Path] = (),
    test_ids: Sequence[Path] = (),
    folds_file: Path | None = None,
    logits: bool = False,
    trust_folds: bool = False,
    progress: Progress = SILENT,
) -> list[Path]:
    """Return the folders of `imports/` with predictions from files or of another workspace.

    Arguments are those of `import_files`, or `run` and those of `import_workspace` where `oof` is
    the folder of a workspace.

    Raises:
        UsageError: as these do, or arguments of both stand together.
        DataError: as these do.
    """
    other = next((one for one in oof if isinstance(one, Path) and is_workspace(one)), None)
    if other is not None:
        if len(oof) > 1 or test or ids or test_ids or folds_file is not None or logits:
            raise UsageError(
                "another workspace has its own test data, ids and folds",
                fix="podium import ../teammate --run NAME",
            )
        return import_workspace(
            home, other, run=run, name=name, trust_folds=trust_folds, progress=progress
        )
    if run is not None:
        raise UsageError("--run is of another workspace", fix="name its folder first")
    return [
        import_files(
            home,
            oof,
            test=test,
            name=name,
            ids=ids,
            test_ids=test_ids,
            folds_file=folds_file,
            logits=logits,
            trust_folds=trust_folds,
            progress=progress,
        )
    ]


def import_files(
    home: ImportTarget,
    oof: Sequence[Path | LabelsInMemory],
    *,
    test: Sequence[Path | LabelsInMemory] = (),
    name: str | None = None,
    ids: Sequence[Path] = (),
    test_ids: Sequence[Path] = (),
    folds_file: Path | None = None,
    logits: bool = False,
    trust_folds: bool = False,
    progress: Progress = SILENT,
) -> Path:
    """Return the folder of `imports/` with predictions from files; created once for equal files.

    Args:
        home: the workspace to import into.
        oof: predictions of training rows: one file (CSV, npz, npy), folder of masks or labels in
            memory, or one a fold; none if there are test predictions only.
        test: of test rows: one, or one a fold model.
        name: of the import; default: of its first file.
        ids, test_ids: for each bare npy a file with the ids of its rows.
        folds_file: a table of id and fold: the folds of the OOF predictions.
        logits: whether values are logits.
        trust_folds: whether you assert that no row was predicted by a model trained on it, if the
            folds do not show it.
        progress: shows bars.

    Raises:
        UsageError: files of several tasks, options that contradict each other, or no `name` for
            what is in memory.
        DataError: an error in a file; it names file and row.
    """
    files = [*oof, *test]
    if not files:
        raise UsageError("no predictions are named", fix="podium import OOF.csv --test TEST.csv")
    if name is None and isinstance(files[0], LabelsInMemory):
        raise UsageError(
            f"{files[0]} is no file, so the import has no name", fix='give it one: name="effnet"'
        )
    if test and not len(home.test):
        raise UsageError("this competition has no test data", fix="leave --test out")
    of_files = FileDigests(home.workspace)
    with temporary_folder("podium-import") as spool:
        form, oof_sources, test_sources = open_sources(
            home, oof, test, ids, test_ids, logits, spool
        )

        def facts() -> dict[str, Any]:
            files = [one.predictions for one in (*oof_sources, *test_sources)]
            is_named = any(isinstance(one, ImportedLabels) and one.is_named for one in files)
            return {
                **home.facts(),
                **({"format": NAMED_FORMAT} if is_named else {}),
                "oof": [one.digest(of_files) for one in oof_sources],
                "test_files": [one.digest(of_files) for one in test_sources],
                "folds_file": None if folds_file is None else of_files.of(folds_file),
                "logits": logits,
                "trusted": trust_folds,
            }

        table = None
        if folds_file is not None:
            table = (folds_file, *read_fold_table(folds_file, home.id_names))
        opened = _OpenedImport(
            name or Path(str(files[0])).name.partition(".")[0],
            facts,
            {
                "oof": [str(one) for one in oof],
                "test": [str(one) for one in test],
                "folds_file": None if folds_file is None else str(folds_file),
            },
            [
                _ImportedTask(
                    form,
                    [one.predictions for one in oof_sources],
                    [one.predictions for one in test_sources],
                )
            ],
            folds=table,
            trusted=trust_folds,
        )
        return _keep(home, opened, progress)


def import_workspace(
    home: ImportTarget,
    path: Path,
    *,
    run: str | None = None,
    name: str | None = None,
    trust_folds: bool = False,
    progress: Progress = SILENT,
) -> list[Path]:
    """Return folders of `imports/` with the predictions of a run of another workspace.

    Args:
        home: the workspace to import into.
        path: the other workspace; nothing is written there.
        run: id or name there of a run or an import; of a blend each member is imported.
        name: of the import; default: of the run.
        trust_folds: as `import_files` has it.
        progress: gets bars.

    Raises:
        UsageError: there is no such run, or one name for several members.
        DataError: the other competition has other tasks, classes, images or sizes.
    """
    other = Workspace(path.resolve())
    if other.root == home.workspace.root.resolve():
        raise UsageError("this is the workspace itself", where=path, fix="name another one")
    theirs = load_competition(other.root)
    found = prediction_sets(other, run)
    if name is not None and len(found) > 1:
        raise UsageError(
            f"this blend has {plural(len(found), 'member')}, and one --name", fix="leave --name out"
        )
    return [
        _keep(home, _import_of_set(home, theirs, root, record, name, trust_folds), progress)
        for root, record in found
    ]


def _import_of_set(
    home: ImportTarget,
    theirs: Competition,
    root: Path,
    record: Record,
    name: str | None,
    trusted: bool,
) -> _OpenedImport:
    """Return the predictions of another workspace's prediction set that apply here."""
    predictions = PredictionSet(root)
    tasks = []
    for task in home.competition.tasks:
        if task not in predictions.tasks("oof"):
            continue
        order = require_same_task(home.competition, theirs, task)
        read = fold_labels if is_of_images(task) else fold_masks
        test = read(root, "test", order) if len(home.test) else []
        tasks.append(
            _ImportedTask(ImportSchema.of(home.competition, task), read(root, "oof", order), test)
        )
    if not tasks:
        raise DataError(
            f"it predicts {', '.join(predictions.tasks('oof'))}, and none of "
            f"{', '.join(home.competition.tasks)}",
            where=root,
        )

    def contents() -> dict[str, str]:
        folders = [one.path for task in tasks for one in (*task.oof, *task.test)]
        of_files = FileDigests(home.workspace)
        return {
            folder.relative_to(root).as_posix(): of_files.of_many(sorted(folder.iterdir()))
            for folder in folders
        }

    bounded: OofStatus = record.details.get("cross_fitted", "ours")
    if record.kind == "import" and record.details.get("trusted"):
        trusted = True  # the assertion belongs to the imported predictions
    flags = {key: True for key in ("selected_on_fold", UNKNOWN_START) if record.scores.get(key)}
    return _OpenedImport(
        name or record.name,
        lambda: {
            **home.facts(),
            "set": contents(),
            "their_classes": list(theirs.classes),
            "trusted": trusted,
            "standing": bounded,
        },
        {"workspace": str(theirs.root), "artefact": record.id, "set": root.name},
        tasks,
        trusted=trusted,
        bounded=bounded,
        knows_the_past_only=theirs.folds.scheme == "time",
        scores=flags,
    )


def _keep(home: ImportTarget, opened: _OpenedImport, progress: Progress) -> Path:
    """Return the folder of an import, written unless it is there."""
    fix = "--name NAME, of letters, digits, '-', '_' and '.'"
    require_folder_name(opened.name, "an import", fix)
    placed = _RowPlaces.of(home, opened)
    facts = opened.facts()
    identity = short_digest(facts)
    folder = home.workspace.imports / f"{opened.name}-{identity}"
    if _is_whole(folder, identity):
        progress.say(f"  {folder.name} is there already")
        return folder
    created = now()
    if folder.is_dir():  # the same files make the same import, with the place in time that it had
        progress.say(f"  {folder.name} lacks files, or they are damaged: it is written again")
        with suppress(PodiumError):
            created = read_record(folder).created
        shutil.rmtree(folder)
    else:
        _require_own_name(home.workspace, opened.name)
    home.workspace.imports.mkdir(parents=True, exist_ok=True)
    sweep(home.workspace.imports)  # what a killed import left there
    with suppress(ExistsError), new_folder(folder) as made:  # of another process: the same import
        root = made / "predictions" / identity
        details, scores = _write(home, opened, placed, root, progress)
        RowContents.of(home.workspace, home.competition).write(made)
        if (root / "test").is_dir():  # its images are taken for those of today
            RowContents.of_test(home.workspace, home.competition).write(root)
        write_record(
            made,
            Record(
                kind="import",
                id=folder.name,
                name=opened.name,
                created=created,
                status="finished",
                inputs=facts,
                scores={**(opened.scores or {}), **scores},
                details=details,
            ),
        )
    return folder


def _is_whole(folder: Path, identity: str) -> bool:
    """Return whether the import in `folder` has all that was written there, and no damage."""
    if not folder.is_dir():
        return False
    roots = [Path(root) for root, _, _ in os.walk(folder)]
    listed = [root / name for root in roots for name in digests.read_sums(root)]
    try:
        read_record(folder)
        is_complete = PredictionSet(folder / "predictions" / identity).is_complete
    except PodiumError:
        return False
    return is_complete and all(digests.state_of(file) == "intact" for file in listed)


def _require_own_name(workspace: Workspace, name: str) -> None:
    """Refuse the name of a run: a blend by that name would use the import, which is newer."""
    runs = sorted(one.name for one in workspace.runs.glob(f"{name}-*"))
    taken = [one for one in runs if one.rpartition("-")[0] == name]
    if taken:
        fix = f"give the import a name of its own: --name their-{name}"
        raise UsageError(f"{name!r} is the name of {taken[0]}, a run of yours", fix=fix)


@dataclass(frozen=True)
class _RowPlaces:
    """Positions of all rows of an import, by task, and the relation of its folds to ours."""

    oof: dict[TaskName, OofMatch]
    test: dict[TaskName, TestMatch]
    oof_status: OofStatus

    @classmethod
    def of(cls, home: ImportTarget, opened: _OpenedImport) -> _RowPlaces:
        """Return the places, of rows whose ids and sizes are right; no value is read for it."""
        oof, test = {}, {}
        for one in opened.tasks:
            task: TaskName = one.form.task
            if one.oof:
                oof[task] = _oof_places(home, opened, one)
            if one.test:
                test[task] = TestMatch.of(one.test, home.test_ids, oof.get(task))
            if is_of_pixels(task):
                require_sizes(one.oof, oof.get(task), None, home.sizes)
                require_sizes(one.test, None, test.get(task), home.sizes)
        oof_status: OofStatus = "test only"
        if oof:
            order: list[OofStatus] = ["torn groups", "folds unknown", "other folds", "ours"]
            each = [opened.bounded, *(one.oof_status for one in oof.values())]
            oof_status = min(each, key=order.index)
        if opened.trusted and oof_status == "torn groups":
            raise _torn(home, oof)
        return cls(oof, test, oof_status)


def _write(
    home: ImportTarget, opened: _OpenedImport, placed: _RowPlaces, root: Path, progress: Progress
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write a prediction set, and return details and scores of its record."""
    places, tests, oof_status = placed.oof, placed.test, placed.oof_status
    details: dict[str, Any] = {
        "source": opened.source,
        "cross_fitted": oof_status,
        "trusted": opened.trusted and oof_status not in ("ours", "test only"),
        "tasks": {},
    }
    begin_import(root, places, tests, details)
    n_rows = sum(len(one.rows) for one in places.values())
    n_rows += sum(len(one.folds) * len(home.test) for one in tests.values())
    scores: dict[str, Any] = {}
    with progress.bar(opened.name, n_rows) as advance:
        for one in opened.tasks:
            task, known = one.form.task, places.get(one.form.task)
            common: dict[str, Any] = {"name": opened.name, "sizes": home.sizes, "advance": advance}
            if known is not None:
                write_oof(root, one.form, one.oof, known, ids=home.train_ids, **common)
                scores[task] = score_imported_oof(
                    home.competition, home.train, home.folds, root, task
                )
            if task in tests:
                write_test(root, one.form, one.test, tests[task], ids=home.test_ids, **common)
            details["tasks"][task] = _summary(home, known, tests.get(task))
            if known is not None and _is_decided(one.form, root):
                details["tasks"][task]["notes"].append(_DECIDED)
    found = {task: value for task, value in scores.items() if value is not None}
    main = found.get(home.competition.scored_task, {})
    return details, {**main, "tasks": found} if found else {}


_DECIDED = (
    "its values are 0 and 1 alone, which are decisions: probabilities blend and rank better; "
    "import those, where you have them"
)


def _is_decided(form: ImportSchema, root: Path) -> bool:
    """Return whether every out-of-fold probability of labels is 0 or 1."""
    if not is_of_images(form.task) or not form.kind.is_prob:
        return False
    probs = PredictionSet(root).oof().probs
    values = probs if isinstance(probs, np.ndarray) else probs.probs
    return bool(np.isin(values, (0, 1)).all())


def _summary(home: ImportTarget, oof: OofMatch | None, test: TestMatch | None) -> dict[str, Any]:
    """Return the record's facts of one task."""
    notes = (*(oof.notes if oof is not None else ()), *(test.notes if test is not None else ()))
    return {
        "oof_rows": 0 if oof is None else len(oof.rows),
        "folds": [] if oof is None else oof.fold_numbers,
        "test_rows": 0 if test is None else len(home.test),
        "test_models": 0 if test is None else len(test.folds),
        "notes": list(dict.fromkeys(notes)),
    }


def _oof_places(home: ImportTarget, opened: _OpenedImport, one: _ImportedTask) -> OofMatch:
    """Return where the out-of-fold rows of one task belong."""
    answers = home.train["label" if is_of_images(one.form.task) else "mask"]
    return OofMatch.of(
        one.oof,
        home.train_ids,
        home.folds,
        has_answer=answers.notna().to_numpy(),
        groups=home.groups,
        table=opened.folds,
        knows_the_past_only=home.competition.folds.scheme != "time" or opened.knows_the_past_only,
    )


def _torn(home: ImportTarget, places: dict[TaskName, OofMatch]) -> DataError:
    names = [
        str(key)
        for one in places.values()
        for column in ("group", "unit")
        for key in groups_across_folds(one.theirs or [], home.train[column].iloc[one.rows].tolist())
    ]
    shown = ", ".join(repr(one) for one in names[:3])
    return DataError(
        f"its folds tear groups apart ({shown}): its models were trained on the groups that they "
        "predicted, which --trust-folds cannot mend",
        fix="train it again over folds.csv",
    )


def import_warning(folder: Path) -> str:
    """Return a sentence on an import that scores far above all others here, or far better inverted.

    It is "" of any other.
    """
    others = [one for other, one in scan(Workspace(folder.parent.parent)) if other != folder]
    record = read_record(folder)
    return leak_note(record, others) or inversion_note(record)


def describe_import_use(folder: Path) -> str:
    """Return in one sentence what an import can be used for."""
    record = read_record(folder)
    refused = blend_refusal(record)
    if refused is None:
        has_test = any((folder / "predictions").glob("*/test"))
        submitted = "tuned and submitted" if has_test else "tuned, and without --test not submitted"
        return f"it can be blended, {submitted}; it cannot teach (podium pseudo)"
    why = refused.message.partition(": ")[2]
    return f"it cannot be blended: {why}\n  fix: {refused.fix}"
