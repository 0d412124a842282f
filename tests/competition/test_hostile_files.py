"""A pipe in the data is passed over, and a few bytes that become gigabytes are refused."""

from __future__ import annotations

import os
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.images import read_image
from podium.competition.patterns import files_below
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
