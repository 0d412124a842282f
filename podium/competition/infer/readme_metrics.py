"""The metric of a competition, as a README beside its data names it.

README.md: "Submissions are evaluated by the macro F1 score."      →    macro_f1
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from podium.competition import metrics
from podium.competition.infer.files import DataFolder
from podium.competition.infer.languages import meaning_words
from podium.competition.infer.readme_texts import texts_beside
from podium.errors import DataError
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import TaskName

__all__ = ["ReadmeMetric", "find_readme_metrics"]

_NEAR = 200  # letters between a word of scoring and what the metric is called


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
    texts = dict(texts_beside(folder))
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


def _scores(name: str, kind: Kind, task: TaskName) -> bool:
    """Return whether a metric scores such a task as it is, without an option."""
    try:
        metric = metrics.fitting(name, kind, task=task)
    except DataError:
        return False
    return "average" not in metric.options or kind.is_yes_no
