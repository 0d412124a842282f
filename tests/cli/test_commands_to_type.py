"""Commands that podium shows, typed where it was called, reach the same workspace."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from miniatures import class_folders
from typer.testing import CliRunner

from podium.cli.app import app
from podium.cli.commands import COMMANDS

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
)
"""Calls that end well or with an error whose fix shows a command; none trains."""


def output(words: list[str], env: dict[str, str] | None = None) -> str:
    done = CliRunner().invoke(app, words, env=env or {})
    assert "unexpected" not in done.output
    return done.output


def commands_in(text: str) -> list[list[str]]:
    """Return the words of each command for a workspace; those for a host or a shell have none."""
    found = [shlex.split(one, posix=True) for one in SHOWN.findall(text)]
    return [one for one in found if not {"host", "doctor", "demo", "presets"} & set(one)]


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
