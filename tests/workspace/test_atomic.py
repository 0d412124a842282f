"""Tests of atomic writes: real kills, real full disks."""

import errno
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from podium.errors import RunError, from_os_error
from podium.workspace import atomic


def test_a_fork_names_what_it_writes_by_its_own_start():
    """Else what it left half-written would be taken for another process's, and swept away."""
    own = atomic._own_start_time()
    reading, writing = os.pipe()
    time.sleep(0.05)  # a process's start is told in hundredths of a second
    child = os.fork()
    if child == 0:
        os.write(writing, f"{atomic._own_start_time()} {atomic._start_time(os.getpid())}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    kept, really = os.read(reading, 99).split()
    os.close(reading)
    os.close(writing)
    assert kept == really != str(own).encode()


def start(code, *arguments):
    """Run `code` in a process of its own; it prints a line when it is where the test wants it."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)], stdout=subprocess.PIPE
    )


def kill(process):
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture(autouse=True)
def flushed(flush, monkeypatch):
    """Here files do reach the disk."""
    monkeypatch.setattr(os, "fsync", flush)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 KiB, where this user may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_file_is_replaced_whole_and_its_folders_are_made(tmp_path):
    file = tmp_path / "a" / "b" / "c.txt"
    atomic.write_text(file, "old")
    atomic.write_text(file, "né\r\nw")
    assert file.read_bytes() == "né\r\nw".encode()
    assert list(file.parent.iterdir()) == [file]


def test_an_exception_keeps_the_old_content_and_leaves_nothing_behind(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("old")

    def fail_half_way():
        with atomic.replacing(file) as temporary:
            temporary.write_text("ne")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_half_way()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_the_temporary_file_stands_on_the_same_disk(tmp_path):
    with atomic.replacing(tmp_path / "a.txt") as temporary:
        temporary.touch()
        assert temporary.parent == tmp_path


def test_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "data.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to(target)
    atomic.write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_secret_is_never_readable_by_others(tmp_path):
    with atomic.replacing(tmp_path / "token", mode=0o600) as temporary:
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
        temporary.write_text("secret")
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600


def test_json_refuses_nan_and_keeps_the_old_file(tmp_path):
    file = tmp_path / "a.json"
    atomic.write_json(file, {"b": 1, "a": "é"})
    with pytest.raises(ValueError, match="JSON"):
        atomic.write_json(file, {"a": float("nan")})
    assert list(json.loads(file.read_text(encoding="utf-8"))) == ["b", "a"]


def test_a_very_long_name_still_has_a_temporary_name(tmp_path):
    file = tmp_path / ("x" * 250)
    atomic.write_text(file, "content")
    assert file.read_text() == "content"


WRITER = """
    import sys
    from pathlib import Path
    from podium.workspace import atomic
    file, n = Path(sys.argv[1]), 0
    while True:
        n += 1
        atomic.write_json(file, {"n": n, "pad": "x" * 200_000, "again": n})
        if n == 1:
            print("writing", flush=True)
"""


def test_a_killed_writer_always_leaves_a_whole_file(tmp_path):
    file = tmp_path / "record.json"
    delays = [0.0, 0.0013, 0.0047, 0.0101, 0.0229, 0.0353]
    for delay in delays:
        process = start(WRITER, file)
        process.stdout.readline()
        time.sleep(delay)
        kill(process)
        content = json.loads(file.read_text())
        assert content["n"] == content["again"]
    atomic.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [file]


HALF_A_FILE = """
    import sys, time
    from pathlib import Path
    from podium.workspace import atomic
    with atomic.{context}(Path(sys.argv[1])) as temporary:
        (temporary / "a" if temporary.is_dir() else temporary).write_text("half")
        print("inside", flush=True)
        time.sleep(60)
"""


@pytest.mark.parametrize("context", ["replacing", "new_folder"])
def test_a_writer_killed_before_the_rename_leaves_the_old_state(tmp_path, context):
    target = tmp_path / "target"
    process = start(HALF_A_FILE.format(context=context), target)
    process.stdout.readline()
    assert atomic.sweep(tmp_path) == [], "its writer lives"
    kill(process)
    assert not target.exists()
    assert len(list(tmp_path.iterdir())) == 1
    assert len(atomic.sweep(tmp_path)) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_next_file_of_an_artefact_removes_what_a_killed_writer_left_there(tmp_path):
    (tmp_path / "competition.yaml").touch()
    blend = tmp_path / "blends/mix"
    process = start(HALF_A_FILE.format(context="replacing"), blend / "expected.json")
    process.stdout.readline()
    atomic.write_text(blend / "units.npz", "")
    assert len(list(blend.glob(".expected.json.*"))) == 1, "its writer lives"
    kill(process)
    atomic.write_text(blend / "curves.json", "{}")
    assert {one.name for one in blend.iterdir()} == {"SHA256SUMS", "units.npz", "curves.json"}


def test_a_leftover_goes_even_when_its_process_id_was_given_away_again(tmp_path):
    with atomic.replacing(tmp_path / "a") as temporary:
        temporary.touch()
        name = temporary.name
    host, pid, born, rest = name.removeprefix(".a.podium-").split("-")
    (tmp_path / f".a.podium-{host}-{pid}-{int(born) - 1}-{rest}").touch()
    assert len(atomic.sweep(tmp_path)) == 1


def test_leftovers_of_another_machine_stay_for_a_day(tmp_path):
    young, old = (tmp_path / f".{n}.podium-0123abcd-1-1-0123abcd.tmp" for n in ("young", "old"))
    young.touch()
    old.touch()
    os.utime(old, (time.time() - 90_000,) * 2)
    assert atomic.sweep(tmp_path) == [old]
    assert young.exists()


def test_sweep_touches_nothing_else(tmp_path):
    kept = [tmp_path / name for name in ("a.tmp", ".hidden", ".a.podium-x.tmp")]
    for file in kept:
        file.touch()
    assert atomic.sweep(tmp_path) == []
    assert atomic.sweep(tmp_path / "absent") == []
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def test_a_new_folder_appears_at_the_end_with_all_its_files(tmp_path):
    folder = tmp_path / "runs" / "a"
    with atomic.new_folder(folder) as temporary:
        (temporary / "sub").mkdir()
        (temporary / "sub" / "x").write_text("1")
        assert not folder.exists()
    assert (folder / "sub" / "x").read_text() == "1"
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch])
def test_a_new_folder_never_replaces_anything_not_even_an_empty_folder(tmp_path, make):
    make(tmp_path / "a")
    with pytest.raises(RunError, match="exists already"), atomic.new_folder(tmp_path / "a"):
        pass


def test_of_two_writers_of_one_folder_the_second_gets_an_error(tmp_path):
    barrier, outcomes = threading.Barrier(2), []

    def write(name):
        try:
            with atomic.new_folder(tmp_path / "a") as temporary:
                (temporary / name).touch()
                barrier.wait()
        except RunError:
            outcomes.append("refused")
        else:
            outcomes.append("written")

    threads = [threading.Thread(target=write, args=(name,)) for name in "xy"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "written"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]
    assert len(list((tmp_path / "a").iterdir())) == 1


def test_a_full_disk_keeps_the_old_file_and_is_named(small_disk):
    file = small_disk / "a.bin"
    atomic.write_bytes(file, b"old")
    with pytest.raises(OSError, match="No space left") as caught:
        atomic.write_bytes(file, bytes(1 << 20))
    assert caught.value.errno == errno.ENOSPC
    error = from_os_error(caught.value)
    assert error.where == str(file)
    assert "free disk space" in error.fix
    assert file.read_bytes() == b"old"
    assert list(small_disk.iterdir()) == [file]


def test_numpys_error_on_a_full_disk_is_named_too(small_disk):
    np = pytest.importorskip("numpy")
    with (
        pytest.raises(OSError, match="No space left") as caught,
        atomic.replacing(small_disk / "a.npy") as temporary,
    ):
        np.zeros(1 << 20).tofile(temporary)
    assert from_os_error(caught.value).where == str(small_disk / "a.npy")


def test_a_full_disk_leaves_no_half_folder(small_disk):
    def fill():
        with atomic.new_folder(small_disk / "set") as temporary:
            for at in range(9):
                (temporary / str(at)).write_bytes(bytes(100_000))

    with pytest.raises(OSError, match="No space left") as caught:
        fill()
    assert caught.value.filename == str(small_disk / "set")
    assert list(small_disk.iterdir()) == []


def test_a_file_beyond_the_systems_limit_keeps_the_old_one(tmp_path):
    file = tmp_path / "a.bin"
    atomic.write_bytes(file, b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(OSError, match="too large") as caught:
            atomic.write_bytes(file, bytes(8192))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.filename == str(file)
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_an_error_of_another_file_keeps_its_name(tmp_path):
    with (
        pytest.raises(FileNotFoundError) as caught,
        atomic.replacing(tmp_path / "a") as temporary,
    ):
        temporary.write_bytes((tmp_path / "source").read_bytes())
    assert caught.value.filename == str(tmp_path / "source")
