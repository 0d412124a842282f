"""Classes at the end of numbered folders: `study1_positive`, inside those of patients and limbs."""

from __future__ import annotations

from pathlib import Path

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put


def studies(data: Path, ends: tuple[str, str]) -> dict[str, str]:
    wanted = {}
    for n in range(24):
        limb, end = ("HAND", "ELBOW")[n % 2], ends[n // 2 % 2]
        path = f"train/{limb}/patient{n // 2:05}/study1_{end}/image1.png"
        put(data / path, n)
        wanted[path] = end
    for n in range(4):
        put(data / f"test/HAND/patient{90 + n:05}/image1.png", 50 + n)
    return wanted


def test_folders_that_end_with_yes_or_no_are_classes_and_patients_groups(tmp_path: Path) -> None:
    wanted = studies(tmp_path / "data", ("positive", "negative"))
    found, notes = begin(tmp_path)
    assert (found.classes, found.folds.group) == (["negative", "positive"], "folder")
    samples = load_samples(found, "train")
    read = {
        one[0].removeprefix("data/"): found.classes[label]
        for one, label in zip(samples["images"], samples["label"], strict=True)
    }
    assert read == wanted
    assert "end with negative or positive" in notes


def test_ends_that_are_neither_yes_nor_no_leave_the_folders_around(tmp_path: Path) -> None:
    studies(tmp_path / "data", ("left", "right"))
    found, _ = begin(tmp_path)
    assert sorted(found.classes) == ["ELBOW", "HAND"]
