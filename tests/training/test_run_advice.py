"""Advice by a run's epochs: which brought nothing, and whether pseudo-labels had a threshold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from reporting.mask_workspace import MadeMasks, made_masks

from podium.competition.spec import Competition
from podium.training.runs.advice import FEWEST_ROWS, best_from, is_unfiltered, run_advice
from podium.training.runs.history import HistoryRow, write_metrics
from podium.training.runs.train import train
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record, write_record

Made = tuple[Workspace, Competition]


def _rows(thresholds: list[float], kept: list[float]) -> list[HistoryRow]:
    pairs = zip(thresholds, kept, strict=True)
    return [{"phase": "whole", "classify/threshold": one, "kept": share} for one, share in pairs]


def set_scored_rows(run: Path, n: int) -> None:
    record = read_record(run)
    write_record(run, record.model_copy(update={"scores": {**record.scores, "scored_rows": n}}))


def test_unfiltered_pseudo_labels_are_detected_by_both_columns() -> None:
    assert is_unfiltered(_rows([0.002, 0.02, 0.4, 0.8], [1.0, 0.99, 0.8, 0.7]))
    assert not is_unfiltered(_rows([0.002, 0.3, 0.4, 0.8], [1.0, 0.9, 0.8, 0.7]))  # a quarter
    assert not is_unfiltered(_rows([0.95] * 4, [0.99] * 4))  # a network that is sure
    assert not is_unfiltered(_rows([0.1] * 4, [0.5] * 4))
    assert not is_unfiltered(_rows([0.0], [1.0]))  # the first epoch is low for all
    assert not is_unfiltered([{"phase": "whole", "kept": 1.0}] * 4)  # of fixmatch


def test_a_curve_is_flat_from_where_nothing_later_is_better_than_its_noise() -> None:
    rng = np.random.default_rng(0)
    rise = np.linspace(0.3, 0.8, 13)
    for _ in range(20):
        flat = np.concatenate([rise, 0.8 + rng.normal(0, 0.004, 43)])
        assert 11 <= best_from(flat) <= 20
        slow = np.linspace(0.3, 0.8, 56) + rng.normal(0, 0.004, 56)
        assert best_from(slow) > 48
    assert best_from([0.5] * 12) == 1
    assert best_from([0.9, 0.5, 0.4, 0.3]) == 1  # it only got worse


@pytest.fixture
def trained(make: Callable[..., Made]) -> tuple[Workspace, Competition, Callable[..., list[str]]]:
    workspace, competition = make()
    overrides = ("phases=[{name: whole, epochs: 1}]",)
    done = train(
        workspace, competition, workspace.recipes / "tiny.yaml", overrides=overrides, folds=[0, 1]
    )

    set_scored_rows(done.run, FEWEST_ROWS)

    def advised(*curves: list[float], **columns: float) -> list[str]:
        for fold, curve in enumerate(curves):
            rows: list[HistoryRow] = [
                {"phase": "whole", "epoch": i + 1, "accuracy": one, **columns}
                for i, one in enumerate(curve)
            ]
            write_metrics(done.run / f"fold-{fold}/metrics.csv", rows)
        return run_advice(competition, done.run)

    return workspace, competition, advised


def test_the_run_tells_from_which_epoch_nothing_came(
    trained: tuple[Workspace, Competition, Callable[..., list[str]]],
) -> None:
    advised = trained[2]
    rise = [0.1, 0.3, 0.5, 0.7]
    # Each fold alone ends above its fourth epoch; their mean does not.
    assert advised(rise + [0.7, 0.72] * 4, rise + [0.72, 0.7] * 4) == [
        "the last 7 of 12 epochs of phase whole brought nothing: accuracy 0.7100 after epoch 5, "
        "0.7100 after the last (mean of the folds); -o phases[0].epochs=8 takes 67% of the time, "
        "and may do: its rate falls earlier, so it is another training"
    ]
    assert advised(list(np.linspace(0.1, 0.9, 12)), list(np.linspace(0.1, 0.9, 12))) == []
    assert advised([0.5] * 9, [0.5] * 9) == []  # too few epochs to tell


def test_scores_of_few_rows_advise_no_number_of_epochs(
    trained: tuple[Workspace, Competition, Callable[..., list[str]]],
) -> None:
    workspace, _, advised = trained
    flat = [0.1, 0.5, *[0.7] * 10]
    assert len(advised(flat, flat)) == 1
    [run] = workspace.runs.iterdir()
    set_scored_rows(run, FEWEST_ROWS - 1)
    assert advised(flat, flat) == []


def test_a_perfect_score_of_many_rows_is_doubted(
    trained: tuple[Workspace, Competition, Callable[..., list[str]]],
) -> None:
    workspace, _, advised = trained
    [run] = workspace.runs.iterdir()
    record = read_record(run)
    for oof, n_rows, is_doubted in ((1.0, 50, True), (1.0, 49, False), (0.98, 50, False)):
        scores = {**record.scores, "oof": oof, "scored_rows": n_rows}
        write_record(run, record.model_copy(update={"scores": scores}))
        told = [one for one in advised([0.5], [0.5]) if "none of 50 rows is wrong" in one]
        assert len(told) == is_doubted


def test_the_run_tells_that_thresholds_were_none(
    trained: tuple[Workspace, Competition, Callable[..., list[str]]],
) -> None:
    low = {"classify/threshold": 0.01, "kept": 1.0}
    [printed] = trained[2]([0.1, 0.5, 0.9], [0.1, 0.5, 0.9], **low)
    assert printed.startswith("supervised had no threshold in 2 of 2 folds for half of phase whole")
    assert "fixmatch" in printed


def test_the_run_tells_that_no_pseudo_label_was_used(
    trained: tuple[Workspace, Competition, Callable[..., list[str]]],
) -> None:
    advised = trained[2]
    [advice] = advised([0.1, 0.2], [0.1, 0.2], kept=0.0)
    assert "no unlabelled image in 2 of 2 folds of phase whole" in advice
    assert "lower the threshold" in advice
    assert advised([0.1, 0.2], [0.1, 0.2], kept=0.001) == []
    assert advised([0.1, 0.2], [0.1, 0.2]) == []  # a method without pseudo-labels


def test_scores_that_fall_as_they_get_better_are_turned(make: Callable[..., Made]) -> None:
    workspace, competition = make(metric="log_loss")
    done = train(
        workspace,
        competition,
        workspace.recipes / "tiny.yaml",
        overrides=("phases=[{name: whole, epochs: 1}]",),
        folds=[0],
    )
    set_scored_rows(done.run, FEWEST_ROWS)
    falling = list(np.linspace(2.0, 0.5, 12))
    rows: list[HistoryRow] = [{"phase": "whole", "log_loss": one} for one in falling]
    write_metrics(done.run / "fold-0/metrics.csv", rows)
    assert run_advice(competition, done.run) == []
    write_metrics(done.run / "fold-0/metrics.csv", rows[::-1])
    assert "the last 11 of 12 epochs" in run_advice(competition, done.run)[0]
    assert json.loads((done.run / "record.json").read_text())["scores"]["metric"] == "log_loss"


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
@pytest.mark.parametrize("n_found", [0, 1])
def test_a_run_that_finds_no_pixel_is_reported_though_empty_masks_score(
    tmp_path: Path, kind: str, n_found: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fifth truth is empty, and scores 1 as the masks of a network that finds nothing."""

    def hardly(made: MadeMasks, samples: pd.DataFrame, seed: int) -> dict[str, np.ndarray]:
        channels, found = made.competition.outputs("segment"), {}
        for i, one in enumerate(samples["id"]):
            probs = np.full((12, 16, channels), 0.3, np.float32)
            if kind == "multiclass":
                probs[:] = np.array([0.6, *[0.4 / (channels - 1)] * (channels - 1)], np.float32)
            if i == 7 and n_found:
                probs[3, 4] = np.eye(channels, dtype=np.float32)[-1]
            found[str(one)] = probs
        return found

    monkeypatch.setattr(MadeMasks, "_mask_probs", hardly)
    made = made_masks(tmp_path, segment=kind)
    run = made.add_run("unet-aabbccdd")
    (run / "recipe.yaml").write_text(
        "{model: {backbone: cnn, pretrained: false}, input: {size: 16}, batch_size: 4, "
        "optimizer: {lr: 0.01}, phases: [{name: masks, epochs: 2}]}"
    )
    found = [one for one in run_advice(made.competition, run) if "score of empty masks" in one]
    assert len(found) == 1 - n_found
    assert all("none of 18 out-of-fold masks has a pixel, so 0.6000" in one for one in found)
