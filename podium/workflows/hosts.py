"""Where submissions go: Kaggle, a host's URL, or an embedded host served for the call."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from podium.competition.spec import Competition
from podium.errors import HostError, UsageError

if TYPE_CHECKING:
    from podium.submissions.endpoint import Endpoint

__all__ = ["endpoint_of", "endpoint_of_this_shell"]

CREDENTIALS = ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY")


@contextmanager
def endpoint_of(competition: Competition) -> Iterator[Endpoint]:
    """Give the endpoint that `kaggle.host` in competition.yaml names, while the body runs.

    None: Kaggle, or the host that `podium host env` pointed this shell at. `http://…`: that host,
    with the credentials in the environment. Anything else is the folder of an embedded host
    (relative to the workspace), served on loopback meanwhile; its first user submits.

    Raises:
        HostError: the folder is not there.
        UsageError: it is no host's folder.
    """
    host = competition.kaggle.host
    if host is None:
        yield endpoint_of_this_shell()
    elif "://" in host:
        yield _at(host)
    else:
        yield from _embedded(competition, host)


def endpoint_of_this_shell() -> Endpoint:
    """Return Kaggle, or the host that `podium host env` pointed this shell at."""
    from podium.submissions.endpoint import kaggle_endpoint

    host = _host_of_this_shell()
    return kaggle_endpoint() if host is None else _at(host)


def _at(url: str) -> Endpoint:
    from podium.submissions.endpoint import Endpoint

    return Endpoint(url, {name: os.environ[name] for name in CREDENTIALS if name in os.environ})


def _host_of_this_shell() -> str | None:
    """Return the host that the official client would reach from this environment, or None."""
    is_local = os.environ.get("KAGGLE_API_ENVIRONMENT") == "LOCALHOST"
    return (os.environ.get("HTTP_PROXY") or None) if is_local else None


def _embedded(competition: Competition, host: str) -> Iterator[Endpoint]:
    from podium.hosting.server import running
    from podium.hosting.tokens import read_tokens

    folder = competition.root / host
    if not folder.is_dir():
        raise HostError(
            f"there is no folder {host}",
            where=competition.root / "competition.yaml",
            fix="make it with podium host init, or mend kaggle.host",
        )
    with running(folder) as hosted:
        # Who owns the folder owns every token in it; the first user is the one it was made for.
        user = next(iter(read_tokens(hosted.folder.tokens)), None)
        if user is None:
            raise UsageError(
                "the host has no users", where=folder, fix="add one: podium host user add"
            )
        yield replace(hosted.endpoint(user), place=str(hosted.folder.root.resolve()))
