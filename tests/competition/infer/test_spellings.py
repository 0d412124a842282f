"""Classes that the sample submission writes otherwise than train; images beside class folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.sample.spellings import as_classes, spelt_as
from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples

SAMPLES = ("sample_submission.csv", "abgabe.csv")
EACH = 6
N_TEST = 6


def picture(file: Path, number: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (number * 5 % 256, 9, 9)).save(file)


def of_folders(
    root: Path,
    classes: Sequence[str],
    columns: dict[str, Sequence[str]],
    *,
    name: str = "sample_submission.csv",
    part: str = "test",
    train: str = "train/",
) -> Inferred:
    """Return the reading of class folders, images to predict, and a sample of these columns."""
    data, number, test = root / "data", 0, []
    for one in classes:
        for _ in range(EACH):
            picture(data / f"{train}{one}" / f"i{number:03}.png", number)
            number += 1
    for _ in range(N_TEST):
        picture(data / part / f"i{number:03}.png", number)
        test.append(f"i{number:03}")
        number += 1
    pd.DataFrame({"id": test, **columns}).to_csv(data / name, index=False)
    return infer(data, root)


SIGNS = ("give_way", "no_entry", "stop")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(
    "form", ["p_{}", "prob_{}", "{}", "P({})", "{}_prob", "p{}"], ids=lambda form: form
)
def test_a_column_of_numbers_is_of_the_class_folder_of_the_same_letters(
    form: str, name: str, tmp_path: Path
) -> None:
    called = {"give_way": "GiveWay", "stop": "Stop", "no_entry": "NoEntry"}
    columns = {form.format(one): ["0.2", "0.3", "0.5"] * 2 for one in called.values()}
    found = of_folders(tmp_path, SIGNS, columns, name=name).competition
    assert found.to_choose == []
    assert found.submission.value == "prob"
    expected = {form.format(one): f"prob[{own}]" for own, one in called.items()}
    assert found.submission.columns == {"id": "id", **expected}


@pytest.mark.parametrize("name", SAMPLES)
def test_class_folders_get_the_names_that_the_cells_of_the_sample_have(
    name: str, tmp_path: Path
) -> None:
    cells = ["GiveWay", "Stop", "NoEntry"] * 2
    found = of_folders(tmp_path, SIGNS, {"sign": cells}, name=name).competition
    assert found.classes == ["GiveWay", "NoEntry", "Stop"]
    assert (found.submission.value, found.to_choose) == ("name", [])
    train = load_samples(found, "train")
    assert [found.classes[one] for one in train["label"]] == [
        one for one in ("GiveWay", "NoEntry", "Stop") for _ in range(EACH)
    ]


def test_names_that_one_cell_leaves_open_are_not_changed(tmp_path: Path) -> None:
    """Of `Stop` the others may be `Give way`, `Give_Way` or `GiveWay`."""
    found = of_folders(tmp_path, SIGNS, {"sign": ["Stop"] * N_TEST}).competition
    assert found.classes == list(SIGNS)
    assert "submission.value" in found.to_choose


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("part", ["unknown", "zu_bestimmen", "new/images"])
@pytest.mark.parametrize("train", ["train/", "", "known/"])
@pytest.mark.parametrize("cells", [["cat", "dog", "cow"] * 2, ["cat"] * N_TEST])
def test_images_outside_the_class_folders_that_the_sample_names_are_to_predict(
    cells: list[str], train: str, part: str, name: str, tmp_path: Path
) -> None:
    classes = ("cat", "cow", "dog")
    columns = {"label": cells}
    found = of_folders(tmp_path, classes, columns, name=name, part=part, train=train).competition
    assert found.to_choose == []
    assert found.classes == list(classes)
    samples = load_samples(found, "train")
    assert [found.classes[one] for one in samples["label"]] == [
        one for one in classes for _ in range(EACH)
    ]
    first = EACH * len(classes)
    test = [f"i{number:03}" for number in range(first, first + N_TEST)]
    assert load_samples(found, "test")["id"].tolist() == test


def test_facts_of_images_outside_the_class_folders_are_no_sample(tmp_path: Path) -> None:
    """Nothing else says that they are to be predicted."""
    facts = {"camera": ["k1", "k2", "k3"] * 2}
    with pytest.raises(Exception, match="no images to predict"):
        of_folders(tmp_path, ("cat", "cow", "dog"), facts, name="facts.csv", part="unknown")


WRITTEN = ["cat dog", "cat", "dog cow", "cow", "cat dog cow", "dog"]


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(
    ("form", "change"),
    [
        ("{}", str.title),
        ("has_{}", str.lower),
        ("label_{}", str.upper),
        ("is {}", str.title),
    ],
)
@pytest.mark.parametrize("marks", [("0", "1"), ("no", "yes")])
def test_columns_of_marks_get_the_names_that_the_cells_of_the_sample_have(
    marks: tuple[str, str], form: str, change: Callable[[str], str], name: str, tmp_path: Path
) -> None:
    data, random = tmp_path / "data", np.random.default_rng(1)
    n_train = 20
    for number in range(n_train + N_TEST):
        picture(data / ("train" if number < n_train else "test") / f"i{number:02}.png", number)
    bits = random.integers(0, 2, (n_train, 3))
    ids = [f"i{number:02}" for number in range(n_train + N_TEST)]
    columns = {
        form.format(one): [marks[bit] for bit in bits[:, place]]
        for place, one in enumerate(("cat", "dog", "cow"))
    }
    pd.DataFrame({"image": ids[:n_train], **columns}).to_csv(data / "train.csv", index=False)
    cells = [change(one) for one in WRITTEN]
    pd.DataFrame({"image": ids[n_train:], "animals": cells}).to_csv(data / name, index=False)
    found = infer(data, tmp_path).competition
    assert found.classes == [change(one) for one in ("cat", "dog", "cow")]
    assert (found.submission.value, found.submission.sep) == ("labels", " ")
    assert found.to_choose == []


def test_names_of_other_letters_are_no_classes() -> None:
    assert as_classes(["p_Stop", "p_Go"], ["stop", "halt"]) is None
    assert as_classes(["stop", "Stop"], ["stop", "STOP"]) is None
    assert as_classes(["Pear", "Plum"], ["pear", "plum", "peach"]) is None
    assert as_classes(["pPear", "pPlum"], ["pear", "plum"]) == {"pPear": "pear", "pPlum": "plum"}


def test_several_ways_to_write_names_are_none() -> None:
    assert spelt_as(["give_way", "stop"], lambda names: "Stop" in names) is None
    assert spelt_as(["give_way", "stop"], lambda names: "give way" in names) == ["give way", "stop"]
