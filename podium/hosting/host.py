"""One competition at work: permissions, uploads, submissions, and the leaderboard of teams.

A team's rank comes from its best public score, or from the best private one of its finals.
"""

from __future__ import annotations

import logging
import secrets
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import sqlalchemy as sa

from podium.errors import DataError, QuotaError, UsageError
from podium.hosting.quota import DailyQuota
from podium.hosting.scoring.pool import (
    HostStoppedError,
    LoadedSolution,
    ScoringPool,
    SolutionChangedError,
)
from podium.hosting.scoring.rescoring import current_solution
from podium.hosting.scoring.score import HiddenAnswers
from podium.hosting.scoring.solution import read_solution
from podium.hosting.spec import HostFolder, HostSpec, file_state
from podium.hosting.store import Row, StaleSolutionError, Store
from podium.hosting.users import Roster, User
from podium.workspace.atomic import flush
from podium.workspace.machine import now

__all__ = ["Host", "RefusedError", "finals_of", "private_leaderboard", "public_leaderboard"]


_logger = logging.getLogger(__name__)

_MAX_TEXT = 500
_UNUSED_AFTER, _SWEEP_EVERY = timedelta(days=1), timedelta(hours=1)
_DISK_KEPT_BYTES = 64 << 20  # for the database
_MOST_SCORING = 64  # teams whose submissions are scored or wait for that
_SUBMITTED = "this upload was submitted already"


class RefusedError(Exception):
    """A call that the host does not grant: the HTTP status, and words for the client to show."""

    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message
        super().__init__(message)


class Host:
    """The competition of one folder; an acknowledged submission is scored and on the disk.

    Several threads may use it.

    Args:
        folder: as `init_host` made it.
        clock: the time, aware; days of the quota are its UTC days.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = now) -> None:
        self.folder = HostFolder(folder)
        self._spec_state = file_state(self.folder.spec_file)
        self._spec = self.folder.spec()
        self._roster = Roster(self.folder.tokens)
        self._clock = clock
        self._store = Store(self.folder.database)
        self._load_solution()
        self._pool = ScoringPool()
        # Of their own: while many wait in them for scores, all other calls go on.
        self.scoring_threads = ThreadPoolExecutor(_MOST_SCORING, "podium-scoring")
        self._sweep()
        self._better = self.spec.scored_by.greater_is_better

    def stop(self) -> bool:
        """Score nothing more; return whether a submission is being scored, which is finished."""
        return self._pool.stop()

    def close(self) -> None:
        self._pool.close()
        self.scoring_threads.shutdown()
        self._store.close()

    @property
    def spec(self) -> HostSpec:
        """The settings: limits, title and deadline from host.yaml now, the rest as at the start."""
        state = file_state(self.folder.spec_file)
        if state != self._spec_state:
            self._spec_state = state
            try:
                current = self.folder.spec()
            except UsageError as error:
                _logger.error("settings stay as they were: %s", error)
            else:
                kept = ("slug", "format", "metric")
                same = {name: getattr(self._spec, name) for name in kept}
                self._spec = current.model_copy(update=same)
        return self._spec

    def _load_solution(self) -> None:
        """Read the solution that counts, and the metric: rescoring may have changed both."""
        self._spec = self._spec.model_copy(update={"metric": self.folder.spec().metric})
        while True:
            file, digest = current_solution(self.folder, self._spec, self._store)
            state = file_state(file)
            try:
                solution = read_solution(file, self._spec.format)
            except DataError:
                if file_state(file) == state is not None:
                    raise
                continue  # a rescoring moved it meanwhile
            self._answers = LoadedSolution(solution, file, digest, state)
            return

    def _sweep(self) -> None:
        """Remove uploads that were begun a day ago and never submitted, and what a kill left."""
        self._swept = self._clock()
        before = self._swept - _UNUSED_AFTER
        for number in self._store.sweep(before):
            self.upload_path(number).unlink(missing_ok=True)
        for part in self.folder.uploads.glob("*.part"):
            with suppress(FileNotFoundError):
                if part.stat().st_mtime < before.timestamp():
                    part.unlink()

    @property
    def _solution(self) -> HiddenAnswers:
        return self._answers.solution

    def user(self, secret: str, name: str | None = None) -> str:
        """Return whose `secret` it is; with a `name` it must be theirs.

        Raises:
            RefusedError: 401.
        """
        user = self._roster.holder(secret)
        if user is None or (name is not None and name != user.name):
            raise RefusedError(401, "the token is not valid here")
        return user.name

    def holder(self, secret: str) -> User | None:
        """Return whose `secret` it is, or None."""
        return self._roster.holder(secret)

    def member(self, name: str) -> User | None:
        """Return the user of that name, or None."""
        return self._roster.users().get(name)

    def finals(self, team: str) -> tuple[list[Row], list[int]]:
        """Return the team's submissions, newest first, and the numbers of its finals."""
        rows = self._store.submissions(team)
        chosen = finals_of(rows, finals=self.spec.finals, higher_is_better=self._better)
        return rows, [row["ref"] for row in chosen]

    def choose(self, user: str, refs: Sequence[int]) -> None:
        """Make these the finals of the user's team; none: the best public ones.

        Raises:
            RefusedError: 400: the deadline has passed, or they are too many or not the team's.
        """
        self._refuse_late()
        team, limit = self.team(user), self.spec.finals
        valid = {r["ref"] for r in self._store.submissions(team) if r["status"] == "COMPLETE"}
        if len(set(refs)) > limit or not valid.issuperset(refs):
            raise RefusedError(400, f"choose up to {limit} valid submissions of your team")
        self._store.choose(team, list(set(refs)))

    def start_upload(self, user: str, n_bytes: int, file_name: str) -> str:
        """Return the secret that names a new upload of so many bytes.

        Raises:
            RefusedError: 400 after the deadline, 413 too large, 429 too many, 507 a full disk.
        """
        self._refuse_late()
        if not 0 <= n_bytes <= self.spec.max_upload_bytes:
            raise RefusedError(413, f"a submission may have {self.spec.max_upload_bytes:,} bytes")
        if self._clock() - self._swept > _SWEEP_EVERY:
            self._sweep()
        self.refuse_full(n_bytes)
        token = secrets.token_urlsafe(32)
        name = PurePosixPath((file_name or "submission.csv").replace("\\", "/")).name
        try:
            self._store.start_upload(
                token=token,
                user=user,
                team=self.team(user),
                file_name=_plain(name)[:200],
                n_bytes=n_bytes,
                at=self._clock(),
                quota=self._quota(),
            )
        except QuotaError as error:
            raise RefusedError(429, error.message) from error
        return token

    def submit(self, user: str, token: str, description: str) -> int:
        """Score the upload that `token` names, keep the submission and return its number.

        Raises:
            RefusedError: 400: after the deadline, over the quota, or no finished upload of `user`.
        """
        self._refuse_late()
        upload = self._store.upload(token)
        if upload is None or upload["user"] != user or not upload["is_complete"]:
            raise RefusedError(400, "there is no finished upload of yours with this token")
        known = self._store.of_upload(upload["id"])
        return known["ref"] if known is not None else self._add(user, upload, description)

    def refuse_full(self, n_bytes: int = 0) -> None:
        """Refuse, with 507, where so many bytes more would fill the disk."""
        if shutil.disk_usage(self.folder.uploads).free < n_bytes + _DISK_KEPT_BYTES:
            raise RefusedError(507, "the host's disk is full; tell its owner")

    def upload_of(self, token: str) -> tuple[int, int]:
        """Return number and announced size of the upload that `token` names.

        Raises:
            RefusedError: 404; 409 when it was submitted: the file that was scored is kept.
        """
        upload = self._store.upload(token)
        if upload is None:
            raise RefusedError(404, "there is no such upload")
        if upload["is_sealed"] or self._store.of_upload(upload["id"]) is not None:
            raise RefusedError(409, _SUBMITTED)
        return upload["id"], upload["bytes"]

    def upload_path(self, number: int) -> Path:
        return self.folder.uploads / f"{number}.csv"

    def finish_upload(self, number: int, part: Path | None = None) -> None:
        """Take the bytes in `part` (default: those in place) as the upload.

        Raises:
            RefusedError: 409: it is being scored, or was.
        """

        def place() -> None:
            if part is not None:
                part.replace(self.upload_path(number))
                flush(self.folder.uploads)  # the name, too, survives a power cut

        if not self._store.finish_upload(number, place):
            raise RefusedError(409, _SUBMITTED)

    def data_file(self, name: str) -> Path:
        """Return the path of the public file `name`.

        Raises:
            RefusedError: 404, also for every name that leads out of the folder.
        """
        root = self.folder.files.resolve()
        try:
            path = root if "\0" in name else (root / name).resolve()
            if path.is_relative_to(root) and path.is_file():
                return path
        except (OSError, ValueError, RuntimeError):
            pass  # too long for the system, no text of its, or a circle of links
        raise RefusedError(404, "there is no such file")

    def data_files(self) -> list[Path]:
        """Return the public files, sorted by their path."""
        root = self.folder.files.resolve()
        every = (path for path in self.folder.files.rglob("*") if path.is_file())
        return sorted(path for path in every if path.resolve().is_relative_to(root))

    def leaderboard(self, *, private: bool | None = None) -> list[RankedTeam]:
        """Return (team, score, when), best first; equal ones: the earlier first.

        Args:
            private: the best private score of each team's finals instead of its best public one;
                None: once the deadline has passed.
        """
        rows = self._store.submissions()
        if self.is_over() if private is None else private:
            return private_leaderboard(rows, finals=self.spec.finals, higher_is_better=self._better)
        return public_leaderboard(rows, higher_is_better=self._better)

    def scored(self) -> list[tuple[str, float, datetime]]:
        """Return (team, public score, when) of each submission that has one, oldest first."""
        return [
            (row["team"], float(row["public"]), datetime.fromisoformat(row["at"]))
            for row in reversed(self._store.submissions())
            if row["public"] is not None
        ]

    @property
    def public_share(self) -> float:
        """Share of the scored rows that is public, in [0, 1]."""
        n_public = int(self._solution.public.sum())
        return n_public / max(1, n_public + int(self._solution.private.sum()))

    def now(self) -> datetime:
        """Return the host's time, aware."""
        return self._clock()

    def is_over(self) -> bool:
        """Return whether the deadline has passed."""
        return self.spec.deadline is not None and self._clock() > self.spec.deadline

    def team(self, user: str) -> str:
        """Return the team of the user.

        Raises:
            RefusedError: 401: the user was taken out of the class.
        """
        found = self._roster.users().get(user)
        if found is None:
            raise RefusedError(401, "the token is not valid here")
        return found.team

    def submissions(self, user: str) -> list[Row]:
        """Return the submissions of the user's team, newest first."""
        return self._store.submissions(self.team(user))

    def count(self, user: str, day: datetime | None = None) -> int:
        """Return how many valid submissions the user's team has, on a UTC day or ever."""
        return self._store.count(self.team(user), day)

    def _add(self, user: str, upload: Row, description: str) -> int:
        at, team = self._clock(), self.team(user)
        try:
            self._quota().check_submission(self._store.count(team, at))
        except QuotaError as error:
            raise RefusedError(400, error.message) from error
        self._store.seal(upload["id"])
        while True:
            answers = self._answers
            try:
                return self._store.add(
                    upload=upload["id"],
                    user=user,
                    team=team,
                    at=at,
                    description=_plain(description)[:_MAX_TEXT],
                    outcome=self._pool.score(self.upload_path(upload["id"]), self.spec, answers),
                    quota=self._quota(),
                    solution=answers.digest,
                )
            except (StaleSolutionError, SolutionChangedError):
                self._load_solution()
            except HostStoppedError as error:
                raise RefusedError(503, "the host is being stopped: try again later") from error
            except QuotaError as error:
                raise RefusedError(400, error.message) from error

    def _quota(self) -> DailyQuota:
        return DailyQuota(self.spec.daily_limit, self.spec.max_upload_bytes)

    def _refuse_late(self) -> None:
        if self.is_over():
            raise RefusedError(400, "the competition is over: the deadline has passed")


def _plain(text: str) -> str:
    """Return `text` without control characters."""
    return "".join(one for one in text if one.isprintable())


RankedTeam = tuple[str, float, str]  # team, score, when
ScoredRow = Mapping[str, Any] | sa.RowMapping


def public_leaderboard(entries: Iterable[ScoredRow], *, higher_is_better: bool) -> list[RankedTeam]:
    """Return each team's best public score, best first; of equal ones the earlier is first.

    Args:
        entries: submissions with `ref`, `team`, `public`, `at`; a score may be None.
        higher_is_better: of the metric.
    """
    return _leaderboard(entries, "public", higher_is_better)


def private_leaderboard(
    entries: Sequence[ScoredRow], *, finals: int, higher_is_better: bool
) -> list[RankedTeam]:
    """Return the best private score among each team's finals; public ones where nothing is private.

    Args:
        entries: as in `public_leaderboard`, with `private` and `is_final`.
        finals: how many submissions of a team count where it chose none.
        higher_is_better: of the metric.
    """
    teams: dict[str, list[ScoredRow]] = {}
    for entry in entries:
        teams.setdefault(entry["team"], []).append(entry)
    counted = [
        entry
        for mine in teams.values()
        for entry in finals_of(mine, finals=finals, higher_is_better=higher_is_better)
    ]
    is_hidden = any(entry["private"] is not None for entry in counted)
    return _leaderboard(counted, "private" if is_hidden else "public", higher_is_better)


def finals_of(
    entries: Sequence[ScoredRow], *, finals: int, higher_is_better: bool
) -> list[ScoredRow]:
    """Return the finals of one team: those that it chose, else its best public ones."""
    valid = [entry for entry in entries if entry["status"] == "COMPLETE"]
    chosen = [entry for entry in valid if entry["is_final"]]
    if chosen:
        return chosen
    sign = -1.0 if higher_is_better else 1.0

    def order(entry: ScoredRow) -> tuple[bool, float, int]:
        score = entry["public"]
        # Without public rows the latest count: no score shows which is best.
        if score is None:
            return True, 0.0, -entry["ref"]
        return False, sign * score, entry["ref"]

    return sorted(valid, key=order)[:finals]


def _leaderboard(
    entries: Iterable[ScoredRow], split: str, higher_is_better: bool
) -> list[RankedTeam]:
    sign = -1.0 if higher_is_better else 1.0
    best: dict[str, tuple[float, str, int]] = {}
    for entry in entries:
        if entry[split] is None:
            continue
        mine = (sign * entry[split], entry["at"], entry["ref"])
        best[entry["team"]] = min(best.get(entry["team"], mine), mine)
    order = sorted(best, key=lambda team: best[team])
    return [(team, sign * best[team][0], best[team][1]) for team in order]
