"""Image files without what may say more than their pixels: EXIF, texts, profiles, trailing bytes.

A camera's name, a folder in an XMP packet or a comment can give a label away. JPEG and PNG files
are copied block by block, so no pixel is coded again; other files that Pillow reads become PNG with
the same pixels. The one tag that stays is the EXIF orientation, because it turns the picture.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from podium.competition.readers.image import orientation
from podium.errors import DataError

__all__ = ["Cleaned", "cleaned", "picture_digest"]

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_ADOBE = 0xEE  # how the colours lie
_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_EXIF = b"Exif\x00\x00"
_ORIENTATION = 0x0112
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD8)}
_SCAN, _END = 0xDA, 0xD9
_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16")
_NAMES = {0xE1: "EXIF or XMP", 0xE2: "a colour profile", 0xED: "IPTC", 0xFE: "a comment"}


@dataclass(frozen=True)
class Cleaned:
    """An image file as participants get it.

    Attributes:
        content: its bytes; those of the file itself where there was nothing to remove.
        suffix: of its name, with the dot.
        removed: what was taken out, in words.
    """

    content: bytes
    suffix: str
    removed: tuple[str, ...]


def cleaned(path: Path) -> Cleaned:
    """Return the image in `path` without anything but its pixels and its orientation.

    Raises:
        DataError: it is no picture that Pillow reads, or is damaged, or has pixels that a PNG
            cannot hold.
    """
    content = path.read_bytes()
    try:
        with Image.open(io.BytesIO(content)) as opened:
            kind, size, turn = opened.format, opened.size, orientation(opened, path)
            turn = turn if turn in range(2, 9) else 1
            if kind in ("JPEG", "MPO"):
                found = _jpeg(content, turn)
            elif kind == "PNG":
                found = _png(content, turn)
            else:
                found = _as_png(opened, path, turn)
        with Image.open(io.BytesIO(found.content)) as again:
            assert kind not in ("JPEG", "MPO", "PNG") or again.size == size
    except DataError:
        raise
    except Exception as error:  # Pillow raises what it likes on damage
        raise DataError(
            f"the image cannot be read: {error}", where=path, fix="mend it, or take it out"
        ) from error
    return found


def picture_digest(content: bytes) -> str:
    """Return what is the same for files of the same stored pixels, whatever kind of file they are.

    A JPEG and a PNG made of it are one picture, and so are two files that differ in how they are
    to be turned. Of pixels that cannot be decoded here it is the digest of the file.
    """
    try:
        with Image.open(io.BytesIO(content)) as opened:
            image = opened if opened.mode.startswith("I") else opened.convert("RGBA")
            said = f"{image.mode} {image.size}".encode()
            return hashlib.sha256(said + image.tobytes()).hexdigest()
    except Exception:  # Pillow raises what it likes on damage; `podium check` tells of it
        return hashlib.sha256(content).hexdigest()


def _jpeg(content: bytes, turn: int) -> Cleaned:
    """Return a JPEG with the blocks that its pixels need."""
    exif = _EXIF + _exif(turn)
    own = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif if turn != 1 else b""
    kept, removed, has_jfif = [b"\xff\xd8", own], set(), False
    for marker, block in _segments(content):
        if marker == _JFIF[1] and block[4:9] == b"JFIF\x00" and not has_jfif:
            # The density of a print, and a thumbnail: the same for everyone from here on.
            kept.insert(1, _JFIF)
            has_jfif = True
            removed |= set() if block == _JFIF else {"a density or a thumbnail"}
        elif (0xE0 <= marker <= 0xEF and marker != _ADOBE) or marker == 0xFE:
            removed |= set() if block == own else {_NAMES.get(marker, "application data")}
        else:
            kept.append(block)
    clean = b"".join(kept)
    if not removed and len(clean) < len(content):
        removed.add("bytes after the end")
    return Cleaned(clean, ".jpg", tuple(sorted(removed)))


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Give (marker, bytes) of each block behind the start; that of a scan holds its pixels."""
    at = 2
    while True:
        while content[at] != 0xFF:
            at += 1
        while content[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker = content[at + 1]
        end = at + 2
        if marker not in _WITHOUT_LENGTH and marker != _END:
            end += struct.unpack(">H", content[end : end + 2])[0]
        if marker == _SCAN:
            end = _end_of_scan(content, end)
        yield marker, content[at:end]
        if marker == _END:
            return
        if end >= len(content):  # cut off behind its last scan: readers take it, and so do we
            yield _END, b"\xff\xd9"
            return
        at = end


def _end_of_scan(content: bytes, at: int) -> int:
    """Return where the next marker stands that is none of a scan's own."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            return len(content)
        if content[at + 1] == 0 or 0xD0 <= content[at + 1] <= 0xD7:
            at += 2
        elif content[at + 1] == 0xFF:
            at += 1
        else:
            return at


def _png(content: bytes, turn: int) -> Cleaned:
    """Return a PNG with the chunks that its pixels need."""
    kept, removed, at = [_PNG], set(), len(_PNG)
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        name, end = content[at + 4 : at + 8], at + 12 + length
        if name in _PNG_KEPT:
            if name == b"IDAT" and turn != 1:
                kept.append(_chunk(b"eXIf", _exif(turn)))
                turn = 1
            kept.append(content[at:end])
        elif name != b"eXIf" or content[at + 8 : end - 4] != _exif(turn):
            removed.add(f"the chunk {name.decode('ascii', 'replace')}")
        at = end
        if name == b"IEND":
            break
    if at < len(content):
        removed.add("bytes after the end")
    clean = b"".join(kept)
    return Cleaned(clean, ".png", tuple(sorted(removed)))


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def _exif(turn: int) -> bytes:
    """Return an EXIF block that says the orientation and nothing else."""
    entry = struct.pack("<HHIHH", _ORIENTATION, 3, 1, turn, 0)
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", 1) + entry + b"\x00\x00\x00\x00"


def _as_png(opened: Image.Image, path: Path, turn: int) -> Cleaned:
    """Return the picture, upright, as a PNG; of several pictures in a file the first."""
    if opened.mode not in _MODES:
        raise DataError(
            f"a {opened.format} file with pixels of the kind {opened.mode} cannot be given out",
            where=path,
            fix="write the images as JPEG or PNG",
        )
    upright = ImageOps.exif_transpose(opened)
    upright.info = {}
    if opened.mode in ("P", "PA"):
        upright = upright.convert("RGBA" if "transparency" in opened.info else "RGB")
    stream = io.BytesIO()
    upright.save(stream, "PNG")
    return Cleaned(stream.getvalue(), ".png", (f"all but the pixels of a {opened.format} file",))
