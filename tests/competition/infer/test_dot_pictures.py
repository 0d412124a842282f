"""Pictures of dots alone, beside images or in a folder of their own, are counts of things."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.errors import DataError

N_TRAIN, N_TEST, SIDE = 12, 5, 40


def write_cells(data: Path, image: str, dots: str, *, size: int = 1) -> dict[str, str]:
    """Write photographs, pictures of dots, and a sample; return the number of dots by image."""
    counts = {}
    for number in range(1, N_TRAIN + N_TEST + 1):
        rng = np.random.default_rng(number)
        name = image.format(f"{number:03d}")
        part = "train" if number <= N_TRAIN else "test"
        photo = Image.fromarray(rng.integers(20, 200, (SIDE, SIDE, 3), dtype=np.uint8))
        (data / part / name).parent.mkdir(parents=True, exist_ok=True)
        photo.save(data / part / name)
        if part == "test":
            continue
        pixels = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
        n = int(rng.integers(0, 7))
        for cell in rng.permutation(49)[:n]:
            row, column = (5 * int(one) + 2 for one in divmod(int(cell), 7))
            pixels[row : row + size, column : column + size] = (255, 0, 0)
        if size == 1 and number == 3:  # things that touch are two
            pixels[0, :2], n = (255, 0, 0), n + 2
        path = data / part / dots.format(f"{number:03d}")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        counts[name.rpartition("/")[2].removesuffix(".png")] = str(n)
    rows = [image.format(f"{n:03d}") for n in range(N_TRAIN + 1, N_TRAIN + N_TEST + 1)]
    sent = "".join(f"{row.rpartition('/')[2]},0\n" for row in rows)
    (data / "sample_submission.csv").write_text(f"image,count\n{sent}")
    return counts


@pytest.mark.parametrize(
    ("image", "dots"),
    [
        ("{}cell.png", "{}dots.png"),
        ("cell{}.png", "dots{}.png"),
        ("{}_cell.png", "{}_dots.png"),
        ("images/{}.png", "dots/{}.png"),
        ("images/{}.png", "labels/{}.png"),
        ("images/{}.png", "masks/{}.png"),
    ],
)
@pytest.mark.parametrize("size", [1, 3])
def test_dots_beside_images_are_counted(image: str, dots: str, size: int, tmp_path: Path) -> None:
    truth = write_cells(tmp_path / "data", image, dots, size=size)
    found = infer(tmp_path / "data", tmp_path)
    assert found.competition.tasks == {"classify": "regression"}
    lines = (tmp_path / "made/tables/counts.csv").read_text().splitlines()[1:]
    assert dict(line.split(",") for line in lines) == truth
    assert not [one for one in found.notes if "touch" in one]


def test_pictures_of_areas_are_no_dots(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_cells(data, "{}cell.png", "{}dots.png")
    for number in range(1, N_TRAIN + 1):
        pixels = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
        pixels[5 : 7 + number, 3 : 7 + number % 5] = 255
        Image.fromarray(pixels).save(data / f"train/{number:03d}dots.png")
    with pytest.raises(DataError, match="no labels: looked"):
        infer(data, tmp_path)
