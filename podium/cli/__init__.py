"""The command line: a command parses and loads what it does only when it runs.

`commands` holds options and help, which `--help` loads; the modules here hold, by subject, what is
called and printed. Of a group of commands that do one module's work it is an attribute here, which
is loaded at its first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.cli import hosting

__all__ = ["hosting"]

__getattr__ = lazy_attributes(__name__, {name: name for name in __all__})
