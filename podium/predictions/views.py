"""The names of test-time views, checked without torch: run identities and recipes need no more.

A view is a turn (`hflip`, `rot90` …), a step (`scale:S`, `shift:DY:DX`, `crop:S:PLACE`), or a step
and turns, joined by `*`: the image of the step, turned. `d4` is short for all eight turns, and
`five_crop:S` for five crops. The identity is always the first view and is not written.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any, Literal, Self, get_args

from podium.errors import RecipeError, suggest
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import TaskName, has_pixels, of_images

__all__ = [
    "IDENTITY",
    "NAMES",
    "PLACES",
    "TURNS",
    "Crop",
    "Scale",
    "Shift",
    "TtaView",
    "ViewMean",
    "ViewSet",
    "canonical_views",
    "views_of",
]

IDENTITY = "identity"
PLACES = ("top_left", "top_right", "bottom_left", "bottom_right", "centre")
SCALES = (0.25, 4.0)
Turn = tuple[bool, bool, bool]
ViewMean = Literal["mean", "geometric", "max", "logits"]

# Whether rows and columns are exchanged, and whether then rows, and columns, are reversed.
TURNS: dict[str, Turn] = {
    IDENTITY: (False, False, False),
    "hflip": (False, False, True),
    "vflip": (False, True, False),
    "rot90": (True, True, False),
    "rot180": (False, True, True),
    "rot270": (True, False, True),
    "transpose": (True, False, False),
    "antitranspose": (True, True, True),
}
NAMES = tuple(name for name in TURNS if name != IDENTITY)
_NAME_OF = {turn: name for name, turn in TURNS.items()}
_EXAMPLES = {
    "scale": "scale:1.25",
    "shift": "shift:4:-4, shift:0.05",
    "crop": "crop:0.9:centre",
    "five_crop": "five_crop:0.9",
}


@dataclass(frozen=True)
class Scale:
    """The image resized by a factor."""

    factor: float

    def __str__(self) -> str:
        return "" if self.factor == 1 else f"scale:{self.factor:g}"

    def at(self, height: int, width: int) -> tuple[int, int]:
        """Return the (height, width) of the view, rounded, at least one pixel."""
        return max(1, round(height * self.factor)), max(1, round(width * self.factor))


@dataclass(frozen=True)
class Shift:
    """The image moved down and to the right: whole pixels, or below 1 shares of the side."""

    down: float
    right: float

    def __str__(self) -> str:
        moved = f"{self.down:g}:{self.right:g}"
        return "" if moved == "0:0" else f"shift:{moved}"

    def at(self, height: int, width: int) -> tuple[int, int]:
        """Return how many pixels down and to the right, at most a side less one."""
        sides = ((self.down, height), (self.right, width))
        down, right = (
            max(1 - side, min(side - 1, round(by * side if abs(by) < 1 else by)))
            for by, side in sides
        )
        return down, right


@dataclass(frozen=True)
class Crop:
    """A corner, or the middle, of the image: a share of each side."""

    share: float
    place: str

    def __str__(self) -> str:
        return "" if self.share == 1 else f"crop:{self.share:g}:{self.place}"

    def at(self, height: int, width: int) -> tuple[int, int, int, int]:
        """Return (top, left, height, width) in pixels; what is odd stays below and on the right."""
        high, wide = (max(1, round(side * self.share)) for side in (height, width))
        if self.place == "centre":
            return (height - high) // 2, (width - wide) // 2, high, wide
        top = height - high if self.place.startswith("bottom") else 0
        left = width - wide if self.place.endswith("right") else 0
        return top, left, high, wide


Step = Scale | Shift | Crop


@dataclass(frozen=True)
class TtaView:
    """The image of a step, then turned; its text is the one spelling of its name."""

    turn: Turn = TURNS[IDENTITY]
    step: Step | None = None

    def __str__(self) -> str:
        parts = [] if self.step is None else [str(self.step)]
        parts += [] if self.turn == TURNS[IDENTITY] else [_NAME_OF[self.turn]]
        return "*".join(parts) or IDENTITY

    @classmethod
    def of(cls, name: str) -> TtaView:
        """Return the view of a name, which is no short one.

        Raises:
            RecipeError: there is no such view, or the name stands for several.
        """
        found = views_of(name)
        if len(found) > 1:
            raise RecipeError(
                f"predict.tta: {name!r} stands for several views", fix=f"take {found[-1]}"
            )
        return found[0]

    def key(self, height: int, width: int) -> tuple[object, ...]:
        """Return a key that is equal for views that show the same of an image of this size."""
        step = self.step
        if step is None:
            return (self.turn,)
        placed = step.at(height, width)
        nothing = {Scale: (height, width), Shift: (0, 0), Crop: (0, 0, height, width)}
        return (self.turn,) if placed == nothing[type(step)] else (self.turn, type(step), placed)


@dataclass(frozen=True)
class ViewSet:
    """The views that a network is run on, and the mean of its predictions.

    Attributes:
        names: canonical; more than one begin with the identity.
        mean: of the predictions; "mean" where there is one view.
    """

    names: tuple[str, ...] = (IDENTITY,)
    mean: ViewMean = "mean"

    @classmethod
    def of(cls, tta: Sequence[str], mean: str = "mean") -> Self:
        """Return the identity and the views `tta`, as recipes and the command line name them.

        Raises:
            RecipeError: a view is unknown or stands twice, or there is no such mean.
        """
        for known in get_args(ViewMean):
            if mean == known:
                names = canonical_views(tta)
                return cls(names, known if len(names) > 1 else "mean")
        raise RecipeError(
            f"predict.tta_mean: there is no mean {mean!r}",
            fix=f"choose of {', '.join(get_args(ViewMean))}",
        )

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Return the views from their `facts`, as they are kept beside predictions."""
        return cls(tuple(facts.get("views", [IDENTITY])), facts.get("tta_mean", "mean"))

    @property
    def facts(self) -> dict[str, Any]:
        """The facts kept beside predictions; of the mean nothing where it is the usual one."""
        named = {} if self.mean == "mean" else {"tta_mean": self.mean}
        return {"views": list(self.names), **named}

    @property
    def lone(self) -> str:
        """The one view, where it is not the identity, else ""."""
        return "" if IDENTITY in self.names else self.names[0]

    @property
    def description(self) -> str:
        """What a table calls them: the views beside the identity, and another mean; "" for none."""
        if self.lone:
            return f"{self.lone} alone"
        beside = [one for one in self.names if one != IDENTITY]
        if set(NAMES) <= set(beside):
            beside = ["d4", *(one for one in beside if one not in NAMES)]
        return ", ".join([*beside, *([] if self.mean == "mean" else [f"{self.mean} mean"])])

    @property
    def each(self) -> tuple[Self, ...]:
        """Every view alone, the identity too."""
        return tuple(type(self)((name,)) for name in self.names)

    def check(self, tasks: Mapping[TaskName, Kind]) -> Self:
        """Return this, if it suits tasks of these kinds.

        Raises:
            RecipeError: a crop of masks, another mean than the plain one of numbers, or a turn
                where it changes the answer.
        """
        if has_pixels(tasks):
            self.check_masks()
        kind = of_images(tasks)
        if self.mean != "mean" and kind is not None and not kind.is_prob:
            raise RecipeError(
                f"predict.tta_mean: {kind.named} task has no probabilities for a {self.mean} mean",
                fix="write tta_mean: mean",
            )
        turned = [name for name in self.names if TtaView.of(name).turn != TURNS[IDENTITY]]
        if turned and kind is not None and kind.turns_with_image:
            raise RecipeError(
                f"predict.tta: {turned[0]} changes the answer of {kind.named} task",
                fix="take scales" if kind.moves_with_image else "take scales, shifts or crops",
            )
        moved = [one for one in self.names if isinstance(TtaView.of(one).step, Shift | Crop)]
        if moved and kind is not None and kind.moves_with_image:
            raise RecipeError(
                f"predict.tta: {moved[0]} moves the positions that the numbers are",
                fix="take scales, or write tta: []",
            )
        return self

    def check_masks(self) -> None:
        """Raise RecipeError for a crop, which no mask can be put together from."""
        crops = [name for name in self.names if isinstance(TtaView.of(name).step, Crop)]
        if crops:
            raise RecipeError(
                f"predict.tta: {crops[0]} leaves most of a mask's border unsaid",
                fix="take shifts, or views of the whole image",
            )


def canonical_views(names: Sequence[str]) -> tuple[str, ...]:
    """Return `names` in one spelling, with the identity in front and short names written out.

    Raises:
        RecipeError: a view is unknown, its number is out of range, or it stands twice.

    Example:
        >>> canonical_views(["hflip*vflip", "scale:1.250"])
        ('identity', 'rot180', 'scale:1.25')
    """
    written = {IDENTITY: IDENTITY}
    for name in names:
        meant = [str(view) for view in views_of(name)]
        for one in meant:
            if one == IDENTITY and len(meant) > 1:
                continue  # among the eight of d4 is the one that is always there
            if one in written:
                raise _twice(one, written[one], name)
            written[one] = name
    return tuple(written)


@lru_cache(maxsize=256)  # a batch of a small network takes no longer than reading eight names
def views_of(name: str) -> tuple[TtaView, ...]:
    """Return the views that a name means: one, or those that a short name stands for.

    Raises:
        RecipeError: it names no view, or two steps.
    """
    return tuple(_joined(parts, name) for parts in product(*map(_parts, name.split("*"))))


def _twice(view: str, first: str, again: str) -> RecipeError:
    if view == IDENTITY:
        return RecipeError("predict.tta: the identity is always a view", fix=f"remove {again!r}")
    which = repr(first) if first == again else f"{first!r} or {again!r}"
    return RecipeError(f"predict.tta: {view} stands twice", fix=f"remove {which}")


def _joined(parts: Sequence[Turn | Step], name: str) -> TtaView:
    turn, steps = TURNS[IDENTITY], []
    for part in parts:
        if isinstance(part, tuple):
            turn = _after(turn, part)
        elif str(part):
            steps.append(part)
    if len(steps) > 1:
        raise RecipeError(
            f"predict.tta: {name!r} has two steps", fix="join one of scale, shift, crop to turns"
        )
    return TtaView(turn, steps[0] if steps else None)


def _after(first: Turn, second: Turn) -> Turn:
    """Return the turn that is `first`, then `second`."""
    swaps, rows, columns = first
    if second[0]:
        rows, columns = columns, rows
    return swaps != second[0], rows != second[1], columns != second[2]


def _parts(text: str) -> Sequence[Turn | Step]:
    """Return the turns or steps that a part of a name stands for."""
    if text in TURNS:
        return [TURNS[text]]
    if text == "d4":
        return list(TURNS.values())
    head, *rest = text.split(":")
    if head == "scale" and len(rest) == 1:
        return [Scale(_within(rest[0], *SCALES, text, "a factor"))]
    if head == "shift" and len(rest) in (1, 2):
        down, right = (_moved(one, text) for one in (rest * 2)[:2])
        return [Shift(down, right)]
    if head == "crop" and len(rest) == 2 and rest[1] in PLACES:
        return [Crop(_within(rest[0], 0.1, 1, text, "a share"), rest[1])]
    if head == "five_crop" and len(rest) == 1:
        share = _within(rest[0], 0.1, 1, text, "a share")
        return [Crop(share, place) for place in PLACES]
    if head in _EXAMPLES:
        raise RecipeError(f"predict.tta: {text!r} is incomplete", fix=f"write {_EXAMPLES[head]}")
    others = f"choose of {', '.join((*NAMES, 'd4', *_EXAMPLES.values()))}"
    raise RecipeError(
        f"predict.tta: there is no view {text!r}",
        fix=suggest(text, (*NAMES, "d4"), otherwise=others),
    )


def _within(number: str, low: float, high: float, text: str, what: str) -> float:
    value = _number(number)
    if not low <= value <= high:  # also catches nan
        raise RecipeError(
            f"predict.tta: {text!r} needs {what} in [{low:g}, {high:g}]",
            fix=f"write {_EXAMPLES[text.split(':')[0]]}",
        )
    return float(f"{value:g}")  # the value in its name


def _moved(number: str, text: str) -> float:
    value = _number(number)
    if not math.isfinite(value) or (abs(value) >= 1 and value != int(value)):
        raise RecipeError(
            f"predict.tta: {text!r} needs whole pixels, or shares of a side below 1",
            fix=f"write {_EXAMPLES['shift']}",
        )
    return float(f"{value:g}") + 0.0  # -0 is 0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
