"""`podium init` on made-up layouts is right, asks, or refuses: it is never certain and wrong.

The generator and the judge are `layouts`; `benchmarks/layouts.py` runs thousands and prints tables.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from layouts.drawing import draw_plane
from layouts.judging import find_faults, judge_layout, readings_of
from layouts.plan import LayoutPlan, plan_of
from layouts.runs import Codec
from layouts.writing import write_layout

from podium.codecs import coco, rle
from podium.competition.spec import Competition, load_competition

SEEDS = range(60)

Case = Callable[[LayoutPlan], bool]


def _case(seed: int) -> object:
    return pytest.param(seed, id=f"{seed}-{plan_of(seed).family}")


@pytest.mark.slow
@pytest.mark.other_cases("long", every=3)
@pytest.mark.parametrize("seed", [_case(seed) for seed in SEEDS])
def test_init_is_never_certain_and_wrong(tmp_path: Path, seed: int) -> None:
    outcome = judge_layout(write_layout(plan_of(seed), tmp_path / "data"))
    assert outcome.name != "wrong", "\n".join(map(str, outcome.faults))


MENDED = {
    60007: "a table of labels by patient, beside folders of images",
    60008: "relative runs of a sample",
    60050: "objects numbered in the ids of a sample that alone lists the test images",
    60075: "a flat folder, runs of several classes, and a test list in the sample",
    60077: "a row of each image and class, with probabilities of several labels",
    60123: "a list of names that ends with void, and masks whose highest value is it",
    60154: "columns of classes that begin alike behind a common word",
    60201: "the class in a column of a sample that alone lists the test images",
    60206: "objects numbered in the ids of a sample",
    60419: "lists of numbers, and no sample",
    60514: "a file a class in the folders of some images",
    60607: "a file a class below a folder of masks, classes with an underscore",
    70774: "folders of patients whose photographs are numbered alike in each",
    1070656: "ids of a path, an ending and a class",
    1070741: "a path and a class, and one placeholder in all rows",
    2000383: "numbers of a list of classes that are ends of names, too",
    2001960: "numbers of objects behind ids with zeros in front",
    2003086: "the same list of classes, and images without a mask",
    2501870: "numbers of objects that are names of images of train, too",
    3200925: "runs that begin with numbers of files",
    2301877: "a fixed number behind ids with zeros in front",
    24110501: "names of images that are numbers of classes, in folders of two keys",
    27330399: "grades that are numbers of images, in folders of a patient and a side",
}


@pytest.mark.parametrize("seed", MENDED)
def test_layouts_that_were_read_wrongly_or_refused_are_read(tmp_path: Path, seed: int) -> None:
    outcome = judge_layout(write_layout(plan_of(seed), tmp_path / "data"))
    # One of them has runs whose order nothing shows: it is asked, with the right one offered.
    assert outcome.name in ("right", "asked"), "\n".join(map(str, outcome.faults))


# The judge


def _right_layout(folder: Path, is_meant: Case) -> tuple[Competition, object]:
    """Return the inferred competition, and the truth, of the first meant layout that is right."""
    for seed in range(200):
        plan = plan_of(seed)
        if not is_meant(plan):
            continue
        data = folder / str(seed) / "data"
        truth = write_layout(plan, data)
        if judge_layout(truth).name == "right":
            return load_competition(data.parent), truth
    raise AssertionError("no such layout is right")


def _changed(competition: Competition, **changes: object) -> Competition:
    document = yaml.safe_load((competition.root / "competition.yaml").read_text())
    for path, value in changes.items():
        section = document
        *above, last = path.split("__")
        for name in above:
            section = section[name]
        section[last] = value
    document.pop("to_choose", None)
    return Competition.model_validate(document).at(competition.root)


@pytest.mark.parametrize(
    ("is_meant", "changes", "key"),
    [
        (
            lambda plan: plan.run_rows == "columns" and plan.codec == Codec()
            and plan.square == "no",
            {"data__train__mask_codec": {"base": 1, "order": "C"}},
            "data.train.mask_codec",
        ),
        (
            lambda plan: plan.run_rows == "columns" and plan.codec == Codec(),
            {"submission__rle": {"base": 0, "order": "F"}},
            "submission.rle",
        ),
        (
            lambda plan: plan.label_form == "column" and plan.label == "multiclass"
            and plan.sample_value == "class" and plan.family == "labels",
            {"submission__sample": None},
            None,
        ),
        (
            lambda plan: plan.tree == "parts" and plan.test_list == "folder"
            and plan.family == "labels" and plan.extension == "png",
            {"data__test": {"images": "data/train/*.png"}},
            "data.test",
        ),
    ],
)  # fmt: skip
def test_find_faults_reports_the_changed_key(
    tmp_path: Path, is_meant: Case, changes: dict[str, object], key: str | None
) -> None:
    competition, truth = _right_layout(tmp_path, is_meant)
    assert not list(find_faults(competition, truth))  # type: ignore[arg-type]
    faults = list(find_faults(_changed(competition, **changes), truth))  # type: ignore[arg-type]
    assert {one.key for one in faults} == ({key} if key else set())


def test_a_choice_that_stands_beside_its_key_is_read() -> None:
    text = """\
data:  # where
  train:
    mask: data/masks/{id}.png
    mask_values: {0: background, 1: cat}  # by order
    # or mask_values: {0: cat,
    #    1: dog}
    #    as the runs show
    # or mask_values: null
submission:
  value: name
  # or value: prob
"""
    assert readings_of(text) == {
        "data.train.mask_values": [{0: "cat", 1: "dog"}, None],
        "submission.value": ["prob"],
    }


# The generator


def test_a_layout_is_the_same_each_time(tmp_path: Path) -> None:
    for seed in range(5):
        files = []
        for run in ("first", "second"):
            data = tmp_path / run / str(seed)
            write_layout(plan_of(seed), data)
            files.append({one.relative_to(data): one.read_bytes() for one in data.rglob("*.*")})
        assert files[0] == files[1]


@pytest.mark.parametrize("order", ["F", "C"])
@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("relative", [False, True])
def test_texts_of_masks_are_those_of_the_codecs(order: str, base: int, relative: bool) -> None:
    random = np.random.default_rng(3)
    for size in ((17, 31), (24, 24), (33, 19)):
        plane = draw_plane(random, size) | draw_plane(random, size, "first")
        text = Codec(order, base, relative).encode(plane)
        options = {"order": order, "base": base, "relative": relative}
        np.testing.assert_array_equal(rle.decode(text, size, **options), plane)
        np.testing.assert_array_equal(Codec(order, base, relative).decode(text, size), plane)
        np.testing.assert_array_equal(coco.decode(Codec(coco=True).encode(plane), size), plane)
