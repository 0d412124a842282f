"""Folds: every scheme's promise, the same folds for the same rows, and clear refusals."""

import itertools
import logging
import math
import subprocess
from pathlib import Path

import mask_miniatures
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold

from podium.competition.folds import (
    deal_groups,
    deal_labels,
    deal_strata,
    fold_rows,
    imbalance,
    make_folds,
    n_folds,
    refuse_gaps,
)
from podium.competition.folds.file import describe_uneven, ensure_folds, folds_summary, read_folds
from podium.competition.folds.strata import ONE_ROW, Strata, coverage_strata, read_strata
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError, RunError
from podium.workspace.layout import Workspace

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 2**32 - 1)


def table(n: int, rng: np.random.Generator, **columns: object) -> pd.DataFrame:
    ids = [f"{i:04}" for i in rng.permutation(n)]
    return pd.DataFrame({"id": ids, **columns})


@st.composite
def labelled(draw: st.DrawFn) -> tuple[pd.DataFrame, int, int]:
    """Rows with 2 to 4 classes of at least n rows each, and groups."""
    n = draw(st.integers(2, 5))
    rng = np.random.default_rng(draw(seeds))
    sizes = [draw(st.integers(n, 30)) for _ in range(draw(st.integers(2, 4)))]
    label = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    n_groups = draw(st.integers(n, 40))
    # Squared: a few groups are large and many are small, as patients and products are.
    group = (rng.random(len(label)) ** 2 * n_groups).astype(int).astype(str)
    return table(len(label), rng, label=label, group=group), n, draw(seeds)


def check_partition(samples: pd.DataFrame, folds: np.ndarray, n: int) -> None:
    """Each row is validated once: the folds are disjoint and cover all rows."""
    assert folds.dtype == np.int64
    assert folds.shape == (len(samples),)
    assert set(folds.tolist()) == set(range(n))
    seen: list[int] = []
    for k in range(n):
        train, valid = fold_rows(folds, k)
        assert not set(train) & set(valid)
        assert sorted([*train, *valid]) == list(range(len(samples)))
        seen.extend(valid)
    assert sorted(seen) == list(range(len(samples)))


def made_or_none(samples: pd.DataFrame, **arguments: object) -> np.ndarray | None:
    """Return the folds; None where few huge groups or rows leave a fold with one class or none."""
    try:
        return make_folds(samples, **arguments)
    except DataError as error:
        if "one class only" in error.message or "empty" in error.message:
            return None
        raise


@quick
@given(labelled())
def test_stratified_folds_and_classes_in_them_differ_by_one_row_at_most(case):
    samples, n, seed = case
    folds = make_folds(samples, scheme="stratified", n=n, seed=seed)
    check_partition(samples, folds, n)
    for c in samples["label"].unique():
        per_fold = np.bincount(folds[samples["label"] == c], minlength=n)
        assert per_fold.max() - per_fold.min() <= 1
    assert np.ptp(np.bincount(folds)) <= 1


@quick
@given(labelled())
def test_plain_folds_without_labels_are_even(case):
    samples, n, seed = case
    folds = make_folds(samples.drop(columns="label"), n=n, seed=seed)
    check_partition(samples, folds, n)
    assert np.ptp(np.bincount(folds)) <= 1


@quick
@given(labelled(), st.sampled_from(["group", "stratified_group"]))
def test_groups_never_cross_folds(case, scheme):
    samples, n, seed = case
    if samples["group"].nunique() < n:
        return
    folds = made_or_none(samples, scheme=scheme, n=n, seed=seed)
    if folds is None:
        return
    check_partition(samples, folds, n)
    assert (pd.Series(folds).groupby(samples["group"].to_numpy()).nunique() == 1).all()


@quick
@given(labelled())
def test_no_move_and_no_exchange_of_a_group_would_balance_classes_better(case):
    samples, n, seed = case
    if samples["group"].nunique() < n:
        return
    folds = made_or_none(samples, scheme="stratified_group", n=n, seed=seed)
    if folds is None:
        return
    counts = pd.crosstab(samples["group"], samples["label"])
    table_ = np.column_stack([counts.sum(axis=1), counts.to_numpy()])
    of_group = (
        pd.Series(folds).groupby(samples["group"].to_numpy()).first()[counts.index].to_numpy()
    )
    shares = np.full(n, 1 / n)
    reached = imbalance(table_, of_group, shares)
    for g in range(len(of_group)):
        for k in range(n):
            other = of_group.copy()
            other[g] = k
            if len(set(other)) == n:
                assert imbalance(table_, other, shares) >= reached - 1e-6
        for h in range(g):
            other = of_group.copy()
            other[[g, h]] = other[[h, g]]
            assert imbalance(table_, other, shares) >= reached - 1e-6


@pytest.mark.parametrize("n_groups", [20, 60, 200, 600])
def test_grouped_classes_are_at_least_as_balanced_as_those_of_sklearn(n_groups):
    rng = np.random.default_rng(n_groups)
    group = rng.integers(0, n_groups, 2000) ** 2 // n_groups
    label = np.minimum(rng.geometric(0.4, 2000) - 1 + (group % 3 == 0), 5)
    samples = table(2000, rng, label=label, group=group.astype(str))
    ours = make_folds(samples, scheme="stratified_group", n=5)
    theirs = np.empty_like(ours)
    peer = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    for k, (_, valid) in enumerate(peer.split(label, label, group)):
        theirs[valid] = k
    by_row = np.column_stack([np.ones(2000), label[:, None] == np.arange(6)])
    shares = np.full(5, 0.2)
    assert imbalance(by_row, ours, shares) <= imbalance(by_row, theirs, shares) + 1e-9


def test_the_imbalance_is_the_chi_square_of_the_table():
    counts = np.array([[2, 2, 0], [2, 1, 1], [4, 1, 3]])
    folds = np.array([0, 0, 1])
    observed = np.array([[4, 3, 1], [4, 1, 3]])
    expected = np.array([[4, 2, 2], [4, 2, 2]])
    by_hand = ((observed - expected) ** 2 / expected).sum()
    assert imbalance(counts, folds, np.array([0.5, 0.5])) == pytest.approx(by_hand)


def test_passes_over_the_groups_end_only_where_no_move_or_exchange_helps():
    shares = np.full(3, 1 / 3)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        counts = rng.integers(0, 9, (14, 3)) + np.array([1, 0, 0])
        counts = np.column_stack([counts.sum(axis=1), counts])
        folds = deal_groups(counts, shares, rng)
        others = [np.where(np.arange(14) == g, k, folds) for g in range(14) for k in range(3)]
        for a, b in itertools.combinations(range(14), 2):
            others.append(folds.copy())
            others[-1][[a, b]] = folds[[b, a]]
        least = min(imbalance(counts, one, shares) for one in others if len(set(one)) == 3)
        assert imbalance(counts, folds, shares) <= least + 1e-9


@pytest.mark.parametrize("n", [2, 3, 5])
def test_as_many_groups_as_folds_are_dealt_one_to_each_though_no_class_is_in_two(n):
    folds = deal_groups(np.eye(n), np.full(n, 1 / n), np.random.default_rng(0))
    assert sorted(folds) == list(range(n))


def test_rows_without_any_label_are_dealt_by_the_shares():
    labels, shares = np.zeros((10, 2), dtype=bool), np.array([0.5, 0.3, 0.2])
    folds = deal_labels(labels, shares, np.random.default_rng(0))
    assert np.bincount(folds).tolist() == [5, 3, 2]


def test_a_label_of_all_rows_is_dealt_evenly_beside_one_of_none():
    labels = np.array([[True, False]] * 6)
    folds = deal_labels(labels, np.full(3, 1 / 3), np.random.default_rng(0))
    assert np.bincount(folds).tolist() == [2, 2, 2]


@quick
@given(st.integers(2, 5), st.integers(1, 6), st.integers(30, 80), seeds)
def test_multilabel_folds_get_nearly_equal_numbers_of_every_label(n, c, rows, seed):
    rng = np.random.default_rng(seed)
    labels = (rng.random((rows, c)) < rng.uniform(0.1, 0.6, c)).astype(np.uint8)
    samples = table(rows, rng, label=list(labels))
    folds = make_folds(samples, scheme="multilabel_stratified", n=n, seed=seed)
    check_partition(samples, folds, n)
    rarest = min(
        (k for k in range(c) if labels[:, k].any()), key=lambda k: labels[:, k].sum(), default=None
    )
    if rarest is not None:  # it is dealt out first, in turn
        assert np.ptp(np.bincount(folds[labels[:, rarest] == 1], minlength=n)) <= 1
    assert np.ptp(np.bincount(folds, minlength=n)) <= 1 + c

    def unevenness(dealt):
        counts = [np.bincount(dealt[labels[:, k] == 1], minlength=n) for k in range(c)]
        return sum(np.ptp(of_label) for of_label in counts)

    # The other labels have no bound of their own: greedy dealing is a heuristic.
    by_chance = [unevenness(rng.permutation(rows) % n) for _ in range(31)]
    assert unevenness(folds) <= np.median(by_chance)


@quick
@given(labelled())
def test_multilabel_folds_of_one_label_a_row_are_stratified(case):
    samples, n, seed = case
    labels = np.eye(samples["label"].max() + 1, dtype=np.uint8)[samples["label"]]
    folds = make_folds(samples, scheme="multilabel_stratified", n=n, seed=seed, labels=labels)
    for c in range(labels.shape[1]):
        assert np.ptp(np.bincount(folds[labels[:, c] == 1], minlength=n)) <= 1


def test_grouped_folds_balance_the_labels_of_a_multilabel_task_too():
    rng = np.random.default_rng(3)
    labels = (rng.random((1000, 6)) < 0.2).astype(np.uint8)
    samples = table(1000, rng, label=list(labels), group=rng.integers(0, 200, 1000).astype(str))
    folds = make_folds(samples, scheme="stratified_group", n=5)
    assert (pd.Series(folds).groupby(samples["group"].to_numpy()).nunique() == 1).all()
    held = np.stack([labels[folds == k].sum(axis=0) for k in range(5)])
    assert (np.ptp(held, axis=0) <= 4).all()


@quick
@given(st.lists(st.integers(0, 12), min_size=8, max_size=60), st.integers(1, 4), seeds)
def test_time_folds_never_train_on_the_future_nor_on_the_same_moment(moments, n, seed):
    rng = np.random.default_rng(seed)
    samples = table(len(moments), rng, order=moments)
    if len(set(moments)) < n + 1:
        with pytest.raises(DataError, match="do not fill"):
            make_folds(samples, scheme="time", n=n)
        return
    folds = make_folds(samples, scheme="time", n=n)
    assert set(folds.tolist()) == set(range(-1, n))
    when = np.array(moments)
    for k in range(n):
        train, valid = fold_rows(folds, k, scheme="time")
        assert when[train].max() < when[valid].min()
    sizes = np.bincount(folds + 1)
    # Each cut is nearest to its place, so no block is off by more than one moment on either side.
    assert np.abs(sizes - len(moments) / (n + 1)).max() <= 2 * max(map(moments.count, moments)) + n


def test_equal_time_blocks_are_cut_where_they_should_be():
    samples = pd.DataFrame({"id": list("fedcba"), "order": [6, 5, 4, 3, 2, 1]})
    assert make_folds(samples, scheme="time", n=2).tolist() == [1, 1, 0, 0, -1, -1]


def test_dates_are_ordered_as_dates_and_others_are_refused():
    samples = pd.DataFrame({"id": list("abc"), "order": ["2024-10-01", "2024-09-30", "2023-12-31"]})
    assert make_folds(samples, scheme="time", n=2).tolist() == [1, 0, -1]
    with pytest.raises(DataError, match=r"'31\.12\.2023'"):
        make_folds(
            samples.assign(order=["2024-10-01", "2024-09-30", "31.12.2023"]), scheme="time", n=1
        )


@quick
@given(labelled(), st.sampled_from([0.1, 0.2, 0.33, 0.5]))
def test_a_holdout_has_its_share_of_rows_and_classes(case, fraction):
    samples, _, seed = case
    samples = samples.drop(columns="group")
    folds = made_or_none(samples, scheme="holdout", seed=seed, fraction=fraction)
    if folds is None:
        return
    assert set(folds.tolist()) == {-1, 0}
    assert (folds == 0).sum() == round(len(samples) * fraction)
    for c, size in samples["label"].value_counts().items():
        assert abs((folds[samples["label"] == c] == 0).sum() - size * fraction) <= 1


@pytest.mark.parametrize("seed", range(5))
def test_a_class_with_a_single_row_is_never_held_out(seed):
    # 0.6 of the single row is the largest remainder.
    rows = frame([0] * 5 + [1] * 5 + [2])
    folds = make_folds(rows, scheme="holdout", seed=seed, fraction=0.6)
    assert folds[10] == -1
    assert np.bincount([0] * 5 + [1] * 5, folds[:10] == 0).tolist() == [3, 3]


@given(st.lists(st.integers(-1, 3), min_size=1, max_size=8))
def test_folds_without_gaps_are_taken_unless_all_rows_are_in_one(folds):
    there = set(folds) - {-1}
    is_good = there == set(range(len(there))) and there and set(folds) != {0}
    if is_good:
        refuse_gaps(np.array(folds), "folds.csv")
        return
    with pytest.raises(DataError, match=r"no rows|no row has a fold|nothing is left to train on"):
        refuse_gaps(np.array(folds), "folds.csv")


@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=12),
    st.floats(0.05, 0.95),
    st.integers(0, 10**6),
)
@settings(max_examples=60, deadline=None)
def test_rows_left_over_in_a_holdout_go_to_the_largest_remainders(sizes, share, seed):
    codes = np.repeat(np.arange(len(sizes)), sizes)
    is_held = deal_strata(codes, share, np.random.default_rng(seed))
    held = np.bincount(codes[is_held], minlength=len(sizes))
    extra = held - np.floor(np.array(sizes) * share)
    remainders = np.array(sizes) * share % 1
    assert set(extra) <= {0, 1}
    is_open = np.array(
        [size > 1 and rest > 0 for size, rest in zip(sizes, remainders, strict=True)]
    )
    n_over = round(sum(sizes) * share) - sum(math.floor(size * share) for size in sizes)
    assert extra.sum() == extra[is_open].sum() == min(n_over, is_open.sum())
    if 0 < extra.sum() < is_open.sum():
        assert remainders[extra == 1].min() >= remainders[is_open & (extra == 0)].max()


def test_a_holdout_smaller_than_any_group_is_one_group():
    folds = make_folds(
        frame([0, 1] * 15, ["a", "a", "b", "b", "c", "c"] * 5), scheme="holdout", fraction=0.05
    )
    assert (folds == 0).sum() == 10


@pytest.mark.parametrize("seed", range(5))
def test_no_fold_stays_empty_when_there_are_just_enough_groups(seed):
    """Without labels to balance, one group holds nearly all rows."""
    group = ["a"] * 40 + ["b", "c", "d"]
    folds = make_folds(frame([None] * 43, group), scheme="group", n=4, seed=seed)
    assert sorted(np.bincount(folds)) == [1, 1, 1, 40]
    mixed = frame([0, 1] * 20 + [0, 0, 1, 1] * 2, ["a"] * 40 + ["b"] * 4 + ["c"] * 4)
    folds = make_folds(mixed, scheme="stratified_group", n=3, seed=seed)
    assert sorted(np.bincount(folds)) == [4, 4, 40]


def test_a_holdout_parts_not_even_the_only_two_rows_of_one_group():
    rng = np.random.default_rng(0)
    samples = table(20, rng, label=np.arange(20) % 2, group=[str(min(i, 18)) for i in range(20)])
    for seed in range(30):
        folds = make_folds(samples, scheme="holdout", fraction=0.5, seed=seed)
        assert folds[18] == folds[19]


@quick
@given(seeds)
def test_a_holdout_takes_whole_groups(seed):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 60, 300).astype(str)
    samples = table(300, rng, label=rng.integers(0, 3, 300), group=group)
    folds = make_folds(samples, scheme="holdout", seed=seed, fraction=0.3)
    assert (pd.Series(folds).groupby(group).nunique() == 1).all()
    assert abs((folds == 0).mean() - 0.3) < 0.02


ALL = [
    "stratified",
    "group",
    "stratified_group",
    "multilabel_stratified",
    "time",
    "holdout",
    "column",
]


@pytest.mark.parametrize("scheme", ALL)
def test_folds_do_not_depend_on_the_order_of_rows_and_do_on_the_seed(scheme):
    rng = np.random.default_rng(0)
    samples = table(
        120,
        rng,
        label=rng.integers(0, 3, 120),
        group=rng.integers(0, 40, 120).astype(str),
        order=rng.integers(0, 60, 120),
        fold_column=rng.integers(0, 5, 120),
    )
    if scheme == "multilabel_stratified":
        samples["label"] = list(np.eye(3, dtype=np.uint8)[samples["label"]])
    folds = make_folds(samples, scheme=scheme, n=5, seed=1)
    np.testing.assert_array_equal(folds, make_folds(samples, scheme=scheme, n=5, seed=1))
    mixed = samples.sample(frac=1, random_state=5)
    again = pd.Series(make_folds(mixed, scheme=scheme, n=5, seed=1), index=mixed["id"])
    np.testing.assert_array_equal(folds, again[samples["id"]])
    if scheme not in ("time", "column"):
        assert (folds != make_folds(samples, scheme=scheme, n=5, seed=2)).any()


def test_folds_are_read_from_a_column():
    samples = pd.DataFrame({"id": list("abcd"), "fold_column": ["1", "0", "-1", "1"]})
    assert make_folds(samples, scheme="column").tolist() == [1, 0, -1, 1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["0", "1", "x", "1"], "'x'"),
        (["0", "2", "2", "0"], "fold 1 has no rows"),
        (["0", "", "1", "1"], "1 row has no fold_column: 'b'"),
        (["-1", "-1", "-1", "-1"], "no row has a fold"),
        (["0", "0", "0", "0"], "nothing is left to train on"),
        (["0.5", "1", "0", "0"], "0.5"),
    ],
)
def test_a_column_that_is_no_fold_is_refused(values, message):
    samples = pd.DataFrame({"id": list("abcd"), "fold_column": values})
    with pytest.raises(DataError, match=message):
        make_folds(samples, scheme="column")


@quick
@given(
    sizes=st.lists(st.integers(1, 4), min_size=3, max_size=60),
    n=st.integers(2, 5),
    seed=st.integers(0, 9),
)
def test_classes_of_fewer_rows_than_folds_are_spread_as_far_as_they_go(sizes, n, seed):
    label = np.repeat(np.arange(len(sizes)), sizes)
    assume(len(label) >= 5 * n)  # so that no fold can be of one class
    folds = make_folds(frame(list(label)), n=n, seed=seed)
    assert np.ptp(np.bincount(folds, minlength=n)) <= 1
    for one in range(len(sizes)):
        assert np.ptp(np.bincount(folds[label == one], minlength=n)) <= 1


def test_folds_of_one_image_a_class_are_made_and_missing_classes_reported(caplog):
    folds = make_folds(frame(list(range(40))), n=5)
    assert np.bincount(folds).tolist() == [8] * 5
    assert f"{ONE_ROW}: 40 of 40 classes: 'class 0'" in caplog.text


def test_thousands_of_classes_are_dealt_in_groups_without_a_table_of_all(monkeypatch):
    rng = np.random.default_rng(0)
    label, group = rng.integers(6000, size=12_000), rng.integers(3000, size=12_000)
    label[:4000] = 0  # one class is no rare one: it must be even
    samples = frame(list(label), [f"g{one}" for one in group])
    monkeypatch.setattr(Strata, "table", property(lambda self: pytest.fail("72 million cells")))
    folds = make_folds(samples, scheme="stratified_group", n=4)
    assert all(len(set(folds[group == one])) == 1 for one in set(group.tolist()))
    assert np.ptp(np.bincount(folds[label == 0])) <= 4
    assert np.ptp(np.bincount(folds)) <= 4


def frame(label: list[object], group: list[str] | None = None) -> pd.DataFrame:
    made = pd.DataFrame({"id": [f"r{i}" for i in range(len(label))], "label": label})
    return made if group is None else made.assign(group=group)


@pytest.mark.parametrize(
    ("samples", "arguments", "message"),
    [
        (frame([0, 1, 0]), {"n": 5}, "3 rows do not fill 5 folds"),
        (frame([0, 1, 0]), {"n": 1}, "at least 2 folds"),
        (
            frame([0, 1] * 6, ["a", "b", "c"] * 4),
            {"scheme": "group", "n": 4},
            "3 groups do not fill 4",
        ),
        (frame([0, 1] * 6), {"scheme": "group"}, "needs the column 'group'"),
        (frame([0, 1], ["a", None]), {"scheme": "group", "n": 2}, "1 row has no group: 'r1'"),
        (frame([0] * 8), {"n": 2}, "all labels are class 0"),
        (frame([0] * 4 + [1] * 4, list("aaaabbbb")), {"scheme": "group", "n": 2}, "one class only"),
        (frame([0, 1] * 4), {"scheme": "multilabel_stratified", "n": 2}, r"shape \(N, C\)"),
        (frame([[0, 1], [1, 0]] * 4), {"n": 2}, "one label a row"),
        (frame([[0, 1], [1, 0, 0]] * 4), {"n": 2}, "different lengths"),
        (frame([0, 1] * 4), {"labels": [0, 1]}, "2 labels for 8 rows"),
        (frame([]), {}, "no rows"),
        (frame([0, 1] * 4).assign(id="x"), {"n": 2}, "more than once: 'x'"),
        (frame([0, 1] * 4).assign(unit="u"), {"n": 2}, "1 group does not fill 2 folds"),
        (
            frame([0, 1] * 4).assign(unit="u", order=range(8)),
            {"scheme": "time", "n": 2},
            "different folds, which leaks: 'u'",
        ),
        (frame([0, 1] * 4), {"scheme": "holdout", "fraction": 1.5}, "fraction"),
    ],
)
def test_folds_that_cannot_be_made_are_refused(samples, arguments, message):
    with pytest.raises(DataError, match=message):
        make_folds(samples, **arguments)


def test_a_class_with_fewer_rows_than_folds_is_reported(caplog):
    label = ["cat"] * 20 + ["dog"] * 20 + ["emu"] * 2 + ["owl"]
    with caplog.at_level(logging.WARNING):
        make_folds(frame(label), n=5)
    assert "classes of which some fold has no row to be scored on: 'emu'" in (caplog.text)
    assert f"{ONE_ROW}: 'owl'" in caplog.text


def test_numbers_are_spread_over_the_folds():
    rng = np.random.default_rng(0)
    samples = table(200, rng, label=rng.lognormal(0, 2, 200))
    folds = make_folds(samples, n=5)
    top = samples["label"].rank() > 180
    assert np.bincount(folds[top], minlength=5).tolist() == [4] * 5


def test_rows_without_a_label_are_spread_too():
    folds = make_folds(frame([0, 1, None, None] * 10), n=5)
    missing = np.arange(40) % 4 >= 2
    assert np.bincount(folds[missing]).tolist() == [4] * 5


def test_a_fold_that_does_not_exist_is_refused():
    with pytest.raises(DataError, match="there is no fold 3"):
        fold_rows(np.array([0, 1, 2]), 3)
    with pytest.raises(DataError, match="there is no fold -1"):
        fold_rows(np.array([-1, 0, 1]), -1)
    with pytest.raises(DataError, match="no rows to train on"):
        fold_rows(np.array([0, 1, 2]), 0, scheme="time")


def test_rows_that_are_never_validated_are_trained_on_in_every_fold():
    folds = np.array([-1, 0, 1, -1, 0])
    assert fold_rows(folds, 0)[0].tolist() == [0, 2, 3]
    assert fold_rows(folds, 1)[0].tolist() == [0, 1, 3, 4]
    assert n_folds(folds) == 2


# folds.csv


def competition(**folds: object) -> Competition:
    return Competition.model_validate(
        {
            "name": "t",
            "tasks": {"classify": "multiclass"},
            "classes": ["cat", "dog"],
            "data": {
                "train": {"images": "train/{class}/*.png"},
                "test": {"images": "test/*.png"},
            },
            "metric": {"name": "accuracy"},
            "folds": {"n": 2, **folds},
        }
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


SAMPLES = pd.DataFrame(
    {
        "id": ["007", "a,b", 'say "x"', "d", "e", "NA"],
        "label": [0, 1, 0, 1, 0, 1],
        "group": ["p", "p", "q", "q", "r", "s"],
        "unit": ["007", "a,b", 'say "x"', "d", "e", "NA"],
        "images": [(f"{i}.png",) for i in range(6)],
    }
)
GROUPED = competition(scheme="stratified_group", group="group")


def test_folds_are_written_once_and_read_back_in_the_order_of_the_samples(workspace):
    made = ensure_folds(workspace, GROUPED, SAMPLES)
    before = workspace.folds_file.read_bytes()
    assert before.splitlines()[0] == b"id,fold"
    turned = SAMPLES.iloc[::-1].reset_index(drop=True)
    np.testing.assert_array_equal(ensure_folds(workspace, GROUPED, turned), made[::-1])
    other_seed = competition(scheme="stratified_group", group="group", seed=7)
    np.testing.assert_array_equal(ensure_folds(workspace, other_seed, SAMPLES), made)
    assert workspace.folds_file.read_bytes() == before


def rows_of_groups(*sizes: int) -> pd.DataFrame:
    """Return a table with so many rows of each group, cats and dogs in turn."""
    group = [name for n, size in enumerate(sizes) for name in [f"g{n}"] * size]
    ids = [f"i{n}" for n in range(len(group))]
    return pd.DataFrame(
        {
            "id": ids,
            "label": [n % 2 for n in range(len(ids))],
            "group": group,
            "unit": ids,
            "images": [(f"{one}.png",) for one in ids],
        }
    )


@pytest.mark.parametrize(
    ("sizes", "n", "words"),
    [
        ((10,) * 6, 5, "6 groups in 5 folds: the largest has 20 rows, the smallest 10; "
         "podium choose folds.n=6 (or 3) makes even folds"),
        ((10,) * 3, 2, "podium choose folds.n=3 makes even folds"),
        ((10,) * 6, 3, None),
        ((50, 10, 10, 10), 3, None),
        ((2,) * 21, 12, None),
    ],
)  # fmt: skip
def test_the_numbers_of_folds_that_are_even_are_named(workspace, sizes, n, words):
    samples = rows_of_groups(*sizes)
    spec = competition(scheme="stratified_group", group="group", n=n).at(workspace.root)
    folds = ensure_folds(workspace, spec, samples)
    told = describe_uneven(samples, folds, spec, workspace=workspace)
    assert (told or "").endswith(words or "")
    assert (told is None) == (words is None)


def test_redoing_is_refused_while_runs_exist_unless_it_is_forced(workspace):
    ensure_folds(workspace, GROUPED, SAMPLES)
    ensure_folds(workspace, GROUPED, SAMPLES, redo=True)
    (workspace.runs / "baseline-00000000").mkdir(parents=True)
    before = workspace.folds_file.read_bytes()
    with pytest.raises(RunError, match="runs exist"):
        ensure_folds(workspace, GROUPED, SAMPLES, redo=True)
    assert workspace.folds_file.read_bytes() == before
    ensure_folds(workspace, GROUPED, SAMPLES, redo="force")


def test_advice_to_make_folds_anew_works_as_it_stands(workspace, monkeypatch):
    monkeypatch.chdir(workspace.root)
    ensure_folds(workspace, GROUPED, SAMPLES)
    fewer = SAMPLES.iloc[:-1].reset_index(drop=True)
    for name in ("runs-of-old-folds", "runs-of-old-folds-2"):
        with pytest.raises(DataError, match="1 id is not in the train part") as caught:
            ensure_folds(workspace, GROUPED, fewer)
        assert caught.value.fix.endswith("or `podium folds --redo`")
        (workspace.runs / "baseline-00000000").mkdir(parents=True)
        with pytest.raises(DataError) as caught:
            ensure_folds(workspace, GROUPED, fewer)
        moving, redoing = caught.value.fix.split("`")[1::2]
        assert redoing == "podium folds --redo"
        with pytest.raises(RunError) as refused:
            ensure_folds(workspace, GROUPED, fewer, redo=True)
        assert f"`{moving}`" in refused.value.fix
        subprocess.run(moving, shell=True, check=True)
        assert (workspace.root / name / "baseline-00000000").is_dir()
        assert len(ensure_folds(workspace, GROUPED, fewer, redo=True)) == len(fewer)
        ensure_folds(workspace, GROUPED, SAMPLES, redo=True)


def test_samples_that_were_left_out_since_keep_the_folds_of_the_others(workspace):
    before = ensure_folds(workspace, GROUPED, SAMPLES)
    lines = workspace.folds_file.read_text().splitlines()
    fewer = SAMPLES.iloc[:-1].reset_index(drop=True)
    train = GROUPED.data.train.model_copy(update={"exclude": [SAMPLES["id"].iloc[-1]]})
    data = GROUPED.data.model_copy(update={"train": train})
    left_out = GROUPED.model_copy(update={"data": data})
    (workspace.runs / "baseline-00000000").mkdir(parents=True)  # it has predictions of all
    with pytest.raises(DataError, match="1 id is not in the train part"):
        ensure_folds(workspace, left_out, fewer)
    (workspace.runs / "baseline-00000000").rmdir()
    np.testing.assert_array_equal(ensure_folds(workspace, left_out, fewer), before[:-1])
    assert workspace.folds_file.read_text().splitlines() == lines[:-1]
    (workspace.runs / "baseline-00000000").mkdir()  # this one has not
    np.testing.assert_array_equal(ensure_folds(workspace, left_out, fewer), before[:-1])


GOOD = 'id,fold\n007,0\n"a,b",0\n"say ""x""",1\nd,1\ne,0\nNA,1\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            GOOD.replace('"a,b",0', '"a,b",1'),
            "fold 0: a leak: 1 group is in training and validation: 'p'",
        ),
        (GOOD.replace("d,1\n", ""), "1 sample has no fold: 'd'"),
        (GOOD + "zz,1\n", "1 id is not in the train part: 'zz'"),
        (GOOD + "d,1\n", "more than once: 'd'"),
        (GOOD.replace("d,1", "d,one"), "row 5: one"),
        (GOOD.replace("d,1", "d,-2"), "row 5: -2"),
        (GOOD.replace("id,fold", "id,k"), "columns id and fold"),
        (GOOD.replace(",1", ",2"), "fold 1 has no rows"),
        ("", "is not a table"),
        (GOOD.replace("d,1", "d,2"), "has 3 folds, competition.yaml declares 2"),
    ],
)
def test_a_folds_file_that_does_not_fit_is_refused_and_kept(workspace, text, message):
    workspace.folds_file.write_text(text)
    with pytest.raises(DataError, match=message) as raised:
        ensure_folds(workspace, GROUPED, SAMPLES)
    assert str(workspace.folds_file) in str(raised.value)
    assert workspace.folds_file.read_text() == text


@pytest.mark.parametrize("has_runs", [False, True])
def test_one_way_is_offered_where_the_file_has_another_number_of_folds(workspace, has_runs):
    """New folds are cheap, but where runs were trained in the present ones."""
    if has_runs:
        (workspace.runs / "net-00000000").mkdir(parents=True)
    workspace.folds_file.write_text(GOOD.replace("d,1", "d,2"))
    with pytest.raises(DataError) as raised:
        read_folds(workspace, GROUPED, SAMPLES)
    redo, n = "`podium folds --redo`", "`podium choose folds.n=3`"
    assert (n if has_runs else redo) in raised.value.fix
    assert (redo if has_runs else n) not in raised.value.fix


def test_a_good_file_written_by_hand_is_taken(workspace):
    workspace.folds_file.write_text(GOOD)
    assert read_folds(workspace, GROUPED, SAMPLES).tolist() == [0, 0, 1, 1, 0, 1]


def test_a_missing_file_is_reported(workspace):
    with pytest.raises(DataError, match="is missing"):
        read_folds(workspace, GROUPED, SAMPLES)


def test_a_scheme_that_tears_declared_groups_is_refused(workspace):
    samples = frame([0, 1] * 10, ["p", "p", "q", "q", "r"] * 4)
    with pytest.raises(DataError, match="groups are in training and validation") as raised:
        ensure_folds(workspace, competition(scheme="stratified", group="group"), samples)
    assert "stratified_group" in str(raised.value)
    assert not workspace.folds_file.exists()


def test_the_summary_counts_rows_groups_and_classes():
    header, rows = folds_summary(SAMPLES, np.array([0, 0, 1, 1, 0, -1]), GROUPED)
    assert header == ["fold", "rows", "groups", "cat", "dog"]
    assert rows == [["never validated", 1, 1, 0, 1], [0, 3, 2, 2, 1], [1, 2, 1, 1, 1]]


def mask_rows(n: int, n_classes: int, seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Rows with a coverage each (nan: no mask, 0: empty) and the classes of their masks."""
    rng = np.random.default_rng(seed)
    coverage = rng.random(n) ** 3
    coverage[rng.random(n) < 0.3] = 0
    has_class = (rng.random((n, n_classes)) < 0.4).astype(np.uint8)
    has_class[np.arange(n), rng.integers(0, n_classes, n)] = 1
    has_class[coverage == 0] = 0
    is_missing = rng.random(n) < 0.1
    coverage[is_missing] = np.nan
    has_class[is_missing] = 0
    samples = table(n, rng, group=(rng.random(n) * n / 4).astype(int).astype(str))
    return samples, coverage, has_class


def counts_by_fold(folds: np.ndarray, is_meant: np.ndarray) -> np.ndarray:
    return np.array([is_meant[folds == k].sum() for k in range(int(folds.max()) + 1)])


@quick
@given(st.integers(40, 200), st.integers(1, 4), st.integers(2, 5), seeds)
def test_masks_are_even_in_every_fold(n: int, n_classes: int, n_folds: int, seed: int) -> None:
    samples, coverage, has_class = mask_rows(n, n_classes, seed)
    strata = coverage_strata(coverage, has_class, n_folds)
    for scheme in ("stratified", "multilabel_stratified"):
        folds = make_folds(samples, scheme=scheme, n=n_folds, seed=seed, strata=strata)
        check_partition(samples, folds, n_folds)
        for is_meant in (np.isnan(coverage), coverage == 0, coverage > 0):
            counts = counts_by_fold(folds, is_meant)
            assert np.ptp(counts) <= (3 if scheme == "stratified" else 8)


def test_coverage_is_cut_into_levels_with_rows_for_every_fold() -> None:
    coverage = np.array([np.nan, 0, 0, *np.linspace(0.01, 0.5, 50)])
    strata = coverage_strata(coverage, np.ones((53, 1), np.uint8), 5)
    assert strata.names == (
        "no mask",
        "empty",
        "under 10.8 %",
        "10.8 % to 20.6 %",
        "20.6 % to 30.4 %",
        "30.4 % to 40.2 %",
        "from 40.2 %",
    )
    assert strata.table.sum(axis=0).tolist() == [1, 2, 10, 10, 10, 10, 10]
    few = coverage_strata(coverage[:10], np.ones((10, 1), np.uint8), 5)
    assert few.names == ("no mask", "empty", "foreground")
    assert few.table.sum(axis=0).tolist() == [1, 2, 7]


def test_classes_of_masks_are_even_beside_their_coverage() -> None:
    samples, coverage, has_class = mask_rows(300, 3, 8)
    strata = coverage_strata(coverage, has_class, 5, classes=["a", "b", "c"])
    assert strata.names[strata.n_levels :] == ("a", "b", "c")
    folds = make_folds(samples, n=5, strata=strata)
    shuffled = make_folds(samples, n=5)
    for column in strata.table.T == 1:
        assert np.ptp(counts_by_fold(folds, column)) <= 2
    shares = np.full(5, 1 / 5)
    assert imbalance(strata.table, folds, shares) < imbalance(strata.table, shuffled, shares) / 5


def test_whole_groups_and_a_holdout_are_balanced_by_masks_too() -> None:
    samples, coverage, has_class = mask_rows(400, 2, 3)
    strata = coverage_strata(coverage, has_class, 4)
    grouped = make_folds(samples, scheme="stratified_group", n=4, strata=strata)
    plain = make_folds(samples, scheme="group", n=4)
    shares = np.full(4, 1 / 4)
    assert imbalance(strata.table, grouped, shares) < imbalance(strata.table, plain, shares) / 3
    held = make_folds(samples.drop(columns="group"), scheme="holdout", fraction=0.25, strata=strata)
    assert abs((coverage[held == 0] == 0).sum() - (coverage == 0).sum() / 4) <= 4


def test_strata_go_with_their_rows_whatever_the_order_of_the_table() -> None:
    samples, coverage, has_class = mask_rows(80, 2, 5)
    folds = make_folds(samples, n=4, strata=coverage_strata(coverage, has_class, 4))
    order = np.random.default_rng(0).permutation(80)
    strata = coverage_strata(coverage[order], has_class[order], 4)
    shuffled = make_folds(samples.iloc[order], n=4, strata=strata)
    np.testing.assert_array_equal(shuffled, folds[order])


def test_missing_labels_are_a_stratum_of_a_multilabel_task() -> None:
    label = [np.array([1, 0]), None, np.array([0, 1]), np.array([1, 1])] * 10
    samples = pd.DataFrame({"id": np.arange(40), "label": pd.Series(label, dtype=object)})
    strata = read_strata(samples, classes=["a", "b"])
    assert strata.names == ("a", "b", "no label")
    assert strata.table.sum(axis=0).tolist() == [20, 20, 10]
    folds = make_folds(samples, scheme="multilabel_stratified", n=5)
    assert counts_by_fold(folds, samples["label"].isna().to_numpy()).tolist() == [2] * 5


@pytest.mark.parametrize("layout", ["pictures_and_masks", "defects", "salt", "tissue"])
def test_folds_of_mask_layouts_are_made_and_summed_up(layout: str, tmp_path: Path) -> None:
    made = getattr(mask_miniatures, layout)(tmp_path / "data")
    spec = Competition.model_validate(made.spec).at(tmp_path)
    samples = load_samples(spec, "train")
    folds = ensure_folds(Workspace(tmp_path), spec, samples)
    header, rows = folds_summary(samples, folds, spec)
    counts = pd.DataFrame(rows, columns=header)
    assert counts["rows"].sum() == len(samples)
    expected = {
        "pictures_and_masks": ["coat", "dress", "no label"],
        "defects": ["empty", "under 15.8 %", "from 15.8 %", "1", "2", "3", "4"],
        "salt": ["empty", "under 18.8 %", "from 18.8 %"],
        "tissue": ["groups"],
    }[layout]
    if layout == "salt":
        assert counts["empty"].tolist() == [4, 4, 4]
    if layout == "defects":
        assert np.ptp(counts["empty"]) <= 1
    assert set(expected) <= set(header)
