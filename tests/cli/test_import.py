"""`podium import` on a terminal: what was read, how it is cross-fitted, what it is good for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import podium
from import_workspaces import Team, labels, masks
from inkless_pages import draw_nothing


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    made = labels(tmp_path_factory.mktemp("team"))
    made.table(made.probs()).to_csv(made.root / "oof.csv", index=False)
    made.table(made.test_probs(), made.test).to_csv(made.root / "test.csv", index=False)
    return made


def test_help_shows_an_example(tmp_path: Path) -> None:
    printed = podium(tmp_path, "import", "--help")
    assert "podium import ../notebook/oof.csv --test ../notebook/test.csv" in " ".join(
        printed.split()
    )


def test_the_import_prints_what_was_read_and_its_use(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_nothing(monkeypatch)
    words = ("import", team.root / "oof.csv", "--test", team.root / "test.csv", "--name", "effnet")
    printed = podium(team.root, *words)
    assert "24" in printed
    assert "6 × 1" in printed
    assert "accuracy" in printed
    assert "out of fold: by the folds of folds.csv" in printed
    assert "it can be blended, tuned and submitted; it cannot teach" in printed
    made = podium(team.root, *words, "--json")
    assert "is there already" in made
    [facts] = json.loads(made[made.index("[\n") : made.rindex("]") + 1])
    assert facts["cross_fitted"] == "ours"
    assert facts["tasks"]["classify"]["oof_rows"] == 24
    assert facts["scores"]["metric"] == "accuracy"
    assert "effnet" in podium(team.root, "blend", "effnet", "--method", "mean", "--trials", 2)
    assert "effnet" in podium(team.root, "tune", "thresholds", facts["id"], "--trials", 2)
    assert "out of fold: by the folds of folds.csv" in podium(team.root, "show", facts["id"])
    refused = podium(team.root, "pseudo", "effnet", "--split", "test", code=2)
    assert "was not made by this workspace's fold models" in refused
    assert podium(team.root, "report").strip().endswith("index.html")
    podium(team.root, "ledger", "rebuild")
    assert facts["id"] in podium(team.root, "ledger", "show", "--kind", "import")


def test_a_marked_import_shows_the_reason_and_the_remedy(team: Team) -> None:
    silent = team.table(team.probs(1)).drop(columns="fold")
    silent.to_csv(team.root / "silent.csv", index=False)
    printed = podium(team.root, "import", team.root / "silent.csv")
    assert "out of fold: not shown, no folds were declared" in printed
    assert "it cannot be blended: it does not name the fold of each row" in printed
    refused = podium(team.root, "blend", "silent", code=2)
    assert "--trust-folds" in refused
    trusted = podium(team.root, "import", team.root / "silent.csv", "--trust-folds")
    assert "on your word (--trust-folds)" in trusted
    assert "without --test not submitted" in trusted
    alone = podium(team.root, "import", "--test", team.root / "test.csv", "--name", "alone")
    assert "no out-of-fold rows" in alone
    assert "podium import OOF --test TEST" in podium(team.root, "submit", "alone", code=2)


def test_masks_and_folds_in_a_file(tmp_path: Path) -> None:
    team = masks(tmp_path)
    (tmp_path / "oof").mkdir()
    for one in team.ids:
        np.save(tmp_path / "oof" / f"{one}.npy", team.mask_probs()[one])
    folds = team.workspace.folds_file
    printed = podium(tmp_path, "import", tmp_path / "oof", "--folds-file", folds, "--name", "unet")
    assert "masks" in printed
    assert "mean_dice" in printed


def test_a_run_of_another_workspace(team: Team, tmp_path: Path) -> None:
    other = labels(tmp_path / "other")
    other.add_run("baseline", 2)
    assert "baseline-00000002" in podium(team.root, "import", other.root, code=2)
    assert "baseline" in podium(team.root, "import", other.root, "--run", "baseline")
    words = ("import", other.root, "--run", "baseline", "--logits")
    assert "has its own test data, ids and folds" in podium(team.root, *words, code=2)
    file = team.root / "oof.csv"
    assert "--run is of another" in podium(team.root, "import", file, "--run", "x", code=2)


def test_the_name_of_a_run_stays_that_runs(tmp_path: Path) -> None:
    """Without, `podium blend baseline` would take the import, which is newer."""
    ours, other = labels(tmp_path / "ours"), labels(tmp_path / "other")
    ours.add_run("baseline", 1)
    other.add_run("baseline", 2)
    words = ("import", other.root, "--run", "baseline")
    printed = podium(ours.root, *words, code=2)
    assert "'baseline' is the name of baseline-00000001" in printed
    assert "--name their-baseline" in printed
    assert not list((ours.root / "imports").glob("*"))
    assert "their-baseline-" in podium(ours.root, *words, "--name", "their-baseline")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "no predictions are named"),
        (("nothing.csv",), "there is no such file"),
        (("nothing.npz",), "there is no such file"),
        (("nothing.npy",), "does not say which rows"),
        (("nothing.npy", "--ids", "nothing.txt"), "there is no such file"),
        (("nothing",), "there is no such file or folder"),
        (("competition.yaml",), "predictions are not read from .yaml"),
        (("oof.csv", "data"), "labels and masks are named together"),
        (("data",), "data: a folder is of masks, and this competition has labels only"),
        (("oof.csv", "--folds-file", "nothing.csv"), "there is no such file"),
        (("oof.csv", "--ids", "ids.txt"), "files of ids: 1, and bare npy files: 0"),
        (("oof.csv", "--name", "a/b"), "it names a folder"),
        (("oof.csv", "--test", "oof.csv"), "more rows than samples (6)"),
    ],
)
def test_a_wrong_call_is_one_message(team: Team, words: tuple[str, ...], message: str) -> None:
    places = [word if word.startswith("--") or "/" in word else team.root / word for word in words]
    printed = podium(team.root, "import", *places, code=2)
    assert message in printed
    assert printed.count("podium: ") == 1


def test_the_snippets_of_the_page_import_files_frames_and_arrays(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Path(__file__).resolve().parents[2] / "docs/importing.md"
    snippets = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    oof, test = team.table(team.probs(1)), team.table(team.test_probs(1), team.test)
    tables = tmp_path / "tables"
    tables.mkdir()
    oof.to_csv(tables / "oof.csv", index=False)
    test.to_csv(tables / "test.csv", index=False)
    monkeypatch.chdir(tables)
    names: dict[str, Any] = {
        "oof_frame": oof, "test_frame": test, "oof": team.probs(1), "test": team.test_probs(1)
    }  # fmt: skip
    for snippet in snippets:
        exec(compile(snippet.replace("~/leaves", str(team.root)), str(page), "exec"), names)
    runs = names["ws"].runs()
    scores = dict(zip(runs["run"].str.partition("-")[0], runs["oof"], strict=True))
    assert names["made"]["oof"].tolist() == [scores["xgb"]] == [scores["lgbm"]]
