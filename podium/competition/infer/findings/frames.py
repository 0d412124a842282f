"""The frame of masks: that of their files, or what the rows of a file to send show.

Rows as `7_0_16` are of patches, and nothing in them shows whether rows or columns come first. The
sizes of the images do where they are no squares, and so do a text or a script of the host:

    id: number of the image, x and y of the patch        for j in range(0, image.shape[1], 16):
    A patch is road if more than 25 % of it is.          foreground_threshold = 0.25
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations

from podium.competition.calibrate.preset import sizes_of_files
from podium.competition.images import first_file, image_size
from podium.competition.infer.encodings import read_text
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import DataFolder
from podium.competition.infer.findings.folder import FolderFindings
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.readme.texts import SENTENCE_END, sentences_beside
from podium.competition.infer.sample.submission import Axis, PixelRows
from podium.competition.samples import load_samples
from podium.competition.sections.frame import Frame, PatchFrame, n_patches
from podium.competition.spec import Competition
from podium.errors import DataError

__all__ = ["with_frame"]

Size = tuple[int, int]
_AXES: tuple[Axis, Axis] = ("row", "column")
_USUAL_SHARE = 0.25
"""That of the road segmentations of the EPFL and the ETH."""
_LARGEST = 200_000  # bytes of a script


def with_frame(findings: FolderFindings, competition: Competition) -> FolderFindings:
    """Return the findings with the frame of masks, and which number of a pixel's row is which."""
    rows = None if findings.sample is None else findings.sample.pixels
    if rows is None or findings.form.rows != "pixel":
        size = _of_files(findings, competition)
        if size is None:
            return findings
        why = (
            "the masks of train have this height and width, and the images are larger: training "
            "enlarges masks, predicted probabilities are averaged in each of their pixels, and "
            "masks are scored and sent so, unless the page asks for another size"
        )
        return replace(findings, frame=size, why_frame=why)
    return _of_rows(findings, rows, _sizes_to_predict(competition))


def _of_files(findings: FolderFindings, competition: Competition) -> Size | None:
    """Return the (height, width) of all mask files, where every image is larger; else None."""
    masks = findings.tasks.masks
    size = masks.content.size if isinstance(masks, MaskFiles) else None
    if size is None:
        return None
    images = sizes_of_files(findings.files, competition.reader).values()
    are_larger = all(height > size[0] and width > size[1] for height, width in images)
    return size if images and are_larger else None


def _sizes_to_predict(competition: Competition) -> dict[str, Size]:
    """Return (height, width) of each image to predict, by id; {} where they cannot be read."""
    try:
        samples = load_samples(competition, "test")
        return {
            str(one): image_size(competition.root / first_file(paths), competition.reader)
            for one, paths in zip(samples["id"], samples["images"], strict=True)
        }
    except DataError:  # told where it can be mended
        return {}


def _of_rows(findings: FolderFindings, rows: PixelRows, sizes: dict[str, Size]) -> FolderFindings:
    known = sorted(sizes.keys() & rows.counts)
    fits = _fitting_axes(rows, [(rows.counts[one], sizes[one]) for one in known])
    notes = list(findings.form.notes)
    if known and not fits:
        counts, size = rows.counts[known[0]], sizes[known[0]]
        notes.append(
            f"the sample names {counts[0]} × {counts[1]} pixels of {known[0]}, which has {size[0]} "
            f"× {size[1]}: mend frame and submission.id"
        )
    sides = fits or dict.fromkeys(_AXES, rows.step)
    told, likely = _first_axis(findings.folder), _AXES[rows.step > 1]
    first = next(one for one in (told, likely, *sides) if one in sides)
    open_keys = list(findings.form.open)
    if first != told and len(sides) > 1:
        other = next(one for one in sides if one != first)
        why = f"the first number counts the {other}s: images are squares, and no text tells"
        open_keys.append(OpenKey("submission.id", ((rows.template(other), why),)))
    frame: Frame = findings.frame
    why = "a row of a file is a patch of so many pixels, of a class where more than this share is"
    if sides[first] > 1:
        share, where = _share(findings.folder) or (_USUAL_SHARE, "")
        frame = PatchFrame(patch=sides[first], above=share)
        if where:
            why += f", as {where} has it"
        else:
            half = {"patch": sides[first], "above": 0.5}
            open_keys.append(OpenKey("frame", ((half, "half of a patch; no text tells"),)))
    form = replace(findings.form, id=rows.template(first), open=tuple(open_keys), notes=notes)
    return replace(findings, form=form, frame=frame, why_frame=why)


def _fitting_axes(rows: PixelRows, pairs: Sequence[tuple[Size, Size]]) -> dict[Axis, int]:
    """Return which axes the first numbers may count, by the sizes of images, each with the patch.

    Args:
        rows: of pixels.
        pairs: how many numbers each image has, and its (height, width).
    """
    found: dict[Axis, int] = {}
    for first in _AXES:
        turned = [(pair if first == "row" else pair[::-1], size) for pair, size in pairs]
        patch = _patch(turned, rows.step)
        if patch is not None:
            found[first] = patch
    return found


def _patch(pairs: Sequence[tuple[Size, Size]], step: int) -> int | None:
    """Return the side of a patch, of which images have so many down and along; None: none fits.

    Args:
        pairs: (down, along) and (height, width) of each image.
        step: from each number to the next; 1 counts patches, too.
    """
    if not pairs:
        return None
    (down, along), (height, width) = pairs[0]
    sides = [step] if step > 1 else [1, -(-height // down), -(-width // along)]
    fits = (all(n_patches(size, side) == counts for counts, size in pairs) for side in sides)
    return next((side for side, one in zip(sides, fits, strict=True) if one), None)


_SPEAKS_OF_PIXELS = re.compile(r"\b(?:patch|pixel|coordinate|position|id)", re.IGNORECASE)
_COLUMN, _ROW = r"\b(?:x|cols?|columns?)\b", r"\b(?:y|rows?)\b"
_BETWEEN = r"\W{1,3}(?:\w+\W+){0,2}?"
_PAIRS: dict[Axis, re.Pattern[str]] = {
    "column": re.compile(f"{_COLUMN}{_BETWEEN}{_ROW}"),
    "row": re.compile(f"{_ROW}{_BETWEEN}{_COLUMN}"),
}
_LOOP = re.compile(r"for\s+(\w+)\s+in\s+range\(\s*0\s*,\s*\w+\.shape\[([01])\]")
_WRITES = re.compile(r"""\.format\(|\bf["']|["'] ?%""")


def _first_axis(folder: DataFolder) -> Axis | None:
    """Return what a script or a text beside the data has for the first number of a row."""
    for _, code in _scripts(folder):
        axes = {name: _AXES[int(axis)] for name, axis in _LOOP.findall(code)}
        lines = [line for line in code.split("\n") if _WRITES.search(line)]
        for one, two in permutations(axes, 2):
            together = re.compile(rf"\b{one}\b[^\w\[\]:+*/]{{1,8}}\b{two}\b")
            if axes[one] != axes[two] and any(map(together.search, lines)):
                return axes[one]
    for _, sentence in sentences_beside(folder, end=SENTENCE_END):
        if _SPEAKS_OF_PIXELS.search(sentence) is None:
            continue
        found = [
            (match.start(), axis)
            for axis, pattern in _PAIRS.items()
            if (match := pattern.search(sentence.replace("_", " "))) is not None
        ]
        if found:
            return min(found)[1]
    return None


_PERCENT = re.compile(r"(\d{1,2}(?:\.\d+)?)\s*(?:%|percent\b|per cent\b)")
_FRACTION = re.compile(r"(?<![\d.])(0\.\d+)")
_WORDS = {"quarter": 0.25, "third": 1 / 3, "half": 0.5, "majority": 0.5}
_MORE_THAN = re.compile(rf"\b(?:than|over|exceeds?|by) (?:an? |one |the )?({'|'.join(_WORDS)})\b")
_THRESHOLD = re.compile(r"threshold\w*\s*=\s*(0?\.\d+)")


def _share(folder: DataFolder) -> tuple[float, str] | None:
    """Return the share of a patch above which it is foreground, and the script or text with it."""
    for path, code in _scripts(folder):
        if (found := _THRESHOLD.search(code)) is not None:
            return float(found[1]), path
    for path, sentence in sentences_beside(folder, end=SENTENCE_END):
        if "patch" not in sentence:
            continue
        if (percent := _PERCENT.search(sentence)) is not None:
            return float(percent[1]) / 100, path
        if (fraction := _FRACTION.search(sentence)) is not None:
            return float(fraction[1]), path
        if (word := _MORE_THAN.search(sentence)) is not None:
            return _WORDS[word[1]], path
    return None


def _scripts(folder: DataFolder) -> Iterator[tuple[str, str]]:
    """Yield path and text of each Python script in the data folder, or one folder below it."""
    for path in folder.others:
        if path.endswith(".py") and path.count("/") <= 1:
            file = folder.path / path
            if file.stat().st_size <= _LARGEST:
                yield path, read_text(file, folder)
