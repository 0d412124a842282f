"""`podium host env` and `podium host handout`: what students need to reach a host."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from podium.errors import UsageError

__all__ = ["env", "handout"]


class Shell(StrEnum):
    """The shells that lines are printed for."""

    posix = "posix"
    powershell = "powershell"


_FOLDER = typer.Argument(help="The host's folder.")
_USER = typer.Option(help="Whose token.")
_PORT = typer.Option(min=0, max=65535, help="TCP port of a host on this machine.")
_URL = typer.Option(help="Address of the host as students reach it; default: loopback and --port.")


def env(
    folder: Annotated[Path, _FOLDER],
    user: Annotated[str, _USER],
    port: Annotated[int, _PORT] = 8123,
    url: Annotated[str | None, _URL] = None,
    shell: Annotated[Shell, typer.Option(help="What the lines are for.")] = Shell.posix,
) -> None:
    """Print what a shell must export so that the official client talks to this host."""
    from podium.hosting import client_environment
    from podium.hosting.handout import exports

    for line in exports(client_environment(folder, user, _address(url, port)), shell.value):
        print(line)


def handout(
    folder: Annotated[Path, _FOLDER],
    user: Annotated[str, _USER],
    port: Annotated[int, _PORT] = 8123,
    url: Annotated[str | None, _URL] = None,
) -> None:
    """Print a sheet for a student, with their token and the commands, as Markdown."""
    from podium.hosting import client_environment
    from podium.hosting.handout import handout as sheet
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
