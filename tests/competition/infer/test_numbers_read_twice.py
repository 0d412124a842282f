"""Numbers of an image that two people read, in a column that the sample spells otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN = 30
READERS = ("Ortiz", "Peña")
FIRST = {f"hoja_{n:02}.png": 0.75 + 1.25 * (n * 7 % 30) for n in range(N_TRAIN)}
TWICE = {name: cover + 0.5 for n, (name, cover) in enumerate(FIRST.items()) if n % 5 == 0}
"""What the second person read; all other leaves were read by the first one alone."""
TRUTH = {name: (cover + TWICE.get(name, cover)) / 2 for name, cover in FIRST.items()}
README = (
    "Algunas hojas fueron leídas por dos observadores: la verdad es el promedio de ambas lecturas. "
    "La métrica es RMSLE."
)


def leaves(
    data: Path, column: str, *, asked: str = "cobertura", person: str = "observador"
) -> None:
    rows = []
    for n, (name, cover) in enumerate(FIRST.items()):
        put(data / "hojas" / name, n)
        rows.append((name, f"parcela {n // 3}", READERS[0], cover))
        if name in TWICE:
            rows.append((name, f"parcela {n // 3}", READERS[1], TWICE[name]))
    for n in range(N_TRAIN, 40):
        put(data / "a_predecir" / f"x_{n}.png", n)
    table(data / "entrenamiento.csv", ("hoja", "parcela", person, column), *rows)
    sent = [(f"x_{n}.png", "0.0") for n in range(N_TRAIN, 40)]
    table(data / "ejemplo_envio.csv", ("hoja", asked), *sent)
    (data / "LEEME.txt").write_text(README, encoding="utf-8")


@pytest.mark.parametrize(
    ("column", "asked"),
    [
        ("cobertura (%)", "cobertura"),
        ("Cobertura", "cobertura"),
        ("fracción cubierta", "fraccion_cubierta"),
        ("cobertura", "Cobertura [%]"),
    ],
)
def test_the_mean_of_two_readers_is_the_number_that_the_sample_spells_otherwise(
    tmp_path: Path, column: str, asked: str
) -> None:
    leaves(tmp_path / "data", column, asked=asked)
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}
    assert found.metric.name == "rmsle"
    assert found.folds.group == "parcela"
    samples = load_samples(found, "train")
    assert dict(zip(samples["id"], samples["label"].map(float), strict=True)) == TRUTH
    assert f"the mean {column} of each hoja by observador" in notes


def test_who_read_a_leaf_is_no_label_where_the_number_is_asked_for(tmp_path: Path) -> None:
    leaves(tmp_path / "data", "cobertura (%)", person="x")
    found, notes = begin(tmp_path)
    assert found.data.train is not None
    assert found.data.train.label == "cobertura (%)"
    assert "stand more than once" in notes


def test_a_number_in_another_unit_is_not_the_one_that_is_asked_for(tmp_path: Path) -> None:
    data = tmp_path / "data"
    leaves(data, "altura (cm)", asked="altura (m)")
    _, notes = begin(tmp_path)
    assert "the mean altura (cm)" not in notes


def test_the_means_of_two_measures_are_those_of_columns_that_the_sample_spells_otherwise(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    truth, rows = {}, []
    for n in range(N_TRAIN):
        put(data / "train" / f"nuss_{n:02}.png", n)
        height, width = 20 + n * 7 % 30 + 0.5, 8 + n * 5 % 11 + 0.25
        is_lost = n in (4, 17)
        for person, off in (("Mü", 0.25), ("Kö", -0.75)):
            cells = ("k. A.", "k. A.") if is_lost else (height + off, width + off)
            rows.append((f"nuss_{n:02}", *(str(one).replace(".", ",") for one in cells), person))
        if not is_lost:
            truth[f"nuss_{n:02}"] = (height - 0.25, width - 0.25)
    for n in range(N_TRAIN, 40):
        put(data / "test" / f"nuss_{n:02}.png", n)
    rows = [(name, *("k. A." if one == "k, A," else one for one in rest)) for name, *rest in rows]
    lines = [("Bild", "Höhe (mm)", "Größe (mm)", "Prüfer"), *rows]
    (data / "messwerte.csv").write_text("\n".join(map(";".join, lines)) + "\n", encoding="utf-8")
    sent = [
        ("Bild", "Hoehe_mm", "Groesse_mm"),
        *((f"nuss_{n}", "0,0", "0,0") for n in range(30, 40)),
    ]
    (data / "beispielabgabe.csv").write_text("\n".join(map(";".join, sent)) + "\n")
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multitarget"}
    assert found.to_choose == []
    samples = load_samples(found, "train")
    labels = zip(samples["id"], samples["label"], strict=True)
    assert {name: tuple(map(float, label)) for name, label in labels} == truth
    assert found.submission.columns == {
        "Bild": "id", "Hoehe_mm": "value[Hoehe_mm]", "Groesse_mm": "value[Groesse_mm]"
    }  # fmt: skip
    assert "the mean 'Höhe (mm)', 'Größe (mm)' of each Bild by Prüfer" in notes
    assert load_samples(found, "unlabelled")["id"].tolist() == ["nuss_04", "nuss_17"]
