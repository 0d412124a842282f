"""Images that columns name together: a video and a frame; a case, a series and a slice."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission

CLASSES = ("cow", "dog", "fox")
TRAIN, TEST = ("north", "south", "east", "west"), ("hill", "lake")
NUMBERS = {name: str(7 * n + 3) for n, name in enumerate(TRAIN + TEST)}

FILES: dict[str, Callable[[str, int], tuple[str, str, str]]] = {
    # the path, and the two cells
    "a number behind a text": lambda v, n: (f"{v}/frame_{5 * n:04}.jpg", v, f"{5 * n}"),
    "a number with zeros": lambda v, n: (f"{v}/{n:03}.jpg", v, f"{n}"),
    "a plain number": lambda v, n: (f"{v}/{n}.jpg", v, f"{n}"),
    "the digits of a name": lambda v, n: (f"{v}/img{n:03}.jpg", v, f"{n:03}"),
    "a name": lambda v, n: (f"{v}/shot{n}.jpg", v, f"shot{n}"),
    "a name with its end": lambda v, n: (f"{v}/shot{n}.jpg", v, f"shot{n}.jpg"),
    "numbered folders": lambda v, n: (f"video_{NUMBERS[v]}/{n}.jpg", NUMBERS[v], f"{n}"),
    "one folder": lambda v, n: (f"{v}_{5 * n:04}.jpg", v, f"{5 * n}"),
    "one folder, with a word": lambda v, n: (f"{v}_frame{n}.jpg", v, f"{n}"),
    "numbers in one folder": lambda v, n: (f"v{NUMBERS[v]}-f{n:03}.jpg", NUMBERS[v], f"{n}"),
    "a folder between": lambda v, n: (f"{v}/frames/{n}.jpg", v, f"{n}"),
}
SAMPLES: dict[str, Callable[[str, str, str], str]] = {
    "two columns": lambda path, first, second: f"{first},{second}",
    "both in one": lambda path, first, second: f"{first}-{second}",
    "paths": lambda path, first, second: path,
}


def written(
    data: Path,
    files: str,
    sample: str,
    *,
    listed: bool = False,
    parts: tuple[str, str] = ("train", "test"),
) -> None:
    """Write four frames of each of six videos; test has a table where they are `listed`.

    Args:
        data: the folder to write.
        files: a key of `FILES`.
        sample: a key of `SAMPLES`.
        listed: whether there is a table of test.
        parts: the folders of the images of train and test.
    """
    rows: dict[str, list[tuple[str, str, str]]] = {"train": [], "test": []}
    for part, videos in (("train", TRAIN), ("test", TEST)):
        for video in videos:
            for n in range(1, 5):
                row = FILES[files](video, n)
                rows[part].append(row)
                file = data / parts[part == "test"] / row[0]
                file.parent.mkdir(parents=True, exist_ok=True)
                Image.new("RGB", (8, 8), (len(rows["train"]) * 10, len(rows["test"]), n)).save(file)
    lines = [
        f"{first},{second},{CLASSES[k % 3]}" for k, (_, first, second) in enumerate(rows["train"])
    ]
    (data / "train.csv").write_text("\n".join(["video,frame,animal", *lines]) + "\n")
    if listed:
        lines = [f"{first},{second}" for _, first, second in rows["test"]]
        (data / "test.csv").write_text("\n".join(["video,frame", *lines]) + "\n")
    header = "video,frame,animal" if sample == "two columns" else "id,animal"
    lines = [f"{SAMPLES[sample](*row)},cow" for row in rows["test"]]
    (data / "sample_submission.csv").write_text("\n".join([header, *lines]) + "\n")


@pytest.mark.parametrize("parts", [("train", "test"), ("frames", "frames")], ids="-".join)
@pytest.mark.parametrize("listed", [False, True], ids=["a folder", "a table"])
@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("files", FILES)
def test_a_video_and_a_frame_name_an_image(
    tmp_path: Path, files: str, sample: str, listed: bool, parts: tuple[str, str]
) -> None:
    data = tmp_path / "data"
    written(data, files, sample, listed=listed, parts=parts)
    spec = infer(data, tmp_path).competition
    assert not spec.to_choose
    train = load_samples(spec, "train")
    every = [FILES[files](video, n)[0] for video in TRAIN for n in range(1, 5)]
    wanted = {f"data/{parts[0]}/{path}": CLASSES[k % 3] for k, path in enumerate(every)}
    labels = (spec.classes[int(label)] for label in train["label"])
    assert dict(zip((images[0] for images in train["images"]), labels, strict=True)) == wanted
    assert train["group"].nunique() == len(TRAIN)
    test = load_samples(spec, "test")
    every = [FILES[files](video, n)[0] for video in TEST for n in range(1, 5)]
    assert sorted(images[0] for images in test["images"]) == sorted(
        f"data/{parts[1]}/{path}" for path in every
    )
    answers = np.arange(len(test)) % 3
    file = write_submission(tmp_path / "sent.csv", spec, list(test["id"]), None, answers)
    assert check(file, spec) == []
    with (data / "sample_submission.csv").open() as shown, file.open() as sent:
        of_host, mine = list(csv.reader(shown)), list(csv.reader(sent))
    assert [row[:-1] for row in mine] == [row[:-1] for row in of_host]


def test_a_column_that_names_images_alone_needs_no_other(tmp_path: Path) -> None:
    """Numbers of frames go on over all videos: each is of one image."""
    data = tmp_path / "data"
    (data / "test").mkdir(parents=True)
    rows = []
    for n in range(12):
        file = data / "train" / TRAIN[n % 3] / f"{n}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (n * 10, 0, 0)).save(file)
        Image.new("RGB", (8, 8), (n * 10, 9, 0)).save(data / "test" / f"{n + 12}.jpg")
        rows.append(f"{TRAIN[n % 3]},{n},{CLASSES[n % 2]}")
    (data / "train.csv").write_text("\n".join(["video,frame,animal", *rows]) + "\n")
    spec = infer(data, tmp_path).competition
    assert spec.data.train.id == "frame"


@pytest.mark.parametrize("form", ["{}_{}_{}", "{}-{}/{}", "{}/{}/{}.png", "{},{},{}"])
def test_a_case_a_series_and_a_slice_name_an_image(tmp_path: Path, form: str) -> None:
    data = tmp_path / "data"
    rows: dict[str, list[tuple[int, int, int]]] = {"train": [], "test": []}
    for part, cases in (("train", (3, 14, 15)), ("test", (9, 26))):
        for case, series, n in ((a, b, c) for a in cases for b in (1, 2) for c in (1, 2, 3)):
            rows[part].append((case, series, n))
            file = data / part / f"case{case}" / f"series_{series}" / f"{n:02}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), (case, series, n)).save(file)
    names = "case,series,slice"
    lines = [f"{a},{b},{c},{CLASSES[(a + c) % 2]}" for a, b, c in rows["train"]]
    (data / "train.csv").write_text("\n".join([f"{names},finding", *lines]) + "\n")
    lines = [f"{form.format(*row)},cow" for row in rows["test"]]
    header = f"{names if ',' in form else 'id'},finding"
    (data / "sample_submission.csv").write_text("\n".join([header, *lines]) + "\n")
    spec = infer(data, tmp_path).competition
    train, test = load_samples(spec, "train"), load_samples(spec, "test")
    assert [images[0] for images in train["images"]] == [
        f"data/train/case{a}/series_{b}/{c:02}.png" for a, b, c in rows["train"]
    ]
    file = write_submission(tmp_path / "sent.csv", spec, list(test["id"]), None, np.zeros(12, int))
    assert check(file, spec) == []
    assert file.read_text().splitlines()[0] == header


def test_a_sample_names_frames_that_no_table_of_train_does(tmp_path: Path) -> None:
    """There are masks: the columns of the sample name the images to predict."""
    data = tmp_path / "data"
    for part, videos in (("train", TRAIN), ("test", TEST)):
        for video, n in ((one, n) for one in videos for n in (1, 2, 3)):
            file = data / part / "images" / video / f"frame_{5 * n:04}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 6), (len(video), 0, n)).save(file)
            if part == "train":
                mask = data / part / "masks" / video / file.name
                mask.parent.mkdir(parents=True, exist_ok=True)
                pixels = np.zeros((6, 8), np.uint8)
                pixels[n : n + 2, len(video) - 3 :] = 255
                Image.fromarray(pixels).save(mask)
    lines = [f"{video},{5 * n},1 2" for video in TEST for n in (1, 2, 3)]
    (data / "sample_submission.csv").write_text("\n".join(["video,frame,rle", *lines]) + "\n")
    spec = infer(data, tmp_path).competition
    assert spec.tasks == {"segment": "binary"}
    assert spec.data.train.mask == "data/train/masks/{video}/{stem}.png"
    assert set(load_samples(spec, "test")["id"]) == {
        f"{video}/{5 * n}" for video in TEST for n in (1, 2, 3)
    }
    assert spec.submission.file.id_of == "{video}/{frame}"


@pytest.mark.parametrize("is_shared", [False, True], ids=["cameras apart", "cameras shared"])
def test_folders_that_test_has_none_of_are_groups(tmp_path: Path, is_shared: bool) -> None:
    """Train and test lie together; the host parted them by camera, or by frame."""
    data = tmp_path / "data"
    rows: dict[bool, list[tuple[int, int]]] = {False: [], True: []}
    for camera in range(1, 9):
        for n in range(1, 9):
            file = data / f"frames/cam_{camera:02}/shot_{n:04}.jpg"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), (camera * 20, n * 20, 9)).save(file)
            rows[n > 6 if is_shared else camera > 6].append((camera, n))
    for name, chosen in (("train", rows[False]), ("sample_submission", rows[True])):
        lines = [f"{camera};{n};{camera * n / 3:.1f} %" for camera, n in chosen]
        (data / f"{name}.csv").write_text("\n".join(["cam;frame;moisture", *lines]) + "\n")
    spec = infer(data, tmp_path).competition
    assert not spec.to_choose
    assert spec.folds.group == (None if is_shared else "cam")
    for part, chosen in (("train", rows[False]), ("test", rows[True])):
        assert [images[0] for images in load_samples(spec, part)["images"]] == [
            f"data/frames/cam_{camera:02}/shot_{n:04}.jpg" for camera, n in chosen
        ]


@pytest.mark.parametrize("form", ["{}_{:04}", "{}/{}"])
def test_frames_that_only_test_has_are_no_group(tmp_path: Path, form: str) -> None:
    data = tmp_path / "data"
    for part, frames in (("train", range(1, 5)), ("test", range(6, 10))):
        rows = [(place, n) for place in TRAIN for n in frames]
        for k, (place, n) in enumerate(rows):
            file = data / part / place / f"{n:04}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), (k, n, len(part))).save(file)
        lines = [f"{place},{n}" for place, n in rows]
        lines = [
            f"{line},{CLASSES[k % 3]}" if part == "train" else line for k, line in enumerate(lines)
        ]
        header = "place,frame,animal" if part == "train" else "place,frame"
        (data / f"{part}.csv").write_text("\n".join([header, *lines]) + "\n")
    lines = [f"{form.format(*row)},cow" for row in rows]
    (data / "sample_submission.csv").write_text("\n".join(["id,animal", *lines]) + "\n")
    spec = infer(data, tmp_path).competition
    assert spec.folds.group is None
