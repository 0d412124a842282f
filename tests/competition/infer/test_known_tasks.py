"""The tasks of a competition known by its name are a question where the files tell others."""

from __future__ import annotations

from pathlib import Path

from podium.competition.infer.spec import infer
from tests.competition.infer.test_odd_labels import put, table


def folders(data: Path, names: tuple[str, ...]) -> None:
    for n in range(24):
        put(data / names[n % len(names)] / f"{n // len(names):05}.jpg", n)
    for n in range(6):
        put(data / f"Test/{n + 1:04}.jpg", 50 + n)
    rows = ((f"{n + 1:04}.jpg", 0.1 * n) for n in range(6))
    table(data / "sample_submission.csv", ("Id", "Label"), *rows)


def test_four_folders_of_a_competition_of_yes_and_no_are_a_question(tmp_path: Path) -> None:
    folders(tmp_path / "data", ("Cover", "JMiPOD", "JUNIWARD", "UERD"))
    found = infer(tmp_path / "data", tmp_path, slug="alaska2-image-steganalysis")
    assert found.competition.tasks == {"classify": "multiclass"}
    assert "tasks" in found.competition.to_choose
    assert "# or tasks: {classify: binary}" in found.text


def test_files_that_tell_the_tasks_of_the_known_competition_are_no_question(tmp_path: Path) -> None:
    folders(tmp_path / "data", ("Cover", "Hidden"))
    found = infer(tmp_path / "data", tmp_path, slug="alaska2-image-steganalysis")
    assert found.competition.tasks == {"classify": "binary"}
    assert "tasks" not in found.competition.to_choose
