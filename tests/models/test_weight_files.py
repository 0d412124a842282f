"""`weights:` names one file, and the half that finds it needs no torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from podium.errors import RecipeError
from podium.models.weights.files import find_weights


def test_a_relative_path_starts_from_the_root_and_an_absolute_one_does_not(tmp_path: Path) -> None:
    (tmp_path / "w.pth").touch()
    assert find_weights("w.pth", tmp_path) == tmp_path / "w.pth"
    assert find_weights(str(tmp_path / "w.pth"), Path("/elsewhere")) == tmp_path / "w.pth"


def test_a_folder_gives_its_only_file_or_the_hubs_usual_one(tmp_path: Path) -> None:
    (tmp_path / "config.json").touch()
    (tmp_path / "resnet18.pth").touch()
    assert find_weights(".", tmp_path).name == "resnet18.pth"
    (tmp_path / "pytorch_model.bin").touch()
    assert find_weights(".", tmp_path).name == "pytorch_model.bin"
    (tmp_path / "model.safetensors").touch()
    assert find_weights(".", tmp_path).name == "model.safetensors"


def test_the_hubs_cache_folder_is_searched_below(tmp_path: Path) -> None:
    snapshot = tmp_path / "models--timm--resnet18" / "snapshots" / "0a1b"
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").touch()
    (snapshot / "pytorch_model.bin").touch()
    found = find_weights("models--timm--resnet18", tmp_path)
    assert found == snapshot / "model.safetensors"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("none.pth", r"there is no .*none\.pth"),
        ("empty", "holds no file of weights"),
        ("two", r"holds several: 'a\.pth', 'b\.pth'"),
        ("package:no_such_package/w.pth", "pip install no-such-package"),
        ("package:os/w.pth", "is not installed"),
        ("package:pytest/no-such.pth", "there is no"),
    ],
)
def test_missing_weights_are_reported(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "b.pth").touch()
    (tmp_path / "two" / "a.pth").touch()
    with pytest.raises(RecipeError, match=f"(?s){complaint}"):
        find_weights(text, tmp_path)


def test_a_file_in_an_installed_package_is_found_without_importing_it() -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from podium.models.weights.files import find_weights;"
        "print(find_weights('package:sklearn/__init__.py', Path()).is_file(),"
        "      'sklearn' in sys.modules, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False"]
