"""Data, metric, recipe or members that changed after a training: show, blend, submit, … say so."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import search_workspaces
import timm
from command_line import podium
from PIL import Image

from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.recipe_edits import RunOverrides, override_lines
from podium.workspace.auto_record import AutoRecord, AutoStep, write_auto


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with a run and a blend."""
    root = tmp_path_factory.mktemp("made")
    search_workspaces.workspace(root)
    podium(root, "train", "base", "-o", "phases[0].freeze=[backbone]")
    podium(root, "blend", "base")
    return root


def change_label(root: Path) -> None:
    table = root / "data/train.csv"
    table.write_text(table.read_text().replace("03,green", "03,red"))


def replace_image(root: Path) -> None:
    Image.fromarray(np.full((16, 16, 3), 77, np.uint8)).save(root / "data/train/03.png")


def remove_row(root: Path) -> None:
    table = root / "data/train.csv"
    rows = [one for one in table.read_text().splitlines() if not one.startswith("03,")]
    table.write_text("\n".join([*rows, ""]))
    shutil.copy(root / "data/train/03.png", root / "data/test/99.png")
    (root / "data/train/03.png").unlink()


CHANGES = {"label": change_label, "image": replace_image, "gone": remove_row}


@pytest.mark.parametrize("what", CHANGES)
def test_show_lists_the_rows_that_differ(made: Path, tmp_path: Path, what: str) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    assert "other data" not in podium(root, "show", "base")
    assert "other_data" not in json.loads(podium(root, "show", "base", "--json"))
    CHANGES[what](root)
    (run,), (blend,) = ([one.name for one in root.glob(f"{room}/*")] for room in ("runs", "blends"))
    printed = f"was made of other data: 1 row differs: 03 ({what})"
    assert f"{run} {printed}" in podium(root, "show", "base")
    shown = podium(root, "show", "blend")
    assert f"{run} {printed}" in shown
    assert f"{blend} {printed}" in shown
    expected = {"artefact": run, "rows": 1, "examples": [f"03 ({what})"]}
    assert json.loads(podium(root, "show", "base", "--json"))["other_data"] == [expected]
    of_board = podium(root, "board", "--offline")
    assert f"{run} {printed}" in of_board
    assert "other data" in of_board
    verified = json.loads(podium(root, "verify", "--json"))
    assert expected in verified["other_data"]


def test_edited_folds_are_reported(made: Path, tmp_path: Path) -> None:
    """Two rows of one class change places: folds that nothing else can see to be others."""
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,) = (one.name for one in root.glob("runs/*"))
    header, *rows = (root / "folds.csv").read_text().splitlines()
    folds = [one.split(",") for one in rows]
    first = folds[0]
    second = next(one for one in folds if one[1] != first[1])
    first[1], second[1] = second[1], first[1]
    (root / "folds.csv").write_text("\n".join([header, *map(",".join, reversed(folds)), ""]))
    told = f"{run} was made of other data: 1 file differs: folds.csv (folds)"
    for words in (("show", "base"), ("show", "blend"), ("board", "--offline")):
        assert told in podium(root, *words)
    first[1], second[1] = second[1], first[1]
    (root / "folds.csv").write_text("\n".join([header, *map(",".join, reversed(folds)), ""]))
    assert "other data" not in podium(root, "show", "base"), "the order of rows does not matter"


def test_recipe_edited_after_its_run_is_reported_once(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,) = (one.name for one in root.glob("runs/*"))
    shutil.copyfile(root / f"runs/{run}/recipe.yaml", root / "recipes/base.yaml")
    recipe = (root / "recipes/base.yaml").read_text()
    (root / "recipes/base.yaml").write_text(f"# as it was trained\n{recipe}")
    commands = (("show", "base"), ("blend", "base"), ("submit", "base", "--dry-run"))
    for words in commands:
        assert "another recipe" not in podium(root, *words)
    (root / "recipes/base.yaml").write_text(recipe.replace("seed: 0", "seed: 7"))
    assert "another recipe" not in podium(root, "show", "base"), "of several seeds it is one recipe"
    (root / "recipes/base.yaml").write_text(recipe.replace("lr: 0.01", "lr: 0.03"))
    told = (
        f"recipes/base.yaml is another recipe than that of {run}, which is taken: optimizer.lr "
        "0.03, in the run 0.01; to train what it has now: `podium train base`"
    )
    for words in commands:
        assert podium(root, *words).count(told) == 1, words
        assert "another recipe" not in podium(root, words[0], run, *words[2:]), "an id is no recipe"
    plan = AutoRecord(
        id="30m-1", created=datetime.now(UTC), budget_s=1800, metric="accuracy", facts=(),
        greater_is_better=True, planning_s=1.0,
        steps=(AutoStep(name="base", kind="probe", why="", expected_s=1.0, run=run),),
    )  # fmt: skip
    write_auto(root / "auto/30m-1", plan)
    assert "another recipe" not in podium(root, "show", "base"), "its recipe stands in auto/"
    write_auto(root / "auto/30m-1", plan.model_copy(update={"known": (run,)}))
    found = json.loads(podium(root, "show", "base", "--json"))["recipe_edit"]
    assert found["keys"] == ["optimizer.lr 0.03, in the run 0.01"]
    (root / "recipes/base.yaml").write_text("model: [")
    assert "it cannot be read" in podium(root, "show", "base")


def test_overrides_are_reported_by_run_id_and_for_its_blends(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,) = (one.name for one in root.glob("runs/*"))
    (blend,) = (one.name for one in root.glob("blends/*"))
    told = f"{run} was trained with -o 'phases[0].freeze=[backbone]', which its recipe's file had"
    for words in (
        ("show", run),
        ("show", blend),
        ("verify",),
        ("blend", run, "--name", "other"),
        ("submit", blend, "--dry-run"),
        ("submit", blend, "--plain", "--dry-run"),
        ("submit", run, "--dry-run"),
    ):
        assert podium(root, *words).count(told) == 1, words
    expected = {"run": run, "overrides": ["phases[0].freeze=[backbone]"]}
    assert json.loads(podium(root, "show", run, "--json"))["overrides"] == expected["overrides"]
    assert json.loads(podium(root, "verify", "--json"))["overrides"] == [expected]
    podium(root, "train", f"runs/{run}/recipe.yaml")
    assert told in podium(root, "show", run), "it goes on with what it has"
    podium(
        root,
        "train",
        f"runs/{run}/recipe.yaml",
        "-o",
        "optimizer.lr=0.02",
        "-o",
        "seed=3",
        "--folds",
        "0",
    )
    (other,) = (one.name for one in root.glob("runs/*") if one.name != run)
    both = f"{other} was trained with -o 'phases[0].freeze=[backbone]' -o optimizer.lr=0.02, which"
    assert both in podium(root, "show", other), "the seed does not count"
    assert json.loads(podium(root, "show", other, "--json"))["overrides"][2] == "seed=3"


def test_runs_with_overrides_beyond_the_third_are_counted() -> None:
    runs = [RunOverrides(f"base-{k}", ("optimizer.lr=0.02",)) for k in range(5)]
    counted = "trained with overrides: `podium show RUN`"
    assert override_lines(runs[:3]) == [str(one) for one in runs[:3]]
    assert override_lines(runs[:4])[3:] == [f"and 1 more run was {counted}"]
    assert override_lines(runs)[3:] == [f"and 2 more runs were {counted}"]


def test_a_file_that_has_the_settings_of_an_override_needs_none(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,) = (one.name for one in root.glob("runs/*"))
    recipe = (root / "recipes/base.yaml").read_text()
    frozen = recipe.replace("epochs: 1", "epochs: 1, freeze: [backbone]")
    (root / "recipes/base.yaml").write_text(frozen)
    assert "was trained with" in podium(root, "show", run), "that was so when it was trained"
    podium(root, "train", "base", "-o", "phases[0].freeze=[backbone]")
    assert [one.name for one in root.glob("runs/*")] == [run]
    assert "was trained with" not in podium(root, "show", run)
    assert "overrides" not in json.loads(podium(root, "show", run, "--json"))


def test_fold_trained_with_another_timm_is_reported(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,) = root.glob("runs/*")
    assert "different versions" not in podium(root, "show", "base")
    assert "versions" not in json.loads(podium(root, "show", "base", "--json"))
    other = FoldFiles(run, 1)
    other.write_done({**other.read_done(), "timm": "0.9.1"})
    told = f"timm {timm.__version__} (folds 0, 2) and 0.9.1 (fold 1)"
    assert told in podium(root, "show", "base")
    found = json.loads(podium(root, "show", "base", "--json"))["versions"]["timm"]
    assert found == {"0": timm.__version__, "1": "0.9.1", "2": timm.__version__}


def test_a_blend_whose_member_was_removed_names_it(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,), (blend,) = ([one.name for one in root.glob(f"{room}/*")] for room in ("runs", "blends"))
    (kept,) = (root / f"runs/{run}/predictions").iterdir()
    assert "which was removed" not in podium(root, "show", "blend")
    assert "missing" not in podium(root, "verify")
    (root / f"runs/{run}/predictions").rename(root / "away")
    place = f"runs/{run}/predictions/{kept.name}"
    told = f"{blend} is of {place}, which was removed"
    shown = podium(root, "show", "blend")
    assert told in shown
    assert f"repeat `podium train runs/{run}/recipe.yaml`" in shown
    faults = json.loads(podium(root, "verify", "--json", code=1))["faults"]
    assert {"file": place, "what": f"missing: a member of {blend}"}.items() <= faults[0].items()
    shutil.rmtree(root / f"runs/{run}")
    shown = podium(root, "show", "blend")
    assert f"{blend} is of runs/{run}, which was removed" in shown
    assert "repeat the `podium train base` that made it" in shown
    missing = json.loads(podium(root, "show", "blend", "--json"))["missing_members"]
    assert [one["folder"] for one in missing] == [f"runs/{run}"]
    faults = json.loads(podium(root, "verify", "--json", code=1))["faults"]
    assert [one["file"] for one in faults] == [f"runs/{run}"]


@pytest.mark.slow
def test_blend_and_submit_and_the_report_do_so_too(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,) = (one.name for one in root.glob("runs/*"))
    change_label(root)
    printed = f"{run} was made of other data: 1 row differs: 03 (label)"
    blended = podium(root, "blend", "base", "--name", "again")
    assert blended.replace("\n", " ").count(printed) == 2  # as it is made, and in its notes
    (blend,) = root.glob("blends/again-*")
    assert printed in json.loads((blend / "record.json").read_text())["details"]["notes"]
    assert printed in podium(root, "submit", "--dry-run", "blend")
    podium(root, "report")
    assert printed in (root / "report/index.html").read_text()


def test_test_image_replaced_after_its_prediction_is_reported(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,), (blend,) = ([one.name for one in root.glob(f"{room}/*")] for room in ("runs", "blends"))
    shutil.copy(root / "data/test/00.png", root / "data/test/99.png")  # new: that is no change
    assert "other data" not in podium(root, "show", "base")
    (root / "data/test/99.png").unlink()
    shutil.copyfile(root / "data/train/03.png", root / "data/test/00.png")
    told = "was made of other data: 1 row differs: 00 (test image)"
    for words in (("show", "base"), ("blend", "base", "--name", "more"), ("board", "--offline")):
        assert f"{run} {told}" in podium(root, *words)
    assert f"{blend} {told}" in podium(root, "submit", "blend", "--dry-run")
    podium(root, "predict", "base")
    assert "other data" not in podium(root, "show", "base"), "it has a set of today's images"
    assert f"{blend} {told}" in podium(root, "show", "blend")
    podium(root, "blend", "base", "--name", "again")
    assert "other data" not in podium(root, "show", "again")
    shutil.rmtree(root / "data/test")
    assert "other data" not in podium(root, "show", "blend"), "nothing was replaced"


def test_a_blend_that_was_made_for_another_metric_is_not_sent_without_a_word(
    made: Path, tmp_path: Path
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (blend,) = (one.name for one in root.glob("blends/*"))
    told = f"{blend} was made for log_loss, and the metric is accuracy"
    before = podium(root, "submit", "blend", "--dry-run")
    assert told not in before
    assert "honest 0." in before
    spec = root / "competition.yaml"
    spec.write_text(spec.read_text().replace("log_loss", "accuracy"))
    printed = podium(root, "submit", "blend", "--dry-run")
    assert told in printed
    assert "honest 0." not in printed, "it is no score of this metric"


def test_the_same_data_elsewhere_or_in_another_order_is_no_change(
    made: Path, tmp_path: Path
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (root / "data/train").rename(root / "data/pictures")
    spec = root / "competition.yaml"
    spec.write_text(spec.read_text().replace("data/train/{id}", "data/pictures/{id}"))
    header, *rows = (root / "data/train.csv").read_text().splitlines()
    (root / "data/train.csv").write_text("\n".join([header, *reversed(rows), ""]))
    assert "other data" not in podium(root, "show", "base")


def test_many_rows_are_counted_and_three_are_named(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    table = root / "data/train.csv"
    swapped = table.read_text().replace("green", "G").replace("red", "green").replace("G", "red")
    table.write_text(swapped)
    (run,) = (one.name for one in root.glob("runs/*"))
    assert (
        f"{run} was made of other data: 24 rows differ: 00 (label), 01 (label), 02 (label) "
        "and 21 more"
    ) in podium(root, "show", "base")


def test_verify_names_a_run_without_labels_for_its_images_and_pseudo_labels_for_their_run(
    made: Path, tmp_path: Path
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    (run,) = (one.name for one in root.glob("runs/*"))
    (rows,) = root.glob("runs/*/data.parquet")
    facts = {"created": "2026-11-20T06:00:00Z", "status": "finished"}
    for room, name, more in (
        ("runs", "ssl-00000001", {"inputs": {"without_labels": True, "images": {"train": "0"}}}),
        ("runs", "far-00000002", {"inputs": {"without_labels": True, "images": {"test": "0"}}}),
        ("pseudo", "pseudo-base-00000003", {"parents": [run]}),
    ):
        (root / room / name).mkdir(parents=True)
        kind = {"runs": "run"}.get(room, room)
        record = {"kind": kind, "id": name, "name": name[:-9], **facts, **more}
        (root / room / name / "record.json").write_text(json.dumps(record))
        if room == "runs":
            shutil.copyfile(rows, root / room / name / "data.parquet")

    def named() -> set[str]:
        return {
            one["artefact"] for one in json.loads(podium(root, "verify", "--json"))["other_data"]
        }

    assert named() == set()
    (blend,) = (one.name for one in root.glob("blends/*"))
    change_label(root)
    assert named() == {run, blend, "pseudo-base-00000003"}
    by = f"pseudo-base-00000003 was made of other data: 1 artefact differs: {run}"
    assert by in podium(root, "verify")
    replace_image(root)
    assert named() == {run, blend, "pseudo-base-00000003", "ssl-00000001"}


def test_status_and_board_tell_of_a_table_that_changed_since_the_check(
    made: Path, tmp_path: Path
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(made, root)
    podium(root, "check", "--no-adversarial")
    table = root / "data/train.csv"
    table.write_text(table.read_text())
    assert json.loads(podium(root, "status", "--json"))["checked"] == "yes", "its content is equal"
    change_label(root)
    line = "checked before its tables changed; runs of other data: 1 (podium verify)"
    assert line in podium(root, "status")
    (blend,) = (one.name for one in root.glob("blends/*"))
    marked = [one for one in podium(root, "board", "--offline").splitlines() if blend in one]
    assert "other data" in marked[0]
