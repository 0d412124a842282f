"""Outlines in the coordinates of a map are drawn on the images that have a place on it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

HEIGHT, WIDTH, N, N_TEST, SIDE = 12, 16, 12, 4, 0.5
EAST, NORTH = 502_400.0, 5_730_400.0
COUNTED = "Pixels of runs are counted from 0, row by row, from left to right."
Ring = Sequence[tuple[float, float]]
Corner = tuple[float, float]
Affine = tuple[float, float, float, float, float, float]


def upper_left(number: int) -> Corner:
    """Return the upper left corner of a tile on the map: four tiles a row, without a gap."""
    down, right = divmod(number, 4)
    return EAST + right * WIDTH * SIDE, NORTH - down * HEIGHT * SIDE


def upright(number: int) -> Affine:
    """Return the six lines of a world file."""
    left, top = upper_left(number)
    return SIDE, 0.0, 0.0, -SIDE, left + SIDE / 2, top - SIDE / 2


def turned(number: int) -> Affine:
    """Return the lines of a tile that lies askew."""
    left, top = upper_left(number)
    return 0.4, 0.1, 0.15, -0.45, left + 1, top - 2


def world(end: str, lines: Callable[[int], Affine] = upright) -> Callable[[Path, int], None]:
    def write(image: Path, number: int) -> None:
        put(image, number)
        text = "".join(f"{one:.10f}\n" for one in lines(number))
        image.with_suffix(f".{end}").write_text(text)

    return write


def tags(kind: str) -> Callable[[Path, int], None]:
    def write(image: Path, number: int) -> None:
        left, top = upper_left(number)
        if kind == "point":  # that of a middle, of another pixel than the first
            tie = (3, 2, 0, left + 3.5 * SIDE, top - 2.5 * SIDE, 0)
        else:
            tie = (3, 2, 0, left + 3 * SIDE, top - 2 * SIDE, 0)
        keys = (1, 1, 0, 2, 1024, 0, 1, 1, 1025, 0, 1, 2 if kind == "point" else 1)
        more: list[tuple[int, str, int, Any]] = [
            (33550, "d", 3, (SIDE, SIDE, 0)), (33922, "d", 6, tie), (34735, "H", len(keys), keys),
        ]  # fmt: skip
        if kind == "matrix":
            matrix = (SIDE, 0, 0, left, 0, -SIDE, 0, top, 0, 0, 0, 0, 0, 0, 0, 1)
            more = [(34264, "d", 16, matrix)]
        image.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
        tifffile.imwrite(image, pixels, extratags=more)

    return write


def box(left: float, top: float, width: float, height: float, askew: float = 0.3) -> Ring:
    """Return a closed quadrilateral, by metres from the upper left corner of all tiles."""
    places = [(0, 0), (width, askew), (width - askew, height), (-askew, height - askew)]
    ring = [(EAST + left + x, NORTH - top - y) for x, y in places]
    return [*ring, ring[0]]


SHAPES: Sequence[Sequence[Sequence[Ring]]] = [
    [[box(1.13, 1.07, 5, 3.1), box(2.41, 1.83, 1.7, 1.2)]],  # with a hole
    [[box(6.31, 4.22, 4.1, 4.3)]],  # on four tiles
    [[box(17.2, 1.6, 3, 2.2)], [box(26.3, 7.2, 3, 2.4)]],  # two parts, in two tiles
    [[box(1.41, 13.3, 13.2, 1.6)]],
    [[box(11.4, 7.7, 2.2, 2.9)]],
]
"""Outlines, each of polygons of rings. Tiles 7, 10 and 11 have none but the corner of one."""


def geojson(data: Path, shapes: Sequence[Any], about: Mapping[str, Sequence[str]]) -> None:
    features = []
    for k, polygons in enumerate(shapes):
        is_one = len(polygons) == 1
        geometry = {
            "type": "Polygon" if is_one else "MultiPolygon",
            "coordinates": polygons[0] if is_one else polygons,
        }
        properties = {"objekt": f"Q{k}", **{key: each[k] for key, each in about.items()}}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    for name, own in (("a", features[::2]), ("b", features[1::2])):
        content = {"type": "FeatureCollection", "features": own}
        (data / f"areas_{name}.geojson").write_text(json.dumps(content))


def wkt(data: Path, shapes: Sequence[Any], about: Mapping[str, Sequence[str]]) -> None:
    rows = []
    for k, polygons in enumerate(shapes):
        texts = [
            "(" + ", ".join(f"({', '.join(f'{x} {y}' for x, y in ring)})" for ring in one) + ")"
            for one in polygons
        ]
        text = f"MULTIPOLYGON ({', '.join(texts)})" if len(texts) > 1 else f"POLYGON {texts[0]}"
        rows.append((f"Q{k}", *(each[k] for each in about.values()), f'"{text}"'))
    table(data / "areas.csv", ("objekt", *about, "geometry"), *rows)


def write_data(
    data: Path,
    *,
    place: Callable[[Path, int], None] | None = None,
    end: str = "png",
    areas: Callable[[Path, Sequence[Any], Mapping[str, Sequence[str]]], None] = geojson,
    shapes: Sequence[Any] = SHAPES,
    about: Mapping[str, Sequence[str]] | None = None,
    cell: str = "1 1",
    text: str = "",
) -> None:
    place = place or world("pgw")
    for number in range(N + N_TEST):
        part = "train" if number < N else "test"
        place(data / part / f"t{number}.{end}", number + (100 if part == "test" else 0))
    areas(data, shapes, about or {})
    (data / "README.md").write_text(f"{COUNTED} {text}\n")
    rows = [(f"t{number}", cell) for number in range(N, N + N_TEST)]
    table(data / "sample_submission.csv", ("id", "rle"), *rows)


def inside(ring: Ring, x: float, y: float) -> bool:
    """Return whether a ring goes around a place, by the angles that it is seen under."""
    angles = [math.atan2(b - y, a - x) for a, b in ring]
    turns = (np.diff(angles) + math.pi) % (2 * math.pi) - math.pi
    return abs(turns.sum()) > math.pi


def truth(lines: Affine, shapes: Sequence[Any] = SHAPES) -> NDArray[np.bool_]:
    """Return the pixels of a tile whose middles lie in an outline and in none of its holes."""
    a, d, b, e, c, f = lines
    return np.array(
        [
            [
                any(
                    sum(inside(ring, a * x + b * y + c, d * x + e * y + f) for ring in one) % 2
                    for polygons in shapes
                    for one in polygons
                )
                for x in range(WIDTH)
            ]
            for y in range(HEIGHT)
        ]
    )


def drawn(root: Path, number: int, end: str = "") -> NDArray[np.bool_]:
    """Return the mask of a tile; an image without a file has a blank one."""
    file = root / f"made/masks/t{number}{end}.png"
    return np.asarray(Image.open(file)) > 0 if file.exists() else np.zeros((HEIGHT, WIDTH), bool)


PLACES: Mapping[str, tuple[str, Callable[[Path, int], None], Callable[[int], Affine]]] = {
    "pgw": ("png", world("pgw"), upright),
    "pngw": ("png", world("pngw"), upright),
    "PGW": ("png", world("PGW"), upright),
    "jgw": ("jpeg", world("jgw"), upright),
    "wld": ("bmp", world("wld"), upright),
    "tfw": ("tif", world("tfw"), upright),
    "turned": ("tif", world("tfw", turned), turned),
    "area": ("tif", tags("area"), upright),
    "point": ("tif", tags("point"), upright),
    "matrix": ("tiff", tags("matrix"), upright),
}


@pytest.mark.parametrize("place", PLACES)
def test_an_outline_is_of_each_image_that_it_covers(tmp_path: Path, place: str) -> None:
    end, write, lines = PLACES[place]
    areas = wkt if place in ("wld", "point") else geojson
    write_data(tmp_path / "data", place=write, end=end, areas=areas)
    spec, notes = begin(tmp_path)
    assert (spec.tasks, spec.to_choose) == ({"segment": "binary"}, [])
    assert "by their places on the map" in notes
    masks = [truth(lines(number)) for number in range(N)]
    assert sum(mask.any() for mask in masks) > N / 2
    for number, mask in enumerate(masks):
        np.testing.assert_array_equal(drawn(tmp_path, number), mask, err_msg=str(number))


@pytest.mark.parametrize("text", ["", "Tiles that have no polygon contain nothing of interest."])
@pytest.mark.parametrize("n", [1, 4])
def test_images_without_an_outline_are_blank_and_asked_for_where_they_are_most(
    tmp_path: Path, n: int, text: str
) -> None:
    data, shapes = tmp_path / "data", SHAPES[1:][:n]
    write_data(data, shapes=shapes, text=text)
    spec, notes = begin(tmp_path)
    assert spec.data.train.absent == "empty"
    samples = load_samples(spec, "train")
    for id_, mask in zip(samples["id"], truth_masks(spec, samples), strict=True):
        lines = upright(int(str(id_)[1:]))
        np.testing.assert_array_equal(np.asarray(mask) == 1, truth(lines, shapes))
    assert "no outline lies there, and they are blank" in notes
    assert ("says 'tiles that have no polygon" in notes) == bool(text)
    assert spec.to_choose == ([] if text or n > 1 else ["data.train.absent"])


def test_outlines_of_another_map_are_told_with_both_ranges(tmp_path: Path) -> None:
    degrees = [
        [[[(x / 70_000, y / 110_000) for x, y in ring] for ring in one] for one in polygons]
        for polygons in SHAPES
    ]
    write_data(tmp_path / "data", shapes=degrees)
    with pytest.raises(DataError) as error:
        begin(tmp_path)
    told = str(error.value.fix)
    assert "asks for masks" in error.value.message
    assert "0 of 6 outlines lie on an image" in told
    assert "outlines reach over x 7.17" in told
    assert "images over x 502400 to 502432, y 5730382 to 5730400" in told


def test_images_without_a_place_are_asked_for(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_data(data)
    (data / "train/t0.pgw").unlink()
    spec, notes = begin(tmp_path)
    assert "1 images have no place on the map" in notes
    assert spec.data.train.absent is None or "data.train.absent" in spec.to_choose
    assert drawn(tmp_path, 1).any()


def test_classes_are_those_of_the_sample_and_no_dates_or_places(tmp_path: Path) -> None:
    data = tmp_path / "data"
    kinds = ["roof", "field", "roof", "field", "roof"]
    days, towns = ["2023-06-08", "2023-06-09"] * 3, ["Ahl", "Bonn"] * 3
    write_data(data, about={"day": days, "town": towns, "cover": kinds})
    rows = [(f"t{n}", one, "1 1") for n in range(N, N + N_TEST) for one in ("roof", "field")]
    table(data / "sample_submission.csv", ("id", "cover", "rle"), *rows)
    spec, _ = begin(tmp_path)
    assert sorted(spec.classes) == ["field", "roof"]
    samples = load_samples(spec, "train")
    for id_, mask in zip(samples["id"], truth_masks(spec, samples), strict=True):
        for value, label in enumerate(spec.classes, start=1):
            shapes = [one for one, kind in zip(SHAPES, kinds, strict=True) if kind == label]
            own = truth(upright(int(str(id_)[1:])), shapes)
            np.testing.assert_array_equal(np.asarray(mask) == value, own)


def test_what_tables_tell_of_images_is_no_class_of_outlines(tmp_path: Path) -> None:
    data = tmp_path / "data"
    towns, text = ["Ahl", "Bonn", "Ahl", "Bonn", "Ahl"], "Tiles are of the towns Ahl and Bonn."
    write_data(data, about={"day": ["2023-06-08", "2023-06-09"] * 3, "town": towns}, text=text)
    table(data / "tiles.csv", ("tile", "town"), *((f"t{n}", "ABC"[n // 4]) for n in range(N)))
    spec, notes = begin(tmp_path)
    assert spec.tasks == {"segment": "binary"}
    assert "drawn as one class" not in notes


def test_outlines_are_not_drawn_where_a_column_of_a_table_is_sent(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_data(data)
    table(data / "tiles.csv", ("tile", "cover"), *((f"t{n}", "ABC"[n % 3]) for n in range(N)))
    rows = [(f"t{n}", "A") for n in range(N, N + N_TEST)]
    table(data / "sample_submission.csv", ("tile", "cover"), *rows)
    spec, _ = begin(tmp_path)
    assert (spec.tasks, spec.classes) == ({"classify": "multiclass"}, ["A", "B", "C"])
    assert not (tmp_path / "made/masks").exists()


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("One pixel is `17-17`.", False),
        ("", True),
        ("Ratios are 1-1.", True),
    ],
)
def test_a_run_of_one_pixel_in_a_text_tells_what_runs_end_in(
    tmp_path: Path, text: str, is_open: bool
) -> None:
    data = tmp_path / "data"
    write_data(data, cell="3-9 12-14", text=text)
    spec, _ = begin(tmp_path)
    rle = spec.submission.rle
    assert (rle.base, rle.order, rle.second, rle.join) == (0, "C", "last", "-")
    assert spec.to_choose == (["submission.rle"] if is_open else [])
    assert "relative: true" not in (tmp_path / "competition.yaml").read_text()


def test_a_sample_of_first_and_last_pixels_asks_for_masks_by_any_name(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(N):
        put(data / f"train/t{number}.png", number)
        put(data / f"test/s{number}.png", number + N)
    table(data / "tiles.csv", ("tile", "town"), *((f"t{n}", "ABC"[n // 4]) for n in range(N)))
    rows = [(f"s{number}", "0-9 12-14") for number in range(N)]
    table(data / "sample_submission.csv", ("tile", "stretches"), *rows)
    with pytest.raises(DataError, match="asks for masks"):
        begin(tmp_path)
