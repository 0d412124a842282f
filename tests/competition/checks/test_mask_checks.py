"""Data checks of masks: every planted fault gives its one finding, and a clean folder none."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import mask_miniatures
import numpy as np
import pytest
from PIL import Image

from podium.competition.checks import Finding
from podium.competition.checks.data import check_data
from podium.competition.checks.masks import check_masks
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.workspace.layout import Workspace

Made = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("original")
    return root, mask_miniatures.pictures_and_masks(root / "data").spec


@pytest.fixture
def made(original: Made, tmp_path: Path) -> Made:
    """A joint competition of 24 images, of which 18 have a mask."""
    shutil.copytree(original[0] / "data", tmp_path / "data")
    return tmp_path, original[1]


def check(made: Made, **train: Any) -> dict[str, Finding]:
    root, fields = made
    data = {**fields["data"], "train": {**fields["data"]["train"], **train}}
    spec = Competition.model_validate({**fields, "data": data}).at(root)
    findings = check_masks(Workspace(root), spec, load_samples(spec, "train"))
    assert len({finding.title for finding in findings}) == len(findings)
    return {finding.title: finding for finding in findings}


def bad(findings: dict[str, Finding]) -> dict[str, str]:
    return {title: f.level for title, f in findings.items() if f.level != "note"}


def mask(made: Made, name: str) -> np.ndarray:
    return np.array(Image.open(made[0] / f"data/masks/{name}.png"))


def save(made: Made, name: str, pixels: np.ndarray) -> None:
    Image.fromarray(pixels.astype(np.uint8)).save(made[0] / f"data/masks/{name}.png")


def test_a_clean_folder_gets_notes_only(made: Made) -> None:
    findings = check(made)
    assert bad(findings) == {}
    assert findings["masks"].detail.startswith("18 of 24 images, 0 empty (0%); foreground of the")
    without = findings["images without a mask"]
    assert without.items == ("g003", "g007", "g011", "g015", "g019", "g023")
    assert "coat in 12 (" in findings["classes of the masks"].detail
    assert "dress in 6 (" in findings["classes of the masks"].detail


def test_classes_in_few_masks_are_warned_of_and_only_the_most_frequent_are_shown(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("podium.competition.checks.masks.FEW", 0.4)  # of 18 masks: 7.2
    monkeypatch.setattr("podium.competition.checks.masks._SHOWN_CLASSES", 1)
    findings = check(made)
    assert findings["classes in few masks"].items == ("dress",)
    detail = findings["classes of the masks"].detail
    assert "coat in 12 (" in detail
    assert detail.endswith(", 1 more")


def test_a_competition_without_masks_has_nothing_to_check(made: Made) -> None:
    root, fields = made
    samples = load_samples(Competition.model_validate(fields).at(root), "train")
    changed = {"tasks": {"classify": "multiclass"}, "metric": {"name": "accuracy"}}
    spec = Competition.model_validate({**fields, **changed}).at(root)
    assert check_masks(Workspace(root), spec, samples) == []


def test_each_fault_is_one_error_with_its_masks(made: Made) -> None:
    (made[0] / "data/masks/g000.png").write_bytes(b"")
    save(made, "g001", mask(made, "g001")[:30])
    save(made, "g002", mask(made, "g002")[:, :30])
    save(made, "g004", mask(made, "g004") + 7)
    findings = check(made)
    assert bad(findings) == {
        "masks that cannot be read": "error",
        "masks of another size than their images": "error",
        "masks with unknown values": "error",
    }
    sizes = findings["masks of another size than their images"]
    assert sizes.items == ("g001", "g002")
    assert "2: 'g001', 'g002'; " in sizes.detail
    assert "the mask is 30 × 48, its image 48 × 48" in sizes.detail
    assert findings["masks with unknown values"].items == ("g004",)
    assert all(finding.fix for finding in findings.values() if finding.level == "error")


def test_jpeg_noise_has_a_name_of_its_own(made: Made) -> None:
    for name in ("g000", "g002"):
        folder = made[0] / "data/masks"
        grey = (mask(made, name) > 0).astype(np.uint8) * np.uint8(200)
        Image.fromarray(grey).save(folder / "noisy.jpg", quality=70)
        save(made, name, np.array(Image.open(folder / "noisy.jpg")))
    findings = check(made, mask_values={0: "background", 200: "coat", 100: "dress"})
    assert set(findings["masks with JPEG noise"].items) >= {"g000", "g002"}


def test_empty_and_full_masks_are_counted(made: Made) -> None:
    for name in ("g000", "g002", "g004"):
        save(made, name, np.zeros((48, 48)))
    save(made, "g006", np.ones((48, 48)))
    findings = check(made)
    assert "18 of 24 images, 3 empty (17%)" in findings["masks"].detail
    full = findings["masks that are all foreground"]
    assert (full.level, full.items) == ("note", ("g006",))
    files = sorted((made[0] / "data/masks").iterdir())
    for file in files[:9]:
        save(made, file.stem, np.full((48, 48), 1 + int(file.stem[1:]) % 2))
    assert check(made)["masks that are all foreground"].level == "note"
    for file in files:
        save(made, file.stem, np.full((48, 48), 1 + int(file.stem[1:]) % 2))
    assert bad(check(made)) == {"masks that are all foreground": "warning"}


def test_classes_that_share_whole_images_out_are_no_fault(made: Made) -> None:
    for file in (made[0] / "data/masks").iterdir():
        pixels = np.ones((48, 48))
        pixels[:, int(file.stem[1:]) :] = 2
        save(made, file.stem, pixels)
    assert check(made)["masks that are all foreground"].level == "note"


def test_a_class_of_most_pixels_in_every_mask_may_be_background(made: Made) -> None:
    for file in (made[0] / "data/masks").iterdir():
        pixels = np.full((48, 48), 2)
        pixels[: 1 + int(file.stem[1:]) % 4, :24] = 1
        save(made, file.stem, pixels)
    full = check(made)["masks that are all foreground"]
    n = full.n
    rows = [1 + int(file.stem[1:]) % 4 for file in (made[0] / "data/masks").iterdir()]
    share = 100 * (1 - sum(rows) * 24 / (48 * 48 * len(rows)))
    assert full.level == "warning"
    assert full.detail == (
        f"{n} of {n}, none of their pixels is background: dress has {share:.3g} % of them, and is "
        "in every mask"
    )
    assert full.fix.startswith("is dress the background?")
    assert full.fix.endswith("also in those of submission.file")
    png = {"kind": "png", "mask_values": {0: "background", 100: "coat", 200: "dress"}}
    sent = (made[0], {**made[1], "submission": {**made[1].get("submission", {}), "file": png}})
    fix = check(sent)["masks that are all foreground"].fix
    assert fix.endswith("; from those of submission.file, remove 0: background until now")
    save(made, next((made[0] / "data/masks").iterdir()).stem, np.ones((48, 48)))
    assert check(made)["masks that are all foreground"].level == "note"  # one mask has no dress


def test_classes_that_never_occur_and_tiny_ones_are_named(made: Made) -> None:
    for file in (made[0] / "data/masks").iterdir():
        pixels = np.zeros((48, 48))
        pixels[5, int(file.stem[1:])] = 1
        save(made, file.stem, pixels)
    findings = check(made)
    assert findings["classes in no mask"].items == ("dress",)
    assert findings["tiny objects"].items == ("coat",)
    assert findings["labels that the mask does not show"].level == "warning"


def test_a_mask_that_several_images_share_is_reported(made: Made) -> None:
    for name in ("g002", "g004", "g008"):
        save(made, name, mask(made, "g002"))
    save(made, "g010", mask(made, "g006"))
    save(made, "g006", mask(made, "g006"))  # two alike may be copies of one picture
    shared = check(made)["one mask for several images"]
    assert (shared.level, shared.items) == ("warning", ("g002 = g004 = g008",))


def test_a_label_that_the_mask_does_not_show_is_reported(made: Made) -> None:
    save(made, "g000", np.where(mask(made, "g000") == 1, 2, 0))
    save(made, "g001", np.zeros((48, 48)))
    found = check(made)["labels that the mask does not show"]
    assert (found.level, found.items) == ("warning", ("g000: coat", "g001: dress"))


@pytest.mark.parametrize("kind", ["binary", "multilabel"])
def test_labels_and_masks_are_compared_both_ways(kind: str, made: Made) -> None:
    root, fields = made
    segment = "binary" if kind == "binary" else "multilabel"
    rows = ["id,a,b", *(f"g{n:03d},{n % 2},{(n + 1) % 2}" for n in range(24))]
    (root / "data/train.csv").write_text("\n".join(rows))
    for file in (root / "data/masks").iterdir():
        number = int(file.stem[1:])
        pixels = np.zeros((48, 48))
        pixels[0, number] = number % 2 if kind == "binary" else 1 + (number + 1) % 2
        save(made, file.stem, pixels)
    save(made, "g001", np.zeros((48, 48)))
    save(made, "g002", np.eye(48))
    train = {
        "table": "data/train.csv",
        "id": "id",
        "images": "data/images/{id}.jpg",
        "mask": "data/masks/{id}.png",
        "label": "a" if kind == "binary" else ["a", "b"],
    }
    changed = {
        **fields,
        "tasks": {"classify": kind, "segment": segment},
        "classes": [] if kind == "binary" else ["x", "y"],
        "data": {**fields["data"], "train": train},
    }
    findings = check((root, changed))
    lacking = findings["labels that the mask does not show"].items
    extra = findings["masks of classes that are not in the label"].items
    if kind == "binary":
        assert (lacking, extra) == (("g001",), ("g002",))
    else:
        assert (lacking, extra) == (("g001: x", "g002: y"), ("g002: x",))


def test_a_turned_image_with_a_mask_is_reported(made: Made) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    for name in ("g002", "g003"):
        file = made[0] / f"data/images/{name}.jpg"
        Image.open(file).save(file, exif=exif)
    assert check(made)["turned images with masks"].items == ("g002",)


def test_runs_that_are_no_mask_are_one_error_with_the_first_place(tmp_path: Path) -> None:
    fields = mask_miniatures.salt(tmp_path / "data").spec
    table = tmp_path / "data/train.csv"
    lines = table.read_text().splitlines()
    lines[2], lines[4] = lines[2].split(",")[0] + ",5 2 4 1", lines[4].split(",")[0] + ",1090 9"
    table.write_text("\n".join(lines))
    findings = check((tmp_path, fields))
    wrong = findings["runs that are no mask"]
    assert wrong.level == "error"
    assert len(wrong.items) == 2
    assert "data/train.csv:3: column 'rle_mask', character 5: " in wrong.detail


def test_ids_of_a_table_without_an_image_are_an_error_of_the_part(tmp_path: Path) -> None:
    fields = mask_miniatures.defects(tmp_path / "data").spec
    with (tmp_path / "data/train.csv").open("a") as file:
        file.write("gone.jpg,3,1 5\n")
    spec = Competition.model_validate(fields).at(tmp_path)
    findings = check_data(Workspace(tmp_path), spec, adversarial=False)
    assert (findings[0].level, findings[0].title) == ("error", "the train part cannot be read")
    assert "'gone.jpg' (line " in findings[0].detail


@pytest.mark.parametrize("layout", ["pictures_and_masks", "defects", "salt", "tissue"])
def test_the_whole_check_of_a_mask_layout_has_no_error(layout: str, tmp_path: Path) -> None:
    made = getattr(mask_miniatures, layout)(tmp_path / "data")
    spec = Competition.model_validate(made.spec).at(tmp_path)
    findings = check_data(Workspace(tmp_path), spec, adversarial=False)
    assert [finding for finding in findings if finding.level != "note"] == []
    assert "masks" in {finding.title for finding in findings}


def test_broken_masks_are_not_reported_again_by_the_folds(tmp_path: Path) -> None:
    fields = mask_miniatures.salt(tmp_path / "data").spec
    table = tmp_path / "data/train.csv"
    table.write_text(table.read_text().replace(",\n", ",1 x\n", 1))
    spec = Competition.model_validate(fields).at(tmp_path)
    findings = check_data(Workspace(tmp_path), spec, adversarial=False)
    errors = [finding.title for finding in findings if finding.level == "error"]
    assert errors == ["runs that are no mask"]


def test_a_label_is_not_compared_with_masks_where_all_images_have_foreground(made: Made) -> None:
    """Benign or malignant: the lesion is there in both."""
    root, fields = made
    rows = ["id,a", *(f"g{n:03d},{('mel', 'nv')[n % 2]}" for n in range(24))]
    (root / "data/train.csv").write_text("\n".join(rows))
    for file in (root / "data/masks").iterdir():
        save(made, file.stem, np.eye(48, k=int(file.stem[1:])))
    images = {"images": "data/images/{id}.jpg", "mask": "data/masks/{id}.png"}
    train = {"table": "data/train.csv", "id": "id", "label": "a", **images}
    changed = {
        **fields,
        "tasks": {"classify": "binary", "segment": "binary"},
        "classes": ["mel", "nv"],
        "data": {**fields["data"], "train": train},
    }
    assert not bad(check((root, changed)))
    save(made, "g004", np.zeros((48, 48)))  # one that was never drawn
    assert not bad(check((root, changed)))


def scans(root: Path, sizes: dict[str, tuple[int, int]], **fields: Any) -> dict[str, Finding]:
    """Return what is found in scans of slices with these sizes."""
    for number, (name, size) in enumerate(sizes.items()):
        for folder in ("scans", "masks"):
            file = root / folder / f"{name}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.eye(*size, k=number, dtype=np.uint8) * 255).save(file)
    train = {"images": "scans/{case}/*.png", "id": "{case}/{stem}", "unit": "case"}
    spec = Competition.model_validate(
        {
            "name": "scans",
            "tasks": {"segment": "binary"},
            "data": {
                "train": {**train, "mask": "masks/{case}/{stem}.png"},
                "test": {**train, "images": "test/{case}/*.png"},
            },
            "metric": {"name": "dice_hausdorff"},
            "submission": {"columns": {"id": "id", "rle": "value"}, "value": "rle"},
            **fields,
        }
    ).at(root)
    found = check_masks(Workspace(root), spec, load_samples(spec, "train"))
    return {finding.title: finding for finding in found}


def test_slices_of_several_sizes_are_found_before_a_volume_is_scored(tmp_path: Path) -> None:
    sizes = {"a/1": (8, 8), "a/2": (8, 8), "b/1": (8, 8), "b/2": (8, 9), "c/1": (9, 9)}
    found = scans(tmp_path, sizes)
    assert found["volumes"].detail == "3; slices of a volume: least 1, median 2, most 2"
    assert bad(found) == {"volumes of slices of several sizes": "error"}
    assert found["volumes of slices of several sizes"].items == ("b",)
    assert bad(scans(tmp_path, sizes, frame=[8, 8])) == {}
