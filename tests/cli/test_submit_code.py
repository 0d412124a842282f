"""`podium submit --code` in a shell, against a stand-in for Kaggle on loopback."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from podium.cli.app import app

SPEC = """
name: pets
tasks: {classify: multiclass}
classes: [cat, dog]
data:
  train: {table: train.csv, id: id, images: "train/{id}", label: label}
metric: {name: accuracy}
submission: {value: name}
kaggle: {slug: pets, kind: KIND}
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    def call(kind, *arguments):
        (tmp_path / "competition.yaml").write_text(SPEC.replace("KIND", kind))
        monkeypatch.chdir(tmp_path)
        return CliRunner().invoke(app, ["submit", *arguments])

    return call


@pytest.mark.parametrize(
    ("kind", "arguments", "says"),
    [
        ("code", ["--code", "nosuch"], "nosuch"),
        ("code", ["--code", "--rehearse"], "podium pack --rehearse"),
        ("code", ["--accelerator", "NvidiaTeslaT4"], "add --code"),
        ("file", ["--code", "--name", "x"], "takes a file"),
    ],
)
def test_options_that_do_not_fit_are_refused_with_what_to_do(run, kind, arguments, says):
    result = run(kind, *arguments)
    assert result.exit_code != 0
    assert says in str(result.exception) + result.output


def test_a_file_for_a_code_competition_is_refused_with_a_hint_at_code(run, tmp_path):
    (tmp_path / "mine.csv").write_text("id,label\na,cat\n")
    result = run("code", "mine.csv")
    assert result.exit_code != 0
    assert "podium submit --code" in str(getattr(result.exception, "fix", "")) + result.output
