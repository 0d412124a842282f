"""Odd layouts of labels, as hosts hand them out, are read as their files are, or asked about."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.infer.spec import infer
from podium.competition.made_files import changed_sources
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.workflows.checking import check_format
from podium.workflows.choosing import answer
from podium.workflows.initialising import init_workspace, initialise
from podium.workspace.layout import Workspace


def put(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (12, 16, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(path)


def table(path: Path, *rows: Sequence[object], sign: str = ",") -> None:
    lines = [sign.join(map(str, row)) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def begin(tmp_path: Path, label: str | None = None) -> tuple[Competition, str]:
    """Return what is read of the data, and what a person is told."""
    started = init_workspace(tmp_path / "data", tmp_path, label=label, force=True)
    return started.competition, "\n".join(started.notes)


EYES = [(f"{n:02x}e{n}", f"P{n // 2:02}" if n < 8 else f"P{n:02}") for n in range(30)]
"""Ids and patients: four patients have two images, all others one."""


def eyes(data: Path, patients: Sequence[Sequence[str]]) -> None:
    for n, (name, _) in enumerate(EYES):
        put(data / f"train/{name[:2]}/{name}.jpeg", n)
    for n in range(30, 36):
        put(data / f"test/{n:02x}/{n:02x}e{n}.jpeg", n)
    table(
        data / "labels.csv",
        ("uid", "finding"),
        *((name, "abc"[n % 3]) for n, (name, _) in enumerate(EYES)),
    )
    table(data / "metadata.csv", ("image", "age", "patient_no"), *patients)
    rows = [(f"{n:02x}e{n}", 0.5, 0.5, 0.5) for n in range(30, 36)]
    table(data / "sample_submission.csv", ("uid", "a", "b", "c"), *rows)


def test_the_patient_in_a_second_table_groups_folds(tmp_path: Path) -> None:
    eyes(tmp_path / "data", [(f"{name}.jpeg", "40", patient) for name, patient in EYES[::-1]])
    found, notes = begin(tmp_path)
    assert (found.folds.scheme, found.folds.group) == ("stratified_group", "patient_no")
    samples = load_samples(found, "train")
    assert dict(zip(samples["id"], samples["group"], strict=True)) == dict(EYES)
    assert "with the columns of metadata.csv" in notes
    # What was made of both is made again when one of them changes.
    (tmp_path / "data/metadata.csv").write_text("image,age,patient_no\n")
    (change,) = changed_sources(Workspace(tmp_path))
    assert "metadata.csv" in change.sources[0]


def test_a_second_table_that_lacks_images_or_has_two_rows_of_one_is_not_joined(
    tmp_path: Path,
) -> None:
    rows = [(name, "40", patient) for name, patient in EYES]
    for patients in (rows[1:], [*rows, (rows[0][0], "41", rows[0][2])]):
        eyes(tmp_path / "data", patients)
        found, _ = begin(tmp_path)
        assert found.folds.group is None
        assert found.data.train.table == "data/labels.csv"


def test_patients_that_test_has_too_are_no_groups(tmp_path: Path) -> None:
    rows = [(name, "40", patient) for name, patient in EYES]
    rows += [(f"{n:02x}e{n}", "40", f"P{n - 30:02}") for n in range(30, 36)]
    eyes(tmp_path / "data", rows)
    assert begin(tmp_path)[0].folds.group is None


@pytest.mark.parametrize("inner", ["test_images/", ""])
def test_a_zip_of_images_in_the_data_folder_is_unpacked_in_the_workspace(
    tmp_path: Path, inner: str
) -> None:
    data, root = tmp_path / "download", tmp_path / "work"
    root.mkdir()
    names = [f"shelf-{n:03}" for n in range(30)]
    for n, name in enumerate(names):
        put((data if n < 24 else tmp_path) / f"train_images/{name}.png", n)
    with zipfile.ZipFile(data / "test_images.zip", "w") as archive:
        for name in names[24:]:
            archive.write(tmp_path / f"train_images/{name}.png", f"{inner}{name}.png")
    cells = [("3 7", "11", "7", "3 11 20", "3", "7 20")[n % 6] for n in range(24)]
    table(data / "train.csv", ("image", "codes"), *zip(names, cells, strict=False))
    table(data / "sample_submission.csv", ("image", "codes"), *((name, "") for name in names[24:]))
    before = sorted(data.rglob("*"))
    started = initialise(str(data), root)
    assert sorted(data.rglob("*")) == before
    assert set(load_samples(started.competition, "test")["id"]) == set(names[24:])
    assert set(load_samples(started.competition, "train")["id"]) == set(names[:24])
    assert str(started.competition.tasks["classify"]) == "multilabel"
    assert started.competition.classes == ["3", "7", "11", "20"]
    with zipfile.ZipFile(data / "test_images.zip", "a") as archive:
        archive.write(tmp_path / "train_images/shelf-024.png", f"{inner}new.png")
    assert len(changed_sources(Workspace(root))) == 1
    initialise(str(data), root, remake=True)
    assert changed_sources(Workspace(root)) == []
    assert "new" in set(load_samples(started.competition, "test")["id"])


def test_a_zip_whose_images_lie_beside_it_stays_packed(tmp_path: Path) -> None:
    folders(tmp_path / "data")
    with zipfile.ZipFile(tmp_path / "data/train.zip", "w") as archive:
        for file in (tmp_path / "data/train").rglob("*.JPG"):
            archive.write(file, file.relative_to(tmp_path / "data"))
    begin(tmp_path)
    assert not (tmp_path / "made").exists()


def test_a_damaged_zip_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    folders(tmp_path / "data")
    file = tmp_path / "data/more.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(next((tmp_path / "data/train").rglob("*.JPG")), "a.JPG")
    content = bytearray(file.read_bytes())
    content[40:80] = bytes(40)
    file.write_bytes(content)
    found, notes = begin(tmp_path)
    assert "more.zip stays packed: the archive is damaged" in notes
    assert found.data.train.images == "data/{split}/{class}/*.JPG"


def folders(data: Path) -> None:
    """Write class folders of train and of validation, images to predict, and three likeliest."""
    n = 0
    for part, each in (("train", 6), ("val", 3), ("test", 4)):
        for name in ("Barn_Owl", "Jay", "Great_Tit"):
            for _ in range(each):
                n += 1
                put(data / part / ("" if part == "test" else name) / f"IMG_{n:03}.JPG", n)
    rows = [(file.name, "Jay Barn_Owl Great_Tit") for file in sorted((data / "test").iterdir())]
    table(data / "sample_submission.csv", ("File", "Predictions"), *rows)


def test_the_folders_of_a_validation_part_are_trained_on(tmp_path: Path) -> None:
    folders(tmp_path / "data")
    found, notes = begin(tmp_path)
    samples = load_samples(found, "train")
    assert len(samples) == 27
    truth = {file.name: file.parent.name for file in (tmp_path / "data").glob("*/*/*.JPG")}
    labels = [found.classes[k] for k in samples["label"]]
    # A rehearsed file has ids as those of the sample, with their ending.
    assert dict(zip(samples["id"], labels, strict=True)) == truth
    assert "write images: 'data/train/{class}/*.JPG'" in notes
    assert len(load_samples(found, "test")) == 12


@pytest.mark.parametrize("change", ["classes", "depth"])
def test_a_validation_part_of_other_folders_is_left_out(tmp_path: Path, change: str) -> None:
    folders(tmp_path / "data")
    val = tmp_path / "data/val"
    if change == "classes":
        (val / "Jay").rename(val / "Rook")
    else:
        (val / "Jay").rename(val / "deeper")
        (val / "Jay").mkdir()
        (val / "deeper").rename(val / "Jay/1")
    found, notes = begin(tmp_path)
    assert found.data.train.images == "data/train/{class}/*.JPG"
    assert "9 images in val are not used" in notes


def beetles(data: Path, columns: Sequence[str], words: Sequence[str]) -> None:
    rows: list[Sequence[object]] = [("file", *columns)]
    for n in range(60):
        put(data / f"{'train' if n < 45 else 'test'}/b{n:03}.png", n)
        number = f"{10 + 3 * (n % 3) + n / 100:.2f}"
        cells = {columns[0]: words[n % 3], columns[1]: number}
        if n < 45:
            rows.append((f"b{n:03}.png", *cells.values()))
    table(data / "train.csv", *rows)


WORDS = ("carabus", "lucanus", "cetonia")


@pytest.mark.parametrize("columns", [("variety", "weight"), ("species", "length_mm")])
def test_a_class_beside_a_number_is_asked_for(tmp_path: Path, columns: tuple[str, str]) -> None:
    beetles(tmp_path / "data", columns, WORDS)
    found, notes = begin(tmp_path)
    assert found.to_choose == ["data.train.label"]
    taken = str(found.data.train.label)
    (other,) = set(columns) - {taken}
    assert f"repeat podium init with --force --label {other}" in notes
    assert f"# or label: {other}" in (tmp_path / "competition.yaml").read_text()
    # Each of them is one command away, with all that goes with it.
    kinds = {columns[0]: ("multiclass", "name"), columns[1]: ("regression", "scalar")}
    for name, (kind, value) in kinds.items():
        found, _ = begin(tmp_path, name)
        assert found.to_choose == []
        assert found.data.train.label == name
        assert (str(found.tasks["classify"]), found.submission.value) == (kind, value)
        assert found.submission.columns == {"file": "id", name: "value"}


@pytest.mark.parametrize("words", [WORDS, ("0", "1", "2")], ids=["names", "numbers"])
def test_a_class_and_a_number_that_the_sample_asks_for_are_told(
    tmp_path: Path, words: Sequence[str]
) -> None:
    data, columns = tmp_path / "data", ("species", "length_mm")
    beetles(data, columns, words)
    rows = [(f"b{n:03}.png", words[0], "0.0") for n in range(45, 60)]
    table(data / "sample_submission.csv", ("file", *columns), *rows)
    found, notes = begin(tmp_path)
    if words is WORDS:
        assert found.data.train.label == "species"
        assert "sample_submission.csv asks for 'length_mm', too" in notes
        assert "podium init --label length_mm" in notes
        found, _ = begin(tmp_path, "length_mm")
        assert found.tasks == {"classify": "regression"}
        assert found.submission.value == "scalar"
        assert found.submission.columns["length_mm"] == "value"
    else:
        assert found.data.train.label == list(columns)
        assert found.to_choose == ["data.train.label"]
        assert "# or label: species" in (tmp_path / "competition.yaml").read_text()
        assert "'species' holds few whole numbers beside others with fractions" in notes
        assert "podium init --label species" in notes


@pytest.mark.parametrize(
    ("readme", "asked"),
    [
        ("Metric: mean columnwise RMSE (MCRMSE).", []),
        ("Metric: accuracy of the species, RMSE of the length.", ["data.train.label"]),
    ],
)
def test_a_readme_tells_whether_whole_numbers_are_classes(
    tmp_path: Path, readme: str, asked: Sequence[str]
) -> None:
    data, columns = tmp_path / "data", ("species", "length_mm")
    beetles(data, columns, ("0", "1", "2"))
    rows = [(f"b{n:03}.png", "0", "0.0") for n in range(45, 60)]
    table(data / "sample_submission.csv", ("file", *columns), *rows)
    (data / "README.md").write_text(readme)
    found, _ = begin(tmp_path)
    assert [one for one in found.to_choose if one == "data.train.label"] == asked


@pytest.mark.parametrize("column", ["kind", "stage", "species"])
def test_numbers_of_classes_beside_fractions_are_a_question(tmp_path: Path, column: str) -> None:
    columns = (column, "length_mm")
    beetles(tmp_path / "data", columns, ("0", "1", "2"))
    found, _ = begin(tmp_path)
    assert found.to_choose == ["data.train.label"]
    (other,) = set(columns) - {str(found.data.train.label)}
    assert f"# or label: {other}" in (tmp_path / "competition.yaml").read_text()


@pytest.mark.parametrize(
    ("columns", "words"),
    [(("site", "ripeness"), WORDS), (("label", "age"), WORDS), (("sex", "score"), "FMF")],
)
def test_a_place_or_a_fact_beside_the_label_is_no_question(
    tmp_path: Path, columns: tuple[str, str], words: Sequence[str]
) -> None:
    beetles(tmp_path / "data", columns, words)
    found, _ = begin(tmp_path)
    assert found.to_choose == []


def test_the_named_label_leaves_the_sample_as_it_is(tmp_path: Path) -> None:
    beetles(tmp_path / "data", ("variety", "weight"), WORDS)
    rows = [(f"b{n:03}.png", 0.0) for n in range(45, 60)]
    table(tmp_path / "data/sample_submission.csv", ("file", "answer"), *rows)
    found, _ = begin(tmp_path, "weight")
    assert found.submission.sample == "data/sample_submission.csv"
    assert found.submission.columns == {"file": "id", "answer": "value"}
    assert found.data.train.label == "weight"


def test_a_label_that_no_table_has_is_an_error(tmp_path: Path) -> None:
    beetles(tmp_path / "data", ("variety", "weight"), WORDS)
    words = ["-w", str(tmp_path), "init", str(tmp_path / "data"), "--label", "wieght"]
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 2
    assert "no table has a column 'wieght'" in ended.output + ended.stderr
    assert "did you mean --label weight?" in ended.output + ended.stderr


def test_a_named_label_where_folders_have_the_classes_is_to_be_left_out(tmp_path: Path) -> None:
    for kind in ("ladybird", "weevil"):
        (tmp_path / "data/train" / kind).mkdir(parents=True)
        for n in range(6):
            colour = (40 * n, 90, 10 * len(kind))
            Image.new("RGB", (8, 8), colour).save(tmp_path / f"data/train/{kind}/{kind[0]}{n}.png")
    (tmp_path / "answers.csv").write_text("id,label\nl0,ladybird\n")
    words = ["-w", str(tmp_path / "work"), "init", str(tmp_path / "data"), "--label", "kidn"]
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 2
    printed = ended.output + ended.stderr
    assert "fix: leave out --label, which names a column" in printed
    assert "answers.csv" not in printed


def leaves(data: Path) -> None:
    rows: list[Sequence[object]] = [("file", "rust", "scab", "night", "length", "weight, g", "hue")]
    for n in range(36):
        put(data / f"{'train' if n < 30 else 'test'}/l{n:02}.png", n)
        if n < 30:
            numbers = (f"{1 + n / 7:.2f}", f"{2 + n / 9:.2f}")
            rows.append((f"l{n:02}.png", n % 2, n // 2 % 2, n // 4 % 2, *numbers, "abc"[n % 3]))
    header = [f'"{one}"' if "," in one else one for one in map(str, rows[0])]
    table(data / "train.csv", header, *rows[1:])


@pytest.mark.parametrize(
    ("label", "kind", "columns", "sent"),
    [
        ("scab, rust", "multilabel", ["scab", "rust"], {"file": "id", "label": "value"}),
        (
            "length,rust",
            "multitarget",
            ["length", "rust"],
            {"file": "id", "length": "value[length]", "rust": "value[rust]"},
        ),
        (
            "hue,night",
            "multioutput[3,2]",
            ["hue", "night"],
            {"file": "id", "hue": "value[hue]", "night": "value[night]"},
        ),
        ("weight, g", "regression", "weight, g", {"file": "id", "weight, g": "value"}),
    ],
)
def test_several_columns_that_a_person_names_are_the_label(
    tmp_path: Path, label: str, kind: str, columns: object, sent: object
) -> None:
    leaves(tmp_path / "data")
    found, _ = begin(tmp_path, label)
    assert found.data.train.label == columns
    assert dict(found.tasks) == {"classify": kind}
    assert found.submission.columns == sent
    assert check_format(found) == []
    assert len(load_samples(found, "train")) == 30


def test_columns_that_are_of_several_kinds_or_nowhere_are_not_taken(tmp_path: Path) -> None:
    leaves(tmp_path / "data")
    with pytest.raises(DataError) as mixed:
        begin(tmp_path, "length,hue")
    assert "--label length, or --label hue in another workspace" in (mixed.value.fix or "")
    with pytest.raises(DataError, match="no table has a column 'skab'") as absent:
        begin(tmp_path, "rust,skab")
    assert (absent.value.fix or "").startswith("did you mean --label rust,scab?")


def test_other_columns_that_are_chosen_as_the_label_name_the_command(tmp_path: Path) -> None:
    leaves(tmp_path / "data")
    begin(tmp_path, "hue")
    before = (tmp_path / "competition.yaml").read_text()
    for given in ("rust,scab", "[rust, scab]"):
        with pytest.raises(DataError) as refused:
            answer(Workspace(tmp_path), [f"data.train.label={given}"])
        assert (refused.value.fix or "").startswith(
            f"podium init {tmp_path / 'data'} --force --label rust,scab writes it"
        )
    with pytest.raises(DataError) as refused:
        answer(Workspace(tmp_path), ["data.train.label=rusk"])
    assert (refused.value.fix or "").startswith("write rust in data.train.label")
    assert (tmp_path / "competition.yaml").read_text() == before


def test_a_sample_with_semicolons_and_decimal_commas_fits_its_own_format(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = [f"Köln {n:02}" for n in range(40)]
    for n, name in enumerate(names):
        for end in ("green", "red"):
            put(data / f"bilder/{'train' if n < 30 else 'test'}/{name}_{end}.png", n)
    rows = [(name, f"{n},5", "überreif") for n, name in enumerate(names[:30])]
    table(data / "train.csv", ("Probe", "Gewicht (g)", "Bemerkung"), *rows, sign=";")
    sample = [("Probe", "Gewicht (g)"), *((name, "0,0") for name in names[:29:-1])]
    table(data / "sample_submission.csv", *sample, sign=";")
    found, _ = begin(tmp_path)
    assert found.submission.file.sep == ";"
    assert check_format(found) == []
    assert set(found.data.train.images) == {"red", "green"}


@pytest.mark.parametrize("where", ["inside", "around"])
def test_class_folders_of_several_depths_are_read_whole(where: str, tmp_path: Path) -> None:
    drawn = {}
    for n in range(30):
        label, folder = ("bird", "cat", "fish")[n % 3], ("", "wild", "wild/young")[n // 3 % 3]
        inside = f"{label}/{folder}" if where == "inside" else f"s{n}/{folder}/{label}"
        path = f"train/{inside}/{n}.png".replace("//", "/")
        put(tmp_path / "data" / path, n)
        drawn[str(n)] = label
    for n in range(30, 34):
        put(tmp_path / f"data/test/{n}.png", n)
    found, notes = begin(tmp_path)
    assert found.classes == ["bird", "cat", "fish"]
    samples = load_samples(found, "train")
    labels = samples["label"].map(lambda at: found.classes[int(at)])
    assert dict(zip(samples["id"], labels, strict=True)) == drawn
    assert "no groups of folds" in notes


GENERA = ("Myzus persicae", "Aphis fabae", "Harmonia axyridis")
NUMBERS = {"Myzus persicae": "7", "Aphis fabae": "30", "Harmonia axyridis": "12"}


def species(data: Path, listed: Sequence[str] = GENERA, *, lists: str = "categories.csv") -> None:
    """Write train with names, a sample with numbers, and a third table with both."""
    for n in range(60):
        put(data / f"images/{n % 7}/s{n:02}.jpeg", n)
    rows = [(f"s{n:02}", GENERA[n % 3].split()[0], GENERA[n % 3], 3 * n) for n in range(45)]
    table(data / "train.csv", ("image_id", "genus", "species", "altitude"), *rows)
    table(
        data / "sample_submission.csv",
        ("Id", "Category"),
        *((f"s{n}.jpg", 7) for n in range(45, 60)),
    )
    numbered = [(NUMBERS[name], name) for name in listed]
    table(data / lists, ("category_id", "species_name"), *numbered)


def test_a_list_of_classes_that_is_called_as_test_leaves_the_labels_to_train(
    tmp_path: Path,
) -> None:
    species(tmp_path / "data", lists="test_categories.csv")
    found, _ = begin(tmp_path)
    assert names_of(found) == {f"s{n:02}": NUMBERS[GENERA[n % 3]] for n in range(45)}


def test_classes_are_called_by_the_numbers_that_the_sample_has_for_them(tmp_path: Path) -> None:
    species(tmp_path / "data")
    found, notes = begin(tmp_path)
    assert found.to_choose == []
    assert found.submission.value == "name"
    samples = load_samples(found, "train")
    given = {
        name: found.classes[k] for name, k in zip(samples["id"], samples["label"], strict=True)
    }
    assert given == {f"s{n:02}": NUMBERS[GENERA[n % 3]] for n in range(45)}
    assert "category_id of categories.csv for each species" in notes
    # The ids of the sample have another ending than the files, and are those of the images.
    assert "are not those of the test images" not in notes
    assert list(load_samples(found, "test")["id"]) == [f"s{n}" for n in range(45, 60)]


def test_numbers_of_some_classes_alone_are_not_taken(tmp_path: Path) -> None:
    species(tmp_path / "data", GENERA[:2])
    found, _ = begin(tmp_path)
    assert found.data.train.table == "data/train.csv"
    assert "submission.value" in found.to_choose


FISH = ("torsk", "hyse", "sei", "lyr")


@pytest.mark.parametrize("file", ["klasser.csv", "opplysninger.csv", "klasser.txt", "klasser.json"])
@pytest.mark.parametrize(("of_train", "of_sample"), [("number", "name"), ("name", "number")])
def test_a_list_of_any_header_tells_numbers_and_names(
    tmp_path: Path, of_train: str, of_sample: str, file: str
) -> None:
    data = tmp_path / "data"

    def cell(n: int, how: str) -> object:
        return FISH[n % 4] if how == "name" else n % 4 + 1

    for n in range(48):
        put(data / ("train" if n < 40 else "test") / f"f{n}.png", n)
    table(data / "train.csv", ("id", "art"), *((f"f{n}", cell(n, of_train)) for n in range(40)))
    sent = [(f"f{n}", cell(n * 2, of_sample)) for n in range(40, 48)]
    table(data / "sample_submission.csv", ("id", "art"), *sent)
    pairs = [(n + 1, name) for n, name in enumerate(FISH)]
    if file.endswith(".json"):
        (data / file).write_text(json.dumps({str(n): name for n, name in pairs}))
    elif file.endswith(".txt"):
        (data / file).write_text("".join(f"{n} {name}\n" for n, name in pairs))
    else:
        table(data / file, ("kode", "beskrivelse"), *pairs)
    found, notes = begin(tmp_path)
    assert found.to_choose == []
    assert found.submission.value == "name"
    wanted = list(FISH) if of_sample == "name" else ["1", "2", "3", "4"]
    assert sorted(found.classes) == sorted(wanted)
    assert f"of {file} for each art" in notes
    samples = load_samples(found, "train")
    for name, k in zip(samples["id"], samples["label"], strict=True):
        assert found.classes[k] == str(cell(int(name[1:]), of_sample))


def test_a_list_does_not_change_classes_that_the_sample_has(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(48):
        put(data / ("train" if n < 40 else "test") / f"f{n}.png", n)
    table(data / "train.csv", ("id", "art"), *((f"f{n}", n % 4 + 1) for n in range(40)))
    table(data / "sample_submission.csv", ("id", "art"), *((f"f{n}", 1) for n in range(40, 48)))
    table(data / "klasser.csv", ("kode", "navn"), *((n + 1, one) for n, one in enumerate(FISH)))
    found, _ = begin(tmp_path)
    assert found.data.train.table == "data/train.csv"
    assert found.classes == ["1", "2", "3", "4"]


TAGS = ("rust", "mildew", "wilt")


def tagged(
    data: Path, columns: Sequence[str] = ("photo", "tag", "confidence")
) -> dict[str, set[str]]:
    """Write a row for each label of an image, in no order; return the labels of each."""
    truth = {}
    rows = []
    for n in range(60):
        name = f"{n * n + 311}"
        put(data / f"{'train' if n < 45 else 'test'}/{name}.png", n)
        if n < 45:
            truth[name] = {TAGS[k] for k in range(3) if n % 7 + 1 & 1 << k} or {"wilt"}
            rows += [(name, one, f"0.{n:02}{len(one)}") for one in sorted(truth[name])]
    table(data / "annotations.csv", columns, *sorted(rows, key=lambda row: (row[1], row[0])))
    return truth


def test_a_row_for_each_label_of_an_image_is_a_list_of_labels(tmp_path: Path) -> None:
    truth = tagged(tmp_path / "data")
    found, notes = begin(tmp_path)
    assert str(found.tasks["classify"]) == "multilabel"
    assert found.to_choose == []
    samples = load_samples(found, "train")
    given = {
        name: {found.classes[k] for k in np.flatnonzero(one)}
        for name, one in zip(samples["id"], samples["label"], strict=True)
    }
    assert given == truth
    assert "the rows of each image in one: its tag, without confidence" in notes


def test_rows_of_several_judges_are_not_joined(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(40):
        put(data / f"{'train' if n < 30 else 'test'}/{n}.png", n)
    rows = [
        (n, "abc"[(n + k * (n % 4 == 0)) % 3], f"judge{k}") for n in range(30) for k in range(2)
    ]
    table(data / "train.csv", ("image", "grade", "judge"), *rows)
    _, notes = begin(tmp_path)
    assert "ids stand more than once" in notes


@pytest.mark.parametrize(
    "cell", ["car 1 2.5 3 9 {} bus 0.5 1 1 5 5", "U+306F 12 34 5 {} U+30 1 2 3 4"]
)
def test_words_with_numbers_in_a_cell_are_boxes_and_refused(tmp_path: Path, cell: str) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"{'train' if n < 24 else 'test'}/i{n}.png", n)
    rows = [(f"i{n}", cell.format(n) if n % 4 else "", "ab"[n % 2]) for n in range(24)]
    table(data / "train.csv", ("image", "labels", "farm"), *rows)
    sent = [(f"i{n}", "x 1 1") for n in range(24, 30)]
    table(data / "sample_submission.csv", ("image", "labels"), *sent)
    with pytest.raises(DataError, match="cells of labels are words with boxes") as caught:
        begin(tmp_path)
    assert "columns image and labels" in caught.value.fix
    # Another column may be predicted all the same.
    assert begin(tmp_path, "farm")[0].classes == ["a", "b"]


@pytest.mark.parametrize("columns", [1, 4])
def test_boxes_in_a_table_are_refused(tmp_path: Path, columns: int) -> None:
    data = tmp_path / "data"
    for n in range(40):
        put(data / f"{'train' if n < 30 else 'test'}/i{n}.png", n)
    box = ('"[2.0, 1.5, 8.0, 4.0]"',) if columns == 1 else (2, 1, 8, 4)
    names = ("bbox",) if columns == 1 else ("x_min", "y_min", "x_max", "y_max")
    rows = [(f"i{n}", *box, f"farm_{n % 3}") for n in range(30) for _ in range(1 + n % 2)]
    table(data / "train.csv", ("image_id", *names, "source"), *rows)
    rows = [(f"i{n}", "1.0 0 0 9 9") for n in range(30, 40)]
    table(data / "sample_submission.csv", ("image_id", "PredictionString"), *rows)
    with pytest.raises(DataError, match=r"45 rows of 30 images.*no boxes"):
        begin(tmp_path)


def test_columns_of_the_sample_may_spell_classes_otherwise(tmp_path: Path) -> None:
    data, names = tmp_path / "data", ("Normal/Mild", "Moderate", "Severe")
    for n in range(40):
        put(data / f"{'train' if n < 30 else 'test'}/{n}.png", n)
    table(data / "train.csv", ("image", "grade"), *((n, names[n % 3]) for n in range(30)))
    rows = [(n, 0.3, 0.3, 0.4) for n in range(30, 40)]
    table(data / "sample_submission.csv", ("image", "normal_mild", "moderate", "severe"), *rows)
    found, notes = begin(tmp_path)
    assert found.submission.columns == {
        "image": "id",
        "normal_mild": "prob[Normal/Mild]",
        "moderate": "prob[Moderate]",
        "severe": "prob[Severe]",
    }
    assert "are not the classes" not in notes


@pytest.mark.parametrize("has_numbers", [True, False])
def test_columns_of_the_sample_that_are_no_classes_are_named_as_they_are(
    tmp_path: Path, has_numbers: bool
) -> None:
    data = tmp_path / "data"
    for n in range(40):
        put(data / f"{'train' if n < 30 else 'test'}/{n}.png", n)
    cells = [n * 0.37 if has_numbers else ("x", "y", "z")[n % 3] for n in range(30)]
    table(data / "train.csv", ("image", "label"), *enumerate(cells))
    rows = [(n, 0.3, 0.3, 0.4) for n in range(30, 40)]
    table(data / "sample_submission.csv", ("image", "oak", "elm", "ash"), *rows)
    found, notes = begin(tmp_path)
    assert "submission.columns" in found.to_choose  # no file can be made of this reading
    told = "are several, and 'label' has no classes" if has_numbers else "are not the classes (x"
    assert f"the sample's columns (oak, elm, ash) {told}" in notes
    assert "…)" not in notes


def test_labels_in_the_parts_of_names_are_refused_with_the_way_to_give_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(40):
        put(data / (f"train/{20 + n}_{n % 2}_{n:07}.jpg" if n < 30 else f"test/{n:07}.jpg"), n)
    table(data / "sample_submission.csv", ("id", "age"), *((f"{n:07}", 0) for n in range(30, 40)))
    with pytest.raises(DataError) as refused:
        begin(tmp_path)
    assert "repeat podium init with --label-from-name" in str(refused.value)


def test_patients_in_class_folders_stay_groups_where_some_images_lie_beside_them(
    tmp_path: Path,
) -> None:
    for n in range(60):
        label, patient = ("ill", "well")[n % 2], f"P{n // 4:02}"
        inside = label if n >= 48 else f"{label}/{patient}"
        put(tmp_path / f"data/train/{inside}/{n}.png", n)
        put(tmp_path / f"data/test/{100 + n}.png", 100 + n)
    found, notes = begin(tmp_path)
    assert (found.folds.scheme, found.folds.group) == ("stratified_group", "folder")
    assert "12 images do not lie 2 folders below" in notes


def ids_of(spec: Competition, split: Literal["train", "test"]) -> list[str]:
    return sorted(load_samples(spec, split)["id"])


def names_of(spec: Competition) -> dict[str, str]:
    """Return the class of each image of train, by id."""
    samples = load_samples(spec, "train")
    pairs = zip(samples["id"], samples["label"], strict=True)
    return {str(name): spec.classes[int(label)] for name, label in pairs}


@pytest.mark.parametrize("where", ["", "pictures/"])
def test_a_part_in_pieces_holds_no_image_of_another_part(tmp_path: Path, where: str) -> None:
    """`train_images_0` to `train_images_3` stand beside `test_images_0` and `test_images_1`."""
    data = tmp_path / "data"
    names = [f"{n:04}" for n in range(30)]
    for n, name in enumerate(names):
        piece = f"train_images_{n % 4}" if n < 22 else f"test_images_{n % 2}"
        put(data / where / piece / f"{name}.png", n)
    table(
        data / "train_labels.csv", ("id", "label"), *((names[n], "abc"[n % 3]) for n in range(22))
    )
    table(data / "sample_submission.csv", ("id", "label"), *((name, "a") for name in names[22:]))
    spec, _ = begin(tmp_path)
    assert ids_of(spec, "train") == names[:22]
    assert ids_of(spec, "test") == names[22:]


@pytest.mark.parametrize("front", ["IMG_", "scan-", "p"])
def test_numbers_name_files_that_have_a_text_and_zeros_in_front(tmp_path: Path, front: str) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / ("train" if n < 22 else "test") / f"{front}{n + 1:04}.JPG", n)
    rows = [(n + 1, 1 + n % 3, "abc"[n % 3]) for n in range(22)]
    table(data / "train.csv", ("image_id", "camera", "species"), *rows)
    sample = [(n + 1, "a") for n in range(22, 30)]
    table(data / "sample_submission.csv", ("image_id", "species"), *sample)
    spec, _ = begin(tmp_path)
    assert names_of(spec) == {str(n + 1): "abc"[n % 3] for n in range(22)}
    assert ids_of(spec, "test") == sorted(str(n + 1) for n in range(22, 30))
    file = load_samples(spec, "test")["images"].iloc[0][0]
    assert Path(file).name == f"{front}{int(load_samples(spec, 'test')['id'].iloc[0]):04}.JPG"


def test_numbers_beside_names_of_files_name_no_other_files(tmp_path: Path) -> None:
    """A column of names is preferred to numbers that are those of other files by chance."""
    data = tmp_path / "data"
    names = [f"IMG_{n:04}" for n in range(30)]
    for n, name in enumerate(names):
        put(data / ("train" if n < 22 else "test") / f"{name}.jpg", n)
    rows = [(21 - n, names[n], "abc"[n % 3]) for n in range(22)]
    table(data / "train.csv", ("id", "file", "species"), *rows)
    sample = [(name, "a") for name in names[22:]]
    table(data / "sample_submission.csv", ("file", "species"), *sample)
    spec, _ = begin(tmp_path)
    assert names_of(spec) == {names[n]: "abc"[n % 3] for n in range(22)}


@pytest.mark.parametrize("label", ["name", "number", "list"])
@pytest.mark.parametrize("sign", [",", "\t"])
def test_a_table_without_a_header_keeps_its_first_row(
    tmp_path: Path, label: str, sign: str
) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / ("train" if n < 22 else "test") / f"{n:03}.jpg", n)
    of_label = {
        "name": ["abc"[n % 3] for n in range(30)],
        "number": [f"{0.37 * n + 1:.2f}" for n in range(30)],
        "list": ["c;a;b", *("abc"[n % 3] for n in range(29))],  # the one list of these three
    }
    cells = of_label[label]
    rows = [(f"{n:03}.jpg", cells[n]) for n in range(22)]
    table(data / ("train.csv" if sign == "," else "train.tsv"), *rows, sign=sign)
    blank = "0.5" if label == "number" else "a"
    sample = [(f"{n:03}.jpg", blank) for n in range(22, 30)]
    table(data / "sample_submission.csv", ("image", "value"), *sample)
    spec, notes = begin(tmp_path)
    assert "which has no header: its columns are called image, label" in notes
    assert ids_of(spec, "train") == [f"{n:03}.jpg" for n in range(22)]
    if label == "name":
        assert names_of(spec) == {f"{n:03}.jpg": cells[n] for n in range(22)}


def test_of_tables_that_label_an_image_otherwise_one_is_chosen(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / ("train" if n < 22 else "test") / f"{n}.jpg", n)
    rows = [(n, "abc"[n % 3]) for n in range(22)]
    table(data / "train.csv", ("id", "label"), *rows)
    table(data / "train_copy.csv", ("id", "label"), *rows)
    sample = [(n, "a") for n in range(22, 30)]
    table(data / "sample_submission.csv", ("id", "label"), *sample)
    spec, _ = begin(tmp_path)
    assert spec.to_choose == []  # the same labels
    rows[3], rows[7] = (3, "b"), (7, "a")
    table(data / "train_copy.csv", ("id", "label"), *rows)
    spec, _ = begin(tmp_path)
    assert spec.to_choose == ["data.train.table"]
    text = (tmp_path / "competition.yaml").read_text(encoding="utf-8")
    assert "# or table: data/train_copy.csv" in text
    assert "2 of 22 images have another label there: 3 is 'b' in place of 'a'" in text


def test_lists_of_few_names_are_labels_whatever_their_column_is_called(tmp_path: Path) -> None:
    codes = ["n1", "n2", "n1 n3", "n2 n4", "n3", "n1 n2 n4", "n4", "n2 n3"]
    data = tmp_path / "data"
    for n in range(24):
        put(data / f"train/site{n % 3}/{n:02d}.png", n)
    for n in range(24, 30):
        put(data / f"test/site{n % 3}/{n:02d}.png", n)
    rows = [(f"train/site{n % 3}/{n:02d}.png", codes[n % 8]) for n in range(24)]
    table(data / "train.csv", ("image", "attribute_ids"), *rows)
    sample = [(f"test/site{n % 3}/{n:02d}.png", "n1 n2") for n in range(24, 30)]
    table(data / "sample_submission.csv", ("image", "attribute_ids"), *sample)
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "multilabel"}
    assert found.classes == ["n1", "n2", "n3", "n4"]
    table(data / "sample_submission.csv", ("image", "prediction"), *sample)
    assert begin(tmp_path)[0].tasks == {"classify": "multilabel"}
    # A fact that is called so has few values, too, and is seldom asked for.
    rows = [(name, f"scanner {n % 2}", codes) for n, (name, codes) in enumerate(rows)]
    table(data / "train.csv", ("image", "source", "attribute_ids"), *rows)
    assert begin(tmp_path)[0].classes == ["n1", "n2", "n3", "n4"]


def test_a_column_beside_class_folders_is_asked_about(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / f"train/site{n % 3}/{n:02d}.png", n)
    for n in range(24, 30):
        put(data / f"test/{n:02d}.png", n)
    rows = [(f"{n:02d}.png", f"plot {n * n}") for n in range(24)]
    table(data / "train.csv", ("image", "harvest"), *rows)
    found, notes = begin(tmp_path)
    assert found.classes == ["site0", "site1", "site2"]
    assert found.to_choose == ["data.train.label"]
    assert "--label harvest" in notes
    written = (tmp_path / "competition.yaml").read_text()
    assert "podium init DATA --force --label harvest" in written
    table(data / "train.csv", ("image", "width", "patient"), *[(a, 9, b) for a, b in rows])
    assert begin(tmp_path)[0].to_choose == []


def test_rows_of_classes_behind_a_slash_are_no_paths(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(1, 16):
        put(data / ("train" if n < 11 else "test") / f"{n}.tif", n)
    runs = [
        (f"{n}.tif/{c}", f"{10 * c} 4 {10 * c + 16} 4") for n in range(1, 11) for c in (1, 2, 3)
    ]
    table(data / "train.csv", ("id_class", "EncodedPixels"), *runs)
    rows = [(f"{n}.tif/{c}", "-1") for n in range(11, 16) for c in (1, 2, 3)]
    table(data / "sample_submission.csv", ("id_class", "EncodedPixels"), *rows)
    found, _ = begin(tmp_path)
    assert found.classes == ["1", "2", "3"]
    assert len(load_samples(found, "train")) == 10


@pytest.mark.parametrize(("n_twice", "kind"), [(1, "multiclass"), (6, "multilabel")])
def test_a_few_images_that_are_labelled_twice_are_a_mistake_and_no_lists(
    tmp_path: Path, n_twice: int, kind: str
) -> None:
    data, names = tmp_path / "data", ("cat", "dog", "fox")
    for n in range(30):
        put(data / f"train/a{n}.png", n)
    put(data / "test/b.png", 99)
    rows = [(f"a{n}", names[n % 3]) for n in range(30)]
    twice = [(f"a{n}", names[(n + 1) % 3]) for n in range(n_twice)]
    table(data / "train.csv", ("image", "label"), *rows, *twice)
    table(data / "sample_submission.csv", ("image", "label"), ("b", "cat"))
    spec, notes = begin(tmp_path)
    assert str(spec.tasks["classify"]) == kind
    assert ("more than once: 'a0'" in notes) == (kind == "multiclass")


def test_of_two_facts_either_may_be_the_label(tmp_path: Path) -> None:
    for n in range(30):
        put(tmp_path / f"data/train/a{n}.png", n)
    put(tmp_path / "data/test/b.png", 99)
    rows = [(f"a{n}", "mf"[n % 2], 20 + n) for n in range(30)]
    table(tmp_path / "data/train.csv", ("image", "gender", "age"), *rows)
    spec, _ = begin(tmp_path)
    assert "data.train.label" in spec.to_choose
    assert begin(tmp_path, "gender")[0].classes == ["f", "m"]


def test_a_number_beside_the_sex_of_a_person_is_the_label_before_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"{'train' if n < 24 else 'test'}/{n}.png", n)
    rows = [(n, 12 + n * 37 % 200, n % 3 > 0) for n in range(24)]
    table(data / "train.csv", ("id", "boneage", "male"), *rows)
    table(data / "test.csv", ("Case ID", "Sex"), *((n, "MF"[n % 2]) for n in range(24, 30)))
    found, _ = begin(tmp_path)
    assert (found.data.train.label, found.tasks) == ("boneage", {"classify": "regression"})


def animals(data: Path) -> list[tuple[str, str]]:
    for n in range(30):
        put(data / f"{'train' if n < 24 else 'test'}/{n}.png", n)
    return [(f"{n}", ("cat", "dog", "emu")[n % 3]) for n in range(24)]


def test_a_column_of_the_sample_that_is_no_class_is_left_out_or_a_choice(tmp_path: Path) -> None:
    data = tmp_path / "data"
    table(data / "train.csv", ("image", "label"), *animals(data))
    sample = [(f"{n}", "cat", ("Public", "Private")[n % 2]) for n in range(24, 30)]
    table(data / "sample_submission.csv", ("image", "label", "Usage"), *sample)
    found, notes = begin(tmp_path)
    assert found.submission.value == "name"
    assert found.submission.columns == {"image": "id", "label": "value"}
    assert "'Usage' is not known" in notes
    sample = [(name, label, "0.5") for name, label, _ in sample]
    table(data / "sample_submission.csv", ("image", "label", "confidence"), *sample)
    found, _ = begin(tmp_path)
    assert found.to_choose == ["submission.columns"]
    columns = {"image": "id", "label": "value", "confidence": "text[0.5]"}
    assert found.submission.columns == columns
    written = (tmp_path / "competition.yaml").read_text()
    assert "# or columns: {image: id, label: value}" in written


def test_ids_that_a_spreadsheet_wrote_as_fractions(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = animals(data)
    table(data / "train.csv", ("image", "label"), *((f"{name}.0", label) for name, label in rows))
    table(data / "sample_submission.csv", ("image", "label"), *((n, "cat") for n in range(24, 30)))
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    assert list(zip(samples["id"], samples["label"], strict=True)) == [
        (name, found.classes.index(label)) for name, label in rows
    ]


def test_lines_of_remarks_above_a_table_are_left_out(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = [("# written by a scanner",), ("# in May",), ("image", "label"), *animals(data)]
    table(data / "train.csv", *rows)
    sample = [("image", "label"), *((n, "cat") for n in range(24, 30))]
    table(data / "sample_submission.csv", ("# an example",), *sample)
    found, notes = begin(tmp_path)
    assert found.classes == ["cat", "dog", "emu"]
    assert len(load_samples(found, "train")) == 24
    assert "lines of remarks above" in notes
    assert check_format(found) == []


def test_folders_with_a_key_before_the_class(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / f"train/label={('cat', 'dog')[n % 2]}/{n}.png", n)
    for n in range(24, 30):
        put(data / f"test/{n}.png", n)
    table(data / "sample_submission.csv", ("id", "label"), *((n, "cat") for n in range(24, 30)))
    found, _ = begin(tmp_path)
    assert found.classes == ["cat", "dog"]
    assert found.to_choose == []
    samples = load_samples(found, "train")
    assert all(
        label == int(name) % 2 for name, label in zip(samples["id"], samples["label"], strict=True)
    )


@pytest.mark.parametrize("are_marked", [True, False])
def test_a_label_of_each_patient_in_a_table_of_its_own(tmp_path: Path, are_marked: bool) -> None:
    """Images with their patient and part, patients with their label, and facts of patients."""
    data = tmp_path / "data"
    images, expected = [], {}
    for n in range(36):
        part = "train" if n < 27 else "test"
        put(data / f"{part}/{n}.png", n)
        images.append((n, f"P{n // 3}", part))
        if part == "train":
            expected[str(n)] = ("benign", "malignant")[n // 3 % 2]
    header, n_columns = ("image_id", "patient_id", "split"), 3 if are_marked else 2
    table(data / "images.csv", header[:n_columns], *(row[:n_columns] for row in images))
    known = [(f"P{n}", ("benign", "malignant")[n % 2]) for n in range(9)]
    table(data / "labels.csv", ("patient_id", "diagnosis"), *known)
    facts = [(f"P{n}", 30 + n, "MF"[n % 2]) for n in range(12)]
    table(data / "patients.csv", ("patient_id", "age", "sex"), *facts)
    sample = [(n, "benign") for n in range(27, 36)]
    table(data / "sample_submission.csv", ("image_id", "diagnosis"), *sample)
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    labels = {
        name: found.classes[n] for name, n in zip(samples["id"], samples["label"], strict=True)
    }
    assert labels == expected
    assert found.folds.group == "patient_id"
    assert found.to_choose == []
    assert set(load_samples(found, "test")["id"]) == {str(n) for n in range(27, 36)}


def test_a_sample_of_some_test_images_names_them_as_they_are(tmp_path: Path) -> None:
    data = tmp_path / "data"
    table(data / "train.csv", ("image", "label"), *animals(data))
    some = [(n, "cat") for n in (25, 27)]
    table(data / "sample_submission.csv", ("image", "label"), *some)
    found, notes = begin(tmp_path)
    assert set(load_samples(found, "test")["id"]) == {str(n) for n in range(24, 30)}
    assert "has no row" in notes


def test_counts_are_numbers_or_classes_by_choice(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = [(name, n * n % 5) for n, (name, _) in enumerate(animals(data))]
    table(data / "train.csv", ("image", "count"), *rows)
    table(data / "sample_submission.csv", ("image", "count"), *((n, 0) for n in range(24, 30)))
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}
    assert "tasks" in found.to_choose
    assert "# or tasks: {classify: multiclass}" in (tmp_path / "competition.yaml").read_text()


def test_rows_without_a_label_are_unlabelled_images(tmp_path: Path) -> None:
    data = tmp_path / "data"
    known = [(name, label if n % 4 else "") for n, (name, label) in enumerate(animals(data))]
    of_test = ("24", "")
    table(data / "train.csv", ("image", "label"), *known, of_test)
    table(data / "sample_submission.csv", ("image", "label"), *((n, "cat") for n in range(24, 30)))
    found, notes = begin(tmp_path)
    assert found.to_choose == []
    train, unlabelled = load_samples(found, "train"), load_samples(found, "unlabelled")
    assert set(unlabelled["id"]) == {str(n) for n in range(0, 24, 4)}
    assert set(train["id"]) == {str(n) for n in range(24) if n % 4}
    assert "6 rows of train.csv have no label" in notes
    assert "not used" not in notes
    assert "to mend" not in notes


@pytest.mark.parametrize(
    ("names", "column", "positive"),
    [
        (("healthy", "sick"), "healthy", "healthy"),
        (("healthy", "sick"), "sick_score", "sick"),
        (("abnormal", "normal"), "label", "abnormal"),
        (("defect", "ok"), "probability", "defect"),
        (("left", "right"), "label", "right"),
        (("N", "Y"), "probability", "Y"),
        (("M", "N"), "label", "N"),
    ],
)
def test_a_probability_is_of_the_class_that_names_tell(
    names: tuple[str, str], column: str, positive: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    for n in range(12):
        put(data / f"train/{n}.png", n)
        put(data / f"test/q{n}.png", 100 + n)
    table(data / "train.csv", ("image", "finding"), *((n, names[n % 2]) for n in range(12)))
    table(data / "sample_submission.csv", ("image", column), *((f"q{n}", 0.5) for n in range(12)))
    found, notes = begin(tmp_path)
    assert (found.tasks, found.submission.value) == ({"classify": "binary"}, "prob")
    assert found.classes[1] == positive
    assert "exchange" not in notes


def test_of_which_class_a_probability_is_stands_in_a_note_where_no_name_tells(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for n in range(12):
        put(data / f"train/{('left', 'right')[n % 2]}/{n}.png", n)
        put(data / f"test/q{n}.png", 100 + n)
    rows = [(f"q{n}", 0.5) for n in range(12)]
    table(data / "sample_submission.csv", ("image", "prediction"), *rows)
    _, notes = begin(tmp_path)
    assert "prediction is taken for the probability of 'right'" in notes


@pytest.mark.parametrize("form", ["I{}.PNG", "I{}", "C:\\pets\\I{}.PNG"])
def test_a_sample_with_other_letters_or_paths_names_the_images(tmp_path: Path, form: str) -> None:
    data = tmp_path / "data"
    for n in range(16):
        put(data / f"{'train' if n < 12 else 'test'}/i{n}.png", n)
    table(data / "train.csv", ("image", "animal"), *((f"i{n}", "cd"[n % 2]) for n in range(12)))
    ids = [form.format(n) for n in range(12, 16)]
    table(data / "sample_submission.csv", ("image", "animal"), *((one, "c") for one in ids))
    found, notes = begin(tmp_path)
    test = load_samples(found, "test")
    assert list(test["id"]) == ids
    assert [Path(images[0]).name for images in test["images"]] == [
        f"i{n}.png" for n in range(12, 16)
    ]
    assert "are not those of the test images" not in notes


def test_an_answer_of_the_sample_names_no_image(tmp_path: Path) -> None:
    """The answer 0 of all rows is no name of `00000.tif`."""
    data = tmp_path / "data"
    for n in range(16):
        put(data / f"images/{n:05}.tif", n)
    rows = [(f"{n:05}", n % 2, n % 3 // 2, int(n > 5)) for n in range(12)]
    table(data / "train.csv", ("image", "cat", "dog", "fox"), *rows)
    ids = [f"{n:05}" for n in range(12, 16)]
    rows_of = [(f"{one} {name}", 0) for one in ids for name in ("cat", "dog", "fox")]
    table(data / "sample_submission.csv", ("image", "attribute_ids"), *rows_of)
    found, _ = begin(tmp_path)
    test = load_samples(found, "test")
    assert list(test["id"]) == ids
    assert [Path(images[0]).stem for images in test["images"]] == ids


@pytest.mark.parametrize("shared", [False, True], ids=["apart", "an image in both"])
def test_tables_of_train_in_pieces_are_one(tmp_path: Path, shared: bool) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / f"{'train' if n < 18 else 'test'}/i{n}.png", n)
    for year, some in ((2019, range(10)), (2020, range(10 - shared, 18))):
        rows = [(f"i{n}", year, "cdf"[n % 3]) for n in some]
        table(data / f"train_{year}.csv", ("image", "year", "animal"), *rows)
    rows = [(f"i{n}", "c") for n in range(18, 24)]
    table(data / "sample_submission.csv", ("image", "animal"), *rows)
    found, notes = begin(tmp_path)
    if shared:
        assert found.data.train.table != "made/tables/train_2019_and_train_2020.csv"
        return
    assert names_of(found) == {f"i{n}": "cdf"[n % 3] for n in range(18)}
    assert "which are of other images each" in notes


@pytest.mark.parametrize("told", ["a table", "the sample", "both"])
def test_images_to_predict_may_lie_in_the_folder_of_train(tmp_path: Path, told: str) -> None:
    data = tmp_path / "data"
    for n in range(20):
        put(data / f"train_x7/images/{n * 7 % 97}.jpg", n)
    names = [f"{n * 7 % 97}.jpg" for n in range(20)]
    rows = [(name, n % 3) for n, name in enumerate(names[:14])]
    table(data / "train_x7/train.csv", ("name", "kind"), *rows)
    if told != "the sample":
        table(data / "test_kH.csv", ("name",), *((name,) for name in names[14:]))
    if told != "a table":
        table(data / "sample_submission_q.csv", ("name", "kind"), *((x, 0) for x in names[14:]))
    found, notes = begin(tmp_path)
    assert sorted(load_samples(found, "test")["id"]) == sorted(names[14:])
    assert names_of(found) == {name: str(n % 3) for n, name in enumerate(names[:14])}
    assert "not used" not in notes
    # Images that train has rows of are not those to predict.
    if told == "a table":
        table(data / "test_kH.csv", ("name",), *((name,) for name in names[13:]))
        with pytest.raises(DataError, match="no images to predict"):
            begin(tmp_path)


@pytest.mark.parametrize("year", ["", "2019"])
@pytest.mark.parametrize("part", ["test", "val"])
def test_rows_of_validation_are_trained_on_where_others_are_predicted(
    tmp_path: Path, part: str, year: str
) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / f"{'train' if n < 18 or part == 'val' else 'test'}/i{n}.png", n)
    for name, some in (("train", range(12)), ("val", range(12, 18 if part == "test" else 24))):
        rows = [(f"i{n}", "cdf"[n % 3]) for n in some]
        table(data / f"{name}{year}.csv", ("image", "label"), *rows)
    if part == "test":
        rows = [(f"i{n}", "c") for n in range(18, 24)]
        table(data / "sample_submission.csv", ("image", "label"), *rows)
        found, _ = begin(tmp_path)
        assert names_of(found) == {f"i{n}": "cdf"[n % 3] for n in range(18)}
    else:
        found = infer(data, tmp_path, has_test=False).competition
        assert found.data.train.table == f"data/train{year}.csv"


def test_classes_that_differ_by_accents_alone_are_named_with_their_images(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / f"{'train' if n < 18 else 'test'}/i{n}.png", n)
    names = ("Jos\u00e9", "dog", "jose", "dog", "Jos\u00e9", "dog")
    table(data / "train.csv", ("image", "animal"), *((f"i{n}", names[n % 6]) for n in range(18)))
    assert "'Jos\u00e9' (6) and 'jose' (3) differ by accents alone" in begin(tmp_path)[1]


@pytest.mark.parametrize("other", ["Sea lion", "sea  lion"])
def test_classes_that_differ_by_case_or_blanks_alone_are_named(tmp_path: Path, other: str) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / f"{'train' if n < 18 else 'test'}/i{n}.png", n)
    names = ("sea lion", "dog", other)
    table(data / "train.csv", ("image", "animal"), *((f"i{n}", names[n % 3]) for n in range(18)))
    first, last = sorted(("sea lion", other))
    said = f"{first!r} (6) and {last!r} (6) differ by case or blanks alone: if they are one class"
    assert said in begin(tmp_path)[1]


def test_a_table_of_points_without_a_row_is_read_past(tmp_path: Path) -> None:
    for n in range(8):
        put(tmp_path / f"data/images/{n}.png", n)
        put(tmp_path / f"data/test/{n + 20}.png", n + 20)
    (tmp_path / "data/masks").mkdir()
    for n in range(8):
        pixels = np.zeros((12, 16), np.uint8)
        pixels[n : n + 3, 2:9] = 255
        Image.fromarray(pixels).save(tmp_path / f"data/masks/{n}_mask.png")
    (tmp_path / "data/points").mkdir()
    (tmp_path / "data/points/1.csv").write_text("18,20,1\n", encoding="utf-8")
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}


def test_a_table_with_a_picture_of_each_class_is_none_of_train(tmp_path: Path) -> None:
    kinds = ("apple", "pear", "plum", "quince")
    for n in range(24):
        put(tmp_path / f"data/train/{kinds[n % 4]}/{n:03}.png", n)
    for n in range(6):
        put(tmp_path / f"data/test/{n + 30:03}.png", n + 30)
    for n, kind in enumerate(kinds):
        put(tmp_path / f"data/icons/{kind}_icon.png", n + 50)
    rows = ((kind, n, f"/icons/{kind}_icon.png") for n, kind in enumerate(kinds))
    table(tmp_path / "data/classes.csv", ("class", "number", "icon"), *rows)
    found, _ = begin(tmp_path)
    assert len(load_samples(found, "train")) == 24


def test_inner_folders_of_some_classes_are_offered_as_the_classes(tmp_path: Path) -> None:
    for n in range(30):
        where = ("fruit/apple/russet", "fruit/apple/gala", "fruit/pear", "roots/carrot", "milk")
        put(tmp_path / f"data/train/{where[n % 5]}/{n:03}.png", n)
        put(tmp_path / f"data/test/{n + 30:03}.png", n + 30)
    found, _ = begin(tmp_path)
    assert "data.train.images" in found.to_choose
    text = (tmp_path / "competition.yaml").read_text(encoding="utf-8")
    assert "or classes: [carrot, gala, milk, pear, russet]" in text


def test_a_few_marks_beside_columns_of_classes_leave_the_label_open(tmp_path: Path) -> None:
    for n in range(24):
        put(tmp_path / f"data/hands/{n:03}.png", n)
        put(tmp_path / f"data/test/{n + 30:03}.png", n + 30)
    rows = ((f"{n:03}.png", n % 2, n // 2 % 2, ("back", "palm")[n // 3 % 2],
             ("left", "right", "both")[n // 4 % 3]) for n in range(24))  # fmt: skip
    table(tmp_path / "data/info.csv", ("file", "polish", "rings", "aspect", "side"), *rows)
    found, _ = begin(tmp_path)
    assert "data.train.label" in found.to_choose


def test_pictures_of_two_values_called_as_masks_are_no_class(tmp_path: Path) -> None:
    for n in range(9):
        put(tmp_path / f"data/patients/imgs/patient_{n}.png", n)
        put(tmp_path / f"data/controls/imgs/control_{n}.png", n + 9)
        pixels = np.zeros((12, 16), np.uint8)
        pixels[n : n + 3, 2:9] = 255
        (tmp_path / "data/patients/labels").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / f"data/patients/labels/segmentation_{n}.png")
        put(tmp_path / f"data/test/{n + 30:03}.png", n + 30)
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)


@pytest.mark.parametrize(
    ("train", "test"),
    [("{}_{}_2023", "{}_{}"), ("{}_{}", "{}_{}_2024"), ("{}-{}-a", "{}-{}")],
)
def test_names_of_test_may_have_more_or_fewer_parts_behind_the_unit(
    tmp_path: Path, train: str, test: str
) -> None:
    data = tmp_path / "data"
    for n in range(24):
        part, form = ("train", train) if n < 18 else ("test", test)
        for side in ("front", "left"):
            put(data / part / f"{form.format(f'P{100 + n}', side)}.png", 2 * n)
    rows = [(f"P{100 + n}", n // 3 % 3, 60 + n) for n in range(18)]
    table(data / "train.csv", ("patient", "stage", "age"), *rows)
    sent = ((f"P{100 + n}", 0) for n in range(18, 24))
    table(data / "sample_submission.csv", ("patient", "stage"), *sent)
    found, _ = begin(tmp_path)
    for part, n_units in (("train", 18), ("test", 6)):
        units = load_samples(found, part)["unit"].value_counts()  # type: ignore[arg-type]
        assert (len(units), set(units)) == (n_units, {2})


def test_a_column_that_has_all_answers_of_the_sample_is_the_label_beside_one_called_as_labels(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"{'train' if n < 24 else 'test'}/{n:03}.png", n)
    who = ["0a1b", "7f3c", "9d2e", "4c5d"]
    rows = ((f"{n:03}.png", ("reef", "giant")[n % 2], who[n % 4]) for n in range(24))
    table(data / "train.csv", ("image", "species", "individual"), *rows)
    sent = "new_individual 0a1b 7f3c"
    answers = ((f"{n:03}.png", sent) for n in range(24, 30))
    table(data / "sample_submission.csv", ("image", "predictions"), *answers)
    found = infer(data, tmp_path)
    assert found.competition.data.train.label == "individual"
    assert "data.train.label" not in found.competition.to_choose
    # One answer may stand there by chance: the other column is asked about.
    one = ((f"{n:03}.png", "0a1b") for n in range(24, 30))
    table(data / "sample_submission.csv", ("image", "predictions"), *one)
    assert "data.train.label" in infer(data, tmp_path).competition.to_choose
