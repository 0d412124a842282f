"""A checkpoint is whole or not there, and reading one runs nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from podium.errors import RunError
from podium.models import checkpoints


def test_what_is_saved_comes_back_to_the_bit(tmp_path: Path) -> None:
    state = {"step": 3, "network": {"w": torch.randn(4)}, "names": ["a"], "best": None, "x": 0.1}
    checkpoints.save(tmp_path / "fold-0" / "last.pt", state)
    back = checkpoints.load(tmp_path / "fold-0" / "last.pt")
    assert torch.equal(back["network"]["w"], state["network"]["w"])  # type: ignore[index]
    assert {k: back[k] for k in ("step", "names", "best", "x")} == {
        "step": 3,
        "names": ["a"],
        "best": None,
        "x": 0.1,
    }


def test_a_save_that_fails_keeps_the_old_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    checkpoints.save(path, {"step": 1})
    with pytest.raises(Exception, match="pickle"):
        checkpoints.save(path, {"step": lambda: 2})
    assert checkpoints.load(path) == {"step": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["last.pt"]


@pytest.mark.parametrize("keep", [0, 10, 300])
def test_a_damaged_checkpoint_is_one_clear_error(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "last.pt"
    checkpoints.save(path, {"w": torch.zeros(100)})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(RunError, match=r"last\.pt.*cannot be read"):
        checkpoints.load(path)


class _Attack:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("owned",)


def test_a_pickle_that_would_run_code_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"w": _Attack()}, tmp_path / "evil.pt")
    with pytest.raises(RunError):
        checkpoints.load(tmp_path / "evil.pt")
    assert not (tmp_path / "owned").exists()


def test_a_missing_checkpoint_is_reported_as_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        checkpoints.load(tmp_path / "none.pt")
