"""Weights within reach are known without a network being built, and missing ones are told first."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from huggingface_hub import constants as hub
from typer.testing import CliRunner

from podium.cli.app import app
from podium.errors import RecipeError
from podium.models.backbone_factory import require_backbone
from podium.models.spec import ModelSpec
from podium.models.weights import reach
from podium.models.weights.reach import hub_answers, is_cached, require_weights, weight_files
from podium.workspace import doctor


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the hub be an address where nothing listens, and its caches be empty."""
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(hub, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    reach._answers.cache_clear()


def test_weights_that_cannot_be_had_are_refused(tmp_path: Path) -> None:
    assert not hub_answers()
    with pytest.raises(RecipeError, match=r"127\.0\.0\.1:9 does not answer") as refused:
        require_weights(ModelSpec(backbone="resnet18"), tmp_path)
    assert refused.value.where == "model.pretrained"
    with pytest.raises(RecipeError, match="there is no"):
        require_weights(ModelSpec(weights="missing.pth"), tmp_path)
    with pytest.raises(RecipeError, match="cnn has no pretrained weights"):
        require_weights(ModelSpec(backbone="cnn"), tmp_path)


def test_a_misspelt_network_is_named_before_its_weights_are_missed(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="there is no backbone 'resnet_18'") as refused:
        require_weights(ModelSpec(backbone="resnet_18"), tmp_path)
    assert "resnet18" in (refused.value.fix or "")


def test_what_needs_no_hub_is_not_refused(tmp_path: Path) -> None:
    (tmp_path / "own.pth").write_bytes(b"weights")
    for spec in (
        ModelSpec(backbone="resnet18", pretrained=False),
        ModelSpec(backbone="resnet18", weights="own.pth"),
        ModelSpec(backbone="my_net:build"),
        ModelSpec.model_validate({"backbone": "resnet18", "from": "other-12345678"}),
    ):
        require_weights(spec, tmp_path)


@pytest.mark.parametrize(
    ("folder", "backbone", "is_there"),
    [
        ("models--timm--resnet18.a1_in1k", "resnet18", True),
        ("models--timm--resnet18.a1_in1k", "resnet18.a1_in1k", True),
        ("models--timm--resnet18.a1_in1k", "resnet18.tv_in1k", False),
        ("models--timm--resnet18d.ra2_in1k", "resnet18", False),
        ("models--me--net", "hf-hub:me/net", True),
    ],
)
def test_the_hubs_cache_counts(tmp_path: Path, folder: str, backbone: str, is_there: bool) -> None:
    snapshot = tmp_path / "hub" / folder / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    assert not is_cached(backbone)  # a folder without weights
    (snapshot / "model.safetensors").write_bytes(b"")
    assert is_cached(backbone) is is_there


def test_a_backbone_that_is_none_is_answered_first_by_those_whose_weights_are_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach.metadata, "distributions", list)

    def proposed() -> list[str]:
        with pytest.raises(RecipeError, match="no backbone 'resnet81'") as refused:
            require_backbone("resnet81")
        return str(refused.value.fix).removeprefix("write ").split(" or ")

    first, second, third = proposed()
    snapshot = tmp_path / f"hub/models--timm--{third}.a1_in1k/snapshots/abc"
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").write_bytes(b"")
    assert proposed() == [third, first, second]


@pytest.mark.parametrize("name", ["efficientnet_lite", "tf_efficientnet_lite"])
def test_weights_in_a_package_put_their_network_first(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "package:efficientnet_lite0_model/efficientnet-lite0-57934424.pth"
    monkeypatch.setattr(reach, "_in_packages", lambda: [reach.WeightFile(text, Path(text))])
    with pytest.raises(RecipeError) as refused:
        require_backbone(name)
    both = str(refused.value.fix).removeprefix("write ").split(" or ")[:2]
    assert sorted(both) == ["efficientnet_lite0", "tf_efficientnet_lite0"]


def test_files_of_weights_are_found_in_packages_and_in_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights/large.pth").write_bytes(bytes(reach.LEAST_BYTES))
    (tmp_path / "weights/small.pth").write_bytes(b"x")
    (tmp_path / "weights/notes.txt").write_bytes(bytes(reach.LEAST_BYTES))
    package, info = tmp_path / "site/some_net", tmp_path / "site/some_net-1.0.dist-info"
    for one in (package, info):
        one.mkdir(parents=True)
    (package / "net.safetensors").write_bytes(bytes(reach.LEAST_BYTES))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-net\nVersion: 1.0\n")
    (info / "RECORD").write_text("some_net/net.safetensors,,\nsome_net/gone.pth,,\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site")])
    assert [one.text for one in weight_files(tmp_path)] == [
        "weights/large.pth",
        "package:some_net/net.safetensors",
    ]


def test_doctor_lists_the_weights_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "_in_packages", lambda: iter(()))
    monkeypatch.setattr(doctor, "examine", lambda *_, **__: [doctor.Check("network", "ok", "up")])
    monkeypatch.chdir(tmp_path)

    def found() -> list[dict[str, str]]:
        done = CliRunner().invoke(app, ["doctor", "--json"])
        assert done.exit_code == 0, done.output
        return [one for one in json.loads(done.output) if one["name"] == "pretrained weights"]

    assert [one["found"] for one in found()] == ["none on this machine"]
    snapshot = tmp_path / "hub/models--timm--resnet18.a1_in1k/snapshots/abc"
    snapshot.mkdir(parents=True)
    (tmp_path / "hub/models--timm--vit.empty/snapshots").mkdir(parents=True)
    (snapshot / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights/own.pth").write_bytes(bytes(reach.LEAST_BYTES))
    assert [one["found"] for one in found()] == ["resnet18.a1_in1k, weights/own.pth"]
