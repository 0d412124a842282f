"""The calls of the protocol: what each takes and returns as JSON, without HTTP."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from podium.hosting.host import Host, RefusedError
from podium.hosting.store import Row

__all__ = ["Redirect", "is_open", "is_slow", "respond"]

Json = dict[str, Any]

MAX_PAGE = 200
_DEFAULT_PAGE = 20


class Redirect(str):
    """The path under which the host serves the bytes of a call."""

    __slots__ = ()


def is_open(call: str) -> bool:
    """Return whether `call`, `service/Method`, needs no token."""
    return call in _OPEN


def is_slow(call: str) -> bool:
    """Return whether `call` scores a submission, which takes its time."""
    return call == f"{_COMPETITIONS}/CreateSubmission"


def respond(host: Host, call: str, user: str, body: Json) -> Json | Redirect:
    """Return the answer to `call`, which `user` made.

    Raises:
        RefusedError: with the status and message that the client shows.
    """
    if call in _OPEN:
        return _OPEN[call](host, body)
    if call not in _CALLS:
        raise RefusedError(501, f"this host has no {call}")
    named = body.get("competitionName")
    if named is not None and named != host.spec.slug:
        raise RefusedError(404, f"there is no competition {str(named)[:100]!r} here")
    return _CALLS[call](host, user, body)


def _introspect(host: Host, body: Json) -> Json:
    user = host.holder(_text(body, "token"))
    if user is None:
        return {"active": False}
    number = _number_of(user.name)
    return {"active": True, "username": user.name, "userId": number, "scope": ""}


def _competitions(host: Host, user: str, body: Json) -> Json:
    about = _about(host, user)
    search = _text(body, "search").lower()
    tab = _text(body, "group").upper().rpartition("TAB_")[2]
    kind = _text(body, "category").upper().rpartition("SEGMENT_")[2]
    is_requested = (
        search in f"{host.spec.slug} {host.spec.title}".lower()
        and tab not in _TABS_OF_ORGANISERS
        and (tab != "ENTERED" or about["userHasEntered"])
        and kind in _OUR_KINDS
    )
    found, token = _page([about] if is_requested else [], body)
    return {"competitions": list(found), "nextPageToken": token}


_TABS_OF_ORGANISERS = ("HOSTED", "UNLAUNCHED", "UNLAUNCHED_COMMUNITY")
_OUR_KINDS = ("", "UNSPECIFIED", "ALL", "COMMUNITY")


def _competition(host: Host, user: str, _: Json) -> Json:
    return _about(host, user)


def _about(host: Host, user: str) -> Json:
    about = {
        "id": 1,
        "ref": host.spec.slug,
        "title": host.spec.title,
        "url": f"/competitions/{host.spec.slug}",
        "category": "podium host",
        "reward": "Knowledge",
        "teamCount": len(host.leaderboard()),
        "userHasEntered": bool(host.submissions(user)),
        "maxDailySubmissions": host.spec.daily_limit,
        "evaluationMetric": host.spec.scored_by.name,
    }
    if host.spec.deadline is not None:
        about["deadline"] = _date(host.spec.deadline)
    return about


def _files(host: Host, _: str, body: Json) -> Json:
    paths, token = _page(host.data_files(), body)
    files = []
    for path in paths:
        name = path.relative_to(host.folder.files).as_posix()
        about = path.stat()
        changed = datetime.fromtimestamp(about.st_mtime, tz=UTC)
        entry = {"ref": name, "name": name, "totalBytes": about.st_size}
        files.append({**entry, "creationDate": _date(changed)})
    return {"files": files, "nextPageToken": token}


def _file(host: Host, _: str, body: Json) -> Redirect:
    path = host.data_file(_text(body, "fileName"))
    inside = path.relative_to(host.folder.files.resolve()).as_posix()
    return Redirect(f"/storage/files/{quote(inside)}")


def _archive(host: Host, _: str, __: Json) -> Redirect:
    return Redirect(f"/storage/archive/{host.spec.slug}.zip")


def _start_upload(host: Host, user: str, body: Json) -> Json:
    n_bytes = body.get("contentLength", 0)
    if type(n_bytes) is not int:
        n_bytes = -1
    token = host.start_upload(user, n_bytes, _text(body, "fileName"))
    return {"token": token, "createUrl": f"/upload/{token}"}


def _create(host: Host, user: str, body: Json) -> Json:
    words = _text(body, "submissionDescription")
    ref = host.submit(user, _text(body, "blobFileTokens"), words)
    # The command line prints the message as it is, and no other call of it shows the reason.
    error = next((row["error"] for row in host.submissions(user) if row["ref"] == ref), "")
    if error:
        return {"message": f"Not scored, and not counted: {error}", "ref": ref}
    return {"message": f"Successfully submitted to {host.spec.title}", "ref": ref}


def _submissions(host: Host, user: str, body: Json) -> Json:
    rows, token = _page(host.submissions(user), body)
    return {"submissions": [_entry(host, row) for row in rows], "nextPageToken": token}


def _submission(host: Host, user: str, body: Json) -> Json:
    for row in host.submissions(user):
        if row["ref"] == body.get("ref"):
            return _entry(host, row)
    raise RefusedError(404, "there is no such submission of yours")


def _entry(host: Host, row: Row) -> Json:
    is_revealed = host.spec.reveal_private or host.is_over()
    return {
        "ref": row["ref"],
        "totalBytes": row["bytes"],
        "date": _date(datetime.fromisoformat(row["at"])),
        "description": row["description"],
        "errorDescription": row["error"],
        "fileName": row["file_name"],
        "publicScore": _score(row["public"]),
        "privateScore": _score(row["private"]) if is_revealed else "",
        "status": row["status"],
        "submittedBy": row["user"],
        "teamName": row["team"],
    }


def _limits(host: Host, user: str, _: Json) -> Json:
    today = host.count(user, host.now())
    left = 0 if host.is_over() else max(0, host.spec.daily_limit - today)
    return {
        "numToday": today,
        "numTotal": host.count(user),
        "numAllowedNow": left,
        "limitedByTotal": False,
    }


def _leaderboard(host: Host, _: str, body: Json) -> Json:
    private = False if body.get("overridePublic") is True else None
    leaderboard, token = _page(host.leaderboard(private=private), body)
    return {
        "submissions": [
            {
                "teamId": _number_of(team),
                "teamName": team,
                "submissionDate": _date(datetime.fromisoformat(at)),
                "score": _score(score),
            }
            for team, score, at in leaderboard
        ],
        "nextPageToken": token,
    }


def _leaderboard_file(host: Host, _: str, __: Json) -> Redirect:
    return Redirect("/storage/leaderboard.zip")


def _number_of(name: str) -> int:
    """Return a number that is the same for the same name; more than 2^40 names share none."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big")


def _text(body: Json, key: str) -> str:
    """Return the text under `key`; "" where there is none, or none that UTF-8 can hold."""
    value = body.get(key)
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode("utf-8")


def _page(items: Sequence[Any], body: Json) -> tuple[Sequence[Any], str]:
    """Return the requested page of `items`, and the token of the next page ("" after the last)."""
    size, token, page = body.get("pageSize"), body.get("pageToken"), body.get("page")
    size = min(size, MAX_PAGE) if type(size) is int and size > 0 else _DEFAULT_PAGE
    start = 0
    if isinstance(token, str) and re.fullmatch(r"\d{1,9}", token):
        start = int(token)
    elif isinstance(page, int) and page > 1:
        start = (page - 1) * size
    end = start + size
    return items[start:end], str(end) if end < len(items) else ""


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _score(score: float | None) -> str:
    """Return a score as text with five decimals, as the real host shows it."""
    return "" if score is None else f"{score:.5f}"


_COMPETITIONS = "competitions.CompetitionApiService"
_OPEN: Mapping[str, Callable[[Host, Json], Json]] = {
    "security.OAuthService/IntrospectToken": _introspect
}
_CALLS: Mapping[str, Callable[[Host, str, Json], Json | Redirect]] = {
    f"{_COMPETITIONS}/ListCompetitions": _competitions,
    f"{_COMPETITIONS}/GetCompetition": _competition,
    f"{_COMPETITIONS}/ListDataFiles": _files,
    f"{_COMPETITIONS}/DownloadDataFile": _file,
    f"{_COMPETITIONS}/DownloadDataFiles": _archive,
    f"{_COMPETITIONS}/StartSubmissionUpload": _start_upload,
    f"{_COMPETITIONS}/CreateSubmission": _create,
    f"{_COMPETITIONS}/ListSubmissions": _submissions,
    f"{_COMPETITIONS}/GetSubmission": _submission,
    f"{_COMPETITIONS}/GetSubmissionLimits": _limits,
    f"{_COMPETITIONS}/GetLeaderboard": _leaderboard,
    f"{_COMPETITIONS}/DownloadLeaderboard": _leaderboard_file,
}
