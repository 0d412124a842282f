from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from podium.cli.options import worker_arguments

called: list[list[str]] = []
app = typer.Typer()
group = typer.Typer()
app.add_typer(group, name="tune")


@app.callback()
def _all(
    workspace: Annotated[Path | None, typer.Option("--workspace", "-w", envvar="WS")] = None,
    debug: bool = False,
) -> None:
    pass


@group.command("one")
def _one(
    ctx: typer.Context,
    recipe: str,
    trials: int = 20,
    override: Annotated[list[str] | None, typer.Option("--override", "-o")] = None,
    max_time: str | None = None,
    workers: int = 1,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    worker: int = 0,
) -> None:
    called.append(worker_arguments(ctx, 3, max_time=None if max_time is None else "59s"))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["tune", "one", "base"], ["tune", "one", "--worker", "3", "--", "base"]),
        (
            ["-w", "a b", "--debug", "tune", "one", "-x", "--trials", "7", "--workers", "2"],
            ["--workspace", "a b", "--debug", "tune", "one", "--trials", "7", "--worker", "3"],
        ),
        (
            ["tune", "one", "base", "-o", "a=[1, 2]", "-o", "b=c", "--json", "--max-time", "1m"],
            [
                *("tune", "one", "--override", "a=[1, 2]", "--override", "b=c"),
                *("--max-time", "59s", "--worker", "3", "--", "base"),
            ],
        ),
    ],
)
def test_a_worker_is_called_as_its_command_was_but_for_what_is_the_parent_s(
    said: list[str], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WS", "elsewhere")  # workers have the environment themselves
    if "-x" in said:  # a recipe that looks like an option
        said = [*(one for one in said if one != "-x"), "--", "-x"]
        expected = [*expected, "--", "-x"]
    called.clear()
    done = CliRunner().invoke(app, said)
    assert done.exit_code == 0, done.output
    assert called == [expected]
    again = CliRunner().invoke(app, expected)  # the words are understood
    assert again.exit_code == 0, again.output
