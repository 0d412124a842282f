"""Where the values of an inferred competition.yaml are from, as `podium init` prints it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.workflows.reading_summary import main_keys, reading_summary

RATED = "Marked by an expert.\n\nSubmissions are scored by the quadratic weighted kappa of marks."


def rated(root: Path, text: str, *, patients: bool = True) -> Path:
    """Write images with grades from 0 to 3, of patients with three each, and a text."""
    rng, rows = np.random.default_rng(0), []
    for part, n in (("train", 48), ("test", 6)):
        (root / part).mkdir(parents=True)
        for number in range(n):
            pixels = rng.integers(0, 255, (16, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(root / part / f"{part[1]}{number}.png")
            if part == "train":
                rows.append(f"r{number},{number % 4}" + f",p{number // 3}" * patients)
    head = "image,grade" + ",patient" * patients
    (root / "train.csv").write_text("\n".join([head, *rows]) + "\n")
    sent = "".join(f"e{number},0\n" for number in range(6))
    (root / "sample_submission.csv").write_text(f"image,grade\n{sent}")
    (root / "README.md").write_text(text)
    return root


def test_kind_classes_metric_and_group_are_shown_with_where_they_are_from(tmp_path: Path) -> None:
    found = infer(rated(tmp_path / "data", RATED), tmp_path)
    kind, classes, metric, folds = main_keys(found.competition, found.origins, found.text)
    assert kind.startswith("kind: ordinal, one of several classes that ascend, a rating")
    assert "README.md scores by 'quadratic weighted kappa'" in kind
    assert "guess" not in kind
    assert "likely, and not certain" not in found.text
    assert classes == "classes: 4 in ascending order: 0 < 1 < 2 < 3"
    told = "Submissions are scored by the quadratic weighted kappa of marks."
    assert metric == f"metric: qwk; from README.md: '{told}'"
    assert folds.startswith("folds: 5, stratified_group, group patient; from the data: 16 values")


def test_a_guess_is_shown_with_its_line(tmp_path: Path) -> None:
    found = infer(rated(tmp_path / "data", "Grades.", patients=False), tmp_path)
    kind, _, metric, folds = main_keys(found.competition, found.origins, found.text)
    lines = found.text.splitlines()
    for line, key in ((kind, "tasks: {classify: ordinal}"), (metric, "  name: qwk")):
        assert "; a guess (" in line
        assert lines[int(line.rpartition("say otherwise in line ")[2]) - 1] == key
    assert folds == "folds: 5, stratified, no group"


def test_a_long_sentence_is_quoted_around_the_metric(tmp_path: Path) -> None:
    text = f"{'In this task, as in all before it, ' * 5}we score by macro F1 {'and so on ' * 20}."
    found = infer(rated(tmp_path / "data", text), tmp_path)
    metric = main_keys(found.competition, found.origins, found.text)[2]
    assert metric.startswith("metric: macro_f1; from README.md: '… ")
    assert "we score by macro F1 and so on" in metric
    assert metric.endswith(" …'")


@pytest.mark.parametrize("text", ["Send a PNG for each tile.", "Tiles."])
def test_a_file_that_a_text_tells_is_no_guess(tmp_path: Path, text: str) -> None:
    data = tmp_path / "data"
    for folder in ("train/images", "train/masks", "test/images"):
        (data / folder).mkdir(parents=True)
    for number in range(8):
        image, mask = np.full((16, 16, 3), 9 * number, np.uint8), np.zeros((16, 16), np.uint8)
        mask[3:9, 4 : 9 + number] = 255
        Image.fromarray(image).save(data / f"train/images/{number}.png")
        Image.fromarray(image).save(data / f"test/images/{number + 10}.png")
        Image.fromarray(mask).save(data / f"train/masks/{number}.png")
    (data / "README.md").write_text(text)
    found = infer(data, tmp_path)
    *_, sent = reading_summary(found.competition, found.samples, (), found.origins)
    assert ("a guess" in sent) == (text == "Tiles.")
    assert ("as README.md says 'Send a PNG for each tile.'" in sent) == (text != "Tiles.")
