"""Questions on what is to predict, where neither a sample submission nor a text settles it.

fields.csv: photo, species     masks/*.png of the same photos: the species, the masks, or both
sorted/oak/1.jpg    sorted/ash/2.jpg    sorted/_unsorted/3.jpg: unlabelled, or a class
"""

from __future__ import annotations

from collections.abc import Iterator

from podium.competition.infer.classes.order import where_classes_are_listed
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.findings.folder import FolderFindings
from podium.competition.infer.labels.column_names import is_label_name
from podium.competition.infer.parts.channels import spelt_pattern
from podium.competition.infer.readme.metrics import find_readme_metrics
from podium.competition.infer.sources import MASKS_ALONE
from podium.errors import plural, some
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS

__all__ = ["open_marked_folders", "open_targets"]

_WRITES_MASKS = (
    f"masks alone: `podium init DATA --force --label {MASKS_ALONE}` writes it, with all that goes "
    "with it"
)


def open_targets(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield the tasks, where labels stand beside masks and nothing tells which are to predict."""
    labels, masks = findings.tasks.labels, findings.tasks.masks or findings.tasks.left_out
    if labels is None or masks is None or findings.preset is not None:
        return
    if _is_settled(findings, labels.kind, masks.kind):
        return
    others: list[tuple[object, str]] = [({PIXELS: str(masks.kind)}, _WRITES_MASKS)]
    if findings.tasks.masks is not None:
        others.append(({IMAGES: str(labels.kind)}, "labels alone: take mask out of data.train"))
    yield OpenKey("tasks", tuple(others))


def _sends_both(findings: FolderFindings) -> bool:
    """Return whether a row to send has an answer of each task, also where all rows are alike."""
    sent = {
        one["task"]
        for one in findings.form.answers
        if "task" in one and not one["value"].startswith(("text[", "file["))
    }
    return sent == {IMAGES, PIXELS}


def _is_settled(findings: FolderFindings, of_labels: Kind, of_masks: Kind) -> bool:
    """Return whether a sample or a text tells whether labels or masks are to predict."""
    sample, folder = findings.sample, findings.folder
    if _sends_both(findings):
        return True
    if sample is not None:
        is_placeholder = all(sample.table[one].nunique() == 1 for one in sample.values)
        return not is_placeholder or sample.has_numbers or any(map(is_label_name, sample.values))
    named = find_readme_metrics(folder, of_labels, IMAGES)
    return bool(named or find_readme_metrics(folder, of_masks, PIXELS))


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
