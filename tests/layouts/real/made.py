"""What a builder of a real layout writes with, and what it returns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from layouts.drawing import paint_photo, save_pixels
from layouts.runs import Codec, Plane
from layouts.truth import LayoutTruth, TrueColumn, TrueFile, TrueSample
from layouts.writing import write_table

__all__ = ["Builder", "RealLayout", "hex_name"]


@dataclass(frozen=True)
class RealLayout:
    """A layout by the slug of its competition, where its facts are from, and its writer.

    Attributes:
        source: page: what the competition's page shows; code: what participants' code reads;
            memory: not looked up again.
        by_slug: the files alone do not tell all, so the slug is given, as to `podium init <slug>`.
    """

    slug: str
    source: str
    write: Callable[[Path], LayoutTruth]
    by_slug: bool = False


def hex_name(*parts: object, length: int = 10) -> str:
    """Return a name of hexadecimal letters, the same each time."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:length]


@dataclass
class Builder:
    """Writes pictures and tables below a folder, and keeps what is true of them."""

    data: Path
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(17))
    train: dict[str, TrueSample] = field(default_factory=dict)
    test: dict[str, TrueSample] = field(default_factory=dict)

    def image(
        self,
        path: str,
        true: TrueSample,
        *,
        part: str,
        pixels: NDArray[np.uint8] | None = None,
        key: str = "",
    ) -> None:
        """Write a picture; `key` is its path as podium names it where it has several files."""
        if pixels is None:
            planes = [*(true.planes or ()), *(plane for _, plane in true.objects or ())]
            planes = [plane for plane in planes if plane.shape == true.size]
            pixels = paint_photo(self.random, true.size, planes)
        save_pixels(self.data / path, pixels)
        (self.train if part == "train" else self.test)[key or path] = true

    def table(self, name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Write a CSV."""
        write_table(self.data / name, header, rows)

    def text(self, name: str, content: str) -> None:
        """Write a file that podium has no use for."""
        (self.data / name).parent.mkdir(parents=True, exist_ok=True)
        (self.data / name).write_text(content, encoding="utf-8")

    def probs(self, classes: Sequence[str]) -> dict[str, float]:
        """Return made-up probabilities."""
        return {name: round(float(self.random.uniform(0.01, 0.99)), 3) for name in classes}

    def truth(
        self,
        kinds: Mapping[str, str | Sequence[str]],
        columns: Mapping[str, str],
        rows: list[tuple[str, ...]],
        *,
        classes: Sequence[str] = (),
        mask_classes: Sequence[str] = (),
        codec: Codec | None = None,
        undecided: Iterable[str] = (),
    ) -> LayoutTruth:
        """Return the truth of all that was written; `columns` are names and their contents."""
        sets = {
            task: frozenset({kind} if isinstance(kind, str) else kind)
            for task, kind in kinds.items()
        }
        file = TrueFile(
            {name: TrueColumn(content, codec or Codec()) for name, content in columns.items()},
            rows,
        )
        return LayoutTruth(
            self.data, sets, self.train, self.test, tuple(classes), tuple(mask_classes), file,
            frozenset(undecided),
        )  # fmt: skip


def union(planes: Sequence[Plane]) -> Plane:
    """Return where any of the masks is."""
    return np.asarray(np.any(list(planes), axis=0))
