"""Values of a column, and class folders, that a text says not to use are left out, or asked of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from tests.competition.infer.test_images_without_masks import chosen
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N = 24, 30
GRADES = ("none", "light", "heavy")


def leaves(data: Path, text: str, column: str, value: Callable[[int], str]) -> dict[str, str]:
    """Write graded leaves with a further column, and return this one of each leaf."""
    for n in range(N):
        put(data / "photos" / f"L{n:02}.png", n)
    of_leaf = {f"L{n:02}": value(n) for n in range(N_TRAIN)}
    rows = [(leaf, GRADES[n * 7 // 2 % 3], one) for n, (leaf, one) in enumerate(of_leaf.items())]
    table(data / "train.csv", ("leaf", "grade", column), *rows)
    sent = [(f"L{n:02}", GRADES[n % 3]) for n in range(N_TRAIN, N)]
    table(data / "sample_submission.csv", ("leaf", "grade"), *sent)
    (data / "README.md").write_text(f"Grade leaves by their damage. {text}\n", encoding="utf-8")
    return of_leaf


def site(n: int) -> str:
    return "ABCD"[n % 4]


LEFT_OUT = [
    ("Images of site B were mislabelled and must not be used for training.", "site", site, "B"),
    ("Please ignore sites B and D: their lamps were broken.", "site", site, "BD"),
    ("The photos of 2026-05-03 must not be used.", "day", lambda n: f"2026-05-0{1 + n % 4}", "3"),
    ("Exclude batch 4, please.", "batch_id", lambda n: str(1 + n % 5), "4"),
    ("Aufnahmen der Kamera K2 bitte nicht verwenden.", "Kamera", lambda n: f"K{n % 4}", "2"),
]


@pytest.mark.parametrize(("text", "column", "value", "gone"), LEFT_OUT)
def test_rows_whose_value_a_text_withdraws_are_left_out(
    text: str, column: str, value: Callable[[int], str], gone: str, tmp_path: Path
) -> None:
    known = leaves(tmp_path / "data", text, column, value)
    found, notes = begin(tmp_path)
    kept = {leaf for leaf, one in known.items() if one[-1] not in gone}
    assert set(load_samples(found, "train")["id"]) == kept
    assert not found.to_choose
    assert f"rows whose {column} is" in notes
    assert "as README.md says" in notes


@pytest.mark.parametrize(
    "text",
    [
        "Images of site B must not be used if they are dark.",
        "Images of site B must not be used commercially.",
        "Site C shows leaves of site B; do not use them.",
    ],
)
def test_a_sentence_with_several_readings_is_a_question(text: str, tmp_path: Path) -> None:
    leaves(tmp_path / "data", text, "site", site)
    found = infer(tmp_path / "data", tmp_path)
    assert found.competition.to_choose == ["data.train.exclude_where"]
    assert len(load_samples(found.competition, "train")) == N_TRAIN
    assert "# or exclude_where: {site: [B]}" in found.text
    other = chosen(found, tmp_path, data__train__exclude_where={"site": ["B"]})
    assert len(load_samples(other, "train")) == N_TRAIN * 3 // 4


@pytest.mark.parametrize(
    "text",
    [
        "Site B has a new lamp. Do not use other data.",
        "Site B was not excluded.",
        "In the test set, site B was left out.",
        "Do not use the site.",
    ],
)
def test_a_value_that_no_sentence_withdraws_stays(text: str, tmp_path: Path) -> None:
    leaves(tmp_path / "data", text, "site", site)
    found, _ = begin(tmp_path)
    assert (len(load_samples(found, "train")), found.to_choose) == (N_TRAIN, [])


def trees(data: Path, text: str) -> None:
    for kind in ("oak", "ash", "elm", "test_card"):
        for n in range(8):
            put(data / "train" / kind / f"{kind}{n}.png", n + len(kind) * 100 + ord(kind[0]))
    for n in range(6):
        put(data / "test" / f"q{n}.png", n)
    rows = [(f"q{n}.png", ("oak", "ash", "elm")[n % 3]) for n in range(6)]
    table(data / "sample_submission.csv", ("file", "tree"), *rows)
    (data / "README.md").write_text(f"Name the tree. {text}\n")


@pytest.mark.parametrize(
    "text",
    [
        "The class `test_card` is a calibration target, ignore it.",
        "`test_card` is a calibration target and must not be used.",
        "Images in the folder test_card/ must not be used for training.",
    ],
)
def test_a_class_folder_that_a_text_withdraws_is_left_out(text: str, tmp_path: Path) -> None:
    trees(tmp_path / "data", text)
    found, notes = begin(tmp_path)
    assert found.classes == ["ash", "elm", "oak"]
    assert found.data.train.exclude_where == {"class": ["test_card"]}
    assert len(load_samples(found, "train")) == 24
    assert "8 images in folders called 'test_card' are left out, as README.md says" in notes


def test_a_class_folder_that_may_be_withdrawn_is_a_question(tmp_path: Path) -> None:
    trees(tmp_path / "data", "Ignore the class test_card where it is blurred.")
    found = infer(tmp_path / "data", tmp_path)
    assert found.competition.to_choose == ["classes", "data.train.exclude_where"]
    three = ["ash", "elm", "oak"]
    where = {"class": ["test_card"]}
    other = chosen(found, tmp_path, classes=three, data__train__exclude_where=where)
    assert len(load_samples(other, "train")) == 24


def test_a_class_of_the_sample_is_not_withdrawn(tmp_path: Path) -> None:
    trees(tmp_path / "data", "Ignore the class oak.")
    found, _ = begin(tmp_path)
    assert (len(found.classes), found.to_choose) == (4, [])


@pytest.mark.parametrize(
    "text",
    [
        "Do not use old/train.csv, which is of the first stage.",
        "old/train.csv: 1차 대회 데이터 (참고용, 사용하지 않아도 됩니다)",
    ],
)
def test_a_table_of_other_data_that_is_not_to_be_used_is_no_list_of_rows(
    text: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"{'train' if n < 24 else 'test'}/{n:03}.png", n)
    table(
        data / "train_answers.csv",
        ("index", "a", "b"),
        *((n, n % 2, n % 3 // 2) for n in range(24)),
    )
    table(data / "sample.csv", ("index", "a", "b"), *((n, 0, 0) for n in range(24, 30)))
    # Pixels of smaller images, whose numbers name files by chance.
    (data / "old").mkdir()
    pixels = ((n, "ab"[n % 2], *((7 * n + k) % 24 for k in range(1200))) for n in range(1, 9))
    table(data / "old/train.csv", ("id", "letter", *map(str, range(1200))), *pixels)
    (data / "README.txt").write_text(f"Two letters.\n{text}\n", encoding="utf-8")
    found = infer(data, tmp_path).competition
    assert found.data.train.table == "data/train_answers.csv"
    assert len(load_samples(found, "train")) == 24


def test_a_table_with_a_row_for_each_file_of_an_image_groups_these(tmp_path: Path) -> None:
    data, rows = tmp_path / "data", []
    for n in range(30):
        part = "train" if n < 24 else "test"
        for end in ("vh", "vv"):
            put(data / f"{part}/c{n:03}_{end}.png", n)
            rows += [(f"c{n:03}_{end}", f"c{n:03}", f"R{n // 3}", end)] if n < 24 else []
        if n < 24:
            mask = np.zeros((12, 16), np.uint8)
            mask[2:6, 3 : 5 + n % 7] = 255
            (data / "masks").mkdir(exist_ok=True)
            Image.fromarray(mask).save(data / f"masks/c{n:03}.png")
    table(data / "about.csv", ("image_id", "chip_id", "location", "polarization"), *rows)
    found = infer(data, tmp_path).competition
    samples = load_samples(found, "train")
    assert dict(zip(samples["id"], samples["group"], strict=True)) == {
        f"c{n:03}": f"R{n // 3}" for n in range(24)
    }
