"""`podium init` reads the layouts of real competitions, as they are given out, without a hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from layouts.judging import judge_layout
from layouts.real import REAL_LAYOUTS, RealLayout

KNOWN_TO_FAIL = {
    "dogs-vs-cats-redux-kernels-edition": "the label is the beginning of a file's name",
    "petfinder-adoption-prediction": "a row of the table has several photographs, or none",
    "ultrasound-nerve-segmentation": "a table of runs whose image is named by two columns: asked",
    "blood-vessel-segmentation": "ids are made of a folder and the name of a file",
    "uw-madison-gi-tract-image-segmentation": "ids are made of a folder and a part of a name",
    "google-research-identify-contrails-reduce-global-warming": "a file a band of arrays",
}


def _case(layout: RealLayout) -> object:
    reason = KNOWN_TO_FAIL.get(layout.slug)
    marks = [pytest.mark.xfail(strict=False, reason=reason)] if reason else []
    return pytest.param(layout, marks=marks, id=layout.slug)


@pytest.mark.parametrize("layout", [_case(one) for one in REAL_LAYOUTS])
def test_the_layout_of_a_real_competition_is_read(tmp_path: Path, layout: RealLayout) -> None:
    truth = layout.write(tmp_path / "data")
    outcome = judge_layout(truth, slug=layout.slug if layout.by_slug else None)
    assert outcome.name == "right", "\n".join(map(str, outcome.faults))
    assert not outcome.asked, outcome.text


def test_forty_competitions_are_read() -> None:
    assert len({layout.slug for layout in REAL_LAYOUTS}) >= 40
