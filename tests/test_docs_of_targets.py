"""The examples of docs/targets.md are read, and its tables say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from podium.competition.spec import load_competition
from podium.predictions.decisions.labels import default_steps
from podium.submissions.format.spec import format_of
from podium.tasks.protocols.find import image_kind, kind_names
from podium.tasks.protocols.names import IMAGES
from podium.training.ordinal_links import DEFAULT_LINK, Link
from podium.training.recipe import Recipe

TEXT = (Path(__file__).resolve().parents[1] / "docs/targets.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)
SHOWN = [text for text in BLOCKS if text.startswith("name:")]
RECIPES = [text for text in BLOCKS if text not in SHOWN]


@pytest.mark.parametrize("text", SHOWN, ids=lambda text: text.split()[1])
def test_an_example_is_a_competition_with_a_format(text: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/train.csv").write_text("Image,Id\na.jpg,w_1\nb.jpg,w_2\nc.jpg,new_whale\n")
    (tmp_path / "competition.yaml").write_text(text)
    competition = load_competition(tmp_path)
    assert format_of(competition).header == list(competition.submission.columns)
    assert competition.scores_units == ("unit:" in text)


def test_the_recipes_can_be_read() -> None:
    assert [Recipe.model_validate(yaml.safe_load(text)).predict.embeddings for text in RECIPES] == [
        True
    ]


def test_the_table_of_links_has_their_losses() -> None:
    rows = re.findall(
        r"^\| `(\w+)`(, the default)? \|.*?\| `(\w+)` \(default\)", TEXT, re.MULTILINE
    )
    assert {name: (loss, bool(default)) for name, default, loss in rows} == {
        name: (next(iter(Link(name, 5).kind.usual_loss)), name == DEFAULT_LINK)
        for name in ("classes", "regression", "cumulative")
    }


def test_the_table_of_kinds_has_every_kind_and_its_plain_decision() -> None:
    words = {"argmax": "the most probable", "round": "rounding", "threshold": "0.5"}
    table = TEXT[TEXT.index("| `tasks: {classify") : TEXT.index("\n\nMasks are")]
    rows = re.findall(r"^\| `(\w+)` \|.*?\|.*?\| (.*?) \| .*? \|$", table, re.MULTILINE)
    assert sorted(kind for kind, _ in rows) == list(kind_names(IMAGES))
    for kind, plain in rows:
        steps = default_steps(kind)
        if not steps and image_kind(kind).is_single:
            assert plain == "–"
        elif steps:
            name = next(iter(steps[0]))
            assert plain == words.get(name, plain)
