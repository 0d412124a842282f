"""Tables with a column for each image are turned; others stay as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_masks import photo, text

SPECIES = ["thrift", "red fescue", "stonecrop"]
N_TRAIN = 12


def present(number: int) -> list[int]:
    return [int(number % 2 == 0), int(number % 3 == 0), int(number % 4 < 2)]


def host(root: Path, first: str = "species", names: str = "P{:03}") -> Inferred:
    """Write plots, a table of species by plot, and a sample with a row a plot."""
    data = root / "data"
    for number in range(N_TRAIN + 4):
        part = "train" if number < N_TRAIN else "test"
        photo(data / part / f"P{number:03}.png", number, (8, 8))
    header = [first, *(names.format(number) for number in range(N_TRAIN))]
    rows = [
        [species, *(present(number)[k] for number in range(N_TRAIN))]
        for k, species in enumerate(SPECIES)
    ]
    text(data / "species.csv", ",".join(header), *(",".join(map(str, row)) for row in rows))
    to_send = [f"P{number:03},0,0,0" for number in range(N_TRAIN, N_TRAIN + 4)]
    text(data / "sample_submission.csv", ",".join(["plot", *SPECIES]), *to_send)
    return infer(data, root)


@pytest.mark.parametrize("names", ["P{:03}", "P{:03}.png"])
def test_a_column_for_each_image_becomes_a_row(tmp_path: Path, names: str) -> None:
    competition = host(tmp_path, names=names).competition
    assert competition.tasks == {"classify": "multilabel"}
    assert competition.classes == SPECIES
    assert competition.to_choose == ["submission.value"]  # zeros alone show no form
    samples = load_samples(competition, "train")
    read = {
        Path(one[0]).stem: label
        for one, label in zip(samples["images"], samples["label"], strict=True)
    }
    made = pd.read_csv(tmp_path / str(competition.data.train.table))
    assert len(made) == len(read) == N_TRAIN
    for number, row in enumerate(made[SPECIES].to_numpy()):
        assert np.array_equal(row, present(number))


def test_a_table_of_other_columns_stays_as_it_is(tmp_path: Path) -> None:
    """Numbers as columns are no images where most of them name none."""
    data = tmp_path / "data"
    for number in range(8):
        photo(data / "train" / f"{number}.png", number, (8, 8))
    photo(data / "test" / "9.png", 9, (8, 8))
    columns = ",".join(f"{band}" for band in range(400, 440))
    text(data / "spectra.csv", f"material,{columns}", *(f"m{n}" + ",1" * 40 for n in range(3)))
    rows = (f"{number},{'ab'[number % 2]}" for number in range(8))
    text(data / "train.csv", "image,label", *rows)
    found = infer(data, tmp_path)
    assert found.competition.classes == ["a", "b"]
    assert not found.made
