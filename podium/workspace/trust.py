"""Code of a workspace that was not made here is named before it runs for the first time.

A workspace is trusted by its path, once `podium init` has made it or its code has run. The record
lies in the folder of the user's state: a workspace that was copied or mounted brings none along.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from podium.errors import UsageError
from podium.workspace.atomic import write_text
from podium.workspace.locks import user_state_folder

__all__ = ["TRUST", "allow_code", "trust"]

TRUST = "PODIUM_TRUST"
_CHOICES = ("ask", "all", "none")


def allow_code(
    root: Path, file: Path, *, report: Callable[[str], None], ask: Callable[[str], bool] | None
) -> None:
    """Return where the modules of the workspace `root` may run; nobody is asked twice.

    The variable PODIUM_TRUST decides: `ask` (the default) asks where there is a terminal and
    reports where there is none, `all` neither asks nor reports, `none` runs no code of a workspace
    that is not trusted yet.

    Args:
        root: the folder of `competition.yaml`.
        file: the module that is about to run.
        report: prints a line.
        ask: asks a person; None: there is nobody to ask.

    Raises:
        UsageError: it may not run, or PODIUM_TRUST is none of the three words.
    """
    choice = os.environ.get(TRUST) or _CHOICES[0]
    if choice not in _CHOICES:
        raise UsageError(
            f"{TRUST} is {choice!r}", fix=f"set it to one of {', '.join(_CHOICES)}, or unset it"
        )
    if choice == "all" or _is_trusted(root):
        return
    shown = file.relative_to(root) if file.is_relative_to(root) else file
    text = f"{root} was not made here, and runs code of its own with your rights: {shown}"
    refused = choice == "none"
    if not refused and ask is not None:
        refused = not ask(f"{text}\nrun it, now and later?")
    elif not refused:
        report(f"{text} ({TRUST}=none refuses it)")
    if refused:
        raise UsageError(
            f"this workspace was not made here, and its {shown} is not trusted",
            where=root,
            fix=f"read it; then repeat the command with {TRUST}=ask, or =all",
        )
    trust(root)


def trust(root: Path) -> None:
    """Remember that modules of `root` may run; without a home, nothing is remembered."""
    record = _record(root)
    if record is not None:
        with suppress(OSError):
            write_text(record, f"{root.resolve()}\n")


def _is_trusted(root: Path) -> bool:
    record = _record(root)
    with suppress(OSError):
        return record is not None and record.is_file()
    return False


def _record(root: Path) -> Path | None:
    state = user_state_folder()
    token = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:32]
    return None if state is None else state / "trusted" / token
