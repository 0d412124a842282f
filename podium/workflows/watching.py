"""The board again and again: the host is asked, and what changed is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from podium.competition.spec import Competition
from podium.errors import HostError, UsageError
from podium.workflows.hosts import endpoint_of
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold

if TYPE_CHECKING:
    from podium.submissions.board import BoardView

__all__ = ["SHORTEST_S", "watch"]

SHORTEST_S = 10.0
_LONGEST_PAUSE_S = 3600.0

Ask = Callable[[], "BoardView"]


def watch(
    workspace: Workspace,
    competition: Competition,
    *,
    every_s: float,
    tell: Callable[[list[str], BoardView], None],
    complain: Callable[[str], None],
    ask: Ask | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Ask the host until the process is interrupted; a second watcher of a workspace is refused.

    All that is learnt is in `board/` and the receipts at once, so it may be ended at any moment;
    the next watcher tells what changed since.

    Args:
        workspace: the workspace.
        competition: its competition.
        every_s: seconds from one answer to the next question. While the host fails they are doubled
            each time, to an hour at most (or `every_s`, where that is longer).
        tell: called with what changed and the board, after each answer that changed something.
        complain: called with an error of the host when it is another than the last one.
        ask: returns the board after asking the host; default the official client.
        sleep: waits so many seconds.

    Raises:
        RunError: another process watches this workspace.
        UsageError: there is no host to ask, or `every_s` is too short.
    """
    from podium.submissions.board import board
    from podium.submissions.changes import changes

    if every_s < SHORTEST_S:
        raise UsageError(
            f"a host is not to be asked every {every_s:g} s", fix="write --every 1m, or longer"
        )
    question = ask or _ask(workspace, competition)
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
                if said := changes(before, after):
                    tell(said, after)
                before, failures, last_error = after, 0, ""
            sleep(_pause(every_s, failures))


def _pause(every_s: float, failures: int) -> float:
    longest = max(every_s, _LONGEST_PAUSE_S)
    return min(every_s * 2.0 ** min(failures, 20), longest)


def _ask(workspace: Workspace, competition: Competition) -> Ask:
    def asked() -> BoardView:
        from podium.submissions.board import board

        with endpoint_of(competition) as endpoint:
            return board(workspace, competition, endpoint)

    return asked
