"""Answers that are no labels: boxes and sequences, and tables of boxes beside others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.conversions.images.pixel_arrays import write_images
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_folders_beside_masks import to_predict
from tests.competition.infer.test_odd_labels import begin, put, table

BOX = ("xmin", "ymin", "xmax", "ymax")


def photos(data: Path, n: int = 12) -> list[str]:
    for k in range(n):
        put(data / f"train/t{k}.png", k)
    to_predict(data)
    return [f"t{k}.png" for k in range(n)]


def test_a_table_of_a_box_an_image_is_refused_where_boxes_are_sent(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = photos(data)
    table(data / "train.csv", ("image", *BOX), *((one, "1", "2", "5", "6") for one in names))
    table(data / "sample_submission.csv", ("image", "bounds"),
          *((f"q{n}.png", "0 0 10 10") for n in range(3)))  # fmt: skip
    with pytest.raises(DataError, match="are boxes in each of 12 rows"):
        infer(data, tmp_path)


def test_boxes_beside_a_table_of_counts_are_further_facts(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = photos(data, 30)
    counts = [1 + k * 5 % 7 for k in range(30)]
    table(data / "train.csv", ("Name", "HeadCount"),
          *((one, str(n)) for one, n in zip(names, counts, strict=True)))  # fmt: skip
    boxes = [
        (one, "1", "2", "5", "6") for one, n in zip(names, counts, strict=True) for _ in range(n)
    ]
    table(data / "boxes.csv", ("Name", *BOX), *boxes)
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}
    assert list(load_samples(found, "train")["label"]) == counts


@pytest.mark.parametrize(("cells", "text", "is_refused"), [
    (["7;7", "1;9", "9;9;1", "1", "3;3", "7;1", "9", "1;1"] * 2, "", True),
    (["7;3", "1;9", "9;7;1", "1", "3;1", "7;1", "9", "1;3"] * 2, "", False),
    (["7;7", "1;9", "9;9;1", "1", "3;3", "7;1", "9", "1;1"] * 2, "Metric: micro F1.", False),
    (["7;7", "1;9", "9;9;1", "1", "3;3", "7;1", "9", "1;1"] * 2, "Scored by edit distance.", True),
])  # fmt: skip
def test_lists_that_repeat_a_name_are_sequences_where_they_are_not_scored_as_sets(
    tmp_path: Path, cells: list[str], text: str, is_refused: bool
) -> None:
    data = tmp_path / "data"
    names = photos(data, 16)
    table(data / "train.csv", ("image", "label"), *zip(names, cells, strict=True))
    (data / "README.md").write_text(text)
    if is_refused:
        with pytest.raises(DataError, match="hold a name several times, as '7;7'"):
            infer(data, tmp_path)
    else:
        found, _ = begin(tmp_path)
        assert found.tasks == {"classify": "multilabel"}
        n_labels = [len(set(one.split(";"))) for one in cells]
        assert list(load_samples(found, "train")["label"].map(sum)) == n_labels


def test_arrays_in_archives_of_their_own_are_called_as_these(tmp_path: Path) -> None:
    data, random = tmp_path / "data", np.random.default_rng(0)
    data.mkdir()
    for part, n in (("train", 12), ("test", 4)):
        np.savez(data / f"k49-{part}-imgs.npz", random.integers(0, 255, (n, 8, 8)).astype(np.uint8))
        np.savez(data / f"k49-{part}-labels.npz", (np.arange(n) % 3).astype(np.uint8))
    written = write_images(data, tmp_path / "made")
    assert sorted(one.path.name for one in written) == ["test", "train"]
    assert (tmp_path / "made/train.csv").read_text().splitlines()[:3] == ["id,label", "0,0", "1,1"]


@pytest.mark.parametrize(("n_shown", "is_read"), [(3, True), (9, False)])
def test_a_few_pictures_beside_tables_of_pixels_are_no_data(
    tmp_path: Path, n_shown: int, is_read: bool
) -> None:
    data, random = tmp_path / "data", np.random.default_rng(0)
    for n in range(n_shown):
        put(data / f"poster{n}.png", n)
    for part, n in (("train", 12), ("test", 4)):
        rows = [(str(k % 3), *map(str, random.integers(0, 255, 64))) for k in range(n)]
        table(data / f"{part}.csv", ("label", *(f"pixel{k}" for k in range(64))), *rows)
    assert bool(write_images(data, tmp_path / "made")) == is_read


@pytest.mark.parametrize("column", ["HeadCount", "weight", "grains"])
def test_the_only_other_column_of_a_table_is_the_label(tmp_path: Path, column: str) -> None:
    """Whole numbers of some values are neither few nor different in each row."""
    data = tmp_path / "data"
    names = photos(data, 30)
    rows = [(one, str(11 + k * 5 % 17)) for k, one in enumerate(names)]
    table(data / "train.csv", ("image", column), *rows)
    found, _ = begin(tmp_path)
    assert found.data.train.label == column


def test_a_column_of_patients_is_no_label_where_nothing_else_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = photos(data, 30)
    table(data / "train.csv", ("image", "patient"),
          *((one, f"p{k * 5 % 17}") for k, one in enumerate(names)))  # fmt: skip
    with pytest.raises(DataError, match="no labels"):
        infer(data, tmp_path)


def test_columns_of_numbers_are_classes_where_the_sample_has_words_for_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = photos(data)
    rows = [(one, n % 3 + 1, n % 4 * 90) for n, one in enumerate(names)]
    table(data / "train.csv", ("image", "kind", "turn"), *rows)
    for cells, is_refused in ((("bill", "letter", "bill"), True), (("2", "1", "2"), False)):
        sent = [(f"q{n}.png", one, 90) for n, one in enumerate(cells)]
        table(data / "sample_submission.csv", ("image", "kind", "turn"), *sent)
        if is_refused:
            with pytest.raises(
                DataError, match=r"in each of 2 columns .* words \('bill', 'letter'"
            ):
                infer(data, tmp_path)
        else:
            assert begin(tmp_path)[0].tasks == {"classify": "multitarget"}


def test_an_id_that_numbers_rows_names_no_image_beside_one_that_is_called_so(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for n in range(12):
        put(data / f"train/scan_{n:03}.png", n)
    to_predict(data)
    order = [(5 * n + 3) % 12 for n in range(12)]
    rows = [(n, image, "ab"[image % 2]) for n, image in enumerate(order)]
    table(data / "labels.csv", ("id", "image_id", "label"), *rows)
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    own = {
        Path(paths[0]).stem: found.classes[n]
        for paths, n in zip(samples["images"], samples["label"], strict=True)
    }
    assert own == {f"scan_{n:03}": "ab"[n % 2] for n in range(12)}
