"""Tests of a host whose metric is the organiser's own: it scores without the workspace."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podium.errors import DataError, SubmissionError
from podium.hosting.host import Host
from podium.hosting.scoring.score import score_file
from podium.hosting.scoring.solution import read_solution
from podium.hosting.spec import HostFolder

METRIC = """\
from podium.competition.metrics import Metric
from my_code.parts import wrong

METRIC = Metric("errors", "decisions", False, frozenset({"multiclass"}), wrong)
"""
PARTS = """\
def wrong(truth, decisions):
    if (decisions == 0).all():
        raise ValueError("nothing but the first class")
    return float((truth != decisions).sum())
"""


def write_metric(root: Path) -> None:
    (root / "my_code").mkdir()
    (root / "my_code/parts.py").write_text(PARTS)
    (root / "my_metric.py").write_text(METRIC)
    (root / "unrelated.py").write_text("SECRET = 1\n")


@pytest.fixture
def folder(host_of: Callable[..., Path], tmp_path: Path) -> Path:
    """A host that moved away from the workspace, which has lost the metric."""
    write_metric(tmp_path)
    moved = tmp_path / "elsewhere/host"
    shutil.copytree(host_of(metric="my_metric:METRIC"), moved)
    (tmp_path / "my_metric.py").unlink()
    shutil.rmtree(tmp_path / "my_code")
    return moved


def test_it_scores_by_the_modules_that_it_was_made_with(folder: Path, answers: Any) -> None:
    copied = {one.relative_to(folder).as_posix() for one in folder.rglob("*.py")}
    assert copied == {"my_metric.py", "my_code/parts.py"}
    assert not list((folder / "files").rglob("*.py"))  # participants get none of it
    spec = HostFolder(folder).spec()
    (folder / "said.csv").write_text(answers.text(3))
    solution = read_solution(folder / "solution.csv", spec.format)
    scores = score_file(folder / "said.csv", spec, solution)
    assert scores.public is not None
    assert scores.private is not None
    assert scores.public + scores.private == 3
    host = Host(folder)
    assert host.spec.scored_by.greater_is_better is False
    host.close()


def test_a_metric_that_fails_on_a_submission_refuses_it_without_details(
    folder: Path, answers: Any
) -> None:
    rows = "".join(f"{one},{answers.classes[0]}\n" for one in answers.ids)
    (folder / "said.csv").write_text("id,label\n" + rows)
    spec = HostFolder(folder).spec()
    solution = read_solution(folder / "solution.csv", spec.format)
    with pytest.raises(SubmissionError, match="is undefined for these values") as caught:
        score_file(folder / "said.csv", spec, solution)
    assert "first class" not in str(caught.value)


def test_a_metric_that_cannot_be_loaded_makes_no_host(
    host_of: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "my_metric.py").write_text("METRIC = 3\n")
    with pytest.raises(DataError, match="is of type int, not a podium"):
        host_of(metric="my_metric:METRIC")
    assert not (tmp_path / "host").exists()
