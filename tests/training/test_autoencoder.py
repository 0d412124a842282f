from __future__ import annotations

import copy
import math
from collections.abc import Mapping
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
from podium.training.methods.autoencoder import METHOD, AutoencoderDecoder, erased_patches
from podium.training.objective import build_objective
from podium.training.recipe import Mix, OptimizerSpec
from podium.training.self_supervised import spread

N, SIZE = 4, (16, 16)
SIZES = PoolSizes(labelled=0, unlabelled=30)


def method(image: tuple[int, int] = SIZE, **options: Any) -> Any:
    kinds = {"classify": image_kind("multiclass")}
    objective = build_objective(None, kinds=kinds)
    setting = PhaseSetting(kinds, {"classify": 3}, objective, N, "shuffle", Mix(), size=image)
    return METHOD(METHOD.Options(**{"size": 5, "width": 4, **options}), setting)


def network(in_chans: int = 3, size: tuple[int, int] = SIZE) -> Network:
    torch.manual_seed(0)
    spec = {"backbone": "cnn", "pretrained": False, "options": {"widths": [4, 8]}}
    model = ModelSpec.model_validate({**spec, "heads": {"classify": {}}})
    net = build_network(model, n_outputs={"classify": 3}, in_chans=in_chans, image_size=size)
    return net.train()


def batches(size: tuple[int, int] = SIZE, in_chans: int = 3) -> dict[str, Batch]:
    draw = torch.Generator().manual_seed(1)
    images = torch.randn(N, in_chans, *size, generator=draw)
    return {UNLABELLED: Batch({"image": images}, {}, torch.ones(N), torch.arange(N))}


def built(**options: Any) -> tuple[Any, Any, Network]:
    of, net = method(**options), network()
    return of, of.build(net, SIZES), net


def drawn(own: Any, net: Network, images: Tensor) -> Tensor:
    """Return what is drawn of images, put together anew, without method and features."""
    deepest = net.backbone(images)
    mean = torch.stack([deepest[..., r, c] for r in range(4) for c in range(4)]).mean(0)
    image: Tensor = own.decoder(own.code(mean))
    return image


def total_of(of: Any, made: Mapping[Any, Batch]) -> float:
    return float(of.losses(made, handmade.step())["total"].detach())


def numbers(one: Tensor) -> list[float]:
    return [float(x) for x in one.detach().flatten().tolist()]


def test_the_loss_is_the_mean_square_of_normalised_pixels() -> None:
    of, own, net = built()
    made = batches()
    images = made[UNLABELLED].images
    wanted = drawn(copy.deepcopy(own), copy.deepcopy(net), images)
    pairs = list(zip(numbers(wanted), numbers(images), strict=True))
    by_hand = sum((a - b) ** 2 for a, b in pairs) / len(pairs)
    assert total_of(of, made) == pytest.approx(by_hand, rel=1e-5)


def test_bce_is_of_pixels_between_0_and_1() -> None:
    of, own, net = built(loss="bce")
    shown = torch.rand(N, 3, *SIZE, generator=torch.Generator().manual_seed(2))
    mean, std = (torch.tensor(one).view(3, 1, 1) for one in (net.mean, net.std))
    images = (shown - mean) / std
    made = {UNLABELLED: Batch({"image": images}, {}, torch.ones(N), torch.arange(N))}
    logits = numbers(drawn(copy.deepcopy(own), copy.deepcopy(net), images))
    by_hand = 0.0
    for logit, y in zip(logits, numbers(shown), strict=True):
        p = 1 / (1 + math.exp(-logit))
        by_hand -= (y * math.log(p) + (1 - y) * math.log(1 - p)) / len(logits)
    assert total_of(of, made) == pytest.approx(by_hand, rel=1e-4)


def test_the_decoder_gets_only_the_code_of_an_image() -> None:
    of, own, net = built()
    seen: list[tuple[Tensor, ...]] = []
    own.decoder.register_forward_hook(lambda module, given, made: seen.append(given))
    own.code.register_forward_hook(lambda module, given, made: made.detach())
    of.losses(batches(), handmade.step())["total"].backward()
    assert [[tuple(given.shape) for given in call] for call in seen] == [[(N, 5)]]
    # Past the code nothing leads from the backbone to the loss.
    assert all(p.grad is None for p in net.parameters())
    assert all(p.grad is not None for p in own.decoder.parameters())


def test_the_meter_is_the_spread_of_codes() -> None:
    of, own, _ = built()
    codes: list[Tensor] = []
    own.code.register_forward_hook(lambda module, given, made: codes.append(made))
    losses = of.losses(batches(), handmade.step())
    assert float(losses["spread"]) == pytest.approx(float(spread(codes[0])))
    assert 0 < float(losses["spread"]) <= 1


def input_and_target(**options: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Return the backbone's input, the image as it was, and the gradient of the reconstruction."""
    of, own, net = built(**options)
    inputs: list[Tensor] = []
    net.backbone.register_forward_pre_hook(lambda module, given: inputs.append(given[0]))
    made = batches()
    outputs: list[Tensor] = []

    def keep(module: Any, given: Any, image: Tensor) -> None:
        image.retain_grad()
        outputs.append(image)

    own.decoder.register_forward_hook(keep)
    clean = made[UNLABELLED].images.clone()
    torch.manual_seed(3)
    of.losses(made, handmade.step())["total"].backward()
    assert torch.equal(made[UNLABELLED].images, clean)
    gradient = outputs[0].grad
    assert gradient is not None
    # d mse / d drawn = 2 (drawn − wanted) / n
    return inputs[0], clean, outputs[0].detach() - gradient * gradient.numel() / 2


def test_the_plain_autoencoder_reconstructs_its_input() -> None:
    seen, clean, wanted = input_and_target()
    assert torch.equal(seen, clean)
    torch.testing.assert_close(wanted, clean, atol=1e-4, rtol=1e-4)


def test_noise_is_in_the_input_and_not_in_the_target() -> None:
    seen, clean, wanted = input_and_target(noise=0.5)
    torch.testing.assert_close(wanted, clean, atol=1e-4, rtol=1e-4)
    noise = seen - clean
    assert float(noise.std()) == pytest.approx(0.5, rel=0.05)
    assert abs(float(noise.mean())) < 0.05


def test_hidden_patches_are_in_the_input_and_not_in_the_target() -> None:
    seen, clean, wanted = input_and_target(mask=0.5, patch=4, noise=0.3)
    torch.testing.assert_close(wanted, clean, atol=1e-4, rtol=1e-4)
    is_empty = (seen == 0).all(dim=1)  # (N, H, W)
    chosen = []
    for image in is_empty:
        patches = [image[r : r + 4, c : c + 4] for r in range(0, 16, 4) for c in range(0, 16, 4)]
        assert all(one.all() or not one.any() for one in patches)
        chosen.append(tuple(bool(one.all()) for one in patches))
    assert [sum(one) for one in chosen] == [8] * N
    assert len(set(chosen)) == N  # every image has patches of its own


def test_patches_that_do_not_divide_the_image() -> None:
    images = torch.ones(300, 2, 7, 5)
    left = erased_patches(images, 0.3, 3)  # 3 x 2 patches, of which 2 are empty
    assert torch.equal(left[:, 0], left[:, 1])
    corners = left[:, 0, ::3, ::3]
    assert corners.shape == (300, 3, 2)
    assert ((corners == 0).sum(dim=(1, 2)) == 2).all()
    assert torch.equal(
        left[:, 0], corners.repeat_interleave(3, 1).repeat_interleave(3, 2)[:, :7, :5]
    )
    share = (corners == 0).float().mean(dim=0)
    assert float((share - 1 / 3).abs().max()) < 0.1  # none is preferred


@pytest.mark.parametrize("size", [(16, 16), (33, 20), (5, 9), (224, 224)])
@pytest.mark.parametrize("channels", [1, 4])
def test_the_decoder_draws_images_of_any_size(size: tuple[int, int], channels: int) -> None:
    decoder = AutoencoderDecoder(6, size, channels, 2)
    assert decoder(torch.randn(2, 6)).shape == (2, channels, *size)
    assert max(decoder.sizes[0]) <= 7
    assert decoder.sizes[-1] == size
    for convolution, *_ in decoder.stages:  # a map of twice the size has half the channels
        assert convolution.in_channels == 2 * convolution.out_channels


def test_any_backbone_and_any_number_of_channels() -> None:
    torch.manual_seed(0)
    options = {"img_size": (16, 24), "patch_size": 8, "embed_dim": 12, "depth": 1, "num_heads": 2}
    spec = {"backbone": "vit_tiny_patch16_224", "pretrained": False, "options": options}
    size = (16, 24)
    net = build_network(
        ModelSpec.model_validate(spec), n_outputs={"classify": 3}, in_chans=4, image_size=size
    )
    of = method(size)
    of.build(net, SIZES)
    of.losses(batches(size, in_chans=4), handmade.step())["total"].backward()
    assert all(p.grad is not None for p in net.backbone.parameters())


def test_a_few_steps_draw_better_than_the_mean() -> None:
    of, _, net = built(size=16, width=8)
    spec = OptimizerSpec(lr=1e-2)
    optimizer = build_optimizer(net, spec, extra_groups=list(of.parameter_groups()))
    # Images of one colour each: all their information goes through pooling.
    draw = torch.Generator().manual_seed(1)
    images = torch.randn(N, 3, 1, 1, generator=draw).expand(N, 3, *SIZE).contiguous()
    made = {UNLABELLED: Batch({"image": images}, {}, torch.ones(N), torch.arange(N))}
    heads = copy.deepcopy(net.heads.state_dict())
    for _ in range(60):
        optimizer.zero_grad()
        of.losses(made, handmade.step())["total"].backward()
        optimizer.step()
    assert total_of(of, made) < 0.1 * float(images.var(dim=0).mean())
    assert all(torch.equal(one, heads[key]) for key, one in net.heads.state_dict().items())


def test_only_kernels_decay_and_every_parameter_is_trained() -> None:
    of, own, _ = built()
    kernels, others = of.parameter_groups()
    assert {id(p) for p in (*kernels["params"], *others["params"])} == {
        id(p) for p in own.parameters()
    }
    assert all(p.ndim > 1 for p in kernels["params"])
    assert others["norms"]


def test_its_stream_has_one_view_of_unlabelled_images_without_masks() -> None:
    [stream] = method(view="none").streams(handmade.step())
    assert METHOD.needs == (UNLABELLED,)
    assert (stream.pools, stream.batch_size, stream.masks) == ((UNLABELLED,), N, False)
    assert stream.views == (ViewSpec("image", "none"),)
    assert method().epoch_steps({LABELLED: 0, UNLABELLED: 40}) == 10


def test_a_mask_of_everything_or_nothing_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"1 patch of 16 px, and 0\.4 of them are 0"):
        method(mask=0.4, patch=16)
    with pytest.raises(RecipeError, match=r"4 patches of 8 px, and 0\.9 of them are 4"):
        method(mask=0.9, patch=8)


@pytest.mark.parametrize("wrong", [{"mask": 1.0}, {"noise": -1}, {"loss": "l1"}, {"size": 0}])
def test_impossible_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        METHOD.Options(**wrong)
