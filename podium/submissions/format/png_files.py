"""Files to send that are a ZIP of masks as PNGs, TIFFs or BMPs, written of runs and read as such.

Everything else knows the plain CSV alone: a row an image, or an image and a class, with the runs of
a mask and its size. One image is in memory at a time where the rows of an image stand together.
Nothing is ever unpacked to the disk, so no name in a ZIP leads anywhere.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from podium.codecs import rle
from podium.competition.readers.image import LARGEST_VARIABLE, PNG_HEADER, PNG_SIGNATURE
from podium.errors import SubmissionError, TextError, either, plural, some
from podium.submissions.format.csv_text import LineError, is_count
from podium.submissions.format.mask_sizes import LARGEST_UNKNOWN

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["UNREAD", "FileFaultError", "png_of_row", "rows_of_pngs", "write_pngs"]

_OLDEST = (1980, 1, 1, 0, 0, 0)  # the first date that a ZIP can have: equal masks, equal bytes
_READABLE = 0o644 << 16
_UNIX = 3
_ENCRYPTED = 0x1
_GREY, _RGB, _PALETTE = 0, 2, 3
_KINDS = {0: "grey", 2: "RGB", 3: "of a palette", 4: "grey with alpha", 6: "RGB with alpha"}
_CHANNELS = 3
_ROOM = 1 << 20  # of a PNG beside its pixels
_MOST_CHANGES = 1 << 25  # of class from pixel to pixel: more is noise, and fills the memory
_MOST_TEXT = 1 << 31  # bytes of all runs: what is more would fill a host's disk
_LEFT_BY_SYSTEMS = re.compile(r"(?:.*/)?(?:__MACOSX/.*|\.DS_Store|Thumbs\.db|desktop\.ini)")
_OPEN_AT_MOST = 256 << 20
_TOO_LARGE = "masks that are too large"
UNREAD = "unread"
"""Stands for the runs of a mask whose file has a fault; its size, where that is known, is there."""


class FileFaultError(Exception):
    """A file of the ZIP is no mask of the format; the others can be read.

    Args:
        title: the kind of fault, which several files may have.
        file: the file, and what is wrong with it alone.
        fix: how to mend it.
    """

    def __init__(self, title: str, file: str, fix: str) -> None:
        self.title, self.file, self.fix = title, file, fix
        super().__init__(f"{title}: {file}")


def png_of_row(cells: Sequence[str], form: SubmissionFormat) -> str:
    """Return the path in the ZIP of the PNG that holds the row with these cells."""
    return _Pngs(form).path(cells)


def write_pngs(path: Path, rows: Iterable[list[str]], form: SubmissionFormat) -> None:
    """Write plain rows, the header first, as a ZIP of PNGs at `path`.

    Raises:
        SubmissionError: a row lacks the size of its mask or the mask is none of it, classes share a
            pixel of one PNG, or an image has not all of its classes.
    """
    pngs, waiting = _Pngs(form), dict[str, _Canvas]()
    body, held, written = iter(rows), 0, set[str]()
    next(body)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for cells in body:
            name, size = pngs.path(cells), pngs.size(cells)
            if name in written:
                raise SubmissionError(
                    f"two rows are the {pngs.word} {name}",
                    fix="mend submission.file.name, or the ids",
                )
            canvas = waiting.get(name)
            if canvas is None:
                held += size[0] * size[1] * pngs.dtype.itemsize
                if held > _OPEN_AT_MOST and len(waiting) > 1:
                    raise SubmissionError(
                        f"the rows of {some(list(waiting))} lie too far apart to paint their masks",
                        fix="sort the rows of submission.sample by image",
                    )
                canvas = waiting[name] = _Canvas(np.full(size, pngs.blank, pngs.dtype))
            canvas.paint(name, pngs.plane(cells, size), pngs.mask_name(cells), pngs)
            if len(canvas.names) == pngs.masks_a_file:
                canvas.refuse_blank(name, pngs)
                _add(archive, name, canvas.pixels, pngs.word)
                written.add(name)
                held -= waiting.pop(name).pixels.nbytes
    for name, canvas in waiting.items():
        lacking = [one for one in form.mask_classes if one not in canvas.names]
        raise SubmissionError(
            f"{name} has no row of {some(lacking)}, and a {pngs.word} shows all classes",
            fix="add these rows to submission.sample, or write {class} into submission.file.name",
        )


def _add(archive: zipfile.ZipFile, name: str, pixels: NDArray[Any], word: str) -> None:
    """Write one PNG, TIFF or BMP into a ZIP, in colours where these are 0xRRGGBB."""
    content = io.BytesIO()
    if pixels.dtype != np.uint8:
        pixels = np.stack([pixels >> shift & 0xFF for shift in (16, 8, 0)], -1).astype(np.uint8)
    Image.fromarray(pixels).save(content, format=word)
    info = zipfile.ZipInfo(name, _OLDEST)
    info.external_attr, info.create_system = _READABLE, _UNIX
    # Any program reads a plain TIFF; not all read one whose pixels are packed.
    packing = zipfile.ZIP_STORED if word == "PNG" else zipfile.ZIP_DEFLATED
    archive.writestr(info, content.getbuffer(), packing)


def rows_of_pngs(
    path: Path, form: SubmissionFormat, faults: list[FileFaultError]
) -> Iterator[list[str]]:
    """Yield header and plain rows of a ZIP of PNGs, in its order; of an image in that of classes.

    Args:
        path: the ZIP.
        form: its format.
        faults: gets those of single files; rows of such a mask have `UNREAD` for runs.

    Raises:
        LineError: it is no ZIP, or there is nothing to go on with.
        OSError: the file cannot be opened.
    """
    pngs = _Pngs(form)
    yield form.header
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        one = pngs.example
        message = f"the file is no ZIP that can be read: {error}"
        raise LineError(message, 0, f"pack the masks into a ZIP, as {one}") from error
    n_bytes = 0
    with archive:
        members = _members(archive, pngs, faults)
        shapes = [_shape_or_fault(archive, member, pngs, faults) for member in members]
        for member, size in zip(members, shapes, strict=True):
            for row in _rows_of_member(archive, member, size, pngs, faults):
                n_bytes += sum(map(len, row))
                if n_bytes > _MOST_TEXT:
                    fix = "send masks of connected areas"
                    message = f"{member.filename}: the masks have more than 2 GiB of runs"
                    raise LineError(message, 0, fix)
                yield row


def _shape_or_fault(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, pngs: _Pngs, faults: list[FileFaultError]
) -> tuple[int, int] | None:
    """Return (height, width) of a mask by its header; None: it is none, which `faults` gets."""
    shape_of = _shape if pngs.word == "PNG" else _shape_of_other
    try:
        if member.flag_bits & _ENCRYPTED:
            fix = "pack them without one"
            raise FileFaultError("files with a password", repr(member.filename), fix)
        return shape_of(archive, member, pngs)
    except FileFaultError as fault:
        faults.append(fault)
        return None


def _rows_of_member(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    size: tuple[int, int] | None,
    pngs: _Pngs,
    faults: list[FileFaultError],
) -> list[list[str]]:
    """Return the rows of one file; without its runs where it has a fault, which `faults` gets."""
    name, known = member.filename, None
    try:
        if size is not None:
            pixels = _pixels(archive, member, size, pngs)
            known = size  # the header of a damaged file tells nothing
            return list(pngs.rows(name, pixels))
    except FileFaultError as fault:
        faults.append(fault)
    return list(pngs.unread_rows(name, known))


def _members(
    archive: zipfile.ZipFile, pngs: _Pngs, faults: list[FileFaultError]
) -> list[zipfile.ZipInfo]:
    """Return the files of a ZIP that are called as masks, each once; `faults` gets the others.

    What systems leave in a ZIP is passed over.

    Raises:
        LineError: there is no file in it.
    """
    members = [
        one
        for one in archive.infolist()
        if not one.is_dir() and not _LEFT_BY_SYSTEMS.fullmatch(one.filename)
    ]
    if not members:
        message = f"there are no {pngs.word}s in the ZIP"
        raise LineError(message, 0, f"write one for each, as {pngs.example}")
    found = dict[str, zipfile.ZipInfo]()
    for one in members:
        name = one.orig_filename.partition("\0")[0]
        if (fault := _fault_of_name(name, pngs, found.keys())) is None:
            found[name] = one
        else:
            faults.append(fault)
    return list(found.values())


def _fault_of_name(name: str, pngs: _Pngs, known: Set[str]) -> FileFaultError | None:
    """Return why a file of this name is no mask; None: it may be one."""
    file = repr(name)
    if name.startswith("/") or "\\" in name or ":" in name[:2] or ".." in name.split("/"):
        return FileFaultError(
            "paths that lead out of the ZIP", file, f"write them as {pngs.example}"
        )
    if name in known:
        return FileFaultError("files that stand more than once in the ZIP", file, "write each once")
    if pngs.match(name) is None:
        title = f"files that are not called as {pngs.example}"
        return FileFaultError(title, file, pngs.fix_of_name(name))
    return None


def _shape(archive: zipfile.ZipFile, member: zipfile.ZipInfo, pngs: _Pngs) -> tuple[int, int]:
    """Return (height, width) of a PNG of the ZIP from its header.

    Raises:
        FileFaultError: it is no PNG with a number of 8 bits a pixel, or three, or too large.
    """
    name = member.filename
    try:
        with archive.open(member) as file:
            head = file.read(PNG_HEADER.size)
    except (zipfile.BadZipFile, OSError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise _damage(member, error) from error
    if len(head) < PNG_HEADER.size or not head.startswith(PNG_SIGNATURE):
        raise FileFaultError(
            "files that are no PNG", name, "write it with PIL: Image.fromarray(mask).save(…)"
        )
    _, _, width, height, bits, colour = PNG_HEADER.unpack(head)
    is_kind = colour == _RGB if pngs.in_colours else colour in (_GREY, _PALETTE)
    if not is_kind:
        asked = "three numbers" if pngs.in_colours else "one number"
        raise FileFaultError(
            f"PNGs that have not {asked} a pixel",
            f"{name} is {_KINDS.get(colour, 'of an unknown kind')}",
            f"write it from an array {pngs.shape} of uint8",
        )
    if bits != 8 and colour != _PALETTE:
        raise FileFaultError(
            "PNGs that have not 8 bits a pixel",
            f"{name} has {bits}",
            f"write it from an array of uint8 (PIL: mode {pngs.modes[0]})",
        )
    _refuse_large(member, (height, width), pngs)
    return height, width


def _damage(member: zipfile.ZipInfo, why: object) -> FileFaultError:
    """Return that a file cannot be read."""
    return FileFaultError("damaged files", f"{member.filename} ({why})", "write and pack it again")


def _why(error: Exception, pngs: _Pngs) -> str:
    """Return why a file cannot be opened; Pillow's own words may name an object in memory."""
    if isinstance(error, UnidentifiedImageError):
        return f"it is no {pngs.word}, or is cut off"
    return str(error)


def _shape_of_other(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, pngs: _Pngs
) -> tuple[int, int]:
    """Return (height, width) of a TIFF or BMP of the ZIP; its pixels are not decoded.

    Raises:
        FileFaultError: it is none of one page with a number of 8 bits a pixel, or three, or too
            large.
    """
    name = member.filename
    if member.file_size > 2 * _largest() * pngs.channels + _ROOM:
        file = f"{name} has {member.file_size:,} bytes"
        raise FileFaultError(_TOO_LARGE, file, "write it in the size of its image")
    try:
        with Image.open(io.BytesIO(archive.read(member)), formats=[pngs.word]) as opened:
            size, mode = opened.size, opened.mode
            n_pages = getattr(opened, "n_frames", 1)
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:  # Pillow and zlib raise any exception on damage
        fix = "write it with PIL: Image.fromarray(mask).save(…)"
        title = f"files that are no {pngs.word} that can be read"
        raise FileFaultError(title, f"{name} ({_why(error, pngs)})", fix) from error
    if mode not in pngs.modes or n_pages != 1:
        raise FileFaultError(
            f"{pngs.word}s that are no masks",
            f"{name} is of {plural(n_pages, 'page')} with pixels of mode {mode}",
            f"write one page from an array {pngs.shape} of uint8 (PIL: mode {pngs.modes[0]})",
        )
    _refuse_large(member, (size[1], size[0]), pngs)
    return size[1], size[0]


def _largest() -> int:
    """Return how many pixels a mask may have."""
    return int(os.environ.get(LARGEST_VARIABLE, "") or LARGEST_UNKNOWN)


def _refuse_large(member: zipfile.ZipInfo, size: tuple[int, int], pngs: _Pngs) -> None:
    """Raise where a mask of (height, width) has too many pixels, or bytes for these.

    Raises:
        FileFaultError: it has.
    """
    name, (height, width) = member.filename, size
    n, largest = width * height, _largest()
    if n > largest:
        raise FileFaultError(
            f"{_TOO_LARGE}, of which {either(largest, 'pixel is', 'pixels are')} taken",
            f"{name} has {height:,} × {width:,}",
            f"write it in the size of its image; if this is no mistake, set {LARGEST_VARIABLE}={n}",
        )
    if member.file_size > 2 * n * pngs.channels + _ROOM:
        file = f"{name} has {member.file_size:,} bytes for {height:,} × {plural(width, 'pixel')}"
        raise FileFaultError(_TOO_LARGE, file, "write it anew, without other content")


def _pixels(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, size: tuple[int, int], pngs: _Pngs
) -> NDArray[Any]:
    """Return the numbers of a mask `(H, W)`; of a palette the indices, of colours 0xRRGGBB.

    Raises:
        FileFaultError: it is damaged.
    """
    try:
        content = archive.read(member)
        with Image.open(io.BytesIO(content), formats=[pngs.word]) as opened:
            opened.load()
            found = np.asarray(opened)
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:  # Pillow and zlib raise any exception on damage
        raise _damage(member, _why(error, pngs)) from error
    expected = (*size, _CHANNELS) if pngs.in_colours else size
    if found.shape != expected or found.dtype != np.uint8:
        raise _damage(member, "another header")
    if not pngs.in_colours:
        return found
    red, green, blue = (found[..., n].astype(pngs.dtype) for n in range(_CHANNELS))
    packed: NDArray[Any] = red << 16 | green << 8 | blue
    return packed


@dataclass(frozen=True)
class _Canvas:
    """A PNG of which some classes are painted."""

    pixels: NDArray[Any]
    names: set[str] = field(default_factory=set)

    def paint(self, path: str, plane: NDArray[np.bool_], name: str, pngs: _Pngs) -> None:
        """Paint the mask `(H, W)` of one class.

        Raises:
            SubmissionError: it has another size than the first, or pixels of another class.
        """
        if plane.shape != self.pixels.shape:
            message = f"{path}: rows of one image have masks of several sizes"
            raise SubmissionError(message, fix="give the rows of an image one height and width")
        if (self.pixels[plane] != pngs.blank).any():
            raise SubmissionError(
                f"{path}: {name} shares pixels with another class, and a pixel of it has one",
                fix="decide by argmax, or write {class} into submission.file.name",
            )
        self.pixels[plane] = pngs.values[name]
        self.names.add(name)

    def refuse_blank(self, path: str, pngs: _Pngs) -> None:
        """Raise SubmissionError where a pixel is of no class, and background has no value."""
        if pngs.has_background or not (n := int((self.pixels == pngs.blank).sum())):
            return
        blank = pngs.form.png_value(pngs.blank)
        raise SubmissionError(
            f"{path} has {plural(n, 'pixel')} of no class, and submission.file.mask_values has "
            "no value of background",
            fix=f"give it one that the host takes, as {blank}: background; where each pixel must "
            "be of a class, podium blend --plain decides so, and drops no small areas",
        )


@dataclass(frozen=True)
class _Pngs:
    """The names and pixel values of the PNGs of a format."""

    form: SubmissionFormat

    @property
    def word(self) -> str:
        """What the masks are: PNG, TIFF or BMP; as Pillow calls them, too."""
        return self.form.file.picture

    @property
    def in_colours(self) -> bool:
        """Whether a pixel is a colour of three numbers."""
        return self.form.file.has_colours

    @property
    def channels(self) -> int:
        """How many numbers a pixel has."""
        return _CHANNELS if self.in_colours else 1

    @property
    def modes(self) -> tuple[str, ...]:
        """What Pillow calls pictures of such pixels, the one that is written first."""
        return ("RGB",) if self.in_colours else ("L", "P")

    @property
    def shape(self) -> str:
        """What messages call the shape of an array that such a picture is written from."""
        return "(height, width, 3)" if self.in_colours else "(height, width)"

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of a mask in memory, a number a pixel."""
        return np.dtype(np.int32 if self.in_colours else np.uint8)

    @cached_property
    def values(self) -> dict[str, int]:
        """The pixel value of each mask of a PNG."""
        form, known = self.form, self.form.png_values
        one = known.get("foreground", 0)
        return {name: known.get(name, one) for name in form.mask_classes}

    @property
    def has_background(self) -> bool:
        return "background" in self.form.png_values

    @cached_property
    def blank(self) -> int:
        """The value of background, else one of no class."""
        known = self.form.png_values
        top = 0xFFFFFF if self.in_colours else 255
        free = (value for value in range(top, -1, -1) if value not in known.values())
        return known["background"] if self.has_background else next(free)

    @property
    def masks_a_file(self) -> int:
        return 1 if self.form.file.is_by_class else self.form.n_masks

    @property
    def example(self) -> str:
        """The names of the PNGs as messages have them."""
        return self.form.file.name.replace("{id}", "<id>").replace("{class}", "<class>")

    @cached_property
    def _places(self) -> dict[str, int]:
        """The positions of the columns by their fields."""
        return {of: place for place, of in enumerate(self.form.columns.values())}

    @cached_property
    def _class_of(self) -> dict[tuple[str, ...], str]:
        """The name of the mask that a row is of, by the cells that name its class."""
        form = self.form
        if form.rows == "image":
            return {(): form.mask_classes[0]}
        rows = {name: form.row_cells("", i, [""]) for i, name in enumerate(form.classes)}
        return {tuple(row[place] for place in self._of_class): name for name, row in rows.items()}

    @cached_property
    def _of_class(self) -> list[int]:
        """The positions of the columns that name a class."""
        return [place for place in self.form.key_columns if place != self._places["id"]]

    def mask_name(self, cells: Sequence[str]) -> str:
        """Return which mask of its image a row is.

        Raises:
            SubmissionError: its class is none.
        """
        of_class = tuple(cells[place] for place in self._of_class)
        found = self._class_of.get(of_class)
        if found is None:
            message = f"the row of {cells[self._places['id']]!r} has no class: {some(of_class)}"
            raise SubmissionError(message, fix="mend submission.sample")
        return found

    def path(self, cells: Sequence[str]) -> str:
        """Return the path in the ZIP of the PNG of a row."""
        path = self.form.file.name.replace("{class}", self.mask_name(cells))
        return path.replace("{id}", cells[self._places["id"]])

    def size(self, cells: Sequence[str]) -> tuple[int, int]:
        """Return (height, width) of the mask of a row.

        Raises:
            SubmissionError: the row does not hold it.
        """
        height, width = cells[self._places["height"]], cells[self._places["width"]]
        if not (is_count(height) and is_count(width)):
            raise SubmissionError(
                f"the row of {self.path(cells)} has no height and width: {some([height, width])}",
                fix="write the size of each image to predict into submission.sample",
            )
        return int(height), int(width)

    def plane(self, cells: Sequence[str], size: tuple[int, int]) -> NDArray[np.bool_]:
        """Return the mask `(H, W)` of a row.

        Raises:
            SubmissionError: its runs are no mask of that size.
        """
        text = cells[self._places["value"]]
        if text == self.form.empty:
            return np.zeros(size, dtype=np.bool_)
        try:
            return rle.decode(text, size, **self.form.rle.options)
        except TextError as error:
            message = f"the row of {self.path(cells)} is no mask of {size[0]} × {size[1]}: {error}"
            raise SubmissionError(message, fix="mend submission.sample") from error

    @cached_property
    def _patterns(self) -> list[tuple[int | None, re.Pattern[str]]]:
        """The pattern of a path for each class; a path is of one at most."""
        parts = re.split(r"(\{id\}|\{class\})", self.form.file.name)
        found: list[tuple[int | None, re.Pattern[str]]] = []
        names = self.form.classes if self.form.file.is_by_class else ("",)
        for i, name in enumerate(names):
            known = {"{id}": "(?P<id>.+)", "{class}": re.escape(name)}
            text = "".join(known.get(one, re.escape(one)) for one in parts)
            found.append((i if self.form.file.is_by_class else None, re.compile(text, re.DOTALL)))
        return found

    def match(self, path: str) -> tuple[str, int | None] | None:
        """Return the id of the PNG at `path`, and the index of its class; None: it has no such."""
        for index, pattern in self._patterns:
            match = pattern.fullmatch(path)
            if match is not None:
                return match["id"], index
        return None

    def fix_of_name(self, path: str) -> str:
        """Return how to mend the path of a file."""
        below = path
        while "/" in below:
            first, _, below = below.partition("/")
            if self.match(below) is not None:
                return f"pack the content of the folder {first}, not the folder"
        folder, _, _ = self.form.file.name.partition("{")[0].rpartition("/")
        if folder and self.match(f"{folder}/{path}") is not None:
            return f"pack them in the folder {folder}"
        if self.form.file.is_by_class:
            return f"classes are {', '.join(self.form.classes[:10])}"
        return "call them so, and leave other files out of the ZIP"

    def rows(self, path: str, pixels: NDArray[Any]) -> Iterator[list[str]]:
        """Yield the rows of one PNG.

        Raises:
            FileFaultError: a pixel is of no class.
        """
        form, found = self.form, self.match(path)
        assert found is not None
        along = pixels.T if form.rle.order == "F" else pixels
        if int(np.count_nonzero(along[:, 1:] != along[:, :-1])) > _MOST_CHANGES:
            title = f"masks of noise, whose class changes more than {_MOST_CHANGES:,} times"
            raise FileFaultError(title, path, "write one value for each area of a class")
        sample_id, index = found
        shown, known = {*_values_of(pixels)}, {*form.png_values.values()}
        if strange := sorted(shown - known):
            raise FileFaultError(
                "pixels of no class",
                f"{path} has {some(list(map(form.png_value, strange)))}",
                f"write {_described(form)}",
            )
        size = (pixels.shape[0], pixels.shape[1])
        for at, name in self._classes_of(index):
            value = self.values[name]
            text = rle.encode(pixels == value, **form.rle.options) if value in shown else ""
            yield form.row_cells(sample_id, at, [text or form.empty], size=size)

    def unread_rows(self, path: str, size: tuple[int, int] | None) -> Iterator[list[str]]:
        """Yield the rows of a PNG whose pixels have a fault, with its size where that is known."""
        found = self.match(path)
        assert found is not None
        sample_id, index = found
        for at, _ in self._classes_of(index):
            yield self.form.row_cells(sample_id, at, [UNREAD], size=size)

    def _classes_of(self, index: int | None) -> Iterator[tuple[int | None, str]]:
        """Yield each class that a PNG shows, with its index where rows are of classes.

        Args:
            index: of the class of the PNG; None: it shows all.
        """
        names = self.form.mask_classes
        for i, name in enumerate(names) if index is None else [(index, names[index])]:
            yield (i if self.form.rows == "image_class" else None), name


def _values_of(pixels: NDArray[Any]) -> list[int]:
    """Return the values of a mask, in order."""
    if pixels.dtype == np.uint8:
        return list(np.flatnonzero(np.bincount(pixels.ravel(), minlength=256)).tolist())
    return list(np.unique(pixels).tolist())


def _described(form: SubmissionFormat) -> str:
    return ", ".join(
        f"{form.png_value(value)} for {name}" for name, value in form.png_values.items()
    )
