"""What the tests of presets share: competitions of a preset in a folder, golden files, plain CSV.

A golden file (`golden/<preset>.csv`) is what a host takes, written without podium: by hand, or by
code of a test that reads neither the writer nor the codecs.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from PIL import Image

from podium.competition import metrics
from podium.competition.presets import Preset, all_presets
from podium.competition.spec import Competition, load_competition
from podium.tasks.protocols.names import TaskName

GOLDEN = Path(__file__).parent / "golden"


def presets_of(task: TaskName) -> list[Preset]:
    """Return the presets whose submission holds labels (classify) or masks (segment)."""
    return [preset for preset in all_presets() if task in preset.tasks]


def params(presets: Sequence[Preset], *, scored: bool = False) -> list[object]:
    """Return one parameter a preset; with `scored` those are skipped whose metric is to come."""
    known = set(metrics.names())
    return [
        pytest.param(
            preset,
            id=preset.name,
            marks=[pytest.mark.skip(reason=f"there is no metric {preset.metric.name} yet")]
            if scored and preset.metric.name not in known
            else [],
        )
        for preset in presets
    ]


def competition_of_preset(
    folder: Path,
    preset: Preset,
    *,
    sample: str | None,
    classes: Sequence[str] = (),
    sizes: Mapping[str, tuple[int, int]] | None = None,
    submission: Mapping[str, object] | None = None,
    **keys: object,
) -> Competition:
    """Return a competition in `folder` of which competition.yaml says little but its preset.

    Args:
        folder: of competition.yaml.
        preset: named in `submission`; tasks, classes, frame and metric come from it.
        sample: the text of the sample submission; None: there is none.
        classes: of a preset that does not know them.
        sizes: (height, width) of the test images by id; they are made.
        submission: more keys of the part `submission`.
        keys: more keys of competition.yaml.
    """
    spec: dict[str, object] = {"name": "miniature", **keys}
    if classes:
        spec["classes"] = list(classes)
    if "segment" in preset.tasks:
        train = {"images": "train/*.png", "mask": "masks/{stem}.png"}
        if classes or preset.classes:
            train["mask"] = "masks/{class}/{stem}.png"
    else:
        train = {"table": "train.csv", "id": "id", "images": "train/{id}", "label": "label"}
    (folder / "test").mkdir(exist_ok=True)
    for name, (height, width) in (sizes or {}).items():
        Image.new("L", (width, height)).save(folder / "test" / f"{name}.png")
    spec.setdefault("data", {"train": train, "test": {"images": "test/*.png"}})
    spec["submission"] = {"preset": preset.name, **(submission or {})}
    if sample is not None:
        (folder / "sample.csv").write_text(sample, encoding="utf-8")
        spec["submission"] |= {"sample": "sample.csv"}  # type: ignore[operator]
    (folder / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    return load_competition(folder)


def golden(preset: Preset) -> Path:
    """Return where the golden file of a preset lies."""
    return GOLDEN / f"{preset.name}.csv"


def table_of(path: Path) -> list[list[str]]:
    """Return header and rows of a CSV, by Python's own reader."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))
