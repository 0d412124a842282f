"""A blending method beside competition.yaml: found, in the blend's id, and told by its line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli.test_blend_auto import NAMES, opened, three_runs
from command_line import podium

from podium.ensembling import read_blend
from podium.ensembling.predicting import blend_probs
from podium.errors import RunError
from podium.predictions.store.reading import PredictionSet
from podium.workflows.blends.blending import blend_runs
from podium.workspace.extensions import refresh

OWN = """\
import numpy as np
from my_place import PLACE
from podium.ensembling.method import BlendMethod, Fitted


def _fit(members, objective, *, seed):
    return Fitted(Fitted.equal(len(members)).weights, {"place": PLACE})


def _combine(members, fitted):
    ordered = np.sort(np.stack(members), axis=0)[fitted.params["place"]]
    return (ordered / ordered.sum(axis=1, keepdims=True)).astype(np.float32)


METHOD = BlendMethod(_fit, combine=_combine, n_fitted=lambda n_members, n_outputs: 0)
"""


@pytest.fixture
def members(tmp_path: Path) -> list[str]:
    made = three_runs(tmp_path)
    (tmp_path / "my_way.py").write_text(OWN)
    (tmp_path / "my_place.py").write_text("PLACE = 1\n")
    return made


def test_it_is_found_there_and_the_code_that_it_imports_is_in_the_id(
    tmp_path: Path, members: list[str]
) -> None:
    workspace, competition = opened(tmp_path)

    def made() -> Path:
        refresh(tmp_path)
        return blend_runs(workspace, competition, members, method="my_way:METHOD", trials=2)

    first = made()
    blend, sets = read_blend(first)
    ids, probs = blend_probs(blend, sets, "oof")
    each = []
    for one in sets:
        oof = PredictionSet(one).oof("classify")
        each.append(oof.probs[[oof.ids.index(name) for name in ids]])
    middle = np.median(np.stack(each), axis=0)
    np.testing.assert_allclose(probs, middle / middle.sum(1, keepdims=True), rtol=1e-5)

    (tmp_path / "my_place.py").write_text("PLACE = 2\n")
    second = made()
    assert second != first
    with pytest.raises(RunError, match="my_way:METHOD is not what the blend was fitted with"):
        blend_probs(read_blend(first)[0], sets, "oof")
    blend_probs(read_blend(second)[0], sets, "oof")

    (tmp_path / "my_place.py").write_text("PLACE = 1\n")
    assert made() == first
    np.testing.assert_array_equal(blend_probs(read_blend(first)[0], sets, "oof")[1], probs)


@pytest.mark.slow
def test_auto_tries_it_and_json_holds_no_path_of_the_workspace(
    tmp_path: Path, members: list[str]
) -> None:
    printed = podium(
        tmp_path, "blend", *members, "--auto", "--methods", "mean,my_way:METHOD", "--trials", 2
    )
    assert "my_way:METHOD" in printed
    [folder] = (tmp_path / "blends").iterdir()
    found = json.loads(podium(tmp_path, "show", folder.name, "--json"))
    assert [one["method"] for one in found["choice"]["families"]] == ["mean", "my_way:METHOD"]
    assert "root" not in found
    assert str(tmp_path) not in (folder / "record.json").read_text()
    assert NAMES[0] in podium(tmp_path, "show", folder.name, "--members")


@pytest.mark.parametrize(
    ("line", "wrong", "message"),
    [
        ('["place"]]', '["plaice"]]', "KeyError: 'plaice'"),
        ('{"place": PLACE}', '{"place": np.ones(2)}', "params that JSON cannot keep"),
        ("Fitted.equal(len(members)).weights", "(0.5, 0.5)", "3 are needed"),
        ("return Fitted(", "return dict(params=0) or (", "fit returns a dict, not a Fitted"),
        (
            "    return (ordered",
            "    return ordered[:3]\n    (ordered",
            "combine returns the shape (3, 3)",
        ),
        ("    return (ordered", "    return ordered * np.nan\n    (ordered", "not finite"),
    ],
)
def test_mistakes_of_an_own_method_are_reported(
    line: str, wrong: str, message: str, tmp_path: Path, members: list[str]
) -> None:
    assert OWN.count(line) == 1
    file = tmp_path / "my_way.py"
    file.write_text(OWN.replace(line, wrong))
    workspace, competition = opened(tmp_path)
    with pytest.raises(RunError) as caught:
        blend_runs(workspace, competition, members, families=["mean", "my_way:METHOD"], trials=2)
    assert "the blending method my_way:METHOD fails: " in caught.value.message
    assert message in caught.value.message
    if message.startswith("KeyError"):
        number = next(n for n, text in enumerate(OWN.splitlines(), 1) if line in text)
        assert caught.value.where == f"my_way.py:{number}"
