"""Labels of thousands of classes: scored by the likeliest of each row, batch by batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from podium.competition.spec import Competition
from podium.errors import RecipeError
from podium.training.data.augment import build_eval
from podium.training.data.rows import SampleRows
from podium.training.data.streams import Normaliser
from podium.training.fit.validation import Validation
from podium.training.inference.images import EvalImages
from podium.training.objective import build_objective
from podium.training.recipe import Input, Recipe
from podium.training.runs.job import n_kept_classes

N, C, SIDE = 13, 30, 8


def competition(
    n_classes: int = C, metric: dict[str, Any] | None = None, **changes: Any
) -> Competition:
    spec = {
        "name": "x",
        "tasks": {"classify": "multiclass"},
        "classes": [f"c{i}" for i in range(n_classes)],
        "data": {
            "train": {"table": "t.csv", "id": "id", "images": "{id}", "label": "l"},
            "test": {"images": "*.png"},
        },
        "metric": metric or {"name": "map_at_k", "k": 3},
        **changes,
    }
    return Competition.model_validate(spec)


class Projected(nn.Module):
    """Logits are a fixed random map of the image's pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.randn(3 * SIDE * SIDE, C, generator=torch.Generator().manual_seed(0))

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return {"classify": (images - 0.5).flatten(1) @ self.weight}


@pytest.mark.parametrize("batch_size", [1, 4, 100])
@pytest.mark.parametrize("open_set", [None, "new"])
def test_a_score_by_the_likeliest_and_a_loss_by_batches_are_those_of_all_at_once(
    batch_size: int, open_set: str | None
) -> None:
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 255, (SIDE, SIDE, 3)).astype(np.uint8) for _ in range(N)]
    truth = rng.integers(0, C, N)
    if open_set:
        truth[:3] = -1
    rows = SampleRows(
        images=images,  # type: ignore[arg-type]
        at=np.arange(N),
        ids=[str(i) for i in range(N)],
        target={"classify": truth},
        weight=np.ones(N, dtype=np.float32),
        answered={"classify": truth >= 0},
    )
    of = competition(open_set=open_set)
    objective = build_objective(
        None,
        kinds={"classify": "multiclass"},
        class_weights=None,
        label_smoothing=0.0,
        n_outputs={"classify": C},
        link=None,
        root=None,
    )
    found = []
    for top_k in (None, 3):
        prepared = EvalImages(rows, build_eval(Input(size=SIDE)), batch_size=batch_size)
        judged = Validation(
            prepared, of, ["classify"], truth=truth, where="fold 0", top_k=top_k
        ).evaluate(Projected(), {"classify": objective}, Normaliser((0, 0, 0), (1, 1, 1)))
        found.append((judged.loss, judged.scores()["map_at_k"]))
    (loss, score), (by_batches, by_likeliest) = found
    assert by_likeliest == pytest.approx(score)
    assert by_batches == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize(
    ("key", "n_classes", "metric", "kept"),
    [
        ("auto", 999, None, None),
        ("auto", 1000, None, 50),
        ("auto", 1000, {"name": "map_at_k", "k": 80}, 80),
        ("auto", 1000, {"name": "log_loss"}, None),
        ("all", 5000, None, None),
        (7, 30, None, 7),
        (30, 30, None, None),
    ],
)
def test_how_many_classes_are_kept(
    key: Any, n_classes: int, metric: dict[str, Any] | None, kept: int | None
) -> None:
    assert n_kept_classes(recipe(key), competition(n_classes, metric)) == kept


@pytest.mark.parametrize(
    ("key", "metric", "message"),
    [
        (2, None, "3 are ranked"),
        (9, {"name": "log_loss"}, "log_loss scores probabilities"),
    ],
)
def test_fewer_than_are_needed_are_refused(
    key: int, metric: dict[str, Any] | None, message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        n_kept_classes(recipe(key), competition(metric=metric))


def recipe(top_k: Any) -> Recipe:
    phases = [{"name": "a", "epochs": 1}]
    return Recipe.model_validate({"phases": phases, "predict": {"top_k": top_k}})
