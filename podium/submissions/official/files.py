"""Competition files and submissions through the official client; see `session` for the rules."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podium.errors import HostError
from podium.submissions.official.session import Json, clean, patiently, session

__all__ = ["download", "listing", "look", "submit", "wait"]

PAGE_SIZE = 100
MAX_PAGES = 200
_SHORTEST_POLL_S, _LONGEST_POLL_S = 1.0, 15.0


def look(argument: Json) -> Json:
    """Return the limits, and the submission whose description holds `marker`, or None."""
    with session(argument) as (api, slug):
        found = patiently(lambda: _find(api, slug, argument["marker"]))
        return {"limits": patiently(lambda: _limits(api, slug)), "found": found}


def submit(argument: Json) -> Json:
    """Upload `file` once and return the reference that the host gave; no reference is an error.

    Raises:
        HostError: the host refused, or the upload failed: the client says so by returning ref 0.
    """
    with session(argument) as (api, slug):
        answer = api.competition_submit(argument["file"], argument["description"], slug, quiet=True)
        if not answer.ref:
            raise HostError(
                f"the host took no submission: {clean(answer.message) or 'it gave no reason'}",
                fix="repeat the command; nothing was submitted",
            )
        return {"ref": int(answer.ref), "message": clean(answer.message)}


def wait(argument: Json) -> Json | None:
    """Return the submission `marker` once it is scored or refused, or as it is after `wait_s`."""
    deadline = time.monotonic() + argument["wait_s"]
    pause = _SHORTEST_POLL_S
    with session(argument) as (api, slug):
        while True:
            found = patiently(lambda: _find(api, slug, argument["marker"]))
            if found is not None and found["status"] != "PENDING":
                return found
            if time.monotonic() + pause > deadline:
                return found
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_POLL_S)


def listing(argument: Json) -> Json:
    """Return limits, every submission of this user's team, and the top of the leaderboard."""
    with session(argument) as (api, slug):
        return {
            "limits": patiently(lambda: _limits(api, slug)),
            "submissions": patiently(lambda: list(_submissions(api, slug))),
            "leaderboard": patiently(lambda: _leaderboard(api, slug)),
        }


def download(argument: Json) -> list[str]:
    """Download the competition's files as one archive into `folder`; return what it then holds."""
    folder = Path(argument["folder"])
    with session(argument) as (api, slug):
        api.competition_download_files(slug, path=str(folder), quiet=True)
    return sorted(entry.name for entry in folder.iterdir())


def _limits(api: Any, slug: str) -> Json:
    limits = api.competition_get_submission_limits(slug)
    return {
        "today": limits.num_today,
        "total": limits.num_total,
        "left": limits.num_allowed_now,
        "limited_by_total": limits.limited_by_total,
    }


def _find(api: Any, slug: str, marker: str) -> Json | None:
    for entry in _submissions(api, slug):
        if marker in entry["description"]:
            return entry
    return None


def _submissions(api: Any, slug: str) -> Iterator[Json]:
    """Yield the team's submissions, newest first; the client's own call drops all but one page."""
    from kagglesdk.competitions.types.competition_api_service import ApiListSubmissionsRequest

    request = ApiListSubmissionsRequest()
    request.competition_name, request.page_size = slug, PAGE_SIZE
    with api.build_kaggle_client() as kaggle:
        for _ in range(MAX_PAGES):
            page = kaggle.competitions.competition_api_client.list_submissions(request)
            yield from map(_entry, page.submissions)
            if not page.next_page_token or page.next_page_token == request.page_token:
                return
            request.page_token = page.next_page_token


def _entry(submission: Any) -> Json:
    date = submission.date
    return {
        "ref": submission.ref,
        "date": None if date is None else date.isoformat() + "Z",
        "description": submission.description or "",
        "file_name": submission.file_name or "",
        "status": submission.status.name,
        "error": submission.error_description or "",
        "public_score": _score(submission.public_score),
        "private_score": _score(submission.private_score),
    }


def _leaderboard(api: Any, slug: str) -> list[Json]:
    entries = api.competition_leaderboard_view(slug, page_size=PAGE_SIZE) or []
    return [{"team": entry.team_name or "", "score": _score(entry.score)} for entry in entries]


def _score(text: str | None) -> float | None:
    """Return a score, which the protocol has as text, blank while there is none."""
    try:
        return float(text) if text else None
    except ValueError:
        return None
