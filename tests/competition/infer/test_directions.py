"""Directions in the units that hosts write: recognised, or told, never plain numbers silently."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podium.competition import metrics
from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N = 40, 48
UNITS: dict[str, tuple[str, Callable[[float], float]]] = {
    "degrees": ("heading", lambda d: d),
    "signed degrees": ("heading", lambda d: (d + 180) % 360 - 180),
    "radians": ("heading", math.radians),
    "signed radians": ("wind_direction", lambda d: math.radians((d + 180) % 360 - 180)),
    "gon": ("Richtung", lambda d: d / 0.9),
}


def folder(data: Path, column: str, cell: Callable[[int], object], shown: object = "0.0") -> None:
    """Write images, and a table with what `cell` has for each of train."""
    for n in range(N):
        put(data / ("train" if n < N_TRAIN else "test") / f"i{n}.png", n)
    table(data / "train.csv", ("id", column), *((f"i{n}", cell(n)) for n in range(N_TRAIN)))
    rows = ((f"i{n}", shown) for n in range(N_TRAIN, N))
    table(data / "sample_submission.csv", ("id", column), *rows)


def degrees(n: int) -> float:
    """Directions all around."""
    return n * 37.3 % 360


@pytest.mark.parametrize("unit", UNITS)
def test_directions_are_degrees_and_come_back_in_their_unit(tmp_path: Path, unit: str) -> None:
    column, of = UNITS[unit]
    folder(tmp_path / "data", column, lambda n: of(degrees(n)))
    found, _ = begin(tmp_path)
    assert found.to_choose == []
    assert found.tasks == {"classify": "angle"}
    assert found.submission.directions == unit
    labels = load_samples(found, "train").set_index("id")["label"]
    for n in range(N_TRAIN):
        assert labels[f"i{n}"] == pytest.approx(degrees(n), abs=1e-9)
    sent = np.random.default_rng(0).random(N - N_TRAIN) * 360
    sent[:3] = 0.0, 180.0, 359.99999
    names = [f"i{n}" for n in range(N_TRAIN, N)]
    file = write_submission(tmp_path / "sent.csv", found, names, None, sent)
    assert check(file, found) == []
    cells = [line.split(",") for line in file.read_text().splitlines()[1:]]
    for (name, cell), one in zip(cells, sent, strict=True):
        assert float(cell) == pytest.approx(of(float(one)), abs=1e-9), name


@pytest.mark.parametrize("unit", ["signed degrees", "radians"])
def test_other_units_beyond_their_range_are_refused(tmp_path: Path, unit: str) -> None:
    column, of = UNITS[unit]
    folder(tmp_path / "data", column, lambda n: of(degrees(n)))
    found, _ = begin(tmp_path)
    rows = [f"i{n},270.5\n" for n in range(N_TRAIN, N)]
    (tmp_path / "sent.csv").write_text("".join([f"id,{column}\n", *rows]))
    assert any(unit in str(one) for one in check(tmp_path / "sent.csv", found))


def test_a_tilt_is_a_plain_number(tmp_path: Path) -> None:
    folder(tmp_path / "data", "wheel_angle", lambda n: degrees(n) / 9 - 20)
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}


def test_names_of_directions_are_classes_with_a_note(tmp_path: Path) -> None:
    words = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]
    folder(tmp_path / "data", "heading", lambda n: words[n % 8], "N")
    found, notes = begin(tmp_path)
    assert found.classes == sorted(words)
    assert "heading names directions" in notes


def test_a_readme_that_speaks_of_directions_is_a_question(tmp_path: Path) -> None:
    folder(tmp_path / "data", "y", degrees)
    (tmp_path / "data/README.md").write_text("Predict the direction in which the ship sails.\n")
    found, _ = begin(tmp_path)
    assert found.to_choose == ["tasks"]


def test_an_axis_has_a_note(tmp_path: Path) -> None:
    folder(tmp_path / "data", "orientation", lambda n: degrees(n) / 2)
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}
    assert "if they come round at 180" in notes


@pytest.mark.parametrize(
    ("second", "label", "is_told"),
    [
        ("force", None, False),
        ("force", "direction", False),
        ("force", "force", False),
        ("speed", None, True),
        ("speed", "direction", False),
        ("speed", "speed", False),
    ],
)
def test_directions_are_called_plain_numbers_only_where_they_stand_beside_numbers(
    tmp_path: Path, second: str, label: str | None, is_told: bool
) -> None:
    data, words = tmp_path / "data", ("calm", "breeze", "storm")
    folder(data, "direction", degrees)
    cells = [words[n % 3] if second == "force" else n * 0.7 for n in range(N)]
    rows = [(f"i{n}", round(degrees(n)), cells[n]) for n in range(N)]
    table(data / "train.csv", ("id", "direction", second), *rows[:N_TRAIN])
    sent = [(f"i{n}", 0, words[0] if second == "force" else 0.5) for n in range(N_TRAIN, N)]
    table(data / "sample_submission.csv", ("id", "direction", second), *sent)
    _, notes = begin(tmp_path, label)
    assert ("taken as plain numbers beside" in notes) == is_told


AXES: dict[str, Callable[[float], float]] = {
    "degrees of axes": lambda twice: twice / 2,
    "signed degrees of axes": lambda twice: (twice / 2 + 90) % 180 - 90,
}


@pytest.mark.parametrize("unit", AXES)
def test_axes_of_a_text_are_directions_of_twice_the_angle(tmp_path: Path, unit: str) -> None:
    of = AXES[unit]
    folder(tmp_path / "data", "orientation", lambda n: of(degrees(n)))
    text = "Furrows have no front: angles are taken modulo 180. Score: mean angular error.\n"
    (tmp_path / "data/README.md").write_text(text)
    found, _ = begin(tmp_path)
    assert found.to_choose == []
    assert found.tasks == {"classify": "angle"}
    assert found.submission.directions == unit
    assert found.metric.name == "mean_axial_error"
    labels = load_samples(found, "train").set_index("id")["label"]
    sent = np.random.default_rng(0).random(N - N_TRAIN) * 360
    names = [f"i{n}" for n in range(N_TRAIN, N)]
    file = write_submission(tmp_path / "sent.csv", found, names, None, sent)
    assert check(file, found) == []
    cells = dict(line.split(",") for line in file.read_text().splitlines()[1:])
    for name, one in zip(names, sent, strict=True):
        assert float(cells[name]) == pytest.approx(of(float(one)), abs=1e-9)
    # By hand: the smaller angle between the axes as the host has them.
    truth = np.array([labels[f"i{n}"] for n in range(N - N_TRAIN)], dtype=float)
    errors = []
    for twice, name in zip(truth, names, strict=True):
        apart = abs(float(cells[name]) - of(float(twice))) % 180
        errors.append(min(apart, 180 - apart))
    assert metrics.get("mean_axial_error").score(truth, sent) == pytest.approx(np.mean(errors))


def test_a_text_of_axes_leaves_other_numbers_alone(tmp_path: Path) -> None:
    folder(tmp_path / "data", "wheel_angle", lambda n: degrees(n) / 9 - 20)
    (tmp_path / "data/README.md").write_text("Angles are taken modulo 180.\n")
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}
