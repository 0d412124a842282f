"""Explain a fold's network: feature maps of its layers, Grad-CAM, and attention rollout.

The network is that which predicts (EMA, best or last, by the recipe), in evaluation mode and
float32, on one image without test-time views. Nothing of it is changed.

Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2); y is a logit:

    α_f = 1/(h·w) Σ_ij ∂y/∂A_fij,    L_ij = max(0, Σ_f α_f A_fij)

With y the sum of a class's logits over the pixels that are decided to be of it, this is
Seg-Grad-CAM (Vinogradova et al. 2020, arXiv:2002.11434, eq. 3).

Attention rollout of a vision transformer (Abnar & Zuidema 2020, arXiv:2005.00928, §3):

    Ã_l = (A_l + I) / 2,    R = Ã_L ··· Ã_2 Ã_1

A_l is the mean over the heads of block l, its rows sum to 1, and so do those of R. The class
token's row is the first, where there is one.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import interpolate

from podium.errors import RunError, UsageError
from podium.models.features import FeatureNeed, Features, find_reader, pad_to_stride
from podium.models.network import Network
from podium.predictions.explanations import AttentionMaps, Explanation, GradCamMap, StageActivations
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, has_images, has_pixels
from podium.training.data.augment import build_eval
from podium.training.data.rows import rows_of
from podium.training.data.streams import Normaliser
from podium.training.device import make_fabric, own_random_state, use_all_cores
from podium.training.inference.images import EvalImages, activate
from podium.training.inference.network import load_trained_network
from podium.training.outputs import ExplainedOutput, explained_number, label_outputs_of
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import Job
from podium.workspace.progress import Progress

__all__ = [
    "attention_modules",
    "explain_images",
    "grad_cam",
    "patch_attention",
    "record_attention",
    "rollout",
]


STAGES = "stages"


def layer_maps(
    network: Network,
    image: Tensor,
    features: Features,
    layers: Sequence[str],
    left_out: list[str],
) -> Iterator[tuple[str, Tensor]]:
    """Yield the name and the map `(F, h, w)` of each layer.

    Of an image that is a stack of slices, the maps are of the slice in the middle.

    Args:
        network: in evaluation mode.
        image: `(1, C, H, W)`, normalised.
        features: of the image.
        layers: "stages" and names of modules of the backbone.
        left_out: gets a sentence where the backbone does not name its stages.

    Raises:
        UsageError: there is no such layer, or what it gives is no map.
    """
    c = network.in_chans // network.n_slices
    middle = network.n_slices // 2 * c
    padded = pad_to_stride(image, network.stride)[:, middle : middle + c]
    names = [name for name in layers if name != STAGES]
    for name in names:
        _require(network.backbone, name)
    if STAGES in layers:
        yield from _stages(network.backbone, padded, features, left_out)
    yield from _modules_by_name(network.backbone, padded, features, names)


def _stages(
    backbone: nn.Module, padded: Tensor, features: Features, left_out: list[str]
) -> Iterator[tuple[str, Tensor]]:
    need = FeatureNeed(classify=False, segment=True, pyramid=True)
    try:
        reading, _ = find_reader(backbone, padded, need, to_map=None, output=None)
        maps = reading(backbone, padded)
    except (ValueError, NotImplementedError) as error:
        left_out.append(f"Of the backbone's stages the last alone is shown: {error}.")
        yield "last stage", features.deepest[0]
        return
    for number, one in enumerate(maps, 1):
        yield f"stage {number}", one[0]


def _modules_by_name(
    backbone: nn.Module, padded: Tensor, features: Features, names: Sequence[str]
) -> Iterator[tuple[str, Tensor]]:
    if not names:
        return
    made: dict[str, Any] = {}

    def note(name: str, module: nn.Module, given: Any, output: Any) -> None:
        # What follows may write into it, as an activation in place does.
        made[name] = output.detach().clone() if isinstance(output, Tensor) else output

    with ExitStack() as listening:
        for name in names:
            module = backbone.get_submodule(name)
            listening.callback(module.register_forward_hook(partial(note, name)).remove)
        backbone(padded)
    for name in names:
        yield name, _as_map(backbone, made.get(name), features, name)


def _as_map(backbone: nn.Module, output: Any, features: Features, name: str) -> Tensor:
    """Return a layer's output as `(F, h, w)`: tokens without those that are no patches."""
    is_last = getattr(backbone, "output_fmt", "NCHW") == "NHWC"
    if isinstance(output, Tensor) and output.ndim == 4:
        return output[0].permute(2, 0, 1) if is_last else output[0]
    height, width = features.deepest.shape[-2:]
    if isinstance(output, Tensor) and output.ndim == 3:
        patches = output[0, int(getattr(backbone, "num_prefix_tokens", 0)) :]
        if len(patches) == height * width:
            return patches.T.reshape(-1, height, width)
    what = f"{tuple(output.shape[1:])}" if isinstance(output, Tensor) else "no tensor"
    raise UsageError(
        f"--layers: {name} gives {what}, which is no map (F, h, w)",
        fix="name a stage or a block; leave --layers out for one map a stage",
    )


def _require(backbone: nn.Module, name: str) -> None:
    known = [one for one, _ in backbone.named_modules() if one]
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=3) or known[:3]
    raise UsageError(
        f"--layers: the backbone has no layer {name!r}",
        fix=f"write {STAGES}, or a module of it, as {', '.join(near)}",
    )


CHANNELS = 8
MAP_SIDE = 128
"""Larger maps are averaged down to it: figures show them smaller still."""


def explain_images(
    job: Job,
    fold: Fold,
    samples: pd.DataFrame,
    *,
    part: str,
    layers: Sequence[str] = (STAGES,),
    progress: Progress,
) -> Iterator[Explanation]:
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
        network = load_trained_network(_uncompiled(job), fold)
    network = network.to(make_fabric(job.recipe).device).eval()
    device = next(network.parameters()).device
    normalise = Normaliser(network.mean, network.std, device)
    is_trained_on = _training_ids(job, fold) if part == "train" else set()
    rows = rows_of(job, samples, progress, answers=False)
    view = build_eval(job.recipe.input, job.competition.pixels)
    images = EvalImages(rows, view, batch_size=1, keep=False)
    for number, image in enumerate(images):
        sample = samples.iloc[number]
        picture = job.competition.pixels.network_form.shown(image[0].numpy())
        with torch.no_grad():
            inside = _explained(
                job, network, normalise(image), picture, sample,
                part=part, is_trained_on=sample["id"] in is_trained_on, layers=layers,
            )  # fmt: skip
        yield inside


def _explained(
    job: Job,
    network: Network,
    image: Tensor,
    picture: NDArray[np.uint8],
    sample: pd.Series,
    *,
    part: str,
    is_trained_on: bool,
    layers: Sequence[str],
) -> Explanation:
    left_out: list[str] = []
    features = network.features(image)
    logits = {task: one.float() for task, one in network.decode(features).items()}
    predicted = truth = ""
    scores: list[ExplainedOutput] = []
    if has_images(logits):
        label = sample["label"]
        is_missing = np.ndim(label) == 0 and pd.isna(label)
        labels = label_outputs(job, logits[IMAGES][0], None if is_missing else label)
        predicted, truth = labels.predicted, labels.truth
        scores += labels.scores
    if has_pixels(logits):
        masks = mask_outputs(job, logits[PIXELS][0])
        scores += masks
        if not masks:
            left_out.append("No pixel is predicted to be of a class, so there is no Seg-Grad-CAM.")
    if not logits:
        left_out.append("The run learnt without labels, so there is no Grad-CAM: maps alone.")
    stages = []
    for name, found in layer_maps(network, image, features, layers, left_out):
        stages.append(_strongest(name, found, features))
    attention = _attention(network, image, features, left_out)
    return Explanation(
        id=str(sample["id"]),
        part=part,
        is_trained_on=is_trained_on,
        image=picture,
        predicted=predicted,
        truth=truth,
        stages=stages,
        heats=[_heat(network, features, one) for one in scores],
        attention=attention,
        left_out=left_out,
    )


def _heat(network: Network, features: Features, score: ExplainedOutput) -> GradCamMap:
    found = grad_cam(network, features, score.of_logits)
    found = _over_image(found[None], features)[0]
    peak = float(found.max())
    shown = found / peak if peak > 0 else found
    return GradCamMap(score.task, score.of, score.name, score.value, peak, _half(shown))


def _attention(
    network: Network, image: Tensor, features: Features, left_out: list[str]
) -> AttentionMaps | None:
    modules = attention_modules(network.backbone)
    if not modules:
        return None
    with record_attention(modules) as attentions:
        network.features(image)
    n_prefix = int(getattr(network.backbone, "num_prefix_tokens", 0))
    grid = features.deepest.shape[-2], features.deepest.shape[-1]
    n_tokens = n_prefix + grid[0] * grid[1]
    if len(attentions) != len(modules) or any(
        one.shape[-2:] != (n_tokens, n_tokens) for one in attentions
    ):
        left_out.append("The blocks do not attend to all patches of the image: no attention.")
        return None
    # Of an image in slices, the one in the middle.
    each = [one[len(one) // 2].float().mean(dim=0) for one in attentions]
    has_class = n_prefix > 0 and getattr(network.backbone, "cls_token", None) is not None
    last, rolled = (
        _over_image(
            patch_attention(one, grid, n_prefix=n_prefix, has_class=has_class)[None], features
        )
        for one in (each[-1], rollout(each))
    )
    by = "class token" if has_class else "mean of the patches"
    return AttentionMaps(by, _half(last[0]), _half(rolled[0]))


def _over_image(maps: Tensor, features: Features) -> Tensor:
    """Return maps `(k, h, w)` of the backbone's input without what was padded to the image.

    No side is over `MAP_SIDE`.
    """
    height, width = features.size
    if features.size != features.padded:
        padded = maps[None].float()
        whole = interpolate(padded, features.padded, mode="bilinear", align_corners=False)
        maps = whole[0, :, :height, :width]
    return _small(maps)


def _strongest(name: str, maps: Tensor, features: Features) -> StageActivations:
    """Return the channels of `maps` `(F, h, w)` with the highest means, over the image."""
    means = maps.float().mean(dim=(1, 2)).cpu().numpy()
    # Sorted by numpy: of equal channels torch may name any first.
    channels = np.argsort(-means, kind="stable")[:CHANNELS].tolist()
    return StageActivations(name, len(maps), channels, _half(_over_image(maps[channels], features)))


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


def _training_ids(job: Job, fold: Fold) -> set[str]:
    """Return the ids of the train part on which the network of `fold` was trained."""
    rows, _ = job.data.rows(fold)
    return set(job.data.samples["id"].iloc[rows])


def _uncompiled(job: Job) -> Job:
    """Return `job` with a network that is not compiled: for one image that takes far longer."""
    model = job.recipe.model.model_copy(update={"compile": False})
    return replace(job, recipe=job.recipe.model_copy(update={"model": model}))


MOST_MASKS = 2


class ExplainedLabel(NamedTuple):
    """Predicted label of an image, its true label, and the outputs to explain."""

    predicted: str
    truth: str
    scores: list[ExplainedOutput]


def label_outputs(job: Job, logits: Tensor, truth: Any) -> ExplainedLabel:
    """Return the outputs to explain for the label of an image.

    Of classes, the predicted and the true one; of several labels, the likeliest, and the true one
    of the lowest probability; of a value or rating, that number.

    Args:
        job: of the network.
        logits: `(C,)`.
        truth: as `load_samples` has it; None where it is unknown.
    """
    competition, link = job.competition, job.link
    kind, names = job.kinds[IMAGES], competition.label_names
    probs = activate(logits[None], kind)[0]
    true_label = "" if truth is None else _format_label(truth, names, competition.kind)
    if link is not None and not link.kind.is_exclusive:
        predicted, scores = explained_number(float(link.ratings(probs[None])[0, 0]))
    else:
        predicted, scores = label_outputs_of(kind).explained(probs, names, truth)
    return ExplainedLabel(predicted, true_label, scores)


def _format_label(truth: Any, names: list[str], kind: Kind) -> str:
    if kind.is_by_column:
        known = zip(names, np.asarray(truth).tolist(), strict=True)
        return ", ".join(f"{name} {one:.4g}" for name, one in known if np.isfinite(one))
    if kind.is_continuous:
        return f"{float(truth):.4g}" if np.isfinite(truth) else ""
    if kind.is_by_class:
        return ", ".join(names[i] for i in np.flatnonzero(np.asarray(truth) == 1)) or "none"
    return names[int(truth)] if int(truth) >= 0 else ""


def mask_outputs(job: Job, logits: Tensor) -> list[ExplainedOutput]:
    """Return the outputs to explain for a mask: the classes with the most pixels, the larger first.

    Args:
        job: of the network.
        logits: `(C, H, W)`; of a multiclass mask the first is background.
    """
    kind, competition = job.kinds[PIXELS], job.competition
    probs = activate(logits[None], kind)[0]
    first = int(kind.has_background)
    names = [""] if kind.is_yes_no else list(competition.classes)
    if kind.is_exclusive:
        decided = probs.argmax(dim=0)
        places = {i: decided == i for i in range(first, len(probs))}
    else:
        places = {i: probs[i] >= 0.5 for i in range(len(probs))}
    share = {i: float(place.float().mean()) for i, place in places.items()}
    largest = sorted((i for i in share if share[i] > 0), key=lambda i: -share[i])[:MOST_MASKS]
    return [
        ExplainedOutput(PIXELS, "predicted", names[i - first], share[i], _sum_of(i, places[i]))
        for i in largest
    ]


def _sum_of(i: int, place: Tensor) -> Callable[[dict[str, Tensor]], Tensor]:
    return lambda outputs: outputs[PIXELS][0, i][place].sum()


def grad_cam(
    network: Network, features: Features, score: Callable[[dict[str, Tensor]], Tensor]
) -> Tensor:
    """Return the map `(h, w)`, 0 or more, of the first image of `features`.

    It is of the deepest map on which the score depends. Weights get no gradients.

    Args:
        network: in evaluation mode.
        features: of one image.
        score: from the logits by task to y, a scalar.

    Raises:
        ValueError: the score depends on no map.
    """
    maps = [one.detach().requires_grad_() for one in features.maps]
    of_map = {id(old): new for old, new in zip(features.maps, maps, strict=True)}
    with torch.enable_grad():
        # A head may write into what it reads, which no leaf allows.
        y = score(network.decode(features.map(lambda one: of_map[id(one)].clone())))
        gradients = torch.autograd.grad(y, maps, allow_unused=True)
    read = [number for number, one in enumerate(gradients) if one is not None]
    if not read:
        raise ValueError("the score depends on no map of the backbone")
    gradient, deepest = gradients[read[-1]], maps[read[-1]].detach()
    assert gradient is not None
    weights = gradient[0].float().mean(dim=(1, 2))  # (F,)
    return torch.einsum("f,fhw->hw", weights, deepest[0].float()).clamp(min=0)


def attention_modules(backbone: nn.Module) -> list[Any]:
    """Return the attention of each block of timm's transformers; none of other networks."""
    blocks = getattr(backbone, "blocks", None)
    if not isinstance(blocks, nn.Sequential | nn.ModuleList):
        return []
    found = [getattr(block, "attn", None) for block in blocks]
    # Other kinds, as of windows or of channels, have no weights of all tokens.
    known = [one for one in found if hasattr(one, "fused_attn") and hasattr(one, "attn_drop")]
    return known if len(known) == len(found) else []


@contextmanager
def record_attention(modules: Sequence[Any]) -> Iterator[list[Tensor]]:
    """Give a list that gets the weights `(N, heads, T, T)` of each of `modules` as they are made.

    A fused kernel makes none, so that fused attention is off inside; after it every module is as
    it was, and nothing listens any more.
    """
    attentions: list[Tensor] = []
    before = [module.fused_attn for module in modules]
    listening = []

    def note(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        attentions.append(inputs[0].detach())

    try:
        for module in modules:
            module.fused_attn = False
            listening.append(module.attn_drop.register_forward_pre_hook(note))
        yield attentions
    finally:
        for handle in listening:
            handle.remove()
        for module, was_fused in zip(modules, before, strict=True):
            module.fused_attn = was_fused


def rollout(weights: Sequence[Tensor]) -> Tensor:
    """Return R `(T, T)` of blocks' weights `(T, T)`, the first block's first."""
    first = weights[0]
    one = torch.eye(len(first), dtype=first.dtype, device=first.device)
    found = one
    for each in weights:
        found = (each + one) / 2 @ found
    return found


def patch_attention(
    weights: Tensor, grid: tuple[int, int], *, n_prefix: int, has_class: bool
) -> Tensor:
    """Return the attention on each patch, `(h, w)`.

    Args:
        weights: `(T, T)`: a row for each token that attends.
        grid: (h, w) of the patches.
        n_prefix: class and register tokens before the patches.
        has_class: by the class token, the first; else by all patches on average.
    """
    row = weights[0] if has_class else weights[n_prefix:].mean(dim=0)
    return row[n_prefix:].reshape(grid)
