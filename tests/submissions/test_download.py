from __future__ import annotations

import zipfile

import pytest

from podium.errors import DataError, HostError
from podium.submissions.download import download_competition
from podium.submissions.endpoint import kaggle_endpoint


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


@pytest.mark.parametrize("name", ["../evil.txt", "/tmp/evil.txt", "a/../../evil", "..\\evil"])
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
