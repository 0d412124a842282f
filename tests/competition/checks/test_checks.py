"""Data checks on small folders with planted faults: each is found, named, and nothing else is."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.checks import data
from podium.competition.checks.adversarial import AdversarialResult
from podium.competition.checks.data import Finding, check_data
from podium.competition.checks.near_duplicates import near_pairs, perceptual_hash, same_picture
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.workspace.layout import Workspace

SPEC = """\
name: planted
tasks: {classify: multiclass}
classes: [cat, dog]
data:
  train: {table: train.csv, id: id, images: "train/{id}.jpg", label: label}
  test: {table: test.csv, id: id, images: "test/{id}.jpg"}
folds: {scheme: stratified_group, n: 4, group: owner}
metric: {name: accuracy}
"""
N_TRAIN, N_TEST = 32, 24


def picture(seed: int, side: int = 96) -> np.ndarray:
    rough = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return cv2.resize(rough, (side, side), interpolation=cv2.INTER_CUBIC)


def save(path: Path, image: np.ndarray, quality: int = 90) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(image).save(path, quality=quality)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clean competition of 32 train and 24 test images, all different."""
    for i in range(N_TRAIN):
        save(tmp_path / "train" / f"a{i}.jpg", picture(i))
    for i in range(N_TEST):
        save(tmp_path / "test" / f"t{i}.jpg", picture(1000 + i))
    train = pd.DataFrame(
        {
            "id": [f"a{i}" for i in range(N_TRAIN)],
            "label": ["cat", "dog"] * (N_TRAIN // 2),
            "owner": [f"o{i // 4}" for i in range(N_TRAIN)],
        }
    )
    train.to_csv(tmp_path / "train.csv", index=False)
    pd.DataFrame({"id": [f"t{i}" for i in range(N_TEST)]}).to_csv(
        tmp_path / "test.csv", index=False
    )
    (tmp_path / "competition.yaml").write_text(SPEC)
    return tmp_path


def check(folder: Path, **arguments: bool) -> dict[str, Finding]:
    competition: Competition = load_competition(folder)
    findings = check_data(Workspace(folder), competition, **{"adversarial": False, **arguments})
    assert len({f.title for f in findings}) == len(findings)
    return {finding.title: finding for finding in findings}


def bad(findings: dict[str, Finding]) -> dict[str, str]:
    return {title: f.level for title, f in findings.items() if f.level != "note"}


def test_a_clean_folder_gets_notes_only_and_nothing_but_the_cache_is_written(folder):
    before = sorted(folder.rglob("*"))
    findings = check(folder, adversarial=True)
    assert bad(findings) == {}
    assert findings["sizes of train"].detail == (
        "32 images, width × height: least 96 × 96, median 96 × 96, most 96 × 96"
    )
    assert findings["class balance"].detail == "32 rows: cat 16, dog 16 (most to least 1.0 : 1)"
    assert "AUC" in findings["train and test look alike"].detail
    after = sorted(folder.rglob("*"))
    assert [one for one in after if ".podium" not in one.parts] == before
    assert [one.name for one in after if one.is_file() and ".podium" in one.parts] == [
        "SHA256SUMS",
        "drift.npz",
        "images.parquet",
    ]


@pytest.mark.parametrize("high", [0.47, 0.93])
def test_no_share_is_unlike_train_where_the_printed_auc_is_chance(folder, monkeypatch, high):
    """Small copies of the images differ in any case; the numbers only where they are above 0.5."""
    for i in range(N_TEST):
        bright = picture(1000 + i) // 4 + 190
        save(folder / "test" / f"t{i}.jpg", bright)
    numbers = AdversarialResult(high - 0.16, high - 0.28, high, ())
    monkeypatch.setattr(data, "adversarial_validation", lambda *_, **__: numbers)
    found = check(folder, adversarial=True)
    unlike = found["test images unlike train"]
    assert ("have no counterpart" in unlike.detail) == (high > 0.5)
    assert ("it may be chance" in unlike.detail) == (high < 0.5)


def test_a_folder_that_cannot_be_written_is_checked_all_the_same(folder):
    (folder / ".podium").write_text("in the way")
    assert bad(check(folder)) == {}


@pytest.mark.parametrize("damage", ["truncated", "empty", "text"])
def test_a_broken_image_is_an_error_that_names_it(folder, damage):
    file = folder / "test" / "t3.jpg"
    content = file.read_bytes()
    broken = {
        "truncated": content[: len(content) // 2],
        "empty": b"",
        "text": b"<html>login</html>",
    }
    file.write_bytes(broken[damage])
    findings = check(folder)
    assert bad(findings) == {"images that cannot be read": "error"}
    found = findings["images that cannot be read"]
    assert found.items == ("test/t3.jpg",)
    assert "1 of 56" in found.detail
    assert found.fix


def test_empty_files_are_damaged_and_no_identical_images(folder):
    for path in ("train/a0.jpg", "train/a31.jpg", "test/t3.jpg"):  # a0 is a cat, a31 a dog
        (folder / path).write_bytes(b"")
    findings = check(folder)
    assert bad(findings) == {"images that cannot be read": "error"}
    assert findings["images that cannot be read"].n == 3


def test_of_images_broken_in_several_ways_each_has_its_own_cause(folder):
    (folder / "test" / "t3.jpg").write_bytes(b"")
    for name in ("t5", "t7"):
        (folder / "test" / f"{name}.jpg").write_bytes(b"<html>login</html>")
    found = check(folder)["images that cannot be read"]
    count, empty, text = found.detail.split("\n")
    assert count == "3 of 56: "
    assert empty.startswith("  - 'test/t3.jpg'; ")
    assert text.startswith("  - 'test/t5.jpg', 'test/t7.jpg'; ")
    assert "web page" in text
    assert found.items == ("test/t3.jpg", "test/t5.jpg", "test/t7.jpg")


@pytest.mark.parametrize(
    ("lowest", "reader", "end"),
    [
        (0, "", "below 0.0"),
        (61_440, "", "above 0.9"),
        (0, ", range: [0, 4095]", None),
        (0, ", range: [-4095, 8190]", None),
    ],
)
def test_images_that_are_black_to_a_network_get_a_warning(folder, lowest, reader, end):
    for number, file in enumerate(sorted(folder.rglob("*.jpg"))):
        deep = np.random.default_rng(number).integers(lowest, lowest + 4096, (40, 40))
        cv2.imwrite(str(file.with_suffix(".png")), deep.astype(np.uint16))
    form = f"  reader: {{name: image, mode: native, channels: 1, dtype: uint16{reader}}}\nfolds"
    text = SPEC.replace(".jpg", ".png").replace("folds", form)
    (folder / "competition.yaml").write_text(text)
    findings = check(folder)
    assert bad(findings) == ({"images at one end of their range": "warning"} if end else {})
    assert end is None or end in findings["images at one end of their range"].detail


@pytest.mark.parametrize(
    ("highest", "depth", "is_told"),
    [
        (4096, np.uint16, True),
        (65_536, np.uint16, False),
        (16, np.uint8, False),
    ],
)
def test_twelve_bit_images_in_sixteen_bits_are_reported_where_eight_are_read(
    folder, highest, depth, is_told
):
    """Of 0 to 4,095 the higher byte is 0 to 15. Dark pictures of 8 bits are what they are."""
    file = min(folder.glob("train/*.jpg"))
    deep = np.random.default_rng(0).integers(0, highest, (40, 40)).astype(depth)
    cv2.imencode(".png", deep)[1].tofile(file)  # a reader looks at the content
    findings = bad(check(folder))
    assert ("images that use few of their bits" in findings) == is_told


def test_missing_and_repeated_rows_are_errors_and_the_other_part_is_still_checked(folder):
    (folder / "train" / "a5.jpg").unlink()
    table = pd.read_csv(folder / "train.csv")
    pd.concat([table, table.iloc[[7]]]).to_csv(folder / "train.csv", index=False)
    findings = check(folder)
    assert bad(findings) == {"the train part cannot be read": "error"}
    detail = findings["the train part cannot be read"].detail
    assert "a5.jpg" in detail
    assert "'a7'" in detail
    assert "sizes of test" in findings


def test_a_fault_of_the_table_hides_no_damaged_image(folder):
    table = pd.read_csv(folder / "train.csv", dtype=str)
    pd.concat([table, table.iloc[[7]]]).to_csv(folder / "train.csv", index=False)
    (folder / "train" / "a5.jpg").unlink()
    (folder / "train" / "a9.jpg").write_bytes(b"no picture")
    (folder / "train" / "a11.jpg").write_bytes(b"")
    findings = check(folder)
    assert list(bad(findings)) == ["the train part cannot be read", "images that cannot be read"]
    broken = findings["images that cannot be read"]
    assert dict(zip(broken.items, broken.reasons, strict=True)) == {
        "train/a9.jpg": "no image format that Pillow reads; the file begins with b'no pictu'",
        "train/a11.jpg": "the file is empty",
    }
    table.rename(columns={"id": "name"}).to_csv(folder / "train.csv", index=False)
    assert "images that cannot be read" not in check(folder), "no row names an image"


@pytest.mark.parametrize("images", ["train/{id}.jpg", "train/{id}.*"])
def test_a_missing_image_hides_no_damaged_one_and_its_row_can_be_excluded(folder, images):
    (folder / "competition.yaml").write_text(SPEC.replace("train/{id}.jpg", images))
    (folder / "train" / "a5.jpg").unlink()
    (folder / "train" / "a9.jpg").write_bytes(b"no picture")
    findings = check(folder)
    assert list(bad(findings)) == ["the train part cannot be read", "images that cannot be read"]
    missing = findings["the train part cannot be read"]
    assert "a5" in missing.detail
    assert missing.fix == (
        """add the images, or leave them out: podium choose 'data.train.exclude=["a5"]'"""
    )
    assert findings["images that cannot be read"].items == ("train/a9.jpg",)
    mended = SPEC.replace("label: label}", "label: label, exclude: [a5, a9]}")
    (folder / "competition.yaml").write_text(mended)
    assert bad(check(folder)) == {}


def test_where_another_fault_stands_beside_a_missing_image_no_exclusion_is_proposed(folder):
    (folder / "train" / "a5.jpg").unlink()
    table = pd.read_csv(folder / "train.csv")
    table.loc[7, "label"] = "emu"
    table.to_csv(folder / "train.csv", index=False)
    findings = check(folder)
    assert "podium choose" not in findings["the train part cannot be read"].fix


def test_a_class_that_is_misspelt_in_classes_is_one_error_and_not_one_of_test_too(folder):
    rows = [f"t{i},{'dog' if i == 2 else 'cat'}" for i in range(N_TEST)]
    (folder / "test.csv").write_text("\n".join(["id,label", *rows]))
    (folder / "competition.yaml").write_text(SPEC.replace("[cat, dog]", "[cat, dgo]"))
    findings = check(folder)
    assert bad(findings) == {"the train part cannot be read": "error"}


def test_a_table_that_is_not_there_is_one_error_without_a_complaint_of_the_cache(folder, caplog):
    wrong = SPEC.replace("table: train.csv", "table: tables/train.csv")
    (folder / "competition.yaml").write_text(wrong)
    assert bad(check(folder)) == {"the train part cannot be read": "error"}
    assert "not kept" not in caplog.text
    assert not Workspace(folder).checked_images.exists()


def test_an_empty_test_table_is_an_error(folder):
    (folder / "test.csv").write_text("id\n")
    assert bad(check(folder)) == {"the test part cannot be read": "error"}


def test_a_class_in_test_only_is_an_error(folder):
    rows = [f"t{i},{'emu' if i == 2 else 'cat'}" for i in range(N_TEST)]
    (folder / "test.csv").write_text("\n".join(["id,label", *rows]))
    findings = check(folder)
    assert bad(findings) == {"classes in test only": "error"}
    assert findings["classes in test only"].items == ("emu",)


def test_identical_images_are_found_in_test_across_folds_and_labels(folder):
    content = (folder / "train" / "a0.jpg").read_bytes()
    (folder / "test" / "t0.jpg").write_bytes(content)
    (folder / "train" / "a31.jpg").write_bytes(content)  # a dog of another owner
    (folder / "folds.csv").write_text(
        "\n".join(["id,fold", *(f"a{i},{i // 4 % 4}" for i in range(N_TRAIN))])
    )
    findings = check(folder)
    assert bad(findings) == {
        "identical images in train and test": "warning",
        "identical images with different labels": "warning",
        "identical images in different folds": "warning",
        OTHER_FOLDS: "warning",
    }
    named = ("train/a0.jpg = train/a31.jpg = test/t0.jpg",)
    assert findings["identical images in train and test"].items == named


@pytest.mark.parametrize(("more", "level"), [("", "warning"), ("../test/t3\n", "note")])
def test_a_part_of_images_that_train_has_is_to_be_left_out(folder, more, level):
    (folder / "more.csv").write_text(f"id\na2\na5\n{more}")
    spec = folder / "competition.yaml"
    unlabelled = '  unlabelled: {table: more.csv, id: id, images: "train/{id}.jpg"}\n'
    spec.write_text(SPEC.replace("folds:", f"{unlabelled}folds:"))
    found = check(folder)["identical images in train and unlabelled"]
    assert (found.level, found.n) == (level, 2)
    is_command = found.mend == "podium choose data.unlabelled=null"
    assert is_command == (level == "warning")


def test_near_duplicates_are_found_and_identical_ones_not_reported_twice(folder):
    save(folder / "test" / "t1.jpg", cv2.resize(picture(6), (120, 120)), quality=60)
    (folder / "test" / "t9.jpg").write_bytes((folder / "train" / "a2.jpg").read_bytes())
    findings = check(folder)
    assert bad(findings) == {
        "identical images in train and test": "warning",
        "near-duplicate images in train and test": "warning",
    }
    near = findings["near-duplicate images in train and test"]
    assert near.items == ("train/a6.jpg = test/t1.jpg",)


def of_owners(folder: Path, copies: dict[str, int]) -> dict[str, Finding]:
    """Return what a check finds where owners of four images each are scored, and some are copies.

    Args:
        folder: of the competition.
        copies: from an image of train to that whose picture it is, in another size.
    """
    for at, (name, number) in enumerate(copies.items()):
        side = 110 + 5 * at
        image = cv2.resize(picture(number), (side, side))
        save(folder / "train" / f"{name}.jpg", image, quality=60)
    table = pd.read_csv(folder / "train.csv")
    table["label"] = ["cat", "cat", "cat", "cat", "dog", "dog", "dog", "dog"] * (N_TRAIN // 8)
    table.to_csv(folder / "train.csv", index=False)
    tests = pd.read_csv(folder / "test.csv")
    tests.assign(owner=[f"p{i // 4}" for i in range(N_TEST)]).to_csv(
        folder / "test.csv", index=False
    )
    text = SPEC.replace("label: label}", "label: label, unit: owner}")
    text = text.replace('"test/{id}.jpg"}', '"test/{id}.jpg", unit: owner}')
    (folder / "competition.yaml").write_text(text + "units: {aggregate: mean}\n")
    return check(folder)


def test_a_picture_that_units_share_is_no_fault(folder):
    """An owner's picture (a4) and his next one (a5) are one of another owner: three are not."""
    findings = of_owners(folder, {"a4": 0, "a5": 0})
    assert bad(findings) == {}
    told = findings["near-duplicate images of units that differ in others"]
    assert told.items == ("train/a0.jpg = train/a4.jpg = train/a5.jpg",)


def test_units_that_look_alike_as_a_whole_are_reported(folder):
    findings = of_owners(folder, {"a4": 0, "a5": 1, "a7": 3, "a9": 14})
    title = "units of near-duplicate images with different labels"
    assert findings[title].items == ("train/a0.jpg = train/a4.jpg",)
    assert findings["near-duplicate images of units that differ in others"].items == (
        "train/a9.jpg = train/a14.jpg",
    )


def test_images_that_only_the_hash_takes_for_copies_are_not_reported(folder):
    other = picture(6)
    other[40:52, 30:42] = 255 - other[40:52, 30:42]  # another thing stands there
    save(folder / "train" / "a7.jpg", other)
    images = [picture(6), other]
    hashes = np.array([perceptual_hash(image) for image in images], dtype=np.uint64)
    small = [cv2.resize(image, (16, 16), interpolation=cv2.INTER_AREA) for image in images]
    assert len(same_picture(np.array(small), near_pairs(hashes))) == 1
    assert not [title for title in check(folder) if "duplicate" in title]


@pytest.mark.parametrize(("label", "message"), [("cat", "is known"), ("dog", "contradict")])
def test_leaked_test_score_needs_one_train_label_per_image(folder, label, message):
    save(folder / "test" / "t1.jpg", cv2.resize(picture(6), (120, 120)), quality=60)
    save(folder / "train" / "a8.jpg", cv2.resize(picture(6), (110, 110)), quality=70)
    table = pd.read_csv(folder / "train.csv")
    table.loc[table["id"] == "a8", "label"] = label
    table.to_csv(folder / "train.csv", index=False)
    fix = check(folder)["near-duplicate images in train and test"].fix
    assert message in fix
    assert ("is known" in fix) == (label == "cat")


@pytest.mark.parametrize(
    ("kind", "pair", "is_far"),
    [
        ("regression", (10.0, 12.0), False),
        ("regression", (10.0, 250.0), True),
        ("angle", (359.0, 1.0), False),
        ("angle", (10.0, 190.0), True),
        ("ordinal", (3, 4), False),
        ("ordinal", (0, 7), True),
    ],
)
def test_near_duplicates_whose_numbers_differ_little_are_no_fault(folder, kind, pair, is_far):
    n_classes = 8 if kind == "ordinal" else 0
    spec = SPEC.replace("classify: multiclass", f"classify: {kind}")
    spec = spec.replace(
        "classes: [cat, dog]\n", f"classes: {[f'c{k}' for k in range(n_classes)]}\n"
    )
    metric = {"regression": "rmse", "angle": "mean_angular_error", "ordinal": "qwk"}[kind]
    (folder / "competition.yaml").write_text(spec.replace("accuracy", metric))
    labels = [float(i % 8 * 40) for i in range(N_TRAIN)] if kind != "ordinal" else None
    labels = labels or [i % 8 for i in range(N_TRAIN)]
    labels[4], labels[5] = pair
    save(folder / "train" / "a5.jpg", cv2.resize(picture(4), (120, 120)), quality=60)
    (folder / "train" / "a9.jpg").write_bytes((folder / "train" / "a8.jpg").read_bytes())
    table = pd.read_csv(folder / "train.csv")
    table["label"] = [f"c{one}" for one in labels] if kind == "ordinal" else labels
    table.to_csv(folder / "train.csv", index=False)
    findings = check(folder)
    assert "near-duplicate images with different labels" not in findings
    far = findings.get("near-duplicate images with labels far apart")
    assert (far is not None) == is_far
    if far is not None:
        assert far.items == ("train/a4.jpg = train/a5.jpg",)
        assert far.fix.startswith("look at them")
    # One file has one answer, of numbers, too.
    assert findings["identical images with different labels"].fix.startswith("look at them")


def test_flat_images_are_not_taken_for_copies_of_each_other(folder):
    faint = np.broadcast_to(np.arange(96, dtype=np.uint8)[:, None, None] // 24, (96, 96, 3))
    save(folder / "train" / "a1.jpg", faint + np.uint8(20), quality=100)
    save(folder / "test" / "t1.jpg", faint + np.uint8(200), quality=100)
    assert bad(check(folder)) == {}


def test_odd_sizes_are_named(folder):
    save(folder / "train" / "a8.jpg", picture(8, side=10))
    save(folder / "test" / "t8.jpg", cv2.resize(picture(1008), (900, 90)))
    findings = check(folder)
    assert bad(findings) == {"odd sizes in train": "warning", "odd sizes in test": "warning"}
    assert findings["odd sizes in train"].items == ("train/a8.jpg",)
    assert findings["odd sizes in test"].items == ("test/t8.jpg",)


def test_images_of_one_colour_are_named_and_drawings_on_nothing_are_none(folder):
    files = sorted((folder / "train").glob("*.jpg"))[:3]
    for file in files:
        save(file, np.full((96, 96, 3), 40, np.uint8))
    for value, name in ((0, "t1.jpg"), (255, "t2.jpg")):
        drawing = np.zeros((96, 96, 4), np.uint8)
        drawing[..., :3], drawing[20:60, 30:50, 3] = value, 255
        Image.fromarray(drawing).save(folder / "test" / name, format="PNG")
    findings = check(folder)
    found = findings["images of one colour in train"]
    assert (found.level, found.items) == ("warning", tuple(f"train/{one.name}" for one in files))
    assert "images of one colour in test" not in findings


def test_tiny_images_are_not_odd_where_all_are_tiny(folder):
    for part in ("train", "test"):
        for file in (folder / part).glob("*.jpg"):
            save(file, cv2.resize(picture(int(file.stem[1:]) + 1000 * (part == "test")), (8, 8)))
    assert not {one for one in check(folder) if one.startswith("odd sizes")}


def test_a_class_with_fewer_rows_than_folds_is_named(folder):
    table = pd.read_csv(folder / "train.csv")
    table["label"] = ["dog" if i in (3, 17) else "cat" for i in range(N_TRAIN)]
    table.to_csv(folder / "train.csv", index=False)
    findings = check(folder)
    # Two of the four folds have cats only: they cannot be scored.
    assert bad(findings) == {"rare classes": "warning", "folds that cannot be used": "error"}
    assert findings["rare classes"].items == ("dog",)
    assert "one class only (cat)" in findings["folds that cannot be used"].detail


def test_a_class_that_a_fold_lacks_is_named_with_the_line_of_the_folds(folder, caplog):
    table = pd.read_csv(folder / "train.csv")
    # Four rows of one owner and four of another: two of the four folds have no emu.
    table["label"] = ["emu" if i < 4 or i >= 28 else one for i, one in enumerate(table["label"])]
    table.to_csv(folder / "train.csv", index=False)
    spec = (folder / "competition.yaml").read_text().replace("[cat, dog]", "[cat, dog, emu]")
    scheme = "folds: {scheme: stratified_group, group: owner, n: 4}"
    lines = [scheme if one.startswith("folds:") else one for one in spec.split("\n")]
    (folder / "competition.yaml").write_text("\n".join(lines))
    found = check(folder)["classes that a fold lacks"]
    assert "'emu'" in found.detail
    assert found.level == "warning"
    assert found.where == f"competition.yaml:{lines.index(scheme) + 1}"
    assert "2 folds" in found.fix
    assert found.mend == "podium choose folds.n=2"  # of two owners
    assert "has no row" not in caplog.text
    competition, workspace = load_competition(folder), Workspace(folder)
    ensure_folds(workspace, competition, load_samples(competition, "train", workspace=workspace))
    made = check(folder)["classes that a fold lacks"]
    assert made.mend == "podium choose folds.n=2, then podium folds --redo"
    assert replace(made, mend=found.mend) == found


def test_a_class_of_one_row_that_is_a_letter_from_another_is_named_with_its_line(folder):
    table = pd.read_csv(folder / "train.csv")
    table.loc[4, "label"] = "act"
    n_cats = int((table["label"] == "cat").sum())
    table.to_csv(folder / "train.csv", index=False)
    spec = folder / "competition.yaml"
    spec.write_text(spec.read_text().replace("[cat, dog]", "[cat, dog, act]"))
    found = check(folder)
    slip = f"'act' (train.csv line 6) is one letter from 'cat', which has {n_cats} rows"
    assert found["classes that may be misspelt"].items == (slip,)
    assert "if it is a slip" in found["classes that may be misspelt"].fix
    assert not {"classes that a fold lacks", "rare classes"} & {*found}  # it is told once


def test_of_a_class_of_one_row_no_number_of_folds_is_advised(folder):
    table = pd.read_csv(folder / "train.csv")
    table.loc[4, "label"] = "heron"
    table.to_csv(folder / "train.csv", index=False)
    spec = folder / "competition.yaml"
    spec.write_text(spec.read_text().replace("[cat, dog]", "[cat, dog, heron]"))
    found = check(folder)
    assert "classes that may be misspelt" not in found
    for title in ("classes that a fold lacks", "rare classes"):
        assert "heron" in f"{found[title]}"
        assert "folds" not in found[title].fix
    assert "1 has one row" in found["rare classes"].detail


def test_classes_that_differ_by_case_or_blanks_are_named(folder):
    table = pd.read_csv(folder / "train.csv")
    table["label"] = [("cat", "dog", "Dog ", "c at")[i % 4] for i in range(N_TRAIN)]
    table.to_csv(folder / "train.csv", index=False)
    spec = folder / "competition.yaml"
    spec.write_text(
        spec.read_text().replace("classes: [cat, dog]", "classes: [cat, dog, Dog, c at]")
    )
    found = check(folder)["classes that are spelt alike"]
    assert found.items == ("'dog' (8) and 'Dog' (8)",)


def test_classes_that_differ_by_accents_are_named_and_are_no_slip(folder):
    table = pd.read_csv(folder / "train.csv")
    table["label"] = ["Jose", *["José", "Ana", "aná"] * 10, "Ana"]
    table.to_csv(folder / "train.csv", index=False)
    spec = folder / "competition.yaml"
    listed = "classes: [Jose, José, Ana, aná]"
    spec.write_text(spec.read_text().replace("classes: [cat, dog]", listed))
    found = check(folder)
    items = ("'Jose' (1) and 'José' (10)", "'Ana' (11) and 'aná' (10)")
    assert found["classes that are accented otherwise"].items == items
    assert "classes that may be misspelt" not in found


@pytest.mark.parametrize(("other", "items"), [
    ("sea_dog", ("'sea dog' (8) and 'sea_dog' (8)",)), ("seadog", None), ("a.b", None),
])  # fmt: skip
def test_classes_that_differ_by_signs_between_words_are_named(folder, other, items):
    names = ("cat", "sea dog", other, "a-b")
    table = pd.read_csv(folder / "train.csv")
    table["label"] = [names[i % 4] for i in range(N_TRAIN)]
    table.to_csv(folder / "train.csv", index=False)
    spec = folder / "competition.yaml"
    listed = f"classes: [{', '.join(names)}]"
    spec.write_text(spec.read_text().replace("classes: [cat, dog]", listed))
    found = check(folder).get("classes that are of the same words")
    assert (found and found.items) == items


OTHER_FOLDS = "folds.csv has other folds than competition.yaml would make"


def test_check_warns_of_folds_that_competition_yaml_would_no_longer_make_with_the_line(folder):
    spec = folder / "competition.yaml"
    spec.write_text(spec.read_text().replace("n: 4,", "n: 4, seed: 42,"))
    competition, workspace = load_competition(folder), Workspace(folder)
    ensure_folds(workspace, competition, load_samples(competition, "train", workspace=workspace))
    assert OTHER_FOLDS not in check(folder)
    spec.write_text(spec.read_text().replace("seed: 42", "seed: 7"))
    above, _, _ = spec.read_text().partition("\nfolds:")
    line = len(above.splitlines()) + 1
    finding = check(folder)[OTHER_FOLDS]
    assert (finding.level, finding.where) == ("warning", f"competition.yaml:{line}")
    assert "`podium folds --redo`" in finding.fix


def with_folds(folder, folds, exclude):
    """Write folds and samples to leave out into competition.yaml, and `folds.csv` if need be."""
    lines = SPEC.replace("label: label}", f"label: label, exclude: [{exclude}]}}").splitlines()
    lines = [f"folds: {folds}" if one.startswith("folds:") else one for one in lines]
    (folder / "competition.yaml").write_text("\n".join([*lines, ""]))
    competition, workspace = load_competition(folder), Workspace(folder)
    ensure_folds(workspace, competition, load_samples(competition, "train", workspace=workspace))


@pytest.mark.parametrize("at_first", ["", "a5", "a5, a9"])
def test_check_warns_of_other_folds_though_samples_are_left_out(folder, at_first):
    grouped = "{scheme: stratified_group, n: 4, group: owner}"
    with_folds(folder, grouped, at_first)
    with_folds(folder, grouped, "a5, a9")  # the others keep their folds
    assert OTHER_FOLDS not in check(folder)
    with_folds(folder, "{scheme: stratified, n: 4, group: null}", "a5, a9")
    assert OTHER_FOLDS in check(folder)


def test_a_group_in_two_folds_is_an_error(folder):
    rows = [f"a{i},{i % 4}" for i in range(N_TRAIN)]
    (folder / "folds.csv").write_text("\n".join(["id,fold", *rows]))
    findings = check(folder)
    assert bad(findings) == {"folds that cannot be used": "error"}
    assert "a leak: 8 groups" in findings["folds that cannot be used"].detail


def test_test_images_from_another_source_are_found_and_the_feature_is_named(folder):
    for i in range(N_TEST):
        save(folder / "test" / f"t{i}.jpg", cv2.resize(picture(1000 + i), (128, 128)), quality=30)
    findings = check(folder, adversarial=True)
    found = findings["train and test differ"]
    assert found.level == "warning"
    assert "width (median 96 in train, 128 in test)" in found.detail


def test_at_most_three_features_are_named_of_those_that_tell_train_from_test(folder):
    for i in range(N_TEST):
        dark = cv2.resize(picture(1000 + i), (160, 128)) // 8
        save(folder / "test" / f"t{i}.jpg", dark, quality=30)
    found = check(folder, adversarial=True)["train and test differ"]
    assert len(found.items) == found.detail.count("median") == 3


def test_errors_come_first(folder):
    (folder / "test" / "t3.jpg").write_bytes(b"")
    (folder / "test" / "t0.jpg").write_bytes((folder / "train" / "a0.jpg").read_bytes())
    levels = [f.level for f in check(folder).values()]
    assert levels == sorted(levels, key=["error", "warning", "note"].index)
    assert levels[:2] == ["error", "warning"]


def predict_ages(folder):
    """Write a competition of numbers, the column age of train."""
    text = (folder / "competition.yaml").read_text()
    (folder / "competition.yaml").write_text(
        text.replace("classify: multiclass", "classify: regression")
        .replace("classes: [cat, dog]\n", "")
        .replace("name: accuracy", "name: rmse")
        .replace("label: label", "label: age")
    )


def test_labels_of_several_kinds_are_counted(folder):
    predict_ages(folder)
    table = pd.read_csv(folder / "train.csv")
    table.assign(age=np.arange(N_TRAIN) / 2).to_csv(folder / "train.csv", index=False)
    assert check(folder)["labels"].detail == "least 0, median 7.75, most 15.5"


@pytest.mark.parametrize(("odd", "is_far"), [(90.0, True), (20.0, False), (9000.5, True)])
def test_a_number_whose_point_may_have_slipped_is_named(folder, odd, is_far):
    predict_ages(folder)
    table = pd.read_csv(folder / "train.csv")
    ages = np.arange(N_TRAIN) / 2
    ages[5] = odd
    table.assign(age=ages).to_csv(folder / "train.csv", index=False)
    found = check(folder).get("numbers far from all others")
    assert (found is not None) == is_far
    if found is not None:
        assert found.detail == f"{odd:g} of {table['id'][5]!r}, and of all others 15.5 at most"
        assert f"exclude: [{table['id'][5]!r}] below data.train" in found.fix


def test_too_few_groups_to_compare_train_with_test_is_a_note(folder):
    table = pd.read_csv(folder / "train.csv")
    table.assign(owner=np.where(table.index < 28, "o1", table["id"])).to_csv(
        folder / "train.csv", index=False
    )
    findings = check(folder, adversarial=True)
    detail = findings["train against test: not compared"].detail
    assert "train has 5 groups and test 24: too few, or too unequal" in detail


@pytest.mark.parametrize(
    ("metric", "offender"),
    [
        ("{name: rmse}", "rmse"),
        ("{name: f1, bata: 2}", "bata"),
        ("{name: f1}", "average binary needs a truth of 0 and 1, and the task has 3 classes"),
        ("{name: fbeta, average: samples}", "average samples needs a multilabel task"),
        ("{name: f1, average: mean}", "average must be one of"),
    ],
)
def test_a_metric_that_cannot_score_the_task_is_an_error(
    folder: Path, metric: str, offender: str
) -> None:
    spec = folder / "competition.yaml"
    text = spec.read_text().replace("{name: accuracy}", metric)
    spec.write_text(text.replace("classes: [cat, dog]", "classes: [cat, dog, emu]"))
    found = check(folder, adversarial=False)["the metric cannot be used"]
    assert found.level == "error"
    assert offender in found.detail
    assert found.fix


@pytest.mark.parametrize(
    ("metric", "offender", "line"),
    [
        (
            "\n  - {name: mean_dice, task: segment}\n  - {name: rmse, task: classify}",
            "rmse",
            2,
        ),
        (
            "\n  name: combined\n  parts:\n    - {name: accuracy, task: classify, eps: 3}\n"
            "    - {name: mean_dice, task: segment}",
            "accuracy",
            3,
        ),
    ],
)
def test_every_part_of_a_combined_metric_is_checked_and_named_with_its_line(
    folder: Path, metric: str, offender: str, line: int
) -> None:
    columns = (
        "submission:\n  columns: [{name: id, value: id}, {name: label, value: name, task: "
        "classify}, {name: rle, value: rle, task: segment}]\n"
    )
    text = SPEC.replace("{classify: multiclass}", "{classify: multiclass, segment: binary}")
    text = text.replace("label: label}", 'label: label, mask: "masks/{id}.png"}')
    text = text.replace("metric: {name: accuracy}", f"metric:{metric}") + columns
    (folder / "competition.yaml").write_text(text)
    first = text.splitlines().index("metric:") + 1
    found = check(folder, adversarial=False)[f"{offender}, a part of the metric, cannot be used"]
    assert found.level == "error"
    assert found.where == f"competition.yaml:{first + line}"


def _rename(folder: Path, part: str, old: str, new: str) -> None:
    table = folder / f"{part}.csv"
    table.write_text(
        table.read_text().replace(f"{old}\n", f"{new}\n").replace(f"{old},", f"{new},")
    )
    (folder / part / f"{old}.jpg").rename(folder / part / f"{new}.jpg")


def test_ids_that_only_unicode_tells_apart_are_named_with_their_rows(folder: Path) -> None:
    title = "ids that differ by Unicode normalisation alone"
    _rename(folder, "train", "a3", "Jos\u00e9")
    _rename(folder, "train", "a9", "Jos\u00e8")  # another accent: another name
    workspace, competition = Workspace(folder), load_competition(folder / "competition.yaml")
    assert title not in [one.title for one in check_data(workspace, competition, adversarial=False)]
    _rename(folder, "train", "a7", "Jose\u0301")
    _rename(folder, "test", "t0", "Jose\u0301")
    found = check_data(workspace, competition, adversarial=False)
    (hit,) = [one for one in found if one.title == title]
    assert hit.level == "warning"
    assert hit.items == (
        r"'Jos\xe9' (row 4 of train) and 'Jose\u0301' (row 8 of train, row 1 of test)",
    )


def test_a_file_whose_accent_is_composed_otherwise_than_its_id_is_explained(folder: Path) -> None:
    _rename(folder, "train", "a3", "Jos\u00e9")
    (folder / "train/Jos\u00e9.jpg").rename(folder / "train/Jose\u0301.jpg")
    competition = load_competition(folder / "competition.yaml")
    found = check_data(Workspace(folder), competition, adversarial=False)
    assert any(
        r"'Jos\xe9.jpg' of the table is 'Jose\u0301.jpg' on the disk" in one.detail for one in found
    )


PAIRS = """\
name: pairs
tasks: {classify: binary}
classes: [other, same]
data:
  train: {table: train.csv, id: id, images: {a: "photos/{a}", b: "photos/{b}"}, label: label}
  test: {table: test.csv, id: id, images: {a: "photos/{a}", b: "photos/{b}"}}
folds: {scheme: shared_files, n: 2}
metric: {name: accuracy}
"""


def write_pairs(folder: Path, rows: list[tuple[str, str]], labels: list[str]) -> None:
    train = pd.DataFrame(rows, columns=["a", "b"])
    train.insert(0, "id", [f"r{n}" for n in range(len(rows))])
    train.assign(label=labels).to_csv(folder / "train.csv", index=False)
    test = pd.DataFrame({"id": [f"t{n}" for n in range(30)]})
    for column, shift in (("a", 1), ("b", 7)):
        test[column] = [f"u{(n + shift) % 30}.png" for n in range(30)]
    test.to_csv(folder / "test.csv", index=False)
    for n in range(30):
        save(folder / f"photos/u{n}.png", picture(500 + n))
    (folder / "competition.yaml").write_text(PAIRS)


def duplicate_findings(folder: Path, **options: bool) -> dict[str, Finding]:
    found = check_data(Workspace(folder), load_competition(folder / "competition.yaml"), **options)
    return {one.title: one for one in found}


def test_pairs_that_share_a_photograph_are_no_duplicates(tmp_path):
    for n in range(24):
        save(tmp_path / f"photos/p{n}.png", picture(n))
    # p20 to p23 are copies of p0 to p3.
    for n in range(4):
        small = cv2.resize(picture(n), (80, 80), interpolation=cv2.INTER_AREA)
        save(tmp_path / f"photos/p{n + 20}.jpg", small)
    rows = [(f"p{n}.png", f"p{(n + k) % 20}.png") for n in range(20) for k in (1, 2, 5)]
    labels = ["same", "other", "other"] * 20
    # A pair whose photographs are copies of those of the first; then one with one of them.
    rows += [("p20.jpg", "p21.jpg"), ("p22.jpg", "p9.png")]
    write_pairs(tmp_path, rows, [*labels, "other", "same"])
    found = duplicate_findings(tmp_path, adversarial=False)
    titles = [title for title in found if "duplicate" in title or "identical" in title]
    items = found["near-duplicate images with different labels"].items
    assert items == ("photos/p0.png = photos/p20.jpg",)
    assert not any("identical" in title for title in titles)


def test_rows_of_two_files_of_their_own_are_duplicates_only_where_both_are(tmp_path):
    rows = [(f"a{n}.png", f"b{n}.png") for n in range(20)]
    for n in range(20):
        save(tmp_path / f"photos/a{n}.png", picture(n))
        save(tmp_path / f"photos/b{n}.png", picture(100 + n))
    # Row 18 has the first photograph of row 0 in another file; row 19 both of row 1.
    for name, seed in (("a18", 0), ("a19", 1), ("b19", 101)):
        dim = np.clip(picture(seed) * 0.9, 0, 255).astype(np.uint8)
        save(tmp_path / f"photos/{name}.png", dim)
    write_pairs(tmp_path, rows, ["same", "other"] * 10)
    test = pd.read_csv(tmp_path / "test.csv")
    test["a"], test["b"] = [f"u{n}.png" for n in range(30)], [f"v{n}.png" for n in range(30)]
    for n in range(30):
        save(tmp_path / f"photos/v{n}.png", picture(700 + n))
    test.to_csv(tmp_path / "test.csv", index=False)
    found = duplicate_findings(tmp_path, adversarial=False)
    near = [one for title, one in found.items() if "near-duplicate" in title]
    assert {item for one in near for item in one.items} == {"photos/a1.png = photos/a19.png"}


@pytest.mark.slow
def test_photographs_that_come_back_in_test_are_not_what_tells_it_from_train(tmp_path):
    """Of two draws from one source a few photographs in many rows each are not two sources."""
    rng = np.random.default_rng(0)
    for n in range(24):
        save(tmp_path / f"photos/p{n}.png", picture(n))
    rows = [tuple(f"p{n}.png" for n in rng.choice(24, 2, replace=False)) for _ in range(150)]
    write_pairs(tmp_path, rows, ["same", "other"] * 75)
    test = [tuple(f"u{n}.png" for n in rng.choice(24, 2, replace=False)) for _ in range(150)]
    test = pd.DataFrame(test, columns=["a", "b"])
    test.insert(0, "id", [f"t{n}" for n in range(150)])
    test.to_csv(tmp_path / "test.csv", index=False)
    found = duplicate_findings(tmp_path)
    assert "train and test differ" not in found
