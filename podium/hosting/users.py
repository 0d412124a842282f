"""The class: users and their teams, added, removed and given new tokens while the host runs."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from podium.errors import DataError, UsageError
from podium.hosting.spec import HostFolder
from podium.hosting.tokens import (
    User,
    new_token,
    read_users,
    refuse_names,
    team_name,
    write_users,
)
from podium.submissions.lines import read_table
from podium.workspace.locks import hold

__all__ = ["add_users", "read_class", "remove_users", "renew_token", "user_of", "write_class"]


def add_users(folder: HostFolder, users: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Add (user, team) pairs to the host's class and return the token of each.

    A user without a team ("") is a team of their own name. Who is there already keeps the token,
    and goes to the team that is named; what they submitted stays with the team that submitted it.

    Raises:
        UsageError: a name is not possible, or stands twice with two teams; or one without a team
            has the name of a team of others.
    """
    refuse_names([name for name, _ in users])
    wanted: dict[str, str] = {}
    for name, text in users:
        team = team_name(text) if text.strip() else ""
        if wanted.setdefault(name, team) != team:
            raise UsageError(
                f"{name!r} is named with two teams, {wanted[name]!r} and {team!r}",
                fix="name each user once",
            )
    with _changing(folder) as known:
        for name, team in wanted.items():
            held = known.get(name)
            if held is None:
                known[name] = User(name, team or name, new_token())
            elif team:
                known[name] = replace(held, team=team)
        _refuse_joining_unasked(known, [name for name, team in wanted.items() if not team])
        return {name: known[name].token for name in wanted}


def _refuse_joining_unasked(known: dict[str, User], names: Sequence[str]) -> None:
    """Refuse users without a team who would share, by their name, a team of others."""
    for name in names:
        others = [u.name for u in known.values() if u.team == name and u.name != name]
        if known[name].team == name and others:
            raise UsageError(
                f"user {name!r} would join the team {name!r} of {', '.join(sorted(others))}",
                fix="say so with --team, or give the user another name",
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
    from podium.hosting.spreadsheet import defused
    from podium.workspace.atomic import replacing

    known = read_users(folder.tokens)
    with (
        replacing(path, mode=0o600) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["user", "team", "token"])
        for name in known if names is None else names:
            user = known[name]
            writer.writerow([defused(user.name), defused(user.team), user.token])


@contextmanager
def _changing(folder: HostFolder) -> Iterator[dict[str, User]]:
    """Give the users to be changed; written at the end, unless the body raised or changed none."""
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
