"""What is written is what is read, whole or not at all."""

import json
import shutil
import signal

import numpy as np
import pytest
from forked import ForkedScript
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from podium.errors import DataError, RunError
from podium.predictions import PredictionSet, write_fold
from podium.predictions.store import writing as store_module
from podium.predictions.store.writing import begin_set


def rows(n, channels=3, seed=0):
    values = np.random.default_rng(seed).random((n, channels), dtype=np.float32)
    return values / values.sum(axis=1, keepdims=True)


def names(n, prefix="id"):
    return [f"{prefix}{i:04d}" for i in range(n)]


def write(root, split, fold, ids, probs, **kwargs):
    return write_fold(
        root, split, "classify", fold, ids=ids, probs=probs, model=f"run/{fold}", **kwargs
    )


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(
    probs=hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 40), st.integers(1, 5)),
        elements=st.floats(-1e6, 1e6, width=32),
    ),
    chunk_rows=st.integers(1, 50),
    cuts=st.lists(st.integers(0, 40), max_size=4),
)
def test_any_rows_in_any_blocks_come_back_to_the_bit(tmp_path_factory, probs, chunk_rows, cuts):
    root = tmp_path_factory.mktemp("set")
    ids = names(len(probs))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_module, "CHUNK_BYTES", 4 * probs.shape[1] * chunk_rows)
        blocks = np.split(probs, sorted(min(cut, len(probs)) for cut in cuts))
        folder = write(root, "test", 0, ids, iter(blocks))
    reader = PredictionSet(root).fold("test", "classify", 0)
    assert reader.ids == ids
    np.testing.assert_array_equal(reader.probs(), probs)
    at = np.random.default_rng(0).permutation(len(probs))
    np.testing.assert_array_equal(reader.take(at), probs[at])
    middle = len(probs) // 2
    np.testing.assert_array_equal(reader.rows(middle // 2, middle), probs[middle // 2 : middle])
    assert len(list(folder.glob("chunk-*.npy"))) == -(-len(probs) // chunk_rows)


@pytest.mark.slow
def test_no_chunk_is_larger_than_16_mib_and_every_offset_finds_its_row(tmp_path):
    import pyarrow.parquet as parquet

    probs = rows(1_500_000, channels=3)
    folder = write(tmp_path, "test", 0, names(len(probs)), probs)
    chunks = [np.load(path) for path in sorted(folder.glob("chunk-*.npy"))]
    assert len(chunks) == 2
    assert all(chunk.ndim == 1 and chunk.nbytes <= 16 * 2**20 for chunk in chunks)
    index = parquet.read_table(folder / "ids.parquet").to_pandas()
    assert list(index.columns) == ["id", "chunk", "offset", "height", "width"]
    for i in (0, 1_398_100, 1_398_101, 1_398_102, 1_499_999):
        start = index["offset"][i]
        np.testing.assert_array_equal(chunks[index["chunk"][i]][start : start + 3], probs[i])


def test_ids_stay_text(tmp_path):
    write(tmp_path, "test", 0, ["000123", "1e5", "é/ü.png", "NA"], rows(4))
    assert PredictionSet(tmp_path).fold("test", "classify", 0).ids == [
        "000123",
        "1e5",
        "é/ü.png",
        "NA",
    ]


def test_the_oof_pools_the_folds_and_names_the_model_of_every_row(tmp_path):
    probs = {0: rows(3, seed=0), 2: rows(2, seed=2), 10: rows(4, seed=10)}
    for fold in (10, 0, 2):
        write(tmp_path, "oof", fold, names(len(probs[fold]), f"f{fold}-"), probs[fold])
    oof = PredictionSet(tmp_path).oof("classify")
    assert oof.folds.tolist() == [0] * 3 + [2] * 2 + [10] * 4
    np.testing.assert_array_equal(oof.probs, np.concatenate([probs[0], probs[2], probs[10]]))
    assert oof.row_models == ["run/0"] * 3 + ["run/2"] * 2 + ["run/10"] * 4
    back = oof.align(oof.ids[::-1])
    np.testing.assert_array_equal(back.probs, oof.probs[::-1])
    assert back.folds.tolist() == oof.folds[::-1].tolist()
    with pytest.raises(DataError, match="lacks 1 of 2 rows: 'nobody'"):
        oof.align([oof.ids[0], "nobody"])


def test_a_row_that_is_out_of_fold_twice_is_refused(tmp_path):
    write(tmp_path, "oof", 0, ["a", "b"], rows(2))
    write(tmp_path, "oof", 1, ["c", "b"], rows(2))
    with pytest.raises(DataError, match="out of fold twice: 'b'"):
        PredictionSet(tmp_path).oof("classify")


@pytest.mark.parametrize(
    ("source", "place", "told"),
    [
        ("test/classify/fold-1", "test/classify/fold-0", "fold 1"),
        ("test/classify/fold-0", "unlabelled/classify/fold-0", "split test"),
    ],
)
def test_predictions_in_the_place_of_others_are_refused(tmp_path, source, place, told):
    """Their digests are right, and the mean would count one model twice."""
    for fold in (0, 1):
        write_fold(tmp_path, "test", "classify", fold, ids=["a"], probs=np.eye(1, 3), model="m")
    shutil.copytree(tmp_path / source, tmp_path / place, dirs_exist_ok=True)
    split = place.partition("/")[0]
    with pytest.raises(DataError, match=f"are of {told}, and were copied") as caught:
        PredictionSet(tmp_path).mean(split)
    assert caught.value.where == str(tmp_path / place)


def test_predictions_of_another_run_are_refused(tmp_path):
    made, copied = (tmp_path / f"runs/{n}-0123abcd/predictions/1" for n in "ab")
    name = "a-0123abcd/fold-0/last.pt"
    write_fold(made, "test", "classify", 0, ids=["a"], probs=np.eye(1, 3), model=name)
    shutil.copytree(made, copied)
    assert PredictionSet(made).mean("test")[0] == ["a"]
    with pytest.raises(DataError, match="are of the run a-0123abcd, and were copied"):
        PredictionSet(copied).mean("test")
    imported = tmp_path / "imports/b-0123abcd/predictions/1"  # keeps the names of its models
    shutil.copytree(made, imported)
    assert PredictionSet(imported).mean("test")[0] == ["a"]


def test_a_refit_on_all_rows_has_no_oof(tmp_path):
    with pytest.raises(DataError, match="no out-of-fold"):
        write(tmp_path, "oof", "full", ["a"], rows(1))


@pytest.mark.parametrize("n", [1, 7, 100])
def test_the_mean_over_folds_is_numpys_whatever_the_order_of_rows(tmp_path, monkeypatch, n):
    monkeypatch.setattr("podium.predictions.store.reading._BLOCK_ROWS", 5)
    ids, orders = names(n), [np.random.default_rng(f).permutation(n) for f in range(3)]
    probs = [rows(n, seed=f) for f in range(3)]
    for fold, order in enumerate(orders):
        write(tmp_path, "test", fold, [ids[i] for i in order], probs[fold][order])
    found = PredictionSet(tmp_path)
    got_ids, got = found.mean("test", "classify")
    expected = np.mean(np.stack(probs).astype(np.float64), axis=0).astype(np.float32)
    np.testing.assert_array_equal(got, expected[orders[0]])
    assert got_ids == [ids[i] for i in orders[0]]
    blocks = list(found.mean_blocks("test", "classify", ids=ids))
    np.testing.assert_array_equal(np.concatenate([block for _, block in blocks]), expected)
    assert n <= 5 or len(blocks) > 1
    np.testing.assert_array_equal(found.mean("test", "classify", folds=[1])[1], probs[1][orders[1]])


def test_a_refit_counts_on_the_test_set_and_teaches_no_fold(tmp_path):
    ids, probs = names(6), [rows(6, seed=one) for one in range(3)]
    for split in ("test", "unlabelled"):
        for fold, own in zip((0, 1, "full"), probs, strict=True):
            write(tmp_path, split, fold, ids, own)
    found = PredictionSet(tmp_path)
    for split, counted in (("test", probs), ("unlabelled", probs[:2])):
        expected = np.mean(np.stack(counted).astype(np.float64), axis=0).astype(np.float32)
        np.testing.assert_array_equal(found.mean(split, "classify")[1], expected)
    np.testing.assert_array_equal(found.mean("test", "classify", folds=["full"])[1], probs[2])


def test_a_lone_refit_speaks_for_the_set(tmp_path):
    write(tmp_path, "test", "full", ["a"], rows(1))
    np.testing.assert_array_equal(PredictionSet(tmp_path).mean("test", "classify")[1], rows(1))


def test_fold_models_that_predicted_other_rows_are_not_averaged(tmp_path):
    write(tmp_path, "test", 0, ["a", "b"], rows(2))
    write(tmp_path, "test", 1, ["a", "c"], rows(2))
    with pytest.raises(DataError, match="lacks 1 of 2 rows: 'b'"):
        PredictionSet(tmp_path).mean("test", "classify")
    write(tmp_path, "test", 2, ["a"], rows(1))
    with pytest.raises(DataError, match="predicted 2 and 1 row"):
        PredictionSet(tmp_path).mean("test", "classify", folds=[0, 2])


def test_folds_that_differ_in_classes_are_refused(tmp_path):
    write(tmp_path, "oof", 0, ["a"], rows(1, channels=3))
    write(tmp_path, "oof", 1, ["b"], rows(1, channels=4))
    with pytest.raises(DataError, match=r"number of columns: \[3, 4\]"):
        PredictionSet(tmp_path).oof("classify")


def test_a_set_is_complete_when_its_folds_are_there(tmp_path):
    begin_set(tmp_path, folds=[0, 1, "full"], splits=["oof", "test"])
    found = PredictionSet(tmp_path)
    assert not found.is_complete
    for fold in (0, 1):
        write(tmp_path, "oof", fold, names(2, f"{fold}-"), rows(2))
        write(tmp_path, "test", fold, names(2), rows(2))
    assert found.missing == ("test/classify/fold-full",)
    write(tmp_path, "test", "full", names(2), rows(2))
    assert found.is_complete
    assert found.splits == ("oof", "test")
    assert found.folds("test", "classify") == (0, 1, "full")


def test_without_a_plan_every_split_needs_the_same_folds(tmp_path):
    write(tmp_path, "oof", 0, ["a"], rows(1))
    write(tmp_path, "oof", 1, ["b"], rows(1))
    write(tmp_path, "test", 0, ["t"], rows(1))
    assert PredictionSet(tmp_path).missing == ("test/classify/fold-1",)


@pytest.mark.parametrize(
    ("ids", "probs", "message"),
    [
        (["a", "b"], np.array([[0.5, 0.5], [np.nan, 1]]), "1 row is not finite numbers: 'b'"),
        (["a", "b"], np.array([[0.5, np.inf], [0, 1]]), "1 row is not finite numbers: 'a'"),
        (["a"], np.array([[1e300, 0.0]]), "1 row is not finite"),
        (["a", "b", "a"], np.zeros((3, 2)), "ids stand twice: 'a'"),
        (["a", "b"], np.zeros((3, 2)), "2 ids but 3 rows"),
        (["a", "b"], np.zeros((2, 2, 2)), r"shape \(n, C\)"),
        ([], np.zeros((0, 2)), "no rows"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_leaves_nothing(tmp_path, ids, probs, message):
    with pytest.raises(DataError, match=message):
        write(tmp_path, "test", 0, ids, probs)
    assert not list(tmp_path.rglob("*.npy"))
    assert PredictionSet(tmp_path).splits == ()


def test_blocks_of_other_widths_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"shape \(n, 2\)"):
        write(tmp_path, "test", 0, names(4), iter([np.zeros((2, 2)), np.zeros((2, 3))]))


def test_what_is_written_never_changes(tmp_path):
    write(tmp_path, "test", 0, ["a"], rows(1))
    with pytest.raises(RunError, match="never change"):
        write(tmp_path, "test", 0, ["a"], rows(1, seed=1))
    np.testing.assert_array_equal(PredictionSet(tmp_path).mean("test")[1], rows(1))


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("meta.json", b"{}"),
        ("meta.json", b'{"model": "m", "channels": null, "rows": 5, "chunks": 1}'),
        ("meta.json", b"[]"),
        ("ids.parquet", b"PAR1"),
        ("ids.parquet", None),
        ("chunk-0000.npy", b""),
        ("chunk-0000.npy", None),
        ("../../../set.json", b"{}"),
    ],
)
def test_any_damaged_file_is_a_data_error_that_names_the_folder(tmp_path, file, content):
    folder = write(tmp_path / "set", "test", 0, names(5), rows(5))
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    with pytest.raises(DataError, match="cannot read these predictions") as caught:
        (PredictionSet(tmp_path / "set").missing, PredictionSet(tmp_path / "set").mean("test"))
    assert str(tmp_path / "set") in str(caught.value)


def test_ids_of_other_rows_are_damage_too(tmp_path):
    five = write(tmp_path / "a", "test", 0, names(5), rows(5))
    six = write(tmp_path / "b", "test", 0, names(6), rows(6))
    (five / "ids.parquet").write_bytes((six / "ids.parquet").read_bytes())
    with pytest.raises(DataError, match="6 ids for 5 rows"):
        PredictionSet(tmp_path / "a").mean("test")


def test_damaged_files_are_named(tmp_path):
    folder = write(tmp_path, "test", 0, names(5), rows(5))
    chunk = folder / "chunk-0000.npy"
    chunk.write_bytes(chunk.read_bytes()[:-8])
    with pytest.raises(DataError, match="cannot read these predictions"):
        PredictionSet(tmp_path).mean("test")
    (folder / "meta.json").write_text("{")
    with pytest.raises(DataError, match="cannot read these predictions"):
        PredictionSet(tmp_path).mean("test")


def test_there_is_no_set_where_there_is_no_folder(tmp_path):
    with pytest.raises(DataError, match="no predictions here"):
        PredictionSet(tmp_path / "none")
    with pytest.raises(DataError, match="no out-of-fold"):
        PredictionSet(tmp_path).oof()
    with pytest.raises(DataError, match="no predictions for test"):
        PredictionSet(tmp_path).mean("test")


WRITER = """
    import os, signal, sys
    import numpy as np
    from pathlib import Path
    from podium.predictions.store import writing

    writing.CHUNK_BYTES = 4 * 3 * 10
    def blocks():
        for i in range(10):
            if i == 7:
                os.kill(os.getpid(), signal.SIGKILL)
            yield np.full((10, 3), i / 10, np.float32)
    ids = [str(i) for i in range(100)]
    writing.write_fold(Path(sys.argv[1]), "oof", "classify", 1, ids=ids, probs=blocks(), model="m")
"""


@pytest.mark.slow
def test_a_writer_killed_half_way_leaves_nothing_half(tmp_path):
    write(tmp_path, "oof", 0, ["a"], rows(1))
    assert ForkedScript(WRITER, [tmp_path]).wait(60) == -signal.SIGKILL
    assert any(tmp_path.rglob("chunk-0003.npy")), "it was killed in the middle of writing"
    found = PredictionSet(tmp_path)
    assert found.folds("oof", "classify") == (0,)
    assert found.oof().ids == ["a"]
    write(tmp_path, "oof", 1, ["b"], rows(1))
    assert found.oof().ids == ["a", "b"]
    assert len(list(tmp_path.rglob("chunk-*"))) == 2, "what the dead writer left is swept"


def test_of_two_writers_of_one_fold_the_first_to_finish_stays(tmp_path):
    def slow_blocks():
        yield rows(2, seed=1)
        write(tmp_path, "test", 0, ["a", "b", "c", "d"], rows(4, seed=2))
        yield rows(2, seed=1)

    with pytest.raises(RunError, match="exists already"):
        write(tmp_path, "test", 0, ["a", "b", "c", "d"], slow_blocks())
    np.testing.assert_array_equal(PredictionSet(tmp_path).mean("test")[1], rows(4, seed=2))


def test_meta_names_the_source_of_the_rows(tmp_path):
    folder = write(tmp_path, "test", np.int64(3), ["a"], rows(1), meta={"tta": ["hflip"]})
    meta = json.loads((folder / "meta.json").read_text())
    assert (meta["fold"], meta["model"], meta["rows"], meta["channels"]) == (3, "run/3", 1, 3)
    assert meta["details"] == {"tta": ["hflip"]}
