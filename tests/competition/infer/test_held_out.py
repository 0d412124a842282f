"""Labelled images without any to predict: the refusal has the command that holds a part out."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from command_line import podium
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.errors import DataError


def command_of(error: DataError) -> list[str]:
    found = re.search(r"podium (host init .*?); it hides", str(error))
    assert found is not None, error
    return shlex.split(found[1])


def test_the_command_of_the_refusal_holds_a_fifth_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    for n in range(40):
        put(data / f"{('fir', 'oak')[n % 2]}/{n}.png", n)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="hold out a fifth of the labelled images") as raised:
        begin(tmp_path)
    podium(tmp_path, *command_of(raised.value))
    [host] = tmp_path.glob("*-held-out")
    work = tmp_path / "work"
    work.mkdir()
    podium(work, "init", host / "files")
    found = load_competition(work)
    assert (len(load_samples(found, "train")), len(load_samples(found, "test"))) == (32, 8)
    solution = pd.read_csv(host / "solution.csv", dtype=str)
    assert sorted(solution["label"].value_counts()) == [4, 4]


def test_the_command_names_the_label_where_several_columns_may_be_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = [(n, ("fir", "oak")[n % 2], ("north", "south")[n % 3 % 2]) for n in range(40)]
    for n, *_ in rows:
        put(data / f"images/p{n}.png", n)
    table(data / "trees.csv", ("id", "what", "where"), *((f"p{n}", *one) for n, *one in rows))
    with pytest.raises(DataError) as raised:
        begin(tmp_path)
    command = command_of(raised.value)
    assert set(command[command.index("--label") + 1 :]) == {"where,", "or", "--label", "what"}


def test_a_table_of_further_images_comes_before_a_part_held_out(tmp_path: Path) -> None:
    """They are what is to be predicted, more likely."""
    data = tmp_path / "data"
    for n in range(40):
        put(data / f"images/p{n}.png", n)
    table(
        data / "train.csv", ("id", "tree"), *((f"p{n}", ("fir", "oak")[n % 2]) for n in range(30))
    )
    table(data / "more.csv", ("id", "note"), *((f"p{n}", "") for n in range(30, 40)))
    with pytest.raises(DataError, match="no images to predict") as raised:
        begin(tmp_path)
    assert "hold out a fifth" not in str(raised.value)
    assert "data: {test:" in str(raised.value)


def _folders_beside_those_of_classes(data: Path) -> None:
    for n in range(40):
        put(data / f"round1/{('fir', 'oak')[n % 2]}/{n}.png", n)
    for n in range(40, 60):
        put(data / f"{('quiz', 'not_seen')[n % 2]}/{n}.png", n)


def _images_beside_those_of_a_table(data: Path) -> None:
    for n in range(60):
        put(data / f"images/p{n}.png", n)
    table(
        data / "trees.csv", ("id", "tree"), *((f"p{n}", ("fir", "oak")[n % 2]) for n in range(40))
    )


@pytest.mark.parametrize(
    "write", [_folders_beside_those_of_classes, _images_beside_those_of_a_table]
)
def test_no_part_is_held_out_where_images_without_a_label_are(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    write(tmp_path / "data")
    with pytest.raises(DataError, match="no images to predict") as raised:
        begin(tmp_path)
    assert "hold out" not in str(raised.value)
