"""`podium folds --group`: copies and clips that the check finds lie in one fold, on record."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.checks.fold_groups import fold_by_groups, merge_groups
from podium.competition.folds.file import ensure_folds, read_folds
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.errors import DataError, RunError, UsageError
from podium.workspace.layout import Workspace

SPEC = """\
name: grouped
tasks: {classify: multiclass}
classes: [cat, dog]
data:
  train: {table: train.csv, id: id, images: "train/{id}.png", label: label}
# how the rows are split
folds: {n: 4}
metric: {name: accuracy}
"""
N = 32


def picture(seed: int) -> np.ndarray:
    rough = np.random.default_rng(seed).integers(20, 220, (8, 8, 3), dtype=np.uint8)
    return cv2.resize(rough, (96, 96), interpolation=cv2.INTER_CUBIC)


def write(folder: Path, images: dict[str, np.ndarray], spec: str = SPEC) -> Workspace:
    (folder / "train").mkdir()
    rows = ["id,label,owner"]
    for number, (name, image) in enumerate(images.items()):
        Image.fromarray(image).save(folder / "train" / f"{name}.png")
        rows.append(f"{name},{('cat', 'dog')[number % 2]},o{number // 2}")
    (folder / "train.csv").write_text("\n".join([*rows, ""]))
    (folder / "competition.yaml").write_text(spec)
    return Workspace(folder)


@pytest.fixture
def copied(tmp_path: Path) -> Workspace:
    """32 pictures; the first six stand again, smaller."""
    images = {f"p{k:x}g": picture(k) for k in range(N)}
    images |= {f"again {k:x}g": cv2.resize(picture(k), (80, 80)) for k in range(6)}
    return write(tmp_path, images)


def fold_of(workspace: Workspace) -> dict[str, int]:
    table = pd.read_csv(workspace.folds_file, dtype=str)
    return dict(zip(table["id"], table["fold"].astype(int), strict=True))


def grouped(workspace: Workspace, *kinds: str, redo: bool = False) -> int:
    return fold_by_groups(workspace, load_competition(workspace.root), kinds, redo=redo)[1]


def test_copies_lie_in_one_fold_and_yaml_and_folds_record_it(copied):
    assert grouped(copied, "duplicates") == 6
    folds = fold_of(copied)
    assert all(folds[f"p{k:x}g"] == folds[f"again {k:x}g"] for k in range(6))
    text = copied.competition_file.read_text()
    assert "folds: {n: 4, scheme: stratified_group, group: groups.csv}" in text
    assert "# how the rows are split" in text
    groups = pd.read_csv(copied.root / "groups.csv")
    assert groups["group"].nunique() == N
    assert pd.read_csv(copied.folds_file)["group"].tolist() == groups["group"].tolist()
    competition = load_competition(copied.root)
    samples = load_samples(competition, "train")
    assert samples["group"].tolist() == groups["group"].tolist()
    assert len(read_folds(copied, competition, samples)) == N + 6


@pytest.mark.parametrize("folds", ["scheme: stratified_group", "scheme: stratified"])
def test_the_comment_of_the_groups_before_goes_and_all_others_stay(copied, folds):
    spec = SPEC.replace(
        "folds: {n: 4}",
        f"folds:\n  # the scheme\n  {folds}  # as groups have it\n  n: 4\n"
        "  # 2 rows of one owner must not cross folds,\n  # so they say\n"
        "  group: owner  # of an image\n  # the seed\n  seed: 1",
    )
    copied.competition_file.write_text(spec)
    assert grouped(copied, "duplicates")
    text = copied.competition_file.read_text()
    assert "  n: 4\n  group: groups.csv\n  # the seed\n  seed: 1\n" in text
    assert "  # the scheme\n  scheme: stratified_group  # as groups have it\n" in text
    assert "# how the rows are split\nfolds:\n" in text


def test_the_comment_of_the_next_key_stays_where_there_was_no_group(copied):
    spec = SPEC.replace("folds: {n: 4}", "folds:\n  # how many\n  n: 4  # a few")
    copied.competition_file.write_text(spec)
    assert grouped(copied, "duplicates")
    assert "# how many" in copied.competition_file.read_text()
    assert "n: 4  # a few" in copied.competition_file.read_text()


def test_the_same_call_makes_the_same_files(copied):
    grouped(copied, "duplicates")
    files = [copied.folds_file, copied.root / "groups.csv", copied.competition_file]
    before = [file.read_bytes() for file in files]
    grouped(copied, "duplicates", redo=True)
    assert [file.read_bytes() for file in files] == before


def test_folds_of_other_groups_are_refused(copied):
    grouped(copied, "duplicates")
    file = copied.root / "groups.csv"
    file.write_text(file.read_text().replace("p9g,p9g", "p9g,pag"))
    competition = load_competition(copied.root)
    with pytest.raises(DataError, match=r"1 sample has another group in groups\.csv: 'p9g'"):
        read_folds(copied, competition, load_samples(competition, "train"))
    file.unlink()
    with pytest.raises(DataError, match="no such file of groups"):
        load_samples(competition, "train")


def test_existing_folds_and_runs_are_kept(copied):
    competition = load_competition(copied.root)
    ensure_folds(copied, competition, load_samples(competition, "train"))
    before = copied.folds_file.read_bytes(), copied.competition_file.read_bytes()
    with pytest.raises(UsageError, match="made already"):
        grouped(copied, "duplicates")
    (copied.runs / "one").mkdir(parents=True)
    with pytest.raises(RunError, match="runs exist"):
        grouped(copied, "duplicates", redo=True)
    assert (copied.folds_file.read_bytes(), copied.competition_file.read_bytes()) == before
    assert not (copied.root / "groups.csv").exists()


def test_groups_that_were_there_before_are_kept_whole(copied):
    spec = SPEC.replace("{n: 4}", "{n: 4, scheme: stratified_group, group: owner}")
    copied.competition_file.write_text(spec)
    grouped(copied, "duplicates")
    folds, table = fold_of(copied), pd.read_csv(copied.root / "train.csv")
    of_owner = table["id"].map(folds).groupby(table["owner"]).nunique()
    assert (of_owner == 1).all()
    assert all(folds[f"p{k:x}g"] == folds[f"again {k:x}g"] for k in range(6))


def test_clips_lie_in_one_fold(tmp_path):
    images = {}
    for clip in range(8):
        rough = np.random.default_rng(clip).integers(20, 220, (10, 30, 3), dtype=np.uint8)
        wide = cv2.resize(rough, (480, 96), interpolation=cv2.INTER_CUBIC)
        for k in range(10):
            images[f"clip{clip}_{k:03d}"] = wide[:, 4 * k : 4 * k + 128]
    workspace = write(tmp_path, images)
    assert grouped(workspace, "drift:sequence") == 8
    folds = fold_of(workspace)
    assert all(len({folds[f"clip{c}_{k:03d}"] for k in range(10)}) == 1 for c in range(8))


def test_nothing_is_written_where_nothing_belongs_together(tmp_path):
    workspace = write(tmp_path, {f"p{k:x}g": picture(k) for k in range(N)})
    assert grouped(workspace, "duplicates", "drift:sequence") == 0
    assert workspace.competition_file.read_text() == SPEC
    assert not (tmp_path / "groups.csv").exists()


@pytest.mark.parametrize(
    ("spec", "kind", "message"),
    [
        (SPEC, "copies", "takes duplicates or drift:sequence, not 'copies'"),
        (SPEC.replace("{n: 4}", "{scheme: time, time: owner}"), "duplicates", "scheme time ignore"),
    ],
)
def test_what_cannot_be_grouped_is_refused(copied, spec, kind, message):
    copied.competition_file.write_text(spec)
    with pytest.raises(UsageError, match=message):
        grouped(copied, kind)


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("owner", "podium choose folds.group=owner"),
        ("ownr", "podium choose folds.group=owner"),
        ("person", "podium choose folds.group=COLUMN; the columns are id, label, owner"),
        ("duplicate", "write duplicates"),
    ],
)
def test_a_column_for_a_kind_of_groups_leads_to_a_column_that_there_is(copied, name, fix):
    with pytest.raises(UsageError) as caught:
        grouped(copied, name)
    assert str(caught.value.fix).endswith(fix)


def test_sets_and_groups_that_share_a_row_are_one():
    samples = pd.DataFrame({"id": list("abcdef"), "group": ["x", "x", "y", "z", "z", "w"]})
    merged = merge_groups(samples, [np.array([1, 2]), np.array([2, 5])])
    assert merged == ["w", "w", "w", "z", "z", "w"]
