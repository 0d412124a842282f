"""Predictions made elsewhere become a folder of `imports/`: checked whole, then kept whole."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podium.competition.spec import Competition, TaskName, load_competition
from podium.errors import DataError, UsageError
from podium.predictions.foreign.form import Form
from podium.predictions.foreign.places import OofPlaces, Said, TestPlaces
from podium.predictions.foreign.standing import Standing, refusal, torn
from podium.predictions.foreign.table import read_fold_table
from podium.predictions.foreign.workspace import (
    fold_labels,
    fold_masks,
    require_same_task,
    sets_of,
)
from podium.predictions.foreign.writing import begin, require_sizes, write_oof, write_test
from podium.predictions.reading import PredictionSet
from podium.workflows.import_home import Home
from podium.workflows.import_scores import oof_score
from podium.workspace.atomic import new_folder, sweep
from podium.workspace.clock import now
from podium.workspace.ids import FileDigests, short_digest
from podium.workspace.layout import COMPETITION_FILE, Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import Record, read_record, write_record

__all__ = ["Home", "import_files", "import_workspace", "is_workspace", "what_for"]


@dataclass(frozen=True)
class _Task:
    """What is imported of one task."""

    form: Form
    oof: Sequence[Said]
    test: Sequence[Said]


@dataclass(frozen=True)
class _Import:
    """All of one import, opened and not yet read.

    Attributes:
        name: of the folder, before its 8 hex digits.
        facts: returns what its id hashes; asked when everything has the right form.
        source: where it came from, for people.
        tasks: what it says of each.
        folds: a table, its ids and what it calls their folds; None: the sources say it, or nobody.
        trusted: whether a person asserts that rows are out of fold.
        bounded: how the source stands to its own folds, where it was an import there.
        knows_the_past_only: whether its folds are of time, where ours are.
        scores: facts of the run that go with it.
    """

    name: str
    facts: Callable[[], dict[str, Any]]
    source: dict[str, Any]
    tasks: Sequence[_Task]
    folds: tuple[Path, list[str], list[str]] | None = None
    trusted: bool = False
    bounded: Standing = "ours"
    knows_the_past_only: bool = False
    scores: dict[str, Any] | None = None


def is_workspace(path: Path) -> bool:
    """Return whether `path` is the folder of a podium workspace."""
    return (path / COMPETITION_FILE).is_file()


def import_files(
    home: Home,
    oof: Sequence[Path],
    *,
    test: Sequence[Path] = (),
    name: str | None = None,
    ids: Sequence[Path] = (),
    test_ids: Sequence[Path] = (),
    folds_file: Path | None = None,
    logits: bool = False,
    trust_folds: bool = False,
    progress: Progress = SILENT,
) -> Path:
    """Return the folder of `imports/` with predictions in files; the same ones make it once.

    Args:
        home: where they are brought to.
        oof: what is said of training rows: one file (CSV, npz, npy) or folder of masks, or one a
            fold; none where there are test predictions only.
        test: of test rows: one, or one a fold model.
        name: of the import; default: of its first file.
        ids, test_ids: of each bare npy a file with the ids of its rows.
        folds_file: a table of id and fold: by which folds the OOF was made.
        logits: whether values are logits.
        trust_folds: whether you assert that no row was predicted by a model that learnt from it,
            where the folds do not show it.
        progress: gets bars.

    Raises:
        UsageError: files of several tasks, or options that do not fit each other.
        DataError: naming file and row: what is wrong in them.
    """
    from podium.workflows.import_files import opened

    files = [*oof, *test]
    if not files:
        raise UsageError("no predictions are named", fix="podium import OOF.csv --test TEST.csv")
    if test and not len(home.test):
        raise UsageError("this competition has no test data", fix="leave --test out")
    digests = FileDigests(home.workspace)
    with tempfile.TemporaryDirectory(prefix="podium-import-") as spool:
        form, said_oof, said_test = opened(home, oof, test, ids, test_ids, logits, Path(spool))

        def facts() -> dict[str, Any]:
            return {
                **home.facts(),
                "oof": [one.digest(digests) for one in said_oof],
                "test_files": [one.digest(digests) for one in said_test],
                "folds_file": None if folds_file is None else digests.of(folds_file),
                "logits": logits,
                "trusted": trust_folds,
            }

        table = None
        if folds_file is not None:
            table = (folds_file, *read_fold_table(folds_file, home.id_names))
        asked = _Import(
            name or files[0].name.partition(".")[0],
            facts,
            {
                "oof": [str(one) for one in oof],
                "test": [str(one) for one in test],
                "folds_file": None if folds_file is None else str(folds_file),
            },
            [_Task(form, [one.said for one in said_oof], [one.said for one in said_test])],
            folds=table,
            trusted=trust_folds,
        )
        return _kept(home, asked, progress)


def import_workspace(
    home: Home,
    path: Path,
    *,
    run: str | None = None,
    name: str | None = None,
    trust_folds: bool = False,
    progress: Progress = SILENT,
) -> list[Path]:
    """Return folders of `imports/` with the predictions of a run of another workspace.

    Args:
        home: where they are brought to.
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
    found = sets_of(other, run)
    if name is not None and len(found) > 1:
        raise UsageError(
            f"this blend has {len(found)} members, and one --name", fix="leave --name out"
        )
    return [
        _kept(home, _of_set(home, theirs, root, record, name, trust_folds), progress)
        for root, record in found
    ]


def _of_set(
    home: Home,
    theirs: Competition,
    root: Path,
    record: Record,
    name: str | None,
    trusted: bool,
) -> _Import:
    """Return what a prediction set of another workspace has to say here."""
    said = PredictionSet(root)
    tasks = []
    for task in home.competition.tasks:
        if task not in said.tasks("oof"):
            continue
        order = require_same_task(home.competition, theirs, task)
        read = fold_labels if task == "classify" else fold_masks
        test = read(root, "test", order) if len(home.test) else []
        tasks.append(_Task(Form.of(home.competition, task), read(root, "oof", order), test))
    if not tasks:
        raise DataError(
            f"it predicts {', '.join(said.tasks('oof'))}, and none of "
            f"{', '.join(home.competition.tasks)}",
            where=root,
        )

    def contents() -> dict[str, str]:
        folders = [one.path for task in tasks for one in (*task.oof, *task.test)]
        digests = FileDigests(home.workspace)
        return {
            folder.relative_to(root).as_posix(): digests.of_many(sorted(folder.iterdir()))
            for folder in folders
        }

    bounded: Standing = record.details.get("cross_fitted", "ours")
    if record.kind == "import" and record.details.get("trusted"):
        trusted = True  # the assertion goes with what it was made of
    flags = {"selected_on_fold": True} if record.scores.get("selected_on_fold") else {}
    return _Import(
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


def _kept(home: Home, asked: _Import, progress: Progress) -> Path:
    """Return the folder of an import, written unless it is there."""
    if re.fullmatch(r"\w[\w.-]*", asked.name) is None:
        raise UsageError(
            f"the name of an import cannot be {asked.name!r}: it names a folder",
            fix="--name NAME, of letters, digits, '-', '_' and '.'",
        )
    placed = _Placed.of(home, asked)
    facts = asked.facts()
    identity = short_digest(facts)
    folder = home.workspace.imports / f"{asked.name}-{identity}"
    if folder.is_dir():
        progress.say(f"  {folder.name} is there already")
        return folder
    _require_own_name(home.workspace, asked.name)
    home.workspace.imports.mkdir(parents=True, exist_ok=True)
    sweep(home.workspace.imports)  # what a killed import left there
    with new_folder(folder) as made:
        root = made / "predictions" / identity
        details, scores = _write(home, asked, placed, root, progress)
        write_record(
            made,
            Record(
                kind="import",
                id=folder.name,
                name=asked.name,
                created=now(),
                status="finished",
                inputs=facts,
                scores={**(asked.scores or {}), **scores},
                details=details,
            ),
        )
    return folder


def _require_own_name(workspace: Workspace, name: str) -> None:
    """Refuse the name of a run: whoever blended it by name would get the import, which is newer."""
    runs = sorted(one.name for one in workspace.runs.glob(f"{name}-*"))
    taken = [one for one in runs if one.rpartition("-")[0] == name]
    if taken:
        fix = f"give the import a name of its own: --name their-{name}"
        raise UsageError(f"{name!r} is the name of {taken[0]}, a run of yours", fix=fix)


@dataclass(frozen=True)
class _Placed:
    """Where all rows of an import belong, by task, and how its folds stand to ours."""

    oof: dict[TaskName, OofPlaces]
    test: dict[TaskName, TestPlaces]
    standing: Standing

    @classmethod
    def of(cls, home: Home, asked: _Import) -> _Placed:
        """Return the places, of rows whose ids and sizes are right; no value is read for it."""
        oof, test = {}, {}
        for one in asked.tasks:
            task: TaskName = one.form.task
            if one.oof:
                oof[task] = _places(home, asked, one)
            if one.test:
                test[task] = TestPlaces.of(one.test, home.test_ids, oof.get(task))
            if task == "segment":
                require_sizes(one.oof, oof.get(task), None, home.sizes)
                require_sizes(one.test, None, test.get(task), home.sizes)
        standing: Standing = "test only"
        if oof:
            order: list[Standing] = ["torn groups", "folds unknown", "other folds", "ours"]
            each = [asked.bounded, *(one.standing for one in oof.values())]
            standing = min(each, key=order.index)
        if asked.trusted and standing == "torn groups":
            raise _torn(home, oof)
        return cls(oof, test, standing)


def _write(
    home: Home, asked: _Import, placed: _Placed, root: Path, progress: Progress
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write a prediction set, and return details and scores of its record."""
    places, tests, standing = placed.oof, placed.test, placed.standing
    details: dict[str, Any] = {
        "source": asked.source,
        "cross_fitted": standing,
        "trusted": asked.trusted and standing not in ("ours", "test only"),
        "tasks": {},
    }
    begin(root, places, tests, details)
    n_rows = sum(len(one.rows) for one in places.values())
    n_rows += sum(len(one.folds) * len(home.test) for one in tests.values())
    scores: dict[str, Any] = {}
    with progress.bar(asked.name, n_rows) as advance:
        for one in asked.tasks:
            task, known = one.form.task, places.get(one.form.task)
            common: dict[str, Any] = {"name": asked.name, "sizes": home.sizes, "advance": advance}
            if known is not None:
                write_oof(root, one.form, one.oof, known, ids=home.train_ids, **common)
                scores[task] = oof_score(home.competition, home.train, home.folds, root, task)
            if task in tests:
                write_test(root, one.form, one.test, tests[task], ids=home.test_ids, **common)
            details["tasks"][task] = _summary(home, known, tests.get(task))
    found = {task: value for task, value in scores.items() if value is not None}
    main = found.get(home.competition.scored_task, {})
    return details, {**main, "tasks": found} if found else {}


def _summary(home: Home, oof: OofPlaces | None, test: TestPlaces | None) -> dict[str, Any]:
    """Return what the record says of one task."""
    notes = (*(oof.notes if oof is not None else ()), *(test.notes if test is not None else ()))
    return {
        "oof_rows": 0 if oof is None else len(oof.rows),
        "folds": [] if oof is None else oof.fold_numbers,
        "test_rows": 0 if test is None else len(home.test),
        "test_models": 0 if test is None else len(test.folds),
        "notes": list(dict.fromkeys(notes)),
    }


def _places(home: Home, asked: _Import, one: _Task) -> OofPlaces:
    """Return where the out-of-fold rows of one task belong."""
    answers = home.train["label" if one.form.task == "classify" else "mask"]
    return OofPlaces.of(
        one.oof,
        home.train_ids,
        home.folds,
        has_answer=answers.notna().to_numpy(),
        groups=home.groups,
        table=asked.folds,
        knows_the_past_only=home.competition.folds.scheme != "time" or asked.knows_the_past_only,
    )


def _torn(home: Home, places: dict[TaskName, OofPlaces]) -> DataError:
    names = [
        str(key)
        for one in places.values()
        for column in ("group", "unit")
        for key in torn(one.theirs or [], home.train[column].iloc[one.rows].tolist())
    ]
    shown = ", ".join(repr(one) for one in names[:3])
    return DataError(
        f"its folds tear groups apart ({shown}): its models learnt from the groups that they "
        "predicted, which --trust-folds cannot mend",
        fix="train it again over folds.csv",
    )


def what_for(folder: Path) -> str:
    """Return in one sentence what an import can be used for."""
    record = read_record(folder)
    refused = refusal(record)
    if refused is None:
        has_test = any((folder / "predictions").glob("*/test"))
        submitted = "tuned and submitted" if has_test else "tuned, and without --test not submitted"
        return f"it can be blended, {submitted}; it cannot teach (podium pseudo)"
    why = refused.message.partition(": ")[2]
    return f"it cannot be blended: {why}\n  fix: {refused.fix}"
