"""What `--help` prints of a command: paragraphs that a terminal of any width can fill."""

from __future__ import annotations

from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from podium.cli.app import app


def every_command(command: Any, name: str = "podium") -> list[tuple[str, Any]]:
    below = getattr(command, "commands", {})
    found = [one for key, each in below.items() for one in every_command(each, f"{name} {key}")]
    return found or [(name, command)]


COMMANDS = every_command(get_command(app))


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_no_line_of_the_source_ends_inside_a_paragraph(name: str, command: Any) -> None:
    paragraphs = command.help.split("\n\n")
    assert not any("\n" in one for one in paragraphs), name


@pytest.mark.parametrize(
    ("name", "words"), [("drift", "`podium check`"), ("progress", "`--json-lines`")]
)
def test_a_guide_that_is_no_command_names_the_one_to_type(name: str, words: str) -> None:
    done = CliRunner().invoke(app, [name])
    assert done.exit_code == 2
    assert words in done.output


@pytest.mark.parametrize(
    ("words", "example"),
    [
        (("init",), "For example: podium init ~/downloads/garments"),
        (("host", "serve"), "For example: podium host serve ../host --port 8123"),
        (("host", "env", "../host"), 'For example: eval "$(podium host env ../host --user ann)"'),
    ],
)
def test_a_missing_argument_comes_with_an_example(words: tuple[str, ...], example: str) -> None:
    done = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert "Missing" in done.output
    assert example in done.output
    assert "or:" not in done.output
