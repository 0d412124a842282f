"""Names of other libraries: each leads to a part, a metric or a key that podium has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.errors import RecipeError
from podium.training import losses
from podium.training.recipe import Recipe, load_recipe
from podium.workspace import extensions
from podium.workspace.documents import read_document
from podium.workspace.other_names import OTHER_NAMES, own_name


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """Yield the keys of a document and of the documents within it, from its JSON schema."""
    schema = model.model_json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {})


def test_every_name_leads_to_one_that_there_is() -> None:
    keys = {*keys_of(Recipe), *keys_of(Competition)}
    parts = {*extensions.names(losses), *extensions.names(metrics)}
    assert set(OTHER_NAMES) <= keys | parts
    for own, others in OTHER_NAMES.items():
        known = [group for group in (keys, parts) if own in group]
        for other in others:
            assert any(other not in group for group in known), f"{other} is a name of podium's"


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("cross_entropy", "ce"),
        ("CrossEntropyLoss", "ce"),
        ("sparse_categorical_crossentropy", "ce"),
        ("BCEWithLogitsLoss", "bce"),
        ("SmoothL1Loss", "huber"),
        ("FocalLoss", "focal"),
        ("MSELoss", "mse"),
        ("dice_loss", "dice"),
        ("hinge", None),
    ],
)
def test_losses_of_pytorch_and_keras_are_known(name: str, own: str | None) -> None:
    assert own_name(name, extensions.names(losses)) == own


def test_metrics_of_scikit_learn_are_known() -> None:
    known = extensions.names(metrics)
    pairs = {"roc_auc_score": "auc", "f1_score": "f1", "matthews_corrcoef": "mcc"}
    pairs |= {"mean_absolute_error": "mae", "accuracy_score": "accuracy", "r2_score": "r2"}
    assert {one: own_name(one, known) for one in pairs} == pairs


@pytest.mark.parametrize(
    ("override", "meant"),
    [
        (
            "optimizer.learning_rate=0.1",
            "unknown key 'learning_rate' in optimizer, did you mean 'lr'",
        ),
        ("learning_rate=0.1", "did you mean 'optimizer.lr'?\n  fix: write lr in optimizer"),
        ("lr=0.1", "did you mean 'optimizer.lr'?"),
        ("batch=8", "did you mean 'batch_size'?\n  fix: write batch_size"),
        ("num_epochs=3", "did you mean 'phases[0].epochs'?\n  fix: write epochs in phases[0]"),
        ("optimizer.batch_size=3", "did you mean 'batch_size'?\n  fix: write batch_size"),
        ("phases[0].num_epochs=3", "did you mean 'epochs'?"),
        ("model.arch=vgg", "did you mean 'backbone'?"),
        ("arch=vgg", "did you mean 'model.backbone'?"),
        ("input.img_size=64", "did you mean 'size'?"),
        ("random_state=1", "did you mean 'seed'?"),
        ("zzz=1", "fix: remove it; the keys here are seed, "),
    ],
)
def test_a_key_of_another_library_gets_podiums(tmp_path: Path, override: str, meant: str) -> None:
    file = tmp_path / "r.yaml"
    file.write_text("phases:\n  - {name: all, epochs: 1}\n")
    with pytest.raises(RecipeError) as refused:
        load_recipe(file, (override,))
    assert meant in str(refused.value)


def test_a_key_that_stands_in_two_places_is_not_guessed(tmp_path: Path) -> None:
    class Inner(BaseModel, extra="forbid"):
        width: int = 1

    class Both(BaseModel, extra="forbid"):
        one: Inner = Inner()
        two: Inner = Inner()

    file = tmp_path / "b.yaml"
    file.write_text("width: 2\n")
    with pytest.raises(RecipeError, match="the keys here are one, two"):
        read_document(file, Both, error=RecipeError)
