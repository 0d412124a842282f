"""competition.yaml: invalid specs are refused with the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.spec import Competition, load_competition
from podium.errors import DataError

GOOD = """\
name: garments
tasks: {classify: multiclass}
classes: [coat, dress]
data:
  train: {table: train.csv, id: image_id, images: "train/{image_id}.png", label: class}
  test: {images: "test/*.png"}
metric: {name: log_loss, eps: 1e-15}
"""


def load(folder: Path, text: str) -> Competition:
    (folder / "competition.yaml").write_text(text, encoding="utf-8")
    return load_competition(folder)


def test_a_folder_or_its_file_gives_the_spec_with_its_root(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    spec = load_competition(tmp_path / "competition.yaml")
    assert spec == load_competition(tmp_path)
    assert spec.root == tmp_path.resolve()
    assert (spec.kind, spec.n_outputs) == ("multiclass", 2)
    assert spec.metric.options == {"eps": 1e-15}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("metric:", "metrics:", "competition.yaml:7"),
        ("multiclass}", "multiklass}", "competition.yaml:2"),
        ("[coat, dress]", "[coat]", "needs at least 2, got 1"),
        ("[coat, dress]", "[coat, coat]", "stand more than once"),
        ("[coat, dress]", "[true, false]", "write it in quotes"),
        (", label: class", "", "needs label"),
        ("id: image_id, ", "", "a table needs id"),
        ("label: class", 'label: class, label_sep: ""', "data.train.label_sep must"),
        ("label: class", "label: [a, b, c]", "names 3 columns for 2 classes"),
        ("table: train.csv, id: image_id, ", "", "a folder in the place of {class}"),
        ("metric:", "folds: {scheme: group}\nmetric:", "scheme group needs group"),
    ],
)
def test_a_wrong_spec_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in GOOD
    with pytest.raises(DataError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert message in str(caught.value)
    assert "competition.yaml" in str(caught.value)


def test_numbers_as_class_names_become_text(tmp_path: Path) -> None:
    load(tmp_path, GOOD.replace("[coat, dress]", "[0, 1, 10]"))
    assert load_competition(tmp_path).classes == ["0", "1", "10"]


def test_binary_has_two_classes_or_none_and_one_output(tmp_path: Path) -> None:
    binary = GOOD.replace("multiclass", "binary")
    load(tmp_path, binary)
    assert load_competition(tmp_path).n_outputs == 1
    load(tmp_path, binary.replace("[coat, dress]", "[]"))
    assert load_competition(tmp_path).classes == []
    with pytest.raises(DataError, match=r"none .* or two"):
        load(tmp_path, binary.replace("[coat, dress]", "[a, b, c]"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"competition\.yaml"):
        load_competition(tmp_path)


MASKED = """\
name: garments
tasks: {classify: multiclass, segment: multiclass}
classes: [coat, dress]
data:
  train:
    {table: train.csv, id: image_id, images: "train/{image_id}.png", label: class, mask: M}
  test: {images: "test/*.png"}
metric: {name: mean_dice}
"""


def test_a_competition_of_two_tasks_has_outputs_and_classes_of_each(tmp_path: Path) -> None:
    spec = load(tmp_path, MASKED)
    assert spec.scored_task == "segment"
    assert (spec.outputs("classify"), spec.outputs("segment")) == (2, 3)
    assert spec.classes_of("segment") == ["coat", "dress"]
    assert not spec.labels_from_masks
    binary = load(tmp_path, MASKED.replace("segment: multiclass", "segment: binary"))
    assert binary.outputs("segment") == 1
    assert binary.classes_of("segment") == []


def test_a_class_in_the_path_of_the_mask_alone_means_one_file_a_class(tmp_path: Path) -> None:
    by_class = MASKED.replace("mask: M", 'mask: "m/{class}/{id}.png"')
    assert load(tmp_path, by_class).masks_by_class
    both = by_class.replace('table: train.csv, id: image_id, images: "train/{image_id}', "TABLE")
    both = both.replace("TABLE", 'images: "train/{class}/*').replace(", label: class", "")
    assert not load(tmp_path, both).masks_by_class
    assert not load(
        tmp_path, by_class.replace("segment: multiclass", "segment: binary")
    ).masks_by_class


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({", mask: M": ""}, "data.train needs mask"),
        ({"mask: M": "mask: M, mask_values: {1: hat}"}, "no class 'hat'"),
        ({"mask: M": "mask: M, ignore: -1"}, "from 0, got -1"),
        ({"mask: M": "mask: M, mask_values: {red: coat}"}, "written as '#ff0000'"),
        ({"mask: M": 'mask: M, mask_values: {1: coat, "#0000ff": dress}'}, "not both"),
        ({"mask: M": 'mask: M, mask_values: {1: coat}, ignore: "#ffffff"'}, "beside numbers"),
        ({"mask: M": "mask: {table: m.csv, id: i, rle: r}"}, "data.train.mask needs label"),
        ({"segment: multiclass": "segment: regression"}, "segment is binary"),
        (
            {
                "segment: multiclass": "segment: binary",
                "mask: M": "mask: {table: m.csv, id: i, rle: r, label: c}",
            },
            "a binary mask has no classes",
        ),
        (
            {
                "classify: multiclass": "classify: multilabel",
                "segment: multiclass": "segment: binary",
                ", label: class": "",
            },
            "does not define which of the classes",
        ),
        ({"metric:": "frame: [0, 5]\nmetric:"}, "competition.yaml:8: frame"),
    ],
)
def test_invalid_masks_are_refused(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    text = MASKED
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(DataError) as caught:
        load(tmp_path, text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("values", "told", "fix"),
    [
        (
            '{"#000000": background, "#0040ff": background, "#ff0000": coat, "#00ff00": dress}',
            "'background' has the values '#000000' and '#0040ff', and a file has one",
            "remove '#000000' if no mask of train has it, else '#0040ff'",
        ),
        (
            "{0: background, 1: coat, 2: coat, 3: dress}",
            "'coat' has the values 1 and 2, and a file has one",
            "keep the one that the host asks for, and remove the others",
        ),
    ],
)
def test_the_error_of_a_name_with_two_values_shows_both(
    tmp_path: Path, values: str, told: str, fix: str
) -> None:
    sent = f"submission: {{file: {{kind: png, name: '{{id}}.png', mask_values: {values}}}}}\n"
    with pytest.raises(DataError) as caught:
        load(tmp_path, MASKED + sent)
    assert caught.value.message == f"submission.file.mask_values: {told}"
    assert caught.value.fix == fix
