"""A row for each class that was found in an image is a label of it, and no row is none."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.rows.present_rows import classes_in_rows
from podium.competition.infer.read_sources import read_plainly
from podium.competition.infer.readme.claims import readme_absent_rows
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.errors import DataError

CLASSES = ("ANAB", "MICR", "NAVI")
LEFT_OUT = "COPE"
N_TRAIN, N_ALL = 24, 30
TRUE = {f"id_{n}a": {one for k, one in enumerate(CLASSES) if (n >> k) % 2} for n in range(N_TRAIN)}
"""Every eighth image has none of the classes."""


def rows_by_people() -> list[tuple[str, ...]]:
    """Return what two people found: one of them alone, or both, and once what nobody asks for."""
    rows = list[tuple[str, ...]]()
    for n, (name, classes) in enumerate(TRUE.items()):
        for k, one in enumerate(sorted(classes)):
            who = [("ann",), ("bob",), ("ann", "bob")][(n + k) % 3]
            rows += [(name, person, one, "" if k else str(n + 1)) for person in who]
        if n % 5 == 0:
            rows.append((name, "ann", LEFT_OUT, "1"))
    return rows


def write(
    data: Path,
    found: Sequence[Sequence[str]],
    columns: Sequence[str] = ("Image_ID", "annotator", "taxon", "count"),
    *,
    by_column: bool = False,
    images: str = "Train.csv",
) -> None:
    names = [f"id_{n}a" for n in range(N_ALL)]
    for n, name in enumerate(names):
        file = data / "images" / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(n).integers(0, 255, (8, 8, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(file)
    facts = [(name, f"WG{n // 4}", ("0.0", "0.5", "5.0")[n % 3]) for n, name in enumerate(names)]
    header = ("Image_ID", "slide_id", "depth_m")
    if images:
        _write_table(data / images, [header, *facts[:N_TRAIN]])
    # A column that train lacks.
    to_predict = [(*row, str(n)) for n, row in enumerate(facts[N_TRAIN:])]
    _write_table(data / "Test.csv", [(*header, "row"), *to_predict])
    _write_table(data / "TrainAnnotations.csv", [columns, *found])
    tests = names[N_TRAIN:]
    sample: list[tuple[str, ...]] = [("ID", "Target")]
    sample += [(f"{one}_X_{name}", "0.5") for one in tests for name in CLASSES]
    if by_column:
        sample = [("ID", *CLASSES), *((one, *("0.5" for _ in CLASSES)) for one in tests)]
    _write_table(data / "SampleSubmission.csv", sample)


def _write_table(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def labels_of(found: Inferred) -> dict[str, set[str]]:
    assert found.competition.classes is not None
    train = load_samples(found.competition, "train")
    return {
        str(name): {one for one, there in zip(found.competition.classes, row, strict=True) if there}
        for name, row in zip(train["id"], train["label"], strict=True)
    }


@pytest.mark.parametrize("by_column", [False, True])
def test_a_class_that_anyone_found_is_a_label_and_images_without_a_row_have_none(
    by_column: bool, tmp_path: Path
) -> None:
    write(tmp_path / "data", rows_by_people(), by_column=by_column)
    found = infer(tmp_path / "data", tmp_path)
    assert list(found.competition.classes or ()) == [*CLASSES]
    assert labels_of(found) == TRUE
    assert found.competition.folds.group == "slide_id"
    assert any(LEFT_OUT in one and "left out" in one for one in found.notes)


def test_without_a_table_of_images_those_with_a_row_are_train(tmp_path: Path) -> None:
    write(tmp_path / "data", rows_by_people(), images="")
    found = infer(tmp_path / "data", tmp_path)
    with_a_row = {name: TRUE[name] for name, *_ in rows_by_people()}
    assert labels_of(found) == with_a_row


def test_a_table_of_all_images_does_not_make_those_to_predict_images_of_train(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    write(data, rows_by_people(), images="")
    _write_table(
        data / "slides.csv", [("Image_ID", "n"), *((f"id_{n}a", "7") for n in range(N_ALL))]
    )
    found = infer(data, tmp_path)
    assert set(labels_of(found)) == {name for name, *_ in rows_by_people()}


def is_of_findings(data: Path) -> bool:
    read = read_plainly(data, data.parent)
    assert read is not None
    return classes_in_rows(CompetitionData(read.folder, read.tables, read.sample)) is not None


def test_rows_that_may_deny_a_class_are_no_findings(tmp_path: Path) -> None:
    rows = rows_by_people()
    write(tmp_path / "found", rows)
    assert is_of_findings(tmp_path / "found")
    write(tmp_path / "counted", [(*row[:3], str(n % 3)) for n, row in enumerate(rows)])
    assert not is_of_findings(tmp_path / "counted")
    write(tmp_path / "denied", [(*row[:3], ("yes", "no")[n % 2]) for n, row in enumerate(rows)])
    assert not is_of_findings(tmp_path / "denied")


def test_opinions_of_one_class_each_are_no_list_of_classes(tmp_path: Path) -> None:
    rows = [
        (f"id_{n}a", who, CLASSES[(n + (who == "cem" and n % 4 == 0)) % 3])
        for n in range(N_TRAIN)
        for who in ("ann", "bob", "cem")
    ]
    write(tmp_path / "people", rows, ("Image_ID", "annotator", "taxon"))
    assert not is_of_findings(tmp_path / "people")
    # Nobody says who: a class that stands twice may have two votes.
    write(tmp_path / "votes", [(one, taxon) for one, _, taxon in rows], ("Image_ID", "taxon"))
    assert not is_of_findings(tmp_path / "votes")


def test_what_is_known_of_test_is_no_label(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write(data, rows_by_people())
    (data / "TrainAnnotations.csv").unlink()
    with pytest.raises(DataError, match="no labels"):
        infer(data, tmp_path)


EMPTY = {
    "english": "A photo without any insect has no row in finds.csv.",
    "english, the thing": "Photos in which no insect was seen are not listed.",
    "english, a table's first words": "Photos that are not in finds_by_day contain nothing.",
    "french": "Un champ sans aucun pollen n'a pas de ligne dans finds_by_day.",
    "german": "Bilder ohne Zeile zeigen keine Insekten.",
    "german, the thing": "Wo nichts zu sehen war, gibt es keine Zeile.",
    "spanish": "Las fotos sin ningún insecto no tienen fila en finds_by_day_k7.csv.",
    "italian": "Le foto senza riga non contengono insetti.",
    "portuguese": "As fotos sem linha não contêm insetos.",
    "dutch": "Foto's zonder rij bevatten geen insecten.",
    "polish": "Zdjęcia bez wiersza nie zawierają owadów.",
    "czech": "Snímky bez řádku neobsahují hmyz.",
    "swedish": "Bilder utan rad innehåller inga insekter.",
    "norwegian": "Bilder uten rad viser ingen insekter.",
    "russian": "Снимки без строки не содержат насекомых.",
    "ukrainian": "Знімки без рядка не містять комах.",
    "chinese": "没有记录的照片不包含昆虫。",
    "japanese": "記録のない写真には何も写っていません。",
    "korean": "행이 없는 사진은 비어 있습니다.",
}
OTHERWISE = {
    "not labelled": "Photos without a row in finds.csv were not labelled and are not empty.",
    "german, not labelled": "Bilder ohne Zeile sind nicht annotiert und nicht leer.",
    "of the file to send": "Submissions without a row contain nothing that is scored.",
    "not empty": "Photos without a row are not empty.",
    "unknown": "Photos without a row are in another folder.",
    "another table": "Photos that are not in other_table contain nothing.",
}


def told(tmp_path: Path, sentence: str) -> str:
    data = tmp_path / "data"
    write(data, rows_by_people())
    (data / "README.md").write_text(f"# Data\n\n{sentence}\n", encoding="utf-8")
    _write_table(data / "finds_by_day_k7.csv", [("a", "b"), ("1", "2")])
    folder = scan_folder(data, "data")
    return readme_absent_rows(folder, ["finds_by_day_k7.csv", "finds.csv"])


@pytest.mark.parametrize("sentence", EMPTY.values(), ids=EMPTY.keys())
def test_a_text_tells_that_images_without_a_row_are_empty(sentence: str, tmp_path: Path) -> None:
    assert told(tmp_path, sentence).startswith("README.md says ")


@pytest.mark.parametrize("sentence", OTHERWISE.values(), ids=OTHERWISE.keys())
def test_a_text_on_something_else_does_not_tell_it(sentence: str, tmp_path: Path) -> None:
    assert told(tmp_path, sentence) == ""


@pytest.mark.parametrize("is_told", [True, False])
def test_a_text_or_a_person_tells_what_images_without_a_row_are(
    is_told: bool, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    write(data, rows_by_people())
    text = "Photos without any insect have no row." if is_told else "Photos of insects."
    (data / "README.md").write_text(f"# Data\n\n{text}\n", encoding="utf-8")
    found = infer(data, tmp_path)
    assert ("data.train.table" in found.competition.to_choose) is not is_told
    assert labels_of(found) == TRUE
    if not is_told:
        lines = (tmp_path / "made/tables/Train_classes_found.csv").read_text().splitlines()
        assert len(lines) - 1 == len({name for name, *_ in rows_by_people()})
