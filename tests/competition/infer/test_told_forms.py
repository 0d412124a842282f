"""The form of the file to send, as texts tell it in words: scans of boots by their kind."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.readme.sent_tables import readme_form
from podium.competition.infer.scan import scan_folder
from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

GERMAN = "Die Abgabe: eine Datei mit den Spalten „Scan“ und „Art“, getrennt durch Semikolons."


def boots(data: Path, text: str = "") -> None:
    for n in range(24):
        put(data / f"train/{('hiking', 'rubber')[n % 2]}/s_{n:03}.png", n)
    for n in range(24, 36):
        put(data / f"test/s_{n:03}.png", n)
    if text:
        (data / "rules.txt").write_text(text)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    boots(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("text", "columns"), [
    ("Send a CSV with the columns `scan` and `kind`.", ("scan", "kind")),
    ("Submit two columns, scan and boot_kind, one row each.", ("scan", "boot_kind")),
    ("What you submit has the columns: scan, kind.", ("scan", "kind")),
    ("Your answer needs the columns\nscan and kind (rubber or hiking).", ("scan", "kind")),
    (GERMAN, ("Scan", "Art")),
    ("À rendre : reponse.csv, colonnes « scan » et « type » (le dossier).", ("scan", "type")),
    ("Send the columns scan, kind and size.", ()),
    ("Send the columns `scan`, `kind`, `size`.", ()),
    ("Send the columns scan, kind, one row each.", ()),  # more may follow
    ("The columns scan and kind are of train.csv. Send any file.", ()),
    ("Send the columns scan and kind. Submit the columns image and kind.", ()),
    ("Send the columns that the host asks for.", ()),
    ("Send the columns known and new to us.", ()),
])  # fmt: skip
def test_two_columns_of_what_is_sent_are_read_where_a_text_lists_them(
    scans: Path, text: str, columns: tuple[str, ...]
) -> None:
    (scans / "rules.txt").write_text(text)
    assert readme_form(CompetitionData(scan_folder(scans, "data"))).columns == columns


def test_columns_of_a_table_are_not_taken_for_those_of_the_file(scans: Path) -> None:
    (scans / "rules.txt").write_text("Send the columns scan and kind.")
    known = {"kinds.csv": pd.DataFrame(columns=["scan", "kind"])}
    assert readme_form(CompetitionData(scan_folder(scans, "data"), known)).columns == ()


@pytest.mark.parametrize(("text", "sep"), [
    (GERMAN, ";"),
    ("Envío: un archivo separado por puntos y comas.", ";"),
    ("Fichier de rendu séparé par des points-virgules.", ";"),
    ('Submit cells with ";" between them.', ";"),
    ("Submit a file without semicolons.", ""),
    ("Submit one file; it is scored at once.", ""),
    ("The list of train has semicolons.", ""),
])  # fmt: skip
def test_the_sign_between_the_cells_is_read_where_a_text_has_its_name(
    scans: Path, text: str, sep: str
) -> None:
    (scans / "rules.txt").write_text(text)
    assert readme_form(CompetitionData(scan_folder(scans, "data"))).sep == sep


def test_the_form_that_a_text_tells_is_that_of_the_file(tmp_path: Path) -> None:
    boots(tmp_path / "data", GERMAN)
    found, _ = begin(tmp_path)
    assert found.submission.columns == {"Scan": "id", "Art": "value"}
    assert found.submission.file.sep == ";"
    assert load_samples(found, "test")["id"].iloc[0] == "s_024"


def test_ids_have_the_ending_of_files_where_a_text_shows_such_a_name(tmp_path: Path) -> None:
    boots(tmp_path / "data", "Names are a number (s_007.png). Send the columns kind and image.")
    found, _ = begin(tmp_path)
    assert found.submission.columns == {"kind": "value", "image": "id"}
    assert load_samples(found, "test")["id"].iloc[0] == "s_024.png"
    assert load_samples(found, "train")["id"].str.endswith(".png").all()


def test_a_path_of_a_file_shows_no_id(tmp_path: Path) -> None:
    boots(tmp_path / "data", "Files lie in folders (train/rubber/s_007.png).")
    found, _ = begin(tmp_path)
    assert load_samples(found, "test")["id"].iloc[0] == "s_024"


def test_a_list_of_files_shows_no_id(tmp_path: Path) -> None:
    boots(tmp_path / "data", "\n".join(f"s_{n:03}.png is worn" for n in range(8)))
    found, _ = begin(tmp_path)
    assert load_samples(found, "test")["id"].iloc[0] == "s_024"


def test_a_sample_speaks_before_texts(tmp_path: Path) -> None:
    boots(tmp_path / "data", f"{GERMAN} (s_007.png)")
    rows = [(f"s_{n:03}", "rubber") for n in range(24, 36)]
    table(tmp_path / "data/sample_submission.csv", ("boot", "made"), *rows)
    found, _ = begin(tmp_path)
    assert found.submission.columns == {"boot": "id", "made": "value"}
    assert (found.submission.file.sep, load_samples(found, "test")["id"].iloc[0]) == (",", "s_024")
