"""What `podium check` finds in the data, on a terminal: each finding with how to mend it."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from podium.cli.context import command_line, print_to_type, progress, to_type_here
from podium.cli.tables import PLAIN_WIDTH, print_json
from podium.competition.checks import SHOWN_OF_ONE, joined
from podium.errors import plural
from podium.reporting.pages.check_page import verdict, write_check_page
from podium.workflows.checking import check_workspace
from podium.workspace.display import printable, show_path

if TYPE_CHECKING:
    from podium.competition.checks import Finding
    from podium.competition.spec import Competition
    from podium.workspace.layout import Workspace

__all__ = ["check_data", "print_findings"]


def check_data(
    workspace: Workspace,
    competition: Competition,
    *,
    adversarial: bool,
    show_all: bool,
    as_json: bool,
) -> None:
    """Check the data, print what is found, and write `check.html`, but not with `as_json`."""
    here, to = (workspace, competition), progress()
    findings = check_workspace(*here, adversarial=adversarial, progress=to)
    if as_json:
        print_json([one.to_json() for one in findings])
    else:
        page = write_check_page(*here, findings, progress=to)
        print(verdict(findings))
        print_findings(findings, show_all=show_all)
        if page is not None:
            more = "" if show_all else f"; every name: {command_line('check', '--all')}"
            print(f"\nall of it, with the images side by side: {show_path(page)}{more}")
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(2)


_NAMED = 3
SHOWN = 7
"""Findings above the notes, and notes, that one screen shows."""
_MARKS = {"error": "✗", "warning": "!", "note": "·"}
_INDENT = "    "


def print_findings(findings: Sequence[Finding], *, show_all: bool = False) -> None:
    """Print the findings; no name of a file is broken over two lines."""
    above = [one for one in findings if one.level != "note"]
    notes = [one for one in findings if one.level == "note"]
    shown = above if show_all else above[:SHOWN]
    for one in shown:
        print()
        _print_finding(one, show_all=show_all)
    if len(above) > len(shown):
        print_to_type(
            f"\nand {plural(len(above) - len(shown), 'more finding')}: podium check --all"
        )
    if notes:
        print()
    for one in notes if show_all else notes[:SHOWN]:
        if show_all:
            _print_finding(one, show_all=True)
        else:
            print(_cut(f"{_MARKS['note']} {one.title}: {one.detail}"))
    if not show_all and len(notes) > SHOWN:
        n_left = len(notes) - SHOWN
        print_to_type(f"· and {n_left:,} more fact{'' if n_left == 1 else 's'}: podium check --all")


def _print_finding(one: Finding, *, show_all: bool) -> None:
    count = f": {one.n:,}" if one.n else ""
    print(printable(f"{_MARKS[one.level]} {one.title}{count}"))
    if show_all or not one.n:
        # A cause may be long; no path in it is cut.
        detail = one.detail if one.beside is None else one.beside
        for line in detail.splitlines():
            print(_folded(printable(line)))
    if one.n:
        names = list(one.items) if show_all else _examples(one)
        # The last line may be of how many more there are.
        known = one.reasons if show_all else one.reasons[:_NAMED]
        reasons = [*known, *[""] * len(names)]
        for name, why in zip(names, reasons, strict=False):
            print(f"{_INDENT}{printable(f'{name}: {why}' if why else name)}")
    mend = to_type_here(one.mend or one.fix)
    if mend or one.where:
        print(_folded("→ " + ": ".join(filter(None, (one.where, mend)))))
    if show_all and one.mend and one.fix:
        print(_folded(to_type_here(one.fix)))


def _examples(one: Finding) -> list[str]:
    """Return at most three of what a finding is about, of one picture at most three paths."""
    named = [
        joined(paths) if len(paths) > SHOWN_OF_ONE and " = ".join(paths) == item else item
        for item, paths in zip(one.items[:_NAMED], [*one.pictures, *[()] * _NAMED], strict=False)
    ]
    rest = len(one.items) - _NAMED
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
    """Return `text` on one line: of a terminal up to a word that fits; its end is on the page."""
    line = " ".join(text.split())
    if not sys.stdout.isatty() or len(line) <= _width():
        return line
    room = line[: _width() - 1]
    return f"{room.rpartition(' ')[0] or room[:-1]} …"
