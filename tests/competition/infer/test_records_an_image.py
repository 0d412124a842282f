"""A record in a file an image, XML or JSON: a row of a table of train, or of test."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put

N_TRAIN, N_ALL = 24, 32
MINERALS = ("gypsum", "halite", "pyrite")
Fields = Mapping[str, Any]


def _part(number: int) -> str:
    return "train" if number < N_TRAIN else "test"


def _xml(file: Path, fields: Fields) -> None:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    file.with_suffix(".xml").write_text(f"<?xml version='1.0'?>\n<Find>{inner}</Find>\n")


def _json(file: Path, fields: Fields) -> None:
    file.with_suffix(".json").write_text(json.dumps(fields))


def _finds(
    data: Path,
    write: Callable[[Path, Fields], None],
    record: Callable[[int], Fields],
    place: str = "{part}",
    images: str = "{part}",
) -> None:
    """Write an image and its record each: train to learn from, and test."""
    for number in range(N_ALL):
        part = _part(number)
        put(data / images.format(part=part) / f"{number * 7 + 3}.png", number)
        file = data / place.format(part=part) / f"{number * 7 + 3}"
        file.parent.mkdir(parents=True, exist_ok=True)
        write(file, record(number))


def _find(number: int) -> Fields:
    """Return what is known of a find; its mineral in train alone, before the other fields."""
    mineral = {"mineral": MINERALS[number * 5 % 3]} if number < N_TRAIN else {}
    return {"depth": number % 4, **mineral, "tray": f"tray {number % 3}"}


def _labels(found: Any) -> list[str]:
    """Return the labels of train in the order of the numbers that images are called."""
    train = load_samples(found, "train")
    stems = train["id"].map(lambda one: int(Path(one).stem))
    return [found.classes[int(one)] for one in train["label"][stems.sort_values().index]]


@pytest.mark.parametrize("write", [_xml, _json])
@pytest.mark.parametrize("place", ["{part}", "notes/{part}"])
def test_a_field_that_records_of_test_lack_is_the_label(
    write: Callable[[Path, Fields], None], place: str, tmp_path: Path
) -> None:
    _finds(tmp_path / "data", write, _find, place)
    found, _ = begin(tmp_path)
    text = (tmp_path / "competition.yaml").read_text()
    assert "label: mineral" in text
    assert _labels(found) == [MINERALS[n * 5 % 3] for n in range(N_TRAIN)]
    assert len(load_samples(found, "test")) == N_ALL - N_TRAIN


def test_several_fields_that_test_lacks_are_asked(tmp_path: Path) -> None:
    def record(number: int) -> Fields:
        more = {"lustre": ("dull", "silky")[number % 2]} if number < N_TRAIN else {}
        return {**_find(number), **more}

    _finds(tmp_path / "data", _xml, record)
    begin(tmp_path)
    text = (tmp_path / "competition.yaml").read_text()
    assert "to_choose: [data.train.label]" in text
    assert "label: mineral" in text
    assert "label: lustre" in text


def test_a_remark_of_few_images_is_not_predicted(tmp_path: Path) -> None:
    def record(number: int) -> Fields:
        return {**_find(N_TRAIN + number), **({"torn": "yes"} if number == 3 else {})}

    _finds(tmp_path / "data", _xml, record)
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)


def _shelf(number: int) -> Fields:
    """Return the things on a shelf, by codes of their own, and how many of these there are."""
    things = {f"K{number}{n}": {"maker": "x", "kg": {"value": n}} for n in range(number * 5 % 4)}
    return {"things": things, "thing_count": len(things)}


def test_a_count_beside_records_of_things_is_predicted(tmp_path: Path) -> None:
    _finds(tmp_path / "data", _json, _shelf, "notes", "photos")
    for number in range(4):
        put(tmp_path / f"data/test/{900 + number}.png", 90 + number)
    found, _ = begin(tmp_path)
    text = (tmp_path / "competition.yaml").read_text()
    assert "label: thing_count" in text
    assert "to_choose: [tasks]" in text  # whole numbers of few values may be names
    train = load_samples(found, "train")
    counted = {
        Path(one).stem: label for one, label in zip(train["id"], train["label"], strict=True)
    }
    assert counted == {str(n * 7 + 3): n * 5 % 4 for n in range(N_ALL)}


BESIDE: dict[str, Callable[[int], Fields]] = {
    "a size of the image": lambda n: {"things": _shelf(n)["things"], "width": 30 + n % 3},
    "two counts": lambda n: {**_shelf(n), "amount": n % 3},
    "a box": lambda n: {"count": n % 3, "box": {"x": n, "y": 3}},
    "boxes": lambda n: {"count": n % 3, "boxes": [[n, 3, 8, 9]]},
    "boxes of things": lambda n: {"count": n % 3, "things": {f"K{n}": {"box": [n, 3, 8, 9]}}},
}


@pytest.mark.parametrize("name", BESIDE)
def test_what_nothing_tells_to_be_the_answer_is_refused(name: str, tmp_path: Path) -> None:
    _finds(tmp_path / "data", _json, BESIDE[name], "notes", "photos")
    for number in range(4):
        put(tmp_path / f"data/test/{900 + number}.png", 90 + number)
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)


def test_a_named_field_of_records_is_predicted(tmp_path: Path) -> None:
    def record(number: int) -> Fields:
        return {"hour": number % 3, "mineral": MINERALS[number * 5 % 3], "tray": number % 4}

    _finds(tmp_path / "data", _xml, record, "notes", "photos")
    for number in range(4):
        put(tmp_path / f"data/test/{900 + number}.png", 90 + number)
    with pytest.raises(DataError, match=r"has the fields hour .*, mineral 'pyrite'") as error:
        begin(tmp_path)
    assert (error.value.fix or "").startswith("name the field to predict: --label FIELD")
    found, _ = begin(tmp_path, "mineral")
    assert _labels(found) == [MINERALS[n * 5 % 3] for n in range(N_ALL)]


def test_boxes_of_pascal_voc_are_no_records(tmp_path: Path) -> None:
    box = "".join(f"<{one}>{n}</{one}>" for n, one in enumerate(("xmin", "ymin", "xmax", "ymax")))

    def voc(file: Path, fields: Fields) -> None:
        name = f"<filename>{file.name}.png</filename>"
        thing = f"<object><name>{fields.get('mineral')}</name><bndbox>{box}</bndbox></object>"
        text = f"<annotation>{name}{thing if 'mineral' in fields else ''}</annotation>"
        file.with_suffix(".xml").write_text(text)

    _finds(tmp_path / "data", voc, _find)
    with pytest.raises(DataError, match="are boxes without outlines"):
        begin(tmp_path)
