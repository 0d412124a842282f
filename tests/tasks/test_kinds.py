"""Every kind of task, by the name of its folder: its facts agree, and its parts are there."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from itertools import combinations

import pytest

from podium.errors import DataError
from podium.predictions.decisions.kinds import decisions_of
from podium.tasks.protocols.find import find_kind, find_part, image_kind, kind_names
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName

TASKS: tuple[TaskName, ...] = (IMAGES, PIXELS)
EVERY = [find_kind(task, name) for task in TASKS for name in kind_names(task)]
KINDS = pytest.mark.parametrize("kind", EVERY, ids=lambda kind: f"{kind.task}-{kind}")
FORMS = ("is_exclusive", "is_yes_no", "is_by_class", "is_ordered", "is_continuous", "finds_objects")


@KINDS
def test_kind_has_one_output_form(kind: Kind) -> None:
    assert sum(getattr(kind, form) for form in FORMS) == 1
    assert kind.description
    assert kind.usual_metric
    assert not (kind.needs_classes and kind.refuses_classes)


@KINDS
def test_kind_with_decisions_describes_its_plain_decision(kind: Kind) -> None:
    # Of several outputs the most probable class of each is one, with nothing to tune.
    is_decided = kind.is_of_pixels or kind.is_by_output or bool(decisions_of(kind).plain)
    assert bool(kind.plain_decision) == is_decided
    if kind == "multiclass" and not kind.is_of_pixels:
        assert kind.plain_decision == "an image has its most probable class"


def test_no_two_kinds_of_a_task_have_the_same_facts() -> None:
    in_words = {"name", "description", "cell", "usual_metric", "usual_loss"}
    for one, other in combinations(EVERY, 2):
        facts = [
            {name: vars(kind)[name] for name in vars(kind).keys() - in_words}
            for kind in (one, other)
        ]
        assert facts[0] != facts[1], (one, other)


@KINDS
def test_a_kind_is_its_name_where_it_is_written(kind: Kind) -> None:
    assert json.dumps({"kind": kind}) == json.dumps({"kind": str(kind)})
    assert {kind: 1}[str(kind)] == 1  # type: ignore[index]


@KINDS
def test_a_kind_is_one_object_in_a_process(kind: Kind) -> None:
    assert pickle.loads(pickle.dumps(kind)) is kind
    assert copy.deepcopy(kind) is kind
    assert find_kind(kind.task, str(kind)) is kind


@KINDS
def test_networks_learn_a_kind_that_has_outputs(kind: Kind) -> None:
    if kind.trained_as is not None:
        for name in kind.trained_as:
            assert find_part(find_kind(kind.task, name), "outputs")
    elif not kind.is_ordered:  # ratings are learnt as their link says
        assert callable(find_part(kind, "outputs").activate)
        assert kind.n_outputs(3) >= 1


@pytest.mark.parametrize("name", kind_names(IMAGES))
@pytest.mark.parametrize("stage", ["targets", "decisions", "imports", "report", "blending"])
def test_every_stage_finds_its_part(name: str, stage: str) -> None:
    assert find_part(image_kind(name), stage).__doc__


def test_a_part_of_one_task_is_not_that_of_the_other() -> None:
    one, other = (find_part(find_kind(task, "binary"), "outputs") for task in TASKS)
    assert one is not other


def test_an_unknown_kind_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(DataError, match="no kind 'ordnal' of classify") as caught:
        image_kind("ordnal")
    assert "ordinal" in str(caught.value.fix)


def test_a_misspelt_fact_is_refused() -> None:
    with pytest.raises(TypeError, match="is_circluar"):
        Kind("compass", IMAGES, is_circluar=True)


def test_kinds_load_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from podium.tasks.protocols.find import find_kind, kind_names\n"
        "for task in ('classify', 'segment'):\n"
        "    for name in kind_names(task):\n"
        "        find_kind(task, name)\n"
        "print(sorted({'torch', 'numba', 'pandas', 'numpy', 'pydantic'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
