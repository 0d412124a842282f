"""Histories as training writes them, and files that are none."""

import numpy as np

from podium.reporting.entries import read_histories
from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.history import write_metrics

ROWS = [
    {"phase": "warm", "epoch": 1, "lr": 0.1, "train_loss": 2.0, "valid_loss": 1.5},
    {"phase": "warm", "epoch": 2, "lr": 0.1, "train_loss": 1.0, "valid_loss": 1.2},
    {"phase": "all", "epoch": 1, "lr": 0.01, "train_loss": 0.5},
]


def write(run, fold, rows):
    (run / f"fold-{fold}").mkdir(parents=True)
    write_metrics(run / f"fold-{fold}" / "metrics.csv", rows)


def test_a_history_is_what_training_wrote_and_gaps_are_nan(tmp_path):
    write(tmp_path, 0, ROWS)
    history = read_histories(tmp_path)["0"]
    assert history.phases == ((1, "warm"), (3, "all"))
    assert history.n_epochs == 3
    np.testing.assert_array_equal(history.columns["train_loss"], [2.0, 1.0, 0.5])
    np.testing.assert_array_equal(history.columns["valid_loss"], [1.5, 1.2, np.nan])
    assert "epoch" not in history.columns


def test_folds_stand_in_order_with_the_refit_last(tmp_path):
    for fold in (10, "full", 2):
        write(tmp_path, fold, ROWS)
    assert list(read_histories(tmp_path)) == ["2", "10", "full"]


def test_folds_that_have_just_begun_or_are_damaged_are_left_out(tmp_path):
    write(tmp_path, 0, [])
    (tmp_path / "fold-1").mkdir()
    (tmp_path / "fold-2").mkdir()
    (tmp_path / "fold-2" / "metrics.csv").write_text("phase,epoch,lr\nwarm,1,x\n")
    write(tmp_path, 3, ROWS)
    assert list(read_histories(tmp_path)) == ["3"]


def test_a_finished_fold_knows_how_good_it_was_before_training(tmp_path):
    for fold in (0, 1, 2, 3):
        write(tmp_path, fold, ROWS)
    first = {"phase": "start", "epochs": 0, "scores": {"mean_dice": 0.0, "accuracy": None}}
    after = {"phase": "warm", "epochs": 2, "scores": {"mean_dice": 0.5, "accuracy": 0.7}}
    FoldFiles(tmp_path, 0).write_done({"stages": [first, after]})
    FoldFiles(tmp_path, 1).write_done({"seconds": 3})
    FoldFiles(tmp_path, 2).done.write_text("{")
    found = read_histories(tmp_path)
    assert found["0"].start == {"mean_dice": 0.0}
    assert found["1"].start == found["2"].start == found["3"].start == {}
