"""What a score of masks is where truth and answer are empty, as texts tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.readme.empty_pairs import readme_empty_pair
from podium.competition.infer.readme.metrics import find_readme_metrics
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import infer
from podium.tasks.protocols.find import pixel_kind
from tests.competition.infer.test_odd_masks import box, photo, save


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Score: the Dice coefficient is computed; if neither has a lesion pixel it is 1.", "one"),
        ("Metric: mean Dice. It is 0 if both masks are empty.", "zero"),
        ("Metric: mean Dice, 0 if one mask is empty and 1 if both are empty.", "one"),
        ("Bewertung: mittlerer Dice; sind beide Masken leer, zählt er 1.", "one"),
        ("评价指标：Dice，预测与真值均为空时记为 1。", "one"),
        ("Metric: mean Dice of 2 classes, from 0 to 1.", ""),
        ("Metric: mean Dice. Neither team may have 1 account more.", "one"),
        ("Two teams won, neither with 1 model. Later on the metric was mean Dice.", ""),
    ],
)
def test_a_text_tells_what_an_empty_mask_counts(text: str, counts: str, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    folder = scan_folder(tmp_path, ".")
    named = find_readme_metrics(folder, pixel_kind("binary"), "segment")[0]
    found = readme_empty_pair(folder, named)
    assert (found.counts if found is not None else "") == counts


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("Metric: mean Dice.", "one"),  # as it is usually meant, and not as the guess before it
        ("Metric: mean Dice. It is 0 where both masks are empty.", "zero"),
    ],
)
def test_the_metric_of_a_text_has_its_own_empty_masks(
    text: str, empty: str, tmp_path: Path
) -> None:
    for n in range(8):
        photo(tmp_path / f"data/{'train' if n < 6 else 'test'}/images/{n}.png", n)
        if n < 6:
            save(tmp_path / f"data/train/masks/{n}.png", box(n))
    (tmp_path / "data/README.md").write_text(text, encoding="utf-8")
    metric = infer(tmp_path / "data", tmp_path).competition.metric
    assert metric.model_dump()["empty"] == empty
