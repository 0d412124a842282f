"""Tests of ids: one text for one value, digests of files that are cached and never stale."""

import hashlib
import os
import sqlite3
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.workspace import ids
from podium.workspace.ids import FileDigests, canonical_json, short_digest
from podium.workspace.layout import Workspace

LONG_AGO = 1_600_000_000


def write(file, content, at=LONG_AGO):
    file.write_bytes(content)
    os.utime(file, (at, at))
    return file


def sha(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


def test_the_order_of_keys_does_not_change_an_id():
    assert short_digest({"a": 1, "b": [1.5, None]}) == short_digest({"b": (1.5, None), "a": 1})


def test_a_digest_is_the_beginning_of_sha256_of_the_canonical_text():
    assert canonical_json({"b": 1, "a": "é"}) == '{"a":"\\u00e9","b":1}'
    assert short_digest({"a": 1}) == sha(b'{"a":1}')[:8]


@given(st.dictionaries(st.text(), st.integers() | st.text()), st.data())
def test_equal_values_have_equal_ids_and_others_have_not(value, data):
    shuffled = dict(data.draw(st.permutations(list(value.items()))))
    assert short_digest(shuffled) == short_digest(value)
    assert short_digest({**value, "an extra key!": 0}) != short_digest(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_has_no_json_text_has_no_id(value):
    with pytest.raises(ValueError, match="JSON"):
        short_digest({"a": value})


def test_a_set_has_no_id_because_its_text_could_change():
    with pytest.raises(TypeError):
        short_digest({"a": {1, 2}})


def test_a_files_digest_is_its_sha256_and_changes_with_its_content(workspace, tmp_path):
    digests = FileDigests(workspace)
    file = write(tmp_path / "a", b"one")
    assert digests.of(file) == sha(b"one")
    write(file, b"two", at=LONG_AGO + 1)
    assert digests.of(file) == sha(b"two")


@pytest.fixture
def unread(monkeypatch):
    """Return a function after whose call a file that is read fails the test."""

    def read(file):
        raise AssertionError(file)

    return lambda: monkeypatch.setattr(ids, "sha256", read)


def test_an_unchanged_file_is_not_read_again_by_the_next_process(workspace, tmp_path, unread):
    file = write(tmp_path / "a", b"one")
    FileDigests(workspace).of(file)
    unread()
    assert FileDigests(workspace).of(file) == sha(b"one")


@pytest.mark.parametrize("how", ["in place", "another file", "a link to another file"])
def test_a_file_of_the_same_size_and_time_is_read_again(workspace, tmp_path, how):
    """As `cp -p`, `rsync -a` and unpacked archives leave it."""
    file, other = write(tmp_path / "a", b"one"), write(tmp_path / "b", b"two")
    assert FileDigests(workspace).of(file) == sha(b"one")
    if how == "in place":
        write(file, b"two")
    elif how == "another file":
        other.rename(file)
    else:
        file.unlink()
        file.symlink_to(other)
    assert FileDigests(workspace).of(file) == sha(b"two")


def test_digests_of_an_older_podium_are_not_believed_and_go(workspace, tmp_path):
    file = write(tmp_path / "a", b"one")
    database = workspace.private / "digests.db"
    database.parent.mkdir()
    with sqlite3.connect(database) as connection:
        connection.execute(
            "CREATE TABLE digest (path TEXT PRIMARY KEY, size INTEGER, mtime INTEGER, sha256 TEXT)"
        )
        row = ("a", 3, LONG_AGO * 10**9, sha(b"two"))
        connection.execute("INSERT INTO digest VALUES (?, ?, ?, ?)", row)
    connection.close()
    assert FileDigests(workspace).damaged() == 0
    assert FileDigests(workspace).of(file) == sha(b"one")
    with sqlite3.connect(database) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        assert tables.fetchall() == [("digest_of_file",)]
    connection.close()


def test_a_file_written_a_moment_ago_is_read_again(workspace, tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"one")
    stat = file.stat()
    digests = FileDigests(workspace)
    assert digests.of(file) == sha(b"one")
    file.write_bytes(b"two")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # within the clock's grain
    assert digests.of(file) == sha(b"two")


def test_a_moved_workspace_keeps_its_cache(tmp_path, unread):
    (tmp_path / "old").mkdir()
    file = write(tmp_path / "old" / "a", b"one")
    FileDigests(Workspace(tmp_path / "old")).of(file)
    (tmp_path / "old").rename(tmp_path / "new")
    unread()
    assert FileDigests(Workspace(tmp_path / "new")).of(tmp_path / "new" / "a") == sha(b"one")


def test_many_files_have_one_digest_wherever_they_lie(workspace, tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        for name in "ab":
            write(tmp_path / folder / name, name.encode())
    digests = FileDigests(workspace)
    x, y = ([tmp_path / folder / name for name in "ab"] for folder in "xy")
    assert digests.of_many(x) == digests.of_many(reversed(y))
    assert digests.of_many(x) == digests.of_many({"a": x[0], "b": x[1]})
    assert digests.of_many(x) != digests.of_many({"a": x[1], "b": x[0]})
    assert digests.of_many([]) != digests.of_many(x[:1])
    expected = canonical_json([["a", sha(b"a")], ["b", sha(b"b")]])
    assert digests.of_many(x) == sha(expected.encode())


def test_a_broken_cache_changes_nothing_and_is_replaced(workspace, tmp_path):
    file = write(tmp_path / "a", b"one")
    database = workspace.private / "digests.db"
    database.parent.mkdir()
    database.write_bytes(b"no database" * 100)
    assert FileDigests(workspace).of(file) == sha(b"one")
    FileDigests(workspace).of(file)
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT path, sha256 FROM digest_of_file").fetchall() == [
            ("a", sha(b"one"))
        ]
    connection.close()


def test_without_a_place_for_the_cache_digests_are_the_same(workspace, tmp_path):
    workspace.private.write_text("a file where the folder should be")
    assert FileDigests(workspace).of(write(tmp_path / "a", b"one")) == sha(b"one")


def test_a_missing_file_is_named(workspace, tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        FileDigests(workspace).of(tmp_path / "absent")


def test_several_processes_may_fill_the_cache_at_once(workspace, tmp_path):
    for at in range(40):
        write(tmp_path / f"f{at}", str(at).encode())
    code = (
        "import sys; from pathlib import Path; from podium.workspace.layout import Workspace;"
        "from podium.workspace.ids import FileDigests; root = Path(sys.argv[1]);"
        "d = FileDigests(Workspace(root));"
        "print(*(d.of(root / f'f{i}') for i in range(40)))"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    expected = [sha(str(at).encode()) for at in range(40)]
    assert [process.communicate()[0].split() for process in running] == [expected] * 3
    with sqlite3.connect(workspace.private / "digests.db") as connection:
        assert connection.execute("SELECT count(*) FROM digest_of_file").fetchone() == (40,)
    connection.close()
