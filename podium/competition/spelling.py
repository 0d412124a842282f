"""Names that people write in several ways: of a group, of a class."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = [
    "NON_JOINER",
    "UNSPACED",
    "accented_otherwise",
    "composed",
    "composed_otherwise",
    "counted",
    "joined_otherwise",
    "letters_of",
    "name_key",
    "name_words",
    "names_alike",
    "numbered_names",
    "numbers_and_words",
    "plain_spelling",
    "singular",
    "singular_words",
    "spelt_alike",
    "unaccented_key",
    "words_key",
]

NON_JOINER = "\u200c"
"""Stands between two letters that do not join: within a word, or between two of one."""
UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Scripts that put no blanks between words, or that texts write without: of a pattern's `[]`."""
_NUMBERED = re.compile(r"(?P<word>.*?[^\W\d_])[\s_-]*(?P<number>\d+)")
_LETTERS = re.compile(r"[^\W\d_]+")
_BETWEEN_WORDS = re.compile(r"[-\u2010-\u2015_.\s]+")
_LETTERS_OF_A_WORD = 3
"""At least, of the longest of several: `a-b` is a code."""


def composed(name: str) -> str:
    """Return a name with each accent in one sign with its letter, as Unicode's form NFC has it.

    Names of files from macOS, and tables made of them, have the accent as a sign of its own.

    Example:
        >>> len("Jose\u0301"), len(composed("Jose\u0301"))
        (5, 4)
    """
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def composed_otherwise(names: Iterable[str]) -> list[list[str]]:
    """Return the names that are equal once they are `composed`, and not before, those of one kind.

    Example:
        >>> [len(one) for one in composed_otherwise(["\u00e9", "e", "e\u0301"])]
        [2]
    """
    alike: dict[str, dict[str, None]] = {}
    for name in names:
        if not name.isascii():
            alike.setdefault(composed(name), {})[name] = None
    return [list(each) for each in alike.values() if len(each) > 1]


def numbers_and_words(name: str) -> tuple[tuple[int, str], ...]:
    """Return what puts `img_9` before `img_10`.

    Example:
        >>> sorted(["img_10", "img_9"], key=numbers_and_words)
        ['img_9', 'img_10']
    """
    pieces = re.findall(r"\d+|\D+", name)
    return tuple((int(one), "") if one.isdecimal() else (-1, one) for one in pieces)


def name_key(name: object) -> str:
    """Return what a name is known by: those that differ by case or blanks alone are one.

    So are those whose accents are composed otherwise. People write one patient in several ways; two
    groups taken for one cost nothing.

    Example:
        >>> name_key(" Patient  7") == name_key("patient 7")
        True
        >>> name_key("Jos\u00e9") == name_key("Jose\u0301")
        True
    """
    return composed(" ".join(composed(str(name)).split()).casefold())


def name_words(name: str) -> list[str]:
    """Return the words of a file or column name, in lower case.

    Example:
        >>> name_words("trainLabels_v2"), name_words("stage_1_test_images"), name_words("PatientID")
        (['train', 'labels', 'v'], ['stage', 'test', 'images'], ['patient', 'id'])
        >>> name_words("größe_cm"), name_words("ŁódźID")
        (['größe', 'cm'], ['łódź', 'id'])
    """
    return list(_name_words(name))


@functools.lru_cache(maxsize=65_536)  # folders and columns are asked about again and again
def _name_words(name: str) -> tuple[str, ...]:
    words = []
    for run in _LETTERS.findall(name):
        start = 0
        for n in range(1, len(run)):
            # A capital behind a small letter, or the last capital before one.
            is_next = run[n].isupper() and (run[n - 1].islower() or run[n + 1 : n + 2].islower())
            if is_next:
                words.append(run[start:n])
                start = n
        words.append(run[start:])
    return tuple(word.lower() for word in words)


def singular(word: str) -> str:
    """Return a word without the s of the plural, by which words of one thing and of several agree.

    It is compared, not shown: of a word that ends in s otherwise nothing readable is left.

    Example:
        >>> singular("labels"), singular("label"), singular("class")
        ('label', 'label', 'clas')
    """
    return word.removesuffix("s")


def singular_words(name: str) -> frozenset[str]:
    """Return the words of a file or column name, each `singular`.

    Example:
        >>> sorted(singular_words("cell_counts")) == sorted(singular_words("CellsCount"))
        True
    """
    return frozenset(map(singular, name_words(name)))


def letters_of(name: str) -> str:
    """Return a name without signs and capitals: `Normal/Mild` and `normal_mild` are one."""
    return re.sub(r"\W|_", "", name).casefold()


def plain_spelling(name: object) -> str:
    """Return a name without capitals and accents.

    Example:
        >>> plain_spelling("Lámina"), plain_spelling("LÄNGE")
        ('lamina', 'lange')
    """
    parts = unicodedata.normalize("NFKD", str(name).strip().casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def spelt_alike(names: Iterable[str]) -> list[list[str]]:
    """Return the names that differ by case or blanks alone, those of one kind together.

    Example:
        >>> spelt_alike(["cat", "dog", "Cat", " cat"])
        [['cat', 'Cat', ' cat']]
    """
    return _of_one_key(names, name_key)


def accented_otherwise(names: Iterable[str]) -> list[list[str]]:
    """Return the names that differ by accents, those of one kind together.

    Those that differ by case or blanks alone are none of them.

    Example:
        >>> accented_otherwise(["Jos\u00e9", "jose", "Ana", "ana"])
        [['Jos\u00e9', 'jose']]
    """
    alike = _of_one_key(names, unaccented_key)
    return [each for each in alike if len(set(map(name_key, each))) > 1]


def unaccented_key(name: object) -> str:
    """Return the `name_key` of a name without accents; the signs of kana are none.

    Example:
        >>> unaccented_key("Jos\u00e9 "), unaccented_key("\u3060") == unaccented_key("\u305f")
        ('jose', False)
    """
    parts = unicodedata.normalize("NFD", name_key(name))
    return composed("".join(sign for sign in parts if sign not in _ACCENTS))


_ACCENTS = frozenset(map(chr, range(0x300, 0x370)))
"""Signs above and below letters of Latin, Greek and Cyrillic."""


def _of_one_key(names: Iterable[str], key: Callable[[str], str]) -> list[list[str]]:
    """Return the names that have one key with another one, those of one key together."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(key(name), []).append(name)
    return [each for each in found.values() if len(each) > 1]


def names_alike(names: Sequence[str], sizes: Mapping[str, int]) -> dict[str, list[str]]:
    """Return the names that are likely one, as text with their sizes, by how they differ.

    Of those that look alike, as their accents are composed otherwise, the text has the code points.

    Example:
        >>> names_alike(["cat", "Cat", "dog"], {"cat": 12, "Cat": 1})
        {'case or blanks': ["'cat' (12) and 'Cat' (1)"]}
    """
    found = {
        "case or blanks": spelt_alike(names),
        "accents": accented_otherwise(names),
        "the signs between words": joined_otherwise(names),
    }
    return {
        how: [" and ".join(counted(each, sizes)) for each in several]
        for how, several in found.items()
        if several
    }


def words_key(name: str) -> str:
    """Return what a name of several words is known by, whatever signs or blanks join them.

    A name with a digit, without a word of three letters, or with a word alone has its `name_key`.

    Example:
        >>> words_key("Sea-Lion"), words_key("sea_lion"), words_key("sealion")
        ('sea lion', 'sea lion', 'sealion')
        >>> words_key("1-2"), words_key("a.b"), words_key("type-2 b")
        ('1-2', 'a.b', 'type-2 b')
    """
    key = name_key(name)
    words = _BETWEEN_WORDS.split(key)
    n_letters = [sum(map(str.isalpha, word)) for word in words]
    if 0 in n_letters or max(n_letters) < _LETTERS_OF_A_WORD or any(map(str.isnumeric, key)):
        return key
    return " ".join(words)


def joined_otherwise(names: Iterable[str]) -> list[list[str]]:
    """Return the names that differ by the signs or blanks between their words, those of one kind.

    Those that differ by case or blanks alone are none of them.

    Example:
        >>> joined_otherwise(["sea lion", "seal", "sea-lion", "1-2", "1 2", "Seal"])
        [['sea lion', 'sea-lion']]
    """
    joined = _of_one_key(names, words_key)
    return [each for each in joined if len(set(map(name_key, each))) > 1]


def counted(names: Sequence[str], sizes: Mapping[str, int]) -> list[str]:
    """Return names in quotes, each with its size where it has one.

    Example:
        >>> counted(["sea lion", "seal"], {"sea lion": 1200})
        ["'sea lion' (1,200)", "'seal'"]
    """
    quoted = ascii if composed_otherwise(names) else repr
    return [f"{quoted(one)} ({sizes[one]:,})" if one in sizes else quoted(one) for one in names]


def numbered_names(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the names that are a word with a number behind it: by the word, and by the number.

    Example:
        >>> numbered_names(["id", "photo_1", "photo_2", "age"])
        {'photo': {'1': 'photo_1', '2': 'photo_2'}}
    """
    found: dict[str, dict[str, str]] = {}
    for name in names:
        if (match := _NUMBERED.fullmatch(name)) is not None:
            found.setdefault(match["word"], {})[match["number"]] = name
    return found
