"""`podium init`: from a data folder, or a competition's name, to a workspace."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.context import print_to_type, program_name, progress, session

if TYPE_CHECKING:
    from podium.workflows.initialising import InitialisedWorkspace

EXAMPLE = "podium init ~/downloads/garments   (or: podium init dog-breed-identification)"


def run(
    ctx: typer.Context,
    source: Annotated[
        str,
        typer.Argument(help="A data folder, a zip of it, or the slug of a Kaggle competition."),
    ],
    force: Annotated[bool, typer.Option(help="Replace an existing competition.yaml.")] = False,
    remake: Annotated[
        bool,
        typer.Option(
            help="Only make the files of made/ again, of data that changed; competition.yaml stays."
        ),
    ] = False,
    label: Annotated[
        str | None,
        typer.Option(
            help="The column to predict, where several columns of a table may be it, or several "
            "with commas, as rust,scab; or masks, for "
            "masks and no labels beside them."
        ),
    ] = None,
    label_from_name: Annotated[
        str,
        typer.Option(
            help="A regular expression for labels in names of images: its group, as in "
            r"'_(\D+)\.jpg$'; groups with names, as (?P<person>…), are columns beside it."
        ),
    ] = "",
) -> None:
    """Read a data folder and write a competition.yaml that explains itself, and starter recipes."""
    from podium.workflows.initialising import initialise

    started = initialise(
        source,
        session(ctx).start,
        force=force,
        remake=remake,
        label=label,
        expression=label_from_name,
        progress=progress(),
    )
    try:
        _print_written(started, source)
        if not remake:
            _print_what_was_read(started)
    except KeyboardInterrupt as interrupt:
        if not remake:  # the same command would be refused now
            check = f"{program_name()} {_where(started.root)}check"
            interrupt.add_note(
                f"competition.yaml and the recipes are written whole{_at(started.root)}; what was "
                f"read is only not printed to the end; to go on: {check}"
            )
        raise


def _print_written(started: InitialisedWorkspace, source: str) -> None:
    """Print what was found on the way, and the files that were written."""
    root = started.root
    for note in started.notes:
        for folder in (root, Path(source).expanduser().resolve()):
            note = note.replace(f"{folder}/", "")
        print_to_type(f"- {note}")
    written = ", ".join(str(path.relative_to(root)) for path in started.written)
    print(f"wrote {written}{_at(root)}", flush=True)


def _print_what_was_read(started: InitialisedWorkspace) -> None:
    """Print an example of each part, and the commands that come next."""
    from podium.workflows.contradictions import contradictions
    from podium.workflows.reading_summary import main_keys, reading_summary

    text = started.written[0].read_text(encoding="utf-8")
    main = main_keys(started.competition, started.origins, text)
    parts = reading_summary(started.competition, started.samples, started.unread, started.origins)
    print("read, to be mended in competition.yaml where a line is wrong:")
    print(*(f"  {line}" for line in (*main, *parts)), sep="\n")
    if against := contradictions(started.competition, started.samples, started.unread):
        print("not certain: this reading does not explain, so that it may be wrong:")
        print(*(f"  {line}" for line in against), sep="\n")
    where = _where(started.root)
    print("next:")
    if started.competition.to_choose:
        keys = ", ".join(started.competition.to_choose)
        to_type = _typed("podium choose", where)
        print(f"  {to_type}   to answer what is open: {keys}")
    for command in ("podium check", started.next_training().command):
        print(f"  {_typed(command, where)}")


def _typed(command: str, where: str) -> str:
    """Return a command as it is typed here, with the option that names the workspace."""
    return command.replace("podium", f"{program_name()} {where}".rstrip(), 1)


def _at(root: Path) -> str:
    """Return " in ROOT", "" of the current folder."""
    return "" if root == Path.cwd() else f" in {root}"


def _where(root: Path) -> str:
    """Return the option that names a workspace, "" of the current folder."""
    return "" if root == Path.cwd() else f"-w {shlex.quote(str(root))} "
