"""The metric of a competition, as a README beside its data names it.

README.md: "Submissions are evaluated by the macro F1 score."      →    macro_f1
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from podium.competition import metrics
from podium.competition.infer.files import DataFolder
from podium.competition.infer.languages import meaning_words
from podium.competition.infer.readme_texts import texts_beside
from podium.errors import DataError
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import TaskName

__all__ = ["ReadmeMetric", "find_readme_metrics", "readme_directions"]

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
    accuracy" is no accuracy. Behind a word as "Note", which in many languages is a mark and in as
    many a remark, a line names it where a colon and the metric follow, and no further word.

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
                new = _each(called, match[0], path, found)
                is_in_brackets = text[match.start() - 1 : match.end() + 1] == f"({match[0]})"
                # "the RMSE of each column, and the mean of both (MCRMSE)" is the latter
                if is_in_brackets and any(_is_part(one.called, match[0]) for one in found.values()):
                    found = {**new, **found}
                else:
                    found |= new
    marked = re.compile(
        rf"\W*(?:{'|'.join(meaning_words('mark'))}) ?[:=] ?({longest})(?!\w)"
        rf" ?(?:[.;].*|\((?:{longest})\).*)?"
    )
    for path, lines in () if found else texts_beside(folder, by_line=True):
        for line in lines.split("\n"):
            found_mark = marked.fullmatch(line.strip())
            if found_mark is not None and found_mark[1] in called:
                found |= _each(called, found_mark[1], path, found)
    return list(found.values())


def readme_directions(folder: DataFolder) -> str:
    """Return which text in the data folder speaks of directions, and its word; "" without one."""
    for path, text in texts_beside(folder):
        found = _DIRECTIONS.search(text)
        if found is not None:
            return f"{path} says {found[0]!r}"
    return ""


def _is_part(called: str, longer: str) -> bool:
    """Return whether a name is the end of a longer one, as `rmse` is of `mcrmse`."""
    return called != longer and longer.endswith(called)


def _each(
    called: Mapping[str, Sequence[str]], phrase: str, path: str, known: Collection[str]
) -> dict[str, ReadmeMetric]:
    """Return the metrics of a phrase that are not known yet; where one is named so, that one."""
    own = [one for one in called[phrase] if one.replace("_", " ") == phrase]
    new = (one for one in own or called[phrase] if one not in known)
    return {name: ReadmeMetric(name, path, phrase) for name in new}


def _scores(name: str, kind: Kind, task: TaskName) -> bool:
    """Return whether a metric scores such a task as it is, without an option."""
    try:
        metric = metrics.fitting(name, kind, task=task)
    except DataError:
        return False
    return "average" not in metric.options or kind.is_yes_no
