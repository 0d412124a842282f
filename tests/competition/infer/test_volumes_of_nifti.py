"""Folders of volumes: slices, masks, names, notes, and the workspace that `init` makes of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import tifffile
from command_line import podium
from nifti_files import write_nifti

from podium.codecs import rle
from podium.competition.infer.conversions.images.written_images import WrittenImages
from podium.competition.infer.conversions.volumes.nifti_files import read_header, read_voxels
from podium.competition.infer.conversions.volumes.written_slices import write_volumes
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.errors import DataError
from podium.workflows.initialising import infer_data, init_workspace

N_TRAIN, N_TEST = 12, 4
SHAPE = (32, 28, 24)
NAMES = {"0": "background", "1": "liver", "2": "tumour"}


def scan(number: int, shape: tuple[int, int, int] = SHAPE) -> tuple[np.ndarray, np.ndarray]:
    """Return a volume in Hounsfield's units with a ball of class 1 and a smaller one of 2 in it."""
    rng = np.random.default_rng(number)
    places = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1)
    far = np.linalg.norm(places - np.array([12 + number % 5, 13, 11]), axis=-1)
    near = np.linalg.norm(places - np.array([14 + number % 4, 12, 10]), axis=-1)
    labels = (far < 7.5).astype(int)
    labels[near < 3.5] = 2
    return rng.integers(-1000, -800, shape) + 700 * (labels > 0) + 300 * (labels > 1), labels


def decathlon(
    data: Path,
    *,
    classes: int = 2,
    ids: Callable[[str, int], str] | None = None,
    described: dict[str, object] | None = None,
) -> None:
    """Write twelve labelled volumes and four to predict, perhaps with a sample submission."""
    rows = []
    for number in range(N_TRAIN + N_TEST):
        voxels, labels = scan(number)
        name, part = f"case_{number:03}", "Tr" if number < N_TRAIN else "Ts"
        write_nifti(data / f"images{part}/{name}.nii.gz", voxels, spacing=(0.8, 0.8, 2.5))
        if part == "Tr":
            write_nifti(
                data / f"labelsTr/{name}.nii.gz",
                np.minimum(labels, classes),
                "u1",
                spacing=(0.8, 0.8, 2.5),
            )
        elif ids is not None:
            rows += [f"{ids(name, k)},1 1" for k in range(SHAPE[2])]
    names = {key: name for key, name in NAMES.items() if int(key) <= classes}
    about = {"numTraining": N_TRAIN, "modality": {"0": "CT"}, "labels": names}
    (data / "dataset.json").write_text(json.dumps({**about, **(described or {})}))
    if rows:
        (data / "sample_submission.csv").write_text("\n".join(["id,rle", *rows, ""]))


def notes_of(written: Sequence[WrittenImages]) -> str:
    return "\n".join(one.note for one in written)


def test_slices_and_masks_are_those_of_the_volumes(tmp_path: Path) -> None:
    decathlon(tmp_path / "data")
    written = write_volumes(tmp_path / "data", tmp_path / "made")
    for number in (0, 11):
        voxels, labels = scan(number)
        for k in (0, 10, 23):
            name = f"case_{number:03}/case_{number:03}_{k:02}.png"
            grey = cv2.imread(str(tmp_path / "made/train/images" / name), cv2.IMREAD_UNCHANGED)
            mask = cv2.imread(str(tmp_path / "made/train/masks" / name), cv2.IMREAD_UNCHANGED)
            assert grey.dtype == np.uint16
            assert grey.shape == (28, 32)
            for row, column in [(0, 0), (3, 17), (13, 12), (27, 31)]:
                assert int(grey[row, column]) - 1000 == voxels[column, row, k]
                assert mask[row, column] == labels[column, row, k]
    assert len(list((tmp_path / "made/test/images").rglob("*.png"))) == N_TEST * SHAPE[2]
    assert pd.read_csv(tmp_path / "made/classes.csv").to_dict("list") == {
        "value": [0, 1, 2],
        "name": ["background", "liver", "tumour"],
    }
    told = notes_of(written)
    for part in ("RAS in 16", "0.8 × 0.8 × 2.5", "axial, by the headers", "-1000"):
        assert part in told
    assert "no sample submission is there" in told
    assert "a volume of labels a case" in told


def test_a_workspace_without_a_sample_passes_its_check(tmp_path: Path) -> None:
    decathlon(tmp_path / "data")
    init_workspace(tmp_path / "data", tmp_path / "w")
    competition = load_competition(tmp_path / "w")
    assert competition.tasks == {"segment": "multiclass"}
    assert competition.classes == ["liver", "tumour"]
    podium(tmp_path / "w", "check")
    podium(tmp_path / "w", "folds")
    folds = pd.read_csv(tmp_path / "w/folds.csv", dtype=str)
    assert len(folds) == N_TRAIN * SHAPE[2]
    assert (folds.groupby(folds["id"].str[:8])["fold"].nunique() == 1).all()


@pytest.mark.parametrize(
    "ids",
    [
        lambda name, k: f"{name}_{k:02}",
        lambda name, k: f"{name}_{k + 1}",
        lambda name, k: f"{name}_slice_{k:03}",
    ],
)
def test_slices_are_called_as_in_the_sample(tmp_path: Path, ids: Callable[[str, int], str]) -> None:
    decathlon(tmp_path / "data", classes=1, ids=ids)
    init_workspace(tmp_path / "data", tmp_path / "w")
    competition = load_competition(tmp_path / "w")
    assert competition.submission.rows == "image"
    test = load_samples(competition, "test")
    expected = [ids(f"case_{n:03}", k) for n in range(N_TRAIN, 16) for k in range(SHAPE[2])]
    assert sorted(test["id"]) == sorted(expected)
    voxels, _ = scan(13)
    [file] = test.set_index("id").loc[ids("case_013", 9), "images"]
    grey = cv2.imread(str(tmp_path / "w" / file), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(grey.astype(int) - 1000, voxels[:, :, 9].T)
    assert competition.folds.group == "folder"


def test_the_sample_tells_across_which_axis_slices_are_cut(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(3):
        part = "Tr" if number < 2 else "Ts"
        write_nifti(data / f"images{part}/c_{number}.nii", scan(number, (9, 7, 5))[0])
        if part == "Tr":
            write_nifti(data / f"labelsTr/c_{number}.nii", scan(number, (9, 7, 5))[1], "u1")
    rows = "".join(f"c_2_{k:02},1 1\n" for k in range(9))
    (data / "sample_submission.csv").write_text("id,rle\n" + rows)
    told = notes_of(write_volumes(data, tmp_path / "made"))
    assert "as the sample submission has so many rows" in told
    voxels, _ = scan(0, (9, 7, 5))
    read = cv2.imread(str(tmp_path / "made/train/images/c_0/c_0_08.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(read.astype(int) - 1000, voxels[8].T)


def test_the_snippet_of_the_documentation_puts_slices_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decathlon(tmp_path / "data")
    _, labels = scan(12)
    rows = [
        f"case_012_{k:02}_{name},{rle.encode(value == labels[:, :, k].T)}"
        for k in range(SHAPE[2])
        for value, name in ((1, "liver"), (2, "tumour"))
    ]
    (tmp_path / "sent.csv").write_text("\n".join(["id,rle", *rows, ""]))
    page = Path(__file__).parents[3] / "docs/objects.md"
    [snippet] = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(snippet, {})
    np.testing.assert_array_equal(read_voxels(tmp_path / "case_012.nii.gz")[..., 0], labels)
    made, scanned = (
        read_header(tmp_path / one) for one in ("case_012.nii.gz", "data/imagesTs/case_012.nii.gz")
    )
    np.testing.assert_array_equal(made.affine, scanned.affine)


def test_files_of_one_channel_each_are_slices_of_several(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(3):
        part = "Tr" if number < 2 else "Ts"
        voxels, labels = scan(number)
        for channel in range(2):
            name = f"case_{number:04}_{channel:04}"
            write_nifti(data / f"images{part}/{name}.nii.gz", voxels + 2000 + 7 * channel)
        if part == "Tr":
            write_nifti(data / f"labelsTr/case_{number:04}.nii.gz", labels, "u1")
    labels_of_v2 = {"background": 0, "liver": 1, "tumour": [2], "whole": [1, 2]}
    (data / "dataset.json").write_text(
        json.dumps({"channel_names": {"0": "a", "1": "b"}, "labels": labels_of_v2})
    )
    told = notes_of(write_volumes(data, tmp_path / "made"))
    assert "2 channels of 16 bits" in told
    assert "regions of several values are no classes here: whole" in told
    read = tifffile.imread(tmp_path / "made/train/images/case_0001/case_0001_11.tif")
    voxels, _ = scan(1)
    for channel in range(2):
        expected = voxels[:, :, 11].T + 2000 + 7 * channel
        np.testing.assert_array_equal(read[..., channel], expected)
    assert "2,tumour" in (tmp_path / "made/classes.csv").read_text()
    (data / "imagesTr/case_0001_0001.nii.gz").unlink()
    with pytest.raises(DataError, match="case_0001 has no file of the channel 0001"):
        write_volumes(data, tmp_path / "made")


def test_a_fourth_axis_is_channels_of_slices(tmp_path: Path) -> None:
    voxels = np.random.default_rng(0).integers(0, 5000, (6, 5, 4, 3))
    write_nifti(tmp_path / "data/imagesTr/a_1.nii", voxels)
    write_nifti(tmp_path / "data/labelsTr/a_1.nii", voxels[..., 0] > 2500, "u1")
    write_volumes(tmp_path / "data", tmp_path / "made")
    read = tifffile.imread(tmp_path / "made/train/images/a_1/a_1_02.tif")
    np.testing.assert_array_equal(read, voxels[:, :, 2].transpose(1, 0, 2))


def test_words_of_files_tell_channels_and_masks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(4):
        part = "train" if number < 3 else "test"
        for word in ("flair", "t1", "seg")[: 3 if part == "train" else 2]:
            name = f"BraTS_{number:03}"
            voxels, labels = scan(number, (8, 7, 6))
            content = labels if word == "seg" else voxels
            write_nifti(data / part / name / f"{name}_{word}.nii.gz", content, "f4")
    write_volumes(data, tmp_path / "made")
    assert len(list((tmp_path / "made/train/masks").rglob("*.png"))) == 3 * 6
    assert tifffile.imread(tmp_path / "made/test/images/BraTS_003/BraTS_003_00.tif").shape == (
        7,
        8,
        2,
    )


def test_files_called_alike_are_of_the_volume_of_their_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(3):
        voxels, labels = scan(number, (8, 7, 6))
        write_nifti(data / f"case_{number}/imaging.nii", voxels)
        if number < 2:
            write_nifti(data / f"case_{number}/segmentation.nii", labels, "u1")
    write_volumes(data, tmp_path / "made")
    assert (tmp_path / "made/train/masks/case_1/case_1_05.png").exists()
    assert (tmp_path / "made/test/images/case_2/case_2_05.png").exists()


def graded(data: Path, end: str) -> None:
    for number in range(N_TRAIN + N_TEST):
        part = "Tr" if number < N_TRAIN else "Ts"
        write_nifti(data / f"images{part}/case_{number:03}.nii.gz", scan(number, (12, 11, 10))[0])
    train = [f"case_{n:03}{end},{'low' if n % 2 else 'high'}" for n in range(N_TRAIN)]
    sample = [f"case_{n:03}{end},low" for n in range(N_TRAIN, N_TRAIN + N_TEST)]
    (data / "train.csv").write_text("\n".join(["case,grade", *train, ""]))
    (data / "sample_submission.csv").write_text("\n".join(["case,grade", *sample, ""]))


@pytest.mark.parametrize("end", ["", ".nii.gz"])
def test_a_label_a_volume_makes_each_volume_a_unit(tmp_path: Path, end: str) -> None:
    graded(tmp_path / "data", end)
    init_workspace(tmp_path / "data", tmp_path / "w")
    competition = load_competition(tmp_path / "w")
    train, test = load_samples(competition, "train"), load_samples(competition, "test")
    assert len(train) == N_TRAIN * 10
    by_case = train.groupby(train["id"].str[:8])["label"].agg(["first", "nunique"])
    assert (by_case["nunique"] == 1).all()
    names = [competition.classes[int(one)] for one in by_case["first"]]
    assert names == ["low" if n % 2 else "high" for n in range(N_TRAIN)]
    assert sorted(set(map(str, test["unit"]))) == [f"case_{n:03}{end}" for n in range(12, 16)]
    podium(tmp_path / "w", "check")
    podium(tmp_path / "w", "folds")
    folds = pd.read_csv(tmp_path / "w/folds.csv", dtype=str)
    assert (folds.groupby(folds["id"].str[:8])["fold"].nunique() == 1).all()


def two_volumes(data: Path) -> None:
    for part, number in (("Tr", 0), ("Tr", 1), ("Ts", 2)):
        voxels, labels = scan(number, (8, 7, 6))
        write_nifti(data / f"images{part}/c_{number}.nii.gz", voxels)
        if part == "Tr":
            write_nifti(data / f"labelsTr/c_{number}.nii.gz", labels, "u1")


@pytest.mark.parametrize(
    ("path", "voxels", "dtype", "told"),
    [
        ("labelsTr/c_1.nii.gz", np.zeros((8, 7, 5)), "u1", "8 × 7 × 5 voxels, and imagesTr/c_1"),
        ("labelsTr/c_1.nii.gz", np.full((8, 7, 6), 0.5), "f4", "with fractions"),
        ("labelsTr/c_1.nii.gz", np.full((8, 7, 6), -1), "i2", "from -1 to -1"),
        ("labelsTr/c_1.nii.gz", np.zeros((8, 7, 6, 2)), "u1", "2 numbers a voxel"),
        ("imagesTr/c_1.nii.gz", np.zeros((8, 7, 6, 2)), "i2", "c_1 has 2 channels, and most"),
        ("imagesTr/c_1.nii.gz", np.zeros((8, 7)), "i2", "an image of 2 axes"),
        ("imagesTr/c_1.nii", np.zeros((8, 7, 6)), "i2", "are both of one volume"),
    ],
)  # fmt: skip
def test_files_that_do_not_fit_are_named(
    tmp_path: Path, path: str, voxels: np.ndarray, dtype: str, told: str
) -> None:
    two_volumes(tmp_path / "data")
    write_nifti(tmp_path / "data" / path, voxels, dtype)
    with pytest.raises(DataError, match=told) as raised:
        infer_data(tmp_path / "data", tmp_path / "w")
    assert path in str(raised.value)
    assert raised.value.fix


def test_a_file_that_ends_early_is_named_without_a_traceback(tmp_path: Path) -> None:
    two_volumes(tmp_path / "data")
    file = tmp_path / "data/imagesTs/c_2.nii.gz"
    file.write_bytes(file.read_bytes()[:-40])
    told = podium(tmp_path, "init", "data", code=2)
    assert "imagesTs/c_2.nii.gz" in told
    assert "ends early" in told
    assert "download or copy it again" in " ".join(told.split())
    assert "Traceback" not in told
    assert not (tmp_path / "competition.yaml").exists()


def test_notes_tell_where_files_and_their_description_differ(tmp_path: Path) -> None:
    data = tmp_path / "data"
    decathlon(data, described={"numTraining": 13, "labels": {**NAMES, "3": "vessel"}})
    write_nifti(data / "labelsTs/case_012.nii.gz", scan(12)[1], "u1")
    write_nifti(data / "labelsTr/case_099.nii.gz", scan(12)[1], "u1")
    (data / "labelsTr/case_003.nii.gz").unlink()
    write_nifti(data / "labelsTr/case_004.nii.gz", scan(4)[1] * 5, "u1", spacing=(1, 1, 1))
    told = notes_of(write_volumes(data, tmp_path / "made"))
    for part in (
        "tells of 13 volumes of train, 11 are read",
        "no labels: imagesTr/case_003.nii.gz",
        "labels without a volume are not read: 'labelsTr/case_099.nii.gz'",
        "labels of volumes to predict are not read: 'labelsTs'",
        "no mask has 3 vessel",
        "does not name 5, 10",
        "labels lie elsewhere than their images",
    ):
        assert part in told
    assert not (tmp_path / "made/train/images/case_003").exists()


def levels(
    tmp_path: Path, volumes: Sequence[np.ndarray], dtype: str, modality: str
) -> list[np.ndarray]:
    data = tmp_path / "data"
    for number, voxels in enumerate(volumes):
        write_nifti(data / f"imagesTr/c_{number}.nii", voxels, dtype)
        write_nifti(data / f"labelsTr/c_{number}.nii", np.ones(voxels.shape), "u1")
    (data / "dataset.json").write_text(json.dumps({"modality": {"0": modality}}))
    write_volumes(data, tmp_path / "made")
    read = (
        cv2.imread(str(tmp_path / f"made/train/images/c_{n}/c_{n}_00.png"), cv2.IMREAD_UNCHANGED)
        for n in range(len(volumes))
    )
    return [one.T for one in read]


def test_bytes_stay_bytes(tmp_path: Path) -> None:
    voxels = np.arange(256).reshape(16, 16, 1)
    [read] = levels(tmp_path, [voxels], "i2", "CT")
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, voxels[..., 0])


def test_fractions_are_stretched_over_16_bits_in_all_volumes_alike(tmp_path: Path) -> None:
    one, other = np.linspace(-1, 1, 30).reshape(6, 5, 1), np.linspace(0, 3, 30).reshape(6, 5, 1)
    other[0, 0, 0] = np.nan
    for read, voxels in zip(levels(tmp_path, [one, other], "f8", "PET"), [one, other], strict=True):
        expected = (np.nan_to_num(voxels[..., 0], nan=-1) + 1) / 4 * 65535
        np.testing.assert_allclose(read, expected, atol=0.5001)


def test_scans_of_magnetic_resonance_are_stretched_each_by_itself(tmp_path: Path) -> None:
    voxels = np.random.default_rng(0).integers(0, 4000, (40, 40, 1))
    one, ten = levels(tmp_path, [voxels, 7 * voxels], "i4", "T1w")
    np.testing.assert_allclose(one.astype(int), ten.astype(int), atol=1)
    assert 0.004 < (one == 0).mean() < 0.008
    assert 0.004 < (one == 65535).mean() < 0.008


def test_pictures_beside_volumes_are_read_as_before(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / "data").mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / f"data/{number}.png"), np.zeros((4, 4), np.uint8))
    write_nifti(tmp_path / "data/scan.nii", scan(0)[0])
    with pytest.raises(DataError, match="no labels"):
        infer_data(tmp_path / "data", tmp_path / "w")
    assert not (tmp_path / "w/made/images").exists()


def test_masks_of_a_folder_without_a_part_are_those_of_the_volumes_of_their_names(
    tmp_path: Path,
) -> None:
    for number, part in ((0, "train"), (1, "train"), (2, "test")):
        voxels, labels = scan(number, (8, 7, 6))
        write_nifti(tmp_path / f"data/{part}/scan_{number}.nii", voxels)
        if part == "train":
            write_nifti(tmp_path / f"data/masks/scan_{number}_seg.nii", labels, "u1")
    write_volumes(tmp_path / "data", tmp_path / "made")
    mask = cv2.imread(str(tmp_path / "made/train/masks/scan_1/scan_1_05.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(mask, scan(1, (8, 7, 6))[1][:, :, 5].T)
