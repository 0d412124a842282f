"""Blends: the honest score can be believed, the optimistic one cannot, and nothing is mixed up."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from podium import tuning
from podium.competition import metrics
from podium.ensembling import blend, hill_climb
from podium.ensembling.labels import LabelFits
from podium.ensembling.method import BlendMethod, Fitted, load_method, method_names, weighted_mean
from podium.ensembling.methods import search
from podium.ensembling.record import read_blend, write_blend
from podium.ensembling.rows import gather
from podium.errors import DataError, UsageError
from podium.predictions import PredictionSet, decide, write_fold
from podium.tasks.protocols.find import image_kind
from podium.tuning.paying import GainEvidence, Kept
from podium.workspace.blend_notes import member_of_same_file, member_to_send
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.records import Record, read_record, write_record

PLAIN_LOG_LOSS = dataclasses.replace(metrics.get("log_loss"), is_proper=False)
"""The log loss of probabilities that are not calibrated."""


def weak_members(n, n_members, rng, strength=0.25):
    """Binary probabilities of weak members, with errors of their own."""
    truth = rng.integers(0, 2, n)
    logits = strength * (2 * truth - 1) + rng.standard_normal((n_members, n))
    return (1 / (1 + np.exp(-logits)))[..., None].astype(np.float32), truth


@pytest.mark.slow
@pytest.mark.long
def test_the_honest_score_is_unbiased_where_the_optimistic_one_is_far_off():
    """Twelve weak members, 60 rows: hill climbing and a threshold fit the noise."""
    honest, optimistic, fresh = [], [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        members, truth = weak_members(60, 12, rng)
        rows = gather(members, truth, np.arange(60) % 5, groups=None, ids=None, names=None)
        # Not `blend`, which fits each member alone, too.
        fits = LabelFits(rows, metrics.get("accuracy"), image_kind("binary"), n_resamples=20)
        found = fits.decided(f"{__name__}:SHORT_CLIMB")
        new, new_truth = weak_members(4000, 12, rng)
        predicted = decide(weighted_mean(new, found.final), found.decision, "binary")
        honest.append(found.honest)
        optimistic.append(found.optimistic)
        fresh.append(metrics.score("accuracy", new_truth, predicted))
    honest_gap = np.array(honest) - fresh
    optimistic_gap = np.array(optimistic) - fresh
    standard_error = honest_gap.std(ddof=1) / np.sqrt(len(honest_gap))
    # Cross-fitting learns from 4/5 of the rows: honest may be a little low, never high.
    assert -4 * standard_error - 0.02 < honest_gap.mean() < 2 * standard_error
    assert optimistic_gap.mean() > 0.1
    assert (np.abs(honest_gap) < np.abs(optimistic_gap)).mean() > 0.8


SHORT_CLIMB = BlendMethod(
    fit=lambda members, scorer, *, seed: Fitted.of(
        hill_climb(
            members, scorer.truth, scorer.metric, rounds=8, kind=scorer.kind, options=scorer.options
        )
    )
)


def three_members(n=90, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    strengths = (0.5, 1.0, 2.0)
    raw = [s * np.eye(3)[truth] + rng.standard_normal((n, 3)) for s in strengths]
    exp = np.exp(np.stack(raw))
    return (exp / exp.sum(2, keepdims=True)).astype(np.float32), truth


def test_a_mean_of_probabilities_has_nothing_to_be_optimistic_about():
    members, truth = three_members()
    found = blend(members, truth, PLAIN_LOG_LOSS, np.arange(90) % 3, names=["a", "b", "c"])
    expected = metrics.score("log_loss", truth, members.astype(np.float64).mean(0))
    assert found.honest == found.optimistic == pytest.approx(expected, rel=1e-6)
    assert found.members == ("a", "b", "c")
    assert found.decision == ()
    assert found.untuned is None
    low, high = found.honest_interval
    assert low < found.honest < high
    assert found.kind == "multiclass"
    assert found.optimism == 0


@pytest.mark.slow
def test_weights_and_decision_of_fold_k_come_together_from_the_other_folds():
    members, truth = three_members()
    folds = np.arange(90) % 3
    found = blend(members, truth, "macro_f1", folds, method="hill_climb", trials=8, seed=3)
    predicted = np.empty(90, np.int64)
    for fold in range(3):
        inside, outside = folds == fold, folds != fold
        alone = blend(
            members[:, outside],
            truth[outside],
            "macro_f1",
            folds[outside],
            method="hill_climb",
            trials=8,
            seed=3,
        )
        probs = weighted_mean(members[:, inside], alone.fitted)
        predicted[inside] = decide(probs, alone.decision, "multiclass")
    assert found.honest == metrics.score("macro_f1", truth, predicted, n_classes=3)
    assert found.by_fold[1] == metrics.score(
        "macro_f1", truth[folds == 1], predicted[folds == 1], n_classes=3
    )


@pytest.mark.slow
def test_the_optimistic_score_is_that_of_what_goes_to_the_test_set():
    members, truth = three_members()
    found = blend(members, truth, "macro_f1", np.arange(90) % 3, method="hill_climb", trials=8)
    probs = weighted_mean(members, found.fitted)
    predicted = decide(probs, found.decision, "multiclass")
    assert found.optimistic == metrics.score("macro_f1", truth, predicted, n_classes=3)
    scores = {"honest": 0.5, "optimistic": 0.75}
    assert dataclasses.replace(found, **scores, greater_is_better=True).optimism == 0.25
    assert dataclasses.replace(found, **scores, greater_is_better=False).optimism == -0.25


def test_one_member_is_a_blend():
    members, truth = three_members()
    found = blend(members[:1], truth, PLAIN_LOG_LOSS, np.arange(90) % 3, method="hill_climb")
    assert found.weights == (1.0,)
    expected = metrics.score("log_loss", truth, members[0])
    assert found.honest == pytest.approx(expected)


def test_a_lone_fold_is_cut_by_its_groups_and_the_blend_notes_it():
    members, truth = three_members()
    groups = [f"g{i // 3}" for i in range(90)]
    found = blend(members, truth, "macro_f1", np.full(90, 2), groups=groups, trials=5)
    assert any("one fold only" in note for note in found.notes)
    assert np.isfinite(found.honest)
    with pytest.raises(DataError, match="one fold with one group"):
        blend(members, truth, "macro_f1", np.full(90, 2), groups=["g"] * 90)


def test_a_group_in_two_folds_is_refused():
    members, truth = three_members()
    with pytest.raises(DataError, match="lies in two folds"):
        blend(members, truth, "log_loss", np.arange(90) % 3, groups=["g"] * 90)


def test_groups_widen_the_interval():
    members, truth = three_members(n=20)
    members, truth = np.repeat(members, 10, axis=1), np.repeat(truth, 10)
    folds, groups = np.repeat(np.arange(20) % 4, 10), np.repeat(np.arange(20), 10)
    by_row = blend(members, truth, "accuracy", folds, trials=2).honest_interval
    by_group = blend(members, truth, "accuracy", folds, groups=groups, trials=2).honest_interval
    assert by_group[1] - by_group[0] > 2 * (by_row[1] - by_row[0])


@pytest.mark.slow
def test_a_decision_that_wins_by_luck_alone_is_not_kept():
    rng = np.random.default_rng(0)
    kept = []
    for seed in range(4):
        members, truth = three_members(n=90, seed=seed)
        found = blend(members, truth, "accuracy", rng.permutation(90) % 5)
        noted = any("the plain decision is kept" in note for note in found.notes)
        assert noted == (found.decision == ()) == (found.kept_plain is not None)
        kept.append(not noted)
    assert sum(kept) <= 1


def skewed_rows(n=300, seed=0, offset=1.5):
    """Return probabilities `(n, 3)` that say too much of class 0, and what is true."""
    rng = np.random.default_rng(seed)
    logits = 1.5 * rng.standard_normal((n, 3))
    truth = (logits + rng.gumbel(size=(n, 3))).argmax(axis=1)
    exps = np.exp(logits + np.array([offset, 0.0, 0.0]))
    return exps / exps.sum(axis=1, keepdims=True), truth


@pytest.mark.slow
def test_member_is_scored_with_the_decision_that_would_be_submitted():
    """A skewed member is good once it is decided well; a calibrated one is sent plainly."""
    skewed, truth = skewed_rows(seed=1)
    right, _ = skewed_rows(seed=1, offset=0.0)
    folds = np.arange(300) % 3
    alone = [blend(one[None], truth, "accuracy", folds, method="mean") for one in (right, skewed)]
    assert [bool(one.decision) for one in alone] == [False, True]
    for members, judged in (
        ([right, right], alone[0].untuned),
        ([skewed, skewed], alone[1].honest),
    ):
        found = blend(np.stack(members), truth, "accuracy", folds, method="mean")
        assert found.best_alone == pytest.approx(judged)
        assert found.beats_best == 0.5  # it is the same predictions, decided alike


def test_the_plain_decision_is_sent_where_folds_show_that_it_scores_better(monkeypatch):
    """The rule on all rows says tuned, the rule inside of each fold fits nonsense."""
    probs, truth = skewed_rows()

    def choose(values, *_, **__):
        is_final = len(values) == 300
        weights = [0.2, 1.0, 1.0] if is_final else [1.0, 0.1, 1.0]
        evidence = GainEvidence(len(values), 0.1, 0.01, 50)
        return Kept([{"class_weights": weights}], [], True, evidence)

    monkeypatch.setattr("podium.ensembling.labels.choose_decision", choose)
    found = blend(probs[None], truth, "accuracy", np.arange(300) % 3)
    assert found.honest < found.untuned
    assert found.decision == ()
    (note,) = [one for one in found.notes if "plain decision" in one]
    assert note == (
        f"tuned for each fold by the others it scores {found.honest:.4f}: the plain decision is "
        f"kept, which scores {found.untuned:.4f} across the folds"
    )
    assert found.optimistic == found.untuned
    assert found.kept_plain is not None
    assert found.kept_plain.is_of_folds
    assert found.is_tuning_better == (
        f"Tuned for each fold by the others it scores {found.honest:.4f}: the plain decision is "
        "kept."
    )


def shy_rows(n_groups=10, rows_of_a_group=6, seed=1):
    """Return probabilities that order rows well and never reach 0.5, truths, folds and groups."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, n_groups * rows_of_a_group)
    probs = np.clip(0.2 + 0.15 * truth + 0.03 * rng.standard_normal(len(truth)), 0.01, 0.49)
    groups = np.repeat(np.arange(n_groups), rows_of_a_group)
    return probs[None].astype(np.float32), truth, groups % 2, groups


def test_a_decision_of_few_groups_has_its_own_honest_score():
    """Ten groups are enough to tune on, and so are the five without either of the folds."""
    probs, truth, folds, groups = shy_rows()
    found = blend(probs, truth, "f1", folds, groups=groups)
    assert found.decision
    assert found.untuned == 0
    assert found.honest > 0.8
    few = blend(*(one[..., :54] for one in (probs, truth)), "f1", folds[:54], groups=groups[:54])
    assert few.decision == ()
    assert few.notes[0].startswith("9 groups (54 rows) are too few to tune a decision")


def test_a_member_is_compared_with_the_decision_that_is_sent(monkeypatch):
    """What each fold tunes spoils the honest score; the file is of the plain decision."""
    members, truth = three_members()
    folds = np.arange(90) % 3

    def choose(values, *_, **__):
        lacking = GainEvidence(len(values), 0.0, 0.1, 50)
        spoilt = [] if len(values) == 90 else [{"class_weights": [1.0, 0.01, 0.01]}]
        return Kept(spoilt, [], bool(spoilt), lacking)

    monkeypatch.setattr("podium.ensembling.labels.choose_decision", choose)
    found = blend(members[[2, 2]], truth, "accuracy", folds, method="mean")
    assert found.honest < found.untuned
    assert not any(" alone" in note for note in found.notes)


def test_what_is_not_tuned_has_the_weights_of_the_other_folds_too():
    """Members that are each good in one fold: weights of the fold itself would score far better."""
    rng = np.random.default_rng(0)
    truth, folds = rng.integers(0, 3, 90), np.arange(90) % 3
    members = rng.dirichlet(np.ones(3), (3, 90))
    for k in range(3):
        members[k, folds == k] += 3 * np.eye(3)[truth[folds == k]]
    members /= members.sum(axis=2, keepdims=True)
    found = blend(members, truth, "accuracy", folds, method="best", trials=2)
    predicted = np.empty(90, np.int64)
    for fold in range(3):
        inside, outside = folds == fold, folds != fold
        scores = [
            metrics.score("accuracy", truth[outside], one[outside].argmax(1)) for one in members
        ]
        predicted[inside] = members[int(np.argmax(scores)), inside].argmax(axis=1)
    assert found.untuned == metrics.score("accuracy", truth, predicted)
    assert found.untuned < 0.45 < metrics.score("accuracy", truth, members[0].argmax(1))


@pytest.mark.parametrize("metric", ["accuracy", "log_loss"])
def test_a_member_that_beats_the_blend_alone_is_noted(metric):
    members, truth = three_members()
    folds, names = np.arange(90) % 3, ["weak", "fair", "strong"]
    # Two of three members say of each row what belongs to another.
    members = np.concatenate([members[:2, ::-1], members[2:]])
    found = blend(members, truth, metric, folds, names=names, trials=2)
    predicted = members[2].argmax(1) if metric == "accuracy" else members[2]
    alone = metrics.score(metric, truth, predicted)
    how = " with the plain decision" if metric == "accuracy" else ""
    assert f"strong alone{how} scores better: {alone:.4f}" in found.notes
    twins = np.repeat(members[2:], 2, axis=0)
    assert not any("alone" in note for note in blend(twins, truth, "log_loss", folds).notes)


def test_fold_scores_leave_out_folds_where_the_metric_is_undefined():
    rng = np.random.default_rng(0)
    truth = np.array([0] * 10 + [0, 1] * 10)
    folds = np.repeat([0, 1, 2], 10)
    found = blend(rng.random((2, 30, 1)), truth, "auc", folds)
    assert set(found.by_fold) == {1, 2}


def test_the_data_digest_changes_with_anything_that_was_fitted_on():
    members, truth = three_members()
    folds = np.arange(90) % 3

    def digest(members=members, truth=truth, folds=folds, **kwargs):
        return blend(members, truth, "log_loss", folds, n_resamples=5, **kwargs).data

    other = members.copy()
    other[1, 5] = other[1, 6]
    changed = {digest(other), digest(truth=np.roll(truth, 1)), digest(folds=(folds + 1) % 3)}
    changed |= {digest(groups=np.arange(90) // 6 * 3 + folds), digest(members[:2])}
    assert len(changed) == 5
    assert digest() not in changed
    assert len(digest()) == 8
    assert digest() == digest()


REFUSE_LOG_LOSS = {"rank", "stack_ridge", "vote"}


@pytest.mark.parametrize("method", sorted(set(method_names()) - REFUSE_LOG_LOSS))
def test_every_method_keeps_its_promises(method, monkeypatch):
    monkeypatch.setattr(search, "TRIALS", 20)
    members, truth = three_members(n=30)
    before = members.copy()
    found = [blend(members, truth, "log_loss", np.arange(30) % 2, method=method) for _ in "ab"]
    assert found[0] == found[1]
    np.testing.assert_array_equal(members, before)
    assert sum(found[0].weights) == pytest.approx(1)
    assert min(found[0].weights) >= 0


def test_unknown_methods_are_refused():
    members, truth = three_members(n=30)
    with pytest.raises(UsageError, match="hill_climb"):
        blend(members, truth, "log_loss", np.arange(30) % 3, method="hillclimb")
    with pytest.raises(UsageError, match="of type float, not a "):
        load_method("math:pi")


def test_a_value_that_is_not_finite_is_refused_with_member_and_row():
    members, truth = three_members(n=30)
    members[1, 7, 2] = np.nan
    with pytest.raises(DataError, match="b has values that are not finite in 1 row: 7"):
        blend(members, truth, "log_loss", np.arange(30) % 3, names=["a", "b", "c"])


def test_members_that_do_not_fit_each_other_are_refused():
    members, truth = three_members(n=30)
    folds = np.arange(30) % 3
    with pytest.raises(DataError, match=r"different shapes: a \(30, 3\), b \(29, 3\)"):
        blend([members[0], members[1, 1:]], truth, "log_loss", folds, names=["a", "b"])
    with pytest.raises(DataError, match="members have 30 rows, the truth has 29"):
        blend(members, truth[1:], "log_loss", folds[1:])
    with pytest.raises(DataError, match="29 folds for 30 rows"):
        blend(members, truth, "log_loss", folds[1:])
    with pytest.raises(UsageError, match="2 names for 3 members"):
        blend(members, truth, "log_loss", folds, names=["a", "b"])
    with pytest.raises(UsageError, match="no member"):
        blend([], truth, "log_loss", folds)


def sets_of(tmp_path, members, ids, folds, rng):
    roots = []
    for m, member in enumerate(members):
        root = tmp_path / "runs" / f"run{m}-0000000{m}" / "predictions" / "0a0b0c0d"
        for fold in np.unique(folds):
            inside = rng.permutation(np.flatnonzero(folds == fold))
            write_fold(
                root,
                "oof",
                "classify",
                int(fold),
                ids=[ids[i] for i in inside],
                probs=member[inside],
                model=f"run{m}/fold-{fold}",
            )
        roots.append(root)
    return roots


def test_sets_are_matched_by_id_and_equal_arrays(tmp_path):
    members, truth = three_members()
    folds, ids = np.arange(90) % 3, [f"{i:06d}" for i in range(90)]
    roots = sets_of(tmp_path, members, ids, folds, np.random.default_rng(1))
    found = blend([PredictionSet(r) for r in roots], truth, "log_loss", folds, ids=ids)
    assert found.members == ("run0-00000000", "run1-00000001", "run2-00000002")
    plain = blend(members, truth, "log_loss", folds, names=found.members)
    assert found == plain


def test_a_partial_oof_is_scored_on_the_rows_of_all_members_and_noted(tmp_path):
    members, truth = three_members()
    folds, ids = np.arange(90) % 3, [f"{i:06d}" for i in range(90)]
    roots = sets_of(tmp_path, members[:1], ids, folds, np.random.default_rng(1))
    part = folds != 1
    some_ids = [ids[i] for i in np.flatnonzero(part)]
    roots += sets_of(
        tmp_path / "b", members[1:2][:, part], some_ids, folds[part], np.random.default_rng(1)
    )
    found = blend([PredictionSet(r) for r in roots], truth, "log_loss", folds, ids=ids)
    assert found.n_scored == 60
    assert any("scored 60 of 90 rows" in note for note in found.notes)
    plain = blend(members[:2, part], truth[part], "log_loss", folds[part], names=found.members)
    assert found == dataclasses.replace(plain, notes=found.notes)


def test_a_member_that_was_selected_on_its_fold_is_noted(tmp_path):
    members, truth = three_members()
    folds, ids = np.arange(90) % 3, [f"{i:06d}" for i in range(90)]
    roots = sets_of(tmp_path, members[:2], ids, folds, np.random.default_rng(1))
    for root, is_selected in zip(roots, (False, True), strict=True):
        run = root.parent.parent
        record = Record(
            kind="run",
            id=run.name,
            name=run.name[:4],
            created=now(),
            status="finished",
            scores={"selected_on_fold": is_selected},
        )
        write_record(run, record)
    found = blend([PredictionSet(r) for r in roots], truth, "log_loss", folds, ids=ids)
    (note,) = [one for one in found.notes if "selected on their own folds" in one]
    assert "run1-00000001" in note
    assert "run0" not in note


def test_sets_of_other_folds_or_without_a_common_row_are_refused(tmp_path):
    members, truth = three_members()
    folds, ids = np.arange(90) % 3, [f"{i:06d}" for i in range(90)]
    (root,) = sets_of(tmp_path, members[:1], ids, folds, np.random.default_rng(1))
    moved = folds.copy()
    moved[4] = 0
    with pytest.raises(DataError, match="run0-00000000 was made with other folds: '000004'"):
        blend([PredictionSet(root)], truth, "log_loss", moved, ids=ids)
    with pytest.raises(DataError, match="no row was predicted out of fold by every member"):
        blend([PredictionSet(root)], truth, "log_loss", folds, ids=[f"x{i}" for i in ids])
    with pytest.raises(UsageError, match="pass ids"):
        blend([PredictionSet(root)], truth, "log_loss", folds)
    with pytest.raises(DataError, match="89 ids for 90 rows"):
        blend([PredictionSet(root)], truth, "log_loss", folds, ids=ids[1:])


def test_what_is_printed_has_the_scores_and_an_interval_where_there_is_one():
    members, truth = three_members(n=60)
    made = blend(members, truth, "accuracy", np.arange(60) % 3, trials=2, n_resamples=20)
    low, high = made.honest_interval
    printed = repr(made).splitlines()
    scores = [line for line in printed if line.startswith(("honest", "optimistic", "rows"))]
    assert scores == [
        f"honest accuracy: {made.honest:.4f} (95 % on train rows: {low:.4f} to {high:.4f})",
        f"optimistic accuracy: {made.optimistic:.4f}",
        "rows scored: 60",
    ]
    without = repr(dataclasses.replace(made, honest_interval=None)).splitlines()
    assert f"honest accuracy: {made.honest:.4f}" in without


@pytest.mark.parametrize(
    ("method", "metric", "n_members", "expected"),
    [
        ("mean", "auc", 2, ()),
        ("mean", "log_loss", 2, ("calibration",)),
        ("hill_climb", "auc", 1, ()),
        ("hill_climb", "auc", 2, ("weights",)),
        ("my_blend:METHOD", "auc", 2, ("weights",)),
    ],
)
def test_a_blend_knows_what_was_fitted_on_its_rows(method, metric, n_members, expected):
    members, truth = weak_members(80, n_members, np.random.default_rng(0), strength=2.0)
    known = "mean" if ":" in method else method
    folds, kind = np.arange(80) % 4, image_kind("binary")
    made = blend(members, truth, metric, folds, kind=kind, method=known, n_resamples=10)
    made = dataclasses.replace(made, method=method)  # of code that is gone
    assert made.fitted_parts == expected
    decided = dataclasses.replace(made, decision=({"threshold": 0.4},))
    assert decided.fitted_parts == (*expected, "decision")


def test_folds_are_numbers_in_python_and_text_in_the_record(tmp_path: Path):
    rng = np.random.default_rng(5)
    truth, folds = np.arange(40) % 2, np.arange(40) // 2 % 2
    members = [np.clip(truth * 0.3 + rng.random(40) * 0.7, 0, 1)[:, None] for _ in range(3)]
    found = blend(members, truth, "log_loss", folds, method="simplex")
    fitted = tuning.cross_fit(lambda rows: 0, lambda _, rows: truth[rows], folds=folds)
    assert list(found.by_fold) == list(found.fold_weights) == list(fitted.by_fold) == [0, 1]
    kept = json.loads(json.dumps(found.to_json()))
    assert list(kept["by_fold"]) == list(kept["fold_weights"]) == ["0", "1"]
    assert found.to_json()["by_fold"] == kept["by_fold"]
    folder = write_blend(Workspace(tmp_path), found, [tmp_path / name for name in "abc"])
    assert read_record(folder).scores["folds"] == kept["by_fold"]
    again, _ = read_blend(folder)
    assert (again.by_fold, again.fold_weights) == (found.by_fold, found.fold_weights)


def test_a_member_with_all_the_weight_has_the_file_of_the_blend():
    """Each fold takes the member that is better in the others, and all rows take the first."""
    rng = np.random.default_rng(0)
    truth, folds = rng.integers(0, 3, 24), np.arange(24) % 3
    members = rng.dirichlet(np.ones(3), (3, 24))
    for k in range(3):
        members[k, folds == k] += 3 * np.eye(3)[truth[folds == k]]
    members /= members.sum(axis=2, keepdims=True)
    names = ["one", "two", "three"]
    found = blend(members, truth, "accuracy", folds, method="best", names=names)
    alone = max(metrics.score("accuracy", truth, one.argmax(1)) for one in members)
    assert alone > found.honest
    (note,) = [one for one in found.notes if " alone" in one]
    assert note == (
        f"{found.only_member} alone with the plain decision has the same file, and scores "
        f"{alone:.4f}: honest {found.honest:.4f} is worse, as the members were chosen anew for "
        "each fold"
    )
    assert member_to_send(found.notes, found.members) == ""
    assert member_of_same_file(found.notes, found.members) == found.only_member
    mean = blend(members[[0, 0, 1]], truth, "accuracy", folds, method="mean")
    assert not any("same file" in one for one in mean.notes)
