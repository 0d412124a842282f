"""The order of classes that are ratings by names: a text or a table that shows it.

    README: "From worst to best: P < G < VG < VG+ < NM"        grades.csv: grade, rank
    README: "| trace | below 2 % |", "| light | 2 to 5 % |", "| heavy | more than 5 % |"
    README: "Kappa counts the grades as A=0 ... E=4", "0 = trace, 1 = light, 2 = heavy"
    README: "Grades go from trace through light and medium to heavy."
    README: "The grades, from the lowest to the highest:", "- trace", "- light", "- heavy"

Kappa is the same in the reverse order, so that `NM > VG+ > …` tells as much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.readme.texts import FULL_STOP, SENTENCE_END, as_in_texts, texts_beside
from podium.competition.languages import Meaning, meaning_words
from podium.competition.phrases import bounded, words_pattern

__all__ = ["ClassOrder", "class_order", "where_classes_are_listed"]

_SIGNS = (r"[<‹＜≺]", r"[>›＞≻]", r"(?:→|⇒|->|=>)")
_MARK = r"[\s|#>+•·–]*"
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?")
_ONLY_RULES = re.compile(r"[\s|:=+]*")
_FEWEST_NUMBERS = 3


@dataclass(frozen=True)
class ClassOrder:
    """An order of classes.

    Attributes:
        classes: in this order.
        why: what shows it.
        is_proof: whether it does; False: they are listed so, and a list may have any order.
    """

    classes: list[str]
    why: str
    is_proof: bool = True


def class_order(data: CompetitionData, classes: Sequence[str]) -> ClassOrder | None:
    """Return the classes in order; None where nothing shows one, or two differ.

    A mere list of them counts where nothing proves an order, and where it is not the alphabet's.

    Args:
        classes: all of them, in any order.
    """
    names = {as_in_texts(one): one for one in classes}
    of_texts = [] if len(names) < len(classes) else [*_in_texts(data.folder, names)]
    found = [*of_texts, *_in_tables(data.tables, classes)]
    proofs = [one for one in found if one.is_proof]
    either = (sorted(classes), sorted(classes, reverse=True))
    counted = proofs or [one for one in found if one.classes not in either]
    if not counted:
        return None
    first = counted[0]
    agree = all(one.classes in (first.classes, first.classes[::-1]) for one in [*counted, *proofs])
    return first if agree else None


def where_classes_are_listed(data: CompetitionData, classes: Sequence[str]) -> str:
    """Return the text or table with a list of all classes; "" where none has one.

    Args:
        classes: all of them, in any order.
    """
    names = {as_in_texts(one): one for one in classes}
    for path, _ in texts_beside(data.folder) if len(names) == len(classes) else ():
        if next(_in_texts(data.folder, names, only=path), None) is not None:
            return path
    for path, table in data.tables.items():
        if len(table) == len(classes) and any(set(table[one]) == {*classes} for one in table):
            return path
    return ""


def _in_texts(
    folder: DataFolder, names: Mapping[str, str], *, only: str = ""
) -> Iterator[ClassOrder]:
    """Yield the orders of all classes in texts; `names` has each as texts have it.

    Args:
        names: of the classes, as they are, by what they are in texts.
        only: the path of the one text that is read; "" for all.
    """
    for path, text in texts_beside(folder):
        if only not in ("", path):
            continue
        why = f"{path} has them in this order"
        for sign in _SIGNS:
            for order in _chains(re.split(rf"\s*{sign}\s*", text), list(names)):
                yield ClassOrder([names[one] for one in order], why)
        for order in (*_ranges(text, list(names)), *_numbered(text, list(names))):
            yield ClassOrder([names[one] for one in order], why)
        for order in _chains(_between_words().split(text), list(names)):
            named = [names[one] for one in order]
            told = _order_words(text, order)
            why = f"{path} has them {told!r}" if told else f"a list in {path}"
            yield ClassOrder(named, why, is_proof=bool(told))
    for path, text in texts_beside(folder, by_item=True):
        if only not in ("", path):
            continue
        for order, shown in _lines(text.split("\n"), list(names)):
            why = f"{path} has them {shown}" if shown else f"a list in {path}"
            yield ClassOrder([names[one] for one in order], why, is_proof=bool(shown))


_IN_THIS_ORDER = re.compile(
    r"\W{0,3}\(?(?:(?:always|exactly) )?in (?:this|that|the given|the listed) order\b"
    r"(?! of (?!magnitude))"
)


def _order_words(text: str, order: Sequence[str]) -> str:
    """Return the words behind a list of classes that state that it is in order; "" without.

    The order of columns in the file to send is none of classes.
    """
    of_file = words_pattern(meaning_words("send") | meaning_words("sent") | meaning_words("column"))
    between = _between_words().pattern
    listed = between.join(map(re.escape, order))
    for found in re.finditer(rf"(?<![\w+]){listed}(?![\w+])", text):
        words = _IN_THIS_ORDER.match(text, found.end())
        sentence = FULL_STOP.split(text[: found.start()])[-1]
        if words is not None and of_file.search(sentence) is None:
            return words[0].strip(" ,;:(–-")
    return ""


@cache
def _between_words() -> re.Pattern[str]:
    joins = "|".join(map(re.escape, sorted(meaning_words("joins"))))
    return re.compile(rf"\s*(?:[,;/、，；]\s*(?:(?:{joins}) )?| (?:{joins}) )\s*")


def _ranges(text: str, names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the order of a sentence: "from a through b, c and d to e", "from a to e through b, c".

    All names stand in it, each once.
    """
    if len(names) < _FEWEST_NUMBERS:
        return
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    one = rf"{bounded(longest_first)}(?!\+)"
    name = rf"\W{{0,2}}{one}\W{{0,2}}?"
    joins = "|".join(map(re.escape, sorted(meaning_words("joins"))))
    start, through, to = (_whole_words(one) for one in _RANGE)
    between = rf"\s*(?:[,;/、，]\s*)?(?:(?:{joins})\s+|{through}{{1,3}}|{to}{{1,2}})?"
    inner = rf"{name}(?:{between}{name})*"
    forms = (
        rf"{start}{{1,2}}(?P<rest>{name}{between}{inner}\s*,?\s*{to}{{1,2}}{name})",
        rf"{start}{{1,2}}(?P<first>{name})\s*{to}{{1,2}}(?P<last>{name})\s*,?\s*"
        rf"{through}{{1,3}}(?P<rest>{inner})",
    )
    for form in forms:
        for found in re.finditer(form, text):
            order = re.findall(one, found["rest"])
            if "first" in found.re.groupindex:
                order = [_bare(found["first"]), *order, _bare(found["last"])]
            if sorted(order) == sorted(names):
                yield order


def _numbered(text: str, names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the order of names that a text equates with numbers, as in "A=0 ... E=4".

    Either all of them, or those that are first and last in the alphabet, with numbers as far apart.
    """
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    name, number = (
        rf"\W?(?P<name>{bounded(longest_first)})\W?",
        r"(?<![\w.,])(?P<n>\d+)(?![\w.,]\d)",
    )
    alphabet = sorted(names)
    for form in (rf"{name}\s*=\s*{number}", rf"{number}\s*=\s*{name}"):
        pairs = {(one["name"], int(one["n"])) for one in re.finditer(form, text)}
        numbers = dict(pairs)
        if len(numbers) < len(pairs) or len({*numbers.values()}) < len(pairs):
            continue
        if {*numbers} == {*names} and len(names) >= _FEWEST_NUMBERS:
            yield sorted(names, key=numbers.__getitem__)
        elif {alphabet[0], alphabet[-1]} <= {*numbers} and _are_places(numbers, alphabet):
            yield alphabet


def _are_places(numbers: Mapping[str, int], names: Sequence[str]) -> bool:
    """Return whether numbers are the places of names, from any first one, upwards or downwards."""
    places = {one: names.index(one) for one in numbers}
    sums = ({numbers[one] + sign * places[one] for one in numbers} for sign in (1, -1))
    return any(len(one) == 1 for one in sums)


def _bare(name: str) -> str:
    """Return a name without the quotes around it."""
    return re.sub(r"^\W+|[^\w+]+$", "", name)


_RANGE: tuple[Meaning, ...] = ("range from", "range through", "range to")


@cache
def _whole_words(meaning: Meaning) -> str:
    """Return the pattern of a word and the blank behind it, which some scripts do not have."""
    words = sorted(meaning_words(meaning), key=len, reverse=True)
    spaced = "|".join(re.escape(one) for one in words if ord(one[0]) < _CJK and one[-1] != "'")
    others = [one for one in words if ord(one[0]) >= _CJK]
    elided = [rf"(?<!\w){re.escape(one[:-1])}['’]" for one in words if one[-1] == "'"]
    ways = [rf"(?<!\w)(?:{spaced})\s+", *(rf"{re.escape(one)}\s*" for one in others), *elided]
    return rf"(?:{'|'.join(ways)})"


_CJK = 0x3000


def _lines(lines: Sequence[str], names: Sequence[str]) -> Iterator[tuple[list[str], str]]:
    """Yield the names that begin lines which follow each other, and what shows that they rise.

    As in a list or a table of classes with the shares that they stand for, or with words before it
    that state it. A number may stand before the name, as in "0 = none"; that of the place in a
    list, from 1, tells nothing more.
    """
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    name = rf"(?P<name>{longest_first})(?![\w+])(?P<rest>.*)"
    places = [n for n, one in enumerate(lines) if not _ONLY_RULES.fullmatch(one)]
    rows = [lines[n] for n in places]
    # A mark of items may be a name, and so may a number before a column of numbers.
    for begins in (rf"[\s|#>]*(?P<n>){name}", rf"{_MARK}(?:(?P<n>\d+)\s*[.)=:|]*\s*)?{name}"):
        yield from _blocks(rows, places, [re.match(begins, one) for one in rows], names)


def _blocks(
    rows: Sequence[str],
    places: Sequence[int],
    each: Sequence[re.Match[str] | None],
    names: Sequence[str],
) -> Iterator[tuple[list[str], str]]:
    """Yield the names of rows that follow each other, and what shows that they rise; "" nothing.

    A sentence that begins with a name is no item of the list before it: the marks before the name
    are others, or more lines stand between them.

    Args:
        rows: without blank lines and rules.
        places: of the rows among all lines.
        each: the row with a name that begins it.
        names: of all classes.
    """
    for at in range(len(each) - len(names) + 1):
        block = [one for one in each[at : at + len(names)] if one is not None]
        order = [one["name"] for one in block]
        if len(set(order)) < len(names) or len({*map(_before_name, block)}) > 1:
            continue
        gaps = (after - one for one, after in pairwise(places[at : at + len(names)]))
        if len({*gaps}) > 1:
            continue
        before = [int(one["n"]) for one in block if one["n"]]
        behind = [float(one[0].replace(",", ".")) for row in block if (one := _first_number(row))]
        is_place = before == list(range(1, len(names) + 1))
        if (_rise(before, names) and not is_place) or _rise(behind, names):
            yield order, "with numbers that rise"
        else:
            told, falls = _words_before(rows[:at])
            yield order[::-1] if falls else order, told


def _before_name(row: re.Match[str]) -> str:
    """Return the marks before the name, a number as 0."""
    return re.sub(r"\s+", " ", re.sub(r"\d+", "0", row.string[: row.start("name")]))


def _words_before(rows: Sequence[str]) -> tuple[str, bool]:
    """Return the words before a list by which it is in order, and whether it falls; "" without.

    They stand in the head of a table, in the last sentence before it, or in the heading before.
    """
    rest = list(rows)
    near = [rest.pop()] if rest and rest[-1].lstrip().startswith("|") else []
    if rest:
        near += [one for one in SENTENCE_END.split(rest.pop()) if one.strip()][-1:]
    if rest and rest[-1].lstrip().startswith("#"):
        near.append(rest.pop())
    for one in near:
        least, most = _words("least").search(one), _words("most").search(one)
        found = _words("in order").search(one)
        if _words("frequent").search(one):
            break
        if least is not None and most is not None and least[0] != most[0]:
            first, last = sorted((least, most), key=lambda match: match.start())
            return f"from {_whole(first)!r} to {_whole(last)!r}", first is most
        if found is not None:
            return f"in an order called {_whole(found)!r}", False
    return "", False


@cache
def _words(meaning: Meaning) -> re.Pattern[str]:
    return words_pattern(one.casefold() for one in meaning_words(meaning))


def _whole(match: re.Match[str]) -> str:
    """Return the whole word whose beginning was found."""
    rest = re.match(r"\w*", match.string[match.end() :])
    return match[0] + (rest[0] if rest is not None else "")


def _first_number(row: re.Match[str]) -> re.Match[str] | None:
    return _NUMBER.search(row["rest"])


def _rise(numbers: Sequence[float], names: Sequence[str]) -> bool:
    """Return whether each name has a number, and these rise or fall."""
    if len(numbers) < len(names) or len(set(numbers)) < _FEWEST_NUMBERS:
        return False
    return list(numbers) in (sorted(numbers), sorted(numbers, reverse=True))


def _chains(pieces: Sequence[str], names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the names that follow each other in the pieces of a text, each once.

    The first one ends its piece, the last one begins it, and those between are whole pieces.
    """
    inner = len(names) - 2
    for at in range(len(pieces) - inner - 1):
        middle = list(pieces[at + 1 : at + 1 + inner])
        rest = set(names) - set(middle)
        if len(rest) != 2 or not set(middle) <= set(names):
            continue
        last_piece = pieces[at + 1 + inner]
        first = [one for one in rest if re.search(rf"(?<![\w+]){re.escape(one)}$", pieces[at])]
        last = [one for one in rest if re.match(rf"{re.escape(one)}(?![\w+])", last_piece)]
        if len(first) == len(last) == 1 and first != last:
            yield [*first, *middle, *last]


def _in_tables(tables: Mapping[str, pd.DataFrame], classes: Sequence[str]) -> Iterator[ClassOrder]:
    for path, table in tables.items():
        if len(table) != len(classes):
            continue
        named = next((one for one in table if set(table[one]) == set(classes)), None)
        if named is None:
            continue
        for column in table.columns.drop([named]):
            numbers = numbers_of(table[column])
            if numbers is not None and numbers.is_unique:
                ranked = table[named].iloc[list(numbers.argsort())]
                yield ClassOrder(list(ranked), f"{path} has their {column}")
