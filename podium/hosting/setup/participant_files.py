"""The files that participants download: images under neutral names, train labels, a sample.

    train.csv · train/00017.png · train_masks/00017.png · test/00003.png · sample_submission.csv
    competition.yaml · README.md

Names are numbers in an order that carries no information, the bytes of a file hold its pixels
alone, every file has one date, and rows stand in the order of the names: a label can be found only
by viewing the image.

A camera's name, a folder in an XMP packet or a comment can reveal a label. JPEG and PNG files are
copied block by block, so no pixel is coded again; other files that Pillow reads become PNG with the
same pixels. The one tag that stays is the EXIF orientation, because it rotates the picture.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image, ImageOps

from podium.competition.metrics import Metric
from podium.competition.readers.image import PNG_SIGNATURE, orientation
from podium.competition.sections.tasks import MetricSpec
from podium.competition.spec import Competition
from podium.competition.truths.masks import IGNORE, Mask
from podium.errors import DataError, some
from podium.submissions.format.answers import write_answers
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.mask_sizes import MaskSizes, Size
from podium.submissions.format.spec import SubmissionFormat, class_column, number_cell
from podium.submissions.format.writing import PredictionBatch
from podium.tasks.protocols.names import is_of_images
from podium.tasks.protocols.outputs import as_flags, by_output, output_names

__all__ = [
    "SAMPLE_FILE",
    "ColumnNames",
    "answer_columns",
    "answer_texts",
    "clean_image",
    "equalise_dates",
    "participants_spec",
    "pixel_digest",
    "refuse_names",
    "write_mask",
    "write_sample",
    "write_table",
]


DATE_S = 1_577_836_800  # 2020-01-01 00:00 UTC: the date of every file
SAMPLE_FILE = "sample_submission.csv"
_UNKNOWN = 128  # an unknown pixel of a binary mask file
_LABELS_APART = "|"


@dataclass(frozen=True)
class ColumnNames:
    """Names of the columns; none is the name of a class, which may be a column, too."""

    id: str
    label: str
    group: str | None

    @classmethod
    def beside(cls, classes: Sequence[str], group: str | None) -> ColumnNames:
        """Return names that differ from those of the classes and from each other."""

        def free(wanted: str, taken: set[str]) -> str:
            return wanted if wanted not in taken else free(f"image_{wanted}", taken)

        taken = set(classes)
        key = free("id", taken)
        label = free("label", taken | {key})
        column = None if group is None else free(group, taken | {key, label, "Usage"})
        return cls(key, label, column)


def participants_spec(
    source: Competition,
    metric: Metric,
    spec: MetricSpec,
    names: ColumnNames,
    *,
    about: Mapping[str, Any],
    suffixes: Mapping[str, str],
) -> str:
    """Return the `competition.yaml` that participants can use, for files in a folder `data`.

    Args:
        source: what the labelled data were read as.
        metric: that of `spec`.
        spec: its name and options.
        names: of the columns.
        about: `name`, `slug`, `daily_limit`, `public_share` (of the test images).
        suffixes: of the names of train and test images, `.*` where they differ.
    """
    task = metric.task
    kind = source.tasks[task]
    train: dict[str, Any] = {
        "table": "data/train.csv",
        "id": names.id,
        "images": f"data/train/{{{names.id}}}{suffixes['train']}",
    }
    if is_of_images(task):
        own = answer_columns(source, names)
        train["label"] = own if kind.is_by_column or kind.is_by_output else names.label
        if kind.is_by_class and not kind.is_by_output:
            train["label_sep"] = _LABELS_APART
    else:
        folder = "data/train_masks/{class}" if kind.is_by_class else "data/train_masks"
        train["mask"] = f"{folder}/{{{names.id}}}.png"
        train["ignore"] = 255 if kind.is_exclusive else _UNKNOWN
    document: dict[str, Any] = {"name": about["name"], "tasks": {task: kind.plain_name}}
    if names_of := source.classes_of(task):
        document["classes"] = by_output(names_of) if kind.is_by_output else names_of
    if source.positions:
        document["positions"] = True
    document["data"] = {"train": train, "test": {"images": f"data/test/*{suffixes['test']}"}}
    folds: dict[str, Any] = {"scheme": "stratified"}
    if kind.is_by_class and is_of_images(task):
        folds = {"scheme": "multilabel_stratified"}
    if names.group is not None:
        folds = {"scheme": "stratified_group", "group": names.group}
    document["folds"] = folds
    options = {one: value for one, value in spec.options.items() if one != "outputs"}
    document["metric"] = {"name": spec.name, **options}
    document["submission"] = _submission(source, metric, spec, names)
    document["kaggle"] = {"slug": about["slug"], "daily_limit": about["daily_limit"]}
    if 0 < about["public_share"] < 1:
        document["kaggle"]["public_share"] = about["public_share"]
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def _submission(
    source: Competition, metric: Metric, spec: MetricSpec, names: ColumnNames
) -> dict[str, Any]:
    kind, classes = source.tasks[metric.task], source.classes_of(metric.task)
    sample = {"sample": f"data/{SAMPLE_FILE}"}
    one_value = {names.id: "id", names.label: "value"}
    if metric.scores_masks:
        if kind.is_yes_no:
            return {**sample, "columns": {names.id: "id", "rle": "value"}, "value": "rle"}
        columns = {names.id: "id", "class": "class_name", "rle": "value"}
        return {**sample, "rows": "image_class", "columns": columns, "value": "rle"}
    if metric.scores_ranking:
        k = metric.n_ranked(spec.options)
        sep = _LABELS_APART if any(" " in name for name in classes) else " "
        return {**sample, "columns": one_value, "value": "topk", "k": k, "sep": sep}
    if kind.has_number_columns:
        wide = {name: class_column(kind, name) for name in classes}
        return {**sample, "columns": {names.id: "id", **wide}, "value": number_cell(kind)}
    if kind.is_by_output and not metric.needs_probs:
        wide = {name: class_column(kind, name) for name in output_names(classes)}
        return {**sample, "columns": {names.id: "id", **wide}, "value": "name"}
    if metric.needs_probs and kind.is_prob and not kind.is_single:
        wide = {name: f"prob[{name}]" for name in classes}
        apart = {"sep": _LABELS_APART} if kind.is_by_class else {}  # of the solution's lists
        return {**sample, "columns": {names.id: "id", **wide}, "value": "prob", **apart}
    if kind.is_continuous:
        return {**sample, "columns": one_value, "value": number_cell(kind)}
    if metric.needs_probs:
        return {**sample, "columns": one_value, "value": "prob"}
    if kind.is_by_class:
        return {**sample, "columns": one_value, "value": "labels", "sep": _LABELS_APART}
    value = "name" if classes else "label"
    return {**sample, "columns": one_value, "value": value}


def answer_columns(competition: Competition, names: ColumnNames) -> list[str]:
    """Return the columns of the labels in tables and solutions: one, or one a number or output."""
    if competition.kind.is_by_output:
        return output_names(competition.classes)
    return list(competition.classes) if competition.kind.is_by_column else [names.label]


def answer_texts(label: Any, competition: Competition) -> list[str]:
    """Return a label of `load_samples` as tables and solutions have it, by column."""
    kind = competition.kind
    if kind.is_by_column:
        return ["" if np.isnan(one) else repr(float(one)) for one in label]
    if kind.is_continuous:
        return [repr(float(label))]
    if kind.is_by_output:
        named = [one for one, flag in zip(competition.classes, label, strict=True) if flag == 1]
        right = by_output(named)
        return ["".join(right.get(one, [])) for one in output_names(competition.classes)]
    if kind.is_by_class:
        flags = zip(competition.classes, label, strict=True)
        return [_LABELS_APART.join(name for name, flag in flags if flag)]
    names = competition.label_names
    return [names[int(label)] if names else str(int(label))]


def refuse_names(classes: Sequence[str], *, is_several: bool, in_paths: bool) -> None:
    """Refuse classes whose names cannot stand where they must."""
    odd = [
        name
        for name in classes
        if (is_several and _LABELS_APART in name)
        or (in_paths and ("/" in name or "\\" in name or name in ("", ".", "..")))
    ]
    if odd:
        raise DataError(
            f"classes whose names cannot be written: {some(odd)}",
            fix=f"take {_LABELS_APART} and / out of the names of classes",
        )


def write_table(path: Path, header: Sequence[str], rows: Sequence[list[str]]) -> None:
    """Write a CSV with `rows`, whose first cells are different, in the order of these."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(sorted(rows))


def write_mask(folder: Path, name: str, mask: Mask, competition: Competition) -> None:
    """Write the mask of a train image as PNG, one file a class of a multilabel task.

    The pixels of a multiclass mask are 0 (background), 1, 2, … in the order of the classes and 255
    for unknown; of the others 0 and 255, and 128 for unknown.
    """
    kind = competition.mask_kind
    if kind.is_by_class:
        for at, one in enumerate(competition.classes):
            _write_png(folder / one / f"{name}.png", _in_grey(mask[:, :, at]))
    else:
        _write_png(folder / f"{name}.png", mask if kind.is_exclusive else _in_grey(mask))


def _in_grey(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.where(mask == IGNORE, np.uint8(_UNKNOWN), mask * np.uint8(255)).astype(np.uint8)


def _write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def write_sample(
    path: Path, form: SubmissionFormat, ids: Sequence[str], sizes: Mapping[str, Size]
) -> None:
    """Write a valid submission with the same prediction for every image, so without information.

    That is the first class, equal probabilities, zero, or an empty mask.
    """
    answers: Iterable[Any]
    if form.kind.is_of_pixels:
        answers = ((one, _empty_answer(sizes[one], form)) for one in ids)
    else:
        answers = [_constant_answer(form, ids)]
    write_answers(path, expected_of_ids(form, ids, MaskSizes(sizes)), answers)


def _empty_answer(size: Size, form: SubmissionFormat) -> Mask:
    shape = (*size, form.n_masks) if form.kind.is_by_class else size
    return np.zeros(shape, dtype=np.uint8)


def _constant_answer(form: SubmissionFormat, ids: Sequence[str]) -> PredictionBatch:
    n, n_classes = len(ids), len(form.classes)
    if form.value == "topk":
        first = np.arange(min(form.k or 1, n_classes), dtype=np.int64)
        return PredictionBatch(ids, decisions=np.tile(first, (n, 1)))
    if form.is_by_output:
        first = as_flags(np.zeros((n, len(form.kind.sizes)), dtype=np.int64), form.kind.sizes)
        return PredictionBatch(ids, decisions=first)
    if form.value == "labels":
        flags = np.zeros((n, n_classes), dtype=np.uint8)
        flags[:, 0] = 1
        return PredictionBatch(ids, decisions=flags)
    if form.value == "prob":
        width = n_classes if form.wide else 1
        share = 1 / n_classes if form.kind.is_exclusive else 0.5
        if form.kind.is_by_output:
            shares = np.repeat([round(1 / one, 6) for one in form.kind.sizes], form.kind.sizes)
            return PredictionBatch(ids, probs=np.tile(shares, (n, 1)))
        return PredictionBatch(ids, probs=np.full((n, width), round(share, 6)))
    if form.kind.is_continuous:
        zeros = np.zeros((n, n_classes) if form.kind.has_number_columns else n)
        return PredictionBatch(ids, probs=zeros, decisions=zeros)
    return PredictionBatch(ids, decisions=np.zeros(n, dtype=np.int64))


def equalise_dates(folder: Path) -> None:
    """Set the same date on every file and folder below `folder`."""
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (DATE_S, DATE_S))


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
class CleanedImage:
    """An image file as participants get it.

    Attributes:
        content: its bytes; those of the file itself where there was nothing to remove.
        suffix: of its name, with the dot.
        removed: what was taken out, in words.
    """

    content: bytes
    suffix: str
    removed: tuple[str, ...]


def clean_image(path: Path) -> CleanedImage:
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


def pixel_digest(content: bytes) -> str:
    """Return what is the same for files of the same stored pixels, whatever kind of file they are.

    A JPEG and a PNG made of it are one picture, and so are two files that differ in how they are
    to be turned. Of pixels that cannot be decoded here it is the digest of the file.
    """
    try:
        with Image.open(io.BytesIO(content)) as opened:
            image = opened if opened.mode.startswith("I") else opened.convert("RGBA")
            header = f"{image.mode} {image.size}".encode()
            return hashlib.sha256(header + image.tobytes()).hexdigest()
    except Exception:  # Pillow raises various exceptions on damage; `podium check` reports it
        return hashlib.sha256(content).hexdigest()


def _jpeg(content: bytes, turn: int) -> CleanedImage:
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
    return CleanedImage(clean, ".jpg", tuple(sorted(removed)))


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (marker, bytes) of each block behind the start; that of a scan holds its pixels."""
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


def _png(content: bytes, turn: int) -> CleanedImage:
    """Return a PNG with the chunks that its pixels need."""
    kept, removed, at = [PNG_SIGNATURE], set(), len(PNG_SIGNATURE)
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
    return CleanedImage(clean, ".png", tuple(sorted(removed)))


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def _exif(turn: int) -> bytes:
    """Return an EXIF block with the orientation and nothing else."""
    entry = struct.pack("<HHIHH", _ORIENTATION, 3, 1, turn, 0)
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", 1) + entry + b"\x00\x00\x00\x00"


def _as_png(opened: Image.Image, path: Path, turn: int) -> CleanedImage:
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
    return CleanedImage(
        stream.getvalue(), ".png", (f"all but the pixels of a {opened.format} file",)
    )
