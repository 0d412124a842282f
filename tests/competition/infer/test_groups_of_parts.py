"""A second table with a row an image, split by its part: what test has others of is the group."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import put, table

N_TRAIN, N = 40, 60
PROPERTIES = ("clarity", "depth")


def _jars(data: Path, column: str, value_of: Callable[[int], str]) -> None:
    """Write photographs of jars of honey, a list of all with a column, and long rows of measures.

    Every ninth has one measure alone.
    """
    names = [f"jar{n:03}" for n in range(N)]
    for n, name in enumerate(names):
        put(data / f"photos/{name}.png", n)
    parts = ["train" if n < N_TRAIN else "test" for n in range(N)]
    rows = [(name, value_of(n), parts[n]) for n, name in enumerate(names)]
    table(data / "jars.csv", ("jar", column, "split"), *rows)
    measured = [
        (name, PROPERTIES[k], f"{(7 * n + 3 * k) % 31 + 0.5}")
        for n, name in enumerate(names[:N_TRAIN])
        for k in range(1 if n % 9 == 8 else 2)
    ]
    table(data / "measures.csv", ("jar", "property", "value"), *measured)
    sent = [(f"{name}_{one}", "0") for name in names[N_TRAIN:] for one in PROPERTIES]
    table(data / "sample_submission.csv", ("jar_property", "value"), *sent)


@pytest.mark.parametrize("column", ["filling", "patient"])
def test_what_test_has_others_of_is_the_group(tmp_path: Path, column: str) -> None:
    _jars(tmp_path / "data", column, lambda n: f"F{n // 4:02}")
    found = infer(tmp_path / "data", tmp_path)
    assert (found.competition.folds.scheme, found.competition.folds.group) == (
        "stratified_group",
        column,
    )
    groups = list(load_samples(found.competition, "train")["group"])
    assert groups == [f"F{n // 4:02}" for n in range(N_TRAIN)]


@pytest.mark.parametrize("column", ["filling", "patient"])
def test_what_train_and_test_share_is_no_group(tmp_path: Path, column: str) -> None:
    _jars(tmp_path / "data", column, lambda n: f"F{n % 10:02}")
    found = infer(tmp_path / "data", tmp_path)
    assert found.competition.folds.group is None


@pytest.mark.parametrize(("offset", "group"), [(10, "place"), (0, None)])
def test_a_table_beside_the_labels_groups_where_test_has_its_own_without_what_is_of_train_alone(
    tmp_path: Path, offset: int, group: str | None
) -> None:
    data, names = tmp_path / "data", [f"jar{n:03}" for n in range(N)]
    for n, name in enumerate(names):
        put(data / f"{'train' if n < N_TRAIN else 'test'}/{name}.png", n)
    first = [(name, f"C{n % 8:02}", f"{40 + n}") for n, name in enumerate(names)]
    facts = [(*one, f"{n % 3}") for n, one in enumerate(first[:N_TRAIN])]
    others = [(name, f"C{n % 8 + offset:02}", f"{40 + n}") for n, name in enumerate(names)]
    table(data / "train_about.csv", ("jar", "place", "weight", "thickness"), *facts)
    table(data / "test_about.csv", ("jar", "place", "weight"), *others[N_TRAIN:])
    labels = [(name, str(n % 2)) for n, name in enumerate(names[:N_TRAIN])]
    table(data / "train_labels.csv", ("jar", "relapse"), *reversed(labels))
    table(data / "format.csv", ("jar", "relapse"), *((one, "0.5") for one in names[N_TRAIN:]))
    found = infer(data, tmp_path)
    assert found.competition.folds.group == group
