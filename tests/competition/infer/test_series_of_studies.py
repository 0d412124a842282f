"""Studies of several volumes, or images, of which a file of records has the labels of each."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from nifti_files import write_nifti

from podium.competition.infer.conversions.volumes.written_slices import write_volumes
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.workflows.initialising import init_workspace
from tests.competition.infer.test_odd_labels import put, table

N_TRAIN, N = 14, 18
SHAPES = {"front_t1": (9, 8, 3), "side_t2": (3, 8, 9), "top": (9, 3, 8)}
"""The axis of the fewest places is another one in each series."""
CRACK = [n % 2 for n in range(N)]
SPLIT = [n % 3 // 2 for n in range(N)]
NOT_LOOKED_FOR = 5
README = (
    "Each exam of a patient has three finds. null: nobody looked for it. The score is the mean "
    "area under the ROC curve."
)


def voxels(n: int, series: str) -> np.ndarray:
    return np.random.default_rng([n, len(series)]).integers(0, 900, SHAPES[series])


def put_labels(data: Path, end: str) -> None:
    rows = [
        {
            "exam": f"exam_{n:02}",
            "finds": {"crack": CRACK[n], "split": None if n == NOT_LOOKED_FOR else SPLIT[n]},
        }
        for n in range(N_TRAIN)
    ]
    if end == "json":
        (data / "finds.json").write_text(json.dumps({"version": 2, "exams": rows}))
    else:
        cells = [(f"exam_{n:02}", CRACK[n], SPLIT[n]) for n in range(N_TRAIN)]
        cells[NOT_LOOKED_FOR] = (*cells[NOT_LOOKED_FOR][:2], "")
        table(data / "finds.csv", ("exam", "crack", "split"), *cells)
    patients = [(f"exam_{n:02}", f"p{n // 2}", ("red", "dark")[n % 2]) for n in range(N)]
    table(data / "exams.csv", ("exam", "patient", "soil"), *patients)
    sent = [(f"exam_{n:02}", "0.5", "0.5") for n in range(N_TRAIN, N)]
    table(data / "sample_submission.csv", ("exam", "crack", "split"), *sent)
    (data / "README.md").write_text(README)


def exams(data: Path, end: str) -> None:
    for n in range(N):
        part = "train" if n < N_TRAIN else "test"
        for series in SHAPES if n % 4 else ("front_t1", "side_t2"):
            write_nifti(data / f"{part}/exam_{n:02}/{series}.nii.gz", voxels(n, series))
    write_nifti(data / "example/exam_99/top.nii.gz", voxels(0, "top"))
    put_labels(data, end)


def truth(n: int) -> tuple[int, int]:
    return CRACK[n], SPLIT[n]


@pytest.mark.parametrize("end", ["json", "csv"])
def test_slices_of_all_volumes_of_a_study_have_its_labels(tmp_path: Path, end: str) -> None:
    exams(tmp_path / "data", end)
    init_workspace(tmp_path / "data", tmp_path / "w")
    found = load_competition(tmp_path / "w")
    assert found.tasks == {"classify": "multilabel"}
    assert found.classes == ["crack", "split"]
    assert found.metric.name == "auc"
    assert found.folds.group == "patient"
    assert found.to_choose == ["data.train.join"]
    train, test = load_samples(found, "train"), load_samples(found, "test")
    labels = {
        (str(unit), tuple(map(int, label)))
        for unit, label in zip(train["unit"], train["label"], strict=True)
    }
    known = [n for n in range(N_TRAIN) if n != NOT_LOOKED_FOR]
    assert labels == {(f"exam_{n:02}", truth(n)) for n in known}
    n_slices = {n: 9 if n % 4 else 6 for n in range(N)}
    assert train["unit"].value_counts().to_dict() == {f"exam_{n:02}": n_slices[n] for n in known}
    assert test["unit"].value_counts().to_dict() == {
        f"exam_{n:02}": n_slices[n] for n in range(N_TRAIN, N)
    }


def test_a_label_that_nobody_looked_for_may_be_chosen_as_0(tmp_path: Path) -> None:
    exams(tmp_path / "data", "json")
    init_workspace(tmp_path / "data", tmp_path / "w")
    text = (tmp_path / "w/competition.yaml").read_text()
    [other] = [line for line in text.split("\n") if line.strip().startswith("# or join:")]
    first = next(line for line in text.split("\n") if line.strip().startswith("join:"))
    text = text.replace(first, other.replace("# or ", "")).replace("[data.train.join]", "[]")
    (tmp_path / "w/competition.yaml").write_text(text)
    train = load_samples(load_competition(tmp_path / "w"), "train")
    of_unknown = train[train["unit"].map(str) == f"exam_{NOT_LOOKED_FOR:02}"]
    assert {tuple(map(int, one)) for one in of_unknown["label"]} == {(CRACK[NOT_LOOKED_FOR], 0)}


def test_series_are_cut_across_their_axis_of_the_fewest_places(tmp_path: Path) -> None:
    exams(tmp_path / "data", "json")
    written = write_volumes(tmp_path / "data", tmp_path / "made")
    notes = "\n".join(one.note for one in written)
    assert "called an example: 'example/exam_99'" in notes
    assert not (tmp_path / "made/images").exists()
    folder = tmp_path / "made/train/exam_03"
    for series, axis in (("front_t1", 2), ("side_t2", 0), ("top", 1)):
        of_series = voxels(3, series)
        for k in range(3):
            file = folder / f"exam_03_{series}_{k:02}.png"
            grey = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
            np.testing.assert_array_equal(grey, of_series.take(k, axis).T)
    assert len(list(folder.iterdir())) == 9


def test_grey_levels_are_those_of_each_scan_where_all_series_are_magnetic_resonance(
    tmp_path: Path,
) -> None:
    for n in range(5):
        for series in ("front_t1", "side_t2"):
            cells = voxels(0, series) * (1 + n)
            write_nifti(tmp_path / f"data/train/exam_{n}/{series}.nii.gz", cells)
    written = write_volumes(tmp_path / "data", tmp_path / "made")
    assert "as t1 and t2 in names of files mean magnetic resonance" in written[0].note
    one, other = (
        cv2.imread(str(tmp_path / f"made/train/exam_{n}/exam_{n}_side_t2_01.png"), -1)
        for n in (0, 4)
    )
    np.testing.assert_allclose(one.astype(int), other.astype(int), atol=2)


def test_photographs_of_a_unit_have_the_labels_of_records_and_the_facts_of_a_table(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for n in range(N):
        part = "train" if n < N_TRAIN else "test"
        for view in range(2 + n % 2):
            put(data / part / f"exam_{n:02}" / f"view_{n}_{view}.png", 3 * n + view)
    put_labels(data, "json")
    init_workspace(data, tmp_path / "w")
    found = load_competition(tmp_path / "w")
    assert found.folds.group == "patient"
    train = load_samples(found, "train")
    labels = zip(train["unit"].map(str), train["label"], strict=True)
    assert {(unit, tuple(map(int, label))) for unit, label in labels} == {
        (f"exam_{n:02}", truth(n)) for n in range(N_TRAIN) if n != NOT_LOOKED_FOR
    }
