"""Who may submit: one secret a user, in a file that only the host's owner can read."""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from podium.errors import UsageError
from podium.workspace.atomic import write_json

__all__ = ["make_tokens", "read_tokens", "user_of"]

_USER = re.compile(r"[\w.-]{1,64}")


def make_tokens(file: Path, users: Sequence[str]) -> dict[str, str]:
    """Write a new secret for each of `users` to `file` (mode 0600) and return them by user."""
    strange = [user for user in users if not _USER.fullmatch(user)]
    if strange or not users or len(set(users)) != len(users):
        raise UsageError(
            f"users must be different names of letters, digits, _ . and -, got {list(users)}",
            fix="write short names: anna, team-2",
        )
    tokens = {user: f"podium_{secrets.token_urlsafe(32)}" for user in users}
    write_json(file, tokens, mode=0o600)
    return tokens


def read_tokens(file: Path) -> dict[str, str]:
    """Return the secrets by user.

    Raises:
        UsageError: the file is missing or is not what `make_tokens` writes.
    """
    try:
        tokens = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"no tokens can be read: {error}", where=file) from error
    if not isinstance(tokens, dict) or not all(isinstance(one, str) for one in tokens.values()):
        raise UsageError("must map users to tokens", where=file)
    return tokens


def user_of(tokens: Mapping[str, str], secret: str) -> str | None:
    """Return whose `secret` it is, in a time that does not tell how much of it was right."""
    found = None
    for user, token in tokens.items():
        if hmac.compare_digest(token.encode(), secret.encode()):
            found = user
    return found
