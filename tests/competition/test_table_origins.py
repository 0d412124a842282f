"""Messages on rows of a table that podium made name the lines of the table that was handed out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.table_origins import lines_in
from podium.errors import DataError
from podium.workflows.initialising import init_workspace
from podium.workspace.layout import Workspace


def write_data(folder: Path) -> Path:
    """Write train.csv with a blank label, a missing image and an id with two labels; its lines."""
    (folder / "train").mkdir(parents=True)
    (folder / "test").mkdir()
    rows = [(f"p{n:02}.png", "cat" if n % 2 else "dog") for n in range(20)]
    for n, (name, _) in enumerate(rows):
        Image.new("RGB", (8, 8), (n, 9 * n, 0)).save(folder / "train" / name)
        Image.new("RGB", (8, 8), (9 * n, n, 7)).save(folder / "test" / f"q{n:02}.png")
    rows[4] = (rows[4][0], "")
    (folder / "train" / rows[9][0]).unlink()
    rows.append((rows[7][0], "dog"))
    table = folder / "train.csv"
    table.write_text("image,kind\n" + "".join(f"{a},{b}\n" for a, b in rows))
    sample = "".join(f"q{n:02}.png,cat\n" for n in range(20))
    (folder / "sample_submission.csv").write_text(f"image,kind\n{sample}")
    return table


def test_lines_are_those_of_the_table_that_was_handed_out(tmp_path: Path) -> None:
    table = write_data(tmp_path / "data")
    lines = table.read_text().splitlines()
    started = init_workspace(tmp_path / "data", tmp_path / "ws")
    made = "made/tables/train_labelled.csv"
    with pytest.raises(DataError) as caught:
        load_samples(started.competition, "train", workspace=Workspace(tmp_path / "ws"))
    assert caught.value.where == str(table)
    missing, again = caught.value.message.split("\n  - ")[1:]
    assert "p09.png' (line 11)" in missing
    assert lines[11 - 1].startswith("p09.png,")
    assert "'p07.png' (line 22, first in line 9, with another label)" in again
    assert (lines[9 - 1], lines[22 - 1]) == ("p07.png,cat", "p07.png,dog")
    fix = caught.value.fix or ""
    assert f"{made} was made of {table}: mend that, then podium init {table.parent} --rem" in fix
    # The note of init, before anything is recorded, has the same lines.
    note = next(one for one in started.notes if one.startswith("to mend before training"))
    assert "(line 22, first in line 9, with another label)" in note

    # Whose rows are no longer found in the file that is there has those of the made table, by name.
    table.write_text("".join(f"{one}\n" for one in lines if not one.startswith("p00")))
    with pytest.raises(DataError) as caught:
        load_samples(started.competition, "train", workspace=Workspace(tmp_path / "ws"))
    assert caught.value.where == made
    assert "'p07.png' (line 21, first in line 8, with another label)" in caught.value.message
    assert "mend that, then podium init" in (caught.value.fix or "")


def test_rows_that_were_written_otherwise_have_no_lines() -> None:
    source = pd.DataFrame({"id": ["a", "b", "c"], "size": ["1,5", "2", "3"]})
    kept = lines_in(source.iloc[[0, 2]], source)
    assert kept is not None
    assert kept.tolist() == [2, 4]
    assert lines_in(source.assign(size=["1.5", "2", "3"]), source) is None, "another cell"
    assert lines_in(source[::-1], source) is None, "another order"
    assert lines_in(source.assign(more="x"), source) is None, "another column"
