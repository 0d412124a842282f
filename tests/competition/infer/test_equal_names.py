"""Images of several folders with equal names: what is annotated is of one of them.

As the frames of drives that a camera numbers alike: `drive_A` has outlines, `drive_B` and `drive_C`
are to be predicted, and the sample names them by their paths.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put
from tests.competition.infer.test_odd_labels import table as write_rows

HEIGHT, WIDTH = 24, 32
LABELS = ("crack", "pothole", "repair patch")
FRAMES = [f"f{25 * n:06}" for n in range(12)]
TO_PREDICT = {"drive_B": FRAMES[::2], "drive_C": FRAMES[1::2]}
Box = tuple[str, int, int, int, int]
"""Label, left, top, right, bottom."""


def boxes(frame: str, drive: str = "drive_A") -> list[Box]:
    """Return the damages of a frame, other ones in each drive, and none in some frames."""
    number = int(frame[1:]) // 25 + 5 * (drive != "drive_A")
    found = []
    for k in range(number % 4):
        left, top = 2 + (3 * number + 7 * k) % 20, 1 + (5 * number + 3 * k) % 14
        found.append((LABELS[(k + number) % 3], left, top, left + 3 + k, top + 4))
    return found


def corners(box: Box) -> list[tuple[int, int]]:
    _, left, top, right, bottom = box
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def pixels(found: Sequence[Box], label: str) -> NDArray[np.bool_]:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    for name, left, top, right, bottom in found:
        if name == label:
            mask[top:bottom, left:right] = True
    return mask


def picture(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)


def drives(data: Path, folders: Mapping[str, Sequence[str]], suffix: str = ".png") -> None:
    for number, (folder, frames) in enumerate(folders.items()):
        for n, frame in enumerate(frames):
            picture(data / folder / f"{frame}{suffix}", 1000 * number + n)


def sample(data: Path, name: str = "sample_submission.csv") -> None:
    rows = [
        f"{folder}/{frame},{label},0 1"
        for folder, frames in TO_PREDICT.items()
        for frame in frames
        for label in LABELS
    ]
    (data / name).write_text("\n".join(["frame,kind,pixels", *rows]) + "\n")


def as_json(data: Path, content: Any, name: str = "outlines.json") -> None:
    (data / name).write_text(json.dumps(content))


def json_of_places(data: Path) -> None:
    frames = [
        {
            "frame": frame,
            "camera": "left",
            "damages": [
                {"kind": box[0], "outline": [{"x": x, "y": y} for x, y in corners(box)]}
                for box in boxes(frame)
            ],
        }
        for frame in FRAMES
    ]
    as_json(data, {"tool": "road-label 2.1", "frames": frames})


def json_of_pairs(data: Path) -> None:
    rows = {
        f"drive_A/{frame}.png": [
            {"severity": k, "label": box[0], "polygon": corners(box)}
            for k, box in enumerate(boxes(frame))
        ]
        for frame in FRAMES
    }
    as_json(data, {"v": 3, "data": {"pictures": rows}})


def json_of_nested_records(data: Path) -> None:
    rows = [
        {
            "image": {"file": f"{frame}.png", "id": n},
            "road": "A4",
            "things": [
                {"class": box[0], "shape": [one for xy in corners(box) for one in xy] + extra}
                for box in boxes(frame)
                # A fifth corner on the edge between two: outlines are of several lengths.
                for extra in ([box[1], box[2] + 2] * (n % 2),)
            ],
        }
        for n, frame in enumerate(FRAMES)
    ]
    as_json(data, rows, "labels.json")


def json_an_object(data: Path) -> None:
    rows = [
        {"photo": f"drive_A/{frame}", "damage_type": box[0], "points": corners(box)}
        for frame in FRAMES
        for box in boxes(frame)
    ]
    rows += [
        {"photo": f"drive_A/{frame}", "damage_type": LABELS[0], "points": []}
        for frame in FRAMES
        if not boxes(frame)
    ]
    as_json(data, rows)


def labelme(data: Path) -> None:
    for frame in FRAMES:
        shapes = [
            {"label": one[0], "shape_type": "polygon", "points": corners(one)}
            for one in boxes(frame)
        ]
        content = {"imagePath": f"{frame}.png", "shapes": shapes}
        as_json(data / "drive_A", content, f"{frame}.json")


def table(data: Path, spelt: str, *, text: bool = False) -> None:
    rows = []
    for frame in FRAMES:
        for box in boxes(frame):
            cell = str([list(one) for one in corners(box)])
            if text:
                ring = ", ".join(f"{x} {y}" for x, y in [*corners(box), corners(box)[0]])
                cell = f"POLYGON (({ring}))"
            rows.append(f'{spelt.format(frame)},{box[0]},"{cell}"')
        if not boxes(frame) and not text:
            rows.append(f"{spelt.format(frame)},{LABELS[0]},")
    (data / "outlines.csv").write_text("\n".join(["frame,kind,outline", *rows]) + "\n")


WRITERS: dict[str, Callable[[Path], None]] = {
    "JSON of places": json_of_places,
    "JSON of pairs": json_of_pairs,
    "JSON of records in records": json_of_nested_records,
    "JSON, a record an object": json_an_object,
    "labelme": labelme,
    "table of names": lambda data: table(data, "{}"),
    "table of files": lambda data: table(data, "drive_A/{}.png"),
    "table of paths": lambda data: table(data, "drive_A/{}"),
    "table of texts": lambda data: table(data, "drive_A/{}", text=True),
}


def check_masks(root: Path, found: Inferred, drive: str = "drive_A") -> int:
    """Assert that each image of a drive has its own masks; return how many there are."""
    train = load_samples(found.competition, "train")
    n = 0
    for images, mask in zip(train["images"], train["mask"], strict=True):
        path = Path(images[0])
        if mask is None or path.parent.name != drive:
            continue
        n += 1
        files = [np.asarray(Image.open(root / one)) for one in mask.files]
        for number, label in enumerate(LABELS, start=1):
            drawn = files[0] == number if len(files) == 1 else files[number - 1] > 0
            assert np.array_equal(drawn, pixels(boxes(path.stem, drive), label)), (path, label)
    return n


@pytest.mark.parametrize("name", ["sample_submission.csv", "upload_example.csv"])
@pytest.mark.parametrize("form", WRITERS)
def test_outlines_are_those_of_the_folder_that_is_annotated(
    form: str, name: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    drives(data, {"drive_A": FRAMES, **TO_PREDICT})
    WRITERS[form](data)
    sample(data, name)
    found = infer(data, tmp_path)
    assert found.competition.classes == list(LABELS)
    train = load_samples(found.competition, "train")
    assert {Path(one[0]).parent.name for one in train["images"]} == {"drive_A"}
    annotated = [one for one in FRAMES if boxes(one) or form != "table of texts"]
    assert check_masks(tmp_path, found) == len(annotated)
    test = load_samples(found.competition, "test")
    wanted = {f"{folder}/{frame}" for folder, each in TO_PREDICT.items() for frame in each}
    assert set(test["unit"]) == wanted


def test_images_of_equal_names_that_are_annotated_both_have_masks_of_their_own(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    drives(data, {"drive_A": FRAMES, "drive_E": FRAMES, **TO_PREDICT})
    frames = [
        {
            "frame": f"{drive}/{frame}",
            "damages": [{"kind": box[0], "outline": corners(box)} for box in boxes(frame, drive)],
        }
        for drive in ("drive_A", "drive_E")
        for frame in FRAMES
    ]
    as_json(data, {"frames": frames})
    sample(data)
    found = infer(data, tmp_path)
    for drive in ("drive_A", "drive_E"):
        assert check_masks(tmp_path, found, drive) == len(FRAMES)


def test_a_folder_without_outlines_that_nobody_asks_for_is_unlabelled(tmp_path: Path) -> None:
    """By its names alone it would have the masks of the folder that is annotated."""
    data = tmp_path / "data"
    drives(data, {"drive_A": FRAMES, **TO_PREDICT, "drive_D": FRAMES[:5]})
    json_of_places(data)
    sample(data)
    found = infer(data, tmp_path)
    assert check_masks(tmp_path, found) == len(FRAMES)
    assert check_masks(tmp_path, found, "drive_D") == 0
    rest = load_samples(found.competition, "unlabelled")
    assert {Path(one[0]).parent.name for one in rest["images"]} == {"drive_D"}


def test_folders_without_outlines_are_to_be_predicted_where_no_sample_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    drives(data, {"drive_A": FRAMES, **TO_PREDICT})
    json_of_places(data)
    found = infer(data, tmp_path)
    assert check_masks(tmp_path, found) == len(FRAMES)
    test = load_samples(found.competition, "test")
    assert {Path(one[0]).parent.name for one in test["images"]} == {*TO_PREDICT}


def test_names_that_are_those_of_two_whole_folders_are_refused_by_name(tmp_path: Path) -> None:
    data = tmp_path / "data"
    drives(data, {"drive_A": FRAMES, "drive_D": FRAMES, **TO_PREDICT})
    table(data, "{}")
    sample(data)
    with pytest.raises(DataError) as raised:
        infer(data, tmp_path)
    told = str(raised.value)
    assert "drive_A/f000000.png and drive_D/f000000.png" in told
    assert "write names with their folder" in told


def test_landmarks_are_no_outlines(tmp_path: Path) -> None:
    """As many places in each object, and a key of no outlines: nothing is drawn of them."""
    data = tmp_path / "data"
    drives(data, {"drive_A": FRAMES, **TO_PREDICT})
    rows = [
        {"frame": frame, "faces": [{"who": "a", "marks": [[1, 2], [9, 4], [5, 8]]}]}
        for frame in FRAMES
    ]
    as_json(data, rows)
    sample(data)
    with pytest.raises(DataError, match="train has none"):
        infer(data, tmp_path)


ASKED = [f"{folder}/{frame}" for folder, each in TO_PREDICT.items() for frame in each]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("evaluate.csv", ["what,when", *(f"{one},{n}" for n, one in enumerate(ASKED))]),
        ("weather.csv", ["drive,weather", "drive_B,wet", "drive_C,dry"]),
    ],
)
def test_no_part_is_held_out_where_a_list_names_images_to_predict(
    name: str, lines: list[str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    drives(data, {"train": [f"a{one}" for one in FRAMES]})
    rows = [f"a{frame},{('fir', 'oak')[n % 2]}" for n, frame in enumerate(FRAMES)]
    (data / "train.csv").write_text("\n".join(["image,label", *rows]) + "\n")
    with pytest.raises(DataError, match="hold out a fifth"):
        infer(data, tmp_path)
    drives(data, TO_PREDICT)
    (data / name).write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError, match="no images to predict") as raised:
        infer(data, tmp_path)
    assert "hold out" not in str(raised.value)


def test_a_list_of_images_in_folders_of_equal_names_is_of_those_to_predict(tmp_path: Path) -> None:
    data = tmp_path / "data"
    drives(data, {"train": [f"a{one}" for one in FRAMES], **TO_PREDICT})
    rows = [f"a{frame},{('fir', 'oak')[n % 2]}" for n, frame in enumerate(FRAMES)]
    (data / "train.csv").write_text("\n".join(["image,label", *rows]) + "\n")
    (data / "evaluate.txt").write_text("\n".join(ASKED) + "\n")
    competition = infer(data, tmp_path).competition
    to_predict = load_samples(competition, "test")["images"]
    assert sorted(one[0] for one in to_predict) == sorted(f"data/{one}.png" for one in ASKED)


def test_masks_of_train_are_no_pictures_that_show_how_masks_are_sent(tmp_path: Path) -> None:
    data = tmp_path / "data"
    drives(data, {"drive_A": FRAMES, **TO_PREDICT}, ".jpg")
    (data / "drive_A_truth").mkdir()
    for frame in FRAMES:
        mask = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
        for number, label in enumerate(LABELS, start=1):
            mask[pixels(boxes(frame), label)] = number
        Image.fromarray(mask).save(data / f"drive_A_truth/{frame}.png")
    sample(data)
    found = infer(data, tmp_path)
    assert not [one for one in found.notes if "names of images to predict" in one]
    assert "drive_A_truth" in str(found.competition.data.train.mask)


@pytest.mark.parametrize("unknown", ["", "-1"])
def test_numbers_that_begin_anew_in_each_folder_are_of_the_files_beside_them(
    tmp_path: Path, unknown: str
) -> None:
    data = tmp_path / "data"
    numbers = {"known": range(24), "checked": range(24, 33), "more": range(30), "test": range(12)}
    for n, (place, each) in enumerate(numbers.items()):
        for number in each:
            put(data / f"{place}/{number}.png", 100 * n + number)

    def rows(place: str, label: str | None = None) -> list[tuple[object, ...]]:
        return [
            (n, f"{place}/{n}.png", f"c{n % 3}" if label is None else label) for n in numbers[place]
        ]

    head = ("id", "file", "species")
    write_rows(data / "train.csv", head, *rows("known"))
    write_rows(data / "val.csv", head, *rows("checked"))
    # Images whose class nobody knows are no further rows of train.
    write_rows(data / "train_unseen.csv", head, *rows("more", unknown))
    write_rows(data / "test.csv", head[:2], *[row[:2] for row in rows("test")])
    write_rows(data / "sample_submission.csv", ("id", "species"), *[(n, "c0") for n in range(12)])
    found, _ = begin(tmp_path)
    assert found.classes == ["c0", "c1", "c2"]
    assert {one[0] for one in load_samples(found, "train")["images"]} == {
        f"data/{place}/{n}.png" for place in ("known", "checked") for n in numbers[place]
    }
    assert [one[0] for one in load_samples(found, "test")["images"]] == [
        f"data/test/{n}.png" for n in numbers["test"]
    ]
