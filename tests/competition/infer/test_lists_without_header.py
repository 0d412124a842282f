"""Lists of images whose cells stand between other signs."""

from __future__ import annotations

from pathlib import Path

import pytest
from competition.infer.test_odd_labels import begin, put

from podium.competition.samples import load_samples
from podium.errors import DataError

N = 24


def lines(path: Path, rows: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


@pytest.mark.parametrize("end", [";", ""])
def test_semicolons_part_the_cells_of_a_list_with_one_more_at_the_end(
    tmp_path: Path, end: str
) -> None:
    for n in range(N + 6):
        put(tmp_path / f"data/{'train' if n < N else 'test'}/leaf {n:02}.png", n)
    rows = [f"leaf {n:02}.png; 16; 12; {('ash', 'oak', 'yew')[n % 3]}{end}" for n in range(N)]
    lines(tmp_path / "data/train_list.txt", rows)
    found, _ = begin(tmp_path)
    assert (found.data.train.label, list(found.classes)) == ("field_4", ["ash", "oak", "yew"])
    assert len(load_samples(found, "train")) == N


def test_a_semicolon_inside_one_line_parts_no_cells(tmp_path: Path) -> None:
    for n in range(N + 6):
        put(tmp_path / f"data/{'train' if n < N else 'test'}/leaf{n:02}.png", n)
    rows = [f"leaf{n:02}.png {('ash', 'oak', 'yew;')[n % 3]}" for n in range(N)]
    lines(tmp_path / "data/train_list.txt", rows)
    found, _ = begin(tmp_path)
    assert list(found.classes) == ["ash", "oak", "yew;"]


ROWS = "rows.txt: file, bird count, place, wind (0: none, 1: some), fog"


def flocks(data: Path, text: str) -> None:
    for part, first, n_images in (("train", 100, N), ("test", 300, 8)):
        rows = []
        for n in range(n_images):
            name = first + n * 3
            put(data / f"{part}/images/{name}.png", name)
            rows.append(f"{name},{n * 17 % 101},{('sea', 'lake')[n % 2]},{n % 3 % 2},{n // 5 % 2}")
        lines(data / f"{part}/rows.txt", rows)
    lines(data / "README.txt", [text])


def test_lists_of_one_name_are_of_their_parts_and_a_text_names_their_columns(
    tmp_path: Path,
) -> None:
    flocks(tmp_path / "data", ROWS)
    found, told = begin(tmp_path)
    assert found.data.train.label == "bird count"
    assert str(found.tasks["classify"]) == "regression"
    assert found.data.test is not None
    assert (len(load_samples(found, "train")), len(load_samples(found, "test"))) == (N, 8)
    assert "choose data.train.label" in told


@pytest.mark.parametrize("text", ["Birds.", ROWS.removesuffix(", fog")], ids=["no", "too few"])
def test_columns_that_no_text_names_are_asked(tmp_path: Path, text: str) -> None:
    flocks(tmp_path / "data", text)
    found, told = begin(tmp_path)
    assert found.data.train.label == ["field_4", "field_5"]
    assert "choose data.train.label" in told


def faces(data: Path, ages: list[int], *, column: str = "age") -> None:
    for part, first, n_images in (("train", 0, N), ("test", N, 8)):
        for n in range(n_images):
            put(data / f"{part}/{n}.png", first + n)
        lines(data / f"list/{part}_name.txt", [f"{n}.png" for n in range(n_images)])
        lines(data / f"list/{part}_{column}.txt", [*map(str, ages[first : first + n_images])])


def test_a_text_beside_a_list_tells_of_its_images_line_by_line(tmp_path: Path) -> None:
    # Every age is the number of an image, too.
    ages = [n * 7 % 23 for n in range(N + 8)]
    faces(tmp_path / "data", ages)
    found, told = begin(tmp_path)
    assert found.data.train.label == "age"
    samples = load_samples(found, "train")
    assert list(samples["images"].str[0]) == [f"data/train/{n}.png" for n in range(N)]
    assert list(samples["label"]) == ages[:N]
    assert len(load_samples(found, "test")) == 8
    assert "'list/train_name.txt', 'list/train_age.txt' tell" in told


@pytest.mark.parametrize("column", ["order", "val"])
def test_lines_that_count_or_are_of_another_part_tell_nothing_of_images(
    tmp_path: Path, column: str
) -> None:
    numbers = [n if column == "order" else n * 7 % 23 for n in range(N + 8)]
    faces(tmp_path / "data", numbers, column=column)
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)


def concepts(data: Path, sep: str, *header: str) -> None:
    for n in range(N + 6):
        put(data / f"{'train' if n < N else 'test'}/fig{n:02}.png", n)
    cells = ("bone", "lung", "skin", "bone;lung", "lung;skin", "bone;skin", "skin;lung;bone")
    rows = [f"fig{n:02}{sep}{cells[n % len(cells)]}" for n in range(N)]
    lines(data / "concepts.csv", [*header, *rows])


@pytest.mark.parametrize(
    ("sep", "header", "readme", "file"),
    [
        ("\t", (), "", ("\t", False)),
        (",", (), "", (",", False)),
        ("\t", ("figure\ttags",), "", (",", True)),
        ("\t", (), "Send a file with the columns fig and tags.", (",", True)),
        ("\t", (), "Send lines of a figure and its tags between semicolons.", (";", False)),
    ],
    ids=["tabs", "commas", "a header", "a header in a text", "semicolons in a text"],
)
def test_files_to_send_are_as_the_list_of_train_where_no_sample_shows_them(
    tmp_path: Path, sep: str, header: tuple[str, ...], readme: str, file: tuple[str, bool]
) -> None:
    concepts(tmp_path / "data", sep, *header)
    lines(tmp_path / "data/README.txt", [readme])
    found, _ = begin(tmp_path)
    assert found.classes == ["bone", "lung", "skin"]
    sent = found.submission
    assert (sent.file.sep, sent.file.header, sent.value, sent.sep) == (*file, "labels", ";")


def test_a_list_of_further_columns_shows_no_file_to_send(tmp_path: Path) -> None:
    for n in range(N + 6):
        put(tmp_path / f"data/{'train' if n < N else 'test'}/fig{n:02}.png", n)
    kinds = ("bone", "lung")
    rows = [f"fig{n:02}\t{n % 7 / 10}\t{kinds[n % 2]}" for n in range(N)]
    lines(tmp_path / "data/concepts.csv", rows)
    assert begin(tmp_path)[0].submission.file.header
