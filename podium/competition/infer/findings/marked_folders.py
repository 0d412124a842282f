"""Class folders with a sign before their names, beside others without: unlabelled, or classes.

sorted/oak/1.jpg    sorted/ash/2.jpg    sorted/_unsorted/3.jpg
"""

from __future__ import annotations

from collections.abc import Iterator

from podium.competition.infer.classes.order import where_classes_are_listed
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.findings.folder import FolderFindings
from podium.competition.infer.parts.channels import spelt_pattern
from podium.errors import plural, some

__all__ = ["open_marked_folders"]

_MARK = "_"
"""People put it before the name of a folder that is to stand apart from the others."""
_FEWEST = 2  # classes without the marked ones


def open_marked_folders(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield that images in marked class folders may be unlabelled, with the classes without these.

    Where the sample submission has such a class, or a text lists it with the others, it is one.
    """
    folders, labels, sample = findings.train.folders, findings.tasks.labels, findings.sample
    if folders is None or labels is None or folders.other is not None:
        return
    if findings.unlabelled is not None or findings.preset is not None or findings.folder.channels:
        return
    marked = [one for one in labels.classes if one.startswith(_MARK)]
    rest = [one for one in labels.classes if one not in marked]
    if not marked or len(rest) < _FEWEST or "/{class}/" not in f"/{folders.pattern}":
        return
    sent = () if sample is None else (set(sample.table[one]) for one in sample.values)
    known = set[str]() if sample is None else set(sample.values).union(*sent)
    if known & set(marked) or where_classes_are_listed(
        CompetitionData(findings.folder), labels.classes
    ):
        return
    n = sum(one in marked for one in folders.labels)
    why = f"where nobody labelled {plural(n, 'image')} of {some(marked)}"
    pattern = folders.pattern.replace("{class}", f"{_MARK}*").replace("{folder}", "*")
    id_ = "{path}" if "{class}" in folders.id or "{folder}" in folders.id else folders.id
    source = {"id": id_, "images": spelt_pattern(findings.folder, pattern)}
    why = f"{why}: choose classes and unlabelled together"
    yield OpenKey("classes", ((rest, why),))
    yield OpenKey("data.unlabelled", ((source, why),))
