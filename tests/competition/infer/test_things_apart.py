"""A column, or a part of the ids, of which a text says that test has others, is the group."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PIL import Image

from podium.competition.infer.spec import Inferred, infer

N_TEST = 24


def read(
    root: Path, text: str, column: str = "field", *, groups: int = 8, name: str = "i{k:02}"
) -> Inferred:
    """Return what is inferred of six images of each group in any order, and a README."""
    data = root / "data"
    drawn = random.Random(7)
    images = {name.format(k=k, g=k // 6): k // 6 for k in range(6 * groups)}
    for part, names in (("train", images), ("test", [f"n{k}" for k in range(N_TEST)])):
        (data / part).mkdir(parents=True)
        for k, one in enumerate(names):
            Image.new("RGB", (8, 8), (k * 4, 9, len(part))).save(data / part / f"{one}.png")
    rows = [
        ",".join([one, *([f"{g}"] if column else []), drawn.choice(["cat", "dog", "eel"])])
        for one, g in images.items()
    ]
    drawn.shuffle(rows)
    header = ",".join(["id", *([column] if column else []), "label"])
    (data / "train.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    sent = ["id,label", *(f"n{k},cat" for k in range(N_TEST))]
    (data / "sample_submission.csv").write_text("\n".join(sent) + "\n")
    (data / "README.md").write_text(text, encoding="utf-8")
    return infer(data, root)


def is_group_open(found: Inferred) -> bool:
    return any("choose folds.group" in one for one in found.notes)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("The test images come from other fields than the training images.", "field"),
        ("Test images come from other trees.", "Tree_ID"),
        ("No tree appears in both train and test.", "tree"),
        ("Trees of the test set do not occur in train.", "tree"),
        ("The data was split by tree.", "tree"),
        ("Train and test trees are disjoint.", "tree"),
        ("Die Testbilder stammen von anderen Bäumen als die Trainingsbilder.", "baum"),
        ("Kein Feld kommt in beiden Teilen vor.", "feld"),
        ("Les images de test proviennent d'autres parcelles.", "parcelle"),
        ("Las imágenes de prueba son de otras parcelas.", "parcela_id"),
        ("Test görüntüleri başka tarlalardan alınmıştır.", "tarla"),
        ("Тестовые снимки сделаны на других полях.", "поле"),
        ("テスト画像は別の畑のものです。", "畑"),
        ("評価用画像は別の圃場で撮影されました。`fid`(圃場番号)", "fid"),
        (
            "The test images come from other plots. `parc_nr` (number of the plot)",
            "parc_nr",
        ),
        ("Zdjęcia testowe pochodzą z innego mikroskopu.", "mikroskop"),
        ("Les images de test proviennent d'un autre microscope.", "microscope"),
        ("Images of one microscope belong together.", "microscope"),
        ("Zdjęcia z jednego mikroskopu należą do siebie.", "mikroskop"),
        ("Bilder eines Mikroskops gehören zusammen.", "mikroskop"),
        ("Снимки одного поля относятся друг к другу.", "поле"),
        ("同じ畑の画像はひとまとまりです。", "畑"),
    ],
)
def test_a_column_of_which_test_has_others_is_the_group(
    tmp_path: Path, text: str, column: str
) -> None:
    found = read(tmp_path, text, column)
    assert (found.competition.folds.scheme, found.competition.folds.group) == (
        "stratified_group",
        column,
    )
    assert "as README.md says" in " ".join(found.text.replace("#", "").split())
    assert not is_group_open(found)


@pytest.mark.parametrize(
    "text",
    [
        "The test images come from the same fields.",
        "The test images do not come from other fields.",
        "Train and test share the same fields.",
        "The table of test has no column field, other than train.",
        "Test images were taken with another camera on the fields.",
        "The test images are different. See field in the table.",
        "Images of one field do not belong together.",
        "The columns field and label belong together.",
    ],
)
def test_a_text_of_the_same_things_makes_no_group_of_a_column(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert is_group_open(found) == is_group_open(read(tmp_path / "without", ""))
    assert "README.md says" not in found.text


def test_few_things_that_a_text_tells_of_are_as_many_folds_and_two_are_a_note(
    tmp_path: Path,
) -> None:
    text = "Test images come from other cameras than train."
    folds = read(tmp_path / "three", text, "camera", groups=3).competition.folds
    assert (folds.n, folds.group) == (3, "camera")
    two = read(tmp_path / "two", text, "camera", groups=2)
    assert two.competition.folds.group is None
    assert any("camera has 2 values alone" in one for one in two.notes)


def test_the_beginning_of_ids_is_the_thing_that_a_text_tells_of(tmp_path: Path) -> None:
    text = "The test images come from other trees."
    found = read(tmp_path / "t", text, "", name="t{g:02}_{k}")
    assert found.competition.folds.group == "id={group}_*"
    assert not is_group_open(found)
    other = read(tmp_path / "x", text, "", name="x{g:02}_{k}")
    assert other.competition.folds.group == "id={group}_*"
    assert is_group_open(other)
    assert read(tmp_path / "none", "", "", name="t{g:02}_{k}").competition.folds.group is None
