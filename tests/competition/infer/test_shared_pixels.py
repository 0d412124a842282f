"""Outlines of several classes that share pixels: of both classes, or of one alone, is asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.masks import truth_masks

SIZE = (24, 32)
Box = tuple[int, int, int, int]
ROOF: Box = (2, 3, 18, 15)
PANEL: Box = (5, 6, 10, 11)
YARD: Box = (14, 10, 26, 22)
VALUES = {"roof": 1, "panel": 2, "yard": 3}
N_TRAIN, N_TEST = 8, 4


def write(
    data: Path,
    shapes: list[tuple[str, Box]],
    rows: tuple[str, ...] = ("roof", "panel"),
    end: str = "",
) -> None:
    """Write images with these outlines, in this order, moved by a pixel in every other image.

    Args:
        data: the folder.
        shapes: the class and the box (left, top, right, bottom) of each outline.
        rows: the classes of the sample submission.
        end: of the ids of the sample submission.
    """
    random = np.random.default_rng(3)
    outlines = []
    for number in range(N_TRAIN + N_TEST):
        file = data / ("train" if number < N_TRAIN else "test") / f"street_{number:02}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 255, (*SIZE, 3)).astype(np.uint8)).save(file)
        for name, box in shapes if number < N_TRAIN else ():
            left, top, right, bottom = (one + number % 2 for one in box)
            corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
            text = ", ".join(f"{x} {y}" for x, y in corners)
            outlines.append((file.stem, name, f"POLYGON (({text}))"))
    pd.DataFrame(outlines, columns=["image", "class", "geometry"]).to_csv(
        data / "drawn.csv", index=False
    )
    sample = [
        (f"street_{n:02}{end}", name, "") for n in range(N_TRAIN, N_TRAIN + N_TEST) for name in rows
    ]
    pd.DataFrame(sample, columns=["image", "class", "rle"]).to_csv(
        data / "sample_submission.csv", index=False
    )


def painted(shapes: list[tuple[str, Box]], number: int) -> NDArray[np.uint8]:
    """Return one map of the image of this number, where a later shape covers those before it."""
    drawn = np.zeros(SIZE, dtype=np.uint8)
    for name, box in shapes:
        left, top, right, bottom = (one + number % 2 for one in box)
        drawn[top:bottom, left:right] = VALUES[name]
    return drawn


def offered(found: Inferred, key: str) -> list[str]:
    """Return the other readings that stand below a key in competition.yaml."""
    lines = [one.strip() for one in found.text.splitlines()]
    start = f"# or {key}: "
    return [one.removeprefix(start) for one in lines if one.startswith(start)]


def chosen(found: Inferred, root: Path, mask: str) -> Competition:
    """Return the competition with the other reading of its tasks, and these masks."""
    text = yaml.safe_load(found.text)
    text["to_choose"] = []
    [text["tasks"]] = map(yaml.safe_load, offered(found, "tasks"))
    text["data"]["train"]["mask"] = mask
    for values in offered(found, "mask_values"):
        text["data"]["train"]["mask_values"] = yaml.safe_load(values)
    return Competition.model_validate(text).at(root)


def masks_of(spec: Competition) -> list[NDArray[np.uint8]]:
    return [one for one in truth_masks(spec, load_samples(spec, "train")) if one is not None]


def test_a_class_that_lies_on_another_may_hide_it(tmp_path: Path) -> None:
    shapes = [("roof", ROOF), ("panel", PANEL)]
    write(tmp_path / "data", shapes)
    found = infer(tmp_path / "data", tmp_path)
    assert found.competition.tasks == {"segment": "multilabel"}
    assert {"tasks", "data.train.mask"} <= {*found.competition.to_choose}
    shared = f"share {N_TRAIN * 25:,} of {N_TRAIN * 16 * 12:,} pixels"
    assert [one for one in found.notes if shared in one]
    both = masks_of(found.competition)
    assert all(one.shape == (*SIZE, 2) and one.all(axis=-1).sum() == 25 for one in both)
    # The panel is the later outline and the smaller one: there is one map of both.
    [mask] = map(yaml.safe_load, offered(found, "mask"))
    spec = chosen(found, tmp_path, mask)
    alone = masks_of(spec)
    assert len(alone) == N_TRAIN
    for number, one in enumerate(alone):
        drawn = painted(shapes, number)
        for name, value in VALUES.items():
            if name in spec.classes:
                assert np.array_equal(one == spec.classes.index(name) + 1, drawn == value)


@pytest.mark.parametrize("end", ["", ".png"])
def test_where_the_later_outline_is_the_larger_one_both_maps_are_offered(
    end: str, tmp_path: Path
) -> None:
    shapes = [("panel", PANEL), ("roof", ROOF)]
    write(tmp_path / "data", shapes, end=end)
    found = infer(tmp_path / "data", tmp_path)
    masks = [yaml.safe_load(one) for one in offered(found, "mask")]
    assert len(masks) == 2
    for mask, order in zip(masks, (shapes, shapes[::-1]), strict=True):
        spec = chosen(found, tmp_path, mask)
        for number, one in enumerate(masks_of(spec)):
            drawn = painted(order, number)
            for name in spec.classes:
                assert np.array_equal(one == spec.classes.index(name) + 1, drawn == VALUES[name]), (
                    mask,
                    number,
                    name,
                )


def test_a_class_that_the_sample_lacks_is_background_in_the_maps_too(tmp_path: Path) -> None:
    shapes = [("yard", YARD), ("roof", ROOF), ("panel", PANEL)]
    write(tmp_path / "data", shapes, rows=("roof", "panel"))
    found = infer(tmp_path / "data", tmp_path)
    assert {*found.competition.classes} == {"roof", "panel"}
    assert found.competition.tasks == {"segment": "multilabel"}
    assert "data.train.mask_values" in found.competition.to_choose
    masks = [yaml.safe_load(one) for one in offered(found, "mask")]
    spec = chosen(found, tmp_path, masks[0])
    for number, one in enumerate(masks_of(spec)):
        drawn = painted(shapes, number)
        for name in spec.classes:
            assert np.array_equal(one == spec.classes.index(name) + 1, drawn == VALUES[name])


@pytest.mark.parametrize("panel", [(18, 6, 23, 11), (17, 14, 26, 20)], ids=["beside", "edge"])
def test_classes_that_share_no_pixels_or_an_edge_leave_no_question(
    panel: Box, tmp_path: Path
) -> None:
    shapes = [("roof", ROOF), ("panel", panel)]
    write(tmp_path / "data", shapes)
    found = infer(tmp_path / "data", tmp_path)
    assert found.competition.tasks == {"segment": "multiclass"}
    assert not {"tasks", "data.train.mask"} & {*found.competition.to_choose}
    assert [one.name for one in (tmp_path / "made").iterdir() if one.is_dir()] == ["masks"]
    spec = found.competition
    for number, one in enumerate(masks_of(spec)):
        drawn = painted(shapes, number)
        for name in spec.classes:
            assert np.array_equal(one == spec.classes.index(name) + 1, drawn == VALUES[name])


def test_pngs_to_send_with_a_class_a_pixel_answer_the_question(tmp_path: Path) -> None:
    shapes = [("roof", ROOF), ("panel", PANEL)]
    data = tmp_path / "data"
    write(data, shapes)
    (data / "sample_submission.csv").unlink()
    for number in range(N_TRAIN, N_TRAIN + N_TEST):
        file = data / "sample_submission" / f"street_{number:02}.png"
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(painted(shapes, number)).save(file)
    spec = infer(data, tmp_path).competition
    assert spec.tasks == {"segment": "multiclass"}
    assert not {"tasks", "data.train.mask"} & {*spec.to_choose}
    assert spec.submission.file.kind == "png"
    for number, one in enumerate(masks_of(spec)):
        drawn = painted(shapes, number)
        for name in spec.classes:
            assert np.array_equal(one == spec.classes.index(name) + 1, drawn == VALUES[name])
