"""Class folders inside other folders: which level is the class, and which folders are none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put


def draw(data: Path, files: Iterable[str], size: tuple[int, int] = (12, 10)) -> None:
    rng = np.random.default_rng(0)
    for file in [*files, *(f"test/x{n}.png" for n in range(6))]:
        path = data / file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(path)


BREEDS = {"cats": ("manx", "siamese"), "dogs": ("husky", "poodle", "pug")}


def test_words_that_part_each_outer_folder_are_the_classes_and_the_outer_are_offered(
    tmp_path: Path,
) -> None:
    draw(tmp_path / "data", [
        f"{outer}/{inner}/{inner}{n}.png" for outer in BREEDS for inner in BREEDS[outer]
        for n in range(5)
    ])  # fmt: skip
    found, _ = begin(tmp_path)
    assert found.classes == ["husky", "manx", "poodle", "pug", "siamese"]
    assert found.to_choose == ["data.train.images", "classes", "tasks"]
    assert found.folds.group is None
    text = (tmp_path / "competition.yaml").read_text()
    assert "data/{class}/{folder}/*.png" in text
    assert "[cats, dogs]" in text


def test_patients_and_scales_inside_two_levels_of_classes_are_groups(tmp_path: Path) -> None:
    of = {"benign": ("adenosis", "fibroma"), "malignant": ("ductal", "mucinous")}
    draw(tmp_path / "data", [
        f"breast/{side}/SOB/{kind}/SOB_{kind[0]}_14-{4600 + 11 * patient}/{scale}X/{patient}{n}.png"
        for side in of for kind in of[side] for patient in range(2) for scale in (40, 100)
        for n in range(2)
    ])  # fmt: skip
    found, _ = begin(tmp_path)
    assert found.classes == ["adenosis", "ductal", "fibroma", "mucinous"]
    assert found.to_choose == ["data.train.images", "classes", "tasks"]
    assert found.folds.group == "folder"
    assert load_samples(found, "train")["group"].nunique() == 8


def test_a_folder_each_inside_class_folders_is_no_class(tmp_path: Path) -> None:
    draw(tmp_path / "data", [
        f"{outer}/{outer} pictures/{n}{outer}.png" for outer in ("cat", "dog") for n in range(5)
    ])  # fmt: skip
    found, _ = begin(tmp_path)
    assert found.classes == ["cat", "dog"]
    assert not found.to_choose


def test_letters_around_folders_are_an_index(tmp_path: Path) -> None:
    draw(tmp_path / "data", [
        f"{one[0]}/{one}/{n}.png" for one in ("abbey", "airport", "canyon", "church")
        for n in range(5)
    ])  # fmt: skip
    found, _ = begin(tmp_path)
    assert found.classes == ["abbey", "airport", "canyon", "church"]
    assert not found.to_choose


def test_larger_pictures_beside_class_folders_are_of_no_class(tmp_path: Path) -> None:
    data = tmp_path / "data"
    draw(data, [f"large/large/CRC_{n}.png" for n in range(6)], size=(40, 40))
    draw(data, [
        f"tiles/tiles/{one}/{n}_{one}.png" for one in ("01_TUMOR", "02_STROMA") for n in range(8)
    ])  # fmt: skip
    found, notes = begin(tmp_path)
    assert found.classes == ["01_TUMOR", "02_STROMA"]
    assert "6 images in 'large/large' are not used" in notes


def test_a_class_folder_with_folders_inside_stays_beside_another_of_the_same_sizes(
    tmp_path: Path,
) -> None:
    draw(tmp_path / "data", [
        *(f"cat/{n}.png" for n in range(8)), *(f"dog/{'ab'[n % 2]}/{n}.png" for n in range(8)),
    ])  # fmt: skip
    found, _ = begin(tmp_path)
    assert found.classes == ["cat", "dog"]


@pytest.mark.parametrize("file", ["IMD{0}/IMD{0}_image/IMD{0}.png", "p{0}/scan.png"])
def test_a_folder_of_each_image_is_no_class(tmp_path: Path, file: str) -> None:
    files = [file.format(100 + n) for n in range(12)]
    draw(tmp_path / "data", [*files, *(one.replace("_image", "_view") for one in files)])
    with pytest.raises(DataError, match="these are no classes"):
        begin(tmp_path)


@pytest.mark.parametrize("colours", [3, 200])
def test_flat_pictures_named_as_images_with_a_word_more_are_masks(
    tmp_path: Path, colours: int
) -> None:
    data = tmp_path / "data"
    draw(data, [f"image_2/um_{n:03}.png" for n in range(10)])
    rng = np.random.default_rng(1)
    (data / "gt_image_2").mkdir()
    for n in range(10):
        values = rng.integers(0, colours, (12, 10), dtype=np.uint8)
        picture = np.stack([values, 255 - values, values], axis=-1)
        Image.fromarray(picture).save(data / f"gt_image_2/um_road_{n:03}.png")
    if colours > 16:  # pictures of a second kind, which may be a class
        assert begin(tmp_path)[0].classes == ["gt_image_2", "image_2"]
        return
    with pytest.raises(DataError, match="files in gt_image_2 look like masks of those in image_2"):
        begin(tmp_path)


@pytest.mark.parametrize("is_listed", [True, False])
def test_masks_of_the_names_of_images_with_another_suffix_are_found_and_parts_are_no_classes(
    tmp_path: Path, is_listed: bool
) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(2)
    for part, n in (("train", 14), ("val", 6)):
        files = [f"{part}crop/{k}_361" for k in range(n)]
        draw(data, [f"{one}.jpg" for one in files])
        for one in files:
            mask = (rng.random((12, 10)) < 0.4).astype(np.uint8) * 255
            Image.fromarray(mask).save(data / f"{one}.png")
        if is_listed:
            lines = "".join(f"{one}.jpg {one}.png\n" for one in files)
            (data / f"{part}.txt").write_text(lines)
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    samples = load_samples(found, "train")
    images = samples["images"].map(lambda one: one[0])
    assert len(images) == 20
    masks = [one.files[0] for one in samples["mask"]]
    assert masks == [one.replace(".jpg", ".png") for one in images]


SCENES = ("a/abbey", "a/flat/outdoor", "c/church/indoor", "c/church/outdoor")


def test_a_text_of_paths_of_folders_lists_the_classes(tmp_path: Path) -> None:
    draw(tmp_path / "data", [f"SUN/{one}/{n}.png" for one in SCENES for n in range(6)])
    (tmp_path / "data/SUN/names.txt").write_text("".join(f"/{one}\n" for one in SCENES))
    found, _ = begin(tmp_path)
    assert found.classes == [*SCENES]
    samples = load_samples(found, "train")
    labels = [found.classes[int(one)] for one in samples["label"]]
    assert [one[0].removeprefix("data/SUN/").rpartition("/")[0] for one in samples["images"]] == (
        labels
    )


def test_a_text_of_paths_of_patients_lists_no_classes(tmp_path: Path) -> None:
    cases = [f"{side}/P{n:02}" for side in ("ill", "well") for n in range(4)]
    draw(tmp_path / "data", [f"scans/{one}/{n}.png" for one in cases for n in range(6)])
    (tmp_path / "data/scans/cases.txt").write_text("".join(f"{one}\n" for one in cases))
    assert begin(tmp_path)[0].classes == ["ill", "well"]


@pytest.mark.parametrize("has_label", [True, False])
def test_a_table_with_each_image_in_each_fold_has_one_row_an_image(
    tmp_path: Path, has_label: bool
) -> None:
    files = [f"{one}/{n}_{one}_40.png" for one in ("ill", "well") for n in range(9)]
    draw(tmp_path / "data", [f"slides/{one}" for one in files])
    head = ["fold,mag,grp,filename", "fold,stage,grp,filename"][has_label]
    rows = [
        f"{fold},{f'T{n % 3}' if has_label else 40},{'train' if (n + fold) % 3 else 'test'},{one}"
        for fold in (1, 2, 3) for n, one in enumerate(files)
    ]  # fmt: skip
    (tmp_path / "data/Folds.csv").write_text("\n".join([head, *rows]) + "\n")
    found, notes = begin(tmp_path)
    assert found.classes == (["T0", "T1", "T2"] if has_label else ["ill", "well"])
    assert len(load_samples(found, "train")) == 18
    assert "each image once in each of 3 folds" in notes


@pytest.mark.parametrize("is_listed", [True, False])
def test_words_in_names_of_train_and_test_are_classes_where_a_text_lists_them(
    tmp_path: Path, is_listed: bool
) -> None:
    words = ("bird", "cat", "frog")
    names = [f"{part}/{n}_{words[n % 3]}.png" for part in ("train", "test") for n in range(15)]
    draw(tmp_path / "data", names)
    for n in range(6):
        (tmp_path / f"data/test/x{n}.png").unlink()
    (tmp_path / "data/labels.txt").write_text("\n".join(words if is_listed else ("a", "b")))
    if not is_listed:
        with pytest.raises(DataError, match="no labels"):
            begin(tmp_path)
        return
    found, _ = begin(tmp_path)
    assert found.classes == [*words]
    assert len(load_samples(found, "test")) == 15


def test_bands_of_an_image_told_by_its_name_are_its_channels_and_no_labels(tmp_path: Path) -> None:
    """The table has the band of each file, which names of test tell, too."""
    data, rng = tmp_path / "data", np.random.default_rng(3)
    chips = [f"{('awc', 'coz')[n % 2]}{n:02}" for n in range(12)]
    draw(data, [f"train_features/{one}_{band}.png" for one in chips for band in ("vh", "vv")])
    (data / "train_labels").mkdir()
    for one in chips:
        mask = (rng.random((12, 10)) < 0.4).astype(np.uint8)
        Image.fromarray(mask).save(data / f"train_labels/{one}.png")
    draw(data, [f"test/awc{n}_{band}.png" for n in range(90, 95) for band in ("vh", "vv")])
    for n in range(6):
        (data / f"test/x{n}.png").unlink()
    rows = [f"{one}_{band},{one[:3]},{band}" for one in chips for band in ("vh", "vv")]
    (data / "meta.csv").write_text("\n".join(["image_id,flood,polarization", *rows]) + "\n")
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    bands = {band: f"data/train_features/{{id}}_{band}.png" for band in ("vh", "vv")}
    assert found.data.train.images == bands
    assert found.data.train.mask == "data/train_labels/{id}.png"
    assert [str(one) for one in sorted(load_samples(found, "test")["id"])] == [
        f"awc{n}" for n in range(90, 95)
    ]


@pytest.mark.parametrize(
    ("inner", "is_inner"), [(("fat", "lymph", "tumour"), True), (("Plate1", "Plate2"), False)]
)
def test_inner_folders_of_images_to_predict_are_the_classes_unless_they_are_numbered(
    tmp_path: Path, inner: tuple[str, ...], is_inner: bool
) -> None:
    outer = ("stained", "unstained")
    data = tmp_path / "data"
    for place, path in enumerate(
        [f"train/{a}/{b}/{a[0]}{n}.png" for a in outer for b in inner for n in range(6)]
        + [f"test/{b}/q{n}.png" for b in inner for n in range(3)]
    ):
        put(data / path, place)
    found, _ = begin(tmp_path)
    assert found.classes == list(inner if is_inner else outer)
    assert ("data.train.images" in found.to_choose) is not is_inner


def test_one_folder_with_classes_beside_one_without_is_a_question(tmp_path: Path) -> None:
    """`rest` may have images without a class, or be a class beside `round1`."""
    files = [f"round1/{name}/a{n}.png" for name in ("crack", "ok", "pore") for n in range(4)]
    draw(tmp_path / "data", [*files, *(f"rest/b{n}.png" for n in range(9))])

    with pytest.raises(DataError) as caught:
        begin(tmp_path)

    assert "call rest unlabelled" in str(caught.value)
    for name in ("unlabelled", "not_inspected", "sin_valorar"):
        (tmp_path / "data/rest").rename(tmp_path / "data" / name)
        found, _ = begin(tmp_path)
        assert found.classes == ["crack", "ok", "pore"]
        assert len(load_samples(found, "unlabelled")) == 9
        (tmp_path / "data" / name).rename(tmp_path / "data/rest")


@pytest.mark.parametrize(("between", "first"), [("images", "things"), ("raw", "shops")])
def test_a_folder_that_each_source_has_is_no_level_of_classes(
    tmp_path: Path, between: str, first: str
) -> None:
    # Nothing tells things from sources, but that things are sorted below folders called images.
    names = {"shops": ["amazon", "ebay", "etsy"], "things": ["bike", "lamp", "mug", "sofa"]}
    draw(tmp_path / "data", [
        f"{shop}/{between}/{thing}/{n}.png"
        for shop in names["shops"] for thing in names["things"] for n in range(4)
    ])  # fmt: skip
    found, _ = begin(tmp_path)
    assert found.classes == names[first]
    assert {"data.train.images", "classes"} <= {*found.to_choose}
    text = (tmp_path / "competition.yaml").read_text()
    assert "data/{class}/*/{folder}/*.png" in text
    assert "data/{folder}/*/{class}/*.png" in text


def test_two_ways_to_part_the_images_of_classes_are_refused(tmp_path: Path) -> None:
    draw(tmp_path / "data", [
        f"{way}/training_set/{one}/{n}.png"
        for way in ("by_chance", "by_place") for one in ("ill", "well") for n in range(5)
    ])  # fmt: skip
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)
