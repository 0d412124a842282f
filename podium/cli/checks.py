"""`podium check` of the data on a terminal: the verdict, and a line for each finding."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from podium.cli.tables import PLAIN_WIDTH, print_json
from podium.competition.checks import SHOWN_OF_ONE, Finding, joined
from podium.reporting.pages.check_page import verdict, write_check_page
from podium.workflows.checking import check_workspace
from podium.workspace.display import printable

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.workspace.layout import Workspace
    from podium.workspace.progress import Progress

__all__ = ["check_and_print", "print_findings"]

EXAMPLES = 3
SHOWN = 7
"""Findings above the notes, and notes, that one screen shows."""
_MARKS = {"error": "✗", "warning": "!", "note": "·"}
_INDENT = "    "


def check_and_print(
    workspace: Workspace,
    competition: Competition,
    *,
    adversarial: bool,
    show_all: bool,
    as_json: bool,
    progress: Progress,
) -> list[Finding]:
    """Check the data, print what is found, and return it.

    Args:
        workspace: gets `check.html`, but not with `as_json`.
        competition: locates the data.
        adversarial: also run adversarial validation.
        show_all: print every finding with every name.
        as_json: print all of it as JSON.
        progress: of opening the files.
    """
    findings = check_workspace(workspace, competition, adversarial=adversarial, progress=progress)
    if as_json:
        print_json([asdict(one) for one in findings])
        return findings
    page = write_check_page(workspace, competition, findings, progress=progress)
    print_findings(findings, show_all=show_all)
    if page is not None:
        more = "" if show_all else "; every name: podium check --all"
        print(f"\nall of it, with the images side by side: {page.name}{more}")
    return findings


def print_findings(findings: Sequence[Finding], *, show_all: bool = False) -> None:
    """Print the verdict and the findings; no name of a file is broken over two lines."""
    print(verdict(findings))
    above = [one for one in findings if one.level != "note"]
    notes = [one for one in findings if one.level == "note"]
    shown = above if show_all else above[:SHOWN]
    for one in shown:
        print()
        _print_finding(one, show_all=show_all)
    if len(above) > len(shown):
        print(f"\nand {len(above) - len(shown):,} more findings: podium check --all")
    if notes:
        print()
    for one in notes if show_all else notes[:SHOWN]:
        if show_all:
            _print_finding(one, show_all=True)
        else:
            print(_cut(f"{_MARKS['note']} {one.title}: {one.detail}"))
    if not show_all and len(notes) > SHOWN:
        print(f"· and {len(notes) - SHOWN:,} more facts: podium check --all")


def _print_finding(one: Finding, *, show_all: bool) -> None:
    count = f": {one.n:,}" if one.n else ""
    print(printable(f"{_MARKS[one.level]} {one.title}{count}"))
    if show_all or not one.n:
        # A cause may be long; no path in it is cut.
        for line in one.detail.splitlines() or [""]:
            print(_folded(printable(line)))
    if one.n:
        for name in one.items if show_all else _examples(one):
            print(f"{_INDENT}{printable(name)}")
    mend = one.mend or one.fix
    if mend or one.where:
        print(_folded("→ " + ": ".join(filter(None, (one.where, mend)))))
    if show_all and one.mend and one.fix:
        print(_folded(one.fix))


def _examples(one: Finding) -> list[str]:
    """Return at most three of what a finding is about, of one picture at most three paths."""
    named = [
        joined(paths) if len(paths) > SHOWN_OF_ONE and " = ".join(paths) == item else item
        for item, paths in zip(
            one.items[:EXAMPLES], [*one.pictures, *[()] * EXAMPLES], strict=False
        )
    ]
    rest = len(one.items) - EXAMPLES
    return [*named, f"and {rest:,} more"] if rest > 0 else named


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PLAIN_WIDTH


def _folded(text: str) -> str:
    return textwrap.fill(
        text,
        max(_width(), 40),
        initial_indent=_INDENT,
        subsequent_indent=_INDENT + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _cut(text: str) -> str:
    """Return `text` on one line of the terminal; its end is on the page."""
    line, width = " ".join(text.split()), _width()
    return line if len(line) <= width else f"{line[: width - 2]} …"
