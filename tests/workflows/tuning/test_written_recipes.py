"""Recipes that searches write beside their source."""

import re

from podium.workflows.tuning.written_recipe import write_recipe

STUDY, OTHER = "recipe-base-0a1b2c3d", "recipe-base-99999999"


def written(folder, study=STUDY, comments="# best\n", body="seed: 1\n"):
    return write_recipe(folder, "base-tuned", study, comments, body)


def test_a_study_replaces_what_it_wrote_and_nothing_else(tmp_path):
    first = written(tmp_path)
    assert first.name == "base-tuned.yaml"
    assert re.fullmatch(
        r"# best\n# written [-0-9]+ [0-9:]+ UTC by study recipe-base-0a1b2c3d "
        r"\([0-9a-f]{8}\)\nseed: 1\n",
        first.read_text(),
    )
    assert written(tmp_path, body="seed: 2\n") == first
    assert first.read_text().endswith("seed: 2\n")
    other = written(tmp_path, OTHER)
    assert other.name == "base-tuned-99999999.yaml"
    assert first.read_text().endswith("seed: 2\n")


def test_an_edit_stays_and_so_does_the_next(tmp_path):
    first = written(tmp_path)
    first.write_text(first.read_text() + "batch_size: 8\n")
    edited = first.read_text()
    second = written(tmp_path)
    assert second.name == "base-tuned-0a1b2c3d.yaml"
    assert first.read_text() == edited
    second.write_text("seed: 7\n")
    third = written(tmp_path)
    assert third.name == "base-tuned-0a1b2c3d-2.yaml"
    assert second.read_text() == "seed: 7\n"


def test_a_file_of_a_person_stays(tmp_path):
    own = tmp_path / "base-tuned.yaml"
    own.write_text("seed: 3\n")
    assert written(tmp_path) != own
    assert own.read_text() == "seed: 3\n"


def test_an_unchanged_recipe_keeps_its_date(tmp_path):
    first = written(tmp_path)
    before = first.read_text().replace("written 2", "written 1")  # another date
    first.write_text(before)
    assert written(tmp_path) == first
    assert first.read_text() == before
