"""The wide residual network: its size as published, and its formula step by step."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from podium.errors import RecipeError
from podium.models.backbones.wide_resnet import WideResNet
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.training.fit.optim import build_optimizer
from podium.training.recipe import OptimizerSpec


def network(**options: object) -> Network:
    spec = ModelSpec.model_validate(
        {"backbone": "wide_resnet", "pretrained": False, "options": options}
    )
    torch.manual_seed(0)
    return build_network(spec, n_outputs={"classify": 10}, image_size=(32, 32))


@pytest.mark.parametrize(
    ("depth", "widen", "published"),
    [(28, 2, 1_467_610), (28, 8, 23_400_000), (28, 10, 36_479_194), (16, 4, 2_748_890)],
)
def test_as_many_parameters_as_published(depth: int, widen: int, published: int) -> None:
    with torch.device("meta"):  # numbers without the numbers
        net = network(depth=depth, widen=widen)
    found = sum(one.numel() for one in net.parameters())
    # Of WRN-28-8 the papers print millions with one digit behind the point.
    assert found == published or round(found, -5) == published


def plain(state: dict[str, Tensor], images: Tensor, blocks: int, leaky: float) -> Tensor:
    """The network of the paper's figure 1 and table 1, written by hand."""

    def active(x: Tensor, norm: str) -> Tensor:
        mean = x.mean((0, 2, 3), keepdim=True)
        scale = (x.var((0, 2, 3), correction=0, keepdim=True) + 1e-5).sqrt()
        x = (x - mean) / scale * state[f"{norm}.weight"][:, None, None]
        x = x + state[f"{norm}.bias"][:, None, None]
        return torch.where(x > 0, x, leaky * x)

    x = F.conv2d(images, state["stem.weight"], padding=1)
    for stage in range(3):
        for block in range(blocks):
            at = f"stages.{stage}.{block}"
            stride = 2 if stage and not block else 1
            first = active(x, f"{at}.norm1")
            y = F.conv2d(first, state[f"{at}.conv1.weight"], stride=stride, padding=1)
            y = F.conv2d(active(y, f"{at}.norm2"), state[f"{at}.conv2.weight"], padding=1)
            if not block:  # other channels or another stride
                x = F.conv2d(first, state[f"{at}.around.weight"], stride=stride)
            x = x + y
    return active(x, "norm")


@pytest.mark.parametrize("leaky", [0.1, 0.0])
def test_it_computes_what_the_paper_draws(leaky: float) -> None:
    torch.manual_seed(1)
    backbone = WideResNet(depth=16, widen=2, leaky=leaky).train()
    for one in backbone.parameters():
        if one.ndim == 1:
            torch.nn.init.uniform_(one, 0.5, 1.5)
    images = torch.randn(3, 3, 12, 12)
    expected = plain(dict(backbone.named_parameters()), images, 2, leaky)
    assert expected.shape == (3, 128, 3, 3)
    found = backbone(images)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    # Activations overwrite what norms return, which no gradient may miss.
    learnt = list(backbone.parameters())
    gradients, required = (
        torch.autograd.grad(one.square().sum(), learnt) for one in (found, expected)
    )
    for name, got, one in zip(dict(backbone.named_parameters()), gradients, required, strict=True):
        torch.testing.assert_close(
            got, one, rtol=1e-3, atol=1e-3 * float(one.abs().max()), msg=name
        )


def test_the_maps_of_its_stages_end_with_the_features() -> None:
    backbone = WideResNet(depth=10, widen=2).eval()
    images = torch.randn(2, 3, 32, 32)
    features, maps = backbone.forward_intermediates(images)
    assert [tuple(one.shape[1:]) for one in maps] == [(32, 32, 32), (64, 16, 16), (128, 8, 8)]
    assert torch.equal(maps[-1], features)
    assert torch.equal(backbone(images), torch.as_tensor(features))
    middle = backbone.forward_intermediates(images, indices=[1], intermediates_only=True)
    assert len(middle) == 1
    assert torch.equal(torch.as_tensor(middle[0]), maps[1])


def test_a_decoder_reads_it() -> None:
    heads = {"classify": {}, "segment": {"decoder": "unet"}}
    spec = ModelSpec.model_validate(
        {
            "backbone": "wide_resnet",
            "pretrained": False,
            "options": {"depth": 10, "widen": 1},
            "heads": heads,
        }
    )
    built = build_network(spec, n_outputs={"classify": 3, "segment": 4}, image_size=(30, 34))
    predicted = built.eval()(torch.randn(2, 3, 30, 34))
    assert predicted["segment"].shape == (2, 4, 30, 34)
    assert predicted["classify"].shape == (2, 3)


def test_momentum_is_the_share_of_a_new_batch_in_every_norm() -> None:
    backbone = WideResNet(depth=10, widen=1, momentum=0.001).train()
    norms = [m for m in backbone.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert {norm.momentum for norm in norms} == {0.001}
    assert len(norms) == 2 * 3 + 1
    backbone(torch.randn(8, 3, 8, 8))
    for norm in norms:
        assert norm.running_mean is not None
        assert norm.running_mean.abs().max() < 0.01


def test_drop_path_leaves_blocks_out_in_training_and_keeps_the_mean() -> None:
    backbone = WideResNet(depth=10, widen=1, drop_path=0.5).train()
    assert [stage[0].drop for stage in backbone.stages] == [0.0, 0.25, 0.5]  # type: ignore[index]
    block = backbone.stages[-1][0]  # type: ignore[index]
    maps = torch.randn(1, 32, 8, 8).expand(4000, -1, -1, -1)
    torch.manual_seed(0)
    with torch.no_grad():
        around = block.around(F.leaky_relu(block.norm1(maps), 0.1))
        branch = (block(maps) - around).mean((1, 2, 3))
        block.drop = 0.0
        whole = (block(maps) - around).mean((1, 2, 3))
    left_out = branch.abs() < 1e-6
    assert 0.45 < left_out.float().mean() < 0.55
    torch.testing.assert_close(branch[~left_out], 2 * whole[~left_out], rtol=1e-3, atol=1e-4)
    images = torch.randn(2, 3, 8, 8)
    assert torch.equal(backbone.eval()(images), backbone(images))


def test_layers_have_rates_of_their_own() -> None:
    spec = OptimizerSpec(layer_decay=0.5, lr=1.0)
    optimizer = build_optimizer(network(depth=16, widen=1), spec)
    rates = sorted({group["lr"] for group in optimizer.param_groups})
    assert len(rates) >= 7  # a stem, six blocks
    assert rates[-1] == 1.0


@pytest.mark.parametrize(
    "options",
    [{"depth": 27}, {"depth": 4}, {"widen": 0}, {"momentum": 0.0}, {"leaky": 1.5}],
)
def test_what_is_no_such_network_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(RecipeError, match=r"(?s)wide_resnet needs .*write for example"):
        network(**options)
