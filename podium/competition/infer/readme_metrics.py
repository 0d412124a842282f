"""The metric of a competition, as a README beside its data names it.

README.md: "Submissions are evaluated by the macro F1 score."      →    macro_f1
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from podium.competition import metrics
from podium.competition.infer.files import DataFolder
from podium.competition.infer.languages import meaning_words
from podium.errors import DataError
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import TaskName

__all__ = ["ReadmeMetric", "find_readme_metrics", "readme_directions"]

_ENDS = (".md", ".txt", ".rst", ".html", ".htm")
_LARGEST = 200_000  # bytes of a text that tells of a competition
_NEAR = 200  # letters between a word of scoring and what the metric is called


_DIRECTIONS = re.compile(
    r"(?<!\w)(?:directions?|headings?|bearings?|azimuths?|azimut|compass|\w*richtung|\w*riktning|"
    r"\w*retning|direzione|dirección|direção|kierunek|směr|irány|richting|suunta|направлен\w+|"
    r"азимут|circular|modulo 360)(?!\w)"
)


@dataclass(frozen=True)
class ReadmeMetric:
    """A metric that a text names.

    Attributes:
        name: of the metric.
        path: of the text, relative to the data folder.
        called: what the text calls it.
    """

    name: str
    path: str
    called: str


def find_readme_metrics(folder: DataFolder, kind: Kind, task: TaskName) -> list[ReadmeMetric]:
    """Return the metrics that texts in the data folder name and that can score the task.

    A text names a metric near a word of scoring, and not as a part of another one's name: "pixel
    accuracy" is no accuracy.

    Args:
        folder: of the data.
        kind: of the task.
        task: what is scored.
    """
    texts = dict(_texts(folder))
    if not texts:
        return []
    called: dict[str, list[str]] = {}
    for name in metrics.names():
        if _scores(name, kind, task):
            for phrase in metrics.phrases(name):
                called.setdefault(phrase, []).append(name)
    # What another metric is called is looked for, too: a longer name is no shorter one.
    every = {phrase for name in metrics.names() for phrase in metrics.phrases(name)}
    longest = "|".join(map(re.escape, sorted(every, key=len, reverse=True)))
    pattern = re.compile(rf"(?<!\w)(?:{longest})(?!\w)")
    scoring = re.compile(rf"\b(?:{'|'.join(meaning_words('scoring'))})")
    found: dict[str, ReadmeMetric] = {}
    for path, text in texts.items():
        for match in pattern.finditer(text):
            near = text[max(0, match.start() - _NEAR) : match.end() + _NEAR // 2]
            if match[0] in called and scoring.search(near):
                names = called[match[0]]
                own = [one for one in names if one.replace("_", " ") == match[0]]
                for name in own or names:
                    found.setdefault(name, ReadmeMetric(name, path, match[0]))
    return list(found.values())


def readme_directions(folder: DataFolder) -> str:
    """Return which text in the data folder speaks of directions, and its word; "" without one."""
    for path, text in _texts(folder):
        found = _DIRECTIONS.search(text)
        if found is not None:
            return f"{path} says {found[0]!r}"
    return ""


def _scores(name: str, kind: Kind, task: TaskName) -> bool:
    """Return whether a metric scores such a task as it is, without an option."""
    try:
        metric = metrics.fitting(name, kind, task=task)
    except DataError:
        return False
    return "average" not in metric.options or kind.is_yes_no


def _texts(folder: DataFolder) -> Iterator[tuple[str, str]]:
    """Yield the texts that lie in the data folder itself, in small letters, words by one blank."""
    for path in folder.others:
        file = folder.path / path
        if "/" in path or not path.lower().endswith(_ENDS) or file.stat().st_size > _LARGEST:
            continue
        text = _read(file)
        yield path, re.sub(r"[\s_*`-]+", " ", re.sub(r"<[^<>]*>", " ", text)).casefold()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return file.read_text(encoding="cp1252", errors="replace")
