"""`podium import`: predictions made elsewhere, so that a team's models blend by name.

Python has no statement that imports a file of this name; commands are found by their names.
"""  # noqa: N999

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from podium import cli
from podium.cli.context import open_workspace, progress
from podium.cli.options import AsJson

EXAMPLE = (
    "podium import ../notebook/oof.csv --test ../notebook/test.csv --name effnet   ·   "
    "podium import masks_oof/ --test masks_test/ --folds-file folds.csv --name unet   ·   "
    "podium import ../teammate --run baseline"
)


def run(
    ctx: typer.Context,
    oof: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[OOF …]",
            help="Out-of-fold predictions: a CSV, npz, npy or folder of masks, or one a fold; or "
            "another workspace.",
        ),
    ] = None,
    test: Annotated[
        list[Path] | None,
        typer.Option(help="Predictions of the test data, of the same kind (repeat: one a fold)."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the import; default: of the file, or the run.")
    ] = None,
    run_name: Annotated[
        str | None, typer.Option("--run", help="Of another workspace: a run or blend there.")
    ] = None,
    ids: Annotated[
        list[Path] | None,
        typer.Option(help="Ids of the rows of a bare npy: a CSV, or one a line (repeatable)."),
    ] = None,
    test_ids: Annotated[
        list[Path] | None, typer.Option(help="The same for an npy of --test.")
    ] = None,
    folds_file: Annotated[
        Path | None, typer.Option(help="Table of id and fold: how the OOF was made.")
    ] = None,
    logits: Annotated[
        bool, typer.Option("--logits", help="Values are logits: take sigmoid or softmax.")
    ] = False,
    trust_folds: Annotated[
        bool,
        typer.Option(
            "--trust-folds",
            help="You assert that no row was predicted by a model that was trained on it.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check predictions that were made elsewhere, and keep them as a member to blend.

    Rows are found by id and columns by class name, in any order. A column `fold`, --folds-file, one
    file a fold, or the other workspace shows whether the rows count as out of fold.
    """
    from podium.workflows.importing import ImportTarget, import_predictions

    made = import_predictions(
        ImportTarget.of(*open_workspace(ctx)),
        oof or (),
        test=test or (),
        run=run_name,
        name=name,
        ids=ids or (),
        test_ids=test_ids or (),
        folds_file=folds_file,
        logits=logits,
        trust_folds=trust_folds,
        progress=progress(),
    )
    cli.imports.print_imports(made, as_json=as_json)
