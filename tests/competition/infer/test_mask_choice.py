"""Several folders of masks: regions that test has, too, and which of two people drew the truth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from layouts.judging import readings_of
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.conversions.masks.look_folders import values_of_two
from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from tests.competition.infer.test_odd_masks import SIZE, box, photo, save, text

TRAIN, TEST = range(21, 33), range(1, 13)
KEY = "data.train.mask"


def drawing(number: int, person: int) -> NDArray[np.uint8]:
    """Return what a person draws of an image: 255 in a box, never empty, another one for each."""
    plane = np.zeros(SIZE, np.uint8)
    top, left = np.random.default_rng([number, person]).integers(0, 7, 2)
    plane[top : top + 3 + person, left : left + 4] = 255
    return plane


def region(number: int) -> NDArray[np.uint8]:
    """Return the field of view of an image: 255 but for a rim."""
    plane = np.zeros(SIZE, np.uint8)
    plane[1:-1, 1 + number % 2 : -1] = 255
    return plane


def host(
    data: Path,
    photos: str,
    masks: Sequence[str],
    *,
    regions: str = "",
    parts: tuple[str, str] = ("train", "test"),
    readme: str = "",
    ids: str = "{n:02}",
) -> None:
    """Write images, masks of several people and regions of this name; `{p}` is the part."""
    for number in (*TRAIN, *TEST):
        part = parts[0] if number in TRAIN else parts[1]
        photo(data / photos.format(p=part, n=number), number)
        if regions:
            save(data / regions.format(p=part, n=number), region(number))
        if number in TRAIN:
            for person, name in enumerate(masks):
                save(data / name.format(p=part, n=number), drawing(number, person))
    text(data / "sample_submission.csv", "id,rle", *(f"{ids.format(n=n)},1 1" for n in TEST))
    if readme:
        text(data / "README.md", *readme.splitlines())


def whose(found: Inferred, mask: object = None) -> int | None:
    """Return the person whose drawings are the masks of all images of train; None: nobody's.

    Args:
        found: what was inferred.
        mask: another pattern of the masks.
    """
    spec = found.competition
    if mask is not None:
        train = spec.data.train.model_copy(update={"mask": mask})
        data = spec.data.model_copy(update={"train": train})
        spec = spec.model_copy(update={"data": data}).at(spec.root)
    samples = load_samples(spec, "train")
    numbers = [int(re.findall(r"\d+", Path(one[0]).stem)[0]) for one in samples["images"]]
    assert numbers == sorted(TRAIN), "each image of train once, and no other"
    assert all(len(one) == 1 for one in samples["images"]), "a photograph alone"
    drawn = truth_masks(spec, samples)
    pairs = [(n, mask > 0) for n, mask in zip(numbers, drawn, strict=True) if mask is not None]
    assert len(pairs) == len(numbers)
    people = [k for k in range(3) if all(np.array_equal(m, drawing(n, k) > 0) for n, m in pairs)]
    return people[0] if people else None


def read(data: Path) -> tuple[Inferred, list[str], str]:
    """Return what is inferred, the keys to choose and the notes; what is to be predicted is right.

    How runs are counted is another question.
    """
    found = infer(data, data.parent)
    test = load_samples(found.competition, "test")
    numbers = [int(re.findall(r"\d+", Path(one[0]).stem)[0]) for one in test["images"]]
    assert sorted(numbers) == list(TEST)
    assert all(len(one) == 1 for one in test["images"])
    notes = " ".join(found.notes)
    assert "to mend" not in notes
    assert "is of no image" not in notes
    return found, [one for one in found.competition.to_choose if one != "submission.rle"], notes


def words(found: Inferred) -> str:
    """Return the text with its comments in one line each."""
    return re.sub(r"\s*\n\s*# ", " ", found.text)


def offered(found: Inferred) -> list[int | None]:
    """Return whose masks each reading of the pattern is, the first one that stands there."""
    first = found.competition
    readings = [first.data.train.mask, *readings_of(found.text).get(KEY, [])]
    return [whose(found, mask) for mask in readings]


DRIVE = ("{p}/images/{n:02}_{p}.png", "{p}/1st_manual/{n:02}_manual1.png")
DRIVE_REGION = "{p}/mask/{n:02}_{p}_mask.png"
DRIVE_README = """# Vessels
training/images      photographs
training/1st_manual  vessels as drawn by the first observer, the ground truth
training/mask        the field of view: 255 where the eye is seen, 0 at the rim of it
"""


@pytest.mark.parametrize("ids", ["{n}", "{n:02}", "{n:02}_test"])
def test_a_folder_of_masks_that_test_has_too_is_no_truth(tmp_path: Path, ids: str) -> None:
    data = tmp_path / "data"
    host(data, DRIVE[0], DRIVE[1:], regions=DRIVE_REGION, parts=("training", "test"), ids=ids)
    found, asked, notes = read(data)
    assert whose(found) == 0
    assert asked == []
    assert found.competition.data.unlabelled is None
    assert "'test/mask', 'training/mask' have two values" in notes
    assert list(load_samples(found.competition, "test")["id"]) == [ids.format(n=n) for n in TEST]


def test_a_region_that_test_has_not_is_told_by_the_text_or_asked_for(tmp_path: Path) -> None:
    for name, readme in (("told", DRIVE_README), ("untold", "")):
        data = tmp_path / name / "data"
        places = (DRIVE[1], DRIVE_REGION)
        host(data, DRIVE[0], places, parts=("training", "test"), readme=readme)
        found, asked, _ = read(data)
        assert asked == ([] if readme else [KEY])
        assert readme == "" or "'the ground truth' of training/1st_manual" in words(found)
        assert sorted(map(str, offered(found))) == (["0"] if readme else ["0", "1"])


@pytest.mark.parametrize("tree", [
    ("{p}/images/p_{n}.png", "{p}/field_of_view/p_{n}.png", "{p}/tolkning/p_{n}.png"),
    ("images/{p}/p_{n}.png", "fov/{p}/p_{n}.png", "tolkning/{p}/p_{n}.png"),
    ("{p}_images/p_{n}.png", "{p}_fov/p_{n}_fov.png", "{p}_masks/p_{n}.png"),
    ("{p}/p_{n}.png", "{p}_mask/p_{n}_mask.png", "{p}_gt/p_{n}.png"),
])  # fmt: skip
def test_regions_are_no_channels_beside_the_photographs(
    tmp_path: Path, tree: tuple[str, ...]
) -> None:
    data = tmp_path / "data"
    host(data, tree[0], tree[2:], regions=tree[1], ids="p_{n}")
    found, asked, notes = read(data)
    assert whose(found) == 0
    assert asked == []
    assert "have two values" in notes
    assert "images: {photo: …/{id}.png, region: …/{id}.png}" in notes


def test_regions_are_no_channels_where_labels_are_predicted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    host(data, "{p}/images/{n:02}.png", (), regions="{p}/lung_area/{n:02}.png")
    text(data / "train.csv", "id,finding", *(f"{n:02},{'ab'[n % 2]}" for n in TRAIN))
    text(data / "sample_submission.csv", "id,finding", *(f"{n:02},a" for n in TEST))
    found, _, notes = read(data)
    assert found.competition.tasks == {"classify": "binary"}
    assert len(load_samples(found.competition, "train")) == len(TRAIN)
    assert "'test/lung_area', 'train/lung_area' have two values" in notes


def test_grey_channels_of_many_values_stay_together(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in (*TRAIN, *TEST):
        part = "train" if number in TRAIN else "test"
        for k, name in enumerate(("dapi", "actin")):
            grey = np.random.default_rng([number, k]).integers(0, 255, SIZE).astype(np.uint8)
            save(data / f"{part}/{name}/{number}.png", grey)
        if part == "train":
            save(data / f"{part}/masks/{number}.png", drawing(number, 0))
    text(data / "sample_submission.csv", "id,rle", *(f"{n},1 1" for n in TEST))
    samples = load_samples(infer(data, tmp_path).competition, "train")
    assert all(len(one) == 2 for one in samples["images"])


def test_images_of_two_values_stay_together(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in (*TRAIN, *TEST):
        part = "train" if number in TRAIN else "test"
        save(data / f"{part}/front/{number}.png", region(number))
        save(data / f"{part}/side/{number}.png", drawing(number, 1))
        if part == "train":
            save(data / f"{part}/masks/{number}.png", drawing(number, 0))
    text(data / "sample_submission.csv", "id,rle", *(f"{n},1 1" for n in TEST))
    samples = load_samples(infer(data, tmp_path).competition, "train")
    assert all(len(one) == 2 for one in samples["images"])


def test_truth_that_test_has_too_stays_truth_where_nothing_else_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    host(data, "{p}/images/{n:02}.png", ["{p}/masks/{n:02}.png"])
    for number in TEST:
        save(data / f"test/masks/{number:02}.png", drawing(number, 0))
    found, _, _ = read(data)
    assert whose(found) == 0


def test_masks_of_several_classes_are_the_truth_beside_a_region(tmp_path: Path) -> None:
    data = tmp_path / "data"
    host(data, "{p}/images/{n:02}.png", (), regions="{p}/mask/{n:02}.png")
    for number in TRAIN:
        classes = np.zeros(SIZE, np.uint8)
        for value in (1, 2, 3):
            classes[box(5 * number + 1, shift=value)] = value
        save(data / f"train/classes/{number:02}.png", classes)
    found, _, _ = read(data)
    # The sample has one mask an image: which of the classes is sent is a question.
    assert "data.train.mask_values" in found.competition.to_choose
    samples = load_samples(found.competition, "train")
    for name, mask in zip(samples["id"], truth_masks(found.competition, samples), strict=True):
        with Image.open(data / f"train/classes/{name}.png") as image:
            assert np.array_equal(np.asarray(mask) > 0, np.asarray(image) > 0)


OBSERVERS = ("{p}/mycologist/{n:02}.png", "{p}/assistant/{n:02}.png")
TWICE = """Every plate was drawn twice. The first drawing is by a {} with twenty years of
practice; her drawings are the ground truth, also for the test plates. The second is by an {},
a student who drew the same plates later; his drawings are not used in scoring.
"""
LISTED = """
- `train/{}/` – the reference, which predictions are compared with
- `train/{}/` – for comparison
"""
IN_ONE = "Scores are computed against {}, and the masks of {} are not used.\n"


@pytest.mark.parametrize("readme", [TWICE, LISTED, IN_ONE])
def test_a_text_names_whose_masks_are_the_truth(tmp_path: Path, readme: str) -> None:
    people = ["mycologist", "assistant"]
    for person, true in enumerate(people):
        data = tmp_path / true / "data"
        told = readme.format(true, people[1 - person])
        host(data, "{p}/images/{n:02}.png", OBSERVERS, readme=told)
        found, asked, notes = read(data)
        assert whose(found) == person
        assert asked == []
        assert f"masks in train/{people[1 - person]} are not used" in notes
        assert f"and not those of 'train/{people[1 - person]}': README.md says '" in words(found)


def test_nothing_that_tells_the_truth_is_a_question_with_both(tmp_path: Path) -> None:
    for n, readme in enumerate(
        (
            "",
            "Two people drew: mycologist and assistant. Dice is the metric.\n",
            "mycologist is the ground truth. assistant is the ground truth, too.\n",
            "Masks of the assistant reach a Dice of 0.6 against the ground truth.\n",
            "Predictions are not compared with the assistant alone, but with the ground truth.\n",
            "See how well the assistant scores, and where he agrees with the ground truth.\n",
        )
    ):
        data = tmp_path / str(n) / "data"
        host(data, "{p}/images/{n:02}.png", OBSERVERS, readme=readme)
        found, asked, notes = read(data)
        assert asked == [KEY]
        assert sorted(map(str, offered(found))) == ["0", "1"]
        assert "nothing tells which are the truth" in notes


FIRST = "The drawings of the first observer are the ground truth; the second observer drew later.\n"
SECOND = "The ground truth are the masks of the second observer. The first one is a student.\n"


@pytest.mark.parametrize("names", [
    ("first_observer", "second_observer"),
    ("1st_manual", "2nd_manual"),
    ("observer1", "observer2"),
    ("masks/first", "masks/second"),
    ("masks/anna", "masks/bea"),
])  # fmt: skip
def test_the_first_of_two_people_is_the_truth_unless_a_text_states_otherwise(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    is_asked = names[0] in ("observer1", "masks/anna")  # a mere number, and names
    ways: list[tuple[str, int | None]] = [("", None if is_asked else 0)]
    ways += [] if "/" in names[0] else [(FIRST, 0), (SECOND, 1)]
    for n, (readme, person) in enumerate(ways):
        data = tmp_path / str(n) / "data"
        places = [f"{{p}}/{name}/{{n:02}}.png" for name in names]
        host(data, "{p}/images/{n:02}.png", places, readme=readme)
        found, asked, _ = read(data)
        assert asked == ([KEY] if person is None else [])
        assert sorted(map(str, offered(found))) == (["0", "1"] if person is None else [f"{person}"])


@pytest.mark.parametrize("end", [".jpg", ".png"])
def test_two_people_drew_in_the_folder_of_the_images(tmp_path: Path, end: str) -> None:
    for n, (ends, readme, person) in enumerate(
        (
            (("1stHO", "2ndHO"), "", 0),
            (("1stHO", "2ndHO"), "- 2ndHO: the ground truth\n- 1stHO: a student\n", 1),
            (("ah", "vk"), "", None),
            (("ah", "vk"), "- `*_vk.png`: the reference\n", 1),
        )
    ):
        data = tmp_path / str(n) / "data"
        places = [f"{{p}}/Image_{{n:02}}L_{one}.png" for one in ends]
        host(data, f"{{p}}/Image_{{n:02}}L{end}", places, readme=readme, ids="Image_{n:02}L")
        found, asked, _ = read(data)
        assert asked == ([KEY] if person is None else [])
        assert sorted(map(str, offered(found))) == (["0", "1"] if person is None else [f"{person}"])


def test_copies_of_the_masks_are_no_question(tmp_path: Path) -> None:
    data = tmp_path / "data"
    host(data, "{p}/images/{n:02}.png", ["{p}/masks/{n:02}.png"])
    for number in TRAIN:
        save(data / f"train/masks_binary/{number:02}.png", drawing(number, 0) // 255)
    found, asked, notes = read(data)
    assert whose(found) == 0
    assert asked == []
    assert "which are the same" in notes


def test_runs_of_train_are_the_truth_beside_masks_that_test_has_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    host(data, "{p}/images/{n:02}.png", (), regions="{p}/mask/{n:02}.png")
    rows = []
    for number in TRAIN:
        flat = np.flatnonzero(drawing(number, 0).T.ravel()) + 1  # down the columns, from 1
        rows.append(f"{number:02},{' '.join(f'{one} 1' for one in flat)}")
    text(data / "train.csv", "id,rle", *rows)
    found, _, notes = read(data)
    assert whose(found) == 0
    assert "images to predict have such, too" in notes
    assert "the runs of train.csv are not used" not in notes


def test_one_pixel_of_a_large_picture_is_a_third_value(tmp_path: Path) -> None:
    plane = np.zeros((100, 100), np.uint8)
    plane[20:70] = 255
    save(tmp_path / "a.png", plane)
    plane[3, 3] = 7
    save(tmp_path / "b.png", plane)
    assert len(values_of_two(tmp_path / "a.png")) == 2
    assert not values_of_two(tmp_path / "b.png")


def test_black_and_white_jpegs_have_two_values(tmp_path: Path) -> None:
    plane = np.zeros((48, 64), np.uint8)
    plane[9:40, 11:50] = 255
    Image.fromarray(plane).save(tmp_path / "a.jpg", quality=95)
    photo(tmp_path / "b.jpg", 1)
    assert values_of_two(tmp_path / "a.jpg") == {0, 255}
    assert not values_of_two(tmp_path / "b.jpg")
