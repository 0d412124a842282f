"""Masks come back as they were written, to the step of their type; whole or not at all."""

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podium.errors import DataError, RunError, UsageError
from podium.predictions import PredictionSet, write_fold, write_masks
from podium.predictions.store import mask_writing as module
from podium.predictions.store.mask_writing import describe_bytes, estimate_bytes, require_space
from podium.predictions.store.writing import begin_set

SIZES = [(5, 7), (8, 3), (1, 1), (20, 20)]
STEP = {"uint8": 1 / 508, "float16": 1 / 4096}


def arrays(sizes=SIZES, channels=2, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.random((*size, channels), dtype=np.float32) for size in sizes]


def names(n):
    return [f"id{i:03d}" for i in range(n)]


def write(root, masks, split="test", fold=0, ids=None, cuts=2, **kwargs):
    bands = [band for mask in masks for band in np.array_split(mask, cuts)]
    sizes = kwargs.pop("sizes", [mask.shape[:2] for mask in masks])
    ids = ids or names(len(masks))
    return write_masks(
        root, split, fold, ids=ids, sizes=sizes, bands=iter(bands), model=f"run/{fold}", **kwargs
    )


def read(probs):
    return [probs.band(i, 0, height) for i, (height, _) in enumerate(probs.sizes)]


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(
    sizes=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=6),
    channels=st.integers(1, 4),
    chunk_bytes=st.integers(1, 300),
    cuts=st.integers(1, 5),
    dtype=st.sampled_from(["uint8", "float16"]),
    holes=st.booleans(),
    slice_values=st.integers(1, 40),
)
def test_any_masks_in_any_bands_come_back_within_half_a_step(
    tmp_path_factory, sizes, channels, chunk_bytes, cuts, dtype, holes, slice_values
):
    root = tmp_path_factory.mktemp("set")
    masks = arrays(sizes, channels)
    if holes:
        for mask in masks:
            mask[1:, ::2] = np.nan
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK_BYTES", chunk_bytes)
        patch.setattr(module, "_SLICE_VALUES", slice_values)
        folder = write(root, masks, cuts=cuts, dtype=dtype)
    for path in folder.glob("chunk-*.npy"):
        in_chunk = np.load(path)
        assert in_chunk.nbytes <= chunk_bytes or in_chunk.size in {m.size for m in masks}
    probs = PredictionSet(root).mean_masks("test")
    assert (probs.ids, probs.channels) == (names(len(sizes)), channels)
    assert probs.sizes == sizes
    for i, mask in enumerate(masks):
        got = probs.band(i, 0, len(mask))
        assert got.dtype == np.float32
        np.testing.assert_array_equal(np.isnan(got), np.isnan(mask))
        np.testing.assert_allclose(got, mask, rtol=0, atol=STEP[dtype] * 1.0001)
        middle = len(mask) // 2
        np.testing.assert_array_equal(probs.band(i, middle, len(mask)), got[middle:])


def test_a_value_of_uint8_is_the_nearest_254th_and_255_marks_uncovered_pixels(tmp_path):
    mask = np.array([[[0], [1], [0.5], [1 / 254], [0.7], [np.nan]]], np.float32)
    folder = write(tmp_path, [mask], cuts=1)
    kept = np.load(folder / "chunk-0000.npy")
    assert kept.tolist() == [0, 254, 127, 1, 178, 255]
    got = PredictionSet(tmp_path).mean_masks("test").band(0, 0, 1)[0, :, 0]
    np.testing.assert_array_equal(got[:5], (np.array([0, 254, 127, 1, 178]) / 254).astype("f4"))
    assert np.isnan(got[5])


def test_the_index_holds_where_each_mask_starts_in_chunks_of_at_most_16_mib_or_one_mask(tmp_path):
    import pyarrow.parquet as parquet

    sizes = [(1000, 1000), (5000, 5000), (2000, 4000), (2000, 4000), (2000, 4000)]
    masks = [np.full((*size, 1), i / 254, np.float32) for i, size in enumerate(sizes)]
    folder = write(tmp_path, masks)
    index = parquet.read_table(folder / "ids.parquet").to_pandas()
    assert list(index.columns) == ["id", "chunk", "offset", "height", "width"]
    assert index["chunk"].tolist() == [0, 1, 2, 2, 3]
    assert index["offset"].tolist() == [0, 0, 0, 8_000_000, 0]
    chunks = [np.load(path, mmap_mode="r") for path in sorted(folder.glob("chunk-*.npy"))]
    assert [chunk.size for chunk in chunks] == [10**6, 25 * 10**6, 16 * 10**6, 8 * 10**6]
    for i, row in index.iterrows():
        n = row["height"] * row["width"]
        values = chunks[row["chunk"]][row["offset"] : row["offset"] + n]
        assert values.dtype == np.uint8
        assert (values == i).all()


def test_meta_describes_the_masks(tmp_path):
    folder = write(tmp_path, arrays(), split="oof", fold=np.int64(3), meta={"tta": ["hflip"]})
    meta = json.loads((folder / "meta.json").read_text())
    assert folder == tmp_path / "oof/segment/fold-3"
    assert meta == {
        "format": 1,
        "split": "oof",
        "task": "segment",
        "fold": 3,
        "rows": 4,
        "chunks": 1,
        "model": "run/3",
        "dtype": "uint8",
        "channels": 2,
        "details": {"tta": ["hflip"]},
    }


def test_a_mask_is_never_in_memory_whole(tmp_path):
    def write_and_read(folder, side):
        bands = (np.full((100, side, 1), 0.3, np.float32) for _ in range(side // 100))
        write_masks(folder, "test", 0, ids=["a"], sizes=[(side, side)], bands=bands, model="m")
        probs = PredictionSet(folder).mean_masks("test")
        for top in range(0, side, 100):
            probs.band(0, top, top + 100)

    write_and_read(tmp_path / "small", 100)  # what is loaded once
    tracemalloc.start()
    try:
        write_and_read(tmp_path / "large", 4000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16e6, "the mask alone has 16 MB, as float32 64 MB"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m[1].__setitem__((2, 1, 0), 1.5), r"mask of 'id001'.*in \[0, 1\], got .* 1.5"),
        (lambda m: m[2].__setitem__((0, 0, 1), -0.1), r"mask of 'id002'.*in \[0, 1\], got -0.1"),
        (lambda m: m[0].__setitem__((0, 0, 1), np.inf), "mask of 'id000'.*got .* to inf"),
        (lambda m: m[3].__setitem__((0, 0, 1), np.nan), "mask of 'id003': a pixel is nan in some"),
        (lambda m: m[1].fill(np.nan), "mask of 'id001': not one pixel has a finite value"),
        (lambda m: m[3].fill(np.nan), "mask of 'id003': not one pixel has a finite value"),
        (lambda m: m.pop(), "4 ids but 3 masks"),
        (lambda m: m.append(m[0]), "more masks than the 4 ids"),
        (lambda m: m.__setitem__(3, m[3][:-1]), "mask of 'id003': 19 of 20 rows came"),
        (lambda m: m.__setitem__(1, m[1][:, :-1]), "mask of 'id001': bands must be .rows, 3, 2"),
        (lambda m: m.__setitem__(1, m[1][..., :1]), "mask of 'id001': bands must be .rows, 3, 2"),
        (lambda m: m.__setitem__(0, np.tile(m[0], (3, 1, 1))), "'id000': a band passes the last"),
        (lambda m: m.__setitem__(0, m[0][..., 0]), r"bands are \(rows, width, C\)"),
        (lambda m: m.clear(), "4 ids but 0 masks"),
    ],
)
def test_what_does_not_fit_is_named_and_leaves_nothing(tmp_path, change, message):
    masks = arrays()
    change(masks)
    with pytest.raises(DataError, match=message):
        write(tmp_path, masks, ids=names(4), sizes=SIZES)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_stream_that_breaks_leaves_nothing(tmp_path):
    def broken():
        yield arrays()[0]
        raise RunError("the network is gone")

    with pytest.raises(RunError, match="the network is gone"):
        write_masks(tmp_path, "test", 0, ids=names(4), sizes=SIZES, bands=broken(), model="m")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"ids": ["a", "b", "a", "c"]}, DataError, "ids stand twice: 'a'"),
        ({"sizes": SIZES[:3]}, DataError, "4 ids but 3 sizes"),
        ({"sizes": [(0, 4), *SIZES[1:]]}, DataError, "the mask of 'id000' has no pixels"),
        ({"dtype": "float32"}, UsageError, "uint8 or float16, not 'float32'"),
        ({"split": "oof", "fold": "full"}, DataError, "no out-of-fold"),
    ],
)
def test_refused_before_a_band_is_computed(tmp_path, kwargs, error, message):
    def never():
        raise AssertionError
        yield

    given_values = {"ids": names(4), "sizes": SIZES, "split": "test", "fold": 0, **kwargs}
    with pytest.raises(error, match=message):
        write_masks(
            tmp_path,
            given_values.pop("split"),
            given_values.pop("fold"),
            bands=never(),
            model="m",
            **given_values,
        )


def test_rounding_of_half_precision_is_no_error(tmp_path):
    mask = np.array([[[1.0005, -0.0005]]])
    for dtype in ("uint8", "float16"):
        write(tmp_path / dtype, [mask], cuts=1, dtype=dtype)
        got = PredictionSet(tmp_path / dtype).mean_masks("test").band(0, 0, 1)
        assert got.tolist() == [[[1.0, 0.0]]]


def test_masks_that_are_there_never_change(tmp_path):
    write(tmp_path, arrays())
    with pytest.raises(RunError, match="never change"):
        write(tmp_path, arrays())


def test_a_set_of_two_tasks_is_complete_when_both_are_there(tmp_path):
    begin_set(tmp_path, folds=[0], splits=["oof", "test"], tasks=["classify", "segment"])
    found = PredictionSet(tmp_path)
    for split in ("oof", "test"):
        write_fold(tmp_path, split, "classify", 0, ids=["a"], probs=np.ones((1, 2)), model="m")
    write(tmp_path, arrays()[:1], split="oof")
    assert found.missing == ("test/segment/fold-0",)
    assert not found.is_complete
    write(tmp_path, arrays()[:1], split="test")
    assert found.is_complete
    assert found.tasks("oof") == ("classify", "segment")
    assert found.ids("test", "segment") == ["id000"]


def test_rows_and_masks_are_not_read_as_each_other(tmp_path):
    write_fold(tmp_path, "test", "classify", 0, ids=["a"], probs=np.ones((1, 2)), model="m")
    write(tmp_path, arrays())
    found = PredictionSet(tmp_path)
    with pytest.raises(UsageError, match="are not masks"):
        found.mean_masks("test", "classify")
    with pytest.raises(UsageError, match=r"are masks[\s\S]*mean_masks"):
        found.mean("test", "segment")


def test_damaged_files_are_named(tmp_path):
    chunk = write(tmp_path, arrays()) / "chunk-0000.npy"
    whole = chunk.read_bytes()
    for damaged in (whole[:-8], whole[:20], b"", whole.replace(b"|u1", b"<f2")):
        chunk.write_bytes(damaged)
        with pytest.raises(DataError, match="cannot read these predictions"):
            PredictionSet(tmp_path).mean_masks("test").band(0, 0, 1)
    chunk.unlink()
    with pytest.raises(DataError, match=r"cannot read these predictions[\s\S]*chunk-0000"):
        PredictionSet(tmp_path).mean_masks("test").band(0, 0, 1)


def test_a_chunk_cut_short_while_it_is_read_is_named(tmp_path):
    chunk = write(tmp_path, arrays()) / "chunk-0000.npy"
    probs = PredictionSet(tmp_path).mean_masks("test")
    probs.band(0, 0, 1)
    chunk.write_bytes(chunk.read_bytes()[:300])
    with pytest.raises(DataError, match="cut short"):
        probs.band(3, 0, 20)


def test_rows_outside_of_a_mask_are_refused(tmp_path):
    write(tmp_path, arrays())
    probs = PredictionSet(tmp_path).mean_masks("test")
    with pytest.raises(UsageError, match="mask 'id000' has 5 rows, not 3 to 6"):
        probs.band(0, 3, 6)


def test_the_estimate_is_what_is_written(tmp_path):
    for dtype in ("uint8", "float16"):
        folder = write(tmp_path / dtype, arrays(), dtype=dtype)
        n_bytes = sum(np.load(path).nbytes for path in folder.glob("chunk-*.npy"))
        assert estimate_bytes(SIZES, 2, dtype) == n_bytes
    assert estimate_bytes(SIZES, 2, "uint8", n_folds=3) == 3 * estimate_bytes(SIZES, 2)
    assert (
        describe_bytes([(10, 10)], 1) == "masks of 1 image × 1 channel × 1 fold: 0.1 KiB as uint8"
    )
    of_classes = describe_bytes([(10, 10)] * 2, 9, n_folds=3, has_background=True)
    assert of_classes.startswith("masks of 2 images × (8 classes and background) × 3 folds: ")
    assert "(1 class and background)" in describe_bytes([(10, 10)], 2, has_background=True)


def test_a_disk_that_is_too_small_is_refused_before_the_run(tmp_path):
    require_space(tmp_path / "not" / "yet", [(100, 100)], 3)
    with pytest.raises(RunError, match=r"1,000 images × 3 channels × 5 folds: .* GiB as float16"):
        require_space(tmp_path / "not" / "yet", [(10**6, 10**6)] * 1000, 3, "float16", 5)
