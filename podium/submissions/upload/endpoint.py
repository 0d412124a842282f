"""Endpoints of submissions: Kaggle or an embedded host, and the competition's name there.

`client_variables` returns the environment of the official client.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from podium.competition.spec import Competition
from podium.errors import HostError, UsageError

__all__ = [
    "NAME_A_HOST",
    "NO_HOST",
    "Endpoint",
    "Target",
    "client_variables",
    "endpoint_at",
    "endpoint_from_environment",
    "host_of_this_shell",
    "kaggle_endpoint",
    "slug_from_name",
    "slug_of",
]


Target = Literal["kaggle", "host"]

# These print the bearer token, or make the client act as inside a Kaggle notebook.
_ALWAYS_DROPPED = ("VERBOSE", "VERBOSE_OUTPUT", "KAGGLE_COMPETITION_SUBMISSION_MODEL_VERSION_ID")
_CREDENTIALS = ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_API_V1_TOKEN")
_OF_HOST = _CREDENTIALS[:3]  # what an embedded host knows
_NOTEBOOK = ("KAGGLE_KERNEL_RUN_TYPE", "KAGGLE_DATA_PROXY_URL")
_BYPASSES = ("NO_PROXY", "no_proxy")


@dataclass(frozen=True)
class Endpoint:
    """A host that speaks Kaggle's protocol; without a `url`, Kaggle itself.

    Args:
        url: address of an embedded host, `http://127.0.0.1:8123`.
        env: variables with the credentials (`KAGGLE_API_TOKEN`), for the client's process only.
            They are left out of every text that this object turns into.
        place: identifies an embedded host when its port changes; default: the `url`.
    """

    url: str | None = None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    place: str = ""

    def __post_init__(self) -> None:
        if self.url is not None and not self.url.startswith("http://"):
            raise HostError(
                f"the official client reaches a host over plain HTTP only, got {self.url}",
                fix="give http://ADDRESS:PORT; across a network, tunnel it (ssh -L)",
            )

    @property
    def target(self) -> Target:
        """The name of this endpoint in a receipt: hosts change their port, so it is no URL."""
        return "kaggle" if self.url is None else "host"


def kaggle_endpoint() -> Endpoint:
    """Return Kaggle, with the credentials that this user's environment or home folder hold."""
    return Endpoint()


def host_of_this_shell() -> str | None:
    """Return the address of the host that `podium host env` pointed this shell at, or None."""
    is_local = os.environ.get("KAGGLE_API_ENVIRONMENT") == "LOCALHOST"
    return (os.environ.get("HTTP_PROXY") or None) if is_local else None


def endpoint_at(url: str) -> Endpoint:
    """Return the host at an address, with the credentials of this shell."""
    return Endpoint(url, {name: os.environ[name] for name in _OF_HOST if name in os.environ})


def endpoint_from_environment() -> Endpoint:
    """Return Kaggle, or the host that `podium host env` pointed this shell at."""
    host = host_of_this_shell()
    return kaggle_endpoint() if host is None else endpoint_at(host)


def client_variables(
    endpoint: Endpoint, private: Path, *, ours: Mapping[str, str]
) -> dict[str, str]:
    """Return the whole environment of the client's process.

    The client has no option for another port than 80 of localhost, so an embedded host plays its
    HTTP proxy. The user's home is hidden from a host: their Kaggle token is none of its business.

    Args:
        endpoint: where the calls go, and the credentials.
        private: a folder that only this user can read, for the client's state.
        ours: the environment of this process.
    """
    dropped = {*_ALWAYS_DROPPED, "KAGGLE_API_ENVIRONMENT"}
    if endpoint.url is not None:
        dropped |= {*_CREDENTIALS, *_NOTEBOOK, *_BYPASSES}
    variables = {name: value for name, value in ours.items() if name not in dropped}
    variables |= {"TMPDIR": str(private), **endpoint.env}
    if endpoint.url is not None:
        variables |= {
            "HTTP_PROXY": endpoint.url,
            "http_proxy": endpoint.url,
            "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
            "KAGGLE_CONFIG_DIR": str(private),
            "HOME": str(private),
        }
    return variables


NO_HOST = "the competition has no slug and no host, so there is nowhere to submit to"
NAME_A_HOST = (
    "write kaggle.slug, the last part of the competition's address on Kaggle; or kaggle.host, the "
    "address or the folder of a host of your own"
)


def slug_of(competition: Competition) -> str:
    """Return the competition's name at its host; a host of one's own names it after its title.

    Raises:
        UsageError: it is at Kaggle, and `competition.yaml` lacks its name there.
    """
    if competition.kaggle.slug is None and competition.kaggle.host is not None:
        return slug_from_name(competition.name)
    if competition.kaggle.slug is None:
        raise UsageError(NO_HOST, where=competition.root / "competition.yaml", fix=NAME_A_HOST)
    return competition.kaggle.slug


def slug_from_name(name: str) -> str:
    """Return `name` as the last part of an address.

    Example:
        >>> slug_from_name("Emoji in the wild!")
        'emoji-in-the-wild'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "competition"
