"""Competition files and submissions through the official client; see `session` for the rules."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from podium.submissions.official.session import (
    Json,
    is_transient,
    noting_attempt,
    redact,
    ref_of,
    session,
    with_retries,
    wrong_shape,
)
from podium.submissions.upload.attempt import Stage, note_attempt
from podium.workspace.machine import now

__all__ = [
    "deadline_of",
    "download",
    "limits_of",
    "look",
    "score_of",
    "submissions_of",
    "submit",
    "wait",
]

PAGE_SIZE = 100
MAX_PAGES = 200
_SHORTEST_POLL_S, _LONGEST_POLL_S = 1.0, 15.0


def look(argument: Json) -> Json:
    """Return the fields of `client.SubmissionLookup`: limits, the submission, how many there are.

    The limits come last: what they count was made before, so that the list can only be behind.
    """
    with session(argument) as (api, slug):
        found, n_listed = with_retries(lambda: _find(api, slug, argument["marker"]))
        limits = with_retries(lambda: limits_of(api, slug))
        return {"limits": limits, "found": found, "listed": n_listed}


def submit(argument: Json) -> Json:
    """Upload `file` once and return the host's reference; no reference is an error.

    The file `attempt` records each step: see `attempt.UploadAttempt`.

    Raises:
        HostError: the host refused, or the upload failed: the client returns ref 0 then.
    """
    note = partial(note_attempt, Path(argument["attempt"]))
    with session(argument) as (api, slug):
        _note_each_step(api, note)
        note("called")
        answer = api.competition_submit(argument["file"], argument["description"], slug, quiet=True)
        return {"ref": ref_of(answer, note), "message": redact(answer.message)}


def _note_each_step(api: Any, note: Callable[[Stage], None]) -> None:
    """Have the client's two calls of an upload noted before they are made."""
    build = api.build_kaggle_client

    def built() -> Any:
        kaggle = build()
        calls = kaggle.competitions.competition_api_client
        start = calls.start_submission_upload

        def noted_start(request: Any) -> Any:
            note("uploading")
            return start(request)

        calls.start_submission_upload = noted_start
        calls.create_submission = noting_attempt(calls.create_submission, note)
        return kaggle

    api.build_kaggle_client = built


def wait(argument: Json) -> Json | None:
    """Return the submission `marker` once it is scored or refused, or its state after `wait_s`.

    A failed request is repeated while there is time.
    """
    deadline = time.monotonic() + argument["wait_s"]
    pause = _SHORTEST_POLL_S
    with session(argument) as (api, slug):
        while True:
            is_last = time.monotonic() + pause > deadline
            try:
                found, _ = with_retries(lambda: _find(api, slug, argument["marker"]))
            except Exception as error:
                if is_last or not is_transient(error):
                    raise
            else:
                if is_last or (found is not None and found["status"] != "PENDING"):
                    return found
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_POLL_S)


def download(argument: Json) -> list[str]:
    """Download the competition's files as one archive into `folder`; return what it then holds."""
    folder = Path(argument["folder"])
    with session(argument) as (api, slug):
        api.competition_download_files(slug, path=str(folder), quiet=True)
    return sorted(entry.name for entry in folder.iterdir())


def limits_of(api: Any, slug: str) -> Json:
    """Return the fields of `client.Limits`."""
    limits = api.competition_get_submission_limits(slug)
    found = {
        "today": limits.num_today,
        "total": limits.num_total,
        "left": limits.num_allowed_now,
        "limited_by_total": limits.limited_by_total,
    }
    if not all(isinstance(one, int) for one in found.values()):
        raise wrong_shape()
    if found["left"] <= 0 and not found["limited_by_total"]:
        found["ended"] = _end(api, slug, today=found["today"])
    return found


def deadline_of(api: Any, slug: str) -> datetime | None:
    """Return when the competition ends or ended, in UTC without a zone; None: it has no end."""
    from kagglesdk.competitions.types.competition_api_service import ApiGetCompetitionRequest

    request = ApiGetCompetitionRequest()
    request.competition_name = slug
    with api.build_kaggle_client() as kaggle:
        found = kaggle.competitions.competition_api_client.get_competition(request)
    deadline: datetime | None = found.deadline
    return deadline


def _end(api: Any, slug: str, *, today: int) -> str:
    """Return the deadline where it is why no submission is left, else "".

    Kaggle takes late submissions, each day as many as before: of those a quota may be used up.
    """
    import requests

    if today > 0 and os.environ.get("KAGGLE_API_ENVIRONMENT") != "LOCALHOST":
        return ""
    try:
        deadline = deadline_of(api, slug)
    except requests.RequestException:
        return ""
    is_over = deadline is not None and deadline < now().replace(tzinfo=None)
    return f"{deadline:%Y-%m-%d %H:%M}" if is_over else ""


def _find(api: Any, slug: str, marker: str) -> tuple[Json | None, int]:
    """Return the submission, or None, and how many that were not refused were listed until then."""
    n_listed = 0
    for entry in submissions_of(api, slug):
        n_listed += entry["status"] != "ERROR"
        # At the start, where ours stands: the message of another submission may contain this text.
        if entry["description"].lstrip().startswith(marker):
            return entry, n_listed
    return None, n_listed


def submissions_of(api: Any, slug: str) -> Iterator[Json]:
    """Yield the team's submissions, newest first; the client's own call drops all but one page."""
    from kagglesdk.competitions.types.competition_api_service import ApiListSubmissionsRequest

    request = ApiListSubmissionsRequest()
    request.competition_name, request.page_size = slug, PAGE_SIZE
    with api.build_kaggle_client() as kaggle:
        for _ in range(MAX_PAGES):
            page = kaggle.competitions.competition_api_client.list_submissions(request)
            yield from map(_entry, page.submissions or ())
            if not page.next_page_token or page.next_page_token == request.page_token:
                return
            request.page_token = page.next_page_token


def _entry(submission: Any) -> Json:
    if not submission.ref or submission.status is None:
        raise wrong_shape()
    date = submission.date
    return {
        "ref": submission.ref,
        "date": None if date is None else date.isoformat() + "Z",
        "description": submission.description or "",
        "file_name": submission.file_name or "",
        "status": submission.status.name,
        "error": redact(submission.error_description, keep_long_words=True),
        "public_score": score_of(submission.public_score),
        "private_score": score_of(submission.private_score),
        "bytes": submission.total_bytes or None,
        "team": submission.team_name or "",
    }


def score_of(text: str | None) -> float | None:
    """Return a score, which the protocol has as text; None for a blank, and for no number."""
    try:
        score = float(text) if text else None
    except ValueError:
        return None
    return score if score is not None and math.isfinite(score) else None
