"""What a builder of a real layout writes with, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from layouts.drawing import paint_photo, save_pixels
from layouts.runs import Codec
from layouts.truth import LayoutTruth, TrueColumn, TrueFile, TrueSample
from layouts.writing import write_table

__all__ = ["BROAD", "SIZE", "WIDE", "Builder", "DataSet", "Readings", "RealLayout", "Rows"]

SIZE, BROAD, WIDE = (20, 24), (20, 28), (40, 48)
Readings = tuple[LayoutTruth, ...]
Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class RealLayout:
    """A layout by the name (slug) of its competition, where its facts are from, and its writer.

    Attributes:
        source: page: what the competition's page shows; code: what participants' code reads;
            memory: not looked up again.
        by_slug: the files alone do not tell all, so the slug is given, as to `podium init <slug>`.
    """

    name: str
    source: str
    write: Callable[[Path], LayoutTruth]
    by_slug: bool = False


@dataclass(frozen=True)
class DataSet:
    """A data set, where its facts are from, and its writer.

    Attributes:
        source: memory; code: what public programs read of it; page: its page or its README.
        write: writes it and returns the readings that are right, the best one first.
        has_test: the download has images to predict, or a part kept for tests.
        refusal: what podium's error must say where the set is beyond its scope.
        doubt: what of the layout is not certain.
    """

    name: str
    source: str
    write: Callable[[Path], Readings]
    has_test: bool = True
    refusal: str = ""
    doubt: str = ""


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
