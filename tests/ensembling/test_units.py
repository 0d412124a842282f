"""The units that a blend keeps of its honest prediction: scores of any units follow from them."""

import json

import numpy as np
import pytest
from ensembling.fits import fit_rows
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores import bootstrap
from podium.ensembling.honest import (
    LONE_DRAW,
    UNITS_FILE,
    OofUnits,
    aligned,
    best_alone,
    drawn_scores,
    honest_by_fold,
    honest_interval,
    paired_draws,
    read_units,
    share_of_better,
    units_from,
    units_interval,
    write_units,
)
from podium.ensembling.record import add_units, write_blend
from podium.ensembling.rows import OofRows
from podium.errors import DataError, RunError
from podium.tuning.scoring import LabelScorer
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

N = 120
RNG = np.random.default_rng(0)
TRUTH = RNG.integers(3, size=N)
GROUPS = np.arange(N) // 4
IDS = [f"u{i:03d}" for i in range(N)]
SKILL = {"weak": 1.0, "strong": 3.0}


def member(seed, skill=2.0):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(N, 3))
    logits[np.arange(N), TRUTH] += skill
    return (np.exp(logits) / np.exp(logits).sum(1, keepdims=True)).astype(np.float32)


def rows(groups=None):
    folds = GROUPS % 3
    return OofRows(
        np.stack([member(1), member(2)]), TRUTH, folds, groups, ("a", "b"), ids=tuple(IDS)
    )


def units_of_labels(predicted, metric="accuracy", groups=None, ids=IDS, **options):
    made = units_from(ids, groups, metrics.get(metric), options, truth=TRUTH, prediction=predicted)
    assert made is not None
    return made


@pytest.mark.slow
@pytest.mark.other_cases("long", every=2)
@pytest.mark.parametrize("metric", ["accuracy", "macro_f1", "qwk", "log_loss", "balanced_accuracy"])
def test_all_units_give_the_honest_score_of_the_blend(metric):
    kind = "ordinal" if metric == "qwk" else "multiclass"
    one = rows()
    if kind == "ordinal":
        one = OofRows(one.members[:, :, 2:], TRUTH, one.folds, None, one.names, ids=one.ids)
    made, units = fit_rows(one, metric, kind, method="hill_climb", trials=3, n_resamples=5)
    assert units is not None
    assert units.score() == pytest.approx(made.honest, abs=1e-12)


def test_some_units_with_repeats_score_as_scikit_learn_does():
    predicted = member(1).argmax(1)
    at = np.array([0, 0, 5, 9, 9, 9, 40])
    assert units_of_labels(predicted).score(at) == accuracy_score(TRUTH[at], predicted[at])
    units = units_of_labels(predicted, "macro_f1", n_classes=3)
    every = np.repeat(np.arange(N), 2)
    assert units.score(every) == pytest.approx(f1_score(TRUTH, predicted, average="macro"))


def test_the_smaller_form_is_kept():
    of_decisions = units_of_labels(member(1).argmax(1), "qwk", n_classes=3)
    assert of_decisions.sums is None
    as_many = units_of_labels(member(1).argmax(1), "accuracy")
    assert as_many.sums is None  # two sums a row, as truth and prediction are two numbers
    of_probs = units_of_labels(member(1), "log_loss")
    assert of_probs.prediction is None
    assert of_probs.sums.shape[1] < 4


@pytest.mark.parametrize("metric", ["accuracy", "log_loss", "macro_f1"])
def test_units_come_back_as_they_were_written(tmp_path, metric):
    predicted = member(1) if metric == "log_loss" else member(1).argmax(1)
    options = {"n_classes": np.int64(3)} if metric == "macro_f1" else {}
    units = units_of_labels(predicted, metric, groups=GROUPS, **options)
    write_units(tmp_path, units)
    back = read_units(tmp_path)
    assert back.metric.name == metric
    assert back.options == options
    assert back.ids.tolist() == IDS
    assert back.groups.tolist() == GROUPS.tolist()
    assert back.score(np.arange(30)) == units.score(np.arange(30))
    assert np.array_equal(back.draws(5, [20, 30], 1), units.draws(5, [20, 30], 1))


def test_a_folder_without_units_has_none_and_a_damaged_file_is_an_error(tmp_path):
    assert read_units(tmp_path) is None
    (tmp_path / UNITS_FILE).write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(RunError, match="cannot be read"):
        read_units(tmp_path)


def test_draws_of_two_submissions_are_paired_and_their_width_is_that_of_theory():
    predicted = member(1).argmax(1)
    units = units_of_labels(predicted)
    drawn = units.draws(4000, [50, 25], seed=3)
    p = accuracy_score(TRUTH, predicted)
    assert drawn.mean(0) == pytest.approx([p, p], abs=0.01)
    assert drawn.std(0) == pytest.approx(np.sqrt(p * (1 - p) / np.array([50, 25])), rel=0.05)
    parts = units.draws(4000, [40, 40], seed=3)
    assert abs(np.corrcoef(parts.T)[0, 1]) < 0.05  # the parts are other units
    assert np.array_equal(drawn, units.draws(4000, [50, 25], seed=3))


def test_groups_are_drawn_whole_so_that_equal_answers_widen_the_draws():
    predicted = np.where(np.repeat(RNG.random(N // 4) < 0.7, 4), TRUTH, (TRUTH + 1) % 3)
    alone = units_of_labels(predicted).draws(3000, [60])
    grouped = units_of_labels(predicted, groups=GROUPS + 7).draws(3000, [60])
    # Groups of four units that are right or wrong together: the variance is four times as large.
    assert grouped.var() / alone.var() == pytest.approx(4, rel=0.15)


def test_draws_of_a_metric_of_rows_are_scores_of_repeated_rows():
    truth, predicted = (TRUTH == 0).astype(int), member(1)[:, 0]
    metric = metrics.get("auc")
    units = units_from(IDS, None, metric, {}, truth=truth, prediction=predicted)
    drawn = units.draws(500, [N], seed=1)
    assert drawn.mean() == pytest.approx(roc_auc_score(truth, predicted), abs=0.01)


def test_aligned_units_are_those_of_all_in_one_order():
    predicted = member(1).argmax(1)
    first = units_of_labels(predicted).take(np.arange(100))
    turned = units_of_labels(predicted).take(np.arange(N)[::-1])
    one, other = aligned([first, turned])
    assert one.ids.tolist() == other.ids.tolist() == IDS[:100]
    assert np.array_equal(one.draws(9, [10]), other.draws(9, [10]))
    with pytest.raises(DataError, match="no unit"):
        aligned([first, units_of_labels(predicted).take(np.arange(100, N))])


def test_units_are_written_beside_a_record_that_stays_as_it_was(tmp_path):
    workspace, sets = Workspace(tmp_path), [tmp_path / "a", tmp_path / "b"]
    made, units = fit_rows(rows(GROUPS), "accuracy", "multiclass", trials=2, n_resamples=5)
    bare = write_blend(workspace, made, sets)
    before = (bare / "record.json").read_bytes()
    assert read_units(bare) is None
    assert write_blend(workspace, made, sets, units=units) == bare
    assert (bare / "record.json").read_bytes() == before
    assert read_units(bare).score() == pytest.approx(made.honest)
    assert read_record(bare).scores["honest"] == made.honest


def test_units_of_another_honest_score_are_refused(tmp_path):
    workspace, sets = Workspace(tmp_path), [tmp_path / "a", tmp_path / "b"]
    made, _ = fit_rows(rows(), "accuracy", "multiclass", trials=2, n_resamples=5)
    folder = write_blend(workspace, made, sets)
    assert not add_units(folder, units_of_labels(TRUTH))
    assert read_units(folder) is None


def test_units_have_one_form_and_as_many_rows_as_ids():
    metric = metrics.get("accuracy")
    with pytest.raises(DataError, match="either"):
        OofUnits(np.array(IDS), None, metric)
    with pytest.raises(DataError, match="rows for"):
        OofUnits(np.array(IDS), None, metric, truth=TRUTH[:5], prediction=TRUTH[:5])


def test_a_file_with_a_wrong_byte_is_read_or_refused_by_name(tmp_path):
    file = write_units(tmp_path, units_of_labels(member(1).argmax(1)))
    whole, n_refused = bytearray(file.read_bytes()), 0
    for at in range(0, len(whole), 7):
        damaged = whole.copy()
        damaged[at] ^= 0x55
        file.write_bytes(damaged)
        try:
            read_units(tmp_path)
        except (RunError, DataError):
            n_refused += 1
    assert n_refused > 20


def test_units_of_another_format_are_refused(tmp_path, monkeypatch):
    with monkeypatch.context() as newer:
        newer.setattr("podium.ensembling.honest._FORMAT", 2)
        write_units(tmp_path, units_of_labels(member(1).argmax(1)))
    with pytest.raises(RunError, match="format 2, this podium reads 1"):
        read_units(tmp_path)


def test_facts_of_the_file_are_plain_json(tmp_path):
    write_units(tmp_path, units_of_labels(member(1).argmax(1)))
    with np.load(tmp_path / UNITS_FILE, allow_pickle=False) as stored:
        facts = json.loads(str(stored["facts"]))
    assert facts == {"format": 1, "metric": "accuracy", "options": {}, "source": ""}


def test_the_interval_of_units_is_that_of_their_predictions_with_the_metrics_options() -> None:
    rng = np.random.default_rng(0)
    truth, predictions = rng.integers(0, 3, 90), rng.integers(0, 3, 90)
    metric, options = metrics.get("macro_f1"), {"n_classes": 3, "zero_division": 1.0}
    groups = np.repeat(np.arange(30), 3)
    sums = metrics.sums(metric, truth, predictions, **options)
    ids = np.arange(90).astype(str)
    by_hand = bootstrap.interval(metric, truth, predictions, groups=groups, n=50, seed=2, **options)
    rows = OofUnits(ids, groups, metric, options, truth=truth, prediction=predictions)
    for units in (rows, OofUnits(ids, groups, metric, options, sums=sums)):
        assert units_interval(units, n=50, seed=2) == pytest.approx(by_hand)
    undefined = OofUnits(ids[:9], None, metrics.get("auc"), truth=np.ones(9), prediction=np.ones(9))
    assert units_interval(undefined, seed=0) is None


def counting(name="count"):
    """Return a metric whose score is the number of units."""
    return Metric.from_sums(
        name,
        needs="decisions",
        greater_is_better=True,
        kinds=frozenset({"multiclass"}),
        sums=lambda truth, prediction: np.ones((len(truth), 1)),
        value=lambda sums: float(sums.sum()),
        values=lambda sums: sums[:, 0],
    )


@pytest.mark.parametrize(
    ("groups", "size", "n_drawn"),
    [(None, 37, 37), (None, 1, 1), (None, 500, 500), (GROUPS, 60, 60), (GROUPS, 1, 4),
     (GROUPS, 58, 56), (GROUPS // 15 * 100, 60, 60)],
)  # fmt: skip
def test_a_draw_has_as_many_units_as_its_size_by_whole_groups(groups, size, n_drawn):
    units = OofUnits(np.array(IDS), groups, counting(), sums=np.ones((N, 1)))
    drawn = paired_draws([units, units], 300, [size, N], seed=1)
    assert drawn.shape == (300, 2, 2)
    assert (drawn[:, 0] == n_drawn).all()
    assert (drawn[:, 1] == N).all()


def test_some_units_keep_their_groups():
    for units in (
        OofUnits(np.array(IDS), GROUPS, counting(), sums=np.arange(N)[:, None]),
        OofUnits(np.array(IDS), GROUPS, counting(), truth=TRUTH, prediction=TRUTH + 1),
    ):
        some = units.take(np.array([9, 9, 2]))
        assert (some.ids.tolist(), some.groups.tolist()) == ([IDS[9], IDS[9], IDS[2]], [2, 2, 0])
        if some.sums is not None:
            assert some.sums.tolist() == [[9], [9], [2]]
            assert some.truth is None
        else:
            assert some.truth.tolist() == TRUTH[[9, 9, 2]].tolist()
            assert some.prediction.tolist() == (TRUTH[[9, 9, 2]] + 1).tolist()


def test_aligned_units_are_in_all_of_three_and_have_the_groups_of_the_first():
    units = units_of_labels(member(1).argmax(1), groups=GROUPS)
    second = units_of_labels(member(1).argmax(1), groups=GROUPS[::-1]).take(np.arange(5, N))
    third = units_of_labels(member(1).argmax(1)).take(np.arange(100))
    for one in aligned([units, second, third]):
        assert one.ids.tolist() == IDS[5:100]
        assert one.groups.tolist() == GROUPS[5:100].tolist()
    same = aligned([units, units_of_labels(member(2).argmax(1), groups=GROUPS[::-1])])
    assert [one.groups.tolist() for one in same] == [GROUPS.tolist()] * 2
    assert aligned([]) == []


def test_the_first_of_the_best_members_is_best_alone():
    def greater(one, other):
        return one > other

    assert best_alone([0.5], greater) == 0
    assert best_alone([0.5, 0.5], greater) == 0
    assert best_alone([0.2, 0.7, 0.1, 0.7], greater) == 1
    assert best_alone([0.2, 0.7, 0.1, 0.7], lambda one, other: one < other) == 2


def test_the_share_of_better_draws_counts_ties_by_half():
    drawn = np.array([0.9, 0.7, 0.5, np.nan, 0.3, 3.0, 0.5])
    other = np.array([0.5, 0.7, 0.9, 0.5, np.nan, 1.0, 0.1])
    # Better, a tie, worse, unknown twice, better by more than one, better.
    assert share_of_better(drawn, other, greater_is_better=True) == pytest.approx(3.5 / 5)
    assert share_of_better(drawn, other, greater_is_better=False) == pytest.approx(1.5 / 5)
    assert share_of_better(drawn[3:5], other[3:5], greater_is_better=True) is None


@pytest.mark.parametrize(("n_groups", "has_bounds"), [(None, True), (1, False), (2, True)])
def test_an_interval_needs_rows_of_two_groups(n_groups, has_bounds):
    groups = None if n_groups is None else np.arange(N) % n_groups
    scorer = LabelScorer.of("accuracy", TRUTH, n_outputs=3, kind="multiclass")
    predicted = member(1).argmax(1)
    bounds, notes = honest_interval(
        scorer, rows(groups), truth=TRUTH, prediction=predicted, n=50, seed=0
    )
    assert (bounds is not None, notes) == (has_bounds, () if has_bounds else (LONE_DRAW,))
    if has_bounds:
        assert bounds[0] <= accuracy_score(TRUTH, predicted) <= bounds[1]


def test_each_fold_has_the_score_of_its_own_rows_if_it_is_defined():
    folds = np.array([2, 0, 2, 5, 0])

    def score(at):
        if 3 in at:
            raise DataError("undefined")
        return float(at.sum())

    assert honest_by_fold(score, folds) == {0: 5.0, 2: 2.0}


def test_units_by_id_draw_the_same_in_whatever_order_and_by_whatever_numbers_of_groups():
    ids, groups = np.array(list("bdaceg")), np.array([7, 2, 7, 9, 2, 9])
    sums = np.column_stack([np.arange(6.0), np.ones(6)])
    other = np.array([4, 0, 5, 1, 3, 2])
    renumbered = np.array([{7: 0, 2: 12, 9: 3}[one] for one in groups])
    made = [
        OofUnits(ids, groups, metrics.get("mae"), sums=sums).by_id(),
        OofUnits(ids[other], renumbered[other], metrics.get("mae"), sums=sums[other]).by_id(),
    ]
    assert [one.ids.tolist() for one in made] == [list("abcdeg")] * 2
    assert [one.groups.tolist() for one in made] == [[0, 0, 1, 2, 2, 1]] * 2
    one, again = (drawn_scores(each, n=50, seed=0) for each in made)
    assert np.array_equal(one, again)
    alone = OofUnits(ids, np.arange(6), metrics.get("mae"), sums=sums).by_id()
    assert alone.groups is None
