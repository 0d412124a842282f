"""Reads limits, submissions and the leaderboard of the host through the official client."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from typing import Any

from podium.submissions.official.files import deadline_of, limits_of, score_of, submissions_of
from podium.submissions.official.session import Json, session, with_retries
from podium.workspace.machine import now

__all__ = ["listing"]

_PAGE_SIZE = 100
_MAX_PAGES = 20
_MAX_BYTES = 64 << 20  # a leaderboard of a hundred thousand teams has a tenth of it
_HIDDEN = (401, 403, 404, 501)


def listing(argument: Json) -> Json:
    """Return limits, every submission of this user's team, and the leaderboard.

    The keys are those of `client.Listing`. The whole leaderboard is downloaded; where that is not
    possible, it is read page by page, at least its first 100 teams.
    """
    with session(argument) as (api, slug):
        submissions = with_retries(lambda: list(submissions_of(api, slug)))
        teams, is_whole = _leaderboard(api, slug)
        return {
            "limits": with_retries(lambda: limits_of(api, slug)),
            "submissions": submissions,
            "leaderboard": None
            if teams is None
            else [{"team": one["team"], "score": score_of(one["score"])} for one in teams],
            "is_whole": is_whole,
            "own": _own(teams or [], submissions, api.config_values.get("username")),
            "split": _split(api, slug, submissions),
            "digits": max((_decimals(one["score"]) for one in teams or []), default=5),
        }


def _leaderboard(api: Any, slug: str) -> tuple[list[Json] | None, bool]:
    """Return the teams, best first, and whether that is all of them; None: the host shows none."""
    import requests

    try:
        return _unpacked(with_retries(lambda: _archive(api, slug))), True
    except (requests.HTTPError, zipfile.BadZipFile, LookupError, ValueError, csv.Error):
        pass  # not every host has the file; its reason stands on the host's pages, too
    try:
        return with_retries(lambda: _paged(api, slug))
    except requests.HTTPError as error:
        if error.response is not None and error.response.status_code in _HIDDEN:
            return None, False
        raise


def _archive(api: Any, slug: str) -> bytes:
    from kagglesdk.competitions.types.competition_api_service import ApiDownloadLeaderboardRequest

    request = ApiDownloadLeaderboardRequest()
    request.competition_name = slug
    content = bytearray()
    with api.build_kaggle_client() as kaggle:
        answer = kaggle.competitions.competition_api_client.download_leaderboard(request)
        with answer:
            for part in answer.iter_content(1 << 16):
                content += part
                if len(content) > _MAX_BYTES:
                    raise ValueError("this is too large for a leaderboard")
    return bytes(content)


def _unpacked(archive: bytes) -> list[Json]:
    """Return the rows of the only table in the archive.

    Raises:
        ValueError, LookupError, zipfile.BadZipFile: it holds no leaderboard.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        name = next((one for one in packed.namelist() if one.lower().endswith(".csv")), None)
        if name is None or packed.getinfo(name).file_size > _MAX_BYTES:
            raise ValueError("there is no table of a leaderboard's size in it")
        text = packed.read(name).decode("utf-8-sig", errors="replace")
    rows = csv.reader(io.StringIO(text, newline=""))
    header = [column.strip().lower() for column in next(rows, [])]
    team, score = header.index("teamname"), header.index("score")
    members = header.index("teammemberusernames") if "teammemberusernames" in header else None
    return [
        {
            "team": row[team],
            "score": row[score],
            "members": [] if members is None else row[members].replace(",", " ").split(),
        }
        for row in rows
        if row
    ]


def _paged(api: Any, slug: str) -> tuple[list[Json], bool]:
    from kagglesdk.competitions.types.competition_api_service import ApiGetLeaderboardRequest

    request = ApiGetLeaderboardRequest()
    request.competition_name, request.page_size = slug, _PAGE_SIZE
    teams: list[Json] = []
    with api.build_kaggle_client() as kaggle:
        for _ in range(_MAX_PAGES):
            page = kaggle.competitions.competition_api_client.get_leaderboard(request)
            teams += [
                {"team": one.team_name or "", "score": one.score or "", "members": []}
                for one in page.submissions
            ]
            if not page.next_page_token or page.next_page_token == request.page_token:
                return teams, True
            request.page_token = page.next_page_token
    return teams, False


def _own(teams: Sequence[Json], submissions: Sequence[Json], user: str | None) -> int | None:
    """Return the place of this user's team, or None where it is missing or ambiguous.

    Names of teams are not unique: where several fit, a member decides, then a score of ours.
    """
    name = next((one["team"] for one in submissions if one["team"]), None)
    ours = {one[key] for one in submissions for key in ("public_score", "private_score")}
    fitting = [place for place, one in enumerate(teams) if one["team"] == name]
    narrower = [
        [place for place in fitting if user is not None and user in teams[place]["members"]],
        [place for place in fitting if score_of(teams[place]["score"]) in ours - {None}],
    ]
    return next((found[0] for found in (fitting, *narrower) if len(found) == 1), None)


def _split(api: Any, slug: str, submissions: Sequence[Json]) -> str:
    """Return which rows the leaderboard's scores are of: private ones once it is all over.

    A host may show a team its private scores before that.
    """
    scored = [one for one in submissions if one["public_score"] is not None]
    if scored and all(one["private_score"] is None for one in scored):
        return "public"
    return "private" if _is_over(api, slug, unknown=bool(scored)) else "public"


def _is_over(api: Any, slug: str, *, unknown: bool) -> bool:
    import requests

    try:
        deadline = deadline_of(api, slug)
    except requests.RequestException:
        return unknown
    return deadline is not None and deadline < now().replace(tzinfo=None)


def _decimals(text: str) -> int:
    """Return with how many decimals a score is shown."""
    _, _, after = text.partition(".")
    return min(len(after), 12) if after.isdigit() else 0
