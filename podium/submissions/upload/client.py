"""The calls on a competition's host that podium makes, and the official client behind them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from podium.errors import HostError, RunError, TaskTimeoutError, from_os_error
from podium.submissions.upload.attempt import ATTEMPT_FILE, note_attempt
from podium.submissions.upload.endpoint import Endpoint, client_variables
from podium.workspace import processes
from podium.workspace.atomic import temporary_folder

__all__ = [
    "Client",
    "HostListing",
    "KaggleClient",
    "Limits",
    "ListedSubmission",
    "SubmissionLookup",
    "call_official",
]

CALL_TIMEOUT_S = 120.0
SLOWEST_UPLOAD_BYTES_PER_S = 50_000


@dataclass(frozen=True)
class Limits:
    """Submissions of this team since 00:00 UTC, ever, and how many more are allowed now.

    `ended` is the deadline (UTC, to the minute) where none is left because it has passed; else "".
    """

    today: int
    total: int
    left: int
    limited_by_total: bool = False
    ended: str = ""

    @property
    def unknown(self) -> bool:
        """All zero: a user who has no team yet, because the first submission makes it."""
        known = self.today or self.total or self.left or self.limited_by_total or self.ended
        return not known

    @property
    def end(self) -> str:
        """A sentence on the end of the competition, or "" where it is not why none is left."""
        return f"the competition ended at {self.ended} UTC" if self.ended else ""


@dataclass(frozen=True)
class ListedSubmission:
    """One submission in the host's list; `status` is PENDING, COMPLETE or ERROR.

    `bytes` is the size of the file, `team` its sender, where the host lists them.
    """

    ref: int
    date: str | None
    description: str
    file_name: str
    status: str
    error: str
    public_score: float | None
    private_score: float | None
    bytes: int | None = None
    team: str = ""


@dataclass(frozen=True)
class SubmissionLookup:
    """The limits, the submission that was looked for, if it is there, and what is listed beside it.

    `listed` counts the submissions in the list that the host did not refuse; all of them where
    nothing was found.
    """

    limits: Limits
    found: ListedSubmission | None
    listed: int = 0


@dataclass(frozen=True)
class HostListing:
    """Limits, this team's submissions (newest first), and the leaderboard, best team first.

    `leaderboard` has `team` and `score` of each row; None where the host shows none. Unless it
    `is_whole` it is the top alone. `own` is the place of this user's team in it (0 for the first),
    `split` the rows that the scores are of, `digits` the number of decimals shown.
    """

    limits: Limits
    submissions: tuple[ListedSubmission, ...]
    leaderboard: tuple[Mapping[str, Any], ...] | None
    is_whole: bool = False
    own: int | None = None
    split: Literal["public", "private"] = "public"
    digits: int = 5


class Client(Protocol):
    """The calls that podium makes to a host.

    Reading calls may be repeated. `submit` tries once and may have worked although it raised: look
    for the marker before trying again. Its last step stands in `attempt.json` beside the file, if
    the client records it.
    """

    def look(self, marker: str) -> SubmissionLookup: ...

    def submit(self, file: Path, description: str) -> int:
        """Return the host's reference (never 0)."""

    def wait(self, marker: str, wait_s: float) -> ListedSubmission | None: ...

    def listing(self) -> HostListing: ...

    def download(self, folder: Path) -> list[str]: ...


class KaggleClient:
    """The official client, unmodified, in a process of its own with a time limit for every call."""

    def __init__(self, endpoint: Endpoint, slug: str, *, timeout_s: float = CALL_TIMEOUT_S) -> None:
        self._endpoint, self._slug, self._timeout_s = endpoint, slug, timeout_s

    def look(self, marker: str) -> SubmissionLookup:
        answer = self._call("look", {"marker": marker})
        found = answer["found"]
        return SubmissionLookup(
            Limits(**answer["limits"]),
            None if found is None else ListedSubmission(**found),
            answer["listed"],
        )

    def submit(self, file: Path, description: str) -> int:
        seconds = file.stat().st_size / SLOWEST_UPLOAD_BYTES_PER_S
        path = file.resolve()
        attempt = path.with_name(ATTEMPT_FILE)
        sent = {"file": str(path), "description": description, "attempt": str(attempt)}
        note_attempt(attempt, "started")  # from here on its process records each step
        return int(self._call("submit", sent, extra_s=seconds)["ref"])

    def wait(self, marker: str, wait_s: float) -> ListedSubmission | None:
        found = self._call("wait", {"marker": marker, "wait_s": wait_s}, extra_s=wait_s)
        return None if found is None else ListedSubmission(**found)

    def listing(self) -> HostListing:
        answer = call_official(
            self._endpoint, "board:listing", {"slug": self._slug}, timeout_s=self._timeout_s
        )
        return HostListing(
            Limits(**answer.pop("limits")),
            tuple(ListedSubmission(**entry) for entry in answer.pop("submissions")),
            None if (teams := answer.pop("leaderboard")) is None else tuple(teams),
            **answer,
        )

    def download(self, folder: Path, *, timeout_s: float = 24 * 3600.0) -> list[str]:
        names: list[str] = self._call(
            "download", {"folder": str(folder.resolve())}, extra_s=timeout_s
        )
        return names

    def _call(self, function: str, argument: dict[str, Any], *, extra_s: float = 0.0) -> Any:
        return call_official(
            self._endpoint,
            f"files:{function}",
            {**argument, "slug": self._slug},
            timeout_s=self._timeout_s + extra_s,
        )


def call_official(
    endpoint: Endpoint, target: str, argument: dict[str, Any], *, timeout_s: float
) -> Any:
    """Return what a function of `submissions.official` returns, in a process of its own.

    Args:
        endpoint: where the calls go, and as whom.
        target: "module:function" in that folder.
        argument: a JSON value; `session` needs its `slug`.
        timeout_s: seconds after which the process is killed.

    Raises:
        PodiumError: as the function does; HostError: no answer in time, or its process failed;
            RunError: the process could not be started.
    """
    try:
        return _called(endpoint, target, argument, timeout_s)
    except OSError as error:
        raise from_os_error(error) from error


def _called(endpoint: Endpoint, target: str, argument: dict[str, Any], timeout_s: float) -> Any:
    # For this user alone: the client leaves state with upload tokens in it.
    with temporary_folder("podium-client") as private:
        try:
            return processes.call(
                f"podium.submissions.official.{target}",
                argument,
                timeout_s=timeout_s,
                env=client_variables(endpoint, private, ours=os.environ),
            )
        except TaskTimeoutError as error:
            raise HostError(
                f"the host did not answer in time: {error.message}", fix=error.fix
            ) from None
        except RunError as error:
            raise HostError(
                f"the official client's process failed: {error.message}",
                fix=error.fix or "repeat the command: it checks the host first",
            ) from None
