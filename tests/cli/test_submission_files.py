"""What `podium submit` prints of a dry run, and `podium check` of a file."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from command_line import podium
from import_workspaces import Team, labels
from inkless_pages import draw_nothing

from podium.cli.submission_files import print_receipt
from podium.competition.samples import truth
from podium.reporting import build_report
from podium.workspace.layout import Workspace


def test_a_dry_run_is_called_so_and_has_no_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    receipt: Any = SimpleNamespace(file="submissions/a.csv", state="dry_run", ref=None)
    nothing: Any = None
    print_receipt(Workspace(tmp_path), nothing, receipt, dry_run=True, as_json=False)
    assert capsys.readouterr().out == (
        "submissions/a.csv: dry run, written and checked; nothing was sent, so there is no score\n"
    )


def test_the_number_of_an_upload_is_said_to_be_the_hosts_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("podium.cli.submission_files.load_board", lambda *_, **__: None)
    monkeypatch.setattr("podium.cli.submission_files.print_board", lambda *_, **__: None)
    receipt: Any = SimpleNamespace(
        id="aa", file="submissions/a.csv", state="complete", ref=40, public_score=0.5
    )
    nothing: Any = None
    print_receipt(Workspace(tmp_path), nothing, receipt, dry_run=False, as_json=False)
    told = "the host's number 40, which counts the files of all teams"
    first = capsys.readouterr().out.splitlines()[0]
    assert first == f"submissions/a.csv: complete, public score 0.5000 ({told})"


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Two imports: `good` is always right out of fold, `bad` is always wrong."""
    made = labels(tmp_path / "team")
    made.table(made.test_probs(), made.test).to_csv(made.root / "test.csv", index=False)
    right = np.eye(3)[truth(made.samples, made.competition)]
    for name, probs in (("good", right), ("bad", right[:, [1, 2, 0]])):
        made.table(probs).to_csv(made.root / f"{name}.csv", index=False)
        words = ("import", made.root / f"{name}.csv", "--test", made.root / "test.csv")
        podium(made.root, *words, "--name", name)
    return made


def test_a_dry_run_names_a_blend_with_a_better_honest_score(team: Team) -> None:
    assert "better honest score" not in podium(team.root, "submit", "bad", "--dry-run")
    made = podium(team.root, "submit", "good", "--dry-run")
    assert "better honest score" not in made
    [good] = team.workspace.blends.glob("only-good-*")
    file = team.workspace.submissions / f"{good.name}.csv"
    [line] = [
        one
        for one in podium(team.root, "submit", "bad", "--dry-run").splitlines()
        if "better honest score" in one
    ]
    assert line == (
        f"  {good.name} has a better honest score, 1.0000 (here 0.0000) in 100% of draws: "
        f"its file is {file}"
    )
    file.unlink()
    again = podium(team.root, "submit", "bad", "--dry-run")
    assert f"`podium submit {good.name} --dry-run` writes its file" in again


def test_the_verdict_on_a_file_names_it(team: Team) -> None:
    podium(team.root, "submit", "good", "--dry-run")
    [file] = team.workspace.submissions.glob("only-good-*.csv")
    assert podium(team.root, "check", file).splitlines()[-1] == f"{file}: no problem found"
    header, *rows = file.read_text().splitlines()
    wrong = team.root / "wrong.csv"
    wrong.write_text("\n".join([header, *rows[1:]]) + "\n")  # a row is missing
    shown = podium(team.root, "check", wrong, code=2).splitlines()
    assert shown[0] == f"{wrong}: 1 error"
    assert len(shown) > 1


def test_a_name_that_is_no_file_is_answered_with_the_command_for_it(team: Team) -> None:
    """Of a recipe and of a blend, also where it is misspelt; of another file as before."""
    podium(team.root, "submit", "good", "--dry-run")
    (team.root / "recipes").mkdir(exist_ok=True)
    (team.root / "recipes/frozen.yaml").write_text("")
    told = {
        "frozenn": "frozen is a recipe: `podium train frozen` trains it",
        "only-good": "only-good is a blend: `podium submit only-good --dry-run` writes its file",
        "submission.csv": "correct the path submission.csv",
    }
    for name, fix in told.items():
        printed = " ".join(podium(team.root, "check", name, code=2).split())
        assert "there is no such file; podium check takes a file to send" in printed
        assert fix in printed


def test_submit_blend_and_report_say_the_same_of_a_gain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blend beside its best member: as sure in all three, and in the same words."""
    draw_nothing(monkeypatch)
    made = labels(tmp_path, n=60)
    made.table(made.test_probs(), made.test).to_csv(tmp_path / "test.csv", index=False)
    rng, right = np.random.default_rng(3), np.eye(3)[truth(made.samples, made.competition)]
    for name in ("left", "other"):
        noisy = np.exp(1.5 * right + rng.standard_normal(right.shape))
        table = made.table(noisy / noisy.sum(axis=1, keepdims=True))
        table.to_csv(tmp_path / f"{name}.csv", index=False)
        words = ("import", tmp_path / f"{name}.csv", "--test", tmp_path / "test.csv")
        podium(tmp_path, *words, "--name", name)
    printed = podium(tmp_path, "blend", "left", "other", "--method", "mean", "--plain")
    [(member, sure)] = re.findall(
        r"beats its best member \((\w+)-\w+, honest [\d.]+\)(.*)", printed
    )
    assert re.fullmatch(r" in \d+% of draws(, perhaps by chance)?", sure)
    shown = podium(tmp_path, "submit", member, "--dry-run")
    assert re.search(
        rf"has a better honest score, [\d.]+ \(here [\d.]+\){re.escape(sure)}: ", shown
    )
    page = build_report(made.workspace, made.competition).read_text(encoding="utf-8")
    assert re.search(rf"Beats its best member .*\){re.escape(sure)}\.", page)
