"""What lies behind transparent pixels: images that it hides, and what a linear head makes of it.

    apt-get download tuxpaint-stamps-default && dpkg -x tuxpaint-stamps-default*.deb stamps
    python benchmarks/transparency.py stamps/usr/share/tuxpaint/stamps

A folder of images in class folders, here 781 drawings and photographs of things. Each is laid on a
colour, or its transparency is dropped, as Pillow's `convert("RGB")` does. Printed are the images
that are of one colour then, and the accuracy of logistic regression on features of EfficientNet-
Lite0 (ImageNet weights that come with podium) at 96 px: means over halves that were not fitted.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import torch
from feature_scales import LITE0, PX, features
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from podium.models.network import build_network
from podium.models.spec import ModelSpec

FEWEST, ONE_COLOUR, SPLITS = 12, 1.0, 5
BEHIND = {"black": (0, 0, 0), "white": (255, 255, 255), "grey": (128, 128, 128), "dropped": None}


def laid_on(path: Path, colour: tuple[int, int, int] | None) -> NDArray[np.uint8]:
    """Return an image as RGB `(PX, PX, 3)`."""
    with Image.open(path) as image:
        seen = image.convert("RGBA")
        if colour is not None:
            seen = Image.alpha_composite(Image.new("RGBA", seen.size, (*colour, 255)), seen)
        return np.asarray(seen.convert("RGB").resize((PX, PX), Image.Resampling.BILINEAR))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="with a folder a class")
    given = parser.parse_args()
    if given.folder is None:
        print(f"skipped: FOLDER; the first lines of {__file__} say how to get one")
        return
    warnings.simplefilter("ignore", UserWarning)  # of palettes
    torch.set_num_threads(1)
    every = {one.name: sorted(one.rglob("*.png")) for one in sorted(given.folder.iterdir())}
    every = {name: files for name, files in every.items() if len(files) >= FEWEST}
    classes = np.concatenate([[name] * len(files) for name, files in every.items()])
    spec = ModelSpec.model_validate({"backbone": "tf_efficientnet_lite0", "weights": LITE0})
    network = build_network(spec, n_outputs={}).eval()
    print(f"{len(classes)} images of {len(every)} classes")
    print("| behind | of one colour | accuracy |\n| --- | --- | --- |")
    for name, colour in BEHIND.items():
        images = np.stack([laid_on(one, colour) for files in every.values() for one in files])
        is_flat = images.reshape(len(images), -1, 3).std(axis=1).max(axis=1) < ONE_COLOUR
        rows = features(network, images).numpy()
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500))
        splits = [StratifiedKFold(2, shuffle=True, random_state=n) for n in range(SPLITS)]
        halves = [cross_val_score(model, rows, classes, cv=one) for one in splits]
        print(f"| {name} | {is_flat.sum()} | {np.mean(halves):.3f} |", flush=True)


if __name__ == "__main__":
    main()
