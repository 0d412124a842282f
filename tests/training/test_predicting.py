from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.spec import load_competition
from podium.errors import RecipeError, RunError, UsageError
from podium.predictions import PredictionSet
from podium.training.inference import prediction_sets
from podium.training.inference.prediction_sets import predict
from podium.training.recipe import load_recipe
from podium.training.runs import record
from podium.training.runs.ids import run_id
from podium.training.runs.job import Job, TrainingData
from podium.training.runs.train import Trained, train
from podium.workspace.layout import Workspace

QUICK = ("phases=[{name: only, epochs: 2}]", "optimizer.lr=0.05")


def trained(made: tuple, folds: tuple[int, ...] | None = None) -> Trained:
    workspace, competition = made
    return train(
        workspace, competition, workspace.recipes / "tiny.yaml", overrides=QUICK, folds=folds
    )


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, make_in: Callable) -> Path:
    """Return the folder of a workspace with a trained run."""
    made = make_in(tmp_path_factory.mktemp("original") / "ws")
    trained(made)
    root: Path = made[0].root
    return root


@pytest.fixture
def copied(original: Path, tmp_path: Path) -> tuple[tuple, Path]:
    """Return a copy of it, to change, and the run in it."""
    root = Path(shutil.copytree(original, tmp_path / "copy"))
    (run,) = (root / "runs").glob("tiny-*")
    return (Workspace(root), load_competition(root)), run


def test_the_recipes_own_views_are_the_set_that_training_wrote(copied: tuple) -> None:
    made, run = copied
    folder = predict(*made, run)
    assert [folder] == list((run / "predictions").iterdir())
    assert PredictionSet(folder).is_complete


def test_other_views_are_a_set_of_their_own_near_the_first(copied: tuple) -> None:
    made, run = copied
    plain, flipped = predict(*made, run), predict(*made, run, tta=["hflip", "vflip"])
    assert plain != flipped
    assert predict(*made, run, tta=["hflip", "vflip"]) == flipped
    ours, theirs = PredictionSet(plain).oof(), PredictionSet(flipped).oof()
    assert ours.ids == theirs.ids
    assert not np.array_equal(ours.probs, theirs.probs)
    assert np.abs(ours.probs - theirs.probs).max() < 0.3


def test_the_mean_over_fold_models_has_every_test_image_once(copied: tuple) -> None:
    made, run = copied
    ids, probs = PredictionSet(predict(*made, run)).mean("test")
    assert sorted(ids) == [f"{i:04d}" for i in range(36, 42)]
    np.testing.assert_allclose(probs.sum(axis=1), 1, atol=1e-6)


def test_new_test_images_are_predicted_without_training(copied: tuple) -> None:
    made, run = copied
    before = predict(*made, run)
    Image.new("RGB", (40, 40), "red").save(made[0].root / "data/test/9999.png")
    stamp = (run / "fold-0/last.pt").stat().st_mtime_ns
    after = predict(*made, run)
    assert after != before
    assert "9999" in PredictionSet(after).mean("test")[0]
    assert (run / "fold-0/last.pt").stat().st_mtime_ns == stamp


def test_changed_training_data_are_refused(copied: tuple) -> None:
    made, run = copied
    Image.new("RGB", (40, 40), "red").save(made[0].root / "data/train/0003.png")
    with pytest.raises(RunError, match="training samples changed"):
        predict(*made, run)


def test_only_trained_folds_predict(make: Callable) -> None:
    made = make()
    run = trained(made, folds=(1,)).run
    folder = predict(*made, run, tta=["rot90"])
    assert PredictionSet(folder).folds("oof", "classify") == (1,)
    with pytest.raises(RunError, match=r"fold 2 of .* is not trained"):
        predict(*made, run, folds=[2])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"splits": ("valid",)}, UsageError, "valid"),
        ({"splits": ("unlabelled",)}, UsageError, "no unlabelled"),
        ({"tta": ["sideways"]}, RecipeError, "sideways"),
    ],
)
def test_what_cannot_be_predicted_is_refused(
    copied: tuple, options: dict, error: type[Exception], message: str
) -> None:
    made, run = copied
    with pytest.raises(error, match=message):
        predict(*made, run, **options)


NET = """
from torch import nn
def build(*, in_chans):
    return nn.Conv2d(in_chans, 4, 3, stride=4)
"""


def test_another_network_or_reader_than_in_training_is_refused(make: Callable) -> None:
    workspace, competition = make()
    (workspace.root / "my_net.py").write_text(NET)
    (workspace.root / "my_loss.py").write_text("LOSS = None\n")
    recipe = load_recipe(
        workspace.recipes / "tiny.yaml",
        ("model.backbone=my_net:build", "phases[0].loss={classify: {'my_loss:LOSS': 1}}"),
    )
    data = TrainingData.load(workspace, competition)
    identity, inputs = run_id(
        workspace, competition, recipe, name="own", samples=data.samples, folds=data.folds
    )
    assert set(inputs["sources"]) == {"my_loss", "my_net"}
    run = workspace.runs / identity
    record.begin(Job(workspace, competition, recipe, data, run, inputs))
    (workspace.root / "my_loss.py").write_text("LOSS = 1\n")  # it made the weights, and is done

    def again() -> Job:
        return prediction_sets.load_job(workspace, load_competition(workspace.root), run)

    assert again().inputs == inputs
    (workspace.root / "my_net.py").write_text(NET + "# edited\n")
    with pytest.raises(RunError, match="the module my_net changed since own-"):
        again()
    (workspace.root / "my_net.py").write_text(NET)
    spec = workspace.root / "competition.yaml"
    spec.write_text(spec.read_text().replace("data:", "data:\n  reader: my_reader:read", 1))
    (workspace.root / "my_reader.py").write_text("def read(path): ...\n")
    with pytest.raises(RunError, match="the module my_reader changed since own-"):
        again()
