"""Whether a decision pays: the evidence by hand, and what fresh rows say of the rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import expit, log_softmax
from scipy.stats import norm
from tuning.decided import chosen

import podium
from podium.competition import metrics
from podium.errors import DataError
from podium.predictions.decisions.labels import decide
from podium.tasks.kinds.classify._rows import tuning as of_rows
from podium.tasks.protocols.find import image_kind
from podium.tuning import fit_class_weights
from podium.tuning.labels import decision as of_labels
from podium.tuning.labels.believed import believed_probs, likely_truths
from podium.tuning.labels.class_weights import fit_offsets, shrunk_weights
from podium.tuning.labels.cuts import shrunk_cuts
from podium.tuning.labels.thresholds import shrunk_thresholds
from podium.tuning.paying import (
    GainEvidence,
    Kept,
    Scored,
    _chosen_by_others,
    evidence_of,
    inner_parts,
    keep_what_pays,
)

ACCURACY = metrics.get("accuracy")


def scored(prediction: np.ndarray, truth: np.ndarray, metric: str = "accuracy") -> Scored:
    return Scored(metrics.get(metric), {}, prediction, truth)


def test_the_error_of_a_gain_is_that_of_a_mean_of_differences_and_two_more_rows() -> None:
    rng = np.random.default_rng(0)
    truth, plain, tuned = (rng.integers(0, 3, 500) for _ in range(3))
    found = evidence_of(scored(plain, truth), [scored(tuned, truth)])
    differences = (tuned == truth).astype(float) - (plain == truth)
    assert found.gain == pytest.approx(differences.mean())
    assert found.n_changed == (plain != tuned).sum()
    # 100 draws know a standard error to about 7 % (1 / sqrt(2 n)): three times that.
    by_hand = differences.std() / np.sqrt(500) * np.sqrt(1 + 2 / found.n_changed)
    assert found.error == pytest.approx(by_hand, rel=0.21)


@pytest.mark.parametrize(("won", "lost", "pays"), [(1, 0, False), (3, 0, False), (6, 0, True)])
@pytest.mark.parametrize("n", [10, 300])
def test_a_row_or_three_that_were_won_are_no_evidence(
    n: int, won: int, lost: int, pays: bool
) -> None:
    truth, plain = np.zeros(n, int), np.zeros(n, int)
    plain[:won] = 1
    tuned = np.zeros(n, int)
    assert evidence_of(scored(plain, truth), [scored(tuned, truth)]).pays == pays


def test_as_many_rows_lost_as_won_do_not_pay_and_equal_decisions_change_nothing() -> None:
    truth = np.zeros(40, int)
    plain, tuned = truth.copy(), truth.copy()
    plain[:6], tuned[6:12] = 1, 1
    assert not evidence_of(scored(plain, truth), [scored(tuned, truth)]).pays
    nothing = evidence_of(scored(plain, truth), [scored(plain, truth)])
    assert (nothing.gain, nothing.n_changed, nothing.pays) == (0.0, 0.0, False)
    assert str(nothing) == "tuning changes no decision in 40 rows"
    groups = np.arange(40) // 4
    nothing = evidence_of(scored(plain, truth), [scored(plain, truth)], groups=groups)
    assert str(nothing) == "tuning changes no decision in 10 groups (40 rows)"


def test_a_loss_is_called_one_and_groups_are_counted_as_groups() -> None:
    truth = np.zeros(40, int)
    plain, tuned = truth.copy(), truth.copy()
    plain[:2], tuned[:10] = 1, 1
    found = str(evidence_of(scored(plain, truth), [scored(tuned, truth)]))
    assert "tuning loses 0.2000 ± " in found
    assert found.endswith("on rows it was not fitted on, and changes the decision of 8 of 40 rows")
    found = str(
        evidence_of(scored(tuned, truth), [scored(plain, truth)], groups=np.arange(40) // 4)
    )
    assert "tuning gains +0.2000 ± " in found
    assert found.endswith("and changes decisions in 3 of 10 groups")


def test_an_expected_gain_is_called_one_where_less_than_a_row_is_decided_otherwise() -> None:
    observed = str(GainEvidence(10, -0.0121, 0.0219, 0.4))
    assert observed.startswith("tuning loses 0.0121 ± 0.0219 on rows it was not fitted on, and")
    assert observed.endswith("changes the decision of fewer than 1 of 10 rows on average")
    rng = np.random.default_rng(3)
    truth = np.array([0, 1] * 5)
    rng.shuffle(truth)
    probs = np.clip(0.35 * truth + 0.65 * rng.random(10), 0, 1)
    (note,) = podium.blend(truth, [probs], "f1", np.arange(10) % 5, method="mean").notes
    assert "tuning loses 0.0121 ± " in note
    assert "on rows it was not fitted on (in part estimated from probabilities)" in note
    assert "and changes the decision of fewer than 1 of 10 rows on average" in note


def test_the_decision_of_a_row_is_the_one_that_is_best_on_the_other_parts() -> None:
    part_of = np.array([0, 0, 1, 1, 2, 2])
    truth = np.ones(6, int)
    plain, first, second = (
        scored(np.array(one), truth)
        for one in ([1, 0, 0, 0, 0, 1], [1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0])
    )
    # Right beside part 0: 1, 0 and 2; beside part 1: 2, 2 and 0, of equal ones the plain one;
    # beside part 2: 1, 2 and 2, of equal ones the first.
    found = _chosen_by_others([plain], [[first, second]], part_of, np.ones(1))
    assert found.tolist() == [1, 1, -1, -1, 0, 0]


def test_sums_and_rows_are_the_same_evidence() -> None:
    rng = np.random.default_rng(1)
    truth, plain, tuned = (rng.integers(0, 3, 60) for _ in range(3))
    metric = metrics.get("macro_f1")
    options = metrics.with_classes(metric, {}, "multiclass", 3)
    slow = replace(metric, sums=None, value=None)
    of_rows = [Scored(one, options, plain, truth) for one in (metric, slow)]
    other = [Scored(one, options, tuned, truth) for one in (metric, slow)]
    quick, slowly = (evidence_of(a, [b]) for a, b in zip(of_rows, other, strict=True))
    sums = [
        Scored(metric, options, metrics.sums(metric, truth, p, **options)) for p in (plain, tuned)
    ]
    by_sums = evidence_of(sums[0], [sums[1]])
    assert (quick.gain, quick.error) == pytest.approx((slowly.gain, slowly.error))
    assert (quick.gain, quick.error) == pytest.approx((by_sums.gain, by_sums.error))


def test_rows_of_a_group_are_one_piece_of_evidence() -> None:
    """Thirty rows of one patient are won: of three patients that is one."""
    truth, plain = np.zeros(90, int), np.zeros(90, int)
    plain[:30] = 1
    sent = scored(plain, truth), [scored(truth, truth)]
    assert evidence_of(*sent).pays
    assert not evidence_of(*sent, groups=np.repeat([0, 1, 2], 30)).pays


def test_groups_stay_in_one_part_and_few_rows_are_split_again() -> None:
    groups = np.repeat(np.arange(12), 5)
    every = inner_parts(60, groups=groups, seed=3)
    assert len(every) == 4
    assert len(inner_parts(2_000)) == 1
    for parts in every:
        assert all(len(set(parts[groups == g])) == 1 for g in range(12))
        assert set(parts) == set(range(5))
    assert not np.array_equal(every[0], every[1])


def test_memorised_decision_is_dropped_and_a_general_one_kept() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 80)
    heart = {}

    def apply(decision: object, rows: np.ndarray) -> np.ndarray:
        if decision == "plain":
            return np.zeros(len(rows), int)
        if decision == "right":
            return truth[rows]
        return np.array([decision.get(i, 0) for i in rows.tolist()])

    def keep(fit):
        return keep_what_pays(
            fit,
            apply,
            lambda one, rows: scored(one, truth[rows]),
            "plain",
            parts=inner_parts(80),
        )

    by_heart = keep(lambda rows: [{i: truth[i] for i in rows.tolist()}])
    assert (by_heart.decision, by_heart.is_tuned) == ("plain", False)
    both = keep(lambda rows: [heart, "right"])
    assert (both.decision, both.is_tuned) == ("right", True)
    assert both.evidence.gain == pytest.approx((truth == 1).mean())

    def failing(rows: np.ndarray) -> list[object]:
        if len(rows) < 80:
            raise DataError("one class only")
        return ["right"]

    assert keep(failing).decision == "plain"


def rows_of(n: int, c: int, rng: np.random.Generator, shift: np.ndarray | float = 0.0):
    """Return (probs, truth): the truth is drawn by the probabilities before they were shifted."""
    logits = 1.5 * rng.standard_normal((n, c))
    truth = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    exps = np.exp(logits + shift)
    return exps / exps.sum(axis=1, keepdims=True), truth


def fresh_gain(steps: list, probs: np.ndarray, truth: np.ndarray) -> float:
    tuned = decide(probs, steps, "multiclass")
    return float((tuned == truth).mean() - (probs.argmax(axis=1) == truth).mean())


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("n", [20, 60, 200])
def test_on_calibrated_rows_fresh_ones_lose_next_to_nothing(n: int) -> None:
    """Where argmax is right, any tuned gain is luck."""
    by_rule, always = [], []
    for seed in range(15):
        rng = np.random.default_rng(seed)
        probs, truth = rows_of(n, 4, rng)
        fresh = rows_of(4_000, 4, rng)
        kept = chosen(probs, truth, "accuracy", "multiclass", seed=seed)
        by_rule.append(fresh_gain(kept.decision or [{"argmax": None}], *fresh))
        weights = fit_class_weights(probs, truth, "accuracy", trials=8, seed=seed)
        always.append(fresh_gain([{"class_weights": weights.tolist()}], *fresh))
    assert np.mean(by_rule) > -0.003
    assert np.mean(by_rule) > np.mean(always)


def test_a_network_that_prefers_classes_is_corrected() -> None:
    found, possible = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        shift = np.array([1.5, 0.0, 0.0, -1.5])
        probs, truth = rows_of(300, 4, rng, shift)
        fresh = rows_of(4_000, 4, rng, shift)
        steps = chosen(probs, truth, "accuracy", "multiclass").decision
        found.append(fresh_gain(steps, *fresh))
        possible.append(fresh_gain([{"class_weights": np.exp(-shift).tolist()}], *fresh))
    assert np.mean(possible) > 0.05
    assert np.mean(found) > 0.8 * np.mean(possible)


def test_offsets_are_the_likeliest_under_their_priors() -> None:
    rng = np.random.default_rng(4)
    probs, truth = rows_of(120, 3, rng, np.array([1.0, 0.0, -1.0]))
    logs = np.log(probs)

    def loss(params: np.ndarray) -> float:
        right = log_softmax(params[-1] * logs + params[:-1], axis=1)[np.arange(120), truth]
        return -right.sum() + (params[:-1] ** 2).sum() + 2.5 * (params[-1] - 1) ** 2

    by_peer = minimize(loss, np.array([0.0, 0, 0, 1]), tol=1e-10).x
    offsets, scale, _ = fit_offsets(logs, truth)
    np.testing.assert_allclose([*offsets, scale], by_peer, atol=2e-3)


def test_few_rows_leave_weights_near_one_and_thresholds_and_cuts_near_halves() -> None:
    shift = np.array([2.0, 0.0, 0.0])

    def first_weight(n: int) -> float:
        """Return the mean logarithm of the first weight; the fifth are by the offsets alone."""
        drawn = [rows_of(n, 3, np.random.default_rng(seed), shift) for seed in range(20)]
        return float(
            np.mean([np.log(w[0] / w[1]) for w in (shrunk_weights(*one)[4] for one in drawn)])
        )

    sizes = [first_weight(n) for n in (2, 10, 1_000)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[2] == pytest.approx(-2.0, abs=0.1)
    assert sizes[0] > -1.0
    few, some = np.repeat([0, 1], [96, 4]), np.repeat([0, 1], [95, 5])
    assert shrunk_thresholds(np.array([0.1]), few).tolist() == [0.5]
    # Five of the rarer answer: half of the way, by log odds.
    assert shrunk_thresholds(np.array([0.1]), some)[0] == pytest.approx(0.25)
    assert shrunk_thresholds(np.array([0.9]), 1 - some)[0] == pytest.approx(0.75)
    assert shrunk_thresholds(np.array([0.9]), 1 - few).tolist() == [0.5]
    # "Never" and "always" have odds of a million: half of the way they are a thousand.
    ends = shrunk_thresholds(np.array([1.5, 0.0]), np.stack([some, some], axis=1))
    np.testing.assert_allclose(ends, [1000 / 1001, 1 / 1001], rtol=1e-6)
    cuts = shrunk_cuts(np.array([0.9, 1.1, 2.5]), np.repeat([0, 1, 2, 3], [15, 15, 2, 2]))
    np.testing.assert_allclose(cuts, [0.8, 1.5 - 0.4 * 2 / 7, 2.5])


def test_too_few_rows_a_class_are_reported() -> None:
    rng = np.random.default_rng(0)
    probs, truth = rows_of(30, 5, rng)
    kept = chosen(probs, truth, "accuracy", "multiclass")
    assert kept.decision == []
    assert "30 rows are too few to tune a decision: 5 classes need 50 rows, 10 for each class" in (
        str(kept.evidence)
    )
    grouped = chosen(*rows_of(60, 5, rng), "accuracy", "multiclass", groups=np.arange(60) // 2)
    needs = "30 groups (60 rows) are too few to tune a decision: 5 classes need 50 groups, 10 for"
    assert needs in str(grouped.evidence)
    plain = chosen(probs, truth, "accuracy", "multiclass", plain=True)
    assert str(plain.evidence) == "nothing is tuned, as was asked for"


@pytest.mark.parametrize("factor", [1.0, 3.0])
def test_the_evidence_of_a_scale_is_the_integral_over_its_prior(factor: float) -> None:
    probs, truth = rows_of(80, 3, np.random.default_rng(5))
    logs = factor * np.log(probs)

    def likelihood(scale: float) -> float:
        return float(log_softmax(scale * logs, axis=1)[np.arange(80), truth].sum())

    def part(scale: float) -> float:
        return norm.pdf(scale, 1, 5**-0.5) * np.exp(likelihood(scale) - likelihood(1.0))

    by_peer = np.log(quad(part, 0.01, 3, points=[1 / factor])[0])
    offsets, _, evidence = fit_offsets(logs, truth, with_offsets=False)
    assert np.abs(offsets).max() < 1e-6
    assert evidence == pytest.approx(by_peer, abs=0.1)
    assert (evidence > 1.5) == (factor > 1)


def test_probabilities_are_believed_as_they_are_until_rows_show_otherwise() -> None:
    kind = image_kind("multiclass")
    probs, truth = rows_of(400, 4, np.random.default_rng(0))
    np.testing.assert_allclose(believed_probs(probs, truth, kind), probs)
    shift = np.array([1.5, 0.0, 0.0, -1.5])
    skewed = probs * np.exp(shift)
    skewed /= skewed.sum(axis=1, keepdims=True)
    believed = believed_probs(skewed, truth, kind)
    assert np.abs(believed - probs).mean() < 0.2 * np.abs(skewed - probs).mean()


def test_truths_are_as_frequent_as_is_believed() -> None:
    rng = np.random.default_rng(0)
    probs, _ = rows_of(300, 3, rng)
    truths = np.stack(likely_truths(probs, image_kind("multiclass")))
    shares = (truths[..., None] == np.arange(3)).mean(axis=0)
    assert np.abs(shares - probs).max() <= 1 / len(truths) + 1e-12
    np.testing.assert_allclose(shares.mean(axis=0), probs.mean(axis=0), atol=0.01)
    predicted = rng.random((50, 2))
    right = (rng.random((50, 2)) < predicted).astype(int)
    for_each = likely_truths(
        believed_probs(predicted, right, image_kind("multilabel")), image_kind("multilabel")
    )
    assert {one.shape for one in for_each} == {(50, 2)}
    one = likely_truths(
        believed_probs(predicted[:, 0], right[:, 0], image_kind("binary")), image_kind("binary")
    )
    assert {truth.shape for truth in one} == {(50,)}
    np.testing.assert_allclose(np.mean(one, axis=0), predicted[:, 0], atol=1 / len(one))


@pytest.mark.parametrize(("expected_gain", "pays"), [(0.02, True), (-0.02, False)])
def test_what_is_expected_outvotes_luck_where_rows_are_few(
    expected_gain: float, pays: bool
) -> None:
    """100 rows: 12 won and 8 lost, 0.04 ± 0.047, by which nothing pays."""
    rows = np.arange(100)
    truth, right = np.zeros(100, int), np.zeros(100, int)
    tuned = np.where((rows >= 12) & (rows < 20), 1, 0)
    plain = np.where(rows < 12, 1, right)

    def keep(is_expected: bool) -> Kept[str]:
        scores = {"plain": plain, "tuned": tuned}

        def expected(one: np.ndarray) -> np.ndarray:
            # Of accuracy: right, and rows.
            share = 0.5 + expected_gain * (one == tuned).all()
            return np.column_stack([share + 0.001 * (one % 2), np.ones(100)])

        return keep_what_pays(
            lambda _: ["tuned"],
            lambda name, some: scores[name][some],
            lambda one, some: scored(one, truth[some]),
            "plain",
            parts=inner_parts(100),
            expected=expected if is_expected else None,
        )

    assert keep(False).is_tuned is False
    assert keep(True).is_tuned is pays
    alone, both = keep(False).evidence, keep(True).evidence
    assert both.error < alone.error
    # By hand: the weights are one over the variances.
    doubt = alone.error**2 * 100 / 1_000 + (expected_gain / 2) ** 2
    share = alone.error**-2 / (alone.error**-2 + 1 / doubt)
    assert both.gain == pytest.approx(share * alone.gain + (1 - share) * expected_gain, abs=2e-3)


def yes_or_no(
    n: int, rng: np.random.Generator, noise: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return (probs, truth) of one in seven that is positive; `noise` makes a network too sure."""
    logits = 2 * rng.standard_normal(n) - 2.5
    truth = (rng.random(n) < expit(logits)).astype(int)
    return expit(logits + noise * rng.standard_normal(n)), truth


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize(("noise", "least"), [(0.0, 0.75), (1.0, 0.25)])
def test_f1_of_a_few_dozen_positives_gets_its_gain(noise: float, least: float) -> None:
    """A threshold of half the best F1 is right; 300 rows cannot show it by rows that are won."""
    found, possible = [], []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        probs, truth = yes_or_no(300, rng, noise)
        fresh, its_truth = yes_or_no(20_000, rng, noise)
        steps = chosen(probs, truth, "f1", "binary", seed=seed).decision
        scores = [
            metrics.score("f1", its_truth, (fresh >= t).astype(int))
            for t in (0.5, steps[0]["threshold"] if steps else 0.5, *np.linspace(0.1, 0.5, 9))
        ]
        found.append(scores[1] - scores[0])
        possible.append(max(scores) - scores[0])
    assert np.mean(possible) > 0.02
    assert np.mean(found) > least * np.mean(possible)


def test_rows_of_groups_and_many_rows_count_as_they_were_observed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    probs, truth = yes_or_no(300, np.random.default_rng(1))
    alone = chosen(probs, truth, "f1", "binary")
    same = chosen(probs, truth, "f1", "binary", groups=np.arange(300))
    assert (same.decision, same.evidence) == (alone.decision, alone.evidence)
    for module in (of_labels, of_rows):
        monkeypatch.setattr(module, "believed_probs", lambda *_: pytest.fail("was believed"))
    chosen(probs, truth, "f1", "binary", groups=np.arange(300) // 2)
    chosen(probs, truth, "f1", "binary", raw=True)
    # The inner fits have fewer than 2,000 rows, all rows have more.
    probs, truth = yes_or_no(2_200, np.random.default_rng(2))
    assert chosen(probs, truth, "f1", "binary").is_tuned
