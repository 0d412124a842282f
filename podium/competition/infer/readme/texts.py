"""The texts that a host puts beside the data, as README.md, or in a folder, as pages/rules.md."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from html import unescape

from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.scripts import scoring_scripts, words_of_script
from podium.competition.languages import Meaning, is_called, meaning_words
from podium.competition.phrases import plain_text, words_pattern
from podium.competition.spelling import NON_JOINER

__all__ = [
    "FULL_STOP",
    "SENTENCE_END",
    "as_in_texts",
    "cells_of_row",
    "is_of_train",
    "is_text",
    "items_as_written",
    "rows_of_tables",
    "sent_pattern",
    "sentences_beside",
    "sentences_of",
    "texts_and_lists",
    "texts_as_written",
    "texts_beside",
    "texts_of_scripts",
]

FULL_STOP = re.compile(r"(?<=[.!?؟])\s+|(?<=[。！？])|\n")
"""Where a sentence ends, also one of several with semicolons between them."""
SENTENCE_END = re.compile(rf"{FULL_STOP.pattern}|(?<=[;؛])\s+|(?<=；)")
"""Where a sentence of a text ends."""

_PAGES = (".md", ".rst", ".html", ".htm")
_SUFFIXES = (*_PAGES, ".txt")
_MOST_PAGES = 20  # of a folder: more of them are a data set of texts
_LARGEST = 200_000  # bytes of a text that tells of a competition
_WRAPPED = 40  # letters of a line at least that goes on in the next
# A bullet, a number, or a list in columns: a name and two blanks, or a folder and one.
_ITEM = re.compile(r"\s*(?:[-*+•·–#|>├└│]|\w{1,2}[.)]\s|\S+(?:[^\S\n]{2,}|\t)\S|`?[\w./-]+/`?:?\s)")


def is_text(path: str) -> bool:
    """Return whether a file holds a text, by its ending, or as a README without one.

    Example:
        >>> is_text("data/rules.md"), is_text("data/README"), is_text("data/labels")
        (True, True, False)
    """
    return path.lower().endswith(_SUFFIXES) or path.rpartition("/")[2].lower() == "readme"


def texts_beside(
    folder: DataFolder, *, by_line: bool = False, by_item: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield path and text of those in the data folder itself, in small letters.

    Where all files lie in one folder of it, as a zip of a folder has them, those in this one. So
    are pages in a folder there that holds nothing else, as `pages/evaluation.md`.

    Lists of images are no texts. Words have one blank between them: no hyphens or signs of Markdown
    and HTML. Lines end where they do `by_line`; `by_item` those do that end a paragraph, an item of
    a list or a short line. All others end in a blank, too.
    """
    key = by_line, by_item
    if key not in folder.texts_read:
        folder.texts_read[key] = list(_texts_beside(folder, by_line=by_line, by_item=by_item))
    yield from folder.texts_read[key]


def sentences_beside(
    folder: DataFolder, spelt: Callable[[str], str] = str, *, end: re.Pattern[str] = FULL_STOP
) -> Iterator[tuple[str, str]]:
    """Yield path and sentence of the texts of `texts_beside`, by item.

    Args:
        spelt: how each text is spelt before it is parted.
        end: where a sentence ends; with `SENTENCE_END` behind a semicolon, too.
    """
    for path, text in texts_beside(folder, by_item=True):
        for sentence in end.split(spelt(text)):
            yield path, sentence


def sentences_of(folder: DataFolder, path: str) -> list[str]:
    """Return the sentences of one text of `texts_beside`, by item, those without a word left out.

    Numbers and signs of full width are as usual ones.
    """
    text = dict(texts_beside(folder, by_item=True)).get(path, "")
    every = FULL_STOP.split(unicodedata.normalize("NFKC", text))
    return [one.strip() for one in every if re.search(r"\w", one)]


def texts_as_written(folder: DataFolder) -> Iterator[tuple[str, str]]:
    """Yield path and text of those that `texts_beside` has, with all signs and capitals."""
    for path, text in texts_and_lists(folder):
        if not _lists_images(text, folder):
            yield path, text


def items_as_written(folder: DataFolder) -> Iterator[tuple[str, str]]:
    """Yield path and text as written, a line for each item or paragraph, without HTML."""
    for path, text in texts_as_written(folder):
        yield path, re.sub(r"<[^<>]*>", " ", _by_item(_with_breaks(text)))


def cells_of_row(line: str) -> list[str]:
    """Return the cells of a row of a Markdown table, with or without a `|` at either end."""
    row = line.strip().removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in row.split("|")]


def rows_of_tables(folder: DataFolder) -> Iterator[tuple[str, list[str]]]:
    """Yield path and cells of each row of a table in the texts, of Markdown or HTML."""
    for path, text in texts_as_written(folder):
        yield from ((path, cells_of_row(one)) for one in text.splitlines() if "|" in one)
        for row in _HTML_ROW.findall(text):
            cells = (re.sub(r"<[^<>]*>", " ", unescape(one)) for one in _HTML_CELL.findall(row))
            yield path, [" ".join(one.split()) for one in cells]


_HTML_ROW = re.compile(r"<tr\b[^<>]*>(.*?)(?=<tr\b|</tr|</table|\Z)", re.I | re.S)
_HTML_CELL = re.compile(r"<t[dh]\b[^<>]*>(.*?)(?=<t[dh]\b|</t[dh]|\Z)", re.I | re.S)


def _with_breaks(text: str) -> str:
    """Return a text with an empty line where HTML ends a paragraph or an item."""
    return re.sub(r"<(?:/?(?:p|li|tr|div|h\d)|br)\b[^<>]*>", "\n\n", text)


def texts_and_lists(folder: DataFolder) -> Iterator[tuple[str, str]]:
    """Yield path and text of those beside the data as they are written, lists of images, too."""
    places = {"", folder.common_folder}
    pages = _folders_of_pages(folder, places)
    for path in folder.others:
        where = path.rpartition("/")[0]
        is_beside = (where in places and is_text(path)) or where in pages
        if is_beside and (folder.path / path).stat().st_size <= _LARGEST:
            yield path, read_text(folder.path / path, folder)


def _folders_of_pages(folder: DataFolder, places: Collection[str]) -> set[str]:
    """Return the folders in these places that hold a few pages of text, and no other file.

    Plain texts are none: in folders these are lists, or what is known of one image each.
    """
    files = defaultdict[str, list[str]](list)
    for path in (*folder.others, *(one.path for one in folder.images)):
        files[path.rpartition("/")[0]].append(path)
    return {
        where
        for where, paths in files.items()
        if where.rpartition("/")[0] in places
        and len(paths) <= _MOST_PAGES
        and all(one.lower().endswith(_PAGES) for one in paths)
    }


def _texts_beside(folder: DataFolder, *, by_line: bool, by_item: bool) -> Iterator[tuple[str, str]]:
    between = r"[^\S\n]" if by_line or by_item else r"\s"
    for path, text in texts_as_written(folder):
        if by_item:
            text = _by_item(_with_breaks(text))
        yield path, _plain(re.sub(r"<[^<>]*>", " ", text), between)


def _lists_images(text: str, folder: DataFolder) -> bool:
    """Return whether each of the first lines, but for one as of a header, names an image."""
    lines = [line.strip() for line in text.splitlines() if line.strip()][:_PROBED_LINES]
    return len(lines) > 2 and all(map(folder.named, lines[1:]))


_PROBED_LINES = 50


def texts_of_scripts(folder: DataFolder, *, by_line: bool = False) -> Iterator[tuple[str, str]]:
    """Yield path and words of scripts that score, as `texts_beside` has texts."""
    for path, code in scoring_scripts(folder):
        if words := words_of_script(code):
            yield path, _plain(words, r"[^\S\n]" if by_line else r"\s")


def as_in_texts(name: str) -> str:
    """Return a name as `texts_beside` would have it.

    Example:
        >>> as_in_texts("Toukyu_ID")
        'toukyu id'
    """
    return _plain(name).strip()


def sent_pattern(names: Iterable[str], *meanings: Meaning) -> re.Pattern[str]:
    """Return the pattern of sentences that speak of the file to send, for a text of `plain_signs`.

    They have a word for it, or of what is predicted, or one of its names.

    Args:
        names: of the file, and of its columns.
        meanings: whole words that tell the same.
    """
    whole = (word for meaning in ("send", *meanings) for word in meaning_words(meaning))
    spelt = map(plain_text, [*whole, *map(as_in_texts, names)])
    each = "|".join(map(re.escape, sorted(filter(None, spelt), key=len, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{each})(?!\w)|{_begins_as_sent().pattern}")


@cache
def _begins_as_sent() -> re.Pattern[str]:
    return words_pattern(map(plain_text, meaning_words("sent") | meaning_words("target")))


def is_of_train(sentence: str, names: Iterable[str] = ()) -> bool:
    """Return whether a sentence speaks of train, by a word for it or by one of its names."""
    if any(is_called(word, "train") for word in re.findall(r"\w+", sentence)):
        return True
    plain = plain_text(sentence)
    spelt = (re.escape(plain_text(as_in_texts(one))) for one in names)
    return any(re.search(rf"(?<!\w){one}(?!\w)", plain) for one in spelt)


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
