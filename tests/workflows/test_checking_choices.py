"""`podium check` lists the keys that a person has to choose, with the line of the first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.spec import load_competition
from podium.workflows.checking import check_format


def test_keys_to_choose_stop_a_person(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rng = np.random.default_rng(0)
    for part, numbers in (("train", range(12)), ("test", range(20, 24))):
        (data / part).mkdir(parents=True)
        for n in numbers:
            pixels = rng.integers(0, 255, (16, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(data / part / f"{n}.png")
    rows = "".join(f"{n},{n % 2}\n" for n in range(12))
    (data / "train.csv").write_text(f"id,label\n{rows}")
    rows = "".join(f"{n},0\n" for n in range(20, 24))
    (data / "sample_submission.csv").write_text(f"id,label\n{rows}")

    def run(*words: str) -> str:
        return " ".join(CliRunner().invoke(app, ["-w", str(tmp_path), *words]).output.split())

    assert "choose submission.value" in run("init", str(data))
    found = run("check", "--no-adversarial")
    file = tmp_path / "competition.yaml"
    lines = file.read_text().splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.startswith("  value:"))
    assert "several readings of the data fit" in found
    assert f"competition.yaml:{number}" in found
    file.write_text("\n".join(one for one in lines if "to_choose" not in one))
    assert "several readings" not in run("check", "--no-adversarial")


def test_a_ranking_metric_of_a_file_of_decisions_is_warned_of(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (12, 16, 16, 3)).astype(np.uint8)
    for n, image in enumerate(pixels):
        folder = tmp_path / ("train" if n < 8 else "test")
        folder.mkdir(exist_ok=True)
        Image.fromarray(image).save(folder / f"{n}.png")
    (tmp_path / "train.csv").write_text("id,label\n" + "".join(f"{n},{n % 2}\n" for n in range(8)))
    text = """
name: told
tasks: {classify: binary}
data:
  train: {table: train.csv, id: id, images: 'train/{id}.png', label: label}
  test: {images: 'test/*.png'}
metric: {name: auc}
submission: {columns: {id: id, label: value}}
"""
    (tmp_path / "competition.yaml").write_text(text)

    def titles() -> list[str]:
        competition = load_competition(tmp_path)
        return [one.title for one in check_format(competition) if one.level == "warning"]

    assert titles() == ["auc scores probabilities, and the file would hold decisions"]
    (tmp_path / "competition.yaml").write_text(
        text.replace("label: value}", "label: value}, value: prob")
    )
    assert titles() == []
    (tmp_path / "competition.yaml").write_text(text.replace("auc", "f1"))
    assert titles() == []


def test_a_sample_that_init_made_of_json_or_semicolons_is_no_misfit(tmp_path: Path) -> None:
    for n in range(4):
        Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / f"{n}.png")
    text = """
name: made
tasks: {classify: binary}
data:
  train: {table: train.csv, id: id, images: '{id}.png', label: label}
  test: {images: '*.png'}
metric: {name: auc}
submission: {sample: sample.csv, columns: {id: id, label: value}, value: prob, file: FORM}
"""
    (tmp_path / "sample.csv").write_text("id,label\n" + "".join(f"{n},0.5\n" for n in range(4)))
    for form in ("{kind: json}", "{sep: ';', decimal: ','}"):
        (tmp_path / "competition.yaml").write_text(text.replace("FORM", form))
        assert check_format(load_competition(tmp_path)) == []
    (tmp_path / "sample.csv").write_text("id,score\n" + "".join(f"{n},0.5\n" for n in range(4)))
    (found,) = check_format(load_competition(tmp_path))
    assert found.title == "the sample submission does not fit the format"
