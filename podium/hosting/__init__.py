"""The embedded competition host; its names are loaded when they are first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from podium.hosting.server import Hosted, client_environment, running, serve
    from podium.hosting.setup import init_host

__all__ = ["Hosted", "client_environment", "init_host", "running", "serve"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "setup" if name == "init_host" else "server"
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
