"""Mask files: which of them belong to which image, and the pattern that says so."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    common_folder,
    part_of,
    readings,
    words,
)
from podium.competition.infer.mask_values import ClassNames, MaskContent, read_content
from podium.competition.spec import TaskKind

__all__ = ["MaskFiles", "find_mask_files", "train_masks"]

_ENOUGH = 0.5
"""The share of the masks of a folder that must be named after an image of train."""
_MOST_CLASSES = 50
_OTHER_SENSE = frozenset({"object", "objects", "instance", "instances", "color", "colour", "vis"})


class _Affix(NamedTuple):
    """What a mask's name has before and behind the name of its image."""

    prefix: str
    suffix: str


@dataclass(frozen=True)
class MaskFiles:
    """Mask files of the train images, and what they hold."""

    pattern: str
    """Relative to the data folder: `masks/{stem}_mask.png`."""
    content: MaskContent
    n_found: int
    """Images that have a mask."""
    why: str
    notes: list[str] = field(default_factory=list)
    by_class: bool = False
    """Whether each class has a file of its own."""

    @property
    def kind(self) -> TaskKind:
        return self.content.kind

    @property
    def classes(self) -> list[str]:
        return self.content.classes


def train_masks(folder: DataFolder) -> list[ImageFile]:
    """Return the masks that do not lie in a part to predict."""
    return [
        mask
        for mask in folder.of_part("mask")
        if not {part_of(one) for one in mask.folder.split("/")} & {"test", "unlabelled", "holdout"}
    ]


def find_mask_files(
    folder: DataFolder,
    images: Sequence[ImageFile],
    pattern: str,
    names: ClassNames | None,
    *,
    stem: str = "{stem}",
) -> MaskFiles | None:
    """Return the masks of `images`, or None where no folder holds such.

    Args:
        folder: with the masks among its images.
        images: of train.
        pattern: that finds them, relative to the data folder.
        names: of classes, where they came with the data.
        stem: how the stem of an image is spelt in a pattern: `{stem}` or `{id}`.
    """
    groups: dict[str, list[ImageFile]] = defaultdict(list)
    for mask in train_masks(folder):
        groups[_root(mask, folder.mask_folders)].append(mask)
    if len(groups) > _MOST_CLASSES or _is_one_a_sample(groups, images):
        groups = _joined(groups)
    found = []
    for root, masks in groups.items():
        one = _of_root(folder, root, masks, images, pattern, stem, names)
        if one is not None:
            is_other = bool(_OTHER_SENSE & set(words(root)))
            found.append((is_other, -one.n_found, len(root), root, one))
    if not found:
        return None
    *_, chosen, best = min(found, key=lambda entry: entry[:4])
    others = [entry[3] for entry in found if entry[3] != chosen]
    notes = [f"masks in {one} are not used: those of {chosen} were taken" for one in others]
    return replace(best, notes=[*best.notes, *notes])


def _root(mask: ImageFile, roots: frozenset[str]) -> str:
    """Return the mask folder that the mask lies in, `""` for masks beside their images."""
    folders = mask.folder.split("/")
    starts = ("/".join(folders[: depth + 1]) for depth in range(len(folders)))
    return next((start for start in starts if start in roots), "")


def _is_one_a_sample(groups: dict[str, list[ImageFile]], images: Sequence[ImageFile]) -> bool:
    """Return whether every image has a folder for its own masks: `train/17/mask/17.png`."""
    return len(groups) > 2 and len(groups) >= 0.5 * len(images)


def _joined(groups: dict[str, list[ImageFile]]) -> dict[str, list[ImageFile]]:
    joined: dict[str, list[ImageFile]] = defaultdict(list)
    common = common_folder(mask for one in groups.values() for mask in one)
    for root, masks in groups.items():
        last = root.rpartition("/")[2]
        joined[f"{common}/**/{last}" if root and common else f"**/{last}" if root else ""] += masks
    return joined


def _of_root(
    folder: DataFolder,
    root: str,
    masks: Sequence[ImageFile],
    images: Sequence[ImageFile],
    pattern: str,
    stem: str,
    names: ClassNames | None,
) -> MaskFiles | None:
    of_mask = _images_of(masks, {image.stem for image in images})
    named = [mask for mask in masks if mask.path in of_mask]
    if len(named) < _ENOUGH * len(masks):
        return None
    below = {mask.path: _below(mask, root) for mask in named}
    classes = _class_folders(named, of_mask, below, pattern)
    affixes = Counter(of_mask[mask.path][1] for mask in named)
    suffixes = [] if classes else _class_suffixes(named, of_mask, affixes)
    if suffixes:
        affix, classes = _without_classes(suffixes)
        used = [mask for mask in named if of_mask[mask.path][1].suffix in suffixes]
    else:
        affix = affixes.most_common(1)[0][0]
        used = [mask for mask in named if of_mask[mask.path][1] == affix]
    file_name = f"{affix.prefix}{stem}{affix.suffix}{_one_suffix(used)}"
    between = "{class}" if classes and not suffixes else _folders(used, below, pattern)
    start = pattern.rpartition("/")[0] if not root else "/".join(filter(None, (root, between)))
    paths = [folder.path / mask.path for mask in used]
    content = read_content(paths, names, of_one_class=bool(classes))
    if content is None:
        return None
    notes = list(content.notes)
    if len(used) < len(masks):
        kept = set(used)
        left = next(mask.path for mask in masks if mask not in kept)
        notes.append(
            f"{len(masks) - len(used):,} masks are not named as the others are "
            f"(such as {left}): they are not used"
        )
    if classes:
        content = _of_classes(content, classes)
    why = f"{len(used):,} files in {root or common_folder(used) or 'the data folder'} are named"
    why += " as images are" if affix == ("", "") else f" as images are, with {_said(affix)!r} added"
    n_found = len({of_mask[mask.path][0] for mask in used})
    return MaskFiles(
        "/".join(filter(None, (start, file_name))), content, n_found, why, notes, bool(classes)
    )


def _said(affix: _Affix) -> str:
    return " … ".join(filter(None, affix))


def _images_of(masks: Sequence[ImageFile], stems: set[str]) -> dict[str, tuple[str, _Affix]]:
    """Return the stem of the image of each mask, and what was added to it, by the mask's path."""
    found = {}
    for mask in masks:
        for one, prefix, suffix in readings(mask.stem):
            if one in stems:
                found[mask.path] = (one, _Affix(prefix, suffix))
                break
    return found


def _below(mask: ImageFile, root: str) -> str:
    if "**/" in root:
        return ""
    return mask.folder[len(root) :].lstrip("/") if root else ""


def _class_folders(
    masks: Sequence[ImageFile],
    of_mask: dict[str, tuple[str, _Affix]],
    below: dict[str, str],
    pattern: str,
) -> list[str]:
    """Return the folders that hold the masks of one class each, `[]` where folders are no classes.

    An image then has masks in several of them, or the folders say what no folder of images says.
    """
    folders = sorted({below[mask.path] for mask in masks})
    if not 2 <= len(folders) <= _MOST_CLASSES or any("/" in one or not one for one in folders):
        return []
    of_image: dict[str, set[str]] = defaultdict(set)
    for mask in masks:
        of_image[of_mask[mask.path][0]].add(below[mask.path])
    several = sum(len(one) > 1 for one in of_image.values())
    if "{class}" in pattern or several < 0.1 * len(of_image):
        return []
    return folders


def _class_suffixes(
    masks: Sequence[ImageFile],
    of_mask: dict[str, tuple[str, _Affix]],
    affixes: Counter[_Affix],
) -> list[str]:
    """Return the endings of the masks' names that stand for a class each, `[]` where none do."""
    often = [affix for affix, count in affixes.items() if count >= 0.05 * max(affixes.values())]
    suffixes = [affix.suffix for affix in often if affix.suffix and not affix.prefix]
    if len(suffixes) < 2 or len(suffixes) > _MOST_CLASSES:
        return []
    plain = {re.split(r"[_\-. ]+", suffix)[-1] for suffix in suffixes}
    # `_mask`, `_mask_1`: several masks of one image, which are not classes.
    if any(
        suffix != other and suffix.startswith(other) for suffix in suffixes for other in suffixes
    ):
        return []
    of_image: dict[str, set[str]] = defaultdict(set)
    for mask in masks:
        stem, affix = of_mask[mask.path]
        of_image[stem].add(affix.suffix)
    several = sum(len(one) > 1 for one in of_image.values())
    is_class = len(plain) == len(suffixes) and several >= 0.1 * len(of_image)
    return sorted(suffixes) if is_class else []


def _without_classes(suffixes: Sequence[str]) -> tuple[_Affix, list[str]]:
    """Return the common part of the endings, with {class} in it, and the classes."""
    classes = [re.split(r"[_\-. ]+", suffix)[-1] for suffix in suffixes]
    start = suffixes[0][: len(suffixes[0]) - len(classes[0])]
    return _Affix("", f"{start}{{class}}"), classes


def _folders(masks: Sequence[ImageFile], below: dict[str, str], pattern: str) -> str:
    """Return what stands between the mask folder and a file: fields of the images, or `**`."""
    depths = {len(below[mask.path].split("/")) if below[mask.path] else 0 for mask in masks}
    if depths == {0}:
        return ""
    fields = [part for part in pattern.split("/")[:-1] if "{" in part]
    if depths == {len(fields)} and fields:
        return "/".join(fields)
    return "**"


def _one_suffix(masks: Sequence[ImageFile]) -> str:
    suffixes = {mask.suffix for mask in masks}
    return suffixes.pop() if len(suffixes) == 1 else ".*"


def _of_classes(content: MaskContent, classes: Sequence[str]) -> MaskContent:
    why = f"each class has masks of its own ({', '.join(classes[:5])} …), which may overlap"
    if len(classes) <= 5:
        why = f"each class has masks of its own ({', '.join(classes)}), which may overlap"
    return replace(content, kind="multilabel", classes=list(classes), why=why)
