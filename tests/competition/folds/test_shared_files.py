"""Folds of rows that share image files: no file, group or unit crosses them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition.folds import NEVER_VALIDATED, make_folds
from podium.competition.folds.file import describe_unvalidated
from podium.competition.folds.leaks import assert_no_leak, rows_of_fold
from podium.competition.folds.shared_files import tied_rows
from podium.errors import DataError

SCHEME = "shared_files"


def pairs(n_files: int, n_rows: int, seed: int = 0, *, n_animals: int = 0) -> pd.DataFrame:
    """Return pairs of files drawn at random; of `n_animals`, half of the pairs are of one animal.

    The group is the animal of the first file.
    """
    rng = np.random.default_rng(seed)
    animal = np.arange(n_files) % n_animals if n_animals else np.zeros(n_files)
    rows, labels = [], []
    for row in range(n_rows):
        one = int(rng.integers(n_files))
        is_same = row % 2 == 0
        others = [n for n in range(n_files) if n != one]
        if n_animals:
            others = [n for n in others if (animal[n] == animal[one]) == is_same]
        rows.append((one, int(rng.choice(others))))
        labels.append(int(is_same))
    return pd.DataFrame(
        {
            "id": [f"{n:04}" for n in range(n_rows)],
            "images": [tuple(f"{n}.png" for n in row) for row in rows],
            "label": labels,
            "group": [f"A{int(animal[row[0]])}" if n_animals else None for row in rows],
        }
    )


def files_of(samples: pd.DataFrame, rows: np.ndarray) -> set[str]:
    return {path for paths in samples["images"].iloc[rows] for path in paths}


def test_tied_rows_are_the_components_of_the_graph_of_files():
    for seed in range(20):
        samples = pairs(40, 25, seed)
        parts: list[set[str]] = []  # files that rows join, by plain merging of sets
        for paths in samples["images"]:
            joined = [part for part in parts if part & {*paths}]
            parts = [part for part in parts if part not in joined]
            parts.append({*paths}.union(*joined))
        expected = [
            next(n for n, p in enumerate(parts) if row[0] in p) for row in samples["images"]
        ]
        found = tied_rows(samples.drop(columns="group"))
        # The same sets, by whatever number.
        assert len(set(zip(expected, found, strict=True))) == len(parts) == len(set(found))


def test_rows_of_one_group_or_unit_are_tied():
    samples = pd.DataFrame(
        {
            "images": [("a",), ("b",), ("c",), ("d",), ("e", "")],
            "group": ["g", "G ", None, None, None],
            "unit": [None, None, "u", "u", None],
        }
    )
    assert tied_rows(samples).tolist() == [0, 0, 1, 1, 2]


def test_rows_in_small_sets_are_all_validated_and_no_set_is_torn():
    samples = pairs(60, 20).drop(columns="group")
    samples = pd.concat([samples] * 3, ignore_index=True).assign(id=lambda df: df.index.astype(str))
    # Three times the same tied sets, of files of their own.
    samples["images"] = [
        tuple(f"{n // 20}-{path}" for path in paths) for n, paths in enumerate(samples["images"])
    ]
    folds = make_folds(samples, scheme=SCHEME, n=3)
    assert set(folds) == {0, 1, 2}
    assert (pd.Series(folds).groupby(tied_rows(samples)).nunique() == 1).all()
    assert np.bincount(folds).max() - np.bincount(folds).min() <= 2
    assert describe_unvalidated(samples, folds, scheme=SCHEME) is None


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 4), n_animals=st.sampled_from([0, 15]))
def test_what_a_fold_trains_on_has_no_file_and_no_group_of_what_it_validates(seed, n, n_animals):
    samples = pairs(60, 150, seed, n_animals=n_animals)
    folds = make_folds(samples, scheme=SCHEME, n=n, seed=seed)
    validated = []
    for k in range(n):
        train, valid = rows_of_fold(samples, folds, k, scheme=SCHEME)
        validated += [*valid]
        assert len(valid)
        assert not files_of(samples, train) & files_of(samples, valid)
        groups = [set(samples["group"].iloc[rows].dropna()) for rows in (train, valid)]
        assert not groups[0] & groups[1]
        # Every other row is trained on: none is left out without a reason.
        kept = files_of(samples, valid)
        free = [
            row
            for row in range(len(samples))
            if not kept & {*samples["images"].iloc[row]}
            and samples["group"].iloc[row] not in groups[1]
        ]
        assert sorted(train) == free
    assert len(validated) == len(set(validated)) == (folds != NEVER_VALIDATED).sum()


def test_pairs_that_hang_together_are_cut_into_folds_with_the_share_of_each_class():
    samples = pairs(120, 400, n_animals=30)
    assert np.bincount(tied_rows(samples)).max() > 390  # one set: no whole sets could be dealt
    folds = make_folds(samples, scheme=SCHEME, n=3)
    is_in = folds != NEVER_VALIDATED
    # Of files dealt out by chance a ninth of all pairs of different animals stays.
    assert is_in.sum() > 400 / 3
    assert abs(samples["label"][is_in].mean() - 0.5) < 0.01
    sizes = np.bincount(folds[is_in])
    assert sizes.max() < 2 * sizes.min()
    told = describe_unvalidated(samples, folds, scheme=SCHEME)
    assert told is not None
    assert f"{(~is_in).sum()} of 400 are never validated" in told


def test_folds_do_not_depend_on_the_order_of_the_rows():
    samples = pairs(60, 150)
    by_id = dict(zip(samples["id"], make_folds(samples, scheme=SCHEME, n=3), strict=True))
    other = samples.sample(frac=1, random_state=1)
    assert dict(zip(other["id"], make_folds(other, scheme=SCHEME, n=3), strict=True)) == by_id


def test_the_same_pair_twice_is_in_one_fold():
    samples = pairs(60, 150)
    twice = pd.concat([samples, samples.assign(id="x" + samples["id"])], ignore_index=True)
    folds = make_folds(twice, scheme=SCHEME, n=3)
    assert (folds[:150] == folds[150:]).all()


def test_a_file_of_nearly_all_rows_is_refused():
    samples = pairs(60, 150)
    samples["images"] = [(*paths, "map.png") for paths in samples["images"]]
    with pytest.raises(DataError, match="share so many files") as raised:
        make_folds(samples, scheme=SCHEME, n=2)
    assert "leave a file that most rows have out of data.train.images" in str(raised.value.fix)


def test_rows_without_files_are_refused():
    with pytest.raises(DataError, match="needs the image files"):
        make_folds(pd.DataFrame({"id": list("abcd"), "label": [0, 1, 0, 1]}), scheme=SCHEME, n=2)


def test_the_leak_of_pairs_names_the_scheme_that_parts_them():
    samples = pairs(10, 40)
    with pytest.raises(DataError, match="image files are in training") as raised:
        assert_no_leak(samples[:20], samples[20:], fold=0)
    assert "scheme: shared_files" in str(raised.value.fix)
