"""Records at any depth of JSON, YAML, XML, SQLite are rows of tables; lists are tables each."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from podium.competition.infer.conversions.tables.records.record_files import content_of
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.errors import DataError

N_TRAIN, N_ALL = 20, 27
NAMES = [f"specimen-{n:03}.png" for n in range(N_ALL)]
LABELS = {name: ("moss", "fern", "lichen")[n % 3] for n, name in enumerate(NAMES[:N_TRAIN])}


def as_json(data: Path, content: Any) -> None:
    (data / "records.json").write_text(json.dumps(content), encoding="utf-8")


def competition(
    root: Path,
    content: Any,
    write: Callable[[Path, Any], None] = as_json,
    *,
    sent: str = "moss",
    classes: Sequence[str] = ("fern", "lichen", "moss"),
) -> dict[str, str]:
    """Write a competition with such records; return the labels of train as podium reads them."""
    rng = np.random.default_rng(3)
    data = root / "data"
    for n, name in enumerate(NAMES):
        file = data / ("photos" if n < N_TRAIN else "later") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(file)
    rows = [f"{name},{sent}" for name in NAMES[N_TRAIN:]]
    text = "\n".join(["file,kind", *rows]) + "\n"
    (data / "sample_submission.csv").write_text(text, encoding="utf-8")
    write(data, content)
    found = infer(data, root).competition
    assert found.classes is not None
    assert sorted(found.classes) == sorted(classes)
    assert len(load_samples(found, "test")) == N_ALL - N_TRAIN
    train = load_samples(found, "train")
    labels = [found.classes[int(label)] for label in train["label"]]
    return dict(zip(map(str, train["id"]), labels, strict=True))


def deep(name: str, label: str) -> dict[str, Any]:
    return {"asset": {"file": {"name": name, "bytes": 90}}, "review": [{"kind": label}]}


CONTENTS: dict[str, Any] = {
    "records in records": {"version": 2, "records": [deep(*one) for one in LABELS.items()]},
    "records in a list of records": [deep(*one) for one in LABELS.items()],
    "labels by image, below": {"meta": {"by": "x"}, "labels": {"train": LABELS}},
    "records by image, below": {
        "export": {name: {"kind": label, "seen": 1} for name, label in LABELS.items()},
        "version": 2,
    },
    "a list for each part": {
        "train": [{"file": name, "kind": label} for name, label in LABELS.items()],
        "test": [{"file": name} for name in NAMES[N_TRAIN:]],
    },
}


def on_another_machine(way: str) -> dict[str, Any]:
    """Return records below one key, whose files are spelt as their author's machine has them."""
    return {"notes": [{"path": way.format(name), "kind": one} for name, one in LABELS.items()]}


@pytest.mark.parametrize("way", ["photos\\{}", "C:\\work\\photos\\{}", "/home/ann/photos/{}"])
def test_records_may_have_paths_of_another_machine(way: str, tmp_path: Path) -> None:
    content = on_another_machine(way)
    found = competition(tmp_path, content)
    assert found == {way.format(name): label for name, label in LABELS.items()}


@pytest.mark.parametrize("name", CONTENTS)
def test_records_that_name_images_are_found_at_any_depth(name: str, tmp_path: Path) -> None:
    assert competition(tmp_path, CONTENTS[name]) == LABELS


def test_numbers_of_classes_are_named_by_another_list(tmp_path: Path) -> None:
    kinds = ["moss", "fern", "lichen"]
    content = {
        "kinds": [{"id": n + 10, "name": one} for n, one in enumerate(kinds)],
        "images": [
            {"file": name, "kind_id": kinds.index(label) + 10} for name, label in LABELS.items()
        ],
    }
    assert competition(tmp_path, content) == LABELS
    table = pd.read_csv(tmp_path / "made/tables/records_kinds.csv")
    assert list(table["name"]) == kinds


KINDS = {"moss": 12, "fern": 3, "lichen": 40}
KEYS = {
    "as COCO has them": ("id", "image_id", "category_id", "id", "name"),
    "as in annotations": ("image_id", "image_id", "category_id", "category_id", "scientificName"),
    "in one word": ("imageId", "imageId", "labelId", "labelId", "name"),
    "of photographs": ("key", "photo", "class_id", "number", "called"),
}


def annotated(keys: Sequence[str], *, categories: bool = True) -> dict[str, Any]:
    """Return images, annotations and categories whose keys are called so."""
    of_image, link, label, number, name = keys
    images = [{of_image: 70 + n, "file_name": one} for n, one in enumerate(LABELS)]
    # Numbers of the annotations, which are those of images by chance.
    notes = [
        {"id": 70 + n, "genus_id": n % 2, label: KINDS[one], link: str(89 - n)}
        for n, one in enumerate(reversed(LABELS.values()))
    ]
    kinds = [{number: one, "family": "x", name: word} for word, one in KINDS.items()]
    rest = {"labels" if label == "labelId" else "categories": kinds} if categories else {}
    return {"images": images, "annotations": notes, **rest}


@pytest.mark.parametrize("keys", KEYS)
def test_annotations_are_joined_by_the_keys_whose_values_match(keys: str, tmp_path: Path) -> None:
    assert competition(tmp_path, annotated(KEYS[keys])) == LABELS


@pytest.mark.parametrize("keys", KEYS)
@pytest.mark.parametrize("categories", [True, False], ids=["named", "without names"])
def test_categories_are_numbers_where_the_sample_has_theirs(
    keys: str, categories: bool, tmp_path: Path
) -> None:
    content = annotated(KEYS[keys], categories=categories)
    numbers: Mapping[str, str] = {name: str(KINDS[one]) for name, one in LABELS.items()}
    found = competition(tmp_path, content, sent="12", classes=["12", "3", "40"])
    assert found == numbers


def test_annotations_of_no_image_of_the_list_give_no_labels(tmp_path: Path) -> None:
    content = annotated(KEYS["as COCO has them"])
    content["annotations"] = [{**one, "image_id": "x", "id": "y"} for one in content["annotations"]]
    with pytest.raises(DataError, match="no labels") as caught:
        competition(tmp_path, content)
    assert caught.value.fix


CODES = {name: [204, 103, 411][: n % 4] for n, name in enumerate(NAMES[:N_TRAIN])}
"""Up to three tags of each image of train; of every fourth none."""


def tagged(data: Path, content: Any) -> None:
    """Write photographs, the records, and a table that names those to predict alone."""
    for n, name in enumerate(NAMES):
        file = data / ("photos/train" if n < N_TRAIN else "photos/test") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(n).integers(0, 255, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(file)
    rows = [f"Q{n},photos/test/{name}" for n, name in enumerate(NAMES[N_TRAIN:])]
    (data / "test_index.csv").write_text("\n".join(["photo_id,file", *rows, ""]))
    rows = [f"Q{n},204 411" for n in range(N_ALL - N_TRAIN)]
    (data / "sample_submission.csv").write_text("\n".join(["photo_id,tags", *rows, ""]))
    (data / "tag_list.csv").write_text("tag_code,tag_name\n103,plum\n204,crate\n411,lamp\n")
    as_json(data, content)


@pytest.mark.parametrize("wrapped", [True, False], ids=["in an object", "a list"])
@pytest.mark.parametrize("key", ["tags", "tag_codes"])
@pytest.mark.parametrize("bare", [True, False], ids=["names", "files"])
def test_records_of_train_are_read_beside_a_table_of_images_to_predict(
    bare: bool, key: str, wrapped: bool, tmp_path: Path
) -> None:
    rows = [
        {"photo": Path(name).stem if bare else name, "taken": f"2023-05-{10 + n}", key: tags}
        for n, (name, tags) in enumerate(CODES.items())
    ]
    tagged(tmp_path / "data", {"version": "1.1", "n": N_TRAIN, "photos": rows} if wrapped else rows)
    found = infer(tmp_path / "data", tmp_path).competition
    assert found.tasks == {"classify": "multilabel"}
    assert found.classes == ["103", "204", "411"]
    test, train = load_samples(found, "test"), load_samples(found, "train")
    assert [Path(paths[0]).name for paths in test["images"]] == NAMES[N_TRAIN:]
    assert list(test["id"]) == [f"Q{n}" for n in range(N_ALL - N_TRAIN)]
    for paths, row in zip(train["images"], train["label"], strict=True):
        tags = {found.classes[place] for place in np.flatnonzero(row)}
        assert tags == {str(one) for one in CODES[Path(paths[0]).name]}
    assert len(train) == N_TRAIN


def test_the_refusal_names_the_reason_of_unused_records_and_a_fix_that_works(
    tmp_path: Path,
) -> None:
    rows = [{"photo": name, "codes": tags} for name, tags in CODES.items() if tags]
    data = tmp_path / "data"
    tagged(data, [{**one, "photo": f"?{n}"} for n, one in enumerate(rows)])
    with pytest.raises(DataError, match=r"no field of the records in records.json names an image"):
        infer(data, tmp_path)
    as_json(data, {"versions": [1, 2]})
    with pytest.raises(DataError, match=r"records.json has no list of records"):
        infer(data, tmp_path)
    (data / "records.json").write_text("[{")
    with pytest.raises(DataError, match=r"records.json cannot be read"):
        infer(data, tmp_path)
    as_json(data, rows)
    (data / "train_files.csv").write_text("\n".join(["file", *CODES, ""]))
    with pytest.raises(DataError, match=r"train_files.csv names the images of train") as caught:
        infer(data, tmp_path)
    assert "train_labels.csv: a row an image" in str(caught.value.fix)
    lines = [f"{one['photo']},{';'.join(map(str, one['codes']))}" for one in rows]
    (data / "train_labels.csv").write_text("\n".join(["file,labels", *lines, ""]))
    found = infer(data, tmp_path).competition
    assert found.classes == ["103", "204", "411"]


@pytest.mark.parametrize("content", [{"annotations": [1, 2], "images": [{"a": 1}]}, [], {}, 7])
def test_a_json_of_something_else_is_left_alone(content: Any, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n, label in enumerate("abcabcabc"):
        file = data / "train" / label / f"{n}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(n).integers(0, 255, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(file)
    (data / "notes.json").write_text(json.dumps(content), encoding="utf-8")
    assert infer(data, tmp_path, has_test=False).competition.classes == ["a", "b", "c"]


def as_yaml(data: Path, content: Any) -> None:
    text = yaml.safe_dump(content, allow_unicode=True)
    (data / "records.yaml").write_text(text, encoding="utf-8")


def as_xml(data: Path, content: Any) -> None:
    """Write the kind as an attribute, and the name of the file as an element."""
    rows = [f'<item kind="{one["kind"]}"><file>{one["file"]}</file></item>' for one in content]
    text = f"<?xml version='1.0'?><study><by>x</by><items>{''.join(rows)}</items></study>"
    (data / "records.xml").write_text(text, encoding="utf-8")


def as_database(data: Path, content: Any) -> None:
    """Write two tables: kinds by number, and images with these numbers."""
    kinds = sorted({one["kind"] for one in content})
    with closing(sqlite3.connect(data / "records.sqlite")) as database, database:
        database.execute("CREATE TABLE kinds (id INTEGER, name TEXT)")
        database.execute("CREATE TABLE pictures (file TEXT, kind_id INTEGER, thumb BLOB)")
        database.executemany("INSERT INTO kinds VALUES (?, ?)", enumerate(kinds, start=1))
        rows = [(one["file"], kinds.index(one["kind"]) + 1, b"\x00") for one in content]
        database.executemany("INSERT INTO pictures VALUES (?, ?, ?)", rows)


@pytest.mark.parametrize("write", [as_json, as_yaml, as_xml, as_database])
def test_records_in_other_files_are_read_alike(
    write: Callable[[Path, Any], None], tmp_path: Path
) -> None:
    content = [{"file": name, "kind": label} for name, label in LABELS.items()]
    assert competition(tmp_path, content, write) == LABELS


@pytest.mark.parametrize("name", ["a.json", "a.yaml", "a.xml", "a.sqlite", "a.jsonl"])
def test_a_damaged_file_of_records_holds_nothing(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\xff<{[: SQLite format 3\x00")
    assert content_of(tmp_path / name) is None


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE x [<!ENTITY a 'lol'>"
        + "".join(
            f"<!ENTITY a{n} '{'&a;' if n == 1 else f'&a{n - 1};' * 10}'>" for n in range(1, 12)
        )
        + "]><x>&a11;</x>",
        "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/hostname'>]><x><y>&f;</y></x>",
    ],
    ids=["unfolds to a trillion letters", "another file"],
)
def test_entities_of_xml_are_not_unfolded(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(text)
    assert content_of(tmp_path / "a.xml") is None


@pytest.mark.parametrize("form", ["alone", "record"])
def test_a_sample_with_answers_by_their_ids_is_sent_so(form: str, tmp_path: Path) -> None:
    competition(tmp_path, LABELS)
    data = tmp_path / "data"
    (data / "sample_submission.csv").unlink()
    sent = {name: "moss" if form == "alone" else {"label": "moss"} for name in NAMES[N_TRAIN:]}
    (data / "sample_submission.json").write_text(json.dumps(sent), encoding="utf-8")
    spec = infer(data, tmp_path).competition
    assert spec.submission is not None
    assert spec.submission.file.by_id
    assert spec.submission.value == "name"
    assert len(load_samples(spec, "test")) == N_ALL - N_TRAIN


@pytest.mark.parametrize("with_view", [False, True])
def test_a_list_of_records_of_images_gives_each_image_the_fields_of_its_thing(
    with_view: bool, tmp_path: Path
) -> None:
    rng = np.random.default_rng(3)
    things: dict[str, list[dict[str, Any]]] = {"train": [], "test": []}
    for n in range(18):
        part, photos = ("train", "test")[n % 3 == 2], []
        for view in ("front", "side")[: 1 + n % 2]:
            name = f"img/{n:02}/{n:03}_{view}.png"
            (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "data" / name)
            photos.append({"file": name} | ({"view": view} if with_view else {}))
        label = {"period": ("early", "late")[n // 3 % 2]} if part == "train" else {}
        things[part].append({"object": f"MN-{n}", "photos": photos, **label})
    for part, rows in things.items():
        lines = "\n".join(map(json.dumps, rows))
        (tmp_path / f"data/objects_{part}.jsonl").write_text(lines + "\n", encoding="utf-8")
    sent = "".join(f"{one['object']},early\n" for one in things["test"])
    (tmp_path / "data/sample_submission.csv").write_text(f"object,period\n{sent}", encoding="utf-8")

    competition = infer(tmp_path / "data", tmp_path).competition

    train = load_samples(competition, "train")
    images = {one["object"]: len(one["photos"]) for one in things["train"]}
    assert dict(train["unit"].value_counts()) == images
    assert set(load_samples(competition, "test")["unit"]) == {x["object"] for x in things["test"]}


def test_files_of_one_name_in_several_folders_are_all_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    for n, name in enumerate(NAMES):
        file = tmp_path / "data" / ("photos" if n < N_TRAIN else "later") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(file)
    for folder, names in (("north", NAMES[:N_TRAIN:2]), ("south", NAMES[1:N_TRAIN:2])):
        (tmp_path / "data" / folder).mkdir()
        rows = [{"file": name, "kind": LABELS[name]} for name in names]
        as_json(tmp_path / "data" / folder, rows)
    rows = "".join(f"{name},moss\n" for name in NAMES[N_TRAIN:])
    (tmp_path / "data/sample_submission.csv").write_text(f"file,kind\n{rows}", encoding="utf-8")
    competition = infer(tmp_path / "data", tmp_path).competition
    train = load_samples(competition, "train")
    labels = {
        Path(one[0]).name: competition.classes[n]
        for one, n in zip(train["images"], train["label"], strict=True)
    }
    assert labels == LABELS
