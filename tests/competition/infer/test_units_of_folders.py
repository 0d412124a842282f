"""A sample submission with a row for each folder of several images, which tables name by paths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.files import ImageFile, common_parent
from podium.competition.infer.ids.paths import find_shared_names
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples

CLASSES = ["Edema", "Mass"]


def studies(data: Path, asked: str) -> tuple[list[str], list[str]]:
    """Write images of studies of one to three views; return the ids to send, and paths of test."""
    rng = np.random.default_rng(3)
    rows, ids, to_predict = list[dict[str, object]](), list[str](), list[str]()
    for patient in range(24):
        part = "train" if patient < 16 else "test"
        for study in range(1, 2 + patient % 2):
            named = {"part": part, "patient": f"p{patient:02}", "study": f"p{patient:02}s{study}"}
            for view in range(1 + (patient + study) % 3):
                path = f"v1/{part}/{named['patient']}/{named['study']}/view{view}.png"
                (data / path).parent.mkdir(parents=True, exist_ok=True)
                pixels = rng.integers(0, 255, (16, 16), dtype=np.uint8)
                Image.fromarray(pixels).save(data / path)
                # A finding that one view of some studies does not show.
                seen = {"Edema": patient % 2, "Mass": int(patient % 3 == 0 and view == 0)}
                rows += [{"Path": path, **seen}] if part == "train" else []
                to_predict += [path] if part == "test" else []
            ids += [asked.format(**named)] if part == "test" else []
    ids = list(dict.fromkeys(ids))
    pd.DataFrame(rows).to_csv(data / "train.csv", index=False)
    sample = pd.DataFrame({"Study": ids, **dict.fromkeys(CLASSES, 0.5)})
    sample.to_csv(data / "sample_submission.csv", index=False)
    return ids, to_predict


FORMS: dict[str, Callable[[str], str]] = {
    "v1/{part}/{patient}/{study}": lambda path: path.rpartition("/")[0],
    "{patient}/{study}": lambda path: "/".join(path.split("/")[2:4]),
    "{study}": lambda path: path.split("/")[3],
    "{patient}": lambda path: path.split("/")[2],
}


@pytest.mark.parametrize("asked", FORMS)
def test_the_unit_is_the_folder_that_ids_to_send_are(asked: str, tmp_path: Path) -> None:
    data, of = tmp_path / "data", FORMS[asked]
    ids, to_predict = studies(data, asked)
    found = infer(data, tmp_path)
    spec = found.competition
    assert spec.units.truth == "max", "a finding of one view is one of its study"
    assert "to_choose" not in found.text
    assert not [one for one in found.notes if "not those of the test images" in one]
    test = load_samples(spec, "test")
    assert Counter(test["unit"]) == Counter(map(of, to_predict))
    assert [*dict.fromkeys(test["unit"])] == ids
    table = pd.read_csv(data / "train.csv")
    train = load_samples(spec, "train")
    assert dict(zip(train["id"], train["unit"], strict=True)) == {
        path: of(path) for path in table["Path"]
    }


def test_a_table_of_test_keeps_its_rows_and_gets_their_folders(tmp_path: Path) -> None:
    data = tmp_path / "data"
    _, to_predict = studies(data, "{patient}/{study}")
    pd.DataFrame({"Path": to_predict[::-1]}).to_csv(data / "test.csv", index=False)
    test = load_samples(infer(data, tmp_path).competition, "test")
    assert list(test["id"]) == to_predict[::-1]
    assert list(test["unit"]) == [FORMS["{patient}/{study}"](one) for one in to_predict[::-1]]


def test_a_folder_of_one_image_each_is_no_unit(tmp_path: Path) -> None:
    data = tmp_path / "data"
    studies(data, "{study}")
    for file in data.glob("v1/*/*/*/view[12].png"):
        file.unlink()
    table = pd.read_csv(data / "train.csv")
    table[table["Path"].str.endswith("view0.png")].to_csv(data / "train.csv", index=False)
    assert infer(data, tmp_path).competition.data.train.unit is None


def test_paths_are_looked_through_no_oftener_for_more_images(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once an image, 100,000 images of units took days."""

    def n_looked(n: int) -> int:
        images = [ImageFile(f"train/case_{k // 4}/{k % 4}.png", "train") for k in range(n)]
        calls = list[int]()

        def common(folders: Iterable[str]) -> str:
            calls.append(0)
            return common_parent(folders)

        monkeypatch.setattr("podium.competition.infer.files.common_parent", common)
        cells = pd.Series([f"case_{k}" for k in range(n // 4)], name="case")
        shared = find_shared_names(images, [], cells)
        assert shared is not None
        assert list(shared.of_train) == [f"case_{k // 4}" for k in range(n)]
        return len(calls)

    assert n_looked(40) == n_looked(400)
