"""Looks inside a fold's network: maps of its layers, Grad-CAM, attention.

The network is that which predicts (EMA, best or last, as the recipe says), in evaluation mode and
float32, and sees an image once, without test-time views. Nothing of it is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from podium.errors import RunError
from podium.models.features import Features
from podium.models.network import Network
from podium.predictions.inside import Attention, Heat, Inside, StageMaps
from podium.training.attention import attention_modules, on_patches, rollout, watched_attention
from podium.training.augment import build_eval
from podium.training.device import make_fabric, own_random_state, use_all_cores
from podium.training.evaluation import EvalImages
from podium.training.fold_files import Fold
from podium.training.grad_cam import grad_cam
from podium.training.inference import trained_network
from podium.training.inside_layers import STAGES, layer_maps
from podium.training.inside_scores import Score, label_scores, mask_scores
from podium.training.job import Job
from podium.training.streams import Normaliser
from podium.training.training_rows import rows_of
from podium.workspace.progress import Progress

__all__ = ["CHANNELS", "MAP_SIDE", "look_inside"]

CHANNELS = 8
MAP_SIDE = 128
"""Larger maps are averaged down to it: figures show them smaller still."""


def look_inside(
    job: Job,
    fold: Fold,
    samples: pd.DataFrame,
    *,
    part: str,
    layers: Sequence[str] = (STAGES,),
    progress: Progress,
) -> Iterator[Inside]:
    """Give what the network of `fold` makes of each image, in their order.

    Args:
        job: whose network.
        fold: which of its networks.
        samples: some of a part of the data, as `load_samples` returns them.
        part: "train", "test" or "unlabelled".
        layers: "stages", and names of modules of the backbone.
        progress: gets a bar while images are decoded for the first time.

    Raises:
        UsageError: there is no such layer, or what it gives is no map.
        RunError: the run sees windows of images; or the fold's weights are damaged.
    """
    if job.recipe.input.fit == "tile":
        raise RunError(f"{job.run.name} sees windows of images (fit: tile), and no image whole")
    use_all_cores()
    with own_random_state():  # building a network draws its initial weights
        network = trained_network(_uncompiled(job), fold)
    network = network.to(make_fabric(job.recipe).device).eval()
    device = next(network.parameters()).device
    normalise = Normaliser(network.mean, network.std, device)
    learnt = _learnt(job, fold) if part == "train" else set()
    rows = rows_of(job, samples, progress, answers=False)
    view = build_eval(job.recipe.input, job.competition.pixels)
    images = EvalImages(rows, view, batch_size=1, keep=False)
    for number, image in enumerate(images):
        sample = samples.iloc[number]
        picture = job.competition.pixels.seen.shown(image[0].numpy())
        with torch.no_grad():
            inside = _inside(
                job, network, normalise(image), picture, sample,
                part=part, learnt=sample["id"] in learnt, layers=layers,
            )  # fmt: skip
        yield inside


def _inside(
    job: Job,
    network: Network,
    image: Tensor,
    picture: NDArray[np.uint8],
    sample: pd.Series,
    *,
    part: str,
    learnt: bool,
    layers: Sequence[str],
) -> Inside:
    left_out: list[str] = []
    features = network.features(image)
    logits = {task: one.float() for task, one in network.decode(features).items()}
    said = truth = ""
    scores: list[Score] = []
    if "classify" in logits:
        label = sample["label"]
        is_missing = np.ndim(label) == 0 and pd.isna(label)
        labels = label_scores(job, logits["classify"][0], None if is_missing else label)
        said, truth = labels.said, labels.truth
        scores += labels.scores
    if "segment" in logits:
        masks = mask_scores(job, logits["segment"][0])
        scores += masks
        if not masks:
            left_out.append("No pixel is said to be of a class, so there is no Seg-Grad-CAM.")
    if not logits:
        left_out.append("The run learnt without labels, so there is no Grad-CAM: maps alone.")
    stages = []
    for name, found in layer_maps(network, image, features, layers, left_out):
        stages.append(_strongest(name, found, features))
    attention = _attention(network, image, features, left_out)
    return Inside(
        id=str(sample["id"]),
        part=part,
        learnt=learnt,
        image=picture,
        said=said,
        truth=truth,
        stages=stages,
        heats=[_heat(network, features, one) for one in scores],
        attention=attention,
        left_out=left_out,
    )


def _heat(network: Network, features: Features, score: Score) -> Heat:
    found = grad_cam(network, features, score.of_logits)
    found = _over_image(found[None], features)[0]
    peak = float(found.max())
    shown = found / peak if peak > 0 else found
    return Heat(score.task, score.of, score.name, score.value, peak, _half(shown))


def _attention(
    network: Network, image: Tensor, features: Features, left_out: list[str]
) -> Attention | None:
    modules = attention_modules(network.backbone)
    if not modules:
        return None
    with watched_attention(modules) as seen:
        network.features(image)
    n_prefix = int(getattr(network.backbone, "num_prefix_tokens", 0))
    grid = features.deepest.shape[-2], features.deepest.shape[-1]
    n_tokens = n_prefix + grid[0] * grid[1]
    if len(seen) != len(modules) or any(one.shape[-2:] != (n_tokens, n_tokens) for one in seen):
        left_out.append("The blocks do not attend to all patches of the image: no attention.")
        return None
    # Of an image in slices, the one in the middle.
    each = [one[len(one) // 2].float().mean(dim=0) for one in seen]
    has_class = n_prefix > 0 and getattr(network.backbone, "cls_token", None) is not None
    last, rolled = (
        _over_image(on_patches(one, grid, n_prefix=n_prefix, has_class=has_class)[None], features)
        for one in (each[-1], rollout(each))
    )
    by = "class token" if has_class else "mean of the patches"
    return Attention(by, _half(last[0]), _half(rolled[0]))


def _over_image(maps: Tensor, features: Features) -> Tensor:
    """Return maps `(k, h, w)` of what the backbone saw without what was padded to the image.

    No side is over `MAP_SIDE`.
    """
    height, width = features.size
    if features.size != features.padded:
        padded = maps[None].float()
        whole = interpolate(padded, features.padded, mode="bilinear", align_corners=False)
        maps = whole[0, :, :height, :width]
    return _small(maps)


def _strongest(name: str, maps: Tensor, features: Features) -> StageMaps:
    """Return the channels of `maps` `(F, h, w)` with the highest means, over the image."""
    means = maps.float().mean(dim=(1, 2)).cpu().numpy()
    # Sorted by numpy: of equal channels torch may name any first.
    channels = np.argsort(-means, kind="stable")[:CHANNELS].tolist()
    return StageMaps(name, len(maps), channels, _half(_over_image(maps[channels], features)))


def _small(maps: Tensor) -> Tensor:
    height, width = maps.shape[-2:]
    shrink = MAP_SIDE / max(height, width)
    if shrink >= 1:
        return maps
    size = max(1, round(shrink * height)), max(1, round(shrink * width))
    return interpolate(maps[None].float(), size, mode="area")[0]


def _half(maps: Tensor) -> NDArray[np.float16]:
    limit = float(np.finfo(np.float16).max)
    numbers = np.nan_to_num(maps.float().cpu().numpy(), nan=0.0, posinf=limit, neginf=-limit)
    return np.asarray(np.clip(numbers, -limit, limit), dtype=np.float16)


def _learnt(job: Job, fold: Fold) -> set[str]:
    """Return the ids of the train part from which the network of `fold` has learnt."""
    rows, _ = job.data.rows(fold)
    return set(job.data.samples["id"].iloc[rows])


def _uncompiled(job: Job) -> Job:
    """Return `job` with a network that is not compiled: for one image that takes far longer."""
    model = job.recipe.model.model_copy(update={"compile": False})
    return replace(job, recipe=job.recipe.model_copy(update={"model": model}))
