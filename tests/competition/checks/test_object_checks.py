"""Checks of objects: counts, sizes, shared pixels, and the facts behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from scipy import ndimage

from podium.competition.checks.mask_facts import ObjectFact, count_objects, list_mask_facts
from podium.competition.checks.masks import check_masks
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.instances import Instances
from podium.workspace.layout import Workspace


def spec_of(root: Path, **train: Any) -> Competition:
    fields = {
        "name": "tiny",
        "tasks": {"segment": "instance"},
        "data": {
            "train": {"images": "i/*.png", "mask": "m/{id}/*.png", "absent": "empty", **train},
            "test": {"images": "t/*.png"},
        },
        "metric": {"name": "iou_precision"},
    }
    return Competition.model_validate(fields).at(root)


def write(root: Path, name: str, *objects: np.ndarray) -> None:
    (root / "i").mkdir(exist_ok=True)
    Image.fromarray(np.full((20, 30, 3), len(name), np.uint8)).save(root / f"i/{name}.png")
    for number, plane in enumerate(objects):
        (root / "m" / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(plane.astype(np.uint8) * 255).save(root / f"m/{name}/{number}.png")


def box(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    plane = np.zeros((20, 30), bool)
    plane[top:bottom, left:right] = True
    return plane


def findings(root: Path, spec: Competition) -> dict[str, str]:
    found = check_masks(Workspace(root), spec, load_samples(spec, "train"))
    return {one.title: f"{one.level}: {one.detail}; {one.fix}" for one in found}


def test_the_checks_report_objects(tmp_path: Path) -> None:
    write(tmp_path, "a", box(0, 0, 10, 10), box(0, 10, 10, 20), box(12, 0, 13, 2))
    write(
        tmp_path, "bb", box(0, 0, 6, 6), box(5, 5, 12, 12), box(0, 20, 5, 25) | box(9, 20, 14, 25)
    )
    write(tmp_path, "ccc")
    by_title = findings(tmp_path, spec_of(tmp_path))
    assert by_title["objects"] == (
        "note: 6 in 3 images, 1 without one; an image has 3 in the median, 3 at most; pixels of an "
        "object: least 2, median 50, most 100; "
    )
    assert by_title["objects of a few pixels"].startswith("warning: 1 of 6")
    assert by_title["images with objects that share pixels"].startswith("warning: 1: 'bb';")
    assert by_title["objects that touch"].startswith("note: 4 of 6 (67%)")
    assert "nothing: 1 pixel beside each edge is background" in by_title["objects that touch"]
    assert "1 of 6" in by_title["objects in several pieces"]
    by_title = findings(tmp_path, spec_of(tmp_path, border=2))
    assert "nothing: 2 pixels beside each edge are background" in by_title["objects that touch"]
    by_title = findings(tmp_path, spec_of(tmp_path, border=0))
    assert by_title["objects that touch"].startswith("warning: 4 of 6 (67%)")


def test_facts_of_objects_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a", box(0, 0, 10, 10), box(0, 10, 10, 20))
    write(tmp_path, "bb")
    spec = spec_of(tmp_path)
    samples, workspace = load_samples(spec, "train"), Workspace(tmp_path)
    first = list_mask_facts(workspace, spec, samples)
    assert first[0].objects == ObjectFact((100, 100), 0, 2, 0)
    assert first[1].objects == ObjectFact()
    monkeypatch.setattr(
        "podium.competition.checks.mask_facts._read_fact", None
    )  # nothing is read again
    assert list_mask_facts(workspace, spec, samples) == first


planes = arrays.arrays(np.bool_, (6, 7))


@settings(deadline=None, max_examples=50)
@given(each=st.lists(planes.filter(np.any), max_size=4))
def test_facts_are_those_of_plain_loops(each: list[np.ndarray]) -> None:
    found = count_objects(Instances.from_planes((6, 7), each))
    eight = np.ones((3, 3))
    grown = [ndimage.binary_dilation(one, eight) for one in each]
    assert found == ObjectFact(
        tuple(int(one.sum()) for one in each),
        int((np.sum([np.zeros((6, 7)), *each], axis=0) > 1).sum()),
        sum(
            any((grown[a] & each[b]).any() for b in range(len(each)) if b != a)
            for a in range(len(each))
        ),
        sum(ndimage.label(one, eight)[1] > 1 for one in each),
    )
