"""Rows that several columns name, in folders of farms and years: files, ids to send, and groups."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

FARMS = {"BV": "BV_Boa-Vista", "PD": "PD_Pedra-do-Indaia", "SJ": "SJ_Sao-Jose"}
NAMES = {"4": "sadia", "7": "ferrugem", "12": "bicho_mineiro"}


def leaves() -> list[tuple[str, str, int, str, str, str]]:
    """Return farm, year, leaf, face, part and code of each photo; most leaves have both faces."""
    rng = np.random.default_rng(5)
    found = []
    for farm in FARMS:
        for year in ("2019", "2020"):
            for leaf in rng.permutation(30)[:16]:
                part = "teste" if rng.random() < 0.25 else "treino"
                code = [*NAMES][rng.integers(3)]
                faces = "ab" if rng.random() < 0.7 else "a"
                found += [(farm, year, int(leaf) + 1, face, part, code) for face in faces]
    return found


def write_leaves(data: Path, rows: Sequence[tuple[str, str, int, str, str, str]]) -> None:
    for n, (farm, year, leaf, face, part, _) in enumerate(rows):
        put(data / f"images/{FARMS[farm]}/{year}/{part}/Folha_{leaf:03}-{face.upper()}.JPG", n)
    header = ("fazenda", "ano", "folha", "face", "umidade", "conjunto", "cod_diag")
    known = (
        (farm, year, leaf, face, 49 + n % 13, part, code if part == "treino" else "")
        for n, (farm, year, leaf, face, part, code) in enumerate(rows)
    )
    table(data / "coletas.csv", header, *known, sign=";")
    legend = ((code, name, "x") for code, name in NAMES.items())
    table(data / "legenda.csv", ("cod_diag", "diagnostico", "agente"), *legend, sign=";")
    sent = [
        (f"{farm}-{year}-{leaf}{face}", *[0.33] * 3)
        for farm, year, leaf, face, part, _ in rows
        if part == "teste"
    ]
    table(data / "envio.csv", ("amostra", *sorted(NAMES.values())), *sent)


def test_four_columns_name_a_file_an_id_and_a_leaf(tmp_path: Path) -> None:
    rows = leaves()
    write_leaves(tmp_path / "data", rows)
    found, _ = begin(tmp_path)
    assert found.folds.group == "fazenda_ano_folha"
    train, test = (load_samples(found, part) for part in ("train", "test"))
    truth = {
        f"{FARMS[farm]}/{year}/{part}/Folha_{leaf:03}-{face.upper()}.JPG": (
            f"{farm}-{year}-{leaf}{face}",
            f"{farm}_{year}_{leaf}",
            NAMES[code],
        )
        for farm, year, leaf, face, part, code in rows
    }
    of_train = [truth["/".join(Path(path).parts[-4:])] for (path,) in train["images"]]
    assert list(train["group"]) == [group for _, group, _ in of_train]
    assert [found.classes[n] for n in train["label"]] == [name for *_, name in of_train]
    of_test = [truth["/".join(Path(path).parts[-4:])] for (path,) in test["images"]]
    assert list(test["id"]) == [name for name, *_ in of_test]
    assert len(train) + len(test) == len(rows)


@pytest.mark.parametrize("fault", ["labels differ", "leaves in both parts"])
def test_rows_that_differ_or_lie_in_both_parts_are_no_thing(tmp_path: Path, fault: str) -> None:
    rng = np.random.default_rng(1)
    rows = [list(row) for row in leaves()]
    for row in rows:
        if fault == "labels differ":
            row[5] = [*NAMES][rng.integers(3)]
        elif row[3] == "b":
            row[4] = "teste" if rng.random() < 0.25 else "treino"
    write_leaves(tmp_path / "data", [tuple(row) for row in rows])
    assert begin(tmp_path)[0].folds.group is None
