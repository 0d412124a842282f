"""Copies of photographs with dots on things are no classes: their dots are counts of things."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.parts.folders import find_class_folders
from podium.competition.infer.parts.marked_copies import marked_folders
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import infer
from podium.errors import DataError

SIDE, N_TRAIN, N_TEST = 40, 10, 4
Pixels = NDArray[np.uint8]


def photo(number: int, *, test: bool = False) -> Pixels:
    rng = np.random.default_rng([7, number, test])
    return rng.integers(60, 190, (SIDE, SIDE, 3)).astype(np.uint8)


def save(file: Path, pixels: Pixels) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file, **({"quality": 95} if file.suffix == ".jpg" else {}))


def two_folders(
    data: Path,
    first: Callable[[int], Pixels],
    second: Callable[[int], Pixels],
    *,
    names: tuple[str, str] = ("train/photos", "train/other"),
    test: str = "test",
    suffix: str = ".png",
) -> None:
    for number in range(N_TRAIN):
        save(data / names[0] / f"{number}{suffix}", first(number))
        save(data / names[1] / f"{number}{suffix}", second(number))
    for number in range(N_TEST):
        save(data / test / f"{number}{suffix}", photo(number, test=True))


def with_dot(number: int) -> Pixels:
    pixels = photo(number)
    pixels[5:9, 8:12] = (255, 0, 0)
    return pixels


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize("names", [("train/photos", "train/other"), ("train/z", "train/a")])
def test_marked_copies_are_no_classes(suffix: str, names: tuple[str, str], tmp_path: Path) -> None:
    two_folders(tmp_path, photo, with_dot, names=names, suffix=suffix)
    folder = scan_folder(tmp_path, "data")
    assert find_class_folders(folder) is None
    assert marked_folders(folder) == (names[1], names[0])


def test_a_folder_of_train_beside_test_is_no_class(tmp_path: Path) -> None:
    two_folders(
        tmp_path, photo, lambda n: photo(n + 50), names=("Train", "TrainOther"), test="Test"
    )
    assert find_class_folders(scan_folder(tmp_path, "data")) is None


def test_the_refusal_tells_of_marked_copies_whose_dots_cannot_be_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = ("Train", "TrainDotted")
    two_folders(data, photo, with_dot, names=names, test="Test", suffix=".jpg")
    rows = "".join(f"{n},1\n" for n in range(N_TEST))
    (data / "sample_submission.csv").write_text(f"id,count\n{rows}")
    with pytest.raises(DataError, match="TrainDotted looks like marked copies of Train:") as raised:
        infer(data, tmp_path)
    assert raised.value.fix is not None
    assert "move TrainDotted out of the data" in raised.value.fix


def scene(number: int, place: int) -> Pixels:
    """Return what a fixed camera takes: the same picture, but for a small thing of each photo."""
    pixels = photo(1_000)
    row, column = np.random.default_rng([number, place]).integers(0, SIDE - 8, 2)
    pixels[row : row + 6, column : column + 6] = (240, 240, 20 * place)
    return pixels


def glyph(number: int, place: int) -> Pixels:
    """Return something bright on black, which is the same in most pixels as any other one."""
    pixels = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
    row, column = np.random.default_rng([number, place]).integers(2, SIDE - 12, 2)
    pixels[row : row + 8, column : column + 8] = 255
    return pixels


def unseen(number: int) -> Pixels:
    """Return the photo with a message in the last bits of some pixels."""
    has_bit = np.random.default_rng(number).random((SIDE, SIDE, 1)) < 0.1
    return photo(number) ^ has_bit.astype(np.uint8)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (photo, lambda n: photo(n + 50)),
        (lambda n: scene(n, 0), lambda n: scene(n, 1)),
        (lambda n: scene(n, 0)[: SIDE - n % 2], lambda n: scene(n, 1)[: SIDE - n % 2]),
        (lambda n: glyph(n, 0), lambda n: glyph(n, 1)),
        (photo, unseen),
    ],
    ids=[
        "other photographs",
        "a fixed camera",
        "cameras of two sizes",
        "on black",
        "hidden messages",
    ],
)
def test_classes_whose_files_share_names_stay_classes(
    first: Callable[[int], Pixels], second: Callable[[int], Pixels], tmp_path: Path
) -> None:
    two_folders(tmp_path, first, second)
    found = find_class_folders(scan_folder(tmp_path, "data"))
    assert found is not None
    assert found.classes == ["other", "photos"]


def test_copies_that_the_sample_names_are_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    two_folders(data, photo, with_dot, names=("train/intact", "train/broken"))
    cells = ["intact", "broken"] * N_TEST
    rows = "".join(f"{n},{cells[n]}\n" for n in range(N_TEST))
    (data / "sample_submission.csv").write_text(f"id,state\n{rows}")
    assert infer(data, tmp_path).competition.classes == ["broken", "intact"]


RED, BLUE, GREEN = (255, 0, 0), (0, 0, 255), (0, 255, 0)
KINDS = {"adult_males": RED, "adult_females": BLUE, "pups": GREEN}
LIST = "- red (255, 0, 0): adult males\n- blue (0, 0, 255): adult females\n- green: pups\n"


def n_dots(number: int, kind: int) -> int:
    return int(np.random.default_rng([number, kind]).integers(0, 4))


def dotted(data: Path, columns: list[str], text: str, *, value: str = "1") -> dict[str, list[str]]:
    """Write photographs with copies that have a dot in some cells of a grid; return the counts."""
    colours = list(KINDS.values())[: max(1, len(columns))]
    counts = {}
    for number in range(N_TRAIN):
        copy = photo(number)
        cells = np.random.default_rng([3, number]).permutation(36)
        each = [n_dots(number, kind) for kind in range(len(colours))]
        for cell, kind in zip(cells, np.repeat(range(len(each)), each), strict=False):
            row, column = divmod(int(cell), 6)
            copy[6 * row + 2 : 6 * row + 5, 6 * column + 2 : 6 * column + 5] = colours[kind]
        save(data / f"Train/{number}.png", photo(number))
        save(data / f"TrainDotted/{number}.png", copy)
        counts[str(number)] = [str(one) for one in each]
    for number in range(N_TEST):
        save(data / f"Test/{number}.png", photo(number, test=True))
    rows = "".join(f"{n}{f',{value}' * len(columns)}\n" for n in range(N_TEST))
    (data / "sample_submission.csv").write_text(f"{','.join(['image_id', *columns])}\n{rows}")
    (data / "README.md").write_text(f"# Seals\n\nThe colour tells the kind:\n\n{text}\n")
    return counts


def read_counts(root: Path) -> dict[str, list[str]]:
    lines = (root / "made/tables/counts.csv").read_text().splitlines()
    return {line.split(",")[0]: line.split(",")[1:] for line in lines[1:]}


@pytest.mark.parametrize(
    "text",
    [
        LIST,
        "Adult males are red, adult females are blue and pups are green.",
        "| colour | kind |\n|---|---|\n| #ff0000 | adult males |\n| #0000ff | adult females |\n"
        "| #00ff00 | pups |\n",
        "The dot of an adult male is red.\n\nThe dot of an adult female is blue.\n\n"
        "Each pup has a green dot.\n",
    ],
    ids=["list", "sentence", "table", "one each"],
)
def test_dots_of_each_colour_are_the_numbers_of_its_column(text: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    truth = dotted(data, [*KINDS], text)
    found = infer(data, tmp_path)
    assert found.competition.tasks == {"classify": "multitarget"}
    assert found.competition.classes == [*KINDS]
    assert read_counts(tmp_path) == truth
    assert found.competition.data.train.images == "data/Train/{image_id}.png"


def test_columns_have_the_colours_of_their_names_in_any_order(tmp_path: Path) -> None:
    columns = ["pups", "adult_females", "adult_males"]
    truth = dotted(tmp_path / "data", columns, LIST)
    infer(tmp_path / "data", tmp_path)
    assert read_counts(tmp_path) == {name: each[::-1] for name, each in truth.items()}


def test_one_colour_and_one_column_need_no_name(tmp_path: Path) -> None:
    truth = dotted(tmp_path / "data", ["seals"], "")
    assert infer(tmp_path / "data", tmp_path).competition.tasks == {"classify": "regression"}
    assert read_counts(tmp_path) == truth


@pytest.mark.parametrize(
    ("columns", "text", "told"),
    [
        ([*KINDS], "", "nothing tells which"),
        ([*KINDS], LIST.replace("- green: pups\n", ""), "no text tells the colour of pups"),
        ([*KINDS], LIST + "\nPups are blue.\n", "pups is told to be"),
        ([*KINDS], LIST.replace("green", "yellow"), "no dot has the colour yellow of pups"),
        ([*KINDS], LIST.replace("green", "red"), "one colour for two columns"),
        ([*KINDS], LIST.replace("green: pups", "pups are not green"), "no text tells"),
        ([*KINDS], LIST.replace("green:", "red or blue:"), "no text tells the colour of pups"),
        ([*KINDS], "Red, blue, green: adult males, adult females, pups.", "nothing tells which"),
    ],
)
def test_colours_without_a_clear_name_are_refused(
    columns: list[str], text: str, told: str, tmp_path: Path
) -> None:
    dotted(tmp_path / "data", columns, text)
    with pytest.raises(DataError, match=told) as raised:
        infer(tmp_path / "data", tmp_path)
    for name in ("red (255, 0, 0)", "blue (0, 0, 255)", "green (0, 255, 0)"):
        assert name in str(raised.value)


def test_one_colour_is_no_fraction_that_nobody_calls_a_count(tmp_path: Path) -> None:
    dotted(tmp_path / "data", ["cover"], "", value="0.25")
    with pytest.raises(DataError, match="nothing tells which of these is cover"):
        infer(tmp_path / "data", tmp_path)


def change_copies(data: Path, change: Callable[[int, Pixels], None]) -> None:
    for number in range(N_TRAIN):
        file = data / f"TrainDotted/{number}.png"
        pixels = np.array(Image.open(file))
        change(number, pixels)
        save(file, pixels)


def test_dots_that_touch_are_counted_by_their_size_with_a_note(tmp_path: Path) -> None:
    data = tmp_path / "data"
    truth = dotted(data, ["seals"], "")

    def add_two(number: int, pixels: Pixels) -> None:
        if number == 4:
            pixels[37:40, 0:3], pixels[37:40, 3:6] = RED, RED
        if number == 5:  # cut by the border
            pixels[38:40, 0:3] = RED

    change_copies(data, add_two)
    found = infer(data, tmp_path)
    truth["4"] = [str(int(truth["4"][0]) + 2)]
    truth["5"] = [str(int(truth["5"][0]) + 1)]
    assert read_counts(tmp_path) == truth
    assert any("TrainDotted/4.png" in note and "touch" in note for note in found.notes)


def test_areas_are_no_dots(tmp_path: Path) -> None:
    data = tmp_path / "data"
    dotted(data, ["seals"], "")

    def paint(number: int, pixels: Pixels) -> None:
        pixels[20 : 23 + number, 10 : 14 + number % 3] = RED

    change_copies(data, paint)
    with pytest.raises(DataError, match="TrainDotted looks like marked copies of Train"):
        infer(data, tmp_path)


def test_a_ring_is_one_mark(tmp_path: Path) -> None:
    data = tmp_path / "data"
    dotted(data, ["seals"], "")
    ring = np.zeros((7, 7), dtype=bool)
    ring[0, 2:5] = ring[6, 2:5] = ring[2:5, 0] = ring[2:5, 6] = True
    ring[1, 1] = ring[1, 5] = ring[5, 1] = ring[5, 5] = True
    truth = {}
    for number in range(N_TRAIN):
        copy, n = photo(number), number % 4
        for place in range(n):
            copy[8 : 8 + 7, 1 + 9 * place : 8 + 9 * place][ring] = RED
        save(data / f"TrainDotted/{number}.png", copy)
        truth[str(number)] = [str(n)]
    infer(data, tmp_path)
    assert read_counts(tmp_path) == truth


def test_copies_of_train_are_no_masks_to_send(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(12):
        picture = photo(number)
        save(data / f"Train/{number}.png", picture)
        picture[3:5, 3:5] = 255, 0, 0
        save(data / f"TrainDotted/{number}.png", picture)
    for number in range(6):
        save(data / f"Test/{number}.png", photo(number, test=True))
    rows = "".join(f"{number},{number % 4},{number % 3}\n" for number in range(12))
    (data / "Train/train.csv").write_text(f"train_id,males,pups\n{rows}")
    sent = "".join(f"{number},0,0\n" for number in range(6))
    (data / "sample_submission.csv").write_text(f"test_id,males,pups\n{sent}")
    notes = infer(data, tmp_path).notes
    assert any("TrainDotted" in one for one in notes)
    assert not any("how masks are sent" in one for one in notes)


def test_images_without_a_row_are_counted_by_their_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    two_folders(data, photo, with_dot, names=("Train", "TrainDotted"), test="Test")
    rows = "".join(f"{n},{n % 3},{2 * n}\n" for n in range(N_TRAIN - 2))
    (data / "Train" / "train.csv").write_text(f"id,bulls,pups\n{rows}")
    sent = "".join(f"{n},1,1\n" for n in range(N_TEST))
    (data / "sample_submission.csv").write_text(f"id,bulls,pups\n{sent}")
    [note] = [one for one in infer(data, tmp_path).notes if "have no row" in one]
    assert note == (
        "12 images of train have no row in Train/train.csv (10 in TrainDotted, 2 in Train): they "
        "are not used"
    )
