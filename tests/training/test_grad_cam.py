"""Grad-CAM against sums worked by hand, attention rollout against plain loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from training.handmade import TRANSFORMER, network

from podium.models.features import Features
from podium.models.network import Network
from podium.training.explain import (
    attention_modules,
    grad_cam,
    patch_attention,
    record_attention,
    rollout,
)

MAPS = torch.tensor([[[1.0, 2.0], [3.0, -4.0]], [[0.0, 1.0], [2.0, 5.0]]])[None]


class Squares(nn.Module):
    """Outputs Σ a² and mean b of two channels; writes into its input, as some heads do."""

    def forward(self, features: Features) -> Tensor:
        read = features.deepest.mul_(1)
        return torch.stack([(read[0, 0] ** 2).sum(), read[0, 1].mean()])[None]


def of(head: nn.Module, **heads: nn.Module) -> Network:
    made = Network(nn.Identity(), {"classify": head, **heads}, mean=(0.0,), std=(1.0,))
    return made.eval()


def class_of(number: int) -> Any:
    return lambda predicted: predicted["classify"][0, number]


def features_of(*maps: Tensor) -> Features:
    return Features(tuple(maps), (2, 2), (2, 2))


def test_weights_are_the_mean_gradients_and_what_speaks_against_is_cut() -> None:
    # d Σ a² / da = 2 a, whose mean is (2 + 4 + 6 - 8) / 4 = 1; of b there is none.
    found = grad_cam(of(Squares()), features_of(MAPS.clone()), class_of(0))
    np.testing.assert_allclose(found.numpy(), [[1, 2], [3, 0]])


def test_a_score_that_is_the_mean_of_a_channel_is_that_channel() -> None:
    found = grad_cam(of(Squares()), features_of(MAPS.clone()), class_of(1))
    np.testing.assert_allclose(found.numpy(), MAPS[0, 1].numpy() / 4)


def test_a_map_is_of_the_deepest_layer_that_the_score_reads() -> None:
    class First(nn.Module):
        def forward(self, features: Features) -> Tensor:
            return features.maps[0].mean(dim=(2, 3))

    first, last = MAPS.clone(), torch.ones(1, 3, 1, 1)
    found = grad_cam(of(First()), features_of(first, last), class_of(1))
    np.testing.assert_allclose(found.numpy(), MAPS[0, 1].numpy() / 4)


def test_a_score_that_depends_on_no_map_is_reported() -> None:
    class Constant(nn.Linear):
        def forward(self, features: Any) -> Tensor:
            return self.weight

    with pytest.raises(ValueError, match="depends on no map"):
        grad_cam(of(Constant(2, 1)), features_of(MAPS.clone()), class_of(0))


@torch.no_grad()
def test_weights_and_their_gradients_stay_as_they_are() -> None:
    net = network("classify").eval()
    before = {name: one.clone() for name, one in net.state_dict().items()}
    features = net.features(torch.randn(1, 3, 16, 16))
    kept = features.deepest.clone()
    grad_cam(net, features, class_of(0))
    assert all(one.grad is None for one in net.parameters())
    assert torch.equal(features.deepest, kept)
    for name, one in net.state_dict().items():
        assert torch.equal(one, before[name])


def test_rollout_is_the_product_of_half_attended_blocks() -> None:
    rng = np.random.default_rng(0)
    each = [rng.random((3, 3)) for _ in range(3)]
    each = [one / one.sum(axis=1, keepdims=True) for one in each]
    expected = [[0.0] * 3 for _ in range(3)]
    halves = [0.5 * one + 0.5 * np.eye(3) for one in each]
    for i in range(3):
        for j in range(3):
            for k in range(3):
                for m in range(3):
                    expected[i][j] += halves[2][i, k] * halves[1][k, m] * halves[0][m, j]
    found = rollout([torch.from_numpy(one) for one in each])
    np.testing.assert_allclose(found.numpy(), expected)
    np.testing.assert_allclose(found.sum(dim=1).numpy(), 1)


def test_attention_is_of_the_class_token_or_else_the_mean_of_patches() -> None:
    weights = torch.arange(36.0).reshape(6, 6)
    by_class = patch_attention(weights, (2, 2), n_prefix=2, has_class=True)
    assert by_class.tolist() == [[2, 3], [4, 5]]
    by_all = patch_attention(weights, (2, 2), n_prefix=2, has_class=False)
    assert by_all.tolist() == [[23, 24], [25, 26]]


@torch.no_grad()
def test_attention_is_that_of_the_forward_pass_and_what_was_fused_is_again() -> None:
    net = network("classify", TRANSFORMER).eval()
    modules = attention_modules(net.backbone)
    image = torch.randn(1, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    before = net.features(image).deepest
    modules[1].fused_attn = False  # as somebody may have set it
    with record_attention(modules) as seen:
        during = net.features(image).deepest
    assert [one.shape for one in seen] == [(1, 2, 17, 17)] * 2
    for one in seen:
        torch.testing.assert_close(one.sum(dim=-1), torch.ones(1, 2, 17))
    torch.testing.assert_close(during, before)
    assert [one.fused_attn for one in modules] == [True, False]
    assert not any(one.attn_drop._forward_pre_hooks for one in modules)
    # The first block's weights, by its own matrices.
    blocks: Any = net.backbone
    tokens = blocks.blocks[0].norm1(blocks._pos_embed(blocks.patch_embed(image)))[0]
    query, key, _ = modules[0].qkv(tokens).reshape(17, 3, 2, 6).permute(1, 2, 0, 3)
    for head in range(2):
        plain = (query[head] @ key[head].T / 6**0.5).softmax(dim=-1)
        torch.testing.assert_close(seen[0][0, head], plain)


def test_what_fails_inside_leaves_nothing_behind() -> None:
    net = network("classify", TRANSFORMER).eval()
    modules = attention_modules(net.backbone)
    with pytest.raises(RuntimeError), record_attention(modules):
        raise RuntimeError
    assert all(one.fused_attn for one in modules)
    assert not any(one.attn_drop._forward_pre_hooks for one in modules)


def test_a_network_without_blocks_has_no_attention() -> None:
    assert attention_modules(network("classify").backbone) == []
