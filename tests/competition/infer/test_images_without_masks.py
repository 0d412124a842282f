"""Images of train without a mask file: unlabelled ones, empty ones, or those to predict."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from layouts.judging import readings_of

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError
from tests.competition.infer.test_odd_masks import box, photo, save, text

N_TRAIN, N_TEST = 20, 6
WITHOUT = frozenset({3, 10, 17})


def names(first: int, n: int, form: str = "p{:03}") -> list[str]:
    return [form.format(number) for number in range(first, first + n)]


def sample(data: Path, ids: list[str]) -> None:
    text(data / "sample_submission.csv", "id,rle", *(f"{one}," for one in ids))


def mask(data: Path, path: str, number: int) -> None:
    save(data / path, box(number + 1).astype(np.uint8) * 255)


def chosen(found: Inferred, root: Path, **values: object) -> Competition:
    """Return the competition with these readings of what is asked, by dotted key."""
    document = yaml.safe_load(found.text)
    for key, value in values.items():
        *above, last = key.split("__")
        place = document
        for name in above:
            place = place[name]
        place[last] = value
    return Competition.model_validate(document).at(root)


@pytest.mark.parametrize("tree", ["train/images/{}", "train/{}", "images/train/{}"])
def test_images_of_train_without_a_mask_are_unlabelled_or_empty(tmp_path: Path, tree: str) -> None:
    data = tmp_path / "data"
    for number, name in enumerate(names(0, N_TRAIN + N_TEST)):
        part = tree if number < N_TRAIN else tree.replace("train", "test")
        photo(data / f"{part.format(name)}.png", number)
        if number < N_TRAIN and number not in WITHOUT:
            mask(data, f"train_masks/{name}.png", number)
    sample(data, names(N_TRAIN, N_TEST))
    found = infer(data, tmp_path)
    assert found.competition.to_choose == ["data.unlabelled", "data.train.absent", "submission.rle"]
    unlabelled = load_samples(found.competition, "unlabelled")
    assert list(unlabelled["id"]) == [f"p{number:03}" for number in sorted(WITHOUT)]
    train = load_samples(found.competition, "train")
    assert len(train) == N_TRAIN - len(WITHOUT)
    assert all(one is not None for one in truth_masks(found.competition, train))
    assert "3 images" in " ".join(found.notes)
    offered = readings_of(found.text)
    assert (offered["data.unlabelled"], offered["data.train.absent"]) == ([None], ["empty"])
    empty = chosen(found, tmp_path, data__unlabelled=None, data__train__absent="empty")
    train = load_samples(empty, "train")
    assert len(train) == N_TRAIN
    masks = dict(zip(train["id"], truth_masks(empty, train), strict=True))
    assert not any((masks[f"p{number:03}"] == 1).any() for number in WITHOUT)


def test_unlabelled_images_are_those_of_a_folder_and_those_without_a_mask(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number, name in enumerate(names(0, N_TRAIN)):
        photo(data / f"train/{name}.png", number)
        if number not in WITHOUT:
            mask(data, f"masks/{name}.png", number)
    for number, name in enumerate(names(100, 4)):
        photo(data / f"unlabelled/{name}.png", 100 + number)
    for number, name in enumerate(names(200, N_TEST)):
        photo(data / f"test/{name}.png", 200 + number)
    sample(data, names(200, N_TEST))
    found = infer(data, tmp_path).competition
    unlabelled = {f"p{number:03}" for number in WITHOUT} | set(names(100, 4))
    assert set(load_samples(found, "unlabelled")["id"]) == unlabelled
    assert len(load_samples(found, "train")) == N_TRAIN - len(WITHOUT)


def test_rows_of_a_table_whose_images_have_no_mask_are_unlabelled(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number, name in enumerate(names(0, N_TRAIN + N_TEST)):
        photo(data / f"{'train' if number < N_TRAIN else 'test'}/{name}.png", number)
        if number < N_TRAIN and number not in WITHOUT:
            mask(data, f"masks/{name}.png", number)
    rows = [f"{name}.png,s{n // 4}" for n, name in enumerate(names(0, N_TRAIN))]
    text(data / "train.csv", "file,patient", *rows)
    sample(data, names(N_TRAIN, N_TEST))
    found = infer(data, tmp_path).competition
    train = load_samples(found, "train")
    assert len(train) == N_TRAIN - len(WITHOUT)
    assert found.folds.group == "patient"
    assert len(load_samples(found, "unlabelled")) == len(WITHOUT)


def test_names_that_repeat_belong_to_the_mask_of_their_folder(tmp_path: Path) -> None:
    data, rows = tmp_path / "data", []
    for site, n in ((site, n) for site in range(5) for n in range(5)):
        part = "train" if site < 4 else "test"
        photo(data / f"{part}/site{site}/images/{n}.png", 10 * site + n)
        if part == "train" and n != site:
            mask(data, f"train/site{site}/masks/{n}.png", 10 * site + n)
        rows += [f"site{site}/images/{n}.png"] if part == "test" else []
    sample(data, rows)
    found = infer(data, tmp_path).competition
    assert len(load_samples(found, "train")) == 16
    unlabelled = load_samples(found, "unlabelled")
    assert [one[0] for one in unlabelled["images"]] == [
        f"data/train/site{n}/images/{n}.png" for n in range(4)
    ]


AREAS = ("norr", "syd", "vast", "ost", "mitt", "fjall", "kust")
OF_TEST = ("fjall", "kust")


def areas(data: Path, tree: str, ids: str) -> set[str]:
    """Write areas with and without masks into one pool; return the ids of those to predict."""
    sent = []
    for a, n in ((a, n) for a in range(len(AREAS)) for n in range(5)):
        fields = {"area": AREAS[a], "name": f"ruta_{n}"}
        photo(data / f"{tree.format(kind='bilder', **fields)}.png", 10 * a + n)
        if AREAS[a] in OF_TEST:
            sent.append(ids.format(**fields))
        else:
            mask(data, f"{tree.format(kind='facit', **fields)}.png", 10 * a + n)
    sample(data, sent)
    return set(sent)


@pytest.mark.parametrize(
    "tree", ["{kind}/{area}/{name}", "{area}/{kind}/{name}", "mark/{area}/{kind}/{name}"]
)
@pytest.mark.parametrize("ids", ["{area}_{name}", "{area}/{name}"])
def test_areas_without_masks_that_the_sample_names_are_to_be_predicted(
    tmp_path: Path, tree: str, ids: str
) -> None:
    data = tmp_path / "data"
    sent = areas(data, tree, ids)
    found = infer(data, tmp_path).competition
    assert found.to_choose == ["submission.rle"]
    test, train = load_samples(found, "test"), load_samples(found, "train")
    assert set(test["id"]) == sent
    assert len(train) == 25
    assert all(one is not None for one in truth_masks(found, train))
    for id_, (path, *_) in zip(test["id"], test["images"], strict=True):
        assert all(part in path for part in id_.replace("/", "_").split("_", 1))


def pool(data: Path, n: int = 18) -> list[str]:
    """Write a pool of images, each third without a mask; return the names of these."""
    for number, name in enumerate(names(0, n, "v{:03}")):
        photo(data / f"bilder/{name}.png", number)
        if number % 3:
            mask(data, f"facit/{name}.png", number)
    return names(0, n, "v{:03}")[::3]


def test_images_of_a_pool_without_a_mask_may_be_those_to_predict(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rest = pool(data)
    found = infer(data, tmp_path)
    assert "data.test" in found.competition.to_choose
    assert "6 images without a mask are taken for those to predict" in " ".join(found.notes)
    assert list(load_samples(found.competition, "test")["id"]) == rest
    assert len(load_samples(found.competition, "train")) == 12
    offered = readings_of(found.text)
    assert offered["data.test"] == [None]
    # The other reading can be trained on: what the masks of train lack is of no part else.
    [source] = offered["data.unlabelled"]
    other = chosen(found, tmp_path, data__test=None, data__unlabelled=source)
    assert list(load_samples(other, "unlabelled")["id"]) == rest
    assert len(load_samples(other, "train")) == 12


@pytest.mark.parametrize("n", [6, 5])
def test_a_sample_of_as_many_other_ids_agrees_with_a_pool(tmp_path: Path, n: int) -> None:
    data = tmp_path / "data"
    pool(data)
    sample(data, [f"row-{'abcdef'[k]}" for k in range(n)])
    if n != 6:
        with pytest.raises(DataError, match="no images to predict"):
            infer(data, tmp_path)
        return
    found = infer(data, tmp_path)
    assert "data.test" in found.competition.to_choose
    assert len(load_samples(found.competition, "test")) == 6
    assert "has as many ids" in " ".join(found.notes)


def test_images_of_a_pool_that_the_sample_leaves_out_are_unlabelled(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rest = pool(data)
    sample(data, rest[:4])
    found = infer(data, tmp_path).competition
    assert list(load_samples(found, "test")["id"]) == rest[:4]
    assert list(load_samples(found, "unlabelled")["id"]) == rest[4:]
    assert len(load_samples(found, "train")) == 12


def test_images_of_a_folder_called_train_are_not_predicted_without_a_sample(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number, name in enumerate(names(0, N_TRAIN)):
        photo(data / f"train/images/{name}.png", number)
        if number not in WITHOUT:
            mask(data, f"train/masks/{name}.png", number)
    with pytest.raises(DataError, match="no images to predict"):
        infer(data, tmp_path)


def test_folders_of_classes_beside_a_pool_are_no_samples_of_several_files(tmp_path: Path) -> None:
    data, rows = tmp_path / "data", []
    for number, name in enumerate(names(5, 10)):
        photo(data / f"images/{name}.png", number)
        for kind in ("oak", "elm"):
            if number:
                save(data / f"masks/{kind}/{name}.png", box(number).astype(np.uint8) * 255)
            else:
                rows.append(f"{name}.png,{kind},")
    text(data / "sample_submission.csv", "id,class,rle", *rows)
    found = infer(data, tmp_path).competition
    assert found.tasks == {"segment": "multilabel"}
    assert len(load_samples(found, "train")) == 9
    assert len(load_samples(found, "test")) == 1


def test_images_of_a_pool_without_an_outline_are_to_be_predicted_or_unlabelled(
    tmp_path: Path,
) -> None:
    data, all_names = tmp_path / "data", names(0, 12)
    for number, name in enumerate(all_names):
        photo(data / f"images/{name}.png", number)
        if number < 8:
            corners = [[2, 2], [14, 3], [9, 10]]
            shape = {"label": "leaf", "shape_type": "polygon", "points": corners}
            labelme = {"shapes": [shape], "imagePath": f"{name}.png"}
            size = {"imageHeight": 12, "imageWidth": 16}
            text(data / f"images/{name}.json", json.dumps({**labelme, **size}))
    found = infer(data, tmp_path)
    assert "data.test" in found.competition.to_choose
    assert readings_of(found.text)["data.test"] == [None]
    assert sorted(load_samples(found.competition, "test")["id"]) == sorted(all_names[8:])
    assert sorted(load_samples(found.competition, "train")["id"]) == sorted(all_names[:8])


@pytest.mark.parametrize(("n_least", "is_asked"), [(4, True), (2, False)])
def test_an_image_without_a_row_beside_images_with_most_classes_may_be_undrawn(
    tmp_path: Path, n_least: int, is_asked: bool
) -> None:
    data, classes = tmp_path / "data", [f"bone-{number}" for number in range(5)]
    rows = []
    for number, name in enumerate(names(0, N_TRAIN + N_TEST)):
        photo(data / f"{'train' if number < N_TRAIN else 'test'}/{name}.png", number)
        if number < N_TRAIN and number not in WITHOUT:
            own = [classes[(number + n) % 5] for n in range(n_least + number % 2)]
            rows += [f"{name},{one},{30 * n + number + 1} {n + 3}" for n, one in enumerate(own)]
    text(data / "train.csv", "id,class,rle", *rows)
    sent = [f"{one},{name}," for one in names(N_TRAIN, N_TEST) for name in classes]
    text(data / "sample_submission.csv", "id,class,rle", *sent)
    found = infer(data, tmp_path)
    assert ("data.train.absent" in found.competition.to_choose) == is_asked
    assert len(load_samples(found.competition, "train")) == N_TRAIN - is_asked * len(WITHOUT)
    assert ("of 5 classes: they are left out" in " ".join(found.text.split("#"))) == is_asked
    if is_asked:
        assert readings_of(found.text)["data.train.absent"] == ["empty"]
