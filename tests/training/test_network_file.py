"""The description of a run's network is written once, and its failure never stops a run."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from podium.models.network import build_network
from podium.models.network_summary import NETWORK_FILE, read_network_summary
from podium.models.spec import ModelSpec
from podium.training.fit import fold
from podium.training.recipe import Recipe

PHASES = [
    {"name": "heads", "epochs": 1, "freeze": ["backbone"]},
    {"name": "late", "epochs": 1, "freeze": ["backbone[:1]"]},
    {"name": "all", "epochs": 1},
]


@pytest.fixture
def job(tmp_path: Path) -> Any:
    model = {"backbone": "cnn", "pretrained": False, "options": {"widths": [4, 6]}}
    recipe = Recipe.model_validate({"model": model, "input": {"size": [16, 24]}, "phases": PHASES})
    return SimpleNamespace(run=tmp_path, recipe=recipe)


def network() -> Any:
    spec = ModelSpec(backbone="cnn", pretrained=False, options={"widths": [4, 6]})
    return build_network(spec, n_outputs={"classify": 3}, in_chans=5)


def test_a_run_records_its_parts_and_the_frozen_parts_of_each_phase(job: Any) -> None:
    fold.write_network_file(job, network())
    told = read_network_summary(job.run)
    assert told is not None
    assert (told.backbone, told.image, told.phases) == (
        "cnn",
        (5, 16, 24),
        ("heads", "late", "all"),
    )
    assert [one.name for one in told.parts] == ["stages.0", "stages.1", "pool", "linear"]
    assert told.frozen == (
        (True, True, False, False),
        (True, False, False, False),
        (False, False, False, False),
    )


def test_a_second_fold_writes_nothing(job: Any) -> None:
    (job.run / NETWORK_FILE).write_text("said before")
    fold.write_network_file(job, network())
    assert (job.run / NETWORK_FILE).read_text() == "said before"


@pytest.mark.parametrize("broken", ["network_parts", "frozen_parts", "write_network_summary"])
def test_nothing_it_meets_stops_a_training(
    job: Any, broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(fold, broken, fail)
    with caplog.at_level(logging.WARNING):
        fold.write_network_file(job, network())
    assert "the disk is full" in caplog.text
    assert not (job.run / NETWORK_FILE).exists()
