"""Where a recipe names no loss, numbers are learnt by the loss that their metric asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from podium.competition import metrics
from podium.competition.spec import Competition, load_competition
from podium.tasks.protocols.names import IMAGES
from podium.training.loss_search import with_default_losses
from podium.training.objective import build_objective
from podium.training.recipe import Recipe
from podium.training.starters.fitted import read_fitted_starter

AMOUNTS = np.exp(1 + np.random.default_rng(3).standard_normal(401))


def competition(folder: Path, metric: str, kind: str = "regression") -> Competition:
    columns = ["low", "high"] if metrics.find_kind("classify", kind).needs_classes else []
    spec: dict[str, Any] = {
        "name": "amounts",
        "tasks": {"classify": kind},
        "data": {
            "train": {
                "table": "train.csv",
                "id": "id",
                "images": "{id}.png",
                "label": columns or "y",
            }
        },
        "metric": {"name": metric},
    }
    if columns:
        spec["classes"] = columns
    (folder / "competition.yaml").write_text(yaml.safe_dump(spec))
    return load_competition(folder)


@pytest.mark.other_cases("slow")
@pytest.mark.parametrize("metric", ["rmse", "mae", "rmsle"])
def test_constant_fitted_by_the_default_loss_is_the_best_by_the_metric(
    tmp_path: Path, metric: str
) -> None:
    kind = metrics.kind_to_learn(competition(tmp_path, metric), IMAGES)
    objective = build_objective(
        None, kinds={"classify": kind}, column_units=np.array([AMOUNTS.std()])
    )
    constants = np.linspace(AMOUNTS.min(), np.quantile(AMOUNTS, 0.95), 2000)
    target = torch.from_numpy(AMOUNTS).float()[:, None]

    def loss(constant: float) -> float:
        return float(
            objective({"classify": torch.full_like(target, constant)}, {"classify": target})[
                "total"
            ]
        )

    def score(constant: float) -> float:
        return metrics.score(metric, AMOUNTS, np.full_like(AMOUNTS, constant))

    learnt = constants[np.argmin([loss(one) for one in constants])]
    best = constants[np.argmin([score(one) for one in constants])]
    assert learnt == pytest.approx(best, rel=0.03)  # mean 4.4, median 2.7, that of ln(1 + y) 3.2
    assert score(learnt) == pytest.approx(score(best), rel=1e-3)


@pytest.mark.parametrize(
    ("metric", "kind", "expected"),
    [
        ("rmsle", "regression", {"msle": 1}),
        ("mae", "regression", {"huber": {"delta": 0.1}}),
        ("mae", "multitarget", {"huber": {"delta": 0.1}}),
        ("rmse", "regression", {"mse": 1}),
        ("r2", "regression", {"mse": 1}),
    ],
)
def test_recipes_that_name_a_loss_name_that_of_the_metric(
    tmp_path: Path, metric: str, kind: str, expected: dict[str, Any]
) -> None:
    spec = competition(tmp_path, metric, kind)
    made = with_default_losses(
        Recipe.model_validate({"phases": [{"name": "a", "epochs": 1}]}), spec
    )
    assert made.phases[0].loss == {"classify": expected}
    phases = yaml.safe_load(read_fitted_starter("joint", spec)[0])["phases"]
    assert phases[0]["loss"]["classify"] == expected


def test_ratings_keep_the_loss_of_their_link_whatever_scores_them(tmp_path: Path) -> None:
    spec = yaml.safe_load(
        (competition(tmp_path, "mae") and tmp_path / "competition.yaml").read_text()
    )
    spec |= {"tasks": {"classify": "ordinal"}, "classes": ["a", "b", "c"]}
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec))
    kind = metrics.kind_to_learn(load_competition(tmp_path), IMAGES)
    assert kind.usual_loss == {"bce": 1}
