"""The draft of a competition.yaml that `podium init` leaves where it refuses data."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.errors import DataError, UsageError
from podium.tasks.protocols.find import kind_names
from podium.workflows.initialising import init_workspace
from podium.workspace.layout import Workspace
from podium.workspace.placeholders import placeholder

DRAFT = "competition.draft.yaml"


def picture(path: Path, number: int, *, values: int = 255) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (12, 16, 3) if values > 2 else (12, 16)
    pixels = np.random.default_rng(number).integers(0, values, shape).astype(np.uint8)
    Image.fromarray(pixels).save(path)


def text(path: Path, lines: Sequence[str], encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding=encoding)


def tiles(data: Path) -> None:
    """Ids whose parts stand in the other order in the names of files, in another dialect."""
    for n in range(30):
        picture(data / f"photos/{n // 2}-{n % 2}.png", n)
    rows = [f"{n % 2}/{n // 2};{('old', 'new')[n % 3 % 2]};1,{n}" for n in range(20)]
    text(data / "tiles.csv", ["N.º;Age;Width", *rows], "cp1252")
    sent = [f"{n % 2}/{n // 2};new" for n in range(20, 30)]
    text(data / "sample_submission.csv", ["N.º;Age", *sent], "cp1252")


def wells(data: Path) -> None:
    """Masks in folders of folders, and an id of several columns."""
    for n in range(24):
        where = data / f"annotated/p{n // 6}/W{n % 6}"
        picture(where / "img.png", n)
        picture(where / "labels.png", n, values=2)
    for n in range(12):
        picture(data / f"to_annotate/p{n // 6 + 7}/W{n % 6}/img.png", n + 50)
    rows = [f"p{n // 6 + 7},W{n % 6},{one},-" for n in range(12) for one in ("stoma", "vein")]
    rows += [f"p9,W0,{one},-" for one in ("stoma", "vein")]  # nobody photographed it
    text(data / "example_answer.csv", ["plate,well,structure,runs", *rows])
    text(data / "README.md", ["Score: the mean Dice coefficient."])


def sites(data: Path) -> None:
    """Two numbers for each folder of images, in one table of train and test."""
    for n in range(60):
        picture(data / f"photos/S-{n // 3:02}/IMG_{n + 100}.png", n)
    rows = [f"S-{n:02};{n},5;{40 - n},5" if n > 5 else f"S-{n:02};;" for n in range(20)]
    text(data / "sites.csv", ["site;coral;algae", *rows])
    sent = [f"S-{n:02};0,0;0,0" for n in (*range(6), 99)]  # nobody photographed the last one
    text(data / "example_answer.csv", ["site;coral;algae", *sent])


def refused(data: Path, root: Path) -> str:
    """Return the draft that is left."""
    with pytest.raises(DataError) as caught:
        init_workspace(data, root)
    draft = (root / DRAFT).read_text()
    words = " ".join(re.sub(r"(?m)^# ?", "", draft).split())
    whole = caught.value.__cause__
    assert isinstance(whole, DataError)
    assert " ".join(whole.message.split()) in words
    assert isinstance(yaml.safe_load(draft), dict)
    return draft


def completed(root: Path, draft: str, *changes: tuple[str, str]) -> None:
    for old, new in changes:
        assert old in draft, old
        draft = draft.replace(old, new, 1)
    (root / "competition.yaml").write_text(draft)


def test_ids_that_are_no_names_of_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    tiles(data)
    draft = refused(data, tmp_path)
    given = yaml.safe_load(draft)
    assert given["tasks"] == {"classify": "binary"}
    assert given["data"]["train"]["table"] == "made/tables/tiles.csv"
    assert given["data"]["train"]["label"] == "Age"
    assert given["submission"]["file"] == {"sep": ";", "decimal": ",", "encoding": "cp1252"}
    assert given["submission"]["sample"] == "made/tables/sample_submission.csv"
    assert "#   30 files photos/{id}.png, as photos/0-0.png" in draft
    assert "#   N.º: 0/0\n" in draft
    assert draft.count("#   No column names images.") == 2
    told = " ".join(draft.replace("#", " ").split())
    assert "or one of your own, as my_parts:NAME, which docs/extending.md shows how to" in told
    for name in ("tiles", "sample_submission"):
        rows = (tmp_path / f"made/tables/{name}.csv").read_text().splitlines()
        ids = (row.partition(",")[0].partition("/") for row in rows[1:])
        files = ["file", *(f"{last}-{first}" for first, _, last in ids)]
        joined = [f"{row},{file}" for row, file in zip(rows, files, strict=True)]
        text(tmp_path / f"tables/{name}.csv", joined)
    image = "<write the path of an image>", "data/photos/{file}.png"
    changes = [("table: made/tables", "table: tables"), image] * 2
    completed(tmp_path, draft, *changes, ("<write the metric>", "accuracy"))
    competition = load_competition(tmp_path)
    assert len(load_samples(competition, "train")) == 20
    assert len(load_samples(competition, "test")) == 10


def test_masks_in_folders_of_folders(tmp_path: Path) -> None:
    data = tmp_path / "data"
    wells(data)
    draft = refused(data, tmp_path)
    given = yaml.safe_load(draft)
    assert given["data"]["train"] == {
        "images": "data/annotated/{plate}/{well}/img.png",
        "id": "{plate}/{well}",
        "mask": "data/annotated/{plate}/{well}/labels.png",
    }
    assert given["data"]["test"]["images"] == "data/to_annotate/{plate}/{well}/img.png"
    assert given["classes"] == ["stoma", "vein"]
    assert given["metric"] == {"name": "mean_dice", "task": "segment"}
    assert given["submission"]["file"] == {"id_of": "{plate}/{well}"}
    assert all(f"segment: {kind} – " in draft for kind in kind_names("segment"))
    assert "classify:" not in draft
    kind = "<write the kind>", "multiclass"
    completed(tmp_path, draft, kind, ("<write 0 or 1>", "0"), ("<write F or C>", "C"))
    competition = load_competition(tmp_path)
    assert len(load_samples(competition, "train")) == 24
    assert len(load_samples(competition, "test")) == 12


def test_numbers_of_folders_of_images(tmp_path: Path) -> None:
    data = tmp_path / "data"
    sites(data)
    draft = refused(data, tmp_path)
    given = yaml.safe_load(draft)
    assert given["tasks"] == {"classify": "multitarget"}
    assert given["data"]["train"]["unit"] == given["folds"]["group"] == "site"
    assert given["submission"]["columns"]["coral"] == "value[coral]"
    assert given["submission"]["file"] == {"sep": ";", "decimal": ","}
    assert "site: S-00 – names folders of images: photos/{site}/{image}.png" in draft
    assert given["data"]["train"]["table"] == "made/tables/sites_images.csv"
    completed(tmp_path, draft, ("<write the metric>", "mae"))
    competition = load_competition(tmp_path)
    assert len(load_samples(competition, "train")) == 42
    assert len(load_samples(competition, "test")) == 18


def no_labels(data: Path) -> None:
    for n in range(8):
        picture(data / f"train/{n}.png", n)


def class_folders(data: Path) -> None:
    for n in range(8):
        picture(data / f"train/{('cat', 'dog')[n % 2]}/{n}.png", n)


def odd_names(data: Path) -> None:
    for n in range(8):
        picture(data / f"train/a\n{n}.png", n)
    text(data / "a: b # c.csv", ['"a: b","#c","- d"', *(f'"x\x85y",{n},"&e"' for n in range(8))])


@pytest.mark.parametrize("write", [tiles, wells, sites, no_labels, class_folders, odd_names])
def test_a_draft_is_not_loaded_before_it_is_completed(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    data = tmp_path / "data"
    write(data)
    draft = refused(data, tmp_path)
    (tmp_path / "competition.yaml").write_text(draft)
    line = next(
        n for n, one in enumerate(draft.split("\n"), 1) if one[:1] != "#" and "<write" in one
    )
    with pytest.raises(DataError) as caught:
        load_competition(tmp_path)
    told = str(caught.value)
    assert f"competition.yaml:{line}: " in told
    assert "is a placeholder to complete" in told
    assert "must be" not in told


def test_folders_may_be_classes(tmp_path: Path) -> None:
    class_folders(tmp_path / "data")
    given = yaml.safe_load(refused(tmp_path / "data", tmp_path))
    assert given["data"]["train"]["images"] == "data/train/{class}/{image}.png"
    assert given["classes"] == ["cat", "dog"]


def test_paths_are_shown_as_they_are(tmp_path: Path) -> None:
    folder = "عکس\u200cها"
    for n in range(8):
        picture(tmp_path / f"data/{folder}/{n}.png", n)
    text(tmp_path / "data/train.csv", ["x,y", *(f"a{n},b\x1b{n}" for n in range(8))])
    draft = refused(tmp_path / "data", tmp_path)
    assert f"{folder}/" in draft
    assert "?" not in draft
    assert "\x1b" not in draft
    assert "b\\x1b0" in draft


def test_what_is_called_like_a_placeholder_is_none(tmp_path: Path) -> None:
    class_folders(tmp_path / "data")
    draft = refused(tmp_path / "data", tmp_path).replace("dog", "<none>")
    (tmp_path / "competition.yaml").write_text(draft)
    with pytest.raises(DataError) as caught:
        load_competition(tmp_path)
    assert "<none>" not in str(caught.value)
    assert placeholder("the kind") in str(caught.value)


def test_data_without_images_leave_no_draft(tmp_path: Path) -> None:
    text(tmp_path / "data/train.csv", ["image,label", "a,b"])
    with pytest.raises(DataError) as caught:
        init_workspace(tmp_path / "data", tmp_path / "work")
    assert "draft" not in (caught.value.fix or "")
    assert not (tmp_path / "work").exists()


def test_a_refusal_of_the_sources_leaves_a_draft_of_the_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(8):
        picture(data / f"train/{n}.png", n)
    boxes = [f"{n // 2},{n},2,{n + 3},5" for n in range(16)]
    text(data / "boxes.csv", ["image,xmin,ymin,xmax,ymax", *boxes])
    draft = refused(data, tmp_path)
    assert "no boxes" in draft
    assert "image: 0 – names the images of 16 rows: train/{image}.png" in draft


def test_a_second_refusal_replaces_the_draft_and_a_success_removes_it(tmp_path: Path) -> None:
    data, root = tmp_path / "data", tmp_path / "work"
    tiles(data)
    first = refused(data, root)
    assert (root / "made/tables/tiles.csv").exists()
    (data / "tiles.csv").unlink()
    second = refused(data, root)
    assert first != second
    assert not (root / "made/tables/tiles.csv").exists()
    rows = [f"{n // 2}-{n % 2},{('old', 'new')[n % 3 % 2]}" for n in range(30)]
    text(data / "tiles.csv", ["image,Age", *rows[:20]])
    text(data / "sample_submission.csv", ["image,Age", *rows[20:]])
    init_workspace(data, root)
    assert not (root / DRAFT).exists()
    assert not (root / "made/tables").exists()
    assert (root / "competition.yaml").exists()


def test_a_workspace_keeps_its_competition_and_gets_no_draft(tmp_path: Path) -> None:
    data, root = tmp_path / "data", tmp_path / "work"
    tiles(data)
    text(root / "competition.yaml", ["name: mine"])
    text(root / DRAFT, ["name: notes of mine"])
    with pytest.raises(DataError):
        init_workspace(data, root, force=True)
    assert (root / "competition.yaml").read_text() == "name: mine\n"
    assert (root / DRAFT).read_text() == "name: notes of mine\n"


def test_a_folder_with_a_draft_alone_has_an_error_of_its_own(tmp_path: Path) -> None:
    text(tmp_path / DRAFT, ["name: x"])
    with pytest.raises(UsageError, match="yet, only the draft of one") as caught:
        Workspace.find(tmp_path)
    assert caught.value.fix == "look whether its lines are right, and call it competition.yaml"
    text(tmp_path / DRAFT, ["# <write …> stands for what is open", "name: <write the name>"])
    with pytest.raises(UsageError) as caught:
        Workspace.find(tmp_path)
    assert caught.value.fix == "complete each <write …> in it, and call it competition.yaml"


def test_numbers_of_folders_in_a_table_with_a_column_of_that_name(tmp_path: Path) -> None:
    sites(tmp_path / "data")
    file = tmp_path / "data/sites.csv"
    rows = file.read_text().split()
    text(file, [f"{row};{'image' if n == 0 else n % 2}" for n, row in enumerate(rows)])
    given = yaml.safe_load(refused(tmp_path / "data", tmp_path))
    assert given["data"]["train"]["table"] == placeholder("the path of that CSV")
    assert given["data"]["train"]["images"] == "data/photos/{site}/<write the column of the file>"


def cut_outs(data: Path, *, lines: Sequence[str] = ()) -> None:
    """Photographs, cut-outs of them that are no masks, and a sample that asks for runs."""
    for n in range(12):
        picture(data / f"train/photos/A{n}.png", n)
        picture(data / f"train/cut/A{n}.png", n + 100)
    for n in range(4):
        picture(data / f"test/photos/B{n}.png", n + 50)
    text(data / "sample_submission.csv", ["id,outline", *(f"B{n},1 1" for n in range(4))])
    text(data / "README.md", ["Score: the mean IoU.", *lines])


def test_where_runs_are_sent_a_draft_asks_how_they_are_counted(tmp_path: Path) -> None:
    cut_outs(tmp_path / "data")
    draft = refused(tmp_path / "data", tmp_path / "work")
    given = yaml.safe_load(draft)
    assert given["submission"]["rle"] == {"base": "<write 0 or 1>", "order": "<write F or C>"}
    words = " ".join(re.sub(r"(?m)^ *# ?", "", draft).split())
    assert "leave this line out for angle and for" in words
    assert "and for segment: binary" in words
    cut_outs(tmp_path / "told", lines=["Pixels are numbered from 1, along the rows."])
    given = yaml.safe_load(refused(tmp_path / "told", tmp_path / "other"))
    assert given["submission"]["rle"] == {"base": 1, "order": "C"}


def test_where_numbers_are_sent_a_draft_asks_nothing_of_runs(tmp_path: Path) -> None:
    tiles(tmp_path / "data")
    assert "rle:" not in refused(tmp_path / "data", tmp_path / "work")


def test_where_one_pattern_takes_train_and_test_a_draft_lists_the_images(tmp_path: Path) -> None:
    for n in range(42):
        picture(tmp_path / f"data/photos/plate_{n // 6 + 1:02}/A{n % 6 + 1}.png", n)
    for n in range(1, 6):
        text(tmp_path / f"data/maps/plate_{n:02}.csv", [",1,2,3", "A,S,R,R", "B,R,S,S"])
    sent = [f"{plate};A{n};0,5;0,5" for plate in (6, 7) for n in range(1, 7)]
    text(tmp_path / "data/sample_submission.csv", ["plate;well;S;R", *sent])
    root = tmp_path / "work"
    draft = refused(tmp_path / "data", root)
    given = yaml.safe_load(draft)["data"]
    images = {part: given[part]["images"] for part in ("train", "test")}
    assert images["train"] == images["test"]
    named = {
        part: [one.replace(",", "/") for one in lines[1:]]
        for part in ("train", "test")
        for lines in [(root / given[part]["table"]).read_text().splitlines()]
    }
    assert named["test"] == [f"plate_{n:02}/A{k}" for n in (6, 7) for k in range(1, 7)]
    assert named["train"] == [f"plate_{n // 6 + 1:02}/A{n % 6 + 1}" for n in range(30)]


def test_a_table_of_validation_names_its_images_in_a_draft(tmp_path: Path) -> None:
    data = tmp_path / "data"
    tiles(data)
    for n in range(6):
        picture(data / f"validation/v{n}.png", 40 + n)
    rows = [f"v{n},old,{n}" for n in range(6)]
    text(data / "validation.csv", ["tile,Age,Width", *rows])
    with pytest.raises(DataError):
        init_workspace(data, tmp_path)
    told = (tmp_path / DRAFT).read_text()
    assert "tile: v0 – names the images of 6 rows" in told
    assert "table: data/validation.csv" not in told


def test_files_that_nothing_is_taken_from_are_named_in_a_draft(tmp_path: Path) -> None:
    data = tmp_path / "data"
    tiles(data)
    for n in range(30):
        text(data / f"outlines/{n // 2}-{n % 2}.svg", ["<svg/>"])
    text(data / "survey.xml", ["<a>1</a>"])
    text(data / "camera.json", ['{"lens": {"focus": [1, 2]}}'])
    text(data / "empty.csv", [""])
    text(data / "README.md", ["Score: accuracy."])
    draft = refused(data, tmp_path / "work")
    words = " ".join(re.sub(r"(?m)^ *# ?", "", draft).split())
    told = words.partition("Files that were found, and nothing is taken from: ")[2]
    named = told.partition(". Images by")[0].split(", ")
    assert sorted(named) == ["30 files outlines/*.svg", "camera.json", "empty.csv", "survey.xml"]
    assert "JSON camera.json" in words.partition("Files that")[0]


@pytest.mark.parametrize("sent", ["columns", "keys", "one key"])
def test_rows_of_one_number_each_are_numbers_in_columns(tmp_path: Path, sent: str) -> None:
    data, traits = tmp_path / "data", ("length", "width")
    for n in range(30):
        picture(data / f"{'train' if n < 20 else 'test'}/L{n:02}.png", n)
    rows = [
        f"L{n:02},{trait},{n * 7 % 20 + 2 * k + 0.5},{'mm' if n % 3 else 'cm'}"
        for n in range(20)
        for k, trait in enumerate(traits)
    ]
    text(data / "measured.csv", ["leaf,trait,value,unit", *rows])
    asked = traits[: 1 if sent == "one key" else 2]
    lines = ["leaf,length,width", *(f"L{n},1.5,1.5" for n in range(20, 30))]
    if sent != "columns":
        lines = ["key,number", *(f"L{n}|{one},1.5" for n in range(20, 30) for one in asked)]
    text(data / "sample_submission.csv", lines)
    text(data / "README.md", ["Evaluation: mean absolute error (MAE)."])
    draft = refused(data, tmp_path)
    found = yaml.safe_load(draft)
    kind = "regression" if sent == "one key" else "multitarget"
    assert found["tasks"] == {"classify": kind}
    assert found["metric"] == {"name": "mae"}
    assert found["data"]["train"]["label"] == ("length" if sent == "one key" else list(traits))
    assert found["submission"]["value"] == "scalar"
    if sent != "columns":
        return
    wide = [f"L{n:02},{n * 7 % 20 + 0.5},{n * 7 % 20 + 2.5}" for n in range(20)]
    text(tmp_path / "wide.csv", ["leaf,length,width", *wide])
    completed(tmp_path, draft, (placeholder("the path of that CSV"), "wide.csv"))
    competition = load_competition(tmp_path)
    assert competition.classes == list(traits)
    assert load_samples(competition, "train")["label"].map(tuple).tolist()[3] == (1.5, 3.5)


def test_how_sure_each_label_is_is_no_number_to_predict(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(30):
        picture(data / f"{'train' if n < 20 else 'test'}/L{n:02}.png", n)
    rows = [f"L{n:02},{one},0.{n % 7 + 1}{k}" for n in range(20) for k, one in enumerate("ab")]
    text(data / "labels.csv", ["leaf,kind,value", *rows, "L03,a,0.99"])
    text(data / "sample_submission.csv", ["leaf,a,b", *(f"L{n},0.5,0.5" for n in range(20, 30))])
    assert yaml.safe_load(refused(data, tmp_path))["tasks"] != {"classify": "multitarget"}
