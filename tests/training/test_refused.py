"""A training that is refused before it has trained anything leaves no run behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from podium.errors import DataError, PodiumError, RecipeError, RunError, UsageError
from podium.training.fit import fold as fitting
from podium.training.runs import train as run
from podium.training.runs.train import Trained, train
from podium.workspace.locks import hold
from podium.workspace.records import RECORD_FILE, read_record, scan

QUICK = "phases=[{name: only, epochs: 1}]"
WRONG = "model.weights=competition.yaml"


def go(made: tuple, *overrides: str, **options: Any) -> Trained:
    workspace, competition = made
    recipe = workspace.recipes / "tiny.yaml"
    return train(workspace, competition, recipe, overrides=(QUICK, *overrides), **options)


@pytest.fixture
def made(make: Callable) -> tuple:
    return make()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, make_in: Callable) -> tuple:
    """Return a workspace in which a refused recipe leaves nothing for the next one."""
    made: tuple = make_in(tmp_path_factory.mktemp("shared") / "ws")
    return made


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Callable[[PodiumError], None]:
    """Return a function, after which no fold is trained: an error comes of what is held so far."""

    def instead(error: PodiumError) -> None:
        def raised(job: Any, fold: Any, **_: Any) -> None:
            job.files(fold).loaded.write_text("{}")
            (job.run / "network.json").write_text("{}")
            raise error

        monkeypatch.setattr(fitting, "fit_fold", raised)

    return instead


def runs_of(made: tuple) -> list[Path]:
    runs = made[0].runs
    return sorted(runs.iterdir()) if runs.is_dir() else []


@pytest.mark.parametrize(
    ("overrides", "options"),
    [
        ([WRONG], {}),
        (["phases[0].method={name: pseudo_label, threshold: 2}"], {}),
        (["model.heads={segment: {decoder: linear}}"], {}),
        ([], {"folds": [7]}),
        ([WRONG], {"folds": [1], "full": True}),
    ],
)
def test_a_refused_run_is_gone(made: tuple, overrides: list[str], options: Any) -> None:
    with pytest.raises((RecipeError, UsageError)):
        go(made, *overrides, **options)
    assert runs_of(made) == []
    assert scan(made[0]) == []


def test_a_loss_that_does_not_fit_is_named_with_file_line_and_phase(
    made: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made[0].root)
    recipe = made[0].recipes / "tiny.yaml"
    others = {k: v for k, v in yaml.safe_load(recipe.read_text()).items() if k != "phases"}
    lines = yaml.safe_dump(others).splitlines()
    phases = ["phases:", "  - name: first", "    epochs: 1", "  - name: second", "    epochs: 1"]
    loss = ["    loss:", "      classify: {bce: 1}"]
    recipe.write_text("\n".join([*lines, *phases, *loss]) + "\n")
    with pytest.raises(RecipeError) as caught:
        train(*made, recipe)
    place = f"recipes/tiny.yaml:{len(lines) + len(phases) + 2}: phases[1].loss.classify.bce"
    assert caught.value.where == place
    with pytest.raises(RecipeError) as caught:
        train(*made, recipe, overrides=("phases[0].loss={classify: {bce: 1}}",))
    assert caught.value.where == (
        "-o phases[0].loss={classify: {bce: 1}}: phases[0].loss.classify.bce"
    )
    assert "write ce" in str(caught.value)


PHASE = "phases:\n  - {name: first, epochs: 1}\n  - {name: second, epochs: 1, %s}\n"


@pytest.mark.parametrize(
    ("written", "place", "message"),
    [
        (PHASE % "loss: {classify: {ce: 0}}", ":3: phase second", "weigh 0 together"),
        (PHASE % "method: {name: fixmach}", ":3: method.name", "fix: write fixmatch"),
        (PHASE % "method: {name: fixmatch, treshold: 1}", ":3: phase second, method", "treshold"),
        (PHASE % "method: {name: fixmatch, threshold: true}", ":3: phase second", "got true"),
        (PHASE % "freeze: [backbon]", ":3: freeze: ", "backbon is no part"),
        (PHASE % "freeze: [backbone, classify]", ":3: phase second: ", "nothing is learnt"),
        (PHASE % "method: {name: linear_probe}", ":3: phase second: ", "freeze: [backbone]"),
        ("model: {from: nope}", ":1: model.from: ", "there is no run 'nope'"),
        ("pseudo: [{from: nope}]", ":1: pseudo[0].from: ", "no folder of pseudo-labels"),
        ("model: {backbone: cnn, pretrained: true}", ":1: model.pretrained: ", "random weights"),
        ("input: {train: wek}", ":1: input.train: ", "fix: write weak"),
        ("class_weights: [1]", ":1: class_weights needs", "got [1.0]"),
        ("predict: {tta: [hflop]}", ":1: predict.tta: ", "fix: write hflip"),
        ("optimizer: {lr: .inf}", ":1: optimizer.lr ", "a finite number"),
        ("input: {size: 0}", ":1: input.size must be at least 1", "got 0"),
    ],
)
def test_a_mistake_is_named_with_the_file_and_line_of_its_key(
    shared: tuple, monkeypatch: pytest.MonkeyPatch, written: str, place: str, message: str
) -> None:
    monkeypatch.chdir(shared[0].root)
    (shared[0].recipes / "wrong.yaml").write_text(f"{written}\nextends: tiny.yaml\n")
    with pytest.raises((RecipeError, UsageError)) as caught:
        train(*shared, shared[0].recipes / "wrong.yaml")
    assert str(caught.value).startswith(f"recipes/wrong.yaml{place}")
    assert message in str(caught.value)
    assert runs_of(shared) == []


def test_also_where_start_weights_were_reported(made: tuple, refuse: Callable) -> None:
    refuse(DataError("the metric is undefined"))
    with pytest.raises(DataError):
        go(made)
    assert runs_of(made) == []


def test_what_failed_otherwise_stays(made: tuple, refuse: Callable) -> None:
    refuse(RunError("the memory is too small"))
    with pytest.raises(RunError):
        go(made)
    [(_, record)] = scan(made[0])
    assert record.status == "unfinished"


def test_a_run_of_which_a_fold_is_trained_stays(made: tuple, refuse: Callable) -> None:
    fit = fitting.fit_fold
    refuse(DataError("of this fold"))
    raised = fitting.fit_fold

    def first_alone(job: Any, fold: Any, **options: Any) -> None:
        (fit if fold == 0 else raised)(job, fold, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "fit_fold", first_alone)
        with pytest.raises(DataError):
            go(made)
    [(folder, record)] = scan(made[0])
    assert record.details["finished"] == ["0"]
    assert (folder / "fold-0/last.pt").is_file()


def test_a_folder_that_was_there_before_stays(made: tuple, refuse: Callable) -> None:
    refuse(RunError("interrupted"))
    with pytest.raises(RunError):
        go(made)
    before = runs_of(made)
    refuse(RecipeError("never"))
    with pytest.raises(RecipeError):
        go(made)
    assert runs_of(made) == before != []
    assert read_record(before[0]).status == "unfinished"


@pytest.fixture
def held(made: tuple, refuse: Callable) -> Iterator[Path]:
    """Give the folder of a run; another process came second, and is at fold 1."""
    refuse(RunError("to know the name"))
    with pytest.raises(RunError):
        go(made)
    [folder] = runs_of(made)
    shutil.rmtree(folder)
    with pytest.MonkeyPatch.context() as patch:
        decode = run.decode_images
        turns: list[Any] = []

        def others_begin(*given: Any) -> Any:
            images = decode(*given)
            turns.append(hold(folder / "fold-1/.lock", what="fold 1"))
            turns[0].__enter__()
            return images

        patch.setattr(run, "decode_images", others_begin)
        yield folder
        turns[0].__exit__(None, None, None)


def test_a_run_that_another_process_is_at_stays(held: Path, made: tuple, refuse: Callable) -> None:
    refuse(RecipeError("of fold 0 alone"))
    with pytest.raises(RecipeError, match="of fold 0 alone"):
        go(made, folds=[0])
    assert read_record(held).status == "unfinished"
    assert (held / "recipe.yaml").is_file()


def test_a_fold_that_another_begins_meanwhile_keeps_its_record(
    made: tuple, refuse: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(RecipeError("of fold 0 alone"))
    unlink = Path.unlink

    def meanwhile(file: Path, missing_ok: bool = False) -> None:
        unlink(file, missing_ok)
        if file.name == RECORD_FILE:
            (file.parent / "fold-1").mkdir()

    monkeypatch.setattr(Path, "unlink", meanwhile)
    with pytest.raises(RecipeError):
        go(made, folds=[0])
    [folder] = runs_of(made)
    assert read_record(folder).name == "tiny"
    assert (folder / "recipe.yaml").is_file()
    assert sorted(one.name for one in folder.glob("fold-*")) == ["fold-0", "fold-1"]


def test_a_process_that_finds_the_run_gone_begins_it_again(
    made: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = run.decode_images

    def others_leave(job: Any, *given: Any) -> Any:
        images = decode(job, *given)
        shutil.rmtree(job.run)
        return images

    monkeypatch.setattr(run, "decode_images", others_leave)
    trained = go(made, folds=[0])
    record = read_record(trained.run)
    assert (record.name, record.details["finished"]) == ("tiny", ["0"])
    assert (trained.run / "recipe.yaml").is_file()
