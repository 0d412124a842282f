"""The board: watch it until something changes, and analyse its scores.

`watch_board` fetches the board again and again and reports what changed. `analyse_board` compares
CV with LB and estimates the shake-up; an embedded host may provide the public share.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from podium.competition.spec import Competition
from podium.errors import HostError, PodiumError, UsageError
from podium.hosting.spec import public_share_of
from podium.submissions.board.analysis import BoardAnalysis, analyse
from podium.submissions.board.private_scores import DRAWS, split_sizes
from podium.submissions.board.view import board, describe_changes
from podium.workflows.submission.submitting import open_endpoint
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold

if TYPE_CHECKING:
    from podium.submissions.board.view import BoardView

__all__ = ["analyse_board", "analyse_board_or_explain", "watch_board"]


SHORTEST_INTERVAL_S = 10.0
_LONGEST_PAUSE_S = 3600.0

FetchBoard = Callable[[], "BoardView"]


def watch_board(
    workspace: Workspace,
    competition: Competition,
    *,
    every_s: float,
    on_change: Callable[[list[str], BoardView], None],
    complain: Callable[[str], None],
    ask: FetchBoard | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Poll the host until the process is interrupted; a second watcher of a workspace is refused.

    Every result is written to `board/` and the receipts at once, so it may be ended at any time;
    the next watcher reports the changes since.

    Args:
        workspace: the workspace.
        competition: its competition.
        every_s: seconds from one response to the next request. While the host fails they are
            doubled each time, to an hour at most (or `every_s`, if that is longer).
        on_change: called with the changes and the board, after each response with changes.
        complain: called with an error of the host if it differs from the last one.
        ask: returns the board after a request to the host; default the official client.
        sleep: waits for a number of seconds.

    Raises:
        RunError: another process watches this workspace.
        UsageError: there is no host, or `every_s` is too short.
    """
    if every_s < SHORTEST_INTERVAL_S:
        raise UsageError(
            f"a host is not to be asked every {every_s:g} s", fix="write --every 1m, or longer"
        )
    question = ask or _fetch_board(workspace, competition)
    with hold(workspace.board / ".watch.lock", what="the watch over the board"):
        before, failures, last_error = board(workspace, competition), 0, ""
        while True:
            try:
                after = question()
            except HostError as error:
                failures += 1
                if str(error) != last_error:
                    complain(str(error))
                last_error = str(error)
            else:
                if failures:
                    complain("the host answers again")
                if changes := describe_changes(before, after):
                    on_change(changes, after)
                before, failures, last_error = after, 0, ""
            sleep(_pause_s(every_s, failures))


def _pause_s(every_s: float, failures: int) -> float:
    longest = max(every_s, _LONGEST_PAUSE_S)
    return min(every_s * 2.0 ** min(failures, 20), longest)


def _fetch_board(workspace: Workspace, competition: Competition) -> FetchBoard:
    def fetched() -> BoardView:
        with open_endpoint(competition) as endpoint:
            return board(workspace, competition, endpoint)

    return fetched


def analyse_board(
    workspace: Workspace,
    competition: Competition,
    view: BoardView,
    *,
    public_share: float | None = None,
    n: int | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> BoardAnalysis:
    """Return the result of `analyse`, with the public share looked up if none is passed.

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


def analyse_board_or_explain(
    workspace: Workspace, competition: Competition, view: BoardView
) -> BoardAnalysis:
    """Return `analyse_board`, for beside the board, which nothing here may stop."""
    try:
        return analyse_board(workspace, competition, view)
    except PodiumError as error:
        return BoardAnalysis(why_not=dict.fromkeys(("cv_lb", "shake_up", "finals"), str(error)))
