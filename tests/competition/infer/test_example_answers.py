"""Folders of example masks: they are no images to predict, and show the names of files to send."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.conversions.parts.example_answers import with_example_answers
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.mask_files import write_masks

N_TRAIN, N_NEW = 9, 5
PALETTE = [0, 0, 0, 200, 160, 30, 90, 60, 20]
OLD = [f"comb{number}" for number in range(N_TRAIN)]
NEW = [f"comb{N_TRAIN + number}" for number in range(N_NEW)]


def cells(values: Sequence[int]) -> NDArray[np.uint8]:
    """Return a mask with a square of each value."""
    mask = np.zeros((24, 30), np.uint8)
    for place, value in enumerate(values):
        mask[3 + 9 * place : 9 + 9 * place, 4:20] = value
    return mask


def save(path: Path, pixels: NDArray[np.uint8], *, palette: bool = True) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    if palette and pixels.ndim == 2:
        image.putpalette(PALETTE)
    image.save(path)


def photos(folder: Path, names: Sequence[str]) -> None:
    rng = np.random.default_rng(len(names))
    for name in names:
        save(folder / f"{name}.png", rng.integers(0, 255, (24, 30, 3), dtype=np.uint8))


def combs(data: Path, new: str = "fresh", *, masks: str = "{}_cells.png") -> None:
    """Write photos of combs with masks of honey and brood, and further photos without."""
    photos(data / "photos", OLD)
    photos(data / new, NEW)
    for name in OLD:
        save(data / "drawn" / masks.format(name), cells([1, 2]))
    (data / "README.txt").write_text("drawn/: 0 = wax, 1 = honey, 2 = brood.\n")


def answers(folder: Path, name: str, values: Sequence[int], names: Sequence[str] = NEW) -> None:
    for one in names:
        save(folder / name.format(one), cells(values))


def read(data: Path) -> tuple[Inferred, dict[str, Any]]:
    found = infer(data, data.parent)
    return found, yaml.safe_load(found.text)


def images_to_predict(found: Inferred) -> int:
    """Return of how many images the reading says that they are to be predicted."""
    return len(load_samples(found.competition, "test"))


@pytest.mark.parametrize("where", ["answer_example", "sample_submission", "Musterlösung"])
@pytest.mark.parametrize("values", [[], [2, 1]])
@pytest.mark.parametrize("name", ["{}_cells.png", "pred_{}.png", "{}.png"])
def test_example_masks_are_no_images_to_predict(
    tmp_path: Path, where: str, values: list[int], name: str
) -> None:
    data = tmp_path / "data"
    combs(data)
    answers(data / where, name, values)
    found, document = read(data)
    assert document["data"]["train"]["images"] == "data/photos/*.png"
    assert document["data"]["test"]["images"] == "data/fresh/*.png"
    assert images_to_predict(found) == N_NEW
    assert document["submission"]["file"]["kind"] == "png"
    assert document["submission"]["file"]["name"] == name.format("{id}")
    assert document["submission"]["rows"] == "image_class"
    assert not {key for key in document.get("to_choose", []) if key.startswith("data.")}
    assert any(f"{N_NEW} pictures in {where} are taken for an example" in n for n in found.notes)


def test_a_file_to_send_has_the_names_of_the_example(tmp_path: Path) -> None:
    data = tmp_path / "data"
    combs(data)
    answers(data / "answer_example", "{}_cells.png", [])
    found, document = read(data)
    assert list(document["submission"]["file"]["mask_values"]) == [0, 1, 2]
    assert document.get("to_choose", []) == []
    masks = [(one, cells([1, 2])) for one in NEW]
    sent = write_masks(tmp_path / "sent.zip", found.competition, masks)
    assert check(sent, found.competition) == []


def test_examples_may_lie_in_the_folder_of_the_part_to_predict(tmp_path: Path) -> None:
    data = tmp_path / "data"
    combs(data, "test/photos")
    answers(data / "test/example", "{}_cells.png", [])
    found, document = read(data)
    assert document["data"]["test"]["images"] == "data/test/photos/*.png"
    assert images_to_predict(found) == N_NEW
    assert document["submission"]["file"]["name"] == "{id}_cells.png"


def test_examples_in_folders_as_their_images(tmp_path: Path) -> None:
    data = tmp_path / "data"
    combs(data)
    for place, names in (("hive_a", NEW[:2]), ("hive_b", NEW[2:])):
        for name in names:
            (data / "fresh" / place).mkdir(exist_ok=True)
            (data / f"fresh/{name}.png").rename(data / f"fresh/{place}/{name}.png")
    answers(data / "answer_example", "{}_cells.png", [])
    found, _ = read(data)
    assert images_to_predict(found) == N_NEW


@pytest.mark.parametrize("name", ["{}_cells.png", "{}.png"])
def test_blank_masks_in_a_folder_of_any_name_are_an_example_with_a_question(
    tmp_path: Path, name: str
) -> None:
    data = tmp_path / "data"
    combs(data)
    answers(data / "covered", name, [])
    found, document = read(data)
    assert images_to_predict(found) == N_NEW
    assert document["data"]["train"]["images"] == "data/photos/*.png"
    assert document["submission"]["file"]["name"] == name.format("{id}")
    assert "data.test" in document["to_choose"]


def grey_photos(data: Path) -> None:
    rng = np.random.default_rng(1)
    for name in NEW:
        noise = rng.integers(0, 255, (24, 30), dtype=np.uint8)
        save(data / f"example_heat/{name}_heat.png", noise, palette=False)


def other_sizes(data: Path) -> None:
    for name in NEW:
        save(data / f"example_icons/{name}_icon.png", np.zeros((8, 8), np.uint8))


def of_some(data: Path) -> None:
    answers(data / "example", "{}_cells.png", [], NEW[:3])


OTHERS = {"many values": grey_photos, "sizes": other_sizes, "some": of_some}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_pictures_named_as_images_are_no_example(tmp_path: Path, kind: str) -> None:
    data = tmp_path / "data"
    combs(data)
    OTHERS[kind](data)
    found, document = read(data)
    assert not any("taken for an example" in note for note in found.notes)
    assert "data.test" in document["to_choose"]


def test_pictures_of_images_with_masks_call_none_to_predict(tmp_path: Path) -> None:
    data = tmp_path / "data"
    combs(data)
    for one in (*OLD, *NEW):
        (data / "masks").mkdir(exist_ok=True)
        save(data / f"masks/{one}.png", cells([1]))
    answers(data / "example", "{}_cells.png", [])
    folder = scan_folder(data, "data")
    assert with_example_answers(folder) == (folder, "")


def tumours(data: Path) -> None:
    """Write images with a label and a mask each, and an example of what is sent: both of test."""
    photos(data / "train/image", OLD)
    photos(data / "test/image", NEW)
    for name in OLD:
        save(data / f"train/mask/{name}.png", cells([255]), palette=False)
    rows = [f"{name}.png,{number % 2}" for number, name in enumerate(OLD)]
    (data / "train/train.csv").write_text("\n".join(["ID,CATE", *rows, ""]))
    answers(data / "submission_sample/mask", "{}.png", [])
    sent = ["ID,CATE", *(f"{name}.png,0" for name in NEW), ""]
    (data / "submission_sample/labels.csv").write_text("\n".join(sent))
    (data / "README.txt").write_text(
        "Evaluation.\nTask 1: IoU of each test image, averaged over the images.\n"
        "Task 2: F1 score of the malignant class.\n"
    )


def test_example_masks_beside_a_sample_of_labels_are_no_images_to_predict(tmp_path: Path) -> None:
    tumours(tmp_path / "data")
    found, document = read(tmp_path / "data")
    assert document["data"]["test"]["images"] == "data/test/image/*.png"
    assert images_to_predict(found) == N_NEW
    assert document["submission"]["sample"] == "data/submission_sample/labels.csv"
    assert document["metric"] == {"name": "f1", "task": "classify"}
    assert "to_choose" not in document
    assert any("'iou', too, which scores masks" in note for note in found.notes)
    of_pictures = [note for note in found.notes if note.startswith(f"{N_NEW} pictures in ")]
    assert len(of_pictures) == 1
    assert "--label masks" in of_pictures[0]
    assert "submission.file" not in of_pictures[0]


def test_the_masks_of_such_an_example_are_sent_where_a_person_asks_for_masks(
    tmp_path: Path,
) -> None:
    tumours(tmp_path / "data")
    found = infer(tmp_path / "data", tmp_path, label="masks")
    document = yaml.safe_load(found.text)
    assert document["tasks"] == {"segment": "binary"}
    assert document["metric"]["over"] == "image"
    assert document["submission"]["file"]["name"] == "mask/{id}.png"
    assert "to_choose" not in document
    sent = write_masks(tmp_path / "sent.zip", found.competition, [(one, cells([1])) for one in NEW])
    assert check(sent, found.competition) == []
