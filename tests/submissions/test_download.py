from __future__ import annotations

import io
import shutil
import stat
import zipfile

import numpy as np
import pytest

from podium.errors import DataError, HostError, PodiumError
from podium.submissions.download import download_competition
from podium.submissions.upload.endpoint import kaggle_endpoint


class Sends:
    """A client that puts one archive, made of these members, into the folder."""

    def __init__(self, members: dict[str, bytes] | bytes | None) -> None:
        self.members = members

    def download(self, folder):
        if self.members is None:
            return []
        file = folder / "pets.zip"
        if isinstance(self.members, bytes):
            file.write_bytes(self.members)
        else:
            with zipfile.ZipFile(file, "w") as archive:
                for name, content in self.members.items():
                    archive.writestr(name, content)
        return [file.name]


def fetch(folder, members):
    return download_competition("pets", folder, endpoint=kaggle_endpoint(), client=Sends(members))


def test_directories_of_the_archive_are_kept(tmp_path):
    fetch(tmp_path / "data", {"train/a.png": b"1", "sample.csv": b"id\n"})
    assert (tmp_path / "data/train/a.png").read_bytes() == b"1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/tmp/evil.txt", "a/../../evil", "..\\evil", "C:\\evil"]
)
def test_an_archive_that_leaves_the_folder_is_refused_and_nothing_remains(tmp_path, name):
    with pytest.raises(DataError, match="outside"):
        fetch(tmp_path / "data", {"good.txt": b"", name: b"x"})
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_archive_leaves_nothing(tmp_path):
    good = tmp_path / "good.zip"
    with zipfile.ZipFile(good, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.txt", b"abcdefgh" * 50)
    content = bytearray(good.read_bytes())
    content[60:64] = b"XXXX"
    good.unlink()
    with pytest.raises(DataError, match="damaged"):
        fetch(tmp_path / "data", bytes(content))
    assert list(tmp_path.iterdir()) == []


def test_a_single_file_is_taken_as_it_is(tmp_path):
    fetch(tmp_path / "data", b"not a zip")
    assert (tmp_path / "data/pets.zip").read_bytes() == b"not a zip"


def test_nothing_sent_is_an_error(tmp_path):
    with pytest.raises(HostError):
        fetch(tmp_path / "data", None)


def archive_of(*members: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members:
            archive.writestr(member, content)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_or_a_device_is_refused(tmp_path, kind):
    link = zipfile.ZipInfo("train")
    link.external_attr = (kind | 0o777) << 16
    content = archive_of((link, b"/etc"), ("train/passwd", b"mine"))
    with pytest.raises(DataError, match="a link or a device: 'train'"):
        fetch(tmp_path / "data", content)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(tmp_path):
    content = archive_of(("train.csv", b"id\n1\n"), ("train.csv", b"id\n2\n"))
    with pytest.raises(DataError, match="two files of one name"):
        fetch(tmp_path / "data", content)


def test_what_does_not_fit_on_the_disk_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    small = type(shutil.disk_usage(tmp_path))(2**30, 2**30 - 1000, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: small)
    content = archive_of(("a.bin", b"0" * 10**6))
    assert len(content) < 2000
    with pytest.raises(DataError, match="GiB are free"):
        fetch(tmp_path / "data", content)
    assert list(tmp_path.iterdir()) == []


def test_download_prompts_for_a_password(tmp_path):
    content = bytearray(archive_of(("a.txt", b"hello")))
    for head, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(head) + flags] |= 1  # says: encrypted
    with pytest.raises(DataError, match="cannot be unpacked") as caught:
        fetch(tmp_path / "data", bytes(content))
    assert "by hand" in caught.value.fix


def test_mutated_archives_are_unpacked_inside_or_refused(tmp_path):
    content = archive_of(("train/a.png", b"pixels" * 30), ("b.csv", b"id\n" * 40), ("c/d/e", b""))
    rng = np.random.default_rng(0)
    refused = 0
    for number in range(300):
        data = bytearray(content)
        for place in rng.integers(len(data), size=int(rng.integers(1, 5))):
            data[place] = int(rng.integers(256))
        if rng.random() < 0.3:
            del data[int(rng.integers(len(data))) :]
        folder = tmp_path / str(number)
        try:
            fetch(folder / "data", bytes(data))
        except PodiumError as error:
            refused += 1
            if error.fix is None:
                raise
        assert {path.name for path in folder.iterdir()} <= {"data"}
    assert refused > 100
    assert {path.name for path in tmp_path.iterdir()} == {str(number) for number in range(300)}


def test_entry_that_needs_too_much_memory_is_refused(tmp_path, monkeypatch):
    def extract(*_):
        raise MemoryError

    monkeypatch.setattr(zipfile.ZipFile, "extract", extract)
    with pytest.raises(DataError, match="cannot be unpacked: it needs too much memory"):
        fetch(tmp_path / "data", archive_of(("a.csv", b"x")))
