"""What commands make `--on` an engine, whose tasks are other processes', is what they make here."""

from __future__ import annotations

import json
import pickle
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from engine_tasks import predictions_of
from search_workspaces import RECIPE, workspace

from podium.competition.spec import Competition, load_competition
from podium.ensembling.record import read_parts
from podium.errors import DataError, RunError
from podium.workflows.blends.blending import blend_runs
from podium.workflows.engines import (
    Engine,
    Flow,
    InProcess,
    Task,
    TaskBatch,
    TaskEnd,
    run_flows,
    run_task,
)
from podium.workflows.predicting import predict_sets, soup_of_runs
from podium.workflows.pseudo.labelling import pseudo_label
from podium.workflows.studies.compare import compare_study
from podium.workflows.training import train_recipes
from podium.workspace.jobs import jobs_of
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress

Made = tuple[Workspace, Competition]
TWICE = ["base", "wide"]


class Elsewhere:
    """Runs tasks as another process gets them, pickled, the last one first."""

    name, slots = "elsewhere", 2

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self.most = 0

    def submit(self, task: Task) -> None:
        self.tasks.append(pickle.loads(pickle.dumps(task)))
        self.most = max(self.most, len(self.tasks))

    def wait(self, timeout_s: float) -> list[TaskEnd]:
        return [pickle.loads(pickle.dumps(run_task(self.tasks.pop())))] if self.tasks else []

    def cancel(self, name: str) -> None:
        self.tasks = [one for one in self.tasks if one.name != name]

    def close(self) -> None:
        self.tasks.clear()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of two recipes, trained here."""
    root = tmp_path_factory.mktemp("on") / "ws"
    made = workspace(root)
    (root / "recipes/wide.yaml").write_text(RECIPE.replace("lr: 1e-2", "lr: 3e-2"))
    train_recipes(*made, TWICE)
    return root


@pytest.fixture
def pair(trained: Path, tmp_path: Path) -> tuple[Made, Made]:
    """Two copies of that workspace, for here and for an engine."""
    for name in ("here", "there"):
        shutil.copytree(trained, tmp_path / name)
    here, there = tmp_path / "here", tmp_path / "there"
    return (Workspace(here), load_competition(here)), (Workspace(there), load_competition(there))


def on_both(pair: tuple[Made, Made], work: Callable[..., Any]) -> tuple[Any, Any, Elsewhere]:
    engine = Elsewhere()
    here, there = pair
    return work(*here, on="local:1"), work(*there, on=engine), engine


def files_of(folder: Path) -> dict[str, str]:
    """Return the files of an artefact, without dates and seconds."""
    found = {}
    for one in sorted(folder.rglob("*")):
        if one.is_file() and one.suffix in (".json", ".csv", ".parquet", ".npy", ".yaml", ".png"):
            text = one.read_bytes().decode(errors="surrogateescape")
            if one.suffix == ".json":
                text = re.sub(r'"(created|seconds|updated|at)": ("[^"]*"|[\d.e-]+)', "", text)
            found[str(one.relative_to(folder))] = text
    return found


@pytest.mark.slow
def test_runs_of_seeds_are_trained_as_here_and_a_recipe_that_is_named_twice_once(
    tmp_path: Path,
) -> None:
    roots = [tmp_path / "here", tmp_path / "there"]
    pair = workspace(roots[0]), workspace(roots[1])
    names = ["base", "base"]

    def work(*made: Any, on: str | Engine) -> list[str]:
        return [one.result().run.name for one in train_recipes(*made, names, seeds=[1, 2], on=on)]

    here, there, engine = on_both(pair, work)
    assert here == there
    assert predictions_of(pair[0][0]) == predictions_of(pair[1][0])
    assert engine.most == 2 * 3  # all folds of both seeds, each once
    assert {one.attempts for one in jobs_of(pair[1][0])} == {1}
    assert not jobs_of(pair[0][0])


@pytest.mark.slow
def test_all_views_of_all_folds_are_predicted_side_by_side_as_here(pair: tuple[Made, Made]) -> None:
    def work(*made: Any, on: str | Engine) -> list[str]:
        run = next(made[0].runs.glob("base-*"))
        sets = predict_sets(*made, run, each_view=True, tta=["hflip"], on=on)
        return [one.name for one in sets.values()]

    here, there, engine = on_both(pair, work)
    assert here == there
    assert predictions_of(pair[0][0]) == predictions_of(pair[1][0])
    assert engine.most == 2 * 3


@pytest.mark.slow
def test_a_greedy_soup_is_that_of_here(pair: tuple[Made, Made]) -> None:
    here, there, engine = on_both(pair, lambda *made, on: soup_of_runs(*made, TWICE, on=on))
    assert here.name == there.name
    assert predictions_of(pair[0][0]) == predictions_of(pair[1][0])
    assert engine.most == 3
    assert not list((pair[1][0].root / ".podium").glob("*soup*"))


@pytest.mark.slow
def test_pseudo_labels_of_a_blend_are_those_of_here_and_all_teachers_predict_side_by_side(
    pair: tuple[Made, Made],
) -> None:
    def work(*made: Any, on: str | Engine) -> Path:
        blend = blend_runs(*made, TWICE, method="mean", trials=2)
        for run in made[0].runs.glob("*/predictions"):
            for views in run.glob("*/test"):
                shutil.rmtree(views)  # what teachers predict is to be made again
        return pseudo_label(*made, blend.name, splits=["test"], on=on)

    here, there, engine = on_both(pair, work)
    assert here.name == there.name
    assert files_of(here) == files_of(there)
    assert engine.most == 2 * 3


@pytest.mark.slow
def test_the_family_that_is_chosen_is_that_of_here_with_all_its_numbers(
    pair: tuple[Made, Made],
) -> None:
    ways = ("mean", "hill_climb", "stack_ridge", "vote")

    def work(*made: Any, on: str | Engine) -> Path:
        return blend_runs(*made, TWICE, families=ways, trials=2, on=on)

    here, there, engine = on_both(pair, work)
    assert here.name == there.name
    assert files_of(here) == files_of(there)
    assert engine.most == len(ways)
    assert len(read_parts(there)) == 1


@pytest.mark.slow
def test_a_study_has_the_table_of_here_and_all_its_runs_side_by_side(tmp_path: Path) -> None:
    roots = [tmp_path / "here", tmp_path / "there"]
    pair = workspace(roots[0]), workspace(roots[1])
    for root in roots:
        (root / "recipes/wide.yaml").write_text(RECIPE.replace("[4]", "[6]"))

    def work(*made: Any, on: str | Engine) -> Any:
        return compare_study(*made, TWICE, epochs=1, seeds=[2, 1], on=on)

    here, there, engine = on_both(pair, work)
    assert engine.most == 2 * 2 * 3
    assert predictions_of(pair[0][0]) == predictions_of(pair[1][0])
    assert [(one.name, one.scores, list(one.runs.items())) for one in here.rows] == [
        (one.name, one.scores, list(one.runs.items())) for one in there.rows
    ]
    assert there.folder.name == here.folder.name


def tell(*, what: str, at_hand: InProcess[list[str]], progress: Progress) -> str:
    """Return where the task ran: its list is at hand here alone."""
    if what.endswith("2"):
        raise RunError("it fell over")
    return f"{what} {'elsewhere' if at_hand.value is None else 'here'}"


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_flows_go_on_when_their_tasks_have_ended_and_here_one_after_the_other(
    tmp_path: Path, where: str
) -> None:
    messages: list[str] = []

    def flow(name: str) -> Flow[str]:
        for step in ("a", "b"):
            messages.append(f"{name}{step} begins")
            ends: list[TaskEnd] = []

            def tasks(step: str = step, ends: list[TaskEnd] = ends) -> Iterator[Task]:
                for n in (1, 2, 3):
                    if not any(one.error for one in ends):
                        what = f"{name}{step}{n}"
                        given = {"what": what, "at_hand": InProcess(messages)}
                        yield Task(what, what, tmp_path, tell, given)

            yield TaskBatch(tasks(), ends.append)
            messages.extend(one.value or f"{one.name} failed" for one in ends)
        return name

    engine = None if where == "here" else Elsewhere()
    assert run_flows(engine, (flow(one) for one in "xy")) == ["x", "y"]
    if where == "here":  # the third is not begun after the second failed
        each = [[f"{x} begins", f"{x}1 here", f"{x}2 failed"] for x in ("xa", "xb", "ya", "yb")]
        assert messages == [one for lines in each for one in lines]
    else:
        assert messages[:2] == ["xa begins", "ya begins"]
        for x in ("xa", "xb", "ya", "yb"):
            at = messages.index(f"{x}3 elsewhere")
            assert messages[at : at + 3] == [f"{x}3 elsewhere", f"{x}2 failed", f"{x}1 elsewhere"]
        assert len(messages) == 4 * (1 + 3)


def test_what_ends_a_flow_is_raised_in_it_and_the_tasks_of_the_others_are_cancelled(
    tmp_path: Path,
) -> None:
    def refuse(end: TaskEnd) -> None:
        raise DataError(f"{end.name} is no row")

    left: list[str] = []

    def flow(name: str, ended: Callable[[TaskEnd], None]) -> Flow[None]:
        try:
            given = {"what": name, "at_hand": InProcess([""])}
            yield TaskBatch([Task(name, name, tmp_path, tell, given)], ended)
        except BaseException as error:
            left.append(f"{name}: {type(error).__name__}")
            raise

    flows = [flow("x1", print), flow("y1", refuse)]
    with pytest.raises(DataError, match="y1 is no row"):
        run_flows(Elsewhere(), flows)
    assert sorted(left) == ["x1: GeneratorExit", "y1: DataError"]
    states = {one.stem: json.loads(one.read_text())["state"] for one in tmp_path.glob("*.json")}
    assert states == {"x1": "interrupted", "y1": "done"}
