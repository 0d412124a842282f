"""A file of steps: its content, and the line of what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.errors import UsageError
from podium.tuning.step_grid import read_steps


def test_steps_are_read_as_they_are_written(tmp_path: Path) -> None:
    file = tmp_path / "decide.yaml"
    file.write_text(
        "# a comment\n"
        "- gate: {try: [0, 0.3]}\n"
        "- hysteresis: {low: {from: 0.2, to: 0.4, n: 3}, high: 0.6}\n"
        "- fill_holes\n"
        "- fill_holes: null\n"
        "- min_area: [30, {try: [0, 1e2]}]\n"
    )
    assert read_steps(file) == (
        {"gate": {"try": [0, 0.3]}},
        {"hysteresis": {"low": {"from": 0.2, "to": 0.4, "n": 3}, "high": 0.6}},
        {"fill_holes": None},
        {"fill_holes": None},
        {"min_area": [30, {"try": [0, 100.0]}]},
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"decide\.yaml: a file of steps is a list"),
        ("threshold: 0.5", r"decide\.yaml:1: a file of steps is a list[\s\S]*write - threshold"),
        ("[]", "a file of steps is a list"),
        ("- threshold: 0.5\n- median: {try: []}", r"decide\.yaml:2: .*median has nothing to try"),
        ("- threshold: {from: 1}", r"decide\.yaml:1: .*threshold takes a value"),
        ("- threshold: 0.5\n  median: 3", "one name with its parameter"),
        (
            "- threshold: 0.5\n- min_aera: 3",
            r"decide\.yaml:2: .*no step 'min_aera'[\s\S]*min_area\?",
        ),
        ("- atleast: 1", r"decide\.yaml:1: .*no step 'atleast'[\s\S]*did you mean at_least\?"),
        ("- swirl: 1", r"decide\.yaml:1: .*no step 'swirl'[\s\S]*choose one of .*objects"),
        ("- threshold: [0.5", r"decide\.yaml:1"),
        ("- threshold: 0.5\n  threshold: 0.6", r"decide\.yaml:2: 'threshold' stands twice"),
    ],
)
def test_the_line_of_what_cannot_be_meant_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "decide.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=message):
        read_steps(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.yaml: there is no such file"):
        read_steps(tmp_path / "nowhere.yaml")
