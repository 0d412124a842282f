"""A pool of images beside the parts that were drawn of it."""

from __future__ import annotations

from pathlib import Path

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

BEANS = ("red", "white")


def beans(data: Path, *, name_in_part: str) -> None:
    """Write a pool, a table of it, and a split of it, in which `{n}` is the number in the pool."""
    rows = [("name", "kind")]
    for k, bean in enumerate(BEANS):
        for n in range(10):
            name = f"{bean}_{n:02}"
            put(data / f"all beans/{bean} ones/{name}.png", 20 * k + n)
            rows.append((name, bean))
            part = ("train", "train", "train", "val", "test")[n % 5]
            for turn in range(2 if part == "train" else 1):
                end = f"_{turn}" if part == "train" else ""
                own = name_in_part.format(bean=bean, n=n, count=n // 5)
                put(data / f"split 1/{part}/{bean}/{own}{end}.png", 40 + 40 * k + 2 * n + turn)
    table(data / "beans.csv", *rows)


def test_the_parts_are_used_and_not_the_pool_that_they_were_drawn_of(tmp_path: Path) -> None:
    beans(tmp_path / "data", name_in_part="{bean}_{n:02}")
    found, notes = begin(tmp_path)
    paths = [one[0] for one in load_samples(found, "train")["images"]]
    assert not [one for one in paths if not one.startswith("data/split 1/")]
    assert len(load_samples(found, "test")) == 4
    assert "20 images in all beans are not used" in notes


def test_names_that_each_part_counts_anew_show_no_pool(tmp_path: Path) -> None:
    beans(tmp_path / "data", name_in_part="{bean}_{count:02}")
    _, notes = begin(tmp_path)
    assert "all beans are not used" not in notes
