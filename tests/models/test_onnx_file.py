"""An ONNX file outputs what the network does, for any number of images, from pixels in [0, 1]."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from podium.errors import RecipeError, UsageError
from podium.models.checkpoints import read_trained_on
from podium.models.network import Network, build_network
from podium.models.onnx_export import write_onnx
from podium.models.spec import ModelSpec
from podium.models.trained_on import TrainedOn

SIZE = (32, 48)
SMALL = {"widths": [8, 8], "depth": 1}


def network(decoder: str = "unet", *, in_chans: int = 3, **model: Any) -> Network:
    heads = {"classify": {}, "segment": {"decoder": decoder}}
    spec = ModelSpec.model_validate(
        {"backbone": "cnn", "pretrained": False, "heads": heads, **model}
    )
    torch.manual_seed(0)
    return build_network(
        spec, n_outputs={"classify": 3, "segment": 2}, image_size=SIZE, in_chans=in_chans
    )


def refuse(*given: object) -> tuple[torch.Tensor, ...]:
    raise AssertionError("compiled code cannot be exported")


def predicted(path: Path, images: torch.Tensor) -> dict[str, np.ndarray[Any, Any]]:
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    return dict(zip(names, session.run(None, {"images": images.numpy()}), strict=True))


@pytest.mark.slow
def test_pixels_go_in_and_logits_come_out_for_any_number_of_images(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    net = network().train()
    net(torch.rand(4, 3, *SIZE))  # statistics of its own
    path = tmp_path / "new" / "net.onnx"
    read, net._read = net._read, refuse  # as of a network with model.compile
    write_onnx(net, path, SIZE)
    assert net.training
    assert net._read is refuse
    net._read = read
    net.eval()
    mean, std = (torch.tensor(one).view(1, -1, 1, 1) for one in (net.mean, net.std))
    for n in (1, 3):
        pixels = torch.rand(n, 3, *SIZE)
        with torch.no_grad():
            expected = net((pixels - mean) / std)
        found = predicted(path, pixels)
        assert list(found) == ["classify", "segment"]
        for task, logits in found.items():
            np.testing.assert_allclose(logits, expected[task], rtol=1e-4, atol=1e-4)
    assert [one.name for one in path.parent.iterdir()] == ["net.onnx"]  # one file, weights inside


@pytest.mark.slow
def test_the_recipes_own_normalisation_takes_the_place_of_the_backbones(tmp_path: Path) -> None:
    """Of five channels, as many as its numbers."""
    pytest.importorskip("onnxscript")
    net = network("linear", in_chans=5, options=SMALL).eval()
    means, stds = [0.1, 0.2, 0.3, 0.4, 0.5], [0.5, 0.6, 0.7, 0.8, 0.9]
    write_onnx(net, tmp_path / "a.onnx", SIZE, mean=means, std=stds)
    pixels = torch.rand(2, 5, *SIZE)
    mean, std = (torch.tensor(one).view(5, 1, 1) for one in (means, stds))
    with torch.no_grad():
        expected = net((pixels - mean) / std)["classify"]
    np.testing.assert_allclose(
        predicted(tmp_path / "a.onnx", pixels)["classify"], expected, rtol=1e-4, atol=1e-4
    )


@pytest.mark.slow
def test_onnx_file_records_the_labels_of_its_training(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    net, path = network("linear"), tmp_path / "net.onnx"
    write_onnx(net, path, SIZE)
    assert not read_trained_on(path).is_known, "weights that nobody vouches for"
    learnt = TrainedOn(frozenset({bytes(range(16)), bytes(16)}))
    write_onnx(net, path, SIZE, trained_on=learnt)
    assert read_trained_on(path) == learnt
    net.trained_on = learnt
    write_onnx(net, path, SIZE)
    assert read_trained_on(path) == learnt


def test_missing_packages_are_named_with_the_install_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(UsageError, match=r"not installed: onnxscript(?s:.*)podium-kaggle\[onnx\]"):
        write_onnx(network("linear"), tmp_path / "net.onnx", SIZE)


@pytest.mark.slow
def test_what_cannot_be_expressed_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")

    class Counts(nn.Module):
        def forward(self, features: Any) -> torch.Tensor:
            pooled: torch.Tensor = features.deepest.mean(dim=(2, 3))
            return pooled[:, :2] if float(pooled.sum()) > 0 else pooled[:, 2:4]

    net = network("linear", options=SMALL)
    net.heads["classify"] = Counts()
    with pytest.raises(RecipeError, match="cannot be written as ONNX"):
        write_onnx(net, tmp_path / "net.onnx", SIZE)
    assert not list(tmp_path.iterdir())
    assert net.training


@pytest.mark.slow
def test_a_network_that_counts_its_images_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")

    class Fixed(nn.Module):
        def forward(self, features: Any) -> torch.Tensor:
            pooled: torch.Tensor = features.deepest.mean(dim=(2, 3))
            return pooled[:, :3] if pooled.shape[0] == 2 else pooled[:, 3:6]

    net = network("linear", options=SMALL)
    net.heads["classify"] = Fixed()
    with pytest.raises(RecipeError, match="cannot be written as ONNX"):
        write_onnx(net, tmp_path / "net.onnx", SIZE)
