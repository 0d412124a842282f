"""Class folders as a table: where images are copied, or the sample spells classes otherwise.

Images that lie once in the folder of each of their classes:

train/cat/7.jpg                        image            labels
train/dog/7.jpg  (the same file)   →   train/cat/7.jpg  cat;dog
train/dog/8.jpg                        train/dog/8.jpg  dog

Folders called `give_way` whose class is `GiveWay` in the cells of the sample submission.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, ImageFile, common_folder
from podium.competition.infer.labels.lists import unused_sign
from podium.competition.infer.parts.folders import find_class_folders
from podium.competition.infer.parts.no_class_folders import (
    BY_LOOK,
    ClassFolderCandidate,
    refuse_no_classes,
)
from podium.competition.infer.sample.spellings import spelt_as
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import DataError, plural, some
from podium.workspace.digests import sha256

__all__ = ["labels_of_copies", "labels_of_sample"]

_LEAST_SHARE = 0.1  # of the images that lie in several folders: fewer were copied by mistake
_PROBED = 50
_SIGNS = (";", "|", ",")


def labels_of_copies(folder: DataFolder, sample: SampleSubmission | None) -> MadeTable | None:
    """Return a table with the classes of each image, where class folders hold copies; else None.

    A tenth or more of the images lie in several folders: files of one name and the same bytes.
    Blank images, which are the same under every name, are no copies.

    Args:
        sample: the sample submission; its one column of values names the labels.

    Raises:
        DataError: every image lies in every class folder, or the folders of copies are no classes.
    """
    folders = find_class_folders(folder, sample)
    if folders is None:
        return None
    by_name: dict[str, list[tuple[ImageFile, str]]] = defaultdict(list)
    for image, label in zip(folders.images, folders.labels, strict=True):
        by_name[image.name].append((image, label))
    repeated = [one for one in by_name.values() if len(one) > 1]
    probed = repeated[:: max(1, len(repeated) // _PROBED)]
    if not any(len(_same(folder.path, one)) < len(one) for one in probed):
        return None
    copies = [same for one in by_name.values() for same in _same(folder.path, one)]
    several = [one for one in copies if len({label for _, label in one}) > 1]
    if not several:
        refuse_no_classes(ClassFolderCandidate(folder, folders, sample), BY_LOOK)
        return _one_of_each(folder.path, copies)
    n_several, files = len(several), [folder.path / one[0][0].path for one in several]
    if n_several < _LEAST_SHARE * len(copies) or len(set(map(sha256, files))) < 0.5 * n_several:
        return None
    if all({label for _, label in one} == {*folders.classes} for one in copies):
        raise DataError(
            f"each of the {plural(len(copies), 'image')} lies in every class folder "
            f"({some(folders.classes, 3)}), so no label tells one image from another",
            where=folder.path / common_folder(folders.images),
            fix="look whether one folder was copied in place of another, and unpack the data again",
        )
    sign = unused_sign(folders.classes, _SIGNS)
    if sign is None:
        return None
    name = sample.values[0] if sample is not None and len(sample.values) == 1 else "labels"
    rows = [(one[0][0].path, sign.join(sorted({label for _, label in one}))) for one in copies]
    table = pd.DataFrame(rows, columns=["image", name], dtype=object)
    sources = tuple(image.path for one in copies if len(one) > 1 for image, _ in one)
    reader = (
        f"the classes of each image, of which {n_several:,} lie in several class folders, with "
        f"{sign!r} between: mend submission.sep where a file to send has another sign"
    )
    return MadeTable(sources, reader, table)


def _one_of_each(data: Path, copies: Sequence[Sequence[tuple[ImageFile, str]]]) -> MadeTable | None:
    """Return a table with one file of each image, as copies cross folds; None of few copies.

    As a folder with some images of a larger one to begin with, whose files are used.
    """
    n_more = sum(len(one) - 1 for one in copies)
    if n_more < _LEAST_SHARE * len(copies):
        return None
    repeated = [data / one[0][0].path for one in copies if len(one) > 1]
    if len(set(map(sha256, repeated))) < 0.5 * len(repeated):  # blank images
        return None
    size_of = Counter(image.folder.partition("/")[0] for one in copies for image, _ in one)
    rows, more = list[tuple[str, str]](), list[str]()
    for one in copies:
        largest_first = sorted(one, key=lambda pair: -size_of[pair[0].folder.partition("/")[0]])
        (kept, label), *others = largest_first
        rows.append((kept.path, label))
        more += [image.path for image, _ in others]
    table = pd.DataFrame(rows, columns=["image", "class"], dtype=object)
    reader = (
        f"the class of each image, without {plural(n_more, 'file')} that are the same as others "
        "of their name and class, as "
        f"{more[0]}"
    )
    return MadeTable(tuple(more), reader, table)


def labels_of_sample(folder: DataFolder, sample: SampleSubmission | None) -> MadeTable | None:
    """Return a table with the class of each image as the sample writes it; None: as folders do.

    Args:
        folder: with the images, in class folders.
    """
    folders = find_class_folders(folder, sample)
    if folders is None or folders.group is not None or folders.other is not None:
        return None
    if sample is None or len(sample.values) != 1 or sample.has_numbers:
        return None
    cells = set(sample.table[sample.values[0]])
    if cells & set(folders.classes):
        return None
    spelt = spelt_as(folders.classes, lambda names: cells <= set(names))
    if spelt is None:
        return None
    called = dict(zip(folders.classes, spelt, strict=True))
    rows = [
        (image.path, called[label])
        for image, label in zip(folders.images, folders.labels, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["image", sample.values[0]], dtype=object)
    told = some([f"{one} for {own}" for own, one in called.items() if one != own])
    reader = f"the class folder of each image, as {sample.path} writes it: {told}"
    return MadeTable((sample.path,), reader, table)


def _same(data: Path, found: list[tuple[ImageFile, str]]) -> list[list[tuple[ImageFile, str]]]:
    """Return the files of one name in lists of those with the same bytes."""
    by_size: dict[int, list[tuple[ImageFile, str]]] = defaultdict(list)
    for one in found:
        by_size[(data / one[0].path).stat().st_size if len(found) > 1 else 0].append(one)
    same: list[list[tuple[ImageFile, str]]] = []
    for alike in by_size.values():
        by_digest: dict[str, list[tuple[ImageFile, str]]] = defaultdict(list)
        for one in alike:
            by_digest[sha256(data / one[0].path) if len(alike) > 1 else ""].append(one)
        same += by_digest.values()
    return same
