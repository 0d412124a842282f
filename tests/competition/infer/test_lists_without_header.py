"""Lists of images whose cells stand between other signs."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put

N = 24


def lines(path: Path, rows: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


@pytest.mark.parametrize("end", [";", ""])
def test_semicolons_part_the_cells_of_a_list_with_one_more_at_the_end(
    tmp_path: Path, end: str
) -> None:
    for n in range(N + 6):
        put(tmp_path / f"data/{'train' if n < N else 'test'}/leaf {n:02}.png", n)
    rows = [f"leaf {n:02}.png; 16; 12; {('ash', 'oak', 'yew')[n % 3]}{end}" for n in range(N)]
    lines(tmp_path / "data/train_list.txt", rows)
    found, _ = begin(tmp_path)
    assert (found.data.train.label, list(found.classes)) == ("field_4", ["ash", "oak", "yew"])
    assert len(load_samples(found, "train")) == N


def test_a_semicolon_inside_one_line_parts_no_cells(tmp_path: Path) -> None:
    for n in range(N + 6):
        put(tmp_path / f"data/{'train' if n < N else 'test'}/leaf{n:02}.png", n)
    rows = [f"leaf{n:02}.png {('ash', 'oak', 'yew;')[n % 3]}" for n in range(N)]
    lines(tmp_path / "data/train_list.txt", rows)
    found, _ = begin(tmp_path)
    assert list(found.classes) == ["ash", "oak", "yew;"]
