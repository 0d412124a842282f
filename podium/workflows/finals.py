"""What scores of submissions say together, where an embedded host may know what is public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.hosting.public_share import public_share_of
from podium.submissions.analysis import BoardAnalysis, analyse, n_test_units
from podium.submissions.private_scores import DRAWS, split_sizes
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    from podium.submissions.board import BoardView

__all__ = ["BoardAnalysis", "analysis_of", "glance_of", "n_test_units"]


def analysis_of(
    workspace: Workspace,
    competition: Competition,
    view: BoardView,
    *,
    public_share: float | None = None,
    n: int | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> BoardAnalysis:
    """Return what `analyse` does, with the public share looked up where none is given.

    Args:
        public_share: of the test set; None: `kaggle.public_share` of the competition, else that of
            the embedded host in `kaggle.host`.

    The others are those of `analyse`.

    Raises:
        UsageError: `public_share` is not between 0 and 1, or `n` is not positive.
    """
    if public_share is None:
        public_share = public_share_of(competition)
    else:
        split_sizes(1_000_000, public_share)
    return analyse(workspace, competition, view, public_share, n=n, draws=draws, seed=seed)


def glance_of(workspace: Workspace, competition: Competition, view: BoardView) -> BoardAnalysis:
    """Return `analysis_of`, for beside the board, which nothing here may stop."""
    try:
        return analysis_of(workspace, competition, view)
    except PodiumError as error:
        return BoardAnalysis(why_not=dict.fromkeys(("cv_lb", "shake_up", "finals"), str(error)))
