"""Labels in names of train, beside tables that know other facts of what the images show."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

N, N_TEST = 30, 8
GRADES = "ABCDE"


def plate(n: int) -> str:
    return f"GP-{1000 + n}"


def plates(
    data: Path, *, sides: tuple[str, ...] = ("recto", "verso"), per: str = "plate", first: int = 0
) -> None:
    """Write scans called by plate, side and, in train, grade; a register; and a sample."""
    for n in range(N):
        for k, side in enumerate(sides):
            put(data / f"train/{plate(n)}_{side}_{GRADES[(n + first) % 5]}.png", 10 * n + k)
    for n in range(N, N + N_TEST):
        for k, side in enumerate(sides):
            put(data / f"test/{plate(n)}_{side}.png", 10 * n + k)
    rows = [(plate(n), 1880 + n % 4, ("9 x 12", "13 x 18")[n % 2]) for n in range(N + N_TEST)]
    table(data / "register.csv", ("Inventory no.", "Year", "Format (cm)"), *rows)
    ids = [plate(n) for n in range(N, N + N_TEST)]
    if per == "scan":
        ids = [f"{one}_{side}" for one in ids for side in sides]
    table(data / "submission_format.csv", ("no", "grade"), *((one, "B") for one in ids))


def grades_of(root: Path) -> dict[str, set[str]]:
    """Return the grades that are read, by plate."""
    found, _ = begin(root)
    assert not {"data.train.label", "submission.value"} & {*found.to_choose}
    read: dict[str, set[str]] = {}
    for name, grade in load_samples(found, "train")[["id", "label"]].itertuples(index=False):
        read.setdefault(name.rpartition("/")[2].split("_")[0], set()).add(found.classes[grade])
    return read


@pytest.mark.parametrize("per", ["plate", "scan"])
def test_the_word_that_names_of_train_alone_have_is_the_label(tmp_path: Path, per: str) -> None:
    plates(tmp_path / "data", per=per)
    assert grades_of(tmp_path) == {plate(n): {GRADES[n % 5]} for n in range(N)}


def test_a_row_of_the_sample_is_a_plate_of_several_scans(tmp_path: Path) -> None:
    plates(tmp_path / "data")
    found, told = begin(tmp_path)
    samples = load_samples(found, "test")
    assert sorted({*samples["unit"]}) == [plate(n) for n in range(N, N + N_TEST)]
    assert "names to predict, as GP-1030_recto.png, lack the grade" in told
    # What the register tells of train stays at hand, as for groups.
    made = pd.read_csv(tmp_path / "made/tables/names.csv")
    assert [*made] == ["Inventory no.", "Year", "Format (cm)", "grade"]


def test_a_column_with_the_words_of_the_sample_is_the_label_before_names(tmp_path: Path) -> None:
    data = tmp_path / "data"
    plates(data, first=1)
    rows = [(plate(n), GRADES[n % 5]) for n in range(N)]
    table(data / "graded.csv", ("Inventory no.", "Condition"), *rows)
    assert grades_of(tmp_path) == {plate(n): {GRADES[n % 5]} for n in range(N)}


def test_a_word_that_names_to_predict_have_too_is_no_label(tmp_path: Path) -> None:
    data = tmp_path / "data"
    plates(data)
    for one in sorted((data / "test").iterdir()):
        one.rename(one.with_name(f"{one.stem}_B.png"))
    with pytest.raises(DataError, match="asks for 'grade'") as error:
        begin(tmp_path)
    assert "lack the grade" not in str(error.value)


def test_a_placeholder_that_names_have_by_chance_is_no_label(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / f"train/{n:04}_{n % 3}.png", n)
    for n in range(100, 106):
        put(data / f"test/{n:04}.png", n)
    rows = ((f"{n:04}", ("benign", "malign")[n // 3 % 2]) for n in range(24))
    table(data / "train.csv", ("id", "diagnosis"), *rows)
    sent = ((f"{n:04}", 0) for n in range(100, 106))
    table(data / "sample_submission.csv", ("id", "target"), *sent)
    _, told = begin(tmp_path)
    assert "lack the target" not in told


def test_a_sample_whose_ids_are_called_image(tmp_path: Path) -> None:
    data = tmp_path / "data"
    plates(data)
    ids = [plate(n) for n in range(N, N + N_TEST)]
    table(data / "submission_format.csv", ("image", "grade"), *((one, "B") for one in ids))
    found, _ = begin(tmp_path)
    assert sorted({*load_samples(found, "test")["unit"]}) == ids
    assert grades_of(tmp_path) == {plate(n): {GRADES[n % 5]} for n in range(N)}


TREES = ("oak", "sweetgum", "ash")
SPELT = (("oak", "OAK", "Oak"), ("sweetgum", "sweet-gum", "SweetGum"), ("ash", "ASH", "Ash"))


def leaves(data: Path, sign: str = "_", test: str = "leaf") -> dict[str, tuple[str, str]]:
    """Write leaves called by tree, plot and number; return the tree and the plot of each."""
    known = {}
    for plot in range(24):
        tree, spelt = TREES[plot % 3], SPELT[plot % 3][plot // 3 % 3]
        for n in (1, 2):
            name = f"{spelt}{sign}plot{plot:02}{sign}{n}"
            put(data / f"train/{name}.{('jpg', 'JPG')[n - 1]}", 10 * plot + n)
            known[name] = (tree, f"plot{plot:02}")
        (data / f"train/._{name}.jpg").write_bytes(b"\0\5\x16\7 of macOS")
    for n in range(8):
        put(data / f"test/{test}_{n:03}.jpg", 1000 + n)
    rows = [(f"{test}_{n:03}", *(1 / 3,) * 3) for n in range(8)]
    table(data / "sample_submission.csv", ("id", *TREES), *rows)
    return known


def test_classes_of_the_sample_in_several_spellings_begin_names(tmp_path: Path) -> None:
    known = leaves(tmp_path / "data")
    found, told = begin(tmp_path)
    assert not found.to_choose
    samples = load_samples(found, "train")
    cells = zip(samples["id"], samples["label"], samples["group"], strict=True)
    read = {Path(name).stem: (found.classes[label], plot) for name, label, plot in cells}
    assert read == known
    assert len(load_samples(found, "test")) == 8
    assert "the classes of sample_submission.csv that names of images begin with" in told


def test_names_to_predict_that_begin_with_a_class_make_these_no_label(tmp_path: Path) -> None:
    leaves(tmp_path / "data", test="OAK")
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)


def test_a_table_with_the_classes_is_before_those_that_names_begin_with(tmp_path: Path) -> None:
    known = leaves(tmp_path / "data")
    paths = {
        one.stem: one.name for one in (tmp_path / "data/train").iterdir() if one.name[0] != "."
    }
    trees = dict(zip(TREES, (*TREES[1:], TREES[0]), strict=True))
    rows = [(paths[name], trees[tree]) for name, (tree, _) in known.items()]
    table(tmp_path / "data/train.csv", ("file", "tree"), *rows)
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    read = {
        Path(name).stem: found.classes[label]
        for name, label in zip(samples["id"], samples["label"], strict=True)
    }
    assert read == {name: trees[tree] for name, (tree, _) in known.items()}
