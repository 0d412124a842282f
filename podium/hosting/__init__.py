"""The embedded competition host; its names are loaded when they are first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.hosting.scoring.masks import write_mask_solution
    from podium.hosting.scoring.several import write_several_solutions
    from podium.hosting.server import Hosted, client_environment, running, serve
    from podium.hosting.setup.from_competition import init_host

__all__ = [
    "Hosted",
    "client_environment",
    "init_host",
    "running",
    "serve",
    "write_mask_solution",
    "write_several_solutions",
]

_HOMES = {
    "Hosted": "server",
    "client_environment": "server",
    "init_host": "setup.from_competition",
    "running": "server",
    "serve": "server",
    "write_mask_solution": "scoring.masks",
    "write_several_solutions": "scoring.several",
}

if not TYPE_CHECKING:  # a checker reports names that there are not
    __getattr__ = lazy_attributes(__name__, _HOMES)
