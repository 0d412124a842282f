"""Extra images: weighed, in no fold, part of a run's id, and refused where they would leak."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mask_miniatures
import numpy as np
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.errors import DataError, RecipeError
from podium.predictions import PredictionSet
from podium.training.data import extra as module
from podium.training.data.extra import extra_facts, extra_rows, extra_use
from podium.training.recipe import load_recipe
from podium.training.runs.ids import run_id
from podium.training.runs.job import Job, TrainingData
from podium.training.runs.train import Trained, train
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT
from podium.workspace.records import read_record

EXTRA = '  extra: {made: {images: "data/made/{label}/*.png", label: "{label}"%s}}\n'
QUICK = "phases=[{name: only, epochs: 1}]"


@pytest.fixture
def made(make: Callable) -> Workspace:
    """A competition of 36 images with 5 extra ones, four of them red."""
    workspace, _ = make()
    return with_extra(workspace)


def with_extra(workspace: Workspace, keys: str = "") -> Workspace:
    rng = np.random.default_rng(5)
    for i in range(5):
        picture(workspace.root / f"data/made/{'red' if i < 4 else 'blue'}/m{i}.png", rng)
    spec = workspace.root / "competition.yaml"
    text = spec.read_text()
    assert "  test:" in text
    spec.write_text(text.replace("  test:", EXTRA % keys + "  test:"))
    return workspace


def picture(path: Path, rng: np.random.Generator) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rng.integers(0, 255, (40, 36, 3)).astype(np.uint8)).save(path)


def job_of(workspace: Workspace, *overrides: str) -> Job:
    competition = load_competition(workspace.root)
    recipe = load_recipe(workspace.recipes / "tiny.yaml", overrides)
    data = TrainingData.load(workspace, competition)
    return Job(workspace, competition, recipe, data, workspace.runs / "tiny-00000000", {})


def identity(workspace: Workspace, *overrides: str) -> str:
    competition = load_competition(workspace.root)
    samples = load_samples(competition, "train")
    recipe = load_recipe(workspace.recipes / "tiny.yaml", overrides)
    folds = ensure_folds(workspace, competition, samples)
    return run_id(workspace, competition, recipe, name="tiny", samples=samples, folds=folds)[0]


def go(workspace: Workspace, *overrides: str, **options: Any) -> Trained:
    competition = load_competition(workspace.root)
    file = workspace.recipes / "tiny.yaml"
    return train(workspace, competition, file, overrides=(QUICK, *overrides), **options)


def test_rows_have_the_labels_and_the_weight(made: Workspace) -> None:
    (rows,) = extra_rows(job_of(made, "extra={made: 0.25}"), 0, SILENT)
    assert rows.ids == ["m4", "m0", "m1", "m2", "m3"]
    assert rows.target["classify"].tolist() == [2, 0, 0, 0, 0]
    assert rows.weight.tolist() == [0.25] * 5
    assert rows.pixels(0).tobytes() == np.asarray(Image.open(
        made.root / "data/made/blue/m4.png"
    )).tobytes()  # fmt: skip


def test_what_weighs_nothing_is_not_even_read(made: Workspace) -> None:
    (made.root / "data/made/zebra").mkdir()
    (made.root / "data/made/zebra/1.png").write_bytes(b"no image")
    for overrides in ((), ("extra={made: 0}",)):
        job = job_of(made, *overrides)
        assert extra_rows(job, 0, SILENT) == []
        assert extra_facts(made, job.competition, job.recipe, SILENT) == {}
    with pytest.raises(DataError, match="zebra"):
        extra_rows(job_of(made, "extra={made: 1}"), 0, SILENT)


def test_a_run_s_id_hashes_extra_images_and_their_weights(made: Workspace) -> None:
    plain, half = identity(made), identity(made, "extra={made: 0.5}")
    assert len({plain, half, identity(made, "extra={made: 1}")}) == 3
    assert identity(made, "extra={made: 0}") == identity(made, "extra={}") == plain
    (made.root / "data/made/blue/m4.png").rename(made.root / "data/made/blue/moved.png")
    renamed = identity(made, "extra={made: 0.5}")
    picture(made.root / "data/made/blue/moved.png", np.random.default_rng(8))
    assert len({half, renamed, identity(made, "extra={made: 0.5}")}) == 3
    assert identity(made) == plain


def test_an_unknown_source_is_refused_before_anything_is_trained(made: Workspace) -> None:
    with pytest.raises(RecipeError, match="no extra source 'maid'") as raised:
        identity(made, "extra={maid: 1}")
    assert raised.value.fix == "choose one of made"


@pytest.mark.parametrize("fold", [0, 1, 2, "full"])
def test_a_copy_of_a_validated_image_is_refused_in_every_fold(made: Workspace, fold: Any) -> None:
    planted = made.root / "data/made/red/innocent.png"
    planted.write_bytes((made.root / "data/train/0005.png").read_bytes())
    job = job_of(made, "extra={made: 0.5}")
    with pytest.raises(DataError, match="a leak") as raised:
        extra_rows(job, fold, SILENT)
    assert "data/made/red/innocent.png" in raised.value.message
    assert "data/train/0005.png" in raised.value.message
    assert f"fold {job.data.folds[5]} validates" in raised.value.message
    assert extra_rows(job_of(made), fold, SILENT) == []


def test_a_copy_of_a_row_that_no_fold_validates_is_no_leak(made: Workspace) -> None:
    planted = made.root / "data/made/red/copy.png"
    planted.write_bytes((made.root / "data/train/0005.png").read_bytes())
    job = job_of(made, "extra={made: 0.5}")
    job.data.folds[5] = -1
    assert len(extra_rows(job, 0, SILENT)[0]) == 6


def test_an_image_of_a_validated_group_is_refused(make: Callable) -> None:
    workspace, _ = make(groups=True)
    rng = np.random.default_rng(1)
    for name in ("e1", "e2"):
        picture(workspace.root / f"data/made/{name}.png", rng)
    spec = workspace.root / "competition.yaml"
    source = '{table: data/made.csv, id: id, images: "data/made/{id}.png", label: label}'
    spec.write_text(spec.read_text().replace("  test:", f"  extra: {{made: {source}}}\n  test:"))
    table = workspace.root / "data/made.csv"
    table.write_text("id,label,group\ne1,red,g77\ne2,red,\n")
    assert len(extra_rows(job_of(workspace, "extra={made: 1}"), 0, SILENT)[0]) == 2
    table.write_text("id,label,group\ne1,red,g2\ne2,red,\n")
    with pytest.raises(DataError, match=r"data/made/e1.png has the group 'g2' of data/train/0012"):
        extra_rows(job_of(workspace, "extra={made: 1}"), 0, SILENT)


def test_an_id_of_train_is_refused_and_an_id_of_its_own_mends_it(make: Callable) -> None:
    workspace, _ = make()
    with_extra(workspace)
    picture(workspace.root / "data/made/red/0007.png", np.random.default_rng(1))
    with pytest.raises(DataError, match="has the id '0007' of data/train/0007") as raised:
        extra_rows(job_of(workspace, "extra={made: 1}"), 0, SILENT)
    assert "id: 'made-{stem}'" in (raised.value.fix or "")
    spec = workspace.root / "competition.yaml"
    spec.write_text(
        spec.read_text().replace('label: "{label}"', "label: \"{label}\", id: 'made-{stem}'")
    )
    assert len(extra_rows(job_of(workspace, "extra={made: 1}"), 0, SILENT)[0]) == 6


def test_masks_without_labels_and_labels_without_masks(tmp_path: Path) -> None:
    miniature = mask_miniatures.pictures_and_masks(tmp_path / "data", n=12, n_test=2)
    rng = np.random.default_rng(3)
    for number in range(3):
        picture(tmp_path / f"more/{number}.png", rng)
        mask = np.zeros((40, 36), dtype=np.uint8)
        mask[:10] = 9
        (tmp_path / "masks").mkdir(exist_ok=True)
        Image.fromarray(mask).save(tmp_path / f"masks/m{number}.png")
        picture(tmp_path / f"coats/coat/c{number}.png", rng)
    miniature.spec["data"]["extra"] = {
        "drawn": {
            "images": "more/*.png",
            "id": "m{stem}",
            "mask": "masks/{id}.png",
            "mask_values": {0: "background", 9: "dress"},
        },
        "coats": {"images": "coats/{class}/*.png"},
    }
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(miniature.spec))
    workspace = Workspace(tmp_path)
    workspace.recipes.mkdir()
    (workspace.recipes / "tiny.yaml").write_text(
        "input: {size: 32}\nphases: [{name: only, epochs: 1}]\nempty_share: 0.5\n"
    )
    use = "extra={drawn: 0.5, coats: 2}"
    drawn, coats = extra_rows(job_of(workspace, use), 0, SILENT)
    assert drawn.answered["classify"].tolist() == [False] * 3
    assert drawn.answered["segment"].tolist() == [True] * 3
    mask = drawn.mask(0)
    assert mask is not None
    assert set(np.unique(mask[:10])) == {2}
    assert drawn.empty is not None
    assert drawn.empty.tolist() == [False] * 3
    assert coats.answered["classify"].tolist() == [True] * 3
    assert coats.answered["segment"].tolist() == [False] * 3
    assert coats.mask(1) is None
    assert coats.weight.tolist() == [2.0] * 3
    labels_alone = (use, "model.heads={classify: {}}", "empty_share=null")
    with pytest.raises(RecipeError, match="nothing can be learnt of it") as raised:
        extra_rows(job_of(workspace, *labels_alone), 0, SILENT)
    assert raised.value.where == "extra.drawn"


@pytest.mark.slow
def test_extra_rows_are_trained_on_and_never_scored(make: Callable) -> None:
    workspace, competition = make()
    # Nearly the images of train, and every one is labelled red.
    for image in (workspace.root / "data/train").iterdir():
        pixels = np.array(Image.open(image))
        pixels[0, 0] = 255 - pixels[0, 0]
        file = workspace.root / f"data/made/red/lie-{image.name}"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(file)
    spec = workspace.root / "competition.yaml"
    spec.write_text(spec.read_text().replace("  test:", EXTRA % "" + "  test:"))
    shares = {}
    for weight in (0, 20):
        epochs = ("phases=[{name: only, epochs: 12}]", f"extra={{made: {weight}}}")
        run = go(workspace, *epochs, folds=[0]).run
        record = read_record(run)
        oof = PredictionSet(run / "predictions" / record.details["predictions"]).oof()
        assert set(oof.ids) <= set(load_samples(competition, "train")["id"])
        assert len(oof.ids) == 12
        shares[weight] = (oof.probs.argmax(axis=1) == 0).mean()
        assert record.inputs.get("extra", {}).get("made", {}).get("samples", 0) == 36 * (weight > 0)
        assert record.details["folds"]["0"]["pools"].get("extra", 0) == 36 * (weight > 0)
    assert shares[0] < 0.5
    assert shares[20] > 0.9


def test_show_prints_the_score_with_and_without_them(made: Workspace) -> None:
    mine = go(made, "extra={made: 0.5}", folds=[0, 1])
    printed = show(made, mine)
    assert "made" in printed
    assert "0.5" in printed
    command = f"podium -w {made.root} train runs/{mine.run.name}/recipe.yaml -o 'extra={{}}'"
    assert command in printed
    record = read_record(mine.run)
    assert short_digest(record.inputs) == mine.run.name[-8:]
    twin = go(made, folds=[0])
    printed = show(made, mine)
    assert f"without: {twin.run.name}" in printed
    a, b = mine.scores["folds"]["0"], twin.scores["folds"]["0"]
    assert f"{a - b:+.4f}" in printed
    assert "is not finished" in printed
    document = json.loads(show(made, mine, "--json"))["extra"]
    assert document["baseline"]["id"] == twin.run.name
    assert document["sources"]["made"]["weight"] == 0.5
    assert json.loads(show(made, twin, "--json"))["extra"] is None


def test_the_command_for_the_baseline_run_names_the_recipe_s_own_file(made: Workspace) -> None:
    recipe = made.recipes / "tiny.yaml"
    recipe.write_text(recipe.read_text() + "extra: {made: 0.5}\n")
    competition = load_competition(made.root)
    mine = train(made, competition, recipe, folds=[], again=2, overrides=("seed=7",))
    use = extra_use(made, mine.run)
    assert use is not None
    assert use.command == "podium train recipes/tiny.yaml -o 'extra={}' -o seed=7 --again 2"
    twin = train(made, competition, recipe, folds=[], again=2, overrides=("seed=7", "extra={}"))
    use = extra_use(made, mine.run)
    assert use is not None
    assert use.baseline is not None
    assert use.baseline.id == twin.run.name
    # A file of another name with the same contents is the same run.
    assert extra_use(made, twin.run) is None
    recipe.unlink()
    use = extra_use(made, mine.run)
    assert use is not None
    assert f"runs/{mine.run.name}/recipe.yaml" in use.command


def show(workspace: Workspace, trained: Trained, *options: str) -> str:
    done = CliRunner().invoke(app, ["-w", str(workspace.root), "show", trained.run.name, *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_gate_is_what_refuses(made: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the comparison of contents the planted copy would be learnt."""
    planted = made.root / "data/made/red/innocent.png"
    planted.write_bytes((made.root / "data/train/0005.png").read_bytes())
    monkeypatch.setattr(module, "_check_leaks", lambda *_: None)
    assert len(extra_rows(job_of(made, "extra={made: 0.5}"), 0, SILENT)[0]) == 6
