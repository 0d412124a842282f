"""`check.html`: all that `podium check` found, on one self-contained page.

Images that show one picture stand side by side, odd ones beside their path. Names from the data are
escaped; nothing is loaded from elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from podium.competition.checks import Finding
from podium.competition.spec import Competition
from podium.errors import DataError, plural
from podium.reporting.images.thumbnails import as_uri, enlarged, shrunk
from podium.reporting.pages.templating import environment, printable
from podium.workspace.atomic import write_text
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["verdict", "write_check_page"]

CHECK_PAGE = "check.html"
ROWS, IN_ROW = 12, 4
"""Rows of pictures of a finding, and pictures of a row."""
SIDE = 144  # pixels
MOST_NAMES = 5000  # of a finding; `podium check --json` has all
_logger = logging.getLogger(__name__)
_HEADINGS = {
    "error": "Stops you",
    "warning": "May cost you points",
    "note": "Facts of the data",
}


def verdict(findings: Sequence[Finding]) -> str:
    """Return in one sentence how many findings stop a training, and how many may cost points.

    Example:
        >>> verdict([Finding("error", "images that cannot be read", "3 of 9")])
        '1 problem stops you, nothing else may cost you points'
    """
    errors = sum(one.level == "error" for one in findings)
    warnings = sum(one.level == "warning" for one in findings)
    stops = "nothing stops you"
    if errors:
        stops = "1 problem stops you" if errors == 1 else f"{plural(errors, 'problem')} stop you"
    nothing = "nothing else" if errors else "nothing was found that"
    costs = f"{warnings:,} may cost you points" if warnings else f"{nothing} may cost you points"
    return f"{stops}, {costs}"


@dataclass(frozen=True)
class _Picture:
    """A picture of the page: the path that is shown, and the image or why there is none."""

    path: str
    uri: str
    trouble: str


@dataclass(frozen=True)
class _Card:
    """A finding on the page: rows of pictures with how many of a row are left out, and names."""

    finding: Finding
    rows: list[tuple[list[_Picture], int]]
    more: int
    names: list[str]
    unnamed: int


def write_check_page(
    workspace: Workspace,
    competition: Competition,
    findings: Sequence[Finding],
    *,
    progress: Progress = SILENT,
) -> Path | None:
    """Write `check.html` into the workspace and return its path; None where it cannot be written.

    Args:
        workspace: where.
        competition: reads the images.
        findings: as `check_workspace` returns them.
        progress: gets a bar for the images.
    """
    shown = [one.pictures[:ROWS] for one in findings]
    total = sum(len(row[:IN_ROW]) for rows in shown for row in rows)
    made: dict[str, _Picture] = {}
    cards: list[_Card] = []
    with progress.bar("thumbnails", total) as advance:
        for one, rows in zip(findings, shown, strict=True):
            drawn = []
            for row in rows:
                for path in row[:IN_ROW]:
                    if path not in made:
                        made[path] = _picture(competition, path)
                    advance(1)
                rest = len(row) - IN_ROW
                drawn.append(([made[path] for path in row[:IN_ROW]], max(rest, 0)))
            names = [printable(name) for name in one.items[:MOST_NAMES]]
            more = max(len(one.pictures) - ROWS, 0)
            cards.append(_Card(one, drawn, more, names, len(one.items) - len(names)))
    sections = [
        (heading, [card for card in cards if card.finding.level == level])
        for level, heading in _HEADINGS.items()
    ]
    page = (
        environment()
        .get_template("check.html")
        .render(
            name=competition.name,
            verdict=verdict(findings),
            sections=[(heading, part) for heading, part in sections if part],
            printable=printable,
        )
    )
    file = workspace.root / CHECK_PAGE
    try:
        write_text(file, page)
    except OSError as error:
        _logger.warning("%s is not written: %s", CHECK_PAGE, error)
        return None
    return file


def _picture(competition: Competition, path: str) -> _Picture:
    try:
        pixels = shrunk(competition.root / path, competition.reader, largest=SIDE)
    except DataError as error:
        return _Picture(printable(path), "", printable(error.message))
    return _Picture(printable(path), as_uri(enlarged(pixels, largest=SIDE)), "")
