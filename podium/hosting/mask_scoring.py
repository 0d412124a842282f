"""Masks of a submission against the hidden ones: pixels are counted image by image."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.masks import IGNORE, Mask
from podium.errors import DataError
from podium.hosting.mask_solution import MaskSolution
from podium.hosting.spec import HostSpec
from podium.submissions.format import Format
from podium.submissions.mask_reading import read_masks
from podium.submissions.mask_sizes import MaskSizes

__all__ = ["count_perfect", "count_pixels", "counts_of", "score_of_counts"]


def count_pixels(path: Path, solution: MaskSolution) -> NDArray[np.int64]:
    """Return the `mask_counts` of each image of the submission at `path`, `(N, K, 4)`.

    One image of both is in memory at a time.

    Raises:
        SubmissionError: the file is not as the format asks; all that is wrong, in one.
        DataError: the solution cannot be read.
    """
    sizes = MaskSizes(solution.sizes)
    said = read_masks(path, solution.form, solution.ids, sizes, said_by="the test set")
    return counts_of(solution.form, solution.masks(), (mask for _, mask in said))


def count_perfect(solution: MaskSolution) -> NDArray[np.int64]:
    """Return the counts of the submission that is right everywhere.

    Raises:
        DataError: runs of the solution do not fit their image; names line and character.
    """
    truths, again = solution.masks(), solution.masks()
    right = (np.where(truth == IGNORE, np.uint8(0), truth) for truth in again)
    return counts_of(solution.form, truths, right)


def counts_of(form: Format, truths: Iterable[Mask], said: Iterable[Mask]) -> NDArray[np.int64]:
    """Return the `mask_counts` of each image, `(N, K, 4)`; one image is in memory at a time.

    Args:
        form: of the submission, which says the task.
        truths, said: `(N,)` masks in the same order.
    """
    n_outputs = form.n_masks + (form.kind == "multiclass")
    return np.stack(
        [
            metrics.mask_counts(truth, mask, kind=form.kind, n_outputs=n_outputs)
            for truth, mask in zip(truths, said, strict=True)
        ]
    )


def score_of_counts(
    spec: HostSpec, counts: NDArray[np.int64], rows: NDArray[np.bool_], *, where: str
) -> float:
    """Return the score of the images `rows`, a bool `(N,)`.

    Raises:
        DataError: the metric is undefined for them; `where` says which they are.
    """
    options = {name: one for name, one in spec.metric.options.items() if name != "kind"}
    metric = spec.scored_by
    try:
        sums = metrics.of_counts(metric, counts[rows], kind=spec.format.kind, **options)
        return metrics.value(metric, sums, **options)
    except DataError as error:
        raise DataError(error.message, where=where, fix=error.fix) from error
