"""A recipe that is not there is refused with what to do."""

from __future__ import annotations

import pytest

from podium.errors import UsageError
from podium.training.starters import read_starter
from podium.workflows.training import find_recipe
from podium.workspace.layout import Workspace


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("basline", "did you mean baseline?"),
        ("simclr", "choose one of baseline, strong, or write recipes/simclr.yaml"),
        ("recipes/student.yaml", "choose one of baseline, strong, or write recipes/student.yaml"),
        ("few", "did you mean suggested-few?"),
        ("frozen", "podium recipes print frozen > recipes/frozen.yaml writes it"),
        (
            "suggested-slow",
            "podium recipes print suggested-slow > recipes/suggested-slow.yaml writes it",
        ),
    ],
)
def test_a_missing_recipe_is_refused_with_near_ones_or_the_file_to_write(tmp_path, name, fix):
    workspace = Workspace(tmp_path)
    workspace.recipes.mkdir()
    for known in ("baseline", "strong", *(["suggested-few"] if "few" in fix else [])):
        (workspace.recipes / f"{known}.yaml").write_text("phases: []\n")
    with pytest.raises(UsageError, match=f"there is no recipe '{name}'") as caught:
        find_recipe(workspace, name)
    assert caught.value.fix == fix
    assert ("leaves out what does not fit into its --time" in str(caught.value)) == (
        name == "suggested-slow"
    )


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("smal", "small"),
        ("wide", "wide"),
        ("w", None),
        ("large", None),
        ("", None),
        ("frozen", None),
        ("recipes/smal", None),
    ],
)
def test_the_beginning_of_one_recipes_name_is_taken_and_told_as_that_of_an_id(
    tmp_path, name, found
):
    told = []
    workspace = Workspace(tmp_path, tell=told.append)
    workspace.recipes.mkdir()
    for known in ("small", "wide", "wider", "frozen-2"):
        (workspace.recipes / f"{known}.yaml").write_text("phases: []\n")
    if found is None:
        with pytest.raises(UsageError, match="there is no recipe"):
            find_recipe(workspace, name)
    else:
        assert find_recipe(workspace, name).stem == found
    is_beginning = found not in (None, name)
    assert told == ["smal is taken for small, the only recipe that begins so"] * is_beginning


MASKS = """
name: sea
tasks: {segment: binary}
data:
  train: {images: "train/*.png", mask: "masks/{id}.png"}
  test: {images: "test/*.png"}
metric: {name: mean_dice}
submission: {columns: {id: id, rle: rle}, value: rle}
"""


@pytest.mark.parametrize("known", ["segment", None])
def test_a_starter_of_other_answers_is_refused_with_one_that_fits(tmp_path, known):
    workspace = Workspace(tmp_path)
    workspace.recipes.mkdir()
    (tmp_path / "competition.yaml").write_text(MASKS)
    if known is not None:
        (workspace.recipes / f"{known}.yaml").write_text(read_starter(known))
    with pytest.raises(UsageError, match=r"baseline predicts labels, and .* has masks") as caught:
        find_recipe(workspace, "baseline")
    fix = "podium recipes suggest --write" if known is None else "podium train segment"
    assert caught.value.fix == fix
    with pytest.raises(UsageError) as caught:
        find_recipe(workspace, "segment-2" if known else "segment")
    assert "predicts" not in caught.value.message
