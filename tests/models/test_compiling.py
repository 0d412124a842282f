"""Compiled backbones: the same numbers, the same names, and copies that compute for themselves."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from podium.errors import RecipeError
from podium.models import features
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec

SEGMENT = {"classify": {}, "segment": {"decoder": "fpn", "options": {"pyramid_channels": 8}}}
SMALL = {"embed_dim": 24, "depth": 3, "num_heads": 2}


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Trace as a compiler would, and run what was traced without one; count the graphs."""
    graphs: list[int] = []

    def backend(graph: Any, inputs: Any) -> Any:
        graphs.append(1)
        return graph.forward

    monkeypatch.setattr(features, "BACKEND", backend)
    yield graphs
    torch.compiler.reset()


def network(name: str = "cnn", **more: Any) -> Network:
    torch.manual_seed(0)
    settings = {"backbone": name, "pretrained": False, "heads": {"classify": {}}, **more}
    spec = ModelSpec.model_validate(settings)
    tasks = settings["heads"]
    return build_network(spec, n_outputs=dict.fromkeys(tasks, 3), image_size=(64, 64))


@pytest.mark.other_cases("long")
@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("cnn", {"options": {"widths": [4, 8]}}),
        pytest.param("resnet18", {"heads": SEGMENT}, marks=pytest.mark.slow),
        pytest.param(
            "vit_base_patch32_clip_224",
            {"options": SMALL, "lora": {"layers": ["qkv", "fc1"]}},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_numbers_and_names_are_those_of_the_plain_network(
    name: str, more: dict[str, Any], eager: list[int]
) -> None:
    plain, net = network(name, **more), network(name, **more, compile=True)
    n_trials = len(eager)
    assert plain.state_dict().keys() == net.state_dict().keys()
    images = torch.randn(2, 3, 64, 64)
    for mode in (True, False):
        torch.manual_seed(1)  # the decoder drops channels
        ours = net.train(mode)(images)
        torch.manual_seed(1)
        expected = plain.train(mode)(images)
        for task, one in expected.items():
            torch.testing.assert_close(ours[task], one)
    assert len(eager) > n_trials  # the backbone did go through the compiler
    for one in (net, plain):
        one.train()(images)["classify"].square().mean().backward()
    for (key, one), other in zip(plain.named_parameters(), net.parameters(), strict=True):
        if one.grad is not None:
            torch.testing.assert_close(other.grad, one.grad, msg=key)


def test_a_copy_computes_with_its_own_weights() -> None:
    net = network(compile=True).eval()
    images = torch.randn(2, 3, 64, 64)
    before = net(images)["classify"]
    copied = copy.deepcopy(net)
    with torch.no_grad():
        for one in copied.backbone.parameters():
            one.mul_(2)
    assert not torch.allclose(copied(images)["classify"], before)
    torch.testing.assert_close(net(images)["classify"], before)


def test_weights_that_change_in_place_count() -> None:
    net = network(compile=True).eval()
    images = torch.randn(2, 3, 64, 64)
    before = net(images)["classify"]
    net.load_state_dict({k: v * 2 for k, v in net.state_dict().items()})
    assert not torch.allclose(net(images)["classify"], before)


@pytest.mark.slow
def test_frozen_statistics_stay_as_without() -> None:
    net = network(compile=True)
    net.train()(torch.randn(2, 3, 64, 64))
    before = {key: one.clone() for key, one in net.backbone.named_buffers()}
    net.freeze_only([], statistics=True)
    net.train()(torch.randn(2, 3, 64, 64))["classify"].square().mean().backward()
    assert all(torch.equal(one, before[key]) for key, one in net.backbone.named_buffers())
    assert all(one.grad is not None for one in net.backbone.parameters())


@pytest.mark.slow
def test_freezing_works_as_without() -> None:
    net = network(compile=True)
    net.train()(torch.randn(2, 3, 64, 64))
    net.freeze_only(["backbone[:-1]"])
    net.train()(torch.randn(2, 3, 64, 64))["classify"].square().mean().backward()
    learnt = {key for key, p in net.named_parameters() if p.grad is not None}
    assert {key.rpartition(".")[0] for key in learnt} == {
        "backbone.stages.3.0",
        "backbone.stages.3.1",
        "heads.classify.linear",
    }


@pytest.mark.slow
def test_many_networks_in_one_process_are_all_compiled(eager: list[int]) -> None:
    kept = []
    for _ in range(10):  # more than the forms that torch keeps of one function
        net = network(options={"widths": [4]}, compile=True).eval()
        n = len(eager)
        net(torch.randn(2, 3, 64, 64))
        assert len(eager) == n + 1
        kept.append(net)


def test_a_machine_that_cannot_compile_is_reported_early(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(graph: Any, inputs: Any) -> Any:
        raise RuntimeError("no C++ compiler found")

    monkeypatch.setattr(features, "BACKEND", broken)
    with pytest.raises(RecipeError, match=r"cannot compile(?s:.*)g\+\+(?s:.*)compile: false"):
        network(compile=True)


@pytest.mark.long
@pytest.mark.slow
def test_with_the_real_compiler() -> None:
    code = (
        "import torch\n"
        "from podium.models.network import build_network\n"
        "from podium.models.spec import ModelSpec\n"
        "def made(**more):\n"
        "    torch.manual_seed(0)\n"
        "    spec = ModelSpec(backbone='cnn', pretrained=False, **more)\n"
        "    return build_network(spec, n_outputs={'classify': 2}).eval()\n"
        "images = torch.randn(2, 3, 32, 32)\n"
        "a, b = made()(images)['classify'], made(compile=True)(images)['classify']\n"
        "torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
