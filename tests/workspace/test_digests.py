"""Digests of artefacts: written with every file, right at every moment, and checked."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from podium.workspace import atomic, digests
from podium.workspace.ids import short_digest


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
    for file in ("competition.yaml", "recipes/base.yaml", "data/a.txt", "check.html"):
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
    # What the id is a digest of is right, wherever else the record is damaged.
    assert digests.mend(run / "record.json").endswith("` (with --again, where it was a repetition)")
    named = run.with_name(f"base-{short_digest({'again': 2})}")
    shutil.copytree(run, named)
    assert digests.mend(named / "record.json").endswith(f"train {named}/recipe.yaml --again 2`")
    soup = '{"inputs": {"soup": {"method": "greedy", "of": ["a-1", "b-2"]}}}'
    (run / "record.json").write_text(soup)
    command = "repeat `podium soup a-1 b-2 --method greedy --name base`"
    assert digests.mend(run / "fold-0/last.pt") == f"remove {run}/fold-0, and {command}"
    for fold, members in enumerate((["b-2"], ["a-1", "b-2"])):
        (run / f"fold-{fold}").mkdir()
        (run / f"fold-{fold}/done.json").write_text(json.dumps({"soup": members}))
    assert "repeat `podium soup a-1 b-2 --name base`" in digests.mend(run / "record.json")
    facts = {"soup": {"method": "greedy", "of": ["a-1", "b-2"]}}
    named = run.with_name(f"base-{short_digest(facts)}")
    shutil.copytree(run, named)
    assert digests.mend(named / "record.json").endswith(command)


def test_the_way_out_of_what_is_made_again_is_a_command(tmp_path: Path) -> None:
    root = tmp_path / "runs/mine"  # as a room is called
    way_out = {
        ".podium/trials/base-1/fold-0/done.json": "remove {root}/.podium/trials/base-1/fold-0: ",
        ".podium/cache/checked/images.parquet": "`podium check`",
        ".podium/cache/report-figures/a.json": "`podium report`",
        "report/index.html": "`podium report`",
    }
    (root / "competition.yaml").parent.mkdir(parents=True)
    (root / "competition.yaml").write_text("name: a\n")
    for name, fix in way_out.items():
        atomic.write_text(root / name, "{}")
        assert digests.state_of(root / name) == "intact"
        assert fix.format(root=root) in digests.mend(root / name)
        assert digests.may_be_missing(root / name)


def test_a_sent_file_that_is_gone_is_not_to_be_moved(tmp_path: Path) -> None:
    sent = tmp_path / "submissions/2026-01-01/submission.csv"
    assert "move" not in digests.mend(sent)
    assert "`podium submit` writes such a file again" in digests.mend(sent)
    atomic.write_text(sent, "id,label")
    assert f"move {sent} out of the workspace" in digests.mend(sent)


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


@pytest.mark.parametrize("damage", ["of another folder", "a bit"])
def test_a_line_more_makes_damaged_digests_no_false_alarm_for_ever(run: Path, damage: str) -> None:
    other = run.parent / "other-00000000"
    other.mkdir()
    for folder, name in ((run, "mine.json"), (other, "theirs.json")):
        atomic.write_text(folder / name, "{}")
    if damage == "a bit":
        listed = (run / "SHA256SUMS").read_text()
        (run / "SHA256SUMS").write_text(listed.replace("mine", "mind"))
    else:
        shutil.copyfile(other / "SHA256SUMS", run / "SHA256SUMS")
    atomic.write_text(run / "more.json", "{}")
    assert sums(run) == {"more.json": [sha(b"{}")]}
    assert digests.state_of(run / "mine.json") == "no digest"


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
