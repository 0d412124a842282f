"""`podium host`: a competition host of your own, which the official Kaggle client speaks to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from podium.cli.context import opened, progress

app = typer.Typer(
    no_args_is_help=True, help="A competition host that the official client speaks to."
)

_FOLDER = typer.Argument(help="The host's folder.")
_PORT = typer.Option(min=0, max=65535, help="TCP port.")


@app.command(
    "init", epilog="Example: podium host init ../host --solution solution.csv --users ann,bo"
)
def init(
    ctx: typer.Context,
    folder: Annotated[Path, _FOLDER],
    solution: Annotated[
        Path,
        typer.Option(help="CSV of the hidden answers, with a Usage column: Public or Private."),
    ],
    users: Annotated[str, typer.Option(help="Who may submit, comma-separated.")],
    files: Annotated[Path | None, typer.Option(help="Folder that they may download.")] = None,
) -> None:
    """Make a host of this workspace's competition, with a token for each user."""
    from podium.cli.values import words
    from podium.hosting import init_host
    from podium.hosting.solution import read_solution

    _, competition = opened(ctx)
    host = init_host(folder, competition, solution, words(users), files=files)
    answers = read_solution(host.solution, host.spec().format)
    print(f"wrote {host.root}")
    print(f"rows scored: {answers.public.sum()} public, {answers.private.sum()} private")
    if not answers.private.any():
        print("note: a Usage column with Private rows would keep a score for the end")
    print(f"tokens: {host.tokens} (readable by you alone; give each user their own)")
    print(f"next: podium host serve {folder}")


@app.command("serve", epilog="Example: podium host serve ../host --port 8123")
def serve(
    folder: Annotated[Path, _FOLDER],
    port: Annotated[int, _PORT] = 8123,
    address: Annotated[
        str, typer.Option(help="Address; loopback unless told otherwise.")
    ] = "127.0.0.1",
) -> None:
    """Serve the host until Ctrl-C; the leaderboard is at its address in a browser."""
    from podium.hosting import serve as serve_host

    serve_host(folder, port=port, address=address, progress=progress())


@app.command(
    "env", epilog='Example: eval "$(podium host env ../host --user ann)"; kaggle competitions list'
)
def env(
    folder: Annotated[Path, _FOLDER],
    user: Annotated[str, typer.Option(help="Whose token.")],
    port: Annotated[int, _PORT] = 8123,
) -> None:
    """Print what a shell must export so that the official client talks to this host."""
    import shlex

    from podium.hosting import client_environment

    for name, value in client_environment(folder, user, f"http://127.0.0.1:{port}").items():
        print(f"export {name}={shlex.quote(value)}")
