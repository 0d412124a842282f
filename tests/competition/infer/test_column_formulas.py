"""A formula that sums one metric over columns, and -1 for what was not measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, table

N_TRAIN, N_TEST = 30, 6


def competition(data: Path, text: str, *, missing: str = "", units: bool = False) -> None:
    """Write images, or folders of two, with two numbers each; every sixth `b` is `missing`."""
    rng = np.random.default_rng(0)
    for part, at in (("train", range(N_TRAIN)), ("test", range(N_TRAIN, N_TRAIN + N_TEST))):
        for n in at:
            names = [f"c{n:02}/{24 * (n % 3 + 1):03}h", f"c{n:02}/120h"] if units else [f"c{n:02}"]
            for name in names:
                file = data / part / f"{name}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(rng.integers(0, 255, (12, 12, 3), dtype=np.uint8)).save(file)
    cells = [missing if missing and n % 6 == 5 else f"{n % 7}.{n:02}" for n in range(N_TRAIN)]
    rows = ((f"c{n:02}", f"{20 + n / 7:.1f}", cells[n]) for n in range(N_TRAIN))
    table(data / "train.csv", ("coupon", "rust_pct", "creep_mm"), *rows)
    sent = ((f"c{n:02}", 0, 0) for n in range(N_TRAIN, N_TRAIN + N_TEST))
    table(data / "sample_submission.csv", ("coupon", "rust_pct", "creep_mm"), *sent)
    (data / "README.md").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        (
            "Score = 0.5 * RMSE(rust_pct) / 10 + 0.5 * RMSE(creep_mm) / 2",
            "mcrmse",
            {"scales": [10, 2]},
        ),
        (
            "Bewertung: `0,75 · MAE(rust_pct) + 0,25 · MAE(creep_mm)`",
            "mcmae",
            {"weights": [0.75, 0.25]},
        ),
        (
            "The score is 2 x RMSE of creep_mm / 3 + RMSE of rust_pct.",
            "mcrmse",
            {"scales": [1, 3], "weights": [1, 2]},
        ),
        (
            "Score: 0.6 R2(rust_pct) + 0.4 R2(creep_mm), higher is better.",
            "mean_r2",
            {"weights": [0.6, 0.4]},
        ),
    ],
)
def test_metric_is_the_formula_of_all_columns(
    tmp_path: Path, text: str, name: str, options: dict[str, object]
) -> None:
    competition(tmp_path / "data", text)
    found, notes = begin(tmp_path)
    assert found.metric.name == name
    assert {one: found.metric.options[one] for one in options} == options
    assert {one for one, value in found.metric.options.items() if value} == {*options}
    assert "guess" not in notes


@pytest.mark.parametrize(
    "text",
    [
        "Score = 0.5 * RMSE(rust_pct) / 10 + 0.5 * MAE(creep_mm) / 2",
        "Score = 0.5 * RMSE(rust_pct) + 0.5 * RMSE(thickness)",
        "Score = 0.5 * RMSE(rust_pct) + 0.3 * RMSE(rust_pct)",
    ],
)
def test_formula_of_other_metrics_or_columns_is_not_taken(tmp_path: Path, text: str) -> None:
    competition(tmp_path / "data", text)
    found, _ = begin(tmp_path)
    assert not any(found.metric.options.values())


@pytest.mark.parametrize("units", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "`creep_mm` = -1 means not measured. The other numbers are from 720 hours.",
        "**`creep_mm` = -1 은 미측정**입니다.",
        "Wurde nicht gemessen, steht −1 in der Spalte creep_mm.",
        "No text tells anything.",  # among fractions, none of them negative, -1 stands out
    ],
)
def test_minus_one_among_measures_is_no_number(tmp_path: Path, text: str, units: bool) -> None:
    competition(tmp_path / "data", text, missing="-1", units=units)
    found, notes = begin(tmp_path)
    labels = np.stack(list(load_samples(found, "train")["label"]))
    assert f"{N_TRAIN // 6} cells of creep_mm with -1, taken for no number" in notes
    assert len(labels) == (2 if units else 1) * N_TRAIN
    assert int(np.isnan(labels[:, 1]).sum()) == len(labels) // 6
    assert not np.isnan(labels[:, 0]).any()


def test_number_that_a_text_calls_not_measured_is_none_among_whole_numbers(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    competition(data, "A creep_mm of 99 was not measured.", missing="99")
    rows = [line.split(",") for line in (data / "train.csv").read_text().splitlines()]
    whole = [(name, rust, str(60 + n) if creep != "99" else creep) for n, (name, rust, creep)
             in enumerate(rows[1:])]  # fmt: skip
    table(data / "train.csv", tuple(rows[0]), *whole)
    _, notes = begin(tmp_path)
    assert "5 cells of creep_mm with 99, taken for no number" in notes


@pytest.mark.parametrize(
    "text",
    [
        "-2 in rust_pct was not measured.",  # another number
        "creep_mm = 6.29 was not measured twice.",  # it stands in one cell
        "Columns: creep_mm, from -1 to 7.",
        "creep_mm is 0.07 where no paint is missing.",
        "creep_mm: 0.07, если ржавчина отсутствует.",
    ],
)
def test_numbers_that_are_measures_stay(tmp_path: Path, text: str) -> None:
    data = tmp_path / "data"
    competition(data, text)
    table_file = data / "train.csv"
    table_file.write_text(table_file.read_text().replace(",0.00", ",0.07").replace("0.14", "0.07"))
    _, notes = begin(tmp_path)
    assert "taken for no number" not in notes
