"""Codes that are numbers: a row each in an image, and older ones that a legend replaces."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples

CURRENT = ("11", "12", "21", "22", "41")
REPLACED = {"13": "11", "14": "13", "23": "22"}
"""What replaces each older code: 14 became 13, and 13 is replaced itself."""
LAST = {"13": "11", "14": "11", "23": "22"}
ENDED = "90"
CODES = (*CURRENT, *REPLACED, ENDED)
N_TRAIN, N_TEST = 40, 10
FOUND = {
    n: [one for k, one in enumerate(CODES) if n * 167 % 509 >> k & 1] if n % 4 else []
    for n in range(N_TRAIN)
} | {1: [ENDED], 2: ["11", "13"]}
"""The codes of each image of train: none in every fourth, one has nothing but what ended."""
TRUE = {n: {LAST.get(one, one) for one in each} - {ENDED} for n, each in FOUND.items()}

GERMAN = {
    "image": "Bild",
    "code": "Code",
    "codes": "Codes",
    "group": "Volk",
    "name": "Bezeichnung",
    "until": "gueltig_bis",
    "successor": "ersetzt_durch",
    "remark": "Bemerkung",
    "ended": "entfallen",
    "tables": "bilder_training befunde_training bilder_test codebuch abgabe_beispiel",
    "text": "AUFGABE.txt",
    "empty": "Ein Bild ohne Zeile hat keinen Befund.",
    "gone": "Code 90 war nur ein Hinweis und ist ersatzlos entfallen.",
    "denied": "Code 90 ist nicht entfallen.",
}
FRENCH = {
    "image": "photo",
    "code": "code",
    "codes": "codes",
    "group": "ruche",
    "name": "libellé",
    "until": "fin",
    "successor": "remplacé_par",
    "remark": "remarque",
    "ended": "supprimé en 2022",
    "tables": "images_train constats_train images_test nomenclature exemple_soumission",
    "text": "LISEZMOI.txt",
    "empty": "Une image sans ligne ne montre aucun constat.",
    "gone": "Le code 90 était une remarque : le code 90 est supprimé.",
    "denied": "Le code 90 n'est pas supprimé.",
}
LANGUAGES = pytest.mark.parametrize("words", [GERMAN, FRENCH], ids=["german", "french"])


def table(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerows(rows)


def write(
    data: Path,
    words: dict[str, str],
    *,
    sent: Sequence[str] = ("11 22", "-", "21 41", "11"),
    dates: bool = False,
    remark: bool = False,
    told: str = "",
    successor: str = "",
) -> None:
    """Write images of colonies, a row for each code in one, a legend, and lists of codes to send.

    Args:
        sent: the answers of the sample submission, in turns.
        dates, remark, told: what tells that a code ended: a column, a word in one, a text.
        successor: the column of what replaces a code; default: as the language has it.
    """
    for n in range(N_TRAIN + N_TEST):
        file = data / f"images/{'train' if n < N_TRAIN else 'test'}/w_{n:04}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(n).integers(0, 255, (8, 8, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(file)
    images, found, test, legend, sample = (data / f"{one}.csv" for one in words["tables"].split())
    image = words["image"]
    train, rest = range(N_TRAIN), range(N_TRAIN, N_TRAIN + N_TEST)
    table(images, [(image, words["group"]), *((f"w_{n:04}", f"V{n // 4:02}") for n in train)])
    rows = [(f"w_{n:04}", code) for n in train for code in FOUND[n]]
    table(found, [(image, words["code"]), *rows])
    table(test, [(image, "day"), *((f"w_{n:04}", f"2023-04-{n % 28 + 1:02}") for n in rest)])
    columns = ["code", "name", "until", "successor", "remark"]
    header = [successor or words[one] if one == "successor" else words[one] for one in columns]
    lines = []
    for code in CODES:
        is_old = dates and code not in CURRENT
        why = words["ended"] if remark and code == ENDED else ""
        lines.append((code, f"n{code}", "2021" if is_old else "", REPLACED.get(code, ""), why))
    table(legend, [header, *lines])
    answers = [(f"w_{n:04}", sent[n % len(sent)]) for n in rest]
    table(sample, [(image, words["codes"]), *answers])
    (data / words["text"]).write_text(f"{words['empty']}\n\n{told}\n", encoding="utf-8")


def labels_of(found: Inferred) -> dict[int, set[str]]:
    assert found.competition.classes is not None
    train = load_samples(found.competition, "train")
    return {
        int(str(name).removeprefix("w_")): {
            one for one, there in zip(found.competition.classes, row, strict=True) if there
        }
        for name, row in zip(train["id"], train["label"], strict=True)
    }


def classes_of(found: Inferred) -> set[str]:
    return {*(found.competition.classes or ())}


@LANGUAGES
@pytest.mark.parametrize("evidence", ["dates", "remark", "told"])
def test_older_codes_are_replaced_and_ended_ones_left_out(
    tmp_path: Path, words: dict[str, str], evidence: str
) -> None:
    write(
        tmp_path,
        words,
        dates=evidence == "dates",
        remark=evidence == "remark",
        told=words["gone"] if evidence == "told" else "",
    )
    found = infer(tmp_path, tmp_path / "ws")
    assert found.competition.tasks == {"classify": "multilabel"}
    assert classes_of(found) == {*CURRENT}
    assert labels_of(found) == TRUE
    assert found.competition.folds.group == words["group"]


@pytest.mark.parametrize("sent", [("11", "-", "21", "41"), ("11", "22", "21", "41")])
def test_codes_are_labels_where_the_sample_has_one_of_them_each(
    tmp_path: Path, sent: Sequence[str]
) -> None:
    write(tmp_path, GERMAN, sent=sent, dates=True)
    found = infer(tmp_path, tmp_path / "ws")
    assert found.competition.data.train.label == GERMAN["codes"]
    assert labels_of(found) == TRUE


def test_numbers_that_are_measured_twice_are_no_codes(tmp_path: Path) -> None:
    write(tmp_path, GERMAN, sent=("11", "22", "21", "41"))
    rows = [(f"w_{n:04}", 11 + (n * 7 + k * 11) % 31) for n in range(N_TRAIN) for k in range(2)]
    table(tmp_path / "befunde_training.csv", [("Bild", "Dicke"), *rows])
    (tmp_path / "codebuch.csv").unlink()
    found = infer(tmp_path, tmp_path / "ws")
    assert found.competition.tasks != {"classify": "multilabel"}
    assert not any("rows of each image in one" in one for one in found.notes)


def test_codes_of_a_list_are_replaced_in_their_cell(tmp_path: Path) -> None:
    write(tmp_path, GERMAN, dates=True)
    (tmp_path / "befunde_training.csv").unlink()
    # A code alone is no list of others, and stands in a third of the rows.
    found = {n: each[: 1 + n % 3] for n, each in FOUND.items()} | {1: [ENDED]}
    rows = [(f"w_{n:04}", f"V{n // 4:02}", " ".join(each) or "-") for n, each in found.items()]
    table(tmp_path / "bilder_training.csv", [("Bild", "Volk", "Codes"), *rows])
    true = {n: {LAST.get(one, one) for one in each} - {ENDED} for n, each in found.items()}
    assert labels_of(infer(tmp_path, tmp_path / "ws")) == true


@LANGUAGES
def test_a_code_without_successor_is_a_class_where_nothing_tells_that_it_ended(
    tmp_path: Path, words: dict[str, str]
) -> None:
    write(tmp_path, words, sent=("11 22", "-", "21 41", "12"), told=words["denied"])
    found = infer(tmp_path, tmp_path / "ws")
    assert classes_of(found) == {*CURRENT, ENDED}
    assert any("no successor" in one and ENDED in one for one in found.notes)


def test_a_word_in_the_name_of_a_code_is_no_sign_that_it_ended(tmp_path: Path) -> None:
    write(tmp_path, GERMAN)
    legend = tmp_path / "codebuch.csv"
    legend.write_text(legend.read_text().replace("n90", "Wabe entfallen"))
    assert classes_of(infer(tmp_path, tmp_path / "ws")) == {*CURRENT, ENDED}


def test_codes_stay_where_the_sample_has_older_ones(tmp_path: Path) -> None:
    write(tmp_path, GERMAN, sent=("11 22", "-", "13 41", "23"), dates=True)
    found = infer(tmp_path, tmp_path / "ws")
    assert classes_of(found) == {*CODES}
    assert labels_of(found) == {n: {*each} for n, each in FOUND.items()}


def test_codes_above_others_replace_none(tmp_path: Path) -> None:
    write(tmp_path, GERMAN, dates=True, successor="oberbegriff")
    assert classes_of(infer(tmp_path, tmp_path / "ws")) == {*CODES}
