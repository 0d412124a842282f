"""`--fit-time`: epochs and schedules that a time allows, as overrides that the run's id has."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podium.competition.spec import Competition
from podium.errors import UsageError
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs.timing import PhaseTiming, RecipeTiming
from podium.workflows import fit_time as subject
from podium.workflows.fit_time import describe_seconds, fit_epochs, fit_time
from podium.workspace.layout import Workspace

TWO = """\
model: {backbone: cnn, pretrained: false}
input: {size: 128}
optimizer: {warmup_epochs: 2.0, schedule: step, step_epochs: 6}
phases:
  - {name: head, epochs: 4}
  - {name: whole, epochs: 20, optimizer: {warmup_epochs: 5, cosine_epochs: 10}}
"""


def _timing(*phases: tuple[int, float], **facts: Any) -> RecipeTiming:
    """Return a timing of phases of so many epochs of so many seconds."""
    timed = (PhaseTiming(f"p{i}", n, 1, cost) for i, (n, cost) in enumerate(phases))
    given = {"folds": 1, "start_s": 0.0, "image_s": 0.0, "predicted": 1, **facts}
    return RecipeTiming(tuple(timed), **given)


def test_one_phase_takes_what_is_left_after_what_no_epoch_changes() -> None:
    timing = _timing((10, 3.0), folds=2, start_s=1.0, image_s=0.5, predicted=4, decode_s=4.0)
    # 4 + 2 · (1 + 2) = 10 s are fixed, an epoch takes 2 · 3 s: 7 fit into 10 + 42 s.
    assert fit_epochs(timing, 52.0) == (7,)
    assert fit_epochs(timing, 51.9) == (6,)
    assert fit_epochs(timing, 16.0) == (1,)
    assert fit_epochs(timing, 15.9) is None
    assert fit_epochs(timing, 10 + 6 * 30) == (30,)  # a long time is filled, too


def test_the_phases_keep_their_shares_and_never_take_more_than_the_time() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        phases = [
            (int(rng.integers(1, 30)), float(rng.uniform(0.1, 5)))
            for _ in range(rng.integers(1, 4))
        ]
        timing = _timing(*phases, start_s=float(rng.uniform(0, 5)))
        time_s = float(rng.uniform(1, 200))
        found = fit_epochs(timing, time_s)
        least = timing.start_s + sum(cost for _, cost in phases)
        assert (found is None) == (least > time_s)
        if found is None:
            continue
        taken = timing.start_s + sum(n * cost for n, (_, cost) in zip(found, phases, strict=True))
        assert taken <= time_s + 1e-9
        factor = (time_s - timing.start_s) / sum(n * cost for n, cost in phases)
        for n, (planned, _) in zip(found, phases, strict=True):
            assert 1 <= n <= max(1, np.ceil(factor * planned))
        if len(phases) == 1:  # by trying all
            each = next(n for n in itertools.count(1) if least + n * phases[0][1] > time_s + 1e-9)
            assert found == (each,)


def test_a_phase_that_gets_its_one_epoch_pushes_the_other() -> None:
    # A factor of .1: 1 epoch of 10 s for the first, so that 10 s are left, not 19.
    assert fit_epochs(_timing((1, 10.0), (190, 1.0)), 20.0) == (1, 10)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> RecipeTiming:
    timing = RecipeTiming(
        (PhaseTiming("head", 4, 10, 0.1), PhaseTiming("whole", 20, 10, 0.2)),
        folds=5,
        start_s=0.0,
        image_s=0.0,
        predicted=7,
    )
    monkeypatch.setattr(subject, "recipe_timing", lambda *_: timing)
    return timing


def _fit(tmp_path: Path, time_s: float, **options: Any) -> tuple[Recipe, subject.FittedRecipe]:
    file = tmp_path / "two.yaml"
    file.write_text(TWO)
    competition: Competition = object()  # type: ignore[assignment]
    fitted = fit_time(Workspace(tmp_path), competition, load_recipe(file), time_s, **options)
    return load_recipe(file, fitted.overrides), fitted


@pytest.mark.usefixtures("measured")
def test_schedules_are_cut_as_their_phases_are(tmp_path: Path) -> None:
    # A fold as it is: 4 · 1 + 20 · 2 = 44 s. Half of 5 · 44 s, with a tenth to spare:
    recipe, fitted = _fit(tmp_path, 5 * 22 / 0.9)
    assert [one.epochs for one in recipe.phases] == [2, 10]
    assert (recipe.optimizer.warmup_epochs, recipe.optimizer.step_epochs) == (1.0, 3)
    own = recipe.phases[1].optimizer
    assert own is not None
    assert (own.warmup_epochs, own.cosine_epochs) == (2.5, 5)
    assert fitted.timing.total_s == pytest.approx(110)
    assert fitted.describe() == (
        "2m expected for 5 folds: 0.1, 0.2 s a step, epochs: head 2 (recipe: 4), whole 10 "
        "(recipe: 20); optimizer.warmup_epochs: 2 to 1, optimizer.step_epochs: 6 to 3, "
        "phases[1].optimizer.warmup_epochs: 5 to 2.5, phases[1].optimizer.cosine_epochs: 10 to 5"
    )


@pytest.mark.usefixtures("measured")
def test_fewer_folds_leave_more_epochs(tmp_path: Path) -> None:
    assert [one.epochs for one in _fit(tmp_path, 44 / 0.9, folds=1)[0].phases] == [4, 20]
    assert [one.epochs for one in _fit(tmp_path, 88 / 0.9, folds=1, full=True)[0].phases] == [4, 20]


@pytest.mark.usefixtures("measured")
def test_what_fits_as_it_is_changes_nothing(tmp_path: Path) -> None:
    recipe, fitted = _fit(tmp_path, 5 * 44 / 0.9 + 0.5)
    assert fitted.overrides == ()
    assert recipe == load_recipe(tmp_path / "two.yaml")


@pytest.mark.usefixtures("measured")
def test_too_short_a_time_is_refused_with_what_would_fit(tmp_path: Path) -> None:
    # One epoch of each phase takes 3 s a fold, 15 s in all.
    with pytest.raises(UsageError) as refused:
        _fit(tmp_path, 10.0)
    assert "not one epoch a phase fits into 10s: 5 folds of one take 15s" in str(refused.value)
    assert "give --fit-time 17s" in str(refused.value)
    assert "--folds 0,1,2" in str(refused.value)  # 9 s are three folds of 3 s
    assert "-o input.size=96" in str(refused.value)  # 128 · sqrt(9 / 15) = 99


def test_times_are_read_as_they_are_written() -> None:
    from podium.cli.options import parse_duration

    for seconds in (0, 59, 89, 90, 754, 3570, 3600, 9000, 86400):
        read = parse_duration(describe_seconds(seconds), "--fit-time")
        assert read == pytest.approx(seconds, abs=30)
    assert describe_seconds(121, up=True) == "3m"
