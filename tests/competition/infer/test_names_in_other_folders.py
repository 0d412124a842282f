"""Tables of images whose names are those of files in other folders, too."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from podium.competition.infer.spec import infer
from tests.competition.infer.test_odd_masks import box, photo, read, save


def test_files_of_other_folders_may_have_the_names_of_images(tmp_path: Path) -> None:
    data, names = tmp_path / "data", []
    for number in range(24):
        place, name = ("hill", "lake", "shore")[number % 3], f"tile{number:02}.png"
        photo(data / f"{place}/images/{name}", number)
        names.append(name)
        if number < 16:
            save(data / f"{place}/labels/{name}", box(number + 1) * np.uint8(255))
    for part, each in (("train", names[:16]), ("test", names[16:])):
        (data / f"{part}.txt").write_text("\n".join(each) + "\n", encoding="utf-8")
    found, masks = read(data)
    assert found.competition.data.train.images == "data/**/images/{image}"
    assert all(np.array_equal(masks[names[n]], box(n + 1)) for n in range(16))


def test_folders_of_several_names_are_not_named(tmp_path: Path) -> None:
    data, rows = tmp_path / "data", ["image,kind"]
    for number in range(24):
        name = f"tile{number:02}.png"
        photo(data / f"{('hill/a', 'lake/b')[number % 2]}/{name}", number)
        rows.append(f"{name},{'xy'[number // 2 % 2]}")
    (data / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = infer(data, tmp_path, has_test=False).competition
    assert found.data.train.images == "data/**/{image}"
