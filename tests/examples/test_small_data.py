"""Examples on scikit-learn's digits: tiny runs print whole tables, a second call trains nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scripts import EXAMPLES, script

from podium.competition.samples import load_samples
from podium.errors import UsageError
from podium.training.fit.phase_plans import check_parts
from podium.training.recipe import load_recipe

NOISY_STUDENT = EXAMPLES / "noisy_student"
ALL_COUNT = "pseudo[0].threshold=0"


def rows(printed: str) -> dict[str, list[str]]:
    """Return the cells of a Markdown table's rows by the first, without head and rule."""
    lines = [line.strip("| ").split(" | ") for line in printed.splitlines()[2:]]
    return {cells[0]: cells[1:] for cells in lines}


def finished(folder: Path) -> dict[str, int]:
    """Return when each network of a folder was finished, in nanoseconds."""
    files = folder.glob("*/runs/*/fold-*/done.json")
    return {str(file.relative_to(folder)): file.stat().st_mtime_ns for file in files}


@pytest.mark.slow
def test_digits_are_laid_out_once_for_each_number_of_labels_and_each_draw(tmp_path: Path) -> None:
    lay_out = script(EXAMPLES / "standin.py").lay_out_digits
    two, competition = lay_out(tmp_path, labels=2)
    three, _ = lay_out(tmp_path, labels=3)
    other, redrawn = lay_out(tmp_path, labels=2, draw=1)
    assert len({two.root, three.root, other.root}) == 3
    again, same = lay_out(tmp_path, labels=2)
    assert again == two
    train, redrawn_train = (load_samples(one, "train") for one in (same, redrawn))
    assert len(train) == len(redrawn_train) == 2 * 10 + 500
    assert set(train["id"]) != set(redrawn_train["id"])
    unlabelled = load_samples(competition, "unlabelled")
    test = load_samples(competition, "test")
    assert len({*train["id"], *unlabelled["id"], *test["id"]}) == 1797
    hidden = (two.root / "hidden.csv").read_text().splitlines()[1:]
    assert {line.split(",")[0] for line in hidden} == set(unlabelled["id"])


@pytest.mark.slow
def test_a_folder_that_was_half_written_is_written_anew(tmp_path: Path) -> None:
    lay_out = script(EXAMPLES / "standin.py").lay_out_digits
    workspace, competition = lay_out(tmp_path, labels=1)
    (workspace.root / "competition.yaml").unlink()
    (workspace.root / "hidden.csv").unlink()
    assert lay_out(tmp_path, labels=1) == (workspace, competition)
    assert (workspace.root / "hidden.csv").is_file()


@pytest.mark.slow
def test_the_study_of_pseudo_labels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    s1 = script(EXAMPLES / "s1/run.py")
    monkeypatch.setattr(s1, "SEEDS", (42, 43))
    monkeypatch.setattr(s1, "THRESHOLDS", {"0.90 + 0.02 e": "{start: 0.9, step: 0.02}"})
    monkeypatch.setattr(s1, "STEPS", 2)
    call = ["--folder", str(tmp_path), "--labels", "2", "--epochs", "2", "--frozen"]
    s1.main(call)
    first, made = capsys.readouterr().out, finished(tmp_path)
    assert list(rows(first)) == ["warm-up", "labels alone", "classical", "permanent", "local"]
    assert {len(cells) for cells in rows(first).values()} == {6}
    assert len(made) == 2 * 5
    s1.main(call)
    assert (capsys.readouterr().out, finished(tmp_path)) == (first, made)


@pytest.mark.slow
def test_labelling_request_is_made_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = script(EXAMPLES / "s3/run.py")
    monkeypatch.setattr(s3, "EPOCHS", 1)
    monkeypatch.setattr(s3, "CHANGES", (*s3.CHANGES, "phases[0].epochs=1"))
    call = ["--folder", str(tmp_path), "--labels", "1", "--steps", "2", "--asked", "3"]
    s3.main(call)
    first, made = capsys.readouterr().out, finished(tmp_path)
    assert [cells[0] for cells in rows(first).values()] == ["10", "10", "10", "13"]
    assert len(made) == 4
    s3.main(call)
    assert (capsys.readouterr().out, finished(tmp_path)) == (first, made)
    with pytest.raises(UsageError, match="3 labels were asked for comatch-") as refused:
        s3.main([*call[:-1], "4"])
    assert "--folder" in str(refused.value.fix)


@pytest.mark.slow
@pytest.mark.long
def test_three_rounds_of_students(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    noisy_student = script(NOISY_STUDENT / "run.py")
    monkeypatch.setattr(noisy_student, "SEEDS", (0, 1))
    # Networks of four steps are sure of nothing.
    monkeypatch.setattr(noisy_student, "LARGER", (*noisy_student.LARGER, ALL_COUNT))
    call = ["--folder", str(tmp_path), "--labels", "1", "--steps", "4", "--rounds", "2"]
    noisy_student.main(call)
    first, made = capsys.readouterr().out, finished(tmp_path)
    names = ["teacher", "student without pseudo-labels", "round 1", "round 2"]
    assert list(rows(first)) == names
    assert len(made) == 2 * 4
    assert len(list(tmp_path.glob("*/pseudo/*/record.json"))) == 2 * 2
    learnt = {
        file.parts[-3].rpartition("-")[0]: json.loads(file.read_text())["pools"].get("pseudo", 0)
        for file in tmp_path.glob("*/runs/*/fold-0/done.json")
    }
    assert learnt["teacher"] == learnt["alone"] == 0
    assert learnt["student-1"] > 0
    assert learnt["student-2"] > 0
    noisy_student.main(call)
    assert (capsys.readouterr().out, finished(tmp_path)) == (first, made)


@pytest.mark.parametrize("name", ["teacher", "student"])
def test_the_recipes_of_noisy_student_name_parts_that_are_there(name: str) -> None:
    check_parts(load_recipe(NOISY_STUDENT / f"{name}.yaml"))


def test_the_student_is_larger_and_has_more_noise_than_its_teacher() -> None:
    teacher = load_recipe(NOISY_STUDENT / "teacher.yaml")
    student = load_recipe(NOISY_STUDENT / "student.yaml")
    assert teacher.model.backbone != student.model.backbone
    assert (teacher.pseudo, teacher.input.train, teacher.model.drop_path) == ((), "weak", 0)
    assert (student.input.train, student.model.drop_path) == ("strong", 0.2)
    assert student.model.heads is not None
    assert student.model.heads.classify is not None
    assert student.model.heads.classify.dropout == 0.5
    [use] = student.pseudo
    assert (use.threshold, use.balance, use.labels) == (0.3, True, "soft")
