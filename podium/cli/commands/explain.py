"""`podium explain`: feature maps, Grad-CAM and attention of a run's networks."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from podium.cli.context import open_workspace, print_to_type, progress
from podium.cli.options import RunName, split_commas
from podium.errors import UsageError, plural

EXAMPLE = "podium explain baseline img_0042 img_0107"


def run(
    ctx: typer.Context,
    run_name: RunName,
    images: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[IMAGE_ID]...",
            help="Ids of images; default: the three most confident mistakes out of fold, or, "
            "without labels of images, as of masks alone, the first three of a fold.",
            show_default=False,
        ),
    ] = None,
    fold: Annotated[
        int | None,
        typer.Option(
            help="This fold's network; default: the one that was not trained on the image.",
            show_default=False,
        ),
    ] = None,
    layers: Annotated[
        str,
        typer.Option(help="Whose maps: stages, or names of the backbone's modules, with commas."),
    ] = "stages",
    learnt: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Also predictions of each network on N of its training rows, beside out of fold.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Look inside a run's networks: feature maps, Grad-CAM of predicted and true class, attention.

    It is kept in the run's folder, and `podium report` draws it. Nothing is trained.
    """
    from podium.workflows.explaining import explain, predict_training_rows

    layer_names = split_commas(layers)
    if not layer_names:
        raise UsageError("--layers names no layer", fix="leave it out for one map a stage")
    workspace, competition = open_workspace(ctx)
    folder = workspace.artefact(run_name, rooms=("runs",))
    found = explain(
        workspace,
        competition,
        folder,
        images or (),
        fold=fold,
        layers=layer_names,
        progress=progress(),
    )
    sides = []
    if learnt is not None:
        sides = predict_training_rows(
            workspace, competition, folder, learnt, fold=fold, progress=progress()
        )
    if as_json:
        looked = [
            {
                "id": one.inside.id,
                "part": one.inside.part,
                "fold": one.fold,
                "learnt": one.inside.is_trained_on,
                "predicted": one.inside.predicted,
                "truth": one.inside.truth,
                "layers": [stage.name for stage in one.inside.stages],
                "grad_cam": [heat.name for heat in one.inside.heats],
                "attention": one.inside.attention is not None,
                "left_out": one.inside.left_out,
                "file": str(one.file),
            }
            for one in found
        ]
        compared = [
            {
                "fold": one.fold,
                "learnt": {"rows": one.training.n, "right": one.training.right},
                "out_of_fold": {"rows": one.unseen.n, "right": one.unseen.right},
            }
            for one in sides
        ]
        print(json.dumps({"images": looked, "learnt": compared}, indent=2))
        return
    for one in found:
        inside = one.inside
        predicted = f", predicted {inside.predicted}" if inside.predicted else ""
        true = f", is {inside.truth}" if inside.truth else ""
        seen = ", which was trained on it" if inside.is_trained_on else ""
        print(f"{inside.id} ({inside.part}), fold {one.fold}{seen}{predicted}{true}")
        for sentence in inside.left_out:
            print(f"  {sentence}")
        print(f"  {one.file}")
    for side in sides:
        print(
            f"fold {side.fold}: right of {plural(side.training.n, 'row')} that it was trained on "
            f"{side.training.share}, of {side.unseen.n:,} out of fold {side.unseen.share}"
        )
    print_to_type("podium report draws it, below the run")
