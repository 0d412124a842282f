"""The likeliest of thousands of classes: as with all of them, within the reported error."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition import metrics
from podium.ensembling import blend
from podium.errors import DataError, UsageError
from podium.predictions import PredictionSet, decide, write_fold
from podium.predictions.decisions.labels import metric_input
from podium.predictions.top_k import (
    TopK,
    TopKMembers,
    concatenate,
    mean_top_k,
    most_confident,
    rank,
    uniform_top_k,
)

quick = settings(max_examples=60, deadline=None)


def softmax(seed: int, n: int, c: int, spread: float = 2.0) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(size=(n, c)) * spread
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return probs.astype(np.float32)


@quick
@given(seed=st.integers(0, 999), c=st.integers(2, 30), k=st.integers(1, 35))
def test_a_class_that_is_not_listed_is_wrong_by_no_more_than_the_bound(seed, c, k):
    probs = softmax(seed, 7, c)
    kept = TopK.of(probs, k)
    assert kept.shape == (7, c)
    assert kept.k == min(k, c)
    dense = kept.dense()
    error = np.abs(dense.astype(float) - probs)
    for row in range(7):
        listed = set(np.argsort(-probs[row], kind="stable")[:k].tolist())
        assert set(kept.classes[row].tolist()) == listed
        for one in range(c):
            assert error[row, one] <= (0 if one in listed else kept.bound[row] + 1e-6)
    np.testing.assert_allclose(dense.sum(axis=1), 1, atol=1e-5)


@quick
@given(
    seed=st.integers(0, 999),
    c=st.integers(2, 25),
    k=st.integers(1, 8),
    n_members=st.integers(1, 4),
)
def test_a_mean_is_that_of_all_listed_probabilities(seed, c, k, n_members):
    rng = np.random.default_rng(seed)
    dense = [softmax(seed + 1000 * m, 6, c) for m in range(n_members)]
    weights = rng.dirichlet(np.ones(n_members))
    kept = [TopK.of(one, k) for one in dense]
    found = mean_top_k(kept, weights)
    assert found.k == min(k, c)
    # By hand: each member as it would be read, class by class.
    read = sum(w * one.dense().astype(float) for w, one in zip(weights, kept, strict=True))
    right = sum(w * one.astype(float) for w, one in zip(weights, dense, strict=True))
    for row in range(6):
        union = sorted({int(one) for member in kept for one in member.classes[row]})
        order = sorted(union, key=lambda one: (-np.float32(read[row, one]), one))
        np.testing.assert_allclose(found.probs[row], read[row, order[: found.k]], atol=1e-6)
        np.testing.assert_allclose(read[row, found.classes[row]], found.probs[row], atol=1e-6)
        for one, value in zip(found.classes[row], found.probs[row], strict=True):
            margin = sum(
                w * member.bound[row]
                for w, member in zip(weights, kept, strict=True)
                if one not in member.classes[row]
            )
            assert abs(value - right[row, one]) <= margin + 1e-6


def test_a_mean_of_all_classes_is_the_mean():
    dense = [softmax(m, 50, 9) for m in range(3)]
    weights = np.array([0.5, 0.2, 0.3])
    found = mean_top_k([TopK.of(one, 9) for one in dense], weights)
    expected = sum(w * one.astype(float) for w, one in zip(weights, dense, strict=True))
    np.testing.assert_array_equal(found.dense(), expected.astype(np.float32))


def test_one_member_alone_is_its_own_mean_to_the_bit():
    kept = TopK.of(softmax(0, 40, 300, spread=8), 20)  # with probabilities of 1e-12
    found = mean_top_k([kept, kept], np.array([1.0, 0.0]))
    np.testing.assert_array_equal(found.probs, kept.probs)
    np.testing.assert_array_equal(found.classes, kept.classes)


def test_blocks_of_a_mean_are_as_the_whole(monkeypatch):
    members = [TopK.of(softmax(m, 33, 60), 7) for m in range(3)]
    whole = mean_top_k(members, np.full(3, 1 / 3))
    monkeypatch.setattr("podium.predictions.top_k.CELLS_AT_ONCE", 50)
    parts = mean_top_k(members, np.full(3, 1 / 3))
    np.testing.assert_array_equal(parts.classes, whole.classes)
    np.testing.assert_array_equal(parts.probs, whole.probs)


def test_a_set_keeps_the_likeliest_and_reads_them_in_any_order(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "podium.predictions.store.writing.CHUNK_BYTES", 4 * 5 * 7
    )  # chunks of 7 rows
    dense = {fold: softmax(fold, 20, 40) for fold in (0, 1)}
    names = [f"i{i}" for i in range(20)]
    for fold, probs in dense.items():
        ids = [f"{fold}-{name}" for name in names]
        blocks = (TopK.of(probs[at : at + 6], 5) for at in range(0, 20, 6))
        about = {"fold": fold, "model": "m"}
        write_fold(tmp_path, "oof", "classify", **about, ids=ids, probs=blocks)
        shuffled = names if fold == 0 else names[::-1]
        predicted = probs if fold == 0 else probs[::-1]
        write_fold(tmp_path, "test", "classify", **about, ids=shuffled, probs=TopK.of(predicted, 5))
    found = PredictionSet(tmp_path)
    reader = found.fold("oof", "classify", 0)
    assert (reader.channels, reader.k) == (40, 5)
    oof = found.oof("classify")
    assert isinstance(oof.probs, TopK)
    assert oof.probs.shape == (40, 40)
    expected = TopK.of(np.concatenate([dense[0], dense[1]]), 5)
    np.testing.assert_array_equal(oof.probs.classes, expected.classes)
    np.testing.assert_array_equal(oof.probs.probs, expected.probs)
    turned = oof.align(oof.ids[::-1])
    assert isinstance(turned.probs, TopK)
    np.testing.assert_array_equal(turned.probs.classes, expected.classes[::-1])
    ids, mean = found.mean("test", "classify")
    assert ids == names
    assert isinstance(mean, TopK)
    parts = [TopK.of(dense[0], 5), TopK.of(dense[1], 5)]
    np.testing.assert_array_equal(mean.probs, mean_top_k(parts, np.full(2, 0.5)).probs)


def test_folds_that_keep_different_numbers_of_classes_are_not_averaged(tmp_path):
    for fold, k in ((0, 5), (1, 6)):
        probs = TopK.of(softmax(0, 4, 40), k)
        ids = [f"{fold}-{i}" for i in range(4)]
        write_fold(tmp_path, "oof", "classify", fold, ids=ids, probs=probs, model="m")
    with pytest.raises(DataError, match="different numbers of classes"):
        PredictionSet(tmp_path).oof("classify")
    with pytest.raises(DataError, match="5 of 40, all"):
        concatenate([TopK.of(softmax(0, 4, 40), 5), softmax(0, 4, 40)])


def test_decisions_of_the_likeliest_are_those_of_all():
    probs = softmax(3, 60, 500)
    kept = TopK.of(probs, 10)
    np.testing.assert_array_equal(decide(kept, None, "multiclass"), probs.argmax(axis=1))
    for unknown in (None, 0.05):
        step = {"k": 5} if unknown is None else {"k": 5, "unknown": unknown}
        found = decide(kept, [{"topk": step}], "multiclass")
        np.testing.assert_array_equal(found, rank(probs, 5, unknown=unknown))
    np.testing.assert_array_equal(
        decide(kept, [{"confident": {"unknown": 0.05}}], "multiclass"),
        most_confident(probs, unknown=0.05),
    )


def test_functions_that_need_all_classes_refuse_top_k():
    kept = TopK.of(softmax(3, 6, 500), 10)
    with pytest.raises(UsageError, match="the 11 likeliest classes are requested, and 10 are kept"):
        decide(kept, [{"topk": {"k": 11}}], "multiclass")
    with pytest.raises(UsageError, match="class_weights needs the probabilities of all 500"):
        decide(kept, [{"class_weights": [1.0] * 500}], "multiclass")
    metric = metrics.get("log_loss")
    with pytest.raises(DataError, match="log_loss scores the probabilities of all 500 classes"):
        metric_input(kept, None, "multiclass", metric, {})


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("method", ["mean", pytest.param("hill_climb", marks=pytest.mark.long)])
@pytest.mark.parametrize(("metric", "options"), [("map_at_k", {"k": 3}), ("accuracy", {})])
def test_a_blend_of_the_likeliest_is_that_of_all_where_all_are_listed(method, metric, options):
    n, c = 160, 12
    rng = np.random.default_rng(0)
    truth = rng.integers(0, c, n)
    if metric == "map_at_k":
        truth[rng.random(n) < 0.2] = -1
    dense = []
    for m in range(3):
        logits = rng.normal(size=(n, c))
        known = np.flatnonzero(truth >= 0)
        logits[known, truth[known]] += m
        dense.append((np.exp(logits) / np.exp(logits).sum(axis=1)[:, None]).astype(np.float32))
    folds = np.arange(n) % 4
    given = {"metric_options": options, "method": method, "n_resamples": 50, "trials": 1}
    of_all = blend(dense, truth, metric, folds, kind="multiclass", **given)
    kept = [TopK.of(one, c) for one in dense]
    found = blend(kept, truth, metric, folds, kind="multiclass", **given)
    np.testing.assert_allclose(found.weights, of_all.weights)
    if metric == "map_at_k":  # class weights are tuned where all classes are there
        assert found.honest == pytest.approx(of_all.honest)
        assert found.decision == of_all.decision
    short = blend([TopK.of(one, 4) for one in dense], truth, metric, folds, **given)
    assert short.untuned == pytest.approx(of_all.untuned, abs=0.05)


def test_members_of_other_rows_or_classes_are_refused():
    with pytest.raises(DataError, match="different rows"):
        TopKMembers([TopK.of(softmax(0, 5, 9), 2), TopK.of(softmax(0, 6, 9), 2)])
    with pytest.raises(DataError, match="2 of 9, 2 of 8"):
        TopKMembers([TopK.of(softmax(0, 5, 9), 2), TopK.of(softmax(0, 5, 8), 2)])
    with pytest.raises(DataError, match="2 of 9, all"):
        TopKMembers([TopK.of(softmax(0, 5, 9), 2), softmax(0, 5, 9)])
    with pytest.raises(DataError, match="all, 2 of 9"):
        TopKMembers([softmax(0, 5, 9), TopK.of(softmax(0, 5, 9), 2)])


def test_members_list_as_many_classes_as_the_one_that_lists_fewest():
    long, short = TopK.of(softmax(0, 20, 30), 9), TopK.of(softmax(1, 20, 30), 4)
    members = TopKMembers([long, short])
    assert [one.k for one in members] == [4, 4]
    weights = np.array([0.3, 0.7])
    found = mean_top_k([long, short], weights)
    by_hand = mean_top_k([TopK.of(softmax(0, 20, 30), 4), short], weights)
    np.testing.assert_array_equal(found.classes, by_hand.classes)
    np.testing.assert_array_equal(found.probs, by_hand.probs)


def test_rows_that_tell_nothing_sum_to_one():
    assert uniform_top_k(3, 8, 50).dense() == pytest.approx(np.full((3, 8), 1 / 8))
    assert uniform_top_k(3, 8, 5).dense() == pytest.approx(np.full((3, 8), 1 / 8))


AT_SCALE = """
    import sys
    from pathlib import Path
    import numpy as np
    from podium.ensembling import blend
    from podium.predictions import PredictionSet, write_fold
    from podium.predictions.top_k import TopK

    def peak():
        # Of this program alone: ru_maxrss begins with what the program that started it had.
        [line] = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
        return int(line.split()[1]) // 1024

    imported = peak()
    C, K, N, FOLDS = 62_000, 50, 3_000, 5
    root = Path(sys.argv[1])
    rng = np.random.default_rng(0)
    truth = rng.integers(0, C, N)

    def predicted(rows, seed):
        rng = np.random.default_rng(seed)
        classes = rng.integers(0, C - K, len(rows))[:, None] + np.arange(K)
        classes[:, 3] = np.where(rng.random(len(rows)) < 0.6, truth[rows], classes[:, 3])
        probs = np.sort(rng.random((len(rows), K)), axis=1)[:, ::-1] / K
        return TopK(classes.astype(np.int32), probs.astype(np.float32), C)

    folds = np.arange(N) % FOLDS
    ids = [str(i) for i in range(N)]
    for name in "ab":
        for fold in range(FOLDS):
            rows = np.flatnonzero(folds == fold)
            about = dict(task="classify", fold=fold, model="m")
            own = [ids[i] for i in rows]
            write_fold(root / name, "oof", ids=own, probs=predicted(rows, fold), **about)
            of_test = predicted(np.arange(N), fold + 9)
            write_fold(root / name, "test", ids=ids, probs=of_test, **about)
    truth[:500] = -1
    made = blend(
        [PredictionSet(root / name) for name in "ab"], truth, "map_at_k", folds, ids=ids,
        kind="multiclass", metric_options={"k": 5}, n_resamples=50,
    )
    _, mean = PredictionSet(root / "a").mean("test")
    assert mean.shape == (N, C) and made.n_scored == N
    print(peak() - imported)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="asks Linux for its memory")
def test_sixty_thousand_classes_are_blended_in_less_memory_than_one_table_of_them(tmp_path: Path):
    code = textwrap.dedent(AT_SCALE)
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    # All numbers of one member are 710 MiB, those of a fold 142; it takes 110. What is allotted for
    # the same arrays differs by some tens of MiB between machines (huge pages), what libraries take
    # by more: so not to the MiB.
    assert float(done.stdout) < 220
