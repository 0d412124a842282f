"""Each image twice, in two formats or with and without its colours: one of the two is used.

PNG/Original/7.png  TIF/Original/7.tif        →  PNG
png_images/7.png    jpeg_images/7.jpeg        →  png_images
color/oak/7.jpg     grayscale/oak/7.jpg       →  color
image/7.png         dem/7.png                 →  image, without the heights of the same places
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.scan import scan_folder
from podium.competition.languages import Meaning, is_called
from podium.competition.spelling import name_words
from podium.errors import plural

__all__ = ["are_named", "without_copies_of_kinds", "without_images_beside"]

_FORMATS = (".png", ".tif", ".tiff", ".bmp", ".webp", ".jpg", ".jpeg")
"""The one to use first: without a loss, and read by everything."""
_FEWEST_IMAGES = 3
_PROBED = 8


def without_copies_of_kinds(
    folder: DataFolder, sample: SampleSubmission | None
) -> tuple[DataFolder, list[str]]:
    """Return the folder with one copy of each image, and notes on the others.

    Folders side by side hold files of the same names and sizes. They are called as the formats of
    these files, or as colours, shades of grey and what is cut out of the image, one of each; or as
    images and their heights.

    Args:
        sample: the sample submission: copies that it names are left in.
    """
    inside: dict[tuple[str, tuple[str, ...]], dict[str, list[ImageFile]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for image in folder.images:
        names = image.folder.split("/") if image.folder else []
        for depth, name in enumerate(names):
            if _format_of(name) or _kind_of(name):
                rest = tuple(one for one in name_words(name) if not _format_called(one))
                of_format = bool(_format_of(name))
                inside["/".join(names[:depth]), rest if of_format else ()][name].append(image)
    notes = []
    for (where, _), copies in inside.items():
        kept = _kept(where, copies)
        if kept is not None and not _are_of_one_size(folder, copies):
            kept = None
        if kept is None:
            continue
        gone = {image.path for name, each in copies.items() if name != kept for image in each}
        if are_named(folder, sample, gone):
            continue
        folder = _without_copies(folder, gone)
        others = ", ".join(name for name in copies if name != kept)
        why = "which are the same in another format or colour"
        if any(_kind_of(name) == "heights" for name in copies):
            why = (
                "and are their heights; for an input more, name both in data.train and in "
                f"data.test, as images: {{image: …/{kept}/*.png, height: …/{others}/{{id}}.png}}"
            )
        notes.append(
            f"{plural(len(gone), 'file')} in {others} of {where or 'the data folder'} are not "
            f"used: they have the names and sizes of those in {kept}, {why}"
        )
    return folder, notes


def are_named(folder: DataFolder, sample: SampleSubmission | None, paths: Collection[str]) -> bool:
    """Return whether an id of the sample submission names images of these paths, and no others."""
    if sample is None:
        return False
    named = (folder.named(id_) for id_ in sample.table[sample.id])
    return any(images and all(one.path in paths for one in images) for images in named)


def _without_copies(folder: DataFolder, gone: Collection[str]) -> DataFolder:
    """Return the folder without some images; masks that these made unclear are found then."""
    rest = folder.without(gone)
    if not folder.of_part("mask"):
        files = [*(one.path for one in rest.images), *folder.others]
        again = scan_folder(folder.path, folder.spelt, files=files, regions=folder.regions)
        if again.of_part("mask"):
            return again
    return rest


def without_images_beside(folder: DataFolder, gone: Collection[str]) -> DataFolder:
    """Return the folder without some images, which lie beside those that they show otherwise."""
    return replace(_without_copies(folder, gone), beside=(*folder.beside, *sorted(gone)))


def _kept(where: str, copies: Mapping[str, Sequence[ImageFile]]) -> str | None:
    """Return the folder of the copies to use; None where folders are no copies of each other."""
    if len(copies) < 2:
        return None
    formats = {name: _format_of(name) for name in copies}
    if all(formats.values()):
        own = all(
            image.suffix.lower() in _alike(formats[name])
            for name in copies
            for image in copies[name]
        )
        stems = [_keys(where, name, copies[name]) for name in copies]
        is_copy = own and len(set(formats.values())) == len(formats)
        is_copy = (
            is_copy and all(one == stems[0] for one in stems) and len(stems[0]) >= _FEWEST_IMAGES
        )
        return min(copies, key=lambda name: _FORMATS.index(formats[name])) if is_copy else None
    kinds = {name: _kind_of(name) for name in copies}
    first = "image" if "heights" in kinds.values() else "in colour"
    in_colour = [name for name, kind in kinds.items() if kind == first]
    if len(in_colour) != 1 or not all(kinds.values()) or len(set(kinds.values())) < len(kinds):
        return None
    [kept] = in_colour
    known = _keys(where, kept, copies[kept])
    for name in copies:
        others = _keys(where, name, copies[name])
        end = _common_end(known, others) if name != kept else ""
        if end is None or {f"{one}{end}" for one in known} != others or len(known) < _FEWEST_IMAGES:
            return None
    return kept


def _are_of_one_size(folder: DataFolder, copies: Mapping[str, Sequence[ImageFile]]) -> bool:
    """Return whether the pictures of one place in each folder have one size, as far as is read."""
    ordered = [sorted(images, key=lambda one: one.path) for images in copies.values()]
    step = max(1, len(ordered[0]) // _PROBED)
    sizes = [[picture_size(folder.path / one.path) for one in each[::step]] for each in ordered]
    return all(one == sizes[0] for one in sizes)


def _format_of(name: str) -> str:
    """Return the ending that a folder is called after, "" where it is called otherwise."""
    endings = [_format_called(word) for word in name_words(name)]
    found = [one for one in endings if one]
    return found[0] if len(found) == 1 else ""


def _format_called(word: str) -> str:
    """Return the ending of the format that a word names, or ""."""
    ending = f".{word.lower()}"
    return ending if ending in _FORMATS else ""


def _alike(ending: str) -> tuple[str, ...]:
    same = ((".tif", ".tiff"), (".jpg", ".jpeg"))
    return next((one for one in same if ending in one), (ending,))


def _kind_of(name: str) -> str:
    """Return whether a folder is called as one of images in colours, in grey, cut out, or so."""
    if len(name_words(name)) > 1 and not is_called(name, "image"):
        return ""
    meanings: tuple[Meaning, ...] = ("in colour", "in grey", "cut out", "heights", "image")
    return next((one for one in meanings if is_called(name, one)), "")


def _keys(where: str, name: str, images: Sequence[ImageFile]) -> set[str]:
    """Return the paths of images below a folder, without their endings."""
    start = len("/".join(filter(None, (where, name)))) + 1
    return {image.path[start:].rpartition(".")[0] for image in images}


def _common_end(known: set[str], others: set[str]) -> str | None:
    """Return what stands behind each name of `known` in the `others`; None where that differs."""
    if len(known) != len(others):
        return None
    first, other = min(known), min(others)
    return other[len(first) :] if other.startswith(first) else None
