"""Labels of every kind of images: one protocol, and `podium init` that asks it."""

import inspect

import numpy as np
import pandas as pd
import pytest

from podium.competition.infer.labels.columns import SampleHints, find_labels
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.sections.submission import value_names
from podium.competition.spec import Competition
from podium.competition.truths.targets import Targets, recognised_kind, targets_of
from podium.tasks.protocols.find import image_kind, kind_names
from podium.tasks.protocols.names import IMAGES

KINDS = kind_names(IMAGES)
ASKED = {name: one for name, one in vars(Targets).items() if inspect.isfunction(one)}
ASKED = {name: one for name, one in ASKED.items() if not name.startswith("_")}


@pytest.mark.parametrize("name", KINDS)
def test_kind_implements_every_function_of_the_protocol(name: str) -> None:
    kind = image_kind(name)
    assert kind.description
    assert kind.cell in value_names()
    part = targets_of(kind)
    assert len(ASKED) == 7
    for function, asked in ASKED.items():
        given = inspect.signature(getattr(part, function)).parameters
        assert [*given] == [*inspect.signature(asked).parameters][1:]


@pytest.mark.parametrize("name", [one for one in KINDS if not image_kind(one).is_by_output])
def test_the_text_of_a_label_is_read_as_that_label(name: str) -> None:
    kind = image_kind(name)
    classes = [] if kind.refuses_classes else ["led", "cat"]
    classes = ["0.1", "0.9"] if kind.is_by_level else classes
    spec = {
        "name": "a",
        "tasks": {IMAGES: name},
        "classes": classes,
        "data": {"train": {"table": "t.csv", "id": "id", "images": "{id}.png", "label": "label"}},
        "metric": {"name": kind.usual_metric},
    }
    competition = Competition.model_validate(spec)
    part = targets_of(kind)
    is_number = kind.refuses_classes or kind.is_by_level
    cells = ["7", "0"] if is_number else ["cat", "led"]
    cells = ["7 -1", "0.5 2"] if kind.is_by_column else cells
    problems: list[str] = []
    no_gap = np.zeros(2, dtype=bool)
    labels = part.read_cells(cells, competition, None, problems, no_gap)
    assert not problems
    for cell, label in zip(cells, labels, strict=True):
        assert part.format_label(competition, label) == cell
        assert np.array_equal(part.parse_label(competition, cell), label)
    truth = part.as_array(pd.Series([*labels, None], dtype=object), len(classes))
    assert np.array_equal(truth[:2], np.array(labels))
    assert np.isnan(truth[2]).all() if truth.dtype.kind == "f" else (truth[2] == -1).all()
    strata = part.strata(pd.DataFrame({"label": pd.Series(labels, dtype=object)}), classes)
    assert len(strata.codes) == 2


def test_a_kind_may_recognise_a_column_that_would_be_something_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = pd.DataFrame(
        {
            "id": [f"{n}.png" for n in range(40)],
            "tilt": [str(9 * n) for n in range(40)],
            "camera": ["a", "b"] * 20,
        }
    )

    def found() -> InferredLabels:
        labels = find_labels(table, ["id"], SampleHints())
        assert labels is not None
        return labels

    assert (found().kind, found().column) == ("binary", "camera")
    assert recognised_kind("tilt", table["tilt"]) is None

    def is_tilt(column: str, cells: "pd.Series[str]") -> bool:
        return column == "tilt" and bool(pd.to_numeric(cells).between(0, 360).all())

    monkeypatch.setattr(targets_of(image_kind("regression")), "recognises", is_tilt)
    assert recognised_kind("tilt", table["tilt"]) == "regression"
    assert (found().kind, found().column, found().classes) == ("regression", "tilt", [])
    assert "by its name" in found().why
    asked = find_labels(table, ["id"], SampleHints(["tilt"]))
    assert asked is not None
    assert asked.kind == "regression"
