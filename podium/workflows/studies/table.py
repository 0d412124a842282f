"""The table of a study: scores by seed for each arm, their differences, and the folder with both.

The folder has `record.json`, `table.csv`, `table.md` and `figure.svg`, each whole or absent. They
are written anew whenever a run ends; the runs themselves lie where runs lie.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.errors import RunError
from podium.workspace.atomic import write_text
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.records import RECORD_FILE, Record, read_record, write_record

__all__ = [
    "ArmScores",
    "Study",
    "StudyFolder",
    "arm_difference",
    "optimism_note",
    "rank_arms",
    "read_study",
    "study_inputs",
    "table_cells",
    "unknown_start_note",
    "within_one_standard_error",
]


@dataclass(frozen=True)
class ArmScores:
    """The scores of one arm of a study.

    Attributes:
        name: "A", or a recipe's.
        columns: distinguishing columns of the arm, column → text.
        seeds: that were requested.
        scores: seed → score of the competition's metric; unfinished and failed seeds are missing.
        runs: seed → the run that was scored.
        failed: seed → why there is no score.
        unknown_start: whether a run started from weights of unknown origin.
    """

    name: str
    columns: dict[str, str]
    seeds: tuple[int, ...]
    scores: dict[int, float] = field(default_factory=dict)
    runs: dict[int, str] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    unknown_start: bool = False

    @property
    def mean(self) -> float | None:
        """The mean of the scores; None where there is none."""
        return fmean(self.scores.values()) if self.scores else None

    @property
    def std(self) -> float | None:
        """Their standard deviation, with n - 1 below; None for fewer than two."""
        return stdev(self.scores.values()) if len(self.scores) > 1 else None

    @property
    def error(self) -> float | None:
        """The standard error of the mean, std / √n; None for fewer than two scores."""
        return None if self.std is None else self.std / math.sqrt(len(self.scores))

    @property
    def left(self) -> tuple[int, ...]:
        """The seeds that are neither scored nor failed."""
        return tuple(s for s in self.seeds if s not in self.scores and s not in self.failed)


@dataclass(frozen=True)
class ArmDifference:
    """Difference between two arms, seed by seed.

    Attributes:
        of: name of the minuend arm.
        minus: name of the subtracted arm.
        by_seed: seed → difference, of the seeds that both have.
        mean: of the differences; None without any.
        std: their standard deviation, with denominator n - 1; None for fewer than two.
    """

    of: str
    minus: str
    by_seed: dict[int, float]
    mean: float | None
    std: float | None

    @property
    def name(self) -> str:
        """As "C − A"."""
        return f"{self.of} − {self.minus}"


def arm_difference(one: ArmScores, other: ArmScores) -> ArmDifference:
    """Return the score of `one` less that of `other`, paired by seed.

    Where both arms are lucky with the same seed, pairs vary less than the arms do: that is the
    spread to hold a difference against.

    Example:
        >>> high = ArmScores("C", {}, (0, 1), {0: 0.75, 1: 0.5})
        >>> low = ArmScores("A", {}, (0, 1), {0: 0.5, 1: 0.25})
        >>> arm_difference(high, low).mean, arm_difference(high, low).std
        (0.25, 0.0)
    """
    both = [s for s in one.seeds if s in one.scores and s in other.scores]
    by_seed = {s: one.scores[s] - other.scores[s] for s in both}
    values = list(by_seed.values())
    mean = fmean(values) if values else None
    return ArmDifference(
        one.name, other.name, by_seed, mean, stdev(values) if len(values) > 1 else None
    )


def rank_arms(rows: Sequence[ArmScores], *, greater_is_better: bool) -> list[ArmScores]:
    """Return the rows with the best mean first, those without a score last."""
    sign = -1.0 if greater_is_better else 1.0
    return sorted(rows, key=lambda row: math.inf if row.mean is None else sign * row.mean)


def within_one_standard_error(rows: Sequence[ArmScores], *, greater_is_better: bool) -> set[str]:
    """Return the names of the rows within one standard error of the best one's mean, it included.

    That is Breiman's rule (1984), by the best row's own error; with one seed the error is unknown,
    and only the best is returned.
    """
    first = next(iter(rank_arms(rows, greater_is_better=greater_is_better)), None)
    if first is None or first.mean is None:
        return set()
    error = first.error or 0.0
    return {
        row.name for row in rows if row.mean is not None and abs(row.mean - first.mean) <= error
    }


@dataclass(frozen=True)
class Study:
    """Results of a study, so far.

    Attributes:
        folder: of the study; its name is the study's id.
        metric: of the scores.
        greater_is_better: whether a higher score is better.
        folds: whose pooled rows are scored.
        rows: the arms, in the order in which they are shown.
        differences: between arms, seed by seed.
        near_the_best: names of the arms within one standard error of the best one.
        notes: sentences below the table.
        stopped: why the study is incomplete; None if it is complete.
    """

    folder: Path
    metric: str
    greater_is_better: bool
    folds: tuple[int, ...]
    rows: tuple[ArmScores, ...]
    differences: tuple[ArmDifference, ...] = ()
    near_the_best: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    stopped: str | None = None

    @property
    def id(self) -> str:
        """As "base-transfer-1a2b3c4d"."""
        return self.folder.name

    @property
    def is_finished(self) -> bool:
        """Whether every seed of every arm has a score."""
        return not any(row.left or row.failed for row in self.rows)

    @property
    def found(self) -> dict[str, Any]:
        """The results as a JSON value."""
        return {
            "metric": self.metric,
            "greater_is_better": self.greater_is_better,
            "folds": list(self.folds),
            "arms": [
                {**asdict(row), "mean": row.mean, "std": row.std, "best": self._is_near(row)}
                for row in self.rows
            ],
            "differences": [asdict(one) for one in self.differences],
            "notes": list(self.notes),
            "stopped": self.stopped,
        }

    def _is_near(self, row: ArmScores) -> bool:
        return row.name in self.near_the_best


def read_study(folder: Path) -> Study:
    """Return the study that is kept in a folder, as far as it is.

    Raises:
        RunError: there is no record, or it is no study's.
    """
    details = read_record(folder).details
    try:
        rows = [
            ArmScores(
                one["name"],
                one["columns"],
                tuple(one["seeds"]),
                _by_seed(one["scores"]),
                _by_seed(one["runs"]),
                _by_seed(one["failed"]),
                one.get("unknown_start", False),  # not in studies of older versions
            )
            for one in details["arms"]
        ]
        differences = [
            ArmDifference(**{**one, "by_seed": _by_seed(one["by_seed"])})
            for one in details["differences"]
        ]
        return Study(
            folder=folder,
            metric=details["metric"],
            greater_is_better=details["greater_is_better"],
            folds=tuple(details["folds"]),
            rows=tuple(rows),
            differences=tuple(differences),
            near_the_best=frozenset(one["name"] for one in details["arms"] if one["best"]),
            notes=tuple(details["notes"]),
            stopped=details["stopped"],
        )
    except (KeyError, TypeError) as error:
        raise RunError(
            "nothing of this study is done yet",
            where=folder,
            fix="repeat the `podium study` that began it: it goes on",
        ) from error


def _by_seed(values: dict[str, Any]) -> dict[int, Any]:
    return {int(seed): one for seed, one in values.items()}


class StudyFolder:
    """The folder of one study, begun when it is not there.

    Args:
        workspace: that contains it, in `studies/`.
        name: before the 8 hex digits.
        inputs: what the study is: the digits are their digest.
    """

    def __init__(self, workspace: Workspace, name: str, inputs: dict[str, Any]) -> None:
        self.path = workspace.studies / f"{name}-{short_digest(inputs)}"
        self._name, self._inputs = name, inputs
        if not (self.path / RECORD_FILE).is_file():
            self.path.mkdir(parents=True, exist_ok=True)
            record = Record(
                kind="study",
                id=self.path.name,
                name=name,
                created=now(),
                status="unfinished",
                inputs=inputs,
            )
            write_record(self.path, record)

    @property
    def noted(self) -> dict[str, Any]:
        """The facts passed to `note`, also by an earlier process."""
        return dict(read_record(self.path).details.get("noted", {}))

    @property
    def known(self) -> tuple[ArmScores, ...]:
        """The rows that an earlier call wrote; none in a study that has just begun."""
        is_there = "arms" in read_record(self.path).details
        return read_study(self.path).rows if is_there else ()

    def note(self, facts: dict[str, Any]) -> None:
        """Keep facts that a later call needs, beside those that are there."""
        record = read_record(self.path)
        details = {**record.details, "noted": {**self.noted, **facts}}
        self._replace(record, record.model_copy(update={"details": details}))

    def write(self, study: Study, *, with_figure: bool) -> None:
        """Write the tables, the figure if requested, and last the record."""
        _write(self.path / "table.csv", _csv(study))
        _write(self.path / "table.md", _markdown(study))
        if with_figure:
            _write(self.path / "figure.svg", _figure(study))
        record = read_record(self.path)
        noted = {"noted": record.details["noted"]} if "noted" in record.details else {}
        runs = dict.fromkeys(run for row in study.rows for run in row.runs.values())
        fresh = {
            "status": "finished" if study.is_finished else "unfinished",
            "parents": list(runs),
            "scores": {
                "metric": study.metric,
                "means": {row.name: row.mean for row in study.rows},
            },
            "details": {**study.found, **noted},
        }
        self._replace(record, record.model_copy(update=fresh))

    def _replace(self, record: Record, fresh: Record) -> None:
        # As JSON has them: keys that are seeds become text there.
        if fresh.model_dump_json() != record.model_dump_json():
            write_record(self.path, fresh)


def study_inputs(
    kind: str, competition: Competition, seeds: Sequence[int], folds: Sequence[int], **facts: Any
) -> dict[str, Any]:
    """Return what the id of a study hashes: `facts`, and what every study has."""
    return {
        "study": kind,
        "metric": metrics.facts_of(competition),
        "seeds": list(seeds),
        "folds": list(folds),
        **facts,
    }


def optimism_note(what: Sequence[str]) -> str:
    """Return the sentence on scores of recipes whose epochs are chosen by the rows they score."""
    return (
        f"The folds' own labels chose epochs (early stopping, checkpoint: best), which flatters "
        f"{', '.join(what)}."
    )


def unknown_start_note(rows: Sequence[ArmScores]) -> str | None:
    """Return the sentence on arms whose start may have learnt the rows they score; None: none."""
    names = [row.name for row in rows if row.unknown_start]
    if not names:
        return None
    started = "started from weights of unknown origin, which may have learnt these rows"
    return (
        f"{' and '.join(names)} {started}: do not trust {'their' if names[1:] else 'its'} scores."
    )


def table_cells(study: Study) -> tuple[list[str], list[list[str]]]:
    """Return the names of the table's columns, and the text of its rows."""
    arm_columns = list(dict.fromkeys(name for row in study.rows for name in row.columns))
    seeds = list(dict.fromkeys(seed for row in study.rows for seed in row.seeds))
    columns = ["arm", *arm_columns, "mean", "std", *(f"seed {seed}" for seed in seeds)]

    def line(row: ArmScores) -> list[str]:
        each = ["failed" if s in row.failed else _number(row.scores.get(s)) for s in seeds]
        mark = " *" if row.name in study.near_the_best else ""
        mean = [_number(row.mean) + mark, _number(row.std)]
        return [row.name, *(row.columns.get(name, "") for name in arm_columns), *mean, *each]

    return columns, [line(row) for row in study.rows]


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _csv(study: Study) -> str:
    """Return the table with every digit of its numbers, empty where there is none."""
    arm_columns = list(dict.fromkeys(name for row in study.rows for name in row.columns))
    seeds = list(dict.fromkeys(seed for row in study.rows for seed in row.seeds))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["arm", *arm_columns, "mean", "std", *(f"seed {seed}" for seed in seeds)])
    for row in study.rows:
        numbers = [row.mean, row.std, *(row.scores.get(seed) for seed in seeds)]
        texts = ["" if one is None else repr(one) for one in numbers]
        writer.writerow([row.name, *(row.columns.get(name, "") for name in arm_columns), *texts])
    return text.getvalue()


def _markdown(study: Study) -> str:
    columns, rows = table_cells(study)
    lines = [f"# {study.id}", "", f"{study.metric}, {_better(study)}, {_rows_of(study)}.", ""]
    lines += [_line(columns), _line(["---"] * len(columns)), *map(_line, rows)]
    lines += _differences(study)
    lines += [line for note in study.notes for line in ("", note)]
    for row in study.rows:
        lines += [
            line
            for seed, why in row.failed.items()
            for line in ("", f"{row.name}, seed {seed}, failed: {why}")
        ]
    return "\n".join([*lines, ""])


def _differences(study: Study) -> list[str]:
    if not study.differences:
        return []
    head = ["difference, seed by seed", "mean", "std", "seeds"]
    lines = ["", _line(head), _line(["---"] * len(head))]
    for one in study.differences:
        numbers = [_signed(one.mean), _number(one.std), str(len(one.by_seed))]
        lines.append(_line([one.name, *numbers]))
    return lines


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.4f}"


def _line(texts: Sequence[str]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def _better(study: Study) -> str:
    return "higher is better" if study.greater_is_better else "lower is better"


def _rows_of(study: Study) -> str:
    many = "folds" if len(study.folds) > 1 else "fold"
    return f"of the rows of {many} {', '.join(map(str, study.folds))}"


def _figure(study: Study) -> str:
    from podium.reporting.figures.seeds import seeds_file

    each = list(dict.fromkeys(seed for row in study.rows for seed in row.seeds))
    values = [[row.scores.get(seed, math.nan) for seed in each] for row in study.rows]
    names = [_figure_name(row) for row in study.rows]
    label = f"{study.metric} ({_better(study)})"
    return seeds_file(names, values, label=label, name=study.id)


def _figure_name(row: ArmScores) -> str:
    """Return the arm's name in the figure, with its distinguishing columns if it is a letter."""
    is_letter = len(row.name) == 1
    return f"{row.name}: {', '.join(row.columns.values())}" if is_letter else row.name
