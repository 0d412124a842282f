from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor
from training import handmade

from podium.errors import RecipeError
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.tasks.protocols.find import image_kind
from podium.training.data.sampling import LABELLED, UNLABELLED, Batch, ViewSpec
from podium.training.fit.optim import build_optimizer
from podium.training.method import PhaseSetting, PoolSizes
from podium.training.methods.mae import METHOD, _encoded, patch_targets, patches_of
from podium.training.objective import build_objective
from podium.training.recipe import Mix, OptimizerSpec

N, SIZE, PATCH = 4, (16, 16), 4
WIDTH, SIDE = 8, SIZE[0] // PATCH
N_PATCHES, N_SHOWN = 16, 4
SIZES = PoolSizes(labelled=0, unlabelled=30)


def method(size: tuple[int, int] = SIZE, **options: Any) -> Any:
    kinds = {"classify": image_kind("multiclass")}
    objective = build_objective(None, kinds=kinds)
    setting = PhaseSetting(kinds, {"classify": 3}, objective, N, "shuffle", Mix(), size=size)
    small = {"width": WIDTH, "depth": 1, "attention_heads": 2}
    return METHOD(METHOD.Options(**{**small, **options}), setting)


def network(
    name: str = "vit_tiny_patch16_224",
    size: tuple[int, int] = SIZE,
    in_chans: int = 3,
    heads: Any = None,
    **options: Any,
) -> Network:
    torch.manual_seed(0)
    spec: dict[str, Any] = {
        "backbone": name,
        "pretrained": False,
        "options": {**handmade.TRANSFORMER["options"], **options},
        "heads": heads or {"classify": {}},
    }
    outputs = dict.fromkeys(spec["heads"], 3)
    model = ModelSpec.model_validate(spec)
    return build_network(model, n_outputs=outputs, in_chans=in_chans, image_size=size).train()


def batches(size: tuple[int, int] = SIZE, in_chans: int = 3) -> dict[Any, Batch]:
    draw = torch.Generator().manual_seed(1)
    images = 2 * torch.randn(N, in_chans, *size, generator=draw) + 1
    return {UNLABELLED: Batch({"image": images}, {}, torch.ones(N), torch.arange(N))}


def built(**options: Any) -> tuple[Any, Any, Network]:
    of, net = method(**options), network()
    decoder = of.build(net, SIZES)
    assert (
        0.005 < float(decoder.hidden.detach().std()) < 0.05
    )  # else all that is hidden begins as nothing
    with torch.no_grad():  # what begins at 0 or 1 would hide where it is used
        for parameter in (*decoder.parameters(), *net.parameters()):
            parameter.add_(0.1 * torch.randn_like(parameter))
    return of, decoder, net


def order_of(seed: int) -> list[list[int]]:
    torch.manual_seed(seed)
    return [[int(x) for x in one] for one in torch.rand(N, N_PATCHES).argsort(dim=1).tolist()]


def cut(image: Tensor, position: int) -> Tensor:
    row, column = divmod(position, SIDE)
    high, wide = row * PATCH, column * PATCH
    return image[:, high : high + PATCH, wide : wide + PATCH]


def sines(position: int) -> Tensor:
    """Return the fixed position of a patch, number by number."""
    row, column = divmod(position, SIDE)
    n = WIDTH // 4
    bands = [10000 ** (-k / n) for k in range(n)]
    made = [function(at * band) for function in (math.sin, math.cos) for at in (row, column)
            for band in bands]  # fmt: skip
    return torch.tensor(made)


def expected_patch(patch: Tensor, *, is_normalised: bool) -> list[float]:
    flat = [float(patch[c, r, w]) for r in range(PATCH) for w in range(PATCH) for c in range(3)]
    if not is_normalised:
        return flat
    mean = sum(flat) / len(flat)
    variance = sum((x - mean) ** 2 for x in flat) / (len(flat) - 1)
    return [(x - mean) / math.sqrt(variance + 1e-6) for x in flat]


def by_hand(net: Network, decoder: Any, images: Tensor, seed: int, *, is_normalised: bool) -> float:
    """Return the loss, image by image, patch by patch, pixel by pixel."""
    backbone: Any = net.backbone
    kernel, bias = backbone.patch_embed.proj.weight, backbone.patch_embed.proj.bias
    squares: list[float] = []
    for image, order in zip(images, order_of(seed), strict=True):
        shown = sorted(order[:N_SHOWN])  # tokens are a set: their order means nothing
        tokens = [backbone.cls_token[0, 0] + backbone.pos_embed[0, 0]]
        for position in shown:
            embedded = (kernel * cut(image, position)).sum(dim=(1, 2, 3)) + bias
            tokens.append(embedded + backbone.pos_embed[0, 1 + position])
        predicted = decoder.embed(backbone.norm(backbone.blocks(torch.stack(tokens)[None])))[0]
        asked = [predicted[0]]
        for position in range(N_PATCHES):
            is_shown = position in shown
            token = predicted[1 + shown.index(position)] if is_shown else decoder.hidden[0, 0]
            asked.append(token + sines(position))
        drawn = decoder.draw(decoder.norm(decoder.blocks(torch.stack(asked)[None])))[0, 1:]
        for position in order[N_SHOWN:]:
            wanted = expected_patch(cut(image, position), is_normalised=is_normalised)
            pairs = zip(drawn[position].tolist(), wanted, strict=True)
            squares += [(a - b) ** 2 for a, b in pairs]
    assert len(squares) == N * 12 * PATCH * PATCH * 3
    return sum(squares) / len(squares)


@pytest.mark.parametrize("is_normalised", [True, False])
def test_the_loss_in_plain_loops(is_normalised: bool) -> None:
    of, decoder, net = built(normalised=is_normalised)
    made = batches()
    images = made[UNLABELLED].images
    with torch.no_grad():
        wanted = by_hand(net, decoder, images, 3, is_normalised=is_normalised)
    torch.manual_seed(3)
    total = float(of.losses(made, handmade.step())["total"].detach())
    assert total == pytest.approx(wanted, rel=1e-5)


def test_the_paper_hides_three_patches_of_four_and_normalises_the_others() -> None:
    options = METHOD.Options()
    assert (options.mask, options.normalised) == (0.75, True)
    assert (options.width, options.depth, options.attention_heads) == (512, 8, 16)


def test_hidden_patches_do_not_reach_the_encoder() -> None:
    of, decoder, net = built()
    predicted: list[Tensor] = []
    decoder.embed.register_forward_pre_hook(lambda module, given: predicted.append(given[0]))
    lengths: list[int] = []
    blocks: Any = net.backbone.blocks
    blocks[0].register_forward_pre_hook(lambda module, given: lengths.append(given[0].shape[1]))
    made = batches()
    images = made[UNLABELLED].images
    for value in (0.0, 9.0):
        for image, order in zip(images, order_of(5), strict=True):
            for position in order[N_SHOWN:]:
                cut(image, position).fill_(value)
        torch.manual_seed(5)
        of.losses(made, handmade.step())
    assert torch.equal(predicted[0], predicted[1])
    assert lengths == [1 + N_SHOWN] * 2
    cut(images[0], order_of(5)[0][0]).add_(1)
    torch.manual_seed(5)
    of.losses(made, handmade.step())
    assert not torch.equal(predicted[2][0], predicted[1][0])
    assert torch.equal(predicted[2][1:], predicted[1][1:])


def test_patches_that_were_shown_count_nothing() -> None:
    of, decoder, _ = built()
    drawn: list[Tensor] = []

    def keep(module: Any, given: Any, patches: Tensor) -> None:
        patches.retain_grad()
        drawn.append(patches)

    decoder.register_forward_hook(keep)
    torch.manual_seed(5)
    of.losses(batches(), handmade.step())["total"].backward()
    gradient = drawn[0].grad
    assert gradient is not None
    counts = (gradient != 0).all(dim=2)
    for row, order in zip(counts, order_of(5), strict=True):
        assert [bool(row[position]) for position in order] == [False] * N_SHOWN + [True] * 12
    assert bool((gradient[~counts] == 0).all())


def test_every_image_hides_patches_of_its_own_and_every_patch_is_hidden_as_often() -> None:
    of, decoder, _ = built()
    orders: list[Tensor] = []
    decoder.register_forward_pre_hook(lambda module, given: orders.append(given[1]))
    for seed in range(100):
        torch.manual_seed(seed)
        of.losses(batches(), handmade.step())
    drawn = torch.stack(orders)  # (100, N, L)
    assert bool((drawn.sort(dim=2).values == torch.arange(N_PATCHES)).all())
    shown = drawn[:, :, :N_SHOWN].sort(dim=2).values
    assert sum(len({tuple(one) for one in step.tolist()}) for step in shown) > 380
    often = shown.flatten().bincount(minlength=N_PATCHES) / (100 * N)
    assert float((often - 0.25).abs().max()) < 0.1


KINDS: list[tuple[str, dict[str, Any]]] = [
    ("vit_tiny_patch16_224", {}),
    ("vit_tiny_patch16_224", {"reg_tokens": 2}),
    ("vit_tiny_patch16_224", {"class_token": False}),
    ("vit_tiny_patch16_224", {"no_embed_class": True, "dynamic_img_size": True}),
    ("vit_tiny_patch16_224", {"pre_norm": True, "patch_drop_rate": 0.5, "init_values": 0.1}),
    ("deit3_small_patch16_224", {}),
    ("vit_small_patch14_dinov2", {"reg_tokens": 1}),
    ("vit_base_patch16_clip_224", {}),
]


@pytest.mark.parametrize(("name", "options"), KINDS)
def test_shown_all_patches_the_encoder_is_timms(name: str, options: dict[str, Any]) -> None:
    net = network(name, size=(16, 24), **options).eval()
    backbone: Any = net.backbone
    with torch.no_grad():
        for parameter in backbone.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        images = batches((16, 24))[UNLABELLED].images
        shown = torch.stack([torch.randperm(24) for _ in range(N)])
        predicted = _encoded(backbone, images, shown)
        wanted = backbone.forward_features(images)
    n = backbone.num_prefix_tokens
    torch.testing.assert_close(predicted[:, :n], wanted[:, :n], atol=1e-5, rtol=1e-4)
    for i in range(N):
        torch.testing.assert_close(predicted[i, n:], wanted[i, n + shown[i]], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(("name", "options"), KINDS)
def test_all_of_the_backbone_learns(name: str, options: dict[str, Any]) -> None:
    size = (16, 24)
    net = network(name, size=size, in_chans=4, **options)
    of = method(size)
    of.build(net, SIZES)
    of.losses(batches(size, in_chans=4), handmade.step())["total"].backward()
    without = [n for n, p in net.backbone.named_parameters() if p.grad is None]
    assert without == []
    assert all(p.grad is None for p in net.heads.parameters())


def test_blocks_that_are_run_twice_for_memory_give_the_same_gradients() -> None:
    of, _, net = built()
    gradients = []
    for is_checkpointed in (False, True):
        backbone: Any = net.backbone
        backbone.set_grad_checkpointing(is_checkpointed)
        net.zero_grad()
        torch.manual_seed(5)
        of.losses(batches(), handmade.step())["total"].backward()
        gradients.append([p.grad.clone() for p in backbone.parameters()])
    torch.testing.assert_close(*gradients)


def test_patches_and_their_order_are_those_of_lightly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTLY_DID_VERSION_CHECK", "True")
    utils = pytest.importorskip("lightly.models.utils")
    images = torch.randn(2, 4, 12, 12)
    torch.testing.assert_close(patches_of(images, (3, 3)), utils.patchify(images, 3))
    normalised = utils.normalize_mean_var(utils.patchify(images, 3), dim=-1)
    torch.testing.assert_close(patch_targets(images, (3, 3), is_normalised=True), normalised)


def test_patches_that_are_not_square() -> None:
    images = torch.arange(2 * 4 * 6).reshape(1, 2, 4, 6).float()
    found = patches_of(images, (2, 3))
    wanted = [
        images[0, c, 2 * row + r, 3 * column + w]
        for row in range(2)
        for column in range(2)
        for r in range(2)
        for w in range(3)
        for c in range(2)
    ]
    assert found.flatten().tolist() == wanted


def test_a_patch_without_contrast_is_drawn_as_nothing() -> None:
    images = torch.full((1, 3, 4, 4), 0.7)
    assert float(patch_targets(images, (4, 4), is_normalised=True).abs().max()) < 1e-3


@pytest.mark.slow
def test_a_few_steps_lower_the_loss_and_heads_do_not_move() -> None:
    of, net = method(width=16, depth=2), network()
    of.build(net, SIZES)
    spec = OptimizerSpec(lr=5e-3)
    optimizer = build_optimizer(net, spec, extra_groups=list(of.parameter_groups()))
    heads = copy.deepcopy(net.heads.state_dict())
    # Stripes of one direction: the shown patches determine the hidden ones.
    stripes = torch.tensor([1.0, -1.0]).repeat(8)
    images = torch.stack([one.expand(3, 16, 16) for one in (stripes, -stripes)] * 2).contiguous()
    made: dict[Any, Batch] = {
        UNLABELLED: Batch({"image": images}, {}, torch.ones(N), torch.arange(N))
    }
    losses = []
    for index in range(60):
        torch.manual_seed(index)
        optimizer.zero_grad()
        loss = of.losses(made, handmade.step())["total"]
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[0] > 0.9
    assert losses[-1] < 0.1
    assert all(torch.equal(one, heads[key]) for key, one in net.heads.state_dict().items())


def test_images_are_padded_as_for_masks() -> None:
    size = (12, 16)
    head = {"segment": {"decoder": "linear"}}
    net = network(size=size, heads=head, patch_size=8)
    assert net.stride == 8
    of = method(size)
    decoder = of.build(net, SIZES)
    assert decoder.positions.shape == (1 + 2 * 2, WIDTH)
    of.losses(batches(size), handmade.step())["total"].backward()


def test_only_kernels_decay_and_every_parameter_is_trained() -> None:
    of, decoder, _ = built()
    groups = list(of.parameter_groups())
    learnt = [p for group in groups for p in group["params"]]
    assert {id(p) for p in learnt} == {id(p) for p in decoder.parameters()}
    assert len(learnt) == len(list(decoder.parameters()))


def test_its_stream_has_one_view_of_unlabelled_images_without_masks() -> None:
    [stream] = method(view="none").streams(handmade.step())
    assert METHOD.needs == (UNLABELLED,)
    assert (stream.pools, stream.batch_size, stream.masks) == ((UNLABELLED,), N, False)
    assert stream.views == (ViewSpec("image", "none"),)
    assert method().epoch_steps({LABELLED: 0, UNLABELLED: 40}) == 10


def test_other_backbones_are_refused_with_the_reason() -> None:
    def refused(net: Network, reason: str, size: tuple[int, int] = SIZE) -> None:
        with pytest.raises(RecipeError, match=reason) as caught:
            method(size).build(net, SIZES)
        assert caught.value.fix

    refused(handmade.network("classify"), r"Cnn is none of timm's plain vision transformers")
    refused(network(pos_embed="none"), "no position embeddings")
    slices = {**handmade.TRANSFORMER, "slices": {"channels": 3}}
    model = ModelSpec.model_validate(slices)
    stacked = build_network(model, n_outputs={"classify": 3}, in_chans=6, image_size=SIZE)
    refused(stacked, "model.slices makes several images")
    small = {"embed_dim": 24, "depths": [1, 1], "num_heads": [1, 2]}
    swin = ModelSpec(backbone="swin_tiny_patch4_window7_224", pretrained=False, options=small)
    refused(build_network(swin, n_outputs={"classify": 3}, image_size=(224, 224)), "Swin")
    hybrid = ModelSpec(backbone="vit_tiny_r_s16_p8_224", pretrained=False)
    net = build_network(hybrid, n_outputs={"classify": 3}, image_size=(64, 64))
    refused(net, "convolutions make the patches", (64, 64))
    refused(network(size=(18, 16)), r"18 x 16 are not cut into patches of 4 x 4", (18, 16))
    refused(network(patch_size=16), "of 1 patch mae would hide 1")


@pytest.mark.parametrize(
    "wrong", [{"mask": 1.0}, {"mask": 0}, {"width": 10}, {"attention_heads": 3}]
)
def test_impossible_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        METHOD.Options(**{"width": 8, "attention_heads": 2, **wrong})
