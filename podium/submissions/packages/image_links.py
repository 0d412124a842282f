"""What the host's image brings, as links: a folder of those distributions' files and no others.

Copying torch and CUDA's libraries takes minutes; a folder of links takes a second, and hides all
that is installed beside them.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path

from podium.submissions.packages.repack import installed, site_files

__all__ = ["link_distributions"]


def link_distributions(names: Iterable[str], to: Path) -> dict[str, str]:
    """Link the files of the installed distributions `names` into the folder `to`, laid out as here.

    Returns:
        Their versions, by name.

    Raises:
        RunError: one is not installed, or not from a wheel.
    """
    to.mkdir(parents=True, exist_ok=True)
    versions = {}
    for name in names:
        one = installed(name)
        versions[name] = one.version
        made: set[Path] = set()
        for place, path in site_files(one).items():
            link = to / place
            if link.parent not in made:
                link.parent.mkdir(parents=True, exist_ok=True)
                made.add(link.parent)
            link.symlink_to(path)
            if path.suffix == ".py":
                _link_compiled(path, link)
    return versions


def _link_compiled(path: Path, link: Path) -> None:
    """Link what Python compiled of a module: it is valid as long as the module is what it was."""
    compiled = Path(importlib.util.cache_from_source(str(path)))
    if compiled.is_file():
        there = Path(importlib.util.cache_from_source(str(link)))
        there.parent.mkdir(exist_ok=True)
        there.symlink_to(compiled)
