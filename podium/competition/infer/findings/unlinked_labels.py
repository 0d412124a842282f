"""Refusal of labels that nothing in the sample submission asks for.

Where a table of facts on images (a station's river, a plate's compound) is all that was read, a
column of it looks like the labels: it has few values. The sample submission shows that it is not.
Nor is it one where a text names a metric that cannot score it, as Dice, which scores masks.
"""

from __future__ import annotations

import pandas as pd

from podium.competition.infer.findings.folder import FolderFindings
from podium.competition.infer.findings.questions import open_keys
from podium.competition.infer.labels.cells import has_fractions
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.parts.refusals import NotedError
from podium.competition.infer.readme.metrics import Scored, readme_scores_other
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import some

__all__ = ["refuse_unlinked_labels", "refuse_unscored_labels"]


def refuse_unlinked_labels(findings: FolderFindings, notes: tuple[str, ...]) -> None:
    """Raise where the label is in doubt, and the sample submission asks for something else.

    It has neither its name nor a value of it, and its rows are not read, or its cells are words.
    Of any other sample the label is asked about.

    Args:
        findings: as `competition.yaml` would have them.
        notes: on tables and files that were made or left out.

    Raises:
        DataError: with the columns of the sample, and those that were taken for labels.
    """
    labels, match, sample = findings.tasks.labels, findings.train.match, findings.sample
    if labels is None or match is None or sample is None or findings.tasks.masks is not None:
        return
    others = {one.key: one.others for one in open_keys(findings)}
    if not others.get("data.train.label") or _is_in_sample(labels, sample):
        return
    if others.get("submission.id") != () and not _are_no_answers(sample):
        return
    asked = [one for one in sample.values if one != sample.id]
    first = sample.table[[sample.id, *asked]].iloc[0]
    raise NotedError(
        f"no labels: {sample.path} asks for {some(asked)}, with rows as "
        f"{','.join(map(str, first))}, which no table has of images of train. "
        f"{some(labels.column_names)} of {match.path} is none: neither its name nor its values "
        f"stand in {sample.path}",
        notes,
        where=findings.folder.path,
        fix=f"write a table of train with the columns of {sample.path} "
        f"({', '.join([sample.id, *asked])}), a row for each thing that is labelled, whose names "
        f"are made as there; where {match.path} has the label all the same, name its column: "
        "--label COLUMN",
    )


def refuse_unscored_labels(findings: FolderFindings, notes: tuple[str, ...]) -> None:
    """Raise where a text scores something else than the label, and the sample has not the label.

    The metrics that texts name score masks alone, and there are none; or numbers alone, and the
    label has words; or classes alone, and it has fractions.

    Args:
        findings, notes: as of `refuse_unlinked_labels`.

    Raises:
        DataError: with the words of the text, what the sample asks for, and what was not found.
    """
    labels, match, sample = findings.tasks.labels, findings.train.match, findings.sample
    if labels is None or match is None or sample is None or _has_masks(findings):
        return
    if _is_in_sample(labels, sample):
        return
    scored = readme_scores_other(findings.folder, labels.kind)
    if scored is None or not _are_other(labels, match.table, scored[0]):
        return
    what, told = scored
    asked = [one for one in sample.values if one != sample.id]
    first = ",".join(map(str, sample.table[[sample.id, *asked]].iloc[0]))
    missing = {
        "masks": "no mask of an image of train was found",
        "numbers": "no column of such numbers was found",
        "classes": "no column of such classes was found",
    }[what]
    own = labels.column_names
    fix = {
        "masks": "write a mask file for each image of train, in a folder called masks and named as "
        "the image",
    }.get(what, f"write a table of train with the columns {', '.join([sample.id, *asked])}")
    raise NotedError(
        f"{told}, which scores {what}, and {sample.path} asks for {some(asked)}, with rows as "
        f"{first}: {missing}. {some(own)} of {match.path} {'is' if len(own) == 1 else 'are'} none: "
        f"neither {'its name nor its values' if len(own) == 1 else 'their names nor their values'} "
        f"stand in {sample.path}",
        notes,
        where=findings.folder.path,
        fix=f"{fix}; where {match.path} has the label all the same, name its column: "
        "--label COLUMN",
    )


def _has_masks(findings: FolderFindings) -> bool:
    tasks = findings.tasks
    return bool(tasks.masks or tasks.left_out or train_masks(findings.folder))


def _are_other(labels: InferredLabels, table: pd.DataFrame, scored: Scored) -> bool:
    """Return whether labels cannot be what is scored. Fractions up to 1 may be shares of votes."""
    if scored == "masks":
        return True
    if labels.kind.is_ordered:
        return False
    if scored == "numbers":
        return any(pd.to_numeric(pd.Series(labels.classes, dtype=object), errors="coerce").isna())
    if not labels.kind.is_continuous:
        return False
    columns = [one for one in labels.column_names if one in table and has_fractions(table[one])]
    numbers = pd.to_numeric(
        pd.Series([cell for one in columns for cell in table[one]], dtype=object), errors="coerce"
    )
    return bool((numbers.dropna() > 1).any())


def _is_in_sample(labels: InferredLabels, sample: SampleSubmission) -> bool:
    """Return whether the sample has the name of the label or of a class, or shows one.

    It may stand as a column, or beside the image in ids, as `p7_left` of the column `left`.
    """
    if {*labels.column_names, *labels.classes} & {*sample.values}:
        return True
    ids = [str(one) for one in sample.table[sample.id]]
    if any(
        one.endswith(name) or one.startswith(name) for one in ids for name in labels.column_names
    ):
        return True
    cells = {cell for column in sample.values for cell in sample.table[column]}
    return not cells.isdisjoint(labels.classes)


def _are_no_answers(sample: SampleSubmission) -> bool:
    """Return whether no cell of the sample is a number, so that it is no placeholder of one."""
    cells = pd.Series([cell for one in sample.values for cell in sample.table[one] if cell.strip()])
    return len(cells) > 0 and bool(pd.to_numeric(cells, errors="coerce").isna().all())
