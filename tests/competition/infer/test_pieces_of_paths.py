"""Ids, and cells of columns, whose pieces are pieces of the paths of images."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition.infer.ids.pieces import PathPieces, paths_of_columns, paths_of_ids
from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

DAYS = [datetime.date(2017, 1, 20) + datetime.timedelta(days=3 * n) for n in range(8)]
FLAKES = [(("ALT", "SPR", "JFJ")[n % 3], DAYS[n // 3 % 8], 5 * n % 97 + 1) for n in range(48)]
HABITS = {2: "plate", 4: "star", 7: "graupel"}


def flakes(data: Path, *, lost: int = 0) -> None:
    """Write pictures in a folder of each station and day; ids have the parts of the path."""
    ids = [f"{station}-{day:%y%m%d}-{n:04}" for station, day, n in FLAKES]
    for k, (station, day, n) in enumerate(FLAKES):
        if k >= lost:
            put(data / f"images/{station}/{day}/flake_{n:04}.png", k)
    for station in ("ALT", "SPR"):
        put(data / f"images/{station}/{DAYS[0]}/background.png", 99)
    codes = [*HABITS, 8]
    rows = [(one, f"S{k // 6}", 2 + k % 7, codes[k % 4]) for k, one in enumerate(ids[:36])]
    table(data / "train_meta.csv", ("flake_id", "storm_id", "n_raters", "habit_code"), *rows)
    table(data / "test_meta.csv", ("flake_id", "storm_id"), *((one, "T") for one in ids[36:]))
    legend = [*HABITS.items(), (3, "rosette"), (8, "unresolved"), (5, "x"), (6, "y")]
    table(data / "habit_key.csv", ("code", "name"), *legend)
    names = sorted(HABITS.values())
    sample = [(one, *[0.33] * 3) for one in sorted(ids[36:])]
    table(data / "sample_submission.csv", ("flake_id", *names), *sample)
    (data / "README.md").write_text("Submissions are scored with the logarithmic loss.")


def test_ids_with_a_date_in_another_form_are_the_files_of_their_pieces(tmp_path: Path) -> None:
    flakes(tmp_path / "data")
    found, _ = begin(tmp_path)
    train, test = (load_samples(found, part) for part in ("train", "test"))
    for samples in (train, test):
        for name, (path,) in zip(samples["id"], samples["images"], strict=True):
            station, day, number = name.split("-")
            of_day = datetime.datetime.strptime(day, "%y%m%d").date()
            assert Path(path).parts[-3:] == (station, str(of_day), f"flake_{number}.png")
    assert len(test) == 12


def test_codes_of_a_legend_are_called_as_the_columns_of_the_sample(tmp_path: Path) -> None:
    flakes(tmp_path / "data")
    found, notes = begin(tmp_path)
    assert sorted(found.classes) == sorted(HABITS.values())
    assert "without 9 rows of 'unresolved', which the sample submission has no column for" in notes
    samples = load_samples(found, "train")
    truth = {
        f"{s}-{d:%y%m%d}-{n:04}": [*HABITS.values(), ""][k % 4]
        for k, (s, d, n) in enumerate(FLAKES)
    }
    labels = dict(zip(samples["id"], samples["label"], strict=True))
    assert {
        name: found.classes[int(one)] if str(one).isdecimal() else one
        for name, one in labels.items()
    } == {name: truth[name] for name in labels}


def test_a_few_lost_files_of_such_ids_are_left_out(tmp_path: Path) -> None:
    flakes(tmp_path / "data", lost=2)
    found, notes = begin(tmp_path)
    assert len(found.data.train.exclude) == 2
    assert "are left out: exclude" in notes


PLANTS = [(f"V{n % 4 + 2:02}", 3 + 7 * n % 40) for n in range(30)]


def plants(data: Path) -> None:
    """Write leaves of plants, whose pictures have another order of signs than the plants' ids."""
    for n, (garden, plant) in enumerate(PLANTS):
        part = "photos_train" if n < 22 else "photos_test"
        for leaf in range(1, 3 + n % 3):
            name = f"round{1 + leaf % 2}_{garden.lower()}_c{plant:03}_leaf{leaf}.jpg"
            put(data / part / name, 10 * n + leaf)
    ids = [f"{garden}-C{plant:03}" for garden, plant in PLANTS]
    rows = [(one, 3 + n % 5, ("sick", "well")[n % 2]) for n, one in enumerate(ids[:22])]
    table(data / "results.csv", ("plant", "age", "result"), *rows)
    table(data / "answers_sample.csv", ("plant", "result"), *((one, "well") for one in ids[22:]))


def test_units_are_the_images_whose_names_have_their_pieces(tmp_path: Path) -> None:
    plants(tmp_path / "data")
    found, _ = begin(tmp_path)
    for part, n_plants in (("train", 22), ("test", 8)):
        samples = load_samples(found, part)
        assert samples["unit"].nunique() == n_plants
        for unit, (path,) in zip(samples["unit"], samples["images"], strict=True):
            garden, plant = unit.lower().split("-")
            assert f"_{garden}_{plant}_leaf" in str(path)


LEAVES = [("ABCD"[n % 4], 1 + n // 4 % 3, 1 + n // 12) for n in range(60)]


def leaves(data: Path) -> None:
    """Write leaves of trees of groves, which three columns name; some were graded twice."""
    rows = []
    for n, (grove, tree, leaf) in enumerate(LEAVES):
        put(data / f"photos_train/grove_{grove}/tree_{tree:02}/leaf_{leaf}.jpg", n)
        rows.append((n + 1, grove, tree, leaf, f"{1 + n % 28:02}/10/2023", (0, 1, 3, 5)[n % 4]))
    for n in (3, 17, 40):
        _, grove, tree, leaf, _, grade = rows[n]
        rows.append((len(rows) + 1, grove, tree, leaf, "02/09/2023", 5 - grade))
    for n in range(16):
        put(data / f"photos_test/T{n:03}.jpg", 100 + n)
    header = ("sheet", "grove", "tree", "leaf", "assessed", "grade")
    table(data / "sheets.csv", header, *rows)
    table(data / "sample.csv", ("Id", "grade"), *((f"T{n:03}", 0) for n in range(16)))


TEXT = (
    "Some leaves were graded twice: the most recent one counts. Metric: quadratic weighted kappa."
)


def test_columns_name_images_together_though_test_images_are_called_otherwise(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    leaves(data)
    (data / "README.md").write_text(TEXT)
    found, notes = begin(tmp_path)
    assert "the last grade of each image, as assessed tells, and README.md says" in notes
    samples = load_samples(found, "train")
    wanted = {
        f"grove_{grove}/tree_{tree:02}/leaf_{leaf}.jpg": str((0, 1, 3, 5)[n % 4])
        for n, (grove, tree, leaf) in enumerate(LEAVES)
    }
    labels = {
        "/".join(Path(path).parts[-3:]): found.classes[int(label)]
        for (path,), label in zip(samples["images"], samples["label"], strict=True)
    }
    assert labels == wanted
    assert len(load_samples(found, "test")) == 16


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["ab", "cd", "xyz"]), st.integers(0, 30), st.integers(0, 99)),
        min_size=12,
        max_size=40,
        unique=True,
    )
)
def test_each_id_gets_the_path_that_it_was_made_of(each: list[tuple[str, int, int]]) -> None:
    paths = [f"all/{one.upper()}/day{a:03}/im_{b}" for one, a, b in each]
    ids = [f"{a}.{b:02}-{one}" for one, a, b in each]
    found = paths_of_ids(PathPieces(paths), ids)
    if found is not None:  # of few values pieces may be others, too
        named = [one for one in found if one]
        assert len(named) >= 0.9 * len(ids)
        exact = sum(one == [n] for n, one in enumerate(found))
        assert exact >= 0.5 * len(ids)


@pytest.mark.parametrize("called", ["tree", "visit"])
def test_numbers_of_any_column_do_not_name_paths_that_have_all_combinations(called: str) -> None:
    each = [(a, b) for a in range(1, 6) for b in range(1, 7)]
    paths = PathPieces([f"grove/tree_{a}/leaf_{b}" for a, b in each])
    columns = {called: [str(a) for a, _ in each], "leaf": [str(b) for _, b in each]}
    found = paths_of_columns(paths, columns)
    assert (found is not None) == (called == "tree")


@pytest.mark.parametrize("is_right", [True, False])
def test_numbers_name_paths_that_have_some_combinations_where_all_rows_do(is_right: bool) -> None:
    rng = np.random.default_rng(0)
    cells = rng.permutation(60)[:40]  # of 60: too many to be told by their number alone
    each = [("north" if n % 2 else "south", int(number)) for n, number in enumerate(cells)]
    paths = PathPieces([f"cam_{side}/dsc{number:04}" for side, number in each])
    numbers = [str(number) for _, number in each] if is_right else [*map(str, range(40))]
    columns = {"camera": [side.upper() for side, _ in each], "counter": numbers}
    found = paths_of_columns(paths, columns)
    assert found == ((("camera", "counter"), [*range(40)]) if is_right else None)


def test_folders_of_two_and_of_three_words_are_of_one_form() -> None:
    each = [(a, b) for a in ("ab", "cd") for b in range(3, 60, 4)]
    folders = {"ab": "AB_Old-Mill", "cd": "CD_Upper-Pond-North"}
    paths = PathPieces([f"all/{folders[a]}/leaf_{b:03}" for a, b in each])
    columns = {"site": [a.upper() for a, _ in each], "leaf": [str(b) for _, b in each]}
    assert paths_of_columns(paths, columns) == (("leaf", "site"), [*range(len(each))])


def test_ids_of_one_piece_that_varies_name_no_path() -> None:
    paths = PathPieces([f"images/scan_{n}" for n in range(20)])
    assert paths_of_ids(paths, [f"P-{n}" for n in range(20)]) is None
