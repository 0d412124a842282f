"""What is drawn of the data: sizes and equal pictures as a check saw them, a mask of each class."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from podium.competition.checks.data import check_data
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.reporting.data_summary import DataSummary, summarise_data
from podium.reporting.plots.data import duplicates, masks, sizes
from podium.reporting.subjects import DataSubject


def subject_of(made: Any) -> DataSubject:
    ensure_folds(made.workspace, made.competition, load_samples(made.competition, "train"))
    data = summarise_data(made.workspace, made.competition)
    return DataSubject(made.workspace, made.competition, data, ())


def checked(made: Any) -> DataSubject:
    check_data(made.workspace, made.competition, adversarial=False)
    return subject_of(made)


def a_picture(seed: int, height: int = 64, width: int = 64) -> Image.Image:
    blocks = np.random.default_rng(seed).integers(0, 255, (4, 4, 3)).astype(np.uint8)
    return Image.fromarray(blocks).resize((width, height), Image.Resampling.BICUBIC)


def with_pictures(made: Any) -> Path:
    """Give every image a picture of its own, as noise is alike to a hash."""
    root: Path = made.workspace.root
    for seed, file in enumerate(sorted([*root.glob("train/*.png"), *root.glob("test/*.png")])):
        a_picture(seed).save(file)
    return root


def test_without_a_check_nothing_is_drawn_of_sizes_and_pairs(make: Callable[..., Any]) -> None:
    subject = subject_of(make("multiclass"))
    assert subject.data.looked is None
    assert subject.data.sizes == ""
    assert list(sizes.plots(subject)) == []
    assert list(duplicates.plots(subject)) == []


def test_sizes_are_those_of_the_files(make: Callable[..., Any]) -> None:
    made = make("multiclass")
    root = with_pictures(made)
    assert list(sizes.plots(checked(made))) == [], "one size is no figure"
    a_picture(70, 30, 50).save(root / "train" / "train07.png")
    a_picture(71, 20, 90).save(root / "test" / "test01.png")
    subject = checked(made)
    assert subject.data.sizes == "20 × 50 to 64 × 90"
    (plot,) = sizes.plots(subject)
    (axes,) = plot.figure.axes
    found = [{tuple(map(int, at)) for at in one.get_offsets()} for one in axes.collections]
    assert found == [{(64, 64), (50, 30)}, {(64, 64), (90, 20)}]  # train, test: width, height
    assert "39 images" in plot.alt


def test_images_that_came_since_the_check_are_counted(make: Callable[..., Any]) -> None:
    made = make("multiclass")
    root = with_pictures(made)
    assert checked(made).data.n_unlooked == 0
    a_picture(90).save(root / "test" / "test77.png")
    assert subject_of(made).data.n_unlooked == 1


def test_pairs_stand_by_what_they_spoil(make: Callable[..., Any]) -> None:
    made = make("multiclass")
    root = with_pictures(made)
    folds = ensure_folds(made.workspace, made.competition, load_samples(made.competition, "train"))
    same = next(i for i in range(3, 36, 3) if folds[i] == folds[0])  # label and fold of row 0
    across = next(i for i in range(8, 36, 3) if folds[i] != folds[5])  # label of row 5
    copies = {
        f"train/train{same:02d}": "train/train00",
        f"train/train{across:02d}": "train/train05",
        "train/train02": "train/train01",
        "test/test01": "train/train04",
    }
    for copy, first in copies.items():
        (root / f"{copy}.png").write_bytes((root / f"{first}.png").read_bytes())
    subject = checked(made)
    assert subject.data.looked is not None
    every = duplicates.duplicate_pairs(subject.data.looked, subject.data, made.competition)
    told = [(duplicates.WHY[one.rank], {one.one.id, one.other.id}) for one in every]
    assert told == [
        ("labels differ", {"train01", "train02"}),
        ("train and test", {"train04", "test01"}),
        ("across folds", {"train05", f"train{across:02d}"}),
        ("", {"train00", f"train{same:02d}"}),
    ]
    first = every[0]
    assert {first.one.label, first.other.label} == {"dog", "eel"}
    assert all(one.pair.is_same_file and one.pair.distance == 0 for one in every)
    (plot,) = duplicates.plots(subject)
    pictures = [axes for axes in plot.figure.axes if axes.images]
    assert len(pictures) == 8
    expected = np.asarray(Image.open(root / "train" / "train01.png"))  # it stands first
    np.testing.assert_array_equal(pictures[0].images[0].get_array(), expected)
    assert "train01" in pictures[0].get_xlabel() + pictures[1].get_xlabel()
    assert [axes.get_title() for axes in pictures[:2]] == ["same file", "labels differ"]


def test_each_class_has_the_mask_in_which_it_is_as_large_as_is_typical(
    make_masks: Callable[..., Any],
) -> None:
    made = make_masks(segment="multiclass")
    subject = subject_of(made)
    data: DataSummary = subject.data
    assert data.masks is not None
    names = [str(one) for one in load_samples(made.competition, "train")["id"]]
    for number in range(2):
        shares = {}
        for row, name in enumerate(names):
            mask = np.asarray(Image.open(made.workspace.root / "masks" / f"{name}.png"))
            if (mask == number + 1).any():
                shares[row] = float((mask == number + 1).mean())
        middle = np.median(list(shares.values()))
        best = min(abs(share - middle) for share in shares.values())
        assert abs(shares[data.masks.examples[number]] - middle) == best
    (plot,) = masks.plots(subject)
    pictures = [axes for axes in plot.figure.axes if axes.images]
    assert [axes.get_title() for axes in pictures] == ["ball", "bar"]
    assert [axes.get_xlabel().split("\n")[0] for axes in pictures] == [
        names[row] for row in data.masks.examples
    ]
    (legend,) = plot.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["ball", "bar"]
