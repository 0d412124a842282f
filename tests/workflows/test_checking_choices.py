"""`podium check` lists the keys that a person has to choose, with the line of the first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from podium.cli.app import app


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
