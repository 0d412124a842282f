"""Tables in texts: `labels.txt` whose first line names the columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_folders_beside_masks import to_predict
from tests.competition.infer.test_odd_labels import begin, put


def written(data: Path, header: str | None, sign: str) -> None:
    lines = [] if header is None else [header.replace(",", sign)]
    for n in range(12):
        put(data / f"train/t{n}.png", n)
        lines.append(sign.join([f"t{n}.png", ("oak", "elm")[n % 2], ("lab", "field")[n // 3 % 2]]))
    (data / "labels.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    to_predict(data)


@pytest.mark.parametrize("sign", ["\t", ",", ";", "|"])
def test_the_first_line_of_a_text_names_its_columns(tmp_path: Path, sign: str) -> None:
    written(tmp_path / "data", "file,species,source", sign)
    found, _ = begin(tmp_path)
    assert found.data.train.label == "species"
    assert found.classes == ["elm", "oak"]
    assert len(load_samples(found, "train")) == 12


def test_a_text_without_a_header_loses_no_row(tmp_path: Path) -> None:
    written(tmp_path / "data", None, ",")
    found, _ = begin(tmp_path, label="field_2")
    assert len(load_samples(found, "train")) == 12


def test_of_columns_without_names_the_one_of_findings_is_the_label(tmp_path: Path) -> None:
    data, lines = tmp_path / "data", []
    for n in range(12):
        put(data / f"train/t{n}.png", n)
        finding = ("positive", "negative")[n % 3 == 0]
        lines.append(f"{n // 2} t{n}.png {finding} {('cohen', 'rsna', 'bimcv')[n % 3]}")
    (data / "train.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    to_predict(data)
    found, _ = begin(tmp_path)
    assert found.classes == ["negative", "positive"]


@pytest.mark.parametrize(("header", "sign"), [(True, ","), (True, ";"), (False, ",")])
def test_files_to_send_have_a_header_where_the_sample_in_a_text_has_one(
    tmp_path: Path, header: bool, sign: str
) -> None:
    data = tmp_path / "data"
    written(data, "file,species,source", ",")
    lines = [sign.join(("file", "species"))] * header
    lines += [sign.join((f"q{n}.png", "elm")) for n in range(3)]
    (data / "sample_submission.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found, _ = begin(tmp_path)
    form = found.submission.file
    assert form.header == header
    assert form.sep == sign


def test_a_header_in_the_texts_of_a_split_is_no_name_of_an_image(tmp_path: Path) -> None:
    """Texts that cut another one in two are lists of images, and these are tables."""
    data = tmp_path / "data"
    for n in range(12):
        put(data / f"pictures/t{n}.png", n)
    rows = [f"t{n}.png,{('oak', 'elm')[n % 2]}" for n in range(12)]
    for name, part in (("whole", rows), ("train", rows[:9]), ("test", rows[9:])):
        (data / f"{name}.txt").write_text("\n".join(["file,species", *part]) + "\n")
    found, _ = begin(tmp_path)
    assert found.data.train.label == "species"


def with_list_to_predict(data: Path, lines: list[str]) -> None:
    """Write a text of trees with a header, and a list of the images to predict."""
    rows = ["file,species"]
    for n in range(12):
        put(data / f"leaves/t{n}.png", n)
        rows.append(f"t{n}.png,{('oak', 'elm')[n % 2]}")
    for n in range(30):
        put(data / f"unknown/q{n}.png", 20 + n)
    (data / "train.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (data / "test.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("ending", ["", ".png"])
def test_the_header_of_a_list_of_images_is_no_image(tmp_path: Path, ending: str) -> None:
    """It is the first column of the table beside it, or has no ending as all images have."""
    header = "leaf" if ending else "file"
    with_list_to_predict(tmp_path / "data", [header, *(f"q{n}{ending}" for n in range(30))])
    found, _ = begin(tmp_path)
    assert found.data.test.id == header
    assert len(load_samples(found, "test")) == 30


@pytest.mark.parametrize("first", ["q99.png", "q0.png"])
def test_a_list_of_images_without_a_header_loses_no_row(tmp_path: Path, first: str) -> None:
    """Its first image may have no file: that is told, and no header."""
    with_list_to_predict(tmp_path / "data", [first, *(f"q{n}.png" for n in range(1, 30))])
    found, _ = begin(tmp_path)
    listed = (tmp_path / str(found.data.test.table)).read_text(encoding="utf-8")
    assert listed.splitlines()[:2] == ["image", first]


def test_single_blanks_part_the_columns_that_a_first_line_of_words_names(tmp_path: Path) -> None:
    data, lines = tmp_path / "data", ["number species source file"]
    for n in range(12):
        put(data / f"leaves/t{n}.png", n)
        lines.append(f"{n + 1} {n % 2} {('lab', 'field')[n // 3 % 2]} leaves/t{n}.png")
    (data / "train.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    to_predict(data)
    found, _ = begin(tmp_path)
    assert found.data.train.label == "species"
    assert len(load_samples(found, "train")) == 12


def test_a_first_image_without_a_file_names_no_columns(tmp_path: Path) -> None:
    """Lines of words alone have no header: the first of them is as the others."""
    data, lines = tmp_path / "data", ["t99 oak"]
    for n in range(39):
        put(data / f"train/t{n}.png", n)
        lines.append(f"t{n} {('oak', 'elm')[n % 2]}")
    (data / "labels.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    to_predict(data)
    found, _ = begin(tmp_path)
    assert found.data.train.label == "label"
    assert found.classes == ["elm", "oak"]
