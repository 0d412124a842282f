"""Samples of files to send that are masks as PNGs or TIFFs: a folder, or a ZIP that was unpacked.

    sample_submission/0017_mask.png · sample_submission.zip with masks/0017.tif

Each is named after an image to predict, or after one and a class. They become a table of these rows
and of the sizes of the masks, and `submission.file` tells the names and pixel values of the PNGs.
What nothing shows is asked for: blank PNGs tell no value of a class.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import DataFolder, ImageFile, guess_part
from podium.competition.infer.masks.files import MaskFiles, is_called_example
from podium.competition.infer.masks.values import ClassNames, is_background
from podium.competition.infer.parts.to_predict import PartImages
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.sample.submission import InferredFormat
from podium.competition.infer.shares import HALF
from podium.competition.infer.tasks.settle import FoundMasks
from podium.competition.made_files import MADE
from podium.errors import plural, some

__all__ = ["PngSample", "find_png_sample", "images_of", "numbers_of_train", "png_format"]

_HEADER = struct.Struct(">8s4x4sIIBB")  # signature, IHDR, width, height, bits, colour type
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SUFFIXES = frozenset({".png", ".tif", ".tiff"})
_READ = 200
"""PNGs whose pixels are read, of more than that."""
_TRIED = 20
"""Ids that are looked for in the first name, as 7 and 17 in 17_mask.png."""


@dataclass(frozen=True)
class PngSample:
    """A sample of PNGs to send.

    Attributes:
        table: its rows and the sizes of their masks, in plain columns.
        form: `submission.file`.
        why: where its names and values are from.
        other: another form that fits as well, and why; None where the first one is sure.
        by_class: whether a row is of an image and a class.
        is_blank: whether all pixels that were read have one value.
    """

    table: MadeTable
    form: Mapping[str, object]
    why: str
    other: tuple[Mapping[str, object], str] | None
    by_class: bool
    is_blank: bool

    def format_of(self, form: InferredFormat) -> InferredFormat:
        """Return the format of masks with the columns of the table."""
        return png_format(form, by_class=self.by_class)


def png_format(form: InferredFormat, *, by_class: bool) -> InferredFormat:
    """Return the format of masks whose plain rows have their runs and sizes.

    Args:
        form: of the masks.
        by_class: whether a row is of an image and a class.
    """
    of_class = {"class": "class_name"} if by_class else {}
    return replace(
        form,
        value="rle",
        why_value="the table has runs of start and length; a file to send has PNGs of them",
        columns={"id": "id", **of_class, "rle": "value", "height": "height", "width": "width"},
        rows="image_class" if by_class else "image",
        id="{id}",
        empty=None,
    )


def find_png_sample(
    folder: DataFolder,
    test: PartImages,
    used: Collection[str],
    masks: FoundMasks,
    listed: ClassNames | None = None,
) -> tuple[PngSample | None, list[str]]:
    """Return the sample of PNGs that lies beside the images; None without one.

    Args:
        test: the images to predict.
        used: the paths of the images of train.
        masks: of train.
        listed: the names of classes that came with the data.

    Returns:
        The sample; and why pictures that are named as the images to predict are none.
    """
    if masks.kind.finds_objects or not test.ids:
        return None, []
    of_test = {one.path for one in images_of(folder, test)}
    paths = [
        one.path
        for one in folder.images
        if one.suffix.lower() in _SUFFIXES
        and one.path not in used
        and one.part not in ("unlabelled", "holdout")
        and one.path not in of_test
        and ("/" in one.path)
    ]
    found = []
    classes = () if masks.kind.is_yes_no else tuple(masks.classes)
    for root in _roots(paths):
        below = [path for path in paths if path.startswith(f"{root}/")]
        named = _named(root, below, test.ids, classes)
        if named is not None:
            found.append((-len({id_ for id_, _ in named.rows.values()}), len(root), root, named))
    if not found:
        return None, []
    *_, root, named = min(found, key=lambda one: one[:3])
    return _read(folder, root, named, test, masks, classes, listed)


def images_of(folder: DataFolder, test: PartImages) -> list[ImageFile]:
    """Return the images to predict: those that their pattern finds, or that a table names."""
    pattern = re.sub(r"\{[^}]*\}", "*", test.images.replace("[", "[[]"))
    if not pattern.strip("*"):  # a column has whole paths
        return [one for one in folder.images if one.path in test.paths]
    return [one for one in folder.images if fnmatch(one.path, pattern)]


def _roots(paths: Sequence[str]) -> Iterator[str]:
    """Yield the folders that may be what is packed: outside the images to predict, or called so."""
    seen = set[str]()
    for place in dict.fromkeys(path.rpartition("/")[0] for path in paths):
        levels = place.split("/")
        called = [n for n, one in enumerate(levels, start=1) if is_called_example(one)]
        if called:
            roots = ["/".join(levels[: called[-1]])]
        elif any(guess_part(one) == "test" for one in levels):
            continue  # what is known of the images to predict is no example of an answer
        else:
            roots = [place, *(["/".join(levels[:-1])] if len(levels) > 1 else [])]
        yield from (one for one in roots if one not in seen)
        seen.update(roots)


@dataclass(frozen=True)
class _NamedPngs:
    """PNGs by the template of their names: of each path the id of its image, and its class."""

    template: str
    rows: Mapping[str, tuple[str, str]]


def _named(
    root: str, paths: Sequence[str], ids: Collection[str], classes: Sequence[str]
) -> _NamedPngs | None:
    """Return the one template by which all PNGs are named after images; None without."""
    known, rel = set(ids), [path[len(root) + 1 :] for path in paths]
    for template in _templates(min(rel), known, classes):
        rows = _parsed(template, rel, known, classes)
        if rows is None:
            continue
        n_images = len({id_ for id_, _ in rows})
        each = len(classes) if "{class}" in template else 1
        is_whole = len(set(rows)) == len(rows) == n_images * each
        if is_whole and n_images > HALF * len(known):
            return _NamedPngs(template, dict(zip(paths, rows, strict=True)))
    return None


def _templates(path: str, ids: Collection[str], classes: Sequence[str]) -> Iterator[str]:
    """Yield the templates that a path may be of, the longest id first."""
    if set("{}\\") & set(path):
        return
    inside = sorted((one for one in ids if one and one in path), key=len, reverse=True)
    for one in inside[:_TRIED]:
        template = "{id}".join(path.rsplit(one, 1))
        yield template
        before, _, after = template.partition("{id}")
        for name in sorted(classes, key=len, reverse=True):
            if name in after:
                yield before + "{id}" + "{class}".join(after.rsplit(name, 1))
            if name in before:
                yield "{class}".join(before.rsplit(name, 1)) + "{id}" + after


def _parsed(
    template: str, paths: Sequence[str], ids: Collection[str], classes: Sequence[str]
) -> list[tuple[str, str]] | None:
    """Return the id and the class of each path; None where one is of another form."""
    names = "|".join(re.escape(one) for one in sorted(classes, key=len, reverse=True))
    groups = {"{id}": "(?P<id>.+)", "{class}": f"(?P<class>{names})"}
    parts = re.split(r"(\{id\}|\{class\})", template)
    pattern = re.compile("".join(groups.get(one, re.escape(one)) for one in parts))
    rows = []
    for path in paths:
        match = pattern.fullmatch(path)
        if match is None or match["id"] not in ids:
            return None
        rows.append((match["id"], match.groupdict().get("class", "")))
    return rows


def _read(
    folder: DataFolder,
    root: str,
    named: _NamedPngs,
    test: PartImages,
    masks: FoundMasks,
    classes: Sequence[str],
    listed: ClassNames | None,
) -> tuple[PngSample | None, list[str]]:
    """Return the sample of PNGs that are named so, or why it is none."""
    n = len(named.rows)
    of_one = "{class}" in named.template or not classes

    def refused(why: str) -> tuple[None, list[str]]:
        return None, [
            f"{plural(n, 'picture')} in {root} {'has' if n == 1 else 'have'} the names of images "
            "to predict, and are not read: "
            f"{why}"
        ]

    if masks.kind.is_by_class and not of_one:
        return refused("one PNG an image cannot show classes that share pixels")
    sizes = {}
    for path in named.rows:
        size = _size_of_grey(folder.path / path)
        if size is None:
            return refused("podium sends masks of one number of 8 bits a pixel, or of a palette")
        sizes[path] = size
    other = _other_sizes(folder, test, named, sizes, masks)
    if other:
        return refused(other)
    shown = _values(folder, list(named.rows))
    if len(shown) > len(("background",) if of_one else classes) + 1:
        return refused(f"they have more values than there are classes: {some(sorted(shown))}")
    names = ("foreground",) if of_one else tuple(classes)
    values, why, is_sure = _meaning(shown, masks, names, listed)
    form: dict[str, object] = {"kind": "png", "name": named.template, "mask_values": values}
    choice = None
    if not is_sure:
        meant = _other_of_train(masks, values, names) or _other_meaning(values, names)
        choice = ({**form, "mask_values": meant}, "where these values are meant, or others")
    inner = named.template.rpartition("/")[0]
    is_whole = _was_packed(folder, root) or _has_further_files(folder, root)
    if inner and "{" not in inner and not is_whole:
        bare = {**form, "name": named.template.rpartition("/")[2]}
        why += f"; whether the ZIP has the folder {inner}, too, is not known"
        choice = choice or (bare, f"where the ZIP has no folder {inner}")
    table = _table(named, sizes, test.ids, classes, has_ground="background" in values.values())
    made = MadeTable(tuple(named.rows), f"the masks of {root}, as a table", table)
    return PngSample(made, form, why, choice, bool(classes), len(shown) < 2), []


def _has_further_files(folder: DataFolder, root: str) -> bool:
    """Return whether a folder that is called an example has files beside the folders of masks.

    As a table of labels, which is packed with these.
    """
    is_called_so = is_called_example(root.rpartition("/")[2])
    return is_called_so and any(one.rpartition("/")[0] == root for one in folder.others)


def _size_of_grey(path: Path) -> tuple[int, int] | None:
    """Return (height, width) of a picture of 8 grey bits or of a palette; None of another one."""
    if path.suffix.lower() != ".png":
        with suppress(Exception), Image.open(path, formats=["TIFF"]) as opened:
            is_mask = opened.mode in ("L", "P") and opened.n_frames == 1  # type: ignore[attr-defined]
            return (opened.height, opened.width) if is_mask else None
        return None
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
    except OSError:
        return None
    if len(head) < _HEADER.size or not head.startswith(_SIGNATURE):
        return None
    _, _, width, height, bits, colour = _HEADER.unpack(head)
    return (height, width) if colour == 3 or (colour, bits) == (0, 8) else None


def _other_sizes(
    folder: DataFolder,
    test: PartImages,
    named: _NamedPngs,
    sizes: Mapping[str, tuple[int, int]],
    masks: FoundMasks,
) -> str:
    """Return that PNGs are no masks in the size of their images, or of all masks; "" if they are.

    Images that no picture's header tells of are passed over.
    """
    images = images_of(folder, test)
    known = {name: one.path for one in images for name in (one.name, one.stem)}
    size = masks.content.size if isinstance(masks, MaskFiles) else None
    if size is not None and set(sizes.values()) == {size}:
        return ""
    for path, (id_, _) in named.rows.items():
        size = picture_size(folder.path / known[id_]) if id_ in known else None
        if size is not None and size != sizes[path]:
            return (
                f"{path} has {sizes[path][0]} × {sizes[path][1]} pixels and its image {size[0]} × "
                f"{size[1]}: set frame to the size of all masks, and submission.file: {{kind: png}}"
            )
    return ""


def _values(folder: DataFolder, paths: Sequence[str]) -> set[int]:
    """Return the values of PNGs; of many, those of some."""
    found = set[int]()
    for path in paths[:: max(1, len(paths) // _READ)]:
        # Pillow raises what it likes; of a damaged PNG nothing is known.
        with suppress(Exception), Image.open(folder.path / path) as opened:
            found.update(np.unique(np.asarray(opened)).tolist())
    return found


def _meaning(
    shown: Collection[int], masks: FoundMasks, names: Sequence[str], listed: ClassNames | None
) -> tuple[dict[int, str], str, bool]:
    """Return what the values of PNGs mean, why, and whether that is sure."""
    known = numbers_of_train(masks, names)
    if known is not None and set(shown) <= known.keys():
        why = "values are those of the mask files of train"
        is_open = any(one.key == _TRAIN_KEY for one in _open_of(masks))
        return known, f"{why}: choose the same in both" if is_open else why, not is_open
    if listed is not None and listed.numbers:
        # A value that is no class, as of what nobody drew, is none that is sent.
        is_sent = {*names, *filter(is_background, listed.numbers)}
        of_list = _of_names({n: one for one, n in listed.numbers.items() if one in is_sent}, names)
        if of_list is not None and set(shown) <= of_list.keys():
            return of_list, f"values are those of {listed.path}", True
    if len(names) == 1:
        rest = sorted(set(shown) - {0})
        if len(rest) == 1 and 0 in shown:
            return {0: "background", rest[0]: names[0]}, "values are those of these PNGs", True
        value = rest[0] if len(rest) == 1 else 255
        return {0: "background", value: names[0]}, _UNKNOWN, False
    usual = {0: "background", **dict(enumerate(names, start=1))}
    return usual, _UNKNOWN, False


_TRAIN_KEY = "data.train.mask_values"
_UNKNOWN = "no file shows the value of each class"


def numbers_of_train(masks: FoundMasks, names: Sequence[str]) -> dict[int, str] | None:
    """Return the value of each of `names` in mask files of train; None where these tell none."""
    if not isinstance(masks, MaskFiles):
        return None
    content = masks.content
    is_made = masks.pattern.startswith(f"{MADE}/")
    is_lossy = masks.pattern.lower().endswith((".jpg", ".jpeg", ".jfif"))
    if is_made or is_lossy or masks.by_object or content.channel is not None:
        return None
    if masks.by_class != (names == ("foreground",) and not masks.kind.is_yes_no):
        return None
    found = [one for one in content.found if one != content.ignore]
    if any(isinstance(one, str) or one > 255 for one in found):
        return None
    if content.values is not None:
        return _of_names(content.values, names)
    if len(names) == 1:
        return _of_names({one: "foreground" if one else "background" for one in found}, names)
    return {0: "background", **dict(enumerate(names, start=1))}


def _of_names(values: Mapping[Any, str], names: Sequence[str]) -> dict[int, str] | None:
    """Return the names of values as those of PNGs; None where a class has none, or several."""
    named = {
        value: "background" if is_background(name) else name
        for value, name in values.items()
        if isinstance(value, int)
    }
    if len(names) == 1:
        named = {value: name if name == "background" else names[0] for value, name in named.items()}
    wanted = {"background", *names}
    is_whole = set(named.values()) >= set(names) and set(named.values()) <= wanted
    if not is_whole or len(set(named.values())) < len(named):
        return None
    return dict(sorted(named.items()))


def _open_of(masks: FoundMasks) -> tuple[OpenKey, ...]:
    """Return the keys of the masks of train for which several readings fit."""
    return masks.content.open if isinstance(masks, MaskFiles) else ()


def _other_of_train(
    masks: FoundMasks, values: Mapping[int, str], names: Sequence[str]
) -> dict[int, str] | None:
    """Return the other reading of mask files of train, where they have several; else None."""
    others = [one.others for one in _open_of(masks) if one.key == _TRAIN_KEY]
    for reading, _ in others[0] if others else ():
        if isinstance(reading, Mapping):
            found = _of_names(reading, names)
            if found is not None and found != values:
                return found
    return None


def _other_meaning(values: Mapping[int, str], names: Sequence[str]) -> dict[int, str]:
    """Return another meaning of values that are not known."""
    if len(names) == 1:
        return {0: "background", 1 if 255 in values else 255: names[0]}
    return {0: "background", **dict(enumerate(reversed(names), start=1))}


def _was_packed(folder: DataFolder, root: str) -> bool:
    """Return whether a folder is an unpacked ZIP: all else is linked there."""
    whole = folder.path.absolute()
    top = whole / root.partition("/")[0]
    return whole.parts[-2:] == (MADE, "data") and not top.is_symlink()


def _table(
    named: _NamedPngs,
    sizes: Mapping[str, tuple[int, int]],
    ids: Sequence[str],
    classes: Sequence[str],
    *,
    has_ground: bool,
) -> pd.DataFrame:
    """Return a row an image, or an image and a class, with the size of its mask.

    All masks are empty; where no value is background, those of the first class are whole images.
    """
    of_image = {id_: sizes[path] for path, (id_, _) in named.rows.items()}
    rows = []
    for one in dict.fromkeys(ids):
        if one not in of_image:
            continue
        height, width = of_image[one]
        for number, name in enumerate(classes or ("",)):
            runs = "" if has_ground or number else f"1 {height * width}"
            of_class = {"class": name} if classes else {}
            rows.append(
                {"id": one, **of_class, "rle": runs, "height": str(height), "width": str(width)}
            )
    return pd.DataFrame(rows, dtype=object)
