"""Shapes of many classes: learnt by angles (ArcFace), named by their neighbours, or as new ones."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from podium.competition.folds.file import read_folds
from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition, load_competition
from podium.ensembling import read_blend
from podium.errors import RecipeError
from podium.predictions import PredictionSet
from podium.predictions.retrieval import embeddings
from podium.training.runs.train import train
from podium.workflows.blends.blending import blend_runs, newest_set
from podium.workflows.nearest_neighbours import nearest_neighbour_member
from podium.workflows.submission.submitting import write_blend_file
from podium.workspace.layout import Workspace

N_CLASSES, EACH, N_NEW, SIZE = 8, 6, 4, 12
NEW = "new_shape"
SPEC: dict[str, Any] = {
    "name": "shapes",
    "tasks": {"classify": "multiclass"},
    "open_set": NEW,
    "classes": {"table": "data/train.csv", "column": "label"},
    "data": {
        "train": {
            "table": "data/train.csv",
            "id": "id",
            "images": "data/train/{id}.png",
            "label": "label",
        },
        "test": {"images": "data/test/*.png"},
    },
    "folds": {"n": 2, "seed": 0},
    "metric": {"name": "map_at_k", "k": 3},
    "submission": {"value": "topk", "k": 3, "columns": {"Image": "id", "Id": "value"}},
}
RECIPE: dict[str, Any] = {
    "model": {
        "backbone": "cnn",
        "pretrained": False,
        "options": {"widths": [8, 16]},
        "heads": {
            "classify": {
                "pool": "gem",
                "dropout": 0.1,
                "dropout_samples": 3,
                "cosine": {"size": SIZE, "scale": 16},
            }
        },
    },
    "input": {"size": 32, "train": "none"},
    "optimizer": {"name": "adamw", "lr": 1e-2},
    "batch_size": 8,
    "phases": [{"name": "only", "epochs": 6, "loss": {"classify": {"arcface": {"margin": 0.2}}}}],
    "predict": {"top_k": 5, "embeddings": True},
}


def picture(kind: int, seed: int) -> Image.Image:
    """Return stripes of a colour, a direction and a width that are the kind's own, in noise."""
    own, rng = np.random.default_rng(100 + kind), np.random.default_rng(seed)
    colour, angle, width = own.uniform(0.2, 1, 3), own.uniform(0, np.pi), own.uniform(4, 10)
    y, x = np.mgrid[:32, :32]
    place = (x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / width
    wave = 0.5 + 0.4 * np.sin(place + 2 * np.pi * rng.random())
    image = wave[..., None] * colour + rng.normal(scale=0.08, size=(32, 32, 3))
    return Image.fromarray((255 * image.clip(0, 1)).astype(np.uint8))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Competition, Path]:
    root = tmp_path_factory.mktemp("shapes")
    for folder in ("data/train", "data/test", "recipes"):
        (root / folder).mkdir(parents=True)
    rows = ["id,label"]
    for i in range(N_CLASSES * EACH):
        picture(i // EACH, i).save(root / f"data/train/i{i:03d}.png")
        rows.append(f"i{i:03d},s{i // EACH}")
    for i in range(N_NEW):  # in train, too, some are of no class
        picture(50 + i, 700 + i).save(root / f"data/train/n{i}.png")
        rows.append(f"n{i},{NEW}")
        picture(60 + i, 800 + i).save(root / f"data/test/new{i}.png")
    for kind in range(N_CLASSES):
        picture(kind, 900 + kind).save(root / f"data/test/old{kind}.png")
    (root / "data/train.csv").write_text("\n".join(rows) + "\n")
    (root / "competition.yaml").write_text(yaml.safe_dump(SPEC, sort_keys=False))
    (root / "recipes/shapes.yaml").write_text(yaml.safe_dump(RECIPE))
    workspace, competition = Workspace(root), load_competition(root)
    made = train(workspace, competition, root / "recipes/shapes.yaml")
    assert made.missing == ()
    return workspace, competition, made.run


def test_what_is_kept_are_embeddings_of_the_head_whose_neighbours_are_of_their_class(
    trained: tuple[Workspace, Competition, Path],
) -> None:
    workspace, competition, run = trained
    predicted, samples = PredictionSet(newest_set(run)), load_samples(competition, "train")
    ids, right = list(samples["id"]), truth(samples, competition)
    folds = read_folds(workspace, competition, samples)
    hits = []
    for fold in (0, 1):
        vectors = embeddings(predicted, "train", fold, ids)
        assert vectors.shape == (len(ids), SIZE)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        own, others = (np.flatnonzero((folds == fold) == is_own) for is_own in (True, False))
        for i in own[right[own] >= 0]:  # a plain loop, beside what `neighbours` does
            among = [j for j in others if right[j] >= 0]
            near = max(among, key=lambda j: float(vectors[i] @ vectors[j]))
            hits.append(right[near] == right[i])
    assert np.mean(hits) > 0.5  # by chance 1/8


def test_neighbours_alone_label_known_shapes_and_a_tuned_threshold_marks_new_ones(
    trained: tuple[Workspace, Competition, Path],
) -> None:
    workspace, competition, run = trained
    member = nearest_neighbour_member(workspace, competition, run, k=10)
    folder = blend_runs(workspace, competition, [str(member)], method="mean")
    blend, _ = read_blend(folder)
    [step] = [one["topk"] for one in blend.decision]
    assert 0 < step["unknown"] <= 1  # a cosine
    assert blend.honest > 0.5
    with write_blend_file(workspace, competition, folder).open() as stream:
        cells = dict(list(csv.reader(stream))[1:])
    assert len(cells) == N_CLASSES + N_NEW
    first = {name: cell.split()[0] for name, cell in cells.items()}
    known = [first[f"old{kind}"] == f"s{kind}" for kind in range(N_CLASSES)]
    assert np.mean(known) > 0.5
    assert any(NEW in cell.split() for cell in cells.values())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"mix": {"mixup": 0.2}}, r"arcface learns classes(?s:.*)mix: \{\}"),
        ({"model": {**RECIPE["model"], "heads": {"classify": {}}}}, "takes cosines"),
        (
            {
                "phases": [
                    {
                        "name": "semi",
                        "epochs": 1,
                        "method": {"name": "pseudo_label", "mode": "classical"},
                    }
                ]
            },
            r"phase semi: pseudo_label learns by one dropout mask(?s:.*)dropout_samples out",
        ),
    ],
)
def test_invalid_options_are_refused_before_an_epoch(
    trained: tuple[Workspace, Competition, Path], change: dict[str, Any], complaint: str
) -> None:
    workspace, competition, _ = trained
    path = workspace.recipes / "wrong.yaml"
    path.write_text(yaml.safe_dump({**RECIPE, **change}))
    with pytest.raises(RecipeError, match=complaint):
        train(workspace, competition, path)


def test_a_phase_may_leave_the_mixing_of_the_others_out(
    trained: tuple[Workspace, Competition, Path],
) -> None:
    workspace, competition, _ = trained
    phases = [
        {"name": "mixed", "epochs": 1, "loss": {"classify": {"ce": 1}}},
        {"name": "angles", "epochs": 1, "mix": {}, "loss": {"classify": {"arcface": 1}}},
    ]
    path = workspace.recipes / "two.yaml"
    given = {**RECIPE, "mix": {"mixup": 0.2}, "phases": phases, "predict": {"top_k": 5}}
    path.write_text(yaml.safe_dump(given))
    assert train(workspace, competition, path, folds=[0]).finished
