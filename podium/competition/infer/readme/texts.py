"""The texts that a host puts beside the data, as README.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import DataFolder
from podium.competition.spelling import NON_JOINER

__all__ = ["SENTENCE_END", "as_in_texts", "texts_beside"]

SENTENCE_END = re.compile(r"(?<=[.;!?؟؛])\s+|(?<=[。；！？])|\n")
"""Where a sentence of a text ends."""

_ENDS = (".md", ".txt", ".rst", ".html", ".htm")
_LARGEST = 200_000  # bytes of a text that tells of a competition
_WRAPPED = 40  # letters of a line at least that goes on in the next
# A bullet, a number, or a list in columns: a name and two blanks, or a folder and one.
_ITEM = re.compile(r"\s*(?:[-*+•·–#|>├└│]|\w{1,2}[.)]\s|\S+(?:[^\S\n]{2,}|\t)\S|`?[\w./-]+/`?:?\s)")


def texts_beside(
    folder: DataFolder, *, by_line: bool = False, by_item: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield path and text of those in the data folder itself, in small letters.

    Where all files lie in one folder of it, as a zip of a folder has them, those in this one.

    Words have one blank between them: no hyphens or signs of Markdown and HTML. Lines end where
    they do `by_line`; `by_item` those do that end a paragraph, an item of a list or a short line.
    All others end in a blank, too.
    """
    key = by_line, by_item
    if key not in folder.texts_read:
        folder.texts_read[key] = list(_texts_beside(folder, by_line=by_line, by_item=by_item))
    yield from folder.texts_read[key]


def _texts_beside(folder: DataFolder, *, by_line: bool, by_item: bool) -> Iterator[tuple[str, str]]:
    between = r"[^\S\n]" if by_line or by_item else r"\s"
    places = ("", folder.common_folder)
    for path in folder.others:
        file = folder.path / path
        is_beside = path.rpartition("/")[0] in places and path.lower().endswith(_ENDS)
        if not is_beside or file.stat().st_size > _LARGEST:
            continue
        text = read_text(file, folder)
        if by_item:
            text = _by_item(re.sub(r"<(?:/?(?:p|li|tr|div|h\d)|br)\b[^<>]*>", "\n\n", text))
        yield path, _plain(re.sub(r"<[^<>]*>", " ", text), between)


def as_in_texts(name: str) -> str:
    """Return a name as `texts_beside` would have it.

    Example:
        >>> as_in_texts("Toukyu_ID")
        'toukyu id'
    """
    return _plain(name).strip()


def _plain(text: str, between: str = r"\s") -> str:
    return re.sub(rf"(?:{between}|[_*`-])+", " ", text.replace(NON_JOINER, "")).casefold()


def _by_item(text: str) -> str:
    """Return a text whose lines are paragraphs, items and headings; wrapped lines are joined."""
    found, before = "", ""
    for line in text.splitlines():
        # A sentence that is cut in two tells less; two that are joined may tell what is not so.
        is_item = _ITEM.match(line) or not line.strip() or line.strip()[0].isupper()
        found += ("\n" if is_item or len(before) < _WRAPPED else " ") + line
        before = line
    return found
