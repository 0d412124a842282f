"""Rows of a sample submission that are pixels of images, or patches of pixels: `001_16_32`.

001_0_0,0     patches of the image 001, named by their first pixels, which are 16 apart
001_0_16,0
001_16_0,0
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pandas as pd

from podium.competition.infer.sample.submission import InferredFormat, PixelRows, SampleSubmission
from podium.competition.sections.submission import ValueKind
from podium.tasks.protocols.kind import Kind

__all__ = ["find_pixel_rows", "metric_of_pixels", "with_images", "with_pixel_rows"]

_NUMBER = r"0|[1-9]\d*"
_NAME = re.compile(
    rf"(?P<id>.*[^\W_].*?)(?P<one>[\W_]+[a-z]{{0,6}})(?P<first>{_NUMBER})"
    rf"(?P<two>[\W_]+[a-z]{{0,6}})(?P<second>{_NUMBER})"
)
_FEWEST = 4  # rows of each image


def find_pixel_rows(sample: SampleSubmission) -> PixelRows | None:
    """Return how the rows of a sample name pixels; None where they name something else.

    The pixels of each image are all there, in even steps from 0 or 1.

    Example:
        >>> ids = [f"a_{x}_{y}" for x in (0, 16, 32) for y in (0, 16)]
        >>> table = pd.DataFrame({"id": ids, "prediction": "0"})
        >>> found = find_pixel_rows(SampleSubmission("sample.csv", table))
        >>> found.base, found.step, found.counts
        (0, 16, {'a': (3, 2)})
    """
    if sample.plain_value is None:
        return None
    names = list(map(str, sample.table[sample.id]))
    if len(names) < _FEWEST:
        return None
    signs, pixels = set(), dict[str, set[tuple[int, int]]]()
    for one in map(_NAME.fullmatch, names):
        if one is None:
            return None
        signs.add((one["one"], one["two"]))
        pixels.setdefault(one["id"], set()).add((int(one["first"]), int(one["second"])))
    numbers = {number for pairs in pixels.values() for pair in pairs for number in pair}
    base = min(numbers)
    step = min((one - base for one in numbers if one > base), default=0)
    n_rows = sum(map(len, pixels.values()))
    if len(signs) > 1 or base not in (0, 1) or step == 0 or n_rows < len(names):
        return None
    counts = {}
    for name, pairs in pixels.items():
        last = [max(pair[k] for pair in pairs) for k in (0, 1)]
        first, second = (range(base, one + 1, step) for one in last)
        if len(pairs) < _FEWEST or pairs != set(product(first, second)):
            return None
        counts[name] = len(first), len(second)
    cells = frozenset(map(str, sample.table[sample.plain_value].unique()))
    if any(" " in one.strip() for one in cells):
        return None  # runs, or several labels
    return PixelRows(signs.pop(), base, step, counts, cells)


def with_images(sample: SampleSubmission, rows: PixelRows) -> SampleSubmission:
    """Return the sample with a row an image and empty cells, as one of masks."""
    table = pd.DataFrame({sample.id: list(rows.counts), sample.values[0]: ""}, dtype=str)
    return replace(sample, table=table, runs=sample.values[0], pixels=rows)


def with_pixel_rows(
    form: InferredFormat, rows: PixelRows, kind: Kind, classes: Sequence[str]
) -> InferredFormat:
    """Return the format of masks with a row a pixel, as `rows` name them."""
    value, why = _value(rows.cells, kind, classes)
    metric, options = metric_of_pixels("f1" if kind.is_yes_no else "accuracy")
    return replace(
        form,
        metric=metric,
        why_metric="the usual one where a file has a row for each pixel",
        options={name: (one, "of all pixels together") for name, one in options.items()},
        rows="pixel",
        id=rows.template("column" if rows.step > 1 else "row"),
        index_base=rows.base,
        index_step=rows.step,
        value=value,
        why_value=why,
        empty=None,
        shows_empty=False,
        is_blank=False,
    )


def metric_of_pixels(name: str) -> tuple[str, dict[str, object]]:
    """Return the metric of masks, with its options, that scores pixels as `name` scores labels.

    Example:
        >>> metric_of_pixels("accuracy")
        ('pixel_accuracy', {})
    """
    if name == "f1":
        return "pixel_fbeta", {"beta": 1, "over": "all"}
    if name == "macro_f1":
        return "mean_dice", {"over": "class", "background": True, "empty": "skip"}
    return ("pixel_accuracy" if name == "accuracy" else name), {}


def _value(cells: frozenset[str], kind: Kind, classes: Sequence[str]) -> tuple[ValueKind, str]:
    if kind.is_yes_no and not cells <= {"0", "1", ""}:
        return "prob", "numbers that are no 0 or 1: the probability of foreground"
    if not kind.is_yes_no and cells & {*classes, "background"}:
        return "name", "the name of the class of each pixel"
    return "label", "0, background, or the number of the class of each pixel"
