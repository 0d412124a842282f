"""Rows of images that name each other, as the two eyes of a person, are a group of folds."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table


@pytest.mark.parametrize("is_pair", [True, False])
def test_rows_that_name_each_other_are_a_group(tmp_path: Path, is_pair: bool) -> None:
    data = tmp_path / "data"
    ids = [f"E{n * 37 % 100:02}" for n in range(32)]
    for n, name in enumerate(ids):
        put(data / f"{'train' if n < 26 else 'test'}/{name}.png", n)
    # The first 20 are of ten people; a chain of rows, each of which names the next, is no pair.
    other = {one: ids[n + 1 - 2 * (n % 2)] for n, one in enumerate(ids[:20])}
    if not is_pair:
        other = {one: ids[n + 1] for n, one in enumerate(ids[:20])}
    rows = [(one, "RG" if n % 3 else "NRG", other.get(one, "")) for n, one in enumerate(ids[:26])]
    table(data / "labels.csv", ("Eye ID", "Final label", "Fellow eye"), *rows)
    table(data / "sample_submission.csv", ("Eye ID", "Final label"), *((x, "RG") for x in ids[26:]))
    found, notes = begin(tmp_path)
    assert found.folds.group == ("Fellow eye group" if is_pair else None)
    assert ("10 pairs of rows name each other in Fellow eye" in notes) == is_pair
    if is_pair:
        samples = load_samples(found, "train")
        groups = dict(zip(samples["id"], samples["group"], strict=True))
        assert all(groups[one] == groups[two] for one, two in other.items())
        assert len({*groups.values()}) == 10 + 6
