"""Blank cells of lists, and a word for none, are images without a class where something says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.errors import DataError
from podium.workflows.checking import check_format
from podium.workflows.choosing import answer
from podium.workspace.layout import Workspace

N = 32
TAGS = {f"d{n:02}": ["red", "blue", "sand"][: n % 4] for n in range(N)}
"""Up to three tags of an image; of every fourth none."""


def stalls(data: Path, text: str, *, none: str = "", sent: str = "red blue") -> None:
    for n in range(N + 6):
        put(data / ("train" if n < N else "test") / f"d{n:02}.png", n)
    rows = [(name, " ".join(tags) or none) for name, tags in TAGS.items()]
    table(data / "train.csv", ("photo", "tags"), *rows)
    cells = [sent, *["red blue"] * 5]
    rows = [(f"d{N + n}", cell) for n, cell in enumerate(cells)]
    table(data / "sample_submission.csv", ("photo", "tags"), *rows)
    (data / "README.md").write_text(text)


def labels_of(root: Path) -> dict[str, set[str]]:
    found = load_competition(root / "competition.yaml")
    train = load_samples(found, "train")
    return {
        name: {found.classes[place] for place in np.flatnonzero(row)}
        for name, row in zip(train["id"], train["label"], strict=True)
    }


SAID = [
    "A photo may have any number of tags, also none.",
    "Some photos have no tags.",
    "Write an empty list where you predict no label.",
    "Photos without tags score 1 if none is predicted and 0 otherwise.",
    "Each row has zero or more labels.",
    "An image may show none of these classes.",
    "Some photos have no concepts.",
    "An image may have no findings.",
    "Zero or more concepts are assigned to a photo.",
    "Einem Foto sind null oder mehrere Schlagwörter zugeordnet.",
    "Manche Fotos haben keine Merkmale.",
    "Chaque photo a zéro ou plusieurs concepts.",
    "Hay fotos sin atributos.",
    "Каждому снимку присвоено ноль или несколько понятий.",
    "每张图片有零个或多个标签。",
    "概念がない写真もあります。",
    "`tags` (list of tags, separated by a blank; empty if there are none).",
    "Leave the cell blank where there are no tags.",
    "Setiap foto memiliki kategori, atau tidak ada satu pun.",
    "`tags` (daftar benda, dipisahkan spasi; kosong bila tidak ada).",
    "Biarkan `tags` kosong bila tidak ada.",
    "Die Kategorien eines Fotos; leer, wenn es keine gibt.",
    "Les concepts de la photo : vide s'il n'y en a pas.",
    "Conceptos de la foto, vacío si no hay ninguno.",
    "Pojęcia na zdjęciu; puste, jeśli brak.",
    "Категорий может быть несколько: пусто, если их нет.",
    "照片的标签，用空格分隔；没有则留空。",
]
NOT_SAID = [
    "",
    "The photos come without any warranty.",
    "None of them may be sold.",
    "The test photos come without tags.",
    "There are no files to download.",
    "The unlabelled photos have no tags.",
    "Manche Fotos haben keine Angaben.",
    "Hay fotos sin fecha.",
    "`tags`: empty if there is no label yet.",
    "The tags of a photo, and its date, blank where none is known.",
    "Kategori foto; kosong bila tidak ada tanggal.",
]


@pytest.mark.parametrize("text", SAID)
def test_blank_lists_are_images_without_a_class_where_a_text_states_it(
    text: str, tmp_path: Path
) -> None:
    stalls(tmp_path / "data", text)
    found, notes = begin(tmp_path)
    assert found.data.unlabelled is None
    assert not found.to_choose
    assert "images without a class, as README.md says" in notes
    assert labels_of(tmp_path) == {name: set(tags) for name, tags in TAGS.items()}


def test_a_sample_with_blank_cells_beside_others_shows_it_too(tmp_path: Path) -> None:
    stalls(tmp_path / "data", "", sent="")
    begin(tmp_path)
    assert labels_of(tmp_path) == {name: set(tags) for name, tags in TAGS.items()}


@pytest.mark.parametrize("text", NOT_SAID)
def test_where_nothing_tells_blank_lists_are_a_question_with_both_readings(
    text: str, tmp_path: Path
) -> None:
    stalls(tmp_path / "data", text)
    found, _ = begin(tmp_path)
    assert {"data.train.table", "data.unlabelled"} <= set(found.to_choose)
    assert labels_of(tmp_path) == {name: set(tags) for name, tags in TAGS.items() if tags}
    # The other reading: the table with all rows, and nothing unlabelled.
    written = (tmp_path / "competition.yaml").read_text()
    assert "# or table: data/train.csv" in written
    content = yaml.safe_load(written)
    content["data"]["train"]["table"] = "data/train.csv"
    del content["data"]["unlabelled"], content["to_choose"]
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(content))
    assert labels_of(tmp_path) == {name: set(tags) for name, tags in TAGS.items()}


def test_the_two_keys_of_blank_lists_are_answered_together(tmp_path: Path) -> None:
    stalls(tmp_path / "data", "")
    begin(tmp_path)
    assert [one.key for one in answer(Workspace(tmp_path), ["data.unlabelled=null"])] == [
        "data.unlabelled",
        "data.train.table",
    ]
    assert not load_competition(tmp_path / "competition.yaml").to_choose
    assert labels_of(tmp_path) == {name: set(tags) for name, tags in TAGS.items()}


def test_the_word_for_none_in_train_is_not_that_of_files_to_send(tmp_path: Path) -> None:
    stalls(tmp_path / "data", "Tags: red, blue, sand.", none="none")
    begin(tmp_path)
    content = yaml.safe_load((tmp_path / "competition.yaml").read_text())
    truth = {name: set(tags) for name, tags in TAGS.items()}
    assert content["data"]["train"]["label_none"] == "none"
    for empty in ("none", "", "nil"):
        content["submission"]["empty"] = empty
        (tmp_path / "competition.yaml").write_text(yaml.safe_dump(content))
        assert labels_of(tmp_path) == truth


def leaves(data: Path, place: str, *, n: int = 12, name: str = "q{}") -> None:
    """Write class folders of train, and images without a class in one folder beside."""
    for k in range(24):
        put(data / f"train/{('oak', 'elm', 'fir')[k % 3]}/leaf{k}.png", k)
    for k in range(n):
        put(data / place / f"{name.format(k)}.png", 100 + k)


@pytest.mark.parametrize("place", ["round1", "second/photos"])
def test_the_one_folder_beside_class_folders_is_to_be_predicted_or_asked(
    tmp_path: Path, place: str
) -> None:
    leaves(tmp_path / "data", place)
    found, notes = begin(tmp_path)
    assert found.to_choose == ["data.test"]
    text = (tmp_path / "competition.yaml").read_text()
    assert "# or test: null" in text
    assert f"the images of {place} may be unlabelled" in text
    assert sorted(load_samples(found, "test")["id"]) == sorted(f"q{k}" for k in range(12))
    assert found.classes == ["elm", "fir", "oak"]
    assert f"{place} is taken for the images to predict" in notes


@pytest.mark.parametrize(("place", "n", "name"), [
    ("round1", 3, "q{}"),  # examples
    ("round1", 12, "leaf{}"),  # other forms of images of train
    ("train/sorted_later", 12, "q{}"),  # a class
    (".", 12, "q{}"),
])  # fmt: skip
def test_other_images_beside_class_folders_are_not_to_be_predicted(
    tmp_path: Path, place: str, n: int, name: str
) -> None:
    leaves(tmp_path / "data", place, n=n, name=name)
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)


def test_images_of_two_folders_beside_class_folders_are_not_to_be_predicted(tmp_path: Path) -> None:
    leaves(tmp_path / "data", "round1")
    leaves(tmp_path / "data", "round2", name="r{}")
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("Leave the cell blank where there are no tags.", True),
        ("`tags` (list of tags, separated by a blank; empty if there are none).", True),
        ("Die Kategorien eines Fotos; leer, wenn es keine gibt.", True),
        ("Conceptos de la foto, vacío si no hay ninguno.", True),
        ("A photo may have any number of tags, also none.", False),
        ("A photo may have no tags. The cell must not be left blank.", False),
    ],
)
def test_a_text_that_tells_of_blank_cells_asks_for_no_word(
    tmp_path: Path, text: str, is_told: bool
) -> None:
    stalls(tmp_path / "data", text)
    begin(tmp_path)
    found = load_competition(tmp_path / "competition.yaml").submission
    assert found.empty == ""
    assert ("empty" in found.model_fields_set) == is_told
    titles = [one.title for one in check_format(load_competition(tmp_path))]
    assert any("blank cell" in one for one in titles) != is_told
