"""What the pixels of mask files mean: read from a sample of them, named by a list of classes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.files import DataFolder, words
from podium.competition.spec import TaskKind
from podium.errors import some

__all__ = ["ClassNames", "MaskContent", "find_class_names", "read_content"]

N_READ = 48
PIXELS_READ = 300_000_000  # at most, so that slides of gigapixels do not take minutes
_MOST_VALUES = 255
_NOISE_WITHIN = 24  # grey levels around 0 and 255
_BORDER = 255
_BORDER_COLOUR = "#e0e0c0"  # of Pascal VOC
_BACKGROUND = frozenset({"background", "_background_", "bg", "backgroud", "none", "back ground"})
_NOBODY = frozenset({"void", "ignore", "ignored", "unlabelled", "unlabeled", "border", "unknown"})
_LISTS = frozenset({"class", "classes", "label", "labels", "names", "codes", "categories"})


@dataclass(frozen=True)
class ClassNames:
    """Names of classes that came with the data.

    Attributes:
        path: of the list, relative to the data folder.
        listed: names in order, where the list has no numbers; the first is that of 0 or of 1.
        named: pixel value or colour to name.
    """

    path: str
    listed: tuple[str, ...] = ()
    named: Mapping[int | str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MaskContent:
    """What a sample of mask files holds, and what `competition.yaml` should say of it."""

    kind: TaskKind
    classes: list[str]
    values: dict[int | str, str] | None
    """`mask_values`; None: podium's own reading of values is right."""
    ignore: int | str | None
    why: str
    n_read: int
    n_empty: int
    """Masks of background alone."""
    notes: list[str] = field(default_factory=list)


def find_class_names(folder: DataFolder, tables: Mapping[str, pd.DataFrame]) -> ClassNames | None:
    """Return the names of classes in a table (`name,r,g,b` or `id,name`) or a text file."""
    for path, table in tables.items():
        columns = {str(column).strip().lower(): column for column in table.columns}
        name = next((columns[one] for one in ("name", "class", "label") if one in columns), None)
        colour = next(
            (c for c in (("r", "g", "b"), ("red", "green", "blue")) if {*c} <= {*columns}), ()
        )
        if name is not None and colour and len(table) <= _MOST_VALUES:
            cells = [table[columns[channel]] for channel in colour]
            if all(one.str.fullmatch(r"\d{1,3}").all() for one in cells):
                rows = zip(*cells, table[name], strict=True)
                named: dict[int | str, str] = {
                    f"#{int(r):02x}{int(g):02x}{int(b):02x}": str(n) for r, g, b, n in rows
                }
                return ClassNames(path, named=named)
        number = _number_column(path, table)
        if name is not None and number is not None and number != name:
            pairs = zip(table[number], table[name], strict=True)
            return ClassNames(path, named={int(n): str(text) for n, text in pairs})
    for path in folder.texts:
        if _LISTS & set(words(path.rpartition("/")[2])):
            listed = _lines(folder.path / path)
            if listed:
                return ClassNames(path, listed=listed)
    return None


def _number_column(path: str, table: pd.DataFrame) -> str | None:
    is_list = _LISTS & set(words(path.rpartition("/")[2])) and 2 <= len(table) <= _MOST_VALUES
    if not is_list:
        return None
    for column in table.columns:
        cells = table[column]
        if cells.str.fullmatch(r"\d{1,3}").all() and cells.is_unique:
            return str(column)
    return None


def _lines(path: Path) -> tuple[str, ...]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ()
    lines = [re.sub(r"^\d+\s*[:,;\t ]\s*", "", line).strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    is_list = 2 <= len(lines) <= _MOST_VALUES and all(len(line) <= 60 for line in lines)
    return tuple(lines) if is_list and len(set(lines)) == len(lines) else ()


def read_content(
    paths: Sequence[Path], names: ClassNames | None = None, *, of_one_class: bool = False
) -> MaskContent | None:
    """Return what a sample of the mask files holds; None where they are no masks.

    Args:
        paths: the files.
        names: of classes, where they came with the data.
        of_one_class: each file has one class, so that it can only be binary.
    """
    seen = _Seen()
    for path in paths[:: max(1, len(paths) // N_READ)]:
        if seen.n_pixels < PIXELS_READ:
            seen.read(path)
    if seen.n_read == 0:
        return None
    of = f"in {seen.n_read:,} of {len(paths):,} masks" if seen.n_read < len(paths) else ""
    found = _of_colours(seen, names, of) if seen.is_coloured else _of_values(seen, names, of)
    if found is None or (of_one_class and found.kind != "binary"):
        return None
    return found


@dataclass
class _Seen:
    """Values of the masks that were read: grey levels or indices, or colours as 0xRRGGBB."""

    counts: Counter[int] = field(default_factory=Counter)
    is_coloured: bool = False
    is_lossy: bool = False
    n_read: int = 0
    n_pixels: int = 0
    n_empty: int = 0

    def read(self, path: Path) -> None:
        try:
            with Image.open(path) as opened:
                opened.load()
                pixels, coloured = _pixels(opened)
                self.is_lossy |= opened.format in ("JPEG", "WEBP")
        except Exception:  # Pillow raises what it likes; `podium check` names damaged masks
            return
        if coloured and not self.is_coloured:
            grey, self.counts = self.counts, Counter()
            for value, count in grey.items():
                self.counts[min(value, 255) * 0x010101] += count
            self.is_coloured = True
        if self.is_coloured and not coloured:
            pixels = np.minimum(pixels, 255) * 0x010101
        counted = pd.Series(pixels.ravel()).value_counts()
        values = counted.index.to_numpy()
        self.counts.update(dict(zip(values.tolist(), counted.tolist(), strict=True)))
        self.n_empty += int(len(values) == 1 and values[0] == 0)
        self.n_read += 1
        self.n_pixels += pixels.size


def _pixels(image: Image.Image) -> tuple[NDArray[np.integer[Any]], bool]:
    """Return `(H, W)` values, or colours as 0xRRGGBB where there are any, and which of the two."""
    if image.mode in ("1", "L", "P", "LA", "PA") or image.mode.startswith("I"):
        values = np.asarray(image)
        return (values if values.ndim == 2 else values[..., 0]).astype(np.int64), False
    channels = np.asarray(image.convert("RGB")).astype(np.int64)
    red, green, blue = channels[..., 0], channels[..., 1], channels[..., 2]
    if np.array_equal(red, green) and np.array_equal(red, blue):
        return red, False
    return red << 16 | green << 8 | blue, True


def _of_values(seen: _Seen, names: ClassNames | None, of: str) -> MaskContent | None:
    found = sorted(seen.counts)
    if len(found) > 3 and _is_noise(seen):
        note = (
            f"the masks hold {len(found):,} grey levels {of or 'in all'}, most of them near black "
            "and white, as JPEG or smooth resizing leaves them: write each pixel as 0 or 255, as "
            "PNG, before training"
        )
        return _content(seen, "binary", [], None, None, "the masks are black and white", [note])
    if len(found) > _MOST_VALUES or found[-1] > 65535:
        return None
    given = None if names is None or any(isinstance(one, str) for one in names.named) else names
    shown = some(found, limit=6).replace("'", "")
    why = f"the masks hold {shown}" + (f" {of}" if of else "")
    if set(found) <= {0, 1} or set(found) <= {0, _BORDER}:
        return _content(seen, "binary", [], None, None, why)
    ignore = _BORDER if _is_border(found) else None
    inside = [value for value in found if value != ignore]
    if given is not None and _n_classes(given) > 1:
        return _named_values(seen, given, inside, ignore, why)
    note = "" if ignore is None else f"; {ignore} is taken for pixels that nobody labelled"
    classes = [value for value in inside if value != 0]
    if len(classes) == 1:
        values: dict[int | str, str] = {0: "background", classes[0]: "foreground"}
        return _content(seen, "binary", [], values, ignore, why + note)
    if max(inside) <= max(4 * len(inside), 30):
        numbered = [f"class {n}" for n in range(1, max(inside) + 1)]
        return _content(seen, "multiclass", numbered, None, ignore, why + note)
    numbered = [f"class {n}" for n in range(1, len(classes) + 1)]
    spaced: dict[int | str, str] = {0: "background", **dict(zip(classes, numbered, strict=True))}
    return _content(seen, "multiclass", numbered, spaced, ignore, why + note)


def _is_noise(seen: _Seen) -> bool:
    near = sum(n for v, n in seen.counts.items() if min(v, abs(255 - v)) <= _NOISE_WITHIN)
    both = seen.counts[0] and any(value >= 255 - _NOISE_WITHIN for value in seen.counts)
    many = len(seen.counts) > 32 or seen.is_lossy
    return bool(both and many and max(seen.counts) <= 255 and near >= 0.9 * seen.n_pixels)


def _is_border(found: Sequence[int]) -> bool:
    """Return whether 255 stands apart from small numbers, as the border of Pascal VOC does."""
    others = [value for value in found if value != _BORDER]
    return _BORDER in found and len(others) > 1 and max(others) <= max(4 * len(others), 30)


def _n_classes(names: ClassNames) -> int:
    """Return how many classes a list names beside background and what nobody knows."""
    every = [*names.listed, *names.named.values()]
    return sum(_plain(name) not in _BACKGROUND | _NOBODY for name in every)


def _plain(name: str) -> str:
    return name.strip().lower()


def _named_values(
    seen: _Seen, names: ClassNames, inside: Sequence[int], ignore: int | None, why: str
) -> MaskContent:
    """Return the content with the names of a list; numbers without a name get one."""
    named: dict[int, str] = {int(value): name for value, name in names.named.items()}
    if names.listed:
        # As many names as values: the first one is that of 0. Otherwise 0 is background, unnamed.
        from_zero = _plain(names.listed[0]) in _BACKGROUND or max(inside) + 1 == len(names.listed)
        named = {n + (not from_zero): name for n, name in enumerate(names.listed)}
    named = {0: "background", **named}
    for value in inside:
        named.setdefault(value, f"class {value}")
    if ignore is not None:
        named.pop(ignore, None)
    return _with_names(seen, dict(named.items()), ignore, f"{why}, named by {names.path}")


def _of_colours(seen: _Seen, names: ClassNames | None, of: str) -> MaskContent | None:
    found = [f"#{value:06x}" for value in sorted(seen.counts)]
    if len(found) > _MOST_VALUES:
        return None
    shown = f"the masks are coloured: {some(found, limit=4)}" + (f" {of}" if of else "")
    named: dict[int | str, str] = {}
    if names is not None and any(isinstance(one, str) for one in names.named):
        named = dict(names.named)
        shown += f", named by {names.path}"
    ignore = _BORDER_COLOUR if _BORDER_COLOUR in found and _BORDER_COLOUR not in named else None
    if "#000000" not in named:
        named = {"#000000": "background", **named}
    rest = [colour for colour in found if colour not in named and colour != ignore]
    used = set(named.values())
    free = (f"class {n}" for n in range(1, 2 * _MOST_VALUES) if f"class {n}" not in used)
    named |= dict(zip(rest, free, strict=False))
    return _with_names(seen, named, ignore, shown)


def _with_names(
    seen: _Seen, named: dict[int | str, str], ignore: int | str | None, why: str
) -> MaskContent:
    """Return the content where every value has a name; background and void are no classes."""
    values: dict[int | str, str] = {}
    for value, name in named.items():
        if _plain(name) in _BACKGROUND:
            values[value] = "background"
        elif _plain(name) in _NOBODY and ignore is None:
            ignore = value
        else:
            values[value] = name
    classes = [name for name in dict.fromkeys(values.values()) if name != "background"]
    if len(classes) == 1:
        values = {v: "foreground" if n != "background" else n for v, n in values.items()}
        return _content(seen, "binary", [], values, ignore, why)
    return _content(seen, "multiclass", classes, values, ignore, why)


def _content(
    seen: _Seen,
    kind: TaskKind,
    classes: list[str],
    values: dict[int | str, str] | None,
    ignore: int | str | None,
    why: str,
    notes: Sequence[str] = (),
) -> MaskContent:
    return MaskContent(kind, classes, values, ignore, why, seen.n_read, seen.n_empty, list(notes))
