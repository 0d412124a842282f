"""`podium ledger`: the index over every run, blend and submission."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from podium.cli.context import session
from podium.cli.options import AsJson
from podium.cli.tables import print_json, print_table

if TYPE_CHECKING:
    from podium.workspace.ledger import Artefact

app = typer.Typer(no_args_is_help=True, help="The index over runs, blends and submissions.")


@app.command("show", epilog="Example: podium ledger show --json")
def show(
    ctx: typer.Context,
    kind: Annotated[
        Literal["run", "blend", "submission", "import", "pseudo", "labels", "study"] | None,
        typer.Option(help="Only these."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List what the workspace holds."""
    from podium.workspace.ledger import Ledger

    ledger = Ledger(session(ctx).workspace())
    ledger.refresh()
    rows = ledger.artefacts(kind)
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        print_table(
            ("kind", "id", "status", "created"),
            [(row.kind, row.id, _status(row), f"{row.created:%Y-%m-%d %H:%M}") for row in rows],
        )


def _status(row: Artefact) -> str:
    """Return the state of an artefact; one without scores, finished or not, with the reason."""
    return f"{row.status}, without labels" if row.details.get("without_labels") else row.status


@app.command("rebuild", epilog="Example: podium ledger rebuild")
def rebuild(ctx: typer.Context) -> None:
    """Make the index anew from the files, which are the truth."""
    from podium.workspace.ledger import Ledger

    counts = Ledger(session(ctx).workspace()).rebuild()
    found = ", ".join(f"{n} {kind}" for kind, n in counts.items() if n)
    print(f"indexed {found or 'nothing: the workspace is empty'}")
