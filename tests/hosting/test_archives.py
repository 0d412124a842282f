"""The archive of the files: made once, with its folders, whoever asks and however often."""

from __future__ import annotations

import io
import threading
import urllib.request
import zipfile

import pytest

from podium.hosting import app, running
from podium.hosting.app import data_archive
from podium.hosting.host import Host


@pytest.fixture
def folder(host_of, tmp_path):
    files = tmp_path / "public"
    for name in ("train/a.png", "test/a.png", "train.csv"):
        (files / name).parent.mkdir(parents=True, exist_ok=True)
        (files / name).write_bytes(name.encode() * 1000)
    return host_of(files=files)


def test_eight_concurrent_requests_share_one_archive(folder, monkeypatch):
    made = []
    make = app._make

    def slowly(archive, files):
        made.append(archive)
        threading.Event().wait(0.2)
        make(archive, files)

    monkeypatch.setattr(app, "_make", slowly)
    host, found = Host(folder), []
    threads = [threading.Thread(target=lambda: found.append(data_archive(host))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    host.close()
    assert (len(made), len(set(found)), len(found)) == (1, 1, 8)
    with zipfile.ZipFile(found[0]) as packed:
        assert sorted(packed.namelist()) == ["test/a.png", "train.csv", "train/a.png"]
        assert packed.read("test/a.png") == b"test/a.png" * 1000


def test_new_files_make_a_new_archive_and_the_old_one_goes(folder):
    host = Host(folder)
    first = data_archive(host)
    (folder / "files/more.csv").write_text("id\n")
    second = data_archive(host)
    host.close()
    assert first != second
    assert not first.exists()
    assert "more.csv" in zipfile.ZipFile(io.BytesIO(second.read_bytes())).namelist()


def test_a_download_goes_on_where_it_was_cut(folder):
    from podium.hosting import client_environment

    token = client_environment(folder, "ann", "http://x")["KAGGLE_API_TOKEN"]
    with running(folder) as hosted:
        whole = _get(hosted.url, token)
        part = _get(hosted.url, token, {"Range": "bytes=100-"})
    assert part == whole[100:]
    assert zipfile.is_zipfile(io.BytesIO(whole))


def _get(url, token, more=None):
    headers = {"Authorization": f"Bearer {token}", **(more or {})}
    request = urllib.request.Request(f"{url}/storage/archive/shapes.zip", headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request) as answer:
        return answer.read()
