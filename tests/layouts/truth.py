"""The truth of a layout: labels and masks of its images, and the file that a host would take."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from layouts.drawing import Size
from layouts.runs import Codec, Plane

__all__ = ["Label", "LayoutTruth", "TrueColumn", "TrueFile", "TrueSample"]

Label = str | frozenset[str] | float | tuple[float | None, ...]
"""A class, the classes of a multilabel answer, a number, or one of each class; None: unknown."""


@dataclass(frozen=True)
class TrueSample:
    """What is true of one image.

    Attributes:
        label: None where it has none.
        probs: of each class by name, in place of the label where the file holds probabilities.
        planes: of each class; None where it has no mask and need not have an empty one.
        ignored: pixels that count nowhere.
        objects: each with the index of its class.
        size: (height, width).
        unit: what is scored, where that is several images.
    """

    size: Size
    label: Label | None = None
    probs: dict[str, float] = field(default_factory=dict)
    planes: tuple[Plane, ...] | None = None
    ignored: Plane | None = None
    objects: tuple[tuple[int, Plane], ...] | None = None
    unit: str | None = None


@dataclass(frozen=True)
class TrueColumn:
    """A column of the submission.

    Attributes:
        content: key, text, number, labels (of a list), rle, or free (any text will do).
        codec: of rle.
        separator: of labels.
    """

    content: str
    codec: Codec = field(default_factory=Codec)
    separator: str = " "


@dataclass(frozen=True)
class TrueFile:
    """The file that holds the true answers of the test images, as the host wants it."""

    columns: dict[str, TrueColumn]
    rows: list[tuple[str, ...]]
    encoding: str = "utf-8"
    sep: str = ","


@dataclass(frozen=True)
class LayoutTruth:
    """What `podium init` must find out of a layout, by its meaning.

    Attributes:
        kinds: of each task the kinds that are right.
        train, test: by the path of the image below the data folder.
        classes: of labels.
        mask_classes: their names; "" for one whose name is nowhere: its place in order counts.
        file: None where nothing shows the format of the submission.
        undecided: keys with several readings that fit all that is there.
    """

    data: Path
    kinds: dict[str, frozenset[str]]
    train: dict[str, TrueSample]
    test: dict[str, TrueSample]
    classes: tuple[str, ...] = ()
    mask_classes: tuple[str, ...] = ()
    file: TrueFile | None = None
    undecided: frozenset[str] = frozenset()
