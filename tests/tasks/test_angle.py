"""Directions take the whole path, from `podium init` to a score of the host and the report.

What is expected is computed with complex numbers: a direction of d degrees is exp(i d π / 180).
"""

from __future__ import annotations

import cmath
import csv
import json
import math
from collections.abc import Sequence
from pathlib import Path

import miniatures
import numpy as np
import pytest
import yaml
from command_line import podium
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import podium as package
from podium.competition import metrics

DEGREES = st.floats(0, 360, exclude_max=True)
SIZE = 24


def _as_complex(degrees: float) -> complex:
    return cmath.exp(1j * math.radians(degrees))


def _apart(one: float, other: float) -> float:
    return abs(math.degrees(cmath.phase(_as_complex(one) / _as_complex(other))))


def _dial(degrees: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a needle from the middle of a dial: its tip is red, its tail blue."""
    image = rng.integers(0, 60, (SIZE, SIZE, 3))
    towards = _as_complex(degrees)
    for far in np.linspace(-SIZE / 2 + 1, SIZE / 2 - 2, 60):
        place = (SIZE - 1) / 2 * (1 + 1j) + far * towards
        row, column = round(SIZE - 1 - place.imag), round(place.real)
        image[row, column] = (250, 40, 40) if far > 0 else (40, 40, 250)
    return image.astype(np.uint8)


def _write(root: Path) -> dict[str, float]:
    """Write images of dials and their tables; return the directions of test, by id."""
    rng = np.random.default_rng(3)
    directions: dict[str, dict[str, float]] = {"train": {}, "test": {}}
    for part, count in (("train", 40), ("test", 10)):
        for number in range(count):
            name = f"{part}{number:03d}"
            directions[part][name] = round(float(rng.uniform(0, 359.9)), 1)
            image = _dial(directions[part][name], rng)
            miniatures.save(root / f"data/{part}/{name}.png", image)
    train = [[name, f"{degrees}"] for name, degrees in directions["train"].items()]
    miniatures.write_table(root / "data/train.csv", ["id", "direction"], train)
    sample = [[name, "180.5"] for name in directions["test"]]
    miniatures.write_table(root / "data/sample_submission.csv", ["id", "direction"], sample)
    return directions["test"]


def _recipe(lr: float) -> dict[str, object]:
    return {
        "model": {"backbone": "cnn", "pretrained": False, "options": {"widths": [8, 16]},
                  "heads": {"classify": {}}},
        "optimizer": {"name": "adamw", "lr": lr, "schedule": "constant"},
        "input": {"size": SIZE, "train": "none"},
        "batch_size": 8,
        "phases": [{"name": "all", "epochs": 3}],
    }  # fmt: skip


def _rows(path: Path) -> dict[str, float]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row["id"]: float(row["direction"]) for row in csv.DictReader(file)}


@pytest.mark.slow
def test_directions_go_from_a_folder_to_a_score_of_the_host(tmp_path: Path) -> None:
    answers = _write(tmp_path)
    podium(tmp_path, "init", tmp_path / "data")
    spec = yaml.safe_load((tmp_path / "competition.yaml").read_text(encoding="utf-8"))
    assert spec["tasks"] == {"classify": "angle"}
    assert spec["metric"]["name"] == "mean_angular_error"
    assert spec["submission"]["value"] == "degrees"
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump({**spec, "folds": {"n": 2}}))
    starters = [path.read_text(encoding="utf-8") for path in (tmp_path / "recipes").glob("*")]
    views = ("train: photometric", "train: none")  # none: features are computed once
    assert all("flip" not in text and any(one in text for one in views) for text in starters)
    for name, lr in (("small", 1e-2), ("other", 3e-3)):
        (tmp_path / f"recipes/{name}.yaml").write_text(yaml.safe_dump(_recipe(lr)))
    podium(tmp_path, "check")
    podium(tmp_path, "folds")
    podium(tmp_path, "train", "small", "other")
    workspace = package.Workspace(tmp_path)
    truth = _rows(tmp_path / "data/train.csv")
    _oof_is_scored_as_by_complex_numbers(tmp_path, workspace, truth)
    podium(tmp_path, "blend", "small", "other", "--method", "mean", "--json")
    podium(tmp_path, "submit", "blend", "--dry-run")
    (path,) = (tmp_path / "submissions").glob("blend-*.csv")
    podium(tmp_path, "check", path)
    _file_holds_circular_means(workspace, _rows(path))
    solution = [[name, f"{degrees}", ("Public", "Private")[place % 2]]
                for place, (name, degrees) in enumerate(answers.items())]  # fmt: skip
    miniatures.write_table(tmp_path / "solution.csv", ["id", "direction", "Usage"], solution)
    podium(tmp_path, "host", "init", tmp_path / "host", "--solution", tmp_path / "solution.csv",
           "--users", "me", "--seed", "1")  # fmt: skip
    spec = yaml.safe_load((tmp_path / "competition.yaml").read_text(encoding="utf-8"))
    text = yaml.safe_dump({**spec, "kaggle": {"host": "host"}})
    (tmp_path / "competition.yaml").write_text(text, encoding="utf-8")
    podium(tmp_path, "submit", "blend")
    _host_scores_as_by_complex_numbers(tmp_path, path, solution)
    podium(tmp_path, "report")
    page = (tmp_path / "report/index.html").read_text(encoding="utf-8")
    assert "mean_angular_error" in page


def _oof_is_scored_as_by_complex_numbers(
    root: Path, workspace: package.Workspace, truth: dict[str, float]
) -> None:
    run = json.loads(podium(root, "show", "small", "--json"))
    oof = workspace.oof("small").set_index("id")
    by_hand = [
        _apart(math.degrees(cmath.phase(complex(*oof.loc[name, ["cos", "sin"]]))), degrees)
        for name, degrees in truth.items()
    ]
    assert run["scores"]["oof"] == pytest.approx(float(np.mean(by_hand)), abs=1e-3)


def _file_holds_circular_means(workspace: package.Workspace, rows: dict[str, float]) -> None:
    tables = [workspace.test(name).set_index("id") for name in ("small", "other")]
    for name, degrees in rows.items():
        total = sum(complex(*table.loc[name, ["cos", "sin"]]) for table in tables)
        assert _apart(degrees, math.degrees(cmath.phase(total))) < 1e-3


def _host_scores_as_by_complex_numbers(root: Path, path: Path, solution: list[list[str]]) -> None:
    told = _rows(path)
    public = [_apart(told[name], float(d)) for name, d, usage in solution if usage == "Public"]
    board = json.loads(podium(root, "board", "--json"))
    ((team, score),) = [board["leader"]]
    assert team == "me"
    assert score == pytest.approx(float(np.mean(public)), abs=1e-4)


@given(st.lists(st.tuples(DEGREES, DEGREES), min_size=1, max_size=30))
def test_the_metric_is_the_smaller_arc(pairs: list[tuple[float, float]]) -> None:
    truth, degrees = zip(*pairs, strict=True)
    by_hand = np.mean([_apart(*pair) for pair in pairs])
    assert metrics.score("mean_angular_error", truth, degrees) == pytest.approx(by_hand, abs=1e-5)


def test_the_metric_of_a_few_directions_by_hand() -> None:
    truth, degrees = [0.0, 350.0, 90.0], [0.0, 10.0, 270.0]
    assert metrics.score("mean_angular_error", truth, degrees) == pytest.approx((0 + 20 + 180) / 3)


@given(
    st.lists(st.tuples(DEGREES, DEGREES), min_size=1, max_size=8),
    st.lists(st.floats(0.1, 9), min_size=8, max_size=8),
)
def test_the_loss_is_one_minus_the_cosine_of_the_difference(
    pairs: list[tuple[float, float]], lengths: Sequence[float]
) -> None:
    torch = pytest.importorskip("torch")
    from podium.tasks.protocols.find import image_kind
    from podium.training import losses
    from podium.training.losses._loss import LossContext
    from podium.workspace import extensions

    def vectors(degrees: Sequence[float], scale: Sequence[float]) -> object:
        each = [_as_complex(d) * s for d, s in zip(degrees, scale, strict=False)]
        return torch.tensor([[one.real, one.imag] for one in each], dtype=torch.float32)

    truth, predicted = zip(*pairs, strict=True)
    loss = extensions.load(losses, "cosine_distance", "LOSS")
    given = LossContext(image_kind("angle"))
    found = loss(vectors(predicted, lengths), vectors(truth, [1.0] * 8), given)
    by_hand = np.mean([1 - math.cos(math.radians(one - other)) for one, other in pairs])
    assert float(found) == pytest.approx(by_hand, abs=1e-5)
