from __future__ import annotations

import json

from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.presets import Preset, preset_names


def ran(*words: str):
    return CliRunner().invoke(app, ["presets", *words], terminal_width=200)


def test_every_preset_is_listed_with_its_competition():
    done = ran()
    assert done.exit_code == 0
    listed = [line.split()[0] for line in done.output.splitlines() if line.strip()]
    assert set(preset_names()) <= set(listed)
    assert "google-research-identify-contrails-reduce-global-warming" in done.output


def test_one_is_shown_as_it_is_written_by_its_name_or_slug():
    assert "frame: [350, 525]" in ran("clouds").output
    assert ran("clouds").output == ran("understanding_cloud_organization").output


def test_scripts_read_them_as_json():
    every = json.loads(ran("--json").output)
    assert [one["name"] for one in every] == preset_names()
    one = json.loads(ran("siim-pneumothorax", "--json").output)
    assert one["submission"]["rle"] == {"base": 0, "order": "F", "relative": True}
    assert Preset.model_validate(one).submission.empty == "-1"


def test_an_unknown_one_is_refused_with_the_nearest_names():
    done = ran("severstall")
    assert done.exit_code == 2
    assert "write severstal" in done.stderr
