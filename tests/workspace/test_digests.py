"""Digests of artefacts: written with every file, right at every moment, and checked."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from podium.workspace import atomic, digests


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return the folder of a run in a workspace."""
    (tmp_path / "competition.yaml").write_text("name: a\n")
    folder = tmp_path / "runs" / "base-00000000"
    folder.mkdir(parents=True)
    return folder


def sums(folder: Path) -> dict[str, list[str]]:
    """Return what `SHA256SUMS` lists, read by hand."""
    found: dict[str, list[str]] = {}
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        if not line.startswith("#"):
            found.setdefault(line[66:], []).append(line[:64])
    return found


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_each_file_of_an_artefact_gets_its_digest_in_the_form_of_sha256sum(run: Path) -> None:
    atomic.write_text(run / "a.json", "one")
    atomic.write_text(run / "b.json", "two")
    atomic.write_text(run / "a.json", "three")
    assert sums(run) == {"a.json": [sha(b"three")], "b.json": [sha(b"two")]}
    if shutil.which("sha256sum"):
        checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=run, capture_output=True)
        assert checked.returncode == 0


def test_a_folder_that_appears_whole_has_the_digests_of_all_its_files(run: Path) -> None:
    with atomic.new_folder(run / "predictions" / "fold-0") as folder:
        (folder / "chunk.npy").write_bytes(b"values")
        (folder / "inner").mkdir()
        (folder / "inner" / "ids").write_bytes(b"ids")
        atomic.write_text(folder / "meta.json", "facts")
    target = run / "predictions" / "fold-0"
    assert sums(target) == {"chunk.npy": [sha(b"values")], "meta.json": [sha(b"facts")]}
    assert sums(target / "inner") == {"ids": [sha(b"ids")]}


def test_files_that_people_write_get_none(tmp_path: Path, run: Path) -> None:
    for file in ("competition.yaml", "recipes/base.yaml", "data/a.txt", "report/index.html"):
        atomic.write_text(tmp_path / file, "text")
    atomic.write_text(run / ".lock.holder", "text")
    with atomic.new_folder(tmp_path / "data" / "new") as folder:
        (folder / "a.txt").write_text("text")
    assert not list(tmp_path.rglob("SHA256SUMS"))


def test_one_flipped_bit_is_refused_by_name_with_the_way_out(run: Path) -> None:
    file = run / "fold-1" / "last.pt"
    atomic.write_bytes(file, bytes(1000))
    digests.check(file)
    content = bytearray(file.read_bytes())
    content[500] ^= 4
    file.write_bytes(content)
    with pytest.raises(digests.DamagedError) as caught:
        digests.check(file)
    assert caught.value.where == str(file)
    assert f"remove {run}/fold-1, and repeat `podium train base`" in str(caught.value)
    assert digests.state_of(file) == "damaged"


def test_the_way_out_names_what_the_record_tells(run: Path) -> None:
    """A command without options that only their user knows, where files of the run suffice."""
    (run / "recipe.yaml").write_text("seed: 1\n")
    (run / "record.json").write_text('{"inputs": {"again": 2}, "details": {"predictions": "11"}}')
    again = f"repeat `podium train {run}/recipe.yaml --again 2`"
    assert digests.mend(run / "fold-1/last.pt") == f"remove {run}/fold-1, and {again}"
    own, other = run / "predictions/11", run / "predictions/22"
    assert digests.mend(own / "set.json") == f"remove {own}, and {again}"
    assert f"remove {other}, and repeat `podium predict base-00000000`" in digests.mend(
        other / "set.json"
    )
    assert "it is only shown" in digests.mend(run / "fold-0/seen/1/labelled.npz")
    assert "from a copy" in digests.mend(run / "recipe.yaml")
    assert digests.mend(run / "record.json").endswith(f"train {run}/recipe.yaml`")
    soup = '{"inputs": {"soup": {"method": "greedy", "of": ["a-1", "b-2"]}}}'
    (run / "record.json").write_text(soup)
    command = "repeat `podium soup a-1 b-2 --method greedy --name base`"
    assert digests.mend(run / "fold-0/last.pt") == f"remove {run}/fold-0, and {command}"


def test_a_flip_that_keeps_the_time_of_change_is_found_too(run: Path) -> None:
    file = run / "record.json"
    atomic.write_text(file, "{}")
    digests.check(file)
    before = file.stat()
    file.write_text("[]")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(digests.DamagedError):
        digests.check(file)


def test_damaged_digests_are_not_taken_for_a_damaged_file(run: Path) -> None:
    file = run / "record.json"
    atomic.write_text(file, "{}")
    listed = (run / "SHA256SUMS").read_text()
    digit = listed.splitlines()[1][0]
    other = "0" if digit != "0" else "1"
    lines = listed.splitlines()
    lines[1] = other + lines[1][1:]
    (run / "SHA256SUMS").write_text("\n".join(lines) + "\n")
    with pytest.raises(digests.DamagedError) as caught:
        digests.check(file)
    assert caught.value.where == str(run / "SHA256SUMS")


def test_files_from_before_there_were_digests_are_read(run: Path) -> None:
    (run / "record.json").write_text("{}")
    digests.check(run / "record.json")
    assert digests.state_of(run / "record.json") == "no digest"


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_a_process_killed_at_any_rename_leaves_no_false_alarm(
    run: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writes of one file; the process dies at the n-th rename, before it or right after it."""
    file = run / "metrics.csv"
    atomic.write_text(file, "epoch 1")
    done = 0
    rename = Path.replace

    class Killed(BaseException):
        pass

    def dying(self: Path, target: Path) -> Path:
        nonlocal done
        done += 1
        if done == step:
            raise Killed
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", dying)
    try:
        atomic.write_text(file, "epoch 2")
        atomic.write_text(file, "epoch 3")
    except Killed:
        pass
    monkeypatch.undo()
    assert digests.state_of(file) == "intact", step
    atomic.write_text(file, "epoch 4")
    assert sums(run)["metrics.csv"] == [sha(b"epoch 4")]


def test_removed_renamed_and_linked_files_take_their_digests_along(run: Path) -> None:
    first, second, third = (run / name for name in ("resume.pt", "before.pt", "good.pt"))
    atomic.write_text(first, "one")
    atomic.link(first, second)
    atomic.write_text(first, "two")
    assert sums(run) == {"resume.pt": [sha(b"two")], "before.pt": [sha(b"one")]}
    atomic.move(second, third)
    assert sums(run) == {"resume.pt": [sha(b"two")], "good.pt": [sha(b"one")]}
    atomic.move(third, first)
    assert digests.state_of(first) == "intact"
    atomic.remove(first)
    assert sums(run) == {}


def test_two_processes_that_write_in_one_folder_lose_no_line(run: Path) -> None:
    pids = []
    for writer in range(4):
        pid = os.fork()
        if not pid:
            for number in range(10):
                atomic.write_text(run / f"{writer}-{number}.json", f"{writer} {number}")
                atomic.write_text(run / "record.json", f"{writer} {number}")
            os._exit(0)
        pids.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * 4
    found = sums(run)
    assert len(found) == 41
    assert all(digests.state_of(run / name) == "intact" for name in found)
