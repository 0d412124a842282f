"""Starting a workspace: a folder of data, or a competition's name; what is neither is refused."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from podium.errors import DataError, HostError, UsageError
from podium.workflows.initialising import _refuse_several, init_slug, init_workspace, initialise


def test_init_repeats_a_download_that_did_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    for _ in range(2):
        with pytest.raises(HostError, match="no Kaggle credentials"):
            initialise("some-competition")


@pytest.mark.parametrize("near", [True, False])
def test_a_misspelt_folder_is_named_before_what_a_download_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, near: bool
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise HostError("there are no credentials", fix="make a token")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("podium.workflows.initialising.download_competition", refused)
    monkeypatch.delenv("KAGGLE_API_ENVIRONMENT", raising=False)
    (tmp_path / ("leaves" if near else "unlike")).mkdir()
    with pytest.raises(HostError) as caught:
        initialise("leavs")
    words = caught.value.message
    assert words.startswith("there is no folder 'leavs' here")
    assert words.endswith("taken as a Kaggle competition; for that, there are no credentials")
    assert ("'leaves' is near" in words) == near
    assert str(caught.value.fix).startswith("podium init leaves reads" if near else "make a token")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="there is no /proc")
@pytest.mark.parametrize("root", ["/proc", "/proc/new/one"])
def test_a_folder_that_cannot_be_written_is_refused_before_data_are_read(
    root: str, miniatures: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = miniatures.class_folders(tmp_path / "pets", n=12)
    monkeypatch.setattr("podium.workflows.initialising.infer_data", None)
    with pytest.raises(UsageError, match="no workspace can be written here") as refused:
        initialise(str(made.data), Path(root))
    assert str(refused.value.where) == root
    with pytest.raises(UsageError, match="no workspace can be written here"):
        init_slug("pets", Path(root))


def test_a_workspace_is_not_wrapped_in_another_and_data_is_not_written_to(
    miniatures: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = miniatures.class_folders(tmp_path / "pets" / "data", n=12)
    initialise(str(tmp_path / "pets" / "data"), tmp_path / "pets")
    with pytest.raises(UsageError, match="workspace already"):
        initialise(str(tmp_path / "pets"))
    assert initialise(str(tmp_path / "pets"), force=True).root == tmp_path / "pets"
    raw = made.data.rename(tmp_path / "raw")
    monkeypatch.chdir(raw)
    before = sorted(raw.iterdir())
    with pytest.raises(UsageError, match="data itself"):
        initialise(".")
    assert sorted(raw.iterdir()) == before


def test_a_folder_of_competitions_is_refused_and_one_of_parts_or_kinds_of_images_is_not(
    miniatures: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pets", "birds"):
        data = miniatures.class_folders(tmp_path / "all" / name, n=12).data
        (data / "README.md").write_text("Accuracy.")
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path / "new")
    with pytest.raises(UsageError, match=r"2 competitions.*'birds', 'pets'") as caught:
        initialise("../all")
    assert caught.value.fix == "name one of them: podium init ../all/birds"
    assert not list(Path.cwd().iterdir())
    assert initialise("../all/birds").competition.name == "birds"
    (tmp_path / "all/birds/README.md").unlink()
    (tmp_path / "all/pets/README.md").unlink()
    _refuse_several(tmp_path / "all")


def test_a_workspace_is_no_data_folder_and_its_data_are_named(
    miniatures: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = miniatures.class_folders(tmp_path / "raw" / "data", n=12).data
    init_workspace(data, tmp_path / "rust")
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path / "new")
    with pytest.raises(UsageError, match="this is a podium workspace, not a data folder") as caught:
        initialise("../rust")
    fix = str(caught.value.fix)
    assert fix.startswith("name its data folder: podium init ../raw/data")
    assert not list((tmp_path / "new").iterdir())
    assert initialise(fix.split()[-1]).root == tmp_path / "new"


@pytest.mark.slow
def test_a_slug_becomes_a_workspace_through_the_official_client_and_a_real_host(
    miniatures: ModuleType, tmp_path: Path
) -> None:
    import csv

    from podium.competition.spec import load_competition
    from podium.hosting import init_host, running

    made = miniatures.table_and_images(tmp_path / "there" / "data", n=24)
    teacher = init_workspace(made.data, made.data.parent)
    with (tmp_path / "solution.csv").open("w", newline="") as file:
        rows = [
            [name, label, "Public" if number % 2 else "Private"]
            for number, (name, label) in enumerate(made.truth.items())
        ]
        csv.writer(file).writerows([["image_id", "species", "Usage"], *rows])
    competition = load_competition(teacher.root)
    init_host(tmp_path / "host", competition, tmp_path / "solution.csv", ["ann"], files=made.data)
    with running(tmp_path / "host") as hosted:
        slug = hosted.folder.spec().slug
        student = init_slug(slug, tmp_path / "student", endpoint=hosted.endpoint("ann"))
    assert student.competition.kaggle.slug == slug
    assert student.competition.classes == competition.classes
    files = {path.relative_to(made.data) for path in made.data.rglob("*") if path.is_file()}
    data = tmp_path / "student" / "data"
    assert {path.relative_to(data) for path in data.rglob("*") if path.is_file()} == files


@pytest.mark.parametrize("number", range(1, 6))
def test_init_stopped_at_any_file_is_continued_by_the_same_command(
    miniatures: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    data = miniatures.class_folders(tmp_path / "data", n=12, n_test=3).data
    left, replace = number, Path.replace

    def stopped(path: Path, target: Path) -> Path:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stopped)
        with pytest.raises(KeyboardInterrupt):
            init_workspace(data, tmp_path)
    init_workspace(data, tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("**/*.yaml")}
    names = ("baseline", "frozen", "probe", "strong")
    assert found == {"competition.yaml", *(f"recipes/{name}.yaml" for name in names)}


@pytest.mark.parametrize("is_empty", [True, False])
def test_a_workspace_begins_in_the_current_folder_also_for_data_elsewhere(
    miniatures: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_empty: bool
) -> None:
    data = miniatures.class_folders(tmp_path / "there/data", n=12, n_test=3).data
    here = tmp_path / "here"
    here.mkdir()
    if not is_empty:
        (here / "notes.txt").touch()
    monkeypatch.chdir(here)
    assert init_workspace(data).root == here
    assert [one.name for one in data.parent.iterdir()] == ["data"]
    monkeypatch.chdir(data / "train")
    with pytest.raises(UsageError, match="data itself"):
        init_workspace(data)


def test_the_folder_beside_a_misspelt_path_is_named(tmp_path: Path) -> None:
    (tmp_path / "leaf-shapes").mkdir()
    with pytest.raises(UsageError, match="but leaf-shapes is near") as caught:
        initialise(str(tmp_path / "leaf-shape"))
    assert f"podium init {tmp_path / 'leaf-shapes'} reads that folder" in str(caught.value.fix)
    with pytest.raises(UsageError, match="there is no such folder") as caught:
        initialise(str(tmp_path / "unlike" / "leaf-shape"))
    assert "near" not in caught.value.message


def test_images_whose_table_lies_above_them_are_read_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = tmp_path / "leaves/train"
    images.mkdir(parents=True)
    for n in range(8):
        Image.new("RGB", (8, 8), (n, n, n)).save(images / f"leaf_{n}.png")
    table, work = tmp_path / "leaves/train.csv", tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    table.write_text("id,species\nother_1,oak\n")
    with pytest.raises(DataError, match="no labels") as caught:
        initialise("../leaves/train")
    assert "folder above" not in str(caught.value.fix)
    table.write_text("id,species\nleaf_1,oak\n")
    with pytest.raises(DataError, match="no labels") as caught:
        initialise("../leaves/train")
    first, *others = str(caught.value).partition("\n  fix: ")[2].split("\n")
    assert first == "the folder above has train.csv: podium init ../leaves"
    # One a line and three at most, of which the draft is one.
    assert [one.partition(" ")[0] for one in map(str.strip, others)] == ["or", "or"]
    assert others[-1].startswith("  or complete competition.draft.yaml, ")
    for label, is_there in (("species", True), ("genus", False)):
        with pytest.raises(DataError, match="no table has a column") as caught:
            initialise("../leaves/train", label=label)
        assert ("folder above" in str(caught.value.fix)) is is_there


def test_a_refusal_has_its_cause_first_and_the_rest_in_the_draft(tmp_path: Path) -> None:
    data, root = tmp_path / "data", tmp_path / "work"
    (data / "photos").mkdir(parents=True)
    for n in range(12):
        Image.new("RGB", (8, 8), (n, n, n)).save(data / f"photos/leaf_{n:02}.png")
        (data / f"photos/leaf_{n:02}.png.aux.xml").write_text("<PAMDataset />")
    for n in range(9):
        (data / f"weather_{n}.csv").write_text("day;rain\n1;2,5\n3;4,5\n")
    with pytest.raises(DataError) as caught:
        init_workspace(data, root)
    first, *rest = caught.value.message.split("\n")
    assert first.startswith("no labels and no masks: nothing was found")
    assert 1 < len(rest) <= 5
    assert all(len(line) <= 210 for line in rest)
    assert "aux.xml" not in str(caught.value)
    draft = " ".join((root / "competition.draft.yaml").read_text().replace("#", "").split())
    assert "looked for a table with a column that names image files" in draft
    assert "6 more notes" not in caught.value.message
    assert "more notes" in draft


def test_an_example_of_what_is_sent_is_not_to_be_unpacked_for_labels(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "kit").mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(data / "leaf.png")
    for name, is_told in (("sample_submission.zip", False), ("labels.rar", True)):
        (data / "kit" / name).write_bytes(b"PK")
        with pytest.raises(DataError) as caught:
            init_workspace(data, tmp_path / "work", force=True)
        assert (f"unpack kit/{name}" in str(caught.value.fix)) == is_told
