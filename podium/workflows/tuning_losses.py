"""Search the weights of a recipe's losses, and write the recipe with the best of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from podium.competition import metrics
from podium.competition.folds_file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.training.identity import run_id
from podium.training.job import require_folds
from podium.training.recipe import load_recipe
from podium.training.trials import loss_weights, trial_score, with_loss_weights
from podium.tuning.loss_weights import LossSearch, search_loss_weights
from podium.workflows.training import find_recipe
from podium.workspace.atomic import write_text
from podium.workspace.documents import dumps
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["TunedLosses", "tune_losses"]


@dataclass(frozen=True)
class TunedLosses:
    """What a search of loss weights left.

    Attributes:
        search: its trials.
        metric: what they are scored by.
        recipe: the file of the recipe with the best weights.
        study: name of the Optuna study in the workspace's `studies.db`.
    """

    search: LossSearch
    metric: str
    recipe: Path
    study: str


def tune_losses(
    workspace: Workspace,
    competition: Competition,
    recipe: Path | str,
    *,
    overrides: Sequence[str] = (),
    trials: int = 10,
    fold: int = 0,
    seed: int = 0,
    progress: Progress = SILENT,
) -> TunedLosses:
    """Return the trials of a search, each a training on every fold but `fold`, scored on `fold`.

    The recipe with the best weights is written beside its source, as `<name>-losses.yaml`; the
    overrides, which are there to make the trials short, are not in it. The same call goes on where
    it was interrupted. Weights that are chosen on a fold have seen it: the score of a run with them
    is a little flattered there, as that of every choice among recipes.

    Raises:
        UsageError: there is no such fold, or fewer than two loss terms.
        PodiumError: as training does.
    """
    file = find_recipe(workspace, recipe)
    short, whole = load_recipe(file, tuple(overrides)), load_recipe(file)
    samples = load_samples(competition, "train", workspace=workspace)
    folds = ensure_folds(workspace, competition, samples)
    known = [int(k) for k in np.unique(folds) if k >= 0]
    require_folds([fold], known)
    metric = metrics.of(competition)
    trained, _ = run_id(workspace, competition, short, name=file.stem, samples=samples, folds=folds)
    question = {
        "trained": trained,  # other data or folds are another question, too
        "metric": metrics.facts_of(competition),
        "fold": fold,
        "seed": seed,
    }
    study = f"losses-{file.stem}-{short_digest(question)}"

    def train(weights: dict[str, float]) -> float:
        said = ", ".join(f"{term} {weight:g}" for term, weight in weights.items())
        score = trial_score(
            workspace,
            competition,
            with_loss_weights(short, weights),
            name=f"{file.stem}-trial",
            fold=fold,
            progress=progress,
        )
        progress.say(f"  {said}: {metric.name} {score:.4f}")
        return score

    search = search_loss_weights(
        loss_weights(short),
        train,
        trials=trials,
        greater_is_better=metric.greater_is_better,
        seed=seed,
        storage=f"sqlite:///{workspace.studies_db.resolve()}",
        study_name=study,
    )
    target = workspace.recipes / f"{file.stem}-losses.yaml"
    head = f"# {file.name} with the loss weights that study {study} found best on fold {fold}.\n"
    text = head + dumps(with_loss_weights(whole, search.best.weights))
    if not target.is_file() or target.read_text(encoding="utf-8") != text:
        write_text(target, text)
    return TunedLosses(search, metric.name, target, study)
