"""What lies in a data folder: images with the part they seem to belong to, tables, archives."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from podium.competition.patterns import files_below, is_image
from podium.competition.tables import TABLE_SUFFIXES

__all__ = [
    "DataFolder",
    "ImageFile",
    "Part",
    "common_folder",
    "look_into",
    "part_of",
    "readings",
    "words",
]

Part = Literal["train", "test", "unlabelled", "holdout", "mask", "other"]

_WORDS: dict[Part, frozenset[str]] = {
    "train": frozenset({"train", "training", "trn"}),
    "test": frozenset({"test", "testing", "tst"}),
    "unlabelled": frozenset({"unlabelled", "unlabeled", "unlabel", "unsupervised", "unlab"}),
    "holdout": frozenset({"val", "valid", "validation", "holdout", "dev"}),
}
_MASK_WORDS = frozenset(
    {"mask", "masks", "annotation", "annotations", "segmentation", "segmentations", "seg"}
    | {"label", "labels", "gt", "truth", "groundtruth"}
)
# `x_mask.png` beside `x.png`, perhaps with a class or a number: `x_mask_1.png`.
_MASK_STEM = re.compile(
    r"(.+?)[_\-. ]+(?:masks?|seg|segmentation|annotation|gt|groundtruth|label)(?:[_\-. ]\w+)?", re.I
)
_CUT = re.compile(r"[_\-. ]+")
_NEGATIONS = frozenset({"no", "non", "not", "without", "un"})
_TEXTS = (".txt", ".names")
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".7z", ".rar")


class ImageFile(NamedTuple):
    """An image below the data folder."""

    path: str
    """Relative to the data folder, with forward slashes."""
    part: Part

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def stem(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def suffix(self) -> str:
        return "." + self.name.rpartition(".")[2]


@dataclass(frozen=True)
class DataFolder:
    """The content of a data folder, and how its files are spelt in `competition.yaml`."""

    path: Path
    spelt: str
    """How `competition.yaml` spells the folder: relative to the workspace, or absolute."""
    images: tuple[ImageFile, ...]
    tables: tuple[str, ...]
    archives: tuple[str, ...]
    mask_folders: frozenset[str] = frozenset()
    """Folders of which every image is a mask; other masks lie beside their images."""
    texts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    """What the names of the files of an image end in, where it has several; `images` are then
    called as if the ends were not there."""

    def spell(self, path: str) -> str:
        """Return a path below the folder as `competition.yaml` has it."""
        return "/".join(filter(None, (self.spelt if self.spelt != "." else "", path)))

    def of_part(self, *parts: Part) -> list[ImageFile]:
        return [image for image in self.images if image.part in parts]

    @cached_property
    def by_last_name(self) -> dict[str, list[ImageFile]]:
        """Images by file name, with and without extension."""
        found: dict[str, list[ImageFile]] = defaultdict(list)
        for image in self.images:
            if image.part != "mask":
                found[image.name].append(image)
                found[image.stem].append(image)
        return dict(found)

    def named(self, cell: str) -> list[ImageFile]:
        """Return the images that `cell` may mean: a name or the end of a path, perhaps bare."""
        images = self.by_last_name.get(cell.rpartition("/")[2], [])
        if "/" not in cell:
            return images
        end = "/" + cell.lstrip("./")
        return [
            image
            for image in images
            if ("/" + image.path).endswith(end) or ("/" + image.path).endswith(end + image.suffix)
        ]

    def listed(self) -> str:
        """Return in a few words what the folder holds, for messages."""
        folders = Counter(image.folder or "the folder itself" for image in self.images)
        parts = [f"{count:,} images in {folder}" for folder, count in folders.most_common(4)]
        parts += [] if len(folders) <= 4 else [f"{len(folders) - 4} more folders with images"]
        parts += [f"tables {', '.join(self.tables[:6])}"] if self.tables else []
        parts += [f"archives {', '.join(self.archives[:6])}"] if self.archives else []
        return "; ".join(parts) or "no image and no table"


def look_into(path: Path, spelt: str) -> DataFolder:
    """Return what lies below `path`."""
    files = list(files_below(path, ""))
    paths = [file for file in files if is_image(file)]
    # Beside pictures an array may be anything.
    paths = paths or [file for file in files if file.lower().endswith((".npy", ".npz"))]
    masks = _mask_folders(paths)
    beside = _masks_beside(paths)
    images = tuple(
        ImageFile(file, "mask" if file in beside else _part_of_path(file, masks)) for file in paths
    )
    tables = tuple(file for file in files if file.lower().endswith(TABLE_SUFFIXES))
    archives = tuple(
        file for file in files if file.lower().endswith(_ARCHIVES) and file not in tables
    )
    texts = tuple(file for file in files if file.lower().endswith(_TEXTS))
    return DataFolder(path, spelt, images, tables, archives, masks, texts)


def words(name: str) -> list[str]:
    """Return the words of a file or column name, in lower case.

    Example:
        >>> words("trainLabels_v2"), words("stage_1_test_images"), words("PatientID")
        (['train', 'labels', 'v'], ['stage', 'test', 'images'], ['patient', 'id'])
    """
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def part_of(name: str) -> Part:
    """Return the part of the data that a file or folder of this name seems to belong to."""
    found = set(words(name))
    for part in ("unlabelled", "test", "train", "holdout"):
        if found & _WORDS[part]:
            return part
    return "other"


def common_folder(images: Iterable[ImageFile]) -> str:
    """Return the deepest folder that holds all the images, `""` for the data folder itself."""
    return _common(image.folder for image in images)


def _common(folders: Iterable[str]) -> str:
    common = []
    for level in zip(*(folder.split("/") for folder in folders), strict=False):
        if len(set(level)) > 1:
            break
        common.append(level[0])
    return "/".join(common)


def readings(stem: str) -> Iterator[tuple[str, str, str]]:
    """Yield what the image of a mask may be called, with what stands before and behind it.

    Example:
        >>> [image for image, _, _ in readings("img_07_L")]
        ['img_07_L', 'img_07', 'img', '07_L', 'L']
    """
    yield stem, "", ""
    cuts = list(_CUT.finditer(stem))
    for cut in reversed(cuts):
        yield stem[: cut.start()], "", stem[cut.start() :]
    for cut in cuts:
        yield stem[cut.end() :], stem[: cut.end()], ""


def _masks_beside(paths: Sequence[str]) -> frozenset[str]:
    """Return the masks that lie in the folder of their image and are named after it."""
    named = {path.rpartition(".")[0] for path in paths}
    beside = set()
    for path in paths:
        folder, _, name = path.rpartition("/")
        found = _MASK_STEM.fullmatch(name.rpartition(".")[0])
        if found is not None and (f"{folder}/{found[1]}" if folder else found[1]) in named:
            beside.add(path)
    return frozenset(beside)


def _part_of_path(path: str, mask_folders: frozenset[str]) -> Part:
    folders = path.split("/")[:-1]
    if any("/".join(folders[: depth + 1]) in mask_folders for depth in range(len(folders))):
        return "mask"
    for folder in folders:
        part = part_of(folder)
        if part != "other":
            return part
    return "other"


def _mask_folders(paths: Sequence[str]) -> frozenset[str]:
    """Return the folders that hold masks of images that lie elsewhere.

    A name alone does not say it (`train/mask` and `train/no_mask` are classes of a face-mask
    competition): a mask folder stands beside images of the same file names.
    """
    stems: dict[str, set[str]] = defaultdict(set)
    below: dict[str, set[str]] = defaultdict(set)
    ends = [min(paths), max(paths)] if paths else []
    # A folder that holds everything says nothing: data/segmentation/{images,masks}.
    common = _common(path.rpartition("/")[0] for path in ends)
    shared = len(common.split("/")) if common else 0
    for path in paths:
        *folders, name = path.split("/")
        stem = name.rpartition(".")[0]
        suspect = next(
            (n for n, folder in enumerate(folders) if n >= shared and _is_mask_word(folder)), None
        )
        if suspect is not None:
            stems["/".join(folders[: suspect + 1])].add(stem)
            continue
        for depth in range(len(folders) + 1):
            below["/".join(folders[:depth])].add(stem)
    negated = {
        folder.rpartition("/")[0]
        for folder in stems
        if _NEGATIONS & set(words(folder.split("/")[-1]))
    }
    masks = set()
    for folder, names in stems.items():
        parent = folder.rpartition("/")[0]
        known = sum(any(one in below[parent] for one, *_ in readings(stem)) for stem in names)
        # Or beside the one image of a folder of its name, as in 17/images/17.png, 17/masks/a.png.
        of_one_image = below[parent] == {parent.rpartition("/")[2]}
        if parent not in negated and (known >= 0.5 * len(names) or of_one_image):
            masks.add(folder)
    return frozenset(masks)


def _is_mask_word(folder: str) -> bool:
    return bool(_MASK_WORDS & set(words(folder)))
