"""The contract of a network, for one of every family in use: the table is `contract.py`."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
import torch.nn.functional as F
from models.contract import EVERY, ODD, QUICK, Row

from podium.errors import RecipeError
from podium.models import backbones, decoders
from podium.models.network import Network, build_network, set_frozen, train_mode
from podium.models.onnx_export import write_onnx
from podium.models.spec import ModelSpec
from podium.workspace import extensions

# Each takes seconds; those of ONNX_SLOWLY are for make test-slow, the others for make test-long.
# Every decoder once, and with it one network of each family of backbones (our own, plain, grouped
# and depthwise convolutions, attention over all, over windows, by axes, with rotary positions,
# none). test_onnx_file.py has the graph's inputs and names.
ONNX = (
    "resnet",
    "cnn-deeplabv3_torchvision",
    "cnn-manet",
    "cnn-pan",
    "vgg-steps",
    "densenet",
    "efficientnet",
    "mobilenetv3",
    "regnet",
    "convnext",
    "vit",
    "swin",
    "eva02",
    "maxvit",
    "mixer",
    "poolformer",
    "xception",
    "hiera",
    "sam",
)
ONNX_SLOWLY = ("vit",)
# What torch's exporter (2.15) cannot write, and what it says.
NO_ONNX = {
    "hiera": "only 4D query, key, and value are supported",
    "sam": "only 4D query, key, and value are supported",
}


def _slow_unless(quick: Any, names: Any = tuple(EVERY), slow: Any = EVERY) -> list[Any]:
    marks = (pytest.mark.slow, pytest.mark.long)
    return [
        one if one in quick else pytest.param(one, marks=marks[: 1 if one in slow else 2])
        for one in names
    ]


# One of each kind of block is tried in make test-slow, with both heads: the other families of it,
# and what heads and channels change of a backbone, in make test-long.
FAMILIES = (
    "beit",
    "cait",
    "coatnet",
    "davit",
    "hiera",
    "hrnet",
    "levit",
    "mixer",
    "swinv2",
    "xception",
)


@pytest.fixture(scope="module", params=_slow_unless(QUICK, slow=FAMILIES))
def row(request: pytest.FixtureRequest) -> Row:
    return EVERY[request.param]


def _of_each_backbone() -> list[str]:
    """Return the first name of each backbone: what a decoder has no part in is tested once."""
    first = {repr((row.backbone, row.options)): name for name, row in reversed(EVERY.items())}
    return [name for name in EVERY if name in first.values()]


@pytest.fixture(scope="module", params=_slow_unless(QUICK, _of_each_backbone(), slow=()))
def backbone_row(request: pytest.FixtureRequest) -> Row:
    return EVERY[request.param]


@pytest.fixture(scope="module")
def built(row: Row) -> Network:
    return row.build()


@pytest.fixture
def net(built: Network) -> Network:
    return copy.deepcopy(built)


def pixels(row: Row, n: int = 2, channels: int = 3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(n, channels, *row.size, generator=generator)


def loss_of(net: Network, row: Row) -> torch.Tensor:
    images = pixels(row, 4)
    labels = torch.tensor([0, 1, 2, 0])
    masks = (images[:, :1].mean(dim=1) > 0).long()
    torch.manual_seed(2)  # of dropout
    logits = net(images)
    by_label = F.cross_entropy(logits["classify"], labels)
    return by_label + F.cross_entropy(logits["segment"], masks)


def step(net: Network, row: Row, rate: float) -> float:
    """Go down the gradient by `rate`, with decay, as an optimiser would; return the loss before."""
    free = [one for one in net.parameters() if one.requires_grad]
    optimizer = torch.optim.SGD(free, lr=rate, weight_decay=1e-4)
    optimizer.zero_grad()
    loss = loss_of(net, row)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(free, 1.0)
    optimizer.step()
    return float(loss.detach())


def test_a_network_with_a_label_head_alone_outputs_labels(backbone_row: Row) -> None:
    # Nothing is padded then: see REFUSED for sizes that it does not take.
    row = dataclasses.replace(backbone_row, size=sides(backbone_row))
    with torch.no_grad():
        logits = row.build(tasks=("classify",)).eval()(pixels(row))
    assert {name: tuple(one.shape) for name, one in logits.items()} == {"classify": (2, 3)}


def test_a_network_with_a_mask_head_alone_outputs_masks(backbone_row: Row) -> None:
    row = backbone_row
    with torch.no_grad():
        logits = row.build(tasks=("segment",)).eval()(pixels(row))
    assert {name: tuple(one.shape) for name, one in logits.items()} == {
        "segment": (2, 2, *row.size)
    }


def sides(row: Row) -> tuple[int, int]:
    """Return sides that every backbone takes: multiples of 64, of 28 for patches of 14."""
    side = 56 if "patch14" in row.backbone else 64
    height, width = (-(-one // side) * side for one in row.size)
    return height, width


@pytest.mark.other_cases("slow", every=3)
def test_a_step_lowers_the_loss_of_its_batch(net: Network, row: Row) -> None:
    train_mode(net)
    before = step(net, row, 0.01)
    with torch.no_grad():
        after = float(loss_of(net, row))
    assert after < before


def test_a_frozen_backbone_stays_to_the_bit_with_its_statistics(backbone_row: Row) -> None:
    net = backbone_row.build()
    set_frozen(net, ["backbone"])
    before = copy.deepcopy(net.state_dict())
    train_mode(net)
    step(net, backbone_row, 0.1)
    changed = {k for k, v in net.state_dict().items() if not torch.equal(v, before[k])}
    assert not [key for key in changed if key.startswith("backbone.")]
    assert {key.split(".")[1] for key in changed} == {"classify", "segment"}


@pytest.mark.slow
@pytest.mark.other_cases("long", every=6)
def test_what_is_saved_comes_back_to_the_bit(net: Network, row: Row, tmp_path: Path) -> None:
    train_mode(net)
    step(net, row, 0.1)
    torch.save(net.state_dict(), tmp_path / "net.pt")
    other = row.build(seed=9)
    other.load_state_dict(torch.load(tmp_path / "net.pt", weights_only=True))
    with torch.no_grad():
        first, again = (one.eval()(pixels(row)) for one in (net, other))
    assert all(torch.equal(first[task], again[task]) for task in first)


def test_outputs_of_odd_sides_are_repeatable_and_independent_of_the_batch(
    net: Network, row: Row
) -> None:
    net.eval()
    before = copy.deepcopy(net.state_dict())
    with torch.no_grad():
        first, again = (net(pixels(row)) for _ in range(2))
        alone = net(pixels(row)[:1])
    shapes = {task: tuple(logits.shape) for task, logits in first.items()}
    assert shapes == {"classify": (2, 3), "segment": (2, 2, *row.size)}
    for task, logits in first.items():
        assert bool(logits.isfinite().all())
        assert torch.equal(logits, again[task])
        scale = logits.abs().max().clamp(min=1)  # Inception's grow to 1e8 at random weights
        torch.testing.assert_close(alone[task] / scale, logits[:1] / scale, rtol=1e-3, atol=1e-4)
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())


@pytest.mark.parametrize(
    "channels", [4, pytest.param(1, marks=[pytest.mark.slow, pytest.mark.long])]
)
def test_images_may_have_other_channels_than_three(backbone_row: Row, channels: int) -> None:
    row = backbone_row
    net = row.build(in_chans=channels).eval()
    with torch.no_grad():
        logits = net(pixels(row, channels=channels))
    assert logits["segment"].shape == (2, 2, *row.size)
    assert len(net.mean) == len(net.std) == channels


@pytest.mark.parametrize("name", _slow_unless((), ONNX, ONNX_SLOWLY))
def test_onnxruntime_outputs_what_torch_outputs(name: str, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    onnxruntime = pytest.importorskip("onnxruntime")
    row = EVERY[name]
    net = row.build().eval()
    if name in NO_ONNX:
        with pytest.raises(RecipeError, match=f"cannot be written as ONNX: {NO_ONNX[name]}"):
            write_onnx(net, tmp_path / "net.onnx", row.size)
        return
    write_onnx(net, tmp_path / "net.onnx", row.size)
    session = onnxruntime.InferenceSession(
        tmp_path / "net.onnx", providers=["CPUExecutionProvider"]
    )
    images = pixels(row, 3).abs()
    mean, std = (torch.tensor(one).view(1, -1, 1, 1) for one in (net.mean, net.std))
    found = session.run(["classify", "segment"], {"images": images.numpy()})
    with torch.no_grad():
        expected = net((images - mean) / std)
    for ours, theirs in zip(expected.values(), found, strict=True):
        scale = max(1.0, float(ours.abs().max()))
        np.testing.assert_allclose(theirs / scale, ours / scale, rtol=1e-4, atol=1e-4)


# Whether the table is whole.


def test_every_decoder_and_every_backbone_of_our_own_is_in_the_table() -> None:
    rows = QUICK.values()
    assert set(extensions.names(decoders)) == {one.decoder for one in rows}
    ours = {one.backbone for one in rows if not timm.is_model(one.backbone)}
    assert set(extensions.names(backbones)) == ours


def test_every_decoder_is_written_as_onnx_on_some_network() -> None:
    assert {EVERY[name].decoder for name in ONNX} == set(extensions.names(decoders))
    assert set(NO_ONNX) < set(ONNX)


def test_the_whole_resnext101_64x4d_is_the_published_one() -> None:
    with torch.device("meta"):
        whole = timm.create_model("resnext101_64x4d", num_classes=1000)
    # torchvision.models.ResNeXt101_64X4D_Weights: num_params
    assert sum(one.numel() for one in whole.parameters()) == 83_455_272


# What is refused, by name, with the library's own reason where it is the library that cannot.

REFUSED: list[tuple[str, str | None, dict[str, Any], tuple[int, int], str]] = [
    # Its two branches have strides of 12 and 16.
    ("crossvit_9_240", "unet", {}, (64, 64), "size of tensor a .* must match"),
    # Convolutions without padding need 75 pixels.
    ("inception_v3", "unet", {}, (64, 64), "Kernel size can't be greater than actual input size"),
    ("levit_128s", None, {}, (60, 60), r"images of 60 x 60: .* must match"),
    ("coatnet_pico_rw_224", None, {}, ODD, r"images of 45 x 61: .* must match"),
    ("vit_tiny_patch16_224", "deeplabv3", {"output_stride": 8}, ODD, "argument 'output_stride'"),
    ("swin_s3_tiny_224", "deeplabv3", {"output_stride": 8}, ODD, "argument 'output_stride'"),
    ("densenet121", "deeplabv3", {"output_stride": 16}, ODD, "argument 'output_stride'"),
    ("vgg11", "deeplabv3", {"output_stride": 16}, ODD, "assert output_stride == 32"),
    ("resnet18", "unet", {"output_stride": 4}, ODD, r"assert output_stride in \(8, 16, 32\)"),
    ("convnext_atto", "unet", {"output_stride": 12}, ODD, "assert output_stride in"),
    ("wide_resnet", "unet", {"output_stride": 8}, ODD, "argument 'output_stride'"),
    ("wide_resnet", "fpn", {"depth": 10}, ODD, "needs 4 levels, and gets 2"),
    ("cnn", "pan", {}, (64, 64), "Output size is too small"),
    ("resnet10t", "dpt", {}, ODD, "strides 2, 4, 8, 16, 32"),
    ("convnext_atto", "dpt", {}, ODD, "strides 4, 8, 16, 32"),
    ("cnn", "dpt", {}, ODD, "strides 2, 4, 8, 16"),
    ("resnet81", None, {}, ODD, "there is no backbone 'resnet81'"),
]


@pytest.mark.parametrize(("backbone", "decoder", "options", "size", "reason"), REFUSED)
def test_what_cannot_be_is_refused_by_name_and_with_the_reason(
    backbone: str, decoder: str | None, options: dict[str, Any], size: tuple[int, int], reason: str
) -> None:
    heads: dict[str, Any] = {"classify": {}}
    if decoder is not None:
        heads["segment"] = {"decoder": decoder}
    given = {"backbone": backbone, "pretrained": False, "options": options, "heads": heads}
    n_outputs = {"classify": 3, "segment": 2} if decoder else {"classify": 3}
    with pytest.raises(RecipeError, match=reason) as caught:
        build_network(ModelSpec.model_validate(given), n_outputs=n_outputs, image_size=size)
    assert caught.value.where
    assert caught.value.where.startswith(("model", "input.size"))
