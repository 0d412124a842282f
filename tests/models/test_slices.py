"""2.5-D: stacks of slices through a backbone for one slice, against a loop over the slices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from pydantic import ValidationError
from torch import Tensor

from podium.errors import RecipeError
from podium.models.network import Network, build_network, set_frozen, train_mode
from podium.models.onnx_export import write_onnx
from podium.models.spec import ModelSpec
from podium.training.fit.averaging import update_average
from podium.training.fit.optim import build_optimizer
from podium.training.recipe import OptimizerSpec
from podium.training.self_supervised import n_pooled, pooled

UNET = {"decoder": "unet", "options": {"decoder_channels": [8, 8, 4, 4, 4]}}
OPTIONS = {"widths": [4, 6, 8, 8, 8]}


def network(
    in_chans: int = 3, *, seed: int = 0, n_outputs: dict[str, int] | None = None, **model: Any
) -> Network:
    torch.manual_seed(seed)
    given = {"backbone": "cnn", "pretrained": False, "options": OPTIONS, **model}
    spec = ModelSpec.model_validate(given)
    outputs = n_outputs or {"classify": 2}
    return build_network(spec, n_outputs=outputs, in_chans=in_chans, image_size=(64, 64)).eval()


def sliced(channels: int = 1, pool: str = "mean", **model: Any) -> dict[str, Any]:
    return {"slices": {"channels": channels, "pool": pool}, **model}


def by_loop(net: Network, images: Tensor, channels: int, pool: str) -> list[Tensor]:
    """Return the maps of each image, of a network without slices, pooled number by number."""
    n_slices, found = images.shape[1] // channels, []
    for image in images:
        parts = [image[s * channels : (s + 1) * channels][None] for s in range(n_slices)]
        maps = [net.features(part).maps for part in parts]
        if pool == "attention":
            query = net.backbone.slice_attention.query
            keys = [one[-1][0].mean(dim=(1, 2)) for one in maps]
            score = [sum(float(q * k) for q, k in zip(query, key, strict=True)) for key in keys]
            each = torch.tensor(score).div(len(query) ** 0.5).exp()
            share = [float(one / each.sum()) for one in each]
        of_image = []
        for level in range(len(maps[0])):
            total = torch.zeros_like(maps[0][level])
            for s in range(n_slices):
                one = maps[s][level]
                if pool == "max":
                    total = one.clone() if s == 0 else torch.maximum(total, one)
                else:
                    total += one * (share[s] if pool == "attention" else 1 / n_slices)
            of_image.append(total)
        found.append(of_image)
    return [torch.cat(level) for level in zip(*found, strict=True)]


@pytest.mark.parametrize("pool", ["mean", "max", "attention"])
@pytest.mark.parametrize("channels", [1, 3])
def test_maps_are_those_of_the_slices_pooled(channels: int, pool: str) -> None:
    both = {"classify": 2, "segment": 3}
    heads = {"classify": {}, "segment": UNET}
    net = network(6, n_outputs=both, heads=heads, **sliced(channels, pool))
    plain = network(channels, n_outputs=both, heads=heads)
    if pool == "attention":
        torch.nn.init.normal_(net.backbone.slice_attention.query, std=5)
        plain.backbone.slice_attention = net.backbone.slice_attention
    # Maps far from alike, or no weights would differ.
    images = torch.randn(3, 6, 64, 64) * torch.linspace(0.2, 4, 6).view(1, 6, 1, 1)
    with torch.no_grad():
        mine, theirs = net.features(images), by_loop(plain, images, channels, pool)
        assert len(mine.maps) == len(theirs) > 1
        for one, other in zip(mine.maps, theirs, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
        predicted = net(images)
    assert predicted["classify"].shape == (3, 2)
    assert predicted["segment"].shape == (3, 3, 64, 64)
    assert net.in_chans == 6
    assert net.n_slices == 6 // channels
    assert net.mean == plain.mean * net.n_slices
    assert n_pooled(net, (64, 64)) == pooled(mine).shape[1] == 8


def test_a_new_attention_is_the_mean_and_then_learns_to_look_where_it_matters() -> None:
    mean, net = network(5, **sliced()), network(5, **sliced(pool="attention"))
    images = torch.randn(4, 5, 64, 64) * torch.linspace(0.2, 9, 5).view(1, 5, 1, 1)
    with torch.no_grad():
        assert net.backbone.slice_attention.query.abs().max() == 0
        torch.testing.assert_close(net(images), mean(images))
    # What is to be told stands in one slice, which is brighter than the others.
    images = torch.rand(32, 5, 32, 32) * 0.1
    at, target = torch.randint(5, (32,)), torch.randint(2, (32,))
    side = torch.zeros(32, 32, 32)
    for i in range(32):
        side[i, :, ::4] = float(target[i])
        side[i, ::4, :] += 1 - float(target[i])
    images[torch.arange(32), at] += 3 * side
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-2)
    for _ in range(25):
        train_mode(net)
        loss = torch.nn.functional.cross_entropy(net(images)["classify"], target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        maps = net.features(images)  # its last map as pooled; keys are of each slice alone
        each = network(1).backbone
        each.load_state_dict(net.backbone.state_dict(), strict=False)
        each.train()
        deepest = each(images.reshape(-1, 1, 32, 32)).reshape(32, 5, *maps.deepest.shape[1:])
        weight = net.backbone.slice_attention(deepest)
    torch.testing.assert_close(weight.sum(dim=1), torch.ones(32))
    assert loss < 0.3
    assert weight[torch.arange(32), at].mean() > 0.3  # 0.2 at the start


def test_without_slices_they_are_channels_of_the_first_convolution() -> None:
    assert next(network(5).backbone.parameters()).shape[1] == 5
    assert next(network(5, **sliced()).backbone.parameters()).shape[1] == 1
    assert network(5).n_slices == network(3).n_slices == 1
    # Of slices their order says nothing, of channels it does.
    images = torch.randn(2, 5, 64, 64)
    with torch.no_grad():
        for pool in ("mean", "max", "attention"):
            net = network(5, **sliced(pool=pool))
            torch.testing.assert_close(net(images), net(images.flip(1)))
        predicted = network(5)(images)["classify"], network(5)(images.flip(1))["classify"]
    assert (predicted[0] - predicted[1]).abs().max() > 1e-3


@pytest.mark.parametrize("channels", [1, 3])
def test_pretrained_weights_for_three_channels_are_those_of_a_slice(
    tmp_path: Path, channels: int
) -> None:
    torch.manual_seed(0)
    rgb = timm.create_model("resnet10t", num_classes=0, global_pool="").eval()
    torch.save(rgb.state_dict(), tmp_path / "w.pth")
    spec = ModelSpec.model_validate(
        {"backbone": "resnet10t", "weights": "w.pth", **sliced(channels, "attention")}
    )
    net = build_network(
        spec, n_outputs={"classify": 2}, in_chans=6, image_size=(64, 64), weights_root=tmp_path
    ).eval()
    names = set(net.backbone.state_dict()) - {"slice_attention.query"}
    assert names == set(rgb.state_dict())
    images = torch.randn(2, 6, 64, 64)
    slices = images.reshape(-1, channels, 64, 64).expand(-1, 3, -1, -1)  # a sum: grey as RGB
    with torch.no_grad():
        theirs = rgb(slices).reshape(2, 6 // channels, -1, 2, 2).mean(dim=1)
        torch.testing.assert_close(net.features(images).deepest, theirs, rtol=1e-3, atol=1e-4)
    first = timm.data.resolve_data_config(model=rgb)["mean"][:channels]
    assert net.mean == tuple(first) * (6 // channels)


def test_channels_that_do_not_divide_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"5 channels are no stack(?s:.*)write 1 or 5") as caught:
        network(5, **sliced(3))
    assert caught.value.where == "model.slices.channels"
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        ModelSpec.model_validate(sliced(0))
    with pytest.raises(ValidationError, match="mean"):
        ModelSpec.model_validate(sliced(1, "median"))


def test_the_query_is_frozen_averaged_and_trained_as_the_backbone_is() -> None:
    net, mean = network(4, seed=1, **sliced(pool="attention")), network(4)
    query = net.backbone.slice_attention.query
    set_frozen(net, ["backbone"])
    assert not query.requires_grad
    set_frozen(net, ["classify"])
    assert query.requires_grad
    set_frozen(net, [])
    update_average(
        net.backbone, network(4, **sliced(pool="attention")).backbone, decay=0.5, buffers="own"
    )
    torch.nn.init.ones_(query)
    baseline = network(4, **sliced(pool="attention"))
    baseline.load_state_dict(net.state_dict())
    images = torch.randn(2, 4, 64, 64)
    with torch.no_grad():
        assert torch.equal(baseline(images)["classify"], net(images)["classify"])
    assert not any("slice" in name for name in mean.state_dict())


def test_with_layer_decay_the_query_learns_at_the_rate_of_the_last_layer() -> None:
    torch.manual_seed(0)
    spec = ModelSpec.model_validate(
        {"backbone": "resnet10t", "pretrained": False, **sliced(pool="attention")}
    )
    net = build_network(spec, n_outputs={"classify": 2}, in_chans=4, image_size=(64, 64))
    optimizer = build_optimizer(net, OptimizerSpec(lr=1.0, layer_decay=0.5, weight_decay=0.1))
    query = net.backbone.slice_attention.query
    [group] = [g for g in optimizer.param_groups if any(p is query for p in g["params"])]
    assert group["lr"] == 1.0
    assert group["weight_decay"] == 0


def test_slices_of_images_of_odd_sizes_are_padded_as_images_are() -> None:
    net = network(4, n_outputs={"segment": 3}, heads={"segment": UNET}, **sliced(2, "max"))
    with torch.no_grad():
        assert net(torch.randn(2, 4, 50, 70))["segment"].shape == (2, 3, 50, 70)


def test_the_query_learns_beside_lora_and_with_the_last_layer() -> None:
    model = {
        "backbone": "vit_tiny_patch16_224",
        "options": {"depth": 3, "embed_dim": 24, "num_heads": 3},
        **sliced(pool="attention"),
    }
    net = network(4, **model, lora={"rank": 2})
    learnt = {name for name, one in net.backbone.named_parameters() if one.requires_grad}
    assert "slice_attention.query" in learnt
    assert all("lora" in name for name in learnt - {"slice_attention.query"})
    net = network(4, **model)
    set_frozen(net, ["backbone[:-1]"])
    learnt = {name for name, one in net.backbone.named_parameters() if one.requires_grad}
    assert {"slice_attention.query", "norm.weight", "blocks.2.mlp.fc2.weight"} <= learnt
    assert not any(name.startswith(("blocks.1.", "patch_embed")) for name in learnt)


@pytest.mark.slow
def test_a_network_of_slices_and_cosines_is_the_same_in_onnx(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    runtime = pytest.importorskip("onnxruntime")
    head = {"pool": "gem", "dropout": 0.5, "dropout_samples": 3, "cosine": {"size": 5}}
    net = network(4, heads={"classify": head}, **sliced(2, "attention"))
    torch.nn.init.normal_(net.backbone.slice_attention.query, std=5)
    write_onnx(net, tmp_path / "net.onnx", (64, 64))
    session = runtime.InferenceSession(str(tmp_path / "net.onnx"))
    for n in (1, 3):
        images = torch.rand(n, 4, 64, 64)
        [found] = session.run(["classify"], {"images": images.numpy()})
        mean, std = (torch.tensor(one).view(1, 4, 1, 1) for one in (net.mean, net.std))
        with torch.no_grad():
            expected = net((images - mean) / std)["classify"]
        torch.testing.assert_close(torch.from_numpy(found), expected, rtol=1e-3, atol=1e-3)
