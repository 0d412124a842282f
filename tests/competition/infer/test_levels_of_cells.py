"""Cells of several levels have the answers that a sample asks for in columns of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

KINDS = (("Birch", "grey alder"), ("Birch", "hazel"), ("Beech", "sweet chestnut"))
N, N_TRAIN = 36, 24


def trees(data: Path, sign: str, answers: Sequence[str], sent: Sequence[str]) -> None:
    """Write names of trees with what they belong to in one cell, and remarks on some of them."""
    for n in range(N):
        put(data / f"photos/t{n:02}.jpg", n)
    rows = [
        (f"t{n:02}", sign.join(("Plants", *KINDS[n % 3])), ("", "cut down last year", "wet")[n % 3])
        for n in range(N_TRAIN)
    ]
    table(data / "trees.tsv", ("tree", "determination", "remarks"), *rows, sign="\t")
    table(
        data / "to_fill_in.csv", ("tree", *answers), *((f"t{n}", *sent) for n in range(N_TRAIN, N))
    )


@pytest.mark.parametrize("sign", [" > ", "/", "|"])
def test_the_lowest_level_that_the_sample_asks_for_is_the_label(tmp_path: Path, sign: str) -> None:
    trees(tmp_path / "data", sign, ["family", "species"], ["Birch", "hazel"])
    found, notes = begin(tmp_path)
    assert found.data.train.label == "species"
    labels = dict(zip(*(load_samples(found, "train")[one] for one in ("id", "label")), strict=True))
    names = sorted(name for _, name in KINDS)
    assert list(found.classes) == names
    assert {id_: names[label] for id_, label in labels.items()} == {
        f"t{n:02}": KINDS[n % 3][1] for n in range(N_TRAIN)
    }
    assert len(load_samples(found, "test")) == N - N_TRAIN
    assert (
        f"trees.tsv with 'family', 'species', as determination has them between {sign.strip()!r}"
        in notes
    )


def test_a_sample_with_one_of_the_levels_is_read(tmp_path: Path) -> None:
    trees(tmp_path / "data", " > ", ["family"], ["Birch"])
    found, _ = begin(tmp_path)
    assert (found.data.train.label, list(found.classes)) == ("family", ["Beech", "Birch"])


def test_lists_of_two_names_have_no_levels(tmp_path: Path) -> None:
    data = tmp_path / "data"
    trees(data, "/", ["first"], ["hazel"])
    rows = [(f"t{n:02}", ("hazel/oak", "oak/hazel", "ash/oak")[n % 3]) for n in range(N_TRAIN)]
    table(data / "trees.tsv", ("tree", "label"), *rows, sign="\t")
    assert begin(tmp_path)[0].data.train.label == "label"


def test_remarks_on_some_images_are_no_label_where_another_column_may_be(tmp_path: Path) -> None:
    data = tmp_path / "data"
    trees(data, " > ", ["family"], ["Birch"])
    (data / "to_fill_in.csv").unlink()
    for n in range(N, N + 6):
        put(data / f"test/t{n:02}.jpg", n)
    found, _ = begin(tmp_path)
    assert found.data.train.label == "determination"
