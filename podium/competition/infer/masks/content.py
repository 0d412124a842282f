"""The content of mask files: values, colours, borders, and numbers of objects."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import label

from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.masks.clear_colours import (
    Colour,
    find_clear_colours,
    is_lossy,
    with_clear_colours,
)
from podium.competition.infer.masks.values import (
    ZEROS,
    ClassAreas,
    ClassNames,
    OneChannel,
    is_background,
    is_void,
    name_values,
    one_channel,
    open_values,
)
from podium.competition.infer.pictures import read_picture
from podium.competition.languages import is_called
from podium.errors import plural, some
from podium.tasks.protocols.find import pixel_kind
from podium.tasks.protocols.kind import Kind

__all__ = [
    "MaskContent",
    "border_of",
    "mask_array",
    "mask_numbers",
    "pixels_of",
    "pixels_or_none",
    "read_content",
    "read_values",
    "values_in_mask",
]

N_READ = 48

PIXELS_READ = 300_000_000  # at most, so that slides of gigapixels do not take minutes

_MOST_VALUES = 255

_FEWEST_OBJECTS = 3  # masks, and numbers of objects in them

_FEWEST_POSSIBLE = 2  # numbers of objects, where more than the masks shows these

_PIECES = 1.25  # of each object, on average

_NOISE_WITHIN = 24  # grey levels around 0 and 255

_MOST_OF_IMAGES = 0.5  # that a background has
_NEARLY_ALL_OF_BORDER = 0.95
_VALUES = "data.train.mask_values"
_BORDER = 255
_MOST_NUMBERED = 20  # classes of Pascal VOC: of more numbers with gaps the rest stands for nothing

_BORDER_COLOUR = "#e0e0c0"  # of Pascal VOC


@dataclass(frozen=True)
class MaskContent:
    """The content of a sample of mask files, and the entries of `competition.yaml` for it."""

    kind: Kind
    classes: list[str]
    values: dict[int | str, str] | None
    """`mask_values`; None: podium's own reading of values is right."""
    ignore: int | str | None
    why: str
    n_empty: int
    """Masks of background alone."""
    notes: list[str] = field(default_factory=list)
    open: tuple[OpenKey, ...] = ()
    """Keys for which several readings fit."""
    other: tuple[Kind, str] | None = None
    """Another kind that fits as well, and why."""
    size: tuple[int, int] | None = None
    """(height, width) of all masks that were read; None where they differ."""
    numbered: NumberedObjects | None = None
    """Why the values of a mask may number its objects; None where that does not fit."""
    found: tuple[int | str, ...] = ()
    """The values, or colours, of the masks that were read, in order."""
    n_read: int = 0
    all_read: bool = False
    n_without_zero: int = 0
    """Masks that were read in which no pixel is 0, or black."""
    channel: OneChannel | None = None
    """The numbers of colours, where these have one channel alone and a list names the numbers."""
    zero: str | None = None
    """The name that a list has for 0, or black; None where nothing names it."""
    clear: tuple[Colour, ...] = ()
    """Of lossy files the few colours that all pixels are read as; () where pixels are read as they
    are."""
    named_by: str = ""
    """The file that names the classes; "" where none does."""

    @property
    def is_without_ground(self) -> bool:
        """Whether each pixel is of a class or void, so that no mask may be empty."""
        named = self.values is not None and "background" not in self.values.values()
        return named and not self.open


@dataclass(frozen=True)
class NumberedObjects:
    """The values of masks, as numbers of the objects of each.

    Attributes:
        numbers: of all masks that were read, without 0.
        why: the masks look like that.
    """

    numbers: tuple[int, ...]
    why: str


def read_content(
    paths: Sequence[Path],
    names: ClassNames | None = None,
    *,
    of_one_class: bool = False,
    runs: Mapping[Path, tuple[str, Mapping[str, int]]] | None = None,
    unlabelled: int | None = None,
) -> MaskContent | None:
    """Return the content of a sample of the mask files; None where they are no masks.

    Args:
        paths: the files.
        names: of classes, where they came with the data.
        of_one_class: each file has one class, so that it can only be binary.
        runs: of files whose image also has runs by class, its name and their pixels.
        unlabelled: the value of pixels that are not labelled, where it is known.
    """
    histogram = _histogram(paths, runs or {}, names)
    histogram.unlabelled = unlabelled
    if histogram.n_read == 0:
        return None
    of = (
        f"in {histogram.n_read:,} of {plural(len(paths), 'mask')}"
        if histogram.n_read < len(paths)
        else ""
    )
    found = (
        _of_colours(histogram, names, of)
        if histogram.is_coloured
        else _of_values(histogram, names, of)
    )
    if found is None or (of_one_class and not found.kind.is_yes_no):
        return None
    return found


def _histogram(
    paths: Sequence[Path],
    runs: Mapping[Path, tuple[str, Mapping[str, int]]],
    names: ClassNames | None = None,
) -> _MaskHistogram:
    """Return the values of a sample of the files, or their colours.

    The places in a palette are the values, unless each file has a palette of its own, or a list
    names the colours. Of lossy files, and of those that are smoothed between black and white, each
    pixel has one of a few clear colours, where there are such.
    """
    histogram = _MaskHistogram(n_files=len(paths), runs=runs)
    chosen = paths[:: max(1, len(paths) // N_READ)]
    for path in chosen:
        if histogram.n_pixels < PIXELS_READ:
            histogram.read(path)
    palette = histogram.palette
    colours = {colour for each in palette.values() for colour in each}
    is_smoothed = histogram.is_lossy or (not histogram.is_coloured and _is_noise(histogram))
    clear = find_clear_colours(chosen) if is_smoothed else ()
    if clear:
        histogram = _MaskHistogram(n_files=len(paths), runs=runs, clear=clear)
        for path in chosen:
            if histogram.n_pixels < PIXELS_READ:
                histogram.read(path)
        return histogram
    shown = {f"#{one:06x}" for one in colours - {0}}
    are_named = bool(shown) and names is not None and names.of_palette(shown).issuperset(shown)
    if not are_named and all(len(each) == 1 for each in palette.values()):
        return histogram
    histogram = _MaskHistogram(n_files=len(paths), runs=runs, has_palettes=True)
    for path in chosen:
        if histogram.n_pixels < PIXELS_READ:
            histogram.read(path)
    return histogram


@dataclass(frozen=True)
class ValuesRead:
    """The values of a sample of mask files.

    Attributes:
        found: numbers, or colours, in order.
        border: a value that seems to be no class.
        areas: of images that also have runs by class.
        n_read, n_files: how many files were read, of how many.
    """

    found: list[int | str]
    border: int | None
    areas: list[ClassAreas]
    n_read: int
    n_files: int


def read_values(
    paths: Sequence[Path], runs: Mapping[Path, tuple[str, Mapping[str, int]]]
) -> ValuesRead | None:
    """Return the values of the mask files; None where they cannot be read, or are smooth greys.

    Arguments are those of `read_content`.
    """
    histogram = _histogram(paths, runs)
    numbers = sorted(histogram.counts)
    if not numbers or len(numbers) > _MOST_VALUES or _is_noise(histogram):
        return None
    border = None if histogram.is_coloured else border_of(numbers)
    return ValuesRead(histogram.found, border, histogram.areas, histogram.n_read, histogram.n_files)


@dataclass
class _MaskHistogram:
    """Values of the masks that were read: grey levels or indices, or colours as 0xRRGGBB."""

    n_files: int = 0
    runs: Mapping[Path, tuple[str, Mapping[str, int]]] = field(default_factory=dict)
    """Of a mask file the image's name, and the pixels of the runs of each class."""
    areas: list[ClassAreas] = field(default_factory=list)
    pieces: list[tuple[tuple[int, ...], int]] = field(default_factory=list)
    """Of each mask the values that are not 0, in order, and the connected pieces of them."""
    counts: Counter[int] = field(default_factory=Counter)
    is_coloured: bool = False
    is_lossy: bool = False
    n_read: int = 0
    n_pixels: int = 0
    n_empty: int = 0
    n_without_zero: int = 0
    sizes: set[tuple[int, int]] = field(default_factory=set)
    on_border: Counter[int] = field(default_factory=Counter)
    """How often each value stands in the first and last row and column."""
    unlabelled: int | None = None
    """The value of pixels that are not labelled, where it is known."""
    has_palettes: bool = False
    """Whether the colours of palettes are read, and not the places in them."""
    clear: tuple[Colour, ...] = ()
    """The colours that pixels are read as; () where they are read as they are."""
    palette: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """The colours of each place of a palette that has pixels, in any file."""

    @property
    def found(self) -> list[int | str]:
        """The values, or colours, in order."""
        numbers = sorted(self.counts)
        return [f"#{one:06x}" for one in numbers] if self.is_coloured else list[int | str](numbers)

    def why_objects(self, fewest: int) -> str:
        """Return why the values of each mask number its objects; "" where nothing shows that.

        Args:
            fewest: how many different numbers of objects the masks have at least.
        """
        shown = [values for values, _ in self.pieces if values]
        n_values, n_pieces = sum(map(len, shown)), sum(n for _, n in self.pieces)
        # An object that lies behind another one is in pieces.
        if (
            n_pieces > _PIECES * n_values
            or len(shown) < self.n_read - self.n_empty
            or len(shown) < _FEWEST_OBJECTS
        ):
            return ""
        every = sorted({value for values in shown for value in values})
        each = "each is" if n_pieces == n_values else f"nearly each of {n_values:,} is"
        if n_values == len(every) > len(shown):
            return f"no value is in two masks, and {each} one piece"
        are_first = all(list(values) == every[: len(values)] for values in shown)
        if not are_first or len({len(values) for values in shown}) < fewest:
            return ""
        first = ", ".join(map(str, every[:2]))
        return f"in each of them the values are {first}, … without a gap, and {each} one piece"

    def read(self, path: Path) -> None:
        try:
            if path.suffix == ".npy":
                pixels = mask_array(path)
                coloured = False
            else:
                with Image.open(path) as opened:
                    opened.load()
                    if opened.mode == "P" and not self.has_palettes:
                        for place, colour in _palette_of(opened).items():
                            self.palette[place].add(colour)
                    plain = opened.convert("RGB") if self.has_palettes else opened
                    if self.clear:
                        plain = with_clear_colours(opened, self.clear)
                    pixels, coloured = pixels_of(plain)
                    self.is_lossy |= is_lossy(opened) and not self.clear
        except Exception:  # Pillow raises what it likes; `podium check` names damaged masks
            return
        if pixels.ndim != 2:
            return  # planes, which no key of competition.yaml reads
        if coloured and not self.is_coloured:
            grey, self.counts = self.counts, Counter()
            for value, count in grey.items():
                self.counts[min(value, 255) * 0x010101] += count
            self.is_coloured = True
        if self.is_coloured and not coloured:
            pixels = np.minimum(pixels, 255) * 0x010101
        counted = pd.Series(pixels.ravel()).value_counts()
        values = counted.index.to_numpy()
        counts = dict(zip(values.tolist(), counted.tolist(), strict=True))
        self.counts.update(counts)
        if not self.is_coloured and len(counts) <= _MOST_VALUES:
            self.pieces.append(_pieces(pixels))
        if path in self.runs:
            image, runs = self.runs[path]
            shown = {f"#{v:06x}" if self.is_coloured else v: n for v, n in counts.items()}
            self.areas.append(ClassAreas(image, shown, runs))
        self.on_border.update(_border_pixels(pixels).tolist())
        self.n_empty += int(len(values) == 1 and values[0] == 0)
        self.n_without_zero += int(0 not in counts)
        self.sizes.add((pixels.shape[0], pixels.shape[1]))
        self.n_read += 1
        self.n_pixels += pixels.size


_MOST_GROUND = 0.5
"""Of the pixels, or of those on the border: what has more may be the ground."""


def _border_pixels(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return the pixels of the first and last row and column."""
    return np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])


def mask_array(path: Path) -> NDArray[Any]:
    """Return the array of a mask file, without axes of one place.

    Raises:
        OSError, ValueError: it cannot be read.
    """
    array: NDArray[Any] = np.load(path, allow_pickle=False)
    return np.squeeze(array)


def mask_numbers(path: Path) -> NDArray[np.int64] | None:
    """Return the whole number of each pixel of a mask file, (H, W); None where it has none.

    A file of colours has none, one of planes or fractions, and one that cannot be read.
    """
    try:
        if path.suffix == ".npy":
            array = mask_array(path)
            is_whole = array.ndim == 2 and array.dtype.kind in "bui"
            return array.astype(np.int64) if is_whole else None
        with Image.open(path) as opened:
            pixels, is_coloured = pixels_of(opened)
            is_lossy = opened.format in ("JPEG", "WEBP") or opened.mode == "F"
    except Exception:  # Pillow raises what it likes
        return None
    return None if is_coloured or is_lossy else pixels.astype(np.int64)


def _pieces(values: NDArray[np.integer[Any]]) -> tuple[tuple[int, ...], int]:
    """Return the values that are not 0, in order, and the number of pieces that they are in."""
    found = tuple(int(value) for value in np.unique(values) if value)
    n = sum(int(label(values == value, np.ones((3, 3)))[1]) for value in found)
    return found, n


def _palette_of(image: Image.Image) -> dict[int, int]:
    """Return the colour, as 0xRRGGBB, of each place of the palette that has pixels."""
    used = np.unique(np.asarray(image)).tolist()
    flat = image.getpalette() or []
    return {
        place: flat[3 * place] << 16 | flat[3 * place + 1] << 8 | flat[3 * place + 2]
        for place in used
        if 3 * place + 2 < len(flat)
    }


def values_in_mask(path: Path) -> set[int]:
    """Return the values, or colours as 0xRRGGBB, of the pixels of a mask; none of a broken file."""
    pixels = pixels_or_none(path)
    return set() if pixels is None else {int(one) for one in np.unique(pixels)}


def pixels_or_none(path: Path) -> NDArray[np.integer[Any]] | None:
    """Return the values, or colours as 0xRRGGBB, of a mask; None where it cannot be read."""
    return read_picture(path, lambda image: pixels_of(image)[0])


def pixels_of(image: Image.Image) -> tuple[NDArray[np.integer[Any]], bool]:
    """Return `(H, W)` values, or colours as 0xRRGGBB where there are any, and which of the two."""
    if image.mode in ("1", "L", "P", "LA", "PA") or image.mode.startswith("I"):
        values = np.asarray(image)
        return (values if values.ndim == 2 else values[..., 0]).astype(np.int64), False
    channels = np.asarray(image.convert("RGB")).astype(np.int64)
    red, green, blue = channels[..., 0], channels[..., 1], channels[..., 2]
    if np.array_equal(red, green) and np.array_equal(red, blue):
        return red, False
    return red << 16 | green << 8 | blue, True


def _of_values(histogram: _MaskHistogram, names: ClassNames | None, of: str) -> MaskContent | None:
    found = sorted(histogram.counts)
    if len(found) > 3 and _is_noise(histogram):
        note = (
            f"the masks hold {len(found):,} grey levels {of or 'in all'}, most of them near black "
            "and white, as JPEG or smooth resizing leaves them: write each pixel as 0 or 255, as "
            "PNG, before training"
        )
        return _content(
            histogram, pixel_kind("binary"), [], None, None, "the masks are black and white", [note]
        )
    why_objects = histogram.why_objects(_FEWEST_OBJECTS)
    if not why_objects and (len(found) > _MOST_VALUES or found[-1] > 65535):
        return None
    given = _by_numbers(names, found)
    shown = some(found, limit=6).replace("'", "")
    why = f"the masks hold {shown}" + (f" {of}" if of else "")
    known = histogram.unlabelled
    is_plain = (set(found) <= {0, _BORDER} and known is None) or set(found) <= {0, 1}
    if is_plain and (given is None or _n_classes(given) < 2 or _BORDER in found):
        content = _content(histogram, pixel_kind("binary"), [], None, None, why)
        return _with_polarity(content, histogram, names)
    ignore = known if known is not None or not _is_border(found) else _BORDER
    inside = [value for value in found if value != ignore]
    if given is not None and _n_classes(given) < 2 and not set(found) <= set(given.named):
        given = None  # a list of one class names no value of several
    if len(found) <= _MOST_VALUES:
        named = _of_named(histogram, found, given, ignore, why)
        if named is not None:
            return named
    note = "" if ignore is None else f"; {ignore} is taken for unlabelled pixels"
    classes = [value for value in inside if value != 0]
    if len(classes) == 1:
        values: dict[int | str, str] = {0: "background", classes[0]: "foreground"}
        content = _content(histogram, pixel_kind("binary"), [], values, ignore, why + note)
        return _with_polarity(content, histogram, names)
    may_be_objects = "" if ignore is not None else histogram.why_objects(_FEWEST_POSSIBLE)
    numbered_objects = None
    if may_be_objects and max(found) <= _MOST_VALUES:
        numbered_objects = NumberedObjects(tuple(classes), f"{why}; {may_be_objects}")
    if ignore is None and why_objects:
        why += f"; {why_objects}"
        of_objects = _content(histogram, pixel_kind("instance"), [], None, None, why)
        of_objects = replace(of_objects, numbered=numbered_objects)
        if max(found) > _MOST_VALUES:  # classes have smaller numbers
            return of_objects
        other = (pixel_kind("multiclass"), "where the values are classes")
        return replace(of_objects, other=other)
    if max(inside) < 2 * len(inside) or max(inside) <= _MOST_NUMBERED:
        numbered = [f"class {n}" for n in range(1, max(inside) + 1)]
        content = _content(histogram, pixel_kind("multiclass"), numbered, None, ignore, why + note)
        opened = _with_zero_as_class(histogram, inside) if ignore is not None else ()
        opened = opened or _present_values_alone(histogram, classes)
        return replace(content, numbered=numbered_objects, open=opened)
    numbered = [f"class {n}" for n in range(1, len(classes) + 1)]
    spaced: dict[int | str, str] = {0: "background", **dict(zip(classes, numbered, strict=True))}
    content = _content(histogram, pixel_kind("multiclass"), numbered, spaced, ignore, why + note)
    return replace(content, open=_with_other_ground(histogram, inside, numbered))


def _with_zero_as_class(histogram: _MaskHistogram, inside: Sequence[int]) -> tuple[OpenKey, ...]:
    """Return that 0 may be a class, where another value is unlabelled and 0 is no ground by look.

    As `trainId` 0 is the road: it is not most of the pixels, or some masks have none.
    """
    share = histogram.counts[0] / max(histogram.n_pixels, 1)
    if 0 not in inside or (share > _MOST_GROUND and not histogram.n_without_zero):
        return ()
    names = [f"class {n}" for n in range(max(inside) + 1)]
    why = f"if 0, which {share:.0%} of the pixels have, is a class as the others are"
    values: dict[int | str, str] = dict(enumerate(names))
    return (OpenKey(_VALUES, ((values, why),)), OpenKey("classes", ((names, why),)))


def _present_values_alone(histogram: _MaskHistogram, classes: Sequence[int]) -> tuple[OpenKey, ...]:
    """Return that numbers between others that no mask has, of all of them, may be no classes."""
    unseen = sorted({*range(1, max(classes))} - {*classes})
    if not unseen or histogram.n_read < histogram.n_files:
        return ()
    named: dict[int | str, str] = {one: f"class {one}" for one in classes}
    values = {0: "background", **named} if histogram.counts[0] else named
    are_none = "is no class" if len(unseen) == 1 else "are no classes"
    why = f"if {some(unseen, 4)}, which no mask has, {are_none}"
    return (
        OpenKey(_VALUES, ((values, why),)),
        OpenKey("classes", (([*named.values()], why),)),
    )


def _with_other_ground(
    histogram: _MaskHistogram, inside: Sequence[int], numbered: Sequence[str]
) -> tuple[OpenKey, ...]:
    """Return that another value than 0 may be the ground, where it lies around all others."""
    around, n = histogram.on_border.most_common(1)[0]
    if (
        0 not in inside
        or around == 0
        or around not in inside
        or n <= _MOST_GROUND * histogram.on_border.total()
    ):
        return ()
    rest = [value for value in inside if value != around]
    values: dict[int | str, str] = {around: "background", **dict(zip(rest, numbered, strict=True))}
    why = f"if {around}, which lies around the others in most masks, is none of the classes"
    return (OpenKey(_VALUES, ((values, why),)),)


def _by_numbers(names: ClassNames | None, found: Sequence[int]) -> ClassNames | None:
    """Return the names of numbers; a list of colours names as many numbers, in its order."""
    if names is None or not any(isinstance(one, str) for one in names.named):
        return names
    inside = [value for value in found if value != _BORDER]
    listed = tuple(names.named.values())
    is_as_long = len(inside) > 2 and max(inside) < len(listed)
    return ClassNames(names.path, listed=listed, sent=names.sent) if is_as_long else None


def _with_polarity(
    content: MaskContent, histogram: _MaskHistogram, names: ClassNames | None
) -> MaskContent:
    """Return the content of binary masks, with 0 as foreground where a list or its place tells so.

    A list does where it calls one of the two values background. Of objects in images the background
    is on the border, and none of them covers every pixel. Where the higher value is there, and 0 is
    not, 0 may be the object, as black ink on white paper: a question, as the higher one may as well
    be what fills each image around a hole.
    """
    inside = sorted(value for value in histogram.counts if value != content.ignore)
    if len(inside) != 2 or inside[0] != 0 or histogram.n_empty:
        return content
    high = inside[1]
    named = {} if names is None else {one: names.named.get(one, "") for one in inside}
    grounds = [
        one for one, name in named.items() if is_background(name) or is_called(name, "paper")
    ]
    if names is not None and len(grounds) == 1 and all(named.values()):
        meant: dict[int | str, str] = {
            one: "background" if one in grounds else "foreground" for one in inside
        }
        by = f", named by {names.path}" if names.path else ""
        return replace(content, values=meant, why=f"{content.why}{by}")
    share = histogram.counts[high] / (histogram.counts[high] + histogram.counts[0])
    on_border = histogram.on_border[high] + histogram.on_border[0]
    at_border = histogram.on_border[high] / max(on_border, 1)
    if share < _MOST_OF_IMAGES or at_border < _NEARLY_ALL_OF_BORDER:
        return content
    usual = {0: "background", high: "foreground"}
    inverted: dict[int | str, str] = {0: "foreground", high: "background"}
    where = f"{high} covers {share:.0%} of the pixels and {at_border:.0%} of those on the border"
    opened = OpenKey(_VALUES, ((usual, f"if {high} is what is to be found, around a hole"),))
    return replace(
        content,
        values=inverted,
        why=f"{content.why}; {where}, so that 0 may be the object, as ink on paper",
        open=(*content.open, opened),
    )


def _is_noise(histogram: _MaskHistogram) -> bool:
    near = sum(n for v, n in histogram.counts.items() if min(v, abs(255 - v)) <= _NOISE_WITHIN)
    both = histogram.counts[0] and any(value >= 255 - _NOISE_WITHIN for value in histogram.counts)
    many = len(histogram.counts) > 32 or histogram.is_lossy
    return bool(both and many and max(histogram.counts) <= 255 and near >= 0.9 * histogram.n_pixels)


def border_of(numbers: Sequence[int]) -> int | None:
    """Return the value that seems to be no class, as 255 beside small numbers; None without any."""
    return _BORDER if _is_border(numbers) else None


def _is_border(found: Sequence[int]) -> bool:
    """Return whether 255 stands apart from small numbers, as the border of Pascal VOC does."""
    others = [value for value in found if value != _BORDER]
    return _BORDER in found and len(others) > 1 and max(others) <= max(4 * len(others), 30)


def _n_classes(names: ClassNames) -> int:
    """Return the number of classes of a list beside background and unlabelled pixels."""
    return sum(not is_background(name) and not is_void(name, names.sent) for name in names.every)


def _of_named(
    histogram: _MaskHistogram,
    found: Sequence[int | str],
    names: ClassNames | None,
    border: int | None,
    why: str,
) -> MaskContent | None:
    """Return the content with the names of a list or of runs; None where there are none."""
    all_read = histogram.n_read == histogram.n_files
    channel = one_channel(found, names)
    if channel is None:
        choice = name_values(found, names, border, histogram.areas, all_read=all_read)
    else:
        numbers = list(channel.numbers.values())
        choice = name_values(
            numbers,
            names,
            border_of(numbers),
            channel.areas(histogram.areas),
            all_read=all_read,
        )
    if choice is None:
        return None
    if channel is not None:
        choice = channel.choice(choice)
    best = choice.chosen
    by = "" if names is None or not names.path else f", named by {names.path}"
    content = _with_names(
        histogram,
        _all_named(dict(best.value.names), found, best.value.ignore),
        best.value.ignore,
        f"{why}{by}: {choice.sure}, {best.why}",
        names,
    )
    notes = [f"the values of the masks: {best.against}"] if best.against else []
    opened = (*open_values(choice), *content.open)
    return replace(
        content,
        open=opened,
        notes=[*content.notes, *notes],
        channel=channel,
        named_by="" if names is None or not names.every else names.path,
    )


def _all_named(
    named: dict[int | str, str], found: Sequence[int | str], ignore: int | str | None
) -> dict[int | str, str]:
    rest = [value for value in found if value not in named and value != ignore]
    return named | {value: f"class {value}" for value in rest}


def _of_colours(histogram: _MaskHistogram, names: ClassNames | None, of: str) -> MaskContent | None:
    found = [f"#{value:06x}" for value in sorted(histogram.counts)]
    if len(found) > _MOST_VALUES:
        return None
    shown = f"the masks are coloured: {some(found, limit=4)}" + (f" {of}" if of else "")
    if names is None or one_channel(found, names) is not None:
        content = _of_named(histogram, found, names, None, shown)
        if content is not None:
            return content
    named, path = ({}, "") if names is None else names.of_colours(found)
    if named:
        shown += f", named by {path}"
    ignore = _BORDER_COLOUR if _BORDER_COLOUR in found and _BORDER_COLOUR not in named else None
    if "#000000" not in named:
        named = {"#000000": "background", **named}
    rest = [colour for colour in found if colour not in named and colour != ignore]
    used = set(named.values())
    free = (f"class {n}" for n in range(1, 2 * _MOST_VALUES) if f"class {n}" not in used)
    named |= dict(zip(rest, free, strict=False))
    return replace(_with_names(histogram, named, ignore, shown, names), named_by=path)


def _with_names(
    histogram: _MaskHistogram,
    named: dict[int | str, str],
    ignore: int | str | None,
    why: str,
    names: ClassNames | None,
) -> MaskContent:
    """Return the content where every value has a name; background and void are no classes.

    One value can be excluded: where several mean nothing, which one is a question.
    """
    values: dict[int | str, str] = {}
    more: list[int | str] = []
    for value, name in named.items():
        if is_background(name):
            values[value] = "background"
        elif is_void(name, () if names is None else names.sent):
            if ignore is not None and value in histogram.found:
                values[value] = "background"
                more.append(value)
            elif ignore is None:
                ignore = value
        else:
            values[value] = name
    zero = None if names is None else next((named[one] for one in ZEROS if one in named), None)
    if zero is not None and names is not None and zero not in names.every:
        zero = None  # no list has it
    classes = [name for name in dict.fromkeys(values.values()) if name != "background"]
    if len(classes) == 1:
        values = {v: "foreground" if n != "background" else n for v, n in values.items()}
        if ignore is not None and "background" not in values.values():
            # Beside one class, all else is what it is not.
            values, ignore = {ignore: "background", **values}, None
        return _content(histogram, pixel_kind("binary"), [], values, ignore, why)
    content = _content(histogram, pixel_kind("multiclass"), classes, values, ignore, why)
    of_ignore = tuple((one, f"{named[one]}; one value can be excluded") for one in more)
    opened = (OpenKey("data.train.ignore", of_ignore),) if more else ()
    return replace(content, zero=zero, open=opened)


def _content(
    histogram: _MaskHistogram,
    kind: Kind,
    classes: list[str],
    values: dict[int | str, str] | None,
    ignore: int | str | None,
    why: str,
    notes: Sequence[str] = (),
) -> MaskContent:
    size = next(iter(histogram.sizes)) if len(histogram.sizes) == 1 else None
    return MaskContent(
        kind,
        classes,
        values,
        ignore,
        why,
        histogram.n_empty,
        list(notes),
        size=size,
        found=tuple(histogram.found),
        n_read=histogram.n_read,
        all_read=histogram.n_read == histogram.n_files,
        n_without_zero=histogram.n_without_zero,
        clear=histogram.clear,
    )
