"""Tables as hosts write them: foreign letters, codes for no number, test rows in train."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from tests.competition.infer.test_odd_labels import begin, put, table

NAMES = [f"z{n:03}" for n in range(30)]


def photos(data: Path, *, is_flat: bool = True) -> None:
    for n, name in enumerate(NAMES):
        part = "photos" if is_flat else "train" if n < 24 else "test"
        put(data / f"{part}/{name}.png", n)


def encoded(path: Path, page: str, *rows: Sequence[object]) -> None:
    text = "".join(";".join(map(str, row)) + "\n" for row in rows)
    path.write_bytes(text.encode(page))


@pytest.mark.parametrize(("page", "header", "classes"), [
    ("cp1250", "zdjęcie", ("żółty", "błękitny", "różowy")),
    ("cp1252", "fichier", ("chêne", "érable", "châtaignier")),
    ("cp1252", "Größe", ("Löwe", "Bär", "Äffchen")),
    ("cp1251", "файл", ("кошка", "собака", "лиса")),
])  # fmt: skip
def test_letters_of_windows_are_those_of_all_tables_together(
    tmp_path: Path, page: str, header: str, classes: tuple[str, ...]
) -> None:
    data = tmp_path / "data"
    photos(data)
    rows = [(f"{name}.png", classes[n % 3]) for n, name in enumerate(NAMES[:24])]
    encoded(data / "train.csv", page, (header, "label"), *rows)
    # Its header alone might be of another page.
    sent = [(f"{name}.png", "?") for name in NAMES[24:]]
    encoded(data / "sample_submission.csv", page, (header, "label"), *sent)
    found, notes = begin(tmp_path)
    assert found.classes == sorted(classes)
    assert next(iter(found.submission.columns)) == header
    assert f"the encoding {page}" in notes
    assert found.submission.file.encoding == page
    # The host reads its own letters: a file to send has those of the sample, or of train beside it.
    assert (f"files to send are {page}, as train.csv is" in notes) == header.isascii()
    assert ("żółty" in notes) == (page == "cp1250" and header.isascii())
    names = list(load_samples(found, "test")["id"])
    file = write_submission(tmp_path / "sent.csv", found, names, None, np.arange(6) % 3)
    assert check(file, found) == []
    lines = file.read_bytes().decode(page).splitlines()
    assert lines[0] == f"{header};label"
    assert {line.partition(";")[2] for line in lines[1:]} == set(classes)


def test_letters_of_a_plain_sample_are_asked_for(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data)
    rows = [(f"{name}.png", ("Löwe", "Bär", "Tapir")[n % 3]) for n, name in enumerate(NAMES[:24])]
    encoded(data / "train.csv", "cp1252", ("photo", "label"), *rows)
    sent = [(f"{name}.png", "Tapir") for name in NAMES[24:]]
    table(data / "sample_submission.csv", ("photo", "label"), *sent)
    found, notes = begin(tmp_path)
    assert found.submission.file.is_plain
    assert "whether it reads letters as Löwe" in notes
    assert "żółty" not in notes


def levels(n: int, code: float, codes: int = 3) -> float:
    return code if n % 24 < codes else 30 + (n * 37 % 230) + 0.5


@pytest.mark.parametrize("code", [-999, -9999, 9999, -1])
def test_a_code_far_from_all_numbers_is_no_number(tmp_path: Path, code: int) -> None:
    data = tmp_path / "data"
    photos(data, is_flat=False)
    rows = [(name, levels(n, code)) for n, name in enumerate(NAMES[:24])]
    table(data / "train.csv", ("photo", "level"), *rows)
    table(data / "sample_submission.csv", ("photo", "level"), *((one, 0.5) for one in NAMES[24:]))
    found, notes = begin(tmp_path)
    samples = load_samples(found, "train")
    truth = {name: level for name, level in rows if level != code}
    assert dict(zip(samples["id"], samples["label"].map(float), strict=True)) == truth
    assert f"3 cells of level with {code}, taken for no number" in notes


@pytest.mark.parametrize("values", [
    [-1.0, -0.5, 0.5, 1.5],  # others are below 0, too
    [-1.0, -1.0, 0.25, 0.75],  # near the others
    [-1.0] + [30.0] * 23,  # once
])  # fmt: skip
def test_numbers_that_may_be_meant_stay(tmp_path: Path, values: list[float]) -> None:
    data = tmp_path / "data"
    photos(data, is_flat=False)
    # Twenty-four numbers, most of them different.
    numbers = [values[n % len(values)] + (n > len(values)) * n / 100 for n in range(24)]
    numbers[: len(values)] = values
    table(data / "train.csv", ("photo", "level"), *zip(NAMES, numbers, strict=False))
    table(data / "sample_submission.csv", ("photo", "level"), *((one, 0.5) for one in NAMES[24:]))
    found, _ = begin(tmp_path)
    assert len(load_samples(found, "train")) == 24


@pytest.mark.parametrize(("end", "unknown"), [("", ""), (".png", ""), ("", "?")])
def test_rows_that_the_sample_names_and_that_are_blank_are_to_predict(
    tmp_path: Path, end: str, unknown: str
) -> None:
    data = tmp_path / "data"
    photos(data)
    cells = [("cat", "dog", "fox")[n % 3] if n < 24 else unknown for n in range(30)]
    order = sorted(range(30), key=lambda n: n * 7 % 30)
    table(data / "labels.csv", ("photo", "kind"), *((NAMES[n], cells[n]) for n in order))
    table(
        data / "sample_submission.csv",
        ("photo", "kind"),
        *((one + end, "cat") for one in NAMES[24:]),
    )
    found, _ = begin(tmp_path)
    train, test = load_samples(found, "train"), load_samples(found, "test")
    labels = dict(zip(train["id"], train["label"].map(lambda k: found.classes[k]), strict=True))
    assert labels == dict(zip(NAMES[:24], cells, strict=False))
    assert {Path(images[0]).stem for images in test["images"]} == set(NAMES[24:])


def test_the_column_that_is_called_as_the_samples_is_the_label(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data, is_flat=False)
    rows = [(name, 30.5 + n * 3, 8.5 + n / 4) for n, name in enumerate(NAMES[:24])]
    table(data / "train.csv", ("photo", "level_cm", "temp_c"), *rows)
    table(data / "sample_submission.csv", ("photo", "level_m"), *((one, 1.5) for one in NAMES[24:]))
    found, notes = begin(tmp_path)
    assert found.data.train.label == "level_cm"
    assert "data.train.label" not in notes


def test_of_several_numbers_none_called_as_the_samples_a_person_chooses(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data, is_flat=False)
    rows = [(name, 30.5 + n * 3, 8.5 + n / 4) for n, name in enumerate(NAMES[:24])]
    table(data / "train.csv", ("photo", "level_cm", "temp_c"), *rows)
    table(data / "sample_submission.csv", ("photo", "answer"), *((one, 1.5) for one in NAMES[24:]))
    assert "choose data.train.label" in begin(tmp_path)[1]
    assert "level_cm" in (tmp_path / "competition.yaml").read_text()


@pytest.mark.parametrize(("cells", "is_sure"), [
    (("very thin", "thin", "good", "fat", "very fat"), False),
    (("cat dog", "cat", "dog", "dog fox", "fox", "cat fox dog"), True),
])  # fmt: skip
def test_names_of_two_words_are_no_list_without_a_question(
    tmp_path: Path, cells: tuple[str, ...], is_sure: bool
) -> None:
    data = tmp_path / "data"
    photos(data, is_flat=False)
    rows = [(name, cells[n % len(cells)]) for n, name in enumerate(NAMES[:24])]
    table(data / "train.csv", ("photo", "state"), *rows)
    table(
        data / "sample_submission.csv", ("photo", "state"), *((one, cells[1]) for one in NAMES[24:])
    )
    found, notes = begin(tmp_path)
    assert (str(found.tasks["classify"]) == "multilabel") == is_sure
    assert ("choose tasks" in notes) == (not is_sure)


def test_degrees_around_a_whole_turn_are_directions(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data, is_flat=False)
    for width, kind in ((15, "angle"), (3, "regression")):
        rows = [(name, n * width + 0.5) for n, name in enumerate(NAMES[:24])]
        table(data / "train.csv", ("photo", "reading_deg"), *rows)
        sent = ((one, 180.5) for one in NAMES[24:])
        table(data / "sample_submission.csv", ("photo", "reading_deg"), *sent)
        assert str(begin(tmp_path)[0].tasks["classify"]) == kind


def test_a_list_with_placeholders_and_no_header_is_the_sample(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data, is_flat=False)
    lines = [f"{name}.png {n % 3}\n" for n, name in enumerate(NAMES[:24])]
    (data / "train.txt").write_text("".join(lines))
    (data / "result_format.txt").write_text("".join(f"{one}.png 0\n" for one in NAMES[24:]))
    found, notes = begin(tmp_path)
    assert found.submission.sample == "made/tables/result_format.csv"
    assert "files to send are CSV with a header, which it has not" in notes


@pytest.mark.parametrize("name", [
    "przyklad_zgloszenia.csv", "exempel_inlämning.csv", "consegna_esempio.csv", "AbgabeMuster.csv",
    "envio_exemplo.csv", "voorbeeld-inzending.csv",
])  # fmt: skip
def test_a_sample_submission_is_known_by_its_name_in_other_languages(
    tmp_path: Path, name: str
) -> None:
    data = tmp_path / "data"
    photos(data)
    rows = ((one, f"{n}.5") for n, one in enumerate(NAMES[:24]))
    table(data / "a.csv", ("photo", "level"), *rows)
    # Its cells alone might be facts of images.
    table(data / name, ("photo", "level"), *((one, f"{n}.5") for n, one in enumerate(NAMES[24:])))
    found, _ = begin(tmp_path)
    assert str(found.submission.sample) == f"data/{name}"
    assert len(load_samples(found, "train")) == 24


def test_a_word_that_the_list_of_grades_lacks_is_no_grade(tmp_path: Path) -> None:
    data, grades = tmp_path / "data", ("intact", "cracked", "ruined")
    photos(data)
    rows = [(one, grades[n % 3] if n < 24 else "to be graded") for n, one in enumerate(NAMES)]
    table(data / "inventory.csv", ("photo", "state"), *rows)
    table(data / "scale.csv", ("state", "grade"), *((one, n) for n, one in enumerate(grades)))
    table(data / "sample_submission.csv", ("photo", "grade"), *((one, 0) for one in NAMES[24:]))
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    labels = dict(zip(samples["id"], samples["label"].map(lambda k: found.classes[k]), strict=True))
    assert labels == {one: str(n % 3) for n, one in enumerate(NAMES[:24])}
    assert len(load_samples(found, "test")) == 6


@pytest.mark.parametrize(("train", "test"), [("treino", "teste"), ("entrenamiento", "prueba")])
def test_tables_of_train_and_test_in_other_languages(tmp_path: Path, train: str, test: str) -> None:
    data = tmp_path / "data"
    photos(data)
    rows = [(one, ("cat", "dog", "fox")[n % 3], n) for n, one in enumerate(NAMES[:24])]
    table(data / f"{train}.csv", ("photo", "kind", "number"), *rows)
    table(data / f"{test}.csv", ("photo", "number"), *((one, 7) for one in NAMES[24:]))
    table(data / "sample_submission.csv", ("photo", "kind"), *((one, "cat") for one in NAMES[24:]))
    found, _ = begin(tmp_path)
    assert (found.data.train.table, found.data.test.table) == (
        f"data/{train}.csv", f"data/{test}.csv",
    )  # fmt: skip


def numbered_anew(data: Path, form: str) -> None:
    """Write 24 images of train and six of test, each part numbered from 0."""
    for part, n in (("train", 24), ("test", 6)):
        for number in range(n):
            put(data / form.format(part=part, number=number), number)


def test_ids_that_begin_with_their_part_are_no_column_of_parts(tmp_path: Path) -> None:
    data = tmp_path / "data"
    numbered_anew(data, "{part}/{part}_{number}.png")
    rows = [(f"train_{n}", ("cat", "dog")[n % 2]) for n in range(24)]
    rows += [(f"test_{n}", "") for n in range(6)]
    table(data / "labels.csv", ("image", "kind"), *rows)
    sent = [(one, "cat") for one, _ in rows[24:]]
    table(data / "sample_submission.csv", ("image", "kind"), *sent)
    found, _ = begin(tmp_path)
    assert sorted(load_samples(found, "train")["id"]) == sorted(one for one, _ in rows[:24])
    assert list(load_samples(found, "test")["id"]) == [one for one, _ in rows[24:]]


def test_names_that_train_and_test_have_both_are_of_test_in_the_sample(tmp_path: Path) -> None:
    data = tmp_path / "data"
    numbered_anew(data, "{part}/{number}.png")
    rows = [(f"train/{n}.png", ("cat", "dog")[n % 2]) for n in range(24)]
    rows += [(f"test/{n}.png", "?") for n in range(6)]
    table(data / "labels.csv", ("image", "kind"), *rows)
    table(data / "sample_submission.csv", ("image", "kind"), *((n, "cat") for n in range(6)))
    found, _ = begin(tmp_path)
    assert found.classes == ["cat", "dog"]
    assert len(load_samples(found, "train")) == 24
    assert len(load_samples(found, "test")) == 6
