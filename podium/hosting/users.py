"""Users, teams and tokens: one secret a user, in a file that only the host's owner can read.

Users are added, removed and given new tokens while the host runs.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import logging
import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from podium.errors import DataError, UsageError
from podium.hosting.spec import HostFolder, file_state
from podium.submissions.format.csv_text import read_table
from podium.workspace.atomic import replacing, write_json
from podium.workspace.locks import hold

__all__ = [
    "Roster",
    "User",
    "add_users",
    "escape_formula",
    "make_tokens",
    "read_class",
    "read_tokens",
    "read_users",
    "remove_users",
    "renew_token",
    "user_of",
    "write_class",
]

_logger = logging.getLogger(__name__)

_USER = re.compile(r"\w[\w.@+-]{0,63}")
_LONGEST_TEAM = 100
# They reverse the direction of the text behind them: a board would show one team's score as
# another's.
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class User:
    """A user who may submit, for a team; the secret is left out of every text of this object."""

    name: str
    team: str
    token: str

    def __repr__(self) -> str:
        return f"User(name={self.name!r}, team={self.team!r})"


def make_tokens(file: Path, users: Sequence[str]) -> dict[str, str]:
    """Write a new secret for each of `users`, a team each, to `file` and return them by user."""
    if not users or len(set(users)) != len(users):
        raise _strange(users)
    refuse_names(users)
    made = {user: User(user, user, new_token()) for user in users}
    write_users(file, made.values())
    return {user.name: user.token for user in made.values()}


def refuse_names(users: Sequence[str]) -> None:
    """Raise UsageError where a name of a user is not possible."""
    strange = [user for user in users if not _USER.fullmatch(user)]
    if strange:
        raise _strange(strange)


def _strange(users: Sequence[str]) -> UsageError:
    return UsageError(
        f"users must be different names of letters, digits and _ . @ + -, got {list(users)}",
        fix="write short names: anna, b.miller, cho@example.org",
    )


def team_name(text: str) -> str:
    """Return a team's name as it is kept: any text but what a line or a reader cannot show.

    Raises:
        UsageError: nothing is left, or it has more than 100 characters.

    Example:
        >>> team_name("  the <b>blue</b> ones ")
        'the <b>blue</b> ones'
    """
    text = unicodedata.normalize("NFC", "".join(text.split("\r"))).replace("\n", " ")
    kept = (one for one in text.replace("\t", " ") if unicodedata.category(one) not in _UNSHOWN)
    name = _TURNS.sub("", "".join(kept)).strip()
    if not name or len(name) > _LONGEST_TEAM:
        raise UsageError(
            f"a team's name has 1 to {_LONGEST_TEAM} characters, got {name[:_LONGEST_TEAM]!r}",
            fix="choose another name",
        )
    return name


_UNSHOWN = ("Cc", "Cs", "Cn", "Co", "Zl", "Zp")


def new_token() -> str:
    """Return a new secret: 256 bits, so that nobody guesses it."""
    return f"podium_{secrets.token_urlsafe(32)}"


def read_users(file: Path) -> dict[str, User]:
    """Return the users who may submit, by name.

    The file maps a user to `{"token": …, "team": …}`, or to the token alone: then the user is a
    team of the same name.

    Raises:
        UsageError: the file is missing or is not what `write_users` writes.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"no tokens can be read: {error}", where=file) from error
    if not isinstance(content, dict):
        raise UsageError("must map users to tokens", where=file)
    return {name: _user(file, name, about) for name, about in content.items()}


def read_tokens(file: Path) -> dict[str, str]:
    """Return the secrets by user; raises as `read_users`."""
    return {user.name: user.token for user in read_users(file).values()}


def write_users(file: Path, users: Iterable[User]) -> None:
    """Write the users to `file` (mode 0600), whole or not at all."""
    content = {
        user.name: user.token
        if user.team == user.name
        else {"token": user.token, "team": user.team}
        for user in users
    }
    write_json(file, content, mode=0o600)


def _user(file: Path, name: str, about: object) -> User:
    entry: Mapping[str, object] = about if isinstance(about, dict) else {"token": about}
    token, team = entry.get("token"), entry.get("team", name)
    if not isinstance(token, str) or len(token) < _SHORTEST or not isinstance(team, str):
        raise UsageError(
            f"{name!r} has no token",
            where=file,
            fix="write {user: token}, or {user: {token: …, team: …}}",
        )
    return User(name, team_name(team), token)


_SHORTEST = 8


class Roster:
    """The users in the file now: a running host notices users added, renewed and removed.

    Args:
        file: as `write_users` writes it.

    Raises:
        UsageError: it cannot be read. Later, while it cannot, what was read last holds.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._state = file_state(file)
        self._users = read_users(file)
        self._names = _by_digest(self._users)

    def users(self) -> Mapping[str, User]:
        """Return the users who may submit, by name."""
        state = file_state(self._file)
        if state != self._state:
            try:
                users = read_users(self._file)
            except UsageError as error:
                _logger.error("users stay as they were: %s", error)
            else:
                self._users, self._names = users, _by_digest(users)
            self._state = state
        return self._users

    def holder(self, secret: str) -> User | None:
        """Return the user of `secret`; the time does not depend on how much of it is right."""
        users = self.users()
        # The look-up is by digest: a common prefix of two digests reveals nothing of the secrets.
        name = self._names.get(_digest(secret))
        user = None if name is None else users.get(name)
        if user is None or not hmac.compare_digest(_digest(user.token), _digest(secret)):
            return None
        return user


def _by_digest(users: Mapping[str, User]) -> dict[bytes, str]:
    return {_digest(user.token): user.name for user in users.values()}


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def add_users(folder: HostFolder, users: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Add (user, team) pairs to the host's class and return the token of each.

    A user without a team ("") is a team of their own name. An existing user keeps the token, and
    moves to the named team; earlier submissions stay with the team that submitted them.

    Raises:
        UsageError: a name is not possible, or stands twice with two teams; or one without a team
            has the name of a team of others.
    """
    refuse_names([name for name, _ in users])
    team_of: dict[str, str] = {}
    for name, text in users:
        team = team_name(text) if text.strip() else ""
        if team_of.setdefault(name, team) != team:
            raise UsageError(
                f"{name!r} is named with two teams, {team_of[name]!r} and {team!r}",
                fix="name each user once",
            )
    with _changing(folder) as known:
        for name, team in team_of.items():
            held = known.get(name)
            if held is None:
                known[name] = User(name, team or name, new_token())
            elif team:
                known[name] = replace(held, team=team)
        _refuse_joining_by_name(known, [name for name, team in team_of.items() if not team])
        return {name: known[name].token for name in team_of}


def _refuse_joining_by_name(known: dict[str, User], names: Sequence[str]) -> None:
    """Refuse users without a team who would share, by their name, a team of others."""
    for name in names:
        others = [u.name for u in known.values() if u.team == name and u.name != name]
        if known[name].team == name and others:
            raise UsageError(
                f"user {name!r} would join the team {name!r} of {', '.join(sorted(others))}",
                fix="name the team with --team, or choose another name for the user",
            )


def remove_users(folder: HostFolder, names: Sequence[str]) -> None:
    """Take the users out of the class; what they submitted stays.

    Raises:
        UsageError: one is not there.
    """
    with _changing(folder) as known:
        for name in names:
            _refuse_unknown(known, name)
        for name in set(names):
            del known[name]


def renew_token(folder: HostFolder, name: str) -> str:
    """Return a new token of the user; the old one is no longer taken.

    Raises:
        UsageError: there is no such user.
    """
    with _changing(folder) as known:
        _refuse_unknown(known, name)
        known[name] = replace(known[name], token=new_token())
        return known[name].token


def user_of(folder: HostFolder, name: str) -> User:
    """Return the user of that name.

    Raises:
        UsageError: there is none.
    """
    known = read_users(folder.tokens)
    _refuse_unknown(known, name)
    return known[name]


def read_class(path: Path) -> list[tuple[str, str]]:
    """Return the (user, team) pairs in a CSV with a column `user` and, if there are teams, `team`.

    Raises:
        DataError: it cannot be read, or has no column `user`.
    """
    header, rows = read_table(path)
    names = [name.lower() for name in header]
    if "user" not in names:
        raise DataError(
            f"has no column user; its columns: {', '.join(header)}",
            where=f"{path}:1",
            fix="write a header `user` or `user,team`",
        )
    user_at = names.index("user")
    team_at = names.index("team") if "team" in names else None
    return [(row[user_at], "" if team_at is None else row[team_at]) for row in rows]


def write_class(folder: HostFolder, path: Path, names: Sequence[str] | None = None) -> None:
    """Write user, team and token of `names` (default: all) as a CSV that only its owner reads."""
    known = read_users(folder.tokens)
    with (
        replacing(path, mode=0o600) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["user", "team", "token"])
        for name in known if names is None else names:
            user = known[name]
            writer.writerow([escape_formula(user.name), escape_formula(user.team), user.token])


@contextmanager
def _changing(folder: HostFolder) -> Iterator[dict[str, User]]:
    """Yield the users to be changed; write them unless the body raised or changed none."""
    folder.spec()  # refuses what is no host's folder
    with hold(folder.locks / "users", what="the list of users"):
        known = read_users(folder.tokens)
        before = dict(known)
        yield known
        if known != before:
            write_users(folder.tokens, known.values())


def _refuse_unknown(known: dict[str, User], name: str) -> None:
    if name not in known:
        there = f"choose one of {', '.join(sorted(known))}" if known else "podium host user add"
        raise UsageError(f"the host has no user {name!r}", fix=there)


# A cell that begins so is run as a formula; the wide forms too, which some programs fold.
_RUN = re.compile("\\s*[=+\\-@\\|\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def escape_formula(text: str) -> str:
    """Return `text` as a cell that no spreadsheet runs: behind an apostrophe where it would.

    Example:
        >>> escape_formula("=1+1"), escape_formula("the = sign")
        ("'=1+1", 'the = sign')
    """
    return f"'{text}" if _RUN.match(text) else text
