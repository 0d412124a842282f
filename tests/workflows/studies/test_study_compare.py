"""`podium study compare` on a miniature: equal epochs, equal time, and what comes after."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from command_line import podium
from study_workspaces import FINE, workspace

from podium.competition.spec import load_competition
from podium.errors import UsageError
from podium.training.recipe import load_recipe
from podium.training.runs.train import train
from podium.workflows.studies import compare
from podium.workflows.studies.compare import compare_study
from podium.workflows.studies.table import Study, read_study
from podium.workspace.documents import dumps
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a workspace with three recipes: `fine`, `slow` and, without labels, `views`."""
    made, _ = workspace(tmp_path)
    (made.recipes / "slow.yaml").write_text(FINE.replace("lr: 1e-2", "lr: 1e-9"))
    return tmp_path


def study(root: Path, *recipes: str, **options: Any) -> Study:
    given: dict[str, Any] = {"seeds": (0, 1), "folds": (0,), **options}
    return compare_study(Workspace(root), load_competition(root), recipes, **given)


def test_recipes_that_differ_in_their_epochs_alone_are_noted_as_one_at_equal_epochs(
    root: Path,
) -> None:
    fine = load_recipe(root / "recipes" / "fine.yaml")
    phases = [phase.model_copy(update={"epochs": 2 * phase.epochs}) for phase in fine.phases]
    (root / "recipes" / "longer.yaml").write_text(dumps(fine.model_copy(update={"phases": phases})))
    found = study(root, "fine", "slow", "longer", epochs=3, max_time_s=0.0)
    (note,) = [one for one in found.notes if "one recipe" in one]
    assert note.startswith("fine and longer are one recipe with these epochs")


@pytest.mark.slow
def test_recipes_at_equal_epochs_the_one_without_labels_followed_by_then(root: Path) -> None:
    found = study(root, "slow", "views", "fine", epochs=6, then="fine")
    by_name = {row.name: row for row in found.rows}
    assert [row.mean for row in found.rows] == sorted(row.mean or 0 for row in found.rows)
    assert found.rows[0].name in found.near_the_best
    assert {row.columns["epochs"] for row in found.rows} == {"6"}
    assert {name: row.columns["then"] for name, row in by_name.items()} == {
        "slow": "–", "fine": "–", "views": "fine",
    }  # fmt: skip
    recipes = {
        one.name: yaml.safe_load((one / "recipe.yaml").read_text())
        for one in (root / "runs").iterdir()
    }
    epochs = {name: [phase["epochs"] for phase in one["phases"]] for name, one in recipes.items()}
    for seed in (0, 1):
        assert epochs[by_name["slow"].runs[seed]] == [2, 4]
        assert epochs[by_name["fine"].runs[seed]] == [2, 4]
        last = by_name["views"].runs[seed]
        assert last.startswith("fine-after-views-")
        assert epochs[last] == [1, 2], "what follows is trained as it stands"
        first = recipes[last]["model"]["from"]
        assert first.startswith("views-compared-")
        assert epochs[first] == [6]
        assert recipes[first]["seed"] == recipes[last]["seed"] == seed
        scored = read_record(root / "runs" / last)
        assert by_name["views"].scores[seed] == scored.scores["oof"]
    assert len(recipes) == 2 * 4
    assert read_study(found.folder) == found
    assert study(root, "slow", "views", "fine", epochs=6, then="fine") == found


@pytest.mark.slow
def test_equal_time_is_measured_once_and_leaves_no_run(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: dict[str, tuple[float, ...] | None] = {}
    measure = compare.measure_epochs

    def noting(*given: Any, **options: Any) -> tuple[float, ...] | None:
        seconds = measure(*given, **options)
        measured[given[1].name] = seconds
        return {"fine": (0.25, 0.5), "views": (0.75,)}[given[1].name]

    monkeypatch.setattr(compare, "measure_epochs", noting)
    found = study(root, "fine", "views", minutes=0.05, then="slow", seeds=(3,))
    assert {name: len(one or ()) for name, one in measured.items()} == {"fine": 2, "views": 1}
    assert all(one > 0 for seconds in measured.values() for one in seconds or ())
    # 1 · 0.25 + 2 · 0.5 = 1.25 s; three seconds hold 2.4 times as much: 2 and 5 epochs; and 4.
    by_name = {row.name: row.columns for row in found.rows}
    assert by_name["fine"]["epochs"] == "7"
    assert by_name["fine"]["s/epoch"] == f"{(2 * 0.25 + 5 * 0.5) / 7:.3g}"
    assert (by_name["views"]["epochs"], by_name["views"]["s/epoch"]) == ("4", "0.75")
    assert "0.05 minutes a model each" in found.notes[0]
    names = sorted(one.name.rpartition("-")[0] for one in (root / "runs").iterdir())
    assert names == ["fine-compared", "slow-after-views", "views-compared"]
    monkeypatch.setattr(compare, "measure_epochs", None)  # what is known is not measured again
    assert study(root, "fine", "views", minutes=0.05, then="slow", seeds=(3,)) == found


def test_an_epoch_is_timed_without_what_comes_before_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second epoch counts, by a clock that goes on by one with every look and 100 before."""
    moments = iter([100.0, 103.0, 110.0, 117.0])
    monkeypatch.setattr(compare, "monotonic", lambda: next(moments))
    found = study(root, "fine", "slow", minutes=1, max_time_s=0)
    assert found.stopped is not None
    assert not (root / "runs").exists() or not list((root / "runs").iterdir())
    seen: list[tuple[float, ...] | None] = []
    measure = compare.measure_epochs

    def one_only(*given: Any, **options: Any) -> None:
        if not seen:
            seen.append(measure(*given, **options))

    monkeypatch.setattr(compare, "measure_epochs", one_only)
    study(root, "fine", "slow", minutes=1)
    assert seen == [(3.0, 7.0)]


@pytest.mark.slow
def test_a_deadline_during_measurement_is_reported_and_the_same_call_resumes(root: Path) -> None:
    words = ("study", "compare", "fine", "slow", "--minutes", "0.001", "--folds", "0")
    printed = podium(root, *words, "--seeds", "0", "--max-time", "0")
    assert "out of time" in printed
    (folder,) = (root / "studies").iterdir()
    assert read_record(folder).status == "unfinished"
    assert "indexed 1 study" in podium(root, "ledger", "rebuild")
    printed = podium(root, *words, "--seeds", "0")
    assert [one.name for one in (root / "studies").iterdir()] == [folder.name]
    assert read_record(folder).status == "finished"
    assert "within one standard error" in printed
    assert " * " in printed


def test_recipes_whose_scores_are_flattered_are_named(root: Path) -> None:
    chosen = FINE.replace("epochs: 2}", "epochs: 2, early_stopping: {patience: 1}}")
    (root / "recipes/chosen.yaml").write_text(chosen)
    found = study(root, "chosen", "slow", epochs=2, max_time_s=0)
    assert found.notes[-1].endswith("which flatters chosen.")
    found = study(root, "views", "slow", epochs=2, then="chosen", max_time_s=0)
    assert found.notes[-1].endswith("which flatters views.")


@pytest.mark.slow
def test_a_run_of_more_folds_is_scored_on_those_of_the_study(root: Path) -> None:
    one = study(root, "fine", "slow", epochs=2, seeds=(0,))
    made, competition = Workspace(root), load_competition(root)
    overrides = ("phases[0].epochs=1", "phases[1].epochs=1", "seed=0")
    name = "fine-compared"
    every = train(made, competition, root / "recipes/fine.yaml", overrides=overrides, name=name)
    by_name = {row.name: row for row in one.rows}
    assert every.run.name == by_name["fine"].runs[0]
    assert every.missing == ()
    shutil.rmtree(one.folder)
    again = study(root, "fine", "slow", epochs=2, seeds=(0,))
    assert again == one
    assert by_name["fine"].scores[0] == every.scores["folds"]["0"] != every.scores["oof"]


@pytest.mark.parametrize(
    ("recipes", "options", "why"),
    [
        (("fine",), {"epochs": 1}, "two recipes or more"),
        (("fine", "fine"), {"epochs": 1}, "fine is named twice"),
        (("fine", "slow"), {}, "equal epochs or in equal time"),
        (("fine", "slow"), {"epochs": 1, "minutes": 1.0}, "equal epochs or in equal time"),
        (("fine", "slow"), {"minutes": 0.0}, "the budget is zero"),
        (("fine", "slow"), {"epochs": 1, "then": "fine"}, "nothing comes after"),
        (("fine", "views"), {"epochs": 1}, "views learns without labels"),
        (("fine", "views"), {"epochs": 1, "then": "views"}, "--then views learns without labels"),
        (("fine", "other"), {"epochs": 1}, "there is no recipe 'other'"),
    ],
)
def test_invalid_comparisons_are_refused(
    root: Path, recipes: tuple[str, ...], options: dict[str, Any], why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        study(root, *recipes, **options)
    assert not (root / "studies").exists()
    assert not (root / "runs").exists()


def test_json_has_every_number(root: Path) -> None:
    found = study(root, "fine", "slow", epochs=2, seeds=(0,))
    answer = json.loads(podium(root, "show", found.id, "--json"))
    assert {one["name"]: one["scores"] for one in answer["arms"]} == {
        row.name: {"0": row.scores[0]} for row in found.rows
    }
