"""`podium host user|close|reopen|rescore|export`: a class and its competition while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from podium.cli.context import progress
from podium.errors import UsageError

__all__ = ["close", "export", "reopen", "rescore", "users"]

_FOLDER = typer.Argument(help="The host's folder.")
_JSON = typer.Option("--json", help="Print as JSON.")

users = typer.Typer(no_args_is_help=True, help="Who may submit: users, their teams and tokens.")


@users.command("add", epilog="Example: podium host user add ../host ann bo --team blue")
def add(
    folder: Annotated[Path, _FOLDER],
    names: Annotated[list[str] | None, typer.Argument(help="Users to add.")] = None,
    team: Annotated[str, typer.Option(help="Their team; default: one for each of them.")] = "",
    source: Annotated[
        Path | None,
        typer.Option("--from", help="A CSV with a column `user`, and `team` if there are teams."),
    ] = None,
    tokens: Annotated[
        Path | None,
        typer.Option(help="Also write user, team and token of these to a CSV for you alone."),
    ] = None,
) -> None:
    """Add users; who is there keeps the token. A running host takes them at once."""
    from podium.hosting.spec import HostFolder
    from podium.hosting.users import add_users, read_class, write_class

    pairs = [(name, team) for name in names or ()]
    pairs += [] if source is None else read_class(source)
    if not pairs:
        raise UsageError("nobody is named", fix="name users, or a CSV with --from")
    host = HostFolder(folder)
    made = add_users(host, pairs)
    if tokens is not None:
        write_class(host, tokens, list(made))
    print(f"{len(made)} users may submit")
    print(f"tokens: {tokens or host.tokens} (readable by you alone; give each user their own)")


@users.command("list", epilog="Example: podium host user list ../host")
def show(folder: Annotated[Path, _FOLDER], as_json: Annotated[bool, _JSON] = False) -> None:
    """Show users and teams, never tokens."""
    from podium.cli.tables import print_json, print_table
    from podium.hosting.spec import HostFolder
    from podium.hosting.tokens import read_users

    known = read_users(HostFolder(folder).tokens).values()
    if as_json:
        print_json([{"user": user.name, "team": user.team} for user in known])
    else:
        print_table(["user", "team"], [[user.name, user.team] for user in known])


@users.command("remove", epilog="Example: podium host user remove ../host bo")
def remove(
    folder: Annotated[Path, _FOLDER], names: Annotated[list[str], typer.Argument(help="Users.")]
) -> None:
    """Take users out of the class; what they submitted stays."""
    from podium.hosting.spec import HostFolder
    from podium.hosting.users import remove_users

    remove_users(HostFolder(folder), names)
    print(f"removed {', '.join(names)}")


@users.command("token", epilog="Example: podium host user token ../host ann --renew")
def token(
    folder: Annotated[Path, _FOLDER],
    name: Annotated[str, typer.Argument(help="The user.")],
    renew: Annotated[bool, typer.Option("--renew", help="Make a new one; the old ends.")] = False,
) -> None:
    """Print the token of one user."""
    from podium.hosting.spec import HostFolder
    from podium.hosting.users import renew_token, user_of

    host = HostFolder(folder)
    print(renew_token(host, name) if renew else user_of(host, name).token)


def close(
    folder: Annotated[Path, _FOLDER],
    at: Annotated[
        str, typer.Option(help="When: 2026-12-20T18:00, in UTC unless it names a zone.")
    ] = "now",
) -> None:
    """End the competition, now or then: nothing more is taken, and private scores show."""
    from podium.hosting.closing import moment_of, set_deadline
    from podium.hosting.spec import HostFolder

    moment = moment_of(at)
    set_deadline(HostFolder(folder), moment)
    print(f"the deadline is {moment:%Y-%m-%d %H:%M:%S %Z}; a running host knows it already")


def reopen(
    folder: Annotated[Path, _FOLDER],
    until: Annotated[str | None, typer.Option(help="The new deadline; default: none.")] = None,
) -> None:
    """Take submissions again; private scores that were seen stay known."""
    from podium.hosting.closing import moment_of, set_deadline
    from podium.hosting.spec import HostFolder

    moment = None if until is None else moment_of(until)
    set_deadline(HostFolder(folder), moment)
    print("submissions are taken again" if moment is None else f"the deadline is {moment}")


def rescore(
    folder: Annotated[Path, _FOLDER],
    solution: Annotated[
        Path | None, typer.Option(help="The corrected solution; default: that in the folder.")
    ] = None,
) -> None:
    """Score every submission again, all at once; the old solution is kept with its date."""
    from podium.cli.tables import print_table
    from podium.hosting.rescoring import rescore as score_again
    from podium.hosting.spec import HostFolder

    changes = score_again(HostFolder(folder), solution, progress=progress())
    if changes:
        rows = [[c.ref, c.team, _said(c.before), _said(c.after)] for c in changes]
        print_table(["submission", "team", "before (public, private)", "after"], rows)
    print(f"{len(changes)} submissions have other scores")


def export(
    folder: Annotated[Path, _FOLDER],
    to: Annotated[Path, typer.Option(help="The CSV to write.")],
    best: Annotated[bool, typer.Option("--best", help="One row for each team.")] = False,
) -> None:
    """Write every submission with its scores as a CSV that you alone can read."""
    from podium.hosting.export import export as write
    from podium.hosting.spec import HostFolder

    n_rows = write(HostFolder(folder), to, best=best)
    print(f"wrote {to}: {n_rows} {'teams' if best else 'submissions'}")


def _said(outcome: object) -> str:
    from podium.cli.tables import number
    from podium.hosting.scoring import Scores

    if isinstance(outcome, Scores):
        return f"{number(outcome.public, 5)}, {number(outcome.private, 5)}"
    return str(outcome)
