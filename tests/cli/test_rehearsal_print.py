"""What `podium submit --rehearse` prints of two scores that should be one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from command_line import podium

from podium.cli import submission_files
from podium.competition.spec import Competition
from podium.workflows.submission.rehearsing import Rehearsal
from podium.workspace.layout import Workspace

SPEC = {
    "name": "x",
    "tasks": {"classify": "regression"},
    "data": {"train": {"table": "a.csv", "id": "id", "images": "{id}.png", "label": "y"}},
    "metric": {"name": "rmse"},
}


@pytest.mark.parametrize(
    ("metric", "columns", "has_reason"),
    [
        ("mask_map", {"id": "id", "rle": "value"}, True),
        ("mask_map", {"id": "id", "rle": "value", "conf": "conf"}, False),
        ("iou_f2", {"id": "id", "rle": "value"}, False),
    ],
)
def test_a_difference_by_missing_confidences_is_explained(
    metric: str, columns: dict[str, str], has_reason: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    of_objects = {
        "name": "x",
        "tasks": {"segment": "instance"},
        "data": {"train": {"images": "train/*.png", "mask": "masks/{id}.png"}},
        "metric": {"name": metric},
        "submission": {"rows": "instance", "value": "rle", "columns": columns},
    }
    found = Rehearsal(Path("oof.csv"), [], 9, metric, 0.25, 0.5)
    competition = Competition.model_validate(of_objects)
    submission_files._print_rehearsal(found, competition, as_json=False)
    printed = capsys.readouterr().out
    assert ("mask_map ranks objects by their confidence" in printed) == has_reason
    assert ("the cells hold less" in printed) != has_reason


@pytest.mark.parametrize(
    ("score", "own", "differ"),
    [
        (17.449176, 17.449175, False),  # cells of eight digits
        (0.000001, 0.0, False),
        (17.4492, 17.4480, True),
        (0.8530, 0.8529, True),
    ],
)
def test_scores_that_the_digits_of_cells_part_do_not_differ(
    score: float,
    own: float,
    differ: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = Rehearsal(Path("oof.csv"), [], 98, "rmse", score, own)
    competition = Competition.model_validate(SPEC)
    submission_files._print_rehearsal(found, competition, as_json=False)
    assert ("they differ" in capsys.readouterr().out) == differ


@pytest.mark.parametrize(
    ("own", "honest", "by_chance"),
    [(17.45, 17.41, True), (17.45, 17.49, False), (17.45, 17.45, False)],  # of rmse less is better
)
def test_an_honest_score_above_the_fitted_one_is_called_chance(
    own: float, honest: float, by_chance: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Rehearsal(Path("oof.csv"), [], 98, "rmse", own, own, honest)
    submission_files._print_rehearsal(found, Competition.model_validate(SPEC), as_json=False)
    assert ("better than the fitted one by chance alone" in capsys.readouterr().out) == by_chance


@pytest.mark.parametrize(
    ("own", "honest", "fitted", "reasons"),
    [
        (0.86, 0.84, ("decision",), 0),
        (0.86, 0.86, (), "no weight is fitted, and the decision is the plain one"),
        (0.86, 0.86, ("weights", "decision"), "weights and decision of the other folds score the"),
    ],
)
def test_equal_scores_are_printed_with_the_reason(
    own: float,
    honest: float,
    fitted: tuple[str, ...],
    reasons: str | int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = Rehearsal(Path("oof.csv"), [], 98, "rmse", 0.86, own, honest, fitted)
    submission_files._print_rehearsal(found, Competition.model_validate(SPEC), as_json=False)
    of_file, of_honest = capsys.readouterr().out.splitlines()[-2:]
    assert of_file.endswith("0.860000 (equal, as the file lost nothing of what is predicted)")
    assert (f"(equal, as {reasons}" in of_honest) == bool(reasons)
    assert ("equal" in of_honest) == bool(reasons)
    submission_files._print_rehearsal(found, Competition.model_validate(SPEC), as_json=True)
    assert "fitted" not in capsys.readouterr().out


@pytest.mark.parametrize("kaggle", [{}, {"slug": "x"}, {"slug": "x", "host": "here"}])
def test_a_rehearsal_promises_to_send_only_where_a_host_is_named(
    kaggle: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = Rehearsal(Path("oof.csv"), [], 98, "rmse", 17.4, 17.4)
    monkeypatch.setattr(submission_files, "find_blend", lambda *_, **__: Path("blend"))
    monkeypatch.setattr(submission_files, "rehearse", lambda *_, **__: found)
    competition = Competition.model_validate({**SPEC, "kaggle": kaggle}).at(tmp_path)
    submission_files.rehearse_blend(Workspace(tmp_path), competition, None, None, as_json=False)
    printed = capsys.readouterr().out
    assert ("without --dry-run sends it" in printed) == bool(kaggle)
    assert ("kaggle.slug or kaggle.host in competition.yaml names" in printed) != bool(kaggle)


def test_a_rehearsal_and_a_dry_run_at_once_are_refused(tmp_path: Path) -> None:
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(SPEC))
    for option in ("--rehearse", "--fold=0"):
        printed = podium(tmp_path, "submit", "auto", option, "--dry-run", code=2)
        assert "a rehearsal sends nothing by itself" in printed
        assert "leave one of them out" in printed


def test_rehearsal_states_that_the_hosts_counting_of_runs_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of_masks = {
        "name": "x",
        "tasks": {"segment": "binary"},
        "data": {"train": {"images": "train/*.png", "mask": "masks/{id}.png"}},
        "metric": {"name": "mean_iou"},
        "submission": {"value": "rle", "columns": {"id": "id", "rle": "value"}},
    }
    found = Rehearsal(Path("oof.csv"), [], 9, "mean_iou", 0.96, 0.96)
    monkeypatch.setattr(submission_files, "find_blend", lambda *_, **__: Path("blend"))
    monkeypatch.setattr(submission_files, "rehearse", lambda *_, **__: found)

    def printed(**more: object) -> str:
        spec = {**of_masks, "submission": {**of_masks["submission"], **more}}  # type: ignore[dict-item]
        competition = Competition.model_validate(spec).at(tmp_path)
        submission_files.rehearse_blend(Workspace(tmp_path), competition, None, None, as_json=False)
        return capsys.readouterr().out

    told = printed()
    assert "no rehearsal shows how the host counts runs" in told
    assert "submission.rle does not name base and order" in told
    assert "counts runs" not in printed(rle={"base": 1, "order": "C"})
