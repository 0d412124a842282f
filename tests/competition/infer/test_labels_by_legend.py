"""Labels that another table maps to the classes that the sample submission asks for."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.errors import DataError

FAMILY = {
    "Alnus glutinosa": "Betulaceae",
    "Betula pendula": "Betulaceae",
    "Corylus avellana": "Betulaceae",
    "Lolium perenne": "Poaceae",
    "Dactylis glomerata": "Poaceae",
    "Olea europaea": "Oleaceae",
}
FAMILIES = sorted({*FAMILY.values()})
N_TRAIN, N_TEST = 32, 8
SAMPLE = "sample_submission.csv"
FOUND = {
    n: [one for k, one in enumerate(FAMILY) if n * 37 % 63 >> k & 1] if n % 4 else []
    for n in range(N_TRAIN)
}
"""What was found in each field of train: nothing in every fourth one."""
TRUE = {n: {FAMILY[one] for one in species} for n, species in FOUND.items()}

FRENCH = {
    "image": "fichier",
    "label": "taxon",
    "class": "famille",
    "count": "nb_grains",
    "group": "lame",
    "text": "LISEZMOI.txt",
    "metric": "Métrique : F1 macro.",
    "empty": "Un champ sans aucun pollen n'a pas de ligne dans y_train (8 champs) : c'est une\n"
    "vraie lecture.",
}
GERMAN = {
    "image": "datei",
    "label": "art",
    "class": "familie",
    "count": "anzahl",
    "group": "objektträger",
    "text": "LIESMICH.txt",
    "metric": "Metrik: Makro-F1.",
    "empty": "Bilder ohne Zeile in y_train_x7.csv zeigen keine Pollen.",
}
LANGUAGES = pytest.mark.parametrize("words", [FRENCH, GERMAN], ids=["french", "german"])


def table(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def write(
    data: Path,
    words: dict[str, str],
    *,
    legend: dict[str, str] = FAMILY,
    is_told: bool = True,
    facts: bool = True,
) -> None:
    """Write fields in two folders, what was found in those of train, and families to send."""
    for n in range(N_TRAIN + N_TEST):
        file = data / f"images_{'train' if n < N_TRAIN else 'test'}/f_{n:04}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(n).integers(0, 255, (8, 8, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(file)
    for part, numbers in (
        ("train", range(N_TRAIN)),
        ("test", range(N_TRAIN, N_TRAIN + N_TEST)),
    ):
        rows = [(n, f"f_{n:04}.png", f"L{n // 4:02}") for n in numbers]
        if facts:
            table(data / f"x_{part}.csv", [("ID", words["image"], words["group"]), *rows])
    found = [
        (n, one, 1 + (n + k) % 3, f"L{n // 4:02}")
        for n, each in FOUND.items()
        for k, one in enumerate(each)
    ]
    columns = ("ID", words["label"], words["count"], words["group"])
    table(
        data / "y_train_x7.csv",
        [columns[: 3 if facts else 4], *(row[: 3 if facts else 4] for row in found)],
    )
    table(data / "taxa.csv", [(words["label"], words["class"]), *legend.items()])
    sent = [(n, *(n >> k & 1 for k in range(3))) for n in range(N_TRAIN, N_TRAIN + N_TEST)]
    table(data / SAMPLE, [("ID", *FAMILIES), *sent])
    told = f"\n{words['empty']}\n" if is_told else ""
    (data / words["text"]).write_text(
        f"Pollen\n======\n{told}\n{words['metric']}\n", encoding="utf-8"
    )


def labels_of(found: Inferred) -> dict[int, set[str]]:
    assert found.competition.classes is not None
    train = load_samples(found.competition, "train")
    return {
        int(str(name).removesuffix(".png").removeprefix("f_")): {
            one for one, there in zip(found.competition.classes, row, strict=True) if there
        }
        for name, row in zip(train["id"], train["label"], strict=True)
    }


def questions(found: Inferred) -> set[str]:
    """Return the open keys, but for groups, which so few rows leave open."""
    return {*found.competition.to_choose} - {"folds.group"}


@LANGUAGES
def test_species_become_the_families_that_are_sent_and_images_without_a_row_have_none(
    words: dict[str, str], tmp_path: Path
) -> None:
    write(tmp_path / "data", words)
    found = infer(tmp_path / "data", tmp_path)
    assert list(found.competition.classes or ()) == FAMILIES
    assert labels_of(found) == TRUE
    assert questions(found) == set()
    told = [one for one in found.notes if f"{words['class']} of taxa.csv" in one]
    assert len(told) == 1
    assert f"for each {words['label']}" in told[0]
    assert any("8 images" in one and words["text"] in one for one in found.notes)


@LANGUAGES
def test_without_a_text_images_without_a_row_are_asked_about(
    words: dict[str, str], tmp_path: Path
) -> None:
    write(tmp_path / "data", words, is_told=False)
    found = infer(tmp_path / "data", tmp_path)
    assert questions(found) == {"data.train.table"}
    other = tmp_path / "made/tables/x_train_classes_found.csv"
    assert other.relative_to(tmp_path).as_posix() in found.text
    lines = other.read_text(encoding="utf-8").splitlines()
    names = [row["ID"] for row in csv.DictReader(lines)]
    assert names == [str(n) for n, one in TRUE.items() if one]


@LANGUAGES
@pytest.mark.parametrize("is_told", [True, False])
def test_images_that_no_table_names_have_no_class_where_a_text_says_so(
    words: dict[str, str], is_told: bool, tmp_path: Path
) -> None:
    write(tmp_path / "data", words, is_told=is_told, facts=False)
    found = infer(tmp_path / "data", tmp_path)
    if is_told:
        assert questions(found) == set()
        assert labels_of(found) == TRUE
        assert found.competition.data.unlabelled is None
        [made] = (tmp_path / "made/tables").glob("*_and_blank.csv")
        rows = csv.DictReader(made.read_text(encoding="utf-8").splitlines())
        groups = {int(row["ID"]): row[words["group"]] for row in rows}
        empty = [groups[n] for n, one in TRUE.items() if not one]
        assert len({*empty}) == len(empty)  # of unknown slides, so that no two share one
        assert {*empty}.isdisjoint(groups[n] for n, one in TRUE.items() if one)
        return
    assert questions(found) == {"data.train.table", "data.unlabelled"}
    assert labels_of(found) == {n: one for n, one in TRUE.items() if one}
    assert len(load_samples(found.competition, "unlabelled")) == sum(
        not one for one in TRUE.values()
    )


@LANGUAGES
def test_a_label_without_a_row_in_the_legend_is_refused(
    words: dict[str, str], tmp_path: Path
) -> None:
    legend = {species: one for species, one in FAMILY.items() if species != "Olea europaea"}
    write(tmp_path / "data", words, legend={**legend, "Olea lancea": "Oleaceae"})
    with pytest.raises(DataError, match=r"1 label of .* has no row in taxa.csv.*'Olea europaea'"):
        infer(tmp_path / "data", tmp_path)


def test_columns_that_no_table_maps_labels_to_are_an_open_question(tmp_path: Path) -> None:
    write(tmp_path / "data", FRENCH)
    (tmp_path / "data/taxa.csv").unlink()
    found = infer(tmp_path / "data", tmp_path)
    assert "submission.columns" in found.competition.to_choose
    with pytest.raises(DataError, match=r"submission\.columns"):
        found.competition.require_chosen("submission")


def test_rows_that_may_say_that_a_species_is_not_there_are_not_mapped(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write(data, FRENCH)
    rows = [(n, one, int(one in FOUND[n])) for n in FOUND for one in list(FAMILY)[n % 3 :]]
    table(data / "y_train_x7.csv", [("ID", "taxon", "nb_grains"), *rows])
    found = infer(data, tmp_path)
    assert not any("famille of taxa.csv" in one for one in found.notes)


@pytest.mark.parametrize("has_row", [True, False])
def test_a_label_that_is_a_class_itself_stays(has_row: bool, tmp_path: Path) -> None:
    data, grass = tmp_path / "data", "Dactylis glomerata"
    rest = {one: family for one, family in FAMILY.items() if one != grass}
    write(data, FRENCH, legend={**rest, **({"Poaceae": "Poaceae"} if has_row else {})})
    file = data / "y_train_x7.csv"
    file.write_text(file.read_text().replace(grass, "Poaceae"))
    found = infer(data, tmp_path)
    assert found.competition.classes == FAMILIES
    assert labels_of(found) == TRUE


def test_a_class_that_the_legend_calls_otherwise_is_not_mapped(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write(data, FRENCH, legend={**FAMILY, "Poaceae": "Oleaceae"})
    assert not any("famille of taxa.csv" in one for one in infer(data, tmp_path).notes)


def test_species_stay_where_the_sample_asks_for_them(tmp_path: Path) -> None:
    data, species = tmp_path / "data", list(FAMILY)
    write(data, FRENCH)
    sent = [
        (n, *(n >> k & 1 for k in range(len(species)))) for n in range(N_TRAIN, N_TRAIN + N_TEST)
    ]
    table(data / SAMPLE, [("ID", *species), *sent])
    found = infer(data, tmp_path)
    assert {*(found.competition.classes or ())} == {*species}
    assert labels_of(found) == {n: {*each} for n, each in FOUND.items()}


@pytest.mark.parametrize("by_column", [True, False])
def test_one_species_an_image_becomes_its_family(by_column: bool, tmp_path: Path) -> None:
    data, species = tmp_path / "data", list(FAMILY)
    write(data, FRENCH, facts=False)
    (data / "y_train_x7.csv").unlink()
    rows = [(f"f_{n:04}", species[n % len(species)]) for n in range(N_TRAIN)]
    table(data / "train.csv", [("image", "taxon"), *rows])
    tests = [f"f_{n:04}" for n in range(N_TRAIN, N_TRAIN + N_TEST)]
    sent: list[tuple[str, ...]] = [("image", "famille")]
    sent += ((one, FAMILIES[k % 3]) for k, one in enumerate(tests))
    if by_column:
        sent = [("image", *FAMILIES), *((one, "0.2", "0.3", "0.5") for one in tests)]
    table(data / SAMPLE, sent)
    found = infer(data, tmp_path)
    assert found.competition.classes == FAMILIES
    assert found.competition.tasks["classify"] == "multiclass"
    train = load_samples(found.competition, "train")
    labels = dict(zip(train["id"], train["label"], strict=True))
    assert {one: FAMILIES[int(k)] for one, k in labels.items()} == {
        one: FAMILY[label] for one, label in rows
    }


@pytest.mark.parametrize("facts", [True, False])
@pytest.mark.parametrize("is_told", [True, False])
def test_lists_of_families_are_read_from_rows_of_species(
    facts: bool, is_told: bool, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    write(data, FRENCH, facts=facts, is_told=is_told)
    lists = ("Betulaceae;Poaceae", "Oleaceae", "Betulaceae;Oleaceae;Poaceae", "Poaceae")
    sent = [(n, lists[n % 4]) for n in range(N_TRAIN, N_TRAIN + N_TEST)]
    table(data / SAMPLE, [("ID", "famille"), *sent])
    found = infer(data, tmp_path)
    assert list(found.competition.classes or ()) == FAMILIES
    if is_told:
        assert questions(found) == set()
        assert labels_of(found) == TRUE
        return
    assert questions(found) == {"data.train.table", "data.unlabelled"}
    assert labels_of(found) == {n: one for n, one in TRUE.items() if one}


def test_the_other_reading_has_images_without_a_row_and_no_class(tmp_path: Path) -> None:
    write(tmp_path / "data", GERMAN, is_told=False, facts=False)
    found = infer(tmp_path / "data", tmp_path)
    [path] = (tmp_path / "made/tables").glob("*_and_blank.csv")
    data = found.competition.data
    train = data.train.model_copy(update={"table": path.relative_to(tmp_path).as_posix()})
    chosen = data.model_copy(update={"train": train, "unlabelled": None})
    competition = found.competition.model_copy(update={"data": chosen}).at(tmp_path)
    samples = load_samples(competition, "train")
    assert {
        one for one, row in zip(samples["id"], samples["label"], strict=True) if not any(row)
    } == {str(n) for n, one in TRUE.items() if not one}
