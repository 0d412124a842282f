"""`podium host`: a competition host of your own for the official Kaggle client.

`init` makes it from labelled data, from a solution, or of a workspace; `serve` runs it; `env` and
`handout` print what students need to reach it; `user`, `close`, `reopen`, `rescore` and `export`
manage a class and its competition while it runs.
"""

from __future__ import annotations

from datetime import UTC
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.context import open_workspace, program_name, progress, session
from podium.errors import UsageError

if TYPE_CHECKING:
    from podium.competition.spec import MetricSpec
    from podium.hosting.setup.split import PublicDraw
    from podium.hosting.spec import HostFolder

__all__ = [
    "_INIT_EXAMPLES",
    "close",
    "env",
    "export",
    "handout",
    "init",
    "reopen",
    "rescore",
    "users",
]


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
        str | None, typer.Option(help="Metric that submissions are scored by.")
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
    from podium.cli.options import split_commas
    from podium.hosting.spec import parse_deadline

    end = None if deadline is None else parse_deadline(deadline)
    names = split_commas(users)
    _refuse_mixed(data=data, solution=solution, sample=sample, files=files, label=label)
    if data is not None:
        from podium.hosting.setup.from_data import init_from_data
        from podium.hosting.setup.split import HoldOut, secret_seed

        shares = HoldOut(
            share=hold_out,
            public=0.3 if public is None else public,
            seed=secret_seed() if seed is None else seed,
        )
        made = init_from_data(
            folder,
            data,
            _metric(metric),
            hold_out=shares,
            group=group,
            label=label,
            title=title,
            daily_limit=daily_limit or 5,
            deadline=end,
            users=names,
            progress=progress(),
        )
        print(f"wrote {made.folder.root}")
        print(
            f"images: {made.n_train} to learn from, {made.n_public} public and {made.n_private} "
            "private test images"
        )
        print(f"seed: {shares.seed} (makes the same files again, and reveals the answers: keep it)")
        for note in made.notes:
            print(f"note: {note}")
        _print_next_steps(made.folder, has_users=bool(names))
        return
    assert solution is not None
    draw = _draw(public, seed, group)
    if sample is not None:
        from podium.hosting.setup.from_solution import init_from_solution

        host = init_from_solution(
            folder,
            solution,
            sample,
            _metric(metric),
            classes=split_commas(classes),
            files=files,
            draw=draw,
            title=title,
            daily_limit=daily_limit or 5,
            deadline=end,
            users=names,
        )
    else:
        from podium.hosting import init_host

        if session(ctx).workspace_if_any() is None:
            raise UsageError(
                "this is no workspace, so the format of submissions is unknown",
                fix="add --sample sample_submission.csv --metric accuracy, or go to a workspace",
            )
        _, competition = open_workspace(ctx)
        if metric is not None or classes is not None or title is not None:
            raise UsageError(
                "competition.yaml of this workspace sets metric, classes and title",
                fix="leave these options out, or add --sample to go without the workspace",
            )
        if daily_limit is not None:
            kaggle = competition.kaggle.model_copy(update={"daily_limit": daily_limit})
            competition = competition.model_copy(update={"kaggle": kaggle}).at(competition.root)
        host = init_host(folder, competition, solution, names, files=files, draw=draw, deadline=end)
    _print_rows(host, draw)
    _print_next_steps(host, has_users=bool(names))


def _refuse_mixed(
    *,
    data: Path | None,
    solution: Path | None,
    sample: Path | None,
    files: Path | None,
    label: str | None,
) -> None:
    """Refuse options of two ways to make a host."""
    if (data is None) == (solution is None):
        raise UsageError(
            "pass either --from (labelled images) or --solution (the hidden answers)",
            fix=f"{program_name()} host init --help shows an example of each",
        )
    of_solution = {"--sample": sample, "--files": files}
    wrong = [name for name, given in of_solution.items() if given is not None]
    if data is not None and wrong:
        raise UsageError(
            f"--from makes the sample and the files itself: {', '.join(wrong)} cannot be given",
            fix="leave them out",
        )
    if data is None and label is not None:
        raise UsageError("--label is a column of the data of --from", fix="leave it out")


def _metric(name: str | None) -> MetricSpec:
    from podium.competition.metrics import names
    from podium.competition.spec import MetricSpec

    if name is None:
        raise UsageError(
            "name the metric that submissions are scored by",
            fix=f"add --metric accuracy; there are {', '.join(names())}",
        )
    return MetricSpec(name=name)


def _draw(public: float | None, seed: int | None, group: str | None) -> PublicDraw | None:
    from podium.hosting.setup.split import PublicDraw, secret_seed

    if public is None:
        if group is not None:
            raise UsageError(
                "--group keeps rows together in a draw, and nothing is drawn",
                fix="add --public 0.3",
            )
        return None
    return PublicDraw(public=public, seed=secret_seed() if seed is None else seed, group=group)


def _print_rows(host: HostFolder, draw: PublicDraw | None) -> None:
    from podium.hosting.scoring.solution import read_solution

    spec = host.spec()
    answers = read_solution(host.solution, spec.format)
    print(f"wrote {host.root}")
    print(f"images scored: {answers.public.sum()} public, {answers.private.sum()} private")
    if draw is not None:
        print(f"public and private were drawn with seed {draw.seed}: see {host.solution}")
    elif not answers.private.any():
        print("note: a Usage column with Private rows, or --public 0.3, keeps a score for the end")


def _print_next_steps(host: HostFolder, *, has_users: bool) -> None:
    deadline = host.spec().deadline
    if deadline is not None:
        print(f"deadline: {deadline.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    if has_users:
        print(f"tokens: {host.tokens} (readable by you alone; give each user their own)")
    else:
        print(f"next: {program_name()} host user add {host.root} --from students.csv")
    print(f"next: {program_name()} host serve {host.root}")


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
    from podium.hosting import client_environment
    from podium.hosting.course_material import export_lines

    for line in export_lines(client_environment(folder, user, _address(url, port)), shell.value):
        print(line)


def handout(
    folder: Annotated[Path, _FOLDER],
    user: Annotated[str, _USER],
    port: Annotated[int, _LOCAL_PORT] = 8123,
    url: Annotated[str | None, _URL] = None,
) -> None:
    """Print a sheet for a student, with their token and the commands, as Markdown."""
    from podium.hosting import client_environment
    from podium.hosting.course_material import student_sheet as sheet
    from podium.hosting.spec import HostFolder

    address = _address(url, port)
    variables = client_environment(folder, user, address)
    print(sheet(HostFolder(folder).spec(), user, variables, address), end="")


def _address(url: str | None, port: int) -> str:
    if url is None:
        return f"http://127.0.0.1:{port}"
    if not url.startswith("http://"):
        raise UsageError(
            f"the official client reaches a host over plain HTTP only, got {url}",
            fix="give http://ADDRESS:PORT; across a network that you do not trust, a tunnel "
            "(ssh -L) ends at http://127.0.0.1",
        )
    return url.rstrip("/")


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
    from podium.hosting.users import read_users

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
    from podium.hosting.spec import HostFolder, parse_deadline, set_deadline

    moment = parse_deadline(at)
    set_deadline(HostFolder(folder), moment)
    print(f"the deadline is {moment:%Y-%m-%d %H:%M:%S %Z}; a running host applies it already")


def reopen(
    folder: Annotated[Path, _FOLDER],
    until: Annotated[str | None, typer.Option(help="The new deadline; default: none.")] = None,
) -> None:
    """Take submissions again; private scores that were shown stay known."""
    from podium.hosting.spec import HostFolder, parse_deadline, set_deadline

    moment = None if until is None else parse_deadline(until)
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
    from podium.hosting.scoring.rescoring import rescore as score_again
    from podium.hosting.spec import HostFolder

    changes = score_again(HostFolder(folder), solution, progress=progress())
    if changes:
        rows = [[c.ref, c.team, _format_scores(c.before), _format_scores(c.after)] for c in changes]
        print_table(["submission", "team", "before (public, private)", "after"], rows)
    print(f"{len(changes)} submissions have other scores")


def export(
    folder: Annotated[Path, _FOLDER],
    to: Annotated[Path, typer.Option(help="The CSV to write.")],
    best: Annotated[bool, typer.Option("--best", help="One row for each team.")] = False,
) -> None:
    """Write every submission with its scores as a CSV that you alone can read."""
    from podium.hosting.export import export_class as write
    from podium.hosting.spec import HostFolder

    n_rows = write(HostFolder(folder), to, best=best)
    print(f"wrote {to}: {n_rows} {'teams' if best else 'submissions'}")


def _format_scores(outcome: object) -> str:
    from podium.cli.tables import number
    from podium.hosting.scoring.score import SubmissionScores

    if isinstance(outcome, SubmissionScores):
        return f"{number(outcome.public, 5)}, {number(outcome.private, 5)}"
    return str(outcome)


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
    from podium.hosting import serve as serve_host

    serve_host(folder, port=port, address=address, progress=progress())


app.command(
    "env", epilog='Example: eval "$(podium host env ../host --user ann)"; kaggle competitions list'
)(env)
app.command(
    "handout", epilog="Example: podium host handout ../host --user ann --url http://10.0.0.7:8123"
)(handout)

app.add_typer(users, name="user")
app.command("close", epilog="Example: podium host close ../host --at 2026-12-20T18:00")(close)
app.command("reopen", epilog="Example: podium host reopen ../host --until 2026-12-24T18:00")(reopen)
app.command("rescore", epilog="Example: podium host rescore ../host --solution new.csv")(rescore)
app.command("export", epilog="Example: podium host export ../host --to class.csv --best")(export)
