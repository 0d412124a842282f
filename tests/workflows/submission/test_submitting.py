"""The board of a workspace whose host cannot be reached: local results are shown all the same."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from command_line import podium

from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.errors import DataError, UsageError
from podium.submissions.format import answers_alike
from podium.submissions.format.spec import format_of
from podium.training.runs.train import train
from podium.workflows.initialising import init_workspace
from podium.workflows.submission.submitting import load_board, open_endpoint, submit
from podium.workspace.layout import Workspace
from tests import search_workspaces
from tests.recorded_progress import RecordedProgress

SPEC = """\
name: shapes
tasks: {classify: multiclass}
classes: [cat, dog]
data: {train: {images: "train/{class}/*.png"}, test: {images: "test/*.png"}}
metric: {name: accuracy}
"""


def competition_in(root: Path, kaggle: str) -> Competition:
    (root / "competition.yaml").write_text(f"{SPEC}kaggle: {kaggle}\n")
    return load_competition(root)


@pytest.mark.parametrize(
    ("kaggle", "why"),
    [("{slug: x}", "credentials"), ("{host: gone}", "no folder gone")],
)
def test_an_unreachable_host_leaves_the_board_with_the_reason(
    kaggle: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    progress = RecordedProgress()
    view = load_board(
        Workspace(tmp_path), competition_in(tmp_path, kaggle), refresh=True, progress=progress
    )
    assert view.metric == "accuracy"
    assert view.quota_left is None
    assert len(progress.lines) == 1
    assert why in progress.lines[0]


def test_no_message_where_no_host_is_named(tmp_path: Path) -> None:
    progress = RecordedProgress()
    nobody = competition_in(tmp_path, "{slug: null}")
    view = load_board(Workspace(tmp_path), nobody, refresh=True, progress=progress)
    assert (view.metric, progress.lines) == ("accuracy", [])


def test_no_message_if_the_host_is_not_contacted(tmp_path: Path) -> None:
    progress = RecordedProgress()
    load_board(
        Workspace(tmp_path), competition_in(tmp_path, "{slug: x}"), refresh=False, progress=progress
    )
    assert progress.lines == []


def test_a_shell_that_points_at_a_host_submits_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    miniatures.class_folders(tmp_path / "data", n=12)
    competition = init_workspace(tmp_path / "data", tmp_path).competition
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "LOCALHOST")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:8123")
    monkeypatch.setenv("KAGGLE_API_TOKEN", "of-this-shell")
    with open_endpoint(competition) as endpoint:
        assert endpoint.url == "http://127.0.0.1:8123"
        assert endpoint.env == {"KAGGLE_API_TOKEN": "of-this-shell"}
    monkeypatch.delenv("KAGGLE_API_ENVIRONMENT")
    with open_endpoint(competition) as endpoint:
        assert endpoint.url is None


@pytest.mark.parametrize(
    ("what", "message"),
    [("gone.csv", "there is no file 'gone.csv'"), ("87d3b3e1", "there is no run or blend")],
)
def test_a_refused_submission_names_the_kind_of_artefact(
    tmp_path: Path, what: str, message: str
) -> None:
    competition = competition_in(tmp_path, "{slug: shapes}")
    workspace = Workspace(tmp_path)
    (workspace.submissions / "87d3b3e1").mkdir(parents=True)
    (workspace.submissions / "87d3b3e1" / "receipt.json").write_text("{}")
    with pytest.raises(UsageError, match=message):
        submit(workspace, competition, what)


@pytest.mark.parametrize(("names", "n"), [(["cat"], 1), (["cat", "dog"], 0)])
def test_submit_prints_the_warnings_of_check_before_it_sends_a_file(
    names: list[str],
    n: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    miniatures: ModuleType,
) -> None:
    monkeypatch.setattr(answers_alike, "LEAST_ROWS", 2)
    miniatures.class_folders(tmp_path / "data", n=12)
    competition = init_workspace(tmp_path / "data", tmp_path).competition
    form, ids = format_of(competition), sorted(load_samples(competition, "test")["id"])
    rows = [f"{id_},{names[k % len(names)]}" for k, id_ in enumerate(ids)]
    file = tmp_path / "sent.csv"
    file.write_text("\n".join([",".join(form.header), *rows, ""]))
    printed = RecordedProgress()
    submit(Workspace(tmp_path), competition, str(file), dry_run=True, progress=printed)
    assert " ".join(printed.lines).count("the same value in every row, 'cat'") == n


@pytest.mark.slow
def test_submission_of_some_folds_is_reported_until_the_others_are_trained(tmp_path: Path) -> None:
    workspace, competition = search_workspaces.workspace(tmp_path)
    recipe = workspace.recipes / "base.yaml"
    run = train(workspace, competition, recipe, folds=[0, 2]).run
    printed = RecordedProgress()
    submit(workspace, competition, run.name, dry_run=True, progress=printed)
    told = " ".join(printed.lines)
    assert f"{run.name} has 2 of 3 folds (0, 2): the file is made of these alone" in told
    assert f"`podium train runs/{run.name}/recipe.yaml` trains the others" in told
    train(workspace, competition, recipe, folds=[0, 2], full=True)
    printed = RecordedProgress()
    submit(workspace, competition, run.name, dry_run=True, progress=printed)
    told = " ".join(printed.lines)
    assert "2 of 3 folds (0, 2): the file is made of these and the network of all rows" in told
    train(workspace, competition, recipe)
    printed = RecordedProgress()
    submit(workspace, competition, run.name, dry_run=True, progress=printed)
    told = " ".join(printed.lines)
    assert "honest" in told
    assert "folds (" not in told


@pytest.mark.slow
def test_predictions_of_other_test_rows_are_named_with_what_mends_them(tmp_path: Path) -> None:
    """The ids fit: it is the run that has not seen what is to be predicted now."""
    workspace, competition = search_workspaces.workspace(tmp_path)
    run = train(workspace, competition, workspace.recipes / "base.yaml").run
    (tmp_path / "data/test/01.png").rename(tmp_path / "data/test/77.png")
    (tmp_path / "data/test/00.png").unlink()
    with pytest.raises(DataError) as refused:
        submit(workspace, competition, run.name, plain=True, dry_run=True)
    assert f"{run.name} has predicted other test rows than there are now" in str(refused.value)
    assert "lacks 1 test row of today: '77', and has 2 that are none" in str(refused.value)
    assert refused.value.fix == f"podium predict {run.name}"
    printed = podium(tmp_path, "predict", run.name, "--split", "test")
    made = printed.splitlines()[0].rpartition("/")[2]
    assert printed.endswith(f"next:\n  podium predict {run.name}\n"), "as nothing is made of it"
    with pytest.raises(DataError, match=f"{made} has no out-of-fold rows") as refused:
        submit(workspace, competition, run.name, plain=True, dry_run=True)
    podium(tmp_path, *str(refused.value.fix).split()[1:])
    receipt = submit(workspace, competition, run.name, plain=True, dry_run=True)
    assert [line[:2] for line in (tmp_path / receipt.file).read_text().splitlines()[1:]] == ["77"]
