"""What is asked of the texts of masks, and how it is answered: a value, how sure, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.competition.calibrate.codec_shapes import Reading, Runs, fault_of
from podium.competition.data_spec import MaskCodec

__all__ = ["LOOK", "Answer", "Cell", "CodecAnswer", "ImageTexts", "Sure", "nothing"]

Sure = Literal["certain", "likely", "not sure"]
Size = tuple[int, int]
LOOK = "look at a few masks over their images, under each value"


@dataclass(frozen=True)
class ImageTexts:
    """The cells of one image that are not empty, and what they can be compared with.

    Attributes:
        image: its id.
        size: (height, width), from the file's header.
        texts: one a row of the table.
        truth: gives the union of its masks as files have it, bool `(H, W)`; None without files.
        picture: gives the image as grey values `(H, W)`; None where it cannot be had.
    """

    image: str
    size: Size
    texts: tuple[str, ...]
    truth: Callable[[], NDArray[np.bool_] | None] | None = None
    picture: Callable[[], NDArray[np.float32]] | None = None


@dataclass(frozen=True)
class Answer:
    """The value of a parameter, how sure it is, and why; `fix` says what else to do."""

    value: Any
    sure: Sure
    why: str
    fix: str = ""


@dataclass(frozen=True)
class CodecAnswer:
    """How masks are written. Of `coco` and `coco64` kind alone counts.

    Attributes:
        kind, order, base, relative: as in `MaskCodec`.
        scale: side of the image over side of the mask: 1, or 2 and 4 of masks of smaller images.
        n_texts: how many cells were looked at.
        n_left_out: cells that no codec can read.
        told: what mask files and texts contradict each other in; "" where they do not.
    """

    kind: Answer
    order: Answer
    base: Answer
    relative: Answer
    scale: Answer
    n_texts: int
    n_left_out: int = 0
    told: str = ""

    @property
    def codec(self) -> MaskCodec:
        if self.kind.value != "rle":
            return MaskCodec(kind=self.kind.value)
        return MaskCodec(base=self.base.value, order=self.order.value, relative=self.relative.value)

    @property
    def answers(self) -> dict[str, Answer]:
        """The parameters of `MaskCodec` that count, by name."""
        of_runs = {"order": self.order, "base": self.base, "relative": self.relative}
        return {"kind": self.kind, **(of_runs if self.kind.value == "rle" else {})}

    @property
    def is_relative(self) -> bool | None:
        """Whether runs are relative, where that is certain."""
        if self.kind.value != "rle" or self.relative.sure != "certain":
            return None
        return bool(self.relative.value)

    @property
    def sure(self) -> Sure:
        """How sure the least sure parameter is."""
        found = {answer.sure for answer in self.answers.values()}
        return next(one for one in ("not sure", "likely", "certain") if one in found)


@dataclass(frozen=True, eq=False)
class Cell:
    """The runs of a text, in the mask of its image."""

    runs: Runs
    size: Size

    def fault(self, reading: Reading) -> str:
        return fault_of(self.runs, reading, self.size[0] * self.size[1])


def nothing(why: str) -> CodecAnswer:
    """Return the usual codec, of which nothing is sure."""
    order, base, relative = (Answer(value, "not sure", why, LOOK) for value in ("F", 1, False))
    kind = Answer("rle", "not sure", why)
    return CodecAnswer(kind, order, base, relative, Answer(1, "not sure", why), 0)
