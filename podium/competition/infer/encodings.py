"""The encoding of tables and texts that are not UTF-8, by the evidence of what they would read.

One byte is a letter in each of Windows' pages, and two may be a sign of eastern Asia. A reading is
held against what stands beside in UTF-8 (names of files, texts, tables), the words that hosts use,
and the letters that a language has; where two readings are as good, both are told.
"""

from __future__ import annotations

import codecs
import functools
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, get_args

from podium.competition.infer.files import DataFolder
from podium.competition.languages import Meaning, letters_by_language, meaning_words

__all__ = [
    "WORD",
    "FoundPage",
    "TextBeside",
    "decode",
    "find_page",
    "page_of_tables",
    "read_text",
    "text_beside",
]

PAGES = ("cp1252", "cp1250", "cp1254", "cp1251", "cp1253", "gbk", "cp932", "cp949")
"""Windows' pages: western and central Europe, Turkish, Cyrillic, Greek; Chinese, Japanese, Korean.

Of those that read a text alike, the first counts.
"""
_HEAD = 200_000  # bytes of a file whose letters are looked at
_TEXTS = (".md", ".txt", ".rst", ".html", ".htm")
_TABLES = (".csv", ".tsv")
_GAP = 0.35
"""Readings whose scores, of about 1 to 4, are nearer to each other are both told."""
_OF_A_TEXT = 1.0
"""What counts for the encoding that a text beside certainly has: a host mostly writes in one."""
_OF_SEVERAL = 0.7
"""What words of several languages count, of which a table seldom has more than one."""
_STEMS: tuple[Meaning, ...] = ("example", "sent", "scoring")
WORD = re.compile(r"[^\W\d_](?:[^\x00-\x7f\s]|\w)*|[^\x00-\x7f\s]\w+")
_LETTERS = re.compile(r"[^\W\d_]+")
_ORDINALS = re.compile(r"(?i)(?<!\w)(?:n\.? ?|\d+\.?)[ºª](?!\w)")  # N.º 7, 2ª
_SIGNS = re.compile(r"[^\x00-\x7f\w\s]{2,}")
_QUOTES = frozenset("«»„“”‘’‚‹›–—…·•°×、。，：；！？（）「」『』《》【】〜～・￥％＝＋−→←")
_MOST_FOREIGN = 3
_ASIAN = {
    "gbk": ("chinese", "gb2312"),
    "cp932": ("japanese", "shift_jis"),
    "cp949": ("korean", "euc_kr"),
}
_COMMON = 0.25
"""The share of the commonest signs of an Asian text."""
_FURTHER = {
    "icelandic": "áéíóúýðþæö",
    "danish": "æøåé",
    "catalan": "àçèéíïòóúü",
    "estonian": "äöõüšž",
    "albanian": "ëç",
    "irish": "áéíóú",
    "slovak": "áäčďéíĺľňóôŕšťúýž",
    "croatian": "čćđšž",
    "serbian": "абвгдежзиклмнопрстуфхцчшђјљњћџ",
    "belarusian": "абвгдежзйклмнопрстуфхцчшыьэюяёіў",
    "macedonian": "абвгдежзиклмнопрстуфхцчшѓѕјљњќџ",
}


class FoundPage(NamedTuple):
    """An encoding, others that read the letters otherwise and about as well, and a text in it."""

    page: str
    rivals: tuple[str, ...] = ()
    text: str = ""
    """A text beside that is certainly in this encoding; "" where none speaks for it."""


class TextBeside(NamedTuple):
    """What a data folder has in UTF-8: words with letters that are not ASCII, and these letters."""

    words: frozenset[str]
    letters: frozenset[str]


def _is_utf(head: bytes) -> bool:
    """Return whether the beginning of a file is UTF-8, or UTF-16 with its mark."""
    try:
        head[: head.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError:
        return head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return True


def decode(content: bytes, page: str) -> tuple[str, str]:
    """Return the text and its encoding: UTF-16 with a mark, UTF-8, or else `page`.

    Raises:
        UnicodeDecodeError: it is no text.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16"), "utf-16"
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return content.decode(page), page


def text_beside(folder: DataFolder) -> TextBeside:
    """Return the words and letters of names of files, and of texts and tables that are UTF-8."""
    paths = {*(image.path for image in folder.images), *folder.tables, *folder.others}
    found = set(_words(path for path in paths if not path.isascii()))
    for path in {*folder.others, *folder.tables}:
        if not path.lower().endswith((*_TEXTS, *_TABLES)):
            continue
        head = _head(folder.path / path)
        if _is_utf(head):
            found |= _words([head.decode("utf-8", "ignore")])
    return TextBeside(frozenset(found), frozenset(_foreign("".join(found))))


def page_of_tables(folder: DataFolder) -> FoundPage:
    """Return the encoding of the tables of a folder that are not UTF-8.

    It is that of all tables together, as few words of one tell little; that of a text beside, which
    has more words, is likelier than others.
    """
    heads = (_head(folder.path / path) for path in folder.tables)
    foreign = [one for one in heads if not _is_utf(one)]
    if not foreign:
        return FoundPage(PAGES[0])
    beside = text_beside(folder)
    texts = {path: _head(folder.path / path) for path in folder.others if _is_text(path)}
    of_texts = {path: find_page([one], beside) for path, one in texts.items() if not _is_utf(one)}
    sure = {one.page: path for path, one in of_texts.items() if not one.rivals}
    return find_page(foreign, beside, sure)


def _is_text(path: str) -> bool:
    return path.lower().endswith(_TEXTS)


def read_text(file: Path, folder: DataFolder) -> str:
    """Return a text of a data folder, in UTF-8 or by the evidence of its letters and the folder."""
    content = file.read_bytes()
    try:
        return decode(content, "utf-8")[0]
    except UnicodeDecodeError:
        page = find_page([content], text_beside(folder)).page
        return content.decode(page, "replace")


def find_page(
    heads: Iterable[bytes], beside: TextBeside, texts: Mapping[str, str] = MappingProxyType({})
) -> FoundPage:
    """Return the encoding of texts that are not UTF-8, all of the same one.

    Args:
        heads: their beginnings, which may end inside a letter.
        beside: what is known of the data.
        texts: the encodings that texts beside certainly have, with the path of one.
    """
    content = b"\n".join(heads)
    scores: dict[str, float] = {}
    read: dict[str, str] = {}
    for page in PAGES:
        text = _read(content, page)
        if text is not None and text not in read.values():
            read[page] = text
            scores[page] = _score(text, page, beside) + _OF_A_TEXT * (page in texts)
    if not scores:
        return FoundPage(PAGES[0])
    best = max(scores, key=lambda page: scores[page])
    near = [one for one in scores if one != best and scores[one] > scores[best] - _GAP]
    rivals = tuple(sorted(near, key=lambda page: -scores[page]))
    return FoundPage(best, rivals, texts.get(best, ""))


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_HEAD)


def _read(content: bytes, page: str) -> str | None:
    """Return the text of a page; None where it is none of it. Its end may be cut."""
    try:
        return codecs.getincrementaldecoder(page)().decode(content)
    except UnicodeDecodeError:
        return None


def _words(texts: Iterable[str]) -> set[str]:
    """Return the words with letters that are not ASCII, in small letters."""
    found = (one for text in texts for one in _LETTERS.findall(unicodedata.normalize("NFC", text)))
    return {one.casefold() for one in found if not one.isascii()}


def _foreign(text: str) -> list[str]:
    return [one for one in text.lower() if one > "\x7f" and one.isalpha()]


def _score(text: str, page: str, beside: TextBeside) -> float:
    """Return how well a reading does: shares of its words that are known, fit, or are odd."""
    ordinals = set(_ORDINALS.findall(text))
    words = _words([_ORDINALS.sub(" ", text)])
    n_odd = _odd_words(text, page)
    n = max(1, len(words) + len(ordinals) + n_odd)
    n_known = sum(one in beside.words or _is_known(one, page) for one in words)
    known = (n_known + len(ordinals)) / n
    letters = sum(set(_foreign(one)) <= beside.letters for one in words) / n
    return 2 * min(1.0, 2 * known) + letters / 2 + _fit(words, page) * len(words) / n - n_odd / n


def _is_known(word: str, page: str) -> bool:
    whole, stems = _host_words()
    if page in _ASIAN:
        return any(one in word for one in whole if len(one) > 1 and _is_asian(one[0]))
    return word in whole or word.startswith(stems)


@functools.cache
def _host_words() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the words that hosts use, with letters that are not ASCII: whole, and beginnings."""
    of = {one: {x for x in meaning_words(one) if not x.isascii()} for one in get_args(Meaning)}
    whole = {word.casefold() for one, words in of.items() if one not in _STEMS for word in words}
    stems = tuple(sorted(word for one in _STEMS for word in of[one]))
    return frozenset(whole), stems


def _fit(words: Collection[str], page: str) -> float:
    """Return the share of words with the letters of one language, of the one that has most."""
    if not words:
        return 0.0
    if page in _ASIAN:
        return _fit_of_asian("".join(words), *_ASIAN[page])
    letters = [set(_foreign(one)) for one in words]
    of_one = max(sum(one <= each for one in letters) for each in _alphabets())
    of_any = sum(any(one <= each for each in _alphabets()) for one in letters)
    return max(of_one, _OF_SEVERAL * of_any) / len(words)


@functools.cache
def _alphabets() -> tuple[frozenset[str], ...]:
    own = letters_by_language()
    asian = {language for language, _ in _ASIAN.values()}
    known = [own[one] for one in own if one not in asian]
    return (*known, *map(frozenset, _FURTHER.values()))


def _fit_of_asian(text: str, language: str, narrow: str) -> float:
    """Return how many signs are of the common ones, of which a smaller encoding has all."""
    signs = [one for one in text if one > "\x7f"]
    common = letters_by_language()[language]
    usual = sum(one in common for one in signs) / max(1, len(signs))
    fits = sum(_is_of(one, language, narrow) for one in signs) / max(1, len(signs))
    return fits * (0.4 + 0.6 * min(1.0, usual / _COMMON))


def _is_of(sign: str, language: str, narrow: str) -> bool:
    try:
        sign.encode(narrow)
    except UnicodeEncodeError:
        return False
    is_han, is_kana = "一" <= sign <= "鿿", "぀" <= sign <= "ヿ"
    if language == "korean":
        return "가" <= sign <= "힣"
    return is_han or (is_kana and language == "japanese")


def _is_asian(sign: str) -> bool:
    return "぀" <= sign <= "ヿ" or "一" <= sign <= "鿿" or "가" <= sign <= "힣"


def _odd_words(text: str, page: str) -> int:
    """Return how many words have a sign inside, a capital behind a small letter, or two scripts."""
    signs = {one for one in _SIGNS.findall(text) if not set(one) <= _QUOTES}
    words = set(WORD.findall(text))
    is_odd = _is_odd_asian if page in _ASIAN else _is_odd
    return len(signs) + sum(is_odd(word.strip("".join(_QUOTES))) for word in words)


def _is_odd(word: str) -> bool:
    signs = any(not one.isalnum() or one in "¹²³ªº" for one in word if one > "\x7f")
    is_mixed = any(a.islower() and b.isupper() and b > "\x7f" for a, b in pairwise(word))
    foreign = sum(one > "\x7f" for one in word if one.isalpha())
    is_eastern = any(map(_is_eastern, word))
    two_scripts = is_eastern and any(
        any(map(_is_eastern, piece)) and not all(map(_is_eastern, piece))
        for piece in _LETTERS.findall(word)
    )
    # No word of the west has three such letters in a row of four, but all of an eastern one.
    is_foreign = not is_eastern and foreign >= _MOST_FOREIGN and foreign > 0.6 * len(word)
    return signs or is_mixed or two_scripts or is_foreign


def _is_eastern(letter: str) -> bool:
    """Return whether a letter is Cyrillic or Greek."""
    return "Ͱ" <= letter <= "ӿ"


def _is_odd_asian(word: str) -> bool:
    """Return whether an accent has swallowed a letter: one sign behind or before letters."""
    if word.isascii():
        return False
    if any(one > "\x7f" and one.isalpha() and not _is_asian(one) for one in word):
        return True
    runs = re.findall(r"[a-zA-Z]?[^\x00-\x7f]+[a-zA-Z]?", word)
    return any(
        len(re.sub(r"[\x00-\x7f]", "", run)) == 1 and len(run) > 1 and word[0].isalpha()
        for run in runs
    )
