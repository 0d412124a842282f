"""`podium host`: a competition host of your own, which the official Kaggle client speaks to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from podium.cli import host_class, host_handing, host_making
from podium.cli.context import progress

app = typer.Typer(
    no_args_is_help=True, help="A competition host that the official client speaks to."
)

_FOLDER = typer.Argument(help="The host's folder.")
_PORT = typer.Option(min=0, max=65535, help="TCP port.")

app.command("init", epilog=host_making.EXAMPLES)(host_making.init)


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


app.command(
    "env", epilog='Example: eval "$(podium host env ../host --user ann)"; kaggle competitions list'
)(host_handing.env)
app.command(
    "handout", epilog="Example: podium host handout ../host --user ann --url http://10.0.0.7:8123"
)(host_handing.handout)

app.add_typer(host_class.users, name="user")
app.command("close", epilog="Example: podium host close ../host --at 2026-12-20T18:00")(
    host_class.close
)
app.command("reopen", epilog="Example: podium host reopen ../host --until 2026-12-24T18:00")(
    host_class.reopen
)
app.command("rescore", epilog="Example: podium host rescore ../host --solution new.csv")(
    host_class.rescore
)
app.command("export", epilog="Example: podium host export ../host --to class.csv --best")(
    host_class.export
)
