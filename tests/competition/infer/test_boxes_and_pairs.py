"""Boxes, and ids of two images, are refused plainly; pairs in the columns of tables are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.unpredicted import refuse_boxes_in_cells
from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.infer.conversions.tables.rows.several_rows import refuse_boxes
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.samples import load_samples
from podium.errors import DataError


def fruits(data: Path, names: Sequence[str], sample: Sequence[str]) -> None:
    for n, name in enumerate([*names, "q1", "q2"]):
        put(data / f"{'train' if name in names else 'test'}_images/{name}.png", n)
    rows = [(name, "ab"[n % 2], n + 0.5, 3 * n + 0.5, n * n, 5 + n) for n, name in enumerate(names)]
    table(data / "train.csv", ("image", "class", "xmin", "ymin", "width", "height"), *rows)
    rows = [(name, *("0" for _ in sample)) for name in ("q1", "q2")]
    table(data / "sample_submission.csv", ("image", *sample), *rows)


BOX = ("class", "confidence", "ymin", "xmin", "ymax", "xmax")


def test_boxes_of_an_image_in_columns_are_refused(tmp_path: Path) -> None:
    fruits(tmp_path / "data", [f"f{n // 2}" for n in range(24)], BOX)
    with pytest.raises(DataError, match=r"are boxes in each of .* no boxes"):
        begin(tmp_path)


def test_a_register_of_images_is_no_answer_in_place_of_boxes(tmp_path: Path) -> None:
    names = [f"f{n // 2}" for n in range(24)]
    fruits(tmp_path / "data", names, BOX)
    known = ((one, 1280 + 320 * (n % 2), "ab"[n % 2]) for n, one in enumerate(dict.fromkeys(names)))
    table(tmp_path / "data/photos.csv", ("image", "width", "county"), *known)
    with pytest.raises(DataError, match=r"are boxes in each of .* no boxes"):
        begin(tmp_path)


def test_one_box_an_image_is_four_numbers(tmp_path: Path) -> None:
    names = [f"f{n}" for n in range(24)]
    fruits(tmp_path / "data", names, ("xmin", "ymin", "width", "height"))
    found, _ = begin(tmp_path)
    assert found.classes == ["xmin", "ymin", "width", "height"]


def sides(data: Path, *, kinds: Sequence[str] = ()) -> list[tuple[float, ...]]:
    """Write a box an image, and what is known of the image in another table; return the boxes."""
    boxes = [(n % 5, n % 7, n % 5 + 6.0 + n % 3, n % 7 + 4.0 + n % 2) for n in range(40)]
    for n in range(40):
        put(data / f"train/c{n}.png", n)
    for n in range(5):
        put(data / f"test/t{n}.png", 50 + n)
    header = ("image", "x_min", "y_min", "x_max", "y_max", *(["kind"] if kinds else []))
    rows = [
        (f"c{n}", *one, *([kinds[n % len(kinds)]] if kinds else [])) for n, one in enumerate(boxes)
    ]
    table(data / "crafts.csv", header, *rows)
    known = [(f"c{n}", n % 6, n * 7 % 5) for n in range(40)]
    table(data / "known.csv", ("image", "craft_id", "scene_id"), *known)
    return [tuple(map(float, one)) for one in boxes]


def test_the_sides_of_one_box_are_learnt_where_else_ids_are_known(tmp_path: Path) -> None:
    boxes = sides(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert found.classes == ["x_min", "y_min", "x_max", "y_max"]
    train = load_samples(found, "train")
    read = dict(zip(train["id"], map(tuple, train["label"]), strict=True))
    assert read == {f"c{n}": one for n, one in enumerate(boxes)}


def test_a_class_beside_the_sides_of_a_box_stays_the_label(tmp_path: Path) -> None:
    sides(tmp_path / "data", kinds=("probe", "wreck", "station"))
    found, _ = begin(tmp_path)
    assert found.classes == ["probe", "station", "wreck"]


@pytest.mark.parametrize("sign", ["-", "_", " "])
def test_ids_of_two_images_each_are_refused(tmp_path: Path, sign: str) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / f"train/F{n // 6}/p{n}_face.png", n)
    faces = [f"face{n:03}.png" for n in range(4)]
    for n, name in enumerate(faces):
        put(data / f"test/{name}", 50 + n)
    rows = [(f"{one}{sign}{other}", 0) for one in faces for other in faces if one < other]
    table(data / "sample_submission.csv", ("img_pair", "is_related"), *rows)
    with pytest.raises(DataError, match=r"of two images, as face000.png and face001.png"):
        begin(tmp_path)


@pytest.mark.parametrize(
    "keys", [("x", "y", "width", "height"), ("x_min", "y_min", "x_max", "y_max")]
)
def test_lists_of_boxes_of_frames_that_columns_name_together_are_refused(
    tmp_path: Path, keys: tuple[str, ...]
) -> None:
    data, rows = tmp_path / "data", []
    for n in range(24):
        put(data / f"train_images/clip_{n // 8}/{n % 8}.png", n)
        boxes = [dict(zip(keys, (3 + k, 2, 9, 8), strict=True)) for k in range(n % 3)]
        rows.append((n // 8, n % 8, f"{n // 8}-{n % 8}", f'"{boxes}"'))
    table(data / "train.csv", ("clip", "frame", "name", "found"), *rows)
    table(data / "test.csv", ("clip", "frame", "name"), *[(3, n, f"3-{n}") for n in range(3)])
    sample = [(n, "0.5 0 0 9 9") for n in range(3)]
    table(data / "sample_submission.csv", ("index", "found"), *sample)
    with pytest.raises(DataError, match=r"cells of found are lists of boxes.* no boxes"):
        begin(tmp_path)


def test_outlines_in_lists_are_no_boxes(tmp_path: Path) -> None:
    """A record with the points of its outline is more than a box."""
    cells = pd.Series([str([{"bbox": [1, 2, 3, 4], "points": [[1, 2], [3, 2], [3, 4]]}])] * 4)
    sample = SampleSubmission("s.csv", pd.DataFrame({"image": ["q1"], "found": [""]}))
    for n in range(4):
        put(tmp_path / f"train/f{n}.png", n)
    frame = pd.DataFrame({"image": [f"f{n}" for n in range(4)], "found": cells})
    folder = scan_data(tmp_path, "data")
    refuse_boxes_in_cells(CompetitionData(folder, {"train.csv": frame}, sample))
    frame["found"] = str([{"bbox": [1, 2, 3, 4]}])
    with pytest.raises(DataError, match="lists of boxes"):
        refuse_boxes_in_cells(CompetitionData(folder, {"train.csv": frame}, sample))


def pairs_of_newts(data: Path, *, numbered: bool = False) -> tuple[list[Row], list[Row]]:
    """Write photographs and pairs of them in which each comes back; return train and test rows."""
    rng = np.random.default_rng(3)
    called = [f"{n}" if numbered else f"{n:03}x" for n in range(100, 160)]
    for n, name in enumerate(called):
        put(data / f"photos/{name}.png", n)

    def drawn(photos: Sequence[str], n: int, first: int) -> list[Row]:
        found = [rng.choice(len(photos), 2, replace=False) for _ in range(n)]
        return [(f"{first + k}", *(f"{photos[i]}.png" for i in one)) for k, one in enumerate(found)]

    train, test = drawn(called[:40], 90, 1000), drawn(called[40:], 30, 1)
    table(
        data / "train_pairs.csv",
        ("pair_id", "photo_a", "photo_b", "same", "newt_a"),
        *((*row, n % 2, f"N{int(row[1][:3]) // 4}") for n, row in enumerate(train)),
    )
    table(data / "test_pairs.csv", ("pair_id", "photo_a", "photo_b"), *test)
    table(data / "sample_submission.csv", ("pair_id", "same"), *((row[0], 0.5) for row in test))
    return train, test


Row = tuple[str, ...]


@pytest.mark.parametrize("numbered", [False, True])
def test_pairs_whose_photographs_come_back_are_two_images_a_row(
    tmp_path: Path, numbered: bool
) -> None:
    train, test = pairs_of_newts(tmp_path / "data", numbered=numbered)
    found, notes = begin(tmp_path)
    for split, rows in (("train", train), ("test", test)):
        samples = load_samples(found, split)
        read = [(one, *(Path(p).name for p in paths)) for one, paths in of_ids(samples)]
        assert read == rows
    assert (found.tasks, found.to_choose) == ({"classify": "binary"}, [])
    assert dict(found.submission.columns) == {"pair_id": "id", "same": "value"}
    # The animal of a photograph is a group of its rows; the photographs are no group.
    assert (found.folds.scheme, found.folds.group) == ("shared_files", "newt_a")
    assert "photo_b could" not in notes
    assert "second workspace" not in notes


def test_pairs_without_a_column_of_ids_are_named_by_both_photographs(tmp_path: Path) -> None:
    pairs_of_newts(tmp_path / "data")
    path = tmp_path / "data/train_pairs.csv"
    header, *lines = [line.split(",") for line in path.read_text().splitlines()]
    rows = list({(row[1], row[2]): row for row in lines}.values())
    path.write_text("".join(",".join(row[1:4]) + "\n" for row in (header, *rows)))
    found, notes = begin(tmp_path)
    assert found.data.train.id == "{photo_a}_{photo_b}"
    samples = load_samples(found, "train")
    assert list(samples["id"]) == [f"{row[1]}_{row[2]}" for row in rows]
    assert [tuple(Path(p).name for p in one) for one in samples["images"]] == [
        (row[1], row[2]) for row in rows
    ]
    assert "stand more than once" not in notes


def of_ids(samples: pd.DataFrame) -> list[tuple[str, tuple[str, ...]]]:
    return list(zip(samples["id"], samples["images"], strict=True))


def test_pairs_whose_photographs_are_in_one_row_each_need_no_folds_of_their_own(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for n in range(120):
        put(data / f"photos/{n:03}x.png", n)
    rows = [(n, f"{2 * n:03}x.png", f"{2 * n + 1:03}x.png") for n in range(60)]
    table(data / "train.csv", ("id", "a", "b", "same"), *((*row, row[0] % 2) for row in rows[:40]))
    table(data / "test.csv", ("id", "a", "b"), *rows[40:])
    table(data / "sample_submission.csv", ("id", "same"), *((row[0], 0.5) for row in rows[40:]))
    found, _ = begin(tmp_path)
    assert found.folds.scheme == "stratified"
    assert len(load_samples(found, "test")["images"].iloc[0]) == 2


def nests(data: Path, *, n_rows: int, corners: bool, kinds: bool = False) -> None:
    """Write nests as four numbers in a cell of the column that the sample asks for.

    Args:
        data: the folder.
        n_rows: of an image.
        corners: whether the numbers are the corners of boxes, or else of any order.
        kinds: whether another column has a class, and no sample asks for anything.
    """
    rows = list[tuple[object, ...]]()
    for n in range(24):
        put(data / f"train/cliff_{n}.png", n)
        for k in range(n_rows):
            x, y, wide, high = 1 + n % 5 + k, 2 + n % 3, 3 + k, 2 + n % 4
            four = (x, y, x + wide, y + high) if corners else (x + wide, n % 7, k, y)
            rows.append((f"cliff_{n}.png", " ".join(map(str, four)), *["ab"[n % 2]] * kinds))
    for n in range(4):
        put(data / f"test/cliff_{30 + n}.png", 30 + n)
    table(data / "train.csv", ("image", "nest", *["bird"] * kinds), *rows)
    if not kinds:
        sent = [(f"cliff_{30 + n}.png", "0 0 5 5") for n in range(4)]
        table(data / "sample_submission.csv", ("image", "nest"), *sent)


def test_a_box_alone_in_each_of_several_rows_of_an_image_is_refused(tmp_path: Path) -> None:
    nests(tmp_path / "data", n_rows=2, corners=True)
    with pytest.raises(DataError, match=r"cells of nest are corners of boxes, as '1 2 4 4'"):
        begin(tmp_path)


def test_four_numbers_that_are_no_corners_or_are_in_one_row_an_image_are_no_boxes(
    tmp_path: Path,
) -> None:
    for n_rows, corners in ((1, True), (2, False)):
        data = tmp_path / f"{n_rows}"
        nests(data, n_rows=n_rows, corners=corners)
        train = pd.read_csv(data / "train.csv", dtype=str)
        sent = pd.read_csv(data / "sample_submission.csv", dtype=str)
        sample = SampleSubmission("sample_submission.csv", sent)
        refuse_boxes_in_cells(
            CompetitionData(scan_data(data, "data"), {"train.csv": train}, sample)
        )


@pytest.mark.parametrize("is_counted", [True, False])
def test_points_of_more_and_fewer_objects_an_image_are_refused(
    tmp_path: Path, is_counted: bool
) -> None:
    """Where each image has as many, they may be marks of one thing."""
    data, rows = tmp_path / "data", list[tuple[str, ...]]()
    for n in range(24):
        put(data / f"train/belt_{n}.png", n)
        for k in range(1 + n % 3 if is_counted else 2):
            rows.append((f"belt_{n}", "bolt" if k else "nut", f"{3 + n % 5}.5", f"{k}.0"))
    for n in range(4):
        put(data / f"test/belt_{30 + n}.png", 30 + n)
    table(data / "train.csv", ("image_id", "kind", "x", "y"), *rows)
    sent = [(f"{n}", f"belt_{30 + n % 4}", "bolt", "20", "20", "0.5") for n in range(6)]
    columns = ("id", "image_id", "kind", "x", "y", "confidence")
    table(data / "sample_submission.csv", columns, *sent)
    train = pd.read_csv(data / "train.csv", dtype=str)
    sample = SampleSubmission("sample_submission.csv", pd.DataFrame(sent, columns=columns))
    if not is_counted:
        refuse_boxes(CompetitionData(scan_data(data, "data"), {"train.csv": train}, sample))
        return
    with pytest.raises(DataError, match=r"x, y are a point in each of 48 rows .* no points") as why:
        begin(tmp_path)
    assert "columns image and count" in str(why.value)


def test_a_class_beside_the_corners_of_a_box_is_read_where_nothing_asks_for_boxes(
    tmp_path: Path,
) -> None:
    nests(tmp_path / "data", n_rows=2, corners=True, kinds=True)
    found, _ = begin(tmp_path, label="bird")
    assert found.classes == ["a", "b"]


def test_pairs_in_a_table_of_test_alone_are_refused(tmp_path: Path) -> None:
    """Train has single images and who they show; test names two images a row."""
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"{'train' if n < 20 else 'test'}/{n}.png", n)
    people = [(f"{n}.png", f"p{n % 5}", f"note {n}") for n in range(20)]
    table(data / "train.csv", ("file", "person", "remark"), *people)
    pairs = [(n, f"{20 + n % 10}.png", f"{20 + (n + 3) % 10}.png") for n in range(24)]
    table(data / "pairs.csv", ("index", "left", "right"), *pairs)
    table(data / "sample_submission.csv", ("index", "samePerson"), *((n, 1) for n in range(24)))
    with pytest.raises(DataError, match=r"two images to predict.* \(20.png and 23.png\)") as raised:
        begin(tmp_path)
    assert "--label person;" in str(raised.value)


@pytest.mark.parametrize("others", ["", " q1"])
def test_lists_of_ids_of_test_are_refused(tmp_path: Path, others: str) -> None:
    """Rows of postings, two of which have one picture, and which ones show the same."""
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"{'train' if n < 20 else 'test'}_images/{n}x.png", n)
    rows = [(f"t{n}", f"{n % 20}x.png", f"g{n % 7}") for n in range(24)]
    table(data / "train.csv", ("posting", "image", "label_group"), *rows)
    table(
        data / "test.csv", ("posting", "image"), *[(f"q{n}", f"{n + 20}x.png") for n in range(10)]
    )
    sample = [(f"q{n}", f"q{n}{others}") for n in range(10)]
    table(data / "sample_submission.csv", ("posting", "matches"), *sample)
    with pytest.raises(DataError, match=r"matches of .* lists which of the 10 rows") as raised:
        begin(tmp_path)
    assert "--label label_group;" in str(raised.value)


def test_numbers_that_are_those_of_their_rows_are_no_lists_of_ids(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"{'train' if n < 20 else 'test'}/{n}.png", n)
    table(data / "train.csv", ("id", "height"), *((n, n + 0.5) for n in range(20)))
    table(data / "sample_submission.csv", ("id", "height"), *((n, n) for n in range(20, 30)))
    assert begin(tmp_path)[0].tasks == {"classify": "regression"}


def test_an_id_and_a_path_of_one_image_are_no_pair(tmp_path: Path) -> None:
    """`TEST_07,./test/TEST_07.png`, where rows of train have an id alone."""
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"train/TRAIN_{n:02}.png" if n < 20 else data / f"test/TEST_{n:02}.png", n)
    labels = [(f"TRAIN_{n:02}", "ab"[n % 2]) for n in range(20)]
    table(data / "train.csv", ("id", "artist"), *labels)
    paths = [(f"TEST_{n:02}", f"./test/TEST_{n:02}.png") for n in range(20, 30)]
    table(data / "test.csv", ("id", "img_path"), *paths)
    sample = [(f"TEST_{n:02}", "a") for n in range(20, 30)]
    table(data / "sample_submission.csv", ("id", "artist"), *sample)
    assert begin(tmp_path)[0].classes == ["a", "b"]


def test_pairs_by_any_names_are_two_images_a_row_and_grouped_by_what_both_show(
    tmp_path: Path,
) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(8)
    # Ten photographs of each of 16 plants; 11 plants are of train.
    photos = {plant: [f"IMG_{1000 + 10 * plant + k}" for k in range(4)] for plant in range(16)}
    for each in photos.values():
        for name in each:
            put(data / f"photos/{name}.png", int(name[4:]))
    rows = [
        (f"P{plant:02}{k}", *rng.choice(names, 2, replace=False))
        for plant, names in photos.items()
        for k in range(5)
    ]
    rows = list({(begin, end): (key, begin, end) for key, begin, end in rows}.values())
    table(
        data / "photos.csv",
        ("photo", "plant", "taken"),
        *((name, f"L{plant}", k) for plant, each in photos.items() for k, name in enumerate(each)),
    )
    train = [one for one in rows if int(one[0][1:3]) < 11]
    test = rows[len(train) :]
    table(
        data / "train_pairs.csv",
        ("pair", "start_photo", "final_photo", "growth"),
        *((*row, f"{rng.normal():.2f}") for row in train),
    )
    table(data / "test_pairs.csv", ("pair", "start_photo", "final_photo"), *test)
    table(data / "sample_submission.csv", ("pair", "growth"), *((row[0], "0.00") for row in test))
    spec, _ = begin(tmp_path)
    assert not spec.to_choose
    assert spec.folds.group == "plant"
    assert of_ids(load_samples(spec, "train")) == [
        (key, (f"data/photos/{begin}.png", f"data/photos/{end}.png")) for key, begin, end in train
    ]
