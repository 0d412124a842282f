"""What answers at an address: a host returns which competition it serves to any client."""

from __future__ import annotations

import http.client
import json
import shlex
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["NAME_PATH", "competition_at", "note_on_address"]

NAME_PATH = "/competition.json"
_TIMEOUT_S = 1.0
_MAX_BYTES = 1 << 14


def competition_at(url: str) -> str | None:
    """Return the name of the competition that a podium host at `url` serves.

    "": something else answers there; None: nothing does.
    """
    address = urlsplit(url)
    # No proxy of the environment is asked: `podium host env` makes a host one.
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port or 80, timeout=_TIMEOUT_S
    )
    try:
        connection.request("GET", address.path.rstrip("/") + NAME_PATH)
        answer = connection.getresponse()
        content = answer.read(_MAX_BYTES) if answer.status == 200 else b"{}"
        named = json.loads(content)["competition"]
    except OSError:
        return None
    except (ValueError, LookupError, TypeError, http.client.HTTPException):
        return ""
    finally:
        connection.close()
    return named if isinstance(named, str) else ""


def note_on_address(url: str, slug: str, folder: Path) -> str:
    """Return what is amiss where the host of the competition `slug` should answer, or "".

    Args:
        url: the address.
        slug: the competition's name.
        folder: of the host, as it is typed.
    """
    named = competition_at(url)
    if named == slug:
        return ""
    if named is None:
        command = f"podium host serve {shlex.quote(str(folder))}"
        return f"nothing answers at {url} now: start the host in another terminal: {command}"
    what = f"the competition {named}" if named else "something that is no podium host"
    return f"at {url} answers {what}, not {slug}: stop it, or serve {slug} with another --port"
