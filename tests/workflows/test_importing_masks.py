"""Imports of masks: pixels that were given are pixels that are kept, image by image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from import_workspaces import Team, masks
from PIL import Image

from podium.competition.truths.masks import truth_masks
from podium.ensembling import read_blend
from podium.errors import DataError
from podium.workflows.blends.blending import blend_runs
from podium.workflows.importing import ImportTarget, import_files, import_warning
from podium.workspace.records import read_record

Said = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return masks(tmp_path_factory.mktemp("team"))


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return masks(tmp_path_factory.mktemp("classes"), kind="multiclass")


def home(team: Team) -> ImportTarget:
    return ImportTarget.of(team.workspace, team.competition)


def kept(folder: Path, split: str = "oof") -> Said:
    """Return what is kept of each image, `(H, W, C)`, read without podium's reader."""
    [root] = (folder / "predictions").iterdir()
    found = {}
    for fold in (root / split / "segment").iterdir():
        chunk = np.load(fold / "chunk-0000.npy")
        table = pd.read_parquet(fold / "ids.parquet")
        channels = int(chunk.size / (table["height"] * table["width"]).sum())
        for row in table.itertuples():
            flat = chunk[row.offset : row.offset + row.height * row.width * channels]
            grey = flat.astype(float) / (254 if chunk.dtype == np.uint8 else 1)
            found[str(row.id)] = grey.reshape(row.height, row.width, channels)
    return found


def arrays(folder: Path, predicted: Said, ids: list[str], dtype: str = "float32") -> Path:
    """Write an npy an image."""
    folder.mkdir(parents=True)
    for one in ids:
        np.save(folder / f"{one}.npy", predicted[one].astype(dtype))
    return folder


def greys(folder: Path, planes: Said, ids: list[str], bits: int = 8) -> Path:
    """Write a grey PNG an image."""
    folder.mkdir(parents=True)
    dtype = np.uint8 if bits == 8 else np.uint16
    for one in ids:
        image = np.rint(planes[one] * (2**bits - 1)).astype(dtype)
        Image.fromarray(image).save(folder / f"{one}.png")
    return folder


def by_folds(team: Team, where: Path) -> Path:
    table = pd.DataFrame({"id": team.ids, "fold": team.folds})
    table.sample(frac=1, random_state=1).to_csv(where, index=False)
    return where


@pytest.mark.other_cases("long", of="quick", every=3)
@pytest.mark.parametrize(
    ("kind", "error"), [("npy", 1e-3), ("squeezed", 1e-3), (8, 0.004), (16, 1e-3)]
)
def test_binary_masks_are_kept_as_they_are(
    team: Team, tmp_path: Path, kind: object, error: float
) -> None:
    predicted = team.mask_probs()
    flat = {one: mask[..., 0] for one, mask in predicted.items()}
    if isinstance(kind, int):
        oof = greys(tmp_path / "oof", flat, team.ids, kind)
        test = greys(tmp_path / "test", flat, team.test, kind)
    else:
        of = predicted if kind == "npy" else flat
        oof, test = arrays(tmp_path / "oof", of, team.ids), arrays(tmp_path / "t", of, team.test)
    folds = by_folds(team, tmp_path / "folds.csv")
    folder = import_files(home(team), [oof], test=[test], folds_file=folds, name=f"unet-{kind}")
    record = read_record(folder)
    assert record.details["cross_fitted"] == "ours"
    for split, ids in (("oof", team.ids), ("test", team.test)):
        found = kept(folder, split)
        assert sorted(found) == sorted(ids)
        for one in ids:
            np.testing.assert_allclose(found[one], predicted[one], atol=error)
    dices = []
    for one, right in zip(team.ids, truth_masks(team.competition, team.samples), strict=True):
        mask = kept(folder)[one][..., 0] >= 0.5
        assert right is not None
        dices.append(2 * (mask & (right == 1)).sum() / (mask.sum() + (right == 1).sum()))
    assert record.scores["oof"] == pytest.approx(np.mean(dices))
    assert record.scores["metric"] == "mean_dice"


@pytest.mark.parametrize("form", ["whole", "without background", "folders", "all folders"])
def test_many_classes_come_as_channels_or_folders(classes: Team, tmp_path: Path, form: str) -> None:
    predicted = classes.mask_probs()
    names = ["background", "ball", "bar"]
    if form == "whole":
        oof = arrays(tmp_path / "oof", predicted, classes.ids)
    elif form == "without background":
        oof = arrays(tmp_path / "oof", {k: v[..., 1:] for k, v in predicted.items()}, classes.ids)
    else:
        for c in range(0 if form == "all folders" else 1, 3):
            plane = {k: v[..., c] for k, v in predicted.items()}
            greys(tmp_path / "oof" / names[c], plane, classes.ids, 16)
        oof = tmp_path / "oof"
    folds = by_folds(classes, tmp_path / "folds.csv")
    found = kept(import_files(home(classes), [oof], folds_file=folds, name="many"))
    for one in classes.ids:
        np.testing.assert_allclose(found[one], predicted[one], atol=1e-3)


def test_probabilities_of_background_get_a_warning(team: Team, tmp_path: Path) -> None:
    right = truth_masks(team.competition, team.samples)
    probs = {
        one: (0.2 + 0.6 * mask)[..., None]
        for one, mask in zip(team.ids, right, strict=True)
        if mask is not None
    }
    folds = by_folds(team, tmp_path / "folds.csv")
    said = []
    for name, sign in (("right", 1), ("inverted", -1)):
        values = {one: p if sign > 0 else 1 - p for one, p in probs.items()}
        oof = arrays(tmp_path / name, values, team.ids)
        said.append(import_warning(import_files(home(team), [oof], folds_file=folds)))
    assert said[0] == ""
    assert "and 1 - p of its values 1.0000: " in said[1]


def test_logits_of_masks(classes: Team, tmp_path: Path) -> None:
    predicted = classes.mask_probs(1)
    logits = {one: np.log(mask) - 7 for one, mask in predicted.items()}
    folds = by_folds(classes, tmp_path / "folds.csv")
    oof = arrays(tmp_path / "oof", logits, classes.ids)
    found = kept(import_files(home(classes), [oof], folds_file=folds, logits=True))
    for one in classes.ids:
        np.testing.assert_allclose(found[one], predicted[one], atol=1e-3)


@pytest.mark.slow
def test_imported_masks_blend_with_a_run_as_two_runs_do(tmp_path: Path) -> None:
    team = masks(tmp_path)
    one, other = team.add_mask_run("one", 1), team.add_mask_run("two", 2)
    predicted = team.mask_probs(2)
    folders = [
        arrays(
            tmp_path / f"f{fold}",
            predicted,
            [team.ids[i] for i in np.flatnonzero(team.folds == fold)],
        )
        for fold in (1, 0)
    ]
    brought = import_files(home(team), folders, name="three")
    assert read_record(brought).details["cross_fitted"] == "ours"
    by = {"method": "mean", "trials": 3}
    runs = blend_runs(team.workspace, team.competition, [str(one), str(other)], **by)
    mixed = blend_runs(team.workspace, team.competition, [str(one), brought.name], **by)
    two, three = read_blend(runs)[0], read_blend(mixed)[0]
    assert (two.honest, two.decision) == (three.honest, three.decision)


BROKEN = {
    "size": ("9 × 9, its image in the competition's frame 8 × 10", "img_000.npy"),
    "swapped": ("height and width are swapped", "img_000.npy"),
    "nan": ("the pixel in row 1, column 2 .*no finite number", "img_003.npy"),
    "range": ("1.5 is no probability", "img_003.npy"),
    "unknown": (r"1 of 12 ids is not in the train data: 'nobody' .*in nobody\.npy", "bad"),
    "missing": ("1 training rows of folds that are there have no prediction: 'img_004'", "bad"),
    "channels": ("there are 3 channels, 1 are wanted", "img_003.npy"),
    "object": ("Python objects", "img_003.npy"),
    "cut": ("no whole file of arrays", "img_003.npy"),
    "two files": ("'img_003' has two files", "bad"),
    "numbers": ("numbers of classes, not probabilities", "bad"),
    "colours": ("the PNG has colours", "img_003.png"),
    "palette": ("indices of a palette", "img_003.png"),
    "no png": ("no PNG can be read", "img_003.png"),
    "nothing": ("there is no PNG or npy here", "bad"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_wrong_folder_is_refused_with_its_file(team: Team, tmp_path: Path, what: str) -> None:
    predicted = {one: mask[..., 0] for one, mask in team.mask_probs().items()}
    oof = arrays(tmp_path / "bad", predicted, team.ids)
    first, third = oof / "img_000.npy", oof / "img_003.npy"
    png = oof / "img_003.png"
    whole = predicted["img_003"].copy()
    if what == "size":
        np.save(first, np.zeros((9, 9)))
    elif what == "swapped":
        np.save(first, np.zeros((10, 8)))
    elif what in ("nan", "range"):
        whole[1, 2] = np.nan if what == "nan" else 1.5
        np.save(third, whole)
    elif what == "unknown":
        third.rename(oof / "nobody.npy")
    elif what == "missing":
        (oof / "img_004.npy").unlink()
    elif what == "channels":
        np.save(third, np.zeros((*whole.shape, 3)))
    elif what == "object":
        np.save(third, np.array([{}], dtype=object), allow_pickle=True)
    elif what == "cut":
        third.write_bytes(third.read_bytes()[:100])
    elif what == "two files":
        Image.fromarray(np.zeros(whole.shape, np.uint8)).save(png)
    elif what in ("numbers", "nothing"):
        for one in team.ids:
            (oof / f"{one}.npy").unlink()
            if what == "numbers":
                Image.fromarray((predicted[one] > 0.5).astype(np.uint8)).save(oof / f"{one}.png")
    else:
        third.unlink()
        image = Image.fromarray(np.zeros((*whole.shape, 3), np.uint8))
        (image.convert("P") if what == "palette" else image).save(png)
        if what == "no png":
            png.write_bytes(png.read_bytes()[:20])
    before = set(team.workspace.imports.glob("*")) if team.workspace.imports.is_dir() else set()
    message, where = BROKEN[what]
    with pytest.raises(DataError, match=message) as caught:
        import_files(home(team), [oof], folds_file=by_folds(team, tmp_path / "folds.csv"))
    assert where in str(caught.value.where)
    assert ("transpose" in caught.value.fix) == (what == "swapped")
    assert set(team.workspace.imports.glob("*")) == before


def test_a_declared_shape_takes_no_memory(team: Team, tmp_path: Path) -> None:
    """A header may promise any number of pixels; it is compared with the image's size first."""
    predicted = team.mask_probs()
    oof = arrays(tmp_path / "bad", predicted, team.ids)
    huge = oof / "img_003.npy"
    header = {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**6)}
    with huge.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
    with pytest.raises(DataError, match="no whole file of arrays"):
        import_files(home(team), [oof])
    with huge.open("r+b") as file:
        file.truncate(128 + 4 * 10**12)  # sparse: four terabytes that are not there
    with pytest.raises(DataError, match="1000000 × 1000000"):
        import_files(home(team), [oof])
    huge.unlink()
    huge_png = oof / "img_003.png"
    Image.fromarray(np.zeros((4000, 4000), np.uint8)).save(huge_png)
    with pytest.raises(DataError, match="4000 × 4000"):
        import_files(home(team), [oof])
