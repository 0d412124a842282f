"""`podium verify`: is every file of the workspace what podium wrote, and if not, what to do."""

from __future__ import annotations

import typer

from podium.cli.context import open_workspace, print_to_type, progress, to_type_here
from podium.cli.options import AsJson
from podium.cli.tables import print_json, print_table
from podium.errors import plural, some

EXAMPLE = "podium verify --json"


def run(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Read every file that podium wrote, and list what is damaged or missing with the way out.

    That is runs, predictions, blends, submissions, imports, pseudo-labels, packages, the board, the
    caches and the ledger. Nothing is changed. Exit code 1 where anything is damaged.
    """
    from podium.training.runs.recipe_edits import override_lines
    from podium.workflows.verifying import verify

    workspace, competition = open_workspace(ctx)
    found = verify(workspace, competition, progress=progress())
    if as_json:
        print_json(found.to_json())
    else:
        if found.faults:
            rows = [(one.file, one.what, to_type_here(one.fix)) for one in found.faults]
            print_table(("file", "state", "fix"), rows)
        for change in found.other_data:
            print_to_type(change)
        for line in override_lines(found.overrides):
            print_to_type(line)
        if found.unknown:
            print(
                f"{plural(len(found.unknown), 'file')} without a digest: {some(found.unknown, 3)}"
            )
        state = f"{len(found.faults):,} damaged or missing" if found.faults else "all right"
        print(f"{plural(found.checked, 'file')} checked: {state}")
    if found.faults:
        raise typer.Exit(1)
