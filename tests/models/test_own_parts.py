"""Tests of backbones, heads and decoders of the user's own, and of the errors when they fail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from podium.errors import RecipeError
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.workspace.extensions import refresh

PAGE = Path(__file__).resolve().parents[2] / "docs/extending.md"
BLOCK = re.compile(r"```python\n# (my_net|my_layers|my_decoder)\.py\n(.*?)```", re.DOTALL)
OWN = {"backbone": "my_net:build", "pretrained": False, "options": {"width": 4}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The networks of docs/extending.md."""
    for name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def build(root: Path, **change: object) -> Network:
    refresh(root)
    spec = ModelSpec.model_validate({**OWN, "heads": {"classify": {}}, **change})
    n_outputs = {"classify": 3, "segment": 2}
    return build_network(spec, n_outputs=n_outputs, image_size=(32, 40), weights_root=root)


def fails(root: Path, text: str, **change: object) -> RecipeError:
    (root / "my_net.py").write_text(f"import torch\nfrom torch import nn\n{text}")
    with pytest.raises(RecipeError) as caught:
        build(root, **{"options": {}, **change})
    return caught.value


def test_an_own_backbone_and_head_make_a_network_with_named_parts(root: Path) -> None:
    head = {"head": "my_net:head", "options": {"dropout": 0.5}}
    network = build(root, heads={"classify": head})
    assert set(network.parts) == {"backbone", "classify"}
    assert network.parts["classify"].dropout.p == 0.5
    images = torch.rand(2, 3, 32, 40)
    features = network.features(images)
    assert [tuple(one.shape) for one in features.maps] == [(2, 16, 4, 5)]
    logits = network.eval().decode(network.features(images))["classify"]
    by_hand = network.parts["classify"](network.features(images))
    assert logits.shape == (2, 3)
    torch.testing.assert_close(logits, by_hand)
    network.freeze_only(["backbone"])
    free = {name.split(".")[0] for name, one in network.named_parameters() if one.requires_grad}
    assert free == {"heads"}
    assert network.train().parts["classify"].training


def test_an_own_backbone_has_podium_s_heads_for_labels_and_masks(root: Path) -> None:
    network = build(root, heads={"classify": {"pool": "gem"}, "segment": {"decoder": "linear"}})
    logits = network(torch.rand(2, 3, 30, 37))
    assert logits["classify"].shape == (2, 3)
    assert logits["segment"].shape == (2, 2, 30, 37)


def test_an_own_decoder_reads_the_maps_of_any_backbone(root: Path) -> None:
    head = {"decoder": "my_decoder:DECODER", "options": {"width": 8}}
    cnn = {"backbone": "cnn", "options": {"widths": [4, 8, 8]}, "heads": {"segment": head}}
    network = build(root, **cnn)
    assert network(torch.rand(2, 3, 30, 37))["segment"].shape == (2, 2, 30, 37)
    assert [one.in_channels for one in network.parts["segment"].decoder.bring] == [4, 8, 8]


def test_drop_path_is_given_where_the_recipe_sets_it(root: Path) -> None:
    given = "def build(**given):\n    raise ValueError(sorted(given.items()))\n"
    assert "[('in_chans', 3)]" in fails(root, given).message
    assert "('drop_path', 0.1)" in fails(root, given, drop_path=0.1).message


@pytest.mark.parametrize(
    ("text", "complaint", "where"),
    [
        ("def build(in_chans): return None\n", "builds an object of type NoneType", "model"),
        ("def build(): ...\n", "unexpected keyword argument 'in_chans'", "model.options"),
        ("def build(in_chans):\n    return nn.Conv2d('a', 1, 1)\n", "TypeError", "my_net.py:4"),
        ("build = 3\n", "is of type int, not a function that builds", "my_net.py:3"),
        (
            "class N(nn.Module):\n    def forward(self, x):\n        return x @ x[:, :, :3]\n"
            "def build(in_chans): return N()\n",
            "fails: RuntimeError",
            "my_net.py:5",
        ),
        (
            "def build(in_chans): return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())\n",
            "makes a tensor (1, 3) of an image, not one map (N, F, h, w)",
            "model.backbone",
        ),
    ],
)
def test_errors_of_an_own_backbone_are_reported(
    root: Path, text: str, complaint: str, where: str
) -> None:
    error = fails(root, text)
    assert complaint in error.message
    assert error.where == where
    assert error.fix


def test_errors_of_an_own_head_are_reported(root: Path) -> None:
    wrong = (root / "my_net.py").read_text() + (
        "\n\ndef vectors(shape, n_outputs):\n    return nn.Flatten()\n"
        "\n\ndef two(shape, n_outputs):\n    return Attention(shape.n_features, 2, 0.0)\n"
    )
    (root / "my_net.py").write_text(wrong)
    heads = {"vectors": "fails: AttributeError", "two": r"gives a tensor \(2, 2\) for two images"}
    for name, complaint in heads.items():
        with pytest.raises(RecipeError, match=complaint):
            build(root, heads={"classify": {"head": f"my_net:{name}"}})
    with pytest.raises(RecipeError, match="unexpected keyword argument 'drop'"):
        build(root, heads={"classify": {"head": "my_net:head", "options": {"drop": 1}}})
    with pytest.raises(RecipeError, match=r"is of type function, not a podium.models.decoders"):
        build(root, heads={"segment": {"decoder": "my_decoder:build"}})


@pytest.mark.parametrize(
    ("head", "complaint"),
    [
        ({"head": "my_head"}, "is module:object, as my_net:head, got 'my_head'"),
        ({"options": {"a": 1}}, "name it under head"),
        ({"head": "my_net:head", "dropout": 0.5}, "give them to your own"),
    ],
)
def test_a_head_is_podium_s_or_one_s_own(head: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        ModelSpec.model_validate({"heads": {"classify": head}})


def test_an_own_backbone_has_no_weights_in_the_hub(root: Path) -> None:
    with pytest.raises(RecipeError, match="no pretrained weights to fetch"):
        build(root, pretrained=True)
