"""Images that are several files each: by the endings of their names, or in folders of channels."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.masks.look_folders import are_masks, look_of_picture
from podium.competition.infer.files import DataFolder, FolderPart, ImageFile, possible_image_names
from podium.competition.infer.image_tables import TELLING_PARTS
from podium.competition.infer.masks.content import mask_array
from podium.competition.infer.masks.files import is_called_example
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.reader import are_grey
from podium.competition.infer.shares import HALF, NEARLY_ALL
from podium.competition.languages import is_called
from podium.competition.spelling import name_words

__all__ = [
    "channel_pattern",
    "pictures_to_send",
    "spelt_pattern",
    "with_channel_folders",
    "with_channels",
    "with_folder_samples",
    "with_largest_first",
]

_MOST = 12

_LACKING = 0.1  # of the folders: fewer files are strays
_FEWEST_LACKING = 2


_READ = 300  # cells of a column

_LOOKED_AT = 8  # pictures of many

_ORDER = ("red", "green", "blue", "yellow")


def with_channels(data: CompetitionData) -> DataFolder:
    """Return the folder with one image for the files of a sample, where it has several.

    The ends of names are a word or two, the same for nearly every image, and a table names what
    stands before them and never the whole (as `10_left` of a table of eyes is), or the sample
    submission has a row, or a picture, for each of that. The image is called as if the end were not
    there; `folder.channels` are the ends. Masks have an end of their own, or none.
    """
    for levels in _LEVELS:
        found = _with_ends(data, levels)
        if found.channels:
            return found
    return data.folder


_LEVELS = (1, 2)  # of words, or of folders, that tell channels apart


def _with_ends(data: CompetitionData, levels: int) -> DataFolder:
    """Return the folder as `with_channels` does, of ends of so many words."""
    folder, sample = data.folder, data.sample
    examples = pictures_to_send(folder) if sample is None else set[ImageFile]()
    sent = {one.stem for one in examples} if sample is None else set(sample.table[sample.id])
    masks = _masks_of_bases(folder, sent, levels)
    if sample is None and not examples:
        # Where nothing shows what is sent, masks do that are named as what stands before the ends.
        sent = {_base_and_end(one, levels)[0] for one in folder.of_part("test")}
        of_train = {_base_and_end(one, levels)[0] for one in folder.of_part("train", "other")}
        masks = {
            one
            for one in _masks_of_bases(folder, sent, levels)
            if one.stem in of_train or one.stem.rpartition("_")[0] in of_train
        }
        if any(one.stem not in of_train for one in masks):
            of_base: dict[str, list[ImageFile]] = defaultdict(list)
            for one in folder.of_part("train", "other"):
                if one not in masks:
                    of_base[_base_and_end(one, levels)[0]].append(one)
            masks = set() if _has_masks(folder, of_base) else masks
        sent = sent if masks else set()
    apart = examples | masks
    images = _of_samples([one for one in folder.images if one.part != "mask" and one not in apart])
    ends_of: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for image in images:
        base, end = _base_and_end(image, levels)
        if base and _is_end(end):
            ends_of[image.folder, base, image.suffix].add(end)
    if not ends_of or sum(map(len, ends_of.values())) < NEARLY_ALL * len(images):
        return folder
    ends = max(ends_of.values(), key=len)
    whole = [key for key, found in ends_of.items() if found == ends]
    if not 2 <= len(ends) <= _MOST or len(whole) < NEARLY_ALL * len(ends_of):
        return folder
    bases = {base for _, base, _ in ends_of}
    parts = {(image.folder, image.suffix): image.part for image in images}
    if levels > 1 and len({(parts[at, end], base) for at, base, end in ends_of}) < len(ends_of):
        return folder  # a word more, as of a plate, tells images of one name apart
    named = set(_cells([*data.tables.values(), *([] if sample is None else [sample.table])])) | sent
    whole_names = {name for image in images for name in (image.name, image.stem)}
    is_row = bool(sent) and sent <= bases
    if not named & bases or (named & whole_names and not is_row):
        return folder
    have_all = set(whole)
    lacking = [key for key in ends_of if key not in have_all and key[1] in named]
    if lacking and not are_grey(_some(folder, images)):
        return folder  # photographs of one thing, which a row names, are images of a unit
    # One to predict that lacks a file has a row to send all the same.
    sent_too = [one for one in lacking if parts[one[0], one[2]] == "test" and one[1] in sent]
    one_each = [
        ImageFile(f"{where}/{base}{suffix}" if where else f"{base}{suffix}", parts[where, suffix])
        for where, base, suffix in (*whole, *sent_too)
    ]
    known = [one for one in folder.images if one.part == "mask" or one in examples]
    ordered = sorted(ends, key=lambda end: (_ORDER.index(end) if end in _ORDER else 99, end))
    return replace(
        folder,
        images=(*one_each, *known, *(one._replace(part="mask") for one in masks)),
        channels=tuple(ordered),
        mask_folders=folder.mask_folders | {one.folder for one in masks if one.stem in bases},
    )


def _base_and_end(image: ImageFile, levels: int) -> tuple[str, str]:
    """Return a name without the words at its end, and these; "" and the name where it has fewer."""
    words = image.stem.rsplit("_", levels)
    return ("", image.stem) if len(words) <= levels else (words[0], "_".join(words[1:]))


def _is_end(end: str) -> bool:
    return all(word.isalnum() and not word.isdecimal() for word in end.split("_"))


def _of_samples(images: Sequence[ImageFile]) -> list[ImageFile]:
    """Return the images of train and test where folders are called so, else all.

    Pictures beside them, as a map of heights for each sample, are none of its files.
    """
    of_parts = [one for one in images if one.part != "other"]
    has_both = {"train", "test"} <= {one.part for one in of_parts}
    return of_parts if has_both else list(images)


def pictures_to_send(folder: DataFolder) -> set[ImageFile]:
    """Return the pictures in folders that are called an example of what is to be sent."""
    return {one for one in folder.images if is_called_example(one.folder.rpartition("/")[2])}


def _masks_of_bases(folder: DataFolder, ids: Collection[str], levels: int) -> set[ImageFile]:
    """Return the files that are named as the samples of several files, and are their masks.

    The ids to send are what stands before the ends of images to predict. The masks
    have an end that is called so, and that none of these has (`sub-01_seg.png` beside
    `sub-01_t1.png` and `sub-01_t2.png`), or none at all, in a folder of their own. An end that no
    word calls so, as `sub-01_chart.png`, is that of masks by their look.
    """
    of_test: dict[str, set[str]] = defaultdict(set)
    rest = list[ImageFile]()
    for image in folder.images:
        base, end = _base_and_end(image, levels)
        if base in ids and _is_end(end):
            of_test[base].add(end)
        elif image.part != "test":
            rest.append(image)
    if not ids or of_test.keys() != ids:
        return set()
    ends = set[str]().union(*of_test.values())
    of_train: dict[str, list[ImageFile]] = defaultdict(list)
    for image in rest:
        base, end = _base_and_end(image, levels)
        if base and end in ends:
            of_train[base].append(image)
    found = set[ImageFile]()
    for image in rest:
        base, _, end = image.stem.rpartition("_")
        if base in of_train and end not in ends and is_called(end, "mask"):
            found.add(image)
    places = {image.folder for images in of_train.values() for image in images}
    apart = [one for one in rest if one.stem in of_train and one.folder not in places]
    found = found or (set(apart) if _are_flat(folder, apart) else set())
    return found or _masks_of_one_end(folder, rest, of_train, ends)


def _masks_of_one_end(
    folder: DataFolder,
    files: Sequence[ImageFile],
    of_train: Mapping[str, Sequence[ImageFile]],
    ends: Collection[str],
) -> set[ImageFile]:
    """Return the files of the one end that train has and test lacks, where they look like masks.

    Args:
        folder: of the data.
        files: of train.
        of_train: the images of each sample.
        ends: of the names of images.
    """
    of_end: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    for one in files:
        base, _, end = one.stem.rpartition("_")
        if base in of_train and end not in ends and _is_end(end):
            of_end[end][base] = one
    masks = next(iter(of_end.values()), {})
    if len(of_end) != 1 or len(masks) < NEARLY_ALL * len(of_train):
        return set()
    if _has_masks(folder, of_train):
        return set()  # of two kinds of masks nothing tells which one is to be learnt
    images = {base: of_train[base][0] for base in masks}
    return {*masks.values()} if are_masks(folder.path, masks, images) else set()


def _has_masks(folder: DataFolder, of_train: Mapping[str, Sequence[ImageFile]]) -> bool:
    """Return whether one of the files of each image looks like a mask of another one."""
    of_end: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    for base, images in of_train.items():
        for one in images:
            of_end[one.stem.rpartition("_")[2]][base] = one
    return any(
        are_masks(folder.path, masks, images)
        for masks in of_end.values()
        for images in of_end.values()
        if masks is not images
    )


def _some(folder: DataFolder, images: Sequence[ImageFile]) -> list[Path]:
    """Return a few files of all, to be looked at."""
    return [folder.path / one.path for one in images[:: len(images) // _LOOKED_AT + 1]]


def _are_flat(folder: DataFolder, images: Sequence[ImageFile]) -> bool:
    """Return whether pictures have few values, as masks have."""
    looks = map(look_of_picture, _some(folder, images))
    return all(look is not None and len(look.values) <= look.most for look in looks)


def with_channel_folders(data: CompetitionData) -> DataFolder:
    """Return the folder with one image for the files of the same name in several folders.

    As `train/before/7.png` and `train/after/7.png`, or in folders of folders,
    `train/before/HH/7.png`, or above the parts, `HH/train/7.png`: the folders of train and test
    hold the same ones, these the same names but for a few, and the sample submission has a row, or
    a picture, for each name of test. Where nothing shows what is sent, a table with a row for each
    name of train does, or masks beside folders that a word tells apart.
    """
    folder, sample = data.folder, data.sample
    examples = pictures_to_send(folder) if sample is None else set[ImageFile]()
    images = [one for one in folder.images if one.part != "mask" and one not in examples]
    if folder.channels or not all("/" in image.folder for image in images):
        return folder
    sent = {one.stem for one in examples} if sample is None else {*sample.table[sample.id]}
    called = _called_by_folder(images)
    images = images if not called else [_without_folder(one, called) for one in images]
    above = -1 if called else _n_above_channels(images)
    inner = [slice(-levels, None) for levels in (_LEVELS[:1] if called else _LEVELS)]
    outer = slice(above, above + 1)
    for places in (*inner, *([outer] if above >= 0 else [])):
        found = _channel_folders(images, places)
        if found is None:
            continue
        if called and folder.of_part("mask"):
            # Files that are called as their folders are no classes where each has a mask.
            are_channels = found.have_both_parts
        elif sample is not None or examples:
            are_channels = found.are_sent(sent)
        else:
            are_channels = found.are_rows(data.tables) or _have_masks_of_all(folder, found)
        if are_channels:
            known = [one for one in folder.images if one.part == "mask" or one in examples]
            whole = {*found.whole}
            # One to predict that lacks a file has a row to send all the same.
            lacking = [one for one in found.names if one.part == "test" and one not in whole]
            every = (*found.whole, *lacking, *known)
            return replace(
                folder,
                images=every,
                channels=found.channels,
                by_folder=True,
                above_channels=above if places is outer else None,
                called_by_folder=called or "{stem}",
            )
    return folder


def _n_above_channels(images: Sequence[ImageFile]) -> int:
    """Return how many folders lie above channels that parts lie in, as in `HH/train/7.png`: 0.

    -1 where no folder of that depth is of train in all images of train, and of test in all others.
    """
    split = [one.folder.split("/") for one in images]
    depth = min(map(len, split), default=0)
    for n in range(1, depth):
        pairs = {(folders[n], one.part) for folders, one in zip(split, images, strict=True)}
        if len(pairs) == len(dict(pairs)) == 2 and {*dict(pairs).values()} == {"train", "test"}:
            return n - 1
    return -1


def _called_by_folder(images: Sequence[ImageFile]) -> str:
    """Return how files have the name of their folder in their own: `{stem}_{channel}`; or "".

    As `RGB/7_RGB.png` and `B08/7_B08.png`: all have it behind the same sign, or in front.
    """
    for sign in ("_", "-", "."):
        for called in (f"{{stem}}{sign}{{channel}}", f"{{channel}}{sign}{{stem}}"):
            if images and all(_without_folder(one, called) is not one for one in images):
                return called
    return ""


def _without_folder(image: ImageFile, called: str) -> ImageFile:
    """Return an image called without the name of its folder; the same one where it has none."""
    channel = image.folder.rpartition("/")[2]
    before, after = (one.replace("{channel}", channel) for one in called.split("{stem}"))
    stem = image.stem.removesuffix(after) if after else image.stem.removeprefix(before)
    if not channel or not stem or stem == image.stem:
        return image
    return image._replace(path=f"{image.folder}/{stem}{image.suffix}")


@dataclass(frozen=True)
class _ChannelFolders:
    """Folders that hold a file of every image each, the same ones in each folder above.

    Attributes:
        channels: the folders; first those that lack no file, as the first one finds the images.
        whole: an image for the files of each name that all folders have.
        names: and of each name that some of them have.
    """

    channels: tuple[str, ...]
    whole: tuple[ImageFile, ...]
    names: tuple[ImageFile, ...]

    @property
    def have_both_parts(self) -> bool:
        return {one.part for one in self.names} == {"train", "test"}

    def called(self, part: FolderPart) -> tuple[set[str], set[str]]:
        """Return what the images of a part are called, without and with their endings."""
        own = [one for one in self.names if one.part == part]
        return {one.stem for one in own}, {one.name for one in own}

    def are_sent(self, ids: Collection[str]) -> bool:
        """Return whether there is train, and test has an image of each id."""
        return self.have_both_parts and any(one.issuperset(ids) for one in self.called("test"))

    def are_rows(self, tables: Mapping[str, pd.DataFrame]) -> bool:
        """Return whether there is test, and a table has a row for each image of train."""
        of_train = self.called("train")
        return self.have_both_parts and any(
            table[column].is_unique and len(one & {*table[column]}) >= NEARLY_ALL * len(one)
            for table in tables.values()
            for column in table
            for one in of_train
        )


def _channel_folders(images: Sequence[ImageFile], places: slice) -> _ChannelFolders | None:
    """Return the folders of channels; None where folders beside them do not have the same ones.

    Args:
        images: in folders.
        places: of the folders of a path that are the channel; the others are of the image.
    """
    of_parent: dict[tuple[str, FolderPart], dict[str, set[str]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for image in images:
        folders = image.folder.split("/")
        channel = "/".join(folders[places])
        del folders[places]
        parent = "/".join(folders)
        of_parent[parent, image.part][channel].add(image.name)
    channels = {tuple(sorted(one)) for one in of_parent.values()}
    every = min(channels, default=())
    if len(channels) > 1 or not 2 <= len(every) <= _MOST or any(not one for one, _ in of_parent):
        return None
    whole, names, lacking = list[ImageFile](), list[ImageFile](), Counter[str]()
    for (parent, part), found in of_parent.items():
        known, shared = set.union(*found.values()), set.intersection(*found.values())
        if len(shared) < NEARLY_ALL * len(known):
            return None
        names += [ImageFile(f"{parent}/{name}", part) for name in sorted(known)]
        whole += [ImageFile(f"{parent}/{name}", part) for name in sorted(shared)]
        lacking.update({one: len(known) - len(files) for one, files in found.items()})
    # Numbers may begin anew in test; in train, each is of one image.
    if len({(image.part, image.stem) for image in names}) < len(names):
        return None
    ordered = sorted(every, key=lambda channel: (lacking[channel] > 0, channel))
    return _ChannelFolders(tuple(ordered), tuple(whole), tuple(names))


def _have_masks_of_all(folder: DataFolder, found: _ChannelFolders) -> bool:
    """Return whether words tell channels apart, beside masks of their images.

    As `train/A/7.png` and `train/B/7.png`, before and after, and `train/label/7.png`, what changed.
    Masks of test may lack.
    """
    beside = defaultdict[str, set[str]](set)
    for mask in folder.of_part("mask"):
        beside[mask.folder.rpartition("/")[0]].add(mask.stem)
    if not beside or not all(set(name_words(one)) & TELLING_PARTS for one in found.channels):
        return False
    whole, names = (_stems_of_folders(each) for each in (found.whole, found.names))
    return all(whole[one] <= beside[one] <= names[one] for one in names if one in beside)


def _stems_of_folders(images: Iterable[ImageFile]) -> dict[str, set[str]]:
    found = defaultdict[str, set[str]](set)
    for image in images:
        found[image.folder].add(image.stem)
    return found


def with_folder_samples(data: CompetitionData) -> DataFolder:
    """Return the folder with one image for each folder of files that belong together.

    As `train/17/band_08.npy`, `train/17/band_09.npy`: the files have the same names in nearly every
    folder, and a table names the folders, or those above them, as of the days of a place
    (`train/17/2025-05-13/B03.tif`), which are images of one unit. A file that only folders of train
    have, and that is called so, is the mask. The image is called as its folder is;
    `folder.channels` are its files, also in folders inside (`train/17/before/B03.tif`).

    Files of which several have a mask of their own (`A01.png`, `A01_labels.png`), or of which the
    sample names each in a column, are images. So are photographs of a thing of which some lack a
    view, or whose views lie flat in another folder (`17__top.jpg`): a row names them as a unit.
    """
    folder, sample = data.folder, data.sample
    if folder.channels:
        return folder
    # A folder of masks of a class has the names of the images, too: it is no sample.
    of_folder = _files_of_folders(
        one for one in folder.images if not (one.part == "mask" and folder.mask_folders)
    )
    counts = Counter(name for files in of_folder.values() for name in files)
    names = sorted(name for name, n in counts.items() if n >= NEARLY_ALL * len(of_folder))
    if not 2 <= len(names) <= 2 * _MOST:
        return folder
    parts = {where: next(iter(files.values())).part for where, files in of_folder.items()}
    called = _names_in_tables(parts)
    if called is None:
        return folder
    whole = [where for where, files in of_folder.items() if files.keys() >= set(names)]
    listed = [*data.tables.values(), *([] if sample is None else [sample.table])]
    known = {str(cell) for table in listed for column in table.columns for cell in table[column]}
    # Masks are named as samples are; where no table is to send, those of train tell it for test.
    named = tuple(_masks_elsewhere(folder, whole))
    are_masked = sample is None and bool(named)
    known |= {one.stem for one in named} if are_masked else set()
    test = {one for one in whole if of_folder[one][names[0]].part == "test"}
    if len(whole) < NEARLY_ALL * len(of_folder) or not known & {*called.values()}:
        return folder
    if test and not are_masked and not known & {called[one] for one in test}:
        return folder
    # One to predict that lacks a file has a row to send all the same.
    lacking = [one for one in of_folder if parts[one] == "test" and called[one] in known]
    lacking = [one for one in lacking if one not in whole and {*names} & {*of_folder[one]}]
    images = tuple(
        ImageFile(f"{where}{_last_suffix(names[0])}", parts[where]) for where in (*whole, *lacking)
    )
    shown = {name for one in test for name in of_folder[one]}
    masks = [name for name in counts if name not in shown and is_called(name, "mask")]
    mask = min(masks, key=lambda name: (not _is_plane(folder, of_folder, name), name), default="")
    names = [name for name in names if name not in masks]
    if len(names) < 2:
        return folder
    files = [of_folder[one][name] for one in whole for name in names]
    # Bands may be numbered as photographs are, and are grey.
    are_bands = all(map(_BAND.match, names)) and are_grey(_some(folder, files))
    if not mask and _count_up(names) and not are_bands:
        return folder
    with_mask = {one for name in masks for one, *_ in possible_image_names(_stem(name))}
    stems = {_stem(name) for name in names}
    cells = [] if sample is None else [set(sample.table[column]) for column in sample.table]
    if len(stems & with_mask) > 1 or any(stems <= each for each in cells):
        return folder
    if _views_lie_flat(folder, stems, set(whole)):
        return folder
    # Bands of which some lack one are read without it: alone they are no pictures of the thing.
    if not mask and _sometimes_lacking(of_folder, names) and not are_grey(_some(folder, files)):
        return folder
    elsewhere = () if mask else named
    known = {*whole, *lacking, *(one.folder for one in elsewhere)}
    beside = [one.path for one in folder.images if one.part != "mask" and one.folder not in known]
    return replace(
        folder,
        images=(*images, *elsewhere),
        beside=tuple(beside),
        channels=tuple(names),
        in_folders=True,
        sample_mask=mask,
        mask_folders=frozenset(),
    )


def with_largest_first(folder: DataFolder) -> tuple[DataFolder, str]:
    """Return the folder with the channels of most pixels first, and a note on the smaller ones.

    As a satellite's bands of 10, 20 and 60 m: images have the first one's size, to which the others
    are enlarged. Sizes are those of one sample's files; "" is no note.
    """
    sample = next((one for one in folder.images if one.part != "mask"), None)
    if not folder.channels or sample is None:
        return folder, ""
    files = [channel_pattern(folder, sample.path, one) for one in folder.channels]
    sizes = [picture_size(folder.path / file) for file in files]
    if len({*sizes}) == 1 or any(size is None for size in sizes):
        return folder, ""
    n_pixels = {one: prod(size or ()) for one, size in zip(folder.channels, sizes, strict=True)}
    ordered = sorted(folder.channels, key=lambda one: -n_pixels[one])
    smaller = [one for one in ordered if n_pixels[one] < n_pixels[ordered[0]]]
    are = "is" if len(smaller) == 1 else "are"
    note = f"{', '.join(smaller)} {are} smaller than {ordered[0]}, and enlarged to its size"
    return replace(folder, channels=tuple(ordered)), note


def _files_of_folders(images: Iterable[ImageFile]) -> dict[str, dict[str, ImageFile]]:
    """Return the files of each folder by their names.

    Where nearly each folder has the same folders, as `17/before/HH.png` and `17/after/HH.png`,
    these are of the one above: the files are called `before/HH.png`. The folders have words, as
    dates differ from place to place; files that are numbered are slices or photographs.
    """
    of_folder: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    below = defaultdict[str, set[str]](set)
    for image in images:
        of_folder[image.folder][image.name] = image
        above, _, last = image.folder.rpartition("/")
        below[above].add(last)
    (inside, n), *_ = Counter(map(frozenset, below.values())).most_common(1) or [(frozenset(), 0)]
    names = {name for files in of_folder.values() for name in files}
    are_numbered = len({re.sub(r"\d+", "", name) for name in names}) == 1
    words = {re.sub(r"\d+", "", one) for one in inside}  # one of `W0`, `W1` …: places, as wells
    is_nested = 2 <= len(inside) <= _MOST and all(map(_WORD.search, inside)) and len(words) > 1
    if not is_nested or (are_numbered and not all(map(_BAND.match, names))):
        return of_folder
    if n < max(_FEWEST_SAMPLES, NEARLY_ALL * len(below)):
        return of_folder
    of_above: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    for where, files in of_folder.items():
        above, _, last = where.rpartition("/")
        place, start = (above, f"{last}/") if below[above] == inside else (where, "")
        of_above[place].update({f"{start}{name}": one for name, one in files.items()})
    return of_above


_WORD = re.compile(r"[^\W\d_]")
_FEWEST_SAMPLES = 5  # folders with the same ones inside: fewer are parts and classes


def _sometimes_lacking(
    of_folder: Mapping[str, Mapping[str, ImageFile]], names: Collection[str]
) -> list[str]:
    """Return the files of folders of train, and of others, that a part of these lack.

    Args:
        of_folder: the files of each folder by their names.
        names: of the files that nearly all folders have.
    """
    whole = {one: files for one, files in of_folder.items() if files.keys() >= set(names)}
    suffixes = {_last_suffix(name) for name in names}
    counts = Counter(name for files in whole.values() for name in files if name not in names)
    return sorted(
        name
        for name, n in counts.items()
        if n >= max(_FEWEST_LACKING, _LACKING * len(whole))
        and _last_suffix(name) in suffixes
        and not is_called(name, "mask")
    )


def _views_lie_flat(folder: DataFolder, views: Collection[str], samples: Collection[str]) -> bool:
    """Return whether folders beside those of samples hold files called `17__top`, by their views.

    Args:
        views: what the files of a sample are called, without their endings.
        samples: the folders that hold a file of each view.
    """
    rest = [one for one in folder.images if one.part != "mask" and one.folder not in samples]
    called = re.compile(rf"[\W_](?:{'|'.join(map(re.escape, sorted(views)))})$")
    n_flat = sum(called.search(one.stem) is not None for one in rest)
    return n_flat > 0 and n_flat >= HALF * len(rest)


def _names_in_tables(part_of: Mapping[str, FolderPart]) -> dict[str, str] | None:
    """Return by which of its names a table would name each folder; None where none differs enough.

    Its own, or the one above where its own comes back there, as a date of every place does.

    Args:
        part_of: each folder; one of test may be called as one of train is.
    """
    names = {one: (part, *one.split("/")) for one, part in part_of.items()}
    if len({(each[0], each[-1]) for each in names.values()}) == len(names):
        return None if "" in names else {one: each[-1] for one, each in names.items()}
    if min(map(len, names.values())) < 4 or len(set(map(len, names.values()))) > 1:
        return None
    if len({(each[0], *each[-2:]) for each in names.values()}) < len(names):
        return None
    return {one: each[-2] for one, each in names.items()}


def _masks_elsewhere(folder: DataFolder, samples: Sequence[str]) -> Iterator[ImageFile]:
    """Yield the pictures that are named as samples are, in other folders: masks, by name or look.

    As `masks/17.tif` of `train/17/B02.tif`. An example of an answer has masks of the test images.
    """
    ids = {one.rpartition("/")[2] for one in samples}
    of_folder = defaultdict[str, list[ImageFile]](list)
    for image in folder.images:
        if image.folder not in samples and image.stem in ids:
            of_folder[image.folder].append(image)
    for where, images in of_folder.items():
        if any(is_called(one, "mask") for one in where.split("/")) or _are_flat(folder, images):
            yield from (one._replace(part="mask") for one in images)


def _count_up(names: Sequence[str]) -> bool:
    """Return whether names are numbered from 0 or 1: photographs or slices, each an image.

    Example:
        >>> _count_up(["1.jpg", "2.jpg"]), _count_up(["band_08.npy", "band_09.npy"])
        (True, False)
    """
    found = [re.fullmatch(r"(\D*)(\d+)\D*", name) for name in names]
    numbers = sorted(int(one[2]) for one in found if one is not None)
    words = {one[1] for one in found if one is not None}
    return len(numbers) == len(names) and len(words) == 1 and numbers[0] in (0, 1)


_BAND = re.compile(r"(?i)(?:b\d[\da]|band|channel|ch_?\d)")


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _last_suffix(name: str) -> str:
    return f".{name.rpartition('.')[2]}"


def _is_plane(
    folder: DataFolder, of_folder: Mapping[str, Mapping[str, ImageFile]], name: str
) -> bool:
    """Return whether the first file of this name holds one plane, and not one for each object."""
    first = next(files[name] for files in of_folder.values() if name in files)
    try:
        shape = mask_array(folder.path / first.path).shape
    except (OSError, ValueError):
        return False
    return len(shape) == 2


def channel_pattern(folder: DataFolder, pattern: str, channel: str) -> str:
    """Return the pattern of one of the files of an image: `train/{Id}.png`, `train/{id}/red.png`.

    Args:
        folder: whether the files have a folder of their own.
        pattern: of the images, as they are named without their channels.
        channel: the end of a file's name; of a folder of its own, the whole name; else the folder.
    """
    folders, slash, name = pattern.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    of_folder = "{folder}" if "{id}" in folders else "{id}"
    stem = of_folder if stem == "*" else stem
    if folder.above_channels is not None:
        above = folders.split("/")
        above.insert(folder.above_channels, channel)
        return f"{'/'.join(above)}/{stem}{dot}{suffix}"
    if folder.by_folder:
        file = folder.called_by_folder.replace("{channel}", channel).replace("{stem}", stem)
        return f"{folders}{slash}{channel}/{file}{dot}{suffix}"
    if folder.in_folders:
        return f"{folders}{slash}{stem}/{channel}"
    return f"{folders}{slash}{stem}_{channel}{dot}{suffix}"


def _cells(tables: Iterable[pd.DataFrame]) -> Iterable[str]:
    for table in tables:
        shown = table.iloc[:: max(1, len(table) // _READ)]
        for column in table.columns:
            for cell in shown[column]:
                yield str(cell).rpartition("/")[2]


def spelt_pattern(
    folder: DataFolder, pattern: str, several: Mapping[str, str] = MappingProxyType({})
) -> str | dict[str, str]:
    """Return the pattern of images as `competition.yaml` has it: of each file, where several."""
    if several:
        return {column: folder.spell(template) for column, template in several.items()}
    if not folder.channels:
        return folder.spell(pattern)
    files = {one: folder.spell(channel_pattern(folder, pattern, one)) for one in folder.channels}
    if not folder.in_folders:
        return {name.replace("/", "_"): file for name, file in files.items()}
    stems = [name.rpartition(".")[0].replace("/", "_") for name in files]
    names = stems if len(set(stems)) == len(stems) else list(files)
    return dict(zip(names, files.values(), strict=True))
