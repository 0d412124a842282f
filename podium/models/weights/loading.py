"""Start weights loaded into a network: from a file, from another run, or from timm's hub.

From a file they are matched by key where the names agree, else by position where the shapes do. Of
a backbone all tensors are loaded or none. A file of a whole network gives its heads, too, part by
part (a decoder, a last layer), where all shapes of the part agree. It is podium's own, one of
segmentation_models_pytorch, or one of torchvision's segmentation networks:

    podium         backbone.…    heads.<task>.…
    smp            encoder.…     decoder.…       segmentation_head.0.…
    torchvision    backbone.…    classifier.…    (their order: see the decoder's file)

Only tensors are read, and nothing in a file is run. From another run's network every tensor is
loaded that has the same name and the same shape. What timm's hub loaded is read from timm's log,
the only place where it is reported.
"""

from __future__ import annotations

import logging
import os
import pickle
import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file
from timm.models import adapt_input_conv
from torch import Tensor, nn

from podium.errors import RecipeError, plural, some
from podium.models.lora import is_lora
from podium.models.weights.report import COUNTER, LoadReport, Resized
from podium.tasks.protocols.names import has_pixels
from podium.workspace import digests

__all__ = [
    "capture_timm_log",
    "hub_load_report",
    "load_from_run",
    "load_weights",
    "only_tensors",
    "read_weights",
]


WRAPPERS = ("module.", "_orig_mod.", "model.")
PREFIXES = (*WRAPPERS, "backbone.", "encoder.")
CLASSIFIERS = ("fc", "_fc", "head", "heads", "classifier", "last_linear", "head_dist")
# What networks that only give maps, as smp's encoders, leave out behind the last map.
BEHIND_MAPS = ("norm.", "fc_norm.", "norm_head.", "head.norm.", "conv_head.", "bn2.")
# Parts that podium puts into a backbone, which begin without effect.
ADDED_PREFIXES = ("slice_attention.",)
SMP = (("decoder.", "decoder.smp."), ("segmentation_head.0.", "convolution."))

Keys = dict[str, str]
"""from our name of a tensor to its key in the file"""


class _Layout(NamedTuple):
    """The assignment of a file's tensors to the parts of a network.

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
    layout = _layout(tensors, renames if has_pixels(heads or {}) else (), own)
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
            "the file holds trained LoRA weights, which would be lost",
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
    # The keys of a safetensors file are sorted, so their order carries no meaning.
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

    timm renames some, cuts some in pieces, and makes new tensors of others, which are then
    identified by the last part of their name.
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
    """Return tensors with keys and position embeddings adapted by the backbone's own module."""
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
    return [key for key in own if not key.endswith(COUNTER) and not key.startswith(ADDED_PREFIXES)]


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


CONTAINERS = ("state_dict_ema", "model_ema", "state_dict", "model", "network")
AGAIN = "copy or download it again and compare the size"


FORCED = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"


@contextmanager
def only_tensors() -> Iterator[None]:
    """Make `torch.load` read tensors alone meanwhile, whatever a library passes to it."""
    before = os.environ.get(FORCED)
    os.environ[FORCED] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[FORCED]
        else:
            os.environ[FORCED] = before


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the tensors of `path` by key, in the file's order.

    Raises:
        RecipeError: the file is truncated, is no file of weights, or holds more than tensors.
    """
    try:
        with warnings.catch_warnings():
            # Of other pickle protocols: the file is readable all the same, or the error explains
            # more.
            warnings.simplefilter("ignore")
            content: Any = _read(path)
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # junk makes the readers raise whatever they please
        raise _unreadable(path, error) from error
    return _tensors(content, path)


def _read(path: Path) -> Any:
    digests.check(path)
    if path.suffix == ".safetensors":
        return load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def _tensors(content: Any, path: Path) -> dict[str, Tensor]:
    """Find the tensors by key in what was saved: bare, or inside a training checkpoint."""
    if isinstance(content, Mapping):
        for name in CONTAINERS:
            if isinstance(content.get(name), Mapping):
                return _tensors(content[name], path)
        found = {str(k): v for k, v in content.items() if isinstance(v, Tensor)}
        if found:
            return found
    raise RecipeError(
        f"expected tensors by name, got {type(content).__name__} without any",
        where=path,
        fix="save the network's state_dict()",
    )


def _unreadable(path: Path, error: Exception) -> RecipeError:
    if isinstance(error, pickle.UnpicklingError) and "GLOBAL" in str(error):
        return RecipeError(
            "the file holds Python objects beside tensors; podium never runs them",
            where=path,
            fix="where you trust it, load it once elsewhere and save its state_dict() alone",
        )
    if "TorchScript" in str(error):
        return RecipeError(
            "the file is a TorchScript archive, which holds code beside tensors",
            where=path,
            fix="where you trust it, load it once elsewhere with torch.jit.load and save its "
            "state_dict()",
        )
    if _is_onnx(path):
        return RecipeError(
            "the file is an ONNX export, which predicts and is not trained further",
            where=path,
            fix="name the checkpoint that it was exported from, or model.from with its run: these "
            "tell, too, whose labels they learnt",
        )
    if isinstance(error, pickle.UnpicklingError) and not _looks_like(path):
        # The advice of torch here is to read it unsafely, which runs what is in it.
        return RecipeError(
            "not a readable file of weights: a pickle of something else, which podium never runs, "
            "or cut short",
            where=path,
            fix="name the file that holds the network's state_dict(), or download it again",
        )
    what, fix = _looks_like(path) or (f"or cut short: {_first_line(error)}", AGAIN)
    return RecipeError(f"not a readable file of weights, {what}", where=path, fix=fix)


def _is_onnx(path: Path) -> bool:
    """Return whether a file that no reader takes is ONNX, also where it was renamed."""
    with path.open("rb") as file:
        start = file.read(64)
    # A protobuf that begins with the version of its form and the program that wrote it.
    return path.suffix == ".onnx" or re.match(rb"\x08[\x01-\x7f]\x12.[\w.-]{3,}", start) is not None


def _looks_like(path: Path) -> tuple[str, str] | None:
    """Return what a file is that no reader takes, and the way out; None where that is unknown."""
    with path.open("rb") as file:
        start = file.read(64).lstrip().lower()
    if not start:
        return "or cut short: it is empty", AGAIN
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        return (
            "but a web page, as servers send it in place of a file",
            "open the address in a browser, and download the file itself",
        )
    if start.startswith(b"version https://git-lfs"):
        return "but a pointer to one in Git LFS", "fetch the file itself: git lfs pull"
    return None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def load_from_run(network: nn.Module, tensors: Mapping[str, Tensor], run: str) -> LoadReport:
    """Load the tensors of another run's network that have the same names and shapes.

    Args:
        network: of a `backbone` and `heads`; changed in place, and only when the backbone fits.
        tensors: of the other network, by the same names.
        run: its id.

    Raises:
        RecipeError: it has another backbone, what LoRA trained there would be lost, or it has
            numbers that are none (NaN, infinity).
    """
    own = network.state_dict()
    fitted = {k: v for k, v in tensors.items() if k in own and v.shape == own[k].shape}
    adapted = [key for key in tensors if is_lora(key)]
    _refuse_lost_lora([key for key in adapted if key not in fitted], run)
    added = tuple(f"backbone.{part}" for part in ADDED_PREFIXES)
    lost = [
        key
        for key in own
        if key.startswith("backbone.") and key not in fitted and not key.startswith(added)
        if adapted or not is_lora(key)  # which begins with an addition of nothing
    ]
    if lost:
        raise RecipeError(
            f"model.from: {run} has another backbone: {plural(len(lost), 'misfit')}, as {lost[0]}",
            fix="write model.backbone and model.options as in its recipe",
        )
    refuse_not_finite(fitted, f"model.from: {run}")
    network.load_state_dict(fitted, strict=False)
    return LoadReport(
        source=run,
        matched=tuple(key for key in own if key in fitted),
        left=tuple(key for key in tensors if key not in fitted),
        missing=tuple(key for key in own if key not in fitted),
    )


def _refuse_lost_lora(misfits: list[str], run: str) -> None:
    if misfits:
        raise RecipeError(
            f"model.from: {run} adapted its backbone by model.lora, which would be lost: "
            f"{plural(len(misfits), 'misfit')}, as {misfits[0]}",
            fix="write the same model.lora as in its recipe",
        )


LOGGERS = ("timm.models._builder", "timm.layers.pos_embed")
BEGINS = "Loading pretrained weights"
MISSING = re.compile(r"Missing keys \((.*)\) discovered")
UNEXPECTED = re.compile(r"Unexpected keys \((.*)\) found")
CONVOLUTION = re.compile(r"Converted input conv (\S+) pretrained weights from (\d+) to \d+ channel")
POSITIONS = re.compile(r"Resized position embedding: \D*(\d+), (\d+)\D* to ")


class _LogCapture(logging.Filter):
    """A handler that keeps the records of a logger, and passes on what passed before."""

    def __init__(self, messages: list[str], least: int) -> None:
        super().__init__()
        self._messages, self._least = messages, least

    def filter(self, record: logging.LogRecord) -> bool:
        self._messages.append(record.getMessage())
        return record.levelno >= self._least


@contextmanager
def capture_timm_log() -> Iterator[list[str]]:
    """Yield a list that fills with what timm logs while it loads weights."""
    messages: list[str] = []
    before = []
    for name in LOGGERS:
        logger = logging.getLogger(name)
        ear = _LogCapture(messages, logger.getEffectiveLevel())
        before.append((logger, logger.level, ear))
        logger.addFilter(ear)
        logger.setLevel(min(logging.INFO, logger.getEffectiveLevel()))
    try:
        yield messages
    finally:
        for logger, level, ear in before:
            logger.removeFilter(ear)
            logger.setLevel(level)


def hub_load_report(messages: list[str], name: str, backbone: nn.Module) -> LoadReport:
    """Return which of the hub's weights of `name` were loaded, as far as timm logged it.

    It does not name the classifier, which it takes off before it loads, nor tables of relative
    positions that it resized.

    Args:
        messages: the messages that `capture_timm_log` captured.
        name: of the backbone.
        backbone: as timm built and loaded it.
    """
    starts = [i for i, message in enumerate(messages) if message.startswith(BEGINS)]
    own_messages = (
        messages[starts[-1] :] if starts else messages
    )  # a network may have been built twice
    missing = set(_keys(MISSING, own_messages))
    own = backbone.state_dict()
    return LoadReport(
        source=name if name.startswith("local-dir:") else f"the hub's {name}",
        matched=tuple(f"backbone.{key}" for key in own if key not in missing),
        resized=tuple(_resized(own_messages, backbone)),
        left=tuple(_keys(UNEXPECTED, own_messages)),
        missing=tuple(f"backbone.{key}" for key in own if key in missing),
    )


def _keys(pattern: re.Pattern[str], own_messages: list[str]) -> list[str]:
    found = [match[1].split(", ") for message in own_messages if (match := pattern.search(message))]
    return found[-1] if found else []


def _resized(own_messages: list[str], backbone: nn.Module) -> Iterator[Resized]:
    own = backbone.state_dict()
    for message in own_messages:
        if match := CONVOLUTION.search(message):
            now = tuple(own[f"{match[1]}.weight"].shape)
            was = (now[0], int(match[2]), *now[2:])
            yield Resized(f"backbone.{match[1]}.weight", was, now)
        if (match := POSITIONS.search(message)) and "pos_embed" in own:
            now, grid = tuple(own["pos_embed"].shape), (int(match[1]), int(match[2]))
            if len(now) == 4:  # laid out as a map, (1, h, w, F)
                yield Resized("backbone.pos_embed", (now[0], *grid, now[3]), now)
            else:
                prefix = _prefix_tokens(backbone)
                was = (now[0], prefix + grid[0] * grid[1], now[2])
                yield Resized("backbone.pos_embed", was, now)


def _prefix_tokens(backbone: nn.Module) -> int:
    """Return how many of the position embeddings are of tokens that are no patches."""
    if getattr(backbone, "no_embed_class", False):
        return 0
    return int(getattr(backbone, "num_prefix_tokens", 0))
