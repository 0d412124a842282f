"""The volumes of a data folder: the files of their channels and of their labels, by their names.

imagesTr/case_000.nii.gz, labelsTr/case_000.nii.gz, imagesTs/case_012.nii.gz    Decathlon
imagesTr/case_000_0000.nii.gz, case_000_0001.nii.gz                             nnU-Net
case_000/case_000_flair.nii.gz, case_000_t1.nii.gz, case_000_seg.nii.gz         BraTS
train/case_000/imaging.nii.gz, segmentation.nii.gz                              KiTS
train/study_000/axial.nii.gz, coronal.nii.gz                                    series of a study
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from podium.competition.infer.conversions.volumes.nifti_files import (
    NiftiHeader,
    read_header,
    stem_of,
)
from podium.competition.infer.files import guess_part_of_path
from podium.competition.languages import is_called
from podium.errors import DataError, plural, some

__all__ = ["DESCRIPTION", "Case", "Description", "find_cases", "read_description", "with_headers"]

DESCRIPTION = "dataset.json"
_FOLDER = re.compile(r"(?P<kind>image|label)s?_?(?P<part>tr|ts|va|val)", re.IGNORECASE)
_PARTS = {"tr": "train", "ts": "test", "va": "holdout", "val": "holdout"}
_WITHOUT_MASKS = {"train": "train", "holdout": "valid", "other": "images"}
_CHANNEL_NUMBER = re.compile(r"0\d{3}")
_CHANNEL_WORD = re.compile(r"[a-z][a-z0-9]*", re.IGNORECASE)
_MOST_CHANNELS = 8
_SAME_PLACE = 1e-3  # of the affines of an image and its labels: a thousandth of a mm


@dataclass(frozen=True)
class Case:
    """A volume: the files of its channels, in their order, and that of its labels.

    Attributes:
        part: the folder of its slices: train, test, valid, or images where nothing tells.
        name: that its slices begin with.
        images: paths relative to the data folder.
        mask: the same; None without.
        study: the folder of its slices; "" where it is `name`.
        series: what the volume is called among those of its study; "" where it is the only one.
        headers: of `images`; () before `with_headers`.
        is_mask_elsewhere: whether the headers of image and mask differ in where the voxels lie.
    """

    part: str
    name: str
    images: tuple[str, ...]
    mask: str | None = None
    study: str = ""
    series: str = ""
    headers: tuple[NiftiHeader, ...] = ()
    is_mask_elsewhere: bool = False

    @property
    def header(self) -> NiftiHeader:
        """That of the first channel."""
        return self.headers[0]

    @property
    def n_channels(self) -> int:
        """Number of channels in all files."""
        return sum(one.channels for one in self.headers)


class Description(NamedTuple):
    """What dataset.json tells.

    Attributes:
        names: of the values of masks.
        regions: names of several values together, as nnU-Net has them.
        channels: names in their order.
        n_train: number of volumes of train.
        path: of the file; None where there is none.
    """

    names: Mapping[int, str]
    regions: Sequence[str]
    channels: Sequence[str]
    n_train: int | None
    path: Path | None


def read_description(data: Path, files: Sequence[str]) -> Description:
    """Return what the dataset.json nearest to the top tells; nothing where there is none.

    Raises:
        DataError: it is no JSON object.
    """
    found = [path for path in files if path.rpartition("/")[2].lower() == DESCRIPTION]
    if not found:
        return Description({}, (), (), None, None)
    path = data / min(found, key=lambda one: one.count("/"))
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        if not isinstance(content, dict):
            raise ValueError("it is no object of names and values")
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"the file cannot be read: {error}",
            where=path,
            fix="mend it, or take it out of the folder: classes then have no names",
        ) from error
    names, regions = _names_of_values(content.get("labels"))
    channels = _in_order(content.get("channel_names") or content.get("modality"))
    return Description(names, regions, channels, _whole(content.get("numTraining")), path)


def _names_of_values(labels: Any) -> tuple[dict[int, str], list[str]]:
    """Return the name of each value, and the names of regions that have several values.

    The second version of nnU-Net has the value of each name, all others the name of each value.
    """
    names: dict[int, str] = {}
    regions: list[str] = []
    for key, one in (labels if isinstance(labels, dict) else {}).items():
        number, each = _whole(key), one if isinstance(one, list) else [one]
        if number is not None and isinstance(one, str) and _whole(one) is None:
            names[number] = one
        elif len(each) == 1 and (value := _whole(each[0])) is not None:
            names[value] = str(key)
        else:
            regions.append(str(key))
    return names, regions


def _in_order(channels: Any) -> list[str]:
    """Return the names of channels in the order of their numbers."""
    if not isinstance(channels, dict):
        return []
    named = {_whole(key): str(one) for key, one in channels.items()}
    return [named[n] for n in sorted(n for n in named if n is not None)]


def _whole(one: Any) -> int | None:
    return int(one) if re.fullmatch(r"[0-9]{1,9}", str(one)) else None


def find_cases(paths: Sequence[str]) -> tuple[list[Case], list[str]]:
    """Return the volumes with their files, those of train first, and notes on files left out.

    Args:
        paths: of files of NIfTI, relative to the data folder.

    Raises:
        DataError: two files are of one volume, or a channel is absent.
    """
    paths, notes = _without_examples(paths)
    if series := _series_of_studies(paths):
        return series, notes
    masks = [path for path in paths if _is_mask(path)]
    hidden = [path for path in masks if _part_of(path) == "test"]
    if hidden:
        notes.append(f"labels of volumes to predict are not read: {_folders(hidden)}")
    of_mask = _by_name(_keys(set(masks) - set(hidden)))
    volumes = _volumes_of(_names(set(paths) - set(masks)), {name for _, name in of_mask})
    has_test = any(part == "test" for part, _ in volumes)
    cases: dict[tuple[str, str], Case] = {}
    used = set()
    for (part, name), images in sorted(volumes.items()):
        mask = None if part == "test" else _mask_of(part, name, of_mask)
        if part == "test" or (of_mask and mask is None and part == "other" and not has_test):
            folder = "test"
        elif mask is not None:
            folder = "train"
            used.add(mask)
        elif not of_mask:
            folder = _WITHOUT_MASKS[part]
        else:
            notes.append(f"left out, as it has no labels: {images[0]}")
            continue
        if (folder, name) in cases:
            raise _two_files(cases[folder, name].images[0], images[0])
        cases[folder, name] = Case(folder, name, images, mask)
    if unused := sorted(set(of_mask.values()) - used):
        notes.append(f"labels without a volume are not read: {some(unused)}")
    return sorted(cases.values(), key=lambda one: (one.part != "train", one.part)), notes


def _without_examples(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return files without those of a folder that only shows the form of the data, and a note.

    It lies beside a folder of train or of test, in none of them.
    """
    of_parts = [path for path in paths if _part_of(path) != "other"]
    shown = [
        path
        for path in (paths if of_parts else ())
        if _part_of(path) == "other" and any(is_called(one, "example") for one in path.split("/"))
    ]
    notes = [f"left out, as they are called an example: {_folders(shown)}"] if shown else []
    return [path for path in paths if path not in shown], notes


def _series_of_studies(paths: Sequence[str]) -> list[Case]:
    """Return the volumes of studies, those of train first; [] where folders are no studies.

    A folder of a study has several files, called as those of other studies; some may be absent. No
    file is of labels.
    """
    of_folder: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        of_folder[path.rpartition("/")[0]].append(stem_of(path))
    counts = Counter(stem for stems in of_folder.values() for stem in stems)
    are_named = "" not in of_folder and all(counts[one] > 1 for one in counts)
    are_several = any(len(stems) > 1 for stems in of_folder.values())
    if not (are_named and are_several and len(counts) <= _MOST_CHANNELS < len(paths)):
        return []
    if any(_is_mask(path) or _has_form(path) for path in paths):
        return []
    cases = []
    for path in sorted(paths):
        study, series = path.split("/")[-2], stem_of(path)
        part, name = _WITHOUT_MASKS.get(_part_of(path), "test"), f"{study}_{series}"
        cases.append(Case(part, name, (path,), study=study, series=series))
    if len({(one.part, one.name) for one in cases}) < len(cases):
        return []
    return sorted(cases, key=lambda one: (one.part != "train", one.part))


def _folders(paths: Iterable[str]) -> str:
    return some(sorted({path.rpartition("/")[0] for path in paths}))


def _two_files(one: str, other: str) -> DataError:
    return DataError(
        f"{one} and {other} are both of one volume, by their names",
        where=other,
        fix="keep one of them, or rename one",
    )


def _is_mask(path: str) -> bool:
    """Return whether a file is of labels, by the folder around it or by its own name."""
    folder = path.split("/")[-2:-1]
    if folder and (of_form := _FOLDER.fullmatch(folder[0])):
        return of_form["kind"].lower() == "label"
    return any(is_called(one, "mask") for one in [*folder, stem_of(path)])


def _part_of(path: str) -> str:
    folder = path.split("/")[-2:-1]
    if folder and (of_form := _FOLDER.fullmatch(folder[0])):
        return _PARTS[of_form["part"].lower()]
    part = guess_part_of_path(path)
    return part if part in ("train", "test", "holdout") else "other"


def _names(paths: Collection[str]) -> dict[str, str]:
    """Return the name of the volume of each file, perhaps with a channel behind it.

    It is the name of the file, without `image` at its end. Files that are called alike in a folder
    each have the name of the folder.
    """
    names = {}
    for path in sorted(paths):
        stem = stem_of(path)
        first, sign, last = stem.rpartition("_")
        is_word = sign and is_called(last, "image") and not _has_form(path)
        names[path] = first if is_word else stem if _has_form(path) or _key(stem) else ""
    return _with_folders(names)


def _keys(paths: Collection[str]) -> dict[str, str]:
    """Return what the volume of each mask is called, without the words for masks and images."""
    return _with_folders(
        {
            path: (stem_of(path) if _has_form(path) else _key(stem_of(path)))
            for path in sorted(paths)
        }
    )


def _with_folders(names: Mapping[str, str]) -> dict[str, str]:
    counts = Counter((_part_of(path), name) for path, name in names.items())
    return {
        path: path.split("/")[-2]
        if "/" in path and (not name or counts[_part_of(path), name] > 1)
        else name or stem_of(path)
        for path, name in names.items()
    }


def _has_form(path: str) -> bool:
    """Return whether a file lies in a folder as `imagesTr`, whose files are called alike."""
    return any(map(_FOLDER.fullmatch, path.split("/")[-2:-1]))


def _key(name: str) -> str:
    """Return a name without the words for masks and images.

    Example:
        >>> _key("case_000_seg"), _key("MASK_0002"), _key("IMG_0002"), _key("label")
        ('case_000', '0002', '0002', '')
    """
    pieces = re.split(r"([-_ .])", name)
    kept = [n for n in range(0, len(pieces), 2) if not is_called(pieces[n], "mask", "image")]
    return "".join((pieces[n - 1] if n > kept[0] else "") + pieces[n] for n in kept)


def _by_name(keys: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Return the file of each part and name.

    Raises:
        DataError: two files have the same.
    """
    found: dict[tuple[str, str], str] = {}
    for path, name in keys.items():
        key = (_part_of(path), name)
        if key in found:
            raise _two_files(found[key], path)
        found[key] = path
    return found


def _mask_of(part: str, name: str, of_mask: Mapping[tuple[str, str], str]) -> str | None:
    """Return the file of the labels of a volume: of its own part, else the only one of its name."""
    for called in dict.fromkeys((name, _key(name))):
        if (part, called) in of_mask:
            return of_mask[part, called]
        elsewhere = [path for (_, one), path in of_mask.items() if one == called]
        if len(elsewhere) == 1:
            return elsewhere[0]
    return None


def _volumes_of(
    names: Mapping[str, str], masks: Collection[str]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the files of each volume by part and name, those of several channels in their order.

    Raises:
        DataError: two files are of the same channel, or a channel is absent.
    """
    channels = _channels(names, masks)
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for path, whole in names.items():
        name, channel = channels.get(path, (whole, ""))
        of_channel = found[_part_of(path), name]
        if channel in of_channel:
            raise _two_files(of_channel[channel], path)
        of_channel[channel] = path
    every = sorted({channel for each in found.values() for channel in each})
    for (_, name), each in found.items():
        if absent := [one for one in every if one not in each]:
            raise DataError(
                f"the volume {name} has no file of the channel {absent[0]}, which others have",
                where=next(iter(each.values())),
                fix="add the file, or take the volume and its labels out of the folder",
            )
    return {key: tuple(each[channel] for channel in every) for key, each in found.items()}


def _channels(names: Mapping[str, str], masks: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return the volume and the channel of each file of one channel; {} where files have all.

    Files are of one channel each where the labels are called as their names are without the last
    word or number of four digits, or where several volumes have the same such ends.
    """
    parted = {}
    for path, name in names.items():
        start, _, end = name.rpartition("_")
        parted[path] = (start, end)
    starts = {start for start, _ in parted.values()}
    if "" in starts or any({name, _key(name)} & set(masks) for name in names.values()):
        return {}
    ends: dict[str, set[str]] = defaultdict(set)
    for start, end in parted.values():
        ends[start].add(end)
    every = set[str]().union(*ends.values())
    are_numbers = all(map(_CHANNEL_NUMBER.fullmatch, every))
    are_words = 1 < len(every) <= _MOST_CHANNELS and all(map(_CHANNEL_WORD.fullmatch, every))
    are_alike = len(ends) > 1 and all(one == every for one in ends.values())
    of_masks = bool(masks) and {*masks} <= {*starts, *map(_key, starts)}
    return parted if (are_numbers or are_words) and (of_masks or are_alike) else {}


def with_headers(cases: Sequence[Case], data: Path) -> list[Case]:
    """Return volumes with their headers.

    Raises:
        DataError: nibabel is not installed; a file is damaged or no volume; files of a volume are
            of several sizes; volumes have other channels than others.
    """
    found = [_with_headers(case, data) for case in cases]
    numbers = Counter(case.n_channels for case in found)
    usual = numbers.most_common(1)[0][0]
    if other := [case for case in found if case.n_channels != usual]:
        raise DataError(
            f"the volume {other[0].name} has {plural(other[0].n_channels, 'channel')}, and most "
            f"have {usual}",
            where=data / other[0].images[0],
            fix="mend the file, or take the volume and its labels out of the folder",
        )
    return found


def _with_headers(case: Case, data: Path) -> Case:
    headers = {path: read_header(data / path) for path in case.images}
    mask = None if case.mask is None else read_header(data / case.mask)
    first = headers[case.images[0]]
    every = [*headers.values(), *([] if mask is None else [mask])]
    for header in every:
        if header.shape != first.shape:
            told, of_first = (" × ".join(map(str, one.shape)) for one in (header, first))
            raise DataError(
                f"the file is of {told} voxels, and {case.images[0]} of {of_first}: both are of "
                f"the volume {case.name}",
                where=header.path,
                fix="mend the file, or take the volume and its labels out of the folder",
            )
    if mask is not None and mask.channels > 1:
        raise DataError(
            f"the labels are {mask.channels} numbers a voxel, and are to be one",
            where=mask.path,
            fix="write one number a voxel, that of its class",
        )
    is_elsewhere = mask is not None and not np.allclose(
        mask.affine, first.affine, atol=_SAME_PLACE, equal_nan=True
    )
    return replace(case, headers=tuple(headers.values()), is_mask_elsewhere=is_elsewhere)
