"""`podium init` lists what its reading does not explain."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.checks.joined_classes import joined_classes
from podium.workflows.contradictions import contradictions
from podium.workflows.initialising import initialise

NAMES = ("rust", "scab", "mould")


def photographs(data: Path) -> None:
    """Write 24 images of train in a table, 6 of test, and a sample submission."""
    rng = np.random.default_rng(0)
    for part, at in (("train", range(24)), ("test", range(24, 30))):
        (data / part).mkdir(parents=True)
        for n in at:
            pixels = rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(data / part / f"leaf_{n:03}.png")
    rows = [f"leaf_{n:03},{NAMES[n % 3]}" for n in range(24)]
    (data / "train.csv").write_text("\n".join(["id,label", *rows, ""]))
    rows = [f"leaf_{n:03},rust" for n in range(24, 30)]
    (data / "sample_submission.csv").write_text("\n".join(["id,label", *rows, ""]))


def against(root: Path) -> str:
    """Return the lines that `podium init` prints of what speaks against its reading."""
    made = initialise(str(root / "data"), root / "ws")
    return "\n".join(contradictions(made.competition, made.samples, made.unread))


def _as_they_are(data: Path) -> None:
    del data


def _with_masks_of_test(data: Path) -> None:
    for file in [*data.glob("test/*.png")][:3]:
        Image.new("L", (16, 16)).save(file.with_name(f"{file.stem}_mask.png"))


def _with_a_copy(data: Path) -> None:
    shutil.copytree(data / "train", data / "data" / "train")


@pytest.mark.parametrize("change", [_as_they_are, _with_masks_of_test, _with_a_copy])
def test_reading_that_explains_all_has_nothing_against_it(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    photographs(tmp_path / "data")
    change(tmp_path / "data")
    assert against(tmp_path) == ""


def _without_a_row_of_the_sample(data: Path) -> None:
    file = data / "sample_submission.csv"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))


def _without_rows_of_train(data: Path) -> None:
    file = data / "train.csv"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-3]))


def _with_sets_of_classes(data: Path) -> None:
    file = data / "train.csv"
    text = file.read_text().replace("003,rust", "003,rust / scab")
    file.write_text(text.replace("004,scab", "004,scab / mould"))


def _with_other_answers(data: Path) -> None:
    file = data / "sample_submission.csv"
    text = file.read_text().replace("024,rust", "024,Rost").replace(",rust", ",Schorf")
    file.write_text(text)


def _with_lists_of_other_answers(data: Path) -> None:
    for name, old, new in (
        ("train.csv", ",scab", ",scab rust"),
        ("sample_submission.csv", "027,rust", "027,11 22"),
        ("sample_submission.csv", ",rust", ",11"),
    ):
        (data / name).write_text((data / name).read_text().replace(old, new))


def _with_drawings(data: Path) -> None:
    for file in [*data.glob("train/*.png")]:
        shutil.copy(file, file.with_name(f"{file.stem}_chart.png"))
        file.rename(file.with_name(f"{file.stem}_hh.png"))
    for file in [*data.glob("test/*.png")]:
        file.rename(file.with_name(f"{file.stem}_hh.png"))
    rows = [f"leaf_{n:03}_{end},{NAMES[n % 3]}" for n in range(24) for end in ("hh", "chart")]
    (data / "train.csv").write_text("\n".join(["id,label", *rows, ""]))
    file = data / "sample_submission.csv"
    file.write_text(file.read_text().replace(",rust", "_hh,rust"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_without_a_row_of_the_sample, "lacks 1 of 6 test images: 'leaf_029'"),
        (_without_rows_of_train, "3 pictures among those of train are of no part, as train/leaf_0"),
        (_with_sets_of_classes, "names of others, joined: 2: 'rust / scab', 'scab / mould'"),
        (
            _with_other_answers,
            "2 answers of the sample submission in 'label', and none is a class: ",
        ),
        (_with_lists_of_other_answers, "none is a class: '11', '11 22'; classes are 'mould', "),
        (_with_drawings, "24 files of train end in 'chart', and none of test"),
    ],
)
def test_what_a_reading_does_not_explain_is_told(
    tmp_path: Path, change: Callable[[Path], None], told: str
) -> None:
    photographs(tmp_path / "data")
    change(tmp_path / "data")
    assert told in against(tmp_path)


@pytest.mark.parametrize("answers", [("rust", "Rost"), ("Rost", "Rost"), ("Rost", "")])
def test_a_placeholder_and_classes_beside_other_names_are_no_contradiction(
    tmp_path: Path, answers: tuple[str, str]
) -> None:
    photographs(tmp_path / "data")
    rows = [f"leaf_{n:03},{answers[n % 2]}" for n in range(24, 30)]
    (tmp_path / "data/sample_submission.csv").write_text("\n".join(["id,label", *rows, ""]))
    assert "none is a class" not in against(tmp_path)


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (["red", "white", "red/white"], ("", ())),  # one may be a class of its own
        (["a b", "b c", "c d"], ("", ())),  # the parts are no classes
        (["a", "b", "a b", "b a"], (" ", ("a b", "b a"))),
        (["ひび", "汚れ", "ひび、汚れ", "汚れ、ひび"], ("、", ("ひび、汚れ", "汚れ、ひび"))),
    ],
)
def test_classes_are_joined_where_all_parts_are_classes(
    classes: list[str], expected: tuple[str, tuple[str, ...]]
) -> None:
    assert joined_classes(classes) == expected
