"""`podium check` on a screen and on its page: verdict first, short, nothing hidden from `--all`."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from command_line import podium
from PIL import Image

from podium.cli.findings import print_findings
from podium.competition.checks import Finding

SPEC = """\
name: screen
tasks: {classify: multiclass}
classes: [cat, dog]
data:
  train: {table: data/train.csv, id: id, images: "data/train/{id}.png", label: label}
  test: {images: "data/test/{id}.png"}
folds: {n: 4}
metric: {name: accuracy}
submission:
  sample: data/sample.csv
  value: name
"""
N, N_TEST = 40, 24


def picture(seed: int) -> np.ndarray:
    rough = np.random.default_rng(seed).integers(20, 220, (8, 8, 3), dtype=np.uint8)
    return cv2.resize(rough, (96, 96), interpolation=cv2.INTER_CUBIC)


def write_sample(root: Path, cell: str) -> None:
    rows = [f"t{k},{cell}" for k in range(N_TEST)]
    (root / "data/sample.csv").write_text("\n".join(["id,label", *rows, ""]))


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace without faults; tests change copies of it."""
    root = tmp_path_factory.mktemp("clean")
    (root / "data/train").mkdir(parents=True)
    (root / "data/test").mkdir()
    names = [f"p{k:x}g" for k in range(N)]
    for k, name in enumerate(names):
        Image.fromarray(picture(k)).save(root / f"data/train/{name}.png")
    for k in range(N_TEST):
        Image.fromarray(picture(500 + k)).save(root / f"data/test/t{k}.png")
    rows = [f"{name},{('cat', 'dog')[k % 2]}" for k, name in enumerate(names)]
    (root / "data/train.csv").write_text("\n".join(["id,label", *rows, ""]))
    write_sample(root, "cat")
    (root / "competition.yaml").write_text(SPEC)
    return root


@pytest.fixture
def root(clean: Path, tmp_path: Path) -> Path:
    return shutil.copytree(clean, tmp_path / "copy")


def add(root: Path, name: str, image: np.ndarray, label: str) -> None:
    Image.fromarray(image).save(root / f"data/train/{name}.png")
    with (root / "data/train.csv").open("a") as table:
        table.write(f"{name},{label}\n")


def check(root: Path, *words: str, code: int = 0) -> str:
    return podium(root, "check", "--no-adversarial", *words, code=code)


def test_clean_data_get_a_verdict_and_facts(root):
    printed = check(root)
    assert "nothing stops you, nothing was found that may cost you points" in printed
    assert "sizes of train: 40 images" in printed
    assert "✗" not in printed
    assert (root / "check.html").is_file()


def test_a_fact_is_whole_in_a_file_and_ends_with_a_word_on_a_terminal(monkeypatch, capsys):
    words = " ".join(["counterpart"] * 20)
    print_findings([Finding("note", "unlike", words)])
    assert capsys.readouterr().out == f"\n· unlike: {words}\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "50")
    print_findings([Finding("note", "unlike", words)])
    line = capsys.readouterr().out.strip()
    assert line == "· unlike: counterpart counterpart counterpart …"


@pytest.mark.slow
def test_a_thousand_copies_are_one_screen_with_relative_paths(root):
    for k in range(120):
        of = picture(k % 4)
        add(root, f"a copy with a long name number {k:x}g", cv2.resize(of, (80, 80)), "cat")
    printed = check(root)
    screen = printed[printed.index("nothing stops you") :]
    assert screen.startswith("nothing stops you, ")
    assert len(screen.splitlines()) < 40
    assert str(root) not in printed.replace(str(root / "check.html"), "")
    assert "and 27 more" in screen  # 30 copies of one picture, of which three are named
    assert "→ podium folds --group duplicates --redo" in screen
    paths = re.findall(r"data/train/[^=\n]*?\.png", screen)
    assert paths
    assert all((root / path).is_file() for path in paths)  # none is cut
    full = check(root, "--all")
    assert full.count("data/train/a copy with a long name") >= 120


def test_all_names_stand_once_below_what_is_found(root):
    add(root, "copy 1g", cv2.resize(picture(1), (80, 80)), "cat")
    full = check(root, "--all")
    found = full[full.index("! near-duplicate images") :].split("→")[0]
    assert len(re.findall(r"copy 1g\.png", found)) == 1


def test_of_many_copies_of_one_picture_each_name_stands_once(root):
    for k in range(4):
        add(root, f"copy {k}g", cv2.resize(picture(1), (80, 80)), "cat")
    full = check(root, "--all")
    found = full[full.index("! identical images") :].split("→")[0]
    assert [len(re.findall(rf"copy {k}g\.png", found)) for k in range(4)] == [1] * 4


def test_json_has_every_name_and_its_old_keys(root):
    for k in range(5):
        add(root, f"copy {k:x}g", cv2.resize(picture(k), (80, 80)), "cat")
    printed = podium(root, "check", "--no-adversarial", "--json")
    found = json.loads(printed[printed.index("[\n") :])
    near = next(one for one in found if "different folds" in one["title"])
    assert {"level", "title", "detail", "fix", "items"} <= near.keys()
    assert all(" = " in item for item in near["items"])
    assert near["mend"].startswith("podium folds --group duplicates")


def test_where_runs_exist_new_folds_are_advised_after_moving_them(root):
    for k in range(5):
        add(root, f"copy {k:x}g", cv2.resize(picture(k), (80, 80)), "cat")
    run = root / "runs/baseline-00000000"
    run.mkdir(parents=True)
    (run / "record.json").write_text("{}")
    printed = " ".join(check(root).split())
    asked = r"→ first `(mv \S+ \S+)`, as runs have these folds: (podium folds .*? --redo)"
    found = re.search(asked, printed)
    assert found is not None
    subprocess.run(shlex.split(found[1]), check=True)
    podium(root, *shlex.split(found[2])[1:])
    assert "podium folds --group duplicates" not in check(root)


def test_the_page_loads_nothing_and_escapes_names(root):
    name = "<img src=x onerror=alert(1)>"
    add(root, name, cv2.resize(picture(0), (80, 80)), "dog")
    check(root)
    page = (root / "check.html").read_text()
    assert name not in page
    assert "&lt;img src=x" in page
    assert page.count("data:image/webp;base64,") >= 2
    assert not re.search(r'(?:src|href)="(?!data:)', page)


def test_an_unreadable_image_stops_and_is_named(root):
    (root / "data/train/p3g.png").write_bytes(b"")
    printed = check(root, code=2)
    assert "1 problem stops you" in printed
    why = "data/train/p3g.png: the file is empty"
    assert f"✗ images that cannot be read: 1\n    {why}\n" in printed


@pytest.mark.parametrize("command", [["check"], ["folds"]])
def test_a_misspelt_metric_is_refused_with_its_line(root, command):
    (root / "competition.yaml").write_text(SPEC.replace("accuracy", "acuracy"))
    printed = podium(root, *command, code=2)
    spelt = " ".join(printed.split())
    refused = "competition.yaml:8: metric.name: there is no metric 'acuracy'"
    assert f"{refused} fix: write accuracy" in spelt
    assert not (root / "folds.csv").exists()


@pytest.mark.parametrize(
    ("folds", "key"),
    [
        ("{scheme: stratified_group, n: 4, group: lable}", "folds.group"),
        ("{scheme: time, n: 4, time: lable}", "folds.time"),
        ("{scheme: column, column: lable}", "folds.column"),
    ],
)
def test_a_wrong_column_of_the_folds_is_shown_at_its_key(root, folds, key):
    (root / "competition.yaml").write_text(SPEC.replace("folds: {n: 4}", f"folds: {folds}"))
    printed = " ".join(check(root, code=2).split())
    assert f"there is no column 'lable' ({key}); the columns are: " in printed
    assert f"competition.yaml:7: write label in {key}" in printed


BLOCK = SPEC.replace(
    'train: {table: data/train.csv, id: id, images: "data/train/{id}.png", label: label}',
    """train:
    table: data/train.csv
    id: id
    images: data/train/{id}.png
    label: label""",
)
"""The same with a line for each key of train."""


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("label: label", "label: lable", "competition.yaml:9: write label in data.train.label"),
        ("    id: id", "    id: ids", "competition.yaml:7: write id in data.train.id"),
        ("/train.csv", "/trian.csv", "competition.yaml:6: did you mean data/train.csv?"),
        ("data/train/{id}", "data/trian/{id}", "did you mean 'train'? → competition.yaml:8: "),
        ("train/{id}.png", "train/{id}.jpg", "p0g.png is there → competition.yaml:8: "),
        ("test/{id}.png", "test/{id}.jpg", "; data/test/{id}.png matches 24 → competition.yaml:10"),
    ],
)
def test_a_wrong_part_is_shown_at_the_line_of_its_key(root, right, wrong, told):
    assert BLOCK.count(right) == 1
    (root / "competition.yaml").write_text(BLOCK.replace(right, wrong))
    assert told in " ".join(check(root, code=2).split())


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("QWK", "write qwk"),
        ("quadratic_kappa", "write qwk"),
        ("ROC-AUC", "write auc"),
        ("F1 Score", "write f1 or macro_f1"),
        ("RMSLE", "write rmsle"),  # not mcrmsle, which pages call so, too
        ("gini_of_towns", "choose one of accuracy, auc, "),
    ],
)
def test_other_names_of_a_metric_lead_to_it(root, written, advice):
    (root / "competition.yaml").write_text(SPEC.replace("accuracy", written))
    printed = " ".join(check(root, code=2).split())
    refused = f"competition.yaml:8: metric.name: there is no metric {written!r}"
    assert f"{refused} fix: {advice}" in printed


def test_a_metric_of_another_task_has_its_line(root):
    (root / "competition.yaml").write_text(SPEC.replace("accuracy", "mean_iou"))
    printed = check(root, code=2)
    assert "✗ the metric cannot be used" in printed
    assert "→ competition.yaml:8: " in printed


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("value: name", "value: rle", 11, "value rle needs a task segment"),
        ("value: name", "rows: instance", 11, "rows instance need a task segment"),
        ("value: name", "columns: {id: id, label: klass}", 11, "unknown fields 'klass'"),
        ("value: name", "id: '{image}'", 11, "submission.id '{image}' does not hold {id}"),
        ("data/sample.csv", "data/no.csv", 10, "no such file"),
    ],
)
def test_a_format_that_cannot_fit_stops_with_its_line(root, old, new, line, message):
    (root / "competition.yaml").write_text(SPEC.replace(old, new))
    printed = check(root, code=2)
    assert "✗ the submission format does not fit" in printed
    assert message in printed.replace("\n      ", " ")
    assert f"→ competition.yaml:{line}: " in printed


def test_a_sample_of_which_no_cell_fits_stops(root):
    write_sample(root, "350")
    printed = check(root, code=2)
    assert "✗ no answer of the sample submission fits the format" in printed
    assert "take submission.sample out" in " ".join(printed.split())
    refused = " ".join(podium(root, "auto", "--time", "10m", code=2).split())
    assert "no answer of the sample submission fits the format" in refused
    for placeholder in ("", "zebra"):  # a blank cell says nothing, another name stands for any
        write_sample(root, placeholder)
        printed = check(root)
        assert "✗" not in printed
        assert ("does not fit the format" in printed) == bool(placeholder)
        # What may be misspelt is the list of classes.
        assert ("competition.yaml:3: write its names in classes" in printed) == bool(placeholder)


def test_a_sample_of_another_value_or_other_images_is_a_warning(root):
    rows = ["t0,cat", *(f"t{k},0.5" for k in range(1, N_TEST))]
    (root / "data/sample.csv").write_text("\n".join(["id,label", *rows, ""]))
    printed = check(root)
    assert "! the sample submission does not fit the format" in printed
    assert "→ competition.yaml:11: " in printed
    rows = ["t0,cat", *(f"other{k},cat" for k in range(1, N_TEST))]
    (root / "data/sample.csv").write_text("\n".join(["id,label", *rows, ""]))
    printed = check(root)
    assert "! the sample submission has other rows than the test set" in printed
    assert "→ competition.yaml:10: " in printed


def test_a_sample_of_some_test_images_names_the_command_that_predicts_all(root):
    rows = [f"t{k},cat" for k in range(N_TEST - 1)]
    (root / "data/sample_submission.csv").write_text("\n".join(["id,label", *rows, ""]))
    named = (root / "competition.yaml").read_text()
    assert "sample: data/sample.csv" in named
    shown = named.replace("sample: data/sample.csv", "sample: data/sample_submission.csv")
    (root / "competition.yaml").write_text(shown)
    assert "podium choose submission.sample=null" in " ".join(check(root).split())
    (root / "competition.yaml").write_text(named.replace("data/sample.csv", "null"))
    assert "and no sample is named" not in check(root)


def test_a_sample_without_one_test_image_stops(root):
    rows = [f"other{k},cat" for k in range(N_TEST)]
    (root / "data/sample.csv").write_text("\n".join(["id,label", *rows, ""]))
    printed = " ".join(check(root, code=2).split())
    assert "✗ no row of the sample submission is of a test image" in printed
    assert f"sample.csv lacks {N_TEST} of {N_TEST} test images: 't0'" in printed
    assert f"has {N_TEST} rows of no test image: 'other0'" in printed
    assert "→ competition.yaml:10: mend data.test.id, submission.id" in printed


def test_test_set_equal_to_train_is_an_error_unless_the_sample_lists_it(root):
    for images, n in (("data/*/{id}.png", N + N_TEST), ("data/../data/train/{id}.png", N)):
        spec = SPEC.replace("data/test/{id}.png", images)
        (root / "competition.yaml").write_text(spec)
        printed = " ".join(check(root, code=2).split())
        assert f"✗ the test set is made of the files of train: {N}" in printed
        assert "data/train/p0g.png" in printed
        assert f"{N} of {n} test images are files of the {N} of train" in printed
        assert "→ competition.yaml:6: " in printed
    rows = [f"p{k:x}g,cat" for k in range(N)]
    (root / "data/sample.csv").write_text("\n".join(["id,label", *rows, ""]))
    assert "made of the files of train" not in check(root)


def test_classes_that_the_sample_does_not_ask_for_are_counted(root):
    """They are left out of the file: known before a network is trained."""
    form = "value: prob\n  rows: image_class\n  columns: {id: id, label: class_name, p: value}"
    (root / "competition.yaml").write_text(SPEC.replace("value: name", form))
    rows = [f"t{k},{name},0.5" for k in range(N_TEST) for name in ("cat", "dog")[: 2 - k % 2]]
    (root / "data/sample.csv").write_text("\n".join(["id,label,p", *rows, ""]))
    printed = " ".join(check(root).split())
    assert f"has no row for {N_TEST // 2} pairs of an image and a class: 't1 / dog'" in printed


def test_a_class_that_the_classes_lack_has_their_line(root):
    table = (root / "data/train.csv").read_text()
    (root / "data/train.csv").write_text(table.replace("p4g,cat", "p4g,cow"))
    printed = check(root, code=2)
    assert "✗ the train part cannot be read" in printed
    assert "→ competition.yaml:3: " in printed
