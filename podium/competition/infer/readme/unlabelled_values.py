"""The value of masks that nobody labelled, or that is not scored, as a text beside the data says.

README.md: "What lies under clouds (255) is not known."    →    255 is no class
           "Pixels of 255 are ignored."
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import SENTENCE_END, as_in_texts, items_as_written
from podium.competition.languages import meaning_words
from podium.competition.phrases import any_phrase, is_denied, plain_text, words_pattern
from podium.errors import shortened

__all__ = ["UnlabelledValue", "readme_unlabelled_value"]

_LONGEST = 160  # letters of a sentence that is quoted
_LETTERS_OF_A_STEM = 4  # a shorter name may begin any word


@dataclass(frozen=True)
class UnlabelledValue:
    """A value of masks, with the text and the sentence that say that it is no class."""

    value: int
    quote: str


def readme_unlabelled_value(
    folder: DataFolder, named: Mapping[int | str, str], sent: Collection[str]
) -> UnlabelledValue | None:
    """Return the one value that texts call not labelled, or not scored; None without, or of two.

    A sentence has its number, with its name or a word for pixels or masks; or the name alone, where
    files to send have other classes. That classes are not scored is said of background, too, so
    that such a sentence must speak of pixels. 0 may be background by any name.

    Args:
        folder: with the texts.
        named: the names of values, as a list beside the data has them.
        sent: the classes that the sample submission shows.
    """
    words = {n: as_in_texts(one) for n, one in named.items() if isinstance(n, int)}
    may_be = {n: one for n, one in words.items() if n and named[n] not in sent}
    found = dict[int, str]()
    for path, text in items_as_written(folder) if may_be else ():
        for sentence in SENTENCE_END.split(text):
            plain = plain_text(as_in_texts(sentence))
            if not _tells_of_none(plain):
                continue
            about = [n for n, name in words.items() if _speaks_of(plain, n, name, bool(sent))]
            if len(about) == 1 and about[0] in may_be:
                quote = shortened(" ".join(sentence.strip(" #|>-;").split()), _LONGEST)
                found.setdefault(about[0], f"{path} says {quote!r}")
    return UnlabelledValue(*found.popitem()) if len(found) == 1 else None


def _tells_of_none(plain: str) -> bool:
    """Return whether a sentence calls something not labelled, or pixels not scored."""
    meanings = ["nobody labelled", *(["not scored"] if _of_pixels(plain) else [])]
    phrases = (one for meaning in meanings for one in any_phrase(meaning).finditer(plain))
    return any(not is_denied(plain, one.start()) for one in phrases)


def _of_pixels(plain: str) -> bool:
    words = words_pattern(meaning_words("pixel") | meaning_words("mask"))
    return words.search(plain) is not None


def _speaks_of(plain: str, value: int, name: str, by_name: bool) -> bool:
    """Return whether a sentence has a value with its name or a word for pixels, or its name alone.

    The latter only `by_name`. A name may go on, as in `clouds`.
    """
    spelt = re.escape(plain_text(name))
    end = r"\w*" if len(name) >= _LETTERS_OF_A_STEM else r"(?!\w)"
    is_named = bool(name) and re.search(rf"(?<!\w){spelt}{end}", plain) is not None
    # `255 x 255` are sides, and of `255 images` no pixel is spoken.
    number = re.search(rf"(?<![\w.,:/])(?<!x ){value}(?![\w%]|[.,:/]\d|\s*x\s*\d)", plain)
    return (is_named and by_name) or (number is not None and (is_named or _of_pixels(plain)))
