"""Places of the official Kaggle client's credentials; these are never shown or checked.

The order is that of kaggle 2.2: an access token (variable, then file), user name and key
(variables over kaggle.json), an OAuth file.
"""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["SHORTEST_SECRET", "Credential", "find_credentials"]

SHORTEST_SECRET = 6
"""Characters of the shortest text that is hidden in messages."""

Kind = Literal["token", "key", "oauth"]


@dataclass(frozen=True)
class Credential:
    """One place where credentials stand; holds no secret."""

    kind: Kind
    source: str
    file: Path | None = None

    @property
    def is_readable_by_others(self) -> bool:
        """Whether other users of the machine may read the file."""
        if self.file is None or sys.platform == "win32":
            return False
        return bool(self.file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def find_credentials(env: Mapping[str, str], home: Path) -> list[Credential]:
    """Return every credential that is there; the client uses the first."""
    return [*_tokens(env, home), *_keys(env, home), *_oauth(home)]


def _tokens(env: Mapping[str, str], home: Path) -> Iterator[Credential]:
    value = env.get("KAGGLE_API_TOKEN")
    if value:
        file = Path(value)
        yield Credential("token", "KAGGLE_API_TOKEN", file if _text(file) else None)
    for name in ("access_token", "access_token.txt"):
        file = home / ".kaggle" / name
        if _text(file):
            yield Credential("token", f"~/.kaggle/{name}", file)
            return


def _keys(env: Mapping[str, str], home: Path) -> Iterator[Credential]:
    file = _config_folder(env, home) / "kaggle.json"
    try:
        content = json.loads(_text(file) or "{}")
    except ValueError:
        content = {}
    written = set(content) if isinstance(content, dict) else set()
    given = {key for key in ("username", "key") if env.get(f"KAGGLE_{key.upper()}")}
    if not {"username", "key"} <= written | given:
        return
    if given == {"username", "key"}:
        yield Credential("key", "KAGGLE_USERNAME and KAGGLE_KEY")
    else:
        yield Credential("key", str(file), file)


def _oauth(home: Path) -> Iterator[Credential]:
    file = home / ".kaggle" / "credentials.json"
    if _text(file):
        yield Credential("oauth", "~/.kaggle/credentials.json", file)


def _config_folder(env: Mapping[str, str], home: Path) -> Path:
    if env.get("KAGGLE_CONFIG_DIR"):
        return Path(env["KAGGLE_CONFIG_DIR"])
    folder = home / ".kaggle"
    if sys.platform.startswith("linux") and not folder.exists():
        return Path(env.get("XDG_CONFIG_HOME") or home / ".config") / "kaggle"
    return folder


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
