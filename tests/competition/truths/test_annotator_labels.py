"""Annotations as text: read back unchanged, near misses named, and kept line by line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.competition.spec import Competition
from podium.competition.truths.annotations_file import Annotation, add_annotations, read_annotations
from podium.competition.truths.annotator_labels import (
    NO_CLASSES,
    class_separator,
    format_label,
    parse_label,
)
from podium.errors import DataError
from podium.workspace.layout import Workspace

METRICS = {"regression": "rmse", "multilabel": "macro_f1"}


def competition(kind: str, classes: tuple[str, ...] = (), **more: object) -> Competition:
    document = {
        "name": "made",
        "tasks": {"classify": kind},
        "classes": list(classes),
        "data": {"train": {"table": "t.csv", "id": "id", "images": "{id}.png", "label": "label"}},
        "metric": {"name": METRICS.get(kind, "accuracy")},
        **more,
    }
    return Competition.model_validate(document)


@pytest.mark.parametrize(
    ("kind", "classes", "labels"),
    [
        ("multiclass", ("a b", "c,d", '"'), {"a b": 0, "c,d": 1, '"': 2}),
        ("binary", (), {"0": 0, "1": 1}),
        ("binary", ("no", "yes"), {"no": 0, "yes": 1}),
        ("ordinal", ("bad", "fair", "good"), {"bad": 0, "good": 2}),
        ("regression", (), {"0.25": 0.25, "-3": -3.0, "1e+20": 1e20}),
    ],
)
def test_labels_survive_the_round_trip_through_text(
    kind: str, classes: tuple[str, ...], labels: dict[str, float]
) -> None:
    made = competition(kind, classes)
    for text, label in labels.items():
        assert parse_label(made, text) == label
        assert format_label(made, label) == text


@given(st.lists(st.booleans(), min_size=4, max_size=4))
def test_several_labels_in_one_cell(label: list[bool]) -> None:
    for classes in (("a", "b", "c", "d"), ("a b", "c|d", "e", "f;g"), ("a b\t|;/x", "c", "d", "e")):
        made = competition("multilabel", classes)
        assert not any(class_separator(made) in name for name in classes)
        text = format_label(made, label)
        assert text != ""
        assert (text == NO_CLASSES) == (not any(label))
        assert parse_label(made, text).tolist() == label
        assert parse_label(made, text).dtype == np.uint8


def test_an_unknown_label_is_refused_with_similar_names() -> None:
    made = competition("multiclass", ("retriever", "poodle"))
    with pytest.raises(DataError, match="no class 'Retreiver'") as caught:
        parse_label(made, "Retreiver")
    assert caught.value.fix == "did you mean retriever?"
    with pytest.raises(DataError) as caught:
        parse_label(made, "fish")
    assert caught.value.fix == "the classes are 'retriever', 'poodle'"
    several = competition("multilabel", ("retriever", "poodle"))
    with pytest.raises(DataError, match="no class 'pudel' in 'retriever pudel'"):
        parse_label(several, "retriever pudel")
    for text in ("two", "nan", "inf"):
        with pytest.raises(DataError, match="is no number"):
            parse_label(competition("regression"), text)


def test_none_of_the_classes_is_a_valid_label(tmp_path: Path) -> None:
    made = competition("multiclass", ("a", "b"), open_set="new")
    assert parse_label(made, "new") == -1
    assert format_label(made, -1) == "new"


def test_the_last_line_counts_and_a_cut_one_harms_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert read_annotations(workspace) == {}
    first = Annotation("x", "sha", "a", "label-r-1", "eva", "now")
    add_annotations(workspace, [first, Annotation("y", "sha", "b", "", "eva", "now")])
    file = workspace.labels / "answers.jsonl"
    with file.open("a") as stream:
        stream.write('{"id": "y", "ima')
    again = Annotation("x", "sha", "b", "", "adam", "later")
    add_annotations(workspace, [again])
    assert list(read_annotations(workspace).values()) == [
        again,
        Annotation("y", "sha", "b", "", "eva", "now"),
    ]
    with file.open("a") as stream:
        stream.write('{"id": "z"}\n')
    with pytest.raises(DataError, match="a line is no answer"):
        read_annotations(workspace)
