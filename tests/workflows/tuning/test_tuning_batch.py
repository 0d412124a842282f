from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import miniatures
import pytest
import torch
from command_line import podium

from podium.cli.options import parse_bytes
from podium.competition.spec import load_competition
from podium.errors import RecipeError, RunError, UsageError
from podium.training.fit import trial_steps
from podium.workflows.initialising import init_workspace
from podium.workflows.tuning import rate_and_batch
from podium.workflows.tuning.rate_and_batch import batch_trials
from podium.workspace.layout import Workspace

TINY = """
model: {backbone: cnn, pretrained: false}
input: {size: 32, train: none}
phases:
  - {name: only, epochs: 1}
"""


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace as `podium init` leaves it; tests work in copies of it."""
    root = tmp_path_factory.mktemp("initialised")
    miniatures.table_and_images(root / "data")
    init_workspace(root / "data", root)
    (root / "recipes" / "tiny.yaml").write_text(TINY)
    return root


@pytest.fixture
def workspace(initialised: Path, tmp_path: Path) -> Workspace:
    return Workspace(shutil.copytree(initialised, tmp_path / "copy"))


@pytest.mark.slow
def test_real_steps_are_measured_and_nothing_is_kept(workspace: Workspace) -> None:
    text = podium(workspace.root, "tune", "batch", "tiny", "--most", 16, "--json")
    answer = json.loads(text[text.index("{") :])
    assert [one["size"] for one in answer["trials"]] == [8, 16]
    assert all(one["speed"] > 0 and one["memory"] > 0 for one in answer["trials"])
    assert answer["largest"] == 16
    assert not workspace.runs.exists() or not list(workspace.runs.iterdir())


@pytest.mark.slow
@pytest.mark.long
def test_a_batch_larger_than_the_memory_does_not_fit(workspace: Workspace) -> None:
    competition = load_competition(workspace.competition_file)
    trials = batch_trials(workspace, competition, "tiny", start=1, memory=1)
    assert [(one.size, one.fits) for one in trials] == [(1, False)]


def test_the_process_decides_and_the_search_goes_on(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(target: str, asked: dict[str, Any], *, timeout_s: float) -> dict[str, Any]:
        size = int(asked["overrides"][-1].removeprefix("batch_size="))
        assert asked["overrides"][:-1] == ["seed=3"]
        if size > 20:
            Path(asked["flag"]).touch()
            raise RunError("it ended without an answer")
        return {"fits": size <= 12, "speed": 10.0, "memory": 7} if size <= 12 else {"fits": False}

    monkeypatch.setattr(rate_and_batch.processes, "call", call)
    competition = load_competition(workspace.competition_file)
    trials = batch_trials(workspace, competition, "tiny", overrides=("seed=3",))
    assert {one.size: one.fits for one in trials} == {
        8: True,
        12: True,
        13: False,
        14: False,
        16: False,
    }
    text = podium(workspace.root, "tune", "batch", "tiny", "-o", "seed=3", "--start", 4)
    assert "the largest that fits: 12" in text
    assert "to write: batch_size: 4" in text
    assert text.endswith("learning rate: podium tune lr tiny -o seed=3 -o batch_size=4\n")


@pytest.mark.parametrize("error", [RecipeError("wrong"), RunError("diverged")])
def test_other_failures_are_errors(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def call(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(rate_and_batch.processes, "call", call)
    competition = load_competition(workspace.competition_file)
    with pytest.raises(type(error)):
        batch_trials(workspace, competition, "tiny")


@pytest.mark.parametrize(
    ("error", "is_of_memory"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
    ],
)
def test_only_memory_that_is_at_its_end_means_that_a_batch_does_not_fit(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, error: Exception, is_of_memory: bool
) -> None:
    def steps(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(trial_steps, "trial_steps", steps)
    asked = {
        "root": str(workspace.root), "scratch": None, "overrides": [], "phase": 0, "limit": None,
        "recipe": str(workspace.recipes / "tiny.yaml"), "flag": "",
    }  # fmt: skip
    if is_of_memory:
        assert trial_steps.measure(asked) == {"fits": False}
    else:
        with pytest.raises(RuntimeError, match="shapes"):
            trial_steps.measure(asked)


def test_no_batch_has_more_images_than_a_fold_learns_from(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = {"fits": True, "speed": 1.0, "memory": 1}
    monkeypatch.setattr(rate_and_batch.processes, "call", lambda *_, **__: fits)
    competition = load_competition(workspace.competition_file)
    trials = batch_trials(workspace, competition, "tiny")
    assert [one.size for one in trials] == [8, 16, 32]  # 40 samples in five folds


def test_a_size_of_memory_is_read_as_people_write_it() -> None:
    assert parse_bytes("4GB", "--memory") == 4 * 10**9
    assert parse_bytes("1.5 GiB", "--memory") == 3 * 2**29
    assert parse_bytes("2000000", "--memory") == 2_000_000
    assert parse_bytes("0.5 tb", "--memory") == 5 * 10**11
    for wrong in ("much", "0GB", "-1GB", "4TBs"):
        with pytest.raises(UsageError, match="--memory takes a size"):
            parse_bytes(wrong, "--memory")
