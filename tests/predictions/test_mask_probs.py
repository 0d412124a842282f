"""Pooled, averaged and mixed masks against plain numpy."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.errors import DataError, UsageError
from podium.predictions import MaskArrays, PredictionSet, mix_masks, write_masks
from podium.predictions.store import masks as stored_masks

SIZES = [(6, 4), (3, 9), (5, 5)]
IDS = ["a", "b", "c"]


def masks(seed, holes=0.3, sizes=SIZES, channels=2):
    rng = np.random.default_rng(seed)
    out = [rng.random((*size, channels), dtype=np.float32) for size in sizes]
    for one in out:
        one[rng.random(one.shape[:2]) < holes] = np.nan
        one[0, 0] = 0.5
    return out


def write(root, split, fold, ids, arrays, dtype="uint8"):
    return write_masks(
        root,
        split,
        fold,
        ids=ids,
        sizes=[one.shape[:2] for one in arrays],
        bands=arrays,
        model=f"run/{fold}",
        dtype=dtype,
    )


def mean_by_hand(stored, weights):
    """Loop over pixels; nan where no member has a value."""
    out = np.full(stored[0].shape, np.nan)
    for at in np.ndindex(*out.shape):
        there = [(one[at], w) for one, w in zip(stored, weights, strict=True) if one[at] == one[at]]
        if there:
            total = sum(w * float(p) for p, w in there)
            out[at] = total / sum(w for _, w in there)
    return out.astype(np.float32)


@pytest.mark.parametrize("dtype", ["uint8", "float16"])
@pytest.mark.parametrize("holes", [0.0, 0.6])
def test_the_mean_over_folds_is_over_those_that_cover_a_pixel(tmp_path, dtype, holes):
    arrays = [masks(seed, holes) for seed in range(3)]
    orders = [[0, 1, 2], [2, 0, 1], [1, 2, 0]]
    folds = (0, 1, "full")  # a refit counts, too
    for fold, order, own in zip(folds, orders, arrays, strict=True):
        write(tmp_path, "test", fold, [IDS[i] for i in order], [own[i] for i in order], dtype)
    found = PredictionSet(tmp_path)
    mean = found.mean_masks("test")
    assert mean.ids == IDS
    assert (mean.sizes, mean.channels) == (SIZES, 2)
    for i, (height, _) in enumerate(SIZES):
        stored = [
            found.mean_masks("test", folds=[fold]).band(order.index(i), 0, height)
            for fold, order in zip(folds, orders, strict=True)
        ]
        got = mean.band(i, 0, height)
        # Eighths and 254ths: both ways round once, from sums that differ in their last bit.
        np.testing.assert_allclose(got, mean_by_hand(stored, [1, 1, 1]), rtol=1e-6)
        np.testing.assert_array_equal(mean.band(i, 1, 3), got[1:3])
        assert holes == 0.0 or np.isnan(got).any()


def test_the_mean_of_equal_fold_models_is_each_of_them(tmp_path):
    for dtype in ("uint8", "float16"):
        for fold in range(3):
            write(tmp_path / dtype, "test", fold, IDS, masks(0), dtype)
        found = PredictionSet(tmp_path / dtype)
        for i, (height, _) in enumerate(SIZES):
            one = found.mean_masks("test", folds=[1]).band(i, 0, height)
            np.testing.assert_array_equal(found.mean_masks("test").band(i, 0, height), one)


def test_the_oof_pools_the_folds_and_names_the_model_of_every_mask(tmp_path):
    arrays = masks(0)
    write(tmp_path, "oof", 2, ["c"], arrays[2:])
    write(tmp_path, "oof", 0, ["a", "b"], arrays[:2])
    oof = PredictionSet(tmp_path).oof_masks()
    assert oof.ids == IDS
    assert oof.folds.tolist() == [0, 0, 2]
    assert oof.row_models == ["run/0", "run/0", "run/2"]
    assert (oof.sizes, oof.channels) == (SIZES, 2)
    back = oof.align(["c", "a"])
    assert (back.ids, back.folds.tolist(), back.sizes) == (["c", "a"], [2, 0], [SIZES[2], SIZES[0]])
    np.testing.assert_allclose(back.band(0, 1, 4), arrays[2][1:4], atol=1 / 500)
    np.testing.assert_allclose(back.band(1, 0, 6), arrays[0], atol=1 / 500)
    with pytest.raises(DataError, match="the OOF lacks 1 of 2 rows: 'nobody'"):
        oof.align(["a", "nobody"])


def test_folds_that_do_not_fit_together_are_refused(tmp_path):
    arrays = masks(0)
    found = {name: tmp_path / name for name in ("twice", "sizes", "channels", "ids", "none")}
    for fold in (0, 1):
        write(found["twice"], "oof", fold, ["a"], arrays[:1])
    with pytest.raises(DataError, match="out of fold twice: 'a'"):
        PredictionSet(found["twice"]).oof_masks()
    write(found["sizes"], "test", 0, ["a"], arrays[:1])
    write(found["sizes"], "test", 1, ["a"], arrays[1:2])
    with pytest.raises(DataError, match="mask of 'a' as 3 × 9, the first one as 6 × 4"):
        PredictionSet(found["sizes"]).mean_masks("test")
    write(found["channels"], "test", 0, ["a"], arrays[:1])
    write(found["channels"], "test", 1, ["a"], masks(0, channels=3)[:1])
    with pytest.raises(DataError, match="differ in their number of columns"):
        PredictionSet(found["channels"]).mean_masks("test")
    write(found["ids"], "test", 0, ["a"], arrays[:1])
    write(found["ids"], "test", 1, ["b"], arrays[:1])
    with pytest.raises(DataError, match="lacks 1 of 1 row: 'a'"):
        PredictionSet(found["ids"]).mean_masks("test")
    found["none"].mkdir()
    with pytest.raises(DataError, match="no out-of-fold"):
        PredictionSet(found["none"]).oof_masks()
    with pytest.raises(DataError, match="no predictions for test"):
        PredictionSet(found["none"]).mean_masks("test")


@settings(max_examples=30, deadline=None)
@given(
    weights=st.lists(st.sampled_from([0.0, 0.25, 1.0, 3.7]), min_size=1, max_size=4).filter(any),
    holes=st.sampled_from([0.0, 0.5, 0.9]),
)
def test_a_mix_is_the_weighted_mean_over_the_members_that_cover_a_pixel(weights, holes):
    arrays = [masks(seed, holes) for seed in range(len(weights))]
    orders = [np.random.default_rng(seed).permutation(3) for seed in range(len(weights))]
    members = [
        MaskArrays([IDS[i] for i in order], [one[i] for i in order])
        for one, order in zip(arrays, orders, strict=True)
    ]
    mixed = mix_masks(members, weights, IDS[::-1])
    assert mixed.ids == IDS[::-1]
    assert mixed.sizes == SIZES[::-1]
    used = [i for i, weight in enumerate(weights) if weight]
    for i in range(3):
        expected = mean_by_hand([arrays[m][2 - i] for m in used], [weights[m] for m in used])
        np.testing.assert_allclose(mixed.band(i, 0, SIZES[2 - i][0]), expected, rtol=1e-6)


def test_one_member_is_itself_to_the_bit_and_so_are_equal_ones():
    member = MaskArrays(IDS, masks(3))
    for mixed in (mix_masks([member], [0.3]), mix_masks([member] * 3, [0.1, 0.2, 0.4])):
        for i, (height, _) in enumerate(SIZES):
            np.testing.assert_array_equal(mixed.band(i, 0, height), member.arrays[i])


def test_a_member_without_weight_is_not_read():
    class Unread(MaskArrays):
        def band(self, *_):
            raise AssertionError

    mixed = mix_masks([MaskArrays(IDS, masks(0)), Unread(["z"], [])], [1, 0])
    np.testing.assert_array_equal(mixed.band(0, 0, 6), masks(0)[0])


@pytest.mark.parametrize(
    ("other", "weights", "error", "message"),
    [
        (MaskArrays(IDS[:2], masks(0)[:2]), [1, 1], DataError, "member 2 lacks 1 of 3 rows: 'c'"),
        (MaskArrays(IDS, masks(0, channels=3)), [1, 1], DataError, r"channels: \[2, 3\]"),
        (MaskArrays(IDS, masks(0)[::-1]), [1, 1], DataError, "member 2 has the mask of 'a' as 5"),
        (MaskArrays(IDS, masks(0)), [1], UsageError, "2 members need as many weights"),
        (MaskArrays(IDS, masks(0)), [1, -1], UsageError, "weights >= 0"),
        (MaskArrays(IDS, masks(0)), [0, 0], UsageError, "one above 0"),
        (MaskArrays(IDS, masks(0)), [1, float("nan")], UsageError, "weights >= 0"),
    ],
)
def test_members_that_do_not_fit_together_are_refused(other, weights, error, message):
    with pytest.raises(error, match=message):
        mix_masks([MaskArrays(IDS, masks(0)), other], weights)


def test_nothing_to_mix_is_refused():
    with pytest.raises(UsageError, match="0 members"):
        mix_masks([], [])


def test_threads_read_at_once(tmp_path):
    sizes = [(40, 30)] * 20
    arrays = masks(0, sizes=sizes)
    ids = [str(i) for i in range(20)]
    for fold in range(3):
        write(tmp_path, "test", fold, ids, arrays)
    mean = PredictionSet(tmp_path).mean_masks("test")
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda i: mean.band(i, 0, 40), range(20)))
    for one, expected in zip(got, arrays, strict=True):
        np.testing.assert_allclose(one, expected, atol=1 / 500)


def test_sizes_of_pooled_masks_are_gathered_once(tmp_path):
    """Else what asks for the size of each of N masks takes N² steps."""
    write(tmp_path, "oof", 0, IDS[:2], masks(0)[:2])
    write(tmp_path, "oof", 1, IDS[2:], masks(0)[2:])
    pooled = PredictionSet(tmp_path).oof_masks()
    assert pooled.sizes == SIZES
    assert pooled.sizes is pooled.sizes
    assert pooled.align(["c", "a"]).sizes == [SIZES[2], SIZES[0]]


# Stored masks, mixed without their floats


def plain_mean(bands, weights):
    """Products and sums in float64, in order, over the members that cover a pixel."""
    total, known = (np.zeros(bands[0].shape) for _ in range(2))
    for band, weight in zip(bands, weights, strict=True):
        covered = ~np.isnan(band)
        total += np.where(covered, band.astype(np.float64) * weight, 0)
        known += weight * covered
    with np.errstate(invalid="ignore"):
        return (total / known).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(
    dtypes=st.lists(st.sampled_from(["uint8", "float16", "floats"]), min_size=2, max_size=5),
    holes=st.sampled_from([0.0, 0.4]),
    seed=st.integers(0, 99),
    block=st.sampled_from([1, 16, 2**16]),
)
def test_stored_masks_of_any_form_are_mixed_to_the_bit(
    tmp_path_factory, dtypes, holes, seed, block
):
    root, rng = tmp_path_factory.mktemp("mixed"), np.random.default_rng(seed)
    weights = rng.random(len(dtypes)).tolist()
    members = []
    for m, dtype in enumerate(dtypes):
        order = rng.permutation(3)
        ids, arrays = [IDS[i] for i in order], [masks(seed + m, holes)[i] for i in order]
        if dtype == "floats":
            members.append(MaskArrays(ids, arrays))
        else:
            write(root / str(m), "oof", 0, ids, arrays, dtype)
            members.append(PredictionSet(root / str(m)).oof_masks())
    with pytest.MonkeyPatch.context() as patch:
        # Half a row and more than a band: how it is cut changes nothing.
        patch.setattr(stored_masks, "BLOCK_VALUES", block)
        patch.setattr(stored_masks, "_buffers", stored_masks._SumBuffers())
        mixed = mix_masks(members, weights, IDS)
        for i, (height, _) in enumerate(SIZES):
            bands = [one.band(list(one.ids).index(IDS[i]), 0, height) for one in members]
            np.testing.assert_array_equal(mixed.band(i, 0, height), plain_mean(bands, weights))
            np.testing.assert_array_equal(mixed.band(i, 1, 3), mixed.band(i, 0, height)[1:3])


@pytest.mark.parametrize("has_halves", [True, False])
def test_every_half_is_summed_as_numpy_reads_it(has_halves, monkeypatch):
    from podium.predictions import _kernels
    from podium.predictions._kernels import loops

    monkeypatch.setattr(loops, "_HAS_HALVES", has_halves)
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)]
    total = np.full(halves.size, 0.3)
    _kernels.add_weighted(total, halves, 0.7, np.zeros(256, np.float32))
    np.testing.assert_array_equal(total, 0.3 + halves.astype(np.float64) * 0.7)
    bare = np.zeros(2)
    _kernels.add_weighted(bare, np.array([np.nan, 1], np.float16), 0.7, np.zeros(256, np.float32))
    assert not _kernels.divide_sums(bare, 0.7, np.empty(2, np.float32))


def test_means_of_means_do_not_share_what_they_sum_on(tmp_path):
    sets = []
    for m in range(3):
        for fold in range(2):
            write(tmp_path / str(m), "test", fold, IDS, masks(2 * m + fold, 0.0), "float16")
        sets.append(PredictionSet(tmp_path / str(m)).mean_masks("test"))
    mixed = mix_masks(sets, [0.2, 0.3, 0.5])
    for i, (height, _) in enumerate(SIZES):
        bands = [one.band(i, 0, height) for one in sets]
        expected = plain_mean(bands, [0.2, 0.3, 0.5])
        np.testing.assert_array_equal(mixed.band(i, 0, height), expected)
