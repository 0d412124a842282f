"""What a reader of image files gives: its options, the form of its pixels, and how a file opens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from podium.competition.bands import Bands
from podium.competition.pixels import Dtype, Pixels

__all__ = ["FileReader", "Form", "Options", "Taken", "Taking", "pixels_of", "taken"]

_RANGES: dict[str, tuple[float, float]] = {"uint8": (0, 255), "uint16": (0, 65535)}
Taken = Annotated[int, Field(ge=0)]


class Options(BaseModel):
    """What may be written beside a reader's name; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Form(Options):
    """The form of the pixels of a file."""

    channels: PositiveInt | None = Field(
        default=None, description="how many numbers a pixel of a file has"
    )
    dtype: Dtype = Field(default="uint8", description="of a number")
    range: tuple[float, float] | None = Field(
        default=None,
        description="the values that a network sees as 0 and as 1; default: of uint8 [0, 255], of "
        "uint16 [0, 65535]; float32 has none",
    )

    @model_validator(mode="after")
    def _range_rises(self) -> Self:
        if self.range is not None and not self.range[0] < self.range[1]:
            raise ValueError(f"range: the second number must be larger, got {list(self.range)}")
        return self

    @model_validator(mode="after")
    def _floats_say_their_range(self) -> Self:
        if self.dtype == "float32" and self.range is None and self._needs_range:
            raise ValueError("range: float32 has none of its own: write range: [lowest, highest]")
        return self

    @property
    def _needs_range(self) -> bool:
        return True


class Taking(Form):
    """The form of the pixels of a file that holds several images."""

    take: Taken | tuple[Taken, ...] | None = Field(
        default=None,
        description="which image of a file that holds several, from 0; of a list the channels "
        "stand one after the other; default: all of them",
    )

    @property
    def n_taken(self) -> int | None:
        """How many are taken; None: as many as there are."""
        if self.take is None:
            return None
        return len(self.take) if isinstance(self.take, tuple) else 1

    @model_validator(mode="after")
    def _takes_something(self) -> Self:
        if self.take == ():
            raise ValueError("take: name at least one")
        return self


@dataclass(frozen=True)
class FileReader:
    """A way to read image files, exported as `READER` by one file of this folder.

    Importing the file imports nothing that is heavy or optional.

    Args:
        options: what may be written beside the name.
        pixels: from options to the form of what a file shows; opens no file.
        open: from a path and options to its image, of that form. It may raise whatever its library
            raises: who calls it tells damage from a failing disk. What can be wrong is raised here,
            and not by the bands, as far as that needs no second reading.
        size: from a path and options to (height, width) of that, from the header alone.
        require: raises DataError where a library is not installed.
    """

    options: type[Options]
    pixels: Callable[[Any], Pixels]
    open: Callable[[Path, Any], Bands]
    size: Callable[[Path, Any], tuple[int, int]]
    require: Callable[[], None] = lambda: None


def pixels_of(form: Form, channels: int) -> Pixels:
    """Return the form of pixels of so many channels, with the range that `form` says."""
    low, high = form.range or _RANGES.get(form.dtype, (0, 1))
    return Pixels(channels, form.dtype, float(low), float(high))


def taken(options: Taking, n: int) -> Sequence[int]:
    """Return the numbers of the images that are read of a file that holds `n`.

    Raises:
        ValueError: there are not so many.
    """
    take = options.take
    numbers = range(n) if take is None else (take,) if isinstance(take, int) else take
    if max(numbers, default=0) >= n:
        raise ValueError(f"it has {n} images, take: says number {max(numbers)} (from 0)")
    return numbers
