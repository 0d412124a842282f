"""`podium calibrate` on the command line: a table, JSON, and what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import codec_miniatures
from typer.testing import CliRunner

from podium.cli.app import app
from podium.cli.commands.calibrate import _reasons
from podium.competition.calibrate.sample import CalibratedParameter
from podium.competition.infer.spec import infer
from podium.competition.spec import load_competition


def podium(root: Path, *words: str) -> str:
    done = CliRunner().invoke(app, words, env={"PODIUM_WORKSPACE": str(root)})
    assert done.exit_code == 0, done.output
    return done.output


def test_a_reason_is_printed_once_and_named_by_its_row_after_that() -> None:
    given = [("a.order", "it fits"), ("a.base", "it fits"), ("b.order", "as train: it fits")]
    parameters = [CalibratedParameter(name, 1, "likely", why) for name, why in given]
    assert _reasons(parameters) == ["it fits", "as a.order", "as train: as a.order"]
    assert _reasons([CalibratedParameter(name, 1, "likely", "") for name, _ in given]) == [""] * 3


def test_calibrate_shows_and_then_writes_what_it_found(tmp_path: Path) -> None:
    codec_miniatures.uw_madison(tmp_path / "data")
    file = tmp_path / "competition.yaml"
    right = infer(tmp_path / "data", tmp_path).text
    file.write_text(right)
    assert "already" in podium(tmp_path, "calibrate", "--write")
    assert file.read_text() == right
    wrong = right.replace(
        "mask_codec: {base: 1, order: C}", "mask_codec: {base: 1, order: F}  # why"
    )
    assert wrong != right
    file.write_text(wrong)
    printed = podium(tmp_path, "calibrate")
    assert "`podium calibrate --write` would change data.train.mask_codec.order" in printed
    assert "pieces" in printed
    assert file.read_text() == wrong
    found = json.loads(podium(tmp_path, "calibrate", "--json"))
    [order] = [one for one in found["parameters"] if one["changes"]]
    assert order["name"] == "data.train.mask_codec.order"
    assert (order["value"], order["now"], order["sure"]) == ("C", "F", "likely")
    assert "wrote data.train.mask_codec.order: C" in podium(tmp_path, "calibrate", "--write")
    assert "order: C}  # why" in file.read_text()
    assert load_competition(tmp_path).data.train.mask_codec.order == "C"
