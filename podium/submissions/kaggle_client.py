"""The one file that touches the official client. Its functions run in a process of their own.

Importing `kaggle` logs in, prints, and calls the network without a time limit, so nothing here is
called directly: `client.py` starts a process with a time limit for each function. All take and
return JSON values. No output of the client and no text that could hold a token or an upload address
leaves this file.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from podium.errors import HostError, PodiumError, QuotaError

__all__ = ["download", "listing", "look", "submit", "wait"]

T = TypeVar("T")
Json = dict[str, Any]

PAGE_SIZE = 100
MAX_PAGES = 200
_TRIES = 3
_FIRST_PAUSE_S = 0.5
_SHORTEST_POLL_S, _LONGEST_POLL_S = 1.0, 15.0
_HOW_TO_LOG_IN = (
    "make a token at https://www.kaggle.com/settings/api and put it into ~/.kaggle/access_token "
    "(chmod 600), or into the variable KAGGLE_API_TOKEN; see `podium doctor`"
)


def look(argument: Json) -> Json:
    """Return the limits, and the submission whose description holds `marker`, or None."""
    with _session(argument) as (api, slug):
        found = _patiently(lambda: _find(api, slug, argument["marker"]))
        return {"limits": _patiently(lambda: _limits(api, slug)), "found": found}


def submit(argument: Json) -> Json:
    """Upload `file` once and return the reference that the host gave; no reference is an error.

    Raises:
        HostError: the host refused, or the upload failed: the client says so by returning ref 0.
    """
    with _session(argument) as (api, slug):
        answer = api.competition_submit(argument["file"], argument["description"], slug, quiet=True)
        if not answer.ref:
            raise HostError(
                f"the host took no submission: {_clean(answer.message) or 'it gave no reason'}",
                fix="repeat the command; nothing was submitted",
            )
        return {"ref": int(answer.ref), "message": _clean(answer.message)}


def wait(argument: Json) -> Json | None:
    """Return the submission `marker` once it is scored or refused, or as it is after `wait_s`."""
    deadline = time.monotonic() + argument["wait_s"]
    pause = _SHORTEST_POLL_S
    with _session(argument) as (api, slug):
        while True:
            found = _patiently(lambda: _find(api, slug, argument["marker"]))
            if found is not None and found["status"] != "PENDING":
                return found
            if time.monotonic() + pause > deadline:
                return found
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_POLL_S)


def listing(argument: Json) -> Json:
    """Return limits, every submission of this user's team, and the top of the leaderboard."""
    with _session(argument) as (api, slug):
        return {
            "limits": _patiently(lambda: _limits(api, slug)),
            "submissions": _patiently(lambda: list(_submissions(api, slug))),
            "leaderboard": _patiently(lambda: _leaderboard(api, slug)),
        }


def download(argument: Json) -> list[str]:
    """Download the competition's files as one archive into `folder`; return what it then holds."""
    folder = Path(argument["folder"])
    with _session(argument) as (api, slug):
        api.competition_download_files(slug, path=str(folder), quiet=True)
    return sorted(entry.name for entry in folder.iterdir())


@contextlib.contextmanager
def _session(argument: Json) -> Iterator[tuple[Any, str]]:
    """Give the logged-in client and the slug; output is swallowed, every exception made ours."""
    os.umask(0o077)  # the client's own state files hold upload tokens
    sys.argv = ["podium"]  # it looks for its own options among ours
    swallowed = io.StringIO()
    with contextlib.redirect_stdout(swallowed), contextlib.redirect_stderr(swallowed):
        try:
            yield _logged_in(), argument["slug"]
        except PodiumError:
            raise
        except Exception as error:
            # No `from`: the cause's text may hold an address with a token in it.
            raise _translated(error, argument["slug"]) from None


def _logged_in() -> Any:
    import kaggle

    api = kaggle.api
    if not api._authenticated:
        try:
            api.authenticate()  # once more: the import hides why it failed
        except SystemExit:
            raise _no_credentials() from None
    return api


def _no_credentials() -> HostError:
    from kagglesdk.kaggle_env import get_access_token_from_env

    token, source = get_access_token_from_env()
    if token is None:
        return HostError("there are no Kaggle credentials", fix=_HOW_TO_LOG_IN)
    place = "~/.kaggle/access_token" if source == "access_token" else f"the variable {source}"
    return HostError(f"the token in {place} is not valid or has expired", fix=_HOW_TO_LOG_IN)


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


def _patiently(call: Callable[[], T]) -> T:
    """Return what a reading call returns, trying again when the network or the host stumbles."""
    import requests

    pause = _FIRST_PAUSE_S
    for attempt in range(_TRIES):
        try:
            return call()
        except requests.RequestException as error:
            status = getattr(error.response, "status_code", None)
            if attempt == _TRIES - 1 or (status is not None and status != 429 and status < 500):
                raise
            time.sleep(pause)
            pause *= 3
    raise AssertionError("unreachable")


def _translated(error: Exception, slug: str) -> PodiumError:
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return _refusal(error.response.status_code, _clean(str(error)), slug)
    if isinstance(error, requests.JSONDecodeError):
        return HostError("the host's answer is not JSON", fix="repeat the command later")
    if isinstance(error, requests.Timeout):
        return HostError("the host did not answer in time", fix="repeat the command")
    if isinstance(error, requests.RequestException):
        return HostError(
            f"the connection to the host failed ({type(error).__name__})",
            fix="check the network (`podium doctor`), then repeat the command",
        )
    return HostError(
        f"the official client failed: {type(error).__name__}: {_clean(str(error))}",
        fix="repeat the command; if it stays, compare the client's version with `podium doctor`",
    )


def _refusal(status: int, message: str, slug: str) -> PodiumError:
    if re.search(r"allowance|daily limit|submission limit", message, re.IGNORECASE):
        return QuotaError(message, fix="wait for the next day (UTC)")
    fixes = {
        401: _HOW_TO_LOG_IN,
        403: f"accept the rules at https://www.kaggle.com/competitions/{slug}/rules",
        404: f"check kaggle.slug in competition.yaml: {slug!r} is not known, or it is closed",
        429: "wait a few minutes, then repeat the command",
    }
    default = "repeat the command later" if status >= 500 else "mend what the message says"
    return HostError(f"the host refused ({status}): {message}", fix=fixes.get(status, default))


def _clean(text: str | None) -> str:
    """Return `text` without addresses and anything as long as a token, cut to a line."""
    without = re.sub(r"https?://\S+", "<address>", text or "")
    without = re.sub(r"(?i)\b(bearer|basic)\s+\S+", r"\1 <hidden>", without)
    return re.sub(r"[A-Za-z0-9_\-]{32,}", "<hidden>", without).strip()[:500]
