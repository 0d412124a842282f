"""`podium init` reads the layouts of real competitions, as they are given out, without a hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from layouts.judging import judge_layout
from layouts.real import LAYOUTS, REAL_LAYOUTS, RealLayout
from layouts.real.first_readings import NOT_RIGHT, first_reading
from layouts.real.sets import DEVELOPMENT, SETS


@pytest.mark.slow
@pytest.mark.parametrize("layout", REAL_LAYOUTS, ids=lambda one: one.name)
def test_the_layout_of_a_real_competition_is_read(tmp_path: Path, layout: RealLayout) -> None:
    truth = layout.write(tmp_path / "data")
    outcome = judge_layout(truth, slug=layout.name if layout.by_slug else None)
    assert outcome.name == "right", "\n".join(map(str, outcome.faults))
    assert set(outcome.asked) <= truth.undecided, outcome.text


def test_ids_of_a_folder_and_part_of_a_name_are_no_class_folders(tmp_path: Path) -> None:
    """Without a table that names them so, folders that test has others of are no classes."""
    layout = next(one for one in REAL_LAYOUTS if one.name.startswith("uw-madison"))
    truth = layout.write(tmp_path / "data")
    (truth.data / "train.csv").unlink()
    assert judge_layout(truth).name == "refused"


HELD_OUT = [(kind, name) for kind, names in SETS.items() if kind != DEVELOPMENT for name in names]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(*one, marks=[pytest.mark.long] * (at % 9 > 0))
        for at, one in enumerate(HELD_OUT)
    ],
)
def test_what_was_held_out_is_read_as_well_as_it_was(tmp_path: Path, kind: str, name: str) -> None:
    """A mend that makes one right takes it out of `NOT_RIGHT`; none may get worse."""
    outcome = first_reading(kind, name, tmp_path)
    assert outcome.name == NOT_RIGHT.get(name, "right"), "\n".join(map(str, outcome.faults))


def test_forty_competitions_are_read() -> None:
    assert len({layout.name for layout in REAL_LAYOUTS}) >= 40


def test_each_layout_is_of_one_set() -> None:
    names = [name for each in SETS.values() for name in each]
    assert len(names) == len(set(names))
    assert set(names) == set(LAYOUTS)
