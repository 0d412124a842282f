"""Lines of 0 and 1 without a header and ids are read by the records of JSON in their order."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from competition.infer.test_odd_labels import begin, put

from podium.competition.samples import load_samples
from podium.errors import DataError
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from podium.workflows.checking import check_format

TEXT = """\
# Divers

The lines of the labels have no header. Their columns:

1. sunken wreck
2. reef
3. open sand

The score is the macro F1.
Send a file without a header, a line a picture in the same order as `test/test_pictures.json`.
"""
CLASSES = ["sunken wreck", "reef", "open sand"]
NAMES = [f"dive_{(17 * n) % 90:02}.png" for n in range(36)]
"""Of pictures in the order of the records, which is not that of the names."""
OF_TRAIN = [(n * n + n // 5) % 3 for n in range(24)]
"""The class of each picture to learn from."""


def one_hot(places: list[int]) -> str:
    return "".join(",".join("01"[k == one] for k in range(3)) + "\n" for one in places)


def of_divers(data: Path, *, text: str = TEXT, n_sample: int = 12, n_labels: int = 24) -> None:
    for part, names in (("train", NAMES[:24]), ("test", NAMES[24:])):
        for name in names:
            put(data / f"{part}/pictures/{name}", NAMES.index(name))
        records = [{"picture": name, "depth": 5 + n % 4} for n, name in enumerate(names)]
        (data / f"{part}/{part}_pictures.json").write_text(json.dumps(records))
    (data / "train/labels.csv").write_text(one_hot(OF_TRAIN[:n_labels]))
    (data / "train/labels_of_old_task.csv").write_text("0,1,0,0\n" * 24)
    (data / "sample_results.csv").write_text(one_hot([2] * n_sample))
    (data / "README.md").write_text(text)


def test_lines_are_those_of_records_in_their_order(tmp_path: Path) -> None:
    of_divers(tmp_path / "data")
    found, notes = begin(tmp_path)
    samples = load_samples(found, "train")
    labels = dict(zip(samples["id"], samples["label"], strict=True))
    assert [found.label_names[labels[name]] for name in NAMES[:24]] == [
        CLASSES[one] for one in OF_TRAIN
    ]
    assert list(load_samples(found, "test")["id"]) == NAMES[24:]
    assert "README.md says 'same order'" in notes
    assert found.to_choose == []


def test_the_file_to_send_has_neither_header_nor_ids(tmp_path: Path) -> None:
    of_divers(tmp_path / "data")
    found, _ = begin(tmp_path)
    places = np.array([n % 3 for n in range(12)])
    columns = np.array([found.label_names.index(CLASSES[one]) for one in places])
    probs = np.eye(3)[columns] * 0.4 + 0.2
    path = write_submission(tmp_path / "sent.csv", found, NAMES[24:], probs, columns)
    sent = [[float(one) for one in line.split(",")] for line in path.read_text().split()]
    # A column for each class of one label is written as probabilities, and the check says so.
    assert sent == (np.eye(3)[places] * 0.4 + 0.2).tolist()
    assert not [one for one in check(path, found) if one.level == "error"]
    told = [one for one in check_format(found) if "would hold probabilities" in one.title]
    assert "write 1 for the highest cell of each row" in told[0].fix


def test_columns_that_no_text_names_are_numbered(tmp_path: Path) -> None:
    of_divers(tmp_path / "data", text=TEXT.replace("3. open sand\n", ""))
    assert set(begin(tmp_path)[0].label_names) == {"class_0", "class_1", "class_2"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"text": TEXT.replace("in the same order as", "of")}, "no text says"),
        ({"n_sample": 11}, "no one list of records has images to predict for its 11 lines"),
        ({"n_labels": 23}, "labels in 3 columns of 0 and 1"),
    ],
)
def test_lines_of_unknown_order_are_refused(
    tmp_path: Path, change: dict[str, object], why: str
) -> None:
    of_divers(tmp_path / "data", **change)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="without a header and without ids") as raised:
        begin(tmp_path)
    assert why in raised.value.message
    assert "sample_results.csv" in str(raised.value.where)
