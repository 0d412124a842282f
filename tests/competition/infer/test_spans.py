"""Masks as spans of rows of pixels are drawn as they are counted, or asked for."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.errors import DataError

HEIGHT, WIDTH = 10, 14
N_TRAIN = 6
COLUMNS = ("image", "row", "first", "last")
Mask = NDArray[np.bool_]


def at_edges(number: int) -> Mask:
    """Return a mask with pixels at all edges, and spans of one pixel."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[0, number : number + 4] = mask[-1, 5] = mask[4, 2:9] = True
    mask[3:6, WIDTH - 2 :] = mask[7:9, 0] = True
    return mask


def inside(number: int) -> Mask:
    """Return a mask away from the edges, of spans of several pixels."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[3:6, 4 : 7 + number % 3] = True
    return mask


def spans_of(mask: Mask, base: int, last: bool) -> list[tuple[int, int, int]]:
    """Return row, start and end of each run of a row, with the end of its last pixel or behind."""
    found = []
    for row, pixels in enumerate(mask):
        steps = np.flatnonzero(np.diff(np.r_[0, pixels.astype(int), 0]))
        for start, end in zip(steps[::2], steps[1::2], strict=True):
            found.append((row + base, int(start) + base, int(end) - last + base))
    return found


def with_images(data: Path) -> None:
    for number in range(N_TRAIN + 2):
        file = data / ("train" if number < N_TRAIN else "test") / f"i{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (WIDTH, HEIGHT), (number * 20, 9, 9)).save(file)


def written(
    root: Path,
    rows: list[tuple[object, ...]],
    columns: tuple[str, ...] = COLUMNS,
    sent: tuple[str, ...] = (),
) -> Inferred:
    """Return the reading of images, these spans, and a sample of runs of these classes."""
    data = root / "data"
    with_images(data)
    pd.DataFrame(rows, columns=list(columns)).to_csv(data / "spans.csv", index=False)
    ids = [f"i{number}" for number in range(N_TRAIN, N_TRAIN + 2)]
    ids = [f"{one}_{name}" for one in ids for name in sent] if sent else ids
    sample = pd.DataFrame({"id": ids, "rle": ""})
    sample.to_csv(data / "sample_submission.csv", index=False)
    return infer(data, root)


def masks_in(root: Path, pattern: str, **names: str) -> list[Mask]:
    files = [root / pattern.format(id=f"i{n}", **names) for n in range(N_TRAIN)]
    return [np.asarray(Image.open(file)) > 0 for file in files]


@pytest.mark.parametrize(("base", "last"), list(product((0, 1), (False, True))))
def test_spans_at_the_edges_are_drawn_as_they_are_counted(
    base: int, last: bool, tmp_path: Path
) -> None:
    masks = [at_edges(number) for number in range(N_TRAIN)]
    rows = [(f"i{n}", *one) for n, mask in enumerate(masks) for one in spans_of(mask, base, last)]
    found = written(tmp_path, rows)
    assert "data.train.mask" not in found.competition.to_choose
    assert found.competition.tasks == {"segment": "binary"}
    pattern = found.competition.data.train.mask
    assert isinstance(pattern, str)
    assert np.array_equal(masks_in(tmp_path, pattern), masks)


@pytest.mark.parametrize(("base", "last"), list(product((0, 1), (False, True))))
def test_spans_that_fit_in_several_ways_are_asked_for_and_the_right_one_is_offered(
    base: int, last: bool, tmp_path: Path
) -> None:
    masks = [inside(number) for number in range(N_TRAIN)]
    rows = [(f"i{n}", *one) for n, mask in enumerate(masks) for one in spans_of(mask, base, last)]
    found = written(tmp_path, rows)
    assert "data.train.mask" in found.competition.to_choose
    lines = [line.strip().removeprefix("# or ") for line in found.text.splitlines()]
    offered = [yaml.safe_load(line)["mask"] for line in lines if line.startswith("mask: ")]
    assert len(offered) == 4
    assert sum(np.array_equal(masks_in(tmp_path, one), masks) for one in offered) == 1


def test_gaps_between_spans_put_the_way_that_leaves_them_first(tmp_path: Path) -> None:
    rows = [(f"i{n}", 3, start, end) for n in range(N_TRAIN) for start, end in ((2, 5), (6, 9))]
    found = written(tmp_path, rows)
    assert "data.train.mask" in found.competition.to_choose
    pattern = found.competition.data.train.mask
    assert isinstance(pattern, str)
    mask = masks_in(tmp_path, pattern)[0]
    assert np.flatnonzero(mask.any(axis=0)).tolist() == [2, 3, 4, 6, 7, 8]


@pytest.mark.parametrize("names", [("x", "y_start", "y_end"), ("column", "from", "to")])
def test_spans_of_columns_of_pixels(names: tuple[str, ...], tmp_path: Path) -> None:
    masks = [at_edges(number) for number in range(N_TRAIN)]
    rows = [(f"i{n}", *one) for n, mask in enumerate(masks) for one in spans_of(mask.T, 0, True)]
    found = written(tmp_path, rows, ("image", *names))
    pattern = found.competition.data.train.mask
    assert isinstance(pattern, str)
    assert np.array_equal(masks_in(tmp_path, pattern), masks)


@pytest.mark.parametrize("overlap", [False, True])
def test_a_class_beside_each_span(overlap: bool, tmp_path: Path) -> None:
    classes = ("road", "roof")
    of = {
        "road": [at_edges(number) for number in range(N_TRAIN)],
        "roof": [np.roll(at_edges(number), 0 if overlap else 1, 0) for number in range(N_TRAIN)],
    }
    if not overlap:
        of["roof"] = [a & ~b for a, b in zip(of["roof"], of["road"], strict=True)]
    rows = [
        (f"i{n}", name, *one)
        for name in classes
        for n in range(N_TRAIN)
        for one in spans_of(of[name][n], 0, False)
    ]
    columns = ("image", "class", "y", "x_start", "x_end")
    found = written(tmp_path, rows, columns, classes)
    assert found.competition.classes == list(classes)
    pattern = found.competition.data.train.mask
    assert isinstance(pattern, str)
    if overlap:
        assert found.competition.tasks == {"segment": "multilabel"}
        for name in classes:
            assert np.array_equal(masks_in(tmp_path, pattern, **{"class": name}), of[name])
        return
    values = {
        name: value for value, name in (found.competition.data.train.mask_values or {}).items()
    }
    values = values or {"road": 1, "roof": 2}
    for n in range(N_TRAIN):
        drawn = np.asarray(Image.open(tmp_path / pattern.format(id=f"i{n}")))
        for name in classes:
            assert np.array_equal(drawn == values[name], of[name][n])


def test_an_image_whose_row_is_blank_has_an_empty_mask(tmp_path: Path) -> None:
    masks = [at_edges(number) for number in range(N_TRAIN - 1)]
    rows = [(f"i{n}", *one) for n, mask in enumerate(masks) for one in spans_of(mask, 0, True)]
    found = written(tmp_path, [*rows, (f"i{N_TRAIN - 1}", "", "", "")])
    pattern = found.competition.data.train.mask
    assert isinstance(pattern, str)
    assert not masks_in(tmp_path, pattern)[-1].any()
    assert found.competition.to_choose == ["submission.rle"]


def test_an_image_without_a_row_is_asked_for(tmp_path: Path) -> None:
    masks = [at_edges(number) for number in range(N_TRAIN - 1)]
    rows = [(f"i{n}", *one) for n, mask in enumerate(masks) for one in spans_of(mask, 0, True)]
    assert "data.train.absent" in written(tmp_path, rows).competition.to_choose


def test_spans_that_fit_in_no_way_are_refused_with_one_of_them(tmp_path: Path) -> None:
    rows = [(f"i{n}", *one) for n in range(N_TRAIN) for one in spans_of(at_edges(n), 0, True)]
    rows[3] = ("i0", 4, 2, WIDTH + 5)
    with pytest.raises(DataError, match=r"such as 4, 2, 19 of 'i0', which is 10 × 14"):
        written(tmp_path, rows)


def test_spans_to_send_are_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with_images(data)
    rows = [(f"i{n}", *one) for n in range(N_TRAIN) for one in spans_of(at_edges(n), 0, True)]
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(data / "spans.csv", index=False)
    sample = pd.DataFrame([("i6", 1, 2, 3), ("i7", 1, 2, 3)], columns=list(COLUMNS))
    sample.to_csv(data / "sample_submission.csv", index=False)
    with pytest.raises(DataError, match="asks for spans"):
        infer(data, tmp_path)


def test_numbers_of_objects_beside_spans_get_a_note(tmp_path: Path) -> None:
    rows = [
        (f"i{n}", number, *one)
        for n in range(N_TRAIN)
        for number, one in enumerate(spans_of(at_edges(n), 0, True))
    ]
    found = written(tmp_path, rows, ("image", "object", "row", "first", "last"))
    assert any("object differs among the spans of an image" in note for note in found.notes)
