"""Metrics of rankings and of confident classes: plain loops, peers, corners, draws of rows."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition import metrics
from podium.competition.metrics import score
from podium.competition.scores import bootstrap
from podium.errors import DataError


def average_precision(right: set[int], predicted: list[int], k: int) -> float:
    """Return the AP@k of one row, a place at a time."""
    seen: set[int] = set()
    total = 0.0
    for rank, one in enumerate(predicted[:k], start=1):
        if one in right and one not in seen:
            seen.add(one)
            total += len(seen) / rank
    return total / min(len(right), k)


rankings = st.integers(1, 5).flatmap(
    lambda k: st.lists(
        st.tuples(st.integers(0, 6), st.lists(st.integers(-1, 6), min_size=k, max_size=k)),
        min_size=1,
        max_size=12,
    )
)


@settings(max_examples=150, deadline=None)
@given(rankings, st.integers(1, 7))
def test_map_of_single_labels_is_the_mean_of_the_rows_by_hand(rows, k):
    truth, predicted = [t for t, _ in rows], [d for _, d in rows]
    expected = np.mean([average_precision({t}, d, k) for t, d in rows])
    assert score("map_at_k", truth, predicted, k=k) == pytest.approx(expected)
    hit = np.mean([t in d[:k] for t, d in rows])
    assert score("top_k_accuracy", truth, predicted, k=k) == pytest.approx(hit)
    assert score("top_k_error", truth, predicted, k=k) == pytest.approx(1 - hit)


sets = st.lists(
    st.tuples(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.permutations(range(6))),
    min_size=1,
    max_size=10,
)


@settings(max_examples=150, deadline=None)
@given(sets, st.integers(1, 8))
def test_map_of_sets_is_the_mean_of_the_rows_by_hand(rows, k):
    truth = np.array([t + [-1] * (4 - len(t)) for t, _ in rows])  # a name may stand twice
    predicted = np.array([list(d) for _, d in rows])
    expected = np.mean([average_precision(set(t), list(d), k) for t, d in rows])
    assert score("map_at_k", truth, predicted, k=k) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(3))
def test_retrieval_equals_sklearn_where_the_whole_gallery_is_listed(seed):
    rng = np.random.default_rng(seed)
    similarity = rng.random((20, 40))
    relevant = rng.random((20, 40)) < 0.3
    relevant[:, 0] = True
    truth = np.where(relevant, np.arange(40), -1)
    each = [
        sklearn.metrics.average_precision_score(r, p)
        for r, p in zip(relevant, similarity, strict=True)
    ]
    ranking = np.argsort(-similarity, axis=1)
    assert score("map_at_k", truth, ranking, k=100) == pytest.approx(np.mean(each))


def test_a_repeated_class_uses_up_its_place_and_so_does_an_empty_one():
    assert score("map_at_k", [4], [[1, 1, 4]]) == pytest.approx(1 / 3)
    assert score("map_at_k", [4], [[-1, -1, 4]]) == pytest.approx(1 / 3)
    assert score("map_at_k", [4], [[4, 4, 4]]) == 1
    assert score("map_at_k", [[4, 5]], [[4, 4, 5]]) == pytest.approx((1 + 2 / 3) / 2)
    assert score("map_at_k", [4], [[1, 2, 3, 0, 5, 4]]) == 0  # the sixth place does not count


def test_of_a_list_only_the_first_counts_in_top_1_error():
    assert score("top_k_error", [1, 2], [[1, 7, 7], [0, 2, 2]]) == 0.5
    assert score("top_k_error", [1, 2], [1, 0]) == 0.5  # one answer a row


def test_none_of_the_classes_is_predicted_by_their_number():
    truth, predicted = [-1, 1], [[3, 0], [3, 1]]
    assert score("map_at_k", truth, predicted, n_classes=3) == pytest.approx((1 + 0.5) / 2)
    assert score("top_k_accuracy", truth, predicted, k=1, n_classes=3) == 0.5
    assert score("map_at_k", truth, predicted) == pytest.approx(0.25)  # no number says it
    assert score("map_at_k", [-1], [[-1, -1]], n_classes=3) == 0  # silence is no answer


def test_a_row_with_an_empty_set_is_an_error_unless_configured():
    truth, predicted = [[1, -1], [-1, -1]], [[1, 2], [1, 2]]
    with pytest.raises(DataError, match="nothing is right for row 1"):
        score("map_at_k", truth, predicted)
    assert score("map_at_k", truth, predicted, empty="skip") == 1
    assert score("map_at_k", truth, predicted, empty="zero") == 0.5
    with pytest.raises(DataError, match="nothing is right for any row"):
        score("map_at_k", [[-1]], [[1]], empty="skip")


pairs = st.lists(
    st.tuples(st.integers(-1, 3), st.integers(-1, 3), st.integers(0, 6)), min_size=1, max_size=20
)


@settings(max_examples=200, deadline=None)
@given(pairs)
def test_gap_is_the_walk_down_the_list_with_ties_at_their_end(rows):
    if all(t < 0 for t, _, _ in rows):
        return
    predicted = [(t, d, c) for t, d, c in rows if d >= 0]
    total = 0.0
    for t, d, c in predicted:
        if t == d:
            listed = [one for one in predicted if one[2] >= c]
            total += sum(one[0] == one[1] for one in listed) / len(listed)
    expected = total / sum(t >= 0 for t, _, _ in rows)
    truth, decided, confidence = np.array(rows).T
    given_pairs = np.column_stack([decided, confidence / 6])
    assert score("gap", truth, given_pairs) == pytest.approx(expected)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=2, max_size=20))
def test_gap_is_the_average_precision_of_being_right_times_accuracy(rows):
    is_right = np.array([right for right, _ in rows])
    if not is_right.any():
        return
    confidence = np.array([c for _, c in rows])
    truth = np.zeros(len(rows), dtype=int)
    predicted = np.column_stack([np.where(is_right, 0, 1), confidence])
    peer = sklearn.metrics.average_precision_score(is_right, confidence) * is_right.mean()
    assert score("gap", truth, predicted) == pytest.approx(peer)


def test_a_row_without_a_class_lowers_the_score_only_where_something_is_predicted():
    truth = [1, -1]
    assert score("gap", truth, [[1, 0.5], [1, 0.9]]) == 0.5
    assert score("gap", truth, [[1, 0.5], [-1, 0.9]]) == 1
    assert score("gap", truth, [[-1, 0.5], [-1, 0.9]]) == 0
    with pytest.raises(DataError, match="no row shows a known class"):
        score("gap", [-1, -1], [[1, 0.5], [-1, 0.9]])


@pytest.mark.parametrize(
    ("name", "truth", "prediction", "options", "message"),
    [
        ("map_at_k", [1, 2], [[1, 2]], {}, "shapes do not match"),
        ("map_at_k", [1], [[]], {}, r"give \(N, k\) classes"),
        ("map_at_k", [1], [[0.5, 0.5]], {}, "the predicted class of row 0 is no class index"),
        ("map_at_k", [1], [[-2, 0]], {}, "the predicted class of row 0"),
        ("map_at_k", [1.5], [[1, 0]], {}, "the truth of row 0 is no class index"),
        ("map_at_k", [1], [[1, 0]], {"k": 0}, "k must be a whole number"),
        ("map_at_k", [1], [[1, 0]], {"k": 2.5}, "k must be a whole number"),
        ("map_at_k", [1], [[1, 0]], {"empty": "one"}, "empty must be"),
        ("map_at_k", [1], [[np.nan, 0]], {}, "nan or infinity, first at row 0"),
        ("gap", [1], [[1, 0.5, 0.2]], {}, "how sure it is"),
        ("gap", [1], [1], {}, "how sure it is"),
        ("gap", [[1, 2]], [[1, 0.5]], {}, "how sure it is"),
        ("gap", [1], [[1.5, 0.5]], {}, "the predicted class of row 0"),
        ("gap", [1], [[1, np.inf]], {}, "nan or infinity"),
    ],
)
def test_invalid_rankings_are_refused(name, truth, prediction, options, message):
    with pytest.raises(DataError, match=message):
        score(name, truth, prediction, **options)


def some_rows(needs: str):
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 4, 60)
    if needs == "ranking":
        return truth, np.argsort(rng.random((60, 4)), axis=1)
    return truth, np.column_stack([rng.integers(-1, 4, 60), rng.integers(0, 9, 60) / 8])


@pytest.mark.parametrize("name", ["map_at_k", "top_k_error", "gap"])
def test_an_interval_is_that_of_rows_drawn_one_by_one(name):
    metric = metrics.get(name)
    truth, predicted = some_rows(metric.needs)
    options = {"k": 2} if "k" in metric.options else {}
    drawn = bootstrap.scores(name, truth, predicted, n=50, seed=1, **options)
    rng = np.random.default_rng(1)
    for one, rows in zip(drawn, rng.integers(60, size=(50, 60)), strict=True):
        assert one == pytest.approx(score(name, truth[rows], predicted[rows], **options))
    low, high = bootstrap.interval(name, truth, predicted, n=200, **options)
    assert low < score(name, truth, predicted, **options) < high


@pytest.mark.parametrize(
    ("name", "options"),
    [("macro_f1", {}), ("balanced_accuracy", {}), ("mcc", {}), ("kappa", {}), ("qwk", {})],
)
def test_an_interval_of_classes_is_that_of_rows_drawn_one_by_one(name, options):
    rng = np.random.default_rng(5)
    truth, predicted = rng.integers(0, 3, (2, 40))
    drawn = bootstrap.scores(name, truth, predicted, n=30, seed=1, **options)
    rows_of_draws = np.random.default_rng(1).integers(40, size=(30, 40))
    for one, rows in zip(drawn, rows_of_draws, strict=True):
        assert one == pytest.approx(score(name, truth[rows], predicted[rows], **options))


@pytest.mark.parametrize("name", ["weighted_auc", "pf1"])
def test_an_interval_of_probabilities_is_that_of_rows_drawn_one_by_one(name):
    rng = np.random.default_rng(5)
    truth, probs = rng.integers(0, 2, 40), rng.integers(0, 9, 40) / 8
    drawn = bootstrap.scores(name, truth, probs, n=30, seed=1)
    rows_of_draws = np.random.default_rng(1).integers(40, size=(30, 40))
    for one, rows in zip(drawn, rows_of_draws, strict=True):
        assert one == pytest.approx(score(name, truth[rows], probs[rows]))
