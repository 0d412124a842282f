"""Cases of several images in class folders, as runs or patients: an answer may be of each case.

train/ripe/lot-101/1.jpg     test/lot-204/1.jpg     rules.txt: "a row per lot"  →  unit: folder
train/ripe/lot-101/2.jpg     test/lot-204/2.jpg
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from podium.competition.ids.patterns import Pattern
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import ImageFile, folder_levels
from podium.competition.infer.findings.folder import FolderFindings
from podium.competition.infer.parts.folders import are_groups
from podium.competition.infer.readme.sent_tables import readme_row
from podium.competition.infer.sample.submission import InferredUnit
from podium.errors import plural

__all__ = ["open_cases", "with_cases"]

_FIELD = "folder"
_FEWEST_IMAGES = 2  # of a case, on average


def with_cases(findings: FolderFindings) -> FolderFindings:
    """Return the findings with cases as what is scored where a text states it, or as a question.

    There is no sample submission. All images of train lie in folders of cases, each inside one
    class folder, and those to predict in such folders, too. The pattern of the latter names them.
    """
    folder, train, test = findings.folder, findings.train, findings.test
    found = train.folders
    is_told = findings.sample is not None or findings.unit is not None or folder.channels
    if found is None or is_told or test.table is not None or findings.tasks.masks is not None:
        return findings
    _, is_inside, where = found.pattern.partition("{class}/")
    if not is_inside or f"{{{_FIELD}}}/" not in where:
        return findings
    images = folder.of_part("test")
    levels = folder_levels(images)
    if levels is None or len(images) != test.n or len(levels.places) != 1:
        return findings
    names = [one[levels.places[0]] for one in levels.of_images]
    cases = _cases_of(found.images, found.pattern)
    pairs = {*zip(cases, found.labels, strict=True)}
    if len(pairs) > len({*cases}) or not all(map(_are_cases, (cases, names))):
        return findings
    n_cases = len({*names})
    findings = replace(findings, test=replace(test, images=levels.pattern))
    told = readme_row(folder, n_cases=n_cases, n_images=test.n)
    of = f"{plural(n_cases, 'folder')} of {plural(test.n, 'image')} to predict"
    if told is None:
        return replace(findings, cases=of)
    if not told.is_of_case:
        return findings
    return replace(findings, unit=InferredUnit(_FIELD, f"{told.why}: {of}"))


def _cases_of(images: Sequence[ImageFile], pattern: str) -> list[str]:
    finds = Pattern(pattern).match
    return [(finds(image.path) or {}).get(_FIELD, "") for image in images]


def _are_cases(names: Sequence[str]) -> bool:
    """Return whether the folders of images are called as cases are, and have several images."""
    each = {*names}
    return are_groups([*each]) and len(names) >= _FEWEST_IMAGES * len(each)


def open_cases(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield that an answer may be of each case, where nothing tells."""
    if findings.cases:
        why = f"where an answer is of a folder ({findings.cases}), and not of each image"
        for one, other in (("train", "test"), ("test", "train")):
            yield OpenKey(f"data.{one}.unit", ((_FIELD, f"{why}: choose data.{other}.unit, too"),))
