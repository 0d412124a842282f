from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from podium.errors import DataError, UsageError
from podium.training.inference.prediction_sets import predict
from podium.training.runs.history import HistoryRow
from podium.training.runs.job import TrainingData
from podium.training.runs.train import Trained, train
from podium.workspace.records import read_record

SHORT = "phases=[{name: only, epochs: 3}]"


class EnoughError(Exception):
    pass


def go(made: tuple, **options: object) -> Trained:
    workspace, competition = made
    recipe = workspace.recipes / "tiny.yaml"
    return train(workspace, competition, recipe, overrides=[SHORT], **options)  # type: ignore[arg-type]


def last_weights(trained: Trained) -> list[bytes]:
    found = torch.load(trained.run / "fold-0/last.pt", weights_only=True)["network"]
    return [tensor.numpy().tobytes() for tensor in found.values()]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, make_in: Callable) -> Trained:
    """Return a run of fold 0 that nobody watched."""
    return go(make_in(tmp_path_factory.mktemp("plain") / "ws"), folds=[0])


def test_a_listener_gets_every_epoch_once_and_again_of_a_finished_fold(make: Callable) -> None:
    seen: list[tuple[object, object]] = []
    scores: list[object] = []

    def watch(fold: object, row: HistoryRow) -> None:
        seen.append((fold, row["epoch"]))
        scores.append(row["accuracy"])

    made = make()
    go(made, folds=[0], watch=watch)
    assert seen == [(0, 1), (0, 2), (0, 3)]
    go(made, folds=[0, 1], watch=watch)
    assert seen[3:] == [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3)]
    assert scores[:3] == scores[3:6]


def test_a_listener_changes_neither_the_id_nor_a_weight(plain: Trained, make: Callable) -> None:
    watched = go(make(), folds=[0], watch=lambda *_: None)
    assert plain.run.name == watched.run.name
    assert last_weights(plain) == last_weights(watched)


def test_an_exception_of_a_listener_ends_the_training_which_can_go_on(
    plain: Trained, make: Callable
) -> None:
    def stop(fold: object, row: HistoryRow) -> None:
        if row["epoch"] == 2:
            raise EnoughError

    made = make()
    with pytest.raises(EnoughError):
        go(made, folds=[0], watch=stop)
    (run,) = made[0].runs.iterdir()
    assert read_record(run).status == "unfinished"
    assert last_weights(go(made, folds=[0])) == last_weights(plain)


def test_a_run_may_have_another_name_than_its_recipe(plain: Trained, make: Callable) -> None:
    trained = go(make(), folds=[0], name="tiny-t")
    assert trained.run.name == f"tiny-t-{plain.run.name.rpartition('-')[2]}"
    assert read_record(trained.run).name == "tiny-t"


def test_nothing_of_an_outer_fold_is_trained_on_or_validated(make: Callable) -> None:
    made = make(groups=True)
    whole = TrainingData.load(*made)
    outer = set(whole.samples["id"][whole.folds == 1])
    data = TrainingData.load(*made, outer_fold=1)
    assert data.fold_numbers == (0, 2)
    for fold in (0, 2):
        train_rows, valid = (set(data.samples["id"].iloc[rows]) for rows in data.rows(fold))
        assert not (train_rows | valid) & outer
        assert train_rows | valid == set(whole.samples["id"]) - outer
        assert valid == set(whole.samples["id"][whole.folds == fold])


def test_a_run_without_an_outer_fold_is_another_one_and_stays_unfinished(make: Callable) -> None:
    made = make()
    without, usual = go(made, outer_fold=1), go(made, max_time_s=0)
    assert without.run != usual.run
    assert without.finished == (0, 2)
    record = read_record(without.run)
    assert record.status == "unfinished"
    assert record.details["n_folds"] == 3
    assert record.scores["scored_rows"] == 24
    predict(*made, without.run, tta=["hflip"])  # its data are those that it was trained on


def test_an_outer_fold_that_cannot_be_left_out_is_refused(make: Callable) -> None:
    made = make()
    with pytest.raises(UsageError, match="there is no fold 7"):
        go(made, outer_fold=7)
    data = TrainingData.load(*made)
    torn = data.samples.assign(group="one")
    with pytest.raises(DataError, match="leak"):
        TrainingData(torn, data.folds, "stratified").without(0)
    only = data.folds.clip(max=0)
    with pytest.raises(UsageError, match="fold 0 is the only one"):
        TrainingData(data.samples, only, "stratified").without(0)
    ordered = data.samples.assign(order=data.folds)
    with pytest.raises(UsageError, match="what comes after fold 1 in time"):
        TrainingData(ordered, data.folds, "time").without(1)
    assert TrainingData(ordered, data.folds, "time").without(2).fold_numbers == (0, 1)
