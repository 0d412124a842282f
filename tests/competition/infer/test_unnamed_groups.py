"""Columns of the table of train that may group its rows, although nothing calls them groups."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.folds.file import ensure_folds
from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.errors import DataError
from podium.workspace.layout import Workspace

N = 80
EACH = 8


def table_of(root: Path, columns: dict[str, Sequence[str]], classes: str = "abc") -> Inferred:
    """Return the reading of images in any order, with these further columns beside a label."""
    random = np.random.default_rng(1)
    data, train = root / "data", [f"{number:04}" for number in random.permutation(N)]
    test = [f"{number:04}" for number in range(100, 110)]
    for part, names in (("train", train), ("test", test)):
        (data / part).mkdir(parents=True)
        for number, name in enumerate(names):
            Image.new("RGB", (8, 8), (number, 9, 9)).save(data / part / f"{name}.png")
    labels = [classes[one] for one in random.integers(0, len(classes), N)]
    table = pd.DataFrame({"image": train, "label": labels, **columns})
    table.to_csv(data / "train.csv", index=False)
    sample = pd.DataFrame({"image": test, "label": [classes[0]] * len(test)})
    sample.to_csv(data / "sample_submission.csv", index=False)
    return infer(data, root)


FARMS = ["Hof Meier", "Hof Kunz", "Au", "Berg", "Tal", "Moos", "Ried", "Egg", "Wil", "Rüti"]
IN_ORDER = [k // EACH for k in range(N)]
DRAWN = list(np.random.default_rng(2).permutation(N) // EACH)


@pytest.mark.parametrize("form", ["word", "{}", "B{:02}"])
@pytest.mark.parametrize("name", ["farm", "batch", "Charge"])
def test_a_column_whose_rows_follow_each_other_is_asked_for_as_the_group(
    name: str, form: str, tmp_path: Path
) -> None:
    cells = [FARMS[one] if form == "word" else form.format(one) for one in IN_ORDER]
    found = table_of(tmp_path, {name: cells})
    assert (found.competition.folds.scheme, found.competition.folds.group) == (
        "stratified_group",
        name,
    )
    assert found.competition.to_choose == ["folds.group"]
    assert "# or group: null" in found.text
    (note,) = [one for one in found.notes if one.startswith("choose folds.group")]
    assert note.endswith(f"several readings fit ({name} or null)")


@pytest.mark.parametrize("form", ["word", "{}", "B{:02}"])
def test_a_column_with_as_many_rows_of_each_value_is_in_the_comment_of_no_group(
    form: str, tmp_path: Path
) -> None:
    cells = [FARMS[one] if form == "word" else form.format(one) for one in DRAWN]
    found = table_of(tmp_path, {"farm": cells})
    assert found.competition.folds.group is None
    assert found.competition.to_choose == []
    (note,) = [one for one in found.notes if one.startswith("farm may group rows (10 values over")]
    assert "group: farm}" in note
    assert "# farm may group rows" in found.text
    assert "no column looks like" not in found.text


@pytest.mark.parametrize("are_folders", [True, False])
def test_a_column_that_is_the_folder_of_each_image_may_group_them_in_any_order(
    are_folders: bool, tmp_path: Path
) -> None:
    """Frames of ten walks, one of each in turn: as a count in a table, were it not for folders."""
    rng, names = np.random.default_rng(3), [f"f{number:04}" for number in range(90)]
    walks, data = [f"walk_{number % 10}" for number in range(80)], tmp_path / "data"
    for number, name in enumerate(names):
        train = f"shots/{walks[number]}" if are_folders and number < 80 else "shots"
        file = data / ("test" if number >= 80 else train) / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (number, 9, 9)).save(file)
    labels = ["abc"[one] for one in rng.integers(0, 3, 80)]
    table = pd.DataFrame({"shot": names[:80], "walk": walks, "label": labels})
    table.to_csv(data / "train.csv", index=False)
    sample = pd.DataFrame({"shot": names[80:], "label": "a"})
    sample.to_csv(data / "sample_submission.csv", index=False)
    found = infer(data, tmp_path)
    assert found.competition.folds.group is None
    told = [one for one in found.notes if one.startswith("walk may group rows (10 values over")]
    assert len(told) == are_folders
    assert all("as the folder of each image is" in one for one in told)


def test_of_farms_in_regions_the_farm_is_taken_and_the_region_offered(tmp_path: Path) -> None:
    regions = [FARMS[k // 20] for k in range(N)]
    found = table_of(tmp_path, {"region": regions, "farm": [f"f{one}" for one in IN_ORDER]})
    assert found.competition.folds.group == "farm"
    assert "# or group: region" in found.text


def test_facts_of_images_are_no_groups(tmp_path: Path) -> None:
    random = np.random.default_rng(3)

    def drawn(*values: str) -> list[str]:
        return [str(one) for one in random.choice(values, N)]

    facts = {
        "weather": drawn("sun", "rain", "fog", "snow", "wind"),
        "sex": drawn("m", "f"),
        "age": drawn(*map(str, range(20, 40))),
        "split": drawn("train", "val"),
        "rooms": drawn(*map(str, range(2, 9))),
        "temperature": [f"{one}.5" for one in IN_ORDER],
        "year": [str(2010 + one) for one in IN_ORDER],
        "shot": [str(k % EACH) for k in range(N)],
    }
    found = table_of(tmp_path, facts)
    assert found.competition.folds.group is None
    assert found.competition.to_choose == []
    assert "no column looks like a patient" in found.text


def test_folds_wait_for_the_choice_of_the_group(tmp_path: Path) -> None:
    found = table_of(tmp_path, {"farm": [f"f{one}" for one in IN_ORDER]}).competition
    samples, workspace = load_samples(found, "train"), Workspace(tmp_path)
    with pytest.raises(DataError, match=r"folds\.group: several readings fit"):
        ensure_folds(workspace, found, samples)
    chosen = found.model_copy(update={"to_choose": []}).at(tmp_path)
    folds = pd.Series(ensure_folds(workspace, chosen, samples))
    assert folds.groupby(samples["group"].to_numpy()).nunique().max() == 1


def test_a_column_of_folds_comes_before_what_may_be_a_group(tmp_path: Path) -> None:
    folds = [str(k % 5) for k in range(N)]
    found = table_of(tmp_path, {"fold": folds, "farm": [f"f{one}" for one in IN_ORDER]})
    assert found.competition.folds.scheme == "column"
    assert found.competition.to_choose == []


def test_what_the_label_tells_is_no_group(tmp_path: Path) -> None:
    """Kinds of a table that is sorted by its classes."""
    data = tmp_path / "data"
    rows = []
    for k in range(48):
        file = data / ("train" if k < 40 else "test") / f"{k:02}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (k, 9, 9)).save(file)
        rows += [(file.stem, f"species {k // 4}", f"genus {k // 8}")] if k < 40 else []
    pd.DataFrame(rows, columns=["image", "species", "genus"]).to_csv(
        data / "train.csv", index=False
    )
    sent = pd.DataFrame({"image": [f"{k}" for k in range(40, 48)], "species": "species 1"})
    sent.to_csv(data / "sample_submission.csv", index=False)
    found = infer(data, tmp_path)
    assert found.competition.data.train.label == "species"
    assert found.competition.folds.group is None
