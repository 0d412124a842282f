"""A GPU whose tensors have no values: what a program would do on a GPU, checked without one.

`FakeTensorMode` of torch gives tensors a device, a type and a shape. An operation on tensors of two
devices, and `numpy()` of one on the GPU, raise as they do on a real one. What Python reads of a
tensor is made up, and each read from the GPU is noted, with the line: there a real one lets the
program wait.

Run as a program it trains a fold of the recipes of `method_recipes` in this way, predicts, and
explains; it prints a line of JSON a case. It changes torch for the whole process, before podium is
imported: `inference_mode` is entered by decorators, and would pass the fake mode by.
"""

from __future__ import annotations

import json
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.fx.experimental.symbolic_shapes import ShapeEnv

__all__ = ["DEVICE", "FakeFabric", "main", "on_fake_gpu", "prepare_torch", "reads"]

DEVICE = torch.device("cuda", 0)
PACKAGE = "/podium/"
MADE_UP = {"__int__": 1, "__index__": 1, "__float__": 0.5, "__bool__": True}

reads: Counter[str] = Counter()
"""line of podium that read a value of the GPU's → how often"""


def prepare_torch() -> None:
    """Change torch for this process: see the module."""
    torch.inference_mode = lambda *_, **__: torch.no_grad()  # type: ignore[assignment, misc]
    nn.Module._apply = _apply  # type: ignore[method-assign, assignment]
    nn.init.trunc_normal_ = lambda tensor, *_, **__: tensor  # type: ignore[assignment]
    Tensor.pin_memory = lambda self, *_: self  # type: ignore[method-assign]
    torch.cuda.get_device_name = lambda *_: "a fake GPU"  # type: ignore[assignment]
    torch.cuda.synchronize = lambda *_: None  # type: ignore[assignment]
    for name, value in {**MADE_UP, "item": None, "tolist": None, "numpy": None}.items():
        setattr(Tensor, name, _read(name, value, getattr(Tensor, name)))
    torch.autograd.grad = lambda _, inputs, **__: [  # type: ignore[assignment]
        torch.zeros_like(one) for one in ([inputs] if isinstance(inputs, Tensor) else inputs)
    ]
    equal = torch.equal

    def are_equal(one: Tensor, other: Tensor) -> bool:
        if not isinstance(one, FakeTensor):
            return equal(one, other)
        if one.device.type == "cuda":
            reads[_line()] += 1
        return True

    torch.equal = are_equal  # type: ignore[assignment]
    whole = Tensor.__array__

    def as_array(self: Tensor, *rest: Any, **named: Any) -> Any:
        if isinstance(self, FakeTensor):
            return np.asarray(_values(self), *rest, **named)
        return whole(self, *rest, **named)

    Tensor.__array__ = as_array  # type: ignore[method-assign]
    Tensor.__deepcopy__ = _deepcopy(Tensor.__deepcopy__)  # type: ignore[method-assign]


def _apply(module: nn.Module, change: Callable[[Tensor], Tensor], recurse: bool = True) -> Any:
    """Do what `Module._apply` does by new parameters: fake ones cannot be exchanged in place."""
    for part in module.modules():
        for name, parameter in part._parameters.items():
            if parameter is not None:
                made = nn.Parameter(change(parameter.detach()), parameter.requires_grad)
                part._parameters[name] = made
        for name, buffer in part._buffers.items():
            if buffer is not None:
                part._buffers[name] = change(buffer)
    return module


def _deepcopy(whole: Callable[..., Any]) -> Callable[..., Any]:
    def deepcopy(self: Tensor, memo: dict[int, Any]) -> Any:
        if not isinstance(self, FakeTensor):
            return whole(self, memo)
        if id(self) not in memo:
            made: Tensor = self.detach().clone()
            is_parameter = isinstance(self, nn.Parameter)
            memo[id(self)] = nn.Parameter(made, self.requires_grad) if is_parameter else made
        return memo[id(self)]

    return deepcopy


def _read(name: str, value: Any, whole: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method `name` of tensors that makes up what it reads of fake ones."""

    def read(self: Tensor, *rest: Any, **named: Any) -> Any:
        if not isinstance(self, FakeTensor):
            return whole(self, *rest, **named)
        if name == "numpy":
            return _values(self)
        if self.device.type == "cuda":
            reads[_line()] += 1
        if name == "tolist":
            return _values(self.cpu()).tolist()
        if name == "item":
            return 0.5 if self.is_floating_point() else 1
        return value

    return read


def _values(tensor: Tensor) -> NDArray[Any]:
    """Return what `numpy` returns: rows that sum to 1, and zeros of other types."""
    if tensor.device.type == "cuda":
        raise TypeError("can't convert cuda:0 device type tensor to numpy")
    if tensor.requires_grad:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad")
    if tensor.dtype == torch.bfloat16:
        raise TypeError("Got unsupported ScalarType BFloat16")
    shape = tuple(int(n) for n in tensor.shape)
    share = 1 / shape[-1] if tensor.is_floating_point() and shape and shape[-1] else 0
    return np.full(shape, share, dtype=str(tensor.dtype).removeprefix("torch."))


def _line() -> str:
    """Return the innermost line of podium that is being run."""
    found = [one for one in traceback.extract_stack() if PACKAGE in one.filename]
    return "" if not found else f"{found[-1].filename.rpartition(PACKAGE)[2]}: {found[-1].line}"


class _Precision:
    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        pass


class _Strategy:
    precision = _Precision()


class FakeFabric:
    """What trainings ask of Fabric, on the fake GPU; the engine of gradients needs a real one."""

    device, is_global_zero, strategy = DEVICE, True, _Strategy()

    def __init__(self) -> None:
        self._optimizer: torch.optim.Optimizer | None = None

    @contextmanager
    def autocast(self) -> Iterator[None]:
        """Let operations give bfloat16, as on a GPU; torch's own `autocast` wants a real one."""
        torch.set_autocast_dtype("cuda", torch.bfloat16)
        torch.set_autocast_enabled("cuda", True)
        torch.autocast_increment_nesting()
        try:
            yield
        finally:
            torch.autocast_decrement_nesting()
            torch.set_autocast_enabled("cuda", False)
            torch.clear_autocast_cache()

    def setup_module(self, module: nn.Module) -> nn.Module:
        forward = module.forward

        def forward_in_precision(*inputs: Any) -> Any:
            with self.autocast():
                return forward(*inputs)

        module.forward = forward_in_precision  # type: ignore[method-assign]
        return module

    def setup_optimizers(self, optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
        self._optimizer = optimizer
        return optimizer

    def backward(self, loss: Tensor) -> None:
        assert loss.device == DEVICE, loss.device
        assert self._optimizer is not None
        for group in self._optimizer.param_groups:
            for parameter in group["params"]:
                if parameter.requires_grad:
                    parameter.grad = torch.zeros_like(parameter)

    def clip_gradients(self, *_: Any, **__: Any) -> None:
        pass


@contextmanager
def on_fake_gpu(module: ModuleType) -> Iterator[None]:
    """Let a module of podium have the fake GPU; every tensor that is made inside is a fake one."""
    reads.clear()
    fabric = patch.object(module, "make_fabric", lambda *_, **__: FakeFabric())
    state = patch.object(module, "own_random_state", nullcontext, create=True)
    with fabric, state, FakeTensorMode(allow_non_fake_inputs=True, shape_env=ShapeEnv()):
        yield


LABELS: dict[str, tuple[dict[str, Any], Callable[[int], list[Any]], dict[str, Any]]] = {
    "multiclass": ({"label": "a"}, lambda n: [("cat", "dog", "fox")[n % 3]], {"name": "accuracy"}),
    "binary": ({"label": "a"}, lambda n: [n % 2], {"name": "auc"}),
    "multilabel": (
        {"label": ["cat", "dog", "fox"]},
        lambda n: [n % 2, n // 2 % 2, n // 4 % 2],
        {"name": "f1", "average": "macro"},
    ),
    "ordinal": ({"label": "a"}, lambda n: [n % 3], {"name": "qwk"}),
    "regression": ({"label": "a"}, lambda n: [100 + n], {"name": "rmse"}),
    "multitarget": ({"label": ["x", "y"]}, lambda n: [n, 7 - n], {"name": "mcrmse"}),
    "angle": ({"label": "a"}, lambda n: [15 * n], {"name": "mean_angular_error"}),
}
"""kind of labels → keys of `data.train`, the cells of row n, the metric"""
SCHEMES = {"multilabel": "multilabel_stratified"}
CLASSES = {"multiclass": ["cat", "dog", "fox"], "ordinal": ["0", "1", "2"]}
TRANSFORMER = {
    "backbone": "vit_tiny_patch16_224",
    "pretrained": False,
    "options": {"patch_size": 8, "embed_dim": 12, "depth": 4, "num_heads": 2},
}
TWO = {"name": "all", "epochs": 1, "steps_per_epoch": 2}
PROBE = {"name": "heads", "epochs": 1, "freeze": ["backbone"]}
SOLVED = {"name": "linear_probe", "strength": 1.0}


def _workspace_of(kind: str, root: Path) -> Any:
    """Write a workspace of 24 images with labels of a kind."""
    from miniatures import draw, save, write_table

    from podium.workspace.layout import Workspace

    keys, cells, metric = LABELS[kind]
    columns = keys["label"] if isinstance(keys["label"], list) else [keys["label"]]
    rng = np.random.default_rng(0)
    for number in range(27):
        part = "train" if number < 24 else "test"
        save(root / f"data/{part}/{number:02d}.png", draw(["cat"], 24, rng))
    rows = [[f"{number:02d}", *map(str, cells(number))] for number in range(24)]
    write_table(root / "data/train.csv", ["id", *columns], rows)
    classes = CLASSES.get(kind, columns if kind in ("multilabel", "multitarget") else None)
    spec = {
        "name": "fake",
        "tasks": {"classify": kind},
        **({} if classes is None else {"classes": classes}),
        "data": {
            "train": {"table": "data/train.csv", "id": "id", "images": "data/train/{id}.png"},
            "unlabelled": {"images": "data/test/*.png"},
            "test": {"images": "data/test/*.png"},
        },
        "folds": {"n": 2, "scheme": SCHEMES.get(kind, "stratified")},
        "metric": metric,
    }
    spec["data"]["train"] |= keys  # type: ignore[index]
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    return Workspace(root)


def _masks_of(name: str, root: Path) -> Any:
    """Write a workspace of one of the miniatures with masks."""
    import mask_miniatures

    from podium.workspace.layout import Workspace

    made = getattr(mask_miniatures, name)(root / "data", n=8, n_test=3)
    spec = {**made.spec, "folds": {**made.spec.get("folds", {}), "n": 2}}
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    return Workspace(root)


def _job(workspace: Any, **keys: Any) -> Any:
    """Return a job of a tiny recipe with these keys."""
    from training.fold_fits import job_on

    from podium.competition.spec import load_competition
    from podium.training.recipe import Recipe

    convolutions = {"backbone": "cnn", "pretrained": False, "options": {"widths": [8, 16]}}
    recipe = {
        "model": {**convolutions, **keys.pop("model", {})},
        "input": {"size": 32, "train": "photometric"},
        "batch_size": 4,
        "phases": [TWO],
        **keys,
    }
    return job_on(workspace, load_competition(workspace.root), Recipe.model_validate(recipe))


def _fit(job: Any) -> None:
    """Train fold 0 of a job on the fake GPU; what is solved for on the processor is made up."""
    from podium.models import checkpoints
    from podium.training.fit import fold as fitting
    from podium.training.methods import linear_probe
    from podium.training.runs.job import Deadline
    from podium.workspace.progress import SILENT

    def _unsolved(layer: nn.Module, rows: Any, loss: Any, **_: Any) -> dict[str, Tensor]:
        width = rows.features.shape[1]
        return {
            name: torch.zeros(*one.shape[:-1], width if one.ndim > 1 else one.shape[-1]).double()
            for name, one in layer.named_parameters()
        }

    fold: Any = "full" if job.is_label_free else 0
    job.files(fold).folder.mkdir(parents=True, exist_ok=True)
    written = patch.object(checkpoints, "save", lambda path, content: Path(path).write_bytes(b""))
    with on_fake_gpu(fitting), written, patch.object(linear_probe, "fit_layer", _unsolved):
        fitting.fit_fold(job, fold, deadline=Deadline(None), progress=SILENT)


def train_method(name: str, root: Path) -> None:
    """Train a recipe of `method_recipes`."""
    from training.method_recipes import job_of, write

    _fit(job_of(write(name, root)))


def resume_method(name: str, root: Path) -> None:
    """Train a recipe of `method_recipes` for some steps on the CPU, and go on."""
    from training.fold_fits import OneStep
    from training.method_recipes import job_of, write

    from podium.training.fit.fold import fit_fold
    from podium.training.runs.job import OutOfTime

    job = job_of(write(name, root))
    fold: Any = "full" if job.is_label_free else 0
    for _ in range(4):
        moment = OneStep()
        try:
            fit_fold(job, fold, deadline=moment, progress=moment)
        except OutOfTime:
            continue
        return  # a phase that is solved has no steps
    _fit(job)


def train_labels(name: str, root: Path) -> None:
    """Train a kind of labels by steps, then solve for its head."""
    phases = [TWO, {**PROBE, "method": SOLVED}]
    _fit(_job(_workspace_of(name, root), phases=phases, optimizer={"clip_norm": 1.0}))


def train_rounds(name: str, root: Path) -> None:
    """Solve for a head in rounds of self-training."""
    phases = [{**PROBE, "method": {**SOLVED, "rounds": 2}}]
    _fit(_job(_workspace_of(name, root), phases=phases))


def train_frozen(name: str, root: Path) -> None:
    """Train a head by steps on features that are computed once."""
    _fit(_job(_workspace_of(name, root), input={"size": 32, "train": "none"}, phases=[PROBE]))


def train_masks(name: str, root: Path) -> None:
    """Train one of the miniatures with masks."""
    _fit(_job(_masks_of(name, root)))


def train_loss(name: str, root: Path) -> None:
    """Train masks, or labels, by one loss."""
    task, loss = name.split("-")
    weight = {loss: 1.0}
    workspace = _masks_of("pictures_and_masks", root)
    heads: dict[str, Any] = {"classify": {}} if task == "classify" else {"segment": {}}
    _fit(_job(workspace, model={"heads": heads}, phases=[{**TWO, "loss": {task: weight}}]))


def train_optimizer(name: str, root: Path) -> None:
    """Train by one optimiser, with an averaged network."""
    optimizer = {"name": name, "lr": 1e-3}
    _fit(_job(_workspace_of("multiclass", root), optimizer=optimizer, ema_decay=0.9))


def train_weighted(name: str, root: Path) -> None:
    """Train with class weights and smoothed labels, and solve for a head with them."""
    keys: dict[str, Any] = {"class_weights": "balanced"}
    smoothed = {"label_smoothing": 0.1} if name == "multiclass" else {}
    phases = [TWO, {**PROBE, "method": SOLVED}]
    _fit(_job(_workspace_of(name, root), phases=phases, **keys, **smoothed))


def train_mixed(name: str, root: Path) -> None:
    """Train on mixed images."""
    has_labels = name in LABELS
    mix = {"mixup": 0.4 if has_labels else 0.0, "cutmix": 1.0}
    _fit(_job(_workspace_of(name, root) if has_labels else _masks_of(name, root), mix=mix))


def train_decoder(name: str, root: Path) -> None:
    """Train masks by one decoder."""
    options = {"output_stride": 16} if name == "pan" else {}
    model = {"backbone": "resnet18", "options": options, "heads": {"segment": {"decoder": name}}}
    if name == "dpt":
        model |= TRANSFORMER
    sizes = {"size": 128, "train": "photometric"}
    _fit(_job(_masks_of("defects", root), model={**model, "pretrained": False}, input=sizes))


def train_cosine(name: str, root: Path) -> None:
    """Train labels by cosines and a margin between the angles of classes."""
    phases = [{**TWO, "loss": {"classify": {"arcface": 1.0}}}]
    heads = {"classify": {"cosine": {}}}
    _fit(_job(_workspace_of(name, root), model={"heads": heads}, phases=phases))


def train_with(name: str, root: Path) -> None:
    """Train with one more thing that looks on or changes the network."""
    byol = {"name": "byol", "hidden": 16, "size": 8}
    self_supervised = {**TWO, "name": "first", "method": byol}
    keys: dict[str, dict[str, Any]] = {
        "probe": {"phases": [{**self_supervised, "probe": {"knn": 2, "rows": 8}}, TWO]},
        "keep": {"keep": {"epochs": ["last"], "features": 4, "masks": ["00"]}},
        "lora": {"model": {**TRANSFORMER, "lora": {"rank": 2}}},
        "checkpointing": {"model": {**TRANSFORMER, "checkpointing": True}},
        "tensorboard": {"loggers": ["csv", "tensorboard"]},
        "early_stopping": {"phases": [{**TWO, "epochs": 2, "early_stopping": {"patience": 1}}]},
        "best": {"checkpoint": "best"},
        "accumulate": {"accumulate": 2, "optimizer": {"clip_norm": 1.0}},
    }
    made = _masks_of("defects", root) if name == "keep" else _workspace_of("multiclass", root)
    if name == "keep":
        ids = sorted(one.stem for one in (root / "data").rglob("*.png"))[:1]
        keys["keep"]["keep"]["masks"] = ids
    _fit(_job(made, **keys[name]))


def _trained(workspace: Any, **keys: Any) -> Any:
    """Return a job of which fold 0 was trained on the CPU."""
    from training.fold_fits import fit

    job = _job(workspace, **keys)
    fit(job)
    return job


def predict(name: str, root: Path) -> None:
    """Predict by views, and embeddings, of labels or masks."""
    views = {"tta": ["scale:1.25", "shift:4:-4"], "embeddings": True}
    made = _workspace_of(name, root) if name in LABELS else _masks_of(name, root)
    _predict(_trained(made, predict=views))


def _predict(job: Any) -> None:
    """Predict OOF and test with the network of fold 0."""
    from podium.models import checkpoints
    from podium.training.inference import network as predicting
    from podium.training.inference.prediction_sets import predict_fold
    from podium.workspace.progress import SILENT

    state = checkpoints.load(job.files(0).checkpoint("last"))
    with on_fake_gpu(predicting), patch.object(checkpoints, "load", lambda *_, **__: state):
        predict_fold(job, 0, splits=("oof", "test"), progress=SILENT)


def predict_tiles(name: str, root: Path) -> None:
    """Train and predict masks by windows of the images."""
    _predict(_trained(_masks_of(name, root), input={"size": 24, "fit": "tile", "train": "none"}))


def explain(name: str, root: Path) -> None:
    """Draw heat maps and layers of test images."""
    from podium.competition.samples import load_samples
    from podium.models import checkpoints
    from podium.training import explain as explaining
    from podium.workspace.progress import SILENT

    made = _workspace_of(name, root) if name in LABELS else _masks_of(name, root)
    job = _trained(made, model=TRANSFORMER if name == "multiclass" else {})
    samples = load_samples(job.competition, "test").iloc[:1]
    state = checkpoints.load(job.files(0).checkpoint("last"))
    loaded = patch.object(checkpoints, "load", lambda *_, **__: state)
    with on_fake_gpu(explaining), loaded:
        found = list(explaining.explain_images(job, 0, samples, part="test", progress=SILENT))
    assert found


def measure(name: str, root: Path) -> None:
    """Measure a step, as `podium doctor --step`, or those of a recipe, as `podium auto`."""
    from podium.training import step_limits
    from podium.training.fit import timed_steps
    from podium.training.runs.timing import recipe_timing

    if name == "step":
        with on_fake_gpu(step_limits):
            step_limits.measure_step(2)
        return
    job = _job(_workspace_of("multiclass", root))
    with on_fake_gpu(timed_steps):
        recipe_timing(job.workspace, job.competition, job.recipe)


def control(name: str, root: Path) -> None:
    """Do what a GPU refuses: where one of these ends without an error, no case shows anything."""
    import podium.training.device as device

    with on_fake_gpu(device):
        there = torch.ones(2, 3, 8, 8).to(DEVICE)
        if name == "mixed":
            there + torch.ones(2, 3, 8, 8)
        elif name == "numpy":
            there.numpy()
        else:
            convolution = nn.Conv2d(3, 4, 3).to(DEVICE)
            with FakeFabric().autocast():
                convolution(there).cpu().detach().numpy()


CASES: dict[str, Callable[[str, Path], None]] = {
    "method": train_method,
    "resume": resume_method,
    "labels": train_labels,
    "rounds": train_rounds,
    "frozen": train_frozen,
    "masks": train_masks,
    "loss": train_loss,
    "optimizer": train_optimizer,
    "weighted": train_weighted,
    "mixed": train_mixed,
    "decoder": train_decoder,
    "cosine": train_cosine,
    "with": train_with,
    "predict": predict,
    "tiles": predict_tiles,
    "explain": explain,
    "measure": measure,
    "control": control,
}


def main() -> None:
    """Print a line of JSON a case: its name, the error with its line, and what was read."""
    for case in sys.argv[1:]:
        kind, _, name = case.partition(":")
        found: dict[str, Any] = {"case": case, "error": None}
        with tempfile.TemporaryDirectory() as folder:
            try:
                CASES[kind](name, Path(folder))
            except Exception as error:
                frames = traceback.extract_tb(error.__traceback__)
                own = [one for one in frames if PACKAGE in one.filename]
                where = f"{own[-1].filename.rpartition(PACKAGE)[2]}: {own[-1].line}" if own else ""
                found["error"] = f"{where}: {type(error).__name__}: {str(error)[:400]}"
        sys.stdout.write(json.dumps({**found, "reads": dict(reads)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    prepare_torch()
    main()
