"""Images of one form of path: `annotated/{plate}/{well}/img.png`, with how many there are.

A form tells nothing of what its images are for. It is told where more than that was not understood.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from podium.competition.infer.files import DataFolder, FolderPart, ImageFile, one_suffix
from podium.competition.infer.parts.channels import channel_pattern

__all__ = ["ImageGroup", "image_groups"]

_MOST_TOPS = 8
"""With more folders in the data folder itself, these are units or classes, and no parts."""
_MOST_NAMES = 5
_FEWEST_EACH = 3
_SHARED = 0.5
_NO_FIELD = frozenset("{}/:*?")


@dataclass(frozen=True)
class ImageGroup:
    """Images whose paths have one form.

    Attributes:
        pattern: of the paths, relative to the data folder.
        part: what the images seem to be.
        paths: of all images.
        values: by field, in the order of the pattern: the text of each path.
        folders: the fields that are folders.
    """

    pattern: str
    part: FolderPart
    paths: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    folders: tuple[str, ...]

    @property
    def id(self) -> str:
        """The template of ids, as `{plate}/{well}`."""
        return "/".join(f"{{{one}}}" for one in self.values)


def image_groups(folder: DataFolder, columns: Mapping[str, AbstractSet[str]]) -> list[ImageGroup]:
    """Return the images of a data folder by the form of their paths, the largest group first.

    Args:
        columns: the cells of the columns of tables: a part of paths that has those of one of them
            is called as it is.
    """
    of_depth: dict[int, list[ImageFile]] = defaultdict(list)
    for image in _files(folder):
        of_depth[image.path.count("/")].append(image)
    found = []
    for images in of_depth.values():
        fields = _fields(images, columns)
        found += [_group(part, each, fields) for part, each in _forms(images)]
    return sorted(found, key=lambda one: -len(one.paths))


def _files(folder: DataFolder) -> Iterator[ImageFile]:
    """Yield the files of all images, each of those that an image has several of."""
    for image in folder.images:
        channels = folder.channels if image.part != "mask" else ()
        for one in channels:
            yield image._replace(path=channel_pattern(folder, image.path, one))
        if not channels:
            yield image


def _forms(images: Sequence[ImageFile]) -> list[tuple[FolderPart, list[ImageFile]]]:
    """Return the images of one depth, apart by part, by first folder, and by names that repeat."""
    tops = {image.path.partition("/")[0] for image in images if "/" in image.path}
    of_top: dict[tuple[FolderPart, str], list[ImageFile]] = defaultdict(list)
    for image in images:
        top = image.path.partition("/")[0] if len(tops) <= _MOST_TOPS and "/" in image.path else ""
        of_top[image.part, top].append(image)
    found = []
    for (part, _), each in of_top.items():
        names = {image.name for image in each}
        is_named = len(names) <= _MOST_NAMES and len(each) >= _FEWEST_EACH * len(names)
        of_name: dict[str, list[ImageFile]] = defaultdict(list)
        for image in each:
            of_name[image.name if is_named else ""].append(image)
        found += [(part, some) for some in of_name.values()]
    return found


def _fields(
    images: Sequence[ImageFile], columns: Mapping[str, AbstractSet[str]]
) -> list[tuple[str, bool]]:
    """Return what each part of paths of one depth is called, and whether it has a column's name."""
    levels = [set(level) for level in zip(*map(_parts, images), strict=True)]
    found: list[tuple[str, bool]] = []
    for n, level in enumerate(levels):
        is_file = n == len(levels) - 1
        shares = {
            name: len(cells & level) / len(cells)
            for name, cells in columns.items()
            if len(cells) > 1 and not _NO_FIELD & set(name) and (name, True) not in found
        }
        best = max(shares, key=lambda name: shares[name], default="")
        if best and shares[best] >= _SHARED:
            found.append((best, True))
        else:
            found.append(("image" if is_file else f"folder{n or ''}", False))
    return found


def _parts(image: ImageFile) -> list[str]:
    *folders, _ = image.path.split("/")
    return [*folders, image.stem]


def _group(
    part: FolderPart, images: Sequence[ImageFile], fields: Sequence[tuple[str, bool]]
) -> ImageGroup:
    levels = list(zip(*map(_parts, images), strict=True))
    texts, values, folders = [], dict[str, tuple[str, ...]](), []
    for n, (level, (name, is_column)) in enumerate(zip(levels, fields, strict=True)):
        is_file = n == len(levels) - 1
        if is_file and not (values or is_column):
            name = "id"
        if len(set(level)) == 1 and (len(images) > 1 or not is_file):
            texts.append(level[0])
            continue
        texts.append(f"{{{name}}}")
        values[name] = level
        folders += [] if is_file else [name]
    end = one_suffix(images, otherwise=".*")
    paths = tuple(image.path for image in images)
    return ImageGroup("/".join(texts) + end, part, paths, values, tuple(folders))
