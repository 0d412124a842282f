"""Notes of a blend over time folds, and a blend whose writing was interrupted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from recorded_progress import RecordedProgress
from reporting.conftest import made_labels

from podium.competition.spec import Competition, load_competition
from podium.ensembling import read_blend
from podium.errors import UsageError
from podium.training.recipe import load_recipe
from podium.training.runs.content import DATA_FILE, RowContents
from podium.training.runs.train import train
from podium.workflows.blends.blending import blend_runs
from podium.workflows.initialising import init_workspace
from podium.workflows.submission.submitting import find_blend
from podium.workspace.auto_record import AutoRecord, AutoStep, write_auto
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record, write_record

TINY = """\
model: {backbone: cnn, pretrained: false, options: {widths: [4]}}
input: {size: 16, train: none}
phases: [{name: all, epochs: 1}]
"""


def tiny_workspace(miniatures: ModuleType, root: Path) -> tuple[Workspace, Competition]:
    """Return a workspace of 24 images in two folds, with a recipe of one epoch."""
    made = miniatures.table_and_images(root / "data", n=24, groups=False)
    spec = init_workspace(made.data, made.data.parent).root / "competition.yaml"
    spec.write_text(spec.read_text().replace("n: 5", "n: 2", 1))
    workspace, competition = Workspace(root), load_competition(root)
    (workspace.recipes / "tiny.yaml").write_text(TINY)
    return workspace, competition


def test_a_blend_over_time_folds_warns_that_it_looked_ahead(
    miniatures: ModuleType, tmp_path: Path
) -> None:
    made = miniatures.table_and_images(tmp_path / "data", n=48, groups=False)
    lines = (made.data / "train.csv").read_text().splitlines()
    dated = [
        f"{lines[0]},day",
        *(f"{row},2024-01-{i % 28 + 1:02d}" for i, row in enumerate(lines[1:])),
    ]
    (made.data / "train.csv").write_text("\n".join(dated) + "\n")
    spec = init_workspace(made.data, made.data.parent).root / "competition.yaml"
    text = spec.read_text().replace("scheme: stratified", "scheme: time\n  time: day", 1)
    spec.write_text(text.replace("n: 5", "n: 2", 1))
    workspace, competition = Workspace(tmp_path), load_competition(tmp_path)
    (workspace.recipes / "tiny.yaml").write_text(TINY)
    train(workspace, competition, workspace.recipes / "tiny.yaml")
    blend, _ = read_blend(blend_runs(workspace, competition, trials=2))
    assert any("later folds" in note for note in blend.notes)
    assert blend.n_scored < 48  # the first block is never validated


def test_a_blend_that_is_there_has_the_contents_of_its_rows_whatever_interrupted_it(
    miniatures: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = tiny_workspace(miniatures, tmp_path)
    train(workspace, competition, workspace.recipes / "tiny.yaml")
    whole = RowContents.write

    def interrupted(contents: RowContents, folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(RowContents, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        blend_runs(workspace, competition, trials=2)
    assert not list(workspace.blends.glob("blend-*"))
    monkeypatch.setattr(RowContents, "write", whole)
    assert (blend_runs(workspace, competition, trials=2) / DATA_FILE).is_file()


def test_a_name_of_a_run_without_all_folds_is_noted_where_an_earlier_one_has_them(
    tmp_path: Path,
) -> None:
    made = made_labels(tmp_path)
    for seed, folds in (("1", (0, 1, 2)), ("2", (0,))):
        run = made.add_run(f"base-0000000{seed}", folds=folds, seed=int(seed))
        write_record(run, read_record(run).model_copy(update={"name": "base"}))
    noted = {}
    for member in ("base", "base-00000002", "base-00000001"):
        progress = RecordedProgress()
        blend_runs(made.workspace, made.competition, [member], trials=1, progress=progress)
        noted[member] = [one for one in progress.lines if "has not all folds" in one]
    assert noted == {
        "base": [
            "  base is base-00000002, the newest of that name, which has not all folds; "
            "to blend the finished one, write base-00000001"
        ],
        "base-00000002": [],
        "base-00000001": [],
    }


def test_without_a_finished_run_the_error_names_what_is_there(
    miniatures: ModuleType, tmp_path: Path
) -> None:
    workspace, competition = tiny_workspace(miniatures, tmp_path)
    with pytest.raises(UsageError, match=r"fix: podium train RECIPE$"):
        blend_runs(workspace, competition, trials=2)
    run = train(workspace, competition, workspace.recipes / "tiny.yaml", folds=[0]).run
    with pytest.raises(UsageError, match=f"of '{run.name}' folds are missing") as caught:
        blend_runs(workspace, competition, trials=2)
    assert caught.value.fix == (
        f"podium train runs/{run.name}/recipe.yaml; or blend the folds that are there: "
        f"podium blend {run.name}"
    )
    blend = blend_runs(workspace, competition, [run.name], trials=2)
    sent = "or name the blend that is there in place of all runs: podium submit {} --dry-run$"
    with pytest.raises(UsageError, match=sent.format(blend.name)):
        blend_runs(workspace, competition, trials=2)
    progress = RecordedProgress()
    assert find_blend(workspace, competition, None, progress) == blend  # as `podium submit` does
    honest = f"honest {read_record(blend).scores['honest']:.4f}"
    assert progress.lines == [
        f"  no name is given, so {blend.name} is taken: the only blend, {honest}"
    ]
    other = blend_runs(workspace, competition, [run.name], method="mean", name="other", trials=2)
    find_blend(workspace, competition, None, progress)
    assert progress.lines[1].endswith(f", the best of 2 blends; as good: {other.name}")


def test_what_cannot_be_blended_is_refused_before_anything_is_read(
    miniatures: ModuleType, tmp_path: Path
) -> None:
    workspace, competition = tiny_workspace(miniatures, tmp_path)
    (tmp_path / "data/train.csv").unlink()  # else it would be read
    with pytest.raises(UsageError, match="no 'hil_climb' among the methods") as caught:
        blend_runs(workspace, competition, method="hil_climb")
    assert caught.value.fix == "write hill_climb"


def test_runs_with_commas_between_them_are_named_with_blanks_in_the_fix(
    miniatures: ModuleType, tmp_path: Path
) -> None:
    workspace, competition = tiny_workspace(miniatures, tmp_path)
    for name in ("a-00000001", "b-00000002"):
        (workspace.runs / name).mkdir(parents=True)
        (workspace.runs / name / "record.json").write_text("{}")
    with pytest.raises(UsageError, match="there is no run 'a, b-00000002'") as caught:
        blend_runs(workspace, competition, ["a, b-00000002"])
    assert caught.value.fix == "write a blank between runs: podium blend a b-00000002"
    with pytest.raises(UsageError, match="there is no run 'a,c'") as caught:
        blend_runs(workspace, competition, ["a,c"])
    assert "write a blank" not in caught.value.fix


def test_without_a_finished_run_those_are_named_that_have_folds_in_common(
    miniatures: ModuleType, tmp_path: Path
) -> None:
    workspace, competition = tiny_workspace(miniatures, tmp_path)
    recipe = workspace.recipes / "tiny.yaml"
    for seed, folds in ((1, [1]), (2, [0]), (3, [0])):
        train(workspace, competition, recipe, overrides=(f"seed={seed}",), folds=folds)
    with pytest.raises(UsageError, match="no finished run to blend") as caught:
        blend_runs(workspace, competition, trials=2)
    [command] = [one for one in caught.value.fix.split("; or ") if "podium blend" in one]
    named = command.partition("podium blend ")[2].split()
    assert len(named) == 2
    seeds = {load_recipe(workspace.runs / one / "recipe.yaml").seed for one in named}
    assert seeds == {2, 3}
    blend_runs(workspace, competition, named, trials=2)  # as the command does


def test_without_a_finished_run_the_last_blend_of_auto_is_taken(
    miniatures: ModuleType, tmp_path: Path
) -> None:
    workspace, competition = tiny_workspace(miniatures, tmp_path)
    run = train(workspace, competition, workspace.recipes / "tiny.yaml", folds=[0]).run
    blends = [
        blend_runs(workspace, competition, [run.name], method=method, name="auto", trials=2)
        for method in ("hill_climb", "mean")
    ]
    steps = tuple(
        AutoStep(name=f"step-{n}", kind="probe", why="", expected_s=1.0, state="finished",
                 run=run.name, blend=blend.name)
        for n, blend in enumerate(blends[::-1])
    )  # fmt: skip
    record = AutoRecord(
        id="00000000",
        created=datetime(2026, 11, 1, tzinfo=UTC),
        budget_s=60.0,
        metric="accuracy",
        greater_is_better=True,
        facts=(),
        known=(),
        planning_s=1.0,
        steps=steps,
    )
    write_auto(workspace.auto / record.id, record)
    assert len({one.name for one in blends}) == 2
    assert find_blend(workspace, competition, None, RecordedProgress()) == blends[0]
