"""Refusal of labels that nothing in the sample submission asks for.

Where a table of facts on images (a station's river, a plate's compound) is all that was read, a
column of it looks like the labels: it has few values. The sample submission shows that it is not.
"""

from __future__ import annotations

import pandas as pd

from podium.competition.infer.findings.folder import FolderFindings
from podium.competition.infer.findings.questions import open_keys
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.parts.refusals import NotedError
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import some

__all__ = ["refuse_unlinked_labels"]


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
    if not others.get("data.train.label") or _is_asked_for(labels, sample):
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


def _is_asked_for(labels: InferredLabels, sample: SampleSubmission) -> bool:
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
