"""Numbers behind words in names of files or folders, one of them called as the sample's column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from podium.workflows.initialising import init_workspace
from tests.competition.infer.test_odd_labels import begin, put, table

N = 24
DEPTHS = [1.5 + 37 * n % 50 for n in range(N)]


def _frames(
    data: Path, name: Callable[[int], str], column: str, test: Callable[[int], str]
) -> None:
    for n in range(N):
        put(data / f"train/{name(n)}.png", n)
    for n in range(6):
        put(data / f"test/{test(n)}.png", 900 + n)
    rows = [(test(n), 3.5) for n in range(6)]
    table(data / "sample_submission.csv", ("photo", column), *rows)


@pytest.mark.parametrize(("name", "column"), [
    (lambda n: f"dive{n // 6:02}_f{n:04}_depth{DEPTHS[n]}_speed{n % 5}", "depth"),
    (lambda n: f"dive{n // 6:02}-f{n:04}-dep{DEPTHS[n]}", "depth_m"),
    (lambda n: f"f={n:04}_Depth={DEPTHS[n]}".replace(".", ","), "depth"),
])  # fmt: skip
def test_the_number_that_the_sample_calls_is_the_label(
    tmp_path: Path, name: Callable[[int], str], column: str
) -> None:
    _frames(tmp_path / "data", name, column, lambda n: f"{n:06}")
    found, told = begin(tmp_path)
    assert str(found.tasks["classify"]) == "regression"
    assert sorted(load_samples(found, "train")["label"]) == sorted(DEPTHS)
    assert "the numbers in the names of images" in told


@pytest.mark.parametrize(("name", "test"), [
    (lambda n: f"f{n:04}_w{DEPTHS[n]}", lambda n: f"{n:06}"),  # called otherwise
    (lambda n: f"f{n:04}_depth{DEPTHS[n]}", lambda n: f"f9{n}_depth3"),  # known of test
    (lambda n: f"dep{n:04}_depth{DEPTHS[n]}", lambda n: f"{n:06}"),  # two that are called so
], ids=["another word", "known", "two"])  # fmt: skip
def test_other_numbers_in_names_are_no_label(
    tmp_path: Path, name: Callable[[int], str], test: Callable[[int], str]
) -> None:
    _frames(tmp_path / "data", name, "depth", test)
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)


FOG = "Clips are called by time and level, as `20190003_L2`. Leave out L9: nobody can read it.\n"


def _clips(data: Path, text: str, *, sign: str = "L", folder_of_test: str = "") -> list[str]:
    """Write two frames of each clip of four cameras, and return their levels; 9 is no answer."""
    levels = [str((9, 0, 1, 2, 3)[n % 5]) for n in range(20)]
    for n, level in enumerate(levels):
        for k in range(2):
            put(data / f"train/cam{n % 4}/2019{n:04}_{sign}{level}/{k}.png", 10 * n + k)
    for n in range(6):
        put(data / f"test/{folder_of_test}B{n}.png", 900 + n)
    table(data / "submit_example.csv", ("image_id", "level"), *((f"B{n}", 0) for n in range(6)))
    table(data / "cameras.csv", ("camera", "road"), *((f"cam{n}", f"R{n}") for n in range(4)))
    (data / "README.md").write_text(text)
    return levels


@pytest.mark.parametrize(("text", "sign", "without"), [
    (FOG, "L", "9"),
    ("片段以时间加等级命名，如 20190003_L2。\n\nL9 表示无法判定等级。\n", "L", "9"),
    ("Clips are called as 20190003_L2.\n", "L", ""),  # nothing tells that 9 is none
    ("", "Level", ""),
], ids=["English", "Chinese", "a class", "whole word"])  # fmt: skip
def test_the_number_of_folders_is_the_label_of_their_images(
    tmp_path: Path, text: str, sign: str, without: str
) -> None:
    """A table of the cameras tells neither what is to be predicted nor that cameras are."""
    levels = _clips(tmp_path / "data", text, sign=sign)
    found, told = begin(tmp_path)
    assert "the numbers in the names of folders" in told
    assert [*found.classes] == [one for one in "01239" if one != without]
    samples = load_samples(found, "train")
    wanted = sorted(one for one in levels * 2 if one != without)
    assert sorted(found.classes[one] for one in samples["label"]) == wanted
    assert [*load_samples(found, "test")["id"]] == [f"B{n}" for n in range(6)]
    assert found.folds.group in ("camera", "folder")
    assert found.folds.scheme == "stratified_group"


@pytest.mark.parametrize(("sign", "folder_of_test"), [
    ("L", ""),  # one letter, which no text shows
    ("K", ""),  # another word
    ("Level", "20200000_Level2/"),  # known of test
])  # fmt: skip
def test_other_numbers_of_folders_are_no_label(
    tmp_path: Path, sign: str, folder_of_test: str
) -> None:
    text = "Clips are called as 20190003_K2.\n"
    _clips(tmp_path / "data", text, sign=sign, folder_of_test=folder_of_test)
    with pytest.raises(DataError) as refused:
        begin(tmp_path)
    if not folder_of_test:  # the option that is shown reads them
        assert "no labels: the rows of cameras.csv are of folders" in refused.value.message
        named = (refused.value.fix or "").split("--label-from-name '")[1].split("'")[0]
        started = init_workspace(tmp_path / "data", tmp_path, expression=named, force=True)
        assert [*started.competition.classes] == [f"{sign}{n}" for n in "01239"]
