"""Whether one score is better than another one of the same rows, or perhaps by chance.

All commands and pages that compare two runs or blends ask here, and say it in these words. Rows, or
whole groups of them, are drawn again and both are scored on each draw: two scores whose intervals
overlap may differ surely, because both are high in the same draws.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from podium.ensembling.honest import OofUnits, aligned, drawn_scores, read_units, share_of_better
from podium.ensembling.run_units import units_of_scored_tasks
from podium.errors import PodiumError

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.workspace.layout import Workspace

__all__ = ["in_draws", "is_beyond_chance", "share_of_draws", "share_of_units"]

DRAWS = 1000
LEVEL = 0.99
"""Of both sides. Draws of few rows differ too little: four rows of 60 that one has right and the
other has not are in 99 % of draws on one side, and by a sign test with p = 0.125."""
_logger = logging.getLogger(__name__)


def _units_of(workspace: Workspace, competition: Competition, name: str) -> OofUnits | None:
    """Return the scored rows of a run or a blend by its id; None where nothing keeps them.

    That is so of volumes and sets of objects of a run, and where files are gone.
    """
    blend, run = workspace.blends / name, workspace.runs / name
    try:
        if blend.is_dir():
            return read_units(blend)
        found = units_of_scored_tasks(workspace, competition, run) if run.is_dir() else None
        return None if found is None else found[0]
    except (PodiumError, OSError) as error:
        _logger.info("the rows of %s cannot be compared: %s", name, error)
        return None


def share_of_draws(
    workspace: Workspace, competition: Competition, one: str, other: str
) -> float | None:
    """Return in which share of draws `one` scores better than `other`, ties counted half.

    Of the rows that both have. None where that is not known.

    Args:
        workspace, competition: as everywhere.
        one, other: ids of runs or blends.
    """
    units = [_units_of(workspace, competition, name) for name in (one, other)]
    return share_of_units(*units)


def share_of_units(one: OofUnits | None, other: OofUnits | None) -> float | None:
    """Return in which share of draws `one` scores better than `other`, as `share_of_draws`."""
    if one is None or other is None or one.metric.name != other.metric.name:
        return None
    try:
        drawn = [drawn_scores(each, n=DRAWS, seed=0) for each in aligned([one, other])]
    except PodiumError as error:  # no row that both have, or none with a score
        _logger.info("no draws of both: %s", error)
        return None
    return share_of_better(*drawn, greater_is_better=one.metric.greater_is_better)


def is_beyond_chance(share: float | None) -> bool:
    """Return whether so large a share of draws, or so small a one, is hardly one by chance."""
    return share is not None and abs(share - 0.5) >= LEVEL / 2


def in_draws(share: float | None) -> str:
    """Return how sure it is that something is better, in `share` of draws: the end of a sentence.

    Example:
        >>> in_draws(1.0), in_draws(0.83), in_draws(None)
        (' in 100% of draws', ' in 83% of draws, perhaps by chance', ', perhaps by chance')
    """
    draws = "" if share is None else f" in {share:.0%} of draws"
    return draws if is_beyond_chance(share) else f"{draws}, perhaps by chance"
