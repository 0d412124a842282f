"""Weights of the hub: out of a filled cache without network, and timm's log of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import timm
import torch
from huggingface_hub import constants as hub
from torch import nn

from podium.models.network import build_network
from podium.models.spec import ModelSpec

CLASSIFY = {"classify": 2}
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., nn.Module]:
    """Write a timm network with random weights into a cache as the hub's client lays it out."""
    monkeypatch.setattr(hub, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub, "ENDPOINT", "http://127.0.0.1:9")

    def fill(name: str, without: tuple[str, ...] = (), **extra: torch.Tensor) -> nn.Module:
        torch.manual_seed(7)
        network: nn.Module = timm.create_model(name)
        config = network.pretrained_cfg
        folder = tmp_path / "hub" / f"models--{config['hf_hub_id'].replace('/', '--')}"
        snapshot = folder / "snapshots" / COMMIT
        snapshot.mkdir(parents=True)
        (folder / "refs").mkdir()
        (folder / "refs" / "main").write_text(COMMIT)
        tensors = {k: v for k, v in network.state_dict().items() if not k.startswith(without)}
        safetensors.torch.save_file({**tensors, **extra}, snapshot / "model.safetensors")
        reported = {
            "architecture": name.split(".")[0],
            "num_classes": 1000,
            "pretrained_cfg": config,
        }
        (snapshot / "config.json").write_text(json.dumps(reported))
        return network

    return fill


def test_a_filled_cache_gives_the_weights_without_network(
    cached: Callable[..., nn.Module],
) -> None:
    theirs = cached("test_resnet").state_dict()
    network = build_network(ModelSpec(backbone="test_resnet"), n_outputs=CLASSIFY)
    for key, tensor in network.backbone.state_dict().items():
        assert torch.equal(tensor, theirs[key]), key
    report = network.loaded
    assert report is not None
    assert report.matched == tuple(f"backbone.{key}" for key in network.backbone.state_dict())
    assert not report.resized
    assert not report.missing
    assert not report.left
    n = len(report.matched)
    assert report.line == f"start weights from the hub's test_resnet: {n} of the backbone"
    assert hub.HF_HUB_OFFLINE is False


def test_weights_that_timm_could_not_load_are_reported(cached: Callable[..., nn.Module]) -> None:
    cached("test_resnet", without=("layer4.0.bn2.",), odd=torch.zeros(3))
    report = build_network(ModelSpec(backbone="test_resnet"), n_outputs=CLASSIFY).loaded
    assert report is not None
    assert report.left == ("odd",)
    counted = [key.removeprefix("backbone.layer4.0.bn2.") for key in report.missing]
    assert set(counted) - {"num_batches_tracked"} == {
        "weight",
        "bias",
        "running_mean",
        "running_var",
    }
    assert "4 of the backbone start from random weights" in report.line


@pytest.mark.parametrize("in_chans", [1, 4])
def test_other_channels_are_reported_with_both_shapes(
    cached: Callable[..., nn.Module], in_chans: int
) -> None:
    theirs = cached("test_resnet").state_dict()
    network = build_network(
        ModelSpec(backbone="test_resnet"), n_outputs=CLASSIFY, in_chans=in_chans
    )
    report, (key,) = network.loaded, [k for k, v in theirs.items() if v.shape[1:2] == (3,)]
    assert report is not None
    was = tuple(theirs[key].shape)
    assert report.resized == ((f"backbone.{key}", was, (was[0], in_chans, *was[2:])),)
    assert network.backbone.state_dict()[key].shape == report.resized[0].now


def test_resized_positions_are_reported_with_both_shapes(cached: Callable[..., nn.Module]) -> None:
    theirs = cached("test_vit").state_dict()["pos_embed"]
    network = build_network(ModelSpec(backbone="test_vit"), n_outputs=CLASSIFY, image_size=(96, 64))
    assert network.loaded is not None
    (resized,) = network.loaded.resized
    assert resized.key == "backbone.pos_embed"
    assert resized.was == tuple(theirs.shape)
    assert resized.now == tuple(network.backbone.pos_embed.shape)


def test_listening_leaves_timms_log_as_it_was(
    cached: Callable[..., nn.Module], caplog: pytest.LogCaptureFixture
) -> None:
    cached("test_resnet")
    logger = logging.getLogger("timm.models._builder")
    caplog.set_level(logging.ERROR, logger=logger.name)
    before = logger.level, list(logger.filters)
    with caplog.at_level(logging.WARNING):
        build_network(ModelSpec(backbone="test_resnet"), n_outputs=CLASSIFY)
    assert (logger.level, list(logger.filters)) == before
    assert not [one for one in caplog.records if one.name.startswith("timm")]


def test_a_network_of_random_weights_reports_nothing() -> None:
    spec = ModelSpec(backbone="test_resnet", pretrained=False)
    assert build_network(spec, n_outputs=CLASSIFY).loaded is None
