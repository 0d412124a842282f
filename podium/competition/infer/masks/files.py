"""The mask files of a data folder: which are the truth of which image."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.ndimage import binary_dilation, binary_erosion

from podium.competition.ids.patterns import Pattern, without_zeros
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    common_folder,
    common_parent,
    guess_part,
    one_suffix,
    possible_image_names,
    split_field,
)
from podium.competition.infer.ids.keys import without_common_end
from podium.competition.infer.masks.by_piece import masks_by_fields
from podium.competition.infer.masks.choice import are_of_people, find_truth
from podium.competition.infer.masks.content import MaskContent, pixels_or_none, read_content
from podium.competition.infer.masks.drawings import colours_of_numbers, without_drawings
from podium.competition.infer.masks.inside import mask_of_another, masks_inside
from podium.competition.infer.masks.mask_names import (
    MOST_CLASSES,
    Affix,
    affix_text,
    class_ends,
    class_folders,
    has_each_an_end,
    images_of_masks,
    masks_of_plainest_end,
    pieces_of_masks,
    without_classes,
)
from podium.competition.infer.masks.search import width_of_numbers
from podium.competition.infer.masks.values import ClassNames
from podium.competition.infer.shares import HALF, NEARLY_ALL
from podium.competition.languages import begins_as
from podium.competition.made_files import MADE
from podium.competition.spelling import name_words
from podium.errors import DataError, either, plural, some
from podium.tasks.protocols.find import pixel_kind
from podium.tasks.protocols.kind import Kind

__all__ = [
    "ClassMaps",
    "MaskFiles",
    "RunAreas",
    "as_maps",
    "as_objects",
    "find_mask_files",
    "is_called_example",
    "map_patterns",
    "map_values",
    "mask_of_each_image",
    "of_classes",
    "train_masks",
]


_OTHER_SENSE = frozenset({"object", "objects", "instance", "instances", "color", "colour", "vis"})

RunAreas = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class ClassMaps:
    """Masks with one file an image, beside those with a file a class that share pixels.

    Attributes:
        folders: beside that of the masks, and whose a shared pixel is there; several where they
            differ.
        classes: of the values from 1; 0 is background.
        why: how many pixels are shared.
    """

    folders: tuple[tuple[str, str], ...]
    classes: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class MaskFiles:
    """Mask files of the train images, and their content."""

    pattern: str
    """Relative to the data folder: `masks/{stem}_mask.png`."""
    content: MaskContent
    n_found: int
    """Images that have a mask."""
    why: str
    notes: list[str] = field(default_factory=list)
    by_class: bool = False
    """True where each class has a file of its own."""
    as_one_mask: str = ""
    """Why the objects of an image may be something else; "" where that is clear."""
    n_files: Mapping[str, int] = field(default_factory=dict)
    """Of each image that has a mask, by stem or id; {} where that is not known."""
    by_object: bool = False
    """True where each object has a file of its own."""
    absent: str = ""
    """Why an image without a mask file has an empty mask; "" where it may be unlabelled."""
    maps: ClassMaps | None = None
    """The same masks, where a pixel is of one class alone; None where no other reading fits."""

    @property
    def kind(self) -> Kind:
        return self.content.kind

    @property
    def classes(self) -> list[str]:
        return self.content.classes


def train_masks(folder: DataFolder) -> list[ImageFile]:
    """Return the masks that lie neither in a part to predict nor in an example of an answer."""
    others = {"test", "unlabelled"}
    if folder.of_part("holdout"):  # else that part is the one to train on
        others.add("holdout")
    return [
        mask
        for mask in folder.of_part("mask")
        if not {guess_part(one) for one in mask.folder.split("/")} & others
        and not any(map(is_called_example, mask.folder.split("/")))
    ]


def mask_of_each_image(folder: DataFolder) -> dict[str, ImageFile]:
    """Return the one mask of each image of train, by its stem; {} where one has several."""
    images = folder.of_part("train", "other", "holdout")
    stems = {image.stem for image in images}
    found: dict[str, ImageFile] = {}
    for mask in train_masks(folder):
        stem = next((one for one, *_ in possible_image_names(mask.stem) if one in stems), None)
        if stem in found:
            return {}
        if stem is not None:
            found[stem] = mask
    return found if len(stems) == len(images) else {}


def is_called_example(name: str) -> bool:
    """Return whether a folder is called as an example of what is to be sent."""
    return begins_as(name, "sent") or begins_as(name, "example")


def find_mask_files(
    folder: DataFolder,
    images: Sequence[ImageFile],
    pattern: str,
    names: ClassNames | None,
    *,
    stem: str = "{stem}",
    areas: RunAreas | None = None,
    sent: Sequence[str] = (),
    ids: Sequence[str] = (),
    is_one_each: bool = False,
) -> MaskFiles | None:
    """Return the masks of `images`, or None where no folder holds such.

    Of several folders of masks that fit alike, texts and names tell the truth, or it is a question.

    Args:
        images: of train.
        pattern: that finds them, relative to the data folder.
        names: of classes, where they came with the data.
        stem: the field for the stem of an image in a pattern: `{stem}` or `{id}`.
        areas: of images by stem, the pixels of the runs of each class.
        sent: the names of the classes that the sample submission shows.
        ids: of the images, where they are parts of their paths: masks may be named after these.
        is_one_each: whether the sample submission has a row for each image, and so no class.

    Raises:
        DataError: names of images come back in folders, and those do not tell which mask is whose.
    """
    return _found(
        _MaskSearch(folder, images, pattern, names, stem, areas or {}, sent, ids, is_one_each)
    )


@dataclass(frozen=True)
class _MaskSearch:
    """The arguments of `find_mask_files`, which describes each of them."""

    folder: DataFolder
    images: Sequence[ImageFile]
    pattern: str
    names: ClassNames | None
    stem: str
    areas: RunAreas
    sent: Sequence[str]
    ids: Sequence[str]
    is_one_each: bool


def _found(search: _MaskSearch) -> MaskFiles | None:
    folder, images, pattern = search.folder, search.images, search.pattern
    if folder.sample_mask:
        return _in_folders(search)
    if folder.masks_in_folders:
        return _beside_images(search)
    several = _of_annotators(train_masks(folder))
    if several:
        return _of_one_person(search, several)
    mirrored = _mirrored(search) or _by_fields(search)
    if mirrored is not None:
        return mirrored
    groups: dict[str, list[ImageFile]] = defaultdict(list)
    for mask in train_masks(folder):
        groups[_root(mask, folder.mask_folders)].append(mask)
    if len(groups) > MOST_CLASSES or _is_one_a_sample(groups, images):
        groups = _joined(groups)
    of_split, of_places = _of_split(groups, images, pattern), _of_places(groups, images)
    # Of several places each may have a part to train on and one to validate: all are one then.
    groups = of_places if len(of_split) > len(of_places) or not of_split else of_split
    found: dict[str, _Candidate] = {}
    for group, every in groups.items():
        its_masks, names, note = without_drawings(folder.path, every)
        image_names, stem = {image.stem for image in images}, search.stem
        if search.ids and not images_of_masks(its_masks, image_names):
            image_names, stem = set(search.ids), "{id}"
        width = 0
        if not images_of_masks(its_masks, image_names):
            width = width_of_numbers([mask.stem for mask in its_masks], image_names)
        if width:
            image_names = {name.zfill(width) for name in image_names if name.isdecimal()}
            stem = f"{stem[:-1]}:0{width}}}"
        parts = _parted(search, group, its_masks, image_names)
        listed = search.names  # colours in texts alone say nothing of the numbers of drawings
        is_list = listed is not None and (listed.every or names is None)
        named = replace(search, names=listed if is_list else names)
        for place, (root, masks) in parts.items():
            one = _of_root(named, root, masks, image_names, stem)
            if one is not None and width:
                counts = {without_zeros(name): n for name, n in one.n_files.items()}
                one = replace(one, n_files=counts)
            if one is not None and note:
                one = replace(one, notes=[*one.notes, note])
            if one is not None:
                found[place] = _Candidate(place, root, masks, one)
    if not found:
        return None
    files = {place: one.found for place, one in found.items()}
    ways = (search.sent, without_common_end(search.sent))
    by_class = next(filter(None, (_by_folder_of_class(files, sent) for sent in ways)), None)
    chosen = by_class or _truth_of(folder, list(found.values()))
    for candidate in found.values():
        if "**" in chosen.pattern and candidate.found.pattern == chosen.pattern:
            _refuse_masks_of_others(candidate, images)
    return chosen


class _Candidate(NamedTuple):
    """A folder of masks, or the files of one end in it, which may be the truth."""

    place: str
    """As it is shown: `train/masks`, `train/*_1stHO`."""
    root: str
    masks: Sequence[ImageFile]
    found: MaskFiles

    @property
    def is_other(self) -> bool:
        """Whether its name tells that its masks show something else: objects, colours."""
        return bool(_OTHER_SENSE & {*name_words(self.root), *name_words(self.end)})

    @property
    def end(self) -> str:
        """What stands in the names of its files behind that of the image."""
        return re.sub(r".*\{(?:id|stem)\}|\.[^.]*$", "", self.found.pattern.rpartition("/")[2])

    @property
    def names(self) -> list[str]:
        """What texts may call it."""
        folder = "" if self.place != self.root else self.root.rpartition("/")[2]
        return [one for one in (folder, self.end.strip("_-. ")) if one.strip("*")]


def _refuse_masks_of_others(one: _Candidate, images: Sequence[ImageFile]) -> None:
    """Refuse masks in any folders, where names of images come back in folders of other masks.

    Raises:
        DataError: an image would get the mask of another one.
    """
    image, mask = mask_of_another(one.masks, images)
    if image:
        raise DataError(
            f"names of images come back in other folders, and folders do not tell which mask is of "
            f"which image: {image} would get {mask}, which lies nearer to another image",
            where=one.place,
            fix="give the images and their masks names that do not come back, or lay the masks of "
            "each folder of images in the same place from there on: a/7.png, a/masks/7.png",
        )


def _truth_of(folder: DataFolder, candidates: Sequence[_Candidate]) -> MaskFiles:
    """Return the masks of the folder that is the truth, the others as readings where none is."""
    # A field of view is the same in every file; what is to be learnt differs by image.
    fixed = {one.place for one in candidates if _are_all_alike(folder, one)}
    if fixed and len(fixed) < len(candidates):
        found = _truth_of(folder, [one for one in candidates if one.place not in fixed])
        told = some(sorted(fixed), 3)
        note = f"masks in {told} are not used: all of these are the same, as a field of view is"
        return replace(found, notes=[*found.notes, note])
    derived = {**_drawings_of(folder, candidates), **_outlines_of(folder, candidates)}
    names = {one.place: one.names for one in candidates}
    if derived and find_truth(folder, names).chosen not in derived:
        found = _truth_of(folder, [one for one in candidates if one.place not in derived])
        unused_ones = [f"masks in {one} are not used: they {why}" for one, why in derived.items()]
        return replace(found, notes=[*found.notes, *unused_ones])
    # What a word calls masks comes before what merely looks so, as the horizon of each photo does.
    ranked = sorted(
        candidates,
        key=lambda one: (
            one.is_other,
            one.root in folder.masks_by_look,
            -one.found.n_found,
            len(one.place),
            one.place,
        ),
    )
    first, rest = ranked[0], ranked[1:]
    equal = [one for one in ranked if one.is_other == first.is_other]
    if not rest:
        return first.found
    unused = "masks in {} are not used: "
    if len(equal) > 1:
        truth = find_truth(folder, {one.place: one.names for one in equal})
        if truth.chosen is not None:
            chosen = next(one for one in ranked if one.place == truth.chosen)
            left = some([one.place for one in ranked if one is not chosen], 3)
            notes = [
                f"{unused.format(one.place)}those of {chosen.place} were taken, as "
                f"{truth.against.get(one.place) or truth.why}"
                for one in ranked
                if one is not chosen
            ]
            why = f"{chosen.found.why}, and not those of {left}: {truth.why}"
            return replace(chosen.found, why=why, notes=[*chosen.found.notes, *notes])
    best, notes = first.found, []
    rivals = []
    for one in rest:
        reason = f"those of {first.place or first.found.pattern} were taken"
        if one not in equal:
            reason += ", as its name tells that they show something else"
        elif 2 * one.found.n_found <= first.found.n_found:
            reason += (
                f", which {either(first.found.n_found, 'image has', 'images have')}, and not "
                f"{one.found.n_found:,}"
            )
        elif _are_copies(folder, first, one):
            reason += ", which are the same"
        else:
            rivals.append(one)
            reason += ", and nothing tells which are the truth: choose data.train.mask"
        notes.append(unused.format(one.place) + reason)
    best = replace(best, notes=[*best.notes, *notes])
    return _with_rivals(folder, best, first.place, rivals) if rivals else best


def _with_rivals(
    folder: DataFolder, best: MaskFiles, place: str, rivals: Sequence[_Candidate]
) -> MaskFiles:
    """Return the masks, and those of other folders as further readings."""
    content = best.content
    others: list[tuple[object, str]] = []
    for one in rivals:
        other = one.found
        why = f"{other.why}: {plural(other.n_found, 'image')}"
        if (other.kind, other.classes) != (content.kind, content.classes):
            why += f"; they are {other.kind}: move {place} away, and repeat podium init"
        elif other.content.values != content.values:
            why += f"; with mask_values: {other.content.values or 'null'}"
        others.append((folder.spell(other.pattern), why))
    opened = (*content.open, OpenKey("data.train.mask", tuple(others)))
    return replace(best, content=replace(content, open=opened))


def _are_all_alike(folder: DataFolder, one: _Candidate) -> bool:
    """Return whether the masks of different images have the same pixels, nearly all of each."""
    step = max(1, len(one.masks) // _COMPARED)
    shown = []
    for mask in one.masks[::step]:
        pixels = pixels_or_none(folder.path / mask.path)
        if pixels is None:
            return False
        shown.append(pixels > 0)
    if len(shown) < _FEWEST_ALIKE or any(each.shape != shown[0].shape for each in shown):
        return False
    if not any(each.any() and not each.all() for each in shown):
        return False
    every, shared = np.logical_or.reduce(shown), np.logical_and.reduce(shown)
    return bool(shared.sum() >= _ALIKE * every.sum())


_FEWEST_ALIKE = 3
_ALIKE = 0.98  # of the pixels of all together


def _drawings_of(folder: DataFolder, candidates: Sequence[_Candidate]) -> dict[str, str]:
    """Return the folders whose masks are the numbers of another one in colours, and what they do.

    Black is 0 there: else colours tell more than the numbers.
    """
    of_stem = [{mask.stem: mask.path for mask in one.masks} for one in candidates]
    are_coloured = [any(isinstance(v, str) for v in one.found.content.found) for one in candidates]
    found = {}
    for one, other in permutations(range(len(candidates)), 2):
        if not are_coloured[one] or are_coloured[other]:
            continue
        colours = colours_of_numbers(folder.path, of_stem[other], drawn=of_stem[one])
        if colours and not colours.get(0):
            found[candidates[one].place] = f"draw those of {candidates[other].place} in colours"
    return found


def _outlines_of(folder: DataFolder, candidates: Sequence[_Candidate]) -> dict[str, str]:
    """Return the folders whose masks are the outlines of those of another one, and what they do."""
    return {
        one.place: f"draw the outlines of those of {area.place}"
        for one, area in permutations(candidates, 2)
        if _are_outlines(folder.path, one.masks, area.masks)
    }


def _are_outlines(root: Path, lines: Sequence[ImageFile], areas: Sequence[ImageFile]) -> bool:
    """Return whether masks lie along the border of those of the same names, and leave the inside.

    Empty ones tell nothing.
    """
    of_name = {mask.stem: mask for mask in areas}
    pairs = [(mask, of_name[mask.stem]) for mask in lines if mask.stem in of_name]
    n_compared = n_inside = 0
    for pair in pairs[:: max(1, len(pairs) // _COMPARED)]:
        line, area = (pixels_or_none(root / one.path) for one in pair)
        if line is None or area is None or line.shape != area.shape:
            return False
        if not line.any() and not area.any():
            continue
        if np.count_nonzero(line) >= np.count_nonzero(area):
            return False  # before what takes longer
        width = max(_NARROWEST, round(_OF_SIDE * min(line.shape)))
        inner = binary_erosion(area > 0, iterations=width)
        near = binary_dilation(area > 0, iterations=width) & ~inner
        border = (area > 0) & ~binary_erosion(area > 0)
        reached = binary_dilation(line > 0, iterations=width)
        if (near & (line > 0)).sum() < _ALIKE * (line > 0).sum():
            return False
        if (border & reached).sum() < NEARLY_ALL * border.sum():
            return False
        n_compared += 1
        n_inside += int((inner & ~(line > 0)).sum())
    return n_compared >= _FEWEST_ALIKE and n_inside > 0


_NARROWEST = 1
_OF_SIDE = 0.01
"""Pixels of a line on each side of a border, by the shorter side of the picture."""


def _are_copies(folder: DataFolder, one: _Candidate, other: _Candidate) -> bool:
    """Return whether some masks of two folders have the same pixels."""
    stems = {mask.stem: mask for mask in other.masks}
    pairs = [(mask, stems[mask.stem]) for mask in one.masks if mask.stem in stems]
    probed = pairs[:: max(1, len(pairs) // _COMPARED)]
    return bool(probed) and all(_are_equal(folder.path, *pair) for pair in probed)


_COMPARED = 8


def _are_equal(root: Path, one: ImageFile, other: ImageFile) -> bool:
    first, second = (pixels_or_none(root / each.path) for each in (one, other))
    if first is None or second is None:
        return False
    if all(len(np.unique(pixels)) <= 2 for pixels in (first, second)):
        return np.array_equal(first > 0, second > 0)  # 1 here, 255 there
    return np.array_equal(first, second)


def _parted(
    search: _MaskSearch, root: str, masks: Sequence[ImageFile], images: set[str]
) -> dict[str, tuple[str, Sequence[ImageFile]]]:
    """Return the root and the masks of each part of a group: one for each person that drew them.

    So are ends of names (`_1stHO`, `_2ndHO`), where they would be classes that no row names, and
    those that tell kinds of one truth (`_labels`, `_instances`, `_color`).
    """
    sent, of_mask = search.sent, images_of_masks(masks, images)
    named = [mask for mask in masks if mask.path in of_mask]
    below = {mask.path: _below(mask, root) for mask in named}
    affixes = Counter(of_mask[mask.path][1] for mask in named)
    folders = class_folders(named, of_mask, below, search.pattern)
    ends = [] if folders else class_ends(named, of_mask, affixes)
    parts = [*folders, *ends]
    classes = without_classes(ends, sent)[1] if ends else folders
    are_others = bool(ends) and any(_OTHER_SENSE & {*name_words(one)} for one in ends)
    is_of_people = are_of_people(parts) or search.is_one_each or are_others
    if not parts or not is_of_people or set(classes) == set(sent):
        return {root: (root, masks)}
    if not ends:
        places = {one: "/".join(filter(None, (root, one))) for one in folders}
        return {
            place: (place, [mask for mask in named if below[mask.path].endswith(one)])
            for one, place in places.items()
        }
    where = root or common_folder(named)
    return {
        f"{where}/*{end}".lstrip("/"): (
            root,
            [mask for mask in named if of_mask[mask.path][1].suffix == end],
        )
        for end in ends
    }


def _by_folder_of_class(found: Mapping[str, MaskFiles], sent: Sequence[str]) -> MaskFiles | None:
    """Return the masks of folders that are called as the classes which are sent; else None.

    As `train/leaf/7.png` and `train/lesion/7.png`, or `leaf_masks/7_leaf.png`: in each folder are
    binary masks, and their paths differ in the class alone.

    Args:
        found: the masks of each folder.
        sent: the names of the classes that the sample submission shows.
    """
    if not _FEWEST_CLASSES <= len(sent) == len(found):
        return None
    of_class = dict[str, MaskFiles]()
    for root, one in found.items():
        last = root.rpartition("/")[2]
        called = [each for each in sent if f"_{each}_" in f"_{re.sub(_SIGNS, '_', last)}_"]
        if len(called) != 1:
            return None
        above, name = root[: len(root) - len(last)], called[0]
        field = re.compile(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])")
        pattern = above + field.sub("{class}", one.pattern.removeprefix(above))
        of_class[name] = replace(one, pattern=pattern)
    masks = list(of_class.values())
    are_alike = set(of_class) == set(sent) and len({one.pattern for one in masks}) == 1
    if not are_alike or not all(one.kind.is_yes_no and not one.by_class for one in masks):
        return None
    n_files = Counter[str]()
    for one in masks:
        n_files.update(one.n_files)
    first = masks[0]
    return replace(
        first,
        content=of_classes(first.content, sent),
        n_found=len(n_files) or max(one.n_found for one in masks),
        why=f"folders of masks are called as the classes of the sample: {some(sent, 4)}",
        by_class=True,
        absent="",
        n_files=n_files,
    )


_SIGNS = r"[\W_]+"
_FEWEST_CLASSES = 2


def _in_folders(search: _MaskSearch) -> MaskFiles | None:
    """Return the masks that lie in the folders of their images."""
    folder, images, pattern = search.folder, search.images, search.pattern
    paths = [
        folder.path / f"{image.path.rpartition('.')[0]}/{folder.sample_mask}" for image in images
    ]
    paths = [path for path in paths if path.is_file()]
    content = read_content(paths, search.names)
    if content is None:
        return None
    where = pattern.rpartition("/")[0]
    file = "/".join(filter(None, [where, "{id}", folder.sample_mask]))
    why = (
        f"{plural(len(paths), 'folder')} of images {'has' if len(paths) == 1 else 'have'} this "
        "file, and those to predict have not"
    )
    return MaskFiles(file, content, len(paths), why, list(content.notes))


def _beside_images(search: _MaskSearch) -> MaskFiles | None:
    """Return the masks in the folder of their image: one, or one of each class, by its name."""
    folder = search.folder
    where = {image.folder for image in search.images}
    masks = [mask for mask in train_masks(folder) if mask.folder in where]
    stems = sorted({mask.stem for mask in masks})
    # Folders alone tell the images: without fields, or with files of any depth, none is an id.
    where_id = search.pattern.rpartition("/")[0]
    n_fields = where_id.count("{")
    if not masks or not n_fields or (n_fields > 1 and "*" in where_id):
        return None
    classes: list[str] = []
    stem = stems[0]
    if len(stems) > 1:
        affix, classes = without_classes(stems, search.sent)
        stem = affix.suffix
    content = read_content(
        [folder.path / mask.path for mask in masks], search.names, of_one_class=bool(classes)
    )
    if content is None:
        return None
    n_found = len({mask.folder for mask in masks})
    why = (
        f"{either(n_found, 'folder holds', 'folders hold')} an image and "
        f"{some([mask.name for mask in masks[: len(stems)]])}"
    )
    if classes:
        content = of_classes(content, classes)
    if n_fields == 1:
        where_id = re.sub(r"\{\w+\}", "{id}", where_id)
    file = f"{where_id}/{stem}{one_suffix(masks, otherwise='.*')}"
    return MaskFiles(file, content, n_found, why, list(content.notes), bool(classes))


def _mirrored(search: _MaskSearch) -> MaskFiles | None:
    """Return the masks whose paths are those of the images but for one folder, or two in its place.

    As `train/kidney_1/labels/0000.tif` of `train/kidney_1/images/0000.tif`: names of files repeat,
    so the fields of the folders belong to the pattern of the masks, too.
    """
    folder, images, pattern = search.folder, search.images, search.pattern
    masks = train_masks(folder)
    if "{" not in pattern.rpartition("/")[0] or not masks or not images:
        return None
    stems = {image.path.rpartition(".")[0] for image in images}
    if len({image.stem for image in images}) == len(images):
        return None
    ended = _in_folders_with_an_end(search, masks)
    if ended is not None:
        return ended
    levels = pattern.split("/")
    for level, name in enumerate(levels[:-1]):
        if "{" in name or name == "**":
            continue
        behind = level + 1 - len(levels)
        used, are_roots = defaultdict[str, list[ImageFile]](list), True
        for mask in masks:
            parts = mask.path.rpartition(".")[0].split("/")
            other = "/".join(parts[level:behind])
            if other and "/".join([*parts[:level], name, *parts[behind:]]) in stems:
                used[other].append(mask)
                are_roots &= "/".join([*parts[:level], other]) in folder.mask_folders
        # Folders inside one of masks may be classes; each that is called masks may be the truth.
        is_one = len(used) == 1 or (are_roots and not search.sent)
        if not is_one or sum(map(len, used.values())) < HALF * len(masks):
            continue
        found = list[_Candidate]()
        for other, each in used.items():
            content = read_content([folder.path / mask.path for mask in each], search.names)
            if content is None:
                return None
            start = "/".join([*levels[:level], other, *levels[level + 1 : -1]])
            why = (
                f"{either(len(each), 'file is', 'files are')} named as images are, with {other} "
                f"in place of {name}"
            )
            file = f"{start}/{{stem}}{one_suffix(each, otherwise='.*')}"
            masks_found = MaskFiles(file, content, len(each), why, list(content.notes))
            found.append(_Candidate(start, start, each, masks_found))
        return _truth_of(folder, found)
    return _inside(search, masks) or _beside_with_an_end(search, masks)


def _by_fields(search: _MaskSearch) -> MaskFiles | None:
    """Return the masks that are called as a piece of the names of images, in folders as theirs."""
    masks, images = train_masks(search.folder), search.images
    if not masks or {one.stem for one in masks} & {one.stem for one in images}:
        return None
    found = masks_by_fields(masks, images, search.pattern)
    if found is None:
        return None
    pattern, of_mask = found
    paths = [search.folder.path / path for path in of_mask]
    content = read_content(paths, search.names)
    if content is None:
        return None
    named = {one.path: name for one, name in zip(images, search.ids, strict=False)}
    n_files = Counter(named.get(one.path, one.stem) for one in of_mask.values())
    why = f"{either(len(of_mask), 'file is', 'files are')} called as a piece of the names of images"
    notes = list(content.notes)
    if rest := [mask.path for mask in masks if mask.path not in of_mask]:
        n = either(len(rest), "mask is", "masks are")
        notes.append(f"{n} not used, as no image has its name as that piece: {rest[0]}")
    return MaskFiles(pattern, content, len(of_mask), why, notes, n_files=n_files)


def _in_folders_with_an_end(search: _MaskSearch, masks: Sequence[ImageFile]) -> MaskFiles | None:
    """Return the masks in folders called as those of the images, with one end: `Trout GT`."""
    where = search.pattern.rpartition("/")[0]
    if re.fullmatch(r"\{\w+\}", where.rpartition("/")[2]) is None:
        return None
    stems = {image.path.rpartition(".")[0] for image in search.images}
    folders = {image.folder for image in search.images}
    # Of folders alone: there are far fewer than files.
    of_place: dict[str, list[str]] = defaultdict(list)
    for place in {mask.folder for mask in masks}:
        for folder in folders - {"", place}:
            if place.startswith(folder) and "/" not in place.removeprefix(folder):
                of_place[place].append(folder)
    used, ends = list[ImageFile](), set[str]()
    for mask in masks:
        for folder in of_place[mask.folder]:
            if f"{folder}/{mask.stem}" in stems:
                used.append(mask)
                ends.add(mask.folder.removeprefix(folder))
    if len(used) < NEARLY_ALL * len(masks) or len(ends) != 1:
        return None
    content = read_content([search.folder.path / mask.path for mask in used], search.names)
    if content is None:
        return None
    end = ends.pop()
    why = (
        f"{either(len(used), 'file is', 'files are')} named as images are, in folders with "
        f"{end!r} added"
    )
    file = f"{where}{end}/{{stem}}{one_suffix(used, otherwise='.*')}"
    return MaskFiles(file, content, len(used), why, list(content.notes))


def _inside(search: _MaskSearch, masks: Sequence[ImageFile]) -> MaskFiles | None:
    """Return the masks that lie in a folder inside that of their images, whose names come back."""
    where = search.pattern.rpartition("/")[0]
    place = None if "*" in where else masks_inside(masks, search.images)
    paths = [search.folder.path / mask.path for mask in masks]
    content = place and read_content(paths, search.names)
    if place is None or content is None:
        return None
    why = (
        f"{plural(len(masks), 'file')} in {place.folder}, inside the folder of their image, "
        f"{'is' if len(masks) == 1 else 'are'} "
        "named"
    )
    affix = Affix(place.prefix, place.suffix)
    why += " as it is" if affix == ("", "") else f" as it is, with {affix_text(affix)!r} added"
    name = f"{place.prefix}{{stem}}{place.suffix}{one_suffix(masks, otherwise='.*')}"
    file = f"{where}/{place.folder}/{name}"
    return MaskFiles(file, content, len(masks), why, list(content.notes))


def _beside_with_an_end(search: _MaskSearch, masks: Sequence[ImageFile]) -> MaskFiles | None:
    """Return the masks beside images that have an end, too: `b/7_mask.png` of `b/7_photo.png`.

    Names come back in other folders, so the pattern has the fields of the folders and of the name.
    """
    names = {one.rpartition("/")[2] for one in search.ids}
    places = {image.folder for image in search.images}
    if f"{{{_IMAGE}}}" not in search.pattern.rpartition("/")[2] or "*" in search.pattern:
        return None
    if any(mask.folder not in places for mask in masks):
        return None
    found = _of_root(search, "", masks, names, f"{{{_IMAGE}}}")
    # By the name alone no image is known.
    return None if found is None else replace(found, n_files={})


_IMAGE = "image"


def _of_one_person(search: _MaskSearch, people: Mapping[str, list[ImageFile]]) -> MaskFiles | None:
    """Return the masks of one of several people: of the one that texts or names call the truth.

    Else of the one that drew the most, or it is a question.

    Args:
        search: for all of their masks.
        people: the masks of each.
    """
    folder = search.folder
    found: dict[str, MaskFiles] = {}
    for person in people:
        left = {mask for one in people if one != person for mask in people[one]}
        levels = (mask.folder.split("/") for mask in people[person])
        rest = replace(
            folder,
            images=tuple(one for one in folder.images if one not in left),
            mask_folders=frozenset("/".join(one[: one.index(person) + 1]) for one in levels),
        )
        one = _found(replace(search, folder=rest))
        if one is not None:
            found[person] = one
    if not found:
        return None
    counts = ", ".join(f"{one} ({len(people[one]):,})" for one in people)
    truth = find_truth(folder, {one: [one] for one in found})
    most = max(found, key=lambda one: (len(people[one]), one == min(found)))
    chosen = truth.chosen or most
    note = f"several people drew the masks: {counts}; those of {chosen} are taken"
    best = found[chosen]
    candidates = [_Candidate(one, one, people[one], found[one]) for one in found if one != chosen]
    as_many = [one for one in candidates if len(one.masks) == len(people[chosen])]
    rivals = [] if truth.chosen else as_many
    if rivals:
        note += ", and nothing tells which are the truth: choose data.train.mask"
        best = _with_rivals(folder, best, chosen, rivals)
    elif truth.chosen:
        note += f", and no others, as {truth.why}"
        others = some([one.place for one in candidates], 3)
        best = replace(best, why=f"{best.why}, and not those of {others}: {truth.why}")
    return replace(best, notes=[*best.notes, note])


def _of_annotators(masks: Sequence[ImageFile]) -> dict[str, list[ImageFile]]:
    """Return the masks of each person that drew them, by the level of folders that names them all.

    Each has masks of images that others have, too. {} where no level does.
    """
    levels = [mask.folder.split("/") for mask in masks]
    for level in range(min(map(len, levels), default=0)):
        people = sorted({one[level] for one in levels})
        if not are_of_people(people):
            continue
        found: dict[str, list[ImageFile]] = {one: [] for one in people}
        rests: dict[str, set[str]] = {one: set() for one in people}
        for mask, one in zip(masks, levels, strict=True):
            found[one[level]].append(mask)
            rests[one[level]].add("/".join([*one[:level], *one[level + 1 :], mask.stem]))
        first = max(rests.values(), key=len)
        if all(first & rest for rest in rests.values()):
            return found
    return {}


def _root(mask: ImageFile, roots: frozenset[str]) -> str:
    """Return the mask folder that the mask lies in, `""` for masks beside their images."""
    folders = mask.folder.split("/")
    starts = ("/".join(folders[: depth + 1]) for depth in range(len(folders)))
    return next((start for start in starts if start in roots), "")


def _is_one_a_sample(groups: dict[str, list[ImageFile]], images: Sequence[ImageFile]) -> bool:
    """Return whether every image has a folder for its own masks: `train/17/mask/17.png`."""
    return len(groups) > 2 and len(groups) >= 0.5 * len(images)


def _of_places(
    groups: dict[str, list[ImageFile]], images: Sequence[ImageFile]
) -> dict[str, list[ImageFile]]:
    """Return the groups, as one where they are of places: `site1/masks/a.png`, `site2/masks/b.png`.

    Their folders are called alike, or are numbered as those of their images are (`images_1/a.png`
    and `masks_1/a.png`), and no name of a mask is in two of them.
    """
    called = {root.rpartition("/")[2] for root in groups}
    depths = {root.count("/") for root in groups}
    names = Counter(mask.stem for masks in groups.values() for mask in masks)
    if "" in groups or len(groups) < 2 or len(depths) > 1 or max(names.values()) > 1:
        return groups
    if len(called) == 1:
        return _joined(groups)
    numbered = {root: re.sub(r"\d+$", "*", root.rpartition("/")[2]) for root in groups}
    is_one = len(set(numbered.values())) == 1 and _are_apart(list(groups.values()), images)
    return _joined(groups, numbered) if is_one else groups


def _of_split(
    groups: dict[str, list[ImageFile]], images: Sequence[ImageFile], pattern: str
) -> dict[str, list[ImageFile]]:
    """Return the groups; two are one where they are of train and of validation, as images are.

    The field of the images' pattern is that of the masks, too: `{split}/masks`, `{split}_masks`.
    {} where there are no two such.
    """
    of_images = [Pattern(pattern).match(one.path) for one in images] if "{split}" in pattern else []
    splits = {(one or {}).get("split") for one in of_images}
    roots = dict[str, list[str]]()
    for pair in combinations(groups, 2) if splits else ():
        root = _root_of_split(pair)
        found = [Pattern(root).match(one) for one in pair]
        if root and {(one or {}).get("split") for one in found} == splits:
            roots[root] = list(pair)
    paired = [one for pair in roots.values() for one in pair]
    if not roots or len({*paired}) < len(paired):
        return {}
    joined = {root: [one for each in pair for one in groups[each]] for root, pair in roots.items()}
    return joined | {root: masks for root, masks in groups.items() if root not in paired}


def _root_of_split(pair: Sequence[str]) -> str:
    """Return the pattern of two folders, of train and of validation; "" where they are others."""
    levels = [one.split("/") for one in pair]
    if len({*map(len, levels)}) > 1:
        return ""
    names = [{*each} for each in zip(*levels, strict=True)]
    fields = [split_field(one) if len(one) > 1 else min(one) for one in names]
    return "" if None in fields else "/".join(map(str, fields))


def _are_apart(groups: Sequence[Sequence[ImageFile]], images: Sequence[ImageFile]) -> bool:
    """Return whether the images of each group of masks lie in a folder that no other's do."""
    folder_of = {image.stem: image.folder for image in images}
    of_mask = (images_of_masks(masks, {*folder_of}) for masks in groups)
    found = [{folder_of[name] for name, _ in one.values()} for one in of_mask]
    return all(len(one) == 1 for one in found) and len(set().union(*found)) == len(groups)


def _joined(
    groups: dict[str, list[ImageFile]], names: Mapping[str, str] | None = None
) -> dict[str, list[ImageFile]]:
    """Return the groups by the name of their folder, wherever it lies, or by these `names`."""
    joined: dict[str, list[ImageFile]] = defaultdict(list)
    common = common_folder(mask for one in groups.values() for mask in one)
    for root, masks in groups.items():
        last = names[root] if names else root.rpartition("/")[2]
        joined[f"{common}/**/{last}" if root and common else f"**/{last}" if root else ""] += masks
    return joined


def _of_root(
    search: _MaskSearch, root: str, masks: Sequence[ImageFile], images: set[str], stem: str
) -> MaskFiles | None:
    """Return the masks of one folder, or of one person, that are named as most there are.

    Args:
        search: for all masks.
        root: the folder; "" for masks beside their images.
        masks: in it.
        images: the names that masks may be called by.
        stem: the field for such a name in a pattern.
    """
    folder, pattern, names, areas = search.folder, search.pattern, search.names, search.areas
    of_mask = images_of_masks(masks, images)
    named = [mask for mask in masks if mask.path in of_mask]
    if len(named) < HALF * len(masks):
        return None
    below = {mask.path: _below(mask, root) for mask in named}
    classes = class_folders(named, of_mask, below, pattern)
    affixes = Counter(of_mask[mask.path][1] for mask in named)
    suffixes = [] if classes else class_ends(named, of_mask, affixes)
    if classes and has_each_an_end(named, of_mask):
        # One pattern has no two names of a class: `haemorrhages/{id}_HE` has the end alone.
        suffixes = class_ends(named, of_mask, affixes)
    if suffixes:
        affix, classes = without_classes(suffixes, search.sent)
        used = [mask for mask in named if of_mask[mask.path][1].suffix in suffixes]
    else:
        affix = affixes.most_common(1)[0][0]
        used = [mask for mask in named if of_mask[mask.path][1] == affix]
    pieces = [] if classes else pieces_of_masks(named, of_mask, affix)
    n_whole, used = len(used), [*used, *pieces]
    end = one_suffix(used, otherwise=".*")
    file_name = f"{affix.prefix}{stem}{affix.suffix}{'*' if pieces else ''}{end}"
    between = _folders(search, {below[mask.path] for mask in used})
    if classes and not suffixes:
        around = below[named[0].path].rpartition("/")[0]
        between = "/".join(filter(None, (around, "{class}")))
    start = "/".join(filter(None, (root, between)))
    if not root:
        start = _beside(pattern, {mask.folder for mask in used})
    paths = [folder.path / mask.path for mask in used]
    runs = {
        folder.path / mask.path: (of_mask[mask.path][0], areas[of_mask[mask.path][0]])
        for mask in used
        if of_mask[mask.path][0] in areas
    }
    content = read_content(paths, names, of_one_class=bool(classes), runs=runs)
    if content is None and suffixes:
        content = _of_each_class(folder, used, of_mask, names)
    if content is None:
        whole = masks_of_plainest_end(named, of_mask, suffixes)
        found = _of_root(search, root, whole, images, stem) if whole else None
        if found is None:
            return None
        rest = [mask for mask in named if mask not in whole]
        note = (
            f"{plural(len(rest), 'file')} as {rest[0].path} {'is' if len(rest) == 1 else 'are'} "
            "not used: they have more values "
            f"than masks of a class each, and those of {found.pattern} are taken"
        )
        return replace(found, notes=[*found.notes, note])
    if pieces and not content.kind.is_yes_no:
        used, pieces = used[:n_whole], []
        file_name = f"{affix.prefix}{stem}{affix.suffix}{one_suffix(used, otherwise='.*')}"
    notes = list(content.notes)
    if pieces:
        n = len({of_mask[mask.path][0] for mask in pieces})
        notes.append(
            f"{either(n, 'image has', 'images have')} several masks, as {pieces[0].path}: all "
            "files of an image are one mask together"
        )
    if len(used) < len(masks):
        kept = set(used)
        left = next(mask.path for mask in masks if mask not in kept)
        notes.append(
            f"{either(len(masks) - len(used), 'mask is', 'masks are')} not used, as no image of "
            f"train has all its files and such a name: {left}"
        )
    if classes:
        content = of_classes(content, classes)
    why = (
        f"{plural(len(used), 'file')} in {root or common_folder(used) or 'the data folder'} "
        f"{'is' if len(used) == 1 else 'are'} "
        "named"
    )
    why += (
        " as images are"
        if affix == ("", "")
        else f" as images are, with {affix_text(affix)!r} added"
    )
    n_files = Counter(of_mask[mask.path][0] for mask in used)
    # Names may come again in other folders, where they are those of other images.
    n_found = len(n_files)
    if not classes:
        n_found = len({(mask.folder, of_mask[mask.path][0]) for mask in used})
    return MaskFiles(
        "/".join(filter(None, (start, file_name))),
        content,
        n_found,
        why,
        notes,
        bool(classes),
        n_files=n_files,
    )


def _of_each_class(
    folder: DataFolder,
    masks: Sequence[ImageFile],
    of_mask: Mapping[str, tuple[str, Affix]],
    names: ClassNames | None,
) -> MaskContent | None:
    """Return the content of masks of a class each, whose values may differ: 0 and 1, 0 and 2.

    None unless those of each class are binary, all read alike.
    """
    of_class: dict[Affix, list[Path]] = defaultdict(list)
    for mask in masks:
        of_class[of_mask[mask.path][1]].append(folder.path / mask.path)
    found = [read_content(paths, names, of_one_class=True) for paths in of_class.values()]
    known = [one for one in found if one is not None and not one.open]
    if len(known) < len(found) or any(0 not in one.found for one in known):
        return None
    values: dict[int | str, str] = {0: "background"}
    for one in known:
        values |= one.values or {value: "foreground" for value in one.found if value != 0}
    return replace(known[0], values=values)


def _below(mask: ImageFile, root: str) -> str:
    if "**/" in root:
        return ""
    return "/".join(mask.folder.split("/")[root.count("/") + 1 :]) if root else ""


def _beside(pattern: str, folders: set[str]) -> str:
    """Return the pattern of the masks' folders: as that of their images has it, where it fits."""
    start = pattern.rpartition("/")[0]
    if "{" not in start and len(folders) == 1:
        return min(folders)
    if "*" not in start or all(Pattern(start).match(one) is not None for one in folders):
        return start
    return "/".join(filter(None, (common_parent(folders), "**")))


def _folders(search: _MaskSearch, below: set[str]) -> str:
    """Return the path between the mask folder and a file: fields of the images, or `**`.

    Where folders of train and of validation are called otherwise than those of images, as
    `train_masks` of `train_images`, the field has the part alone.
    """
    depths = {len(one.split("/")) if one else 0 for one in below}
    if depths == {0}:
        return ""
    fields = [part for part in search.pattern.split("/")[:-1] if "{" in part]
    field = "/".join(fields)
    if depths == {len(fields)} and all(Pattern(field).match(one) is not None for one in below):
        return field
    common = common_parent(below)
    if common:
        inner = {one.removeprefix(common).lstrip("/") for one in below}
        return "/".join(filter(None, (common, _folders(search, inner))))
    of_split = _of_split({one: [] for one in below}, search.images, search.pattern)
    return next(iter(of_split)) if len(of_split) == 1 else "**"


def of_classes(content: MaskContent, classes: Sequence[str]) -> MaskContent:
    """Return the content of masks that have a file of each class."""
    why = f"each class has masks of its own ({', '.join(classes[:5])} …), which may overlap"
    if len(classes) <= 5:
        why = f"each class has masks of its own ({', '.join(classes)}), which may overlap"
    return replace(content, kind=pixel_kind("multilabel"), classes=list(classes), why=why)


def map_patterns(masks: MaskFiles) -> list[tuple[str, str]]:
    """Return the patterns of the maps beside masks of each class, and whose a shared pixel is."""
    file = masks.pattern.removeprefix(f"{MADE}/masks/").replace("_{class}", "")
    folders = () if masks.maps is None else masks.maps.folders
    return [(f"{MADE}/{name}/{file}", seen) for name, seen in folders]


def map_values(maps: ClassMaps, classes: Sequence[str]) -> dict[int | str, str] | None:
    """Return what the values of maps are, of these `classes`; None where their order tells it."""
    if list(classes) == list(maps.classes):
        return None
    names = [one if one in classes else "background" for one in maps.classes]
    return dict(enumerate(["background", *names]))


def as_maps(masks: MaskFiles, why: str) -> MaskFiles | None:
    """Return the masks where each pixel is of one class alone; None where there are no such."""
    if masks.maps is None:
        return None
    (pattern, seen), *others = map_patterns(masks)
    content = replace(
        masks.content,
        kind=pixel_kind("multiclass"),
        values=map_values(masks.maps, masks.classes),
        why=f"{why}, and {seen}",
    )
    if others:
        content = replace(content, open=(*content.open, OpenKey("data.train.mask", tuple(others))))
    return replace(masks, pattern=pattern, content=content, by_class=False, maps=None)


def as_objects(masks: MaskFiles) -> MaskFiles:
    """Return the masks where the rows of the sample name no class.

    Values that may number objects do so then, or all of them together are one mask.
    """
    found = masks.content.numbered
    if found is None:
        return masks
    content = replace(
        masks.content,
        kind=pixel_kind("instance"),
        classes=[],
        values=None,
        why=f"{found.why}, and the rows of the sample name no class",
        other=None,
    )
    return replace(masks, content=content, as_one_mask="if all values of an image are one mask")
