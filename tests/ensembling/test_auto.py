"""The choice among families: each rule against a plain loop over draws and folds."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from podium.competition import metrics
from podium.ensembling.auto import blend_by_families
from podium.ensembling.honest import (
    BestMember,
    OofUnits,
    best_alone,
    drawn_scores,
    share_of_wins,
    units_from,
)
from podium.ensembling.labels import LabelFits
from podium.ensembling.method import BlendMethod, Fitted
from podium.ensembling.method_choice import (
    Contender,
    FamilyChoice,
    choose,
    mixed_units,
    nested_choice,
)
from podium.ensembling.nested import few_parts, inner_folds, inner_predictions
from podium.ensembling.rows import gather
from podium.errors import DataError, UsageError
from podium.tasks.protocols.find import image_kind
from podium.workspace.blend_notes import better_member

N, FOLDS = 60, np.arange(60) % 3
GROUPS = np.arange(60) // 3 * 3 + FOLDS  # 20 × 3 rows of one fold


def predicted_by(truth, right, seed):
    """Labels that are right on about a share of the rows."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(len(truth)) < right, truth, 1 - truth)


def units_of(truth, predicted, metric="accuracy", groups=None):
    found = units_from(
        [str(i) for i in range(len(truth))],
        groups,
        metrics.get(metric),
        {},
        truth=truth,
        prediction=predicted,
    )
    assert found is not None
    return found


def draws_of_rows(n, seed, groups=None, n_rows=N):
    """The rows of each draw, written out: groups are drawn, each brings its rows."""
    codes = np.arange(n_rows) if groups is None else np.unique(groups, return_inverse=True)[1]
    if groups is not None:  # podium numbers groups in the order of their names
        codes = np.unique(groups.astype(str), return_inverse=True)[1]
    n_units = codes.max() + 1
    drawn = np.random.default_rng(seed).integers(n_units, size=(n, n_units))
    return [np.concatenate([np.flatnonzero(codes == unit) for unit in one]) for one in drawn]


@pytest.mark.parametrize("groups", [None, GROUPS])
@pytest.mark.parametrize("metric", ["accuracy", "auc", "log_loss"])
def test_how_often_a_blend_beats_its_best_member_is_what_a_loop_over_draws_counts(metric, groups):
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, N)
    predicted = [predicted_by(truth, right, seed) for seed, right in enumerate((0.7, 0.65))]
    if metric != "accuracy":
        predicted = [
            np.round(0.3 * one + 0.3 + 0.2 * rng.random(N), 2)[:, None] for one in predicted
        ]
    ours, theirs = (units_of(truth, one, metric, groups) for one in predicted)
    other = BestMember.of("other", theirs, n=50, seed=4)
    count, sign = 0.0, 1 if metrics.get(metric).greater_is_better else -1
    for rows in draws_of_rows(50, 4, groups):
        a, b = (sign * metrics.score(metric, truth[rows], one[rows]) for one in predicted)
        count += 1.0 if a > b + 1e-12 else 0.5 if abs(a - b) <= 1e-12 else 0.0
    assert share_of_wins(ours, other, seed=4) == pytest.approx(count / 50)
    assert share_of_wins(theirs, other, seed=4) == 0.5


def test_draws_without_a_score_count_for_neither():
    truth = np.zeros(8, int)
    truth[0] = 1
    ours = units_of(truth, np.linspace(1, 0, 8)[:, None], "auc")
    other = BestMember.of(
        "other", units_of(truth, np.linspace(0, 1, 8)[:, None], "auc"), n=40, seed=0
    )
    assert np.isnan(other.drawn).any()
    assert share_of_wins(ours, other, seed=0) == 1.0
    nothing = BestMember("other", 0.5, np.full(40, np.nan))
    assert share_of_wins(ours, nothing, seed=0) is None


def test_of_equal_members_the_first_is_the_best():
    higher = metrics.get("accuracy").is_better
    assert best_alone([0.5, 0.7, 0.7], higher) == 1
    assert best_alone([0.5, 0.5, 0.7], metrics.get("log_loss").is_better) == 0


def chosen_by_a_loop(truth, predicted, n_fitted, rows, n, seed):
    """The rule, with rows of each draw written out."""
    right = [(truth == one)[rows] for one in predicted]
    scores = [one.mean() for one in right]
    best = int(np.argmax(scores))
    drawn = [[one[at].mean() for one in right] for at in draws_of_rows(n, seed, n_rows=len(rows))]
    gaps = np.array(drawn)[:, [best]] - np.array(drawn)
    allowed = []
    for k in range(len(predicted)):
        gap = scores[best] - scores[k]
        if gap == 0 or gap <= gaps[:, k].std(ddof=1):
            allowed.append((n_fitted[k], gap, k))
    return min(allowed)[2], best


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n_fitted=st.lists(st.integers(0, 3), min_size=2, max_size=5),
)
def test_the_simplest_within_one_standard_error_is_taken(seed, n_fitted):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, N)
    predicted = [
        predicted_by(truth, 0.55 + 0.3 * rng.random(), [seed, k]) for k in range(len(n_fitted))
    ]
    contenders = [
        Contender(units_of(truth, one), n) for one, n in zip(predicted, n_fitted, strict=True)
    ]
    found = choose(contenders, n=30, seed=2)
    every = np.arange(N)
    assert (found.chosen, found.best) == chosen_by_a_loop(truth, predicted, n_fitted, every, 30, 2)

    # Without fold k every family predicts the others anew, otherwise than with it.
    anew = {
        fold: [predicted_by(truth, 0.6, [seed, k, fold]) for k in range(len(n_fitted))]
        for fold in range(3)
    }
    outside = {fold: np.flatnonzero(fold != FOLDS) for fold in range(3)}
    nested = [
        dataclasses.replace(
            one,
            within={f: units_of(truth[at], anew[f][k][at]) for f, at in outside.items()},
        )
        for k, one in enumerate(contenders)
    ]
    taken, by_fold = nested_choice(nested, FOLDS, n=30, seed=2)
    whole = np.empty(N, int)
    for fold, at in outside.items():
        k, _ = chosen_by_a_loop(truth, anew[fold], n_fitted, at, 30, 2)
        assert by_fold[fold] == k
        whole[fold == FOLDS] = predicted[k][fold == FOLDS]
    units = mixed_units([one.units for one in nested], taken)
    assert units.score() == pytest.approx(metrics.score("accuracy", truth, whole))


def test_the_best_is_taken_where_it_is_far_ahead_and_the_simpler_one_where_it_is_not():
    truth = np.random.default_rng(0).integers(0, 2, N)
    wrong_once, wrong_twice, poor = truth.copy(), truth.copy(), 1 - truth
    wrong_once[:1] ^= 1
    wrong_twice[1:3] ^= 1
    poor[:20] = truth[:20]
    for predicted, fitted, expected in (
        ((wrong_once, wrong_twice, poor), (9, 4, 0), 1),
        ((wrong_once, poor), (9, 0), 0),
        ((wrong_once, wrong_once), (4, 4), 0),
        ((wrong_once, wrong_once), (4, 1), 1),
    ):
        found = choose(
            [Contender(units_of(truth, one), n) for one, n in zip(predicted, fitted, strict=True)]
        )
        assert (found.best, found.chosen) == (0, expected)


def weak(n=90, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    raw = [s * np.eye(3)[truth] + rng.standard_normal((n, 3)) for s in (0.5, 1.0, 2.0)]
    exp = np.exp(np.stack(raw))
    return (exp / exp.sum(2, keepdims=True)).astype(np.float32), truth


def fits(metric="accuracy", **changes):
    members, truth = weak()
    rows = gather(members, truth, np.arange(90) % 3, groups=None, ids=None, names=["a", "b", "c"])
    return LabelFits(
        rows, metrics.get(metric), image_kind("multiclass"), trials=3, n_resamples=40, **changes
    )


def auto(of, methods):
    return blend_by_families(of, methods, n_outputs=3)


REFUSING = BlendMethod(
    fit=lambda members, objective, *, seed: 1 / 0, refuses=lambda objective: "of rain"
)
LAST = BlendMethod(
    fit=lambda members, objective, *, seed: Fitted.of(np.eye(len(members))[-1]),
    n_fitted=lambda n_members, n_outputs: 77,
)


@pytest.mark.slow
def test_a_chosen_blend_equals_its_method_and_notes_that_the_choice_used_all_folds():
    of = fits()
    found, units = auto(of, ["mean", "geometric", f"{__name__}:LAST", f"{__name__}:REFUSING"])
    alone, _ = of.by(found.method)
    choice = found.choice
    its_own = ("notes", "honest", "honest_interval", "by_fold", "beats_best")
    as_alone = {name: getattr(alone, name) for name in its_own}
    assert dataclasses.replace(found, choice=None, **as_alone) == alone
    assert units.score() == found.honest == choice.nested
    low, high = found.honest_interval
    assert low < found.honest < high
    assert choice.refused == {f"{__name__}:REFUSING": "of rain"}
    assert [one.method for one in choice.families] == ["mean", "geometric", f"{__name__}:LAST"]
    assert [one.n_fitted for one in choice.families] == [0, 0, 77]
    assert [one.honest for one in choice.families] == [
        of.by(one.method)[0].honest for one in choice.families
    ]
    assert choice.ranked[0].method == choice.best
    assert choice.ranked[0].behind_error is None
    assert any("chosen of 3 families, anew for each fold" in note for note in found.notes)
    assert any(f"{alone.honest:.4f}" in note for note in found.notes)
    assert set(choice.nested_by_fold) == {0, 1, 2}
    assert FamilyChoice.from_json(json.loads(json.dumps(dataclasses.asdict(choice)))) == choice


def test_a_member_that_beats_the_choice_has_the_note_though_the_taken_family_has_none():
    rng = np.random.default_rng(11)
    truth = rng.integers(0, 3, 90)
    raw = [s * np.eye(3)[truth] + rng.standard_normal((90, 3)) for s in (1.1, 2.0)]
    exp = np.exp(np.stack(raw))
    members = (exp / exp.sum(2, keepdims=True)).astype(np.float32)
    rows = gather(members, truth, np.arange(90) % 3, groups=None, ids=None, names=["a", "b"])
    of = LabelFits(
        rows, metrics.get("accuracy"), image_kind("multiclass"), trials=3, n_resamples=40
    )
    found, _ = auto(of, ["geometric", "mean", "best"])
    assert found.honest < found.best_alone == found.choice.taken.honest
    (note,) = [one for one in found.notes if better_member(one, found.members)]
    assert note == f"b alone, decided as it would be sent, scores better: {found.best_alone:.4f}"
    assert not any(better_member(one, "ab") for one in of.by(found.method)[0].notes)


STRONG_OF_MANY = BlendMethod(
    fit=lambda members, objective, *, seed: Fitted.of(
        np.eye(len(members))[-1 if members.shape[1] >= 60 else 0]
    )
)


def test_a_family_that_no_fold_chose_does_not_lose_against_a_member_that_it_equals():
    """It is the strong member where it is fitted on two folds of three, and the weak one on one."""
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 90)
    strong = 4 * np.eye(3)[truth] + rng.standard_normal((90, 3))
    raw = [9 * rng.standard_normal((90, 3)), strong]
    exp = np.exp(np.stack(raw))
    members = (exp / exp.sum(2, keepdims=True)).astype(np.float32)
    rows = gather(members, truth, np.arange(90) % 3, groups=None, ids=None, names=["a", "b"])
    of = LabelFits(
        rows, metrics.get("accuracy"), image_kind("multiclass"), trials=3, n_resamples=40
    )
    chosen = f"{__name__}:STRONG_OF_MANY"
    found, _ = auto(of, ["mean", chosen])
    assert (found.choice.chosen, set(found.choice.nested_by_fold.values())) == (chosen, {"mean"})
    assert found.choice.is_no_folds
    assert found.honest < found.best_alone <= found.choice.taken.honest
    assert not any(better_member(one, found.members) for one in found.notes)
    (note,) = [one for one in found.notes if "chosen of 2 families" in one]
    assert f"honest {found.choice.taken.honest:.4f}, which flatters; no fold's others" in note
    assert note.endswith("what to expect are of mean")


def test_the_best_member_decides_by_itself_honestly():
    of = fits("macro_f1")
    found, _ = of.by("mean")
    strong, _ = of.of_members([2]).by("mean")
    assert (found.best_member, found.best_alone) == ("c", strong.honest)
    assert 0 <= found.beats_best <= 1
    assert (strong.best_member, strong.best_alone, strong.beats_best) == ("", None, None)


@pytest.mark.slow
def test_the_member_to_beat_is_the_best_as_each_decides_best_not_as_0_5_does():
    rng = np.random.default_rng(0)
    truth = (rng.random(300) < 0.2).astype(int)
    predicted = 1 / (1 + np.exp(-(4 * truth - 2 + rng.normal(size=300))))
    shy = 0.3 * predicted  # orders the rows best, and never says 0.5
    loud = 1 / (1 + np.exp(-(2 * truth - 1 + rng.normal(size=300))))
    rows = gather(
        np.stack([loud, shy])[..., None], truth, np.arange(300) % 3, groups=None, ids=None,
        names=["loud", "shy"],
    )  # fmt: skip
    of = LabelFits(rows, metrics.get("f1"), image_kind("binary"), n_resamples=40)
    assert of.alone[1] == 0 < of.alone[0]
    each = [of.of_members([m]).by("mean")[0].honest for m in range(2)]
    assert each[1] > each[0]
    found, _ = of.by("mean")
    assert (found.best_member, found.best_alone) == ("shy", each[1])


def test_where_all_refuse_the_first_reason_is_raised():
    with pytest.raises(UsageError, match="of rain"):
        auto(fits(), [f"{__name__}:REFUSING"])


def test_a_family_whose_fit_the_data_forbid_stops_no_other():
    rng = np.random.default_rng(0)
    truth = np.arange(N) % 2
    logits = (truth + rng.normal(size=(3, N)))[..., None]  # AUC takes them, log loss does not
    rows = gather(logits, truth, FOLDS, groups=None, ids=None, names=["a", "b", "c"])
    of = LabelFits(rows, metrics.get("auc"), image_kind("binary"), n_resamples=20)
    found, _ = auto(of, ["simplex", "mean", "hill_climb"])
    assert [one.method for one in found.choice.families] == ["mean", "hill_climb"]
    assert "no probability" in found.choice.refused["simplex"]
    with pytest.raises(DataError, match="no probability"):
        auto(of, ["simplex"])


@dataclasses.dataclass
class WithoutUnits:
    """Fits of a metric that has no score of single rows."""

    of: LabelFits
    best_member, n_resamples = None, 10

    @property
    def parts(self):
        return self.of.parts

    def by(self, method):
        return self.of.by(method)[0], None

    def within(self, method, parts):
        return None


def test_without_units_the_best_honest_score_is_taken():
    of = fits()
    without = WithoutUnits(of)
    found, units = blend_by_families(without, ["mean", f"{__name__}:LAST"], n_outputs=3)
    assert units is None
    scores = [one.honest for one in found.choice.families]
    assert found.honest == max(scores)
    assert [one.behind for one in found.choice.families] == [max(scores) - one for one in scores]
    assert found.choice.nested is None
    assert "no score to draw" in found.choice.reason


@pytest.mark.parametrize("seed", [1, 3])
def test_values_of_two_families_of_different_scales_become_ranks_in_their_folds(seed):
    """Where ranks of one family stand beside probabilities of another, as in folds 0 to 2."""
    truth = np.random.default_rng(seed).integers(0, 2, N)
    members = np.stack(
        [0.2 * truth + 0.6 * np.random.default_rng([seed, k]).random(N) ** k for k in (1, 2)]
    )
    rows = gather(
        members[..., None].astype(np.float32), truth, FOLDS, groups=None, ids=None, names=None
    )
    of = LabelFits(rows, metrics.get("auc"), image_kind("binary"), n_resamples=20)
    found, units = blend_by_families(of, ["mean", f"{__name__}:RANKS"], n_outputs=1)
    choice = found.choice
    assert choice.nested == found.honest == units.score()
    assert set(choice.nested_by_fold) == {0, 1, 2}
    by = {name: of.by(name)[1].prediction[:, 0] for name in ("mean", f"{__name__}:RANKS")}
    expected = np.empty(N)
    is_mixed = len(set(choice.nested_by_fold.values())) > 1
    for fold in range(3):
        inside = fold == FOLDS
        predictions = by[choice.nested_by_fold[fold]][inside]
        # The mean rank of each among its fold, counted; ties share theirs.
        below = (predictions[:, None] > predictions).sum(1) + (
            (predictions[:, None] == predictions).sum(1) - 1
        ) / 2
        expected[inside] = (below + 0.5) / inside.sum() if is_mixed else predictions
    assert units.score() == pytest.approx(metrics.score("auc", truth, expected[:, None]))


def test_labels_of_two_families_of_different_scales_are_scored_as_they_are():
    """Of the macro F1 of three classes units keep their labels, which are no values to rank."""
    rng = np.random.default_rng(0)
    truth, first = rng.integers(0, 3, N), FOLDS == 0
    # The first member is right where the last one guesses: each is chosen by some folds.
    right = rng.random((2, N)) < np.where([first, ~first], 0.9, 0.4)
    answers = np.where(right, truth, (truth + 1) % 3)
    members = (0.1 + 0.6 * np.eye(3)[answers] + 0.1 * rng.random((2, N, 3))).astype(np.float32)
    rows = gather(members, truth, FOLDS, groups=None, ids=None, names=None)
    of = LabelFits(
        rows, metrics.get("macro_f1"), image_kind("multiclass"), plain=True, n_resamples=20
    )
    names = [f"{__name__}:FIRST_RANKS", f"{__name__}:LAST"]
    found, _ = blend_by_families(of, names, n_outputs=3)
    assert found.choice.nested_by_fold == {0: names[1], 1: names[0], 2: names[0]}
    by = {name: of.by(name)[1].prediction for name in names}
    expected = np.where(first, by[names[1]], by[names[0]])
    assert found.choice.nested == pytest.approx(f1_score(truth, expected, average="macro"))


RANKS = BlendMethod(
    fit=lambda members, objective, *, seed: Fitted.equal(len(members)),
    prepare=lambda member, folds: member.argsort(0).argsort(0).astype(np.float32),
    n_fitted=lambda n_members, n_outputs: 0,
    gives_probs=False,
)


FIRST_RANKS = dataclasses.replace(
    RANKS, fit=lambda members, objective, *, seed: Fitted.of(np.eye(len(members))[0])
)


def test_draws_are_those_of_the_interval():
    truth = np.random.default_rng(0).integers(0, 2, N)
    units = units_of(truth, predicted_by(truth, 0.7, 3))
    assert isinstance(units, OofUnits)
    low, high = np.quantile(drawn_scores(units, n=100, seed=1), [0.025, 0.975])
    from podium.competition.scores.bootstrap import interval

    assert (low, high) == interval("accuracy", truth, predicted_by(truth, 0.7, 3), n=100, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_what_is_chosen_for_a_fold_knows_nothing_of_its_truth(seed):
    """The truth of fold 0 is turned around: the choice for it, and its predictions, stay."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, N)
    members = rng.random((4, N, 1)).astype(np.float32)
    methods = ["mean", "hill_climb", "best", "geometric"]

    def made(right):
        rows = gather(members, right, FOLDS, groups=None, ids=None, names=None)
        of = LabelFits(rows, metrics.get("accuracy"), image_kind("binary"), trials=5, n_resamples=5)
        within = of.within("hill_climb", few_parts(FOLDS))
        return blend_by_families(of, methods, n_outputs=1), within

    (found, units), within = made(truth)
    (turned, turned_units), turned_within = made(np.where(FOLDS == 0, 1 - truth, truth))
    assert found.choice.nested_by_fold[0] == turned.choice.nested_by_fold[0]
    np.testing.assert_array_equal(units.prediction[FOLDS == 0], turned_units.prediction[FOLDS == 0])
    np.testing.assert_array_equal(within[0].prediction, turned_within[0].prediction)
    assert (within[0].ids == np.flatnonzero(FOLDS != 0).astype(str)).all()
    assert (within[1].prediction != turned_within[1].prediction).any()


def test_the_predictions_within_are_a_loop_over_pairs_of_folds():
    folds = np.array([3, 5, 5, 7, 3, 7, 7, 9])
    y = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0])
    fitted_on = []

    def fit(rows):
        fitted_on.append(rows.tolist())
        return y[rows].sum()

    found = inner_predictions(
        fit,
        lambda total, rows: total + rows,
        inner_folds(folds, np.arange(8), seed=0),
    )
    for part in (3, 5, 7, 9):
        expected = [
            y[(folds != part) & (folds != folds[i])].sum() + i for i in range(8) if folds[i] != part
        ]
        assert found[part].tolist() == expected
    assert len(fitted_on) == 4 * 3 / 2  # a fit without two folds serves both


def test_of_two_folds_the_other_one_is_cut_and_of_many_several_are_one():
    pairs = inner_folds(np.arange(40) % 2, np.arange(40) // 4, seed=0)
    for part, each in pairs.items():
        others = np.flatnonzero(np.arange(40) % 2 != part)
        assert len(each) == 5
        assert sorted(np.concatenate([held for _, held in each])) == others.tolist()
        for inside, held in each:
            assert sorted([*inside, *held]) == others.tolist()
            assert not set(inside // 4) & set(held // 4)
    parts = few_parts(np.arange(40) % 20 + 100)
    assert np.unique(parts).tolist() == [0, 1, 2, 3, 4]
    assert len({(one, other) for one, other in zip(parts, np.arange(40) % 20, strict=True)}) == 20


def pick(m):
    """The way to blend that is member m."""
    return BlendMethod(
        fit=lambda members, objective, *, seed: Fitted.of(np.eye(len(members))[m]),
        n_fitted=lambda n_members, n_outputs: 1,
    )


PICK_0, PICK_1, PICK_2, PICK_3, PICK_4, PICK_5 = (pick(m) for m in range(6))


@pytest.mark.slow
@pytest.mark.long
def test_the_luckiest_of_six_families_of_noise_is_printed_at_chance():
    """The AUC of noise on 50 + 50 rows has the deviation sqrt(101 / (12 * 50 * 50)) = 0.058.

    So the mean of 16 lies within 3 * 0.058 / sqrt(16) = 0.0435 of 0.5, but 3 times in a thousand;
    the best of six is on average 1.27 deviations above, which is 0.574.
    """
    printed, alone = [], []
    for seed in range(16):
        rng = np.random.default_rng(seed)
        truth, members = rng.permutation(100) % 2, rng.random((6, 100, 1)).astype(np.float32)
        rows = gather(members, truth, np.arange(100) % 5, groups=None, ids=None, names=None)
        of = LabelFits(rows, metrics.get("auc"), image_kind("binary"), n_resamples=2)
        methods = [f"{__name__}:PICK_{m}" for m in range(6)]
        found, _ = blend_by_families(of, methods, n_outputs=1, seed=seed)
        printed.append(found.honest)
        alone.append(max(one.honest for one in found.choice.families))
    assert abs(np.mean(printed) - 0.5) < 0.0435
    assert np.mean(alone) > 0.5435
