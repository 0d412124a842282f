"""Circles and ellipses of a table are drawn where masks are to be sent, and nowhere else."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.codecs import coco
from podium.competition.infer.annotations.shapes import Annotations
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.masks.circles import read_circles
from podium.competition.infer.conversions.masks.outlines import drawn_objects
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import Inferred, infer
from podium.errors import DataError

HEIGHT, WIDTH = 30, 40
N_TRAIN = 6
TEST = ("i6", "i7")
FIRST = "The centre of the top left pixel is (0, 0)."
RUNS = "Run-length encoding: start and length, pixels are counted from 1 down the columns."
CIRCLE = "image,x,y,radius"
Mask = NDArray[np.bool_]


def with_images(data: Path, size: tuple[int, int] = (HEIGHT, WIDTH), readme: str = FIRST) -> None:
    rng = np.random.default_rng(5)
    for number in range(N_TRAIN + len(TEST)):
        file = data / ("train" if number < N_TRAIN else "test") / f"i{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (*size, 3), dtype=np.uint8)).save(file)
    (data / "README.md").write_text(readme, encoding="utf-8")


def table_of(header: str, *rows: str) -> pd.DataFrame:
    cells = [one.split(",") for one in rows]
    return pd.DataFrame(cells, columns=header.split(","), dtype=object)


def sample_of(header: str = "image,rle", *rows: str) -> SampleSubmission:
    rows = rows or tuple(f"{one},1 5" for one in TEST)
    return SampleSubmission("sample_submission.csv", table_of(header, *rows))


def read(
    root: Path, table: pd.DataFrame, sample: SampleSubmission | None = None
) -> Annotations | None:
    folder = scan_folder(root, "")
    return read_circles(
        CompetitionData(folder, {"circles.csv": table}, sample or sample_of()), None
    )


def masks_of(found: Annotations | None, stem: str) -> list[Mask]:
    assert found is not None
    return [
        mask for one in found.images if one.image.stem == stem for _, mask in drawn_objects(one)
    ]


def pixels(*rows: tuple[int, int, int]) -> Mask:
    """Return a mask of (row, first column, last column)."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    for row, first, last in rows:
        mask[row, first : last + 1] = True
    return mask


def brute_disc(*numbers: str | Fraction) -> Mask:
    """Return all pixels whose middles are not farther than the radius, in whole tenths."""
    x, y, radius = (int(10 * Fraction(one)) for one in numbers)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    inside: Mask = (10 * columns - x) ** 2 + (10 * rows - y) ** 2 <= radius**2
    return inside


PLUS = pixels((1, 3, 3), (2, 2, 4), (3, 3, 3))
FLAT = pixels((3, 5, 5), (4, 3, 7), (5, 5, 5))


def test_pixels_of_circles_are_those_counted_by_hand(tmp_path: Path) -> None:
    with_images(tmp_path)
    pair = pixels((1, 2, 3))  # both middles lie on the circle
    for header, rows, masks in (
        (CIRCLE, ["i0,3,2,1", "i0,2.5,1,0.5"], [PLUS, pair]),
        ("image,centre_x,centre_y,diameter", ["i0,3,2,2", "i0,2.5,1,1"], [PLUS, pair]),
        ("image,cx,cy,r_px", ["i0,3,2,1", "i0,2.5,1,0.5"], [PLUS, pair]),
        ("image,crown_row,crown_col,crown_radius", ["i0,2,3,1", "i0,1,2.5,.5"], [PLUS, pair]),
        ("image,x,y,rx,ry", ["i0,5,4,2,1", "i0,3,2,1,1"], [FLAT, PLUS]),
        ("image,x,y,radius_x,radius_y", ["i0,5,4,2,1", "i0,3,2,1,1"], [FLAT, PLUS]),
    ):
        found = masks_of(read(tmp_path, table_of(header, *rows)), "i0")
        assert np.array_equal(found, masks), header


def test_circles_are_those_of_brute_force_in_exact_numbers(tmp_path: Path) -> None:
    with_images(tmp_path)
    rng = np.random.default_rng(3)
    tenths = np.column_stack(
        [
            rng.integers(-20, 10 * WIDTH + 20, 40),
            rng.integers(-20, 10 * HEIGHT + 20, 40),
            rng.integers(25, 120, 40),
        ]
    )
    # 21.6 - 14 is more than 7.6 in numbers of a computer.
    tenths = np.vstack([tenths, [216, 150, 76]])
    rows = [f"i{n % N_TRAIN},{x / 10},{y / 10},{r / 10}" for n, (x, y, r) in enumerate(tenths)]
    found = read(tmp_path, table_of(CIRCLE, *rows))
    for number in range(N_TRAIN):
        own = tenths[number::N_TRAIN].tolist()
        exact = [brute_disc(*(Fraction(one, 10) for one in row)) for row in own]
        exact = [one for one in exact if one.any()]
        assert np.array_equal(masks_of(found, f"i{number}"), exact), number


def test_a_text_tells_where_the_middle_of_the_first_pixel_is(tmp_path: Path) -> None:
    for text, at, is_noted in (
        (FIRST, 0.0, False),
        ("x, y in pixels from the top left pixel, whose centre is (0, 0).", 0.0, False),
        ("Pixel centers are at integers.", 0.0, False),
        ("The center of the first pixel has the coordinates (0.5, 0.5).", 0.5, True),
        ("Pixel centres lie at half-integers.", 0.5, True),
        ("The middle of the upper left pixel is at (1, 1).", 1.0, True),
        ("Crowns are circles in pixels.", 0.0, True),
        ("In pixels, and the centre of the image is (0.5, 0.5).", 0.0, True),
    ):
        with_images(tmp_path, readme=text)
        found = read(tmp_path, table_of(CIRCLE, f"i0,{3 + at},{2 + at},1", "i1,9,9,3"))
        assert np.array_equal(masks_of(found, "i0"), [PLUS]), text
        assert found is not None
        assert any("the middle of the top left pixel" in one for one in found.notes) == is_noted


def test_bad_rows_are_refused_with_their_row_and_a_fix(tmp_path: Path) -> None:
    good = "i1,9,9,3"
    for header, row, message in (
        (CIRCLE, "i0,45,5,3", r"row 3: x 45, y 5, radius 3 lies outside .*i0\.png, .* 30 × 40"),
        (CIRCLE, "i0,5,36,3", "row 3: x 5, y 36, radius 3 lies outside"),
        (CIRCLE, "i0,5,5,0", "row 3: 'radius' is '0', which is no size"),
        (CIRCLE, "i0,5,5,", "row 3: radius is '', and other rows hold circles"),
        (CIRCLE, "i0,5,none,3", "row 3: y is 'none'"),
        ("image,x,y,radius,species", "i0,5,5,3,", "row 3: species is blank"),
        ("image,x,y,rx,ry,angle", "i0,5,5,3,2,30", "row 3: angle is '30'"),
    ):
        with_images(tmp_path)
        others = [f"{one},9,9,3,2,0"[: 8 + 2 * header.count(",") - 6] for one in ("i1", "i2")]
        if "species" in header:
            others = [f"{good},oak", "i2,9,9,3,oak"]
        with pytest.raises(DataError, match=message):
            read(tmp_path, table_of(header, others[0], row, others[1]))


def test_fractions_of_an_image_are_refused(tmp_path: Path) -> None:
    with_images(tmp_path)
    with pytest.raises(DataError, match="as fractions of an image are"):
        read(tmp_path, table_of(CIRCLE, "i0,0.5,0.25,0.1", "i1,0.1,0.9,0.2"))


def test_a_text_with_y_from_below_or_x_down_is_refused(tmp_path: Path) -> None:
    for text in (
        "The origin is the bottom left corner.",
        "x is the row, y is the column.",
        "The centre of the bottom left pixel is (0, 0).",
    ):
        with_images(tmp_path, readme=text)
        with pytest.raises(DataError, match="x from the left and y from the top"):
            read(tmp_path, table_of(CIRCLE, "i0,3,2,1", "i1,9,9,3"))


def test_what_is_left_out_and_not_used_gets_a_note(tmp_path: Path) -> None:
    with_images(tmp_path)
    rows = ["i0,9,9,3,ann", "i0,9,9,3,ann", "i1,4.5,4.5,0.4,ann", "i1,20,9,4,bob", "gone,1,1,1,bob"]
    rows += ["i1,9,9,3,ann"]
    found = read(tmp_path, table_of("image,x,y,radius,drawn_by", *rows))
    assert found is not None
    text = "\n".join(found.notes)
    assert "1 of 4 circles hold the middle of no pixel" in text
    assert "1 row with the circles of another row" in text
    assert "1 row of images that are not there" in text
    assert "drawn_by differs among the rows of an image" in text
    assert [len(masks_of(found, one)) for one in ("i0", "i1")] == [1, 2]


def test_circles_all_in_one_corner_get_a_note(tmp_path: Path) -> None:
    with_images(tmp_path, size=(200, 300))
    rows = [f"i{n % N_TRAIN},{2 * n + 5},{2 * n + 4},3" for n in range(20)]
    found = read(tmp_path, table_of(CIRCLE, *rows))
    assert found is not None
    assert any("top left 14% × 21% of the images" in one for one in found.notes)


def test_images_without_a_row_have_no_object_unless_blank_rows_name_those(tmp_path: Path) -> None:
    with_images(tmp_path)
    rows = [f"i{n},{n + 9},9,3" for n in range(4)]
    for more, stems in (([], range(6)), (["i4,,,"], range(5))):
        found = read(tmp_path, table_of(CIRCLE, *rows, *more))
        assert found is not None
        assert sorted(one.image.stem for one in found.images) == [f"i{n}" for n in stems]
        assert masks_of(found, "i4") == []
        assert any("without a row ('i" in one for one in found.notes)


def test_numbers_that_may_be_sent_are_no_circles(tmp_path: Path) -> None:
    with_images(tmp_path)
    circles = table_of(CIRCLE, *(f"i{n},{n + 9},9,3" for n in range(N_TRAIN)))
    places = sample_of("image,centres", "i6,1 2 5 9", "i7,3 4 8 9")
    for sample in (
        sample_of(CIRCLE, "i6,1,1,1", "i7,1,1,1"),
        sample_of("image,x,rle", "i6,1,1 5", "i7,1,1 5"),
        sample_of("image,radius", "i6,1", "i7,1"),
        places,
    ):
        assert read(tmp_path, circles, sample) is None
    assert read(tmp_path, circles.rename(columns={"y": "z"})) is None
    assert read(tmp_path, circles.assign(z="3")) is None
    runs = {"runs.csv": table_of("image,rle", *(f"i{n},1 5" for n in range(N_TRAIN)))}
    folder = scan_folder(tmp_path, "")
    assert (
        read_circles(CompetitionData(folder, {"circles.csv": circles, **runs}, sample_of()), None)
        is None
    )


def inferred(root: Path, header: str, rows: list[str], sample: str) -> Inferred:
    data = root / "data"
    with_images(data, readme=f"{FIRST}\n{RUNS}")
    (data / "circles.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    (data / "sample_submission.csv").write_text(sample, encoding="utf-8")
    return infer(data, root)


ROWS = [f"i{n},{3 * n + 6}.5,9,{n + 2},{'oak' if n % 2 else 'elm'}" for n in range(N_TRAIN - 1)]
ROWS += [f"i{n},{3 * n + 9}.5,19,5,oak" for n in range(N_TRAIN - 1)]
PLAIN_ROWS = [one.rpartition(",")[0] for one in ROWS]


def test_circles_are_objects_without_a_question_where_an_image_has_rows_of_them(
    tmp_path: Path,
) -> None:
    sample = "image,rle\ni6,1 5\ni6,9 5\ni7,1 5\n"
    found = inferred(tmp_path, CIRCLE, PLAIN_ROWS, sample)
    assert found.competition.to_choose == []
    assert found.competition.tasks == {"segment": "instance"}
    table = pd.read_csv(tmp_path / "made/tables/objects.csv", keep_default_na=False)
    for number in range(N_TRAIN):
        texts = table["counts"][table["image"] == f"i{number}"]
        masks = [coco.decode(one, (HEIGHT, WIDTH)) for one in texts if one]
        own = [one.split(",")[1:] for one in PLAIN_ROWS if one.startswith(f"i{number},")]
        assert np.array_equal(masks, [brute_disc(*one) for one in own]), number
    assert "i5" in set(table["image"])  # it has no object


def test_a_row_an_image_leaves_open_whether_circles_are_objects(tmp_path: Path) -> None:
    found = inferred(tmp_path, CIRCLE, PLAIN_ROWS, "image,rle\ni6,1 5\ni7,1 5\n")
    assert found.competition.tasks == {"segment": "instance"}
    assert found.competition.to_choose == ["tasks", "metric.name", "submission.rows"]
    assert "# or tasks: {segment: binary}" in found.text


def test_circles_of_classes_are_masks_where_rows_are_of_an_image_and_a_class(
    tmp_path: Path,
) -> None:
    cells = "".join(f"{one},{name},1 5\n" for one in TEST for name in ("elm", "oak"))
    found = inferred(tmp_path, f"{CIRCLE},species", ROWS, f"image,species,rle\n{cells}")
    assert found.competition.classes == ["elm", "oak"]
    assert found.competition.submission is not None
    assert found.competition.submission.rows == "image_class"
    for number in range(N_TRAIN):
        for place, name in enumerate(("elm", "oak"), start=1):
            own = [one.split(",") for one in ROWS if one.startswith(f"i{number},")]
            discs = [brute_disc(*one[1:4]) for one in own if one[4] == name]
            exact = np.any(discs, axis=0) if discs else np.zeros((HEIGHT, WIDTH), dtype=bool)
            each = tmp_path / f"made/masks/i{number}_{name}.png"
            whole = tmp_path / f"made/masks/i{number}.png"
            file, value = (each, 255) if each.exists() else (whole, place)
            assert np.array_equal(np.asarray(Image.open(file)) == value, exact), (number, name)


def test_circles_are_masks_where_pngs_are_to_be_sent(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with_images(data)
    for one in TEST:
        file = data / f"sample_submission/{one}.png"
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(np.eye(HEIGHT, WIDTH, dtype=np.uint8) * 255).save(file)
    text = "\n".join([CIRCLE, *PLAIN_ROWS, ""])
    (data / "circles.csv").write_text(text, encoding="utf-8")
    found = infer(data, tmp_path)
    assert found.competition.tasks == {"segment": "binary"}
    assert found.competition.data.train.mask == "made/masks/{id}.png"
    own = PLAIN_ROWS[1].split(",")[1:]
    drawn = np.asarray(Image.open(tmp_path / "made/masks/i1.png")) > 0
    assert (drawn[:15] == brute_disc(*own)[:15]).all()


def test_x_y_and_radius_to_be_sent_stay_numbers(tmp_path: Path) -> None:
    rows = [f"i{n},{5 * n + 3}.5,{23 - 3 * n}.2,{n + 2}.1" for n in range(N_TRAIN)]
    found = inferred(tmp_path, CIRCLE, rows, f"{CIRCLE}\ni6,1,1,1\ni7,1,1,1\n")
    assert found.competition.tasks == {"classify": "multitarget"}
    assert not (tmp_path / "made").exists()
