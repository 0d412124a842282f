"""The embedded competition host; its names are loaded when they are first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import on_first_use

if TYPE_CHECKING:
    from podium.hosting.server import Hosted, client_environment, running, serve
    from podium.hosting.setup import init_host

__all__ = ["Hosted", "client_environment", "init_host", "running", "serve"]

_HOMES = {
    "Hosted": "server",
    "client_environment": "server",
    "init_host": "setup",
    "running": "server",
    "serve": "server",
}

__getattr__ = on_first_use(__name__, _HOMES)
