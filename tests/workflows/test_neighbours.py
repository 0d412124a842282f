"""Whales of which some were seen once: trained, embedded, found again among others, and blended."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.folds.file import read_folds
from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition, load_competition
from podium.ensembling import read_blend
from podium.errors import DataError, UsageError
from podium.predictions import PredictionSet
from podium.predictions.retrieval import (
    Neighbours,
    class_scores,
    embeddings,
    nearest_neighbours,
)
from podium.predictions.top_k import TopK
from podium.tasks.protocols.find import image_kind
from podium.training.runs.train import train
from podium.workflows.blends.blending import blend_runs, newest_set
from podium.workflows.nearest_neighbours import nearest_neighbour_member
from podium.workflows.submission.submitting import write_blend_file
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

N_KNOWN, N_LONE, N_UNSEEN = 6, 4, 5
EACH, EACH_UNSEEN = 6, 4
SPEC = """\
name: whales
tasks: {classify: multiclass}
open_set: new_whale
classes: {table: data/train.csv, column: Id}
data:
  train: {table: data/train.csv, id: id, images: "data/train/{id}.png", label: Id}
  test: {images: "data/test/*.png"}
folds: {n: 2, seed: 0}
metric: {name: map_at_k, k: 3}
submission: {value: topk, k: 3, columns: {Image: id, Id: value}}
"""
RECIPE = """\
seed: 0
model: {backbone: cnn, pretrained: false, options: {widths: [8, 16]}}
input: {size: 32, train: none}
optimizer: {name: adamw, lr: 1e-2}
batch_size: 8
phases: [{name: only, epochs: 6}]
predict: {top_k: 5, embeddings: true}
"""


def picture(whale: int, seed: int) -> Image.Image:
    """Return stripes of a colour and a direction that are the whale's own, in noise."""
    mark, rng = np.random.default_rng(1000 + whale), np.random.default_rng(seed)
    colour, angle, width = mark.uniform(0.2, 1, 3), mark.uniform(0, np.pi), mark.uniform(4, 10)
    y, x = np.mgrid[:32, :32]
    phase = 2 * np.pi * rng.random()
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / width + phase)
    image = (0.5 + 0.4 * wave)[..., None] * colour + rng.normal(scale=0.08, size=(32, 32, 3))
    return Image.fromarray((255 * image.clip(0, 1)).astype(np.uint8))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Competition, Path]:
    root = tmp_path_factory.mktemp("whales")
    (root / "data/train").mkdir(parents=True)
    (root / "data/test").mkdir()
    (root / "recipes").mkdir()
    whales = [w for w in range(N_KNOWN) for _ in range(EACH)]
    whales += list(range(N_KNOWN, N_KNOWN + N_LONE))
    rows = ["id,Id"]
    for i, whale in enumerate(whales):
        picture(whale, i).save(root / f"data/train/i{i:03d}.png")
        rows.append(f"i{i:03d},w_{whale}")
    (root / "data/train.csv").write_text("\n".join(rows) + "\n")
    first = N_KNOWN + N_LONE
    for whale in range(first, first + N_UNSEEN):
        for i in range(EACH_UNSEEN):
            picture(whale, 5000 + 10 * whale + i).save(root / f"data/test/u{whale}-{i}.png")
    for whale in range(N_KNOWN):
        picture(whale, 9000 + whale).save(root / f"data/test/k{whale}-0.png")
    (root / "competition.yaml").write_text(SPEC)
    (root / "recipes/tiny.yaml").write_text(RECIPE)
    workspace, competition = Workspace(root), load_competition(root)
    made = train(workspace, competition, root / "recipes/tiny.yaml")
    assert made.missing == ()
    assert made.scores["oof"] is not None
    return workspace, competition, made.run


def test_whales_that_no_network_saw_find_their_own_among_others(trained):
    _, _, run = trained
    predicted = PredictionSet(newest_set(run))
    ids = [one for one in predicted.ids("test") if one.startswith("u")]
    whale = np.array([int(one[1:].split("-")[0]) for one in ids])
    vectors = [embeddings(predicted, "test", fold, ids) for fold in (0, 1)]
    for one in vectors:
        np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1, atol=1e-5)
    own = np.arange(len(ids))
    found = nearest_neighbours(vectors, vectors, 1, query_keys=own, gallery_keys=own)
    right = (whale[found.rows[:, 0]] == whale).mean()
    chance = (EACH_UNSEEN - 1) / (len(ids) - 1)
    assert right > 2.5 * chance


def test_the_likeliest_classes_of_a_row_are_kept(trained):
    _, competition, run = trained
    oof = PredictionSet(newest_set(run)).oof()
    assert isinstance(oof.probs, TopK)
    assert oof.probs.shape == (N_KNOWN * EACH + N_LONE, len(competition.classes))
    assert oof.probs.k == 5


def test_training_again_makes_nothing_anew_and_lost_embeddings_once(trained):
    workspace, competition, run = trained
    root = newest_set(run)
    folder = root / "train/embed/fold-1"
    before = (root / "train/embed/fold-0/meta.json").stat().st_mtime_ns
    kept = (folder / "chunk-0000.npy").read_bytes()
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    assert train(workspace, competition, workspace.recipes / "tiny.yaml").run == run
    assert (folder / "chunk-0000.npy").read_bytes() == kept
    assert (root / "train/embed/fold-0/meta.json").stat().st_mtime_ns == before


@pytest.mark.slow
def test_neighbours_are_a_member_that_is_tuned_blended_and_written(trained):
    workspace, competition, run = trained
    member = nearest_neighbour_member(workspace, competition, run, k=10)
    assert nearest_neighbour_member(workspace, competition, run, k=10) == member
    samples = load_samples(competition, "train")
    folds, right = read_folds(workspace, competition, samples), truth(samples, competition)
    predicted = PredictionSet(newest_set(run))
    rows, similarity = np.full((len(folds), 10), -1), np.zeros((len(folds), 10), np.float32)
    for fold in np.unique(folds[folds >= 0]).tolist():  # by the model that did not see the row
        inside, others = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        vectors = embeddings(predicted, "train", fold, list(samples["id"]))
        near = nearest_neighbours(vectors[inside], vectors[others], 10)
        rows[inside], similarity[inside] = others[near.rows], near.similarity
    found = Neighbours(rows, similarity)
    expected = class_scores(found, right, len(competition.classes), k=5)
    oof = PredictionSet(newest_set(member)).oof().align(list(samples["id"]))
    assert isinstance(oof.probs, TopK)
    np.testing.assert_allclose(oof.probs.probs, expected.probs, atol=1e-6)

    folder = blend_runs(workspace, competition, [str(run), str(member)], method="mean")
    blend, _ = read_blend(folder)
    assert len(blend.members) == 2
    alone, _ = read_blend(blend_runs(workspace, competition, [str(member)], method="mean"))
    assert alone.honest > 0.5  # by chance (1 + 1/2 + 1/3) / 10
    with write_blend_file(workspace, competition, folder).open() as stream:
        cells = dict(list(csv.reader(stream))[1:])
    assert set(" ".join(cells.values()).split()) <= {*competition.classes, "new_whale"}
    assert len(cells) == N_UNSEEN * EACH_UNSEEN + N_KNOWN


def test_the_command_names_the_member_that_it_made(trained):
    workspace, competition, run = trained
    words = ["-w", str(workspace.root), "predict", "tiny", "--neighbours"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    *_, member, heading, command = done.stdout.strip().splitlines()
    made = Path(member)
    of_workspace = ["podium", "-w", str(workspace.root), "blend"]
    assert (heading, command.split()[:4]) == ("next:", of_workspace)
    assert command.endswith(f" {made}")
    assert made == nearest_neighbour_member(workspace, competition, run)
    assert read_record(made).parents == [run.name]
    # It is a member by its name, and no run's own predictions.
    assert newest_set(workspace.artefact("tiny-neighbours", rooms=("imports",))).is_dir()
    assert newest_set(run).parent.parent == run


def test_a_run_without_embeddings_names_the_key_that_keeps_them(trained, tmp_path, monkeypatch):
    workspace, competition, run = trained
    monkeypatch.setattr("podium.workflows.nearest_neighbours.newest_set", lambda _: tmp_path)
    with pytest.raises(DataError, match="no embeddings here") as caught:
        nearest_neighbour_member(workspace, competition, run)
    assert "embeddings: true" in str(caught.value.fix)
    binary = competition.model_copy(update={"tasks": {"classify": image_kind("binary")}})
    with pytest.raises(UsageError, match="one class of many"):
        nearest_neighbour_member(workspace, binary, run)
