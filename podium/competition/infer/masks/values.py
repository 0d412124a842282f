"""The meaning of the values of mask files: names in every order that is possible, tested.

What can contradict a reading: a value without a name, a name without a value, a name that means
background or nothing, and the runs of a class, which have as many pixels as its value has in the
mask file of the same image, however they are counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from podium.competition.infer.classes.colour_words import CALLED, Colour, nearest_colour
from podium.competition.infer.evidence import OpenKey, Reading, ReadingChoice, choose
from podium.competition.languages import meaning_words
from podium.errors import plural, some

__all__ = [
    "ZEROS",
    "ClassAreas",
    "ClassNames",
    "ColourNames",
    "OneChannel",
    "ValueNames",
    "count_value_faults",
    "is_background",
    "is_ground",
    "is_void",
    "name_values",
    "one_channel",
    "open_values",
]

_AROUND = frozenset({
    "and", "area", "areas", "class", "label", "or", "other", "pixel", "pixels", "region", "regions",
    "rest", "to", "de", "d", "of", "à", "zu",
})  # fmt: skip
_GROUND_NAMES = frozenset({
    "bare", "bareground", "baresoil", "floor", "grass", "ground", "healthy", "land", "negative",
    "normal", "road", "rock", "sand", "sky", "snow", "soil", "stroma", "table", "tissue",
    "vegetation", "wall", "water",
})  # fmt: skip
ZEROS = (0, "#000000")
"""The value, or colour, that is background where nothing names it."""


@dataclass(frozen=True)
class ColourNames:
    """What a text calls the colours of masks.

    Attributes:
        path: of the text.
        named: colour, or the word for one, to name.
    """

    path: str
    named: Mapping[str, str]

    def of_colours(self, found: Collection[str]) -> dict[int | str, str]:
        """Return the name of each colour; {} where colours that were found are of other things.

        Args:
            found: the colours of masks, of which most that are not black must be named. A word
                means the nearest of them.
        """
        shown = [one for one in found if one not in ZEROS]
        each = {_packed(one): one for one in found}
        named: dict[int | str, str] = {}
        for colour, name in self.named.items():
            nearest = colour if colour.startswith("#") else _nearest(colour, each)
            if nearest in named:
                return {}
            if nearest is not None:
                named[nearest] = name
        n = sum(one in named for one in shown)
        return named if 2 * n > len(shown) else {}


def _packed(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _nearest(word: str, each: Mapping[Colour, str]) -> str | None:
    """Return the colour of some that a word means; None where it has a shade, or none is near."""
    nearest = nearest_colour(word, list(each)) if word in CALLED else None
    return None if nearest is None else each[nearest]


@dataclass(frozen=True)
class ClassNames:
    """Names of classes that came with the data.

    Attributes:
        path: of the list, relative to the data folder.
        listed: names in order, where the list has no numbers; the first is that of 0 or of 1.
        named: pixel value or colour to name, with negative numbers where the list has any.
        sent: the classes that a submission has, of which none means nothing.
        numbers: name to number, where a list has that of each class beside its colour.
        in_texts: lists of colours in texts, which count where no other list names colours.
    """

    path: str
    listed: tuple[str, ...] = ()
    named: Mapping[int | str, str] = field(default_factory=dict)
    sent: tuple[str, ...] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)
    in_texts: tuple[ColourNames, ...] = ()

    def of_colours(self, found: Collection[str]) -> tuple[dict[int | str, str], str]:
        """Return the names of colours of masks, and the file that has them; {} without any."""
        if any(isinstance(one, str) for one in self.named):
            return dict(self.named), self.path
        named = [(one.of_colours(found), one.path) for one in self.in_texts]
        return max(named, key=lambda one: len(one[0]), default=({}, ""))

    def of_palette(self, found: Collection[str]) -> set[int | str]:
        """Return the colours of palettes that have names: no text counts where places have some."""
        return {*self.named} if self.every else {*self.of_colours(found)[0]}

    @property
    def every(self) -> list[str]:
        return [*self.listed, *self.named.values()]


@dataclass(frozen=True)
class ClassAreas:
    """How many pixels a mask file has of each value, and the runs of each class, of one image."""

    image: str
    values: Mapping[int | str, int]
    runs: Mapping[str, int]


@dataclass(frozen=True)
class ValueNames:
    """As `data.train` has them: the name of each value, and the value that is excluded."""

    names: tuple[tuple[int | str, str], ...]
    ignore: int | str | None = None


def is_background(name: str) -> bool:
    """Return whether a name means background, however it is spelt."""
    return _plain(name) in meaning_words("background")


def is_ground(name: str) -> bool:
    """Return whether a name that a submission leaves out is of what lies around its classes."""
    return is_background(name) or _plain(name) in _GROUND_NAMES


def is_void(name: str, sent: Collection[str] = ()) -> bool:
    """Return whether a name means that pixels are of no class and not scored.

    Args:
        name: of a value, however it is spelt.
        sent: the classes of a submission, which are classes whatever they are called.

    Example:
        >>> is_void("Not-Annotated"), is_void("water"), is_void("void", ["void"])
        (True, False, False)
        >>> is_void("ingen data"), is_void("other/void"), is_void("no parking")
        (True, True, False)
    """
    return name not in sent and (_plain(name) in meaning_words("void") or _are_void(name))


def _are_void(name: str) -> bool:
    """Return whether words together mean void: one of void, or of labels and a negation."""
    words = re.findall(r"[^\W\d_]+", name.casefold())
    rest = [word for word in words if word not in meaning_words("void")]
    if len(rest) < len(words) and all(word in _AROUND for word in rest):
        return True
    negations, labelled = meaning_words("negation"), meaning_words("labelled")
    if negations.isdisjoint(words) or labelled.isdisjoint(words):
        return False
    return (negations | labelled | _AROUND).issuperset(words)


def _plain(name: str) -> str:
    """Return a name without signs and blanks, in lower case."""
    return re.sub(r"[\W_]+", "", name).casefold()


@dataclass(frozen=True)
class OneChannel:
    """Colours of which one channel alone holds a number, as (7, 0, 0) for 7.

    Attributes:
        numbers: by colour.
    """

    numbers: Mapping[str, int]

    def plain(self, values: Mapping[int | str, str]) -> dict[int | str, str]:
        """Return names of colours as those of their numbers; others stay."""
        return {self._number(one): name for one, name in values.items()}

    def plain_value(self, value: int | str | None) -> int | str | None:
        """Return the number of a colour; what is none stays."""
        return None if value is None else self._number(value)

    def coloured(self, values: Mapping[int | str, str]) -> dict[int | str, str]:
        """Return names of numbers as those of their colours, without numbers of no colour here."""
        colours: dict[int | str, str] = {n: colour for colour, n in self.numbers.items()}
        return {colours[one]: name for one, name in values.items() if one in colours}

    def coloured_value(self, value: object) -> object:
        """Return the colour of a number; what is none stays."""
        return next((one for one, n in self.numbers.items() if n == value), value)

    def colour(self, number: int | str | None) -> str | None:
        """Return the colour of a number, or None."""
        return next((one for one, n in self.numbers.items() if n == number), None)

    def areas(self, areas: Sequence[ClassAreas]) -> list[ClassAreas]:
        """Return the pixels of colours as those of their numbers."""
        return [
            replace(one, values={self._number(value): n for value, n in one.values.items()})
            for one in areas
        ]

    def choice(self, found: ReadingChoice[ValueNames]) -> ReadingChoice[ValueNames]:
        """Return names of numbers as those of their colours, in each reading."""

        def of_colours(one: Reading[ValueNames]) -> Reading[ValueNames]:
            names = tuple(self.coloured(dict(one.value.names)).items())
            return replace(one, value=ValueNames(names, self.colour(one.value.ignore)))

        others = tuple(map(of_colours, found.others))
        return ReadingChoice(of_colours(found.chosen), found.sure, others)

    def _number(self, value: int | str) -> int | str:
        return self.numbers.get(value, value) if isinstance(value, str) else value


def one_channel(found: Collection[int | str], names: ClassNames | None) -> OneChannel | None:
    """Return the numbers in the one channel that colours have; None where they are colours.

    All of them but 0 and 255 stand in a list of numbers, or in a list in order.

    Example:
        >>> names = ClassNames("classes.csv", named={7: "road", 10: "car"})
        >>> one_channel(["#000000", "#070000", "#0a0000"], names).numbers
        {'#000000': 0, '#070000': 7, '#0a0000': 10}
    """
    if names is None or not found or any(isinstance(one, str) for one in names.named):
        return None
    colours = [one for one in found if isinstance(one, str)]
    packed = [int(one[1:], 16) for one in colours]
    shift = next((n for n in (16, 8, 0) if all(one & 0xFF << n == one for one in packed)), None)
    if shift is None or len(colours) < len(found):
        return None
    numbers = [one >> shift for one in packed]
    known = {*names.named, *range(len(names.listed) + 1 if names.listed else 0)}
    if not set(numbers) - {0, 255} <= known or len(set(numbers) & known) < 2:
        return None
    return OneChannel(dict(zip(colours, numbers, strict=True)))


def name_values(
    found: Collection[int | str],
    names: ClassNames | None,
    border: int | None,
    areas: Sequence[ClassAreas],
    *,
    all_read: bool,
) -> ReadingChoice[ValueNames] | None:
    """Return how the values of mask files are named; None where there is nothing to name them by.

    Args:
        found: the values, or colours.
        names: a list that came with the data.
        border: a value that seems to be no class, as 255 beside small numbers.
        areas: of images that have a mask file and runs by class.
        all_read: whether every mask was read, so that a name without a pixel is a contradiction.
    """
    candidates = list(_candidates(found, names, border))
    by_runs = _of_areas(found, areas)
    if by_runs is not None:
        candidates.insert(0, by_runs)
    readings = [
        _tested(one, found, names, areas, all_read=all_read) for one in dict.fromkeys(candidates)
    ]
    return choose(readings, max(len(found), 1)) if readings else None


def count_value_faults(
    reading: ValueNames,
    found: Collection[int | str],
    names: ClassNames | None,
    areas: Sequence[ClassAreas],
    *,
    all_read: bool,
) -> tuple[int, str]:
    """Return how many facts contradict a reading, and the first of them; see `name_values`."""
    faults = list(_faults(reading, found, names, areas, all_read=all_read))
    return sum(n for n, _ in faults), faults[0][1] if faults else ""


def open_values(found: ReadingChoice[ValueNames]) -> tuple[OpenKey, ...]:
    """Return the keys of `data.train` that a person must choose, with the other readings."""
    if found.sure != "not sure" or not found.others:
        return ()
    now = found.chosen.value
    others = [(dict(one.value.names), one.why) for one in found.others]
    keys = [OpenKey("data.train.mask_values", tuple(others))]
    ignored = dict.fromkeys(one.value.ignore for one in found.others)
    if set(ignored) != {now.ignore}:
        rest = tuple((one, "") for one in ignored if one != now.ignore)
        keys.append(OpenKey("data.train.ignore", rest))
    return tuple(keys)


def _candidates(
    found: Collection[int | str], names: ClassNames | None, border: int | None
) -> Iterator[ValueNames]:
    numbers = sorted(value for value in found if isinstance(value, int))
    if names is None or not numbers or len(numbers) < len(found):
        return
    lists: list[dict[int, str]] = []
    if names.listed:
        lists.append({n + 1: name for n, name in enumerate(names.listed)})
        lists.append(dict(enumerate(names.listed)))
        voids_too = [name for name in names.listed if is_void(name, names.sent)]
        if voids_too:
            lists.reverse()  # a list that names even what is void is of every value
            rest = [name for name in names.listed if name not in voids_too]
            lists += [dict(enumerate(rest)), dict(enumerate(rest, start=1))]
    elif names.named and all(isinstance(one, int) for one in names.named):
        numbered = {int(one): name for one, name in names.named.items()}
        drawn = {one: name for one, name in numbered.items() if one >= 0}  # no pixel has others
        lists.append(drawn)
        # They may be those of the lines.
        if min(drawn, default=0) == 1 and max(drawn) not in found:
            lists.append({number - 1: name for number, name in drawn.items()})
        if min(drawn, default=1) == 0 and max(drawn) + 1 in found:
            lists.append({number + 1: name for number, name in drawn.items()})
    for named in lists:
        if any(numbers) and not any(value in found for value in named if value):
            continue  # it is of other numbers, as those of labels
        unnamed = [value for value in numbers if value not in named and value != 0]
        voids: list[int | None] = [border]
        if border is None and len(unnamed) == 1 and unnamed[0] == max(numbers):
            voids = [unnamed[0]]
        if voids == [None]:
            nothing = [value for value, name in named.items() if is_void(name, names.sent)]
            nothing.sort(key=lambda value: value not in found)
            voids = [nothing[0] if nothing else None]
        for void in voids:
            whole: dict[int | str, str] = {}
            if 0 not in named and (0 in found or not any(map(is_background, named.values()))):
                whole[0] = "background"
            whole |= {
                value: name
                for value, name in sorted(named.items())
                if value != void and (value in found or not is_void(name, names.sent))
            }
            yield ValueNames(tuple(_with_ground(whole, names.sent).items()), void)


def _with_ground(named: Mapping[int | str, str], sent: Collection[str]) -> Mapping[int | str, str]:
    """Return two names of which one negates the other, as `no water`, with background for that.

    Others are returned as they are, and so are those that a submission has.
    """
    if len(named) != 2 or not {*named.values()}.isdisjoint(sent):
        return named
    words = {value: re.findall(r"[^\W_]+", name.casefold()) for value, name in named.items()}
    for value, other in (tuple(words), tuple(words)[::-1]):
        own = words[value]
        if len(own) > 1 and own[0] in meaning_words("negation") and own[1:] == words[other]:
            return {**named, value: "background"}
    return named


def _of_areas(found: Collection[int | str], areas: Sequence[ClassAreas]) -> ValueNames | None:
    """Return the names by which the runs of every class have the pixels of one value, or None."""
    classes = dict.fromkeys(name for one in areas for name, n in one.runs.items() if n)
    named: dict[int | str, str] = {}
    for name in classes:
        equal = [
            value
            for value in found
            if all(one.values.get(value, 0) == one.runs.get(name, 0) for one in areas)
        ]
        if len(equal) != 1 or equal[0] in named:
            return None
        named[equal[0]] = name
    if len(named) < 2:
        return None
    rest = [value for value in sorted(found, key=str) if value not in named]
    ground = next((value for value in rest if value in (0, "#000000")), None)
    void = [value for value in rest if value != ground]
    if len(void) > 1:
        return None
    ordered = sorted(
        named.items(), key=lambda pair: (isinstance(pair[0], str), str(pair[0]).zfill(9))
    )
    names: list[tuple[int | str, str]] = [] if ground is None else [(ground, "background")]
    return ValueNames((*names, *ordered), void[0] if void else None)


def _tested(
    reading: ValueNames,
    found: Collection[int | str],
    names: ClassNames | None,
    areas: Sequence[ClassAreas],
    *,
    all_read: bool,
) -> Reading[ValueNames]:
    against, example = count_value_faults(reading, found, names, areas, all_read=all_read)
    why = "the runs of each class have as many pixels as its value" if areas else ""
    listed = [] if names is None else names.listed
    if not why and names is not None and names.named:
        why = "by its numbers"
    if not why and listed:
        first = next((value for value, name in reading.names if name == listed[0]), None)
        why = f"the first name of the list, {listed[0]}, is that of {first}"
    void = "" if reading.ignore is None else f", and {reading.ignore} is no class"
    return Reading(
        reading,
        f"{why}{void}",
        example,
        against,
    )


def _faults(
    reading: ValueNames,
    found: Collection[int | str],
    names: ClassNames | None,
    areas: Sequence[ClassAreas],
    *,
    all_read: bool,
) -> Iterator[tuple[int, str]]:
    """Yield what contradicts a reading: how many times, and an example."""
    named = dict(reading.names)
    unnamed = [one for one in found if one not in named and one != reading.ignore]
    if unnamed:
        yield len(unnamed), f"{some(unnamed, 3)} has no name"
    grounds = [value for value, name in named.items() if is_background(name)]
    if len(grounds) > 1:
        yield 1, f"{grounds[0]} and {grounds[1]} are background"
    absent = [
        name
        for value, name in named.items()
        if value not in found and not is_background(name) and not is_void(name)
    ]
    if absent and all_read:
        yield len(absent), f"no mask has a pixel of {some(absent, 3)}"
    wrong: Counter[str] = Counter()
    example = ""
    value_of = {name: value for value, name in named.items()}
    for one in areas:
        for name, n in one.runs.items():
            pixels = one.values.get(value_of.get(name, -1), 0)
            if n != pixels:
                wrong[name] += 1
                example = example or (
                    f"the runs of {name} have {plural(n, 'pixel')} in {one.image}, "
                    f"value {value_of.get(name, '?')} of its mask file has {pixels:,}"
                )
    if wrong:
        yield wrong.total(), example
