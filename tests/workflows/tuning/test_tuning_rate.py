from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import miniatures
import numpy as np
import pytest
from command_line import podium

from podium.competition.spec import load_competition
from podium.errors import RecipeError, UsageError
from podium.training.fit import trial_steps
from podium.training.recipe import load_recipe
from podium.tuning.learning_rate import LearningRateTest
from podium.workflows.initialising import init_workspace
from podium.workflows.tuning import rate_and_batch
from podium.workflows.tuning.rate_and_batch import RecipeRate, batch_trials, range_test
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress

TINY = """
model: {backbone: cnn, pretrained: false, heads: {classify: {}}}
input: {size: 32, train: none}
optimizer: {name: sgd, momentum: 0, lr: 1e-3, weight_decay: 0}
batch_size: 8
phases:
  - {name: first, epochs: 1}
  - {name: second, epochs: 1, optimizer: {lr: 2e-3}}
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


def test_a_miniature_learns_at_some_rate_and_diverges_at_a_higher_one(
    workspace: Workspace,
) -> None:
    competition = load_competition(workspace.competition_file)
    found, own = range_test(workspace, competition, "tiny", steps=60, low=1e-4, high=1e4)
    assert own == RecipeRate("optimizer.lr", 1e-3)
    assert found.steepest is not None
    assert found.diverges is not None
    assert found.steepest < found.diverges
    assert len(found.losses) <= 60
    again, _ = range_test(workspace, competition, "tiny", steps=60, low=1e-4, high=1e4)
    assert list(again.losses) == list(found.losses)
    assert not workspace.runs.exists() or not list(workspace.runs.iterdir())


def test_the_rate_is_that_of_each_step_and_not_of_the_schedule(workspace: Workspace) -> None:
    competition = load_competition(workspace.competition_file)
    kept = range_test(workspace, competition, "tiny", steps=10, low=1e-12, high=1e-11)[0]
    other = range_test(
        workspace, competition, "tiny", overrides=("optimizer.lr=7",), steps=10, low=1e-12,
        high=1e-11,
    )[0]  # fmt: skip
    assert list(kept.losses) == pytest.approx(list(other.losses), rel=1e-5)


def test_a_phase_is_found_by_its_name(workspace: Workspace) -> None:
    competition = load_competition(workspace.competition_file)
    _, rate = range_test(workspace, competition, "tiny", phase="second", steps=2)
    assert rate.value == 2e-3
    # The key changes the rate of this phase, and of no other.
    changed = load_recipe(workspace.recipes / "tiny.yaml", (f"{rate.key}=0.5",))
    assert changed.optimizer.lr == 1e-3
    assert [one.optimizer and one.optimizer.lr for one in changed.phases] == [None, 0.5]
    with pytest.raises(UsageError, match="no phase 'third'"):
        range_test(workspace, competition, "tiny", phase="third")
    with pytest.raises(UsageError, match="no rise"):
        range_test(workspace, competition, "tiny", low=1.0, high=0.1)


@pytest.mark.parametrize("method", ["simsiam", "fixmatch"])
def test_phases_of_other_methods_are_tested_too(workspace: Workspace, method: str) -> None:
    (workspace.root / "recipes" / "other.yaml").write_text(
        f"model: {{backbone: cnn, pretrained: false}}\ninput: {{size: 32}}\nbatch_size: 4\n"
        f"phases:\n  - {{name: only, epochs: 1, method: {{name: {method}}}}}\n"
    )
    competition = load_competition(workspace.competition_file)
    assert len(range_test(workspace, competition, "other", steps=3, high=1e-4)[0].losses) == 3


@pytest.mark.slow
def test_the_command_prints_both_rates_and_draws_them(workspace: Workspace, tmp_path: Path) -> None:
    before = sorted(path for path in tmp_path.rglob("*.yaml"))
    words = ("tune", "lr", "tiny", "--steps", "40", "--low", "1e-4", "--high", "1e4")
    text = podium(workspace.root, *words, "--figure", tmp_path / "lr.svg")
    assert "diverges at lr" in text
    assert "is safe" in text
    assert "falls fastest at lr" in text
    rates = re.findall(r"(?:falls fastest at lr|at most) (\S+)", text)
    lowest = min(rates, key=float)
    assert text.endswith(f"\nnext: podium train tiny -o optimizer.lr={lowest}\n")
    assert "<svg" in (tmp_path / "lr.svg").read_text()
    answer = json.loads(podium(workspace.root, *words, "--json"))
    assert 0 < answer["safe"] <= answer["diverges"] / 10 * (1 + 1e-9)
    assert sorted(path for path in tmp_path.rglob("*.yaml")) == before


def test_a_figure_is_named_as_what_it_is(workspace: Workspace, tmp_path: Path) -> None:
    text = podium(tmp_path, "tune", "lr", "tiny", "--figure", tmp_path / "lr.png", code=2)
    assert "lr.svg" in text
    assert not (tmp_path / "lr.png").exists()


@pytest.mark.parametrize("tune", [range_test, batch_trials])
def test_weights_are_looked_for_before_an_image_is_read(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tune: Callable[..., object]
) -> None:
    competition = load_competition(workspace.competition_file)
    for name in ("plan_job", "_n_images"):
        monkeypatch.setattr(rate_and_batch, name, lambda *_, **__: pytest.fail("images were read"))
    with pytest.raises(RecipeError, match="gone"):
        tune(workspace, competition, "tiny", overrides=("model.weights=gone.pth",))


def test_progress_and_result_are_lines_for_a_machine_until_the_command_is_over(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(*_: object, progress: Progress, **__: object) -> tuple[LearningRateTest, RecipeRate]:
        progress.say("it begins")
        with progress.bar("steps", 2) as advance:
            advance(2)
        return LearningRateTest(np.array([0.1, 0.2]), np.array([1.0, np.nan])), RecipeRate(
            "lr", 0.5
        )

    monkeypatch.setattr("podium.cli.tuning.rate_and_batch.range_test", found)
    shown = podium(workspace.root, "tune", "lr", "tiny", "--json-lines").splitlines()
    predicted, counted, result = (json.loads(line) for line in shown)
    assert predicted == {"event": "message", "text": "it begins"}
    assert (counted["event"], counted["done"], counted["total"]) == ("progress", 2, 2)
    assert result.pop("event") == "result"
    # What comes after is for a person again.
    shown = podium(workspace.root, "tune", "lr", "tiny", "--json")
    assert shown.startswith("it begins\n{\n")
    assert json.loads(shown[shown.index("{") :]) == result


@pytest.mark.parametrize("command", ["lr", "batch", "losses", "recipe"])
def test_a_wrong_loss_is_named_with_the_line_and_the_nearest_right_name(
    workspace: Workspace, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `podium train` does; the search of losses needs two terms."""

    def call(_: str, asked: dict[str, Any], **__: Any) -> dict[str, Any]:
        """Measure here: a fresh process loads torch for ten seconds, only to refuse."""
        return trial_steps.measure({**asked, "limit": None})

    monkeypatch.setattr(rate_and_batch.processes, "call", call)
    wrong = TINY.replace("epochs: 1}", "epochs: 1,\n     loss: {classify: {ce: 1, focall: 1}}}", 1)
    (workspace.recipes / "wrong.yaml").write_text(wrong)
    space = workspace.root / "space.yaml"
    space.write_text("optimizer.lr: {low: 1e-4, high: 1e-2}\n")
    line = next(n for n, one in enumerate(wrong.splitlines(), 1) if "focall" in one)
    more = ["--space", space] if command == "recipe" else []
    text = podium(workspace.root, "tune", command, "wrong", *more, code=2)
    assert (
        f"wrong.yaml:{line}: phases[0].loss.classify.focall: there is no 'focall' among the losses"
        in text
    )
    assert "fix: write focal" in text
