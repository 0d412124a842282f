"""`podium check` lists the keys that a person has to choose, with the line of the first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from podium.cli.app import app
from podium.cli.submission_files import check_file
from podium.competition.spec import load_competition
from podium.errors import DataError
from podium.workflows.checking import (
    check_format,
    check_guessed_metric,
    check_merged_spellings,
    check_metric_of_texts,
    check_rows_of_no_class,
    check_workspace,
    refuse_unfit_answers,
)
from podium.workflows.initialising import init_workspace
from podium.workflows.submission.submitting import submit
from podium.workspace.layout import Workspace


def test_keys_to_choose_stop_a_person(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rng = np.random.default_rng(0)
    for part, numbers in (("train", range(12)), ("test", range(20, 24))):
        (data / part).mkdir(parents=True)
        for n in numbers:
            pixels = rng.integers(0, 255, (16, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(data / part / f"{n}.png")
    rows = "".join(f"{n},{n % 2}\n" for n in range(12))
    (data / "train.csv").write_text(f"id,label\n{rows}")
    rows = "".join(f"{n},0\n" for n in range(20, 24))
    (data / "sample_submission.csv").write_text(f"id,label\n{rows}")

    def run(*words: str) -> str:
        return " ".join(CliRunner().invoke(app, ["-w", str(tmp_path), *words]).output.split())

    assert "choose submission.value" in run("init", str(data))
    found = run("check", "--no-adversarial")
    file = tmp_path / "competition.yaml"
    lines = file.read_text().splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.startswith("  value:"))
    assert "several readings of the data fit" in found
    assert f"competition.yaml:{number}" in found
    file.write_text("\n".join(one for one in lines if "to_choose" not in one))
    assert "several readings" not in run("check", "--no-adversarial")


@pytest.mark.slow
def test_a_metric_that_was_guessed_is_warned_of_until_a_person_decides(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pixels = np.random.default_rng(0).integers(0, 255, (30, 16, 16, 3)).astype(np.uint8)
    for n, image in enumerate(pixels):
        folder = data / ("train" if n < 24 else "test")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{n}.png")
    rows = "".join(f"{n},{'abc'[n % 3]}\n" for n in range(24))
    (data / "train.csv").write_text(f"id,label\n{rows}")
    rows = "".join(f"{n},a\n" for n in range(24, 30))
    (data / "sample_submission.csv").write_text(f"id,label\n{rows}")
    file = tmp_path / "competition.yaml"

    def warned() -> list[str]:
        return [one.where for one in check_guessed_metric(load_competition(tmp_path))]

    def begin() -> str:
        init_workspace(data, tmp_path, force=True)
        return file.read_text()

    text = begin()
    line = text.splitlines().index("  name: accuracy") + 1
    assert warned() == [f"competition.yaml:{line}"]
    file.write_text(text.replace("  name: accuracy", "  name: macro_f1"))
    assert warned() == []
    file.write_text(text.replace("# accuracy is guessed, as", "# as the page has it, and"))
    assert warned() == []
    file.write_text(text.replace("  name: accuracy", "  name: accuracy  # it is"))
    assert warned() != []
    for said, why in (
        ("Scored by MAP@3.", "README.md says 'map@3', which is map_at_k with its option k"),
        ("Scored by RMSE.", "README.md says 'rmse', which does not score multiclass as it is"),
        ("Hello.", "as it read no other in texts beside the data"),
    ):
        (data / "README.md").write_text(said)
        begin()
        (found,) = check_guessed_metric(load_competition(tmp_path))
        assert why in found.detail
    (data / "README.md").write_text("Scored by accuracy.")
    begin()
    assert warned() == []


def test_the_metric_of_a_text_is_that_of_each_output(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(24):
        folder = data / ("train" if n < 16 else "test")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8, 3), 9 * n, np.uint8)).save(folder / f"{n}.png")
    rows = [f"{n},{('red', 'blue')[n % 2]},{('disc', 'ring', 'bar')[n % 3]}" for n in range(24)]
    (data / "train.csv").write_text("\n".join(["id,colour,shape", *rows[:16]]))
    (data / "sample_submission.csv").write_text("\n".join(["id,colour,shape", *rows[16:]]))
    (data / "README.md").write_text("Submissions are scored by the macro F1 of each.")
    init_workspace(data, tmp_path)
    competition = load_competition(tmp_path)
    assert competition.metric.name == "macro_f1_by_output"
    assert check_metric_of_texts(competition) == []


def test_another_metric_than_a_text_names_is_a_warning(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(12):
        folder = data / ("train" if n < 8 else "test")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8, 3), 9 * n, np.uint8)).save(folder / f"{n}.png")
    rows = "".join(f"{n},{'ab'[n % 2]}\n" for n in range(8))
    (data / "train.csv").write_text(f"id,label\n{rows}")
    (data / "README.md").write_text("Submissions are scored by the macro F1.")
    init_workspace(data, tmp_path)
    file = tmp_path / "competition.yaml"
    assert check_metric_of_texts(load_competition(tmp_path)) == []
    text = file.read_text()
    file.write_text(text.replace("name: macro_f1", "name: accuracy"))
    (found,) = check_metric_of_texts(load_competition(tmp_path))
    assert found.detail == "README.md says 'macro f1', which is macro_f1; metric.name is accuracy"
    lines = file.read_text().splitlines()
    assert "name: accuracy" in lines[int(found.where.removeprefix("competition.yaml:")) - 1]
    (data / "README.md").write_text("Scored by macro F1. Scored by the log loss in round 2.")
    assert (
        check_metric_of_texts(load_competition(tmp_path)) == []
    )  # a text that names two decides none


def test_a_guessed_score_of_labels_and_masks_is_warned_of(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for n in range(30):
        part = "train" if n < 24 else "test"
        (tmp_path / "data" / part).mkdir(parents=True, exist_ok=True)
        (tmp_path / "data/masks").mkdir(exist_ok=True)
        pixels = rng.integers(0, 255, (16, 16, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"data/{part}/{n}.png")
        if n < 24:
            drawn = np.where(np.arange(256).reshape(16, 16) < 40 + 4 * n, 255, 0).astype(np.uint8)
            Image.fromarray(drawn).save(tmp_path / f"data/masks/{n}.png")
    rows = "".join(f"{n},{'abc'[n % 3]}\n" for n in range(24))
    (tmp_path / "data/train.csv").write_text(f"id,label\n{rows}")
    rows = "".join(f"{n},a,1 5\n" for n in range(24, 30))
    (tmp_path / "data/sample_submission.csv").write_text(f"id,label,rle\n{rows}")
    init_workspace(tmp_path / "data", tmp_path)
    assert "# combined is guessed" in (tmp_path / "competition.yaml").read_text()
    (found,) = check_guessed_metric(load_competition(tmp_path))
    assert found.detail.startswith("combined: podium init took")


def test_a_ranking_metric_of_a_file_of_decisions_is_warned_of(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (12, 16, 16, 3)).astype(np.uint8)
    for n, image in enumerate(pixels):
        folder = tmp_path / ("train" if n < 8 else "test")
        folder.mkdir(exist_ok=True)
        Image.fromarray(image).save(folder / f"{n}.png")
    (tmp_path / "train.csv").write_text("id,label\n" + "".join(f"{n},{n % 2}\n" for n in range(8)))
    text = """
name: told
tasks: {classify: binary}
data:
  train: {table: train.csv, id: id, images: 'train/{id}.png', label: label}
  test: {images: 'test/*.png'}
metric: {name: auc}
submission: {columns: {id: id, label: value}}
"""
    (tmp_path / "competition.yaml").write_text(text)

    def titles() -> list[str]:
        competition = load_competition(tmp_path)
        return [one.title for one in check_format(competition) if one.level == "warning"]

    assert titles() == ["auc scores probabilities, and the file would hold decisions"]
    (tmp_path / "competition.yaml").write_text(
        text.replace("label: value}", "label: value}, value: prob")
    )
    assert titles() == []
    (tmp_path / "competition.yaml").write_text(text.replace("auc", "f1"))
    assert titles() == []


def test_the_advice_for_ratings_fits_their_task(tmp_path: Path) -> None:
    """They have no probabilities: `value: prob` was advised, and then refused."""
    pixels = np.random.default_rng(0).integers(0, 255, (12, 16, 16, 3)).astype(np.uint8)
    for n, image in enumerate(pixels):
        folder = tmp_path / ("train" if n < 8 else "test")
        folder.mkdir(exist_ok=True)
        Image.fromarray(image).save(folder / f"{n}.png")
    (tmp_path / "train.csv").write_text("id,grade\n" + "".join(f"{n},{n % 4}\n" for n in range(8)))
    text = """
name: grades
tasks: {classify: ordinal}
classes: ['0', '1', '2', '3']
data:
  train: {table: train.csv, id: id, images: 'train/{id}.png', label: grade}
  test: {images: 'test/*.png'}
metric: {name: auc}
submission: {columns: {id: id, grade: value}, value: name}
"""
    (tmp_path / "competition.yaml").write_text(text)
    assert check_format(load_competition(tmp_path)) == []  # auc itself is an error
    (tmp_path / "competition.yaml").write_text(text.replace("auc", "rmse"))
    (found,) = check_format(load_competition(tmp_path))
    assert "expected ratings" in found.title
    assert "choose a metric of these: " in found.fix
    assert "qwk" in found.fix
    assert "value: prob" not in found.fix


def test_numbers_are_answers_themselves_and_have_no_probabilities(tmp_path: Path) -> None:
    for n in range(4):
        Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / f"{n}.png")
    (tmp_path / "train.csv").write_text("id,level\n" + "".join(f"{n},{n}.5\n" for n in range(4)))
    text = """
name: numbers
tasks: {classify: regression}
data:
  train: {table: train.csv, id: id, images: '{id}.png', label: level}
  test: {images: '*.png'}
metric: {name: mae}
submission: {columns: {id: id, level: value}, value: scalar}
"""
    (tmp_path / "competition.yaml").write_text(text)
    assert check_format(load_competition(tmp_path)) == []


def test_a_sample_that_init_made_of_json_or_semicolons_is_no_misfit(tmp_path: Path) -> None:
    for n in range(4):
        Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / f"{n}.png")
    text = """
name: made
tasks: {classify: binary}
data:
  train: {table: train.csv, id: id, images: '{id}.png', label: label}
  test: {images: '*.png'}
metric: {name: auc}
submission: {sample: sample.csv, columns: {id: id, label: value}, value: prob, file: FORM}
"""
    (tmp_path / "sample.csv").write_text("id,label\n" + "".join(f"{n},0.5\n" for n in range(4)))
    for form in ("{kind: json}", "{sep: ';', decimal: ','}"):
        (tmp_path / "competition.yaml").write_text(text.replace("FORM", form))
        assert check_format(load_competition(tmp_path)) == []
    (tmp_path / "sample.csv").write_text("id,score\n" + "".join(f"{n},0.5\n" for n in range(4)))
    (found,) = check_format(load_competition(tmp_path))
    assert found.title == "the file to send has other columns than the sample submission"
    # As the host has it, its columns go by their order.
    (tmp_path / "sample.csv").write_text("".join(f"{n};0.5\n" for n in range(4)))
    bare = text.replace("FORM", "{sep: ';', header: false}")
    (tmp_path / "competition.yaml").write_text(bare)
    assert check_format(load_competition(tmp_path)) == []
    (tmp_path / "sample.csv").write_text("id;label\n" + "".join(f"{n};0,5\n" for n in range(4)))
    (tmp_path / "competition.yaml").write_text(text.replace("FORM", "{sep: ';', decimal: ','}"))
    assert check_format(load_competition(tmp_path)) == []
    (tmp_path / "competition.yaml").write_text(bare)
    (tmp_path / "sample.csv").write_text("".join(f"{n};x\n" for n in range(4)))
    (found,) = check_format(load_competition(tmp_path))
    assert found.title == "no answer of the sample submission fits the format"


@pytest.mark.parametrize(
    ("header", "level"),
    [("id,score", "error"), ("id,label,sex", "error"), ("id, label", "warning"), ("id,label", "")],
)
def test_a_file_without_a_column_of_the_sample_is_refused_before_anything_is_trained(
    tmp_path: Path, header: str, level: str
) -> None:
    for n in range(4):
        Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / f"{n}.png")
    (tmp_path / "competition.yaml").write_text("""
name: made
tasks: {classify: binary}
data:
  train: {table: train.csv, id: id, images: '{id}.png', label: label}
  test: {images: '*.png'}
metric: {name: auc}
submission: {sample: sample.csv, columns: {id: id, label: value}, value: prob}
""")
    cells = ",0.5" * header.count(",")
    (tmp_path / "sample.csv").write_text(header + "\n" + "".join(f"{n}{cells}\n" for n in range(4)))
    competition = load_competition(tmp_path)
    assert [one.level for one in check_format(competition)] == ([level] if level else [])
    if level == "error":
        with pytest.raises(DataError, match="other columns than the sample"):
            refuse_unfit_answers(competition)
        file = tmp_path / "sample.csv"  # a file that the host takes would be called wrong
        with pytest.raises(DataError, match="other columns than the sample"):
            check_file(Workspace(tmp_path), competition, file, as_json=True)
        with pytest.raises(DataError, match="other columns than the sample"):
            submit(Workspace(tmp_path), competition, str(file), dry_run=True)
    else:
        refuse_unfit_answers(competition)


@pytest.mark.parametrize(
    ("metric", "score"),
    [
        ("{name: f1, average: samples}", "0.75"),
        ("{name: f1, average: samples, zero_division: 1}", None),
        ("{name: macro_f1}", None),
        ("{name: log_loss}", None),
    ],
)
def test_rows_without_a_class_that_can_only_lose_are_told(
    metric: str, score: str | None, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    for part, numbers in (("train", range(12)), ("test", range(20, 24))):
        (data / part).mkdir(parents=True)
        for n in numbers:
            Image.new("RGB", (8, 8), (n, n, n)).save(data / part / f"{n}.png")
    # Every fourth row is of neither class: of 12 rows 3 can only score 0.
    rows = "".join(f"{n},{n % 4 & 1},{n % 4 >> 1}\n" for n in range(12))
    (data / "train.csv").write_text(f"id,crab,star\n{rows}")
    init_workspace(data, tmp_path)
    file = tmp_path / "competition.yaml"
    text = file.read_text()
    begin, end = text.index("metric:"), text.index("# The format of the file")
    file.write_text(f"{text[:begin]}metric: {metric}\n\n{text[end:]}")

    found = check_rows_of_no_class(Workspace(tmp_path), load_competition(tmp_path))

    assert [one.detail.count(f"score {score} by f1") for one in found] == ([1] if score else [])
    assert all("3 of 12 labelled rows" in one.detail for one in found)


def test_a_class_that_a_fold_lacks_stops_where_the_metric_needs_it(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    pixels = np.random.default_rng(0).integers(0, 255, (18, 16, 16, 3)).astype(np.uint8)
    for n, image in enumerate(pixels):
        Image.fromarray(image).save(tmp_path / "images" / f"{n}.png")
    rows = "".join(f"{n},{'ant' if n < 8 else 'bee' if n < 16 else 'cow'}\n" for n in range(18))
    (tmp_path / "train.csv").write_text(f"id,label\n{rows}")
    text = (
        "name: gaps\ntasks: {classify: multiclass}\nclasses: [ant, bee, cow]\n"
        "data: {train: {table: train.csv, id: id, images: 'images/{id}.png', label: label}}\n"
        "folds: {scheme: stratified, n: 4}\nmetric: {name: accuracy}\n"
    )
    lacks, cannot = "classes that a fold lacks", "folds that the metric cannot score"
    for metric, expected in (
        ("accuracy", {lacks: "warning"}),
        ("auc", {cannot: "error"}),
        ("auc, undefined: skip", {lacks: "warning"}),
    ):
        (tmp_path / "competition.yaml").write_text(text.replace("accuracy", metric))
        found = check_workspace(Workspace(tmp_path), load_competition(tmp_path), adversarial=False)
        assert {one.title: one.level for one in found if one.title in (lacks, cannot)} == expected


def test_check_repeats_which_spellings_init_read_as_one_class(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pixels = np.random.default_rng(0).integers(0, 255, (24, 16, 16, 3)).astype(np.uint8)
    for n, image in enumerate(pixels):
        folder = data / ("train" if n < 18 else "test")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{n}.png")
    names = ["Sadia"] * 8 + ["sadia"] + ["perdue"] * 9
    rows = "".join(f"{n},{name}\n" for n, name in enumerate(names))
    (data / "train.csv").write_text(f"id,label\n{rows}")
    rows = "".join(f"{n},Sadia\n" for n in range(18, 24))
    (data / "sample_submission.csv").write_text(f"id,label\n{rows}")
    init_workspace(data, tmp_path)
    [found] = check_merged_spellings(Workspace(tmp_path), load_competition(tmp_path))
    assert found.level == "note"
    assert found.detail == "label: 'sadia' (1 row) is read as 'Sadia' (8 rows)"
    assert "data.train.table" in found.fix
