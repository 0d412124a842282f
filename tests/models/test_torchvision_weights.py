"""torchvision's weights by name: out of torch's cache, else fetched and checked, else an error."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torchvision import models

from podium.errors import RecipeError
from podium.models.network import build_network
from podium.models.spec import ModelSpec
from podium.models.weights import from_torchvision
from podium.models.weights.files import find_weights

NAME = "ResNet18_Weights.IMAGENET1K_V1"
FILE = "resnet18-f37072fd.pth"
VOC = "DeepLabV3_ResNet50_Weights.COCO_WITH_VOC_LABELS_V1"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of torch's cache, of an empty TORCH_HOME."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(torch.hub, "_hub_dir", None)
    return tmp_path / "torch" / "hub" / "checkpoints"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Give a folder and the address under which its files are served on this machine."""
    folder = tmp_path / "served"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield folder, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def publish(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(models, "get_weight", lambda name: SimpleNamespace(url=url))


def test_a_file_in_torchs_cache_is_found_and_loaded(cache: Path) -> None:
    cache.mkdir(parents=True)
    theirs = models.resnet18(weights=None).state_dict()
    torch.save(theirs, cache / FILE)
    assert find_weights(f"torchvision:{NAME}", Path("/elsewhere")) == cache / FILE
    spec = ModelSpec(backbone="resnet18", weights=f"torchvision:{NAME}")
    network = build_network(spec, n_outputs={"classify": 2}, image_size=(32, 32))
    for key, tensor in network.backbone.state_dict().items():
        assert torch.equal(tensor, theirs[key]), key
    assert network.loaded is not None
    assert network.loaded.left == ("fc.weight", "fc.bias")
    assert not network.loaded.by_position


def test_a_segmentation_networks_name_gives_its_file(cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / "deeplabv3_resnet50_coco-cd0a2569.pth").touch()
    found = find_weights(f"torchvision:{VOC}", Path())
    assert found.name == "deeplabv3_resnet50_coco-cd0a2569.pth"


def test_what_is_not_in_the_cache_is_fetched_once_and_checked(
    cache: Path, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = served
    content = b"weights"
    name = f"net-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    (folder / name).write_bytes(content)
    publish(monkeypatch, f"{address}/{name}")
    before = socket.getdefaulttimeout()
    assert from_torchvision.find_torchvision_weights(NAME) == cache / name
    assert (cache / name).read_bytes() == content
    assert socket.getdefaulttimeout() == before
    (folder / name).unlink()
    assert from_torchvision.find_torchvision_weights(NAME) == cache / name


def test_a_download_with_another_hash_is_refused_and_not_kept(
    cache: Path, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = served
    (folder / "net-01234567.pth").write_bytes(b"<html>a proxy's page</html>")
    publish(monkeypatch, f"{address}/net-01234567.pth")
    with pytest.raises(RecipeError, match="invalid hash"):
        from_torchvision.find_torchvision_weights(NAME)
    assert not list(cache.iterdir())


def test_a_file_missing_on_the_server_is_reported(
    cache: Path, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(monkeypatch, f"{served[1]}/net-01234567.pth")
    with pytest.raises(RecipeError, match="404"):
        from_torchvision.find_torchvision_weights(NAME)


def test_without_network_the_error_comes_within_seconds_with_the_path_for_the_file(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:9/models/{FILE}"
    publish(monkeypatch, url)
    started = time.monotonic()
    with pytest.raises(RecipeError) as raised:
        build_network(
            ModelSpec(backbone="resnet18", weights=f"torchvision:{NAME}"),
            n_outputs={"classify": 2},
        )
    assert time.monotonic() - started < 30
    assert url in str(raised.value)
    assert str(cache / FILE) in str(raised.value)


def test_download_from_an_unresponsive_server_times_out(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(from_torchvision, "REACH_WITHIN_S", 0.2)
    assert from_torchvision.STALLED_AFTER_S >= 30  # what it takes without that
    with socket.create_server(("127.0.0.1", 0)) as mute:
        publish(monkeypatch, f"http://127.0.0.1:{mute.getsockname()[1]}/{FILE}")
        started = time.monotonic()
        with pytest.raises(RecipeError, match="timed out"):
            from_torchvision.find_torchvision_weights(NAME)
        assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ResNet18_Weights.IMAGENET1K_V7", r"write .*torchvision:ResNet18_Weights\.IMAGENET1K_V1"),
        ("ResNet18_Weights", r"write torchvision:ResNet18_Weights\.IMAGENET1K_V1 or"),
        ("resnet5O", r"write torchvision:ResNet50_Weights\.IMAGENET1K_V1 or .*50_Weights.*_V2"),
        ("vit_b_16", r"write torchvision:ViT_B_16_Weights\.IMAGENET1K_V1 or"),
        ("nothing", "list_models"),
        ("", "list_models"),
    ],
)
def test_an_unknown_name_is_refused_with_the_near_ones(name: str, hint: str) -> None:
    with pytest.raises(RecipeError, match=f"(?s)torchvision has no .*{hint}"):
        find_weights(f"torchvision:{name}", Path())
