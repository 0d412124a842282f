"""`podium host`: a competition host of your own for the official Kaggle client.

`init` makes it from labelled data, from a solution, or of a workspace; `serve` runs it; `env` and
`handout` print what students need to reach it; `user`, `close`, `reopen`, `rescore` and `export`
manage a class and its competition while it runs.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from podium import cli, hosting
from podium.cli.completion import part_names
from podium.cli.context import progress
from podium.cli.options import split_commas

_INIT_EXAMPLES = (
    "Examples: podium host init ../pets --from ~/pets --hold-out 0.3 --metric accuracy · "
    "podium host init ../pets --solution solution.csv --sample sample_submission.csv "
    "--metric accuracy --files public · in a workspace: podium host init ../host --solution "
    "solution.csv --users ann,bo"
)
_DATA, _SOLUTION = "From labelled data", "From a solution"


def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The host's folder: missing or empty.")],
    data: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Labelled images: class folders, a table and images, or images and masks.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    hold_out: Annotated[
        float, typer.Option(help="Share of them that is hidden as test.", rich_help_panel=_DATA)
    ] = 0.3,
    label: Annotated[
        str | None,
        typer.Option(help="Column with the labels, where it is not found.", rich_help_panel=_DATA),
    ] = None,
    solution: Annotated[
        Path | None,
        typer.Option(
            help="CSV of the hidden answers: id, answer, and Usage (Public or Private).",
            rich_help_panel=_SOLUTION,
        ),
    ] = None,
    sample: Annotated[
        Path | None,
        typer.Option(
            help="Sample submission; without it, the workspace sets the format.",
            rich_help_panel=_SOLUTION,
        ),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(help="Names of the classes, comma-separated.", rich_help_panel=_SOLUTION),
    ] = None,
    files: Annotated[
        Path | None,
        typer.Option(help="Folder that participants may download.", rich_help_panel=_SOLUTION),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            help="Metric that submissions are scored by.",
            autocompletion=part_names("competition/metrics"),
        ),
    ] = None,
    public: Annotated[
        float | None,
        typer.Option(
            help="Share of the test images whose score is public; default: 0.3 with --from; "
            "of a solution, its column Usage."
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(help="Column whose images stay together: a patient, a scene."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Of the draws; default: a new one. It reveals the answers: keep it secret.",
        ),
    ] = None,
    daily_limit: Annotated[
        int | None, typer.Option(min=1, help="Submissions a team has a day (UTC); default: 5.")
    ] = None,
    deadline: Annotated[
        str | None, typer.Option(help="End, as 2026-12-20T18:00: UTC, unless it ends in +01:00.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Name of the competition.")] = None,
    users: Annotated[
        str | None,
        typer.Option(help="Users who may submit, comma-separated; later: podium host user add."),
    ] = None,
) -> None:
    """Make a host of labelled images, or of a solution.

    With --from, part of the labelled images become a hidden test set under neutral names.

    With --solution and --sample, a solution and a metric are enough.

    With --solution alone, competition.yaml of this workspace sets the metric and the format.
    """
    terms = cli.hosting.HostTerms(
        metric=metric,
        public=public,
        group=group,
        seed=seed,
        daily_limit=daily_limit,
        deadline=deadline,
        title=title,
        users=split_commas(users),
    )
    cli.hosting.make_host(
        ctx,
        folder,
        terms,
        data=data,
        hold_out=hold_out,
        label=label,
        solution=solution,
        sample=sample,
        classes=classes,
        files=files,
    )


class Shell(StrEnum):
    """The shells that lines are printed for."""

    posix = "posix"
    powershell = "powershell"


_FOLDER = typer.Argument(help="The host's folder.")
_USER = typer.Option(help="Whose token.")
_LOCAL_PORT = typer.Option(min=0, max=65535, help="TCP port of a host on this machine.")
_URL = typer.Option(help="Address of the host as students reach it; default: loopback and --port.")


def env(
    folder: Annotated[Path, _FOLDER],
    user: Annotated[str, _USER],
    port: Annotated[int, _LOCAL_PORT] = 8123,
    url: Annotated[str | None, _URL] = None,
    shell: Annotated[Shell, typer.Option(help="What the lines are for.")] = Shell.posix,
) -> None:
    """Print what a shell must export so that the official client talks to this host."""
    cli.hosting.print_environment(folder, user, url=url, port=port, shell=shell.value)


def course_material(
    folder: Annotated[Path, _FOLDER],
    user: Annotated[str, _USER],
    port: Annotated[int, _LOCAL_PORT] = 8123,
    url: Annotated[str | None, _URL] = None,
) -> None:
    """Print a sheet for a student, with their token and the commands, as Markdown."""
    cli.hosting.print_course_material(folder, user, url=url, port=port)


_JSON = typer.Option("--json", help="Print as JSON.")

users = typer.Typer(no_args_is_help=True, help="Users who may submit, their teams and tokens.")


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
    """Add users; existing users keep their token. A running host takes them at once."""
    cli.hosting.add_to_class(folder, names or (), team=team, source=source, tokens=tokens)


@users.command("list", epilog="Example: podium host user list ../host")
def show(folder: Annotated[Path, _FOLDER], as_json: Annotated[bool, _JSON] = False) -> None:
    """Show users and teams, never tokens."""
    cli.hosting.print_users(folder, as_json=as_json)


@users.command("remove", epilog="Example: podium host user remove ../host bo")
def remove(
    folder: Annotated[Path, _FOLDER], names: Annotated[list[str], typer.Argument(help="Users.")]
) -> None:
    """Take users out of the class; what they submitted stays."""
    cli.hosting.remove_from_class(folder, names)


@users.command("token", epilog="Example: podium host user token ../host ann --renew")
def token(
    folder: Annotated[Path, _FOLDER],
    name: Annotated[str, typer.Argument(help="The user.")],
    renew: Annotated[bool, typer.Option("--renew", help="Make a new one; the old ends.")] = False,
) -> None:
    """Print the token of one user."""
    cli.hosting.print_token(folder, name, renew=renew)


def close(
    folder: Annotated[Path, _FOLDER],
    at: Annotated[
        str, typer.Option(help="When: 2026-12-20T18:00, in UTC unless it names a zone.")
    ] = "now",
) -> None:
    """End the competition, now or then: nothing more is taken, and private scores show."""
    cli.hosting.close_host(folder, at)


def reopen(
    folder: Annotated[Path, _FOLDER],
    until: Annotated[str | None, typer.Option(help="The new deadline; default: none.")] = None,
) -> None:
    """Take submissions again; private scores that were shown stay known."""
    cli.hosting.reopen_host(folder, until)


def rescore(
    folder: Annotated[Path, _FOLDER],
    solution: Annotated[
        Path | None, typer.Option(help="The corrected solution; default: that in the folder.")
    ] = None,
) -> None:
    """Score every submission again, all at once; the old solution is kept with its date."""
    cli.hosting.rescore_submissions(folder, solution)


def export(
    folder: Annotated[Path, _FOLDER],
    to: Annotated[Path, typer.Option(help="The CSV to write.")],
    best: Annotated[bool, typer.Option("--best", help="One row for each team.")] = False,
) -> None:
    """Write every submission with its scores as a CSV that you alone can read."""
    cli.hosting.export_submissions(folder, to, best=best)


app = typer.Typer(no_args_is_help=True, help="A competition host for the official client.")

_PORT = typer.Option(min=0, max=65535, help="TCP port.")

app.command("init", epilog=_INIT_EXAMPLES)(init)


@app.command("serve", epilog="Example: podium host serve ../host --port 8123")
def serve(
    folder: Annotated[Path, _FOLDER],
    port: Annotated[int, _PORT] = 8123,
    address: Annotated[str, typer.Option(help="Address; default: loopback.")] = "127.0.0.1",
) -> None:
    """Serve the host until Ctrl-C; the leaderboard is at its address in a browser."""
    hosting.serve(folder, port=port, address=address, progress=progress())


app.command(
    "env", epilog='Example: eval "$(podium host env ../host --user ann)"; kaggle competitions list'
)(env)
app.command(
    "handout", epilog="Example: podium host handout ../host --user ann --url http://10.0.0.7:8123"
)(course_material)

app.add_typer(users, name="user")
app.command("close", epilog="Example: podium host close ../host --at 2026-12-20T18:00")(close)
app.command("reopen", epilog="Example: podium host reopen ../host --until 2026-12-24T18:00")(reopen)
app.command("rescore", epilog="Example: podium host rescore ../host --solution new.csv")(rescore)
app.command("export", epilog="Example: podium host export ../host --to class.csv --best")(export)
