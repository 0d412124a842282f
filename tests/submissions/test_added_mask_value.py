"""A cell value of masks that is added as one file: its bad cells are reported as those of runs."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from submissions.preset_cases import competition_of_preset
from submissions.test_mask_values import come_back

from podium.competition.presets import find_preset
from podium.errors import SubmissionError
from podium.submissions import check, values
from podium.submissions.format import masks

BITS = """
import numpy as np
from podium.errors import CodecError
from podium.submissions.values._value import MaskValue


def _encode(mask, form):
    return "".join("01"[int(one)] for one in mask.ravel()) if mask.any() else ""


def _decode(text, form, size):
    if len(text) != size[0] * size[1]:
        raise CodecError(f"{len(text)} pixels of {size[0] * size[1]}", fix="write all rows")
    for i, one in enumerate(text):
        if one not in "01":
            raise CodecError(f"{one!r} is neither 0 nor 1", column=i + 1)
    return (np.frombuffer(text.encode(), np.uint8) == 49).reshape(size)


def _holds(kind):
    return kind.is_yes_no


VALUE = MaskValue("bits", "one digit a pixel", _holds, encode=_encode, decode=_decode)
"""


@pytest.fixture
def bits(tmp_path_factory, monkeypatch):
    """The value `bits`, added to podium's values by one file."""
    folder = tmp_path_factory.mktemp("values")
    (folder / "bits.py").write_text(BITS)
    monkeypatch.setattr(values, "__path__", [*values.__path__, str(folder)])
    monkeypatch.setattr(
        "podium.competition.sections.submission.value_names", lambda: [*values.names()]
    )
    masks._value.cache_clear()
    yield
    masks._value.cache_clear()
    sys.modules.pop("podium.submissions.values.bits", None)


def test_a_value_that_loses_a_pixel_fails_the_contract(bits, tmp_path, monkeypatch):
    come_back("bits", "binary", tmp_path)
    lossy = replace(values.get("bits"), decode=lambda text, form, size: np.ones(size, bool))
    monkeypatch.setattr(sys.modules["podium.submissions.values.bits"], "VALUE", lossy)
    masks._value.cache_clear()
    with pytest.raises((AssertionError, SubmissionError)):
        come_back("bits", "binary", tmp_path)


def test_every_bad_cell_of_an_added_value_is_reported_with_its_line(bits, masks_of, tmp_path):
    competition = masks_of(
        sizes={"a": (2, 2), "b": (2, 2), "c": (2, 2)}, submission="{value: bits}"
    )
    file = tmp_path / "file.csv"
    file.write_text("id,rle\na,0110\nb,0120\nc,011\n")
    [found] = [str(problem) for problem in check(file, competition)]
    assert "'b' character 3: '2' is neither 0 nor 1 (line 3)" in found
    assert "'c' 3 pixels of 4 (line 4)" in found


GRADE = """
from podium.errors import CodecError
from podium.submissions.values.scalar import VALUE as SCALAR
from dataclasses import replace


def _grade(text):
    if text == "lost":
        raise CodecError("no grade is called lost", column=1)
    return float(int(text, 16))


VALUE = replace(SCALAR, name="grade", parser=lambda form: _grade)
"""


def test_bad_cells_of_an_added_number_are_gathered_whatever_it_raises(tmp_path, monkeypatch):
    (tmp_path / "grade.py").write_text(GRADE)
    monkeypatch.setattr(values, "__path__", [*values.__path__, str(tmp_path)])
    monkeypatch.setattr(
        "podium.competition.sections.submission.value_names", lambda: [*values.names()]
    )
    preset = find_preset("petfinder-pawpularity")
    sample = "Id,Pawpularity\na,1\nb,1\nc,1\nd,1\n"
    competition = competition_of_preset(
        tmp_path, preset, sample=sample, submission={"value": "grade", "range": None}
    )
    file = tmp_path / "file.csv"
    file.write_text("Id,Pawpularity\na,ff\nb,lost\nc,zz\nd,lost\n")
    [found] = [str(problem) for problem in check(file, competition)]
    sys.modules.pop("podium.submissions.values.grade", None)
    for told in ("column 'Pawpularity'", "lost (line 3)", "'zz' (line 4)", "lost (line 5)"):
        assert told in found
