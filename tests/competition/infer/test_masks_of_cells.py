"""Masks on a coarser grid than their images, beside two files of each: found, sized and sent so."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, table

N_TRAIN, N_TEST, SIDE, CELL = 14, 6, 32, 4
NAMES = [f"S{1000 + 7 * n}" for n in range(N_TRAIN + N_TEST)]
PAGES = {
    "data": """# Data

`train/*_chart.png` is the chart of a scene. A cell of it covers 4 x 4 pixels of the image. Values:

| value | meaning |
|---|---|
| 0 | open water |
| 1 | young ice |
| 2 | old ice |
| 255 | not charted: land |
""",
    "evaluation": """# Evaluation

Each PNG has 8 x 8 pixels. You must give a value to every cell of all scenes that are there;
255 is refused.

**Score.** All cells are put in one pool. For each of the three classes the F1 score is taken, and
the score is the plain mean of the three. A value of 1 is perfect.
""",
}


def _chart(n: int) -> NDArray[np.uint8]:
    """Return a mask of cells, some without a class."""
    side = SIDE // CELL
    chart = np.zeros((side, side), np.uint8)
    chart[2 + n % 3 :, :5] = 1
    chart[:, 5 + n % 2 :] = 2
    chart[: n % 3, :2] = 255
    return chart


def _png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def scenes(
    data: Path, *, side: int = SIDE // CELL, sent: str = "{}.png", of_test: bool = False
) -> None:
    """Write two files and a chart of each scene, a table of all scenes, and a ZIP to send.

    Args:
        data: the folder.
        side: of the charts.
        sent: names of files in the ZIP; "": there is no ZIP.
        of_test: whether scenes to predict have a file as charts are, too.
    """
    rng = np.random.default_rng(2)
    for n, name in enumerate(NAMES):
        part = data / ("train" if n < N_TRAIN else "test")
        part.mkdir(parents=True, exist_ok=True)
        seen = np.kron(_chart(n) % 255, np.ones((CELL, CELL), np.uint8))
        for end in ("HH", "HV"):
            grey = rng.integers(0, 120, (SIDE, SIDE)) + 50 * seen
            (part / f"{name}_{end}.png").write_bytes(_png(grey.astype(np.uint8)))
        if n < N_TRAIN or of_test:
            chart = Image.fromarray(_chart(n)).resize((side, side), Image.Resampling.NEAREST)
            chart.save(part / f"{name}_chart.png")
    rows = [
        (name, "train" if n < N_TRAIN else "test", f"2020-{1 + n % 5:02}", 20 + 1.5 * (n * 7 % 19))
        for n, name in enumerate(NAMES)
    ]
    table(data / "scenes.csv", ("scene", "split", "month", "angle_deg"), *rows)
    (data / "pages").mkdir()
    for name, text in PAGES.items():
        (data / f"pages/{name}.md").write_text(text, encoding="utf-8")
    if sent:
        with zipfile.ZipFile(data / "sample_submission.zip", "w") as packed:
            for name in NAMES[N_TRAIN:]:
                packed.writestr(sent.format(name), _png(np.zeros_like(_chart(0))))


def _read_right(found: Competition) -> None:
    assert found.tasks == {"segment": "multiclass"}
    assert list(found.classes) == ["open water", "young ice", "old ice"]
    assert found.frame == (SIDE // CELL, SIDE // CELL)
    train, test = load_samples(found, "train"), load_samples(found, "test")
    assert (list(train["id"]), list(test["id"])) == (NAMES[:N_TRAIN], NAMES[N_TRAIN:])
    for files, name in zip(train["images"], train["id"], strict=True):
        assert [Path(one).name for one in files] == [f"{name}_HH.png", f"{name}_HV.png"]
    for n, mask in enumerate(truth_masks(found, train)):
        assert mask is not None
        expected = _chart(n)  # of a network 0 is background, which no value is here
        np.testing.assert_array_equal(mask, np.where(expected == 255, 255, expected + 1))


def test_charts_of_cells_are_the_masks_and_facts_of_a_table_no_labels(tmp_path: Path) -> None:
    scenes(tmp_path / "data")
    found, _ = begin(tmp_path)
    _read_right(found)
    assert found.data.train.label is None
    assert found.data.train.ignore == 255
    assert (found.submission.file.kind, found.submission.file.name) == ("png", "{id}.png")
    metric = found.metric
    assert (metric.name, metric.options["over"]) == ("mean_dice", "class")


def test_charts_are_found_where_nothing_shows_what_is_sent(tmp_path: Path) -> None:
    scenes(tmp_path / "data", sent="")
    found, _ = begin(tmp_path)
    _read_right(found)


@pytest.mark.parametrize(("image", "mask"), [
    ("{part}/{name}.png", "{part}/{name}_chart.png"),
    ("{part}/sar/{name}.png", "{part}/charts/{name}.png"),
])  # fmt: skip
def test_charts_of_images_of_one_file_are_read_in_their_own_size(
    tmp_path: Path, image: str, mask: str
) -> None:
    data = tmp_path / "data"
    scenes(data, sent="{}_ice.png")  # pictures of the size of charts, and no images
    for file in [*data.glob("t*/*.png")]:
        name, _, end = file.stem.partition("_")
        if end == "HV":
            file.unlink()
            continue
        place = mask if end == "chart" else image
        moved = data / place.format(part=file.parent.name, name=name)
        moved.parent.mkdir(exist_ok=True)
        file.rename(moved)
    found, _ = begin(tmp_path)
    assert found.frame == (SIDE // CELL, SIDE // CELL)
    train = load_samples(found, "train")
    for n, seen in enumerate(truth_masks(found, train)):
        assert seen is not None
        np.testing.assert_array_equal(seen == 255, _chart(n) == 255)
        np.testing.assert_array_equal(seen[seen != 255] - 1, _chart(n)[_chart(n) != 255])


@pytest.mark.parametrize(("side", "of_test"), [(7, False), (SIDE // CELL, True)])
def test_files_that_are_no_masks_do_not_make_facts_of_test_labels(
    tmp_path: Path, side: int, of_test: bool
) -> None:
    """Charts whose cells are no squares of whole pixels, and files that test has, too."""
    scenes(tmp_path / "data", side=side, of_test=of_test)
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)
