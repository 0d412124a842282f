"""Files of single objects in a folder beside that of the images: `x/52.bmp`, `y/52_1.bmp`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.truths.objects import truth_instances

SIZE = (20, 24)


def cells(data: Path, *, values: tuple[int, int] = (255, 255)) -> dict[str, int]:
    """Write photographs with a file of each of their cells; return how many cells each has."""
    rng = np.random.default_rng(5)
    counts = {}
    for n in range(1, 15):
        path = data / f"train/x/{n}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (*SIZE, 3), dtype=np.uint8)).save(path)
        counts[str(n)] = 1 + n % 3
        for number in range(1, counts[str(n)] + 1):
            mask = np.zeros(SIZE, np.uint8)
            mask[2:8, 6 * number - 4 : 6 * number] = values[0]
            mask[4:6, 6 * number - 3 : 6 * number - 1] = values[1]
            at = data / f"train/y/{n}_{number}.png"
            at.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(mask).save(at)
    for n in range(20, 24):
        path = data / f"test/x/{n}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (*SIZE, 3), dtype=np.uint8)).save(path)
    return counts


def read_areas(tmp_path: Path) -> dict[str, list[int]]:
    """Return the pixels of each object of train, by the name of its image."""
    found = infer(tmp_path / "data", tmp_path).competition
    assert found.tasks == {"segment": "instance"}
    train = load_samples(found, "train")
    objects = truth_instances(found, train)
    return {
        Path(images[0]).stem: [int(plane.sum()) for plane in each.planes()]
        for images, each in zip(train["images"], objects, strict=True)
    }


def test_each_file_is_an_object_of_the_image_that_it_is_called_by(tmp_path: Path) -> None:
    """`1.png` has the objects of `1_1.png`, and not those of `11_1.png`."""
    counts = cells(tmp_path / "data")

    assert read_areas(tmp_path) == {name: [24] * n for name, n in counts.items()}


def test_parts_of_a_cell_of_several_values_are_one_object(tmp_path: Path) -> None:
    counts = cells(tmp_path / "data", values=(20, 40))

    assert read_areas(tmp_path) == {name: [24] * n for name, n in counts.items()}
