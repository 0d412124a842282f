"""Things in images that rows name: labels as a map of a plate, places in another table."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.folds import make_folds
from podium.competition.infer.conversions.images.pixel_arrays import write_images
from podium.competition.infer.conversions.tables.rows.several_rows import circle_columns
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from podium.workflows.initialising import init_workspace

N_PLATES, N_TRAIN, N_ROWS, N_COLUMNS = 18, 12, 2, 3
SIDE, STEP = 12, 16
WELLS = [(row, column) for row in range(N_ROWS) for column in range(N_COLUMNS)]


def score_of(plate: int, row: int, column: int) -> int | None:
    """Return the score of a well; None of one that is not filled."""
    number = 7 * plate + 3 * row + 5 * column
    return None if number % 11 == 0 else number % 4


def picture(plate: int) -> NDArray[np.uint8]:
    """Return the scan of a plate: each well has its own grey."""
    pixels = np.full((N_ROWS * STEP, N_COLUMNS * STEP, 3), 250, dtype=np.uint8)
    for row, column in WELLS:
        here = np.s_[row * STEP : row * STEP + SIDE, column * STEP : column * STEP + SIDE]
        pixels[here] = grey(plate, row, column)
    return pixels


def grey(plate: int, row: int, column: int) -> int:
    return 10 * plate + 3 * column + row


def plate_name(plate: int) -> str:
    return f"PL{100 + 3 * plate}"


def write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def plate_map(plates: Iterable[int], of: Callable[[int, int, int], object]) -> list[list[object]]:
    rows: list[list[object]] = [["plate", "row", *range(1, N_COLUMNS + 1)]]
    for plate in plates:
        for row in range(N_ROWS):
            cells = [of(plate, row, column) for column in range(N_COLUMNS)]
            blank = ["" if one is None else one for one in cells]
            rows.append([plate_name(plate), "AB"[row], *blank])
    return rows


def plates(data: Path) -> None:
    """Write the images, the map of train and the batches; the sample and places are others'."""
    for plate in range(N_PLATES):
        place = data / ("train" if plate < N_TRAIN else "test") / f"{plate_name(plate)}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(plate)).save(place)
    write(data / "map_train.csv", plate_map(range(N_TRAIN), score_of))
    of_plates = [
        [plate_name(one), f"batch {one // 2}", "train" if one < N_TRAIN else "test"]
        for one in range(N_PLATES)
    ]
    write(data / "plates.csv", [["plate", "batch", "split"], *of_plates])
    (data / "README.md").write_text("Scored by quadratic weighted kappa.")


def filled(numbers: Iterable[int]) -> list[tuple[int, int, int]]:
    return [(n, *well) for n in numbers for well in WELLS if score_of(n, *well) is not None]


def sample_of_ids(data: Path, form: str = "{plate}-{row}{column:02}") -> None:
    ids = [
        form.format(plate=plate_name(n), row="AB"[row], column=column + 1)
        for n, row, column in filled(range(N_TRAIN, N_PLATES))
    ]
    write(data / "sample_submission.csv", [["well_id", "score"], *([one, 0] for one in ids)])


def circles(data: Path, names: str = "centre_x,centre_y,radius", *, turned: bool = False) -> None:
    rows: list[Sequence[object]] = [["plate", "well", *names.split(",")]]
    for plate in range(N_PLATES):
        for row, column in WELLS:
            well = f"{column + 1}{'AB'[row]}" if turned else f"{'AB'[row]}{column + 1}"
            centre = [column * STEP + SIDE // 2, row * STEP + SIDE // 2]
            rows.append([plate_name(plate), well, *centre, SIDE // 2])
    write(data / "wells.csv", rows)


def boxes_of_all_plates(data: Path) -> None:
    rows: list[Sequence[object]] = [["place", "x", "y", "w", "h"]]
    rows += [[f"{'AB'[r]}{c + 1}", c * STEP, r * STEP, SIDE, SIDE] for r, c in WELLS]
    write(data / "places.csv", rows)


def assert_wells_are_read(spec: Competition, template: str) -> None:
    """Each well is an image of its own grey with its own score, and no batch is in two folds."""
    for part, numbers in (("train", range(N_TRAIN)), ("test", range(N_TRAIN, N_PLATES))):
        samples = load_samples(spec, part).set_index("id")
        wells = filled(numbers)
        assert len(samples) == len(wells)
        for plate, row, column in wells:
            id_ = template.format(plate=plate_name(plate), row="AB"[row], column=column + 1)
            pixels = np.asarray(Image.open(spec.root / samples.loc[id_, "images"][0]))
            assert pixels.shape[:2] == (SIDE, SIDE)
            assert (pixels == grey(plate, row, column)).all()
            if part == "train":
                assert spec.classes[int(samples.loc[id_, "label"])] == str(
                    score_of(plate, row, column)
                )
    assert spec.folds.group == "batch"
    assert spec.metric.name == "qwk"
    assert spec.tasks == {"classify": "ordinal"}


def folds_of_plates(spec: Competition) -> pd.Series[int]:
    """Return how many folds each plate is in."""
    samples = load_samples(spec, "train")
    assert spec.folds.scheme == "stratified_group"
    folds = pd.Series(make_folds(samples, scheme=spec.folds.scheme, n=3))
    return folds.groupby(samples["id"].str.extract(r"^(PL\d+)")[0]).nunique()


@pytest.mark.parametrize("form", ["{plate}-{row}{column:02}", "{plate}_{row}_{column}"])
@pytest.mark.parametrize("places", [circles, boxes_of_all_plates])
def test_wells_of_a_map_are_images_called_as_the_sample_has_them(
    tmp_path: Path, places: Callable[[Path], None], form: str
) -> None:
    plates(tmp_path / "data")
    sample_of_ids(tmp_path / "data", form)
    places(tmp_path / "data")
    spec = init_workspace(tmp_path / "data", tmp_path).competition
    assert_wells_are_read(spec, form)
    assert set(folds_of_plates(spec)) == {1}


@pytest.mark.parametrize("columns", [("well",), ("row", "column")])
def test_a_sample_names_wells_by_several_columns(tmp_path: Path, columns: Sequence[str]) -> None:
    data = tmp_path / "data"
    plates(data)
    circles(data)
    rows = []
    for n, row, column in filled(range(N_TRAIN, N_PLATES)):
        pieces = ["AB"[row], str(column + 1)]
        rows.append([plate_name(n), *(pieces if len(columns) > 1 else ["".join(pieces)]), 0])
    write(data / "sample_submission.csv", [["plate", *columns, "score"], *rows])
    spec = init_workspace(data, tmp_path).competition
    between = "_" if len(columns) > 1 else ""
    assert_wells_are_read(spec, f"{{plate}}_{{row}}{between}{{column}}")
    assert spec.submission.file.id_of == "_".join(f"{{{one}}}" for one in ("plate", *columns))


def test_labels_may_have_a_row_for_each_well(tmp_path: Path) -> None:
    data = tmp_path / "data"
    plates(data)
    circles(data)
    sample_of_ids(data)
    (data / "map_train.csv").unlink()
    rows = [
        [plate_name(n), f"{'AB'[row]}{column + 1}", score_of(n, row, column)]
        for n, row, column in filled(range(N_TRAIN))
    ]
    write(data / "labels.csv", [["plate", "well", "score"], *rows])
    spec = init_workspace(data, tmp_path).competition
    assert_wells_are_read(spec, "{plate}-{row}{column:02}")


@pytest.mark.parametrize("names", ["중심_x,중심_y,반지름", "cx,cy,r", "x,y,rayon"])
def test_a_sample_that_is_a_map_is_written_as_a_map(tmp_path: Path, names: str) -> None:
    data = tmp_path / "data"
    plates(data)
    test = range(N_TRAIN, N_PLATES)
    asked = plate_map(test, lambda *well: None if score_of(*well) is None else 0)
    write(data / "to_send.csv", asked)
    circles(data, names, turned=names.startswith("cx"))
    spec = init_workspace(data, tmp_path).competition
    assert_wells_are_read(spec, "{plate}_{row}_{column}")
    assert spec.submission.file.pivot == ["1", "2", "3"]
    ids = list(load_samples(spec, "test")["id"])
    truth = {f"{plate_name(n)}_{'AB'[r]}_{c + 1}": score_of(n, r, c) for n, r, c in filled(test)}
    answers = np.array([spec.classes.index(str(truth[one])) for one in ids])
    sent = write_submission(tmp_path / "sent.csv", spec, ids, None, answers)
    assert check(sent, spec) == []
    with sent.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [[str(cell) for cell in row] for row in plate_map(test, score_of)]


@pytest.mark.parametrize("as_map", [True, False])
def test_wells_without_places_are_refused_with_the_table_to_write(
    tmp_path: Path, as_map: bool
) -> None:
    data = tmp_path / "data"
    plates(data)
    noise = np.random.default_rng(5).integers(0, 255, picture(3).shape).astype(np.uint8)
    Image.fromarray(noise).save(data / f"train/{plate_name(3)}.png")  # shows no grid
    if as_map:
        write(data / "sample_submission.csv", plate_map(range(N_TRAIN, N_PLATES), lambda *_: 0))
    else:
        sample_of_ids(data)
    with pytest.raises(DataError, match="no table has these places") as told:
        init_workspace(data, tmp_path)
    assert "plate, place, x, y, w, h" in str(told.value)
    boxes_of_all_plates(data)  # as it says, without the column of images
    init_workspace(data, tmp_path)


def test_several_labels_of_images_by_numbers_are_no_map(tmp_path: Path) -> None:
    """Questions 1 to 3 about the left and the right side of an image are no places in it."""
    data = tmp_path / "data"
    plates(data)
    asked = plate_map(range(N_TRAIN, N_PLATES), lambda *_: 0)
    of_train = plate_map(range(N_TRAIN), lambda *well: score_of(*well) or 0)
    sides = {"A": "left", "B": "right"}
    for name, rows in (("map_train.csv", of_train), ("sample_submission.csv", asked)):
        of_sides = [[row[0], sides.get(str(row[1]), row[1]), *row[2:]] for row in rows]
        write(data / name, of_sides)
    spec = init_workspace(data, tmp_path).competition  # with questions
    assert not spec.submission.file.pivot


def test_boxes_in_images_that_the_sample_names_are_not_cropped(tmp_path: Path) -> None:
    data = tmp_path / "data"
    plates(data)
    circles(data)
    rows = [[plate_name(one), 0] for one in range(N_TRAIN, N_PLATES)]
    write(data / "sample_submission.csv", [["plate", "n_grown"], *rows])
    assert write_images(data, tmp_path / "made") == []


def test_a_circle_without_its_centre_in_the_image_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    plates(data)
    sample_of_ids(data)
    circles(data)
    file = data / "wells.csv"
    file.write_text(file.read_text().replace("PL100,A2,22,", "PL100,A2,2200,"))
    with pytest.raises(DataError, match="of PL100-A02 is no circle inside train/PL100"):
        init_workspace(data, tmp_path)


def test_a_thing_without_a_place_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    plates(data)
    sample_of_ids(data)
    circles(data)
    file = data / "wells.csv"
    lines = file.read_text().splitlines()
    file.write_text("\n".join(one for one in lines if not one.startswith("PL100,A3")) + "\n")
    with pytest.raises(DataError, match=r"no place is given of 1 thing: 'a 3 of train/PL100\.png'"):
        init_workspace(data, tmp_path)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ("x,y,r", ["x", "y", "r"]),
        ("plate,Center X,Center Y,Radius", ["Center X", "Center Y", "Radius"]),
        ("mitte_x,mitte_y,Halbmesser", ["mitte_x", "mitte_y", "Halbmesser"]),
        ("x,y,score", []),
        ("x,y,grid_x,grid_y,r", []),
    ],
)
def test_circles_are_told_by_their_columns(names: str, found: list[str]) -> None:
    columns = names.split(",")
    table = pd.DataFrame([["3"] * len(columns)], columns=columns, dtype=object)
    assert circle_columns(table) == found
