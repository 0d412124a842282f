from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from search_workspaces import workspace

from podium.competition.spec import Competition, load_competition
from podium.training.runs.train import train
from podium.workflows.tuning.recipe_plan import RecipeStudy
from podium.workflows.tuning.recipe_trials import (
    plan_recipe_study,
    remove_runs,
    run_lock,
    run_recipe_trials,
)
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT
from podium.workspace.records import read_record, write_record

Made = tuple[Workspace, Competition]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return workspace(tmp_path)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace after three trials, for copies: the same search there trains nothing more."""
    root = tmp_path_factory.mktemp("searched")
    search(workspace(root), 3)
    return root


@pytest.fixture
def tried(searched: Path, tmp_path: Path) -> Made:
    """Return a copy of it."""
    root = shutil.copytree(searched, tmp_path / "tried")
    return Workspace(root), load_competition(root)


def search(made: Made, trials: int, **options: Any) -> RecipeStudy:
    study = plan_recipe_study(*made, "base", made[0].root / "space.yaml", folds=[0], **options)
    run_recipe_trials(study, trials=trials)
    return study


def trials_of(study: RecipeStudy) -> list[optuna.trial.FrozenTrial]:
    with study.opened() as opened:
        return list(opened.study.trials)


def runs(made: Made) -> set[str]:
    return {one.name for one in made[0].runs.iterdir()}


def ranked(study: RecipeStudy) -> list[str]:
    """Return the runs of the trials, those of the least loss first."""
    complete = [one for one in trials_of(study) if one.state.name == "COMPLETE"]
    return [one.user_attrs["run"] for one in sorted(complete, key=lambda one: one.value)]


def removed(study: RecipeStudy) -> list[str]:
    with study.opened() as opened:
        return remove_runs(study, opened)


@pytest.mark.slow
def test_runs_of_the_best_trials_stay_and_scores_of_all(made: Made) -> None:
    study = search(made, 5, keep=2)
    assert runs(made) == set(ranked(study)[:2])
    assert all(one.user_attrs["folds"] for one in trials_of(study))


def test_all_runs_stay_by_default_and_can_be_thinned_out_later(tried: Made) -> None:
    study = search(tried, 4)
    assert runs(tried) == set(ranked(study))
    assert sorted(removed(replace(study, keep=1))) == sorted(ranked(study)[1:])
    assert runs(tried) == set(ranked(study)[:1])


@pytest.mark.slow
def test_the_run_of_a_trial_that_failed_goes(made: Made) -> None:
    (made[0].root / "space.yaml").write_text("optimizer.lr: [1e-2, 2e-2, 1e30]\n")
    study = search(made, 6, keep=2)
    assert "FAIL" in {one.state.name for one in trials_of(study)}
    assert runs(made) == set(ranked(study))


@pytest.mark.slow
def test_the_run_of_a_trial_that_was_pruned_goes(made: Made) -> None:
    overrides = ["phases=[{name: only, epochs: 4}]"]
    study = search(made, 6, pruner="asha", keep=2, overrides=overrides)
    assert "PRUNED" in {one.state.name for one in trials_of(study)}
    assert runs(made) == set(ranked(study)[:2])


@pytest.mark.slow
def test_a_run_that_was_there_before_stays(made: Made) -> None:
    base = made[0].recipes / "base.yaml"
    there = train(*made, base, overrides=["optimizer.lr=1e-4"], folds=[0]).run.name
    other = train(*made, base, overrides=["optimizer.lr=2e-4"], name="base-t", folds=[1]).run.name
    study = search(made, 3, keep=1)
    assert runs(made) == {there, other, ranked(study)[0]}


@pytest.mark.slow
def test_a_run_that_a_trial_goes_on_with_was_there_before(made: Made) -> None:
    """The recipe as it stands is the first trial; its run was begun by hand, and is not ours."""
    base = made[0].recipes / "base.yaml"
    begun = train(*made, base, name="base-t", folds=[1]).run.name
    study = search(made, 3, keep=1)
    first = trials_of(study)[0].user_attrs
    assert first["run"] == begun
    assert "made" not in first
    assert begun in runs(made)


def test_a_run_that_something_was_made_from_stays(tried: Made) -> None:
    study = search(tried, 3)
    worst = ranked(study)[-1]
    blend = tried[0].blends / "all-00000000"
    blend.mkdir(parents=True)
    record = read_record(tried[0].runs / worst)
    write_record(
        blend,
        record.model_copy(update={"kind": "blend", "id": blend.name, "parents": [worst]}),
    )
    removed(replace(study, keep=1))
    assert runs(tried) == {ranked(study)[0], worst}


def test_a_run_that_another_study_names_stays(tried: Made) -> None:
    first = search(tried, 3)
    theirs = set(ranked(first))
    second = search(tried, 2, seed=1)  # has the runs of the first, which it did not make
    assert theirs < set(ranked(second))
    assert not theirs & set(removed(replace(second, keep=1)))
    assert removed(replace(first, keep=1)) == []
    assert theirs <= runs(tried)


def test_a_run_that_a_trial_works_on_stays_until_it_has_ended(tried: Made) -> None:
    study = search(tried, 3)
    _, second, third = ranked(study)
    with run_lock(study, second, wait_s=0, progress=SILENT):
        assert removed(replace(study, keep=1)) == [third]
    assert removed(replace(study, keep=1)) == [second]


def test_a_run_that_a_recipe_names_stays(tried: Made) -> None:
    study = search(tried, 3)
    worst = ranked(study)[-1]
    later = tried[0].recipes / "mine" / "later.yaml"
    later.parent.mkdir()
    later.write_text(f"model: {{from: {worst}}}\n")
    removed(replace(study, keep=1))
    assert runs(tried) == {ranked(study)[0], worst}


def test_nothing_is_removed_while_a_record_cannot_be_read(tried: Made) -> None:
    study = search(tried, 3)
    blend = tried[0].blends / "all-00000000"
    blend.mkdir(parents=True)
    (blend / "record.json").write_text("{")
    assert removed(replace(study, keep=1)) == []
    assert runs(tried) == set(ranked(study))


@pytest.mark.slow
def test_a_run_of_a_study_of_the_workspace_stays_where_another_storage_is_thinned_out(
    made: Made,
) -> None:
    elsewhere = f"sqlite:///{made[0].root / 'elsewhere.db'}"
    first = search(made, 3, storage=elsewhere)
    search(made, 1, seed=1)  # in the workspace's own storage, with the runs of the first
    assert removed(replace(first, keep=1)) == []
    assert runs(made) >= set(ranked(first))
