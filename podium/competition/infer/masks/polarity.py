"""Whether black or white is what is to be found in binary masks, as a text beside them tells it.

README.md: "Black is leaf, white is paper."    →    {0: foreground, 255: background}
"""

from __future__ import annotations

import re
from dataclasses import replace

from podium.competition.infer.files import DataFolder
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.readme.texts import SENTENCE_END, sentences_beside
from podium.competition.languages import meaning_words
from podium.competition.phrases import words_pattern

__all__ = ["with_readme_polarity"]

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
