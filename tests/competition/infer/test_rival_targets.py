"""What is to predict is asked where labels stand beside masks and nothing tells which are meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_infer_masks import put, stripes, table

SPECIES = ("maize", "wheat", "mix")


def fields(data: Path, *, text: str = "") -> None:
    """Write photographs with a species in a table and a mask of each."""
    put(data, [f"photos/p{n}.png" for n in range(12)])
    put(data, [f"masks/p{n}.png" for n in range(12)], stripes([0, 255]))
    put(data, [f"test/q{n}.png" for n in range(4)])
    table(data, "train.csv", "photo,species", (f"p{n}.png,{SPECIES[n % 3]}" for n in range(12)))
    if text:
        (data / "readme.txt").write_text(text, encoding="utf-8")


def found_of(tmp_path: Path, label: str | None = None) -> Inferred:
    return infer(tmp_path / "data", tmp_path, label=label)


def test_labels_beside_masks_without_a_sample_are_a_question(tmp_path: Path) -> None:
    fields(tmp_path / "data")

    found = found_of(tmp_path)

    assert "tasks" in found.competition.to_choose
    assert "# or tasks: {segment: binary}" in found.text
    assert "# or tasks: {classify: multiclass}" in found.text
    assert "--label masks" in found.text


def test_a_text_that_names_the_metric_of_masks_answers_it(tmp_path: Path) -> None:
    fields(tmp_path / "data", text="Scored by the mean Dice coefficient of the masks.\n")

    assert "tasks" not in found_of(tmp_path).competition.to_choose


def test_masks_alone_are_predicted_where_a_person_asks_for_them(tmp_path: Path) -> None:
    fields(tmp_path / "data")

    found = found_of(tmp_path, label="masks")

    assert dict(found.competition.tasks).keys() == {"segment"}
    train = load_samples(found.competition, "train")
    assert len(train) == 12
    assert all(mask is not None and mask.files for mask in train["mask"])
    assert not found.competition.to_choose


def test_masks_alone_are_refused_where_there_are_none(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [f"train/{name}/{n}.png" for name in SPECIES for n in range(4)])
    put(data, [f"test/q{n}.png" for n in range(4)])

    with pytest.raises(DataError) as caught:
        found_of(tmp_path, label="masks")
    assert "--label masks" in str(caught.value)


def test_a_word_in_each_row_of_the_sample_is_that_of_an_empty_mask(tmp_path: Path) -> None:
    """The one word of a sample may be a class or the empty mask: asked, and taken as asked for."""
    data = tmp_path / "data"
    put(data, [f"train_images/authentic/a{n}.png" for n in range(8)])
    put(data, [f"train_images/forged/f{n}.png" for n in range(8)])
    put(data, [f"train_masks/f{n}.png" for n in range(8)], stripes([0, 1, 2]))
    put(data, [f"test_images/t{n}.png" for n in range(3)])
    table(
        data, "sample_submission.csv", "case_id,annotation", (f"t{n},authentic" for n in range(3))
    )

    assert "tasks" in found_of(tmp_path).competition.to_choose
    masks = found_of(tmp_path, label="masks").competition
    assert masks.tasks.keys() == {"segment"}
    assert masks.submission.columns == {"case_id": "id", "annotation": "value"}
    assert masks.submission.empty == "authentic"


def test_images_in_a_folder_without_masks_may_show_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [f"set/original/o{n}.png" for n in range(9)])
    put(data, [f"set/tampered/t{n}.png" for n in range(9)])
    put(data, [f"set/truth/t{n}_mask.png" for n in range(9)], stripes([0, 255]))

    found = found_of(tmp_path)

    assert {"data.test", "data.train.images", "data.train.absent"} <= {*found.competition.to_choose}
    assert "# or absent: empty" in found.text


def test_a_list_of_a_few_of_the_images_with_masks_has_no_labels(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [f"PNGImages/p{n}.png" for n in range(16)])
    put(data, [f"PedMasks/p{n}_mask.png" for n in range(16)], stripes([0, 1, 2]))
    put(data, [f"test/q{n}.png" for n in range(4)])
    (data / "added-object-list.txt").write_text("p2 1\np5 2\n", encoding="utf-8")

    found = found_of(tmp_path)

    assert found.competition.tasks.keys() == {"segment"}
    assert len(load_samples(found.competition, "train")) == 16


def test_numbered_parts_of_photographs_with_masks_are_places(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for part in range(1, 6):
        put(data, [f"kos{part:02}/Part{n}.png" for n in range(4)])
        put(data, [f"kos{part:02}/Part{n}_label.png" for n in range(4)], stripes([0, 255]))
    put(data, [f"test/new{n}.png" for n in range(4)])

    found = found_of(tmp_path)

    assert found.competition.tasks.keys() == {"segment"}
    assert any("kos01" in note and "no classes" in note for note in found.notes)
