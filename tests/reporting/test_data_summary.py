"""What the data are: counted as a plain look at the files counts."""

import numpy as np
import pytest
from PIL import Image

from podium.reporting.data_summary import summarise_data


def masks_on_disk(made):
    """Return id → mask of the train images that have one."""
    files = (made.workspace.root / "masks").iterdir()
    return {file.stem: np.asarray(Image.open(file)) for file in files}


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_masks_are_counted_as_in_their_files(make_masks, kind):
    made = make_masks(segment=kind, classify="multiclass")
    folds = dict(zip(made.samples["id"], made.folds, strict=True))
    masks = masks_on_disk(made)
    found = summarise_data(made.workspace, made.competition).masks
    assert found.n_masks == len(masks) == 15
    assert found.n_empty == sum(not mask.any() for mask in masks.values())
    area = sum(mask.size for mask in masks.values())
    n_classes = 1 if kind == "binary" else 2
    for c in range(n_classes):
        shares = [(mask == c + 1).mean() for mask in masks.values()]
        pixels = sum((mask == c + 1).sum() for mask in masks.values())
        assert found.share[c] == pytest.approx(pixels / area)
        assert found.typical[c] == pytest.approx(np.median([one for one in shares if one]))
        assert found.images[c] == sum(one > 0 for one in shares)
        for k in range(3):
            inside = [mask for one, mask in masks.items() if folds[one] == k]
            assert found.counts[c, k] == sum((mask == c + 1).any() for mask in inside)
            assert found.counts[-1, k] == sum(not mask.any() for mask in inside)


def test_rows_without_a_label_are_in_no_class(make_masks):
    made = make_masks(segment="multiclass", classify="multiclass")
    found = summarise_data(made.workspace, made.competition)
    labels = made.samples["label"]
    assert found.n_labels == labels.notna().sum() == found.counts.sum()
    assert found.counts.sum(axis=1).tolist() == [(labels == c).sum() for c in range(2)]
    both = labels.notna() & made.samples["mask"].notna()
    assert found.masks.n_beside == both.sum() == 13


def test_ignored_pixels_are_counted_apart_from_the_background(make_masks):
    made = make_masks(segment="multiclass")
    data = made.competition.data.train.model_copy(
        update={"mask_values": {0: "background", 1: "ball", 2: "bar"}, "ignore": 9}
    )
    spec = made.competition.data.model_copy(update={"train": data})
    competition = made.competition.model_copy(update={"data": spec}).at(made.workspace.root)
    before = summarise_data(made.workspace, competition).masks
    assert before.unknown == 0
    file = made.workspace.root / "masks" / "i00.png"
    mask = np.asarray(Image.open(file)).copy()
    mask[-3:] = 9
    Image.fromarray(mask).save(file)
    after = summarise_data(made.workspace, competition).masks
    area = sum(one.size for one in masks_on_disk(made).values())
    assert after.unknown == pytest.approx(mask[-3:].size / area)
    pixels = sum((one == 1).sum() for one in masks_on_disk(made).values())
    assert after.share[0] == pytest.approx(pixels / (area - mask[-3:].size))


def test_a_competition_of_masks_alone_has_no_labels(make_masks):
    found = summarise_data((made := make_masks(segment="binary")).workspace, made.competition)
    assert found.n_labels is None
    assert found.counts is None
    assert found.classes == ()
    assert found.n_answered == 18
    assert not found.problems
