"""A file of a whole network: its decoder is loaded too, and every tensor is accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import segmentation_models_pytorch as smp
import timm
import torch
from models import torchvisions
from torch import nn

from podium.errors import RecipeError
from podium.models import checkpoints
from podium.models import checkpoints as packed_weights
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.models.weights.loading import load_from_run, load_weights
from podium.models.weights.report import COUNTER, LoadReport

BOTH = {"classify": 3, "segment": 2}
SIZE = (64, 64)
UNET = {"decoder": "unet", "options": {"decoder_channels": [32, 16, 8, 8, 8]}}
SMALL = {"channels": [8, 16, 24, 32]}


def network(n_outputs: dict[str, int] = BOTH, seed: int = 0, **model: Any) -> Network:
    settings = {
        "backbone": "resnet10t",
        "pretrained": False,
        "heads": {"classify": {"pool": "gem"}, "segment": UNET},
        "options": {} if "backbone" in model else SMALL,
    }
    torch.manual_seed(seed)
    spec = ModelSpec.model_validate({**settings, **model})
    return build_network(spec, n_outputs=n_outputs, image_size=SIZE)


def randomise(net: nn.Module) -> nn.Module:
    generator = torch.Generator().manual_seed(5)
    for tensor in net.state_dict().values():
        if tensor.dtype.is_floating_point:
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
    return net


def report_of(net: Network) -> LoadReport:
    assert net.loaded is not None
    return net.loaded


def accounts_for(report: LoadReport, net: nn.Module, file: dict[str, torch.Tensor]) -> None:
    """Every key of the network is matched or missing, and no key of the file is lost twice."""
    own = set(net.state_dict())
    assert set(report.matched) | set(report.missing) == own
    assert not set(report.matched) & set(report.missing)
    assert set(report.left) <= set(file)
    assert len(file) - len(report.left) == len(report.matched)


@pytest.mark.parametrize("form", ["checkpoint", "packed", "ddp", "ema", "averaged"])
def test_podiums_own_file_gives_backbone_and_heads(tmp_path: Path, form: str) -> None:
    theirs = randomise(network())
    tensors = theirs.state_dict()
    path = tmp_path / "last.pt"
    if form == "checkpoint":
        checkpoints.save(path, {"network": tensors, "normalisation": {"mean": [0.5]}})
    elif form == "packed":
        checkpoints.save(path, {"network": tensors})
        packed_weights.pack_weights(path, tmp_path / "last.safetensors")
        path = tmp_path / "last.safetensors"
    elif form == "ddp":
        torch.save({f"module.{key}": tensor for key, tensor in tensors.items()}, path)
    elif form == "ema":
        other = {key: torch.zeros_like(tensor) for key, tensor in tensors.items()}
        torch.save({"state_dict": other, "state_dict_ema": tensors, "epoch": 3}, path)
    else:  # torch's averaged model, of a compiled one
        averaged = {f"module._orig_mod.{key}": tensor for key, tensor in tensors.items()}
        torch.save({"n_averaged": torch.tensor(3), **averaged}, path)
    ours = network(seed=1, weights=str(path))
    report = report_of(ours)
    for key, tensor in ours.state_dict().items():
        assert torch.equal(tensor, tensors[key]), key
    assert report.matched == tuple(ours.state_dict())
    assert not report.missing
    assert not report.resized
    assert not report.by_position
    assert report.left == (("n_averaged",) if form == "averaged" else ())
    assert report.source == path.name


def test_a_last_layer_for_other_classes_is_left_and_reported(tmp_path: Path) -> None:
    theirs = randomise(network({"classify": 3, "segment": 5})).state_dict()
    torch.save(theirs, tmp_path / "w.pth")
    fresh, ours = network(seed=1), network(seed=1, weights=str(tmp_path / "w.pth"))
    report = report_of(ours)
    last = {"heads.segment.convolution.weight", "heads.segment.convolution.bias"}
    assert set(report.missing) == set(report.left) == last
    for key, tensor in ours.state_dict().items():
        expected = fresh.state_dict() if key in last else theirs
        assert torch.equal(tensor, expected[key]), key
    accounts_for(report, ours, theirs)
    assert "; 2 of heads.segment.convolution start from random weights" in report.line


def test_another_decoder_is_left_as_a_whole_where_some_shapes_agree(tmp_path: Path) -> None:
    wider = {"decoder": "unet", "options": {"decoder_channels": [32, 16, 8, 8, 16]}}
    theirs = randomise(network(heads={"segment": wider})).state_dict()
    torch.save(theirs, tmp_path / "w.pth")
    ours = network(seed=1, weights=str(tmp_path / "w.pth"))
    fresh = network(seed=1).state_dict()
    shared = [k for k, v in theirs.items() if k in fresh and v.shape == fresh[k].shape]
    assert any(key.startswith("heads.segment.decoder") for key in shared)
    for key, tensor in ours.heads.state_dict().items():
        assert torch.equal(tensor, fresh[f"heads.{key}"]), key
    assert {key.split(".")[0] for key in report_of(ours).matched} == {"backbone"}


def test_a_backbones_file_leaves_the_heads_and_reports_it(tmp_path: Path) -> None:
    theirs = timm.create_model("resnet10t", num_classes=3, **SMALL).state_dict()
    torch.save(theirs, tmp_path / "w.pth")
    ours = network(weights=str(tmp_path / "w.pth"))
    report = report_of(ours)
    assert report.left == ("fc.weight", "fc.bias")
    assert all(key.startswith("heads.") for key in report.missing)
    accounts_for(report, ours, theirs)
    assert report.line.endswith("; the file's classifier is not used")
    assert "\n" not in report.line


# The independent truth: what the whole network of the file says of an image.


@pytest.mark.parametrize(
    ("encoder", "wrap"),
    [("resnet18", "module."), ("tu-test_resnet", ""), ("tu-test_convnext", "model.")],
)
def test_smps_file_gives_smps_logits(tmp_path: Path, encoder: str, wrap: str) -> None:
    peer = smp.Unet(encoder, encoder_weights=None, classes=4)
    randomise_norms(peer)
    file = {f"{wrap}{key}": tensor for key, tensor in peer.state_dict().items()}
    torch.save({"epoch": 1, "state_dict": file}, tmp_path / "smp.pth")
    ours = network(
        {"segment": 4},
        seed=1,
        backbone=encoder.removeprefix("tu-"),
        weights=str(tmp_path / "smp.pth"),
        heads={"segment": {"decoder": "unet"}},
    )
    images = torch.randn(2, 3, *SIZE)
    with torch.no_grad():
        torch.testing.assert_close(
            ours.eval()(images)["segment"], peer.eval()(images), rtol=1e-4, atol=1e-4
        )
    report = report_of(ours)
    accounts_for(report, ours, file)
    assert not report.left
    # An encoder that gives maps alone has no norm behind the last one.
    assert all(key.startswith("backbone.head.norm.") for key in report.missing)
    assert bool(report.missing) == ("convnext" in encoder)


def randomise_norms(net: nn.Module) -> None:
    generator = torch.Generator().manual_seed(3)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight.data, module.bias.data, module.running_mean):
                tensor.copy_(torch.rand(tensor.shape, generator=generator) * 0.5 + 0.5)
            module.running_var.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)


@pytest.mark.slow
@pytest.mark.parametrize("decoder", ["deeplabv3", "deeplabv3_torchvision"])
def test_torchvisions_file_gives_torchvisions_logits(tmp_path: Path, decoder: str) -> None:
    torch.manual_seed(3)
    peer = torchvisions.deeplabv3(3, aux_loss=True)
    randomise_norms(peer)
    file = peer.state_dict()
    torch.save(file, tmp_path / "tv.pth")
    ours = network(
        {"segment": 3},
        seed=1,
        backbone="resnet50",
        options={"output_stride": 8, "layers": torchvisions.LAYERS},
        weights=str(tmp_path / "tv.pth"),
        heads={"segment": {"decoder": decoder}},
    )
    images = torch.randn(1, 3, *SIZE)
    with torch.no_grad():
        found, expected = ours.eval()(images)["segment"], peer.eval()(images)["out"]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))
    report = report_of(ours)
    accounts_for(report, ours, file)
    assert not report.missing
    assert {key.split(".")[0] for key in report.left} == {"aux_classifier"}
    assert "not used of the file: aux_classifier" in report.line


def test_the_backbone_of_a_segmentation_file_starts_a_classifier(tmp_path: Path) -> None:
    peer = smp.Unet("resnet18", encoder_weights=None)
    torch.save(peer.state_dict(), tmp_path / "smp.pth")
    ours = network({"classify": 2}, backbone="resnet18", weights=str(tmp_path / "smp.pth"))
    assert torch.equal(ours.backbone.conv1.weight, peer.encoder.conv1.weight)
    parts = {key.split(".")[0] for key in report_of(ours).left}
    assert parts == {"decoder", "segmentation_head"}


@pytest.mark.parametrize("wrap", ["", "module."])
def test_a_backbone_may_have_parts_named_as_whole_networks_are(tmp_path: Path, wrap: str) -> None:
    parts = {"encoder": nn.Linear(2, 2), "decoder": nn.Linear(2, 2), "model": nn.Linear(2, 2)}
    theirs, ours = nn.ModuleDict(parts), nn.ModuleDict({k: nn.Linear(2, 2) for k in parts})
    file = {f"{wrap}{key}": tensor for key, tensor in theirs.state_dict().items()}
    safetensors.torch.save_file(file, tmp_path / "w.safetensors")
    report = load_weights(tmp_path / "w.safetensors", ours)
    for key, tensor in ours.state_dict().items():
        assert torch.equal(tensor, theirs.state_dict()[key]), key
    accounts_for(report, nn.ModuleDict({"backbone": ours}), file)


def test_a_whole_network_of_another_architecture_is_refused_and_nothing_changes(
    tmp_path: Path,
) -> None:
    torch.save(network(backbone="resnet18").state_dict(), tmp_path / "w.pth")
    ours = network()
    before = {key: tensor.clone() for key, tensor in ours.state_dict().items()}
    with pytest.raises(RecipeError, match="another architecture"):
        load_weights(tmp_path / "w.pth", ours.backbone, dict(ours.heads.items()))
    assert all(torch.equal(tensor, before[key]) for key, tensor in ours.state_dict().items())


# Numbers.


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
@pytest.mark.parametrize("key", ["backbone.conv1.0.weight", "heads.segment.convolution.weight"])
def test_weights_that_are_no_numbers_are_refused_and_nothing_changes(
    tmp_path: Path, key: str, odd: float
) -> None:
    theirs = network().state_dict()
    theirs[key].view(-1)[0] = odd
    torch.save(theirs, tmp_path / "w.pth")
    ours = network(seed=1)
    before = {key: tensor.clone() for key, tensor in ours.state_dict().items()}
    with pytest.raises(RecipeError, match=rf"1 of its tensors hold NaN or infinity: '{key}'"):
        load_weights(tmp_path / "w.pth", ours.backbone, dict(ours.heads.items()))
    assert all(torch.equal(tensor, before[key]) for key, tensor in ours.state_dict().items())
    with pytest.raises(RecipeError, match="NaN or infinity"):
        load_from_run(ours, theirs, "other-01234567")


def test_tensors_that_are_not_loaded_may_be_anything(tmp_path: Path) -> None:
    theirs = timm.create_model("resnet10t", num_classes=3, **SMALL).state_dict()
    theirs["fc.bias"][0] = float("nan")
    torch.save(theirs, tmp_path / "w.pth")
    assert "fc.bias" in report_of(network(weights=str(tmp_path / "w.pth"))).left


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_half_precision_becomes_single(tmp_path: Path, dtype: torch.dtype, suffix: str) -> None:
    theirs = {
        key: tensor.to(dtype) if tensor.dtype.is_floating_point else tensor
        for key, tensor in network().state_dict().items()
    }
    if suffix == ".pth":
        torch.save(theirs, tmp_path / "w.pth")
    else:
        safetensors.torch.save_file(theirs, tmp_path / "w.safetensors")
    ours = network(seed=1, weights=str(tmp_path / f"w{suffix}"))
    assert {p.dtype for p in ours.parameters()} == {torch.float32}
    for key, tensor in ours.state_dict().items():
        assert torch.equal(tensor, theirs[key].to(tensor.dtype)), key
    assert not report_of(ours).missing


# Vision transformers.


def test_positions_for_224_pixels_at_96_are_timms_own_resample(tmp_path: Path) -> None:
    name, options = "vit_tiny_patch16_224", {"depth": 1}
    theirs = timm.create_model(name, num_classes=2, **options).state_dict()
    torch.save(theirs, tmp_path / "w.pth")
    settings = {"backbone": name, "options": options, "weights": str(tmp_path / "w.pth")}
    spec = ModelSpec.model_validate(settings)
    ours = build_network(spec, n_outputs={"classify": 2}, image_size=(96, 96))
    expected = timm.layers.resample_abs_pos_embed(theirs["pos_embed"], (6, 6), num_prefix_tokens=1)
    assert torch.equal(ours.backbone.pos_embed, expected)
    report = report_of(ours)
    assert report.resized == (("backbone.pos_embed", (1, 197, 192), (1, 37, 192)),)
    assert report.left == ("head.weight", "head.bias")
    assert "resized backbone.pos_embed 1x197x192 → 1x37x192" in report.line
    accounts_for(report, ours, theirs)


def test_tensors_that_timm_renames_are_not_reported_as_left(tmp_path: Path) -> None:
    name = "vit_tiny_patch16_224"
    theirs = timm.create_model(name, num_classes=0, global_pool="", depth=1, img_size=64)
    # As a text and image model has it around timm's transformer.
    file = {f"visual.trunk.{key}": tensor for key, tensor in theirs.state_dict().items()}
    file["text.positions"] = torch.zeros(3)
    torch.save(file, tmp_path / "w.pth")
    ours = timm.create_model(name, num_classes=0, global_pool="", depth=1, img_size=96)
    report = load_weights(tmp_path / "w.pth", ours)
    assert torch.equal(ours.blocks[0].mlp.fc1.weight, theirs.blocks[0].mlp.fc1.weight)
    assert report.left == ("text.positions",)
    assert not report.missing


def test_a_query_over_slices_is_no_part_of_anybodys_file(tmp_path: Path) -> None:
    theirs = timm.create_model("resnet10t", in_chans=1, num_classes=0).state_dict()
    torch.save(theirs, tmp_path / "w.pth")
    settings = {
        "backbone": "resnet10t",
        "weights": str(tmp_path / "w.pth"),
        "slices": {"pool": "attention"},
    }
    spec = ModelSpec.model_validate(settings)
    ours = build_network(spec, n_outputs={"classify": 2}, in_chans=3, image_size=SIZE)
    assert "backbone.slice_attention.query" in report_of(ours).missing
    torch.save(ours.state_dict(), tmp_path / "w.pth")
    again = build_network(spec, n_outputs={"classify": 2}, in_chans=3, image_size=SIZE)
    assert not report_of(again).missing


# Another run.


def test_a_runs_network_is_accounted_for(tmp_path: Path) -> None:
    theirs = randomise(network({"classify": 4, "segment": 2})).state_dict()
    ours = network(seed=1)
    fresh = {key: tensor.clone() for key, tensor in ours.state_dict().items()}
    report = load_from_run(ours, theirs, "other-01234567")
    lost = {"heads.classify.linear.weight", "heads.classify.linear.bias"}
    assert set(report.missing) == set(report.left) == lost
    for key, tensor in ours.state_dict().items():
        assert torch.equal(tensor, (fresh if key in lost else theirs)[key]), key
    accounts_for(report, ours, theirs)
    assert report.line.startswith("start weights from other-01234567: 90 of the backbone, ")
    with pytest.raises(RecipeError, match=r"(?s)another backbone.*model\.options"):
        load_from_run(network(backbone="resnet18"), theirs, "other-01234567")


def test_trained_lora_weights_are_never_lost(tmp_path: Path) -> None:
    vit = {
        "backbone": "vit_tiny_patch16_224",
        "options": {"depth": 1},
        "heads": {"classify": {}},
    }
    classify = {"classify": 3}
    theirs = network(classify, **vit).state_dict()
    ours = network(classify, seed=1, lora={"rank": 2}, **vit)
    report = load_from_run(ours, theirs, "other-01234567")
    for key, tensor in theirs.items():
        assert torch.equal(ours.state_dict()[key], tensor), key
    assert report.missing
    assert all(key.endswith(("lora_a", "lora_b")) for key in report.missing)
    adapted = ours.state_dict()
    again = network(classify, seed=2, lora={"rank": 2}, **vit)
    assert not load_from_run(again, adapted, "other-01234567").missing
    for lora in (None, {"rank": 3}):
        with pytest.raises(RecipeError, match=r"(?s)would be lost.*the same model\.lora"):
            load_from_run(network(classify, lora=lora, **vit), adapted, "other-01234567")
    torch.save(adapted, tmp_path / "w.pth")
    with pytest.raises(RecipeError, match=r"would be lost"):
        network(classify, weights=str(tmp_path / "w.pth"), **vit)


def test_counters_are_kept_but_not_counted() -> None:
    keys = ("backbone.bn.weight", f"backbone.bn.{COUNTER}")
    report = LoadReport("a.pth", matched=("backbone.conv.weight",), missing=keys)
    assert (
        report.line == "start weights from a.pth: 1 of the backbone; "
        "1 of the backbone starts from random weights"
    )
    assert report.facts()["missing"] == list(keys)
