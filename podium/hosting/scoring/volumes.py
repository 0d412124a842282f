"""Scores volumes of a submission against the hidden ones: the slices of one are scored together.

One volume of both is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.scores.sum_scorer import Sums, SumScorer
from podium.competition.truths.masks import Mask
from podium.competition.truths.volumes import Volume, volume_of, volumes_of
from podium.errors import DataError, some
from podium.hosting.spec import HostSpec
from podium.submissions.format.answers import read_answers
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.mask_sizes import MaskSizes

if TYPE_CHECKING:
    from podium.hosting.scoring.masks import MaskSolution

__all__ = ["measure_perfect", "measure_volumes", "score_of_volumes"]


def measure_volumes(path: Path, spec: HostSpec, solution: MaskSolution) -> Sums:
    """Return the metric's sums of each volume of the submission at `path`, `(V, S)`.

    Raises:
        SubmissionError: the file does not fit the format; one error with all problems.
        DataError: the solution cannot be read, or has no volumes.
    """
    volumes = _volumes(solution)
    order = _in_order(solution, volumes)
    wanted = expected_of_ids(solution.form, order, MaskSizes(solution.sizes))
    return _measured(spec, solution, volumes, read_answers(path, wanted))


def measure_perfect(spec: HostSpec, solution: MaskSolution) -> Sums:
    """Return the sums of the submission that is right everywhere, `(V, S)`.

    Raises:
        DataError: as `measure_volumes`; or slices of a volume differ in size or in usage, or have
            unknown pixels.
    """
    volumes = _volumes(solution)
    for what, rows in (("public", solution.public), ("private", solution.private)):
        torn = [one.name for one in volumes if rows[one.rows].any() != rows[one.rows].all()]
        if torn:
            raise DataError(
                f"only some slices are {what} of the volumes {some(torn)}",
                where=solution.path,
                fix="write the same Usage in all rows of a volume: it is scored as a whole",
            )
    return _measured(spec, solution, volumes, solution.masks(_in_order(solution, volumes)))


def score_of_volumes(
    spec: HostSpec, solution: MaskSolution, sums: Sums, rows: NDArray[np.bool_], *, where: str
) -> float:
    """Return the score of the volumes whose images are the `rows`, a bool `(N,)`.

    Raises:
        DataError: the metric is undefined for them; `where` names them.
    """
    chosen = np.array([bool(rows[one.rows[0]]) for one in _volumes(solution)])
    try:
        return _scorer(spec).score(sums[chosen])
    except DataError as error:
        raise DataError(error.message, where=where, fix=error.fix) from error


def _measured(
    spec: HostSpec, solution: MaskSolution, volumes: list[Volume], masks: Iterable[Mask]
) -> Sums:
    scorer, found = _scorer(spec), []
    truths = solution.masks(_in_order(solution, volumes))
    decided: Iterator[Mask] = iter(masks)
    for volume in volumes:
        depth = len(volume.rows)
        try:
            truth = volume_of((next(truths) for _ in range(depth)), depth)
        except DataError as error:
            raise DataError(
                f"the volume {volume.name}: {error.message}",
                where=solution.path,
                fix="give the slices of a volume one size",
            ) from error
        found.append(
            scorer.measure([truth], [volume_of((next(decided) for _ in range(depth)), depth)])
        )
    return np.concatenate(found)


def _scorer(spec: HostSpec) -> SumScorer:
    options = {name: one for name, one in spec.metric.options.items() if name != "kind"}
    form = spec.format
    return SumScorer.of(spec.scored_by, form.kind, options, n_classes=form.n_masks)


def _volumes(solution: MaskSolution) -> list[Volume]:
    """Return the volumes of a solution, in the order of their first images.

    Raises:
        DataError: it has none, or two slices of one have one place.
    """
    if not solution.volumes:
        raise DataError(
            "does not name the volume of each image",
            where=solution.path,
            fix="add the columns volume (a name) and slice (a number, its place)",
        )
    places = [solution.volumes[one] for one in solution.ids]
    table = pd.DataFrame({"id": list(solution.ids), "unit": [name for name, _ in places]})
    table["volume"] = table["unit"]
    if any(place for _, place in places):
        table["slice"] = pd.to_numeric(
            pd.Series([place for _, place in places]), errors="coerce"
        ).to_numpy()
        odd = [
            one for one, number in zip(solution.ids, table["slice"], strict=True) if pd.isna(number)
        ]
        if odd:
            raise DataError(
                f"slices without a number: {some(odd)}",
                where=solution.path,
                fix="write the place of each slice in the column slice",
            )
    if table["unit"].is_unique:  # of one slice each
        return [Volume(name, np.array([row])) for row, (name, _) in enumerate(places)]
    try:
        return volumes_of(table)
    except DataError as error:
        raise DataError(error.message, where=solution.path, fix=error.fix) from error


def _in_order(solution: MaskSolution, volumes: list[Volume]) -> list[str]:
    return [solution.ids[row] for volume in volumes for row in volume.rows]
