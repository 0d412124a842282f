"""A table of images and units, and one with several numbers a unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.competition.infer.test_odd_labels import begin, put, table

N, N_TEST = 24, 8
TEXT = "Neurria: zutabe bakoitzaren RMSE, eta bien batez bestekoa (MCRMSE)."


def cheeses(data: Path, asked: tuple[str, ...]) -> None:
    photographs = []
    for n in range(N + N_TEST):
        for view in range(2 + n % 2):
            name = f"DSC_{1000 + (37 * (3 * n + view)) % 101}.png"
            put(data / "argazkiak" / name, 3 * n + view)
            photographs.append((name, f"{17 + 31 * n:04}"))
    table(data / "argazkiak.csv", ("fitxategia", "gazta"), *sorted(photographs))
    rows = [
        (f"{17 + 31 * n:04}", *(str(1.31 + n % 7 + 3 * k + n / 100) for k, _ in enumerate(asked)))
        for n in range(N)
    ]
    table(data / "gaztak.csv", ("gazta", *asked), *rows)
    sent = [(f"{17 + 31 * n:04}", *("1.5" for _ in asked)) for n in range(N, N + N_TEST)]
    table(data / "adibidea.csv", ("gazta", *asked), *sent)
    (data / "IRAKURRI.txt").write_text(TEXT, encoding="utf-8")


@pytest.mark.parametrize("asked", [("gatza",), ("gatza", "ura"), ("gatza", "ura", "gantza")])
def test_images_have_all_numbers_of_their_unit(tmp_path: Path, asked: tuple[str, ...]) -> None:
    cheeses(tmp_path / "data", asked)
    found, _ = begin(tmp_path)
    assert found.data.train.unit == "gazta"
    assert found.folds.group == "gazta"
    assert found.metric.name == ("mcrmse" if len(asked) > 1 else "rmse")
