"""Which values of masks are what is to be found: black or white, or one of several classes.

README.md: "Black is leaf, white is paper."    →    {0: foreground, 255: background}
"""

from __future__ import annotations

import re
from dataclasses import replace

from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import DataFolder
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.readme.texts import SENTENCE_END, sentences_beside
from podium.competition.languages import meaning_words
from podium.competition.phrases import words_pattern
from podium.tasks.protocols.find import pixel_kind

__all__ = ["with_one_class", "with_readme_polarity"]

_KEY = "data.train.mask_values"
_CLAUSE = re.compile(r"[,:()]|\s[–—]\s")


def with_readme_polarity(masks: MaskFiles, folder: DataFolder) -> MaskFiles:
    """Return the masks without the question which value is background, where a text answers it.

    A sentence does that names both colours, each in a clause of its own, and one of them with a
    word for background or paper. Photographs on a white ground have no black beside it.

    Args:
        masks: of two values, with the question as `read_content` asks it; others stay as they are.
    """
    content = masks.content
    asked = [one for one in content.open if one.key == _KEY]
    values = content.values
    if not asked or values is None or not content.kind.is_yes_no or len(values) != 2:
        return masks
    told = _readme_background(folder)
    if told is None:
        return masks
    path, sentence, background = told
    low, high = sorted(values, key=int)
    named = {low: "background", high: "foreground"}
    if background == "white":
        named = {low: "foreground", high: "background"}
    content = replace(
        content,
        values=named,
        why=f"{content.why}; {path} says {sentence!r}",
        open=tuple(one for one in content.open if one.key != _KEY),
    )
    return replace(masks, content=content)


def _readme_background(folder: DataFolder) -> tuple[str, str, str] | None:
    """Return path, sentence and the colour of background; None where texts tell none or both."""
    found = list[tuple[str, str, str]]()
    words = {
        "black": words_pattern(meaning_words("black")),
        "white": words_pattern(meaning_words("white")),
        "ground": words_pattern(meaning_words("background") | meaning_words("paper")),
    }
    for path, sentence in sentences_beside(folder, end=SENTENCE_END):
        if not (words["black"].search(sentence) and words["white"].search(sentence)):
            continue
        grounds = set[str]()
        for clause in _CLAUSE.split(sentence):
            colours = [one for one in ("black", "white") if words[one].search(clause)]
            if len(colours) == 1 and words["ground"].search(clause):
                grounds.add(colours[0])
        found += [(path, sentence.strip(), one) for one in grounds]
    return found[0] if len({colour for *_, colour in found}) == 1 else None


def with_one_class(masks: MaskFiles) -> MaskFiles:
    """Return binary masks of one of the classes, and the others as a question.

    Args:
        masks: of an image each; those of several classes beside 0, with values, are changed.
    """
    content = masks.content
    is_of_classes = not (content.kind.is_yes_no or content.kind.finds_objects or masks.by_class)
    if not is_of_classes or content.numbered is not None or len(content.classes) < 2:
        return masks
    named = content.values or {0: "background", **dict(enumerate(content.classes, start=1))}
    named = {value: name for value, name in named.items() if value in content.found}
    if len(named) == 2 and 0 in named:
        return masks  # 0 is background, whatever it is called
    of_class = [value for value, name in named.items() if name != "background"]
    readings = list[tuple[dict[int | str, str], str]]()
    for value in of_class:
        only = {one: "foreground" if one == value else "background" for one in named}
        readings.append((only, f"if {named[value]} is what is to be found"))
    if len(of_class) < len(named):
        every = {one: "foreground" if one in of_class else "background" for one in named}
        readings.insert(0, (every, "if all classes together are"))
    (first, why), *others = readings
    content = replace(
        content,
        kind=pixel_kind("binary"),
        classes=[],
        values=first,
        why=f"{content.why}; files to send have one mask an image, {why}",
        open=(
            *(one for one in content.open if one.key != "data.train.mask_values"),
            OpenKey("data.train.mask_values", tuple(others)),
        ),
        other=None,
    )
    return replace(masks, content=content)
