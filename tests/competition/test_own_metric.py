"""Tests of a metric of the user's own: found by its name, and scored anew when it is edited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podium.competition import metrics
from podium.competition.spec import Competition, load_competition
from podium.ensembling import blend
from podium.errors import DataError

METRIC = """\
from podium.competition.metrics import Metric
from my_power import POWER

def score(truth, decisions):
    return float((truth == decisions).mean() ** POWER)

METRIC = Metric("hits", "decisions", True, frozenset({"multiclass"}), score)
"""


@pytest.fixture
def made(make_spec: Callable[[str], Competition], tmp_path: Path) -> Competition:
    (tmp_path / "my_metric.py").write_text(METRIC)
    (tmp_path / "my_power.py").write_text("POWER = 2\n")
    return make_spec("my_metric:METRIC")


@pytest.fixture
def make_spec(tmp_path: Path) -> Callable[[str], Competition]:
    def write(metric: str) -> Competition:
        (tmp_path / "competition.yaml").write_text(
            "name: c\ntasks: {classify: multiclass}\nclasses: [a, b]\n"
            "data:\n  train: {table: t.csv, id: id, images: '{id}.png', label: label}\n"
            f"  test: {{images: 'test/*.png'}}\nmetric: {{name: '{metric}'}}\n"
        )
        return load_competition(tmp_path)

    return write


def test_it_scores_under_the_name_that_the_competition_gives_it(made: Competition) -> None:
    metric = metrics.of(made)
    assert metric.name == "my_metric:METRIC"
    assert metrics.score(metric, [0, 1, 1, 0], [0, 1, 0, 1]) == 0.25


def test_an_edit_of_its_helper_changes_the_identity_of_scores(made: Competition) -> None:
    before, facts = metrics.of(made), metrics.facts_of(made)
    (made.root / "my_power.py").write_text("POWER = 1\n")
    assert metrics.facts_of(made) == facts  # as long as one command runs
    again = load_competition(made.root)
    assert metrics.facts_of(again) != facts
    assert metrics.of(again).identity != before.identity
    assert metrics.score(metrics.of(again), [0, 1, 1, 0], [0, 1, 0, 1]) == 0.5
    assert metrics.score(before, [0, 1, 1, 0], [0, 1, 0, 1]) == 0.25


def test_podium_s_own_metrics_keep_their_identity(make_spec: Callable[[str], Competition]) -> None:
    competition = make_spec("accuracy")
    assert metrics.of(competition) is metrics.get("accuracy")
    assert metrics.facts_of(competition) == competition.metric.model_dump(mode="json")
    assert metrics.get("accuracy").identity == "accuracy"


def test_a_blend_is_another_one_when_its_metric_was_edited(made: Competition) -> None:
    rng = np.random.default_rng(0)
    truth, folds = rng.integers(0, 2, 40), np.arange(40) % 4
    members = rng.dirichlet([1, 1], (2, 40))
    found = blend(members, truth, metrics.of(made), folds, trials=2, n_resamples=10)
    (made.root / "my_power.py").write_text("POWER = 1\n")
    metric = metrics.of(load_competition(made.root))
    other = blend(members, truth, metric, folds, trials=2, n_resamples=10)
    assert found.metric == other.metric == "my_metric:METRIC"
    assert found.metric_source != other.metric_source
    assert found.honest < other.honest


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("METRIC = 3\n", "is of type int, not a podium", "my_metric.py:1"),
        ("METRICS = 3\n", "there is no METRIC in it", "my_metric.py"),
        ("1 / 0\n", "ZeroDivisionError", "my_metric.py:1"),
        ("def f(:\n", "SyntaxError", "my_metric.py:1"),
    ],
)
def test_an_invalid_metric_is_reported(
    made: Competition, text: str, message: str, where: str
) -> None:
    (made.root / "my_metric.py").write_text(text)
    with pytest.raises(DataError) as caught:
        metrics.of(load_competition(made.root))
    assert message in caught.value.message
    assert caught.value.where == where


def test_a_score_that_fails_is_reported_with_its_line(made: Competition) -> None:
    (made.root / "my_power.py").write_text("POWER = 'two'\n")
    metric = metrics.of(load_competition(made.root))
    with pytest.raises(DataError, match="the metric my_metric:METRIC fails: TypeError") as caught:
        metrics.score(metric, [0, 1], [0, 1])
    assert caught.value.where == "my_metric.py:5"


def test_a_missing_module_is_reported(make_spec: Callable[[str], Competition]) -> None:
    competition = make_spec("my_metrics:METRIC")
    (competition.root / "my_metric.py").touch()
    with pytest.raises(DataError, match="no module 'my_metrics'") as caught:
        metrics.of(competition)
    assert caught.value.fix == "write my_metric"
