"""Where the values of an inferred `competition.yaml` are from: a text, the data, or a guess.

metric.name     README.md: "Submissions are scored by the macro F1 over all classes."
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from podium.competition.infer.files import DataFolder
from podium.competition.infer.findings.folder import FolderFindings
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.readme.metrics import scoring_words
from podium.competition.infer.readme.texts import (
    FULL_STOP,
    as_in_texts,
    items_as_written,
    texts_as_written,
)
from podium.errors import shortened

__all__ = ["KeyOrigin", "is_from_text", "origins_of"]

_LONGEST = 110  # letters of a sentence that is quoted
_BEFORE = 50  # of these in front of the words of the text


@dataclass(frozen=True)
class KeyOrigin:
    """Where the value of a key is from.

    Attributes:
        key: of competition.yaml, with dots.
        source: a text beside the data, the data themselves, or neither.
        what: the sentence of the text with its path, or what the data show; "" where no more is to
            be told than the source.
    """

    key: str
    source: Literal["text", "data", "guess"]
    what: str = ""

    def describe(self, line: int | None) -> str:
        """Return it in words; a guess with the line of competition.yaml where it stands."""
        if self.source == "guess":
            why = f" ({self.what})" if self.what else ""
            where = self.key if line is None else f"line {line}"
            return f"a guess{why}: say otherwise in {where}"
        return f"from {self.what}" if self.source == "text" else f"from the data: {self.what}"


def is_from_text(why: str, folder: DataFolder) -> bool:
    """Return whether a reason names a text that lies beside the data."""
    return any(path in why for path, _ in texts_as_written(folder))


def origins_of(findings: FolderFindings) -> tuple[KeyOrigin, ...]:
    """Return where the kind, the metric, the group and the file to send are from."""
    return (*_of_kinds(findings), _of_metric(findings), *_of_group(findings), *_of_sent(findings))


def _of_kinds(findings: FolderFindings) -> Iterator[KeyOrigin]:
    labels, masks = findings.tasks.labels, findings.tasks.masks
    if labels is not None:
        is_told = is_from_text(labels.why, findings.folder)
        source: Literal["data", "guess"] = "guess" if labels.is_guess and not is_told else "data"
        yield KeyOrigin("tasks.classify", source, labels.why)
    if masks is not None:
        why = masks.content.why if isinstance(masks, MaskFiles) else masks.why
        yield KeyOrigin("tasks.segment", "data", why)
    if isinstance(masks, MaskFiles) and masks.content.named_by:
        yield KeyOrigin("classes", "text", masks.content.named_by)


def _of_metric(findings: FolderFindings) -> KeyOrigin:
    form, key = findings.form, "metric.name"
    if findings.has_metric_of_preset:
        assert findings.preset is not None
        return KeyOrigin(key, "text", f"podium's preset of {findings.preset.title}")
    if form.metric_told is None and not form.readme_names_metric:
        return KeyOrigin(key, "guess", "" if form.parts else form.why_metric)
    if form.metric_told is None:
        return KeyOrigin(key, "text", form.why_metric)
    path, called = form.metric_told
    quoted = f"{path}: '{_sentence(findings.folder, path, called) or called}'"
    caveat = ", with more that makes it another one: see above" if form.metric_caveat else ""
    return KeyOrigin(key, "text", f"{quoted}{caveat}")


def _of_group(findings: FolderFindings) -> Iterator[KeyOrigin]:
    if findings.group is not None:
        yield KeyOrigin("folds.group", "data", findings.group.why)


def _of_sent(findings: FolderFindings) -> Iterator[KeyOrigin]:
    form = findings.form
    if findings.sample is None and form.stated_file is not None:
        yield KeyOrigin("submission", "text", form.stated_file[1])
    elif findings.sample is None and form.stated_columns:
        yield KeyOrigin("submission", "text", f"{form.stated_columns} has it")


def _sentence(folder: DataFolder, path: str, called: str) -> str:
    """Return the sentence of a text with what it calls a metric, one on scores first; or ""."""
    found = [
        sentence.strip()
        for other, text in items_as_written(folder)
        if other == path
        for sentence in FULL_STOP.split(text)
        if as_in_texts(called) in as_in_texts(sentence)
    ]
    of_scores = [one for one in found if scoring_words().search(as_in_texts(one))]
    return _shortened(next(iter([*of_scores, *found]), ""), called)


def _shortened(sentence: str, called: str) -> str:
    """Return a sentence on one line, with the part around what it calls a metric if it is long."""
    plain = " ".join(sentence.replace("*", "").replace("`", "").strip(" #|>-").split())
    if len(plain) <= _LONGEST:
        return plain
    at = max(plain.lower().find(called.lower().split()[0]) - _BEFORE, 0)
    begin = plain.find(" ", at) + 1 if at else 0
    whole = shortened(plain[begin:], _LONGEST)
    return f"… {whole}" if begin else whole
