"""Decisions on masks: what is chosen, on which rows, and that luck is not."""

from __future__ import annotations

import itertools

import numpy as np
import optuna
import pytest

from podium.competition import metrics
from podium.errors import DataError
from podium.tasks.protocols.find import pixel_kind
from podium.tuning.cross_fit import cross_fit
from podium.tuning.masks.counts import CountTable
from podium.tuning.masks.decision import (
    PLAIN,
    CountScorer,
    GatedTable,
    MaskChoice,
    choose_mask_decision,
    gate_keeps,
    keep_mask_study,
    steps_of,
)
from podium.tuning.masks.space import GATES, MaskCandidate, mask_space
from podium.tuning.paying import Scored, evidence_of
from podium.tuning.studies.summary import damaged_studies


def counts_with(both: np.ndarray, predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Return counts `(…, 4)` of images of 10,000 known pixels."""
    return np.stack([both, predicted, true, np.full_like(both, 10_000)], axis=-1)


def table_of(kind: str, quality: np.ndarray, *, true: int = 1000) -> CountTable:
    """Return a table in which the masks of candidate a on image i (of class c) overlap by quality.

    Args:
        kind: binary or multilabel.
        quality: `(A, N)` or `(A, N, C)`: the Dice of each.
        true: pixels of every truth.
    """
    both = np.round(quality * true).astype(np.int64)
    size = np.full_like(both, true)
    counts = counts_with(both, size, size)  # (A, N[, C], 4)
    if kind == "binary":
        rest = counts_with(10_000 - 2 * size + both, 10_000 - size, 10_000 - size)
        counts = np.stack([rest, counts], axis=2)
    nothing = counts[0].copy()
    nothing[..., :2] = 0
    if kind == "binary":
        nothing[:, 0, :2] = np.stack([nothing[:, 0, 2], np.full(len(nothing), 10_000)], axis=1)
    candidates = [MaskCandidate(0.5), *(MaskCandidate(0.5 + 0.01 * a) for a in range(1, 99))]
    return CountTable(pixel_kind(kind), tuple(candidates[: len(quality)]), counts, nothing)


DICE = CountScorer.of("mean_dice", "binary", {"empty": "one"})
DICE_OF_LABELS = CountScorer.of("mean_dice", "multilabel", {"empty": "one"})


def test_the_best_candidate_of_the_given_rows_is_found() -> None:
    quality = np.full((5, 40), 0.5)
    quality[3] = 0.9
    quality[2, :20] = 1.0
    gated = GatedTable.of(table_of("binary", quality), None)
    assert choose_mask_decision(gated, DICE, np.arange(40)).decision == MaskChoice(((3, 0),))
    assert choose_mask_decision(gated, DICE, np.arange(20)).decision == MaskChoice(((2, 0),))
    assert steps_of(gated, MaskChoice(((3, 0),)), 1) == [{"threshold": 0.53}]


def test_of_five_images_those_without_a_fold_are_enough_and_of_four_all_are_too_few() -> None:
    quality = np.full((5, 5), 0.5)
    quality[3] = 0.9
    gated, units = GatedTable.of(table_of("binary", quality), None), np.arange(5)
    without_one = choose_mask_decision(gated, DICE, np.arange(4), groups=units)
    assert without_one.decision == MaskChoice(((3, 0),))
    for rows, groups in ((np.arange(2), units), (np.arange(4), None), (np.arange(4), units[:4])):
        kept = choose_mask_decision(gated, DICE, rows, groups=groups)
        assert (kept.decision, kept.is_tuned) == (PLAIN, False)
        assert f"{len(rows)} images are too few to tune" in kept.evidence.lacking


def test_a_candidate_that_is_good_on_the_rows_of_one_fold_alone_is_not_chosen_for_it() -> None:
    """Planted: candidate 2 copies fold 1's truth, and is useless elsewhere."""
    folds = np.arange(60) % 3
    rng = np.random.default_rng(0)
    quality = 0.5 + 0.05 * rng.standard_normal((4, 60))
    quality[1] = 0.6 + 0.05 * rng.standard_normal(60)
    quality[2] = np.where(folds == 1, 1.0, 0.45)
    gated = GatedTable.of(table_of("binary", quality), None)
    fitted = cross_fit(
        lambda rows: choose_mask_decision(gated, DICE, rows).decision, gated.look_up, folds=folds
    )
    assert fitted.final == MaskChoice(((2, 0),))
    assert fitted.by_fold[1] == MaskChoice(((1, 0),))
    assert fitted.by_fold[0] == fitted.by_fold[2] == MaskChoice(((2, 0),))
    honest = DICE.score(fitted.prediction)
    assert honest == pytest.approx(
        np.mean([quality[1][folds == 1].mean(), quality[2][folds != 1].mean() * 2]) * 2 / 3,
        abs=1e-3,
    )
    assert honest < DICE.score(gated.look_up(fitted.final, np.arange(60)))


def test_only_the_given_rows_are_read() -> None:
    rng = np.random.default_rng(1)
    quality = rng.random((20, 60))
    rows = np.arange(0, 60, 3)
    first = choose_mask_decision(
        GatedTable.of(table_of("binary", quality), None), DICE, rows
    ).decision
    quality[:, np.setdiff1d(np.arange(60), rows)] = rng.random((20, 40))
    assert (
        choose_mask_decision(GatedTable.of(table_of("binary", quality), None), DICE, rows).decision
        == first
    )


def test_luck_alone_keeps_the_plain_decision() -> None:
    """Fifty candidates that are all alike: one looks best, by less than its standard error."""
    kept = 0
    for seed in range(20):
        quality = 0.5 + 0.2 * np.random.default_rng(seed).standard_normal((2, 40))
        gated = GatedTable.of(table_of("binary", quality.clip(0, 1)), None)
        kept += choose_mask_decision(gated, DICE, np.arange(40)).decision == PLAIN
    assert kept > 12


def test_a_gain_is_kept_as_soon_as_it_is_larger_than_its_standard_error() -> None:
    rng = np.random.default_rng(3)
    noise = 0.05 * rng.standard_normal(100)
    noise -= noise.mean()
    error = noise.std() / 10
    for gain, chosen in ((0.5 * error, False), (2 * error, True)):
        quality = np.stack([np.full(100, 0.4), 0.4 + gain + noise]).clip(0, 1)
        quality[1] += 0.4 + gain - quality[1].mean()
        gated = GatedTable.of(table_of("binary", quality, true=5000), None)
        assert (choose_mask_decision(gated, DICE, np.arange(100)).decision != PLAIN) == chosen
    sums = [DICE.sums(gated.look_up(MaskChoice(((a, 0),)), np.arange(100))) for a in range(2)]
    plain, tuned = (Scored(DICE.metric, DICE.options, one) for one in sums)
    found = evidence_of(plain, [tuned])
    assert found.gain == pytest.approx(2 * error, abs=1e-4)
    # 100 draws know it to 7 %; the error is that of two more images.
    assert found.error == pytest.approx(error * np.sqrt(1.02), rel=0.21)


def test_rows_of_one_group_count_once() -> None:
    """Forty slices of one lucky patient and forty of an unlucky one are two patients."""
    patient = np.repeat([0, 1], 40)
    quality = np.stack([np.full(80, 0.5), np.where(patient == 0, 0.7, 0.38)])
    gated = GatedTable.of(table_of("binary", quality), None)
    assert choose_mask_decision(gated, DICE, np.arange(80)).decision != PLAIN
    assert choose_mask_decision(gated, DICE, np.arange(80), groups=patient).decision == PLAIN


@pytest.mark.parametrize("name", ["mean_dice", "global_dice"])
def test_each_class_has_the_decision_that_is_best_for_it(name: str) -> None:
    """Against all combinations of all classes."""
    rng = np.random.default_rng(4)
    scorer = CountScorer.of(name, "multilabel", {})
    quality = rng.random((4, 1, 3)).repeat(50, axis=1)
    quality = (quality + 0.05 * rng.standard_normal(quality.shape)).clip(0, 1)
    gated = GatedTable.of(table_of("multilabel", quality), None)
    rows = np.arange(50)
    found = choose_mask_decision(gated, scorer, rows).decision
    every = [
        MaskChoice(tuple((a, 0) for a in three)) for three in itertools.product(range(4), repeat=3)
    ]
    best = max(scorer.score(gated.look_up(one, rows)) for one in every)
    assert scorer.score(gated.look_up(found, rows)) == pytest.approx(best)
    levels = [gated.table.candidates[a].level for a, _ in found.picks]
    assert steps_of(gated, found, 3) == [{"threshold": levels}]


def test_a_gate_is_chosen_where_the_classifier_predicts_empty_masks() -> None:
    """Some truths are empty and get a mask all the same: the gate recognises them."""
    rng = np.random.default_rng(5)
    is_there = rng.random(80) < 0.7
    table = table_of("binary", np.full((2, 80), 0.8))
    for counts in (*table.counts, table.empty):
        counts[~is_there, 1, 0] = counts[~is_there, 1, 2] = 0  # nothing to be found
        counts[~is_there, 0, 2] = 10_000
        counts[~is_there, 0, 0] = counts[~is_there, 0, 1]
    is_right = np.where(is_there, 0.45, 0.15)[:, None] + 0.05 * rng.random((80, 1))
    rows = np.arange(80)
    for presence, is_gated in ((is_right, True), (rng.random((80, 1)), False)):
        gated = GatedTable.of(table, presence)
        choice = choose_mask_decision(gated, DICE, rows).decision
        ((_, gate),) = choice.picks
        assert (gate > 0) == is_gated
        if is_gated:
            assert 0.2 <= gated.gates[gate] <= 0.45
            assert DICE.score(gated.look_up(choice, rows)) > 0.15 + DICE.score(
                gated.look_up(PLAIN, rows)
            )
            assert steps_of(gated, choice, 1)[0] == {"gate": gated.gates[gate]}


def test_a_gate_leaves_what_reaches_it() -> None:
    presence = np.array([[0.3, 0.29999], [0.1, 0.9]], np.float32)
    assert gate_keeps(presence, 0.3).tolist() == [[True, False], [False, True]]
    assert gate_keeps(np.array([[0.1]]), 0.1).tolist() == [[True]]


def test_steps_name_one_value_or_one_a_class() -> None:
    space = mask_space("multilabel", [(100, 100)])
    table = CountTable(
        pixel_kind("multilabel"),
        space.candidates,
        np.zeros((len(space.candidates), 1, 2, 4), np.int64),
        np.zeros((1, 2, 4), np.int64),
    )
    gated = GatedTable.of(table, np.ones((1, 2)))
    at = {(one.level, one.min_area, one.median): a for a, one in enumerate(space.candidates)}
    a, b, c = at[0.5, 20, 0], at[0.05, 0, 0], at[0.5, 20, 5]
    assert steps_of(gated, PLAIN, 2) == []
    assert steps_of(gated, MaskChoice(((a, 0),)), 2) == [{"threshold": 0.5}, {"min_area": 20}]
    assert steps_of(gated, MaskChoice(((a, 0), (b, 2))), 2) == [
        {"gate": [0.0, GATES[1]]},
        {"threshold": [0.5, 0.05]},
        {"min_area": [20, 0]},
    ]
    assert steps_of(gated, MaskChoice(((c, 0), (b, 0))), 2) == [
        {"threshold": [0.5, 0.05]},
        {"median": [5, 1]},
        {"min_area": [20, 0]},
    ]


def test_rows_on_which_the_metric_is_undefined_keep_the_plain_decision() -> None:
    table = table_of("binary", np.full((3, 10), 0.0), true=0)
    scorer = CountScorer.of("global_dice", "binary", {})
    assert choose_mask_decision(GatedTable.of(table, None), scorer, np.arange(10)).decision == PLAIN


def test_a_metric_of_labels_scores_no_masks() -> None:
    with pytest.raises(DataError, match="scores labels of images, not masks"):
        CountScorer.of("accuracy", "binary")
    assert CountScorer.of(metrics.get("mean_iou"), "multiclass").metric.name == "mean_iou"


def test_the_study_holds_the_grid_and_the_score_of_each_point(tmp_path) -> None:
    space = mask_space("binary", [(100, 100)], trials=10)
    assert len(space.levels) == 5
    quality = np.linspace(0.3, 0.9, len(space.candidates))[:, None].repeat(10, axis=1)
    made = table_of("binary", quality)
    table = CountTable(pixel_kind("binary"), space.candidates, made.counts, made.empty)
    gated = GatedTable.of(table, np.ones((10, 1)))
    storage = f"sqlite:///{tmp_path / 'studies.db'}"
    for _ in range(2):  # the second time there is nothing left to do
        keep_mask_study(gated, DICE, space, storage, name="masks")
    study = optuna.load_study(study_name="masks", storage=storage)
    assert len(study.trials) == 8 == len(space.candidates) / len(space.levels)
    for trial in study.trials:  # each with the best of the thresholds inside it
        inside = [
            (quality[a, 0], one.level)
            for a, one in enumerate(space.candidates)
            if trial.params == {"min_area": one.min_area, "median": one.median}
        ]
        score, level = max(inside)
        assert trial.value == pytest.approx(score, abs=1e-3)
        facts = {name: one for name, one in trial.user_attrs.items() if name != "digest"}
        assert facts == {"gate": 0.0, "threshold": level}
    assert damaged_studies(tmp_path / "studies.db") == []
    assert all("digest" in trial.user_attrs for trial in study.trials)
    assert study.best_value == pytest.approx(0.9)
