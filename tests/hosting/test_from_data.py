"""From labelled images to a host: nothing leaks, nothing tells an answer, all is the same again."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.sections.tasks import MetricSpec
from podium.competition.spec import load_competition
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError, UsageError
from podium.hosting.course_material import describe_format
from podium.hosting.host import Host
from podium.hosting.scoring.solution import read_solution
from podium.hosting.setup.from_data import HoldOut, init_from_data
from podium.hosting.setup.split import PublicDraw
from podium.hosting.spec import HostSpec
from podium.submissions import values
from podium.submissions.format.spec import SubmissionFormat
from tests.miniatures import draw, save, write_table

ACCURACY = MetricSpec(name="accuracy")


def class_folders(data: Path, n=40, names=("cat", "dog")) -> Path:
    """Write `cat/cat_00.png`, …; every fifth picture lies there twice."""
    rng = np.random.default_rng(3)
    for number in range(n):
        label = names[number % len(names)]
        file = data / label / f"{label}_{number:02d}.png"
        save(file, draw([label], 24, rng))
        os.utime(file, (10**9 + number % len(names), 10**9 + number % len(names)))
        if number % 5 == 0:
            shutil.copyfile(file, data / label / f"{label}_copy_{number:02d}.png")
    return data


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def made(tmp_path):
    data = class_folders(tmp_path / "pets")
    return init_from_data(tmp_path / "host", data, ACCURACY, hold_out=HoldOut(0.4, 0.25, seed=42))


def test_every_image_is_published_once_with_its_own_label(made, tmp_path):
    files, folder = made.folder.files, made.folder
    answers = {row["id"]: row["label"] for row in rows_of(files / "train.csv")}
    answers |= {row["id"]: row["label"] for row in rows_of(folder.solution)}
    origins = rows_of(folder.root / "origins.csv")
    assert len(origins) == len(answers) == 48
    assert made.n_train + made.n_public + made.n_private == 48
    for row in origins:
        part = "train" if row["part"] == "train" else "test"
        given = files / part / f"{row['id']}.png"
        source = tmp_path / "pets" / row["file"]
        assert answers[row["id"]] == row["file"].split("/")[0]
        np.testing.assert_array_equal(np.asarray(Image.open(given)), np.asarray(Image.open(source)))
    usage = Counter(row["Usage"] for row in rows_of(folder.solution))
    parts = Counter(row["part"] for row in origins)
    assert usage == {"Public": parts["public"], "Private": parts["private"]}


def test_split_has_the_requested_shares_and_class_frequencies(made):
    n_test = made.n_public + made.n_private
    assert n_test == pytest.approx(0.4 * 48, abs=2)
    assert made.n_public == pytest.approx(0.25 * n_test, abs=2)
    labels = Counter(row["label"] for row in rows_of(made.folder.solution))
    assert labels["cat"] == pytest.approx(labels["dog"], abs=2)


def test_copies_of_a_picture_lie_on_one_side(made):
    part = {row["id"]: row["part"] for row in rows_of(made.folder.root / "origins.csv")}
    sides: dict[str, set[str]] = {}
    for path in (made.folder.files / "train", made.folder.files / "test"):
        for file in path.iterdir():
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            sides.setdefault(digest, set()).add(part[file.stem])
    assert len(sides) == 40
    assert all(len(found) == 1 for found in sides.values())
    assert any("8 pictures" in note for note in made.notes)


def test_one_picture_as_two_kinds_of_file_lies_on_one_side(tmp_path):
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(40):
        label = ("cat", "dog")[number % 2]
        save(data / f"{label}/{number:02d}.jpg", draw([label], 24, rng))
        with Image.open(data / f"{label}/{number:02d}.jpg") as image:
            image.save(data / f"{label}/copy {number:02d}.png")
    made = init_from_data(tmp_path / "host", data, ACCURACY)
    sides: dict[str, set[bool]] = {}
    for row in rows_of(made.folder.root / "origins.csv"):
        number = row["file"].split(".")[0][-2:]
        sides.setdefault(number, set()).add(row["part"] == "train")
    assert len(sides) == 40
    assert all(len(found) == 1 for found in sides.values())


def test_groups_lie_on_one_side(tmp_path):
    data, rng = tmp_path / "data", np.random.default_rng(0)
    rows = []
    for number in range(60):
        label = ("cat", "dog")[number // 4 % 2]
        save(data / f"images/{number:03d}.png", draw([label], 24, rng))
        rows.append([f"{number:03d}.png", label, f"visit {number // 4}"])
    write_table(data / "labels.csv", ["file", "species", "visit"], rows)
    made = init_from_data(tmp_path / "host", data, ACCURACY, group="visit")
    of_file = {row[0]: row[2] for row in rows}
    sides: dict[str, set[str]] = {}
    for row in rows_of(made.folder.root / "origins.csv"):
        visit = of_file[row["file"].split("/")[-1]]
        sides.setdefault(visit, set()).add(row["part"])
    assert len(sides) == 15
    assert all(len(found) == 1 for found in sides.values())
    train = rows_of(made.folder.files / "train.csv")
    assert set(train[0]) == {"id", "label", "visit"}
    with pytest.raises(DataError, match="'vist'"):
        init_from_data(tmp_path / "other", data, ACCURACY, group="vist")


def test_nothing_but_the_picture_reveals_the_label(tmp_path):
    """Of many images, no order, name, date or row of a file goes with the label."""
    data = class_folders(tmp_path / "pets", n=300)
    made = init_from_data(tmp_path / "host", data, ACCURACY, hold_out=HoldOut(0.5, 0.5, seed=42))
    files = made.folder.files
    solution = rows_of(made.folder.solution)
    truth = np.array([row["label"] == "dog" for row in solution], dtype=float)
    usage = np.array([row["Usage"] == "Public" for row in solution], dtype=float)
    numbers = np.array([int(row["id"]) for row in solution], dtype=float)
    # 180 coins: a correlation of chance is below 0.25 but once in a thousand.
    for told in (numbers, np.arange(len(truth)), numbers % 2):
        assert abs(np.corrcoef(told, truth)[0, 1]) < 0.25
        assert abs(np.corrcoef(told, usage)[0, 1]) < 0.25
    assert len({len(row["id"]) for row in solution}) == 1
    sample = rows_of(files / "sample_submission.csv")
    assert {row["label"] for row in sample} == {"cat"}
    assert [row["id"] for row in sample] == sorted(row["id"] for row in sample)
    stats = [path.stat() for path in files.rglob("*")]
    assert len({one.st_mtime for one in stats}) == 1
    assert b"dog_" not in b"".join(contents(files).values())
    assert not any("dog" in name or "copy" in name for name in contents(files))


def guessed(host) -> float:
    """Return how many classes of test images the numbers tell who tries the seed 42."""
    known = {int(row["id"]): row["label"] for row in rows_of(host.files / "train.csv")}
    hidden = {int(row["id"]): row["label"] for row in rows_of(host.solution)}
    n = len(known) + len(hidden)
    place = {number: i for i, number in enumerate(np.random.default_rng([42, 2]).permutation(n))}
    predicted = {one: known[min(known, key=lambda k: abs(place[k] - place[one]))] for one in hidden}
    return float(np.mean([predicted[one] == label for one, label in hidden.items()]))


def test_the_seed_reveals_the_classes_so_it_cannot_be_guessed(tmp_path):
    """The data in the order of their names are cats, then dogs; the seed gives that order back."""
    data = class_folders(tmp_path / "pets", n=100)

    def host(name, hold_out):
        return init_from_data(tmp_path / name, data, ACCURACY, hold_out=hold_out).folder

    assert guessed(host("careless", HoldOut(0.5, seed=42))) > 0.9
    assert guessed(host("secret", HoldOut(0.5))) < 0.8  # of 60: 0.5 ± 0.065
    assert HoldOut().seed != HoldOut().seed
    assert min(HoldOut().seed, PublicDraw().seed) > 1 << 32  # more than anybody tries


def test_the_same_seed_makes_the_same_files_and_another_seed_others(tmp_path):
    data = class_folders(tmp_path / "pets")
    folders = [
        init_from_data(tmp_path / f"host{i}", data, ACCURACY, hold_out=HoldOut(seed=seed)).folder
        for i, seed in enumerate((42, 42, 7))
    ]
    first, again, other = (contents(one.files) for one in folders)
    # The order in which a disk lists files is no part of it.
    assert {**first, "README.md": b""} == {**again, "README.md": b""}
    assert folders[0].solution.read_bytes() == folders[1].solution.read_bytes()
    assert first != other


def test_what_the_owner_keeps_is_readable_by_them_alone(made):
    for name in ("solution.csv", "origins.csv", "tokens.json"):
        assert (made.folder.root / name).stat().st_mode & 0o077 == 0


def test_the_sample_scores_and_the_solution_is_perfect(made, tmp_path):
    from podium.hosting.scoring.score import score_file

    spec = made.folder.spec()
    solution = read_solution(made.folder.solution, spec.format)
    sample = score_file(made.folder.files / "sample_submission.csv", spec, solution)
    assert 0.2 < sample.public < 0.8
    right = tmp_path / "right.csv"
    rows = rows_of(made.folder.solution)
    right.write_text("id,label\n" + "".join(f"{r['id']},{r['label']}\n" for r in rows))
    assert score_file(right, spec, solution).private == 1.0
    host = Host(made.folder.root)
    names = {path.name for path in host.data_files()}
    assert {"train.csv", "sample_submission.csv", "competition.yaml", "README.md"} <= names
    host.close()


@pytest.mark.parametrize(
    ("metric", "header", "cell"),
    [
        ("log_loss", "id,cat,dog,fox", "0.333333,0.333333,0.333333"),
        ("map_at_k", "id,label", "cat dog fox"),
        ("macro_f1", "id,label", "cat"),
    ],
)
def test_the_metric_decides_the_cells_of_a_submission(tmp_path, metric, header, cell):
    data = class_folders(tmp_path / "pets", n=45, names=("cat", "dog", "fox"))
    made = init_from_data(tmp_path / "host", data, MetricSpec(name=metric))
    lines = (made.folder.files / "sample_submission.csv").read_text().splitlines()
    assert lines[0] == header
    assert {line.split(",", 1)[1] for line in lines[1:]} == {cell}


@pytest.mark.parametrize(
    ("value", "words"), [("scalar", "a number"), ("degrees", values.get("degrees").description)]
)
def test_the_readme_describes_the_cells(value, words):
    """A value that only one kind has is described in the value's own words."""
    form = SubmissionFormat(kind="angle", columns={"id": "id", "to": "value"}, value=value)
    printed = describe_format(HostSpec(slug="a", title="A", metric=ACCURACY, format=form))
    assert printed.endswith(f"the last holds {words}.")


def test_numbers_are_held_out_evenly(tmp_path):
    data, rng = tmp_path / "data", np.random.default_rng(0)
    ages = np.round(np.linspace(1, 90, 80) + rng.random(80), 2)
    for number in range(80):
        save(data / f"images/{number:03d}.png", draw(["cat"], 24, rng))
    write_table(
        data / "ages.csv", ["file", "age"], [[f"{i:03d}.png", str(a)] for i, a in enumerate(ages)]
    )
    made = init_from_data(tmp_path / "host", data, MetricSpec(name="rmse"), label="age")
    rows = rows_of(made.folder.solution)
    public = np.mean([float(row["label"]) for row in rows if row["Usage"] == "Public"])
    private = np.mean([float(row["label"]) for row in rows if row["Usage"] == "Private"])
    assert abs(public - private) < 20
    ages_of_train = {float(row["label"]) for row in rows_of(made.folder.files / "train.csv")}
    assert ages_of_train | {float(row["label"]) for row in rows} == set(ages)


def test_images_with_a_blank_list_are_left_out_aloud_or_have_no_class(tmp_path):
    data, rng = tmp_path / "data", np.random.default_rng(0)
    rows = []
    for number in range(40):
        tags = ["", "cat", "dog", "cat dog"][number % 4]
        save(data / f"images/{number:03d}.png", draw(tags.split(), 24, rng))
        rows.append([f"{number:03d}.png", tags])
    write_table(data / "train.csv", ["file", "tags"], rows)
    metric = MetricSpec(name="macro_f1")
    made = init_from_data(tmp_path / "host", data, metric)
    assert made.n_train + made.n_public + made.n_private == 30
    told = [one for one in made.notes if "left out" in one]
    assert told[0].startswith("10 images without a label are left out; ")
    assert not any("competition.yaml" in one for one in made.notes)
    sentence = told[0].rpartition("beside the data: ")[2]
    (data / "README.md").write_text(f"{sentence}\n")
    made = init_from_data(tmp_path / "all", data, metric)
    assert made.n_train + made.n_public + made.n_private == 40
    assert not any("left out" in one for one in made.notes)
    given = rows_of(made.folder.files / "train.csv") + rows_of(made.folder.solution)
    assert Counter(row["label"] for row in given)[""] == 10


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_masks_are_given_out_for_train_and_hidden_for_test(tmp_path, kind):
    data, rng = tmp_path / "data", np.random.default_rng(0)
    masks = {}
    for number in range(24):
        save(data / f"images/{number:03d}.png", draw(["cat"], 24, rng))
        mask = np.zeros((24, 24), dtype=np.uint8)
        if number % 4:
            mask[number % 7 : number % 7 + 6, 3:9] = 255 if kind == "binary" else 1
        if kind == "multiclass":
            mask[15:20, 10 : 12 + number % 5] = 2
        masks[f"{number:03d}"] = mask
        save(data / f"masks/{number:03d}.png", mask)
    made = init_from_data(tmp_path / "host", data, MetricSpec(name="mean_dice"))
    workspace = tmp_path / "student"
    shutil.copytree(made.folder.files, workspace / "data")
    shutil.copy(workspace / "data/competition.yaml", workspace)
    competition = load_competition(workspace)
    samples = load_samples(competition, "train")
    file_of = {
        row["id"]: Path(row["file"]).stem for row in rows_of(made.folder.root / "origins.csv")
    }
    truth = {
        file_of[one]: mask
        for one, mask in zip(samples["id"], truth_masks(competition, samples), strict=True)
    }
    solution = read_solution(made.folder.solution, made.folder.spec().format)
    truth |= {file_of[one]: mask for one, mask in zip(solution.ids, solution.masks(), strict=True)}
    assert set(truth) == set(masks)
    for name, mask in truth.items():
        wanted = (masks[name] > 0).astype(np.uint8) if kind == "binary" else masks[name]
        np.testing.assert_array_equal(mask, wanted)
    assert (made.n_public, made.n_private) == (2, 5) or made.n_public + made.n_private in (6, 7, 8)


def test_data_that_cannot_be_split_is_refused_with_an_explanation(tmp_path):
    data = class_folders(tmp_path / "pets", n=20)
    refused = {
        "--hold-out 0.3 for 30 %": {"hold_out": HoldOut(30)},
        "--public 0.3 for 30 %": {"hold_out": HoldOut(0.3, 0)},
        "scores masks, and the data have none": {"metric": MetricSpec(name="mean_dice")},
        "cannot score a": {"metric": MetricSpec(name="rmse")},
    }
    for words, options in refused.items():
        metric = options.pop("metric", ACCURACY)
        with pytest.raises(DataError, match=words):
            init_from_data(tmp_path / "host", data, metric, **options)
        assert not (tmp_path / "host").exists()
    with pytest.raises(UsageError, match="must not lie in one another"):
        init_from_data(data / "host", data, ACCURACY)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="not empty"):
        init_from_data(tmp_path / "full", data, ACCURACY)


def test_a_class_that_only_the_test_set_would_have_is_refused(tmp_path):
    data = class_folders(tmp_path / "pets", n=20)
    save(data / "owl/owl.png", draw(["owl"], 24, np.random.default_rng(9)))
    shutil.copyfile(data / "owl/owl.png", data / "owl/again.png")  # one picture: on one side

    def lost(seed):
        try:
            init_from_data(tmp_path / f"h{seed}", data, ACCURACY, hold_out=HoldOut(0.5, seed=seed))
        except DataError as error:
            return error.message
        return ""

    found = {lost(seed) for seed in range(12)}
    assert found - {""} == {
        "all images of 'owl' would be in the test set, and nobody could learn them"
    }
    for seed in range(12):
        if (tmp_path / f"h{seed}").exists():
            train = rows_of(tmp_path / f"h{seed}/files/train.csv")
            assert [row["label"] for row in train].count("owl") == 2


def test_the_data_are_not_changed(tmp_path):
    data = class_folders(tmp_path / "pets", n=20)
    before = contents(data)
    init_from_data(tmp_path / "host", data, ACCURACY)
    assert contents(data) == before
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".podium")]


@pytest.mark.parametrize("metric", ["macro_f1", "auc"])
def test_several_labels_of_an_image_are_held_out_too(tmp_path, metric):
    data, rng = tmp_path / "data", np.random.default_rng(0)
    flags = rng.integers(0, 2, (80, 3))
    for number in range(80):
        save(data / f"images/{number:03d}.png", draw(["cat"], 24, rng))
    rows = [[f"{i:03d}", *map(str, row)] for i, row in enumerate(flags)]
    write_table(data / "train.csv", ["id", "red", "green", "blue"], rows)
    made = init_from_data(tmp_path / "host", data, MetricSpec(name=metric))
    origin = {
        row["id"]: int(Path(row["file"]).stem) for row in rows_of(made.folder.root / "origins.csv")
    }
    for row in [*rows_of(made.folder.files / "train.csv"), *rows_of(made.folder.solution)]:
        colours = set(row["label"].split("|")) - {""}
        truth = flags[origin[row["id"]]]
        assert colours == {n for n, f in zip(("red", "green", "blue"), truth, strict=True) if f}
    solution = read_solution(made.folder.solution, made.folder.spec().format)
    for one, answer in zip(solution.ids, solution.truth, strict=True):
        assert answer.tolist() == [
            flags[origin[one]][("red", "green", "blue").index(name)]
            for name in made.folder.spec().format.classes
        ]


def test_ratings_are_no_numbers(tmp_path):
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(40):
        save(data / f"images/{number:03d}.png", draw(["cat"], 24, rng))
    rows = [[f"{i:03d}", str(i % 5)] for i in range(40)]
    write_table(data / "train.csv", ["id", "diagnosis"], rows)
    with pytest.raises(DataError, match="the answers are 5 ratings"):
        init_from_data(tmp_path / "host", data, MetricSpec(name="rmse"))
    made = init_from_data(tmp_path / "host", data, MetricSpec(name="qwk"))
    assert {row["label"] for row in rows_of(made.folder.solution)} <= set("01234")
