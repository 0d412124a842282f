"""`podium check`: the data, or a submission file, before either costs anything."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.completion import class_names, part_names
from podium.cli.context import (
    command_line,
    open_workspace,
    print_to_type,
    progress,
    session,
    to_type_here,
)
from podium.cli.options import AsJson
from podium.cli.tables import PLAIN_WIDTH, print_json
from podium.errors import UsageError, plural
from podium.workspace.display import printable, show_path

if TYPE_CHECKING:
    from podium.competition.checks import Finding
    from podium.submissions.format.problems import Problem

EXAMPLE = (
    "podium check   (the data)   ·   podium check submission.csv   (a submission)   ·   "
    "podium check s.csv --preset severstal   (without a workspace)"
)


def run(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A submission file; without it, the data.")
    ] = None,
    adversarial: Annotated[
        bool, typer.Option(help="Also train a classifier of train against test images.")
    ] = True,
    fold: Annotated[
        str | None,
        typer.Option(help="FILE is of the train samples of fold 0, of 0,1 or of all: score it."),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="FILE is for this competition; no workspace is needed.",
            autocompletion=part_names("competition/presets"),
        ),
    ] = None,
    sample: Annotated[
        Path | None, typer.Option(help="With --preset: the sample submission, which has the ids.")
    ] = None,
    size: Annotated[
        str | None, typer.Option(help="With --preset: height and width of masks, as 256x1600.")
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            help="With --preset: cat,dog; how many; or a file of names.", autocompletion=class_names
        ),
    ] = None,
    show_all: Annotated[
        bool, typer.Option("--all", help="Every finding in full, with every file's name.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the data folder, or with FILE a submission, and print how to mend each problem."""
    of_preset = {"--sample": sample, "--size": size, "--classes": classes}
    options = {"--fold": fold, "--preset": preset, **of_preset}
    named = [name for name, value in options.items() if value is not None]
    if file is None and named:
        raise UsageError(f"{named[0]} is about a submission file", fix="name the file, too")
    if preset is None and (alone := [name for name in named if name in of_preset]):
        raise UsageError(f"{alone[0]} needs --preset", fix="`podium presets` lists them")
    if fold is not None and preset is not None:
        raise UsageError("a preset has no folds", fix="drop --preset in a workspace")
    if file is None:
        _check_data(ctx, adversarial=adversarial, show_all=show_all, as_json=as_json)
        return
    if show_all:
        raise UsageError("--all is about the data: of a file every problem is printed")
    if fold is None and not file.exists():
        from podium.cli.file_problems import print_absent

        print_absent(file, session(ctx).workspace() if preset is None else None, as_json=as_json)
        raise typer.Exit(2)
    from podium.cli.submission_files import check_by_preset, check_file, check_on_fold

    found: list[Problem]
    if preset is not None:
        found = check_by_preset(
            file, preset, sample=sample, size=size, classes=classes, as_json=as_json
        )
    elif fold is not None:
        found = check_on_fold(*open_workspace(ctx), file, fold, as_json=as_json)
    else:
        found = check_file(*open_workspace(ctx), file, as_json=as_json)
    if any(problem.level == "error" for problem in found):
        raise typer.Exit(2)


def _check_data(ctx: typer.Context, *, adversarial: bool, show_all: bool, as_json: bool) -> None:
    """Check the data, print what is found, and write `check.html`, but not with `as_json`."""
    from podium.reporting.pages.check_page import verdict, write_check_page
    from podium.workflows.checking import check_workspace

    here, to = open_workspace(ctx), progress()
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
    from podium.competition.checks import SHOWN_OF_ONE, joined

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
