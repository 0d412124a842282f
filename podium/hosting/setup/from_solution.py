"""A host of a solution, a sample submission and a metric, without a workspace.

What a submission holds is read off the sample's header and the answers of the solution; the rest
follows from the metric.

| sample | metric needs | taken for |
| --- | --- | --- |
| `id,label` | decisions | the name of a class; with lists in the answers, several names |
| `id,label` | probabilities | the probability of the second of two classes |
| `id,label` | a ranking | the likeliest classes, the likeliest first |
| `id,value` | numbers | a number |
| `id,cat,dog,fox` | any of labels | the probability of each class |
| `id,height,width,weight` | numbers in several columns | a number in each column |
| `id,rle`, solution with height and width | masks | one mask an image, as runs |
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import numpy as np

from podium.competition import metrics
from podium.competition.infer.labels.cells import sort_classes
from podium.competition.metrics import Metric
from podium.competition.sections.tasks import MetricSpec
from podium.competition.truths.levels import level_names, levels_of_columns
from podium.errors import DataError, either, plural, some
from podium.hosting.setup.from_competition import make_host
from podium.hosting.setup.split import PublicDraw
from podium.hosting.spec import HostFolder, HostSpec
from podium.submissions.format.csv_text import read_table
from podium.submissions.format.spec import SubmissionFormat, class_column, misfits, number_cell
from podium.submissions.upload.endpoint import slug_from_name
from podium.tasks.protocols.find import image_kind, kind_names, pixel_kind, with_levels
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS

__all__ = ["init_from_solution", "metrics_of_solution"]

_BESIDE = ("usage", "height", "width")
_LARGEST_TABLE = 1 << 28  # bytes of a solution of labels; masks are not read here
_IN_A_WORKSPACE = (
    "describe the format in competition.yaml (`podium init` writes one), and repeat the command in "
    "that folder without --metric and --sample"
)


def init_from_solution(
    folder: Path,
    solution: Path,
    sample: Path,
    metric: MetricSpec,
    *,
    classes: Sequence[str] = (),
    files: Path | None = None,
    draw: PublicDraw | None = None,
    title: str | None = None,
    daily_limit: int = 5,
    deadline: datetime | None = None,
    users: Sequence[str] = (),
) -> HostFolder:
    """Make a host in `folder` and return its layout.

    Args:
        folder: missing or empty.
        solution: the hidden answers: id, answer, and Usage, Public or Private.
        sample: a valid submission: its columns are those of all submissions.
        metric: what submissions are scored by.
        classes: their names in order; default: those in the sample's header or the answers.
        files: a folder that participants may download, copied; default: the sample.
        draw: how Public and Private are drawn where the solution has no column Usage.
        title: of the competition; default: the name of the host's folder.
        daily_limit: submissions a team has a UTC day.
        deadline: aware; nothing is taken after it.
        users: who may submit; `podium host user add` adds others.

    Raises:
        DataError: the format of a submission cannot be inferred from the files, or they do not fit
            together.
        UsageError: the folder is not empty.
    """
    name = title or folder.resolve().name
    group = None if draw is None else draw.group
    spec = HostSpec(
        slug=slug_from_name(name),
        title=name,
        metric=metric,
        format=format_from_files(solution, sample, metric, classes=classes, group=group),
        daily_limit=daily_limit,
        deadline=deadline,
    ).at(Path.cwd())
    return make_host(folder, spec, solution, users, sample=sample, files=files, draw=draw)


def format_from_files(
    solution: Path,
    sample: Path,
    spec: MetricSpec,
    *,
    classes: Sequence[str] = (),
    group: str | None = None,
) -> SubmissionFormat:
    """Return the format of submissions; see the table at the head of this module.

    Args:
        solution, sample, classes: as in `init_from_solution`.
        spec: the metric.
        group: a column of the solution that is no answer.

    Raises:
        DataError: as `init_from_solution`.
    """
    metric = metrics.get(spec.name, root=Path.cwd())
    header, rows = read_table(sample)
    if len(header) < 2 or not rows:
        raise DataError(
            "a sample submission has a column with ids, one or more with answers, and rows",
            where=sample,
            fix="write it as participants shall: id,label and a row for each test image",
        )
    if metric.scores_masks:
        form = _of_masks(metric, header, sample)
    else:
        answers = _answers(solution, [group] if group else [])
        form = _of_labels(metric, spec, header, rows, answers, list(classes), solution)
    problems = list(misfits(form))
    if problems:
        raise DataError("; ".join(problems), where=sample, fix=_IN_A_WORKSPACE)
    metrics.fitting(metric, form.kind, spec.options, task=metric.task)
    return form


def metrics_of_solution(
    solution: Path, sample: Path, *, classes: Sequence[str] = (), group: str | None = None
) -> list[str]:
    """Return the names of the metrics that can score such a solution.

    Args:
        solution, sample, classes, group: as in `format_from_files`.

    Raises:
        DataError: a file cannot be read.
    """
    cells = [one for each in _answers(solution, [group] if group else []).values() for one in each]
    numbers = [_number(one) for one in cells]
    are_masks = {"height", "width"} <= {one.lower() for one in read_table(solution)[0]}
    found = []
    for name in metrics.names():
        spec = MetricSpec(name=name)
        with suppress(DataError):
            form = format_from_files(solution, sample, spec, classes=classes, group=group)
            metric = metrics.get(name)
            # Without one of these a metric is of yes and no: no option of the command names one.
            average = metric.complete({}).get("average", "macro")
            is_of_classes = average in ("macro", "micro", "weighted") or form.kind.is_yes_no
            fits = are_masks or (_can_hold(numbers, form.kind) and is_of_classes)
            if fits and metric.scores_masks == are_masks:
                found.append(name)
    return found


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _can_hold(answers: Sequence[float | None], kind: Kind) -> bool:
    """Return whether the answers can be of a kind: a fraction is no class, a word no number."""
    if kind.is_continuous:
        return None not in answers
    return all(one is None or one.is_integer() for one in answers)


def _of_masks(metric: Metric, header: list[str], sample: Path) -> SubmissionFormat:
    if not metric.scores_decisions or len(header) != 2:
        what = (
            f"its columns are {','.join(header)}"
            if metric.scores_decisions
            else f"metric {metric.name} needs {metric.needs}"
        )
        raise DataError(
            f"only one mask an image, in the columns id,rle, is understood without a workspace; "
            f"{what}",
            where=sample,
            fix=_IN_A_WORKSPACE,
        )
    columns = {header[0]: "id", header[1]: "value"}
    return SubmissionFormat(columns=columns, value="rle", task=PIXELS, kind=pixel_kind("binary"))


def _answers(solution: Path, other: Sequence[str]) -> dict[str, list[str]]:
    """Return the columns of the solution with the answers, without the rows that are ignored."""
    if solution.is_file() and solution.stat().st_size > _LARGEST_TABLE:
        raise DataError("is too large for a table of labels", where=solution, fix=_IN_A_WORKSPACE)
    header, rows = read_table(solution)
    lower = [name.lower() for name in header]
    if "usage" in lower:
        usage_at = lower.index("usage")
        rows = [row for row in rows if row[usage_at].lower() != "ignored"]
    found = {
        name: [row[i] for row in rows]
        for i, name in enumerate(header)
        if i > 0 and lower[i] not in _BESIDE and name not in other
    }
    if not found or not rows:
        raise DataError(
            f"has no answers; its columns: {','.join(header)}",
            where=solution,
            fix="write id, the answer, and Usage, with a row for each test image",
        )
    return found


def _of_labels(
    metric: Metric,
    spec: MetricSpec,
    header: list[str],
    rows: list[list[str]],
    answers: dict[str, list[str]],
    classes: list[str],
    solution: Path,
) -> SubmissionFormat:
    key, *others = header
    if len(others) > 1:
        return _wide(metric, key, others, answers, classes, solution)
    columns = {key: "id", others[0]: "value"}
    if len(answers) > 1:
        raise DataError(
            f"has {plural(len(answers), 'column')} of answers ({some(list(answers))}), the "
            "sample has one",
            where=f"{solution}:1",
            fix="write one column with the answer; or a sample with a column for each class",
        )
    (cells,) = answers.values()
    numbers = [one for one in _kinds(metric) if one.is_continuous and not one.has_number_columns]
    if numbers:
        # Of plain numbers, where the metric scores directions as well.
        kind = min(numbers, key=lambda one: one.is_circular)
        return SubmissionFormat(columns=columns, value=number_cell(kind), kind=kind)
    found = sort_classes([*cells, *(row[1] for row in rows)])
    if metric.needs_probs:
        names = classes or sort_classes(cells)
        if len(names) != 2:
            raise DataError(
                f"metric {metric.name} needs a probability of each of "
                f"{either(len(names), 'class', 'classes')} "
                f"({some(names)}), and the sample has one column",
                where=f"{solution}:1",
                fix="use a sample with a column for each class, or choose a metric of decisions",
            )
        kind = image_kind("binary")
        return SubmissionFormat(columns=columns, value="prob", kind=kind, classes=tuple(names))
    if metric.scores_ranking:
        sep = " "
        found = sort_classes([*cells, *(one for row in rows for one in row[1].split(sep) if one)])
        k = metric.n_ranked(spec.options)
        ranked = tuple(classes or found)
        kind = image_kind("multiclass")
        return SubmissionFormat(columns=columns, value="topk", k=k, kind=kind, classes=ranked)
    if not metric.scores_decisions:
        raise DataError(
            f"metric {metric.name} needs {metric.needs}, which no sample shows",
            where=solution,
            fix=_IN_A_WORKSPACE,
        )
    return _decided(metric, columns, cells, classes, found)


def _decided(
    metric: Metric, columns: dict[str, str], cells: list[str], classes: list[str], found: list[str]
) -> SubmissionFormat:
    """Return the format of a class, or of several, in each cell."""
    is_list = bool(classes) and any(
        one not in classes and all(part in classes for part in one.split()) for one in cells
    )
    sets = [one for one in _kinds(metric) if one.is_by_class]
    if is_list and sets:
        return SubmissionFormat(
            columns=columns, value="labels", kind=sets[0], classes=tuple(classes)
        )
    names = tuple(classes or found)
    # f1 is of the second of two classes, which a binary task defines.
    is_binary = len(names) == 2 and "average" in metric.options
    kind = image_kind("binary" if is_binary else "multiclass")
    return SubmissionFormat(columns=columns, value="name", kind=kind, classes=names)


def _kinds(metric: Metric) -> list[Kind]:
    """Return the kinds of task that `metric` scores, in alphabetical order."""
    return [image_kind(name) for name in kind_names(IMAGES) if name in metric.kinds]


def _wide(
    metric: Metric,
    key: str,
    names: list[str],
    answers: dict[str, list[str]],
    classes: list[str],
    solution: Path,
) -> SubmissionFormat:
    if classes and set(classes) != set(names):
        raise DataError(
            f"--classes {','.join(classes)} are not the columns of the sample, {','.join(names)}",
            fix="leave out --classes: the sample has them",
        )
    by_level = next((one for one in _kinds(metric) if one.is_by_level), None)
    if by_level is not None:
        return _of_levels(by_level, key, names, answers, solution)
    kind = image_kind("multiclass")
    columns_of_numbers = [one for one in _kinds(metric) if one.is_by_column]
    if len(answers) > 1:
        if set(answers) != set(names):
            raise DataError(
                f"has the columns {some(list(answers))}, the sample {some(names)}",
                where=f"{solution}:1",
                fix="write a column for each class in both",
            )
        if columns_of_numbers:
            kind = columns_of_numbers[0]
            columns = {key: "id"} | {name: class_column(kind, name) for name in names}
            value = number_cell(kind)
            return SubmissionFormat(columns=columns, value=value, kind=kind, classes=tuple(names))
        flags = np.array([[cell in ("1", "1.0") for cell in answers[name]] for name in names])
        has_unknown = any(cell in ("", "-1", "-1.0") for name in names for cell in answers[name])
        one_each = not has_unknown and bool((flags.sum(axis=0) == 1).all())
        if not (one_each and any(one.is_exclusive for one in _kinds(metric))):
            kind = image_kind("multilabel")
    columns = {key: "id"} | {name: f"prob[{name}]" for name in names}
    return SubmissionFormat(
        columns=columns, value="prob", kind=kind, classes=tuple(classes or names)
    )


def _of_levels(
    kind: Kind, key: str, names: list[str], answers: dict[str, list[str]], solution: Path
) -> SubmissionFormat:
    """Return the format of a quantile a column of the one number of the solution."""
    levels = levels_of_columns(names)
    if levels is None or len(answers) != 1:
        raise DataError(
            f"quantiles have a column a level in the sample ({some(names)}) and one number in the "
            f"solution ({some(list(answers))})",
            where=f"{solution}:1",
            fix="name the columns of the sample after their levels, as q10,q50,q90",
        )
    kind, classes = with_levels(kind, levels), level_names(levels)
    of_level = {name: class_column(kind, one) for name, one in zip(names, classes, strict=True)}
    return SubmissionFormat(
        columns={key: "id", **of_level},
        value=number_cell(kind),
        kind=kind,
        classes=tuple(classes),
    )
