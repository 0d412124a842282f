"""A package writes what its workspace writes, wherever it lies and however many images come."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from command_line import podium
from packed_workspaces import N_TEST, Packed

from podium.submissions.packages import PackFolder
from podium.submissions.packages.folder import digest_of
from podium.workflows.packs.packing import pack, predict_packed
from podium.workspace.atomic import write_bytes, write_text


@pytest.fixture(params=["labels", "masks"])
def packed(request: pytest.FixtureRequest) -> Packed:
    chosen: Packed = request.getfixturevalue(f"packed_{request.param}")
    return chosen


@pytest.fixture
def copy(packed_labels: Packed, tmp_path: Path) -> Path:
    """A package of labels that may be broken."""
    return Path(shutil.copytree(packed_labels.pack, tmp_path / "copy"))


def rows(file: Path) -> dict[tuple[str, ...], str]:
    """Return key → value of a submission, the last column of whose rows is the value."""
    with file.open(newline="") as text:
        return {tuple(key): value for *key, value in csv.reader(text)}


def listing(root: Path) -> dict[str, tuple[int, int]]:
    """Return each file and folder below `root` with its size and time of change."""
    found = {}
    for one in sorted(root.rglob("*")):
        facts = one.lstat()
        found[str(one.relative_to(root))] = (facts.st_size, facts.st_mtime_ns)
    return found


@pytest.fixture
def read_only(packed: Packed, tmp_path: Path) -> Iterator[Path]:
    """The package elsewhere, in folders, as a host shows it, where nobody may write."""
    place = tmp_path / "input" / "datasets" / "ann" / "my pack"
    shutil.copytree(packed.pack, place)
    for one in [place, *place.rglob("*")]:
        one.chmod(0o555)
    yield place
    place.chmod(0o755)


@pytest.mark.slow
def test_a_moved_package_that_nobody_may_write_predicts_the_same_bytes_and_leaves_nothing(
    packed: Packed, read_only: Path, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    before = listing(read_only), listing(packed.root / "data")
    to = predict_packed(
        read_only, data=packed.root / "data", to=tmp_path / "out/mine.csv", scratch=scratch
    )
    assert to.read_bytes() == packed.file.read_bytes()
    assert len(rows(to)) > N_TEST
    assert (listing(read_only), listing(packed.root / "data")) == before
    assert list(scratch.iterdir()) == []
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["mine.csv"]


@pytest.mark.slow
def test_each_id_keeps_its_value_on_a_test_set_three_times_as_large(
    packed: Packed, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(packed.root / "data", data)
    for n in range(2):
        for image in sorted((packed.root / "data/test").iterdir()):
            # Before and after its own name, so that places in the batches change.
            shutil.copyfile(image, data / "test" / f"{'0z'[n]}{image.name}")
    for sample in data.glob("sample*.csv"):  # as the host would have it: a row of every image
        header, *given = sample.read_text().splitlines()
        more = [f"{prefix}{line}" for prefix in ("", "0", "z") for line in given]
        sample.write_text("\n".join([header, *more]) + "\n")
    small = rows(packed.file)
    large = rows(predict_packed(packed.pack, data=data, to=tmp_path / "large.csv"))
    assert len(large) == 1 + 3 * (len(small) - 1)
    assert {key: large[key] for key in small} == small


def test_the_package_names_its_modules_views_and_weights(packed_labels: Packed) -> None:
    record = PackFolder(packed_labels.pack).read()
    assert sorted(record.own.values()) == ["my_layers.py", "my_net.py"]
    assert sorted(len(run.weights) for run in record.runs) == [2, 2]
    assert {views for run in record.runs for views in run.sets.values()} == {("identity", "hflip")}
    assert sorted(list(run.means.values()) for run in record.runs) == [[], ["geometric"]]
    assert set(record.files) == {one.name for one in packed_labels.pack.iterdir()} - {"pack.json"}
    assert "has no wheel of" in record.incomplete
    assert PackFolder(packed_labels.pack).problems() == []


@pytest.mark.slow
def test_a_package_of_one_run_writes_what_that_run_alone_writes(
    packed_labels: Packed, tmp_path: Path
) -> None:
    workspace, competition = packed_labels.given
    podium(packed_labels.root, "submit", "small", "--dry-run")
    made = pack(workspace, competition, "small", to=tmp_path / "one", wheels_from=tmp_path)
    (file,) = workspace.submissions.glob("only-small-*.csv")
    to = predict_packed(made.root, data=workspace.data, to=tmp_path / "one.csv")
    assert to.read_bytes() == file.read_bytes()
    assert file.read_bytes() != packed_labels.file.read_bytes()


def predict(pack: Path, data: Path, to: Path, *, code: int) -> str:
    """Return what the command says, on one line, without the frame around it."""
    printed = podium(to.parent, "pack", "--predict", pack, "--data", data, "--to", to, code=code)
    assert to.is_file() == (code == 0)
    return " ".join(printed.translate(dict.fromkeys(map(ord, "│╭╮╰╯─"), " ")).split())


def restated(root: Path) -> None:
    """Make `pack.json` tell of the files as they are now."""
    folder = PackFolder(root)
    record = folder.read()
    files = {name: digest_of(folder.path(name)) for name in record.files}
    folder.statement.write_text(record.model_copy(update={"files": files}).model_dump_json())


def weights_of(root: Path) -> Path:
    return sorted(root.glob("weights-*.safetensors"))[0]


def test_a_changed_weight_and_a_missing_file_are_named_before_anything_is_predicted(
    packed_labels: Packed, copy: Path, tmp_path: Path
) -> None:
    file = weights_of(copy)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    (copy / "blend.json").unlink()
    printed = predict(copy, packed_labels.root / "data", tmp_path / "out.csv", code=1)
    assert f"{file.name} has other content" in printed
    assert "blend.json is missing" in printed
    assert "podium pack" in printed


@pytest.mark.parametrize(
    ("how", "names"), [("cut", "cannot be read"), ("other", "not the weights")]
)
def test_weights_that_are_none_of_this_network_are_named(
    packed_labels: Packed, packed_masks: Packed, copy: Path, tmp_path: Path, how: str, names: str
) -> None:
    file = weights_of(copy)
    other = weights_of(packed_masks.pack).read_bytes()
    file.write_bytes(file.read_bytes()[:-7] if how == "cut" else other)
    restated(copy)
    printed = predict(copy, packed_labels.root / "data", tmp_path / "out.csv", code=1)
    assert names in printed
    assert ".safetensors" in printed


def test_an_image_that_cannot_be_read_is_named(packed_labels: Packed, tmp_path: Path) -> None:
    data = Path(shutil.copytree(packed_labels.root / "data", tmp_path / "data"))
    (data / "test/03.png").write_bytes((data / "test/03.png").read_bytes()[:60])
    assert "03.png" in predict(packed_labels.pack, data, tmp_path / "out.csv", code=2)


def test_an_empty_test_set_and_a_folder_without_one_are_named(
    packed_labels: Packed, tmp_path: Path
) -> None:
    (tmp_path / "data/test").mkdir(parents=True)
    printed = predict(packed_labels.pack, tmp_path / "data", tmp_path / "out.csv", code=2)
    assert "data/test/*.png" in printed
    printed = predict(packed_labels.pack, tmp_path / "nowhere", tmp_path / "out.csv", code=2)
    assert "nowhere" in printed
    printed = predict(tmp_path / "data", tmp_path / "data", tmp_path / "out.csv", code=2)
    assert "this is no package" in printed


@pytest.fixture
def workspace(packed_labels: Packed, tmp_path: Path) -> Path:
    """A copy of the workspace, to be spoilt."""
    return Path(shutil.copytree(packed_labels.root, tmp_path / "ws"))


def refused(root: Path, *, code: int = 2) -> str:
    """Return what `podium pack` says; it leaves nothing behind."""
    before = set(root.iterdir())
    printed = podium(root, "pack", "both", "--to", root / "new", "--wheels", root, code=code)
    assert set(root.iterdir()) == before
    return " ".join(printed.translate(dict.fromkeys(map(ord, "│╭╮╰╯─"), " ")).split())


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    write_text(file, text.replace(old, new))


def test_a_member_that_podium_did_not_train_is_refused(workspace: Path) -> None:
    (record,) = workspace.glob("runs/small-*/record.json")
    rewrite(record, '"kind": "run"', '"kind": "import"')
    (record.parent / "recipe.yaml").unlink()  # as imports have none
    printed = refused(workspace)
    assert f"'{record.parent.name}' is no run of podium's" in printed
    (other,) = (one.name for one in workspace.glob("runs/*-*") if one != record.parent)
    assert f"podium blend {other}, and pack that" in printed


@pytest.mark.parametrize("name", ["hf-hub:someone/net", "local-dir:nets/mine"])
def test_a_backbone_that_is_described_outside_timm_is_refused(workspace: Path, name: str) -> None:
    (recipe,) = workspace.glob("runs/small-*/recipe.yaml")
    rewrite(recipe, "backbone: cnn", f"backbone: '{name}'")
    printed = refused(workspace)
    assert name in printed
    assert "timm" in printed


def test_a_competition_without_a_test_set_is_refused(workspace: Path) -> None:
    spec = yaml.safe_load((workspace / "competition.yaml").read_text())
    del spec["data"]["test"]
    (workspace / "competition.yaml").write_text(yaml.safe_dump(spec))
    assert "write data.test" in refused(workspace)


@pytest.mark.parametrize("where", ["hidden/*.png", "data/../hidden/*.png", "ABSOLUTE/*.png"])
def test_test_images_outside_data_are_refused(workspace: Path, where: str) -> None:
    where = where.replace("ABSOLUTE", str(workspace / "hidden"))
    rewrite(workspace / "competition.yaml", "data/test/*.png", where)
    assert "does not lie below data/" in refused(workspace)


def test_a_network_that_was_edited_since_is_refused(workspace: Path) -> None:
    rewrite(workspace / "my_layers.py", "ReLU", "GELU")
    assert "the module my_layers changed since own-" in refused(workspace, code=1)


def test_damaged_weights_of_the_workspace_are_refused(workspace: Path) -> None:
    file = sorted(workspace.glob("runs/*/fold-0/last.pt"))[0]
    file.write_bytes(file.read_bytes()[:-50])
    assert "last.pt" in refused(workspace, code=1)


def test_packages_of_the_host_image_are_not_packed(packed_labels: Packed, tmp_path: Path) -> None:
    freeze = tmp_path / "image.txt"
    freeze.write_text(f"numpy=={np.__version__}\npandas==0.1\ntorch==99.0+cu1\n")
    to, given = tmp_path / "new", ["--to", tmp_path / "new", "--wheels", tmp_path]
    printed = podium(packed_labels.root, "pack", "both", *given, "--image", freeze)
    assert "pandas 0.1 by " in printed
    assert PackFolder(to).read().from_image["torch"] == "99.0+cu1"
    needed = (to / "requirements.txt").read_text()
    assert "pandas==" in needed
    assert "\nnumpy==" not in needed
    assert "\ntorch==" not in needed
    printed = podium(
        packed_labels.root,
        "pack",
        "both",
        *given[2:],
        "--to",
        tmp_path / "x",
        "--image",
        to,
        code=2,
    )
    assert "pip freeze" in printed


def test_a_folder_that_exists_is_never_written_into(packed_labels: Packed, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine.txt").write_text("mine")
    root = packed_labels.root
    podium(root, "pack", "both", "--to", taken, "--wheels", tmp_path, code=2)
    assert [one.name for one in taken.iterdir()] == ["mine.txt"]


def test_packing_that_is_killed_leaves_no_half_package(
    packed_labels: Packed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    left = 0

    def write(*given: Any) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise Killed
        write_bytes(*given)

    monkeypatch.setattr(f"{pack.__module__}.write_bytes", write)
    workspace, competition = packed_labels.given
    for step in (1, 4, 6):
        left = step
        with pytest.raises(Killed):
            pack(workspace, competition, "both", to=tmp_path / "new", wheels_from=tmp_path)
        assert list(tmp_path.iterdir()) == []
