"""Extra sources: read as train is, kept apart from it, and checked for leaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.checks.data import Finding, check_data
from podium.competition.samples import as_train, load_extra, load_samples
from podium.competition.spec import Competition, load_competition
from podium.competition.truths.masks import read_mask
from podium.errors import DataError
from podium.workspace.layout import Workspace

SPEC = """\
name: animals
tasks: {{classify: multiclass}}
classes: [cat, dog]
data:
  train: {{table: data/train.csv, id: id, images: "data/train/{{id}}.png", label: label}}
  unlabelled: {{images: "data/more/*.png"}}
  test: {{images: "data/test/*.png"}}
  extra:
{extra}
folds: {{scheme: stratified_group, n: 3, group: owner}}
metric: {{name: accuracy}}
"""
GENERATED = '    generated: {images: "data/made/{label}/*.png", label: "{label}"}'


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Competition]:
    """Return a function that writes 12 train, 6 test and 4 made images, and reads the spec."""

    def write(extra: str = GENERATED) -> Competition:
        rows = []
        for i in range(12):
            save(tmp_path / f"data/train/{i}.png", i)
            rows.append(f"{i},{('cat', 'dog')[i % 2]},o{i // 2}")
        (tmp_path / "data/train.csv").write_text("id,label,owner\n" + "\n".join(rows) + "\n")
        for i in range(6):
            save(tmp_path / f"data/test/t{i}.png", 100 + i)
        save(tmp_path / "data/more/u0.png", 200)
        for i in range(4):
            save(tmp_path / f"data/made/{('cat', 'dog')[i % 2]}/m{i}.png", 300 + i)
        (tmp_path / "competition.yaml").write_text(SPEC.format(extra=extra))
        return load_competition(tmp_path)

    return write


def save(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rough = np.random.default_rng(seed).integers(0, 256, (6, 6, 3)).astype(np.uint8)
    Image.fromarray(rough).resize((48, 48), Image.Resampling.BICUBIC).save(path)


def findings(competition: Competition) -> dict[str, Finding]:
    found = check_data(Workspace(competition.root), competition, adversarial=False)
    return {finding.title: finding for finding in found}


def test_a_folder_in_the_place_of_a_field_is_the_label(write: Callable) -> None:
    samples = load_extra(write(), "generated")
    assert list(samples["id"]) == ["m0", "m2", "m1", "m3"]
    assert list(samples["label"]) == [0, 0, 1, 1]
    assert set(samples["source"]) == {"extra"}
    assert set(samples["extra"]) == {"generated"}
    assert samples["images"][0] == ("data/made/cat/m0.png",)
    assert samples["group"].isna().all()


def test_a_table_is_read_as_that_of_train_and_needs_neither_groups_nor_every_class(
    write: Callable, tmp_path: Path
) -> None:
    competition = write(
        '    other: {table: data/other.csv, id: file, images: "data/made/dog/{file}", label: what}'
    )
    (tmp_path / "data/other.csv").write_text("file,what,owner\nm1.png,dog,o77\nm3.png,dog,\n")
    samples = load_extra(competition, "other")
    assert list(samples["label"]) == [1, 1]
    assert list(samples["group"]) == ["o77", None]


def test_files_of_an_extra_pattern_are_not_train(tmp_path: Path) -> None:
    for number, folder in enumerate(("cat", "dog")):
        for i in range(3):
            save(tmp_path / f"data/{folder}/{folder}{i}.png", 10 * number + i)
        save(tmp_path / f"data/{folder}/made_{folder}.png", 50 + number)
    save(tmp_path / "test/1.png", 90)
    (tmp_path / "competition.yaml").write_text(
        "name: x\ntasks: {classify: multiclass}\nclasses: [cat, dog]\ndata:\n"
        '  train: {images: "data/{class}/*.png"}\n  test: {images: "test/*.png"}\n'
        '  extra: {made: {images: "data/{class}/made_*.png"}}\nmetric: {name: accuracy}\n'
    )
    competition = load_competition(tmp_path)
    assert list(load_extra(competition, "made")["id"]) == ["made_cat", "made_dog"]
    assert len(load_samples(competition, "train")) == 6
    assert not load_samples(competition, "train")["id"].str.startswith("made").any()


def test_masks_are_read_by_the_conventions_of_their_source(tmp_path: Path) -> None:
    for number in range(4):
        save(tmp_path / f"data/images/{number}.png", number)
        save(tmp_path / f"made/{number}.png", 10 + number)
        mask = np.zeros((48, 48), dtype=np.uint8)
        mask[:4] = 7
        for folder, value in (("data/masks", 1), ("made/masks", 7)):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.where(mask == 7, value, 0).astype(np.uint8)).save(
                tmp_path / f"{folder}/{number}.png"
            )
    (tmp_path / "competition.yaml").write_text(
        "name: x\ntasks: {segment: binary}\ndata:\n"
        '  train: {images: "data/images/*.png", mask: "data/masks/{id}.png"}\n'
        '  test: {images: "data/images/*.png", id: "t{stem}"}\n'
        '  extra: {made: {images: "made/*.png", mask: "made/masks/{id}.png",'
        " mask_values: {0: background, 7: foreground}}}\nmetric: {name: mean_dice}\n"
    )
    competition = load_competition(tmp_path)
    samples = load_extra(competition, "made")
    mask = read_mask(samples["mask"][0], as_train(competition, "made"), (48, 48))
    assert mask.sum() == 4 * 48
    with pytest.raises(DataError, match="mean nothing: 7"):
        read_mask(samples["mask"][0], competition, (48, 48))
    assert "4 of 4 images" in findings(competition)["extra made: masks"].detail


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ('    made: {images: "data/made/*/*.png"}', "made has nothing to train on"),
        (
            '    made: {images: "data/made/*/*.png", mask: "{id}"}',
            "made has nothing to train on",
        ),
        ('    a b: {images: "data/made/{class}/*.png"}', "letters, digits"),
    ],
)
def test_a_source_without_labels_is_refused(write: Callable, extra: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        write(extra)


def test_errors_name_the_source(write: Callable, tmp_path: Path) -> None:
    competition = write()
    save(tmp_path / "data/made/zebra/1.png", 9)
    with pytest.raises(DataError, match="unknown class: 'zebra'") as caught:
        load_extra(competition, "generated")
    assert caught.value.where == "data.extra.generated"
    with pytest.raises(DataError, match="no extra source 'made'") as caught:
        load_extra(competition, "made")
    assert caught.value.fix == "choose one of generated"
    with pytest.raises(DataError, match="no column 'breed'"):
        load_extra(write('    made: {images: "data/made/{label}/*.png", label: breed}'), "made")


def test_a_sample_without_a_label_is_refused(write: Callable, tmp_path: Path) -> None:
    competition = write(
        '    other: {table: data/other.csv, id: id, images: "data/made/dog/{id}.png", label: what}'
    )
    (tmp_path / "data/other.csv").write_text("id,what\nm1,dog\nm3,\n")
    with pytest.raises(DataError, match=r"1 row has no label: '' \(line 3\)"):
        load_extra(competition, "other")


def test_the_check_counts_and_reads_the_sources(write: Callable, tmp_path: Path) -> None:
    competition = write()
    found = findings(competition)
    assert found["extra generated: labels"].detail == "4 images: cat 2, dog 2"
    assert found["sizes of extra generated"].detail.startswith("4 images")
    assert not [one for one in found.values() if one.level != "note"]
    (tmp_path / "data/made/cat/m0.png").write_bytes(b"no image")
    found = findings(competition)
    assert found["images that cannot be read"].items == ("data/made/cat/m0.png",)
    save(tmp_path / "data/made/zebra/1.png", 9)
    found = findings(competition)
    assert "'zebra'" in found["extra generated cannot be read"].detail
    assert found["extra generated cannot be read"].level == "error"


def test_the_check_warns_of_pictures_of_train_and_test(write: Callable, tmp_path: Path) -> None:
    competition = write()
    for name, source in (("m8", "data/train/4"), ("m9", "data/test/t1")):
        (tmp_path / f"data/made/cat/{name}.png").write_bytes(
            (tmp_path / f"{source}.png").read_bytes()
        )
    found = findings(competition)
    train = found["identical images in train and an extra source"]
    assert train.level == "warning"
    assert train.items == ("data/train/4.png = data/made/cat/m8.png",)
    test = found["identical images in test and an extra source"]
    assert test.level == "warning"
    assert test.items == ("data/test/t1.png = data/made/cat/m9.png",)
    assert "identical images within one part" not in found


def test_the_check_warns_of_groups_and_ids_of_train(write: Callable, tmp_path: Path) -> None:
    competition = write(
        '    other: {table: data/other.csv, id: id, images: "data/made/{path}", label: what}'
    )
    rows = ["m0,cat/m0.png,cat,o3", "7,dog/m1.png,dog,", "m3,dog/m3.png,dog,o99"]
    (tmp_path / "data/other.csv").write_text("id,path,what,owner\n" + "\n".join(rows) + "\n")
    found = findings(competition)
    assert found["extra other: groups that train has, too"].items == ("o3",)
    assert found["extra other: ids that train has, too"].items == ("7",)
