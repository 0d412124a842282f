"""Networks are built as in the recipe, from the weights that it names or not at all."""

from __future__ import annotations

import time

import pytest
import torch
from huggingface_hub import constants as hub
from torch import nn

from podium.errors import RecipeError
from podium.models.features import Features
from podium.models.heads.classify import Classify, GeM
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec

CNN = {"backbone": "cnn", "pretrained": False}


def cnn(n_outputs: int = 3, **model: object) -> Network:
    spec = ModelSpec.model_validate({**CNN, **model})
    return build_network(spec, n_outputs={"classify": n_outputs})


def deepest_only(features: torch.Tensor) -> Features:
    return Features((features,), size=(8, 8), padded=(8, 8))


def test_forward_is_decode_of_features_and_parts_come_in_order() -> None:
    network = cnn().eval()
    images = torch.randn(2, 3, 33, 47)
    features = network.features(images)
    assert features.deepest.shape == (2, 128, 3, 3)  # four halvings, rounded up
    torch.testing.assert_close(network(images)["classify"], network.decode(features)["classify"])
    assert list(network.parts) == ["backbone", "classify"]
    assert network.decode(features)["classify"].shape == (2, 3)


@pytest.mark.parametrize(
    ("backbone", "n_features"),
    [
        ("resnet18", 512),  # maps
        ("vit_tiny_patch16_224", 192),  # tokens, made for one size
        ("swin_tiny_patch4_window7_224", 768),  # channels last, made for one size
        ("mobilenetv3_small_050", 1024),  # a convolution between the maps and the classifier
    ],
)
def test_a_timm_backbone_of_any_layout_gives_a_rectangular_map(
    backbone: str, n_features: int
) -> None:
    spec = ModelSpec(backbone=backbone, pretrained=False)
    network = build_network(spec, n_outputs={"classify": 5}, image_size=(64, 96), in_chans=4).eval()
    with torch.no_grad():
        features = network.features(torch.randn(2, 4, 64, 96))
        logits = network.decode(features)["classify"]
    assert features.deepest.shape[:2] == (2, n_features)
    assert features.deepest.shape[3] * 64 == features.deepest.shape[2] * 96
    assert logits.shape == (2, 5)
    assert len(network.mean) == len(network.std) == 4


def test_the_patches_of_a_vit_lie_where_they_lay_in_the_image() -> None:
    spec = ModelSpec(backbone="vit_tiny_patch16_224", pretrained=False)
    network = build_network(spec, n_outputs={"classify": 2}, image_size=(64, 96)).eval()
    tokens = torch.zeros(1, 1 + 4 * 6, 192)
    tokens[0, 1 + 6 * 2 + 5] = 1  # after the class token: row 2, column 5
    network.backbone.forward = lambda images: tokens  # type: ignore[method-assign]
    expected = torch.zeros(4, 6)
    expected[2, 5] = 1
    deepest = network.features(torch.zeros(1, 3, 64, 96)).deepest
    torch.testing.assert_close(deepest[0, 7], expected)


def test_mean_and_std_are_those_of_the_backbone() -> None:
    spec = ModelSpec(backbone="tf_efficientnet_lite0", pretrained=False)
    network = build_network(spec, n_outputs={"classify": 2}, image_size=(32, 32))
    assert network.mean == network.std == (0.5, 0.5, 0.5)
    assert cnn().mean == (0.485, 0.456, 0.406)


def test_options_reach_our_own_backbone_and_timms() -> None:
    small = cnn(options={"widths": [4, 8], "depth": 2})
    assert small.features(torch.zeros(1, 3, 8, 8)).deepest.shape == (1, 8, 2, 2)
    spec = ModelSpec(backbone="resnet18", pretrained=False, options={"stem_type": "deep"})
    deep = build_network(spec, n_outputs={"classify": 2}, image_size=(32, 32)).backbone
    assert isinstance(deep.conv1, nn.Sequential)


def test_drop_path_reaches_timm() -> None:
    spec = ModelSpec(backbone="convnext_atto", pretrained=False, drop_path=0.2)
    network = build_network(spec, n_outputs={"classify": 2}, image_size=(32, 32))
    rates = [m.drop_prob for m in network.modules() if type(m).__name__ == "DropPath"]
    assert max(rates) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        ({"backbone": "resnet81"}, r"no backbone 'resnet81'.*write (resnet\d+( or |$)){3}"),
        ({"backbone": "resnet18", "options": {"stemtype": 1}}, "does not take these arguments"),
        ({"backbone": "cnn", "options": {"width": 1}}, "these options.*are widths, depth, down"),
        ({"backbone": "cnn", "options": {"widths": []}}, "needs widths"),
        ({"backbone": "cnn", "heads": {"classify": None}}, "no head"),
    ],
)
def test_an_impossible_network_is_refused_with_the_way_out(
    model: dict[str, object], complaint: str
) -> None:
    spec = ModelSpec.model_validate({"pretrained": False, **model})
    with pytest.raises(RecipeError, match=f"(?s){complaint}"):
        build_network(spec, n_outputs={"classify": 2})


def test_a_size_that_the_network_cannot_take_is_named() -> None:
    options = {"img_size": 64}
    spec = ModelSpec(backbone="vit_tiny_patch16_224", pretrained=False, options=options)
    with pytest.raises(RecipeError, match=r"input\.size: .* 50 x 70"):
        build_network(spec, n_outputs={"classify": 2}, image_size=(50, 70))


def test_without_the_hub_pretrained_stops_within_seconds_with_both_fixes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub, "ENDPOINT", "http://127.0.0.1:9")
    started = time.monotonic()
    with pytest.raises(RecipeError) as raised:
        build_network(ModelSpec(backbone="resnet34"), n_outputs={"classify": 2})
    # Left to itself the hub's client takes 46 s.
    assert time.monotonic() - started < 30
    assert "weights: path" in str(raised.value)
    assert "pretrained: false" in str(raised.value)
    assert hub.HF_HUB_OFFLINE is False


def test_a_backbone_without_published_weights_never_starts_from_random_ones() -> None:
    with pytest.raises(RecipeError, match="pretrained: false"):
        build_network(ModelSpec(backbone="cnn"), n_outputs={"classify": 2})
    with pytest.raises(RecipeError, match="No pretrained weights exist"):
        build_network(ModelSpec(backbone="convnext_atto_rms"), n_outputs={"classify": 2})


def test_another_runs_weights_are_left_to_the_caller() -> None:
    spec = ModelSpec.model_validate({"backbone": "resnet18", "from": "baseline-01234567"})
    assert build_network(spec, n_outputs={"classify": 2}, image_size=(32, 32)).backbone is not None


@pytest.mark.parametrize("pool", ["avg", "max", "avgmax", "gem"])
def test_each_pooling_is_its_formula(pool: str) -> None:
    head = Classify(2, 3, pool=pool, dropout=0.0)
    features = torch.rand(2, 2, 3, 4)
    for n in range(2):
        for f in range(2):
            values = [float(v) for v in features[n, f].flatten()]
            expected = {
                "avg": sum(values) / 12,
                "max": max(values),
                "avgmax": (sum(values) / 12 + max(values)) / 2,
                "gem": (sum(v**3 for v in values) / 12) ** (1 / 3),
            }[pool]
            assert head.embed(deepest_only(features))[n, f].item() == pytest.approx(
                expected, rel=1e-5
            )


def test_gem_with_exponent_one_is_the_average_and_its_exponent_learns() -> None:
    features = torch.rand(2, 3, 4, 4)
    pool = GeM(p=1.0)
    torch.testing.assert_close(pool(features), features.mean(dim=(2, 3)))
    pool(features).sum().backward()
    assert pool.p.grad is not None


def test_a_network_in_eval_mode_is_deterministic_and_survives_a_state_dict() -> None:
    network = cnn(heads={"classify": {"dropout": 0.5}}).eval()
    images = torch.randn(2, 3, 32, 32)
    twin = cnn(heads={"classify": {"dropout": 0.5}}).eval()
    twin.load_state_dict(network.state_dict())
    assert torch.equal(network(images)["classify"], twin(images)["classify"])
    assert torch.equal(network(images)["classify"], network(images)["classify"])


def test_a_head_that_is_not_requested_is_not_run() -> None:
    spec = ModelSpec.model_validate(
        {
            "backbone": "cnn",
            "pretrained": False,
            "options": {"widths": [4, 8, 8, 8, 8]},
            "heads": {
                "classify": {},
                "segment": {"decoder": "unet", "options": {"decoder_channels": [8, 8, 4, 4, 4]}},
            },
        }
    )
    network = build_network(spec, n_outputs={"classify": 3, "segment": 4}).train()
    before = {name: value.clone() for name, value in network.heads["segment"].state_dict().items()}
    predicted = network(torch.rand(2, 3, 64, 64), ["classify"])
    assert set(predicted) == {"classify"}
    after = network.heads["segment"].state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert set(network(torch.rand(2, 3, 64, 64))) == {"classify", "segment"}
