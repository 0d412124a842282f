"""Extra images (`data.extra`): rows to learn from beside a fold's own; their effect on the score.

Rows are read, weighted and checked for leakage: no extra image may carry the label of a row that a
fold validates. `extra_use` compares a run with its baseline run, the same recipe without extra
images.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from podium.competition.samples import as_train, extra_errors, load_extra
from podium.competition.spec import Competition
from podium.competition.spelling import name_key
from podium.errors import DataError, PodiumError, RecipeError
from podium.training.data.rows import SampleRows, rows_of, with_strata_of_masks
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs.content import content_digest
from podium.training.runs.job import image_digests, predicted_tasks
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress
from podium.workspace.records import Record, read_record

if TYPE_CHECKING:
    from podium.training.runs.fold_files import Fold
    from podium.training.runs.job import Job

__all__ = [
    "ExtraUse",
    "baseline_digits",
    "check_extra_leaks",
    "extra_facts",
    "extra_rows",
    "extra_samples",
    "extra_use",
]


def extra_rows(job: Job, fold: Fold, progress: Progress) -> list[SampleRows]:
    """Return the rows of each extra source that the recipe names, with its weight; [] for none.

    Args:
        job: whose recipe's `extra` names the sources and their weights.
        fold: that is trained; named in errors.
        progress: gets bars while images and masks are decoded for the first time.

    Raises:
        DataError: an image cannot be read; or a leak: an extra image is that of a row that some
            fold validates, or shares its group or unit. Raised before any fold trains with it.
        RecipeError: the competition has no such source, or it has no label or mask for a head of
            the network.
    """
    sources = _sources(job.workspace, job.competition, job.recipe)
    if not sources:
        return []
    _check_leaks(job, fold, sources, progress)
    return [_rows(job, name, samples, progress) for name, samples in sources.items()]


def check_extra_leaks(job: Job, fold: Fold, progress: Progress) -> None:
    """Raise DataError where an extra image leaks the label of a row that a fold validates."""
    _check_leaks(job, fold, _sources(job.workspace, job.competition, job.recipe), progress)


def extra_samples(job: Job) -> dict[str, pd.DataFrame]:
    """Return the samples of the extra sources that the recipe learns from, by name."""
    return _sources(job.workspace, job.competition, job.recipe)


def extra_facts(
    workspace: Workspace, competition: Competition, recipe: Recipe, progress: Progress
) -> dict[str, Any]:
    """Return the facts on extra sources for a run's id and record, by name; {} for none.

    `samples` is how many there are, `weight` that of each in the loss, `content` the digest of
    images, labels and masks.
    """
    tasks = predicted_tasks(recipe, competition)
    facts = {}
    for name, samples in _sources(workspace, competition, recipe).items():
        with extra_errors(name):
            content = content_digest(
                workspace, as_train(competition, name), samples, answers=tasks, progress=progress
            )
        facts[name] = {"samples": len(samples), "weight": recipe.extra[name], "content": content}
    return facts


def _sources(
    workspace: Workspace, competition: Competition, recipe: Recipe
) -> dict[str, pd.DataFrame]:
    """Return the samples of the sources that count, by name; the others are not read."""
    found = {}
    for name, weight in recipe.extra.items():
        if weight == 0:
            continue
        if name not in competition.data.extra:
            known = ", ".join(competition.data.extra)
            raise RecipeError(
                f"the competition has no extra source {name!r}",
                where=f"extra.{name}",
                fix=f"choose one of {known}"
                if known
                else "name it in competition.yaml: data.extra",
            )
        samples = load_extra(competition, name, workspace=workspace)
        found[name] = samples.assign(weight=float(weight))
    return found


def _rows(job: Job, name: str, samples: pd.DataFrame, progress: Progress) -> SampleRows:
    view = replace(job, competition=as_train(job.competition, name))
    with extra_errors(name):
        rows = rows_of(view, samples, progress)
        rows = with_strata_of_masks(rows, samples, view, progress)
    if not len(rows.with_answer(job.tasks)):
        raise RecipeError(
            f"nothing can be learnt of it: the network predicts {' and '.join(job.tasks)} alone",
            where=f"extra.{name}",
            fix="leave it out, or give the network a head for its labels or masks",
        )
    return rows


def _check_leaks(
    job: Job, fold: Fold, sources: Mapping[str, pd.DataFrame], progress: Progress
) -> None:
    """Raise where an extra image would leak the label of a row that some fold validates."""
    is_validated = job.data.folds >= 0
    validated = job.data.samples[is_validated].assign(fold=job.data.folds[is_validated])
    digests = partial(image_digests, job.workspace, job.competition, progress=progress)
    of_train = digests(validated)
    for name, samples in sources.items():
        pictures = _shared(digests(samples), of_train)
        if pictures:
            raise _leak_error(job, name, fold, samples, validated, "picture", pictures)
        for column in ("group", "id", "unit"):
            shared = _shared(_names(samples[column]), _names(validated[column]))
            if shared:
                raise _leak_error(job, name, fold, samples, validated, column, shared)


def _names(column: pd.Series[Any]) -> list[str | None]:
    known = name_key if column.name == "group" else str
    return [None if pd.isna(one) else known(one) for one in column]


def _shared(extra: Sequence[str | None], validated: Sequence[str | None]) -> list[tuple[int, int]]:
    """Return (row of extra, validated row) for each extra row with a value of a validated one."""
    first: dict[str, int] = {}
    for row, key in enumerate(validated):
        if key is not None:
            first.setdefault(key, row)
    return [(row, first[key]) for row, key in enumerate(extra) if key is not None and key in first]


_FIXES = {
    "picture": "take these images out of data.extra.{name}; `podium check` lists all of them",
    "group": "take the images of groups that train has out of data.extra.{name}",
    "unit": "take the images of units that train has out of data.extra.{name}",
    "id": "if these are other pictures, write an id of their own in data.extra.{name}, as "
    "id: '{name}-{{stem}}'; if they were made of that image, take them out",
}


def _leak_error(
    job: Job,
    name: str,
    fold: Fold,
    samples: pd.DataFrame,
    validated: pd.DataFrame,
    what: str,
    shared: Sequence[tuple[int, int]],
) -> DataError:
    mine, other = samples.iloc[shared[0][0]], validated.iloc[shared[0][1]]
    more = f", and so do {len(shared) - 1:,} more" if len(shared) > 1 else ""
    same = {
        "picture": "is the same file as",
        "group": f"has the group {mine['group']!r} of",
        "unit": f"shows the unit {mine['unit']!r} of",
        "id": f"has the id {mine['id']!r} of",
    }[what]
    return DataError(
        f"a leak: the extra image {mine['images'][0]} {same} {other['images'][0]}, which fold "
        f"{other['fold']} validates{more}: its label would leak into training",
        where=f"{job.files(fold).title}, extra.{name}",
        fix=_FIXES[what].format(name=name),
    )


WITHOUT = "extra={}"


@dataclass(frozen=True)
class BaselineRun:
    """The run of the same recipe without extra images.

    Attributes:
        id: of its folder.
        is_finished: whether all its folds are trained and predicted.
        scores: as in its record.
    """

    id: str
    is_finished: bool
    scores: dict[str, Any]


@dataclass(frozen=True)
class ExtraUse:
    """The extra images that a run learnt from.

    Attributes:
        sources: name → `samples`, `weight` and `content`, as in the run's record.
        baseline: the baseline run, without them; None where nobody trained it.
        command: to train the baseline run, or what is left of it.
    """

    sources: dict[str, dict[str, Any]]
    baseline: BaselineRun | None
    command: str


def extra_use(workspace: Workspace, run: Path) -> ExtraUse | None:
    """Return the extra images of the run in the folder `run`; None where it has none.

    Raises:
        RunError: the run's record is missing or damaged.
    """
    record = read_record(run)
    sources = record.inputs.get("extra")
    if not sources:
        return None
    return ExtraUse(
        sources, _baseline_run(workspace, record.inputs), _command(workspace, run, record)
    )


def _baseline_run(workspace: Workspace, inputs: Mapping[str, Any]) -> BaselineRun | None:
    expected = baseline_digits(inputs)
    for folder in workspace.artefact_folders():
        # The name before the digits is that of the recipe's file, which may be another one.
        if folder.parent.name == "runs" and folder.name.rpartition("-")[2] == expected:
            record = read_record(folder)
            return BaselineRun(record.id, record.status == "finished", dict(record.scores))
    return None


def baseline_digits(inputs: Mapping[str, Any]) -> str:
    """Return the 8 hex digits of the run that differs in nothing but that it has no extra images.

    Args:
        inputs: of the run's record.
    """
    recipe = {key: value for key, value in inputs["recipe"].items() if key != "extra"}
    others = {key: value for key, value in inputs.items() if key != "extra"}
    return short_digest({**others, "recipe": recipe})


def _command(workspace: Workspace, run: Path, record: Record) -> str:
    """Return a command that trains the baseline: with the recipe's own file if it still matches."""
    expected = load_recipe(run / "recipe.yaml", (WITHOUT,))
    file = workspace.recipes / f"{record.name}.yaml"
    command = ["podium", "train", f"runs/{run.name}/recipe.yaml", "-o", WITHOUT]
    for seed in ((), (f"seed={expected.seed}",)):
        if _recipe_matches(file, (WITHOUT, *seed), expected):
            changes = [word for one in (WITHOUT, *seed) for word in ("-o", one)]
            command = ["podium", "train", f"recipes/{file.name}", *changes]
            break
    again = record.inputs.get("again", 0)
    return shlex.join([*command, *(["--again", str(again)] if again else [])])


def _recipe_matches(file: Path, overrides: tuple[str, ...], expected: Recipe) -> bool:
    try:
        recipe = load_recipe(file, overrides)
    except PodiumError:
        return False  # it was moved or is being edited; the run's own copy serves
    # These change no id: another value there trains the same baseline.
    kept = {"predict": expected.predict, "loggers": expected.loggers, "workers": expected.workers}
    return recipe.model_copy(update=kept) == expected
