"""Start weights from a file: by key where the names agree, else by position where the shapes do.

Of a backbone all tensors are loaded or none. A file of a whole network gives its heads, too, part
by part (a decoder, a last layer), where all shapes of the part agree. It is podium's own, one of
segmentation_models_pytorch, or one of torchvision's segmentation networks:

    podium         backbone.…    heads.<task>.…
    smp            encoder.…     decoder.…       segmentation_head.0.…
    torchvision    backbone.…    classifier.…    (the decoder's file says what is what)
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from timm.models import adapt_input_conv
from torch import Tensor, nn

from podium.errors import RecipeError, some
from podium.models.load_report import COUNTER, LoadReport, Resized
from podium.models.lora import is_lora
from podium.models.weight_tensors import read_weights

__all__ = ["ADDED", "load_weights", "refuse_not_finite"]

WRAPPERS = ("module.", "_orig_mod.", "model.")
PREFIXES = (*WRAPPERS, "backbone.", "encoder.")
CLASSIFIERS = ("fc", "_fc", "head", "heads", "classifier", "last_linear", "head_dist")
# What networks that only give maps, as smp's encoders, leave out behind the last map.
BEHIND_MAPS = ("norm.", "fc_norm.", "norm_head.", "head.norm.", "conv_head.", "bn2.")
# Parts that podium puts into a backbone, which begin without effect.
ADDED = ("slice_attention.",)
SMP = (("decoder.", "decoder.smp."), ("segmentation_head.0.", "convolution."))

Keys = dict[str, str]
"""from our name of a tensor to its key in the file"""


class _Layout(NamedTuple):
    """Which tensors of a file are whose.

    Args:
        backbone: by the backbone's own names, as far as the file has them.
        heads: by the network's names, `heads.<task>.…`.
        gives_maps: the file's backbone may lack what comes behind its last map.
    """

    backbone: Keys
    heads: Keys
    gives_maps: bool = False


class _Fitted(NamedTuple):
    tensors: dict[str, Tensor]
    resized: tuple[Resized, ...]
    used: frozenset[str]
    by_position: bool = False


def load_weights(
    path: Path,
    backbone: nn.Module,
    heads: Mapping[str, nn.Module] | None = None,
    *,
    renames: Sequence[tuple[str, str]] = (),
) -> LoadReport:
    """Load the tensors of `path` into `backbone`, and into `heads` where the file has theirs.

    Args:
        path: `.safetensors`, or `.pth`, `.pt`, `.bin` as `torch.save` writes them.
        backbone: a network without classifier; changed in place, and only when everything fits.
        heads: by task; a part of one whose shapes do not all agree is left as it is.
        renames: what begins the keys of torchvision's file, and those of the segment head.

    Returns:
        what became of every tensor, under the network's names: `backbone.…`, `heads.<task>.…`.

    Raises:
        RecipeError: unreadable file, one with numbers that are none (NaN, infinity), or another
            architecture's (the first mismatches are named).
    """
    tensors = read_weights(path)
    _refuse_lora(tensors, path)
    own = set(_needed(backbone.state_dict()))
    layout = _layout(tensors, renames if "segment" in (heads or {}) else (), own)
    fitted = _fit_backbone(layout, tensors, backbone, path)
    of_heads = _fit_heads(layout.heads, tensors, heads or {})
    of_backbone = {f"backbone.{key}": tensor for key, tensor in fitted.tensors.items()}
    refuse_not_finite({**of_backbone, **of_heads}, path)
    backbone.load_state_dict({**backbone.state_dict(), **fitted.tensors})
    for task, head in (heads or {}).items():
        prefix = f"heads.{task}."
        ours = {k.removeprefix(prefix): v for k, v in of_heads.items() if k.startswith(prefix)}
        head.load_state_dict({**head.state_dict(), **ours})
    loaded = {*of_backbone, *of_heads}
    used = fitted.used | {layout.heads[key] for key in of_heads}
    every = _names(backbone, heads or {})
    return LoadReport(
        source=path.name,
        matched=tuple(key for key in every if key in loaded),
        resized=fitted.resized,
        left=tuple(key for key in tensors if key not in used),
        missing=tuple(key for key in every if key not in loaded),
        by_position=fitted.by_position,
    )


def _refuse_lora(tensors: Mapping[str, Tensor], path: Path) -> None:
    if any(map(is_lora, tensors)):
        raise RecipeError(
            "the file holds what LoRA learnt, which would be lost",
            where=path,
            fix="name the run, model.from, and write the model.lora of its recipe",
        )


def _names(backbone: nn.Module, heads: Mapping[str, nn.Module]) -> list[str]:
    return [f"backbone.{key}" for key in backbone.state_dict()] + [
        f"heads.{task}.{key}" for task, head in heads.items() for key in head.state_dict()
    ]


def _layout(
    tensors: Mapping[str, Tensor], renames: Sequence[tuple[str, str]], own: set[str]
) -> _Layout:
    every: Keys = {key: key for key in tensors}
    for keys in _unwrapped(every, WRAPPERS):
        if own <= keys.keys():
            break  # a backbone may have an encoder and a decoder of its own
        has = {key.split(".")[0] for key in keys}
        if {"backbone", "heads"} <= has:
            return _Layout(
                _below("backbone.", keys), {k: v for k, v in keys.items() if k.startswith("heads.")}
            )
        if {"encoder", "decoder"} <= has:
            return _Layout(_below("encoder.", keys), _renamed(keys, SMP), gives_maps=True)
        if renames and {"backbone", "classifier"} <= has:
            return _Layout(_below("backbone.", keys), _renamed(keys, renames))
    return _Layout(every, {})


def _unwrapped(keys: Keys, prefixes: Sequence[str]) -> Iterator[Keys]:
    """Yield `keys`, then without `module.`, `model.` … where they carry that, one by one.

    Keys that do not carry it stay as they are.
    """
    while True:
        yield keys
        prefix = next((p for p in prefixes if _is_wrapper(p, keys)), None)
        if prefix is None:
            return
        keys = {key.removeprefix(prefix): name for key, name in keys.items()}


def _is_wrapper(prefix: str, keys: Mapping[str, str]) -> bool:
    wrapped = [key for key in keys if key.startswith(prefix)]
    rest = [key for key in keys if not key.startswith(prefix)]
    # Two keys must not fall on one name: then the prefix is a part's own name.
    return bool(wrapped) and not {k.removeprefix(prefix) for k in wrapped} & set(rest)


def _below(prefix: str, keys: Keys) -> Keys:
    return {k.removeprefix(prefix): v for k, v in keys.items() if k.startswith(prefix)}


def _renamed(keys: Keys, renames: Sequence[tuple[str, str]]) -> Keys:
    found = {}
    for key, name in keys.items():
        fits = next(((a, b) for a, b in renames if key.startswith(a)), None)
        if fits is not None:
            found[f"heads.segment.{fits[1]}{key.removeprefix(fits[0])}"] = name
    return found


def _fit_heads(
    keys: Keys, tensors: Mapping[str, Tensor], heads: Mapping[str, nn.Module]
) -> dict[str, Tensor]:
    """Return the tensors of those parts of the heads that the file has whole and in our shapes."""
    found = {}
    for task, head in heads.items():
        parts: dict[str, dict[str, Tensor]] = {}
        for key, mine in head.state_dict().items():
            parts.setdefault(key.split(".")[0], {})[f"heads.{task}.{key}"] = mine
        for part in parts.values():
            theirs = {key: tensors[keys[key]] for key in part if key in keys}
            if all(
                theirs[key].shape == mine.shape if key in theirs else key.endswith(COUNTER)
                for key, mine in part.items()
            ):
                found.update(theirs)
    return found


def _fit_backbone(
    layout: _Layout, tensors: Mapping[str, Tensor], backbone: nn.Module, path: Path
) -> _Fitted:
    own = backbone.state_dict()
    keys, given, problems = layout.backbone, dict(tensors), list(own)
    for keys in _unwrapped(layout.backbone, PREFIXES):
        if layout.gives_maps:
            keys = _unflattened(keys, own)
        given = {key: tensors[name] for key, name in keys.items()}
        fitted, resized = _fit_by_key(given, own, backbone)
        problems = _problems(fitted, own)
        if layout.gives_maps and fitted:
            problems = [key for key in problems if not key.startswith(BEHIND_MAPS)]
        if not problems:
            left = _left(given, fitted)
            return _Fitted(fitted, resized, frozenset(n for k, n in keys.items() if k not in left))
    # The keys of a safetensors file are sorted, so their order says nothing.
    in_order = path.suffix != ".safetensors"
    matched = _match_by_position(given, own) if in_order else None
    if matched is None:
        raise _mismatch(problems, own, path)
    fitted, resized, theirs = matched
    counters = {name for name in keys.values() if name.endswith(COUNTER)}  # nothing depends on them
    used = frozenset({keys[key] for key in theirs} | counters)
    return _Fitted(fitted, resized, used, by_position=True)


def _left(given: Mapping[str, Tensor], fitted: Mapping[str, Tensor]) -> set[str]:
    """Return the keys of `given` that nothing in `fitted` was made of.

    timm renames some, cuts some in pieces, and makes new tensors of others, which are then known by
    the last part of their name.
    """
    left = {key for key in given if key not in fitted}
    renamed = {key: tensor for key, tensor in fitted.items() if key not in given}
    if not renamed:
        return left
    begins = {key: tensor.data_ptr() for key, tensor in renamed.items()}
    new = {
        key.rpartition(".")[2]
        for key, begin in begins.items()
        if not any(_holds(tensor, begin) for tensor in given.values())
    }
    return {
        key
        for key in left
        if key.rpartition(".")[2] not in new
        and not any(_holds(given[key], begin) for begin in begins.values())
    }


def _holds(tensor: Tensor, address: int) -> bool:
    return tensor.data_ptr() <= address < tensor.data_ptr() + tensor.nbytes


def _unflattened(keys: Keys, own: Mapping[str, Tensor]) -> Keys:
    """Return keys as a whole network has them: timm's lists of maps call `stages.0` `stages_0`."""
    found = {}
    for key, name in keys.items():
        dotted = re.sub(r"^([a-z]+)_(\d+)\.", r"\1.\2.", key)
        found[dotted if dotted in own else key] = name
    return found


def _is_classifier(key: str) -> bool:
    return key.split(".")[0] in CLASSIFIERS


def _fit_by_key(
    given: dict[str, Tensor], own: Mapping[str, Tensor], backbone: nn.Module
) -> tuple[dict[str, Tensor], tuple[Resized, ...]]:
    adapted = _adapted_by_timm(given, own, backbone)
    fitted, resized = {}, []
    for key, mine in own.items():
        tensor = adapted.get(key)
        if tensor is None:
            continue
        fits = _fit_channels(tensor, mine)
        if fits is not None:
            fitted[key] = fits
            was = given.get(key, tensor).shape
            if was != fits.shape:
                resized.append(Resized(f"backbone.{key}", tuple(was), tuple(fits.shape)))
    return fitted, tuple(resized)


def _adapted_by_timm(
    given: dict[str, Tensor], own: Mapping[str, Tensor], backbone: nn.Module
) -> dict[str, Tensor]:
    """Let the backbone's own module translate old key names and resize position embeddings."""
    if all(key in given and given[key].shape == tensor.shape for key, tensor in own.items()):
        return given
    translate = getattr(sys.modules[type(backbone).__module__], "checkpoint_filter_fn", None)
    if translate is None or not type(backbone).__module__.startswith("timm."):
        return given
    try:
        translated: dict[str, Tensor] = translate(dict(given), backbone)
    except Exception:  # — it is written for its own architecture's files alone, and may fail anyhow
        return given
    return translated


def _fit_channels(tensor: Tensor, mine: Tensor) -> Tensor | None:
    """Return `tensor` in the shape of `mine`, None when only other input channels could do that."""
    if tensor.shape == mine.shape:
        return tensor
    both_convolutions = tensor.ndim == mine.ndim == 4
    if not both_convolutions or tensor.shape[1] != 3 or not _same_but_channels(tensor, mine):
        return None
    adapted: Tensor = adapt_input_conv(mine.shape[1], tensor)
    return adapted


def _same_but_channels(tensor: Tensor, mine: Tensor) -> bool:
    return tensor.shape[0] == mine.shape[0] and tensor.shape[2:] == mine.shape[2:]


def _problems(fitted: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> list[str]:
    return [key for key in _needed(own) if key not in fitted]


def _needed(own: Mapping[str, Tensor]) -> list[str]:
    return [key for key in own if not key.endswith(COUNTER) and not key.startswith(ADDED)]


def _match_by_position(
    given: dict[str, Tensor], own: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], tuple[Resized, ...], set[str]] | None:
    """Pair tensors in order, classifier and batch counters aside; None unless all shapes agree."""
    theirs = [k for k in given if not _is_classifier(k) and not k.endswith(COUNTER)]
    mine = _needed(own)
    if len(theirs) != len(mine):
        return None
    fitted, resized = {}, []
    for index, (their_key, my_key) in enumerate(zip(theirs, mine, strict=True)):
        tensor, target = given[their_key], own[my_key]
        fits = _fit_channels(tensor, target) if index == 0 else tensor
        if fits is None or fits.shape != target.shape:
            return None
        fitted[my_key] = fits
        if fits.shape != tensor.shape:
            key = f"backbone.{my_key}"
            resized.append(Resized(key, tuple(tensor.shape), tuple(fits.shape)))
    return fitted, tuple(resized), set(theirs)


def refuse_not_finite(tensors: Mapping[str, Tensor], where: str | Path) -> None:
    """Raise RecipeError where one of `tensors` holds NaN or infinity."""
    odd = [
        key
        for key, tensor in tensors.items()
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor.float()).all())
    ]
    if odd:
        raise RecipeError(
            f"{len(odd)} of its tensors hold NaN or infinity: {some(odd)}",
            where=where,
            fix="take a checkpoint from before the training diverged, or download it again",
        )


def _mismatch(problems: list[str], own: Mapping[str, Tensor], path: Path) -> RecipeError:
    return RecipeError(
        f"these weights are of another architecture: {len(problems)} of the backbone's {len(own)} "
        f"tensors are missing or have another shape: {some(problems)}",
        where=path,
        fix="name the backbone that the file was made with",
    )
