"""Units of measure: their names, exact factors, and the one that a host asks for.

README.md: "One line per sheet with its leaf_length, in millimetres."     1.2 cm → 12
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import (
    SENTENCE_END,
    as_in_texts,
    is_of_train,
    sent_pattern,
    texts_beside,
)
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import PhraseMeaning, UnitName, meaning_words, unit_phrases
from podium.competition.phrases import (
    any_phrase,
    phrase_pattern,
    plain_signs,
    words_pattern,
)
from podium.competition.spelling import composed, plain_spelling

__all__ = ["AnswerUnit", "Measure", "answer_units", "converted", "find_measure", "header_unit"]

_DIGITS = 12  # of a number that has no end, as a third


@dataclass(frozen=True)
class Measure:
    """A unit of measure.

    Attributes:
        name: as tables write it.
        dimension: what it measures; units of one are converted into each other.
        factor: how many of the dimension's base unit it is.
        offset: the base unit's number at its 0.
    """

    name: str
    dimension: str
    factor: Fraction
    offset: Fraction = Fraction(0)


@dataclass(frozen=True)
class AnswerUnit:
    """A unit that something names for the answers of a quantity.

    Attributes:
        measure: the unit.
        why: where it stands.
        is_of_sent: whether it is named for what is sent, or of a column of that name alone.
        is_asked: whether it is asked for: in the sample's header, or in a sentence on what to
            predict or send, and not on how far answers may be off.
    """

    measure: Measure
    why: str
    is_of_sent: bool
    is_asked: bool = False


def _of(dimension: str, factors: Mapping[str, str]) -> dict[str, Measure]:
    return {name: Measure(name, dimension, Fraction(one)) for name, one in factors.items()}


_KELVIN, _FAHRENHEIT = Fraction("273.15"), Fraction(5, 9)
_MEASURES: dict[str, Measure] = {
    **_of("length", {
        "nm": "1e-9", "um": "1e-6", "mm": "0.001", "cm": "0.01", "dm": "0.1", "m": "1",
        "km": "1000", "inch": "0.0254", "ft": "0.3048",
    }),
    **_of("mass", {
        "ug": "1e-6", "mg": "0.001", "g": "1", "kg": "1000", "t": "1e6", "oz": "28.349523125",
        "lb": "453.59237",
    }),
    **_of("time", {"ms": "0.001", "s": "1", "min": "60", "h": "3600", "d": "86400"}),
    **_of("volume", {"ul": "1e-6", "ml": "0.001", "cl": "0.01", "dl": "0.1", "l": "1"}),
    **_of("area", {
        "mm2": "1e-6", "cm2": "1e-4", "dm2": "0.01", "m2": "1", "ha": "10000", "km2": "1e6",
    }),
    **_of("share", {"share": "1", "%": "0.01", "‰": "0.001"}),
    "K": Measure("K", "temperature", Fraction(1)),
    "°C": Measure("°C", "temperature", Fraction(1), _KELVIN),
    "°F": Measure("°F", "temperature", _FAHRENHEIT, Fraction("459.67") * _FAHRENHEIT),
}  # fmt: skip
_SIGNS = {
    "in": "inch", "lbs": "lb", "sec": "s", "secs": "s", "mins": "min", "hr": "h", "hrs": "h",
    "pct": "%", "c": "°C", "f": "°F", "k": "K", "deg c": "°C", "deg f": "°F", "degc": "°C",
    "degf": "°F",
    "μm": "um", "μg": "ug", "μl": "ul", "мм": "mm", "см": "cm", "дм": "dm", "м": "m", "км": "km",
    "мг": "mg", "г": "g", "кг": "kg", "мл": "ml", "л": "l", "с": "s", "мин": "min", "ч": "h",
    "га": "ha",
}  # fmt: skip
# M and m are different prefixes: Mg is a thousand kilograms, or mg as a keyboard began it.
_PREFIX_OF_TWO = re.compile(r"M[a-zµμ]\w*")


def find_measure(spelt: str, told: Mapping[str, Measure] | None = None) -> Measure | None:
    """Return the unit that a cell or the end of a name is; None where none, or one of two, is.

    Args:
        spelt: the cell.
        told: units that texts alone know, by their names in small letters, which come first.

    Example:
        >>> [one and one.name for one in map(find_measure, ["MM", "cm²", "Millimeter", "Mg", "x"])]
        ['mm', 'cm2', 'mm', None, None]
    """
    if told and (own := told.get(spelt.strip().casefold())) is not None:
        return own
    text = spelt.strip().strip("()[].").strip()
    if _PREFIX_OF_TWO.fullmatch(text) and len(text) == len("Mg"):
        return None
    plain = _plain(text).replace("^", "")
    return _by_symbol(plain) or next(
        (one.measure for one in _units_in(f"({plain})") if one.whole == f"({plain}"), None
    )


def _by_symbol(plain: str) -> Measure | None:
    return _symbols().get(plain)


@cache
def _symbols() -> Mapping[str, Measure]:
    signs = {**{name: name for name in _MEASURES}, **_SIGNS}
    return {_plain(spelt): _MEASURES[name] for spelt, name in signs.items()}


def converted(number: str, unit: Measure, to: Measure) -> str:
    """Return a number in another unit of the dimension, exactly where its digits have an end.

    Example:
        >>> mm, cm, inch = (find_measure(one) for one in ("mm", "cm", "in"))
        >>> converted("1.2", cm, mm), converted("0.5", inch, mm), converted("1", mm, inch)
        ('12', '12.7', '0.0393700787402')
    """
    if unit == to:
        return number
    exact = (Fraction(number.strip()) * unit.factor + unit.offset - to.offset) / to.factor
    rest, places = exact.denominator, 0
    for prime in (2, 5):
        n = 0
        while rest % prime == 0:
            rest, n = rest // prime, n + 1
        places = max(places, n)
    if rest == 1:
        whole = Decimal(exact.numerator * (10**places // exact.denominator))
        return f"{whole.scaleb(-places):f}"
    text = f"{float(exact):.{_DIGITS}g}"
    return f"{Decimal(text):f}"


def header_unit(name: str, told: Mapping[str, Measure] | None = None) -> tuple[str, Measure] | None:
    """Return a column's name without the unit at its end, and this; None where none is there.

    Args:
        name: of the column.
        told: as of `find_measure`.

    Example:
        >>> header_unit("leaf_length_mm")[0], header_unit("width (cm)")[1].name
        ('leaf_length', 'cm')
    """
    found = re.fullmatch(
        r"(.*?[^\W_])(?:[_ .-]+in)?[_ .-]*[_ .(\[-](°?[^\W_]+(?:\^2)?|%)[)\]]?", name
    )
    unit = None if found is None else find_measure(found[2], told)
    return None if found is None or unit is None else (found[1], unit)


def answer_units(
    folder: DataFolder,
    sample: SampleSubmission,
    names: Sequence[str],
    dimensions: Mapping[str, str],
    table: str,
    told: Mapping[str, Measure] | None = None,
) -> dict[str, list[AnswerUnit]]:
    """Return the units that are named for the answers of each quantity, each once.

    They stand in the sample's header, or in a sentence of a text beside the data that names the
    quantity, what is sent or how it is scored. A sentence without them is of the subject of those
    before it in the same item. A number before a unit (`10 cm`) is none of the answers; nor does a
    sentence count that speaks of train, of its table, or that denies. Where one asks for a unit,
    those that mention another one of the quantity in passing do not count.

    Args:
        names: of the quantities.
        dimensions: of the quantities that have units; of others nothing is looked for.
        table: the path of the table of train.
        told: as of `find_measure`.
    """
    found: dict[str, dict[Measure, AnswerUnit]] = {name: {} for name in names}
    values = [name for name in sample.values if name not in names]
    for name in names:
        headers = {one: header_unit(one, told) for one in values}
        # `length_mm` and `width_cm` are of one quantity each.
        of_it = [one for one, unit in headers.items() if unit is not None and unit[0] == name]
        for column in [name] if name in sample.values else of_it or values:
            unit = header_unit(column, told)
            if unit is not None and unit[1].dimension == dimensions.get(name):
                why = f"{sample.path} has the column {column!r}"
                asked = AnswerUnit(unit[1], why, is_of_sent=True, is_asked=True)
                found[name].setdefault(unit[1], asked)
    values = [Path(sample.path).name, Path(sample.path).stem, *values]
    sent = sent_pattern(values)
    of_train = {Path(table).name, Path(table).stem}
    for path, text in texts_beside(folder, by_item=True):
        for sentence, before in _sentences(text):
            if _denies(sentence) or is_of_train(sentence, of_train):
                continue
            units = _units_in(_plain(sentence), told)
            each = _units_of_sentence(sentence, before, names, sent, of_train, units)
            for name, one, is_sent in each:
                if one.measure.dimension == dimensions.get(name):
                    why = f"{path} says {composed(one.whole.strip(' (['))!r}"
                    asked = AnswerUnit(one.measure, why, is_sent, _names_answers(sentence, sent))
                    known = found[name].get(one.measure)
                    if known is None or _weight(asked) > _weight(known):
                        found[name][one.measure] = asked
    return {name: _without_mentions([*units.values()]) for name, units in found.items()}


def _weight(unit: AnswerUnit) -> tuple[bool, bool]:
    """Return how much a statement of the unit of the answers counts; more is higher."""
    return unit.is_asked, unit.is_of_sent


def _without_mentions(units: list[AnswerUnit]) -> list[AnswerUnit]:
    """Return the units without those mentioned in passing, where another one is asked for."""
    if not any(one.is_asked for one in units):
        return units
    return [one for one in units if one.is_asked or one.is_of_sent]


# Units in texts.


@dataclass(frozen=True)
class _UnitInText:
    measure: Measure
    start: int
    whole: str


# The names of SI in Latin letters, which languages spell nearly alike; others have words for them.
_METRE = r"met(?:er|re|ro|ri|r|ar)\w*"
_PREFIXES = {
    "m": r"mill?i", "c": r"(?:[csz]enti|santi|centy)", "d": r"de[csz][iy]", "k": r"[kc]h?ilo",
    "u": r"mi[ck]ro", "n": r"nano",
}  # fmt: skip
_BASES = {"m": _METRE, "g": r"gram\w*", "l": r"lit[er]\w*"}
_FREE = "nm um μm mm cm km mg kg ml nm мм см км мг кг мл mm2 cm2 dm2 m2 km2 °c °f"
_MARKED = "m g h s d l t min ha % ‰ dm cl dl ms oz lb м г л"
_MARKED_WORDS: frozenset[UnitName] = frozenset([
    "m", "g", "l", "s", "min", "h", "d", "inch", "ft", "%", "share", "ha", "°C", "°F", "K",
])  # fmt: skip
"""Units whose names are words of other things, too, unless a word as "in" is before them."""


def _units_in(text: str, told: Mapping[str, Measure] | None = None) -> list[_UnitInText]:
    """Return the units of a text that `_plain` returned, of which no number stands before.

    Where some are told, no others are looked for.
    """
    if told:
        spelt = {_plain(one): measure for one, measure in told.items()}
        longest = "|".join(re.escape(one) for one in sorted(spelt, key=len, reverse=True))
        every = re.finditer(rf"(?<![\w/])(?:{longest})(?!\w)", text)
        bare = [one for one in every if not re.search(r"\d\s*$", text[: one.start()])]
        return [_UnitInText(spelt[one[0]], one.start(), one[0]) for one in bare]
    found = []
    mark, per, square = _mark(), _beside("cubic", "per"), _beside("square")
    for match in _unit_pattern().finditer(text):
        before, behind = text[: match.start()], text[match.end() :]
        if re.search(r"\d\s*$", before) or re.match(r"\s*(?:/|\^|²|³)", behind):
            continue
        marked = mark.search(before)
        group = str(match.lastgroup)
        name = _unit_groups()[group]
        if group.startswith("marked") and marked is None:
            continue
        if per.ends(before) or per.begins(behind) or re.search(r"/\s?$", before):
            continue
        if square.ends(before) or square.begins(behind):
            name = f"{name}2"
        if name in _MEASURES:
            start = match.start() if marked is None else marked.start()
            found.append(_UnitInText(_MEASURES[name], match.start(), text[start : match.end()]))
    return found


class _Beside(NamedTuple):
    """Whether a text ends, or begins, with a phrase beside a unit."""

    ends: Callable[[str], object]
    begins: Callable[[str], object]


@cache
def _beside(*meanings: PhraseMeaning) -> _Beside:
    phrases = any_phrase(*meanings).pattern
    ends, begins = rf"(?:{phrases})\s?$", rf"\s(?:{phrases})(?!\w)"
    return _Beside(re.compile(ends).search, re.compile(begins).match)


@cache
def _mark() -> re.Pattern[str]:
    before = any_phrase("in the unit").pattern
    return re.compile(rf"(?:(?:{before})\s*[:=]?\s+|[(\[]\s*)$")


@cache
def _unit_groups() -> dict[str, str]:
    """Return the unit that each group of the pattern is of."""
    return {group: name for group, name, _ in _unit_parts()}


@cache
def _unit_pattern() -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{group}>{one})" for group, _, one in _unit_parts()))


@cache
def _unit_parts() -> list[tuple[str, str, str]]:
    """Return a group's name, its unit and its pattern; those of a word before those in it."""
    parts: list[tuple[str, str, str]] = []

    def add(kind: str, unit: str, pattern: str) -> None:
        parts.append((f"{kind}{len(parts)}", unit, pattern))

    words = {unit: phrase_pattern(each).pattern for unit, each in unit_phrases().items()}
    for length in ("km", "cm", "dm", "mm", "m"):
        add("free", f"{length}2", rf"(?<![\w/]){length} ?\^? ?2(?!\w)")
    for base, spelt in _BASES.items():
        for prefix, begins in _PREFIXES.items():
            add("free", f"{prefix}{base}", rf"(?<!\w){begins}(?:{spelt})(?!\w)")
    for unit in sorted(words, key=lambda one: one in _MARKED_WORDS):
        add("marked" if unit in _MARKED_WORDS else "free", unit, words[unit])
    for kind, symbols in (("free", _FREE), ("marked", _MARKED)):
        for symbol in symbols.split():
            measure = _by_symbol(_plain(symbol))
            assert measure is not None, symbol
            add(kind, measure.name, rf"(?<![\w/]){re.escape(_plain(symbol))}(?!\w)")
    return parts


# Sentences of texts.


def _plain(text: str) -> str:
    """Return a text of plain letters, and those as `m²` as what they are made of."""
    return plain_signs(composed(plain_spelling(text)))


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """Yield each sentence, and what stands before it in the same item."""
    for item in text.split("\n"):
        before = ""
        for sentence in SENTENCE_END.split(item):
            yield sentence, before
            before += f"{sentence} "


def _units_of_sentence(
    sentence: str,
    before: str,
    names: Sequence[str],
    sent: re.Pattern[str],
    of_train: Collection[str],
    units: Sequence[_UnitInText],
) -> Iterator[tuple[str, _UnitInText, bool]]:
    """Yield the quantities that a sentence tells a unit of, it, and whether of what is sent."""
    plain, plain_before = _plain(sentence), _plain(before)
    if not units:
        return
    is_sent = _is_of_sent(plain, sent)
    places = _named(plain, names)
    if not is_sent and not places:
        if is_of_train(before, of_train):
            return
        is_sent, places = _is_of_sent(plain_before, sent), []
        if not is_sent:
            named = {name for _, name in _named(plain_before, names)}
            yield from ((name, unit, False) for name in named for unit in units)
            return
    if not places:
        yield from ((name, unit, True) for name in names for unit in units)
        return
    ends = [*(start for start, _ in places[1:]), len(plain)]
    are_one = len({one.measure for one in units}) == 1
    for (start, name), end in zip(places, ends, strict=True):
        own = [one for one in units if start <= one.start < end]
        for unit in units if are_one or not own else own:
            yield name, unit, is_sent


def _named(text: str, names: Sequence[str]) -> list[tuple[int, str]]:
    """Return where a text names quantities, and which, in order; a longer name is no shorter."""
    spelt = {_plain(as_in_texts(name)): name for name in names}
    longest = "|".join(re.escape(one) for one in sorted(spelt, key=len, reverse=True))
    every = re.finditer(rf"(?<!\w)(?:{longest})(?!\w)", text)
    return [(one.start(), spelt[one[0]]) for one in every]


def _names_answers(sentence: str, sent: re.Pattern[str]) -> bool:
    """Return whether a sentence names what to predict or send, and not how this is scored."""
    plain = _plain(sentence)
    return sent.search(plain) is not None and _scoring().search(plain) is None


def _is_of_sent(plain: str, sent: re.Pattern[str]) -> bool:
    return sent.search(plain) is not None or _scoring().search(plain) is not None


@cache
def _scoring() -> re.Pattern[str]:
    return words_pattern({_plain(one) for one in meaning_words("scoring")})


def _denies(sentence: str) -> bool:
    return not _negations().isdisjoint(re.findall(r"\w+", _plain(sentence)))


@cache
def _negations() -> frozenset[str]:
    return frozenset(map(_plain, meaning_words("negation")))
