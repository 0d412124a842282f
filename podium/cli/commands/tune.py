"""`podium tune`: decisions of a run or a blend, scored honestly; the weights of losses."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from podium.cli.context import opened, progress
from podium.cli.options import AsJson, Overrides, Seed, Trials

app = typer.Typer(no_args_is_help=True, help="Tune decisions, and the weights of losses.")


@app.command("thresholds", epilog="Example: podium tune thresholds baseline")
def thresholds(
    ctx: typer.Context,
    artefact: Annotated[str, typer.Argument(metavar="RUN|BLEND", help="An id, or a name.")],
    trials: Trials = 50,
    as_json: AsJson = False,
    seed: Seed = 0,
) -> None:
    """Fit the decision of a run or blend on the scored task, and keep it as a blend.

    Labels: thresholds, or class weights. Masks: the threshold of a pixel or the weight of the
    background, smallest areas, a median filter, and when the classifier empties a mask.
    """
    from podium.cli.blends import print_blend
    from podium.workflows.blending import tune

    workspace, competition = opened(ctx)
    folder = tune(workspace, competition, artefact, trials=trials, seed=seed, progress=progress())
    print_blend(folder, competition, as_json=as_json)


@app.command("losses", epilog="Example: podium tune losses joint --trials 10 -o phases[1].epochs=2")
def losses(
    ctx: typer.Context,
    recipe: Annotated[str, typer.Argument(help="A recipe file, or a name in recipes/.")],
    trials: Annotated[int, typer.Option(min=1, help="Short trainings.")] = 10,
    fold: Annotated[int, typer.Option(min=0, help="Scored on it, trained on the others.")] = 0,
    override: Overrides = None,
    as_json: AsJson = False,
    seed: Seed = 0,
) -> None:
    """Search the weights of a recipe's losses, and write the recipe with the best of them.

    Overrides make the trials short; they are not in the recipe that is written.
    """
    from podium.cli.tables import number, print_json, print_table
    from podium.workflows.tuning_losses import tune_losses

    workspace, competition = opened(ctx)
    found = tune_losses(
        workspace,
        competition,
        recipe,
        overrides=tuple(override or ()),
        trials=trials,
        fold=fold,
        seed=seed,
        progress=progress(),
    )
    if as_json:
        print_json(asdict(found))
        return
    terms = list(found.search.own.weights)
    rows = [
        (
            "best" if one is found.search.best else "as it stands" if not index else "",
            *(f"{one.weights[term]:g}" for term in terms),
            number(one.score),
        )
        for index, one in enumerate(found.search.trials)
    ]
    print_table(("", *terms, found.metric), rows, title=found.study)
    print(f"recipe: {found.recipe}")
