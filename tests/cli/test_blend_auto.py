"""`podium blend --auto` and `podium show --members`, on runs that are handmade."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from command_line import podium
from inkless_pages import draw_nothing
from rich.console import Console
from workflows.submission.test_rehearsing import labels, save

from podium.cli.blends import print_families
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples, truth
from podium.ensembling import read_blend
from podium.ensembling.members import read_members, write_members
from podium.predictions import write_fold
from podium.reporting import build_report
from podium.workflows.blends.blending import blend_runs, member_contributions
from podium.workspace.atomic import write_json

NAMES = ("weak-00000001", "fair-00000002", "good-00000003")


def three_runs(root: Path) -> list[str]:
    """Write three runs of rising strength in a competition of three classes."""
    workspace, competition = labels(
        root, "multiclass", {"name": "accuracy"}, {"value": "name"}, more={"folds": {"n": 3}}
    )
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    right = truth(samples, competition)
    rng = np.random.default_rng(0)
    for strength, name in zip((0.3, 1.0, 1.5), NAMES, strict=True):
        raw = np.exp(strength * np.eye(3)[right] + rng.standard_normal((len(right), 3)))
        predicted = (raw / raw.sum(1, keepdims=True)).astype(np.float32)
        place = workspace.runs / name / "predictions" / "aabbccdd"
        for fold in range(3):
            at = np.flatnonzero(folds == fold)
            ids = [str(samples["id"].iloc[i]) for i in at]
            write_fold(place, "oof", "classify", fold, ids=ids, probs=predicted[at], model="m")
    return [str(workspace.runs / name / "predictions" / "aabbccdd") for name in NAMES]


@pytest.mark.slow
def test_auto_prints_a_table_to_decide_from_and_a_second_call_fits_nothing(tmp_path: Path) -> None:
    members = three_runs(tmp_path)
    options = ("--auto", "--methods", "mean,geometric,hill_climb", "--trials", 2)
    output = podium(tmp_path, "blend", *members, *options)
    assert "3 ways to blend 3 members" in output
    for word in ("honest accuracy", "optimism", "beats best member", "numbers fitted", "→ "):
        assert word in output
    assert "honest score of choosing so" in output
    assert "beats its best member (good-00000003, honest" in output

    folder = next((tmp_path / "blends").glob("auto-*"))
    blend, _ = read_blend(folder)
    record = (folder / "record.json").read_bytes()
    found = json.loads(podium(tmp_path, "show", folder.name, "--json"))
    assert [one["method"] for one in found["choice"]["families"]] == list(blend.choice.asked)
    assert found["choice"]["chosen"] == found["method"] == blend.method
    assert blend.choice.reason in podium(tmp_path, "show", folder.name)

    again = podium(tmp_path, "blend", *members, *options)
    assert "is there already" in again
    assert (folder / "record.json").read_bytes() == record
    podium(tmp_path, "blend", *members, "--auto", "--methods", "mean,geometric", "--trials", 2)
    assert len(list((tmp_path / "blends").glob("auto-*"))) == 2


def test_a_chosen_blend_is_blended_again_as_any_other(tmp_path: Path) -> None:
    """What is written is an ordinary blend: the method's own makes the same of the members."""
    members = three_runs(tmp_path)
    workspace, competition = opened(tmp_path)
    chosen, _ = read_blend(
        blend_runs(workspace, competition, members, families=["mean", "geometric"], trials=2)
    )
    plain, _ = read_blend(
        blend_runs(workspace, competition, members, method=chosen.method, trials=2)
    )
    assert plain.weights == chosen.weights
    own = {one.method: one.honest for one in chosen.choice.families}
    assert plain.honest == own[chosen.method]
    assert chosen.honest == chosen.choice.nested
    assert plain.choice is None


@pytest.mark.slow
def test_the_members_of_a_chosen_blend_are_shown_with_both_of_its_honest_scores(
    tmp_path: Path,
) -> None:
    members = three_runs(tmp_path)
    workspace, competition = opened(tmp_path)
    folder = blend_runs(
        workspace, competition, members, families=["mean", "geometric"], trials=2, name="auto"
    )
    chosen, _ = read_blend(folder)
    nested = chosen.honest + 0.01  # on these rows the choice is the same in all folds
    record = json.loads((folder / "record.json").read_text())
    record["details"]["honest"] = nested
    write_json(folder / "record.json", record)
    of_method = {one.method: one.honest for one in chosen.choice.families}[chosen.method]
    first = podium(tmp_path, "show", folder.name, "--members").splitlines()
    [title] = [line for line in first if line.strip().startswith(f"{folder.name}: honest")]
    assert f"accuracy {nested:.4f} with the choice of the method" in title
    assert title.strip().endswith(f"of {chosen.method} by itself, as all below: {of_method:.4f}")
    found = json.loads(podium(tmp_path, "show", folder.name, "--members", "--json"))
    assert (found["honest"], found["honest_with_choice"]) == (of_method, nested)
    # The table is kept, though the blend's score is another one.
    kept = read_members(folder)
    write_members(folder, replace(kept, best="as it was told"))
    assert member_contributions(workspace, competition, folder).best == "as it was told"


def test_the_report_shows_what_each_member_adds_or_the_command_that_computes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a blend whose method was chosen, whose own honest score is another one."""
    draw_nothing(monkeypatch)
    members = three_runs(tmp_path)
    workspace, competition = opened(tmp_path)
    folder = blend_runs(
        workspace, competition, members, families=["mean", "geometric"], trials=2, name="auto"
    )
    record = json.loads((folder / "record.json").read_text())
    record["details"]["honest"] += 0.01
    write_json(folder / "record.json", record)
    told = f"What each member adds is shown here after <code>podium show {folder.name} --members"

    def page() -> str:
        return build_report(workspace, competition).read_text(encoding="utf-8")

    assert told in page()
    assert "keeping it gains" not in page()
    found = json.loads(podium(tmp_path, "show", folder.name, "--members", "--json"))
    shown = page()
    assert told not in shown
    assert "keeping it gains" in shown
    for one in found["members"]:
        gain = f"{one['dropped']['gain']:+.4f} ± {one['dropped']['error']:.4f}"
        assert gain.replace("-", "−") in shown


def opened(root: Path):
    from podium.competition.spec import load_competition
    from podium.workspace.layout import Workspace

    return Workspace(root), load_competition(root)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--methods", "mean"), "--methods names those that --auto tries"),
        (("--auto", "--method", "mean"), "--auto chooses the method"),
        (("--auto", "--methods", "mean,mean"), "named more than once: 'mean'"),
        (("--auto", "--methods", "meen"), "write mean"),
    ],
)
def test_what_cannot_be_chosen_is_refused(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    members = three_runs(tmp_path)
    assert message in podium(tmp_path, "blend", *members, *words, code=2)


def test_one_member_leaves_nothing_to_choose(tmp_path: Path) -> None:
    members = three_runs(tmp_path)
    assert "nothing to choose" in podium(tmp_path, "blend", members[0], "--auto", code=2)


@pytest.mark.slow
def test_what_each_member_brings_is_printed(tmp_path: Path) -> None:
    members = three_runs(tmp_path)
    podium(tmp_path, "blend", *members, "--method", "mean", "--trials", 2)
    folder = next((tmp_path / "blends").glob("blend-*"))
    output = podium(tmp_path, "show", folder.name, "--members")
    for word in (*NAMES, "without it", "keeping it gains", "errs most like", "correlation"):
        assert word in output
    found = json.loads(podium(tmp_path, "show", folder.name, "--members", "--json"))
    assert [one["name"] for one in found["members"]] == list(NAMES)
    assert found["honest"] == read_blend(folder)[0].honest
    assert np.array(found["correlation"]).shape == (3, 3)


def test_members_of_other_data_are_not_compared(tmp_path: Path) -> None:
    members = three_runs(tmp_path)
    podium(tmp_path, "blend", *members, "--method", "mean", "--trials", 2)
    lines = (tmp_path / "train.csv").read_text().splitlines()
    lines[1] = lines[1][:-1] + ("b" if lines[1].endswith("a") else "a")
    (tmp_path / "train.csv").write_text("\n".join(lines) + "\n")
    folder = next((tmp_path / "blends").glob("blend-*"))
    assert "changed since" in podium(tmp_path, "show", folder.name, "--members", code=1)


@pytest.mark.slow
def test_a_blend_with_a_threshold_estimates_its_rates_on_the_test_set(tmp_path: Path) -> None:
    """Test predictions lie closer together, and the threshold says yes more seldom there."""
    workspace, competition = labels(tmp_path, "binary", {"name": "f1"}, {"value": "label"})
    for k in range(8):
        save(tmp_path / f"test/t{k}.png", np.full((4, 4, 3), k, np.uint8))
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    right = truth(samples, competition)
    place = workspace.runs / NAMES[0] / "predictions" / "aabbccdd"
    for fold in range(3):
        at = np.flatnonzero(folds == fold)
        ids = [str(samples["id"].iloc[i]) for i in at]
        probs = (0.1 + 0.8 * right[at, None]).astype(np.float32)
        write_fold(place, "oof", "classify", fold, ids=ids, probs=probs, model="m")
        output = np.linspace(0.1, 0.6, 8, dtype=np.float32)[:, None]
        names = [f"t{k}" for k in range(8)]
        write_fold(place, "test", "classify", fold, ids=names, probs=output, model="m")
    printed = podium(tmp_path, "blend", place, "--json")
    found = json.loads(printed[printed.index("{") :])
    (rate,) = found["rates"]
    assert rate["oof_rate"] == 0.5
    threshold = found["decision"][0]["threshold"] if found["decision"] else 0.5
    assert rate["test_rate"] == (np.linspace(0.1, 0.6, 8) >= threshold).mean()
    assert rate["matched_rate"] == 0.5
    output = podium(tmp_path, "blend", place)
    assert "predicted positive" in output
    for one in ("rate-matched", "--match-rates"):
        assert one not in output, "on the folds it brings nothing"
    assert "rates" not in json.loads(podium(tmp_path, "show", "blend", "--json"))


@pytest.mark.slow
def test_the_report_shows_the_families(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_nothing(monkeypatch)
    members = three_runs(tmp_path)
    workspace, competition = opened(tmp_path)
    folder = blend_runs(
        workspace, competition, members, families=["mean", "hill_climb", "stack_ridge"], trials=2
    )
    blend, _ = read_blend(folder)
    page = build_report(workspace, competition).read_text(encoding="utf-8")
    assert "Chosen of 2 families" in page
    assert html.escape(blend.choice.reason) in page
    assert f"in {blend.beats_best:.0%} of draws" in page
    assert "stack ridge refused" in page


def test_the_next_step_is_to_send_the_member_that_scores_better_alone(tmp_path: Path) -> None:
    weak, _, good = three_runs(tmp_path)
    lines = podium(tmp_path, "blend", weak, good, "--method", "mean", "--trials", 2).splitlines()
    (note,) = [one for one in lines if "to send it" in one]
    assert note.endswith("; to send it: podium submit good-00000003")
    (made,) = (one.name for one in (tmp_path / "blends").iterdir())
    why = f"it scores better alone than {made}"
    assert lines[-1] == f"next: podium submit good-00000003 --dry-run   ({why})"


def test_no_optimism_is_below_nothing_by_rounding_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blend, _ = read_blend(
        blend_runs(*opened_with_runs(tmp_path), families=["mean", "best"], trials=2)
    )
    assert blend.choice is not None
    families = tuple(replace(one, optimistic=one.honest - 1e-9) for one in blend.choice.families)
    print_families(replace(blend, choice=replace(blend.choice, families=families)), "title")
    output = capsys.readouterr().out
    assert "+0.0000" in output
    assert "-0.0000" not in output


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_table_fits_a_terminal_with_every_cell_that_it_has_whole(
    tmp_path: Path, width: int
) -> None:
    blend, _ = read_blend(
        blend_runs(*opened_with_runs(tmp_path), families=["mean", "geometric"], trials=2)
    )
    on = Console(width=width, file=StringIO(), record=True)
    print_families(blend, "title", on)
    table = on.export_text().split("→ " + blend.choice.reason)[0]
    assert all(len(line) <= width for line in table.splitlines())
    assert "…" not in table
    for one in blend.choice.families:
        low, high = one.honest_interval
        assert f"{one.honest:.4f} [{low:.4f}, {high:.4f}]" in table
    assert ("optimism" in table) == (width > 60)


def opened_with_runs(root: Path):
    members = three_runs(root)
    return (*opened(root), members)
