"""One upload at a time: in a workspace, and from this machine to a competition."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from podium.submissions.endpoint import Endpoint
from podium.submissions.slugs import slug_from_name
from podium.workspace import atomic
from podium.workspace.layout import Workspace
from podium.workspace.locks import machine_wide, take_turn
from podium.workspace.progress import SILENT, Progress

__all__ = ["turn_to_submit"]

TURN_WAIT_S = 120.0  # for another shell's upload: then all is looked at anew, so nothing is spent


@contextmanager
def turn_to_submit(
    workspace: Workspace, endpoint: Endpoint, slug: str, progress: Progress = SILENT
) -> Iterator[None]:
    """Let the body be the only one to submit: in this workspace, and from this machine to `slug`.

    Whoever submits there already is waited for, up to `TURN_WAIT_S`; the client's process holds
    the turn until it has ended, whatever ends ours.

    Raises:
        RunError: it takes longer; says which process has the turn.
    """
    place = f"{endpoint.target} {endpoint.place or endpoint.url or ''} {slug}"
    token = hashlib.sha256(place.encode()).hexdigest()[:8]
    shared = machine_wide(f"submit-{slug_from_name(slug)[:60]}-{token}")

    def waiting(who: str) -> None:
        progress.say(f"{who}; waiting up to {TURN_WAIT_S:.0f} s for it")

    with ExitStack() as stack:
        stack.enter_context(
            take_turn(
                workspace.submissions / ".lock",
                what="the upload",
                wait_s=TURN_WAIT_S,
                waiting=waiting,
            )
        )
        if shared is not None:
            # Where it cannot be made or opened, the workspace's own lock has to do.
            with suppress(OSError):
                stack.enter_context(
                    take_turn(
                        shared,
                        what=f"a submission to {slug}",
                        wait_s=TURN_WAIT_S,
                        waiting=waiting,
                        everyone=True,
                    )
                )
        atomic.sweep(workspace.submissions)
        yield
