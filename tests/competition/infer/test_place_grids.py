"""Wells of drawn plates, whose places are known by drawing, and that no table has."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.conversions.images.pixel_arrays import write_images
from podium.competition.infer.conversions.images.place_grids import PhotoGrid, find_grid
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from podium.workflows.initialising import init_workspace

N_TRAIN, N_TEST = 12, 6
LETTERS = "ABCDEFGH"


@dataclass(frozen=True)
class Plates:
    """How plates are drawn: x and y of the first centre, the step, the radius, and the play."""

    first: tuple[int, int] = (40, 32)
    step: int = 44
    radius: int = 16
    n_rows: int = 3
    n_columns: int = 4
    play: int = 3
    is_square: bool = False
    scale: int = 1

    @property
    def size(self) -> tuple[int, int]:
        width = 2 * self.first[0] + self.step * (self.n_columns - 1)
        return self.scale * width, self.scale * (2 * self.first[1] + self.step * (self.n_rows - 1))

    def moved(self, plate: int) -> NDArray[np.int64]:
        own = np.random.default_rng([7, plate])
        return own.integers(-self.play, self.play, 2, endpoint=True)

    def centre(self, plate: int, row: int, column: int) -> NDArray[np.int64]:
        at = np.array(self.first) + self.step * np.array([column, row]) + self.moved(plate)
        return np.asarray(self.scale * at)

    def draw(self, plate: int) -> NDArray[np.uint8]:
        """Return a photo: noise, a lamp of its own, wells with a rim, glare and their own grey."""
        rng = np.random.default_rng([8, plate])
        width, height = self.size
        pixels = np.full((height, width, 3), 150 + rng.integers(-20, 20), dtype=np.float32)
        for row in range(self.n_rows):
            for column in range(self.n_columns):
                centre = tuple(map(int, self.centre(plate, row, column)))
                self._well(pixels, centre, grey(plate, row, column))
        pixels *= np.linspace(0.9, 1.1, width, dtype=np.float32)[None, :, None]
        pixels += rng.normal(0, 3, pixels.shape)
        return np.clip(pixels, 0, 255).astype(np.uint8)

    def _well(self, pixels: NDArray[np.float32], centre: Sequence[int], own: int) -> None:
        radius = self.scale * self.radius
        x, y = centre
        if self.is_square:
            corners = ((x - radius, y - radius), (x + radius, y + radius))
            cv2.rectangle(pixels, *corners, (own, own, 40), -1)
        else:
            cv2.circle(pixels, (x, y), radius, (60, 60, 60), -1)
            cv2.circle(pixels, (x, y), radius - 3 * self.scale, (own, own, 40), -1)
        glare = (x - radius // 3, y - radius // 3)
        cv2.circle(pixels, glare, radius // 5, (240, 240, 240), -1)


def grey(plate: int, row: int, column: int) -> int:
    return 20 + 40 * score_of(plate, row, column)


def score_of(plate: int, row: int, column: int) -> int:
    return (5 * plate + 3 * row + 7 * column + plate * row * column) % 5


def name(plate: int) -> str:
    return f"PL{100 + 3 * plate}"


def path_of(plate: int) -> str:
    return f"{'train' if plate < N_TRAIN else 'test'}_plates/{name(plate)}.png"


PARTS = ([*range(N_TRAIN)], [*range(N_TRAIN, N_TRAIN + N_TEST)])
PATHS = [[path_of(one) for one in part] for part in PARTS]


def save(root: Path, plates: Plates, only: Iterable[int] = range(N_TRAIN + N_TEST)) -> None:
    for plate in only:
        save_photo(root, plate, plates.draw(plate))


def save_photo(root: Path, plate: int, pixels: NDArray[np.uint8]) -> None:
    file = root / path_of(plate)
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file)


def assert_boxes_are_around(grid: PhotoGrid | None, plates: Plates) -> None:
    """Each box has the centre of its well to a pixel and a half, and holds it, but no other one."""
    assert grid is not None
    for plate in (*PARTS[0], *PARTS[1]):
        for row in range(plates.n_rows):
            for column in range(plates.n_columns):
                x, y, w, h = map(int, grid.box(path_of(plate), row, column))
                centre = np.array([x + w / 2, y + h / 2]) - plates.scale / 2
                off = np.abs(centre - plates.centre(plate, row, column))
                assert off.max() <= 1.5 * plates.scale
                assert 2 * plates.radius - 3 <= w / plates.scale <= plates.step
                assert 2 * plates.radius - 3 <= h / plates.scale <= plates.step


@pytest.mark.parametrize(
    "plates",
    [
        Plates(),
        Plates(first=(30, 50), step=38, radius=17, play=0),
        Plates(is_square=True, play=8),
        Plates(n_rows=2, n_columns=3, first=(60, 40), step=50, radius=14, scale=3),
        Plates(n_rows=4, n_columns=9, first=(24, 24), step=30, radius=11, play=2),
    ],
)
def test_the_grid_of_drawn_wells_is_found(tmp_path: Path, plates: Plates) -> None:
    save(tmp_path, plates)
    grid = find_grid(tmp_path, PATHS, plates.n_rows, plates.n_columns)
    assert_boxes_are_around(grid, plates)


def test_grids_that_are_not_the_one_of_the_map_are_none(tmp_path: Path) -> None:
    save(tmp_path, Plates())
    for n_rows, n_columns in ((4, 3), (3, 3), (2, 4), (3, 5), (2, 2), (6, 8)):
        assert find_grid(tmp_path, PATHS, n_rows, n_columns) is None


def other_plate() -> NDArray[np.uint8]:
    """Return a photo of the same size with wells between those of the others."""
    return Plates(first=(40 + 22, 32 + 22), play=0, n_rows=2, n_columns=3).draw(3)


def noise() -> NDArray[np.uint8]:
    width, height = Plates().size
    return np.random.default_rng(3).integers(0, 255, (height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize("odd", [noise(), other_plate(), Plates(n_columns=5).draw(1)])
@pytest.mark.parametrize("plate", [2, N_TRAIN + 1])
def test_one_photo_of_another_kind_leaves_the_grid_open(
    tmp_path: Path, odd: NDArray[np.uint8], plate: int
) -> None:
    save(tmp_path, Plates())
    width, height = Plates().size
    save_photo(tmp_path, plate, odd if odd.shape[1] != width else odd[:height, :width])
    assert find_grid(tmp_path, PATHS, 3, 4) is None


def test_another_grid_of_the_images_to_predict_leaves_it_open(tmp_path: Path) -> None:
    save(tmp_path, Plates(), PARTS[0])
    other = Plates(first=(55, 42), step=34, radius=14)
    assert other.size == Plates().size
    save(tmp_path, other, PARTS[1])
    assert find_grid(tmp_path, PATHS, 3, 4) is None


def write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


CONTROL = (2, 3)  # row and column of the place that is never asked for


def cells(plate: int, row: int, control: object) -> list[object]:
    """Return the line of a map: the letter of the row, and the scores."""
    scores = (score_of(plate, row, column) for column in range(4))
    own = [control if (row, n) == CONTROL else one for n, one in enumerate(scores)]
    return [LETTERS[row], *own]


def competition(data: Path, *, by_plate: bool, control: object = "SC") -> None:
    """Write photos, maps, runs of three plates and a sample that names wells by two columns."""
    save(data, Plates())
    if by_plate:
        for plate in PARTS[0]:
            rows = [["", 1, 2, 3, 4], *(cells(plate, row, control) for row in range(3))]
            write(data / f"train_layouts/{name(plate)}.csv", rows)
    else:
        each = [
            [name(plate), *cells(plate, row, control)] for plate in PARTS[0] for row in range(3)
        ]
        write(data / "maps.csv", [["plate", "row", 1, 2, 3, 4], *each])
    runs = [
        [name(one), "train" if one in PARTS[0] else "test", f"R{one // 3}"]
        for one in (*PARTS[0], *PARTS[1])
    ]
    write(data / "plates.csv", [["plate", "set", "run"], *runs])
    asked = [[name(p), f"{LETTERS[r]}{c + 1}", 2] for p in PARTS[1] for r, c in asked_wells()]
    write(data / "sample_submission.csv", [["plate", "well", "score"], *asked])
    (data / "README.md").write_text(
        "Scored by quadratic weighted kappa. All plates of a run are in train, or in test."
    )


def asked_wells() -> list[tuple[int, int]]:
    return [(row, column) for row in range(3) for column in range(4) if (row, column) != CONTROL]


def assert_wells_are_those(spec: Competition, *, with_control: bool) -> None:
    """Each well is the middle of its crop, by its grey, with its own score."""
    for part, plates in zip(("train", "test"), PARTS, strict=True):
        samples = load_samples(spec, part).set_index("id")
        wells = [*asked_wells(), *([CONTROL] if with_control and part == "train" else [])]
        assert len(samples) == len(plates) * len(wells)
        for plate in plates:
            for row, column in wells:
                one = samples.loc[f"{name(plate)}_{LETTERS[row]}{column + 1}"]
                pixels = np.asarray(Image.open(spec.root / one["images"][0])).astype(float)
                assert 2 * 16 - 3 <= min(pixels.shape[:2]) <= max(pixels.shape[:2]) <= 44
                middle = pixels[pixels.shape[0] // 2 + 3, pixels.shape[1] // 2 + 3, 0]
                assert abs(middle - grey(plate, row, column)) < 20 + 0.1 * middle
                if part == "train" and (row, column) != CONTROL:
                    assert spec.classes[int(one["label"])] == str(score_of(plate, row, column))
    assert spec.classes == ["0", "1", "2", "3", "4"]
    assert (spec.folds.group, spec.metric.name) == ("run", "qwk")


@pytest.mark.parametrize("by_plate", [True, False])
def test_wells_of_maps_are_cropped_by_the_grid_of_the_photos(
    tmp_path: Path, by_plate: bool
) -> None:
    data = tmp_path / "data"
    competition(data, by_plate=by_plate)
    found = init_workspace(data, tmp_path)
    spec = found.competition
    assert_wells_are_those(spec, with_control=False)
    told = next(one for one in found.notes if "no table has the places" in one)
    assert "12 cells" in told
    assert "'SC' stands only at 'C4'" in told
    first = re.search(r"x, y = (\d+), (\d+)", told)
    assert first is not None
    moved = np.median([Plates().moved(plate) for part in PARTS for plate in part], axis=0)
    assert np.abs(np.array(first.groups(), dtype=int) - Plates().first - moved).max() <= 1
    assert "44, 44 pixels to the right" in told
    ids = list(load_samples(spec, "test")["id"])
    sent = write_submission(tmp_path / "sent.csv", spec, ids, None, np.zeros(len(ids), dtype=int))
    assert check(sent, spec) == []
    with sent.open(newline="", encoding="utf-8") as file:
        assert next(csv.reader(file)) == ["plate", "well", "score"]


def test_a_number_at_a_place_that_is_not_asked_for_is_a_label(tmp_path: Path) -> None:
    data = tmp_path / "data"
    competition(data, by_plate=True, control=4)
    assert_wells_are_those(init_workspace(data, tmp_path).competition, with_control=True)


def test_a_table_of_places_has_priority(tmp_path: Path) -> None:
    data = tmp_path / "data"
    competition(data, by_plate=True)
    boxes = [[f"{LETTERS[r]}{c + 1}", 5 * c, 7 * r, 9, 8] for r in range(3) for c in range(4)]
    write(data / "places.csv", [["place", "x", "y", "w", "h"], *boxes])
    spec = init_workspace(data, tmp_path).competition
    one = load_samples(spec, "train").set_index("id").loc[f"{name(4)}_B3"]
    pixels = np.asarray(Image.open(spec.root / one["images"][0]))
    assert (pixels == Plates().draw(4)[7:15, 10:19]).all()


def test_columns_that_a_person_calls_labels_are_none_of_wells(tmp_path: Path) -> None:
    data = tmp_path / "data"
    competition(data, by_plate=False, control=3)
    assert write_images(data, tmp_path / "made", label="1,2,3,4") == []
    assert write_images(data, tmp_path / "made") != []


def test_a_grid_that_is_not_sure_is_refused_with_the_table_to_write(tmp_path: Path) -> None:
    data = tmp_path / "data"
    competition(data, by_plate=True)
    save_photo(data, 3, noise())
    with pytest.raises(DataError, match="no table has these places, nor do all photos") as told:
        init_workspace(data, tmp_path)
    assert "write places.csv" in str(told.value)
