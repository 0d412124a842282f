from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import Split, load_samples
from podium.competition.spec import Competition, load_competition
from podium.errors import DataError, RecipeError, RunError, UsageError
from podium.predictions import PredictionSet
from podium.training.fit import fold as fitting
from podium.training.runs import job
from podium.training.runs.fold_files import find_failure
from podium.training.runs.job import TrainingData
from podium.training.runs.train import Trained, train
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold
from podium.workspace.records import read_record

QUICK = ("phases=[{name: only, epochs: 1}]",)


def go(made: tuple, *overrides: str, **options: object) -> Trained:
    workspace, competition = made
    return train(
        workspace,
        competition,
        workspace.recipes / "tiny.yaml",
        overrides=overrides,
        **options,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def quick_root(tmp_path_factory: pytest.TempPathFactory, make_in: Callable) -> Path:
    """A workspace with the run of QUICK, for copies."""
    root = tmp_path_factory.mktemp("quick") / "ws"
    go(make_in(root), *QUICK)
    return root


@pytest.fixture
def made_quick(quick_root: Path, tmp_path: Path) -> tuple:
    """Return a copy of it, in which `go(made, *QUICK)` trains nothing."""
    root = shutil.copytree(quick_root, tmp_path / "quick")
    return Workspace(root), load_competition(root)


def predictions(trained: Trained) -> PredictionSet:
    record = read_record(trained.run)
    return PredictionSet(trained.run / "predictions" / record.details["predictions"])


def weights(trained: Trained, fold: int | str = 0, name: str = "last") -> dict[str, torch.Tensor]:
    return torch.load(trained.run / f"fold-{fold}/{name}.pt", weights_only=True)["network"]


def history(trained: Trained, fold: int | str = 0) -> list[dict[str, str]]:
    with (trained.run / f"fold-{fold}/metrics.csv").open() as file:
        return list(csv.DictReader(file))


def test_the_samples_of_a_split_are_read_once_a_training(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, splits = make(), []

    def reading(competition: Competition, split: Split, **options: Any) -> pd.DataFrame:
        splits.append(split)
        return load_samples(competition, split, **options)

    monkeypatch.setattr(job, "load_samples", reading)
    go(made, *QUICK)
    assert splits == ["train", "test"]


@pytest.mark.slow
def test_the_same_recipe_and_seed_give_the_same_oof_to_the_bit(make: Callable) -> None:
    first, second = go(make("a")), go(make("b"))
    assert first.run.name == second.run.name
    ours, theirs = predictions(first).oof(), predictions(second).oof()
    assert ours.ids == theirs.ids
    assert ours.probs.tobytes() == theirs.probs.tobytes()
    metrics = [(one.run / "fold-1/metrics.csv").read_bytes() for one in (first, second)]
    assert metrics[0] == metrics[1]


def test_worker_processes_change_neither_the_id_nor_a_bit(make: Callable) -> None:
    thread, processes = (
        go(make("a"), *QUICK, folds=[0]),
        go(make("b"), *QUICK, "workers=2", folds=[0]),
    )
    assert thread.run.name == processes.run.name
    for name, tensor in weights(thread).items():
        assert torch.equal(tensor, weights(processes)[name]), name


@pytest.mark.slow
def test_another_seed_is_another_run_with_other_predictions(made_quick: tuple) -> None:
    first, second = go(made_quick, *QUICK), go(made_quick, *QUICK, "seed=1")
    assert first.run != second.run
    assert predictions(first).oof().probs.tobytes() != predictions(second).oof().probs.tobytes()


def test_what_else_happens_in_the_process_changes_nothing(make: Callable) -> None:
    first = go(make("a"), *QUICK, folds=[1])
    torch.manual_seed(99)
    np.random.seed(99)  # noqa: NPY002 — the point is that nothing draws from it
    before = torch.random.get_rng_state()
    second = go(make("b"), *QUICK, folds=[0, 1])
    assert torch.equal(torch.random.get_rng_state(), before)
    for name, tensor in weights(first, 1).items():
        assert torch.equal(tensor, weights(second, 1)[name]), name


def test_every_oof_row_names_the_model_that_did_not_see_it(made_quick: tuple) -> None:
    trained = go(made_quick, *QUICK)
    oof = predictions(trained).oof()
    samples = load_samples(made_quick[1], "train")
    assert sorted(oof.ids) == sorted(samples["id"])
    fold_of = dict(zip(samples["id"], ensure_folds(*made_quick, samples), strict=True))
    for sample, model in zip(oof.ids, oof.row_models, strict=True):
        assert model == f"{trained.run.name}/fold-{fold_of[sample]}/last.pt"


def test_a_planted_leak_is_refused_before_anything_is_trained(make: Callable) -> None:
    workspace, competition = make(groups=True)
    samples = load_samples(competition, "train")
    ensure_folds(workspace, competition, samples)
    header, first, *rest = workspace.folds_file.read_text().splitlines()
    sample, fold = first.split(",")
    workspace.folds_file.write_text("\n".join([header, f"{sample},{(int(fold) + 1) % 3}", *rest]))
    with pytest.raises(DataError, match="g0"):
        go((workspace, competition))
    assert not list(workspace.runs.glob("*/fold-*"))


def test_the_check_before_a_fold_finds_a_leak_whatever_the_folds_came_from(make: Callable) -> None:
    _, competition = make(groups=True)
    samples = load_samples(competition, "train")
    torn = np.arange(len(samples)) % 3
    with pytest.raises(DataError, match="leak"):
        TrainingData(samples, torn, "stratified_group").rows(0)


def test_the_rows_of_a_fold_are_looked_through_once_and_nobody_can_change_them(
    made_quick: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = TrainingData.load(*made_quick)
    train, valid = data.rows(1)
    monkeypatch.setattr(job, "rows_of_fold", None)
    for first, again in zip((train, valid), data.rows(1), strict=True):
        assert np.array_equal(first, again)
        with pytest.raises(ValueError, match="read-only"):
            again += 1


@pytest.mark.slow
def test_a_finished_run_is_kept_and_loads_no_torch(made_quick: tuple) -> None:
    first = go(made_quick, *QUICK)
    files = {p: p.stat().st_mtime_ns for p in first.run.rglob("*") if p.is_file()}
    assert first.run / "network.json" in files
    code = (
        "import sys; from pathlib import Path;"
        "from podium.workspace.layout import Workspace;"
        "from podium.competition.spec import load_competition;"
        "from podium.training.runs.train import train;"
        "root = Path(sys.argv[1]);"
        "done = train(Workspace(root), load_competition(root), root / 'recipes/tiny.yaml',"
        " overrides=sys.argv[2:]);"
        "assert 'torch' not in sys.modules and 'albumentations' not in sys.modules;"
        "print(done.run.name, done.finished, done.scores['oof'])"
    )
    command = [sys.executable, "-c", code, str(made_quick[0].root), *QUICK]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == f"{first.run.name} (0, 1, 2) {first.scores['oof']}"
    assert {p: p.stat().st_mtime_ns for p in first.run.rglob("*") if p.is_file()} == files


def test_other_views_predict_again_and_train_nothing(made_quick: tuple) -> None:
    first = go(made_quick, *QUICK)
    before = (first.run / "fold-0/last.pt").stat().st_mtime_ns
    second = go(made_quick, *QUICK, "predict.tta=[hflip]")
    assert second.run == first.run
    assert (first.run / "fold-0/last.pt").stat().st_mtime_ns == before
    assert len(list((first.run / "predictions").iterdir())) == 2
    assert predictions(second).oof().probs.tobytes() != b""
    assert "hflip" in (first.run / "recipe.yaml").read_text()


def test_some_folds_first_and_the_others_later(make: Callable) -> None:
    made = make()
    part = go(made, *QUICK, folds=[1])
    assert (part.finished, part.missing) == ((1,), (0, 2))
    record = read_record(part.run)
    assert record.status == "unfinished"
    assert part.scores["scored_rows"] == 12
    whole = go(made, *QUICK)
    assert (whole.finished, whole.missing) == ((0, 1, 2), ())
    assert read_record(whole.run).status == "finished"
    assert whole.scores["scored_rows"] == 36
    assert whole.scores["folds"]["1"] == part.scores["folds"]["1"]


def test_an_unknown_fold_is_refused(make: Callable) -> None:
    with pytest.raises(UsageError, match="no fold 7"):
        go(make(), *QUICK, folds=[7])


def test_a_second_process_on_the_same_fold_is_refused_with_the_holder(make: Callable) -> None:
    made = make()
    started = go(made, *QUICK, max_time_s=0)
    with (
        hold(started.run / "fold-0/.lock", what="fold 0"),
        pytest.raises(RunError, match=r"fold 0 of tiny-.* process \d+ on "),
    ):
        go(made, *QUICK)


def test_frozen_parts_keep_their_weights_and_their_statistics(make: Callable) -> None:
    made = make()
    both = go(made, folds=[0])
    head_only = "phases=[{name: head, epochs: 1, freeze: [backbone]}]"
    frozen = go(made, head_only, "ema_decay=0.9", folds=[0])
    longer = go(made, head_only.replace("epochs: 1", "epochs: 3"), folds=[0])
    backbone = [name for name in weights(frozen) if name.startswith("backbone.")]
    assert any("running_mean" in name for name in backbone)
    for name in backbone:
        assert torch.equal(weights(frozen)[name], weights(longer)[name]), name
    assert any(not torch.equal(weights(both)[n], weights(frozen)[n]) for n in backbone)
    heads = [name for name in weights(frozen) if not name.startswith("backbone.")]
    assert any(not torch.equal(weights(frozen)[n], weights(longer)[n]) for n in heads)


def test_early_stopping_stops_and_marks_the_run(make: Callable) -> None:
    # A learning rate of almost nothing: the loss of a frozen network cannot fall by much.
    trained = go(
        make(noise=20),
        "optimizer.lr=0.3",
        "phases=[{name: only, epochs: 30, early_stopping: {patience: 2}}]",
        folds=[0],
    )
    losses = [float(row["valid_loss"]) for row in history(trained)]
    assert len(losses) < 30
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 2
    assert trained.scores["selected_on_fold"] is True


def test_the_best_checkpoint_is_the_epoch_with_the_best_score(make: Callable) -> None:
    made = make(metric="log_loss")
    trained = go(
        made, "checkpoint=best", "optimizer.lr=0.1", "phases=[{name: a, epochs: 6}]", folds=[0]
    )
    scores = [float(row["log_loss"]) for row in history(trained)]
    facts = json.loads((trained.run / "fold-0/done.json").read_text())
    assert facts["best_epoch"] == int(np.argmin(scores)) + 1
    # The stored predictions are those of that epoch's network, not of the last one's.
    assert trained.scores["folds"]["0"] == pytest.approx(min(scores), rel=1e-5)
    assert trained.scores["selected_on_fold"] is True
    assert predictions(trained).oof().row_models[0].endswith("/best.pt")


def test_a_refit_on_all_rows_is_tied_to_its_siblings(make: Callable) -> None:
    trained = go(make(folds=2), "checkpoint=best", "phases=[{name: a, epochs: 3}]", full=True)
    facts = [json.loads((trained.run / f"fold-{k}/done.json").read_text()) for k in range(2)]
    full = json.loads((trained.run / "fold-full/done.json").read_text())
    assert full["sibling"] == trained.run.name
    assert full["rows"] == {"train": 36, "valid": 0}
    assert full["epochs"] == [max(1, round(np.mean([one["best_epoch"] for one in facts])))]
    stored = predictions(trained)
    assert stored.folds("test", "classify") == (0, 1, "full")
    assert stored.folds("oof", "classify") == (0, 1)
    assert stored.is_complete


def test_a_refit_without_its_siblings_is_refused_where_they_choose_its_epochs(
    make: Callable,
) -> None:
    made = make()
    for folds in ([], [1]):
        with pytest.raises(
            UsageError, match=r"fold 0 of tiny-.* is not trained(?s:.*)checkpoint: last"
        ):
            go(made, "checkpoint=best", full=True, folds=folds)
    assert not any(made[0].runs.iterdir()), "it is refused before anything is begun"


def test_no_time_is_a_run_that_continues_later(make: Callable) -> None:
    made = make()
    none = go(made, *QUICK, max_time_s=0)
    assert none.finished == ()
    assert none.stopped is not None
    assert read_record(none.run).status == "unfinished"
    assert go(made, *QUICK, folds=[0]).finished == (0,)


def test_a_diverging_loss_stops_with_advice(make: Callable) -> None:
    with pytest.raises(RunError, match="the loss became") as caught:
        go((made := make()), "optimizer={name: sgd, lr: 1e30}", folds=[0])
    assert "optimizer.lr" in str(caught.value)
    failures = [find_failure(run) for run in made[0].runs.iterdir()]
    (failure,) = [one for one in failures if one is not None]
    assert failure.fold == "0"
    assert failure.what.startswith("the loss became")
    assert "optimizer.lr" in failure.fix


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory, make_in: Callable) -> tuple:
    """Return a workspace in which nothing is trained."""
    made: tuple = make_in(tmp_path_factory.mktemp("untrained") / "ws")
    return made


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("phases[1].freeze=[neck]", "neck"),
        ("phases[1].loss={classify: {focl: 1}}", "focl"),
        ("phases[1].method.name=supervisd", "supervised"),
        ("phases[1].method.treshold=1", "treshold"),
        ("input.train=strng", "strong"),
        ("predict.tta=[hflop]", "hflip"),
        ("model.backbone=resnet1888", "resnet18"),
        ("precision=fp16", "GPU"),
    ],
)
def test_what_is_impossible_is_refused_before_the_first_epoch(
    untrained: tuple, override: str, message: str
) -> None:
    if override == "precision=fp16" and torch.cuda.is_available():
        pytest.skip("this machine has a GPU, where fp16 is possible")
    with pytest.raises((RecipeError, UsageError), match=message):
        go(untrained, override)
    assert not [p for p in untrained[0].runs.rglob("metrics.csv") if "phase" in p.read_text()]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["multilabel", "binary", "regression"])
def test_every_kind_of_task_learns_and_predicts_in_its_own_range(make: Callable, kind: str) -> None:
    made = make(kind=kind)
    extra = ("class_weights=balanced", "sampling=balanced") if kind != "regression" else ()
    trained = go(
        made, *extra, "mix.mixup=0.2", "phases=[{name: a, epochs: 4}]", "predict.tta=[hflip]"
    )
    oof = predictions(trained).oof()
    assert oof.probs.shape == (36, 3 if kind == "multilabel" else 1)
    losses = [float(row["valid_loss"]) for row in history(trained)]
    assert losses[-1] < losses[0]
    if kind != "regression":
        assert 0 <= oof.probs.min() <= oof.probs.max() <= 1


def test_a_run_can_start_from_the_same_fold_of_another(made_quick: tuple) -> None:
    first = go(made_quick, *QUICK)
    frozen = "phases=[{name: head, epochs: 1, freeze: [backbone]}]"
    second = go(made_quick, frozen, f"model.from={first.run.name}", folds=[1])
    for name, tensor in weights(second, 1).items():
        if name.startswith("backbone."):
            assert torch.equal(tensor, weights(first, 1)[name]), name
    assert read_record(second.run).parents == [first.run.name]


def test_a_start_from_other_folds_is_refused(make: Callable) -> None:
    made = make()
    first = go(made, *QUICK, folds=[0])
    ensure_folds(*made, load_samples(made[1], "train"))
    lines = made[0].folds_file.read_text().splitlines()
    rotated = [lines[0], *(f"{i},{(int(k) + 1) % 3}" for i, k in (x.split(",") for x in lines[1:]))]
    made[0].folds_file.write_text("\n".join(rotated) + "\n")
    with pytest.raises(RecipeError, match="had other folds"):
        go(made, *QUICK, f"model.from={first.run.name}", folds=[0])


def test_a_start_from_a_fold_that_is_not_trained_is_refused(make: Callable) -> None:
    made = make()
    first = go(made, *QUICK, folds=[0])
    with pytest.raises(RecipeError, match=f"model.from: fold 1 of {first.run.name} is not trained"):
        go(made, *QUICK, f"model.from={first.run.name}", folds=[1])


def test_a_start_from_the_newest_of_the_runs_own_name_is_refused(make: Callable) -> None:
    # That would be another run at every call, and each would start from the one before.
    made = make()
    with pytest.raises(UsageError, match="tiny"):
        go(made, *QUICK, "model.from=tiny")
    first = go(made, *QUICK, folds=[0])
    with pytest.raises(RecipeError, match=f"write the whole id, as model.from={first.run.name}"):
        go(made, *QUICK, "model.from=tiny", folds=[0])
    assert [one.name for one in made[0].runs.iterdir()] == [first.run.name]


def test_accumulated_micro_batches_are_one_large_batch(make: Callable) -> None:
    # With the backbone frozen no batch norm sees the batch, so the gradients must agree. SGD alone
    # sees their scale: AdamW's step of half of a gradient is as long as that of all of it.
    made, sgd = make(), "optimizer: {name: sgd, lr: 0.1}"
    head = f"phases=[{{name: head, epochs: 2, freeze: [backbone], {sgd}}}]"
    still = "model.heads.classify.dropout=0"
    whole = go(made, head, still, "batch_size=8", folds=[0])
    parts = go(made, head, still, "batch_size=4", "accumulate=2", folds=[0])
    assert len(history(whole)) == len(history(parts))
    for name, tensor in weights(whole).items():
        torch.testing.assert_close(tensor, weights(parts)[name], atol=1e-6, rtol=1e-5)


def test_a_fold_is_fitted_only_once(make: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make()
    fitted: list[object] = []
    fit = fitting.fit_fold
    monkeypatch.setattr(
        fitting, "fit_fold", lambda job, fold, **kw: (fitted.append(fold), fit(job, fold, **kw))
    )
    trained = go(made, *QUICK, folds=[0])
    shutil.rmtree(trained.run / "predictions")
    again = go(made, *QUICK, folds=[0])
    assert fitted == [0]
    assert again.scores == trained.scores


def test_a_broken_checkpoint_is_named(make: Callable) -> None:
    made = make()
    trained = go(made, *QUICK, folds=[0])
    shutil.rmtree(trained.run / "predictions")
    path: Path = trained.run / "fold-0/last.pt"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises((RunError, RecipeError), match=r"last\.pt"):
        go(made, *QUICK, folds=[0])
