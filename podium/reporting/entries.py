"""Runs, blends and submissions as rows of the report, read from records, receipts and histories.

The history of a training is read from `metrics.csv`: one row an epoch, over all phases.
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.scores.estimates import ExpectedScore, OnTestLike
from podium.competition.spec import Competition
from podium.ensembling.blend import Blend
from podium.ensembling.members import MemberTable
from podium.ensembling.record import BlendPart, read_parts
from podium.errors import PodiumError, RunError
from podium.predictions.kept_scores import kept_expected_of_share
from podium.submissions.board.view import BoardRow
from podium.tasks.protocols.names import TaskName
from podium.training.data.extra import baseline_digits
from podium.training.runs.fold_files import FoldFiles
from podium.workspace.ids import short_digest
from podium.workspace.records import UNKNOWN_START, Record, is_label_free_run, scored_on_fewer_rows

__all__ = [
    "BlendEntry",
    "RunEntry",
    "blends_of",
    "column_by_fold",
    "decision_of",
    "longest_history",
    "metric_of",
    "quota_of",
    "read_histories",
    "runs_of",
    "tasks_in_order",
]


@dataclass(frozen=True)
class RunEntry:
    """One run; `scored_by` is the metric of its scores if it is not the competition's.

    Scores of another metric are left out: `oof` is None, `folds` is empty. `rows` are those that a
    whole run scores; `by_task` has (metric, OOF score) of every task the run was trained on, and
    `predictions` the folder of its newest prediction set. `extra` has the facts of its extra
    images by source, and `baseline` the id of the baseline run without them, if there is one.
    `images` counts the images by part of the data of a run pretrained without labels, which has no
    score; None for other runs. Runs with the same `but_seed` differ in nothing that determines them
    but `seed`; it is empty if the record does not contain what determines the run. `podium` is the
    version that wrote it, `fold_facts` the facts that each fold's training recorded,
    `folds_by_task` scores by task and fold, the scored task first, `expected` the score to expect
    of it, if that is known.
    """

    id: str
    name: str
    created: datetime
    status: str
    oof: float | None
    folds: dict[str, float]
    n_folds: int | None
    scored_rows: int | None
    rows: int | None
    selected_on_fold: bool
    unknown_start: bool
    seconds: float | None
    device: str
    histories: dict[str, TrainingHistory] = field(repr=False)
    recipe: str = field(repr=False)
    parents: tuple[str, ...] = ()
    scored_by: str | None = None
    by_task: dict[str, tuple[str, float | None]] = field(default_factory=dict)
    predictions: Path | None = None
    extra: dict[str, dict[str, Any]] = field(default_factory=dict)
    baseline: str | None = None
    images: dict[str, int] | None = None
    but_seed: str = ""
    seed: int = 0
    podium: str = ""
    fold_facts: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    folds_by_task: dict[str, dict[str, float]] = field(default_factory=dict)
    expected: ExpectedScore | None = None

    @property
    def is_partial(self) -> bool:
        """Whether its OOF score covers only some rows; False for a run without an OOF score."""
        return bool(self.scored_rows and self.rows and self.scored_rows != self.rows)


Step = tuple[str, list[tuple[str, float]]]


@dataclass(frozen=True)
class BlendEntry:
    """One blend; `created` and `id` are its record's, `parts` has one entry per task.

    `scored_by` is the metric of its scores if it is not the competition's: such scores cannot be
    compared with those of other blends. `on_test_like` is the estimate for this test set, if any,
    `expected` the score to expect of it, `brought` what each of its members brings; None: nothing
    is kept.
    """

    id: str
    created: datetime
    parts: dict[TaskName, BlendPart]
    scored_by: str | None = None
    on_test_like: OnTestLike | None = None
    expected: ExpectedScore | None = None
    brought: MemberTable | None = None

    @property
    def blend(self) -> Blend:
        """The part that is scored: it comes first."""
        return next(iter(self.parts.values())).blend

    @property
    def weighed(self) -> list[str]:
        """The members that change it, of whatever part: others have no weight."""
        blends = [one.blend for one in self.parts.values()]
        return list(
            dict.fromkeys(
                name
                for blend in blends
                for name, weight in zip(blend.members, blend.weights, strict=True)
                if weight or blend.fitted.uncalibrated().params
            )
        )


def runs_of(
    found: Sequence[tuple[Path, Record]], competition: Competition, answered: int | None = None
) -> list[RunEntry]:
    """Return the runs among `found`, best OOF score first, runs without a score last.

    Those that are scored on fewer rows than others stand behind all that are scored on the most.
    `answered` is the number of train rows labelled for the scored task, if it is known.
    """
    runs = {record.id: (folder, record) for folder, record in found if record.kind == "run"}
    ids = {name.rpartition("-")[2]: name for name in runs}
    entries = [
        replace(_run(folder, record, competition, answered), baseline=_baseline_run(record, ids))
        for folder, record in runs.values()
    ]
    fewer = scored_on_fewer_rows(
        {run.id: run.scored_rows for run in entries if run.oof is not None}
    )
    return sorted(entries, key=lambda run: _rank(run.oof, run.id in fewer, competition))


def blends_of(
    found: Sequence[tuple[Path, Record]],
    competition: Competition,
    problems: list[str],
    *,
    order: Sequence[str] = (),
) -> list[BlendEntry]:
    """Return the blends among `found`, in the order of these ids; all others are the last.

    `problems` get the unreadable.
    """
    entries = []
    for folder, record in found:
        if record.kind == "blend":
            try:
                parts = read_parts(folder)
            except PodiumError as error:
                problems.append(str(error))
                continue
            entry = BlendEntry(record.id, record.created, parts)
            other = _other_metric(entry.blend.metric, competition)
            entries.append(replace(entry, scored_by=other))
    places = {one: place for place, one in enumerate(order)}
    return sorted(entries, key=lambda one: places.get(one.id, len(places)))


def quota_of(rows: Sequence[BoardRow], competition: Competition) -> str | None:
    """Return how much of a day's quota was used on the last day with a submission (UTC).

    A host of one's own and Kaggle have a quota each: the last host's is reported.
    """
    sent = [
        (row.submitted or row.created, row.target)
        for row in rows
        if row.state in ("submitted", "complete")
    ]
    if not sent:
        return None
    last, target = max(sent)
    n = sum(at[:10] == last[:10] and where == target for at, where in sent)
    return f"{n} of {competition.kaggle.daily_limit} sent on {last[:10]} (UTC)"


def metric_of(competition: Competition, task: TaskName) -> str:
    """Return the name of the metric in which runs score `task`."""
    scored_by = competition.metric_of(task)
    if scored_by is not None:
        return scored_by.name
    return metrics.usual(task, competition.tasks[task])


def tasks_in_order(competition: Competition) -> list[TaskName]:
    """Return the tasks of the competition, the one that is scored first."""
    return sorted(competition.tasks, key=lambda task: task != competition.scored_task)


def decision_of(blend: Blend, classes: Sequence[str]) -> list[Step]:
    """Return each step's name with its parameters by class ("" for a single one).

    Weights of a multiclass mask have one number more than `classes`: background comes first.
    """
    steps: list[Step] = []
    for step in blend.decision:
        ((name, parameter),) = step.items()
        values: list[tuple[str, float]] = []
        if name == "objects":
            name, values = _objects(parameter or {}, classes)
        elif isinstance(parameter, Sequence):
            named = classes if len(classes) == len(parameter) else ["background", *classes]
            named = [f"from {one}" for one in classes[1:]] if name == "cuts" else named
            named = named if len(named) == len(parameter) else [""] * len(parameter)
            values = [(c, float(p)) for c, p in zip(named, parameter, strict=True)]
        elif isinstance(parameter, Mapping):
            values = [(str(key), float(one)) for key, one in parameter.items()]
        elif parameter is not None:
            values = [("", float(parameter))]
        steps.append((name.replace("_", " "), values))
    return steps


def _objects(
    parameter: Mapping[str, Any], classes: Sequence[str]
) -> tuple[str, list[tuple[str, float]]]:
    """Return how areas become objects, and the seeds of a watershed."""
    if parameter.get("split") != "watershed":
        return "objects are areas that touch", []
    values = [("pixels apart", float(parameter.get("distance") or 0))]
    seed = parameter.get("seed")
    if isinstance(seed, Sequence):
        values += [(f"seed, {c}", float(p)) for c, p in zip(classes, seed, strict=False)]
    elif seed is not None:
        values.append(("seed", float(seed)))
    return "objects are split by a watershed", values


def _run(folder: Path, record: Record, competition: Competition, answered: int | None) -> RunEntry:
    scores, details = record.scores, record.details
    other = _other_metric(scores.get("metric"), competition)
    facts: Mapping[str, Any] = details.get("folds", {})
    seconds = [fold["seconds"] for fold in facts.values() if "seconds" in fold]
    return RunEntry(
        id=record.id,
        name=record.name,
        created=record.created,
        status=record.status,
        oof=None if other else scores.get("oof"),
        folds={} if other else {str(k): float(v) for k, v in scores.get("folds", {}).items()},
        n_folds=details.get("n_folds"),
        scored_rows=scores.get("scored_rows"),
        rows=scores.get("rows") if answered is None else answered,
        selected_on_fold=bool(scores.get("selected_on_fold", False)),
        unknown_start=UNKNOWN_START in scores,
        seconds=sum(seconds) if seconds else None,
        device=", ".join(
            sorted({str(fold["device"]) for fold in facts.values() if "device" in fold})
        ),
        histories=read_histories(folder),
        recipe=_text(folder / "recipe.yaml"),
        parents=tuple(record.parents),
        scored_by=other,
        by_task={
            task: (str(one.get("metric", "")), one.get("oof"))
            for task, one in scores.get("tasks", {}).items()
        },
        predictions=_predictions(folder, details),
        extra=record.inputs.get("extra", {}),
        images=_images(facts) if is_label_free_run(record) else None,
        **_seeded(record),
        podium=record.podium,
        fold_facts=dict(facts),
        folds_by_task=_by_task(scores, competition.scored_task, other),
        expected=(
            None if other else kept_expected_of_share(folder, competition.kaggle.public_share)
        ),
    )


def _by_task(
    scores: Mapping[str, Any], scored: TaskName, other: str | None
) -> dict[str, dict[str, float]]:
    """Return task → fold → score; without those by the metric `other`, which nothing else has."""
    found = {str(scored): {} if other else scores.get("folds", {})}
    for task, one in scores.get("tasks", {}).items():
        if task != scored:
            found[str(task)] = one.get("folds", {})
    return {
        task: {str(fold): float(value) for fold, value in folds.items() if value is not None}
        for task, folds in found.items()
    }


def _seeded(record: Record) -> dict[str, Any]:
    """Return the seed of a run, and a digest of all else that determines it, if recorded."""
    recipe = record.inputs.get("recipe")
    if not isinstance(recipe, Mapping):
        return {}
    others = {key: one for key, one in recipe.items() if key != "seed"}
    seed = recipe.get("seed", 0)  # what a recipe leaves at its default is not hashed
    return {"seed": int(seed), "but_seed": short_digest({**record.inputs, "recipe": others})}


def _images(facts: Mapping[str, Any]) -> dict[str, int]:
    """Return the images a run without labels was pretrained on, as its training recorded them."""
    found: dict[str, int] = facts.get("full", {}).get("pools", {}).get("images", {})
    return found


def _baseline_run(record: Record, ids: Mapping[str, str]) -> str | None:
    """Return the id of the same run without extra images, by the digits of all runs."""
    return ids.get(baseline_digits(record.inputs)) if record.inputs.get("extra") else None


def _predictions(run: Path, details: Mapping[str, Any]) -> Path | None:
    """Return the folder of a run's predictions; None of a run that is not as far yet."""
    name = details.get("predictions")
    folder = run / "predictions" / name if isinstance(name, str) else None
    # The record names the folder from the beginning of the training on.
    return folder if folder is not None and folder.is_dir() else None


def _other_metric(name: str | None, competition: Competition) -> str | None:
    """Return `name` where it is not the competition's metric; a record without one is taken so."""
    return None if name in (None, competition.metric.name) else name


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _rank(
    score: float | None, is_of_fewer_rows: bool, competition: Competition
) -> tuple[int, float]:
    if score is None:
        return 2, 0.0
    better = -score if metrics.of(competition).greater_is_better else score
    return int(is_of_fewer_rows), better


_logger = logging.getLogger(__name__)
START = "start"  # what training calls the network before its first phase
_NOT_VALUES = ("phase", "epoch")


@dataclass(frozen=True)
class TrainingHistory:
    """One fold's training.

    Attributes:
        phases: (first epoch, name) of each phase; epochs count from 1, over all phases.
        columns: name → `(epochs,)`, nan where nothing was written.
        start: metric → score of the network before the first epoch, where it was written.
    """

    phases: tuple[tuple[int, str], ...]
    columns: dict[str, NDArray[np.float64]]
    start: dict[str, float] = field(default_factory=dict)

    @property
    def n_epochs(self) -> int:
        return len(next(iter(self.columns.values()), ()))


def read_histories(run: Path) -> dict[str, TrainingHistory]:
    """Return fold → history of each fold of `run` that has finished an epoch, in order."""
    names = [folder.name.removeprefix("fold-") for folder in run.glob("fold-*")]
    numbers = sorted(int(one) for one in names if one.isdigit())
    found = {}
    for name in [*map(str, numbers), *(["full"] if "full" in names else [])]:
        files = FoldFiles(run, int(name) if name.isdigit() else "full")
        history = _read(files.metrics)
        if history is not None and history.n_epochs:
            found[name] = replace(history, start=_start(files))
    return found


def longest_history(histories: Mapping[str, TrainingHistory]) -> TrainingHistory:
    """Return the history with most epochs, the first of several; it contains all phases."""
    return max(histories.values(), key=lambda one: one.n_epochs)


def column_by_fold(
    histories: Mapping[str, TrainingHistory], name: str
) -> dict[str, NDArray[np.float64]]:
    """Return fold → `(epochs,)` of each fold that wrote a finite value of `name`."""
    found = {fold: one.columns[name] for fold, one in histories.items() if name in one.columns}
    return {fold: values for fold, values in found.items() if np.isfinite(values).any()}


def _start(files: FoldFiles) -> dict[str, float]:
    """Return the scores before the first phase, which a finished fold has."""
    try:
        stages = files.read_done().get("stages", []) if files.is_done else []
        first = [one["scores"] for one in stages if one["phase"] == START]
        return {
            name: float(value) for one in first for name, value in one.items() if value is not None
        }
    except (RunError, TypeError, KeyError, ValueError, AttributeError) as error:
        _logger.warning("skipped: %s has no scores of its start: %s", files.done, error)
        return {}


def _read(file: Path) -> TrainingHistory | None:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        phases: list[tuple[int, str]] = []
        for number, row in enumerate(rows, start=1):
            if not phases or phases[-1][1] != row["phase"]:
                phases.append((number, row["phase"]))
        names = [name for name in (rows[0] if rows else ()) if name not in _NOT_VALUES]
        columns = {
            name: np.array([float(row[name] or "nan") for row in rows], dtype=np.float64)
            for name in names
        }
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        _logger.warning("skipped: %s is no history: %s", file, error)
        return None
    return TrainingHistory(tuple(phases), columns)
