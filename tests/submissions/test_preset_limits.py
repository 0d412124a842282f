"""What a preset knows of its competition is checked without an image, and kept when written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from submissions.preset_cases import competition_of_preset

from podium.competition.presets import find_preset
from podium.submissions import check, write_masks, write_submission
from podium.submissions.format.checking import check_by_preset
from podium.submissions.format.problems import Problem

# Height and width of all images, as the competitions' pages have them, and a row's name.
KNOWN = {
    "contrails": (256, 256, "record_id,encoded_pixels\n{id},{runs}\n"),
    "severstal": (
        256,
        1600,
        "ImageId_ClassId,EncodedPixels\n{id}_1,{runs}\n{id}_2,\n{id}_3,\n{id}_4,\n",
    ),
    "airbus-ships": (768, 768, "ImageId,EncodedPixels\n{id},{runs}\n"),
    "tgs-salt": (101, 101, "id,rle_mask\n{id},{runs}\n"),
    "siim-pneumothorax": (1024, 1024, "ImageId,EncodedPixels\n{id},{runs}\n"),
    "carvana": (1280, 1918, "img,rle_mask\n{id},{runs}\n"),
    "ultrasound-nerve": (420, 580, "img,pixels\n{id},{runs}\n"),
    "sartorius": (520, 704, "id,predicted\n{id},{runs}\n"),
    "clouds": (
        350,
        525,
        "Image_Label,EncodedPixels\n{id}_Fish,{runs}\n{id}_Flower,\n{id}_Gravel,\n{id}_Sugar,\n",
    ),
}


def errors(problems: list[Problem]) -> list[str]:
    return [str(one) for one in problems if one.level == "error"]


@pytest.mark.parametrize("in_workspace", [False, True], ids=["file", "workspace"])
@pytest.mark.parametrize("name", KNOWN)
def test_a_run_beyond_the_last_pixel_is_found(
    tmp_path: Path, name: str, in_workspace: bool
) -> None:
    height, width, text = KNOWN[name]
    base = 0 if name == "siim-pneumothorax" else 1
    for beyond in (0, 1):
        start = height * width - 1 + base + beyond - 1
        sample = text.format(id="a", runs=f"{start} 2")
        file = tmp_path / "submission.csv"
        file.write_text(sample)
        if in_workspace:
            competition = competition_of_preset(tmp_path, find_preset(name), sample=sample)
            found = errors(check(file, competition))
        else:
            found = errors(check_by_preset(file, name))
        assert len(found) == beyond, found
        assert not beyond or f"of {height * width:,}" in found[0]


def test_sizes_of_images_at_hand_win_over_the_preset(tmp_path: Path) -> None:
    sample = "record_id,encoded_pixels\na,1 300\n"
    (tmp_path / "submission.csv").write_text(sample)
    competition = competition_of_preset(
        tmp_path, find_preset("contrails"), sample=sample, sizes={"a": (10, 20)}
    )
    assert "of 200" in errors(check(tmp_path / "submission.csv", competition))[0]


def test_a_blank_cell_is_refused_where_the_grader_fails_on_it(tmp_path: Path) -> None:
    file = tmp_path / "submission.csv"
    file.write_text("Id,Predicted\na,1 5\nb,\nc,3 1\nd,\n")
    (found,) = errors(check_by_preset(file, "vesuvius", size=(10, 10)))
    assert all(one in found for one in ("line 3", "'b'", "'d'", "fix: "))
    competition = competition_of_preset(
        tmp_path, find_preset("vesuvius"), sample=file.read_text(), sizes={"a": (2, 3), "b": (2, 3)}
    )
    masks = [(one, np.zeros((2, 3), np.uint8)) for one in "abcd"]
    masks[0][1][1] = 1
    sizes = dict.fromkeys("abcd", (2, 3))
    written = write_masks(tmp_path / "written.csv", competition, masks, sizes)
    assert written.read_text() == "Id,Predicted\na,4 3\nb,1 1\nc,1 1\nd,1 1\n"


def test_ratings_outside_their_range_are_refused_and_never_written(tmp_path: Path) -> None:
    file = tmp_path / "submission.csv"
    file.write_text("Id,Pawpularity\na,1\nb,100\nc,0.99\nd,100.5\n")
    (found,) = errors(check_by_preset(file, "petfinder-pawpularity"))
    assert "outside [1, 100]: '0.99' (line 4), '100.5' (line 5)" in found
    sample = "Id,Pawpularity\na,38\nb,38\nc,38\n"
    competition = competition_of_preset(
        tmp_path, find_preset("petfinder-pawpularity"), sample=sample
    )
    write_submission(file, competition, ["a", "b", "c"], np.array([[-3.0], [42.5], [101.0]]))
    assert file.read_text() == "Id,Pawpularity\na,1.0\nb,42.5\nc,100.0\n"
