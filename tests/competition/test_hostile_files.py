"""A pipe in the data is passed over, and a few bytes that become gigabytes are refused."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import struct
import sys
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.ids.patterns import files_below
from podium.competition.images import read_image
from podium.competition.readers.image import LARGEST_VARIABLE
from podium.competition.tables import read_table
from podium.errors import DataError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes here")


def test_a_pipe_is_no_file_of_the_data(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    os.mkfifo(tmp_path / "b.png")
    (tmp_path / "c.png").symlink_to("nowhere")
    assert list(files_below(tmp_path, "")) == ["a.png", "c.png"]


def test_a_table_that_is_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "train.csv")
    with pytest.raises(DataError, match=r"train\.csv: this is no file"):
        read_table(tmp_path / "train.csv")


def grey_png(side: int) -> bytes:
    """Return a PNG of `side` × `side` black pixels, of 1 bit each, written by hand."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    row = b"\0" * (1 + (side + 7) // 8)
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.xlsx", "rows.parquet"])
def test_a_table_of_another_kind_is_no_csv_with_one_column(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"image": "a.png"}\n')
    with pytest.raises(DataError, match="neither CSV nor TSV") as raised:
        read_table(tmp_path / name)
    assert "made/tables" in str(raised.value.fix)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_few_bytes_that_become_gigabytes_are_refused_before_they_are_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bomb.png"
    file.write_bytes(grey_png(30_000))
    assert file.stat().st_size < 200_000
    with pytest.raises(DataError, match=r"30,000 × 30,000 pixels, 2\.5 GiB") as refused:
        read_image(file)
    assert f"{LARGEST_VARIABLE}=900000000" in str(refused.value)
    # The limit can be raised, and an image of many bytes is not refused by it.
    file.write_bytes(grey_png(300))
    monkeypatch.setenv(LARGEST_VARIABLE, "80000")
    with pytest.raises(DataError, match="300 × 300"):
        read_image(file)
    monkeypatch.setenv(LARGEST_VARIABLE, "90000")
    assert read_image(file).shape == (300, 300, 3)
    monkeypatch.setenv(LARGEST_VARIABLE, "100")
    noise = np.random.default_rng(0).integers(0, 255, (40, 40, 3)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    assert np.array_equal(read_image(tmp_path / "photo.png"), noise)


SMALL = b"id,label\n" + b"1,a\n" * 5
BOMB = b"id,label\n" + b"0,a\n" * (1 << 20)


def packed(content: bytes, suffix: str, path: Path, names: Sequence[str] = ("train.csv",)) -> Path:
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.writestr(name, content)
    else:
        compress = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
        path.write_bytes(compress[suffix](content))
    return path


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zip"])
def test_a_compressed_table_is_read_as_it_was_written(tmp_path: Path, suffix: str) -> None:
    frame = read_table(packed(SMALL, suffix, tmp_path / f"train.csv{suffix}"))
    assert frame.to_numpy().tolist() == [["1", "a"]] * 5


@pytest.mark.parametrize("suffix", [".gz", ".zip"])
def test_a_table_that_unpacks_to_far_too_much_is_refused_and_takes_no_memory(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(BOMB, suffix, tmp_path / f"train.csv{suffix}")
    assert path.stat().st_size < len(BOMB) / 200
    monkeypatch.setattr("podium.competition.tables._ALWAYS_ALLOWED", 1 << 20)
    with monkeypatch.context() as patch:
        patch.setattr("pandas.read_csv", lambda *_, **__: pytest.fail("it was read"))
        with pytest.raises(DataError, match="unpacks to more than") as refused:
            read_table(path)
    assert "PODIUM_LARGEST_TABLE" in (refused.value.fix or "")
    monkeypatch.setenv("PODIUM_LARGEST_TABLE", str(2 << 30))
    monkeypatch.setattr("pandas.read_csv", lambda *_, **__: pd.DataFrame([["id"], ["1"]]))
    assert len(read_table(path)) == 1


@pytest.mark.parametrize("names", [(), ("a.csv", "b.csv")])
def test_an_archive_of_no_table_or_two_is_refused(tmp_path: Path, names: Sequence[str]) -> None:
    path = packed(SMALL, ".zip", tmp_path / "train.csv.zip", names)
    with pytest.raises(DataError, match=f"one table, this one has {len(names)} files"):
        read_table(path)


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = packed(SMALL, ".zip", tmp_path / "train.csv.zip")
    data = bytearray(path.read_bytes())
    for head, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(head) + at] |= 1  # the flag that says so
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"cannot be unpacked: .*encrypted"):
        read_table(path)


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zip", ".zst", ".tar"])
@pytest.mark.parametrize("cut", [None, 30])
def test_an_archive_of_junk_or_cut_off_is_refused(
    tmp_path: Path, suffix: str, cut: int | None
) -> None:
    path = tmp_path / f"train.csv{suffix}"
    if cut is None or suffix in (".zst", ".tar"):
        path.write_bytes(b"this is no archive" * 9)
    else:
        packed(SMALL * 20, suffix, path)
        path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError, match=r"archive is damaged|not read from") as refused:
        read_table(path)
    assert refused.value.fix


@pytest.mark.parametrize("at", [6, 16])  # the version that may read it, the directory's place
def test_an_archive_with_a_damaged_directory_is_refused(tmp_path: Path, at: int) -> None:
    path = packed(SMALL, ".zip", tmp_path / "train.csv.zip")
    data = bytearray(path.read_bytes())
    start = data.index(b"PK\1\2") if at == 6 else data.index(b"PK\5\6")
    data[start + at : start + at + 2] = b"\xff\xff"
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"archive (is damaged|cannot be unpacked)") as refused:
        read_table(path)
    assert refused.value.fix
